use crate::error::Doing;
use crate::{Error, ErrorKind, Result};
use schema_map::{ObjectPath, PgIdent, TablePlan, pg_literal};
use serde::Serialize;
use std::{fmt, str::FromStr};
use tokio_postgres::GenericClient;
use type_convert::Scn;

/// Format of the control tables that this version writes and reads.
const FORMAT: i32 = 3;

/// A schema of our own in the target database that steers one migration and survives every crash:
/// what it is, how far it is, what to put back.
///
/// Its tables are `migration`, `phase`, `table_status`, `load_chunk`, `reject`, `loss`, `build`, `position`, `exception`, `follow`, `pending`,
/// `taken_down`, `cutover` and `cutover_step`, each with a comment in the database. What a person or a monitoring system wants to know
/// is in two views, `monitor` (one row) and `monitor_table` (one row a table), whose columns have comments too. One schema belongs to one migration;
/// several migrations into one database take one schema each.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Control {
    schema: PgIdent,
}

/// The migration that a control schema steers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Migration {
    /// `V$DATABASE.DBID` of the source.
    pub dbid: u64,
    /// `RESETLOGS_ID` of the source's incarnation.
    pub resetlogs_id: u64,
    /// The SCN at which everything is loaded, once it is decided.
    pub load_scn: Option<u64>,
    /// How far it is.
    pub state: MigrationState,
    /// Why the last attempt failed: in the state [`MigrationState::Failed`], or in that of a cutover that has begun.
    pub failure: Option<String>,
}

/// How far a migration is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum MigrationState {
    /// Schema and first load.
    Initializing,
    /// Loaded; changes are followed.
    Running,
    /// Everything is applied and the source can be stopped.
    ReadyToCutover,
    /// The source has been stopped; the rest is being applied, put in place and verified.
    CutoverStarted,
    /// Cut over and verified.
    Completed,
    /// It cannot go on without help.
    Failed,
}

impl MigrationState {
    /// As the control table has it, e.g. `ready_to_cutover`.
    pub fn as_str(self) -> &'static str {
        match self {
            MigrationState::Initializing => "initializing",
            MigrationState::Running => "running",
            MigrationState::ReadyToCutover => "ready_to_cutover",
            MigrationState::CutoverStarted => "cutover_started",
            MigrationState::Completed => "completed",
            MigrationState::Failed => "failed",
        }
    }
}

impl fmt::Display for MigrationState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for MigrationState {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        use MigrationState::*;
        [Initializing, Running, ReadyToCutover, CutoverStarted, Completed, Failed]
            .into_iter()
            .find(|s| s.as_str() == text)
            .ok_or_else(|| Error::new(ErrorKind::Malformed, format!("{text:?} is no state of a migration")))
    }
}

/// The schema `oracle_migration`.
impl Default for Control {
    fn default() -> Self {
        Control { schema: PgIdent::new("oracle_migration").expect("a plain name is an identifier") }
    }
}

impl Control {
    /// A control schema of another name.
    pub fn new(schema: PgIdent) -> Self {
        Control { schema }
    }

    /// The schema's name.
    pub fn schema(&self) -> &PgIdent {
        &self.schema
    }

    /// Makes the schema and its tables where they are missing. Safe to call again, and from several processes at once.
    pub async fn install<C: GenericClient + Sync>(&self, client: &C) -> Result<()> {
        // All tables are made at once; asking first lets roles in that may use them but not make them.
        if self.is_installed(client).await? {
            return Ok(());
        }
        let exists = client
            .query_one("SELECT to_regnamespace($1) IS NOT NULL", &[&self.schema.quoted()])
            .await
            .doing("looking for the control schema")?
            .get::<_, bool>(0);
        // `CREATE SCHEMA IF NOT EXISTS` asks for the right to create even where the schema exists.
        let create =
            if exists { String::new() } else { format!("CREATE SCHEMA IF NOT EXISTS {};\n", self.schema.quoted()) };
        // One message of several statements is one transaction; the lock keeps two installers apart.
        let lock = format!("SELECT pg_advisory_xact_lock(hashtext({}));\n", pg_literal(self.schema.as_str()));
        let quiet = "SET LOCAL client_min_messages = warning;\n";
        let tables = self.sql(include_str!("control.sql"));
        client
            .batch_execute(&format!("{quiet}{lock}{create}{tables}"))
            .await
            .doing("the control schema cannot be made; the role needs CREATE on the database, or on this schema")
    }

    /// Whether the control schema is there with its tables.
    pub async fn is_installed<C: GenericClient + Sync>(&self, client: &C) -> Result<bool> {
        let name = format!("{}.\"migration\"", self.schema.quoted());
        let row = client.query_one("SELECT to_regclass($1) IS NOT NULL", &[&name]).await;
        Ok(row.doing("looking for the control schema")?.get(0))
    }

    /// The migration that is recorded here.
    pub async fn migration<C: GenericClient + Sync>(&self, client: &C) -> Result<Option<Migration>> {
        let sql = self.sql("SELECT format, dbid, resetlogs_id, load_scn, state, failure FROM {s}.migration");
        let Some(row) = client.query_opt(&sql, &[]).await.doing("reading the migration's record")? else {
            return Ok(None);
        };
        let format: i32 = row.get(0);
        if format != FORMAT {
            let message = format!(
                "control schema {} has format {format}, this version reads {FORMAT}: go on with the version that began",
                self.schema
            );
            return Err(Error::new(ErrorKind::State, message));
        }
        Ok(Some(Migration {
            dbid: from_i64(row.get(1))?,
            resetlogs_id: from_i64(row.get(2))?,
            load_scn: row.get::<_, Option<i64>>(3).map(from_i64).transpose()?,
            state: row.get::<_, &str>(4).parse()?,
            failure: row.get(5),
        }))
    }

    /// Records the migration of this source, or returns the record that is there already.
    /// [`ErrorKind::State`] where that is of another database or incarnation.
    pub async fn begin<C: GenericClient + Sync>(&self, client: &C, dbid: u64, resetlogs_id: u64) -> Result<Migration> {
        let sql = self.sql(
            "INSERT INTO {s}.migration (format, dbid, resetlogs_id, state) VALUES ($1, $2, $3, 'initializing') ON CONFLICT DO NOTHING",
        );
        let doing = "recording the migration";
        client.execute(&sql, &[&FORMAT, &to_i64(dbid)?, &to_i64(resetlogs_id)?]).await.doing(doing)?;
        let migration = self.required(client).await?;
        if (migration.dbid, migration.resetlogs_id) != (dbid, resetlogs_id) {
            let message = format!(
                "control schema {} belongs to a migration of database {} (RESETLOGS_ID {}), this source is {dbid} ({resetlogs_id}): \
                 choose another control schema, or drop it to begin anew",
                self.schema, migration.dbid, migration.resetlogs_id
            );
            return Err(Error::new(ErrorKind::State, message));
        }
        Ok(migration)
    }

    /// Decides the SCN at which everything is loaded. Decided once: a second call returns what is recorded.
    pub async fn decide_load_scn<C: GenericClient + Sync>(&self, client: &C, scn: Scn) -> Result<Scn> {
        let sql = self.sql(
            "UPDATE {s}.migration SET load_scn = coalesce(load_scn, $1), updated_at = clock_timestamp() RETURNING load_scn",
        );
        let row = client.query_opt(&sql, &[&to_i64(scn.0)?]).await.doing("recording the load's SCN")?;
        let row = row.ok_or_else(|| self.no_migration())?;
        Ok(Scn(from_i64(row.get(0))?))
    }

    /// Sets the state, and forgets why it failed. [`ErrorKind::State`] where the migration is completed: nothing leads out of that.
    pub async fn set_state<C: GenericClient + Sync>(&self, client: &C, state: MigrationState) -> Result<()> {
        let sql = self.sql(
            "UPDATE {s}.migration SET state = $1, failure = NULL, updated_at = clock_timestamp() \
             WHERE state <> 'completed' OR $1 = 'completed'",
        );
        match client.execute(&sql, &[&state.as_str()]).await.doing("recording the migration's state")? {
            0 => {
                self.required(client).await?;
                Err(Error::new(ErrorKind::State, "the migration is completed already"))
            }
            _ => Ok(()),
        }
    }

    /// Sets the state only where it is one of `from`, and forgets why it failed; says whether it did. What another process
    /// has set meanwhile stays.
    pub async fn change_state<C: GenericClient + Sync>(
        &self,
        client: &C,
        from: &[MigrationState],
        to: MigrationState,
    ) -> Result<bool> {
        let sql = self.sql(
            "UPDATE {s}.migration SET state = $1, failure = NULL, updated_at = clock_timestamp() WHERE state = ANY ($2)",
        );
        let from: Vec<&str> = from.iter().map(|s| s.as_str()).collect();
        Ok(client.execute(&sql, &[&to.as_str(), &from]).await.doing("recording the migration's state")? == 1)
    }

    /// Records why it failed, and sets the state [`MigrationState::Failed`]. A cutover that has begun keeps its state, so
    /// that it can go on; a migration that is completed is left alone.
    pub async fn set_failed<C: GenericClient + Sync>(&self, client: &C, reason: &str) -> Result<()> {
        let sql = self.sql(
            "UPDATE {s}.migration SET state = CASE state WHEN 'cutover_started' THEN state ELSE 'failed' END, failure = $1, \
             updated_at = clock_timestamp() WHERE state <> 'completed'",
        );
        let reason = reason.replace('\0', "\u{fffd}");
        match client.execute(&sql, &[&reason]).await.doing("recording the migration's failure")? {
            0 => self.required(client).await.map(drop),
            _ => Ok(()),
        }
    }

    /// Records a table that moves; safe to call again. [`ErrorKind::State`] where it is recorded with another target.
    pub async fn register_table<C: GenericClient + Sync>(
        &self,
        client: &C,
        plan: &TablePlan,
        estimated_rows: Option<u64>,
    ) -> Result<()> {
        self.table_id(client, plan, estimated_rows).await.map(drop)
    }

    /// Counts an error of a table and keeps its text, outside of the work that failed.
    pub async fn record_error<C: GenericClient + Sync>(
        &self,
        client: &C,
        table: &ObjectPath,
        error: &(dyn fmt::Display + Sync),
    ) -> Result<()> {
        let sql = self.sql(
            "UPDATE {s}.table_status SET errors = errors + 1, last_error = $3, last_error_at = clock_timestamp() \
             WHERE source_schema = $1 AND source_name = $2",
        );
        let error = error.to_string().replace('\0', "\u{fffd}");
        let doing = "recording a table's error";
        client.execute(&sql, &[&table.schema.as_str(), &table.name.as_str(), &error]).await.doing(doing).map(drop)
    }

    pub(crate) async fn table_id<C: GenericClient + Sync>(
        &self,
        client: &C,
        plan: &TablePlan,
        estimated_rows: Option<u64>,
    ) -> Result<i32> {
        let estimate = estimated_rows.map(to_i64).transpose()?;
        let (source, target) = (&plan.source, &plan.target);
        let insert = self.sql(
            "INSERT INTO {s}.table_status (source_schema, source_name, target_schema, target_name, estimated_rows) \
             VALUES ($1, $2, $3, $4, $5) ON CONFLICT (source_schema, source_name) DO UPDATE \
             SET estimated_rows = coalesce(excluded.estimated_rows, table_status.estimated_rows) \
             RETURNING table_id, target_schema, target_name",
        );
        let names = [source.schema.as_str(), source.name.as_str(), target.schema.as_str(), target.name.as_str()];
        let row = client
            .query_one(&insert, &[&names[0], &names[1], &names[2], &names[3], &estimate])
            .await
            .map_err(|e| Error::postgres("recording a table of the migration", e).with_table(target))?;
        if (row.get::<_, &str>(1), row.get::<_, &str>(2)) != (names[2], names[3]) {
            let message = format!(
                "{source} is already being moved to {}.{}, not to this table: keep the name map with which the migration began",
                row.get::<_, &str>(1),
                row.get::<_, &str>(2)
            );
            return Err(Error::new(ErrorKind::State, message).with_table(target));
        }
        Ok(row.get(0))
    }

    /// Puts the quoted schema in place of `{s}`.
    pub(crate) fn sql(&self, template: &str) -> String {
        template.replace("{s}", &self.schema.quoted())
    }

    pub(crate) async fn required<C: GenericClient + Sync>(&self, client: &C) -> Result<Migration> {
        self.migration(client).await?.ok_or_else(|| self.no_migration())
    }

    pub(crate) fn no_migration(&self) -> Error {
        Error::new(ErrorKind::State, format!("control schema {} holds no migration: begin one first", self.schema))
    }
}

/// Oracle's SCNs, DBIDs and counts fit `bigint`; a number that does not is refused, not wrapped.
pub(crate) fn to_i64(number: u64) -> Result<i64> {
    i64::try_from(number).map_err(|_| Error::new(ErrorKind::Malformed, format!("{number} is beyond bigint")))
}

pub(crate) fn from_i64(number: i64) -> Result<u64> {
    let message = || format!("{number} in a control table is negative");
    u64::try_from(number).map_err(|_| Error::new(ErrorKind::Malformed, message()))
}
