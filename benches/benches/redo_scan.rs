//! `SQL_REDO` statements scanned (names and raw literals) and decoded (typed values), on statements of three shapes, or on one's own
//! redo: `REDO_JSONL` names a file of lines with a `sql` key and a `columns` key (the names of the table's columns, or null), whose
//! values are read without their types. `redo_stream`: the same statements as transactions of ten rows, through buffer and delivery.
//!
//! No peer in Rust exists to run beside it.

use benches::{Contender, Scale, side_by_side};
use cdc_logminer::{
    ChangeStream, Incarnation, KnownColumns, Next, OperationCode, Position, RedoBatch, RedoRow, RedoSource, RedoStream,
    Scanner, StreamOptions, TableColumns, TableSet, Xid,
};
use criterion::{Criterion, Throughput};
use schema_map::{ObjectPath, OracleIdent};
use std::{convert::Infallible, fmt::Write, hint::black_box, sync::Arc};
use type_convert::{LengthUnit, OracleType, Scn, literal::readable};

const STATEMENTS: u32 = 2000;

/// A table of the measured statements: its name and what its columns `COLUMN_<n>` hold, in turn.
struct Shape {
    table: &'static str,
    columns: u32,
    kinds: &'static [Kind],
}

#[derive(Clone, Copy)]
enum Kind {
    Integer,
    Amount,
    Name,
    Remark,
    Date,
    Null,
}

const ORDERS: Shape =
    Shape { table: "ORDERS", columns: 10, kinds: &[Kind::Integer, Kind::Remark, Kind::Date, Kind::Amount] };

const WIDE: Shape = Shape {
    table: "WIDE",
    columns: 40,
    kinds: &[Kind::Integer, Kind::Name, Kind::Integer, Kind::Amount, Kind::Null, Kind::Name, Kind::Integer, Kind::Date],
};

impl Shape {
    fn kind(&self, column: u32) -> Kind {
        self.kinds[column as usize % self.kinds.len()]
    }

    fn literal(&self, column: u32, row: u32) -> String {
        match self.kind(column) {
            Kind::Integer => format!("'{}'", u64::from(row) * 7919 + u64::from(column)),
            Kind::Amount => format!("'{}.{:02}'", row * 31, row % 100),
            Kind::Name => format!("'it''s name {row} of {column}'"),
            Kind::Remark => format!("'it''s customer {row} of {column}, at the corner of the long street'"),
            Kind::Date => {
                format!("TO_DATE('2024-0{}-1{} 12:34:56', 'YYYY-MM-DD HH24:MI:SS')", 1 + row % 9, row % 10)
            }
            Kind::Null => "NULL".to_owned(),
        }
    }

    fn insert(&self, row: u32) -> String {
        let names: Vec<String> = (0..self.columns).map(|c| format!("\"COLUMN_{c}\"")).collect();
        let values: Vec<String> = (0..self.columns).map(|c| self.literal(c, row)).collect();
        format!("insert into \"BENCH\".\"{}\"({}) values ({});", self.table, names.join(","), values.join(","))
    }

    fn update(&self, set: u32, condition: u32, row: u32) -> String {
        let mut sql = format!("update \"BENCH\".\"{}\" set ", self.table);
        for c in 0..set {
            let comma = if c > 0 { ", " } else { "" };
            write!(sql, "{comma}\"COLUMN_{c}\" = {}", self.literal(c, row + 1)).expect("text");
        }
        for c in 0..condition {
            let link = if c > 0 { "and" } else { "where" };
            write!(sql, " {link} \"COLUMN_{c}\" = {}", self.literal(c, row)).expect("text");
        }
        sql + ";"
    }

    fn table(&self) -> TableColumns {
        let oracle = |name: &str| OracleIdent::new(name).expect("a name");
        let columns = (0..self.columns)
            .map(|c| {
                let ty = match self.kind(c) {
                    Kind::Name | Kind::Remark => OracleType::Varchar2 { length: 100, unit: LengthUnit::Byte },
                    Kind::Date => OracleType::Date,
                    _ => OracleType::Number { precision: None, scale: None },
                };
                (oracle(&format!("COLUMN_{c}")), ty)
            })
            .collect();
        TableColumns { path: Arc::new(ObjectPath { schema: oracle("BENCH"), name: oracle(self.table) }), columns }
    }
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

/// A statement of a file, and its table's columns if they are known.
struct Captured {
    sql: String,
    columns: Option<KnownColumns>,
}

/// What is not a statement counts, too: a file may have some.
fn scan_captured(scanner: &mut Scanner, captured: &[Captured]) -> u64 {
    let mut found = 0;
    for Captured { sql, .. } in captured {
        found += scanner.scan(sql).map_or(0, |statement| statement.set.len() + statement.condition.len());
    }
    black_box(found);
    captured.len() as u64
}

fn read_captured(scanner: &mut Scanner, captured: &[Captured]) -> u64 {
    for Captured { sql, columns } in captured {
        if let Ok(statement) = scanner.scan_repairing(sql, columns.as_ref()) {
            for column in statement.set.iter().chain(statement.condition.iter()) {
                let _ = black_box(readable(column.escaped));
            }
        }
    }
    captured.len() as u64
}

fn captured(path: &str) -> Vec<Captured> {
    let text = std::fs::read_to_string(path).unwrap_or_else(|e| panic!("REDO_JSONL {path}: {e}"));
    text.lines()
        .map(|line| {
            let line: serde_json::Value = serde_json::from_str(line).expect("a line of JSON");
            let names = |names: &Vec<serde_json::Value>| {
                names.iter().map(|name| name.as_str().expect("a column's name")).collect()
            };
            Captured {
                sql: line["sql"].as_str().expect("a key sql").to_owned(),
                columns: line["columns"].as_array().map(names),
            }
        })
        .collect()
}

/// Rows that are all there, handed out once.
struct Redo(Vec<RedoRow>);

impl RedoSource for Redo {
    type Error = Infallible;

    fn incarnation(&self) -> Incarnation {
        Incarnation { dbid: 1, resetlogs_id: 1 }
    }

    fn read_redo(&mut self, _: Scn, out: &mut RedoBatch) -> Result<Scn, Infallible> {
        out.clear();
        out.rows.append(&mut self.0);
        Ok(Scn(u64::MAX / 2))
    }
}

/// The statements as a stream of transactions of ten rows each, and their changes read again; `memory_limit` 0 puts all of them on disk.
fn stream(tables: &TableSet, table: &str, statements: &[RedoRow], memory_limit: usize) -> u64 {
    let mut rows = Vec::with_capacity(statements.len() * 6 / 5);
    let control = |scn, xid, operation| RedoRow { scn: Scn(scn), xid, operation, ..RedoRow::default() };
    for (n, ten) in (1u32..).zip(statements.chunks(10)) {
        let xid = Xid { usn: 1, slot: u16::try_from(n).expect("a slot"), sequence: 1 };
        rows.push(control(u64::from(n), xid, OperationCode::START));
        rows.extend(ten.iter().map(|row| RedoRow {
            scn: Scn(n.into()),
            xid,
            operation: OperationCode::INSERT,
            seg_owner: Some("BENCH".to_owned()),
            table_name: Some(table.to_owned()),
            row_id: Some("AAAWsGAAHAAAAFmAAB".to_owned()),
            ..row.clone()
        }));
        rows.push(control(u64::from(n), xid, OperationCode::COMMIT));
    }
    let source = Redo(rows);
    let position = Position::after_load(source.incarnation(), Scn(0), None);
    let options = StreamOptions { memory_limit, ..StreamOptions::default() };
    let mut stream = RedoStream::with_options(source, tables.clone(), position, options).expect("a stream");
    let mut changes = 0;
    while let Next::Transaction(transaction, _) = stream.next_transaction().expect("a transaction") {
        for change in &transaction.changes {
            black_box(change.expect("a change"));
            changes += 1;
        }
    }
    assert_eq!(changes, statements.len() as u64);
    changes
}

fn rows(statement: impl Fn(u32) -> String) -> Vec<RedoRow> {
    (0..STATEMENTS).map(|n| RedoRow { sql_redo: Some(statement(n)), ..RedoRow::default() }).collect()
}

fn main() {
    let shapes = [
        ("insert_10", 500, rows(|n| ORDERS.insert(n))),
        ("update_3_10", 710, rows(|n| ORDERS.update(3, 10, n))),
        ("insert_40", 1300, rows(|n| WIDE.insert(n))),
    ];
    for (name, wanted, rows) in &shapes {
        let bytes = rows.iter().filter_map(|row| row.sql_redo.as_ref()).map(String::len).sum::<usize>() / rows.len();
        println!("redo_scan/{name}: {bytes} bytes a statement");
        assert!(bytes.abs_diff(*wanted) * 20 < *wanted, "{name} has {bytes} bytes, not {wanted}");
    }
    let tables = TableSet::from_iter([ORDERS.table(), WIDE.table()]);
    let mut scanner = Scanner::new();
    let mut criterion = Criterion::default().configure_from_args().sample_size(20);
    let mut group = criterion.benchmark_group("redo_scan");
    group.throughput(Throughput::Elements(STATEMENTS.into()));
    for (name, _, rows) in &shapes {
        group.bench_function(format!("{name}/raw"), |b| b.iter(|| scan(&mut scanner, rows)));
        group.bench_function(format!("{name}/typed"), |b| b.iter(|| decode(&tables, &mut scanner, rows)));
    }
    group.finish();

    for (name, _, rows) in &shapes {
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
    // The making of the rows is a part of it, as it is for whoever reads them from LogMiner.
    for (name, table, rows) in [("insert_10", "ORDERS", &shapes[0].2), ("insert_40", "WIDE", &shapes[2].2)] {
        let (memory, disk) = (format!("redo_stream/{name}/memory"), format!("redo_stream/{name}/disk"));
        side_by_side(
            Scale::PerSecond("stmt"),
            9,
            &mut [
                Contender::new(memory, || (0..10).map(|_| stream(&tables, table, rows, 64 << 20)).sum()),
                Contender::new(disk, || (0..10).map(|_| stream(&tables, table, rows, 0)).sum()),
            ],
        );
    }
    if let Ok(path) = std::env::var("REDO_JSONL") {
        let captured = captured(&path);
        let (mut one, mut other) = (Scanner::new(), Scanner::new());
        side_by_side(
            Scale::PerSecond("stmt"),
            9,
            &mut [
                Contender::new("redo_scan/own/raw", || scan_captured(&mut one, &captured)),
                Contender::new("redo_scan/own/readable", || read_captured(&mut other, &captured)),
            ],
        );
    }
}
