//! Every statement that is sent to Oracle: an outside grammar reads it, and it names documented columns only.

use cdc_logminer::session_sql;
use oracle_source::sql::{self, heartbeat, logminer, prerequisites, session};
use schema_map::{ObjectPath, OracleIdent};
use sqlparser::{
    dialect::{GenericDialect, OracleDialect},
    parser::Parser,
    tokenizer::{Token, Tokenizer},
};
use std::collections::{BTreeMap, BTreeSet};
use type_convert::OracleType;

/// View, column, the version of Oracle that brought it.
const COLUMNS: &str = concat!(include_str!("columns.tsv"), include_str!("columns_performance.tsv"));

macro_rules! named {
    ($($module:ident: $($name:ident)*;)*) => { &[$($((stringify!($name), $module::$name),)*)*] };
}

const STATEMENTS: &[(&str, &str)] = named! {
    sql: SET_NLS SET_TIME_ZONE SET_MODULE SESSION_USER DATABASE ARCHIVE_DESTINATIONS PARAMETERS CHARACTER_SETS
        SESSION_PRIVILEGES SESSION_ROLES TABLE_PRIVILEGES LOG_GROUPS LOG_GROUP_COLUMNS IS_CONTAINER_DATABASE PROBE_EXTENTS
        PROBE_DBMS_LOGMNR CURRENT_SCN OPEN_TRANSACTIONS DATABASE_ID TABLES EXTERNAL_TABLES COLUMNS IDENTITY_COLUMNS
        CONSTRAINTS CONSTRAINT_COLUMNS REFERENCED_COLUMNS INDEXES INDEX_COLUMNS INDEX_EXPRESSIONS SEQUENCES VIEWS SYNONYMS
        SOURCE TRIGGERS TABLE_COMMENTS COLUMN_COMMENTS EXTENTS DATA_OBJECTS;
    prerequisites: TABLE_COLUMNS KEY_COLUMNS UNIQUE_INDEX_COLUMNS XML_STORAGE CONTAINER_NAME MANAGED_BY_RDS FORCE_LOGGING
        NOLOGGING_TABLES NOLOGGING_PARTITIONS NOLOGGING_SUBPARTITIONS NOLOGGING_LOBS NOLOGGING_INDEX_TABLES ARCHIVED_LOG_AGES
        REDO_OF_A_DAY REDO_LOG_GROUPS RECOVERY_AREA UNDO_STATISTICS UNDO_TABLESPACES ENCRYPTED_TABLESPACES ENCRYPTED_COLUMNS
        WALLETS TIME_ZONE_FILE TIME_ZONE_UPGRADE TRANSACTION_AGES SEGMENT_BYTES TABLE_BYTES REDO_DICTIONARIES BUILD_REDO_DICTIONARY;
    session: NLS TIME_ZONE;
    logminer: TABLE_NUMBERS TABLE_NUMBERS_OF_CONTAINER DATABASE_ROLE;
    session_sql: DATABASE INCARNATION IS_CONTAINER_DATABASE THREADS ONLINE_LOGS ARCHIVED_LOGS ADD_FIRST_LOGFILE ADD_LOGFILE
        START_LOGMNR END_LOGMNR ENDED_LOGS DICTIONARY_LOGS START_LOGMNR_WITH_REDO_DICTIONARY
        SET_ROOT_CONTAINER SESSION_MEMORY;
};

/// Statements that need a later version than 11.2, and which.
const LATER: &[(&str, &str)] = &[
    ("IS_CONTAINER_DATABASE", "12.1"),
    ("IDENTITY_COLUMNS", "12.1"),
    ("CONTAINER_NAME", "12.1"),
    ("TABLE_NUMBERS_OF_CONTAINER", "12.1"),
    ("contents of a container", "12.1"),
];

/// Every statement, with its name; the ones that are put together too.
fn all() -> Vec<(String, String)> {
    let table = ObjectPath { schema: ident("HR"), name: ident("Odd.Name") };
    let columns = [
        (ident("ID"), OracleType::Number { precision: None, scale: None }),
        (ident("RID"), OracleType::RowId),
        (ident("DOC"), OracleType::Clob),
        (ident("XML"), OracleType::Xml),
        (ident("JSON"), OracleType::Json),
        (ident("VEC"), OracleType::Vector { dimensions: None, format: None }),
    ];
    let mut all: Vec<_> = STATEMENTS.iter().map(|(name, sql)| ((*name).to_owned(), (*sql).to_owned())).collect();
    all.extend(sql::PROBES.iter().map(|probe| (probe.name.to_owned(), probe.sql.to_owned())));
    all.push(("contents".to_owned(), session_sql::contents(&[2, 1001])));
    all.push(("contents of a container".to_owned(), session_sql::contents_of_container(&[1])));
    all.extend(heartbeat::ddl(&table).into_iter().map(|sql| ("DDL of the heartbeat".to_owned(), sql)));
    all.push(("beat".to_owned(), heartbeat::beat(&table)));
    all.push(("count".to_owned(), sql::count(&table)));
    all.push(("lob".to_owned(), sql::lob(&table, &ident("Doc."))));
    for (as_of, from, to) in [(true, true, true), (true, false, true), (false, true, false), (false, false, false)] {
        let range = sql::RowRange { as_of, from, to };
        for lob_limit in [None, Some(0), Some(65_536)] {
            all.push((
                format!("rows {range:?} {lob_limit:?}"),
                sql::rows(&table, columns.iter().map(|(name, ty)| (name, ty)), true, lob_limit, range),
            ));
        }
    }
    all
}

#[test]
fn rows_and_their_lobs() {
    let table = ObjectPath { schema: ident("HR"), name: ident("T") };
    let columns = [
        (ident("DOC"), OracleType::Clob),
        (ident("PIC"), OracleType::Blob),
        (ident("X"), OracleType::Xml),
        (ident("V"), OracleType::Vector { dimensions: None, format: None }),
    ];
    let rows = |lob_limit| {
        let range = sql::RowRange { as_of: true, ..sql::RowRange::default() };
        sql::rows(&table, columns.iter().map(|(name, ty)| (name, ty)), true, lob_limit, range)
    };
    let documents = r#"XMLSERIALIZE(CONTENT "X" AS CLOB), VECTOR_SERIALIZE("V" RETURNING CLOB)"#;
    let present = r#"CASE WHEN "X" IS NOT NULL THEN 1 END, CASE WHEN "V" IS NOT NULL THEN 1 END"#;
    let rest = r#"ROWIDTOCHAR(ROWID) FROM "HR"."T" AS OF SCN :scn"#;
    assert_eq!(
        rows(None),
        format!(
            r#"SELECT "DOC", "PIC", {documents}, CASE WHEN "DOC" IS NOT NULL THEN 1 END, CASE WHEN "PIC" IS NOT NULL THEN 1 END, {present}, {rest}"#
        )
    );
    let within = |c: &str| format!(r#"CASE WHEN DBMS_LOB.GETLENGTH({c}) <= 9 THEN {c} END"#);
    let (doc, pic) = (within(r#""DOC""#), within(r#""PIC""#));
    assert_eq!(
        rows(Some(9)),
        format!(
            r#"SELECT {doc}, {pic}, {documents}, DBMS_LOB.GETLENGTH("DOC"), DBMS_LOB.GETLENGTH("PIC"), {present}, {rest}"#
        )
    );
    assert_eq!(
        sql::lob(&table, &ident("DOC")),
        r#"SELECT "DOC" FROM "HR"."T" AS OF SCN :scn WHERE ROWID = CHARTOROWID(:row_id)"#
    );
}

fn ident(name: &str) -> OracleIdent {
    OracleIdent::new(name).unwrap()
}

#[test]
fn no_statement_is_forgotten() {
    let known: BTreeSet<&str> = STATEMENTS.iter().map(|(name, _)| *name).collect();
    for source in [
        include_str!("../../src/sql.rs"),
        include_str!("../../src/sql/prerequisites.rs"),
        include_str!("../../src/sql/session.rs"),
        include_str!("../../src/sql/logminer.rs"),
        include_str!("../../../cdc-logminer/src/session_sql.rs"),
    ] {
        for line in source.lines() {
            if let Some((name, _)) = line.strip_prefix("pub const ").and_then(|rest| rest.split_once(": &str")) {
                // The beginning of what `contents` makes.
                assert!(known.contains(name) || name == "CONTENTS", "{name} is not tested");
            }
        }
    }
}

#[test]
fn an_outside_grammar_reads_them() {
    let mut read = 0;
    for (name, sql) in all() {
        // That grammar knows neither PL/SQL blocks, nor flashback queries, nor several settings in one ALTER SESSION.
        if sql.starts_with("BEGIN ") {
            let inner =
                sql.strip_prefix("BEGIN ").and_then(|s| s.strip_suffix("; END;")).unwrap_or_else(|| panic!("{sql}"));
            parse(&name, &format!("CALL {}{}", inner, if inner.ends_with(')') { "" } else { "()" }));
        } else if sql.contains("SUPPLEMENTAL LOG DATA") {
            continue;
        } else if let Some(settings) = sql.strip_prefix("ALTER SESSION SET ") {
            assert_eq!(settings.matches(" = '").count() * 2, settings.matches('\'').count(), "{name}");
            continue;
        } else {
            // Nor what is said within the parentheses of these functions.
            let known = [" AS OF SCN :scn", "CONTENT ", " AS CLOB", " RETURNING CLOB", " ERROR ON ERROR"];
            parse(&name, &known.iter().fold(sql, |sql, known| sql.replace(known, "")));
        }
        read += 1;
    }
    assert!(read > 50, "{read}");
}

fn parse(name: &str, sql: &str) {
    let statements = Parser::parse_sql(&OracleDialect {}, sql).or_else(|_| Parser::parse_sql(&GenericDialect {}, sql));
    match statements {
        Ok(statements) => assert_eq!(statements.len(), 1, "{name}"),
        Err(e) => panic!("{name}: {e}\n{sql}"),
    }
}

#[test]
fn they_name_documented_columns_only() {
    let mut documented: BTreeMap<String, BTreeMap<String, &str>> = BTreeMap::new();
    for line in COLUMNS.lines().skip(1) {
        let [view, column, since] = line.split('\t').collect::<Vec<_>>()[..] else { panic!("{line:?}") };
        documented.entry(view.to_owned()).or_default().insert(column.to_owned(), since);
    }
    let mut used = BTreeSet::new();
    for (name, sql) in all() {
        if !sql.starts_with("SELECT") || name.starts_with("rows") || name == "count" || name == "lob" {
            continue;
        }
        let words = words(&sql);
        let views: Vec<&String> = words.iter().filter(|word| documented.contains_key(*word)).collect();
        assert!(!views.is_empty() || words.contains("DUAL"), "{name} reads no known view");
        let latest = LATER.iter().find(|(later, _)| *later == name).map_or("11.2", |(_, version)| version);
        for word in &words {
            let mut found = false;
            for view in &views {
                if let Some(since) = documented[*view].get(word) {
                    assert!(version(since) <= version(latest), "{name}: {view}.{word} came with {since}");
                    used.insert(((*view).clone(), word.clone()));
                    found = true;
                }
            }
            assert!(found || views.contains(&word) || is_syntax(word), "{name}: {word} is no column of {views:?}");
        }
    }
    let listed: BTreeSet<(String, String)> =
        documented.iter().flat_map(|(view, columns)| columns.keys().map(|c| (view.clone(), c.clone()))).collect();
    let unused: Vec<_> = listed.difference(&used).collect();
    assert!(unused.is_empty(), "columns.tsv lists what no statement names: {unused:?}");
}

/// Functions in statements that read users' tables, and the version whose SQL Language Reference (DBMS_LOB: PL/SQL Packages and Types Reference) has
/// them first. Those after 11.2 stand in a statement only where a column has the type.
const FUNCTIONS: &[(&str, &str)] = &[
    ("COUNT", "11.2"),
    ("ROWIDTOCHAR", "11.2"),
    ("CHARTOROWID", "11.2"),
    ("DBMS_LOB.GETLENGTH", "11.2"),
    ("XMLSERIALIZE", "11.2"),
    ("JSON_SERIALIZE", "19.0"),
    ("VECTOR_SERIALIZE", "23.0"),
];

#[test]
fn they_call_documented_functions_only() {
    let mut called = BTreeSet::new();
    for (name, sql) in all() {
        if !(name.starts_with("rows") || name == "count" || name == "lob") {
            continue;
        }
        for (at, _) in sql.match_indices('(') {
            let before = sql[..at].rsplit([' ', '(']).next().unwrap_or_default();
            assert!(FUNCTIONS.iter().any(|(function, _)| *function == before), "{name} calls {before:?}: {sql}");
            called.insert(before.to_owned());
        }
    }
    assert_eq!(called.len(), FUNCTIONS.len(), "{called:?}");
    let plain = [(ident("ID"), OracleType::Date), (ident("DOC"), OracleType::Clob), (ident("X"), OracleType::Xml)];
    let table = ObjectPath { schema: ident("HR"), name: ident("T") };
    let plain = plain.iter().map(|(name, ty)| (name, ty));
    let sql = sql::rows(&table, plain, true, Some(1), sql::RowRange { as_of: true, from: true, to: true });
    for (function, since) in FUNCTIONS {
        assert!(version(since) <= (11, 2) || !sql.contains(function), "{function}: {sql}");
    }
}

/// Words that are not between quotes, nor bind variables, in upper case.
fn words(sql: &str) -> BTreeSet<String> {
    let tokens = Tokenizer::new(&OracleDialect {}, sql).tokenize().unwrap();
    let before = std::iter::once(&Token::EOF).chain(&tokens);
    tokens
        .iter()
        .zip(before)
        .filter_map(|(token, before)| match token {
            Token::Word(word) if word.quote_style.is_none() && *before != Token::Colon => {
                Some(word.value.to_uppercase())
            }
            _ => None,
        })
        .collect()
}

fn is_syntax(word: &str) -> bool {
    // A letter is an alias of a view.
    word.len() == 1
        || [
            "SELECT",
            "FROM",
            "WHERE",
            "AND",
            "OR",
            "NOT",
            "IN",
            "IS",
            "NULL",
            "ORDER",
            "BY",
            "AS",
            "JOIN",
            "ON",
            "CROSS",
            "DUAL",
            "SYS_CONTEXT",
            "SESSION_USER",
            "MEMBER_STATUS",
            "CON_NAME",
            "DESC",
            "SESSIONTIMEZONE",
            "LEFT",
            "GROUP",
            "COUNT",
            "SUM",
            "MIN",
            "MAX",
            "SYSDATE",
        ]
        .contains(&word)
}

fn version(text: &str) -> (u32, u32) {
    let (major, minor) = text.split_once('.').unwrap();
    (major.parse().unwrap(), minor.parse().unwrap())
}
