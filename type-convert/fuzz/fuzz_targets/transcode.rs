#![no_main]
//! Any value for any pair is written as one whole field, or refused with nothing written.

use bytes::BytesMut;
use libfuzzer_sys::fuzz_target;
use type_convert::{LengthUnit, LossAction, LossPolicy, OracleType, PgType, Transcoder, ValueRef};

const TARGETS: [&str; 16] = [
    "bool", "smallint", "integer", "bigint", "numeric", "numeric(7,3)", "real", "float8", "text", "varchar(5)", "char(5)",
    "bytea", "uuid", "xml", "jsonb", "json",
];

fuzz_target!(|data: &[u8]| {
    let [source, target, form, bits, rest @ ..] = data else { return };
    let sources = [
        OracleType::Number { precision: None, scale: None },
        OracleType::BinaryDouble,
        OracleType::Varchar2 { length: 4000, unit: LengthUnit::Byte },
        OracleType::Char { length: 5, unit: LengthUnit::Byte },
        OracleType::Raw { length: 16 },
        OracleType::Xml,
        OracleType::Json,
    ];
    let action = |bit: u8| if bits & bit == 0 { LossAction::Refuse } else { LossAction::Convert };
    let mut policy = LossPolicy::default();
    policy.nul_character = action(1);
    policy.infinity = action(2);
    policy.numeric_infinity = action(4);
    policy.float_digits = action(8);
    let pg: PgType = TARGETS[usize::from(*target) % TARGETS.len()].parse().expect("a known type");
    let Ok(transcoder) = Transcoder::new(&sources[usize::from(*source) % sources.len()], &pg, policy) else { return };
    let value = match form % 6 {
        0 => ValueRef::NumberBytes(rest),
        1 => match std::str::from_utf8(rest) {
            Ok(text) => ValueRef::Decimal(text),
            Err(_) => return,
        },
        2 => ValueRef::Text(rest),
        3 => ValueRef::Bytes(rest),
        4 => match rest.first_chunk() {
            Some(bytes) => ValueRef::Double(f64::from_be_bytes(*bytes)),
            None => return,
        },
        _ => match rest.first_chunk() {
            Some(bytes) => ValueRef::Int(i64::from_be_bytes(*bytes)),
            None => return,
        },
    };
    let mut out = BytesMut::new();
    match (transcoder.encode(value, &mut out), out.split_first_chunk()) {
        (Err(_), None) => assert!(out.is_empty()),
        (Ok(()), Some((length, body))) => match i32::from_be_bytes(*length) {
            -1 => assert!(body.is_empty()),
            length => assert_eq!(usize::try_from(length), Ok(body.len())),
        },
        (outcome, _) => panic!("{outcome:?} with {out:?}"),
    }
});
