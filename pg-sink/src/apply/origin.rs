use super::operation::Target;
use super::pipeline::Outcome;
use crate::{Error, ErrorKind, Result};
use cdc_logminer::{Change, Operation, Transaction};
use std::sync::Arc;

/// The change that a statement carries out.
#[derive(Clone)]
pub(super) struct Origin<'a> {
    pub(super) transaction: &'a Transaction,
    pub(super) change: Arc<Change>,
}

impl Origin<'_> {
    pub(super) fn place(&self, error: Error) -> Error {
        error.with_transaction(self.transaction.commit_scn, self.transaction.xid)
    }

    pub(super) fn check(&self, target: &Target, outcome: Outcome) -> Result<()> {
        match outcome {
            Ok(1) => Ok(()),
            Ok(rows) => Err(self.conflict(target, rows)),
            Err(e) => Err(self.failed(target, e)),
        }
    }

    pub(super) fn failed(&self, target: &Target, error: tokio_postgres::Error) -> Error {
        let db = error.as_db_error();
        let integrity = db.is_some_and(|db| db.code().code().starts_with("23"));
        let object = db.and_then(|db| db.constraint()).map(str::to_owned);
        let column = db.and_then(|db| db.column()).map(str::to_owned);
        let foreign = db.is_some_and(|db| db.code().code() == "23503");
        let mut doing = format!("{} of {}", self.verb(), target.describe(&self.change));
        if foreign {
            doing += " breaks a foreign key that acts while changes are applied: let the role set session_replication_role, \
                      or take foreign keys down first (`ConstraintGuard`)";
        }
        let mut error = Error::postgres(doing, error);
        if let Some(object) = object {
            error = error.with_object(object);
        }
        if let Some(column) = column {
            error = error.with_column(column);
        }
        let error = if integrity { error.with_kind(ErrorKind::Conflict) } else { error };
        self.place(error.with_table(&target.plan.target).with_row_id(self.change.row_id.as_deref()))
    }

    pub(super) fn conflict(&self, target: &Target, rows: u64) -> Error {
        let found = if rows == 0 { "no such row".to_owned() } else { format!("{rows} such rows instead of one") };
        let message = format!(
            "{} of {}: the target has {found}; {}",
            self.verb(),
            target.describe(&self.change),
            match target.plan.key.is_empty() && rows > 1 {
                true =>
                    "the table has no key, and the redo does not hold enough of the row to tell which it is (LOBs are never held): \
                     switch supplemental logging of all columns on (ALTER TABLE … ADD SUPPLEMENTAL LOG DATA (ALL) COLUMNS), or give it a key",
                false => "it was changed by something else, or not loaded at the SCN from which changes are applied",
            }
        );
        let error = Error::new(ErrorKind::Conflict, message).with_table(&target.plan.target);
        let error = if rows == 0 { error.with_row_missing() } else { error };
        self.place(error.with_row_id(self.change.row_id.as_deref()))
    }

    pub(super) fn verb(&self) -> &'static str {
        match self.change.operation {
            Operation::Insert { .. } => "insert",
            Operation::Update { .. } => "update",
            Operation::Delete { .. } => "delete",
            Operation::Truncate => "truncate",
            _ => "DDL",
        }
    }
}
