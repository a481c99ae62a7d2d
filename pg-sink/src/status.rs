use crate::control::{from_i64, to_i64};
use crate::error::Doing;
use crate::{Control, MigrationState, Result};
use schema_map::ObjectPath;
use serde::Serialize;
use tokio_postgres::{GenericClient, Row};

/// Where a migration stands, as its control schema has it.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Status {
    /// The migration's state.
    pub state: MigrationState,
    /// Why the last attempt failed: in the state [`MigrationState::Failed`], or in that of a cutover that has begun.
    pub failure: Option<String>,
    /// The SCN of the load.
    pub load_scn: Option<u64>,
    /// Bytes of COPY data in chunks that are done.
    pub bytes_loaded: u64,
    /// From the begin of the first chunk to the end of the last one that is done, in seconds, interruptions included.
    pub load_seconds: Option<f64>,
    /// From the end of the last chunk to the last change of the position, in seconds.
    pub follow_seconds: Option<f64>,
    /// SCN of the last commit that is applied.
    pub applied_scn: Option<u64>,
    /// Source transactions applied.
    pub transactions: u64,
    /// Row changes applied.
    pub changes: u64,
    /// What the follower last said.
    pub follow: Option<FollowStatus>,
    /// Each table, in the order of registration.
    pub tables: Vec<TableStatus>,
}

/// What the follower says of itself.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct FollowStatus {
    /// Transactions read and not yet applied, those that are open at the source included.
    pub pending_transactions: u64,
    /// How far the target is behind the source, in seconds. [`Control::status`] adds the time since the follower said so:
    /// a follower that is stuck or dead falls behind.
    pub lag_seconds: Option<f64>,
    /// The source's SCN at that time.
    pub source_scn: Option<u64>,
}

/// Where one table stands.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct TableStatus {
    /// The Oracle table, `OWNER.NAME`.
    pub source: String,
    /// The PostgreSQL table, `schema.name`.
    pub target: String,
    /// How far its load is.
    pub full_load: FullLoadState,
    /// Rows in chunks that are done.
    pub rows_loaded: u64,
    /// Rows expected, as the source's statistics have it.
    pub estimated_rows: Option<u64>,
    /// Rows set aside.
    pub rejected: u64,
    /// Values of the rows loaded that lost something, as the policies of their columns allow. The control schema's table `loss` says what.
    pub losses: u64,
    /// Inserts applied.
    pub inserts: u64,
    /// Updates applied.
    pub updates: u64,
    /// Deletes applied.
    pub deletes: u64,
    /// LOB values that changed at the source and that the redo did not hold: the target has the old ones.
    pub lobs_not_logged: u64,
    /// Changes read and not yet applied.
    pub pending: u64,
    /// Errors recorded.
    pub errors: u64,
    /// The last of them.
    pub last_error: Option<String>,
}

/// How far the load of a table is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum FullLoadState {
    /// No chunk is claimed yet, or none registered.
    Queued,
    /// Some chunks are done or being loaded.
    Loading,
    /// All chunks are done.
    Done,
}

impl Control {
    /// Reads where the migration stands. [`ErrorKind::State`](crate::ErrorKind::State) where there is none.
    pub async fn status<C: GenericClient + Sync>(&self, client: &C) -> Result<Status> {
        let doing = "reading the migration's status";
        let migration = self.required(client).await?;
        let sql = self.sql("SELECT commit_scn, transactions, changes FROM {s}.position");
        let position = client.query_opt(&sql, &[]).await.doing(doing)?;
        let count = |i| position.as_ref().map(|row| from_i64(row.get(i))).transpose();
        let sql = self.sql(
            "SELECT coalesce(sum(bytes), 0)::bigint, extract(epoch FROM max(finished_at) - min(started_at))::float8, \
             extract(epoch FROM (SELECT updated_at FROM {s}.position) - max(finished_at))::float8 \
             FROM {s}.load_chunk WHERE state = 'done'",
        );
        let load = client.query_one(&sql, &[]).await.doing(doing)?;
        let sql = self.sql(
            "SELECT pending_transactions, lag_seconds + greatest(0, extract(epoch FROM clock_timestamp() - updated_at)::float8), \
             source_scn FROM {s}.follow",
        );
        let follow = client.query_opt(&sql, &[]).await.doing(doing)?;
        let sql = self.sql(
            "SELECT t.source_schema || '.' || t.source_name, t.target_schema || '.' || t.target_name, \
             c.chunks, c.begun, c.done, c.rows, t.estimated_rows, c.rejected, t.inserts, t.updates, t.deletes, t.lobs_not_logged, \
             coalesce(p.changes, 0), t.errors, t.last_error, l.losses FROM {s}.table_status t \
             CROSS JOIN LATERAL (SELECT count(*) AS chunks, count(*) FILTER (WHERE state <> 'queued') AS begun, \
                count(*) FILTER (WHERE state = 'done') AS done, coalesce(sum(rows), 0)::bigint AS rows, \
                coalesce(sum(rejected), 0)::bigint AS rejected FROM {s}.load_chunk WHERE table_id = t.table_id) c \
             CROSS JOIN LATERAL (SELECT coalesce(sum(count), 0)::bigint AS losses FROM {s}.loss WHERE table_id = t.table_id) l \
             LEFT JOIN {s}.pending p USING (table_id) ORDER BY t.table_id",
        );
        let tables = client.query(&sql, &[]).await.doing(doing)?;
        Ok(Status {
            state: migration.state,
            failure: migration.failure,
            load_scn: migration.load_scn,
            bytes_loaded: from_i64(load.get(0))?,
            load_seconds: load.get(1),
            follow_seconds: load.get(2),
            applied_scn: count(0)?,
            transactions: count(1)?.unwrap_or(0),
            changes: count(2)?.unwrap_or(0),
            follow: follow.as_ref().map(FollowStatus::from_row).transpose()?,
            tables: tables.iter().map(TableStatus::from_row).collect::<Result<_>>()?,
        })
    }

    /// Records what the follower has read and not yet applied: for status displays only. Tables that are not named have
    /// nothing pending.
    pub async fn set_follow_status<C: GenericClient + Sync>(
        &self,
        client: &C,
        follow: &FollowStatus,
        pending: &[(ObjectPath, u64)],
    ) -> Result<()> {
        let doing = "recording the follower's status";
        // One statement, so that a reader sees all of it or nothing.
        let sql = self.sql(
            "WITH f AS (INSERT INTO {s}.follow (pending_transactions, lag_seconds, source_scn) VALUES ($1, $2, $3) \
             ON CONFLICT (one) DO UPDATE SET pending_transactions = excluded.pending_transactions, \
             lag_seconds = excluded.lag_seconds, source_scn = excluded.source_scn, updated_at = clock_timestamp()) \
             INSERT INTO {s}.pending (table_id, changes) \
             SELECT t.table_id, coalesce(p.changes, 0) FROM {s}.table_status t \
             LEFT JOIN unnest($4::text[], $5::text[], $6::bigint[]) AS p (source_schema, source_name, changes) \
             USING (source_schema, source_name) \
             ON CONFLICT (table_id) DO UPDATE SET changes = excluded.changes WHERE pending.changes <> excluded.changes",
        );
        let schemas: Vec<&str> = pending.iter().map(|(t, _)| t.schema.as_str()).collect();
        let names: Vec<&str> = pending.iter().map(|(t, _)| t.name.as_str()).collect();
        let changes = pending.iter().map(|(_, n)| to_i64(*n)).collect::<Result<Vec<_>>>()?;
        let transactions = to_i64(follow.pending_transactions)?;
        let scn = follow.source_scn.map(to_i64).transpose()?;
        client
            .execute(&sql, &[&transactions, &follow.lag_seconds, &scn, &schemas, &names, &changes])
            .await
            .doing(doing)
            .map(drop)
    }
}

impl FollowStatus {
    fn from_row(row: &Row) -> Result<Self> {
        Ok(FollowStatus {
            pending_transactions: from_i64(row.get(0))?,
            lag_seconds: row.get(1),
            source_scn: row.get::<_, Option<i64>>(2).map(from_i64).transpose()?,
        })
    }
}

impl TableStatus {
    fn from_row(row: &Row) -> Result<Self> {
        let count = |i| from_i64(row.get(i));
        let full_load = match (count(2)?, count(3)?, count(4)?) {
            (_, 0, _) => FullLoadState::Queued,
            (chunks, _, done) if chunks == done => FullLoadState::Done,
            _ => FullLoadState::Loading,
        };
        Ok(TableStatus {
            source: row.get(0),
            target: row.get(1),
            full_load,
            rows_loaded: count(5)?,
            estimated_rows: row.get::<_, Option<i64>>(6).map(from_i64).transpose()?,
            rejected: count(7)?,
            losses: count(15)?,
            inserts: count(8)?,
            updates: count(9)?,
            deletes: count(10)?,
            lobs_not_logged: count(11)?,
            pending: count(12)?,
            errors: count(13)?,
            last_error: row.get(14),
        })
    }
}
