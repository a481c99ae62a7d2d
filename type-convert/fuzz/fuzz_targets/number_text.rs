#![no_main]
//! Text is a NUMBER that survives its bytes and its plain text, or an error.

use libfuzzer_sys::fuzz_target;
use type_convert::Number;

fuzz_target!(|text: &str| {
    if let Ok(number) = text.parse::<Number>() {
        assert_eq!(Number::from_bytes(number.as_bytes()), Ok(number));
        assert_eq!(number.to_string().parse(), Ok(number));
    }
});
