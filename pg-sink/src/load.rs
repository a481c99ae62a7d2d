mod piece;

use crate::control::to_i64;
use crate::copy::is_refused_row;
use crate::error::Doing;
use crate::{
    Control, CopyEncoder, CopyWriter, Error, ErrorKind, LedgerChunk, LossCounts, Reject, Result, check_target,
};
use piece::Resend;
use schema_map::TablePlan;
use std::{collections::BTreeMap, convert::Infallible, fmt, ops::Range};
use tokio_postgres::{Transaction, error::SqlState};
use type_convert::{BatchReader, RowBatch, Scn, ValueError, ValueErrorKind};

/// Rejects of one chunk are held in memory until its COPY ends.
const MAX_REJECTS: usize = 10_000;

/// What happens to rows with a value that does not fit its column, or that the server refuses for what is in them: a CHECK, NOT
/// NULL or exclusion constraint or a key that they break, text that is no JSON, XML or label of an enum.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[non_exhaustive]
pub enum BadRows {
    /// The chunk fails: nothing of it is loaded.
    #[default]
    Abort,
    /// The row goes to the control schema's table `reject`, with its reason and in readable form; the rest is loaded.
    /// More than 10 000 such rows in one chunk fail it all the same, and so does what the server cannot blame on a row, such
    /// as a foreign key or a deferred constraint.
    ///
    /// The rows of a piece of the chunk (16 MiB) are kept in memory until the server has taken them, each piece in a savepoint:
    /// where the server refuses a row, the others of its piece are sent again without it. The source is not read again.
    Quarantine,
}

/// A chunk that this connection, and nobody else, is about to load, in an open transaction.
/// Dropped, the chunk is free again.
pub struct ChunkClaim<'a> {
    control: Control,
    chunk: LedgerChunk,
    worker: String,
    transaction: Transaction<'a>,
    frozen: bool,
}

/// A chunk being loaded: `write` its rows, then `commit`. Dropped before that, nothing of it stays and it is free again.
///
/// Its rows are sent in pieces of 16 MiB or 100 000 rows (fewer of very wide tables), each a COPY of its own in the one transaction.
/// That is how soon an error is heard of that the server finds in a row, and why its ROWID is still known then.
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
    /// Rows and bytes of the pieces that the server took.
    rows: u64,
    bytes: u64,
    /// Rows of the open piece, where it may have to be sent again.
    kept: RowBatch,
    rejects: Vec<Reject>,
    /// What values of rows that the server has taken lost, by position of the column.
    losses: BTreeMap<usize, LossCounts>,
    /// An error, or a future that was dropped, left it in the middle of something.
    broken: bool,
}

/// What [`ChunkLoad::write`] did with a batch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Written {
    /// Rows of the batch sent. The server may refuse some of them yet.
    pub rows: u64,
    /// Rows set aside meanwhile: those of the batch with values that do not fit, and those, of earlier batches too, that the
    /// server refused.
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
    /// What values of the rows loaded lost by the policies of their columns, by PostgreSQL column; only those that lost something.
    pub losses: Vec<(String, LossCounts)>,
}

impl<'a> ChunkClaim<'a> {
    pub(crate) fn new(control: Control, chunk: LedgerChunk, worker: &str, transaction: Transaction<'a>) -> Self {
        ChunkClaim { control, chunk, worker: worker.to_owned(), transaction, frozen: false }
    }

    /// What to load.
    pub fn chunk(&self) -> &LedgerChunk {
        &self.chunk
    }

    /// The transaction in which the chunk is loaded, e.g. for `SET LOCAL`.
    pub fn transaction(&self) -> &Transaction<'a> {
        &self.transaction
    }

    /// Prepares to load the rows frozen ([`CopyWriter::begin_frozen`]), so that no VACUUM need write them once more: TRUNCATEs the
    /// target's table in the chunk's transaction. Does so only, and returns true, where nothing can be lost by it: the chunk is
    /// the only one of its table, and the table is an ordinary one, nobody else uses it, it is empty, no foreign key refers to
    /// it, no trigger waits for a TRUNCATE, and the role may. Otherwise it changes nothing and returns false; the chunk is loaded as usual.
    ///
    /// The table is locked against everybody, readers too, until the chunk is committed or dropped. There are no savepoints in a frozen
    /// load: with [`BadRows::Quarantine`], a row that the server refuses fails the chunk, with
    /// [`Error::copy_row`]; then load it without freezing.
    pub async fn freeze(&mut self) -> Result<bool> {
        let doing = "preparing to load frozen rows";
        let at = |e| Error::postgres(doing, e).with_table(&self.chunk.target);
        let table = self.chunk.target.quoted();
        let alone = self.control.sql(
            "SELECT (SELECT count(*) FROM {s}.load_chunk WHERE table_id = $1) = 1 AND EXISTS (SELECT FROM pg_class c \
             WHERE c.oid = to_regclass($2) AND c.relkind = 'r' AND has_table_privilege(c.oid, 'TRUNCATE') AND has_table_privilege(c.oid, 'SELECT') \
             AND NOT EXISTS (SELECT FROM pg_constraint WHERE contype = 'f' AND confrelid = c.oid AND conrelid <> c.oid) \
             AND NOT EXISTS (SELECT FROM pg_inherits WHERE inhparent = c.oid OR inhrelid = c.oid) \
             AND NOT EXISTS (SELECT FROM pg_trigger WHERE tgrelid = c.oid AND tgtype & 32 <> 0 AND tgenabled <> 'D'))",
        );
        if !self.transaction.query_one(&alone, &[&self.chunk.table_id, &table]).await.map_err(at)?.get::<_, bool>(0) {
            return Ok(false);
        }
        let back = "ROLLBACK TO SAVEPOINT pg_sink_freeze; RELEASE SAVEPOINT pg_sink_freeze";
        self.transaction.batch_execute("SAVEPOINT pg_sink_freeze").await.map_err(at)?;
        match self.transaction.batch_execute(&format!("LOCK TABLE {table} IN ACCESS EXCLUSIVE MODE NOWAIT")).await {
            Ok(()) => {}
            // Somebody has it.
            Err(e) if e.code() == Some(&SqlState::LOCK_NOT_AVAILABLE) => {
                self.transaction.batch_execute(back).await.map_err(at)?;
                return Ok(false);
            }
            Err(e) => return Err(at(e)),
        }
        let empty = format!("SELECT NOT EXISTS (SELECT FROM {table})");
        if !self.transaction.query_one(&empty, &[]).await.map_err(at)?.get::<_, bool>(0) {
            self.transaction.batch_execute(back).await.map_err(at)?;
            return Ok(false);
        }
        self.transaction
            .batch_execute(&format!("RELEASE SAVEPOINT pg_sink_freeze; TRUNCATE TABLE {table}"))
            .await
            .map_err(at)?;
        self.frozen = true;
        Ok(true)
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
        let encoder = CopyEncoder::new(plan)?;
        if bad_rows == BadRows::Quarantine && !self.frozen {
            self.savepoint("SAVEPOINT pg_sink_piece").await?;
        }
        let client = self.transaction.client();
        let writer = match self.frozen {
            true => CopyWriter::begin_frozen(client, encoder).await?,
            false => CopyWriter::begin(client, encoder).await?,
        };
        let (scn, kept) = (self.chunk.scn, RowBatch::new(plan.columns.len()));
        Ok(ChunkLoad {
            writer,
            claim: self,
            plan: plan.clone(),
            bad_rows,
            scn,
            rows: 0,
            bytes: 0,
            kept,
            rejects: Vec::new(),
            losses: BTreeMap::new(),
            broken: false,
        })
    }

    async fn savepoint(&self, sql: &str) -> Result<()> {
        let done = self.transaction.batch_execute(sql).await;
        done.map_err(|e| Error::postgres("COPY failed, at its savepoint", e).with_table(&self.chunk.target))
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

    /// Writes a batch. After an error, or where its future was dropped before it was ready, the chunk can only be dropped.
    ///
    /// LOBs that the batch holds as [`ValueRef::Streamed`](type_convert::ValueRef::Streamed) are refused, and
    /// break the chunk whatever `bad_rows` says: see [`write_from`](Self::write_from).
    pub async fn write(&mut self, batch: &RowBatch) -> Result<Written> {
        self.write_with::<NoLobs>(batch, None).await
    }

    /// As [`write`](Self::write), with the reader that has read the batch: it reads LOBs piece by piece
    /// ([`BatchReader::read_lob`]) while they are sent. BLOBs into `bytea` are never whole in memory; a text, whose length in UTF-8 must be
    /// known before it is sent, is so once. The reader blocks: drive the future from a thread of its own.
    ///
    /// A row with such LOBs is a piece of its own, as it cannot be sent a second time. [`ErrorKind::Source`] where the reader fails or
    /// gives another length than it said.
    pub async fn write_from<R: BatchReader>(&mut self, batch: &RowBatch, reader: &mut R) -> Result<Written> {
        self.write_with(batch, Some(reader)).await
    }

    async fn write_with<R: BatchReader>(&mut self, batch: &RowBatch, mut reader: Option<&mut R>) -> Result<Written> {
        self.insist_on_unbroken()?;
        self.broken = true;
        let rejected_before = self.rejects.len();
        let mut sent = 0;
        let mut from = 0;
        while from < batch.rows() {
            let lobs = if batch.is_streamed(from) { reader.as_deref_mut() } else { None };
            if lobs.is_some() || (self.is_recoverable() && piece::is_huge(batch, from)) {
                sent += self.write_alone(batch, from, lobs).await?;
                from += 1;
                continue;
            }
            let end = self.end_of_range(batch, from).await?;
            // Up to the next row that must go alone.
            let end = match reader {
                Some(_) => (from + 1..end).find(|row| batch.is_streamed(*row)).unwrap_or(end),
                None => end,
            };
            match self.writer.write_range(batch, from..end).await {
                Ok(rows) => {
                    self.keep(batch, from..end);
                    sent += rows as u64;
                    from = end;
                }
                Err(error) => {
                    let Some(row) = self.row_of_bad_value(&error) else { return Err(error) };
                    self.keep(batch, from..row);
                    sent += (row - from) as u64;
                    self.reject(batch, row, error)?;
                    from = row + 1;
                }
            }
            if self.writer.bytes() >= piece::BYTES || self.kept.byte_len() as u64 >= piece::BYTES {
                self.end_piece().await?;
            }
        }
        self.broken = false;
        let rejected = (self.rejects.len() - rejected_before) as u64;
        Ok(Written { rows: sent, rejected, chunk_bytes: self.bytes() })
    }

    /// Ends the COPY, records rejected rows, marks the chunk done, and commits all of it at once.
    ///
    /// After an error of kind [`ErrorKind::Connection`] it may have been committed or not: the ledger knows.
    pub async fn commit(mut self) -> Result<ChunkDone> {
        self.insist_on_unbroken()?;
        self.end_piece().await?;
        let ChunkLoad { claim, plan, scn, rows, bytes, rejects, losses, .. } = self;
        let ChunkClaim { control, chunk, worker, transaction, .. } = claim;
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
        let losses: Vec<(String, LossCounts)> = losses
            .into_iter()
            .map(|(column, counts)| (plan.columns[column].target.as_str().to_owned(), counts))
            .collect();
        let insert =
            control.sql("INSERT INTO {s}.loss (table_id, chunk, column_name, loss, count) VALUES ($1, $2, $3, $4, $5)");
        for (column, counts) in &losses {
            for (loss, count) in counts.iter() {
                transaction
                    .execute(&insert, &[&chunk.table_id, &chunk.number, column, &loss.name(), &to_i64(count)?])
                    .await
                    .doing("recording what values lost")?;
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
        Ok(ChunkDone { chunk: LedgerChunk { scn, ..chunk }, rows, bytes, rejected: rejects, losses })
    }

    /// Whether rows that the server refuses can be left out.
    fn is_recoverable(&self) -> bool {
        self.bad_rows == BadRows::Quarantine && !self.claim.frozen
    }

    fn insist_on_unbroken(&self) -> Result<()> {
        match self.broken {
            false => Ok(()),
            true => {
                let message = "an earlier error, or a write that was not waited for, has broken the load of the chunk: drop it and claim it again";
                Err(Error::new(ErrorKind::State, message).with_table(&self.plan.target))
            }
        }
    }

    /// Bytes of COPY data so far.
    fn bytes(&self) -> u64 {
        self.bytes + if self.writer.is_open() { self.writer.bytes() } else { 0 }
    }

    /// The end of the rows from `from` on that go into the open piece; ends that piece first where it is full.
    async fn end_of_range(&mut self, batch: &RowBatch, from: usize) -> Result<usize> {
        let most = piece::most_rows(self.plan.columns.len());
        let sent = |writer: &CopyWriter| usize::try_from(writer.rows()).unwrap_or(usize::MAX);
        if sent(&self.writer) >= most {
            self.end_piece().await?;
        }
        if !self.writer.is_open() {
            self.begin_piece().await?;
        }
        let sent = sent(&self.writer);
        // Row by row where a batch fills pieces by itself.
        let most = if piece::is_large(batch) { 1 } else { most.saturating_sub(sent) };
        Ok(batch.rows().min(from + most))
    }

    fn keep(&mut self, batch: &RowBatch, rows: Range<usize>) {
        if self.is_recoverable() {
            piece::keep(&mut self.kept, batch, rows);
        }
    }

    /// The row of the batch whose value does not fit, where it can be set aside.
    fn row_of_bad_value(&self, error: &Error) -> Option<usize> {
        let source = std::error::Error::source(error).and_then(|source| source.downcast_ref::<ValueError>());
        // Of a LOB that nobody reads, the caller is to blame and not the row.
        let unread = source.is_some_and(|e| e.kind() == ValueErrorKind::Streamed);
        let wanted = self.bad_rows == BadRows::Quarantine || source.is_some_and(ValueError::is_quarantined);
        error.row().filter(|_| wanted && !unread && error.kind() == ErrorKind::Value)
    }

    async fn begin_piece(&mut self) -> Result<()> {
        self.writer.resume(self.claim.transaction.client()).await
    }

    /// Ends the open COPY; rows that the server refuses are set aside, where that is wanted and possible.
    async fn end_piece(&mut self) -> Result<()> {
        if !self.writer.is_open() {
            return Ok(());
        }
        match self.end_copy().await {
            Ok(()) => {}
            Err(error) => {
                let Some(row) = self.refused_row(&error, self.kept.rows()) else { return Err(error) };
                let kept = std::mem::take(&mut self.kept);
                self.reject(&kept, row, error)?;
                self.resend(&kept, row).await?;
                self.kept = kept;
            }
        }
        self.kept.reset(self.plan.columns.len());
        Ok(())
    }

    /// Ends the open COPY and, where all of its rows are in, its savepoint; the next begins.
    async fn end_copy(&mut self) -> Result<()> {
        let sent = self.writer.rows();
        let taken = match self.writer.pause().await {
            Ok(taken) => taken,
            Err(error) => {
                // Rows that are sent again are counted then.
                self.writer.take_losses();
                return Err(self.counted_from_the_chunks_start(error));
            }
        };
        if taken != sent {
            let message = format!(
                "{sent} rows were sent, the server took {taken}: a trigger, rule or COPY … WHERE of the table drops rows"
            );
            return Err(Error::new(ErrorKind::Conflict, message).with_table(&self.plan.target));
        }
        self.rows += taken;
        self.bytes += self.writer.bytes();
        for (column, counts) in self.writer.take_losses() {
            self.losses.entry(column).or_default().add_all(&counts);
        }
        if self.is_recoverable() {
            self.claim.savepoint("RELEASE SAVEPOINT pg_sink_piece; SAVEPOINT pg_sink_piece").await?;
        }
        Ok(())
    }

    /// An error that [`CopyWriter`] counts from the start of its COPY.
    fn counted_from_the_chunks_start(&self, error: Error) -> Error {
        match error.copy_row() {
            Some(row) => error.with_copy_row(self.rows + row),
            None => error,
        }
    }

    /// Which of the `sent` rows of the COPY that has failed the server refused, where it can be set aside.
    fn refused_row(&self, error: &Error, sent: usize) -> Option<usize> {
        let row = error.copy_row().filter(|_| self.is_recoverable() && is_refused_row(error))?;
        usize::try_from(row.checked_sub(self.rows + 1)?).ok().filter(|row| *row < sent)
    }

    /// Sends the rows of a piece again, after one of them was refused.
    async fn resend(&mut self, kept: &RowBatch, refused: usize) -> Result<()> {
        let mut resend = Resend::new(kept.rows(), refused);
        self.claim.savepoint("ROLLBACK TO SAVEPOINT pg_sink_piece").await?;
        while let Some(range) = resend.next() {
            self.begin_piece().await?;
            self.writer.write_range(kept, range.clone()).await?;
            match self.end_copy().await {
                Ok(()) => resend.taken(range),
                Err(error) => {
                    let Some(row) = self.refused_row(&error, range.len()) else { return Err(error) };
                    self.claim.savepoint("ROLLBACK TO SAVEPOINT pg_sink_piece").await?;
                    self.reject(kept, range.start + row, error)?;
                    resend.refused(range.start + row);
                }
            }
        }
        Ok(())
    }

    /// Writes a row that is too large to be kept as a piece of its own, and returns how many rows that were.
    async fn write_alone<R: BatchReader>(&mut self, batch: &RowBatch, row: usize, lobs: Option<&mut R>) -> Result<u64> {
        self.end_piece().await?;
        self.begin_piece().await?;
        let written = match lobs {
            Some(reader) => self.writer.write_streamed_row(batch, row, reader).await,
            None => self.writer.write_range(batch, row..row + 1).await.map(|_| ()),
        };
        match written {
            Ok(()) => {}
            Err(error) if self.row_of_bad_value(&error).is_some() => {
                self.reject(batch, row, error)?;
                self.end_copy().await?;
                return Ok(0);
            }
            Err(error) => return Err(error),
        }
        match self.end_copy().await {
            Ok(()) => Ok(1),
            Err(error) if self.refused_row(&error, 1).is_some() => {
                self.claim.savepoint("ROLLBACK TO SAVEPOINT pg_sink_piece").await?;
                self.reject(batch, row, error)?;
                Ok(0)
            }
            Err(error) => Err(error),
        }
    }

    /// Sets a row aside.
    fn reject(&mut self, batch: &RowBatch, row: usize, error: Error) -> Result<()> {
        if self.rejects.len() >= MAX_REJECTS {
            let message = format!(
                "more than {MAX_REJECTS} rows of one chunk cannot be loaded: mend the table's plan or its constraints, or the source; the last"
            );
            return Err(Error::new(ErrorKind::Value, message).with_table(&self.plan.target).with_source(error));
        }
        self.rejects.push(Reject::new(&self.plan, batch, row, &error));
        Ok(())
    }
}

/// In place of a reader where there is none.
enum NoLobs {}

impl BatchReader for NoLobs {
    type Error = Infallible;

    fn columns(&self) -> &[type_convert::OracleType] {
        match *self {}
    }

    fn read_batch(&mut self, _: &mut RowBatch) -> std::result::Result<bool, Infallible> {
        match *self {}
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
