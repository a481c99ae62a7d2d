//! What a session sets of its languages and formats.

use super::calendar::Today;
use type_convert::UtcOffset;

/// The session's NLS parameters that decide conversions between text and other types.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Nls {
    pub(crate) date: String,
    pub(crate) timestamp: String,
    pub(crate) timestamp_tz: String,
    pub(crate) radix: char,
    pub(crate) group: char,
    /// `SESSIONTIMEZONE`.
    pub(crate) zone: UtcOffset,
}

impl Default for Nls {
    fn default() -> Self {
        Nls {
            date: "DD-MON-RR".to_owned(),
            timestamp: "DD-MON-RR HH.MI.SSXFF AM".to_owned(),
            timestamp_tz: "DD-MON-RR HH.MI.SSXFF AM TZR".to_owned(),
            radix: '.',
            group: ',',
            zone: UtcOffset { minutes: 0 },
        }
    }
}

impl Nls {
    /// `ALTER SESSION SET name = value`; what does not concern conversions is left to others.
    pub(crate) fn set(&mut self, name: &str, value: &str) {
        match name {
            "NLS_DATE_FORMAT" => self.date = value.to_owned(),
            "NLS_TIMESTAMP_FORMAT" => self.timestamp = value.to_owned(),
            "NLS_TIMESTAMP_TZ_FORMAT" => self.timestamp_tz = value.to_owned(),
            "NLS_NUMERIC_CHARACTERS" => {
                let mut chars = value.chars();
                if let (Some(radix), Some(group), None) = (chars.next(), chars.next(), chars.next()) {
                    (self.radix, self.group) = (radix, group);
                }
            }
            "TIME_ZONE" => {
                if let Ok(parsed) = super::format::parse_datetime(value, "TZR", &Today::default())
                    && let Some(offset) = parsed.offset
                {
                    self.zone = offset;
                }
            }
            _ => {}
        }
    }
}
