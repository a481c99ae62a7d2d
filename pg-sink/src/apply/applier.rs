use super::operation::{RowOperation, Shape, Target};
use super::pipeline::{Outcome, Pipeline};
use super::relocate::{Relocation, run_length};
use crate::control::to_i64;
use crate::error::Doing;
use crate::{Control, Error, ErrorKind, Result, check_target};
use bytes::BytesMut;
use cdc_logminer::{Change, ChangeSink, Operation, Position, SpillError, TableColumns, Transaction};
use schema_map::{ObjectPath, TablePlan};
use std::collections::{BTreeMap, HashMap};
use std::fmt;
use std::sync::Arc;
use tokio_postgres::{Client, GenericClient, Statement};

/// Prepared statements held at once. Wide tables whose updates set ever other columns could make any number.
const MAX_STATEMENTS: usize = 1000;
const INSUFFICIENT_PRIVILEGE: &str = "42501";
const UNIQUE_VIOLATION: &str = "23505";

/// Applies committed transactions: each call's rows, counters and new position in one PostgreSQL transaction.
///
/// The position is updated only if it still is what this applier last saw: a second applier on the same control schema
/// stops with [`ErrorKind::State`], and its rows are undone. So does any applier once the migration is completed.
///
/// Inserts write every column (what an insert's redo leaves out is NULL), updates only columns that were logged. Rows are
/// found by the plan's key in the before image, or where the plan has no key by everything that was logged; a change that
/// does not find exactly one row is an [`ErrorKind::Conflict`], but of rows without a key that are equal in every column, one is
/// as good as the other. Updates that hand a unique value from row to row, which
/// Oracle allows within one statement, are applied by taking the rows out and putting them in again.
///
/// After an error of kind [`ErrorKind::Connection`] the applier is of no more use: make another on a new connection, and
/// ask it for its [`position`](ChangeSink::position). After others its position is as before the call.
pub struct Applier {
    client: Client,
    control: Control,
    targets: Vec<Target>,
    by_source: HashMap<ObjectPath, usize>,
    statements: HashMap<(usize, Shape), Statement>,
    position: Option<Position>,
    fires_triggers: bool,
    buffer: BytesMut,
}

/// The columns that a table's changes must have, in this order: those of the plan.
pub fn table_columns(plan: &TablePlan) -> TableColumns {
    TableColumns {
        path: Arc::new(plan.source.clone()),
        columns: plan.columns.iter().map(|c| (c.source.clone(), c.oracle_type.clone())).collect(),
    }
}

impl Applier {
    /// Takes a connection for itself. The tables are those of `plans`; a change of another is an error.
    ///
    /// Where the role may, the session's `session_replication_role` is set to `replica`, so that neither triggers nor
    /// foreign keys act on what is applied; where it may not, see [`fires_triggers`](Self::fires_triggers).
    pub async fn new(client: Client, control: Control, plans: &[TablePlan]) -> Result<Self> {
        let fires_triggers = match client.batch_execute("SET session_replication_role = replica").await {
            Ok(()) => false,
            Err(e) if e.code().is_some_and(|c| c.code() == INSUFFICIENT_PRIVILEGE) => true,
            Err(e) => return Err(Error::postgres("setting session_replication_role", e)),
        };
        let mut targets = Vec::with_capacity(plans.len());
        let mut by_source = HashMap::with_capacity(plans.len());
        for plan in plans {
            check_target(&client, plan).await?;
            let table_id = control.table_id(&client, plan, None).await?;
            by_source.insert(plan.source.clone(), targets.len());
            targets.push(Target::new(table_id, plan)?);
        }
        let (statements, position, buffer) = (HashMap::new(), None, BytesMut::new());
        Ok(Applier { client, control, targets, by_source, statements, position, fires_triggers, buffer })
    }

    /// Whether the role may not set `session_replication_role`: then
    /// [`ConstraintGuard::take_down`](crate::ConstraintGuard::take_down) must come before.
    pub fn fires_triggers(&self) -> bool {
        self.fires_triggers
    }

    /// Stores the first position, or returns the one that is stored already.
    pub async fn start(&mut self, position: &Position) -> Result<Position> {
        let sql =
            self.control.sql("INSERT INTO {s}.position (position, commit_scn) VALUES ($1, $2) ON CONFLICT DO NOTHING");
        let scn = to_i64(position.commit_scn.0)?;
        self.client.execute(&sql, &[&to_text(position)?, &scn]).await.doing("storing the first position")?;
        let stored = self.control.position(&self.client).await?.ok_or_else(not_started)?;
        if stored.incarnation != position.incarnation {
            return Err(other_incarnation(&stored, position));
        }
        self.adopt(Some(stored))?.ok_or_else(not_started)
    }

    /// The connection, for reading between calls.
    pub fn client(&self) -> &Client {
        &self.client
    }

    /// The control schema.
    pub fn control(&self) -> &Control {
        &self.control
    }

    /// Counts an error at its table, for the status. The error itself goes to the caller, whether this works or not.
    async fn record(&self, error: &Error) {
        let at = |t: &&Target| error.table().is_some_and(|table| t.plan.target.to_string() == table);
        if let Some(target) = self.targets.iter().find(at).filter(|_| error.kind() != ErrorKind::Connection) {
            let _ = self.control.record_error(&self.client, &target.plan.source, error).await;
        }
    }

    fn adopt(&mut self, stored: Option<Position>) -> Result<Option<Position>> {
        match &self.position {
            Some(_) if self.position != stored => Err(somebody_else(&self.control)),
            _ => {
                self.position.clone_from(&stored);
                Ok(stored)
            }
        }
    }

    async fn apply_as(&mut self, transactions: &[Transaction], position: &Position, how: How) -> Result<()> {
        let Some(previous) = self.position.clone() else { return Err(not_started()) };
        let Applier { client, control, targets, by_source, statements, buffer, .. } = self;
        let doing = "applying changes";
        let transaction = client.transaction().await.doing(doing)?;
        let mut batch = Batch {
            client: transaction.client(),
            targets,
            by_source,
            statements,
            buffer,
            pipeline: Pipeline::new(transaction.client()),
            counters: BTreeMap::new(),
            relocations: HashMap::new(),
        };
        let changes = transactions.iter().map(|t| t.changes.len() as u64).sum();
        // First, so that a second applier waits here and then finds that it is one too many.
        let guard = control.sql(
            "UPDATE {s}.position SET position = $1, commit_scn = $2, transactions = transactions + $3, \
             changes = changes + $4, updated_at = clock_timestamp() WHERE position = $5 \
             AND (SELECT state FROM {s}.migration FOR SHARE) IS DISTINCT FROM 'completed'",
        );
        let (scn, count, changes) =
            (to_i64(position.commit_scn.0)?, to_i64(transactions.len() as u64)?, to_i64(changes)?);
        let guarded = batch
            .client
            .execute(&guard, &[&to_text(position)?, &scn, &count, &changes, &to_text(&previous)?])
            .await
            .doing("moving the position")?;
        if guarded != 1 {
            let completed = control.sql("SELECT EXISTS (SELECT FROM {s}.migration WHERE state = 'completed')");
            let row = batch.client.query_one(&completed, &[]).await.doing("moving the position")?;
            return Err(if row.get(0) { completed_already(control) } else { somebody_else(control) });
        }
        for tx in transactions {
            batch.transaction(tx, how).await?;
        }
        batch.settle().await?;
        batch.write_counters(control).await?;
        drop(batch);
        if let Err(e) = transaction.commit().await {
            // It may have been committed: whoever asks for the position next reads it anew.
            self.position = None;
            return Err(Error::postgres("committing applied changes", e));
        }
        self.position = Some(position.clone());
        Ok(())
    }
}

impl Control {
    /// The position that is durable in the target; `None` before the first [`Applier::start`].
    pub async fn position<C: GenericClient + Sync>(&self, client: &C) -> Result<Option<Position>> {
        let row = client.query_opt(&self.sql("SELECT position FROM {s}.position"), &[]).await;
        row.doing("reading the position")?
            .map(|row| {
                serde_json::from_str(row.get(0))
                    .map_err(|e| Error::new(ErrorKind::Malformed, "the position in the control schema").with_source(e))
            })
            .transpose()
    }
}

impl ChangeSink for Applier {
    type Error = Error;

    async fn position(&mut self) -> Result<Option<Position>> {
        let stored = self.control.position(&self.client).await?;
        self.adopt(stored)
    }

    async fn apply(&mut self, transactions: &[Transaction], position: &Position) -> Result<()> {
        if self.position.is_none() {
            self.position().await?;
        }
        let previous = self.position.as_ref().ok_or_else(not_started)?;
        if previous.incarnation != position.incarnation {
            return Err(other_incarnation(previous, position));
        }
        if position.commit_scn < previous.commit_scn {
            let message = format!(
                "the new position, SCN {}, is before the stored one, SCN {}",
                position.commit_scn, previous.commit_scn
            );
            return Err(Error::new(ErrorKind::State, message));
        }
        if transactions.is_empty() && previous == position {
            return Ok(());
        }
        let applied = match self.apply_as(transactions, position, How::InPlace).await {
            // Without a unique index over the key, the one row is two for a moment.
            Err(e)
                if e.sql_state() == Some(UNIQUE_VIOLATION)
                    || (e.kind() == ErrorKind::Conflict && e.sql_state().is_none()) =>
            {
                match self.apply_as(transactions, position, How::Relocating).await {
                    Err(again) if again.kind() == ErrorKind::Connection => Err(again),
                    // The first error is about the data as they are, not about our detour.
                    Err(_) => Err(e),
                    Ok(()) => Ok(()),
                }
            }
            other => other,
        };
        if let Err(error) = &applied {
            self.record(error).await;
        }
        applied
    }
}

/// How updates are applied.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum How {
    /// Each where it stands.
    InPlace,
    /// Those that follow each other on one table: all rows out, then all in.
    Relocating,
}

#[derive(Debug, Clone, Copy, Default)]
struct Counters {
    inserts: i64,
    updates: i64,
    deletes: i64,
    lobs_not_logged: i64,
    commit_scn: u64,
    commit_time: i64,
}

/// One call's work within its PostgreSQL transaction.
struct Batch<'a> {
    client: &'a Client,
    targets: &'a [Target],
    by_source: &'a HashMap<ObjectPath, usize>,
    statements: &'a mut HashMap<(usize, Shape), Statement>,
    buffer: &'a mut BytesMut,
    pipeline: Pipeline<'a, (usize, Origin<'a>)>,
    counters: BTreeMap<usize, Counters>,
    relocations: HashMap<usize, Relocation>,
}

/// The change that a statement carries out.
#[derive(Clone)]
struct Origin<'a> {
    transaction: &'a Transaction,
    change: Arc<Change>,
}

impl<'a> Batch<'a> {
    async fn transaction(&mut self, tx: &'a Transaction, how: How) -> Result<()> {
        let origin = |change: Result<Change, SpillError>| {
            let change = change.map_err(|e| {
                let message = "reading the changes of a large transaction again";
                let error = Error::new(ErrorKind::Source, message).with_source(e);
                error.with_transaction(tx.commit_scn, tx.xid)
            })?;
            Ok::<_, Error>(Origin { transaction: tx, change: Arc::new(change) })
        };
        if how == How::InPlace {
            for change in &tx.changes {
                self.change(origin(change)?).await?;
            }
            return Ok(());
        }
        // One statement's updates need not follow each other: a trigger at the source puts changes of other tables between them.
        // Here neither triggers nor foreign keys act, so tables can be looked at one after the other.
        let mut changes: Vec<Origin<'a>> = tx.changes.iter().map(origin).collect::<Result<_>>()?;
        changes.sort_by(|a, b| a.change.table.cmp(&b.change.table));
        let mut changes = changes.as_slice();
        while let [change, rest @ ..] = changes {
            let run = run_length(changes.iter().map(|origin| &*origin.change));
            if run > 1 {
                let done = self.relocate(&changes[..run]).await?;
                changes = &changes[done..];
            } else {
                self.change(change.clone()).await?;
                changes = rest;
            }
        }
        Ok(())
    }

    async fn change(&mut self, origin: Origin<'a>) -> Result<()> {
        let Some((index, operation)) = self.operation(&origin)? else { return Ok(()) };
        self.count(index, &origin, operation.lobs_not_logged);
        // The connection hands answers over in order, and stands still behind one that nobody takes: none may be under way while
        // another statement's is waited for.
        if !self.statements.contains_key(&(index, operation.shape.clone())) {
            self.settle().await?;
        }
        let statement = match self.statement(index, &operation.shape).await {
            Ok(statement) => statement,
            // A statement before it may have failed: that is then the error.
            Err(e) => {
                self.settle().await?;
                return Err(origin.failed(&self.targets[index], e));
            }
        };
        while self.pipeline.is_full() {
            self.take_result().await?;
        }
        self.pipeline.send((index, origin), statement, operation.parameters).await;
        Ok(())
    }

    /// Applies updates of one table, each of another row, and returns how many: fewer where rows without ROWID turn out to be the same.
    async fn relocate(&mut self, run: &[Origin<'a>]) -> Result<usize> {
        self.settle().await?;
        let mut taken = Vec::with_capacity(run.len());
        let mut done = run.len();
        for (nth, origin) in run.iter().enumerate() {
            let Some((index, operation)) = self.operation(origin)? else { continue };
            let target = &self.targets[index];
            if !self.relocations.contains_key(&index) {
                self.relocations.insert(index, Relocation::new(self.client, target).await?);
            }
            let relocation = &self.relocations[&index];
            let RowOperation { shape, parameters, lobs_not_logged: operation_counts } = operation;
            let rows = relocation.take(self.client, target, &shape, &parameters).await;
            let mut rows = rows.map_err(|e| origin.failed(target, e))?;
            match (rows.pop(), rows.pop()) {
                (Some(row), None) => {
                    self.count(index, origin, operation_counts);
                    taken.push((index, origin, shape, parameters, row));
                }
                // An index-organized table's rows have no ROWID: this is a row that was taken out a moment ago.
                (None, _) if origin.change.row_id.is_none() && !taken.is_empty() => {
                    done = nth;
                    break;
                }
                (None, _) => return Err(origin.conflict(target, 0)),
                (Some(_), Some(_)) => return Err(origin.conflict(target, 2)),
            }
        }
        for (index, origin, shape, parameters, row) in taken {
            let target = &self.targets[index];
            let put = self.relocations[&index].put(self.client, target, &shape, &parameters, row).await;
            origin.check(target, put)?;
        }
        Ok(done)
    }

    /// What to execute for a change.
    fn operation(&mut self, origin: &Origin<'a>) -> Result<Option<(usize, RowOperation)>> {
        let change = &*origin.change;
        let Some(&index) = self.by_source.get(&*change.table) else {
            let message = format!("a change of {}, which is not among the planned tables", change.table);
            return Err(origin.place(Error::new(ErrorKind::Plan, message)));
        };
        let target = &self.targets[index];
        let operation = target
            .operation(change, self.buffer)
            .map_err(|e| origin.place(e.with_table(&target.plan.target).with_row_id(change.row_id.as_deref())))?;
        Ok(operation.map(|operation| (index, operation)))
    }

    fn count(&mut self, index: usize, Origin { transaction, change }: &Origin<'a>, lobs_not_logged: i64) {
        let counters = self.counters.entry(index).or_default();
        counters.commit_scn = transaction.commit_scn.0;
        counters.commit_time = transaction.commit_time;
        counters.lobs_not_logged += lobs_not_logged;
        match change.operation {
            Operation::Insert { .. } => counters.inserts += 1,
            Operation::Update { .. } => counters.updates += 1,
            Operation::Delete { .. } => counters.deletes += 1,
            // A TRUNCATE's rows are counted when the target has said how many they were.
            _ => {}
        }
    }

    async fn statement(&mut self, index: usize, shape: &Shape) -> Result<Statement, tokio_postgres::Error> {
        // A key of a borrowed shape would need a clone for each look-up; shapes are small.
        let key = (index, shape.clone());
        if let Some(statement) = self.statements.get(&key) {
            return Ok(statement.clone());
        }
        if self.statements.len() >= MAX_STATEMENTS {
            self.statements.clear();
        }
        let target = &self.targets[index];
        let statement = self.client.prepare_typed(&target.sql(shape), &target.types(shape)).await?;
        self.statements.insert(key, statement.clone());
        Ok(statement)
    }

    async fn take_result(&mut self) -> Result<bool> {
        let Some(((index, origin), outcome)) = self.pipeline.next().await else { return Ok(false) };
        if origin.change.operation == Operation::Truncate {
            let rows = outcome.map_err(|e| origin.failed(&self.targets[index], e))?;
            self.counters.entry(index).or_default().deletes += to_i64(rows)?;
            return Ok(true);
        }
        origin.check(&self.targets[index], outcome)?;
        Ok(true)
    }

    /// Waits for all results.
    async fn settle(&mut self) -> Result<()> {
        while self.take_result().await? {}
        Ok(())
    }

    async fn write_counters(&mut self, control: &Control) -> Result<()> {
        let sql = control.sql(
            "UPDATE {s}.table_status SET inserts = inserts + $2, updates = updates + $3, deletes = deletes + $4, \
             lobs_not_logged = lobs_not_logged + $5, last_commit_scn = $6, \
             last_commit_time = timestamp '1970-01-01' + make_interval(secs => $7) WHERE table_id = $1",
        );
        for (index, c) in &self.counters {
            let target = &self.targets[*index];
            #[expect(clippy::cast_precision_loss, reason = "seconds since 1970 are far below 2^53")]
            let (id, scn, time) = (target.table_id, to_i64(c.commit_scn)?, c.commit_time as f64);
            self.client
                .execute(&sql, &[&id, &c.inserts, &c.updates, &c.deletes, &c.lobs_not_logged, &scn, &time])
                .await
                .map_err(|e| Error::postgres("counting applied changes", e).with_table(&target.plan.target))?;
        }
        Ok(())
    }
}

impl Origin<'_> {
    fn place(&self, error: Error) -> Error {
        error.with_transaction(self.transaction.commit_scn, self.transaction.xid)
    }

    fn check(&self, target: &Target, outcome: Outcome) -> Result<()> {
        match outcome {
            Ok(1) => Ok(()),
            Ok(rows) => Err(self.conflict(target, rows)),
            Err(e) => Err(self.failed(target, e)),
        }
    }

    fn failed(&self, target: &Target, error: tokio_postgres::Error) -> Error {
        let integrity = error.code().is_some_and(|c| c.code().starts_with("23"));
        let error = Error::postgres(format!("{} of {}", self.verb(), target.describe(&self.change)), error);
        let error = if integrity { error.with_kind(ErrorKind::Conflict) } else { error };
        self.place(error.with_table(&target.plan.target).with_row_id(self.change.row_id.as_deref()))
    }

    fn conflict(&self, target: &Target, rows: u64) -> Error {
        let found = if rows == 0 { "no such row".to_owned() } else { format!("{rows} such rows instead of one") };
        let message = format!(
            "{} of {}: the target has {found}; {}",
            self.verb(),
            target.describe(&self.change),
            match target.plan.key.is_empty() && rows > 1 {
                true =>
                    "the table has no key, and the redo does not hold enough of the row to tell which it is (LOBs are never held): \
                     switch supplemental logging of all columns on (ALTER TABLE … ADD SUPPLEMENTAL LOG DATA (ALL) COLUMNS), or give it a key",
                false => "it was changed by something else, or not loaded at the SCN from which changes are applied",
            }
        );
        let error = Error::new(ErrorKind::Conflict, message).with_table(&target.plan.target);
        self.place(error.with_row_id(self.change.row_id.as_deref()))
    }

    fn verb(&self) -> &'static str {
        match self.change.operation {
            Operation::Insert { .. } => "insert",
            Operation::Update { .. } => "update",
            Operation::Delete { .. } => "delete",
            Operation::Truncate => "truncate",
            _ => "DDL",
        }
    }
}

impl fmt::Debug for Applier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Applier")
            .field("control", &self.control)
            .field("tables", &self.targets.len())
            .field("position", &self.position)
            .field("fires_triggers", &self.fires_triggers)
            .finish_non_exhaustive()
    }
}

fn to_text(position: &Position) -> Result<String> {
    serde_json::to_string(position).map_err(|e| Error::new(ErrorKind::Malformed, "the position").with_source(e))
}

fn not_started() -> Error {
    Error::new(ErrorKind::State, "no position is stored yet: start the applier at the load's SCN first")
}

fn somebody_else(control: &Control) -> Error {
    let message = format!(
        "the position in control schema {} was moved by somebody else: another applier is at work; nothing of this batch was applied",
        control.schema()
    );
    Error::new(ErrorKind::State, message)
}

fn completed_already(control: &Control) -> Error {
    let message = format!(
        "the migration of control schema {} is completed: nothing more is applied to the target",
        control.schema()
    );
    Error::new(ErrorKind::State, message)
}

fn other_incarnation(stored: &Position, found: &Position) -> Error {
    let message = format!(
        "the stored position is of database {} (RESETLOGS_ID {}), the changes are of {} ({}): load anew",
        stored.incarnation.dbid,
        stored.incarnation.resetlogs_id,
        found.incarnation.dbid,
        found.incarnation.resetlogs_id
    );
    Error::new(ErrorKind::State, message)
}
