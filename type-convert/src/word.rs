//! Eight bytes at a time.

/// 1 in each byte of a word.
pub(crate) const ONES: u64 = 0x0101_0101_0101_0101;
pub(crate) const HIGH_BITS: u64 = ONES * 0x80;

/// Bits that are set where a byte is 0 or not ASCII; perhaps more where there are any. No borrow matters: it comes from a byte that is 0.
#[inline(always)]
pub(crate) fn unusual(word: u64) -> u64 {
    (word.wrapping_sub(ONES) | word) & HIGH_BITS
}
