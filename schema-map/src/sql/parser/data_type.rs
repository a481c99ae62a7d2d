//! Data types.

use super::{Parsed, Parser};
use crate::OracleIdent;
use crate::sql::TokenKind;
use type_convert::{LengthUnit, OracleType};

impl Parser<'_> {
    pub(super) fn data_type(&mut self) -> Parsed<OracleType> {
        let Some(&token) = self.peek() else { return self.expected("a data type") };
        if token.kind == TokenKind::QuotedIdent || self.is_symbol_at(1, ".") {
            return self.named_type();
        }
        if token.kind != TokenKind::Word {
            return self.expected("a data type");
        }
        self.at += 1;
        let unit = self.context.length_unit;
        Ok(match token.text.to_ascii_uppercase().as_str() {
            "NUMBER" => self.number_type(None)?,
            "NUMERIC" | "DECIMAL" | "DEC" => self.number_type(Some(0))?,
            "INTEGER" | "INT" | "SMALLINT" => OracleType::Number { precision: None, scale: Some(0) },
            "FLOAT" => {
                OracleType::Float { binary_precision: self.in_parentheses("a precision", 1, 126)?.unwrap_or(126) }
            }
            "REAL" => OracleType::Float { binary_precision: 63 },
            "DOUBLE" => {
                self.expect("PRECISION")?;
                OracleType::Float { binary_precision: 126 }
            }
            "BINARY_FLOAT" => OracleType::BinaryFloat,
            "BINARY_DOUBLE" => OracleType::BinaryDouble,
            "CHAR" | "CHARACTER" if self.words(&["LARGE", "OBJECT"]) => OracleType::Clob,
            "CHAR" | "CHARACTER" if self.word("VARYING") => self.varchar2(unit)?,
            "CHAR" | "CHARACTER" => {
                let (length, unit) = self.char_length(2000, unit)?.unwrap_or((1, unit));
                OracleType::Char { length, unit }
            }
            "VARCHAR" | "VARCHAR2" => self.varchar2(unit)?,
            "NATIONAL" => {
                if !self.any_word(&["CHARACTER", "CHAR"]) {
                    return self.expected("CHARACTER");
                }
                if self.words(&["LARGE", "OBJECT"]) {
                    OracleType::NClob
                } else {
                    let varying = self.word("VARYING");
                    self.national(varying)?
                }
            }
            "NCHAR" => {
                let varying = self.word("VARYING");
                self.national(varying)?
            }
            "NVARCHAR2" => self.national(true)?,
            "LONG" if self.word("RAW") => OracleType::LongRaw,
            "LONG" => {
                self.word("VARCHAR");
                OracleType::Long
            }
            "RAW" => match self.in_parentheses("a length", 1, 32767)? {
                Some(length) => OracleType::Raw { length },
                None => return self.expected("\"(\" and a length"),
            },
            "CLOB" => OracleType::Clob,
            "NCLOB" => OracleType::NClob,
            "BLOB" => OracleType::Blob,
            "BFILE" => OracleType::BFile,
            "DATE" => OracleType::Date,
            "TIMESTAMP" => {
                let precision = self.in_parentheses("a precision", 0, 9)?.unwrap_or(6);
                if self.words(&["WITH", "TIME", "ZONE"]) {
                    OracleType::TimestampTz { precision }
                } else if self.words(&["WITH", "LOCAL", "TIME", "ZONE"]) {
                    OracleType::TimestampLtz { precision }
                } else {
                    OracleType::Timestamp { precision }
                }
            }
            "INTERVAL" => {
                if self.word("YEAR") {
                    let year_precision = self.in_parentheses("a precision", 0, 9)?.unwrap_or(2);
                    self.expect("TO")?;
                    self.expect("MONTH")?;
                    OracleType::IntervalYm { year_precision }
                } else if self.word("DAY") {
                    let day_precision = self.in_parentheses("a precision", 0, 9)?.unwrap_or(2);
                    self.expect("TO")?;
                    self.expect("SECOND")?;
                    let second_precision = self.in_parentheses("a precision", 0, 9)?.unwrap_or(6);
                    OracleType::IntervalDs { day_precision, second_precision }
                } else {
                    return self.expected("YEAR or DAY");
                }
            }
            "ROWID" => OracleType::RowId,
            "UROWID" => OracleType::URowId { length: self.in_parentheses("a length", 1, 4000)?.unwrap_or(4000) },
            "XMLTYPE" => OracleType::Xml,
            "JSON" => {
                if self.is_symbol("(") {
                    self.parenthesized()?;
                }
                OracleType::Json
            }
            "BOOLEAN" | "BOOL" => OracleType::Boolean,
            "VECTOR" => {
                let arguments = if self.is_symbol("(") { self.parenthesized()? } else { "*" };
                match format!("VECTOR({})", arguments.to_ascii_uppercase()).parse() {
                    Ok(vector) => vector,
                    Err(_) => return self.expected("dimensions and a format of a vector"),
                }
            }
            _ => {
                self.at -= 1;
                self.named_type()?
            }
        })
    }

    /// A type by its name: one of the schema, or of Oracle's own schemas.
    pub(super) fn named_type(&mut self) -> Parsed<OracleType> {
        let reference = self.is("REF") && !self.is_symbol_at(1, ".") && {
            self.at += 1;
            true
        };
        let first = self.ident("a data type")?;
        let (owner, name) = if self.symbol(".") { (Some(first), self.ident("a data type")?) } else { (None, first) };
        if let Some("SYS" | "PUBLIC") = owner.as_ref().map(OracleIdent::as_str)
            && name.as_str() == "XMLTYPE"
        {
            return Ok(OracleType::Xml);
        }
        if let (Some("MDSYS") | None, "SDO_GEOMETRY", false) =
            (owner.as_ref().map(OracleIdent::as_str), name.as_str(), reference)
        {
            return Ok(OracleType::Geometry);
        }
        let name = if reference { format!("REF {name}") } else { name.into() };
        Ok(OracleType::Other { owner: owner.map(String::from), name })
    }

    pub(super) fn number_type(&mut self, default_scale: Option<i8>) -> Parsed<OracleType> {
        if !self.symbol("(") {
            return Ok(OracleType::Number { precision: None, scale: default_scale });
        }
        let precision = if self.symbol("*") { None } else { Some(self.bounded("a precision", 1, 38)?) };
        let scale = if self.symbol(",") {
            Some(self.bounded("a scale", -84, 127)?)
        } else {
            precision.map(|_| 0).or(default_scale)
        };
        self.expect_symbol(")")?;
        Ok(OracleType::Number { precision, scale })
    }

    pub(super) fn in_parentheses<T: TryFrom<i128>>(&mut self, what: &str, min: i128, max: i128) -> Parsed<Option<T>> {
        if !self.symbol("(") {
            return Ok(None);
        }
        let value = self.bounded(what, min, max)?;
        self.expect_symbol(")")?;
        Ok(Some(value))
    }

    /// `(n [BYTE | CHAR])`.
    pub(super) fn char_length(&mut self, max: i128, default: LengthUnit) -> Parsed<Option<(u32, LengthUnit)>> {
        if !self.symbol("(") {
            return Ok(None);
        }
        let length = self.bounded("a length", 1, max)?;
        let unit = if self.word("BYTE") {
            LengthUnit::Byte
        } else if self.word("CHAR") {
            LengthUnit::Char
        } else {
            default
        };
        self.expect_symbol(")")?;
        Ok(Some((length, unit)))
    }

    pub(super) fn varchar2(&mut self, default: LengthUnit) -> Parsed<OracleType> {
        match self.char_length(32767, default)? {
            Some((length, unit)) => Ok(OracleType::Varchar2 { length, unit }),
            None => self.expected("\"(\" and a length"),
        }
    }

    pub(super) fn national(&mut self, varying: bool) -> Parsed<OracleType> {
        let max = if varying { 16383 } else { 2000 };
        match (self.in_parentheses("a length", 1, max)?, varying) {
            (Some(length), true) => Ok(OracleType::NVarchar2 { length }),
            (Some(length), false) => Ok(OracleType::NChar { length }),
            (None, false) => Ok(OracleType::NChar { length: 1 }),
            (None, true) => self.expected("\"(\" and a length"),
        }
    }
}
