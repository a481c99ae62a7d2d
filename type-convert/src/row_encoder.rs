//! Rows of values, in a batch or not, as rows of COPY BINARY.

use crate::{
    DateTime, FieldError, Losses, RowBatch, Transcoder, ValueRef,
    arena::Span,
    batch::Cell,
    short_copy::{Room, SHORT, copy_short},
    short_numeric::{Field, ShortNumeric, Tail},
    transcode::{Fast, double_bytes},
    usual_moment, word,
};
use bytes::{Bytes, BytesMut};
use std::{
    fmt,
    ops::Range,
    sync::{Arc, Mutex},
};

/// Rows are put together in so many bytes where their values have shortcuts; longer ones go field by field.
const LINE: usize = 128 * 1024;
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
    line: Line,
    /// How many bytes of complete rows are in the line.
    held: usize,
    spare: Spare,
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
        let spare = Spare::default();
        RowEncoder { columns, shortcuts, line: spare.take(), held: 0, spare, count, lost: Vec::new() }
    }

    /// The columns.
    pub fn columns(&self) -> &[Transcoder] {
        &self.columns
    }

    /// Appends one row of values that are in no batch: `fill` pushes one for each column. If it fails nothing of the row is appended, and
    /// the error is that of the value (its [`row`](FieldError::row) is 0). Calls `lost` as [`encode_rows`](RowEncoder::encode_rows) does.
    ///
    /// Up to 128 KiB of rows are held back, until [`flush`](RowEncoder::flush) appends them or [`take_held`](RowEncoder::take_held)
    /// gives them.
    ///
    /// ```
    /// use bytes::BytesMut;
    /// use type_convert::{LossPolicy, OracleType, PgType, RowEncoder, Transcoder, ValueRef};
    ///
    /// let number = OracleType::Number { precision: Some(6), scale: Some(0) };
    /// let mut encoder = RowEncoder::new(vec![Transcoder::new(&number, &PgType::Int4, LossPolicy::default())?]);
    /// let mut out = BytesMut::new();
    /// for n in [7, 8] {
    ///     encoder.encode_values(&mut out, |_, _| unreachable!("nothing is lost"), |row| row.push(ValueRef::Int(n)))?;
    /// }
    /// encoder.flush(&mut out);
    /// assert_eq!(out[..], [0, 1, 0, 0, 0, 4, 0, 0, 0, 7, 0, 1, 0, 0, 0, 4, 0, 0, 0, 8]);
    /// # Ok::<_, Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Panics
    /// Where `fill` succeeds and has not pushed exactly one value for each column.
    #[inline(always)]
    pub fn encode_values(
        &mut self,
        out: &mut BytesMut,
        lost: impl FnMut(usize, Losses),
        fill: impl FnOnce(&mut OpenRow<'_>) -> Result<(), FieldError>,
    ) -> Result<(), FieldError> {
        if self.held > LINE - WIDEST {
            self.flush(out);
        }
        let start = out.len() + self.held;
        let at = self.line.fixed(self.held, self.count);
        let mut row = OpenRow { encoder: self, out, start, place: Place { at, column: 0 } };
        fill(&mut row)?;
        assert_eq!(row.place.column, row.encoder.columns.len(), "values of a row against columns");
        row.encoder.held = row.place.at;
        // The row stays.
        row.start = usize::MAX;
        drop(row);
        if !self.lost.is_empty() {
            self.tell_losses(lost);
        }
        Ok(())
    }

    /// How many bytes of rows are held back.
    pub fn held(&self) -> usize {
        self.held
    }

    /// Appends the rows that are held back.
    pub fn flush(&mut self, out: &mut BytesMut) {
        self.held = self.line.flush(self.held, out);
    }

    /// The rows that are held back, which come behind all that was appended so far, without copying them. Their memory is used again once they
    /// are dropped.
    pub fn take_held(&mut self) -> Bytes {
        if self.held == 0 {
            return Bytes::new();
        }
        let line = std::mem::replace(&mut self.line, self.spare.take());
        Bytes::from_owner(HeldRows {
            line: Some(line),
            held: std::mem::take(&mut self.held),
            spare: self.spare.clone(),
        })
    }

    #[cold]
    fn tell_losses(&mut self, mut lost: impl FnMut(usize, Losses)) {
        self.lost.drain(..).for_each(|(column, losses)| lost(column, losses));
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
        lost: impl FnMut(usize, Losses),
    ) -> Result<usize, FieldError> {
        let encoded = self.hold_rows(batch, rows, most, out, lost);
        self.flush(out);
        encoded
    }

    /// As [`encode_rows`](RowEncoder::encode_rows), but rows may be held back, see [`encode_values`](RowEncoder::encode_values).
    ///
    /// # Panics
    /// As there.
    pub fn hold_rows(
        &mut self,
        batch: &RowBatch,
        rows: Range<usize>,
        most: usize,
        out: &mut BytesMut,
        mut lost: impl FnMut(usize, Losses),
    ) -> Result<usize, FieldError> {
        let (first, begin) = (rows.start, out.len() + self.held);
        let fixed = 2 + self.columns.len() * FIXED_FIELD;
        let mut at = std::mem::take(&mut self.held);
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
                self.tell_losses(&mut lost);
            }
            if out.len() + at - begin >= most {
                self.held = at;
                return Ok(row + 1 - first);
            }
        }
        self.held = at;
        Ok(rows.len())
    }
}

/// A row that is being written, value by value, see [`RowEncoder::encode_values`].
pub struct OpenRow<'a> {
    encoder: &'a mut RowEncoder,
    out: &'a mut BytesMut,
    /// How long the output was before the row, with what was held back.
    start: usize,
    place: Place,
}

impl OpenRow<'_> {
    /// Appends the next value. `Err` where it does not fit: then nothing of it was written, and the row is given up, or another value is pushed in
    /// its place.
    ///
    /// # Panics
    /// Where the row has a value for each column already.
    // Always inlined: callers know which form they have, and only what that needs is left.
    #[inline(always)]
    pub fn push(&mut self, value: ValueRef<'_>) -> Result<(), FieldError> {
        let Place { at, column } = self.place;
        if at <= LINE - WIDEST
            && let Some(shortcut) = self.encoder.shortcuts.get(column)
            && let Some(end) = self.encoder.line.put_value(at, *shortcut, value)
        {
            self.place = Place { at: end, column: column + 1 };
            return Ok(());
        }
        let end = self.encoder.push_any(self.out, self.place, value);
        // Before a value is refused all that is before it goes into the output.
        self.place.at = *end.as_ref().unwrap_or(&0);
        end?;
        self.place.column += 1;
        Ok(())
    }
}

/// Where a row that is being written is: where the next field begins in the line, and its column.
#[derive(Debug, Clone, Copy)]
struct Place {
    at: usize,
    column: usize,
}

// What `OpenRow::push` does where there is no shortcut: each returns where the next field begins in the line. Neither the row nor the value is given
// away: what has an address is kept in memory from the beginning, and reading there what has just been put together is slow.
impl RowEncoder {
    #[inline(always)]
    fn push_any(&mut self, out: &mut BytesMut, place: Place, value: ValueRef<'_>) -> Result<usize, FieldError> {
        match value {
            ValueRef::Text(text) => self.push_text(out, place, text),
            ValueRef::NumberBytes(bytes) => self.push_number(out, place, bytes),
            ValueRef::DateBytes(bytes) => self.push_moment_of_bytes(out, place, bytes),
            ValueRef::Decimal(text) => self.push_decimal(out, place, text),
            ValueRef::DateTime(moment) => self.push_moment(out, place, moment),
            value => self.push_value(out, place, value),
        }
    }

    #[inline(never)]
    fn push_text(&mut self, out: &mut BytesMut, place: Place, text: &[u8]) -> Result<usize, FieldError> {
        if let Some(Fast::Text { most }) = self.shortcuts.get(place.column)
            && place.at + text.len() <= LINE - WIDEST
            && let Some(end) = self.line.any_text(place.at, text, *most)
        {
            return Ok(end);
        }
        self.push_value(out, place, ValueRef::Text(text))
    }

    #[inline(never)]
    fn push_decimal(&mut self, out: &mut BytesMut, place: Place, text: &str) -> Result<usize, FieldError> {
        if place.at <= LINE - WIDEST
            && let Some(shortcut) = self.shortcuts.get(place.column)
            && let Some(end) = self.line.any_decimal(place.at, text.as_bytes(), *shortcut)
        {
            return Ok(end);
        }
        self.push_value(out, place, ValueRef::Decimal(text))
    }

    #[inline(never)]
    fn push_number(&mut self, out: &mut BytesMut, place: Place, bytes: &[u8]) -> Result<usize, FieldError> {
        self.push_value(out, place, ValueRef::NumberBytes(bytes))
    }

    #[inline(never)]
    fn push_moment(&mut self, out: &mut BytesMut, place: Place, moment: DateTime) -> Result<usize, FieldError> {
        self.push_value(out, place, ValueRef::DateTime(moment))
    }

    #[inline(never)]
    fn push_moment_of_bytes(&mut self, out: &mut BytesMut, place: Place, bytes: &[u8]) -> Result<usize, FieldError> {
        self.push_value(out, place, ValueRef::DateBytes(bytes))
    }

    #[inline(never)]
    fn push_value(&mut self, out: &mut BytesMut, place: Place, value: ValueRef<'_>) -> Result<usize, FieldError> {
        let Place { at, column } = place;
        let transcoder = self.columns.get(column).expect("no more values than columns");
        self.held = self.line.flush(at, out);
        match transcoder.encode(value, out) {
            Ok(losses) if losses.is_empty() => {}
            Ok(losses) => self.lost.push((column, losses)),
            Err(error) => return Err(FieldError::new(0, column, error)),
        }
        Ok(0)
    }
}

impl Drop for OpenRow<'_> {
    #[inline(always)]
    fn drop(&mut self) {
        if self.start != usize::MAX {
            // Of what is in the line only `held` bytes count.
            self.out.truncate(self.start);
            self.encoder.lost.clear();
        }
    }
}

impl fmt::Debug for OpenRow<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OpenRow").field("column", &self.place.column).finish_non_exhaustive()
    }
}

impl fmt::Debug for RowEncoder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RowEncoder").field("columns", &self.columns).finish_non_exhaustive()
    }
}

/// Room for the widest piece that is written at once, wherever in the line it begins.
const SLACK: usize = size_of::<Room>();
/// The longest field that [`Line::put_value`] writes, with its length.
const WIDEST: usize = 4 + SHORT;

/// What rows have so far that is not in the output yet. Places are taken modulo its length, which changes none of them and spares looking at each whether it is in
/// bounds. Each function takes the place where it writes and returns the one behind: in memory it would be a detour for every field.
#[derive(Clone)]
struct Line {
    bytes: Box<[u8; LINE + SLACK]>,
}

/// Lines whose rows are no longer needed.
#[derive(Clone, Default)]
struct Spare(Arc<Mutex<Vec<Line>>>);

impl Spare {
    fn take(&self) -> Line {
        let spare = self.0.lock().ok().and_then(|mut lines| lines.pop());
        spare.unwrap_or_else(|| {
            // Never on the stack.
            let bytes = vec![0; LINE + SLACK].into_boxed_slice().try_into().expect("it is as long");
            Line { bytes }
        })
    }
}

/// The rows of a line that was taken.
struct HeldRows {
    // None once it is dropped.
    line: Option<Line>,
    held: usize,
    spare: Spare,
}

impl AsRef<[u8]> for HeldRows {
    fn as_ref(&self) -> &[u8] {
        self.line.as_ref().map_or(&[], |line| &line.bytes[..self.held])
    }
}

impl Drop for HeldRows {
    fn drop(&mut self) {
        if let (Some(line), Ok(mut lines)) = (self.line.take(), self.spare.0.lock()) {
            lines.push(line);
        }
    }
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
            Fast::Int4 => match cell {
                Cell::Int(n) => self.four(at, *n),
                Cell::NumberBytes(length, start) => self.four(at, number_at(span(length, start), batch)?.to_i64()?),
                _ => null(self),
            },
            Fast::Numeric { scale, before } => match cell {
                Cell::Decimal(length, start) => {
                    let span = span(length, start);
                    // Most have as many digits behind the point as their column.
                    if let Some((window, length)) = batch.tail_at(span)
                        && let Some(short) =
                            Tail::of_window(window, length).number_of_scale(scale.cast_unsigned().into())
                    {
                        return self.numeric(at, short.declared_field(scale.into(), before.into())?);
                    }
                    self.any_decimal(at, batch.bytes_at(span), shortcut)
                }
                Cell::NumberBytes(length, start) => {
                    let short = number_at(span(length, start), batch)?;
                    self.numeric(at, short.declared_field(scale.into(), before.into())?)
                }
                _ => null(self),
            },
            Fast::UndeclaredNumeric => match cell {
                Cell::Decimal(length, start) => {
                    let span = span(length, start);
                    if let Some((window, length)) = batch.tail_at(span)
                        && let Some(short) = Tail::of_window(window, length).number()
                    {
                        return self.numeric(at, short.undeclared_field());
                    }
                    self.any_decimal(at, batch.bytes_at(span), shortcut)
                }
                Cell::NumberBytes(length, start) => {
                    self.numeric(at, number_at(span(length, start), batch)?.undeclared_field())
                }
                _ => null(self),
            },
            Fast::Timestamp { whole_seconds } => match cell {
                Cell::DateTime(moment) => self.moment(at, moment, whole_seconds),
                Cell::DateBytes(length, start) => {
                    let (window, length) = batch.window_at(span(length, start))?;
                    self.moment_of_bytes(at, usual_moment::fields_in(window, length)?, whole_seconds)
                }
                _ => null(self),
            },
            Fast::Float8 => match cell {
                Cell::Double(f) => Some(self.eight(at, double_bytes(*f))),
                _ => null(self),
            },
            Fast::Text { most } => match cell {
                Cell::Ascii(length, start) => {
                    if *length > most {
                        return None;
                    }
                    let (window, length) = batch.window_at::<SHORT>(span(length, start))?;
                    let at = self.fixed(at, u32::try_from(length).ok()?.to_be_bytes());
                    self.fixed(at, *window);
                    Some(at + length)
                }
                Cell::Text(length, start) => self.any_text(at, batch.bytes_at(span(length, start)), most),
                _ => null(self),
            },
            Fast::None => None,
        }
    }

    /// The same for a value that is in no batch: `None` also for a text of more than [`SHORT`] bytes.
    #[inline(always)]
    fn put_value(&mut self, at: usize, shortcut: Fast, value: ValueRef<'_>) -> Option<usize> {
        match value {
            ValueRef::Null if shortcut != Fast::None => Some(self.fixed(at, [0xff; 4])),
            ValueRef::Int(n) => match shortcut {
                Fast::Int8 => Some(self.eight(at, n.to_be_bytes())),
                Fast::Int4 => self.four(at, n),
                _ => None,
            },
            ValueRef::NumberBytes(bytes) => self.put_number(at, ShortNumeric::from_bytes(bytes)?, shortcut),
            ValueRef::Decimal(text) => {
                let Fast::Numeric { scale, before } = shortcut else { return None };
                let short = Tail::of_text(text.as_bytes())?.number_of_scale(scale.cast_unsigned().into())?;
                self.numeric(at, short.declared_field(scale.into(), before.into())?)
            }
            ValueRef::DateTime(moment) => {
                let Fast::Timestamp { whole_seconds } = shortcut else { return None };
                self.moment(at, &moment, whole_seconds)
            }
            ValueRef::DateBytes(bytes) => {
                let Fast::Timestamp { whole_seconds } = shortcut else { return None };
                self.moment_of_bytes(at, usual_moment::fields(bytes)?, whole_seconds)
            }
            ValueRef::Double(f) if shortcut == Fast::Float8 => Some(self.eight(at, double_bytes(f))),
            ValueRef::Text(text) if text.len() <= SHORT && !text.is_empty() => {
                let (Fast::Text { most }, Ok(length)) = (shortcut, u32::try_from(text.len())) else { return None };
                let end = self.fixed(at, length.to_be_bytes());
                (copy_short(text, self.slot(end)) & (length <= most)).then_some(end + text.len())
            }
            _ => None,
        }
    }

    #[inline(always)]
    fn numeric(&mut self, at: usize, field: Field) -> Option<usize> {
        self.fixed(at, field.bytes());
        Some(at + field.len())
    }

    #[inline(never)]
    fn any_decimal(&mut self, at: usize, text: &[u8], shortcut: Fast) -> Option<usize> {
        self.put_number(at, ShortNumeric::from_text(text)?, shortcut)
    }

    #[inline(always)]
    fn put_number(&mut self, at: usize, short: ShortNumeric, shortcut: Fast) -> Option<usize> {
        let field = match shortcut {
            Fast::Numeric { scale, before } => short.declared_field(scale.into(), before.into())?,
            Fast::UndeclaredNumeric => short.undeclared_field(),
            Fast::Int8 => return Some(self.eight(at, short.to_i64()?.to_be_bytes())),
            Fast::Int4 => return self.four(at, short.to_i64()?),
            _ => return None,
        };
        self.numeric(at, field)
    }

    #[inline(always)]
    fn moment(&mut self, at: usize, moment: &DateTime, whole_seconds: bool) -> Option<usize> {
        Some(self.eight(at, usual_moment::microseconds(moment, whole_seconds)?.to_be_bytes()))
    }

    #[inline(always)]
    fn moment_of_bytes(&mut self, at: usize, fields: usual_moment::Fields, whole_seconds: bool) -> Option<usize> {
        Some(self.eight(at, usual_moment::microseconds_of_bytes(fields, whole_seconds)?.to_be_bytes()))
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

    /// `integer`, where it fits.
    #[inline(always)]
    fn four(&mut self, at: usize, n: i64) -> Option<usize> {
        let slot = self.slot::<8>(at);
        slot[..4].copy_from_slice(&[0, 0, 0, 4]);
        slot[4..].copy_from_slice(&i32::try_from(n).ok()?.to_be_bytes());
        Some(at + 8)
    }

    /// Eight bytes and their length before them.
    #[inline(always)]
    fn eight(&mut self, at: usize, bytes: [u8; 8]) -> usize {
        let slot = self.slot::<12>(at);
        slot[..4].copy_from_slice(&[0, 0, 0, 8]);
        slot[4..].copy_from_slice(&bytes);
        at + 12
    }

    /// A text that PostgreSQL takes, of so many characters at most. An empty one is unusual.
    #[inline(never)]
    fn any_text(&mut self, at: usize, text: &[u8], most: u32) -> Option<usize> {
        let length = u32::try_from(text.len()).ok()?;
        let start = self.fixed(at, length.to_be_bytes());
        let end = start + text.len();
        // Most are ASCII without NUL, which is copied and checked at once: then bytes are characters.
        let mut unusual = [u64::from(text.is_empty()), 0, 0, 0];
        if let Some(last) = text.last_chunk::<32>() {
            let mut at = start;
            for piece in text.as_chunks::<32>().0 {
                add_unusual(&mut unusual, piece);
                at = self.fixed(at, *piece);
            }
            // It may overlap those before it.
            add_unusual(&mut unusual, last);
            self.fixed(end - 32, *last);
        } else {
            for (at, &byte) in (start..).zip(text) {
                unusual[0] |= u64::from(byte.wrapping_sub(1) >= 0x7f);
                self.fixed(at, [byte]);
            }
        }
        let (usual, short) = (unusual.iter().all(|bits| *bits == 0), length <= most);
        if usual && short {
            return Some(end);
        }
        let characters = std::str::from_utf8(text).ok().filter(|_| !usual && !text.is_empty())?;
        let fits = short || u32::try_from(characters.chars().count()).is_ok_and(|count| count <= most);
        (fits && memchr::memchr(0, text).is_none()).then_some(end)
    }
}

#[inline(always)]
fn span(length: &u32, start: &u64) -> Span {
    Span { length: *length, start: *start }
}

/// `None` for an unusual one.
#[inline(always)]
fn number_at(span: Span, batch: &RowBatch) -> Option<ShortNumeric> {
    let (window, length) = batch.window_at(span)?;
    ShortNumeric::from_word(u64::from_be_bytes(*window), length)
}

#[inline(always)]
fn add_unusual(unusual: &mut [u64; 4], piece: &[u8; 32]) {
    for (bits, word) in unusual.iter_mut().zip(piece.as_chunks::<8>().0) {
        *bits |= word::unusual(u64::from_ne_bytes(*word));
    }
}
