//! `SQL_REDO` statements scanned (names and raw literals) and decoded (typed values), on statements of three shapes, or on one's own
//! redo: `REDO_JSONL` names a file of lines with a `sql` key.
//!
//! No peer in Rust exists to run beside it.

use benches::{Contender, Scale, side_by_side};
use cdc_logminer::{RedoRow, Scanner, TableColumns, TableSet};
use criterion::{Criterion, Throughput};
use schema_map::{ObjectPath, OracleIdent};
use std::{fmt::Write, hint::black_box, sync::Arc};
use type_convert::{LengthUnit, OracleType};

const STATEMENTS: u32 = 2000;

/// Column `C<n>`: numbers, texts and dates in turn.
fn literal(column: u32, row: u32) -> String {
    match column % 4 {
        0 => format!("'{}'", u64::from(row) * 7919 + u64::from(column)),
        1 => format!("'it''s customer {row} of {column}'"),
        2 => format!("TO_DATE('2024-0{}-1{} 12:34:56', 'YYYY-MM-DD HH24:MI:SS')", 1 + row % 9, row % 10),
        _ => format!("'{}.{:02}'", row * 31, row % 100),
    }
}

fn insert(columns: u32, row: u32) -> String {
    let names: Vec<String> = (0..columns).map(|c| format!("\"COLUMN_{c}\"")).collect();
    let values: Vec<String> = (0..columns).map(|c| literal(c, row)).collect();
    format!("insert into \"BENCH\".\"ORDERS\"({}) values ({});", names.join(","), values.join(","))
}

fn update(set: u32, condition: u32, row: u32) -> String {
    let mut sql = "update \"BENCH\".\"ORDERS\" set ".to_owned();
    for c in 0..set {
        write!(sql, "{}\"COLUMN_{c}\" = {}", if c > 0 { ", " } else { "" }, literal(c, row + 1)).expect("text");
    }
    for c in 0..condition {
        write!(sql, " {} \"COLUMN_{c}\" = {}", if c > 0 { "and" } else { "where" }, literal(c, row)).expect("text");
    }
    sql + ";"
}

fn tables() -> TableSet {
    let oracle = |name: &str| OracleIdent::new(name).expect("a name");
    let columns = (0..40u32)
        .map(|c| {
            let ty = match c % 4 {
                1 => OracleType::Varchar2 { length: 100, unit: LengthUnit::Byte },
                2 => OracleType::Date,
                _ => OracleType::Number { precision: None, scale: None },
            };
            (oracle(&format!("COLUMN_{c}")), ty)
        })
        .collect();
    let path = Arc::new(ObjectPath { schema: oracle("BENCH"), name: oracle("ORDERS") });
    TableSet::from_iter([TableColumns { path, columns }])
}

fn scan(scanner: &mut Scanner, statements: &[RedoRow]) -> u64 {
    let mut found = 0;
    for row in statements {
        let statement = scanner.scan(row.sql_redo.as_deref().unwrap_or_default()).expect("a statement");
        found += statement.set.len() + statement.condition.len();
    }
    black_box(found);
    statements.len() as u64
}

fn decode(tables: &TableSet, scanner: &mut Scanner, statements: &[RedoRow]) -> u64 {
    for row in statements {
        black_box(tables.decode(scanner, row).expect("a change"));
    }
    statements.len() as u64
}

fn rows(statement: impl Fn(u32) -> String) -> Vec<RedoRow> {
    (0..STATEMENTS).map(|n| RedoRow { sql_redo: Some(statement(n)), ..RedoRow::default() }).collect()
}

fn main() {
    let shapes = [
        ("insert_10", rows(|n| insert(10, n))),
        ("update_3_10", rows(|n| update(3, 10, n))),
        ("insert_40", rows(|n| insert(40, n))),
    ];
    let tables = tables();
    let mut scanner = Scanner::new();
    let mut criterion = Criterion::default().configure_from_args().sample_size(20);
    let mut group = criterion.benchmark_group("redo_scan");
    group.throughput(Throughput::Elements(STATEMENTS.into()));
    for (name, rows) in &shapes {
        group.bench_function(format!("{name}/raw"), |b| b.iter(|| scan(&mut scanner, rows)));
        group.bench_function(format!("{name}/typed"), |b| b.iter(|| decode(&tables, &mut scanner, rows)));
    }
    group.finish();

    for (name, rows) in &shapes {
        let (raw, typed) = (format!("redo_scan/{name}/raw"), format!("redo_scan/{name}/typed"));
        let (mut one, mut other) = (Scanner::new(), Scanner::new());
        side_by_side(
            Scale::PerSecond("stmt"),
            9,
            &mut [
                Contender::new(raw, || (0..20).map(|_| scan(&mut one, rows)).sum()),
                Contender::new(typed, || (0..20).map(|_| decode(&tables, &mut other, rows)).sum()),
            ],
        );
    }
    if let Ok(path) = std::env::var("REDO_JSONL") {
        let text = std::fs::read_to_string(&path).unwrap_or_else(|e| panic!("REDO_JSONL {path}: {e}"));
        let rows: Vec<RedoRow> = text
            .lines()
            .map(|line| {
                let line: serde_json::Value = serde_json::from_str(line).expect("a line of JSON");
                RedoRow { sql_redo: Some(line["sql"].as_str().expect("a key sql").to_owned()), ..RedoRow::default() }
            })
            .collect();
        let mut scanner = Scanner::new();
        let own = Contender::new("redo_scan/own/raw", move || scan(&mut scanner, &rows));
        side_by_side(Scale::PerSecond("stmt"), 9, &mut [own]);
    }
}
