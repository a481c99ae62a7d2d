//! Whether both sides hold the same rows.

mod digest;
mod json;
mod nested_literal;
mod pg_value;
mod range;
mod repair;
mod suspects;

pub use digest::TableDigest;
pub use range::KeyRange;
pub use repair::{RepairScript, Repaired};

use crate::copy::column_list;
use crate::{CopyDecoder, CopyRow, Error, ErrorKind, Result, check_target};
use digest::Comparison;
use futures_util::TryStreamExt;
use repair::Mends;
use schema_map::{PgPath, TablePlan};
use std::fmt;
use std::pin::pin;
use suspects::Suspects;
use tokio_postgres::{Client, GenericClient};
use type_convert::{BatchReader, RowBatch};

/// How a table is compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct VerifyOptions {
    /// Buckets over which the rows are spread: 4096 by default, 32 bytes each. More buckets make the second pass smaller.
    pub buckets: usize,
    /// Differences listed at most; 100 by default.
    pub max_differences: usize,
    /// Rows of buckets that differ, kept in the second pass at most (from each side); 50 000 by default.
    pub max_kept_rows: u64,
}

impl Default for VerifyOptions {
    fn default() -> Self {
        VerifyOptions { buckets: 4096, max_differences: 100, max_kept_rows: 50_000 }
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
    /// Whether `differences` are all there are. Also false where the first reading found a difference and the second, of
    /// the same rows, none: then somebody wrote meanwhile.
    pub complete: bool,
    /// Rows that are as they were in the earlier state of [`verify_table_between`]: what changes them is on its way.
    pub in_flight: u64,
    mends: Mends,
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

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let value = |v: &Option<String>| v.as_ref().map_or_else(|| "NULL".to_owned(), |v| format!("{v:?}"));
        match self {
            Difference::Missing { key } => write!(f, "{key}: not in the target"),
            Difference::Extra { key } => write!(f, "{key}: in the target only"),
            Difference::Column { key, column, source, target } => {
                write!(f, "{key}: {column} is {} at the source, {} in the target", value(source), value(target))
            }
            Difference::Unrepresentable { message } => write!(f, "the target cannot hold it: {message}"),
        }
    }
}

/// Compares all rows of a table, value by value, in bounded memory.
///
/// First each side is read once and added up: a 128-bit hash of every row, in buckets by key. Only where a bucket differs are both sides
/// read again, and the rows of such buckets compared one by one.
///
/// `open` opens a reader of all the source's rows, in the plan's columns and in any order; it is called a second time only
/// where something differs. It blocks: call this from a thread of its own, with the runtime's `Handle::block_on`.
///
/// Values are compared in PostgreSQL's binary form. Equal are also, as PostgreSQL's own `=` has it: numbers that differ in
/// their display scale only, `character(n)` values that differ in blanks at their end only, and `jsonb` documents of the same
/// content, numbers compared digit by digit (the server stores no text of theirs: it forgets blanks, escapes, the order of
/// keys, and of equal keys all but the last). What is `jsonb` within an array or a composite is compared as it is sent.
///
/// Buckets by a hash of the key do what ranges of it would, and take no order: those of texts are not the same on both sides, and tables without a
/// key have none. They are as even as the hash is, whatever the keys are, so that a difference narrows the second reading to the same few rows in any
/// table. [`verify_range`] compares a part of a table.
///
/// In memory are a batch of the source's rows and one row of the target, LOBs whole: the reader must not hand over any as
/// [`ValueRef::Streamed`](type_convert::ValueRef::Streamed).
pub async fn verify_table<R, F>(
    client: &Client,
    plan: &TablePlan,
    open: F,
    options: VerifyOptions,
) -> Result<TableOutcome>
where
    R: BatchReader,
    F: FnMut() -> Result<R, R::Error>,
{
    compare(client, plan, None, open, None::<F>, options).await
}

/// As [`verify_table`], of the rows in a range of keys alone; `open` must read these and no others. For what is too large to be compared
/// in one go or as of one moment, or to look again at a part that differed; parts can be compared at the same time.
pub async fn verify_range<R, F>(
    client: &Client,
    plan: &TablePlan,
    range: &KeyRange,
    open: F,
    options: VerifyOptions,
) -> Result<TableOutcome>
where
    R: BatchReader,
    F: FnMut() -> Result<R, R::Error>,
{
    compare(client, plan, Some(range), open, None::<F>, options).await
}

/// As [`verify_table`], where the target is between two states of the source: some of the transactions are applied that lead from
/// the one that `before` reads to the one that `open` reads, and the others are on their way. A row that is in the target as it was
/// before is in flight ([`TableOutcome::in_flight`]) and no difference. Nothing else is let through: a row that is like neither state
/// differs.
pub async fn verify_table_between<R, F, B>(
    client: &Client,
    plan: &TablePlan,
    open: F,
    before: B,
    options: VerifyOptions,
) -> Result<TableOutcome>
where
    R: BatchReader,
    F: FnMut() -> Result<R, R::Error>,
    B: FnMut() -> Result<R, R::Error>,
{
    compare(client, plan, None, open, Some(before), options).await
}

/// As [`verify_table_between`], of the rows in a range of keys alone; `open` and `before` must read these and no others.
pub async fn verify_range_between<R, F, B>(
    client: &Client,
    plan: &TablePlan,
    range: &KeyRange,
    open: F,
    before: B,
    options: VerifyOptions,
) -> Result<TableOutcome>
where
    R: BatchReader,
    F: FnMut() -> Result<R, R::Error>,
    B: FnMut() -> Result<R, R::Error>,
{
    compare(client, plan, Some(range), open, Some(before), options).await
}

async fn compare<R, F, B>(
    client: &Client,
    plan: &TablePlan,
    range: Option<&KeyRange>,
    mut open: F,
    before: Option<B>,
    options: VerifyOptions,
) -> Result<TableOutcome>
where
    R: BatchReader,
    F: FnMut() -> Result<R, R::Error>,
    B: FnMut() -> Result<R, R::Error>,
{
    check_target(client, plan).await?;
    let mut source = TableDigest::new(plan, options)?;
    read_source(plan, open(), |batch| source.add_batch(batch))?;
    let mut target = TableDigest::new(plan, options)?;
    read_range(client, plan, range, |row| target.add_row(row)).await?;

    let mut outcome = TableOutcome {
        table: plan.target.clone(),
        source_rows: source.rows(),
        target_rows: target.rows(),
        differences: Vec::new(),
        complete: true,
        in_flight: 0,
        mends: Mends::default(),
    };
    let unrepresentable = source.take_unrepresentable();
    outcome.complete = unrepresentable.len() as u64 == source.unrepresentable();
    outcome.differences.extend(unrepresentable.into_iter().map(|message| Difference::Unrepresentable { message }));
    if source.same_rows(&target) {
        return Ok(outcome);
    }
    let mut suspects = Suspects::new(Comparison::new(plan)?, &source, &target, options);
    read_source(plan, open(), |batch| suspects.add_batch(batch))?;
    let amid = before.is_some();
    if let Some(mut before) = before {
        read_source(plan, before(), |batch| suspects.add_batch_before(batch))?;
    }
    read_range(client, plan, range, |row| suspects.add_row(row)).await?;
    let room = options.max_differences.saturating_sub(outcome.differences.len());
    let found = suspects.found(plan, room, amid);
    outcome.complete &= found.complete && !(found.rows.is_empty() && found.in_flight == 0);
    outcome.differences.extend(found.listed);
    outcome.in_flight = found.in_flight;
    outcome.mends = Mends::new(found.rows);
    Ok(outcome)
}

/// Counts the rows of a table of the target.
pub async fn count_rows<C: GenericClient + Sync>(client: &C, table: &PgPath) -> Result<u64> {
    let row = client.query_one(&format!("SELECT count(*) FROM {}", table.quoted()), &[]).await;
    let row = row.map_err(|e| Error::postgres("counting rows", e).with_table(table))?;
    crate::control::from_i64(row.get(0))
}

fn read_source<R: BatchReader>(
    plan: &TablePlan,
    reader: Result<R, R::Error>,
    mut each: impl FnMut(&RowBatch) -> Result<()>,
) -> Result<()> {
    let failed =
        |e| Error::new(ErrorKind::Source, format!("reading {}", plan.source)).with_table(&plan.target).with_source(e);
    let mut reader = reader.map_err(failed)?;
    let mut batch = RowBatch::new(plan.columns.len());
    while reader.read_batch(&mut batch).map_err(failed)? {
        each(&batch)?;
    }
    Ok(())
}

async fn read_target(client: &Client, plan: &TablePlan, each: impl FnMut(&CopyRow) -> Result<()>) -> Result<()> {
    read_range(client, plan, None, each).await
}

async fn read_range(
    client: &Client,
    plan: &TablePlan,
    range: Option<&KeyRange>,
    mut each: impl FnMut(&CopyRow) -> Result<()>,
) -> Result<()> {
    let failed = |e| Error::postgres("reading the target's rows", e).with_table(&plan.target);
    let (columns, table) = (column_list(plan), plan.target.quoted());
    let condition = range.map_or_else(String::new, |range| format!(" WHERE {}", range.condition()));
    let sql = format!("COPY (SELECT {columns} FROM {table}{condition}) TO STDOUT (FORMAT BINARY)");
    let mut stream = pin!(client.copy_out(sql.as_str()).await.map_err(failed)?);
    let (mut decoder, mut row) = (CopyDecoder::new(), CopyRow::default());
    while let Some(bytes) = stream.try_next().await.map_err(failed)? {
        decoder.push(&bytes);
        while decoder.next_row(&mut row)? {
            each(&row)?;
        }
    }
    match decoder.is_finished() {
        true => Ok(()),
        false => {
            Err(Error::new(ErrorKind::Malformed, "the target's COPY ended without a trailer").with_table(&plan.target))
        }
    }
}
