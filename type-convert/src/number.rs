use std::{fmt, str::FromStr};

/// An Oracle NUMBER in its own base-100 byte form, held inline.
///
/// The bytes of two numbers compare as the numbers do, and one number has one form only, so
/// `Eq`, `Ord` and `Hash` are those of the bytes.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Number {
    // Bytes past `len` are always zero, so the derived order is that of the slices: no form is
    // a prefix of another that it should follow.
    bytes: [u8; 22],
    len: u8,
}

/// Text or bytes that are no NUMBER.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("not an Oracle NUMBER: {reason}")]
pub struct NumberError {
    reason: &'static str,
}

impl Number {
    /// Zero.
    pub const ZERO: Number =
        Number { bytes: [0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0], len: 1 };

    /// Oracle's own byte form (as in redo, `DUMP` and `HEXTORAW`), checked whole.
    pub fn from_bytes(_bytes: &[u8]) -> Result<Self, NumberError> {
        todo!()
    }

    /// The byte form, 1 to 22 bytes.
    pub fn as_bytes(&self) -> &[u8] {
        &self.bytes[..usize::from(self.len)]
    }
}

impl From<i64> for Number {
    fn from(_value: i64) -> Self {
        todo!()
    }
}

/// Reads decimal text: sign, digits, one point, exponent (`1.5E+10`, `.5`, `-.5`, `~`, `-~`).
/// More than 40 significant digits are an error, never rounded.
impl FromStr for Number {
    type Err = NumberError;

    fn from_str(_s: &str) -> Result<Self, Self::Err> {
        todo!()
    }
}

/// Plain decimal text without exponent and without superfluous zeros: `-12.5`, `0.001`, `100`.
impl fmt::Display for Number {
    fn fmt(&self, _f: &mut fmt::Formatter<'_>) -> fmt::Result {
        todo!()
    }
}

impl fmt::Debug for Number {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}
