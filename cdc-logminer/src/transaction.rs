use crate::{
    Change, DecodeError, DecodeErrorKind, Irregularity, RedoRow, SpillError, Xid,
    changes::{ChangeKind, ChangeLog, UndoKey, Undone},
    decode::Followed,
    open_transaction::OpenTransaction,
    spill::Spill,
};
use schema_map::ObjectPath;
use std::{
    collections::{BTreeMap, BTreeSet},
    path::PathBuf,
    sync::Arc,
};
use type_convert::Scn;

/// The open transactions with their changes in the order of arrival.
///
/// Rows that undo (`ROLLBACK` = 1: a rollback to a savepoint, or a statement that failed) take back the
/// newest change that is still there; LogMiner gives them in exactly the reverse order.
pub(crate) struct TransactionBuffer {
    spill: Arc<Spill>,
    /// Bytes of memory that the changes of all open transactions may take.
    limit: usize,
    /// Bytes that they take.
    resident: usize,
    /// By undo segment and slot first: of these only one transaction can be open.
    open: BTreeMap<Xid, OpenTransaction>,
    /// First SCNs of what is open or waits for its coordinator.
    starts: BTreeSet<(Scn, Xid)>,
    /// Parallel DML, by the coordinator's id.
    parallel: BTreeMap<Xid, Parallel>,
    undone_out_of_order: u64,
}

/// What parallel execution servers did for one coordinator: one transaction in the end.
#[derive(Default)]
struct Parallel {
    open_parts: usize,
    /// Those that have committed, the coordinator's own among them.
    parts: Vec<OpenTransaction>,
}

/// A transaction that has just committed.
pub(crate) struct CommittedTransaction {
    pub(crate) xid: Xid,
    pub(crate) start_scn: Scn,
    pub(crate) whole: bool,
    pub(crate) unreadable: Option<DecodeError>,
    pub(crate) logs: Vec<ChangeLog>,
}

/// Why a row could not be taken in.
#[derive(Debug)]
pub(crate) enum BufferError {
    Decode(DecodeError),
    Spill(SpillError),
}

impl From<DecodeError> for BufferError {
    fn from(error: DecodeError) -> Self {
        BufferError::Decode(error)
    }
}

impl From<SpillError> for BufferError {
    fn from(error: SpillError) -> Self {
        BufferError::Spill(error)
    }
}

impl TransactionBuffer {
    pub(crate) fn new(limit: usize, folder: PathBuf) -> Self {
        TransactionBuffer {
            spill: Spill::new(folder),
            // The rest is for what holds the bytes together, and for what an allocator rounds up.
            limit: limit / 4 * 3,
            resident: 0,
            open: BTreeMap::new(),
            starts: BTreeSet::new(),
            parallel: BTreeMap::new(),
            undone_out_of_order: 0,
        }
    }

    /// A START row. An error where its slot still has another transaction, with changes, whose end was not in the redo: that one
    /// is gone then.
    pub(crate) fn start(&mut self, row: &RedoRow) -> Result<(), DecodeError> {
        let slot = |sequence| Xid { sequence, ..row.xid };
        let before = self.open.range(slot(0)..=slot(u32::MAX)).map(|(xid, _)| *xid).find(|xid| *xid != row.xid);
        let ended = before.and_then(|xid| self.open.remove(&xid));
        let broken = ended.as_ref().is_some_and(|t| !t.is_empty());
        if let Some(ended) = ended {
            self.gone(&ended);
            if let Some(parallel) = ended.coordinator.and_then(|coordinator| self.parallel.get_mut(&coordinator)) {
                parallel.open_parts -= 1;
            }
        }
        if let Some(earlier) = self.open.insert(row.xid, OpenTransaction::new(row, row.xid, true, &self.spill)) {
            self.gone(&earlier);
        }
        self.starts.insert((row.scn, row.xid));
        match before {
            Some(xid) if broken => Err(DecodeError::new(
                row,
                DecodeErrorKind::Irregular(Irregularity::BrokenTransaction),
                format!(
                    "transaction {xid} had this slot before, and whether it committed is not in the redo that was read"
                ),
            )),
            _ => Ok(()),
        }
    }

    /// A row that could not be read: its transaction cannot be delivered, whatever else it holds.
    pub(crate) fn unreadable(&mut self, row: &RedoRow, error: DecodeError) {
        let xid = self.resolve(row).unwrap_or(row.xid);
        self.transaction(xid, row).unreadable.get_or_insert(error);
    }

    /// A row that is left out of its transaction.
    pub(crate) fn left_out(&mut self, row: &RedoRow) {
        let xid = self.resolve(row).unwrap_or(row.xid);
        self.transaction(xid, row).rows_left_out = true;
    }

    /// Redo is missing, of whatever transaction.
    pub(crate) fn redo_missing(&mut self) {
        self.open.values_mut().for_each(|t| t.rows_left_out = true);
    }

    /// A data row.
    pub(crate) fn change(&mut self, row: &RedoRow, followed: &Followed, change: Change) -> Result<(), BufferError> {
        let xid = self.resolve(row)?;
        self.with(xid, row, |transaction| transaction.push(row, followed, change))?;
        self.keep_within_limit().map_err(BufferError::Spill)
    }

    /// A row about the content of a LOB, an XML document or a 32 K string.
    pub(crate) fn lob(&mut self, row: &RedoRow, followed: &Followed) -> Result<(), BufferError> {
        let xid = self.resolve(row)?;
        if row.rollback {
            let transaction = self.transaction(xid, row);
            return match transaction.undo_lob(followed) || transaction.may_lack_rows() {
                true => Ok(()),
                false => Err(unmatched(row).into()),
            };
        }
        self.with(xid, row, |transaction| transaction.lob(row, followed))?;
        self.keep_within_limit().map_err(BufferError::Spill)
    }

    /// A data row with `ROLLBACK` = 1, whose own operation is of this kind.
    pub(crate) fn undo(&mut self, row: &RedoRow, kind: ChangeKind, row_id: Option<String>) -> Result<(), BufferError> {
        let xid = self.resolve(row)?;
        let key = UndoKey { kind, data_obj: row.data_obj, row_id }.inverse();
        match self.with(xid, row, |transaction| transaction.undo(&key))? {
            Undone::Newest => Ok(()),
            Undone::Older => {
                self.undone_out_of_order += 1;
                Ok(())
            }
            Undone::Nothing if self.transaction(xid, row).may_lack_rows() => Ok(()),
            Undone::Nothing => Err(unmatched(row).into()),
        }
    }

    /// A COMMIT row: the transaction, unless nothing of it was seen, or other parts of it are open.
    pub(crate) fn commit(&mut self, row: &RedoRow) -> Result<Option<CommittedTransaction>, BufferError> {
        let Some(xid) = self.ending(row)? else { return Ok(None) };
        self.with(xid, row, OpenTransaction::close)?;
        let Some(transaction) = self.open.remove(&xid) else { return Ok(None) };
        let coordinator = transaction.coordinator.unwrap_or(xid);
        let Some(parallel) = self.parallel.get_mut(&coordinator) else {
            return Ok(Some(self.committed(xid, vec![transaction])));
        };
        if transaction.coordinator.is_some() {
            parallel.open_parts -= 1;
        }
        parallel.parts.push(transaction);
        Ok(self.finish_parallel(coordinator))
    }

    /// A ROLLBACK row. Where it ends the last part of parallel DML, what the other parts did.
    pub(crate) fn rollback(&mut self, row: &RedoRow) -> Result<Option<CommittedTransaction>, DecodeError> {
        let Some(xid) = self.ending(row)? else { return Ok(None) };
        self.transaction(xid, row);
        let Some(transaction) = self.open.remove(&xid) else { return Ok(None) };
        self.gone(&transaction);
        let coordinator = transaction.coordinator.unwrap_or(xid);
        let Some(parallel) = self.parallel.get_mut(&coordinator) else { return Ok(None) };
        if transaction.coordinator.is_some() {
            parallel.open_parts -= 1;
        } else {
            // Its servers' parts that are open still will be rolled back too.
            let parts = std::mem::take(&mut parallel.parts);
            parts.iter().for_each(|part| self.gone(part));
        }
        Ok(self.finish_parallel(coordinator))
    }

    /// A transaction that will have no end, and has no changes: a replication marker.
    pub(crate) fn forget_empty(&mut self, xid: Xid) {
        if self.open.get(&xid).is_some_and(OpenTransaction::is_empty)
            && let Some(transaction) = self.open.remove(&xid)
        {
            self.gone(&transaction);
        }
    }

    /// SCN of the first row of the oldest open transaction.
    pub(crate) fn oldest_start(&self) -> Option<Scn> {
        self.starts.first().map(|(scn, _)| *scn)
    }

    /// Number of open transactions, those of parallel DML each by itself.
    pub(crate) fn len(&self) -> usize {
        self.open.len() + self.parallel.values().map(|p| p.parts.len()).sum::<usize>()
    }

    /// Changes that stand, by table.
    pub(crate) fn counts(&self) -> impl Iterator<Item = (&Arc<ObjectPath>, u64)> {
        self.transactions().flat_map(OpenTransaction::counts)
    }

    /// Open transactions with a row that could not be read.
    pub(crate) fn unreadable_count(&self) -> usize {
        self.transactions().filter(|t| t.unreadable.is_some()).count()
    }

    /// Bytes of memory that the changes take.
    pub(crate) fn resident(&self) -> usize {
        self.resident
    }

    /// Undo rows that did not take back the newest change.
    pub(crate) fn undone_out_of_order(&self) -> u64 {
        self.undone_out_of_order
    }

    fn transactions(&self) -> impl Iterator<Item = &OpenTransaction> {
        self.open.values().chain(self.parallel.values().flat_map(|p| &p.parts))
    }

    /// Delivers what a coordinator and its servers did once all of them have ended.
    fn finish_parallel(&mut self, coordinator: Xid) -> Option<CommittedTransaction> {
        let parallel = self.parallel.get(&coordinator)?;
        if parallel.open_parts > 0 || self.open.contains_key(&coordinator) {
            return None;
        }
        let parts = self.parallel.remove(&coordinator)?.parts;
        (!parts.is_empty()).then(|| self.committed(coordinator, parts))
    }

    fn committed(&mut self, xid: Xid, parts: Vec<OpenTransaction>) -> CommittedTransaction {
        parts.iter().for_each(|part| self.gone(part));
        let start_scn = parts.iter().map(|part| part.start_scn).min().unwrap_or_default();
        let whole = parts.iter().all(|part| part.whole);
        let (mut logs, mut unreadable) = (Vec::with_capacity(parts.len()), None);
        for part in parts {
            unreadable = unreadable.or(part.unreadable);
            logs.push(part.log);
        }
        CommittedTransaction { xid, start_scn, whole, unreadable, logs }
    }

    /// A transaction that is no longer held here.
    fn gone(&mut self, transaction: &OpenTransaction) {
        self.starts.remove(&(transaction.start_scn, transaction.xid));
        self.resident -= transaction.resident();
    }

    fn transaction(&mut self, xid: Xid, row: &RedoRow) -> &mut OpenTransaction {
        let TransactionBuffer { open, starts, spill, parallel, .. } = self;
        let transaction = open.entry(xid).or_insert_with(|| {
            starts.insert((row.scn, xid));
            OpenTransaction::new(row, xid, false, spill)
        });
        // Rows of parallel DML name their coordinator, though not necessarily its first ones.
        if let Some(coordinator) = row.pxid.filter(|pxid| *pxid != xid && *pxid != Xid::default())
            && transaction.coordinator.is_none()
        {
            transaction.coordinator = Some(coordinator);
            parallel.entry(coordinator).or_default().open_parts += 1;
        }
        transaction
    }

    fn with<T, E>(
        &mut self,
        xid: Xid,
        row: &RedoRow,
        work: impl FnOnce(&mut OpenTransaction) -> Result<T, E>,
    ) -> Result<T, E> {
        let transaction = self.transaction(xid, row);
        let before = transaction.resident();
        let result = work(transaction);
        let now = transaction.resident();
        self.resident = self.resident - before + now;
        result
    }

    /// Writes the largest transactions to disk where all of them take too much memory.
    fn keep_within_limit(&mut self) -> Result<(), SpillError> {
        if self.resident <= self.limit {
            return Ok(());
        }
        let waiting = self.parallel.values_mut().flat_map(|p| &mut p.parts);
        let mut transactions: Vec<&mut OpenTransaction> = self.open.values_mut().chain(waiting).collect();
        transactions.sort_by_key(|transaction| std::cmp::Reverse(transaction.resident()));
        // To the half, so that it is not the next row that brings us here again.
        for transaction in transactions {
            if self.resident <= self.limit / 2 {
                break;
            }
            let before = transaction.resident();
            let spilled = transaction.spill();
            self.resident = self.resident - before + transaction.resident();
            spilled?;
        }
        Ok(())
    }

    /// The open transaction that a row ends; `None` where nothing of it was seen.
    fn ending(&self, row: &RedoRow) -> Result<Option<Xid>, DecodeError> {
        let slot = |sequence| Xid { sequence, ..row.xid };
        let seen = self.open.range(slot(0)..=slot(u32::MAX)).next().is_some();
        if !seen {
            return Ok(None);
        }
        self.resolve(row).map(|xid| Some(xid).filter(|xid| self.open.contains_key(xid)))
    }

    /// LogMiner gives some undo rows a transaction id without its sequence (`ffffffff`): the one open
    /// transaction of that undo segment and slot is meant.
    fn resolve(&self, row: &RedoRow) -> Result<Xid, DecodeError> {
        if row.xid.sequence != u32::MAX || self.open.contains_key(&row.xid) {
            return Ok(row.xid);
        }
        let slot = |sequence| Xid { sequence, ..row.xid };
        let mut candidates = self.open.range(slot(0)..slot(u32::MAX)).map(|(xid, _)| *xid);
        match (candidates.next(), candidates.next()) {
            (Some(xid), None) => Ok(xid),
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

fn unmatched(row: &RedoRow) -> DecodeError {
    DecodeError::new(row, DecodeErrorKind::UnmatchedUndo, "it undoes a change that its transaction does not have")
}
