/// One token, borrowed from the source text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Token<'a> {
    /// What it is.
    pub kind: TokenKind,
    /// Its whole text, quotes included.
    pub text: &'a str,
    /// Where it begins, in bytes from the start of the source.
    pub offset: usize,
}

/// Kinds of tokens.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum TokenKind {
    /// An unquoted word: keyword or identifier (`$`, `#`, `_` and non-ASCII letters included).
    Word,
    /// A quoted identifier.
    QuotedIdent,
    /// A string literal in any form: `'…'`, `N'…'`, `q'[…]'`, `Nq'{…}'`.
    Text,
    /// A number.
    Number,
    /// A bind variable, `:name` or `:1`.
    Bind,
    /// An operator or a mark of punctuation, longest match (`:=`, `||`, `<=`, `=>`, `..`, `**`, `(+)` is three tokens).
    Symbol,
    /// `-- …` or `/* … */`, hints included.
    Comment,
    /// Something that is no token: an unterminated quote or comment, a stray character.
    Error,
}

/// Splits Oracle SQL and PL/SQL into tokens; blanks are skipped, comments are tokens. Never fails.
#[derive(Debug, Clone)]
pub struct Lexer<'a> {
    source: &'a str,
    at: usize,
}

impl<'a> Lexer<'a> {
    /// Reads `source` from its start.
    pub fn new(source: &'a str) -> Self {
        Lexer { source, at: 0 }
    }
}

impl<'a> Iterator for Lexer<'a> {
    type Item = Token<'a>;

    fn next(&mut self) -> Option<Token<'a>> {
        let _ = (self.source, self.at);
        todo!()
    }
}
