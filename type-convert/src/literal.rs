//! Oracle's SQL literals, as LogMiner's `SQL_REDO` writes them, to values.

use crate::{OracleType, Value};

/// Why a literal cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message} at byte {offset} of the literal")]
pub struct LiteralError {
    message: String,
    offset: usize,
}

impl LiteralError {
    /// Where in the literal, in bytes from its start.
    pub fn offset(&self) -> usize {
        self.offset
    }
}

/// Reads one literal expression (`'it''s'`, `TO_DATE('…', '…')`, `HEXTORAW('…')`, `NULL`,
/// `UNISTR('…') || '…'`, `-1.5`) as a value of a column of type `ty`.
///
/// The whole text must be the literal; anything left over is an error.
pub fn parse(_literal: &str, _ty: &OracleType) -> Result<Value, LiteralError> {
    todo!()
}
