//! DATE, TIMESTAMP with and without time zone, and intervals.

use super::{Outcome, TextPlan, Transcoder, ValueError, ValueErrorKind, put_fixed};
use crate::{DateTime, DateTimeError, IntervalDs, IntervalYm, Loss, Losses, UtcOffset, ValueRef};
use bytes::BytesMut;

/// Days from 1970-01-01 to 2000-01-01, where PostgreSQL counts from.
const POSTGRES_EPOCH: i64 = 10_957;
const MICROSECONDS_A_DAY: i64 = 86_400_000_000;
const MICROSECONDS_A_MINUTE: i64 = 60_000_000;

impl From<DateTimeError> for ValueError {
    fn from(_: DateTimeError) -> Self {
        ValueErrorKind::Malformed.into()
    }
}

impl Transcoder {
    #[inline]
    pub(super) fn put_timestamp(&self, precision: u8, at: &DateTime, out: &mut BytesMut) -> Outcome {
        let (microseconds, losses) = self.microseconds(at, precision)?;
        put_fixed(microseconds.to_be_bytes(), out);
        Ok(losses)
    }

    /// A moment in UTC, from local fields.
    pub(super) fn put_instant(&self, precision: u8, at: &DateTime, offset: UtcOffset, out: &mut BytesMut) -> Outcome {
        let offset = UtcOffset::new(offset.minutes)?;
        let (local, losses) = self.microseconds(at, precision)?;
        put_fixed((local - i64::from(offset.minutes) * MICROSECONDS_A_MINUTE).to_be_bytes(), out);
        Ok(losses)
    }

    /// The fields in UTC, the offset given up.
    pub(super) fn put_instant_as_timestamp(
        &self,
        precision: u8,
        at: &DateTime,
        offset: UtcOffset,
        out: &mut BytesMut,
    ) -> Outcome {
        UtcOffset::new(offset.minutes)?;
        at.check()?;
        let losses = self.lose(Loss::Offset, ValueErrorKind::Inexact)?;
        Ok(losses.and(self.put_instant(precision, at, offset, out)?))
    }

    pub(super) fn put_date(&self, at: &DateTime, out: &mut BytesMut) -> Outcome {
        let (days, mut losses) = self.days(at)?;
        if at.second_of_day() != 0 || at.nanosecond != 0 {
            losses = losses.and(self.lose(Loss::TimeOfDay, ValueErrorKind::Inexact)?);
        }
        put_fixed(i32::try_from(days).map_err(|_| ValueErrorKind::Overflow)?.to_be_bytes(), out);
        Ok(losses)
    }

    /// ISO 8601 as PostgreSQL prints it, with nine digits of a fraction that is not 0, and ` BC`.
    pub(super) fn put_moment_text(
        &self,
        plan: TextPlan,
        at: &DateTime,
        offset: Option<UtcOffset>,
        out: &mut BytesMut,
    ) -> Outcome {
        at.check()?;
        if let Some(offset) = offset {
            UtcOffset::new(offset.minutes)?;
        }
        let before_christ = if at.year < 0 { " BC" } else { "" };
        // The sign of a year is PostgreSQL's ` BC`.
        let unsigned = DateTime { year: at.year.saturating_abs(), ..*at };
        match offset {
            None => self.put_shown::<64>(plan, format_args!("{unsigned}{before_christ}"), out),
            Some(offset) => self.put_shown::<64>(plan, format_args!("{unsigned}{offset}{before_christ}"), out),
        }
    }

    pub(super) fn put_interval(&self, value: ValueRef<'_>, months: bool, out: &mut BytesMut) -> Outcome {
        match interval(value, months)? {
            Interval::Ym(interval) => {
                put_parts(0, 0, interval.months, out);
                Ok(Losses::NONE)
            }
            Interval::LongYm { .. } => self.null_for(Loss::OutOfRange, ValueErrorKind::Overflow, out),
            Interval::Ds(interval) => {
                interval.check()?;
                let (magnitude, losses) = self.rounded(interval.nanoseconds.abs(), 1000)?;
                let microseconds = if interval.nanoseconds < 0 { -magnitude } else { magnitude };
                put_parts(microseconds, interval.days, 0, out);
                Ok(losses)
            }
        }
    }

    /// As Oracle prints it: `+02-03`, `-05 10:10:10.500000000`.
    pub(super) fn put_interval_text(
        &self,
        plan: TextPlan,
        value: ValueRef<'_>,
        months: bool,
        out: &mut BytesMut,
    ) -> Outcome {
        match interval(value, months)? {
            Interval::Ym(interval) => self.put_shown::<24>(plan, format_args!("{interval}"), out),
            Interval::LongYm { years, months } => {
                self.put_shown::<24>(plan, format_args!("{years:+}-{:02}", months.unsigned_abs()), out)
            }
            Interval::Ds(interval) => {
                interval.check()?;
                self.put_shown::<64>(plan, format_args!("{interval}"), out)
            }
        }
    }

    /// Microseconds from 2000-01-01, the fields taken as UTC.
    #[inline]
    fn microseconds(&self, at: &DateTime, precision: u8) -> Result<(i64, Losses), ValueError> {
        let (days, losses) = self.days(at)?;
        let start = days * MICROSECONDS_A_DAY + at.second_of_day() * 1_000_000;
        // Most are whole seconds, or have no more digits than the target.
        if at.nanosecond == 0 {
            return Ok((start, losses));
        }
        // Constants divide without a division.
        let (fraction, lost) = match precision {
            6.. => self.rounded(at.nanosecond.into(), 1000)?,
            3 => self.rounded(at.nanosecond.into(), 1_000_000)?,
            _ => self.rounded(at.nanosecond.into(), 10_i64.pow(9 - u32::from(precision)))?,
        };
        Ok((start + fraction, losses.and(lost)))
    }

    /// Nanoseconds as microseconds, none of them between two steps; halves go up.
    #[inline(always)]
    fn rounded(&self, nanoseconds: i64, step: i64) -> Result<(i64, Losses), ValueError> {
        if nanoseconds % step == 0 {
            return Ok((nanoseconds / 1000, Losses::NONE));
        }
        let losses = self.lose(Loss::SubMicrosecond, ValueErrorKind::Inexact)?;
        Ok(((nanoseconds + step / 2) / step * (step / 1000), losses))
    }

    /// Days from 2000-01-01.
    #[inline]
    fn days(&self, at: &DateTime) -> Result<(i64, Losses), ValueError> {
        at.check()?;
        match at.gregorian_days() {
            Some(days) => Ok((days - POSTGRES_EPOCH, Losses::NONE)),
            None => {
                let losses = self.lose(Loss::JulianDay, ValueErrorKind::NoSuchDay)?;
                let before = DateTime { day: 28, ..*at }.gregorian_days().ok_or(ValueErrorKind::Malformed)?;
                Ok((before + 1 - POSTGRES_EPOCH, losses))
            }
        }
    }
}

/// The forms in which a DATE or TIMESTAMP arrives.
#[inline]
pub(super) fn moment(value: ValueRef<'_>) -> Result<DateTime, ValueError> {
    match value {
        ValueRef::DateTime(at) => Ok(at),
        ValueRef::DateBytes(bytes) => Ok(DateTime::from_bytes(bytes)?),
        _ => Err(ValueErrorKind::WrongForm.into()),
    }
}

/// The forms in which a TIMESTAMP WITH TIME ZONE arrives. WITH LOCAL TIME ZONE has no bytes that could be read here: they are in the
/// time zone of its database.
pub(super) fn zoned_moment(value: ValueRef<'_>) -> Result<(DateTime, UtcOffset), ValueError> {
    match value {
        ValueRef::DateTimeTz(at, offset) => Ok((at, offset)),
        ValueRef::DateBytes(bytes) => Ok(DateTime::from_timestamp_tz_bytes(bytes)?),
        _ => Err(ValueErrorKind::WrongForm.into()),
    }
}

enum Interval {
    Ym(IntervalYm),
    /// More months than PostgreSQL's `interval` counts.
    LongYm {
        years: i32,
        months: i32,
    },
    Ds(IntervalDs),
}

fn interval(value: ValueRef<'_>, months: bool) -> Result<Interval, ValueError> {
    match (value, months) {
        (ValueRef::IntervalYm(interval), true) => Ok(Interval::Ym(interval)),
        (ValueRef::IntervalDs(interval), false) => Ok(Interval::Ds(interval)),
        (ValueRef::IntervalBytes(bytes), true) => {
            let (years, months) = IntervalYm::fields_from_bytes(bytes)?;
            Ok(IntervalYm::new(years, months).map_or(Interval::LongYm { years, months }, Interval::Ym))
        }
        (ValueRef::IntervalBytes(bytes), false) => Ok(Interval::Ds(IntervalDs::from_bytes(bytes)?)),
        _ => Err(ValueErrorKind::WrongForm.into()),
    }
}

fn put_parts(microseconds: i64, days: i32, months: i32, out: &mut BytesMut) {
    let mut bytes = [0; 16];
    bytes[..8].copy_from_slice(&microseconds.to_be_bytes());
    bytes[8..12].copy_from_slice(&days.to_be_bytes());
    bytes[12..].copy_from_slice(&months.to_be_bytes());
    put_fixed(bytes, out);
}
