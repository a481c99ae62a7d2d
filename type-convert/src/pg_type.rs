use std::{fmt, str::FromStr};

/// A PostgreSQL column type. `Display` writes it as `format_type` does, e.g. `character varying(30)`.
///
/// Types that are made in the database ([`Enum`](PgType::Enum), [`Composite`](PgType::Composite), [`Domain`](PgType::Domain)) and those of extensions
/// ([`Citext`](PgType::Citext), [`Vector`](PgType::Vector), [`Geometry`](PgType::Geometry)) must be there before a column can have them.
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
    /// `citext` of the extension of that name.
    Citext,
    /// `vector(n)` of the extension `vector` (pgvector).
    Vector {
        /// 1 to 16 000; `None` is any.
        dimensions: Option<u32>,
    },
    /// `geometry` of the extension `postgis`.
    Geometry,
    /// An enumeration.
    Enum(Box<PgEnum>),
    /// A row type.
    Composite(Box<PgComposite>),
    /// `type[]`. Its elements are no arrays: PostgreSQL has no arrays of arrays, only ones of several dimensions.
    Array(Box<PgType>),
    /// A domain. Its values are written as those of the type that it is over.
    Domain(Box<PgDomain>),
}

/// An enumeration (`CREATE TYPE … AS ENUM`).
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct PgEnum {
    /// Its name as SQL has it, quoted and with its schema where needed: `public.mood`, `"Mood"`.
    pub name: String,
    /// Its labels; where none are given, they are not known here and the server alone refuses what is none.
    pub labels: Vec<String>,
}

/// A row type (`CREATE TYPE … AS (…)`).
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct PgComposite {
    /// Its name as SQL has it, quoted and with its schema where needed.
    pub name: String,
    /// Its OID in `pg_type`. A composite within another one, or in an array, cannot be sent without it: the binary form names it.
    pub oid: Option<u32>,
    /// The OID of the array type over it (`pg_type.typarray`): such an array within another type cannot be sent without it.
    pub array_oid: Option<u32>,
    /// Names and types of its fields in their order.
    pub fields: Vec<(String, PgType)>,
}

/// A domain (`CREATE DOMAIN … AS type`).
///
/// It stands for a type of an extension too, within a row type or an array: there the type's OID is needed, which differs from database to
/// database.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct PgDomain {
    /// Its name as SQL has it, quoted and with its schema where needed.
    pub name: String,
    /// Its OID in `pg_type`, needed where it is in a row type or an array: the binary form of these names it.
    pub oid: Option<u32>,
    /// The OID of the array type over it.
    pub array_oid: Option<u32>,
    /// The type that it is over; no domain again.
    pub base: PgType,
}

impl PgType {
    /// The type's OID in `pg_type`, fixed for built-in types; `None` for those of extensions and for enumerations, and for composites
    /// that do not say theirs, whose OIDs differ from database to database.
    pub fn oid(&self) -> Option<u32> {
        Some(match self {
            PgType::Citext | PgType::Vector { .. } | PgType::Geometry | PgType::Enum(_) => return None,
            PgType::Composite(composite) => return composite.oid,
            PgType::Domain(domain) => return domain.oid,
            PgType::Array(element) => return element.array_oid(),
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
        })
    }

    /// The OID of the array type over this one.
    fn array_oid(&self) -> Option<u32> {
        Some(match self {
            PgType::Xml => 143,
            PgType::Json => 199,
            PgType::Bool => 1000,
            PgType::Bytea => 1001,
            PgType::Int2 => 1005,
            PgType::Int4 => 1007,
            PgType::Text => 1009,
            PgType::Bpchar { .. } => 1014,
            PgType::Varchar { .. } => 1015,
            PgType::Int8 => 1016,
            PgType::Float4 => 1021,
            PgType::Float8 => 1022,
            PgType::Timestamp { .. } => 1115,
            PgType::Date => 1182,
            PgType::TimestampTz { .. } => 1185,
            PgType::Interval => 1187,
            PgType::Numeric { .. } => 1231,
            PgType::Uuid => 2951,
            PgType::Jsonb => 3807,
            PgType::Composite(composite) => return composite.array_oid,
            PgType::Domain(domain) => return domain.array_oid,
            PgType::Citext | PgType::Vector { .. } | PgType::Geometry | PgType::Enum(_) | PgType::Array(_) => {
                return None;
            }
        })
    }

    /// Its numbers, which are fields that anything may stand in, are ones that the server takes.
    pub(crate) fn check(&self) -> Result<(), &'static str> {
        match *self {
            PgType::Numeric { digits: Some((1..=1000, -1000..=1000)) } => Ok(()),
            PgType::Numeric { digits: Some(_) } => {
                Err("out of range: the precision is not in 1 to 1000 or the scale not in -1000 to 1000")
            }
            PgType::Varchar { length: Some(1..=10_485_760) } | PgType::Bpchar { length: 1..=10_485_760 } => Ok(()),
            PgType::Varchar { length: Some(_) } | PgType::Bpchar { .. } => {
                Err("out of range: the length is not in 1 to 10485760")
            }
            PgType::Timestamp { precision: Some(7..) } | PgType::TimestampTz { precision: Some(7..) } => {
                Err("out of range: the precision is not in 0 to 6")
            }
            PgType::Vector { dimensions: Some(0 | 16_001..) } => Err("out of range: the dimensions are not 1 to 16000"),
            _ => Ok(()),
        }
    }

    fn checked(self) -> Result<Self, &'static str> {
        self.check().map(|()| self)
    }

    /// What a domain is over; any other type is itself.
    pub fn base(&self) -> &PgType {
        match self {
            PgType::Domain(domain) => &domain.base,
            other => other,
        }
    }

    /// The type in words that [`FromStr`] reads: as `Display`, but for types that are made in the database, of which it also says what
    /// they are made of: `enum public.mood ('happy', 'sad')`, `composite address ("street" text, "No" integer)`, `domain phones (text[])`.
    /// OIDs are left out.
    pub fn to_definition(&self) -> String {
        match self {
            PgType::Enum(of) if of.labels.is_empty() => format!("enum {}", of.name),
            PgType::Enum(of) => {
                let labels: Vec<String> = of.labels.iter().map(|l| format!("'{}'", l.replace('\'', "''"))).collect();
                format!("enum {} ({})", of.name, labels.join(", "))
            }
            PgType::Composite(of) => {
                let field =
                    |(name, ty): &(String, PgType)| format!("\"{}\" {}", name.replace('"', "\"\""), ty.to_definition());
                let fields: Vec<String> = of.fields.iter().map(field).collect();
                format!("composite {} ({})", of.name, fields.join(", "))
            }
            PgType::Domain(of) => format!("domain {} ({})", of.name, of.base.to_definition()),
            PgType::Array(element) => format!("{}[]", element.to_definition()),
            other => other.to_string(),
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
            PgType::Citext => f.write_str("citext"),
            PgType::Vector { dimensions: None } => f.write_str("vector"),
            PgType::Vector { dimensions: Some(n) } => write!(f, "vector({n})"),
            PgType::Geometry => f.write_str("geometry"),
            PgType::Enum(of) => f.write_str(&of.name),
            PgType::Composite(of) => f.write_str(&of.name),
            PgType::Domain(of) => f.write_str(&of.name),
            PgType::Array(element) => write!(f, "{element}[]"),
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
/// in any case and spacing, with or without `pg_catalog.`; and what [`to_definition`](PgType::to_definition) writes.
impl FromStr for PgType {
    type Err = PgTypeError;

    fn from_str(s: &str) -> Result<Self, Self::Err> {
        read_definition(s, 0).map_err(|reason| PgTypeError { name: s.to_owned(), reason })
    }
}

/// Row types within row types, and no deeper.
const MAX_DEPTH: usize = 16;

fn read_definition(text: &str, depth: usize) -> Result<PgType, &'static str> {
    let text = text.trim();
    if depth > MAX_DEPTH {
        return Err("types are nested too deeply");
    }
    if let Some(element) = text.strip_suffix("[]") {
        return match read_definition(element, depth + 1)? {
            PgType::Array(_) => Err("PostgreSQL has no arrays of arrays"),
            element => Ok(PgType::Array(Box::new(element))),
        };
    }
    let Some((kind, rest)) = text.split_once(char::is_whitespace) else { return read_type(text) };
    match kind.to_ascii_lowercase().as_str() {
        "enum" => {
            let (name, labels) = name_and_list(rest)?;
            let labels = labels.into_iter().map(|label| {
                let quoted = label.strip_prefix('\'').and_then(|l| l.strip_suffix('\''));
                let label = quoted.map(|l| (l.replace("''", "'"), l.replace("''", "")));
                // What is left of an apostrophe is not doubled.
                label.filter(|(_, rest)| !rest.contains('\'')).map(|(l, _)| l).ok_or("a label is not in apostrophes")
            });
            Ok(PgType::Enum(Box::new(PgEnum { name, labels: labels.collect::<Result<_, _>>()? })))
        }
        "composite" => {
            let (name, fields) = name_and_list(rest)?;
            let fields = fields.into_iter().map(|field| {
                let (name, ty) = first_name(field).ok_or("a field without a type")?;
                Ok((name, read_definition(ty, depth + 1)?))
            });
            let fields: Vec<_> = fields.collect::<Result<_, &'static str>>()?;
            match fields.len() {
                0 => Err("a row type without fields"),
                _ => Ok(PgType::Composite(Box::new(PgComposite { name, oid: None, array_oid: None, fields }))),
            }
        }
        "domain" => {
            let (name, base) = name_and_list(rest)?;
            let [base] = base[..] else { return Err("a domain is over one type") };
            match read_definition(base, depth + 1)? {
                PgType::Domain(_) => Err("a domain is over a type that is none"),
                base => Ok(PgType::Domain(Box::new(PgDomain { name, oid: None, array_oid: None, base }))),
            }
        }
        _ => read_type(text),
    }
}

/// `name (a, b)` or `name`: the name as it is written and what stands between the commas.
fn name_and_list(text: &str) -> Result<(String, Vec<&str>), &'static str> {
    let mut quote = None;
    let (mut depth, mut start, mut from) = (0_usize, None, 0);
    let mut items = Vec::new();
    for (at, c) in text.char_indices() {
        match (quote, c) {
            (Some(open), c) if c == open => quote = None,
            (Some(_), _) => {}
            (None, '"' | '\'') => quote = Some(c),
            (None, '(') => {
                depth += 1;
                if depth == 1 {
                    // Nothing follows the first list.
                    start = Some(at);
                    from = at + 1;
                }
            }
            (None, ')') => {
                depth = depth.checked_sub(1).ok_or("a parenthesis too many")?;
                if depth == 0 {
                    items.push(text[from..at].trim());
                    if !text[at + 1..].trim().is_empty() {
                        return Err("something follows the list");
                    }
                }
            }
            (None, ',') if depth == 1 => {
                items.push(text[from..at].trim());
                from = at + 1;
            }
            _ => {}
        }
    }
    if depth != 0 || quote.is_some() {
        return Err("a parenthesis or quote is not closed");
    }
    let name = text[..start.unwrap_or(text.len())].trim();
    match is_name(name) {
        true => Ok((name.to_owned(), items)),
        false => Err("a type made in the database needs a name, quoted where SQL would have it quoted"),
    }
}

/// Parts with dots between them, each quoted or plain.
fn is_name(mut text: &str) -> bool {
    loop {
        let part = if text.starts_with('"') {
            first_name(text).map(|(name, rest)| (name.len(), rest))
        } else {
            let end = text.find(|c: char| !(c.is_alphanumeric() || "_$".contains(c))).unwrap_or(text.len());
            Some((end, &text[end..]))
        };
        text = match part {
            None | Some((0, _)) => return false,
            Some((_, "")) => return true,
            Some((_, rest)) => match rest.strip_prefix('.') {
                Some(rest) => rest,
                None => return false,
            },
        };
    }
}

/// A field's name as PostgreSQL stores it, and what follows it.
fn first_name(field: &str) -> Option<(String, &str)> {
    let Some(quoted) = field.strip_prefix('"') else {
        let (name, rest) = field.split_once(char::is_whitespace)?;
        return Some((name.to_ascii_lowercase(), rest));
    };
    let mut name = String::new();
    let mut rest = quoted;
    loop {
        let (piece, after) = rest.split_once('"')?;
        name.push_str(piece);
        match after.strip_prefix('"') {
            Some(after) => {
                name.push('"');
                rest = after;
            }
            None => return Some((name, after)),
        }
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
    // What is no such number at all is one out of range, too.
    let length = || match *numbers {
        [] => Ok(None),
        [n] => Ok(Some(u32::try_from(n).unwrap_or(0))),
        _ => Err("more than one length"),
    };
    let fraction = || match *numbers {
        [] => Ok(None),
        [n] => Ok(Some(u8::try_from(n).unwrap_or(u8::MAX))),
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
            let digits = digits.map(|(precision, scale)| {
                (u16::try_from(precision).unwrap_or(0), i16::try_from(scale).unwrap_or(i16::MAX))
            });
            return PgType::Numeric { digits }.checked();
        }
        "character varying" | "varchar" | "char varying" => return PgType::Varchar { length: length()? }.checked(),
        "character" | "char" => return PgType::Bpchar { length: length()?.unwrap_or(1) }.checked(),
        "bpchar" => {
            let length = length()?.ok_or("without a length it is no character(n)")?;
            return PgType::Bpchar { length }.checked();
        }
        "timestamp" | "timestamp without time zone" => return PgType::Timestamp { precision: fraction()? }.checked(),
        "timestamptz" | "timestamp with time zone" => return PgType::TimestampTz { precision: fraction()? }.checked(),
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
        "citext" => PgType::Citext,
        "geometry" => PgType::Geometry,
        "vector" => return PgType::Vector { dimensions: length()? }.checked(),
        _ => return Err("the name is not known"),
    };
    if modifier.is_some() { Err("this type takes no modifier here") } else { Ok(found) }
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
            "citext",
            "vector",
            "vector(3)",
            "geometry",
            "text[]",
            "numeric(10,2)[]",
            "timestamp(3) without time zone[]",
        ] {
            assert_eq!(name.parse::<PgType>().unwrap().to_string(), name);
        }
    }

    #[test]
    fn types_made_in_the_database_are_defined() {
        for text in [
            "enum mood",
            "enum \"My App\".\"Mood\" ('happy', 'it''s, (so) so', '')",
            "composite address (\"street\" text, \"No\" integer, \"a\"\"b\" numeric(10,2))",
            "composite nested (\"a\" composite inner (\"x\" timestamp(3) without time zone, \"y\" enum e ('p', 'q')), \"b\" integer[])",
            "composite address (\"street\" text)[]",
            "domain app.phones (character varying(20)[])",
            "composite place (\"phones\" domain phones (numeric(10,2)[]), \"all\" domain a (text)[])",
        ] {
            let ty = text.parse::<PgType>().unwrap_or_else(|e| panic!("{e}"));
            assert_eq!(ty.to_definition(), text);
        }
        let composite: PgType = "COMPOSITE public.point3 (X float8, y float8)".parse().unwrap();
        assert_eq!(composite.to_string(), "public.point3");
        assert_eq!(
            composite.to_definition(),
            "composite public.point3 (\"x\" double precision, \"y\" double precision)"
        );
        for text in [
            "enum",
            "enum ",
            "enum ('a')",
            "enum mood ('a'",
            "enum mood ('a) ",
            "enum mood (a)",
            "enum mood ('a' 'b')",
            "enum mood ('a'\"x\"'b')",
            "enum mood ('a') ('b')",
            "enum mood ('a') x",
            "enum mood; drop table t",
            "enum \"mood\"; drop table t",
            "enum a..b",
            "composite c",
            "composite c ()",
            "composite c (a)",
            "composite c (a money)",
            "composite c (\"a text)",
            "domain d",
            "domain d (text, text)",
            "domain d (domain e (text))",
            "text[][]",
            "[]",
            "vector(16001)",
        ] {
            assert!(text.parse::<PgType>().is_err(), "{text}");
        }
        let deep = format!("{}int{}", "composite c (a ".repeat(100), ")".repeat(100));
        assert!(deep.parse::<PgType>().is_err());
        let long = format!("enum {}a", "a.".repeat(1_000_000));
        assert!(long.parse::<PgType>().is_ok());
    }

    #[test]
    fn arrays_have_the_oids_of_pg_type() {
        assert_eq!("text[]".parse::<PgType>().unwrap().oid(), Some(1009));
        assert_eq!("citext".parse::<PgType>().unwrap().oid(), None);
        assert_eq!("citext[]".parse::<PgType>().unwrap().oid(), None);
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
            "numeric(1,2,3)",
            "bit(3)",
        ] {
            assert!(PgType::parse(name).is_err(), "{name}");
        }
        assert!(PgType::parse("money").unwrap_err().to_string().contains("`money`"));
    }
}
