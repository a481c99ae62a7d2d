use crate::ddl::phase_name;
use crate::error::Doing;
use crate::{Control, Error, ErrorKind, Result};
use schema_map::ddl::{Addition, Ddl, Phase, Statement};
use schema_map::{PgIdent, PgPath};
use serde::Serialize;
use tokio_postgres::{Client, GenericClient, IsolationLevel};

/// What is built once the rows are there: keys, checks, indexes, and the statistics of every table.
///
/// It is a list in the control schema, which any number of workers share as they share the load: each claims what nobody
/// builds yet, and builds it and marks it done in one transaction. A crash leaves nothing half-built and repeats only
/// what was open.
///
/// Of one table, keys and checks are built one after the other, as each locks it against the others; then its indexes,
/// several at once where there are workers for them; then its statistics. Large tables come first.
///
/// Each worker is a connection of the caller. PostgreSQL sorts in `maintenance_work_mem`, which its own parallel workers of one
/// build share, and falls back to files beyond: give the session as much as the machine has to spare, divided by the number of
/// workers (a quarter of the memory in all is a fair start, the default of 64 MB is little). More workers than processors
/// gain nothing, and each build may take `max_parallel_maintenance_workers` processes besides its own.
///
/// ```no_run
/// # use pg_sink::*;
/// fn work(runtime: &tokio::runtime::Handle, mut client: tokio_postgres::Client, builds: &BuildList) -> Result<()> {
///     while !runtime.block_on(builds.is_complete(&client))? {
///         if runtime.block_on(builds.run_next(&mut client, "worker 1"))?.is_none() {
///             // Others build what is left, or what must come before it.
///             std::thread::sleep(std::time::Duration::from_millis(200));
///         }
///     }
///     Ok(())
/// }
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BuildList {
    control: Control,
}

/// What [`BuildList::run_next`] did.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Built {
    /// The table.
    pub table: String,
    /// What was built.
    pub kind: BuildKind,
    /// The name of the key, check or index; empty for statistics.
    pub name: String,
    /// False where it was there already, built by somebody else.
    pub built: bool,
}

/// What is built.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum BuildKind {
    /// A primary key or unique constraint.
    Key,
    /// A check constraint.
    Check,
    /// An index.
    Index,
    /// The planner's statistics: `ANALYZE`.
    Analyze,
}

impl BuildKind {
    const ALL: [BuildKind; 4] = [BuildKind::Key, BuildKind::Check, BuildKind::Index, BuildKind::Analyze];

    /// As the control table has it.
    pub fn as_str(self) -> &'static str {
        match self {
            BuildKind::Key => "key",
            BuildKind::Check => "check",
            BuildKind::Index => "index",
            BuildKind::Analyze => "analyze",
        }
    }

    fn of(statement: &Statement) -> Self {
        match statement.phase {
            Phase::Keys => BuildKind::Key,
            _ if statement.kind == schema_map::ObjectKind::Index => BuildKind::Index,
            _ => BuildKind::Check,
        }
    }
}

/// The phases that are built this way.
const PHASES: [Phase; 2] = [Phase::Keys, Phase::Indexes];

impl BuildList {
    /// The list in this control schema.
    pub fn new(control: Control) -> Self {
        BuildList { control }
    }

    /// Puts onto the list what is not there yet: the phases [`Keys`](Phase::Keys) and [`Indexes`](Phase::Indexes) of `ddl`, unless
    /// they are recorded as done, and statistics of `analyze`. What is there and not done takes the SQL that `ddl` has now.
    pub async fn register(&self, client: &mut Client, ddl: &Ddl, analyze: &[PgPath]) -> Result<()> {
        let doing = "listing what is to be built";
        let mut statements = Vec::new();
        for phase in PHASES {
            if !self.control.phase_done(client, phase).await? {
                statements.extend(ddl.phase(phase));
            }
        }
        // Those that lock a table against everything come first and one after the other, indexes after them at the same time.
        statements.sort_by_key(|s| match BuildKind::of(s) {
            BuildKind::Key => 0,
            BuildKind::Check => 1,
            _ => 2,
        });
        let alone = statements.iter().filter(|s| BuildKind::of(s) != BuildKind::Index).count();
        let mut items = Vec::with_capacity(statements.len() + analyze.len());
        for (n, statement) in statements.into_iter().enumerate() {
            let adds = added_by(statement)?;
            let sql = statement.sql.as_str().to_owned();
            items.push((&adds.table, BuildKind::of(statement), adds.name.as_str(), n.min(alone), sql));
        }
        for table in analyze {
            items.push((table, BuildKind::Analyze, "", alone + 1, format!("ANALYZE {};", table.quoted())));
        }
        let insert = self.control.sql(
            "INSERT INTO {s}.build (target_schema, target_name, kind, name, step, sql, table_bytes) \
             VALUES ($1, $2, $3, $4, $5, $6, coalesce(pg_table_size(to_regclass($7)), 0)) \
             ON CONFLICT (target_schema, target_name, kind, name) DO UPDATE SET sql = excluded.sql WHERE build.state <> 'done'",
        );
        let transaction = client.transaction().await.doing(doing)?;
        let insert = transaction.prepare(&insert).await.doing(doing)?;
        for (table, kind, name, step, sql) in &items {
            let step = i32::try_from(*step).unwrap_or(i32::MAX);
            let (schema, table_name, regclass) = (table.schema.as_str(), table.name.as_str(), table.quoted());
            transaction
                .execute(&insert, &[&schema, &table_name, &kind.as_str(), name, &step, sql, &regclass])
                .await
                .map_err(|e| Error::postgres(doing, e).with_table(table))?;
        }
        transaction.commit().await.doing(doing)
    }

    /// Claims what is next and nobody builds, and builds it. `None`: nothing can be begun at the moment, see
    /// [`is_complete`](Self::is_complete). A key, check or index of that name that the table has already, valid, is not
    /// built again.
    ///
    /// An error names the table and [what](Error::object) could not be built on it, for example a unique index of rows that are not
    /// unique. It stays on the list, and other calls go on with the rest and try it again in the end.
    pub async fn run_next(&self, client: &mut Client, worker: &str) -> Result<Option<Built>> {
        let doing = "claiming what is to be built";
        let claimable = "b.state <> 'done' AND NOT EXISTS (SELECT FROM {s}.build e WHERE e.target_schema = b.target_schema \
                         AND e.target_name = b.target_name AND e.step < b.step AND e.state <> 'done')";
        let order = "b.state = 'claimed', b.table_bytes DESC, b.step, b.build_id LIMIT 1 FOR UPDATE OF b SKIP LOCKED";
        // As the load's ledger does it: a note that others can see, then the lock that counts.
        let note = self.control.sql(&format!(
            "UPDATE {{s}}.build SET state = 'claimed', claimed_by = $1, started_at = clock_timestamp() WHERE build_id = ( \
             SELECT b.build_id FROM {{s}}.build b WHERE {claimable} ORDER BY {order}) RETURNING build_id"
        ));
        let lock = self.control.sql(&format!(
            "SELECT b.build_id, b.target_schema, b.target_name, b.kind, b.name, b.sql FROM {{s}}.build b \
             WHERE {claimable} ORDER BY b.build_id = $1 DESC, {order}"
        ));
        let Some(noted) = client.query_opt(&note, &[&worker]).await.doing(doing)? else { return Ok(None) };
        // A stricter default of the session would make an error of what others have just done.
        let transaction = client.build_transaction().isolation_level(IsolationLevel::ReadCommitted).start();
        let transaction = transaction.await.doing(doing)?;
        let Some(row) = transaction.query_opt(&lock, &[&noted.get::<_, i64>(0)]).await.doing(doing)? else {
            return Ok(None);
        };
        let malformed = |e| Error::new(ErrorKind::Malformed, "a name in the list of what is built").with_source(e);
        let ident = |i| PgIdent::new(row.get::<_, &str>(i)).map_err(malformed);
        let table = PgPath { schema: ident(1)?, name: ident(2)? };
        let (kind, name, sql): (&str, &str, &str) = (row.get(3), row.get(4), row.get(5));
        let kind = BuildKind::ALL.into_iter().find(|k| k.as_str() == kind).ok_or_else(|| {
            Error::new(ErrorKind::Malformed, format!("{kind:?} is nothing that can be built")).with_table(&table)
        })?;
        let failed = |e| {
            let error = Error::postgres(format!("building with \"{sql}\""), e).with_table(&table);
            if name.is_empty() { error } else { error.with_object(name) }
        };
        let exists = "SELECT EXISTS (SELECT FROM pg_constraint WHERE conrelid = to_regclass($1) AND conname = $2 \
                      AND CASE $3 WHEN 'key' THEN contype IN ('p', 'u') WHEN 'check' THEN contype = 'c' ELSE false END) \
                      OR EXISTS (SELECT FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid \
                      WHERE $3 = 'index' AND i.indrelid = to_regclass($1) AND c.relname = $2 AND i.indisvalid)";
        let exists = transaction.query_one(exists, &[&table.quoted(), &name, &kind.as_str()]).await;
        let exists = exists.map_err(failed)?.get::<_, bool>(0);
        if !exists {
            transaction.batch_execute(sql).await.map_err(failed)?;
        }
        let done = self.control.sql(
            "UPDATE {s}.build SET state = 'done', claimed_by = $2, finished_at = clock_timestamp() WHERE build_id = $1",
        );
        transaction.execute(&done, &[&row.get::<_, i64>(0), &worker]).await.map_err(failed)?;
        transaction.commit().await.map_err(failed)?;
        Ok(Some(Built { table: table.to_string(), kind, name: name.to_owned(), built: !exists }))
    }

    /// Whether everything on the list is done.
    pub async fn is_complete<C: GenericClient + Sync>(&self, client: &C) -> Result<bool> {
        let sql = self.control.sql("SELECT NOT EXISTS (SELECT FROM {s}.build WHERE state <> 'done')");
        Ok(client.query_one(&sql, &[]).await.doing("reading what is to be built")?.get(0))
    }

    /// Records the phases of the list as done, where they have statements. [`ErrorKind::State`] where something of it is not done, or
    /// a statement of a phase that is not recorded yet was never [registered](Self::register).
    pub async fn finish<C: GenericClient + Sync>(&self, client: &C, ddl: &Ddl) -> Result<()> {
        if !self.is_complete(client).await? {
            return Err(Error::new(ErrorKind::State, "not everything is built yet"));
        }
        let listed = self.control.sql(
            "SELECT EXISTS (SELECT FROM {s}.build WHERE target_schema = $1 AND target_name = $2 AND kind = $3 AND name = $4)",
        );
        let mut built = Vec::new();
        for phase in PHASES {
            if self.control.phase_done(client, phase).await? {
                continue;
            }
            for statement in ddl.phase(phase) {
                let (adds, kind) = (added_by(statement)?, BuildKind::of(statement).as_str());
                let (schema, table, name) = (adds.table.schema.as_str(), adds.table.name.as_str(), adds.name.as_str());
                let row = client.query_one(&listed, &[&schema, &table, &kind, &name]).await;
                if !row.doing("reading what is to be built")?.get::<_, bool>(0) {
                    let message = "it is not on the list of what is built: register it, and build it";
                    return Err(Error::new(ErrorKind::State, message).with_table(&adds.table).with_object(name));
                }
            }
            built.push((phase, i32::try_from(ddl.phase(phase).count()).unwrap_or(i32::MAX)));
        }
        let sql = self.control.sql("INSERT INTO {s}.phase (phase, statements) VALUES ($1, $2) ON CONFLICT DO NOTHING");
        for (phase, statements) in built {
            if statements > 0 {
                client.execute(&sql, &[&phase_name(phase), &statements]).await.doing("recording what is built")?;
            }
        }
        Ok(())
    }
}

fn added_by(statement: &Statement) -> Result<&Addition> {
    statement.adds.as_ref().ok_or_else(|| {
        Error::new(ErrorKind::Plan, format!("\"{}\" does not say what it adds to which table", statement.sql))
    })
}
