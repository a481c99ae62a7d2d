//! Tokens to the tree of stored code. Expressions and queries are read by the parser of these; what cannot be read becomes an
//! [`Unparsed`] with its place, and reading goes on behind it.

mod declaration;
mod directive;
mod dml;
mod statement;
mod unit;

use super::ast::{Clause, DataType, Expr, Name, Part, Query, Span, Unit, Unparsed};
use crate::rewrite::{
    Refused,
    ast::Node,
    parser::{Parsed, Parser},
};
use crate::sql::TokenKind;

/// Statements, blocks and routines within each other that are read; deeper ones are not.
const MAX_NESTING: usize = 100;

/// See [`super::parse`].
pub(super) fn unit(source: &str) -> Unit {
    let mut parser = Parser::whole(source);
    let conditional = directive::resolve(std::mem::take(&mut parser.tokens));
    parser.set_tokens(conditional.tokens);
    let start = parser.offset();
    let kind = parser.unit_kind();
    parser.take_symbol(";");
    let span = parser.span(start);
    while parser.take_symbol(";") || parser.take_symbol("/") {}
    let rest = parser.peek().map(|token| {
        let reason = format!("{} behind the end is not understood", token.text);
        Unparsed { span: Span { start: token.offset, end: source.trim_end().len() }, offset: token.offset, reason }
    });
    Unit { span, kind, rest, directives: conditional.directives, left_out: conditional.left_out }
}

/// See [`super::parse_query`].
pub(super) fn query(source: &str) -> Result<Query, Unparsed> {
    let mut parser = Parser::whole(source);
    parser.guarded(|p| p.query_and_options()).map(|(query, _)| query).map_err(|refused| whole_text(source, refused))
}

/// See [`super::parse_expression`].
pub(super) fn expression(source: &str) -> Result<Expr, Unparsed> {
    let mut parser = Parser::whole(source);
    let read = parser.guarded(|p| {
        let expr = p.or()?;
        p.nothing_left()?;
        Ok(expr)
    });
    read.map_err(|refused| whole_text(source, refused))
}

fn whole_text(source: &str, refused: Refused) -> Unparsed {
    Unparsed { span: Span { start: 0, end: source.len() }, offset: refused.offset, reason: refused.reason }
}

impl Parser<'_> {
    // --- Recovery

    /// What begins at `start` and cannot be read, up to the last token that was taken.
    fn unparsed(&self, start: usize, refused: Refused) -> Unparsed {
        Unparsed { span: self.span(start), offset: refused.offset, reason: refused.reason }
    }

    /// Takes tokens up to and with the semicolon that ends what began at the token `from`: not one in parentheses, if they are closed.
    /// Stops before what can only go on with the statement around it, and before `stops`.
    fn skip_statement(&mut self, from: usize, stops: &[&str]) {
        self.at = from;
        while let Some(token) = self.peek() {
            let goes_on = self.is_word("ELSIF")
                || (self.is_word("END") && self.is_any_at(1, &["IF", "LOOP"]))
                || (self.is_word("EXCEPTION") && self.is_word_at(1, "WHEN"));
            if self.at > from && (goes_on || self.is_any(stops)) {
                return;
            }
            if self.skip_parentheses() {
                continue;
            }
            self.at += 1;
            if token.is_symbol(";") {
                return;
            }
        }
    }

    /// The position of a word before the next semicolon, from the token `from` on.
    fn position_of(&self, from: usize, words: &[&str]) -> Option<usize> {
        let rest = self.tokens.get(from..)?;
        let length = rest.iter().position(|token| token.is_symbol(";")).unwrap_or(rest.len());
        let found = rest[..length].iter().position(|token| words.iter().any(|word| token.is_word(word)))?;
        Some(from + found)
    }

    /// An expression and the word behind it, which is taken too. Where it cannot be read, it is passed over.
    fn head(&mut self, word: &str) -> Expr {
        let (from, start) = (self.at, self.offset());
        let refused = match self.guarded(|p| p.or()) {
            Ok(expr) if self.take_word(word) => return expr,
            Ok(_) => self.expected(word),
            Err(refused) => {
                self.at = from;
                refused
            }
        };
        if let Some(found) = self.position_of(from, &[word]) {
            self.at = found;
        }
        let expr = self.expr(start, Node::Unparsed(refused.reason));
        self.take_word(word);
        expr
    }

    fn deeper_statement(&mut self) -> Parsed<()> {
        if self.nesting >= MAX_NESTING {
            return Err(self.refuse("statements nested this deep are not read"));
        }
        self.nesting += 1;
        Ok(())
    }

    // --- Names and types

    /// A name with its link.
    fn full_name(&mut self) -> Parsed<Name> {
        let start = self.offset();
        let parts = self.name(6)?;
        let link = self.link()?;
        Ok(Name { span: self.span(start), parts, link })
    }

    fn at_name(&self) -> bool {
        self.peek().is_some_and(|t| matches!(t.kind, TokenKind::Word | TokenKind::QuotedIdent))
    }

    fn declared_type(&mut self) -> Parsed<DataType> {
        let start = self.offset();
        let is_ref = self.is_word("REF")
            && !self.is_word_at(1, "CURSOR")
            && self.peek_at(1).is_some_and(|t| t.kind == TokenKind::Word);
        self.at += usize::from(is_ref);
        let mut name = self.full_name()?;
        let first = match name.parts.as_slice() {
            [part] if !part.is_quoted() => part.name().to_owned(),
            _ => String::new(),
        };
        match first.as_str() {
            "LONG" => {
                self.take_word("RAW");
            }
            "DOUBLE" => {
                self.take_word("PRECISION");
            }
            "REF" => {
                // REF CURSOR where a type stands: Oracle has it in TYPE only.
                self.take_word("CURSOR");
            }
            "NATIONAL" | "CHARACTER" | "CHAR" | "NCHAR" => {
                if !self.is_word_at(1, "SET") {
                    let _ = self.take_word("CHARACTER") || self.take_word("CHAR");
                }
                self.take_word("VARYING");
                self.take_words(&["LARGE", "OBJECT"]);
            }
            "BINARY" => {
                self.take_words(&["LARGE", "OBJECT"]);
            }
            "INTERVAL" if self.is_any(&["YEAR", "DAY"]) => {
                self.at += 1;
                self.skip_parentheses();
                self.need_word("TO")?;
                if !self.take_word("MONTH") {
                    self.need_word("SECOND")?;
                }
            }
            _ => {}
        }
        let mut anchor = None;
        if self.take_symbol("%") {
            let Some(token) = self.peek().filter(|t| t.kind == TokenKind::Word) else {
                return Err(self.expected("TYPE or ROWTYPE"));
            };
            anchor = Some(token.text.to_ascii_uppercase());
            self.at += 1;
        }
        name.link.extend(self.link()?);
        self.skip_parentheses();
        if self.take_word("WITH") {
            self.take_word("LOCAL");
            self.need_word("TIME")?;
            self.need_word("ZONE")?;
        }
        if self.take_words(&["CHARACTER", "SET"]) {
            self.full_name()?;
            if self.take_symbol("%") {
                self.need_word("CHARSET")?;
            }
        }
        if self.is_word("RANGE") && !self.is_symbol_at(1, ":=") {
            self.at += 1;
            self.sum()?;
            self.need_symbol("..")?;
            self.sum()?;
        }
        if !self.take_words(&["NOT", "NULL"]) {
            self.take_word("NULL");
        }
        Ok(DataType { span: self.span(start), name, anchor, is_ref })
    }

    /// `:= value`, `DEFAULT value`, where it is there.
    fn default(&mut self) -> Parsed<Option<Expr>> {
        if self.take_symbol(":=") || self.take_word("DEFAULT") { Ok(Some(self.or()?)) } else { Ok(None) }
    }

    /// Clauses of a head up to what is none.
    fn clauses(&mut self) -> Parsed<Vec<Clause>> {
        const WORDS: &[&str] = &[
            "AUTHID",
            "DETERMINISTIC",
            "PIPELINED",
            "PARALLEL_ENABLE",
            "RESULT_CACHE",
            "ACCESSIBLE",
            "SHARING",
            "SQL_MACRO",
            "FORCE",
            "OID",
            "EDITIONABLE",
            "NONEDITIONABLE",
            "RELIES_ON",
            "IF",
            "TIMESTAMP",
        ];
        let mut clauses = Vec::new();
        while let Some(token) = self.peek() {
            let collation = self.is_word("DEFAULT") && self.is_word_at(1, "COLLATION");
            if !collation && !self.is_any(WORDS) {
                break;
            }
            self.at += 1;
            match token.text.to_ascii_uppercase().as_str() {
                "AUTHID" => {
                    self.part()?;
                }
                "ACCESSIBLE" => self.need_word("BY")?,
                "DEFAULT" => {
                    self.at += 1;
                    self.full_name()?;
                }
                "SHARING" => {
                    self.need_symbol("=")?;
                    self.part()?;
                }
                "OID" => {
                    self.need_text()?;
                }
                "IF" => {
                    self.need_word("NOT")?;
                    self.need_word("EXISTS")?;
                }
                "PIPELINED" if self.is_any(&["ROW", "TABLE"]) => {
                    self.at += 1;
                    self.need_word("POLYMORPHIC")?;
                }
                "TIMESTAMP" => {
                    self.need_text()?;
                }
                _ => {}
            }
            self.skip_parentheses();
            if self.is_any(&["CLUSTER", "ORDER"]) {
                // PIPELINED CLUSTER rows BY (columns)
                self.at += 1;
                self.sum()?;
                self.need_word("BY")?;
                self.skip_parentheses();
            }
            clauses.push(Clause { span: self.span(token.offset), word: token.text.to_ascii_uppercase() });
        }
        Ok(clauses)
    }

    /// `<<label>>`s.
    fn labels(&mut self) -> Parsed<Vec<Part>> {
        let mut labels = Vec::new();
        while self.take_symbol("<<") {
            labels.push(self.part()?);
            self.need_symbol(">>")?;
        }
        Ok(labels)
    }

    /// Expressions between parentheses, which are taken too.
    fn arguments_of_pragma(&mut self) -> Parsed<Vec<Expr>> {
        if !self.take_symbol("(") || self.take_symbol(")") {
            return Ok(Vec::new());
        }
        let mut arguments = Vec::new();
        loop {
            let ends = self.is_symbol_at(1, ",") || self.is_symbol_at(1, ")");
            if ends && self.at_name() {
                // Whatever the word: DEFAULT, PRIOR.
                let (start, name) = (self.offset(), vec![self.part()?]);
                arguments.push(self.expr(start, Node::Name(name)));
            } else {
                arguments.push(self.or()?);
            }
            if self.take_symbol(")") {
                return Ok(arguments);
            }
            self.need_symbol(",")?;
        }
    }
}
