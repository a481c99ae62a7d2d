//! Oracle SQL: parsed, analysed, evaluated. It asks the storage layer for rows and hands it rows to keep.

mod ast;
mod calendar;
mod compile;
mod convert;
mod decimal;
mod dml;
mod exec;
mod expr;
mod format;
mod functions;
mod nls;
mod parser;
mod plan;
mod row_id;
mod session;

pub(super) use session::describe;
pub use session::{Prepared, Session};

use crate::OraError;

fn ora(code: i32, message: &str) -> OraError {
    OraError::new(code, message)
}

/// An error at a byte of the statement; places beyond 65535 are reported as that.
fn error_at(code: i32, message: &str, offset: usize) -> OraError {
    OraError { code, message: message.to_owned(), offset: u16::try_from(offset).unwrap_or(u16::MAX) }
}

#[cfg(test)]
mod tests;
