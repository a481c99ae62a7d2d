//! An Oracle client library of our own, `libclntsh.so`, with an embedded database behind it.
//!
//! It exports the OCI functions that ODPI-C calls, so that the unmodified `oracle` crate runs on it.
//! Behind them sits an Oracle-like engine over one SQLite file that several processes share:
//! dictionary and `V$` views, multi-version rows for `AS OF SCN`, transactions, and redo in LogMiner's form.
//!
//! It proves how this project uses Oracle's interface, and its own logic; it proves nothing of Oracle's behaviour.
//! SQL that it does not know is refused with an ORA- error; it never guesses.

mod engine;
mod error;
mod oci;

pub use engine::{Bind, ColumnDesc, Database, Outcome, Prepared, Session, StatementType};
pub use error::OraError;
