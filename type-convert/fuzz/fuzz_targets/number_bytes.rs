#![no_main]
//! Bytes are a NUMBER whose text gives the same bytes again, or an error.

use libfuzzer_sys::fuzz_target;
use type_convert::Number;

fuzz_target!(|data: &[u8]| {
    if let Ok(number) = Number::from_bytes(data) {
        assert_eq!(number.as_bytes(), data);
        let again: Number = number.to_string().parse().expect("its own text");
        assert_eq!(again.as_bytes(), data);
        assert_eq!(number.to_i128().map(Number::from).unwrap_or(number), number);
    }
});
