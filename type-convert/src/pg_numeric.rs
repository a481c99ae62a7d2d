use crate::{
    ValueErrorKind,
    ascii_buffer::AsciiBuffer,
    decimal_text::{DecimalText, Digits},
    number::Pairs,
    short_numeric::ShortNumeric,
};
use bytes::{BufMut, BytesMut};
use std::fmt::Write as _;

/// Groups of any NUMBER: 40 decimal digits, however they fall around the point.
pub(crate) const NUMBER_GROUPS: usize = 12;
/// Groups of the exact expansion of any double: the longest has 767 digits, shifted by up to three.
pub(crate) const DOUBLE_GROUPS: usize = 200;

/// Base-10000 digits as PostgreSQL's `numeric` has them: ±Σ `groups[i]` × 10000^(`weight` − i). Neither the first
/// nor the last is zero; zero has none.
#[derive(Debug, Clone)]
pub(crate) struct Groups<const N: usize> {
    negative: bool,
    weight: i16,
    len: usize,
    groups: [u16; N],
}

impl Groups<NUMBER_GROUPS> {
    pub(crate) fn from_i64(value: i64) -> Self {
        let (mut rest, mut groups) = (value.unsigned_abs(), [0; NUMBER_GROUPS]);
        let (mut len, mut trailing) = (0_usize, 0_usize);
        while rest > 0 {
            // Least significant first; zeros there are none of the number's digits.
            let group = u16::try_from(rest % 10_000).unwrap_or_default();
            rest /= 10_000;
            if len == 0 && group == 0 {
                trailing += 1;
            } else {
                groups[len] = group;
                len += 1;
            }
        }
        groups[..len].reverse();
        let weight = i16::try_from(len + trailing).unwrap_or_default() - 1;
        Groups { negative: value < 0, weight: weight.max(0), len, groups }
    }

    pub(crate) fn from_digits(digits: &Digits) -> Self {
        let mut groups = [0; NUMBER_GROUPS];
        if digits.is_zero() {
            return Groups { negative: false, weight: 0, len: 0, groups };
        }
        let (weight, decimals) = digits.groups(4);
        let chunks = decimals.chunks_exact(4);
        let len = chunks.len();
        for (slot, d) in groups.iter_mut().zip(chunks) {
            *slot = (u16::from(d[0]) * 10 + u16::from(d[1])) * 100 + u16::from(d[2]) * 10 + u16::from(d[3]);
        }
        Groups { negative: digits.negative, weight, len, groups }
    }

    pub(crate) fn from_pairs(pairs: &Pairs) -> Self {
        // One zero before the digits completes the first group where its power of 100 is even.
        let mut padded = [0_u8; 2 + 2 * NUMBER_GROUPS];
        padded[1..1 + pairs.digits.len()].copy_from_slice(&pairs.digits);
        let start = usize::from(pairs.exponent & 1 != 0);
        let len = (pairs.len + 2 - start) / 2;
        let mut groups = [0; NUMBER_GROUPS];
        for (slot, pair) in groups.iter_mut().zip(padded[start..start + 2 * len].chunks_exact(2)) {
            *slot = u16::from(pair[0]) * 100 + u16::from(pair[1]);
        }
        Groups { negative: pairs.negative, weight: pairs.exponent >> 1, len, groups }
    }

    /// `digitsE±exponent`, for the standard library to find the nearest floating-point number.
    fn write_scientific<const M: usize>(&self, text: &mut AsciiBuffer<M>) -> std::fmt::Result {
        text.write_str(if self.negative { "-0" } else { "0" })?;
        self.as_slice().iter().try_for_each(|group| write!(text, "{group:04}"))?;
        write!(text, "E{}", 4 * (i32::from(self.weight) + 1 - self.len_i32()))
    }

    /// The double nearest to the number, and whether it stands for the number without loss.
    pub(crate) fn to_f64(&self) -> (f64, bool) {
        let nearest = self.to_short_f64().unwrap_or_else(|| {
            let mut text = AsciiBuffer::<64>::new();
            match self.write_scientific(&mut text) {
                Ok(()) => text.as_str().parse().unwrap_or(f64::NAN),
                Err(_) => f64::NAN,
            }
        });
        // Any 15 digits survive the way to a double and back.
        (nearest, self.digits() <= 15 || self.is_shown_by(format_args!("{nearest:e}")) || self.is_exactly(nearest))
    }

    /// Where digits and power of ten are both exact doubles: one operation on them rounds as it should.
    fn to_short_f64(&self) -> Option<f64> {
        let power = 4 * (i32::from(self.weight) + 1 - self.len_i32());
        if self.len > 4 || !(-20..=20).contains(&power) {
            return None;
        }
        let mut digits = 0.0;
        let mut exact = 0_u64;
        for &group in self.as_slice() {
            digits = digits * 10_000.0 + f64::from(group);
            exact = exact * 10_000 + u64::from(group);
        }
        if exact > 1 << 53 {
            return None;
        }
        let scale = 10_f64.powi(power.abs());
        let magnitude = if power < 0 { digits / scale } else { digits * scale };
        Some(if self.negative { -magnitude } else { magnitude })
    }

    /// The same for a single; it is infinite where the number is out of range.
    pub(crate) fn to_f32(&self) -> (f32, bool) {
        let mut text = AsciiBuffer::<64>::new();
        let nearest: f32 = match self.write_scientific(&mut text) {
            Ok(()) => text.as_str().parse().unwrap_or(f32::NAN),
            Err(_) => f32::NAN,
        };
        let short = self.digits() <= 6 && (nearest.is_normal() || self.len == 0);
        (nearest, short || self.is_shown_by(format_args!("{nearest:e}")) || self.is_exactly(nearest.into()))
    }

    /// Whether a floating-point number's shortest text is this number.
    fn is_shown_by(&self, shortest: std::fmt::Arguments<'_>) -> bool {
        let mut text = AsciiBuffer::<64>::new();
        match text.write_fmt(shortest).map(|()| DecimalText::parse(text.as_bytes())) {
            Ok(Ok(DecimalText::Finite(digits))) => self.same_as(&Groups::from_digits(&digits)),
            _ => false,
        }
    }

    fn is_exactly(&self, nearest: f64) -> bool {
        nearest.is_finite() && self.same_as(&Groups::from_f64(nearest))
    }
}

impl From<ShortNumeric> for Groups<NUMBER_GROUPS> {
    fn from(short: ShortNumeric) -> Self {
        let mut groups = [0; NUMBER_GROUPS];
        groups[..4].copy_from_slice(&short.groups());
        let weight = i16::try_from(short.weight()).unwrap_or_default();
        Groups { negative: short.is_negative(), weight, len: short.len(), groups }
    }
}

impl Groups<DOUBLE_GROUPS> {
    /// All digits of a finite double: each is a decimal number, if a long one.
    pub(crate) fn from_f64(value: f64) -> Self {
        let bits = value.to_bits();
        let fraction = bits & ((1 << 52) - 1);
        let biased = i32::try_from(bits >> 52 & 0x7ff).unwrap_or_default();
        let (mantissa, power) = if biased == 0 { (fraction, -1074) } else { (fraction | 1 << 52, biased - 1075) };
        let mut wide = Groups { negative: value < 0.0, weight: 0, len: 0, groups: [0; DOUBLE_GROUPS] };
        if mantissa == 0 {
            return wide;
        }
        // Least significant group first while multiplying.
        let zeros = mantissa.trailing_zeros();
        let power = power + zeros.cast_signed();
        wide.multiply_add(0, mantissa >> zeros);
        let mut below = 0_i16;
        if power >= 0 {
            wide.multiply_by_power(2, 30, power.unsigned_abs());
        } else {
            // m ÷ 2^k = m × 5^k ÷ 10^k, and k made a multiple of four.
            let places = power.unsigned_abs();
            let padding = (4 - places % 4) % 4;
            wide.multiply_by_power(5, 13, places);
            wide.multiply_add(10_u64.pow(padding), 0);
            below = i16::try_from((places + padding) / 4).unwrap_or_default();
        }
        wide.weight = i16::try_from(wide.len).unwrap_or_default() - 1 - below;
        let zeros = wide.as_slice().iter().take_while(|g| **g == 0).count();
        wide.groups[..wide.len].reverse();
        wide.len -= zeros;
        wide
    }

    fn multiply_by_power(&mut self, base: u64, step: u32, mut exponent: u32) {
        while exponent > 0 {
            let taken = exponent.min(step);
            self.multiply_add(base.pow(taken), 0);
            exponent -= taken;
        }
    }

    /// `self` × `factor` + `carry`; the factor is less than 2³¹.
    fn multiply_add(&mut self, factor: u64, mut carry: u64) {
        let set = |slot: &mut u16, n: u64| {
            *slot = u16::try_from(n % 10_000).unwrap_or_default();
            n / 10_000
        };
        for slot in &mut self.groups[..self.len] {
            carry = set(slot, u64::from(*slot) * factor + carry);
        }
        while carry > 0 {
            carry = set(&mut self.groups[self.len], carry);
            self.len += 1;
        }
    }
}

impl<const N: usize> Groups<N> {
    fn as_slice(&self) -> &[u16] {
        &self.groups[..self.len]
    }

    fn len_i32(&self) -> i32 {
        i32::try_from(self.len).unwrap_or_default()
    }

    fn same_as<const M: usize>(&self, other: &Groups<M>) -> bool {
        self.as_slice() == other.as_slice()
            && (self.len == 0 || (self.weight == other.weight && self.negative == other.negative))
    }

    /// The number as an integer, where it is one and fits.
    pub(crate) fn to_i64(&self) -> Result<i64, ValueErrorKind> {
        if self.lowest_power() < 0 {
            return Err(ValueErrorKind::Inexact);
        }
        let count = usize::try_from(self.weight + 1).unwrap_or_default();
        if count > 5 || count > N {
            return Err(ValueErrorKind::Overflow);
        }
        // Downwards: there is one more negative integer than there are positive ones.
        let negated = self.groups[..count]
            .iter()
            .try_fold(0_i64, |n, &group| n.checked_mul(10_000).and_then(|n| n.checked_sub(group.into())));
        let value = if self.negative { negated } else { negated.and_then(i64::checked_neg) };
        value.ok_or(ValueErrorKind::Overflow)
    }

    /// The number with at most `scale` digits behind the point (before it, where `scale` is negative), halves away from zero.
    pub(crate) fn rounded(&self, scale: i16) -> Self {
        let unit_power = -i32::from(scale);
        // The group with the last digit that is kept, and what that digit counts in it.
        let (unit_group, unit) = (unit_power.div_euclid(4), 10_u16.pow(unit_power.rem_euclid(4).cast_unsigned()));
        let index = i32::from(self.weight) - unit_group;
        let zero = Groups { negative: false, weight: 0, len: 0, groups: [0; N] };
        let one = |weight: i32, group: u16| {
            let mut one =
                Groups { negative: self.negative, weight: i16::try_from(weight).unwrap_or(i16::MAX), len: 1, ..zero };
            one.groups[0] = group;
            one
        };
        let Ok(index) = usize::try_from(index) else {
            // Less than the unit: it is one unit, or nothing.
            let up = index == -1 && unit == 1 && self.as_slice().first().is_some_and(|first| *first >= 5000);
            return if up { one(unit_group, 1) } else { zero };
        };
        if index >= self.len {
            return self.clone();
        }
        let mut rounded = self.clone();
        rounded.len = index + 1;
        rounded.groups[index + 1..].fill(0);
        let low = rounded.groups[index] % unit;
        let up = match unit {
            1 => self.as_slice().get(index + 1).is_some_and(|next| *next >= 5000),
            _ => low >= unit / 2,
        };
        rounded.groups[index] -= low;
        if up {
            rounded.groups[index] += unit;
            let mut at = index;
            while rounded.groups[at] == 10_000 {
                rounded.groups[at] = 0;
                let Some(before) = at.checked_sub(1) else { return one(i32::from(self.weight) + 1, 1) };
                at = before;
                rounded.groups[at] += 1;
            }
        }
        while rounded.as_slice().last() == Some(&0) {
            rounded.len -= 1;
        }
        if rounded.len == 0 { zero } else { rounded }
    }

    /// Whether the number is 0 or 1, and which.
    pub(crate) fn to_bool(&self) -> Option<bool> {
        match self.as_slice() {
            [] => Some(false),
            [1] if self.weight == 0 && !self.negative => Some(true),
            _ => None,
        }
    }

    /// The power of ten of the last digit that is not zero; 0 for zero.
    fn lowest_power(&self) -> i32 {
        let Some(&last) = self.as_slice().last() else { return 0 };
        let zeros = match last {
            n if n % 10 != 0 => 0,
            n if n % 100 != 0 => 1,
            n if n % 1000 != 0 => 2,
            _ => 3,
        };
        4 * (i32::from(self.weight) + 1 - self.len_i32()) + zeros
    }

    /// Digits before the decimal point; negative for zeros that follow it, 0 for zero.
    fn integer_digits(&self) -> i32 {
        let Some(&first) = self.as_slice().first() else { return 0 };
        let digits = match first {
            1000.. => 4,
            100.. => 3,
            10.. => 2,
            _ => 1,
        };
        4 * i32::from(self.weight) + digits
    }

    fn digits(&self) -> i32 {
        self.integer_digits() - self.lowest_power()
    }

    /// Appends the field as a column `numeric` or `numeric(p,s)` gives it back.
    pub(crate) fn put(&self, declared: Option<(u16, i16)>, out: &mut BytesMut) -> Result<(), ValueErrorKind> {
        let scale = match declared {
            None => u16::try_from(-self.lowest_power().min(0)).map_err(|_| ValueErrorKind::Overflow)?,
            Some((precision, scale)) => {
                if self.len > 0 {
                    if self.lowest_power() < -i32::from(scale) {
                        return Err(ValueErrorKind::Inexact);
                    }
                    if self.integer_digits() > i32::from(precision) - i32::from(scale) {
                        return Err(ValueErrorKind::Overflow);
                    }
                }
                u16::try_from(scale.max(0)).unwrap_or_default()
            }
        };
        let size = u32::try_from(8 + 2 * self.len).unwrap_or_default();
        let [s3, s2, s1, s0] = size.to_be_bytes();
        let [count_high, count_low] = u16::try_from(self.len).unwrap_or_default().to_be_bytes();
        let [weight_high, weight_low] = self.weight.to_be_bytes();
        let [scale_high, scale_low] = scale.to_be_bytes();
        let sign = if self.negative { 0x40 } else { 0 };
        let header = [s3, s2, s1, s0, count_high, count_low, weight_high, weight_low, sign, 0, scale_high, scale_low];
        out.put_slice(&header);
        self.as_slice().iter().for_each(|group| out.put_u16(*group));
        Ok(())
    }
}

/// Appends `numeric`'s NaN.
pub(crate) fn put_nan(out: &mut BytesMut) {
    out.put_slice(&[0, 0, 0, 8, 0, 0, 0, 0, 0xc0, 0, 0, 0]);
}

/// Appends `numeric`'s ±infinity, which it has from PostgreSQL 14 on; with the display scale that the server sends.
pub(crate) fn put_infinity(negative: bool, out: &mut BytesMut) {
    out.put_slice(&[0, 0, 0, 8, 0, 0, 0, 0, if negative { 0xf0 } else { 0xd0 }, 0, 0, 0x20]);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(groups: &Groups<DOUBLE_GROUPS>) -> String {
        let digits: String = groups.as_slice().iter().map(|g| format!("{g:04}")).collect();
        format!("{digits}E{}", 4 * (i32::from(groups.weight) + 1 - groups.len_i32()))
    }

    /// The standard library prints all digits of a double where asked to.
    #[test]
    fn all_digits_of_doubles() {
        for value in [0.1, 0.5, 1.0, 1e22, 1e23, 123.456, f64::MAX, f64::MIN_POSITIVE, 5e-324, 2_f64.powi(-1000), 1e-7]
        {
            let groups = Groups::from_f64(value);
            let expected = format!("{value:.1074}");
            let (whole, fraction) = expected.split_once('.').unwrap();
            let digits = format!("{whole}{fraction}");
            let expected = digits.trim_matches('0');
            let actual = text(&groups);
            let (mantissa, exponent) = actual.split_once('E').unwrap();
            assert_eq!(mantissa.trim_matches('0'), expected, "{value:e}");
            let zeros = digits.len() - digits.trim_end_matches('0').len();
            let trimmed = mantissa.len() - mantissa.trim_end_matches('0').len();
            let power = i64::try_from(zeros).unwrap() - 1074;
            assert_eq!(exponent.parse::<i64>().unwrap() + i64::try_from(trimmed).unwrap(), power, "{value:e}");
        }
    }
}
