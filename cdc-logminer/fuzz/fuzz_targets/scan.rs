//! Any text: read in full or refused, never a panic; what is read lies within the text.
#![no_main]

use cdc_logminer::Scanner;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|sql: &str| {
    let mut scanner = Scanner::new();
    match scanner.scan(sql) {
        Ok(statement) => {
            for assignment in statement.set.iter().chain(statement.condition.iter()) {
                assert!(!assignment.column.is_empty() && !assignment.literal.is_empty());
                assert!(assignment.offset <= sql.len());
            }
        }
        Err(error) => assert!(error.offset() <= sql.len()),
    }
});
