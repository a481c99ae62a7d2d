//! Rows of a batch as fields of COPY BINARY.

use crate::{
    DateTime, FieldError, Losses, RowBatch, Transcoder,
    arena::Span,
    batch::Cell,
    short_numeric::{Field, ShortNumeric},
    transcode::{Fast, double_bytes},
};
use bytes::BytesMut;
use std::fmt;

/// A row is put together in so many bytes where its values have shortcuts; longer ones go field by field.
const LINE: usize = 4096;
/// The longest field of a shortcut that is no text, with its length.
const FIXED_FIELD: usize = 20;

/// Encodes rows of a [`RowBatch`], a [`Transcoder`] for each column, without an allocation for a row or a value.
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
/// assert_eq!(out[..], [0, 0, 0, 4, 0, 0, 0, 7]);
/// # Ok::<_, Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone)]
pub struct RowEncoder {
    columns: Vec<Transcoder>,
    shortcuts: Vec<Fast>,
    line: Box<Line>,
}

impl RowEncoder {
    /// For rows of these columns.
    pub fn new(columns: Vec<Transcoder>) -> Self {
        let shortcuts = columns.iter().map(Transcoder::shortcut).collect();
        RowEncoder { columns, shortcuts, line: Box::new(Line { bytes: [0; LINE + SLACK] }) }
    }

    /// The columns.
    pub fn columns(&self) -> &[Transcoder] {
        &self.columns
    }

    /// Appends the fields of a row, each as [`Transcoder::encode`] does, and calls `lost` for each column that lost something. On
    /// an error the fields before the offending one have been appended.
    ///
    /// # Panics
    /// Where there is no such row, or the batch has another number of columns.
    #[inline]
    pub fn encode_row(
        &mut self,
        batch: &RowBatch,
        row: usize,
        out: &mut BytesMut,
        mut lost: impl FnMut(usize, Losses),
    ) -> Result<(), FieldError> {
        let cells = batch.cells(row);
        assert_eq!(cells.len(), self.columns.len(), "columns of the batch against transcoders");
        // Then no shortcut runs over the end of the line.
        let short = cells.len() * FIXED_FIELD + batch.row_byte_len(row) <= LINE;
        let mut at = 0;
        for (column, (shortcut, cell)) in self.shortcuts.iter().zip(cells).enumerate() {
            if short && let Some(end) = self.line.put(at, *shortcut, cell, batch) {
                at = end;
                continue;
            }
            out.extend_from_slice(&self.line.bytes[..at]);
            at = 0;
            let losses =
                self.columns[column].encode(batch.value(cell), out).map_err(|error| FieldError::new(column, error))?;
            if !losses.is_empty() {
                lost(column, losses);
            }
        }
        out.extend_from_slice(&self.line.bytes[..at]);
        Ok(())
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

/// What a row has so far. Places are taken modulo its length, which changes none of them and spares looking at each whether it is in
/// bounds. Each function takes the place where it writes and returns the one behind: in memory it would be a detour for every field.
#[derive(Clone)]
struct Line {
    bytes: [u8; LINE + SLACK],
}

impl Line {
    /// `None` where there is no shortcut; what was written then does not count.
    #[inline(always)]
    fn put(&mut self, at: usize, shortcut: Fast, cell: &Cell, batch: &RowBatch) -> Option<usize> {
        match (shortcut, cell) {
            (Fast::None, _) => None,
            (_, Cell::Null) => Some(self.fixed(at, [0xff; 4])),
            (Fast::Int8, Cell::Int(n)) => Some(self.eight(at, n.to_be_bytes())),
            (Fast::Int8, Cell::NumberBytes(length, start)) => {
                Some(self.eight(at, number_at(span(length, start), batch)?.to_i64()?.to_be_bytes()))
            }
            (Fast::Numeric { scale, before }, Cell::Decimal(length, start)) => {
                let short = ShortNumeric::from_text(batch.bytes_at(span(length, start)))?;
                Some(self.numeric(at, short.declared_field(scale, before)?))
            }
            (Fast::Numeric { scale, before }, Cell::NumberBytes(length, start)) => {
                Some(self.numeric(at, number_at(span(length, start), batch)?.declared_field(scale, before)?))
            }
            (Fast::UndeclaredNumeric, Cell::Decimal(length, start)) => {
                Some(self.numeric(at, ShortNumeric::from_text(batch.bytes_at(span(length, start)))?.field(None)?))
            }
            (Fast::UndeclaredNumeric, Cell::NumberBytes(length, start)) => {
                Some(self.numeric(at, number_at(span(length, start), batch)?.field(None)?))
            }
            (Fast::Timestamp, Cell::DateTime(moment)) => self.moment(at, moment),
            (Fast::Timestamp, Cell::DateBytes(bytes)) => {
                self.moment(at, &DateTime::usual_from_bytes(bytes.as_slice())?)
            }
            // Of fewer than six digits: only whole seconds are sure to fit.
            (Fast::Seconds, Cell::DateTime(moment)) if moment.nanosecond == 0 => self.moment(at, moment),
            (Fast::Seconds, Cell::DateBytes(bytes)) => {
                let moment = DateTime::usual_from_bytes(bytes.as_slice()).filter(|moment| moment.nanosecond == 0)?;
                self.moment(at, &moment)
            }
            (Fast::Float8, Cell::Double(f)) => Some(self.eight(at, double_bytes(*f))),
            (Fast::Text, Cell::Text(length, start)) => match batch.window_at(span(length, start)) {
                Some((window, length)) => self.short_text(at, window, length),
                None => self.plain_text(at, batch.bytes_at(span(length, start))),
            },
            _ => None,
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
        let at = self.fixed(at, [0, 0, 0, 8]);
        self.fixed(at, bytes)
    }

    #[inline(always)]
    fn numeric(&mut self, at: usize, (length, header, digits): Field) -> usize {
        let at = self.fixed(at, length);
        let at = self.fixed(at, header);
        self.fixed(at, digits) - (16 - usize::from(length[3]))
    }

    #[inline(always)]
    fn moment(&mut self, at: usize, moment: &DateTime) -> Option<usize> {
        Some(self.eight(at, moment.usual_microseconds()?.to_be_bytes()))
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
