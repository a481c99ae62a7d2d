//! OSON, Oracle's binary JSON (21c and later), to JSON text.
//!
//! The type JSON is stored as OSON; thin drivers, redo and `BLOB … FORMAT OSON` hand it over as it is.
//!
//! # The text
//! What `JSON_SERIALIZE` prints, without blanks; members in the order in which the image has them (not that of the
//! text it was made from), and as often: what has a key twice keeps it twice.
//!
//! | in the image | text |
//! |---|---|
//! | null, true, false, array, object | as they are |
//! | string, key | escaped where JSON must: `"`, `\`, U+0000 to U+001F. U+0000 becomes `\u0000`, which `jsonb` refuses and `json` takes |
//! | NUMBER (of all integer and decimal kinds) | all digits, without exponent: `-12.5`; ±∞ `"Inf"`, `"-Inf"` |
//! | number kept as text | as it is, where it is a JSON number; otherwise an error |
//! | BINARY_FLOAT, BINARY_DOUBLE | the fewest digits that give it again: `12.5`, `1.0`, `1e300`; `"Nan"`, `"Inf"`, `"-Inf"` |
//! | DATE | `"2024-02-29T23:59:59"` |
//! | TIMESTAMP | the same; with six digits of fraction, or nine where it needs them, unless it is 0: `"2024-01-02T03:04:05.500000"` |
//! | TIMESTAMP WITH TIME ZONE | local time, always with a fraction, and offset: `"2024-01-02T03:04:05.500000-05:30"`, `"…05.000000Z"` |
//! | INTERVAL YEAR TO MONTH | `"P2Y3M"`, `"-P1M"`, `"P0Y"` |
//! | INTERVAL DAY TO SECOND | `"P10DT5H30M2.123000S"`, `"-PT1M"`, `"P0D"`; the fraction as of a TIMESTAMP |
//! | binary, ID | hexadecimal digits in upper case: `"DEADBEEF"` |
//! | VECTOR | an array of its numbers, zeros that a sparse one leaves out included: `[1.5,2.5]`; of BINARY its bytes |
//!
//! # Refused
//! A date before Christ (which year ISO 8601 means by it is not what Oracle counts), a time zone region instead of an
//! offset, and whatever is not wholly understood: an unknown version, flag or kind of value, bytes left over, a string
//! that is not UTF-8.
//!
//! # Bounds
//! Identical values may be one node that many point at, so a small image can stand for a long text. Work is bounded by
//! the length of the text, as every node visited writes at least a byte of it: [`to_json`] stops at 1 GiB, which
//! PostgreSQL cannot hold in a field anyway, [`to_json_within`] where the caller says. Containers are at most
//! [`MAX_DEPTH`] deep, as in Oracle itself, so offsets that lead back to a container above are an error; there is no
//! recursion. Nothing is allocated but `out`, except for containers more than 16 deep (64 KiB at most), for an image
//! that was updated in place (what its own table of updates takes) and for a sparse VECTOR whose positions are out of
//! order (its size).
//!
//! # What stands behind it
//! No live server. The layout is that of Oracle's own drivers' code: python-oracledb and node-oracledb (versions 1 and
//! 3), the open-source Java library of `oracle.sql.json` and go-oracledb (versions 2 and 4 too, which are 1 and 3
//! updated in place). Images that other projects took from 21c and 23ai servers are among the tests, none of them
//! updated in place. For the text, oracle-nio's tests, measured on 23ai, give strings, numbers, DATE, TIMESTAMP WITH
//! TIME ZONE, negative intervals and binary values; the rest (`Z`, `"Nan"`, zero intervals, years and months) is the
//! Java library's. How a server writes floating-point numbers and VECTOR is not known; their values are kept all the
//! same.
//!
//! Relative offsets of 2 bytes are read differently by these drivers where an image is larger than 64 KiB; an offset of
//! which they would make different nodes is refused.

use crate::{
    DateTime, DateTimeError, IntervalDs, IntervalYm, Number, UtcOffset,
    ascii_buffer::AsciiBuffer,
    binary_float, hexadecimal,
    vector::{Vector, VectorElement},
};
use std::{fmt::Write as _, ops::Range};

#[cfg(test)]
mod tests;

/// Most containers inside each other, the outermost included.
pub const MAX_DEPTH: usize = 1024;

/// PostgreSQL's limit of a field, more than which no text can be used.
const MAX_TEXT: usize = 1 << 30;
/// Most times that an updated node is found to have moved on; each update needs one.
const MAX_MOVES: usize = 64;

const FLAG_RELATIVE_OFFSETS: u16 = 0x0001;
const FLAG_INLINE_LEAF: u16 = 0x0002;
const FLAG_NAME_COUNT_4: u16 = 0x0008;
const FLAG_SCALAR: u16 = 0x0010;
const FLAG_NAME_HASH_1: u16 = 0x0100;
const FLAG_NAME_COUNT_2: u16 = 0x0400;
const FLAG_NAME_HEAP_4: u16 = 0x0800;
const FLAG_TREE_SIZE_4: u16 = 0x1000;
/// A hash of two bytes, which nothing writes, and a bit without a meaning.
const FLAGS_REFUSED: u16 = 0x0280;
/// In the second flags and in the flags of an update.
const FLAG_OFFSETS_2: u16 = 0x0100;

/// Of a container: offsets have 4 bytes.
const NODE_OFFSETS_4: u8 = 0x20;
const NODE_COUNT_BITS: u8 = 0x18;
/// The keys are those of another object.
const NODE_KEYS_ELSEWHERE: u8 = 0x18;

/// An image that is not OSON, or not wholly understood.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("OSON at byte {offset}: {reason}")]
pub struct OsonError {
    kind: OsonErrorKind,
    offset: usize,
    reason: &'static str,
}

/// What kind of [`OsonError`] it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum OsonErrorKind {
    /// Not OSON, or broken.
    Malformed,
    /// Valid as far as can be told, but with something in it that this module refuses.
    Unsupported,
    /// Containers are nested deeper than [`MAX_DEPTH`], or lead back to themselves.
    TooDeep,
    /// The text is longer than allowed.
    TooLong,
}

impl OsonError {
    /// What kind of error it is.
    pub fn kind(&self) -> OsonErrorKind {
        self.kind
    }

    /// Where in the image, in bytes from its beginning; of a value where it begins.
    pub fn offset(&self) -> usize {
        self.offset
    }

    fn malformed(offset: usize, reason: &'static str) -> Self {
        OsonError { kind: OsonErrorKind::Malformed, offset, reason }
    }

    fn unsupported(offset: usize, reason: &'static str) -> Self {
        OsonError { kind: OsonErrorKind::Unsupported, offset, reason }
    }
}

/// Appends the JSON text of a whole image. After an error `out` is as it was before.
///
/// ```
/// let image = b"\xffJZ\x01\x21\x06\x01\x00\x02\x00\x08\x00\x00\x2c\x00\x00\x01a\x84\x01\x01\x00\x05\x21\xc1\x02";
/// let mut text = Vec::new();
/// type_convert::oson::to_json(image, &mut text)?;
/// assert_eq!(text, br#"{"a":1}"#);
/// # Ok::<_, type_convert::oson::OsonError>(())
/// ```
pub fn to_json(image: &[u8], out: &mut Vec<u8>) -> Result<(), OsonError> {
    to_json_within(image, MAX_TEXT, out)
}

/// As [`to_json`], with a text of at most `most` bytes.
pub fn to_json_within(image: &[u8], most: usize, out: &mut Vec<u8>) -> Result<(), OsonError> {
    let start = out.len();
    let image = Image::open(image)?;
    let mut text = Text { out, end: start.saturating_add(most), image: &image };
    let written = text.tree(image.tree.start);
    written.inspect_err(|_| out.truncate(start))
}

/// An image whose header has been read.
struct Image<'a> {
    bytes: &'a [u8],
    relative_offsets: bool,
    /// Bytes of a key's number; 0 where there are no containers.
    id_width: usize,
    short_names: Names,
    long_names: Names,
    tree: Range<usize>,
    /// Where updates put what did not fit in its old place; empty where there are none.
    extension: Range<usize>,
    /// From offsets in the tree to offsets in the extension, in order.
    moved: Vec<(usize, usize)>,
}

/// Names of one length class. Keys are numbered from 1, the short ones first.
#[derive(Default)]
struct Names {
    count: usize,
    /// Offsets of the names in the heap.
    offsets: Range<usize>,
    heap: Range<usize>,
    /// Bytes of a name's length: 1 or 2.
    length_width: usize,
}

/// An array or object.
#[derive(Clone, Copy, Default)]
struct Container {
    /// Where its node begins.
    at: usize,
    /// Of an object: its keys.
    ids: Option<usize>,
    count: usize,
    offsets: usize,
    offset_width: usize,
    /// How many members have their text.
    written: usize,
}

/// The containers around the present node.
#[derive(Default)]
struct Open {
    depth: usize,
    /// Those that most documents do with, which are not allocated.
    outer: [Container; 16],
    inner: Vec<Container>,
}

impl Open {
    fn push(&mut self, container: Container) -> Result<(), OsonError> {
        if self.depth == MAX_DEPTH {
            let reason = "containers more than 1024 deep, or that lead back to themselves";
            return Err(OsonError { kind: OsonErrorKind::TooDeep, offset: container.at, reason });
        }
        match self.outer.get_mut(self.depth) {
            Some(slot) => *slot = container,
            None => {
                self.inner.truncate(self.depth - self.outer.len());
                self.inner.push(container);
            }
        }
        self.depth += 1;
        Ok(())
    }

    fn last_mut(&mut self) -> Option<&mut Container> {
        let last = self.depth.checked_sub(1)?;
        match last.checked_sub(self.outer.len()) {
            None => self.outer.get_mut(last),
            Some(index) => self.inner.get_mut(index),
        }
    }
}

impl<'a> Image<'a> {
    fn open(bytes: &'a [u8]) -> Result<Self, OsonError> {
        let mut header = Header { bytes, at: 0 };
        if header.take(3)? != b"\xffJZ" {
            return Err(OsonError::malformed(0, "it does not begin with FF 4A 5A"));
        }
        let version = header.number(1)?;
        if !(1..=4).contains(&version) {
            return Err(OsonError::unsupported(3, "a version other than 1 to 4"));
        }
        let flags = header.flags()?;
        if flags & FLAGS_REFUSED != 0 {
            return Err(OsonError::unsupported(4, "an unknown flag"));
        }
        if flags & FLAG_INLINE_LEAF == 0 {
            return Err(OsonError::unsupported(4, "values outside of the tree"));
        }
        let width = |flag| if flags & flag == 0 { 2 } else { 4 };
        let mut image = Image {
            bytes,
            relative_offsets: flags & FLAG_RELATIVE_OFFSETS != 0,
            id_width: 0,
            short_names: Names::default(),
            long_names: Names::default(),
            tree: 0..0,
            extension: 0..0,
            moved: Vec::new(),
        };
        let tree_size;
        if flags & FLAG_SCALAR != 0 {
            tree_size = header.number(width(FLAG_TREE_SIZE_4))?;
        } else {
            image.id_width = match flags {
                _ if flags & FLAG_NAME_COUNT_4 != 0 => 4,
                _ if flags & FLAG_NAME_COUNT_2 != 0 => 2,
                _ => 1,
            };
            let count = header.number(image.id_width)?;
            let heap_size = header.number(width(FLAG_NAME_HEAP_4))?;
            let (mut long_count, mut long_heap_size, mut long_flags) = (0, 0, 0);
            if version >= 3 {
                let at = header.at;
                long_flags = header.flags()?;
                if long_flags & !FLAG_OFFSETS_2 != 0 {
                    return Err(OsonError::unsupported(at, "an unknown flag"));
                }
                long_count = header.number(4)?;
                long_heap_size = header.number(4)?;
            }
            tree_size = header.number(width(FLAG_TREE_SIZE_4))?;
            // How many tiny nodes there are, which only an update wants to know.
            header.number(2)?;
            if count > 0 && flags & FLAG_NAME_HASH_1 == 0 {
                return Err(OsonError::unsupported(4, "hashes of names of more than a byte"));
            }
            image.short_names = header.names(count, 1, width(FLAG_NAME_HEAP_4), heap_size)?;
            let long_width = if long_flags & FLAG_OFFSETS_2 == 0 { 4 } else { 2 };
            image.long_names = header.names(long_count, 2, long_width, long_heap_size)?;
        }
        image.tree = header.range(tree_size)?;
        if header.at < bytes.len() {
            if version != 2 && version != 4 {
                return Err(OsonError::malformed(header.at, "bytes after the end"));
            }
            image.open_updates(&mut header)?;
        }
        Ok(image)
    }

    /// What follows the tree of an image that was updated in place.
    fn open_updates(&mut self, header: &mut Header<'a>) -> Result<(), OsonError> {
        let at = header.at;
        let flags = header.flags()?;
        let count = header.number(2)?;
        if flags & !FLAG_OFFSETS_2 != 0 || header.number(4)? != 0 {
            return Err(OsonError::unsupported(at, "an unknown flag of an update"));
        }
        let (map_size, extension_size) = (header.number(4)?, header.number(4)?);
        // There may be room left in the map.
        let map = header.range(map_size)?;
        self.extension = header.range(extension_size)?;
        if header.at < self.bytes.len() {
            return Err(OsonError::malformed(header.at, "bytes after the end"));
        }
        let width = if flags & FLAG_OFFSETS_2 == 0 { 4 } else { 2 };
        let mut map = Header { bytes: &self.bytes[..map.end], at: map.start };
        // The table lies in the image, so there is no more to reserve than it has bytes.
        for _ in 0..count {
            let from_to = (map.number(width)?, map.number(width)?);
            self.moved.push(from_to);
        }
        self.moved.sort_unstable();
        if self.moved.windows(2).any(|pair| pair[0].0 == pair[1].0) {
            return Err(OsonError::malformed(at, "a node moved to two places"));
        }
        Ok(())
    }

    /// The bytes from `at` on that lie in the same part of the tree; none outside of it.
    fn node_bytes(&self, at: usize) -> &'a [u8] {
        let part = [&self.tree, &self.extension].into_iter().find(|part| part.contains(&at));
        part.map_or(&[], |part| &self.bytes[at..part.end])
    }

    /// A big-endian number of a node.
    fn number(&self, at: usize, width: usize) -> Result<usize, OsonError> {
        let bytes = self.node_bytes(at).get(..width);
        bytes.map(big_endian).ok_or(OsonError::malformed(at, "a value that ends after its part of the tree"))
    }

    fn tree_offset(&self, offset: usize, at: usize) -> Result<usize, OsonError> {
        let position = self.tree.start.checked_add(offset).filter(|position| !self.node_bytes(*position).is_empty());
        position.ok_or(OsonError::malformed(at, "an offset outside of the tree"))
    }

    /// Where a node is now, and its first byte.
    fn settled(&self, mut at: usize) -> Result<(usize, u8), OsonError> {
        for _ in 0..MAX_MOVES {
            let Some(&kind) = self.node_bytes(at).first() else {
                return Err(OsonError::malformed(at, "a node outside of the tree"));
            };
            let forward = match kind {
                0x76 => self.number(at + 1, 2)?,
                0x77 => self.number(at + 1, 4)?,
                // An object whose keys others use keeps its place and says by two bits that it moved.
                _ if kind == 0x75 || kind & 0xc3 == 0x83 => self.moved_to(at)?,
                _ => return Ok((at, kind)),
            };
            if forward >= self.extension.len() {
                return Err(OsonError::malformed(at, "a node moved to nowhere"));
            }
            at = self.extension.start + forward;
        }
        Err(OsonError::malformed(at, "a node that moved too often"))
    }

    fn moved_to(&self, at: usize) -> Result<usize, OsonError> {
        let offset = at - self.tree.start;
        let found = self.moved.binary_search_by_key(&offset, |(from, _)| *from);
        let found = found.ok().and_then(|index| self.moved.get(index));
        found.map(|(_, to)| *to).ok_or(OsonError::malformed(at, "a moved node without its new place"))
    }

    fn container(&self, at: usize, kind: u8) -> Result<Container, OsonError> {
        let is_object = kind & 0x40 == 0;
        if is_object && self.id_width == 0 {
            return Err(OsonError::malformed(at, "an object in an image without names"));
        }
        let offset_width = if kind & NODE_OFFSETS_4 == 0 { 2 } else { 4 };
        let ids_width = if is_object { self.id_width } else { 0 };
        let (count, ids, offsets) = if kind & NODE_COUNT_BITS == NODE_KEYS_ELSEWHERE {
            if !is_object {
                return Err(OsonError::malformed(at, "an array with keys"));
            }
            let other = self.tree_offset(self.number(at + 1, offset_width)?, at)?;
            let other_kind = u8::try_from(self.number(other, 1)?).unwrap_or_default();
            if other_kind & 0xc0 != 0x80 || other_kind & NODE_COUNT_BITS == NODE_KEYS_ELSEWHERE {
                return Err(OsonError::malformed(at, "keys shared with what has none"));
            }
            let (count, ids) = self.count(other, other_kind)?;
            (count, ids, at + 1 + offset_width)
        } else {
            let (count, ids) = self.count(at, kind)?;
            let ids_size = count.checked_mul(ids_width).and_then(|size| ids.checked_add(size));
            (count, ids, ids_size.ok_or(OsonError::malformed(at, "more members than there are bytes"))?)
        };
        for (table, width) in [(ids, ids_width), (offsets, offset_width)] {
            if count.checked_mul(width).is_none_or(|size| size > self.node_bytes(table).len()) {
                return Err(OsonError::malformed(at, "more members than there are bytes"));
            }
        }
        Ok(Container { at, ids: is_object.then_some(ids), count, offsets, offset_width, written: 0 })
    }

    /// How many members there are, and where what follows begins.
    fn count(&self, at: usize, kind: u8) -> Result<(usize, usize), OsonError> {
        let width = match kind & NODE_COUNT_BITS {
            0x00 => 1,
            0x08 => 2,
            _ => 4,
        };
        Ok((self.number(at + 1, width)?, at + 1 + width))
    }

    fn child(&self, container: &Container, index: usize) -> Result<usize, OsonError> {
        let Container { at, offset_width, .. } = *container;
        let offset = self.number(container.offsets + index * offset_width, offset_width)?;
        if !self.relative_offsets {
            return self.tree_offset(offset, at);
        }
        let from = at - self.tree.start;
        let modulus = 1_u64 << (8 * offset_width);
        let (from, offset) = (from as u64, offset as u64);
        let unsigned = from + offset;
        let signed = unsigned.checked_sub(if offset < modulus / 2 { 0 } else { modulus });
        // The same node in every way of reading that leads to one at all.
        let mut found = None;
        for offset in [Some(unsigned), signed, Some(unsigned % modulus)].into_iter().flatten() {
            let position = usize::try_from(offset).ok().and_then(|offset| self.tree_offset(offset, at).ok());
            if position.is_some() && found.is_some() && position != found {
                return Err(OsonError::unsupported(at, "a relative offset that can be read in two ways"));
            }
            found = found.or(position);
        }
        found.ok_or(OsonError::malformed(at, "an offset outside of the tree"))
    }

    fn name(&self, id: usize, at: usize) -> Result<&'a [u8], OsonError> {
        let unknown = || OsonError::malformed(at, "a key without a name");
        let index = id.checked_sub(1).ok_or_else(unknown)?;
        let (names, index) = match index.checked_sub(self.short_names.count) {
            None => (&self.short_names, index),
            Some(index) if index < self.long_names.count => (&self.long_names, index),
            Some(_) => return Err(unknown()),
        };
        let heap = &self.bytes[names.heap.clone()];
        let width = names.offsets.len() / names.count;
        let offset = big_endian(&self.bytes[names.offsets.start + index * width..][..width]);
        let name = heap.get(offset..).and_then(|rest| rest.split_at_checked(names.length_width));
        let name = name.and_then(|(length, rest)| rest.get(..big_endian(length)));
        name.ok_or(OsonError::malformed(names.heap.start, "a name that ends after the names"))
    }
}

/// Reads from the beginning on.
struct Header<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl<'a> Header<'a> {
    fn take(&mut self, size: usize) -> Result<&'a [u8], OsonError> {
        Ok(&self.bytes[self.range(size)?])
    }

    fn range(&mut self, size: usize) -> Result<Range<usize>, OsonError> {
        let end = self.at.checked_add(size).filter(|end| *end <= self.bytes.len());
        let range = self.at..end.ok_or(OsonError::malformed(self.at, "the image ends too early"))?;
        self.at = range.end;
        Ok(range)
    }

    fn number(&mut self, width: usize) -> Result<usize, OsonError> {
        Ok(big_endian(self.take(width)?))
    }

    fn flags(&mut self) -> Result<u16, OsonError> {
        Ok(u16::try_from(self.number(2)?).unwrap_or_default())
    }

    /// Hashes, offsets, heap.
    fn names(
        &mut self,
        count: usize,
        length_width: usize,
        offset_width: usize,
        heap_size: usize,
    ) -> Result<Names, OsonError> {
        let many = || OsonError::malformed(self.at, "more names than there are bytes");
        let hashes = count.checked_mul(length_width).ok_or_else(many)?;
        let offsets = count.checked_mul(offset_width).ok_or_else(many)?;
        self.range(hashes)?;
        Ok(Names { count, offsets: self.range(offsets)?, heap: self.range(heap_size)?, length_width })
    }
}

/// At most 4 bytes.
fn big_endian(bytes: &[u8]) -> usize {
    bytes.iter().fold(0, |number, byte| number << 8 | usize::from(*byte))
}

/// Where the text goes.
struct Text<'o, 'i> {
    out: &'o mut Vec<u8>,
    end: usize,
    image: &'i Image<'i>,
}

impl<'i> Text<'_, 'i> {
    /// The node at `at` and all below it.
    fn tree(&mut self, mut at: usize) -> Result<(), OsonError> {
        let image = self.image;
        let mut open = Open::default();
        loop {
            let (node, kind) = image.settled(at)?;
            if kind & 0x80 == 0 {
                self.scalar(node, kind)?;
            } else {
                let container = image.container(node, kind)?;
                self.put(node, if container.ids.is_some() { b"{" } else { b"[" })?;
                open.push(container)?;
            }
            at = loop {
                let Some(last) = open.last_mut() else { return Ok(()) };
                let (container, index) = (*last, last.written);
                last.written += 1;
                if index < container.count {
                    self.key(&container, index)?;
                    break image.child(&container, index)?;
                }
                self.put(container.at, if container.ids.is_some() { b"}" } else { b"]" })?;
                open.depth -= 1;
            };
        }
    }

    /// What precedes a member.
    fn key(&mut self, container: &Container, index: usize) -> Result<(), OsonError> {
        let (image, at) = (self.image, container.at);
        if index > 0 {
            self.put(at, b",")?;
        }
        if let Some(ids) = container.ids {
            let id = image.number(ids + index * image.id_width, image.id_width)?;
            self.string(at, image.name(id, at)?)?;
            self.put(at, b":")?;
        }
        Ok(())
    }

    fn scalar(&mut self, at: usize, kind: u8) -> Result<(), OsonError> {
        let low = usize::from(kind & 0x0f);
        match kind {
            0x00..=0x1f => {
                let string = self.bytes(at, 1, usize::from(kind))?;
                self.string(at, string)
            }
            0x33 | 0x37 | 0x38 => {
                let width = if kind == 0x33 {
                    1
                } else if kind == 0x37 {
                    2
                } else {
                    4
                };
                let string = self.prefixed(at, 1, width)?;
                self.string(at, string)
            }
            0x30 => self.put(at, b"null"),
            0x31 => self.put(at, b"true"),
            0x32 => self.put(at, b"false"),
            0x20..=0x2f | 0x60..=0x6f => self.oracle_number(at, 1, low + 1),
            0x40..=0x47 | 0x50..=0x5f => self.oracle_number(at, 1, low),
            0x34 | 0x74 => {
                let length = self.image.number(at + 1, 1)?;
                self.oracle_number(at, 2, length)
            }
            0x35 => {
                let digits = self.prefixed(at, 1, 1)?;
                if !is_json_number(digits) {
                    return Err(OsonError::malformed(at, "a number as text that is no JSON number"));
                }
                self.put(at, digits)
            }
            0x36 => {
                let number = binary_float::double_from_bytes(self.array(at)?);
                self.float(at, number, number)
            }
            0x7f => {
                let number = binary_float::float_from_bytes(self.array(at)?);
                self.float(at, number.into(), number)
            }
            0x3c | 0x7d => {
                let date = self.bytes(at, 1, 7)?;
                self.date_time(at, DateTime::from_bytes(date), None)
            }
            0x39 => {
                let timestamp = self.bytes(at, 1, 11)?;
                self.date_time(at, DateTime::from_bytes(timestamp), None)
            }
            0x7c => {
                let bytes = self.bytes(at, 1, 13)?;
                if bytes[11] & 0x80 != 0 {
                    return Err(OsonError::unsupported(at, "a time zone region instead of an offset"));
                }
                let (local, offset) = DateTime::from_timestamp_tz_bytes(bytes).map_err(|e| date_error(at, &e))?;
                self.date_time(at, Ok(local), Some(offset))
            }
            0x3d => {
                let interval = IntervalYm::from_bytes(self.bytes(at, 1, 5)?).map_err(|e| date_error(at, &e))?;
                self.put(at, months_text(interval).as_bytes())
            }
            0x3e => {
                let interval = IntervalDs::from_bytes(self.bytes(at, 1, 11)?).map_err(|e| date_error(at, &e))?;
                self.put(at, duration_text(interval).as_bytes())
            }
            0x3a | 0x3b | 0x7e => {
                let width = if kind == 0x3a {
                    2
                } else if kind == 0x3b {
                    4
                } else {
                    1
                };
                let binary = self.prefixed(at, 1, width)?;
                self.hexadecimal(at, binary)
            }
            0x7b if self.image.number(at + 1, 1)? == 0x01 => {
                let vector = self.prefixed(at, 2, 4)?;
                self.vector(at, vector)
            }
            _ => Err(OsonError::unsupported(at, "an unknown kind of value")),
        }
    }

    fn oracle_number(&mut self, at: usize, skip: usize, length: usize) -> Result<(), OsonError> {
        let number = Number::from_bytes(self.bytes(at, skip, length)?);
        let number = number.map_err(|_| OsonError::malformed(at, "not an Oracle NUMBER"))?;
        if number.is_infinite() {
            return self.put(at, if number == Number::INFINITY { b"\"Inf\"" } else { b"\"-Inf\"" });
        }
        let mut text = AsciiBuffer::<192>::new();
        write!(text, "{number}").map_err(|_| OsonError::malformed(at, "not an Oracle NUMBER"))?;
        self.put(at, text.as_bytes())
    }

    /// `number` and the form of it whose digits are meant.
    fn float(&mut self, at: usize, number: f64, digits: impl std::fmt::Debug) -> Result<(), OsonError> {
        if let Some(name) = not_finite(number) {
            return self.put(at, name);
        }
        let mut text = AsciiBuffer::<32>::new();
        write!(text, "{digits:?}").map_err(|_| OsonError::malformed(at, "not a number"))?;
        self.put(at, text.as_bytes())
    }

    fn date_time(
        &mut self,
        at: usize,
        read: Result<DateTime, DateTimeError>,
        offset: Option<UtcOffset>,
    ) -> Result<(), OsonError> {
        let DateTime { year, month, day, hour, minute, second, nanosecond } = read.map_err(|e| date_error(at, &e))?;
        if year < 1 {
            return Err(OsonError::unsupported(at, "a date before Christ"));
        }
        let mut text = AsciiBuffer::<64>::new();
        let mut write = || {
            write!(text, "\"{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}")?;
            if nanosecond != 0 || offset.is_some() {
                write_fraction(&mut text, nanosecond)?;
            }
            match offset {
                Some(UtcOffset::UTC) => text.write_char('Z')?,
                Some(offset) => write!(text, "{offset}")?,
                None => {}
            }
            text.write_char('"')
        };
        write().map_err(|_| OsonError::malformed(at, "not a date"))?;
        self.put(at, text.as_bytes())
    }

    fn vector(&mut self, at: usize, image: &[u8]) -> Result<(), OsonError> {
        let vector = Vector::from_bytes(image).map_err(|e| OsonError::malformed(at, e.reason()))?;
        self.put(at, b"[")?;
        for (index, element) in vector.elements().enumerate() {
            if index > 0 {
                self.put(at, b",")?;
            }
            let name = match element {
                VectorElement::Float32(n) => not_finite(n.into()),
                VectorElement::Float64(n) => not_finite(n),
                _ => None,
            };
            match name {
                Some(name) => self.put(at, name)?,
                None => self.put(at, element.digits().as_str().as_bytes())?,
            }
        }
        self.put(at, b"]")
    }

    fn hexadecimal(&mut self, at: usize, binary: &[u8]) -> Result<(), OsonError> {
        self.check_room(at, binary.len().saturating_mul(2).saturating_add(2))?;
        self.out.push(b'"');
        self.out.extend(binary.iter().flat_map(|byte| hexadecimal::upper_case(*byte)));
        self.out.push(b'"');
        Ok(())
    }

    fn string(&mut self, at: usize, bytes: &[u8]) -> Result<(), OsonError> {
        if std::str::from_utf8(bytes).is_err() {
            return Err(OsonError::malformed(at, "a string that is not UTF-8"));
        }
        self.put(at, b"\"")?;
        let mut rest = bytes;
        while let Some(plain) = rest.iter().position(|b| matches!(b, b'"' | b'\\' | 0..=0x1f)) {
            self.put(at, &rest[..plain])?;
            let escape: &[u8] = match rest[plain] {
                b'"' => b"\\\"",
                b'\\' => b"\\\\",
                0x08 => b"\\b",
                b'\t' => b"\\t",
                b'\n' => b"\\n",
                0x0c => b"\\f",
                b'\r' => b"\\r",
                control => {
                    let [high, low] = hexadecimal::lower_case(control);
                    &[b'\\', b'u', b'0', b'0', high, low]
                }
            };
            self.put(at, escape)?;
            rest = &rest[plain + 1..];
        }
        self.put(at, rest)?;
        self.put(at, b"\"")
    }

    fn put(&mut self, at: usize, text: &[u8]) -> Result<(), OsonError> {
        self.check_room(at, text.len())?;
        self.out.extend_from_slice(text);
        Ok(())
    }

    fn check_room(&self, at: usize, size: usize) -> Result<(), OsonError> {
        if size <= self.end - self.out.len() {
            return Ok(());
        }
        Err(OsonError { kind: OsonErrorKind::TooLong, offset: at, reason: "the text is longer than allowed" })
    }

    /// `length` bytes of the node at `at` after its first `skip`.
    fn bytes(&self, at: usize, skip: usize, length: usize) -> Result<&'i [u8], OsonError> {
        let bytes = self.image.node_bytes(at).get(skip..).and_then(|rest| rest.get(..length));
        bytes.ok_or(OsonError::malformed(at, "a value that ends after its part of the tree"))
    }

    /// Bytes whose number, of `width` bytes, comes first.
    fn prefixed(&self, at: usize, skip: usize, width: usize) -> Result<&'i [u8], OsonError> {
        let length = self.image.number(at + skip, width)?;
        self.bytes(at, skip + width, length)
    }

    fn array<const N: usize>(&self, at: usize) -> Result<[u8; N], OsonError> {
        let mut array = [0; N];
        array.copy_from_slice(self.bytes(at, 1, N)?);
        Ok(array)
    }
}

fn date_error(at: usize, error: &DateTimeError) -> OsonError {
    OsonError::malformed(at, error.reason())
}

/// What stands for a number that JSON has not.
fn not_finite(number: f64) -> Option<&'static [u8]> {
    match number {
        n if n.is_nan() => Some(b"\"Nan\""),
        f64::INFINITY => Some(b"\"Inf\""),
        f64::NEG_INFINITY => Some(b"\"-Inf\""),
        _ => None,
    }
}

/// Six digits, or nine where the last three are not all 0.
fn write_fraction<const N: usize>(text: &mut AsciiBuffer<N>, nanosecond: u32) -> std::fmt::Result {
    if nanosecond.is_multiple_of(1000) {
        write!(text, ".{:06}", nanosecond / 1000)
    } else {
        write!(text, ".{nanosecond:09}")
    }
}

fn months_text(interval: IntervalYm) -> AsciiBuffer<32> {
    let (years, months) = (interval.months.unsigned_abs() / 12, interval.months.unsigned_abs() % 12);
    let mut text = AsciiBuffer::new();
    let mut write = || {
        text.write_str(if interval.months < 0 { "\"-P" } else { "\"P" })?;
        if years > 0 || months == 0 {
            write!(text, "{years}Y")?;
        }
        if months > 0 {
            write!(text, "{months}M")?;
        }
        text.write_char('"')
    };
    // There is room for the nine digits of the years.
    let _ = write();
    text
}

fn duration_text(interval: IntervalDs) -> AsciiBuffer<64> {
    let (days, nanoseconds) = (interval.days.unsigned_abs(), interval.nanoseconds.unsigned_abs());
    let (seconds, fraction) = (nanoseconds / 1_000_000_000, nanoseconds % 1_000_000_000);
    let (hours, minutes, seconds) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
    let mut text = AsciiBuffer::new();
    let mut write = || {
        let negative = interval.days < 0 || interval.nanoseconds < 0;
        text.write_str(if negative { "\"-P" } else { "\"P" })?;
        if days > 0 || nanoseconds == 0 {
            write!(text, "{days}D")?;
        }
        if nanoseconds > 0 {
            text.write_char('T')?;
        }
        if hours > 0 {
            write!(text, "{hours}H")?;
        }
        if minutes > 0 {
            write!(text, "{minutes}M")?;
        }
        if seconds > 0 || fraction > 0 {
            write!(text, "{seconds}")?;
            if fraction > 0 {
                write_fraction(&mut text, u32::try_from(fraction).unwrap_or_default())?;
            }
            text.write_char('S')?;
        }
        text.write_char('"')
    };
    // There is room for the nine digits of the days.
    let _ = write();
    text
}

/// RFC 8259, section 6.
fn is_json_number(text: &[u8]) -> bool {
    let digits = |text: &[u8]| text.iter().take_while(|b| b.is_ascii_digit()).count();
    let rest = text.strip_prefix(b"-").unwrap_or(text);
    let whole = digits(rest);
    if whole == 0 || (whole > 1 && rest[0] == b'0') {
        return false;
    }
    let mut rest = &rest[whole..];
    if let Some(fraction) = rest.strip_prefix(b".") {
        let length = digits(fraction);
        if length == 0 {
            return false;
        }
        rest = &fraction[length..];
    }
    if let [b'e' | b'E', exponent @ ..] = rest {
        let exponent = exponent.strip_prefix(b"-").or(exponent.strip_prefix(b"+")).unwrap_or(exponent);
        return !exponent.is_empty() && digits(exponent) == exponent.len();
    }
    rest.is_empty()
}
