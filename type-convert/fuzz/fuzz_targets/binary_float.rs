#![no_main]
//! Bytes of a number are a number, whose bytes are that number's again.

use libfuzzer_sys::fuzz_target;
use type_convert::binary_float::{double_from_bytes, double_to_bytes, float_from_bytes, float_to_bytes};

fuzz_target!(|data: [u8; 8]| {
    let number = double_from_bytes(data);
    let again = double_from_bytes(double_to_bytes(number));
    assert!(again == number || (again.is_nan() && number.is_nan()));
    assert!(number == 0.0 || number.is_nan() || double_to_bytes(number) == data);
    let [a, b, c, d, ..] = data;
    let number = float_from_bytes([a, b, c, d]);
    let again = float_from_bytes(float_to_bytes(number));
    assert!(again == number || (again.is_nan() && number.is_nan()));
    assert!(number == 0.0 || number.is_nan() || float_to_bytes(number) == [a, b, c, d]);
});
