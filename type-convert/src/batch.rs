use crate::{
    DateTime, IntervalDs, IntervalYm, OracleType, StreamedLob, UtcOffset, Value, ValueRef,
    arena::{Arena, Span},
};
use bytes::BytesMut;

/// Rows of values in one reused arena: filling and clearing it again allocates nothing once it
/// has grown to its working size. (Object types, collections and BFILEs do allocate, each on its own.)
///
/// Rows are filled left to right: for each row `push` once a column, then [`finish_row`](RowBatch::finish_row).
///
/// ```
/// use type_convert::{RowBatch, ValueRef};
///
/// let mut batch = RowBatch::new(2);
/// batch.push(ValueRef::Int(7));
/// batch.push(ValueRef::Text(b"seven"));
/// batch.finish_row(Some(b"AAAWsGAAHAAAAFmAAA"));
/// assert_eq!(batch.get(0, 1), ValueRef::Text(b"seven"));
/// batch.reset(2); // keeps the memory
/// assert_eq!(batch.rows(), 0);
/// ```
#[derive(Debug, Default)]
pub struct RowBatch {
    cells: Vec<Cell>,
    /// Whatever has no fixed length, ROWIDs too.
    arena: Arena,
    /// One for each complete row.
    ends: Vec<RowEnd>,
    /// Values that have values in them.
    nested: Vec<Value>,
    /// Whether there is a LOB that is read piece by piece.
    streamed: bool,
    columns: usize,
}

/// What is known once a row is complete.
#[derive(Debug, Clone, Copy)]
struct RowEnd {
    /// Where its ROWID lies in the arena.
    row_id: Option<Span>,
    /// How long the arena is after it.
    bytes: usize,
}

/// One value in 16 bytes. Variable-length ones have length and start of a [`Span`] of the arena: two fields of the cell, for as one of a type of
/// its own it would be put together in memory and loaded again at once in other pieces, for which a processor waits.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Cell {
    Null,
    Int(i64),
    Decimal(u32, u64),
    NumberBytes(u32, u64),
    Float(f32),
    Double(f64),
    Text(u32, u64),
    /// A text known to be ASCII without NUL, and not to be empty.
    Ascii(u32, u64),
    Bytes(u32, u64),
    DateTime(DateTime),
    DateTimeTz(DateTime, UtcOffset),
    IntervalYm(IntervalYm),
    // Field by field: the struct has padding where the tag can go.
    IntervalDs {
        days: i32,
        nanoseconds: i64,
    },
    Boolean(bool),
    DateBytes(u32, u64),
    IntervalBytes(u32, u64),
    Oson(u32, u64),
    VectorBytes(u32, u64),
    /// Its place in `nested`.
    Nested(u32),
    Streamed {
        id: u32,
        length: u64,
    },
}

const _: () = assert!(size_of::<Cell>() == 16);

/// Rows of a result, a batch at a time, into the caller's buffer. Blocking.
pub trait BatchReader {
    /// What can go wrong while reading. After an error the reader must not be used again.
    type Error: std::error::Error + Send + Sync + 'static;

    /// The types of the columns, in the order of the values of each row.
    fn columns(&self) -> &[OracleType];

    /// Clears `batch` and fills it with the next rows, in the order of the result.
    /// `false` means that there are no more rows and `batch` is empty.
    fn read_batch(&mut self, batch: &mut RowBatch) -> Result<bool, Self::Error>;

    /// Appends the next piece of a LOB that the batch read last holds as [`ValueRef::Streamed`]: of a BLOB its bytes, of a CLOB its
    /// text in UTF-8, which may be cut anywhere. `false` means that there is no more of it and nothing was appended.
    ///
    /// The pieces of one LOB are read one after the other; asking for another LOB gives up what is left of the first, and no LOB can be
    /// read after the next [`read_batch`](BatchReader::read_batch). Whoever reads checks the length: a reader that gives no
    /// [`ValueRef::Streamed`] has nothing to implement.
    fn read_lob(&mut self, lob: StreamedLob, piece: &mut BytesMut) -> Result<bool, Self::Error> {
        let _ = (lob, piece);
        Ok(false)
    }
}

impl<T: BatchReader + ?Sized> BatchReader for &mut T {
    type Error = T::Error;

    fn columns(&self) -> &[OracleType] {
        (**self).columns()
    }

    fn read_batch(&mut self, batch: &mut RowBatch) -> Result<bool, Self::Error> {
        (**self).read_batch(batch)
    }

    fn read_lob(&mut self, lob: StreamedLob, piece: &mut BytesMut) -> Result<bool, Self::Error> {
        (**self).read_lob(lob, piece)
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

    fn read_lob(&mut self, lob: StreamedLob, piece: &mut BytesMut) -> Result<bool, Self::Error> {
        (**self).read_lob(lob, piece)
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
        self.arena.reset();
        self.ends.clear();
        self.nested.clear();
        self.streamed = false;
        self.columns = columns;
    }

    /// Appends the next value of the current row.
    ///
    /// # Panics
    /// Where the value has 4 GiB or more: LOBs of that size are [`ValueRef::Streamed`].
    // Always inlined: callers know which form they have, and only its arm is left.
    #[inline(always)]
    pub fn push(&mut self, value: ValueRef<'_>) {
        let cell = match value {
            ValueRef::Null => Cell::Null,
            ValueRef::Int(n) => Cell::Int(n),
            ValueRef::Decimal(text) => self.keep(Cell::Decimal, text.as_bytes()),
            ValueRef::NumberBytes(bytes) => self.keep(Cell::NumberBytes, bytes),
            ValueRef::Float(f) => Cell::Float(f),
            ValueRef::Double(d) => Cell::Double(d),
            ValueRef::Text(bytes) => match self.arena.push(bytes) {
                (Span { length, start }, true) if length > 0 => Cell::Ascii(length, start),
                (Span { length, start }, _) => Cell::Text(length, start),
            },
            ValueRef::Bytes(bytes) => self.keep(Cell::Bytes, bytes),
            ValueRef::DateTime(at) => Cell::DateTime(at),
            ValueRef::DateTimeTz(at, offset) => Cell::DateTimeTz(at, offset),
            ValueRef::IntervalYm(interval) => Cell::IntervalYm(interval),
            ValueRef::IntervalDs(IntervalDs { days, nanoseconds }) => Cell::IntervalDs { days, nanoseconds },
            ValueRef::Boolean(b) => Cell::Boolean(b),
            ValueRef::DateBytes(bytes) => self.keep(Cell::DateBytes, bytes),
            ValueRef::IntervalBytes(bytes) => self.keep(Cell::IntervalBytes, bytes),
            ValueRef::Oson(bytes) => self.keep(Cell::Oson, bytes),
            ValueRef::VectorBytes(bytes) => self.keep(Cell::VectorBytes, bytes),
            ValueRef::Bfile(locator) => self
                .keep_nested(Value::Bfile { directory: locator.directory.to_owned(), file: locator.file.to_owned() }),
            ValueRef::Object(attributes) => self.keep_nested(Value::Object(attributes.to_vec())),
            ValueRef::Collection(elements) => self.keep_nested(Value::Collection(elements.to_vec())),
            ValueRef::Streamed(StreamedLob { id, length }) => {
                self.streamed = true;
                Cell::Streamed { id, length }
            }
        };
        self.cells.push(cell);
    }

    /// Ends the current row; `row_id` is Oracle's ROWID as text where the source knows it
    /// (one that is not UTF-8 is none).
    ///
    /// # Panics
    /// Where the row has not exactly as many values as the batch has columns.
    #[inline]
    pub fn finish_row(&mut self, row_id: Option<&[u8]>) {
        let values = self.cells.len() - self.rows() * self.columns;
        assert_eq!(values, self.columns, "values of a row against columns of the batch");
        let row_id = row_id.and_then(|id| std::str::from_utf8(id).ok()).map(|id| self.arena.push(id.as_bytes()).0);
        self.ends.push(RowEnd { row_id, bytes: self.byte_len() });
    }

    /// Drops the values pushed since the last complete row.
    pub fn discard_row(&mut self) {
        // Their bytes stay in the arena until the next reset: no cell points at them any more.
        self.cells.truncate(self.rows() * self.columns);
    }

    /// Number of complete rows.
    #[inline]
    pub fn rows(&self) -> usize {
        self.ends.len()
    }

    /// Whether there is no complete row.
    pub fn is_empty(&self) -> bool {
        self.ends.is_empty()
    }

    /// Number of values of each row.
    #[inline]
    pub fn columns(&self) -> usize {
        self.columns
    }

    /// The value at `row`, `column`, both from 0.
    ///
    /// # Panics
    /// Where there is no such complete row or no such column.
    #[inline]
    pub fn get(&self, row: usize, column: usize) -> ValueRef<'_> {
        assert!(row < self.rows() && column < self.columns, "no value at row {row}, column {column} of the batch");
        self.value(&self.cells[row * self.columns + column])
    }

    /// The values of a row, left to right.
    ///
    /// # Panics
    /// Where there is no such complete row.
    #[inline]
    pub fn row(&self, row: usize) -> impl ExactSizeIterator<Item = ValueRef<'_>> {
        self.cells(row).iter().map(|cell| self.value(cell))
    }

    /// Whether a value of this row is a LOB that is read piece by piece ([`ValueRef::Streamed`]).
    ///
    /// # Panics
    /// Where there is no such complete row.
    pub fn is_streamed(&self, row: usize) -> bool {
        self.streamed && self.cells(row).iter().any(|cell| matches!(cell, Cell::Streamed { .. }))
    }

    /// The ROWID given for this row.
    ///
    /// # Panics
    /// Where there is no such complete row.
    pub fn row_id(&self, row: usize) -> Option<&str> {
        self.ends[row].row_id.map(|span| self.text_at(span))
    }

    /// Bytes of variable-length data held.
    pub fn byte_len(&self) -> usize {
        self.arena.len()
    }

    #[inline]
    pub(crate) fn cells(&self, row: usize) -> &[Cell] {
        assert!(row < self.rows(), "no row {row} in the batch");
        &self.cells[row * self.columns..][..self.columns]
    }

    /// Bytes of variable-length data of a complete row, its ROWID included; those of rows that were discarded before it count too.
    #[inline]
    pub(crate) fn row_byte_len(&self, row: usize) -> usize {
        let before = row.checked_sub(1).map_or(0, |before| self.ends[before].bytes);
        self.ends[row].bytes - before
    }

    #[inline]
    pub(crate) fn bytes_at(&self, span: Span) -> &[u8] {
        self.arena.get(span)
    }

    /// See [`Arena::window`].
    #[inline(always)]
    pub(crate) fn window_at<const N: usize>(&self, span: Span) -> Option<(&[u8; N], usize)> {
        self.arena.window(span)
    }

    /// See [`Arena::tail`].
    #[inline(always)]
    pub(crate) fn tail_at(&self, span: Span) -> Option<(&[u8; 16], usize)> {
        self.arena.tail(span)
    }

    /// What was a `str` when it was kept.
    fn text_at(&self, span: Span) -> &str {
        std::str::from_utf8(self.arena.get(span)).unwrap_or_default()
    }

    pub(crate) fn value<'a>(&'a self, cell: &'a Cell) -> ValueRef<'a> {
        match *cell {
            Cell::Null => ValueRef::Null,
            Cell::Int(n) => ValueRef::Int(n),
            Cell::Decimal(length, start) => ValueRef::Decimal(self.text_at(Span { length, start })),
            Cell::NumberBytes(length, start) => ValueRef::NumberBytes(self.arena.get(Span { length, start })),
            Cell::Float(f) => ValueRef::Float(f),
            Cell::Double(d) => ValueRef::Double(d),
            Cell::Text(length, start) | Cell::Ascii(length, start) => {
                ValueRef::Text(self.arena.get(Span { length, start }))
            }
            Cell::Bytes(length, start) => ValueRef::Bytes(self.arena.get(Span { length, start })),
            Cell::DateTime(at) => ValueRef::DateTime(at),
            Cell::DateTimeTz(at, offset) => ValueRef::DateTimeTz(at, offset),
            Cell::IntervalYm(interval) => ValueRef::IntervalYm(interval),
            Cell::IntervalDs { days, nanoseconds } => ValueRef::IntervalDs(IntervalDs { days, nanoseconds }),
            Cell::Boolean(b) => ValueRef::Boolean(b),
            Cell::DateBytes(length, start) => ValueRef::DateBytes(self.arena.get(Span { length, start })),
            Cell::IntervalBytes(length, start) => ValueRef::IntervalBytes(self.arena.get(Span { length, start })),
            Cell::Oson(length, start) => ValueRef::Oson(self.arena.get(Span { length, start })),
            Cell::VectorBytes(length, start) => ValueRef::VectorBytes(self.arena.get(Span { length, start })),
            Cell::Nested(at) => {
                let value = usize::try_from(at).ok().and_then(|at| self.nested.get(at));
                value.map_or(ValueRef::Null, Value::as_ref)
            }
            Cell::Streamed { id, length } => ValueRef::Streamed(StreamedLob { id, length }),
        }
    }

    #[inline]
    fn keep(&mut self, cell: impl FnOnce(u32, u64) -> Cell, bytes: &[u8]) -> Cell {
        let (Span { length, start }, _) = self.arena.push(bytes);
        cell(length, start)
    }

    fn keep_nested(&mut self, value: Value) -> Cell {
        let at = u32::try_from(self.nested.len()).expect("fewer than 2^32 values in a batch");
        self.nested.push(value);
        Cell::Nested(at)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fill(batch: &mut RowBatch) {
        let at = DateTime { year: 2024, month: 2, day: 29, hour: 23, minute: 59, second: 58, nanosecond: 1 };
        for values in [
            [
                ValueRef::Null,
                ValueRef::Int(-3),
                ValueRef::Decimal("1.5"),
                ValueRef::NumberBytes(&[0xc1, 2]),
                ValueRef::Float(0.5),
                ValueRef::Double(0.25),
                ValueRef::Text("žluťoučký".as_bytes()),
            ],
            [
                ValueRef::Bytes(&[0, 255]),
                ValueRef::DateTime(at),
                ValueRef::DateTimeTz(at, UtcOffset { minutes: -330 }),
                ValueRef::IntervalYm(IntervalYm { months: -14 }),
                ValueRef::IntervalDs(IntervalDs { days: -1, nanoseconds: -5 }),
                ValueRef::Boolean(true),
                ValueRef::Text(b""),
            ],
        ] {
            values.into_iter().for_each(|v| batch.push(v));
            batch.finish_row(Some(b"AAAWsGAAHAAAAFmAAA"));
            assert!(batch.row(batch.rows() - 1).eq(values));
            for (column, value) in values.into_iter().enumerate() {
                assert_eq!(batch.get(batch.rows() - 1, column), value);
            }
        }
    }

    #[test]
    fn holds_every_form() {
        let mut batch = RowBatch::new(7);
        fill(&mut batch);
        assert_eq!((batch.rows(), batch.columns(), batch.is_empty()), (2, 7, false));
        assert_eq!(batch.row_id(1), Some("AAAWsGAAHAAAAFmAAA"));
        assert_eq!(batch.byte_len(), 3 + 2 + "žluťoučký".len() + 2 + 2 * 18);
    }

    #[test]
    fn keeps_its_memory() {
        let mut batch = RowBatch::new(7);
        let sizes = |b: &RowBatch| [b.cells.capacity(), b.arena.capacity(), b.ends.capacity()];
        (0..50).for_each(|_| fill(&mut batch));
        let grown = sizes(&batch);
        for _ in 0..3 {
            batch.reset(7);
            assert_eq!(batch.byte_len(), 0);
            (0..50).for_each(|_| fill(&mut batch));
            assert_eq!(sizes(&batch), grown);
        }
    }

    #[test]
    fn drops_a_row_begun() {
        let mut batch = RowBatch::new(2);
        batch.push(ValueRef::Streamed(StreamedLob { id: 0, length: 5 }));
        batch.discard_row();
        batch.push(ValueRef::Int(1));
        batch.push(ValueRef::Int(2));
        batch.finish_row(None);
        assert!(batch.row(0).eq([ValueRef::Int(1), ValueRef::Int(2)]));
        assert_eq!(batch.row_id(0), None);
        assert!(!batch.is_streamed(0));
        let lob = ValueRef::Streamed(StreamedLob { id: 1, length: 1 << 40 });
        batch.push(lob);
        batch.push(ValueRef::Null);
        batch.finish_row(None);
        assert_eq!((batch.get(1, 0), batch.is_streamed(0), batch.is_streamed(1)), (lob, false, true));
    }

    #[test]
    #[should_panic = "values of a row against columns"]
    fn refuses_a_short_row() {
        let mut batch = RowBatch::new(2);
        batch.push(ValueRef::Null);
        batch.finish_row(None);
    }

    #[test]
    #[should_panic = "no value at row 0, column 2"]
    fn refuses_a_column_past_the_end() {
        let mut batch = RowBatch::new(2);
        (0..4).for_each(|i| {
            batch.push(ValueRef::Int(i));
            if i % 2 == 1 {
                batch.finish_row(None);
            }
        });
        batch.get(0, 2);
    }

    #[test]
    fn rows_without_columns() {
        let mut batch = RowBatch::new(0);
        batch.finish_row(None);
        assert_eq!((batch.rows(), batch.row(0).len()), (1, 0));
    }
}
