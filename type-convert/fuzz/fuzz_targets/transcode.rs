#![no_main]
//! Any value for any pair, under any policy, is written as one whole field or refused with nothing written; alone and in a row alike.
//! What is written while all losses are refused is the same under any policy.

use bytes::BytesMut;
use libfuzzer_sys::fuzz_target;
use std::sync::LazyLock;
use type_convert::{
    BfileLocator, CollectionType, DateTime, IntervalDs, IntervalYm, LengthUnit, Loss, LossAction, LossPolicy, Losses,
    ObjectType, OracleType, PgType, RowBatch, RowEncoder, StreamedLob, Transcoder, UtcOffset, Value, ValueRef,
};

const TARGETS: [&str; 33] = [
    "bool",
    "smallint",
    "integer",
    "bigint",
    "numeric",
    "numeric(7,3)",
    "numeric(3,-2)",
    "numeric(2,9)",
    "real",
    "float8",
    "text",
    "varchar(5)",
    "char(5)",
    "citext",
    "bytea",
    "uuid",
    "xml",
    "jsonb",
    "json",
    "date",
    "timestamp",
    "timestamp(0)",
    "timestamptz",
    "timestamptz(3)",
    "interval",
    "enum mood",
    "enum mood ('a', '', 'b ')",
    "composite p (x integer, y varchar(3))",
    "integer[]",
    "text[]",
    "numeric(7,3)[]",
    "timestamp(0)[]",
    "jsonb[]",
];

fn sources() -> Vec<OracleType> {
    let (number, unit) = (OracleType::Number { precision: None, scale: None }, LengthUnit::Byte);
    let varchar2 = OracleType::Varchar2 { length: 4000, unit };
    let list = |element: &OracleType| {
        let (owner, name, element) = ("A".to_owned(), "L".to_owned(), element.clone());
        OracleType::Collection(Box::new(CollectionType { owner, name, limit: None, element }))
    };
    let attributes = vec![("X".into(), number.clone()), ("Y".into(), varchar2.clone())];
    vec![
        list(&number),
        list(&varchar2),
        list(&OracleType::Date),
        OracleType::Object(Box::new(ObjectType { owner: "A".into(), name: "P".into(), attributes })),
        number,
        OracleType::Float { binary_precision: 126 },
        OracleType::BinaryFloat,
        OracleType::BinaryDouble,
        varchar2,
        OracleType::Char { length: 5, unit },
        OracleType::Long,
        OracleType::LongRaw,
        OracleType::Clob,
        OracleType::Blob,
        OracleType::BFile,
        OracleType::Raw { length: 16 },
        OracleType::Date,
        OracleType::Timestamp { precision: 9 },
        OracleType::TimestampTz { precision: 9 },
        OracleType::TimestampLtz { precision: 9 },
        OracleType::IntervalYm { year_precision: 9 },
        OracleType::IntervalDs { day_precision: 9, second_precision: 9 },
        OracleType::RowId,
        OracleType::Xml,
        OracleType::Json,
        OracleType::Boolean,
    ]
}

fn policy(bits: u16) -> LossPolicy {
    let mut policy = LossPolicy::default();
    for loss in Loss::ALL.into_iter().filter(|loss| bits >> (*loss as u16) & 1 == 1) {
        policy.set(loss, LossAction::Convert);
    }
    policy.assumed_offset = (bits & 1 << 15 != 0).then_some(UtcOffset { minutes: 90 });
    policy
}

fn date_time(bytes: &[u8]) -> Option<(DateTime, UtcOffset)> {
    let &[y1, y0, month, day, hour, minute, second, n3, n2, n1, n0, m1, m0] = bytes.first_chunk::<13>()?;
    let (year, nanosecond) = (i16::from_be_bytes([y1, y0]), u32::from_be_bytes([n3, n2, n1, n0]));
    let at = DateTime { year, month, day, hour, minute, second, nanosecond };
    Some((at, UtcOffset { minutes: i16::from_be_bytes([m1, m0]) }))
}

/// The field alone, which must be that of a row too.
fn encode(transcoder: &Transcoder, value: ValueRef<'_>) -> Option<(Losses, BytesMut)> {
    let mut out = BytesMut::new();
    let outcome = transcoder.encode(value, &mut out);
    match (&outcome, out.split_first_chunk()) {
        (Err(_), None) => assert!(out.is_empty()),
        (Ok(_), Some((length, body))) => match i32::from_be_bytes(*length) {
            -1 => assert!(body.is_empty()),
            length => assert_eq!(usize::try_from(length), Ok(body.len())),
        },
        (outcome, _) => panic!("{outcome:?} with {out:?}"),
    }
    let (mut batch, mut row, mut lost) = (RowBatch::new(1), BytesMut::new(), Losses::NONE);
    batch.push(value);
    batch.finish_row(None);
    let mut encoder = RowEncoder::new(vec![transcoder.clone()]);
    let of_row = encoder.encode_row(&batch, 0, &mut row, |_, losses| lost = losses);
    assert_eq!(of_row.map(|()| lost).map_err(|e| e.into_error()), outcome);
    match &outcome {
        // Behind the number of fields.
        Ok(_) => assert_eq!(row[2..], out[..]),
        Err(_) => assert!(row.is_empty()),
    }
    let (mut without_batch, mut lost) = (BytesMut::new(), Losses::NONE);
    let of_values = encoder.encode_values(&mut without_batch, |_, losses| lost = losses, |row| row.push(value));
    assert_eq!(of_values.map(|()| lost).map_err(|e| e.into_error()), outcome);
    encoder.flush(&mut without_batch);
    assert_eq!(without_batch, row);
    outcome.ok().map(|losses| (losses, out))
}

fuzz_target!(|data: &[u8]| {
    static SOURCES: LazyLock<Vec<OracleType>> = LazyLock::new(sources);
    static PG_TYPES: LazyLock<Vec<PgType>> =
        LazyLock::new(|| TARGETS.iter().map(|name| name.parse().expect("a known type")).collect());
    let [source, target, form, high, low, rest @ ..] = data else { return };
    let (sources, pg_types) = (&*SOURCES, &*PG_TYPES);
    let (oracle, pg) =
        (&sources[usize::from(*source) % sources.len()], &pg_types[usize::from(*target) % TARGETS.len()]);
    let policy = policy(u16::from_be_bytes([*high, *low]));
    let Ok(transcoder) = Transcoder::new(oracle, pg, policy) else { return };
    let text = String::from_utf8_lossy(rest);
    let (first, second) = text.split_at(text.char_indices().nth(3).map_or(text.len(), |(at, _)| at));
    let eight = rest.first_chunk::<8>().copied();
    let number = eight.map_or(Value::Null, |b| Value::Number(i64::from_be_bytes(b).into()));
    let parts = [number, Value::Text(second.to_owned())];
    let elements: Vec<Value> = rest
        .chunks(13)
        .map(|chunk| match (form & 0x60, date_time(chunk)) {
            (0x20, Some((at, _))) => Value::DateTime(at),
            (0x40, _) => Value::Text(String::from_utf8_lossy(chunk).into_owned()),
            _ => std::str::from_utf8(chunk).ok().and_then(|text| text.parse().ok()).map_or(Value::Null, Value::Number),
        })
        .collect();
    let value = match form % 21 {
        0 => ValueRef::NumberBytes(rest),
        1 => ValueRef::Decimal(&text),
        2 => ValueRef::Text(rest),
        3 => ValueRef::Bytes(rest),
        4 => ValueRef::DateBytes(rest),
        5 => ValueRef::IntervalBytes(rest),
        6 => ValueRef::Oson(rest),
        7 => ValueRef::VectorBytes(rest),
        8 => ValueRef::Bfile(BfileLocator { directory: first, file: second }),
        9 => ValueRef::Object(&parts),
        10 => ValueRef::Object(&elements),
        11 => ValueRef::Collection(&elements),
        12 => ValueRef::Boolean(rest.is_empty()),
        13 => ValueRef::Null,
        14 => ValueRef::Streamed(StreamedLob { id: 0, length: 1 }),
        15 => match date_time(rest) {
            Some((at, _)) => ValueRef::DateTime(at),
            None => return,
        },
        16 => match date_time(rest) {
            Some((at, offset)) => ValueRef::DateTimeTz(at, offset),
            None => return,
        },
        17 => match (eight, rest.last_chunk()) {
            (Some(eight), Some(four)) => {
                let (days, nanoseconds) = (i32::from_be_bytes(*four), i64::from_be_bytes(eight));
                ValueRef::IntervalDs(IntervalDs { days, nanoseconds })
            }
            _ => return,
        },
        18 => match rest.first_chunk() {
            Some(four) if rest.len() == 5 => ValueRef::Float(f32::from_be_bytes(*four)),
            Some(four) => ValueRef::IntervalYm(IntervalYm { months: i32::from_be_bytes(*four) }),
            None => return,
        },
        19 => match eight {
            Some(eight) => ValueRef::Double(f64::from_be_bytes(eight)),
            None => return,
        },
        _ => match eight {
            Some(eight) => ValueRef::Int(i64::from_be_bytes(eight)),
            None => return,
        },
    };
    let allowed = encode(&transcoder, value);
    // The two settings that choose what a value becomes, not whether it may lose something.
    let mut strict = LossPolicy::default();
    strict.assumed_offset = policy.assumed_offset;
    strict.null_as_empty = policy.null_as_empty;
    let Ok(transcoder) = Transcoder::new(oracle, pg, strict) else { return };
    if let Some(exact) = encode(&transcoder, value) {
        assert!(exact.0.iter().all(|loss| loss == Loss::NullAsEmpty), "{:?} of {value:?}", exact.0);
        assert_eq!(allowed, Some(exact), "{value:?}");
    }
});
