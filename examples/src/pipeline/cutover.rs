use super::{FollowEnd, Pipeline, Plan, Until};
use crate::progress::Progress;
use anyhow::{Context, Result, bail};
use cdc_logminer::{ChangeStream, Next};
use oracle_source::{Session, current_scn};
use pg_sink::{ConstraintGuard, MigrationState, SequenceChange, TableOutcome, advance_sequences};
use schema_map::{ObjectKind, PgPath};
use std::{
    thread,
    time::{Duration, Instant},
};
use tokio_postgres::Client;
use type_convert::Scn;

/// How long a cutover waits for a running `migrate run` to hand over.
const HAND_OVER: Duration = Duration::from_secs(600);

/// What a completed cutover did.
#[derive(Debug)]
pub struct CutoverOutcome {
    /// Everything committed at the source up to this SCN is in the target.
    pub scn: Scn,
    /// The comparison of every table; all are equal.
    pub tables: Vec<TableOutcome>,
    /// Sequences moved on.
    pub sequences: Vec<SequenceChange>,
}

/// Why a cutover did not complete. It can be called again.
#[derive(Debug, thiserror::Error)]
pub enum CutoverRefusal {
    /// Source and target differ.
    #[error("source and target differ in {}: the cutover is not completed. Find the cause, then call it again", .0.join(", "))]
    Different(Vec<String>),
    /// Transactions with changes of the migrated tables are still open at the source.
    #[error(
        "{0} changes of transactions that are still open at the source wait for their COMMIT or ROLLBACK: \
         end them, then call the cutover again"
    )]
    OpenTransactions(usize),
    /// The source was written to during the cutover.
    #[error(
        "the source is still being written to: {transactions} transactions with {changes} changes were committed after SCN {after}. \
         Stop every writer, then call the cutover again: it carries on and applies them"
    )]
    SourceWritten {
        /// Transactions found.
        transactions: usize,
        /// Their changes.
        changes: usize,
        /// The SCN at which the cutover took the source to be at rest.
        after: Scn,
    },
}

impl Pipeline {
    /// Ends the migration. The source's writers must have been stopped. Every step can be repeated, so after an error or a
    /// crash the cutover is simply called again.
    ///
    /// A refusal leads back to the state `running`: the cutover can be called again, or `migrate run` follow on.
    pub fn cutover(&self, progress: &Progress) -> Result<CutoverOutcome> {
        let client = self.postgres()?;
        let state = self.begun(&client)?;
        self.insist_on_load(&client, state)?;
        self.insist_on_open(state)?;
        self.block(self.control.set_state(&client, MigrationState::CutoverStarted))?;
        let _lock = self.take_over(progress)?;
        // Another cutover may have had the lock until now, and have completed or been refused.
        self.insist_on_open(self.begun(&client)?)?;
        self.block(self.control.set_state(&client, MigrationState::CutoverStarted))?;
        let result = self.cut_over(client, progress);
        if result.as_ref().is_err_and(|e| e.is::<CutoverRefusal>()) {
            let (from, to) = (&[MigrationState::CutoverStarted], MigrationState::Running);
            self.block(self.control.change_state(&self.postgres()?, from, to))?;
            return result;
        }
        self.recording_failure(result)
    }

    fn insist_on_open(&self, state: MigrationState) -> Result<()> {
        if state == MigrationState::Completed {
            bail!("the migration is completed already; `migrate verify` compares again");
        }
        Ok(())
    }

    fn cut_over(&self, mut client: Client, progress: &Progress) -> Result<CutoverOutcome> {
        let session = self.oracle("migrate cutover")?;
        let plan = self.plan(&session, &client)?;
        self.insist_on_same_tables(&client, &plan)?;
        if !self.create_keys(&mut client, &plan, progress)? {
            bail!("stopped before the end: call the cutover again");
        }
        let scn = self.drain(&session, &mut client, &plan, progress)?;

        let tables = self.compare(&session, &client, &plan, scn, progress)?;
        let different: Vec<String> = tables.iter().filter(|t| !t.is_equal()).map(|t| t.table.to_string()).collect();
        if !different.is_empty() {
            for outcome in tables.iter().filter(|t| !t.is_equal()) {
                for difference in &outcome.differences {
                    progress.say(format!("  {}: {difference:?}", outcome.table));
                }
            }
            return Err(CutoverRefusal::Different(different).into());
        }

        progress.say("putting foreign keys, views, sequences and triggers in place".to_owned());
        self.create_rest(&mut client, &plan)?;
        let guard = ConstraintGuard::new(self.control.clone());
        self.block(guard.restore(&mut client)).context("putting the target's own foreign keys and triggers back")?;
        let sequences = self.set_sequences(&session, &client, progress)?;
        for table in &plan.tables {
            self.block(client.batch_execute(&format!("ANALYZE {}", table.target.quoted())))?;
        }
        self.insist_on_rest(&session, &client, &plan, scn)?;
        self.block(self.control.set_state(&client, MigrationState::Completed))?;
        Ok(CutoverOutcome { scn, tables, sequences })
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
        let mut applier = self.applier(client, plan)?;
        let now = current_scn(session)?;
        match self.follow(client, plan, &mut applier, Until::Scn(now), progress)? {
            // Where the source is still written to, a little more than asked for.
            FollowEnd::Reached => Ok(Scn(self.position(client)?.commit_scn.0.saturating_sub(1))),
            FollowEnd::Stopped => bail!("stopped before everything was applied: call the cutover again"),
        }
    }

    /// Reads the redo once more, to the present: nothing may have happened since `scn`, and nothing may be open.
    fn insist_on_rest(&self, session: &Session, client: &Client, plan: &Plan, scn: Scn) -> Result<()> {
        let now = current_scn(session)?;
        let mut stream = self.stream(plan, self.position(client)?)?;
        let (mut transactions, mut changes) = (0, 0);
        loop {
            match stream.next_transaction().context("looking for late changes of the source")? {
                Next::Transaction(transaction, _) => {
                    transactions += 1;
                    changes += transaction.changes.len();
                }
                Next::Progress(position) | Next::Idle(position) if position.commit_scn > now => break,
                Next::Progress(_) => {}
                Next::Idle(_) if self.stopping() => bail!("stopped before the end: call the cutover again"),
                Next::Idle(_) => thread::sleep(Duration::from_millis(self.config.follow.idle_ms)),
            }
        }
        if transactions > 0 {
            return Err(CutoverRefusal::SourceWritten { transactions, changes, after: scn }.into());
        }
        match stream.status().open_changes {
            0 => Ok(()),
            open => Err(CutoverRefusal::OpenTransactions(open).into()),
        }
    }

    /// The next value of each sequence of the target is at least that of the source.
    fn set_sequences(&self, session: &Session, client: &Client, progress: &Progress) -> Result<Vec<SequenceChange>> {
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
        self.block(advance_sequences(client, &next)).context("setting the sequences")
    }
}
