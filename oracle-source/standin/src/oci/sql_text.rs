//! What the client library itself finds in a statement's text, before any database sees it: its kind and its binds.

use crate::StatementType;

/// A statement as the client sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Text {
    pub(super) kind: StatementKind,
    /// Names of the bind variables as `OCIStmtGetBindInfo` tells them, one for each position: every occurrence in SQL,
    /// every name once in PL/SQL; none in DDL.
    pub(super) binds: Vec<String>,
    /// Whether it is DML with RETURNING … INTO.
    pub(super) returning: bool,
}

/// `OCI_ATTR_STMT_TYPE`, with the kinds that need no [`StatementType`] of their own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct StatementKind(pub(super) u16);

impl StatementKind {
    pub(super) fn is(self, statement_type: StatementType) -> bool {
        self.0 == statement_type as u16
    }

    pub(super) fn is_plsql(self) -> bool {
        [StatementType::Begin, StatementType::Declare, StatementType::Call].into_iter().any(|t| self.is(t))
    }

    fn is_ddl(self) -> bool {
        [StatementType::Create, StatementType::Drop, StatementType::Alter].into_iter().any(|t| self.is(t))
    }

    pub(super) fn is_dml(self) -> bool {
        [StatementType::Insert, StatementType::Update, StatementType::Delete, StatementType::Merge]
            .into_iter()
            .any(|t| self.is(t))
    }
}

#[derive(Debug, PartialEq)]
enum Token<'a> {
    Word(&'a str),
    Bind(String),
    Other,
}

/// Takes a statement apart as far as needed; strings, comments and quoted names are stepped over.
pub(super) fn read(text: &str) -> Text {
    let mut first = None;
    let mut binds = Vec::new();
    let (mut returning, mut into) = (false, false);
    for token in (Tokens { text, at: 0 }) {
        match token {
            Token::Word(word) => {
                returning |= word.eq_ignore_ascii_case("RETURNING") || word.eq_ignore_ascii_case("RETURN");
                into |= returning && word.eq_ignore_ascii_case("INTO");
                first.get_or_insert(word);
            }
            Token::Bind(name) => binds.push(name),
            Token::Other => {}
        }
    }
    let kind = StatementKind(match first.unwrap_or_default().to_ascii_uppercase().as_str() {
        "SELECT" | "WITH" => StatementType::Select as u16,
        "UPDATE" => StatementType::Update as u16,
        "DELETE" => StatementType::Delete as u16,
        "INSERT" => StatementType::Insert as u16,
        "MERGE" => StatementType::Merge as u16,
        "CREATE" => StatementType::Create as u16,
        "DROP" => StatementType::Drop as u16,
        "ALTER" => StatementType::Alter as u16,
        "BEGIN" => StatementType::Begin as u16,
        "DECLARE" => StatementType::Declare as u16,
        "CALL" => StatementType::Call as u16,
        "COMMIT" => StatementType::Commit as u16,
        "ROLLBACK" => StatementType::Rollback as u16,
        "EXPLAIN" => 15,
        _ => StatementType::Unknown as u16,
    });
    if kind.is_ddl() {
        binds.clear();
    } else if kind.is_plsql() {
        let mut seen: Vec<String> = Vec::new();
        for name in binds.drain(..) {
            if !seen.contains(&name) {
                seen.push(name);
            }
        }
        binds = seen;
    }
    Text { kind, binds, returning: into && kind.is_dml() }
}

/// The name of a bind as given by the caller: with or without its colon, in any case unless quoted.
pub(super) fn bind_name(name: &str) -> String {
    let name = name.strip_prefix(':').unwrap_or(name);
    match name.strip_prefix('"').and_then(|n| n.strip_suffix('"')) {
        Some(quoted) => quoted.to_owned(),
        None => name.to_uppercase(),
    }
}

struct Tokens<'a> {
    text: &'a str,
    at: usize,
}

fn is_word(c: char) -> bool {
    c.is_alphanumeric() || matches!(c, '_' | '$' | '#')
}

impl<'a> Tokens<'a> {
    fn rest(&self) -> &'a str {
        &self.text[self.at..]
    }

    /// Steps behind `end`, or to the end of the text.
    fn skip_to(&mut self, end: &str) {
        self.at += self.rest().find(end).map_or(self.rest().len(), |i| i + end.len());
    }

    /// A string whose opening quote is next; a doubled quote is two strings, which makes no difference here.
    fn skip_string(&mut self, quote: &str) {
        self.at += 1;
        self.skip_to(quote);
    }

    fn word(&mut self) -> &'a str {
        let rest = self.rest();
        let end = rest.find(|c| !is_word(c)).unwrap_or(rest.len());
        self.at += end;
        &rest[..end]
    }
}

impl<'a> Iterator for Tokens<'a> {
    type Item = Token<'a>;

    fn next(&mut self) -> Option<Token<'a>> {
        let rest = self.rest();
        let c = rest.chars().next()?;
        if rest.starts_with("--") {
            self.skip_to("\n");
            return Some(Token::Other);
        }
        if rest.starts_with("/*") {
            self.skip_to("*/");
            return Some(Token::Other);
        }
        match c {
            '\'' => self.skip_string("'"),
            '"' => self.skip_string("\""),
            ':' => {
                self.at += 1;
                match self.rest().chars().next() {
                    Some('"') => {
                        let start = self.at + 1;
                        self.skip_string("\"");
                        let name = &self.text[start..self.at];
                        return Some(Token::Bind(name.strip_suffix('"').unwrap_or(name).to_owned()));
                    }
                    Some(c) if is_word(c) => return Some(Token::Bind(self.word().to_uppercase())),
                    _ => {}
                }
            }
            c if is_word(c) => {
                let word = self.word();
                let alternative = matches!(word, "q" | "Q" | "nq" | "nQ" | "Nq" | "NQ");
                if alternative && self.rest().starts_with('\'') {
                    let Some(open) = self.rest()[1..].chars().next() else {
                        self.at = self.text.len();
                        return Some(Token::Other);
                    };
                    let close = match open {
                        '[' => ']',
                        '{' => '}',
                        '(' => ')',
                        '<' => '>',
                        other => other,
                    };
                    self.at += 1 + open.len_utf8();
                    self.skip_to(&format!("{close}'"));
                    return Some(Token::Other);
                }
                return Some(Token::Word(word));
            }
            other => self.at += other.len_utf8(),
        }
        Some(Token::Other)
    }
}

/// `OCI_ATTR_SQLFNCODE`: the SQL command codes of the OCI manual; 0 for what has none here.
pub(super) fn function_code(text: &str) -> u16 {
    let words: Vec<String> = Tokens { text, at: 0 }
        .filter_map(|t| match t {
            Token::Word(word) => Some(word.to_ascii_uppercase()),
            _ => None,
        })
        .take(8)
        .collect();
    let mut words = words.iter().map(String::as_str);
    let first = words.next().unwrap_or_default();
    let mut object = words.next().unwrap_or_default();
    // What may stand between CREATE and the kind of object.
    while matches!(
        object,
        "OR" | "REPLACE"
            | "GLOBAL"
            | "PRIVATE"
            | "TEMPORARY"
            | "UNIQUE"
            | "BITMAP"
            | "PUBLIC"
            | "FORCE"
            | "EDITIONABLE"
            | "NONEDITIONABLE"
            | "NO"
    ) {
        object = words.next().unwrap_or_default();
    }
    match (first, object) {
        ("CREATE", "TABLE") => 1,
        ("INSERT", _) => 3,
        ("SELECT" | "WITH", _) => 4,
        ("UPDATE", _) => 5,
        ("DROP", "VIEW") => 7,
        ("DROP", "TABLE") => 8,
        ("DELETE", _) => 9,
        ("CREATE", "VIEW") => 10,
        ("DROP", "USER") => 11,
        ("CREATE", "ROLE") => 12,
        ("CREATE", "SEQUENCE") => 13,
        ("ALTER", "SEQUENCE") => 14,
        ("DROP", "SEQUENCE") => 16,
        ("CREATE", "USER") => 19,
        ("CREATE", "INDEX") => 20,
        ("DROP", "INDEX") => 21,
        ("CREATE", "PROCEDURE") => 24,
        ("ALTER", "PROCEDURE") => 25,
        ("ALTER", "TABLE") => 26,
        ("EXPLAIN", _) => 27,
        ("GRANT", _) => 28,
        ("REVOKE", _) => 29,
        ("CREATE", "SYNONYM") => 30,
        ("DROP", "SYNONYM") => 31,
        ("BEGIN" | "DECLARE" | "CALL", _) => 34,
        ("RENAME", _) => 37,
        ("COMMENT", _) => 38,
        ("ALTER", "INDEX") => 41,
        ("ALTER", "DATABASE") => 45,
        ("ALTER", "SESSION") => 52,
        ("ALTER", "USER") => 53,
        ("COMMIT", _) => 54,
        ("ROLLBACK", _) => 55,
        ("SAVEPOINT", _) => 56,
        ("CREATE", "TRIGGER") => 59,
        ("ALTER", "TRIGGER") => 60,
        ("DROP", "TRIGGER") => 61,
        ("DROP", "PROCEDURE") => 68,
        ("CREATE", "TYPE") => 77,
        ("DROP", "TYPE") => 78,
        ("ALTER", "TYPE") => 80,
        ("TRUNCATE", _) => 85,
        _ => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn binds(text: &str) -> Vec<String> {
        read(text).binds
    }

    #[test]
    fn binds_are_found_where_they_stand() {
        assert_eq!(
            binds("select :a, ':b', \":c\", :a -- :d\n /* :e */ from t where x = :\"Mixed\""),
            ["A", "A", "Mixed"]
        );
        assert_eq!(binds("select q'[it's :no]', nq'!:no!', :1 from dual"), ["1"]);
        assert_eq!(binds("begin :x := :y; p(:x); end;"), ["X", "Y"]);
        assert_eq!(binds("create trigger t before insert on x for each row begin :new.id := 1; end;"), [""; 0]);
        assert_eq!(binds("begin x := 'it''s :no'; end;"), [""; 0]);
        assert_eq!(binds("select :\"é"), ["é"]);
    }

    #[test]
    fn kinds_by_the_first_word() {
        for (text, kind) in [
            ("/* hint */ -- line\n (select 1 from dual)", 1),
            ("with x as (select 1 from dual) select * from x", 1),
            ("Insert into t values (1)", 4),
            ("<<label>> begin null; end;", 0),
            ("comment on table t is 'x'", 0),
            ("", 0),
        ] {
            assert_eq!(read(text).kind.0, kind, "{text}");
        }
    }

    #[test]
    fn returning_is_told_from_a_name_in_a_string() {
        assert!(read("insert into t values (1) returning id into :x").returning);
        assert!(!read("insert into t values ('returning id into')").returning);
        assert!(!read("select returning, into_x from t").returning);
    }

    #[test]
    fn function_codes() {
        assert_eq!(function_code("create or replace force view v as select 1 from dual"), 10);
        assert_eq!(function_code("CREATE UNIQUE INDEX i ON t (x)"), 20);
        assert_eq!(function_code("alter session set x = 1"), 52);
    }

    proptest! {
        #[test]
        fn any_text_is_read_to_its_end(text in "[ a-z':\"q\\[\\]/*\\-é]{0,40}") {
            read(&text);
            function_code(&text);
        }
    }
}
