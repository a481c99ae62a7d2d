//! Rows into a real PostgreSQL through one connection: our writer beside `tokio_postgres::binary_copy::BinaryCopyInWriter` from the
//! same values, and beside bytes that were ready before: sent by `tokio-postgres`, and by `psql \copy` from a file. CPU time is
//! that of the client: this process, or `psql`.
//!
//! Needs DATABASE_URL: `make bench` brings a server. COPY_ROWS (500 000) and COPY_ROUNDS (9) change the size, COPY_ONLY (measures,
//! commas between them) leaves the others out.

use benches::{
    Contender, ORDERS, Order, OrderBytes, Scale, TYPES, TypedOrder, orders, orders_batch, orders_bytes,
    orders_bytes_batch, orders_plan, push_order, push_order_bytes, side_by_side,
};
use bytes::{Bytes, BytesMut};
use futures_util::SinkExt;
use pg_sink::{CopyEncoder, CopyWriter};
use postgres_types::ToSql;
use std::{
    cell::RefCell,
    io::{BufRead, BufReader, Read, Write},
    path::Path,
    pin::pin,
    process::{Child, ChildStdout, Command, Stdio},
};
use tokio::runtime::Runtime;
use tokio_postgres::{Client, Config, NoTls, binary_copy::BinaryCopyInWriter, config::Host};
use type_convert::{FieldError, OpenRow, RowBatch};

/// Rows that differ; a table has them again and again.
const BATCH_ROWS: u32 = 1000;
const WRITER: &str = "copy/binary_copy_in_writer";
const WRITER_FROM_DRIVER: &str = "copy/binary_copy_in_writer_from_driver_values";
const WRITER_FROM_BYTES: &str = "copy/bytes/binary_copy_in_writer";
const WRITER_FROM_DRIVER_OF_BYTES: &str = "copy/bytes/binary_copy_in_writer_from_driver_values";
const PSQL: &str = "copy/psql_copy_binary";
const PSQL_CONNECTED: &str = "copy/psql_copy_binary_connected";
const READY: &str = "copy/ready_bytes";

fn encoder() -> CopyEncoder {
    CopyEncoder::new(&orders_plan("bench_orders")).expect("a plan")
}

async fn ours(client: &Client, batches: u32, batch: &mut RowBatch, fill: impl Fn(&mut RowBatch)) -> u64 {
    let mut writer = CopyWriter::begin(client, encoder()).await.expect("COPY begins");
    for _ in 0..batches {
        fill(batch);
        writer.write(batch, 0).await.expect("every value fits");
    }
    writer.finish().await.expect("COPY ends")
}

/// Without a batch in between, as `BinaryCopyInWriter` does it.
async fn values<T>(
    client: &Client,
    batches: u32,
    rows: &[T],
    push: impl Fn(&T, &mut OpenRow<'_>) -> Result<(), FieldError>,
) -> u64 {
    let mut writer = CopyWriter::begin(client, encoder()).await.expect("COPY begins");
    for _ in 0..batches {
        for row in rows {
            writer.write_values(None, |open| push(row, open)).await.expect("every value fits");
        }
    }
    writer.finish().await.expect("COPY ends")
}

/// As `ours`, but each message is sent once it has `size` bytes.
async fn messages(client: &Client, batches: u32, size: usize, rows: &[Order], batch: &mut RowBatch) -> u64 {
    let mut encoder = encoder();
    let mut sink = pin!(client.copy_in::<_, Bytes>(encoder.copy_statement()).await.expect("COPY begins"));
    let mut message = BytesMut::with_capacity(2 * size);
    encoder.header(&mut message);
    for _ in 0..batches {
        orders_batch(rows, batch);
        for row in 0..batch.rows() {
            encoder.encode_row(batch, row, &mut message).expect("every value fits");
            if message.len() >= size {
                sink.feed(message.split().freeze()).await.expect("rows");
                message.reserve(2 * size);
            }
        }
    }
    encoder.trailer(&mut message);
    sink.feed(message.freeze()).await.expect("the trailer");
    sink.finish().await.expect("COPY ends")
}

/// Not a contender but the floor: nothing is converted.
async fn ready_bytes(client: &Client, batches: u32, rows: &Bytes) -> u64 {
    let mut encoder = encoder();
    let mut sink = pin!(client.copy_in::<_, Bytes>(encoder.copy_statement()).await.expect("COPY begins"));
    let mut frame = BytesMut::new();
    encoder.header(&mut frame);
    sink.feed(frame.split().freeze()).await.expect("the header");
    for _ in 0..batches {
        for at in (0..rows.len()).step_by(96 * 1024) {
            sink.feed(rows.slice(at..rows.len().min(at + 96 * 1024))).await.expect("rows");
        }
    }
    encoder.trailer(&mut frame);
    sink.feed(frame.freeze()).await.expect("the trailer");
    sink.finish().await.expect("COPY ends")
}

async fn binary_copy_in<'a, T, S: ToSql + Sync>(
    client: &Client,
    batches: u32,
    rows: &'a [T],
    mut typed: impl FnMut(&'a T) -> TypedOrder<S>,
) -> u64 {
    let sink = client.copy_in::<_, Bytes>("COPY bench_orders FROM STDIN (FORMAT binary)").await.expect("COPY begins");
    let mut writer = pin!(BinaryCopyInWriter::new(sink, &TYPES));
    for _ in 0..batches {
        for row in rows {
            writer.as_mut().write(&typed(row).params()).await.expect("a row");
        }
    }
    writer.finish().await.expect("COPY ends")
}

/// `psql`, told by its environment where to connect: a command line is for all to see.
fn psql(config: &Config) -> Command {
    let mut command = Command::new("psql");
    command.args(["--no-psqlrc", "--set=ON_ERROR_STOP=1"]).env("PGSSLMODE", "disable").stdout(Stdio::piped());
    match config.get_hosts().first() {
        Some(Host::Tcp(host)) => _ = command.env("PGHOST", host),
        #[cfg(unix)]
        Some(Host::Unix(folder)) => _ = command.env("PGHOST", folder),
        None => {}
    }
    if let Some(port) = config.get_ports().first() {
        command.env("PGPORT", port.to_string());
    }
    for (variable, value) in [("PGUSER", config.get_user()), ("PGDATABASE", config.get_dbname())] {
        if let Some(value) = value {
            command.env(variable, value);
        }
    }
    if let Some(password) = config.get_password() {
        command.env("PGPASSWORD", String::from_utf8_lossy(password).as_ref());
    }
    command
}

fn backslash_copy(file: &Path) -> String {
    format!("\\copy bench_orders from '{}' with (format binary)", file.display())
}

/// Awaits the end of `psql`; returns the rows that it reports.
fn rows_of(mut psql: Child, mut output: impl Read) -> u64 {
    let mut text = String::new();
    output.read_to_string(&mut text).expect("psql's output");
    assert!(psql.wait().expect("psql ends").success(), "psql failed: {text}");
    let tag = text.lines().find_map(|line| line.strip_prefix("COPY ")).expect("COPY and a number of rows");
    tag.parse().expect("a number of rows")
}

/// A new `psql` loads the file: connecting is part of it.
fn psql_copy(config: &Config, file: &Path) -> u64 {
    let mut child = psql(config).arg("--command").arg(backslash_copy(file)).spawn().expect("psql starts");
    let output = child.stdout.take().expect("a pipe");
    rows_of(child, output)
}

/// A `psql` that is connected and awaits its command.
fn psql_connected(config: &Config) -> (Child, BufReader<ChildStdout>) {
    let mut child = psql(config).stdin(Stdio::piped()).spawn().expect("psql starts");
    let mut output = BufReader::new(child.stdout.take().expect("a pipe"));
    writeln!(child.stdin.as_mut().expect("a pipe"), "\\echo connected").expect("psql listens");
    let mut line = String::new();
    output.read_line(&mut line).expect("psql's output");
    assert_eq!(line, "connected\n");
    (child, output)
}

fn psql_copy_connected((mut child, output): (Child, BufReader<ChildStdout>), file: &Path) -> u64 {
    let mut input = child.stdin.take().expect("a pipe");
    writeln!(input, "{}", backslash_copy(file)).expect("psql listens");
    drop(input);
    rows_of(child, output)
}

fn of_environment(name: &str, default: u32) -> u32 {
    std::env::var(name).map_or(default, |n| n.parse().unwrap_or_else(|_| panic!("{name} is no number")))
}

fn main() {
    let url = std::env::var("DATABASE_URL").expect("DATABASE_URL is not set: `make bench` brings a server");
    let config: Config = url.parse().expect("DATABASE_URL");
    let batches = (of_environment("COPY_ROWS", 500_000) / BATCH_ROWS).max(1);
    let rounds = usize::try_from(of_environment("COPY_ROUNDS", 9)).expect("a number");
    let runtime: Runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    let client = &runtime.block_on(async {
        let (client, connection) = config.connect(NoTls).await.expect("PostgreSQL answers");
        tokio::spawn(connection);
        client
    });
    let execute = |sql: &str| runtime.block_on(client.batch_execute(sql)).expect("PostgreSQL does it");
    execute(&format!("DROP TABLE IF EXISTS bench_orders; CREATE UNLOGGED TABLE bench_orders {ORDERS}"));

    let rows: &[Order] = &orders(BATCH_ROWS);
    let bytes: &[OrderBytes] = &orders_bytes(rows);
    let mut batch = RowBatch::new(12);
    orders_batch(rows, &mut batch);
    let mut frame = BytesMut::new();
    encoder().encode_rows(&batch, 0, &mut frame).expect("every value fits");
    let ready = &frame.split().freeze();
    let mut file = tempfile::NamedTempFile::new().expect("a file");
    encoder().header(&mut frame);
    file.write_all(&frame.split()).expect("a file");
    (0..batches).for_each(|_| file.write_all(ready).expect("room for a file"));
    encoder().trailer(&mut frame);
    file.write_all(&frame).expect("a file");
    let file = file.into_temp_path();

    let new_batch = || RowBatch::new(12);
    let (mut own, mut own_bytes, mut text) = (new_batch(), new_batch(), String::new());
    let (runtime, waiting) = (&runtime, RefCell::new(None));
    let mut contenders = vec![
        Contender::new("copy/ours", || {
            runtime.block_on(ours(client, batches, &mut own, |batch| orders_batch(rows, batch)))
        })
        .against(WRITER)
        .against(WRITER_FROM_DRIVER)
        .against(READY)
        .against(PSQL)
        .against(PSQL_CONNECTED),
        Contender::new("copy/values", || runtime.block_on(values(client, batches, rows, push_order)))
            .against(WRITER)
            .against(WRITER_FROM_DRIVER)
            .against(READY),
        Contender::new(READY, || runtime.block_on(ready_bytes(client, batches, ready))).against(WRITER),
        Contender::new(WRITER, || runtime.block_on(binary_copy_in(client, batches, rows, TypedOrder::borrowed))),
        Contender::new(WRITER_FROM_DRIVER, || {
            runtime.block_on(binary_copy_in(client, batches, rows, TypedOrder::from_driver))
        }),
        Contender::new("copy/bytes/ours", || {
            runtime.block_on(ours(client, batches, &mut own_bytes, |batch| orders_bytes_batch(bytes, batch)))
        })
        .against(WRITER_FROM_BYTES)
        .against(WRITER_FROM_DRIVER_OF_BYTES)
        .against(READY)
        .against(PSQL)
        .against(PSQL_CONNECTED),
        Contender::new("copy/bytes/values", || runtime.block_on(values(client, batches, bytes, push_order_bytes)))
            .against(WRITER_FROM_BYTES)
            .against(WRITER_FROM_DRIVER_OF_BYTES)
            .against(READY),
        Contender::new(WRITER_FROM_BYTES, || {
            let typed = |row| TypedOrder::from_bytes(row, &mut text);
            runtime.block_on(binary_copy_in(client, batches, bytes, typed))
        }),
        Contender::new(WRITER_FROM_DRIVER_OF_BYTES, || {
            runtime.block_on(binary_copy_in(client, batches, bytes, TypedOrder::from_driver_of_bytes))
        }),
    ];
    for kib in [64, 128, 256] {
        let mut batch = new_batch();
        let run = move || runtime.block_on(messages(client, batches, kib * 1024, rows, &mut batch));
        contenders.push(Contender::new(format!("copy/message_{kib}k"), run).against("copy/ours"));
    }
    if psql(&config).arg("--version").output().is_ok() {
        contenders.push(Contender::new(PSQL, || psql_copy(&config, &file)));
        let run = || psql_copy_connected(waiting.take().expect("a psql that was made before"), &file);
        contenders.push(Contender::new(PSQL_CONNECTED, run).before(|| {
            waiting.replace(Some(psql_connected(&config)));
        }));
    } else {
        eprintln!("copy: psql is not installed and is left out");
    }
    if let Ok(only) = std::env::var("COPY_ONLY") {
        contenders.retain(|contender| only.split(',').any(|measure| measure == contender.measure()));
    }
    // Unlogged and emptied each time: the disk is not what is measured.
    let empty = || execute("TRUNCATE bench_orders; CHECKPOINT");
    let mut contenders: Vec<_> = contenders.into_iter().map(|contender| contender.before(empty)).collect();

    // Every contender loads the same rows.
    let mut loaded = None;
    for contender in &mut contenders {
        contender.run_once();
        let sql = "SELECT count(*), sum(hashtextextended(o::text, 0))::text FROM bench_orders o";
        let row = runtime.block_on(client.query_one(sql, &[])).expect("a digest");
        let digest: (i64, String) = (row.get(0), row.get(1));
        assert_eq!(*loaded.get_or_insert(digest.clone()), digest, "{}", contender.measure());
    }
    side_by_side(Scale::PerSecond("row"), rounds, &mut contenders);
    drop(contenders);
    execute("DROP TABLE bench_orders");
}
