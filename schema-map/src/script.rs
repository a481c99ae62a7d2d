//! Oracle SQL scripts (SQL*Plus noise included) to a catalog and the statements that are no DDL.

use crate::{Catalog, OracleIdent};

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

/// A statement of a script that is not DDL.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ScriptStatement {
    /// Its text without the terminator.
    pub text: String,
    /// The script's name as given to [`Script::read`].
    pub file: String,
    /// The line it begins on, from 1.
    pub line: usize,
}

/// A statement that could not be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{file}:{line}:{column}: {message}")]
pub struct ScriptError {
    /// The script's name as given to [`Script::read`].
    pub file: String,
    /// From 1.
    pub line: usize,
    /// In characters, from 1.
    pub column: usize,
    /// What was found and what was expected.
    pub message: String,
}

impl Script {
    /// Reads one more script. Unqualified names belong to `schema`, until `ALTER SESSION SET CURRENT_SCHEMA` says otherwise.
    pub fn read(&mut self, _file: &str, _text: &str, _schema: &OracleIdent) {
        todo!()
    }
}
