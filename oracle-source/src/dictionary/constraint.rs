use super::{Owner, malformed};
use crate::{Error, session::Record, sql::dictionary as sql};
use schema_map::{Constraint, ConstraintKind, ObjectPath, OnDelete, OracleIdent};
use std::collections::{BTreeSet, HashMap};

/// Constraints of all tables of a schema.
pub(super) struct Constraints {
    /// By table, each by kind, then name.
    by_table: HashMap<String, Vec<(u8, Constraint)>>,
    /// Indexes that keys use.
    pub(super) backing: BTreeSet<ObjectPath>,
}

impl Constraints {
    pub(super) fn read(owner: &mut Owner<'_, '_>) -> Result<Self, Error> {
        let mut columns: HashMap<String, Vec<OracleIdent>> = HashMap::new();
        for row in owner.query(sql::CONSTRAINT_COLUMNS)? {
            columns.entry(row.text(0)?.to_owned()).or_default().push(row.ident(1)?);
        }
        let mut referenced: HashMap<String, (ObjectPath, Vec<OracleIdent>)> = HashMap::new();
        for row in owner.query(sql::REFERENCED_COLUMNS)? {
            let path = ObjectPath { schema: row.ident(1)?, name: row.ident(2)? };
            referenced.entry(row.text(0)?.to_owned()).or_insert_with(|| (path, Vec::new())).1.push(row.ident(3)?);
        }
        let mut conditions: HashMap<String, String> = HashMap::new();
        for row in owner.query(sql::CONDITIONS)? {
            conditions.insert(row.text(0)?.to_owned(), row.get(1).unwrap_or_default().trim().to_owned());
        }
        let mut constraints = Constraints { by_table: HashMap::new(), backing: BTreeSet::new() };
        for row in owner.query(sql::CONSTRAINTS)? {
            let (table, name) = (row.text(0)?, row.text(1)?);
            if !owner.keeps(&owner.path(row.ident(0)?)) {
                continue;
            }
            if row.get(12).is_some() {
                let schema = if row.get(11).is_some() { row.ident(11)? } else { owner.schema.clone() };
                constraints.backing.insert(ObjectPath { schema, name: row.ident(12)? });
            }
            let key = columns.remove(name).unwrap_or_default();
            let kind = match row.text(2)? {
                "P" => (0, ConstraintKind::PrimaryKey { columns: key }),
                "U" => (1, ConstraintKind::Unique { columns: key }),
                "R" => {
                    let (references, referenced_columns) = referenced.remove(name).ok_or_else(|| {
                        malformed(format!(
                            "what foreign key {}.{name} of table {table} refers to cannot be seen: grant SELECT on it, \
                             or SELECT_CATALOG_ROLE",
                            owner.schema
                        ))
                    })?;
                    let on_delete = match row.get(5) {
                        Some("CASCADE") => OnDelete::Cascade,
                        Some("SET NULL") => OnDelete::SetNull,
                        _ => OnDelete::NoAction,
                    };
                    (2, ConstraintKind::ForeignKey { columns: key, references, referenced_columns, on_delete })
                }
                "C" => {
                    let condition = conditions.remove(name).unwrap_or_default();
                    // NULLABLE of the column says so already.
                    if is_plain(&row) && is_not_null(&condition, &key) {
                        continue;
                    }
                    (3, ConstraintKind::Check { condition })
                }
                other => {
                    return Err(malformed(format!("constraint {}.{name} has the type {other:?}", owner.schema)));
                }
            };
            let (rank, kind) = kind;
            constraints.by_table.entry(table.to_owned()).or_default().push((rank, with_states(&row, kind)?));
        }
        Ok(constraints)
    }

    /// Those of one table, taken out.
    pub(super) fn of_table(&mut self, table: &str) -> Vec<Constraint> {
        let mut of_table = self.by_table.remove(table).unwrap_or_default();
        // Stable: within a kind the order of the names stays.
        of_table.sort_by_key(|(rank, _)| *rank);
        of_table.into_iter().map(|(_, constraint)| constraint).collect()
    }
}

/// Whether it is enabled, validated and not deferrable, as a NOT NULL must be for NULLABLE to be `N`.
fn is_plain(row: &Record) -> bool {
    row.get(6) == Some("ENABLED") && row.get(9) == Some("VALIDATED") && row.get(7) != Some("DEFERRABLE")
}

fn with_states(row: &Record, kind: ConstraintKind) -> Result<Constraint, Error> {
    let generated = row.get(10) == Some("GENERATED NAME");
    Ok(Constraint {
        name: if generated { None } else { Some(row.ident(1)?) },
        kind,
        enabled: row.get(6) == Some("ENABLED"),
        validated: row.get(9) == Some("VALIDATED"),
        deferrable: row.get(7) == Some("DEFERRABLE"),
        initially_deferred: row.get(8) == Some("DEFERRED"),
    })
}

/// `"C" IS NOT NULL`, as Oracle writes the condition of a NOT NULL constraint.
fn is_not_null(condition: &str, columns: &[OracleIdent]) -> bool {
    match columns {
        [column] => condition
            .strip_prefix(&column.quoted())
            .is_some_and(|rest| rest.split_whitespace().eq(["IS", "NOT", "NULL"])),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn not_null_conditions() {
        let column = [OracleIdent::new("LAST_NAME").unwrap()];
        assert!(is_not_null("\"LAST_NAME\" IS NOT NULL", &column));
        // Written as a check by a person: not what NULLABLE tells.
        assert!(!is_not_null("last_name IS NOT NULL", &column));
        assert!(!is_not_null("\"LAST_NAME\" IS NOT NULL AND 1 = 1", &column));
        assert!(!is_not_null("\"LAST_NAME\" IS NOT NULL", &[]));
    }
}
