//! `serde` 1: values and types as text.

use crate::{DateTime, IntervalDs, IntervalYm, Number, OracleType, PgType, UtcOffset};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de, ser};
use std::borrow::Cow;

macro_rules! to_text {
    ($($(#[$doc:meta])* $ty:ty),+ $(,)?) => {$(
        $(#[$doc])*
        impl Serialize for $ty {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }
    )+};
}

macro_rules! from_text {
    ($($ty:ty),+ $(,)?) => {$(
        impl<'de> Deserialize<'de> for $ty {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                Cow::<'de, str>::deserialize(deserializer)?.parse().map_err(de::Error::custom)
            }
        }
    )+};
}

to_text!(
    Number,
    DateTime,
    IntervalYm,
    /// As DDL text; a user-defined type as its name alone, which does not say what it is made of and so cannot be read again.
    OracleType,
);

from_text!(Number, DateTime, UtcOffset, IntervalYm, IntervalDs, OracleType, PgType);

/// As text; an offset out of range is an error.
impl Serialize for UtcOffset {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        UtcOffset::new(self.minutes).map_err(ser::Error::custom)?;
        serializer.collect_str(self)
    }
}

/// As text; fields out of range, or of two signs, are an error.
impl Serialize for IntervalDs {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.check().map_err(ser::Error::custom)?;
        serializer.collect_str(self)
    }
}

/// As its definition, which can be read again.
impl Serialize for PgType {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&self.to_definition())
    }
}
