//! Any sequence of rows: transactions or a typed error, never a panic, and the same ones whether their changes were on disk or not.
#![no_main]

use cdc_logminer::{
    ChangeStream, Incarnation, Irregularity, Next, OperationCode, Position, RedoBatch, RedoPolicy, RedoRow, RedoSource,
    RedoStream, StreamOptions, TableColumns, TableSet, Transaction, Xid,
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

const STATEMENTS: [&str; 14] = [
    r#"insert into "O"."T"("N","V") values ('1',EMPTY_CLOB());"#,
    r#"insert into "O"."T"("N","V") values ('1','x');"#,
    r#"update "O"."T" set "V" = 'small' where "N" = '1';"#,
    r#"update "O"."T" set "V" = NULL where "N" = '1' and ROWID = 'AAAWsGAAHAAAAFmAAB';"#,
    r#"delete from "O"."T" where "N" = '1';"#,
    "truncate table t",
    r#"DECLARE loc_c CLOB; buf_c VARCHAR2(6); BEGIN select "V" into loc_c from "O"."T" where "N" = '1' for update;"#,
    "buf_c := 'it''s'; dbms_lob.write(loc_c, 4, 1, buf_c);",
    "dbms_lob.trim(loc_c, 2);",
    "dbms_lob.erase(loc_c, 1, 1);",
    r#"XML DOC BEGIN: select "V" from "O"."T" where "N" = '1'"#,
    "XML_REDO := HEXTORAW('3c612f3e'):4",
    r#"DECLARE TempLob CLOB; BEGIN Stmt := 'update "O"."T" a set a."V" = :V where a."N" = ''1'';';"#,
    "buf_c := 'long'; dbms_lob.writeappend(TempLob, 4, buf_c);",
];
const OPERATIONS: [u16; 22] = [6, 1, 2, 3, 7, 36, 5, 34, 255, 9, 10, 11, 28, 29, 68, 70, 71, 91, 92, 93, 27, 77];

/// What is delivered until the end or the first error.
fn deliver(rows: Vec<RedoRow>, options: StreamOptions) -> Vec<Transaction> {
    let table = TableColumns {
        path: Arc::new(ObjectPath { schema: OracleIdent::new("O").unwrap(), name: OracleIdent::new("T").unwrap() }),
        columns: vec![
            (OracleIdent::new("N").unwrap(), OracleType::Number { precision: None, scale: None }),
            (OracleIdent::new("V").unwrap(), OracleType::Clob),
        ],
    };
    let source = Rows(rows);
    let position = Position::after_load(source.incarnation(), Scn(0), None);
    let mut stream = RedoStream::with_options(source, TableSet::from_iter([table]), position, options).unwrap();
    let mut delivered = Vec::new();
    while let Ok(Next::Transaction(transaction, position)) = stream.next_transaction() {
        assert!(!transaction.changes.is_empty());
        assert!(position.covers(transaction.commit_scn, transaction.xid));
        assert_eq!(transaction.changes.len(), transaction.changes.iter().map(Result::unwrap).count());
        delivered.push(*transaction);
    }
    delivered
}

type Row = (u8, u8, u8, bool, bool, bool, Result<u8, String>);

fuzz_target!(|input: (bool, Vec<Row>)| {
    let (allow, rows) = input;
    let xid = |n: u8| Xid {
        usn: 1,
        slot: u16::from(n % 4),
        sequence: if n > 250 { u32::MAX } else { u32::from(n % 8) },
    };
    let rows: Vec<RedoRow> = rows
        .into_iter()
        .map(|(scn, id, operation, rollback, csf, parallel, sql)| RedoRow {
            scn: Scn(scn.into()),
            xid: xid(id),
            pxid: parallel.then(|| xid(id / 16)),
            operation: OperationCode(OPERATIONS[usize::from(operation) % OPERATIONS.len()]),
            rollback,
            csf,
            seg_owner: Some("O".into()),
            table_name: Some("T".into()),
            row_id: Some(if id % 3 == 0 { "AAAAAAAAAAAAAAAAAA" } else { "AAAWsGAAHAAAAFmAAB" }.into()),
            sql_redo: Some(sql.map_or_else(|text| text, |n| STATEMENTS[usize::from(n) % STATEMENTS.len()].to_owned())),
            ..RedoRow::default()
        })
        .collect();
    let policy = match allow {
        true => Irregularity::ALL.into_iter().fold(RedoPolicy::default(), RedoPolicy::allow),
        false => RedoPolicy::default(),
    };
    let options = StreamOptions { policy, ..StreamOptions::default() };
    let in_memory = deliver(rows.clone(), options.clone());
    assert_eq!(in_memory, deliver(rows, StreamOptions { memory_limit: 0, ..options }));
});
