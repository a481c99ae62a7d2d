use crate::error::Doing;
use crate::{Control, Error, Result};
use schema_map::PgIdent;
use schema_map::ddl::{Ddl, Phase};
use tokio_postgres::{Client, GenericClient};

/// What [`Control::run_phase`] did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PhaseRun {
    /// The phase ran now, with so many statements.
    Ran(usize),
    /// It had been done before.
    WasDone,
}

/// A table of the target.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExistingTable {
    /// Its name.
    pub name: PgIdent,
    /// Its columns in their order, generated ones left out.
    pub columns: Vec<ExistingColumn>,
    /// Whether it holds at least one row.
    pub has_rows: bool,
}

/// A column of a table of the target.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExistingColumn {
    /// Its name.
    pub name: PgIdent,
    /// Its type as `format_type` writes it, e.g. `character varying(30)`.
    pub type_name: String,
    /// Whether it may be NULL.
    pub nullable: bool,
}

impl Control {
    /// Runs one phase of the DDL and records it as done, both in one transaction; a phase that is recorded is not run again.
    pub async fn run_phase(&self, client: &mut Client, ddl: &Ddl, phase: Phase) -> Result<PhaseRun> {
        let doing = "running a phase of the DDL";
        let transaction = client.transaction().await.doing(doing)?;
        // Two processes at once: the second waits here, and then finds the phase done.
        let lock = self.sql("LOCK TABLE {s}.phase IN SHARE ROW EXCLUSIVE MODE");
        transaction.batch_execute(&lock).await.doing(doing)?;
        if self.phase_done(&transaction, phase).await? {
            return Ok(PhaseRun::WasDone);
        }
        let mut count = 0;
        for statement in ddl.phase(phase) {
            transaction.batch_execute(&statement.sql).await.map_err(|e| {
                let doing =
                    format!("DDL phase {phase:?}, {:?} {}, in \"{}\"", statement.kind, statement.source, statement.sql);
                Error::postgres(doing, e)
            })?;
            count += 1;
        }
        let done = self.sql("INSERT INTO {s}.phase (phase, statements) VALUES ($1, $2)");
        let statements = i32::try_from(count).unwrap_or(i32::MAX);
        transaction.execute(&done, &[&phase_name(phase), &statements]).await.doing(doing)?;
        transaction.commit().await.doing(doing)?;
        Ok(PhaseRun::Ran(count))
    }

    /// Whether a phase is recorded as done.
    pub async fn phase_done<C: GenericClient + Sync>(&self, client: &C, phase: Phase) -> Result<bool> {
        let sql = self.sql("SELECT EXISTS (SELECT FROM {s}.phase WHERE phase = $1)");
        Ok(client.query_one(&sql, &[&phase_name(phase)]).await.doing("reading the record of DDL phases")?.get(0))
    }
}

/// The ordinary and partitioned tables of a schema of the target, by name; none where the schema is missing.
pub async fn existing_tables<C: GenericClient + Sync>(client: &C, schema: &PgIdent) -> Result<Vec<ExistingTable>> {
    let doing = "listing the tables of the target schema";
    let columns = client
        .query(
            "SELECT c.relname::text, a.attname::text, format_type(a.atttypid, a.atttypmod), NOT a.attnotnull \
             FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace \
             LEFT JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = '' \
             WHERE n.nspname = $1 AND c.relkind IN ('r', 'p') ORDER BY c.relname, a.attnum",
            &[&schema.as_str()],
        )
        .await
        .doing(doing)?;
    let ident = |name: &str| {
        PgIdent::new(name).map_err(|e| Error::new(crate::ErrorKind::Malformed, "a name in pg_class").with_source(e))
    };
    let mut tables: Vec<ExistingTable> = Vec::new();
    for row in &columns {
        let name: &str = row.get(0);
        if tables.last().is_none_or(|t| t.name.as_str() != name) {
            tables.push(ExistingTable { name: ident(name)?, columns: Vec::new(), has_rows: false });
        }
        // A table without columns has one row here, of NULLs.
        if let (Some(column), Some(table)) = (row.get::<_, Option<&str>>(1), tables.last_mut()) {
            table.columns.push(ExistingColumn { name: ident(column)?, type_name: row.get(2), nullable: row.get(3) });
        }
    }
    for table in &mut tables {
        let sql = format!("SELECT EXISTS (SELECT FROM {}.{})", schema.quoted(), table.name.quoted());
        let row = client.query_one(&sql, &[]).await;
        table.has_rows = row.map_err(|e| Error::postgres(doing, e).with_table(&table.name))?.get(0);
    }
    Ok(tables)
}

/// The name under which the record keeps a phase: `Phase` as it is spelled in the code.
fn phase_name(phase: Phase) -> String {
    format!("{phase:?}")
}
