//! Transactions that outlive the short write transactions of SQLite, waits for locks, and the cleaning up behind
//! processes that died.

use super::{
    Store, clock, liveness, lock,
    redo::{Record, UNDOES, Update, op},
    write::Writing,
};
use crate::{OraError, engine::storage::Storage};
use rusqlite::{Connection, OptionalExtension, params};
use std::{
    collections::HashSet,
    sync::Arc,
    thread,
    time::{Duration, Instant},
};

/// The open transaction of a session.
#[derive(Debug, Clone)]
pub(super) struct OpenTransaction {
    pub(super) id: i64,
    /// The newest redo record that is not undone; 0 where there is none.
    pub(super) last: i64,
    /// Tables that it has locked (mode 3, row exclusive, by changing them).
    pub(super) tables: HashSet<i64>,
}

impl Store {
    /// Begins a statement that writes.
    pub(super) fn begin_write(&mut self) -> Result<(), OraError> {
        if self.writing.is_some() {
            return Err(OraError::new(600, "internal error code, arguments: [statement within a statement]"));
        }
        let connection = lock(&self.connection);
        connection.prepare_cached("BEGIN IMMEDIATE")?.execute([])?;
        let writing = Writing::begin(&connection, self.transaction.clone());
        match writing {
            Ok(writing) => {
                let stale = self.model.borrow().version != writing.state.model;
                self.writing = Some(writing);
                drop(connection);
                if stale {
                    self.model()?;
                }
                Ok(())
            }
            Err(error) => {
                connection.execute_batch("ROLLBACK")?;
                Err(error)
            }
        }
    }

    /// Forgets everything since [`begin_write`](Self::begin_write).
    pub(super) fn abandon(&mut self) -> Result<(), OraError> {
        if let Some(writing) = self.writing.take() {
            self.transaction = writing.before;
            let connection = lock(&self.connection);
            if !connection.is_autocommit() {
                connection.execute_batch("ROLLBACK")?;
            }
        }
        Ok(())
    }

    /// Makes everything since [`begin_write`](Self::begin_write) durable, or on an error forgets it.
    pub(super) fn finish_write<T>(&mut self, result: Result<T, OraError>) -> Result<T, OraError> {
        let result = result.and_then(|value| self.write_back().map(|()| value));
        match result {
            Ok(value) => {
                self.writing = None;
                Ok(value)
            }
            Err(error) => {
                self.abandon()?;
                Err(error)
            }
        }
    }

    fn write_back(&self) -> Result<(), OraError> {
        let Some(writing) = &self.writing else { return Ok(()) };
        let connection = lock(&self.connection);
        if writing.wrote {
            writing.state.write(&connection)?;
            for (object, segment) in &writing.segments {
                connection
                    .prepare_cached("UPDATE objects SET next_rid = ?2, extent_end = ?3 WHERE id = ?1")?
                    .execute(params![object, segment.next_rid, segment.extent_end])?;
            }
            if let Some(transaction) = &self.transaction {
                connection
                    .prepare_cached("UPDATE tx SET last = ?2 WHERE id = ?1")?
                    .execute(params![transaction.id, transaction.last])?;
            }
        }
        connection.prepare_cached("COMMIT")?.execute([])?;
        Ok(())
    }

    /// The transaction's number; begins it where there is none.
    pub(super) fn transaction_id(&mut self) -> Result<i64, OraError> {
        if let Some(transaction) = &self.transaction {
            return Ok(transaction.id);
        }
        let connection = lock(&self.connection);
        let writing = self
            .writing
            .as_mut()
            .ok_or_else(|| OraError::new(600, "internal error code, arguments: [no statement]"))?;
        let next: i64 =
            connection.prepare_cached("SELECT coalesce(max(id), 0) + 1 FROM tx")?.query_row([], |r| r.get(0))?;
        let mut slot: Option<(i64, i64, i64)> = None;
        for usn in (0..10).map(|n| (next + n) % 10 + 1) {
            slot = connection
                .prepare_cached(
                    "SELECT usn, slot, sequence + 1 FROM undo_slots WHERE usn = ?1 AND tx IS NULL ORDER BY slot LIMIT 1",
                )?
                .query_row([usn], |r| Ok((r.get(0)?, r.get(1)?, r.get(2)?)))
                .optional()?;
            if slot.is_some() {
                break;
            }
        }
        let (usn, slot, sequence) = slot.ok_or_else(|| {
            OraError::new(1574, "maximum number of concurrent transactions exceeded (the stand-in has 340 slots)")
        })?;
        connection
            .prepare_cached("UPDATE undo_slots SET tx = ?3, sequence = ?4 WHERE usn = ?1 AND slot = ?2")?
            .execute(params![usn, slot, next, sequence])?;
        let start = Record {
            transaction: next,
            prev: 0,
            op: op::START,
            object: 0,
            version: 0,
            rid: 0,
            undo: 0,
            data: &[],
            joins: false,
        };
        writing.append(&connection, &start)?;
        connection
            .prepare_cached(
                "INSERT INTO tx(id, status, usn, slot, sequence, start_scn, start_time, commit_scn, last, session, user, pid, started)
                 VALUES (?1, 0, ?2, ?3, ?4, ?5, ?6, NULL, 0, ?7, ?8, ?9, ?10)",
            )?
            .execute(params![
                next,
                usn,
                slot,
                sequence,
                writing.state.scn,
                writing.now,
                self.session,
                self.user,
                std::process::id(),
                writing.process
            ])?;
        writing.open.insert(next);
        self.transaction = Some(OpenTransaction { id: next, last: 0, tables: HashSet::new() });
        Ok(next)
    }

    /// Begins a transaction where none is open.
    pub(super) fn start_transaction(&mut self) -> Result<(), OraError> {
        self.begin_write()?;
        let started = self.transaction_id().map(drop);
        self.finish_write(started)
    }

    /// COMMIT or ROLLBACK.
    pub(super) fn end_transaction(&mut self, commit: bool) -> Result<(), OraError> {
        if self.writing.is_some() {
            return Err(OraError::new(600, "internal error code, arguments: [end of transaction within a statement]"));
        }
        self.savepoints.clear();
        if self.transaction.is_none() {
            return Ok(());
        }
        self.begin_write()?;
        let result = self.write_end(commit);
        // What finish_write updates is the open transaction; this one is closed by write_end.
        let closed = result.is_ok().then(|| self.transaction.take()).flatten();
        match self.finish_write(result) {
            Ok(()) => {
                self.synch_writes += i64::from(commit);
                Ok(())
            }
            Err(error) => {
                self.transaction = self.transaction.take().or(closed);
                Err(error)
            }
        }
    }

    /// Writes the end of the open transaction within a statement that writes. The caller forgets the transaction.
    pub(super) fn write_end(&mut self, commit: bool) -> Result<(), OraError> {
        if !commit {
            self.undo_records(0)?;
        }
        let (Some(transaction), Some(writing)) = (&self.transaction, &mut self.writing) else { return Ok(()) };
        let connection = lock(&self.connection);
        let record = Record {
            transaction: transaction.id,
            prev: 0,
            op: if commit { op::COMMIT } else { op::ROLLBACK },
            object: 0,
            version: 0,
            rid: 0,
            undo: 0,
            data: &[],
            joins: false,
        };
        writing.append(&connection, &record)?;
        connection
            .prepare_cached("UPDATE tx SET status = ?2, commit_scn = ?3, last = 0 WHERE id = ?1")?
            .execute(params![transaction.id, if commit { 1 } else { 2 }, commit.then_some(writing.state.scn)])?;
        for sql in [
            "UPDATE undo_slots SET tx = NULL WHERE (usn, slot) = (SELECT usn, slot FROM tx WHERE id = ?1)",
            "DELETE FROM table_locks WHERE tx = ?1",
            "DELETE FROM row_locks WHERE tx = ?1",
            "DELETE FROM waits WHERE tx = ?1",
        ] {
            connection.prepare_cached(sql)?.execute([transaction.id])?;
        }
        // The clock stands behind the commit, so that a reader of the clock may take all before it.
        writing.state.scn += 1;
        Ok(())
    }

    /// ROLLBACK TO SAVEPOINT: undoes what is newer than the record `to`.
    pub(super) fn undo_to(&mut self, to: i64) -> Result<(), OraError> {
        if self.transaction.as_ref().is_none_or(|t| t.last == to) {
            return Ok(());
        }
        self.begin_write()?;
        let result = self.undo_records(to);
        self.finish_write(result)
    }

    /// Undoes the records of the open transaction that are newer than `to`, newest first.
    pub(super) fn undo_records(&mut self, to: i64) -> Result<(), OraError> {
        let (Some(transaction), Some(writing)) = (&mut self.transaction, &mut self.writing) else { return Ok(()) };
        let connection = lock(&self.connection);
        while transaction.last > to {
            transaction.last = undo_one(&connection, writing, transaction.id, transaction.last)?;
        }
        Ok(())
    }

    /// Runs a statement: all of it or nothing, again after a wait for a lock.
    pub(super) fn run_dml(
        &mut self,
        body: &mut dyn FnMut(&mut dyn Storage) -> Result<u64, OraError>,
    ) -> Result<u64, OraError> {
        self.run_statement(&mut |store| body(store))
    }

    pub(super) fn run_statement(
        &mut self,
        body: &mut dyn FnMut(&mut Store) -> Result<u64, OraError>,
    ) -> Result<u64, OraError> {
        let deadline = self.deadline();
        loop {
            self.begin_write()?;
            let last = self.transaction.as_ref().map_or(0, |t| t.last);
            let result = body(self).and_then(|n| self.check_pending().map(|()| n));
            let conflict = self.writing.as_mut().and_then(|w| w.conflict.take());
            if let Some(holder) = conflict {
                self.abandon()?;
                self.wait_for(holder, deadline)?;
                continue;
            }
            return match result {
                Ok(n) => self.finish_write(Ok(n)),
                Err(error) => {
                    let undone = self.undo_records(last);
                    self.finish_write(undone)?;
                    Err(error)
                }
            };
        }
    }

    /// Waits until the transaction `holder` ends.
    pub(super) fn wait_for(&mut self, holder: i64, deadline: Option<Instant>) -> Result<(), OraError> {
        let begun = Instant::now();
        let result = self.wait_until_ended(holder, deadline, begun);
        if let Some(transaction) = self.transaction.as_ref().filter(|_| self.lock_timeout != Some(Duration::ZERO)) {
            lock(&self.connection).execute("DELETE FROM waits WHERE tx = ?1", [transaction.id])?;
        }
        result
    }

    fn wait_until_ended(&mut self, holder: i64, deadline: Option<Instant>, begun: Instant) -> Result<(), OraError> {
        let mut pause = Duration::from_millis(1);
        let mut announced = false;
        loop {
            let process: Option<(i64, String)> = lock(&self.connection)
                .query_row("SELECT pid, started FROM tx WHERE id = ?1 AND status = 0", [holder], |r| {
                    Ok((r.get(0)?, r.get(1)?))
                })
                .optional()?;
            let Some((pid, started)) = process else { return Ok(()) };
            if !liveness::is_alive(pid, &started) {
                return self.clean_up_dead();
            }
            if let Some(limit) = self.lock_timeout
                && begun.elapsed() >= limit
            {
                return Err(match limit {
                    Duration::ZERO => {
                        OraError::new(54, "resource busy and acquire with NOWAIT specified or timeout expired")
                    }
                    _ => OraError::new(30006, "resource busy; acquire with WAIT timeout expired"),
                });
            }
            if deadline.is_some_and(|d| Instant::now() >= d) {
                return Err(OraError::new(3156, "OCI call timed out"));
            }
            super::check_break(&self.broken_off)?;
            if !announced && let Some(transaction) = &self.transaction {
                announce(&mut lock(&self.connection), transaction.id, holder)?;
                announced = true;
            }
            thread::sleep(pause);
            pause = (pause * 2).min(Duration::from_millis(25));
        }
    }

    /// Rolls back, with their undo redo, the transactions of processes that are gone.
    pub(super) fn clean_up_dead(&mut self) -> Result<(), OraError> {
        if self.writing.is_some() {
            return Ok(());
        }
        let open: Vec<(i64, i64, String)> =
            self.query("SELECT id, pid, started FROM tx WHERE status = 0", |r| Ok((r.get(0)?, r.get(1)?, r.get(2)?)))?;
        for (id, pid, started) in open {
            if !liveness::is_alive(pid, &started) {
                let own = self.transaction.take();
                let result = self.roll_back_other(id);
                self.transaction = own;
                result?;
            }
        }
        Ok(())
    }

    fn roll_back_other(&mut self, id: i64) -> Result<(), OraError> {
        self.begin_write()?;
        let last = lock(&self.connection)
            .query_row("SELECT last FROM tx WHERE id = ?1 AND status = 0", [id], |r| r.get(0))
            .optional();
        match last {
            // Another session was faster.
            Ok(None) => self.abandon(),
            Ok(Some(last)) => {
                self.transaction = Some(OpenTransaction { id, last, tables: HashSet::new() });
                let result = self.write_end(false);
                self.transaction = None;
                self.finish_write(result)
            }
            Err(error) => self.finish_write(Err(error.into())),
        }
    }
}

/// Writes down who waits for whom; ORA-00060 where that closes a circle.
fn announce(connection: &mut Connection, waiter: i64, holder: i64) -> Result<(), OraError> {
    let tx = connection.transaction_with_behavior(rusqlite::TransactionBehavior::Immediate)?;
    tx.execute("INSERT OR REPLACE INTO waits VALUES (?1, ?2)", [waiter, holder])?;
    let mut at = holder;
    let mut seen = HashSet::new();
    while seen.insert(at) {
        let next = tx
            .query_row(
                "SELECT w.holder FROM waits w JOIN tx t ON t.id = w.tx WHERE w.tx = ?1 AND t.status = 0",
                [at],
                |r| r.get(0),
            )
            .optional()?;
        match next {
            Some(next) if next == waiter => {
                tx.execute("DELETE FROM waits WHERE tx = ?1", [waiter])?;
                tx.commit()?;
                return Err(OraError::new(60, "deadlock detected while waiting for resource"));
            }
            Some(next) => at = next,
            None => break,
        }
    }
    tx.commit()?;
    Ok(())
}

/// Puts back what one record changed, writes the record of that, and returns the record before.
fn undo_one(connection: &Connection, writing: &mut Writing, transaction: i64, id: i64) -> Result<i64, OraError> {
    let (code, object, version, rid, prev, flags, data): (i64, i64, i64, i64, i64, i64, Vec<u8>) = connection
        .prepare_cached("SELECT op, object, version, rid, prev, undo, data FROM redo WHERE id = ?1")?
        .query_row([id], |r| Ok((r.get(0)?, r.get(1)?, r.get(2)?, r.get(3)?, r.get(4)?, r.get(5)?, r.get(6)?)))?;
    let (inverse, data) = match code {
        op::INSERT => (op::DELETE, data),
        op::DELETE => (op::INSERT, data),
        op::UPDATE => (op::UPDATE, Update::decode(&data)?.inverse().encode()),
        other => {
            return Err(OraError::new(600, format!("internal error code, arguments: [undo of operation {other}]")));
        }
    };
    let older: Option<(i64, i64, Option<Vec<u8>>)> = connection
        .prepare_cached(&format!("SELECT ch, tx, data FROM v{object} WHERE rid = ?1 ORDER BY ch DESC LIMIT 1"))?
        .query_row([rid], |r| Ok((r.get(0)?, r.get(1)?, r.get(2)?)))
        .optional()?;
    match older {
        Some((ch, tx, row)) => {
            connection
                .prepare_cached(&format!("UPDATE c{object} SET ch = ?2, tx = ?3, data = ?4 WHERE rid = ?1"))?
                .execute(params![rid, ch, tx, row])?;
            connection
                .prepare_cached(&format!("DELETE FROM v{object} WHERE rid = ?1 AND ch = ?2"))?
                .execute([rid, ch])?;
        }
        None => {
            connection.prepare_cached(&format!("DELETE FROM c{object} WHERE rid = ?1"))?.execute([rid])?;
        }
    }
    let undo = Record {
        transaction,
        prev,
        op: inverse,
        object,
        version,
        rid,
        undo: flags | UNDOES,
        data: &data,
        joins: false,
    };
    writing.append(connection, &undo)?;
    Ok(prev)
}

impl Writing {
    fn begin(connection: &Connection, before: Option<OpenTransaction>) -> Result<Writing, OraError> {
        let state = super::State::read(connection)?;
        let any_row_locks =
            connection.prepare_cached("SELECT EXISTS (SELECT 1 FROM row_locks)")?.query_row([], |r| r.get(0))?;
        thread_local! {
            static PROCESS: Arc<str> = liveness::own_start().into();
        }
        Ok(Writing {
            snapshot: state.scn,
            state,
            within: 0,
            at: 0,
            ssn: 0,
            joined: 0,
            after_start: false,
            now: clock::now(),
            process: PROCESS.with(|p| p.to_string()),
            open: Store::open_transactions(connection)?,
            any_row_locks,
            before,
            segments: Default::default(),
            pending: Vec::new(),
            conflict: None,
            wrote: false,
        })
    }
}
