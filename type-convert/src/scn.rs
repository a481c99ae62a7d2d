use std::{fmt, num::ParseIntError, str::FromStr};

/// A system change number: Oracle's clock of committed change.
///
/// Any value of `V$DATABASE.CURRENT_SCN` fits; 0 means "before everything".
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
#[cfg_attr(feature = "with-serde-1", derive(serde::Serialize, serde::Deserialize), serde(transparent))]
pub struct Scn(pub u64);

impl fmt::Display for Scn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl FromStr for Scn {
    type Err = ParseIntError;

    fn from_str(s: &str) -> Result<Self, Self::Err> {
        s.parse().map(Scn)
    }
}
