//! One Oracle column to one PostgreSQL column: the plan, and who carries it out for which kind of value.

mod document;
mod error;
mod fast;
mod moment;
mod nested;
mod number;
#[cfg(test)]
mod tests;
mod text;

pub use error::{FieldError, UnsupportedPair, ValueError, ValueErrorKind};

use crate::{
    Loss, LossAction, LossPolicy, Losses, OracleType, PgType, UtcOffset, ValueRef, VectorFormat, xml_declaration,
};
use bytes::{BufMut, Bytes, BytesMut};
use document::VectorPlan;
pub(crate) use fast::Fast;
use moment::{moment, zoned_moment};
use nested::Inner;
use number::{Declared, Width, put_short_number};
pub(crate) use number::{double_bytes, single_bytes};
use text::{Padding, TextPlan};

/// PostgreSQL's limit of one datum (1 GiB less 1 byte) less its own header.
const MAX_FIELD: usize = 0x3fff_fffb;

/// `jsonb_recv`: what comes before the text.
const JSONB_VERSION: &[u8] = &[1];

/// What was lost, or why nothing was written.
type Outcome = Result<Losses, ValueError>;

/// Turns values of one Oracle column into PostgreSQL's binary form for one target column.
///
/// The plan is decided once, in [`Transcoder::new`]; encoding a value allocates nothing but what `out` grows by (excepted are texts that a policy
/// changes or that stand for dates, BFILEs, JSON in binary form, and VECTORs that are or become text). What is written equals, byte for byte, what the server sends back for the value once stored (`jsonb`
/// excepted: the server brings its text into a form of its own).
///
/// | Oracle | PostgreSQL |
/// |---|---|
/// | NUMBER, FLOAT | `smallint` `integer` `bigint` `numeric` `numeric(p,s)` `real` `double precision` `boolean` (0 and 1), text types |
/// | BINARY_FLOAT, BINARY_DOUBLE | `real` `double precision` `numeric` (all digits of the binary number) `smallint` `integer` `bigint`, text types |
/// | CHAR, VARCHAR2, NCHAR, NVARCHAR2, LONG | text types, `json` `jsonb` `xml` (the server judges their syntax), an enumeration; where its texts are such values: the integer types, `numeric` `real` `double precision` `boolean` `uuid` `date` `timestamp(p)` |
/// | CLOB, NCLOB | text types, `json` `jsonb` `xml` |
/// | ROWID, UROWID | text types |
/// | RAW | `bytea`; RAW(16) `uuid`; text types, as hexadecimal digits in upper case |
/// | LONG RAW, BLOB | `bytea`; text types, `json` `jsonb` `xml` where the bytes are UTF-8 |
/// | BFILE | text types: the locator, `BFILENAME('DIRECTORY', 'file')` |
/// | DATE, TIMESTAMP | `timestamp(p)`, `date` (where the time of day is 00:00:00), `timestamp(p) with time zone` (with an assumed offset), text types |
/// | TIMESTAMP WITH (LOCAL) TIME ZONE | `timestamp(p) with time zone`; `timestamp(p)` in UTC (where that loss is allowed); text types |
/// | INTERVAL | `interval`, text types |
/// | XMLTYPE | `xml`, text types |
/// | JSON, as text or in Oracle's binary form | `json` `jsonb`, text types |
/// | VECTOR, as text or in Oracle's binary form | `real[]` `double precision[]` `vector(n)` (but of BINARY ones), text types |
/// | BOOLEAN | `boolean` `smallint` `integer` `bigint` (0 and 1), text types (`true`, `false`) |
/// | an object type | a composite type of as many fields |
/// | VARRAY, nested table | an array |
/// | each of them | a domain over what it can be |
/// | SDO_GEOMETRY | PostGIS's `geometry`, see [`geometry`](crate::geometry) |
///
/// Text types are `text`, `varchar(n)`, `character(n)` and `citext`. What texts look like: numbers with all their digits and no
/// exponent, binary floating-point numbers as short as they can be read back, dates as `2024-02-29 23:59:59.123456000+05:30 BC` without what they have not (and read from text with `-` before a year before Christ, as Oracle's
/// `SYYYY` has it),
/// intervals as Oracle prints them.
///
/// ```
/// use bytes::BytesMut;
/// use type_convert::{LossPolicy, OracleType, PgType, Transcoder, ValueRef};
///
/// let number = OracleType::Number { precision: Some(10), scale: Some(2) };
/// let transcoder = Transcoder::new(&number, &PgType::Numeric { digits: Some((10, 2)) }, LossPolicy::default())?;
/// let mut out = BytesMut::new();
/// transcoder.encode(ValueRef::Decimal("12.5"), &mut out)?;
/// assert_eq!(out[..], [0, 0, 0, 12, 0, 2, 0, 0, 0, 0, 0, 2, 0, 12, 0x13, 0x88]);
/// # Ok::<_, Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone)]
pub struct Transcoder {
    plan: Plan,
    policy: LossPolicy,
    null_as_empty: bool,
}

#[derive(Debug, Clone)]
enum Plan {
    Integer(Width),
    Numeric(Declared),
    NumberFloat4,
    NumberFloat8,
    NumberBool,
    NumberText(TextPlan),
    Float4,
    Float8,
    FloatNumeric(Declared),
    FloatInteger(Width),
    FloatText(TextPlan),
    Text(TextPlan),
    /// Whether the source has no empty texts, only NULL.
    Jsonb {
        empty_is_null: bool,
    },
    Xml {
        empty_is_null: bool,
    },
    Label {
        labels: Vec<String>,
        padded: bool,
    },
    /// A text that stands for a value of the type of this plan.
    Parsed(Box<Plan>),
    Bytea,
    Uuid,
    Hex(TextPlan),
    /// Bytes that are a text of this plan.
    BytesText(Box<Plan>),
    Bfile(TextPlan),
    /// Decimal digits of the fraction that the target keeps.
    Timestamp(u8),
    TimestampTz(u8),
    AssumedTimestampTz(u8, UtcOffset),
    TimestampOfTz(u8),
    Date,
    MomentText(TextPlan),
    ZonedText(TextPlan),
    Interval {
        months: bool,
    },
    IntervalText {
        months: bool,
        text: TextPlan,
    },
    Bool,
    BoolInteger(Width),
    BoolText(TextPlan),
    Composite(Vec<Inner>),
    Array(Box<Inner>),
    /// JSON, whose text is of this plan.
    Json(Box<Plan>),
    Vector {
        plan: VectorPlan,
        format: Option<VectorFormat>,
    },
    Geometry,
}

impl Transcoder {
    /// Plans the conversion, or says that there is none.
    pub fn new(oracle: &OracleType, pg: &PgType, policy: LossPolicy) -> Result<Self, UnsupportedPair> {
        plan(oracle, pg, policy).map_err(|advice| UnsupportedPair { oracle: oracle.clone(), pg: pg.clone(), advice })
    }

    /// Appends one field as COPY BINARY and the extended protocol have it: a 4-byte big-endian
    /// length (−1 for NULL), then the value's binary form. On an error nothing is appended.
    ///
    /// Returns what the policy allowed to be lost, usually nothing.
    #[inline]
    pub fn encode(&self, value: ValueRef<'_>, out: &mut BytesMut) -> Result<Losses, ValueError> {
        // The shortest way for the value that comes most often by itself.
        if let (Plan::Numeric(declared), ValueRef::NumberBytes(bytes)) = (&self.plan, value)
            && put_short_number(bytes, *declared, out)
        {
            return Ok(Losses::NONE);
        }
        self.encode_any(value, out)
    }

    #[inline(never)]
    fn encode_any(&self, value: ValueRef<'_>, out: &mut BytesMut) -> Outcome {
        match value {
            ValueRef::Null if self.null_as_empty => self.put_empty(out),
            ValueRef::Null => {
                put_null(out);
                Ok(Losses::NONE)
            }
            ValueRef::Streamed(_) => Err(ValueErrorKind::Streamed.into()),
            value => self.put_as(&self.plan, value, out),
        }
    }

    /// Whether the body of a field is the bytes of the value as they are, so that a value of known length can be sent piece by piece behind
    /// its length.
    pub fn is_verbatim(&self) -> bool {
        matches!(self.plan, Plan::Bytea)
    }

    /// As [`encode`](Transcoder::encode), for a LOB that the caller gives away (the text of a CLOB, the bytes of a BLOB): where the field's
    /// body is the value as it is, it is not copied. The field is what was appended to `out` with the returned bytes behind it.
    pub fn encode_owned(&self, value: BytesMut, out: &mut BytesMut) -> Result<(Losses, Bytes), ValueError> {
        let (mut plan, mut bytes) = (&self.plan, false);
        while let Plan::Json(inner) | Plan::BytesText(inner) = plan {
            bytes |= matches!(plan, Plan::BytesText(_));
            plan = inner;
        }
        let verbatim = match plan {
            Plan::Text(TextPlan { length: None, .. }) => Some((&b""[..], 0)),
            Plan::Jsonb { .. } => Some((JSONB_VERSION, 0)),
            Plan::Xml { .. } => {
                let (declaration, rest) = xml_declaration::split(&value);
                Some((declaration, value.len() - rest.len()))
            }
            Plan::Bytea => {
                check_length(value.len())?;
                out.put_slice(&length_bytes(value.len()));
                return Ok((Losses::NONE, value.freeze()));
            }
            _ => None,
        };
        let clean =
            |text: &[u8]| !text.is_empty() && memchr::memchr(0, text).is_none() && std::str::from_utf8(text).is_ok();
        match verbatim {
            Some((prefix, skipped)) if clean(&value[skipped..]) => {
                let length = prefix.len() + value.len() - skipped;
                check_length(length)?;
                out.put_slice(&length_bytes(length));
                out.put_slice(prefix);
                Ok((Losses::NONE, value.freeze().slice(skipped..)))
            }
            _ => {
                let form = if bytes { ValueRef::Bytes(&value) } else { ValueRef::Text(&value) };
                Ok((self.encode(form, out)?, Bytes::new()))
            }
        }
    }

    fn put_as(&self, plan: &Plan, value: ValueRef<'_>, out: &mut BytesMut) -> Outcome {
        match (plan, value) {
            (Plan::Integer(width), value) => return self.put_integer(*width, value, out),
            (Plan::Numeric(declared), value) => return self.put_numeric(*declared, value, out),
            (Plan::NumberFloat8, value) => return self.put_number_float8(value, out),
            (Plan::NumberFloat4, value) => return self.put_number_float4(value, out),
            (Plan::NumberBool, value) => return self.put_number_bool(value, out),
            (Plan::NumberText(plan), value) => return self.put_number_text(*plan, value, out),
            (Plan::Float4, ValueRef::Float(f)) => put_fixed(single_bytes(f), out),
            (Plan::Float4, ValueRef::Double(f)) => return self.put_double_as_float4(f, out),
            (Plan::Float8, ValueRef::Float(f)) => put_fixed(double_bytes(f.into()), out),
            (Plan::Float8, ValueRef::Double(f)) => put_fixed(double_bytes(f), out),
            (Plan::FloatNumeric(declared), ValueRef::Float(f)) => {
                return self.put_float_numeric(f.into(), *declared, out);
            }
            (Plan::FloatNumeric(declared), ValueRef::Double(f)) => return self.put_float_numeric(f, *declared, out),
            (Plan::FloatInteger(width), ValueRef::Float(f)) => return self.put_float_integer(*width, f.into(), out),
            (Plan::FloatInteger(width), ValueRef::Double(f)) => return self.put_float_integer(*width, f, out),
            (Plan::FloatText(plan), value) => return self.put_float_text(*plan, value, out),
            (Plan::Text(plan), ValueRef::Text(bytes)) => return self.put_text(*plan, bytes, out),
            (Plan::Jsonb { empty_is_null }, ValueRef::Text(bytes)) => {
                return self.put_jsonb(*empty_is_null, bytes, out);
            }
            (Plan::Xml { empty_is_null }, ValueRef::Text(bytes)) => return self.put_xml(*empty_is_null, bytes, out),
            (Plan::Label { labels, padded }, ValueRef::Text(bytes)) => {
                return self.put_label(labels, *padded, bytes, out);
            }
            (Plan::Parsed(plan), ValueRef::Text(bytes)) => return self.put_parsed(plan, bytes, out),
            (Plan::Bytea, ValueRef::Bytes(bytes)) => {
                check_length(bytes.len())?;
                out.reserve(4 + bytes.len());
                out.put_slice(&length_bytes(bytes.len()));
                out.put_slice(bytes);
            }
            (Plan::Uuid, ValueRef::Bytes(bytes)) => match bytes.try_into() {
                Ok(bytes) => put_fixed::<16>(bytes, out),
                Err(_) => return self.null_for(Loss::OutOfRange, ValueErrorKind::Overflow, out),
            },
            (Plan::Hex(plan), ValueRef::Bytes(bytes)) => return self.put_hex(*plan, bytes, out),
            (Plan::BytesText(plan), ValueRef::Bytes(bytes)) => return self.put_as(plan, ValueRef::Text(bytes), out),
            (Plan::Bfile(plan), ValueRef::Bfile(locator)) => {
                return self.put_whole_text(*plan, &locator.to_string(), out);
            }
            (Plan::Timestamp(precision), value) => return self.put_timestamp(*precision, &moment(value)?, out),
            (Plan::TimestampTz(precision), value) => {
                let (at, offset) = zoned_moment(value)?;
                return self.put_instant(*precision, &at, offset, out);
            }
            (Plan::AssumedTimestampTz(precision, offset), value) => {
                return self.put_instant(*precision, &moment(value)?, *offset, out);
            }
            (Plan::TimestampOfTz(precision), value) => {
                let (at, offset) = zoned_moment(value)?;
                return self.put_instant_as_timestamp(*precision, &at, offset, out);
            }
            (Plan::Date, value) => return self.put_date(&moment(value)?, out),
            (Plan::MomentText(plan), value) => return self.put_moment_text(*plan, &moment(value)?, None, out),
            (Plan::ZonedText(plan), value) => {
                let (at, offset) = zoned_moment(value)?;
                return self.put_moment_text(*plan, &at, Some(offset), out);
            }
            (Plan::Interval { months }, value) => return self.put_interval(value, *months, out),
            (Plan::IntervalText { months, text }, value) => {
                return self.put_interval_text(*text, value, *months, out);
            }
            (Plan::Bool, ValueRef::Boolean(b)) => put_fixed([u8::from(b)], out),
            (Plan::BoolInteger(width), ValueRef::Boolean(b)) => {
                return self.put_integer(*width, ValueRef::Int(b.into()), out);
            }
            (Plan::BoolText(plan), ValueRef::Boolean(b)) => {
                return self.put_shown::<8>(*plan, format_args!("{b}"), out);
            }
            (Plan::Composite(fields), ValueRef::Object(attributes)) => {
                return self.put_composite(fields, attributes, out);
            }
            (Plan::Array(element), ValueRef::Collection(values)) => return self.put_array(element, values, out),
            (Plan::Json(plan), value) => return self.put_json(plan, value, out),
            (Plan::Vector { plan, format }, value) => return self.put_vector(*plan, *format, value, out),
            (Plan::Geometry, ValueRef::Object(attributes)) => return self.put_geometry(attributes, out),
            _ => return Err(ValueErrorKind::WrongForm.into()),
        }
        Ok(Losses::NONE)
    }

    /// What the policy says of a loss: it is counted, or it is an error.
    fn lose(&self, loss: Loss, kind: ValueErrorKind) -> Outcome {
        match self.policy.action(loss) {
            LossAction::Convert => Ok(loss.into()),
            LossAction::Refuse => Err(kind.into()),
            LossAction::Quarantine => Err(ValueError::quarantined(kind)),
        }
    }
}

/// `Err` where there is no conversion, with what would make it possible.
fn plan(oracle: &OracleType, pg: &PgType, policy: LossPolicy) -> Result<Transcoder, Option<&'static str>> {
    use OracleType as O;
    pg.check().map_err(Some)?;
    // A domain's values are sent as those of the type that it is over.
    let pg = pg.base();
    let plan = match oracle {
        O::Number { .. } | O::Float { .. } => of_number(pg),
        O::BinaryFloat | O::BinaryDouble => of_float(pg),
        O::Char { .. } | O::NChar { .. } => of_text(pg, true),
        O::Varchar2 { .. } | O::NVarchar2 { .. } | O::Long => of_text(pg, false),
        O::Clob | O::NClob => of_document(pg),
        O::RowId | O::URowId { .. } => text_plan(pg, Padding::Target).map(Plan::Text),
        O::Raw { length } => match pg {
            PgType::Bytea => Some(Plan::Bytea),
            PgType::Uuid if *length == 16 => Some(Plan::Uuid),
            _ => text_plan(pg, Padding::Target).map(Plan::Hex),
        },
        O::LongRaw | O::Blob => match pg {
            PgType::Bytea => Some(Plan::Bytea),
            _ => of_document(pg).map(|plan| Plan::BytesText(Box::new(plan))),
        },
        O::BFile => text_plan(pg, Padding::Target).map(Plan::Bfile),
        O::Date | O::Timestamp { .. } => match (pg, policy.assumed_offset) {
            (PgType::Timestamp { precision }, _) => Some(Plan::Timestamp(fraction(*precision))),
            (PgType::Date, _) => Some(Plan::Date),
            (PgType::TimestampTz { precision }, Some(offset)) => {
                Some(Plan::AssumedTimestampTz(fraction(*precision), offset))
            }
            (PgType::TimestampTz { .. }, None) => {
                return Err(Some("say in which offset from UTC its values are (`LossPolicy::assumed_offset`)"));
            }
            _ => text_plan(pg, Padding::Target).map(Plan::MomentText),
        },
        O::TimestampTz { .. } | O::TimestampLtz { .. } => match pg {
            PgType::TimestampTz { precision } => Some(Plan::TimestampTz(fraction(*precision))),
            PgType::Timestamp { precision } if policy.offset != LossAction::Refuse => {
                Some(Plan::TimestampOfTz(fraction(*precision)))
            }
            PgType::Timestamp { .. } => {
                return Err(Some("allow its offset from UTC to be lost (`LossPolicy::offset`)"));
            }
            _ => text_plan(pg, Padding::Target).map(Plan::ZonedText),
        },
        O::IntervalYm { .. } | O::IntervalDs { .. } => {
            let months = matches!(oracle, O::IntervalYm { .. });
            match pg {
                PgType::Interval => Some(Plan::Interval { months }),
                _ => text_plan(pg, Padding::Target).map(|text| Plan::IntervalText { months, text }),
            }
        }
        O::Xml => match pg {
            PgType::Xml => Some(Plan::Xml { empty_is_null: false }),
            _ => text_plan(pg, Padding::Target).map(Plan::Text),
        },
        O::Json => match pg {
            PgType::Xml => None,
            _ => of_document(pg).map(|plan| Plan::Json(Box::new(plan))),
        },
        O::Vector { format, .. } => {
            let plan = match pg {
                _ if let Some(text) = text_plan(pg, Padding::Target) => Some(VectorPlan::Text(text)),
                // Bits are no numbers.
                _ if *format == Some(VectorFormat::Binary) => None,
                PgType::Array(element) if **element == PgType::Float4 => Some(VectorPlan::RealArray),
                PgType::Array(element) if **element == PgType::Float8 => Some(VectorPlan::DoubleArray),
                PgType::Vector { dimensions } => Some(VectorPlan::PgVector(*dimensions)),
                _ => None,
            };
            plan.map(|plan| Plan::Vector { plan, format: *format })
        }
        O::Boolean => match pg {
            PgType::Bool => Some(Plan::Bool),
            PgType::Int2 | PgType::Int4 | PgType::Int8 => width(pg).map(Plan::BoolInteger),
            _ => text_plan(pg, Padding::Target).map(Plan::BoolText),
        },
        O::Object(object) => match pg {
            PgType::Composite(composite) if composite.fields.len() == object.attributes.len() => {
                let fields = object.attributes.iter().zip(&composite.fields);
                let fields = fields.map(|((_, oracle), (_, pg))| Inner::new(oracle, pg, policy));
                Some(Plan::Composite(fields.collect::<Result<_, _>>()?))
            }
            PgType::Composite(_) => return Err(Some("the two have different numbers of attributes")),
            _ => None,
        },
        O::Collection(collection) => match pg {
            PgType::Array(element) if matches!(**element, PgType::Array(_)) => {
                return Err(Some("PostgreSQL has no arrays of arrays"));
            }
            PgType::Array(element) => Some(Plan::Array(Box::new(Inner::new(&collection.element, element, policy)?))),
            _ => None,
        },
        O::Geometry => match pg {
            PgType::Geometry => Some(Plan::Geometry),
            _ => return Err(Some("its target is `geometry` of the extension PostGIS")),
        },
        _ => None,
    };
    let plan = plan.ok_or(None)?;
    // No empty text is JSON.
    let character = oracle.is_character() && matches!(plan, Plan::Text(_)) && *pg != PgType::Json;
    Ok(Transcoder { plan, policy, null_as_empty: character && policy.null_as_empty })
}

fn of_number(pg: &PgType) -> Option<Plan> {
    Some(match pg {
        PgType::Numeric { digits } => Plan::Numeric(*digits),
        PgType::Float4 => Plan::NumberFloat4,
        PgType::Float8 => Plan::NumberFloat8,
        PgType::Bool => Plan::NumberBool,
        PgType::Int2 | PgType::Int4 | PgType::Int8 => Plan::Integer(width(pg)?),
        _ => Plan::NumberText(text_plan(pg, Padding::Target)?),
    })
}

fn of_float(pg: &PgType) -> Option<Plan> {
    Some(match pg {
        PgType::Float4 => Plan::Float4,
        PgType::Float8 => Plan::Float8,
        PgType::Numeric { digits } => Plan::FloatNumeric(*digits),
        PgType::Int2 | PgType::Int4 | PgType::Int8 => Plan::FloatInteger(width(pg)?),
        _ => Plan::FloatText(text_plan(pg, Padding::Target)?),
    })
}

/// Texts of limited length, which have no empty ones.
fn of_text(pg: &PgType, padded: bool) -> Option<Plan> {
    Some(match pg {
        PgType::Enum(of) => Plan::Label { labels: of.labels.clone(), padded },
        PgType::Bool => Plan::Parsed(Box::new(Plan::Bool)),
        PgType::Uuid => Plan::Parsed(Box::new(Plan::Uuid)),
        PgType::Date => Plan::Parsed(Box::new(Plan::Date)),
        PgType::Timestamp { precision } => Plan::Parsed(Box::new(Plan::Timestamp(fraction(*precision)))),
        PgType::Int2 | PgType::Int4 | PgType::Int8 | PgType::Numeric { .. } | PgType::Float4 | PgType::Float8 => {
            Plan::Parsed(Box::new(of_number(pg)?))
        }
        PgType::Json => Plan::Text(TextPlan { empty_is_null: true, ..TextPlan::PLAIN }),
        PgType::Jsonb => Plan::Jsonb { empty_is_null: true },
        PgType::Xml => Plan::Xml { empty_is_null: true },
        _ => {
            let padding = if padded { Padding::Both } else { Padding::Target };
            Plan::Text(TextPlan { empty_is_null: true, ..text_plan(pg, padding)? })
        }
    })
}

/// Texts of any length.
fn of_document(pg: &PgType) -> Option<Plan> {
    Some(match pg {
        PgType::Json => Plan::Text(TextPlan::PLAIN),
        PgType::Jsonb => Plan::Jsonb { empty_is_null: false },
        PgType::Xml => Plan::Xml { empty_is_null: false },
        _ => Plan::Text(text_plan(pg, Padding::Target)?),
    })
}

/// `padding` is for `character(n)`.
fn text_plan(pg: &PgType, padding: Padding) -> Option<TextPlan> {
    let characters = |n: u32| usize::try_from(n).ok();
    Some(match pg {
        PgType::Text | PgType::Varchar { length: None } | PgType::Citext => TextPlan::PLAIN,
        PgType::Varchar { length: Some(n) } => TextPlan { length: Some(characters(*n)?), ..TextPlan::PLAIN },
        PgType::Bpchar { length } => TextPlan { length: Some(characters(*length)?), padding, ..TextPlan::PLAIN },
        _ => return None,
    })
}

fn width(pg: &PgType) -> Option<Width> {
    match pg {
        PgType::Int2 => Some(Width::Two),
        PgType::Int4 => Some(Width::Four),
        PgType::Int8 => Some(Width::Eight),
        _ => None,
    }
}

fn fraction(precision: Option<u8>) -> u8 {
    precision.unwrap_or(6)
}

#[inline]
fn check_length(length: usize) -> Result<(), ValueErrorKind> {
    if length <= MAX_FIELD { Ok(()) } else { Err(ValueErrorKind::Overflow) }
}

/// Lengths are checked against [`MAX_FIELD`] or made of small parts before they come here.
#[inline]
fn length_bytes(length: usize) -> [u8; 4] {
    u32::try_from(length).unwrap_or(u32::MAX).to_be_bytes()
}

#[inline]
fn put_null(out: &mut BytesMut) {
    out.put_slice(&[0xff; 4]);
}

#[inline]
fn put_fixed<const N: usize>(bytes: [u8; N], out: &mut BytesMut) {
    // One append of at most 20 bytes, whose size the compiler knows once N is.
    let mut field = [0; 20];
    field[..4].copy_from_slice(&length_bytes(N));
    field[4..4 + N].copy_from_slice(&bytes);
    out.extend_from_slice(&field[..4 + N]);
}
