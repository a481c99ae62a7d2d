use crate::{Error, Session};
use schema_map::{ObjectPath, Table};
use serde::{Deserialize, Serialize};

/// A part of a table that is read, and ticked off, as a whole. The chunks of a table have each of its rows exactly once.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Chunk {
    /// The table.
    pub table: ObjectPath,
    /// From 0, counted for each table.
    pub id: u32,
    /// Its rows.
    pub range: ChunkRange,
    /// Rows that are to be expected, from the optimizer's statistics.
    pub estimated_rows: Option<u64>,
    /// Bytes that are to be expected.
    pub estimated_bytes: Option<u64>,
}

/// Which rows a chunk has.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub enum ChunkRange {
    /// All of them.
    Whole,
    /// Those with `from <= ROWID < to`; without `from` or `to` the range is open at that end.
    RowIds {
        /// 18 characters.
        from: Option<String>,
        /// 18 characters.
        to: Option<String>,
    },
}

/// The chunks of some tables.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ChunkPlan {
    /// Table by table, each in ROWID order.
    pub chunks: Vec<Chunk>,
    /// Tables that could not be cut though they are large or of unknown size, and why.
    pub whole: Vec<(ObjectPath, String)>,
}

/// Cuts tables into chunks of about `target_bytes`.
pub fn plan_chunks(_session: &Session, _tables: &[&Table], _target_bytes: u64) -> Result<ChunkPlan, Error> {
    todo!()
}

impl Chunk {
    /// As JSON, for a ledger.
    pub fn to_text(&self) -> String {
        todo!()
    }

    /// What [`to_text`](Chunk::to_text) wrote.
    pub fn from_text(_text: &str) -> Result<Self, Error> {
        todo!()
    }
}
