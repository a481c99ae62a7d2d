//! Rows with LOBs that are read piece by piece.

use super::{CopyEncoder, MAX_FIELD};
use crate::{Error, ErrorKind, Result};
use bytes::{BufMut, Bytes, BytesMut};
use type_convert::{BatchReader, Losses, OracleType, RowBatch, StreamedLob, ValueRef};

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
        let mut head = BytesMut::new();
        head.put_i16(self.field_count);
        for column in 0..self.columns.len() {
            let transcoder = &self.rows.columns()[column];
            let at = |error: Error| self.at(error, batch, row, column);
            let unfit = |e| at(Error::new(ErrorKind::Value, "the value does not fit").with_source(e));
            let losses = match batch.get(row, column) {
                ValueRef::Streamed(lob) if transcoder.is_verbatim() => {
                    let length = u32::try_from(lob.length).ok().filter(|n| *n <= MAX_FIELD);
                    let length = length.ok_or_else(|| {
                        let message = format!("the LOB has {} bytes, a field at most {MAX_FIELD}", lob.length);
                        at(Error::new(ErrorKind::Value, message))
                    })?;
                    head.put_u32(length);
                    parts.push(RowPart { head: head.split().freeze(), behind: Behind::Lob { lob, column } });
                    Losses::NONE
                }
                ValueRef::Streamed(lob) => {
                    let value = whole_lob(lob, column, reader).map_err(at)?;
                    let (losses, body) = transcoder.encode_owned(value, &mut head).map_err(unfit)?;
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

    /// The error of a LOB of a row.
    pub(crate) fn at_lob(&self, error: Error, batch: &RowBatch, row: usize, column: usize) -> Error {
        self.at(error, batch, row, column)
    }
}

/// Reads a LOB from beginning to end.
fn whole_lob<R: BatchReader>(lob: StreamedLob, column: usize, reader: &mut R) -> Result<BytesMut> {
    let mut value = BytesMut::with_capacity(usize::try_from(lob.length).unwrap_or(0).min(1 << 30));
    while reader.read_lob(lob, &mut value).map_err(unread)? {
        if value.len() as u64 > u64::from(MAX_FIELD) {
            return Err(Error::new(ErrorKind::Value, format!("the LOB has more than {MAX_FIELD} bytes as it is sent")));
        }
    }
    let length = if reader.columns().get(column) == Some(&OracleType::Blob) {
        value.len() as u64
    } else {
        // Of a text the length is that in UTF-16; one that is not UTF-8 has none, and is refused for that.
        match std::str::from_utf8(&value) {
            Ok(text) => text.chars().map(|c| c.len_utf16() as u64).sum(),
            Err(_) => lob.length,
        }
    };
    if length == lob.length { Ok(value) } else { Err(cut_short(lob, length)) }
}

pub(crate) fn unread(error: impl std::error::Error + Send + Sync + 'static) -> Error {
    Error::new(ErrorKind::Source, "a LOB cannot be read").with_source(error)
}

/// A LOB that is not as long as was said.
pub(crate) fn cut_short(lob: StreamedLob, length: u64) -> Error {
    let message = format!("the reader gave {length} bytes or characters of a LOB of {}", lob.length);
    Error::new(ErrorKind::Source, message)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Gives one LOB in one piece.
    struct Once {
        columns: [OracleType; 1],
        content: &'static [u8],
    }

    impl BatchReader for Once {
        type Error = std::convert::Infallible;

        fn columns(&self) -> &[OracleType] {
            &self.columns
        }

        fn read_batch(&mut self, _: &mut RowBatch) -> std::result::Result<bool, Self::Error> {
            Ok(false)
        }

        fn read_lob(&mut self, _: StreamedLob, piece: &mut BytesMut) -> std::result::Result<bool, Self::Error> {
            let content = std::mem::take(&mut self.content);
            piece.extend_from_slice(content);
            Ok(!content.is_empty())
        }
    }

    /// A text of four characters that ends after two has as many bytes as it should have characters.
    #[test]
    fn bytes_count_in_blobs_and_characters_in_all_else() {
        for (ty, length, content, whole) in [
            (OracleType::Clob, 2, "éé", true),
            (OracleType::Clob, 4, "éé", false),
            (OracleType::NClob, 2, "😀", true),
            (OracleType::Json, 4, "😀", false),
            (OracleType::Blob, 4, "éé", true),
            (OracleType::Blob, 2, "éé", false),
        ] {
            let mut reader = Once { columns: [ty.clone()], content: content.as_bytes() };
            let read = whole_lob(StreamedLob { id: 0, length }, 0, &mut reader);
            assert_eq!(read.is_ok(), whole, "{ty} of {length}: {content}");
        }
    }
}
