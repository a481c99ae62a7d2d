//! Changes into a table of a million rows with a key, beside other ways to apply them: see the README.

use benches::{
    ChangeMix, Contender, ORDERS, OneSync, Ready, ReadyChange, Scale, connect, orders, orders_batch, orders_plan,
    process_time, side_by_side,
};
use cdc_logminer::{ChangeSink, Incarnation, Position, Transaction};
use futures_util::future::join_all;
use pg_sink::{Applier, ApplyOptions, BatchLimits, Control, CopyEncoder, CopyWriter, TransactionBatch};
use postgres_types::Type;
use std::{cell::Cell, time::Duration};
use tokio::runtime::Runtime;
use tokio_postgres::{Client, Config, Statement};
use type_convert::{RowBatch, Scn};

/// The ways to apply changes.
const METHODS: [&str; 7] =
    ["ours", "ours/sync_on", "row_by_row", "row_by_row/sync_on", "pipelined", "one_sync", "all_at_once"];

/// What each round applies, in both forms.
struct Round {
    transactions: Vec<Transaction>,
    ready: Vec<Vec<ReadyChange>>,
    changes: u64,
}

struct Bench<'a> {
    runtime: &'a Runtime,
    config: &'a Config,
    admin: &'a Client,
    rows: u32,
    rounds: usize,
    changes: usize,
}

/// The table's name in SQL is the measure's own.
fn table_name(measure: &str) -> String {
    format!("bench_{}", measure.replace('/', "_"))
}

fn position(scn: u64) -> Position {
    let incarnation = Incarnation { dbid: 1, resetlogs_id: 1 };
    Position { incarnation, commit_scn: Scn(scn), delivered: vec![], low_watermark: Scn(scn) }
}

fn after(transaction: &Transaction) -> Position {
    position(transaction.commit_scn.0 + 1)
}

impl<'a> Bench<'a> {
    fn execute(&self, sql: &str) {
        self.runtime.block_on(self.admin.batch_execute(sql)).expect("PostgreSQL does it");
    }

    fn pid(&self, client: &Client) -> String {
        let row = self.runtime.block_on(client.query_one("SELECT pg_backend_pid()::text", &[])).expect("a pid");
        row.get(0)
    }

    /// The rows that every table begins with.
    fn templates(&self) {
        self.execute(&format!("DROP SCHEMA IF EXISTS bench_control CASCADE; DROP TABLE IF EXISTS bench_templates; CREATE TABLE bench_templates {ORDERS}"));
        let mut batch = RowBatch::new(12);
        orders_batch(&orders(1000), &mut batch);
        self.runtime.block_on(async {
            let encoder = CopyEncoder::new(&orders_plan("bench_templates")).expect("a plan");
            let mut writer = CopyWriter::begin(self.admin, encoder).await.expect("COPY begins");
            writer.write(&batch, 0).await.expect("rows");
            writer.finish().await.expect("COPY ends");
        });
        self.execute(
            "DROP TABLE IF EXISTS bench_items CASCADE; CREATE TABLE bench_items AS SELECT DISTINCT item FROM bench_templates; \
             ALTER TABLE bench_items ADD PRIMARY KEY (item)",
        );
    }

    fn make_table(&self, table: &str, indexed: bool) {
        self.execute(&format!(
            "DROP TABLE IF EXISTS {table}; CREATE TABLE {table} {ORDERS} WITH (autovacuum_enabled = off); \
             INSERT INTO {table} SELECT n, amount, tax, paid, created, changed, customer, address, item, due, note, weight \
             FROM generate_series(1, {}) n JOIN bench_templates t ON t.id = n % 1000 + 1; ALTER TABLE {table} ADD PRIMARY KEY (id)",
            self.rows
        ));
        if indexed {
            self.execute(&format!(
                "CREATE INDEX ON {table} (created); CREATE INDEX ON {table} (changed, customer); \
                 ALTER TABLE {table} ADD FOREIGN KEY (item) REFERENCES bench_items"
            ));
        }
        self.execute(&format!("ANALYZE {table}"));
    }

    fn generate(&self, hot: usize) -> Vec<Round> {
        let mut mix = ChangeMix::new(i64::from(self.rows), hot);
        (0..=self.rounds)
            .map(|_| {
                let transactions = mix.transactions(self.changes);
                let changes = transactions.iter().map(|t| t.changes.len() as u64).sum();
                Round { ready: mix.ready(&transactions), transactions, changes }
            })
            .collect()
    }

    /// Our applier, on a table and in a control schema of its own.
    fn ours<'b>(
        &'b self,
        measure: &str,
        rounds: &'b [Round],
        options: ApplyOptions,
        limits: Option<BatchLimits>,
    ) -> Contender<'b> {
        let schema = format!("bench_control_{}", table_name(measure));
        self.execute(&format!("DROP SCHEMA IF EXISTS {schema} CASCADE"));
        let mut applier = self.runtime.block_on(async {
            let client = connect(self.config).await;
            let control = Control::new(schema_map::PgIdent::new(&schema).expect("a name"));
            control.install(&client).await.expect("a control schema");
            control.begin(&client, 1, 1).await.expect("a migration");
            let plans = [orders_plan(&table_name(measure))];
            let mut applier = Applier::with_options(client, control, &plans, options).await.expect("an applier");
            applier.start(&position(1)).await.expect("a position");
            applier
        });
        let pid = self.pid(applier.client());
        let at = Cell::new(0);
        Contender::new(measure, move || {
            let round = &rounds[at.replace(at.get() + 1)];
            self.runtime.block_on(async {
                let Some(limits) = limits else {
                    let end = after(round.transactions.last().expect("a transaction"));
                    applier.apply(&round.transactions, &end).await.expect("applied");
                    return;
                };
                let mut batch = TransactionBatch::new(limits);
                for transaction in &round.transactions {
                    batch.push(transaction.clone(), after(transaction));
                    if batch.is_due() {
                        applier.apply(batch.transactions(), batch.position().expect("one")).await.expect("applied");
                        batch.clear();
                    }
                }
                if let Some(position) = batch.position() {
                    applier.apply(batch.transactions(), position).await.expect("applied");
                }
            });
            round.changes
        })
        .server(move || process_time(&pid))
    }

    /// A session and prepared statements of a peer.
    fn peer(&self, measure: &str, synchronous: &str) -> (Client, Vec<Statement>, String) {
        self.runtime.block_on(async {
            let client = connect(self.config).await;
            let settings = format!("SET synchronous_commit = {synchronous}; SET session_replication_role = replica");
            client.batch_execute(&settings).await.expect("settings");
            let mut statements = Vec::new();
            for (sql, types) in ChangeMix::new(1, 0).statements(&table_name(measure)) {
                let types: Vec<Type> = types.iter().map(|&oid| Type::from_oid(oid).expect("a type")).collect();
                statements.push(client.prepare_typed(&sql, &types).await.expect("a statement"));
            }
            let pid = client.query_one("SELECT pg_backend_pid()::text", &[]).await.expect("a pid").get(0);
            (client, statements, pid)
        })
    }

    fn row_by_row<'b>(&'b self, measure: &str, rounds: &'b [Round], synchronous: &str) -> Contender<'b> {
        let (client, statements, pid) = self.peer(measure, synchronous);
        let at = Cell::new(0);
        Contender::new(measure, move || {
            let round = &rounds[at.replace(at.get() + 1)];
            self.runtime.block_on(async {
                for transaction in &round.ready {
                    client.batch_execute("BEGIN").await.expect("BEGIN");
                    for change in transaction {
                        let hit = client.execute_raw(&statements[change.statement], parameters(change)).await;
                        assert_eq!(hit.expect("executed"), 1);
                    }
                    client.batch_execute("COMMIT").await.expect("COMMIT");
                }
            });
            round.changes
        })
        .server(move || process_time(&pid))
    }

    fn pipelined<'b>(&'b self, measure: &str, rounds: &'b [Round]) -> Contender<'b> {
        let (client, statements, pid) = self.peer(measure, "off");
        let at = Cell::new(0);
        Contender::new(measure, move || {
            let round = &rounds[at.replace(at.get() + 1)];
            self.runtime.block_on(async {
                for transaction in &round.ready {
                    let begin = client.batch_execute("BEGIN");
                    let changes = join_all(
                        transaction.iter().map(|c| client.execute_raw(&statements[c.statement], parameters(c))),
                    );
                    let commit = client.batch_execute("COMMIT");
                    // Polled in this order, which is the order of sending.
                    let ((begun, hits), committed) =
                        futures_util::future::join(futures_util::future::join(begin, changes), commit).await;
                    begun.expect("BEGIN");
                    hits.into_iter().for_each(|hit| assert_eq!(hit.expect("executed"), 1));
                    committed.expect("COMMIT");
                }
            });
            round.changes
        })
        .server(move || process_time(&pid))
    }

    fn one_sync<'b>(&'b self, measure: &str, rounds: &'b [Round]) -> Contender<'b> {
        let mut connection = OneSync::connect(self.config);
        connection.execute("SET synchronous_commit = off; SET session_replication_role = replica");
        connection.prepare(&ChangeMix::new(1, 0).statements(&table_name(measure)));
        let pid = connection.pid();
        let at = Cell::new(0);
        Contender::new(measure, move || {
            let round = &rounds[at.replace(at.get() + 1)];
            let mut hit = 0;
            for batch in round.ready.chunks(BatchLimits::default().transactions) {
                hit += connection.apply(batch.iter().flatten());
            }
            assert_eq!(hit, round.changes);
            round.changes
        })
        .server(move || process_time(&pid))
    }

    /// Makes their tables, measures them, and checks that all did the same.
    fn measure<'b>(&'b self, mut contenders: Vec<Contender<'b>>) {
        self.execute("CHECKPOINT");
        side_by_side(Scale::PerSecond("change"), self.rounds, &mut contenders);
        let mut digest = None;
        for contender in &contenders {
            let table = table_name(contender.measure());
            let sql = format!("SELECT count(*), sum(hashtextextended(o::text, 0))::text FROM {table} o");
            let row = self.runtime.block_on(self.admin.query_one(&sql, &[])).expect("a digest");
            let found: (i64, String) = (row.get(0), row.get(1));
            assert_eq!(*digest.get_or_insert(found.clone()), found, "{}", contender.measure());
            self.execute(&format!("DROP TABLE {table}; DROP SCHEMA IF EXISTS bench_control_{table} CASCADE"));
        }
    }

    fn tables(&self, measures: &[&str], indexed: bool) {
        measures.iter().for_each(|measure| self.make_table(&table_name(measure), indexed));
    }
}

fn parameters(change: &ReadyChange) -> impl ExactSizeIterator<Item = Ready<&[u8]>> {
    change.parameters.iter().map(|field| Ready(field.as_deref()))
}

fn options(synchronous_commit: bool) -> ApplyOptions {
    let mut options = ApplyOptions::default();
    options.synchronous_commit = synchronous_commit;
    options
}

/// One statement for everything: the least that the server can do.
fn all_at_once() -> ApplyOptions {
    let mut options = options(false);
    (options.flush_rows, options.early_rows, options.flush_bytes) = (usize::MAX, usize::MAX, usize::MAX);
    options
}

fn of_environment(name: &str, default: u32) -> u32 {
    std::env::var(name).map_or(default, |n| n.parse().unwrap_or_else(|_| panic!("{name} is no number")))
}

/// Whether the variable, a list with commas, has it in it or is not set.
fn is_wanted(variable: &str, what: &str) -> bool {
    std::env::var(variable).map_or(true, |list| list.split(',').any(|one| one == what))
}

fn main() {
    let url = std::env::var("DATABASE_URL").expect("DATABASE_URL is not set: `make bench` brings a server");
    let config: Config = url.parse().expect("DATABASE_URL");
    let runtime: Runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    let admin = runtime.block_on(connect(&config));
    let number = |name, default| usize::try_from(of_environment(name, default)).expect("a number");
    let bench = Bench {
        runtime: &runtime,
        config: &config,
        admin: &admin,
        rows: of_environment("APPLY_ROWS", 1_000_000),
        rounds: number("APPLY_ROUNDS", 5),
        changes: number("APPLY_CHANGES", 56_000),
    };
    bench.templates();
    let limits = Some(BatchLimits { latency: Duration::from_secs(3600), ..BatchLimits::default() });

    for (group, indexed, hot) in [("apply", false, 0), ("apply/skewed", false, 1000), ("apply/indexed", true, 0)] {
        if !is_wanted("APPLY_ONLY", group) {
            continue;
        }
        let methods: Vec<&str> = METHODS.into_iter().filter(|method| is_wanted("APPLY_METHODS", method)).collect();
        let names: Vec<String> = methods.iter().map(|method| format!("{group}/{method}")).collect();
        let rounds = bench.generate(hot);
        bench.tables(&names.iter().map(String::as_str).collect::<Vec<_>>(), indexed);
        let contenders = methods.iter().zip(&names).map(|(method, name)| match *method {
            "ours" => ["row_by_row", "pipelined", "one_sync", "all_at_once"]
                .iter()
                .fold(bench.ours(name, &rounds, options(false), limits), |ours, peer| {
                    ours.against(&format!("{group}/{peer}"))
                }),
            "ours/sync_on" => {
                bench.ours(name, &rounds, options(true), limits).against(&format!("{group}/row_by_row/sync_on"))
            }
            "row_by_row" => bench.row_by_row(name, &rounds, "off"),
            "row_by_row/sync_on" => bench.row_by_row(name, &rounds, "on"),
            "pipelined" => bench.pipelined(name, &rounds),
            "one_sync" => bench.one_sync(name, &rounds),
            _ => bench.ours(name, &rounds, all_at_once(), None),
        });
        bench.measure(contenders.collect());
    }

    if is_wanted("APPLY_ONLY", "apply/crossover") {
        // Batches of a few transactions: from how many rows on is a set worth its while?
        let rounds = bench.generate(0);
        for transactions in [1, 2, 4, 8, 16, 64, 256] {
            let limits = limits.map(|l| BatchLimits { transactions, ..l });
            let ways = [("rows", usize::MAX), ("from_2", 2), ("from_3", 3), ("from_5", 5), ("from_9", 9)];
            let names: Vec<String> =
                ways.iter().map(|(way, _)| format!("apply/crossover/{transactions}/{way}")).collect();
            bench.tables(&names.iter().map(String::as_str).collect::<Vec<_>>(), false);
            let contenders = ways.iter().zip(&names).map(|((_, set_rows), name)| {
                let mut options = options(false);
                options.set_rows = *set_rows;
                bench.ours(name, &rounds, options, limits).against(&names[0])
            });
            bench.measure(contenders.collect());
        }
    }
    bench.execute("DROP TABLE bench_templates, bench_items");
}
