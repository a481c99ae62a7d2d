use super::SIGNATURE;
use crate::{Error, ErrorKind, Result};
use bytes::{Buf, Bytes, BytesMut};
use std::ops::Range;

/// Signature, flags, length of the extension.
const HEADER: usize = SIGNATURE.len() + 4 + 4;

/// Rows out of COPY BINARY, wherever its bytes were cut into messages. No I/O.
#[derive(Debug, Default)]
pub struct CopyDecoder {
    buffer: BytesMut,
    state: State,
}

/// One row: its fields in PostgreSQL's binary form. Reused from row to row.
#[derive(Debug, Default)]
pub struct CopyRow {
    bytes: Bytes,
    fields: Vec<Option<Range<usize>>>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
enum State {
    #[default]
    Header,
    Extension(usize),
    Rows,
    Finished,
}

impl CopyRow {
    /// Number of fields.
    pub fn len(&self) -> usize {
        self.fields.len()
    }

    /// Whether there are no fields.
    pub fn is_empty(&self) -> bool {
        self.fields.is_empty()
    }

    /// The bytes of a field, from 0; `None` is NULL.
    ///
    /// # Panics
    /// Where there is no such field.
    pub fn get(&self, field: usize) -> Option<&[u8]> {
        self.fields[field].clone().map(|range| &self.bytes[range])
    }
}

impl CopyDecoder {
    /// A decoder that awaits the header.
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes more bytes of the stream.
    pub fn push(&mut self, bytes: &[u8]) {
        self.buffer.extend_from_slice(bytes);
    }

    /// Reads the next row; `false` where it needs more bytes first, or where the stream [is finished](Self::is_finished).
    /// [`ErrorKind::Malformed`] where the bytes are no COPY BINARY; the decoder is of no more use then.
    pub fn next_row(&mut self, row: &mut CopyRow) -> Result<bool> {
        loop {
            match self.state {
                State::Header if self.buffer.len() < HEADER => return Ok(false),
                State::Header => self.header()?,
                State::Extension(length) if self.buffer.len() < length => return Ok(false),
                State::Extension(length) => {
                    self.buffer.advance(length);
                    self.state = State::Rows;
                }
                State::Rows => return self.row(row),
                State::Finished if self.buffer.is_empty() => return Ok(false),
                State::Finished => return Err(malformed("bytes after the trailer")),
            }
        }
    }

    /// Whether the trailer has been read, and nothing after it.
    pub fn is_finished(&self) -> bool {
        self.state == State::Finished && self.buffer.is_empty()
    }

    fn header(&mut self) -> Result<()> {
        let mut header = self.buffer.split_to(HEADER);
        if header[..SIGNATURE.len()] != *SIGNATURE {
            return Err(malformed("no signature"));
        }
        header.advance(SIGNATURE.len());
        // The upper half holds flags that a reader must know; there are none but "has OIDs" of old servers.
        if header.get_u32() >> 16 != 0 {
            return Err(malformed("unknown critical flags"));
        }
        let extension =
            usize::try_from(header.get_i32()).map_err(|_| malformed("a header extension of negative length"))?;
        self.state = State::Extension(extension);
        Ok(())
    }

    fn row(&mut self, row: &mut CopyRow) -> Result<bool> {
        let Some(count) = self.buffer.first_chunk::<2>() else { return Ok(false) };
        let count = i16::from_be_bytes(*count);
        if count == -1 {
            self.buffer.advance(2);
            self.state = State::Finished;
            return if self.buffer.is_empty() { Ok(false) } else { Err(malformed("bytes after the trailer")) };
        }
        let count = usize::try_from(count).map_err(|_| malformed("a negative number of fields"))?;
        row.fields.clear();
        let mut at = 2;
        for _ in 0..count {
            let Some(length) = self.buffer.get(at..).and_then(|rest| rest.first_chunk::<4>()) else { return Ok(false) };
            at += 4;
            let length = i32::from_be_bytes(*length);
            if length == -1 {
                row.fields.push(None);
                continue;
            }
            let length = usize::try_from(length).map_err(|_| malformed("a field of negative length"))?;
            row.fields.push(Some(at..at + length));
            at += length;
        }
        if self.buffer.len() < at {
            return Ok(false);
        }
        row.bytes = self.buffer.split_to(at).freeze();
        Ok(true)
    }
}

fn malformed(what: &str) -> Error {
    Error::new(ErrorKind::Malformed, format!("not COPY BINARY: {what}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        /// A good stream with some bytes changed, cut anywhere: no panic, and the same rows and verdict as uncut.
        #[test]
        fn damage_is_found_the_same_however_the_stream_is_cut(
            changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..3),
            tail in prop::collection::vec(any::<u8>(), 0..3),
            cut in 1usize..20,
        ) {
            let mut bytes = stream();
            bytes.extend(tail);
            for (at, byte) in changes {
                let at = at.index(bytes.len());
                bytes[at] = byte;
            }
            prop_assert_eq!(decode(&bytes, bytes.len()), decode(&bytes, cut));
        }
    }

    fn decode(bytes: &[u8], cut: usize) -> (Vec<Vec<Option<Vec<u8>>>>, bool) {
        let (mut decoder, mut row, mut rows) = (CopyDecoder::new(), CopyRow::default(), Vec::new());
        for piece in bytes.chunks(cut) {
            decoder.push(piece);
            loop {
                match decoder.next_row(&mut row) {
                    Ok(true) => rows.push((0..row.len()).map(|i| row.get(i).map(<[u8]>::to_vec)).collect()),
                    Ok(false) => break,
                    Err(_) => return (rows, false),
                }
            }
        }
        (rows, decoder.is_finished())
    }

    fn stream() -> Vec<u8> {
        let mut bytes = SIGNATURE.to_vec();
        bytes.extend([0, 0, 0, 0, 0, 0, 0, 2, 9, 9]); // no flags, an extension of two bytes
        bytes.extend([0, 2, 0, 0, 0, 3, b'a', b'b', b'c', 0xff, 0xff, 0xff, 0xff]);
        bytes.extend([0, 1, 0, 0, 0, 0]);
        bytes.extend([0xff, 0xff]);
        bytes
    }

    #[test]
    fn rows_come_out_wherever_the_stream_is_cut() {
        for cut in 1..=stream().len() {
            let (mut decoder, mut row, mut rows) = (CopyDecoder::new(), CopyRow::default(), Vec::new());
            for piece in stream().chunks(cut) {
                decoder.push(piece);
                while decoder.next_row(&mut row).unwrap() {
                    rows.push((0..row.len()).map(|i| row.get(i).map(<[u8]>::to_vec)).collect::<Vec<_>>());
                }
            }
            assert!(decoder.is_finished());
            assert_eq!(rows, [vec![Some(b"abc".to_vec()), None], vec![Some(vec![])]], "cut every {cut} bytes");
        }
    }

    #[test]
    fn what_is_no_copy_binary_is_refused() {
        let header = stream()[..HEADER + 2].to_vec();
        let with = |tail: &[u8]| [&header[..], tail].concat();
        let mut flags = stream();
        flags[SIGNATURE.len()] = 1;
        for bytes in [
            b"PGCOPY\n\xff\r\n\x01\0\0\0\0\0\0\0\0".to_vec(),
            flags,
            with(&[0xff, 0xfe]),
            with(&[0xff, 0xff, 0]),
            with(&[0, 1, 0xff, 0xff, 0xff, 0xfe]),
        ] {
            let mut decoder = CopyDecoder::new();
            decoder.push(&bytes);
            let error = decoder.next_row(&mut CopyRow::default()).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Malformed, "{bytes:?}");
        }
    }
}
