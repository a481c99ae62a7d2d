mod foreign_key;
mod overrides;

use crate::{Column, Table};
pub(crate) use foreign_key::ForeignKeyTypes;
pub use overrides::TypeOverrides;
use type_convert::{LossPolicy, OracleType, PgType, VectorFormat};

/// Decides the PostgreSQL type of each column; an embedder may replace or wrap it.
pub trait TypePolicy {
    /// The type for this column. `Ok(None)` leaves it to [`DefaultTypes`].
    fn pg_type(&self, table: &Table, column: &Column) -> Result<Option<PgType>, TypeError>;

    /// Whether the type was chosen for this very column, so that it must not follow that of a key it refers to.
    fn is_fixed(&self, _table: &Table, _column: &Column) -> bool {
        false
    }

    /// What happens to values of this column that do not fit its type. Refused where nothing else is said.
    fn loss(&self, _table: &Table, _column: &Column) -> LossPolicy {
        LossPolicy::default()
    }
}

/// The default mapping: nothing is lost, nothing is approximated.
///
/// | Oracle | PostgreSQL | |
/// |---|---|---|
/// | `NUMBER`, `NUMBER(*,s)`, `INTEGER` | `numeric` | `bigint` for an identity column, whose values come from a sequence |
/// | `NUMBER(p,0)`, p ≤ 4 / ≤ 9 / ≤ 18 | `smallint` / `integer` / `bigint` | |
/// | `NUMBER(p,0)`, p ≥ 19 | `numeric(p,0)` | |
/// | `NUMBER(p,s)`, 0 < s ≤ p | `numeric(p,s)` | |
/// | `NUMBER(p,s)`, s < 0 or s > p | `numeric(p,s)` | before PostgreSQL 15, which brought such scales, `numeric(p-s,0)` or `numeric(s,s)` |
/// | `FLOAT(b)`, `REAL`, `DOUBLE PRECISION` | `numeric` | decimal in Oracle, of up to 38 digits |
/// | `BINARY_FLOAT`, `BINARY_DOUBLE` | `real`, `double precision` | |
/// | `CHAR(n)`, `NCHAR(n)` | `character(n)` | n bytes never need more than n characters |
/// | `VARCHAR2(n)`, `NVARCHAR2(n)` | `character varying(n)` | |
/// | `CLOB`, `NCLOB`, `LONG` | `text` | |
/// | `BLOB`, `LONG RAW`, `RAW(n)` | `bytea` | |
/// | `DATE` | `timestamp(0)` | it has a time of day |
/// | `TIMESTAMP(p)` | `timestamp(p)`, at most 6 | values with a 7th to 9th digit are refused, see [`LossPolicy`] |
/// | `TIMESTAMP(p) WITH TIME ZONE`, `… WITH LOCAL TIME ZONE` | `timestamp(p) with time zone`, at most 6 | the instant is kept, the name of the zone is not |
/// | `INTERVAL …` | `interval` | |
/// | `ROWID`, `UROWID` | `text` | |
/// | `XMLTYPE`, `JSON`, `BOOLEAN` | `xml`, `jsonb`, `boolean` | |
/// | `BFILE` | `text` | its locator: the file is outside the database and does not move |
/// | `VECTOR(n, FLOAT32)`, `VECTOR(n, INT8)`; other `VECTOR`s | `real[]`; `double precision[]` | or `vector`, where that extension is there |
/// | `SDO_GEOMETRY` | `geometry` | with [`with_postgis`](DefaultTypes::with_postgis) only, otherwise [`TypeError`] |
/// | object types; `VARRAY`, nested tables | [`TypeError`] here | a [`TablePlan`](crate::TablePlan) and [`Ddl`](crate::ddl::Ddl) make them row types; domains over arrays |
/// | every other | [`TypeError`] | give the column a type in a [`TypeOverrides`] |
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DefaultTypes {
    server_version: u32,
    postgis: bool,
}

/// A column whose type has no counterpart.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{table}.{column}: {reason}")]
pub struct TypeError {
    /// The table, `OWNER.NAME`.
    pub table: String,
    /// The column.
    pub column: String,
    /// The type and what can be done.
    pub reason: String,
}

impl Default for DefaultTypes {
    fn default() -> Self {
        DefaultTypes { server_version: 15, postgis: false }
    }
}

impl DefaultTypes {
    /// For a server of this major version, e.g. 14. [`default`](DefaultTypes::default) is for 15 and later.
    pub fn for_server(major_version: u32) -> Self {
        DefaultTypes { server_version: major_version, postgis: false }
    }

    /// Whether the target has the extension PostGIS, and its type `geometry` is found without its schema.
    #[must_use]
    pub fn with_postgis(self, postgis: bool) -> Self {
        DefaultTypes { postgis, ..self }
    }

    /// The type for a column of Oracle type `oracle_type`, `None` where it has no counterpart.
    pub(crate) fn of(self, oracle_type: &OracleType, identity: bool) -> Option<PgType> {
        Some(match *oracle_type {
            OracleType::Number { precision: None, scale: None | Some(0) } if identity => PgType::Int8,
            OracleType::Number { precision: None, .. } => PgType::Numeric { digits: None },
            OracleType::Number { precision: Some(p), scale } => self.number(p, scale.unwrap_or(0), identity),
            OracleType::Float { .. } => PgType::Numeric { digits: None },
            OracleType::BinaryFloat => PgType::Float4,
            OracleType::BinaryDouble => PgType::Float8,
            OracleType::Char { length, .. } | OracleType::NChar { length } => PgType::Bpchar { length },
            OracleType::Varchar2 { length, .. } | OracleType::NVarchar2 { length } => {
                PgType::Varchar { length: Some(length) }
            }
            OracleType::Long | OracleType::Clob | OracleType::NClob => PgType::Text,
            OracleType::RowId | OracleType::URowId { .. } => PgType::Text,
            OracleType::LongRaw | OracleType::Raw { .. } | OracleType::Blob => PgType::Bytea,
            OracleType::Date => PgType::Timestamp { precision: Some(0) },
            OracleType::Timestamp { precision } => PgType::Timestamp { precision: Some(precision.min(6)) },
            OracleType::TimestampTz { precision } | OracleType::TimestampLtz { precision } => {
                PgType::TimestampTz { precision: Some(precision.min(6)) }
            }
            OracleType::IntervalYm { .. } | OracleType::IntervalDs { .. } => PgType::Interval,
            OracleType::Xml => PgType::Xml,
            OracleType::Json => PgType::Jsonb,
            OracleType::Boolean => PgType::Bool,
            OracleType::BFile => PgType::Text,
            OracleType::Geometry if self.postgis => PgType::Geometry,
            OracleType::Vector { format: Some(VectorFormat::Float32 | VectorFormat::Int8), .. } => {
                PgType::Array(Box::new(PgType::Float4))
            }
            OracleType::Vector { .. } => PgType::Array(Box::new(PgType::Float8)),
            _ => return None,
        })
    }

    fn number(self, precision: u8, scale: i8, identity: bool) -> PgType {
        let numeric = |precision: u16, scale: i16| PgType::Numeric { digits: Some((precision, scale)) };
        let (p, s) = (u16::from(precision), i16::from(scale));
        match (precision, scale) {
            (..=4, 0) => PgType::Int2,
            (..=9, 0) => PgType::Int4,
            (..=18, 0) => PgType::Int8,
            (_, 0) if identity => PgType::Int8,
            _ if self.server_version < 15 && s < 0 => numeric(p + s.unsigned_abs(), 0),
            _ if self.server_version < 15 && i16::from(precision) < s => numeric(s.unsigned_abs(), s),
            _ => numeric(p, s),
        }
    }
}

impl TypePolicy for DefaultTypes {
    fn pg_type(&self, table: &Table, column: &Column) -> Result<Option<PgType>, TypeError> {
        match self.of(&column.oracle_type, column.identity.is_some()) {
            Some(pg_type) => Ok(Some(pg_type)),
            None => Err(TypeError {
                table: table.path.to_string(),
                column: column.name.to_string(),
                reason: format!(
                    "type {} has no counterpart in PostgreSQL{}: name a type for the column in the type overrides, or leave the table out",
                    column.oracle_type,
                    if column.oracle_type == OracleType::Geometry { " without PostGIS" } else { "" }
                ),
            }),
        }
    }
}

/// What `policy` says, completed by the default mapping.
pub(crate) fn decide(policy: &dyn TypePolicy, table: &Table, column: &Column) -> Result<PgType, TypeError> {
    let decided = policy.pg_type(table, column)?;
    match decided {
        Some(pg_type) => Ok(pg_type),
        None => DefaultTypes::default().pg_type(table, column)?.ok_or_else(|| TypeError {
            table: table.path.to_string(),
            column: column.name.to_string(),
            reason: format!("no type for {}", column.oracle_type),
        }),
    }
}

impl<T: TypePolicy + ?Sized> TypePolicy for &T {
    fn pg_type(&self, table: &Table, column: &Column) -> Result<Option<PgType>, TypeError> {
        (**self).pg_type(table, column)
    }
    fn is_fixed(&self, table: &Table, column: &Column) -> bool {
        (**self).is_fixed(table, column)
    }
    fn loss(&self, table: &Table, column: &Column) -> LossPolicy {
        (**self).loss(table, column)
    }
}

impl<T: TypePolicy + ?Sized> TypePolicy for Box<T> {
    fn pg_type(&self, table: &Table, column: &Column) -> Result<Option<PgType>, TypeError> {
        (**self).pg_type(table, column)
    }
    fn is_fixed(&self, table: &Table, column: &Column) -> bool {
        (**self).is_fixed(table, column)
    }
    fn loss(&self, table: &Table, column: &Column) -> LossPolicy {
        (**self).loss(table, column)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use type_convert::LengthUnit;

    fn number(precision: Option<u8>, scale: Option<i8>) -> OracleType {
        OracleType::Number { precision, scale }
    }

    #[test]
    fn numbers_keep_every_digit() {
        let numeric = |digits| PgType::Numeric { digits };
        for (oracle, pg) in [
            (number(None, None), numeric(None)),
            (number(None, Some(0)), numeric(None)),
            (number(None, Some(2)), numeric(None)),
            (number(Some(1), Some(0)), PgType::Int2),
            (number(Some(4), Some(0)), PgType::Int2),
            (number(Some(5), Some(0)), PgType::Int4),
            (number(Some(9), Some(0)), PgType::Int4),
            (number(Some(10), Some(0)), PgType::Int8),
            (number(Some(18), Some(0)), PgType::Int8),
            (number(Some(19), Some(0)), numeric(Some((19, 0)))),
            (number(Some(38), Some(0)), numeric(Some((38, 0)))),
            (number(Some(8), Some(2)), numeric(Some((8, 2)))),
            (number(Some(2), Some(2)), numeric(Some((2, 2)))),
            (number(Some(3), Some(-2)), numeric(Some((3, -2)))),
            (number(Some(2), Some(5)), numeric(Some((2, 5)))),
            (OracleType::Float { binary_precision: 126 }, numeric(None)),
        ] {
            assert_eq!(DefaultTypes::default().of(&oracle, false), Some(pg), "{oracle:?}");
        }
    }

    #[test]
    fn old_servers_get_wider_numbers_never_rounded_ones() {
        let old = DefaultTypes::for_server(14);
        assert_eq!(old.of(&number(Some(3), Some(-2)), false), Some(PgType::Numeric { digits: Some((5, 0)) }));
        assert_eq!(old.of(&number(Some(2), Some(5)), false), Some(PgType::Numeric { digits: Some((5, 5)) }));
        assert_eq!(old.of(&number(Some(38), Some(-84)), false), Some(PgType::Numeric { digits: Some((122, 0)) }));
        assert_eq!(old.of(&number(Some(2), Some(2)), false), Some(PgType::Numeric { digits: Some((2, 2)) }));
    }

    #[test]
    fn identity_columns_get_a_type_that_postgresql_allows_for_them() {
        for oracle in [number(None, None), number(None, Some(0)), number(Some(28), Some(0))] {
            assert_eq!(DefaultTypes::default().of(&oracle, true), Some(PgType::Int8));
        }
        assert_eq!(DefaultTypes::default().of(&number(Some(6), Some(0)), true), Some(PgType::Int4));
    }

    #[test]
    fn the_other_types() {
        let timestamp = |p| PgType::Timestamp { precision: Some(p) };
        let tz = |p| PgType::TimestampTz { precision: Some(p) };
        for (oracle, pg) in [
            (OracleType::BinaryFloat, Some(PgType::Float4)),
            (OracleType::BinaryDouble, Some(PgType::Float8)),
            (OracleType::Char { length: 2, unit: LengthUnit::Byte }, Some(PgType::Bpchar { length: 2 })),
            (OracleType::NChar { length: 3 }, Some(PgType::Bpchar { length: 3 })),
            (
                OracleType::Varchar2 { length: 32767, unit: LengthUnit::Char },
                Some(PgType::Varchar { length: Some(32767) }),
            ),
            (OracleType::NVarchar2 { length: 9 }, Some(PgType::Varchar { length: Some(9) })),
            (OracleType::Date, Some(timestamp(0))),
            (OracleType::Timestamp { precision: 3 }, Some(timestamp(3))),
            (OracleType::Timestamp { precision: 9 }, Some(timestamp(6))),
            (OracleType::TimestampTz { precision: 6 }, Some(tz(6))),
            (OracleType::TimestampLtz { precision: 0 }, Some(tz(0))),
            (OracleType::Raw { length: 16 }, Some(PgType::Bytea)),
            (OracleType::Clob, Some(PgType::Text)),
            (OracleType::Long, Some(PgType::Text)),
            (OracleType::Blob, Some(PgType::Bytea)),
            (OracleType::IntervalYm { year_precision: 2 }, Some(PgType::Interval)),
            (OracleType::IntervalDs { day_precision: 2, second_precision: 6 }, Some(PgType::Interval)),
            (OracleType::RowId, Some(PgType::Text)),
            (OracleType::Xml, Some(PgType::Xml)),
            (OracleType::Json, Some(PgType::Jsonb)),
            (OracleType::Boolean, Some(PgType::Bool)),
            (OracleType::BFile, Some(PgType::Text)),
            (
                OracleType::Vector { dimensions: None, format: Some(VectorFormat::Float32) },
                Some(PgType::Array(Box::new(PgType::Float4))),
            ),
            (OracleType::Vector { dimensions: None, format: None }, Some(PgType::Array(Box::new(PgType::Float8)))),
            (OracleType::Geometry, None),
            (OracleType::Other { owner: Some("APP".into()), name: "POINT".into() }, None),
        ] {
            assert_eq!(DefaultTypes::default().of(&oracle, false), pg, "{oracle:?}");
        }
    }
}
