//! Any text for each operation on LOBs, documents and strings: read in full or refused, never a panic; what is
//! read is applied or refused.
#![no_main]

use cdc_logminer::{CharacterUnit, LobData, LobKind, LobPatch, LobStatement, LongString, OperationCode, XmlDocument};
use libfuzzer_sys::fuzz_target;

const DOCUMENT: &str = r#"XML DOC BEGIN:  select "X" from "O"."T" where "I" = '1'"#;
const STRING: &str = r#"DECLARE TempLob CLOB; BEGIN DBMS_LOB.CreateTemporary(TempLob, FALSE);
 Stmt := 'update "O"."T" a set a."D" = :D where a."I" = ''1'';';"#;

fuzz_target!(|input: (bool, String, Vec<(u8, String)>)| {
    let (points, base, rows) = input;
    let operations = [9, 10, 11, 28, 29, 68, 70, 71, 91, 92, 93, 1];
    let mut patches = [LobKind::Blob, LobKind::Clob, LobKind::NClob].map(LobPatch::new);
    if points {
        patches[1].set_unit(CharacterUnit::CodePoint).unwrap();
    }
    let mut document = XmlDocument::begin(DOCUMENT).unwrap();
    let mut string = LongString::begin(STRING).unwrap();
    for (operation, sql) in &rows {
        let operation = OperationCode(operations[usize::from(*operation) % operations.len()]);
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
