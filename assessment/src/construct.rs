//! Constructs of PL/SQL and SQL that a person has to think about, found on tokens: what stands in a comment or in a
//! string is not counted.

use crate::Range;
use schema_map::sql::{Lexer, Token, TokenKind};

/// Something in stored code or a query that costs work.
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
pub struct Construct {
    /// As a report shows it.
    pub name: &'static str,
    /// Units of work for the first one of an object; see [`CostModel::repeated`](crate::CostModel::repeated).
    pub units: Range,
    /// What takes its place in PostgreSQL.
    pub advice: &'static str,
    /// Texts of tokens that follow each other: `?` is any name, `x*` a word that begins so.
    patterns: &'static [&'static str],
}

const fn construct(
    name: &'static str,
    low: f64,
    high: f64,
    patterns: &'static [&'static str],
    advice: &'static str,
) -> Construct {
    Construct { name, units: Range { low, high }, advice, patterns }
}

/// All that are known. At one place in the code the first that fits counts.
pub const CONSTRUCTS: &[Construct] = &[
    construct(
        "autonomous transaction",
        4.0,
        12.0,
        &["PRAGMA AUTONOMOUS_TRANSACTION"],
        "a second connection (dblink), or another design",
    ),
    construct("PRAGMA EXCEPTION_INIT", 0.5, 1.0, &["PRAGMA EXCEPTION_INIT"], "the SQLSTATE of the PostgreSQL error"),
    construct("other PRAGMA", 0.2, 1.0, &["PRAGMA"], "mostly left out"),
    construct("WHEN OTHERS", 0.5, 2.0, &["WHEN OTHERS"], "works, but rolls the block back to its beginning"),
    construct("RAISE_APPLICATION_ERROR", 0.2, 0.5, &["RAISE_APPLICATION_ERROR"], "RAISE EXCEPTION USING ERRCODE"),
    construct("SQLCODE, SQLERRM", 0.5, 1.0, &["SQLCODE", "SQLERRM"], "SQLSTATE instead of numbers"),
    construct("COMMIT, ROLLBACK", 1.0, 4.0, &["COMMIT", "ROLLBACK"], "only in procedures that no transaction calls"),
    construct("SAVEPOINT", 1.0, 2.0, &["SAVEPOINT"], "a block with EXCEPTION"),
    construct("BULK COLLECT", 1.0, 3.0, &["BULK COLLECT"], "arrays by array_agg, or a set-based statement"),
    construct("FORALL", 1.0, 3.0, &["FORALL"], "one set-based statement, or unnest"),
    construct("GOTO", 1.0, 3.0, &["GOTO"], "loops with EXIT and CONTINUE"),
    construct(
        "EXECUTE IMMEDIATE",
        1.0,
        4.0,
        &["EXECUTE IMMEDIATE"],
        "EXECUTE; the SQL in the string must be converted too",
    ),
    construct("CONNECT BY", 2.0, 6.0, &["CONNECT BY", "START WITH", "SYS_CONNECT_BY_PATH"], "WITH RECURSIVE"),
    construct("outer join (+)", 0.5, 1.5, &["( + )"], "LEFT or RIGHT JOIN"),
    construct("ROWNUM", 0.5, 2.0, &["ROWNUM"], "LIMIT, FETCH FIRST, or row_number()"),
    construct("ROWID", 1.0, 3.0, &["ROWID", "UROWID"], "the key; ctid does not last"),
    construct("MERGE", 1.0, 3.0, &["MERGE INTO"], "MERGE of PostgreSQL 15, or INSERT … ON CONFLICT"),
    construct(
        "INSERT ALL, INSERT FIRST",
        1.0,
        2.0,
        &["INSERT ALL", "INSERT FIRST"],
        "WITH … RETURNING, several INSERTs",
    ),
    construct(
        "PIVOT, UNPIVOT",
        1.0,
        3.0,
        &["PIVOT (", "UNPIVOT (", "PIVOT XML"],
        "FILTER aggregates, or a lateral VALUES",
    ),
    construct(
        "MODEL clause",
        5.0,
        20.0,
        &["MODEL DIMENSION", "MODEL PARTITION", "MODEL RETURN"],
        "another query, or a procedure",
    ),
    construct("MATCH_RECOGNIZE", 5.0, 20.0, &["MATCH_RECOGNIZE"], "window functions, or a procedure"),
    construct("KEEP (DENSE_RANK …)", 0.5, 1.0, &["KEEP ( DENSE_RANK"], "an ordered aggregate, or DISTINCT ON"),
    construct("flashback query", 3.0, 8.0, &["AS OF SCN", "AS OF TIMESTAMP", "VERSIONS BETWEEN"], "a history table"),
    construct("database link", 2.0, 8.0, &["? @ ?"], "a foreign table"),
    construct("DBMS_OUTPUT", 0.1, 0.3, &["DBMS_OUTPUT"], "RAISE NOTICE"),
    construct("DBMS_LOB", 0.5, 2.0, &["DBMS_LOB"], "string functions on text and bytea"),
    construct("DBMS_SQL", 3.0, 8.0, &["DBMS_SQL"], "EXECUTE … USING"),
    construct("other DBMS_ package", 1.0, 6.0, &["DBMS_*"], "an extension, or something else for each"),
    construct("UTL_ package", 2.0, 8.0, &["UTL_*"], "outside the database, or an extension"),
    construct("Oracle Text", 2.0, 8.0, &["CONTAINS (", "CTX_*"], "tsvector and tsquery"),
    construct("spatial", 1.0, 4.0, &["SDO_*", "MDSYS"], "PostGIS"),
    construct("web toolkit", 3.0, 10.0, &["HTP", "OWA_*", "APEX_*"], "outside the database"),
    construct("collection type", 1.0, 4.0, &["TABLE OF", "VARRAY", "VARYING ARRAY"], "an array, or a temporary table"),
    construct("record type", 0.5, 1.0, &["IS RECORD"], "a composite type"),
    construct("TABLE(…) of a collection", 0.5, 1.5, &["TABLE ("], "unnest"),
    construct("pipelined function", 1.0, 2.0, &["PIPELINED", "PIPE ROW"], "RETURN NEXT"),
    construct("REF CURSOR", 0.5, 1.5, &["REF CURSOR", "SYS_REFCURSOR"], "refcursor; fetched differently by the caller"),
    construct("cursor", 0.2, 0.5, &["CURSOR"], "a PL/pgSQL cursor"),
    construct(
        "cursor attribute",
        0.2,
        0.5,
        &["% NOTFOUND", "% FOUND", "% ISOPEN", "% ROWCOUNT"],
        "FOUND, GET DIAGNOSTICS",
    ),
    construct("%TYPE, %ROWTYPE", 0.0, 0.1, &["% TYPE", "% ROWTYPE"], "the same"),
    construct(
        "XML",
        1.0,
        4.0,
        &["XMLTYPE", "XMLELEMENT", "XMLAGG", "XMLTABLE", "XMLQUERY", "EXTRACTVALUE"],
        "xml functions of PostgreSQL",
    ),
    construct(
        "JSON",
        0.5,
        2.0,
        &["JSON_TABLE", "JSON_VALUE", "JSON_QUERY", "JSON_OBJECT*", "JSON_ARRAY*"],
        "jsonb functions",
    ),
    construct("ANYDATA", 2.0, 6.0, &["ANYDATA", "ANYTYPE", "ANYDATASET"], "jsonb, or a column for each type"),
    construct("session context", 0.5, 2.0, &["SYS_CONTEXT", "USERENV"], "current_setting"),
    construct("conditional compilation", 0.5, 2.0, &["$IF", "$$*"], "decided while converting"),
    construct("DECODE", 0.1, 0.3, &["DECODE ("], "CASE; NULL equals NULL in DECODE"),
    construct("empty string", 0.1, 0.5, &["''"], "NULL in Oracle, not in PostgreSQL"),
    construct(
        "dates and numbers as text",
        0.1,
        0.3,
        &["TO_CHAR", "TO_DATE", "TO_NUMBER", "TO_TIMESTAMP"],
        "formats differ in details",
    ),
    construct("SYSDATE, SYSTIMESTAMP", 0.1, 0.2, &["SYSDATE", "SYSTIMESTAMP"], "clock_timestamp()"),
    construct(
        "date arithmetic",
        0.1,
        0.3,
        &["ADD_MONTHS", "MONTHS_BETWEEN", "LAST_DAY", "NEXT_DAY", "TRUNC ("],
        "intervals",
    ),
    construct("NVL, NVL2", 0.0, 0.1, &["NVL (", "NVL2 ("], "COALESCE, CASE"),
    construct("sequence value", 0.0, 0.1, &[". NEXTVAL", ". CURRVAL"], "nextval(), currval()"),
    construct("MINUS", 0.0, 0.1, &["MINUS"], "EXCEPT"),
    construct("DUAL", 0.0, 0.1, &["FROM DUAL"], "left out"),
    construct(
        "table function of regular expressions",
        0.1,
        0.3,
        &["REGEXP_*"],
        "regexp functions; classes and flags differ",
    ),
    construct(
        "function without a counterpart",
        0.2,
        1.0,
        &[
            "ASCIISTR",
            "COMPOSE",
            "DECOMPOSE",
            "DUMP (",
            "VSIZE",
            "BIN_TO_NUM",
            "CHARTOROWID",
            "HEXTORAW",
            "RAWTOHEX",
            "NUMTODSINTERVAL",
            "NUMTOYMINTERVAL",
            "TO_DSINTERVAL",
            "TO_YMINTERVAL",
            "TO_LOB",
            "TO_MULTI_BYTE",
            "TO_SINGLE_BYTE",
            "BFILENAME",
            "LNNVL",
            "NANVL",
            "UID",
            "BITAND",
            "MEDIAN",
            "REMAINDER",
            "DBTIMEZONE",
            "SESSIONTIMEZONE",
            "NEW_TIME",
            "TZ_OFFSET",
            "FROM_TZ",
            "ORA_HASH",
            "ORA_ROWSCN",
            "WM_CONCAT",
            "LISTAGG",
            "NLSSORT",
            "SOUNDEX",
            "INSTR (",
            "TRANSLATE (",
        ],
        "a short function of one's own, or orafce",
    ),
];

/// The constructs, ready to be looked for.
#[derive(Debug)]
pub(crate) struct Finder {
    /// Pattern, and the position of its construct.
    patterns: Vec<(Vec<Part>, usize)>,
    /// By the first byte of a token, in upper case: the patterns that may begin with it, in order.
    beginning: Vec<Vec<usize>>,
}

#[derive(Debug)]
enum Part {
    Name,
    Prefix(&'static str),
    Text(&'static str),
}

/// What was found in one piece of code.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct Found {
    /// By the position of the construct, in that order: how many.
    pub(crate) counts: Vec<(usize, u32)>,
    /// Characters of the tokens: without blanks and comments.
    pub(crate) characters: usize,
}

impl Finder {
    pub(crate) fn new() -> Self {
        let part = |text: &'static str| match text.strip_suffix('*') {
            _ if text == "?" => Part::Name,
            Some(prefix) if !prefix.is_empty() => Part::Prefix(prefix),
            _ => Part::Text(text),
        };
        let patterns = CONSTRUCTS.iter().enumerate().flat_map(|(n, construct)| {
            construct.patterns.iter().map(move |pattern| (pattern.split(' ').map(part).collect(), n))
        });
        let patterns: Vec<(Vec<Part>, usize)> = patterns.collect();
        let begins = |parts: &[Part], byte: u8| match parts.first() {
            Some(Part::Text(text) | Part::Prefix(text)) => text.as_bytes().first() == Some(&byte),
            Some(Part::Name) => true,
            None => false,
        };
        let may_begin = |byte| (0..patterns.len()).filter(|&n| begins(&patterns[n].0, byte)).collect();
        let beginning = (0..=u8::MAX).map(may_begin).collect();
        Finder { patterns, beginning }
    }

    pub(crate) fn find(&self, source: &str) -> Found {
        let tokens: Vec<_> = Lexer::new(source).filter(|token| token.kind != TokenKind::Comment).collect();
        let mut counts = vec![0u32; CONSTRUCTS.len()];
        let mut at = 0;
        while at < tokens.len() {
            let rest = &tokens[at..];
            let first = rest[0].text.as_bytes().first().map_or(0, u8::to_ascii_uppercase);
            let mut candidates = self.beginning[usize::from(first)].iter().map(|&n| &self.patterns[n]);
            match candidates.find(|(parts, _)| fits(parts, rest)) {
                Some((parts, construct)) => {
                    counts[*construct] += 1;
                    at += parts.len();
                }
                None => at += 1,
            }
        }
        let characters = tokens.iter().map(|token| token.text.chars().count()).sum();
        let counts = counts.into_iter().enumerate().filter(|(_, count)| *count > 0).collect();
        Found { counts, characters }
    }
}

fn fits(parts: &[Part], tokens: &[Token<'_>]) -> bool {
    tokens.len() >= parts.len()
        && parts.iter().zip(tokens).all(|(part, token)| match part {
            Part::Name => matches!(token.kind, TokenKind::Word | TokenKind::QuotedIdent),
            Part::Prefix(prefix) => {
                token.kind == TokenKind::Word
                    && token.text.get(..prefix.len()).is_some_and(|start| start.eq_ignore_ascii_case(prefix))
            }
            Part::Text(text) => token.text.eq_ignore_ascii_case(text),
        })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn names(source: &str) -> Vec<(&'static str, u32)> {
        Finder::new().find(source).counts.into_iter().map(|(n, count)| (CONSTRUCTS[n].name, count)).collect()
    }

    #[test]
    fn constructs_are_found_on_tokens() {
        assert_eq!(names("SELECT 1 FROM t WHERE a(+) = b AND c ( + )= d"), [("outer join (+)", 2)]);
        assert_eq!(names("exception when others then null; When\n/* x */ Others"), [("WHEN OTHERS", 2)]);
        assert_eq!(names("x := 'ROWNUM, WHEN OTHERS'; -- ROWNUM\n \"ROWNUM\""), []);
        assert_eq!(
            names("dbms_output.put_line(x); DBMS_LOB.x; dbms_foo.bar"),
            [("DBMS_OUTPUT", 1), ("DBMS_LOB", 1), ("other DBMS_ package", 1)]
        );
        assert_eq!(names("select * from emp@remote where x = ''"), [("database link", 1), ("empty string", 1)]);
        assert_eq!(names("a t.b%TYPE; c t%rowtype; d c%notfound"), [("cursor attribute", 1), ("%TYPE, %ROWTYPE", 2)]);
        assert_eq!(
            names("PRAGMA AUTONOMOUS_TRANSACTION; PRAGMA SERIALLY_REUSABLE"),
            [("autonomous transaction", 1), ("other PRAGMA", 1)]
        );
    }

    #[test]
    fn size_is_that_of_the_tokens() {
        assert_eq!(Finder::new().find("  a  :=  'é é' ; -- comment\n/* more */").characters, 1 + 2 + 5 + 1);
    }

    #[test]
    fn every_construct_can_be_found() {
        let finder = Finder::new();
        for (n, construct) in CONSTRUCTS.iter().enumerate() {
            for pattern in construct.patterns {
                let text = pattern.replace('?', "name").replace('*', "X");
                let found = finder.find(&text);
                assert_eq!(found.counts, [(n, 1)], "{}: {text}", construct.name);
            }
            assert!(construct.units.low <= construct.units.high && construct.units.low >= 0.0, "{}", construct.name);
        }
    }

    proptest! {
        #[test]
        fn no_text_panics(text in any::<String>()) {
            Finder::new().find(&text);
        }
    }
}
