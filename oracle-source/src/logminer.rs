use crate::{Error, Session};
use cdc_logminer::{Incarnation, RedoBatch, RedoSource};
use schema_map::ObjectPath;
use std::time::Duration;
use type_convert::Scn;

/// How redo is read.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct LogMinerOptions {
    /// The most SCNs that one window spans.
    pub max_scn_span: u64,
    /// A window with more rows than this is read again with half the span, unless it is of one SCN only.
    pub max_rows: usize,
    /// How long redo stays out of reach after it was made. The log writer writes at least every three seconds: redo of transactions that
    /// have not committed can be in memory only for so long.
    pub settle: Duration,
}

/// The redo of some tables, read with LogMiner over a session of its own.
#[derive(Debug)]
pub struct LogMinerSource {
    incarnation: Incarnation,
}

impl LogMinerSource {
    /// Takes the session for LogMiner and checks that this database can be followed.
    pub fn new(_session: Session, _tables: &[ObjectPath], _options: LogMinerOptions) -> Result<Self, Error> {
        todo!()
    }
}

impl Default for LogMinerOptions {
    fn default() -> Self {
        LogMinerOptions { max_scn_span: 100_000, max_rows: 200_000, settle: Duration::from_secs(4) }
    }
}

impl RedoSource for LogMinerSource {
    type Error = Error;

    fn incarnation(&self) -> Incarnation {
        self.incarnation
    }

    fn read_redo(&mut self, _after: Scn, _out: &mut RedoBatch) -> Result<Scn, Error> {
        todo!()
    }
}
