//! Rows as ODPI-C hands them over to COPY BINARY: our encoder beside the usual way, `ToSql` through `rust_decimal` and `chrono`.

use benches::{Contender, Order, orders, orders_batch, orders_plan, side_by_side};
use bytes::{BufMut, BytesMut};
use chrono::{NaiveDate, NaiveDateTime};
use criterion::{Criterion, Throughput};
use pg_sink::CopyEncoder;
use postgres_types::{IsNull, ToSql, Type};
use rust_decimal::Decimal;
use std::{hint::black_box, str::FromStr};
use type_convert::{DateTime, RowBatch};

const ROWS: u32 = 1000;
const REPEAT: u32 = 100;

fn ours(encoder: &mut CopyEncoder, batch: &RowBatch, out: &mut BytesMut) {
    out.clear();
    let rows = encoder.encode_rows(batch, 0, out).expect("every value fits");
    assert_eq!(rows, batch.rows());
}

fn chrono_of(t: DateTime) -> NaiveDateTime {
    NaiveDate::from_ymd_opt(t.year.into(), t.month.into(), t.day.into())
        .and_then(|d| d.and_hms_nano_opt(t.hour.into(), t.minute.into(), t.second.into(), t.nanosecond))
        .expect("a date")
}

fn field(value: &(dyn ToSql + Sync), ty: &Type, out: &mut BytesMut) {
    let at = out.len();
    out.put_i32(0);
    let length = match value.to_sql_checked(ty, out).expect("it converts") {
        IsNull::Yes => -1,
        IsNull::No => i32::try_from(out.len() - at - 4).expect("a field"),
    };
    out[at..at + 4].copy_from_slice(&length.to_be_bytes());
}

/// What a program does that reads typed values from a driver and writes them with `ToSql`: NUMBER text to `Decimal`, dates to
/// `chrono`, UTF-8 checked.
fn to_sql(rows: &[Order], out: &mut BytesMut) {
    out.clear();
    for order in rows {
        out.put_i16(12);
        field(&order.id, &Type::INT8, out);
        for amount in &order.amounts {
            field(&Decimal::from_str(amount).expect("a decimal"), &Type::NUMERIC, out);
        }
        for time in order.times {
            field(&chrono_of(time), &Type::TIMESTAMP, out);
        }
        for text in &order.texts {
            field(&std::str::from_utf8(text.as_bytes()).expect("UTF-8"), &Type::TEXT, out);
        }
        field(&chrono_of(order.due), &Type::TIMESTAMP, out);
        field(&order.note, &Type::TEXT, out);
        field(&order.weight, &Type::FLOAT8, out);
    }
}

fn repeat<'a>(mut once: impl FnMut() + 'a) -> Box<dyn FnMut() -> u64 + 'a> {
    Box::new(move || {
        (0..REPEAT).for_each(|_| once());
        u64::from(ROWS) * u64::from(REPEAT)
    })
}

fn main() {
    let rows = orders(ROWS);
    let mut encoder = CopyEncoder::new(&orders_plan("orders")).expect("a plan");
    let mut batch = RowBatch::new(12);
    orders_batch(&rows, &mut batch);
    let mut out = BytesMut::with_capacity(1 << 20);

    let mut criterion = Criterion::default().configure_from_args().sample_size(20);
    let mut group = criterion.benchmark_group("encode");
    group.throughput(Throughput::Elements(ROWS.into()));
    group.bench_function("ours", |b| b.iter(|| ours(&mut encoder, black_box(&batch), &mut out)));
    group.bench_function("to_sql", |b| b.iter(|| to_sql(black_box(&rows), &mut out)));
    group.finish();

    let (mut a, mut b, mut c) = (out.clone(), out.clone(), out);
    let mut refilled = RowBatch::new(12);
    let mut first = encoder.clone();
    side_by_side(
        "row",
        9,
        &mut [
            Contender {
                measure: "encode/batch_to_copy",
                peer: Some("encode/to_sql_rust_decimal_chrono"),
                run: repeat(|| ours(&mut first, &batch, &mut a)),
            },
            Contender {
                measure: "encode/values_to_batch_to_copy",
                peer: Some("encode/to_sql_rust_decimal_chrono"),
                run: repeat(|| {
                    orders_batch(&rows, &mut refilled);
                    ours(&mut encoder, &refilled, &mut b);
                }),
            },
            Contender {
                measure: "encode/to_sql_rust_decimal_chrono",
                peer: None,
                run: repeat(|| to_sql(&rows, &mut c)),
            },
        ],
    );
}
