mod backoff;
mod options;
mod pool;
mod record;
mod secret;
mod settings;
mod version;

pub use backoff::Backoff;
pub use options::{AdminPrivilege, ConnectOptions, Driver};
pub use pool::{PooledSession, SessionPool};
pub(crate) use record::Record;
pub use secret::Secret;
pub use version::ServerVersion;

use crate::{
    Error, ErrorKind,
    driver::{Connection, DriverError, Fetch, ToBind},
    sql,
};
use schema_map::OracleIdent;
use std::{fmt, sync::Arc, time::Duration};

/// One Oracle session. It can be sent to another thread; calls block.
pub struct Session {
    connection: Arc<Connection>,
    options: Arc<ConnectOptions>,
    version: ServerVersion,
    user: OracleIdent,
}

/// Interrupts what a [`Session`] is doing, from another thread: the call fails with ORA-01013.
#[derive(Clone)]
pub struct Breaker(Arc<Connection>);

/// A sign of life takes no longer than this, also where calls have no limit.
const PING_TIMEOUT: Duration = Duration::from_secs(15);

impl Session {
    /// Loads the client library where that has not happened yet ([`Driver::Oci`]), logs in, sets the formats of [`sql::SET_NLS`] and the zone of
    /// [`sql::SET_TIME_ZONE`], checks that they hold, and makes itself known by module and action.
    ///
    /// # Errors
    /// By [`kind`](Error::kind): a driver that is not built in, or that cannot do what the options say; no client library, or one that cannot be used; a connect string that is none; a listener that is down, a
    /// host that is not reached, a service that is not known; wrong credentials, a locked account, an expired password;
    /// [`Timeout`](ErrorKind::Timeout) where it takes longer than [`connect_timeout`](ConnectOptions::connect_timeout). Each says what to do.
    pub fn connect(options: &ConnectOptions) -> Result<Self, Error> {
        let connection = Connection::open(options)?;
        if options.call_timeout.is_some() {
            connection
                .set_call_timeout(options.call_timeout)
                .map_err(|e| Error::driver("setting the call timeout (of a client library, 18 or later)", e))?;
        }
        let version = connection.server_version().map_err(|e| Error::driver("asking for the server's version", e))?;
        let user = query(&connection, sql::SESSION_USER, &[])
            .map_err(|e| Error::driver("asking for the session's user", e))?
            .first()
            .ok_or_else(|| Error::new(ErrorKind::Malformed, "the session has no user"))?
            .ident(0)?;
        let options = Arc::new(options.clone());
        let session = Session { connection: Arc::new(connection), options, version, user };
        session.set_formats()?;
        let (module, action) = (&session.options.module, &session.options.action);
        session.execute_with(sql::SET_MODULE, &[Some(cut(module, 48)), Some(cut(action, 32))])?;
        Ok(session)
    }

    /// Sets formats and zone, and checks them.
    pub(crate) fn set_formats(&self) -> Result<(), Error> {
        self.execute(sql::SET_NLS)?;
        self.execute(sql::SET_TIME_ZONE)?;
        self.check_settings()
    }

    /// Another session of the same user on the same database, as this one was opened.
    pub fn another(&self) -> Result<Self, Error> {
        Session::connect(&self.options)
    }

    /// Checks that formats and zone are still those of [`connect`](Self::connect): a statement of the caller's may have changed them.
    ///
    /// # Errors
    /// [`ErrorKind::Settings`] names the first that is not.
    pub fn check_settings(&self) -> Result<(), Error> {
        let parameters = self.query("reading NLS_SESSION_PARAMETERS", sql::session::NLS, &[])?;
        let zone = self.query("asking for the session's zone", sql::session::TIME_ZONE, &[])?;
        settings::check(&parameters, zone.first().and_then(|row| row.get(0)))
    }

    /// The server's version.
    pub fn server_version(&self) -> ServerVersion {
        self.version
    }

    /// The client library's version. [`ErrorKind::DriverLacks`] where there is none ([`Driver::Thin`]).
    pub fn client_version(&self) -> Result<ServerVersion, Error> {
        self.connection.client_version().map_err(|e| Error::driver("asking for the client's version", e))
    }

    /// The user logged in, as the dictionary spells it.
    pub fn user(&self) -> &OracleIdent {
        &self.user
    }

    /// Runs a statement that is no query; the number of rows that DML changed. Nothing is committed, but as DDL does by itself.
    pub fn execute(&self, sql: &str) -> Result<u64, Error> {
        self.execute_with(sql, &[])
    }

    /// The same with text bind values, by position.
    pub fn execute_with(&self, sql: &str, binds: &[Option<&str>]) -> Result<u64, Error> {
        let binds: Vec<&dyn ToBind> = binds.iter().map(|b| b as &dyn ToBind).collect();
        self.run(sql, &binds).map_err(|e| Error::driver(first_words(sql), e))
    }

    /// Runs a query with text bind values, by position, and takes every value as the text that Oracle makes of it (numbers) or that it
    /// is (character types, LONG, CLOB). For small results; for tables there is [`TableReader`](crate::TableReader).
    pub fn query_text(&self, sql: &str, binds: &[Option<&str>]) -> Result<Vec<Vec<Option<String>>>, Error> {
        let binds: Vec<&dyn ToBind> = binds.iter().map(|b| b as &dyn ToBind).collect();
        Ok(self.query(first_words(sql), sql, &binds)?.into_iter().map(|r| r.values).collect())
    }

    /// COMMIT.
    pub fn commit(&self) -> Result<(), Error> {
        self.connection.commit().map_err(|e| Error::driver("COMMIT", e))
    }

    /// ROLLBACK.
    pub fn rollback(&self) -> Result<(), Error> {
        self.connection.rollback().map_err(|e| Error::driver("ROLLBACK", e))
    }

    /// One round trip to the server and back. It takes 15 s at most, also where [calls](ConnectOptions::call_timeout) may take for ever
    /// (with [`Driver::Oci`] and a client library of version 18 or later; older ones wait as long as the network does).
    pub fn ping(&self) -> Result<(), Error> {
        let unlimited = self.options.call_timeout.is_none();
        let limited = unlimited && self.connection.set_call_timeout(Some(PING_TIMEOUT)).is_ok();
        let pinged = self.connection.ping().map_err(|e| Error::driver("the round trip", e));
        if limited {
            self.connection.set_call_timeout(None).map_err(|e| Error::driver("lifting the call timeout", e))?;
        }
        pinged
    }

    /// For another thread, to interrupt this session's calls.
    pub fn breaker(&self) -> Breaker {
        Breaker(Arc::clone(&self.connection))
    }

    pub(crate) fn connection(&self) -> &Arc<Connection> {
        &self.connection
    }

    /// Whether no reader and no breaker holds the connection too.
    fn is_alone(&self) -> bool {
        Arc::strong_count(&self.connection) == 1
    }

    pub(crate) fn run(&self, sql: &str, binds: &[&dyn ToBind]) -> Result<u64, DriverError> {
        self.connection.execute(sql, binds)
    }

    pub(crate) fn query(
        &self,
        doing: impl fmt::Display,
        sql: &str,
        binds: &[&dyn ToBind],
    ) -> Result<Vec<Record>, Error> {
        self.try_query(sql, binds).map_err(|e| Error::driver(doing, e))
    }

    pub(crate) fn try_query(&self, sql: &str, binds: &[&dyn ToBind]) -> Result<Vec<Record>, DriverError> {
        query(&self.connection, sql, binds)
    }
}

fn query(connection: &Connection, sql: &str, binds: &[&dyn ToBind]) -> Result<Vec<Record>, DriverError> {
    connection.query::<Record>(sql, binds, Fetch { rows: 500, row_bytes: 500, cached: true, zoned: &[] })?.collect()
}

impl fmt::Debug for Session {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Session").field("user", &self.user).field("version", &self.version).finish_non_exhaustive()
    }
}

impl Breaker {
    /// Interrupts the call that the session is in, if any. [`ErrorKind::DriverLacks`] with [`Driver::Thin`], which cannot.
    pub fn interrupt(&self) -> Result<(), Error> {
        self.0.interrupt().map_err(|e| Error::driver("interrupting the session", e))
    }
}

impl fmt::Debug for Breaker {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Breaker").finish_non_exhaustive()
    }
}

/// At most `bytes` bytes, cut at a character.
fn cut(text: &str, bytes: usize) -> &str {
    let mut end = text.len().min(bytes);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    &text[..end]
}

/// For messages: what a statement is, without its values.
fn first_words(sql: &str) -> String {
    sql.split_whitespace().take(4).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secret_is_in_no_debug() {
        let options = ConnectOptions::new("hr", "tiger-4711", "//h:1521/s");
        assert!(!format!("{options:?}").contains("4711"));
        assert_eq!(options.password.fetch().unwrap(), "tiger-4711");
    }

    #[test]
    fn cut_keeps_characters_whole() {
        assert_eq!(cut("Überweisung", 1), "");
        assert_eq!(cut("Überweisung", 3), "Üb");
        assert_eq!(cut("ab", 48), "ab");
    }
}
