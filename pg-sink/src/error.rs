use std::{error::Error as StdError, fmt, io};
use type_convert::Scn;

/// The result of this crate's functions.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// What went wrong, and where: table, column, row or transaction, as far as they are known.
///
/// `Display` says all of it in one line, the server's own message and context included.
pub struct Error(Box<Inner>);

struct Inner {
    kind: ErrorKind,
    message: String,
    table: Option<String>,
    column: Option<String>,
    row: Option<usize>,
    row_id: Option<String>,
    copy_row: Option<u64>,
    object: Option<String>,
    scn: Option<Scn>,
    xid: Option<String>,
    #[cfg(feature = "apply")]
    row_missing: bool,
    source: Option<Box<dyn StdError + Send + Sync>>,
}

/// The kinds of [`Error`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ErrorKind {
    /// The connection to PostgreSQL is lost; what its open transaction did is undone.
    Connection,
    /// PostgreSQL refused a statement: see [`Error::sql_state`].
    Postgres,
    /// A value does not fit its column.
    Value,
    /// A table plan that PostgreSQL or COPY BINARY cannot take: too many columns, a pair of types without conversion.
    Plan,
    /// The source's reader failed: see [`source`](StdError::source).
    Source,
    /// A change does not fit the target's rows: the row is missing, not unique, or already there.
    Conflict,
    /// A change cannot be applied from what the redo holds of it.
    Incomplete,
    /// The control schema's state is not what this call expects: another migration, another applier.
    State,
    /// Bytes or control rows that cannot be read.
    Malformed,
    /// Rows cannot be written frozen here: the table is not one that this very transaction created or truncated.
    Freeze,
    /// What was asked for cannot be written where the caller wants it.
    Output,
}

impl Error {
    /// What went wrong.
    pub fn kind(&self) -> ErrorKind {
        self.0.kind
    }

    /// The PostgreSQL table, `schema.name`.
    pub fn table(&self) -> Option<&str> {
        self.0.table.as_deref()
    }

    /// The PostgreSQL column.
    pub fn column(&self) -> Option<&str> {
        self.0.column.as_deref()
    }

    /// The row's number in its batch, from 0.
    pub fn row(&self) -> Option<usize> {
        self.0.row
    }

    /// The row's number among those sent to the server, from 1: in its COPY, or in its chunk where a
    /// [`ChunkLoad`](crate::ChunkLoad) sent it. Rows that were set aside earlier are not counted.
    pub fn copy_row(&self) -> Option<u64> {
        self.0.copy_row
    }

    /// The key, index or constraint of [`table`](Self::table), without schema: what could not be built, or what a row breaks.
    pub fn object(&self) -> Option<&str> {
        self.0.object.as_deref()
    }

    /// Oracle's ROWID of the row.
    pub fn row_id(&self) -> Option<&str> {
        self.0.row_id.as_deref()
    }

    /// The commit SCN of the source's transaction.
    pub fn scn(&self) -> Option<Scn> {
        self.0.scn
    }

    /// The id of the source's transaction, 16 hexadecimal digits.
    pub fn xid(&self) -> Option<&str> {
        self.0.xid.as_deref()
    }

    /// PostgreSQL's five-character code, where the server reported the error.
    pub fn sql_state(&self) -> Option<&str> {
        let error = self.0.source.as_deref()?.downcast_ref::<tokio_postgres::Error>()?;
        error.code().map(|code| code.code())
    }

    /// Whether the same call may succeed later, on a new connection, with nothing mended: the connection was lost, the server
    /// is going down or has no connection left, or the transaction fell to a deadlock or a serialization failure. A full
    /// disk (53100) is not such a case: somebody must make room.
    pub fn is_transient(&self) -> bool {
        is_transient(self.sql_state(), self.0.kind == ErrorKind::Connection)
    }

    /// [`is_transient`](Self::is_transient) of an error of the driver itself.
    pub fn is_transient_at_driver(error: &tokio_postgres::Error) -> bool {
        is_transient(error.code().map(|code| code.code()), is_connection(error))
    }

    pub(crate) fn new(kind: ErrorKind, message: impl Into<String>) -> Self {
        Error(Box::new(Inner {
            kind,
            message: message.into(),
            table: None,
            column: None,
            row: None,
            row_id: None,
            copy_row: None,
            object: None,
            scn: None,
            xid: None,
            #[cfg(feature = "apply")]
            row_missing: false,
            source: None,
        }))
    }

    pub(crate) fn postgres(doing: impl Into<String>, error: tokio_postgres::Error) -> Self {
        let kind = if is_connection(&error) { ErrorKind::Connection } else { ErrorKind::Postgres };
        Error::new(kind, doing).with_source(error)
    }

    pub(crate) fn with_kind(mut self, kind: ErrorKind) -> Self {
        self.0.kind = kind;
        self
    }

    pub(crate) fn with_source(mut self, source: impl Into<Box<dyn StdError + Send + Sync>>) -> Self {
        self.0.source = Some(source.into());
        self
    }

    pub(crate) fn with_table(mut self, table: impl fmt::Display) -> Self {
        self.0.table.get_or_insert_with(|| table.to_string());
        self
    }

    pub(crate) fn with_column(mut self, column: impl fmt::Display) -> Self {
        self.0.column = Some(column.to_string());
        self
    }

    pub(crate) fn with_row(mut self, row: usize, row_id: Option<&str>) -> Self {
        self.0.row = Some(row);
        self.0.row_id = row_id.map(str::to_owned);
        self
    }

    pub(crate) fn with_copy_row(mut self, row: u64) -> Self {
        self.0.copy_row = Some(row);
        self
    }

    pub(crate) fn with_object(mut self, object: impl fmt::Display) -> Self {
        self.0.object = Some(object.to_string());
        self
    }

    pub(crate) fn with_message(mut self, message: impl Into<String>) -> Self {
        self.0.message = message.into();
        self
    }

    pub(crate) fn with_row_id(mut self, row_id: Option<&str>) -> Self {
        self.0.row_id = row_id.map(str::to_owned);
        self
    }

    /// Whether a change found no row.
    #[cfg(feature = "apply")]
    pub(crate) fn is_row_missing(&self) -> bool {
        self.0.row_missing
    }

    /// Whether another way to apply the same changes, or a policy for conflicts, may do better.
    #[cfg(feature = "apply")]
    pub(crate) fn is_about_data(&self) -> bool {
        match self.sql_state() {
            Some(code) => {
                !self.is_transient() && ["21", "22", "23", "44", "P0"].iter().any(|class| code.starts_with(class))
            }
            None => {
                matches!(self.0.kind, ErrorKind::Conflict | ErrorKind::Value | ErrorKind::Incomplete | ErrorKind::Plan)
            }
        }
    }

    #[cfg(feature = "apply")]
    pub(crate) fn with_row_missing(mut self) -> Self {
        self.0.row_missing = true;
        self
    }

    #[cfg(feature = "apply")]
    pub(crate) fn with_transaction(mut self, scn: Scn, xid: impl fmt::Display) -> Self {
        self.0.scn = Some(scn);
        self.0.xid = Some(xid.to_string());
        self
    }
}

fn is_transient(sql_state: Option<&str>, is_connection: bool) -> bool {
    match sql_state {
        Some(code) => code.starts_with("08") || code.starts_with("57P0") || matches!(code, "40001" | "40P01" | "53300"),
        None => is_connection,
    }
}

fn is_connection(error: &tokio_postgres::Error) -> bool {
    let io = error.source().is_some_and(|s| s.downcast_ref::<io::Error>().is_some());
    error.is_closed() || io || error.code().is_some_and(|code| code.code().starts_with("08"))
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Inner { message, table, column, row, row_id, copy_row, object, scn, xid, source, .. } = &*self.0;
        let mut place = Vec::new();
        place.extend(table.as_ref().map(|t| format!("table {t}")));
        place.extend(object.as_ref().map(|o| format!("key, index or constraint {o}")));
        place.extend(column.as_ref().map(|c| format!("column {c}")));
        place.extend(copy_row.as_ref().map(|n| format!("row {n} of those sent")));
        match (row_id, row) {
            (Some(id), _) => place.push(format!("ROWID {id}")),
            (None, Some(row)) => place.push(format!("row {row} of its batch")),
            (None, None) => {}
        }
        place.extend(scn.as_ref().map(|s| format!("SCN {s}")));
        place.extend(xid.as_ref().map(|x| format!("XID {x}")));
        if !place.is_empty() {
            write!(f, "{}: ", place.join(", "))?;
        }
        f.write_str(message)?;
        let Some(source) = source else { return Ok(()) };
        match source.downcast_ref::<tokio_postgres::Error>().map(|e| (e, e.as_db_error())) {
            Some((_, Some(db))) => {
                write!(f, ": {} (SQLSTATE {})", db.message(), db.code().code())?;
                for more in [db.detail(), db.hint(), db.where_()].into_iter().flatten() {
                    write!(f, "; {more}")?;
                }
                Ok(())
            }
            Some((error, None)) => match error.source() {
                Some(cause) => write!(f, ": {error}: {cause}"),
                None => write!(f, ": {error}"),
            },
            None => write!(f, ": {source}"),
        }
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Error({:?}, {:?})", self.0.kind, self.to_string())
    }
}

impl StdError for Error {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.0.source.as_deref().map(|s| s as &(dyn StdError + 'static))
    }
}

/// Says what was being done when PostgreSQL failed.
pub(crate) trait Doing<T> {
    fn doing(self, what: &str) -> Result<T>;
}

impl<T> Doing<T> for Result<T, tokio_postgres::Error> {
    fn doing(self, what: &str) -> Result<T> {
        self.map_err(|e| Error::postgres(what, e))
    }
}
