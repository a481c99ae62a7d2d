//! Objects and collections by the driver's object functions: whole, with everything in them.

use super::{DriverError, borrow, failed};
use oracle::{
    SqlValue,
    io::SeekInChars,
    sql_type::{Blob, Clob, Collection, FromSql, Lob, Nclob, Object, OracleType as DriverType},
};
use std::io::{self, Read};
use type_convert::{OracleType, Value, ValueRef, geometry};

/// The object or collection that a column has in the current row.
pub(super) fn value(value: &SqlValue<'_>) -> Result<Value, DriverError> {
    value.get::<Part>().map(|Part(value)| value).map_err(failed)
}

/// An attribute, an element, or the whole.
struct Part(Value);

impl FromSql for Part {
    fn from_sql(value: &SqlValue<'_>) -> oracle::Result<Self> {
        if value.is_null()? {
            return Ok(Part(Value::Null));
        }
        let ty = value.oracle_type()?;
        Ok(Part(match ty {
            DriverType::Object(of) if of.is_collection() => {
                let elements = value.get::<Collection>()?;
                Value::Collection(elements.values::<Part>().map(|part| Ok(part?.0)).collect::<oracle::Result<_>>()?)
            }
            DriverType::Object(of) => {
                let object = value.get::<Object>()?;
                let attributes = of.attributes().iter().map(|a| Ok(object.get::<Part>(a.name())?.0));
                Value::Object(attributes.collect::<oracle::Result<_>>()?)
            }
            DriverType::CLOB => Value::Text(whole_text(&mut value.get::<Clob>()?)?),
            DriverType::NCLOB => Value::Text(whole_text(&mut value.get::<Nclob>()?)?),
            DriverType::BLOB => {
                let mut blob = value.get::<Blob>()?;
                let mut bytes = vec![0; room(blob.size()?, 1)?];
                blob.read_exact(&mut bytes).map_err(not_read)?;
                Value::Bytes(bytes)
            }
            _ => owned(borrow(value.as_inner_value()?, ty).map_err(super::through_driver)?)?,
        }))
    }
}

/// All of a text. The driver fails where a buffer is too small for the next character, so that it must never be.
fn whole_text<L: Lob + Read + SeekInChars>(lob: &mut L) -> oracle::Result<String> {
    let length = lob.size()?;
    let (mut text, mut at) = (Vec::new(), 0);
    while at < length {
        let start = text.len();
        // A character of one unit has at most three bytes, one of two has four.
        text.resize(start + room(length - at, 3)?.clamp(SMALLEST, PIECE), 0);
        let (bytes, after) = super::read_text(lob, at, &mut text[start..]).map_err(not_read)?;
        text.truncate(start + bytes);
        if after <= at {
            return Err(none("less of a LOB within an object than its length says"));
        }
        at = after;
    }
    String::from_utf8(text).map_err(|_| none("a CLOB that is not UTF-8 within an object"))
}

/// Bytes of one piece at most, and at least.
const PIECE: usize = 1 << 20;
const SMALLEST: usize = 512;

fn room(length: u64, widest: u64) -> oracle::Result<usize> {
    usize::try_from(length.saturating_mul(widest)).map_err(|_| none("a LOB that is too long within an object"))
}

fn none(what: &str) -> oracle::Error {
    oracle::Error::new(oracle::ErrorKind::OutOfRange, format!("the driver gave {what}"))
}

fn not_read(error: io::Error) -> oracle::Error {
    super::through_driver(super::not_read(error))
}

fn owned(value: ValueRef<'_>) -> oracle::Result<Value> {
    Ok(match value {
        ValueRef::Int(n) => Value::Number(n.into()),
        ValueRef::Decimal(text) => Value::Number(text.parse().map_err(|_| none("a number that is none"))?),
        ValueRef::Float(f) => Value::Float(f),
        ValueRef::Double(f) => Value::Double(f),
        ValueRef::Text(text) => {
            let text = std::str::from_utf8(text).map_err(|_| none("a text that is not UTF-8 within an object"))?;
            Value::Text(text.to_owned())
        }
        ValueRef::Bytes(bytes) => Value::Bytes(bytes.to_vec()),
        ValueRef::DateTime(time) => Value::DateTime(time),
        ValueRef::DateTimeTz(time, offset) => Value::DateTimeTz(time, offset),
        ValueRef::Boolean(boolean) => Value::Boolean(boolean),
        _ => return Err(none("a form of a value within an object that is not known")),
    })
}

/// In what the type as the server describes it differs from what it was planned as; `None` where they are the same.
///
/// Only what decides how a value is read is looked at: names and order of attributes, and the form of their values.
pub(super) fn difference(described: &DriverType, planned: &OracleType) -> Option<String> {
    match (described, planned) {
        (DriverType::Object(found), OracleType::Object(of)) if !found.is_collection() => {
            attributes(found, &of.attributes)
        }
        (DriverType::Object(found), OracleType::Geometry) if !found.is_collection() => {
            attributes(found, &geometry::object_type().attributes)
        }
        (DriverType::Object(found), OracleType::Collection(of)) => match found.element_oracle_type() {
            Some(element) => difference(element, &of.element),
            None => Some(format!("{found} is no collection")),
        },
        (DriverType::Object(found), other) => Some(format!("{found} in place of {other}")),
        (found, planned) if form(found).is_some_and(|form| Some(form) == planned_form(planned)) => None,
        (found, planned) => Some(format!("{found} in place of {planned}")),
    }
}

fn attributes(found: &oracle::sql_type::ObjectType, planned: &[(String, OracleType)]) -> Option<String> {
    let names = |names: Vec<&str>| names.join(", ");
    if found.attributes().iter().map(|a| a.name()).ne(planned.iter().map(|(name, _)| name.as_str())) {
        return Some(format!(
            "{found} has the attributes {} in place of {}",
            names(found.attributes().iter().map(|a| a.name()).collect()),
            names(planned.iter().map(|(name, _)| name.as_str()).collect())
        ));
    }
    let pairs = found.attributes().iter().zip(planned);
    pairs.filter_map(|(a, (name, planned))| Some(format!("{name}: {}", difference(a.oracle_type(), planned)?))).next()
}

/// Forms of values.
#[derive(PartialEq)]
enum Form {
    Number,
    Float,
    Double,
    Text,
    Bytes,
    LongText,
    LongBytes,
    Time,
    ZonedTime,
    Boolean,
}

fn form(ty: &DriverType) -> Option<Form> {
    Some(match ty {
        DriverType::Number(..) | DriverType::Float(_) | DriverType::Int64 => Form::Number,
        DriverType::BinaryFloat => Form::Float,
        DriverType::BinaryDouble => Form::Double,
        DriverType::Varchar2(_) | DriverType::NVarchar2(_) | DriverType::Char(_) | DriverType::NChar(_) => Form::Text,
        DriverType::Raw(_) => Form::Bytes,
        DriverType::CLOB | DriverType::NCLOB => Form::LongText,
        DriverType::BLOB => Form::LongBytes,
        DriverType::Date | DriverType::Timestamp(_) => Form::Time,
        DriverType::TimestampTZ(_) | DriverType::TimestampLTZ(_) => Form::ZonedTime,
        DriverType::Boolean => Form::Boolean,
        _ => return None,
    })
}

fn planned_form(ty: &OracleType) -> Option<Form> {
    Some(match ty {
        OracleType::Number { .. } | OracleType::Float { .. } => Form::Number,
        OracleType::BinaryFloat => Form::Float,
        OracleType::BinaryDouble => Form::Double,
        OracleType::Varchar2 { .. }
        | OracleType::NVarchar2 { .. }
        | OracleType::Char { .. }
        | OracleType::NChar { .. } => Form::Text,
        OracleType::Raw { .. } => Form::Bytes,
        OracleType::Clob | OracleType::NClob => Form::LongText,
        OracleType::Blob => Form::LongBytes,
        OracleType::Date | OracleType::Timestamp { .. } => Form::Time,
        OracleType::TimestampTz { .. } | OracleType::TimestampLtz { .. } => Form::ZonedTime,
        OracleType::Boolean => Form::Boolean,
        _ => return None,
    })
}
