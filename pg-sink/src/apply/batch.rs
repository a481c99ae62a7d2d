use super::conflict::{ConflictAction, ConflictKind, conflict_of, reason};
use super::exceptions::Exceptions;
use super::lob::{has_patches, with_whole_lobs};
use super::net::{NetChanges, Netted};
use super::operation::{RowOperation, Shape, Target};
use super::options::ApplyOptions;
use super::origin::Origin;
use super::pipeline::{Outcome, Pipeline};
use super::relocate::Relocation;
use crate::control::to_i64;
use crate::error::Doing;
use crate::{Control, Error, ErrorKind, Result};
use bytes::BytesMut;
use cdc_logminer::{Change, ColumnImage, Operation, SpillError, Transaction};
use schema_map::ObjectPath;
use std::collections::{BTreeMap, HashMap, hash_map::Entry};
use std::sync::Arc;
use std::task::Poll;
use tokio_postgres::{Client, Statement};
use type_convert::Value;

/// Prepared statements held at once. Wide tables whose updates set ever other columns could make any number.
const MAX_STATEMENTS: usize = 1000;
const UNIQUE_VIOLATION: &str = "23505";
/// Values from this size on are not kept for the text of an error.
const LARGE: usize = 64 << 10;
/// Changes after which the connection has a turn to send what it was given.
const CHANGES_A_TURN: usize = 64;
/// Before a transaction of the source, where each is applied by itself.
const TRANSACTION: &str = "apply_transaction";
/// Before one change of it.
const CHANGE: &str = "apply_change";

/// How a batch is applied.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Way {
    /// All transactions together, net changes in sets where the order does not count.
    Together,
    /// Each transaction in a savepoint of its own, change by change; what fails is tried with rows out of the way, then by policy.
    OneByOne,
}

#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Counters {
    pub(super) inserts: i64,
    pub(super) updates: i64,
    pub(super) deletes: i64,
    pub(super) lobs_not_logged: i64,
    pub(super) commit_scn: u64,
    pub(super) commit_time: i64,
}

/// One call's work within its PostgreSQL transaction.
pub(super) struct Batch<'a> {
    client: &'a Client,
    options: &'a ApplyOptions,
    targets: &'a [Target],
    by_source: &'a HashMap<ObjectPath, usize>,
    statements: &'a mut HashMap<(usize, Shape), Statement>,
    buffer: &'a mut BytesMut,
    /// Whether every change is applied in its order.
    in_order: bool,
    pipeline: Pipeline<'a, Sent<'a>>,
    net: BTreeMap<usize, NetChanges>,
    net_rows: usize,
    net_bytes: usize,
    /// Rows of net changes at which some are sent, and how many more that is than were there.
    early_at: usize,
    early_step: usize,
    changes_since_turn: usize,
    counters: BTreeMap<usize, Counters>,
    relocations: HashMap<usize, Relocation>,
    exceptions: Exceptions<'a>,
}

/// What a statement under way is for.
enum Sent<'a> {
    /// One change.
    Change(usize, Origin<'a>),
    /// Rows that net changes come to.
    Net { index: usize, verb: &'static str, rows: u64 },
}

/// Why a transaction of the source is set aside: its change of this number.
struct SetAside {
    nth: usize,
    kind: ConflictKind,
    reason: String,
}

impl<'a> Batch<'a> {
    #[expect(clippy::too_many_arguments, reason = "the parts of an applier, borrowed one by one")]
    pub(super) fn new(
        client: &'a Client,
        control: &'a Control,
        options: &'a ApplyOptions,
        targets: &'a [Target],
        by_source: &'a HashMap<ObjectPath, usize>,
        statements: &'a mut HashMap<(usize, Shape), Statement>,
        buffer: &'a mut BytesMut,
        in_order: bool,
    ) -> Self {
        // The server is to begin soon; later on it has more to do than it takes to gather what is next.
        let first_step = options.early_rows.div_ceil(8);
        Batch {
            client,
            options,
            targets,
            by_source,
            statements,
            buffer,
            in_order: in_order || options.set_rows == usize::MAX,
            pipeline: Pipeline::new(client),
            net: BTreeMap::new(),
            net_rows: 0,
            net_bytes: 0,
            early_at: first_step,
            early_step: first_step,
            changes_since_turn: 0,
            counters: BTreeMap::new(),
            relocations: HashMap::new(),
            exceptions: Exceptions::new(client, control),
        }
    }

    pub(super) async fn transaction(&mut self, tx: &'a Transaction, way: Way) -> Result<()> {
        match way {
            Way::Together => self.together(tx).await,
            Way::OneByOne => self.by_itself(tx).await,
        }
    }

    /// Sends what is left and waits for all results.
    pub(super) async fn finish(mut self) -> Result<Vec<(usize, Counters)>> {
        self.flush_all().await?;
        self.settle().await?;
        self.exceptions.write(self.targets, self.options).await?;
        Ok(self.counters.into_iter().collect())
    }

    async fn together(&mut self, tx: &'a Transaction) -> Result<()> {
        for change in &tx.changes {
            let Some(change) = self.read(tx, change)? else { continue };
            let index = self.index(tx, &change)?;
            let target = &self.targets[index];
            if !self.in_order && target.takes_rows() {
                let net = self.net.entry(index).or_default();
                let (rows, bytes) = (net.len(), net.size());
                let taken = match target.takes_sets() {
                    true => net.take(target, &change),
                    false => net.take_insert(target, &change),
                };
                self.net_rows += net.len() - rows;
                self.net_bytes += net.size() - bytes;
                match taken {
                    Netted::Taken => {
                        self.count(index, tx, &change.operation, lobs_not_logged(&change));
                        if self.net_rows >= self.options.flush_rows || self.net_bytes >= self.options.flush_bytes {
                            self.flush_all().await?;
                        } else if self.net_rows >= self.early_at {
                            self.flush_early().await?;
                        }
                        self.give_way().await;
                        continue;
                    }
                    Netted::Nothing => continue,
                    Netted::Contradiction => {
                        let message = "a change does not fit what its batch did to the row before";
                        let error = Error::new(ErrorKind::Conflict, message).with_table(&target.plan.target);
                        return Err(error.with_transaction(tx.commit_scn, tx.xid));
                    }
                    Netted::InOrder => self.flush(index).await?,
                }
            }
            self.change(Origin { transaction: tx, change: Arc::new(change) }).await?;
        }
        Ok(())
    }

    /// Lets the connection send, now and then: it may share a thread with us.
    async fn give_way(&mut self) {
        self.changes_since_turn += 1;
        if self.changes_since_turn >= CHANGES_A_TURN && !self.pipeline.is_empty() {
            self.changes_since_turn = 0;
            once_more().await;
        }
    }

    async fn flush_all(&mut self) -> Result<()> {
        while let Some(&index) = self.net.keys().next() {
            self.flush(index).await?;
        }
        self.early_at = self.early_step;
        Ok(())
    }

    /// Sends the net changes of a table.
    async fn flush(&mut self, index: usize) -> Result<()> {
        let Some(net) = self.net.remove(&index) else { return Ok(()) };
        self.net_rows -= net.len();
        self.net_bytes -= net.size();
        self.send_net(index, net).await
    }

    /// Sends the net changes that are not likely to be met by more.
    async fn flush_early(&mut self) -> Result<()> {
        let (mut rows, mut bytes) = (0, 0);
        for (index, net) in std::mem::take(&mut self.net) {
            let (net, busy) = net.part_busy(&self.targets[index]);
            rows += busy.len();
            bytes += busy.size();
            self.net.insert(index, busy);
            self.send_net(index, net).await?;
        }
        self.early_step = self.early_step.saturating_mul(2).min(self.options.early_rows);
        (self.net_rows, self.net_bytes, self.early_at) = (rows, bytes, rows.saturating_add(self.early_step));
        Ok(())
    }

    async fn send_net(&mut self, index: usize, net: NetChanges) -> Result<()> {
        let target = &self.targets[index];
        for net in net.into_statements(target, self.options) {
            let (verb, rows) = (net.verb, net.rows);
            let statement = match self.prepared(index, &net.shape).await? {
                Ok(statement) => statement,
                Err(e) => return Err(net_failed(target, verb, rows, e)),
            };
            let sent = Sent::Net { index, verb, rows };
            if net.shape == Shape::InsertCopy {
                // COPY begins with an answer, which comes after all others.
                self.settle().await?;
                self.pipeline.copy(sent, &statement, net.parameters).await;
            } else {
                self.make_room().await?;
                self.pipeline.send(sent, statement, net.parameters).await;
            }
        }
        Ok(())
    }

    async fn by_itself(&mut self, tx: &'a Transaction) -> Result<()> {
        self.savepoint(TRANSACTION).await?;
        let counters = self.counters.clone();
        let Err(first) = self.in_place(tx).await else { return self.release(TRANSACTION).await };
        let first = self.take_back(TRANSACTION, &counters, first).await?;
        // Without a unique index over the key, the one row is two for a moment.
        if first.sql_state() == Some(UNIQUE_VIOLATION)
            || (first.kind() == ErrorKind::Conflict && first.sql_state().is_none())
        {
            match self.relocating(tx).await {
                Ok(()) => return self.release(TRANSACTION).await,
                Err(again) => drop(self.take_back(TRANSACTION, &counters, again).await?),
            }
        }
        // The first error is about the data as they are, not about our detour.
        if tx.changes.tables().all(|(table, _)| self.options.conflicts_of(table).always_stops()) {
            return Err(first);
        }
        let Some(aside) = self.by_policy(tx).await? else { return self.release(TRANSACTION).await };
        self.rollback_to(TRANSACTION).await?;
        self.counters = counters;
        self.exceptions.forget(tx);
        for (nth, change) in tx.changes.iter().enumerate() {
            let Some(change) = self.read(tx, change)? else { continue };
            let target = &self.targets[self.index(tx, &change)?];
            let (kind, why) = match nth == aside.nth {
                true => (Some(aside.kind), aside.reason.as_str()),
                false => (None, "its transaction was set aside"),
            };
            self.exceptions.add(target, tx, &change, kind, ConflictAction::Quarantine, why);
            if self.exceptions.is_full() {
                self.exceptions.write(self.targets, self.options).await?;
            }
        }
        self.release(TRANSACTION).await
    }

    async fn in_place(&mut self, tx: &'a Transaction) -> Result<()> {
        for change in &tx.changes {
            let Some(change) = self.read(tx, change)? else { continue };
            self.change(Origin { transaction: tx, change: Arc::new(change) }).await?;
        }
        self.settle().await
    }

    /// Applies a transaction with the rows that updates touch out of the way, until something else than an update of their table
    /// comes. One statement's updates need not follow each other: a trigger at the source puts changes of other tables between them.
    async fn relocating(&mut self, tx: &'a Transaction) -> Result<()> {
        for change in &tx.changes {
            let Some(change) = self.read(tx, change)? else { continue };
            let mut origin = Origin { transaction: tx, change: Arc::new(change) };
            let index = self.index(tx, &origin.change)?;
            let target = &self.targets[index];
            let is_update = matches!(origin.change.operation, Operation::Update { .. });
            if !is_update || has_patches(&origin.change) {
                self.put_back(index, &origin).await?;
            }
            if !is_update {
                self.change_now(origin).await?;
                continue;
            }
            if has_patches(&origin.change) {
                origin.change = Arc::new(with_whole_lobs(self.client, target, &origin, self.buffer).await?);
            }
            let Some((_, operation)) = self.operation(&origin)? else { continue };
            let relocation = match self.relocations.entry(index) {
                Entry::Occupied(there) => there.into_mut(),
                Entry::Vacant(free) => free.insert(Relocation::new(self.client, target).await?),
            };
            let row_id = origin.change.row_id.as_deref();
            let outcome = relocation.update(self.client, target, &operation.shape, &operation.parameters, row_id).await;
            self.count(index, tx, &origin.change.operation, operation.lobs_not_logged);
            self.check(index, &origin, outcome)?;
        }
        let out: Vec<usize> = self.relocations.keys().copied().collect();
        for index in out {
            let target = &self.targets[index];
            let Some(relocation) = self.relocations.get_mut(&index) else { continue };
            relocation.put(self.client, target).await.map_err(|e| {
                let error = Error::postgres("putting in again what a transaction touched", e);
                error.with_table(&target.plan.target).with_transaction(tx.commit_scn, tx.xid)
            })?;
        }
        Ok(())
    }

    async fn put_back(&mut self, index: usize, before: &Origin<'a>) -> Result<()> {
        let target = &self.targets[index];
        let Some(relocation) = self.relocations.get_mut(&index) else { return Ok(()) };
        relocation.put(self.client, target).await.map_err(|e| before.failed(target, e))
    }

    /// Applies a transaction change by change, and asks the policy where one does not fit. Says why it must be set aside.
    async fn by_policy(&mut self, tx: &'a Transaction) -> Result<Option<SetAside>> {
        for (nth, change) in tx.changes.iter().enumerate() {
            let Some(change) = self.read(tx, change)? else { continue };
            let origin = Origin { transaction: tx, change: Arc::new(change) };
            let index = self.index(tx, &origin.change)?;
            self.savepoint(CHANGE).await?;
            let counters = self.counters.clone();
            let error = match self.change_now(origin.clone()).await {
                Ok(()) => {
                    self.release(CHANGE).await?;
                    continue;
                }
                Err(error) => error,
            };
            let error = self.take_back(CHANGE, &counters, error).await?;
            let target = &self.targets[index];
            let Some(kind) = conflict_of(&error, &origin.change, &target.indexes) else { return Err(error) };
            let action = self.options.conflicts_of(&target.plan.source).action(kind);
            match action {
                ConflictAction::Stop => return Err(error),
                ConflictAction::Quarantine => {
                    return Ok(Some(SetAside { nth, kind, reason: reason(kind, &error) }));
                }
                ConflictAction::Overwrite => self.overwrite(index, &origin, kind, &error).await?,
                ConflictAction::Skip => {}
            }
            self.exceptions.add(target, tx, &origin.change, Some(kind), action, &reason(kind, &error));
            if self.exceptions.is_full() {
                self.exceptions.write(self.targets, self.options).await?;
            }
        }
        Ok(None)
    }

    async fn change_now(&mut self, origin: Origin<'a>) -> Result<()> {
        self.change(origin).await?;
        self.settle().await
    }

    /// Makes the target what the source says it is.
    async fn overwrite(&mut self, index: usize, origin: &Origin<'a>, kind: ConflictKind, error: &Error) -> Result<()> {
        let target = &self.targets[index];
        let change = match (&origin.change.operation, kind) {
            (Operation::Insert { after }, ConflictKind::InsertExists) => {
                let mut before = vec![ColumnImage::NotLogged; after.len()];
                let mut set = after.clone();
                for &column in &target.plan.key {
                    std::mem::swap(&mut before[column], &mut set[column]);
                }
                // What an insert's redo leaves out is NULL; a LOB that it does not hold stays what it is.
                for (column, image) in set.iter_mut().enumerate() {
                    if *image == ColumnImage::NotLogged && !target.plan.key.contains(&column) {
                        *image = ColumnImage::Value(Value::Null);
                    }
                }
                Operation::Update { before, after: set }
            }
            (Operation::Update { before, after }, ConflictKind::UpdateMissing) => {
                let whole: Option<Vec<ColumnImage>> = before
                    .iter()
                    .zip(after)
                    .map(|(before, after)| match (before, after) {
                        (_, ColumnImage::Value(value)) | (ColumnImage::Value(value), ColumnImage::NotLogged) => {
                            Some(ColumnImage::Value(value.clone()))
                        }
                        _ => None,
                    })
                    .collect();
                let Some(after) = whole else {
                    let message = format!(
                        "{error}; the policy is to insert the row, but the redo does not hold all of its columns: \
                         switch supplemental logging of all columns on (ALTER TABLE … ADD SUPPLEMENTAL LOG DATA (ALL) COLUMNS), or choose another policy"
                    );
                    let error = Error::new(ErrorKind::Conflict, message).with_table(&target.plan.target);
                    return Err(origin.place(error.with_row_id(origin.change.row_id.as_deref())));
                };
                Operation::Insert { after }
            }
            // Gone is what it should be.
            _ => {
                self.count(index, origin.transaction, &origin.change.operation, 0);
                return Ok(());
            }
        };
        let change = Change { operation: change, ..Change::clone(&origin.change) };
        self.change_now(Origin { transaction: origin.transaction, change: Arc::new(change) }).await
    }

    /// Sends one change.
    async fn change(&mut self, mut origin: Origin<'a>) -> Result<()> {
        if has_patches(&origin.change) {
            let index = self.index(origin.transaction, &origin.change)?;
            self.settle().await?;
            let whole = with_whole_lobs(self.client, &self.targets[index], &origin, self.buffer).await;
            origin.change = Arc::new(whole?);
        }
        let Some((index, operation)) = self.operation(&origin)? else { return Ok(()) };
        self.count(index, origin.transaction, &origin.change.operation, operation.lobs_not_logged);
        let statement = match self.prepared(index, &operation.shape).await? {
            Ok(statement) => statement,
            Err(e) => return Err(origin.failed(&self.targets[index], e)),
        };
        origin.change = without_large_values(origin.change);
        self.make_room().await?;
        self.pipeline.send(Sent::Change(index, origin), statement, operation.parameters).await;
        Ok(())
    }

    /// A change of the transaction, unless the rows have it already.
    fn read(&self, tx: &Transaction, change: Result<Change, SpillError>) -> Result<Option<Change>> {
        let place = |e: Error| e.with_transaction(tx.commit_scn, tx.xid);
        let change = change.map_err(|e| {
            let message = "reading the changes of a large transaction again";
            place(Error::new(ErrorKind::Source, message).with_source(e))
        })?;
        for rows in &self.options.newer_rows {
            if rows.have(&change, tx.commit_scn).map_err(|e| place(e.with_table(&change.table)))? {
                return Ok(None);
            }
        }
        Ok(Some(change))
    }

    fn index(&self, tx: &Transaction, change: &Change) -> Result<usize> {
        self.by_source.get(&*change.table).copied().ok_or_else(|| {
            let message = format!("a change of {}, which is not among the planned tables", change.table);
            Error::new(ErrorKind::Plan, message).with_transaction(tx.commit_scn, tx.xid)
        })
    }

    /// What to execute for a change.
    fn operation(&mut self, origin: &Origin<'a>) -> Result<Option<(usize, RowOperation)>> {
        let change = &*origin.change;
        let index = self.index(origin.transaction, change)?;
        let target = &self.targets[index];
        let operation = target
            .operation(change, self.buffer)
            .map_err(|e| origin.place(e.with_table(&target.plan.target).with_row_id(change.row_id.as_deref())))?;
        Ok(operation.map(|operation| (index, operation)))
    }

    fn count(&mut self, index: usize, tx: &Transaction, operation: &Operation, lobs_not_logged: i64) {
        let counters = self.counters.entry(index).or_default();
        counters.commit_scn = tx.commit_scn.0;
        counters.commit_time = tx.commit_time;
        counters.lobs_not_logged += lobs_not_logged;
        match operation {
            Operation::Insert { .. } => counters.inserts += 1,
            Operation::Update { .. } => counters.updates += 1,
            Operation::Delete { .. } => counters.deletes += 1,
            // A TRUNCATE's rows are counted when the target has said how many they were.
            _ => {}
        }
    }

    /// The statement of a shape. Where it is not prepared yet, what is under way is waited for first: the connection hands answers over
    /// in order, and stands still behind one that nobody takes.
    async fn prepared(&mut self, index: usize, shape: &Shape) -> Result<Result<Statement, tokio_postgres::Error>> {
        // A key of a borrowed shape would need a clone for each look-up; shapes are small.
        let key = (index, shape.clone());
        if let Some(statement) = self.statements.get(&key) {
            return Ok(Ok(statement.clone()));
        }
        self.settle().await?;
        if self.statements.len() >= MAX_STATEMENTS {
            self.statements.clear();
        }
        let target = &self.targets[index];
        let prepared = self.client.prepare_typed(&target.sql(shape), &target.types(shape)).await;
        if let Ok(statement) = &prepared {
            self.statements.insert(key, statement.clone());
        }
        Ok(prepared)
    }

    async fn make_room(&mut self) -> Result<()> {
        while self.pipeline.is_full() {
            self.take_result().await?;
        }
        Ok(())
    }

    async fn take_result(&mut self) -> Result<bool> {
        let Some((sent, outcome)) = self.pipeline.next().await else { return Ok(false) };
        match sent {
            Sent::Change(index, origin) => self.check(index, &origin, outcome)?,
            Sent::Net { index, verb, rows } => check_net(&self.targets[index], verb, rows, outcome)?,
        }
        Ok(true)
    }

    fn check(&mut self, index: usize, origin: &Origin<'a>, outcome: Outcome) -> Result<()> {
        if origin.change.operation == Operation::Truncate {
            let rows = outcome.map_err(|e| origin.failed(&self.targets[index], e))?;
            self.counters.entry(index).or_default().deletes += to_i64(rows)?;
            return Ok(());
        }
        origin.check(&self.targets[index], outcome)
    }

    /// Waits for all results.
    async fn settle(&mut self) -> Result<()> {
        while self.take_result().await? {}
        Ok(())
    }

    /// Undoes what was done since the savepoint, and gives the error that it is about back. One that no other way
    /// will do better about comes back as such.
    async fn take_back(
        &mut self,
        savepoint: &str,
        counters: &BTreeMap<usize, Counters>,
        error: Error,
    ) -> Result<Error> {
        while self.pipeline.next().await.is_some() {}
        if !error.is_about_data() {
            return Err(error);
        }
        self.rollback_to(savepoint).await?;
        self.counters.clone_from(counters);
        // Those that were made since are gone, and others can be made again.
        self.relocations.clear();
        Ok(error)
    }

    async fn savepoint(&mut self, name: &str) -> Result<()> {
        self.client.batch_execute(&format!("SAVEPOINT {name}")).await.doing("setting a savepoint")
    }

    async fn rollback_to(&mut self, name: &str) -> Result<()> {
        self.client.batch_execute(&format!("ROLLBACK TO SAVEPOINT {name}")).await.doing("going back to a savepoint")
    }

    async fn release(&mut self, name: &str) -> Result<()> {
        self.client.batch_execute(&format!("RELEASE SAVEPOINT {name}")).await.doing("releasing a savepoint")
    }
}

/// Pending once, so that whatever else is ready is run.
async fn once_more() {
    let mut is_turn = false;
    std::future::poll_fn(|context| {
        if std::mem::replace(&mut is_turn, true) {
            return Poll::Ready(());
        }
        context.waker().wake_by_ref();
        Poll::Pending
    })
    .await;
}

fn lobs_not_logged(change: &Change) -> i64 {
    match &change.operation {
        Operation::Insert { after } | Operation::Update { after, .. } => {
            let count = after.iter().filter(|image| matches!(image, ColumnImage::LobNotLogged)).count();
            i64::try_from(count).unwrap_or(i64::MAX)
        }
        _ => 0,
    }
}

/// An error tells the key and no more: large values are on their way to the server already.
fn without_large_values(change: Arc<Change>) -> Arc<Change> {
    let is_large = |image: &ColumnImage| match image {
        ColumnImage::Value(Value::Text(text)) => text.len() >= LARGE,
        ColumnImage::Value(Value::Bytes(bytes)) => bytes.len() >= LARGE,
        _ => false,
    };
    let (first, second) = match &change.operation {
        Operation::Insert { after } => (after.as_slice(), [].as_slice()),
        Operation::Update { before, after } => (before.as_slice(), after.as_slice()),
        Operation::Delete { before } => (before.as_slice(), [].as_slice()),
        _ => return change,
    };
    if !first.iter().chain(second).any(is_large) {
        return change;
    }
    let mut change = Arc::unwrap_or_clone(change);
    let clear = |images: &mut Vec<ColumnImage>| {
        images.iter_mut().filter(|image| is_large(image)).for_each(|image| *image = ColumnImage::NotLogged);
    };
    match &mut change.operation {
        Operation::Insert { after } => clear(after),
        Operation::Update { before, after } => {
            clear(before);
            clear(after);
        }
        Operation::Delete { before } => clear(before),
        _ => {}
    }
    Arc::new(change)
}

fn check_net(target: &Target, verb: &str, rows: u64, outcome: Outcome) -> Result<()> {
    match outcome {
        Ok(hit) if hit == rows => Ok(()),
        Ok(hit) => {
            let message = format!("{verb}: {hit} rows were hit, not {rows}");
            Err(Error::new(ErrorKind::Conflict, message).with_table(&target.plan.target))
        }
        Err(e) => Err(net_failed(target, verb, rows, e)),
    }
}

fn net_failed(target: &Target, verb: &str, rows: u64, error: tokio_postgres::Error) -> Error {
    Error::postgres(format!("{verb} of {rows} rows together"), error).with_table(&target.plan.target)
}
