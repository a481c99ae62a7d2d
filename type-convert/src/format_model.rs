//! Oracle's datetime format models, as far as redo uses them.

use crate::{DateTime, UtcOffset};

/// What a format model and a text together say.
#[derive(Debug)]
pub(crate) struct Moment {
    pub(crate) at: DateTime,
    /// Where the model has `TZH`.
    pub(crate) offset: Option<UtcOffset>,
}

/// Where a text departs from its model, or the model asks for something that is not read.
#[derive(Debug)]
pub(crate) struct FormatError {
    pub(crate) reason: &'static str,
    /// Bytes from the start of the text.
    pub(crate) offset: usize,
    /// The text has the model's form, but no such moment exists.
    pub(crate) matched: bool,
}

/// Longer names first: the first match is taken.
const ELEMENTS: [(&str, Element); 22] = [
    ("SYYYY", Element::SignedYear),
    ("YYYY", Element::Year),
    ("RRRR", Element::Year),
    ("RR", Element::RoundedYear),
    ("MON", Element::MonthName),
    ("MM", Element::Month),
    ("MI", Element::Minute),
    ("DD", Element::Day),
    ("HH24", Element::Hour24),
    ("HH12", Element::Hour12),
    ("HH", Element::Hour12),
    ("SS", Element::Second),
    ("FF", Element::Fraction),
    ("X", Element::Radix),
    ("TZH", Element::ZoneHour),
    ("TZM", Element::ZoneMinute),
    ("A.M.", Element::Meridian),
    ("P.M.", Element::Meridian),
    ("AM", Element::Meridian),
    ("PM", Element::Meridian),
    ("FX", Element::Exact),
    ("TZR", Element::Zone),
];

const MONTHS: [&str; 12] = ["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"];

#[derive(Clone, Copy, PartialEq)]
enum Element {
    SignedYear,
    Year,
    RoundedYear,
    Month,
    MonthName,
    Day,
    Hour24,
    Hour12,
    Minute,
    Second,
    Fraction,
    Radix,
    Meridian,
    ZoneHour,
    ZoneMinute,
    /// `TZR`, read where the text has an offset.
    Zone,
    /// `FX` asks for an exact match, which is all there is here.
    Exact,
}

struct Text<'a> {
    text: &'a [u8],
    at: usize,
}

impl<'a> Text<'a> {
    fn error<T>(&self, reason: &'static str) -> Result<T, FormatError> {
        Err(FormatError { reason, offset: self.at, matched: false })
    }

    fn digits(&mut self, most: usize) -> &'a [u8] {
        let rest = &self.text[self.at..];
        let len = rest.iter().take(most).take_while(|b| b.is_ascii_digit()).count();
        self.at += len;
        &rest[..len]
    }

    fn number(&mut self, most: usize, reason: &'static str) -> Result<i16, FormatError> {
        let digits = self.digits(most);
        if digits.is_empty() {
            return self.error(reason);
        }
        Ok(digits.iter().fold(0, |n, d| n * 10 + i16::from(d - b'0')))
    }

    fn small(&mut self, reason: &'static str) -> Result<u8, FormatError> {
        self.number(2, reason).map(|n| u8::try_from(n).unwrap_or_default())
    }

    fn sign(&mut self) -> Option<u8> {
        let sign = self.text.get(self.at).copied().filter(|b| matches!(b, b'+' | b'-'));
        self.at += usize::from(sign.is_some());
        sign
    }

    fn eat(&mut self, word: &str) -> bool {
        let found = self.text[self.at..].get(..word.len()).is_some_and(|t| t.eq_ignore_ascii_case(word.as_bytes()));
        self.at += if found { word.len() } else { 0 };
        found
    }
}

/// Reads all of `text` by `model`. Year, month and day must be in the model: Oracle would take missing ones from
/// today, which is not known here. `RR` puts 00–49 into 2000–2049 and 50–99 into 1950–1999, as Oracle does
/// from 2000 to 2049. `YY` and `Y` are refused.
pub(crate) fn read(model: &str, text: &str) -> Result<Moment, FormatError> {
    let mut text = Text { text: text.as_bytes(), at: 0 };
    let (mut year, mut month, mut day) = (None, None, None);
    let (mut hour, mut minute, mut second, mut nanosecond) = (0, 0, 0, 0);
    let (mut twelve, mut afternoon) = (false, None);
    let (mut zone_negative, mut zone_hour, mut zone_minute) = (false, None, 0);
    let mut rest = model.as_bytes();
    while let [next, after @ ..] = rest {
        if !next.is_ascii_alphabetic() {
            if !text.eat(std::str::from_utf8(&[*next]).unwrap_or("\0")) {
                return text.error("the text does not match its format model");
            }
            rest = after;
            continue;
        }
        let matches = |name: &str| rest.get(..name.len()).is_some_and(|r| r.eq_ignore_ascii_case(name.as_bytes()));
        let Some(&(name, element)) = ELEMENTS.iter().find(|(name, _)| matches(name)) else {
            return text.error("a format model that is not read here");
        };
        rest = &rest[name.len()..];
        match element {
            Element::SignedYear => {
                let blank = text.eat(" ");
                let sign = if blank { None } else { text.sign() };
                let magnitude = text.number(4, "a year was expected")?;
                year = Some(if sign == Some(b'-') { -magnitude } else { magnitude });
            }
            Element::Year => year = Some(text.number(4, "a year was expected")?),
            Element::RoundedYear => {
                let start = text.at;
                let two = text.number(4, "a year was expected")?;
                year = Some(match text.at - start {
                    4 => two,
                    _ if two < 50 => 2000 + two,
                    _ => 1900 + two,
                });
            }
            Element::Month => month = Some(text.small("a month was expected")?),
            Element::MonthName => match (1..).zip(MONTHS).find(|(_, name)| text.eat(name)) {
                Some((number, _)) => month = Some(number),
                None => return text.error("an English month name of three letters was expected"),
            },
            Element::Day => day = Some(text.small("a day was expected")?),
            Element::Hour24 => hour = text.small("an hour was expected")?,
            Element::Hour12 => {
                hour = text.small("an hour was expected")?;
                twelve = true;
                if !(1..=12).contains(&hour) {
                    return text.error("an hour from 1 to 12 was expected");
                }
            }
            Element::Minute => minute = text.small("minutes were expected")?,
            Element::Second => second = text.small("seconds were expected")?,
            Element::Radix => {
                if !text.eat(".") {
                    return text.error("a decimal point was expected");
                }
            }
            Element::Fraction => {
                // `FF3`: how many digits are written does not matter for reading them.
                if let [b'1'..=b'9', after @ ..] = rest {
                    rest = after;
                }
                let digits = text.digits(9);
                let missing = u32::try_from(9 - digits.len()).unwrap_or_default();
                nanosecond = digits.iter().fold(0, |n, d| n * 10 + u32::from(d - b'0')) * 10_u32.pow(missing);
            }
            Element::Meridian => {
                let after_noon = text.eat("PM") || text.eat("P.M.");
                if !after_noon && !text.eat("AM") && !text.eat("A.M.") {
                    return text.error("AM or PM was expected");
                }
                afternoon = Some(after_noon);
            }
            Element::ZoneHour | Element::Zone => {
                let Some(sign) = text.sign() else {
                    return text.error("an offset from UTC with its sign was expected; region names are not read");
                };
                zone_negative = sign == b'-';
                zone_hour = Some(text.small("hours of the offset were expected")?);
                if element == Element::Zone && text.eat(":") {
                    zone_minute = text.small("minutes of the offset were expected")?;
                }
            }
            Element::ZoneMinute => zone_minute = text.small("minutes of the offset were expected")?,
            Element::Exact => {}
        }
    }
    if text.at < text.text.len() {
        return text.error("text goes on after the end of its format model");
    }
    match (twelve, afternoon) {
        (true, Some(after_noon)) => hour = hour % 12 + if after_noon { 12 } else { 0 },
        (true, None) => return text.error("an hour of twelve without AM or PM"),
        (false, _) => {}
    }
    let (Some(year), Some(month), Some(day)) = (year, month, day) else {
        return text.error("a format model without year, month and day");
    };
    let at = DateTime::new(year, month, day, hour, minute, second, nanosecond).map_err(|e| FormatError {
        reason: e.reason(),
        offset: 0,
        matched: true,
    })?;
    let offset = match zone_hour {
        None => None,
        Some(hours) if zone_minute < 60 => {
            let minutes = i16::from(hours) * 60 + i16::from(zone_minute);
            let offset = UtcOffset::new(if zone_negative { -minutes } else { minutes });
            Some(offset.map_err(|e| FormatError { reason: e.reason(), offset: text.at, matched: true })?)
        }
        Some(_) => return text.error("minutes of the offset that are 60 or more"),
    };
    Ok(Moment { at, offset })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_the_models_of_redo() {
        for (model, text, expected) in [
            ("SYYYY-MM-DD HH24:MI:SS", " 2024-02-29 23:59:59", "2024-02-29 23:59:59"),
            ("SYYYY-MM-DD HH24:MI:SS", "-0044-03-15 00:00:00", "-0044-03-15 00:00:00"),
            ("YYYY-MM-DD HH24:MI:SS", "2024-02-29 23:59:59", "2024-02-29 23:59:59"),
            ("syyyy-mm-dd hh24:mi:ss.ff9", "2024-02-29 23:59:59.5", "2024-02-29 23:59:59.500000000"),
            ("YYYY-MM-DD HH24:MI:SS.FF", "2020-09-22 00:09:37.", "2020-09-22 00:09:37"),
            ("DD-MON-RR", "15-MAY-21", "2021-05-15 00:00:00"),
            ("DD-MON-RR", "15-may-71", "1971-05-15 00:00:00"),
            ("DD-MON-RR HH.MI.SSXFF AM", "22-SEP-20 12.09.37.000 AM", "2020-09-22 00:09:37"),
            ("DD-MON-RR HH.MI.SSXFF AM", "22-SEP-20 12.09.37.5 PM", "2020-09-22 12:09:37.500000000"),
            ("DD-MON-RR HH.MI.SSXFF AM", "22-SEP-20 01.09.37. PM", "2020-09-22 13:09:37"),
            ("DD-MON-RR HH.MI.SSXFF A.M.", "22-SEP-20 01.09.37.1 p.m.", "2020-09-22 13:09:37.100000000"),
        ] {
            let moment = read(model, text).unwrap_or_else(|e| panic!("{text}: {} at {}", e.reason, e.offset));
            assert_eq!(moment.at.to_string(), expected);
        }
    }

    #[test]
    fn reads_offsets() {
        for (model, text, minutes) in [
            ("YYYY-MM-DD TZH:TZM", "2024-02-29 +05:30", 330),
            ("YYYY-MM-DD TZH:TZM", "2024-02-29 -00:45", -45),
            ("YYYY-MM-DD TZR", "2024-02-29 -09:30", -570),
        ] {
            assert_eq!(read(model, text).unwrap().offset.unwrap().minutes, minutes);
        }
    }

    #[test]
    fn refuses_what_it_would_have_to_guess() {
        for (model, text, offset) in [
            ("YY-MM-DD", "24-01-01", 0),
            ("MM-DD", "01-01", 5),
            ("YYYY-MM-DD", "2024-01-01 10:00", 10),
            ("YYYY-MM-DD", "2024/01/01", 4),
            ("DD-MON-RR", "15-MAI-21", 3),
            ("YYYY-MM-DD HH:MI", "2024-01-01 10:00", 16),
            ("YYYY-MM-DD HH:MI AM", "2024-01-01 13:00 PM", 13),
            ("YYYY-MM-DD TZR", "2024-01-01 Europe/Berlin", 11),
            ("YYYY-MM-DD TZH:TZM", "2024-01-01 +16:00", 17),
            ("YYYY-MM-DD TZH:TZM", "2024-01-01 +01:60", 17),
            ("YYYY-MM-DD", "2023-02-29", 0),
            ("YYYY-MM-DD J", "2023-02-28 1", 11),
            ("YYYY-MM-DD\u{e9}", "2023-02-28\u{e9}", 10),
        ] {
            assert_eq!(read(model, text).unwrap_err().offset, offset, "{model} {text}");
        }
    }
}
