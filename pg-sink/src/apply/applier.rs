use super::batch::{Batch, Counters, Way};
use super::catalog::{column_facts, index_facts, triggers_fire};
use super::operation::{Shape, Target};
use super::options::ApplyOptions;
use crate::control::to_i64;
use crate::error::Doing;
use crate::{Control, Error, ErrorKind, Result, check_target};
use bytes::BytesMut;
use cdc_logminer::{ChangeSink, Position, TableColumns, Transaction};
use postgres_types::PgLsn;
use schema_map::{ObjectPath, TablePlan};
use std::collections::{HashMap, VecDeque};
use std::fmt;
use std::sync::Arc;
use tokio_postgres::{Client, GenericClient, IsolationLevel, Statement};

const MOVE_POSITION: &str = "UPDATE {s}.position SET position = $1, commit_scn = $2, transactions = transactions + $3, \
     changes = changes + $4, updated_at = clock_timestamp() WHERE position = $5 \
     AND (SELECT state FROM {s}.migration FOR SHARE) IS DISTINCT FROM 'completed'";
const COUNT_CHANGES: &str = "UPDATE {s}.table_status t SET inserts = t.inserts + c.inserts, updates = t.updates + c.updates, \
         deletes = t.deletes + c.deletes, lobs_not_logged = t.lobs_not_logged + c.lobs, last_commit_scn = c.scn, \
         last_commit_time = timestamp '1970-01-01' + make_interval(secs => c.seconds) \
         FROM unnest($1::integer[], $2::bigint[], $3::bigint[], $4::bigint[], $5::bigint[], $6::bigint[], $7::float8[]) \
         AS c (table_id, inserts, updates, deletes, lobs, scn, seconds) WHERE t.table_id = c.table_id";
const INSUFFICIENT_PRIVILEGE: &str = "42501";
/// Commits whose place in the write-ahead log is kept until it is known to be on disk.
const MAX_UNFLUSHED: usize = 1024;

/// Applies committed transactions: each call's rows, counters and new position in one PostgreSQL transaction.
///
/// The position is updated only if it still is what this applier last saw: a second applier on the same control schema
/// stops with [`ErrorKind::State`], and its rows are undone. So does any applier once the migration is completed.
///
/// # How
///
/// What a call's changes come to is gathered by table and key, and written by one DELETE, UPDATE (for each set of columns) and INSERT for
/// many rows, each of which must hit exactly as many rows as it is meant to. That takes a key with a unique index of the target over it; of tables
/// without one, inserts that follow each other go together. Applied by
/// themselves and in the source's order are, after what was gathered of their table before: changes of a key, updates that change columns
/// in another unique index or exclusion constraint, updates and deletes in tables without a key, parts of LOBs, large values, TRUNCATE; and all changes of all
/// tables where triggers or foreign keys act, because then the order over tables counts. Memory is bounded by
/// [`ApplyOptions::flush_bytes`] and the largest single change, whatever size transactions have.
///
/// Where any of this fails because of the data, everything is undone and the same transactions are applied one by one, in order, each
/// change by itself: that finds the change that does not fit. Updates that hand a unique value from row to row, which
/// Oracle allows within one statement, are applied by taking the rows out and putting them in again. What still does not fit is a conflict, for which
/// [`ApplyOptions::conflicts`] has the policy: stop, unless told otherwise.
///
/// Inserts write every column (what an insert's redo leaves out is NULL), updates only columns that were logged. Rows are
/// found by the plan's key in the before image, or where the plan has no key by everything that was logged; a change that
/// does not find exactly one row is an [`ErrorKind::Conflict`], but of rows without a key that are equal in every column, one is
/// as good as the other.
///
/// After an error of kind [`ErrorKind::Connection`] the applier is of no more use: make another on a new connection, and
/// ask it for its [`position`](ChangeSink::position); [`ReconnectingApplier`](crate::ReconnectingApplier) does that. After others its position is as
/// before the call.
pub struct Applier {
    client: Client,
    control: Control,
    options: ApplyOptions,
    targets: Vec<Target>,
    by_source: HashMap<ObjectPath, usize>,
    statements: HashMap<(usize, Shape), Statement>,
    guard: Statement,
    count_changes: Statement,
    position: Option<Position>,
    fires_triggers: bool,
    /// Whether the order over tables counts; not known before the first batch.
    in_order: Option<bool>,
    /// Commits that may not be on disk yet, oldest first.
    unflushed: VecDeque<(PgLsn, Position)>,
    durable: Option<Position>,
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
        Self::with_options(client, control, plans, ApplyOptions::default()).await
    }

    /// As [`new`](Self::new), with other options than the default ones. [`ErrorKind::Plan`] where a policy cannot be followed.
    pub async fn with_options(
        client: Client,
        control: Control,
        plans: &[TablePlan],
        options: ApplyOptions,
    ) -> Result<Self> {
        options.check()?;
        // Statements over arrays are planned once, and for few rows: by index, never by reading a whole table because a batch is large.
        let wait = if options.synchronous_commit { "on" } else { "off" };
        let settings = format!("SET plan_cache_mode = force_generic_plan; SET synchronous_commit = {wait}");
        client.batch_execute(&settings).await.doing("setting the session up")?;
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
            targets.push(Target::new(table_id, plan, column_facts(&client, plan).await?)?);
        }
        let guard = control.sql(MOVE_POSITION);
        let guard = client.prepare(&guard).await.doing("preparing to move the position")?;
        let count_changes = control.sql(COUNT_CHANGES);
        let count_changes = client.prepare(&count_changes).await.doing("preparing to count changes")?;
        Ok(Applier {
            client,
            control,
            options,
            targets,
            by_source,
            statements: HashMap::new(),
            guard,
            count_changes,
            position: None,
            fires_triggers,
            in_order: None,
            unflushed: VecDeque::new(),
            durable: None,
            buffer: BytesMut::new(),
        })
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
        self.adopt(Some(stored)).await?.ok_or_else(not_started)
    }

    /// The position that a crash of the server cannot take back. With
    /// [`ApplyOptions::synchronous_commit`] that is the last one applied; without, the last one whose commit lies before
    /// `pg_current_wal_flush_lsn()`. Only what is before it may be forgotten at the source. `None`: none is known yet.
    pub async fn durable_position(&mut self) -> Result<Option<Position>> {
        if self.options.synchronous_commit {
            return ChangeSink::position(self).await;
        }
        if !self.unflushed.is_empty() {
            let doing = "asking how far the write-ahead log is on disk";
            let flushed: PgLsn =
                self.client.query_one("SELECT pg_current_wal_flush_lsn()", &[]).await.doing(doing)?.get(0);
            let on_disk = self.unflushed.partition_point(|(lsn, _)| *lsn <= flushed);
            if let Some((_, position)) = self.unflushed.drain(..on_disk).next_back() {
                self.durable = Some(position);
            }
        }
        Ok(self.durable.clone())
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

    async fn adopt(&mut self, stored: Option<Position>) -> Result<Option<Position>> {
        if self.position.is_some() && self.position != stored {
            return Err(somebody_else(&self.control));
        }
        if self.position.is_none()
            && let Some(position) = &stored
        {
            self.committed(position).await?;
        }
        self.position.clone_from(&stored);
        Ok(stored)
    }

    /// Notes where in the write-ahead log a commit is at most.
    async fn committed(&mut self, position: &Position) -> Result<()> {
        if self.options.synchronous_commit {
            return Ok(());
        }
        let doing = "asking for the end of the write-ahead log";
        // What is inserted by now has the commit in it.
        let end: PgLsn = self.client.query_one("SELECT pg_current_wal_insert_lsn()", &[]).await.doing(doing)?.get(0);
        if self.unflushed.len() >= MAX_UNFLUSHED {
            self.unflushed.pop_back();
        }
        self.unflushed.push_back((end, position.clone()));
        Ok(())
    }

    /// Reads what the order of changes depends on, where it is not known or may have changed.
    async fn learn(&mut self) -> Result<()> {
        let client = &self.client;
        if self.in_order.is_none() {
            let plans = self.targets.iter().map(|t| &t.plan);
            self.in_order = Some(triggers_fire(client, plans, !self.fires_triggers).await?);
        }
        for target in self.targets.iter_mut().filter(|t| !t.indexes.known) {
            target.indexes = index_facts(client, &target.plan).await?;
        }
        Ok(())
    }

    fn forget_what_was_learnt(&mut self) {
        self.in_order = None;
        self.targets.iter_mut().for_each(|t| t.indexes.known = false);
    }

    async fn apply_as(&mut self, transactions: &[Transaction], position: &Position, way: Way) -> Result<()> {
        let Some(previous) = self.position.clone() else { return Err(not_started()) };
        if !transactions.is_empty() {
            self.learn().await?;
        }
        let doing = "applying changes";
        let Applier {
            client,
            control,
            options,
            targets,
            by_source,
            statements,
            guard,
            count_changes,
            buffer,
            in_order,
            ..
        } = self;
        let transaction =
            client.build_transaction().isolation_level(IsolationLevel::ReadCommitted).start().await.doing(doing)?;
        let changes = transactions.iter().map(|t| t.changes.len() as u64).sum();
        let (scn, count, changes) =
            (to_i64(position.commit_scn.0)?, to_i64(transactions.len() as u64)?, to_i64(changes)?);
        // First, so that a second applier waits here and then finds that it is one too many.
        let guarded = transaction
            .execute(guard, &[&to_text(position)?, &scn, &count, &changes, &to_text(&previous)?])
            .await
            .doing("moving the position")?;
        if guarded != 1 {
            let completed = control.sql("SELECT EXISTS (SELECT FROM {s}.migration WHERE state = 'completed')");
            let row = transaction.query_one(&completed, &[]).await.doing("moving the position")?;
            return Err(if row.get(0) { completed_already(control) } else { somebody_else(control) });
        }
        let in_order = in_order.unwrap_or(true);
        let mut batch =
            Batch::new(transaction.client(), control, options, targets, by_source, statements, buffer, in_order);
        for tx in transactions {
            batch.transaction(tx, way).await?;
        }
        let counters = batch.finish().await?;
        write_counters(&transaction, count_changes, targets, &counters).await?;
        if let Err(e) = transaction.commit().await {
            // It may have been committed: whoever asks for the position next reads it anew.
            self.position = None;
            return Err(Error::postgres("committing applied changes", e));
        }
        self.position = Some(position.clone());
        self.committed(position).await
    }
}

async fn write_counters<C: GenericClient + Sync>(
    client: &C,
    statement: &Statement,
    targets: &[Target],
    counters: &[(usize, Counters)],
) -> Result<()> {
    if counters.is_empty() {
        return Ok(());
    }
    let numbers = |of: fn(&Counters) -> i64| counters.iter().map(|(_, c)| of(c)).collect::<Vec<_>>();
    let ids: Vec<i32> = counters.iter().map(|(index, _)| targets[*index].table_id).collect();
    let scns = counters.iter().map(|(_, c)| to_i64(c.commit_scn)).collect::<Result<Vec<_>>>()?;
    #[expect(clippy::cast_precision_loss, reason = "seconds since 1970 are far below 2^53")]
    let times: Vec<f64> = counters.iter().map(|(_, c)| c.commit_time as f64).collect();
    let [inserts, updates, deletes, lobs] =
        [numbers(|c| c.inserts), numbers(|c| c.updates), numbers(|c| c.deletes), numbers(|c| c.lobs_not_logged)];
    client
        .execute(statement, &[&ids, &inserts, &updates, &deletes, &lobs, &scns, &times])
        .await
        .doing("counting applied changes")
        .map(drop)
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
        self.adopt(stored).await
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
        let applied = match self.apply_as(transactions, position, Way::Together).await {
            // One by one, which finds the change that does not fit, or the order in which they do.
            Err(e) if e.is_about_data() => {
                self.forget_what_was_learnt();
                self.apply_as(transactions, position, Way::OneByOne).await
            }
            other => other,
        };
        if let Err(error) = &applied {
            self.record(error).await;
        }
        applied
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
