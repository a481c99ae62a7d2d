//! Oracle's VECTOR (23ai): read from its binary image or its text, written for PostgreSQL.
//!
//! # The image
//! What thin drivers and OSON carry; integers are big-endian.
//!
//! | bytes | |
//! |---|---|
//! | 1 | `0xDB` |
//! | 1 | version: 0, 1 (BINARY known) or 2 (sparse known) |
//! | 2 | flags: `0x0002` a norm is stored, `0x0004` without a known meaning, `0x0010` there is room for one, `0x0020` sparse; others are refused |
//! | 1 | format: 2 FLOAT32, 3 FLOAT64, 4 INT8, 5 BINARY |
//! | 4 | dimensions, of BINARY counted in bits |
//! | 8 | the norm, where one of the first two flags is set; not used here |
//! | 2 + 4 × n | sparse only: how many elements are stored, and their positions, counted from 0 |
//! | rest | the elements: numbers as [`binary_float`] has them, INT8 as it is, BINARY eight a byte |
//!
//! # What stands behind it
//! No live server: the code of Oracle's own drivers (python-oracledb, node-oracledb) and an image taken from a 23ai server.
//! That positions count from 0, in images and in text, is what ODP.NET's documentation says and what a published run on
//! 23ai shows (`[16,[4,6],[7,9]]` as dense is `[0,0,0,0,7,0,9,…]`); examples in Oracle's AI Vector Search guide count
//! from 1. A position that equals the number of dimensions is therefore an error here, not a last element.

use crate::{
    ascii_buffer::AsciiBuffer,
    binary_float,
    transcode::{double_bytes, single_bytes},
};
use bytes::{BufMut, BytesMut};
use std::{
    borrow::Cow,
    fmt::{self, Write as _},
};

/// Most dimensions of an Oracle VECTOR; of BINARY 65 528.
pub const MAX_DIMENSIONS: usize = 65_535;
/// Most dimensions of pgvector's `vector`.
pub const MAX_PGVECTOR_DIMENSIONS: usize = 16_000;

const MAGIC: u8 = 0xdb;
const FLAG_NORM: u16 = 0x0002;
/// Set by servers; no driver asks for it.
const FLAG_UNUSED: u16 = 0x0004;
const FLAG_ROOM_FOR_NORM: u16 = 0x0010;
const FLAG_SPARSE: u16 = 0x0020;
const FLOAT4_OID: u32 = 700;
const FLOAT8_OID: u32 = 701;

/// What the dimensions of a VECTOR are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum VectorFormat {
    /// IEEE 754 single precision.
    Float32,
    /// IEEE 754 double precision.
    Float64,
    /// −128 to 127.
    Int8,
    /// Bits, eight to a byte.
    Binary,
}

/// One VECTOR, borrowed from its image or owned where it was read from text.
///
/// ```
/// use bytes::BytesMut;
/// use type_convert::vector::{Vector, VectorFormat};
///
/// let vector = Vector::parse("[1.0E+000,-2.5,3]", VectorFormat::Float32)?;
/// let mut field = BytesMut::new();
/// vector.append_pgvector(&mut field)?;
/// assert_eq!(field[..8], [0, 3, 0, 0, 0x3f, 0x80, 0, 0]);
/// assert_eq!(vector.to_string(), "[1,-2.5,3]");
/// # Ok::<_, type_convert::vector::VectorError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Vector<'a> {
    format: VectorFormat,
    /// Numbers of a dense vector; of BINARY bits.
    dimensions: usize,
    /// As the image has them, `format.width()` bytes each.
    values: Cow<'a, [u8]>,
    /// Of a sparse vector: 4 bytes each, ascending and less than `dimensions`; as many as values.
    positions: Option<Cow<'a, [u8]>>,
}

/// One number of a [`Vector`].
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
pub enum VectorElement {
    /// Of a FLOAT32 vector.
    Float32(f32),
    /// Of a FLOAT64 vector.
    Float64(f64),
    /// Of an INT8 vector.
    Int8(i8),
    /// Eight dimensions of a BINARY vector.
    Bits(u8),
}

/// Bytes or text that are no VECTOR, or a VECTOR that the target cannot hold.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("VECTOR: {reason}")]
pub struct VectorError {
    kind: VectorErrorKind,
    reason: &'static str,
}

/// What kind of [`VectorError`] it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum VectorErrorKind {
    /// Not an image or a text of a VECTOR.
    Malformed,
    /// An image that is not known how to read.
    Unsupported,
    /// None, or more dimensions than the target has.
    Dimensions,
    /// NaN or infinity, which pgvector refuses.
    NotFinite,
    /// A number beyond the range of the target's or the format's numbers.
    Overflow,
    /// Bits, where the target has numbers; or numbers, where it has bits.
    Format,
}

impl VectorError {
    fn new(kind: VectorErrorKind, reason: &'static str) -> Self {
        VectorError { kind, reason }
    }

    fn malformed(reason: &'static str) -> Self {
        VectorError::new(VectorErrorKind::Malformed, reason)
    }

    /// What kind of error it is.
    pub fn kind(&self) -> VectorErrorKind {
        self.kind
    }

    pub(crate) fn reason(&self) -> &'static str {
        self.reason
    }
}

/// As DDL has it: `FLOAT32`.
impl fmt::Display for VectorFormat {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            VectorFormat::Float32 => "FLOAT32",
            VectorFormat::Float64 => "FLOAT64",
            VectorFormat::Int8 => "INT8",
            VectorFormat::Binary => "BINARY",
        })
    }
}

impl VectorFormat {
    /// Bytes of a stored element.
    fn width(self) -> usize {
        match self {
            VectorFormat::Float32 => 4,
            VectorFormat::Float64 => 8,
            VectorFormat::Int8 | VectorFormat::Binary => 1,
        }
    }

    fn zero(self) -> VectorElement {
        match self {
            VectorFormat::Float32 => VectorElement::Float32(0.0),
            VectorFormat::Float64 => VectorElement::Float64(0.0),
            VectorFormat::Int8 => VectorElement::Int8(0),
            VectorFormat::Binary => VectorElement::Bits(0),
        }
    }

    /// An element of `width` bytes.
    fn element(self, bytes: &[u8]) -> VectorElement {
        match (self, bytes) {
            (VectorFormat::Float32, &[a, b, c, d]) => {
                VectorElement::Float32(binary_float::float_from_bytes([a, b, c, d]))
            }
            (VectorFormat::Float64, &[a, b, c, d, e, f, g, h]) => {
                VectorElement::Float64(binary_float::double_from_bytes([a, b, c, d, e, f, g, h]))
            }
            (VectorFormat::Int8, &[byte]) => VectorElement::Int8(byte.cast_signed()),
            (VectorFormat::Binary, &[byte]) => VectorElement::Bits(byte),
            // Elements are cut to `width` bytes.
            _ => self.zero(),
        }
    }
}

impl VectorElement {
    /// The number, exactly.
    fn as_f64(self) -> f64 {
        match self {
            VectorElement::Float32(n) => n.into(),
            VectorElement::Float64(n) => n,
            VectorElement::Int8(n) => n.into(),
            VectorElement::Bits(n) => n.into(),
        }
    }

    /// The nearest `real`, and whether it is the number.
    fn as_f32(self) -> Result<(f32, bool), VectorError> {
        match self {
            VectorElement::Float32(n) => Ok((n, true)),
            VectorElement::Float64(n) => {
                #[expect(clippy::cast_possible_truncation, reason = "rounded to the nearest; checked below")]
                let nearest = n as f32;
                if nearest.is_infinite() && n.is_finite() {
                    return Err(VectorError::new(VectorErrorKind::Overflow, "a number beyond the range of real"));
                }
                Ok((nearest, n.is_nan() || f64::from(nearest) == n))
            }
            VectorElement::Int8(n) => Ok((n.into(), true)),
            VectorElement::Bits(n) => Ok((n.into(), true)),
        }
    }
}

impl<'a> Vector<'a> {
    /// Reads a whole image; bytes that are left over are an error.
    pub fn from_bytes(image: &'a [u8]) -> Result<Self, VectorError> {
        let short = || VectorError::malformed("the image ends too early");
        let (header, rest) = image.split_first_chunk::<9>().ok_or_else(short)?;
        let &[magic, version, flags_high, flags_low, format, d3, d2, d1, d0] = header;
        if magic != MAGIC {
            return Err(VectorError::malformed("the image does not begin with 0xDB"));
        }
        let unsupported = |reason| VectorError::new(VectorErrorKind::Unsupported, reason);
        if version > 2 {
            return Err(unsupported("a version of the image above 2"));
        }
        let flags = u16::from_be_bytes([flags_high, flags_low]);
        if flags & !(FLAG_NORM | FLAG_UNUSED | FLAG_ROOM_FOR_NORM | FLAG_SPARSE) != 0 {
            return Err(unsupported("an unknown flag in the image"));
        }
        let format = match format {
            2 => VectorFormat::Float32,
            3 => VectorFormat::Float64,
            4 => VectorFormat::Int8,
            5 => VectorFormat::Binary,
            _ => return Err(unsupported("an unknown format of the elements")),
        };
        let dimensions = u32::from_be_bytes([d3, d2, d1, d0]);
        let dimensions = usize::try_from(dimensions).ok().filter(|n| *n <= MAX_DIMENSIONS);
        let dimensions =
            dimensions.ok_or(VectorError::new(VectorErrorKind::Dimensions, "more than 65535 dimensions"))?;
        let norm = if flags & (FLAG_NORM | FLAG_ROOM_FOR_NORM) == 0 { 0 } else { 8 };
        let rest = rest.get(norm..).ok_or_else(short)?;
        if flags & FLAG_SPARSE != 0 {
            if format == VectorFormat::Binary {
                return Err(unsupported("a sparse vector of bits"));
            }
            let (count, rest) = rest.split_first_chunk().ok_or_else(short)?;
            let count = usize::from(u16::from_be_bytes(*count));
            let (positions, values) = rest.split_at_checked(4 * count).ok_or_else(short)?;
            check_length(values, count * format.width())?;
            return Self::sparse(format, dimensions, positions.into(), values.into());
        }
        if format == VectorFormat::Binary && !dimensions.is_multiple_of(8) {
            return Err(VectorError::malformed("dimensions of bits that do not fill their bytes"));
        }
        let stored = if format == VectorFormat::Binary { dimensions / 8 } else { dimensions * format.width() };
        check_length(rest, stored)?;
        Ok(Vector { format, dimensions, values: rest.into(), positions: None })
    }

    /// Reads what `FROM_VECTOR` and `VECTOR_SERIALIZE` give, of a vector of this format: `[1.0E+000,-2.5,3]`, or sparse
    /// `[5,[1,3],[1.5,2.5]]` (dimensions, positions counted from 0, elements). Numbers of BINARY are bytes.
    ///
    /// NaN and infinity are an error: how Oracle writes them here is not documented.
    pub fn parse(text: &str, format: VectorFormat) -> Result<Vector<'static>, VectorError> {
        let shape = || VectorError::malformed("not [number,…] and not [dimensions,[position,…],[number,…]]");
        let inner = text.trim().strip_prefix('[').and_then(|t| t.strip_suffix(']')).ok_or_else(shape)?;
        let Some((dimensions, rest)) = inner.split_once('[') else {
            let values = parse_values(inner, format)?;
            let stored = values.len() / format.width();
            let dimensions = if format == VectorFormat::Binary { 8 * stored } else { stored };
            return Ok(Vector { format, dimensions, values: values.into(), positions: None });
        };
        if format == VectorFormat::Binary {
            return Err(VectorError::new(VectorErrorKind::Unsupported, "a sparse vector of bits"));
        }
        let dimensions = dimensions.trim().strip_suffix(',').ok_or_else(shape)?;
        let dimensions: usize = digits(dimensions.trim()).ok_or_else(shape)?;
        if dimensions > MAX_DIMENSIONS {
            return Err(VectorError::new(VectorErrorKind::Dimensions, "more than 65535 dimensions"));
        }
        let (listed, rest) = rest.split_once(']').ok_or_else(shape)?;
        let rest = rest.trim_start().strip_prefix(',').ok_or_else(shape)?.trim();
        let values = parse_values(rest.strip_prefix('[').and_then(|t| t.strip_suffix(']')).ok_or_else(shape)?, format)?;
        let mut positions = Vec::new();
        for position in items(listed) {
            let position: u32 = digits(position).ok_or_else(shape)?;
            positions.extend_from_slice(&position.to_be_bytes());
        }
        Vector::sparse(format, dimensions, positions.into(), values.into())
    }

    /// What the elements are.
    pub fn format(&self) -> VectorFormat {
        self.format
    }

    /// How many dimensions there are, those that a sparse vector leaves out included; at most [`MAX_DIMENSIONS`].
    pub fn dimensions(&self) -> usize {
        self.dimensions
    }

    /// Whether only some of the elements are stored, and the others are 0.
    pub fn is_sparse(&self) -> bool {
        self.positions.is_some()
    }

    /// All elements in order, with the zeros that a sparse vector leaves out; of BINARY its bytes.
    pub fn elements(&self) -> impl Iterator<Item = VectorElement> + '_ {
        let mut stored = self.stored().peekable();
        let count = if self.format == VectorFormat::Binary { self.dimensions / 8 } else { self.dimensions };
        (0..count).map(move |at| match stored.next_if(|(position, _)| *position == at) {
            Some((_, element)) => element,
            None => self.format.zero(),
        })
    }

    /// The elements that are stored, with their positions from 0; of BINARY its bytes.
    pub fn stored(&self) -> impl Iterator<Item = (usize, VectorElement)> + '_ {
        self.values.chunks_exact(self.format.width()).enumerate().map(|(at, bytes)| {
            let position = match &self.positions {
                Some(positions) => position(positions, at),
                None => at,
            };
            (position, self.format.element(bytes))
        })
    }

    /// Appends the body of a `real[]`, one-dimensional with lower bound 1. Returns whether every number was kept
    /// exactly; of a FLOAT64 vector the nearest are written where it was not.
    ///
    /// BINARY is an error of kind [`Format`](VectorErrorKind::Format), a FLOAT64 beyond the range of `real` one of kind
    /// [`Overflow`](VectorErrorKind::Overflow); nothing is appended then.
    pub fn append_real_array(&self, out: &mut BytesMut) -> Result<bool, VectorError> {
        let start = out.len();
        self.put_array_header(FLOAT4_OID, out)?;
        let mut exact = true;
        for element in self.elements() {
            let (number, kept) = element.as_f32().inspect_err(|_| out.truncate(start))?;
            exact &= kept;
            out.put_u32(4);
            out.put_slice(&single_bytes(number));
        }
        Ok(exact)
    }

    /// Appends the body of a `double precision[]`, one-dimensional with lower bound 1. Every number is kept exactly.
    ///
    /// BINARY is an error of kind [`Format`](VectorErrorKind::Format); nothing is appended then.
    pub fn append_double_array(&self, out: &mut BytesMut) -> Result<(), VectorError> {
        self.put_array_header(FLOAT8_OID, out)?;
        for element in self.elements() {
            out.put_u32(8);
            out.put_slice(&double_bytes(element.as_f64()));
        }
        Ok(())
    }

    /// Appends the body of pgvector's `vector`: the dimensions and a zero as `int16`, then each element as `float4`.
    /// Returns whether every number was kept exactly; of a FLOAT64 vector the nearest are written where it was not.
    ///
    /// What pgvector refuses is an error, and nothing is appended: no dimension or more than
    /// [`MAX_PGVECTOR_DIMENSIONS`], NaN and infinity. So is BINARY, for which PostgreSQL has `bit(n)`, and a FLOAT64
    /// beyond the range of `real`.
    pub fn append_pgvector(&self, out: &mut BytesMut) -> Result<bool, VectorError> {
        self.check_numbers()?;
        let dimensions = Some(self.dimensions).filter(|n| (1..=MAX_PGVECTOR_DIMENSIONS).contains(n));
        let dimensions = dimensions
            .and_then(|n| i16::try_from(n).ok())
            .ok_or(VectorError::new(VectorErrorKind::Dimensions, "pgvector has 1 to 16000 dimensions"))?;
        let start = out.len();
        out.put_i16(dimensions);
        out.put_i16(0);
        let mut exact = true;
        for element in self.elements() {
            let (number, kept) = element.as_f32().inspect_err(|_| out.truncate(start))?;
            if !number.is_finite() {
                out.truncate(start);
                return Err(VectorError::new(VectorErrorKind::NotFinite, "pgvector has neither NaN nor infinity"));
            }
            exact &= kept;
            out.put_f32(number);
        }
        Ok(exact)
    }

    /// Appends the body of a `bit(n)` from a BINARY vector, its bytes as they are; any other format is an error of kind
    /// [`Format`](VectorErrorKind::Format).
    pub fn append_bit(&self, out: &mut BytesMut) -> Result<(), VectorError> {
        if self.format != VectorFormat::Binary {
            return Err(VectorError::new(VectorErrorKind::Format, "numbers, where the target has bits"));
        }
        out.put_u32(small(self.dimensions));
        out.put_slice(&self.values);
        Ok(())
    }

    fn put_array_header(&self, oid: u32, out: &mut BytesMut) -> Result<(), VectorError> {
        self.check_numbers()?;
        out.put_u32(u32::from(self.dimensions > 0));
        out.put_u32(0);
        out.put_u32(oid);
        if self.dimensions > 0 {
            out.put_u32(small(self.dimensions));
            out.put_u32(1);
        }
        Ok(())
    }

    fn check_numbers(&self) -> Result<(), VectorError> {
        match self.format {
            VectorFormat::Binary => {
                Err(VectorError::new(VectorErrorKind::Format, "bits, where the target has numbers"))
            }
            _ => Ok(()),
        }
    }

    /// Brings the positions into order.
    fn sparse(
        format: VectorFormat,
        dimensions: usize,
        positions: Cow<'a, [u8]>,
        values: Cow<'a, [u8]>,
    ) -> Result<Self, VectorError> {
        let (count, width) = (positions.len() / 4, format.width());
        if values.len() / width != count {
            return Err(VectorError::malformed("not as many positions as elements"));
        }
        let ascending = (1..count).all(|at| position(&positions, at - 1) < position(&positions, at));
        let (positions, values) = if ascending {
            (positions, values)
        } else {
            let mut pairs: Vec<_> = positions.chunks_exact(4).zip(values.chunks_exact(width)).collect();
            // The bytes of positions sort as the positions do.
            pairs.sort_by_key(|(position, _)| *position);
            if pairs.windows(2).any(|pair| pair[0].0 == pair[1].0) {
                return Err(VectorError::malformed("a position twice"));
            }
            let (positions, values): (Vec<_>, Vec<_>) = pairs.into_iter().unzip();
            (positions.concat().into(), values.concat().into())
        };
        if count > 0 && position(&positions, count - 1) >= dimensions {
            return Err(VectorError::malformed("a position that the vector does not have"));
        }
        Ok(Vector { format, dimensions, values, positions: Some(positions) })
    }
}

/// All elements, in the fewest digits that give the same number again: `[1,-2.5,3]`, as pgvector reads it. Of a sparse
/// vector too; of BINARY its bytes, as Oracle writes them. Not-a-numbers are `NaN`, `Infinity` and `-Infinity`.
impl std::fmt::Display for Vector<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_char('[')?;
        for (at, element) in self.elements().enumerate() {
            if at > 0 {
                f.write_char(',')?;
            }
            match element.as_f64() {
                n if n.is_nan() => f.write_str("NaN")?,
                n if n.is_infinite() => f.write_str(if n > 0.0 { "Infinity" } else { "-Infinity" })?,
                _ => f.write_str(element.digits().as_str())?,
            }
        }
        f.write_char(']')
    }
}

impl VectorElement {
    /// Of a finite number the fewest digits that give it again, with an exponent where there would be many zeros.
    pub(crate) fn digits(self) -> ShortestDigits {
        match self {
            VectorElement::Float32(n) => ShortestDigits::of(n),
            VectorElement::Float64(n) => ShortestDigits::of(n),
            VectorElement::Int8(n) => ShortestDigits::of(n),
            VectorElement::Bits(n) => ShortestDigits::of(n),
        }
    }
}

/// Text of a number, `1` and not `1.0`.
pub(crate) struct ShortestDigits(AsciiBuffer<32>);

impl ShortestDigits {
    fn of(number: impl std::fmt::Debug) -> Self {
        let mut text = AsciiBuffer::new();
        // 24 bytes are the most that a double has.
        let _ = write!(text, "{number:?}");
        ShortestDigits(text)
    }

    pub(crate) fn as_str(&self) -> &str {
        let text = self.0.as_str();
        text.strip_suffix(".0").unwrap_or(text)
    }
}

fn check_length(values: &[u8], expected: usize) -> Result<(), VectorError> {
    if values.len() == expected {
        Ok(())
    } else {
        Err(VectorError::malformed("not as many bytes as the dimensions need"))
    }
}

fn position(positions: &[u8], at: usize) -> usize {
    let bytes = positions.get(4 * at..).and_then(|rest| rest.first_chunk());
    bytes.and_then(|bytes| usize::try_from(u32::from_be_bytes(*bytes)).ok()).unwrap_or(usize::MAX)
}

/// Of a number of dimensions, which is at most [`MAX_DIMENSIONS`].
fn small(dimensions: usize) -> u32 {
    u32::try_from(dimensions).unwrap_or_default()
}

fn items(list: &str) -> impl Iterator<Item = &str> {
    let list = list.trim();
    list.split(',').map(str::trim).filter(move |_| !list.is_empty())
}

/// A number without sign.
fn digits<T: std::str::FromStr>(text: &str) -> Option<T> {
    text.bytes().all(|b| b.is_ascii_digit()).then(|| text.parse().ok()).flatten()
}

/// The elements of a list as the image has them.
fn parse_values(list: &str, format: VectorFormat) -> Result<Vec<u8>, VectorError> {
    let mut values = Vec::new();
    let most = if format == VectorFormat::Binary { MAX_DIMENSIONS / 8 } else { MAX_DIMENSIONS };
    for (at, item) in items(list).enumerate() {
        if at == most {
            return Err(VectorError::new(VectorErrorKind::Dimensions, "more than 65535 dimensions"));
        }
        if !item.bytes().all(|b| matches!(b, b'0'..=b'9' | b'+' | b'-' | b'.' | b'e' | b'E')) {
            return Err(VectorError::malformed("an element that is no number"));
        }
        let number: f64 = item.parse().map_err(|_| VectorError::malformed("an element that is no number"))?;
        let overflow = || VectorError::new(VectorErrorKind::Overflow, "an element beyond the range of its format");
        match format {
            VectorFormat::Float32 => {
                // Read as what it is: by way of a double it could be rounded twice.
                let number: f32 = item.parse().map_err(|_| VectorError::malformed("an element that is no number"))?;
                let finite = Some(number).filter(|n| n.is_finite()).ok_or_else(overflow)?;
                values.extend_from_slice(&binary_float::ordered_float(finite));
            }
            VectorFormat::Float64 => {
                let finite = Some(number).filter(|n| n.is_finite()).ok_or_else(overflow)?;
                values.extend_from_slice(&binary_float::ordered_double(finite));
            }
            VectorFormat::Int8 => {
                let whole = (-128..=127_i8).find(|n| f64::from(*n) == number).ok_or_else(overflow)?;
                values.push(whole.cast_unsigned());
            }
            VectorFormat::Binary => {
                values.push((0..=255_u8).find(|n| f64::from(*n) == number).ok_or_else(overflow)?);
            }
        }
    }
    Ok(values)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::iter::repeat_n;

    /// From a 23ai server, by the tests of seerdb: `TO_VECTOR('[1.5, 2.5, 3.5]')`.
    const SERVER_IMAGE: [u8; 29] = [
        0xdb, 0, 0, 0x16, 2, 0, 0, 0, 3, 0xc0, 0x12, 0x38, 0x8a, 0xc0, 0x05, 0x9c, 0x28, 0xbf, 0xc0, 0, 0, 0xc0, 0x20,
        0, 0, 0xc0, 0x60, 0, 0,
    ];

    fn kind<T: std::fmt::Debug>(result: Result<T, VectorError>) -> VectorErrorKind {
        result.unwrap_err().kind()
    }

    fn body(append: impl FnOnce(&mut BytesMut)) -> Vec<u8> {
        let mut out = BytesMut::from(&b"before"[..]);
        append(&mut out);
        assert_eq!(&out[..6], b"before");
        out[6..].to_vec()
    }

    #[test]
    fn images() {
        let vector = Vector::from_bytes(&SERVER_IMAGE).unwrap();
        assert_eq!((vector.format(), vector.dimensions(), vector.is_sparse()), (VectorFormat::Float32, 3, false));
        assert_eq!(vector.to_string(), "[1.5,2.5,3.5]");
        for (image, text) in [
            (&[0xdb, 0, 0, 0, 4, 0, 0, 0, 3, 1, 0x80, 0xff][..], "[1,-128,-1]"),
            (&[0xdb, 0, 0, 0, 3, 0, 0, 0, 1, 0x3f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff], "[-2]"),
            (&[0xdb, 1, 0, 0x10, 5, 0, 0, 0, 16, 9, 9, 9, 9, 9, 9, 9, 9, 0xa5, 0x3c], "[165,60]"),
            (&[0xdb, 2, 0, 0x20, 4, 0, 0, 0, 5, 0, 2, 0, 0, 0, 1, 0, 0, 0, 4, 7, 9], "[0,7,0,0,9]"),
            // The positions in no order.
            (&[0xdb, 2, 0, 0x20, 4, 0, 0, 0, 5, 0, 2, 0, 0, 0, 4, 0, 0, 0, 1, 9, 7], "[0,7,0,0,9]"),
            (&[0xdb, 2, 0, 0x20, 2, 0, 0, 0, 3, 0, 0], "[0,0,0]"),
            (&[0xdb, 0, 0, 0, 2, 0, 0, 0, 0], "[]"),
        ] {
            assert_eq!(Vector::from_bytes(image).unwrap().to_string(), text, "{image:?}");
        }
    }

    #[test]
    fn refused_images() {
        use VectorErrorKind::{Dimensions, Malformed, Unsupported};
        for length in 0..SERVER_IMAGE.len() {
            assert_eq!(kind(Vector::from_bytes(&SERVER_IMAGE[..length])), Malformed, "{length}");
        }
        for (image, expected) in [
            (&[0xdc, 0, 0, 0, 4, 0, 0, 0, 1, 1][..], Malformed),
            (&[0xdb, 0, 0, 0, 4, 0, 0, 0, 1, 1, 1], Malformed),
            (&[0xdb, 3, 0, 0, 4, 0, 0, 0, 1, 1], Unsupported),
            (&[0xdb, 0, 1, 0, 4, 0, 0, 0, 1, 1], Unsupported),
            (&[0xdb, 0, 0, 0, 1, 0, 0, 0, 1, 1], Unsupported),
            (&[0xdb, 0, 0, 0, 2, 0xff, 0xff, 0xff, 0xff], Dimensions),
            (&[0xdb, 0, 0, 0, 5, 0, 0, 0, 9, 1, 1], Malformed),
            (&[0xdb, 2, 0, 0x20, 5, 0, 0, 0, 8, 0, 0], Unsupported),
            // A position beyond, one twice, more than there are.
            (&[0xdb, 2, 0, 0x20, 4, 0, 0, 0, 5, 0, 1, 0, 0, 0, 5, 7], Malformed),
            (&[0xdb, 2, 0, 0x20, 4, 0, 0, 0, 5, 0, 2, 0, 0, 0, 1, 0, 0, 0, 1, 7, 9], Malformed),
            (&[0xdb, 2, 0, 0x20, 4, 0, 0, 0, 5, 0xff, 0xff, 0, 0, 0, 1, 7], Malformed),
        ] {
            assert_eq!(kind(Vector::from_bytes(image)), expected, "{image:?}");
        }
    }

    /// The examples of Oracle's SQL reference, FROM_VECTOR and VECTOR_SERIALIZE, among others.
    #[test]
    fn texts() {
        use VectorFormat::{Binary, Float32, Float64, Int8};
        for (text, format, again) in [
            ("[1.0E+000,2.0E+000,3.0E+000]", Float32, "[1,2,3]"),
            ("[1.10000002E+000,2.20000005E+000,3.29999995E+000]", Float32, "[1.1,2.2,3.3]"),
            ("[1.10000002E+000]", Float64, "[1.10000002]"),
            ("[1.0E+000,-2.5,3]", Float64, "[1,-2.5,3]"),
            ("[5.0E-324,1.7976931348623157E+308]", Float64, "[5e-324,1.7976931348623157e308]"),
            ("[5,[2,4],[1.0E+000,2.0E+000]]", Float64, "[0,0,1,0,2]"),
            ("[16,[4,6],[7,9]]", Int8, "[0,0,0,0,7,0,9,0,0,0,0,0,0,0,0,0]"),
            (" [ 5 , [ 1 , 3 ] , [ 1.5 , 2.5 ] ] ", Float32, "[0,1.5,0,2.5,0]"),
            ("[3,[],[]]", Int8, "[0,0,0]"),
            ("[]", Float32, "[]"),
            ("[-128,127,1.0E+001]", Int8, "[-128,127,10]"),
            ("[0,255]", Binary, "[0,255]"),
            ("[-0.0]", Float32, "[-0]"),
        ] {
            assert_eq!(Vector::parse(text, format).unwrap().to_string(), again, "{text}");
        }
        assert_eq!(Vector::parse("[1,2]", Binary).unwrap().dimensions(), 16);
    }

    #[test]
    fn refused_texts() {
        use VectorErrorKind::{Dimensions, Malformed, Overflow, Unsupported};
        use VectorFormat::{Binary, Float32, Float64, Int8};
        for (text, format, expected) in [
            ("", Float32, Malformed),
            ("1,2", Float32, Malformed),
            ("[1,2", Float32, Malformed),
            ("[1,,2]", Float32, Malformed),
            ("[1,2,]", Float32, Malformed),
            ("[NaN]", Float32, Malformed),
            ("[inf]", Float64, Malformed),
            ("[1e]", Float64, Malformed),
            ("[3,[1],[1,2]]", Float32, Malformed),
            ("[3,[3],[1]]", Float32, Malformed),
            ("[3,[-1],[1]]", Float32, Malformed),
            ("[[1],[1]]", Float32, Malformed),
            ("[3,[1],[1]", Float32, Malformed),
            ("[3,[1][1]]", Float32, Malformed),
            ("[4294967296,[1],[1]]", Float32, Dimensions),
            ("[8,[1],[1]]", Binary, Unsupported),
            ("[1e39]", Float32, Overflow),
            ("[1e309]", Float64, Overflow),
            ("[128]", Int8, Overflow),
            ("[1.5]", Int8, Overflow),
            ("[256]", Binary, Overflow),
        ] {
            assert_eq!(kind(Vector::parse(text, format)), expected, "{text}");
        }
        let long = format!("[{}0]", "0,".repeat(MAX_DIMENSIONS));
        assert_eq!(kind(Vector::parse(&long, Int8)), Dimensions);
        assert_eq!(Vector::parse(&long.replacen("0,", "", 1), Int8).unwrap().dimensions(), MAX_DIMENSIONS);
    }

    #[test]
    fn arrays() {
        let vector = Vector::from_bytes(&SERVER_IMAGE).unwrap();
        let header = |oid: u8, count: u8| [0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 2, oid, 0, 0, 0, count, 0, 0, 0, 1];
        let real = body(|out| assert_eq!(vector.append_real_array(out), Ok(true)));
        assert_eq!(real[..20], header(0xbc, 3));
        assert_eq!(real[20..28], [0, 0, 0, 4, 0x3f, 0xc0, 0, 0]);
        assert_eq!(real.len(), 20 + 3 * 8);
        let double = body(|out| assert_eq!(vector.append_double_array(out), Ok(())));
        assert_eq!(double[..20], header(0xbd, 3));
        assert_eq!(double[20..32], [0, 0, 0, 8, 0x3f, 0xf8, 0, 0, 0, 0, 0, 0]);
        assert_eq!(double.len(), 20 + 3 * 12);
        let pgvector = body(|out| assert_eq!(vector.append_pgvector(out), Ok(true)));
        assert_eq!(pgvector, [0, 3, 0, 0, 0x3f, 0xc0, 0, 0, 0x40, 0x20, 0, 0, 0x40, 0x60, 0, 0]);
        let empty = Vector::parse("[]", VectorFormat::Float32).unwrap();
        let real = body(|out| assert_eq!(empty.append_real_array(out), Ok(true)));
        assert_eq!(real, [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2, 0xbc]);
    }

    #[test]
    fn losses_and_limits() {
        use VectorErrorKind::{Dimensions, Format, NotFinite, Overflow};
        let double = |text: &str| Vector::parse(text, VectorFormat::Float64).unwrap();
        assert_eq!(double("[0.5,16777216]").append_real_array(&mut BytesMut::new()), Ok(true));
        assert_eq!(double("[0.1]").append_real_array(&mut BytesMut::new()), Ok(false));
        assert_eq!(double("[16777217]").append_pgvector(&mut BytesMut::new()), Ok(false));
        let nothing = |vector: &Vector<'_>, append: fn(&Vector<'_>, &mut BytesMut) -> VectorErrorKind| {
            let mut kind = None;
            assert!(body(|out| kind = Some(append(vector, out))).is_empty());
            kind.unwrap()
        };
        let real = |v: &Vector<'_>, out: &mut BytesMut| kind(v.append_real_array(out));
        let pgvector = |v: &Vector<'_>, out: &mut BytesMut| kind(v.append_pgvector(out));
        assert_eq!(nothing(&double("[1,1e300]"), real), Overflow);
        assert_eq!(nothing(&double("[1,1e300]"), pgvector), Overflow);
        assert_eq!(nothing(&double("[]"), pgvector), Dimensions);
        let zeros = |n: usize| Vector::parse(&format!("[{n},[],[]]"), VectorFormat::Float32).unwrap();
        assert_eq!(zeros(16_000).append_pgvector(&mut BytesMut::new()), Ok(true));
        assert_eq!(nothing(&zeros(16_001), pgvector), Dimensions);
        for special in [f32::NAN, f32::INFINITY, f32::NEG_INFINITY] {
            let mut image = vec![0xdb, 0, 0, 0, 2, 0, 0, 0, 2, 0xbf, 0x80, 0, 0];
            image.extend(binary_float::float_to_bytes(special));
            let vector = Vector::from_bytes(&image).unwrap();
            assert_eq!(nothing(&vector, pgvector), NotFinite);
            let array = body(|out| assert_eq!(vector.append_real_array(out), Ok(true)));
            assert_eq!(array[32..], special.to_be_bytes());
        }
        let bits = Vector::parse("[165,60]", VectorFormat::Binary).unwrap();
        assert_eq!(nothing(&bits, real), Format);
        assert_eq!(nothing(&bits, pgvector), Format);
        assert_eq!(nothing(&bits, |v, out| kind(v.append_double_array(out))), Format);
        assert_eq!(body(|out| bits.append_bit(out).unwrap()), [0, 0, 0, 16, 0xa5, 0x3c]);
        assert_eq!(nothing(&double("[1]"), |v, out| kind(v.append_bit(out))), Format);
    }

    /// Oracle's own text, `1.10000002E+000`.
    fn oracle_text(number: f64, digits: usize) -> String {
        let text = format!("{number:.digits$e}");
        let (mantissa, exponent) = text.split_once('e').unwrap();
        let exponent: i32 = exponent.parse().unwrap();
        format!("{mantissa}E{}{:03}", if exponent < 0 { '-' } else { '+' }, exponent.abs())
    }

    proptest! {
        #[test]
        fn floats(numbers in prop::collection::vec(any::<f32>(), 0..20), sparse: bool) {
            let stored: Vec<u8> = numbers.iter().copied().flat_map(binary_float::ordered_float).collect();
            let count = u8::try_from(numbers.len()).unwrap();
            let mut image = vec![0xdb, 2, 0, if sparse { 0x32 } else { 0x12 }, 2, 0, 0, 0];
            image.push(if sparse { 2 * count } else { count });
            image.extend([0xff; 8]);
            if sparse {
                image.extend([0, count]);
                (0..count).for_each(|at| image.extend([0, 0, 0, 2 * at]));
            }
            image.extend(stored);
            let vector = Vector::from_bytes(&image).unwrap();
            let expected: Vec<f32> =
                if sparse { numbers.iter().flat_map(|n| [*n, 0.0]).collect() } else { numbers.clone() };
            let elements: Vec<VectorElement> = vector.elements().collect();
            prop_assert_eq!(elements, expected.iter().copied().map(VectorElement::Float32).collect::<Vec<_>>());
            if numbers.iter().all(|n| n.is_finite()) {
                prop_assert_eq!(&Vector::parse(&vector.to_string(), VectorFormat::Float32).unwrap().to_string(), &vector.to_string());
                let text: Vec<String> = expected.iter().map(|n| oracle_text((*n).into(), 8)).collect();
                let again = Vector::parse(&format!("[{}]", text.join(",")), VectorFormat::Float32).unwrap();
                prop_assert!(again.elements().eq(vector.elements()));
            }
        }

        #[test]
        fn doubles(numbers in prop::collection::vec(any::<f64>().prop_filter("finite", |n| n.is_finite()), 0..20)) {
            let text: Vec<String> = numbers.iter().map(|n| oracle_text(*n, 16)).collect();
            let vector = Vector::parse(&format!("[{}]", text.join(",")), VectorFormat::Float64).unwrap();
            let elements: Vec<VectorElement> = vector.elements().collect();
            prop_assert_eq!(elements, numbers.iter().copied().map(VectorElement::Float64).collect::<Vec<_>>());
            let mut out = BytesMut::new();
            vector.append_double_array(&mut out).unwrap();
            let header = if numbers.is_empty() { 12 } else { 20 };
            let written: Vec<f64> =
                out[header..].chunks_exact(12).map(|e| f64::from_be_bytes(e[4..].try_into().unwrap())).collect();
            prop_assert_eq!(written, numbers);
        }

        #[test]
        fn any_bytes(head in prop::collection::vec(any::<u8>(), 0..30), flags in 0..64_u8, format in 2..6_u8) {
            let image: Vec<u8> = [0xdb, 2, 0, flags, format, 0, 0, 0].into_iter().chain(head).collect();
            if let Ok(vector) = Vector::from_bytes(&image) {
                let count = vector.elements().count();
                prop_assert_eq!(vector.dimensions(), if format == 5 { 8 * count } else { count });
                prop_assert!(vector.stored().count() <= count);
            }
        }

        #[test]
        fn any_text(text in "[\\[\\],0-9.eE+ -]{0,30}") {
            for format in [VectorFormat::Float32, VectorFormat::Float64, VectorFormat::Int8, VectorFormat::Binary] {
                if let Ok(vector) = Vector::parse(&text, format) {
                    let again = Vector::parse(&vector.to_string(), format).unwrap();
                    prop_assert!(again.elements().eq(vector.elements()));
                }
            }
        }
    }

    #[test]
    fn sparse_vectors_are_no_larger_than_the_longest() {
        let mut image = vec![0xdb, 2, 0, 0x20, 4, 0, 0, 0xff, 0xff, 0, 1, 0, 0, 0xff, 0xfe, 1];
        let vector = Vector::from_bytes(&image).unwrap();
        assert!(vector.elements().eq(repeat_n(0, 65_534).chain([1]).map(VectorElement::Int8)));
        image[6] = 1;
        assert_eq!(kind(Vector::from_bytes(&image)), VectorErrorKind::Dimensions);
    }
}
