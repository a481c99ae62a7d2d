use crate::{ascii_buffer::AsciiBuffer, format_model};
use std::{
    fmt::{self, Write as _},
    str::FromStr,
};

const MINUTES_A_DAY: i32 = 24 * 60;
const SECONDS_A_DAY: i64 = 86_400;
/// By month, in years that begin in March; there is no month 0.
const DAYS_BEFORE_MONTH: [u32; 13] = [0, 306, 337, 0, 31, 61, 92, 122, 153, 184, 214, 245, 275];
/// From the day before 1 March 4801 BC, in the Gregorian calendar extended backwards.
const DAYS_TO_1970: i64 = 719_469 + 12 * 146_097;

/// A calendar date and time of day as Oracle's DATE and TIMESTAMP hold it, field by field.
///
/// Its fields are public, so a value can be out of range: [`DateTime::new`] and the readers check,
/// and whatever writes bytes checks again.
///
/// Oracle counts in the Julian calendar up to 4 October 1582 and in the Gregorian from 15 October
/// 1582 on; PostgreSQL extends the Gregorian backwards. Fields are carried over as they are, never
/// recalculated, so a day that only the Julian calendar has (29 February 1500) has no counterpart.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct DateTime {
    /// −4712 to 9999 without 0: −1 is 1 BC, as Oracle counts (`SYYYY`).
    pub year: i16,
    /// 1 to 12.
    pub month: u8,
    /// 1 to 31.
    pub day: u8,
    /// 0 to 23.
    pub hour: u8,
    /// 0 to 59.
    pub minute: u8,
    /// 0 to 59: Oracle has no leap seconds.
    pub second: u8,
    /// 0 to 999 999 999; always 0 in a DATE.
    pub nanosecond: u32,
}

/// An offset from UTC in minutes, −15:59 to +15:59.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct UtcOffset {
    /// Minutes east of UTC.
    pub minutes: i16,
}

/// Fields, bytes or text that are no date, time, offset or interval of Oracle's.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("not an Oracle date, time or interval: {reason}")]
pub struct DateTimeError {
    reason: &'static str,
}

impl DateTimeError {
    pub(crate) fn new(reason: &'static str) -> Self {
        DateTimeError { reason }
    }

    pub(crate) fn reason(&self) -> &'static str {
        self.reason
    }
}

impl DateTime {
    /// A checked date and time; for the ranges see the fields.
    #[inline]
    pub fn new(
        year: i16,
        month: u8,
        day: u8,
        hour: u8,
        minute: u8,
        second: u8,
        nanosecond: u32,
    ) -> Result<Self, DateTimeError> {
        let at = DateTime { year, month, day, hour, minute, second, nanosecond };
        at.check()?;
        Ok(at)
    }

    /// Whether all fields are within their ranges and the day exists in Oracle's calendar.
    ///
    /// The days 5 to 14 October 1582, which Oracle's calendar skips, are let through: PostgreSQL has them.
    /// Before Christ 29 February is let through in the years that are leap by their number (−4) as well as in those
    /// that are leap historically (−1): both ways of counting are in use.
    #[inline]
    pub fn check(&self) -> Result<(), DateTimeError> {
        if self.is_usual() { Ok(()) } else { self.check_each() }
    }

    /// Whether it is one of the days that all years have, after Christ: no month is shorter than 28 days.
    #[inline(always)]
    fn is_usual(&self) -> bool {
        // One condition without a branch inside.
        (1..=9999).contains(&self.year)
            & (1..=12).contains(&self.month)
            & (1..=28).contains(&self.day)
            & (self.hour < 24)
            & (self.minute < 60)
            & (self.second < 60)
            & (self.nanosecond < 1_000_000_000)
    }

    fn check_each(&self) -> Result<(), DateTimeError> {
        let reason = if self.year == 0 || !(-4712..=9999).contains(&self.year) {
            "the year is not in -4712 to -1 or 1 to 9999"
        } else if !(1..=12).contains(&self.month) {
            "the month is not in 1 to 12"
        } else if self.day == 0 || self.day > days_in_month(self.year, self.month) {
            "the month has no such day"
        } else if self.hour > 23 || self.minute > 59 || self.second > 59 {
            "the time of day is not in 00:00:00 to 23:59:59"
        } else if self.nanosecond > 999_999_999 {
            "the fraction is a second or more"
        } else {
            return Ok(());
        };
        Err(DateTimeError::new(reason))
    }

    /// Reads the 7 bytes of a DATE (century and year of the century each plus 100, month, day, then
    /// hour, minute and second each plus 1), or the 7 or 11 bytes of a TIMESTAMP (the same, then
    /// nanoseconds as a big-endian number, left out where they are 0). A TIMESTAMP WITH LOCAL TIME ZONE has the
    /// form of a TIMESTAMP, in the time zone of its database.
    #[inline]
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, DateTimeError> {
        let (fields, nanosecond) = match *bytes {
            [ref fields @ .., n3, n2, n1, n0] if fields.len() == 7 => (fields, u32::from_be_bytes([n3, n2, n1, n0])),
            _ => (bytes, 0),
        };
        let &[century, year, month, day, hour, minute, second] = fields else {
            return Err(DateTimeError::new("neither 7 nor 11 bytes"));
        };
        if !(1..=199).contains(&year) || (century > 100 && year < 100) || (century < 100 && year > 100) {
            return Err(DateTimeError::new("a year of the century out of range or of another sign than the century"));
        }
        let year = (i16::from(century) - 100) * 100 + i16::from(year) - 100;
        let less_one = |byte: u8| byte.checked_sub(1).ok_or(DateTimeError::new("a byte of the time of day is 0"));
        DateTime::new(year, month, day, less_one(hour)?, less_one(minute)?, less_one(second)?, nanosecond)
    }

    /// The 7 bytes of a DATE. The fraction of the second must be 0.
    pub fn to_date_bytes(&self) -> Result<[u8; 7], DateTimeError> {
        if self.nanosecond != 0 {
            return Err(DateTimeError::new("a DATE has no fraction of a second"));
        }
        self.seven_bytes()
    }

    /// The 11 bytes of a TIMESTAMP. (On disk Oracle leaves the last four out where they are 0.)
    pub fn to_timestamp_bytes(&self) -> Result<[u8; 11], DateTimeError> {
        let [century, year, month, day, hour, minute, second] = self.seven_bytes()?;
        let [n3, n2, n1, n0] = self.nanosecond.to_be_bytes();
        Ok([century, year, month, day, hour, minute, second, n3, n2, n1, n0])
    }

    /// Reads the 13 bytes of a TIMESTAMP WITH TIME ZONE: UTC as a TIMESTAMP of 11 bytes, then the offset's
    /// hours plus 20 and minutes plus 60. Returns local fields.
    ///
    /// A value that names a time zone region instead of an offset is an error: its offset is in Oracle's own tables.
    pub fn from_timestamp_tz_bytes(bytes: &[u8]) -> Result<(Self, UtcOffset), DateTimeError> {
        let Some((utc, &[hours, minutes])) = bytes.split_last_chunk().filter(|(utc, _)| utc.len() == 11) else {
            return Err(DateTimeError::new("not 13 bytes"));
        };
        if hours & 0x80 != 0 {
            return Err(DateTimeError::new("a time zone region instead of an offset"));
        }
        let (hours, minutes) = (i16::from(hours) - 20, i16::from(minutes) - 60);
        if minutes.abs() > 59 || hours * minutes < 0 {
            return Err(DateTimeError::new("hours and minutes of the offset do not fit together"));
        }
        let offset = UtcOffset::new(hours * 60 + minutes)?;
        Ok((DateTime::from_bytes(utc)?.local_at(offset)?, offset))
    }

    /// The 13 bytes of a TIMESTAMP WITH TIME ZONE with these local fields.
    pub fn to_timestamp_tz_bytes(&self, offset: UtcOffset) -> Result<[u8; 13], DateTimeError> {
        let offset = UtcOffset::new(offset.minutes)?;
        let mut bytes = [0; 13];
        bytes[..11].copy_from_slice(&self.utc_from(offset)?.to_timestamp_bytes()?);
        let plus = |n: i16, base: i16| u8::try_from(n + base).unwrap_or_default();
        bytes[11] = plus(offset.minutes / 60, 20);
        bytes[12] = plus(offset.minutes % 60, 60);
        Ok(bytes)
    }

    /// Local fields at this offset, where `self` is UTC.
    pub fn local_at(&self, offset: UtcOffset) -> Result<Self, DateTimeError> {
        self.shifted(offset.minutes.into())
    }

    /// UTC, where `self` has local fields at this offset.
    pub fn utc_from(&self, offset: UtcOffset) -> Result<Self, DateTimeError> {
        self.shifted(-i32::from(offset.minutes))
    }

    /// Days from 1970-01-01 in the proleptic Gregorian calendar, as PostgreSQL counts.
    ///
    /// An error where the fields are out of range, or name a day that only the Julian calendar has.
    pub fn days_since_unix_epoch(&self) -> Result<i64, DateTimeError> {
        self.check()?;
        self.gregorian_days()
            .ok_or(DateTimeError::new("29 February of a year that is not leap in the Gregorian calendar"))
    }

    /// Whole seconds from 1970-01-01 00:00:00, taking the fields as UTC; the fraction is left out.
    pub fn seconds_since_unix_epoch(&self) -> Result<i64, DateTimeError> {
        Ok(self.days_since_unix_epoch()? * SECONDS_A_DAY + self.second_of_day())
    }

    /// The UTC fields of a count of seconds from 1970-01-01 00:00:00, and a fraction in nanoseconds.
    pub fn from_seconds_since_unix_epoch(seconds: i64, nanosecond: u32) -> Result<Self, DateTimeError> {
        let (days, rest) = (seconds.div_euclid(SECONDS_A_DAY), seconds.rem_euclid(SECONDS_A_DAY));
        // Far outside of any year that Oracle has; also keeps the arithmetic below in range.
        if days.abs() > 4_000_000 {
            return Err(DateTimeError::new("the year is not in -4712 to -1 or 1 to 9999"));
        }
        // Years that begin in March put the leap day at the end; 400 of them have 146 097 days.
        let days = days + 719_468;
        let (era, day_of_era) = (days.div_euclid(146_097), days.rem_euclid(146_097));
        let year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
        let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
        let shifted_month = (5 * day_of_year + 2) / 153;
        let day = day_of_year - (153 * shifted_month + 2) / 5 + 1;
        let month = if shifted_month < 10 { shifted_month + 3 } else { shifted_month - 9 };
        let year = era * 400 + year_of_era + i64::from(month <= 2);
        let small = |n: i64| u8::try_from(n).unwrap_or(u8::MAX);
        // Year 0 of the calculation is 1 BC, which is −1 in Oracle's count.
        let year = i16::try_from(if year <= 0 { year - 1 } else { year }).unwrap_or_default();
        let (hour, minute, second) = (rest / 3600, rest / 60 % 60, rest % 60);
        DateTime::new(year, small(month), small(day), small(hour), small(minute), small(second), nanosecond)
    }

    /// Days from 1970-01-01; `None` for a 29 February that the Gregorian calendar has not. The fields are in range.
    #[inline]
    pub(crate) fn gregorian_days(&self) -> Option<i64> {
        let year = i32::from(self.year) + i32::from(self.year < 0);
        if self.month == 2 && self.day == 29 && !is_gregorian_leap(year.into()) {
            return None;
        }
        // Years that begin in March put the leap day at the end. They are counted from 4801 BC, a multiple of 400 years
        // before all of Oracle's, so that every quotient is of positive numbers.
        let year = u32::try_from(year + 4800 - i32::from(self.month <= 2)).ok()?;
        let before_month = DAYS_BEFORE_MONTH.get(usize::from(self.month))?;
        let century = year / 100;
        let days = year * 365 + year / 4 - century + century / 4 + before_month + u32::from(self.day);
        Some(i64::from(days) - DAYS_TO_1970)
    }

    #[inline]
    pub(crate) fn second_of_day(&self) -> i64 {
        i64::from(self.hour) * 3600 + i64::from(self.minute) * 60 + i64::from(self.second)
    }

    fn seven_bytes(&self) -> Result<[u8; 7], DateTimeError> {
        self.check()?;
        let plus_100 = |n: i16| u8::try_from(n + 100).unwrap_or_default();
        Ok([
            plus_100(self.year / 100),
            plus_100(self.year % 100),
            self.month,
            self.day,
            self.hour + 1,
            self.minute + 1,
            self.second + 1,
        ])
    }

    /// Moved by less than a day, in Oracle's calendar.
    fn shifted(&self, minutes: i32) -> Result<Self, DateTimeError> {
        self.check()?;
        let total = i32::from(self.hour) * 60 + i32::from(self.minute) + minutes;
        let mut moved = match total.div_euclid(MINUTES_A_DAY) {
            0 => *self,
            1 => self.next_day(),
            -1 => self.previous_day(),
            _ => return Err(DateTimeError::new("the offset is a day or more")),
        };
        let small = |n: i32| u8::try_from(n).unwrap_or_default();
        let minute_of_day = total.rem_euclid(MINUTES_A_DAY);
        (moved.hour, moved.minute) = (small(minute_of_day / 60), small(minute_of_day % 60));
        moved.check()?;
        Ok(moved)
    }

    fn next_day(mut self) -> Self {
        if (self.year, self.month, self.day) == (1582, 10, 4) {
            self.day = 15;
        } else if self.day < days_in_month(self.year, self.month) {
            self.day += 1;
        } else {
            self.day = 1;
            self.month = self.month % 12 + 1;
            if self.month == 1 {
                self.year = if self.year == -1 { 1 } else { self.year + 1 };
            }
        }
        self
    }

    fn previous_day(mut self) -> Self {
        if (self.year, self.month, self.day) == (1582, 10, 15) {
            self.day = 4;
        } else if self.day > 1 {
            self.day -= 1;
        } else {
            self.month = if self.month == 1 { 12 } else { self.month - 1 };
            if self.month == 12 {
                self.year = if self.year == 1 { -1 } else { self.year - 1 };
            }
            self.day = days_in_month(self.year, self.month);
        }
        self
    }
}

/// `year` counts 1 BC as 0.
fn is_gregorian_leap(year: i64) -> bool {
    year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
}

/// In Oracle's calendar; 0 for a month that is none.
fn days_in_month(year: i16, month: u8) -> u8 {
    match month {
        4 | 6 | 9 | 11 => 30,
        2 => {
            let leap = if year > 1582 {
                is_gregorian_leap(year.into())
            } else {
                year % 4 == 0 || (year < 0 && (year + 1) % 4 == 0)
            };
            if leap { 29 } else { 28 }
        }
        1..=12 => 31,
        _ => 0,
    }
}

/// `SYYYY-MM-DD HH24:MI:SS` without a leading blank, and nine digits of fraction where it is not 0:
/// `2024-02-29 23:59:59`, `-0044-03-15 12:00:00.000000001`.
impl fmt::Display for DateTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.year < 0 { "-" } else { "" };
        let mut text = AsciiBuffer::<48>::new();
        write!(text, "{sign}{:04}-{:02}-{:02} ", self.year.unsigned_abs(), self.month, self.day)?;
        write!(text, "{:02}:{:02}:{:02}", self.hour, self.minute, self.second)?;
        if self.nanosecond != 0 {
            write!(text, ".{:09}", self.nanosecond)?;
        }
        f.pad(text.as_str())
    }
}

/// Reads what `Display` writes: `SYYYY-MM-DD HH24:MI:SS`, optionally with up to nine digits of fraction.
impl FromStr for DateTime {
    type Err = DateTimeError;

    fn from_str(s: &str) -> Result<Self, Self::Err> {
        let model = if s.contains('.') { "SYYYY-MM-DD HH24:MI:SS.FF" } else { "SYYYY-MM-DD HH24:MI:SS" };
        format_model::read(model, s).map(|moment| moment.at).map_err(|e| DateTimeError::new(e.reason))
    }
}

impl UtcOffset {
    /// UTC itself.
    pub const UTC: UtcOffset = UtcOffset { minutes: 0 };

    /// A checked offset: less than 16 hours either way.
    pub fn new(minutes: i16) -> Result<Self, DateTimeError> {
        if minutes.unsigned_abs() < 16 * 60 {
            Ok(UtcOffset { minutes })
        } else {
            Err(DateTimeError::new("the offset from UTC is not in -15:59 to +15:59"))
        }
    }
}

/// Reads `TZH:TZM`: `+05:30`, `-00:45`, and `Z`.
impl FromStr for UtcOffset {
    type Err = DateTimeError;

    fn from_str(s: &str) -> Result<Self, Self::Err> {
        let shape = || DateTimeError::new("an offset from UTC is written +HH:MM or -HH:MM");
        if s == "Z" {
            return Ok(UtcOffset::UTC);
        }
        let (sign, digits) = match s.split_at_checked(1) {
            Some(("+", rest)) => (1, rest),
            Some(("-", rest)) => (-1, rest),
            _ => return Err(shape()),
        };
        let (hours, minutes) = digits.split_once(':').ok_or_else(shape)?;
        let number = |text: &str| match text.len() == 2 && text.bytes().all(|b| b.is_ascii_digit()) {
            true => text.parse::<i16>().map_err(|_| shape()),
            false => Err(shape()),
        };
        match (number(hours)?, number(minutes)?) {
            (hours, minutes @ 0..=59) => UtcOffset::new(sign * (hours * 60 + minutes)),
            _ => Err(shape()),
        }
    }
}

/// `TZH:TZM`: `+05:30`, `-00:45`.
impl fmt::Display for UtcOffset {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.minutes < 0 { '-' } else { '+' };
        let minutes = self.minutes.unsigned_abs();
        let mut text = AsciiBuffer::<16>::new();
        write!(text, "{sign}{:02}:{:02}", minutes / 60, minutes % 60)?;
        f.pad(text.as_str())
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use proptest::prelude::*;

    pub(crate) fn date_time() -> impl Strategy<Value = DateTime> {
        let year = prop_oneof![1_i16..=9999, -4712_i16..=-1, 1570_i16..=1590];
        (year, 1..=12_u8, 1..=31_u8, 0..24_u8, 0..60_u8, 0..60_u8, prop_oneof![Just(0), 0..1_000_000_000_u32])
            .prop_filter_map("no such day", |(y, mo, d, h, mi, s, n)| DateTime::new(y, mo, d, h, mi, s, n).ok())
    }

    pub(crate) fn offset() -> impl Strategy<Value = UtcOffset> {
        (-959..=959_i16).prop_map(|minutes| UtcOffset { minutes })
    }

    fn at(text: &str) -> DateTime {
        text.parse().unwrap_or_else(|e| panic!("{text}: {e}"))
    }

    #[test]
    fn offsets_from_text() {
        for (text, minutes) in [("+05:30", 330), ("-00:45", -45), ("+00:00", 0), ("Z", 0), ("-15:59", -959)] {
            assert_eq!(text.parse(), Ok(UtcOffset { minutes }), "{text}");
        }
        for text in ["", "05:30", "+5:30", "+05:60", "+16:00", "+05", "+-5:30", "+05:3", "é0:00", "Europe/Berlin"] {
            assert!(text.parse::<UtcOffset>().is_err(), "{text}");
        }
    }

    #[test]
    fn known_bytes() {
        for (text, bytes) in [
            ("2024-02-29 23:59:59", [120, 124, 2, 29, 24, 60, 60]),
            ("1999-12-31 00:00:00", [119, 199, 12, 31, 1, 1, 1]),
            ("0001-01-01 00:00:00", [100, 101, 1, 1, 1, 1, 1]),
            ("-4712-01-01 00:00:00", [53, 88, 1, 1, 1, 1, 1]),
            ("-0044-03-15 12:00:00", [100, 56, 3, 15, 13, 1, 1]),
            ("9999-12-31 23:59:59", [199, 199, 12, 31, 24, 60, 60]),
        ] {
            assert_eq!(at(text).to_date_bytes().unwrap(), bytes, "{text}");
            assert_eq!(DateTime::from_bytes(&bytes).unwrap(), at(text), "{text}");
            assert_eq!(at(text).to_string(), text);
        }
        let fraction = at("2024-02-29 23:59:59.123456789");
        assert_eq!(fraction.to_timestamp_bytes().unwrap(), [120, 124, 2, 29, 24, 60, 60, 7, 91, 205, 21]);
        assert!(fraction.to_date_bytes().is_err());
        let offset = UtcOffset::new(330).unwrap();
        let bytes = fraction.to_timestamp_tz_bytes(offset).unwrap();
        assert_eq!(bytes, [120, 124, 2, 29, 19, 30, 60, 7, 91, 205, 21, 25, 90]);
        assert_eq!(DateTime::from_timestamp_tz_bytes(&bytes).unwrap(), (fraction, offset));
    }

    #[test]
    fn refuses_what_oracle_has_not() {
        for bytes in [
            &[120, 124, 2, 30, 1, 1, 1][..],
            &[119, 123, 2, 29, 1, 1, 1],
            &[100, 100, 1, 1, 1, 1, 1],
            &[120, 99, 1, 1, 1, 1, 1],
            &[120, 200, 1, 1, 1, 1, 1],
            &[53, 0, 1, 1, 1, 1, 1],
            &[99, 101, 1, 1, 1, 1, 1],
            &[120, 124, 13, 1, 1, 1, 1],
            &[120, 124, 0, 1, 1, 1, 1],
            &[120, 124, 1, 1, 0, 1, 1],
            &[120, 124, 1, 1, 25, 1, 1],
            &[120, 124, 1, 1, 1, 61, 1],
            &[120, 124, 1, 1, 1, 1, 62],
            &[120, 124, 1, 1, 1, 1, 1, 255, 255, 255, 255],
            &[120, 124, 1, 1, 1, 1],
            &[120, 124, 1, 1, 1, 1, 1, 0],
            &[255; 7],
            &[],
        ] {
            assert!(DateTime::from_bytes(bytes).is_err(), "{bytes:?}");
        }
        let mut region = at("2024-01-01 00:00:00").to_timestamp_tz_bytes(UtcOffset::UTC).unwrap();
        (region[11], region[12]) = (208, 4);
        assert!(DateTime::from_timestamp_tz_bytes(&region).unwrap_err().to_string().contains("region"));
        (region[11], region[12]) = (21, 30);
        assert!(DateTime::from_timestamp_tz_bytes(&region).is_err());
        for text in ["2024-02-30 00:00:00", "2024-01-01", "2024-01-01 24:00:00", "x", "0000-01-01 00:00:00"] {
            assert!(text.parse::<DateTime>().is_err(), "{text}");
        }
    }

    #[test]
    fn days_as_postgresql_counts() {
        // select date '…' - date '1970-01-01'
        for (text, days) in [
            ("1970-01-01 00:00:00", 0),
            ("2000-01-01 00:00:00", 10_957),
            ("2024-02-29 12:00:00", 19_782),
            ("1582-10-15 00:00:00", -141_427),
            ("1582-10-04 00:00:00", -141_438),
            ("0001-01-01 00:00:00", -719_162),
            ("-0001-12-31 00:00:00", -719_163),
            ("-4712-01-01 00:00:00", -2_440_184),
            ("9999-12-31 00:00:00", 2_932_896),
        ] {
            assert_eq!(at(text).days_since_unix_epoch().unwrap(), days, "{text}");
        }
        assert!(at("1500-02-29 00:00:00").days_since_unix_epoch().unwrap_err().to_string().contains("29 February"));
        assert!(DateTime { hour: 99, ..at("2024-01-01 00:00:00") }.days_since_unix_epoch().is_err());
        assert_eq!(at("2001-09-09 01:46:40").seconds_since_unix_epoch().unwrap(), 1_000_000_000);
        for seconds in [i64::MIN, i64::MAX, 253_402_300_800] {
            assert!(DateTime::from_seconds_since_unix_epoch(seconds, 0).is_err());
        }
    }

    #[test]
    fn offsets_cross_days_in_oracles_calendar() {
        let east = UtcOffset::new(120).unwrap();
        for (utc, local) in [
            ("2023-12-31 23:00:00", "2024-01-01 01:00:00"),
            ("1582-10-04 23:00:00", "1582-10-15 01:00:00"),
            ("1500-02-28 23:00:00", "1500-02-29 01:00:00"),
            ("-0001-12-31 22:30:00", "0001-01-01 00:30:00"),
        ] {
            assert_eq!(at(utc).local_at(east).unwrap(), at(local));
            assert_eq!(at(local).utc_from(east).unwrap(), at(utc));
        }
        assert!(at("9999-12-31 23:00:00").local_at(east).is_err());
        assert!(UtcOffset::new(960).is_err() && UtcOffset::new(-959).is_ok() && UtcOffset::new(i16::MIN).is_err());
        assert_eq!(UtcOffset { minutes: -45 }.to_string(), "-00:45");
    }

    proptest! {
        #[test]
        fn bytes_and_text_round_trip(at in date_time(), offset in offset()) {
            prop_assert_eq!(DateTime::from_bytes(&at.to_timestamp_bytes().unwrap()).unwrap(), at);
            prop_assert_eq!(at.to_string().parse::<DateTime>().unwrap(), at);
            let whole = DateTime { nanosecond: 0, ..at };
            prop_assert_eq!(DateTime::from_bytes(&whole.to_date_bytes().unwrap()).unwrap(), whole);
            let skipped = |d: DateTime| d.year == 1582 && d.month == 10 && (5..=14).contains(&d.day);
            let doubtful = |d: DateTime| d.year < 0 && (d.month, d.day) >= (2, 28) && (d.month, d.day) <= (3, 1);
            if let Ok(bytes) = at.to_timestamp_tz_bytes(offset) && !skipped(at) && !doubtful(at) {
                prop_assert_eq!(DateTime::from_timestamp_tz_bytes(&bytes).unwrap(), (at, offset));
            }
        }

        #[test]
        fn seconds_round_trip(at in date_time()) {
            if let Ok(seconds) = at.seconds_since_unix_epoch() {
                prop_assert_eq!(DateTime::from_seconds_since_unix_epoch(seconds, at.nanosecond).unwrap(), at);
            }
        }

        #[test]
        fn seconds_are_consecutive(seconds in -210_800_000_000_i64..=253_402_300_000) {
            let at = DateTime::from_seconds_since_unix_epoch(seconds, 0).unwrap();
            prop_assert_eq!(at.seconds_since_unix_epoch().unwrap(), seconds);
        }

        #[test]
        fn any_bytes(bytes in prop::collection::vec(any::<u8>(), 0..15)) {
            if let Ok(at) = DateTime::from_bytes(&bytes) {
                prop_assert_eq!(&at.to_timestamp_bytes().unwrap()[..bytes.len()], &bytes[..]);
            }
            let _ = DateTime::from_timestamp_tz_bytes(&bytes);
        }
    }
}
