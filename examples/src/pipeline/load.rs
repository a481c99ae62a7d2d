use super::{Pipeline, Plan};
use crate::{config::OnBadValue, progress::Progress};
use anyhow::{Context, Result};
use oracle_source::{Chunk, Session, count_rows};
use pg_sink::{BadRows, LoadLedger, NewChunk};
use schema_map::ObjectPath;
use std::{
    collections::BTreeSet,
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    thread,
    time::Duration,
};
use tokio_postgres::Client;
use type_convert::{BatchReader, RowBatch, Scn};

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
        // Tables with a row that the server refuses: only where the rows are not frozen can it be set aside.
        let thawed = Mutex::default();
        let loaded = self.in_parallel(|name, failed| self.work(name, &ledger, plan, progress, failed, &thawed));
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
        thawed: &Mutex<BTreeSet<ObjectPath>>,
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
            let (source, number) = (claim.chunk().source.clone(), claim.chunk().number);
            let doing = || format!("loading {source}, chunk {number}");
            let table = plan.table(&source)?;
            let chunk = Chunk::from_text(&claim.chunk().range).with_context(doing)?;
            let (mut frozen, mut written_rows) = (false, 0);
            let result = (|| {
                let mut reader = plan.open_chunk(&session, &source, &chunk.range, claim.chunk().scn)?;
                frozen = !is_thawed(thawed, &source) && self.block(claim.freeze())?;
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
                    thawed.lock().unwrap_or_else(PoisonError::into_inner).insert(source);
                    continue;
                }
                let record = self.postgres().and_then(|c| self.block(self.control.record_error(&c, &source, &error)));
                if let Err(second) = record {
                    progress.say(format!("the error could not be recorded in the target either: {second:#}"));
                }
                return Err(error).with_context(doing);
            }
        }
        Ok(())
    }
}

fn is_thawed(thawed: &Mutex<BTreeSet<ObjectPath>>, table: &ObjectPath) -> bool {
    thawed.lock().unwrap_or_else(PoisonError::into_inner).contains(table)
}
