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

#[cfg(feature = "with-serde-1")]
mod serde {
    use ::serde::{
        Deserialize, Serialize,
        de::value::{Error, StrDeserializer, U64Deserializer},
    };
    use type_convert::{DateTime, Number, PgType, Scn};

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
}
