//! Oracle's values as parameters of `postgres-types` 0.2's clients, and out of their rows. Exactly or not at all: what is written is what a
//! [`Transcoder`] writes under the default [`LossPolicy`].

use crate::{
    CollectionType, DateTime, DateTimeError, IntervalDs, IntervalYm, LengthUnit, LossPolicy, Number, NumberError,
    ObjectType, OracleType, PgComposite, PgEnum, PgType, Transcoder, UtcOffset, Value, ValueRef,
    ascii_buffer::AsciiBuffer,
};
use bytes::BytesMut;
use postgres_types::{FromSql, IsNull, Kind, ToSql, Type, accepts, to_sql_checked};
use std::{error::Error, fmt::Write as _};

type Failure = Box<dyn Error + Sync + Send>;

const NUMBER: OracleType = OracleType::Number { precision: None, scale: None };
const TIMESTAMP: OracleType = OracleType::Timestamp { precision: 9 };
const TIMESTAMP_TZ: OracleType = OracleType::TimestampTz { precision: 9 };
const INTERVAL_YM: OracleType = OracleType::IntervalYm { year_precision: 9 };
const INTERVAL_DS: OracleType = OracleType::IntervalDs { day_precision: 9, second_precision: 9 };
const VARCHAR2: OracleType = OracleType::Varchar2 { length: 32_767, unit: LengthUnit::Byte };
const RAW16: OracleType = OracleType::Raw { length: 16 };

/// Seconds from 1970-01-01 to 2000-01-01, where PostgreSQL counts from.
const POSTGRES_EPOCH: i64 = 946_684_800;
const SECONDS_A_DAY: i64 = 86_400;

/// A TIMESTAMP WITH TIME ZONE as a parameter or out of a row of type `timestamptz`.
///
/// PostgreSQL keeps the moment, not the offset: what is read has the offset of UTC.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct DateTimeTz {
    /// Local fields at `offset`.
    pub at: DateTime,
    /// Their offset from UTC.
    pub offset: UtcOffset,
}

/// As `numeric`, and as `smallint`, `integer` and `bigint` where the number is one and in range. ±∞ is an error.
impl ToSql for Number {
    accepts!(NUMERIC, INT2, INT4, INT8);
    to_sql_checked!();

    fn to_sql(&self, ty: &Type, out: &mut BytesMut) -> Result<IsNull, Failure> {
        write(&NUMBER, ty, ValueRef::NumberBytes(self.as_bytes()), out)
    }
}

/// Of `numeric`, its infinities too; NaN, more digits than a NUMBER has and magnitudes beyond its range are errors. The zeros that a
/// `numeric` may show behind the point are no part of the number.
impl<'a> FromSql<'a> for Number {
    accepts!(NUMERIC, INT2, INT4, INT8);

    fn from_sql(ty: &Type, raw: &'a [u8]) -> Result<Self, Failure> {
        Ok(match *ty {
            Type::INT2 => i64::from(i16::from_be_bytes(raw.try_into()?)).into(),
            Type::INT4 => i64::from(i32::from_be_bytes(raw.try_into()?)).into(),
            Type::INT8 => i64::from_be_bytes(raw.try_into()?).into(),
            _ => from_numeric(raw)?,
        })
    }
}

/// As `timestamp`, without more than six digits of fraction; as `date` at midnight only. A day that only the Julian calendar has is an error.
impl ToSql for DateTime {
    accepts!(TIMESTAMP, DATE);
    to_sql_checked!();

    fn to_sql(&self, ty: &Type, out: &mut BytesMut) -> Result<IsNull, Failure> {
        write(&TIMESTAMP, ty, ValueRef::DateTime(*self), out)
    }
}

/// The infinities are errors, and years that Oracle has not.
impl<'a> FromSql<'a> for DateTime {
    accepts!(TIMESTAMP, DATE);

    fn from_sql(ty: &Type, raw: &'a [u8]) -> Result<Self, Failure> {
        Ok(match *ty {
            Type::DATE => match i32::from_be_bytes(raw.try_into()?) {
                i32::MIN | i32::MAX => return Err(DateTimeError::new("infinity").into()),
                days => DateTime::from_seconds_since_unix_epoch(i64::from(days) * SECONDS_A_DAY + POSTGRES_EPOCH, 0)?,
            },
            _ => from_microseconds(raw)?,
        })
    }
}

impl ToSql for DateTimeTz {
    accepts!(TIMESTAMPTZ);
    to_sql_checked!();

    fn to_sql(&self, ty: &Type, out: &mut BytesMut) -> Result<IsNull, Failure> {
        write(&TIMESTAMP_TZ, ty, ValueRef::DateTimeTz(self.at, self.offset), out)
    }
}

impl<'a> FromSql<'a> for DateTimeTz {
    accepts!(TIMESTAMPTZ);

    fn from_sql(_: &Type, raw: &'a [u8]) -> Result<Self, Failure> {
        Ok(DateTimeTz { at: from_microseconds(raw)?, offset: UtcOffset::UTC })
    }
}

impl ToSql for IntervalYm {
    accepts!(INTERVAL);
    to_sql_checked!();

    fn to_sql(&self, ty: &Type, out: &mut BytesMut) -> Result<IsNull, Failure> {
        write(&INTERVAL_YM, ty, ValueRef::IntervalYm(*self), out)
    }
}

/// Days or a time are errors: PostgreSQL's interval may have them beside months, this one has not.
impl<'a> FromSql<'a> for IntervalYm {
    accepts!(INTERVAL);

    fn from_sql(_: &Type, raw: &'a [u8]) -> Result<Self, Failure> {
        match parts(raw)? {
            (0, 0, months) => Ok(IntervalYm { months }),
            _ => Err(DateTimeError::new("an INTERVAL YEAR TO MONTH has no days and no time").into()),
        }
    }
}

/// Without more than six digits of fraction.
impl ToSql for IntervalDs {
    accepts!(INTERVAL);
    to_sql_checked!();

    fn to_sql(&self, ty: &Type, out: &mut BytesMut) -> Result<IsNull, Failure> {
        write(&INTERVAL_DS, ty, ValueRef::IntervalDs(*self), out)
    }
}

/// Months are an error; so are a time of 24 hours or more and one of another sign than the days, which PostgreSQL keeps apart from them.
impl<'a> FromSql<'a> for IntervalDs {
    accepts!(INTERVAL);

    fn from_sql(_: &Type, raw: &'a [u8]) -> Result<Self, Failure> {
        match parts(raw)? {
            (microseconds, days, 0) => {
                let nanoseconds = microseconds.checked_mul(1000);
                Ok(IntervalDs::new(days, nanoseconds.ok_or(DateTimeError::new("a time of a day or more"))?)?)
            }
            _ => Err(DateTimeError::new("an INTERVAL DAY TO SECOND has no months").into()),
        }
    }
}

/// As any type that a [`Transcoder`] writes from a value of this kind; arrays and row types of built-in types too.
///
/// An empty text is taken for an empty CLOB's, bytes for RAW. A parameter's type has no modifier: what `numeric(p,s)` or `timestamp(p)`
/// round is rounded by the server.
impl ToSql for Value {
    to_sql_checked!();

    fn accepts(ty: &Type) -> bool {
        pg_type(ty).is_some()
    }

    fn to_sql(&self, ty: &Type, out: &mut BytesMut) -> Result<IsNull, Failure> {
        if self.is_null() {
            return Ok(IsNull::Yes);
        }
        write(&source(&[self], &target(ty)?), ty, self.as_ref(), out)
    }
}

/// The field that a transcoder writes, without the length, which the client puts there itself.
fn write(source: &OracleType, ty: &Type, value: ValueRef<'_>, out: &mut BytesMut) -> Result<IsNull, Failure> {
    let transcoder = Transcoder::new(source, &target(ty)?, LossPolicy::default())?;
    let start = out.len();
    transcoder.encode(value, out)?;
    out[start..].copy_within(4.., 0);
    out.truncate(out.len() - 4);
    Ok(IsNull::No)
}

fn target(ty: &Type) -> Result<PgType, Failure> {
    pg_type(ty).ok_or_else(|| format!("nothing is converted to `{ty}`").into())
}

fn pg_type(ty: &Type) -> Option<PgType> {
    // The binary form of an outer value names the OIDs of the inner ones, which a domain or `character` does not share with what it is
    // written as.
    let inner = |ty: &Type| pg_type(ty).filter(|pg| pg.oid() == Some(ty.oid()));
    Some(match ty.kind() {
        Kind::Domain(of) => pg_type(of)?,
        Kind::Enum(labels) => PgType::Enum(Box::new(PgEnum { name: ty.name().to_owned(), labels: labels.clone() })),
        // `int2vector` is written otherwise.
        Kind::Array(element) if *ty != Type::INT2_VECTOR => match inner(element)? {
            PgType::Array(_) => return None,
            element => PgType::Array(Box::new(element)),
        },
        Kind::Composite(fields) => {
            let fields = fields.iter().map(|field| Some((field.name().to_owned(), inner(field.type_())?)));
            let (name, oid) = (ty.name().to_owned(), Some(ty.oid()));
            let fields = fields.collect::<Option<_>>()?;
            PgType::Composite(Box::new(PgComposite { name, oid, array_oid: None, fields }))
        }
        Kind::Simple => match *ty {
            Type::BOOL => PgType::Bool,
            Type::INT2 => PgType::Int2,
            Type::INT4 => PgType::Int4,
            Type::INT8 => PgType::Int8,
            Type::NUMERIC => PgType::Numeric { digits: None },
            Type::FLOAT4 => PgType::Float4,
            Type::FLOAT8 => PgType::Float8,
            // The server pads or refuses what it is given for a `character(n)` whose length is not known here.
            Type::TEXT | Type::BPCHAR => PgType::Text,
            Type::VARCHAR => PgType::Varchar { length: None },
            Type::BYTEA => PgType::Bytea,
            Type::DATE => PgType::Date,
            Type::TIMESTAMP => PgType::Timestamp { precision: None },
            Type::TIMESTAMPTZ => PgType::TimestampTz { precision: None },
            Type::INTERVAL => PgType::Interval,
            Type::UUID => PgType::Uuid,
            Type::JSON => PgType::Json,
            Type::JSONB => PgType::Jsonb,
            Type::XML => PgType::Xml,
            // Those of extensions have no OIDs of their own.
            _ => match ty.name() {
                "citext" => PgType::Citext,
                "vector" => PgType::Vector { dimensions: None },
                "geometry" => PgType::Geometry,
                _ => return None,
            },
        },
        _ => return None,
    })
}

/// What type of column such values are of; where all are NULL, any that can be written as `pg`.
fn source(values: &[&Value], pg: &PgType) -> OracleType {
    let Some(first) = values.iter().find(|value| !value.is_null()) else { return of_nulls(pg) };
    match first {
        Value::Null => of_nulls(pg),
        Value::Number(_) => NUMBER,
        Value::Float(_) => OracleType::BinaryFloat,
        Value::Double(_) => OracleType::BinaryDouble,
        Value::Text(_) if values.iter().any(|v| matches!(v, Value::Text(text) if text.is_empty())) => OracleType::Clob,
        Value::Text(_) => VARCHAR2,
        Value::Bytes(_) => RAW16,
        Value::DateTime(_) => TIMESTAMP,
        Value::DateTimeTz(..) => TIMESTAMP_TZ,
        Value::IntervalYm(_) => INTERVAL_YM,
        Value::IntervalDs(_) => INTERVAL_DS,
        Value::Boolean(_) => OracleType::Boolean,
        Value::Bfile { .. } => OracleType::BFile,
        Value::Object(attributes) => match pg {
            PgType::Composite(composite) => object((0..attributes.len()).map(|n| {
                let nth = values.iter().filter_map(|value| match value {
                    Value::Object(attributes) => attributes.get(n),
                    _ => None,
                });
                let values: Vec<&Value> = nth.collect();
                composite.fields.get(n).map_or(NUMBER, |(_, pg)| source(&values, pg))
            })),
            _ => OracleType::Geometry,
        },
        Value::Collection(_) => {
            let elements = values.iter().filter_map(|value| match value {
                Value::Collection(elements) => Some(elements),
                _ => None,
            });
            let elements: Vec<&Value> = elements.flatten().collect();
            match pg {
                PgType::Array(element) => collection(source(&elements, element)),
                _ => collection(NUMBER),
            }
        }
    }
}

fn of_nulls(pg: &PgType) -> OracleType {
    match pg {
        PgType::Bool => OracleType::Boolean,
        PgType::Int2 | PgType::Int4 | PgType::Int8 | PgType::Numeric { .. } | PgType::Float4 | PgType::Float8 => NUMBER,
        PgType::Text
        | PgType::Varchar { .. }
        | PgType::Bpchar { .. }
        | PgType::Citext
        | PgType::Json
        | PgType::Jsonb
        | PgType::Xml => OracleType::Clob,
        PgType::Bytea | PgType::Uuid => RAW16,
        PgType::Date | PgType::Timestamp { .. } => TIMESTAMP,
        PgType::TimestampTz { .. } => TIMESTAMP_TZ,
        PgType::Interval => INTERVAL_DS,
        PgType::Vector { .. } => OracleType::Vector { dimensions: None, format: None },
        PgType::Geometry => OracleType::Geometry,
        PgType::Enum(_) => VARCHAR2,
        PgType::Composite(of) => object(of.fields.iter().map(|(_, pg)| of_nulls(pg))),
        PgType::Array(element) => collection(of_nulls(element)),
        PgType::Domain(of) => of_nulls(&of.base),
    }
}

/// An object type without a name, of attributes without names.
fn object(attributes: impl Iterator<Item = OracleType>) -> OracleType {
    let attributes = attributes.map(|ty| (String::new(), ty)).collect();
    OracleType::Object(Box::new(ObjectType { owner: String::new(), name: "an object".to_owned(), attributes }))
}

fn collection(element: OracleType) -> OracleType {
    let (owner, name) = (String::new(), "a collection".to_owned());
    OracleType::Collection(Box::new(CollectionType { owner, name, limit: None, element }))
}

/// `numeric_send`: the number of base-10000 digits, the power of the first, sign, display scale, digits.
fn from_numeric(raw: &[u8]) -> Result<Number, NumberError> {
    let malformed = || NumberError::new("bytes that are no numeric");
    let &[n1, n0, w1, w0, sign1, sign0, _, _, ref digits @ ..] = raw else { return Err(malformed()) };
    if digits.len() != 2 * usize::from(u16::from_be_bytes([n1, n0])) {
        return Err(malformed());
    }
    let negative = match u16::from_be_bytes([sign1, sign0]) {
        0 => false,
        0x4000 => true,
        0xc000 => return Err(NumberError::new("NaN")),
        0xd000 => return Ok(Number::INFINITY),
        0xf000 => return Ok(Number::NEG_INFINITY),
        _ => return Err(malformed()),
    };
    let group = |at: usize| u16::from_be_bytes([digits[2 * at], digits[2 * at + 1]]);
    let count = digits.len() / 2;
    if (0..count).any(|at| group(at) > 9999) {
        return Err(malformed());
    }
    let Some(first) = (0..count).find(|&at| group(at) != 0) else { return Ok(Number::ZERO) };
    let end = (first..count).rfind(|&at| group(at) != 0).map_or(count, |last| last + 1);
    if end - first > 12 {
        return Err(NumberError::new("more than 40 significant digits"));
    }
    let mut text = AsciiBuffer::<96>::new();
    let below = i32::from(i16::from_be_bytes([w1, w0])) - i32::try_from(end).unwrap_or(i32::MAX) + 1;
    let written = text
        .write_str(if negative { "-" } else { "" })
        .and_then(|()| (first..end).try_for_each(|at| write!(text, "{:04}", group(at))))
        .and_then(|()| write!(text, "E{}", i64::from(below) * 4));
    written.map_err(|_| malformed())?;
    text.as_str().parse()
}

/// Microseconds from 2000-01-01.
fn from_microseconds(raw: &[u8]) -> Result<DateTime, Failure> {
    let microseconds = i64::from_be_bytes(raw.try_into()?);
    if microseconds == i64::MIN || microseconds == i64::MAX {
        return Err(DateTimeError::new("infinity").into());
    }
    let fraction = u32::try_from(microseconds.rem_euclid(1_000_000))?;
    let seconds = microseconds.div_euclid(1_000_000) + POSTGRES_EPOCH;
    Ok(DateTime::from_seconds_since_unix_epoch(seconds, fraction * 1000)?)
}

/// Microseconds, days, months.
fn parts(raw: &[u8]) -> Result<(i64, i32, i32), Failure> {
    let raw: [u8; 16] = raw.try_into()?;
    let [m7, m6, m5, m4, m3, m2, m1, m0, d3, d2, d1, d0, n3, n2, n1, n0] = raw;
    let microseconds = i64::from_be_bytes([m7, m6, m5, m4, m3, m2, m1, m0]);
    Ok((microseconds, i32::from_be_bytes([d3, d2, d1, d0]), i32::from_be_bytes([n3, n2, n1, n0])))
}
