//! Descriptors of timestamps and intervals, and the C structure of DATE.

use super::{
    Failure, call,
    failure::ora,
    handle::{Handle, get, get_mut, kind_of},
    kind,
};
use std::ffi::{c_char, c_void};
use type_convert::{DateTime, IntervalDs, IntervalYm, UtcOffset};

/// What a timestamp descriptor holds; without a value until it is fetched or constructed into.
#[derive(Default)]
pub(super) struct DateTimeDescriptor {
    pub(super) value: Option<DateTime>,
    /// Only for the types with a time zone.
    pub(super) offset: Option<UtcOffset>,
}

impl Handle for DateTimeDescriptor {
    fn accepts(kind: u32) -> bool {
        matches!(kind, kind::TIMESTAMP | kind::TIMESTAMP_TZ | kind::TIMESTAMP_LTZ)
    }
}

/// What an interval descriptor holds.
#[derive(Default)]
pub(super) enum IntervalDescriptor {
    #[default]
    Empty,
    YearMonth(IntervalYm),
    DaySecond(IntervalDs),
}

impl Handle for IntervalDescriptor {
    fn accepts(kind: u32) -> bool {
        matches!(kind, kind::INTERVAL_YM | kind::INTERVAL_DS)
    }
}

/// `OCIDate`, the structure of `SQLT_ODT`.
#[repr(C)]
#[derive(Clone, Copy)]
pub(super) struct OciDate {
    year: i16,
    month: u8,
    day: u8,
    hour: u8,
    minute: u8,
    second: u8,
}

impl From<DateTime> for OciDate {
    fn from(d: DateTime) -> Self {
        OciDate { year: d.year, month: d.month, day: d.day, hour: d.hour, minute: d.minute, second: d.second }
    }
}

impl OciDate {
    /// The date, where it is one.
    pub(super) fn checked(self) -> Result<DateTime, Failure> {
        date_time(self.year, self.month, self.day, self.hour, self.minute, self.second, 0)
    }
}

fn days_in_month(year: i16, month: u8) -> u8 {
    // Before the Gregorian reform every fourth year is a leap year; −1 is 1 BC.
    let year = i32::from(if year < 0 { year + 1 } else { year });
    let leap = year % 4 == 0 && (year <= 1582 || year % 100 != 0 || year % 400 == 0);
    match month {
        2 if leap => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

pub(super) fn date_time(
    year: i16,
    month: u8,
    day: u8,
    hour: u8,
    minute: u8,
    second: u8,
    nanosecond: u32,
) -> Result<DateTime, Failure> {
    if year == 0 || !(-4712..=9999).contains(&year) {
        return Err(ora(1841, "(full) year must be between -4713 and +9999, and not be 0"));
    }
    if !(1..=12).contains(&month) {
        return Err(ora(1843, "not a valid month"));
    }
    if !(1..=31).contains(&day) {
        return Err(ora(1847, "day of month must be between 1 and last day of month"));
    }
    if day > days_in_month(year, month) {
        return Err(ora(1839, "date not valid for month specified"));
    }
    if hour > 23 {
        return Err(ora(1850, "hour must be between 0 and 23"));
    }
    if minute > 59 {
        return Err(ora(1851, "minutes must be between 0 and 59"));
    }
    if second > 59 {
        return Err(ora(1852, "seconds must be between 0 and 59"));
    }
    if nanosecond > 999_999_999 {
        return Err(ora(1880, "the fractional seconds must be between 0 and 999999999"));
    }
    Ok(DateTime { year, month, day, hour, minute, second, nanosecond })
}

/// `+05:30`; named regions are not known here.
fn utc_offset(text: &[u8]) -> Option<UtcOffset> {
    let text = std::str::from_utf8(text).ok()?.trim();
    let (sign, rest) = match text.as_bytes().first()? {
        b'+' => (1, &text[1..]),
        b'-' => (-1, &text[1..]),
        _ => (1, text),
    };
    let (hours, minutes) = rest.split_once(':')?;
    let hours: i16 = hours.parse().ok().filter(|h| (0..=15).contains(h))?;
    let minutes: i16 = minutes.parse().ok().filter(|m| (0..=59).contains(m))?;
    Some(UtcOffset { minutes: sign * (hours * 60 + minutes) })
}

fn empty() -> Failure {
    ora(1878, "specified field not found in datetime or interval")
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn OCIDateTimeConstruct(
    _hndl: *mut c_void,
    err: *mut c_void,
    datetime: *mut c_void,
    yr: i16,
    mnth: u8,
    dy: u8,
    hr: u8,
    mm: u8,
    ss: u8,
    fsec: u32,
    tz: *const c_char,
    tz_length: usize,
) -> i32 {
    // SAFETY: OCI's contract: a descriptor, and a text of that length or null.
    unsafe {
        call(err, || {
            let target = get_mut::<DateTimeDescriptor>(datetime)?;
            let value = date_time(yr, mnth, dy, hr, mm, ss, fsec)?;
            let offset = if kind_of(datetime) == Some(kind::TIMESTAMP) {
                None
            } else if tz.is_null() || tz_length == 0 {
                // The session's time zone: the stand-in lives in UTC.
                Some(UtcOffset { minutes: 0 })
            } else {
                let text = std::slice::from_raw_parts(tz.cast::<u8>(), tz_length);
                Some(utc_offset(text).ok_or_else(|| ora(1882, "timezone region not found"))?)
            };
            *target = DateTimeDescriptor { value: Some(value), offset };
            Ok(())
        })
    }
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn OCIDateTimeGetDate(
    _hndl: *mut c_void,
    err: *mut c_void,
    date: *const c_void,
    yr: *mut i16,
    mnth: *mut u8,
    dy: *mut u8,
) -> i32 {
    // SAFETY: OCI's contract.
    unsafe {
        call(err, || {
            let value = get::<DateTimeDescriptor>(date)?.value.ok_or_else(empty)?;
            *yr = value.year;
            *mnth = value.month;
            *dy = value.day;
            Ok(())
        })
    }
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn OCIDateTimeGetTime(
    _hndl: *mut c_void,
    err: *mut c_void,
    datetime: *mut c_void,
    hr: *mut u8,
    mm: *mut u8,
    ss: *mut u8,
    fsec: *mut u32,
) -> i32 {
    // SAFETY: OCI's contract.
    unsafe {
        call(err, || {
            let value = get::<DateTimeDescriptor>(datetime)?.value.ok_or_else(empty)?;
            *hr = value.hour;
            *mm = value.minute;
            *ss = value.second;
            *fsec = value.nanosecond;
            Ok(())
        })
    }
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn OCIDateTimeGetTimeZoneOffset(
    _hndl: *mut c_void,
    err: *mut c_void,
    datetime: *const c_void,
    hr: *mut i8,
    mm: *mut i8,
) -> i32 {
    // SAFETY: OCI's contract.
    unsafe {
        call(err, || {
            let offset = get::<DateTimeDescriptor>(datetime)?.offset.ok_or_else(empty)?;
            // Both fields have the sign of the offset, and fit: it is less than 16 hours.
            *hr = (offset.minutes / 60) as i8;
            *mm = (offset.minutes % 60) as i8;
            Ok(())
        })
    }
}

const SECOND: i64 = 1_000_000_000;

#[unsafe(no_mangle)]
pub unsafe extern "C" fn OCIIntervalGetDaySecond(
    _hndl: *mut c_void,
    err: *mut c_void,
    dy: *mut i32,
    hr: *mut i32,
    mm: *mut i32,
    ss: *mut i32,
    fsec: *mut i32,
    interval: *const c_void,
) -> i32 {
    // SAFETY: OCI's contract.
    unsafe {
        call(err, || {
            let IntervalDescriptor::DaySecond(value) = get::<IntervalDescriptor>(interval)? else {
                return Err(empty());
            };
            // Less than a day of nanoseconds: every field fits.
            *dy = value.days;
            *hr = (value.nanoseconds / (3600 * SECOND)) as i32;
            *mm = (value.nanoseconds / (60 * SECOND) % 60) as i32;
            *ss = (value.nanoseconds / SECOND % 60) as i32;
            *fsec = (value.nanoseconds % SECOND) as i32;
            Ok(())
        })
    }
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn OCIIntervalGetYearMonth(
    _hndl: *mut c_void,
    err: *mut c_void,
    yr: *mut i32,
    mnth: *mut i32,
    interval: *const c_void,
) -> i32 {
    // SAFETY: OCI's contract.
    unsafe {
        call(err, || {
            let IntervalDescriptor::YearMonth(value) = get::<IntervalDescriptor>(interval)? else {
                return Err(empty());
            };
            *yr = value.months / 12;
            *mnth = value.months % 12;
            Ok(())
        })
    }
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn OCIIntervalSetDaySecond(
    _hndl: *mut c_void,
    err: *mut c_void,
    dy: i32,
    hr: i32,
    mm: i32,
    ss: i32,
    fsec: i32,
    interval: *mut c_void,
) -> i32 {
    // SAFETY: OCI's contract.
    unsafe {
        call(err, || {
            let target = get_mut::<IntervalDescriptor>(interval)?;
            for (value, limit, code, what) in [
                (dy, 999_999_999, 1873, "the leading precision of the interval is too small"),
                (hr, 23, 1850, "hour must be between 0 and 23"),
                (mm, 59, 1851, "minutes must be between 0 and 59"),
                (ss, 59, 1852, "seconds must be between 0 and 59"),
                (fsec, 999_999_999, 1880, "the fractional seconds must be between 0 and 999999999"),
            ] {
                if value.unsigned_abs() > limit {
                    return Err(ora(code, what));
                }
            }
            let signs = [dy, hr, mm, ss, fsec].map(i32::signum);
            if signs.contains(&1) && signs.contains(&-1) {
                return Err(ora(1867, "the interval is invalid"));
            }
            let seconds = i64::from(hr) * 3600 + i64::from(mm) * 60 + i64::from(ss);
            *target =
                IntervalDescriptor::DaySecond(IntervalDs { days: dy, nanoseconds: seconds * SECOND + i64::from(fsec) });
            Ok(())
        })
    }
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn OCIIntervalSetYearMonth(
    _hndl: *mut c_void,
    err: *mut c_void,
    yr: i32,
    mnth: i32,
    interval: *mut c_void,
) -> i32 {
    // SAFETY: OCI's contract.
    unsafe {
        call(err, || {
            let target = get_mut::<IntervalDescriptor>(interval)?;
            if mnth.unsigned_abs() > 11 || yr.unsigned_abs() > 178_000_000 || yr.signum() * mnth.signum() < 0 {
                return Err(ora(1867, "the interval is invalid"));
            }
            *target = IntervalDescriptor::YearMonth(IntervalYm { months: yr * 12 + mnth });
            Ok(())
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_checked_against_the_calendar() {
        for (year, month, day, good) in [
            (2024, 2, 29, true),
            (2023, 2, 29, false),
            (1900, 2, 29, false),
            (1500, 2, 29, true),
            (-1, 2, 29, true),
            (0, 1, 1, false),
            (-4713, 1, 1, false),
            (9999, 12, 31, true),
            (2024, 13, 1, false),
            (2024, 4, 31, false),
        ] {
            assert_eq!(date_time(year, month, day, 0, 0, 0, 0).is_ok(), good, "{year}-{month}-{day}");
        }
    }

    #[test]
    fn offsets_have_one_sign() {
        for (text, minutes) in [("+05:30", 330), ("-05:30", -330), ("-00:30", -30), ("00:00", 0)] {
            assert_eq!(utc_offset(text.as_bytes()).unwrap().minutes, minutes);
        }
        assert!(utc_offset(b"Europe/Berlin").is_none());
        assert!(utc_offset(b"+16:00").is_none());
    }
}
