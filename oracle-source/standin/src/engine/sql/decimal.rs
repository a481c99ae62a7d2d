//! Exact decimal arithmetic for NUMBER: base-100 digits as Oracle keeps them, rounded to 20 of them
//! (39 or 40 decimal digits) where a result becomes a NUMBER again.

use crate::OraError;
use std::cmp::Ordering;
use type_convert::Number;

/// A decimal number of any length: the sum of `digits[i] * 100^(exponent - i)`. Zero has no digits.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Decimal {
    negative: bool,
    /// Base-100, most significant first, no zeros at either end.
    digits: Vec<u8>,
    exponent: i32,
}

fn overflow() -> OraError {
    OraError::new(1426, "numeric overflow")
}

impl From<i64> for Decimal {
    fn from(value: i64) -> Self {
        let mut rest = value.unsigned_abs();
        let mut digits = Vec::with_capacity(10);
        while rest > 0 {
            digits.push(u8::try_from(rest % 100).unwrap_or(0));
            rest /= 100;
        }
        digits.reverse();
        let exponent = i32::try_from(digits.len()).unwrap_or(0) - 1;
        Decimal { negative: value < 0, digits, exponent }.normal()
    }
}

impl Decimal {
    pub(crate) fn zero() -> Self {
        Decimal::default()
    }

    /// ORA-01426 for ±infinity, with which nothing can be computed.
    pub(crate) fn of(number: &Number) -> Result<Self, OraError> {
        let bytes = number.as_bytes();
        match bytes {
            [] | [0x80] => Ok(Decimal::zero()),
            [0] | [0xff, 0x65] => Err(overflow()),
            [first, rest @ ..] if *first > 0x80 => Ok(Decimal {
                negative: false,
                digits: rest.iter().map(|b| b.saturating_sub(1)).collect(),
                exponent: i32::from(*first) - 193,
            }
            .normal()),
            [first, rest @ ..] => Ok(Decimal {
                negative: true,
                digits: rest.iter().take_while(|b| **b != 102).map(|b| 101u8.saturating_sub(*b)).collect(),
                exponent: 62 - i32::from(*first),
            }
            .normal()),
        }
    }

    /// Rounds to what a NUMBER holds. ORA-01426 where it is too large; too small becomes 0.
    pub(crate) fn number(&self) -> Result<Number, OraError> {
        let value = self.clone().rounded_to(20);
        if value.digits.is_empty() || value.exponent < -65 {
            return Ok(Number::ZERO);
        }
        if value.exponent > 62 {
            return Err(overflow());
        }
        let mut bytes = Vec::with_capacity(22);
        if value.negative {
            bytes.push(u8::try_from(62 - value.exponent).map_err(|_| overflow())?);
            bytes.extend(value.digits.iter().map(|d| 101 - d));
            if bytes.len() < 21 {
                bytes.push(102);
            }
        } else {
            bytes.push(u8::try_from(193 + value.exponent).map_err(|_| overflow())?);
            bytes.extend(value.digits.iter().map(|d| d + 1));
        }
        Number::from_bytes(&bytes).map_err(|_| overflow())
    }

    fn normal(mut self) -> Self {
        while self.digits.last() == Some(&0) {
            self.digits.pop();
        }
        let leading = self.digits.iter().take_while(|d| **d == 0).count();
        if leading > 0 {
            self.digits.drain(..leading);
            self.exponent -= i32::try_from(leading).unwrap_or(0);
        }
        if self.digits.is_empty() {
            return Decimal::zero();
        }
        self
    }

    /// Half up at `count` base-100 digits.
    fn rounded_to(mut self, count: usize) -> Self {
        if self.digits.len() <= count {
            return self;
        }
        let up = self.digits[count] >= 50;
        self.digits.truncate(count);
        if up {
            self.increment_last();
        }
        self.normal()
    }

    fn increment_last(&mut self) {
        for digit in self.digits.iter_mut().rev() {
            if *digit < 99 {
                *digit += 1;
                return;
            }
            *digit = 0;
        }
        self.digits.insert(0, 1);
        self.exponent += 1;
    }

    pub(crate) fn is_zero(&self) -> bool {
        self.digits.is_empty()
    }

    pub(crate) fn is_negative(&self) -> bool {
        self.negative
    }

    pub(crate) fn negated(mut self) -> Self {
        self.negative = !self.negative && !self.digits.is_empty();
        self
    }

    pub(crate) fn abs(mut self) -> Self {
        self.negative = false;
        self
    }

    pub(crate) fn is_integer(&self) -> bool {
        self.digits.is_empty() || self.low() >= 0
    }

    /// Exponent of the last digit.
    fn low(&self) -> i32 {
        self.exponent - i32::try_from(self.digits.len()).unwrap_or(0) + 1
    }

    /// The digit of weight `100^exponent`.
    fn digit(&self, exponent: i32) -> u8 {
        usize::try_from(self.exponent - exponent).ok().and_then(|i| self.digits.get(i)).copied().unwrap_or(0)
    }

    fn compare_magnitude(&self, other: &Decimal) -> Ordering {
        match (self.digits.is_empty(), other.digits.is_empty()) {
            (true, true) => Ordering::Equal,
            (true, false) => Ordering::Less,
            (false, true) => Ordering::Greater,
            _ => self.exponent.cmp(&other.exponent).then_with(|| self.digits.cmp(&other.digits)),
        }
    }

    pub(crate) fn add(&self, other: &Decimal) -> Decimal {
        if self.is_zero() {
            return other.clone();
        }
        if other.is_zero() {
            return self.clone();
        }
        let high = self.exponent.max(other.exponent) + 1;
        let low = self.low().min(other.low());
        let subtract = self.negative != other.negative;
        let (large, small) =
            if self.compare_magnitude(other) == Ordering::Less { (other, self) } else { (self, other) };
        let mut digits = Vec::new();
        let mut carry = 0i16;
        for exponent in low..=high {
            let (a, b) = (i16::from(large.digit(exponent)), i16::from(small.digit(exponent)));
            let mut sum = if subtract { a - b + carry } else { a + b + carry };
            carry = 0;
            if sum < 0 {
                sum += 100;
                carry = -1;
            } else if sum > 99 {
                sum -= 100;
                carry = 1;
            }
            digits.push(u8::try_from(sum).unwrap_or(0));
        }
        digits.reverse();
        Decimal { negative: large.negative, digits, exponent: high }.normal()
    }

    pub(crate) fn subtract(&self, other: &Decimal) -> Decimal {
        self.add(&other.clone().negated())
    }

    pub(crate) fn multiply(&self, other: &Decimal) -> Decimal {
        let mut sums = vec![0u32; self.digits.len() + other.digits.len() + 1];
        for (i, a) in self.digits.iter().enumerate() {
            for (j, b) in other.digits.iter().enumerate() {
                sums[i + j + 1] += u32::from(*a) * u32::from(*b);
            }
        }
        let mut carry = 0;
        for sum in sums.iter_mut().rev() {
            let total = *sum + carry;
            *sum = total % 100;
            carry = total / 100;
        }
        let digits = sums.into_iter().map(|d| u8::try_from(d).unwrap_or(0)).collect();
        Decimal { negative: self.negative != other.negative, digits, exponent: self.exponent + other.exponent + 1 }
            .normal()
    }

    /// The first `count` base-100 digits of the quotient, cut off, and whether that is less than all of it.
    fn quotient(&self, divisor: &Decimal, count: usize) -> (Decimal, bool) {
        let mut remainder: Vec<u8> = Vec::new();
        let mut digits = Vec::with_capacity(count);
        let lead = divisor.digits.len();
        // The first step takes as many digits as the divisor has: their quotient's weight is the exponents' difference.
        for step in 0..count {
            let from = if step == 0 { 0 } else { lead + step - 1 };
            for i in from..lead + step {
                remainder.push(self.digits.get(i).copied().unwrap_or(0));
            }
            let mut digit = 0u8;
            loop {
                let zeros = remainder.iter().take_while(|d| **d == 0).count();
                remainder.drain(..zeros);
                let fits = match remainder.len().cmp(&lead) {
                    Ordering::Less => false,
                    Ordering::Greater => true,
                    Ordering::Equal => remainder.as_slice() >= divisor.digits.as_slice(),
                };
                if !fits || digit == 99 {
                    break;
                }
                digit += 1;
                let offset = remainder.len() - lead;
                let mut borrow = 0i16;
                for i in (0..remainder.len()).rev() {
                    let take = if i >= offset { i16::from(divisor.digits[i - offset]) } else { 0 };
                    let mut left = i16::from(remainder[i]) - take - borrow;
                    borrow = 0;
                    if left < 0 {
                        left += 100;
                        borrow = 1;
                    }
                    remainder[i] = u8::try_from(left).unwrap_or(0);
                }
            }
            digits.push(digit);
        }
        let rest = remainder.iter().any(|d| *d != 0) || self.digits.len() > lead + count.max(1) - 1;
        let value =
            Decimal { negative: self.negative != divisor.negative, digits, exponent: self.exponent - divisor.exponent };
        (value.normal(), rest)
    }

    /// ORA-01476 for a divisor of 0. Exact to more digits than a NUMBER holds.
    pub(crate) fn divide(&self, divisor: &Decimal) -> Result<Decimal, OraError> {
        if divisor.is_zero() {
            return Err(OraError::new(1476, "divisor is equal to zero"));
        }
        Ok(self.quotient(divisor, 23).0)
    }

    /// `MOD(self, divisor)`: the sign of `self`; `self` where the divisor is 0.
    pub(crate) fn modulo(&self, divisor: &Decimal) -> Decimal {
        if divisor.is_zero() || self.compare_magnitude(divisor) == Ordering::Less {
            return self.clone();
        }
        let count = usize::try_from(self.exponent - divisor.exponent + 1).unwrap_or(0);
        let whole = self.quotient(divisor, count).0;
        self.subtract(&whole.multiply(divisor))
    }

    /// Decimal digits, most significant first, and the number of them before the point.
    fn decimal_digits(&self) -> (Vec<u8>, i32) {
        let mut digits = Vec::with_capacity(self.digits.len() * 2);
        for d in &self.digits {
            digits.push(d / 10);
            digits.push(d % 10);
        }
        let mut point = (self.exponent + 1) * 2;
        if digits.first() == Some(&0) {
            digits.remove(0);
            point -= 1;
        }
        while digits.last() == Some(&0) {
            digits.pop();
        }
        (digits, point)
    }

    fn from_decimal_digits(negative: bool, mut digits: Vec<u8>, mut point: i32) -> Decimal {
        if point.rem_euclid(2) == 1 {
            digits.insert(0, 0);
            point += 1;
        }
        if digits.len() % 2 == 1 {
            digits.push(0);
        }
        let pairs = digits.chunks(2).map(|p| p[0] * 10 + p[1]).collect();
        Decimal { negative, digits: pairs, exponent: point / 2 - 1 }.normal()
    }

    /// Number of decimal digits before the point (0 or less where the number is below 1).
    pub(crate) fn integer_digits(&self) -> i32 {
        if self.is_zero() { 0 } else { self.decimal_digits().1 }
    }

    /// Cuts after `places` decimals (before the point where negative), half away from zero where `round`.
    fn cut(&self, places: i32, round: bool) -> Decimal {
        let (mut digits, point) = self.decimal_digits();
        let keep = i64::from(point) + i64::from(places);
        let length = i64::try_from(digits.len()).unwrap_or(i64::MAX);
        if keep >= length {
            return self.clone();
        }
        let Ok(keep) = usize::try_from(keep) else { return Decimal::zero() };
        let up = round && digits[keep] >= 5;
        digits.truncate(keep);
        let mut value = Decimal::from_decimal_digits(self.negative, digits, point);
        if up {
            let unit = Decimal::from_decimal_digits(self.negative, vec![1], 1 - places);
            value = value.add(&unit);
        }
        value
    }

    pub(crate) fn round(&self, places: i32) -> Decimal {
        self.cut(places, true)
    }

    /// Half away from zero at `count` significant decimal digits.
    pub(crate) fn round_significant(&self, count: i32) -> Decimal {
        self.cut(count - self.integer_digits(), true)
    }

    pub(crate) fn trunc(&self, places: i32) -> Decimal {
        self.cut(places, false)
    }

    pub(crate) fn floor(&self) -> Decimal {
        let whole = self.trunc(0);
        if self.negative && !self.is_integer() { whole.subtract(&Decimal::from(1)) } else { whole }
    }

    pub(crate) fn ceil(&self) -> Decimal {
        self.clone().negated().floor().negated()
    }

    /// The whole number, where it is one and fits.
    pub(crate) fn to_i64(&self) -> Option<i64> {
        if !self.is_integer() || self.exponent > 9 {
            return None;
        }
        let mut value: i128 = 0;
        for exponent in (0..=self.exponent).rev() {
            value = value * 100 + i128::from(self.digit(exponent));
        }
        i64::try_from(if self.negative { -value } else { value }).ok()
    }

    pub(crate) fn to_f64(&self) -> f64 {
        let (digits, point) = self.decimal_digits();
        let text: String = digits.iter().map(|d| char::from(b'0' + d)).collect();
        let exponent = i64::from(point) - i64::try_from(digits.len()).unwrap_or(0);
        let magnitude: f64 = if digits.is_empty() { 0.0 } else { format!("{text}e{exponent}").parse().unwrap_or(0.0) };
        if self.negative { -magnitude } else { magnitude }
    }

    /// `None` for NaN and ±infinity.
    pub(crate) fn from_f64(value: f64) -> Option<Decimal> {
        value.is_finite().then(|| Decimal::parse(&format!("{value:e}"))).flatten()
    }

    /// Sign, digits, one point, exponent; nothing else, no blanks.
    pub(crate) fn parse(text: &str) -> Option<Decimal> {
        let (negative, rest) = match text.as_bytes().first()? {
            b'-' => (true, &text[1..]),
            b'+' => (false, &text[1..]),
            _ => (false, text),
        };
        let (mantissa, exponent) = match rest.find(['e', 'E']) {
            Some(at) => (&rest[..at], rest[at + 1..].parse::<i32>().ok()?),
            None => (rest, 0),
        };
        let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
        if whole.is_empty() && fraction.is_empty() || !(-400..=400).contains(&exponent) || mantissa.len() > 4000 {
            return None;
        }
        let mut digits = Vec::with_capacity(mantissa.len());
        for byte in whole.bytes().chain(fraction.bytes()) {
            if !byte.is_ascii_digit() {
                return None;
            }
            digits.push(byte - b'0');
        }
        let point = i32::try_from(whole.len()).ok()? + exponent;
        Some(Decimal::from_decimal_digits(negative, digits, point))
    }

    /// Digits before the point (at least "" for numbers below 1) and exactly `places` after it, rounded.
    pub(crate) fn fixed(&self, places: usize) -> (String, String) {
        let rounded = self.round(i32::try_from(places).unwrap_or(i32::MAX));
        let (digits, point) = rounded.decimal_digits();
        let at = |i: i32| -> char {
            let digit = usize::try_from(i).ok().and_then(|i| digits.get(i)).copied().unwrap_or(0);
            char::from(b'0' + digit)
        };
        let whole = if digits.is_empty() { String::new() } else { (0..point).map(at).collect() };
        let start = if digits.is_empty() { 0 } else { point };
        let fraction = (0..i32::try_from(places).unwrap_or(0)).map(|i| at(start + i)).collect();
        (whole, if digits.is_empty() { "0".repeat(places) } else { fraction })
    }

    /// Decimals after the point that are not zero at the end.
    pub(crate) fn scale(&self) -> usize {
        let (digits, point) = self.decimal_digits();
        usize::try_from(i64::try_from(digits.len()).unwrap_or(0) - i64::from(point)).unwrap_or(0)
    }

    /// One digit, a point, the rest with `places` decimals where given: `1.5E+10`.
    pub(crate) fn scientific(&self, places: Option<usize>) -> String {
        if self.is_zero() {
            let zeros = "0".repeat(places.unwrap_or(0));
            return if zeros.is_empty() { "0E+00".to_owned() } else { format!("0.{zeros}E+00") };
        }
        let rounded = match places {
            Some(p) => self.round_significant(i32::try_from(p).unwrap_or(100) + 1),
            None => self.clone(),
        };
        let (mut digits, point) = rounded.decimal_digits();
        if let Some(p) = places {
            digits.resize(p + 1, 0);
        }
        let exponent = point - 1;
        let mut text = String::new();
        if self.negative {
            text.push('-');
        }
        for (i, digit) in digits.iter().enumerate() {
            if i == 1 {
                text.push('.');
            }
            text.push(char::from(b'0' + digit));
        }
        let sign = if exponent < 0 { '-' } else { '+' };
        format!("{text}E{sign}{:02}", exponent.abs())
    }

    /// As Oracle converts a NUMBER to text without a format: `.5`, `-12`, at most 40 characters.
    pub(crate) fn to_text(&self) -> String {
        if self.is_zero() {
            return "0".to_owned();
        }
        let (whole, fraction) = self.fixed(self.scale());
        if whole.len() + fraction.len() + usize::from(!fraction.is_empty()) > 41 {
            let exponent = (self.integer_digits() - 1).abs();
            let places = if exponent >= 100 { 33 } else { 34 };
            return self.scientific(Some(places));
        }
        let sign = if self.negative { "-" } else { "" };
        if fraction.is_empty() { format!("{sign}{whole}") } else { format!("{sign}{whole}.{fraction}") }
    }

    /// Square root to more digits than a NUMBER holds. `None` for negative numbers.
    pub(crate) fn sqrt(&self) -> Option<Decimal> {
        if self.negative {
            return None;
        }
        if self.is_zero() {
            return Some(Decimal::zero());
        }
        let two = Decimal::from(2);
        // Scaled by an even power of 100, so that the first guess fits a double.
        let shift = self.exponent - self.exponent.rem_euclid(2);
        let scaled = Decimal { exponent: self.exponent - shift, ..self.clone() };
        let mut guess = Decimal::from_f64(scaled.to_f64().sqrt())?;
        for _ in 0..4 {
            guess = guess.add(&scaled.divide(&guess).ok()?).divide(&two).ok()?.rounded_to(24);
        }
        guess.exponent += shift / 2;
        // The last digit of an iteration may be off by one: a root that is exact in fewer digits is taken.
        let short = guess.clone().rounded_to(20);
        Some(if short.multiply(&short) == *self { short } else { guess })
    }

    /// `None` where the exponent is too large to be meant.
    pub(crate) fn power(&self, exponent: i64) -> Result<Decimal, OraError> {
        if exponent < 0 {
            let magnitude = self.power(exponent.checked_neg().ok_or_else(overflow)?)?;
            return Decimal::from(1).divide(&magnitude);
        }
        let (mut result, mut base, mut left) = (Decimal::from(1), self.clone(), exponent);
        while left > 0 {
            if left % 2 == 1 {
                result = result.multiply(&base).rounded_to(24);
            }
            left /= 2;
            if left > 0 {
                base = base.multiply(&base).rounded_to(24);
            }
            if result.exponent.abs() > 400 || base.exponent.abs() > 400 {
                if result.exponent < 0 || base.exponent < 0 {
                    return Ok(Decimal::zero());
                }
                return Err(overflow());
            }
        }
        Ok(result)
    }
}

impl PartialOrd for Decimal {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Decimal {
    fn cmp(&self, other: &Self) -> Ordering {
        match (self.negative, other.negative) {
            (false, true) => Ordering::Greater,
            (true, false) => Ordering::Less,
            (false, false) => self.compare_magnitude(other),
            (true, true) => other.compare_magnitude(self),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn d(text: &str) -> Decimal {
        Decimal::parse(text).unwrap()
    }

    #[test]
    fn arithmetic_is_exact() {
        assert_eq!(d("0.1").add(&d("0.2")).to_text(), ".3");
        assert_eq!(d("100").subtract(&d("0.01")).to_text(), "99.99");
        assert_eq!(d("1").subtract(&d("1")), Decimal::zero());
        assert_eq!(d("-5").add(&d("3")).to_text(), "-2");
        assert_eq!(d("99999").multiply(&d("99999")).to_text(), "9999800001");
        assert_eq!(d("-1.5").multiply(&d("2")).to_text(), "-3");
        assert_eq!(d("1e30").add(&d("1")).to_text(), "1000000000000000000000000000001");
    }

    #[test]
    fn division_has_forty_digits() {
        let third = Decimal::from_number_text(d("1").divide(&d("3")).unwrap());
        assert_eq!(third, format!(".{}", "3".repeat(40)));
        let two_thirds = Decimal::from_number_text(d("2").divide(&d("3")).unwrap());
        assert_eq!(two_thirds, format!(".{}7", "6".repeat(39)));
        assert_eq!(d("10").divide(&d("4")).unwrap().to_text(), "2.5");
        assert_eq!(d("12345678901234567890").divide(&d("10")).unwrap().to_text(), "1234567890123456789");
        assert_eq!(d("1").divide(&d("99")).unwrap().round(6).to_text(), ".010101");
        assert!(d("1").divide(&Decimal::zero()).is_err());
    }

    impl Decimal {
        fn from_number_text(value: Decimal) -> String {
            Decimal::of(&value.number().unwrap()).unwrap().to_text()
        }
    }

    #[test]
    fn rounding_is_half_away_from_zero() {
        for (text, places, want) in [
            ("15.193", 1, "15.2"),
            ("15.193", -1, "20"),
            ("-15.5", 0, "-16"),
            ("0.05", 1, ".1"),
            ("0.04", 1, "0"),
            ("999.99", 1, "1000"),
            ("5", -1, "10"),
            ("4", -1, "0"),
            ("50", -2, "100"),
        ] {
            assert_eq!(d(text).round(places).to_text(), want, "{text} {places}");
        }
        assert_eq!(d("-15.79").trunc(1).to_text(), "-15.7");
        assert_eq!(d("-15.1").floor().to_text(), "-16");
        assert_eq!(d("-15.9").ceil().to_text(), "-15");
        assert_eq!(d("15.1").ceil().to_text(), "16");
    }

    #[test]
    fn modulo_takes_the_sign_of_the_dividend() {
        assert_eq!(d("11").modulo(&d("4")).to_text(), "3");
        assert_eq!(d("-11").modulo(&d("4")).to_text(), "-3");
        assert_eq!(d("11").modulo(&d("-4")).to_text(), "3");
        assert_eq!(d("11").modulo(&d("0")).to_text(), "11");
        assert_eq!(d("1e38").modulo(&d("7")).to_text(), "2");
        assert_eq!(d("5.5").modulo(&d("2")).to_text(), "1.5");
    }

    #[test]
    fn roots_and_powers() {
        assert_eq!(d("4").sqrt().unwrap().number().unwrap(), Decimal::from(2).number().unwrap());
        assert_eq!(d("0.0004").sqrt().unwrap().to_text(), ".02");
        assert_eq!(d("2").sqrt().unwrap().round(37).to_text(), "1.4142135623730950488016887242096980786");
        assert_eq!(d("3").power(4).unwrap().to_text(), "81");
        assert_eq!(d("2").power(-2).unwrap().to_text(), ".25");
    }

    #[test]
    fn bytes_go_both_ways() {
        for text in ["0", "1", "-1", "123.45", "-.00123", "1e100", "-9.99e-120", "100", "12345678901234567890123456789"]
        {
            let value = d(text);
            let number = value.number().unwrap();
            assert_eq!(Decimal::of(&number).unwrap(), value, "{text}");
        }
        assert!(d("1e126").number().is_err());
        assert_eq!(d("1e-140").number().unwrap(), Number::ZERO);
    }

    proptest::proptest! {
        #[test]
        fn agrees_with_integers(a in -1_000_000_000i64..1_000_000_000, b in -1_000_000i64..1_000_000) {
            let (x, y) = (Decimal::from(a), Decimal::from(b));
            assert_eq!(x.add(&y).to_i64(), Some(a + b));
            assert_eq!(x.subtract(&y).to_i64(), Some(a - b));
            assert_eq!(x.multiply(&y).to_i64(), Some(a * b));
            assert_eq!(x.cmp(&y), a.cmp(&b));
            if b != 0 {
                assert_eq!(x.divide(&y).unwrap().trunc(0).to_i64(), Some(a / b));
                assert_eq!(x.modulo(&y).to_i64(), Some(a % b));
            }
        }
    }
}
