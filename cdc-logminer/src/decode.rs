use crate::{
    Change, ColumnImage, Operation, RedoRow, Scanner, Statement, StatementError, StatementErrorKind, StatementKind, Xid,
};
use schema_map::{ObjectPath, OracleIdent};
use std::{collections::HashMap, fmt, sync::Arc};
use type_convert::{
    OracleType, Scn,
    literal::{self, LiteralError},
};

/// The columns of one followed table, in the order of every image of its changes.
#[derive(Debug, Clone, PartialEq)]
pub struct TableColumns {
    /// The table.
    pub path: Arc<ObjectPath>,
    /// Names and types.
    pub columns: Vec<(OracleIdent, OracleType)>,
}

/// The tables that are followed: redo of others is skipped, and only that.
#[derive(Debug, Clone, Default)]
pub struct TableSet {
    // Owner, then table: redo rows name both as text, and are looked up without making a path of them.
    owners: HashMap<String, HashMap<String, Followed>>,
}

#[derive(Debug, Clone)]
struct Followed {
    columns: TableColumns,
    positions: HashMap<String, usize>,
}

impl TableSet {
    /// Adds a table, in place of one of the same path.
    pub fn insert(&mut self, table: TableColumns) {
        let positions = table.columns.iter().enumerate().map(|(i, (name, _))| (name.as_str().to_owned(), i)).collect();
        let owner = self.owners.entry(table.path.schema.as_str().to_owned()).or_default();
        owner.insert(table.path.name.as_str().to_owned(), Followed { columns: table, positions });
    }

    /// Looks a table up by its names as the dictionary and `V$LOGMNR_CONTENTS` have them.
    pub fn get(&self, owner: &str, table: &str) -> Option<&TableColumns> {
        self.followed(owner, table).map(|f| &f.columns)
    }

    /// All tables, in no order.
    pub fn iter(&self) -> impl Iterator<Item = &TableColumns> {
        self.owners.values().flat_map(HashMap::values).map(|f| &f.columns)
    }

    fn followed(&self, owner: &str, table: &str) -> Option<&Followed> {
        self.owners.get(owner)?.get(table)
    }

    /// Whether this row belongs to a followed table.
    pub(crate) fn follows(&self, row: &RedoRow) -> bool {
        match (&row.seg_owner, &row.table_name) {
            (Some(owner), Some(table)) => self.followed(owner, table).is_some(),
            _ => false,
        }
    }

    /// Reads the statement of a redo row of a followed table, CSF pieces already joined.
    ///
    /// Where it cannot be read strictly, apostrophes that LogMiner did not double are looked for
    /// ([`Scanner::scan_repairing`]); [`Scanner::repairs`] counts how often that gave the change.
    pub fn decode(&self, scanner: &mut Scanner, row: &RedoRow) -> Result<Change, DecodeError> {
        let error = |kind, detail: String| DecodeError::new(row, kind, detail);
        let sql = row
            .sql_redo
            .as_deref()
            .ok_or_else(|| error(DecodeErrorKind::NoStatement, "the row has no SQL_REDO".to_owned()))?;
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
        let error = |kind, detail: String| DecodeError::new(row, kind, detail);
        let followed = self.followed(statement.owner, statement.table).ok_or_else(|| {
            error(DecodeErrorKind::OtherTable, format!("its statement is on {}.{}", statement.owner, statement.table))
        })?;
        let images = |assignments: crate::Assignments<'_>| {
            let columns = followed.columns.columns.len();
            let mut images = Vec::with_capacity(columns);
            for (n, assignment) in assignments.iter().enumerate() {
                // LogMiner lists columns in the table's order, as far as it lists them.
                let position = match followed.columns.columns.get(n) {
                    Some((name, _)) if name.as_str() == assignment.column => n,
                    _ => *followed
                        .positions
                        .get(assignment.column)
                        .ok_or_else(|| DecodeError::unknown_column(row, statement.kind, assignment))?,
                };
                let image = image(assignment.escaped, &followed.columns.columns[position].1)
                    .map_err(|source| DecodeError::literal(row, assignment, source))?;
                match images.get_mut(position) {
                    Some(ColumnImage::NotLogged) => images[position] = image,
                    Some(_) => return Err(DecodeError::repeated(row, assignment)),
                    None => {
                        images.resize(position, ColumnImage::NotLogged);
                        images.push(image);
                    }
                }
            }
            images.resize(columns, ColumnImage::NotLogged);
            Ok(images)
        };
        let operation = match statement.kind {
            StatementKind::Insert => Operation::Insert { after: images(statement.set)? },
            StatementKind::Update => {
                Operation::Update { before: images(statement.condition)?, after: images(statement.set)? }
            }
            StatementKind::Delete => Operation::Delete { before: images(statement.condition)? },
        };
        let row_id = row.row_id.as_deref().or(statement.row_id).filter(|r| r.bytes().any(|b| b != b'A'));
        Ok(Change {
            table: Arc::clone(&followed.columns.path),
            scn: row.scn,
            row_id: row_id.map(str::to_owned),
            operation,
        })
    }
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
    if text.eq_ignore_ascii_case("unsupported type") {
        return Ok(ColumnImage::Unsupported);
    }
    literal::parse(text, ty).map(ColumnImage::Value)
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
    /// `STATUS` is not 0: LogMiner itself could not rebuild the statement.
    Status,
    /// An operation on a followed table that cannot be carried over (LOB pieces, XML documents, `UNSUPPORTED`, …).
    Operation,
    /// DDL that changes a followed table's rows or shape.
    Ddl,
    /// Redo is missing (`MISSING_SCN`).
    MissingRedo,
    /// A statement in several pieces (CSF) whose pieces do not belong together, or whose end is missing.
    Pieces,
    /// A row that undoes a change which the transaction does not have.
    UnmatchedUndo,
    /// A transaction to be delivered whose beginning lies before the redo that was read.
    Beginning,
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

    fn unknown_column(row: &RedoRow, kind: StatementKind, assignment: crate::Assignment<'_>) -> Self {
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

    fn repeated(row: &RedoRow, assignment: crate::Assignment<'_>) -> Self {
        let mut error = Self::new(row, DecodeErrorKind::Statement, "its statement has a column twice in one list");
        error.0.offset = Some(assignment.offset);
        error
    }

    fn literal(row: &RedoRow, assignment: crate::Assignment<'_>, source: LiteralError) -> Self {
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
