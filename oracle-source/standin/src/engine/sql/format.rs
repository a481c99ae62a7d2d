//! Format models of `TO_CHAR`, `TO_DATE`, `TO_TIMESTAMP` and `TO_NUMBER`.

use super::calendar::{self, Today};
use super::convert::Kind;
use super::decimal::Decimal;
use crate::OraError;
use type_convert::{DateTime, UtcOffset};

const MONTHS: [&str; 12] = [
    "JANUARY",
    "FEBRUARY",
    "MARCH",
    "APRIL",
    "MAY",
    "JUNE",
    "JULY",
    "AUGUST",
    "SEPTEMBER",
    "OCTOBER",
    "NOVEMBER",
    "DECEMBER",
];
const DAYS: [&str; 7] = ["SUNDAY", "MONDAY", "TUESDAY", "WEDNESDAY", "THURSDAY", "FRIDAY", "SATURDAY"];

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Element {
    /// Digits of the year, and whether with a sign.
    Year(usize, bool),
    RoundYear(usize),
    IsoYear,
    Era,
    Quarter,
    Month,
    ShortMonth,
    LongMonth,
    RomanMonth,
    Week,
    IsoWeek,
    WeekOfMonth,
    DayOfYear,
    Day,
    Weekday,
    LongWeekday,
    ShortWeekday,
    JulianDay,
    Hour12,
    Hour24,
    Minute,
    Second,
    SecondsOfDay,
    Fraction(Option<u8>),
    Meridian,
    ZoneHour,
    ZoneMinute,
    ZoneRegion,
    Radix,
    FillMode,
    Exact,
    Century,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Part {
    /// With its spelling, for the case of words.
    Element(Element, String),
    Literal(String),
}

/// Longest first where one begins with another.
const ELEMENTS: &[(&str, Element)] = &[
    ("SYYYY", Element::Year(4, true)),
    ("YYYY", Element::Year(4, false)),
    ("YYY", Element::Year(3, false)),
    ("YY", Element::Year(2, false)),
    ("Y", Element::Year(1, false)),
    ("RRRR", Element::RoundYear(4)),
    ("RR", Element::RoundYear(2)),
    ("RM", Element::RomanMonth),
    ("IYYY", Element::IsoYear),
    ("IW", Element::IsoWeek),
    ("B.C.", Element::Era),
    ("A.D.", Element::Era),
    ("BC", Element::Era),
    ("AD", Element::Era),
    ("CC", Element::Century),
    ("Q", Element::Quarter),
    ("MONTH", Element::LongMonth),
    ("MON", Element::ShortMonth),
    ("MM", Element::Month),
    ("MI", Element::Minute),
    ("WW", Element::Week),
    ("W", Element::WeekOfMonth),
    ("DDD", Element::DayOfYear),
    ("DD", Element::Day),
    ("DAY", Element::LongWeekday),
    ("DY", Element::ShortWeekday),
    ("D", Element::Weekday),
    ("J", Element::JulianDay),
    ("HH24", Element::Hour24),
    ("HH12", Element::Hour12),
    ("HH", Element::Hour12),
    ("SSSSS", Element::SecondsOfDay),
    ("SS", Element::Second),
    ("FF1", Element::Fraction(Some(1))),
    ("FF2", Element::Fraction(Some(2))),
    ("FF3", Element::Fraction(Some(3))),
    ("FF4", Element::Fraction(Some(4))),
    ("FF5", Element::Fraction(Some(5))),
    ("FF6", Element::Fraction(Some(6))),
    ("FF7", Element::Fraction(Some(7))),
    ("FF8", Element::Fraction(Some(8))),
    ("FF9", Element::Fraction(Some(9))),
    ("FF", Element::Fraction(None)),
    ("FM", Element::FillMode),
    ("FX", Element::Exact),
    ("A.M.", Element::Meridian),
    ("P.M.", Element::Meridian),
    ("AM", Element::Meridian),
    ("PM", Element::Meridian),
    ("TZH", Element::ZoneHour),
    ("TZM", Element::ZoneMinute),
    ("TZR", Element::ZoneRegion),
    ("X", Element::Radix),
];

fn parts(model: &str) -> Result<Vec<Part>, OraError> {
    let unknown = || OraError::new(1821, "date format not recognized");
    let mut parts = Vec::new();
    let mut rest = model;
    while let Some(first) = rest.chars().next() {
        if first == '"' {
            let end = rest[1..]
                .find('"')
                .ok_or_else(|| OraError::new(1801, "date format is too long for internal buffer"))?;
            parts.push(Part::Literal(rest[1..=end].to_owned()));
            rest = &rest[end + 2..];
            continue;
        }
        let found = ELEMENTS
            .iter()
            .find(|(name, _)| rest.get(..name.len()).is_some_and(|head| head.eq_ignore_ascii_case(name)));
        if let Some((name, element)) = found {
            parts.push(Part::Element(*element, rest[..name.len()].to_owned()));
            rest = &rest[name.len()..];
            // The ordinal suffix and spelt numbers are not known.
            if rest.get(..2).is_some_and(|s| s.eq_ignore_ascii_case("TH") || s.eq_ignore_ascii_case("SP")) {
                return Err(unknown());
            }
        } else if first.is_alphanumeric() {
            return Err(unknown());
        } else {
            parts.push(Part::Literal(first.to_string()));
            rest = &rest[first.len_utf8()..];
        }
    }
    Ok(parts)
}

/// ORA-01821 for a session format that no value of this kind could be printed in.
pub(crate) fn check_model(model: &str, kind: Kind) -> Result<(), OraError> {
    let offset = if kind == Kind::TimestampTz { Some(UtcOffset { minutes: 0 }) } else { None };
    datetime_to_text(&Today::default().now, offset, model).map(|_| ())
}

/// A word in the case of its element: `MON`, `Mon` or `mon`.
fn in_case(word: &str, spelling: &str) -> String {
    let mut letters = spelling.chars().filter(|c| c.is_alphabetic());
    match (letters.next(), letters.next()) {
        (Some(a), Some(b)) if a.is_uppercase() && b.is_lowercase() => {
            let mut text = word.to_lowercase();
            if let Some(head) = text.get_mut(..1) {
                head.make_ascii_uppercase();
            }
            text
        }
        (Some(a), _) if a.is_lowercase() => word.to_lowercase(),
        _ => word.to_owned(),
    }
}

/// `TO_CHAR` of a date or timestamp. `offset` is that of a value with a time zone.
pub(crate) fn datetime_to_text(d: &DateTime, offset: Option<UtcOffset>, model: &str) -> Result<String, OraError> {
    let parts = parts(model)?;
    let no_zone = || OraError::new(1821, "date format not recognized");
    let mut text = String::new();
    let mut fill = true;
    let last_two = |n: i64, m: i64| n.abs() % m;
    let year = i64::from(d.year);
    for part in &parts {
        let (element, spelling) = match part {
            Part::Literal(literal) => {
                text.push_str(literal);
                continue;
            }
            Part::Element(element, spelling) => (*element, spelling.as_str()),
        };
        let mut number = |value: i64, width: usize| {
            if fill { text.push_str(&format!("{value:0width$}")) } else { text.push_str(&value.to_string()) }
        };
        match element {
            Element::FillMode => fill = !fill,
            Element::Exact => {}
            Element::Year(4, signed) => {
                if signed {
                    if year < 0 {
                        text.push('-');
                    } else if fill {
                        text.push(' ');
                    }
                }
                if fill { text.push_str(&format!("{:04}", year.abs())) } else { text.push_str(&year.abs().to_string()) }
            }
            Element::RoundYear(4) => number(year.abs(), 4),
            Element::Year(3, _) => number(last_two(year, 1000), 3),
            Element::Year(2, _) | Element::RoundYear(_) => number(last_two(year, 100), 2),
            Element::Year(..) => number(last_two(year, 10), 1),
            Element::IsoYear => number(calendar::iso_week(d).0.abs(), 4),
            Element::IsoWeek => number(calendar::iso_week(d).1, 2),
            Element::Century => number((year.abs() + 99) / 100, 2),
            Element::Era => {
                let dotted = spelling.contains('.');
                let era = match (year < 0, dotted) {
                    (true, true) => "B.C.",
                    (true, false) => "BC",
                    (false, true) => "A.D.",
                    (false, false) => "AD",
                };
                text.push_str(&in_case(era, spelling));
            }
            Element::Quarter => number((i64::from(d.month) + 2) / 3, 1),
            Element::Month => number(i64::from(d.month), 2),
            Element::ShortMonth | Element::LongMonth => {
                let word = MONTHS[usize::from(d.month.clamp(1, 12)) - 1];
                if element == Element::ShortMonth {
                    text.push_str(&in_case(&word[..3], spelling));
                } else {
                    let word = in_case(word, spelling);
                    if fill { text.push_str(&format!("{word:<9}")) } else { text.push_str(&word) }
                }
            }
            Element::RomanMonth => {
                const ROMAN: [&str; 12] = ["I", "II", "III", "IV", "V", "VI", "VII", "VIII", "IX", "X", "XI", "XII"];
                let word = in_case(ROMAN[usize::from(d.month.clamp(1, 12)) - 1], spelling);
                if fill { text.push_str(&format!("{word:<4}")) } else { text.push_str(&word) }
            }
            Element::Week => number((calendar::day_of_year(d) - 1) / 7 + 1, 2),
            Element::WeekOfMonth => number((i64::from(d.day) - 1) / 7 + 1, 1),
            Element::DayOfYear => number(calendar::day_of_year(d), 3),
            Element::Day => number(i64::from(d.day), 2),
            Element::Weekday => number(i64::from(calendar::weekday(d)), 1),
            Element::LongWeekday | Element::ShortWeekday => {
                let word = DAYS[usize::from(calendar::weekday(d)) - 1];
                if element == Element::ShortWeekday {
                    text.push_str(&in_case(&word[..3], spelling));
                } else {
                    let word = in_case(word, spelling);
                    if fill { text.push_str(&format!("{word:<9}")) } else { text.push_str(&word) }
                }
            }
            Element::JulianDay => number(calendar::julian_day(d.year, d.month, d.day), 7),
            Element::Hour24 => number(i64::from(d.hour), 2),
            Element::Hour12 => number((i64::from(d.hour) + 11) % 12 + 1, 2),
            Element::Minute => number(i64::from(d.minute), 2),
            Element::Second => number(i64::from(d.second), 2),
            Element::SecondsOfDay => {
                number(i64::from(d.hour) * 3600 + i64::from(d.minute) * 60 + i64::from(d.second), 5);
            }
            Element::Fraction(digits) => {
                let all = format!("{:09}", d.nanosecond);
                text.push_str(&all[..usize::from(digits.unwrap_or(6))]);
            }
            Element::Radix => text.push('.'),
            Element::Meridian => {
                let dotted = spelling.contains('.');
                let word = match (d.hour < 12, dotted) {
                    (true, true) => "A.M.",
                    (true, false) => "AM",
                    (false, true) => "P.M.",
                    (false, false) => "PM",
                };
                text.push_str(&in_case(word, spelling));
            }
            Element::ZoneHour => {
                let minutes = offset.ok_or_else(no_zone)?.minutes;
                let sign = if minutes < 0 { '-' } else { '+' };
                text.push_str(&format!("{sign}{:02}", (minutes / 60).abs()));
            }
            Element::ZoneMinute => {
                text.push_str(&format!("{:02}", (offset.ok_or_else(no_zone)?.minutes % 60).abs()));
            }
            Element::ZoneRegion => text.push_str(&offset_text(offset.ok_or_else(no_zone)?)),
        }
    }
    Ok(text)
}

/// `+05:30`.
pub(crate) fn offset_text(offset: UtcOffset) -> String {
    let sign = if offset.minutes < 0 { '-' } else { '+' };
    format!("{sign}{:02}:{:02}", (offset.minutes / 60).abs(), (offset.minutes % 60).abs())
}

#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct ParsedDateTime {
    pub(crate) datetime: DateTime,
    /// Where the format has a time zone element.
    pub(crate) offset: Option<UtcOffset>,
}

struct Text<'a> {
    rest: &'a str,
}

impl Text<'_> {
    fn skip_blanks(&mut self) {
        self.rest = self.rest.trim_start_matches(' ');
    }

    /// Up to `max` digits. ORA-01858 where there is none.
    fn digits(&mut self, max: usize, exactly: bool) -> Result<i64, OraError> {
        let count = self.rest.bytes().take(max).take_while(u8::is_ascii_digit).count();
        if count == 0 {
            return Err(OraError::new(1858, "a non-numeric character was found where a numeric was expected"));
        }
        if exactly && count != max {
            return Err(OraError::new(1862, "the numeric value does not match the length of the format item"));
        }
        let value = self.rest[..count].parse().unwrap_or(0);
        self.rest = &self.rest[count..];
        Ok(value)
    }

    fn word(&mut self, words: &[&str], short: bool) -> Option<usize> {
        let matches = |word: &str| self.rest.get(..word.len()).is_some_and(|head| head.eq_ignore_ascii_case(word));
        // The long form first: MON accepts MONTH's words and the other way round.
        let found = words.iter().position(|w| matches(w)).map(|i| (i, words[i].len()));
        let found = found.or_else(|| words.iter().position(|w| matches(&w[..3])).map(|i| (i, 3)));
        let _ = short;
        let (index, length) = found?;
        self.rest = &self.rest[length..];
        Some(index)
    }
}

/// `TO_DATE`, `TO_TIMESTAMP`, `TO_TIMESTAMP_TZ`.
pub(crate) fn parse_datetime(text: &str, model: &str, today: &Today) -> Result<ParsedDateTime, OraError> {
    let parts = parts(model)?;
    let error = |code, message: &str| Err(OraError::new(code, message));
    let mut input = Text { rest: text };
    let mut exact = false;
    let (mut year, mut month, mut day): (Option<i64>, Option<i64>, Option<i64>) = (None, None, None);
    let (mut day_of_year, mut julian): (Option<i64>, Option<i64>) = (None, None);
    let (mut hour24, mut hour12, mut minute, mut second, mut nanosecond) = (None, None, 0i64, 0i64, 0u32);
    let mut seconds_of_day = None;
    let (mut afternoon, mut before_christ): (Option<bool>, Option<bool>) = (None, None);
    let (mut zone_hour, mut zone_minute, mut zone_negative, mut has_zone) = (0i64, 0i64, false, false);
    let mut index = 0;
    while index < parts.len() {
        let part = &parts[index];
        index += 1;
        let element = match part {
            Part::Literal(literal) => {
                if exact {
                    match input.rest.strip_prefix(literal.as_str()) {
                        Some(rest) => input.rest = rest,
                        None => return error(1861, "literal does not match format string"),
                    }
                    continue;
                }
                if literal.chars().any(char::is_alphanumeric) {
                    match input.rest.get(..literal.len()) {
                        Some(head) if head == literal => input.rest = &input.rest[literal.len()..],
                        _ if input.rest.trim().is_empty() => {}
                        _ => return error(1861, "literal does not match format string"),
                    }
                    continue;
                }
                for mark in literal.chars() {
                    if mark == ' ' {
                        input.skip_blanks();
                        continue;
                    }
                    // Any punctuation stands for any other, and may be left out; a sign before digits may be a zone's.
                    input.skip_blanks();
                    match input.rest.chars().next() {
                        Some(c) if !c.is_alphanumeric() => input.rest = &input.rest[c.len_utf8()..],
                        _ => {}
                    }
                }
                continue;
            }
            Part::Element(element, _) => *element,
        };
        if element == Element::Exact {
            exact = !exact;
            continue;
        }
        if element == Element::FillMode {
            continue;
        }
        if element == Element::Radix {
            if let Some(rest) = input.rest.strip_prefix(['.', ',']) {
                input.rest = rest;
            }
            continue;
        }
        if !exact {
            input.skip_blanks();
        }
        if input.rest.is_empty() {
            let time = matches!(
                element,
                Element::Hour12
                    | Element::Hour24
                    | Element::Minute
                    | Element::Second
                    | Element::Fraction(_)
                    | Element::Meridian
                    | Element::ZoneHour
                    | Element::ZoneMinute
                    | Element::ZoneRegion
            );
            if time && !exact {
                continue;
            }
            return error(1840, "input value not long enough for date format");
        }
        // Fixed widths where the next element follows without a mark between.
        let next_is_element = matches!(parts.get(index), Some(Part::Element(..)));
        let _ = next_is_element;
        match element {
            Element::Year(digits, signed) => {
                let mut negative = false;
                if signed || digits == 4 {
                    if let Some(rest) = input.rest.strip_prefix('-').filter(|_| signed) {
                        negative = true;
                        input.rest = rest;
                    } else if let Some(rest) = input.rest.strip_prefix('+').filter(|_| signed) {
                        input.rest = rest;
                    }
                }
                let value = input.digits(digits, exact)?;
                let current = i64::from(today.now.year);
                let value = match digits {
                    3 => current / 1000 * 1000 + value,
                    2 => current / 100 * 100 + value,
                    1 => current / 10 * 10 + value,
                    _ => value,
                };
                year = Some(if negative { -value } else { value });
            }
            Element::RoundYear(digits) => {
                let before = input.rest.len();
                let value = input.digits(digits, exact && digits == 2)?;
                let read = before - input.rest.len();
                year = Some(if read > 2 {
                    value
                } else {
                    let current = i64::from(today.now.year);
                    let century = current / 100 * 100;
                    match (current % 100 < 50, value < 50) {
                        (true, true) | (false, false) => century + value,
                        (true, false) => century - 100 + value,
                        (false, true) => century + 100 + value,
                    }
                });
            }
            Element::Month => {
                if input.rest.starts_with(|c: char| c.is_ascii_alphabetic()) && !exact {
                    match input.word(&MONTHS, true) {
                        Some(i) => month = i64::try_from(i + 1).ok(),
                        None => return error(1843, "not a valid month"),
                    }
                } else {
                    month = Some(input.digits(2, exact)?);
                }
            }
            Element::ShortMonth | Element::LongMonth => {
                match input.word(&MONTHS, element == Element::ShortMonth) {
                    Some(i) => month = i64::try_from(i + 1).ok(),
                    // A number stands in for a month's name too.
                    None if input.rest.starts_with(|c: char| c.is_ascii_digit()) => {
                        month = Some(input.digits(2, false)?)
                    }
                    None => return error(1843, "not a valid month"),
                }
            }
            Element::Day => day = Some(input.digits(2, exact)?),
            Element::DayOfYear => day_of_year = Some(input.digits(3, exact)?),
            Element::JulianDay => julian = Some(input.digits(7, exact)?),
            Element::LongWeekday | Element::ShortWeekday => {
                if input.word(&DAYS, element == Element::ShortWeekday).is_none() {
                    return error(1846, "not a valid day of the week");
                }
            }
            Element::Hour24 => hour24 = Some(input.digits(2, exact)?),
            Element::Hour12 => hour12 = Some(input.digits(2, exact)?),
            Element::Minute => minute = input.digits(2, exact)?,
            Element::Second => second = input.digits(2, exact)?,
            Element::SecondsOfDay => seconds_of_day = Some(input.digits(5, exact)?),
            Element::Fraction(_) => {
                let count = input.rest.bytes().take(9).take_while(u8::is_ascii_digit).count();
                if count > 0 {
                    nanosecond = format!("{:0<9}", &input.rest[..count]).parse().unwrap_or(0);
                    input.rest = &input.rest[count..];
                }
            }
            Element::Meridian => {
                let upper = input.rest.to_ascii_uppercase();
                let found = ["A.M.", "P.M.", "AM", "PM"].into_iter().find(|w| upper.starts_with(w));
                match found {
                    Some(word) => {
                        afternoon = Some(word.starts_with('P'));
                        input.rest = &input.rest[word.len()..];
                    }
                    None => return error(1855, "AM/A.M. or PM/P.M. required"),
                }
            }
            Element::Era => {
                let upper = input.rest.to_ascii_uppercase();
                let found = ["B.C.", "A.D.", "BC", "AD"].into_iter().find(|w| upper.starts_with(w));
                match found {
                    Some(word) => {
                        before_christ = Some(word.starts_with('B'));
                        input.rest = &input.rest[word.len()..];
                    }
                    None => return error(1856, "BC/B.C. or AD/A.D. required"),
                }
            }
            Element::ZoneHour | Element::ZoneRegion => {
                has_zone = true;
                if element == Element::ZoneRegion && input.rest.starts_with(|c: char| c.is_ascii_alphabetic()) {
                    let length = input.rest.find(' ').unwrap_or(input.rest.len());
                    let name = &input.rest[..length];
                    if !["UTC", "GMT", "Z", "ETC/UTC"].iter().any(|n| n.eq_ignore_ascii_case(name)) {
                        return error(1882, "timezone region not found");
                    }
                    input.rest = &input.rest[length..];
                    continue;
                }
                if let Some(rest) = input.rest.strip_prefix('-') {
                    zone_negative = true;
                    input.rest = rest;
                } else if let Some(rest) = input.rest.strip_prefix('+') {
                    input.rest = rest;
                }
                zone_hour = input.digits(2, false)?;
                if element == Element::ZoneRegion
                    && let Some(rest) = input.rest.strip_prefix(':')
                {
                    input.rest = rest;
                    zone_minute = input.digits(2, false)?;
                }
            }
            Element::ZoneMinute => {
                has_zone = true;
                zone_minute = input.digits(2, false)?;
            }
            Element::IsoYear
            | Element::IsoWeek
            | Element::Week
            | Element::WeekOfMonth
            | Element::Quarter
            | Element::Century
            | Element::Weekday
            | Element::RomanMonth => {
                return error(1820, "format code cannot appear in date input format");
            }
            Element::Radix | Element::FillMode | Element::Exact => {}
        }
    }
    if !input.rest.trim_end().is_empty() {
        return error(1830, "date format picture ends before converting entire input string");
    }
    let full_year = year.unwrap_or(i64::from(today.now.year));
    let full_year = match before_christ {
        Some(true) if full_year > 0 => -full_year,
        _ => full_year,
    };
    if full_year == 0 || !(-4712..=9999).contains(&full_year) {
        return error(1841, "(full) year must be between -4713 and +9999, and not be 0");
    }
    let y = i16::try_from(full_year).unwrap_or(1);
    let (y, m, d) = if let Some(julian) = julian {
        calendar::from_julian_day(julian)
            .map_err(|_| OraError::new(1854, "julian date must be between 1 and 5373484"))?
    } else if let Some(n) = day_of_year {
        let (low, high) = (1, if calendar::is_leap(y) { 366 } else { 365 });
        if !(low..=high).contains(&n) {
            return error(1848, "day of year must be between 1 and 365 (366 for leap year)");
        }
        calendar::from_julian_day(calendar::julian_day(y, 1, 1) + n - 1)?
    } else {
        let m = month.unwrap_or(i64::from(today.now.month));
        if !(1..=12).contains(&m) {
            return error(1843, "not a valid month");
        }
        let m = u8::try_from(m).unwrap_or(1);
        let d = day.unwrap_or(1);
        if !(1..=31).contains(&d) {
            return error(1847, "day of month must be between 1 and last day of month");
        }
        let d = u8::try_from(d).unwrap_or(1);
        if d > calendar::days_in_month(y, m) {
            return error(1839, "date not valid for month specified");
        }
        // The days that the change of the calendar left out count on from the 15th.
        if (y, m) == (1582, 10) && (5..15).contains(&d) { (y, m, 15) } else { (y, m, d) }
    };
    let hour = if let Some(h) = hour24 {
        if !(0..=23).contains(&h) {
            return error(1850, "hour must be between 0 and 23");
        }
        h
    } else if let Some(h) = hour12 {
        if !(1..=12).contains(&h) {
            return error(1849, "hour must be between 1 and 12");
        }
        h % 12 + if afternoon == Some(true) { 12 } else { 0 }
    } else {
        0
    };
    if !(0..=59).contains(&minute) {
        return error(1851, "minutes must be between 0 and 59");
    }
    if !(0..=59).contains(&second) {
        return error(1852, "seconds must be between 0 and 59");
    }
    let (mut hour, mut minute, mut second) = (hour, minute, second);
    if let Some(total) = seconds_of_day {
        if !(0..86_400).contains(&total) {
            return error(1853, "seconds in day must be between 0 and 86399");
        }
        (hour, minute, second) = (total / 3600, total / 60 % 60, total % 60);
    }
    if zone_hour > 15 || zone_minute > 59 {
        return error(1874, "time zone hour must be between -15 and 15");
    }
    let minutes = zone_hour * 60 + zone_minute;
    let minutes = i16::try_from(if zone_negative { -minutes } else { minutes }).unwrap_or(0);
    let narrow = |v: i64| u8::try_from(v).unwrap_or(0);
    Ok(ParsedDateTime {
        datetime: DateTime {
            year: y,
            month: m,
            day: d,
            hour: narrow(hour),
            minute: narrow(minute),
            second: narrow(second),
            nanosecond,
        },
        offset: has_zone.then_some(UtcOffset { minutes }),
    })
}

// --- numbers ---------------------------------------------------------------------------------------------------

fn bad_number_model() -> OraError {
    OraError::new(1481, "invalid number format model")
}

#[derive(Debug, Default)]
struct NumberModel {
    fill: bool,
    dollar: bool,
    blank: bool,
    leading_sign: bool,
    trailing_sign: bool,
    minus_after: bool,
    angle: bool,
    scientific: bool,
    hexadecimal: usize,
    /// `9`, `0`, group `,`, in order, before the point.
    whole: Vec<char>,
    fraction: Vec<char>,
    point: bool,
}

fn number_model(model: &str) -> Result<NumberModel, OraError> {
    let upper = model.to_ascii_uppercase();
    let mut rest = upper.as_str();
    let mut m = NumberModel { fill: true, ..NumberModel::default() };
    if let Some(r) = rest.strip_prefix("FM") {
        m.fill = false;
        rest = r;
    }
    if !rest.is_empty() && rest.trim_start_matches('0').bytes().all(|b| b == b'X') && rest.ends_with('X') {
        m.hexadecimal = rest.len();
        return Ok(m);
    }
    let mut first = true;
    while !rest.is_empty() {
        if rest == "MI" {
            m.minus_after = true;
            break;
        }
        if rest == "PR" {
            m.angle = true;
            break;
        }
        if rest == "EEEE" {
            m.scientific = true;
            break;
        }
        let Some(c) = rest.chars().next() else { break };
        match c {
            'S' if first => m.leading_sign = true,
            'S' if rest.len() == 1 => m.trailing_sign = true,
            '$' => m.dollar = true,
            'L' | 'C' | 'U' => m.dollar = true,
            'B' => m.blank = true,
            '9' | '0' if m.point => m.fraction.push(c),
            '9' | '0' => m.whole.push(c),
            ',' | 'G' if !m.point && !m.whole.is_empty() => m.whole.push(','),
            '.' | 'D' if !m.point => m.point = true,
            _ => return Err(bad_number_model()),
        }
        first = false;
        rest = &rest[c.len_utf8()..];
    }
    Ok(m)
}

/// `TO_CHAR(number, model)`. `radix` and `group` are the characters of `NLS_NUMERIC_CHARACTERS`.
pub(crate) fn number_to_text(value: &Decimal, model: &str, radix: char, group: char) -> Result<String, OraError> {
    match model.to_ascii_uppercase().as_str() {
        "TM" | "TM9" => return Ok(value.to_text().replace('.', &radix.to_string())),
        "TME" => return Ok(value.scientific(None)),
        _ => {}
    }
    let m = number_model(model)?;
    if m.hexadecimal > 0 {
        let number = value.round(0).to_i64().filter(|n| *n >= 0).map(|n| format!("{n:X}"));
        let digits = match number {
            Some(text) if text.len() <= m.hexadecimal => text,
            _ => return Ok("#".repeat(m.hexadecimal + 1)),
        };
        let digits = if model.contains('x') { digits.to_lowercase() } else { digits };
        let zeros = model.trim_start_matches(['F', 'M', 'f', 'm']).starts_with('0');
        let width = m.hexadecimal;
        return Ok(match (zeros, m.fill) {
            (true, true) => format!(" {digits:0>width$}"),
            (true, false) => format!("{digits:0>width$}"),
            (false, true) => format!(" {digits:>width$}"),
            (false, false) => digits,
        });
    }
    let width = m.whole.len() + m.fraction.len() + usize::from(m.point) + usize::from(m.dollar) + 1;
    let rounded = value.round(i32::try_from(m.fraction.len()).unwrap_or(0));
    let negative = if m.scientific { value.is_negative() } else { rounded.is_negative() };
    let mut body = if m.scientific {
        value.clone().abs().scientific(Some(m.fraction.len()))
    } else {
        let (whole, fraction) = rounded.clone().abs().fixed(m.fraction.len());
        let places = m.whole.iter().filter(|c| **c != ',').count();
        if whole.len() > places {
            return Ok("#".repeat(width + usize::from(m.angle)));
        }
        let first_zero = m.whole.iter().filter(|c| **c != ',').position(|c| *c == '0');
        // Zeros are written from the first `0` of the model on.
        let mut least = first_zero.map_or(0, |at| places - at);
        if whole.is_empty() && least == 0 && m.fraction.is_empty() {
            least = 1;
        }
        let digits = format!("{whole:0>least$}");
        let mut reversed = String::new();
        let mut source = digits.chars().rev();
        let mut left = digits.len();
        for c in m.whole.iter().rev() {
            if left == 0 {
                break;
            }
            if *c == ',' {
                reversed.push(group);
            } else if let Some(d) = source.next() {
                reversed.push(d);
                left -= 1;
            }
        }
        let mut text: String = reversed.chars().rev().collect();
        if m.point {
            text.push(radix);
            let mut fraction = fraction;
            if !m.fill {
                let keep = m.fraction.iter().rposition(|c| *c == '0').map_or(0, |at| at + 1);
                while fraction.len() > keep && fraction.ends_with('0') {
                    fraction.pop();
                }
            }
            text.push_str(&fraction);
        }
        text
    };
    if m.blank && rounded.is_zero() {
        return Ok(if m.fill { " ".repeat(width) } else { String::new() });
    }
    if m.dollar {
        body.insert(0, '$');
    }
    let (before, after) = if m.angle {
        if negative { ("<", ">") } else { (" ", " ") }
    } else if m.leading_sign {
        (if negative { "-" } else { "+" }, "")
    } else if m.trailing_sign {
        ("", if negative { "-" } else { "+" })
    } else if m.minus_after {
        ("", if negative { "-" } else { " " })
    } else {
        (if negative { "-" } else { " " }, "")
    };
    let text = format!("{before}{body}{after}");
    if !m.fill {
        return Ok(text.trim_matches(' ').to_owned());
    }
    let full = width + usize::from(m.angle) + if m.scientific { 5 } else { 0 };
    Ok(format!("{text:>full$}"))
}

/// `TO_NUMBER(text, model)`. ORA-01722 where the text does not match.
pub(crate) fn text_to_number(text: &str, model: &str, radix: char, group: char) -> Result<Decimal, OraError> {
    let invalid = || OraError::new(1722, "invalid number");
    let m = number_model(model)?;
    let mut body = text.trim();
    if m.hexadecimal > 0 {
        if body.is_empty() || body.len() > m.hexadecimal {
            return Err(invalid());
        }
        return i64::from_str_radix(body, 16).map(Decimal::from).map_err(|_| invalid());
    }
    let mut negative = false;
    if m.angle
        && let Some(inner) = body.strip_prefix('<').and_then(|b| b.strip_suffix('>'))
    {
        (negative, body) = (true, inner);
    } else if (m.minus_after || m.trailing_sign) && body.ends_with(['-', '+']) {
        negative = body.ends_with('-');
        body = body[..body.len() - 1].trim_end();
    } else if let Some(rest) = body.strip_prefix('-') {
        (negative, body) = (true, rest);
    } else if let Some(rest) = body.strip_prefix('+') {
        body = rest;
    }
    if m.dollar {
        body = body.strip_prefix('$').unwrap_or(body);
    }
    let mut plain = String::new();
    let grouped = m.whole.contains(&',');
    for c in body.chars() {
        match c {
            c if c == group && grouped => {}
            c if c == radix && m.point => plain.push('.'),
            c if c.is_ascii_digit() => plain.push(c),
            'e' | 'E' | '+' | '-' if m.scientific => plain.push(c),
            _ => return Err(invalid()),
        }
    }
    let value = Decimal::parse(&plain).ok_or_else(invalid)?;
    if !m.scientific {
        let places = m.whole.iter().filter(|c| **c != ',').count();
        if value.integer_digits() > i32::try_from(places).unwrap_or(0) || value.scale() > m.fraction.len() {
            return Err(invalid());
        }
    }
    Ok(if negative { value.negated() } else { value })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn date(text: &str, model: &str) -> Result<String, i32> {
        let today = Today {
            now: DateTime { year: 2024, month: 6, day: 15, hour: 1, minute: 1, second: 1, nanosecond: 0 },
            offset: UtcOffset { minutes: 0 },
        };
        parse_datetime(text, model, &today)
            .and_then(|p| datetime_to_text(&p.datetime, p.offset, "SYYYY-MM-DD HH24:MI:SS.FF9"))
            .map(|t| t.trim().to_owned())
            .map_err(|e| e.code)
    }

    #[test]
    fn dates_are_read_as_oracle_reads_them() {
        for (text, model, want) in [
            ("17-06-1987", "dd-MM-yyyy", "1987-06-17 00:00:00.000000000"),
            ("15-MAY-21", "DD-MON-RR", "2021-05-15 00:00:00.000000000"),
            ("15-may-95", "DD-MON-RR", "1995-05-15 00:00:00.000000000"),
            ("15-may-95", "DD-MON-YY", "2095-05-15 00:00:00.000000000"),
            ("2024-02-29 23:59:59", "YYYY-MM-DD HH24:MI:SS", "2024-02-29 23:59:59.000000000"),
            ("2024-02-29", "YYYY-MM-DD HH24:MI:SS", "2024-02-29 00:00:00.000000000"),
            ("20240229235959", "YYYYMMDDHH24MISS", "2024-02-29 23:59:59.000000000"),
            ("2024/2/9", "YYYY-MM-DD", "2024-02-09 00:00:00.000000000"),
            ("-0044-03-15 00:00:00", "SYYYY-MM-DD HH24:MI:SS", "-0044-03-15 00:00:00.000000000"),
            (" 2024-03-15 00:00:00", "SYYYY-MM-DD HH24:MI:SS", "2024-03-15 00:00:00.000000000"),
            ("0044-03-15 BC", "YYYY-MM-DD BC", "-0044-03-15 00:00:00.000000000"),
            ("2020-09-22 00:09:37.", "YYYY-MM-DD HH24:MI:SS.FF", "2020-09-22 00:09:37.000000000"),
            ("2020-09-22 00:09:37.5", "YYYY-MM-DD HH24:MI:SS.FF9", "2020-09-22 00:09:37.500000000"),
            ("22-SEP-20 12.09.37.000 AM", "DD-MON-RR HH.MI.SS.FF AM", "2020-09-22 00:09:37.000000000"),
            ("September 5, 2001", "Month DD, YYYY", "2001-09-05 00:00:00.000000000"),
            ("2024-366", "YYYY-DDD", "2024-12-31 00:00:00.000000000"),
            ("2451545", "J", "2000-01-01 00:00:00.000000000"),
            ("12", "DD", "2024-06-12 00:00:00.000000000"),
            ("2024-01-01T10:00:00", "YYYY-MM-DD\"T\"HH24:MI:SS", "2024-01-01 10:00:00.000000000"),
        ] {
            assert_eq!(date(text, model).as_deref(), Ok(want), "{text} {model}");
        }
        for (text, model, code) in [
            ("2023-02-29", "YYYY-MM-DD", 1839),
            ("2023-13-01", "YYYY-MM-DD", 1843),
            ("2023-01-32", "YYYY-MM-DD", 1847),
            ("0000-01-01", "YYYY-MM-DD", 1841),
            ("2023-01-01 x", "YYYY-MM-DD", 1830),
            ("2023", "YYYY-MM-DD", 1840),
            ("abc", "YYYY", 1858),
            ("01-XXX-2000", "DD-MON-YYYY", 1843),
            ("24", "HH24", 1850),
            ("2023", "YYYYQZ", 1821),
        ] {
            assert_eq!(date(text, model), Err(code), "{text} {model}");
        }
    }

    #[test]
    fn dates_are_printed_as_oracle_prints_them() {
        let d = DateTime { year: 2024, month: 5, day: 3, hour: 15, minute: 4, second: 5, nanosecond: 123_456_789 };
        let zone = Some(UtcOffset { minutes: -330 });
        for (model, want) in [
            ("DD-MON-RR", "03-MAY-24"),
            ("Dy, DD Month YYYY", "Fri, 03 May       2024"),
            ("FMDay, Month DD, YYYY", "Friday, May 3, 2024"),
            ("HH:MI:SS AM", "03:04:05 PM"),
            ("hh12.mi p.m.", "03.04 p.m."),
            ("HH24:MI:SS.FF3", "15:04:05.123"),
            ("SSXFF", "05.123456"),
            ("SYYYY DDD Q WW IW D J SSSSS", " 2024 124 2 18 18 6 2460434 54245"),
            ("TZH:TZM", "-05:30"),
            ("\"at\" YYYY", "at 2024"),
            ("YYYY BC", "2024 AD"),
        ] {
            assert_eq!(datetime_to_text(&d, zone, model).unwrap(), want, "{model}");
        }
        assert_eq!(datetime_to_text(&d, None, "TZH").unwrap_err().code, 1821);
    }

    #[test]
    fn numbers_are_printed_as_oracle_prints_them() {
        for (value, model, want) in [
            ("-1234567890", "9999999999S", "1234567890-"),
            ("0", "99.99", "   .00"),
            ("0.1", "99.99", "   .10"),
            ("-0.2", "99.99", "  -.20"),
            ("0", "90.99", "  0.00"),
            ("0.1", "90.99", "  0.10"),
            ("0", "9999", "    0"),
            ("1", "9999", "    1"),
            ("0", "B9999", "     "),
            ("123.456", "999.999", " 123.456"),
            ("123.456", "FM999.009", "123.456"),
            ("123.456", "9.9EEEE", "  1.2E+02"),
            ("1E+123", "9.9EEEE", " 1.0E+123"),
            ("123.45", "FM999.009", "123.45"),
            ("123.0", "FM999.009", "123.00"),
            ("1234.56", "9,999.99", " 1,234.56"),
            ("1234567", "9,999", "######"),
            ("1234.5", "$9,999.00", " $1,234.50"),
            ("12", "0000", " 0012"),
            ("-12", "999PR", " <12>"),
            ("12", "S999", " +12"),
            ("255", "XX", " FF"),
            ("255", "FM0xxx", "00ff"),
            ("12.5", "TM9", "12.5"),
        ] {
            let value = Decimal::parse(value).unwrap();
            assert_eq!(number_to_text(&value, model, '.', ',').unwrap(), want, "{} {model}", value.to_text());
        }
    }

    #[test]
    fn numbers_are_read_with_models() {
        let read = |t: &str, m: &str| text_to_number(t, m, '.', ',').map(|d| d.to_text()).map_err(|e| e.code);
        assert_eq!(read("$1,234.50", "$9,999.99").as_deref(), Ok("1234.5"));
        assert_eq!(read("12-", "99MI").as_deref(), Ok("-12"));
        assert_eq!(read("ff", "xx").as_deref(), Ok("255"));
        assert_eq!(read("12345", "999"), Err(1722));
    }

    proptest::proptest! {
        #[test]
        fn no_model_panics(text in ".{0,30}", model in "[A-Za-z0-9 :.,\"'-]{0,20}") {
            let _ = parse_datetime(&text, &model, &Today::default());
            let _ = datetime_to_text(&Today::default().now, None, &model);
            let _ = number_to_text(&Decimal::from(-12345), &model, '.', ',');
            let _ = text_to_number(&text, &model, '.', ',');
        }
    }
}
