use serde::{Deserialize, Serialize};
use std::{borrow::Cow, fmt};

/// An Oracle identifier exactly as the dictionary stores it: `EMPLOYEES`, or `Employees` where it was created quoted.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct OracleIdent(String);

/// A PostgreSQL identifier exactly as the catalog stores it: 1 to 63 bytes of UTF-8 without U+0000.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct PgIdent(String);

/// A text that cannot be an identifier.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{name:?} cannot be an identifier: {reason}")]
pub struct IdentError {
    name: String,
    reason: &'static str,
}

/// An object of a schema in Oracle.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct ObjectPath {
    /// The owner.
    pub schema: OracleIdent,
    /// The object's own name.
    pub name: OracleIdent,
}

/// A relation of a schema in PostgreSQL.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct PgPath {
    /// The schema.
    pub schema: PgIdent,
    /// The relation's own name.
    pub name: PgIdent,
}

impl OracleIdent {
    /// Takes the name as the dictionary stores it: 1 to 128 bytes, no `"` and no U+0000.
    pub fn new(name: impl Into<String>) -> Result<Self, IdentError> {
        let name = name.into();
        let reason = if name.is_empty() {
            "it is empty"
        } else if name.len() > 128 {
            "it is longer than 128 bytes"
        } else if name.contains(['"', '\0']) {
            "it has a double quote or U+0000 in it"
        } else {
            return Ok(OracleIdent(name));
        };
        Err(IdentError { name, reason })
    }

    /// The name as the dictionary stores it.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The name between double quotes, as any Oracle statement can hold it.
    pub fn quoted(&self) -> String {
        format!("\"{}\"", self.0)
    }
}

impl PgIdent {
    /// Takes the name as `pg_class` and its like store it.
    pub fn new(name: impl Into<String>) -> Result<Self, IdentError> {
        let name = name.into();
        let reason = if name.is_empty() {
            "it is empty"
        } else if name.len() > 63 {
            "it is longer than 63 bytes"
        } else if name.contains('\0') {
            "it has U+0000 in it"
        } else {
            return Ok(PgIdent(name));
        };
        Err(IdentError { name, reason })
    }

    /// Takes the name of a schema: one that `CREATE SCHEMA` accepts, so not `pg_…` and not `information_schema`.
    pub fn new_schema(name: impl Into<String>) -> Result<Self, IdentError> {
        let ident = Self::new(name)?;
        let reason = if ident.0.starts_with("pg_") {
            "PostgreSQL keeps schema names that begin with pg_ for itself"
        } else if ident.0 == "information_schema" {
            "it is PostgreSQL's own schema"
        } else {
            return Ok(ident);
        };
        Err(IdentError { name: ident.0, reason })
    }

    /// The name as the catalog stores it.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The name between double quotes, inner ones doubled: the only way in which it enters a statement.
    pub fn quoted(&self) -> String {
        quoted(&self.0)
    }
    /// For DDL that people read: quoted only where PostgreSQL would not read the bare name as this name
    /// (anything but lower-case ASCII letters, digits and `_`, and every keyword that is not unreserved).
    pub fn readable(&self) -> Cow<'_, str> {
        let mut bytes = self.0.bytes();
        let plain = bytes.next().is_some_and(|b| b.is_ascii_lowercase() || b == b'_')
            && bytes.all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_');
        if plain && KEYWORDS.binary_search(&self.as_str()).is_err() {
            Cow::Borrowed(&self.0)
        } else {
            Cow::Owned(self.quoted())
        }
    }

    /// Whether it is the name of a system column, which no user column can have, quoted or not
    /// (PostgreSQL manual, "System Columns").
    pub fn is_system_column(&self) -> bool {
        matches!(self.as_str(), "tableoid" | "xmin" | "cmin" | "xmax" | "cmax" | "ctid")
    }
}

/// A name of PostgreSQL between double quotes.
pub(crate) fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

/// Keywords that PostgreSQL 15 to 18 does not take as a bare column or table name everywhere: those that its
/// manual's appendix "SQL Key Words" does not call plain "non-reserved". Sorted.
#[rustfmt::skip]
const KEYWORDS: &[&str] = &[
    "all", "analyse", "analyze", "and", "any", "array", "as", "asc", "asymmetric", "authorization", "between",
    "bigint", "binary", "bit", "boolean", "both", "case", "cast", "char", "character", "check", "coalesce",
    "collate", "collation", "column", "concurrently", "constraint", "create", "cross", "current_catalog",
    "current_date", "current_role", "current_schema", "current_time", "current_timestamp", "current_user", "dec",
    "decimal", "default", "deferrable", "desc", "distinct", "do", "else", "end", "except", "exists", "extract",
    "false", "fetch", "float", "for", "foreign", "freeze", "from", "full", "grant", "greatest", "group", "grouping",
    "having", "ilike", "in", "initially", "inner", "inout", "int", "integer", "intersect", "interval", "into", "is",
    "isnull", "join", "json", "json_array", "json_arrayagg", "json_exists", "json_object", "json_objectagg",
    "json_query", "json_scalar", "json_serialize", "json_table", "json_value", "lateral", "leading", "least",
    "left", "like", "limit", "localtime", "localtimestamp", "merge_action", "national", "natural", "nchar", "none",
    "normalize", "not", "notnull", "null", "nullif", "numeric", "offset", "on", "only", "or", "order", "out",
    "outer", "overlaps", "overlay", "placing", "position", "precision", "primary", "real", "references",
    "returning", "right", "row", "select", "session_user", "setof", "similar", "smallint", "some", "substring",
    "symmetric", "system_user", "table", "tablesample", "then", "time", "timestamp", "to", "trailing", "treat",
    "trim", "true", "union", "unique", "user", "using", "values", "varchar", "variadic", "verbose", "when",
    "where", "window", "with", "xmlattributes", "xmlconcat", "xmlelement", "xmlexists", "xmlforest",
    "xmlnamespaces", "xmlparse", "xmlpi", "xmlroot", "xmlserialize", "xmltable",
];

impl ObjectPath {
    /// The object `name` of `schema`.
    pub fn new(schema: OracleIdent, name: OracleIdent) -> Self {
        ObjectPath { schema, name }
    }

    /// `"OWNER"."NAME"`.
    pub fn quoted(&self) -> String {
        format!("{}.{}", self.schema.quoted(), self.name.quoted())
    }
}

impl PgPath {
    /// The relation `name` of `schema`.
    pub fn new(schema: PgIdent, name: PgIdent) -> Self {
        PgPath { schema, name }
    }

    /// For DDL that people read, see [`PgIdent::readable`].
    pub fn readable(&self) -> String {
        format!("{}.{}", self.schema.readable(), self.name.readable())
    }

    /// `"schema"."name"`.
    pub fn quoted(&self) -> String {
        format!("{}.{}", self.schema.quoted(), self.name.quoted())
    }
}

/// A text as a PostgreSQL string literal that means the same whatever `standard_conforming_strings` says.
pub fn pg_literal(text: &str) -> String {
    let doubled = text.replace('\'', "''");
    if text.contains('\\') { format!("E'{}'", doubled.replace('\\', "\\\\")) } else { format!("'{doubled}'") }
}

macro_rules! ident_traits {
    ($ident:ident) => {
        impl fmt::Display for $ident {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
        impl TryFrom<String> for $ident {
            type Error = IdentError;
            fn try_from(name: String) -> Result<Self, IdentError> {
                Self::new(name)
            }
        }
        impl From<$ident> for String {
            fn from(ident: $ident) -> String {
                ident.0
            }
        }
    };
}
ident_traits!(OracleIdent);
ident_traits!(PgIdent);

/// For people: `OWNER.NAME`, unquoted.
impl fmt::Display for ObjectPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.schema, self.name)
    }
}

/// For people: `schema.name`, unquoted.
impl fmt::Display for PgPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.schema, self.name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_cannot_be_an_identifier() {
        assert!(OracleIdent::new("").is_err());
        assert!(OracleIdent::new("a\"b").is_err());
        assert!(OracleIdent::new("x".repeat(129)).is_err());
        assert!(OracleIdent::new("x".repeat(128)).is_ok());
        assert!(PgIdent::new("").is_err());
        assert!(PgIdent::new("x".repeat(64)).is_err());
        assert!(PgIdent::new("é".repeat(31)).is_ok());
        assert!(PgIdent::new("é".repeat(32)).is_err());
        assert!(PgIdent::new("a\0").is_err());
    }

    #[test]
    fn schemas_that_postgresql_keeps() {
        assert!(PgIdent::new_schema("pg_temp").is_err());
        assert!(PgIdent::new_schema("information_schema").is_err());
        assert!(PgIdent::new_schema("PG_X").is_ok());
        assert!(PgIdent::new_schema("pgx").is_ok());
    }

    #[test]
    fn quotes() {
        assert_eq!(PgIdent::new("a\"b").unwrap().quoted(), "\"a\"\"b\"");
        assert_eq!(OracleIdent::new("EMP").unwrap().quoted(), "\"EMP\"");
        for (name, readable) in [
            ("countries", "countries"),
            ("COUNTRIES", "\"COUNTRIES\""),
            ("a$b", "\"a$b\""),
            ("1a", "\"1a\""),
            ("user", "\"user\""),
            ("values", "\"values\""),
            ("name", "name"),
            ("_x1", "_x1"),
            ("é", "\"é\""),
        ] {
            assert_eq!(PgIdent::new(name).unwrap().readable(), readable);
        }
        assert!(KEYWORDS.is_sorted());
    }

    #[test]
    fn literals() {
        assert_eq!(pg_literal("it's"), "'it''s'");
        assert_eq!(pg_literal("a\\b'"), "E'a\\\\b'''");
    }
}
