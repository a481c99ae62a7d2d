use crate::{Error, ErrorKind, Session, current_scn, sql};
use schema_map::ObjectPath;
use std::fmt;
use type_convert::Scn;

/// A table of one's own, written to now and then.
///
/// It does three things. Redo of an idle instance of a cluster moves on, which would otherwise hold back the followers of all
/// ([`LogMinerSource`](super::LogMinerSource) reads no further than the slowest open thread has written): give a session of each instance. A
/// follower knows that a change which certainly was made comes through its filters: a wrong name or container that lets nothing through is
/// found before anything is followed. And the follower of an idle database has something to see.
///
/// It is the only thing that following writes to the source, and optional.
pub struct Heartbeat {
    table: ObjectPath,
    sessions: Vec<Session>,
}

/// SCNs around a beat: its redo is after the first, up to the second.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Beat {
    pub(super) after: u64,
    pub(super) upto: u64,
}

impl Heartbeat {
    /// What makes the table: statements for whoever owns its schema.
    pub fn ddl(table: &ObjectPath) -> [String; 2] {
        sql::heartbeat::ddl(table)
    }

    /// Of a table that [`ddl`](Self::ddl) has made, written to by these sessions, at least one, and one for each instance. Tries the first of them.
    ///
    /// # Errors
    /// [`ErrorKind::Privilege`] where the table is not there or may not be written to.
    pub fn new(table: ObjectPath, sessions: Vec<Session>) -> Result<Self, Error> {
        let heartbeat = Heartbeat { table, sessions };
        let Some(session) = heartbeat.sessions.first() else {
            return Err(Error::new(ErrorKind::Unsupported, "a heartbeat needs a session to write with"));
        };
        heartbeat.write(session, 0)?;
        session.rollback()?;
        Ok(heartbeat)
    }

    pub(super) fn table(&self) -> &ObjectPath {
        &self.table
    }

    /// Changes a row by each session, and commits. The clock is asked for by the session that mines: the others need no right to it.
    pub(super) fn beat(&self, mining: &Session) -> Result<Beat, Error> {
        let Scn(after) = current_scn(mining)?;
        for (n, session) in self.sessions.iter().enumerate() {
            self.write(session, n)?;
            session.commit()?;
        }
        let Scn(upto) = current_scn(mining)?;
        // The row's redo may carry the SCN that was current.
        Ok(Beat { after: after.saturating_sub(1), upto })
    }

    fn write(&self, session: &Session, n: usize) -> Result<(), Error> {
        let id = n.to_string();
        let statement = sql::heartbeat::beat(&self.table);
        session.execute_with(&statement, &[Some(&id), Some(&id)]).map(|_| ()).map_err(|e| e.with_table(&self.table))
    }
}

impl fmt::Debug for Heartbeat {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Heartbeat").field("table", &self.table).field("sessions", &self.sessions.len()).finish()
    }
}
