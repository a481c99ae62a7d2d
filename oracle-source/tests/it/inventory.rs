//! The inventory on the stand-in, which lacks some of its views: those are left out and said so.

use crate::fixture::{Fixture, hr, ident};
use oracle_source::inventory::{read_inventory, sample, sql};
use schema_map::{ObjectPath, OracleIdent};
use sqlparser::{dialect::OracleDialect, parser::Parser};

#[test]
fn what_can_be_seen_is_there_and_the_rest_is_named() {
    let fixture = Fixture::hr();
    let inventory = read_inventory(&fixture.system(), &[ident("HR")]).unwrap();
    let tables = inventory.tables.as_deref().unwrap();
    assert_eq!(tables.len(), 7, "{tables:?}");
    let employees = tables.iter().find(|table| table.path == hr("EMPLOYEES")).unwrap();
    assert!(employees.bytes.is_some_and(|bytes| bytes >= 65_536), "{employees:?}");
    let objects = inventory.objects.as_deref().unwrap();
    assert!(objects.iter().any(|o| o.path == hr("SECURE_DML") && o.object_type == "PROCEDURE" && o.valid));
    assert_eq!(inventory.character_sets.as_ref().map(|sets| sets.0.as_str()), Some("AL32UTF8"));
    assert!(inventory.undo_retention_s.is_some() && inventory.redo.is_some(), "{inventory:?}");
    for (view, reason) in &inventory.unseen {
        assert!(reason.contains("ORA-"), "{view}: {reason}");
    }
    // What the stand-in does not have is not taken for nothing.
    let unseen: Vec<&str> = inventory.unseen.iter().map(|(view, _)| *view).collect();
    assert_eq!(inventory.dependencies.is_none(), unseen.contains(&"ALL_DEPENDENCIES"), "{unseen:?}");
    assert_eq!(inventory.policies.is_none(), unseen.contains(&"ALL_POLICIES"), "{unseen:?}");
}

#[test]
fn rows_that_are_looked_at() {
    let fixture = Fixture::new(
        "CREATE TABLE t (id NUMBER PRIMARY KEY, name VARCHAR2(20), doc CLOB, made DATE);
         INSERT INTO t VALUES (1, 'plain', 'four', NULL);
         INSERT INTO t VALUES (-4.5, 'zero' || CHR(0), NULL, NULL);
         INSERT INTO t VALUES (9000000000, NULL, 'longer', NULL);
         COMMIT;
         CREATE TABLE nothing (made DATE);",
    );
    let session = fixture.session();
    let catalog = oracle_source::read_catalog(&session, &[ident("HR")], &|_| true).unwrap();
    let table = |name: &str| catalog.tables.iter().find(|table| table.path == hr(name)).unwrap();
    let samples = sample(&session, table("T"), 1000).unwrap().unwrap();
    let of = |name: &str| samples.iter().find(|sample| sample.column.as_str() == name).unwrap();
    assert_eq!(samples.len(), 3);
    assert_eq!(of("ID").range, Some(("-4.5".to_owned(), "9000000000".to_owned())));
    assert_eq!(of("ID").fractions, Some(1));
    assert_eq!(of("NAME").zero_characters, Some(1));
    assert_eq!(of("DOC").longest, Some(6));
    assert_eq!(sample(&session, table("NOTHING"), 1000).unwrap(), None);
}

/// Every statement, with the documented columns of its view.
const STATEMENTS: &[(&str, &str, &[&str])] = &[
    ("ALL_OBJECTS", sql::OBJECT_STATES, &["OBJECT_TYPE", "OBJECT_NAME", "STATUS", "OWNER", "SUBOBJECT_NAME"]),
    ("ALL_TABLES", sql::TABLE_ROWS, &["TABLE_NAME", "NUM_ROWS", "OWNER", "DROPPED"]),
    ("ALL_TABLES", sql::TABLE_STATES, &["TABLE_NAME", "LOGGING", "COMPRESS_FOR", "OWNER", "DROPPED"]),
    ("DBA_SEGMENTS", sql::SEGMENT_BYTES, &["SEGMENT_NAME", "SEGMENT_TYPE", "BYTES", "OWNER"]),
    ("ALL_LOBS", sql::LOB_SEGMENTS, &["SEGMENT_NAME", "TABLE_NAME", "OWNER"]),
    ("ALL_ENCRYPTED_COLUMNS", sql::ENCRYPTED_COLUMNS, &["TABLE_NAME", "OWNER"]),
    ("DBA_LOGSTDBY_UNSUPPORTED", sql::UNSUPPORTED_COLUMNS, &["TABLE_NAME", "COLUMN_NAME", "DATA_TYPE", "OWNER"]),
    ("ALL_DB_LINKS", sql::DATABASE_LINKS, &["OWNER", "DB_LINK"]),
    ("ALL_POLICIES", sql::POLICIES, &["OBJECT_NAME", "POLICY_NAME", "OBJECT_OWNER"]),
    (
        "ALL_DEPENDENCIES",
        sql::DEPENDENCIES,
        &["TYPE", "NAME", "REFERENCED_OWNER", "REFERENCED_NAME", "OWNER", "REFERENCED_LINK_NAME"],
    ),
    (
        "V$ARCHIVED_LOG",
        sql::REDO_BY_HOUR,
        &["THREAD#", "SEQUENCE#", "RESETLOGS_ID", "FIRST_TIME", "BLOCKS", "BLOCK_SIZE", "BEGAN", "AMOUNT"],
    ),
    ("GV$TRANSACTION", sql::OPEN_TRANSACTION_AGES, &["START_DATE"]),
];

const SYNTAX: &[&str] = &[
    "SELECT", "FROM", "WHERE", "AND", "OR", "IN", "IS", "NULL", "ORDER", "BY", "GROUP", "AS", "DISTINCT", "SUM",
    "COUNT", "MIN", "ROUND", "TO_CHAR", "SYSDATE",
];

#[test]
fn statements_are_sql_and_name_documented_columns_only() {
    for (view, text, columns) in STATEMENTS {
        assert_eq!(Parser::parse_sql(&OracleDialect {}, text).unwrap_or_else(|e| panic!("{view}: {e}")).len(), 1);
        let tokens = schema_map::sql::Lexer::new(text);
        for token in tokens.filter(|token| token.kind == schema_map::sql::TokenKind::Word) {
            let word = token.text.to_uppercase();
            let known = word == *view || columns.contains(&word.as_str()) || SYNTAX.contains(&word.as_str());
            assert!(known, "{view}: {word} is no column of it");
        }
    }
    let source = include_str!("../../src/inventory/sql.rs");
    assert_eq!(source.matches("pub const ").count(), STATEMENTS.len(), "a statement is not tested");
    let (a, b, c) = (ident("A"), ident("B c"), ident("D"));
    let columns: [(&OracleIdent, sql::Look); 3] =
        [(&a, sql::Look::Range), (&b, sql::Look::Zero), (&c, sql::Look::Length)];
    let text = sql::sample(&ObjectPath::new(ident("HR"), ident("Odd.Name")), &columns);
    assert_eq!(Parser::parse_sql(&OracleDialect {}, &text).unwrap().len(), 1, "{text}");
    assert!(
        text.ends_with(r#"FROM (SELECT "A", "B c", "D" FROM "HR"."Odd.Name" WHERE ROWNUM <= :how_many)"#),
        "{text}"
    );
}
