use crate::{
    Error, ErrorKind, Session,
    driver::{Connection, DriverError, Lob, LobKind, Located, ToBind},
    sql,
    sql::read::{FoundBy, KeyType},
};
use bytes::BytesMut;
use schema_map::{ObjectPath, OracleIdent};
use std::sync::Arc;
use type_convert::{OracleType, Scn, ValueRef};

/// A column whose values arrive as LOBs.
#[derive(Debug, Clone)]
pub(crate) struct LobColumn {
    /// Among the columns read.
    pub(crate) position: usize,
    name: OracleIdent,
    form: Form,
    /// Longer ones are not fetched with their row.
    limit: Option<u64>,
}

#[derive(Debug, Clone, Copy)]
enum Form {
    Binary,
    Text,
    National,
    /// The text of an XMLTYPE.
    Xml,
    /// A text that is never empty.
    Serialized,
}

/// A LOB that was not fetched with its row.
#[derive(Debug)]
pub(crate) struct Streamed {
    /// Its place among the reader's LOB columns.
    pub(crate) column: usize,
    /// The ROWID of its row, or the values of its key: as many as the statement takes.
    pub(crate) row: Vec<String>,
    /// In bytes or characters.
    pub(crate) length: u64,
}

/// What a value that is not NULL was fetched as NULL for.
pub(crate) enum Unfetched {
    Empty(ValueRef<'static>),
    Long,
}

/// Reads LOBs piece by piece over the session of the reader of their rows.
pub(crate) struct LobReader {
    connection: Arc<Connection>,
    table: ObjectPath,
    /// Found by this where it is not empty, else by ROWID.
    key: Vec<(OracleIdent, KeyType)>,
    open: Option<Open>,
}

struct Open {
    id: u32,
    /// Gone when all has been read.
    lob: Option<Lob>,
    /// What has been read, in bytes or characters.
    at: u64,
}

/// Bytes of one piece at most.
const PIECE: usize = 1 << 20;
/// The driver reads into a smaller buffer by way of another one.
const SMALLEST: usize = 512;

impl LobColumn {
    pub(crate) fn new(position: usize, name: &OracleIdent, ty: &OracleType, limit: Option<u64>) -> Option<Self> {
        let form = match ty {
            OracleType::Blob => Form::Binary,
            OracleType::Clob => Form::Text,
            OracleType::NClob => Form::National,
            OracleType::Xml => Form::Xml,
            _ if sql::read::arrives_as_lob(ty) => Form::Serialized,
            _ => return None,
        };
        Some(LobColumn { position, name: name.clone(), form, limit: limit.filter(|_| sql::read::is_lob(ty)) })
    }

    /// What a value is that was fetched as NULL without being NULL. `length` is 1 where the column has no limit.
    pub(crate) fn unfetched(&self, length: u64) -> Result<Unfetched, DriverError> {
        let empty = match self.form {
            Form::Binary => ValueRef::Bytes(b""),
            Form::Text | Form::National | Form::Xml => ValueRef::Text(b""),
            Form::Serialized => return Err(self.missing("NULL for a value that is not NULL")),
        };
        match self.limit {
            Some(limit) if length > limit => Ok(Unfetched::Long),
            Some(_) if length > 0 => Err(self.missing("nothing of a LOB within the limit")),
            _ => Ok(Unfetched::Empty(empty)),
        }
    }

    fn missing(&self, what: &str) -> DriverError {
        DriverError::value(format!("column {}: Oracle gave {what}", self.name))
    }

    fn kind(&self) -> LobKind {
        match self.form {
            Form::Binary => LobKind::Binary,
            Form::National => LobKind::National,
            Form::Text | Form::Xml | Form::Serialized => LobKind::Text,
        }
    }
}

impl LobReader {
    /// `key` is empty where rows are found by their ROWID.
    pub(crate) fn new(session: &Session, table: &ObjectPath, key: &[(OracleIdent, KeyType)]) -> Self {
        let connection = Arc::clone(session.connection());
        LobReader { connection, table: table.clone(), key: key.to_vec(), open: None }
    }

    /// Lets go of the LOB that is being read.
    pub(crate) fn close(&mut self) {
        self.open = None;
    }

    /// Appends the next piece; `false` where there is none any more.
    pub(crate) fn read(
        &mut self,
        id: u32,
        lob: &Streamed,
        column: &LobColumn,
        as_of: Scn,
        piece: &mut BytesMut,
    ) -> Result<bool, Error> {
        let start = piece.len();
        self.piece(id, lob, column, as_of, piece).map_err(|e| {
            piece.truncate(start);
            self.open = None;
            let of_row = match self.key.is_empty() {
                true => String::new(),
                false => format!(" of the row with key {}", lob.row.join(", ")),
            };
            let error = match e {
                Failure::Driver(e) => Error::driver(format_args!("reading a LOB{of_row}"), e),
                Failure::Gone(why) => Error::new(ErrorKind::LobGone, format!("{why}{of_row}")),
            };
            let error = error.with_table(&self.table).with_column(&column.name).with_scn(as_of);
            match &lob.row[..] {
                [row_id] if self.key.is_empty() => error.with_row_id(row_id),
                _ => error,
            }
        })
    }

    fn piece(
        &mut self,
        id: u32,
        lob: &Streamed,
        column: &LobColumn,
        as_of: Scn,
        piece: &mut BytesMut,
    ) -> Result<bool, Failure> {
        if self.open.as_ref().is_none_or(|open| open.id != id) {
            // The locator of another LOB goes before a new one comes.
            self.open = None;
            self.open = Some(Open { id, lob: Some(self.fetch(lob, column, as_of)?), at: 0 });
        }
        let Some(open) = &mut self.open else { return Ok(false) };
        let Some(locator) = &mut open.lob else { return Ok(false) };
        // A character of one unit has at most three bytes, one of two has four.
        let widest = if matches!(column.form, Form::Binary) { 1 } else { 3 };
        let left = lob.length.saturating_sub(open.at).saturating_mul(widest);
        let room = usize::try_from(left).unwrap_or(PIECE).clamp(SMALLEST, PIECE);
        let start = piece.len();
        piece.resize(start + room, 0);
        let (bytes, at) = locator.read(open.at, &mut piece[start..])?;
        piece.truncate(start + bytes);
        if at > lob.length || at == open.at {
            return Err(differs(lob.length, if at > lob.length { "more" } else { "less" }));
        }
        open.at = at;
        if at == lob.length {
            open.lob = None;
        }
        Ok(true)
    }
}

impl LobReader {
    /// A LOB's locator, which must be of a LOB of the length that its row said.
    fn fetch(&self, lob: &Streamed, column: &LobColumn, as_of: Scn) -> Result<Lob, Failure> {
        let found_by = if self.key.is_empty() { FoundBy::RowId } else { FoundBy::Key(&self.key) };
        let text = sql::read::lob(&self.table, &column.name, found_by);
        let mut binds: Vec<&dyn ToBind> = vec![&as_of.0];
        binds.extend(lob.row.iter().map(|value| value as &dyn ToBind));
        let found = match self.connection.locate(&text, &binds, column.kind())? {
            Located::NoRow => return Err(Failure::Gone("the row of a LOB is gone".to_owned())),
            Located::Null => return Err(Failure::Gone("the LOB is NULL now".to_owned())),
            Located::Lob(found) => found,
        };
        match found.length()?.cmp(&lob.length) {
            std::cmp::Ordering::Equal => Ok(found),
            std::cmp::Ordering::Greater => Err(differs(lob.length, "more")),
            std::cmp::Ordering::Less => Err(differs(lob.length, "less")),
        }
    }
}

enum Failure {
    Driver(DriverError),
    Gone(String),
}

impl From<DriverError> for Failure {
    fn from(error: DriverError) -> Self {
        Failure::Driver(error)
    }
}

fn differs(length: u64, how: &str) -> Failure {
    Failure::Gone(format!("the LOB has {how} than the {length} bytes or characters that its row said"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[cfg(feature = "oci")]
    #[test]
    fn what_is_not_as_its_row_said() {
        use crate::{ConnectOptions, current_scn};

        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("source.db");
        // Closed before the client library opens it.
        clntsh::Database::create(&file, "secret")
            .and_then(|database| {
                let script = "CREATE TABLE t (id NUMBER, c CLOB); INSERT INTO t VALUES (1, 'four'); INSERT INTO t VALUES (2, NULL);
                    INSERT INTO t VALUES (3, 'gone'); COMMIT;";
                database.run_script("SYSTEM", "t.sql", script)
            })
            .unwrap();
        let mut options = ConnectOptions::new("system", "secret", format!("standin:{}", file.display()));
        options.client_lib_dir = Some(clntsh::library_dir().unwrap());
        let session = Session::connect(&options).unwrap();
        let rows = session.query_text("SELECT ROWIDTOCHAR(ROWID) FROM t ORDER BY id", &[]).unwrap();
        let rows: Vec<String> = rows.into_iter().flatten().flatten().collect();
        session.execute("DELETE FROM t WHERE id = 3").unwrap();
        session.commit().unwrap();
        let scn = current_scn(&session).unwrap();
        let ident = |name| OracleIdent::new(name).unwrap();
        let table = ObjectPath { schema: ident("SYSTEM"), name: ident("T") };
        let column = LobColumn::new(1, &ident("C"), &OracleType::Clob, Some(2)).unwrap();
        let mut reader = LobReader::new(&session, &table, &[]);
        let mut read = |row: usize, length| {
            let lob = Streamed { column: 0, row: vec![rows[row].clone()], length };
            let mut piece = BytesMut::new();
            let read = reader.read(u32::try_from(row).unwrap(), &lob, &column, scn, &mut piece);
            reader.close();
            match read {
                Ok(more) => Ok((more, piece)),
                Err(e) => {
                    assert!(piece.is_empty());
                    assert_eq!((e.kind(), e.table(), e.scn()), (ErrorKind::LobGone, Some(&table), Some(scn)));
                    assert_eq!((e.column(), e.row_id()), (Some(&ident("C")), Some(&*rows[row])));
                    Err(e.to_string())
                }
            }
        };
        assert_eq!(read(0, 4).unwrap(), (true, BytesMut::from("four")));
        assert!(read(0, 3).unwrap_err().contains("more than the 3"));
        assert!(read(0, 5).unwrap_err().contains("less than the 5"));
        assert!(read(1, 4).unwrap_err().contains("NULL"));
        assert!(read(2, 4).unwrap_err().contains("the row of a LOB is gone"));
    }

    #[test]
    fn null_is_told_from_empty_and_long() {
        let name = OracleIdent::new("C").unwrap();
        let column = |ty, limit| LobColumn::new(0, &name, &ty, limit).unwrap();
        let is = |unfetched: Result<Unfetched, DriverError>| match unfetched {
            Ok(Unfetched::Empty(value)) => Some(Some(value)),
            Ok(Unfetched::Long) => Some(None),
            Err(_) => None,
        };
        let clob = |limit, length| is(column(OracleType::Clob, limit).unfetched(length));
        assert_eq!(clob(None, 1), Some(Some(ValueRef::Text(b""))));
        assert_eq!(clob(Some(5), 0), Some(Some(ValueRef::Text(b""))));
        assert_eq!(clob(Some(5), 5), None, "it should have come with its row");
        assert_eq!(clob(Some(5), 6), Some(None));
        assert_eq!(is(column(OracleType::Blob, Some(0)).unfetched(0)), Some(Some(ValueRef::Bytes(b""))));
        // A text made of an XMLTYPE has no limit.
        assert_eq!(is(column(OracleType::Xml, Some(0)).unfetched(1)), Some(Some(ValueRef::Text(b""))));
        assert_eq!(is(column(OracleType::Json, Some(0)).unfetched(1)), None, "no JSON is empty");
        assert!(LobColumn::new(0, &name, &OracleType::Date, None).is_none());
    }
}
