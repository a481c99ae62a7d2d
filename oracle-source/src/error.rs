use crate::driver::DriverError;
use schema_map::{ObjectPath, OracleIdent};
use std::{error::Error as StdError, fmt};
use type_convert::Scn;

/// What went wrong when speaking to Oracle. [`Error::source`](std::error::Error::source) is what the driver said.
pub struct Error(Box<Inner>);

#[derive(Debug)]
struct Inner {
    kind: ErrorKind,
    message: String,
    ora_code: Option<i32>,
    table: Option<ObjectPath>,
    column: Option<OracleIdent>,
    row_id: Option<String>,
    scn: Option<Scn>,
    source: Option<Box<dyn StdError + Send + Sync>>,
}

/// Kinds of [`Error`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ErrorKind {
    /// The driver asked for is not built in: a feature of this crate is to be enabled.
    DriverMissing,
    /// The driver cannot do what an option, the connect string, the server or a column asks of it; another one can.
    DriverLacks,
    /// The client library is not there (DPI-1047).
    ClientLibraryMissing,
    /// The client library is there and cannot be used: of other bits or processors, too old for this driver (before 11.2, DPI-1050), or too old
    /// for the server (ORA-28040, ORA-03134).
    ClientLibraryUnusable,
    /// The process has loaded the client library from another folder already, or with another configuration: it can be loaded once only.
    ClientLibraryConflict,
    /// The connect string is none, or its alias is not known (ORA-12154, ORA-12162).
    ConnectString,
    /// Nothing listens at the host and port (ORA-12541), or the host is not found or not reached (ORA-12545, ORA-12543, …).
    Unreachable,
    /// The listener does not know the service or SID (ORA-12514, ORA-12505).
    UnknownService,
    /// Where the password should come from, there is none.
    SecretUnavailable,
    /// Wrong user name or password (ORA-01017, ORA-01005).
    WrongCredentials,
    /// The account is locked (ORA-28000).
    AccountLocked,
    /// The password has expired (ORA-28001).
    PasswordExpired,
    /// The session's formats or zone are not what values are read by.
    Settings,
    /// The connection is gone, or the instance is not open.
    Connection,
    /// Connecting or a call took longer than the limit, or was cancelled.
    Timeout,
    /// The user may not see an object or do something (ORA-00942 and ORA-01031: Oracle does not tell "no right" from "not there").
    Privilege,
    /// Rows as of the SCN cannot be had any more, or not yet (ORA-01555, ORA-08181, …).
    SnapshotUnavailable,
    /// A table was dropped, truncated or moved while it was read (ORA-08103, ORA-01410).
    TableChanged,
    /// A LOB that was to be read piece by piece cannot be: its row is gone, its content is not what the row said, or the batch that it
    /// came with is not the last one any more.
    LobGone,
    /// The redo that is needed is not there any more: the changes after the SCN cannot be had, a new load is needed.
    RedoGone {
        /// The thread.
        thread: u16,
        /// The log sequence that is missing; 0 where no log at all reaches back to the SCN.
        sequence: u64,
    },
    /// A log file was switched, archived or recycled while it was being read, or LogMiner was not in the state that it should be (ORA-00308, 310,
    /// 1284, 1285, 1289, 1291, 1292, 1306, 1368): the same window can be tried again.
    RedoMoved,
    /// A change that was certainly made does not come through the filters of following ([`Heartbeat`](crate::Heartbeat)).
    Filtered,
    /// The database is set up in a way that is not supported.
    Unsupported,
    /// Oracle's answer is not what its documentation says, or a text that should describe something does not.
    Malformed,
    /// Any other error of Oracle: see [`Error::ora_code`].
    Oracle,
    /// Any other error of the driver.
    Driver,
}

impl Error {
    pub(crate) fn new(kind: ErrorKind, message: impl Into<String>) -> Self {
        Error::of(kind, message.into(), None, None)
    }

    /// From an error of the driver; `doing` completes "… failed".
    pub(crate) fn driver(doing: impl fmt::Display, error: DriverError) -> Self {
        let ora_code = error.ora_code();
        let (kind, advice) = match (error.meaning(), ora_code) {
            (Some(meaning), _) => meaning,
            (None, Some(code)) => of_ora_code(code),
            (None, None) => (ErrorKind::Driver, ""),
        };
        let message = if advice.is_empty() { format!("{doing} failed") } else { format!("{doing} failed: {advice}") };
        Error::of(kind, message, ora_code, Some(error.into_source()))
    }

    fn of(
        kind: ErrorKind,
        message: String,
        ora_code: Option<i32>,
        source: Option<Box<dyn StdError + Send + Sync>>,
    ) -> Self {
        Error(Box::new(Inner { kind, message, ora_code, table: None, column: None, row_id: None, scn: None, source }))
    }

    pub(crate) fn with_source(mut self, source: Box<dyn StdError + Send + Sync>) -> Self {
        self.0.source = Some(source);
        self
    }

    pub(crate) fn with_kind(mut self, kind: ErrorKind, message: impl Into<String>) -> Self {
        self.0.kind = kind;
        self.0.message = message.into();
        self
    }

    pub(crate) fn with_table(mut self, table: &ObjectPath) -> Self {
        self.0.table = Some(table.clone());
        self
    }

    pub(crate) fn with_column(mut self, column: &OracleIdent) -> Self {
        self.0.column = Some(column.clone());
        self
    }

    pub(crate) fn with_row_id(mut self, row_id: &str) -> Self {
        self.0.row_id = Some(row_id.to_owned());
        self
    }

    pub(crate) fn with_scn(mut self, scn: Scn) -> Self {
        self.0.scn = Some(scn);
        self
    }

    /// What kind of error it is.
    pub fn kind(&self) -> ErrorKind {
        self.0.kind
    }

    /// The number after `ORA-`, where Oracle reported one.
    pub fn ora_code(&self) -> Option<i32> {
        self.0.ora_code
    }

    /// The table that was being read.
    pub fn table(&self) -> Option<&ObjectPath> {
        self.0.table.as_ref()
    }

    /// The column that was being read, where it was one alone.
    pub fn column(&self) -> Option<&OracleIdent> {
        self.0.column.as_ref()
    }

    /// The ROWID of the row that was being read, where it was one alone.
    pub fn row_id(&self) -> Option<&str> {
        self.0.row_id.as_deref()
    }

    /// The SCN at or after which was being read.
    pub fn scn(&self) -> Option<Scn> {
        self.0.scn
    }

    /// Whether the same may succeed when it is tried again after a while, on a new session where the connection is gone
    /// ([`Backoff`](crate::Backoff) says when).
    pub fn is_transient(&self) -> bool {
        match self.0.kind {
            ErrorKind::Connection | ErrorKind::Unreachable | ErrorKind::Timeout | ErrorKind::RedoMoved => true,
            // An instance that has just been started registers its services within a minute; a SID is not registered.
            ErrorKind::UnknownService => self.0.ora_code == Some(12514),
            // Resource busy, deadlock, out of processes or sessions, PGA, shared pool or operating system memory, archiver stuck.
            ErrorKind::Oracle => matches!(
                self.0.ora_code,
                Some(18 | 20 | 54 | 60 | 257 | 4021 | 4030 | 4031 | 4036 | 4068 | 8177 | 24418 | 24457 | 27102)
            ),
            _ => false,
        }
    }
}

pub(crate) const TOO_OLD: &str = "Oracle's client library is too old: install Oracle Instant Client 19c or later";

fn of_ora_code(code: i32) -> (ErrorKind, &'static str) {
    match code {
        1005 | 1017 => (ErrorKind::WrongCredentials, "the user name or the password is wrong"),
        28000 => (ErrorKind::AccountLocked, "the account is locked: a DBA can ALTER USER … ACCOUNT UNLOCK"),
        28001 => (
            ErrorKind::PasswordExpired,
            "the password has expired: log in with SQL*Plus and set a new one, or a DBA can ALTER USER … IDENTIFIED BY …",
        ),
        28009 => {
            (ErrorKind::WrongCredentials, "SYS logs in as SYSDBA only: set the privilege, or better use another user")
        }
        1045 => (ErrorKind::Privilege, "the user may not log in: a DBA can GRANT CREATE SESSION TO …"),
        28040 | 3134 => (ErrorKind::ClientLibraryUnusable, TOO_OLD),
        942 | 1031 => (
            ErrorKind::Privilege,
            "the object is not there or the user has no right to it; the prerequisites check names the GRANT",
        ),
        12154 => (
            ErrorKind::ConnectString,
            "the connect string's alias cannot be resolved: use //host:port/service or check TNS_ADMIN",
        ),
        12162 | 12504 | 12533 => {
            (ErrorKind::ConnectString, "the connect string lacks a service or an address: use //host:port/service")
        }
        12505 | 12514 | 12521 => (
            ErrorKind::UnknownService,
            "the listener does not know the service that the connect string names: `lsnrctl status` lists those it knows",
        ),
        12541 => (
            ErrorKind::Unreachable,
            "no listener at the connect string's host and port: check them, and that the listener runs (`lsnrctl start`)",
        ),
        12543 | 12545 | 12560 | 12532 => (
            ErrorKind::Unreachable,
            "the host that the connect string names cannot be found or reached: check its name, the network and firewalls",
        ),
        12170 | 12535 | 12606 | 12608 | 12609 => (
            ErrorKind::Timeout,
            "no answer within the connect timeout: check host, network and firewalls, or raise the timeout",
        ),
        12516 | 12518 | 12519 | 12520 | 12526 | 12527 | 12528 => (
            ErrorKind::Connection,
            "the listener has no free or open instance for the service now: try again, or raise PROCESSES",
        ),
        1035 => (ErrorKind::Privilege, "the instance is open for users with RESTRICTED SESSION only"),
        28 | 1012 | 1033 | 1034 | 1089 | 1090 | 1092 | 2396 | 2399 | 3113 | 3114 | 3135 | 12537 | 12547 | 12570
        | 12571 | 12592 | 17002 | 17410 | 25408 => {
            (ErrorKind::Connection, "the connection is gone or the instance is not open: connect again")
        }
        1013 | 3136 | 3156 => (ErrorKind::Timeout, "a call was cancelled or took longer than the call timeout"),
        1555 | 8180 | 22924 => (
            ErrorKind::SnapshotUnavailable,
            "undo does not reach back to the SCN any more: raise UNDO_RETENTION, or read at a newer SCN",
        ),
        8181 => (ErrorKind::SnapshotUnavailable, "the SCN is not one that rows can be read at"),
        1466 => (ErrorKind::SnapshotUnavailable, "the table's definition has changed since the SCN"),
        308 | 310 | 1284 | 1285 | 1289 | 1291 | 1292 | 1306 | 1368 => (
            ErrorKind::RedoMoved,
            "a log file was switched or recycled meanwhile, or cannot be read: read the window again",
        ),
        _ => (ErrorKind::Oracle, ""),
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.message)?;
        if let Some(table) = &self.0.table {
            write!(f, " (table {table})")?;
        }
        if let Some(column) = &self.0.column {
            write!(f, " (column {column})")?;
        }
        if let Some(row_id) = &self.0.row_id {
            write!(f, " (ROWID {row_id})")?;
        }
        if let Some(scn) = &self.0.scn {
            write!(f, " (SCN {scn})")?;
        }
        Ok(())
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.0, f)
    }
}

impl StdError for Error {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.0.source.as_ref().map(|e| &**e as _)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(code: i32) -> Error {
        let (kind, advice) = of_ora_code(code);
        Error::of(kind, advice.to_owned(), Some(code), None)
    }

    #[test]
    fn what_a_user_can_mend_says_how() {
        for (code, kind, says) in [
            (12514, ErrorKind::UnknownService, "lsnrctl status"),
            (12505, ErrorKind::UnknownService, "lsnrctl status"),
            (12541, ErrorKind::Unreachable, "lsnrctl start"),
            (12545, ErrorKind::Unreachable, "firewall"),
            (12170, ErrorKind::Timeout, "connect timeout"),
            (12154, ErrorKind::ConnectString, "TNS_ADMIN"),
            (1017, ErrorKind::WrongCredentials, "password is wrong"),
            (28000, ErrorKind::AccountLocked, "ACCOUNT UNLOCK"),
            (28001, ErrorKind::PasswordExpired, "IDENTIFIED BY"),
            (1045, ErrorKind::Privilege, "GRANT CREATE SESSION"),
            (28040, ErrorKind::ClientLibraryUnusable, "Instant Client"),
            (28009, ErrorKind::WrongCredentials, "SYSDBA"),
        ] {
            let error = of(code);
            assert_eq!(error.kind(), kind, "ORA-{code}");
            assert!(error.to_string().contains(says), "ORA-{code}: {error}");
        }
    }

    #[test]
    fn what_passes_by_itself() {
        for code in [54, 60, 3113, 12514, 12541, 12170, 12519, 1033, 310, 1291, 1289, 4036, 1013] {
            assert!(of(code).is_transient(), "ORA-{code}");
        }
        for code in [1, 942, 1017, 1031, 1555, 12154, 12505, 28000, 28001, 28040, 1400] {
            assert!(!of(code).is_transient(), "ORA-{code}");
        }
    }
}
