//! No script panics or hangs, and every error has a place.
#![no_main]

use libfuzzer_sys::fuzz_target;
use schema_map::{OracleIdent, script::Script};

fuzz_target!(|text: &str| {
    let mut script = Script::default();
    if let Ok(schema) = OracleIdent::new("HR") {
        script.read("fuzz.sql", text, &schema);
    }
    for error in &script.errors {
        assert!(error.line >= 1 && error.column >= 1 && !error.message.is_empty());
    }
});
