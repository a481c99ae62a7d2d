//! How a row's values lie in SQLite, and how a key's values are made into bytes that can be looked up.

use crate::OraError;
use type_convert::{DateTime, IntervalDs, IntervalYm, Number, UtcOffset, Value};

fn damaged() -> OraError {
    OraError::new(600, "internal error code, arguments: [stored row is damaged]")
}

/// Appends the values: a count, then a tag and the content of each.
pub(super) fn encode(values: &[Value]) -> Vec<u8> {
    let mut out = Vec::with_capacity(2 + values.len() * 8);
    varint(&mut out, values.len());
    values.iter().for_each(|v| encode_value(&mut out, v));
    out
}

/// Reads what [`encode`] wrote; columns added to the table since then are NULL.
pub(super) fn decode(bytes: &[u8], columns: usize) -> Result<Vec<Value>, OraError> {
    let mut input = Input(bytes);
    let count = input.varint()?;
    let mut values = Vec::with_capacity(columns.max(count));
    for _ in 0..count {
        values.push(input.value()?);
    }
    if values.len() < columns {
        values.resize(columns, Value::Null);
    }
    Ok(values)
}

/// The bytes of the key that these columns make; `None` where all are NULL, which no index holds.
pub(super) fn key(values: &[Value], columns: &[usize]) -> Option<Vec<u8>> {
    let mut out = Vec::with_capacity(columns.len() * 8);
    let mut any = false;
    for &c in columns {
        let value = values.get(c).unwrap_or(&Value::Null);
        any |= !value.is_null();
        encode_value(&mut out, value);
    }
    any.then_some(out)
}

/// Whether a column of the key is NULL: foreign keys with a NULL are not checked.
pub(super) fn has_null(values: &[Value], columns: &[usize]) -> bool {
    columns.iter().any(|&c| values.get(c).is_none_or(Value::is_null))
}

fn varint(out: &mut Vec<u8>, mut n: usize) {
    while n >= 0x80 {
        out.push((n & 0x7f) as u8 | 0x80);
        n >>= 7;
    }
    out.push(n as u8);
}

fn bytes(out: &mut Vec<u8>, tag: u8, content: &[u8]) {
    out.push(tag);
    varint(out, content.len());
    out.extend_from_slice(content);
}

fn date_time(out: &mut Vec<u8>, d: &DateTime) {
    out.extend_from_slice(&d.year.to_le_bytes());
    out.extend_from_slice(&[d.month, d.day, d.hour, d.minute, d.second]);
    out.extend_from_slice(&d.nanosecond.to_le_bytes());
}

fn encode_value(out: &mut Vec<u8>, value: &Value) {
    match value {
        Value::Null => out.push(0),
        Value::Number(n) => bytes(out, 1, n.as_bytes()),
        Value::Text(s) => bytes(out, 2, s.as_bytes()),
        Value::Bytes(b) => bytes(out, 3, b),
        Value::DateTime(d) => {
            out.push(4);
            date_time(out, d);
        }
        Value::DateTimeTz(d, o) => {
            out.push(5);
            date_time(out, d);
            out.extend_from_slice(&o.minutes.to_le_bytes());
        }
        Value::Float(f) => {
            out.push(6);
            out.extend_from_slice(&f.to_le_bytes());
        }
        Value::Double(f) => {
            out.push(7);
            out.extend_from_slice(&f.to_le_bytes());
        }
        Value::IntervalYm(i) => {
            out.push(8);
            out.extend_from_slice(&i.months.to_le_bytes());
        }
        Value::IntervalDs(i) => {
            out.push(9);
            out.extend_from_slice(&i.days.to_le_bytes());
            out.extend_from_slice(&i.nanoseconds.to_le_bytes());
        }
        Value::Boolean(b) => out.extend_from_slice(&[10, u8::from(*b)]),
        Value::Bfile { directory, file } => {
            bytes(out, 11, directory.as_bytes());
            varint(out, file.len());
            out.extend_from_slice(file.as_bytes());
        }
        Value::Object(parts) | Value::Collection(parts) => {
            out.push(if matches!(value, Value::Object(_)) { 12 } else { 13 });
            varint(out, parts.len());
            parts.iter().for_each(|part| encode_value(out, part));
        }
        // `Value` may grow; what this store does not know must not be stored as something else.
        other => unreachable!("no stored form for {other:?}"),
    }
}

/// Whether the store has a form for this value.
pub(super) fn is_storable(value: &Value) -> bool {
    match value {
        Value::Object(parts) | Value::Collection(parts) => parts.iter().all(is_storable),
        _ => matches!(
            value,
            Value::Null
                | Value::Number(_)
                | Value::Text(_)
                | Value::Bytes(_)
                | Value::DateTime(_)
                | Value::DateTimeTz(..)
                | Value::Float(_)
                | Value::Double(_)
                | Value::IntervalYm(_)
                | Value::IntervalDs(_)
                | Value::Boolean(_)
                | Value::Bfile { .. }
        ),
    }
}

pub(super) struct Input<'a>(pub(super) &'a [u8]);

impl<'a> Input<'a> {
    fn take(&mut self, n: usize) -> Result<&'a [u8], OraError> {
        let (head, rest) = self.0.split_at_checked(n).ok_or_else(damaged)?;
        self.0 = rest;
        Ok(head)
    }

    fn array<const N: usize>(&mut self) -> Result<[u8; N], OraError> {
        let (head, rest) = self.0.split_first_chunk::<N>().ok_or_else(damaged)?;
        self.0 = rest;
        Ok(*head)
    }

    pub(super) fn varint(&mut self) -> Result<usize, OraError> {
        let (mut n, mut shift) = (0usize, 0);
        loop {
            let [b] = self.array::<1>()?;
            if shift > 56 {
                return Err(damaged());
            }
            n |= usize::from(b & 0x7f) << shift;
            if b < 0x80 {
                return Ok(n);
            }
            shift += 7;
        }
    }

    /// A piece of bytes with its length before it.
    pub(super) fn piece(&mut self) -> Result<&'a [u8], OraError> {
        let n = self.varint()?;
        self.take(n)
    }

    fn text(&mut self) -> Result<String, OraError> {
        String::from_utf8(self.piece()?.to_vec()).map_err(|_| damaged())
    }

    fn parts(&mut self) -> Result<Vec<Value>, OraError> {
        (0..self.varint()?).map(|_| self.value()).collect()
    }

    fn date_time(&mut self) -> Result<DateTime, OraError> {
        let year = i16::from_le_bytes(self.array()?);
        let [month, day, hour, minute, second] = self.array()?;
        let nanosecond = u32::from_le_bytes(self.array()?);
        Ok(DateTime { year, month, day, hour, minute, second, nanosecond })
    }

    fn value(&mut self) -> Result<Value, OraError> {
        let [tag] = self.array::<1>()?;
        Ok(match tag {
            0 => Value::Null,
            1 => Value::Number(Number::from_bytes(self.piece()?).map_err(|_| damaged())?),
            2 => Value::Text(self.text()?),
            3 => Value::Bytes(self.piece()?.to_vec()),
            4 => Value::DateTime(self.date_time()?),
            5 => Value::DateTimeTz(self.date_time()?, UtcOffset { minutes: i16::from_le_bytes(self.array()?) }),
            6 => Value::Float(f32::from_le_bytes(self.array()?)),
            7 => Value::Double(f64::from_le_bytes(self.array()?)),
            8 => Value::IntervalYm(IntervalYm { months: i32::from_le_bytes(self.array()?) }),
            9 => Value::IntervalDs(IntervalDs {
                days: i32::from_le_bytes(self.array()?),
                nanoseconds: i64::from_le_bytes(self.array()?),
            }),
            10 => Value::Boolean(self.array::<1>()?[0] != 0),
            11 => Value::Bfile { directory: self.text()?, file: self.text()? },
            12 => Value::Object(self.parts()?),
            13 => Value::Collection(self.parts()?),
            _ => return Err(damaged()),
        })
    }
}

/// Appends a piece of bytes with its length before it.
pub(super) fn put_piece(out: &mut Vec<u8>, content: &[u8]) {
    varint(out, content.len());
    out.extend_from_slice(content);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all() -> Vec<Value> {
        let d = DateTime { year: -4712, month: 1, day: 1, hour: 23, minute: 59, second: 58, nanosecond: 999_999_999 };
        vec![
            Value::Null,
            Value::Number(Number::ZERO),
            Value::Text("é''x".into()),
            Value::Text("x".repeat(300)),
            Value::Bytes(vec![0, 255]),
            Value::DateTime(d),
            Value::DateTimeTz(d, UtcOffset { minutes: -330 }),
            Value::Float(1.5),
            Value::Double(-0.0),
            Value::IntervalYm(IntervalYm { months: -27 }),
            Value::IntervalDs(IntervalDs { days: 5, nanoseconds: 1 }),
            Value::Boolean(true),
        ]
    }

    #[test]
    fn rows_come_back() {
        let bytes = encode(&all());
        let mut wanted = all();
        assert_eq!(decode(&bytes, wanted.len()).unwrap(), wanted);
        wanted.push(Value::Null);
        assert_eq!(decode(&bytes, wanted.len()).unwrap(), wanted, "an added column is NULL");
        for n in 0..bytes.len() {
            assert!(decode(&bytes[..n], 1).is_err(), "cut at {n}");
        }
    }

    #[test]
    fn keys_are_unambiguous() {
        let text = |s: &str| Value::Text(s.into());
        let a = key(&[text("a"), text("bc")], &[0, 1]);
        assert_ne!(a, key(&[text("ab"), text("c")], &[0, 1]));
        assert_eq!(key(&[Value::Null, Value::Null], &[0, 1]), None);
        assert!(key(&[Value::Null, text("x")], &[0, 1]).is_some());
    }
}
