use crate::{Error, ErrorKind, sql};
use oracle::{Connection, Connector, InitParams, sql_type::InnerValue, sql_type::ToSql};
use schema_map::OracleIdent;
use std::{
    fmt,
    path::{Path, PathBuf},
    str::FromStr,
    sync::{Arc, Mutex},
    time::Duration,
};

/// How to reach a database and who asks.
#[derive(Debug, Clone)]
pub struct ConnectOptions {
    /// The user. Empty: external authentication (wallet, Kerberos, operating system), as the client's `sqlnet.ora` says.
    pub user: String,
    /// Its password.
    pub password: Secret,
    /// `//host:port/service`, an alias of `tnsnames.ora`, or a whole `(DESCRIPTION=…)`. The time that a connect may take is set
    /// here (`?connect_timeout=…` or `(CONNECT_TIMEOUT=…)`): the client library knows no other place.
    pub connect_string: String,
    /// The folder of Oracle's client library (`libclntsh.so`), where the loader does not find it by itself.
    /// A process loads the library once: later sessions must name the same folder, or none.
    pub client_lib_dir: Option<PathBuf>,
    /// The longest that one round trip may take; `None` waits for ever. Needs a client library of version 18 or later.
    pub call_timeout: Option<Duration>,
    /// `V$SESSION.MODULE`, cut at 48 bytes.
    pub module: String,
    /// `V$SESSION.ACTION`, cut at 32 bytes.
    pub action: String,
}

/// A password: it prints as `***`.
#[derive(Clone, Default)]
pub struct Secret(String);

/// The version of a server, for example 19.3.0.0.0.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ServerVersion {
    /// 11, 12, 18, 19, 21, 23, …
    pub major: u32,
    /// 2 for 11.2.
    pub minor: u32,
    /// Third number.
    pub update: u32,
    /// Fourth number.
    pub patch: u32,
}

/// One Oracle session. It can be sent to another thread; calls block.
pub struct Session {
    connection: Arc<Connection>,
    version: ServerVersion,
    user: OracleIdent,
}

/// Interrupts what a [`Session`] is doing, from another thread: the call fails with ORA-01013.
#[derive(Clone)]
pub struct Breaker(Arc<Connection>);

impl ConnectOptions {
    /// Options without client folder and timeout, with this crate's name as module.
    pub fn new(user: impl Into<String>, password: impl Into<Secret>, connect_string: impl Into<String>) -> Self {
        ConnectOptions {
            user: user.into(),
            password: password.into(),
            connect_string: connect_string.into(),
            client_lib_dir: None,
            call_timeout: None,
            module: env!("CARGO_PKG_NAME").to_owned(),
            action: String::new(),
        }
    }
}

impl Secret {
    fn expose(&self) -> &str {
        &self.0
    }
}

impl From<String> for Secret {
    fn from(secret: String) -> Self {
        Secret(secret)
    }
}

impl From<&str> for Secret {
    fn from(secret: &str) -> Self {
        Secret(secret.to_owned())
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("***")
    }
}

impl ServerVersion {
    /// 11.2, the oldest that is supported.
    pub const V11_2: Self = ServerVersion { major: 11, minor: 2, update: 0, patch: 0 };
    /// 12.1: container databases.
    pub const V12_1: Self = ServerVersion { major: 12, minor: 1, update: 0, patch: 0 };
    /// 19.10: LogMiner within a pluggable database.
    pub const V19_10: Self = ServerVersion { major: 19, minor: 10, update: 0, patch: 0 };
}

impl fmt::Display for ServerVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}.{}.{}", self.major, self.minor, self.update, self.patch)
    }
}

impl Session {
    /// Loads the client library where that has not happened yet, logs in, and sets the formats of [`sql::SET_NLS`].
    pub fn connect(options: &ConnectOptions) -> Result<Self, Error> {
        load_client_library(options.client_lib_dir.as_deref())?;
        let connection = Connector::new(&options.user, options.password.expose(), &options.connect_string)
            .external_auth(options.user.is_empty())
            .connect()
            .map_err(|e| {
                Error::driver(format_args!("logging in to {} as {:?}", options.connect_string, options.user), e)
            })?;
        if options.call_timeout.is_some() {
            connection
                .set_call_timeout(options.call_timeout)
                .map_err(|e| Error::driver("setting the call timeout (client library 18 or later)", e))?;
        }
        let (version, _) =
            connection.server_version().map_err(|e| Error::driver("asking for the server's version", e))?;
        let number = |n: i32| u32::try_from(n).unwrap_or(0);
        let version = ServerVersion {
            major: number(version.major()),
            minor: number(version.minor()),
            update: number(version.update()),
            patch: number(version.patch()),
        };
        let user = query(&connection, sql::SESSION_USER, &[])
            .map_err(|e| Error::driver("asking for the session's user", e))?
            .first()
            .ok_or_else(|| Error::new(ErrorKind::Malformed, "the session has no user"))?
            .ident(0)?;
        let session = Session { connection: Arc::new(connection), version, user };
        session.execute(sql::SET_NLS)?;
        session.execute(sql::SET_TIME_ZONE)?;
        session.execute_with(sql::SET_MODULE, &[Some(cut(&options.module, 48)), Some(cut(&options.action, 32))])?;
        Ok(session)
    }

    /// The server's version.
    pub fn server_version(&self) -> ServerVersion {
        self.version
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
        let binds: Vec<&dyn ToSql> = binds.iter().map(|b| b as &dyn ToSql).collect();
        self.run(sql, &binds).map_err(|e| Error::driver(first_words(sql), e))
    }

    /// Runs a query with text bind values, by position, and takes every value as the text that Oracle makes of it (numbers) or that it
    /// is (character types, LONG, CLOB). For small results; for tables there is [`TableReader`](crate::TableReader).
    pub fn query_text(&self, sql: &str, binds: &[Option<&str>]) -> Result<Vec<Vec<Option<String>>>, Error> {
        let binds: Vec<&dyn ToSql> = binds.iter().map(|b| b as &dyn ToSql).collect();
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

    /// One round trip to the server and back.
    pub fn ping(&self) -> Result<(), Error> {
        self.connection.ping().map_err(|e| Error::driver("the round trip", e))
    }

    /// For another thread, to interrupt this session's calls.
    pub fn breaker(&self) -> Breaker {
        Breaker(Arc::clone(&self.connection))
    }

    pub(crate) fn connection(&self) -> &Arc<Connection> {
        &self.connection
    }

    pub(crate) fn run(&self, sql: &str, binds: &[&dyn ToSql]) -> Result<u64, oracle::Error> {
        self.connection.execute(sql, binds)?.row_count()
    }

    pub(crate) fn query(
        &self,
        doing: impl fmt::Display,
        sql: &str,
        binds: &[&dyn ToSql],
    ) -> Result<Vec<Record>, Error> {
        self.try_query(sql, binds).map_err(|e| Error::driver(doing, e))
    }

    pub(crate) fn try_query(&self, sql: &str, binds: &[&dyn ToSql]) -> Result<Vec<Record>, oracle::Error> {
        query(&self.connection, sql, binds)
    }
}

fn query(connection: &Connection, sql: &str, binds: &[&dyn ToSql]) -> Result<Vec<Record>, oracle::Error> {
    let mut statement = connection.statement(sql).fetch_array_size(500).prefetch_rows(500).build()?;
    statement.query_as::<Record>(binds)?.collect()
}

impl fmt::Debug for Session {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Session").field("user", &self.user).field("version", &self.version).finish_non_exhaustive()
    }
}

impl Breaker {
    /// Interrupts the call that the session is in, if any.
    pub fn interrupt(&self) -> Result<(), Error> {
        self.0.break_execution().map_err(|e| Error::driver("interrupting the session", e))
    }
}

impl fmt::Debug for Breaker {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Breaker").finish_non_exhaustive()
    }
}

/// A row of a small result, its values as text.
#[derive(Debug)]
pub(crate) struct Record {
    pub(crate) values: Vec<Option<String>>,
}

impl oracle::RowValue for Record {
    fn get(row: &oracle::Row) -> oracle::Result<Self> {
        let text = |value: &oracle::SqlValue<'_>| {
            if value.is_null()? {
                return Ok(None);
            }
            Ok(Some(match value.as_inner_value()? {
                InnerValue::Int64(n) => n.to_string(),
                InnerValue::UInt64(n) => n.to_string(),
                InnerValue::Number(n) => n.to_owned(),
                InnerValue::Char(c) => String::from_utf8_lossy(c).into_owned(),
                _ => value.get::<String>()?,
            }))
        };
        Ok(Record { values: row.sql_values().iter().map(text).collect::<oracle::Result<_>>()? })
    }
}

impl Record {
    /// The value at a position, `None` for NULL.
    pub(crate) fn get(&self, column: usize) -> Option<&str> {
        self.values.get(column).and_then(Option::as_deref)
    }

    /// A value that is documented never to be NULL.
    pub(crate) fn text(&self, column: usize) -> Result<&str, Error> {
        self.get(column).ok_or_else(|| {
            Error::new(ErrorKind::Malformed, format!("column {} of {:?} is NULL", column + 1, self.values))
        })
    }

    /// A name.
    pub(crate) fn ident(&self, column: usize) -> Result<OracleIdent, Error> {
        OracleIdent::new(self.text(column)?).map_err(|e| Error::new(ErrorKind::Malformed, e.to_string()))
    }

    /// A number, `None` for NULL.
    pub(crate) fn number<T: FromStr>(&self, column: usize) -> Result<Option<T>, Error> {
        self.get(column)
            .map(|text| {
                text.parse().map_err(|_| {
                    Error::new(
                        ErrorKind::Malformed,
                        format!("column {} of {:?} is not a number of the range expected", column + 1, self.values),
                    )
                })
            })
            .transpose()
    }

    /// A number that is documented never to be NULL.
    pub(crate) fn required<T: FromStr>(&self, column: usize) -> Result<T, Error> {
        self.text(column)?;
        self.number(column)?.ok_or_else(|| Error::new(ErrorKind::Malformed, "a number is NULL"))
    }
}

/// The folder that the process took its client library from; `Some(None)` is the loader's choice.
static CLIENT_LIBRARY: Mutex<Option<Option<PathBuf>>> = Mutex::new(None);

fn load_client_library(dir: Option<&Path>) -> Result<(), Error> {
    let mut loaded = CLIENT_LIBRARY.lock().unwrap_or_else(|e| e.into_inner());
    match (&*loaded, dir) {
        (Some(_), None) => return Ok(()),
        (Some(Some(from)), Some(dir)) if from == dir => return Ok(()),
        (Some(from), Some(dir)) => {
            let from = from.as_deref().map_or("where the loader found it".to_owned(), |d| d.display().to_string());
            return Err(Error::new(
                ErrorKind::ClientLibraryConflict,
                format!(
                    "the client library cannot be loaded from {}: this process has it from {from}, and loads it once only",
                    dir.display()
                ),
            ));
        }
        (None, _) => {}
    }
    let mut params = InitParams::new();
    if let Some(dir) = dir {
        let path = dir.to_str().ok_or_else(|| {
            Error::new(ErrorKind::ClientLibraryMissing, format!("the folder {} is not UTF-8", dir.display()))
        })?;
        params.oracle_client_lib_dir(path).map_err(|e| Error::driver("naming the client library's folder", e))?;
    }
    match params.init() {
        Ok(_) => {
            *loaded = Some(dir.map(Path::to_owned));
            Ok(())
        }
        Err(e) => {
            let error = Error::driver("loading Oracle's client library", e);
            if error.kind() != ErrorKind::ClientLibraryMissing {
                return Err(error);
            }
            let place = match dir {
                Some(dir) => format!("in {}", dir.display()),
                None => "by the loader (LD_LIBRARY_PATH, /etc/ld.so.conf)".to_owned(),
            };
            Err(error.with_kind(
                ErrorKind::ClientLibraryMissing,
                format!(
                    "Oracle's client library libclntsh.so was not found {place}: install Oracle Instant Client (package \"Basic\" \
                     or \"Basic Light\", https://www.oracle.com/database/technologies/instant-client.html) with the system's \
                     libaio, and name its folder as the client library folder (ConnectOptions::client_lib_dir)"
                ),
            ))
        }
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
        assert_eq!(options.password.expose(), "tiger-4711");
    }

    #[test]
    fn cut_keeps_characters_whole() {
        assert_eq!(cut("Überweisung", 1), "");
        assert_eq!(cut("Überweisung", 3), "Üb");
        assert_eq!(cut("ab", 48), "ab");
    }
}
