//! An Oracle client library of our own, `libclntsh.so`, with an embedded database behind it.
//!
//! It exports the OCI functions that ODPI-C calls, so that the unmodified `oracle` crate runs on it.
//! Behind them sits an Oracle-like engine over one SQLite file that several processes share:
//! dictionary and `V$` views, multi-version rows for `AS OF SCN`, transactions, and redo in LogMiner's form.
//!
//! It proves how this project uses Oracle's interface, and its own logic; it proves nothing of Oracle's behaviour.
//! SQL that it does not know is refused with an ORA- error; it never guesses.
//!
//! # Two ways in
//!
//! * The client library: tell the `oracle` crate where it is, and connect to `standin:/path/to/file.db` (a path that
//!   ends in `.db` alone will do).
//! * [`Database`] and [`Session`]: to make a database, its users and its tables, without a client.
//!
//! ```no_run
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let file = std::path::Path::new("/tmp/hr.db");
//! {
//!     let database = clntsh::Database::create(file, "system-password")?;
//!     database.create_user("HR", "hr-password")?;
//!     database.run_script("HR", "hr.sql", "CREATE TABLE regions (region_id NUMBER PRIMARY KEY);")?;
//! } // closed here: see below
//! oracle::InitParams::new().oracle_client_lib_dir(clntsh::library_dir()?)?.init()?;
//! let connection = oracle::Connection::connect("hr", "hr-password", format!("standin:{}", file.display()))?;
//! assert_eq!(connection.query_row_as::<i64>("SELECT COUNT(*) FROM regions", &[])?, 0);
//! # Ok(())
//! # }
//! ```
//!
//! # One at a time in one process
//!
//! The client library is loaded at run time and has its own copy of SQLite, beside the one in a program that uses
//! [`Database`]. Two copies of SQLite must never have one file open in one process: locks of a POSIX file belong to
//! the process, so each copy would take the other's for its own and drop them unasked, and the file would be damaged.
//! So whichever copy opens a file first holds it until it closes it, and the other is refused with ORA-27086.
//! Close every [`Database`] and [`Session`] before connecting through the client library, or make the database with the
//! program `oracle-standin`, in a process of its own. Different processes share a file as they like.

mod engine;
mod error;
mod lease;
mod library;
mod oci;

pub use engine::{Bind, ColumnDesc, CreateOptions, Database, Outcome, Prepared, Session, StatementType};
pub use error::OraError;
pub use library::{LibraryNotFound, client_library_dir, library_dir};
