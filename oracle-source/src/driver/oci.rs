//! The driver `oracle`, which speaks through Oracle's client library.

mod client_library;
mod object;

use super::{DriverError, Fetch, FromRow, LobKind, Located, ToBind, bind::Bind, connect_string};
use crate::{AdminPrivilege, ConnectOptions, Error, ErrorKind, ServerVersion, error::TOO_OLD};
use oracle::{
    ResultSet, RowValue, SqlValue,
    io::SeekInChars,
    sql_type::{Blob, Clob, FromSql, InnerValue, Lob as _, Nclob, OracleType as DriverType, ToSql},
};
use std::{
    io::{self, Read, Seek, SeekFrom},
    time::Duration,
};
use type_convert::{DateTime, IntervalDs, IntervalYm, OracleType, UtcOffset, Value, ValueRef};

pub(crate) struct Connection(oracle::Connection);

/// A row's values, which borrow the driver's fetch buffer.
pub(crate) struct Row<'a>(&'a [SqlValue<'a>]);

pub(crate) struct Rows<T: FromRow>(ResultSet<'static, Made<T>>);

/// What [`FromRow`] made of a row.
struct Made<T>(T);

pub(crate) struct Lob {
    /// With the locator.
    row: oracle::Row,
    kind: LobKind,
}

impl Connection {
    /// Loads the client library where that has not happened yet, and logs in.
    pub(crate) fn open(options: &ConnectOptions) -> Result<Self, Error> {
        client_library::load(options.client_lib_dir.as_deref(), options.config_dir.as_deref())?;
        let connect_string = connect_string::with_timeout(
            &options.connect_string,
            options.connect_timeout,
            options.config_dir.as_deref(),
        )?;
        let is_external = options.is_external();
        let password = if is_external { String::new() } else { options.password.fetch()? };
        let mut connector = oracle::Connector::new(&options.user, password, connect_string);
        connector.external_auth(is_external);
        if let Some(privilege) = options.privilege {
            connector.privilege(of_privilege(privilege));
        }
        connector.connect().map(Connection).map_err(|e| Error::driver(options.login(), failed(e)))
    }

    pub(crate) fn server_version(&self) -> Result<ServerVersion, DriverError> {
        self.0.server_version().map(|(version, _)| of_version(&version)).map_err(failed)
    }

    pub(crate) fn client_version(&self) -> Result<ServerVersion, DriverError> {
        oracle::Version::client().map(|version| of_version(&version)).map_err(failed)
    }

    pub(crate) fn set_call_timeout(&self, limit: Option<Duration>) -> Result<(), DriverError> {
        self.0.set_call_timeout(limit).map_err(failed)
    }

    pub(crate) fn execute(&self, sql: &str, binds: &[&dyn ToBind]) -> Result<u64, DriverError> {
        let binds = to_driver(binds);
        self.0.execute(sql, &as_driver(&binds)).and_then(|statement| statement.row_count()).map_err(failed)
    }

    pub(crate) fn query<T: FromRow>(
        &self,
        sql: &str,
        binds: &[&dyn ToBind],
        fetch: Fetch<'_>,
    ) -> Result<Rows<T>, DriverError> {
        let binds = to_driver(binds);
        let mut statement = self.0.statement(sql);
        statement.fetch_array_size(fetch.rows).prefetch_rows(fetch.rows);
        if !fetch.cached {
            statement.exclude_from_cache();
        }
        let rows = statement.build().and_then(|statement| statement.into_result_set(&as_driver(&binds)));
        rows.map(Rows).map_err(failed)
    }

    /// A text that was fetched inline before could fail with ORA-03106.
    pub(crate) fn locate(&self, sql: &str, binds: &[&dyn ToBind], kind: LobKind) -> Result<Located, DriverError> {
        let binds = to_driver(binds);
        let mut statement = self.0.statement(sql);
        let statement = statement.lob_locator().fetch_array_size(1).prefetch_rows(1).build();
        let row = match statement.and_then(|mut statement| statement.query_row(&as_driver(&binds))) {
            Ok(row) => row,
            Err(e) if e.kind() == oracle::ErrorKind::NoDataFound => return Ok(Located::NoRow),
            Err(e) => return Err(failed(e)),
        };
        let is_null = row.sql_values().first().map_or(Ok(true), SqlValue::is_null).map_err(failed)?;
        Ok(if is_null { Located::Null } else { Located::Lob(super::Lob::Oci(Lob { row, kind })) })
    }

    pub(crate) fn commit(&self) -> Result<(), DriverError> {
        self.0.commit().map_err(failed)
    }

    pub(crate) fn rollback(&self) -> Result<(), DriverError> {
        self.0.rollback().map_err(failed)
    }

    pub(crate) fn ping(&self) -> Result<(), DriverError> {
        self.0.ping().map_err(failed)
    }

    pub(crate) fn interrupt(&self) -> Result<(), DriverError> {
        self.0.break_execution().map_err(failed)
    }
}

impl Row<'_> {
    #[inline]
    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }

    #[inline]
    pub(crate) fn value(&self, column: usize) -> Result<ValueRef<'_>, DriverError> {
        let value = &self.0[column];
        if value.is_null().map_err(failed)? {
            return Ok(ValueRef::Null);
        }
        borrow(value.as_inner_value().map_err(failed)?, value.oracle_type().map_err(failed)?)
    }

    pub(crate) fn object(&self, column: usize) -> Result<Value, DriverError> {
        object::value(&self.0[column])
    }

    pub(crate) fn text(&self, column: usize) -> Result<Option<String>, DriverError> {
        let value = &self.0[column];
        if value.is_null().map_err(failed)? {
            return Ok(None);
        }
        Ok(Some(match value.as_inner_value().map_err(failed)? {
            InnerValue::Int64(n) => n.to_string(),
            InnerValue::UInt64(n) => n.to_string(),
            InnerValue::Number(n) => n.to_owned(),
            InnerValue::Char(c) => String::from_utf8_lossy(c).into_owned(),
            _ => value.get::<String>().map_err(failed)?,
        }))
    }
}

impl<T: FromRow> Rows<T> {
    pub(crate) fn type_difference(&self, column: usize, planned: &OracleType) -> Option<String> {
        object::difference(self.0.column_info()[column].oracle_type(), planned)
    }

    #[inline]
    pub(crate) fn next(&mut self) -> Option<Result<T, DriverError>> {
        match self.0.next()? {
            Ok(Made(made)) => Some(Ok(made)),
            Err(e) => Some(Err(failed(e))),
        }
    }
}

impl<T: FromRow> RowValue for Made<T> {
    #[inline]
    fn get(row: &oracle::Row) -> oracle::Result<Self> {
        T::from_row(&super::Row::Oci(Row(row.sql_values()))).map(Made).map_err(through_driver)
    }
}

impl Lob {
    pub(crate) fn length(&self) -> Result<u64, DriverError> {
        match self.kind {
            LobKind::Binary => self.locator::<Blob>()?.size(),
            LobKind::Text => self.locator::<Clob>()?.size(),
            LobKind::National => self.locator::<Nclob>()?.size(),
        }
        .map_err(failed)
    }

    pub(crate) fn read(&mut self, from: u64, buffer: &mut [u8]) -> Result<(usize, u64), DriverError> {
        match self.kind {
            LobKind::Binary => {
                let mut locator: Blob = self.locator()?;
                locator.seek(SeekFrom::Start(from)).map_err(not_read)?;
                let bytes = locator.read(buffer).map_err(not_read)?;
                Ok((bytes, locator.stream_position().map_err(not_read)?))
            }
            LobKind::Text => read_text(&mut self.locator::<Clob>()?, from, buffer).map_err(not_read),
            LobKind::National => read_text(&mut self.locator::<Nclob>()?, from, buffer).map_err(not_read),
        }
    }

    fn locator<L: FromSql>(&self) -> Result<L, DriverError> {
        self.row.get(0).map_err(failed)
    }
}

/// The driver asks for as many characters as the buffer has bytes. Where Oracle gives that many, each has one byte, and the last may be what it
/// makes of the first half of a character of two units: it is read again with the next piece.
fn read_text<L: Read + SeekInChars>(locator: &mut L, from: u64, buffer: &mut [u8]) -> io::Result<(usize, u64)> {
    locator.seek_in_chars(SeekFrom::Start(from))?;
    let bytes = locator.read(buffer)?;
    let at = locator.stream_position_in_chars()?;
    let all = at.saturating_sub(from) >= buffer.len() as u64;
    Ok(if all { (bytes.saturating_sub(1), at - 1) } else { (bytes, at) })
}

fn to_driver<'a>(binds: &[&'a dyn ToBind]) -> Vec<Bind<'a>> {
    binds.iter().map(|bind| bind.to_bind()).collect()
}

fn as_driver<'a>(binds: &'a [Bind<'_>]) -> Vec<&'a dyn ToSql> {
    binds.iter().map(|bind| bind as &dyn ToSql).collect()
}

impl ToSql for Bind<'_> {
    fn oratype(&self, connection: &oracle::Connection) -> oracle::Result<DriverType> {
        match self {
            Bind::Text(text) => text.oratype(connection),
            Bind::Number(number) => number.oratype(connection),
        }
    }

    fn to_sql(&self, value: &mut SqlValue<'_>) -> oracle::Result<()> {
        match self {
            Bind::Text(text) => text.to_sql(value),
            Bind::Number(number) => number.to_sql(value),
        }
    }
}

/// The driver's value as ours, both borrowed from its fetch buffer.
#[inline]
fn borrow<'a>(value: InnerValue<'a>, ty: &DriverType) -> Result<ValueRef<'a>, DriverError> {
    Ok(match value {
        InnerValue::Int64(n) => ValueRef::Int(n),
        InnerValue::Number(text) => ValueRef::Decimal(text),
        InnerValue::Float(n) => ValueRef::Float(n),
        InnerValue::Double(n) => ValueRef::Double(n),
        InnerValue::Char(bytes) => ValueRef::Text(bytes),
        InnerValue::Raw(bytes) => ValueRef::Bytes(bytes),
        InnerValue::Boolean(b) => ValueRef::Boolean(b),
        InnerValue::Timestamp(t) => {
            let time = DateTime {
                year: t.year,
                month: t.month,
                day: t.day,
                hour: t.hour,
                minute: t.minute,
                second: t.second,
                nanosecond: t.fsecond,
            };
            match ty {
                DriverType::TimestampTZ(_) | DriverType::TimestampLTZ(_) => {
                    let minutes = i16::from(t.tzHourOffset) * 60 + i16::from(t.tzMinuteOffset);
                    ValueRef::DateTimeTz(time, UtcOffset { minutes })
                }
                _ => ValueRef::DateTime(time),
            }
        }
        InnerValue::IntervalYM(i) => {
            let months = i.years.checked_mul(12).and_then(|months| months.checked_add(i.months));
            let months = months.ok_or_else(|| DriverError::value("the driver gave an interval out of range"))?;
            ValueRef::IntervalYm(IntervalYm { months })
        }
        InnerValue::IntervalDS(i) => {
            let seconds = (i64::from(i.hours) * 60 + i64::from(i.minutes)) * 60 + i64::from(i.seconds);
            ValueRef::IntervalDs(IntervalDs {
                days: i.days,
                nanoseconds: seconds * 1_000_000_000 + i64::from(i.fseconds),
            })
        }
        _ => return Err(DriverError::value(format!("the driver gave a form of {ty} that cannot be read"))),
    })
}

fn of_version(version: &oracle::Version) -> ServerVersion {
    let number = |n: i32| u32::try_from(n).unwrap_or(0);
    ServerVersion {
        major: number(version.major()),
        minor: number(version.minor()),
        update: number(version.update()),
        patch: number(version.patch()),
    }
}

fn of_privilege(privilege: AdminPrivilege) -> oracle::Privilege {
    match privilege {
        AdminPrivilege::Sysdba => oracle::Privilege::Sysdba,
        AdminPrivilege::Sysoper => oracle::Privilege::Sysoper,
        AdminPrivilege::Sysbackup => oracle::Privilege::Sysbackup,
        AdminPrivilege::Sysdg => oracle::Privilege::Sysdg,
        AdminPrivilege::Syskm => oracle::Privilege::Syskm,
        AdminPrivilege::Sysrac => oracle::Privilege::Sysrac,
    }
}

#[cold]
fn failed(error: oracle::Error) -> DriverError {
    let (kind, advice) = match (error.oci_code(), error.dpi_code()) {
        (Some(code), _) => return DriverError::oracle(code, error),
        (_, Some(1047)) => (ErrorKind::ClientLibraryMissing, ""),
        (_, Some(1050 | 1072)) => (ErrorKind::ClientLibraryUnusable, TOO_OLD),
        (_, Some(1010 | 1080)) => (ErrorKind::Connection, "the connection is gone: connect again"),
        (_, Some(1067)) => (ErrorKind::Timeout, "a call took longer than the call timeout"),
        _ => (ErrorKind::Driver, ""),
    };
    DriverError::own(kind, advice, error)
}

#[cold]
fn not_read(error: io::Error) -> DriverError {
    match error.downcast::<oracle::Error>() {
        Ok(error) => failed(error),
        Err(other) => DriverError::value(format!("the driver could not read on: {other}")),
    }
}

/// An error of ours on its way through the driver's iterator.
#[cold]
fn through_driver(error: DriverError) -> oracle::Error {
    match error.into_source().downcast::<oracle::Error>() {
        Ok(error) => *error,
        Err(other) => oracle::Error::new(oracle::ErrorKind::OutOfRange, other.to_string()),
    }
}
