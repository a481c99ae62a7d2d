use crate::{ascii_buffer::AsciiBuffer, decimal_text::DecimalText, short_numeric::ShortDecimal};
use std::{
    fmt::{self, Write as _},
    str::FromStr,
};

/// Most base-100 digits that a NUMBER has.
const MAX_PAIRS: usize = 20;
/// What a negative number of fewer than [`MAX_PAIRS`] digits ends with.
const TERMINATOR: u8 = 102;

/// An Oracle NUMBER in its own base-100 byte form, held inline.
///
/// The first byte is the sign and the power of 100 of the first digit: `0xC1 + power` for positive numbers, the
/// complement of that for negative ones. Then follow 1 to 20 base-100 digits, each plus 1, or for negative numbers
/// 101 less the digit and, where there are fewer than 20, a byte 102. Zero is `0x80`, infinity `0xFF 0x65`,
/// negative infinity `0x00` (Oracle Call Interface Programmer's Guide, "NUMBER"; `DUMP` shows it).
///
/// The bytes of two numbers compare as the numbers do, and one number has one form only, so
/// `Eq`, `Ord` and `Hash` are those of the bytes.
///
/// ```
/// use type_convert::Number;
///
/// let n: Number = "-12.5".parse()?;
/// assert_eq!(n.as_bytes(), [0x3e, 89, 51, 102]);
/// assert_eq!(Number::from_bytes(n.as_bytes())?.to_string(), "-12.5");
/// assert!(n < Number::ZERO);
/// # Ok::<_, type_convert::NumberError>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Number {
    // Bytes past `len` are always zero and no form ends in a zero byte except −∞, which is the
    // least of all: so the derived order is that of the slices.
    bytes: [u8; 22],
    len: u8,
}

/// Text or bytes that are no NUMBER.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("not an Oracle NUMBER: {reason}")]
pub struct NumberError {
    reason: &'static str,
}

impl NumberError {
    pub(crate) fn new(reason: &'static str) -> Self {
        NumberError { reason }
    }
}

/// What a NUMBER's bytes say.
pub(crate) enum Form {
    Zero,
    Infinite { negative: bool },
    Finite(Pairs),
}

/// Base-100 digits: ±Σ `digits[i]` × 100^(`exponent` − i). Neither the first nor the last is zero.
pub(crate) struct Pairs {
    pub(crate) negative: bool,
    /// −65 to 62.
    pub(crate) exponent: i16,
    pub(crate) len: usize,
    pub(crate) digits: [u8; MAX_PAIRS],
}

impl Form {
    /// Reads Oracle's bytes, refusing all that Oracle itself would not write.
    #[inline]
    pub(crate) fn from_bytes(bytes: &[u8]) -> Result<Self, NumberError> {
        let (head, rest) = match *bytes {
            [] => return Err(NumberError::new("no bytes")),
            [0x80] => return Ok(Form::Zero),
            [0x00] => return Ok(Form::Infinite { negative: true }),
            [0xff, 0x65] => return Ok(Form::Infinite { negative: false }),
            [head, ref rest @ ..] => (head, rest),
        };
        let negative = head & 0x80 == 0;
        let (power, mantissa) = if negative {
            let mantissa = match rest.split_last() {
                Some((&TERMINATOR, mantissa)) if mantissa.len() < MAX_PAIRS => mantissa,
                _ if rest.len() == MAX_PAIRS => rest,
                _ => return Err(NumberError::new("a negative number that does not end as one")),
            };
            (!head & 0x7f, mantissa)
        } else {
            (head & 0x7f, rest)
        };
        let len = mantissa.len();
        let mut digits = [0; MAX_PAIRS];
        let Some(slots) = digits.get_mut(..len) else {
            return Err(NumberError::new("more than 20 base-100 digits"));
        };
        let mut largest = 0;
        for (slot, &byte) in slots.iter_mut().zip(mantissa) {
            *slot = if negative { 101_u8.wrapping_sub(byte) } else { byte.wrapping_sub(1) };
            largest = largest.max(*slot);
        }
        if largest > 99 {
            return Err(NumberError::new("a byte that is no base-100 digit"));
        }
        match slots {
            [] | [0] | [0, ..] | [.., 0] => Err(NumberError::new("no digits, or a zero digit at either end")),
            _ => Ok(Form::Finite(Pairs { negative, exponent: i16::from(power) - 65, len, digits })),
        }
    }
}

impl Pairs {
    fn as_slice(&self) -> &[u8] {
        &self.digits[..self.len]
    }
}

impl Number {
    /// Zero.
    pub const ZERO: Number = Number::short([0x80, 0], 1);
    /// +∞, `~` as text; the result of arithmetic that Oracle's SQL cannot enter as a literal.
    pub const INFINITY: Number = Number::short([0xff, 0x65], 2);
    /// −∞, `-~` as text.
    pub const NEG_INFINITY: Number = Number::short([0, 0], 1);

    const fn short(head: [u8; 2], len: u8) -> Self {
        let mut bytes = [0; 22];
        [bytes[0], bytes[1]] = head;
        Number { bytes, len }
    }

    /// Oracle's own byte form (as in redo, `DUMP` and `HEXTORAW`), checked whole: anything that
    /// is not the one form of a number is an error.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, NumberError> {
        Form::from_bytes(bytes)?;
        let mut number = Number { bytes: [0; 22], len: 0 };
        for &byte in bytes {
            number.push(byte);
        }
        Ok(number)
    }

    /// The byte form, 1 to 21 bytes.
    pub fn as_bytes(&self) -> &[u8] {
        &self.bytes[..usize::from(self.len)]
    }

    /// Whether this is +∞ or −∞.
    pub fn is_infinite(&self) -> bool {
        *self == Self::INFINITY || *self == Self::NEG_INFINITY
    }

    /// Whether this is a finite number without a fraction.
    pub fn is_integer(&self) -> bool {
        match self.form() {
            Form::Zero => true,
            Form::Infinite { .. } => false,
            Form::Finite(pairs) => i16::try_from(pairs.len).is_ok_and(|len| pairs.exponent + 1 >= len),
        }
    }

    /// The number as an integer, where it is one and fits.
    pub fn to_i64(&self) -> Option<i64> {
        self.to_i128().and_then(|n| n.try_into().ok())
    }

    /// The number as an integer, where it is one and fits.
    pub fn to_i128(&self) -> Option<i128> {
        let pairs = match self.form() {
            Form::Zero => return Some(0),
            Form::Infinite { .. } => return None,
            Form::Finite(pairs) => pairs,
        };
        let zeros = usize::try_from(pairs.exponent + 1).ok()?.checked_sub(pairs.len)?;
        let digits = pairs.as_slice().iter().copied().chain(std::iter::repeat_n(0, zeros));
        digits.map(i128::from).try_fold(0_i128, |n, d| {
            let shifted = n.checked_mul(100)?;
            if pairs.negative { shifted.checked_sub(d) } else { shifted.checked_add(d) }
        })
    }

    /// The common short text, digits with at most one point; `None` for all else, valid or not.
    #[inline]
    pub(crate) fn from_short_text(text: &[u8]) -> Option<Self> {
        let decimal = ShortDecimal::parse(text, 2)?;
        let pairs = decimal.pairs();
        if pairs == 0 {
            return Some(Number::ZERO);
        }
        let (leading, trailing) = (pairs.leading_zeros() / 8, pairs.trailing_zeros() / 8);
        let len = 8 - leading - trailing;
        let ones = 0x0101_0101_0101_0101_u64 << (64 - 8 * len);
        let digits = pairs << (8 * leading);
        // Each digit plus 1, or 101 less the digit: neither leaves its byte.
        let mantissa = if decimal.negative { ones * 101 - digits } else { ones + digits };
        let power = u8::try_from(72 - i32::try_from(leading).ok()? - i32::from(decimal.below)).ok()?;
        let head = if decimal.negative { !(power | 0x80) } else { power | 0x80 };
        // Put together in a register, not in memory: at most 10 bytes.
        let terminator = if decimal.negative { u128::from(TERMINATOR) << (112 - 8 * len) } else { 0 };
        let word = u128::from(head) << 120 | u128::from(mantissa) << 56 | terminator;
        let mut bytes = [0; 22];
        bytes[..16].copy_from_slice(&word.to_be_bytes());
        Some(Number { bytes, len: u8::try_from(1 + len + u32::from(decimal.negative)).ok()? })
    }

    /// What the bytes say; they were checked when the number was made.
    fn form(&self) -> Form {
        Form::from_bytes(self.as_bytes()).unwrap_or(Form::Zero)
    }

    fn push(&mut self, byte: u8) {
        self.bytes[usize::from(self.len)] = byte;
        self.len += 1;
    }

    /// From base-100 digits, most significant first, without zeros at either end; at most 20.
    fn from_pairs(negative: bool, exponent: i16, pairs: impl ExactSizeIterator<Item = u8>) -> Self {
        let terminated = negative && pairs.len() < MAX_PAIRS;
        let mut number = Number { bytes: [0; 22], len: 0 };
        let power = u8::try_from(exponent + 65).unwrap_or_default();
        number.push(if negative { !(power | 0x80) } else { power | 0x80 });
        for digit in pairs {
            number.push(if negative { 101 - digit } else { digit + 1 });
        }
        if terminated {
            number.push(TERMINATOR);
        }
        number
    }
}

impl From<i64> for Number {
    fn from(value: i64) -> Self {
        i128::from(value).into()
    }
}

impl From<i128> for Number {
    fn from(value: i128) -> Self {
        let mut rest = value.unsigned_abs();
        if rest == 0 {
            return Number::ZERO;
        }
        // 39 decimal digits at most, hence 20 base-100 ones.
        let mut digits = [0_u8; MAX_PAIRS];
        let mut first = MAX_PAIRS;
        while rest > 0 {
            first -= 1;
            digits[first] = u8::try_from(rest % 100).unwrap_or_default();
            rest /= 100;
        }
        let exponent = i16::try_from(MAX_PAIRS - 1 - first).unwrap_or_default();
        let end = digits.iter().rposition(|&d| d != 0).map_or(first, |last| last + 1);
        Number::from_pairs(value < 0, exponent, digits[first..end].iter().copied())
    }
}

/// Reads decimal text: sign, digits, one point, exponent (`1.5E+10`, `.5`, `-.5`, `~`, `-~`).
/// More than 40 significant digits (39 where the point falls inside a base-100 digit) and magnitudes
/// outside 1E−130 to below 1E+126 are errors: never rounded.
impl FromStr for Number {
    type Err = NumberError;

    fn from_str(s: &str) -> Result<Self, Self::Err> {
        if let Some(short) = Number::from_short_text(s.as_bytes()) {
            return Ok(short);
        }
        Number::from_decimal_text(s)
    }
}

impl Number {
    fn from_decimal_text(s: &str) -> Result<Self, NumberError> {
        let digits = match DecimalText::parse(s.as_bytes())? {
            DecimalText::Infinite { negative: false } => return Ok(Number::INFINITY),
            DecimalText::Infinite { negative: true } => return Ok(Number::NEG_INFINITY),
            DecimalText::Finite(digits) if digits.is_zero() => return Ok(Number::ZERO),
            DecimalText::Finite(digits) => digits,
        };
        let (exponent, decimals) = digits.groups(2);
        let pairs = decimals.chunks_exact(2).map(|d| d[0] * 10 + d[1]);
        if pairs.len() > MAX_PAIRS {
            return Err(NumberError::new("more than 20 base-100 digits"));
        }
        Ok(Number::from_pairs(digits.negative, exponent, pairs))
    }
}

/// Plain decimal text without exponent and without superfluous zeros: `-12.5`, `0.001`, `100`; `~` and `-~` are ±∞.
impl fmt::Display for Number {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let pairs = match self.form() {
            Form::Zero => return f.pad_integral(true, "", "0"),
            Form::Infinite { negative } => return f.pad_integral(!negative, "", "~"),
            Form::Finite(pairs) => pairs,
        };
        // At most 126 digits before the point, or `0.` and 168 after it.
        let mut text = AsciiBuffer::<192>::new();
        let len = i16::try_from(pairs.len).unwrap_or_default();
        let digit = |power: i16| {
            let index = usize::try_from(pairs.exponent - power).ok();
            index.and_then(|i| pairs.as_slice().get(i)).copied().unwrap_or_default()
        };
        if pairs.exponent < 0 {
            text.write_char('0')?;
        } else {
            write!(text, "{}", digit(pairs.exponent))?;
            for power in (0..pairs.exponent).rev() {
                write!(text, "{:02}", digit(power))?;
            }
        }
        let lowest = pairs.exponent - len + 1;
        if lowest < 0 {
            text.write_char('.')?;
            for power in (lowest + 1..0).rev() {
                write!(text, "{:02}", digit(power))?;
            }
            match digit(lowest) {
                tens if tens % 10 == 0 => write!(text, "{}", tens / 10)?,
                both => write!(text, "{both:02}")?,
            }
        }
        f.pad_integral(!pairs.negative, "", text.as_str())
    }
}

impl fmt::Debug for Number {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::cmp::Ordering;

    fn number(text: &str) -> Number {
        text.parse().unwrap_or_else(|e| panic!("{text}: {e}"))
    }

    /// Values and bytes as Oracle's `DUMP` prints them (Oracle documentation and published dumps).
    #[test]
    fn known_bytes() {
        for (text, bytes) in [
            ("0", &[128][..]),
            ("1", &[193, 2]),
            ("10", &[193, 11]),
            ("100", &[194, 2]),
            ("5", &[193, 6]),
            ("-5", &[62, 96, 102]),
            ("-1", &[62, 100, 102]),
            ("123", &[194, 2, 24]),
            ("-123", &[61, 100, 78, 102]),
            ("123.45", &[194, 2, 24, 46]),
            ("0.5", &[192, 51]),
            ("0.01", &[192, 2]),
            ("0.001", &[191, 11]),
            ("1E-130", &[128, 2]),
            ("-1E-130", &[127, 100, 102]),
            ("9.9E+125", &[255, 100]),
            ("-9.9E125", &[0, 2, 102]),
            ("~", &[255, 101]),
            ("-~", &[0]),
        ] {
            assert_eq!(number(text).as_bytes(), bytes, "{text}");
            assert_eq!(Number::from_bytes(bytes).unwrap(), number(text), "{text}");
        }
    }

    #[test]
    fn text_forms() {
        for (text, plain) in [
            ("1.5E+10", "15000000000"),
            (".5", "0.5"),
            ("-.5", "-0.5"),
            ("5.", "5"),
            ("+7", "7"),
            ("-0.00", "0"),
            ("0E+999", "0"),
            ("000120.0300", "120.03"),
            ("3.3999999E+037", "33999999000000000000000000000000000000"),
            ("1e-5", "0.00001"),
        ] {
            assert_eq!(number(text).to_string(), plain);
            assert_eq!(number(plain), number(text));
        }
        assert_eq!(format!("{:>8}|{:+}", number("-1.5"), number("2")), "    -1.5|+2");
        for bad in
            ["", "-", ".", "1..2", "1E", "1E+", "E5", "1,5", " 1", "1 ", "abc", "1E+126", "1E-131", "--1", "~1", "-"]
        {
            assert!(bad.parse::<Number>().is_err(), "{bad}");
        }
    }

    #[test]
    fn digits_are_never_rounded() {
        let forty = "1234567890123456789012345678901234567891";
        assert_eq!(number(forty).to_string(), forty);
        assert_eq!(number(&format!("-{forty}")).as_bytes().len(), 21);
        assert!(format!("{forty}1").parse::<Number>().is_err());
        // 40 digits, but the point splits a base-100 digit: 21 of them would be needed.
        assert!("1.23456789012345678901234567890123456789".parse::<Number>().is_ok());
        assert!("1.234567890123456789012345678901234567891".parse::<Number>().is_err());
        assert_eq!(number(&format!("1{}", "0".repeat(125))), number("1E125"));
        assert_eq!(number(&format!("1.{}", "0".repeat(300))), number("1"));
    }

    #[test]
    fn only_canonical_bytes() {
        for bad in [
            &[][..],
            &[0xc1],
            &[0xc1, 1],
            &[0xc1, 1, 2],
            &[0xc1, 2, 1],
            &[0xc1, 0],
            &[0xc1, 101],
            &[0xff, 0x65, 1],
            &[0x3e, 100],
            &[0x3e, 102],
            &[0x3e, 101, 102],
            &[0x3e, 100, 101, 102],
            &[0x3e, 1, 102],
            &[0x3e, 100, 102, 102],
            &[0x00, 102],
            &[0x80, 1],
            &[0xc1, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2],
            &[0x3e, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 102],
        ] {
            assert!(Number::from_bytes(bad).is_err(), "{bad:?}");
        }
    }

    #[test]
    fn integers() {
        for n in [0, 1, -1, 99, 100, -100, 1_000_000, i128::from(i64::MIN), i128::from(i64::MAX), i128::MAX, i128::MIN]
        {
            let number = Number::from(n);
            assert_eq!(number.to_string(), n.to_string());
            assert_eq!(number.to_i128(), Some(n));
            assert_eq!(number.to_i64(), i64::try_from(n).ok());
            assert!(number.is_integer());
        }
        assert_eq!(number("1.5").to_i128(), None);
        assert_eq!(number("1E39").to_i128(), None);
        assert!(!number("100.01").is_integer() && number("1E39").is_integer() && !Number::INFINITY.is_integer());
        assert!(Number::NEG_INFINITY.is_infinite() && Number::INFINITY.is_infinite() && !Number::ZERO.is_infinite());
    }

    /// Compares plain decimal texts as a person would: an order that shares nothing with the bytes.
    fn compare_texts(a: &str, b: &str) -> Ordering {
        let split = |s: &str| {
            let (negative, rest) = s.strip_prefix('-').map_or((false, s), |rest| (true, rest));
            let (whole, fraction) = rest.split_once('.').unwrap_or((rest, ""));
            (negative, format!("{whole:0>130}{fraction:0<200}"))
        };
        match (split(a), split(b)) {
            ((true, a), (true, b)) => b.cmp(&a),
            ((false, a), (false, b)) => a.cmp(&b),
            ((negative, _), _) => {
                if negative {
                    Ordering::Less
                } else {
                    Ordering::Greater
                }
            }
        }
    }

    fn decimal() -> impl Strategy<Value = String> {
        ("-?", "[0-9]{1,20}", "[0-9]{0,19}", prop_oneof![Just(0), -110..=105_i32])
            .prop_map(|(sign, whole, fraction, exponent)| format!("{sign}{whole}.{fraction}E{exponent}"))
    }

    proptest! {
        #[test]
        fn short_text_as_the_general_way(text in prop_oneof!["-?[0-9]{0,12}\\.?[0-9]{0,8}", "[-+.0-9eE~:/\0é]{0,18}"]) {
            if let Some(short) = Number::from_short_text(text.as_bytes()) {
                prop_assert_eq!(Number::from_decimal_text(&text), Ok(short), "{}", text);
                prop_assert_eq!(Number::from_bytes(short.as_bytes()), Ok(short));
            }
        }

        #[test]
        fn text_and_bytes_round_trip(text in decimal()) {
            if let Ok(n) = text.parse::<Number>() {
                prop_assert_eq!(n, Number::from_bytes(n.as_bytes()).unwrap());
                prop_assert_eq!(n, number(&n.to_string()));
            }
        }

        #[test]
        fn byte_order_is_numeric_order(a in decimal(), b in decimal()) {
            if let (Ok(a), Ok(b)) = (a.parse::<Number>(), b.parse::<Number>()) {
                prop_assert_eq!(a.cmp(&b), compare_texts(&a.to_string(), &b.to_string()));
                prop_assert!(Number::NEG_INFINITY < a && a < Number::INFINITY);
            }
        }

        /// Numbers that share digits: where the order of prefixes and terminators matters.
        #[test]
        fn order_of_near_numbers(negative: bool, shared in "[0-9]{1,38}", a in "[0-9]{0,2}", b in "[0-9]{0,2}") {
            let sign = if negative { "-" } else { "" };
            let (a, b) = (number(&format!("{sign}0.{shared}{a}")), number(&format!("{sign}0.{shared}{b}")));
            prop_assert_eq!(a.cmp(&b), compare_texts(&a.to_string(), &b.to_string()));
        }

        #[test]
        fn any_bytes(bytes in prop::collection::vec(any::<u8>(), 0..24)) {
            if let Ok(n) = Number::from_bytes(&bytes) {
                prop_assert_eq!(n.as_bytes(), &bytes[..]);
                prop_assert_eq!(n, number(&n.to_string()));
            }
        }

        #[test]
        fn integers_of_any_size(n: i128) {
            prop_assert_eq!(Number::from(n), number(&n.to_string()));
            prop_assert_eq!(Number::from(n).to_i128(), Some(n));
        }
    }
}
