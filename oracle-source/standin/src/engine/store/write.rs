//! Changing rows: versions, key entries, constraints, redo.

use super::{
    Store, TableInfo, lock,
    model::{ForeignKey, KeyDef, is_lob},
    redo::{self, Record, UNLOGGED, Update, op},
    row, rowid,
    transaction::OpenTransaction,
};
use crate::{
    OraError,
    engine::storage::{Row, RowUpdate},
};
use rusqlite::{Connection, OptionalExtension, params};
use schema_map::OnDelete;
use std::{
    collections::{HashMap, HashSet},
    sync::Arc,
};
use type_convert::Value;

/// What a statement that writes knows and has done so far.
#[derive(Debug)]
pub(super) struct Writing {
    pub(super) state: super::State,
    /// The statement sees what is not newer than this.
    pub(super) snapshot: i64,
    /// The record's number within its SCN.
    pub(super) within: i64,
    pub(super) at: i64,
    pub(super) ssn: i64,
    /// Records that share the current redo record.
    pub(super) joined: i64,
    pub(super) after_start: bool,
    pub(super) now: i64,
    pub(super) process: String,
    /// Transactions that are open, the session's own included.
    pub(super) open: HashSet<i64>,
    pub(super) any_row_locks: bool,
    /// The session's transaction as it was before the statement.
    pub(super) before: Option<OpenTransaction>,
    pub(super) segments: HashMap<i64, Segment>,
    pub(super) pending: Vec<Pending>,
    /// The transaction that the statement must wait for.
    pub(super) conflict: Option<i64>,
    pub(super) wrote: bool,
}

/// Where a table's next row goes.
#[derive(Debug, Clone, Copy)]
pub(super) struct Segment {
    pub(super) next_rid: i64,
    /// The first row number that is beyond the last extent.
    pub(super) extent_end: i64,
}

/// What must hold at the end of the statement.
#[derive(Debug)]
pub(super) enum Pending {
    Unique {
        table: Arc<TableInfo>,
        key: i64,
        bytes: Vec<u8>,
    },
    Parent {
        foreign: ForeignKey,
        bytes: Vec<u8>,
    },
    /// No child has the key unless a parent has it.
    Children {
        foreign: ForeignKey,
        bytes: Vec<u8>,
    },
}

/// Who has a key.
enum Found {
    Nobody,
    Row,
    /// Depends on how this transaction ends.
    Undecided(i64),
}

/// The newest version of a row.
struct Newest {
    tx: i64,
    ch: i64,
    data: Option<Vec<u8>>,
}

fn newest(connection: &Connection, object: i64, rid: i64) -> Result<Option<Newest>, OraError> {
    Ok(connection
        .prepare_cached(&format!("SELECT tx, ch, data FROM c{object} WHERE rid = ?1"))?
        .query_row([rid], |r| Ok(Newest { tx: r.get(0)?, ch: r.get(1)?, data: r.get(2)? }))
        .optional()?)
}

fn wait() -> OraError {
    // Never seen by a user: the statement is run again once the other transaction has ended.
    OraError::new(54, "resource busy and acquire with NOWAIT specified or timeout expired")
}

fn no_statement() -> OraError {
    OraError::new(600, "internal error code, arguments: [write outside a statement]")
}

/// The largest LOB, LONG or XML value, in bytes: a row is held in memory with all its values.
const LOB_LIMIT: usize = 64 << 20;

impl Store {
    fn rid_of(table: &TableInfo, row: &Row) -> Result<i64, OraError> {
        let invalid = || OraError::new(1410, "invalid ROWID");
        let text = row.row_id.as_deref().ok_or_else(invalid)?;
        if table.index_organized() {
            rowid::read_logical(text).ok_or_else(invalid)
        } else {
            let parts = rowid::Parts::read(text).ok_or_else(invalid)?;
            Ok(parts.block * rowid::ROWS + parts.row)
        }
    }

    /// Locks the table in row exclusive mode for the open transaction.
    fn lock_table_for_rows(&mut self, table: &TableInfo) -> Result<(), OraError> {
        let id = table.id();
        if self.transaction.as_ref().is_some_and(|t| t.tables.contains(&id)) {
            return Ok(());
        }
        self.lock_table(id, 3)?;
        if let Some(transaction) = &mut self.transaction {
            transaction.tables.insert(id);
        }
        Ok(())
    }

    /// Takes a table lock: 2 row share, 3 row exclusive, 4 share, 5 share row exclusive, 6 exclusive.
    pub(super) fn lock_table(&mut self, object: i64, mode: i64) -> Result<(), OraError> {
        let held: Vec<(i64, i64)> = lock(&self.connection)
            .prepare_cached("SELECT tx, mode FROM table_locks WHERE object = ?1")?
            .query_map([object], |r| Ok((r.get(0)?, r.get(1)?)))?
            .collect::<Result<_, _>>()?;
        let own = self.transaction.as_ref().map(|t| t.id);
        let compatible = |other: i64| match mode {
            2 => other < 6,
            3 => other < 4,
            4 => other == 2 || other == 4,
            5 => other == 2,
            _ => false,
        };
        let writing = self.writing.as_mut().ok_or_else(no_statement)?;
        if let Some((holder, _)) =
            held.iter().find(|(tx, other)| Some(*tx) != own && writing.open.contains(tx) && !compatible(*other))
        {
            writing.conflict = Some(*holder);
            return Err(wait());
        }
        let transaction = self.transaction_id()?;
        lock(&self.connection)
            .prepare_cached(
                "INSERT INTO table_locks VALUES (?1, ?2, ?3) ON CONFLICT (object, tx) DO UPDATE SET mode = max(mode, ?3)",
            )?
            .execute([object, transaction, mode])?;
        if let Some(writing) = &mut self.writing {
            writing.wrote = true;
        }
        Ok(())
    }

    /// Refuses to touch a row that another open transaction has changed or locked.
    fn check_row(&mut self, object: i64, rid: i64, newest: &Newest) -> Result<(), OraError> {
        let own = self.transaction.as_ref().map(|t| t.id);
        let writing = self.writing.as_mut().ok_or_else(no_statement)?;
        if Some(newest.tx) != own && writing.open.contains(&newest.tx) {
            writing.conflict = Some(newest.tx);
            return Err(wait());
        }
        if writing.any_row_locks {
            let holder: Option<i64> = lock(&self.connection)
                .prepare_cached("SELECT tx FROM row_locks WHERE object = ?1 AND rid = ?2")?
                .query_row([object, rid], |r| r.get(0))
                .optional()?;
            if let Some(holder) = holder.filter(|h| Some(*h) != own && writing.open.contains(h)) {
                writing.conflict = Some(holder);
                return Err(wait());
            }
        }
        Ok(())
    }

    pub(super) fn lock_rows(&mut self, table: &Arc<TableInfo>, rows: &[Row]) -> Result<(), OraError> {
        for row in rows {
            let rid = Self::rid_of(table, row)?;
            let found = newest(&lock(&self.connection), table.id(), rid)?;
            if let Some(found) = found {
                self.check_row(table.id(), rid, &found)?;
            }
            let transaction = self.transaction_id()?;
            lock(&self.connection)
                .prepare_cached("INSERT OR REPLACE INTO row_locks VALUES (?1, ?2, ?3)")?
                .execute([table.id(), rid, transaction])?;
            let writing = self.writing.as_mut().ok_or_else(no_statement)?;
            (writing.any_row_locks, writing.wrote) = (true, true);
        }
        Ok(())
    }

    pub(super) fn insert_rows(&mut self, table: &Arc<TableInfo>, rows: Vec<Vec<Value>>) -> Result<(), OraError> {
        if rows.is_empty() {
            return Ok(());
        }
        self.lock_table_for_rows(table)?;
        for (n, mut values) in rows.into_iter().enumerate() {
            check_values(table, &mut values, None)?;
            let data = row::encode(&values);
            let rid = self.allocate(table)?;
            let ch = self.record(table, op::INSERT, rid, &data, n > 0)?;
            let transaction = self.transaction_id()?;
            lock(&self.connection)
                .prepare_cached(&format!("INSERT INTO c{}(rid, tx, ch, data) VALUES (?1, ?2, ?3, ?4)", table.id()))?
                .execute(params![rid, transaction, ch, data])?;
            self.enter_keys(table, rid, None, &values)?;
            self.check_parents(table, None, &values)?;
        }
        Ok(())
    }

    pub(super) fn update_rows(&mut self, table: &Arc<TableInfo>, rows: Vec<RowUpdate>) -> Result<(), OraError> {
        for RowUpdate { old, mut new, set } in rows {
            self.lock_table_for_rows(table)?;
            let rid = Self::rid_of(table, &old)?;
            let Some(current) = newest(&lock(&self.connection), table.id(), rid)? else {
                return Err(OraError::new(1410, "invalid ROWID"));
            };
            self.check_row(table.id(), rid, &current)?;
            let Some(old_data) = current.data.clone() else {
                return Err(OraError::new(30926, "unable to get a stable set of rows in the source tables"));
            };
            check_values(table, &mut new, Some(&set))?;
            self.update_row(table, rid, current, old_data, new, &set)?;
        }
        Ok(())
    }

    fn update_row(
        &mut self,
        table: &Arc<TableInfo>,
        rid: i64,
        current: Newest,
        old_data: Vec<u8>,
        new: Vec<Value>,
        set: &[usize],
    ) -> Result<(), OraError> {
        let columns = table.table.columns.len();
        let old = row::decode(&old_data, columns)?;
        let update = Update {
            logged: redo::logged(table, set, &old),
            set: redo::mask(columns, |n| set.contains(&n) && table.is_stored(n)),
            new: row::encode(&new),
            old: old_data,
        };
        let ch = self.record(table, op::UPDATE, rid, &update.encode(), false)?;
        self.supersede(table, rid, &current, ch, Some(&update.new))?;
        self.enter_keys(table, rid, Some(&old), &new)?;
        self.check_parents(table, Some(&old), &new)?;
        for foreign in &table.children {
            let (before, after) = (row::key(&old, &foreign.parent_columns), row::key(&new, &foreign.parent_columns));
            if let (Some(bytes), true) = (before.clone(), before != after) {
                let writing = self.writing.as_mut().ok_or_else(no_statement)?;
                writing.pending.push(Pending::Children { foreign: foreign.clone(), bytes });
            }
        }
        Ok(())
    }

    pub(super) fn delete_rows(&mut self, table: &Arc<TableInfo>, rows: Vec<Row>) -> Result<(), OraError> {
        for row in rows {
            let rid = Self::rid_of(table, &row)?;
            self.delete_row(table, rid)?;
        }
        Ok(())
    }

    fn delete_row(&mut self, table: &Arc<TableInfo>, rid: i64) -> Result<(), OraError> {
        self.lock_table_for_rows(table)?;
        let Some(current) = newest(&lock(&self.connection), table.id(), rid)? else {
            return Err(OraError::new(1410, "invalid ROWID"));
        };
        self.check_row(table.id(), rid, &current)?;
        // A cascade of the same statement may have been here before.
        let Some(old_data) = current.data.clone() else { return Ok(()) };
        let old = row::decode(&old_data, table.table.columns.len())?;
        let ch = self.record(table, op::DELETE, rid, &old_data, false)?;
        self.supersede(table, rid, &current, ch, None)?;
        for foreign in &table.children {
            let Some(bytes) = row::key(&old, &foreign.parent_columns) else { continue };
            match foreign.on_delete {
                OnDelete::NoAction => {
                    let writing = self.writing.as_mut().ok_or_else(no_statement)?;
                    writing.pending.push(Pending::Children { foreign: foreign.clone(), bytes });
                }
                OnDelete::Cascade | OnDelete::SetNull => self.cascade(foreign, &bytes)?,
            }
        }
        Ok(())
    }

    /// ON DELETE CASCADE and SET NULL.
    fn cascade(&mut self, foreign: &ForeignKey, bytes: &[u8]) -> Result<(), OraError> {
        let child = self.model.borrow().table(foreign.child).cloned();
        let Some(child) = child else { return Ok(()) };
        let columns = child.table.columns.len();
        for rid in self.rids(child.id(), foreign.child_key, bytes)? {
            let Some(current) = newest(&lock(&self.connection), child.id(), rid)? else { continue };
            let own = self.transaction.as_ref().map(|t| t.id);
            let writing = self.writing.as_mut().ok_or_else(no_statement)?;
            if Some(current.tx) != own && writing.open.contains(&current.tx) {
                writing.conflict = Some(current.tx);
                return Err(wait());
            }
            let Some(data) = current.data.clone() else { continue };
            let old = row::decode(&data, columns)?;
            if row::key(&old, &foreign.child_columns).as_deref() != Some(bytes) {
                continue;
            }
            if foreign.on_delete == OnDelete::Cascade {
                self.delete_row(&child, rid)?;
            } else {
                self.lock_table_for_rows(&child)?;
                self.check_row(child.id(), rid, &current)?;
                let mut new = old;
                foreign.child_columns.iter().for_each(|&c| new[c] = Value::Null);
                check_values(&child, &mut new, Some(&foreign.child_columns))?;
                self.update_row(&child, rid, current, data, new, &foreign.child_columns)?;
            }
        }
        Ok(())
    }

    /// Moves the newest version to the older ones and puts another in its place.
    fn supersede(
        &mut self,
        table: &TableInfo,
        rid: i64,
        current: &Newest,
        ch: i64,
        data: Option<&[u8]>,
    ) -> Result<(), OraError> {
        let transaction = self.transaction_id()?;
        let connection = lock(&self.connection);
        connection
            .prepare_cached(&format!("INSERT INTO v{}(rid, ch, tx, data) VALUES (?1, ?2, ?3, ?4)", table.id()))?
            .execute(params![rid, current.ch, current.tx, current.data])?;
        connection
            .prepare_cached(&format!("UPDATE c{} SET tx = ?2, ch = ?3, data = ?4 WHERE rid = ?1", table.id()))?
            .execute(params![rid, transaction, ch, data])?;
        Ok(())
    }

    /// Writes the redo record of a change.
    fn record(&mut self, table: &TableInfo, code: i64, rid: i64, data: &[u8], joins: bool) -> Result<i64, OraError> {
        let transaction = self.transaction_id()?;
        let (Some(open), Some(writing)) = (&mut self.transaction, &mut self.writing) else {
            return Err(no_statement());
        };
        let record = Record {
            transaction,
            prev: open.last,
            op: code,
            object: table.id(),
            version: table.object.version,
            rid,
            undo: if table.logging.minimal { 0 } else { UNLOGGED },
            data,
            joins,
        };
        open.last = writing.append(&lock(&self.connection), &record)?;
        Ok(open.last)
    }

    /// The place of a new row.
    fn allocate(&mut self, table: &TableInfo) -> Result<i64, OraError> {
        let connection = lock(&self.connection);
        let writing = self.writing.as_mut().ok_or_else(no_statement)?;
        let segment = match writing.segments.get_mut(&table.id()) {
            Some(segment) => segment,
            None => {
                let read = connection
                    .prepare_cached("SELECT next_rid, extent_end FROM objects WHERE id = ?1")?
                    .query_row([table.id()], |r| Ok(Segment { next_rid: r.get(0)?, extent_end: r.get(1)? }))?;
                writing.segments.entry(table.id()).or_insert(read)
            }
        };
        if segment.next_rid >= segment.extent_end {
            let block = writing.state.next_block;
            writing.state.next_block += rowid::EXTENT;
            connection
                .prepare_cached(
                    "INSERT INTO extents SELECT ?1, coalesce(max(number) + 1, 0), ?2 FROM extents WHERE object = ?1",
                )?
                .execute([table.id(), block])?;
            segment.next_rid = block * rowid::ROWS;
            segment.extent_end = (block + rowid::EXTENT) * rowid::ROWS;
        }
        segment.next_rid += 1;
        Ok(segment.next_rid - 1)
    }

    /// Enters the row's keys where they are new, and looks for others that have them.
    fn enter_keys(
        &mut self,
        table: &Arc<TableInfo>,
        rid: i64,
        old: Option<&[Value]>,
        new: &[Value],
    ) -> Result<(), OraError> {
        for key in &table.keys {
            let Some(bytes) = row::key(new, &key.columns) else { continue };
            if old.is_some_and(|old| row::key(old, &key.columns).as_ref() == Some(&bytes)) {
                continue;
            }
            enter_key(&lock(&self.connection), table.id(), key.id, &bytes, rid)?;
            let Some(name) = &key.unique else { continue };
            match self.find_key(table, key, &bytes, Some(rid))? {
                Found::Nobody => {}
                Found::Undecided(holder) => return self.conflict(holder),
                // Later rows of an UPDATE may set it right; an INSERT has no such hope.
                Found::Row if old.is_some() => {
                    let writing = self.writing.as_mut().ok_or_else(no_statement)?;
                    writing.pending.push(Pending::Unique { table: Arc::clone(table), key: key.id, bytes });
                }
                Found::Row => return Err(not_unique(name)),
            }
        }
        Ok(())
    }

    fn conflict(&mut self, holder: i64) -> Result<(), OraError> {
        self.writing.as_mut().ok_or_else(no_statement)?.conflict = Some(holder);
        Err(wait())
    }

    fn check_parents(&mut self, table: &Arc<TableInfo>, old: Option<&[Value]>, new: &[Value]) -> Result<(), OraError> {
        for foreign in &table.parents {
            if row::has_null(new, &foreign.child_columns) {
                continue;
            }
            let Some(bytes) = row::key(new, &foreign.child_columns) else { continue };
            if old.is_some_and(|old| row::key(old, &foreign.child_columns).as_ref() == Some(&bytes)) {
                continue;
            }
            match self.find_parent(foreign, &bytes)? {
                Found::Row => {}
                Found::Undecided(holder) => return self.conflict(holder),
                Found::Nobody => {
                    let writing = self.writing.as_mut().ok_or_else(no_statement)?;
                    writing.pending.push(Pending::Parent { foreign: foreign.clone(), bytes });
                }
            }
        }
        Ok(())
    }

    fn find_parent(&mut self, foreign: &ForeignKey, bytes: &[u8]) -> Result<Found, OraError> {
        let parent = self.model.borrow().table(foreign.parent).cloned();
        match parent.as_ref().and_then(|p| Some((p, p.key(foreign.parent_key)?))) {
            Some((parent, key)) => self.find_key(parent, key, bytes, None),
            None => Ok(Found::Nobody),
        }
    }

    /// What was put off to the end of the statement.
    pub(super) fn check_pending(&mut self) -> Result<(), OraError> {
        let pending = self.writing.as_mut().map(|w| std::mem::take(&mut w.pending)).unwrap_or_default();
        for check in pending {
            match check {
                Pending::Unique { table, key, bytes } => {
                    let Some(key) = table.key(key) else { continue };
                    let mut live = 0;
                    for rid in self.rids(table.id(), key.id, &bytes)? {
                        let data = newest(&lock(&self.connection), table.id(), rid)?.and_then(|n| n.data);
                        if let Some(data) = data {
                            let values = row::decode(&data, table.table.columns.len())?;
                            live += u32::from(row::key(&values, &key.columns).as_ref() == Some(&bytes));
                        }
                    }
                    if live > 1 {
                        return Err(not_unique(key.unique.as_deref().unwrap_or_default()));
                    }
                }
                Pending::Parent { foreign, bytes } => match self.find_parent(&foreign, &bytes)? {
                    Found::Row => {}
                    Found::Undecided(holder) => return self.conflict(holder),
                    Found::Nobody => {
                        let name = &foreign.name;
                        return Err(OraError::new(
                            2291,
                            format!("integrity constraint ({name}) violated - parent key not found"),
                        ));
                    }
                },
                Pending::Children { foreign, bytes } => {
                    if matches!(self.find_parent(&foreign, &bytes)?, Found::Row) {
                        continue;
                    }
                    let child = self.model.borrow().table(foreign.child).cloned();
                    let Some(child) = child else { continue };
                    let key = KeyDef { id: foreign.child_key, columns: foreign.child_columns.clone(), unique: None };
                    match self.find_key(&child, &key, &bytes, None)? {
                        Found::Nobody => {}
                        Found::Undecided(holder) => return self.conflict(holder),
                        Found::Row => {
                            let name = &foreign.name;
                            return Err(OraError::new(
                                2292,
                                format!("integrity constraint ({name}) violated - child record found"),
                            ));
                        }
                    }
                }
            }
        }
        Ok(())
    }

    fn rids(&self, object: i64, key: i64, bytes: &[u8]) -> Result<Vec<i64>, OraError> {
        rids(&lock(&self.connection), object, key, bytes)
    }

    /// Whether a row other than `except` has the key now, or may have it, depending on a transaction that is open.
    fn find_key(&self, table: &TableInfo, key: &KeyDef, bytes: &[u8], except: Option<i64>) -> Result<Found, OraError> {
        let own = self.transaction.as_ref().map(|t| t.id);
        let writing = self.writing.as_ref().ok_or_else(no_statement)?;
        let connection = lock(&self.connection);
        let columns = table.table.columns.len();
        let has = |data: Option<&[u8]>| -> Result<bool, OraError> {
            let Some(data) = data else { return Ok(false) };
            Ok(row::key(&row::decode(data, columns)?, &key.columns).as_deref() == Some(bytes))
        };
        let mut found = Found::Nobody;
        for rid in rids(&connection, table.id(), key.id, bytes)? {
            if Some(rid) == except {
                continue;
            }
            let Some(current) = newest(&connection, table.id(), rid)? else { continue };
            let has_now = has(current.data.as_deref())?;
            if Some(current.tx) == own || !writing.open.contains(&current.tx) {
                if has_now {
                    return Ok(Found::Row);
                }
            } else {
                let committed: Option<Option<Vec<u8>>> = connection
                    .prepare_cached(&format!(
                        "SELECT data FROM v{} WHERE rid = ?1 AND tx <> ?2 ORDER BY ch DESC LIMIT 1",
                        table.id()
                    ))?
                    .query_row([rid, current.tx], |r| r.get(0))
                    .optional()?;
                if has_now || has(committed.flatten().as_deref())? {
                    found = Found::Undecided(current.tx);
                }
            }
        }
        Ok(found)
    }
}

fn not_unique(name: &str) -> OraError {
    OraError::new(1, format!("unique constraint ({name}) violated"))
}

/// Rows that have, or had in some version, this key.
pub(super) fn rids(connection: &Connection, object: i64, key: i64, bytes: &[u8]) -> Result<Vec<i64>, OraError> {
    let mut statement = connection.prepare_cached(&format!("SELECT rid FROM k{object} WHERE def = ?1 AND key = ?2"))?;
    Ok(statement.query_map(params![key, bytes], |r| r.get(0))?.collect::<Result<_, _>>()?)
}

pub(super) fn enter_key(
    connection: &Connection,
    object: i64,
    key: i64,
    bytes: &[u8],
    rid: i64,
) -> Result<(), OraError> {
    connection
        .prepare_cached(&format!("INSERT OR IGNORE INTO k{object} VALUES (?1, ?2, ?3)"))?
        .execute(params![key, bytes, rid])?;
    Ok(())
}

/// NOT NULL (of all columns, or of those that are set) and what can be stored at all.
fn check_values(table: &TableInfo, values: &mut [Value], set: Option<&[usize]>) -> Result<(), OraError> {
    let columns = &table.table.columns;
    if values.len() != columns.len() {
        return Err(OraError::new(600, "internal error code, arguments: [row of another width]"));
    }
    for (n, (column, value)) in columns.iter().zip(values).enumerate() {
        if column.virtual_expression.is_some() {
            *value = Value::Null;
            continue;
        }
        let place = || format!("({}.{})", table.quoted(), column.name.quoted());
        if value.is_null() && !column.nullable {
            match set {
                None => return Err(OraError::new(1400, format!("cannot insert NULL into {}", place()))),
                Some(set) if set.contains(&n) => {
                    return Err(OraError::new(1407, format!("cannot update {} to NULL", place())));
                }
                Some(_) => {}
            }
        }
        let length = match value {
            Value::Text(text) => text.len(),
            Value::Bytes(bytes) => bytes.len(),
            _ => 0,
        };
        if length > LOB_LIMIT && is_lob(&column.oracle_type) {
            let message = format!(
                "operation would exceed maximum size allowed for a LOB value: {} has {length} bytes, the stand-in takes {LOB_LIMIT}",
                place()
            );
            return Err(OraError::new(22925, message));
        }
        if !row::is_storable(value) {
            return Err(OraError::new(932, format!("inconsistent datatypes: the stand-in cannot store {}", place())));
        }
    }
    Ok(())
}
