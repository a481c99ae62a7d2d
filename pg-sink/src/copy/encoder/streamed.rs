//! Rows with LOBs that are read piece by piece.

use super::{CopyEncoder, MAX_FIELD, unfit};
use crate::{Error, ErrorKind, Result};
use bytes::{BufMut, Bytes, BytesMut};
use type_convert::{BatchReader, RowBatch, StreamedLob, ValueRef};

/// The server holds a row in one allocation (`MaxAllocSize`, 1 GiB less 1 byte) until it has moved the large values out of it: 24 bytes of
/// `HeapTupleData` and at least as many of the row's header, and each value with a header of its own.
const MAX_LOBS: u64 = (1 << 30) - 1 - 48;
const HEADER: u64 = 4;

/// A part of a row, and what comes behind it.
pub(crate) struct RowPart {
    pub(crate) head: Bytes,
    pub(crate) behind: Behind,
}

pub(crate) enum Behind {
    Body(Bytes),
    /// The bytes of a LOB, to be read.
    Lob {
        lob: StreamedLob,
        column: usize,
    },
}

impl CopyEncoder {
    /// A row in which LOBs are not there yet: the parts of it that are, each with what comes behind it. LOBs whose length in the
    /// row is not known before they are read are read whole; the others are left to whoever sends the parts.
    pub(crate) fn streamed_row<R: BatchReader>(
        &mut self,
        batch: &RowBatch,
        row: usize,
        reader: &mut R,
    ) -> Result<Vec<RowPart>> {
        self.check_shape(batch)?;
        let (mut parts, mut lost) = (Vec::new(), Vec::new());
        let mut lobs = 0;
        let mut head = BytesMut::new();
        head.put_i16(self.field_count);
        for column in 0..self.columns.len() {
            let transcoder = &self.rows.columns()[column];
            let at = |error: Error| self.at(error, batch, row, column);
            let unfit = |e| at(unfit(e));
            let losses = match batch.get(row, column) {
                ValueRef::Streamed(lob) => {
                    // Of a text the bytes are no fewer than the characters that are counted.
                    let length = u32::try_from(lob.length).ok().filter(|n| *n <= MAX_FIELD);
                    let length = length.ok_or_else(|| at(too_long(lob.length)))?;
                    if transcoder.is_verbatim() {
                        lobs += u64::from(length) + HEADER;
                        check_row(lobs).map_err(at)?;
                        head.put_u32(length);
                        parts.push(RowPart { head: head.split().freeze(), behind: Behind::Lob { lob, column } });
                        continue;
                    }
                    let value = whole_lob(lob, self.blobs[column], reader).map_err(at)?;
                    let (losses, body) = transcoder.encode_owned(value, &mut head).map_err(unfit)?;
                    lobs += body.len() as u64 + HEADER;
                    check_row(lobs).map_err(at)?;
                    parts.push(RowPart { head: head.split().freeze(), behind: Behind::Body(body) });
                    losses
                }
                value => transcoder.encode(value, &mut head).map_err(unfit)?,
            };
            if !losses.is_empty() {
                lost.push((column, losses));
            }
        }
        parts.push(RowPart { head: head.freeze(), behind: Behind::Body(Bytes::new()) });
        lost.into_iter().for_each(|(column, losses)| self.losses[column].add(losses));
        Ok(parts)
    }
}

/// Reads a LOB from beginning to end.
fn whole_lob<R: BatchReader>(lob: StreamedLob, is_blob: bool, reader: &mut R) -> Result<BytesMut> {
    let mut value = BytesMut::with_capacity(usize::try_from(lob.length).unwrap_or(0));
    while next_piece(lob, reader, &mut value)?.is_some() {
        if value.len() as u64 > u64::from(MAX_FIELD) {
            return Err(too_long(value.len() as u64));
        }
    }
    let length = match std::str::from_utf8(&value) {
        _ if is_blob => value.len() as u64,
        Ok(text) => text.chars().map(|c| c.len_utf16() as u64).sum(),
        // It has no length in UTF-16; the column's policy says what becomes of it.
        Err(_) => lob.length,
    };
    if length == lob.length { Ok(value) } else { Err(cut_short(lob, length)) }
}

/// Appends the next piece of a LOB and returns how many bytes it has; `None` where there is no more.
pub(crate) fn next_piece<R: BatchReader>(lob: StreamedLob, reader: &mut R, out: &mut BytesMut) -> Result<Option<u64>> {
    let before = out.len();
    let more =
        reader.read_lob(lob, out).map_err(|e| Error::new(ErrorKind::Source, "a LOB cannot be read").with_source(e))?;
    match (more, out.len().checked_sub(before)) {
        (false, Some(0)) => Ok(None),
        (true, Some(bytes @ 1..)) => Ok(Some(bytes as u64)),
        // It would be asked for ever, or has not appended.
        _ => Err(Error::new(
            ErrorKind::Source,
            "the reader of a LOB does not keep to its contract: a piece has bytes, the end has none",
        )),
    }
}

/// The server would refuse such a row in words that do not tell which.
fn check_row(lobs: u64) -> Result<()> {
    if lobs <= MAX_LOBS {
        return Ok(());
    }
    let message =
        format!("the LOBs of the row have {lobs} bytes or more, and PostgreSQL puts a row together in less than 1 GiB");
    Err(Error::new(ErrorKind::Value, message))
}

fn too_long(bytes: u64) -> Error {
    Error::new(ErrorKind::Value, format!("the LOB has {bytes} bytes or more, a field at most {MAX_FIELD}"))
}

/// A LOB that is not as long as was said.
pub(crate) fn cut_short(lob: StreamedLob, length: u64) -> Error {
    let message = format!("the reader gave {length} bytes or characters of a LOB of {}", lob.length);
    Error::new(ErrorKind::Source, message)
}
