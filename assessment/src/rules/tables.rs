//! Tables as a whole: keys, constraints, limits of PostgreSQL, what redo tells of them.

use super::{Check, Found, Rule, Scope, Severity, Topic};
use crate::facts::TableFacts;
use crate::{Effort, Kind};
use schema_map::{IndexKey, ObjectPath, OracleIdent, Table, TableKind};
use type_convert::{LengthUnit, OracleType};

/// Columns that a table of PostgreSQL may have (`MaxHeapAttributeNumber` is 1600).
const MOST_COLUMNS: usize = 1600;

/// Bytes that a row may have in its page once all that can be is stored apart (8 KiB less page header and line pointer).
const LARGEST_ROW: usize = 8160;

/// Bytes of a pointer to a value that is stored apart.
const TOAST_POINTER: usize = 18;

/// Bytes of an entry of a b-tree at most: a third of a page.
const LARGEST_KEY: u64 = 2704;

/// Partitions from which on planning takes noticeable time and memory.
const MANY_PARTITIONS: u64 = 1000;

pub(super) fn rules() -> Vec<Rule> {
    vec![
        Rule::new(
            "key.missing",
            "tables without a key",
            "No enabled primary key, and no unique constraint over NOT NULL columns: rows cannot be told apart while changes are followed. Add a key, or log all columns: rows are then found by all their values, LOBs excepted, and of equal rows one is taken.",
            Severity::Loss,
            Topic::Key,
            Effort::new(0.5, 1.0, 3.0),
            Check::with(|scope, found| {
                for table in scope.keyless {
                    found.table(table, "no enabled primary key, and no unique constraint over NOT NULL columns: rows cannot be told apart while changes are followed; add a key");
                }
            }),
        )
        .scripts("CREATE TABLE t (a NUMBER(9));", "CREATE TABLE t (a NUMBER(9) PRIMARY KEY);"),
        Rule::new(
            "constraint.disabled",
            "disabled constraints",
            "Rows may be there that break it: check them, or leave the constraint out.",
            Severity::Risk,
            Topic::Constraint,
            Effort::new(0.2, 0.5, 1.0),
            Check::with(|scope, found| constraints(scope, found, |enabled, _| !enabled, "is disabled: rows may be there that break it")),
        )
        .scripts(
            "CREATE TABLE t (a NUMBER(9) PRIMARY KEY, b NUMBER(9), CONSTRAINT c CHECK (b > 0) DISABLE);",
            "CREATE TABLE t (a NUMBER(9) PRIMARY KEY, b NUMBER(9), CONSTRAINT c CHECK (b > 0));",
        ),
        Rule::new(
            "constraint.not-validated",
            "constraints that are not validated",
            "Older rows may break it: the constraint becomes NOT VALID, or fails when it is validated.",
            Severity::Risk,
            Topic::Constraint,
            Effort::new(0.2, 0.5, 1.0),
            Check::with(|scope, found| {
                constraints(scope, found, |enabled, validated| enabled && !validated, "is not validated: older rows may break it");
            }),
        )
        .scripts(
            "CREATE TABLE t (a NUMBER(9) PRIMARY KEY, b NUMBER(9), CONSTRAINT c CHECK (b > 0) ENABLE NOVALIDATE);",
            "CREATE TABLE t (a NUMBER(9) PRIMARY KEY, b NUMBER(9), CONSTRAINT c CHECK (b > 0) ENABLE VALIDATE);",
        ),
        Rule::new(
            "table.columns",
            "too many columns",
            "A table of PostgreSQL has 1600 columns at most: split it.",
            Severity::Blocker,
            Topic::Table,
            Effort::new(8.0, 16.0, 40.0),
            Check::with(|scope, found| {
                for table in scope.catalog.tables.iter().filter(|t| t.columns.len() > MOST_COLUMNS) {
                    let text = format!("{} columns: PostgreSQL has {MOST_COLUMNS} at most", table.columns.len());
                    found.table(&table.path, text);
                }
            }),
        )
        .scripts(wide_table(1600, "DATE"), wide_table(1599, "DATE")),
        Rule::new(
            "table.row-size",
            "rows that may not fit in a page",
            "Even with every text stored apart, a row with all its columns filled is larger than a page of 8 KiB: such rows are refused. Split the table.",
            Severity::Risk,
            Topic::Table,
            Effort::new(2.0, 6.0, 16.0),
            Check::with(|scope, found| {
                for table in &scope.catalog.tables {
                    let least = least_row(table);
                    if least > LARGEST_ROW && table.columns.len() <= MOST_COLUMNS {
                        let text = format!("a row with all columns filled takes {least} bytes at least: PostgreSQL has {LARGEST_ROW} in a page");
                        found.table(&table.path, text);
                    }
                }
            }),
        )
        .scripts(wide_table(500, "VARCHAR2(100)"), wide_table(400, "VARCHAR2(100)")),
        Rule::new(
            "index.key-size",
            "keys that may be too long for an index",
            "An entry of a b-tree has 2704 bytes at most: rows with longer keys are refused. Index a hash or a prefix instead.",
            Severity::Risk,
            Topic::Table,
            Effort::new(0.5, 1.0, 3.0),
            Check::with(long_keys),
        )
        .scripts(
            "CREATE TABLE t (a NUMBER(9) PRIMARY KEY, b VARCHAR2(4000)); CREATE INDEX i ON t (b);",
            "CREATE TABLE t (a NUMBER(9) PRIMARY KEY, b VARCHAR2(400)); CREATE INDEX i ON t (b);",
        ),
        Rule::new(
            "table.partitions",
            "many partitions",
            "Planning and locking take time and memory for each partition a query may touch: make fewer, larger ones.",
            Severity::Risk,
            Topic::Table,
            Effort::new(1.0, 2.0, 6.0),
            Check::with(|scope, found| {
                for table in scope.facts.tables.iter().flatten() {
                    if let (Some(n), Some(path)) = (table.partitions.filter(|n| *n > MANY_PARTITIONS), path(table)) {
                        found.table(&path, format!("{n} partitions: more than {MANY_PARTITIONS} make planning slow"));
                    }
                }
            }),
        )
        .facts(
            "CREATE TABLE t (a NUMBER(9) PRIMARY KEY);",
            r#"{"tables": [{"owner": "APP", "name": "T", "partitions": 4000}]}"#,
            r#"{"tables": [{"owner": "APP", "name": "T", "partitions": 40}]}"#,
        ),
        Rule::new(
            "table.not-followed",
            "tables that LogMiner does not follow",
            "Redo does not tell all values of it: load it while nobody writes to it, at the cutover, or follow it by a trigger and a table of changes.",
            Severity::Loss,
            Topic::Migration,
            Effort::new(2.0, 4.0, 12.0),
            Check::with(not_followed),
        )
        .scripts(
            "CREATE TYPE l AS TABLE OF NUMBER;\n/\nCREATE TABLE t (a NUMBER(9) PRIMARY KEY, b l) NESTED TABLE b STORE AS t_b;",
            "CREATE TABLE t (a NUMBER(9) PRIMARY KEY, b CLOB);",
        ),
        Rule::new(
            "table.nologging",
            "NOLOGGING",
            "Direct-path writes leave no redo and are lost to who follows: ALTER TABLE … LOGGING, or FORCE LOGGING for the database, before the load.",
            Severity::Risk,
            Topic::Migration,
            Effort::new(0.2, 0.3, 1.0),
            Check::with(|scope, found| {
                for table in scope.facts.tables.iter().flatten().filter(|t| t.logging == Some(false)) {
                    if let Some(path) = path(table) {
                        found.table(&path, "under NOLOGGING: direct-path writes are not in the redo");
                    }
                }
            }),
        )
        .facts(
            "CREATE TABLE t (a NUMBER(9) PRIMARY KEY);",
            r#"{"tables": [{"owner": "APP", "name": "T", "logging": false}]}"#,
            r#"{"tables": [{"owner": "APP", "name": "T", "logging": true}]}"#,
        ),
    ]
}

/// A table of a key and so many columns of one type.
fn wide_table(columns: usize, oracle_type: &str) -> String {
    let columns: String = (0..columns).map(|n| format!(", c{n} {oracle_type}")).collect();
    format!("CREATE TABLE t (a NUMBER(9) PRIMARY KEY{columns});")
}

pub(super) fn path(table: &TableFacts) -> Option<ObjectPath> {
    Some(ObjectPath::new(OracleIdent::new(&*table.owner).ok()?, OracleIdent::new(&*table.name).ok()?))
}

fn constraints(scope: &Scope<'_>, found: &mut Found, is: fn(bool, bool) -> bool, text: &str) {
    for table in &scope.catalog.tables {
        for constraint in table.constraints.iter().filter(|c| is(c.enabled, c.validated)) {
            let name = constraint.name.as_ref().map_or("without a name", OracleIdent::as_str);
            found.table(&table.path, format!("constraint {name} {text}"));
        }
    }
}

/// Bytes of a row with every column filled and all that can be stored apart: what the row cannot be smaller than.
fn least_row(table: &Table) -> usize {
    let stored = table.columns.iter().filter(|c| c.virtual_expression.is_none());
    let columns: usize = stored
        .map(|c| match c.oracle_type {
            OracleType::Number { precision: Some(..=4), scale: Some(0) } => 2,
            OracleType::Number { precision: Some(..=9), scale: Some(0) } | OracleType::BinaryFloat => 4,
            OracleType::Boolean => 1,
            OracleType::Char { length, .. } | OracleType::NChar { length } => {
                usize::try_from(length).unwrap_or(TOAST_POINTER).min(TOAST_POINTER)
            }
            OracleType::Varchar2 { length, .. } | OracleType::NVarchar2 { length } | OracleType::Raw { length } => {
                usize::try_from(length).unwrap_or(TOAST_POINTER).min(TOAST_POINTER)
            }
            OracleType::IntervalYm { .. } | OracleType::IntervalDs { .. } => 16,
            OracleType::Clob | OracleType::NClob | OracleType::Blob | OracleType::Xml | OracleType::Json => {
                TOAST_POINTER
            }
            _ => 8,
        })
        .sum();
    24 + table.columns.len().div_ceil(8) + columns
}

fn long_keys(scope: &Scope<'_>, found: &mut Found) {
    let tables: std::collections::HashMap<_, _> = scope.catalog.tables.iter().map(|t| (&t.path, t)).collect();
    for index in scope.catalog.indexes.iter().filter(|i| !i.bitmap) {
        let Some(table) = tables.get(&index.table) else { continue };
        let columns = index.columns.iter().filter_map(|column| match &column.key {
            IndexKey::Column(name) => Some(name),
            IndexKey::Expression(_) => None,
        });
        let bytes = key_bytes(table, columns);
        if bytes > LARGEST_KEY && index.kind == schema_map::IndexKind::Normal {
            let text = format!("keys of up to {bytes} bytes: a b-tree of PostgreSQL takes {LARGEST_KEY}");
            found.object(Kind::Index, &index.path, text);
        }
    }
    for table in &scope.catalog.tables {
        for constraint in &table.constraints {
            let Some(key) = constraint.key_columns() else { continue };
            let bytes = key_bytes(table, key.iter());
            if bytes > LARGEST_KEY {
                let name = constraint.name.as_ref().map_or("without a name", OracleIdent::as_str);
                let text = format!(
                    "constraint {name} has keys of up to {bytes} bytes: a b-tree of PostgreSQL takes {LARGEST_KEY}"
                );
                found.table(&table.path, text);
            }
        }
    }
}

fn key_bytes<'c>(table: &Table, columns: impl Iterator<Item = &'c OracleIdent>) -> u64 {
    columns
        .filter_map(|name| table.column(name))
        .map(|(_, column)| match column.oracle_type {
            OracleType::Char { length, unit } | OracleType::Varchar2 { length, unit } => {
                u64::from(length) * if unit == LengthUnit::Char { 4 } else { 1 }
            }
            OracleType::NChar { length } | OracleType::NVarchar2 { length } => u64::from(length) * 4,
            OracleType::Raw { length } => u64::from(length),
            _ => 8,
        })
        .sum()
}

/// Why LogMiner does not tell all of a column.
fn unmined(oracle_type: &OracleType) -> Option<&'static str> {
    match oracle_type {
        OracleType::BFile => Some("a BFILE is outside the database"),
        OracleType::Geometry | OracleType::Object(_) => Some("SQL_REDO does not tell the attributes of object types"),
        OracleType::Collection(_) => Some("SQL_REDO does not tell the elements of collections"),
        OracleType::Other { name, .. } if name.starts_with("REF ") => {
            Some("SQL_REDO does not tell references to row objects")
        }
        OracleType::Other { .. } => Some("SQL_REDO does not tell values of types that are no built-in scalars"),
        _ => None,
    }
}

fn not_followed(scope: &Scope<'_>, found: &mut Found) {
    let mut told: std::collections::HashSet<ObjectPath> = std::collections::HashSet::new();
    for facts in scope.facts.tables.iter().flatten() {
        if let (Some(reason), Some(path)) = (&facts.not_mined, path(facts)) {
            found.table(&path, format!("Oracle lists it as unsupported: {reason}"));
            told.insert(path);
        }
    }
    for table in scope.catalog.tables.iter().filter(|t| !told.contains(&t.path)) {
        match table.kind {
            TableKind::External => found.table(&table.path, "an external table has no redo: its rows are in files"),
            TableKind::GlobalTemporary => continue,
            _ => {
                for column in &table.columns {
                    if let Some(reason) = unmined(&column.oracle_type) {
                        found.column(&table.path, &column.name, format!("{}: {reason}", column.oracle_type));
                    }
                }
            }
        }
    }
}
