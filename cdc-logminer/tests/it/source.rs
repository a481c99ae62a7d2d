//! Redo rows written by hand, and a source that hands them out in windows.

use cdc_logminer::{Incarnation, OperationCode, RedoBatch, RedoRow, RedoSource, TableColumns, TableSet, Xid};
use schema_map::{ObjectPath, OracleIdent};
use std::{convert::Infallible, sync::Arc};
use type_convert::{LengthUnit, OracleType, Scn};

pub(crate) const INCARNATION: Incarnation = Incarnation { dbid: 4711, resetlogs_id: 1 };

/// A source over rows that are all there already.
#[derive(Debug, Clone)]
pub(crate) struct Rows {
    pub(crate) rows: Vec<RedoRow>,
    /// SCNs a window.
    pub(crate) window: u64,
}

impl RedoSource for Rows {
    type Error = Infallible;

    fn incarnation(&self) -> Incarnation {
        INCARNATION
    }

    fn read_redo(&mut self, after: Scn, out: &mut RedoBatch) -> Result<Scn, Infallible> {
        out.clear();
        let last = self.rows.iter().map(|r| r.scn.0).max().unwrap_or(0).max(after.0);
        let to = (after.0 + self.window).min(last);
        out.rows.extend(self.rows.iter().filter(|r| r.scn.0 > after.0 && r.scn.0 <= to).cloned());
        Ok(Scn(to))
    }
}

/// Each in a slot of its own: two transactions of one slot are never open at once.
pub(crate) fn xid(n: u32) -> Xid {
    Xid { usn: 3, slot: u16::try_from(n).unwrap(), sequence: n }
}

pub(crate) fn path(name: &str) -> ObjectPath {
    ObjectPath { schema: OracleIdent::new("APP").unwrap(), name: OracleIdent::new(name).unwrap() }
}

/// `APP.T (ID NUMBER, V VARCHAR2(50))` and `APP.L (ID NUMBER, C CLOB)`
pub(crate) fn tables() -> TableSet {
    let table = |name: &str, second: (&str, OracleType)| {
        let id = (OracleIdent::new("ID").unwrap(), OracleType::Number { precision: None, scale: None });
        let second = (OracleIdent::new(second.0).unwrap(), second.1);
        TableColumns { path: Arc::new(path(name)), columns: vec![id, second] }
    };
    let text = OracleType::Varchar2 { length: 50, unit: LengthUnit::Byte };
    TableSet::from_iter([table("T", ("V", text)), table("L", ("C", OracleType::Clob))])
}

pub(crate) fn row(scn: u64, xid: Xid, operation: OperationCode) -> RedoRow {
    RedoRow {
        scn: Scn(scn),
        xid,
        operation,
        rs_id: format!("0x000001.{scn:08x}.0010"),
        thread: 1,
        ..Default::default()
    }
}

pub(crate) fn start(scn: u64, xid: Xid) -> RedoRow {
    row(scn, xid, OperationCode::START)
}

pub(crate) fn commit(scn: u64, xid: Xid) -> RedoRow {
    row(scn, xid, OperationCode::COMMIT)
}

pub(crate) fn rollback(scn: u64, xid: Xid) -> RedoRow {
    row(scn, xid, OperationCode::ROLLBACK)
}

/// A data row of table `APP.T`.
pub(crate) fn data(scn: u64, xid: Xid, operation: OperationCode, row_id: &str, sql: String) -> RedoRow {
    RedoRow {
        seg_owner: Some("APP".to_owned()),
        table_name: Some("T".to_owned()),
        row_id: Some(row_id.to_owned()),
        sql_redo: Some(sql),
        data_obj: 99,
        ..row(scn, xid, operation)
    }
}

/// The row that undoes another: the inverse operation, ROLLBACK = 1.
pub(crate) fn undo(scn: u64, of: &RedoRow) -> RedoRow {
    let row_id = of.row_id.clone().unwrap();
    let (operation, sql) = match of.operation {
        OperationCode::INSERT => (OperationCode::DELETE, format!(r#"delete from "APP"."T" where ROWID = '{row_id}';"#)),
        OperationCode::DELETE => {
            (OperationCode::INSERT, r#"insert into "APP"."T"("ID","V") values ('0','undone');"#.to_owned())
        }
        _ => (OperationCode::UPDATE, format!(r#"update "APP"."T" set "V" = 'undone' where ROWID = '{row_id}';"#)),
    };
    RedoRow { rollback: true, ..data(scn, of.xid, operation, &row_id, sql) }
}
