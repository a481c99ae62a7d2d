//! LogMiner's redo rows to committed transactions: pure decoding, no I/O but the spill file.

mod change;
mod decode;
mod position;
mod redo_row;
pub mod session_sql;
mod statement;
mod stream;
mod transaction;

pub use change::{Change, ColumnImage, Operation, Transaction};
pub use decode::{DecodeError, TableColumns, TableSet};
pub use position::{Incarnation, Position, PositionError, Xid};
pub use redo_row::{OperationCode, RedoBatch, RedoRow};
pub use statement::{Assignment, Statement, StatementError, StatementKind};
pub use stream::{ChangeSink, ChangeStream, Next, RedoSource, RedoStream, StreamError};
