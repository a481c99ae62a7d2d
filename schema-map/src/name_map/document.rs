//! The map as it is written down.

use super::{ConstraintNames, NameMap, planner};
use crate::{NameError, ObjectKind, ObjectPath, OracleIdent, PgIdent, PgPath};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

const VERSION: u32 = 1;

const HEADER: &str = "\
# Names in Oracle (left) and in PostgreSQL (right), each as its own catalog stores it.
# What is changed here holds for the schema, the load, the changes that follow and the comparison.
";

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Document {
    version: u32,
    #[serde(default)]
    schemas: BTreeMap<OracleIdent, Schema>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Schema {
    target: PgIdent,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    sequences: BTreeMap<OracleIdent, PgIdent>,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    synonyms: BTreeMap<OracleIdent, PgIdent>,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    types: BTreeMap<OracleIdent, PgIdent>,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    indexes: BTreeMap<OracleIdent, Place>,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    views: BTreeMap<OracleIdent, View>,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    materialized_views: BTreeMap<OracleIdent, View>,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    tables: BTreeMap<OracleIdent, Table>,
}

/// An index lives in its table's schema, which need not be that of its owner.
#[derive(Serialize, Deserialize)]
#[serde(untagged)]
enum Place {
    Here(PgIdent),
    Elsewhere(PgPath),
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct View {
    target: PgIdent,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    columns: BTreeMap<OracleIdent, PgIdent>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Table {
    target: PgIdent,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    columns: BTreeMap<OracleIdent, PgIdent>,
    /// Primary keys and unique constraints.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    keys: BTreeMap<OracleIdent, PgIdent>,
    /// Foreign keys and checks.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    constraints: BTreeMap<OracleIdent, PgIdent>,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    unnamed_keys: BTreeMap<String, PgIdent>,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    unnamed_constraints: BTreeMap<String, PgIdent>,
}

pub(super) fn to_toml(map: &NameMap) -> String {
    // Every part of a document is a table, a string or a number: there is nothing that TOML cannot hold.
    let body = toml::to_string_pretty(&Document::from(map.clone())).expect("a document can be written");
    format!("{HEADER}{body}")
}

pub(super) fn from_toml(text: &str) -> Result<NameMap, NameError> {
    let document: Document = toml::from_str(text).map_err(|e| NameError::Map(e.to_string().trim_end().to_owned()))?;
    NameMap::try_from(document)
}

pub(super) fn to_json(map: &NameMap) -> String {
    // As with TOML: every key is a string.
    serde_json::to_string_pretty(&Document::from(map.clone())).expect("a document can be written")
}

pub(super) fn from_json(text: &str) -> Result<NameMap, NameError> {
    let document: Document = serde_json::from_str(text).map_err(|e| NameError::Map(e.to_string()))?;
    NameMap::try_from(document)
}

impl From<NameMap> for Document {
    fn from(map: NameMap) -> Self {
        let mut schemas: BTreeMap<OracleIdent, Schema> = map
            .schemas
            .into_iter()
            .map(|(source, target)| {
                let schema = Schema {
                    target,
                    tables: BTreeMap::new(),
                    views: BTreeMap::new(),
                    materialized_views: BTreeMap::new(),
                    types: BTreeMap::new(),
                    indexes: BTreeMap::new(),
                    sequences: BTreeMap::new(),
                    synonyms: BTreeMap::new(),
                };
                (source, schema)
            })
            .collect();
        let (mut columns, mut constraints) = (map.columns, map.constraints);
        for (kind, objects) in map.objects {
            for (path, target) in objects {
                let Some(schema) = schemas.get_mut(&path.schema) else { continue };
                let name = path.name.clone();
                match kind {
                    ObjectKind::Table => {
                        let names = constraints.remove(&path).unwrap_or_default();
                        let table = Table {
                            target: target.name,
                            columns: columns.remove(&path).unwrap_or_default(),
                            keys: names.keys,
                            constraints: names.others,
                            unnamed_keys: names.unnamed_keys,
                            unnamed_constraints: names.unnamed_others,
                        };
                        schema.tables.insert(name, table);
                    }
                    ObjectKind::View | ObjectKind::MaterializedView => {
                        let columns = columns.remove(&path).unwrap_or_default();
                        let view = View { target: target.name, columns };
                        match kind {
                            ObjectKind::View => drop(schema.views.insert(name, view)),
                            _ => drop(schema.materialized_views.insert(name, view)),
                        }
                    }
                    ObjectKind::Type => drop(schema.types.insert(name, target.name)),
                    ObjectKind::Index => {
                        let here = target.schema == schema.target;
                        schema
                            .indexes
                            .insert(name, if here { Place::Here(target.name) } else { Place::Elsewhere(target) });
                    }
                    ObjectKind::Sequence => drop(schema.sequences.insert(name, target.name)),
                    ObjectKind::Synonym => drop(schema.synonyms.insert(name, target.name)),
                    // Constraints are with their tables; nothing else is in a map.
                    ObjectKind::Constraint
                    | ObjectKind::Schema
                    | ObjectKind::Code
                    | ObjectKind::Grant
                    | ObjectKind::Helper => {}
                }
            }
        }
        Document { version: VERSION, schemas }
    }
}

impl TryFrom<Document> for NameMap {
    type Error = NameError;

    fn try_from(document: Document) -> Result<Self, NameError> {
        if document.version != VERSION {
            let found = document.version;
            return Err(NameError::Map(format!("version {found} is not known here, only {VERSION} is")));
        }
        let mut map = NameMap::default();
        for (source, schema) in document.schemas {
            let Schema { target, tables, views, materialized_views, indexes, sequences, synonyms, types } = schema;
            let path = |name: OracleIdent| ObjectPath { schema: source.clone(), name };
            let place = |name: PgIdent| PgPath { schema: target.clone(), name };
            let mut put = |kind, name: OracleIdent, target: PgPath| {
                map.objects.entry(kind).or_default().insert(path(name), target);
            };
            for (name, target) in sequences {
                put(ObjectKind::Sequence, name, place(target));
            }
            for (name, target) in synonyms {
                put(ObjectKind::Synonym, name, place(target));
            }
            for (name, target) in types {
                put(ObjectKind::Type, name, place(target));
            }
            for (name, target) in indexes {
                let target = match target {
                    Place::Here(name) => place(name),
                    Place::Elsewhere(path) => path,
                };
                put(ObjectKind::Index, name, target);
            }
            for (kind, views) in [(ObjectKind::View, views), (ObjectKind::MaterializedView, materialized_views)] {
                for (name, view) in views {
                    if !view.columns.is_empty() {
                        map.columns.insert(path(name.clone()), view.columns);
                    }
                    map.objects.entry(kind).or_default().insert(path(name), place(view.target));
                }
            }
            for (name, table) in tables {
                map.objects.entry(ObjectKind::Table).or_default().insert(path(name.clone()), place(table.target));
                if !table.columns.is_empty() {
                    map.columns.insert(path(name.clone()), table.columns);
                }
                for (key, constraints) in [(true, table.keys), (false, table.constraints)] {
                    for (constraint, target) in constraints {
                        let known = ObjectPath { schema: source.clone(), name: constraint.clone() };
                        if map.object(ObjectKind::Constraint, &known).is_some() {
                            return Err(NameError::Map(format!("constraint {known} is there twice")));
                        }
                        map.insert_constraint(&path(name.clone()), &constraint, key, target);
                    }
                }
                if !(table.unnamed_keys.is_empty() && table.unnamed_constraints.is_empty()) {
                    let names: &mut ConstraintNames = map.constraints.entry(path(name)).or_default();
                    names.unnamed_keys = table.unnamed_keys;
                    names.unnamed_others = table.unnamed_constraints;
                }
            }
            map.schemas.insert(source, target);
        }
        planner::validate(&map, None)?;
        Ok(map)
    }
}
