#![no_main]
//! Bytes are OSON, which gives text within the limit, or an error, which leaves nothing behind.

use libfuzzer_sys::fuzz_target;
use type_convert::oson;

const LIMIT: usize = 1 << 16;

fuzz_target!(|data: &[u8]| {
    let mut out = b"before".to_vec();
    match oson::to_json_within(data, LIMIT, &mut out) {
        Ok(()) => {
            let text = std::str::from_utf8(&out[6..]).expect("UTF-8");
            assert!(!text.is_empty() && text.len() <= LIMIT);
            assert!(text.bytes().all(|b| b >= 0x20));
            assert_eq!(unclosed(text), 0, "{text}");
        }
        Err(error) => {
            assert_eq!(out, b"before");
            assert!(error.offset() <= data.len());
        }
    }
});

/// Brackets that are opened outside of strings and not closed.
fn unclosed(text: &str) -> i64 {
    let (mut depth, mut in_string, mut escaped) = (0, false, false);
    for byte in text.bytes() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' => escaped = true,
            b'"' => in_string = !in_string,
            b'[' | b'{' if !in_string => depth += 1,
            b']' | b'}' if !in_string => depth -= 1,
            _ => {}
        }
    }
    depth + i64::from(in_string)
}
