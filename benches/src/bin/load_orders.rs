//! The bench's rows for programs that are not in Rust.
//!
//! `load_orders rows` prints JSON: `table`, the columns of CREATE TABLE, and `rows`, 1000 of them, amounts and times as text.
//! `load_orders load ROWS` loads that many rows, the 1000 again and again, by `CopyWriter` into the table `bench_orders` of
//! DATABASE_URL, and prints JSON: `rows`, and the seconds `wall` and `cpu` from the beginning of COPY to its end, without connecting.

use benches::{ORDERS, Order, cpu_time, orders, orders_batch, orders_plan};
use pg_sink::{CopyEncoder, CopyWriter};
use serde_json::{Value, json};
use std::time::Instant;
use tokio_postgres::NoTls;
use type_convert::{DateTime, RowBatch};

const BATCH_ROWS: u32 = 1000;

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let answer = match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["rows"] => {
            let rows: Vec<Value> = orders(BATCH_ROWS).iter().map(json_of).collect();
            json!({ "table": ORDERS, "rows": rows })
        }
        ["load", rows] => {
            let rows: u32 = rows.parse().expect("ROWS is a number");
            tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime").block_on(load(rows))
        }
        _ => {
            eprintln!("usage: load_orders rows | load_orders load ROWS");
            std::process::exit(2);
        }
    };
    println!("{answer}");
}

async fn load(rows: u32) -> Value {
    let url = std::env::var("DATABASE_URL").expect("DATABASE_URL is not set");
    let (client, connection) = tokio_postgres::connect(&url, NoTls).await.expect("PostgreSQL answers");
    tokio::spawn(connection);
    let orders = orders(BATCH_ROWS);
    let encoder = CopyEncoder::new(&orders_plan("bench_orders")).expect("a plan");
    let mut batch = RowBatch::new(12);
    let (cpu, wall) = (cpu_time(), Instant::now());
    let mut writer = CopyWriter::begin(&client, encoder).await.expect("COPY begins");
    for _ in 0..rows / BATCH_ROWS {
        orders_batch(&orders, &mut batch);
        writer.write(&batch, 0).await.expect("every value fits");
    }
    let rows = writer.finish().await.expect("COPY ends");
    let (cpu, wall) = (cpu_time().saturating_sub(cpu), wall.elapsed());
    json!({ "rows": rows, "wall": wall.as_secs_f64(), "cpu": cpu.as_secs_f64() })
}

fn json_of(order: &Order) -> Value {
    let ([amount, tax, paid], [created, changed]) = (&order.amounts, order.times.map(iso));
    let ([customer, address, item], due) = (&order.texts, iso(order.due));
    json!([order.id, amount, tax, paid, created, changed, customer, address, item, due, order.note, order.weight])
}

fn iso(t: DateTime) -> String {
    let micro = t.nanosecond / 1000;
    let DateTime { year, month, day, hour, minute, second, .. } = t;
    format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}.{micro:06}")
}
