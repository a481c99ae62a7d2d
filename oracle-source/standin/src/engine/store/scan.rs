//! Reading rows: the version of each that the reader may see.

use super::{DatabaseFile, Shared, Store, TableInfo, lock, row, rowid, write};
use crate::{
    OraError,
    engine::storage::{Lookup, Moment, Row, Rows, StatementView},
};
use rusqlite::{Connection, OptionalExtension};
use std::{
    collections::HashMap,
    sync::{Arc, atomic::AtomicBool},
    vec,
};
use type_convert::{LengthUnit, OracleType, Value};

/// Rows read at once.
const PAGE: i64 = 1024;
/// Not many more bytes of rows than this are read at once.
const PAGE_BYTES: usize = 4 << 20;

/// Which transactions a reader sees.
#[derive(Debug)]
struct Snapshot {
    scn: i64,
    own: Option<i64>,
    /// Every transaction below this number had ended when the snapshot was taken.
    ended_below: i64,
    known: HashMap<i64, bool>,
}

impl Snapshot {
    fn sees(&mut self, connection: &Connection, tx: i64, ch: i64) -> Result<bool, OraError> {
        if Some(tx) == self.own {
            return Ok(ch >> 8 <= self.scn);
        }
        if tx < self.ended_below {
            return Ok(true);
        }
        if let Some(&seen) = self.known.get(&tx) {
            return Ok(seen);
        }
        let committed: Option<i64> = connection
            .prepare_cached("SELECT commit_scn FROM tx WHERE id = ?1")?
            .query_row([tx], |r| r.get(0))
            .optional()?
            .flatten();
        let seen = committed.is_some_and(|scn| scn <= self.scn);
        // What is open now had not committed at the snapshot's SCN and never will have.
        self.known.insert(tx, seen);
        Ok(seen)
    }
}

enum Range {
    Between(i64, i64),
    /// The rows that may have a key, in order.
    Rids(vec::IntoIter<i64>),
}

struct TableScan {
    _file: Arc<DatabaseFile>,
    connection: Shared,
    table: Arc<TableInfo>,
    snapshot: Snapshot,
    range: Range,
    key: Option<(Vec<usize>, Vec<u8>)>,
    page: vec::IntoIter<Row>,
    done: bool,
    broken_off: Arc<AtomicBool>,
}

impl Store {
    pub(super) fn view(&self) -> Result<StatementView, OraError> {
        self.view_on(&lock(&self.connection))
    }

    /// In one query: a transaction that ends in between would be seen in part.
    fn view_on(&self, connection: &Connection) -> Result<StatementView, OraError> {
        let view = connection
            .prepare_cached(
                "SELECT scn, coalesce((SELECT min(id) FROM tx WHERE status = 0), (SELECT max(id) + 1 FROM tx), 1)
                 FROM state",
            )?
            .query_row([], |r| Ok(StatementView { scn: r.get(0)?, ended_below: r.get(1)? }))?;
        Ok(match &self.writing {
            Some(writing) => StatementView { scn: writing.snapshot, ..view },
            None => view,
        })
    }

    pub(super) fn scan_table(&self, table: Arc<TableInfo>, moment: Moment, lookup: Lookup) -> Result<Rows, OraError> {
        let connection = lock(&self.connection);
        let own = self.transaction.as_ref().map(|t| t.id);
        let snapshot = match moment {
            Moment::Scn(scn) => {
                let (now, undo_from): (i64, i64) = connection
                    .prepare_cached("SELECT scn, undo_from FROM state")?
                    .query_row([], |r| Ok((r.get(0)?, r.get(1)?)))?;
                let scn = i64::try_from(scn.0).unwrap_or(i64::MAX);
                // A statement that writes holds the counter in memory.
                let now = self.writing.as_ref().map_or(now, |w| w.state.scn);
                if scn > now {
                    return Err(OraError::new(8181, "specified number is not a valid system change number"));
                }
                if scn < undo_from {
                    return Err(OraError::new(
                        1555,
                        "snapshot too old: rollback segment number 1 with name \"_SYSSMU1$\" too small",
                    ));
                }
                if scn < table.object.changed_scn {
                    return Err(OraError::new(1466, "unable to read data - table definition has changed"));
                }
                Snapshot { scn, own: None, ended_below: 0, known: HashMap::new() }
            }
            Moment::Now | Moment::Statement(_) => {
                let view = match moment {
                    Moment::Statement(view) => view,
                    _ => self.view_on(&connection)?,
                };
                Snapshot { scn: view.scn, own, ended_below: view.ended_below, known: HashMap::new() }
            }
        };
        let mut key = None;
        let range = match lookup {
            Lookup::All => Range::Between(0, i64::MAX),
            Lookup::RowId(text) => match self.rid(&table, &text)? {
                Some(rid) => Range::Between(rid, rid),
                None => Range::Between(1, 0),
            },
            Lookup::RowIdBetween(from, to) => self.rid_range(&table, &from, &to)?,
            Lookup::Key(values) => match table.primary_key().filter(|k| k.columns.len() == values.len()) {
                Some(def) => match key_values(&table, &def.columns, values) {
                    Some(row) => {
                        let Some(bytes) = row::key(&row, &def.columns) else {
                            return Ok(Box::new(std::iter::empty()));
                        };
                        let mut rids = write::rids(&connection, table.id(), def.id, &bytes)?;
                        rids.sort_unstable();
                        key = Some((def.columns.clone(), bytes));
                        Range::Rids(rids.into_iter())
                    }
                    None => Range::Between(0, i64::MAX),
                },
                None => Range::Between(0, i64::MAX),
            },
        };
        drop(connection);
        Ok(Box::new(TableScan {
            _file: Arc::clone(&self.file),
            connection: Arc::clone(&self.connection),
            table,
            snapshot,
            range,
            key,
            page: Vec::new().into_iter(),
            done: false,
            broken_off: Arc::clone(&self.broken_off),
        }))
    }

    fn rid(&self, table: &TableInfo, text: &str) -> Result<Option<i64>, OraError> {
        if table.index_organized() {
            return Ok(rowid::read_logical(text));
        }
        let parts = rowid::Parts::read(text).ok_or_else(|| OraError::new(1410, "invalid ROWID"))?;
        let here =
            parts.data_object == table.object.data_object && parts.file == rowid::FILE && parts.row < rowid::ROWS;
        Ok(here.then_some(parts.block * rowid::ROWS + parts.row))
    }

    fn rid_range(&self, table: &TableInfo, from: &str, to: &str) -> Result<Range, OraError> {
        if table.index_organized() {
            return Ok(match (rowid::read_logical(from), rowid::read_logical(to)) {
                (Some(from), Some(to)) => Range::Between(from, to),
                _ => Range::Between(0, i64::MAX),
            });
        }
        let read = |text| rowid::Parts::read(text).ok_or_else(|| OraError::new(1410, "invalid ROWID"));
        let (from, to) = (read(from)?, read(to)?);
        let place = |p: &rowid::Parts, beyond: i64| {
            use std::cmp::Ordering::{Equal, Greater, Less};
            match (p.data_object, p.file).cmp(&(table.object.data_object, rowid::FILE)) {
                Less => 0,
                Greater => i64::MAX,
                Equal => p.block * rowid::ROWS + p.row.min(rowid::ROWS - 1 + beyond),
            }
        };
        // Row numbers beyond a block's 64 are after its last row.
        Ok(Range::Between(place(&from, 1), place(&to, 0)))
    }
}

/// The key's values as the table stores them, in a row with the key's columns filled; `None` where they cannot be compared by bytes.
fn key_values(table: &TableInfo, columns: &[usize], values: Vec<Value>) -> Option<Vec<Value>> {
    let mut row = vec![Value::Null; table.table.columns.len()];
    for (&column, value) in columns.iter().zip(values) {
        row[column] = match (&table.table.columns[column].oracle_type, value) {
            (OracleType::Char { length, unit }, Value::Text(text)) => Value::Text(padded(text, *length, *unit)),
            (OracleType::NChar { length }, Value::Text(text)) => Value::Text(padded(text, *length, LengthUnit::Char)),
            (OracleType::Varchar2 { .. } | OracleType::NVarchar2 { .. }, value @ Value::Text(_)) => value,
            (OracleType::Number { .. } | OracleType::Float { .. }, value @ Value::Number(_)) => value,
            (OracleType::Date | OracleType::Timestamp { .. }, value @ Value::DateTime(_)) => value,
            (OracleType::Raw { .. }, value @ Value::Bytes(_)) => value,
            (_, Value::Null) => Value::Null,
            _ => return None,
        };
    }
    Some(row)
}

fn padded(text: String, length: u32, unit: LengthUnit) -> String {
    let mut text = text.trim_end_matches(' ').to_owned();
    let have = match unit {
        LengthUnit::Byte => text.len(),
        LengthUnit::Char => text.chars().count(),
    };
    let missing = usize::try_from(length).unwrap_or(0).saturating_sub(have);
    text.extend(std::iter::repeat_n(' ', missing));
    text
}

/// The newest version of a row, older than `before`, that the snapshot sees: `None` where there is none or it is a deletion.
fn older(connection: &Connection, snapshot: &mut Snapshot, object: i64, rid: i64) -> Result<Option<Vec<u8>>, OraError> {
    let mut statement =
        connection.prepare_cached(&format!("SELECT ch, tx, data FROM v{object} WHERE rid = ?1 ORDER BY ch DESC"))?;
    let mut rows = statement.query([rid])?;
    while let Some(row) = rows.next()? {
        if snapshot.sees(connection, row.get(1)?, row.get(0)?)? {
            return Ok(row.get(2)?);
        }
    }
    Ok(None)
}

impl TableScan {
    fn read_page(&mut self) -> Result<Vec<Row>, OraError> {
        let connection = Arc::clone(&self.connection);
        let connection = lock(&connection);
        // Statuses and versions must be of one moment.
        let alone = connection.is_autocommit();
        if alone {
            connection.prepare_cached("BEGIN")?.execute([])?;
        }
        let result = self.read_rows(&connection);
        if alone {
            connection.prepare_cached("COMMIT")?.execute([])?;
        }
        result
    }

    fn read_rows(&mut self, connection: &Connection) -> Result<Vec<Row>, OraError> {
        let object = self.table.id();
        let columns = self.table.table.columns.len();
        let mut out = Vec::new();
        let gone = |e: rusqlite::Error| match e.to_string().contains("no such table") {
            true => OraError::new(8103, "object no longer exists"),
            false => e.into(),
        };
        // What was dropped or truncated since has other rows or none: these are not the rest of the ones already given.
        let segment: Option<i64> = connection
            .prepare_cached("SELECT data_object FROM objects WHERE id = ?1")?
            .query_row([object], |r| r.get(0))
            .optional()?;
        if segment != Some(self.table.object.data_object) {
            return Err(OraError::new(8103, "object no longer exists"));
        }
        let sql = format!("SELECT rid, tx, ch, data FROM c{object} WHERE rid BETWEEN ?1 AND ?2 ORDER BY rid LIMIT ?3");
        let mut statement = connection.prepare_cached(&sql).map_err(gone)?;
        let (from, to) = match &mut self.range {
            Range::Between(from, to) => (*from, *to),
            Range::Rids(rids) => match rids.next() {
                Some(rid) => (rid, rid),
                None => {
                    self.done = true;
                    return Ok(out);
                }
            },
        };
        let mut rows = statement.query([from, to, PAGE])?;
        let (mut read, mut bytes) = (0, 0);
        let mut last = from;
        let mut at_end = true;
        while let Some(found) = rows.next()? {
            read += 1;
            let rid: i64 = found.get(0)?;
            last = rid;
            let values = if self.snapshot.sees(connection, found.get(1)?, found.get(2)?)? {
                match found.get_ref(3)?.as_blob_or_null().map_err(|_| OraError::new(600, "internal error code"))? {
                    Some(data) => {
                        bytes += data.len();
                        row::decode(data, columns)?
                    }
                    None => continue,
                }
            } else {
                match older(connection, &mut self.snapshot, object, rid)? {
                    Some(data) => {
                        bytes += data.len();
                        row::decode(&data, columns)?
                    }
                    None => continue,
                }
            };
            if let Some((columns, bytes)) = &self.key
                && row::key(&values, columns).as_ref() != Some(bytes)
            {
                continue;
            }
            out.push(Row { row_id: Some(self.table.row_id(rid)), values });
            if bytes >= PAGE_BYTES {
                at_end = false;
                break;
            }
        }
        if let Range::Between(from, _) = &mut self.range {
            *from = last + 1;
            self.done = at_end && read < PAGE;
        }
        Ok(out)
    }
}

impl Iterator for TableScan {
    type Item = Result<Row, OraError>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            if let Some(row) = self.page.next() {
                return Some(Ok(row));
            }
            if self.done {
                return None;
            }
            match super::check_break(&self.broken_off).and_then(|()| self.read_page()) {
                Ok(rows) => self.page = rows.into_iter(),
                Err(error) => {
                    self.done = true;
                    return Some(Err(error));
                }
            }
        }
    }
}
