use crate::{
    ChunkRange, Error, ErrorKind, ServerVersion, Session, SqlExpression,
    driver::{DriverError, Fetch, FromRow, Row, Rows, ToBind},
    lob::{LobColumn, LobReader, Streamed, Unfetched},
    object,
    sql::{
        self,
        read::{FoundBy, KeyType, ObjectPlace, RangeBy, RowRange},
    },
};
use bytes::BytesMut;
use schema_map::{ObjectPath, OracleIdent};
use std::{cell::RefCell, fmt};
use type_convert::{BatchReader, BfileLocator, LengthUnit, OracleType, RowBatch, Scn, StreamedLob, ValueRef};

/// What to read of a table.
#[derive(Debug, Clone, PartialEq)]
pub struct TableRead<'a> {
    /// The table.
    pub table: &'a ObjectPath,
    /// Its columns to read, with their declared types.
    pub columns: &'a [(OracleIdent, OracleType)],
    /// Which rows.
    pub range: &'a ChunkRange,
    /// `None` reads the current state.
    pub as_of: Option<Scn>,
    /// Whether rows get their ROWID. Not for index-organized tables, whose rows have no fixed one.
    pub row_ids: bool,
    /// About how many bytes one batch may have: it decides the number of rows fetched in a round trip.
    pub batch_bytes: usize,
    /// The longest LOB that is fetched with its row, in bytes (BLOB) or Oracle's characters (CLOB, NCLOB: UTF-16 code units). A longer one is
    /// handed over as [`ValueRef::Streamed`] and read piece by piece with [`read_lob`](BatchReader::read_lob).
    ///
    /// It takes both an SCN and ROWIDs to find the same LOB again, or a key ([`TableReader::open_by_key`]): without [`as_of`](TableRead::as_of) or
    /// [`row_ids`](TableRead::row_ids), and with `None`, every LOB comes with its row, whole in memory. So do the CLOBs that XMLTYPE, JSON and VECTOR are made into, LONG and LONG RAW.
    pub lob_limit: Option<u64>,
    /// Only rows for which this is true.
    pub condition: Option<&'a SqlExpression>,
    /// What is read in place of some of the columns, by their names: it must give the column's type.
    pub expressions: &'a [(OracleIdent, SqlExpression)],
}

/// Rows of one table, a batch at a time, without an allocation for a row or a value. Rows come in no order.
///
/// The whole result is one consistent state: that of the SCN, or that of the moment when the reader was opened. It holds the session's
/// connection open even when the [`Session`] is dropped.
pub struct TableReader {
    columns: Vec<OracleType>,
    rows: Rows<Drained>,
    table: ObjectPath,
    as_of: Option<Scn>,
    row_ids: bool,
    /// Columns behind all others with the row's key.
    key_columns: usize,
    lobs: Vec<LobColumn>,
    /// LOBs of the batch read last, in the order of their ids.
    streamed: Vec<Streamed>,
    /// The id of the first of them.
    first_id: u32,
    lob_reader: LobReader,
    /// How the values of each column arrive.
    forms: Vec<Form>,
    /// Objects that may be of types under the declared ones.
    objects: Vec<ObjectPlace>,
    array: usize,
    batch_bytes: usize,
}

/// A row that went into the batch of this thread.
struct Drained;

/// Where [`Drained`] puts rows: the driver calls it with the row alone.
#[derive(Default)]
struct Target {
    batch: RowBatch,
    row_ids: bool,
    key_columns: usize,
    lobs: Vec<LobColumn>,
    streamed: Vec<Streamed>,
    first_id: u32,
    forms: Vec<Form>,
    objects: Vec<ObjectPlace>,
    /// The place among them, and the row, of an object of another type than the declared one.
    subtype: Option<(usize, Option<String>)>,
}

/// How a value arrives.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Form {
    /// As it is handed on.
    Plain,
    /// As an object or a collection.
    Object,
    /// As the text that [`sql::read::BFILE_LOCATOR`] makes.
    File,
}

impl Form {
    fn of(ty: &OracleType) -> Self {
        match ty {
            OracleType::BFile => Form::File,
            ty if object::is_nested(ty) => Form::Object,
            _ => Form::Plain,
        }
    }
}

thread_local! {
    static TARGET: RefCell<Target> = RefCell::default();
}

/// Rows of one round trip, whatever their size.
const MAX_ARRAY: usize = 10_000;
/// This many bytes are expected of a LOB or LONG that comes with its row.
const LOB_BYTES: usize = 64 * 1024;
/// And this many of an object or a collection.
const OBJECT_BYTES: usize = 4 * 1024;

/// Counts the rows of a table as of an SCN: a scan of the table or of one of its indexes.
pub fn count_rows(session: &Session, table: &ObjectPath, as_of: Scn) -> Result<u64, Error> {
    let doing = format!("counting the rows of {table}");
    let rows =
        session.query(doing, &sql::read::count(table), &[&as_of.0]).map_err(|e| e.with_table(table).with_scn(as_of))?;
    rows.first().ok_or_else(|| Error::new(ErrorKind::Malformed, "COUNT(*) gave no row"))?.required(0)
}

impl TableReader {
    /// Starts reading.
    ///
    /// # Errors
    /// [`ErrorKind::Unsupported`] for a column whose type, or a part of it, cannot be read; [`ErrorKind::TableChanged`] where the server says that an
    /// object or collection type is another than the column's; [`ErrorKind::SnapshotUnavailable`] where rows as of the SCN
    /// cannot be had (also later, in [`read_batch`](BatchReader::read_batch)), [`ErrorKind::Privilege`] without SELECT, or FLASHBACK for an SCN, or
    /// EXECUTE on a type. A value of a type under its declared one is an error of [`read_batch`](BatchReader::read_batch), with its ROWID.
    pub fn open(session: &Session, read: &TableRead<'_>) -> Result<Self, Error> {
        Self::open_found_by(session, read, if read.row_ids { FoundBy::RowId } else { FoundBy::Nothing })
    }

    /// Starts reading a table whose rows have no fixed ROWID, an index-organized one: long LOBs are found again by the primary key. Rows get
    /// no ROWIDs, whatever [`row_ids`](TableRead::row_ids) says.
    ///
    /// # Errors
    /// Those of [`open`](Self::open). [`ErrorKind::Unsupported`] for an empty key, or one with a column of a type that does not come back from text as it
    /// was ([`KeyType::of`]): read such a table with `open`, its LOBs with their rows.
    pub fn open_by_key(
        session: &Session,
        read: &TableRead<'_>,
        key: &[(OracleIdent, OracleType)],
    ) -> Result<Self, Error> {
        let unsupported = |message: String| Error::new(ErrorKind::Unsupported, message).with_table(read.table);
        if key.is_empty() {
            return Err(unsupported("a key without columns finds no row".to_owned()));
        }
        let typed = key.iter().map(|(column, ty)| {
            let no_text = || unsupported(format!("rows cannot be found by column {column}: its type is {ty}"));
            KeyType::of(ty).map(|key_type| (column.clone(), key_type)).ok_or_else(no_text)
        });
        let key: Vec<(OracleIdent, KeyType)> = typed.collect::<Result<_, _>>()?;
        Self::open_found_by(session, read, FoundBy::Key(&key))
    }

    fn open_found_by(session: &Session, read: &TableRead<'_>, found_by: FoundBy<'_>) -> Result<Self, Error> {
        let mut columns = Vec::with_capacity(read.columns.len());
        for (name, ty) in read.columns {
            let reason = match object::is_nested(ty) && !session.connection().reads_objects() {
                true => Some(format!("{ty}, which the driver `thin` does not read")),
                false => unreadable(ty),
            };
            if let Some(reason) = reason {
                return Err(Error::new(
                    ErrorKind::Unsupported,
                    format!("column {name} cannot be read: its type is {reason}; leave it out"),
                )
                .with_table(read.table));
            }
            columns.push(ty.clone());
        }
        let files = read.columns.iter().find(|(_, ty)| *ty == OracleType::BFile);
        if let Some((name, _)) = files.filter(|_| session.server_version() < ServerVersion::V12_1) {
            let message = format!(
                "column {name} cannot be read: its type is BFILE, for which a query needs a function of its own (12.1 and later); leave it out"
            );
            return Err(Error::new(ErrorKind::Unsupported, message).with_table(read.table).with_column(name));
        }
        for (name, _) in read.expressions {
            if !read.columns.iter().any(|(column, _)| column == name) {
                let message = format!("there is an expression for column {name}, which is not among those to read");
                return Err(Error::new(ErrorKind::Malformed, message).with_table(read.table).with_column(name));
            }
        }
        let objects = object::extensible(session, read.columns).map_err(|e| e.with_table(read.table))?;
        if let Some(place) = objects.iter().find(|o| read.expressions.iter().any(|(of, _)| o.path.first() == Some(of)))
        {
            let message =
                format!("{} may be of a type under it, which cannot be told of an expression", place.declared);
            return Err(Error::new(ErrorKind::Unsupported, message).with_table(read.table));
        }
        let (by, from, to) = match read.range {
            ChunkRange::Whole => (RangeBy::RowId, None, None),
            ChunkRange::RowIds { from, to } => (RangeBy::RowId, from.as_deref(), to.as_deref()),
            ChunkRange::Keys { column, key_type, from, to } => {
                (RangeBy::Key(column, *key_type), from.as_deref(), to.as_deref())
            }
            ChunkRange::Hash { .. } => (RangeBy::Hash, None, None),
        };
        let range = RowRange {
            as_of: read.as_of.is_some(),
            by,
            from: from.is_some(),
            to: to.is_some(),
            condition: read.condition,
        };
        let lob_limit = read.lob_limit.filter(|_| read.as_of.is_some() && found_by != FoundBy::Nothing);
        let expression = |name| read.expressions.iter().find(|(of, _)| of == name).map(|(_, expression)| expression);
        let keeps_offsets = session.connection().keeps_offsets();
        let zoned = |ty: &OracleType| !keeps_offsets && is_zoned(ty);
        let texts: Vec<Option<SqlExpression>> = read
            .columns
            .iter()
            .map(|(name, ty)| zoned(ty).then(|| sql::read::zoned_as_text(name, expression(name))).transpose())
            .collect::<Result<_, _>>()?;
        let named = read.columns.iter().zip(&texts);
        let named = named.map(|((name, ty), text)| (name, ty, text.as_ref().or_else(|| expression(name))));
        let text = sql::read::rows(read.table, named.clone(), &objects, found_by, lob_limit, range);
        let scn = read.as_of.map(|scn| scn.0);
        let hash = match read.range {
            ChunkRange::Hash { buckets, bucket } => Some([buckets.saturating_sub(1), *bucket]),
            _ => None,
        };
        let mut binds: Vec<&dyn ToBind> = Vec::new();
        if let Some(scn) = &scn {
            binds.push(scn);
        }
        for end in [&from, &to].into_iter().flatten() {
            binds.push(end);
        }
        for number in hash.iter().flatten() {
            binds.push(number);
        }
        let (row_ids, key) = match found_by {
            FoundBy::Nothing => (false, &[][..]),
            FoundBy::RowId => (true, &[][..]),
            FoundBy::Key(key) => (false, key),
        };
        let row_bytes = row_bytes(&columns, row_ids, lob_limit);
        let array = array_size(row_bytes, read.batch_bytes);
        // Each chunk's text is used once or twice: the cache is for others.
        let zoned: Vec<usize> = (0..texts.len()).filter(|n| texts[*n].is_some()).collect();
        let fetch = Fetch { rows: u32::try_from(array).unwrap_or(1), row_bytes, cached: false, zoned: &zoned };
        let rows = session.connection().query(&text, &binds, fetch).map_err(|e| of_read(e, read.table, read.as_of))?;
        for (position, (name, ty)) in read.columns.iter().enumerate().filter(|(_, (_, ty))| object::is_nested(ty)) {
            if let Some(difference) = rows.type_difference(position, ty) {
                let message =
                    format!("the type of column {name} is not what it was planned as: {difference}; plan anew");
                return Err(Error::new(ErrorKind::TableChanged, message).with_table(read.table).with_column(name));
            }
        }
        let lobs = named.enumerate().filter_map(|(position, (name, ty, expression))| {
            LobColumn::new(position, name, ty, lob_limit.filter(|_| expression.is_none()))
        });
        Ok(TableReader {
            lobs: lobs.collect(),
            streamed: Vec::new(),
            first_id: 0,
            lob_reader: LobReader::new(session, read.table, key),
            forms: columns.iter().map(Form::of).collect(),
            objects,
            columns,
            rows,
            table: read.table.clone(),
            as_of: read.as_of,
            row_ids,
            key_columns: key.len(),
            array,
            batch_bytes: read.batch_bytes.max(1),
        })
    }
}

fn of_read(error: DriverError, table: &ObjectPath, as_of: Option<Scn>) -> Error {
    let code = error.ora_code();
    let mut error = Error::driver("reading rows", error).with_table(table);
    // Object no longer exists, invalid ROWID: what a scan meets whose blocks are another segment's by now.
    if let Some(8103 | 1410) = code {
        error = error.with_kind(
            ErrorKind::TableChanged,
            "reading rows failed: the table was dropped, truncated or moved while it was read; plan its chunks anew",
        );
    }
    match as_of {
        Some(scn) => error.with_scn(scn),
        None => error,
    }
}

impl BatchReader for TableReader {
    type Error = Error;

    fn columns(&self) -> &[OracleType] {
        &self.columns
    }

    fn read_batch(&mut self, batch: &mut RowBatch) -> Result<bool, Error> {
        batch.reset(self.columns.len());
        self.lob_reader.close();
        // An id of an earlier batch is none of this one.
        self.first_id = self.first_id.wrapping_add(u32::try_from(self.streamed.len()).unwrap_or(u32::MAX));
        self.streamed.clear();
        self.swap_target(batch);
        let result = self.drain();
        self.swap_target(batch);
        match result {
            Ok(()) => Ok(batch.rows() > 0),
            Err(e) => {
                batch.reset(self.columns.len());
                let subtype = TARGET.with_borrow_mut(|target| target.subtype.take());
                Err(match subtype.and_then(|(at, row_id)| Some((self.objects.get(at)?, row_id))) {
                    Some((place, row_id)) => self.of_subtype(place, row_id.as_deref()),
                    None => of_read(e, &self.table, self.as_of),
                })
            }
        }
    }

    fn read_lob(&mut self, lob: StreamedLob, piece: &mut BytesMut) -> Result<bool, Error> {
        let at = usize::try_from(lob.id.wrapping_sub(self.first_id)).ok();
        let known = at.and_then(|at| self.streamed.get(at)).filter(|streamed| streamed.length == lob.length);
        let found = known.and_then(|streamed| Some((streamed, self.lobs.get(streamed.column)?, self.as_of?)));
        let Some((streamed, column, as_of)) = found else {
            let error = Error::new(ErrorKind::LobGone, "a LOB was asked for that the batch read last does not have");
            return Err(error.with_table(&self.table));
        };
        self.lob_reader.read(lob.id, streamed, column, as_of, piece)
    }
}

impl TableReader {
    /// Lends this thread's target what the reader and the caller own, or takes it back.
    fn swap_target(&mut self, batch: &mut RowBatch) {
        TARGET.with_borrow_mut(|target| {
            target.row_ids = self.row_ids;
            target.key_columns = self.key_columns;
            target.first_id = self.first_id;
            std::mem::swap(&mut target.lobs, &mut self.lobs);
            std::mem::swap(&mut target.streamed, &mut self.streamed);
            std::mem::swap(&mut target.forms, &mut self.forms);
            std::mem::swap(&mut target.objects, &mut self.objects);
            std::mem::swap(&mut target.batch, batch);
        });
    }

    fn of_subtype(&self, place: &ObjectPlace, row_id: Option<&str>) -> Error {
        let names: Vec<&str> = place.path.iter().map(OracleIdent::as_str).collect();
        let message = format!(
            "{} is of a type under {}, and what that has more would be lost: leave the column or the row out",
            names.join("."),
            place.declared
        );
        let mut error = Error::new(ErrorKind::Unsupported, message).with_table(&self.table);
        if let Some(column) = place.path.first() {
            error = error.with_column(column);
        }
        if let Some(row_id) = row_id {
            error = error.with_row_id(row_id);
        }
        match self.as_of {
            Some(scn) => error.with_scn(scn),
            None => error,
        }
    }

    fn drain(&mut self) -> Result<(), DriverError> {
        for _ in 0..self.array {
            match self.rows.next() {
                None => break,
                Some(row) => {
                    let Drained = row?;
                }
            }
            if TARGET.with_borrow(|target| target.batch.byte_len()) >= self.batch_bytes {
                break;
            }
        }
        Ok(())
    }
}

impl fmt::Debug for TableReader {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TableReader").field("table", &self.table).field("as_of", &self.as_of).finish_non_exhaustive()
    }
}

impl FromRow for Drained {
    #[inline]
    fn from_row(row: &Row<'_>) -> Result<Self, DriverError> {
        TARGET.with_borrow_mut(
            |Target { batch, row_ids, key_columns, lobs, streamed, first_id, forms, objects, subtype }| {
                let columns = row.len().checked_sub(lobs.len() + objects.len() + usize::from(*row_ids) + *key_columns);
                let columns = columns.filter(|columns| *columns == forms.len());
                let columns = columns.ok_or_else(|| outside("a row with another number of values"))?;
                let mut present = lobs.iter().enumerate().peekable();
                let before = streamed.len();
                for (position, form) in forms.iter().enumerate() {
                    match form {
                        Form::Plain => {}
                        Form::Object => {
                            batch.push(row.object(position)?.as_ref());
                            continue;
                        }
                        Form::File => {
                            batch.push(file(row.value(position)?)?);
                            continue;
                        }
                    }
                    let presence = present.next_if(|(_, lob)| lob.position == position);
                    let value = row.value(position)?;
                    if !matches!(value, ValueRef::Null) {
                        batch.push(value);
                        continue;
                    }
                    let length = match presence {
                        Some((lob, _)) => length(row.value(columns + lob)?)?,
                        None => None,
                    };
                    batch.push(match (presence, length) {
                        (Some((column, lob)), Some(length)) => match lob.unfetched(length)? {
                            Unfetched::Empty(value) => value,
                            Unfetched::Long => {
                                let id =
                                    u32::try_from(streamed.len()).map_err(|_| outside("too many LOBs in a batch"))?;
                                streamed.push(Streamed { column, row: Vec::new(), length });
                                ValueRef::Streamed(StreamedLob { id: first_id.wrapping_add(id), length })
                            }
                        },
                        _ => ValueRef::Null,
                    });
                }
                let row_id = match *row_ids {
                    true => match row.value(columns + lobs.len() + objects.len())? {
                        ValueRef::Text(text) => Some(text),
                        _ => None,
                    },
                    false => None,
                };
                for at in 0..objects.len() {
                    if !matches!(row.value(columns + lobs.len() + at)?, ValueRef::Null) {
                        *subtype = Some((at, row_id.map(|row_id| String::from_utf8_lossy(row_id).into_owned())));
                        return Err(outside("an object of another type than the declared one"));
                    }
                }
                for lob in &mut streamed[before..] {
                    if *key_columns == 0 {
                        let row_id = row_id.and_then(|row_id| std::str::from_utf8(row_id).ok());
                        lob.row.push(row_id.ok_or_else(|| outside("no ROWID of a row with a long LOB"))?.to_owned());
                    }
                    for position in row.len() - *key_columns..row.len() {
                        lob.row.push(key_text(row.value(position)?)?);
                    }
                }
                batch.finish_row(row_id);
                Ok(Drained)
            },
        )
    }
}

fn outside(what: &str) -> DriverError {
    DriverError::value(format!("the driver gave {what}"))
}

/// A value of a key as the statement of a LOB takes it.
fn key_text(value: ValueRef<'_>) -> Result<String, DriverError> {
    let text = match value {
        ValueRef::Int(n) => Some(n.to_string()),
        ValueRef::Decimal(text) => Some(text.to_owned()),
        ValueRef::Text(text) => std::str::from_utf8(text).ok().map(str::to_owned),
        _ => None,
    };
    text.ok_or_else(|| outside("no value of the key of a row with a long LOB"))
}

/// The locator that a text stands for.
fn file(value: ValueRef<'_>) -> Result<ValueRef<'_>, DriverError> {
    let ValueRef::Text(text) = value else { return Ok(ValueRef::Null) };
    let parts = std::str::from_utf8(text).ok().and_then(|text| {
        let (length, names) = text.split_once(':')?;
        // In characters.
        let (at, _) = names.char_indices().chain([(names.len(), ' ')]).nth(length.parse().ok()?)?;
        Some(names.split_at(at))
    });
    let (directory, file) = parts.ok_or_else(|| outside("a BFILE's locator that is none"))?;
    Ok(ValueRef::Bfile(BfileLocator { directory, file }))
}

/// A LOB's length; `None` where the LOB is NULL.
fn length(value: ValueRef<'_>) -> Result<Option<u64>, DriverError> {
    let length = match value {
        ValueRef::Null => return Ok(None),
        ValueRef::Int(n) => u64::try_from(n).ok(),
        ValueRef::Decimal(text) => text.parse().ok(),
        _ => None,
    };
    length.map(Some).ok_or_else(|| outside("a length that is none"))
}

/// Types that drivers may give without their offset.
fn is_zoned(ty: &OracleType) -> bool {
    matches!(ty, OracleType::TimestampTz { .. } | OracleType::TimestampLtz { .. })
}

/// The type, or the part of it, that cannot be read.
fn unreadable(ty: &OracleType) -> Option<String> {
    match buffer_bytes(ty, None) {
        None => Some(ty.to_string()),
        Some(_) if object::is_nested(ty) => object::unreadable(ty),
        Some(_) => None,
    }
}

/// The bytes that the driver sets aside for one value, or that are expected of one; `None` where it cannot be read.
fn buffer_bytes(ty: &OracleType, lob_limit: Option<u64>) -> Option<usize> {
    let wide = |length: u32, bytes: usize| usize::try_from(length).unwrap_or(usize::MAX).saturating_mul(bytes);
    let most = |bytes: u64| {
        let limit = lob_limit.and_then(|limit| usize::try_from(limit.saturating_mul(bytes)).ok());
        limit.map_or(LOB_BYTES, |limit| limit.clamp(1, LOB_BYTES))
    };
    Some(match ty {
        // The client's UTF-8 takes up to four bytes a character; a byte of another character set up to three.
        OracleType::Char { length, unit } | OracleType::Varchar2 { length, unit } => {
            wide(*length, if *unit == LengthUnit::Char { 4 } else { 3 })
        }
        OracleType::NChar { length } | OracleType::NVarchar2 { length } => wide(*length, 4),
        OracleType::Raw { length } => wide(*length, 1),
        OracleType::Clob | OracleType::NClob => most(3),
        OracleType::Blob => most(1),
        OracleType::Long | OracleType::LongRaw | OracleType::Xml | OracleType::Json | OracleType::Vector { .. } => {
            LOB_BYTES
        }
        OracleType::Object(_) | OracleType::Collection(_) | OracleType::Geometry => OBJECT_BYTES,
        OracleType::URowId { .. } | OracleType::BFile => 4000,
        OracleType::Number { .. }
        | OracleType::Float { .. }
        | OracleType::BinaryFloat
        | OracleType::BinaryDouble
        | OracleType::Date
        | OracleType::Timestamp { .. }
        | OracleType::TimestampTz { .. }
        | OracleType::TimestampLtz { .. }
        | OracleType::IntervalYm { .. }
        | OracleType::IntervalDs { .. }
        | OracleType::RowId
        | OracleType::Boolean => 24,
        _ => return None,
    })
}

fn row_bytes(columns: &[OracleType], row_ids: bool, lob_limit: Option<u64>) -> usize {
    columns.iter().filter_map(|ty| buffer_bytes(ty, lob_limit)).sum::<usize>() + if row_ids { 18 } else { 0 }
}

fn array_size(row_bytes: usize, batch_bytes: usize) -> usize {
    (batch_bytes / row_bytes.max(1)).clamp(1, MAX_ARRAY)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn array_follows_bytes() {
        let number = OracleType::Number { precision: None, scale: None };
        let array_size = |columns: &[OracleType], row_ids, lob_limit, batch_bytes| {
            array_size(row_bytes(columns, row_ids, lob_limit), batch_bytes)
        };
        assert_eq!(array_size(std::slice::from_ref(&number), true, None, 42 * 100), 100);
        assert_eq!(array_size(&[OracleType::Clob], false, None, 1024), 1);
        assert_eq!(array_size(&[OracleType::Clob, OracleType::Blob], false, Some(1000), 40_000), 10);
        assert_eq!(array_size(&[OracleType::Blob], false, Some(u64::MAX), LOB_BYTES * 7), 7);
        assert_eq!(array_size(&[number], false, None, usize::MAX), MAX_ARRAY);
    }

    #[test]
    fn locators_of_files() {
        let locator = |text: &'static str| match file(ValueRef::Text(text.as_bytes())) {
            Ok(ValueRef::Bfile(BfileLocator { directory, file })) => Some((directory, file)),
            _ => None,
        };
        assert_eq!(locator("4:DOCSa/b:c.pdf"), Some(("DOCS", "a/b:c.pdf")));
        assert_eq!(locator("2:Öé"), Some(("Öé", "")));
        assert_eq!(locator("5:DOCS"), None);
        assert_eq!(locator("DOCS"), None);
        assert_eq!(file(ValueRef::Null).unwrap(), ValueRef::Null);
    }

    #[test]
    fn reader_can_change_threads() {
        fn is_send<T: Send>() {}
        is_send::<TableReader>();
        is_send::<Session>();
    }
}
