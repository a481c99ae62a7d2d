use crate::{Error, ErrorKind};
use schema_map::sql::{Lexer, TokenKind};
use std::fmt;

/// An expression or a condition in Oracle's SQL that a person wrote: what is read in place of a column, which rows are read.
///
/// It is sent as it is, with the rights of the session, so that it must come from whoever may use these. It is checked to be no more than
/// a part of a statement: quotes and parentheses are closed, there is no semicolon, no comment and no bind variable.
///
/// ```
/// use oracle_source::SqlExpression;
///
/// assert!(SqlExpression::new("region = 'EMEA' AND deleted IS NULL").is_ok());
/// assert!(SqlExpression::new("1 = 1) OR (2 = 2").is_err());
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct SqlExpression(String);

impl SqlExpression {
    /// Takes the text.
    ///
    /// # Errors
    /// [`ErrorKind::Malformed`], with the place in the text.
    pub fn new(text: impl Into<String>) -> Result<Self, Error> {
        let text = text.into();
        let error = |at: usize, what: &str| {
            let place = text.get(..at).map_or(at, |before| before.chars().count()) + 1;
            Error::new(ErrorKind::Malformed, format!("{text:?} is no SQL expression: {what} at character {place}"))
        };
        let (mut depth, mut empty) = (0_u32, true);
        for token in Lexer::new(&text) {
            empty = false;
            match (token.kind, token.text) {
                (TokenKind::Symbol, "(") => depth += 1,
                (TokenKind::Symbol, ")") => {
                    depth = depth.checked_sub(1).ok_or_else(|| error(token.offset, "a parenthesis too many"))?;
                }
                (TokenKind::Symbol, ";") => return Err(error(token.offset, "a semicolon")),
                (TokenKind::Comment, _) => return Err(error(token.offset, "a comment")),
                (TokenKind::Bind, _) => return Err(error(token.offset, "a bind variable")),
                (TokenKind::Error, _) => return Err(error(token.offset, "something that is not closed or no SQL")),
                _ => {}
            }
        }
        match (empty, depth) {
            (true, _) => Err(error(0, "nothing")),
            (_, 0) => Ok(SqlExpression(text)),
            _ => Err(error(text.len(), "a parenthesis that is not closed")),
        }
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for SqlExpression {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_a_part_of_a_statement() {
        for good in ["a > 1", "UPPER(\"N\") = q'[;--]'", "(a) + (b)", "x IN (SELECT y FROM z)"] {
            assert_eq!(SqlExpression::new(good).unwrap().as_str(), good);
        }
        for (bad, why) in [
            ("", "nothing"),
            ("  ", "nothing"),
            ("a)", "too many at character 2"),
            ("(a", "not closed at character 3"),
            ("a; DROP TABLE t", "semicolon at character 2"),
            ("ä -- b", "comment at character 3"),
            ("a /* b", "not closed"),
            ("a = :b", "bind"),
            ("a = 'b", "not closed"),
        ] {
            let error = SqlExpression::new(bad).unwrap_err();
            assert!(error.kind() == ErrorKind::Malformed && error.to_string().contains(why), "{bad}: {error}");
        }
    }
}
