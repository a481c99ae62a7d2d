use crate::{Session, driver::DriverError};
use cdc_logminer::session_sql;
use std::time::{Duration, Instant};

/// Makes the log writer write, so that redo need not be waited for until it does so by itself.
#[derive(Debug)]
pub(super) struct Flush {
    every: Option<Duration>,
    last: Option<Instant>,
    written: u64,
    flushes: u64,
    /// Whether this session has not been found unable to.
    is_able: bool,
}

impl Flush {
    pub(super) fn new(every: Option<Duration>) -> Self {
        Flush { every, last: None, written: 0, flushes: 0, is_able: true }
    }

    /// Another session may be able to.
    pub(super) fn renewed(&mut self) {
        self.is_able = true;
    }

    /// Flushes where it is time. `current` is the database's SCN as it was read before this call.
    pub(super) fn flush(&mut self, session: &Session, current: u64) {
        let is_due = |every| self.last.is_none_or(|last| last.elapsed() >= every);
        if !(self.is_able && self.every.is_some_and(is_due)) {
            return;
        }
        // A standby, a database open for reading, a right that is missing: redo settles as it would without. A lost connection is found next.
        self.is_able = has_written(session).unwrap_or_else(|_| {
            // A transaction that was begun would be open for as long as the session is.
            let _ = session.rollback();
            false
        });
        self.last = Some(Instant::now());
        if self.is_able {
            self.written = current;
            self.flushes += 1;
        }
    }

    /// All redo that the session's instance made up to here is on disk, but that with this very SCN.
    pub(super) fn written(&self) -> u64 {
        self.written
    }

    /// How often it was done.
    pub(super) fn flushes(&self) -> u64 {
        self.flushes
    }
}

/// Flushes; whether the server counted that it did.
fn has_written(session: &Session) -> Result<bool, DriverError> {
    let before = synch_writes(session)?;
    session.run(session_sql::FLUSH_REDO, &[])?;
    Ok(before.is_some() && synch_writes(session)? > before)
}

fn synch_writes(session: &Session) -> Result<Option<u64>, DriverError> {
    let rows = session.try_query(session_sql::REDO_SYNCH_WRITES, &[])?;
    Ok(rows.first().and_then(|row| row.number(0).ok().flatten()))
}
