//! What a dictionary and a running instance tell beyond the catalog: sizes, states, redo, open transactions. Plain data, for an
//! assessment; everything that a user's rights or a version do not show is left out and said so.

pub mod sql;

use crate::{Error, ErrorKind, Session, driver::ToBind, session::Record};
use schema_map::{ObjectPath, OracleIdent, Table};
use std::collections::{BTreeMap, BTreeSet};
use type_convert::OracleType;

/// What was found. A list is `None` where its view could not be read; [`unseen`](Inventory::unseen) says why.
#[derive(Debug, Clone, PartialEq, Default)]
#[non_exhaustive]
pub struct Inventory {
    /// `NLS_CHARACTERSET` and `NLS_NCHAR_CHARACTERSET`.
    pub character_sets: Option<(String, String)>,
    /// Every object of the schemas, without partitions.
    pub objects: Option<Vec<ObjectState>>,
    /// How every table of the schemas is kept.
    pub tables: Option<Vec<TableState>>,
    /// Public database links; those of schemas are in the catalog.
    pub public_links: Option<Vec<OracleIdent>>,
    /// Which object refers to which.
    pub dependencies: Option<Vec<DependencyRow>>,
    /// Redo of the last seven days: the hour it began in, and bytes.
    pub redo: Option<Vec<(String, u64)>>,
    /// Open transactions: how many, and the age of the oldest in seconds.
    pub transactions: Option<(u64, u64)>,
    /// `UNDO_RETENTION` in seconds.
    pub undo_retention_s: Option<u64>,
    /// Views that could not be read, each with the reason.
    pub unseen: Vec<(&'static str, String)>,
}

/// An object as `ALL_OBJECTS` has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ObjectState {
    /// Owner and name.
    pub path: ObjectPath,
    /// `TABLE`, `PACKAGE BODY`, `JOB`, `QUEUE`, …
    pub object_type: String,
    /// `VALID`.
    pub valid: bool,
}

/// How a table is kept. Its rows and bytes are in the catalog, in [`Catalog::sizes`](schema_map::Catalog::sizes).
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct TableState {
    /// Owner and name.
    pub path: ObjectPath,
    /// `LOGGING = 'NO'` is false; NULL, which partitioned tables have, is `None`.
    pub logging: Option<bool>,
    /// `COMPRESS_FOR`, where it is compressed.
    pub compression: Option<String>,
    /// Whether a column is encrypted; `None` where that cannot be seen.
    pub encrypted: Option<bool>,
    /// The columns that `DBA_LOGSTDBY_UNSUPPORTED` lists, with their types.
    pub not_mined: Vec<(String, String)>,
}

/// A row of `ALL_DEPENDENCIES`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DependencyRow {
    /// The object that refers.
    pub path: ObjectPath,
    /// Its type as in [`ObjectState`].
    pub object_type: String,
    /// What it refers to.
    pub referenced: ObjectPath,
}

/// What was found in a column by looking at rows.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct ColumnSample {
    /// The column.
    pub column: OracleIdent,
    /// The longest LOB, as `DBMS_LOB.GETLENGTH` counts: bytes or characters.
    pub longest: Option<u64>,
    /// The smallest and the largest number, as Oracle prints them.
    pub range: Option<(String, String)>,
    /// Numbers with a fraction.
    pub fractions: Option<u64>,
    /// Texts with U+0000.
    pub zero_characters: Option<u64>,
    /// Texts with bytes that are no characters of their character set; `None` where no function of the server could be asked.
    pub bad_encodings: Option<u64>,
}

/// By how many bytes the data of tables and of their LOBs grew: see [`read_growth`].
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct Growth {
    /// Over how many days, at most those asked for: the repository may not go back further.
    pub days: u64,
    /// Bytes by table, with those of its partitions and LOBs; less than 0 where it shrank.
    pub tables: BTreeMap<ObjectPath, i64>,
}

/// Reads by how much tables grew in the last days, from the Automatic Workload Repository: `None` where it cannot be read or has no snapshots.
///
/// **Only for databases with a licence for Oracle's Diagnostics Pack**, which querying `DBA_HIST_` views needs; there is no free source of it. A
/// table of which no growth was recorded is not in the list: the repository has the most active segments only. Index-organised tables are not told.
pub fn read_growth(session: &Session, schemas: &[OracleIdent], days: u64) -> Result<Option<Growth>, Error> {
    let mut reader = Reader { session, unseen: Vec::new() };
    let Some(rows) = reader.query("DBA_HIST_SNAPSHOT", sql::GROWTH_DAYS, &[])? else { return Ok(None) };
    let Some(since) = rows.first().map(|row| row.number::<u64>(0)).transpose()?.flatten() else { return Ok(None) };
    let mut growth = Growth { days: since.min(days), tables: BTreeMap::new() };
    for schema in schemas {
        let mut tables_of_lobs = BTreeMap::new();
        for row in reader.query("ALL_LOBS", crate::sql::dictionary::LOB_SEGMENTS, &[&schema.as_str()])?.iter().flatten()
        {
            tables_of_lobs.insert(row.get(1).map(str::to_owned), row.ident(0)?);
        }
        let binds: [&dyn ToBind; 2] = [&schema.as_str(), &days];
        let Some(rows) = reader.query("DBA_HIST_SEG_STAT", sql::SEGMENT_GROWTH, &binds)? else { return Ok(None) };
        for row in rows {
            let table = match row.get(2) {
                Some(kind) if kind.starts_with("TABLE") => Some(row.ident(0)?),
                Some(kind) if kind.starts_with("LOB") => tables_of_lobs.get(&row.get(0).map(str::to_owned)).cloned(),
                _ => None,
            };
            if let Some(table) = table {
                *growth.tables.entry(ObjectPath::new(schema.clone(), table)).or_default() +=
                    row.number(3)?.unwrap_or(0);
            }
        }
    }
    Ok(Some(growth))
}

/// Reads the inventory of some schemas. What cannot be read is left out; only a lost connection or a call that takes too long is an error.
pub fn read_inventory(session: &Session, schemas: &[OracleIdent]) -> Result<Inventory, Error> {
    let mut reader = Reader { session, unseen: Vec::new() };
    let mut inventory = Inventory {
        character_sets: reader.character_sets()?,
        redo: reader.redo()?,
        transactions: reader.transactions()?,
        undo_retention_s: reader.undo_retention()?,
        public_links: reader.public_links()?,
        ..Inventory::default()
    };
    for schema in schemas {
        let owner = Owner { reader: &mut reader, schema };
        owner.read(&mut inventory)?;
    }
    inventory.unseen = reader.unseen;
    Ok(inventory)
}

/// Looks at up to `rows` rows of a table, with one query, and with another one for bytes that are no characters. Columns of which there is nothing to find out are not looked at; `None` where
/// the table cannot be read, or has no other columns.
///
/// The rows are those that Oracle comes to first: a finding is certain, that there is none is not.
pub fn sample(session: &Session, table: &Table, rows: u64) -> Result<Option<Vec<ColumnSample>>, Error> {
    let stored = || table.columns.iter().filter(|column| column.virtual_expression.is_none());
    let looks: Vec<_> =
        stored().filter_map(|column| Some((&column.name, sql::Look::at(&column.oracle_type)?))).collect();
    let texts: Vec<_> = stored().filter_map(|column| Some((&column.name, is_national(&column.oracle_type)?))).collect();
    if looks.is_empty() && texts.is_empty() {
        return Ok(None);
    }
    let mut reader = Reader { session, unseen: Vec::new() };
    let mut samples: Vec<ColumnSample> = Vec::with_capacity(looks.len());
    if !looks.is_empty() {
        let Some(found) = reader.query("a table", &sql::sample(&table.path, &looks), &[&rows])? else {
            return Ok(None);
        };
        let Some(row) = found.first() else { return Ok(None) };
        let mut at = 0;
        for (column, look) in looks {
            let sample = ColumnSample::of(column);
            samples.push(match look {
                sql::Look::Length => ColumnSample { longest: row.number(at)?, ..sample },
                sql::Look::Zero => ColumnSample { zero_characters: row.number(at)?, ..sample },
                sql::Look::Range => {
                    let range = row.get(at).zip(row.get(at + 1)).map(|(a, b)| (a.to_owned(), b.to_owned()));
                    ColumnSample { range, fractions: row.number(at + 2)?, ..sample }
                }
            });
            at += look.values();
        }
    }
    for (column, bad) in bad_encodings(&mut reader, table, &texts, rows)? {
        match samples.iter_mut().find(|sample| sample.column == *column) {
            Some(sample) => sample.bad_encodings = Some(bad),
            None => samples.push(ColumnSample { bad_encodings: Some(bad), ..ColumnSample::of(column) }),
        }
    }
    Ok(Some(samples))
}

/// Values with bytes that are no characters, by column; none where the server has no function that tells, or the table cannot be read.
fn bad_encodings<'t>(
    reader: &mut Reader<'_>,
    table: &Table,
    texts: &[(&'t OracleIdent, bool)],
    rows: u64,
) -> Result<Vec<(&'t OracleIdent, u64)>, Error> {
    if texts.is_empty() {
        return Ok(Vec::new());
    }
    for test in [sql::EncodingTest::Validate, sql::EncodingTest::RoundTrip] {
        if let Some(found) = reader.query("a table", &sql::bad_encodings(&table.path, texts, test), &[&rows])? {
            let count = |(at, (column, _)): (usize, &(&'t OracleIdent, bool))| {
                Ok((*column, found.first().map(|row| row.number(at)).transpose()?.flatten().unwrap_or(0)))
            };
            return texts.iter().enumerate().map(count).collect();
        }
    }
    Ok(Vec::new())
}

/// Of a text that lies in the row: whether it is of the national character set.
fn is_national(oracle_type: &OracleType) -> Option<bool> {
    match oracle_type {
        OracleType::Char { .. } | OracleType::Varchar2 { .. } => Some(false),
        OracleType::NChar { .. } | OracleType::NVarchar2 { .. } => Some(true),
        _ => None,
    }
}

impl ColumnSample {
    fn of(column: &OracleIdent) -> Self {
        ColumnSample {
            column: column.clone(),
            longest: None,
            range: None,
            fractions: None,
            zero_characters: None,
            bad_encodings: None,
        }
    }
}

struct Reader<'s> {
    session: &'s Session,
    unseen: Vec<(&'static str, String)>,
}

impl Reader<'_> {
    /// The rows, or `None` where the view cannot be read.
    fn query(&mut self, view: &'static str, sql: &str, binds: &[&dyn ToBind]) -> Result<Option<Vec<Record>>, Error> {
        let error = match self.session.try_query(sql, binds) {
            Ok(rows) => return Ok(Some(rows)),
            Err(error) => Error::driver(format_args!("reading {view}"), error),
        };
        if matches!(error.kind(), ErrorKind::Connection | ErrorKind::Timeout) {
            return Err(error);
        }
        if !self.unseen.iter().any(|(known, _)| *known == view) {
            let cause = std::error::Error::source(&error).map(|cause| format!(": {cause}")).unwrap_or_default();
            self.unseen.push((view, format!("{error}{cause}")));
        }
        Ok(None)
    }

    fn character_sets(&mut self) -> Result<Option<(String, String)>, Error> {
        let rows = self.query("NLS_DATABASE_PARAMETERS", crate::sql::CHARACTER_SETS, &[])?;
        let value = |name: &str| rows.iter().flatten().find(|row| row.get(0) == Some(name)).and_then(|row| row.get(1));
        Ok(value("NLS_CHARACTERSET")
            .map(|set| (set.to_owned(), value("NLS_NCHAR_CHARACTERSET").unwrap_or_default().to_owned())))
    }

    fn redo(&mut self) -> Result<Option<Vec<(String, u64)>>, Error> {
        let Some(rows) = self.query("V$ARCHIVED_LOG", sql::REDO_BY_HOUR, &[])? else { return Ok(None) };
        rows.iter()
            .map(|row| Ok((row.text(0)?.to_owned(), row.number(1)?.unwrap_or_default())))
            .collect::<Result<_, Error>>()
            .map(Some)
    }

    fn transactions(&mut self) -> Result<Option<(u64, u64)>, Error> {
        let Some(rows) = self.query("GV$TRANSACTION", sql::OPEN_TRANSACTION_AGES, &[])? else { return Ok(None) };
        let Some(row) = rows.first() else { return Ok(None) };
        Ok(Some((row.required(0)?, row.number(1)?.unwrap_or_default())))
    }

    fn public_links(&mut self) -> Result<Option<Vec<OracleIdent>>, Error> {
        let rows = self.query("ALL_DB_LINKS", sql::PUBLIC_LINKS, &[])?;
        rows.map(|rows| rows.iter().map(|row| row.ident(0)).collect()).transpose()
    }

    fn undo_retention(&mut self) -> Result<Option<u64>, Error> {
        let rows = self.query("V$PARAMETER", crate::sql::PARAMETERS, &[])?;
        let row = rows.iter().flatten().find(|row| row.get(0) == Some("undo_retention"));
        row.map(|row| row.required(1)).transpose()
    }
}

struct Owner<'r, 's> {
    reader: &'r mut Reader<'s>,
    schema: &'r OracleIdent,
}

impl Owner<'_, '_> {
    fn query(&mut self, view: &'static str, sql: &str) -> Result<Option<Vec<Record>>, Error> {
        self.reader.query(view, sql, &[&self.schema.as_str()])
    }

    fn path(&self, row: &Record, column: usize) -> Result<ObjectPath, Error> {
        Ok(ObjectPath::new(self.schema.clone(), row.ident(column)?))
    }

    fn read(mut self, inventory: &mut Inventory) -> Result<(), Error> {
        if let Some(rows) = self.query("ALL_OBJECTS", sql::OBJECT_STATES)? {
            for row in &rows {
                inventory.objects.get_or_insert_default().push(ObjectState {
                    path: self.path(row, 1)?,
                    object_type: row.text(0)?.to_owned(),
                    valid: row.get(2) != Some("INVALID"),
                });
            }
            inventory.objects.get_or_insert_default();
        }
        if let Some(tables) = self.tables()? {
            inventory.tables.get_or_insert_default().extend(tables);
        }
        if let Some(rows) = self.query("ALL_DEPENDENCIES", sql::DEPENDENCIES)? {
            for row in &rows {
                inventory.dependencies.get_or_insert_default().push(DependencyRow {
                    object_type: row.text(0)?.to_owned(),
                    path: self.path(row, 1)?,
                    referenced: ObjectPath::new(row.ident(2)?, row.ident(3)?),
                });
            }
            inventory.dependencies.get_or_insert_default();
        }
        Ok(())
    }

    fn tables(&mut self) -> Result<Option<Vec<TableState>>, Error> {
        let Some(rows) = self.query("ALL_TABLES", sql::TABLE_STATES)? else { return Ok(None) };
        let encrypted = self.query("ALL_ENCRYPTED_COLUMNS", sql::ENCRYPTED_COLUMNS)?;
        let encrypted: Option<BTreeSet<String>> =
            encrypted.map(|rows| rows.iter().filter_map(|row| row.get(0)).map(str::to_owned).collect());
        let mut not_mined: BTreeMap<String, Vec<(String, String)>> = BTreeMap::new();
        for row in self.query("DBA_LOGSTDBY_UNSUPPORTED", sql::UNSUPPORTED_COLUMNS)?.iter().flatten() {
            let column = (row.get(1).unwrap_or_default().to_owned(), row.get(2).unwrap_or_default().to_owned());
            not_mined.entry(row.text(0)?.to_owned()).or_default().push(column);
        }
        let mut tables = Vec::with_capacity(rows.len());
        for row in &rows {
            let path = self.path(row, 0)?;
            tables.push(TableState {
                logging: row.get(1).map(|logging| logging != "NO"),
                compression: row.get(2).map(str::to_owned),
                encrypted: encrypted.as_ref().map(|set| set.contains(path.name.as_str())),
                not_mined: not_mined.remove(path.name.as_str()).unwrap_or_default(),
                path,
            });
        }
        Ok(Some(tables))
    }
}

impl sql::Look {
    /// What there is to find out about a column of this type.
    fn at(oracle_type: &OracleType) -> Option<Self> {
        match oracle_type {
            OracleType::Clob | OracleType::NClob | OracleType::Blob => Some(sql::Look::Length),
            OracleType::Number { precision: None, scale: None } => Some(sql::Look::Range),
            OracleType::Char { .. } | OracleType::Varchar2 { .. } => Some(sql::Look::Zero),
            _ => None,
        }
    }
}
