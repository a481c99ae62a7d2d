//! Rows to COPY BINARY: our encoder beside the usual way, `ToSql` through `rust_decimal` and `chrono`, and beside `pgpq`, Arrow to
//! COPY BINARY. From values as ODPI-C hands them over, and from Oracle's own bytes.

use arrow_array::types::{Decimal64Type, Decimal128Type, DecimalType};
use benches::{
    Contender, Order, OrderArrow, OrderBytes, Scale, TypedOrder, orders, orders_batch, orders_bytes,
    orders_bytes_batch, orders_plan, orders_schema, push_order, push_order_bytes, side_by_side,
};
use bytes::BytesMut;
use criterion::{Criterion, Throughput};
use pg_sink::CopyEncoder;
use pgpq::ArrowToPostgresBinaryEncoder;
use std::hint::black_box;
use type_convert::{FieldError, OpenRow, RowBatch};

const ROWS: u32 = 1000;
const REPEAT: u32 = 100;
const TO_SQL: &str = "encode/to_sql_rust_decimal_chrono";
const FROM_DRIVER: &str = "encode/to_sql_from_driver_values";
const READY_ARROW: &str = "encode/pgpq_ready_arrow";
const BUILD_ARROW: &str = "encode/pgpq_build_and_encode";
const BYTES_FROM_DRIVER: &str = "encode/bytes/to_sql_from_driver_values";
const BYTES_TO_SQL: &str = "encode/bytes/to_sql_rust_decimal_chrono";

fn ours(encoder: &mut CopyEncoder, batch: &RowBatch, out: &mut BytesMut) {
    out.clear();
    let rows = encoder.encode_rows(batch, 0, out).expect("every value fits");
    assert_eq!(rows, batch.rows());
}

/// What a program does that writes with `ToSql` and may borrow from the driver's fetch buffer: NUMBER text to `Decimal`, dates to
/// `chrono`, UTF-8 checked.
fn to_sql(rows: &[Order], out: &mut BytesMut) {
    out.clear();
    rows.iter().for_each(|order| TypedOrder::borrowed(order).put_row(out));
}

/// The same with the values that a driver gives away: a `String` for each text and each number.
fn to_sql_from_driver(rows: &[Order], out: &mut BytesMut) {
    out.clear();
    rows.iter().for_each(|order| TypedOrder::from_driver(order).put_row(out));
}

fn to_sql_from_bytes(rows: &[OrderBytes], text: &mut String, out: &mut BytesMut) {
    out.clear();
    rows.iter().for_each(|order| TypedOrder::from_bytes(order, text).put_row(out));
}

fn to_sql_from_driver_of_bytes(rows: &[OrderBytes], out: &mut BytesMut) {
    out.clear();
    rows.iter().for_each(|order| TypedOrder::from_driver_of_bytes(order).put_row(out));
}

/// `pgpq`, planned once, its header written.
fn pgpq<D: DecimalType>() -> ArrowToPostgresBinaryEncoder {
    let schema = orders_schema(&D::TYPE_CONSTRUCTOR(12, 2));
    let mut encoder = ArrowToPostgresBinaryEncoder::try_new(&schema).expect("a plan");
    encoder.write_header(&mut BytesMut::new()).expect("a header");
    encoder
}

fn ready_arrow<'a, D: DecimalType>(measure: &str, rows: &[Order]) -> Contender<'a>
where
    D::Native: From<i64>,
{
    let batch = OrderArrow::<D>::new(rows.len()).build(rows);
    let (mut encoder, mut out) = (pgpq::<D>(), BytesMut::new());
    contender(measure, move || {
        out.clear();
        encoder.write_batch(black_box(&batch), &mut out).expect("every value fits");
    })
}

fn build_arrow<'a, D: DecimalType>(measure: &str, rows: &'a [Order]) -> Contender<'a>
where
    D::Native: From<i64>,
{
    let (mut encoder, mut out) = (pgpq::<D>(), BytesMut::new());
    contender(measure, move || {
        out.clear();
        let batch = OrderArrow::<D>::new(rows.len()).build(black_box(rows));
        encoder.write_batch(&batch, &mut out).expect("every value fits");
    })
}

/// Each value straight into the row, without a batch in between.
fn values<T>(
    encoder: &mut CopyEncoder,
    rows: &[T],
    out: &mut BytesMut,
    push: impl Fn(&T, &mut OpenRow<'_>) -> Result<(), FieldError>,
) {
    out.clear();
    for row in rows {
        encoder.encode_values(None, out, |open| push(row, open)).expect("every value fits");
    }
    encoder.trailer(out);
}

fn contender<'a>(measure: &str, mut once: impl FnMut() + 'a) -> Contender<'a> {
    Contender::new(measure, move || {
        (0..REPEAT).for_each(|_| once());
        u64::from(ROWS) * u64::from(REPEAT)
    })
}

/// Every contender writes the same bytes. Not asked of `ToSql` from Oracle's bytes: a NUMBER does not say that its column has two
/// decimals, and only the server adds them.
fn check(encoder: &mut CopyEncoder, rows: &[Order], bytes: &[OrderBytes]) {
    let (mut batch, mut own, mut other) = (RowBatch::new(12), BytesMut::new(), BytesMut::new());
    orders_batch(rows, &mut batch);
    ours(encoder, &batch, &mut own);
    orders_bytes_batch(bytes, &mut batch);
    ours(encoder, &batch, &mut other);
    assert_eq!(own, other, "from bytes");
    let mut with_trailer = own.clone();
    encoder.trailer(&mut with_trailer);
    values(encoder, rows, &mut other, push_order);
    assert_eq!(with_trailer, other, "without a batch");
    values(encoder, bytes, &mut other, push_order_bytes);
    assert_eq!(with_trailer, other, "from bytes, without a batch");
    to_sql(rows, &mut other);
    assert_eq!(own, other, "ToSql");
    to_sql_from_driver(rows, &mut other);
    assert_eq!(own, other, "ToSql, owned values");
    other.clear();
    let batch = OrderArrow::<Decimal128Type>::new(rows.len()).build(rows);
    pgpq::<Decimal128Type>().write_batch(&batch, &mut other).expect("every value fits");
    assert_eq!(own, other, "pgpq");
    other.clear();
    let batch = OrderArrow::<Decimal64Type>::new(rows.len()).build(rows);
    pgpq::<Decimal64Type>().write_batch(&batch, &mut other).expect("every value fits");
    assert_eq!(own, other, "pgpq, 64-bit decimals");
}

fn main() {
    let rows = orders(ROWS);
    let bytes = orders_bytes(&rows);
    let mut encoder = CopyEncoder::new(&orders_plan("orders")).expect("a plan");
    check(&mut encoder, &rows, &bytes);
    let (mut batch, mut bytes_batch) = (RowBatch::new(12), RowBatch::new(12));
    orders_batch(&rows, &mut batch);
    orders_bytes_batch(&bytes, &mut bytes_batch);
    let mut out = BytesMut::with_capacity(1 << 20);

    let mut criterion = Criterion::default().configure_from_args().sample_size(20);
    let mut group = criterion.benchmark_group("encode");
    group.throughput(Throughput::Elements(ROWS.into()));
    group.bench_function("ours", |b| b.iter(|| ours(&mut encoder, black_box(&batch), &mut out)));
    group.bench_function("to_sql", |b| b.iter(|| to_sql(black_box(&rows), &mut out)));
    group.finish();

    let [mut a, mut b, mut c, mut d, mut e, mut f, mut g, mut h, mut i, mut j] = [(); 10].map(|()| out.clone());
    let (mut refilled, mut refilled_bytes, mut text) = (RowBatch::new(12), RowBatch::new(12), String::new());
    let [mut first, mut second, mut third, mut fourth, mut fifth, mut sixth] = [(); 6].map(|()| encoder.clone());
    side_by_side(
        Scale::PerSecond("row"),
        9,
        &mut [
            contender("encode/batch_to_copy", || ours(&mut first, &batch, &mut a))
                .against(TO_SQL)
                .against(FROM_DRIVER)
                .against(READY_ARROW)
                .against("encode/pgpq_ready_arrow_decimal64"),
            contender("encode/values_to_batch_to_copy", || {
                orders_batch(black_box(&rows), &mut refilled);
                ours(&mut second, &refilled, &mut b);
            })
            .against(TO_SQL)
            .against(FROM_DRIVER)
            .against(BUILD_ARROW)
            .against("encode/pgpq_build_and_encode_decimal64"),
            contender("encode/values_to_copy", || values(&mut fifth, black_box(&rows), &mut i, push_order))
                .against(TO_SQL)
                .against(FROM_DRIVER)
                .against(BUILD_ARROW),
            contender(TO_SQL, || to_sql(black_box(&rows), &mut c)),
            contender(FROM_DRIVER, || to_sql_from_driver(black_box(&rows), &mut d)),
            ready_arrow::<Decimal128Type>(READY_ARROW, &rows),
            ready_arrow::<Decimal64Type>("encode/pgpq_ready_arrow_decimal64", &rows),
            build_arrow::<Decimal128Type>(BUILD_ARROW, &rows),
            build_arrow::<Decimal64Type>("encode/pgpq_build_and_encode_decimal64", &rows),
            contender("encode/bytes/batch_to_copy", || ours(&mut third, &bytes_batch, &mut e))
                .against(BYTES_TO_SQL)
                .against(BYTES_FROM_DRIVER),
            contender("encode/bytes/values_to_batch_to_copy", || {
                orders_bytes_batch(black_box(&bytes), &mut refilled_bytes);
                ours(&mut fourth, &refilled_bytes, &mut f);
            })
            .against(BYTES_TO_SQL)
            .against(BYTES_FROM_DRIVER),
            contender("encode/bytes/values_to_copy", || {
                values(&mut sixth, black_box(&bytes), &mut j, push_order_bytes);
            })
            .against(BYTES_TO_SQL)
            .against(BYTES_FROM_DRIVER),
            contender(BYTES_TO_SQL, || to_sql_from_bytes(black_box(&bytes), &mut text, &mut g)),
            contender(BYTES_FROM_DRIVER, || to_sql_from_driver_of_bytes(black_box(&bytes), &mut h)),
        ],
    );
}
