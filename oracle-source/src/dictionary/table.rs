use super::{Comments, Owner, malformed};
use crate::{Error, sql};
use schema_map::{Column, Constraint, ConstraintKind, Identity, ObjectPath, OnDelete, OracleIdent, Table, TableKind};
use std::collections::{BTreeMap, BTreeSet};
use type_convert::{DictionaryType, OracleType};

/// A column of a table or view.
pub(super) struct ColumnRow {
    pub(super) name: OracleIdent,
    oracle_type: OracleType,
    nullable: bool,
    is_virtual: bool,
    default: Option<String>,
}

/// Columns of all tables and views of a schema, by table.
pub(super) fn columns(owner: &Owner<'_>) -> Result<BTreeMap<String, Vec<ColumnRow>>, Error> {
    let mut columns: BTreeMap<String, Vec<ColumnRow>> = BTreeMap::new();
    for row in owner.query("ALL_TAB_COLS", sql::COLUMNS)? {
        let (table, name) = (row.text(0)?.to_owned(), row.ident(1)?);
        let described = DictionaryType {
            // A column of a type that no longer exists has none.
            data_type: row.get(2).unwrap_or("UNDEFINED"),
            data_type_owner: row.get(3),
            data_length: row.required(4)?,
            data_precision: row.number(5)?,
            data_scale: row.number(6)?,
            char_length: row.number(7)?,
            char_used: row.get(8),
        };
        let oracle_type = OracleType::from_dictionary(&described)
            .map_err(|e| malformed(format!("column {}.{table}.{name}: {e}", owner.schema)))?;
        columns.entry(table).or_default().push(ColumnRow {
            name,
            oracle_type,
            nullable: row.get(9) != Some("N"),
            is_virtual: row.get(10) == Some("YES"),
            default: row.get(11).map(str::trim).filter(|text| !text.is_empty()).map(str::to_owned),
        });
    }
    Ok(columns)
}

pub(super) fn tables(
    owner: &Owner<'_>,
    columns: &mut BTreeMap<String, Vec<ColumnRow>>,
    comments: &mut Comments,
    filter: &dyn Fn(&ObjectPath) -> bool,
) -> Result<Vec<Table>, Error> {
    let external: BTreeSet<String> = owner
        .query("ALL_EXTERNAL_TABLES", sql::EXTERNAL_TABLES)?
        .iter()
        .map(|row| row.text(0).map(str::to_owned))
        .collect::<Result<_, _>>()?;
    let identities = identities(owner)?;
    let mut constraints = constraints(owner)?;
    let mut tables = Vec::new();
    for row in owner.query("ALL_TABLES", sql::TABLES)? {
        let path = owner.path(row.ident(0)?);
        let name = path.name.as_str();
        let kind = match (row.get(1), row.get(2)) {
            (Some("IOT_OVERFLOW" | "IOT_MAPPING"), _) => continue,
            _ if row.get(3) == Some("YES") || row.get(4) == Some("Y") => continue,
            // Log and update tables of materialized views.
            _ if name.starts_with("MLOG$_") || name.starts_with("RUPD$_") => continue,
            _ if external.contains(name) => TableKind::External,
            (Some("IOT"), _) => TableKind::IndexOrganized,
            (_, Some("Y")) => TableKind::GlobalTemporary,
            _ => TableKind::Heap,
        };
        if !filter(&path) {
            continue;
        }
        let columns = columns.remove(name).unwrap_or_default().into_iter().map(|column| {
            let key = (name.to_owned(), column.name.as_str().to_owned());
            let identity = identities.get(&key).copied();
            let (default, virtual_expression) = match (column.is_virtual, identity) {
                (true, _) => (None, column.default),
                // The default of an identity column is its own sequence.
                (_, Some(_)) => (None, None),
                _ => (column.default, None),
            };
            Column {
                oracle_type: column.oracle_type,
                nullable: column.nullable,
                default,
                virtual_expression,
                identity,
                identity_options: None,
                default_on_null: false,
                invisible: false,
                comment: comments.columns.remove(&key),
                name: column.name,
            }
        });
        tables.push(Table {
            kind,
            columns: columns.collect(),
            constraints: constraints.remove(name).unwrap_or_default(),
            comment: comments.tables.remove(name),
            partitioning: None,
            remarks: Vec::new(),
            path,
        });
    }
    Ok(tables)
}

fn identities(owner: &Owner<'_>) -> Result<BTreeMap<(String, String), Identity>, Error> {
    let mut identities = BTreeMap::new();
    let version = owner.session.server_version();
    if (version.major, version.minor) < (12, 1) {
        return Ok(identities);
    }
    for row in owner.query("ALL_TAB_IDENTITY_COLS", sql::IDENTITY_COLUMNS)? {
        let identity = if row.get(2) == Some("ALWAYS") { Identity::Always } else { Identity::ByDefault };
        identities.insert((row.text(0)?.to_owned(), row.text(1)?.to_owned()), identity);
    }
    Ok(identities)
}

/// Constraints of all tables of a schema, by table.
fn constraints(owner: &Owner<'_>) -> Result<BTreeMap<String, Vec<Constraint>>, Error> {
    let mut columns: BTreeMap<String, Vec<OracleIdent>> = BTreeMap::new();
    for row in owner.query("ALL_CONS_COLUMNS", sql::CONSTRAINT_COLUMNS)? {
        columns.entry(row.text(0)?.to_owned()).or_default().push(row.ident(1)?);
    }
    let mut referenced: BTreeMap<String, (ObjectPath, Vec<OracleIdent>)> = BTreeMap::new();
    for row in owner.query("ALL_CONSTRAINTS", sql::REFERENCED_COLUMNS)? {
        let path = ObjectPath { schema: row.ident(1)?, name: row.ident(2)? };
        referenced.entry(row.text(0)?.to_owned()).or_insert_with(|| (path, Vec::new())).1.push(row.ident(3)?);
    }
    let mut constraints: BTreeMap<String, Vec<(u8, Constraint)>> = BTreeMap::new();
    for row in owner.query("ALL_CONSTRAINTS", sql::CONSTRAINTS)? {
        let (table, name) = (row.text(0)?, row.text(1)?);
        let key = columns.remove(name).unwrap_or_default();
        let (enabled, validated) = (row.get(6) == Some("ENABLED"), row.get(9) == Some("VALIDATED"));
        let (rank, kind) = match row.text(2)? {
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
                let condition = row.get(13).unwrap_or_default().trim();
                // NULLABLE of the column says so already.
                if enabled && validated && is_not_null(condition, &key) {
                    continue;
                }
                (3, ConstraintKind::Check { condition: condition.to_owned() })
            }
            other => return Err(malformed(format!("constraint {}.{name} has the type {other:?}", owner.schema))),
        };
        let generated = row.get(10) == Some("GENERATED NAME");
        let constraint = Constraint {
            name: if generated { None } else { Some(row.ident(1)?) },
            kind,
            enabled,
            validated,
            deferrable: row.get(7) == Some("DEFERRABLE"),
            initially_deferred: row.get(8) == Some("DEFERRED"),
        };
        constraints.entry(table.to_owned()).or_default().push((rank, constraint));
    }
    Ok(constraints
        .into_iter()
        .map(|(table, mut of_table)| {
            // Stable: within a kind the order of the names stays.
            of_table.sort_by_key(|(rank, _)| *rank);
            (table, of_table.into_iter().map(|(_, constraint)| constraint).collect())
        })
        .collect())
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
