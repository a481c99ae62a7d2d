use crate::{OracleType, ValueRef};

/// Rows of values in one reused arena: filling and clearing it again allocates nothing once it
/// has grown to its working size.
///
/// Rows are filled left to right: for each row `push` once a column, then [`finish_row`](RowBatch::finish_row).
#[derive(Debug, Default)]
pub struct RowBatch {
    cells: Vec<Cell>,
    bytes: Vec<u8>,
    columns: usize,
}

#[derive(Debug, Clone, Copy)]
enum Cell {
    _Todo,
}

/// Rows of a result, a batch at a time, into the caller's buffer. Blocking.
pub trait BatchReader {
    /// What can go wrong while reading. After an error the reader must not be used again.
    type Error: std::error::Error + Send + Sync + 'static;

    /// The types of the columns, in the order of the values of each row.
    fn columns(&self) -> &[OracleType];

    /// Clears `batch` and fills it with the next rows, in the order of the result.
    /// `false` means that there are no more rows and `batch` is empty.
    fn read_batch(&mut self, batch: &mut RowBatch) -> Result<bool, Self::Error>;
}

impl<T: BatchReader + ?Sized> BatchReader for &mut T {
    type Error = T::Error;

    fn columns(&self) -> &[OracleType] {
        (**self).columns()
    }

    fn read_batch(&mut self, batch: &mut RowBatch) -> Result<bool, Self::Error> {
        (**self).read_batch(batch)
    }
}

impl<T: BatchReader + ?Sized> BatchReader for Box<T> {
    type Error = T::Error;

    fn columns(&self) -> &[OracleType] {
        (**self).columns()
    }

    fn read_batch(&mut self, batch: &mut RowBatch) -> Result<bool, Self::Error> {
        (**self).read_batch(batch)
    }
}

impl RowBatch {
    /// An empty batch for rows of `columns` values.
    pub fn new(columns: usize) -> Self {
        RowBatch { columns, ..Self::default() }
    }

    /// Forgets all rows, keeps the memory, and takes rows of `columns` values from now on.
    pub fn reset(&mut self, columns: usize) {
        self.cells.clear();
        self.bytes.clear();
        self.columns = columns;
    }

    /// Appends the next value of the current row.
    pub fn push(&mut self, _value: ValueRef<'_>) {
        todo!()
    }

    /// Ends the current row; `row_id` is Oracle's ROWID as text where the source knows it.
    ///
    /// # Panics
    /// Where the row has not exactly as many values as the batch has columns.
    pub fn finish_row(&mut self, _row_id: Option<&[u8]>) {
        todo!()
    }

    /// Number of complete rows.
    pub fn rows(&self) -> usize {
        todo!()
    }

    /// Number of values of each row.
    pub fn columns(&self) -> usize {
        self.columns
    }

    /// The value at `row`, `column`, both from 0.
    pub fn get(&self, _row: usize, _column: usize) -> ValueRef<'_> {
        todo!()
    }

    /// The ROWID given for this row.
    pub fn row_id(&self, _row: usize) -> Option<&str> {
        todo!()
    }

    /// Bytes of variable-length data held.
    pub fn byte_len(&self) -> usize {
        self.bytes.len()
    }
}
