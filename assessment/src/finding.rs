//! What a person should read before the migration.

use schema_map::{Catalog, NameError, NameMap, ObjectKind, ObjectPath, OracleIdent, Table};
use serde::{Deserialize, Serialize};
use type_convert::OracleType;

/// Something about one object.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Finding {
    /// How bad it is.
    pub severity: Severity,
    /// What it is about.
    pub topic: Topic,
    /// `OWNER.NAME`, or `OWNER.TABLE.COLUMN`; empty where it is about the whole schema.
    pub object: String,
    /// What is so, and what to do about it.
    pub text: String,
}

/// How bad a finding is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum Severity {
    /// The migration stops here until somebody decides.
    Blocker,
    /// Something is not moved, or not the same afterwards.
    Loss,
    /// Good to know.
    Note,
}

/// What a finding is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Topic {
    /// Names in PostgreSQL.
    Name,
    /// A column's type.
    ColumnType,
    /// How rows are told apart.
    Key,
    /// An object that is not converted, or not in full.
    Conversion,
    /// A constraint's state.
    Constraint,
}

impl Finding {
    pub(crate) fn new(severity: Severity, topic: Topic, object: impl ToString, text: impl Into<String>) -> Self {
        Finding { severity, topic, object: object.to_string(), text: text.into() }
    }
}

/// Columns whose values PostgreSQL keeps less of, whatever their values are.
pub(crate) fn lossy_columns(table: &Table, findings: &mut Vec<Finding>) {
    for column in table.columns.iter().filter(|column| column.virtual_expression.is_none()) {
        if let Some(text) = loss(&column.oracle_type) {
            let object = format!("{}.{}", table.path, column.name);
            let text = format!("{}: {text}", column.oracle_type);
            findings.push(Finding::new(Severity::Loss, Topic::ColumnType, object, text));
        }
    }
}

fn loss(oracle_type: &OracleType) -> Option<&'static str> {
    match oracle_type {
        OracleType::Timestamp { precision: 7.. } | OracleType::IntervalDs { second_precision: 7.., .. } => {
            Some("PostgreSQL keeps 6 digits of a second; rows with more are refused unless the loss policy rounds them")
        }
        OracleType::TimestampTz { precision: 7.. } => Some(
            "PostgreSQL keeps the instant, not the zone, and 6 digits of a second; rows with more digits are refused unless the loss policy rounds them",
        ),
        OracleType::TimestampTz { .. } => Some("PostgreSQL keeps the instant, not the time zone it was entered with"),
        OracleType::TimestampLtz { precision: 7.. } => {
            Some("PostgreSQL keeps 6 digits of a second; rows with more are refused unless the loss policy rounds them")
        }
        OracleType::RowId | OracleType::URowId { .. } => {
            Some("kept as text; it points to no row any more once the data is in PostgreSQL")
        }
        OracleType::BFile => {
            Some("kept as text, the locator alone; the file stays outside the database and is moved by other means")
        }
        _ => None,
    }
}

/// Constraints that promise less than they seem to.
pub(crate) fn weak_constraints(table: &Table, findings: &mut Vec<Finding>) {
    for constraint in &table.constraints {
        let name = constraint.name.as_ref().map_or("without a name", OracleIdent::as_str);
        let text = match (constraint.enabled, constraint.validated) {
            (false, _) => format!("constraint {name} is disabled: rows may be there that break it"),
            (true, false) => format!("constraint {name} is not validated: older rows may break it"),
            (true, true) => continue,
        };
        findings.push(Finding::new(Severity::Note, Topic::Constraint, &table.path, text));
    }
}

/// Names that are not simply Oracle's in the other case.
pub(crate) fn changed_names(catalog: &Catalog, names: &NameMap, findings: &mut Vec<Finding>) {
    let mut note = |object: String, from: &OracleIdent, to: Option<&str>| {
        if let Some(to) = to.filter(|to| !to.eq_ignore_ascii_case(from.as_str())) {
            findings.push(Finding::new(
                Severity::Note,
                Topic::Name,
                object,
                format!("it is called {to} in PostgreSQL"),
            ));
        }
    };
    let object = |kind, path: &ObjectPath| names.object(kind, path).map(|target| target.name.as_str());
    for table in &catalog.tables {
        note(table.path.to_string(), &table.path.name, object(ObjectKind::Table, &table.path));
        for column in &table.columns {
            let target = names.column(&table.path, &column.name).map(|target| target.as_str());
            note(format!("{}.{}", table.path, column.name), &column.name, target);
        }
        for (position, constraint) in table.constraints.iter().enumerate() {
            if let Some(name) = &constraint.name {
                let target = names.constraint(table, position).map(|target| target.as_str());
                note(format!("{}, constraint {name}", table.path), name, target);
            }
        }
    }
    for index in catalog.indexes.iter().filter(|index| !index.backs_constraint) {
        note(index.path.to_string(), &index.path.name, object(ObjectKind::Index, &index.path));
    }
    for sequence in &catalog.sequences {
        note(sequence.path.to_string(), &sequence.path.name, object(ObjectKind::Sequence, &sequence.path));
    }
    for view in &catalog.views {
        note(view.path.to_string(), &view.path.name, object(ObjectKind::View, &view.path));
    }
}

/// Why there is no name map.
pub(crate) fn unnamed(error: &NameError) -> Vec<Finding> {
    let texts = match error {
        NameError::Collisions(collisions) => collisions.clone(),
        other => vec![other.to_string()],
    };
    texts.into_iter().map(|text| Finding::new(Severity::Blocker, Topic::Name, "", text)).collect()
}
