use schema_map::OracleIdent;
use std::{collections::BTreeSet, time::Duration};

/// How redo is read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogMinerOptions {
    /// The most SCNs that one window with rows spans, at least 1. Windows without any may span more, so that a jump of the SCN is passed
    /// in a few steps.
    pub max_scn_span: u64,
    /// A window with more rows than this is read again with a smaller span, unless it is of one SCN only.
    pub max_rows: usize,
    /// The most bytes of log files that one window reads, as far as whole logs go: it bounds the time of a window whose redo is of other tables.
    pub max_redo_bytes: u64,
    /// How long redo stays out of reach after it was made. Redo of a transaction that has not committed can wait in memory until the log
    /// writer writes, which it does at least every three seconds; what is read before that would be missed for ever.
    pub settle: Duration,
    /// Where one instance alone has the database open: how often at most the log writer is made to write
    /// ([`FLUSH_REDO`](cdc_logminer::session_sql::FLUSH_REDO): an empty transaction, some hundred bytes of redo), so that redo is in
    /// reach at once and need not [`settle`](Self::settle). It does so only where `V$MYSTAT` counts that the log writer was waited for; elsewhere,
    /// and where several instances write redo, all is as with `None`, which is "never".
    pub flush: Option<Duration>,
    /// Read archived logs only: on a standby, or to leave the online logs alone. Changes come once their log is switched (`ARCHIVE_LAG_TARGET`
    /// bounds how long that takes); [`settle`](Self::settle) and [`flush`](Self::flush) have no meaning then.
    pub archived_only: bool,
    /// Redo threads that will write no more, on a standby: it does not tell which threads of its primary are open, so every thread that it has
    /// archived logs of is waited for, but for these. A primary database tells, and these are not asked for.
    pub ended_threads: BTreeSet<u16>,
    /// The pluggable database whose tables are followed. It is mined from `CDB$ROOT`, which the session must be able to go to (a common
    /// user with SET CONTAINER); or from within it, where the session is there and the server is 19.10 or later. `None` where the
    /// session's database is no container database, or the session is in the pluggable database itself.
    pub container: Option<OracleIdent>,
    /// A session that is older is replaced by a new one between two windows: what LogMiner leaves in memory goes with it.
    pub max_session_age: Duration,
    /// The same for one that takes more memory on the server, in bytes of its PGA. Not known without SELECT on `V$MYSTAT` and `V$STATNAME`.
    pub max_session_memory: u64,
}

impl Default for LogMinerOptions {
    fn default() -> Self {
        LogMinerOptions {
            max_scn_span: 1_000_000,
            max_rows: 200_000,
            max_redo_bytes: 2 << 30,
            settle: Duration::from_secs(4),
            flush: Some(Duration::from_millis(200)),
            archived_only: false,
            ended_threads: BTreeSet::new(),
            container: None,
            max_session_age: Duration::from_secs(3600),
            max_session_memory: 1 << 30,
        }
    }
}
