//! No value, in range or not, makes any conversion panic or leave half a field behind.

use bytes::BytesMut;
use proptest::prelude::*;
use type_convert::{
    BfileLocator, CollectionType, DateTime, IntervalDs, IntervalYm, LengthUnit, LossAction, LossPolicy, Losses,
    ObjectType, OracleType, PgType, RowBatch, RowEncoder, StreamedLob, Transcoder, UtcOffset, Value, ValueErrorKind,
    ValueRef, literal,
};

fn oracle_types() -> Vec<OracleType> {
    let unit = LengthUnit::Byte;
    vec![
        OracleType::Number { precision: None, scale: None },
        OracleType::Float { binary_precision: 126 },
        OracleType::BinaryFloat,
        OracleType::BinaryDouble,
        OracleType::Char { length: 4, unit },
        OracleType::Varchar2 { length: 4, unit },
        OracleType::NChar { length: 4 },
        OracleType::NVarchar2 { length: 4 },
        OracleType::Long,
        OracleType::LongRaw,
        OracleType::Raw { length: 16 },
        OracleType::Clob,
        OracleType::NClob,
        OracleType::Blob,
        OracleType::BFile,
        OracleType::Date,
        OracleType::Timestamp { precision: 9 },
        OracleType::TimestampTz { precision: 9 },
        OracleType::TimestampLtz { precision: 9 },
        OracleType::IntervalYm { year_precision: 9 },
        OracleType::IntervalDs { day_precision: 9, second_precision: 9 },
        OracleType::RowId,
        OracleType::URowId { length: 4000 },
        OracleType::Xml,
        OracleType::Json,
        OracleType::Boolean,
        OracleType::Vector { dimensions: None, format: None },
        OracleType::Geometry,
        point(),
        OracleType::Collection(Box::new(CollectionType {
            owner: "APP".into(),
            name: "POINTS".into(),
            limit: None,
            element: point(),
        })),
        OracleType::Other { owner: None, name: "ANYDATA".into() },
    ]
}

fn point() -> OracleType {
    let number = OracleType::Number { precision: None, scale: None };
    OracleType::Object(Box::new(ObjectType {
        owner: "APP".into(),
        name: "POINT".into(),
        attributes: vec![("X".into(), number.clone()), ("Y".into(), number)],
    }))
}

fn pg_types() -> Vec<PgType> {
    let names = "bool smallint integer bigint numeric numeric(5,2) numeric(3,-2) numeric(2,4) real float8 text varchar \
                 varchar(3) char(3) bytea date timestamp timestamp(0) timestamptz timestamptz(3) interval uuid json jsonb xml citext vector(3) geometry";
    let made = ["enum mood", "enum mood ('a', '1')", "composite p (x integer, y text)", "text[]"];
    let mut types: Vec<PgType> = names.split_whitespace().chain(made).map(|name| name.parse().unwrap()).collect();
    let PgType::Composite(mut point) = "composite p (x numeric, y real)".parse().unwrap() else { unreachable!() };
    point.oid = Some(12_345);
    types.push(PgType::Array(Box::new(PgType::Composite(point))));
    types
}

fn policy(bits: u8) -> LossPolicy {
    let action = |bit: u8| if bits & bit == 0 { LossAction::Refuse } else { LossAction::Convert };
    let mut policy = LossPolicy::default();
    (policy.sub_microsecond, policy.time_of_day, policy.julian_day) = (action(1), action(1), action(1));
    (policy.nul_character, policy.invalid_text, policy.empty_text) = (action(2), action(2), action(2));
    (policy.infinity, policy.out_of_range, policy.too_long) = (action(4), action(4), action(4));
    (policy.numeric_infinity, policy.offset) = (action(8), action(8));
    (policy.float_digits, policy.decimal_digits) = (action(16), action(16));
    policy.null_as_empty = bits & 2 != 0;
    policy.assumed_offset = (bits & 8 != 0).then_some(UtcOffset { minutes: 90 });
    policy
}

/// Fields as a careless caller may fill them.
fn wild_date_time() -> impl Strategy<Value = DateTime> {
    (any::<i16>(), any::<u8>(), any::<u8>(), any::<u8>(), any::<u8>(), any::<u8>(), any::<u32>()).prop_map(
        |(year, month, day, hour, minute, second, nanosecond)| DateTime {
            year,
            month,
            day,
            hour,
            minute,
            second,
            nanosecond,
        },
    )
}

proptest! {
    #[test]
    fn encode_is_whole_or_nothing(
        text in prop_oneof!["(?s).{0,8}", "[-+]?[0-9]{0,3}\\.?[0-9]{0,30}(E[-+]?[0-9]{1,3})?", Just("-~".to_owned())],
        bytes in prop::collection::vec(any::<u8>(), 0..24),
        (n, float, double) in any::<(i64, f32, f64)>(),
        at in wild_date_time(),
        (minutes, months, days, nanoseconds) in any::<(i16, i32, i32, i64)>(),
        bits in 0..32_u8,
    ) {
        let inner = [Value::Double(double), Value::Number(n.into())];
        let outer = [Value::Object(inner.to_vec()), Value::Null, Value::Object(vec![Value::Number(n.into()), Value::Null])];
        let values = [
            ValueRef::Null,
            ValueRef::Int(n),
            ValueRef::Decimal(&text),
            ValueRef::NumberBytes(&bytes),
            ValueRef::Float(float),
            ValueRef::Double(double),
            ValueRef::Text(text.as_bytes()),
            ValueRef::Text(&bytes),
            ValueRef::Bytes(&bytes),
            ValueRef::DateTime(at),
            ValueRef::DateTimeTz(at, UtcOffset { minutes }),
            ValueRef::IntervalYm(IntervalYm { months }),
            ValueRef::IntervalDs(IntervalDs { days, nanoseconds }),
            ValueRef::Boolean(n % 2 == 0),
            ValueRef::DateBytes(&bytes),
            ValueRef::IntervalBytes(&bytes),
            ValueRef::Oson(&bytes),
            ValueRef::VectorBytes(&bytes),
            ValueRef::Bfile(BfileLocator { directory: &text, file: &text }),
            ValueRef::Object(&inner),
            ValueRef::Collection(&inner),
            ValueRef::Collection(&outer),
            ValueRef::Streamed(StreamedLob { id: 1, length: 2 }),
        ];
        for oracle in oracle_types() {
            for pg in pg_types() {
                let Ok(transcoder) = Transcoder::new(&oracle, &pg, policy(bits)) else { continue };
                let mut encoder = RowEncoder::new(vec![transcoder.clone()]);
                for value in values {
                    let mut out = BytesMut::from(&b"before"[..]);
                    let outcome = transcoder.encode(value, &mut out);
                    let mut batch = RowBatch::new(1);
                    batch.push(value);
                    batch.finish_row(None);
                    let mut row = BytesMut::from(&b"before"[..]);
                    let mut lost = Losses::NONE;
                    let of_row = encoder.encode_row(&batch, 0, &mut row, |_, losses| lost = losses);
                    prop_assert_eq!(of_row.map(|()| lost).map_err(|e| e.into_error()), outcome);
                    let expected = if outcome.is_ok() { [b"before\0\x01", &out[6..]].concat() } else { out.to_vec() };
                    prop_assert_eq!(&row[..], &expected[..], "a row of one field is that field");
                    let (mut row, mut lost) = (BytesMut::from(&b"before"[..]), Losses::NONE);
                    let of_values = encoder.encode_values(&mut row, |_, losses| lost = losses, |row| row.push(value));
                    encoder.flush(&mut row);
                    prop_assert_eq!(of_values.map(|()| lost).map_err(|e| e.into_error()), outcome);
                    prop_assert_eq!(&row[..], &expected[..], "without a batch");
                    let field = &out[6..];
                    match (&outcome, field.split_first_chunk()) {
                        (Err(_), None) => prop_assert!(field.is_empty()),
                        (Ok(_), Some((length, body))) => match i32::from_be_bytes(*length) {
                            -1 => prop_assert!(body.is_empty()),
                            length => prop_assert_eq!(usize::try_from(length), Ok(body.len())),
                        },
                        (outcome, _) => prop_assert!(false, "{outcome:?} with {field:?}"),
                    }
                    let null_only = matches!(value, ValueRef::Null);
                    let wrong = transcoder.encode(value, &mut out).is_err_and(|e| e.kind() == ValueErrorKind::WrongForm);
                    prop_assert!(!(null_only && wrong), "NULL fits everywhere");
                }
            }
        }
    }

    #[test]
    fn readers_never_panic(text in "(?s).{0,40}", at in wild_date_time(), minutes in any::<i16>(), bytes in prop::collection::vec(any::<u8>(), 0..24)) {
        for oracle in oracle_types() {
            let _ = literal::parse(&text, &oracle);
            for function in ["TO_DATE", "TO_TIMESTAMP", "TO_TIMESTAMP_TZ", "TO_TIMESTAMP_ITZ", "UNISTR", "HEXTORAW"] {
                let _ = literal::parse(&format!("{function}('{text}')"), &oracle);
                let _ = literal::parse(&format!("{function}('{text}', '{text}')"), &oracle);
            }
        }
        let offset = UtcOffset { minutes };
        let _ = (at.to_date_bytes(), at.to_timestamp_bytes(), at.to_timestamp_tz_bytes(offset), at.to_string());
        let _ = (at.local_at(offset), at.utc_from(offset), at.seconds_since_unix_epoch(), offset.to_string());
        let _ = (DateTime::from_bytes(&bytes), DateTime::from_timestamp_tz_bytes(&bytes));
        let _ = (text.parse::<DateTime>(), text.parse::<PgType>());
    }
}
