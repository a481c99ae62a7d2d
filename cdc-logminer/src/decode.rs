use crate::{
    Assignment, Assignments, Change, ColumnImage, Ddl, Irregularity, LobError, Operation, OperationCode, RedoRow,
    Scanner, Statement, StatementError, StatementErrorKind, StatementKind, Xid, ddl::Parsed, lob::text_of_utf16,
};
use schema_map::{ObjectPath, OracleIdent};
use std::{borrow::Cow, collections::HashMap, fmt, sync::Arc};
use type_convert::{
    OracleType, Scn, Value,
    literal::{self, LiteralError, Readable},
};

/// The columns of one followed table, in the order of every image of its changes.
#[derive(Debug, Clone, PartialEq)]
pub struct TableColumns {
    /// The table.
    pub path: Arc<ObjectPath>,
    /// Names and types. Values of a column of [`OracleType::Other`] are text, as [`literal::readable`] gives it.
    pub columns: Vec<(OracleIdent, OracleType)>,
}

/// The tables that are followed: redo of others is skipped, and only that.
#[derive(Debug, Clone, Default)]
pub struct TableSet {
    // Owner, then table: redo rows name both as text, and are looked up without making a path of them.
    owners: HashMap<String, HashMap<String, Followed>>,
    objects: HashMap<u64, ObjectVersions>,
}

#[derive(Debug, Clone)]
pub(crate) struct Followed {
    pub(crate) columns: Arc<TableColumns>,
    positions: HashMap<String, usize>,
    /// Whether a column may have redo rows of its own.
    pub(crate) has_lobs: bool,
}

/// What an object number stands for.
#[derive(Debug, Clone)]
struct ObjectVersions {
    path: Arc<ObjectPath>,
    /// The columns of each version, as positions in the table's followed columns.
    versions: HashMap<u64, Vec<(String, OracleType)>>,
}

impl TableSet {
    /// Adds a table, in place of one of the same path.
    pub fn insert(&mut self, table: TableColumns) {
        let positions = table.columns.iter().enumerate().map(|(i, (name, _))| (name.as_str().to_owned(), i)).collect();
        let owner = self.owners.entry(table.path.schema.as_str().to_owned()).or_default();
        owner.insert(table.path.name.as_str().to_owned(), {
            let has_lobs = table.columns.iter().any(|(_, ty)| is_lob(ty));
            Followed { columns: Arc::new(table), positions, has_lobs }
        });
    }

    /// Says which columns version `version` (`DATA_OBJV#`) of a followed table had, whose number (`DATA_OBJ#`) is `object`, in the
    /// order of `COL 1`, `COL 2`, … . With this, rows that LogMiner could not decode (`"UNKNOWN"."OBJ# 4711"`, a table whose
    /// definition is another now than it was in the redo) can be.
    pub fn insert_version(&mut self, object: u64, version: u64, table: TableColumns) {
        let columns = table.columns.into_iter().map(|(name, ty)| (name.as_str().to_owned(), ty)).collect();
        let object = self
            .objects
            .entry(object)
            .or_insert_with(|| ObjectVersions { path: Arc::clone(&table.path), versions: HashMap::new() });
        object.path = table.path;
        object.versions.insert(version, columns);
    }

    /// Looks a table up by its names as the dictionary and `V$LOGMNR_CONTENTS` have them.
    pub fn get(&self, owner: &str, table: &str) -> Option<&TableColumns> {
        self.followed(owner, table).map(|f| &*f.columns)
    }

    /// All tables, in no order.
    pub fn iter(&self) -> impl Iterator<Item = &TableColumns> {
        self.owners.values().flat_map(HashMap::values).map(|f| &*f.columns)
    }

    pub(crate) fn followed(&self, owner: &str, table: &str) -> Option<&Followed> {
        self.owners.get(owner)?.get(table)
    }

    /// The table of a row; `None` where it is not followed.
    pub(crate) fn table_of(&self, row: &RedoRow) -> Result<Option<&Followed>, DecodeError> {
        let (Some(owner), Some(table)) = (&row.seg_owner, &row.table_name) else { return Ok(None) };
        if let Some(followed) = self.followed(owner, table) {
            return Ok(Some(followed));
        }
        let Some(object) = undecoded(owner, table) else { return Ok(None) };
        let Some(known) = self.objects.get(&object) else {
            let detail = "LogMiner could not tell which table this is, and its number is not among those known: \
                          whether it is followed is not known";
            return Err(DecodeError::new(row, DecodeErrorKind::UnknownObject, detail));
        };
        Ok(self.followed(known.path.schema.as_str(), known.path.name.as_str()))
    }

    /// Reads a redo row of a followed table, CSF pieces already joined.
    ///
    /// Where it cannot be read strictly, apostrophes that LogMiner did not double are looked for
    /// ([`Scanner::scan_repairing`]); [`Scanner::repairs`] counts how often that gave the change.
    pub fn decode(&self, scanner: &mut Scanner, row: &RedoRow) -> Result<Change, DecodeError> {
        if row.operation == OperationCode::DDL {
            return self.decode_ddl(row);
        }
        let sql = row
            .sql_redo
            .as_deref()
            .ok_or_else(|| DecodeError::new(row, DecodeErrorKind::NoStatement, "the row has no SQL_REDO"))?;
        let strict = match scanner.scan(sql) {
            Ok(statement) => self.change(row, statement),
            Err(source) => Err(DecodeError::statement(row, source)),
        };
        match strict {
            Err(error) if error.kind() == DecodeErrorKind::Statement => {
                // Any name may be a column's here. Were those of the table asked for, a column that it got or lost
                // since they were read would be taken for a piece of the text before it; so it is an error.
                let statement =
                    scanner.scan_repairing(sql, None).map_err(|source| DecodeError::statement(row, source))?;
                self.change(row, statement)
            }
            decided => decided,
        }
    }

    fn change(&self, row: &RedoRow, statement: Statement<'_>) -> Result<Change, DecodeError> {
        let other_table = || {
            let detail = format!("its statement is on {}.{}", statement.owner, statement.table);
            DecodeError::new(row, DecodeErrorKind::OtherTable, detail)
        };
        let by_name = self.followed(statement.owner, statement.table);
        let (followed, version) = match (by_name, undecoded(statement.owner, statement.table)) {
            (Some(followed), _) => (followed, None),
            (None, None) => return Err(other_table()),
            (None, Some(object)) => {
                let known = self.objects.get(&object).ok_or_else(other_table)?;
                let followed = self.followed(known.path.schema.as_str(), known.path.name.as_str());
                let version = known.versions.get(&row.data_objv).ok_or_else(|| {
                    let detail = format!(
                        "LogMiner could not decode it, and the columns of version {} of object {object} are not known",
                        row.data_objv
                    );
                    DecodeError::new(row, DecodeErrorKind::UnknownObject, detail)
                })?;
                (followed.ok_or_else(other_table)?, Some(version.as_slice()))
            }
        };
        let images = |assignments| followed.images(row, statement.kind, assignments, version);
        let operation = match statement.kind {
            StatementKind::Insert => {
                let mut after = images(statement.set)?;
                followed.note_lobs(&mut after);
                Operation::Insert { after }
            }
            StatementKind::Update => {
                let mut before = images(statement.condition)?;
                followed.note_lobs(&mut before);
                Operation::Update { before, after: images(statement.set)? }
            }
            StatementKind::Delete => {
                let mut before = images(statement.condition)?;
                followed.note_lobs(&mut before);
                Operation::Delete { before }
            }
        };
        let row_id = real_row_id(row.row_id.as_deref().or(statement.row_id));
        Ok(Change {
            table: Arc::clone(&followed.columns.path),
            scn: row.scn,
            row_id: row_id.map(str::to_owned),
            operation,
        })
    }

    fn decode_ddl(&self, row: &RedoRow) -> Result<Change, DecodeError> {
        let followed = self.table_of(row)?.ok_or_else(|| {
            DecodeError::new(row, DecodeErrorKind::OtherTable, "the DDL is on a table that is not followed")
        })?;
        let text = row.sql_redo.as_deref().unwrap_or_default();
        let operation = match Ddl::parse(text, row.data_objv) {
            Parsed::Truncate => Operation::Truncate,
            Parsed::Ddl(ddl) => Operation::Ddl(ddl),
        };
        Ok(Change { table: Arc::clone(&followed.columns.path), scn: row.scn, row_id: None, operation })
    }
}

impl Followed {
    /// The images of assignments in the order of the table's columns. `version` has the columns that `COL n` names.
    pub(crate) fn images(
        &self,
        row: &RedoRow,
        kind: StatementKind,
        assignments: Assignments<'_>,
        version: Option<&[(String, OracleType)]>,
    ) -> Result<Vec<ColumnImage>, DecodeError> {
        let columns = &self.columns.columns;
        let mut images = Vec::with_capacity(columns.len());
        for (n, assignment) in assignments.iter().enumerate() {
            let unknown = || DecodeError::unknown_column(row, kind, assignment);
            let (position, ty) = match version {
                None => {
                    // LogMiner lists columns in the table's order, as far as it lists them.
                    let position = match columns.get(n) {
                        Some((name, _)) if name.as_str() == assignment.column => n,
                        _ => *self.positions.get(assignment.column).ok_or_else(unknown)?,
                    };
                    (position, &columns[position].1)
                }
                Some(version) => {
                    let number = assignment.column.strip_prefix("COL ").and_then(|n| n.parse::<usize>().ok());
                    let (name, ty) =
                        number.and_then(|number| version.get(number.checked_sub(1)?)).ok_or_else(unknown)?;
                    (*self.positions.get(name).ok_or_else(unknown)?, ty)
                }
            };
            let undecoded = if version.is_some() { undecoded_text(assignment.literal, ty) } else { None };
            let image = match undecoded {
                None => {
                    image(assignment.escaped, ty).map_err(|source| DecodeError::literal(row, assignment, source))?
                }
                Some(text) => text.ok_or_else(|| DecodeError::no_text(row, assignment))?,
            };
            // Usually the next one.
            if position == images.len() {
                images.push(image);
            } else if position > images.len() {
                images.resize(position, ColumnImage::NotLogged);
                images.push(image);
            } else if images[position] == ColumnImage::NotLogged {
                images[position] = image;
            } else {
                return Err(DecodeError::repeated(row, assignment));
            }
        }
        images.resize(columns.len(), ColumnImage::NotLogged);
        Ok(images)
    }

    pub(crate) fn has_long(&self) -> bool {
        self.columns.columns.iter().any(|(_, ty)| matches!(ty, OracleType::Long | OracleType::LongRaw))
    }

    /// The position of a column.
    pub(crate) fn position(&self, row: &RedoRow, column: &str) -> Result<usize, DecodeError> {
        self.positions.get(column).copied().ok_or_else(|| {
            let detail = format!("the table is not known to have a column {column:?}");
            DecodeError::new(row, DecodeErrorKind::UnknownColumn, detail)
        })
    }

    /// LOBs are not in the redo of a row that does not set them: nothing is known of them then.
    pub(crate) fn note_lobs(&self, images: &mut [ColumnImage]) {
        if !self.has_lobs {
            return;
        }
        for (image, (_, ty)) in images.iter_mut().zip(&self.columns.columns) {
            if *image == ColumnImage::NotLogged && is_lob(ty) {
                *image = ColumnImage::LobNotLogged;
            }
        }
    }
}

/// Types whose content has redo rows of its own.
pub(crate) fn is_lob(ty: &OracleType) -> bool {
    matches!(ty, OracleType::Clob | OracleType::NClob | OracleType::Blob | OracleType::Xml | OracleType::Json)
}

/// The ROWID of rows that have one: LOB rows and some others have one of nothing but `A`.
pub(crate) fn real_row_id(row_id: Option<&str>) -> Option<&str> {
    row_id.filter(|r| r.bytes().any(|b| b != b'A'))
}

/// The number of a table that LogMiner could not name: `"UNKNOWN"."OBJ# 4711"`.
fn undecoded(owner: &str, table: &str) -> Option<u64> {
    if owner == "UNKNOWN" { table.strip_prefix("OBJ#")?.trim().parse().ok() } else { None }
}

impl FromIterator<TableColumns> for TableSet {
    fn from_iter<I: IntoIterator<Item = TableColumns>>(tables: I) -> Self {
        let mut set = Self::default();
        tables.into_iter().for_each(|t| set.insert(t));
        set
    }
}

#[inline]
fn image(text: &str, ty: &OracleType) -> Result<ColumnImage, LiteralError> {
    if matches!(ty, OracleType::Other { .. } | OracleType::Xml | OracleType::Json) {
        return special_image(text, ty);
    }
    if text.eq_ignore_ascii_case("unsupported type") {
        return Ok(ColumnImage::Unsupported);
    }
    literal::parse(text, ty).map(ColumnImage::Value)
}

/// Of types that literals do not tell whole, or at all.
#[inline(never)]
fn special_image(text: &str, ty: &OracleType) -> Result<ColumnImage, LiteralError> {
    // What such a literal says, whoever knows the type or not.
    let says = |readable| match readable {
        Readable::Value(text) => ColumnImage::Value(Value::Text(Cow::into_owned(text))),
        Readable::Null => ColumnImage::Value(Value::Null),
        Readable::Unsupported => ColumnImage::Unsupported,
    };
    if text.eq_ignore_ascii_case("unsupported type") || matches!(ty, OracleType::Other { .. }) {
        return literal::readable(text).map(says);
    }
    const CALL: &str = "XMLTYPE(";
    let argument = text
        .split_at_checked(CALL.len())
        .filter(|(call, _)| *ty == OracleType::Xml && call.eq_ignore_ascii_case(CALL))
        .and_then(|(_, rest)| rest.strip_suffix(')'));
    match argument {
        // A document that rows of its own hold.
        Some(":1") => return Ok(ColumnImage::LobNotLogged),
        Some(document) => return literal::parse(document, ty).map(ColumnImage::Value),
        None => {}
    }
    // A value that LOB operations write: until then no bytes of it.
    let binary = text.trim_start_matches("/* JSON */").trim();
    if *ty == OracleType::Json && binary.eq_ignore_ascii_case("EMPTY_BLOB()") {
        return Ok(ColumnImage::Value(Value::Bytes(Vec::new())));
    }
    literal::parse(text, ty).map(ColumnImage::Value)
}

/// A text in Oracle's own bytes, as LogMiner gives it where it does not know the column: `HEXTORAW('6162')`, in the database's
/// character set, which must be UTF-8 or a part of it, or in the national one, which must be UTF-16.
fn undecoded_text(literal: &str, ty: &OracleType) -> Option<Option<ColumnImage>> {
    let national = matches!(ty, OracleType::NChar { .. } | OracleType::NVarchar2 { .. });
    let text = matches!(ty, OracleType::Char { .. } | OracleType::Varchar2 { .. } | OracleType::Long);
    let Ok(Value::Bytes(bytes)) = literal::parse(literal, &OracleType::LongRaw) else { return None };
    let text = match (text, national) {
        (true, _) => String::from_utf8(bytes).ok(),
        (_, true) => text_of_utf16(&bytes),
        _ => return None,
    };
    Some(text.map(|text| ColumnImage::Value(Value::Text(text))))
}

/// A redo row that cannot be read in full. Its transaction is never delivered.
#[derive(Debug)]
pub struct DecodeError(Box<Inner>);

#[derive(Debug)]
struct Inner {
    kind: DecodeErrorKind,
    scn: Scn,
    rs_id: String,
    xid: Xid,
    table: Option<String>,
    offset: Option<usize>,
    detail: String,
    source: Option<Box<dyn std::error::Error + Send + Sync>>,
}

/// The kinds of [`DecodeError`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum DecodeErrorKind {
    /// The statement is not of LogMiner's grammar.
    Statement,
    /// A value is not of its column's type.
    Value,
    /// The statement names a column that the table did not have when following began.
    UnknownColumn,
    /// Apostrophes within the statement's texts are not doubled, and there is more than one way to read it.
    Ambiguous,
    /// A data row without a statement.
    NoStatement,
    /// The row says one table and its statement another.
    OtherTable,
    /// Rows about the content of a LOB, an XML document or a 32 K string that cannot be put together; see [`crate::LobError`].
    Lob,
    /// A row that LogMiner could not decode, of an object or a version of one whose columns are not known.
    UnknownObject,
    /// What LogMiner itself could not tell, or redo that is missing.
    Irregular(Irregularity),
    /// A statement in several pieces (CSF) whose pieces do not belong together, or whose end is missing.
    Pieces,
    /// A row that undoes a change which the transaction does not have.
    UnmatchedUndo,
}

impl DecodeError {
    pub(crate) fn new(row: &RedoRow, kind: DecodeErrorKind, detail: impl Into<String>) -> Self {
        DecodeError(Box::new(Inner {
            kind,
            scn: row.scn,
            rs_id: row.rs_id.clone(),
            xid: row.xid,
            table: match (&row.seg_owner, &row.table_name) {
                (Some(owner), Some(table)) => Some(format!("{owner}.{table}")),
                _ => None,
            },
            offset: None,
            detail: detail.into(),
            source: None,
        }))
    }

    fn statement(row: &RedoRow, source: StatementError) -> Self {
        let kind = match source.kind() {
            StatementErrorKind::Ambiguous | StatementErrorKind::TooManyReadings => DecodeErrorKind::Ambiguous,
            StatementErrorKind::NoStatement => DecodeErrorKind::NoStatement,
            _ => DecodeErrorKind::Statement,
        };
        let mut error = Self::new(row, kind, source.to_string());
        error.0.offset = Some(source.offset());
        error.0.source = Some(Box::new(source));
        error
    }

    pub(crate) fn lob(row: &RedoRow, source: LobError) -> Self {
        let mut error = Self::new(row, DecodeErrorKind::Lob, source.to_string());
        error.0.offset = source.offset();
        error.0.source = Some(Box::new(source));
        error
    }

    pub(crate) fn lob_column(row: &RedoRow, column: &str, source: LobError) -> Self {
        let mut error = Self::lob(row, source);
        error.0.detail = format!("the content of column {column:?} cannot be told: {}", error.0.detail);
        error
    }

    fn unknown_column(row: &RedoRow, kind: StatementKind, assignment: Assignment<'_>) -> Self {
        // The names of an INSERT come before its values. Others may be pieces of a text that is not escaped, which no
        // error may tell.
        let name = match kind {
            StatementKind::Insert => format!("a column {:?}", assignment.column),
            _ => format!("the column whose value is at byte {} of its statement", assignment.offset),
        };
        let detail = format!("the table is not known to have {name}");
        let mut error = Self::new(row, DecodeErrorKind::UnknownColumn, detail);
        error.0.offset = Some(assignment.offset);
        error
    }

    fn no_text(row: &RedoRow, assignment: Assignment<'_>) -> Self {
        let detail = format!("the bytes of column {:?} are no text in UTF-8 or UTF-16", assignment.column);
        let mut error = Self::new(row, DecodeErrorKind::Value, detail);
        error.0.offset = Some(assignment.offset);
        error
    }

    fn repeated(row: &RedoRow, assignment: Assignment<'_>) -> Self {
        let mut error = Self::new(row, DecodeErrorKind::Statement, "its statement has a column twice in one list");
        error.0.offset = Some(assignment.offset);
        error
    }

    fn literal(row: &RedoRow, assignment: Assignment<'_>, source: LiteralError) -> Self {
        let detail = format!("the value of column {:?} cannot be read: {source}", assignment.column);
        let mut error = Self::new(row, DecodeErrorKind::Value, detail);
        // Within a literal that was repaired, places are not those of the statement.
        let within = if assignment.repaired { 0 } else { source.offset() };
        error.0.offset = Some(assignment.offset + within);
        error.0.source = Some(Box::new(source));
        error
    }

    /// What went wrong.
    pub fn kind(&self) -> DecodeErrorKind {
        self.0.kind
    }

    /// `SCN` of the row.
    pub fn scn(&self) -> Scn {
        self.0.scn
    }

    /// `RS_ID` of the row.
    pub fn rs_id(&self) -> &str {
        &self.0.rs_id
    }

    /// `XID` of the row.
    pub fn xid(&self) -> Xid {
        self.0.xid
    }

    /// The table of the row, `OWNER.NAME`.
    pub fn table(&self) -> Option<&str> {
        self.0.table.as_deref()
    }

    /// Where in the statement, in bytes from its start.
    pub fn offset(&self) -> Option<usize> {
        self.0.offset
    }
}

/// Says where and why; never the values of the row, which may be secret.
impl fmt::Display for DecodeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Inner { scn, rs_id, xid, table, detail, .. } = &*self.0;
        write!(f, "redo row at SCN {scn}, RS_ID {rs_id}, transaction {xid}")?;
        if let Some(table) = table {
            write!(f, ", table {table}")?;
        }
        write!(f, ": {detail}")
    }
}

impl std::error::Error for DecodeError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.0.source.as_deref().map(|e| e as &(dyn std::error::Error + 'static))
    }
}
