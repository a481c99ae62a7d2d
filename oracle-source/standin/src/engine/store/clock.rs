use std::time::{SystemTime, UNIX_EPOCH};
use type_convert::{DateTime, Value};

/// Seconds since 1970 of the database's clock, which is UTC.
pub(crate) fn now() -> i64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |d| i64::try_from(d.as_secs()).unwrap_or(i64::MAX))
}

/// Seconds since 1970 as a DATE; NULL for what no DATE can be.
pub(crate) fn date(seconds: i64) -> Value {
    DateTime::from_seconds_since_unix_epoch(seconds, 0).map_or(Value::Null, Value::DateTime)
}
