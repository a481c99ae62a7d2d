use crate::{
    ValueRef,
    word::{HIGH_BITS, ONES},
};

/// The lower one of each pair or quad of bytes of a word.
const LOW_BYTES: u64 = 0x00ff_00ff_00ff_00ff;
const LOW_PAIRS: u64 = 0x0000_ffff_0000_ffff;

/// By how many of a word's low bytes are kept.
const LOW_MASK: [u64; 9] =
    [0, 0xff, 0xffff, 0xff_ffff, 0xffff_ffff, 0xff_ffff_ffff, 0xffff_ffff_ffff, 0xff_ffff_ffff_ffff, u64::MAX];

/// By how many base-100 digits a number has, one less: 1 in the place of each at the high end of a word.
const DIGITS: [u64; 7] = {
    let mut ones = [0; 7];
    let mut at = 0;
    while at < 7 {
        ones[at] = ONES << (56 - 8 * at);
        at += 1;
    }
    ones
};
/// By the first byte of a NUMBER: its [`head`], and at the low end the power of 100 of its first digit, plus 65.
static HEAD: [u64; 256] = {
    let mut heads = [0; 256];
    let mut byte = 0_u8;
    loop {
        let negative = byte < 0x80;
        let power = (if negative { !byte } else { byte } & 0x7f) as u64;
        heads[byte as usize] = head((power.cast_signed() - 65) >> 1, negative) | power;
        if byte == 0xff {
            break heads;
        }
        byte += 1;
    }
};
const POWER: u64 = 0x7f;

/// The power of 10000 of the first digit, and the sign, where a field has them.
#[inline(always)]
const fn head(weight: i64, negative: bool) -> u64 {
    (weight.cast_unsigned() & 0xffff) << 32 | (negative as u64) << 30
}

/// A `numeric` of at most four base-10000 digits, computed eight bytes at a time.
///
/// It is a shortcut only: whatever is unusual, valid or not, is `None` and left to
/// [`Groups`](crate::pg_numeric::Groups), which decides about errors.
// Wider than they need be: that spares a conversion at each step.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct ShortNumeric {
    /// See [`head`].
    head: u64,
    /// How many base-10000 digits; 0 for zero.
    len: u32,
    /// The digits as PostgreSQL sends them: 16 bits each, the first in the highest bits.
    packed: u64,
    /// No digit but zeros is further behind the point.
    places: i64,
}

/// A field of `numeric`.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Field {
    /// How many bytes come behind the length.
    length: u32,
    /// What comes before the digits.
    header: u64,
    digits: u64,
}

impl Field {
    /// Its bytes, of which [`len`](Field::len) count.
    #[inline(always)]
    pub(crate) fn bytes(self) -> [u8; 20] {
        let mut bytes = [0; 20];
        bytes[..4].copy_from_slice(&self.length.to_be_bytes());
        bytes[4..12].copy_from_slice(&self.header.to_be_bytes());
        bytes[12..].copy_from_slice(&self.digits.to_be_bytes());
        bytes
    }

    #[inline(always)]
    pub(crate) fn len(self) -> usize {
        4 + self.length as usize
    }
}

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
        match Tail::of_text(text).and_then(Tail::number) {
            Some(short) => Some(short),
            None => Self::from_unusual_text(text),
        }
    }

    /// What [`from_text`](ShortNumeric::from_text) takes besides numbers with at most eight digits before the point and seven behind it.
    #[inline(never)]
    pub(crate) fn from_unusual_text(text: &[u8]) -> Option<Self> {
        let decimal = ShortDecimal::wide(text, 4)?;
        let groups = quads(decimal.high) << 32 | quads(decimal.low);
        Some(Self::from_groups(decimal.negative, groups, decimal.below.into(), decimal.places.into()))
    }

    /// Oracle's bytes with up to seven base-100 digits.
    #[inline(always)]
    pub(crate) fn from_bytes(bytes: &[u8]) -> Option<Self> {
        Self::from_word(word(bytes)?, bytes.len())
    }

    /// The same for the first `length` of the eight bytes of a big-endian word, whatever follows them, without a branch that depends on how
    /// many they are.
    #[inline(always)]
    pub(crate) fn from_word(word: u64, length: usize) -> Option<Self> {
        let head = HEAD[(word >> 56) as usize];
        let negative = word >> 63 == 0;
        let mantissa = length.wrapping_sub(1 + usize::from(negative));
        // One in the place of each digit; nothing to the right of them counts.
        let ones = *DIGITS.get(mantissa.wrapping_sub(1))?;
        let bytes = (word << 8) & (ones << 8).wrapping_sub(ones);
        // Each byte less 1, or 101 less the byte.
        let flip = u64::from(negative).wrapping_neg();
        let base = if negative { ones * 101 } else { ones };
        let digits = (bytes.wrapping_sub(base) ^ flip).wrapping_sub(flip);
        // A byte too small or too large leaves a digit with its high bit set, or one of 100 to 127; whatever it takes from the next does
        // not matter then. Nor may the first and the last be 0.
        let trimmed = digits.wrapping_sub(1 << 56 | ones & ones.wrapping_neg());
        let wrong = (digits | digits.wrapping_add(ones * 28) | trimmed) & HIGH_BITS;
        let terminator = (word >> (64_usize.wrapping_sub(8 * length) % 64) ^ 102) & 0xff;
        if wrong | terminator & flip != 0 || length > 8 {
            return None;
        }
        // A zero completes the first group where the power of 100 is even: it is less by 65.
        let odd = head & 1;
        let aligned = digits >> (8 * odd);
        let packed = (aligned >> 8 & LOW_BYTES) * 100 + (aligned & LOW_BYTES);
        // At most seven.
        let mantissa = (mantissa as u64 & 7) as u32;
        let len = (mantissa + 1 + (odd & 1) as u32) / 2;
        let power = head & POWER;
        let places = 2 * (i64::from(mantissa) + 64 - power.cast_signed());
        Some(ShortNumeric { head: head - power, packed, len, places })
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
    #[inline(always)]
    fn from_groups(negative: bool, groups: u64, below: i64, places: i64) -> Self {
        if groups == 0 {
            return ShortNumeric { head: 0, len: 0, packed: 0, places: 0 };
        }
        let (leading, trailing) = (groups.leading_zeros() / 16, groups.trailing_zeros() / 16);
        ShortNumeric {
            head: head(3 - i64::from(leading) - below, negative),
            len: 4 - leading - trailing,
            packed: groups << (16 * leading),
            places,
        }
    }

    #[inline(always)]
    pub(crate) fn is_negative(self) -> bool {
        self.head & 1 << 30 != 0
    }

    /// The power of 10000 of the first digit.
    #[inline(always)]
    pub(crate) fn weight(self) -> i64 {
        (self.head << 16).cast_signed() >> 48
    }

    /// The base-10000 digits, zeros behind them.
    pub(crate) fn groups(self) -> [u16; 4] {
        [48, 32, 16, 0].map(|shift| (self.packed >> shift & 0xffff) as u16)
    }

    /// How many of them there are.
    pub(crate) fn len(self) -> usize {
        self.len as usize
    }

    /// The number as an integer; `None` also for those that do not fit into four groups before the point.
    #[inline(always)]
    pub(crate) fn to_i64(self) -> Option<i64> {
        let weight = self.weight();
        if i64::from(self.len) - 1 > weight || weight > 3 {
            return None;
        }
        // Moved down to the place that the lowest group has, where all four are before the point.
        let groups = self.packed >> (16 * (3 - weight));
        let pairs = (groups >> 16 & LOW_PAIRS) * 10_000 + (groups & LOW_PAIRS);
        let magnitude = ((pairs >> 32) * 100_000_000 + (pairs & 0xffff_ffff)).cast_signed();
        Some(if self.is_negative() { -magnitude } else { magnitude })
    }

    /// The field for a column `numeric` or `numeric(p,s)`. `None` also where the number does not fit.
    #[inline(always)]
    pub(crate) fn field(self, declared: Option<(u16, i16)>) -> Option<Field> {
        match declared {
            None => Some(self.undeclared_field()),
            Some((precision, scale)) => self.declared_field(scale.into(), i64::from(precision) - i64::from(scale)),
        }
    }

    #[inline(always)]
    pub(crate) fn undeclared_field(self) -> Field {
        let last = last_group(self.packed, self.len);
        // Added up, not branched over: there is no foretelling the last digits. Zero has none, and is as good as a whole number.
        let zeros: i64 = [10, 100, 1000].into_iter().map(|power| i64::from(last.is_multiple_of(power))).sum();
        let zeros = zeros + i64::from(last == 0);
        self.with_scale((-last_power(self.weight(), self.len) - zeros).max(0))
    }

    /// For a column `numeric(p,s)`, `before` being p − s.
    #[inline(always)]
    pub(crate) fn declared_field(self, scale: i64, before: i64) -> Option<Field> {
        if self.places > scale && !has_zeros_behind(scale, self.packed, self.weight(), self.len) {
            return None;
        }
        // Of the last digit of the first group; the count of the digits before the point only where its bound does not do.
        let first_power = 4 * self.weight();
        if first_power + 4 > before && self.len > 0 && first_power + first_digits(self.packed) > before {
            return None;
        }
        Some(self.with_scale(scale.max(0)))
    }

    #[inline(always)]
    fn with_scale(self, scale: i64) -> Field {
        let header = self.head | u64::from(self.len) << 48 | scale.cast_unsigned();
        Field { length: 8 + 2 * self.len, header, digits: self.packed }
    }
}

/// Two to eight bytes at the high end of a big-endian word.
#[inline(always)]
fn word(bytes: &[u8]) -> Option<u64> {
    let length = bytes.len();
    if let (Some(first), Some(last)) = (bytes.first_chunk(), bytes.last_chunk())
        && length <= 8
    {
        // Two loads that may overlap: what they share is the same in both.
        let last = u64::from(u32::from_be_bytes(*last));
        Some(u64::from(u32::from_be_bytes(*first)) << 32 | last << (8 * (8 - length)))
    } else if let &[first, .., last] = bytes
        && length <= 3
    {
        let middle = if length == 3 { bytes[1] } else { 0 };
        Some(u64::from(first) << 56 | u64::from(middle) << 48 | u64::from(last) << (8 * (8 - length)))
    } else {
        None
    }
}

/// Decimal digits of the first group.
#[inline(never)]
fn first_digits(packed: u64) -> i64 {
    match packed >> 48 {
        1000.. => 4,
        100.. => 3,
        10.. => 2,
        _ => 1,
    }
}

/// Of the last digit of the last group.
#[inline(always)]
fn last_power(weight: i64, len: u32) -> i64 {
    4 * (weight + 1 - i64::from(len))
}

/// Zero has none, and a zero here.
#[inline(always)]
fn last_group(packed: u64, len: u32) -> u64 {
    packed >> (64_u32.wrapping_sub(16 * len) % 64) & 0xffff
}

/// Whether the digits of the last group that a scale has no place for are zeros.
#[inline(never)]
fn has_zeros_behind(scale: i64, packed: u64, weight: i64, len: u32) -> bool {
    let last = last_group(packed, len);
    match -scale - last_power(weight, len) {
        ..=0 => true,
        1 => last.is_multiple_of(10),
        2 => last.is_multiple_of(100),
        3 => last.is_multiple_of(1000),
        _ => last == 0,
    }
}

/// The last 16 bytes of a text in two words, of which as many count as the text is long.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Tail {
    before: u64,
    last: u64,
    length: usize,
    negative: bool,
}

impl Tail {
    /// `None` where it is longer.
    #[inline(always)]
    pub(crate) fn of_text(text: &[u8]) -> Option<Self> {
        let length = text.len();
        let (before, last) = match (text.first_chunk(), text.last_chunk()) {
            (Some(first), Some(last)) if length <= 16 => {
                // What the last eight bytes do not hold, at the low end; shifted twice as that may be nothing.
                let shift = 4 * (16 - length);
                (u64::from_be_bytes(*first) >> shift >> shift, u64::from_be_bytes(*last))
            }
            (None, None) => (0, low_end(text)),
            _ => return None,
        };
        Some(Tail { before, last, length, negative: text.first() == Some(&b'-') })
    }

    /// Of a text that ends where the window does.
    #[inline(always)]
    pub(crate) fn of_window(window: &[u8; 16], length: usize) -> Self {
        let [before, last] = halves(u128::from_be_bytes(*window));
        Tail { before, last, length, negative: window[16_usize.wrapping_sub(length) % 16] == b'-' }
    }

    #[inline(always)]
    pub(crate) fn number(self) -> Option<ShortNumeric> {
        Some(self.numeric(self.digits()?))
    }

    /// The same where there are so many digits behind a point; `None` for others too.
    #[inline(always)]
    pub(crate) fn number_of_scale(self, scale: u32) -> Option<ShortNumeric> {
        if scale.wrapping_sub(1) < 7 && self.last >> (8 * scale) & 0xff == 0x2e {
            Some(self.numeric(self.digits_with(scale)?))
        } else {
            None
        }
    }

    #[inline(always)]
    fn numeric(self, Digits { whole, fraction, places }: Digits) -> ShortNumeric {
        let groups = quads(whole) << 32 | quads(fraction);
        ShortNumeric::from_groups(self.negative, groups, 2, places.into())
    }

    /// `None` also for more than eight digits before a point and more than seven behind it.
    #[inline(always)]
    fn digits(self) -> Option<Digits> {
        // The lowest byte that equals a point; a second one fails as a digit.
        let differs = self.last ^ (ONES * 0x2e);
        let points = differs.wrapping_sub(ONES) & !differs & HIGH_BITS;
        match points.trailing_zeros() / 8 {
            places if (places as usize) < self.unsigned().min(8) => self.digits_with(places),
            _ => Digits::checked(self.unsigned(), self.last, 0, 0),
        }
    }

    /// With so many digits behind the point, at most seven.
    #[inline(always)]
    fn digits_with(self, places: u32) -> Option<Digits> {
        let before = self.unsigned().wrapping_sub(places as usize + 1);
        let whole = self.before << (56 - 8 * places) | self.last >> (8 * places) >> 8;
        // Shifted twice as there may be none.
        let fraction = (self.last ^ (ONES * 0x30)) << 1 << (63 - 8 * places);
        Digits::checked(before, whole, fraction, places)
    }

    /// How many bytes are no sign.
    #[inline(always)]
    fn unsigned(self) -> usize {
        self.length.wrapping_sub(usize::from(self.negative))
    }
}

/// A decimal digit in each byte: eight before the point, the last in the lowest byte, and eight behind it.
#[derive(Debug, Clone, Copy)]
struct Digits {
    whole: u64,
    fraction: u64,
    /// How many of those behind the point the text has.
    places: u32,
}

impl Digits {
    /// Of characters of which the last `before` count, and of what is digits already if the text has some there.
    #[inline(always)]
    fn checked(before: usize, whole: u64, fraction: u64, places: u32) -> Option<Self> {
        let whole = (whole ^ (ONES * 0x30)) & LOW_MASK.get(before)?;
        // No sum carries into the next byte unless its own high bit is set.
        let digits = whole | whole.wrapping_add(ONES * 0x76) | fraction | fraction.wrapping_add(ONES * 0x76);
        let decimal = digits & HIGH_BITS == 0 && before + places as usize > 0;
        decimal.then_some(Digits { whole, fraction, places })
    }
}

/// Up to seven bytes at the low end of a big-endian word.
#[inline(always)]
fn low_end(bytes: &[u8]) -> u64 {
    if let (Some(first), Some(last)) = (bytes.first_chunk(), bytes.last_chunk()) {
        // Two loads that may overlap: what they share is the same in both.
        let first = u64::from(u32::from_be_bytes(*first));
        first << (8 * (bytes.len() - 4)) | u64::from(u32::from_be_bytes(*last))
    } else {
        bytes.iter().take(3).fold(0, |word, byte| word << 8 | u64::from(*byte))
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
        // The usual number without 128-bit arithmetic.
        let Some((tail, digits)) = Tail::of_text(text).and_then(|tail| Some((tail, tail.digits()?))) else {
            return Self::wide(text, size);
        };
        let (below, places) = (8 / i16::try_from(size).ok()?, i16::try_from(digits.places).ok()?);
        Some(ShortDecimal { negative: tail.negative, high: digits.whole, low: digits.fraction, below, places })
    }

    #[inline(never)]
    fn wide(text: &[u8], size: usize) -> Option<Self> {
        let negative = text.first() == Some(&b'-');
        let unsigned = &text[usize::from(negative)..];
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
    } else {
        (len > 0).then(|| low_end(bytes).into())
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
        let Some(field) = ShortNumeric::new(value).and_then(|short| short.field(declared)) else {
            return Ok(false);
        };
        let field = field.bytes()[..field.len()].to_vec();
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
        fn a_window_that_a_text_ends_in(text in "-?[0-9]{0,9}\\.?[0-9]{0,8}", before: [u8; 16], scale in 0..20_u32) {
            let Some(tail) = Tail::of_text(text.as_bytes()) else { return Ok(()) };
            let mut window = before;
            window[16 - text.len()..].copy_from_slice(text.as_bytes());
            let in_window = Tail::of_window(&window, text.len());
            prop_assert_eq!(in_window.number(), tail.number());
            let places = text.split_once('.').map(|(_, fraction)| fraction.len());
            for of_scale in [tail.number_of_scale(scale), in_window.number_of_scale(scale)] {
                let expected = tail.number().filter(|_| scale > 0 && places == usize::try_from(scale).ok());
                prop_assert_eq!(of_scale, expected);
            }
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
            prop_assert_eq!(ShortNumeric::from_word(u64::from_be_bytes(window), bytes.len()), ShortNumeric::from_bytes(&bytes));
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
