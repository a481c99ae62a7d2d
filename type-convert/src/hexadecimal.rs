//! Bytes as pairs of hexadecimal digits.

/// A byte's two digits as `RAWTOHEX` prints them.
#[inline]
pub(crate) fn upper_case(byte: u8) -> [u8; 2] {
    digits(byte, b"0123456789ABCDEF")
}

/// The same in lower case.
#[inline]
pub(crate) fn lower_case(byte: u8) -> [u8; 2] {
    digits(byte, b"0123456789abcdef")
}

#[inline]
fn digits(byte: u8, of: &[u8; 16]) -> [u8; 2] {
    [of[usize::from(byte >> 4)], of[usize::from(byte & 15)]]
}

/// The byte of two digits in either case.
pub(crate) fn byte(high: u8, low: u8) -> Option<u8> {
    let digit = |digit: u8| char::from(digit).to_digit(16).and_then(|n| u8::try_from(n).ok());
    Some(digit(high)? << 4 | digit(low)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_byte_survives_its_digits() {
        for n in 0..=255 {
            for [high, low] in [upper_case(n), lower_case(n)] {
                assert_eq!(byte(high, low), Some(n));
            }
            assert_eq!(upper_case(n).as_slice(), format!("{n:02X}").as_bytes());
            assert_eq!(lower_case(n).as_slice(), format!("{n:02x}").as_bytes());
        }
        for digit in [b'g', b'G', b'/', b':', b'@', b'`', b' ', b'+', 0, 0xe9] {
            assert_eq!((byte(digit, b'0'), byte(b'0', digit)), (None, None));
        }
    }
}
