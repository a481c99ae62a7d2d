//! PostgreSQL's text forms of row types, arrays and vectors, from their binary forms.

use super::pg_value;
use type_convert::PgType;

/// A value as PostgreSQL reads it from a literal of this type; `None` where something in it has no such form here.
pub(super) fn input(ty: &PgType, bytes: &[u8]) -> Option<String> {
    match ty.base() {
        PgType::Composite(of) => {
            let mut body = Body(bytes);
            if body.count()? != of.fields.len() {
                return None;
            }
            let mut text = String::from("(");
            for (n, (_, ty)) in of.fields.iter().enumerate() {
                if n > 0 {
                    text.push(',');
                }
                body.number()?;
                // Nothing at all is NULL.
                if let Some(field) = body.field()? {
                    quoted(&mut text, &input(ty, field)?);
                }
            }
            text.push(')');
            body.0.is_empty().then_some(text)
        }
        PgType::Array(element) => {
            let mut body = Body(bytes);
            let (dimensions, _flags, _element) = (body.count()?, body.number()?, body.number()?);
            let count = match dimensions {
                0 => 0,
                // One dimension that begins at 1: the text form says no other.
                1 => {
                    let count = body.count()?;
                    Some(count).filter(|_| body.number() == Some(1))?
                }
                _ => return None,
            };
            let mut text = String::from("{");
            for n in 0..count {
                if n > 0 {
                    text.push(',');
                }
                match body.field()? {
                    Some(field) => quoted(&mut text, &input(element, field)?),
                    None => text.push_str("NULL"),
                }
            }
            text.push('}');
            body.0.is_empty().then_some(text)
        }
        PgType::Vector { .. } => {
            let (head, mut rest) = bytes.split_first_chunk::<4>()?;
            let count = usize::from(u16::from_be_bytes([head[0], head[1]]));
            let mut numbers = Vec::with_capacity(count);
            while let Some((number, after)) = rest.split_first_chunk::<4>() {
                numbers.push(pg_value::input(&PgType::Float4, number)?);
                rest = after;
            }
            (rest.is_empty() && numbers.len() == count).then(|| format!("[{}]", numbers.join(",")))
        }
        scalar => pg_value::input(scalar, bytes),
    }
}

/// In quotation marks, as both forms take it.
fn quoted(text: &mut String, value: &str) {
    text.push('"');
    for c in value.chars() {
        if matches!(c, '"' | '\\') {
            text.push('\\');
        }
        text.push(c);
    }
    text.push('"');
}

struct Body<'a>(&'a [u8]);

impl<'a> Body<'a> {
    fn number(&mut self) -> Option<i32> {
        let (number, rest) = self.0.split_first_chunk::<4>()?;
        self.0 = rest;
        Some(i32::from_be_bytes(*number))
    }

    fn count(&mut self) -> Option<usize> {
        self.number().and_then(|n| usize::try_from(n).ok())
    }

    /// A length and so many bytes; −1 is NULL.
    fn field(&mut self) -> Option<Option<&'a [u8]>> {
        let length = self.number()?;
        if length == -1 {
            return Some(None);
        }
        let (field, rest) = self.0.split_at_checked(usize::try_from(length).ok()?)?;
        self.0 = rest;
        Some(Some(field))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use bytes::BytesMut;
    use type_convert::{CollectionType, LossPolicy, ObjectType, OracleType, Transcoder, Value};

    fn text(oracle: &OracleType, pg: &str, value: Value) -> Option<String> {
        let pg: PgType = pg.parse().unwrap();
        let mut out = BytesMut::new();
        Transcoder::new(oracle, &pg, LossPolicy::default()).unwrap().encode(value.as_ref(), &mut out).unwrap();
        input(&pg, &out[4..])
    }

    #[test]
    fn texts_of_rows_and_arrays() {
        let varchar = OracleType::Varchar2 { length: 20, unit: type_convert::LengthUnit::Char };
        let list = |element| {
            OracleType::Collection(Box::new(CollectionType {
                owner: "O".into(),
                name: "L".into(),
                limit: None,
                element,
            }))
        };
        let t = |text: &str| Value::Text(text.to_owned());
        let texts = list(varchar.clone());
        let all = Value::Collection(vec![t("a\"\\b,"), Value::Null, t("NULL"), t("é {}")]);
        assert_eq!(text(&texts, "text[]", all.clone()).unwrap(), r#"{"a\"\\b,",NULL,"NULL","é {}"}"#);
        assert_eq!(text(&texts, "domain d (text[])", all).unwrap(), r#"{"a\"\\b,",NULL,"NULL","é {}"}"#);
        assert_eq!(text(&texts, "text[]", Value::Collection(vec![])).unwrap(), "{}");
        let object = OracleType::Object(Box::new(ObjectType {
            owner: "O".into(),
            name: "T".into(),
            attributes: vec![("A".into(), varchar), ("B".into(), texts), ("C".into(), OracleType::Date)],
        }));
        let row = "composite c (a text, b text[], c timestamp(0))";
        let value = Value::Object(vec![t("(x)"), Value::Collection(vec![t("y\"")]), Value::Null]);
        assert_eq!(text(&object, row, value).unwrap(), r#"("(x)","{\"y\\\"\"}",)"#);
        assert_eq!(text(&object, row, Value::Object(vec![Value::Null; 3])).unwrap(), "(,,)");
    }

    #[test]
    fn vectors_and_bytes_that_are_none() {
        let vector = PgType::Vector { dimensions: None };
        assert_eq!(input(&vector, &[0, 2, 0, 0, 0x3f, 0x80, 0, 0, 0xbf, 0, 0, 0]).unwrap(), "[1,-0.5]");
        assert_eq!(input(&vector, &[0, 2, 0, 0, 0x3f, 0x80, 0, 0]), None);
        let array = PgType::Array(Box::new(PgType::Text));
        for bytes in [&[0, 0, 0, 1][..], &[0, 0, 0, 2, 0, 0, 0, 0, 0, 0, 0, 25], &[0xff; 16]] {
            assert_eq!(input(&array, bytes), None);
        }
    }
}
