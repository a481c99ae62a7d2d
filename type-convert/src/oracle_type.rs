use crate::VectorFormat;
use std::{fmt, str::FromStr};

/// The unit of a character column's declared length.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum LengthUnit {
    /// `VARCHAR2(n BYTE)`; `ALL_TAB_COLUMNS.CHAR_USED = 'B'`.
    Byte,
    /// `VARCHAR2(n CHAR)`; `CHAR_USED = 'C'`.
    Char,
}

/// The declared type of an Oracle column. `Display` writes it as Oracle's DDL does.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum OracleType {
    /// `NUMBER`, `NUMBER(p)`, `NUMBER(p,s)`, `NUMBER(*,s)`, and the ANSI names for them (INTEGER is `NUMBER(*,0)`).
    Number {
        /// 1 to 38 decimal digits; `None` is `NUMBER` or `NUMBER(*,s)`.
        precision: Option<u8>,
        /// −84 to 127; `None` only where the precision is `None` too and any scale may occur.
        scale: Option<i8>,
    },
    /// `FLOAT(b)`: a decimal number with b binary digits of precision, 1 to 126.
    Float {
        /// Binary digits.
        binary_precision: u8,
    },
    /// `BINARY_FLOAT`.
    BinaryFloat,
    /// `BINARY_DOUBLE`.
    BinaryDouble,
    /// `CHAR(n)`, blank padded.
    Char {
        /// 1 to 2000.
        length: u32,
        /// What `length` counts.
        unit: LengthUnit,
    },
    /// `VARCHAR2(n)`.
    Varchar2 {
        /// 1 to 32767.
        length: u32,
        /// What `length` counts.
        unit: LengthUnit,
    },
    /// `NCHAR(n)`, in characters.
    NChar {
        /// 1 to 2000.
        length: u32,
    },
    /// `NVARCHAR2(n)`, in characters.
    NVarchar2 {
        /// 1 to 16383.
        length: u32,
    },
    /// `LONG`.
    Long,
    /// `LONG RAW`.
    LongRaw,
    /// `RAW(n)`.
    Raw {
        /// 1 to 32767 bytes.
        length: u32,
    },
    /// `CLOB`.
    Clob,
    /// `NCLOB`.
    NClob,
    /// `BLOB`.
    Blob,
    /// `BFILE`.
    BFile,
    /// `DATE`: to the second.
    Date,
    /// `TIMESTAMP(p)`.
    Timestamp {
        /// Digits of the fraction, 0 to 9.
        precision: u8,
    },
    /// `TIMESTAMP(p) WITH TIME ZONE`.
    TimestampTz {
        /// Digits of the fraction, 0 to 9.
        precision: u8,
    },
    /// `TIMESTAMP(p) WITH LOCAL TIME ZONE`.
    TimestampLtz {
        /// Digits of the fraction, 0 to 9.
        precision: u8,
    },
    /// `INTERVAL YEAR(p) TO MONTH`.
    IntervalYm {
        /// Digits of the years, 0 to 9.
        year_precision: u8,
    },
    /// `INTERVAL DAY(p) TO SECOND(s)`.
    IntervalDs {
        /// Digits of the days, 0 to 9.
        day_precision: u8,
        /// Digits of the fraction, 0 to 9.
        second_precision: u8,
    },
    /// `ROWID`.
    RowId,
    /// `UROWID(n)`.
    URowId {
        /// Bytes, 1 to 4000.
        length: u32,
    },
    /// `XMLTYPE`.
    Xml,
    /// `JSON` (21c and later).
    Json,
    /// `BOOLEAN` (23ai).
    Boolean,
    /// `VECTOR(n, format)` (23ai).
    Vector {
        /// Dimensions, 1 to 65 535; `None` is `*`: any.
        dimensions: Option<u32>,
        /// Of its elements; `None` is `*`: any.
        format: Option<VectorFormat>,
    },
    /// `MDSYS.SDO_GEOMETRY`.
    Geometry,
    /// A user-defined object type whose attributes are known (`ALL_TYPE_ATTRS`).
    Object(Box<ObjectType>),
    /// A user-defined VARRAY or nested table whose element type is known (`ALL_COLL_TYPES`).
    Collection(Box<CollectionType>),
    /// Any other type, built in or user defined, by its name as the dictionary gives it.
    Other {
        /// `ALL_TAB_COLUMNS.DATA_TYPE_OWNER`.
        owner: Option<String>,
        /// `ALL_TAB_COLUMNS.DATA_TYPE`.
        name: String,
    },
}

/// An object type (`CREATE TYPE … AS OBJECT`).
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct ObjectType {
    /// Its owner.
    pub owner: String,
    /// Its name.
    pub name: String,
    /// Names and types of its attributes, inherited ones first, in the order of `ALL_TYPE_ATTRS.ATTR_NO`.
    pub attributes: Vec<(String, OracleType)>,
}

/// A collection type (`CREATE TYPE … AS VARRAY(n) OF …` or `… AS TABLE OF …`).
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct CollectionType {
    /// Its owner.
    pub owner: String,
    /// Its name.
    pub name: String,
    /// The most elements of a VARRAY; `None` is a nested table, which has no limit and whose elements have no order.
    pub limit: Option<u32>,
    /// The type of its elements.
    pub element: OracleType,
}

/// What `ALL_TAB_COLUMNS` (or `DBA_`, `USER_`) says of one column's type.
#[derive(Debug, Clone, Copy, Default)]
pub struct DictionaryType<'a> {
    /// `DATA_TYPE`, e.g. `NUMBER`, `TIMESTAMP(6) WITH TIME ZONE`.
    pub data_type: &'a str,
    /// `DATA_TYPE_OWNER`: set for user-defined types, `XMLTYPE` and `SDO_GEOMETRY`.
    pub data_type_owner: Option<&'a str>,
    /// `DATA_LENGTH`, in bytes.
    pub data_length: i64,
    /// `DATA_PRECISION`: decimal digits of a NUMBER, binary ones of a FLOAT.
    pub data_precision: Option<i64>,
    /// `DATA_SCALE`.
    pub data_scale: Option<i64>,
    /// `CHAR_LENGTH`, in characters.
    pub char_length: Option<i64>,
    /// `CHAR_USED`: `B` or `C`.
    pub char_used: Option<&'a str>,
}

/// A row of the dictionary that describes no type.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the dictionary's {column} of a {data_type} column is {value}")]
pub struct DictionaryTypeError {
    data_type: String,
    column: &'static str,
    value: String,
}

impl OracleType {
    /// The type of a column as the dictionary describes it. A type that is not known by name is
    /// [`OracleType::Other`]; a length, precision or scale out of the type's range is an error.
    pub fn from_dictionary(column: &DictionaryType<'_>) -> Result<Self, DictionaryTypeError> {
        let name = column.data_type.trim();
        let other = || OracleType::Other { owner: column.data_type_owner.map(str::to_owned), name: name.to_owned() };
        if column.data_type_owner.is_some() {
            // A user may call a type of theirs DATE.
            return Ok(match (column.data_type_owner, name) {
                (_, "XMLTYPE") => OracleType::Xml,
                (Some("MDSYS"), "SDO_GEOMETRY") => OracleType::Geometry,
                _ => other(),
            });
        }
        let error = |column: &'static str, value: Option<i64>| DictionaryTypeError {
            data_type: name.to_owned(),
            column,
            value: value.map_or("NULL".to_owned(), |v| v.to_string()),
        };
        let length =
            |what, value: Option<i64>| value.and_then(|n| u32::try_from(n).ok()).ok_or_else(|| error(what, value));
        let bytes = || length("DATA_LENGTH", Some(column.data_length));
        let characters = || length("CHAR_LENGTH", column.char_length);
        let sized = || match column.char_used {
            Some("C") => Ok((characters()?, LengthUnit::Char)),
            Some("B") | None => Ok((bytes()?, LengthUnit::Byte)),
            Some(unit) => {
                Err(DictionaryTypeError { data_type: name.to_owned(), column: "CHAR_USED", value: unit.to_owned() })
            }
        };
        let ranged = |what, value: Option<i64>, range: std::ops::RangeInclusive<i64>| match value {
            Some(n) if !range.contains(&n) => Err(error(what, value)),
            _ => Ok(value),
        };
        Ok(match name {
            "NUMBER" => {
                let precision = ranged("DATA_PRECISION", column.data_precision, 1..=38)?;
                let scale = ranged("DATA_SCALE", column.data_scale, -84..=127)?;
                OracleType::Number {
                    precision: precision.and_then(|p| p.try_into().ok()),
                    // The dictionary leaves no NUMBER(p) without its scale of 0; a reader may.
                    scale: scale.or(precision.map(|_| 0)).and_then(|s| s.try_into().ok()),
                }
            }
            "FLOAT" => {
                let precision = ranged("DATA_PRECISION", Some(column.data_precision.unwrap_or(126)), 1..=126)?;
                OracleType::Float { binary_precision: precision.and_then(|p| p.try_into().ok()).unwrap_or(126) }
            }
            "BINARY_FLOAT" => OracleType::BinaryFloat,
            "BINARY_DOUBLE" => OracleType::BinaryDouble,
            "CHAR" => sized().map(|(length, unit)| OracleType::Char { length, unit })?,
            "VARCHAR2" | "VARCHAR" => sized().map(|(length, unit)| OracleType::Varchar2 { length, unit })?,
            "NCHAR" => OracleType::NChar { length: characters()? },
            "NVARCHAR2" => OracleType::NVarchar2 { length: characters()? },
            "LONG" => OracleType::Long,
            "LONG RAW" => OracleType::LongRaw,
            "RAW" => OracleType::Raw { length: bytes()? },
            "CLOB" => OracleType::Clob,
            "NCLOB" => OracleType::NClob,
            "BLOB" => OracleType::Blob,
            "BFILE" => OracleType::BFile,
            "DATE" => OracleType::Date,
            "ROWID" => OracleType::RowId,
            "UROWID" => OracleType::URowId { length: bytes()? },
            "XMLTYPE" => OracleType::Xml,
            "JSON" => OracleType::Json,
            "BOOLEAN" => OracleType::Boolean,
            "VECTOR" => OracleType::Vector { dimensions: None, format: None },
            _ => Self::from_datetime_name(name).unwrap_or_else(other),
        })
    }

    /// Whether it is one of those in which `''` is NULL: CHAR, VARCHAR2, NCHAR, NVARCHAR2, LONG.
    pub fn is_character(&self) -> bool {
        matches!(
            self,
            OracleType::Char { .. }
                | OracleType::Varchar2 { .. }
                | OracleType::NChar { .. }
                | OracleType::NVarchar2 { .. }
                | OracleType::Long
        )
    }

    /// The types whose precisions the dictionary writes into their names.
    fn from_datetime_name(name: &str) -> Option<Self> {
        if let Some(rest) = name.strip_prefix("TIMESTAMP") {
            let (precision, rest) = parenthesised(rest, 6)?;
            return match rest {
                "" => Some(OracleType::Timestamp { precision }),
                " WITH TIME ZONE" => Some(OracleType::TimestampTz { precision }),
                " WITH LOCAL TIME ZONE" => Some(OracleType::TimestampLtz { precision }),
                _ => None,
            };
        }
        if let Some(rest) = name.strip_prefix("INTERVAL YEAR") {
            let (year_precision, rest) = parenthesised(rest, 2)?;
            return (rest == " TO MONTH").then_some(OracleType::IntervalYm { year_precision });
        }
        let (day_precision, rest) = parenthesised(name.strip_prefix("INTERVAL DAY")?, 2)?;
        let (second_precision, rest) = parenthesised(rest.strip_prefix(" TO SECOND")?, 6)?;
        rest.is_empty().then_some(OracleType::IntervalDs { day_precision, second_precision })
    }
}

/// A text that is not the name of a built-in type.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is not an Oracle type: write it as DDL does, e.g. NUMBER(10,2), VARCHAR2(30 CHAR), TIMESTAMP(6)")]
pub struct OracleTypeError(String);

/// Reads what `Display` writes, in any case; lengths without a unit are in bytes.
impl FromStr for OracleType {
    type Err = OracleTypeError;

    fn from_str(text: &str) -> Result<Self, OracleTypeError> {
        let error = || OracleTypeError(text.to_owned());
        let upper = text.trim().to_uppercase();
        let mut column = DictionaryType { data_type: &upper, ..DictionaryType::default() };
        match upper.as_str() {
            "MDSYS.SDO_GEOMETRY" => return Ok(OracleType::Geometry),
            "CHAR" | "NCHAR" => (column.data_length, column.char_length) = (1, Some(1)),
            "VARCHAR2" | "VARCHAR" | "NVARCHAR2" | "RAW" | "UROWID" => return Err(error()),
            _ => {}
        }
        // The names of the other types with a length in them are as the dictionary has them.
        if let Some((name, rest)) = upper.split_once('(').filter(|_| Self::from_datetime_name(&upper).is_none()) {
            let arguments = rest.strip_suffix(')').ok_or_else(error)?;
            let number = |text: &str| text.trim().parse::<i64>().map_err(|_| error());
            column.data_type = name.trim_end();
            match column.data_type {
                "NUMBER" => {
                    let (precision, scale) = match arguments.split_once(',') {
                        Some((precision, scale)) => (precision, number(scale)?),
                        None => (arguments, 0),
                    };
                    column.data_precision = (precision.trim() != "*").then(|| number(precision)).transpose()?;
                    column.data_scale = Some(scale);
                }
                "FLOAT" => column.data_precision = Some(number(arguments)?),
                "CHAR" | "VARCHAR2" | "VARCHAR" | "NCHAR" | "NVARCHAR2" | "RAW" | "UROWID" => {
                    let (length, unit) = arguments.trim().split_once(' ').unwrap_or((arguments, "BYTE"));
                    column.char_used = Some(match unit.trim() {
                        "CHAR" => "C",
                        "BYTE" => "B",
                        _ => return Err(error()),
                    });
                    column.data_length = number(length)?;
                    column.char_length = Some(column.data_length);
                }
                "VECTOR" => return vector(arguments).ok_or_else(error),
                _ => return Err(error()),
            }
        }
        match Self::from_dictionary(&column) {
            Ok(OracleType::Other { .. }) | Err(_) => Err(error()),
            Ok(ty) => Ok(ty),
        }
    }
}

/// `3`, `*`, `3, FLOAT32`, `*, *`; a third argument says whether it is stored sparse, which is no matter of its type here.
fn vector(arguments: &str) -> Option<OracleType> {
    let mut arguments = arguments.split(',').map(str::trim);
    let dimensions = match arguments.next()? {
        "*" => None,
        number => Some(number.parse().ok().filter(|n| (1..=65_535).contains(n))?),
    };
    let format = match arguments.next() {
        None | Some("*") => None,
        Some("FLOAT32") => Some(VectorFormat::Float32),
        Some("FLOAT64") => Some(VectorFormat::Float64),
        Some("INT8") => Some(VectorFormat::Int8),
        Some("BINARY") => Some(VectorFormat::Binary),
        Some(_) => return None,
    };
    match (arguments.next(), arguments.next()) {
        (None | Some("*" | "DENSE" | "SPARSE"), None) => Some(OracleType::Vector { dimensions, format }),
        _ => None,
    }
}

/// `(n)` at the start of a text, n from 0 to 9, and what follows it.
fn parenthesised(text: &str, default: u8) -> Option<(u8, &str)> {
    match text.strip_prefix('(') {
        None => Some((default, text)),
        Some(rest) => {
            let (digits, rest) = rest.split_once(')')?;
            Some((digits.parse().ok().filter(|n| *n <= 9)?, rest))
        }
    }
}

impl fmt::Display for LengthUnit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            LengthUnit::Byte => "BYTE",
            LengthUnit::Char => "CHAR",
        })
    }
}

/// As DDL has it: `NUMBER(10,2)`, `VARCHAR2(30 CHAR)`, `TIMESTAMP(6) WITH LOCAL TIME ZONE`. The name of a
/// user-defined type is written as it is, without quotes.
impl fmt::Display for OracleType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        use OracleType as T;
        match self {
            T::Number { precision: None, scale: None } => f.write_str("NUMBER"),
            T::Number { precision: None, scale: Some(scale) } => write!(f, "NUMBER(*,{scale})"),
            T::Number { precision: Some(precision), scale: None | Some(0) } => write!(f, "NUMBER({precision})"),
            T::Number { precision: Some(precision), scale: Some(scale) } => write!(f, "NUMBER({precision},{scale})"),
            T::Float { binary_precision } => write!(f, "FLOAT({binary_precision})"),
            T::BinaryFloat => f.write_str("BINARY_FLOAT"),
            T::BinaryDouble => f.write_str("BINARY_DOUBLE"),
            T::Char { length, unit } => write!(f, "CHAR({length} {unit})"),
            T::Varchar2 { length, unit } => write!(f, "VARCHAR2({length} {unit})"),
            T::NChar { length } => write!(f, "NCHAR({length})"),
            T::NVarchar2 { length } => write!(f, "NVARCHAR2({length})"),
            T::Long => f.write_str("LONG"),
            T::LongRaw => f.write_str("LONG RAW"),
            T::Raw { length } => write!(f, "RAW({length})"),
            T::Clob => f.write_str("CLOB"),
            T::NClob => f.write_str("NCLOB"),
            T::Blob => f.write_str("BLOB"),
            T::BFile => f.write_str("BFILE"),
            T::Date => f.write_str("DATE"),
            T::Timestamp { precision } => write!(f, "TIMESTAMP({precision})"),
            T::TimestampTz { precision } => write!(f, "TIMESTAMP({precision}) WITH TIME ZONE"),
            T::TimestampLtz { precision } => write!(f, "TIMESTAMP({precision}) WITH LOCAL TIME ZONE"),
            T::IntervalYm { year_precision } => write!(f, "INTERVAL YEAR({year_precision}) TO MONTH"),
            T::IntervalDs { day_precision, second_precision } => {
                write!(f, "INTERVAL DAY({day_precision}) TO SECOND({second_precision})")
            }
            T::RowId => f.write_str("ROWID"),
            T::URowId { length } => write!(f, "UROWID({length})"),
            T::Xml => f.write_str("XMLTYPE"),
            T::Json => f.write_str("JSON"),
            T::Boolean => f.write_str("BOOLEAN"),
            T::Vector { dimensions: None, format: None } => f.write_str("VECTOR"),
            T::Vector { dimensions, format } => {
                match dimensions {
                    Some(dimensions) => write!(f, "VECTOR({dimensions}, ")?,
                    None => f.write_str("VECTOR(*, ")?,
                }
                match format {
                    Some(format) => write!(f, "{format})"),
                    None => f.write_str("*)"),
                }
            }
            T::Geometry => f.write_str("MDSYS.SDO_GEOMETRY"),
            T::Object(object) => write!(f, "{}.{}", object.owner, object.name),
            T::Collection(collection) => write!(f, "{}.{}", collection.owner, collection.name),
            T::Other { owner: Some(owner), name } => write!(f, "{owner}.{name}"),
            T::Other { owner: None, name } => f.write_str(name),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn column(data_type: &str) -> DictionaryType<'_> {
        DictionaryType { data_type, ..Default::default() }
    }

    fn shown(column: DictionaryType<'_>) -> String {
        OracleType::from_dictionary(&column).unwrap().to_string()
    }

    #[test]
    fn text_is_read_back() {
        for text in [
            "NUMBER",
            "NUMBER(10)",
            "NUMBER(10,2)",
            "NUMBER(*,0)",
            "NUMBER(3,-84)",
            "FLOAT(63)",
            "CHAR(3 BYTE)",
            "VARCHAR2(30 CHAR)",
            "NVARCHAR2(7)",
            "RAW(16)",
            "LONG RAW",
            "CLOB",
            "DATE",
            "TIMESTAMP(6) WITH LOCAL TIME ZONE",
            "INTERVAL DAY(2) TO SECOND(6)",
            "XMLTYPE",
            "VECTOR",
            "VECTOR(3, FLOAT32)",
            "VECTOR(*, BINARY)",
            "VECTOR(1024, *)",
        ] {
            assert_eq!(text.parse::<OracleType>().unwrap().to_string(), text);
        }
        assert_eq!("varchar2( 5 )".parse(), Ok(OracleType::Varchar2 { length: 5, unit: LengthUnit::Byte }));
        for text in [
            "",
            "NUMBER(",
            "NUMBER(x)",
            "NUMBER(39)",
            "VARCHAR2(5 WORD)",
            "DATE(3)",
            "MONEY",
            "VARCHAR2",
            "VECTOR(0)",
            "VECTOR(3, X)",
        ] {
            assert!(text.parse::<OracleType>().is_err(), "{text}");
        }
    }

    #[test]
    fn numbers() {
        let number =
            |data_precision, data_scale| shown(DictionaryType { data_precision, data_scale, ..column("NUMBER") });
        assert_eq!(number(None, None), "NUMBER");
        assert_eq!(number(None, Some(0)), "NUMBER(*,0)");
        assert_eq!(number(Some(10), Some(0)), "NUMBER(10)");
        assert_eq!(number(Some(10), Some(2)), "NUMBER(10,2)");
        assert_eq!(number(Some(10), None), "NUMBER(10)");
        assert_eq!(number(Some(3), Some(-84)), "NUMBER(3,-84)");
        assert_eq!(number(Some(38), Some(127)), "NUMBER(38,127)");
        assert_eq!(shown(DictionaryType { data_precision: Some(63), ..column("FLOAT") }), "FLOAT(63)");
        assert_eq!(shown(column("FLOAT")), "FLOAT(126)");
        let bad = DictionaryType { data_precision: Some(39), ..column("NUMBER") };
        let error = OracleType::from_dictionary(&bad).unwrap_err();
        assert_eq!(error.to_string(), "the dictionary's DATA_PRECISION of a NUMBER column is 39");
    }

    #[test]
    fn characters() {
        let sized =
            DictionaryType { data_length: 120, char_length: Some(30), char_used: Some("C"), ..column("VARCHAR2") };
        assert_eq!(shown(sized), "VARCHAR2(30 CHAR)");
        assert_eq!(shown(DictionaryType { char_used: Some("B"), ..sized }), "VARCHAR2(120 BYTE)");
        assert_eq!(shown(DictionaryType { data_type: "CHAR", ..sized }), "CHAR(30 CHAR)");
        assert_eq!(shown(DictionaryType { data_type: "NVARCHAR2", ..sized }), "NVARCHAR2(30)");
        assert_eq!(shown(DictionaryType { data_type: "RAW", ..sized }), "RAW(120)");
        assert!(OracleType::from_dictionary(&column("NCHAR")).is_err());
        assert!(OracleType::from_dictionary(&DictionaryType { char_used: Some("X"), ..sized }).is_err());
        assert!(OracleType::from_dictionary(&DictionaryType { data_length: -1, ..column("RAW") }).is_err());
    }

    #[test]
    fn names_that_stand_for_themselves() {
        for name in [
            "DATE",
            "TIMESTAMP(6)",
            "TIMESTAMP(9) WITH TIME ZONE",
            "TIMESTAMP(0) WITH LOCAL TIME ZONE",
            "INTERVAL YEAR(2) TO MONTH",
            "INTERVAL DAY(2) TO SECOND(6)",
            "CLOB",
            "NCLOB",
            "BLOB",
            "BFILE",
            "LONG",
            "LONG RAW",
            "BINARY_FLOAT",
            "BINARY_DOUBLE",
            "ROWID",
            "JSON",
            "BOOLEAN",
        ] {
            assert_eq!(shown(column(name)), name);
            let known = !matches!(OracleType::from_dictionary(&column(name)).unwrap(), OracleType::Other { .. });
            assert!(known, "{name}");
        }
    }

    #[test]
    fn other_types() {
        let owned = DictionaryType { data_type_owner: Some("APP"), ..column("DATE") };
        assert_eq!(shown(owned), "APP.DATE");
        let xml = DictionaryType { data_type_owner: Some("SYS"), ..column("XMLTYPE") };
        assert_eq!(OracleType::from_dictionary(&xml).unwrap(), OracleType::Xml);
        for name in ["ANYDATA", "TIMESTAMP(10)", "TIMESTAMP(x)", "INTERVAL DAY(2)", "TIMESTAMP(6) WITH"] {
            let other = OracleType::Other { owner: None, name: name.to_owned() };
            assert_eq!(OracleType::from_dictionary(&column(name)).unwrap(), other);
        }
    }
}
