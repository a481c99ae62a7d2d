//! What the optional features add.

#[cfg(feature = "with-chrono-0_4")]
mod chrono {
    use ::chrono::{FixedOffset, NaiveDate, NaiveDateTime, TimeDelta};
    use type_convert::{DateTime, IntervalDs, UtcOffset};

    #[test]
    fn dates() {
        let ours: DateTime = "-0001-12-31 23:59:59.000000001".parse().unwrap();
        let theirs = NaiveDate::from_ymd_opt(0, 12, 31).unwrap().and_hms_nano_opt(23, 59, 59, 1).unwrap();
        assert_eq!(NaiveDateTime::try_from(ours).unwrap(), theirs);
        assert_eq!(DateTime::try_from(theirs).unwrap(), ours);
        let julian: DateTime = "1500-02-29 00:00:00".parse().unwrap();
        assert!(NaiveDateTime::try_from(julian).is_err());
        assert!(
            DateTime::try_from(NaiveDate::from_ymd_opt(10_000, 1, 1).unwrap().and_hms_opt(0, 0, 0).unwrap()).is_err()
        );
        let leap = NaiveDate::from_ymd_opt(2016, 12, 31).unwrap().and_hms_nano_opt(23, 59, 59, 1_500_000_000).unwrap();
        assert!(DateTime::try_from(leap).is_err(), "Oracle has no leap seconds");
    }

    #[test]
    fn offsets_and_intervals() {
        let ours = UtcOffset::new(-570).unwrap();
        let theirs = FixedOffset::west_opt(570 * 60).unwrap();
        assert_eq!((FixedOffset::try_from(ours).unwrap(), UtcOffset::try_from(theirs).unwrap()), (theirs, ours));
        assert!(UtcOffset::try_from(FixedOffset::east_opt(61).unwrap()).is_err());
        let ours = IntervalDs::new(-2, -1).unwrap();
        let theirs = TimeDelta::days(-2) - TimeDelta::nanoseconds(1);
        assert_eq!((TimeDelta::try_from(ours).unwrap(), IntervalDs::try_from(theirs).unwrap()), (theirs, ours));
        assert!(IntervalDs::try_from(TimeDelta::MAX).is_err());
    }
}

#[cfg(feature = "with-rust_decimal-1")]
mod rust_decimal {
    use ::rust_decimal::Decimal;
    use type_convert::Number;

    #[test]
    fn numbers() {
        for text in ["0", "-12.5", "79228162514264337593543950335", "0.0000000000000000000000000001"] {
            let (ours, theirs): (Number, Decimal) = (text.parse().unwrap(), text.parse().unwrap());
            assert_eq!((Number::from(theirs), Decimal::try_from(ours).unwrap()), (ours, theirs));
        }
        for text in ["~", "1E100", "1E-29", "79228162514264337593543950336", "1.2345678901234567890123456789012345678"]
        {
            assert!(Decimal::try_from(text.parse::<Number>().unwrap()).is_err(), "{text}");
        }
    }
}

#[cfg(feature = "with-postgres-types-0_2")]
mod postgres_types {
    use ::postgres_types::{Field, FromSql, IsNull, Kind, ToSql, Type};
    use bytes::BytesMut;
    use proptest::prelude::*;
    use type_convert::{DateTime, DateTimeTz, IntervalDs, IntervalYm, Number, UtcOffset, Value};

    /// What follows the length on the wire; `None` is NULL.
    fn sent(value: &dyn ToSql, ty: &Type) -> Result<Option<Vec<u8>>, String> {
        let mut out = BytesMut::from(&b"before"[..]);
        let sent = value.to_sql_checked(ty, &mut out);
        assert_eq!(&out[..6], b"before");
        let body = out[6..].to_vec();
        assert!(body.is_empty() || matches!(sent, Ok(IsNull::No)));
        match sent {
            Ok(IsNull::No) => Ok(Some(body)),
            Ok(IsNull::Yes) => Ok(None),
            Err(error) => Err(error.to_string()),
        }
    }

    fn bytes(value: &dyn ToSql, ty: &Type) -> Vec<u8> {
        sent(value, ty).unwrap().unwrap()
    }

    fn received<'a, T: FromSql<'a>>(ty: &Type, raw: &'a [u8]) -> Result<T, String> {
        assert!(T::accepts(ty));
        T::from_sql(ty, raw).map_err(|error| error.to_string())
    }

    fn number(text: &str) -> Number {
        text.parse().unwrap()
    }

    fn at(text: &str) -> DateTime {
        text.parse().unwrap()
    }

    #[test]
    fn numbers() {
        let numeric = [0, 2, 0, 0, 0x40, 0, 0, 1, 0, 12, 0x13, 0x88];
        assert_eq!(bytes(&number("-12.5"), &Type::NUMERIC), numeric);
        assert_eq!(received::<Number>(&Type::NUMERIC, &numeric), Ok(number("-12.5")));
        assert_eq!(bytes(&number("-2"), &Type::INT2), [0xff, 0xfe]);
        assert_eq!(bytes(&number("7"), &Type::INT4), [0, 0, 0, 7]);
        assert_eq!(bytes(&number("7E18"), &Type::INT8), 7_000_000_000_000_000_000_i64.to_be_bytes());
        for (text, ty) in [
            ("1.5", Type::INT4),
            ("32768", Type::INT2),
            ("2147483648", Type::INT4),
            ("9223372036854775808", Type::INT8),
            ("~", Type::NUMERIC),
            ("-~", Type::INT8),
            ("1", Type::FLOAT8),
            ("1", Type::TEXT),
        ] {
            assert!(sent(&number(text), &ty).is_err(), "{text} as {ty}");
        }
        assert_eq!(received::<Number>(&Type::INT2, &[0xff, 0xfe]), Ok(number("-2")));
        assert_eq!(received::<Number>(&Type::INT4, &[0x80, 0, 0, 0]), Ok(number("-2147483648")));
        assert_eq!(received::<Number>(&Type::INT8, &i64::MIN.to_be_bytes()), Ok(i64::MIN.into()));
        // 1.50, 0.00, 10000, and zeros at both ends, which no server sends.
        for (raw, text) in [
            (&[0, 2, 0, 0, 0, 0, 0, 2, 0, 1, 0x13, 0x88][..], "1.5"),
            (&[0, 0, 0, 0, 0, 0, 0, 2], "0"),
            (&[0, 1, 0, 1, 0, 0, 0, 0, 0, 1], "10000"),
            (&[0, 3, 0, 1, 0, 0, 0, 0, 0, 0, 0, 7, 0, 0], "7"),
            (&[0, 0, 0, 0, 0xd0, 0, 0, 0x20], "~"),
            (&[0, 0, 0, 0, 0xf0, 0, 0, 0x20], "-~"),
        ] {
            assert_eq!(received::<Number>(&Type::NUMERIC, raw), Ok(number(text)));
        }
        let mut long = vec![0, 11, 0, 0, 0, 0, 0, 0];
        long.extend([0, 1].repeat(11));
        let error = |raw: &[u8]| received::<Number>(&Type::NUMERIC, raw).unwrap_err();
        assert_eq!(error(&[0, 0, 0, 0, 0xc0, 0, 0, 0]), "not an Oracle NUMBER: NaN");
        assert_eq!(error(&long), "not an Oracle NUMBER: more than 40 significant digits");
        assert_eq!(error(&[0, 1, 0, 32, 0, 0, 0, 0, 0, 1]), "not an Oracle NUMBER: outside 1E-130 to 1E+126");
        for raw in [
            &[][..],
            &[0; 7],
            &[0, 1, 0, 0, 0, 0, 0, 0],
            &[0, 1, 0, 0, 0, 0, 0, 0, 0x27, 0x10],
            &[0, 0, 0, 0, 1, 0, 0, 0],
        ] {
            assert_eq!(error(raw), "not an Oracle NUMBER: bytes that are no numeric");
        }
        assert!(received::<Number>(&Type::INT4, &[0; 8]).is_err() && !<Number as FromSql>::accepts(&Type::FLOAT8));
    }

    #[test]
    fn moments() {
        assert_eq!(bytes(&at("2000-01-01 00:00:00.000001"), &Type::TIMESTAMP), 1_i64.to_be_bytes());
        assert_eq!(bytes(&at("1999-12-31 00:00:00"), &Type::DATE), [0xff; 4]);
        assert_eq!(
            received::<DateTime>(&Type::TIMESTAMP, &(-1_i64).to_be_bytes()),
            Ok(at("1999-12-31 23:59:59.999999"))
        );
        assert_eq!(received::<DateTime>(&Type::DATE, &[0xff; 4]), Ok(at("1999-12-31 00:00:00")));
        for (text, ty) in [
            ("2000-01-01 00:00:00.000000001", Type::TIMESTAMP),
            ("2000-01-01 00:00:01", Type::DATE),
            ("1500-02-29 00:00:00", Type::TIMESTAMP),
            ("2000-01-01 00:00:00", Type::TIMESTAMPTZ),
        ] {
            assert!(sent(&at(text), &ty).is_err(), "{text} as {ty}");
        }
        // The year 10000, and 4714 BC; the infinities.
        let year_10_000 = 252_455_616_000_000_000_i64;
        for microseconds in [i64::MIN, i64::MIN + 1, -211_813_488_000_000_000, year_10_000, i64::MAX - 1, i64::MAX] {
            let raw = microseconds.to_be_bytes();
            assert!(received::<DateTime>(&Type::TIMESTAMP, &raw).is_err(), "{microseconds}");
            assert!(received::<DateTimeTz>(&Type::TIMESTAMPTZ, &raw).is_err(), "{microseconds}");
        }
        let last = (year_10_000 - 1).to_be_bytes();
        assert_eq!(received::<DateTime>(&Type::TIMESTAMP, &last), Ok(at("9999-12-31 23:59:59.999999")));
        for days in [i32::MIN, i32::MIN + 1, i32::MAX - 1, i32::MAX] {
            assert!(received::<DateTime>(&Type::DATE, &days.to_be_bytes()).is_err(), "{days}");
        }
        let here = DateTimeTz { at: at("2000-01-01 01:30:00"), offset: UtcOffset { minutes: 90 } };
        assert_eq!(bytes(&here, &Type::TIMESTAMPTZ), [0; 8]);
        let there = DateTimeTz { at: at("2000-01-01 00:00:00"), offset: UtcOffset::UTC };
        assert_eq!(received::<DateTimeTz>(&Type::TIMESTAMPTZ, &[0; 8]), Ok(there));
        assert!(sent(&DateTimeTz { offset: UtcOffset { minutes: 1000 }, ..here }, &Type::TIMESTAMPTZ).is_err());
    }

    #[test]
    fn intervals() {
        let raw = |microseconds: i64, days: i32, months: i32| {
            [&microseconds.to_be_bytes()[..], &days.to_be_bytes(), &months.to_be_bytes()].concat()
        };
        let (ym, ds) = (IntervalYm { months: -14 }, IntervalDs { days: 1, nanoseconds: 1000 });
        assert_eq!(bytes(&ym, &Type::INTERVAL), raw(0, 0, -14));
        assert_eq!(bytes(&ds, &Type::INTERVAL), raw(1, 1, 0));
        assert_eq!(received::<IntervalYm>(&Type::INTERVAL, &raw(0, 0, -14)), Ok(ym));
        assert_eq!(received::<IntervalDs>(&Type::INTERVAL, &raw(1, 1, 0)), Ok(ds));
        assert!(sent(&IntervalDs { days: 0, nanoseconds: 1 }, &Type::INTERVAL).is_err());
        assert!(sent(&IntervalDs { days: 1, nanoseconds: -1000 }, &Type::INTERVAL).is_err());
        for other in [raw(1, 0, 0), raw(0, 1, 0), raw(1, 1, 1), raw(i64::MAX, i32::MAX, i32::MAX), vec![0; 15]] {
            assert!(received::<IntervalYm>(&Type::INTERVAL, &other).is_err(), "{other:?}");
        }
        for other in [
            raw(0, 0, 1),
            raw(86_400_000_000, 0, 0),
            raw(-1, 1, 0),
            raw(0, 1_000_000_000, 0),
            raw(i64::MAX, 1, 0),
            raw(i64::MIN, i32::MIN, i32::MIN),
        ] {
            assert!(received::<IntervalDs>(&Type::INTERVAL, &other).is_err(), "{other:?}");
        }
    }

    #[test]
    fn any_value() {
        let text = |text: &str| Value::Text(text.to_owned());
        let n = |n: i64| Value::Number(n.into());
        assert_eq!(sent(&Value::Null, &Type::INT4), Ok(None));
        for (value, ty, raw) in [
            (n(7), Type::INT8, &[0, 0, 0, 0, 0, 0, 0, 7][..]),
            (n(1), Type::BOOL, &[1]),
            (n(12), Type::TEXT, b"12"),
            (Value::Double(0.5), Type::FLOAT4, &[0x3f, 0, 0, 0]),
            (Value::Boolean(true), Type::INT2, &[0, 1]),
            (text("a  "), Type::BPCHAR, b"a  "),
            (text("[1]"), Type::JSONB, b"\x01[1]"),
            (text("12"), Type::INT4, &[0, 0, 0, 12]),
            (text(""), Type::VARCHAR, b""),
            (Value::Bytes(vec![0xab; 16]), Type::UUID, &[0xab; 16]),
            (Value::Bytes(vec![0, 1]), Type::BYTEA, &[0, 1]),
            (Value::Bfile { directory: "D".into(), file: "f".into() }, Type::TEXT, b"BFILENAME('D', 'f')"),
            (
                Value::Collection(vec![n(1), Value::Null]),
                Type::INT2_ARRAY,
                &[0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 21, 0, 0, 0, 2, 0, 0, 0, 1, 0, 0, 0, 2, 0, 1, 255, 255, 255, 255],
            ),
            (Value::Collection(vec![]), Type::TEXT_ARRAY, &[0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 25]),
        ] {
            assert_eq!(sent(&value, &ty), Ok(Some(raw.to_vec())), "{value:?} as {ty}");
        }
        let pair = |fields: [(&str, Type); 2]| {
            let fields = fields.map(|(name, ty)| Field::new(name.to_owned(), ty)).to_vec();
            Type::new("pair".to_owned(), 99_999, Kind::Composite(fields), "public".to_owned())
        };
        let point = pair([("x", Type::INT2), ("y", Type::TEXT)]);
        let raw = [0, 0, 0, 2, 0, 0, 0, 21, 0, 0, 0, 2, 0, 1, 0, 0, 0, 25, 255, 255, 255, 255];
        assert_eq!(bytes(&Value::Object(vec![n(1), Value::Null]), &point), raw);
        let points = Type::new("_pair".to_owned(), 99_998, Kind::Array(point.clone()), "public".to_owned());
        let two = [vec![Value::Null, Value::Null], vec![n(1), text("a")]].map(Value::Object).to_vec();
        assert_eq!(bytes(&Value::Collection(two), &points)[8..12], 99_999_u32.to_be_bytes());
        let mood = Type::new("mood".to_owned(), 1, Kind::Enum(vec!["sad".to_owned()]), "public".to_owned());
        assert_eq!(bytes(&text("sad"), &mood), b"sad");
        let domain = Type::new("d".to_owned(), 2, Kind::Domain(Type::INT2), "public".to_owned());
        assert_eq!(bytes(&n(3), &domain), [0, 3]);
        let geometry = Type::new("geometry".to_owned(), 3, Kind::Simple, "public".to_owned());
        let place = Value::Object(vec![n(1), n(2), Value::Null]);
        let place = Value::Object(vec![n(2001), n(4326), place, Value::Null, Value::Null]);
        assert_eq!(bytes(&place, &geometry)[..9], [1, 1, 0, 0, 0x20, 0xe6, 0x10, 0, 0]);
        for (value, ty) in [
            (n(32_768), Type::INT2),
            (text("glad"), mood),
            (text("a\0"), Type::TEXT),
            (text(""), Type::INT4),
            (Value::Bytes(vec![1]), Type::UUID),
            (Value::Object(vec![n(1)]), point),
            (Value::Object(vec![n(1)]), Type::TEXT),
            (Value::Collection(vec![n(1)]), Type::TEXT),
            (Value::Collection(vec![n(1), text("1")]), Type::TEXT_ARRAY),
            (Value::Collection(vec![n(1)]), Type::INT2_VECTOR),
            (n(1), Type::MONEY),
            (Value::Object(vec![n(1), n(2)]), pair([("x", Type::INT2), ("y", domain)])),
        ] {
            assert!(sent(&value, &ty).is_err(), "{value:?} as {ty}");
        }
    }

    proptest! {
        /// What is sent is read back as it was; a value of its own kind and a `Value` are sent alike.
        #[test]
        fn round_trips(
            (digits, exponent) in (any::<i64>(), -120..100_i32),
            seconds in -210_000_000_000..253_402_300_800_i64,
            microsecond in 0..1_000_000_u32,
            months in any::<i32>(),
            (days, microseconds) in (0..=999_999_999_i32, 0..86_400_000_000_i64),
            negative in any::<bool>(),
        ) {
            let n = number(&format!("{digits}E{exponent}"));
            prop_assert_eq!(received::<Number>(&Type::NUMERIC, &bytes(&n, &Type::NUMERIC)).unwrap(), n);
            prop_assert_eq!(bytes(&Value::Number(n), &Type::NUMERIC), bytes(&n, &Type::NUMERIC));
            let at = DateTime::from_seconds_since_unix_epoch(seconds, microsecond * 1000).unwrap();
            prop_assert_eq!(received::<DateTime>(&Type::TIMESTAMP, &bytes(&at, &Type::TIMESTAMP)).unwrap(), at);
            prop_assert_eq!(bytes(&Value::DateTime(at), &Type::TIMESTAMP), bytes(&at, &Type::TIMESTAMP));
            let zoned = DateTimeTz { at, offset: UtcOffset::UTC };
            prop_assert_eq!(received::<DateTimeTz>(&Type::TIMESTAMPTZ, &bytes(&zoned, &Type::TIMESTAMPTZ)).unwrap(), zoned);
            let day = DateTime { hour: 0, minute: 0, second: 0, nanosecond: 0, ..at };
            prop_assert_eq!(received::<DateTime>(&Type::DATE, &bytes(&day, &Type::DATE)).unwrap(), day);
            let ym = IntervalYm { months };
            prop_assert_eq!(received::<IntervalYm>(&Type::INTERVAL, &bytes(&ym, &Type::INTERVAL)).unwrap(), ym);
            let sign = if negative { -1 } else { 1 };
            let ds = IntervalDs::new(days * sign, microseconds * 1000 * i64::from(sign)).unwrap();
            prop_assert_eq!(received::<IntervalDs>(&Type::INTERVAL, &bytes(&ds, &Type::INTERVAL)).unwrap(), ds);
        }

        /// What is read at all is sent again as the same.
        #[test]
        fn any_bytes(
            raw in prop_oneof![
                prop::collection::vec(any::<u8>(), 0..20),
                (0..14_u8, any::<[u8; 6]>(), prop::collection::vec(any::<u8>(), 0..28)).prop_map(|(count, head, digits)| {
                    [&[0, count][..], &[0, head[1] % 30, [0, 0x40][usize::from(head[2] % 2)], 0, 0, head[5]], &digits].concat()
                }),
            ],
        ) {
            fn again<'a, T: FromSql<'a> + ToSql>(ty: &Type, raw: &'a [u8]) -> Option<Vec<u8>> {
                received::<T>(ty, raw).ok().map(|value| bytes(&value, ty))
            }
            if let Ok(number) = received::<Number>(&Type::NUMERIC, &raw) && !number.is_infinite() {
                let sent = bytes(&number, &Type::NUMERIC);
                prop_assert_eq!(received::<Number>(&Type::NUMERIC, &sent).unwrap(), number);
            }
            for ty in [Type::INT2, Type::INT4, Type::INT8] {
                prop_assert!(again::<Number>(&ty, &raw).is_none_or(|sent| sent == raw));
            }
            for ty in [Type::TIMESTAMP, Type::DATE] {
                prop_assert!(again::<DateTime>(&ty, &raw).is_none_or(|sent| sent == raw));
            }
            prop_assert!(again::<DateTimeTz>(&Type::TIMESTAMPTZ, &raw).is_none_or(|sent| sent == raw));
            prop_assert!(again::<IntervalYm>(&Type::INTERVAL, &raw).is_none_or(|sent| sent == raw));
            prop_assert!(again::<IntervalDs>(&Type::INTERVAL, &raw).is_none_or(|sent| sent == raw));
        }
    }
}

#[cfg(feature = "with-serde-1")]
mod serde {
    use ::serde::{
        Deserialize, Serialize,
        de::value::{Error, StrDeserializer, U64Deserializer},
    };
    use serde_json::{from_str, to_string};
    use type_convert::{
        DateTime, IntervalDs, IntervalYm, Loss, LossAction, LossPolicy, Number, OracleType, PgType, Scn, UtcOffset,
        Value,
    };

    /// Reads a value from text and lets it show what it would be written as.
    fn read<'de, T: Deserialize<'de> + Serialize + std::fmt::Display>(text: &'de str) -> Result<String, Error> {
        T::deserialize(StrDeserializer::new(text)).map(|value| value.to_string())
    }

    #[test]
    fn values_as_text() {
        assert_eq!(read::<Number>("-12.50").unwrap(), "-12.5");
        assert_eq!(read::<DateTime>("2024-02-29 23:59:59").unwrap(), "2024-02-29 23:59:59");
        assert_eq!(read::<PgType>("varchar(3)").unwrap(), "character varying(3)");
        assert!(read::<Number>("1,5").is_err() && read::<DateTime>("x").is_err() && read::<PgType>("money").is_err());
        assert_eq!(Scn::deserialize(U64Deserializer::<Error>::new(7)).unwrap(), Scn(7));
    }

    /// It is written as this text, and read from it again.
    fn both<T>(value: &T, json: &str)
    where
        T: Serialize + for<'de> Deserialize<'de> + PartialEq + std::fmt::Debug,
    {
        assert_eq!(to_string(value).unwrap(), json);
        assert_eq!(&from_str::<T>(json).unwrap(), value, "{json}");
    }

    #[test]
    fn offsets_and_intervals() {
        both(&UtcOffset { minutes: -45 }, "\"-00:45\"");
        both(&IntervalYm { months: -14 }, "\"-01-02\"");
        both(&IntervalYm { months: i32::MIN }, "\"-178956970-08\"");
        both(&IntervalDs { days: 0, nanoseconds: -1 }, "\"-00 00:00:00.000000001\"");
        assert!(to_string(&UtcOffset { minutes: 960 }).is_err());
        assert!(to_string(&IntervalDs { days: 1, nanoseconds: -1 }).is_err());
        assert!(from_str::<UtcOffset>("\"+16:00\"").is_err() && from_str::<IntervalYm>("\"1-12\"").is_err());
        assert!(from_str::<IntervalDs>("\"1 24:00:00\"").is_err() && from_str::<IntervalDs>("1").is_err());
    }

    #[test]
    fn oracle_types() {
        for ty in
            ["NUMBER", "NUMBER(*,2)", "VARCHAR2(30 CHAR)", "TIMESTAMP(6) WITH LOCAL TIME ZONE", "MDSYS.SDO_GEOMETRY"]
        {
            both(&ty.parse::<OracleType>().unwrap(), &format!("\"{ty}\""));
        }
        let other = OracleType::Other { owner: Some("APP".to_owned()), name: "MONEY".to_owned() };
        assert_eq!(to_string(&other).unwrap(), "\"APP.MONEY\"");
        let error = from_str::<OracleType>("\"APP.MONEY\"").unwrap_err().to_string();
        assert!(error.contains("\"APP.MONEY\" is not an Oracle type"), "{error}");
    }

    #[test]
    fn losses() {
        both(&LossAction::Quarantine, "\"quarantine\"");
        for loss in Loss::ALL {
            both(&loss, &format!("\"{}\"", loss.name()));
        }
        assert_eq!(from_str::<LossPolicy>("{}").unwrap(), LossPolicy::default());
        let mut policy = LossPolicy::default();
        policy.too_long = LossAction::Convert;
        policy.null_as_empty = true;
        policy.assumed_offset = Some(UtcOffset { minutes: 330 });
        let json = r#"{"too_long": "convert", "null_as_empty": true, "assumed_offset": "+05:30"}"#;
        assert_eq!(from_str::<LossPolicy>(json).unwrap(), policy);
        assert_eq!(from_str::<LossPolicy>(&to_string(&policy).unwrap()).unwrap(), policy);
        // Its fields are named as the losses are.
        let fields: serde_json::Map<String, serde_json::Value> = from_str(&to_string(&policy).unwrap()).unwrap();
        assert!(Loss::ALL.iter().all(|loss| fields.contains_key(loss.name())));
        assert!(from_str::<LossPolicy>(r#"{"to_long": "convert"}"#).is_err());
        assert!(from_str::<LossPolicy>(r#"{"too_long": "drop"}"#).is_err());
    }

    #[test]
    fn values() {
        let at: DateTime = "2024-02-29 23:59:59.5".parse().unwrap();
        for (value, json) in [
            (Value::Null, "\"null\""),
            (Value::Number("1.5".parse().unwrap()), r#"{"number":"1.5"}"#),
            (Value::Number(Number::NEG_INFINITY), r#"{"number":"-~"}"#),
            (Value::Float(0.1), r#"{"float":"0.1"}"#),
            (Value::Double(1e300), r#"{"double":"1e300"}"#),
            (Value::Double(f64::NEG_INFINITY), r#"{"double":"-inf"}"#),
            (Value::Text("it's".to_owned()), r#"{"text":"it's"}"#),
            (Value::Bytes(vec![0, 0xaf]), r#"{"bytes":"00af"}"#),
            (Value::DateTime(at), r#"{"date_time":"2024-02-29 23:59:59.500000000"}"#),
            (
                Value::DateTimeTz(at, UtcOffset { minutes: 60 }),
                r#"{"date_time_tz":["2024-02-29 23:59:59.500000000","+01:00"]}"#,
            ),
            (Value::IntervalYm(IntervalYm { months: 1 }), r#"{"interval_ym":"+00-01"}"#),
            (Value::IntervalDs(IntervalDs { days: 1, nanoseconds: 0 }), r#"{"interval_ds":"+01 00:00:00"}"#),
            (Value::Boolean(true), r#"{"boolean":true}"#),
            (
                Value::Bfile { directory: "D".to_owned(), file: "f".to_owned() },
                r#"{"bfile":{"directory":"D","file":"f"}}"#,
            ),
            (
                Value::Object(vec![Value::Null, Value::Collection(vec![Value::Boolean(false)])]),
                r#"{"object":["null",{"collection":[{"boolean":false}]}]}"#,
            ),
        ] {
            both(&value, json);
        }
        let zero = to_string(&Value::Double(-0.0)).unwrap();
        assert!(matches!(from_str(&zero), Ok(Value::Double(f)) if f.to_bits() == (-0.0_f64).to_bits()), "{zero}");
        let nan = to_string(&Value::Float(f32::NAN)).unwrap();
        assert!(matches!(from_str(&nan), Ok(Value::Float(f)) if f.is_nan()), "{nan}");
        for bad in [
            r#"{"number":"1,5"}"#,
            r#"{"number":1.5}"#,
            r#"{"float":"1e39"}"#,
            r#"{"bytes":"0"}"#,
            r#"{"bytes":"0g"}"#,
            r#"{"bytes":"é"}"#,
            r#"{"bfile":{"directory":"D","file":"f","x":1}}"#,
            r#"{"money":"1"}"#,
            "1",
        ] {
            assert!(from_str::<Value>(bad).is_err(), "{bad}");
        }
    }
}
