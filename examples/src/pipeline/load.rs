use super::{Pipeline, Plan};
use crate::{config::OnBadValue, progress::Progress};
use anyhow::{Context, Result};
use oracle_source::{Chunk, ChunkRange, Session, count_rows, current_scn};
use pg_sink::{BadRows, LedgerChunk, LoadLedger, NewChunk};
use schema_map::ObjectPath;
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{
        Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    thread,
    time::Duration,
};
use tokio_postgres::Client;
use type_convert::{BatchReader, RowBatch, Scn};

/// ORA-01555: undo does not reach back to the SCN.
const SNAPSHOT_TOO_OLD: i32 = 1555;

impl Pipeline {
    /// Loads what is not loaded yet, all at one SCN. False where it was asked to stop before the end.
    pub(super) fn load(
        &self,
        session: &Session,
        client: &mut Client,
        plan: &Plan,
        scn: Scn,
        progress: &Progress,
    ) -> Result<bool> {
        let ledger = LoadLedger::new(self.control.clone());
        if self.block(ledger.is_complete(client))? && self.registered(client, plan, &ledger)? {
            return Ok(true);
        }
        self.register(session, client, plan, &ledger, scn)?;
        for table in self.block(self.control.status(client))?.tables {
            progress.begin_table(&table.source, table.estimated_rows, table.rows_loaded);
        }
        let retries = Retries::default();
        let loaded = self.in_parallel(|name, failed| self.work(name, &ledger, plan, progress, failed, &retries));
        progress.end_tables();
        loaded?;
        self.block(ledger.is_complete(client))
    }

    /// Whether every table of the plan has its chunks in the ledger.
    fn registered(&self, client: &Client, plan: &Plan, ledger: &LoadLedger) -> Result<bool> {
        let known: Vec<String> = self.block(ledger.progress(client))?.into_iter().map(|p| p.table).collect();
        Ok(plan.tables.iter().all(|t| known.contains(&t.source.to_string())))
    }

    /// Puts the chunks of every table into the ledger that does not have them yet.
    fn register(
        &self,
        session: &Session,
        client: &mut Client,
        plan: &Plan,
        ledger: &LoadLedger,
        scn: Scn,
    ) -> Result<()> {
        let chunks = self.chunks(session, plan)?;
        for table in &plan.tables {
            let of_table: Vec<&Chunk> = chunks.chunks.iter().filter(|c| c.table == table.source).collect();
            let estimate = match of_table.iter().map(|c| c.estimated_rows).sum::<Option<u64>>() {
                // No statistics: a table of one chunk is counted in no time.
                None if of_table.len() == 1 => Some(count_rows(session, &table.source, scn)?),
                estimate => estimate,
            };
            let new = of_table
                .iter()
                .map(|c| Ok(NewChunk { number: i32::try_from(c.id)?, range: c.to_text() }))
                .collect::<Result<Vec<_>>>()?;
            self.block(ledger.register(client, table, estimate, scn, &new))?;
        }
        Ok(())
    }

    /// One worker: a session, a connection, chunk after chunk.
    fn work(
        &self,
        name: &str,
        ledger: &LoadLedger,
        plan: &Plan,
        progress: &Progress,
        failed: &AtomicBool,
        retries: &Retries,
    ) -> Result<()> {
        let session = self.oracle("migrate load")?;
        let mut client = self.postgres()?;
        let bad_rows = match self.config.load.on_bad_value {
            OnBadValue::Abort => BadRows::Abort,
            OnBadValue::Quarantine => BadRows::Quarantine,
        };
        let mut batch = RowBatch::new(0);
        while !self.stopping() && !failed.load(Ordering::Relaxed) {
            let Some(mut claim) = self.block(ledger.claim(&mut client, name))? else {
                if self.block(ledger.is_complete(&client))? {
                    break;
                }
                // The last chunks are being loaded by others; should one of them die, its chunk becomes free.
                thread::sleep(Duration::from_millis(200));
                continue;
            };
            fail_point!("load: claimed");
            let claimed = claim.chunk().clone();
            let (source, number) = (&claimed.source, claimed.number);
            let doing = || format!("loading {source}, chunk {number}");
            let table = plan.table(source)?;
            let chunk = Chunk::from_text(&claimed.range).with_context(doing)?;
            let (mut frozen, mut written_rows) = (false, 0);
            let result = (|| {
                let mut reader = plan.open_chunk(&session, source, &chunk.range, claimed.scn)?;
                frozen = !retries.is_thawed(source) && self.block(claim.freeze())?;
                let mut load = self.block(claim.load(table, bad_rows))?;
                while reader.read_batch(&mut batch)? {
                    let written = self.block(load.write_from(&batch, &mut reader))?;
                    progress.add_rows(&source.to_string(), written.rows);
                    written_rows += written.rows;
                }
                fail_point!("load: before commit");
                self.block(load.commit())
            })();
            fail_point!("load: committed");
            if let Err(error) = result {
                let refused = error.downcast_ref::<pg_sink::Error>().is_some_and(|e| e.copy_row().is_some());
                if frozen && refused && bad_rows == BadRows::Quarantine {
                    progress.take_back_rows(&source.to_string(), written_rows);
                    lock(&retries.thawed).insert(source.clone());
                    continue;
                }
                if may_be_newer(&error, &chunk.range) && retries.renew(&claimed) {
                    progress.take_back_rows(&source.to_string(), written_rows);
                    let scn = current_scn(&session)?;
                    if self.block(ledger.renew(&client, &claimed, scn))? {
                        progress
                            .say(format!("{source}, chunk {number}: undo is gone; reading it as of SCN {scn} instead"));
                    }
                    continue;
                }
                let record = self.postgres().and_then(|c| self.block(self.control.record_error(&c, source, &error)));
                if let Err(second) = record {
                    progress.say(format!("the error could not be recorded in the target either: {second:#}"));
                }
                return Err(error).with_context(doing);
            }
        }
        Ok(())
    }
}

/// How often a chunk is given a newer SCN. Whatever takes longer to read than undo lasts will fail each time.
const RENEWALS: u32 = 3;

/// What is done in another way the next time.
#[derive(Default)]
struct Retries {
    /// Tables with a row that the server refuses: only where the rows are not frozen can it be set aside.
    thawed: Mutex<BTreeSet<ObjectPath>>,
    /// How often chunks, by table and number, were given a newer SCN.
    renewed: Mutex<BTreeMap<(ObjectPath, i32), u32>>,
}

impl Retries {
    fn is_thawed(&self, table: &ObjectPath) -> bool {
        lock(&self.thawed).contains(table)
    }

    /// Counts a renewal, where one more may be.
    fn renew(&self, chunk: &LedgerChunk) -> bool {
        let mut renewed = lock(&self.renewed);
        let count = renewed.entry((chunk.source.clone(), chunk.number)).or_default();
        *count += 1;
        *count <= RENEWALS
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Whether undo does not reach back to the chunk's SCN, and changes can be told by ROWID whether the rows have them already.
fn may_be_newer(error: &anyhow::Error, range: &ChunkRange) -> bool {
    let code = error.downcast_ref::<oracle_source::Error>().and_then(oracle_source::Error::ora_code);
    code == Some(SNAPSHOT_TOO_OLD) && matches!(range, ChunkRange::Whole | ChunkRange::RowIds { .. })
}
