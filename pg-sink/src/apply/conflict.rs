use super::catalog::IndexFacts;
use crate::{Error, ErrorKind};
use cdc_logminer::{Change, Operation};
use serde::Deserialize;
use std::fmt;

/// How a change does not fit the target.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum ConflictKind {
    /// An insert meets a row with its key.
    InsertExists,
    /// An update finds no row.
    UpdateMissing,
    /// A delete finds no row.
    DeleteMissing,
    /// An update or delete would hit more than one row.
    ManyRows,
    /// The row breaks a constraint of the target: NOT NULL, CHECK, another unique key, a foreign key.
    Constraint,
    /// A value does not fit its column.
    Value,
}

/// What is done about a change that does not fit. In a configuration: `stop`, `skip`, `overwrite`, `quarantine`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum ConflictAction {
    /// The batch is undone and the error goes to the caller.
    #[default]
    Stop,
    /// The change is left out, and recorded in the table `exception`.
    Skip,
    /// The source is right: the row that is there gets the insert's values, an update without a row becomes an insert (where the redo holds
    /// all columns of the row; else it stops), a delete without a row is done. Recorded as well.
    Overwrite,
    /// The whole transaction of the source is left out; each of its changes is recorded.
    Quarantine,
}

/// What is done about each kind of conflict. Everything stops unless said otherwise, in a configuration too, where the fields have their
/// names from here.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct ConflictPolicy {
    /// For [`ConflictKind::InsertExists`].
    pub insert_exists: ConflictAction,
    /// For [`ConflictKind::UpdateMissing`].
    pub update_missing: ConflictAction,
    /// For [`ConflictKind::DeleteMissing`].
    pub delete_missing: ConflictAction,
    /// For [`ConflictKind::ManyRows`].
    pub many_rows: ConflictAction,
    /// For [`ConflictKind::Constraint`].
    pub constraint: ConflictAction,
    /// For [`ConflictKind::Value`].
    pub value: ConflictAction,
    /// How many rows of the table `exception` a table may have, those of earlier runs included; what would be one more stops.
    pub max_exceptions: Option<u64>,
}

impl ConflictPolicy {
    /// The same for every kind.
    pub fn all(action: ConflictAction) -> Self {
        ConflictPolicy {
            insert_exists: action,
            update_missing: action,
            delete_missing: action,
            many_rows: action,
            constraint: action,
            value: action,
            max_exceptions: None,
        }
    }

    /// Whether no conflict is ever passed over.
    pub(super) fn always_stops(&self) -> bool {
        *self == ConflictPolicy { max_exceptions: self.max_exceptions, ..ConflictPolicy::default() }
    }

    /// What is done about this kind.
    pub fn action(&self, kind: ConflictKind) -> ConflictAction {
        match kind {
            ConflictKind::InsertExists => self.insert_exists,
            ConflictKind::UpdateMissing => self.update_missing,
            ConflictKind::DeleteMissing => self.delete_missing,
            ConflictKind::ManyRows => self.many_rows,
            ConflictKind::Constraint => self.constraint,
            ConflictKind::Value => self.value,
        }
    }
}

impl ConflictKind {
    /// As the table `exception` has it, e.g. `insert_exists`.
    pub fn as_str(self) -> &'static str {
        match self {
            ConflictKind::InsertExists => "insert_exists",
            ConflictKind::UpdateMissing => "update_missing",
            ConflictKind::DeleteMissing => "delete_missing",
            ConflictKind::ManyRows => "many_rows",
            ConflictKind::Constraint => "constraint",
            ConflictKind::Value => "value",
        }
    }
}

impl fmt::Display for ConflictKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            ConflictKind::InsertExists => "an insert meets a row with its key",
            ConflictKind::UpdateMissing => "an update finds no row",
            ConflictKind::DeleteMissing => "a delete finds no row",
            ConflictKind::ManyRows => "more than one row is hit",
            ConflictKind::Constraint => "a constraint is violated",
            ConflictKind::Value => "a value is refused",
        })
    }
}

impl ConflictAction {
    pub(super) fn done(self) -> &'static str {
        match self {
            ConflictAction::Stop => "stopped",
            ConflictAction::Skip => "skipped",
            ConflictAction::Overwrite => "overwritten",
            ConflictAction::Quarantine => "quarantined",
        }
    }
}

/// What kind of conflict an error about one change is; `None`: it is none, and no policy has a say.
pub(super) fn conflict_of(error: &Error, change: &Change, indexes: &IndexFacts) -> Option<ConflictKind> {
    if error.is_transient() {
        return None;
    }
    let Some(code) = error.sql_state() else {
        return match error.kind() {
            ErrorKind::Value => Some(ConflictKind::Value),
            ErrorKind::Conflict if error.is_row_missing() => match change.operation {
                Operation::Update { .. } => Some(ConflictKind::UpdateMissing),
                Operation::Delete { .. } => Some(ConflictKind::DeleteMissing),
                _ => None,
            },
            ErrorKind::Conflict => Some(ConflictKind::ManyRows),
            _ => None,
        };
    };
    match code {
        "23505" if matches!(change.operation, Operation::Insert { .. }) => {
            let by_key = error.object().is_some_and(|name| indexes.key_names.contains(name));
            Some(if by_key { ConflictKind::InsertExists } else { ConflictKind::Constraint })
        }
        _ if code.starts_with("23") || code.starts_with("44") => Some(ConflictKind::Constraint),
        _ if code.starts_with("22") => Some(ConflictKind::Value),
        _ => None,
    }
}

/// Why, without any value of the row: the server's own words may hold some.
pub(super) fn reason(kind: ConflictKind, error: &Error) -> String {
    let mut reason = kind.to_string();
    if let Some(object) = error.object() {
        reason += &format!(": {object}");
    }
    if let Some(column) = error.column() {
        reason += &format!(", column {column}");
    }
    if let Some(code) = error.sql_state() {
        reason += &format!(" (SQLSTATE {code})");
    }
    reason
}
