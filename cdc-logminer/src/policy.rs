use crate::{DecodeError, DecodeErrorKind};
use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
    str::FromStr,
};

/// What LogMiner itself could not tell, or what redo is not there: with it changes are lost.
///
/// It stops a stream unless the caller's [`RedoPolicy`] allows it by name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Irregularity {
    /// `STATUS` ≠ 0: LogMiner could not rebuild the statement (`INFO` says why). The row is left out.
    Status,
    /// Redo that is corrupt and was skipped (`STATUS` 1343).
    Corruption,
    /// A gap in the redo that LogMiner found (`MISSING_SCN`, `STATUS` 1291).
    MissingScn,
    /// A row of a followed table with an operation code that is not known. The row is left out.
    UnknownOperation,
    /// A row of a followed table that LogMiner does not support (operation code 255, binary XML). The row is left out.
    UnsupportedRow,
    /// A log that its source no longer has.
    PurgedLog,
    /// Redo that its source cannot give for another reason.
    Gap,
    /// A transaction whose end, or whose beginning, lies in redo that was not read: its changes are left out in the first case, and
    /// delivered as far as they are known in the second.
    BrokenTransaction,
}

/// Which irregularities do not stop a stream. None, unless they are named.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct RedoPolicy {
    allowed: BTreeSet<Irregularity>,
}

/// How often something was allowed.
#[derive(Debug)]
pub struct Allowed {
    /// How often.
    pub count: u64,
    /// The last time.
    pub last: DecodeError,
}

/// What a stream went on over, by irregularity.
#[derive(Debug, Default)]
pub(crate) struct AllowedSoFar(pub(crate) BTreeMap<Irregularity, Allowed>);

/// A text that names no irregularity.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("not an irregularity of redo that can be allowed: {text:?}; known are {}", known())]
pub struct IrregularityError {
    text: String,
}

impl Irregularity {
    /// All of them.
    pub const ALL: [Self; 8] = [
        Self::Status,
        Self::Corruption,
        Self::MissingScn,
        Self::UnknownOperation,
        Self::UnsupportedRow,
        Self::PurgedLog,
        Self::Gap,
        Self::BrokenTransaction,
    ];

    /// Its name in configurations, for example `missing-scn`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Status => "status",
            Self::Corruption => "corruption",
            Self::MissingScn => "missing-scn",
            Self::UnknownOperation => "unknown-operation",
            Self::UnsupportedRow => "unsupported-row",
            Self::PurgedLog => "purged-log",
            Self::Gap => "gap",
            Self::BrokenTransaction => "broken-transaction",
        }
    }

    /// Whether redo of any transaction may be missing, and not one row.
    pub(crate) fn is_gap(self) -> bool {
        matches!(self, Self::Corruption | Self::MissingScn | Self::PurgedLog | Self::Gap)
    }
}

fn known() -> String {
    Irregularity::ALL.map(Irregularity::name).join(", ")
}

impl fmt::Display for Irregularity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Irregularity {
    type Err = IrregularityError;

    fn from_str(text: &str) -> Result<Self, IrregularityError> {
        let named = Self::ALL.into_iter().find(|irregularity| irregularity.name() == text);
        named.ok_or_else(|| IrregularityError { text: text.to_owned() })
    }
}

impl RedoPolicy {
    /// Goes on over `irregularity`, and counts it.
    pub fn allow(mut self, irregularity: Irregularity) -> Self {
        self.allowed.insert(irregularity);
        self
    }

    /// Whether a stream goes on over it.
    pub fn allows(&self, irregularity: Irregularity) -> bool {
        self.allowed.contains(&irregularity)
    }
}

impl AllowedSoFar {
    /// The error, unless the policy allows it: then what it is, counted.
    pub(crate) fn check(&mut self, policy: &RedoPolicy, error: DecodeError) -> Result<Irregularity, DecodeError> {
        match error.kind() {
            DecodeErrorKind::Irregular(irregularity) if policy.allows(irregularity) => {
                let count = self.0.get(&irregularity).map_or(0, |allowed| allowed.count);
                self.0.insert(irregularity, Allowed { count: count + 1, last: error });
                Ok(irregularity)
            }
            _ => Err(error),
        }
    }
}
