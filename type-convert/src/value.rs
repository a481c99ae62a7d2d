use crate::{BfileLocator, DateTime, IntervalDs, IntervalYm, Number, UtcOffset};

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
    /// DATE, TIMESTAMP and TIMESTAMP WITH TIME ZONE in Oracle's own byte form: 7, 7 or 11, and 13 bytes (see
    /// [`DateTime::from_bytes`] and [`DateTime::from_timestamp_tz_bytes`]).
    DateBytes(&'a [u8]),
    /// INTERVAL YEAR TO MONTH and DAY TO SECOND in Oracle's own byte form: 5 and 11 bytes.
    IntervalBytes(&'a [u8]),
    /// JSON in Oracle's binary form, see [`oson`](crate::oson).
    Oson(&'a [u8]),
    /// VECTOR in Oracle's binary form, see [`Vector`](crate::Vector).
    VectorBytes(&'a [u8]),
    /// BFILE: where the file is, not what is in it.
    Bfile(BfileLocator<'a>),
    /// An object type: the values of its attributes in their order. SDO_GEOMETRY is one too.
    Object(&'a [Value]),
    /// A VARRAY or nested table: its elements in their order.
    Collection(&'a [Value]),
    /// A LOB that is not here: whoever writes the row reads it piece by piece from where the row came from.
    Streamed(StreamedLob),
}

/// Stands in a row for a LOB that is read piece by piece, see [`ValueRef::Streamed`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct StreamedLob {
    /// What its reader knows it by.
    pub id: u32,
    /// Length of a BLOB in bytes; of all else, which is read as text, in Oracle's characters (UTF-16 code units), from which
    /// its length in UTF-8 does not follow.
    pub length: u64,
}

/// One Oracle value, owned. [`Value::as_ref`] gives the [`ValueRef`] that transcoders take.
///
/// With the feature `with-serde-1`: `"null"`, or its kind and what it holds, `{"number": "1.5"}`, numbers of all kinds as text and bytes as
/// hexadecimal digits, so that nothing is lost in JSON either.
#[derive(Debug, Clone, PartialEq, Default)]
#[cfg_attr(
    feature = "with-serde-1",
    derive(serde::Serialize, serde::Deserialize),
    serde(rename_all = "snake_case", deny_unknown_fields)
)]
#[non_exhaustive]
pub enum Value {
    /// SQL NULL.
    #[default]
    Null,
    /// NUMBER, FLOAT.
    Number(Number),
    /// BINARY_FLOAT.
    #[cfg_attr(feature = "with-serde-1", serde(with = "float_text"))]
    Float(f32),
    /// BINARY_DOUBLE.
    #[cfg_attr(feature = "with-serde-1", serde(with = "float_text"))]
    Double(f64),
    /// Character data and ROWIDs.
    Text(String),
    /// RAW, LONG RAW, BLOB.
    #[cfg_attr(feature = "with-serde-1", serde(with = "hexadecimal_text"))]
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
    /// BFILE.
    Bfile {
        /// The directory object's name.
        directory: String,
        /// The file's name.
        file: String,
    },
    /// An object type: the values of its attributes in their order.
    Object(Vec<Value>),
    /// A VARRAY or nested table: its elements in their order.
    Collection(Vec<Value>),
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
            Value::Bfile { directory, file } => ValueRef::Bfile(BfileLocator { directory, file }),
            Value::Object(attributes) => ValueRef::Object(attributes),
            Value::Collection(elements) => ValueRef::Collection(elements),
        }
    }

    /// Whether this is SQL NULL.
    pub fn is_null(&self) -> bool {
        matches!(self, Value::Null)
    }
}

/// The shortest text that reads back as the same number; `NaN`, `inf` and `-inf`, which JSON's numbers have not.
#[cfg(feature = "with-serde-1")]
mod float_text {
    use serde::{Deserialize, Deserializer, Serializer, de};
    use std::{borrow::Cow, fmt, str::FromStr};

    pub(super) fn serialize<F: fmt::Debug, S: Serializer>(float: &F, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&format_args!("{float:?}"))
    }

    pub(super) fn deserialize<'de, F, D: Deserializer<'de>>(deserializer: D) -> Result<F, D::Error>
    where
        F: FromStr<Err: fmt::Display> + Copy + Into<f64>,
    {
        let text = Cow::<'de, str>::deserialize(deserializer)?;
        match text.parse::<F>().map_err(de::Error::custom)? {
            float if float.into().is_infinite() && text.bytes().any(|b| b.is_ascii_digit()) => {
                Err(de::Error::custom("a number out of range"))
            }
            float => Ok(float),
        }
    }
}

#[cfg(feature = "with-serde-1")]
mod hexadecimal_text {
    use crate::hexadecimal;
    use serde::{Deserialize, Deserializer, Serializer, de};
    use std::borrow::Cow;

    pub(super) fn serialize<S: Serializer>(bytes: &[u8], serializer: S) -> Result<S::Ok, S::Error> {
        let text: String = bytes.iter().flat_map(|byte| hexadecimal::lower_case(*byte)).map(char::from).collect();
        serializer.serialize_str(&text)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<u8>, D::Error> {
        let text = Cow::<'de, str>::deserialize(deserializer)?;
        let error = || de::Error::custom("bytes are written as pairs of hexadecimal digits");
        let (pairs, rest) = text.as_bytes().as_chunks::<2>();
        let bytes = pairs.iter().map(|&[high, low]| hexadecimal::byte(high, low)).collect::<Option<_>>();
        bytes.filter(|_| rest.is_empty()).ok_or_else(error)
    }
}
