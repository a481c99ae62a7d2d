mod streamed;

pub(crate) use streamed::{Behind, cut_short, next_piece};

use super::SIGNATURE;
use crate::{Error, ErrorKind, Result};
use bytes::{BufMut, Bytes, BytesMut};
use schema_map::TablePlan;
use std::ops::Range;
use type_convert::{FieldError, Loss, Losses, OpenRow, OracleType, RowBatch, RowEncoder, Transcoder, ValueError};

/// `MaxTupleAttributeNumber` allows 1664 columns in a row, a table takes 1600 (`MaxHeapAttributeNumber`).
const MAX_COLUMNS: usize = 1600;
/// PostgreSQL's limit of one datum (1 GiB less 1 byte) less its own header.
const MAX_FIELD: u32 = 0x3fff_fffb;

/// Rows of one table as COPY BINARY, into the caller's buffer. No I/O: the bytes may go to a server or to a file.
///
/// The stream is [`header`](Self::header), any number of rows, [`trailer`](Self::trailer)
/// (see "Binary Format" in PostgreSQL's documentation of COPY).
#[derive(Debug, Clone)]
pub struct CopyEncoder {
    table: String,
    copy_in: String,
    columns: Vec<String>,
    /// Whether a column is a BLOB, whose length counts bytes.
    blobs: Vec<bool>,
    rows: RowEncoder,
    field_count: i16,
    /// What values of whole rows lost, by column.
    losses: Vec<LossCounts>,
}

/// How many values of one column lost what, by a [`LossPolicy`](type_convert::LossPolicy) that allowed it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct LossCounts([u64; Loss::ALL.len()]);

impl LossCounts {
    /// Each loss that occurred, and in how many values.
    pub fn iter(&self) -> impl Iterator<Item = (Loss, u64)> {
        Loss::ALL.into_iter().zip(self.0).filter(|(_, count)| *count > 0)
    }

    /// In how many values this was lost.
    pub fn get(&self, loss: Loss) -> u64 {
        self.iter().find(|(l, _)| *l == loss).map_or(0, |(_, count)| count)
    }

    pub(crate) fn add_all(&mut self, other: &LossCounts) {
        for (count, more) in self.0.iter_mut().zip(other.0) {
            *count += more;
        }
    }

    fn add(&mut self, losses: Losses) {
        for (loss, count) in Loss::ALL.into_iter().zip(&mut self.0) {
            *count += u64::from(losses.contains(loss));
        }
    }
}

impl CopyEncoder {
    /// Plans every column of `plan`. [`ErrorKind::Plan`] where a pair of types has no conversion or there are more than 1600 columns.
    pub fn new(plan: &TablePlan) -> Result<Self> {
        let too_many = || {
            let message = format!("{} columns, but PostgreSQL's tables have at most {MAX_COLUMNS}", plan.columns.len());
            Error::new(ErrorKind::Plan, message).with_table(&plan.target)
        };
        if plan.columns.len() > MAX_COLUMNS {
            return Err(too_many());
        }
        let field_count = i16::try_from(plan.columns.len()).map_err(|_| too_many())?;
        let mut transcoders = Vec::with_capacity(plan.columns.len());
        for column in &plan.columns {
            let transcoder = Transcoder::new(&column.oracle_type, &column.pg_type, column.loss).map_err(|e| {
                Error::new(ErrorKind::Plan, "this column cannot be written; plan another target type for it")
                    .with_table(&plan.target)
                    .with_column(&column.target)
                    .with_source(e)
            })?;
            transcoders.push(transcoder);
        }
        let columns = plan.columns.iter().map(|column| column.target.as_str().to_owned()).collect();
        let (table, copy_in) = (plan.target.to_string(), copy_in_statement(plan));
        let losses = vec![LossCounts::default(); plan.columns.len()];
        let blobs = plan.columns.iter().map(|column| column.oracle_type == OracleType::Blob).collect();
        Ok(CopyEncoder { table, copy_in, columns, blobs, rows: RowEncoder::new(transcoders), field_count, losses })
    }

    /// What values of the rows encoded so far lost, by column: only columns whose policies allow a loss can have any. Rows that were
    /// refused do not count.
    pub fn losses(&self) -> impl Iterator<Item = (&str, &LossCounts)> {
        let lossy = self.columns.iter().zip(&self.losses).filter(|(_, counts)| **counts != LossCounts::default());
        lossy.map(|(column, counts)| (column.as_str(), counts))
    }

    /// The statement whose data this is: `COPY "s"."t" ("c", …) FROM STDIN (FORMAT BINARY)`.
    pub fn copy_statement(&self) -> &str {
        &self.copy_in
    }

    /// Appends the file header: signature, flags, no extension.
    pub fn header(&self, out: &mut BytesMut) {
        put_header(out);
    }

    /// Appends the rows of `batch` from `from_row` on, and returns how many.
    ///
    /// At a value that does not fit, the rows before it have been appended, nothing of its own row has, and the
    /// error names table, column, ROWID, reason and the [row](Error::row): a caller that sets bad rows aside
    /// goes on from the next.
    pub fn encode_rows(&mut self, batch: &RowBatch, from_row: usize, out: &mut BytesMut) -> Result<usize> {
        self.encode_range(batch, from_row..batch.rows(), usize::MAX, out)
    }

    /// Appends one row of `batch`, or nothing where a value does not fit.
    ///
    /// # Panics
    /// Where there is no such row.
    pub fn encode_row(&mut self, batch: &RowBatch, row: usize, out: &mut BytesMut) -> Result<()> {
        self.encode_range(batch, row..row + 1, 0, out).map(drop)
    }

    /// Appends one row of values that are in no batch: `fill` pushes one for each column. Where that fails nothing is appended, and the error
    /// names table, column, `row_id` and reason.
    ///
    /// Up to 128 KiB of rows are held back: they are in `out` once rows of a batch or the [`trailer`](Self::trailer) are.
    ///
    /// # Panics
    /// Where `fill` succeeds and has not pushed exactly one value for each column.
    #[inline(always)]
    pub fn encode_values(
        &mut self,
        row_id: Option<&str>,
        out: &mut BytesMut,
        fill: impl FnOnce(&mut OpenRow<'_>) -> std::result::Result<(), FieldError>,
    ) -> Result<()> {
        let losses = &mut self.losses;
        match self.rows.encode_values(out, |column, lost| losses[column].add(lost), fill) {
            Ok(()) => Ok(()),
            Err(e) => Err(self.unfit_at(e, row_id)),
        }
    }

    #[cold]
    fn unfit_at(&self, error: FieldError, row_id: Option<&str>) -> Error {
        let column = error.column();
        unfit(error.into_error()).with_table(&self.table).with_column(&self.columns[column]).with_row_id(row_id)
    }

    fn encode_range(&mut self, batch: &RowBatch, rows: Range<usize>, most: usize, out: &mut BytesMut) -> Result<usize> {
        let encoded = self.hold_range(batch, rows, most, out);
        self.flush(out);
        encoded
    }

    /// As [`encode_rows`](Self::encode_rows), some rows of the batch, up to the one with which `most` bytes are reached; they may be held back.
    pub(crate) fn hold_range(
        &mut self,
        batch: &RowBatch,
        rows: Range<usize>,
        most: usize,
        out: &mut BytesMut,
    ) -> Result<usize> {
        self.check_shape(batch)?;
        let losses = &mut self.losses;
        let lost = |column: usize, lost| losses[column].add(lost);
        self.rows.hold_rows(batch, rows, most, out, lost).map_err(|e| {
            let (row, column) = (e.row(), e.column());
            self.at(unfit(e.into_error()), batch, row, column)
        })
    }

    /// What values of the rows encoded since the last call lost, by position of the column; they no longer count here.
    pub(crate) fn take_losses(&mut self) -> Vec<(usize, LossCounts)> {
        let lossy = self.losses.iter_mut().enumerate().filter(|(_, counts)| **counts != LossCounts::default());
        lossy.map(|(column, counts)| (column, std::mem::take(counts))).collect()
    }

    /// Appends the rows that are held back.
    pub(crate) fn flush(&mut self, out: &mut BytesMut) {
        self.rows.flush(out);
    }

    /// They themselves, which come behind all that was appended.
    pub(crate) fn take_held(&mut self) -> Bytes {
        self.rows.take_held()
    }

    /// How many bytes of them there are.
    pub(crate) fn held(&self) -> usize {
        self.rows.held()
    }

    /// Appends the file trailer, before it what was held back.
    pub fn trailer(&mut self, out: &mut BytesMut) {
        self.flush(out);
        put_trailer(out);
    }

    pub(crate) fn table(&self) -> &str {
        &self.table
    }

    /// The error of a value of a row.
    pub(super) fn at(&self, error: Error, batch: &RowBatch, row: usize, column: usize) -> Error {
        error.with_table(&self.table).with_column(&self.columns[column]).with_row(row, batch.row_id(row))
    }

    fn check_shape(&self, batch: &RowBatch) -> Result<()> {
        if batch.columns() == self.columns.len() {
            return Ok(());
        }
        let message = format!("the reader gives {} columns, the plan has {}", batch.columns(), self.columns.len());
        Err(Error::new(ErrorKind::Plan, message).with_table(&self.table))
    }
}

fn unfit(error: ValueError) -> Error {
    Error::new(ErrorKind::Value, "the value does not fit").with_source(error)
}

/// The file header: signature, flags, no extension.
pub(crate) fn put_header(out: &mut BytesMut) {
    out.put_slice(SIGNATURE);
    out.put_u32(0);
    out.put_u32(0);
}

/// The file trailer.
pub(crate) fn put_trailer(out: &mut BytesMut) {
    out.put_i16(-1);
}

pub(crate) fn column_list(plan: &TablePlan) -> String {
    plan.columns.iter().map(|c| c.target.quoted()).collect::<Vec<_>>().join(", ")
}

pub(crate) fn copy_in_statement(plan: &TablePlan) -> String {
    format!("COPY {} ({}) FROM STDIN (FORMAT BINARY)", plan.target.quoted(), column_list(plan))
}
