/// An error as Oracle reports it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("ORA-{code:05}: {message}")]
pub struct OraError {
    /// The number after `ORA-`.
    pub code: i32,
    /// The text after it, without a line end.
    pub message: String,
    /// Where in the statement, in bytes from its start; 0 where unknown.
    pub offset: u16,
}

impl OraError {
    /// An error without a place.
    pub fn new(code: i32, message: impl Into<String>) -> Self {
        OraError { code, message: message.into(), offset: 0 }
    }
}
