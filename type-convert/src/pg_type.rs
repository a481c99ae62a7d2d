use std::{fmt, str::FromStr};

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

/// As `format_type` writes it: `numeric(10,2)`, `timestamp(3) without time zone`.
impl fmt::Display for PgType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            PgType::Bool => f.write_str("boolean"),
            PgType::Int2 => f.write_str("smallint"),
            PgType::Int4 => f.write_str("integer"),
            PgType::Int8 => f.write_str("bigint"),
            PgType::Numeric { digits: None } => f.write_str("numeric"),
            PgType::Numeric { digits: Some((precision, scale)) } => write!(f, "numeric({precision},{scale})"),
            PgType::Float4 => f.write_str("real"),
            PgType::Float8 => f.write_str("double precision"),
            PgType::Text => f.write_str("text"),
            PgType::Varchar { length: None } => f.write_str("character varying"),
            PgType::Varchar { length: Some(length) } => write!(f, "character varying({length})"),
            PgType::Bpchar { length } => write!(f, "character({length})"),
            PgType::Bytea => f.write_str("bytea"),
            PgType::Date => f.write_str("date"),
            PgType::Timestamp { precision: None } => f.write_str("timestamp without time zone"),
            PgType::Timestamp { precision: Some(p) } => write!(f, "timestamp({p}) without time zone"),
            PgType::TimestampTz { precision: None } => f.write_str("timestamp with time zone"),
            PgType::TimestampTz { precision: Some(p) } => write!(f, "timestamp({p}) with time zone"),
            PgType::Interval => f.write_str("interval"),
            PgType::Uuid => f.write_str("uuid"),
            PgType::Json => f.write_str("json"),
            PgType::Jsonb => f.write_str("jsonb"),
            PgType::Xml => f.write_str("xml"),
        }
    }
}

/// The name of a type that cannot be a target: unknown, or with a modifier that is not kept here.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{name}` is no PostgreSQL type that values are converted to: {reason}")]
pub struct PgTypeError {
    name: String,
    reason: &'static str,
}

/// Reads what `format_type` writes, and the usual other names (`int4`, `decimal(10,2)`, `varchar(30)`, `timestamptz`),
/// in any case and spacing, with or without `pg_catalog.`.
impl FromStr for PgType {
    type Err = PgTypeError;

    fn from_str(s: &str) -> Result<Self, Self::Err> {
        read_type(s).map_err(|reason| PgTypeError { name: s.to_owned(), reason })
    }
}

impl PgType {
    /// The same as [`FromStr`].
    pub fn parse(name: &str) -> Result<Self, PgTypeError> {
        name.parse()
    }
}

fn read_type(text: &str) -> Result<PgType, &'static str> {
    let lower = text.trim().to_ascii_lowercase();
    let lower = lower.strip_prefix("pg_catalog.").unwrap_or(&lower);
    // The modifier stands behind the first word or the whole: `timestamp(3) without time zone`.
    let (before, modifier, after) = match lower.split_once('(') {
        None => (lower, None, ""),
        Some((before, rest)) => {
            let (modifier, after) = rest.split_once(')').ok_or("the parenthesis is not closed")?;
            (before, Some(modifier), after)
        }
    };
    let words: Vec<&str> = before.split_whitespace().chain(after.split_whitespace()).collect();
    let numbers: Vec<i32> = match modifier {
        None => Vec::new(),
        Some(list) => {
            let numbers: Result<_, _> = list.split(',').map(|n| n.trim().parse()).collect();
            numbers.map_err(|_| "a modifier that is no number")?
        }
    };
    let length = || match *numbers {
        [] => Ok(None),
        [n] => match u32::try_from(n) {
            Ok(length @ 1..=10_485_760) => Ok(Some(length)),
            _ => Err("the length is not in 1 to 10485760"),
        },
        _ => Err("more than one length"),
    };
    let fraction = || match *numbers {
        [] => Ok(None),
        [n] => match u8::try_from(n) {
            Ok(precision @ 0..=6) => Ok(Some(precision)),
            _ => Err("the precision is not in 0 to 6"),
        },
        _ => Err("more than one precision"),
    };
    let found = match &*words.join(" ") {
        "numeric" | "decimal" => {
            let digits = match *numbers {
                [] => None,
                [precision] => Some((precision, 0)),
                [precision, scale] => Some((precision, scale)),
                _ => return Err("more than precision and scale"),
            };
            let checked = digits.map(|(precision, scale)| match (u16::try_from(precision), i16::try_from(scale)) {
                (Ok(precision @ 1..=1000), Ok(scale @ -1000..=1000)) => Ok((precision, scale)),
                _ => Err("the precision is not in 1 to 1000 or the scale not in -1000 to 1000"),
            });
            return Ok(PgType::Numeric { digits: checked.transpose()? });
        }
        "character varying" | "varchar" | "char varying" => return Ok(PgType::Varchar { length: length()? }),
        "character" | "char" => return Ok(PgType::Bpchar { length: length()?.unwrap_or(1) }),
        "bpchar" => {
            let length = length()?.ok_or("without a length it is no character(n)")?;
            return Ok(PgType::Bpchar { length });
        }
        "timestamp" | "timestamp without time zone" => return Ok(PgType::Timestamp { precision: fraction()? }),
        "timestamptz" | "timestamp with time zone" => return Ok(PgType::TimestampTz { precision: fraction()? }),
        "boolean" | "bool" => PgType::Bool,
        "smallint" | "int2" => PgType::Int2,
        "integer" | "int" | "int4" => PgType::Int4,
        "bigint" | "int8" => PgType::Int8,
        "real" | "float4" => PgType::Float4,
        "double precision" | "float8" => PgType::Float8,
        "text" => PgType::Text,
        "bytea" => PgType::Bytea,
        "date" => PgType::Date,
        "interval" => PgType::Interval,
        "uuid" => PgType::Uuid,
        "json" => PgType::Json,
        "jsonb" => PgType::Jsonb,
        "xml" => PgType::Xml,
        _ => return Err("the name is not known"),
    };
    if modifier.is_some() { Err("this type takes no modifier here") } else { Ok(found) }
}

#[cfg(feature = "with-serde-1")]
impl serde::Serialize for PgType {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

#[cfg(feature = "with-serde-1")]
impl<'de> serde::Deserialize<'de> for PgType {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = <std::borrow::Cow<'de, str> as serde::Deserialize>::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_what_it_writes() {
        for name in [
            "boolean",
            "smallint",
            "integer",
            "bigint",
            "numeric",
            "numeric(10,0)",
            "numeric(3,-5)",
            "real",
            "double precision",
            "text",
            "character varying",
            "character varying(30)",
            "character(2)",
            "bytea",
            "date",
            "timestamp without time zone",
            "timestamp(3) without time zone",
            "timestamp with time zone",
            "timestamp(0) with time zone",
            "interval",
            "uuid",
            "json",
            "jsonb",
            "xml",
        ] {
            assert_eq!(name.parse::<PgType>().unwrap().to_string(), name);
        }
    }

    #[test]
    fn reads_other_names() {
        for (name, shown) in [
            ("INT", "integer"),
            ("decimal( 10 , 2 )", "numeric(10,2)"),
            ("numeric(7)", "numeric(7,0)"),
            ("VarChar(5)", "character varying(5)"),
            ("char", "character(1)"),
            ("timestamptz(3)", "timestamp(3) with time zone"),
            (" pg_catalog.int8 ", "bigint"),
            ("timestamp (3)  without  time zone", "timestamp(3) without time zone"),
        ] {
            assert_eq!(PgType::parse(name).unwrap().to_string(), shown);
        }
        for name in [
            "",
            "money",
            "int(4)",
            "varchar(0)",
            "varchar(1,2)",
            "numeric(1001)",
            "numeric(a)",
            "numeric(1",
            "bpchar",
            "timestamp(7)",
            "interval(3)",
            "interval day to second",
            "date()",
            "text[]",
            "numeric(1,2,3)",
            "bit(3)",
        ] {
            assert!(PgType::parse(name).is_err(), "{name}");
        }
        assert!(PgType::parse("money").unwrap_err().to_string().contains("`money`"));
    }
}
