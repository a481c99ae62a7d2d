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
///
/// Between two tokens there is nothing but blanks, so the source can be put together again from the tokens and
/// their offsets. What is unterminated is one [`Error`](TokenKind::Error) token that reaches to the end of the source.
#[derive(Debug, Clone)]
pub struct Lexer<'a> {
    source: &'a str,
    at: usize,
    unclosed: Unclosed,
}

/// Closing marks of which it is known that the rest of the source has none: a text that is read again from further on
/// is not searched again for them.
#[derive(Debug, Clone, Default)]
pub(crate) struct Unclosed(Vec<(Quote, char)>);

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Quote {
    Plain,
    Q,
}

impl Token<'_> {
    /// Where it ends, in bytes from the start of the source.
    pub fn end(&self) -> usize {
        self.offset + self.text.len()
    }

    /// Whether it is this keyword, whatever the case of its letters. A quoted identifier is none.
    pub fn is_word(&self, keyword: &str) -> bool {
        self.kind == TokenKind::Word && self.text.eq_ignore_ascii_case(keyword)
    }

    /// Whether it is this symbol.
    pub fn is_symbol(&self, symbol: &str) -> bool {
        self.kind == TokenKind::Symbol && self.text == symbol
    }

    /// What a string literal stands for: without prefix and quotes, doubled quotes made single.
    /// `None` for every other kind of token.
    pub fn text_value(&self) -> Option<String> {
        if self.kind != TokenKind::Text {
            return None;
        }
        let rest = self.text.trim_start_matches(['n', 'N']);
        match rest.strip_prefix(['q', 'Q']) {
            Some(quoted) => {
                let inner = quoted.strip_prefix('\'')?.strip_suffix('\'')?;
                let mut chars = inner.chars();
                chars.next()?;
                chars.next_back()?;
                Some(chars.as_str().to_owned())
            }
            None => Some(rest.strip_prefix('\'')?.strip_suffix('\'')?.replace("''", "'")),
        }
    }
}

impl<'a> Lexer<'a> {
    /// Reads `source` from its start.
    pub fn new(source: &'a str) -> Self {
        Lexer { source, at: 0, unclosed: Unclosed::default() }
    }

    /// Reads on from `at`, which must be a character boundary, with what an earlier reading of the same source from
    /// before `at` left.
    pub(crate) fn resume(source: &'a str, at: usize, unclosed: Unclosed) -> Self {
        Lexer { source, at, unclosed }
    }

    pub(crate) fn into_unclosed(self) -> Unclosed {
        self.unclosed
    }

    fn skip_blanks(&mut self) {
        let bytes = self.source.as_bytes();
        while let Some(&b) = bytes.get(self.at) {
            if b.is_ascii() {
                if !is_blank(char::from(b)) {
                    return;
                }
                self.at += 1;
            } else {
                match self.source[self.at..].chars().next() {
                    Some(c) if is_blank(c) => self.at += c.len_utf8(),
                    _ => return,
                }
            }
        }
    }

    /// Kind and length of the token at the front of `rest`, which is not empty and begins with no blank.
    fn scan(&mut self, rest: &'a str) -> (TokenKind, usize) {
        let bytes = rest.as_bytes();
        let second = bytes.get(1).copied().unwrap_or(0);
        match bytes[0] {
            b'\'' => self.text(rest, 0),
            b'"' => self.quoted(rest),
            b'n' | b'N' if second == b'\'' => self.text(rest, 1),
            b'q' | b'Q' if second == b'\'' => self.q_text(rest, 2),
            b'n' | b'N' if matches!(second, b'q' | b'Q') && bytes.get(2) == Some(&b'\'') => self.q_text(rest, 3),
            b'0'..=b'9' => (TokenKind::Number, number_length(bytes)),
            b'.' if second.is_ascii_digit() => (TokenKind::Number, number_length(bytes)),
            b'-' if second == b'-' => {
                (TokenKind::Comment, bytes.iter().position(|b| matches!(b, b'\n' | b'\r')).unwrap_or(bytes.len()))
            }
            b'/' if second == b'*' => match self.find(Quote::Plain, '*', || rest[2..].find("*/")) {
                Some(at) => (TokenKind::Comment, 2 + at + 2),
                None => (TokenKind::Error, rest.len()),
            },
            b':' if second == b'=' => (TokenKind::Symbol, 2),
            b':' => self.bind(rest),
            _ => match rest.chars().next() {
                Some(c) if is_word_start(c) => (TokenKind::Word, word_length(rest)),
                Some(c) => match symbol_length(c, second, rest) {
                    0 => (TokenKind::Error, c.len_utf8()),
                    length => (TokenKind::Symbol, length),
                },
                None => (TokenKind::Error, rest.len()),
            },
        }
    }

    /// Remembers where a search for a closing mark that runs to the end of the source found nothing.
    fn find(&mut self, quote: Quote, closer: char, search: impl FnOnce() -> Option<usize>) -> Option<usize> {
        if self.unclosed.0.contains(&(quote, closer)) {
            return None;
        }
        let found = search();
        if found.is_none() {
            self.unclosed.0.push((quote, closer));
        }
        found
    }

    /// `'…'` behind a prefix of `prefix` bytes.
    fn text(&mut self, rest: &str, prefix: usize) -> (TokenKind, usize) {
        let bytes = rest.as_bytes();
        let mut at = prefix + 1;
        loop {
            match bytes[at..].iter().position(|&b| b == b'\'') {
                Some(n) if bytes.get(at + n + 1) == Some(&b'\'') => at += n + 2,
                Some(n) => return (TokenKind::Text, at + n + 1),
                None => return (TokenKind::Error, rest.len()),
            }
        }
    }

    /// `q'[…]'`, whose delimiter begins at `start`.
    fn q_text(&mut self, rest: &str, start: usize) -> (TokenKind, usize) {
        let Some(open) = rest[start..].chars().next().filter(|&c| !is_blank(c)) else {
            // Not a q-quote: the q is a word that stands before an ordinary string, which Oracle refuses.
            return (TokenKind::Word, start - 1);
        };
        let close = match open {
            '[' => ']',
            '{' => '}',
            '(' => ')',
            '<' => '>',
            other => other,
        };
        let body = start + open.len_utf8();
        let mut mark = [0; 5];
        let length = close.encode_utf8(&mut mark).len();
        mark[length] = b'\'';
        let closer = std::str::from_utf8(&mark[..=length]).unwrap_or("'");
        match self.find(Quote::Q, close, || rest[body..].find(closer)) {
            Some(at) => (TokenKind::Text, body + at + closer.len()),
            None => (TokenKind::Error, rest.len()),
        }
    }

    fn quoted(&mut self, rest: &str) -> (TokenKind, usize) {
        match self.find(Quote::Plain, '"', || rest[1..].find('"')) {
            Some(at) => (TokenKind::QuotedIdent, 1 + at + 1),
            None => (TokenKind::Error, rest.len()),
        }
    }

    /// `:name`, `:1`, `:"Name"`, or a colon alone.
    fn bind(&mut self, rest: &str) -> (TokenKind, usize) {
        let name = &rest[1..];
        match name.chars().next() {
            Some('"') => match self.find(Quote::Plain, '"', || name[1..].find('"')) {
                Some(at) => (TokenKind::Bind, 1 + 1 + at + 1),
                None => (TokenKind::Symbol, 1),
            },
            Some(c) if is_word_char(c) => (TokenKind::Bind, 1 + word_length(name)),
            _ => (TokenKind::Symbol, 1),
        }
    }
}

impl<'a> Iterator for Lexer<'a> {
    type Item = Token<'a>;

    fn next(&mut self) -> Option<Token<'a>> {
        self.skip_blanks();
        let rest = &self.source[self.at..];
        if rest.is_empty() {
            return None;
        }
        let (kind, length) = self.scan(rest);
        let token = Token { kind, text: &rest[..length], offset: self.at };
        self.at += length;
        Some(token)
    }
}

/// White space, and the byte order mark that some editors put at the start of a file.
pub(crate) fn is_blank(c: char) -> bool {
    c.is_whitespace() || c == '\u{feff}'
}

/// Oracle wants a letter first; `_`, `#` and `$` (of `$IF` and `$$PLSQL_LINE`) are taken too, so that one name stays one token.
fn is_word_start(c: char) -> bool {
    matches!(c, '_' | '#' | '$') || c.is_alphabetic() || (!c.is_ascii() && c.is_alphanumeric())
}

fn is_word_char(c: char) -> bool {
    is_word_start(c) || c.is_ascii_digit() || ('\u{300}'..='\u{36f}').contains(&c)
}

fn word_length(text: &str) -> usize {
    let ascii = text.bytes().position(|b| !(b.is_ascii_alphanumeric() || matches!(b, b'_' | b'#' | b'$')));
    match ascii {
        None => text.len(),
        Some(at) if text.as_bytes()[at].is_ascii() => at,
        Some(at) => at + text[at..].find(|c| !is_word_char(c)).unwrap_or(text.len() - at),
    }
}

/// `1`, `1.5`, `.5`, `1.`, `1e-3`, `1.5f`, `2d`; the `1` of `1..10`.
fn number_length(bytes: &[u8]) -> usize {
    let digits = |from: usize| bytes[from..].iter().take_while(|b| b.is_ascii_digit()).count();
    let at_byte = |at: usize| bytes.get(at).copied().unwrap_or(0);
    let mut at = digits(0);
    if at_byte(at) == b'.' && at_byte(at + 1) != b'.' {
        at += 1 + digits(at + 1);
    }
    if matches!(at_byte(at), b'e' | b'E') {
        let sign = usize::from(matches!(at_byte(at + 1), b'+' | b'-'));
        match digits((at + 1 + sign).min(bytes.len())) {
            0 => {}
            n => at += 1 + sign + n,
        }
    }
    let is_part = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'#' | b'$') || !b.is_ascii();
    if matches!(at_byte(at), b'f' | b'F' | b'd' | b'D') && !is_part(at_byte(at + 1)) {
        at += 1;
    }
    at
}

/// Bytes of the operator or mark at the front; 0 where there is none.
fn symbol_length(c: char, second: u8, rest: &str) -> usize {
    match (c, second) {
        ('¬', _) if rest['¬'.len_utf8()..].starts_with('=') => '¬'.len_utf8() + 1,
        ('|', b'|') | ('*', b'*') | ('.', b'.') | ('=', b'>') => 2,
        ('<', b'=' | b'>' | b'<') | ('>', b'=' | b'>') | ('!' | '^' | '~', b'=') => 2,
        (
            '(' | ')' | ',' | ';' | '.' | '+' | '-' | '*' | '/' | '=' | '<' | '>' | '|' | '@' | '%' | '^' | '[' | ']'
            | '{' | '}' | '?',
            _,
        ) => 1,
        _ => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use TokenKind::*;
    use proptest::prelude::*;

    fn tokens(source: &str) -> Vec<(TokenKind, &str)> {
        Lexer::new(source).map(|t| (t.kind, t.text)).collect()
    }

    #[test]
    fn words_and_quoted_identifiers() {
        assert_eq!(
            tokens("select Emp$x, v#, \"a b\".größe\u{301} $$plsql_line _x"),
            [
                (Word, "select"),
                (Word, "Emp$x"),
                (Symbol, ","),
                (Word, "v#"),
                (Symbol, ","),
                (QuotedIdent, "\"a b\""),
                (Symbol, "."),
                (Word, "größe\u{301}"),
                (Word, "$$plsql_line"),
                (Word, "_x"),
            ]
        );
    }

    #[test]
    fn strings_of_every_form() {
        for (text, value) in [
            ("''", ""),
            ("'a'", "a"),
            ("'O''Hara; -- no'", "O'Hara; -- no"),
            ("N'ñ'", "ñ"),
            ("n''''", "'"),
            ("q'[it's]'", "it's"),
            ("Q'{a}b}'", "a}b"),
            ("q'(x)'", "x"),
            ("q'<x>'", "x"),
            ("q'!it's!'", "it's"),
            ("q'éaé'", "a"),
            ("Nq'|a''b|'", "a''b"),
            ("nQ'[]'", ""),
        ] {
            assert_eq!(tokens(text), [(Text, text)], "{text}");
            assert_eq!(Lexer::new(text).next().unwrap().text_value().as_deref(), Some(value), "{text}");
        }
        assert_eq!(tokens("nq 'a'"), [(Word, "nq"), (Text, "'a'")]);
        assert_eq!(tokens("xn'a'"), [(Word, "xn"), (Text, "'a'")]);
        assert_eq!(tokens("q' a'"), [(Word, "q"), (Text, "' a'")]);
    }

    #[test]
    fn numbers() {
        for number in ["0", "12", "1.5", ".5", "1.", "1e10", "1.5E-3", "2e+4", "1f", "1.5D", ".5e3d"] {
            assert_eq!(tokens(number), [(Number, number)], "{number}");
        }
        assert_eq!(tokens("1..10"), [(Number, "1"), (Symbol, ".."), (Number, "10")]);
        assert_eq!(tokens("1e"), [(Number, "1"), (Word, "e")]);
        assert_eq!(tokens("1dx"), [(Number, "1"), (Word, "dx")]);
        assert_eq!(tokens("1.e"), [(Number, "1."), (Word, "e")]);
    }

    #[test]
    fn binds_and_symbols() {
        assert_eq!(
            tokens(":new.x := :1||:\"Ab\" : y"),
            [
                (Bind, ":new"),
                (Symbol, "."),
                (Word, "x"),
                (Symbol, ":="),
                (Bind, ":1"),
                (Symbol, "||"),
                (Bind, ":\"Ab\""),
                (Symbol, ":"),
                (Word, "y"),
            ]
        );
        let symbols = "<= >= <> != ^= ~= ¬= => ** << >> ( + ) @ % | ;";
        let read: Vec<_> = Lexer::new(symbols).map(|t| (t.kind, t.text)).collect();
        assert_eq!(read, symbols.split(' ').map(|s| (Symbol, s)).collect::<Vec<_>>());
        assert_eq!(tokens("a(+)"), [(Word, "a"), (Symbol, "("), (Symbol, "+"), (Symbol, ")")]);
    }

    #[test]
    fn comments() {
        assert_eq!(
            tokens("a --+ hint's\nb/*+ x */c --end"),
            [(Word, "a"), (Comment, "--+ hint's"), (Word, "b"), (Comment, "/*+ x */"), (Word, "c"), (Comment, "--end"),]
        );
        assert_eq!(tokens("/*/"), [(Error, "/*/")]);
    }

    #[test]
    fn what_is_no_token() {
        for unterminated in ["'abc", "\"abc", "q'[abc]", "/* abc", "'abc''", "nq'[a'"] {
            assert_eq!(tokens(unterminated), [(Error, unterminated)]);
        }
        assert_eq!(tokens("a & \\ 1"), [(Word, "a"), (Error, "&"), (Error, "\\"), (Number, "1")]);
    }

    #[test]
    fn offsets_count_bytes() {
        let source = "\u{feff}é = 'ü'\u{a0}x";
        let offsets: Vec<_> = Lexer::new(source).map(|t| (t.offset, t.end())).collect();
        assert_eq!(offsets, [(3, 5), (6, 7), (8, 12), (14, 15)]);
    }

    /// Every byte of the source is a blank or in exactly one token, in order.
    fn assert_whole(source: &str) {
        let mut at = 0;
        for token in Lexer::new(source) {
            assert!(token.offset >= at && !token.text.is_empty(), "{source:?}: {token:?}");
            assert!(source[at..token.offset].chars().all(is_blank), "{source:?}: before {token:?}");
            assert_eq!(&source[token.offset..token.end()], token.text);
            at = token.end();
        }
        assert!(source[at..].chars().all(is_blank), "{source:?}: after {at}");
    }

    proptest! {
        #[test]
        fn tokens_and_blanks_are_the_source(source in any::<String>()) {
            assert_whole(&source);
        }

        #[test]
        fn tokens_and_blanks_are_the_source_of_sql_like_text(
            parts in prop::collection::vec(prop::sample::select(vec![
                "'", "\"", "q'[", "]'", "n'", "nq'{", "}'", "--", "/*", "*/", "\n", " ", "a", "é", "1", ".", "e", "f",
                ":", "=", "<", ">", "|", "*", "/", "&", ";", "¬", "\u{0}", "$", "(", ")", "\u{301}",
            ]), 0..40)
        ) {
            assert_whole(&parts.concat());
        }
    }
}
