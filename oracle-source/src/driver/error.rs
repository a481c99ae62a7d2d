use crate::ErrorKind;
use std::{error::Error as StdError, fmt};

/// What a driver said went wrong.
#[derive(Debug)]
pub(crate) struct DriverError {
    ora_code: Option<i32>,
    /// What kind it is and what to do about it, where the ORA- code does not tell or not rightly.
    meaning: Option<(ErrorKind, &'static str)>,
    source: Box<dyn StdError + Send + Sync>,
}

impl DriverError {
    /// An error of the server's, or of the client's with a number of the server's.
    pub(crate) fn oracle(code: i32, source: impl Into<Box<dyn StdError + Send + Sync>>) -> Self {
        DriverError { ora_code: Some(code), meaning: None, source: source.into() }
    }

    /// What it means to this driver, where that is something else than to others.
    #[cfg(feature = "thin")]
    pub(crate) fn meaning_is(mut self, kind: ErrorKind, advice: &'static str) -> Self {
        self.meaning = Some((kind, advice));
        self
    }

    /// An error of the driver's own.
    pub(crate) fn own(
        kind: ErrorKind,
        advice: &'static str,
        source: impl Into<Box<dyn StdError + Send + Sync>>,
    ) -> Self {
        DriverError { ora_code: None, meaning: Some((kind, advice)), source: source.into() }
    }

    /// A value that is not what it should be.
    pub(crate) fn value(what: impl Into<String>) -> Self {
        Self::own(ErrorKind::Driver, "", what.into())
    }

    /// The number after `ORA-`.
    pub(crate) fn ora_code(&self) -> Option<i32> {
        self.ora_code
    }

    pub(crate) fn meaning(&self) -> Option<(ErrorKind, &'static str)> {
        self.meaning
    }

    pub(crate) fn into_source(self) -> Box<dyn StdError + Send + Sync> {
        self.source
    }
}

impl fmt::Display for DriverError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.source, f)
    }
}
