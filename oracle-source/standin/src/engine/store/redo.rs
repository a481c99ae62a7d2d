//! The redo log: what happened, in the order in which it happened, spread over log files.

use super::{Store, TableInfo, lock, row, write::Writing};
use crate::OraError;
use rusqlite::{Connection, params};
use type_convert::Value;

/// `V$LOGMNR_CONTENTS.OPERATION_CODE`.
pub(super) mod op {
    pub(in super::super) const INSERT: i64 = 1;
    pub(in super::super) const DELETE: i64 = 2;
    pub(in super::super) const UPDATE: i64 = 3;
    pub(in super::super) const DDL: i64 = 5;
    pub(in super::super) const START: i64 = 6;
    pub(in super::super) const COMMIT: i64 = 7;
    pub(in super::super) const SELECT_LOB_LOCATOR: i64 = 9;
    pub(in super::super) const LOB_WRITE: i64 = 10;
    pub(in super::super) const ROLLBACK: i64 = 36;
    pub(in super::super) const UNSUPPORTED: i64 = 255;
}

/// `redo.undo`: the record undoes an earlier one.
pub(super) const UNDOES: i64 = 1;
/// `redo.undo`: written without minimal supplemental logging.
pub(super) const UNLOGGED: i64 = 2;

/// Rows of a multi-row insert that share one redo record.
const SHARED: i64 = 16;

/// Path of an archived log of a redo thread, as `V$ARCHIVED_LOG.NAME` has it. No such file exists.
pub(crate) fn archive_name(thread: i64, sequence: i64) -> String {
    format!("/standin/archive/{thread}_{sequence}_{}.arc", super::RESETLOGS_SCN)
}

/// Path of an online log's one member. No such file exists.
pub(crate) fn online_name(group: i64) -> String {
    format!("/standin/oradata/redo{group:02}.log")
}

/// Group of the first thread's online log that holds (or held) a sequence number.
pub(super) fn group(sequence: i64) -> i64 {
    (sequence - 1) % 3 + 1
}

/// Whether an online log still holds this sequence number.
pub(super) fn is_online(sequence: i64, current: i64) -> bool {
    sequence <= current && sequence > current - 3
}

/// A record to be written.
#[derive(Debug)]
pub(super) struct Record<'a> {
    pub(super) transaction: i64,
    pub(super) prev: i64,
    pub(super) op: i64,
    pub(super) object: i64,
    pub(super) version: i64,
    pub(super) rid: i64,
    pub(super) undo: i64,
    pub(super) data: &'a [u8],
    /// May lie in the same redo record (same SCN, RS_ID and SSN) as the one before.
    pub(super) joins: bool,
}

impl Writing {
    /// Writes a record and returns its id, `SCN * 256 + n`.
    pub(super) fn append(&mut self, connection: &Connection, record: &Record<'_>) -> Result<i64, OraError> {
        let after_start = self.after_start;
        if after_start || (record.joins && self.joined > 0 && self.joined < SHARED) {
            // The first change lies in the record that starts the transaction.
            self.within += 1;
            if after_start {
                (self.ssn, self.joined, self.after_start) = (1, 0, false);
            }
        } else {
            if self.state.log_at >= self.state.log_size {
                self.state.switch_log(connection)?;
            }
            self.state.scn += 1;
            self.at = self.state.log_at + 16;
            (self.within, self.ssn, self.joined) = (0, 0, 0);
        }
        self.joined += 1;
        self.after_start = record.op == op::START;
        let id = self.state.scn << 8 | self.within;
        connection
            .prepare_cached(
                "INSERT INTO redo(id, tx, prev, op, object, version, rid, undo, log, at, ssn, time, data)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)",
            )?
            .execute(params![
                id,
                record.transaction,
                record.prev,
                record.op,
                record.object,
                record.version,
                record.rid,
                record.undo,
                self.state.log,
                self.at,
                self.ssn,
                self.now,
                record.data
            ])?;
        let size = 112 + i64::try_from(record.data.len()).unwrap_or(i64::MAX / 2);
        self.state.log_at += (size + 15) / 16 * 16;
        self.wrote = true;
        Ok(id)
    }
}

/// An UPDATE's content: old row, new row, columns set, columns logged beside them.
pub(super) struct Update {
    pub(super) old: Vec<u8>,
    pub(super) new: Vec<u8>,
    pub(super) set: Vec<u8>,
    pub(super) logged: Vec<u8>,
}

impl Update {
    pub(super) fn encode(&self) -> Vec<u8> {
        let mut out = Vec::with_capacity(self.old.len() + self.new.len() + 16);
        [&self.old, &self.new, &self.set, &self.logged].into_iter().for_each(|p| row::put_piece(&mut out, p));
        out
    }

    pub(super) fn decode(bytes: &[u8]) -> Result<Update, OraError> {
        let mut input = row::Input(bytes);
        Ok(Update {
            old: input.piece()?.to_vec(),
            new: input.piece()?.to_vec(),
            set: input.piece()?.to_vec(),
            logged: input.piece()?.to_vec(),
        })
    }

    /// What undoes it.
    pub(super) fn inverse(self) -> Update {
        Update { old: self.new, new: self.old, set: self.set, logged: self.logged }
    }
}

/// Columns as bits.
pub(super) fn mask(columns: usize, has: impl Fn(usize) -> bool) -> Vec<u8> {
    let mut bits = vec![0u8; columns.div_ceil(8)];
    (0..columns).filter(|&n| has(n)).for_each(|n| bits[n / 8] |= 1 << (n % 8));
    bits
}

pub(super) fn in_mask(bits: &[u8], column: usize) -> bool {
    bits.get(column / 8).is_some_and(|b| b & (1 << (column % 8)) != 0)
}

/// Which columns an UPDATE of `set` logs beside them, given what of the row changes.
pub(super) fn logged(table: &TableInfo, set: &[usize], old: &[Value]) -> Vec<u8> {
    let logging = &table.logging;
    mask(old.len().max(table.table.columns.len()), |n| {
        logging.always.get(n).copied().unwrap_or(false)
            || logging.conditional.iter().any(|g| g.contains(&n) && g.iter().any(|c| set.contains(c)))
            || (table.index_organized() && table.relation.key.contains(&n))
    })
}

impl Store {
    /// ALTER SYSTEM SWITCH LOGFILE and ARCHIVE LOG CURRENT.
    pub(super) fn switch_log(&mut self) -> Result<(), OraError> {
        self.begin_write()?;
        let result = {
            let connection = lock(&self.connection);
            match &mut self.writing {
                Some(writing) => {
                    writing.wrote = true;
                    writing.state.switch_log(&connection)
                }
                None => Ok(()),
            }
        };
        self.finish_write(result)
    }
}
