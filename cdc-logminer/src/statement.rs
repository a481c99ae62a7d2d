/// One SQL_REDO statement, scanned: names and raw literals, borrowed from the text.
///
/// Reused from call to call: scanning allocates nothing once its vectors have grown.
#[derive(Debug, Default)]
pub struct Statement<'a> {
    /// What it does.
    pub kind: StatementKind,
    /// Owner without quotes.
    pub owner: &'a str,
    /// Table without quotes.
    pub table: &'a str,
    /// Columns of INSERT's list with their literals, or of UPDATE's SET.
    pub set: Vec<Assignment<'a>>,
    /// Columns of WHERE; `IS NULL` has the literal `NULL`.
    pub condition: Vec<Assignment<'a>>,
    /// The ROWID of the WHERE clause.
    pub row_id: Option<&'a str>,
}

/// A column and its literal as written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Assignment<'a> {
    /// Without quotes.
    pub column: &'a str,
    /// For example `'it''s'`, `TO_DATE('…', '…')`, `NULL`, `Unsupported Type`.
    pub literal: &'a str,
}

/// What a statement does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum StatementKind {
    /// INSERT.
    #[default]
    Insert,
    /// UPDATE.
    Update,
    /// DELETE.
    Delete,
}

/// A text that is no statement of LogMiner's grammar.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("SQL_REDO cannot be read at byte {offset}: expected {expected}")]
pub struct StatementError {
    offset: usize,
    expected: &'static str,
}

impl StatementError {
    /// Where, in bytes from the start of the statement.
    pub fn offset(&self) -> usize {
        self.offset
    }
}

impl<'a> Statement<'a> {
    /// Reads `sql` (CSF pieces already joined) into `self`. The whole text must be one statement.
    /// On an error the content of `self` is not specified.
    pub fn scan(&mut self, _sql: &'a str) -> Result<(), StatementError> {
        todo!()
    }
}
