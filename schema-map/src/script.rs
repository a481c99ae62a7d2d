//! Oracle SQL scripts (SQL*Plus noise included) to a catalog and the statements that are no DDL.

mod splitter;

pub use splitter::{Splitter, split};

use crate::{Catalog, ObjectKind, ObjectPath, OracleIdent};
use std::fmt;

/// What one script, or several read one after the other, held.
#[derive(Debug, Default)]
pub struct Script {
    /// Everything that DDL described.
    pub catalog: Catalog,
    /// The other statements (INSERT, COMMIT, ALTER SESSION, blocks of data …) in their order, text as written
    /// without the terminator.
    pub statements: Vec<ScriptStatement>,
    /// Statements that could not be read. One bad statement never hides the next.
    pub errors: Vec<ScriptError>,
}

/// A statement of a script.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ScriptStatement {
    /// Its text without the terminator; the `;` behind the last END of PL/SQL is no terminator and stays.
    pub text: String,
    /// The script's name as given to [`Script::read`], or that of the included script.
    pub file: String,
    /// The line it begins on, from 1.
    pub line: usize,
    /// The column it begins at, in characters, from 1.
    pub column: usize,
}

/// A statement that could not be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ScriptError {
    /// The script's name as given to [`Script::read`]; empty where a single statement was read.
    pub file: String,
    /// From 1.
    pub line: usize,
    /// In characters, from 1.
    pub column: usize,
    /// What sort of error.
    pub kind: ScriptErrorKind,
    /// What was found and what was expected.
    pub message: String,
}

/// Sorts of errors, for a caller who handles them differently.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ScriptErrorKind {
    /// The text is not what Oracle's grammar, as far as it is known here, allows.
    Syntax,
    /// It names a table, column, constraint or other object that is not there.
    NotFound,
    /// It makes something whose name is taken.
    Exists,
    /// Understood, but the catalog cannot describe it.
    Unsupported,
    /// A substitution variable without a value.
    Undefined,
    /// An included script that cannot be had.
    Include,
}

/// What one statement was to the catalog.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Applied {
    /// The catalog now says what the statement said.
    Ddl {
        /// What was done.
        action: DdlAction,
        /// To what kind of object; [`ObjectKind::Code`] for procedures, functions, packages, triggers and types.
        kind: ObjectKind,
        /// To which object. For `RENAME` the new name.
        path: ObjectPath,
    },
    /// Nothing that a catalog describes: DML, blocks, session control, grants, and DDL such as `ALTER TABLE … MOVE`,
    /// `ALTER TRIGGER … DISABLE` or `CREATE USER`. The catalog is as it was.
    NotDdl,
}

/// What a DDL statement did to its object.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum DdlAction {
    /// CREATE, with or without OR REPLACE.
    Create,
    /// ALTER.
    Alter,
    /// DROP.
    Drop,
    /// RENAME, or ALTER … RENAME TO.
    Rename,
    /// COMMENT ON.
    Comment,
}

impl Script {
    /// Reads one more script. Unqualified names belong to `schema`, until `ALTER SESSION SET CURRENT_SCHEMA` says otherwise.
    pub fn read(&mut self, _file: &str, _text: &str, _schema: &OracleIdent) {
        todo!()
    }
}

impl Catalog {
    /// Applies one statement, without its terminator, as a session whose schema is `schema` would run it.
    /// On an error the catalog is as it was; the error's line and column count from the start of `statement`.
    pub fn apply_ddl(&mut self, _statement: &str, _schema: &OracleIdent) -> Result<Applied, ScriptError> {
        todo!()
    }
}

impl fmt::Display for ScriptError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.file.is_empty() {
            write!(f, "{}:", self.file)?;
        }
        write!(f, "{}:{}: {}", self.line, self.column, self.message)
    }
}

impl std::error::Error for ScriptError {}
