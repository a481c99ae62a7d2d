//! What names mean at one place, and what kinds of values they stand for.

use super::{Refused, ast::Part};
use crate::{ObjectPath, OracleIdent};
use std::rc::Rc;
use type_convert::{LengthUnit, OracleType, PgType};

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
    /// CHAR, NCHAR as `character`, of so many characters.
    Char(u32),
    /// CLOB, NCLOB, LONG.
    Clob,
    Date,
    Timestamp,
    TimestampTz,
    IntervalYm,
    IntervalDs,
    Raw,
    Boolean,
    Xml,
    Json,
    /// True, false or unknown: no value of a column before 23ai.
    Condition,
    /// An object type.
    Object(ObjectPath),
    /// A varray or nested table.
    Collection(ObjectPath),
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
            (
                O::Char { length, unit: LengthUnit::Char | LengthUnit::Byte } | O::NChar { length },
                PgType::Bpchar { .. },
            ) => Kind::Char(*length),
            (O::Clob | O::NClob | O::Long, PgType::Text) => Kind::Clob,
            (O::RowId | O::URowId { .. }, PgType::Text) => Kind::Text,
            (O::Date, PgType::Timestamp { .. }) => Kind::Date,
            (O::Timestamp { .. }, PgType::Timestamp { .. }) => Kind::Timestamp,
            (O::TimestampTz { .. } | O::TimestampLtz { .. }, PgType::TimestampTz { .. }) => Kind::TimestampTz,
            (O::IntervalYm { .. }, PgType::Interval) => Kind::IntervalYm,
            (O::IntervalDs { .. }, PgType::Interval) => Kind::IntervalDs,
            (O::Raw { .. } | O::Blob | O::LongRaw, PgType::Bytea) => Kind::Raw,
            (O::Boolean, PgType::Bool) => Kind::Boolean,
            (O::Xml, PgType::Xml) => Kind::Xml,
            (O::Json, PgType::Jsonb | PgType::Json) => Kind::Json,
            _ => Kind::Other(format!("{oracle} as {pg}")),
        }
    }

    /// The type that Oracle gives a column of computed values of this kind, the longest where they have a length.
    pub(super) fn oracle_type(&self) -> Option<OracleType> {
        Some(match self {
            Kind::Int | Kind::Numeric => OracleType::Number { precision: None, scale: None },
            Kind::Float => OracleType::BinaryDouble,
            Kind::Char(length) if *length > 0 => OracleType::Char { length: *length, unit: LengthUnit::Byte },
            Kind::Text | Kind::Char(_) => OracleType::Varchar2 { length: 4000, unit: LengthUnit::Byte },
            Kind::Clob => OracleType::Clob,
            Kind::Date => OracleType::Date,
            Kind::Timestamp => OracleType::Timestamp { precision: 6 },
            Kind::TimestampTz => OracleType::TimestampTz { precision: 6 },
            Kind::Raw => OracleType::Raw { length: 2000 },
            Kind::Boolean => OracleType::Boolean,
            Kind::Xml => OracleType::Xml,
            Kind::Json => OracleType::Json,
            Kind::Object(path) | Kind::Collection(path) => {
                OracleType::Other { owner: Some(path.schema.as_str().to_owned()), name: path.name.as_str().to_owned() }
            }
            Kind::IntervalYm | Kind::IntervalDs | Kind::Null | Kind::Condition | Kind::Other(_) => return None,
        })
    }

    pub(super) fn is_number(&self) -> bool {
        matches!(self, Kind::Int | Kind::Numeric | Kind::Float)
    }

    pub(super) fn is_exact_number(&self) -> bool {
        matches!(self, Kind::Int | Kind::Numeric)
    }

    /// DATE and the timestamps.
    pub(super) fn is_moment(&self) -> bool {
        matches!(self, Kind::Date | Kind::Timestamp | Kind::TimestampTz)
    }

    /// Anything that text functions take as it is.
    pub(super) fn is_text(&self) -> bool {
        matches!(self, Kind::Text | Kind::Clob)
    }

    /// A type of PostgreSQL that NULL of this kind can be cast to.
    pub(super) fn pg_name(&self) -> Option<&'static str> {
        Some(match self {
            Kind::Int => "bigint",
            Kind::Numeric => "numeric",
            Kind::Float => "double precision",
            Kind::Text | Kind::Char(_) | Kind::Clob => "text",
            Kind::Date => "timestamp(0)",
            Kind::Timestamp => "timestamp",
            Kind::TimestampTz => "timestamp with time zone",
            Kind::IntervalYm | Kind::IntervalDs => "interval",
            Kind::Raw => "bytea",
            Kind::Boolean => "boolean",
            Kind::Xml => "xml",
            Kind::Json => "jsonb",
            Kind::Null | Kind::Condition | Kind::Object(_) | Kind::Collection(_) | Kind::Other(_) => return None,
        })
    }

    /// For people.
    pub(super) fn noun(&self) -> &str {
        match self {
            Kind::Null => "NULL",
            Kind::Int | Kind::Numeric => "a NUMBER",
            Kind::Float => "a binary floating-point number",
            Kind::Text => "a text",
            Kind::Char(_) => "a CHAR",
            Kind::Clob => "a CLOB",
            Kind::Date => "a DATE",
            Kind::Timestamp => "a TIMESTAMP",
            Kind::TimestampTz => "a TIMESTAMP WITH TIME ZONE",
            Kind::IntervalYm | Kind::IntervalDs => "an INTERVAL",
            Kind::Raw => "a RAW",
            Kind::Boolean => "a BOOLEAN",
            Kind::Xml => "an XMLTYPE",
            Kind::Json => "a JSON",
            Kind::Condition => "a condition",
            Kind::Object(_) => "an object",
            Kind::Collection(_) => "a collection",
            Kind::Other(what) => what,
        }
    }
}

/// A table, view or query whose columns can be named.
#[derive(Debug, Clone)]
pub(super) struct Relation {
    /// Its path in Oracle; of a query there is none.
    pub(super) path: Option<ObjectPath>,
    /// Its name in SQL, complete and quoted.
    pub(super) target: String,
    /// Its own name, quoted.
    pub(super) name: String,
    pub(super) columns: Vec<ScopeColumn>,
    /// A column of Oracle's that is not among them.
    pub(super) lacks: Option<OracleIdent>,
}

#[derive(Debug, Clone)]
pub(super) struct ScopeColumn {
    pub(super) name: OracleIdent,
    /// Quoted.
    pub(super) target: String,
    pub(super) kind: Kind,
    pub(super) nullable: bool,
    /// Computed by PostgreSQL from other columns.
    pub(super) generated: bool,
    /// Left out of `*`.
    pub(super) hidden: bool,
    /// Its type in Oracle, where it is a column or a cast to one, and not computed.
    pub(super) declared: Option<Declared>,
}

/// What Oracle has been told of a value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Declared {
    pub(super) oracle_type: OracleType,
    /// It is a column that is NOT NULL.
    pub(super) not_null: bool,
}

impl Declared {
    /// A type and no more.
    pub(super) fn as_type(oracle_type: OracleType) -> Self {
        Declared { oracle_type, not_null: false }
    }
}

/// A relation as one place of a statement names it.
#[derive(Debug, Clone)]
pub(super) struct ScopeSource {
    pub(super) relation: Rc<Relation>,
    /// The alias in Oracle, which hides the relation's own name.
    pub(super) alias: Option<OracleIdent>,
    /// What goes before its columns in PostgreSQL, quoted and with the dot; empty where one table is meant anyway.
    pub(super) prefix: String,
    /// On the side of an outer join that may be missing.
    pub(super) outer: bool,
    /// Columns that USING or NATURAL made one with those of an earlier source: found there if not qualified.
    pub(super) merged: Vec<OracleIdent>,
}

/// Everything that can be named at one place.
#[derive(Debug, Clone, Default)]
pub(super) struct Scope<'a> {
    pub(super) sources: Vec<ScopeSource>,
    /// What a subquery is in.
    pub(super) outer: Option<&'a Scope<'a>>,
}

/// A column as found in a scope.
pub(super) struct Found {
    pub(super) sql: String,
    pub(super) column: ScopeColumn,
    pub(super) nullable: bool,
    /// Parts of the name behind the column: attributes of an object.
    pub(super) rest: Vec<Part>,
}

impl<'a> Scope<'a> {
    /// One table, its columns named without it.
    pub(super) fn of_table(relation: &Rc<Relation>) -> Self {
        let source = ScopeSource {
            relation: Rc::clone(relation),
            alias: None,
            prefix: String::new(),
            outer: false,
            merged: Vec::new(),
        };
        Scope { sources: vec![source], outer: None }
    }

    /// The column that `parts` name; `None` where there is none of that name.
    pub(super) fn column(&self, parts: &[Part], at: usize) -> Result<Option<Found>, Refused> {
        // A qualifier has at most two parts; what is behind the column is an attribute.
        for qualifier in (0..parts.len().min(3)).rev() {
            if let Some(found) = self.qualified(&parts[..qualifier], &parts[qualifier], at)? {
                let rest = parts[qualifier + 1..].to_vec();
                // JSON may be in columns of texts and BLOBs, too.
                let object =
                    matches!(found.column.kind, Kind::Object(_) | Kind::Json | Kind::Text | Kind::Clob | Kind::Raw);
                if rest.is_empty() || (object && qualifier > 0) {
                    return Ok(Some(Found { rest, ..found }));
                }
            }
        }
        match self.outer {
            Some(outer) => outer.column(parts, at),
            None => Ok(None),
        }
    }

    fn qualified(&self, qualifier: &[Part], column: &Part, at: usize) -> Result<Option<Found>, Refused> {
        let mut found = None;
        for source in self.sources.iter().filter(|s| s.answers_to(qualifier)) {
            if qualifier.is_empty() && source.merged.contains(&column.name) {
                continue;
            }
            let Some(of_source) = source.relation.columns.iter().find(|c| c.name == column.name) else { continue };
            if found.is_some() {
                return Err(Refused::new(at, format!("{} is a column of several tables here", column.name)));
            }
            found = Some(Found {
                sql: format!("{}{}", source.prefix, of_source.target),
                column: of_source.clone(),
                nullable: of_source.nullable || source.outer,
                rest: Vec::new(),
            });
        }
        Ok(found)
    }

    /// The position of the source that has this column, in this scope itself.
    pub(super) fn source_of(&self, parts: &[Part]) -> Option<usize> {
        let has = |source: &ScopeSource, column: &Part| source.relation.columns.iter().any(|c| c.name == column.name);
        (0..parts.len().min(3)).rev().find_map(|qualifier| {
            self.sources.iter().position(|s| s.answers_to(&parts[..qualifier]) && has(s, &parts[qualifier]))
        })
    }
}

impl ScopeSource {
    pub(super) fn answers_to(&self, qualifier: &[Part]) -> bool {
        match (qualifier, &self.alias, &self.relation.path) {
            ([], _, _) => true,
            ([name], Some(alias), _) => name.name == *alias,
            ([name], None, Some(path)) => name.name == path.name,
            ([schema, name], None, Some(path)) => schema.name == path.schema && name.name == path.name,
            _ => false,
        }
    }
}
