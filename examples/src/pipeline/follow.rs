use super::{Pipeline, Plan};
use crate::progress::{Progress, status_table};
use anyhow::{Context, Result};
use cdc_logminer::{
    ChangeSink, ChangeStream, DecodeErrorKind, Irregularity, Next, Position, RedoStream, StreamError, StreamOptions,
};
use oracle_source::{Heartbeat, LogMinerOptions, LogMinerSource, Session, current_scn};
use pg_sink::{Applier, BatchLimits, FollowStatus, MigrationState, TransactionBatch, table_columns};
use schema_map::ObjectPath;
use std::{
    collections::VecDeque,
    thread,
    time::{Duration, Instant},
};
use tokio_postgres::Client;
use type_convert::Scn;

/// How often the state, the lag and an idle position are recorded.
const TICK: Duration = Duration::from_secs(1);
/// How often the table of counters is shown where there is no terminal.
const SHOW: Duration = Duration::from_secs(5);

/// When following ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Until {
    /// When a cutover begins: then everything that the source had at that time is applied still.
    CutoverBegins,
    /// When everything committed up to this SCN is applied.
    Scn(Scn),
}

/// How following ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FollowEnd {
    /// It was asked to stop.
    Stopped,
    /// Everything that was asked for is applied.
    Reached,
}

/// How often the heartbeat's table is written to.
const HEARTBEAT: Duration = Duration::from_secs(60);

/// How far the target is behind: the source's SCNs and when they were current.
#[derive(Debug, Default)]
struct Lag {
    samples: VecDeque<(Scn, Instant)>,
    source: Option<Scn>,
    /// Whether the target has reached the oldest sample.
    reached: bool,
    /// The lag with which following began, in seconds, and when that was.
    before: Option<(f64, Instant)>,
}

impl Pipeline {
    /// A stream of the source's changes from `position` on, over a session of its own.
    pub(super) fn stream(&self, plan: &Plan, position: Position) -> Result<RedoStream<LogMinerSource>> {
        let tables: Vec<ObjectPath> = plan.tables.iter().map(|t| t.source.clone()).collect();
        let follow = &self.config.follow;
        let options = LogMinerOptions {
            settle: Duration::from_millis(follow.settle_ms),
            flush: (follow.flush_ms > 0).then(|| Duration::from_millis(follow.flush_ms)),
            archived_only: follow.archived_only,
            ended_threads: follow.ended_threads.clone(),
            container: follow.container.clone(),
            ..LogMinerOptions::default()
        };
        let mut source = LogMinerSource::new(self.miner("migrate follow")?, &tables, options)?;
        if let Some(beats) = &follow.heartbeat {
            let table = ObjectPath::new(beats.schema.clone(), beats.table.clone());
            source = source.with_heartbeat(Heartbeat::new(table, self.heart(beats)?)?, HEARTBEAT)?;
        }
        let mut options = StreamOptions { memory_limit: follow.memory_mb << 20, ..StreamOptions::default() };
        if let Some(folder) = &follow.spill_folder {
            options.spill_folder.clone_from(folder);
        }
        for name in &follow.allow {
            options.policy = options.policy.allow(name.parse::<Irregularity>().context("follow.allow")?);
        }
        let tables = plan.tables.iter().map(table_columns).collect();
        Ok(RedoStream::with_options(source, tables, position, options)?)
    }

    /// Applies what the source commits, from the target's position on. Where the source cannot be read for a while (a log switch, a
    /// lost connection), it begins again from there.
    pub(super) fn follow(
        &self,
        client: &Client,
        plan: &Plan,
        applier: &mut Applier,
        until: Until,
        progress: &Progress,
    ) -> Result<FollowEnd> {
        let end = self.again(progress, is_transient, || self.follow_on(client, plan, applier, until, progress))?;
        Ok(end.unwrap_or(FollowEnd::Stopped))
    }

    fn follow_on(
        &self,
        client: &Client,
        plan: &Plan,
        applier: &mut Applier,
        mut until: Until,
        progress: &Progress,
    ) -> Result<FollowEnd> {
        let position = self.block(applier.position())?.context("the target has no position to follow from")?;
        progress.say(format!("following the redo from SCN {}", position.low_watermark));
        let session = self.oracle("migrate follow clock")?;
        let mut stream = self.stream(plan, position.clone())?;
        let mut batch = TransactionBatch::new(BatchLimits {
            transactions: self.config.follow.batch_transactions,
            changes: self.config.follow.batch_changes,
            latency: Duration::from_millis(self.config.follow.batch_ms),
            ..BatchLimits::default()
        });
        let mut applied;
        let (mut ticked, mut shown) = (None, None);
        let mut irregularities = Irregularities::default();
        // What was behind when the follower last said so has fallen behind further since.
        let before = self.block(self.control.status(client))?.follow.and_then(|f| f.lag_seconds);
        let mut lag = Lag { before: before.map(|seconds| (seconds, Instant::now())), ..Lag::default() };
        loop {
            let next = match stream.next_transaction() {
                Ok(next) => next,
                Err(error) => {
                    // What was committed before it is applied still.
                    if !batch.is_empty() {
                        self.apply(applier, &mut batch, stream.position())?;
                    }
                    return Err(error).context("following the redo");
                }
            };
            fail_point!("follow: fetched");
            let idle = match next {
                Next::Transaction(transaction, position) => {
                    batch.push(*transaction, position.clone());
                    if !batch.is_due() {
                        continue;
                    }
                    self.apply(applier, &mut batch, &position)?;
                    applied = position;
                    false
                }
                Next::Progress(position) | Next::Idle(position) if !batch.is_empty() => {
                    self.apply(applier, &mut batch, &position)?;
                    applied = position;
                    false
                }
                Next::Progress(position) => {
                    applied = position;
                    false
                }
                Next::Idle(position) => {
                    applied = position;
                    true
                }
            };
            let due = |last: &Option<Instant>, every| last.is_none_or(|at: Instant| at.elapsed() >= every);
            if due(&ticked, TICK) {
                lag.sample(&session)?;
                fail_point!("follow: before the checkpoint");
                // No transactions and a newer position: so an idle source moves on.
                self.block(applier.apply(&[], &applied))?;
                fail_point!("follow: checkpoint written");
                lag.reached(&applied);
                self.record(client, &stream, &lag)?;
                irregularities.say(&stream, progress);
                let migration = self.block(self.control.migration(client))?;
                let state = migration.map(|m| m.state);
                if until == Until::CutoverBegins && state == Some(MigrationState::CutoverStarted) {
                    until = Until::Scn(current_scn(&session)?);
                    progress.say("a cutover has begun: applying the rest".to_owned());
                }
                if until == Until::CutoverBegins && state == Some(MigrationState::Completed) {
                    return Ok(FollowEnd::Reached);
                }
                // Only from the one to the other: a cutover may begin at the same moment.
                let ready = lag.seconds().is_some_and(|s| s <= self.config.follow.ready_lag_s as f64);
                let (from, to) = match ready {
                    true => (MigrationState::Running, MigrationState::ReadyToCutover),
                    false => (MigrationState::ReadyToCutover, MigrationState::Running),
                };
                if state == Some(from) {
                    self.block(self.control.change_state(client, &[from], to))?;
                }
                ticked = Some(Instant::now());
                if until == Until::CutoverBegins && due(&shown, progress.refresh().unwrap_or(SHOW)) {
                    progress.show(&status_table(&self.block(self.control.status(client))?));
                    shown = Some(Instant::now());
                }
            }
            if let Until::Scn(scn) = until
                && applied.commit_scn > scn
                && applied.delivered.is_empty()
            {
                self.block(applier.apply(&[], &applied))?;
                self.record(client, &stream, &lag)?;
                return Ok(FollowEnd::Reached);
            }
            if self.stopping() {
                self.block(applier.apply(&[], &applied))?;
                // Nobody keeps it ready any more.
                let (from, to) = (&[MigrationState::ReadyToCutover], MigrationState::Running);
                self.block(self.control.change_state(client, from, to))?;
                return Ok(FollowEnd::Stopped);
            }
            if idle {
                thread::sleep(Duration::from_millis(self.config.follow.idle_ms));
            }
        }
    }

    fn apply(&self, applier: &mut Applier, batch: &mut TransactionBatch, position: &Position) -> Result<()> {
        fail_point!("follow: before apply");
        self.block(applier.apply(batch.transactions(), position)).context("applying changes")?;
        fail_point!("follow: applied and acknowledged");
        batch.clear();
        Ok(())
    }

    fn record(&self, client: &Client, stream: &RedoStream<LogMinerSource>, lag: &Lag) -> Result<()> {
        let follow = FollowStatus {
            pending_transactions: stream.status().open_transactions as u64,
            lag_seconds: lag.seconds(),
            source_scn: lag.source.map(|scn| scn.0),
            oldest_open_scn: stream.status().oldest_start.map(|scn| scn.0),
        };
        let pending: Vec<(ObjectPath, u64)> =
            stream.pending().into_iter().map(|(table, changes)| (ObjectPath::clone(&table), changes)).collect();
        self.block(self.control.set_follow_status(client, &follow, &pending))
    }
}

/// What of the redo was not as it should be, as far as it was said.
#[derive(Default)]
struct Irregularities {
    allowed: u64,
    repaired: u64,
}

impl Irregularities {
    fn say(&mut self, stream: &RedoStream<LogMinerSource>, progress: &Progress) {
        let allowed = stream.allowed().values().map(|allowed| allowed.count).sum();
        if allowed > self.allowed {
            self.allowed = allowed;
            for (what, allowed) in stream.allowed() {
                progress.say(format!(
                    "went on over {what}, which is allowed: {} times, last {}",
                    allowed.count, allowed.last
                ));
            }
        }
        let repaired = stream.status().repaired_statements;
        if repaired > self.repaired {
            self.repaired = repaired;
            progress.say(format!("statements whose apostrophes LogMiner had not doubled: {repaired}"));
        }
    }
}

impl Lag {
    fn sample(&mut self, session: &Session) -> Result<()> {
        let scn = current_scn(session)?;
        self.source = Some(scn);
        self.samples.push_back((scn, Instant::now()));
        Ok(())
    }

    /// Forgets the samples that the target has reached, but the newest of them.
    fn reached(&mut self, position: &Position) {
        while self.samples.get(1).is_some_and(|(scn, _)| *scn < position.commit_scn) {
            self.samples.pop_front();
        }
        self.reached |= self.samples.front().is_some_and(|(scn, _)| *scn < position.commit_scn);
        if self.samples.len() > 10_000 {
            // Far behind for long: half of them will do, the oldest among them.
            let mut nth = 0;
            self.samples.retain(|_| {
                nth += 1;
                nth % 2 == 1
            });
        }
    }

    /// For how long the source has had something that the target may not have: the age of the newest SCN reached. As long as none
    /// is, the lag with which following began grows on.
    fn seconds(&self) -> Option<f64> {
        match self.reached {
            true => self.samples.front().map(|(_, at)| at.elapsed().as_secs_f64()),
            false => self.before.map(|(seconds, at)| seconds + at.elapsed().as_secs_f64()),
        }
    }
}

/// Whether the source may be readable again in a moment. Errors of the target are not meant: its connections are gone then, all of
/// them, and [`Pipeline::run`] begins again.
fn is_transient(error: &anyhow::Error) -> bool {
    error.chain().any(|cause| match cause.downcast_ref::<StreamError<oracle_source::Error>>() {
        Some(StreamError::Source(source)) => source.is_transient(),
        // A log that was switched or archived while LogMiner read it looks like this too.
        Some(StreamError::Decode(e)) => e.kind() == DecodeErrorKind::Irregular(Irregularity::MissingScn),
        _ => cause.downcast_ref::<oracle_source::Error>().is_some_and(oracle_source::Error::is_transient),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use cdc_logminer::Incarnation;

    fn at(scn: u64) -> Position {
        Position::after_load(Incarnation { dbid: 1, resetlogs_id: 1 }, Scn(scn), None)
    }

    #[test]
    fn lag_is_not_small_before_anything_is_reached() {
        let mut lag = Lag::default();
        lag.samples.push_back((Scn(100), Instant::now()));
        lag.reached(&at(50));
        assert_eq!(lag.seconds(), None);
        // A follower that begins an hour behind is an hour behind.
        lag.before = Some((3600.0, Instant::now()));
        assert!(lag.seconds().is_some_and(|s| s >= 3600.0));
        lag.samples.push_back((Scn(200), Instant::now()));
        lag.reached(&at(100));
        assert!(lag.seconds().is_some_and(|s| s < 60.0));
        // Stuck from here on: the sample that was reached grows old.
        lag.samples[0].1 -= Duration::from_secs(100);
        lag.reached(&at(150));
        assert!(lag.seconds().is_some_and(|s| s >= 100.0));
    }
}
