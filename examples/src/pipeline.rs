//! The steps of a migration. Each can be killed at any moment and be started again: what is done is recorded in the
//! target's control schema, in the same transaction as the thing itself.

mod cutover;
mod follow;
mod load;
mod part;
mod plan;
mod report;
mod schema;

pub use cutover::{CutoverOptions, CutoverOutcome, CutoverRefusal, Override};
pub use follow::{FollowEnd, Until};
pub use part::VerifyPart;
pub use plan::{Plan, write_files};

use crate::{
    choices::Choices,
    config::{Beats, Config},
    connect::PgConnector,
    progress::{Progress, summary_text},
};
use anyhow::{Context, Result, bail};
use cdc_logminer::Position;
use oracle_source::{
    Backoff, Chunk, ChunkRange, ConnectOptions, Driver, Handoff, Prerequisite, PrerequisiteState, Session,
    prerequisites::{self, Following},
};
use part::{RowsRead, Told};
use pg_sink::{
    Applier, ConstraintGuard, Control, FollowStatus, KeyRange, LedgerChunk, LoadLedger, MigrationState, NewerRows,
    RepairScript, Repaired, Status, TableOutcome, VerifyOptions, verify_range, verify_range_between, verify_table,
    verify_table_between,
};
use schema_map::{Catalog, ObjectPath, PgPath, TablePlan};
use std::{
    cell::Cell,
    collections::BTreeSet,
    path::Path,
    sync::{
        Arc, OnceLock,
        atomic::{AtomicBool, Ordering},
    },
    thread,
    time::{Duration, Instant},
};
use tokio::runtime::Handle;
use tokio_postgres::Client;
use type_convert::Scn;

/// How long a lock is waited for that another process holds.
const PATIENCE: Duration = Duration::from_secs(5);
/// How often something is tried again that fails for reasons that pass.
const ATTEMPTS: u32 = 10;
/// A time without such failures after which they are counted anew.
const CALM: Duration = Duration::from_secs(60);

/// One migration: where from, where to, and how.
#[derive(Debug, Clone)]
pub struct Pipeline {
    /// The configuration that it was made from.
    pub config: Config,
    // Each made at its first use: not every step speaks to both sides, and passwords are only asked for where they are needed.
    source: OnceLock<ConnectOptions>,
    target: OnceLock<PgConnector>,
    control: Control,
    runtime: Handle,
    stop: Arc<AtomicBool>,
}

/// How [`Pipeline::run`] ended without an error.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RunEnd {
    /// It was asked to stop; another run carries on.
    Stopped,
    /// A cutover has begun elsewhere, and everything up to its beginning is applied.
    HandedToCutover,
    /// The migration is completed already.
    AlreadyCompleted,
}

/// What a comparison found.
#[derive(Debug)]
pub struct Verified {
    /// Each table.
    pub tables: Vec<TableOutcome>,
    /// What the repair script does, where one was asked for.
    pub repaired: Option<Repaired>,
}

/// The states of the source that the target is compared with.
#[derive(Debug, Clone, Copy)]
struct Moment {
    as_of: Scn,
    /// Where the target is between two states, the earlier one.
    before: Option<Scn>,
}

impl Pipeline {
    /// Nothing is connected yet. Setting `stop` ends a run at its next safe point.
    pub fn new(config: Config, runtime: Handle, stop: Arc<AtomicBool>) -> Self {
        let control = Control::new(config.control_schema.clone());
        Pipeline { config, source: OnceLock::new(), target: OnceLock::new(), control, runtime, stop }
    }

    /// Connects to Oracle; `action` is what a DBA sees in `V$SESSION.ACTION`.
    pub fn oracle(&self, action: &str) -> Result<Session> {
        let source = made_once(&self.source, || self.source_options())?;
        let options = ConnectOptions { action: action.to_owned(), ..source.clone() };
        Session::connect(&options).with_context(|| format!("the source {} cannot be reached", source.connect_string))
    }

    /// Connects to Oracle as LogMiner is to run.
    fn miner(&self, action: &str) -> Result<Session> {
        let Some(miner) = &self.config.follow.miner else { return self.oracle(action) };
        let mut options = made_once(&self.source, || self.source_options())?.clone();
        options.connect_string.clone_from(&miner.connect);
        options.user.clone_from(&miner.user);
        options.password = miner.password.fetch().context("the miner's password")?.into();
        action.clone_into(&mut options.action);
        Session::connect(&options).with_context(|| format!("the miner's {} cannot be reached", miner.connect))
    }

    /// A session of each instance that a heartbeat is for.
    fn heart(&self, beats: &Beats) -> Result<Vec<Session>> {
        if beats.instances.is_empty() {
            return Ok(vec![self.oracle("migrate heartbeat")?]);
        }
        let source = made_once(&self.source, || self.source_options())?;
        let connect = |instance: &String| {
            let options = ConnectOptions {
                connect_string: instance.clone(),
                action: "migrate heartbeat".to_owned(),
                ..source.clone()
            };
            Session::connect(&options).with_context(|| format!("the instance {instance} cannot be reached"))
        };
        beats.instances.iter().map(connect).collect()
    }

    fn source_options(&self) -> Result<ConnectOptions> {
        let config = &self.config.source;
        let password = config.password.fetch().context("the source's password")?;
        let mut source = ConnectOptions::new(config.user.as_str(), password, config.connect.as_str());
        source.driver = config.driver;
        source.client_lib_dir = match &config.client_lib_dir {
            Some(dir) => Some(dir.clone()),
            None if config.driver != Driver::Oci => None,
            None => clntsh::client_library_dir(&config.connect).context("[source] client_lib_dir")?,
        };
        source.config_dir.clone_from(&config.config_dir);
        source.connect_timeout = Some(config.connect_timeout_s).filter(|s| *s > 0).map(Duration::from_secs);
        source.call_timeout = Some(config.call_timeout_s).filter(|s| *s > 0).map(Duration::from_secs);
        source.module = "oracle-migration".to_owned();
        Ok(source)
    }

    /// Connects to PostgreSQL.
    pub fn postgres(&self) -> Result<Client> {
        self.runtime.block_on(self.target()?.connect())
    }

    /// The target, without its password.
    pub fn target(&self) -> Result<&PgConnector> {
        made_once(&self.target, || PgConnector::new(&self.config.target))
    }

    /// The control schema.
    pub fn control(&self) -> &Control {
        &self.control
    }

    /// Whether the caller asked to stop.
    pub fn stopping(&self) -> bool {
        self.stop.load(Ordering::Relaxed)
    }

    /// Checks the source's prerequisites for the tables of the configured schemas, which [`catalog`](Self::catalog) reads.
    pub fn check(&self, session: &Session, catalog: &Catalog) -> Result<Vec<Prerequisite>> {
        let tables: Vec<ObjectPath> =
            catalog.tables.iter().filter(|t| t.kind.holds_rows()).map(|t| t.path.clone()).collect();
        let follow = &self.config.follow;
        let following = match (&follow.miner, follow.archived_only) {
            (Some(_), _) => Following::InRoot,
            (None, true) => Following::Archived,
            (None, false) => Following::Here,
        };
        let mut found = prerequisites::check_for(
            session,
            &tables,
            &prerequisites::Plan { following, ..prerequisites::Plan::default() },
        )?;
        if follow.miner.is_some() {
            let following = if follow.archived_only { Following::Archived } else { Following::Here };
            let plan = prerequisites::Plan { following, ..prerequisites::Plan::default() };
            let miners = prerequisites::check_for(&self.miner("migrate check")?, &[], &plan)?;
            found.extend(miners.into_iter().map(|p| Prerequisite {
                id: format!("miner:{}", p.id),
                what: format!("Miner: {}", p.what),
                ..p
            }));
        }
        Ok(found)
    }

    /// Loads and follows until it is asked to stop or a cutover has begun. Killed anywhere and started again, it ends
    /// in the same place; so where the target is lost for a while once it has begun, it begins again by itself. Why it failed is recorded
    /// where [`status`](Self::status) finds it.
    pub fn run(&self) -> Result<RunEnd> {
        let has_begun = Cell::new(false);
        let is_lost = |error: &anyhow::Error| has_begun.get() && is_target_lost(error);
        let end = self.again(&Progress::new(), is_lost, || self.run_once(&has_begun));
        let end = end.map(|end| end.unwrap_or(RunEnd::Stopped));
        if has_begun.get() { self.recording_failure(end) } else { end }
    }

    /// Does something again and again while it fails for reasons that pass. `None`: it was asked to stop between two attempts.
    fn again<T>(
        &self,
        progress: &Progress,
        passes: impl Fn(&anyhow::Error) -> bool,
        mut attempt: impl FnMut() -> Result<T>,
    ) -> Result<Option<T>> {
        let mut backoff = Backoff::new(Duration::from_secs(1), Duration::from_secs(10), ATTEMPTS);
        loop {
            let begun = Instant::now();
            let error = match attempt() {
                Err(error) if passes(&error) => error,
                other => return other.map(Some),
            };
            if begun.elapsed() > CALM {
                backoff.reset();
            }
            let Some(wait) = backoff.next_wait() else { return Err(error) };
            progress.say(format!("{error:#}; trying again"));
            if !self.pause(wait) {
                return Ok(None);
            }
        }
    }

    /// `has_begun`: it alone runs the migration from then on.
    fn run_once(&self, has_begun: &Cell<bool>) -> Result<RunEnd> {
        let client = self.postgres()?;
        if let Some(end) = self.completed(&client)? {
            return Ok(end);
        }
        self.block(self.control.install(&client))?;
        let _lock = self.lock_patiently("run")?.with_context(|| {
            format!("another process runs this migration already (control schema {})", self.control.schema())
        })?;
        // Once more: a cutover may have held the lock until now.
        if let Some(end) = self.completed(&client)? {
            return Ok(end);
        }
        has_begun.set(true);
        self.run_alone(client)
    }

    /// Waits; false where it is asked to stop meanwhile.
    fn pause(&self, time: Duration) -> bool {
        let begun = Instant::now();
        while begun.elapsed() < time && !self.stopping() {
            thread::sleep(Duration::from_millis(100));
        }
        !self.stopping()
    }

    fn run_alone(&self, mut client: Client) -> Result<RunEnd> {
        use MigrationState::{CutoverStarted, Failed, Initializing, ReadyToCutover, Running};
        let progress = Progress::new();
        let session = self.oracle("migrate run")?;
        let dictionary = self.dictionary(&session)?;
        self.insist_on_prerequisites(&session, &dictionary.catalog, &progress)?;
        let mut plan = self.plan_for(dictionary, &client, &Choices::default())?;
        let handoff = Handoff::take(&session)?;
        let migration = self.block(self.control.begin(&client, handoff.dbid, handoff.resetlogs_id))?;
        // What made an earlier run fail is over; a cutover that has begun stays one.
        self.block(self.control.change_state(&client, &[Failed], Initializing))?;
        self.block(self.control.change_state(&client, &[CutoverStarted], CutoverStarted))?;
        self.insist_on_same_tables(&client, &plan)?;
        fail_point!("run: begun");
        self.create_tables(&mut client, &plan)?;
        self.complete_types(&client, &mut plan)?;
        fail_point!("run: tables created");

        let mut applier = self.applier(&mut client, &plan, None)?;
        let load_scn = match migration.load_scn {
            Some(scn) => Scn(scn),
            None => {
                self.insist_on_empty_tables(&client, &plan)?;
                // The position first: a crash before the SCN is decided finds it again, and takes the SCN from it.
                let position = self.block(applier.start(&handoff.position()))?;
                fail_point!("run: position stored");
                let scn = Scn(position.commit_scn.0.saturating_sub(1));
                // From that moment on the target falls behind, until it has caught up.
                if self.block(self.control.status(&client))?.follow.is_none() {
                    let follow =
                        FollowStatus { lag_seconds: Some(0.0), source_scn: Some(scn.0), ..FollowStatus::default() };
                    self.block(self.control.set_follow_status(&client, &follow, &[]))?;
                }
                self.block(self.control.decide_load_scn(&client, scn))?
            }
        };
        drop(applier);
        fail_point!("run: SCN decided");
        progress.say(format!("loading as of SCN {load_scn}"));
        if !self.load(&session, &mut client, &plan, load_scn, &progress)? {
            return Ok(RunEnd::Stopped);
        }
        if !self.create_keys(&mut client, &plan, &progress)? {
            return Ok(RunEnd::Stopped);
        }
        fail_point!("run: keys built");
        self.block(self.control.change_state(&client, &[Initializing, Failed, ReadyToCutover], Running))?;
        drop(session);
        let mut applier = self.applier(&mut client, &plan, Some(load_scn))?;
        match self.follow(&client, &plan, &mut applier, Until::CutoverBegins, &progress)? {
            FollowEnd::Stopped => Ok(RunEnd::Stopped),
            FollowEnd::Reached => Ok(RunEnd::HandedToCutover),
        }
    }

    /// Compares every row of every table, value by value, each as of the position that the target has reached; the source may
    /// go on changing meanwhile, and the target too. With `repair`, SQL that makes the target's rows equal goes into that file, for a
    /// person to run; nothing here does. `part` names what else than everything is compared.
    pub fn verify(&self, part: &VerifyPart, repair: Option<&Path>, progress: &Progress) -> Result<Verified> {
        if repair.is_some() && part.has_range() {
            bail!("a repair is for whole tables: leave --from and --to away");
        }
        let client = self.postgres()?;
        let state = self.begun(&client)?;
        self.insist_on_load(&client, state)?;
        let session = self.oracle("migrate verify")?;
        let plan = self.plan(&session, &client)?;
        let chosen = part.choose(&plan)?;
        let Some(file) = repair else {
            let mut tables = Vec::new();
            for table in chosen {
                let range = part.range(table)?;
                // A moment of its own for each table: neither side need keep an old state for longer than it takes to read one.
                let moment = self.begin_snapshot(&client)?;
                tables.push(self.compare_table(&session, &client, &plan, table, range.as_ref(), moment, progress)?);
                self.block(client.batch_execute("COMMIT"))?;
            }
            return Ok(Verified { tables, repaired: None });
        };
        if self.is_at_work()? {
            bail!("a repair is for a target at rest: stop `migrate run` first, it carries on afterwards");
        }
        let moment = self.begin_snapshot(&client)?;
        if moment.before.is_some() {
            bail!(
                "the target is between two commits at one SCN of the source ({}): let `migrate run` apply the others first, then stop it",
                moment.as_of
            );
        }
        let dir = file.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."));
        let unwritable = || format!("{} cannot be written", file.display());
        // Only its owner can read it: it holds rows. It appears when it is whole.
        let mut script = tempfile::NamedTempFile::new_in(dir).with_context(unwritable)?;
        let out = std::io::BufWriter::new(&mut script);
        let mut repair = self.block(RepairScript::begin(out, &client, &self.control))?;
        let mut tables = Vec::new();
        for table in chosen {
            let outcome = self.compare_table(&session, &client, &plan, table, None, moment, progress)?;
            if !outcome.is_equal() {
                let open = || plan.open(&session, table, moment.as_of);
                self.block(repair.add(&client, table, &outcome, open))
                    .with_context(|| format!("writing what mends {}", table.target))?;
            }
            tables.push(outcome);
        }
        let repaired = repair.finish()?;
        script.persist(file).with_context(unwritable)?;
        self.block(client.batch_execute("COMMIT"))?;
        Ok(Verified { tables, repaired: Some(repaired) })
    }

    /// Begins a transaction in which position and rows are one state, and says which states of the source it is or lies between.
    ///
    /// A position in the midst of several commits at one SCN is between two. A follower moves on from it in a moment; where none is
    /// at work, or one is always there again, rows that are still in flight are told from those that differ.
    fn begin_snapshot(&self, client: &Client) -> Result<Moment> {
        for attempt in 0.. {
            self.block(client.batch_execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"))?;
            let position = self.position(client)?;
            let before = Scn(position.commit_scn.0.saturating_sub(1));
            if position.delivered.is_empty() {
                return Ok(Moment { as_of: before, before: None });
            }
            if attempt >= 10 || !self.is_at_work()? {
                return Ok(Moment { as_of: position.commit_scn, before: Some(before) });
            }
            self.block(client.batch_execute("ROLLBACK"))?;
            thread::sleep(Duration::from_millis(100));
        }
        unreachable!("the attempts end")
    }

    /// Where the migration stands, as its control tables have it; works while another process runs it.
    pub fn status(&self) -> Result<Status> {
        let client = self.postgres()?;
        self.begun(&client)?;
        self.block(self.control.status(&client))
    }

    /// What moved, what was applied, and what was refused and why.
    pub fn summary(&self) -> Result<String> {
        let client = self.postgres()?;
        let session = self.oracle("migrate summary")?;
        let plan = self.plan(&session, &client)?;
        let status = self.block(self.control.status(&client))?;
        let mut text = summary_text(&status, &plan.ddl);
        if !plan.ddl.refusals.is_empty() {
            text.push_str("\nnot converted:\n");
            plan.refusal_lines().for_each(|line| text.push_str(&format!("{line}\n")));
        }
        Ok(text)
    }

    fn compare(
        &self,
        session: &Session,
        client: &Client,
        plan: &Plan,
        as_of: Scn,
        progress: &Progress,
    ) -> Result<Vec<TableOutcome>> {
        progress.say(format!("comparing every row as of SCN {as_of}"));
        let moment = Moment { as_of, before: None };
        plan.tables.iter().map(|t| self.compare_table(session, client, plan, t, None, moment, progress)).collect()
    }

    #[expect(clippy::too_many_arguments, reason = "both sides, what of them, and as of when")]
    fn compare_table(
        &self,
        session: &Session,
        client: &Client,
        plan: &Plan,
        table: &TablePlan,
        range: Option<&KeyRange>,
        moment: Moment,
        progress: &Progress,
    ) -> Result<TableOutcome> {
        let rows = match range {
            None => ChunkRange::Whole,
            Some(range) => part::source_range(table, range)?,
        };
        let read = Cell::new(RowsRead::default());
        let open_at = |scn| {
            let reader = plan.open_range(session, table, &rows, scn)?;
            Ok(Told { reader, read: &read, table: &table.source, progress })
        };
        let open = || open_at(moment.as_of);
        let options = VerifyOptions::default();
        let outcome = match (range, moment.before) {
            (None, None) => self.block(verify_table(client, table, open, options)),
            (Some(range), None) => self.block(verify_range(client, table, range, open, options)),
            (None, Some(before)) => self.block(verify_table_between(client, table, open, || open_at(before), options)),
            (Some(range), Some(before)) => {
                self.block(verify_range_between(client, table, range, open, || open_at(before), options))
            }
        };
        let outcome = outcome.with_context(|| format!("comparing {} with {}", table.source, table.target))?;
        let verdict = if outcome.is_equal() { "equal" } else { "DIFFERENT" };
        let in_flight = match outcome.in_flight {
            0 => String::new(),
            rows => format!(", {rows} in flight"),
        };
        progress.say(format!(
            "  {:<32} {:>10} rows  {verdict} as of SCN {}{in_flight}",
            table.source.to_string(),
            outcome.source_rows,
            moment.as_of
        ));
        Ok(outcome)
    }

    fn position(&self, client: &Client) -> Result<Position> {
        let position = self.block(self.control.position(client))?;
        position.context("the load has not begun: nothing can be compared yet; start `migrate run`")
    }

    /// Applies changes; nothing of the target acts on them. A cutover that was refused may have put foreign keys and triggers
    /// in place already. `loaded`: the SCN of the load, where that is complete.
    fn applier(&self, client: &mut Client, plan: &Plan, loaded: Option<Scn>) -> Result<Applier> {
        let mut options = self.config.follow.apply_options();
        for table in options.table_conflicts.keys() {
            plan.table(table).context("follow.table_conflicts")?;
        }
        if let Some(scn) = loaded {
            let ledger = LoadLedger::new(self.control.clone());
            let newer = self.block(ledger.newer(client, scn))?;
            options.newer_rows = newer.iter().map(newer_rows).collect::<Result<_>>()?;
        }
        let applier =
            self.block(Applier::with_options(self.postgres()?, self.control.clone(), &plan.tables, options))?;
        let down: Vec<PgPath> = plan
            .tables
            .iter()
            .map(|t| &t.target)
            .filter(|t| applier.fires_triggers() || plan.existing.contains(&t.schema))
            .cloned()
            .collect();
        if !down.is_empty() {
            let guard = ConstraintGuard::new(self.control.clone());
            self.block(guard.take_down(client, &down)).context("foreign keys and triggers of the target's tables")?;
        }
        Ok(applier)
    }

    /// Keeps the reason of a failure in the target, for whoever looks there.
    fn recording_failure<T>(&self, result: Result<T>) -> Result<T> {
        if let Err(error) = &result {
            // The error itself is what matters; the target may be what has failed, or hold no migration yet.
            let _ = self.postgres().and_then(|c| self.block(self.control.set_failed(&c, &format!("{error:#}"))));
        }
        result
    }

    /// Everything must have been loaded.
    fn insist_on_load(&self, client: &Client, state: MigrationState) -> Result<()> {
        let unfinished = match state {
            MigrationState::Initializing => true,
            MigrationState::Failed => !self.block(LoadLedger::new(self.control.clone()).is_complete(client))?,
            _ => false,
        };
        if unfinished {
            bail!("the load is not complete yet: keep `migrate run` going until `migrate status` says running");
        }
        Ok(())
    }

    /// What was loaded and followed so far must be what is to be followed on: of a table that came later changes were missed, and one
    /// that has gone would stay in the target as it was.
    fn insist_on_same_tables(&self, client: &Client, plan: &Plan) -> Result<()> {
        let ledger = LoadLedger::new(self.control.clone());
        if !self.block(ledger.is_complete(client))? {
            return Ok(());
        }
        let loaded: BTreeSet<String> = self.block(ledger.progress(client))?.into_iter().map(|p| p.table).collect();
        let name = |t: &TablePlan| format!("{}.{}", t.source.schema.as_str(), t.source.name.as_str());
        let planned: BTreeSet<String> = plan.tables.iter().map(name).collect();
        let list = |a: &BTreeSet<String>, b| a.difference(b).map(String::as_str).collect::<Vec<_>>().join(", ");
        if planned != loaded {
            let (new, gone) = (list(&planned, &loaded), list(&loaded, &planned));
            bail!(
                "the source's tables are not those that were loaded{}{}: put them back as they were, or begin anew with another \
                 control schema and empty target schemas",
                if new.is_empty() { new } else { format!("; new: {new}") },
                if gone.is_empty() { gone } else { format!("; gone: {gone}") }
            );
        }
        Ok(())
    }

    /// Rows of somebody else are never mixed with those of the source.
    fn insist_on_empty_tables(&self, client: &Client, plan: &Plan) -> Result<()> {
        for table in &plan.tables {
            let sql = format!("SELECT EXISTS (SELECT FROM {})", table.target.quoted());
            if self.block(client.query_one(&sql, &[]))?.get(0) {
                bail!("the target's table {} has rows already: empty it, or choose another schema", table.target);
            }
        }
        Ok(())
    }

    fn completed(&self, client: &Client) -> Result<Option<RunEnd>> {
        if !self.block(self.control.is_installed(client))? {
            return Ok(None);
        }
        let migration = self.block(self.control.migration(client))?;
        Ok(migration.filter(|m| m.state == MigrationState::Completed).map(|_| RunEnd::AlreadyCompleted))
    }

    fn begun(&self, client: &Client) -> Result<MigrationState> {
        let installed = self.block(self.control.is_installed(client))?;
        let migration = if installed { self.block(self.control.migration(client))? } else { None };
        match migration {
            Some(migration) => Ok(migration.state),
            None => bail!(
                "no migration has begun here (control schema {} in {}): start `migrate run`",
                self.control.schema(),
                self.target()?.place()
            ),
        }
    }

    fn insist_on_prerequisites(&self, session: &Session, catalog: &Catalog, progress: &Progress) -> Result<()> {
        let found = self.check(session, catalog)?;
        for p in found.iter().filter(|p| p.required && p.state == PrerequisiteState::Unknown) {
            progress.say(format!("not known whether the source fulfils it: {} ({})", p.what, p.found));
        }
        for p in found.iter().filter(|p| !p.required && p.state == PrerequisiteState::NotMet) {
            progress.say(format!("the source would do better: {} ({})", p.what, p.found));
        }
        let unmet: Vec<String> = found
            .into_iter()
            .filter(|p| p.required && p.state == PrerequisiteState::NotMet)
            .map(|p| format!("- {}: {}", p.what, p.found))
            .collect();
        if !unmet.is_empty() {
            bail!(
                "the source is not ready for an online migration:\n{}\n`migrate check` prints the SQL that mends it",
                unmet.join("\n")
            );
        }
        Ok(())
    }

    /// The lock that keeps two runs of one migration apart; it is held as long as the connection lives.
    fn lock(&self) -> Result<Option<Client>> {
        self.lock_as("run")
    }

    fn lock_as(&self, role: &str) -> Result<Option<Client>> {
        let client = self.postgres()?;
        let key = self.lock_name(role);
        let row = self.block(client.query_one("SELECT pg_try_advisory_lock(hashtextextended($1, 0))", &[&key]))?;
        Ok(row.get::<_, bool>(0).then_some(client))
    }

    /// The same, with a few seconds of patience: of a process that was killed a moment ago, the server may not have heard yet.
    fn lock_patiently(&self, role: &str) -> Result<Option<Client>> {
        let begun = Instant::now();
        loop {
            let lock = self.lock_as(role)?;
            if lock.is_some() || self.stopping() || begun.elapsed() > PATIENCE {
                return Ok(lock);
            }
            thread::sleep(Duration::from_millis(200));
        }
    }

    fn lock_name(&self, role: &str) -> String {
        format!("oracle-migration {role} {}", self.control.schema())
    }

    /// Whether a process runs or cuts over this migration at the moment.
    pub fn is_at_work(&self) -> Result<bool> {
        // A lock of one bigint shows as two halves.
        let sql = "SELECT EXISTS (SELECT FROM pg_locks, hashtextextended($1, 0) AS key WHERE locktype = 'advisory' AND granted \
                   AND database = (SELECT oid FROM pg_database WHERE datname = current_database()) AND objsubid = 1 \
                   AND classid::bigint = (key >> 32) & 4294967295 AND objid::bigint = key & 4294967295)";
        Ok(self.block(self.postgres()?.query_one(sql, &[&self.lock_name("run")]))?.get(0))
    }

    /// Runs `work` in as many threads as the load has workers, each with a name of its own, and returns the first of their errors. Once one has
    /// failed, the flag that each is given is true: the others end as soon as they can.
    fn in_parallel(&self, work: impl Fn(&str, &AtomicBool) -> Result<()> + Sync) -> Result<()> {
        let failed = AtomicBool::new(false);
        let results: Vec<Result<()>> = thread::scope(|scope| {
            let workers: Vec<_> = (1..=self.config.load.workers)
                .map(|n| {
                    let (work, failed) = (&work, &failed);
                    scope.spawn(move || {
                        let result = work(&format!("{} {n}", std::process::id()), failed);
                        if result.is_err() {
                            failed.store(true, Ordering::Relaxed);
                        }
                        result
                    })
                })
                .collect();
            workers.into_iter().map(|w| w.join().unwrap_or_else(|_| bail!("a worker panicked"))).collect()
        });
        results.into_iter().collect()
    }

    fn block<T, E>(&self, future: impl Future<Output = Result<T, E>>) -> Result<T>
    where
        anyhow::Error: From<E>,
    {
        Ok(self.runtime.block_on(future)?)
    }
}

/// Whether the target may be there again in a moment.
fn is_target_lost(error: &anyhow::Error) -> bool {
    error.chain().any(|cause| {
        cause.downcast_ref::<pg_sink::Error>().is_some_and(pg_sink::Error::is_transient)
            || cause.downcast_ref().is_some_and(pg_sink::Error::is_transient_at_driver)
    })
}

/// What of a table was loaded with a chunk at a newer SCN.
fn newer_rows(chunk: &LedgerChunk) -> Result<NewerRows> {
    let (from, to) = match Chunk::from_text(&chunk.range)?.range {
        ChunkRange::Whole => (None, None),
        ChunkRange::RowIds { from, to } => (from, to),
        other => {
            bail!("rows of {} were loaded at a newer SCN by {other:?}, which no change can be told by", chunk.source)
        }
    };
    Ok(NewerRows { table: chunk.source.clone(), from, to, scn: chunk.scn })
}

fn made_once<T>(cell: &OnceLock<T>, make: impl FnOnce() -> Result<T>) -> Result<&T> {
    match cell.get() {
        Some(made) => Ok(made),
        None => {
            let made = make()?;
            Ok(cell.get_or_init(|| made))
        }
    }
}
