//! Oracle's dates and intervals to and from those of `chrono` 0.4. Field by field, so a day that only the Julian
//! calendar has is an error, as everything is that the other side cannot hold as it is.

use crate::{DateTime, DateTimeError, IntervalDs, UtcOffset};
use chrono::{Datelike, FixedOffset, NaiveDate, NaiveDateTime, TimeDelta, Timelike};

impl TryFrom<DateTime> for NaiveDateTime {
    type Error = DateTimeError;

    fn try_from(at: DateTime) -> Result<Self, Self::Error> {
        at.check()?;
        let year = i32::from(at.year) + i32::from(at.year < 0);
        NaiveDate::from_ymd_opt(year, at.month.into(), at.day.into())
            .and_then(|day| day.and_hms_nano_opt(at.hour.into(), at.minute.into(), at.second.into(), at.nanosecond))
            .ok_or(DateTimeError::new("no such day in the Gregorian calendar"))
    }
}

impl TryFrom<NaiveDateTime> for DateTime {
    type Error = DateTimeError;

    fn try_from(at: NaiveDateTime) -> Result<Self, Self::Error> {
        let year = if at.year() <= 0 { at.year() - 1 } else { at.year() };
        let small = |n: u32| u8::try_from(n).unwrap_or(u8::MAX);
        DateTime::new(
            i16::try_from(year).unwrap_or_default(),
            small(at.month()),
            small(at.day()),
            small(at.hour()),
            small(at.minute()),
            small(at.second()),
            at.nanosecond(),
        )
    }
}

impl TryFrom<UtcOffset> for FixedOffset {
    type Error = DateTimeError;

    fn try_from(offset: UtcOffset) -> Result<Self, Self::Error> {
        let checked = UtcOffset::new(offset.minutes)?;
        FixedOffset::east_opt(i32::from(checked.minutes) * 60).ok_or(DateTimeError::new("no such offset"))
    }
}

impl TryFrom<FixedOffset> for UtcOffset {
    type Error = DateTimeError;

    fn try_from(offset: FixedOffset) -> Result<Self, Self::Error> {
        let seconds = offset.local_minus_utc();
        match i16::try_from(seconds / 60) {
            Ok(minutes) if seconds % 60 == 0 => UtcOffset::new(minutes),
            _ => Err(DateTimeError::new("an offset that is no whole number of minutes")),
        }
    }
}

impl TryFrom<IntervalDs> for TimeDelta {
    type Error = DateTimeError;

    fn try_from(interval: IntervalDs) -> Result<Self, Self::Error> {
        interval.check()?;
        TimeDelta::try_days(interval.days.into())
            .and_then(|days| days.checked_add(&TimeDelta::nanoseconds(interval.nanoseconds)))
            .ok_or(DateTimeError::new("more days than a TimeDelta has"))
    }
}

impl TryFrom<TimeDelta> for IntervalDs {
    type Error = DateTimeError;

    fn try_from(delta: TimeDelta) -> Result<Self, Self::Error> {
        let too_long = || DateTimeError::new("more than nine digits of days");
        let days = i32::try_from(delta.num_days()).map_err(|_| too_long())?;
        let rest = delta - TimeDelta::try_days(days.into()).ok_or_else(too_long)?;
        IntervalDs::new(days, rest.num_nanoseconds().ok_or_else(too_long)?)
    }
}
