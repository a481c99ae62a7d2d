//! Dates of the years about now as PostgreSQL's microseconds, looked up in two small tables.
//!
//! It is a shortcut only, as [`short_numeric`](crate::short_numeric) is: whatever is unusual, valid or not, is `None` and left to
//! [`DateTime`]'s own functions, which decide about errors.

use crate::{DateTime, word::HIGH_BITS};

const FIRST_YEAR: i16 = 1800;
const YEARS: usize = 512;

/// For each year the days from 2000-01-01 to its first day, twice, and one more in a leap year. Both calendars of Oracle's are one here.
static YEAR: [i32; YEARS] = {
    let mut years = [0; YEARS];
    // From 1800-01-01 to 2000-01-01.
    let (mut at, mut year, mut days) = (0, FIRST_YEAR, -73_048);
    while at < YEARS {
        let leap = if year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) { 1 } else { 0 };
        years[at] = 2 * days + leap;
        days += 365 + leap;
        year += 1;
        at += 1;
    }
    years
};

/// For each month, from 0, of a common year and, 16 further on, of a leap year: 32 times the days of the year before it, and how many it
/// has; none where there is no such month.
static MONTH: [u16; 32] = {
    let mut months = [0; 32];
    let mut leap = 0;
    while leap < 2 {
        let (mut month, mut before) = (0, 0);
        while month < 12 {
            let days = match month {
                1 if leap == 1 => 29,
                1 => 28,
                3 | 5 | 8 | 10 => 30,
                _ => 31,
            };
            months[16 * leap + month] = 32 * before + days;
            before += days;
            month += 1;
        }
        leap += 1;
    }
    months
};

/// Microseconds from 2000-01-01, the fields taken as UTC; `None` where a digit below the microsecond, or below the second where `whole_seconds`
/// says so, is not 0.
#[inline(always)]
pub(crate) fn microseconds(at: &DateTime, whole_seconds: bool) -> Option<i64> {
    let month = at.month.wrapping_sub(1);
    // One condition without a branch inside.
    let in_range = (month < 16) & (at.hour < 24) & (at.minute < 60) & (at.second < 60);
    let time = [at.hour, at.minute, at.second];
    put_together(at.year, month, at.day.wrapping_sub(1), time, in_range, (at.nanosecond, whole_seconds))
}

/// Oracle's bytes of a moment: the seven fields at the high end of a word, and the nanoseconds.
pub(crate) type Fields = (u64, u32);

/// Of the 7 bytes without a fraction, or the 11 with one.
#[inline(always)]
pub(crate) fn fields(bytes: &[u8]) -> Option<Fields> {
    match (bytes.first_chunk(), bytes.last_chunk()) {
        (Some(first), Some(last)) if bytes.len() == 11 => Some((u64::from_be_bytes(*first), u32::from_be_bytes(*last))),
        _ if bytes.len() == 7 => {
            let (first, last) = (bytes.first_chunk()?, bytes.last_chunk()?);
            // Two loads that overlap: what they share is the same in both.
            Some((u64::from(u32::from_be_bytes(*first)) << 32 | u64::from(u32::from_be_bytes(*last)) << 8, 0))
        }
        _ => None,
    }
}

/// The same of the first `length` of these bytes.
#[inline(always)]
pub(crate) fn fields_in(window: &[u8; 16], length: usize) -> Option<Fields> {
    let word = window.first_chunk().map_or(0, |word| u64::from_be_bytes(*word));
    let fraction = window[7..].first_chunk().map_or(0, |fraction| u32::from_be_bytes(*fraction));
    ((length == 7) | (length == 11)).then_some((word, if length == 11 { fraction } else { 0 }))
}

/// As [`microseconds`], of bytes.
#[inline(always)]
pub(crate) fn microseconds_of_bytes((word, nanosecond): Fields, whole_seconds: bool) -> Option<i64> {
    // What is added to each field: a byte that is less ends with its high bit set, and what it takes from the next does not matter then.
    let fields = (word >> 8).wrapping_sub(0x0064_6401_0101_0101);
    // 127 less the most that each can be then.
    let in_range = (fields | fields.wrapping_add(0x001c_1c74_6168_4444)) & HIGH_BITS == 0;
    let [_, century, year, month, day, hour, minute, second] = fields.to_be_bytes();
    let year = i16::from(century) * 100 + i16::from(year);
    put_together(year, month, day, [hour, minute, second], in_range, (nanosecond, whole_seconds))
}

/// `month` and `day` from 0, `month` less than 16 where the time of day is in range.
#[inline(always)]
fn put_together(
    year: i16,
    month: u8,
    day: u8,
    [hour, minute, second]: [u8; 3],
    in_range: bool,
    (nanosecond, whole_seconds): (u32, bool),
) -> Option<i64> {
    let year = *YEAR.get(usize::from(year.wrapping_sub(FIRST_YEAR).cast_unsigned()))?;
    let leap = usize::from(year & 1 != 0);
    let month = MONTH[(16 * leap + usize::from(month)) % 32];
    // A division by a constant is a multiplication.
    let microsecond = nanosecond / 1000;
    let exact = (microsecond * 1000 == nanosecond) & (microsecond < if whole_seconds { 1 } else { 1_000_000 });
    if !(in_range & exact & (u16::from(day) < month % 32)) {
        return None;
    }
    let days = i64::from(year >> 1) + i64::from(month / 32) + i64::from(day);
    let seconds = ((days * 24 + i64::from(hour)) * 60 + i64::from(minute)) * 60 + i64::from(second);
    Some(seconds * 1_000_000 + i64::from(microsecond))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn general(at: &DateTime) -> Option<i64> {
        at.check().ok()?;
        let days = at.gregorian_days()? - 10_957;
        let nanosecond = i64::from(at.nanosecond);
        (nanosecond % 1000 == 0).then_some((days * 86_400 + at.second_of_day()) * 1_000_000 + nanosecond / 1000)
    }

    fn of_bytes(bytes: &[u8], whole_seconds: bool) -> Option<i64> {
        let mut window = [0x55; 16];
        window[..bytes.len()].copy_from_slice(bytes);
        let of_window = fields_in(&window, bytes.len()).and_then(|fields| microseconds_of_bytes(fields, whole_seconds));
        assert_eq!(fields(bytes).and_then(|fields| microseconds_of_bytes(fields, whole_seconds)), of_window);
        of_window
    }

    #[test]
    fn every_day_of_the_usual_years() {
        for year in FIRST_YEAR - 2..FIRST_YEAR + 514 {
            let usual = (FIRST_YEAR..FIRST_YEAR + 512).contains(&year);
            for (month, day) in (0..=33).flat_map(|month| (0..=33).map(move |day| (month, day))) {
                let at = DateTime { year, month, day, hour: 23, minute: 59, second: 58, nanosecond: 999_999_000 };
                let expected = general(&at).filter(|_| usual);
                assert_eq!(microseconds(&at, false), expected, "{at:?}");
                if let Ok(bytes) = at.to_timestamp_bytes() {
                    assert_eq!(of_bytes(&bytes, false), expected, "{at:?}");
                }
            }
        }
    }

    proptest! {
        #[test]
        fn any_fields(
            year: i16,
            near in 1700..2400_i16,
            is_near: bool,
            (month, day, hour, minute, second) in any::<(u8, u8, u8, u8, u8)>(),
            small: bool,
            nanosecond in prop_oneof![Just(0), 0..2_000_000_u32, any::<u32>(), (0..2_000_000_u32).prop_map(|n| n * 1000)],
            whole_seconds: bool,
        ) {
            let (year, small) = (if is_near { near } else { year }, |n: u8, below| if small { n % below } else { n });
            let at = DateTime {
                year,
                month: small(month, 14),
                day: small(day, 33),
                hour: small(hour, 25),
                minute: small(minute, 61),
                second: small(second, 61),
                nanosecond,
            };
            let usual = (FIRST_YEAR..FIRST_YEAR + 512).contains(&year) && !(whole_seconds && nanosecond != 0);
            prop_assert_eq!(microseconds(&at, whole_seconds), general(&at).filter(|_| usual));
        }

        #[test]
        fn any_bytes(
            century in prop_oneof![117..=124_u8, any::<u8>()],
            year in prop_oneof![100..=199_u8, any::<u8>()],
            month in prop_oneof![0..=14_u8, any::<u8>()],
            day in prop_oneof![0..=33_u8, any::<u8>()],
            time in prop::array::uniform3(prop_oneof![0..=25_u8, 0..=62_u8, any::<u8>()]),
            fraction in prop_oneof![Just(vec![]), prop::collection::vec(any::<u8>(), 0..=6)],
        ) {
            let bytes = [&[century, year, month, day][..], &time, &fraction].concat();
            let at = DateTime::from_bytes(&bytes).ok();
            let usual = at.filter(|at| (FIRST_YEAR..FIRST_YEAR + 512).contains(&at.year));
            prop_assert_eq!(of_bytes(&bytes, false), usual.and_then(|at| general(&at)), "{:?}", at);
        }
    }
}
