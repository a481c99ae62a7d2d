use crate::control::{from_i64, to_i64};
use crate::error::Doing;
use crate::{ChunkClaim, Control, Error, Result};
use postgres_types::ToSql;
use schema_map::{ObjectPath, OracleIdent, PgIdent, PgPath, TablePlan};
use serde::Serialize;
use tokio_postgres::{Client, GenericClient, IsolationLevel};
use type_convert::Scn;

/// Which parts of which tables are loaded: one row a chunk, in the control schema.
///
/// Any number of workers, in any number of processes, on any number of machines, share one ledger. A chunk is
/// claimed, copied and marked done in one transaction, so that it is loaded exactly once whatever dies when.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LoadLedger {
    control: Control,
}

/// A chunk to be loaded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewChunk {
    /// Its number within its table.
    pub number: i32,
    /// What to read, in the words of whoever reads the source; the ledger keeps it as it is.
    pub range: String,
}

/// A chunk of the ledger.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LedgerChunk {
    /// The Oracle table.
    pub source: ObjectPath,
    /// The PostgreSQL table.
    pub target: PgPath,
    /// Its number within its table.
    pub number: i32,
    /// What to read, as registered.
    pub range: String,
    /// The SCN to read it at.
    pub scn: Scn,
    pub(crate) table_id: i32,
    pub(crate) chunk_id: i64,
}

/// How far the load of one table is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct LoadProgress {
    /// The Oracle table, `OWNER.NAME`.
    pub table: String,
    /// Chunks registered.
    pub chunks: u64,
    /// Chunks done.
    pub chunks_done: u64,
    /// Rows in the chunks that are done.
    pub rows: u64,
    /// Bytes of COPY data in the chunks that are done.
    pub bytes: u64,
    /// Rows set aside in the chunks that are done.
    pub rejected: u64,
}

impl LoadLedger {
    /// The ledger in this control schema.
    pub fn new(control: Control) -> Self {
        LoadLedger { control }
    }

    /// The control schema.
    pub fn control(&self) -> &Control {
        &self.control
    }

    /// Registers the chunks of one table, all or none, and returns whether it did: chunks that are there
    /// already stay as they are, whatever `chunks` says now. A table without rows needs a chunk too: one that finds none.
    pub async fn register(
        &self,
        client: &mut Client,
        plan: &TablePlan,
        estimated_rows: Option<u64>,
        scn: Scn,
        chunks: &[NewChunk],
    ) -> Result<bool> {
        let doing = "registering the chunks of a table";
        let transaction = client.transaction().await.doing(doing)?;
        // The upsert locks the table's row: two registrations of one table run one after the other.
        let table_id = self.control.table_id(&transaction, plan, estimated_rows).await?;
        let exists = self.control.sql("SELECT EXISTS (SELECT FROM {s}.load_chunk WHERE table_id = $1)");
        if transaction.query_one(&exists, &[&table_id]).await.doing(doing)?.get(0) {
            transaction.commit().await.doing(doing)?;
            return Ok(false);
        }
        let insert = self.control.sql(
            "INSERT INTO {s}.load_chunk (table_id, number, range, scn) \
             SELECT $1, c.number, c.range, $4 FROM unnest($2::int[], $3::text[]) WITH ORDINALITY AS c (number, range, nth) ORDER BY c.nth",
        );
        let numbers: Vec<i32> = chunks.iter().map(|c| c.number).collect();
        let ranges: Vec<&str> = chunks.iter().map(|c| c.range.as_str()).collect();
        let inserted = transaction.execute(&insert, &[&table_id, &numbers, &ranges, &to_i64(scn.0)?]).await;
        inserted.map_err(|e| Error::postgres(doing, e).with_table(&plan.target))?;
        transaction.commit().await.doing(doing)?;
        Ok(true)
    }

    /// Claims the next chunk that nobody is loading, in the order of registration, and opens the transaction in which
    /// it will be loaded. `None`: nothing is left to claim; other workers may still be busy (see [`progress`](Self::progress)).
    ///
    /// The claim is a row lock: it is free again the moment that the server sees `client`'s connection die. A machine that
    /// vanishes without closing its connections is noticed by TCP keepalives only: set `tcp_keepalives_idle` where that matters.
    pub async fn claim<'a>(&self, client: &'a mut Client, worker: &str) -> Result<Option<ChunkClaim<'a>>> {
        let doing = "claiming a chunk";
        // First a note that others can see, then the lock that counts. Between the two another worker may be
        // quicker: then the lock takes another chunk.
        let note = self.control.sql(
            "UPDATE {s}.load_chunk SET state = 'claimed', claimed_by = $1, started_at = clock_timestamp() WHERE chunk_id = ( \
             SELECT chunk_id FROM {s}.load_chunk WHERE state <> 'done' \
             ORDER BY state = 'claimed', chunk_id LIMIT 1 FOR UPDATE SKIP LOCKED) RETURNING chunk_id",
        );
        let lock = self.control.sql(
            "SELECT c.chunk_id, c.table_id, c.number, c.range, c.scn, t.source_schema, t.source_name, t.target_schema, t.target_name \
             FROM {s}.load_chunk c JOIN {s}.table_status t USING (table_id) WHERE c.state <> 'done' \
             ORDER BY c.chunk_id = $1 DESC, c.state = 'claimed', c.chunk_id LIMIT 1 FOR UPDATE OF c SKIP LOCKED",
        );
        let Some(noted) = client.query_opt(&note, &[&worker]).await.doing(doing)? else { return Ok(None) };
        // Each statement must see what is there by now, whatever the session's default is: above all the one that finds a table empty
        // before it is truncated.
        let transaction =
            client.build_transaction().isolation_level(IsolationLevel::ReadCommitted).start().await.doing(doing)?;
        let Some(row) = transaction.query_opt(&lock, &[&noted.get::<_, i64>(0)]).await.doing(doing)? else {
            return Ok(None);
        };
        let chunk = LedgerChunk::from_row(&row)?;
        Ok(Some(ChunkClaim::new(self.control.clone(), chunk, worker, transaction)))
    }

    /// Has a chunk read at a newer SCN from now on, because undo does not reach back to its own any more (ORA-01555). Nobody may be loading it,
    /// so drop its claim first. False: somebody else has changed its SCN, or has loaded it.
    ///
    /// What its rows have already must not be applied to them again: see [`newer`](Self::newer).
    pub async fn renew<C: GenericClient + Sync>(&self, client: &C, chunk: &LedgerChunk, scn: Scn) -> Result<bool> {
        let sql = self.control.sql(
            "UPDATE {s}.load_chunk SET scn = $3 WHERE chunk_id = $1 AND scn = $2 AND scn < $3 AND state <> 'done'",
        );
        let numbers: [&(dyn ToSql + Sync); 3] = [&chunk.chunk_id, &to_i64(chunk.scn.0)?, &to_i64(scn.0)?];
        let renewed = client.execute(&sql, &numbers).await;
        Ok(renewed.map_err(|e| Error::postgres("giving a chunk a newer SCN", e).with_table(&chunk.target))? > 0)
    }

    /// The chunks that are read at a newer SCN than the load's, in the order of registration: make
    /// [`NewerRows`](crate::NewerRows) of them for whoever applies changes.
    pub async fn newer<C: GenericClient + Sync>(&self, client: &C, load_scn: Scn) -> Result<Vec<LedgerChunk>> {
        let sql = self.control.sql(
            "SELECT c.chunk_id, c.table_id, c.number, c.range, c.scn, t.source_schema, t.source_name, t.target_schema, t.target_name \
             FROM {s}.load_chunk c JOIN {s}.table_status t USING (table_id) WHERE c.scn > $1 ORDER BY c.chunk_id",
        );
        let rows = client.query(&sql, &[&to_i64(load_scn.0)?]).await.doing("reading the load ledger")?;
        rows.iter().map(LedgerChunk::from_row).collect()
    }

    /// How far each table's load is, in the order of registration.
    pub async fn progress<C: GenericClient + Sync>(&self, client: &C) -> Result<Vec<LoadProgress>> {
        let sql = self.control.sql(
            "SELECT t.source_schema || '.' || t.source_name, count(*), count(*) FILTER (WHERE c.state = 'done'), \
             coalesce(sum(c.rows), 0)::bigint, coalesce(sum(c.bytes), 0)::bigint, coalesce(sum(c.rejected), 0)::bigint \
             FROM {s}.load_chunk c JOIN {s}.table_status t USING (table_id) GROUP BY t.table_id ORDER BY min(c.chunk_id)",
        );
        let rows = client.query(&sql, &[]).await.doing("reading the load ledger")?;
        rows.iter()
            .map(|row| {
                Ok(LoadProgress {
                    table: row.get(0),
                    chunks: from_i64(row.get(1))?,
                    chunks_done: from_i64(row.get(2))?,
                    rows: from_i64(row.get(3))?,
                    bytes: from_i64(row.get(4))?,
                    rejected: from_i64(row.get(5))?,
                })
            })
            .collect()
    }

    /// Whether chunks are registered and all of them are done.
    pub async fn is_complete<C: GenericClient + Sync>(&self, client: &C) -> Result<bool> {
        let progress = self.progress(client).await?;
        Ok(!progress.is_empty() && progress.iter().all(|p| p.chunks == p.chunks_done))
    }
}

impl LedgerChunk {
    fn from_row(row: &tokio_postgres::Row) -> Result<Self> {
        let malformed = |e| Error::new(crate::ErrorKind::Malformed, "a name in the load ledger").with_source(e);
        let oracle = |i| OracleIdent::new(row.get::<_, &str>(i)).map_err(malformed);
        let pg = |i| PgIdent::new(row.get::<_, &str>(i)).map_err(malformed);
        Ok(LedgerChunk {
            chunk_id: row.get(0),
            table_id: row.get(1),
            number: row.get(2),
            range: row.get(3),
            scn: Scn(from_i64(row.get(4))?),
            source: ObjectPath { schema: oracle(5)?, name: oracle(6)? },
            target: PgPath { schema: pg(7)?, name: pg(8)? },
        })
    }
}
