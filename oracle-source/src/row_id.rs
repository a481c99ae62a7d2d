use std::{fmt, str::FromStr};

/// An extended ROWID: data object number, block address, row. The order is that of its parts, as Oracle compares ROWIDs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct RowId {
    data_object: u32,
    /// In a smallfile tablespace 10 bits of relative file number and 22 bits of block; in a bigfile one 32 bits of block.
    block_address: u32,
    row: u16,
}

/// A text that is no ROWID.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct RowIdError;

impl fmt::Display for RowIdError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a ROWID has 18 characters of A-Z, a-z, 0-9, + and /")
    }
}

const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
const BLOCK_BITS: u32 = 22;
/// `RELATIVE_FNO` of the one file of a bigfile tablespace.
const BIGFILE: u32 = 1024;

impl RowId {
    /// The first row that a block can have.
    pub(crate) fn of_block(data_object: u32, relative_file: u32, block: u32) -> Self {
        let block_address = if relative_file == BIGFILE {
            block
        } else {
            (relative_file << BLOCK_BITS) | (block & ((1 << BLOCK_BITS) - 1))
        };
        RowId { data_object, block_address, row: 0 }
    }

    /// The same `blocks` further on.
    pub(crate) fn block_after(self, blocks: u64) -> Self {
        let blocks = u32::try_from(blocks).unwrap_or(u32::MAX);
        RowId { block_address: self.block_address.saturating_add(blocks), ..self }
    }
}

/// 18 characters: 6 of data object, 3 of file, 6 of block, 3 of row, in base 64.
impl fmt::Display for RowId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let file = self.block_address >> BLOCK_BITS;
        let block = self.block_address & ((1 << BLOCK_BITS) - 1);
        for (part, digits) in [(self.data_object, 6), (file, 3), (block, 6), (u32::from(self.row), 3)] {
            for digit in (0..digits).rev() {
                let shift = 6 * digit;
                let bits = if shift < 32 { (part >> shift) & 63 } else { 0 };
                write!(f, "{}", char::from(DIGITS[bits as usize]))?;
            }
        }
        Ok(())
    }
}

impl FromStr for RowId {
    type Err = RowIdError;

    fn from_str(text: &str) -> Result<Self, RowIdError> {
        if text.len() != 18 {
            return Err(RowIdError);
        }
        let part = |from: usize, to: usize| {
            text.as_bytes()[from..to].iter().try_fold(0_u64, |part, byte| {
                let digit = DIGITS.iter().position(|d| d == byte).ok_or(RowIdError)?;
                Ok((part << 6) | digit as u64)
            })
        };
        let narrow =
            |n: u64, bits: u32| if n < 1 << bits { u32::try_from(n).map_err(|_| RowIdError) } else { Err(RowIdError) };
        let (file, block) = (narrow(part(6, 9)?, 10)?, narrow(part(9, 15)?, BLOCK_BITS)?);
        Ok(RowId {
            data_object: narrow(part(0, 6)?, 32)?,
            block_address: (file << BLOCK_BITS) | block,
            row: u16::try_from(part(15, 18)?).map_err(|_| RowIdError)?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn known_texts() {
        // Oracle's SQL reference and the DBMS_ROWID examples: AAAAaoAATAAABrXAAA is object 1704, file 19, block 6871, row 0.
        let row_id: RowId = "AAAAaoAATAAABrXAAA".parse().unwrap();
        assert_eq!(row_id, RowId::of_block(1704, 19, 6871));
        assert_eq!(row_id.to_string(), "AAAAaoAATAAABrXAAA");
        for bad in [
            "",
            "AAAAaoAATAAABrXAA",
            "AAAAaoAATAAABrXAA*",
            "AAAAao//TAAABrXAAA",
            "AAAAaoAATAAABrX///",
            "äAAAaoAATAAABrXAA",
        ] {
            assert_eq!(bad.parse::<RowId>(), Err(RowIdError), "{bad}");
        }
    }

    proptest! {
        #[test]
        fn text_and_back(data_object: u32, block_address: u32, row: u16) {
            let row_id = RowId { data_object, block_address, row };
            prop_assert_eq!(row_id.to_string().parse::<RowId>().unwrap(), row_id);
        }
    }
}
