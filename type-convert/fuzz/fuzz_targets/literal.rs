#![no_main]
//! The first byte picks a type, the rest is a literal: what is read is written and read again as the same.

use libfuzzer_sys::fuzz_target;
use type_convert::{LengthUnit, OracleType, Value, literal};

fuzz_target!(|data: &[u8]| {
    let Some((first, rest)) = data.split_first() else { return };
    let Ok(text) = std::str::from_utf8(rest) else { return };
    let types = [
        OracleType::Number { precision: None, scale: None },
        OracleType::BinaryFloat,
        OracleType::BinaryDouble,
        OracleType::Varchar2 { length: 4000, unit: LengthUnit::Byte },
        OracleType::NVarchar2 { length: 2000 },
        OracleType::NClob,
        OracleType::Raw { length: 2000 },
        OracleType::Blob,
        OracleType::Date,
        OracleType::Timestamp { precision: 9 },
        OracleType::TimestampTz { precision: 9 },
        OracleType::IntervalYm { year_precision: 9 },
        OracleType::IntervalDs { day_precision: 9, second_precision: 9 },
        OracleType::Boolean,
    ];
    let _ = literal::readable(text);
    let ty = &types[usize::from(*first) % types.len()];
    if let Ok(value) = literal::parse(text, ty) {
        let again = literal::parse(&literal::format(&value, ty), ty).expect("its own literal");
        let nan = matches!(value, Value::Float(f) if f.is_nan()) || matches!(value, Value::Double(f) if f.is_nan());
        // A DATE has no fraction; a format model with FF can read one.
        let fraction = *ty == OracleType::Date && matches!(value, Value::DateTime(at) if at.nanosecond != 0);
        assert!(again == value || nan || fraction, "{value:?} became {again:?}");
    }
});
