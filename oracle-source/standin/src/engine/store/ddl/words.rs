//! A statement taken apart as far as its keywords.

use crate::OraError;
use schema_map::sql::{Lexer, Token, TokenKind};

/// The tokens of a statement, without comments and terminator.
pub(super) struct Words<'a> {
    pub(super) tokens: Vec<Token<'a>>,
    pub(super) at: usize,
}

impl<'a> Words<'a> {
    pub(super) fn new(text: &'a str) -> Self {
        let mut tokens: Vec<_> = Lexer::new(text).filter(|t| t.kind != TokenKind::Comment).collect();
        while tokens.last().is_some_and(|t| t.is_symbol(";") || t.is_symbol("/")) {
            tokens.pop();
        }
        Words { tokens, at: 0 }
    }

    pub(super) fn peek(&self, ahead: usize) -> Option<&Token<'a>> {
        self.tokens.get(self.at + ahead)
    }

    /// Takes these keywords, all or none.
    pub(super) fn take(&mut self, keywords: &[&str]) -> bool {
        let all = keywords.iter().enumerate().all(|(n, k)| self.peek(n).is_some_and(|t| t.is_word(k)));
        if all {
            self.at += keywords.len();
        }
        all
    }

    pub(super) fn symbol(&mut self, symbol: &str) -> bool {
        let is = self.peek(0).is_some_and(|t| t.is_symbol(symbol));
        self.at += usize::from(is);
        is
    }

    pub(super) fn ident(&mut self) -> Option<String> {
        let token = self.peek(0)?;
        let name = match token.kind {
            TokenKind::Word => token.text.to_uppercase(),
            TokenKind::QuotedIdent => token.text.trim_matches('"').to_owned(),
            _ => return None,
        };
        self.at += 1;
        Some(name)
    }

    pub(super) fn path(&mut self) -> Option<(Option<String>, String)> {
        let first = self.ident()?;
        if self.symbol(".") { Some((Some(first), self.ident()?)) } else { Some((None, first)) }
    }

    pub(super) fn is_end(&self) -> bool {
        self.at == self.tokens.len()
    }

    /// An error at the current token.
    pub(super) fn unexpected(&self, code: i32, message: &str) -> OraError {
        let mut error = OraError::new(code, message);
        let offset = self.peek(0).or(self.tokens.last()).map_or(0, |t| t.offset);
        error.offset = u16::try_from(offset).unwrap_or(0);
        error
    }

    pub(super) fn end(&self) -> Result<(), OraError> {
        if self.is_end() { Ok(()) } else { Err(self.unexpected(922, "missing or invalid option")) }
    }

    /// Parenthesised names.
    pub(super) fn names(&mut self) -> Option<Vec<String>> {
        if !self.symbol("(") {
            return None;
        }
        let mut names = vec![self.ident()?];
        while self.symbol(",") {
            names.push(self.ident()?);
        }
        self.symbol(")").then_some(names)
    }
}
