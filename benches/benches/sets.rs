//! Many rows into a table of a million by one statement: arrays taken apart by `unnest`, as the applier does it, beside COPY into a staging table
//! and a statement from there, and for inserts COPY into the table itself. See the README.

use benches::{
    Contender, ORDERS, Ready, Scale, connect, orders, orders_batch, orders_plan, process_time, side_by_side,
};
use bytes::{BufMut, Bytes, BytesMut};
use futures_util::SinkExt;
use pg_sink::CopyEncoder;
use postgres_types::Type;
use std::{cell::Cell, pin::pin};
use tokio::runtime::Runtime;
use tokio_postgres::{Client, Config, Statement};
use type_convert::RowBatch;

/// What becomes of the rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Insert,
    Update,
    Delete,
}

/// How they come to the server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Way {
    Unnest,
    Staging,
    Copy,
}

/// A column: name, type, OID, and its place among those of the orders.
type Column = (&'static str, &'static str, u32, usize);

/// A table's columns, the key first.
type Columns = [Column];

const WIDE: &Columns = &[
    ("id", "bigint", 20, 0),
    ("amount", "numeric", 1700, 1),
    ("tax", "numeric", 1700, 2),
    ("paid", "numeric", 1700, 3),
    ("created", "timestamp", 1114, 4),
    ("changed", "timestamp", 1114, 5),
    ("customer", "text", 25, 6),
    ("address", "text", 25, 7),
    ("item", "text", 25, 8),
    ("due", "timestamp", 1114, 9),
    ("note", "text", 25, 10),
    ("weight", "float8", 701, 11),
];
const NARROW: &Columns = &[("id", "bigint", 20, 0), ("amount", "numeric", 1700, 1), ("changed", "timestamp", 1114, 5)];

const SIZES: [u32; 5] = [100, 1000, 3000, 10_000, 100_000];
/// Rows of a run, at least, so that it can be measured.
const ROWS_A_RUN: u32 = 10_000;
const HEADER: &[u8] = b"PGCOPY\n\xff\r\n\0\0\0\0\0\0\0\0\0";

/// The fields of a thousand different rows, each with its length before it; the key is put in place of the first.
fn templates() -> Vec<Vec<Bytes>> {
    let mut batch = RowBatch::new(12);
    orders_batch(&orders(1000), &mut batch);
    let mut encoder = CopyEncoder::new(&orders_plan("templates")).expect("a plan");
    let row = |nth| {
        let mut bytes = BytesMut::new();
        encoder.encode_row(&batch, nth, &mut bytes).expect("a row");
        // Behind the number of fields.
        let mut rest = bytes.freeze().slice(2..);
        let fields = (0..12).map(|_| {
            let length = i32::from_be_bytes(rest[..4].try_into().expect("four bytes"));
            rest.split_to(4 + usize::try_from(length).unwrap_or(0))
        });
        fields.collect()
    };
    (0..batch.rows()).map(row).collect()
}

/// The keys that one contender's statements are about, no key twice.
struct Keys {
    kind: Kind,
    table_rows: u64,
    next: Cell<u64>,
}

impl Keys {
    /// The next so many, in their order.
    fn take(&self, count: u32) -> Vec<u64> {
        let first = self.next.replace(self.next.get() + u64::from(count));
        let range = first..first + u64::from(count);
        match self.kind {
            Kind::Insert => range.map(|n| self.table_rows + 1 + n).collect(),
            // Spread over the table. The factor has no divisor in common with what is a product of twos and fives.
            Kind::Update | Kind::Delete => {
                let mut keys: Vec<u64> = range.map(|n| n * 618_033 % self.table_rows + 1).collect();
                keys.sort_unstable();
                keys
            }
        }
    }
}

struct Sender<'a> {
    runtime: &'a Runtime,
    client: Client,
    kind: Kind,
    columns: &'a Columns,
    templates: &'a [Vec<Bytes>],
    statement: Statement,
    copy: Option<String>,
    begin: Statement,
    commit: Statement,
}

impl Sender<'_> {
    /// What of the columns goes to the server.
    fn sent(&self) -> &Columns {
        if self.kind == Kind::Delete { &self.columns[..1] } else { self.columns }
    }

    fn put(&self, key: u64, place: usize, out: &mut BytesMut) {
        if place == 0 {
            out.put_i32(8);
            out.put_u64(key);
        } else {
            let nth = usize::try_from(key % 1000).expect("below 1000");
            out.extend_from_slice(&self.templates[nth][place]);
        }
    }

    fn arrays(&self, keys: &[u64]) -> Vec<Ready<Bytes>> {
        let array = |&(_, _, oid, place): &Column| {
            let mut out = BytesMut::new();
            out.put_i32(1);
            // Whether there are NULLs.
            out.put_i32(i32::from(place == 10));
            out.put_u32(oid);
            out.put_i32(i32::try_from(keys.len()).expect("an array's length"));
            out.put_i32(1);
            keys.iter().for_each(|key| self.put(*key, place, &mut out));
            Ready(Some(out.freeze()))
        };
        self.sent().iter().map(array).collect()
    }

    async fn copy(&self, sql: &str, keys: &[u64]) {
        let mut sink = pin!(self.client.copy_in::<_, Bytes>(sql).await.expect("COPY begins"));
        let fields = i16::try_from(self.sent().len()).expect("few columns");
        let mut out = BytesMut::from(HEADER);
        for key in keys {
            out.put_i16(fields);
            self.sent().iter().for_each(|column| self.put(*key, column.3, &mut out));
            if out.len() >= 64 << 10 {
                sink.send(out.split().freeze()).await.expect("the server takes it");
            }
        }
        out.put_i16(-1);
        sink.send(out.freeze()).await.expect("the server takes it");
        sink.as_mut().finish().await.expect("COPY ends");
    }

    /// One transaction with so many rows.
    fn send(&self, keys: &[u64], way: Way) {
        let expected = keys.len() as u64;
        self.runtime.block_on(async {
            self.client.execute(&self.begin, &[]).await.expect("BEGIN");
            let hit = match (way, &self.copy) {
                (Way::Unnest, _) | (_, None) => {
                    self.client.execute_raw(&self.statement, self.arrays(keys)).await.expect("a statement")
                }
                (Way::Staging, Some(copy)) => {
                    self.copy(copy, keys).await;
                    self.client.execute(&self.statement, &[]).await.expect("a statement")
                }
                (Way::Copy, Some(copy)) => {
                    self.copy(copy, keys).await;
                    expected
                }
            };
            assert_eq!(hit, expected);
            self.client.execute(&self.commit, &[]).await.expect("COMMIT");
        });
    }
}

struct Bench<'a> {
    runtime: &'a Runtime,
    config: &'a Config,
    admin: &'a Client,
    templates: &'a [Vec<Bytes>],
    rows: u64,
}

impl<'a> Bench<'a> {
    fn execute(&self, sql: &str) {
        self.runtime.block_on(self.admin.batch_execute(sql)).expect("PostgreSQL does it");
    }

    /// A table with the rows of the orders, of these columns.
    fn make_table(&self, table: &str, columns: &Columns) {
        let names: Vec<&str> = columns.iter().map(|c| c.0).collect();
        self.execute(&format!(
            "DROP TABLE IF EXISTS {table}; CREATE TABLE {table} WITH (autovacuum_enabled = off) AS \
             SELECT n AS {} FROM generate_series(1, {}::bigint) n JOIN sets_templates t ON t.id = n % 1000 + 1; \
             ALTER TABLE {table} ADD PRIMARY KEY (id); ANALYZE {table}",
            names.join(", "),
            self.rows
        ));
    }

    fn sender(&self, table: &str, kind: Kind, way: Way, columns: &'a Columns) -> (Sender<'a>, String) {
        let sent = if kind == Kind::Delete { &columns[..1] } else { columns };
        let list = |each: &dyn Fn(usize, &Column) -> String| {
            sent.iter().enumerate().map(|(n, column)| each(n, column)).collect::<Vec<_>>().join(", ")
        };
        let names = list(&|_, c| c.0.to_owned());
        let from = match way {
            Way::Unnest => {
                format!("unnest({}) AS s ({names})", list(&|n, c| format!("${}::{}[]", n + 1, c.1)))
            }
            Way::Staging | Way::Copy => "stage AS s".to_owned(),
        };
        let sql = match kind {
            Kind::Insert => format!("INSERT INTO {table} ({names}) SELECT * FROM {from}"),
            Kind::Update => {
                let set = sent[1..].iter().map(|c| format!("{0} = s.{0}", c.0)).collect::<Vec<_>>().join(", ");
                format!("UPDATE {table} AS t SET {set} FROM {from} WHERE t.id = s.id")
            }
            Kind::Delete => format!("DELETE FROM {table} AS t USING {from} WHERE t.id = s.id"),
        };
        let copy = match way {
            Way::Unnest => None,
            Way::Staging => Some(format!("COPY stage ({names}) FROM STDIN (FORMAT BINARY)")),
            Way::Copy => Some(format!("COPY {table} ({names}) FROM STDIN (FORMAT BINARY)")),
        };
        // The applier's statements are planned once, for few rows; from a table of its size as it is, each time.
        let plan = if way == Way::Unnest { "force_generic_plan" } else { "force_custom_plan" };
        let stage = list(&|_, c| format!("{} {}", c.0, c.1));
        self.runtime.block_on(async {
            let client = connect(self.config).await;
            let settings = format!(
                "SET plan_cache_mode = {plan}; SET synchronous_commit = off; SET session_replication_role = replica; \
                 SET temp_buffers = '256MB'; CREATE TEMP TABLE stage ({stage}) ON COMMIT DELETE ROWS"
            );
            client.batch_execute(&settings).await.expect("settings");
            let types = vec![Type::UNKNOWN; if way == Way::Unnest { sent.len() } else { 0 }];
            let statement = client.prepare_typed(&sql, &types).await.expect("a statement");
            let (begin, commit) = (client.prepare("BEGIN").await, client.prepare("COMMIT").await);
            let pid = client.query_one("SELECT pg_backend_pid()::text", &[]).await.expect("a pid").get(0);
            let sender = Sender {
                runtime: self.runtime,
                client,
                kind,
                columns,
                templates: self.templates,
                statement,
                copy,
                begin: begin.expect("BEGIN"),
                commit: commit.expect("COMMIT"),
            };
            (sender, pid)
        })
    }
}

fn of_environment(name: &str, default: u32) -> u32 {
    std::env::var(name).map_or(default, |n| n.parse().unwrap_or_else(|_| panic!("{name} is no number")))
}

fn main() {
    let url = std::env::var("DATABASE_URL").expect("DATABASE_URL is not set: `make bench` brings a server");
    let config: Config = url.parse().expect("DATABASE_URL");
    let runtime: Runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    let admin = runtime.block_on(connect(&config));
    let templates = templates();
    let rounds = usize::try_from(of_environment("SETS_ROUNDS", 5)).expect("a number");
    let rows = u64::from(of_environment("SETS_ROWS", 1_000_000));
    let runs: u32 = SIZES.iter().map(|size| ROWS_A_RUN.div_ceil(*size) * size).sum();
    assert!(u64::from(runs) * (rounds as u64 + 1) <= rows, "SETS_ROWS are too few: no row is met twice");
    let bench = Bench { runtime: &runtime, config: &config, admin: &admin, templates: &templates, rows };
    let mut batch = RowBatch::new(12);
    orders_batch(&orders(1000), &mut batch);
    bench.execute(&format!("DROP TABLE IF EXISTS sets_templates; CREATE TABLE sets_templates {ORDERS}"));
    runtime.block_on(async {
        let encoder = CopyEncoder::new(&orders_plan("sets_templates")).expect("a plan");
        let mut writer = pg_sink::CopyWriter::begin(&admin, encoder).await.expect("COPY begins");
        writer.write(&batch, 0).await.expect("rows");
        writer.finish().await.expect("COPY ends");
    });
    for (width, columns) in [("narrow", NARROW), ("wide", WIDE)] {
        for kind in [Kind::Insert, Kind::Update, Kind::Delete] {
            let ways: &[Way] = match kind {
                Kind::Insert => &[Way::Unnest, Way::Staging, Way::Copy],
                _ => &[Way::Unnest, Way::Staging],
            };
            let name = |way: &Way| format!("sets/{width}/{kind:?}/{way:?}").to_lowercase();
            let table = |way: &Way| name(way).replace('/', "_");
            let senders: Vec<(Sender<'_>, String, Keys)> = ways
                .iter()
                .map(|way| {
                    bench.make_table(&table(way), columns);
                    let (sender, pid) = bench.sender(&table(way), kind, *way, columns);
                    (sender, pid, Keys { kind, table_rows: rows, next: Cell::new(0) })
                })
                .collect();
            bench.execute("CHECKPOINT");
            for size in SIZES {
                let peer = format!("{}/{size}", name(&Way::Unnest));
                let mut contenders: Vec<Contender<'_>> = ways
                    .iter()
                    .zip(&senders)
                    .map(|(way, (sender, pid, keys))| {
                        let run = move || {
                            let statements = ROWS_A_RUN.div_ceil(size);
                            (0..statements).for_each(|_| sender.send(&keys.take(size), *way));
                            u64::from(statements * size)
                        };
                        let contender = Contender::new(format!("{}/{size}", name(way)), run);
                        contender.against(&peer).server(move || process_time(pid))
                    })
                    .collect();
                side_by_side(Scale::PerSecond("row"), rounds, &mut contenders);
            }
            ways.iter().for_each(|way| bench.execute(&format!("DROP TABLE {}", table(way))));
        }
    }
    bench.execute("DROP TABLE sets_templates");
}
