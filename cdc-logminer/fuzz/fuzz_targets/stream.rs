//! Any sequence of rows: transactions or a typed error, never a panic.
#![no_main]

use cdc_logminer::{
    ChangeStream, Incarnation, Next, OperationCode, Position, RedoBatch, RedoRow, RedoSource, RedoStream, TableColumns,
    TableSet, Xid,
};
use libfuzzer_sys::fuzz_target;
use schema_map::{ObjectPath, OracleIdent};
use std::{convert::Infallible, sync::Arc};
use type_convert::{OracleType, Scn};

struct Rows(Vec<RedoRow>);

impl RedoSource for Rows {
    type Error = Infallible;

    fn incarnation(&self) -> Incarnation {
        Incarnation { dbid: 1, resetlogs_id: 1 }
    }

    fn read_redo(&mut self, after: Scn, out: &mut RedoBatch) -> Result<Scn, Infallible> {
        out.rows = std::mem::take(&mut self.0);
        Ok(Scn(after.0.saturating_add(1000)))
    }
}

const STATEMENTS: [&str; 4] = [
    r#"insert into "O"."T"("N","V") values ('1','x');"#,
    r#"update "O"."T" set "V" = NULL where "N" = '1' and ROWID = 'AAAWsGAAHAAAAFmAAB';"#,
    r#"delete from "O"."T" where "N" = '1';"#,
    "truncate table t",
];

fuzz_target!(|rows: Vec<(u8, u8, u8, bool, bool, Result<u8, String>)>| {
    let operations = [6, 1, 2, 3, 7, 36, 5, 34, 255, 9];
    let rows = rows
        .into_iter()
        .map(|(scn, xid, operation, rollback, csf, sql)| RedoRow {
            scn: Scn(scn.into()),
            xid: Xid { usn: 1, slot: u16::from(xid % 2), sequence: if xid > 250 { u32::MAX } else { u32::from(xid % 4) } },
            operation: OperationCode(operations[usize::from(operation) % operations.len()]),
            rollback,
            csf,
            seg_owner: Some("O".into()),
            table_name: Some("T".into()),
            row_id: Some("AAAWsGAAHAAAAFmAAB".into()),
            sql_redo: Some(sql.map_or_else(|text| text, |n| STATEMENTS[usize::from(n) % 4].to_owned())),
            ..RedoRow::default()
        })
        .collect();
    let table = TableColumns {
        path: Arc::new(ObjectPath { schema: OracleIdent::new("O").unwrap(), name: OracleIdent::new("T").unwrap() }),
        columns: vec![
            (OracleIdent::new("N").unwrap(), OracleType::Number { precision: None, scale: None }),
            (OracleIdent::new("V").unwrap(), OracleType::Clob),
        ],
    };
    let source = Rows(rows);
    let position = Position::after_load(source.incarnation(), Scn(0), None);
    let mut stream = RedoStream::new(source, TableSet::from_iter([table]), position).unwrap();
    while let Ok(Next::Transaction(transaction, position)) = stream.next_transaction() {
        assert!(!transaction.changes.is_empty());
        assert!(position.covers(transaction.commit_scn, transaction.xid));
    }
});
