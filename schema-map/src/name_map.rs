mod apart;
mod case_rule;
mod change;
mod document;
mod existing;
mod planner;

use crate::{Catalog, Constraint, ConstraintKind, IdentError, ObjectPath, OracleIdent, PgIdent, PgPath, Table};
pub(crate) use case_rule::shortened;
pub use case_rule::{ByCase, CaseRule};
pub use existing::{ExistingTable, Target};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// What a name is the name of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum ObjectKind {
    /// A schema.
    Schema,
    /// A table.
    Table,
    /// An index.
    Index,
    /// A sequence.
    Sequence,
    /// A view.
    View,
    /// A materialized view.
    #[serde(rename = "materialized_view")]
    MaterializedView,
    /// An object or collection type.
    Type,
    /// A synonym.
    Synonym,
    /// A table constraint.
    Constraint,
    /// Procedures, functions, packages, triggers.
    Code,
    /// Rights on an object.
    Grant,
    /// A function of our own that stands in for one of Oracle's.
    Helper,
}

impl ObjectKind {
    /// The noun, in lower case.
    pub fn noun(self) -> &'static str {
        match self {
            ObjectKind::Schema => "schema",
            ObjectKind::Table => "table",
            ObjectKind::Index => "index",
            ObjectKind::Sequence => "sequence",
            ObjectKind::View => "view",
            ObjectKind::MaterializedView => "materialized view",
            ObjectKind::Type => "type",
            ObjectKind::Synonym => "synonym",
            ObjectKind::Constraint => "constraint",
            ObjectKind::Code => "stored code",
            ObjectKind::Grant => "grant",
            ObjectKind::Helper => "helper function",
        }
    }
}

/// Decides names; [`CaseRule`] and [`ByCase`] are the usual ones, an embedder may bring another.
///
/// It is asked once for each name, while a map is planned; what it answers is checked there.
pub trait NamePolicy {
    /// The PostgreSQL schema for an Oracle one.
    fn schema(&self, schema: &OracleIdent) -> Result<PgIdent, NameError>;
    /// The name of an object within its schema.
    fn object(&self, kind: ObjectKind, path: &ObjectPath) -> Result<PgIdent, NameError>;
    /// The name of a column within its table.
    fn column(&self, table: &ObjectPath, column: &OracleIdent) -> Result<PgIdent, NameError>;
}

impl<T: NamePolicy + ?Sized> NamePolicy for &T {
    fn schema(&self, schema: &OracleIdent) -> Result<PgIdent, NameError> {
        (**self).schema(schema)
    }
    fn object(&self, kind: ObjectKind, path: &ObjectPath) -> Result<PgIdent, NameError> {
        (**self).object(kind, path)
    }
    fn column(&self, table: &ObjectPath, column: &OracleIdent) -> Result<PgIdent, NameError> {
        (**self).column(table, column)
    }
}

impl<T: NamePolicy + ?Sized> NamePolicy for Box<T> {
    fn schema(&self, schema: &OracleIdent) -> Result<PgIdent, NameError> {
        (**self).schema(schema)
    }
    fn object(&self, kind: ObjectKind, path: &ObjectPath) -> Result<PgIdent, NameError> {
        (**self).object(kind, path)
    }
    fn column(&self, table: &ObjectPath, column: &OracleIdent) -> Result<PgIdent, NameError> {
        (**self).column(table, column)
    }
}

/// Names that cannot be decided.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum NameError {
    /// The target schema's name has letters of both cases, which says nothing about its tables.
    #[error(
        "target schema {0:?} has upper-case and lower-case letters: choose a case rule (lower or upper) or name each object in a name map"
    )]
    MixedCase(String),
    /// Not an identifier, or one that PostgreSQL reserves.
    #[error(transparent)]
    Ident(#[from] IdentError),
    /// Several objects would get one name.
    #[error("several objects would share a name, give all but one another name in the name map: {}", .0.join("; "))]
    Collisions(Vec<String>),
    /// A saved map that cannot be read, or does not fit the catalog.
    #[error("name map: {0}")]
    Map(String),
    /// What the catalog holds and the map does not name.
    #[error("the name map lacks {}: add the names or plan the map again", .0.join(", "))]
    Missing(Vec<String>),
    /// Existing tables or columns whose names differ by case only, none of them spelled as planned.
    #[error("names in the target differ by case only, write the one that is meant into the name map: {}", .0.join("; "))]
    Ambiguous(Vec<String>),
    /// A target schema with tables in it that are not the ones to be filled.
    #[error(
        "target schema {schema:?} is not empty and does not match: missing {}; there already {}: empty it, choose another, or make the tables that are missing",
        list(.missing), list(.extra)
    )]
    NotMatching {
        /// The target schema.
        schema: String,
        /// Tables and columns that the migration needs and that are not there.
        missing: Vec<String>,
        /// Tables that are there.
        extra: Vec<String>,
    },
}

/// The first few of many, for an error that a person reads.
fn list(names: &[String]) -> String {
    const SHOWN: usize = 20;
    match names.len() {
        0 => "nothing".to_owned(),
        n if n <= SHOWN => names.join(", "),
        n => format!("{} and {} more", names[..SHOWN].join(", "), n - SHOWN),
    }
}

/// A name that [`NameMap::plan_apart`] made other than its policy said.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Renamed {
    /// What it is, a column is said as its table.
    pub kind: ObjectKind,
    /// The Oracle object.
    pub source: ObjectPath,
    /// The name that was taken.
    pub from: String,
    /// The name that it has now.
    pub to: String,
}

/// Every name, decided once: DDL, COPY, apply, verify and cutover all read this map.
///
/// A map is planned from a catalog ([`plan`](NameMap::plan), [`plan_by_case`](NameMap::plan_by_case)), can be saved
/// as TOML, edited and read again, and then be completed for a catalog that has grown
/// ([`plan_over`](NameMap::plan_over)). Whatever its origin, no two names in it collide where PostgreSQL shares a
/// namespace: tables, indexes, sequences, views and the indexes behind primary keys and unique constraints share
/// one for each schema; constraints one for each table; columns one for each table.
///
/// Names longer than 63 bytes are shortened to 54 bytes or less, at a character boundary, followed by `_` and eight
/// hexadecimal digits: the low half of the 64-bit XXH3 hash (seed 0) of the full name's UTF-8. The digits are
/// the same in every version.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(try_from = "document::Document", into = "document::Document")]
pub struct NameMap {
    schemas: BTreeMap<OracleIdent, PgIdent>,
    /// Tables, views, indexes, sequences, synonyms and the constraints that have a name.
    objects: BTreeMap<ObjectKind, BTreeMap<ObjectPath, PgPath>>,
    /// Of tables and views.
    columns: BTreeMap<ObjectPath, BTreeMap<OracleIdent, PgIdent>>,
    /// Of tables.
    constraints: BTreeMap<ObjectPath, ConstraintNames>,
}

/// The names of one table's constraints.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
struct ConstraintNames {
    /// Primary keys and unique constraints, whose indexes share the schema's namespace.
    keys: BTreeMap<OracleIdent, PgIdent>,
    /// Foreign keys and checks.
    others: BTreeMap<OracleIdent, PgIdent>,
    /// Keys that Oracle named itself, by their definition.
    unnamed_keys: BTreeMap<String, PgIdent>,
    /// Foreign keys and checks that Oracle named itself, by their definition.
    unnamed_others: BTreeMap<String, PgIdent>,
}

impl NameMap {
    /// Decides all names of `catalog`, and finds every collision.
    pub fn plan(catalog: &Catalog, policy: &dyn NamePolicy) -> Result<Self, NameError> {
        Self::plan_over(catalog, policy, &NameMap::default())
    }

    /// Like [`plan`](NameMap::plan), but what `given` already names keeps that name, whether or not `catalog` has
    /// it: the way to complete a map that was saved, edited or written by hand.
    pub fn plan_over(catalog: &Catalog, policy: &dyn NamePolicy, given: &NameMap) -> Result<Self, NameError> {
        planner::plan(catalog, policy, given)
    }

    /// The usual plan: each Oracle schema goes to the PostgreSQL schema given for it, objects by `rule`,
    /// or where that is `None` by the rule that the target schema's name implies.
    pub fn plan_by_case(
        catalog: &Catalog,
        schemas: &[(OracleIdent, PgIdent)],
        rule: Option<CaseRule>,
    ) -> Result<Self, NameError> {
        let policy = ByCase::new(schemas, rule);
        policy.check_rules()?;
        Self::plan(catalog, &policy)
    }

    /// Like [`plan_over`](NameMap::plan_over), but where names that `policy` made collide, all but one get another name: a
    /// number behind it. Tables keep theirs before views, types, sequences, keys, indexes and synonyms, in this order.
    /// What got another name is said, for people to review.
    pub fn plan_apart(
        catalog: &Catalog,
        policy: &dyn NamePolicy,
        given: &NameMap,
    ) -> Result<(Self, Vec<Renamed>), NameError> {
        planner::plan_apart(catalog, policy, given)
    }

    /// Whether the map names everything in `catalog` that has a name in PostgreSQL, without collisions;
    /// otherwise [`NameError::Missing`] lists what it lacks.
    pub fn check(&self, catalog: &Catalog) -> Result<(), NameError> {
        planner::check(self, catalog)
    }

    /// The name of an object that the map holds. Constraints are found here by their Oracle name,
    /// see [`constraint`](NameMap::constraint) for those without.
    pub fn object(&self, kind: ObjectKind, path: &ObjectPath) -> Option<&PgPath> {
        self.objects.get(&kind)?.get(path)
    }

    /// The PostgreSQL schema of an Oracle one.
    pub fn schema(&self, schema: &OracleIdent) -> Option<&PgIdent> {
        self.schemas.get(schema)
    }

    /// Every pair of schemas, in the order of the Oracle names.
    pub fn schemas(&self) -> impl Iterator<Item = (&OracleIdent, &PgIdent)> {
        self.schemas.iter()
    }

    /// The name of a column of a table or view that the map holds.
    pub fn column(&self, table: &ObjectPath, column: &OracleIdent) -> Option<&PgIdent> {
        self.columns.get(table)?.get(column)
    }

    /// The name of the constraint at `position` in `table.constraints`, whether or not it has a name in Oracle.
    pub fn constraint(&self, table: &Table, position: usize) -> Option<&PgIdent> {
        let names = self.constraints.get(&table.path)?;
        let constraint = table.constraints.get(position)?;
        match &constraint.name {
            Some(name) => names.keys.get(name).or_else(|| names.others.get(name)),
            None => {
                let definition = definition_at(table, position);
                if is_key(constraint) {
                    names.unnamed_keys.get(&definition)
                } else {
                    names.unnamed_others.get(&definition)
                }
            }
        }
    }

    /// Every name that is taken in the namespaces of tables, indexes and their like.
    pub(crate) fn relations(&self, catalog: &Catalog) -> Vec<PgPath> {
        planner::relations(self, Some(catalog)).into_iter().map(|(path, _)| path).collect()
    }

    /// As a TOML text that a person can read and edit.
    pub fn to_toml(&self) -> String {
        document::to_toml(self)
    }

    /// The same as JSON, which programs read more easily.
    pub fn to_json(&self) -> String {
        document::to_json(self)
    }

    /// Reads what [`to_json`](NameMap::to_json) wrote, and checks it as [`from_toml`](NameMap::from_toml) does.
    pub fn from_json(text: &str) -> Result<Self, NameError> {
        document::from_json(text)
    }

    /// Reads what [`to_toml`](NameMap::to_toml) wrote, edited or not, and checks it: keys that it does not know,
    /// names that cannot be and names that collide are errors. A map may name less than a catalog holds,
    /// see [`plan_over`](NameMap::plan_over) and [`check`](NameMap::check).
    pub fn from_toml(text: &str) -> Result<Self, NameError> {
        document::from_toml(text)
    }
}

/// Whether the constraint is backed by an index of its own name.
fn is_key(constraint: &Constraint) -> bool {
    matches!(constraint.kind, ConstraintKind::PrimaryKey { .. } | ConstraintKind::Unique { .. })
}

/// What stands for the name of an unnamed constraint in a map: its definition, which unlike `SYS_C…` is the same
/// in every copy of the database. Equal ones of a table are told apart by a number.
fn definition_at(table: &Table, position: usize) -> String {
    let definition = definition(&table.constraints[position].kind);
    let earlier = table.constraints[..position]
        .iter()
        .filter(|c| c.name.is_none() && self::definition(&c.kind) == definition)
        .count();
    if earlier == 0 { definition } else { format!("{definition} #{}", earlier + 1) }
}

fn definition(kind: &ConstraintKind) -> String {
    let list = |columns: &[OracleIdent]| columns.iter().map(OracleIdent::as_str).collect::<Vec<_>>().join(", ");
    match kind {
        ConstraintKind::PrimaryKey { columns } => format!("PRIMARY KEY ({})", list(columns)),
        ConstraintKind::Unique { columns } => format!("UNIQUE ({})", list(columns)),
        ConstraintKind::ForeignKey { columns, references, referenced_columns, .. } if referenced_columns.is_empty() => {
            format!("FOREIGN KEY ({}) REFERENCES {references}", list(columns))
        }
        ConstraintKind::ForeignKey { columns, references, referenced_columns, .. } => {
            format!("FOREIGN KEY ({}) REFERENCES {references} ({})", list(columns), list(referenced_columns))
        }
        ConstraintKind::Check { condition } => {
            format!("CHECK ({})", condition.split_whitespace().collect::<Vec<_>>().join(" "))
        }
    }
}
