use crate::{Control, Error, Result};
use cdc_logminer::{ChangeSink, Position, TableColumns, Transaction};
use schema_map::TablePlan;
use std::sync::Arc;
use tokio_postgres::Client;

/// Applies committed transactions: each call's rows, counters and new position in one PostgreSQL transaction.
///
/// The position is updated only if it still is what this applier last saw: a second applier on the same control schema
/// stops with [`ErrorKind::State`](crate::ErrorKind::State), and its rows are undone.
pub struct Applier {
    client: Client,
    control: Control,
    fires_triggers: bool,
}

/// The columns that a table's changes must have, in this order: those of the plan.
pub fn table_columns(plan: &TablePlan) -> TableColumns {
    TableColumns {
        path: Arc::new(plan.source.clone()),
        columns: plan.columns.iter().map(|c| (c.source.clone(), c.oracle_type.clone())).collect(),
    }
}

impl Applier {
    /// Takes a connection for itself. The tables are those of `plans`; a change of another is an error.
    ///
    /// Where the role may, the session's `session_replication_role` is set to `replica`, so that neither triggers nor
    /// foreign keys act on what is applied; where it may not, see [`fires_triggers`](Self::fires_triggers).
    pub async fn new(_client: Client, _control: Control, _plans: &[TablePlan]) -> Result<Self> {
        todo!()
    }

    /// Whether the role may not set `session_replication_role`: then
    /// [`ConstraintGuard::take_down`](crate::ConstraintGuard::take_down) must come before.
    pub fn fires_triggers(&self) -> bool {
        self.fires_triggers
    }

    /// Stores the first position, or returns the one that is stored already.
    pub async fn start(&mut self, _position: &Position) -> Result<Position> {
        todo!()
    }

    /// The connection, for reading between calls.
    pub fn client(&self) -> &Client {
        &self.client
    }

    /// The control schema.
    pub fn control(&self) -> &Control {
        &self.control
    }
}

impl ChangeSink for Applier {
    type Error = Error;

    async fn position(&mut self) -> Result<Option<Position>> {
        todo!()
    }

    async fn apply(&mut self, _transactions: &[Transaction], _position: &Position) -> Result<()> {
        todo!()
    }
}
