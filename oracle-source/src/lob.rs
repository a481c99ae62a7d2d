use crate::{Error, ErrorKind, Session, sql};
use bytes::BytesMut;
use oracle::{
    Connection, Row,
    io::SeekInChars,
    sql_type::{Blob, Clob, FromSql, Lob, Nclob},
};
use schema_map::{ObjectPath, OracleIdent};
use std::{
    io::{self, Read, Seek, SeekFrom},
    sync::Arc,
};
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
    pub(crate) row_id: String,
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
    open: Option<Open>,
}

struct Open {
    id: u32,
    /// With the locator; gone when all has been read.
    row: Option<Row>,
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
    pub(crate) fn unfetched(&self, length: u64) -> oracle::Result<Unfetched> {
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

    fn missing(&self, what: &str) -> oracle::Error {
        oracle::Error::new(oracle::ErrorKind::OutOfRange, format!("column {}: Oracle gave {what}", self.name))
    }
}

impl LobReader {
    pub(crate) fn new(session: &Session, table: &ObjectPath) -> Self {
        LobReader { connection: Arc::clone(session.connection()), table: table.clone(), open: None }
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
            let error = match e {
                Failure::Driver(e) => Error::driver("reading a LOB", e),
                Failure::Gone(why) => Error::new(ErrorKind::LobGone, why),
            };
            error.with_table(&self.table).with_column(&column.name).with_row_id(&lob.row_id).with_scn(as_of)
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
        let open = match &mut self.open {
            Some(open) if open.id == id => open,
            other => {
                // The locator of another LOB goes before a new one comes.
                *other = None;
                let row = fetch(&self.connection, &self.table, lob, column, as_of)?;
                other.insert(Open { id, row: Some(row), at: 0 })
            }
        };
        let Some(row) = &open.row else { return Ok(false) };
        // A character of one unit has at most three bytes, one of two has four.
        let widest = if matches!(column.form, Form::Binary) { 1 } else { 3 };
        let left = lob.length.saturating_sub(open.at).saturating_mul(widest);
        let room = usize::try_from(left).unwrap_or(PIECE).clamp(SMALLEST, PIECE);
        let start = piece.len();
        piece.resize(start + room, 0);
        let (bytes, at) = match column.form {
            Form::Binary => {
                let mut locator: Blob = there(row)?;
                locator.seek(SeekFrom::Start(open.at))?;
                let bytes = locator.read(&mut piece[start..])?;
                (bytes, locator.stream_position()?)
            }
            Form::National => read_text::<Nclob>(row, open.at, &mut piece[start..])?,
            _ => read_text::<Clob>(row, open.at, &mut piece[start..])?,
        };
        piece.truncate(start + bytes);
        if at > lob.length || at == open.at {
            return Err(differs(lob.length, if at > lob.length { "more" } else { "less" }));
        }
        open.at = at;
        if at == lob.length {
            open.row = None;
        }
        Ok(true)
    }
}

enum Failure {
    Driver(oracle::Error),
    Gone(String),
}

impl From<oracle::Error> for Failure {
    fn from(error: oracle::Error) -> Self {
        Failure::Driver(error)
    }
}

impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Self {
        Failure::Driver(error.downcast::<oracle::Error>().unwrap_or_else(|other| {
            oracle::Error::new(oracle::ErrorKind::Other, format!("the driver could not read on: {other}"))
        }))
    }
}

fn differs(length: u64, how: &str) -> Failure {
    Failure::Gone(format!("the LOB has {how} than the {length} bytes or characters that its row said"))
}

/// The row of a LOB with its locator. No other statement has this text: one that was fetched inline before could fail with ORA-03106.
fn fetch(
    connection: &Connection,
    table: &ObjectPath,
    lob: &Streamed,
    column: &LobColumn,
    as_of: Scn,
) -> Result<Row, Failure> {
    let text = sql::read::lob(table, &column.name);
    let mut statement = connection.statement(&text).lob_locator().fetch_array_size(1).prefetch_rows(1).build()?;
    let row = statement.query_row(&[&as_of.0, &lob.row_id]).map_err(|e| match e.kind() {
        oracle::ErrorKind::NoDataFound => Failure::Gone("the row of a LOB is gone".to_owned()),
        _ => Failure::Driver(e),
    })?;
    let length = match column.form {
        Form::Binary => there::<Blob>(&row)?.size()?,
        Form::National => there::<Nclob>(&row)?.size()?,
        _ => there::<Clob>(&row)?.size()?,
    };
    match length.cmp(&lob.length) {
        std::cmp::Ordering::Equal => Ok(row),
        std::cmp::Ordering::Greater => Err(differs(lob.length, "more")),
        std::cmp::Ordering::Less => Err(differs(lob.length, "less")),
    }
}

fn there<L: FromSql>(row: &Row) -> Result<L, Failure> {
    row.get::<_, Option<L>>(0)?.ok_or_else(|| Failure::Gone("the LOB is NULL now".to_owned()))
}

/// Reads on from a place in characters: the bytes to keep and the place after them.
///
/// The driver asks for as many characters as the buffer has bytes. Where Oracle gives that many, each has one byte, and the last may be what it
/// makes of the first half of a character of two units: it is read again with the next piece.
fn read_text<L: FromSql + Read + SeekInChars>(
    row: &Row,
    from: u64,
    buffer: &mut [u8],
) -> Result<(usize, u64), Failure> {
    let mut locator: L = there(row)?;
    locator.seek_in_chars(SeekFrom::Start(from))?;
    let bytes = locator.read(buffer)?;
    let at = locator.stream_position_in_chars()?;
    let all = at.saturating_sub(from) >= buffer.len() as u64;
    Ok(if all { (bytes.saturating_sub(1), at - 1) } else { (bytes, at) })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{ConnectOptions, current_scn};

    #[test]
    fn what_is_not_as_its_row_said() {
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
        let mut reader = LobReader::new(&session, &table);
        let mut read = |row: usize, length| {
            let lob = Streamed { column: 0, row_id: rows[row].clone(), length };
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
        let is = |unfetched: oracle::Result<Unfetched>| match unfetched {
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
