//! Types that PostgreSQL lacks or keeps less of, and values that it does not take.

use super::{Check, Found, Rule, Scope, Severity, Topic};
use crate::facts::ColumnFacts;
use crate::{Effort, bytes::size};
use schema_map::{Column, ObjectPath, OracleIdent, Table};
use type_convert::OracleType;

/// What PostgreSQL holds in one value: 1 GB less one byte.
const LARGEST_VALUE: u64 = (1 << 30) - 1;

/// From here on a value is near to that: a text grows when it becomes UTF-8, and client and server hold it in memory more than once.
const LARGE_VALUE: u64 = 1 << 28;

pub(super) fn rules() -> Vec<Rule> {
    vec![
        Rule::new(
            "type.no-counterpart",
            "a column without a type",
            "The column's type has no counterpart: name one in the type overrides, or leave the table out. Until then it cannot be loaded.",
            Severity::Blocker,
            Topic::ColumnType,
            Effort::new(1.0, 2.0, 6.0),
            Check::Elsewhere,
        )
        .scripts("CREATE TABLE t (id NUMBER PRIMARY KEY, g MDSYS.SDO_GEOMETRY);", "CREATE TABLE t (id NUMBER PRIMARY KEY, g CLOB);"),
        column_type(
            "type.fraction",
            "more than 6 digits of a second",
            "PostgreSQL keeps 6 digits of a second; rows with more are refused unless the loss policy rounds them.",
            Severity::Loss,
            Effort::new(0.1, 0.2, 0.5),
            |t| {
                matches!(
                    t,
                    OracleType::Timestamp { precision: 7.. }
                        | OracleType::TimestampTz { precision: 7.. }
                        | OracleType::TimestampLtz { precision: 7.. }
                        | OracleType::IntervalDs { second_precision: 7.., .. }
                )
            },
        )
        .scripts("CREATE TABLE t (id NUMBER PRIMARY KEY, d TIMESTAMP(9));", "CREATE TABLE t (id NUMBER PRIMARY KEY, d TIMESTAMP(6));"),
        column_type(
            "type.time-zone",
            "TIMESTAMP WITH TIME ZONE",
            "PostgreSQL keeps the instant, not the time zone it was entered with: applications that show the zone need a column of its own.",
            Severity::Loss,
            Effort::new(0.1, 0.3, 1.0),
            |t| matches!(t, OracleType::TimestampTz { .. }),
        )
        .scripts(
            "CREATE TABLE t (id NUMBER PRIMARY KEY, d TIMESTAMP WITH TIME ZONE);",
            "CREATE TABLE t (id NUMBER PRIMARY KEY, d TIMESTAMP WITH LOCAL TIME ZONE);",
        ),
        column_type(
            "type.rowid",
            "ROWID as a value",
            "Kept as text; it points to no row any more once the data is in PostgreSQL.",
            Severity::Loss,
            Effort::new(0.5, 1.0, 3.0),
            |t| matches!(t, OracleType::RowId | OracleType::URowId { .. }),
        )
        .scripts("CREATE TABLE t (id NUMBER PRIMARY KEY, r ROWID);", "CREATE TABLE t (id NUMBER PRIMARY KEY, r RAW(16));"),
        column_type(
            "type.bfile",
            "BFILE",
            "Kept as text, the locator alone; the file stays outside the database and is moved by other means.",
            Severity::Loss,
            Effort::new(1.0, 2.0, 6.0),
            |t| matches!(t, OracleType::BFile),
        )
        .scripts("CREATE TABLE t (id NUMBER PRIMARY KEY, f BFILE);", "CREATE TABLE t (id NUMBER PRIMARY KEY, f BLOB);"),
        Rule::new(
            "type.number",
            "NUMBER without precision",
            "Becomes numeric, which holds every value but is larger and slower than bigint: where the values are whole numbers, say so in the type overrides. A live source tells the range.",
            Severity::Note,
            Topic::ColumnType,
            Effort::new(0.0, 0.1, 0.2),
            Check::with(numbers),
        )
        .scripts(
            "CREATE TABLE t (id NUMBER(9) PRIMARY KEY, a NUMBER);",
            "CREATE TABLE t (id NUMBER(9) PRIMARY KEY, a NUMBER(12,2));",
        ),
        in_columns(
            "data.too-large",
            "values over 1 GB",
            "PostgreSQL holds no value of 1 GB or more: split it, keep it in an object store, or use large objects.",
            Severity::Blocker,
            Effort::new(4.0, 12.0, 40.0),
            |c| {
                c.longest.filter(|n| *n > LARGEST_VALUE).map(|n| format!("a value of {}: more than 1 GB", size(n)))
            },
        )
        .facts(
            "CREATE TABLE t (id NUMBER(9) PRIMARY KEY, a BLOB);",
            r#"{"columns": [{"owner": "APP", "table": "T", "column": "A", "longest": 1073741824}]}"#,
            r#"{"columns": [{"owner": "APP", "table": "T", "column": "A", "longest": 1073741823}]}"#,
        ),
        in_columns(
            "data.large",
            "values near 1 GB",
            "Texts grow when they become UTF-8, and bytea is sent as hexadecimal to clients that ask for text: have memory for several times the value, or keep it elsewhere.",
            Severity::Risk,
            Effort::new(0.5, 1.0, 4.0),
            |c| {
                c.longest
                    .filter(|n| (LARGE_VALUE..=LARGEST_VALUE).contains(n))
                    .map(|n| format!("a value of {}: near 1 GB", size(n)))
            },
        )
        .facts(
            "CREATE TABLE t (id NUMBER(9) PRIMARY KEY, a BLOB);",
            r#"{"columns": [{"owner": "APP", "table": "T", "column": "A", "longest": 900000000}]}"#,
            r#"{"columns": [{"owner": "APP", "table": "T", "column": "A", "longest": 900000}]}"#,
        ),
        in_columns(
            "data.zero-character",
            "U+0000 in texts",
            "No text of PostgreSQL can hold U+0000: choose a loss policy (refuse, set aside, replace) for the column, or mend the rows.",
            Severity::Loss,
            Effort::new(0.5, 1.0, 2.0),
            |c| c.zero_characters.filter(|n| *n > 0).map(|n| format!("{n} values{} hold U+0000", of_sample(c))),
        )
        .facts(
            "CREATE TABLE t (id NUMBER(9) PRIMARY KEY, a VARCHAR2(9));",
            r#"{"columns": [{"owner": "APP", "table": "T", "column": "A", "zero_characters": 3, "sampled": 1000}]}"#,
            r#"{"columns": [{"owner": "APP", "table": "T", "column": "A", "zero_characters": 0, "sampled": 1000}]}"#,
        ),
        in_columns(
            "data.bad-encoding",
            "bytes that are no characters",
            "They are lost when the client library turns texts into UTF-8, or refused where they arrive as they are: find out what they are and mend them at the source, before the load. Texts in CLOBs are not looked at.",
            Severity::Loss,
            Effort::new(1.0, 3.0, 8.0),
            |c| c.bad_encodings.filter(|n| *n > 0).map(|n| format!("{n} values{} have bytes that are no characters", of_sample(c))),
        )
        .facts(
            "CREATE TABLE t (id NUMBER(9) PRIMARY KEY, a VARCHAR2(9));",
            r#"{"columns": [{"owner": "APP", "table": "T", "column": "A", "bad_encodings": 1}]}"#,
            r#"{"columns": [{"owner": "APP", "table": "T", "column": "A", "bad_encodings": 0}]}"#,
        ),
        Rule::new(
            "data.character-set",
            "the character set",
            "Bytes above 127 in US7ASCII are lost on the way to UTF-8. From any other set than AL32UTF8 texts grow in bytes, and VARCHAR2(n BYTE) becomes varchar(n), which counts characters.",
            Severity::Risk,
            Topic::Data,
            Effort::new(0.5, 1.0, 4.0),
            Check::with(|scope, found| match scope.facts.character_set.as_deref() {
                Some("US7ASCII") => found.database(
                    "the database's character set is US7ASCII: texts with other characters than ASCII lose them unless the client is told what they really are",
                ),
                Some(set) if !matches!(set, "AL32UTF8" | "UTF8") => found.database(format!(
                    "the database's character set is {set}: every text is converted to UTF-8; bytes that {set} does not define are lost"
                )),
                _ => {}
            }),
        )
        .facts("CREATE TABLE t (id NUMBER(9) PRIMARY KEY);", r#"{"character_set": "WE8MSWIN1252"}"#, r#"{"character_set": "AL32UTF8"}"#),
    ]
}

fn of_sample(column: &ColumnFacts) -> String {
    column.sampled.map(|rows| format!(" in a sample of {rows} rows")).unwrap_or_default()
}

/// A rule on columns of some types that hold values of their own.
fn column_type(
    id: &'static str,
    title: &'static str,
    doc: &'static str,
    severity: Severity,
    units: Effort,
    is: fn(&OracleType) -> bool,
) -> Rule {
    let check = Check::with(move |scope, found| {
        for (table, column) in stored_columns(scope).filter(|(_, column)| is(&column.oracle_type)) {
            found.column(&table.path, &column.name, format!("{}: {}", column.oracle_type, inside(doc)));
        }
    });
    Rule::new(id, title, doc, severity, Topic::ColumnType, units, check)
}

/// A documentation line as the end of a sentence.
fn inside(doc: &str) -> String {
    let mut chars = doc.trim_end_matches('.').chars();
    chars.next().map(|c| c.to_lowercase().chain(chars).collect()).unwrap_or_default()
}

/// A rule on what was found by looking at the values of columns.
fn in_columns(
    id: &'static str,
    title: &'static str,
    doc: &'static str,
    severity: Severity,
    units: Effort,
    text: fn(&ColumnFacts) -> Option<String>,
) -> Rule {
    let check = Check::with(move |scope, found| {
        for column in scope.facts.columns.iter().flatten() {
            if let (Some(text), Some((table, name))) = (text(column), named(column)) {
                found.column(&table, &name, text);
            }
        }
    });
    Rule::new(id, title, doc, severity, Topic::Data, units, check)
}

fn named(column: &ColumnFacts) -> Option<(ObjectPath, OracleIdent)> {
    let ident = |name: &str| OracleIdent::new(name).ok();
    Some((ObjectPath::new(ident(&column.owner)?, ident(&column.table)?), ident(&column.column)?))
}

fn stored_columns<'a>(scope: &Scope<'a>) -> impl Iterator<Item = (&'a Table, &'a Column)> {
    let tables = scope.catalog.tables.iter();
    let columns = tables.flat_map(|table| table.columns.iter().map(move |column| (table, column)));
    columns.filter(|(_, column)| column.virtual_expression.is_none())
}

fn numbers(scope: &Scope<'_>, found: &mut Found) {
    let known: std::collections::HashMap<(&str, &str, &str), &ColumnFacts> = scope
        .facts
        .columns
        .iter()
        .flatten()
        .map(|c| ((c.owner.as_str(), c.table.as_str(), c.column.as_str()), c))
        .collect();
    for (table, column) in stored_columns(scope) {
        if column.oracle_type != (OracleType::Number { precision: None, scale: None }) || column.identity.is_some() {
            continue;
        }
        let key = (table.path.schema.as_str(), table.path.name.as_str(), column.name.as_str());
        let text = match known.get(&key).map(|facts| range(facts)) {
            Some(Some(range)) => range,
            _ => "NUMBER without precision becomes numeric".to_owned(),
        };
        found.column(&table.path, &column.name, text);
    }
}

/// The range, and the type that would hold it.
fn range(facts: &ColumnFacts) -> Option<String> {
    let (least, greatest) = (facts.least.as_deref()?, facts.greatest.as_deref()?);
    let sample = of_sample(facts);
    let whole = facts.fractions == Some(0);
    let fits = |from: i128, to: i128| {
        let between = |text: &str| text.parse::<i128>().is_ok_and(|n| (from..=to).contains(&n));
        between(least) && between(greatest)
    };
    let advice = match whole {
        true if fits(i128::from(i32::MIN), i128::from(i32::MAX)) => {
            ": integer would hold them, bigint with room to grow"
        }
        true if fits(i128::from(i64::MIN), i128::from(i64::MAX)) => ": bigint would hold them",
        true => ": more than bigint holds, numeric is right",
        false => ", with fractions: numeric is right",
    };
    Some(format!("NUMBER without precision: values{sample} from {least} to {greatest}{advice}"))
}
