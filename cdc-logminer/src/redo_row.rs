use crate::{Irregularity, Xid};
use type_convert::Scn;

/// One row of `V$LOGMNR_CONTENTS`, with the columns that a reader needs.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct RedoRow {
    /// `SCN`.
    pub scn: Scn,
    /// `START_SCN`, where given (COMMIT rows).
    pub start_scn: Option<Scn>,
    /// `COMMIT_SCN`, where given.
    pub commit_scn: Option<Scn>,
    /// `TIMESTAMP` as seconds since 1970-01-01 in the source's clock, which has no zone.
    pub timestamp: i64,
    /// `XID`.
    pub xid: Xid,
    /// `PXID`, where the row is of a server of parallel DML: the coordinator's transaction.
    pub pxid: Option<Xid>,
    /// `OPERATION_CODE`.
    pub operation: OperationCode,
    /// `ROLLBACK` = 1: this row undoes an earlier one of its transaction.
    pub rollback: bool,
    /// `STATUS`: 0 is valid SQL.
    pub status: i32,
    /// `INFO`.
    pub info: Option<String>,
    /// `SEG_OWNER`.
    pub seg_owner: Option<String>,
    /// `TABLE_NAME`.
    pub table_name: Option<String>,
    /// `ROW_ID`.
    pub row_id: Option<String>,
    /// `RS_ID` without the blanks around it.
    pub rs_id: String,
    /// `SSN`.
    pub ssn: i64,
    /// `CSF` = 1: the statement goes on in the next row.
    pub csf: bool,
    /// `THREAD#`.
    pub thread: u16,
    /// `DATA_OBJ#`.
    pub data_obj: u64,
    /// `DATA_OBJV#`.
    pub data_objv: u64,
    /// `SQL_REDO`.
    pub sql_redo: Option<String>,
}

/// `V$LOGMNR_CONTENTS.OPERATION_CODE`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct OperationCode(pub u16);

impl OperationCode {
    /// INTERNAL
    pub const INTERNAL: Self = Self(0);
    /// INSERT
    pub const INSERT: Self = Self(1);
    /// DELETE
    pub const DELETE: Self = Self(2);
    /// UPDATE
    pub const UPDATE: Self = Self(3);
    /// DDL
    pub const DDL: Self = Self(5);
    /// START
    pub const START: Self = Self(6);
    /// COMMIT
    pub const COMMIT: Self = Self(7);
    /// SEL_LOB_LOCATOR: the row and column that the LOB operations after it are on. Some versions give these rows
    /// without `SQL_REDO`, and every LOB operation its own locator.
    pub const SELECT_LOB_LOCATOR: Self = Self(9);
    /// LOB_WRITE
    pub const LOB_WRITE: Self = Self(10);
    /// LOB_TRIM
    pub const LOB_TRIM: Self = Self(11);
    /// SELECT_FOR_UPDATE
    pub const SELECT_FOR_UPDATE: Self = Self(25);
    /// A marker of replication (GoldenGate): its transaction has no end.
    pub const REPLICATION_MARKER: Self = Self(27);
    /// LOB_ERASE as Oracle documents it; the versions at hand say [`Self::LOB_ERASE`].
    pub const LOB_ERASE_DOCUMENTED: Self = Self(28);
    /// LOB_ERASE
    pub const LOB_ERASE: Self = Self(29);
    /// MISSING_SCN
    pub const MISSING_SCN: Self = Self(34);
    /// ROLLBACK
    pub const ROLLBACK: Self = Self(36);
    /// XML DOC BEGIN
    pub const XML_DOC_BEGIN: Self = Self(68);
    /// XML DOC WRITE
    pub const XML_DOC_WRITE: Self = Self(70);
    /// XML DOC END
    pub const XML_DOC_END: Self = Self(71);
    /// 32K BEGIN: a string of an extended type follows.
    pub const LONG_STRING_BEGIN: Self = Self(91);
    /// 32K WRITE
    pub const LONG_STRING_WRITE: Self = Self(92);
    /// 32K END
    pub const LONG_STRING_END: Self = Self(93);
    /// UNSUPPORTED
    pub const UNSUPPORTED: Self = Self(255);

    /// Whether a row with it is about the content of a LOB, an XML document or a 32 K string: see [`crate::LobStatement`].
    pub fn is_lob(self) -> bool {
        matches!(
            self,
            Self::SELECT_LOB_LOCATOR
                | Self::LOB_WRITE
                | Self::LOB_TRIM
                | Self::LOB_ERASE
                | Self::LOB_ERASE_DOCUMENTED
                | Self::XML_DOC_BEGIN
                | Self::XML_DOC_WRITE
                | Self::XML_DOC_END
                | Self::LONG_STRING_BEGIN
                | Self::LONG_STRING_WRITE
                | Self::LONG_STRING_END
        )
    }
}

/// Redo rows in the order in which LogMiner gave them.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct RedoBatch {
    /// The rows.
    pub rows: Vec<RedoRow>,
    /// Redo that should have been among the rows and cannot be had.
    pub gaps: Vec<RedoGap>,
}

/// Redo that its source cannot give.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RedoGap {
    /// Why: [`Irregularity::PurgedLog`] or [`Irregularity::Gap`].
    pub irregularity: Irregularity,
    /// The redo thread.
    pub thread: u16,
    /// The log's sequence, where it is known.
    pub sequence: Option<u64>,
    /// Redo after this SCN is missing,
    pub after: Scn,
    /// up to this one, inclusively.
    pub upto: Scn,
    /// What the source knows of it, for people.
    pub detail: String,
}

impl RedoBatch {
    /// Empties it, and keeps its memory.
    pub fn clear(&mut self) {
        self.rows.clear();
        self.gaps.clear();
    }
}
