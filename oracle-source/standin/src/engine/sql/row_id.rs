//! Extended ROWIDs: 18 base-64 characters for data object (6), relative file (3), block (6) and row (3).

use super::ora;
use crate::OraError;

const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/// The value of a base-64 character; 255 for others, after all.
pub(crate) fn digit(byte: u8) -> u8 {
    match byte {
        b'A'..=b'Z' => byte - b'A',
        b'a'..=b'z' => byte - b'a' + 26,
        b'0'..=b'9' => byte - b'0' + 52,
        b'+' => 62,
        b'/' => 63,
        _ => 255,
    }
}

pub(crate) fn is_valid(text: &str) -> bool {
    text.len() == 18 && text.bytes().all(|b| digit(b) < 64)
}

/// The parts of a ROWID.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct RowIdParts {
    pub(crate) object: u64,
    pub(crate) file: u64,
    pub(crate) block: u64,
    pub(crate) row: u64,
}

fn encode(out: &mut String, value: u64, digits: u32) {
    for i in (0..digits).rev() {
        let index = usize::try_from(value >> (6 * i) & 63).unwrap_or(0);
        out.push(char::from(DIGITS[index]));
    }
}

fn decode(text: &str) -> u64 {
    text.bytes().fold(0, |value, b| value << 6 | u64::from(digit(b) & 63))
}

impl RowIdParts {
    /// ORA-01410 for what is no ROWID.
    pub(crate) fn parse(text: &str) -> Result<Self, OraError> {
        if !is_valid(text) {
            return Err(ora(1410, "invalid ROWID"));
        }
        Ok(RowIdParts {
            object: decode(&text[..6]),
            file: decode(&text[6..9]),
            block: decode(&text[9..15]),
            row: decode(&text[15..]),
        })
    }

    pub(crate) fn text(&self) -> String {
        let mut out = String::with_capacity(18);
        encode(&mut out, self.object, 6);
        encode(&mut out, self.file, 3);
        encode(&mut out, self.block, 6);
        encode(&mut out, self.row, 3);
        out
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_go_both_ways() {
        let text = "AAAWsGAAHAAAAFmAAA";
        let parts = RowIdParts::parse(text).unwrap();
        assert_eq!((parts.file, parts.block, parts.row), (7, 358, 0));
        assert_eq!(parts.text(), text);
        assert!(RowIdParts::parse("AAAWsGAAHAAAAFmAA").is_err());
        assert!(RowIdParts::parse("AAAWsGAAHAAAAFmAA?").is_err());
    }
}
