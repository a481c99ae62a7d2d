//! Any text: read in full or refused, never a panic; what is read lies within the text, strictly read text is never
//! repaired, and what is repaired reads the same once it is escaped.
#![no_main]

use cdc_logminer::{Assignment, Scanner, Statement};
use libfuzzer_sys::fuzz_target;
use type_convert::literal::{Readable, readable};

fn columns<'s>(statement: &Statement<'s>) -> Vec<Assignment<'s>> {
    statement.set.iter().chain(statement.condition.iter()).collect()
}

/// What both readings of a statement must agree on.
fn said(columns: &[Assignment<'_>]) -> Vec<(String, String)> {
    columns.iter().map(|column| (column.column.to_owned(), column.escaped.to_owned())).collect()
}

fn check(sql: &str) {
    let mut scanner = Scanner::new();
    let strict = match scanner.scan(sql) {
        Ok(statement) => {
            for assignment in columns(&statement) {
                assert!(!assignment.column.is_empty() && !assignment.literal.is_empty());
                assert!(assignment.offset <= sql.len() && !assignment.repaired);
                let _ = readable(assignment.literal);
            }
            Some(said(&columns(&statement)))
        }
        Err(error) => {
            assert!(error.offset() <= sql.len());
            None
        }
    };
    match scanner.scan_repairing(sql, None) {
        Ok(statement) if !statement.repaired => assert_eq!(strict, Some(said(&columns(&statement)))),
        Ok(statement) => {
            let columns = columns(&statement);
            let (mut mended, mut copied) = (String::new(), 0);
            for column in &columns {
                mended.push_str(&sql[copied..column.offset]);
                mended.push_str(column.escaped);
                copied = column.offset + column.literal.len();
                let text = column.literal.strip_prefix('\'').filter(|text| column.repaired && !text.contains("||"));
                if let Some(text) = text {
                    let Ok(Readable::Value(value)) = readable(column.escaped) else { panic!("{}", column.escaped) };
                    assert_eq!(text.strip_suffix('\''), Some(&*value));
                }
            }
            mended.push_str(&sql[copied..]);
            let mut other = Scanner::new();
            let again = other.scan(&mended).expect("what was repaired");
            assert_eq!(said(&columns), said(&self::columns(&again)));
            assert!(columns.iter().any(|column| column.repaired));
        }
        Err(error) => assert!(error.offset() <= sql.len()),
    }
}

fuzz_target!(|sql: &str| {
    let _ = readable(sql);
    check(sql);
    // Most texts are no statement; what the values of one are is as good a text.
    for (head, tail) in [
        ("insert into \"O\".\"T\"(\"A\",\"B\") values (", ");"),
        ("insert into \"O\".\"T\"(\"A\") values (", ""),
        ("update \"O\".\"T\" set \"A\" = ", " where \"A\" = 'it's' and \"Z\" IS NULL"),
        ("update \"O\".\"T\" a set ", ""),
        ("delete from \"O\".\"T\" where \"A\" = 'it's'", ";"),
    ] {
        check(&format!("{head}{sql}{tail}"));
    }
});
