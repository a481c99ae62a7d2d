use crate::control::to_i64;
use crate::error::Doing;
use crate::{Control, CopyEncoder, CopyWriter, Error, ErrorKind, LedgerChunk, Reject, Result, check_target};
use schema_map::TablePlan;
use std::fmt;
use tokio_postgres::Transaction;
use type_convert::{RowBatch, Scn};

/// Rejects of one chunk are held in memory until its COPY ends.
const MAX_REJECTS: usize = 10_000;

/// What happens to rows with a value that does not fit its column.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[non_exhaustive]
pub enum BadRows {
    /// The chunk fails: nothing of it is loaded.
    #[default]
    Abort,
    /// The row goes to the control schema's table `reject`, with its reason and in readable form; the rest is loaded.
    /// More than 10 000 such rows in one chunk fail it all the same.
    Quarantine,
}

/// A chunk that this connection, and nobody else, is about to load, in an open transaction.
/// Dropped, the chunk is free again.
pub struct ChunkClaim<'a> {
    control: Control,
    chunk: LedgerChunk,
    worker: String,
    transaction: Transaction<'a>,
}

/// A chunk being loaded: `write` its rows, then `commit`. Dropped before that, nothing of it stays and it is free again.
///
/// From a plain thread with a blocking reader, drive the futures with the runtime's handle:
///
/// ```no_run
/// # use pg_sink::*; use schema_map::*; use type_convert::*; use std::collections::HashMap;
/// # fn open<'a>(_: &LedgerChunk) -> Box<dyn BatchReader<Error = std::io::Error> + 'a> { unimplemented!() }
/// fn work(
///     runtime: &tokio::runtime::Handle,
///     mut client: tokio_postgres::Client,
///     ledger: &LoadLedger,
///     plans: &HashMap<ObjectPath, TablePlan>,
/// ) -> Result<(), Box<dyn std::error::Error>> {
///     let mut batch = RowBatch::default();
///     while let Some(claim) = runtime.block_on(ledger.claim(&mut client, "worker 1"))? {
///         let mut reader = open(claim.chunk());
///         let plan = &plans[&claim.chunk().source];
///         let mut load = runtime.block_on(claim.load(plan, BadRows::Abort))?;
///         while reader.read_batch(&mut batch)? {
///             runtime.block_on(load.write(&batch))?;
///         }
///         runtime.block_on(load.commit())?;
///     }
///     Ok(())
/// }
/// ```
pub struct ChunkLoad<'a> {
    // Dropped first: the COPY fails before the transaction is rolled back.
    writer: CopyWriter,
    claim: ChunkClaim<'a>,
    plan: TablePlan,
    bad_rows: BadRows,
    scn: Scn,
    rows: u64,
    rejects: Vec<Reject>,
}

/// What [`ChunkLoad::write`] did with a batch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Written {
    /// Rows sent.
    pub rows: u64,
    /// Rows set aside.
    pub rejected: u64,
    /// Bytes of COPY data of the chunk so far.
    pub chunk_bytes: u64,
}

/// What a committed chunk holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChunkDone {
    /// The chunk.
    pub chunk: LedgerChunk,
    /// Rows loaded.
    pub rows: u64,
    /// Bytes of COPY data.
    pub bytes: u64,
    /// Rows set aside.
    pub rejected: Vec<Reject>,
}

impl<'a> ChunkClaim<'a> {
    pub(crate) fn new(control: Control, chunk: LedgerChunk, worker: &str, transaction: Transaction<'a>) -> Self {
        ChunkClaim { control, chunk, worker: worker.to_owned(), transaction }
    }

    /// What to load.
    pub fn chunk(&self) -> &LedgerChunk {
        &self.chunk
    }

    /// The transaction in which the chunk is loaded, e.g. for `SET LOCAL`.
    pub fn transaction(&self) -> &Transaction<'a> {
        &self.transaction
    }

    /// Checks the target's table ([`check_target`]) and begins the COPY. `plan` is that of [`LedgerChunk::source`].
    pub async fn load(self, plan: &TablePlan, bad_rows: BadRows) -> Result<ChunkLoad<'a>> {
        if plan.source != self.chunk.source || plan.target != self.chunk.target {
            let message = format!(
                "the chunk moves {} to {}, the plan {} to {}",
                self.chunk.source, self.chunk.target, plan.source, plan.target
            );
            return Err(Error::new(ErrorKind::Plan, message));
        }
        check_target(&self.transaction, plan).await?;
        let writer = CopyWriter::begin(self.transaction.client(), CopyEncoder::new(plan)?).await?;
        let scn = self.chunk.scn;
        Ok(ChunkLoad { writer, claim: self, plan: plan.clone(), bad_rows, scn, rows: 0, rejects: Vec::new() })
    }
}

impl ChunkLoad<'_> {
    /// The chunk.
    pub fn chunk(&self) -> &LedgerChunk {
        &self.claim.chunk
    }

    /// Says that the chunk is read at another SCN than the ledger's, which is then recorded with it.
    pub fn set_scn(&mut self, scn: Scn) {
        self.scn = scn;
    }

    /// Writes a batch. After an error the chunk can only be dropped.
    pub async fn write(&mut self, batch: &RowBatch) -> Result<Written> {
        let (mut from, rejected_before) = (0, self.rejects.len());
        while from < batch.rows() {
            match self.writer.write(batch, from).await {
                Ok(rows) => from += rows,
                Err(error) => {
                    let Some(row) = error
                        .row()
                        .filter(|_| self.bad_rows == BadRows::Quarantine && error.kind() == ErrorKind::Value)
                    else {
                        return Err(error);
                    };
                    if self.rejects.len() >= MAX_REJECTS {
                        let message = format!("more than {MAX_REJECTS} rows of one chunk do not fit; the last:");
                        return Err(Error::new(ErrorKind::Value, message)
                            .with_table(&self.plan.target)
                            .with_source(error));
                    }
                    self.rejects.push(Reject::new(&self.plan, batch, row, &error));
                    from = row + 1;
                }
            }
        }
        let rejected = (self.rejects.len() - rejected_before) as u64;
        let rows = batch.rows() as u64 - rejected;
        self.rows += rows;
        Ok(Written { rows, rejected, chunk_bytes: self.writer.bytes() })
    }

    /// Ends the COPY, records rejected rows, marks the chunk done, and commits all of it at once.
    ///
    /// After an error of kind [`ErrorKind::Connection`] it may have been committed or not: the ledger knows.
    pub async fn commit(self) -> Result<ChunkDone> {
        let ChunkLoad { writer, claim, plan, scn, rows: sent, rejects, .. } = self;
        let ChunkClaim { control, chunk, worker, transaction } = claim;
        let bytes = writer.bytes() + 2;
        let rows = writer.finish().await?;
        if rows != sent {
            let message = format!(
                "{sent} rows were sent, the server took {rows}: a trigger, rule or COPY … WHERE of the table drops rows"
            );
            return Err(Error::new(ErrorKind::Conflict, message).with_table(&plan.target));
        }
        let insert = control.sql(
            "INSERT INTO {s}.reject (table_id, chunk, row_id, column_name, reason, source_row) VALUES ($1, $2, $3, $4, $5, $6::text::jsonb)",
        );
        let doing = "recording rejected rows";
        if !rejects.is_empty() {
            let insert = transaction.prepare(&insert).await.doing(doing)?;
            for reject in &rejects {
                let Reject { row_id, column, reason, source_row } = reject;
                transaction
                    .execute(&insert, &[&chunk.table_id, &chunk.number, row_id, column, reason, source_row])
                    .await
                    .doing(doing)?;
            }
        }
        let done = control.sql(
            "UPDATE {s}.load_chunk SET state = 'done', claimed_by = $2, scn = $3, rows = $4, bytes = $5, rejected = $6, \
             finished_at = clock_timestamp() WHERE chunk_id = $1 AND state <> 'done'",
        );
        let doing = "marking a chunk done";
        let rejected = to_i64(rejects.len() as u64)?;
        let marked = transaction
            .execute(&done, &[&chunk.chunk_id, &worker, &to_i64(scn.0)?, &to_i64(rows)?, &to_i64(bytes)?, &rejected])
            .await
            .doing(doing)?;
        if marked != 1 {
            return Err(
                Error::new(ErrorKind::State, "the chunk left the ledger while it was loaded").with_table(&plan.target)
            );
        }
        transaction.commit().await.doing("committing a chunk")?;
        Ok(ChunkDone { chunk: LedgerChunk { scn, ..chunk }, rows, bytes, rejected: rejects })
    }
}

impl fmt::Debug for ChunkClaim<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ChunkClaim").field("chunk", &self.chunk).finish_non_exhaustive()
    }
}

impl fmt::Debug for ChunkLoad<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ChunkLoad").field("chunk", self.chunk()).field("writer", &self.writer).finish_non_exhaustive()
    }
}
