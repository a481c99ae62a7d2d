//! The database behind the client library. The OCI layer sees only what this file re-exports.
//!
//! `sql` parses and evaluates Oracle SQL; `store` keeps versioned rows, transactions and redo in SQLite;
//! `views` are the dictionary and `V$` views; `script` loads SQL scripts.

mod script;
mod sql;
mod storage;
mod store;
mod views;

use crate::OraError;
use schema_map::script::split;
pub use sql::{Prepared, Session};
use std::{fs, path::Path, sync::Arc};
pub use store::CreateOptions;
use type_convert::{OracleType, Scn, Value};

/// An open database file. Cheap to clone; each [`Session`] has its own SQLite connection.
#[derive(Debug, Clone)]
pub struct Database {
    file: Arc<store::DatabaseFile>,
}

/// Kinds of statements, as `OCI_ATTR_STMT_TYPE` numbers them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u16)]
#[allow(missing_docs)]
pub enum StatementType {
    Unknown = 0,
    Select = 1,
    Update = 2,
    Delete = 3,
    Insert = 4,
    Create = 5,
    Drop = 6,
    Alter = 7,
    Begin = 8,
    Declare = 9,
    Call = 10,
    Merge = 16,
    Commit = 21,
    Rollback = 17,
}

/// A column of a query.
#[derive(Debug, Clone, PartialEq)]
pub struct ColumnDesc {
    /// As Oracle prints it: upper case unless quoted.
    pub name: String,
    /// Its type; expressions get Oracle's result types (`NUMBER` without precision, `VARCHAR2(n)`).
    pub oracle_type: OracleType,
    /// Whether NULL may occur.
    pub nullable: bool,
}

/// A bind variable of a statement, in order of first appearance for SQL (each occurrence counts anew
/// by position unless it is PL/SQL, as in Oracle).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bind {
    /// Upper case, without the colon.
    pub name: String,
}

/// What execution gave.
pub enum Outcome {
    /// Rows to fetch.
    Rows(Box<dyn Iterator<Item = Result<Vec<Value>, OraError>> + Send>),
    /// Rows that DML changed; 0 for everything else.
    Done {
        /// Rows changed.
        affected: u64,
    },
}

impl Database {
    /// Makes a new, empty database file in ARCHIVELOG mode with minimal and ALL-column supplemental logging off,
    /// with the users SYS and SYSTEM whose password is given. ORA-01501 where the file is there.
    pub fn create(path: &Path, system_password: &str) -> Result<Self, OraError> {
        Self::create_with(path, system_password, &CreateOptions::default())
    }

    /// As [`create`](Self::create), with other options.
    pub fn create_with(path: &Path, system_password: &str, options: &CreateOptions) -> Result<Self, OraError> {
        Ok(Database { file: Arc::new(store::DatabaseFile::create(path, system_password, options)?) })
    }

    /// Opens an existing one. ORA-12541 where there is none.
    pub fn open(path: &Path) -> Result<Self, OraError> {
        Ok(Database { file: Arc::new(store::DatabaseFile::open(path)?) })
    }

    /// Makes a user (schema) with CONNECT, RESOURCE, CREATE VIEW, CREATE SYNONYM and UNLIMITED TABLESPACE.
    /// A script or program may do the same with `CREATE USER … IDENTIFIED BY …` and `GRANT`.
    pub fn create_user(&self, name: &str, password: &str) -> Result<(), OraError> {
        self.file.create_user(name, password)
    }

    /// Logs in; the user name is taken as Oracle does (upper-cased unless quoted). ORA-01017 where it is wrong.
    pub fn session(&self, user: &str, password: &str) -> Result<Session, OraError> {
        Ok(Session::over(Box::new(self.file.login(user, password)?)))
    }

    /// Runs an Oracle SQL script in its own session of `user`: DDL, DML, COMMIT, SQL*Plus noise.
    /// Stops at the first error, which names file and line. Commits at the end, as SQL*Plus does.
    ///
    /// No password is asked for, neither here nor by `CONNECT user` in the script. A DROP of what is not there is passed over:
    /// scripts that make a schema anew begin with such. Substitution variables without a value and included scripts are errors.
    pub fn run_script(&self, user: &str, file: &str, text: &str) -> Result<(), OraError> {
        script::run(self, user, split(file, text))
    }

    /// As [`run_script`](Self::run_script), from a file, with the scripts that it includes: `@@` from its own folder,
    /// `@` from the working directory, as SQL*Plus finds them.
    pub fn run_script_file(&self, user: &str, file: &Path) -> Result<(), OraError> {
        let read = |path: &str| fs::read_to_string(path);
        let name = file.display().to_string();
        let text =
            read(&name).map_err(|e| OraError::new(script::NO_FILE, format!("cannot read the script {name}: {e}")))?;
        script::run(self, user, split(&name, &text).includes(read))
    }

    /// Makes the objects of a script that has nothing but CREATE, ALTER TABLE and COMMENT, all in one change of the dictionary: for
    /// schemas of thousands of objects. Nothing is made where a statement cannot be read.
    pub fn make_objects(&self, user: &str, text: &str) -> Result<(), OraError> {
        self.file.make_objects(user, text)
    }

    /// Takes an archived log away, as RMAN's DELETE ARCHIVELOG does; `false` where there is none of this sequence number.
    pub fn purge_archived_log(&self, sequence: u64) -> Result<bool, OraError> {
        self.file.purge_archived_log(sequence)
    }

    /// Forgets undo: queries as of an SCN before this one fail with ORA-01555 from now on.
    pub fn expire_undo(&self, before: Scn) -> Result<(), OraError> {
        self.file.expire_undo(before)
    }
}
