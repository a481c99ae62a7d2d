use super::*;
use crate::{DateTime, IntervalDs, IntervalYm, LengthUnit, Number, UtcOffset, Value};
use proptest::prelude::*;

const NUMBER: OracleType = OracleType::Number { precision: None, scale: None };
const CHAR: OracleType = OracleType::Char { length: 9, unit: LengthUnit::Char };
const VARCHAR2: OracleType = OracleType::Varchar2 { length: 9, unit: LengthUnit::Char };
const TIMESTAMP: OracleType = OracleType::Timestamp { precision: 9 };
const TIMESTAMP_TZ: OracleType = OracleType::TimestampTz { precision: 9 };
const INTERVAL_YM: OracleType = OracleType::IntervalYm { year_precision: 2 };
const INTERVAL_DS: OracleType = OracleType::IntervalDs { day_precision: 2, second_precision: 9 };
const RAW16: OracleType = OracleType::Raw { length: 16 };
const REFUSE: LossPolicy = all(LossAction::Refuse);
const CONVERT: LossPolicy = all(LossAction::Convert);

const fn all(action: LossAction) -> LossPolicy {
    LossPolicy {
        sub_microsecond: action,
        time_of_day: action,
        julian_day: action,
        offset: action,
        out_of_range: action,
        too_long: action,
        decimal_digits: action,
        float_digits: action,
        infinity: action,
        numeric_infinity: action,
        nul_character: action,
        invalid_text: action,
        empty_text: action,
        null_as_empty: false,
        assumed_offset: None,
    }
}

fn encode(oracle: &OracleType, pg: &str, policy: LossPolicy, value: ValueRef<'_>) -> Result<String, ValueErrorKind> {
    let transcoder = Transcoder::new(oracle, &pg.parse().unwrap(), policy).unwrap();
    let mut out = BytesMut::from(&b"before"[..]);
    let outcome = transcoder.encode(value, &mut out).map_err(|e| e.kind());
    assert_eq!(out[..6], b"before"[..]);
    let hex = out[6..].iter().map(|b| format!("{b:02x}")).collect::<String>();
    match outcome {
        Ok(_) => Ok(hex),
        Err(kind) => {
            assert_eq!(hex, "", "nothing is appended on an error");
            Err(kind)
        }
    }
}

fn at(text: &str) -> DateTime {
    text.parse().unwrap()
}

/// In every form in which a NUMBER arrives; all must agree.
fn number(pg: &str, policy: LossPolicy, text: &str) -> Result<String, ValueErrorKind> {
    let number: Number = text.parse().unwrap();
    let from_text = encode(&NUMBER, pg, policy, ValueRef::Decimal(text));
    let from_bytes = encode(&NUMBER, pg, policy, ValueRef::NumberBytes(number.as_bytes()));
    assert_eq!(from_text, from_bytes, "{text} as {pg}");
    if let Some(n) = number.to_i64() {
        assert_eq!(from_text, encode(&NUMBER, pg, policy, ValueRef::Int(n)), "{text} as {pg}");
    }
    from_text
}

/// The expected bytes are what PostgreSQL 15 sent for the stored value (`COPY … TO STDOUT (FORMAT BINARY)`).
#[test]
fn numbers_as_the_server_sends_them() {
    for (pg, text, field) in [
        ("numeric", "0", "000000080000000000000000"),
        ("numeric", "1", "0000000a00010000000000000001"),
        ("numeric", "-12.5", "0000000c0002000040000001000c1388"),
        ("numeric", "0.001", "0000000a0001ffff00000003000a"),
        ("numeric", "1E20", "0000000a00010005000000000001"),
        ("numeric", "100000000", "0000000a00010002000000000001"),
        ("numeric(10,2)", "0", "000000080000000000000002"),
        ("numeric(10,2)", "1", "0000000a00010000000000020001"),
        ("numeric(10,2)", "-12.5", "0000000c0002000040000002000c1388"),
        ("numeric(10,2)", ".01", "0000000a0001ffff000000020064"),
        ("numeric(3,-2)", "0", "000000080000000000000000"),
        ("numeric(3,-2)", "12300", "0000000c0002000100000000000108fc"),
        ("numeric(3,5)", "0", "000000080000000000000005"),
        ("numeric(3,5)", "0.00123", "0000000c0002ffff00000005000c0bb8"),
        ("smallint", "-32768", "000000028000"),
        ("integer", "2147483647", "000000047fffffff"),
        ("bigint", "-9223372036854775808", "000000088000000000000000"),
        ("bigint", "1E18", "000000080de0b6b3a7640000"),
        ("boolean", "1", "0000000101"),
        ("boolean", "0.0", "0000000100"),
        ("text", "-.5", "000000042d302e35"),
        ("text", "1.5E+2", "00000003313530"),
        ("character varying(3)", "150", "00000003313530"),
        ("character(5)", "150", "000000053135302020"),
        ("double precision", "0.1", "000000083fb999999999999a"),
        ("double precision", "~", "000000087ff0000000000000"),
        ("double precision", "1152921504606846976", "0000000843b0000000000000"),
        ("real", "-~", "00000004ff800000"),
        ("real", "0.1", "000000043dcccccd"),
        ("real", "0.12345678", "000000043dfcd6e9"),
        ("real", "16777216", "000000044b800000"),
    ] {
        assert_eq!(number(pg, REFUSE, text).as_deref(), Ok(field), "{text} as {pg}");
    }
    assert_eq!(number("numeric", CONVERT, "~").as_deref(), Ok("0000000800000000d0000020"));
    assert_eq!(number("numeric", CONVERT, "-~").as_deref(), Ok("0000000800000000f0000020"));
    for pg in ["numeric(5,0)", "bigint", "boolean", "text"] {
        assert_eq!(number(pg, CONVERT, "~").as_deref(), Ok("ffffffff"), "{pg}");
        assert_eq!(number(pg, REFUSE, "-~"), Err(ValueErrorKind::NotFinite), "{pg}");
    }
}

#[test]
fn numbers_that_do_not_fit() {
    use ValueErrorKind::{Inexact, NotFinite, Overflow};
    for (pg, text, kind) in [
        ("numeric", "~", NotFinite),
        ("numeric(10,2)", "0.001", Inexact),
        ("numeric(10,2)", "100000000", Overflow),
        ("numeric(3,-2)", "12301", Inexact),
        ("numeric(3,-2)", "100000", Overflow),
        ("numeric(3,5)", "0.01", Overflow),
        ("numeric(3,5)", "0.000001", Inexact),
        ("smallint", "32768", Overflow),
        ("integer", "-2147483649", Overflow),
        ("bigint", "9223372036854775808", Overflow),
        ("bigint", "1E125", Overflow),
        ("bigint", "0.5", Inexact),
        ("boolean", "2", Overflow),
        ("boolean", "-1", Overflow),
        ("boolean", "10000", Overflow),
        ("character varying(3)", "-150", Overflow),
        ("double precision", "0.12345678901234567890", Inexact),
        ("double precision", "9007199254740993", Inexact),
        ("real", "0.123456789", Inexact),
        ("real", "16777217E-1", Inexact),
        ("real", "1E40", Overflow),
        ("real", "1E-60", Inexact),
    ] {
        assert_eq!(number(pg, REFUSE, text), Err(kind), "{text} as {pg}");
    }
    assert_eq!(number("real", CONVERT, "0.123456789").as_deref(), Ok("000000043dfcd6ea"));
    for malformed in [ValueRef::Decimal("1,5"), ValueRef::NumberBytes(&[0xc1, 0]), ValueRef::Decimal("1E200")] {
        for pg in ["numeric", "bigint", "text", "real", "double precision", "boolean", "smallint"] {
            assert_eq!(encode(&NUMBER, pg, CONVERT, malformed), Err(ValueErrorKind::Malformed), "{pg}");
        }
    }
}

#[test]
fn floating_point() {
    let (float, double) = (OracleType::BinaryFloat, OracleType::BinaryDouble);
    for (oracle, pg, value, field) in [
        (&float, "real", ValueRef::Float(3.4e37), "000000047dcca14b"),
        (&float, "real", ValueRef::Float(-0.0), "0000000480000000"),
        (&float, "real", ValueRef::Float(-f32::NAN), "000000047fc00000"),
        (&float, "double precision", ValueRef::Float(0.5), "000000083fe0000000000000"),
        (&double, "real", ValueRef::Double(0.5), "000000043f000000"),
        (&double, "real", ValueRef::Double(f64::INFINITY), "000000047f800000"),
        (&double, "double precision", ValueRef::Double(f64::NAN), "000000087ff8000000000000"),
        (&double, "numeric", ValueRef::Double(f64::NAN), "0000000800000000c0000000"),
        (&double, "numeric(10,2)", ValueRef::Double(f64::NAN), "0000000800000000c0000000"),
        (&double, "numeric", ValueRef::Double(-12.5), "0000000c0002000040000001000c1388"),
        (&double, "numeric(10,2)", ValueRef::Double(-0.0), "000000080000000000000002"),
    ] {
        assert_eq!(encode(oracle, pg, REFUSE, value).as_deref(), Ok(field), "{value:?} as {pg}");
    }
    for (pg, value, kind) in [
        ("real", 0.1, ValueErrorKind::Inexact),
        ("real", 1e300, ValueErrorKind::Overflow),
        ("numeric(10,2)", 0.1, ValueErrorKind::Inexact),
        ("numeric", f64::INFINITY, ValueErrorKind::NotFinite),
    ] {
        assert_eq!(encode(&double, pg, REFUSE, ValueRef::Double(value)), Err(kind));
    }
    assert_eq!(encode(&double, "real", CONVERT, ValueRef::Double(0.1)).as_deref(), Ok("000000043dcccccd"));
}

/// Wherever it stands in a text of whatever length.
#[test]
fn every_byte_of_a_text_is_checked() {
    for length in 1..100 {
        for at in 0..length {
            for (byte, expected) in [
                (b'\x01', Ok(())),
                (b'\x7f', Ok(())),
                (0, Err(ValueErrorKind::NulCharacter)),
                (0x80, Err(ValueErrorKind::InvalidText)),
                (0xff, Err(ValueErrorKind::InvalidText)),
            ] {
                let mut text = vec![b'a'; length];
                text[at] = byte;
                let written = encode(&OracleType::Clob, "text", REFUSE, ValueRef::Text(&text));
                assert_eq!(written.map(|_| ()), expected, "{byte:#x} at {at} of {length}");
            }
        }
    }
}

#[test]
fn text() {
    use ValueErrorKind::{InvalidText, NulCharacter, Overflow, WrongForm};
    for (oracle, pg, value, field) in [
        (&VARCHAR2, "text", "Žab", Ok("00000004c5bd6162")),
        (&VARCHAR2, "character varying(3)", "Žab", Ok("00000004c5bd6162")),
        (&VARCHAR2, "character varying(3)", "Žab ", Err(Overflow)),
        (&VARCHAR2, "character(5)", "Žab", Ok("00000006c5bd61622020")),
        (&VARCHAR2, "character(3)", "Žab ", Err(Overflow)),
        (&CHAR, "character(3)", "Žab  ", Ok("00000004c5bd6162")),
        (&CHAR, "character(3)", "Žabc ", Err(Overflow)),
        (&CHAR, "text", "a  ", Ok("00000003612020")),
        (&OracleType::Clob, "text", "", Ok("00000000")),
        (&VARCHAR2, "text", "a\0b", Err(NulCharacter)),
        (&OracleType::Json, "json", "{\"a\":1}", Ok("000000077b2261223a317d")),
        (&OracleType::Json, "jsonb", "1", Ok("000000020131")),
        (&OracleType::Xml, "xml", "<?xml version=\"1.0\"?>\n<a>ž</a>", Ok("000000093c613ec5be3c2f613e")),
        (
            &OracleType::Xml,
            "xml",
            "<?xml version=\"1.0\" encoding='x' standalone='yes'?><a/>",
            Ok("0000002a3c3f786d6c2076657273696f6e3d22312e3022207374616e64616c6f6e653d22796573223f3e3c612f3e"),
        ),
    ] {
        let outcome = encode(oracle, pg, REFUSE, ValueRef::Text(value.as_bytes()));
        assert_eq!(outcome.as_deref().map_err(|e| *e), field, "{value} as {pg}");
    }
    assert_eq!(encode(&VARCHAR2, "text", REFUSE, ValueRef::Text(&[0xff])), Err(InvalidText));
    assert_eq!(
        encode(&OracleType::Xml, "xml", REFUSE, ValueRef::Text(b"<?xml version=\"1.0\"?>\xff")),
        Err(InvalidText)
    );
    assert_eq!(encode(&VARCHAR2, "text", CONVERT, ValueRef::Int(1)), Err(WrongForm));
    for (pg, field) in
        [("text", "000000026162"), ("character varying(2)", "000000026162"), ("character(3)", "00000003616220")]
    {
        assert_eq!(encode(&VARCHAR2, pg, CONVERT, ValueRef::Text(b"\0a\0b\0")).as_deref(), Ok(field), "{pg}");
    }
    assert_eq!(encode(&CHAR, "character(2)", CONVERT, ValueRef::Text(b"a\0b  ")).as_deref(), Ok("000000026162"));
    let cut = encode(&VARCHAR2, "character varying(1)", CONVERT, ValueRef::Text(b"\0a\0b\0"));
    assert_eq!(cut.as_deref(), Ok("0000000161"));
}

/// Every loss: refused, set aside, or converted as stated and counted.
#[test]
fn losses_are_refused_set_aside_or_counted() {
    use Loss as L;
    use ValueErrorKind as K;
    let text = |text: &'static str| ValueRef::Text(text.as_bytes());
    let at = |text: &str| ValueRef::DateTime(at(text));
    let days = |days, nanoseconds| ValueRef::IntervalDs(IntervalDs { days, nanoseconds });
    let zoned = ValueRef::DateTimeTz("2024-03-01 05:29:59.123456".parse().unwrap(), UtcOffset { minutes: 330 });
    let field = |pg: &str, oracle: &OracleType, value| encode(oracle, pg, REFUSE, value).unwrap();
    let number = |pg: &str, n: i64| field(pg, &NUMBER, ValueRef::Int(n));
    let null = || "ffffffff".to_owned();
    let cases: Vec<(&OracleType, &str, ValueRef<'_>, L, K, String)> = vec![
        (
            &TIMESTAMP,
            "timestamp",
            at("2023-12-31 23:59:59.9999995"),
            L::SubMicrosecond,
            K::Inexact,
            field("timestamp", &TIMESTAMP, at("2024-01-01 00:00:00")),
        ),
        (
            &TIMESTAMP,
            "timestamp(0)",
            at("2024-01-01 00:00:01.499999999"),
            L::SubMicrosecond,
            K::Inexact,
            field("timestamp", &TIMESTAMP, at("2024-01-01 00:00:01")),
        ),
        (
            &INTERVAL_DS,
            "interval",
            days(-1, -1_500),
            L::SubMicrosecond,
            K::Inexact,
            field("interval", &INTERVAL_DS, days(-1, -2_000)),
        ),
        (
            &OracleType::Date,
            "date",
            at("2024-02-29 00:00:01"),
            L::TimeOfDay,
            K::Inexact,
            field("date", &OracleType::Date, at("2024-02-29 00:00:00")),
        ),
        (
            &OracleType::Date,
            "timestamp(0)",
            at("1500-02-29 12:00:00"),
            L::JulianDay,
            K::NoSuchDay,
            field("timestamp(0)", &OracleType::Date, at("1500-03-01 12:00:00")),
        ),
        (&NUMBER, "smallint", ValueRef::Int(32_768), L::OutOfRange, K::Overflow, null()),
        (&NUMBER, "integer", ValueRef::Decimal("1E100"), L::OutOfRange, K::Overflow, null()),
        (&NUMBER, "numeric(3,1)", ValueRef::Decimal("100"), L::OutOfRange, K::Overflow, null()),
        (&NUMBER, "real", ValueRef::Decimal("1E40"), L::OutOfRange, K::Overflow, null()),
        (&NUMBER, "varchar(2)", ValueRef::Int(123), L::OutOfRange, K::Overflow, null()),
        (&NUMBER, "boolean", ValueRef::Int(2), L::OutOfRange, K::Overflow, null()),
        (&VARCHAR2, "varchar(2)", text("žluť"), L::TooLong, K::Overflow, field("text", &VARCHAR2, text("žl"))),
        (&CHAR, "char(2)", text("abc "), L::TooLong, K::Overflow, field("text", &VARCHAR2, text("ab"))),
        (&NUMBER, "bigint", ValueRef::Decimal("-2.5"), L::DecimalDigits, K::Inexact, number("bigint", -3)),
        (&NUMBER, "numeric(4,-2)", ValueRef::Int(949), L::DecimalDigits, K::Inexact, number("numeric(4,-2)", 900)),
        (
            &OracleType::BinaryDouble,
            "integer",
            ValueRef::Double(1.5),
            L::DecimalDigits,
            K::Inexact,
            number("integer", 2),
        ),
        (
            &NUMBER,
            "double precision",
            ValueRef::Decimal("9007199254740993"),
            L::FloatDigits,
            K::Inexact,
            number("double precision", 9_007_199_254_740_992),
        ),
        (&NUMBER, "bigint", ValueRef::Decimal("~"), L::Infinity, K::NotFinite, null()),
        (&OracleType::BinaryDouble, "bigint", ValueRef::Double(f64::NAN), L::Infinity, K::NotFinite, null()),
        (&NUMBER, "numeric(5,2)", ValueRef::Decimal("-~"), L::Infinity, K::NotFinite, null()),
        (
            &NUMBER,
            "numeric",
            ValueRef::Decimal("~"),
            L::NumericInfinity,
            K::NotFinite,
            "0000000800000000d0000020".to_owned(),
        ),
        (&VARCHAR2, "text", text("a\0b"), L::NulCharacter, K::NulCharacter, field("text", &VARCHAR2, text("ab"))),
        (
            &OracleType::Clob,
            "text",
            ValueRef::Text(b"a\xffb\xe2\x82"),
            L::InvalidText,
            K::InvalidText,
            field("text", &VARCHAR2, text("a\u{fffd}b\u{fffd}")),
        ),
        (&VARCHAR2, "text", text(""), L::EmptyText, K::EmptyText, null()),
        (&VARCHAR2, "json", text(""), L::EmptyText, K::EmptyText, null()),
        (&VARCHAR2, "jsonb", text(""), L::EmptyText, K::EmptyText, null()),
        (&VARCHAR2, "xml", text(""), L::EmptyText, K::EmptyText, null()),
        (&VARCHAR2, "enum mood ('sad')", text(""), L::EmptyText, K::EmptyText, null()),
        (&VARCHAR2, "integer", text("  "), L::EmptyText, K::EmptyText, null()),
    ];
    for (oracle, pg, value, loss, kind, converted) in cases {
        let what = format!("{value:?} as {pg}");
        let with = |action| {
            let mut policy = REFUSE;
            policy.set(loss, action);
            let mut out = BytesMut::new();
            let outcome = Transcoder::new(oracle, &pg.parse().unwrap(), policy).unwrap().encode(value, &mut out);
            (outcome, out.iter().map(|b| format!("{b:02x}")).collect::<String>())
        };
        let (outcome, out) = with(LossAction::Refuse);
        let error = outcome.unwrap_err();
        assert_eq!((error.kind(), error.is_quarantined(), out.as_str()), (kind, false, ""), "{what}");
        let (outcome, out) = with(LossAction::Quarantine);
        let error = outcome.unwrap_err();
        assert_eq!((error.kind(), error.is_quarantined(), out.as_str()), (kind, true, ""), "{what}");
        assert_eq!(with(LossAction::Convert), (Ok(loss.into()), converted), "{what}");
    }
    // What may be lost by name only: the plan itself is refused.
    let pair = |policy| Transcoder::new(&TIMESTAMP_TZ, &"timestamp".parse().unwrap(), policy);
    assert!(pair(REFUSE).is_err());
    let mut out = BytesMut::new();
    let lost = pair(CONVERT).unwrap().encode(zoned, &mut out).unwrap();
    assert_eq!((lost, out.len()), (Loss::Offset.into(), 12));
    let mut utc = BytesMut::new();
    let exact = Transcoder::new(&TIMESTAMP_TZ, &"timestamptz".parse().unwrap(), REFUSE).unwrap();
    assert_eq!(exact.encode(zoned, &mut utc), Ok(Losses::NONE));
    assert_eq!(out, utc);
    let both = encode(&VARCHAR2, "varchar(1)", CONVERT, ValueRef::Text(b"\0\xffb"));
    assert_eq!(both.as_deref(), Ok("00000003efbfbd"));
}

#[test]
fn null_becomes_empty_where_asked_for() {
    let policy = LossPolicy { null_as_empty: true, ..REFUSE };
    for (oracle, pg, field, lost) in [
        (&VARCHAR2, "text", "00000000", Losses::from(Loss::NullAsEmpty)),
        (&CHAR, "char(2)", "000000022020", Loss::NullAsEmpty.into()),
        (&VARCHAR2, "integer", "ffffffff", Losses::NONE),
        (&VARCHAR2, "json", "ffffffff", Losses::NONE),
        (&VARCHAR2, "jsonb", "ffffffff", Losses::NONE),
        (&OracleType::Clob, "text", "ffffffff", Losses::NONE),
        (&NUMBER, "text", "ffffffff", Losses::NONE),
    ] {
        let mut out = BytesMut::new();
        let transcoder = Transcoder::new(oracle, &pg.parse().unwrap(), policy).unwrap();
        assert_eq!(transcoder.encode(ValueRef::Null, &mut out), Ok(lost), "{pg}");
        assert_eq!(out.iter().map(|b| format!("{b:02x}")).collect::<String>(), field, "{pg}");
    }
}

#[test]
fn texts_that_stand_for_other_values() {
    use ValueErrorKind::{Inexact, NotOfTarget, Overflow};
    for (oracle, pg, value, same) in [
        (&VARCHAR2, "integer", " -42 ", Ok((&NUMBER, ValueRef::Int(-42)))),
        (&CHAR, "numeric(5,2)", "1.5  ", Ok((&NUMBER, ValueRef::Decimal("1.5")))),
        (&VARCHAR2, "double precision", "1e3", Ok((&NUMBER, ValueRef::Int(1000)))),
        (&VARCHAR2, "bigint", "1.5", Err(Inexact)),
        (&VARCHAR2, "smallint", "70000", Err(Overflow)),
        (&VARCHAR2, "integer", "12a", Err(NotOfTarget)),
        (&CHAR, "boolean", "Y  ", Ok((&OracleType::Boolean, ValueRef::Boolean(true)))),
        (&VARCHAR2, "boolean", "off", Ok((&OracleType::Boolean, ValueRef::Boolean(false)))),
        (&VARCHAR2, "boolean", "maybe", Err(NotOfTarget)),
        (&VARCHAR2, "date", "2024-02-29", Ok((&OracleType::Date, ValueRef::DateTime(at("2024-02-29 00:00:00"))))),
        (
            &VARCHAR2,
            "timestamp",
            "2024-02-29T23:59:59.5",
            Ok((&OracleType::Date, ValueRef::DateTime(at("2024-02-29 23:59:59.5")))),
        ),
        (
            &VARCHAR2,
            "timestamp",
            "-0044-03-15",
            Ok((&OracleType::Date, ValueRef::DateTime(at("-0044-03-15 00:00:00")))),
        ),
        (&VARCHAR2, "date", "29.02.2024", Err(NotOfTarget)),
        (&VARCHAR2, "date", "24-02-29", Err(NotOfTarget)),
        (&VARCHAR2, "date", "2024-2-29", Err(NotOfTarget)),
        (&VARCHAR2, "timestamp", "2024-02-2923:59:59", Err(NotOfTarget)),
        (&VARCHAR2, "numeric", "~", Err(NotOfTarget)),
        (&VARCHAR2, "double precision", "-~", Err(NotOfTarget)),
        (&VARCHAR2, "timestamp", "2024-02-30", Err(NotOfTarget)),
        (
            &VARCHAR2,
            "uuid",
            "00112233-4455-6677-8899-aabbccddeeff",
            Ok((&RAW16, ValueRef::Bytes(b"\x00\x11\x22\x33\x44\x55\x66\x77\x88\x99\xaa\xbb\xcc\xdd\xee\xff"))),
        ),
        (&VARCHAR2, "uuid", "0011", Err(NotOfTarget)),
        (&CHAR, "enum mood ('sad', 'ok')", "ok ", Ok((&VARCHAR2, ValueRef::Text(b"ok")))),
        (&VARCHAR2, "enum mood ('sad', 'ok')", "OK", Err(NotOfTarget)),
        (&VARCHAR2, "enum mood ('sad', 'ok')", "ok ", Err(NotOfTarget)),
        (&VARCHAR2, "enum mood ('sad', 'ok')", "", Err(ValueErrorKind::EmptyText)),
        (&CHAR, "enum mood ('sad', 'ok')", "ok\n", Err(NotOfTarget)),
        (&CHAR, "enum mood ('sad', 'ok ')", "ok", Ok((&VARCHAR2, ValueRef::Text(b"ok ")))),
        (&VARCHAR2, "enum mood", "whatever", Ok((&VARCHAR2, ValueRef::Text(b"whatever")))),
        (&VARCHAR2, "citext", "Abc", Ok((&VARCHAR2, ValueRef::Text(b"Abc")))),
    ] {
        let expected = same.map(|(oracle, value)| {
            let pg = if pg.starts_with("enum") { "text" } else { pg };
            encode(oracle, pg, REFUSE, value).unwrap()
        });
        assert_eq!(encode(oracle, pg, REFUSE, ValueRef::Text(value.as_bytes())), expected, "{value} as {pg}");
    }
}

#[test]
fn values_as_text() {
    let shown = |oracle: &OracleType, pg: &str, value| {
        let field = encode(oracle, pg, REFUSE, value).unwrap();
        let bytes = (8..field.len()).step_by(2).map(|i| u8::from_str_radix(&field[i..i + 2], 16).unwrap());
        String::from_utf8(bytes.collect()).unwrap()
    };
    let moment = |text: &str| ValueRef::DateTime(at(text));
    let zoned = |text: &str, minutes| ValueRef::DateTimeTz(at(text), UtcOffset { minutes });
    let double = &OracleType::BinaryDouble;
    for (oracle, value, text) in [
        (&OracleType::Date, moment("2024-02-29 23:59:58"), "2024-02-29 23:59:58"),
        (&TIMESTAMP, moment("-0044-03-15 12:00:00.5"), "0044-03-15 12:00:00.500000000 BC"),
        (&TIMESTAMP_TZ, zoned("2024-02-29 23:59:58", -330), "2024-02-29 23:59:58-05:30"),
        (&INTERVAL_YM, ValueRef::IntervalYm(IntervalYm { months: -15 }), "-01-03"),
        (&INTERVAL_DS, ValueRef::IntervalBytes(&[128, 0, 0, 5, 70, 70, 70, 128, 0, 0, 0]), "+05 10:10:10"),
        (&RAW16, ValueRef::Bytes(&[0, 0xab, 0x1f]), "00AB1F"),
        (&OracleType::Boolean, ValueRef::Boolean(true), "true"),
        (double, ValueRef::Double(0.1), "0.1"),
        (double, ValueRef::Double(-1e300), "-1e300"),
        (double, ValueRef::Double(f64::NEG_INFINITY), "-Infinity"),
        (&OracleType::BinaryFloat, ValueRef::Float(3.4e37), "3.4e37"),
        (&OracleType::BinaryFloat, ValueRef::Float(0.3), "0.3"),
        (&OracleType::Blob, ValueRef::Bytes("žluť".as_bytes()), "žluť"),
        (
            &OracleType::BFile,
            ValueRef::Bfile(crate::BfileLocator { directory: "DOCS", file: "a.pdf" }),
            "BFILENAME('DOCS', 'a.pdf')",
        ),
    ] {
        assert_eq!(shown(oracle, "text", value), text);
    }
    assert_eq!(shown(&RAW16, "char(6)", ValueRef::Bytes(&[1, 2])), "0102  ");
    assert_eq!(encode(&RAW16, "varchar(3)", REFUSE, ValueRef::Bytes(&[1, 2])), Err(ValueErrorKind::Overflow));
    assert_eq!(encode(&OracleType::Blob, "jsonb", REFUSE, ValueRef::Bytes(b"1")).as_deref(), Ok("000000020131"));
    assert_eq!(encode(&OracleType::Blob, "text", REFUSE, ValueRef::Bytes(b"\xff")), Err(ValueErrorKind::InvalidText));
}

#[test]
fn oracle_bytes_are_the_values() {
    use ValueErrorKind::{Malformed, WrongForm};
    for text in ["2024-02-29 23:59:58", "-4712-01-01 00:00:00", "9999-12-31 23:59:59.999999"] {
        let moment = at(text);
        let expected = encode(&TIMESTAMP, "timestamp", REFUSE, ValueRef::DateTime(moment));
        let bytes = moment.to_timestamp_bytes().unwrap();
        assert_eq!(encode(&TIMESTAMP, "timestamp", REFUSE, ValueRef::DateBytes(&bytes)), expected);
        let offset = UtcOffset { minutes: 90 };
        let Ok(bytes) = moment.to_timestamp_tz_bytes(offset) else { continue };
        let expected = encode(&TIMESTAMP_TZ, "timestamptz", REFUSE, ValueRef::DateTimeTz(moment, offset));
        assert_eq!(encode(&TIMESTAMP_TZ, "timestamptz", REFUSE, ValueRef::DateBytes(&bytes)), expected);
    }
    for (oracle, pg, value, kind) in [
        (&OracleType::Date, "timestamp", ValueRef::DateBytes(&[120, 124, 13, 1, 1, 1, 1]), Malformed),
        (&OracleType::Date, "timestamp", ValueRef::DateBytes(&[120, 124, 1, 0, 1, 1, 1]), Malformed),
        (&OracleType::Date, "timestamp", ValueRef::DateBytes(&[120; 30]), Malformed),
        (&OracleType::Date, "date", ValueRef::DateBytes(&[]), Malformed),
        (&TIMESTAMP_TZ, "timestamptz", ValueRef::DateBytes(&[120, 124, 1, 1, 1, 1, 1]), Malformed),
        (
            &TIMESTAMP_TZ,
            "timestamptz",
            ValueRef::DateTimeTz(at("2024-01-01 00:00:00"), UtcOffset { minutes: 960 }),
            Malformed,
        ),
        (&INTERVAL_YM, "interval", ValueRef::IntervalBytes(&[128, 0, 0, 2, 100]), Malformed),
        (&INTERVAL_DS, "interval", ValueRef::IntervalBytes(&[128, 0, 0, 2, 100]), Malformed),
        (&INTERVAL_DS, "interval", ValueRef::DateBytes(&[120, 124, 1, 1, 1, 1, 1]), WrongForm),
        (&NUMBER, "numeric", ValueRef::DateBytes(&[193, 2]), WrongForm),
        (&NUMBER, "numeric", ValueRef::NumberBytes(&[]), Malformed),
        (&NUMBER, "numeric", ValueRef::NumberBytes(&[193; 23]), Malformed),
        (
            &OracleType::Blob,
            "bytea",
            ValueRef::Streamed(crate::StreamedLob { id: 0, length: 1 }),
            ValueErrorKind::Streamed,
        ),
    ] {
        assert_eq!(encode(oracle, pg, CONVERT, value), Err(kind), "{value:?} as {pg}");
    }
}

/// Given away or not, a LOB's field is the same.
#[test]
fn owned_lobs() {
    let xml = "\n<?xml version='1.0' standalone='no'?><a/>";
    for (oracle, pg, text) in [
        (&OracleType::Clob, "text", "žluť"),
        (&OracleType::Clob, "text", ""),
        (&OracleType::Clob, "text", "a\0b"),
        (&OracleType::Clob, "varchar(9)", "abc"),
        (&OracleType::Clob, "char(5)", "abc"),
        (&OracleType::Clob, "jsonb", "{}"),
        (&OracleType::Json, "json", "{}"),
        (&OracleType::Json, "jsonb", "[1]"),
        (&OracleType::Xml, "xml", &xml[1..]),
        (&OracleType::Xml, "xml", xml),
        (&OracleType::Blob, "bytea", "\0\u{1}"),
        (&OracleType::Blob, "bytea", ""),
        (&OracleType::Blob, "text", "abc"),
        (&OracleType::Blob, "jsonb", "1"),
    ] {
        let form = if *oracle == OracleType::Blob {
            ValueRef::Bytes(text.as_bytes())
        } else {
            ValueRef::Text(text.as_bytes())
        };
        for policy in [REFUSE, CONVERT] {
            let transcoder = Transcoder::new(oracle, &pg.parse().unwrap(), policy).unwrap();
            let (mut out, mut owned) = (BytesMut::from(&b"x"[..]), BytesMut::from(&b"x"[..]));
            let expected = transcoder.encode(form, &mut out);
            let outcome = transcoder.encode_owned(text.as_bytes().into(), &mut owned);
            let outcome = outcome.map(|(losses, body)| {
                owned.extend_from_slice(&body);
                losses
            });
            assert_eq!((outcome, owned), (expected, out), "{text:?} as {pg}");
        }
    }
}

#[test]
fn vectors() {
    let vector = |format| OracleType::Vector { dimensions: None, format };
    let (single, any, bits) = (vector(Some(VectorFormat::Float32)), vector(None), vector(Some(VectorFormat::Binary)));
    let text = ValueRef::Text(b"[1.5,-2]");
    let array =
        |oid: &str, values: &str| format!("{:08x}0000000100000000{oid}0000000200000001{values}", 20 + values.len() / 2);
    for (oracle, pg, field) in [
        (&single, "real[]", array("000002bc", "000000043fc0000000000004c0000000")),
        (&any, "double precision[]", array("000002bd", "000000083ff800000000000000000008c000000000000000")),
        (&any, "vector(2)", "0000000c000200003fc00000c0000000".to_owned()),
        (&any, "text", "000000085b312e352c2d325d".to_owned()),
    ] {
        assert_eq!(encode(oracle, pg, REFUSE, text), Ok(field), "{pg}");
    }
    assert_eq!(encode(&any, "varchar(7)", REFUSE, text), Err(ValueErrorKind::Overflow));
    assert_eq!(encode(&any, "varchar(7)", CONVERT, text).as_deref(), Ok("ffffffff"), "half a vector is none");
    assert_eq!(encode(&any, "vector(3)", REFUSE, text), Err(ValueErrorKind::Overflow));
    assert_eq!(encode(&any, "vector(3)", CONVERT, text).as_deref(), Ok("ffffffff"));
    let set_aside = Transcoder::new(&any, &"vector(3)".parse().unwrap(), all(LossAction::Quarantine)).unwrap();
    assert!(set_aside.encode(text, &mut BytesMut::new()).unwrap_err().is_quarantined());
    let tenth = ValueRef::Text(b"[1E-001]");
    assert_eq!(encode(&any, "real[]", REFUSE, tenth), Err(ValueErrorKind::Inexact));
    assert!(encode(&any, "real[]", CONVERT, tenth).is_ok() && encode(&single, "real[]", REFUSE, tenth).is_ok());
    let large = ValueRef::Text(b"[1E+100]");
    assert_eq!(encode(&any, "vector", REFUSE, large), Err(ValueErrorKind::Overflow));
    assert_eq!(encode(&any, "vector", CONVERT, large).as_deref(), Ok("ffffffff"));
    assert_eq!(encode(&any, "real[]", CONVERT, ValueRef::VectorBytes(&[0xdb, 9])), Err(ValueErrorKind::Malformed));
    assert!(Transcoder::new(&bits, &"real[]".parse().unwrap(), REFUSE).is_err());
    assert_eq!(
        encode(&OracleType::Json, "jsonb", REFUSE, ValueRef::Oson(&[0xff, 0x4a])),
        Err(ValueErrorKind::Malformed)
    );
}

/// The expected bytes are what PostgreSQL 15 sent for `ROW('a', 7)::address` and for arrays.
#[test]
fn composites_and_arrays() {
    let address = OracleType::Object(Box::new(crate::ObjectType {
        owner: "APP".into(),
        name: "ADDRESS".into(),
        attributes: vec![("STREET".into(), VARCHAR2), ("NO".into(), NUMBER)],
    }));
    let list = |element: &OracleType| {
        OracleType::Collection(Box::new(crate::CollectionType {
            owner: "APP".into(),
            name: "LIST".into(),
            limit: None,
            element: element.clone(),
        }))
    };
    let value = [crate::Value::Text("a".into()), crate::Value::Number(7_i64.into())];
    let composite = "composite address (street text, no integer)";
    let row = "0000000200000019000000016100000017000000040000000 7".replace(' ', "");
    assert_eq!(
        encode(&address, composite, REFUSE, ValueRef::Object(&value)),
        Ok(format!("{:08x}{row}", row.len() / 2))
    );
    assert_eq!(encode(&address, composite, REFUSE, ValueRef::Null).as_deref(), Ok("ffffffff"));
    assert_eq!(encode(&address, composite, REFUSE, ValueRef::Object(&value[..1])), Err(ValueErrorKind::Malformed));
    let bad = [crate::Value::Text("a".into()), crate::Value::Number(3_000_000_000_i64.into())];
    assert_eq!(encode(&address, composite, REFUSE, ValueRef::Object(&bad)), Err(ValueErrorKind::Overflow));

    let numbers = [crate::Value::Number(1_i64.into()), crate::Value::Null];
    assert_eq!(
        encode(&list(&NUMBER), "integer[]", REFUSE, ValueRef::Collection(&numbers)).as_deref(),
        Ok("000000200000000100000001000000170000000200000001000000040000000 1ffffffff".replace(' ', "").as_str())
    );
    assert_eq!(
        encode(&list(&NUMBER), "integer[]", REFUSE, ValueRef::Collection(&[])).as_deref(),
        Ok("0000000c000000000000000000000017")
    );
    // No arrays of arrays, however they are asked for.
    let nested = PgType::Array(Box::new(PgType::Array(Box::new(PgType::Int4))));
    let error = Transcoder::new(&list(&list(&NUMBER)), &nested, REFUSE).unwrap_err();
    assert!(error.to_string().contains("no arrays of arrays"), "{error}");
    // Within an array the composite's OID is needed.
    let pair = |pg: PgType| Transcoder::new(&list(&address), &PgType::Array(Box::new(pg)), REFUSE);
    let PgType::Composite(mut of) = composite.parse().unwrap() else { panic!() };
    assert!(pair(PgType::Composite(of.clone())).unwrap_err().to_string().contains("PgComposite::oid"));
    of.oid = Some(70_000);
    let mut out = BytesMut::new();
    let rows = [crate::Value::Object(value.to_vec()), crate::Value::Null];
    pair(PgType::Composite(of)).unwrap().encode(ValueRef::Collection(&rows), &mut out).unwrap();
    assert_eq!(out.len(), 4 + 20 + 4 + row.len() / 2 + 4);
}

#[test]
fn bytes() {
    let uuid = *b"\x00\x11\x22\x33\x44\x55\x66\x77\x88\x99\xaa\xbb\xcc\xdd\xee\xff";
    let field = "0000001000112233445566778899aabbccddeeff";
    assert_eq!(encode(&RAW16, "uuid", REFUSE, ValueRef::Bytes(&uuid)).as_deref(), Ok(field));
    assert_eq!(encode(&RAW16, "bytea", REFUSE, ValueRef::Bytes(&uuid)).as_deref(), Ok(field));
    assert_eq!(encode(&RAW16, "uuid", REFUSE, ValueRef::Bytes(&uuid[..15])), Err(ValueErrorKind::Overflow));
    assert_eq!(encode(&OracleType::Blob, "bytea", REFUSE, ValueRef::Bytes(b"")).as_deref(), Ok("00000000"));
    assert_eq!(encode(&OracleType::Blob, "bytea", REFUSE, ValueRef::Null).as_deref(), Ok("ffffffff"));
    assert_eq!(encode(&OracleType::Blob, "bytea", REFUSE, ValueRef::Text(b"")), Err(ValueErrorKind::WrongForm));
}

#[test]
fn dates_and_times() {
    use ValueErrorKind::{Inexact, Malformed, NoSuchDay};
    let plain =
        |oracle: &OracleType, pg: &str, policy, text: &str| encode(oracle, pg, policy, ValueRef::DateTime(at(text)));
    for (oracle, pg, text, field) in [
        (&TIMESTAMP, "timestamp", "2024-02-29 23:59:59.123456", Ok("000000080002b58cd3566000")),
        (&TIMESTAMP, "timestamp(3)", "2024-02-29 23:59:59.123", Ok("000000080002b58cd3565e38")),
        (&TIMESTAMP, "timestamp(3)", "2024-02-29 23:59:59.1234", Err(Inexact)),
        (&TIMESTAMP, "timestamp", "2024-02-29 23:59:59.1234561", Err(Inexact)),
        (&OracleType::Date, "timestamp(0)", "-4712-01-01 00:00:00", Ok("00000008fd0f9c8059032000")),
        (&OracleType::Date, "timestamp", "1500-02-29 00:00:00", Err(NoSuchDay)),
        (&OracleType::Date, "date", "1582-10-04 00:00:00", Ok("00000004fffdacb5")),
        (&OracleType::Date, "date", "9999-12-31 00:00:00", Ok("00000004002c95d3")),
        (&OracleType::Date, "date", "9999-12-31 00:00:01", Err(Inexact)),
    ] {
        assert_eq!(plain(oracle, pg, REFUSE, text).as_deref().map_err(|e| *e), field, "{text} as {pg}");
    }
    let rounded = plain(&TIMESTAMP, "timestamp", CONVERT, "2024-02-29 23:59:59.1234555");
    assert_eq!(rounded.as_deref(), Ok("000000080002b58cd3566000"));
    let carried = plain(&TIMESTAMP, "timestamp(0)", CONVERT, "2023-12-31 23:59:59.999999999");
    assert_eq!(carried, plain(&TIMESTAMP, "timestamp", REFUSE, "2024-01-01 00:00:00"));
    let invalid = DateTime { month: 13, ..at("2024-01-01 00:00:00") };
    assert_eq!(encode(&OracleType::Date, "date", CONVERT, ValueRef::DateTime(invalid)), Err(Malformed));

    let zoned = |minutes| ValueRef::DateTimeTz(at("2024-03-01 05:29:59.123456"), UtcOffset { minutes });
    let field = encode(&TIMESTAMP_TZ, "timestamptz", REFUSE, zoned(330));
    assert_eq!(field.as_deref(), Ok("000000080002b58cd3566000"));
    assert_eq!(encode(&TIMESTAMP_TZ, "timestamptz", REFUSE, zoned(960)), Err(Malformed));
}

#[test]
fn intervals_and_booleans() {
    let months = ValueRef::IntervalYm(IntervalYm { months: -15 });
    let field = encode(&INTERVAL_YM, "interval", REFUSE, months);
    assert_eq!(field.as_deref(), Ok("00000010000000000000000000000000fffffff1"));
    let days = |days, nanoseconds| ValueRef::IntervalDs(IntervalDs { days, nanoseconds });
    let field = encode(&INTERVAL_DS, "interval", REFUSE, days(5, 36_610_500_000_000));
    assert_eq!(field.as_deref(), Ok("00000010000000088627e5a00000000500000000"));
    assert_eq!(encode(&INTERVAL_DS, "interval", REFUSE, days(0, -1500)), Err(ValueErrorKind::Inexact));
    // -999999999-11: Oracle's longest, too long for PostgreSQL's.
    let longest = ValueRef::IntervalBytes(&[68, 101, 54, 1, 49]);
    assert_eq!(encode(&INTERVAL_YM, "interval", REFUSE, longest), Err(ValueErrorKind::Overflow));
    assert_eq!(encode(&INTERVAL_YM, "interval", CONVERT, longest).as_deref(), Ok("ffffffff"));
    let shown = encode(&INTERVAL_YM, "text", REFUSE, longest);
    assert_eq!(shown.as_deref(), Ok("0000000d2d3939393939393939392d3131"));
    let field = encode(&INTERVAL_DS, "interval", CONVERT, days(0, -1500));
    assert_eq!(field.as_deref(), Ok("00000010fffffffffffffffe0000000000000000"));
    assert_eq!(encode(&INTERVAL_DS, "interval", CONVERT, days(1, -1)), Err(ValueErrorKind::Malformed));
    assert_eq!(encode(&OracleType::Boolean, "bool", REFUSE, ValueRef::Boolean(true)).as_deref(), Ok("0000000101"));
}

#[test]
fn pairs_without_a_conversion() {
    let other = OracleType::Other { owner: Some("APP".into()), name: "POINT".into() };
    for (oracle, pg) in [
        (&NUMBER, "date"),
        (&NUMBER, "uuid"),
        (&OracleType::Date, "timestamptz"),
        (&OracleType::Date, "interval"),
        (&TIMESTAMP, "timestamptz"),
        (&TIMESTAMP_TZ, "timestamp"),
        (&TIMESTAMP_TZ, "date"),
        (&OracleType::Raw { length: 15 }, "uuid"),
        (&OracleType::BinaryDouble, "boolean"),
        (&OracleType::BFile, "bytea"),
        (&OracleType::Clob, "integer"),
        (&VARCHAR2, "timestamptz"),
        (&VARCHAR2, "bytea"),
        (&VARCHAR2, "text[]"),
        (&OracleType::Xml, "jsonb"),
        (&OracleType::Geometry, "text"),
        (&other, "text"),
    ] {
        let error = Transcoder::new(oracle, &pg.parse().unwrap(), REFUSE).unwrap_err();
        assert_eq!((&error.oracle, error.pg.to_string()), (oracle, pg.parse::<PgType>().unwrap().to_string()));
    }
    let error = Transcoder::new(&other, &PgType::Text, REFUSE).unwrap_err();
    assert_eq!(error.to_string(), "no conversion from APP.POINT to text");
}

/// [`PgType`]'s fields are open: what no server has may stand in them.
#[test]
fn targets_that_no_server_has() {
    let numeric = |precision, scale| PgType::Numeric { digits: Some((precision, scale)) };
    for (oracle, pg) in [
        (NUMBER, numeric(0, 0)),
        (NUMBER, numeric(1001, 0)),
        (NUMBER, numeric(1000, -32_000)),
        (NUMBER, numeric(32_767, i16::MIN)),
        (OracleType::BinaryDouble, numeric(10, 1001)),
        (VARCHAR2, PgType::Bpchar { length: 0 }),
        (VARCHAR2, PgType::Bpchar { length: u32::MAX }),
        (VARCHAR2, PgType::Varchar { length: Some(10_485_761) }),
        (TIMESTAMP, PgType::Timestamp { precision: Some(7) }),
        (OracleType::Vector { dimensions: None, format: None }, PgType::Vector { dimensions: Some(16_001) }),
    ] {
        let error = Transcoder::new(&oracle, &pg, REFUSE).unwrap_err();
        assert!(error.to_string().contains("out of range"), "{error}");
    }
    for pg in [numeric(1000, -1000), numeric(1000, 1000), numeric(1, 1000), numeric(1, -1000)] {
        let transcoder = Transcoder::new(&NUMBER, &pg, REFUSE).unwrap();
        let fits = |text| transcoder.encode(ValueRef::Decimal(text), &mut BytesMut::new()).is_ok();
        assert!(fits("0") && !fits("1"), "{pg}");
    }
}

/// Reads a `numeric` field back by its definition, sharing nothing with what wrote it.
fn decimal_of(field: &str) -> (String, usize) {
    let bytes: Vec<u16> = field.as_bytes()[8..]
        .chunks(4)
        .map(|c| u16::from_str_radix(std::str::from_utf8(c).unwrap(), 16).unwrap())
        .collect();
    let (count, weight, sign, scale) =
        (usize::from(bytes[0]), i32::from(bytes[1].cast_signed()), bytes[2], usize::from(bytes[3]));
    assert_eq!((bytes.len() - 4, field.len()), (count, 8 + 2 * (8 + 2 * count)));
    let digits = &bytes[4..];
    assert!(digits.first() != Some(&0) && digits.last() != Some(&0) && digits.iter().all(|d| *d < 10_000));
    let group = |power: i32| usize::try_from(weight - power).ok().and_then(|i| digits.get(i)).copied().unwrap_or(0);
    let whole: String = (0..=weight.max(0)).rev().map(|p| format!("{:04}", group(p))).collect();
    let places = i32::try_from(scale.div_ceil(4)).unwrap();
    let fraction: String = (-places..0).rev().map(|p| format!("{:04}", group(p))).collect();
    assert!(fraction[scale..].bytes().all(|b| b == b'0'), "digits past the display scale");
    let whole = whole.trim_start_matches('0');
    let sign = if sign == 0x4000 { "-" } else { "" };
    let whole = if whole.is_empty() { "0" } else { whole };
    let point = if scale == 0 { "" } else { "." };
    (format!("{sign}{whole}{point}{}", &fraction[..scale]), scale)
}

fn decimal() -> impl Strategy<Value = String> {
    ("-?", "[0-9]{1,20}", "[0-9]{0,18}", prop_oneof![3 => Just(0), 1 => -110..=105_i32])
        .prop_map(|(sign, whole, fraction, exponent)| format!("{sign}{whole}.{fraction}E{exponent}"))
        .prop_filter("out of range", |text| text.parse::<Number>().is_ok())
}

proptest! {
    #[test]
    fn numeric_is_the_number(text in decimal()) {
        let field = number("numeric", REFUSE, &text).unwrap();
        prop_assert_eq!(decimal_of(&field).0, text.parse::<Number>().unwrap().to_string());
    }

    #[test]
    fn declared_numeric_is_the_number_or_refused(
        text in decimal(),
        precision in 1..45_i16,
        scale in -20..45_i16,
    ) {
        let plain = text.parse::<Number>().unwrap().to_string();
        let unsigned = plain.trim_start_matches('-');
        let (whole, fraction) = unsigned.split_once('.').unwrap_or((unsigned, ""));
        let whole = if whole == "0" { "" } else { whole };
        let magnitude = |n: usize| i16::try_from(n).unwrap();
        // Digits before the point less leading zeros after it; and digits after it less zeros before it.
        let above = if whole.is_empty() {
            -magnitude(fraction.len() - fraction.trim_start_matches('0').len())
        } else {
            magnitude(whole.len())
        };
        let below = if fraction.is_empty() {
            -magnitude(whole.len() - whole.trim_end_matches('0').len())
        } else {
            magnitude(fraction.len())
        };
        let outcome = number(&format!("numeric({precision},{scale})"), REFUSE, &text);
        if plain == "0" || (below <= scale && above <= precision - scale) {
            let (decoded, display) = decimal_of(&outcome.unwrap());
            prop_assert_eq!(display, usize::try_from(scale.max(0)).unwrap());
            prop_assert_eq!(decoded.parse::<Number>().unwrap().to_string(), plain);
        } else {
            let expected = if below > scale { ValueErrorKind::Inexact } else { ValueErrorKind::Overflow };
            prop_assert_eq!(outcome, Err(expected));
        }
    }

    #[test]
    fn integers_fit_or_are_refused(n in prop_oneof![any::<i64>(), -70_000..70_000_i64, -5_000_000_000..5_000_000_000_i64]) {
        let text = n.to_string();
        let field = |width: usize, bytes: &[u8]| {
            Ok(format!("{width:08x}{}", bytes.iter().map(|b| format!("{b:02x}")).collect::<String>()))
        };
        let overflow = |_| Err(ValueErrorKind::Overflow);
        prop_assert_eq!(number("bigint", REFUSE, &text), field(8, &n.to_be_bytes()));
        let expected = i32::try_from(n).map_or_else(overflow, |n| field(4, &n.to_be_bytes()));
        prop_assert_eq!(number("integer", REFUSE, &text), expected);
        let expected = i16::try_from(n).map_or_else(overflow, |n| field(2, &n.to_be_bytes()));
        prop_assert_eq!(number("smallint", REFUSE, &text), expected);
        let decoded = decimal_of(&number("numeric", REFUSE, &text).unwrap()).0;
        prop_assert_eq!(decoded, text);
    }

    /// A double's own shortest text comes back as that double.
    #[test]
    fn doubles_through_their_text(value in any::<f64>().prop_filter("finite", |f| f.is_finite())) {
        let text = format!("{value:e}");
        if text.parse::<Number>().is_ok() {
            let expected = if value == 0.0 { 0.0 } else { value };
            prop_assert_eq!(number("double precision", REFUSE, &text), Ok(format!("00000008{:016x}", f64::to_bits(expected))));
        }
    }

    #[test]
    fn doubles_as_numeric_are_exact(value in any::<f64>().prop_filter("finite", |f| f.is_finite())) {
        let field = encode(&OracleType::BinaryDouble, "numeric", REFUSE, ValueRef::Double(value)).unwrap();
        let (decoded, scale) = decimal_of(&field);
        let expected = format!("{value:.scale$}");
        prop_assert_eq!(&decoded, expected.trim_start_matches(if value == 0.0 { "-" } else { "" }));
        prop_assert_eq!(decoded.parse::<f64>().unwrap().to_bits(), (value + 0.0).to_bits());
    }

    #[test]
    fn rounding_is_that_of_decimal_text(text in decimal(), scale in -20..45_i16) {
        // The standard library rounds text by way of an integer of digits: here by hand, halves away from zero.
        let plain = text.parse::<Number>().unwrap().to_string();
        let negative = plain.starts_with('-');
        let unsigned = plain.trim_start_matches('-');
        let (whole, fraction) = unsigned.split_once('.').unwrap_or((unsigned, ""));
        let keep = i64::try_from(whole.len()).unwrap() + i64::from(scale);
        let digits: Vec<u8> = whole.bytes().chain(fraction.bytes()).map(|b| b - b'0').collect();
        let mut kept: Vec<u8> = (0..keep.max(0)).map(|i| digits.get(usize::try_from(i).unwrap()).copied().unwrap_or(0)).collect();
        let up = usize::try_from(keep).ok().and_then(|i| digits.get(i)).is_some_and(|d| *d >= 5);
        if up {
            kept.insert(0, 0);
            let at = kept.iter().rposition(|d| *d != 9).unwrap();
            kept[at] += 1;
            kept[at + 1..].fill(0);
        }
        let shown: String = kept.iter().map(|d| char::from(b'0' + d)).collect();
        let shown = if shown.is_empty() { "0" } else { &shown };
        let expected: Number = match format!("{}{shown}E{}", if negative { "-" } else { "" }, -scale).parse() {
            Ok(number) => number,
            Err(_) => return Ok(()), // beyond what a NUMBER holds
        };
        let precision = 200;
        let mut out = BytesMut::new();
        let pg = PgType::Numeric { digits: Some((precision, scale)) };
        let outcome = Transcoder::new(&NUMBER, &pg, CONVERT).unwrap().encode(ValueRef::Decimal(&text), &mut out);
        prop_assert!(outcome.is_ok());
        let field: String = out.iter().map(|b| format!("{b:02x}")).collect();
        prop_assert_eq!(decimal_of(&field).0.parse::<Number>().unwrap(), expected);
        prop_assert_eq!(outcome.unwrap().is_empty(), expected == text.parse::<Number>().unwrap());
    }

    /// Whatever arrives is written whole or refused with nothing written.
    #[test]
    fn any_bytes_for_any_pair(bytes in prop::collection::vec(any::<u8>(), 0..30), pair in 0..14_usize) {
        let (oracle, pg) = [
            (NUMBER, "numeric"), (NUMBER, "numeric(7,3)"), (NUMBER, "bigint"), (NUMBER, "double precision"),
            (NUMBER, "real"), (NUMBER, "text"), (NUMBER, "bool"), (VARCHAR2, "text"), (VARCHAR2, "varchar(5)"),
            (CHAR, "char(5)"), (OracleType::Xml, "xml"), (OracleType::Json, "jsonb"), (RAW16, "uuid"), (RAW16, "bytea"),
        ][pair].clone();
        let text = String::from_utf8_lossy(&bytes);
        for value in [
            ValueRef::NumberBytes(&bytes), ValueRef::Decimal(&text), ValueRef::Text(&bytes), ValueRef::Bytes(&bytes),
        ] {
            for policy in [REFUSE, CONVERT] {
                if let Ok(field) = encode(&oracle, pg, policy, value) && field != "ffffffff" {
                    let length = usize::from_str_radix(&field[..8], 16).unwrap();
                    prop_assert_eq!(field.len(), 8 + 2 * length);
                }
            }
        }
    }
}

/// `geometry_send` for `SRID=8307;POINT(1.5 -2)`, by PostGIS 3.3.
#[test]
fn geometry() {
    let number = |text: &str| Value::Number(text.parse().unwrap());
    let point = |x: &str| {
        let point = Value::Object(vec![number(x), number("-2"), Value::Null]);
        [number("2001"), number("8307"), point, Value::Null, Value::Null]
    };
    let ty = &OracleType::Geometry;
    let field = "00000019010100002073200000000000000000f83f00000000000000c0";
    assert_eq!(encode(ty, "geometry", REFUSE, ValueRef::Object(&point("1.5"))).as_deref(), Ok(field));
    let digits = point("1.50000000000000000001");
    assert_eq!(encode(ty, "geometry", REFUSE, ValueRef::Object(&digits)), Err(ValueErrorKind::Inexact));
    assert_eq!(encode(ty, "geometry", CONVERT, ValueRef::Object(&digits)).as_deref(), Ok(field));
    let unknown = ValueErrorKind::Geometry(crate::geometry::GeometryError::NotGeometry);
    assert_eq!(encode(ty, "geometry", REFUSE, ValueRef::Object(&digits[1..])), Err(unknown));
    let refused = Transcoder::new(ty, &PgType::Text, LossPolicy::default()).unwrap_err();
    assert_eq!(
        refused.to_string(),
        "no conversion from MDSYS.SDO_GEOMETRY to text: its target is `geometry` of the extension PostGIS"
    );
}
