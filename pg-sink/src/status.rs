use crate::{Control, MigrationState, Result};
use schema_map::ObjectPath;
use serde::Serialize;
use tokio_postgres::GenericClient;

/// Where a migration stands, as its control schema has it.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Status {
    /// The migration's state.
    pub state: MigrationState,
    /// The SCN of the load.
    pub load_scn: Option<u64>,
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
    /// Committed transactions read and not yet applied.
    pub pending_transactions: u64,
    /// How far the target is behind the source, in seconds.
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
    pub async fn status<C: GenericClient + Sync>(&self, _client: &C) -> Result<Status> {
        todo!()
    }

    /// Records what the follower has read and not yet applied: for status displays only. Tables that are not named have
    /// nothing pending.
    pub async fn set_follow_status<C: GenericClient + Sync>(
        &self,
        _client: &C,
        _follow: &FollowStatus,
        _pending: &[(ObjectPath, u64)],
    ) -> Result<()> {
        todo!()
    }
}
