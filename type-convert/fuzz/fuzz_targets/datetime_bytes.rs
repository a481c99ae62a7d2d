#![no_main]
//! Bytes of dates, timestamps and intervals are values that give the same bytes again, or errors.

use libfuzzer_sys::fuzz_target;
use type_convert::{DateTime, IntervalDs, IntervalYm};

fuzz_target!(|data: &[u8]| {
    if let Ok(at) = DateTime::from_bytes(data) {
        assert_eq!(&at.to_timestamp_bytes().expect("in range")[..data.len()], data);
        assert_eq!(at.to_string().parse(), Ok(at));
        if let Ok(seconds) = at.seconds_since_unix_epoch() {
            assert_eq!(DateTime::from_seconds_since_unix_epoch(seconds, at.nanosecond), Ok(at));
        }
    }
    let _ = DateTime::from_timestamp_tz_bytes(data);
    if let Ok(interval) = IntervalYm::from_bytes(data) {
        assert_eq!(&interval.to_bytes()[..], data);
    }
    if let Ok(interval) = IntervalDs::from_bytes(data) {
        assert_eq!(&interval.to_bytes().expect("in range")[..], data);
    }
});
