//! Tokens and the blanks between them are the source, whatever it is.
#![no_main]

use libfuzzer_sys::fuzz_target;
use schema_map::sql::Lexer;

fuzz_target!(|source: &str| {
    let mut at = 0;
    for token in Lexer::new(source) {
        assert!(token.offset >= at && !token.text.is_empty());
        assert!(source[at..token.offset].chars().all(|c| c.is_whitespace() || c == '\u{feff}'));
        assert_eq!(&source[token.offset..token.end()], token.text);
        at = token.end();
    }
    assert!(source[at..].chars().all(|c| c.is_whitespace() || c == '\u{feff}'));
});
