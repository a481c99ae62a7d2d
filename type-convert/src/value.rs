use crate::{DateTime, IntervalDs, IntervalYm, Number, UtcOffset};

/// One Oracle value, borrowed: what a driver's fetch buffer or a redo row hands over.
///
/// Oracle does not tell `''` from NULL in its character types; neither do readers: both are
/// [`ValueRef::Null`]. An empty LOB is an empty `Text` or `Bytes`.
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
pub enum ValueRef<'a> {
    /// SQL NULL.
    Null,
    /// A NUMBER that arrived as an integer.
    Int(i64),
    /// A NUMBER as decimal text: sign, digits, one point, optional exponent; `~` and `-~` are ±infinity.
    Decimal(&'a str),
    /// A NUMBER in Oracle's base-100 byte form, 1 to 22 bytes.
    NumberBytes(&'a [u8]),
    /// BINARY_FLOAT.
    Float(f32),
    /// BINARY_DOUBLE.
    Double(f64),
    /// Character data, meant to be UTF-8 and not yet checked. Blank padding is kept.
    Text(&'a [u8]),
    /// RAW, LONG RAW, BLOB.
    Bytes(&'a [u8]),
    /// DATE, TIMESTAMP.
    DateTime(DateTime),
    /// TIMESTAMP WITH TIME ZONE and WITH LOCAL TIME ZONE: local fields and their offset from UTC.
    DateTimeTz(DateTime, UtcOffset),
    /// INTERVAL YEAR TO MONTH.
    IntervalYm(IntervalYm),
    /// INTERVAL DAY TO SECOND.
    IntervalDs(IntervalDs),
    /// BOOLEAN (23ai).
    Boolean(bool),
}

/// One Oracle value, owned. [`Value::as_ref`] gives the [`ValueRef`] that transcoders take.
#[derive(Debug, Clone, PartialEq, Default)]
#[non_exhaustive]
pub enum Value {
    /// SQL NULL.
    #[default]
    Null,
    /// NUMBER, FLOAT.
    Number(Number),
    /// BINARY_FLOAT.
    Float(f32),
    /// BINARY_DOUBLE.
    Double(f64),
    /// Character data and ROWIDs.
    Text(String),
    /// RAW, LONG RAW, BLOB.
    Bytes(Vec<u8>),
    /// DATE, TIMESTAMP.
    DateTime(DateTime),
    /// TIMESTAMP WITH TIME ZONE and WITH LOCAL TIME ZONE.
    DateTimeTz(DateTime, UtcOffset),
    /// INTERVAL YEAR TO MONTH.
    IntervalYm(IntervalYm),
    /// INTERVAL DAY TO SECOND.
    IntervalDs(IntervalDs),
    /// BOOLEAN (23ai).
    Boolean(bool),
}

impl Value {
    /// The same value, borrowed.
    pub fn as_ref(&self) -> ValueRef<'_> {
        match self {
            Value::Null => ValueRef::Null,
            Value::Number(n) => ValueRef::NumberBytes(n.as_bytes()),
            Value::Float(f) => ValueRef::Float(*f),
            Value::Double(d) => ValueRef::Double(*d),
            Value::Text(s) => ValueRef::Text(s.as_bytes()),
            Value::Bytes(b) => ValueRef::Bytes(b),
            Value::DateTime(d) => ValueRef::DateTime(*d),
            Value::DateTimeTz(d, o) => ValueRef::DateTimeTz(*d, *o),
            Value::IntervalYm(i) => ValueRef::IntervalYm(*i),
            Value::IntervalDs(i) => ValueRef::IntervalDs(*i),
            Value::Boolean(b) => ValueRef::Boolean(*b),
        }
    }

    /// Whether this is SQL NULL.
    pub fn is_null(&self) -> bool {
        matches!(self, Value::Null)
    }
}
