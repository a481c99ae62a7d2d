//! What speaks to Oracle for the rest of this crate: the one place that knows drivers.
//!
//! A driver is built in by a feature (`oci`, `thin`) and chosen by [`ConnectOptions::driver`]. Each has a file of its own with a connection, a
//! row, the rows of a query and a LOB; here they are one, by enums. A row is only lent, for the time that [`FromRow`] looks at it: so a
//! driver may hand out its fetch buffer.

mod bind;
mod connect_string;
mod error;
#[cfg(feature = "oci")]
mod oci;
#[cfg(feature = "thin")]
mod thin;

pub(crate) use bind::ToBind;
pub(crate) use error::DriverError;

use crate::{ConnectOptions, Driver, Error, ServerVersion};
use std::{convert::Infallible, marker::PhantomData, time::Duration};
use type_convert::{OracleType, Value, ValueRef};

/// A connection. It can be used from several threads; one call waits for the other.
pub(crate) enum Connection {
    #[cfg(feature = "oci")]
    Oci(oci::Connection),
    #[cfg(feature = "thin")]
    Thin(thin::Connection),
    /// Where no driver is built in there is no connection.
    #[cfg_attr(any(feature = "oci", feature = "thin"), expect(dead_code))]
    Never(Infallible),
}

/// How the rows of a query are fetched.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Fetch<'a> {
    /// Rows of one round trip, at least one.
    pub(crate) rows: u32,
    /// About how many bytes a row has at most.
    #[cfg_attr(not(feature = "thin"), allow(dead_code))]
    pub(crate) row_bytes: usize,
    /// Whether the statement may stay open on the server for the next time.
    pub(crate) cached: bool,
    /// Columns that are times with their offset and come as text ([`zoned_as_text`](crate::sql::read::zoned_as_text)); none where the driver
    /// [keeps offsets](Connection::keeps_offsets).
    #[cfg_attr(not(feature = "thin"), allow(dead_code))]
    pub(crate) zoned: &'a [usize],
}

/// What a row of a query becomes.
pub(crate) trait FromRow: Sized {
    fn from_row(row: &Row<'_>) -> Result<Self, DriverError>;
}

/// A row as the driver has it.
pub(crate) enum Row<'a> {
    #[cfg(feature = "oci")]
    Oci(oci::Row<'a>),
    #[cfg(feature = "thin")]
    Thin(thin::Row<'a>),
    #[cfg_attr(any(feature = "oci", feature = "thin"), expect(dead_code))]
    Never(Infallible, PhantomData<&'a ()>),
}

/// The rows of a query. They hold the connection open.
pub(crate) enum Rows<T: FromRow> {
    #[cfg(feature = "oci")]
    Oci(oci::Rows<T>),
    #[cfg(feature = "thin")]
    Thin(Box<thin::Rows<T>>),
    #[cfg_attr(any(feature = "oci", feature = "thin"), expect(dead_code))]
    Never(Infallible, PhantomData<T>),
}

/// What a LOB is of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum LobKind {
    /// BLOB: places and lengths are in bytes.
    Binary,
    /// CLOB: places and lengths are in Oracle's characters, which are UTF-16 code units.
    Text,
    /// NCLOB: as CLOB.
    National,
}

/// A LOB's locator. It holds the connection open.
pub(crate) enum Lob {
    #[cfg(feature = "oci")]
    Oci(oci::Lob),
    #[cfg(feature = "thin")]
    Thin(thin::Lob),
    #[cfg_attr(any(feature = "oci", feature = "thin"), expect(dead_code))]
    Never(Infallible),
}

/// What a query for one LOB found.
pub(crate) enum Located {
    NoRow,
    Null,
    Lob(Lob),
}

/// Does the same with whichever driver it is.
macro_rules! with_driver {
    ($on:expr, $of:ident => $what:expr) => {
        match $on {
            #[cfg(feature = "oci")]
            Self::Oci($of) => $what,
            #[cfg(feature = "thin")]
            Self::Thin($of) => $what,
            Self::Never(never, ..) => match *never {},
        }
    };
}

impl Connection {
    /// Logs in.
    pub(crate) fn open(options: &ConnectOptions) -> Result<Self, Error> {
        match options.driver {
            #[cfg(feature = "oci")]
            Driver::Oci => oci::Connection::open(options).map(Connection::Oci),
            #[cfg(feature = "thin")]
            Driver::Thin => thin::Connection::open(options).map(Connection::Thin),
            #[cfg(not(all(feature = "oci", feature = "thin")))]
            other => Err(not_built_in(other)),
        }
    }

    pub(crate) fn server_version(&self) -> Result<ServerVersion, DriverError> {
        with_driver!(self, connection => connection.server_version())
    }

    /// The version of the client library.
    pub(crate) fn client_version(&self) -> Result<ServerVersion, DriverError> {
        with_driver!(self, connection => connection.client_version())
    }

    /// Whether TIMESTAMP WITH TIME ZONE comes with its offset, and WITH LOCAL TIME ZONE in the session's zone for certain.
    pub(crate) fn keeps_offsets(&self) -> bool {
        match self {
            #[cfg(feature = "oci")]
            Connection::Oci(_) => true,
            #[cfg(feature = "thin")]
            Connection::Thin(_) => false,
            Connection::Never(never) => match *never {},
        }
    }

    /// Whether it reads objects and collections.
    pub(crate) fn reads_objects(&self) -> bool {
        match self {
            #[cfg(feature = "oci")]
            Connection::Oci(_) => true,
            #[cfg(feature = "thin")]
            Connection::Thin(_) => false,
            Connection::Never(never) => match *never {},
        }
    }

    /// The longest that one round trip may take; `None` is for ever.
    pub(crate) fn set_call_timeout(&self, limit: Option<Duration>) -> Result<(), DriverError> {
        with_driver!(self, connection => connection.set_call_timeout(limit))
    }

    /// Runs what is no query; the number of rows that DML changed.
    pub(crate) fn execute(&self, sql: &str, binds: &[&dyn ToBind]) -> Result<u64, DriverError> {
        with_driver!(self, connection => connection.execute(sql, binds))
    }

    /// Runs a query.
    pub(crate) fn query<T: FromRow>(
        &self,
        sql: &str,
        binds: &[&dyn ToBind],
        fetch: Fetch<'_>,
    ) -> Result<Rows<T>, DriverError> {
        match self {
            #[cfg(feature = "oci")]
            Connection::Oci(connection) => connection.query(sql, binds, fetch).map(Rows::Oci),
            #[cfg(feature = "thin")]
            Connection::Thin(connection) => connection.query(sql, binds, fetch).map(|rows| Rows::Thin(Box::new(rows))),
            Connection::Never(never) => match *never {},
        }
    }

    /// Runs a query for one row of one LOB, which is not fetched with it. No other query may have this text.
    pub(crate) fn locate(&self, sql: &str, binds: &[&dyn ToBind], kind: LobKind) -> Result<Located, DriverError> {
        with_driver!(self, connection => connection.locate(sql, binds, kind))
    }

    pub(crate) fn commit(&self) -> Result<(), DriverError> {
        with_driver!(self, connection => connection.commit())
    }

    pub(crate) fn rollback(&self) -> Result<(), DriverError> {
        with_driver!(self, connection => connection.rollback())
    }

    /// One round trip.
    pub(crate) fn ping(&self) -> Result<(), DriverError> {
        with_driver!(self, connection => connection.ping())
    }

    /// Interrupts the call that another thread is in.
    pub(crate) fn interrupt(&self) -> Result<(), DriverError> {
        with_driver!(self, connection => connection.interrupt())
    }
}

#[cfg(not(all(feature = "oci", feature = "thin")))]
fn not_built_in(driver: Driver) -> Error {
    let feature = match driver {
        Driver::Oci => "oci",
        Driver::Thin => "thin",
    };
    let crate_name = env!("CARGO_PKG_NAME");
    let message = format!("the driver `{feature}` is not built in: enable the feature `{feature}` of {crate_name}");
    Error::new(crate::ErrorKind::DriverMissing, message)
}

impl Row<'_> {
    /// How many values it has.
    #[inline]
    pub(crate) fn len(&self) -> usize {
        with_driver!(self, row => row.len())
    }

    /// A value, borrowed from the driver's buffer. There must be one at that place.
    #[inline]
    pub(crate) fn value(&self, column: usize) -> Result<ValueRef<'_>, DriverError> {
        with_driver!(self, row => row.value(column))
    }

    /// An object or collection, whole, or NULL. There must be one at that place.
    pub(crate) fn object(&self, column: usize) -> Result<Value, DriverError> {
        match self {
            #[cfg(feature = "oci")]
            Row::Oci(row) => row.object(column),
            #[cfg(feature = "thin")]
            Row::Thin(_) => {
                Err(DriverError::value(format!("column {column} is an object, which this driver does not read")))
            }
            Row::Never(never, _) => match *never {},
        }
    }

    /// A value as text: a number as Oracle prints it, a text as it is. There must be one at that place.
    pub(crate) fn text(&self, column: usize) -> Result<Option<String>, DriverError> {
        with_driver!(self, row => row.text(column))
    }
}

impl<T: FromRow> Rows<T> {
    /// In what an object or collection type, as the server describes it now, differs from what it was planned as. The column must be there.
    pub(crate) fn type_difference(&self, column: usize, planned: &OracleType) -> Option<String> {
        match self {
            #[cfg(feature = "oci")]
            Rows::Oci(rows) => rows.type_difference(column, planned),
            #[cfg(feature = "thin")]
            Rows::Thin(_) => Some(format!("this driver does not tell what {planned} is made of")),
            Rows::Never(never, _) => match *never {},
        }
    }
}

impl<T: FromRow> Iterator for Rows<T> {
    type Item = Result<T, DriverError>;

    #[inline]
    fn next(&mut self) -> Option<Self::Item> {
        with_driver!(self, rows => rows.next())
    }
}

impl Lob {
    /// In bytes or characters ([`LobKind`]).
    pub(crate) fn length(&self) -> Result<u64, DriverError> {
        with_driver!(self, lob => lob.length())
    }

    /// Reads on from a place: how many bytes it put into the buffer, texts in UTF-8 and no character torn, and the place after them.
    pub(crate) fn read(&mut self, from: u64, buffer: &mut [u8]) -> Result<(usize, u64), DriverError> {
        with_driver!(self, lob => lob.read(from, buffer))
    }
}

#[cfg(all(test, not(all(feature = "oci", feature = "thin"))))]
mod tests {
    use super::*;

    #[test]
    fn a_driver_that_is_not_built_in_is_named() {
        for (driver, feature, built_in) in
            [(Driver::Oci, "oci", cfg!(feature = "oci")), (Driver::Thin, "thin", cfg!(feature = "thin"))]
        {
            if built_in {
                continue;
            }
            let mut options = ConnectOptions::new("hr", "tiger-4711", "//h/s");
            options.driver = driver;
            let error = Connection::open(&options).err().unwrap();
            assert_eq!(error.kind(), crate::ErrorKind::DriverMissing);
            assert!(error.to_string().contains(&format!("enable the feature `{feature}`")), "{error}");
        }
    }
}
