use crate::{Control, Result};
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
    pub async fn run_phase(&self, _client: &mut Client, _ddl: &Ddl, _phase: Phase) -> Result<PhaseRun> {
        todo!()
    }

    /// Whether a phase is recorded as done.
    pub async fn phase_done<C: GenericClient + Sync>(&self, _client: &C, _phase: Phase) -> Result<bool> {
        todo!()
    }
}

/// The ordinary and partitioned tables of a schema of the target, by name; none where the schema is missing.
pub async fn existing_tables<C: GenericClient + Sync>(_client: &C, _schema: &PgIdent) -> Result<Vec<ExistingTable>> {
    todo!()
}
