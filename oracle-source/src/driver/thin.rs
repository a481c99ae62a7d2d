//! The driver `oracledb`, which speaks the protocol itself. Servers from 12.1 on.
//!
//! What it does otherwise than the client library, and what is done about it here:
//!
//! * Logging in has no limit once the socket is connected: it happens on a thread of its own, and nobody waits for it longer than the limit.
//! * Some answers of a server end in a panic (a server that requires native network encryption, for one): every call is guarded, and the
//!   panic is an error. A statement that is dropped while a panic passes it panics again, which ends the process: so none is, but for
//!   statements that are no queries.
//! * A connection is logged off when its value is dropped, whatever else still uses it: rows and LOBs hold the value too.
//! * TIMESTAMP WITH TIME ZONE comes without its offset: [`Fetch::zoned`] columns are asked for as text.
//! * Before 23ai, an answer of several packets (of 8 KiB, unless the descriptor's `SDU` says otherwise) is read from its beginning again with
//!   each of them: answers are kept short.
//! * Reading a LOB gives neither a code nor a kind of what went wrong: see [`not_read`].
//! * Parts of a connect string, and all of `sqlnet.ora`, are passed over: see [`reach`].

mod reach;

use super::{DriverError, Fetch, FromRow, LobKind, Located, ToBind, bind::Bind};
use crate::{AdminPrivilege, ConnectOptions, Error, ErrorKind, ServerVersion};
use oracledb::{Config, Cursor, DbType, Metadata, OracleIntervalDS, OracleIntervalYM, OracleNumber, OracleTimestamp};
use std::{
    fmt::Write as _,
    io::{self, Read},
    marker::PhantomData,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{
        Arc,
        mpsc::{self, RecvTimeoutError},
    },
    thread,
    time::{Duration, Instant},
};
use type_convert::{DateTime, IntervalDs, IntervalYm, RowBatch, UtcOffset, ValueRef};

pub(crate) struct Connection(Arc<oracledb::Connection>);

/// One row, copied from the driver's.
pub(crate) struct Row<'a> {
    batch: &'a RowBatch,
    forms: &'a [Form],
}

pub(crate) struct Rows<T: FromRow> {
    /// There until it is dropped.
    cursor: Option<Cursor>,
    forms: Vec<Form>,
    batch: RowBatch,
    /// Of a number, while it is put into the batch.
    digits: String,
    /// For as long as there are rows.
    _connection: Arc<oracledb::Connection>,
    made: PhantomData<fn() -> T>,
}

pub(crate) struct Lob {
    lob: oracledb::Lob,
    kind: LobKind,
    length: u64,
    /// What has been read.
    at: u64,
    connection: Arc<oracledb::Connection>,
}

/// How a column's values come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Form {
    Text,
    /// Text that is made of the value.
    RowId,
    Bytes,
    /// A number of at most 18 digits without a fraction.
    Integer,
    Number,
    Float,
    Double,
    Boolean,
    /// DATE, and TIMESTAMP with so many digits of its seconds.
    DateTime(u8),
    /// TIMESTAMP WITH TIME ZONE in UTC. (Of WITH LOCAL TIME ZONE it is not known in which zone it comes: it is asked for as text or not at all.)
    Utc(u8),
    /// TIMESTAMP WITH TIME ZONE or WITH LOCAL TIME ZONE as text with its offset.
    Zoned,
    IntervalYm,
    IntervalDs,
    Unreadable,
}

/// Bytes that an answer has at most, as far as that is known before.
const ANSWER: usize = 256 << 10;

const USE_OCI: &str = "the driver `thin` cannot do that: use the driver `oci`";
const TOO_OLD_SERVER: &str = "the driver `thin` speaks to servers from 12.1 on: use the driver `oci`";
const NO_WAY_TO_LOG_IN: &str =
    "the server allows no way to log in that the driver `thin` has (12c password verifier): use the driver `oci`";
const GONE: &str = "the connection is gone: connect again";
const TLS: &str = "look at the wallet (the driver `thin` reads ewallet.pem, no cwallet.sso) and the server's certificate, or use the driver `oci`";

impl Connection {
    /// Logs in.
    pub(crate) fn open(options: &ConnectOptions) -> Result<Self, Error> {
        let reached = reach::of(options)?;
        let password = options.password.fetch()?;
        let failed = |e: DriverError| Error::driver(options.login(), e);
        let driver = format!("{} : {}", env!("CARGO_PKG_NAME"), env!("CARGO_PKG_VERSION"));
        let mut config = Config::default()
            .set_credentials(&options.user, &password)
            .set_driver_name(driver)
            .set_transport_connect_timeout(options.connect_timeout)
            .set_auth_mode(options.privilege.map_or(oracledb::AUTH_MODE_DEFAULT, of_privilege));
        if let Some(wallet) = &reached.wallet {
            config = config.set_wallet_location(wallet);
        }
        let config = guarded(|| config.set_connect_string(&reached.connect_string)).map_err(failed)?;
        if reached.encrypted {
            // The driver takes the process's provider, and gives up where there is none and it cannot tell which it should be.
            let _ = rustls::crypto::ring::default_provider().install_default();
        }
        log_in(config, options.connect_timeout).map(|connection| Connection(Arc::new(connection))).map_err(failed)
    }

    pub(crate) fn server_version(&self) -> Result<ServerVersion, DriverError> {
        let version = guarded(|| self.0.version())?;
        let number = |n: usize| u32::try_from(n).unwrap_or(0);
        let oracledb::OracleVersion(major, minor, update, patch, _) = version;
        Ok(ServerVersion { major: number(major), minor: number(minor), update: number(update), patch: number(patch) })
    }

    pub(crate) fn client_version(&self) -> Result<ServerVersion, DriverError> {
        Err(DriverError::own(ErrorKind::DriverLacks, USE_OCI, "there is no client library"))
    }

    pub(crate) fn set_call_timeout(&self, limit: Option<Duration>) -> Result<(), DriverError> {
        guarded(|| self.0.set_call_timeout(limit))
    }

    pub(crate) fn execute(&self, sql: &str, binds: &[&dyn ToBind]) -> Result<u64, DriverError> {
        not_empty(sql)?;
        let binds = to_driver(binds);
        guarded(|| self.0.execute(sql, &as_driver(&binds))).map(|result| result.rows_affected())
    }

    pub(crate) fn query<T: FromRow>(
        &self,
        sql: &str,
        binds: &[&dyn ToBind],
        fetch: Fetch<'_>,
    ) -> Result<Rows<T>, DriverError> {
        not_empty(sql)?;
        let binds = to_driver(binds);
        let most = u32::try_from(ANSWER / fetch.row_bytes.max(1)).unwrap_or(u32::MAX);
        let rows = fetch.rows.min(most.max(1));
        let cursor = guarded(|| {
            // No rows come with the execution: what the driver panics at in a row can be caught only once the statement is out of its hands.
            let mut statement = self.0.statement(sql)?.fetch_array_size(rows).prefetch_rows(0);
            if !fetch.cached {
                statement = statement.exclude_from_cache();
            }
            statement.build()?.query(&as_driver(&binds))
        })?;
        let forms = cursor.columns().iter().enumerate();
        let forms = forms.map(|(n, column)| if fetch.zoned.contains(&n) { Form::Zoned } else { Form::of(column) });
        Ok(Rows {
            forms: forms.collect(),
            cursor: Some(cursor),
            batch: RowBatch::default(),
            digits: String::new(),
            _connection: Arc::clone(&self.0),
            made: PhantomData,
        })
    }

    pub(crate) fn locate(&self, sql: &str, binds: &[&dyn ToBind], kind: LobKind) -> Result<Located, DriverError> {
        let binds = to_driver(binds);
        let found = guarded(|| {
            let statement = self.0.statement(sql)?.fetch_lobs().fetch_array_size(1).prefetch_rows(1);
            let mut rows = statement.exclude_from_cache().build()?.query(&as_driver(&binds))?;
            let Some(row) = rows.next() else { return Ok(None) };
            let Some(mut lob) = row?.take::<Option<oracledb::Lob>>(0)? else { return Ok(Some(None)) };
            let length = lob.get_size()?;
            Ok(Some(Some((lob, length))))
        })?;
        Ok(match found {
            None => Located::NoRow,
            Some(None) => Located::Null,
            Some(Some((lob, length))) => Located::Lob(super::Lob::Thin(Lob {
                lob,
                kind,
                length: u64::try_from(length).unwrap_or(u64::MAX),
                at: 0,
                connection: Arc::clone(&self.0),
            })),
        })
    }

    pub(crate) fn commit(&self) -> Result<(), DriverError> {
        guarded(|| self.0.commit())
    }

    pub(crate) fn rollback(&self) -> Result<(), DriverError> {
        guarded(|| self.0.rollback())
    }

    pub(crate) fn ping(&self) -> Result<(), DriverError> {
        guarded(|| self.0.ping())
    }

    pub(crate) fn interrupt(&self) -> Result<(), DriverError> {
        Err(DriverError::own(
            ErrorKind::DriverLacks,
            "the driver `thin` cannot: set a call timeout, or use the driver `oci`",
            "a call that another thread is in cannot be interrupted",
        ))
    }
}

impl Row<'_> {
    pub(crate) fn len(&self) -> usize {
        self.forms.len()
    }

    pub(crate) fn value(&self, column: usize) -> Result<ValueRef<'_>, DriverError> {
        Ok(self.batch.get(0, column))
    }

    /// Times as the driver `oracle` prints them.
    pub(crate) fn text(&self, column: usize) -> Result<Option<String>, DriverError> {
        let time = |time: DateTime, digits: u8| {
            let mut text = format!(
                "{}-{:02}-{:02} {:02}:{:02}:{:02}",
                time.year, time.month, time.day, time.hour, time.minute, time.second
            );
            if digits > 0 {
                let nanosecond = format!("{:09}", time.nanosecond);
                let _ = write!(text, ".{}", &nanosecond[..usize::from(digits.min(9))]);
            }
            text
        };
        let digits = match self.forms[column] {
            Form::DateTime(digits) | Form::Utc(digits) => digits,
            _ => 9,
        };
        Ok(Some(match self.batch.get(0, column) {
            ValueRef::Null => return Ok(None),
            ValueRef::Int(n) => n.to_string(),
            ValueRef::Decimal(text) => text.to_owned(),
            ValueRef::Float(n) => n.to_string(),
            ValueRef::Double(n) => n.to_string(),
            ValueRef::Text(text) => String::from_utf8_lossy(text).into_owned(),
            ValueRef::Bytes(bytes) => bytes.iter().fold(String::new(), |mut text, byte| {
                let _ = write!(text, "{byte:02X}");
                text
            }),
            ValueRef::DateTime(at) => time(at, digits),
            ValueRef::DateTimeTz(at, offset) => format!("{} {offset}", time(at, digits)),
            other => return Err(DriverError::value(format!("the driver gave a value that is no text: {other:?}"))),
        }))
    }
}

impl<T: FromRow> Rows<T> {
    pub(crate) fn next(&mut self) -> Option<Result<T, DriverError>> {
        let cursor = self.cursor.as_mut()?;
        match guarded(|| cursor.next().transpose()) {
            Ok(row) => row.map(|row| {
                self.take(&row)?;
                T::from_row(&super::Row::Thin(Row { batch: &self.batch, forms: &self.forms }))
            }),
            Err(e) => Some(Err(e)),
        }
    }

    /// Copies the driver's row.
    fn take(&mut self, row: &oracledb::Row) -> Result<(), DriverError> {
        self.batch.reset(self.forms.len());
        for (column, form) in self.forms.iter().enumerate() {
            form.push(row, column, &mut self.digits, &mut self.batch)?;
        }
        self.batch.finish_row(None);
        Ok(())
    }
}

impl<T: FromRow> Drop for Rows<T> {
    fn drop(&mut self) {
        // The driver's own drop panics after an earlier panic.
        let cursor = self.cursor.take();
        let _ = catch_unwind(AssertUnwindSafe(|| drop(cursor)));
    }
}

impl Form {
    fn of(column: &Metadata) -> Self {
        const TEXTS: [&DbType; 9] = [
            oracledb::DB_TYPE_CHAR,
            oracledb::DB_TYPE_VARCHAR,
            oracledb::DB_TYPE_NCHAR,
            oracledb::DB_TYPE_NVARCHAR,
            oracledb::DB_TYPE_LONG,
            oracledb::DB_TYPE_LONG_NVARCHAR,
            oracledb::DB_TYPE_CLOB,
            oracledb::DB_TYPE_NCLOB,
            oracledb::DB_TYPE_UROWID,
        ];
        let (ty, digits) = (column.db_type(), u8::try_from(column.scale()).unwrap_or(0));
        match ty {
            _ if TEXTS.contains(&ty) => Form::Text,
            _ if ty == oracledb::DB_TYPE_ROWID => Form::RowId,
            _ if ty == oracledb::DB_TYPE_RAW => Form::Bytes,
            _ if ty == oracledb::DB_TYPE_LONG_RAW || ty == oracledb::DB_TYPE_BLOB => Form::Bytes,
            _ if ty == oracledb::DB_TYPE_NUMBER && column.scale() == 0 && (1..=18).contains(&column.precision()) => {
                Form::Integer
            }
            _ if ty == oracledb::DB_TYPE_NUMBER || ty == oracledb::DB_TYPE_BINARY_INTEGER => Form::Number,
            _ if ty == oracledb::DB_TYPE_BINARY_FLOAT => Form::Float,
            _ if ty == oracledb::DB_TYPE_BINARY_DOUBLE => Form::Double,
            _ if ty == oracledb::DB_TYPE_BOOLEAN => Form::Boolean,
            _ if ty == oracledb::DB_TYPE_DATE => Form::DateTime(0),
            _ if ty == oracledb::DB_TYPE_TIMESTAMP => Form::DateTime(digits),
            _ if ty == oracledb::DB_TYPE_TIMESTAMP_TZ => Form::Utc(digits),
            _ if ty == oracledb::DB_TYPE_INTERVAL_YM => Form::IntervalYm,
            _ if ty == oracledb::DB_TYPE_INTERVAL_DS => Form::IntervalDs,
            _ => Form::Unreadable,
        }
    }

    fn push(
        self,
        row: &oracledb::Row,
        column: usize,
        digits: &mut String,
        batch: &mut RowBatch,
    ) -> Result<(), DriverError> {
        let value = match self {
            Form::Text => row.get::<Option<&str>>(column).map_err(failed)?.map(|text| ValueRef::Text(text.as_bytes())),
            Form::RowId => {
                let text = row.get::<Option<String>>(column).map_err(failed)?;
                batch.push(text.as_deref().map_or(ValueRef::Null, |text| ValueRef::Text(text.as_bytes())));
                return Ok(());
            }
            Form::Bytes => row.get::<Option<&[u8]>>(column).map_err(failed)?.map(ValueRef::Bytes),
            Form::Integer | Form::Number => match row.get::<Option<OracleNumber>>(column).map_err(failed)? {
                None => None,
                Some(number) => {
                    digits.clear();
                    let _ = write!(digits, "{number}");
                    let whole = if self == Form::Integer { digits.parse().ok() } else { None };
                    Some(match whole {
                        Some(whole) => ValueRef::Int(whole),
                        // No zero has a sign: this is how the driver prints minus infinity.
                        None if digits.starts_with("-0") && !digits.contains('.') => ValueRef::Decimal("-~"),
                        None => ValueRef::Decimal(digits),
                    })
                }
            },
            Form::Float => row.get::<Option<f32>>(column).map_err(failed)?.map(ValueRef::Float),
            Form::Double => row.get::<Option<f64>>(column).map_err(failed)?.map(ValueRef::Double),
            Form::Boolean => row.get::<Option<bool>>(column).map_err(failed)?.map(ValueRef::Boolean),
            Form::DateTime(_) => {
                row.get::<Option<OracleTimestamp>>(column).map_err(failed)?.map(|at| ValueRef::DateTime(date_time(at)))
            }
            Form::Utc(_) => {
                let at = row.get::<Option<OracleTimestamp>>(column).map_err(failed)?;
                at.map(|at| ValueRef::DateTimeTz(date_time(at), UtcOffset::UTC))
            }
            Form::Zoned => match row.get::<Option<&str>>(column).map_err(failed)? {
                None => None,
                Some(text) => {
                    let (at, offset) = zoned(text)
                        .ok_or_else(|| DriverError::value(format!("Oracle gave {text:?} for a time and its offset")))?;
                    Some(ValueRef::DateTimeTz(at, offset))
                }
            },
            Form::IntervalYm => match row.get::<Option<OracleIntervalYM>>(column).map_err(failed)? {
                None => None,
                Some(i) => {
                    let months = i.years().checked_mul(12).and_then(|months| months.checked_add(i32::from(i.months())));
                    let months =
                        months.ok_or_else(|| DriverError::value("the driver gave an interval out of range"))?;
                    Some(ValueRef::IntervalYm(IntervalYm { months }))
                }
            },
            Form::IntervalDs => row.get::<Option<OracleIntervalDS>>(column).map_err(failed)?.map(|i| {
                let seconds = (i64::from(i.hours()) * 60 + i64::from(i.minutes())) * 60 + i64::from(i.seconds());
                let nanoseconds = seconds * 1_000_000_000 + i64::from(i.nanoseconds());
                ValueRef::IntervalDs(IntervalDs { days: i.days(), nanoseconds })
            }),
            Form::Unreadable => {
                let name = row.columns().get(column).map(|of| format!("{} ({})", of.name(), of.data_type()));
                let source = format!("column {} has values of a form that is not read", name.unwrap_or_default());
                return Err(DriverError::own(ErrorKind::DriverLacks, USE_OCI, source));
            }
        };
        batch.push(value.unwrap_or(ValueRef::Null));
        Ok(())
    }
}

impl Lob {
    pub(crate) fn length(&self) -> Result<u64, DriverError> {
        Ok(self.length)
    }

    pub(crate) fn read(&mut self, from: u64, buffer: &mut [u8]) -> Result<(usize, u64), DriverError> {
        if from != self.at {
            return Err(DriverError::value("the driver reads a LOB from its beginning to its end only"));
        }
        let most = buffer.len().min(ANSWER);
        let buffer = &mut buffer[..most];
        let started = Instant::now();
        let mut read = self.piece(buffer);
        // A piece may end within a character of two units, which is none then; one unit less, and it ends before it. The driver takes three bytes
        // for a unit, and where it fails like this it stays where it was.
        let units = self.length.saturating_sub(from).min(buffer.len() as u64 / 3);
        let less = usize::try_from(units.saturating_sub(1) * 3).unwrap_or(0);
        if less > 0 && self.kind != LobKind::Binary && matches!(&read, Err(e) if e.kind() == io::ErrorKind::InvalidData)
        {
            read = self.piece(&mut buffer[..less]);
        }
        let bytes = match read {
            Ok(bytes) => bytes,
            Err(e) => return Err(not_read(&self.connection, started, &e)),
        };
        let units = match self.kind {
            LobKind::Binary => bytes as u64,
            LobKind::Text | LobKind::National => {
                let text = std::str::from_utf8(&buffer[..bytes]).map_err(|e| DriverError::value(e.to_string()))?;
                text.chars().map(|c| c.len_utf16() as u64).sum()
            }
        };
        self.at += units;
        Ok((bytes, self.at))
    }

    fn piece(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let lob = &mut self.lob;
        catch_unwind(AssertUnwindSafe(|| lob.read(buffer))).unwrap_or_else(|panic| Err(io::Error::other(said(&*panic))))
    }
}

/// Logs in on a thread of its own: where that takes longer than the limit, the thread goes on until the network ends it, and the connection,
/// if there is one after all, is logged off.
fn log_in(config: Config, limit: Option<Duration>) -> Result<oracledb::Connection, DriverError> {
    let (sender, receiver) = mpsc::sync_channel(1);
    let work = move || {
        let connection = catch_unwind(AssertUnwindSafe(|| oracledb::connect(config)));
        // It fails where nobody waits any more.
        let _ = sender.send(connection.map_err(|panic| said(&*panic)));
    };
    let thread = thread::Builder::new().name("oracle login".to_owned()).spawn(work);
    thread.map_err(|e| DriverError::own(ErrorKind::Driver, "", e))?;
    let received = match limit {
        Some(limit) => receiver.recv_timeout(limit),
        None => receiver.recv().map_err(|_| RecvTimeoutError::Disconnected),
    };
    const LATE: &str = "no answer within the connect timeout: check host, network and firewalls, or raise the timeout";
    let error = match received {
        Ok(Ok(Ok(connection))) => return Ok(connection),
        Ok(Ok(Err(error))) => error,
        Ok(Err(panic)) => {
            return Err(DriverError::own(
                ErrorKind::DriverLacks,
                "the driver `thin` gave up, as it does where the server requires native network encryption (SQLNET.ENCRYPTION_SERVER), or the \
                 account has no password verifier of 12c: use the driver `oci`",
                panic,
            ));
        }
        Err(RecvTimeoutError::Timeout) => {
            return Err(DriverError::own(ErrorKind::Timeout, LATE, "the connect timeout is over"));
        }
        Err(RecvTimeoutError::Disconnected) => return Err(DriverError::value("the driver gave up logging in")),
    };
    Err(match error.kind() {
        oracledb::ErrorKind::CallTimeoutExceeded => DriverError::own(ErrorKind::Timeout, LATE, error.to_string()),
        oracledb::ErrorKind::StreamOperation => DriverError::own(
            ErrorKind::Unreachable,
            "the connect string's host and port cannot be reached: check them, that the listener runs (`lsnrctl start`), the network and \
             firewalls, and with TLS the certificates",
            error.to_string(),
        ),
        _ => failed(error),
    })
}

/// Does something that may panic in the driver.
fn guarded<T>(call: impl FnOnce() -> Result<T, oracledb::Error>) -> Result<T, DriverError> {
    match catch_unwind(AssertUnwindSafe(call)) {
        Ok(result) => result.map_err(failed),
        // What it was in the midst of is left undone: the connection cannot be used any more.
        Err(panic) => {
            Err(DriverError::own(ErrorKind::Driver, "the driver `thin` gave up: connect again", said(&*panic)))
        }
    }
}

/// At an empty statement the driver panics.
fn not_empty(sql: &str) -> Result<(), DriverError> {
    if sql.is_empty() { Err(DriverError::value("an empty statement")) } else { Ok(()) }
}

fn said(panic: &(dyn std::any::Any + Send)) -> String {
    let text = panic.downcast_ref::<&str>().copied().or_else(|| panic.downcast_ref::<String>().map(String::as_str));
    format!("a panic of the driver: {}", text.unwrap_or("without a word"))
}

#[cold]
fn failed(error: oracledb::Error) -> DriverError {
    use oracledb::ErrorKind as Kind;
    let text = error.to_string();
    let (kind, advice) = match error.kind() {
        Kind::DbError(error) => return of_code(error.code(), text),
        // The driver has no errors of the listener's but these, and says "similar to".
        Kind::InvalidServiceName(..) => return of_code(12514, text),
        Kind::InvalidSid(..) => return of_code(12505, text),
        Kind::ListenerRefusedConnection(.., code) => return of_code(*code, text),
        Kind::CallTimeoutExceeded => (ErrorKind::Timeout, "a call took longer than the call timeout"),
        Kind::DeadConnection
        | Kind::NotConnected
        | Kind::UnableToRecover
        | Kind::LockPoisoned
        | Kind::StreamOperation => (ErrorKind::Connection, GONE),
        Kind::ServerVersionNotSupported => (ErrorKind::DriverLacks, TOO_OLD_SERVER),
        Kind::NotImplemented(_) | Kind::UnsupportedDbType(_) | Kind::UnsupportedConversion(..) => {
            (ErrorKind::DriverLacks, USE_OCI)
        }
        Kind::InvalidConnectString(..)
        | Kind::InvalidDescriptorNode(..)
        | Kind::InvalidNetworkName(_)
        | Kind::ParseError(..)
        | Kind::NoConnectString => {
            (ErrorKind::ConnectString, "the connect string is none: use //host:port/service or a (DESCRIPTION=…)")
        }
        Kind::NoCredentials => (ErrorKind::SecretUnavailable, "the driver `thin` needs a user and a password"),
        Kind::TlsOperation
        | Kind::PemFileOperation
        | Kind::WalletUnreadable(_)
        | Kind::WalletPrivateKeyInvalid(_)
        | Kind::WalletPasswordMissingOrInvalid(..) => (ErrorKind::Driver, TLS),
        _ => (ErrorKind::Driver, ""),
    };
    DriverError::own(kind, advice, text)
}

fn of_code(code: usize, text: String) -> DriverError {
    match i32::try_from(code) {
        Ok(code @ (28040 | 3134)) => {
            DriverError::oracle(code, text).meaning_is(ErrorKind::DriverLacks, NO_WAY_TO_LOG_IN)
        }
        // The driver makes a 12c verifier's proof whatever the account has, and is refused.
        Ok(code @ 1017) => DriverError::oracle(code, text).meaning_is(
            ErrorKind::WrongCredentials,
            "the user name or the password is wrong, or the account has no password verifier of 12c (DBA_USERS.PASSWORD_VERSIONS), without which \
             the driver `thin` cannot log in: use the driver `oci`, or set the password anew",
        ),
        Ok(code) => DriverError::oracle(code, text),
        Err(_) => DriverError::value(text),
    }
}

/// What a LOB's reader says is a text alone. The server's begins with its code, as everywhere; of the driver's own, one is known by the time
/// that it took, and the others by whether the connection is still there.
#[cold]
fn not_read(connection: &oracledb::Connection, started: Instant, error: &io::Error) -> DriverError {
    let text = error.to_string();
    let code = text.strip_prefix("ORA-").and_then(|rest| rest.split_once(':')).and_then(|(code, _)| code.parse().ok());
    if let Some(code) = code {
        return of_code(code, text);
    }
    let limit = guarded(|| connection.call_timeout()).unwrap_or_default();
    if limit.is_some_and(|limit| started.elapsed() >= limit) {
        return DriverError::own(ErrorKind::Timeout, "a call took longer than the call timeout", text);
    }
    match guarded(|| connection.ping()) {
        Ok(()) => DriverError::value(text),
        Err(_) => DriverError::own(ErrorKind::Connection, GONE, text),
    }
}

fn to_driver<'a>(binds: &[&'a dyn ToBind]) -> Vec<Box<dyn oracledb::ToDbValue + 'a>> {
    let bind = |bind: &&'a dyn ToBind| -> Box<dyn oracledb::ToDbValue + 'a> {
        match bind.to_bind() {
            Bind::Text(text) => Box::new(text),
            Bind::Number(number) => Box::new(number),
        }
    };
    binds.iter().map(bind).collect()
}

fn as_driver<'a>(binds: &'a [Box<dyn oracledb::ToDbValue + '_>]) -> Vec<&'a dyn oracledb::ToDbValue> {
    binds.iter().map(|bind| &**bind as &dyn oracledb::ToDbValue).collect()
}

fn date_time(at: OracleTimestamp) -> DateTime {
    DateTime {
        year: at.year(),
        month: at.month(),
        day: at.day(),
        hour: at.hour(),
        minute: at.minute(),
        second: at.second(),
        nanosecond: at.nanoseconds(),
    }
}

/// Reads what [`zoned_as_text`](crate::sql::read::zoned_as_text) asks for.
fn zoned(text: &str) -> Option<(DateTime, UtcOffset)> {
    let (at, offset) = text.trim().rsplit_once(' ')?;
    Some((at.parse().ok()?, offset.parse().ok()?))
}

fn of_privilege(privilege: AdminPrivilege) -> u8 {
    match privilege {
        AdminPrivilege::Sysdba => oracledb::AUTH_MODE_SYSDBA,
        AdminPrivilege::Sysoper => oracledb::AUTH_MODE_SYSOPER,
        AdminPrivilege::Sysbackup => oracledb::AUTH_MODE_SYSBKP,
        AdminPrivilege::Sysdg => oracledb::AUTH_MODE_SYSDGD,
        AdminPrivilege::Syskm => oracledb::AUTH_MODE_SYSKMT,
        AdminPrivilege::Sysrac => oracledb::AUTH_MODE_SYSRAC,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_keep_their_offset() {
        let (at, offset) = zoned(" 2024-02-29 23:59:59.123456789 -03:30").unwrap();
        assert_eq!(at, DateTime::new(2024, 2, 29, 23, 59, 59, 123_456_789).unwrap());
        assert_eq!(offset, UtcOffset { minutes: -210 });
        let (at, offset) = zoned("-4712-01-01 00:00:00.000000000 +05:45").unwrap();
        assert_eq!((at.year, offset.minutes), (-4712, 345));
        for text in ["", "2024-02-29", "2024-02-30 00:00:00.0 +00:00", "2024-02-29 00:00:00.0 EUROPE/PARIS"] {
            assert_eq!(zoned(text), None, "{text}");
        }
    }

    #[test]
    fn a_panic_is_an_error() {
        let error = guarded::<()>(|| panic!("not yet implemented")).unwrap_err();
        assert_eq!(error.meaning().map(|(kind, _)| kind), Some(ErrorKind::Driver));
        assert!(error.to_string().contains("not yet implemented"), "{error}");
    }
}
