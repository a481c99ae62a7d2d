use super::{FollowEnd, Pipeline, Plan, Until, report};
use crate::progress::Progress;
use anyhow::{Context, Result, bail};
use cdc_logminer::{ChangeStream, Next};
use oracle_source::{Session, current_scn};
use pg_sink::{
    ConstraintGuard, CutoverLog, CutoverResult, MigrationState, RunningCutover, SequenceChange, TableOutcome,
    plan_sequences, set_sequences,
};
use schema_map::{ObjectKind, PgPath};
use serde::Serialize;
use serde_json::json;
use std::{
    collections::BTreeMap,
    fmt,
    path::PathBuf,
    str::FromStr,
    thread,
    time::{Duration, Instant},
};
use tokio_postgres::Client;
use type_convert::Scn;

/// How long a cutover waits for a running `migrate run` to hand over.
const HAND_OVER: Duration = Duration::from_secs(600);
/// Differences of a table that the record of a cutover keeps.
const DIFFERENCES_KEPT: usize = 20;

/// What a cutover is told.
#[derive(Debug, Clone, Default)]
pub struct CutoverOptions {
    /// What it goes on over. Each is recorded with what was found.
    pub overrides: Vec<Override>,
    /// The folder for the report and the way back.
    pub out: PathBuf,
}

/// Something that a cutover would refuse, and is told to go on over.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Override {
    /// Differences in this table of the target, `schema.name`.
    Differences(String),
    /// Transactions that are open at the source: what they change is lost to the target.
    OpenTransactions,
    /// Transactions that were committed after everything was applied: they are lost to the target.
    LateWrites,
}

impl fmt::Display for Override {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Override::Differences(table) => write!(f, "differences={table}"),
            Override::OpenTransactions => f.write_str("open-transactions"),
            Override::LateWrites => f.write_str("late-writes"),
        }
    }
}

impl FromStr for Override {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text.split_once('=') {
            Some(("differences", table)) if !table.is_empty() => Ok(Override::Differences(table.to_owned())),
            None if text == "open-transactions" => Ok(Override::OpenTransactions),
            None if text == "late-writes" => Ok(Override::LateWrites),
            _ => Err(
                "what can be overridden is differences=SCHEMA.TABLE (of the target), open-transactions or late-writes"
                    .to_owned(),
            ),
        }
    }
}

/// What a completed cutover did.
#[derive(Debug)]
pub struct CutoverOutcome {
    /// Everything committed at the source up to this SCN is in the target.
    pub scn: Scn,
    /// The comparison of every table; those that differ were overridden.
    pub tables: Vec<TableOutcome>,
    /// Sequences moved on.
    pub sequences: Vec<SequenceChange>,
    /// What it went on over.
    pub overridden: Vec<Override>,
}

/// Why a cutover did not complete. It can be called again.
#[derive(Debug, thiserror::Error)]
pub enum CutoverRefusal {
    /// Source and target differ.
    #[error(
        "source and target differ in {}: the cutover is not completed. Find the cause (`migrate verify --repair FILE` writes SQL that mends \
         the target), then call it again; `--override differences={}` goes on over it", .0.join(", "), .0[0]
    )]
    Different(Vec<String>),
    /// Transactions with changes of the migrated tables are still open at the source.
    #[error(
        "{0} changes of transactions that are still open at the source wait for their COMMIT or ROLLBACK: \
         end them, then call the cutover again; `--override open-transactions` goes on without them"
    )]
    OpenTransactions(u64),
    /// The source was written to during the cutover.
    #[error(
        "the source is still being written to: {transactions} transactions with {changes} changes were committed after SCN {after} ({tables}). \
         Stop every writer, then call the cutover again: it carries on and applies them; `--override late-writes` goes on without them"
    )]
    SourceWritten {
        /// Transactions found.
        transactions: u64,
        /// Their changes.
        changes: u64,
        /// Which tables they are of, with their numbers.
        tables: String,
        /// The SCN at which the cutover took the source to be at rest.
        after: Scn,
    },
}

/// What the redo holds beyond what is applied.
#[derive(Debug, Default, Serialize)]
struct LastLook {
    late_transactions: u64,
    late_changes: u64,
    late_tables: BTreeMap<String, u64>,
    open_changes: u64,
}

/// An attempt with a connection of its own for its record.
struct Attempt<'a> {
    pipeline: &'a Pipeline,
    client: Client,
    running: RunningCutover,
    step: &'static str,
    options: &'a CutoverOptions,
    overridden: Vec<Override>,
}

impl Pipeline {
    /// Ends the migration. The source's writers must have been stopped. Every step can be repeated, so after an error or a
    /// crash the cutover is simply called again; where it had been completed, only its report is written anew, and `None` returned.
    ///
    /// A refusal leads back to the state `running`: the cutover can be called again, or `migrate run` follow on. Of two cutovers at
    /// once, one stops.
    pub fn cutover(&self, options: &CutoverOptions, progress: &Progress) -> Result<Option<CutoverOutcome>> {
        let client = self.postgres()?;
        let state = self.begun(&client)?;
        // Before anything is done: a report that cannot be written must not come to light at the end.
        report::make_folder(&options.out)?;
        let _alone = self.lock_patiently("cutover")?.with_context(|| {
            format!("another process is cutting this migration over already (control schema {})", self.control.schema())
        })?;
        if state == MigrationState::Completed {
            self.write_report(&client, &options.out)?;
            return Ok(None);
        }
        self.insist_on_load(&client, state)?;
        self.insist_on_tables(&client, options)?;
        self.block(self.control.set_state(&client, MigrationState::CutoverStarted))?;
        let _lock = self.take_over(progress)?;
        // A follower that hands over may have failed, and have said so.
        self.block(self.control.set_state(&client, MigrationState::CutoverStarted))?;
        let log = self.postgres()?;
        let running = self.block(CutoverLog::new(self.control.clone()).begin(&log))?;
        let mut attempt = Attempt { pipeline: self, client: log, running, step: "", options, overridden: Vec::new() };
        let result = self.cut_over(client, &mut attempt, progress);
        let client = match &result {
            Ok(_) => self.postgres()?,
            Err(error) => {
                let refused = error.is::<CutoverRefusal>();
                let how = if refused { CutoverResult::Refused } else { CutoverResult::Failed };
                // The error itself is what matters; the target may be what has failed.
                let recorded = self.postgres().and_then(|client| {
                    self.block(attempt.running.end(&client, how, &format!("{error:#}")))?;
                    if refused {
                        let (from, to) = (&[MigrationState::CutoverStarted], MigrationState::Running);
                        self.block(self.control.change_state(&client, from, to))?;
                    } else {
                        self.block(self.control.set_failed(&client, &format!("{error:#}")))?;
                    }
                    self.write_report(&client, &options.out)
                });
                if let (Err(second), true) = (recorded, refused) {
                    return Err(second.context(format!("{error:#}; and this could not be recorded")));
                }
                return result.map(Some);
            }
        };
        fail_point!("cutover: completed, not reported");
        self.write_report(&client, &options.out)
            .context("the migration is completed, but its report is not written: call the cutover again for that")?;
        result.map(Some)
    }

    /// An override of a table that does not move is a mistake in its name.
    fn insist_on_tables(&self, client: &Client, options: &CutoverOptions) -> Result<()> {
        let tables: Vec<String> =
            self.block(self.control.status(client))?.tables.into_iter().map(|t| t.target).collect();
        for over in &options.overrides {
            if let Override::Differences(table) = over
                && !tables.contains(table)
            {
                bail!("--override {over}: no table {table} is among those that move: {}", tables.join(", "));
            }
        }
        Ok(())
    }

    fn cut_over(&self, mut client: Client, attempt: &mut Attempt<'_>, progress: &Progress) -> Result<CutoverOutcome> {
        let session = self.oracle("migrate cutover")?;
        let plan = self.plan(&session, &client)?;
        self.insist_on_same_tables(&client, &plan)?;
        attempt.begin("keys and indexes")?;
        if !self.create_keys(&mut client, &plan, progress)? {
            bail!("stopped before the end: call the cutover again");
        }
        attempt.end(&json!({}))?;

        attempt.begin("apply the rest")?;
        let scn = self.drain(&session, &mut client, &plan, progress)?;
        let pending = self.block(self.control.status(&client))?.pending;
        attempt.end(&json!({ "scn": scn.0, "pending_changes": pending }))?;
        if pending > 0 {
            let found = json!({ "pending_changes": pending });
            attempt.refuse_unless(Override::OpenTransactions, &found, CutoverRefusal::OpenTransactions(pending))?;
        }

        attempt.begin("compare")?;
        let tables = self.compare(&session, &client, &plan, scn, progress)?;
        attempt.end(&tables.iter().map(compared).collect::<Vec<_>>())?;
        let different: Vec<&TableOutcome> = tables.iter().filter(|t| !t.is_equal()).collect();
        for outcome in &different {
            for difference in &outcome.differences {
                progress.say(format!("  {}: {difference}", outcome.table));
            }
        }
        let left: Vec<String> = different
            .iter()
            .map(|t| t.table.to_string())
            .filter(|t| !attempt.options.overrides.contains(&Override::Differences(t.clone())))
            .collect();
        if !left.is_empty() {
            return Err(CutoverRefusal::Different(left).into());
        }
        for outcome in different {
            let over = Override::Differences(outcome.table.to_string());
            attempt.overrule(over, &compared(outcome))?;
        }

        progress.say("putting foreign keys, views, sequences and triggers in place".to_owned());
        // Before the foreign keys of our own are looked at: an attempt that was broken off may have left these among what is down,
        // some not validated yet.
        attempt.begin("what was taken down: foreign keys and triggers")?;
        let guard = ConstraintGuard::new(self.control.clone());
        let back = self
            .block(guard.restore(&mut client))
            .context("putting the target's own foreign keys and triggers back")?;
        attempt.end(&json!({ "foreign_keys": back.foreign_keys, "triggers": back.triggers }))?;

        attempt.begin("foreign keys, views, sequences, comments")?;
        let keys = self.create_rest(&mut client, &plan)?;
        attempt.end(&json!({ "foreign_keys_added": keys.added, "foreign_keys_validated": keys.validated }))?;

        attempt.begin("set sequences and identities")?;
        let sequences = self.plan_sequences(&session, &client, progress)?;
        // First what they were: without it there would be no way back.
        attempt.note(&sequences)?;
        self.block(set_sequences(&client, &sequences)).context("setting the sequences")?;
        attempt.end(&sequences)?;

        attempt.begin("analyze")?;
        for table in &plan.tables {
            self.block(client.batch_execute(&format!("ANALYZE {}", table.target.quoted())))?;
        }
        attempt.end(&json!({ "tables": plan.tables.len() }))?;

        attempt.begin("last look at the redo")?;
        let look = self.last_look(&session, &client, &plan)?;
        attempt.end(&look)?;
        if look.late_transactions > 0 {
            let (transactions, changes) = (look.late_transactions, look.late_changes);
            let tables: Vec<String> = look.late_tables.iter().map(|(table, n)| format!("{table}: {n}")).collect();
            let refusal =
                CutoverRefusal::SourceWritten { transactions, changes, tables: tables.join(", "), after: scn };
            attempt.refuse_unless(Override::LateWrites, &look, refusal)?;
        }
        if look.open_changes > 0 {
            let refusal = CutoverRefusal::OpenTransactions(look.open_changes);
            attempt.refuse_unless(Override::OpenTransactions, &look, refusal)?;
        }
        fail_point!("cutover: before completing");
        self.block(attempt.running.complete(&client, scn))?;
        Ok(CutoverOutcome { scn, tables, sequences, overridden: std::mem::take(&mut attempt.overridden) })
    }

    /// Waits until a running `migrate run` has applied the rest and gone, and keeps others out.
    fn take_over(&self, progress: &Progress) -> Result<Client> {
        let begun = Instant::now();
        let mut said = false;
        loop {
            if let Some(lock) = self.lock()? {
                return Ok(lock);
            }
            if !said {
                progress.say("waiting for the running migration to apply the rest and hand over".to_owned());
                said = true;
            }
            if self.stopping() || begun.elapsed() > HAND_OVER {
                bail!(
                    "the running migration has not handed over: see its output, stop it, then call the cutover again"
                );
            }
            thread::sleep(Duration::from_millis(300));
        }
    }

    /// Applies everything that the source has committed until now, and returns until when.
    fn drain(&self, session: &Session, client: &mut Client, plan: &Plan, progress: &Progress) -> Result<Scn> {
        let loaded = self.block(self.control.migration(client))?.and_then(|m| m.load_scn);
        let mut applier = self.applier(client, plan, loaded.map(Scn))?;
        let now = current_scn(session)?;
        match self.follow(client, plan, &mut applier, Until::Scn(now), progress)? {
            // Where the source is still written to, a little more than asked for.
            FollowEnd::Reached => Ok(Scn(self.position(client)?.commit_scn.0.saturating_sub(1))),
            FollowEnd::Stopped => bail!("stopped before everything was applied: call the cutover again"),
        }
    }

    /// Reads the redo once more, to the present: what has happened since everything was applied, and what is open.
    fn last_look(&self, session: &Session, client: &Client, plan: &Plan) -> Result<LastLook> {
        let now = current_scn(session)?;
        let mut stream = self.stream(plan, self.position(client)?)?;
        let mut look = LastLook::default();
        loop {
            match stream.next_transaction().context("looking for late changes of the source")? {
                Next::Transaction(transaction, _) => {
                    look.late_transactions += 1;
                    look.late_changes += transaction.changes.len() as u64;
                    for (table, changes) in transaction.changes.tables() {
                        *look.late_tables.entry(table.to_string()).or_default() += changes;
                    }
                }
                Next::Progress(position) | Next::Idle(position) if position.commit_scn > now => break,
                Next::Progress(_) => {}
                Next::Idle(_) if self.stopping() => bail!("stopped before the end: call the cutover again"),
                Next::Idle(_) => thread::sleep(Duration::from_millis(self.config.follow.idle_ms)),
            }
        }
        look.open_changes = stream.status().open_changes as u64;
        Ok(look)
    }

    /// How sequences are to go on: after the source's, and after what is in the columns that they feed.
    fn plan_sequences(&self, session: &Session, client: &Client, progress: &Progress) -> Result<Vec<SequenceChange>> {
        // Read anew: the plan's numbers are older than the last writes.
        let plan = self.plan(session, client)?;
        let mut next: Vec<(PgPath, i128)> = Vec::new();
        for sequence in &plan.catalog.sequences {
            let Some(target) = plan.names.object(ObjectKind::Sequence, &sequence.path) else { continue };
            let there = "SELECT EXISTS (SELECT FROM pg_class WHERE oid = to_regclass($1) AND relkind = 'S')";
            if self.block(client.query_one(there, &[&target.quoted()]))?.get(0) {
                next.push((target.clone(), sequence.next_value));
            } else {
                progress.say(format!(
                    "  sequence {} is not in the target; at the source it goes on with {}",
                    sequence.path, sequence.next_value
                ));
            }
        }
        let tables: Vec<PgPath> = plan.tables.iter().map(|t| t.target.clone()).collect();
        self.block(plan_sequences(client, &next, &tables)).context("reading the sequences")
    }
}

impl Attempt<'_> {
    fn begin(&mut self, step: &'static str) -> Result<()> {
        self.step = step;
        self.pipeline.block(self.running.begin_step(&self.client, step))?;
        fail_point!(&format!("cutover: {step}"));
        Ok(())
    }

    fn note(&self, detail: &(impl Serialize + Sync)) -> Result<()> {
        self.pipeline.block(self.running.note(&self.client, detail))
    }

    fn end(&self, detail: &(impl Serialize + Sync)) -> Result<()> {
        fail_point!(&format!("cutover: {}, done", self.step));
        self.pipeline.block(self.running.end_step(&self.client, detail)).with_context(|| self.step)
    }

    fn overrule(&mut self, over: Override, found: &(impl Serialize + Sync)) -> Result<()> {
        self.pipeline.block(self.running.overrule(&self.client, &over.to_string(), found))?;
        if !self.overridden.contains(&over) {
            self.overridden.push(over);
        }
        Ok(())
    }

    fn refuse_unless(
        &mut self,
        over: Override,
        found: &(impl Serialize + Sync),
        refusal: CutoverRefusal,
    ) -> Result<()> {
        match self.options.overrides.contains(&over) {
            true => self.overrule(over, found),
            false => Err(refusal.into()),
        }
    }
}

/// The comparison of a table, for the record.
fn compared(outcome: &TableOutcome) -> serde_json::Value {
    let listed: Vec<String> = outcome.differences.iter().take(DIFFERENCES_KEPT).map(ToString::to_string).collect();
    json!({
        "table": outcome.table.to_string(),
        "source_rows": outcome.source_rows,
        "target_rows": outcome.target_rows,
        "equal": outcome.is_equal(),
        "differences": listed,
        "differences_complete": outcome.complete && outcome.differences.len() <= DIFFERENCES_KEPT,
    })
}
