/// INTERVAL YEAR TO MONTH, as one signed count of months.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct IntervalYm {
    /// Years × 12 + months; both fields of an Oracle interval have one sign.
    pub months: i32,
}

/// INTERVAL DAY TO SECOND: days and, within the day, nanoseconds of the same sign.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct IntervalDs {
    /// −999 999 999 to 999 999 999.
    pub days: i32,
    /// Less than a day in magnitude; never of the other sign than `days`.
    pub nanoseconds: i64,
}
