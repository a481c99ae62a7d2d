use serde::{Deserialize, Serialize};
use std::fmt;

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

    /// The name as the catalog stores it.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The name between double quotes, inner ones doubled: the only way in which it enters a statement.
    pub fn quoted(&self) -> String {
        format!("\"{}\"", self.0.replace('"', "\"\""))
    }
}

impl ObjectPath {
    /// `"OWNER"."NAME"`.
    pub fn quoted(&self) -> String {
        format!("{}.{}", self.schema.quoted(), self.name.quoted())
    }
}

impl PgPath {
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
