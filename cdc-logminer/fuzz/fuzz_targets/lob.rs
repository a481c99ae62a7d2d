//! Any text for each operation on LOBs, documents and strings: read in full or refused, never a panic; what is
//! read is applied or refused.
#![no_main]

use cdc_logminer::{CharacterUnit, LobData, LobKind, LobPatch, LobStatement, LongString, OperationCode, XmlDocument};
use libfuzzer_sys::fuzz_target;

const DOCUMENT: &str = r#"XML DOC BEGIN:  select "X" from "O"."T" where "I" = '1'"#;
const STRING: &str = r#"DECLARE TempLob CLOB; BEGIN DBMS_LOB.CreateTemporary(TempLob, FALSE);
 Stmt := 'update "O"."T" a set a."D" = :D where a."I" = ''1'';';"#;

/// What rows say, to be changed in one place.
const STATEMENTS: [&str; 14] = [
    "DECLARE loc_c CLOB; e_len NUMBER; BEGIN select \"C\" into loc_c from \"O\".\"T\" where \"I\" = '1' for update; END;",
    "DECLARE b BLOB; BEGIN select \"C\" into b from \"O\".\"T\" for update; buf_b := HEXTORAW('00ff'); dbms_lob.write(b, 2, 3, buf_b); END;",
    "buf_c := 'it''s'; dbms_lob.write(loc_c, 4, 1, buf_c);",
    r"buf_nc := UNISTR('\D83D\DE00') || 'x'; dbms_lob.write(loc_nc, 3, 1, buf_nc);",
    "buf_b := HEXTORAW('0aff'); dbms_lob.write(loc_b, 2, 1, buf_b);",
    "dbms_lob.trim(loc_b, 0);",
    "dbms_lob.trim(loc_c, 1);",
    "e_len := 10; dbms_lob.erase(loc_c, e_len, 1);",
    DOCUMENT,
    "update \"O\".\"T\" a set a.\"X\" = XMLType(:1) where a.\"I\" IS NULL;",
    "XML_REDO := HEXTORAW('3c612f3e):4",
    "XML_REDO := '<a b='''/>' amount: 10",
    STRING,
    "buf_c := 'it's'; dbms_lob.writeappend(TempLob, 4, buf_c);",
];

/// A row: its operation, and a text, or the statement of a number from a place on over a length replaced by a text.
type Row = (u8, String, Option<(u8, u16, u8)>);

fn statement((_, text, edit): &Row) -> String {
    let Some((number, at, length)) = *edit else { return text.clone() };
    let mut sql = STATEMENTS[usize::from(number) % STATEMENTS.len()].to_owned();
    let at = usize::from(at) % (sql.len() + 1);
    let end = sql.len().min(at + usize::from(length % 8));
    sql.replace_range(at..end, text);
    sql
}

fuzz_target!(|input: (bool, String, Vec<Row>)| {
    let (points, base, rows) = input;
    let operations = [9, 10, 11, 28, 29, 68, 70, 71, 91, 92, 93, 1];
    let mut patches = [LobKind::Blob, LobKind::Clob, LobKind::NClob].map(LobPatch::new);
    if points {
        patches[1].set_unit(CharacterUnit::CodePoint).unwrap();
    }
    let mut document = XmlDocument::begin(DOCUMENT).unwrap();
    let mut string = LongString::begin(STRING).unwrap();
    for row in &rows {
        let sql = &statement(row);
        let operation = OperationCode(operations[usize::from(row.0) % operations.len()]);
        match LobStatement::scan(operation, sql) {
            Ok(statement) => {
                let target = match &statement {
                    LobStatement::Locator { target, .. } | LobStatement::XmlBegin { target } => Some(target),
                    LobStatement::LongStringBegin { target, .. } => Some(target),
                    LobStatement::Call { target, call } => {
                        patches.iter_mut().for_each(|patch| drop(patch.push(call)));
                        target.as_ref()
                    }
                    _ => None,
                };
                if let Some(target) = target {
                    assert!(!target.owner().is_empty() && !target.table().is_empty() && !target.column().is_empty());
                    assert!(target.conditions().iter().all(|a| !a.column.is_empty() && !a.literal.is_empty()));
                    assert_eq!(target, &target.clone().into_owned());
                }
            }
            Err(error) => assert!(error.offset() <= sql.len()),
        }
        let _ = XmlDocument::begin(sql);
        let _ = LongString::begin(sql);
        let _ = document.write(sql);
        let _ = string.write(sql);
    }
    let _ = document.end();
    let _ = string.end();
    for patch in patches {
        // A hole that is filled up to its limit is not what is looked for here.
        let far = |piece: &cdc_logminer::LobPiece| matches!(piece, cdc_logminer::LobPiece::Write { offset, .. } if *offset > 1 << 20);
        if patch.pieces().iter().any(far) {
            continue;
        }
        let base = if patch.kind() == LobKind::Blob { LobData::from(base.as_bytes()) } else { base.as_str().into() };
        let applied = patch.apply(base);
        match patch.value() {
            Ok(Some(value)) if applied.is_ok() => assert_eq!(applied.unwrap(), value),
            Ok(value) => assert!(!patch.completes() || value.is_some()),
            Err(_) => {}
        }
    }
});
