use crate::{
    Change, Operation, SpillError, TableColumns,
    encoding::{Decoder, put_number, put_operation, put_optional},
    fold::{Fold, fold},
    spill::{Block, Spill, corrupt},
};
use schema_map::ObjectPath;
use std::{collections::HashMap, fmt, ops::Range, path::PathBuf, sync::Arc};

/// A new block is begun where the last one would grow beyond this.
const BLOCK: usize = 256 * 1024;
/// Before each entry: the length of what follows in 8 bytes, and whether it stands.
const HEADER: usize = LENGTH + 1;
const LENGTH: usize = 8;
const LIVE: u8 = 1;
const UNDONE: u8 = 0;

/// The changes of a committed transaction in their order: in memory, or on disk where there are many.
///
/// A clone shares what it holds. What is on disk is given back to the file system with the last clone.
#[derive(Clone, Default)]
pub struct Changes(Arc<Vec<ChangeLog>>);

/// What an undo row must agree on with the change that it takes back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct UndoKey {
    pub(crate) kind: ChangeKind,
    pub(crate) data_obj: u64,
    pub(crate) row_id: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ChangeKind {
    Insert = 1,
    Update = 2,
    Delete = 3,
    /// Never undone: DDL commits.
    Ddl = 4,
    /// What was made of LOB operations alone.
    Lob = 5,
}

/// A change with what later rows of its transaction said of its LOBs.
#[derive(Clone)]
pub(crate) struct Entry {
    pub(crate) key: UndoKey,
    /// Index in the log's tables.
    pub(crate) table: usize,
    pub(crate) change: Change,
    pub(crate) folds: Vec<Fold>,
}

/// How an undo row found what it takes back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Undone {
    /// It was the newest change.
    Newest,
    /// It was an older one.
    Older,
    /// There is none.
    Nothing,
}

/// Changes of one transaction in the order of arrival, the newest of which can be taken back.
pub(crate) struct ChangeLog {
    spill: Arc<Spill>,
    blocks: Vec<Block>,
    /// Where entries begin in the last block; empty where that is on disk.
    starts: Vec<usize>,
    tables: Vec<LogTable>,
    by_path: HashMap<Arc<ObjectPath>, usize>,
    scratch: Vec<u8>,
    /// Bytes of memory.
    resident: usize,
}

#[derive(Clone)]
struct LogTable {
    columns: Arc<TableColumns>,
    /// Changes that stand.
    changes: u64,
}

impl UndoKey {
    /// What an undo row with this operation takes back.
    pub(crate) fn inverse(self) -> Self {
        let kind = match self.kind {
            ChangeKind::Insert => ChangeKind::Delete,
            ChangeKind::Delete => ChangeKind::Insert,
            same => same,
        };
        UndoKey { kind, ..self }
    }

    /// Whether it is `buffered` as far as that is known: changes of rows with LOBs come without their ROWID at times.
    pub(crate) fn is_like(&self, buffered: &UndoKey) -> bool {
        buffered.row_id.is_none() && (self.kind, self.data_obj) == (buffered.kind, buffered.data_obj)
    }

    /// No key's bytes begin with those of another.
    pub(crate) fn put(&self, out: &mut Vec<u8>) {
        out.push(self.kind as u8);
        put_number(out, self.data_obj);
        put_optional(out, self.row_id.as_deref());
    }

    pub(crate) fn take(bytes: &mut Decoder<'_>) -> Option<Self> {
        let kind = match bytes.byte()? {
            1 => ChangeKind::Insert,
            2 => ChangeKind::Update,
            3 => ChangeKind::Delete,
            4 => ChangeKind::Ddl,
            5 => ChangeKind::Lob,
            _ => return None,
        };
        Some(UndoKey { kind, data_obj: bytes.number()?, row_id: bytes.optional()? })
    }
}

impl Entry {
    fn put(&self, out: &mut Vec<u8>) {
        self.key.put(out);
        put_number(out, self.table as u64);
        put_number(out, self.folds.len() as u64);
        put_number(out, self.change.scn.0);
        // Usually the key's.
        let own = self.change.row_id.as_deref().filter(|_| self.change.row_id != self.key.row_id);
        put_optional(out, own);
        put_operation(out, &self.change.operation);
        self.folds.iter().for_each(|fold| fold.put(out));
    }

    fn take(bytes: &mut Decoder<'_>, tables: &[LogTable]) -> Option<Self> {
        let key = UndoKey::take(bytes)?;
        let table = bytes.size()?;
        let folds = bytes.size()?;
        let path = Arc::clone(&tables.get(table)?.columns.path);
        let scn = bytes.scn()?;
        let row_id = bytes.optional()?.or_else(|| key.row_id.clone());
        let change = Change { table: path, scn, row_id, operation: bytes.operation()? };
        let folds = (0..folds).map(|_| Fold::take(bytes)).collect::<Option<_>>()?;
        bytes.0.is_empty().then_some(Entry { key, table, change, folds })
    }
}

impl ChangeLog {
    pub(crate) fn new(spill: &Arc<Spill>) -> Self {
        ChangeLog {
            spill: Arc::clone(spill),
            blocks: Vec::new(),
            starts: Vec::new(),
            tables: Vec::new(),
            by_path: HashMap::new(),
            scratch: Vec::new(),
            resident: 0,
        }
    }

    /// The index of a table for [`Entry::table`].
    pub(crate) fn table(&mut self, columns: &Arc<TableColumns>) -> usize {
        if let Some((index, last)) = self.tables.iter().enumerate().next_back()
            && Arc::ptr_eq(&last.columns, columns)
        {
            return index;
        }
        match self.by_path.get(&columns.path) {
            // The definition of the table that a DDL changed is another.
            Some(&index) if *self.tables[index].columns == **columns => index,
            _ => {
                self.tables.push(LogTable { columns: Arc::clone(columns), changes: 0 });
                self.by_path.insert(Arc::clone(&columns.path), self.tables.len() - 1);
                self.tables.len() - 1
            }
        }
    }

    /// Changes that stand, by table.
    pub(crate) fn counts(&self) -> impl Iterator<Item = (&Arc<ObjectPath>, u64)> {
        self.tables.iter().map(|t| (&t.columns.path, t.changes)).filter(|(_, changes)| *changes > 0)
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.counts().next().is_none()
    }

    /// Bytes of memory.
    pub(crate) fn resident(&self) -> usize {
        self.resident
    }

    fn change_last<T>(&mut self, change: impl FnOnce(&mut Vec<u8>) -> T) -> Result<Option<T>, SpillError> {
        let Some(last) = self.blocks.last_mut() else { return Ok(None) };
        let before = last.resident();
        let changed = last.change(change);
        self.resident = self.resident - before + last.resident();
        changed.map(Some)
    }

    pub(crate) fn push(&mut self, entry: &Entry) -> Result<(), SpillError> {
        let mut body = std::mem::take(&mut self.scratch);
        body.clear();
        entry.put(&mut body);
        let full = self.blocks.last().is_none_or(|b| !b.is_resident() || b.len() + body.len() + HEADER > BLOCK);
        if full {
            self.blocks.push(Block::new(&self.spill));
            self.starts.clear();
        }
        let length = body.len() as u64;
        let start = self.change_last(|bytes| {
            let start = bytes.len();
            bytes.extend_from_slice(&length.to_le_bytes());
            bytes.push(LIVE);
            bytes.extend_from_slice(&body);
            start
        })?;
        self.starts.extend(start);
        self.tables[entry.table].changes += 1;
        self.scratch = body;
        Ok(())
    }

    /// Takes back the newest change, or fold, with this key.
    pub(crate) fn undo(&mut self, key: &UndoKey) -> Result<Undone, SpillError> {
        let mut wanted = Vec::new();
        key.put(&mut wanted);
        self.restore_last()?;
        let mut without_row_id = Vec::new();
        UndoKey { row_id: None, ..key.clone() }.put(&mut without_row_id);
        if self.undo_last(&wanted)? || self.undo_last(&without_row_id)? {
            return Ok(Undone::Newest);
        }
        let mut newest = true;
        for block in (0..self.blocks.len()).rev() {
            let bytes = self.blocks[block].bytes()?;
            let entries = entries(&bytes).ok_or_else(|| corrupt(&self.spill))?;
            for entry in entries.into_iter().rev() {
                if bytes[entry.start + LENGTH] == UNDONE {
                    continue;
                }
                let body = &bytes[entry.start + HEADER..entry.end];
                let matches = body.starts_with(&wanted);
                let table = header(body).ok_or_else(|| corrupt(&self.spill))?;
                if table.folds > 0 {
                    let mut taken =
                        Entry::take(&mut Decoder(body), &self.tables).ok_or_else(|| corrupt(&self.spill))?;
                    if let Some(fold) = taken.folds.iter_mut().rev().find(|f| !f.undone && f.key.as_ref() == Some(key))
                    {
                        fold.undone = true;
                        let mut changed = bytes.into_owned();
                        let mut body = Vec::new();
                        taken.put(&mut body);
                        changed[entry.start + HEADER..entry.end].copy_from_slice(&body);
                        self.blocks[block].overwrite(&changed)?;
                        return Ok(if newest { Undone::Newest } else { Undone::Older });
                    }
                }
                if matches {
                    self.tables[table.table].changes -= 1;
                    if newest && block + 1 == self.blocks.len() {
                        drop(bytes);
                        self.pop_to(entry.start)?;
                        return Ok(Undone::Newest);
                    }
                    let mut changed = bytes.into_owned();
                    changed[entry.start + LENGTH] = UNDONE;
                    self.blocks[block].overwrite(&changed)?;
                    return Ok(if newest { Undone::Newest } else { Undone::Older });
                }
                newest = false;
            }
        }
        Ok(Undone::Nothing)
    }

    /// The usual case: the last entry is the one.
    fn undo_last(&mut self, wanted: &[u8]) -> Result<bool, SpillError> {
        let (Some(last), Some(&start)) = (self.blocks.last(), self.starts.last()) else { return Ok(false) };
        let bytes = last.bytes()?;
        let body = &bytes[start + HEADER..];
        if bytes[start + LENGTH] == UNDONE || !body.starts_with(wanted) {
            return Ok(false);
        }
        let header = header(body).ok_or_else(|| corrupt(&self.spill))?;
        if header.folds > 0 {
            return Ok(false);
        }
        drop(bytes);
        self.tables[header.table].changes -= 1;
        self.pop_to(start)?;
        Ok(true)
    }

    /// Brings the last block back into memory.
    fn restore_last(&mut self) -> Result<(), SpillError> {
        if self.blocks.last().is_none_or(Block::is_resident) {
            return Ok(());
        }
        let entries = self.change_last(|bytes| entries(bytes))?.flatten().ok_or_else(|| corrupt(&self.spill))?;
        self.starts = entries.into_iter().map(|entry| entry.start).collect();
        Ok(())
    }

    fn pop_to(&mut self, start: usize) -> Result<(), SpillError> {
        while self.starts.pop_if(|s| *s >= start).is_some() {}
        if start > 0 {
            return self.change_last(|bytes| bytes.truncate(start)).map(drop);
        }
        self.resident -= self.blocks.pop().map_or(0, |block| block.resident());
        self.restore_last()
    }

    /// Moves everything to disk.
    pub(crate) fn spill(&mut self) -> Result<(), SpillError> {
        self.starts.clear();
        self.blocks.iter_mut().try_for_each(Block::spill)?;
        self.resident = 0;
        Ok(())
    }
}

struct Header {
    table: usize,
    folds: usize,
}

fn header(body: &[u8]) -> Option<Header> {
    let mut bytes = Decoder(body);
    // As UndoKey::take, but without a copy of the ROWID.
    bytes.byte()?;
    bytes.number()?;
    if bytes.byte()? != 0 {
        bytes.bytes()?;
    }
    Some(Header { table: bytes.size()?, folds: bytes.size()? })
}

/// Where the entries of a block are, their headers included.
fn entries(block: &[u8]) -> Option<Vec<Range<usize>>> {
    let mut entries = Vec::new();
    let mut start = 0;
    while start < block.len() {
        let length = u64::from_le_bytes(*block.get(start..)?.first_chunk()?);
        let end = start.checked_add(HEADER)?.checked_add(usize::try_from(length).ok()?)?;
        block.get(start..end)?;
        entries.push(start..end);
        start = end;
    }
    Some(entries)
}

impl Changes {
    pub(crate) fn new(logs: Vec<ChangeLog>) -> Self {
        Changes(Arc::new(logs))
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        let count: u64 = self.0.iter().flat_map(ChangeLog::counts).map(|(_, changes)| changes).sum();
        usize::try_from(count).unwrap_or(usize::MAX)
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// How many there are of each table. A table may come more than once.
    pub fn tables(&self) -> impl Iterator<Item = (&Arc<ObjectPath>, u64)> {
        self.0.iter().flat_map(ChangeLog::counts)
    }

    /// Bytes that they take in memory; those on disk take none until they are read.
    pub fn memory(&self) -> usize {
        self.0.iter().map(ChangeLog::resident).sum()
    }

    /// One after the other. At most one block of them, of 256 KiB or of one change that is larger, is read at a time.
    pub fn iter(&self) -> ChangesIter<'_> {
        ChangesIter { logs: self.0.iter(), log: None, blocks: [].iter(), bytes: [].as_slice().into(), at: 0 }
    }

    /// All of them in memory.
    pub fn to_vec(&self) -> Result<Vec<Change>, SpillError> {
        self.iter().collect()
    }
}

/// The changes of a transaction, one after the other; after an error no more come.
pub struct ChangesIter<'a> {
    logs: std::slice::Iter<'a, ChangeLog>,
    log: Option<&'a ChangeLog>,
    blocks: std::slice::Iter<'a, Block>,
    bytes: std::borrow::Cow<'a, [u8]>,
    at: usize,
}

impl ChangesIter<'_> {
    fn advance(&mut self) -> Result<Option<Change>, SpillError> {
        loop {
            if let Some(log) = self.log
                && self.at < self.bytes.len()
            {
                let corrupt = || corrupt(&log.spill);
                let rest = &self.bytes[self.at..];
                let length = rest.first_chunk().map(|length| u64::from_le_bytes(*length)).ok_or_else(corrupt)?;
                let end = usize::try_from(length).ok().and_then(|n| n.checked_add(HEADER)).ok_or_else(corrupt)?;
                let entry = rest.get(..end).ok_or_else(corrupt)?;
                self.at += end;
                if entry[LENGTH] == UNDONE {
                    continue;
                }
                let entry = Entry::take(&mut Decoder(&entry[HEADER..]), &log.tables).ok_or_else(corrupt)?;
                let columns = &log.tables[entry.table].columns;
                // It was tried when the entry was put into the log.
                return fold(entry.change, entry.folds, columns).map(Some).map_err(|_| corrupt());
            }
            if let Some(block) = self.blocks.next() {
                (self.bytes, self.at) = (block.bytes()?, 0);
            } else if let Some(log) = self.logs.next() {
                (self.log, self.blocks) = (Some(log), log.blocks.iter());
                (self.bytes, self.at) = ([].as_slice().into(), 0);
            } else {
                return Ok(None);
            }
        }
    }
}

impl fmt::Debug for ChangesIter<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ChangesIter").finish_non_exhaustive()
    }
}

impl Iterator for ChangesIter<'_> {
    type Item = Result<Change, SpillError>;

    fn next(&mut self) -> Option<Self::Item> {
        let next = self.advance();
        if next.is_err() {
            self.logs = [].iter();
            self.blocks = [].iter();
            self.at = self.bytes.len();
        }
        next.transpose()
    }
}

impl<'a> IntoIterator for &'a Changes {
    type Item = Result<Change, SpillError>;
    type IntoIter = ChangesIter<'a>;

    fn into_iter(self) -> ChangesIter<'a> {
        self.iter()
    }
}

/// In memory.
impl FromIterator<Change> for Changes {
    fn from_iter<I: IntoIterator<Item = Change>>(changes: I) -> Self {
        let mut log = ChangeLog::new(&Spill::new(PathBuf::new()));
        for change in changes {
            // The columns serve to complete LOBs: these changes are whole.
            let table = log.table(&Arc::new(TableColumns { path: Arc::clone(&change.table), columns: Vec::new() }));
            let key = UndoKey { kind: ChangeKind::of(&change.operation), data_obj: 0, row_id: change.row_id.clone() };
            let entry = Entry { key, table, change, folds: Vec::new() };
            log.push(&entry).expect("what stays in memory needs no file");
        }
        Changes::new(vec![log])
    }
}

impl From<Vec<Change>> for Changes {
    fn from(changes: Vec<Change>) -> Self {
        changes.into_iter().collect()
    }
}

/// Those that cannot be read again from disk are equal to none.
impl PartialEq for Changes {
    fn eq(&self, other: &Self) -> bool {
        self.len() == other.len()
            && self.iter().zip(other).all(|(one, other)| matches!((one, other), (Ok(one), Ok(other)) if one == other))
    }
}

/// Their number: a transaction may have millions.
impl fmt::Debug for Changes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Changes").field("len", &self.len()).field("memory", &self.memory()).finish()
    }
}

impl ChangeKind {
    pub(crate) fn of(operation: &Operation) -> Self {
        match operation {
            Operation::Insert { .. } => ChangeKind::Insert,
            Operation::Update { .. } => ChangeKind::Update,
            Operation::Delete { .. } => ChangeKind::Delete,
            Operation::Truncate | Operation::Ddl(_) => ChangeKind::Ddl,
        }
    }
}
