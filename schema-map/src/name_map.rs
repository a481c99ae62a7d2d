use crate::{Catalog, IdentError, ObjectPath, OracleIdent, PgIdent, PgPath};
use serde::{Deserialize, Serialize};

/// How unquoted Oracle names are written in PostgreSQL.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum CaseRule {
    /// `COUNTRIES` becomes `countries`.
    Lower,
    /// `COUNTRIES` stays `COUNTRIES`, which every statement must then quote.
    Upper,
}

/// What a name is the name of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum ObjectKind {
    /// A table.
    Table,
    /// An index.
    Index,
    /// A sequence.
    Sequence,
    /// A view.
    View,
    /// A synonym.
    Synonym,
    /// A table constraint.
    Constraint,
    /// Procedures, functions, packages, triggers.
    Code,
}

/// Decides names; [`CaseRule`] is the usual one, an embedder may bring another.
pub trait NamePolicy {
    /// The PostgreSQL schema for an Oracle one.
    fn schema(&self, schema: &OracleIdent) -> Result<PgIdent, NameError>;
    /// The name of an object within its schema.
    fn object(&self, kind: ObjectKind, path: &ObjectPath) -> Result<PgIdent, NameError>;
    /// The name of a column within its table.
    fn column(&self, table: &ObjectPath, column: &OracleIdent) -> Result<PgIdent, NameError>;
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
    #[error("several objects would share a name: {}", .0.join("; "))]
    Collisions(Vec<String>),
    /// A saved map that cannot be read, or does not fit the catalog.
    #[error("name map: {0}")]
    Map(String),
}

/// Every name, decided once: DDL, COPY, apply, verify and cutover all read this map.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct NameMap {}

impl CaseRule {
    /// The rule that the name of the target schema implies, as PostgreSQL stores it: no upper-case letter
    /// means lower, no lower-case letter means upper, both is [`NameError::MixedCase`].
    pub fn of_schema(_schema: &PgIdent) -> Result<Self, NameError> {
        todo!()
    }
}

impl NameMap {
    /// Decides all names of `catalog`, and finds every collision.
    pub fn plan(_catalog: &Catalog, _policy: &dyn NamePolicy) -> Result<Self, NameError> {
        todo!()
    }

    /// The usual plan: each Oracle schema goes to the PostgreSQL schema given for it, objects by `rule`,
    /// or where that is `None` by the rule that the target schema's name implies.
    pub fn plan_by_case(
        _catalog: &Catalog,
        _schemas: &[(OracleIdent, PgIdent)],
        _rule: Option<CaseRule>,
    ) -> Result<Self, NameError> {
        todo!()
    }

    /// The name of an object that the map holds.
    pub fn object(&self, _kind: ObjectKind, _path: &ObjectPath) -> Option<&PgPath> {
        todo!()
    }

    /// The PostgreSQL schema of an Oracle one.
    pub fn schema(&self, _schema: &OracleIdent) -> Option<&PgIdent> {
        todo!()
    }

    /// The name of a column of a table that the map holds.
    pub fn column(&self, _table: &ObjectPath, _column: &OracleIdent) -> Option<&PgIdent> {
        todo!()
    }

    /// As a TOML text that a person can read and edit.
    pub fn to_toml(&self) -> String {
        todo!()
    }

    /// Reads what [`to_toml`](NameMap::to_toml) wrote, edited or not, and checks it.
    pub fn from_toml(_text: &str) -> Result<Self, NameError> {
        todo!()
    }
}
