//! Committed transactions into PostgreSQL, exactly once.

mod applier;
mod batch;
mod catalog;
mod conflict;
mod exceptions;
mod lob;
mod net;
mod newer_rows;
mod operation;
mod options;
mod origin;
mod pipeline;
mod reconnect;
mod relocate;
mod transaction_batch;

pub use applier::{Applier, table_columns};
pub use conflict::{ConflictAction, ConflictKind, ConflictPolicy};
pub use newer_rows::NewerRows;
pub use options::ApplyOptions;
pub use reconnect::{Attempt, ReconnectingApplier, Retry};
pub use transaction_batch::{BatchLimits, TransactionBatch};
