use crate::{Error, Result};
use schema_map::{PgPath, TablePlan};
use tokio_postgres::{Client, GenericClient};
use type_convert::{BatchReader, RowBatch};

/// How a table is compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct VerifyOptions {
    /// Buckets over which the rows are spread: 4096 by default, 48 bytes each. More buckets make the second pass smaller.
    pub buckets: usize,
    /// Differences listed at most; 100 by default.
    pub max_differences: usize,
}

impl Default for VerifyOptions {
    fn default() -> Self {
        VerifyOptions { buckets: 4096, max_differences: 100 }
    }
}

/// What comparing a table found.
#[derive(Debug, Clone, PartialEq)]
pub struct TableOutcome {
    /// The PostgreSQL table.
    pub table: PgPath,
    /// Rows read from the source.
    pub source_rows: u64,
    /// Rows read from the target.
    pub target_rows: u64,
    /// The differences found, up to [`VerifyOptions::max_differences`].
    pub differences: Vec<Difference>,
    /// Whether `differences` are all there are.
    pub complete: bool,
}

impl TableOutcome {
    /// Whether both sides hold the same rows, value by value.
    pub fn is_equal(&self) -> bool {
        self.differences.is_empty() && self.complete
    }
}

/// A row that is not the same on both sides. `key` is the row's key in readable form (the whole row where there is no key).
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Difference {
    /// The source has it, the target does not.
    Missing {
        /// The row.
        key: String,
    },
    /// The target has it, the source does not.
    Extra {
        /// The row.
        key: String,
    },
    /// A column differs.
    Column {
        /// The row.
        key: String,
        /// The PostgreSQL column.
        column: String,
        /// The source's value as PostgreSQL would hold it; `None` is NULL.
        source: Option<String>,
        /// The target's value.
        target: Option<String>,
    },
    /// A value of the source cannot be held by its column, so nothing in the target can equal it.
    Unrepresentable {
        /// Table, column, ROWID and reason.
        message: String,
    },
}

/// What a table's rows add up to: equal digests mean equal rows, in any order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TableDigest {}

/// Compares all rows of a table, value by value, in bounded memory.
///
/// `open` opens a reader of all the source's rows, in the plan's columns and in any order; it is called a second time only
/// where something differs. It blocks: call this from a thread of its own, with the runtime's `Handle::block_on`.
pub async fn verify_table<R, F>(
    _client: &Client,
    _plan: &TablePlan,
    _open: F,
    _options: VerifyOptions,
) -> Result<TableOutcome>
where
    R: BatchReader,
    F: FnMut() -> Result<R, R::Error>,
{
    todo!()
}

impl TableDigest {
    /// The digest of no rows.
    pub fn new(_plan: &TablePlan, _options: VerifyOptions) -> Result<Self, Error> {
        todo!()
    }

    /// Adds rows of the source.
    pub fn add_batch(&mut self, _batch: &RowBatch) -> Result<()> {
        todo!()
    }

    /// Rows added.
    pub fn rows(&self) -> u64 {
        todo!()
    }
}

/// Counts the rows of a table of the target.
pub async fn count_rows<C: GenericClient + Sync>(_client: &C, _table: &PgPath) -> Result<u64> {
    todo!()
}
