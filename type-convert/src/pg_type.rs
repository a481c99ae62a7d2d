use std::fmt;

/// A PostgreSQL column type. `Display` writes it as `format_type` does, e.g. `character varying(30)`.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum PgType {
    /// `boolean`
    Bool,
    /// `smallint`
    Int2,
    /// `integer`
    Int4,
    /// `bigint`
    Int8,
    /// `numeric` or `numeric(p,s)`
    Numeric {
        /// Precision (1 to 1000) and scale (0 to precision before PostgreSQL 15, −1000 to 1000 from it on).
        digits: Option<(u16, i16)>,
    },
    /// `real`
    Float4,
    /// `double precision`
    Float8,
    /// `text`
    Text,
    /// `character varying(n)`
    Varchar {
        /// Characters, 1 to 10 485 760; `None` is without limit.
        length: Option<u32>,
    },
    /// `character(n)`
    Bpchar {
        /// Characters, 1 to 10 485 760.
        length: u32,
    },
    /// `bytea`
    Bytea,
    /// `date`
    Date,
    /// `timestamp(p) without time zone`
    Timestamp {
        /// Digits of the fraction, 0 to 6; `None` is 6.
        precision: Option<u8>,
    },
    /// `timestamp(p) with time zone`
    TimestampTz {
        /// Digits of the fraction, 0 to 6; `None` is 6.
        precision: Option<u8>,
    },
    /// `interval`
    Interval,
    /// `uuid`
    Uuid,
    /// `json`
    Json,
    /// `jsonb`
    Jsonb,
    /// `xml`
    Xml,
}

impl PgType {
    /// The type's OID in `pg_type`, fixed for built-in types.
    pub fn oid(&self) -> u32 {
        match self {
            PgType::Bool => 16,
            PgType::Bytea => 17,
            PgType::Int8 => 20,
            PgType::Int2 => 21,
            PgType::Int4 => 23,
            PgType::Text => 25,
            PgType::Json => 114,
            PgType::Xml => 142,
            PgType::Float4 => 700,
            PgType::Float8 => 701,
            PgType::Bpchar { .. } => 1042,
            PgType::Varchar { .. } => 1043,
            PgType::Date => 1082,
            PgType::Timestamp { .. } => 1114,
            PgType::TimestampTz { .. } => 1184,
            PgType::Interval => 1186,
            PgType::Numeric { .. } => 1700,
            PgType::Uuid => 2950,
            PgType::Jsonb => 3802,
        }
    }
}

impl fmt::Display for PgType {
    fn fmt(&self, _f: &mut fmt::Formatter<'_>) -> fmt::Result {
        todo!()
    }
}
