use crate::{Control, Result};
use schema_map::PgPath;
use tokio_postgres::Client;

/// Takes foreign keys and triggers of the target tables out of the way, and puts them back exactly as they were.
///
/// What is taken down is recorded in the control schema in the same transaction, so that
/// [`restore`](Self::restore) works after any crash.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConstraintGuard {
    control: Control,
}

/// What [`ConstraintGuard::take_down`] took down.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct TakenDown {
    /// Foreign keys dropped: those of the tables, and those of others that refer to them.
    pub foreign_keys: usize,
    /// User triggers disabled.
    pub triggers: usize,
}

/// What [`ConstraintGuard::restore`] put back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Restored {
    /// Foreign keys added and, where they had been valid, validated.
    pub foreign_keys: usize,
    /// Triggers enabled again.
    pub triggers: usize,
}

impl ConstraintGuard {
    /// A guard that keeps its record in this control schema.
    pub fn new(control: Control) -> Self {
        ConstraintGuard { control }
    }

    /// Drops the foreign keys of and to `tables` and disables their user triggers, in one transaction with the record
    /// of them. Safe to call again.
    pub async fn take_down(&self, _client: &mut Client, _tables: &[PgPath]) -> Result<TakenDown> {
        let _ = &self.control;
        todo!()
    }

    /// Puts back everything that is recorded as taken down. Each object is its own transaction: after an error
    /// (such as rows that break a foreign key) mend its cause and call again.
    pub async fn restore(&self, _client: &mut Client) -> Result<Restored> {
        todo!()
    }
}
