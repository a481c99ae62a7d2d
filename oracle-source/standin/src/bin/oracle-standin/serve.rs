//! A session for a program that is no client of Oracle's: for a server of Oracle's network protocol, say, that has no database of its own.
//!
//! Requests: `{"sql": …, "binds": [null | {"text": …} | {"number": …}, …]}`, also of COMMIT and ROLLBACK.
//! Answers: `{"columns": [{"name", "type", "size", "chars", "precision", "scale", "national", "nullable"}, …], "rows": [[…], …]}`,
//! `{"affected": n}`, or `{"error": {"code", "message", "offset"}}`.
//!
//! A value is null or the hexadecimal digits of its bytes as the protocol carries them: Oracle's own form of numbers, times and intervals,
//! IEEE 754 of BINARY_FLOAT and BINARY_DOUBLE, UTF-8 or, for national types, UTF-16 (big-endian) of texts. Nothing is lost on the way.

use clntsh::{ColumnDesc, OraError, Outcome, Session};
use serde_json::{Value as Json, json};
use std::{
    fmt::Write as _,
    io::{self, BufRead, Write},
};
use type_convert::{LengthUnit, Number, OracleType, Value};

/// Answers until there are no more requests.
pub(crate) fn serve(mut session: Session, requests: impl BufRead, mut answers: impl Write) -> io::Result<()> {
    for request in requests.lines() {
        let answer = match serde_json::from_str::<Json>(&request?) {
            Ok(request) => answer(&mut session, &request),
            Err(e) => Err(OraError::new(900, format!("not a request: {e}"))),
        };
        let answer =
            answer.unwrap_or_else(|e| json!({"error": {"code": e.code, "message": e.message, "offset": e.offset}}));
        serde_json::to_writer(&mut answers, &answer)?;
        answers.write_all(b"\n")?;
        answers.flush()?;
    }
    Ok(())
}

fn answer(session: &mut Session, request: &Json) -> Result<Json, OraError> {
    let text = request["sql"].as_str().ok_or_else(|| OraError::new(900, "a request without sql"))?;
    let binds = request["binds"].as_array().into_iter().flatten().map(bind).collect::<Result<Vec<_>, _>>()?;
    let prepared = session.prepare(text)?;
    let columns = prepared.columns().iter().map(Column::of).collect::<Result<Vec<_>, _>>()?;
    match session.execute(&prepared, &binds, false)? {
        Outcome::Done { affected } => Ok(json!({ "affected": affected })),
        Outcome::Rows(rows) => {
            let row = |row: Result<Vec<Value>, OraError>| -> Result<Json, OraError> {
                row?.iter().zip(&columns).map(|(value, column)| column.value(value)).collect()
            };
            let rows = rows.map(row).collect::<Result<Vec<_>, _>>()?;
            Ok(json!({"columns": columns.iter().map(|column| &column.described).collect::<Vec<_>>(), "rows": rows}))
        }
    }
}

fn bind(bind: &Json) -> Result<Value, OraError> {
    if bind.is_null() {
        return Ok(Value::Null);
    }
    if let Some(text) = bind["text"].as_str() {
        return Ok(Value::Text(text.to_owned()));
    }
    let number = bind["number"].as_str().and_then(|text| text.parse::<Number>().ok());
    number.map(Value::Number).ok_or_else(|| OraError::new(1722, "invalid number"))
}

/// A column, and how its values are written.
struct Column {
    described: Json,
    form: Form,
}

#[derive(Clone, Copy)]
enum Form {
    Plain,
    /// UTF-16.
    National,
    Date,
    Timestamp,
}

impl Column {
    /// With the protocol's numbers of types.
    fn of(column: &ColumnDesc) -> Result<Self, OraError> {
        let bytes =
            |length: u32, unit: LengthUnit| if unit == LengthUnit::Char { length.saturating_mul(4) } else { length };
        let mut form = Form::Plain;
        // Type, bytes, characters, precision, scale.
        let (ty, size, chars, precision, scale): (u32, u32, u32, i32, i32) = match &column.oracle_type {
            OracleType::Number { precision: None, scale: None } => (2, 22, 0, 0, -127),
            OracleType::Number { precision, scale } => {
                (2, 22, 0, precision.unwrap_or(38).into(), scale.unwrap_or(0).into())
            }
            OracleType::Float { binary_precision } => (2, 22, 0, (*binary_precision).into(), -127),
            OracleType::BinaryFloat => (100, 4, 0, 0, 0),
            OracleType::BinaryDouble => (101, 8, 0, 0, 0),
            OracleType::Char { length, unit } => (96, bytes(*length, *unit), *length, 0, 0),
            OracleType::Varchar2 { length, unit } => (1, bytes(*length, *unit), *length, 0, 0),
            OracleType::NChar { length } => (96, length * 2, *length, 0, 0),
            OracleType::NVarchar2 { length } => (1, length * 2, *length, 0, 0),
            OracleType::Long => (8, 0, 0, 0, 0),
            OracleType::LongRaw => (24, 0, 0, 0, 0),
            OracleType::Raw { length } => (23, *length, 0, 0, 0),
            OracleType::Clob | OracleType::NClob => (112, 4000, 0, 0, 0),
            OracleType::Blob => (113, 4000, 0, 0, 0),
            OracleType::Date => (12, 7, 0, 0, 0),
            OracleType::Timestamp { precision } => (180, 11, 0, 0, (*precision).into()),
            OracleType::TimestampTz { precision } => (181, 13, 0, 0, (*precision).into()),
            OracleType::TimestampLtz { precision } => (231, 11, 0, 0, (*precision).into()),
            OracleType::IntervalYm { year_precision } => (182, 5, 0, (*year_precision).into(), 0),
            OracleType::IntervalDs { day_precision, second_precision } => {
                (183, 11, 0, (*day_precision).into(), (*second_precision).into())
            }
            other => {
                return Err(OraError::new(
                    3001,
                    format!("unimplemented feature: columns of type {other} ({})", column.name),
                ));
            }
        };
        let national =
            matches!(column.oracle_type, OracleType::NChar { .. } | OracleType::NVarchar2 { .. } | OracleType::NClob);
        match column.oracle_type {
            OracleType::NChar { .. } | OracleType::NVarchar2 { .. } => form = Form::National,
            OracleType::Date => form = Form::Date,
            OracleType::Timestamp { .. } | OracleType::TimestampLtz { .. } => form = Form::Timestamp,
            _ => {}
        }
        let described = json!({
            "name": column.name, "type": ty, "size": size, "chars": chars, "precision": precision, "scale": scale,
            "national": national, "nullable": column.nullable,
        });
        Ok(Column { described, form })
    }

    fn value(&self, value: &Value) -> Result<Json, OraError> {
        let odd = |e: type_convert::DateTimeError| OraError::new(1841, e.to_string());
        let digits = match value {
            Value::Null => return Ok(Json::Null),
            Value::Number(number) => digits(number.as_bytes()),
            Value::Float(n) => digits(&n.to_be_bytes()),
            Value::Double(n) => digits(&n.to_be_bytes()),
            Value::Text(text) => match self.form {
                Form::National => digits(&text.encode_utf16().flat_map(u16::to_be_bytes).collect::<Vec<_>>()),
                _ => digits(text.as_bytes()),
            },
            Value::Bytes(bytes) => digits(bytes),
            Value::DateTime(at) => match self.form {
                Form::Date => digits(&at.to_date_bytes().map_err(odd)?),
                _ => digits(&at.to_timestamp_bytes().map_err(odd)?),
            },
            // Within a session the zone of WITH LOCAL TIME ZONE is the session's.
            Value::DateTimeTz(at, offset) => match self.form {
                Form::Timestamp => digits(&at.to_timestamp_bytes().map_err(odd)?),
                _ => digits(&at.to_timestamp_tz_bytes(*offset).map_err(odd)?),
            },
            Value::IntervalYm(interval) => digits(&interval.to_bytes()),
            Value::IntervalDs(interval) => digits(&interval.to_bytes().map_err(odd)?),
            other => return Err(OraError::new(3001, format!("unimplemented feature: a value {other:?}"))),
        };
        Ok(Json::String(digits))
    }
}

fn digits(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
        // Writing to a string cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}
