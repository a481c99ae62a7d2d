//! ROWIDs: `OOOOOOFFFBBBBBBRRR`, object, file, block and row in base 64.
//!
//! Within a segment a row is known by one number, `block * 64 + row`: a block has 64 rows whatever their length.

const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
/// The one data file.
pub(crate) const FILE: i64 = 4;
/// Rows of a block.
pub(crate) const ROWS: i64 = 64;
/// Blocks of an extent.
pub(crate) const EXTENT: i64 = 8;
/// What LogMiner prints where there is no ROWID.
pub(crate) const NONE: &str = "AAAAAAAAAAAAAAAAAA";

fn put(out: &mut String, mut n: i64, digits: u32) {
    for i in (0..digits).rev() {
        let unit = 64i64.pow(i);
        out.push(char::from(DIGITS[(n / unit) as usize & 63]));
        n %= unit;
    }
}

fn get(text: &str) -> Option<i64> {
    text.bytes().try_fold(0i64, |n, b| Some(n * 64 + DIGITS.iter().position(|&d| d == b)? as i64))
}

/// The ROWID of a row of a heap table.
pub(crate) fn physical(data_object: i64, rid: i64) -> String {
    let mut out = String::with_capacity(18);
    put(&mut out, data_object, 6);
    put(&mut out, FILE, 3);
    put(&mut out, rid / ROWS, 6);
    put(&mut out, rid % ROWS, 3);
    out
}

/// The logical ROWID of a row of an index-organised table.
pub(crate) fn logical(rid: i64) -> String {
    let mut out = String::from("*BA");
    put(&mut out, rid, 10);
    out
}

/// A ROWID taken apart. `None` for a text that is none.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Parts {
    pub(crate) data_object: i64,
    pub(crate) file: i64,
    pub(crate) block: i64,
    pub(crate) row: i64,
}

impl Parts {
    pub(crate) fn read(text: &str) -> Option<Parts> {
        let text = text.trim_end();
        if text.len() != 18 || !text.is_ascii() {
            return None;
        }
        Some(Parts {
            data_object: get(&text[..6])?,
            file: get(&text[6..9])?,
            block: get(&text[9..15])?,
            row: get(&text[15..])?,
        })
    }
}

/// The row's number that a logical ROWID holds.
pub(crate) fn read_logical(text: &str) -> Option<i64> {
    get(text.trim_end().strip_prefix("*BA")?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_and_back() {
        let text = physical(73_001, 130 * ROWS + 7);
        assert_eq!(text, "AAAR0pAAEAAAACCAAH");
        assert_eq!(Parts::read(&text), Some(Parts { data_object: 73_001, file: FILE, block: 130, row: 7 }));
        assert_eq!(read_logical(&logical(99_999)), Some(99_999));
        assert_eq!(Parts::read("AAAR0pAAEAAAACCAA!"), None);
    }
}
