use crate::{DateTimeError, ascii_buffer::AsciiBuffer};
use std::{
    fmt::{self, Write as _},
    str::FromStr,
};

/// What Oracle adds to the first and last field of an interval's bytes.
const EXCESS: i64 = 0x8000_0000;
const NANOSECONDS_A_DAY: i64 = 86_400_000_000_000;

/// INTERVAL YEAR TO MONTH, as one signed count of months.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct IntervalYm {
    /// Years × 12 + months; both fields of an Oracle interval have one sign.
    /// The years have at most nine digits, which an i32 of months does not reach: ±178 956 970 years is its limit.
    pub months: i32,
}

/// INTERVAL DAY TO SECOND: days and, within the day, nanoseconds of the same sign.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct IntervalDs {
    /// −999 999 999 to 999 999 999.
    pub days: i32,
    /// Less than a day in magnitude; never of the other sign than `days`.
    pub nanoseconds: i64,
}

impl IntervalYm {
    /// From years and months of one sign, the months less than 12 in magnitude.
    pub fn new(years: i32, months: i32) -> Result<Self, DateTimeError> {
        if months.unsigned_abs() > 11 || (years > 0 && months < 0) || (years < 0 && months > 0) {
            return Err(DateTimeError::new("months that are 12 or more or of another sign than the years"));
        }
        let total = years.checked_mul(12).and_then(|n| n.checked_add(months));
        total.map(|months| IntervalYm { months }).ok_or(DateTimeError::new("too many years"))
    }

    /// Reads Oracle's 5 bytes: years plus 2³¹ big-endian, months plus 60.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, DateTimeError> {
        let (years, months) = Self::fields_from_bytes(bytes)?;
        Self::new(years, months)
    }

    /// Years and months of one sign, from Oracle's 5 bytes: all that Oracle has, also what is too long for [`IntervalYm`].
    pub(crate) fn fields_from_bytes(bytes: &[u8]) -> Result<(i32, i32), DateTimeError> {
        let &[y3, y2, y1, y0, months] = bytes else { return Err(DateTimeError::new("not 5 bytes")) };
        let (years, months) = (excess(u32::from_be_bytes([y3, y2, y1, y0])), i32::from(months) - 60);
        if years.unsigned_abs() > 999_999_999 {
            return Err(DateTimeError::new("more than nine digits of years"));
        }
        Self::new(years.signum(), months)?;
        Ok((years, months))
    }

    /// Oracle's 5 bytes.
    pub fn to_bytes(&self) -> [u8; 5] {
        let [y3, y2, y1, y0] = with_excess(self.months / 12);
        [y3, y2, y1, y0, u8::try_from(self.months % 12 + 60).unwrap_or_default()]
    }
}

impl IntervalDs {
    /// A checked interval; for the ranges see the fields.
    pub fn new(days: i32, nanoseconds: i64) -> Result<Self, DateTimeError> {
        let interval = IntervalDs { days, nanoseconds };
        interval.check()?;
        Ok(interval)
    }

    /// Whether both fields are within their ranges and of one sign.
    #[inline]
    pub fn check(&self) -> Result<(), DateTimeError> {
        let mixed = (self.days > 0 && self.nanoseconds < 0) || (self.days < 0 && self.nanoseconds > 0);
        if self.days.unsigned_abs() > 999_999_999 {
            Err(DateTimeError::new("more than nine digits of days"))
        } else if self.nanoseconds.unsigned_abs() >= NANOSECONDS_A_DAY.unsigned_abs() || mixed {
            Err(DateTimeError::new("a time of a day or more, or of another sign than the days"))
        } else {
            Ok(())
        }
    }

    /// Reads Oracle's 11 bytes: days plus 2³¹ big-endian; hours, minutes and seconds each plus 60;
    /// nanoseconds plus 2³¹ big-endian.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, DateTimeError> {
        let &[d3, d2, d1, d0, hours, minutes, seconds, n3, n2, n1, n0] = bytes else {
            return Err(DateTimeError::new("not 11 bytes"));
        };
        let (days, fraction) =
            (excess(u32::from_be_bytes([d3, d2, d1, d0])), excess(u32::from_be_bytes([n3, n2, n1, n0])));
        let field = |byte: u8, limit: i32| Some(i32::from(byte) - 60).filter(|n| n.abs() < limit);
        let (Some(hours), Some(minutes), Some(seconds), Some(fraction)) = (
            field(hours, 24),
            field(minutes, 60),
            field(seconds, 60),
            Some(fraction).filter(|n| n.unsigned_abs() < 1_000_000_000),
        ) else {
            return Err(DateTimeError::new("a field out of range"));
        };
        let fields = [days, hours, minutes, seconds, fraction];
        if fields.iter().any(|&n| n > 0) && fields.iter().any(|&n| n < 0) {
            return Err(DateTimeError::new("fields of different signs"));
        }
        let seconds = i64::from(hours) * 3600 + i64::from(minutes) * 60 + i64::from(seconds);
        Self::new(days, seconds * 1_000_000_000 + i64::from(fraction))
    }

    /// Oracle's 11 bytes.
    pub fn to_bytes(&self) -> Result<[u8; 11], DateTimeError> {
        self.check()?;
        let plus_60 = |n: i64| u8::try_from(n + 60).unwrap_or_default();
        let seconds = self.nanoseconds / 1_000_000_000;
        let [d3, d2, d1, d0] = with_excess(self.days);
        let [n3, n2, n1, n0] = with_excess(i32::try_from(self.nanoseconds % 1_000_000_000).unwrap_or_default());
        let (hours, minutes, seconds) = (plus_60(seconds / 3600), plus_60(seconds / 60 % 60), plus_60(seconds % 60));
        Ok([d3, d2, d1, d0, hours, minutes, seconds, n3, n2, n1, n0])
    }
}

fn excess(stored: u32) -> i32 {
    i32::try_from(i64::from(stored) - EXCESS).unwrap_or_default()
}

fn with_excess(n: i32) -> [u8; 4] {
    u32::try_from(i64::from(n) + EXCESS).unwrap_or_default().to_be_bytes()
}

/// As Oracle writes it: `+02-03`, `-100-00`.
impl fmt::Display for IntervalYm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (sign, months) = (if self.months < 0 { '-' } else { '+' }, self.months.unsigned_abs());
        let mut text = AsciiBuffer::<24>::new();
        write!(text, "{sign}{:02}-{:02}", months / 12, months % 12)?;
        f.pad(text.as_str())
    }
}

/// As Oracle writes it: `+05 10:10:10`, with nine digits of fraction where it is not 0.
impl fmt::Display for IntervalDs {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.days < 0 || self.nanoseconds < 0 { '-' } else { '+' };
        let (seconds, fraction) =
            (self.nanoseconds.unsigned_abs() / 1_000_000_000, self.nanoseconds.unsigned_abs() % 1_000_000_000);
        let mut text = AsciiBuffer::<64>::new();
        write!(text, "{sign}{:02} ", self.days.unsigned_abs())?;
        write!(text, "{:02}:{:02}:{:02}", seconds / 3600, seconds / 60 % 60, seconds % 60)?;
        if fraction != 0 {
            write!(text, ".{fraction:09}")?;
        }
        f.pad(text.as_str())
    }
}

/// Reads `[+|-]years-months`.
impl FromStr for IntervalYm {
    type Err = DateTimeError;

    fn from_str(s: &str) -> Result<Self, Self::Err> {
        let (sign, rest) = sign_of(s);
        let (years, months) = rest.split_once('-').ok_or(DateTimeError::new("not [+|-]years-months"))?;
        Self::new(sign * field(years, 9)?, sign * field(months, 2)?)
    }
}

/// Reads `[+|-]days hours:minutes:seconds[.fraction]`, with up to nine digits of fraction.
impl FromStr for IntervalDs {
    type Err = DateTimeError;

    fn from_str(s: &str) -> Result<Self, Self::Err> {
        let shape = || DateTimeError::new("not [+|-]days hours:minutes:seconds[.fraction]");
        let (sign, rest) = sign_of(s);
        let (days, time) = rest.split_once(' ').ok_or_else(shape)?;
        let (time, fraction) = time.split_once('.').unwrap_or((time, ""));
        let mut fields = time.split(':');
        let mut next = || field(fields.next().unwrap_or_default(), 2);
        let (hours, minutes, seconds) = (next()?, next()?, next()?);
        if fields.next().is_some() {
            return Err(shape());
        }
        if hours > 23 || minutes > 59 || seconds > 59 {
            return Err(DateTimeError::new("a time of a day or more"));
        }
        let seconds = i64::from(hours * 3600 + minutes * 60 + seconds);
        let nanoseconds = seconds * 1_000_000_000 + fraction_nanoseconds(fraction)?;
        Self::new(sign * field(days, 9)?, i64::from(sign) * nanoseconds)
    }
}

fn sign_of(s: &str) -> (i32, &str) {
    match s.strip_prefix('-') {
        Some(rest) => (-1, rest),
        None => (1, s.strip_prefix('+').unwrap_or(s)),
    }
}

fn field(digits: &str, most: usize) -> Result<i32, DateTimeError> {
    if digits.is_empty() || digits.len() > most || !digits.bytes().all(|b| b.is_ascii_digit()) {
        return Err(DateTimeError::new("a field without digits or with too many"));
    }
    digits.parse().map_err(|_| DateTimeError::new("a field that is no number"))
}

/// Zero to nine digits after the point, as nanoseconds.
pub(crate) fn fraction_nanoseconds(digits: &str) -> Result<i64, DateTimeError> {
    if digits.is_empty() {
        return Ok(0);
    }
    let missing = u32::try_from(9_usize.saturating_sub(digits.len())).unwrap_or_default();
    Ok(i64::from(field(digits, 9)?) * 10_i64.pow(missing))
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use proptest::prelude::*;

    pub(crate) fn interval_ds() -> impl Strategy<Value = IntervalDs> {
        let time = prop_oneof![Just(0), 0..NANOSECONDS_A_DAY];
        (0..=999_999_999_i32, time, any::<bool>()).prop_map(|(days, nanoseconds, negative)| {
            if negative {
                IntervalDs { days: -days, nanoseconds: -nanoseconds }
            } else {
                IntervalDs { days, nanoseconds }
            }
        })
    }

    #[test]
    fn known_bytes_and_text() {
        let ym = IntervalYm::new(2, 3).unwrap();
        assert_eq!((ym.to_bytes(), ym.to_string().as_str()), ([128, 0, 0, 2, 63], "+02-03"));
        let ym: IntervalYm = "-100-11".parse().unwrap();
        assert_eq!((ym.months, ym.to_bytes()), (-1211, [127, 255, 255, 156, 49]));
        let ds: IntervalDs = "+05 10:10:10.000000".parse().unwrap();
        assert_eq!(ds, IntervalDs { days: 5, nanoseconds: 36_610_000_000_000 });
        assert_eq!(ds.to_bytes().unwrap(), [128, 0, 0, 5, 70, 70, 70, 128, 0, 0, 0]);
        let ds: IntervalDs = "-00 00:00:00.5".parse().unwrap();
        assert_eq!((ds.nanoseconds, ds.to_string().as_str()), (-500_000_000, "-00 00:00:00.500000000"));
    }

    #[test]
    fn refuses_what_oracle_has_not() {
        for bad in ["", "2", "+02-12", "02--1", "+1234567890-00", "999999999-00", "a-b"] {
            assert!(bad.parse::<IntervalYm>().is_err(), "{bad}");
        }
        for bad in
            ["", "5", "5 1:2", "5 24:00:00", "5 1:2:3:4", "5 1:2:3.1234567890", "5 1:60:0", "x 1:2:3", "5 1:2:-3"]
        {
            assert!(bad.parse::<IntervalDs>().is_err(), "{bad}");
        }
        assert!(IntervalDs::new(1, -1).is_err() && IntervalDs::new(0, NANOSECONDS_A_DAY).is_err());
        assert!(IntervalYm::new(0, i32::MIN).is_err());
        assert!(IntervalYm::from_bytes(&[128, 0, 0, 2, 59]).is_err());
        // 999 999 999 years are Oracle's, one more are not.
        assert_eq!(IntervalYm::fields_from_bytes(&[187, 154, 201, 255, 71]), Ok((999_999_999, 11)));
        assert!(IntervalYm::from_bytes(&[187, 154, 201, 255, 71]).is_err());
        assert!(IntervalYm::fields_from_bytes(&[187, 154, 202, 0, 60]).is_err());
        assert!(IntervalDs::from_bytes(&[128, 0, 0, 0, 61, 59, 60, 128, 0, 0, 0]).is_err());
    }

    proptest! {
        #[test]
        fn round_trips(months in -2_000_000_000..2_000_000_000_i32, ds in interval_ds()) {
            let ym = IntervalYm { months };
            prop_assert_eq!(IntervalYm::from_bytes(&ym.to_bytes()).unwrap(), ym);
            prop_assert_eq!(ym.to_string().parse::<IntervalYm>().unwrap(), ym);
            prop_assert_eq!(IntervalDs::from_bytes(&ds.to_bytes().unwrap()).unwrap(), ds);
            prop_assert_eq!(ds.to_string().parse::<IntervalDs>().unwrap(), ds);
        }

        #[test]
        fn any_bytes(bytes in prop::collection::vec(any::<u8>(), 0..13)) {
            if let Ok(ym) = IntervalYm::from_bytes(&bytes) {
                prop_assert_eq!(&ym.to_bytes()[..], &bytes[..]);
            }
            if let Ok(ds) = IntervalDs::from_bytes(&bytes) {
                prop_assert_eq!(&ds.to_bytes().unwrap()[..], &bytes[..]);
            }
        }
    }
}
