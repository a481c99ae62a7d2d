//! Days and instants: the Julian calendar before 15 October 1582 and the Gregorian one from then on, as Oracle counts.

use crate::OraError;
use type_convert::{DateTime, IntervalDs, UtcOffset};

pub(crate) const NANOS_PER_DAY: i128 = 86_400_000_000_000;

/// 1 January of 4712 BC, the first day that Oracle has, in days of the astronomers' count.
const FIRST_DAY: i64 = 366;

/// The current date and time, for what a format leaves out.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Today {
    pub(crate) now: DateTime,
    pub(crate) offset: UtcOffset,
}

impl Default for Today {
    fn default() -> Self {
        let now = DateTime { year: 2000, month: 1, day: 1, hour: 0, minute: 0, second: 0, nanosecond: 0 };
        Today { now, offset: UtcOffset { minutes: 0 } }
    }
}

impl Today {
    /// The system's clock in UTC: the database's and the session's zone are +00:00 unless set.
    pub(crate) fn read(offset: UtcOffset) -> Self {
        let elapsed = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
        let unix = i128::try_from(elapsed.as_nanos()).unwrap_or(0);
        let epoch = i128::from(julian_day(1970, 1, 1)) * NANOS_PER_DAY;
        let local = epoch + unix + i128::from(offset.minutes) * 60_000_000_000;
        Today { now: from_nanos(local).unwrap_or(Today::default().now), offset }
    }
}

fn out_of_range() -> OraError {
    OraError::new(1841, "(full) year must be between -4713 and +9999, and not be 0")
}

pub(crate) fn is_leap(year: i16) -> bool {
    if year < 1582 {
        // Years before Christ count without a year 0: 1 BC, 5 BC, … are leap years.
        let astronomical = if year < 0 { year + 1 } else { year };
        return astronomical.rem_euclid(4) == 0;
    }
    year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
}

pub(crate) fn days_in_month(year: i16, month: u8) -> u8 {
    match month {
        4 | 6 | 9 | 11 => 30,
        2 if is_leap(year) => 29,
        2 => 28,
        _ => 31,
    }
}

/// The Julian day number, as `TO_CHAR(d, 'J')` gives it.
pub(crate) fn julian_day(year: i16, month: u8, day: u8) -> i64 {
    let astronomical = i64::from(if year < 0 { year + 1 } else { year });
    let (month, day) = (i64::from(month), i64::from(day));
    let a = (14 - month) / 12;
    let y = astronomical + 4800 - a;
    let m = month + 12 * a - 3;
    let julian = day + (153 * m + 2) / 5 + 365 * y + y.div_euclid(4) - 32083;
    if julian < 2_299_161 && (year, month, day) < (1582, 10, 15) {
        return julian;
    }
    day + (153 * m + 2) / 5 + 365 * y + y.div_euclid(4) - y.div_euclid(100) + y.div_euclid(400) - 32045
}

/// The date of a Julian day number.
pub(crate) fn from_julian_day(day: i64) -> Result<(i16, u8, u8), OraError> {
    if !(FIRST_DAY..=5_373_484).contains(&day) {
        return Err(out_of_range());
    }
    let c = if day >= 2_299_161 {
        let a = day + 32044;
        let b = (4 * a + 3) / 146_097;
        (a - 146_097 * b / 4, b)
    } else {
        (day + 32082, 0)
    };
    let (c, b) = c;
    let d = (4 * c + 3) / 1461;
    let e = c - 1461 * d / 4;
    let m = (5 * e + 2) / 153;
    let day = e - (153 * m + 2) / 5 + 1;
    let month = m + 3 - 12 * (m / 10);
    let astronomical = 100 * b + d - 4800 + m / 10;
    let year = if astronomical <= 0 { astronomical - 1 } else { astronomical };
    let narrow = |v: i64| u8::try_from(v).map_err(|_| out_of_range());
    Ok((i16::try_from(year).map_err(|_| out_of_range())?, narrow(month)?, narrow(day)?))
}

/// Nanoseconds since Julian day 0.
pub(crate) fn to_nanos(d: &DateTime) -> i128 {
    let seconds = i128::from(d.hour) * 3600 + i128::from(d.minute) * 60 + i128::from(d.second);
    i128::from(julian_day(d.year, d.month, d.day)) * NANOS_PER_DAY + seconds * 1_000_000_000 + i128::from(d.nanosecond)
}

pub(crate) fn from_nanos(nanos: i128) -> Result<DateTime, OraError> {
    let days = i64::try_from(nanos.div_euclid(NANOS_PER_DAY)).map_err(|_| out_of_range())?;
    let (year, month, day) = from_julian_day(days)?;
    let rest = nanos.rem_euclid(NANOS_PER_DAY);
    let seconds = rest / 1_000_000_000;
    let part = |v: i128| u8::try_from(v).unwrap_or(0);
    Ok(DateTime {
        year,
        month,
        day,
        hour: part(seconds / 3600),
        minute: part(seconds / 60 % 60),
        second: part(seconds % 60),
        nanosecond: u32::try_from(rest % 1_000_000_000).unwrap_or(0),
    })
}

/// The instant in UTC of local fields.
pub(crate) fn utc_nanos(d: &DateTime, offset: UtcOffset) -> i128 {
    to_nanos(d) - i128::from(offset.minutes) * 60_000_000_000
}

/// The same instant's fields at another offset.
pub(crate) fn at_offset(d: &DateTime, from: UtcOffset, to: UtcOffset) -> Result<DateTime, OraError> {
    from_nanos(utc_nanos(d, from) + i128::from(to.minutes) * 60_000_000_000)
}

/// Without the fraction of a second, as a DATE.
pub(crate) fn to_date(d: &DateTime) -> DateTime {
    DateTime { nanosecond: 0, ..*d }
}

/// Half up at `precision` digits of the fraction.
pub(crate) fn round_fraction(d: &DateTime, precision: u8) -> Result<DateTime, OraError> {
    let unit = 10i128.pow(9 - u32::from(precision.min(9)));
    let fraction = i128::from(d.nanosecond);
    if fraction % unit == 0 {
        return Ok(*d);
    }
    let whole = to_nanos(d) - fraction;
    from_nanos(whole + (fraction + unit / 2) / unit * unit)
}

pub(crate) fn interval_nanos(interval: &IntervalDs) -> i128 {
    i128::from(interval.days) * NANOS_PER_DAY + i128::from(interval.nanoseconds)
}

/// `None` beyond 999 999 999 days.
pub(crate) fn interval_of(nanos: i128) -> Option<IntervalDs> {
    let days = i32::try_from(nanos / NANOS_PER_DAY).ok().filter(|d| d.unsigned_abs() <= 999_999_999)?;
    Some(IntervalDs { days, nanoseconds: i64::try_from(nanos % NANOS_PER_DAY).ok()? })
}

/// `ADD_MONTHS`: the last day of a month stays the last day.
pub(crate) fn add_months(d: &DateTime, months: i64) -> Result<DateTime, OraError> {
    let astronomical = i64::from(if d.year < 0 { d.year + 1 } else { d.year });
    let total = (astronomical * 12 + i64::from(d.month) - 1).checked_add(months).ok_or_else(out_of_range)?;
    let year = total.div_euclid(12);
    let year = if year <= 0 { year - 1 } else { year };
    if !(-4712..=9999).contains(&year) {
        return Err(out_of_range());
    }
    let year = i16::try_from(year).map_err(|_| out_of_range())?;
    let month = u8::try_from(total.rem_euclid(12) + 1).map_err(|_| out_of_range())?;
    let last = days_in_month(year, month);
    let day = if d.day == days_in_month(d.year, d.month) { last } else { d.day.min(last) };
    Ok(DateTime { year, month, day, ..*d })
}

/// 1 is Sunday, as `TO_CHAR(d, 'D')` counts in the territory AMERICA.
pub(crate) fn weekday(d: &DateTime) -> u8 {
    u8::try_from((julian_day(d.year, d.month, d.day) + 1).rem_euclid(7) + 1).unwrap_or(1)
}

pub(crate) fn day_of_year(d: &DateTime) -> i64 {
    julian_day(d.year, d.month, d.day) - julian_day(d.year, 1, 1) + 1
}

/// ISO 8601 year and week.
pub(crate) fn iso_week(d: &DateTime) -> (i64, i64) {
    let day = julian_day(d.year, d.month, d.day);
    let thursday = day - day.rem_euclid(7) + 3;
    let year = from_julian_day(thursday).map_or(d.year, |(y, _, _)| y);
    (i64::from(year), (thursday - julian_day(year, 1, 1)) / 7 + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn julian_days_are_those_of_oracle() {
        assert_eq!(julian_day(-4712, 1, 1), FIRST_DAY);
        assert_eq!(julian_day(1970, 1, 1), 2_440_588);
        assert_eq!(julian_day(2000, 1, 1), 2_451_545);
        assert_eq!(julian_day(1582, 10, 15), julian_day(1582, 10, 4) + 1);
        assert_eq!(julian_day(1, 1, 1) - julian_day(-1, 12, 31), 1);
    }

    proptest::proptest! {
        #[test]
        fn days_go_both_ways(day in FIRST_DAY..5_373_484) {
            let (y, m, d) = from_julian_day(day).unwrap();
            assert_eq!(julian_day(y, m, d), day);
            assert!(d <= days_in_month(y, m) && y != 0);
        }
    }

    #[test]
    fn months_keep_their_last_day() {
        let d = |year, month, day| DateTime { year, month, day, hour: 1, minute: 2, second: 3, nanosecond: 0 };
        assert_eq!(add_months(&d(2024, 1, 31), 1).unwrap(), d(2024, 2, 29));
        assert_eq!(add_months(&d(2023, 2, 28), 1).unwrap(), d(2023, 3, 31));
        assert_eq!(add_months(&d(2023, 3, 15), -3).unwrap(), d(2022, 12, 15));
        assert_eq!(add_months(&d(1, 1, 15), -1).unwrap(), d(-1, 12, 15));
        assert!(add_months(&d(9999, 12, 1), 1).is_err());
    }

    #[test]
    fn fractions_round_half_up_and_carry() {
        let d = DateTime { year: 2023, month: 12, day: 31, hour: 23, minute: 59, second: 59, nanosecond: 999_999_999 };
        let next = round_fraction(&d, 6).unwrap();
        assert_eq!((next.year, next.month, next.day, next.nanosecond), (2024, 1, 1, 0));
        assert_eq!(round_fraction(&d, 9).unwrap(), d);
    }

    #[test]
    fn weeks() {
        let d = |year, month, day| DateTime { year, month, day, hour: 0, minute: 0, second: 0, nanosecond: 0 };
        assert_eq!(iso_week(&d(2021, 1, 3)), (2020, 53));
        assert_eq!(iso_week(&d(2021, 1, 4)), (2021, 1));
        assert_eq!(weekday(&d(2024, 6, 2)), 1);
        assert_eq!(day_of_year(&d(2024, 12, 31)), 366);
    }
}
