/// A calendar date and time of day as Oracle's DATE and TIMESTAMP hold it, field by field.
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
