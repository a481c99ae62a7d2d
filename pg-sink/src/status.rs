use crate::control::{from_i64, to_i64};
use crate::error::Doing;
use crate::{Control, Error, ErrorKind, MigrationState, Result};
use schema_map::ObjectPath;
use serde::Serialize;
use tokio_postgres::{GenericClient, Row};

/// Where a migration stands, as its control schema has it. Its JSON is what `migrate status --json` prints; moments are in
/// UTC, as RFC 3339 has them. What each number counts is said in the comments of the views `monitor` and `monitor_table`, out of which
/// it is read.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Status {
    /// The migration's state.
    pub state: MigrationState,
    /// Why the last attempt failed: in the state [`MigrationState::Failed`], or in that of a cutover that has begun.
    pub failure: Option<String>,
    /// The SCN of the load.
    pub load_scn: Option<u64>,
    /// Tables by how far their load is.
    pub full_load: FullLoadCounts,
    /// Rows in chunks that are done.
    pub rows_loaded: u64,
    /// Rows expected, of the tables that have an estimate.
    pub estimated_rows: Option<u64>,
    /// Bytes of COPY data in chunks that are done.
    pub bytes_loaded: u64,
    /// When the first chunk was claimed.
    pub load_started_at: Option<String>,
    /// When the last chunk was committed; `None` until all are.
    pub load_ended_at: Option<String>,
    /// When the load ends at the pace until now; `None` before that is known, and at the end.
    pub load_estimated_end_at: Option<String>,
    /// From the begin of the first chunk to the end of the last one that is done, in seconds, interruptions included.
    pub load_seconds: Option<f64>,
    /// From the end of the last chunk to the last change of the position, in seconds.
    pub follow_seconds: Option<f64>,
    /// Rows inserted by following.
    pub inserts: u64,
    /// Rows updated by following.
    pub updates: u64,
    /// Rows deleted by following.
    pub deletes: u64,
    /// Changes read and not yet applied, those of open transactions included.
    pub pending: u64,
    /// Changes read: applied and pending ones.
    pub incoming: u64,
    /// Errors recorded and rows set aside, of all tables.
    pub data_errors: u64,
    /// All commits below this SCN are applied, and some of those at it.
    pub applied_scn: Option<u64>,
    /// SCNs of the source that the target has not reached.
    pub lag_scn: Option<u64>,
    /// Source transactions applied.
    pub transactions: u64,
    /// Row changes applied; a TRUNCATE is one.
    pub changes: u64,
    /// What the follower last said.
    pub follow: Option<FollowStatus>,
    /// Each table, in the order of registration.
    pub tables: Vec<TableStatus>,
}

/// Tables by how far their load is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub struct FullLoadCounts {
    /// Not begun.
    pub queued: u64,
    /// Being loaded.
    pub loading: u64,
    /// Loaded.
    pub completed: u64,
    /// Stopped by an error.
    pub errored: u64,
}

/// What the follower says of itself.
#[derive(Debug, Clone, PartialEq, Default, Serialize)]
pub struct FollowStatus {
    /// Transactions read and not yet applied, those that are open at the source included.
    pub pending_transactions: u64,
    /// How far the target is behind the source, in seconds. [`Control::status`] adds the time since the follower said so:
    /// a follower that is stuck or dead falls behind.
    pub lag_seconds: Option<f64>,
    /// The source's SCN at that time.
    pub source_scn: Option<u64>,
    /// SCN at which the oldest transaction began that is open at the source; `None` where none is.
    pub oldest_open_scn: Option<u64>,
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
    /// When its first chunk was claimed.
    pub load_started_at: Option<String>,
    /// When its last chunk was committed; `None` until all are.
    pub load_ended_at: Option<String>,
    /// When its load ends at the pace until now; `None` before that is known, and at the end.
    pub load_estimated_end_at: Option<String>,
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
    /// All of them.
    pub applied: u64,
    /// LOB values that changed at the source and that the redo did not hold: the target has the old ones.
    pub lobs_not_logged: u64,
    /// Changes read and not yet applied.
    pub pending: u64,
    /// Changes read: applied and pending ones.
    pub incoming: u64,
    /// Errors recorded and rows set aside.
    pub data_errors: u64,
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
    Completed,
    /// The last thing that happened to it was an error; it goes on with the next run.
    Errored,
}

impl FullLoadState {
    /// As the view `monitor_table` and JSON have it, e.g. `loading`.
    pub fn as_str(self) -> &'static str {
        match self {
            FullLoadState::Queued => "queued",
            FullLoadState::Loading => "loading",
            FullLoadState::Completed => "completed",
            FullLoadState::Errored => "errored",
        }
    }
}

/// A moment as RFC 3339 has it, in UTC.
macro_rules! moment {
    ($column:literal) => {
        concat!("to_char(", $column, " AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.MS\"Z\"')")
    };
}

impl Control {
    /// Reads where the migration stands. [`ErrorKind::State`] where there is none.
    pub async fn status<C: GenericClient + Sync>(&self, client: &C) -> Result<Status> {
        let doing = "reading the migration's status";
        let migration = self.required(client).await?;
        let sql = self.sql(concat!(
            "SELECT state, failure, load_scn, tables_queued, tables_loading, tables_completed, tables_errored, rows_loaded, \
             estimated_rows, bytes_loaded, inserts, updates, deletes, pending_changes, incoming_changes, data_errors, applied_scn, \
             lag_scn, applied_transactions, pending_transactions, source_scn, oldest_open_scn, \
             (SELECT changes FROM {s}.position), follower_said_at IS NOT NULL, \
             (SELECT lag_seconds + greatest(0, extract(epoch FROM clock_timestamp() - updated_at)::float8) FROM {s}.follow), \
             (SELECT extract(epoch FROM max(finished_at) - min(started_at))::float8 FROM {s}.load_chunk WHERE state = 'done'), \
             (SELECT extract(epoch FROM p.updated_at - max(finished_at))::float8 FROM {s}.load_chunk, {s}.position p \
             GROUP BY p.updated_at), ",
            moment!("load_started_at"),
            ", ",
            moment!("load_ended_at"),
            ", ",
            moment!("load_estimated_end_at"),
            " FROM {s}.monitor"
        ));
        let row = client.query_one(&sql, &[]).await.doing(doing)?;
        let sql = self.sql(concat!(
            "SELECT source_schema || '.' || source_name, target_schema || '.' || target_name, full_load, rows_loaded, estimated_rows, \
             rows_rejected, values_converted, inserts, updates, deletes, applied_changes, lobs_not_logged, pending_changes, \
             incoming_changes, data_errors, errors, last_error, ",
            moment!("load_started_at"),
            ", ",
            moment!("load_ended_at"),
            ", ",
            moment!("load_estimated_end_at"),
            " FROM {s}.monitor_table ORDER BY table_id"
        ));
        let tables = client.query(&sql, &[]).await.doing(doing)?;
        let count = |i| from_i64(row.get(i));
        let known = |i| row.get::<_, Option<i64>>(i).map(from_i64).transpose();
        let follow = row.get::<_, bool>(23).then(|| {
            Ok(FollowStatus {
                pending_transactions: count(19)?,
                lag_seconds: row.get(24),
                source_scn: known(20)?,
                oldest_open_scn: known(21)?,
            })
        });
        Ok(Status {
            state: row.get::<_, &str>(0).parse()?,
            failure: row.get(1),
            load_scn: migration.load_scn,
            full_load: FullLoadCounts {
                queued: count(3)?,
                loading: count(4)?,
                completed: count(5)?,
                errored: count(6)?,
            },
            rows_loaded: count(7)?,
            estimated_rows: known(8)?,
            bytes_loaded: count(9)?,
            inserts: count(10)?,
            updates: count(11)?,
            deletes: count(12)?,
            pending: count(13)?,
            incoming: count(14)?,
            data_errors: count(15)?,
            applied_scn: known(16)?,
            lag_scn: known(17)?,
            transactions: count(18)?,
            changes: known(22)?.unwrap_or(0),
            follow: follow.transpose()?,
            load_seconds: row.get(25),
            follow_seconds: row.get(26),
            load_started_at: row.get(27),
            load_ended_at: row.get(28),
            load_estimated_end_at: row.get(29),
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
            "WITH f AS (INSERT INTO {s}.follow AS old (pending_transactions, lag_seconds, source_scn, oldest_open_scn, oldest_open_seen_at) \
             VALUES ($1, $2, $3, $7, CASE WHEN $7::bigint IS NOT NULL THEN clock_timestamp() END) \
             ON CONFLICT (one) DO UPDATE SET pending_transactions = excluded.pending_transactions, \
             lag_seconds = excluded.lag_seconds, source_scn = excluded.source_scn, oldest_open_scn = excluded.oldest_open_scn, \
             oldest_open_seen_at = CASE WHEN old.oldest_open_scn = excluded.oldest_open_scn THEN old.oldest_open_seen_at \
             ELSE excluded.oldest_open_seen_at END, updated_at = clock_timestamp()) \
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
        let oldest = follow.oldest_open_scn.map(to_i64).transpose()?;
        client
            .execute(&sql, &[&transactions, &follow.lag_seconds, &scn, &schemas, &names, &changes, &oldest])
            .await
            .doing(doing)
            .map(drop)
    }
}

impl TableStatus {
    fn from_row(row: &Row) -> Result<Self> {
        use FullLoadState::{Completed, Errored, Loading, Queued};
        let count = |i| from_i64(row.get(i));
        let full_load: &str = row.get(2);
        let unknown = || Error::new(ErrorKind::Malformed, format!("{full_load:?} is no state of a load"));
        Ok(TableStatus {
            source: row.get(0),
            target: row.get(1),
            full_load: [Queued, Loading, Completed, Errored]
                .into_iter()
                .find(|s| s.as_str() == full_load)
                .ok_or_else(unknown)?,
            rows_loaded: count(3)?,
            estimated_rows: row.get::<_, Option<i64>>(4).map(from_i64).transpose()?,
            rejected: count(5)?,
            losses: count(6)?,
            inserts: count(7)?,
            updates: count(8)?,
            deletes: count(9)?,
            applied: count(10)?,
            lobs_not_logged: count(11)?,
            pending: count(12)?,
            incoming: count(13)?,
            data_errors: count(14)?,
            errors: count(15)?,
            last_error: row.get(16),
            load_started_at: row.get(17),
            load_ended_at: row.get(18),
            load_estimated_end_at: row.get(19),
        })
    }
}
