//! A session's NLS parameters, and how dates are printed by them.

use crate::OraError;
use std::fmt::Write as _;
use type_convert::{DateTime, UtcOffset};

/// Names and values in the order of `NLS_SESSION_PARAMETERS`.
#[derive(Debug, Clone)]
pub(crate) struct Nls {
    values: Vec<(&'static str, String)>,
    /// `TIME_ZONE` of the session, minutes east of UTC.
    pub(crate) time_zone: UtcOffset,
}

/// What a session begins with.
pub(crate) const DEFAULTS: &[(&str, &str)] = &[
    ("NLS_LANGUAGE", "AMERICAN"),
    ("NLS_TERRITORY", "AMERICA"),
    ("NLS_CURRENCY", "$"),
    ("NLS_ISO_CURRENCY", "AMERICA"),
    ("NLS_NUMERIC_CHARACTERS", ".,"),
    ("NLS_CALENDAR", "GREGORIAN"),
    ("NLS_DATE_FORMAT", "DD-MON-RR"),
    ("NLS_DATE_LANGUAGE", "AMERICAN"),
    ("NLS_SORT", "BINARY"),
    ("NLS_TIME_FORMAT", "HH.MI.SSXFF AM"),
    ("NLS_TIMESTAMP_FORMAT", "DD-MON-RR HH.MI.SSXFF AM"),
    ("NLS_TIME_TZ_FORMAT", "HH.MI.SSXFF AM TZR"),
    ("NLS_TIMESTAMP_TZ_FORMAT", "DD-MON-RR HH.MI.SSXFF AM TZR"),
    ("NLS_DUAL_CURRENCY", "$"),
    ("NLS_COMP", "BINARY"),
    ("NLS_LENGTH_SEMANTICS", "BYTE"),
    ("NLS_NCHAR_CONV_EXCP", "FALSE"),
];

impl Default for Nls {
    fn default() -> Self {
        Nls {
            values: DEFAULTS.iter().map(|(n, v)| (*n, (*v).to_owned())).collect(),
            time_zone: UtcOffset { minutes: 0 },
        }
    }
}

impl Nls {
    /// The value of a parameter.
    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        self.values.iter().find(|(n, _)| *n == name).map(|(_, v)| v.as_str())
    }

    /// All parameters.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (&'static str, &str)> {
        self.values.iter().map(|(n, v)| (*n, v.as_str()))
    }

    /// ALTER SESSION SET `name` = `value`. `false` where the parameter is none of these.
    pub(super) fn set(&mut self, name: &str, value: &str) -> Result<bool, OraError> {
        let Some(place) = self.values.iter_mut().find(|(n, _)| *n == name) else { return Ok(false) };
        let invalid = || OraError::new(12705, "Cannot access NLS data files or invalid environment specified");
        match name {
            // The stand-in speaks one language; BINARY is the one order and comparison.
            "NLS_LANGUAGE" | "NLS_DATE_LANGUAGE" if !value.eq_ignore_ascii_case("AMERICAN") => return Err(invalid()),
            "NLS_TERRITORY" if !value.eq_ignore_ascii_case("AMERICA") => return Err(invalid()),
            "NLS_SORT" | "NLS_COMP" if !value.eq_ignore_ascii_case("BINARY") => return Err(invalid()),
            "NLS_CALENDAR" if !value.eq_ignore_ascii_case("GREGORIAN") => return Err(invalid()),
            // Lengths are read from the DDL text alone.
            "NLS_LENGTH_SEMANTICS" if !value.eq_ignore_ascii_case("BYTE") => {
                return Err(OraError::new(
                    3001,
                    "unimplemented feature: write the unit in the column's type: VARCHAR2(n CHAR)",
                ));
            }
            "NLS_NUMERIC_CHARACTERS" if value.chars().count() != 2 => return Err(invalid()),
            _ if name.ends_with("_FORMAT") => {
                let sample = DateTime { year: 2000, month: 1, day: 1, hour: 0, minute: 0, second: 0, nanosecond: 0 };
                format_date(&sample, Some(self.time_zone), 0, value)?;
            }
            _ => {}
        }
        place.1 = value.to_owned();
        Ok(true)
    }
}

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

/// Elements of a format model that LogMiner's output can meet, longest first where one begins another.
const ELEMENTS: &[&str] = &[
    "SYYYY", "YYYY", "RRRR", "MONTH", "HH24", "HH12", "MON", "FF1", "FF2", "FF3", "FF4", "FF5", "FF6", "FF7", "FF8",
    "FF9", "TZH", "TZM", "TZR", "A.M.", "P.M.", "YY", "RR", "MM", "DD", "HH", "MI", "SS", "FF", "AM", "PM", "BC", "AD",
    "X",
];

/// Prints by a format model; ORA-01821 for an element that is not known. `precision` is how many digits FF has.
pub(super) fn format_date(
    d: &DateTime,
    offset: Option<UtcOffset>,
    precision: u8,
    model: &str,
) -> Result<String, OraError> {
    let mut out = String::new();
    let upper = model.to_ascii_uppercase();
    let mut at = 0;
    let year = i32::from(d.year);
    let twelve = if d.hour.is_multiple_of(12) { 12 } else { d.hour % 12 };
    while at < model.len() {
        let rest = &upper[at..];
        if let Some(quoted) = model[at..].strip_prefix('"') {
            let end = quoted.find('"').ok_or_else(|| OraError::new(1821, "date format not recognized"))?;
            out.push_str(&quoted[..end]);
            at += end + 2;
            continue;
        }
        let Some(element) = ELEMENTS.iter().find(|e| rest.starts_with(**e)) else {
            let c = model[at..].chars().next().unwrap_or(' ');
            if c.is_ascii_alphanumeric() || !c.is_ascii() {
                return Err(OraError::new(1821, "date format not recognized"));
            }
            out.push(c);
            at += 1;
            continue;
        };
        let month = MONTHS[usize::from(d.month.clamp(1, 12)) - 1];
        let fraction = format!("{:09}", d.nanosecond);
        let signed = offset.map(|o| o.minutes);
        let result = match *element {
            "SYYYY" => write!(out, "{}{:04}", if year < 0 { '-' } else { ' ' }, year.abs()),
            "YYYY" | "RRRR" => write!(out, "{:04}", year.abs()),
            "YY" | "RR" => write!(out, "{:02}", year.abs() % 100),
            "MM" => write!(out, "{:02}", d.month),
            "MON" => write!(out, "{}", &month[..3]),
            "MONTH" => write!(out, "{month:<9}"),
            "DD" => write!(out, "{:02}", d.day),
            "HH24" => write!(out, "{:02}", d.hour),
            "HH" | "HH12" => write!(out, "{twelve:02}"),
            "MI" => write!(out, "{:02}", d.minute),
            "SS" => write!(out, "{:02}", d.second),
            "X" => write!(out, "."),
            "FF" => write!(out, "{}", &fraction[..usize::from(precision.min(9))]),
            "AM" | "PM" => write!(out, "{}", if d.hour < 12 { "AM" } else { "PM" }),
            "A.M." | "P.M." => write!(out, "{}", if d.hour < 12 { "A.M." } else { "P.M." }),
            "BC" | "AD" => write!(out, "{}", if year < 0 { "BC" } else { "AD" }),
            "TZH" | "TZM" | "TZR" => {
                let minutes = signed.ok_or_else(|| OraError::new(1821, "date format not recognized"))?;
                let sign = if minutes < 0 { '-' } else { '+' };
                let (h, m) = (minutes.abs() / 60, minutes.abs() % 60);
                match *element {
                    "TZH" => write!(out, "{sign}{h:02}"),
                    "TZM" => write!(out, "{m:02}"),
                    _ => write!(out, "{sign}{h:02}:{m:02}"),
                }
            }
            ff => {
                let digits = ff[2..].parse().unwrap_or(9).min(9);
                write!(out, "{}", &fraction[..digits])
            }
        };
        // Writing to a String cannot fail.
        let _ = result;
        at += element.len();
    }
    Ok(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prints_dates() {
        let d = DateTime { year: -44, month: 9, day: 5, hour: 0, minute: 9, second: 37, nanosecond: 120_000_000 };
        let zone = Some(UtcOffset { minutes: -210 });
        for (model, text) in [
            ("SYYYY-MM-DD HH24:MI:SS", "-0044-09-05 00:09:37"),
            ("DD-MON-RR HH.MI.SSXFF AM", "05-SEP-44 12.09.37.120000000 AM"),
            ("YYYY\"y\" HH24:MI:SS.FF3 TZH:TZM", "0044y 00:09:37.120 -03:30"),
            ("HH12 TZR", "12 -03:30"),
        ] {
            assert_eq!(format_date(&d, zone, 9, model).unwrap(), text, "{model}");
        }
        assert_eq!(format_date(&d, zone, 9, "DAY").unwrap_err().code, 1821);
    }

    #[test]
    fn unknown_formats_and_languages_are_refused() {
        let mut nls = Nls::default();
        assert!(nls.set("NLS_DATE_FORMAT", "YYYY-MM-DD").unwrap());
        assert_eq!(nls.get("NLS_DATE_FORMAT"), Some("YYYY-MM-DD"));
        assert!(nls.set("NLS_DATE_FORMAT", "WOW").is_err());
        assert!(nls.set("NLS_LANGUAGE", "GERMAN").is_err());
        assert!(!nls.set("OPTIMIZER_MODE", "x").unwrap());
    }
}
