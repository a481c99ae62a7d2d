use crate::{Change, DecodeError, DecodeErrorKind, Operation, RedoRow, Xid};
use std::collections::HashMap;
use type_convert::Scn;

/// The open transactions with their changes in the order of arrival.
///
/// Rows that undo (`ROLLBACK` = 1: a rollback to a savepoint, or a statement that failed) take back the
/// newest change that is still there; LogMiner gives them in exactly the reverse order.
#[derive(Debug, Default)]
pub struct TransactionBuffer {
    open: HashMap<Xid, OpenTransaction>,
}

/// A transaction that has neither committed nor rolled back.
#[derive(Debug)]
pub struct OpenTransaction {
    /// SCN of its first row seen.
    pub start_scn: Scn,
    /// Whether its START row was seen: without it there may be changes before the redo that was read.
    pub whole: bool,
    changes: Vec<(UndoKey, Change)>,
    /// The first row that could not be read. It counts only if the transaction is to be delivered.
    unreadable: Option<DecodeError>,
}

/// What an undo row must agree on with the change that it takes back.
#[derive(Debug, Clone, PartialEq, Eq)]
struct UndoKey {
    row_id: Option<String>,
    data_obj: u64,
    kind: u8,
}

const INSERT: u8 = b'I';
const UPDATE: u8 = b'U';
const DELETE: u8 = b'D';

impl OpenTransaction {
    /// Its changes as they stand, undone ones gone; or why they cannot be told.
    pub fn into_changes(self) -> Result<Vec<Change>, DecodeError> {
        match self.unreadable {
            Some(error) => Err(error),
            None => Ok(self.changes.into_iter().map(|(_, change)| change).collect()),
        }
    }

    /// Number of changes as they stand.
    pub fn len(&self) -> usize {
        self.changes.len()
    }

    /// Whether it has no changes, and nothing that could not be read either.
    pub fn is_empty(&self) -> bool {
        self.changes.is_empty() && self.unreadable.is_none()
    }
}

impl TransactionBuffer {
    /// A START row.
    pub fn start(&mut self, xid: Xid, scn: Scn) {
        self.open.insert(xid, OpenTransaction { start_scn: scn, whole: true, changes: Vec::new(), unreadable: None });
    }

    /// A row that could not be read: its transaction cannot be delivered, whatever else it holds.
    pub fn unreadable(&mut self, row: &RedoRow, error: DecodeError) {
        self.transaction(row.xid, row.scn).unreadable.get_or_insert(error);
    }

    /// A data row: a change, or where `row.rollback` says so the undoing of one.
    pub fn change(&mut self, row: &RedoRow, change: Change) -> Result<(), DecodeError> {
        let kind = match change.operation {
            Operation::Insert { .. } => INSERT,
            Operation::Update { .. } => UPDATE,
            Operation::Delete { .. } => DELETE,
        };
        let mut key = UndoKey { row_id: change.row_id.clone(), data_obj: row.data_obj, kind };
        if !row.rollback {
            self.transaction(row.xid, row.scn).changes.push((key, change));
            return Ok(());
        }
        let xid = self.undoing(row)?;
        let transaction = self.transaction(xid, row.scn);
        key.kind = match kind {
            INSERT => DELETE,
            DELETE => INSERT,
            same => same,
        };
        match transaction.changes.iter().rposition(|(undone, _)| *undone == key) {
            Some(position) => {
                // Nearly always the newest: LogMiner undoes in reverse order.
                transaction.changes.remove(position);
                Ok(())
            }
            // What it undoes lies before the redo that was read, or is the row that could not be read.
            None if !transaction.whole || transaction.unreadable.is_some() => Ok(()),
            None => Err(DecodeError::new(
                row,
                DecodeErrorKind::UnmatchedUndo,
                "it undoes a change that its transaction does not have",
            )),
        }
    }

    /// A COMMIT row; `None` where nothing of the transaction was seen.
    pub fn commit(&mut self, xid: Xid) -> Option<OpenTransaction> {
        self.open.remove(&xid)
    }

    /// A ROLLBACK row.
    pub fn rollback(&mut self, xid: Xid) {
        self.open.remove(&xid);
    }

    /// SCN of the first row of the oldest open transaction.
    pub fn oldest_start(&self) -> Option<Scn> {
        self.open.values().map(|t| t.start_scn).min()
    }

    /// Number of open transactions.
    pub fn len(&self) -> usize {
        self.open.len()
    }

    /// Whether no transaction is open.
    pub fn is_empty(&self) -> bool {
        self.open.is_empty()
    }

    /// Changes of all open transactions, in no order.
    pub fn iter(&self) -> impl Iterator<Item = &Change> {
        self.open.values().flat_map(|t| t.changes.iter().map(|(_, change)| change))
    }

    /// Open transactions with a row that could not be read.
    pub(crate) fn unreadable_count(&self) -> usize {
        self.open.values().filter(|t| t.unreadable.is_some()).count()
    }

    fn transaction(&mut self, xid: Xid, scn: Scn) -> &mut OpenTransaction {
        self.open.entry(xid).or_insert(OpenTransaction {
            start_scn: scn,
            whole: false,
            changes: Vec::new(),
            unreadable: None,
        })
    }

    /// LogMiner gives some undo rows a transaction id without its sequence (`ffffffff`): the one open
    /// transaction of that undo segment and slot is meant.
    fn undoing(&self, row: &RedoRow) -> Result<Xid, DecodeError> {
        if row.xid.sequence != u32::MAX || self.open.contains_key(&row.xid) {
            return Ok(row.xid);
        }
        let mut candidates = self.open.keys().filter(|x| x.usn == row.xid.usn && x.slot == row.xid.slot);
        match (candidates.next(), candidates.next()) {
            (Some(xid), None) => Ok(*xid),
            (first, _) => Err(DecodeError::new(
                row,
                DecodeErrorKind::UnmatchedUndo,
                format!(
                    "its transaction id has no sequence, and {} open transactions have its undo segment and slot",
                    if first.is_some() { "several" } else { "no" }
                ),
            )),
        }
    }
}
