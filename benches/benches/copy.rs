//! Rows into a real PostgreSQL through one connection: our writer beside `tokio_postgres::binary_copy::BinaryCopyInWriter`, from
//! the same values, and beside bytes that were ready before: what sending alone costs. CPU time is that of this process alone, the client.
//!
//! Needs DATABASE_URL: `make bench` brings a server.

use benches::{Contender, ORDERS, Order, orders, orders_batch, orders_plan, side_by_side};
use bytes::{Bytes, BytesMut};
use chrono::{NaiveDate, NaiveDateTime};
use criterion::Criterion;
use futures_util::SinkExt;
use pg_sink::{CopyEncoder, CopyWriter};
use rust_decimal::Decimal;
use std::{pin::pin, str::FromStr};
use tokio::runtime::Runtime;
use tokio_postgres::{Client, NoTls, binary_copy::BinaryCopyInWriter, types::Type};
use type_convert::{DateTime, RowBatch};

const ROWS: u32 = 1000;
const BATCHES: u32 = 100;

async fn ours(client: &Client, rows: &[Order], batch: &mut RowBatch) -> u64 {
    let encoder = CopyEncoder::new(&orders_plan("bench_orders")).expect("a plan");
    let mut writer = CopyWriter::begin(client, encoder).await.expect("COPY begins");
    for _ in 0..BATCHES {
        orders_batch(rows, batch);
        writer.write(batch, 0).await.expect("every value fits");
    }
    writer.finish().await.expect("COPY ends")
}

/// Not a contender but the floor: nothing is converted.
async fn ready_bytes(client: &Client, rows: &Bytes) -> u64 {
    let encoder = CopyEncoder::new(&orders_plan("bench_orders")).expect("a plan");
    let mut sink = pin!(client.copy_in::<_, Bytes>(encoder.copy_statement()).await.expect("COPY begins"));
    let mut frame = BytesMut::new();
    encoder.header(&mut frame);
    sink.feed(frame.split().freeze()).await.expect("the header");
    for _ in 0..BATCHES {
        for at in (0..rows.len()).step_by(96 * 1024) {
            sink.feed(rows.slice(at..rows.len().min(at + 96 * 1024))).await.expect("rows");
        }
    }
    encoder.trailer(&mut frame);
    sink.feed(frame.freeze()).await.expect("the trailer");
    sink.finish().await.expect("COPY ends")
}

fn chrono_of(t: DateTime) -> NaiveDateTime {
    NaiveDate::from_ymd_opt(t.year.into(), t.month.into(), t.day.into())
        .and_then(|d| d.and_hms_nano_opt(t.hour.into(), t.minute.into(), t.second.into(), t.nanosecond))
        .expect("a date")
}

async fn binary_copy_in(client: &Client, rows: &[Order]) -> u64 {
    const N: Type = Type::NUMERIC;
    const T: Type = Type::TIMESTAMP;
    const S: Type = Type::TEXT;
    let sink = client.copy_in::<_, Bytes>("COPY bench_orders FROM STDIN (FORMAT binary)").await.expect("COPY begins");
    let mut writer = pin!(BinaryCopyInWriter::new(sink, &[Type::INT8, N, N, N, T, T, S, S, S, T, S, Type::FLOAT8]));
    for _ in 0..BATCHES {
        for order in rows {
            let [a, b, c] = order.amounts.each_ref().map(|a| Decimal::from_str(a).expect("a decimal"));
            let [d, e] = order.times.map(chrono_of);
            let [f, g, h] = &order.texts;
            let (due, weight) = (chrono_of(order.due), order.weight);
            writer
                .as_mut()
                .write(&[&order.id, &a, &b, &c, &d, &e, f, g, h, &due, &order.note, &weight])
                .await
                .expect("a row");
        }
    }
    writer.finish().await.expect("COPY ends")
}

fn main() {
    let url = std::env::var("DATABASE_URL").expect("DATABASE_URL is not set: `make bench` brings a server");
    let runtime: Runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    let client = runtime.block_on(async {
        let (client, connection) = tokio_postgres::connect(&url, NoTls).await.expect("PostgreSQL answers");
        tokio::spawn(connection);
        client
    });
    // Unlogged and emptied each time: the disk is not what is measured.
    let empty = || {
        let sql = format!("DROP TABLE IF EXISTS bench_orders; CREATE UNLOGGED TABLE bench_orders {ORDERS}");
        runtime.block_on(client.batch_execute(&sql)).expect("a table");
    };
    let rows = orders(ROWS);
    let mut batch = RowBatch::new(12);
    orders_batch(&rows, &mut batch);
    let mut ready = BytesMut::new();
    let mut encoder = CopyEncoder::new(&orders_plan("bench_orders")).expect("a plan");
    encoder.encode_rows(&batch, 0, &mut ready).expect("every value fits");
    let ready = ready.freeze();

    let mut criterion = Criterion::default().configure_from_args().sample_size(10);
    let mut group = criterion.benchmark_group("copy");
    group.throughput(criterion::Throughput::Elements(u64::from(ROWS) * u64::from(BATCHES)));
    for name in ["ours", "binary_copy_in_writer"] {
        group.bench_function(name, |b| {
            b.iter_batched(
                empty,
                |()| match name {
                    "ours" => runtime.block_on(ours(&client, &rows, &mut batch)),
                    _ => runtime.block_on(binary_copy_in(&client, &rows)),
                },
                criterion::BatchSize::PerIteration,
            );
        });
    }
    group.finish();

    side_by_side(
        "row",
        5,
        &mut [
            Contender {
                measure: "copy/ours",
                peer: Some("copy/binary_copy_in_writer"),
                run: Box::new(|| {
                    empty();
                    runtime.block_on(ours(&client, &rows, &mut batch))
                }),
            },
            Contender {
                measure: "copy/ready_bytes",
                peer: Some("copy/binary_copy_in_writer"),
                run: Box::new(|| {
                    empty();
                    runtime.block_on(ready_bytes(&client, &ready))
                }),
            },
            Contender {
                measure: "copy/binary_copy_in_writer",
                peer: None,
                run: Box::new(|| {
                    empty();
                    runtime.block_on(binary_copy_in(&client, &rows))
                }),
            },
        ],
    );
    runtime.block_on(client.batch_execute("DROP TABLE bench_orders")).expect("the table goes");
}
