use crate::{ChunkRange, Error, Session};
use schema_map::{ObjectPath, OracleIdent};
use type_convert::{BatchReader, OracleType, RowBatch, Scn};

/// What to read of a table.
#[derive(Debug, Clone, PartialEq)]
pub struct TableRead<'a> {
    /// The table.
    pub table: &'a ObjectPath,
    /// Its columns to read, with their declared types.
    pub columns: &'a [(OracleIdent, OracleType)],
    /// Which rows.
    pub range: &'a ChunkRange,
    /// `None` reads the current state.
    pub as_of: Option<Scn>,
    /// Whether rows get their ROWID. Not for index-organized tables, whose rows have no fixed one.
    pub row_ids: bool,
    /// About how many bytes one batch may have: it decides the number of rows fetched in a round trip.
    pub batch_bytes: usize,
}

/// Reads rows of one table in batches, without allocating for rows or values. Rows come in no order.
#[derive(Debug)]
pub struct TableReader {
    columns: Vec<OracleType>,
}

impl TableReader {
    /// Starts reading. The reader keeps the session's connection to itself: one reader a session at a time.
    pub fn open(_session: &Session, _read: &TableRead<'_>) -> Result<Self, Error> {
        todo!()
    }
}

impl BatchReader for TableReader {
    type Error = Error;

    fn columns(&self) -> &[OracleType] {
        &self.columns
    }

    fn read_batch(&mut self, _batch: &mut RowBatch) -> Result<bool, Error> {
        todo!()
    }
}
