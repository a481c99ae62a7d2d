//! Oracle LogMiner's redo rows to committed transactions: decoding whose only I/O is a temporary file for large transactions.
//!
//! A [`RedoSource`] gives the rows of `V$LOGMNR_CONTENTS`; a [`RedoStream`] joins statements that come in
//! pieces, scans and decodes them, buffers them by transaction, takes back what was undone (savepoints, failed
//! statements), and delivers committed transactions in commit order, each with the [`Position`] that is reached
//! once it is applied. The changes of a transaction are read one by one, from memory or, beyond
//! [`StreamOptions::memory_limit`], from disk. A [`ChangeSink`] applies both together, so that a crash neither loses nor repeats a change.
//!
//! ```
//! use cdc_logminer::*;
//! use schema_map::{ObjectPath, OracleIdent};
//! use std::{convert::Infallible, sync::Arc};
//! use type_convert::{OracleType, Scn};
//!
//! /// Redo that was captured before.
//! struct Captured(Vec<RedoRow>);
//!
//! impl RedoSource for Captured {
//!     type Error = Infallible;
//!     fn incarnation(&self) -> Incarnation {
//!         Incarnation { dbid: 1, resetlogs_id: 1 }
//!     }
//!     fn read_redo(&mut self, after: Scn, out: &mut RedoBatch) -> Result<Scn, Infallible> {
//!         out.rows = std::mem::take(&mut self.0);
//!         Ok(out.rows.last().map_or(after, |row| row.scn))
//!     }
//! }
//!
//! let row = |scn, operation| RedoRow { scn: Scn(scn), operation, ..RedoRow::default() };
//! let redo = vec![
//!     row(101, OperationCode::START),
//!     RedoRow {
//!         seg_owner: Some("HR".into()),
//!         table_name: Some("REGIONS".into()),
//!         sql_redo: Some(r#"insert into "HR"."REGIONS"("REGION_ID") values ('7');"#.into()),
//!         ..row(102, OperationCode::INSERT)
//!     },
//!     row(103, OperationCode::COMMIT),
//! ];
//!
//! let table = TableColumns {
//!     path: Arc::new(ObjectPath { schema: OracleIdent::new("HR")?, name: OracleIdent::new("REGIONS")? }),
//!     columns: vec![(OracleIdent::new("REGION_ID")?, OracleType::Number { precision: None, scale: None })],
//! };
//! let source = Captured(redo);
//! let position = Position::after_load(source.incarnation(), Scn(100), None);
//! let mut stream = RedoStream::new(source, TableSet::from_iter([table]), position)?;
//!
//! let Next::Transaction(transaction, position) = stream.next_transaction()? else { unreachable!() };
//! assert_eq!(transaction.changes.len(), 1);
//! assert_eq!(position.commit_scn, Scn(103));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod change;
mod changes;
mod ddl;
mod decode;
mod encoding;
mod fold;
mod known_columns;
mod lob;
mod open_transaction;
mod policy;
mod position;
mod redo_row;
mod repair;
pub mod session_sql;
mod spill;
mod statement;
mod stream;
mod transaction;

pub use change::{Change, ColumnImage, Operation, Transaction};
pub use changes::{Changes, ChangesIter};
pub use ddl::{Ddl, DdlKind};
pub use decode::{DecodeError, DecodeErrorKind, TableColumns, TableSet};
pub use known_columns::KnownColumns;
pub use lob::{
    CharacterUnit, LobCall, LobChange, LobData, LobError, LobErrorKind, LobKind, LobPatch, LobPiece, LobStatement,
    LobTarget, LongString, LongStringWrite, MAX_PADDING, XmlDocument, XmlWrite,
};
pub use policy::{Allowed, Irregularity, IrregularityError, RedoPolicy};
pub use position::{Incarnation, Position, PositionError, Xid};
pub use redo_row::{OperationCode, RedoBatch, RedoGap, RedoRow};
pub use spill::SpillError;
pub use statement::{Assignment, Assignments, Scanner, Statement, StatementError, StatementErrorKind, StatementKind};
pub use stream::{ChangeSink, ChangeStream, Next, RedoSource, RedoStream, StreamError, StreamOptions, StreamStatus};
