//! What names mean at one place, and what kinds of values they stand for.

use super::{Refused, ast::Part};
use crate::{ObjectPath, OracleIdent, PgIdent};
use type_convert::{OracleType, PgType};

/// What is known of the values of an expression, in Oracle and in PostgreSQL alike.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Kind {
    /// The literal NULL, which has any type.
    Null,
    /// NUMBER that is `smallint`, `integer` or `bigint`.
    Int,
    /// NUMBER that is `numeric`.
    Numeric,
    /// BINARY_FLOAT, BINARY_DOUBLE.
    Float,
    /// VARCHAR2, NVARCHAR2 and what character functions make.
    Text,
    /// CHAR, NCHAR as `character`.
    Char,
    /// CLOB, NCLOB, LONG.
    Clob,
    Date,
    Timestamp,
    TimestampTz,
    Raw,
    Boolean,
    /// True, false or unknown: no value of a column before 23ai.
    Condition,
    /// Values that nothing is known to be done with alike; what they are.
    Other(String),
}

impl Kind {
    pub(super) fn of(oracle: &OracleType, pg: &PgType) -> Kind {
        use OracleType as O;
        match (oracle, pg) {
            (O::Number { .. } | O::Float { .. }, PgType::Int2 | PgType::Int4 | PgType::Int8) => Kind::Int,
            (O::Number { .. } | O::Float { .. }, PgType::Numeric { .. }) => Kind::Numeric,
            (O::BinaryFloat | O::BinaryDouble, PgType::Float4 | PgType::Float8) => Kind::Float,
            (O::Varchar2 { .. } | O::NVarchar2 { .. }, PgType::Varchar { .. } | PgType::Text) => Kind::Text,
            (O::Char { .. } | O::NChar { .. }, PgType::Bpchar { .. }) => Kind::Char,
            (O::Clob | O::NClob | O::Long, PgType::Text) => Kind::Clob,
            (O::Date, PgType::Timestamp { .. }) => Kind::Date,
            (O::Timestamp { .. }, PgType::Timestamp { .. }) => Kind::Timestamp,
            (O::TimestampTz { .. } | O::TimestampLtz { .. }, PgType::TimestampTz { .. }) => Kind::TimestampTz,
            (O::Raw { .. } | O::Blob | O::LongRaw, PgType::Bytea) => Kind::Raw,
            (O::Boolean, PgType::Bool) => Kind::Boolean,
            _ => Kind::Other(format!("{oracle} as {pg}")),
        }
    }

    pub(super) fn is_number(&self) -> bool {
        matches!(self, Kind::Int | Kind::Numeric | Kind::Float)
    }

    pub(super) fn is_exact_number(&self) -> bool {
        matches!(self, Kind::Int | Kind::Numeric)
    }

    /// For people.
    pub(super) fn noun(&self) -> &str {
        match self {
            Kind::Null => "NULL",
            Kind::Int | Kind::Numeric => "a NUMBER",
            Kind::Float => "a binary floating-point number",
            Kind::Text => "a text",
            Kind::Char => "a CHAR",
            Kind::Clob => "a CLOB",
            Kind::Date => "a DATE",
            Kind::Timestamp => "a TIMESTAMP",
            Kind::TimestampTz => "a TIMESTAMP WITH TIME ZONE",
            Kind::Raw => "a RAW",
            Kind::Boolean => "a BOOLEAN",
            Kind::Condition => "a condition",
            Kind::Other(what) => what,
        }
    }
}

/// A table or view whose columns can be named.
#[derive(Debug, Clone)]
pub(super) struct Relation {
    pub(super) path: ObjectPath,
    /// Schema and name, quoted.
    pub(super) target: String,
    pub(super) name: PgIdent,
    pub(super) columns: Vec<ScopeColumn>,
    /// A column of Oracle's that is not among them.
    pub(super) lacks: Option<OracleIdent>,
}

#[derive(Debug, Clone)]
pub(super) struct ScopeColumn {
    pub(super) name: OracleIdent,
    pub(super) target: PgIdent,
    pub(super) kind: Kind,
    pub(super) nullable: bool,
    /// Computed by PostgreSQL from other columns.
    pub(super) generated: bool,
}

/// A relation as one place of a statement names it.
#[derive(Debug, Clone)]
pub(super) struct Source<'a> {
    pub(super) relation: &'a Relation,
    /// The alias in Oracle, which hides the relation's own name.
    pub(super) alias: Option<OracleIdent>,
    /// What goes before its columns in PostgreSQL, quoted and with the dot; empty where one table is meant anyway.
    pub(super) prefix: String,
    /// On the side of an outer join that may be missing.
    pub(super) outer: bool,
}

/// Everything that can be named at one place.
#[derive(Debug, Clone, Default)]
pub(super) struct Scope<'a> {
    pub(super) sources: Vec<Source<'a>>,
}

/// A column as found in a scope.
pub(super) struct Found<'a> {
    pub(super) sql: String,
    pub(super) column: &'a ScopeColumn,
    pub(super) nullable: bool,
}

impl<'a> Scope<'a> {
    /// One table, its columns named without it.
    pub(super) fn of_table(relation: &'a Relation) -> Self {
        Scope { sources: vec![Source { relation, alias: None, prefix: String::new(), outer: false }] }
    }

    /// The column that `parts` name; `None` where there is none of that name.
    pub(super) fn column(&self, parts: &[Part], at: usize) -> Result<Option<Found<'a>>, Refused> {
        let Some((column, qualifier)) = parts.split_last() else { return Ok(None) };
        let mut found = None;
        for source in self.sources.iter().filter(|s| s.answers_to(qualifier)) {
            let Some(of_source) = source.relation.columns.iter().find(|c| c.name == column.name) else { continue };
            if found.is_some() {
                return Err(Refused::new(at, format!("{} is a column of several tables here", column.name)));
            }
            found = Some(Found {
                sql: format!("{}{}", source.prefix, of_source.target.quoted()),
                column: of_source,
                nullable: of_source.nullable || source.outer,
            });
        }
        Ok(found)
    }
}

impl Source<'_> {
    pub(super) fn answers_to(&self, qualifier: &[Part]) -> bool {
        match (qualifier, &self.alias) {
            ([], _) => true,
            ([name], Some(alias)) => name.name == *alias,
            ([name], None) => name.name == self.relation.path.name,
            ([schema, name], None) => schema.name == self.relation.path.schema && name.name == self.relation.path.name,
            _ => false,
        }
    }
}
