use crate::ValueRef;

/// Each byte, or each pair or quad of bytes, of a word.
const ONES: u64 = 0x0101_0101_0101_0101;
const HIGH_BITS: u64 = 0x8080_8080_8080_8080;
const LOW_BYTES: u64 = 0x00ff_00ff_00ff_00ff;
const LOW_PAIRS: u64 = 0x0000_ffff_0000_ffff;

/// A `numeric` of at most four base-10000 digits, computed eight bytes at a time.
///
/// It is a shortcut only: whatever is unusual, valid or not, is `None` and left to
/// [`Groups`](crate::pg_numeric::Groups), which decides about errors.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct ShortNumeric {
    pub(crate) negative: bool,
    /// The power of 10000 of the first digit.
    pub(crate) weight: i16,
    /// Base-10000 digits; 0 for zero.
    pub(crate) len: u8,
    /// The digits as PostgreSQL sends them: 16 bits each, the first in the highest bits.
    pub(crate) packed: u64,
    /// No digit but zeros is further behind the point.
    places: i16,
}

/// A field of `numeric`: its length, what comes before its digits, and the digits, of which only as many bytes count as the length says.
pub(crate) type Field = ([u8; 4], [u8; 8], [u8; 8]);

impl ShortNumeric {
    #[inline]
    pub(crate) fn new(value: ValueRef<'_>) -> Option<Self> {
        match value {
            ValueRef::Decimal(text) => Self::from_text(text.as_bytes()),
            ValueRef::NumberBytes(bytes) => Self::from_bytes(bytes),
            ValueRef::Int(n) => Self::from_i64(n),
            _ => None,
        }
    }

    #[inline(always)]
    pub(crate) fn from_text(text: &[u8]) -> Option<Self> {
        let decimal = ShortDecimal::parse(text, 4)?;
        let groups = quads(decimal.high) << 32 | quads(decimal.low);
        Some(Self::from_groups(decimal.negative, groups, decimal.below, decimal.places))
    }

    /// Oracle's bytes with up to seven base-100 digits.
    #[inline]
    pub(crate) fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let length = bytes.len();
        let window = if let (Some(first), Some(last)) = (bytes.first_chunk(), bytes.last_chunk())
            && length <= 8
        {
            // Two loads that may overlap: what they share is the same in both.
            u64::from(u32::from_be_bytes(*first)) << 32 | u64::from(u32::from_be_bytes(*last)) << (8 * (8 - length))
        } else {
            match *bytes {
                [a, b] => u64::from_be_bytes([a, b, 0, 0, 0, 0, 0, 0]),
                [a, b, c] => u64::from_be_bytes([a, b, c, 0, 0, 0, 0, 0]),
                _ => return None,
            }
        };
        Self::from_window(&window.to_be_bytes(), length)
    }

    /// The same for the first `length` of eight bytes, whatever follows them, without a branch that depends on how many they are.
    #[inline(always)]
    pub(crate) fn from_window(window: &[u8; 8], length: usize) -> Option<Self> {
        let word = u64::from_be_bytes(*window);
        let negative = word >> 63 == 0;
        let mantissa = length.wrapping_sub(1 + usize::from(negative));
        if !(1..=7).contains(&mantissa) || length > 8 {
            return None;
        }
        // At the left end of a word; nothing to the right of it counts.
        let past = u32::try_from(8 * (8 - mantissa)).ok()?;
        let bytes = (word << 8) >> past << past;
        let digits = match negative {
            true => ((ONES * 101) << past).wrapping_sub(bytes),
            false => bytes.wrapping_sub(ONES << past),
        };
        // A byte too small or too large leaves a digit with its high bit set, or one of 100 to 127; whatever it takes from the next does
        // not matter then.
        let within = (digits | digits.wrapping_add((ONES * 28) << past)) & HIGH_BITS == 0;
        let terminator = (word << 8) >> (past - 8) & 0xff;
        if !within || digits >> 56 == 0 || (digits >> past) & 0xff == 0 || (negative && terminator != 102) {
            return None;
        }
        let power = if negative { !window[0] & 0x7f } else { window[0] & 0x7f };
        let exponent = i16::from(power) - 65;
        // A zero completes the first group where the power of 100 is even.
        let odd = u32::from(exponent & 1 != 0);
        let aligned = digits >> (8 * (1 - odd));
        let packed = (aligned >> 8 & LOW_BYTES) * 100 + (aligned & LOW_BYTES);
        let len = u8::try_from((mantissa + 2 - usize::from(exponent & 1 != 0)) / 2).ok()?;
        let places = 2 * (i16::try_from(mantissa).ok()? - 1 - exponent);
        Some(ShortNumeric { negative, weight: exponent >> 1, len, packed, places })
    }

    #[inline]
    pub(crate) fn from_i64(value: i64) -> Option<Self> {
        let magnitude = value.unsigned_abs();
        if magnitude >= 10_000_000_000_000_000 {
            return None;
        }
        let eight = |n: u64| (n / 10_000) << 16 | (n % 10_000);
        let packed = eight(magnitude / 100_000_000) << 32 | eight(magnitude % 100_000_000);
        Some(Self::from_groups(value < 0, packed, 0, 0))
    }

    /// From four groups, the last of them that of 10000^−`below`.
    #[inline]
    fn from_groups(negative: bool, groups: u64, below: i16, places: i16) -> Self {
        if groups == 0 {
            return ShortNumeric { negative: false, weight: 0, len: 0, packed: 0, places: 0 };
        }
        let small = |n: u32| u8::try_from(n / 16).unwrap_or_default();
        let (leading, trailing) = (small(groups.leading_zeros()), small(groups.trailing_zeros()));
        ShortNumeric {
            negative,
            weight: 3 - i16::from(leading) - below,
            len: 4 - leading - trailing,
            packed: groups << (16 * leading),
            places,
        }
    }

    /// The number as an integer; `None` also for those that do not fit into four groups before the point.
    #[inline]
    pub(crate) fn to_i64(self) -> Option<i64> {
        let below = u32::try_from(i16::from(self.len) - 1 - self.weight).unwrap_or(0);
        if below > 0 || self.weight > 3 {
            return None;
        }
        // Moved down to the place that the lowest group has, where all four are before the point.
        let groups = self.packed >> (16 * u32::try_from(3 - self.weight).ok()?);
        let [high, low] = [groups >> 32, groups & 0xffff_ffff].map(|pair| (pair >> 16) * 10_000 + (pair & 0xffff));
        let magnitude = i64::try_from(high * 100_000_000 + low).ok()?;
        Some(if self.negative { -magnitude } else { magnitude })
    }

    /// The field for a column `numeric` or `numeric(p,s)`. `None` also where the number does not fit.
    #[inline]
    pub(crate) fn field(self, declared: Option<(u16, i16)>) -> Option<Field> {
        match declared {
            None => {
                let last_power = 4 * (self.weight + 1 - i16::from(self.len));
                Some(self.with_scale(-(last_power + self.trailing_zeros()).min(0)))
            }
            Some((precision, scale)) => self.declared_field(scale, i16::try_from(precision).ok()?.checked_sub(scale)?),
        }
    }

    /// For a column `numeric(p,s)`, `before` being p − s.
    #[inline(always)]
    pub(crate) fn declared_field(self, scale: i16, before: i16) -> Option<Field> {
        // Of the last digit of the first group.
        let first_power = 4 * self.weight;
        if self.places > scale && !self.has_zeros_behind(scale) {
            return None;
        }
        // The count of the digits before the point, only where its bound does not do.
        if first_power + 4 > before && self.len > 0 {
            let digits = match self.packed >> 48 {
                1000.. => 4,
                100.. => 3,
                10.. => 2,
                _ => 1,
            };
            if first_power + digits > before {
                return None;
            }
        }
        Some(self.with_scale(scale.max(0)))
    }

    /// Whether the digits of the last group that a scale has no place for are zeros. Zero itself has no group, and a zero here.
    fn has_zeros_behind(self, scale: i16) -> bool {
        let last_power = 4 * (self.weight + 1 - i16::from(self.len));
        let last = self.packed.checked_shr(64 - 16 * u32::from(self.len)).unwrap_or(0) & 0xffff;
        match -scale - last_power {
            ..=0 => true,
            1 => last.is_multiple_of(10),
            2 => last.is_multiple_of(100),
            3 => last.is_multiple_of(1000),
            _ => last == 0,
        }
    }

    #[inline(always)]
    fn with_scale(self, scale: i16) -> Field {
        let header = u64::from(self.len) << 48
            | u64::from(self.weight.cast_unsigned()) << 32
            | u64::from(self.negative) << 30
            | u64::from(scale.cast_unsigned());
        ([0, 0, 0, 8 + 2 * self.len], header.to_be_bytes(), self.packed.to_be_bytes())
    }

    /// Decimal zeros at the end of the last group.
    #[inline]
    fn trailing_zeros(self) -> i16 {
        if self.len == 0 {
            // Zero has no last digit: as good as a whole number.
            return 4;
        }
        let last = (self.packed >> (64 - 16 * u32::from(self.len))) & 0xffff;
        // Added up, not branched over: there is no foretelling the last digits.
        [10, 100, 1000].into_iter().map(|power| i16::from(last.is_multiple_of(power))).sum()
    }
}

/// Digits with at most one point, `-123456.78`, taken apart without a loop.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct ShortDecimal {
    pub(crate) negative: bool,
    /// A decimal digit in each byte, the last in the lowest of `low`.
    pub(crate) high: u64,
    pub(crate) low: u64,
    /// How many groups lie below the point.
    pub(crate) below: i16,
    /// How many digits.
    places: i16,
}

impl ShortDecimal {
    /// `None` for all that has more than 16 digits once zeros complete its last group of `size` (2 or 4) digits, and for all that
    /// is no such number.
    #[inline(always)]
    pub(crate) fn parse(text: &[u8], size: usize) -> Option<Self> {
        let negative = text.first() == Some(&b'-');
        let unsigned = &text[usize::from(negative)..];
        if let Some((high, low, places)) = eight_and_eight(unsigned) {
            return Some(ShortDecimal { negative, high, low, below: 8 / i16::try_from(size).ok()?, places });
        }
        let mut digits = right_aligned(unsigned)?;
        let (mut count, mut places) = (unsigned.len(), 0);
        // The lowest byte that equals a point; a second one fails as a digit below.
        const ONES_128: u128 = u128::MAX / 0xff;
        let differs = digits ^ (ONES_128 * 0x2e);
        let points = differs.wrapping_sub(ONES_128) & !differs & (ONES_128 << 7);
        if points != 0 {
            places = usize::try_from(points.trailing_zeros() / 8).unwrap_or_default();
            count -= 1;
            if count == 0 || count > 14 {
                return None;
            }
            let fraction = digits & ((1 << (8 * places)) - 1);
            digits = digits >> (8 * (places + 1)) << (8 * places) | fraction;
        }
        let padding = (size - places % size) % size;
        if count + padding > 16 {
            return None;
        }
        // 0x30 is '0'; what is left then must be 0 to 9, or one of these two has a high bit. No sum carries into the next byte unless
        // its own high bit is set.
        digits ^= (ONES_128 * 0x30) >> (8 * (16 - count));
        let [high, low] = halves(digits);
        if ((high.wrapping_add(ONES * 0x76) | high) | (low.wrapping_add(ONES * 0x76) | low)) & HIGH_BITS != 0 {
            return None;
        }
        let below = i16::try_from((places + padding) / size).ok()?;
        let [high, low] = halves(digits << (8 * padding));
        Some(ShortDecimal { negative, high, low, below, places: i16::try_from(places).ok()? })
    }

    /// The digits, parsed with a group size of 2, as base-100 ones: the last in the lowest byte.
    #[inline]
    pub(crate) fn pairs(self) -> u64 {
        let half = |digits: u64| {
            let pairs = (digits >> 8 & LOW_BYTES) * 10 + (digits & LOW_BYTES);
            let joined = (pairs >> 8 | pairs) & LOW_PAIRS;
            (joined >> 16 | joined) & 0xffff_ffff
        };
        half(self.high) << 32 | half(self.low)
    }
}

/// One to eight digits before and one to seven after a point, as eight digits before and eight after it: the usual amount, without
/// 128-bit arithmetic.
#[inline(always)]
fn eight_and_eight(unsigned: &[u8]) -> Option<(u64, u64, i16)> {
    let len = unsigned.len();
    let (before, last) = match (unsigned.first_chunk(), unsigned.last_chunk()) {
        (Some(first), Some(last)) if len <= 16 => {
            // What the last eight bytes do not hold, at the low end; shifted twice as that may be nothing.
            let shift = 4 * (16 - len);
            (u64::from_be_bytes(*first) >> shift >> shift, u64::from_be_bytes(*last))
        }
        (None, None) => (0, halves(right_aligned(unsigned)?)[1]),
        _ => return None,
    };
    // The lowest byte that equals a point; a second one fails as a digit below.
    let differs = last ^ (ONES * 0x2e);
    let points = differs.wrapping_sub(ONES) & !differs & HIGH_BITS;
    let places = usize::try_from(points.trailing_zeros() / 8).ok()?;
    if !(1..=7).contains(&places) {
        return None;
    }
    let count = len - 1 - places;
    if !(1..=8).contains(&count) {
        return None;
    }
    let whole = before << (8 * (7 - places)) | last >> (8 * places) >> 8;
    let whole = whole ^ ((ONES * 0x30) >> (64 - 8 * count));
    // Moving the fraction to the high end drops the rest of the text.
    let fraction = (last ^ (ONES * 0x30)) << (64 - 8 * places);
    let decimal =
        (whole.wrapping_add(ONES * 0x76) | whole | fraction.wrapping_add(ONES * 0x76) | fraction) & HIGH_BITS == 0;
    decimal.then_some((whole, fraction, i16::try_from(places).ok()?))
}

/// 1 to 16 bytes at the low end of a big-endian word.
#[inline(never)]
fn right_aligned(bytes: &[u8]) -> Option<u128> {
    let len = bytes.len();
    if len > 16 {
        return None;
    }
    // Two loads that may overlap: what they share is the same in both.
    if let (Some(first), Some(last)) = (bytes.first_chunk(), bytes.last_chunk()) {
        let first = u128::from(u64::from_be_bytes(*first));
        Some(first << (8 * (len - 8)) | u128::from(u64::from_be_bytes(*last)))
    } else if let (Some(first), Some(last)) = (bytes.first_chunk(), bytes.last_chunk()) {
        let first = u64::from(u32::from_be_bytes(*first));
        Some((first << (8 * (len - 4)) | u64::from(u32::from_be_bytes(*last))).into())
    } else {
        match *bytes {
            [a] => Some(a.into()),
            [a, b] => Some(u16::from_be_bytes([a, b]).into()),
            [a, b, c] => Some(u32::from_be_bytes([0, a, b, c]).into()),
            _ => None,
        }
    }
}

#[inline]
fn halves(word: u128) -> [u64; 2] {
    let bytes = word.to_be_bytes();
    let (high, low) = bytes.split_at(8);
    [high, low].map(|half| half.try_into().map_or(0, u64::from_be_bytes))
}

/// Eight decimal digits, a byte each, as two base-10000 ones of 16 bits.
#[inline(always)]
fn quads(digits: u64) -> u64 {
    // Each multiplication adds to a digit ten (a hundred) times its neighbour on the left, in the place of that neighbour.
    let pairs = (digits.wrapping_mul(10 + (1 << 8)) >> 8) & LOW_BYTES;
    let quads = (pairs.wrapping_mul(100 + (1 << 16)) >> 16) & LOW_PAIRS;
    quads >> 16 | quads & 0xffff
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        Number,
        decimal_text::DecimalText,
        number::Form,
        pg_numeric::{Groups, NUMBER_GROUPS},
    };
    use bytes::BytesMut;
    use proptest::prelude::*;

    type General = Option<Groups<NUMBER_GROUPS>>;

    fn general(value: ValueRef<'_>) -> General {
        match value {
            ValueRef::Decimal(text) => match DecimalText::parse(text.as_bytes()) {
                Ok(DecimalText::Finite(digits)) => Some(Groups::from_digits(&digits)),
                _ => None,
            },
            ValueRef::NumberBytes(bytes) => match Form::from_bytes(bytes) {
                Ok(Form::Finite(pairs)) => Some(Groups::from_pairs(&pairs)),
                Ok(Form::Zero) => Some(Groups::from_i64(0)),
                _ => None,
            },
            ValueRef::Int(n) => Some(Groups::from_i64(n)),
            _ => None,
        }
    }

    /// Whether the shortcut was taken; where it was, the field is the general one.
    fn agrees(value: ValueRef<'_>, declared: Option<(u16, i16)>) -> Result<bool, TestCaseError> {
        let Some((length, header, digits)) = ShortNumeric::new(value).and_then(|short| short.field(declared)) else {
            return Ok(false);
        };
        let field = [&length[..], &header, &digits[..usize::from(length[3]) - 8]].concat();
        let mut expected = BytesMut::new();
        let groups = general(value);
        prop_assert!(groups.is_some(), "{:?} is no number", value);
        let put = groups.unwrap().put(declared, &mut expected);
        prop_assert_eq!(put, Ok(()), "{:?} does not fit {:?}", value, declared);
        prop_assert_eq!(&field, &expected[..], "{:?} as {:?}", value, declared);
        Ok(true)
    }

    /// As `agrees`, for integers.
    fn integer_agrees(value: ValueRef<'_>) -> Result<(), TestCaseError> {
        if let Some(n) = ShortNumeric::new(value).and_then(ShortNumeric::to_i64) {
            prop_assert_eq!(general(value).unwrap().to_i64(), Ok(n), "{:?}", value);
        }
        Ok(())
    }

    fn declared() -> impl Strategy<Value = Option<(u16, i16)>> {
        prop_oneof![Just(None), (1..=20_u16, -5..=12_i16).prop_map(Some)]
    }

    #[test]
    fn the_usual_numbers_are_taken() {
        for text in [
            "0",
            "1",
            "-1",
            "0.5",
            ".5",
            "-.05",
            "7.",
            "10000",
            "123456.78",
            "-999999999.99",
            "9999999999.99",
            "100.00",
            "0.00",
            "12345678.1234",
            "1234567812345678",
            "00012.50",
        ] {
            for declared in [None, Some((18, 4))] {
                let expected = declared.is_none() || text.len() < 16;
                assert_eq!(agrees(ValueRef::Decimal(text), declared).unwrap(), expected, "{text}");
            }
        }
        for n in [0, 1, -1, 9999, 10_000, 123_456_789, 10_i64.pow(16) - 1, -10_i64.pow(15)] {
            assert!(agrees(ValueRef::Int(n), None).unwrap(), "{n}");
            let number = Number::from(n);
            let short = number.as_bytes().len() <= 8 && n != 0;
            assert_eq!(agrees(ValueRef::NumberBytes(number.as_bytes()), None).unwrap(), short, "{n}");
        }
    }

    #[test]
    fn what_is_no_short_number_is_left_alone() {
        for text in [
            "",
            "-",
            ".",
            "-.",
            "+1",
            "1e5",
            "--1",
            "1.2.3",
            "..",
            "1-",
            "12a",
            "1:",
            "1/",
            " 1",
            "1 ",
            "\u{b9}",
            "~",
            "-~",
            "12345678123456789",
            "1\0",
            "\0",
            "1.123456789012345",
            "123456789012.12345",
        ] {
            assert_eq!(ShortNumeric::from_text(text.as_bytes()), None, "{text:?}");
        }
        for (text, declared) in [("1.005", (10, 2)), ("100", (4, 2)), ("15", (5, -1)), ("0.5", (5, 0)), ("10", (3, 2))]
        {
            assert!(!agrees(ValueRef::Decimal(text), Some(declared)).unwrap(), "{text} as {declared:?}");
        }
    }

    proptest! {
        #[test]
        fn text_as_the_general_way(text in "-?[0-9]{0,12}\\.?[0-9]{0,8}", declared in declared()) {
            agrees(ValueRef::Decimal(&text), declared)?;
            integer_agrees(ValueRef::Decimal(&text))?;
        }

        #[test]
        fn any_text_as_the_general_way(text in "[-+.0-9eE~:/\0é]{0,18}", declared in declared()) {
            agrees(ValueRef::Decimal(&text), declared)?;
        }

        #[test]
        fn integers_as_the_general_way(n in any::<i64>(), shift in 0..64_u32, declared in declared()) {
            agrees(ValueRef::Int(n >> shift), declared)?;
            integer_agrees(ValueRef::Int(n >> shift))?;
            let number = Number::from(n >> shift);
            integer_agrees(ValueRef::NumberBytes(number.as_bytes()))?;
            let short = ShortNumeric::from_bytes(number.as_bytes());
            prop_assert_eq!(short.and_then(ShortNumeric::to_i64).unwrap_or(n >> shift), n >> shift);
        }

        #[test]
        fn number_bytes_as_the_general_way(text in "-?[0-9]{1,9}(\\.[0-9]{1,6})?", declared in declared()) {
            let number: Number = text.parse().unwrap();
            agrees(ValueRef::NumberBytes(number.as_bytes()), declared)?;
            integer_agrees(ValueRef::NumberBytes(number.as_bytes()))?;
        }

        #[test]
        fn what_follows_in_a_window_does_not_count(
            mut window: [u8; 8],
            bytes in prop::collection::vec(prop_oneof![any::<u8>(), 1..=102_u8], 0..=8),
        ) {
            window[..bytes.len()].copy_from_slice(&bytes);
            prop_assert_eq!(ShortNumeric::from_window(&window, bytes.len()), ShortNumeric::from_bytes(&bytes));
        }

        #[test]
        fn any_bytes_as_the_general_way(
            bytes in prop::collection::vec(prop_oneof![any::<u8>(), 1..=102_u8], 0..10),
            declared in declared(),
        ) {
            agrees(ValueRef::NumberBytes(&bytes), declared)?;
        }
    }
}
