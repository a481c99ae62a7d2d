//! Values from one type to another, and their order, by Oracle's rules of implicit conversion.

use super::calendar::{self, Today};
use super::decimal::Decimal;
use super::nls::Nls;
use super::{format, ora};
use crate::OraError;
use std::borrow::Cow;
use std::cmp::Ordering;
use type_convert::{DateTime, IntervalDs, IntervalYm, LengthUnit, Number, OracleType, UtcOffset, Value};

/// What decides how a value is compared and converted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// The literal NULL, or a bind variable before it is bound.
    Unknown,
    Number,
    Float,
    Double,
    /// Blank padded: CHAR, NCHAR and text literals.
    Char,
    Text,
    Clob,
    Raw,
    Blob,
    Date,
    Timestamp,
    TimestampTz,
    IntervalYm,
    IntervalDs,
    RowId,
    Boolean,
    Other,
}

impl Kind {
    pub(crate) fn of_type(ty: &OracleType) -> Kind {
        match ty {
            OracleType::Number { .. } | OracleType::Float { .. } => Kind::Number,
            OracleType::BinaryFloat => Kind::Float,
            OracleType::BinaryDouble => Kind::Double,
            OracleType::Char { .. } | OracleType::NChar { .. } => Kind::Char,
            OracleType::Varchar2 { .. } | OracleType::NVarchar2 { .. } | OracleType::Long => Kind::Text,
            OracleType::Clob | OracleType::NClob | OracleType::Xml => Kind::Clob,
            OracleType::Raw { .. } | OracleType::LongRaw => Kind::Raw,
            OracleType::Blob => Kind::Blob,
            OracleType::Date => Kind::Date,
            OracleType::Timestamp { .. } => Kind::Timestamp,
            OracleType::TimestampTz { .. } | OracleType::TimestampLtz { .. } => Kind::TimestampTz,
            OracleType::IntervalYm { .. } => Kind::IntervalYm,
            OracleType::IntervalDs { .. } => Kind::IntervalDs,
            OracleType::RowId | OracleType::URowId { .. } => Kind::RowId,
            OracleType::Boolean => Kind::Boolean,
            _ => Kind::Other,
        }
    }

    /// The kind of a value whose expression has none: a bind variable's.
    pub(crate) fn of_value(value: &Value) -> Kind {
        match value {
            Value::Number(_) => Kind::Number,
            Value::Float(_) => Kind::Float,
            Value::Double(_) => Kind::Double,
            Value::Text(_) => Kind::Text,
            Value::Bytes(_) => Kind::Raw,
            Value::DateTime(d) if d.nanosecond == 0 => Kind::Date,
            Value::DateTime(_) => Kind::Timestamp,
            Value::DateTimeTz(..) => Kind::TimestampTz,
            Value::IntervalYm(_) => Kind::IntervalYm,
            Value::IntervalDs(_) => Kind::IntervalDs,
            Value::Boolean(_) => Kind::Boolean,
            _ => Kind::Unknown,
        }
    }

    pub(crate) fn or_of(self, value: &Value) -> Kind {
        if self == Kind::Unknown { Kind::of_value(value) } else { self }
    }

    pub(crate) fn is_text(self) -> bool {
        matches!(self, Kind::Char | Kind::Text | Kind::Clob)
    }

    pub(crate) fn is_numeric(self) -> bool {
        matches!(self, Kind::Number | Kind::Float | Kind::Double)
    }

    pub(crate) fn is_datetime(self) -> bool {
        matches!(self, Kind::Date | Kind::Timestamp | Kind::TimestampTz)
    }

    pub(crate) fn name(self) -> &'static str {
        match self {
            Kind::Unknown | Kind::Other => "-",
            Kind::Number => "NUMBER",
            Kind::Float => "BINARY_FLOAT",
            Kind::Double => "BINARY_DOUBLE",
            Kind::Char | Kind::Text => "CHAR",
            Kind::Clob => "CLOB",
            Kind::Raw => "BINARY",
            Kind::Blob => "BLOB",
            Kind::Date => "DATE",
            Kind::Timestamp => "TIMESTAMP",
            Kind::TimestampTz => "TIMESTAMP WITH TIME ZONE",
            Kind::IntervalYm => "INTERVAL YEAR TO MONTH",
            Kind::IntervalDs => "INTERVAL DAY TO SECOND",
            Kind::RowId => "ROWID",
            Kind::Boolean => "BOOLEAN",
        }
    }
}

/// Session state that conversions need.
#[derive(Debug, Clone)]
pub(crate) struct Conversion {
    pub(crate) nls: Nls,
    pub(crate) today: Today,
}

/// The name of a type whose values are kept as the text that they were written as.
pub(crate) fn document(ty: &OracleType) -> Option<&'static str> {
    Some(match ty {
        OracleType::Xml => "XMLTYPE",
        OracleType::Json => "JSON",
        OracleType::Vector { .. } => "VECTOR",
        // As DDL is read.
        OracleType::Other { owner: None, name } if name == "VECTOR" => "VECTOR",
        _ => return None,
    })
}

pub(crate) fn inconsistent(expected: &str, got: &str) -> OraError {
    ora(932, &format!("inconsistent datatypes: expected {expected} got {got}"))
}

/// Character data of the VARCHAR2 kind: empty is NULL.
pub(crate) fn text_value(text: String) -> Value {
    if text.is_empty() { Value::Null } else { Value::Text(text) }
}

pub(crate) fn number_value(decimal: &Decimal) -> Result<Value, OraError> {
    Ok(Value::Number(decimal.number()?))
}

pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|b| format!("{b:02X}")).collect()
}

/// An odd number of digits gets a leading 0. ORA-01465 for what is no hexadecimal digit.
pub(crate) fn unhex(text: &str) -> Result<Vec<u8>, OraError> {
    let mut digits = Vec::with_capacity(text.len() + 1);
    if text.len() % 2 == 1 {
        digits.push(0);
    }
    for c in text.chars() {
        let digit = c.to_digit(16).and_then(|d| u8::try_from(d).ok());
        digits.push(digit.ok_or_else(|| ora(1465, "invalid hex number"))?);
    }
    Ok(digits.chunks(2).map(|p| p[0] * 16 + p.get(1).copied().unwrap_or(0)).collect())
}

/// BINARY_FLOAT (9 digits) and BINARY_DOUBLE (17 digits) as Oracle prints them.
fn float_text(value: f64, digits: usize) -> String {
    if value.is_nan() {
        return "Nan".to_owned();
    }
    if value.is_infinite() {
        return if value > 0.0 { "Inf" } else { "-Inf" }.to_owned();
    }
    if value == 0.0 {
        return "0".to_owned();
    }
    let text = format!("{value:.*e}", digits - 1);
    let (mantissa, exponent) = text.split_once('e').unwrap_or((&text, "0"));
    let mantissa = mantissa.trim_end_matches('0');
    let mantissa = if mantissa.ends_with('.') { format!("{mantissa}0") } else { mantissa.to_owned() };
    let exponent: i32 = exponent.parse().unwrap_or(0);
    let sign = if exponent < 0 { '-' } else { '+' };
    format!("{mantissa}E{sign}{:03}", exponent.abs())
}

impl Conversion {
    pub(crate) fn to_text<'a>(&self, value: &'a Value, kind: Kind) -> Result<Option<Cow<'a, str>>, OraError> {
        Ok(Some(Cow::Owned(match value {
            Value::Null => return Ok(None),
            Value::Text(text) => return Ok(Some(Cow::Borrowed(text))),
            Value::Number(n) => match n.as_bytes() {
                [0] => "-~".to_owned(),
                [0xff, 0x65] => "~".to_owned(),
                _ => {
                    let text = Decimal::of(n)?.to_text();
                    if self.nls.radix == '.' { text } else { text.replace('.', &self.nls.radix.to_string()) }
                }
            },
            Value::Float(f) => float_text(f64::from(*f), 9),
            Value::Double(d) => float_text(*d, 17),
            Value::Bytes(bytes) => hex(bytes),
            Value::DateTime(d) => {
                let model = if kind.or_of(value) == Kind::Date { &self.nls.date } else { &self.nls.timestamp };
                format::datetime_to_text(d, None, model)?
            }
            Value::DateTimeTz(d, offset) => format::datetime_to_text(d, Some(*offset), &self.nls.timestamp_tz)?,
            Value::IntervalYm(i) => {
                let sign = if i.months < 0 { '-' } else { '+' };
                format!("{sign}{:02}-{:02}", (i.months / 12).abs(), (i.months % 12).abs())
            }
            Value::IntervalDs(i) => {
                let sign = if i.days < 0 || i.nanoseconds < 0 { '-' } else { '+' };
                let nanos = i.nanoseconds.unsigned_abs();
                let seconds = nanos / 1_000_000_000;
                format!(
                    "{sign}{:02} {:02}:{:02}:{:02}.{:06}",
                    i.days.abs(),
                    seconds / 3600,
                    seconds / 60 % 60,
                    seconds % 60,
                    nanos % 1_000_000_000 / 1000
                )
            }
            Value::Boolean(b) => if *b { "TRUE" } else { "FALSE" }.to_owned(),
            _ => return Err(inconsistent("CHAR", kind.name())),
        })))
    }

    pub(crate) fn text_to_decimal(&self, text: &str) -> Result<Decimal, OraError> {
        let trimmed = text.trim_matches(' ');
        let plain: Cow<'_, str> =
            if self.nls.radix == '.' { trimmed.into() } else { trimmed.replace(self.nls.radix, ".").into() };
        Decimal::parse(&plain).ok_or_else(|| ora(1722, "invalid number"))
    }

    /// ORA-01722 for text that is no number, ORA-00932 for other types.
    pub(crate) fn to_decimal(&self, value: &Value, kind: Kind) -> Result<Option<Decimal>, OraError> {
        Ok(Some(match value {
            Value::Null => return Ok(None),
            Value::Number(n) => Decimal::of(n)?,
            Value::Text(text) => self.text_to_decimal(text)?,
            Value::Float(f) => Decimal::parse(&format!("{f:e}")).ok_or_else(|| ora(1426, "numeric overflow"))?,
            Value::Double(d) => Decimal::from_f64(*d).ok_or_else(|| ora(1426, "numeric overflow"))?,
            Value::Boolean(b) => Decimal::from(i64::from(*b)),
            _ => return Err(inconsistent("NUMBER", kind.or_of(value).name())),
        }))
    }

    pub(crate) fn to_double(&self, value: &Value, kind: Kind) -> Result<Option<f64>, OraError> {
        Ok(Some(match value {
            Value::Null => return Ok(None),
            Value::Float(f) => f64::from(*f),
            Value::Double(d) => *d,
            Value::Number(n) => match n.as_bytes() {
                [0] => f64::NEG_INFINITY,
                [0xff, 0x65] => f64::INFINITY,
                _ => Decimal::of(n)?.to_f64(),
            },
            Value::Text(text) => match text.trim().to_ascii_uppercase().as_str() {
                "NAN" => f64::NAN,
                "INF" | "INFINITY" => f64::INFINITY,
                "-INF" | "-INFINITY" => f64::NEG_INFINITY,
                _ => self.text_to_decimal(text)?.to_f64(),
            },
            _ => return Err(inconsistent("BINARY_DOUBLE", kind.or_of(value).name())),
        }))
    }

    /// A date or timestamp; `to` decides which session format reads text.
    pub(crate) fn to_datetime(
        &self,
        value: &Value,
        kind: Kind,
        to: Kind,
    ) -> Result<Option<(DateTime, Option<UtcOffset>)>, OraError> {
        Ok(Some(match value {
            Value::Null => return Ok(None),
            Value::DateTime(d) => (*d, None),
            Value::DateTimeTz(d, offset) => (*d, Some(*offset)),
            Value::Text(text) => {
                let model = match to {
                    Kind::Timestamp => &self.nls.timestamp,
                    Kind::TimestampTz => &self.nls.timestamp_tz,
                    _ => &self.nls.date,
                };
                let parsed = format::parse_datetime(text, model, &self.today)?;
                (parsed.datetime, parsed.offset)
            }
            _ => return Err(inconsistent(to.name(), kind.or_of(value).name())),
        }))
    }

    pub(crate) fn to_bytes<'a>(&self, value: &'a Value, kind: Kind) -> Result<Option<Cow<'a, [u8]>>, OraError> {
        Ok(Some(match value {
            Value::Null => return Ok(None),
            Value::Bytes(bytes) => Cow::Borrowed(bytes.as_slice()),
            Value::Text(text) => Cow::Owned(unhex(text)?),
            _ => return Err(inconsistent("BINARY", kind.or_of(value).name())),
        }))
    }

    /// `None` where one of them is NULL.
    pub(crate) fn compare(&self, a: &Value, ka: Kind, b: &Value, kb: Kind) -> Result<Option<Ordering>, OraError> {
        if a.is_null() || b.is_null() {
            return Ok(None);
        }
        let (ka, kb) = (ka.or_of(a), kb.or_of(b));
        Ok(Some(match (a, b) {
            (Value::Number(x), Value::Number(y)) => x.cmp(y),
            (Value::Text(x), Value::Text(y)) => match (ka, kb) {
                (Kind::RowId, _) | (_, Kind::RowId) => compare_row_ids(x, y),
                (Kind::Char, Kind::Char) => compare_padded(x, y),
                _ => x.as_bytes().cmp(y.as_bytes()),
            },
            _ if ka.is_numeric() || kb.is_numeric() => {
                let double = |k| matches!(k, Kind::Float | Kind::Double);
                if double(ka) || double(kb) {
                    match (self.to_double(a, ka)?, self.to_double(b, kb)?) {
                        (Some(x), Some(y)) => compare_doubles(x, y),
                        _ => return Ok(None),
                    }
                } else {
                    match (self.to_decimal(a, ka)?, self.to_decimal(b, kb)?) {
                        (Some(x), Some(y)) => x.cmp(&y),
                        _ => return Ok(None),
                    }
                }
            }
            _ if ka.is_datetime() || kb.is_datetime() => {
                let to_a = if ka.is_datetime() { ka } else { kb };
                let to_b = if kb.is_datetime() { kb } else { ka };
                match (self.to_datetime(a, ka, to_a)?, self.to_datetime(b, kb, to_b)?) {
                    (Some((x, None)), Some((y, None))) => x.cmp(&y),
                    (Some((x, ox)), Some((y, oy))) => calendar::utc_nanos(&x, ox.unwrap_or(self.nls.zone))
                        .cmp(&calendar::utc_nanos(&y, oy.unwrap_or(self.nls.zone))),
                    _ => return Ok(None),
                }
            }
            (Value::Bytes(_), _) | (_, Value::Bytes(_)) => match (self.to_bytes(a, ka)?, self.to_bytes(b, kb)?) {
                (Some(x), Some(y)) => x.cmp(&y),
                _ => return Ok(None),
            },
            (Value::IntervalYm(x), Value::IntervalYm(y)) => x.cmp(y),
            (Value::IntervalDs(x), Value::IntervalDs(y)) => {
                calendar::interval_nanos(x).cmp(&calendar::interval_nanos(y))
            }
            (Value::Boolean(x), Value::Boolean(y)) => x.cmp(y),
            _ => return Err(inconsistent(ka.name(), kb.name())),
        }))
    }

    /// A value for a column of this type: rounded, padded, checked. `column` is `"OWNER"."TABLE"."COLUMN"`.
    pub(crate) fn assign(&self, value: Value, kind: Kind, ty: &OracleType, column: &str) -> Result<Value, OraError> {
        if value.is_null() {
            return Ok(Value::Null);
        }
        let got = kind.or_of(&value);
        match ty {
            OracleType::Number { precision, scale } => {
                if let Value::Number(n) = &value
                    && (precision.is_none() && scale.is_none() || matches!(n.as_bytes(), [0] | [0xff, 0x65]))
                {
                    return Ok(value);
                }
                let Some(mut decimal) = self.to_decimal(&value, got)? else { return Ok(Value::Null) };
                if let Some(scale) = scale {
                    decimal = decimal.round(i32::from(*scale));
                }
                if let Some(precision) = precision {
                    let whole = i32::from(*precision) - i32::from(scale.unwrap_or(0));
                    if !decimal.is_zero() && decimal.integer_digits() > whole {
                        return Err(ora(1438, "value larger than specified precision allowed for this column"));
                    }
                }
                number_value(&decimal)
            }
            OracleType::Float { binary_precision } => {
                let Some(decimal) = self.to_decimal(&value, got)? else { return Ok(Value::Null) };
                // log10(2) as a fraction, rounded up: 126 bits are 38 digits.
                let digits = (i32::from(*binary_precision) * 30103 + 99_999) / 100_000;
                number_value(&decimal.round_significant(digits))
            }
            OracleType::BinaryFloat => match self.to_double(&value, got)? {
                #[expect(clippy::cast_possible_truncation, reason = "the nearest BINARY_FLOAT is what Oracle stores")]
                Some(d) => Ok(Value::Float(d as f32)),
                None => Ok(Value::Null),
            },
            OracleType::BinaryDouble => Ok(self.to_double(&value, got)?.map_or(Value::Null, Value::Double)),
            OracleType::Varchar2 { length, unit } => self.assign_text(&value, got, *length, *unit, false, column),
            OracleType::Char { length, unit } => self.assign_text(&value, got, *length, *unit, true, column),
            OracleType::NVarchar2 { length } => self.assign_text(&value, got, *length, LengthUnit::Char, false, column),
            OracleType::NChar { length } => self.assign_text(&value, got, *length, LengthUnit::Char, true, column),
            OracleType::Long => Ok(self.to_text(&value, got)?.map_or(Value::Null, |t| Value::Text(t.into_owned()))),
            OracleType::Clob | OracleType::NClob | OracleType::Xml => {
                if got == Kind::Blob || got == Kind::Raw {
                    return Err(inconsistent(Kind::Clob.name(), got.name()));
                }
                match value {
                    Value::Text(_) => Ok(value),
                    other => Ok(self.to_text(&other, got)?.map_or(Value::Null, |t| Value::Text(t.into_owned()))),
                }
            }
            OracleType::Raw { length } => {
                let Some(bytes) = self.to_bytes(&value, got)? else { return Ok(Value::Null) };
                if bytes.len() > usize::try_from(*length).unwrap_or(usize::MAX) {
                    return Err(too_large(column, bytes.len(), *length));
                }
                Ok(if bytes.is_empty() { Value::Null } else { Value::Bytes(bytes.into_owned()) })
            }
            OracleType::LongRaw | OracleType::Blob => {
                Ok(self.to_bytes(&value, got)?.map_or(Value::Null, |b| Value::Bytes(b.into_owned())))
            }
            OracleType::Date => match self.to_datetime(&value, got, Kind::Date)? {
                Some((d, _)) => Ok(Value::DateTime(calendar::to_date(&d))),
                None => Ok(Value::Null),
            },
            OracleType::Timestamp { precision } => match self.to_datetime(&value, got, Kind::Timestamp)? {
                Some((d, _)) => Ok(Value::DateTime(calendar::round_fraction(&d, *precision)?)),
                None => Ok(Value::Null),
            },
            OracleType::TimestampTz { precision } => match self.to_datetime(&value, got, Kind::TimestampTz)? {
                Some((d, offset)) => {
                    Ok(Value::DateTimeTz(calendar::round_fraction(&d, *precision)?, offset.unwrap_or(self.nls.zone)))
                }
                None => Ok(Value::Null),
            },
            OracleType::TimestampLtz { precision } => {
                // Kept in the session's zone: a text is read in it.
                let to = if got.is_text() { Kind::Timestamp } else { Kind::TimestampTz };
                match self.to_datetime(&value, got, to)? {
                    Some((d, offset)) => {
                        let local = calendar::at_offset(&d, offset.unwrap_or(self.nls.zone), self.nls.zone)?;
                        Ok(Value::DateTimeTz(calendar::round_fraction(&local, *precision)?, self.nls.zone))
                    }
                    None => Ok(Value::Null),
                }
            }
            OracleType::IntervalYm { year_precision } => {
                let interval = match &value {
                    Value::IntervalYm(i) => *i,
                    Value::Text(text) => parse_year_month(text)?,
                    _ => return Err(inconsistent(Kind::IntervalYm.name(), got.name())),
                };
                let limit = 10u64.pow(u32::from(*year_precision));
                if u64::from((interval.months / 12).unsigned_abs()) >= limit {
                    return Err(ora(1873, "the leading precision of the interval is too small"));
                }
                Ok(Value::IntervalYm(interval))
            }
            OracleType::IntervalDs { day_precision, second_precision } => {
                let interval = match &value {
                    Value::IntervalDs(i) => *i,
                    Value::Text(text) => parse_day_second(text)?,
                    _ => return Err(inconsistent(Kind::IntervalDs.name(), got.name())),
                };
                let unit = 10i128.pow(9 - u32::from((*second_precision).min(9)));
                let nanos = calendar::interval_nanos(&interval);
                let half = if nanos < 0 { -unit / 2 } else { unit / 2 };
                let rounded = calendar::interval_of((nanos + half) / unit * unit)
                    .ok_or_else(|| ora(1873, "the leading precision of the interval is too small"))?;
                if u64::from(rounded.days.unsigned_abs()) >= 10u64.pow(u32::from(*day_precision)) {
                    return Err(ora(1873, "the leading precision of the interval is too small"));
                }
                Ok(Value::IntervalDs(rounded))
            }
            OracleType::RowId | OracleType::URowId { .. } => match value {
                Value::Text(text) if super::row_id::is_valid(&text) => Ok(Value::Text(text)),
                Value::Text(_) => Err(ora(1410, "invalid ROWID")),
                _ => Err(inconsistent(Kind::RowId.name(), got.name())),
            },
            OracleType::Boolean => match value {
                Value::Boolean(_) => Ok(value),
                _ => Err(inconsistent(Kind::Boolean.name(), got.name())),
            },
            other if document(other).is_some() => match value {
                Value::Text(_) => Ok(value),
                _ => Err(inconsistent(document(other).unwrap_or_default(), got.name())),
            },
            other if is_of(&value, other) => Ok(value),
            other => Err(inconsistent(&other.to_string(), got.name())),
        }
    }

    fn assign_text(
        &self,
        value: &Value,
        kind: Kind,
        length: u32,
        unit: LengthUnit,
        pad: bool,
        column: &str,
    ) -> Result<Value, OraError> {
        if kind == Kind::Blob {
            return Err(inconsistent("CHAR", kind.name()));
        }
        let Some(text) = self.to_text(value, kind)? else { return Ok(Value::Null) };
        if text.is_empty() {
            return Ok(Value::Null);
        }
        let actual = match unit {
            LengthUnit::Byte => text.len(),
            LengthUnit::Char => text.chars().count(),
        };
        let most = usize::try_from(length).unwrap_or(usize::MAX);
        if actual > most {
            return Err(too_large(column, actual, length));
        }
        let mut text = text.into_owned();
        if pad {
            text.extend(std::iter::repeat_n(' ', most - actual));
        }
        Ok(Value::Text(text))
    }
}

/// Whether a value has the shape of an object, a collection or a BFILE; an object of a type under the declared one has more attributes.
fn is_of(value: &Value, ty: &OracleType) -> bool {
    match (value, ty) {
        (Value::Object(parts), OracleType::Object(of)) => parts.len() >= of.attributes.len(),
        (Value::Object(parts), OracleType::Geometry) => parts.len() == 5,
        (Value::Collection(_), OracleType::Collection(_)) => true,
        (Value::Bfile { .. }, OracleType::BFile) => true,
        _ => false,
    }
}

fn too_large(column: &str, actual: usize, maximum: u32) -> OraError {
    ora(12899, &format!("value too large for column {column} (actual: {actual}, maximum: {maximum})"))
}

/// NaN is larger than everything and equal to itself; −0 is 0.
pub(crate) fn compare_doubles(x: f64, y: f64) -> Ordering {
    x.partial_cmp(&y).unwrap_or_else(|| x.is_nan().cmp(&y.is_nan()))
}

pub(crate) fn compare_padded(x: &str, y: &str) -> Ordering {
    let (x, y) = (x.as_bytes(), y.as_bytes());
    let common = x.len().min(y.len());
    x[..common].cmp(&y[..common]).then_with(|| {
        let rest_x = x[common..].iter().copied().chain(std::iter::repeat(b' '));
        let rest_y = y[common..].iter().copied().chain(std::iter::repeat(b' '));
        let left = x.len().max(y.len()) - common;
        rest_x.take(left).cmp(rest_y.take(left))
    })
}

/// ROWIDs are in the order of what they stand for, not of their characters.
pub(crate) fn compare_row_ids(x: &str, y: &str) -> Ordering {
    x.bytes().map(super::row_id::digit).cmp(y.bytes().map(super::row_id::digit))
}

/// `+02-03`.
pub(crate) fn parse_year_month(text: &str) -> Result<IntervalYm, OraError> {
    let invalid = || ora(1867, "the interval is invalid");
    let trimmed = text.trim();
    let (negative, body) = match trimmed.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, trimmed.strip_prefix('+').unwrap_or(trimmed)),
    };
    let (years, months) = body.split_once('-').ok_or_else(invalid)?;
    let number = |t: &str| t.trim().parse::<u32>().ok().and_then(|n| i32::try_from(n).ok());
    let (years, months) = (number(years).ok_or_else(invalid)?, number(months).ok_or_else(invalid)?);
    if months > 11 {
        return Err(ora(1843, "not a valid month"));
    }
    let total = years.checked_mul(12).and_then(|y| y.checked_add(months)).ok_or_else(invalid)?;
    Ok(IntervalYm { months: if negative { -total } else { total } })
}

/// `+05 10:10:10.000000`.
pub(crate) fn parse_day_second(text: &str) -> Result<IntervalDs, OraError> {
    let invalid = || ora(1867, "the interval is invalid");
    let trimmed = text.trim();
    let (negative, body) = match trimmed.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, trimmed.strip_prefix('+').unwrap_or(trimmed)),
    };
    let (days, time) = body.trim().split_once(' ').ok_or_else(invalid)?;
    let parts: Vec<&str> = time.trim().split(':').collect();
    let [hours, minutes, seconds] = parts.as_slice() else { return Err(invalid()) };
    let (whole, fraction) = seconds.split_once('.').unwrap_or((seconds, ""));
    let number = |t: &str, below: i128| {
        t.parse::<u32>().ok().map(i128::from).filter(|n| *n < below).ok_or_else(|| ora(1867, "the interval is invalid"))
    };
    if fraction.len() > 9 || !fraction.bytes().all(|b| b.is_ascii_digit()) {
        return Err(invalid());
    }
    let nanos: i128 = format!("{fraction:0<9}").parse().map_err(|_| invalid())?;
    let seconds = number(hours, 24)? * 3600 + number(minutes, 60)? * 60 + number(whole, 60)?;
    let total = number(days, 1_000_000_000)? * calendar::NANOS_PER_DAY + seconds * 1_000_000_000 + nanos;
    calendar::interval_of(if negative { -total } else { total }).ok_or_else(invalid)
}

/// A form in which equal values are equal bytes, for hashing; `None` for NULL.
/// `padded` drops the blanks at the end that a comparison of CHARs overlooks.
pub(crate) fn hash_key(value: &Value, padded: bool, out: &mut Vec<u8>) -> bool {
    fn put(out: &mut Vec<u8>, tag: u8, bytes: &[u8]) {
        out.push(tag);
        out.extend_from_slice(&u64::try_from(bytes.len()).unwrap_or(0).to_be_bytes());
        out.extend_from_slice(bytes);
    }
    match value {
        Value::Null => {
            out.push(0);
            return false;
        }
        Value::Number(n) => put(out, 1, n.as_bytes()),
        Value::Float(f) => put(out, 2, &normal_double(f64::from(*f)).to_bits().to_be_bytes()),
        Value::Double(d) => put(out, 2, &normal_double(*d).to_bits().to_be_bytes()),
        Value::Text(t) => put(out, 3, if padded { t.trim_end_matches(' ') } else { t }.as_bytes()),
        Value::Bytes(b) => put(out, 4, b),
        Value::DateTime(d) => put(out, 5, &calendar::to_nanos(d).to_be_bytes()),
        Value::DateTimeTz(d, offset) => put(out, 6, &calendar::utc_nanos(d, *offset).to_be_bytes()),
        Value::IntervalYm(i) => put(out, 7, &i.months.to_be_bytes()),
        Value::IntervalDs(i) => put(out, 8, &calendar::interval_nanos(i).to_be_bytes()),
        Value::Boolean(b) => put(out, 9, &[u8::from(*b)]),
        _ => out.push(10),
    }
    true
}

fn normal_double(d: f64) -> f64 {
    if d.is_nan() {
        f64::NAN
    } else if d == 0.0 {
        0.0
    } else {
        d
    }
}

/// The order of values of one type, for sorting; NULLs are the caller's.
pub(crate) fn sort_order(a: &Value, b: &Value, kind: Kind) -> Ordering {
    match (a, b) {
        (Value::Number(x), Value::Number(y)) => x.cmp(y),
        (Value::Text(x), Value::Text(y)) if kind == Kind::RowId => compare_row_ids(x, y),
        (Value::Text(x), Value::Text(y)) if kind == Kind::Char => compare_padded(x, y),
        (Value::Text(x), Value::Text(y)) => x.as_bytes().cmp(y.as_bytes()),
        (Value::Float(x), Value::Float(y)) => compare_doubles(f64::from(*x), f64::from(*y)),
        (Value::Double(x), Value::Double(y)) => compare_doubles(*x, *y),
        (Value::Bytes(x), Value::Bytes(y)) => x.cmp(y),
        (Value::DateTime(x), Value::DateTime(y)) => x.cmp(y),
        (Value::DateTimeTz(x, ox), Value::DateTimeTz(y, oy)) => {
            calendar::utc_nanos(x, *ox).cmp(&calendar::utc_nanos(y, *oy))
        }
        (Value::IntervalYm(x), Value::IntervalYm(y)) => x.cmp(y),
        (Value::IntervalDs(x), Value::IntervalDs(y)) => calendar::interval_nanos(x).cmp(&calendar::interval_nanos(y)),
        (Value::Boolean(x), Value::Boolean(y)) => x.cmp(y),
        _ => Ordering::Equal,
    }
}

/// The number with this value.
pub(crate) fn integer(value: i64) -> Value {
    Value::Number(Number::from(value))
}
