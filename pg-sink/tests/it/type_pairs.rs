//! Random values of each pair of types: our bytes, once in PostgreSQL, are the value meant, and come back as they went.

use crate::database::Database;
use crate::source::{self, number_type, plan};
use bytes::BytesMut;
use futures_util::TryStreamExt;
use pg_sink::{CopyDecoder, CopyEncoder, CopyRow, CopyWriter};
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use std::pin::pin;
use tokio_postgres::Client;
use type_convert::{
    DateTime, IntervalDs, IntervalYm, LengthUnit, Number, OracleType, PgType, RowBatch, UtcOffset, Value, ValueRef,
};

/// A value and the text of the literal that PostgreSQL reads as the same.
type Case = (Value, String);

struct Pair {
    oracle: OracleType,
    pg: PgType,
    cases: BoxedStrategy<Case>,
}

fn pair(oracle: OracleType, pg: PgType, cases: impl Strategy<Value = Case> + 'static) -> Pair {
    Pair { oracle, pg, cases: cases.boxed() }
}

fn numeric_text(digits: u128, negative: bool, exponent: i32) -> Case {
    let sign = if negative { "-" } else { "" };
    let number: Number = format!("{sign}{digits}E{exponent}").parse().unwrap();
    (Value::Number(number), format!("{sign}{digits}e{exponent}"))
}

fn integers(digits: u32) -> impl Strategy<Value = Case> {
    let most = 10i64.pow(digits) - 1;
    prop_oneof![-most..=most, Just(most), Just(-most), -9i64..=9].prop_map(|n| (source::number(n), n.to_string()))
}

fn scaled(precision: u32, scale: i32) -> impl Strategy<Value = Case> {
    let most = 10u128.pow(precision) - 1;
    (prop_oneof![0..=most, 0..=9u128, Just(most)], any::<bool>())
        .prop_map(move |(digits, negative)| numeric_text(digits, negative && digits != 0, -scale))
}

fn any_number() -> impl Strategy<Value = Case> {
    let digits = (1u32..=38).prop_flat_map(|d| 0..10u128.pow(d));
    (digits, any::<bool>(), -125i32..=85).prop_map(|(d, negative, e)| numeric_text(d, negative && d != 0, e))
}

fn strings(most: usize) -> impl Strategy<Value = Case> {
    let ascii = prop::char::range(' ', '~');
    let short = prop::char::range('\u{1}', '\u{7ff}');
    let chars = prop_oneof![4 => ascii, 1 => short, 1 => prop::char::range('\u{e000}', '\u{10ffff}')];
    // Oracle has no empty strings: they are NULL.
    prop::collection::vec(chars, 1..=most)
        .prop_map(|chars| chars.into_iter().collect::<String>())
        .prop_map(|s| (Value::Text(s.clone()), s))
}

fn bytes(lengths: std::ops::RangeInclusive<usize>) -> impl Strategy<Value = Case> {
    prop::collection::vec(any::<u8>(), lengths).prop_map(|b| {
        let hex: String = b.iter().map(|b| format!("{b:02x}")).collect();
        (Value::Bytes(b), format!("\\x{hex}"))
    })
}

fn date_times(first_year: i16, nano_step: u32) -> impl Strategy<Value = (DateTime, String)> {
    let year = prop_oneof![first_year..=9999, 1900i16..2100].prop_filter("there is no year 0", |y| *y != 0);
    let day = (1u8..=12, 1u8..=28);
    let time = (0u8..=23, 0u8..=59, 0u8..=59, 0u32..1_000_000_000);
    (year, day, time).prop_map(move |(year, (month, day), (hour, minute, second, nanosecond))| {
        let nanosecond = nanosecond.checked_div(nano_step).unwrap_or(0) * nano_step;
        let text = format!("{:04}-{month:02}-{day:02} {hour:02}:{minute:02}:{second:02}.{nanosecond:09}", year.abs());
        (DateTime { year, month, day, hour, minute, second, nanosecond }, text)
    })
}

fn era(year: i16) -> &'static str {
    if year < 0 { " BC" } else { "" }
}

fn local(first_year: i16, nano_step: u32) -> impl Strategy<Value = Case> {
    date_times(first_year, nano_step).prop_map(|(t, text)| (Value::DateTime(t), format!("{text}{}", era(t.year))))
}

fn zoned() -> impl Strategy<Value = Case> {
    (date_times(-4711, 1000), -15 * 60i16..=15 * 60).prop_map(|((t, text), minutes)| {
        let sign = if minutes < 0 { '-' } else { '+' };
        let zone = format!("{sign}{:02}:{:02}", minutes.abs() / 60, minutes.abs() % 60);
        (Value::DateTimeTz(t, UtcOffset { minutes }), format!("{text}{zone}{}", era(t.year)))
    })
}

fn pairs() -> Vec<Pair> {
    let number = OracleType::Number { precision: None, scale: None };
    let char_type = |length| OracleType::Char { length, unit: LengthUnit::Char };
    let numeric = |p, s| PgType::Numeric { digits: Some((p, s)) };
    let unlimited = PgType::Numeric { digits: None };
    let floats = any::<f32>().prop_map(|f| (Value::Float(f), f.to_string()));
    let doubles = any::<f64>().prop_map(|f| (Value::Double(f), f.to_string()));
    let months = (-2_000_000_000i32..=2_000_000_000)
        .prop_map(|months| (Value::IntervalYm(IntervalYm { months }), format!("{months} months")));
    let seconds = (0i32..=999_999_999, 0i64..86_400_000_000, any::<bool>()).prop_map(|(days, micros, negative)| {
        let sign = if negative { -1 } else { 1 };
        let (days, micros) = (days * sign, micros * i64::from(sign));
        let text = format!("{days} days {micros} microseconds");
        (Value::IntervalDs(IntervalDs { days, nanoseconds: micros * 1000 }), text)
    });
    vec![
        pair(number_type(4, 0), PgType::Int2, integers(4)),
        pair(number_type(9, 0), PgType::Int4, integers(9)),
        pair(number_type(18, 0), PgType::Int8, integers(18)),
        pair(number_type(38, 0), numeric(38, 0), scaled(38, 0)),
        pair(number_type(8, 2), numeric(8, 2), scaled(8, 2)),
        pair(number_type(38, 10), numeric(38, 10), scaled(38, 10)),
        pair(number.clone(), unlimited.clone(), any_number()),
        pair(OracleType::Float { binary_precision: 126 }, unlimited, any_number()),
        pair(OracleType::BinaryFloat, PgType::Float4, floats),
        pair(OracleType::BinaryDouble, PgType::Float8, doubles),
        pair(source::varchar2(30), PgType::Varchar { length: Some(30) }, strings(30)),
        pair(source::varchar2(4000), PgType::Text, strings(200)),
        pair(OracleType::NVarchar2 { length: 30 }, PgType::Varchar { length: Some(30) }, strings(30)),
        pair(
            char_type(12),
            PgType::Bpchar { length: 12 },
            strings(12).prop_map(|(_, s)| {
                let padded = format!("{s}{}", " ".repeat(12 - s.chars().count()));
                (Value::Text(padded.clone()), padded)
            }),
        ),
        pair(OracleType::Clob, PgType::Text, strings(2000)),
        pair(OracleType::Raw { length: 50 }, PgType::Bytea, bytes(1..=50)),
        pair(OracleType::Blob, PgType::Bytea, bytes(0..=3000)),
        pair(OracleType::Raw { length: 16 }, PgType::Uuid, bytes(16..=16).prop_map(|(v, s)| (v, s[2..].to_owned()))),
        pair(OracleType::Date, PgType::Timestamp { precision: Some(0) }, local(-4712, 0)),
        pair(OracleType::Timestamp { precision: 6 }, PgType::Timestamp { precision: None }, local(-4712, 1000)),
        pair(OracleType::Timestamp { precision: 3 }, PgType::Timestamp { precision: Some(3) }, local(-4712, 1_000_000)),
        pair(OracleType::TimestampTz { precision: 6 }, PgType::TimestampTz { precision: None }, zoned()),
        pair(OracleType::TimestampLtz { precision: 6 }, PgType::TimestampTz { precision: None }, zoned()),
        pair(OracleType::IntervalYm { year_precision: 9 }, PgType::Interval, months),
        pair(OracleType::IntervalDs { day_precision: 9, second_precision: 6 }, PgType::Interval, seconds),
        pair(OracleType::RowId, PgType::Text, "[A-Za-z0-9+/]{18}".prop_map(|s| (Value::Text(s.clone()), s))),
        pair(OracleType::Boolean, PgType::Bool, any::<bool>().prop_map(|b| (Value::Boolean(b), b.to_string()))),
    ]
}

fn samples(pair: &Pair) -> Vec<Case> {
    let cases = std::env::var("PROPTEST_CASES").ok().and_then(|n| n.parse().ok()).unwrap_or(200);
    let rng = TestRng::deterministic_rng(RngAlgorithm::ChaCha);
    let mut runner = TestRunner::new_with_rng(Config::default(), rng);
    (0..cases).map(|_| pair.cases.new_tree(&mut runner).unwrap().current()).collect()
}

#[tokio::test]
async fn values_arrive_as_meant_and_come_back_as_sent() {
    let database = Database::new().await;
    let client = database.client().await;
    client.batch_execute("SET timezone = 'UTC'").await.unwrap();
    for (nth, pair) in pairs().iter().enumerate() {
        check(&client, nth, pair).await;
    }
}

async fn check(client: &Client, nth: usize, pair: &Pair) {
    let what = format!("{:?} to {:?}", pair.oracle, pair.pg);
    let columns = vec![
        source::column("id", number_type(9, 0), PgType::Int4),
        source::column("value", pair.oracle.clone(), pair.pg.clone()),
        source::column("literal", OracleType::Clob, PgType::Text),
    ];
    let plan = plan(&format!("pair_{nth}"), columns, &[0]);
    let cases = samples(pair);
    let mut batch = RowBatch::new(3);
    for (id, (value, literal)) in (0i64..).zip(&cases) {
        // NULL now and then, and numbers in each form in which they arrive.
        let null = id % 17 == 5;
        let decimal;
        let form = match value {
            _ if null => ValueRef::Null,
            Value::Number(number) if id % 2 == 1 => {
                decimal = number.to_string();
                match (id % 4, decimal.parse()) {
                    (1, Ok(integer)) => ValueRef::Int(integer),
                    _ => ValueRef::Decimal(&decimal),
                }
            }
            value => value.as_ref(),
        };
        batch.push(ValueRef::Int(id));
        batch.push(form);
        batch.push(if null { ValueRef::Null } else { ValueRef::Text(literal.as_bytes()) });
        batch.finish_row(None);
    }
    client.batch_execute(&source::create_table(&plan)).await.unwrap();
    let mut encoder = CopyEncoder::new(&plan).unwrap_or_else(|e| panic!("{what}: {e}"));
    let mut writer = CopyWriter::begin(client, encoder.clone()).await.unwrap();
    writer.write(&batch, 0).await.unwrap_or_else(|e| panic!("{what}: {e}: {:?}", cases[e.row().unwrap_or(0)]));
    writer.finish().await.unwrap_or_else(|e| panic!("{what}: {e}"));

    let table = plan.target.quoted();
    let unlike = format!(
        "SELECT id, literal, value::text, literal::{ty}::text FROM {table} \
         WHERE value IS DISTINCT FROM literal::{ty} OR value::text IS DISTINCT FROM literal::{ty}::text LIMIT 3",
        ty = pair.pg
    );
    // Display scale of a NUMBER without one: as few digits as show it.
    let unlike = match pair.pg {
        PgType::Numeric { digits: None } => unlike.replace("literal::numeric", "trim_scale(literal::numeric)"),
        _ => unlike,
    };
    let unlike = crate::database::text(client, &unlike).await;
    assert!(unlike.is_empty(), "{what}: {unlike}");

    let mut ours = BytesMut::new();
    encoder.header(&mut ours);
    assert_eq!(encoder.encode_rows(&batch, 0, &mut ours).unwrap(), cases.len());
    encoder.trailer(&mut ours);
    let ours = rows(&ours);
    let copy = format!("COPY (SELECT id, value, literal FROM {table} ORDER BY id) TO STDOUT (FORMAT BINARY)");
    let theirs: Vec<_> = pin!(client.copy_out(copy.as_str()).await.unwrap()).try_collect().await.unwrap();
    let theirs = rows(&theirs.concat());
    assert_eq!(ours.len(), theirs.len());
    for (ours, theirs) in ours.iter().zip(&theirs) {
        assert_eq!(ours, theirs, "{what}");
    }
}

fn rows(stream: &[u8]) -> Vec<Vec<Option<Vec<u8>>>> {
    let (mut decoder, mut row, mut rows) = (CopyDecoder::new(), CopyRow::default(), Vec::new());
    decoder.push(stream);
    while decoder.next_row(&mut row).unwrap() {
        rows.push((0..row.len()).map(|i| row.get(i).map(<[u8]>::to_vec)).collect());
    }
    assert!(decoder.is_finished());
    rows
}
