//! Rows of a batch as rows of COPY BINARY.

use crate::{
    DateTime, FieldError, Losses, RowBatch, Transcoder,
    arena::Span,
    batch::Cell,
    short_numeric::{Field, ShortNumeric},
    transcode::{Fast, double_bytes},
};
use bytes::BytesMut;
use std::{fmt, ops::Range};

/// Rows are put together in so many bytes where their values have shortcuts; longer ones go field by field.
const LINE: usize = 8192;
/// The longest field of a shortcut that is no text, with its length.
const FIXED_FIELD: usize = 20;

/// Encodes rows of a [`RowBatch`], a [`Transcoder`] for each column, without an allocation for a row or a value: the number of fields in two
/// bytes, then the fields (PostgreSQL's documentation of COPY, "Binary Format", "Tuples").
///
/// ```
/// use bytes::BytesMut;
/// use type_convert::{LossPolicy, OracleType, PgType, RowBatch, RowEncoder, Transcoder, ValueRef};
///
/// let number = OracleType::Number { precision: Some(6), scale: Some(0) };
/// let columns = vec![Transcoder::new(&number, &PgType::Int4, LossPolicy::default())?];
/// let mut encoder = RowEncoder::new(columns);
/// let mut batch = RowBatch::new(1);
/// batch.push(ValueRef::Int(7));
/// batch.finish_row(None);
/// let mut out = BytesMut::new();
/// encoder.encode_row(&batch, 0, &mut out, |_, _| unreachable!("nothing is lost"))?;
/// assert_eq!(out[..], [0, 1, 0, 0, 0, 4, 0, 0, 0, 7]);
/// # Ok::<_, Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone)]
pub struct RowEncoder {
    columns: Vec<Transcoder>,
    shortcuts: Vec<Fast>,
    line: Box<Line>,
    /// The number of fields.
    count: [u8; 2],
    /// What the row at hand has lost so far.
    lost: Vec<(usize, Losses)>,
}

impl RowEncoder {
    /// For rows of these columns.
    ///
    /// # Panics
    /// Where there are more than 32 767 (PostgreSQL's tables have at most 1600).
    pub fn new(columns: Vec<Transcoder>) -> Self {
        let shortcuts = columns.iter().map(Transcoder::shortcut).collect();
        let count = i16::try_from(columns.len()).expect("at most 32767 columns").to_be_bytes();
        RowEncoder { columns, shortcuts, line: Box::new(Line { bytes: [0; LINE + SLACK] }), count, lost: Vec::new() }
    }

    /// The columns.
    pub fn columns(&self) -> &[Transcoder] {
        &self.columns
    }

    /// Appends one row, see [`encode_rows`](RowEncoder::encode_rows).
    ///
    /// # Panics
    /// As there.
    pub fn encode_row(
        &mut self,
        batch: &RowBatch,
        row: usize,
        out: &mut BytesMut,
        lost: impl FnMut(usize, Losses),
    ) -> Result<(), FieldError> {
        self.encode_rows(batch, row..row + 1, 0, out, lost).map(|_| ())
    }

    /// Appends rows, ends after the one with which `most` bytes are reached, and returns how many rows were appended: at least one, where there
    /// is one. Calls `lost` for each value that lost something, with the position of its column.
    ///
    /// At a value that does not fit, the rows before it have been appended, nothing of its own row has, and the error says which row it is.
    ///
    /// # Panics
    /// Where there are no such rows, or the batch has another number of columns.
    pub fn encode_rows(
        &mut self,
        batch: &RowBatch,
        rows: Range<usize>,
        most: usize,
        out: &mut BytesMut,
        mut lost: impl FnMut(usize, Losses),
    ) -> Result<usize, FieldError> {
        let (first, begin) = (rows.start, out.len());
        let fixed = 2 + self.columns.len() * FIXED_FIELD;
        let mut at = 0;
        for row in rows.clone() {
            let cells = batch.cells(row);
            assert_eq!(cells.len(), self.columns.len(), "columns of the batch against transcoders");
            let longest = fixed + batch.row_byte_len(row);
            if at + longest > LINE {
                at = self.line.flush(at, out);
            }
            // Then no shortcut runs over the end of the line.
            let short = longest <= LINE;
            let start = out.len() + at;
            out.extend_from_slice(if short { &[] } else { &self.count });
            let mut column = 0;
            if short {
                at = self.line.fixed(at, self.count);
                (at, column) = self.line.put_fields(at, &self.shortcuts, cells, batch);
            }
            while column < cells.len() {
                at = self.line.flush(at, out);
                match self.columns[column].encode(batch.value(&cells[column]), out) {
                    Ok(losses) if losses.is_empty() => {}
                    Ok(losses) => self.lost.push((column, losses)),
                    Err(error) => {
                        out.truncate(start);
                        self.lost.clear();
                        return Err(FieldError::new(row, column, error));
                    }
                }
                column += 1;
                if short {
                    let (end, more) = self.line.put_fields(at, &self.shortcuts[column..], &cells[column..], batch);
                    (at, column) = (end, column + more);
                }
            }
            if !self.lost.is_empty() {
                self.lost.drain(..).for_each(|(column, losses)| lost(column, losses));
            }
            if out.len() + at - begin >= most {
                self.line.flush(at, out);
                return Ok(row + 1 - first);
            }
        }
        self.line.flush(at, out);
        Ok(rows.len())
    }
}

impl fmt::Debug for RowEncoder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RowEncoder").field("columns", &self.columns).finish_non_exhaustive()
    }
}

/// Each byte of a word.
const ONES: u64 = 0x0101_0101_0101_0101;
const HIGH_BITS: u64 = ONES * 0x80;
/// From 64 − n on: n bytes that are kept, and 64 that are not.
const MASK: [u8; 128] = {
    let mut mask = [0; 128];
    let mut at = 0;
    while at < 64 {
        mask[at] = 0xff;
        at += 1;
    }
    mask
};
/// Room for the widest piece that is written at once, wherever in the line it begins.
const SLACK: usize = 64;

/// What rows have so far that is not in the output yet. Places are taken modulo its length, which changes none of them and spares looking at each whether it is in
/// bounds. Each function takes the place where it writes and returns the one behind: in memory it would be a detour for every field.
#[derive(Clone)]
struct Line {
    bytes: [u8; LINE + SLACK],
}

impl Line {
    /// Moves it into the output; it begins anew.
    #[inline]
    fn flush(&self, at: usize, out: &mut BytesMut) -> usize {
        out.extend_from_slice(&self.bytes[..at]);
        0
    }

    /// Writes fields up to the first without a shortcut, and returns the place behind and how many there were. A function of its own for the
    /// sake of its registers.
    #[inline(never)]
    fn put_fields(&mut self, mut at: usize, shortcuts: &[Fast], cells: &[Cell], batch: &RowBatch) -> (usize, usize) {
        let mut count = 0;
        for (shortcut, cell) in shortcuts.iter().zip(cells) {
            let Some(end) = self.put(at, *shortcut, cell, batch) else { break };
            at = end;
            count += 1;
        }
        (at, count)
    }

    /// `None` where there is no shortcut; what was written then does not count.
    #[inline(always)]
    fn put(&mut self, at: usize, shortcut: Fast, cell: &Cell, batch: &RowBatch) -> Option<usize> {
        let null = |line: &mut Self| matches!(cell, Cell::Null).then(|| line.fixed(at, [0xff; 4]));
        match shortcut {
            Fast::Int8 => match cell {
                Cell::Int(n) => Some(self.eight(at, n.to_be_bytes())),
                Cell::NumberBytes(length, start) => {
                    Some(self.eight(at, number_at(span(length, start), batch)?.to_i64()?.to_be_bytes()))
                }
                _ => null(self),
            },
            Fast::Numeric { scale, before } => {
                let Some(short) = number(cell, batch) else { return null(self) };
                Some(self.numeric(at, short.declared_field(scale, before)?))
            }
            Fast::UndeclaredNumeric => {
                let Some(short) = number(cell, batch) else { return null(self) };
                Some(self.numeric(at, short.field(None)?))
            }
            Fast::Timestamp { whole_seconds } => {
                let moment = match cell {
                    Cell::DateTime(moment) => *moment,
                    Cell::DateBytes(bytes) => DateTime::usual_from_bytes(bytes.as_slice())?,
                    _ => return null(self),
                };
                if whole_seconds && moment.nanosecond != 0 {
                    return None;
                }
                Some(self.eight(at, moment.usual_microseconds()?.to_be_bytes()))
            }
            Fast::Float8 => match cell {
                Cell::Double(f) => Some(self.eight(at, double_bytes(*f))),
                _ => null(self),
            },
            Fast::Text => match cell {
                Cell::Text(length, start) => match batch.window_at(span(length, start)) {
                    Some((window, length)) => self.short_text(at, window, length),
                    None => self.plain_text(at, batch.bytes_at(span(length, start))),
                },
                _ => null(self),
            },
            Fast::None => None,
        }
    }

    #[inline(always)]
    fn slot<const N: usize>(&mut self, at: usize) -> &mut [u8; N] {
        const { assert!(N <= SLACK) };
        let at = at % LINE;
        self.bytes[at..at + N].first_chunk_mut().expect("it is as long")
    }

    #[inline(always)]
    fn fixed<const N: usize>(&mut self, at: usize, bytes: [u8; N]) -> usize {
        *self.slot(at) = bytes;
        at + N
    }

    /// Eight bytes and their length before them.
    #[inline(always)]
    fn eight(&mut self, at: usize, bytes: [u8; 8]) -> usize {
        let slot = self.slot::<12>(at);
        slot[..4].copy_from_slice(&[0, 0, 0, 8]);
        slot[4..].copy_from_slice(&bytes);
        at + 12
    }

    #[inline(always)]
    fn numeric(&mut self, at: usize, (length, header, digits): Field) -> usize {
        let slot = self.slot::<20>(at);
        slot[..4].copy_from_slice(&length);
        slot[4..12].copy_from_slice(&header);
        slot[12..].copy_from_slice(&digits);
        at + 4 + usize::from(length[3])
    }

    /// The first `length` bytes, as [`plain_text`](Line::plain_text) writes them, without a branch that depends on how many they are.
    #[inline(always)]
    fn short_text(&mut self, at: usize, window: &[u8; 64], length: usize) -> Option<usize> {
        let mut unusual = u64::from(length == 0);
        // Where the text has ended there is a usual byte in place of what follows.
        let mask = &MASK[64 - length..];
        for n in 0..8 {
            let word = |bytes: &[u8]| bytes[8 * n..].first_chunk().map_or(0, |word| u64::from_ne_bytes(*word));
            let (word, mask) = (word(window), word(mask));
            let word = word & mask | ONES & !mask;
            unusual |= (word.wrapping_sub(ONES) | word) & HIGH_BITS;
        }
        if unusual != 0 {
            return None;
        }
        let at = self.fixed(at, u32::try_from(length).ok()?.to_be_bytes());
        self.fixed(at, *window);
        Some(at + length)
    }

    /// ASCII without NUL, copied and checked at once: then bytes are characters. An empty text is unusual.
    #[inline(always)]
    fn plain_text(&mut self, at: usize, text: &[u8]) -> Option<usize> {
        let start = self.fixed(at, u32::try_from(text.len()).ok()?.to_be_bytes());
        let mut unusual = [u64::from(text.is_empty()), 0, 0, 0];
        if let Some(last) = text.last_chunk::<32>() {
            let mut at = start;
            for piece in text.as_chunks::<32>().0 {
                add_unusual(&mut unusual, piece);
                at = self.fixed(at, *piece);
            }
            // It may overlap those before it.
            add_unusual(&mut unusual, last);
            self.fixed(start + text.len() - 32, *last);
        } else {
            for (at, &byte) in (start..).zip(text) {
                unusual[0] |= u64::from(byte.wrapping_sub(1) >= 0x7f);
                self.fixed(at, [byte]);
            }
        }
        unusual.iter().all(|bits| *bits == 0).then_some(start + text.len())
    }
}

#[inline(always)]
fn span(length: &u32, start: &u64) -> Span {
    Span { length: *length, start: *start }
}

/// `None` where it is none, or an unusual one.
#[inline(always)]
fn number(cell: &Cell, batch: &RowBatch) -> Option<ShortNumeric> {
    match cell {
        Cell::Decimal(length, start) => ShortNumeric::from_text(batch.bytes_at(span(length, start))),
        Cell::NumberBytes(length, start) => number_at(span(length, start), batch),
        _ => None,
    }
}

#[inline(always)]
fn number_at(span: Span, batch: &RowBatch) -> Option<ShortNumeric> {
    match batch.window_at(span) {
        Some((window, length)) => ShortNumeric::from_window(window, length),
        None => ShortNumeric::from_bytes(batch.bytes_at(span)),
    }
}

/// Bits that are set where a byte is 0 or not ASCII. No borrow matters: it comes from a byte that is 0.
#[inline(always)]
fn add_unusual(unusual: &mut [u64; 4], piece: &[u8; 32]) {
    for (unusual, word) in unusual.iter_mut().zip(piece.as_chunks::<8>().0) {
        let word = u64::from_ne_bytes(*word);
        *unusual |= (word.wrapping_sub(ONES) | word) & HIGH_BITS;
    }
}
