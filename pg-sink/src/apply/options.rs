use super::conflict::{ConflictAction, ConflictKind, ConflictPolicy};
use super::newer_rows::NewerRows;
use crate::{Error, ErrorKind, Result};
use schema_map::ObjectPath;
use std::collections::HashMap;

/// How an [`Applier`](crate::Applier) works. Every field has a default that serves.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct ApplyOptions {
    /// Whether each commit waits until it is on disk (default). Where not, a crash of the server may lose the last batches, rows,
    /// counters and position together, so that they are applied again; [`Applier::durable_position`](crate::Applier::durable_position)
    /// says what it cannot lose any more.
    pub synchronous_commit: bool,
    /// From how many rows of one table and kind on (updates: of the same columns) a statement for all of them is used.
    /// What is fewer goes row by row. 0 and 1 are "always"; [`usize::MAX`] is "never": every change is then applied in the order of
    /// the source. 3 unless set: measured, see the benches.
    pub set_rows: usize,
    /// From how many rows on those that are inserted go by COPY into the table itself, where it has no other unique index than the key's, no rules and no
    /// row-level security. [`usize::MAX`] is "never", and the default: it takes less of the server's time from some 2000 rows on (measured, see the benches), but the
    /// client waits for the server meanwhile, which costs more where both have a core. There is no such way for updates and deletes: COPY into a
    /// staging table and a statement from there gain nothing before ten times as many rows.
    pub copy_rows: usize,
    /// Rows whose net changes are gathered before they are sent, within the one PostgreSQL transaction: what bounds memory, whatever
    /// size the source's transactions have. 50 000 unless set.
    pub flush_rows: usize,
    /// After so many more rows those are sent already that only one change met, so that the server works while others are gathered. 32 768
    /// unless set: fewer lie farther apart in the table, which costs the server more, and more leave it idle. A batch begins with an eighth of it, and
    /// doubles until it is there. [`usize::MAX`] is "never".
    pub early_rows: usize,
    /// Bytes of them, likewise. 16 MiB unless set.
    pub flush_bytes: usize,
    /// What is done about changes that do not fit the target.
    pub conflicts: ConflictPolicy,
    /// The same for single tables of the source, in place of `conflicts`.
    pub table_conflicts: HashMap<ObjectPath, ConflictPolicy>,
    /// Rows that were loaded as of a newer SCN than the rest: changes that they have already are left out, row by row.
    pub newer_rows: Vec<NewerRows>,
}

impl Default for ApplyOptions {
    fn default() -> Self {
        ApplyOptions {
            synchronous_commit: true,
            set_rows: 3,
            copy_rows: usize::MAX,
            flush_rows: 50_000,
            early_rows: 32_768,
            flush_bytes: 16 << 20,
            conflicts: ConflictPolicy::default(),
            table_conflicts: HashMap::new(),
            newer_rows: Vec::new(),
        }
    }
}

impl ApplyOptions {
    /// The policy for a table of the source.
    pub fn conflicts_of(&self, table: &ObjectPath) -> &ConflictPolicy {
        self.table_conflicts.get(table).unwrap_or(&self.conflicts)
    }

    /// [`ErrorKind::Plan`] where a policy cannot be followed: only a row that is there or missing can be overwritten.
    pub fn check(&self) -> Result<()> {
        for policy in self.table_conflicts.values().chain([&self.conflicts]) {
            for kind in [ConflictKind::ManyRows, ConflictKind::Constraint, ConflictKind::Value] {
                if policy.action(kind) == ConflictAction::Overwrite {
                    let message = format!("nothing can be overwritten where {kind}: stop, skip or quarantine instead");
                    return Err(Error::new(ErrorKind::Plan, message));
                }
            }
        }
        Ok(())
    }
}
