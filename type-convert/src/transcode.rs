use crate::{
    DateTime, IntervalDs, LossAction, LossPolicy, Number, OracleType, PgType, RowBatch, ValueRef,
    ascii_buffer::AsciiBuffer,
    batch::Cell,
    decimal_text::DecimalText,
    number::Form,
    pg_numeric::{self, Groups, NUMBER_GROUPS},
    short_numeric::ShortNumeric,
    xml_declaration,
};
use bytes::{BufMut, BytesMut};
use std::fmt::Write as _;

/// Days from 1970-01-01 to 2000-01-01, where PostgreSQL counts from.
const POSTGRES_EPOCH: i64 = 10_957;
const MICROSECONDS_A_DAY: i64 = 86_400_000_000;
/// PostgreSQL's limit of one datum (1 GiB less 1 byte) less its own header.
const MAX_FIELD: usize = 0x3fff_fffb;

/// Turns values of one Oracle column into PostgreSQL's binary form for one target column.
///
/// The plan is decided once, in [`Transcoder::new`]; encoding a value allocates nothing but what `out` grows by.
/// What is written equals, byte for byte, what the server sends back for the value once stored (`jsonb` excepted: the
/// server brings its text into a form of its own).
///
/// | Oracle | PostgreSQL |
/// |---|---|
/// | NUMBER, FLOAT | `smallint` `integer` `bigint` `numeric` `numeric(p,s)` `real` `double precision` `boolean` (0 and 1), text types |
/// | BINARY_FLOAT, BINARY_DOUBLE | `real` `double precision` `numeric` (all digits of the binary number) |
/// | CHAR, VARCHAR2, NCHAR, NVARCHAR2, LONG, CLOB, NCLOB, ROWID, UROWID | `text` `varchar(n)` `character(n)` |
/// | RAW, LONG RAW, BLOB | `bytea`; RAW(16) also `uuid` |
/// | DATE | `timestamp(p)`, `date` (where the time of day is 00:00:00) |
/// | TIMESTAMP | `timestamp(p)` |
/// | TIMESTAMP WITH (LOCAL) TIME ZONE | `timestamp(p) with time zone` |
/// | INTERVAL | `interval` |
/// | XMLTYPE | `xml`, text types |
/// | JSON, as text | `json` `jsonb`, text types |
/// | BOOLEAN | `boolean` |
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
}

#[derive(Debug, Clone, Copy)]
enum Plan {
    Int2,
    Int4,
    Int8,
    Numeric(Option<(u16, i16)>),
    NumberFloat4,
    NumberFloat8,
    NumberBool,
    NumberText(TextPlan),
    Float4,
    Float8,
    FloatNumeric(Option<(u16, i16)>),
    Text(TextPlan),
    Jsonb,
    Xml,
    Bytea,
    Uuid,
    /// Decimal digits of the fraction that the target keeps.
    Timestamp(u8),
    TimestampTz(u8),
    Date,
    IntervalYm,
    IntervalDs,
    Bool,
}

#[derive(Debug, Clone, Copy)]
struct TextPlan {
    /// The most characters that the target takes.
    length: Option<usize>,
    padding: Padding,
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum Padding {
    /// Blanks at the end are data.
    No,
    /// The target is padded to its length; blanks of the source are data.
    Target,
    /// Both are padded, so blanks too many are dropped.
    Both,
}

/// This pair of types cannot be transcoded.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("no conversion from {oracle} to {pg}")]
pub struct UnsupportedPair {
    /// The source type.
    pub oracle: OracleType,
    /// The target type.
    pub pg: PgType,
}

/// Why one value does not fit its target. It names neither table nor column: the caller knows them.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}", kind.message())]
pub struct ValueError {
    kind: ValueErrorKind,
}

/// The kinds of [`ValueError`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ValueErrorKind {
    /// Out of the target's range, or not of its length.
    Overflow,
    /// Digits would be lost, or a time of day.
    Inexact,
    /// Not UTF-8.
    InvalidText,
    /// U+0000 in character data.
    NulCharacter,
    /// ±infinity or NaN where the target has none.
    NotFinite,
    /// A day that only the Julian calendar has, such as 29 February 1500.
    NoSuchDay,
    /// Bytes or text that are no value of the source type at all.
    Malformed,
    /// A form of value that this source type never has.
    WrongForm,
}

impl ValueErrorKind {
    fn message(self) -> &'static str {
        match self {
            ValueErrorKind::Overflow => "the value is out of the target type's range or longer than its length",
            ValueErrorKind::Inexact => "the target type would lose digits or the time of day of the value",
            ValueErrorKind::InvalidText => "the text is not valid UTF-8",
            ValueErrorKind::NulCharacter => "the text holds U+0000, which PostgreSQL cannot store",
            ValueErrorKind::NotFinite => "the value is an infinity or NaN, which the target type does not have",
            ValueErrorKind::NoSuchDay => "the day exists in the Julian calendar only, PostgreSQL does not have it",
            ValueErrorKind::Malformed => "the value as read is no value of the source type",
            ValueErrorKind::WrongForm => "the value as read is of another type than the source column",
        }
    }
}

impl ValueError {
    /// What went wrong.
    pub fn kind(&self) -> ValueErrorKind {
        self.kind
    }
}

/// Which field of a row does not fit its target, and why.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("column {column}: {error}")]
pub struct FieldError {
    column: usize,
    error: ValueError,
}

impl FieldError {
    /// Its position in the row, from 0.
    pub fn column(&self) -> usize {
        self.column
    }

    /// Why it does not fit.
    pub fn into_error(self) -> ValueError {
        self.error
    }
}

impl From<ValueErrorKind> for ValueError {
    fn from(kind: ValueErrorKind) -> Self {
        ValueError { kind }
    }
}

impl Transcoder {
    /// Plans the conversion, or says that there is none.
    pub fn new(oracle: &OracleType, pg: &PgType, policy: LossPolicy) -> Result<Self, UnsupportedPair> {
        match plan(oracle, pg) {
            Some(plan) => Ok(Transcoder { plan, policy }),
            None => Err(UnsupportedPair { oracle: oracle.clone(), pg: pg.clone() }),
        }
    }

    /// Appends one field as COPY BINARY and the extended protocol have it: a 4-byte big-endian
    /// length (−1 for NULL), then the value's binary form. On an error nothing is appended.
    pub fn encode(&self, value: ValueRef<'_>, out: &mut BytesMut) -> Result<(), ValueError> {
        self.put(value, out).map_err(ValueError::from)
    }

    /// Appends the fields of a row, each as [`encode`](Transcoder::encode) does, `columns` being the transcoders of its columns. On
    /// an error the fields before the offending one have been appended.
    ///
    /// # Panics
    /// Where there is no such row, or the batch has another number of columns.
    pub fn encode_row(
        columns: &[Transcoder],
        batch: &RowBatch,
        row: usize,
        out: &mut BytesMut,
    ) -> Result<(), FieldError> {
        let cells = batch.cells(row);
        assert_eq!(cells.len(), columns.len(), "columns of the batch against transcoders");
        for (column, (transcoder, cell)) in columns.iter().zip(cells).enumerate() {
            transcoder.put_cell(cell, batch, out).map_err(|kind| FieldError { column, error: kind.into() })?;
        }
        Ok(())
    }

    /// As `put`. What most tables consist of is taken from where it lies, the rest goes by way of a [`ValueRef`].
    #[inline]
    fn put_cell(&self, cell: &Cell, batch: &RowBatch, out: &mut BytesMut) -> Result<(), ValueErrorKind> {
        match (&self.plan, cell) {
            (_, Cell::Null) => put_null(out),
            (Plan::Int8, Cell::Int(n)) => put_fixed(n.to_be_bytes(), out),
            (Plan::Float8, Cell::Double(f)) => put_fixed(double_bytes(*f), out),
            (Plan::Timestamp(precision), Cell::DateTime(at)) => {
                put_fixed(self.microseconds(at, *precision)?.to_be_bytes(), out);
            }
            (Plan::Text(plan), Cell::Text(span)) => return self.put_text(*plan, batch.bytes_at(*span), out),
            (Plan::Numeric(digits), Cell::Decimal(span)) => {
                let short = ShortNumeric::from_text(batch.text_at(*span));
                if !put_short_numeric(short, *digits, out) {
                    return self.put(batch.value(*cell), out);
                }
            }
            _ => return self.put(batch.value(*cell), out),
        }
        Ok(())
    }

    fn put(&self, value: ValueRef<'_>, out: &mut BytesMut) -> Result<(), ValueErrorKind> {
        match (self.plan, value) {
            (_, ValueRef::Null) => put_null(out),
            (Plan::Int2 | Plan::Int4 | Plan::Int8, value) => match integer(value)? {
                Err(Infinite { .. }) => return self.put_no_infinity(out),
                Ok(n) => match self.plan {
                    Plan::Int2 => put_fixed(i16::try_from(n).map_err(|_| ValueErrorKind::Overflow)?.to_be_bytes(), out),
                    Plan::Int4 => put_fixed(i32::try_from(n).map_err(|_| ValueErrorKind::Overflow)?.to_be_bytes(), out),
                    _ => put_fixed(n.to_be_bytes(), out),
                },
            },
            (Plan::Numeric(digits), value) if put_short_numeric(ShortNumeric::new(value), digits, out) => {}
            (Plan::Numeric(digits), value) => match groups(value)? {
                Ok(groups) => groups.put(digits, out)?,
                Err(Infinite { negative }) => self.put_numeric_infinity(negative, digits, out)?,
            },
            (Plan::NumberFloat8, value) => match groups(value)? {
                Ok(groups) => {
                    let (nearest, kept) = groups.to_f64();
                    self.check_float(kept, nearest.is_finite())?;
                    put_fixed(nearest.to_be_bytes(), out);
                }
                Err(Infinite { negative }) => put_fixed(infinite(negative).to_be_bytes(), out),
            },
            (Plan::NumberFloat4, value) => match groups(value)? {
                Ok(groups) => {
                    let (nearest, kept) = groups.to_f32();
                    self.check_float(kept, nearest.is_finite())?;
                    put_fixed(nearest.to_be_bytes(), out);
                }
                Err(Infinite { negative }) => put_fixed(narrowed(infinite(negative)).to_be_bytes(), out),
            },
            (Plan::NumberBool, value) => match groups(value)? {
                Ok(groups) => {
                    let truth = groups.to_bool().ok_or(ValueErrorKind::Overflow)?;
                    put_fixed([u8::from(truth)], out);
                }
                Err(Infinite { .. }) => return self.put_no_infinity(out),
            },
            (Plan::NumberText(plan), value) => return self.put_number_text(plan, value, out),
            (Plan::Float4, ValueRef::Float(f)) => put_fixed(single_bytes(f), out),
            (Plan::Float4, ValueRef::Double(f)) => {
                let nearest = narrowed(f);
                let kept = f.is_nan() || f64::from(nearest) == f;
                self.check_float(kept, nearest.is_finite() || !f.is_finite())?;
                put_fixed(single_bytes(nearest), out);
            }
            (Plan::Float8, ValueRef::Float(f)) => put_fixed(double_bytes(f.into()), out),
            (Plan::Float8, ValueRef::Double(f)) => put_fixed(double_bytes(f), out),
            (Plan::FloatNumeric(digits), ValueRef::Float(f)) => self.put_float_numeric(f.into(), digits, out)?,
            (Plan::FloatNumeric(digits), ValueRef::Double(f)) => self.put_float_numeric(f, digits, out)?,
            (Plan::Text(plan), ValueRef::Text(bytes)) => return self.put_text(plan, bytes, out),
            (Plan::Jsonb, ValueRef::Text(bytes)) => {
                check_length(bytes.len().saturating_add(1))?;
                // The version of jsonb's binary form, then JSON as text.
                let start = out.len();
                self.put_text(TextPlan { length: None, padding: Padding::No }, bytes, out)?;
                let length = out.len() - start - 3;
                out.put_u8(1);
                out[start + 4..].rotate_right(1);
                out[start..start + 4].copy_from_slice(&length_bytes(length));
            }
            (Plan::Xml, ValueRef::Text(bytes)) => return self.put_xml(bytes, out),
            (Plan::Bytea, ValueRef::Bytes(bytes)) => {
                check_length(bytes.len())?;
                out.reserve(4 + bytes.len());
                out.put_slice(&length_bytes(bytes.len()));
                out.put_slice(bytes);
            }
            (Plan::Uuid, ValueRef::Bytes(bytes)) => {
                put_fixed::<16>(bytes.try_into().map_err(|_| ValueErrorKind::Overflow)?, out);
            }
            (Plan::Timestamp(precision), ValueRef::DateTime(at)) => {
                put_fixed(self.microseconds(&at, precision)?.to_be_bytes(), out);
            }
            (Plan::TimestampTz(precision), ValueRef::DateTimeTz(at, offset)) => {
                if offset.minutes.unsigned_abs() >= 16 * 60 {
                    return Err(ValueErrorKind::Malformed);
                }
                let local = self.microseconds(&at, precision)?;
                put_fixed((local - i64::from(offset.minutes) * 60_000_000).to_be_bytes(), out);
            }
            (Plan::Date, ValueRef::DateTime(at)) => {
                let days = days(&at)?;
                if at.second_of_day() != 0 || at.nanosecond != 0 {
                    return Err(ValueErrorKind::Inexact);
                }
                put_fixed(i32::try_from(days).map_err(|_| ValueErrorKind::Overflow)?.to_be_bytes(), out);
            }
            (Plan::IntervalYm, ValueRef::IntervalYm(interval)) => put_interval(0, 0, interval.months, out),
            (Plan::IntervalDs, ValueRef::IntervalDs(interval)) => {
                put_interval(self.interval_microseconds(&interval)?, interval.days, 0, out);
            }
            (Plan::Bool, ValueRef::Boolean(b)) => put_fixed([u8::from(b)], out),
            _ => return Err(ValueErrorKind::WrongForm),
        }
        Ok(())
    }

    fn put_no_infinity(&self, out: &mut BytesMut) -> Result<(), ValueErrorKind> {
        match self.policy.infinity {
            LossAction::Refuse => Err(ValueErrorKind::NotFinite),
            LossAction::Convert => {
                put_null(out);
                Ok(())
            }
        }
    }

    fn put_numeric_infinity(
        &self,
        negative: bool,
        digits: Option<(u16, i16)>,
        out: &mut BytesMut,
    ) -> Result<(), ValueErrorKind> {
        // numeric(p,s) takes no infinity in any version.
        if digits.is_none() && self.policy.numeric_infinity == LossAction::Convert {
            pg_numeric::put_infinity(negative, out);
            return Ok(());
        }
        self.put_no_infinity(out)
    }

    fn put_float_numeric(
        &self,
        value: f64,
        digits: Option<(u16, i16)>,
        out: &mut BytesMut,
    ) -> Result<(), ValueErrorKind> {
        if value.is_nan() {
            pg_numeric::put_nan(out);
            Ok(())
        } else if value.is_infinite() {
            self.put_numeric_infinity(value < 0.0, digits, out)
        } else {
            Groups::from_f64(value).put(digits, out)
        }
    }

    fn check_float(&self, kept: bool, in_range: bool) -> Result<(), ValueErrorKind> {
        match self.policy.float_digits {
            _ if !in_range => Err(ValueErrorKind::Overflow),
            LossAction::Refuse if !kept => Err(ValueErrorKind::Inexact),
            _ => Ok(()),
        }
    }

    fn put_number_text(&self, plan: TextPlan, value: ValueRef<'_>, out: &mut BytesMut) -> Result<(), ValueErrorKind> {
        let number = match value {
            ValueRef::Int(n) => Number::from(n),
            ValueRef::Decimal(text) => text.parse().map_err(|_| ValueErrorKind::Malformed)?,
            ValueRef::NumberBytes(bytes) => Number::from_bytes(bytes).map_err(|_| ValueErrorKind::Malformed)?,
            _ => return Err(ValueErrorKind::WrongForm),
        };
        if number.is_infinite() {
            return self.put_no_infinity(out);
        }
        let mut text = AsciiBuffer::<192>::new();
        write!(text, "{number}").map_err(|_| ValueErrorKind::Malformed)?;
        self.put_text(plan, text.as_bytes(), out)
    }

    #[inline]
    fn put_text(&self, plan: TextPlan, bytes: &[u8], out: &mut BytesMut) -> Result<(), ValueErrorKind> {
        check_length(bytes.len())?;
        if !is_plain_ascii(bytes) {
            return self.put_wide_text(plan, bytes, out);
        }
        let (kept, padding) = plan.fit(bytes, bytes.len())?;
        put_padded(&bytes[..kept], padding, out);
        Ok(())
    }

    #[inline(never)]
    fn put_wide_text(&self, plan: TextPlan, bytes: &[u8], out: &mut BytesMut) -> Result<(), ValueErrorKind> {
        let text = std::str::from_utf8(bytes).map_err(|_| ValueErrorKind::InvalidText)?;
        if memchr::memchr(0, bytes).is_some() {
            return self.put_text_without_nul(plan, text, out);
        }
        // Nothing has more characters than bytes.
        let counted = plan.length.is_some_and(|length| bytes.len() > length || plan.padding != Padding::No);
        let (kept, padding) = plan.fit(bytes, if counted { text.chars().count() } else { bytes.len() })?;
        put_padded(&bytes[..kept], padding, out);
        Ok(())
    }

    #[cold]
    fn put_text_without_nul(&self, plan: TextPlan, text: &str, out: &mut BytesMut) -> Result<(), ValueErrorKind> {
        if self.policy.nul_character == LossAction::Refuse {
            return Err(ValueErrorKind::NulCharacter);
        }
        let removed = text.bytes().filter(|b| *b == 0).count();
        let (kept, padding) = plan.fit(text.as_bytes(), text.chars().count() - removed)?;
        // `fit` only ever cuts blanks off the end.
        out.put_slice(&length_bytes(kept - removed + padding));
        text.as_bytes()[..kept].split(|b| *b == 0).for_each(|piece| out.put_slice(piece));
        out.put_bytes(b' ', padding);
        Ok(())
    }

    fn put_xml(&self, bytes: &[u8], out: &mut BytesMut) -> Result<(), ValueErrorKind> {
        let plan = TextPlan { length: None, padding: Padding::No };
        check_length(bytes.len())?;
        let (declaration, rest) = xml_declaration::split(bytes);
        let start = out.len();
        self.put_text(plan, rest, out)?;
        if !declaration.is_empty() {
            let length = out.len() - start - 4 + declaration.len();
            out.put_slice(declaration);
            out[start + 4..].rotate_right(declaration.len());
            out[start..start + 4].copy_from_slice(&length_bytes(length));
        }
        Ok(())
    }

    /// Microseconds from 2000-01-01, the fields taken as UTC.
    #[inline]
    fn microseconds(&self, at: &DateTime, precision: u8) -> Result<i64, ValueErrorKind> {
        let days = days(at)?;
        let fraction = match self.policy.sub_microsecond {
            LossAction::Refuse if !at.nanosecond.is_multiple_of(1000) => return Err(ValueErrorKind::Inexact),
            LossAction::Refuse => at.nanosecond / 1000,
            LossAction::Convert => (at.nanosecond + 500) / 1000,
        };
        if precision < 6 && fraction != 0 && fraction % 10_u32.pow(6 - u32::from(precision)) != 0 {
            return Err(ValueErrorKind::Inexact);
        }
        Ok(days * MICROSECONDS_A_DAY + at.second_of_day() * 1_000_000 + i64::from(fraction))
    }

    fn interval_microseconds(&self, interval: &IntervalDs) -> Result<i64, ValueErrorKind> {
        interval.check().map_err(|_| ValueErrorKind::Malformed)?;
        let magnitude = self.microseconds_of(interval.nanoseconds.abs())?;
        Ok(if interval.nanoseconds < 0 { -magnitude } else { magnitude })
    }

    #[inline]
    fn microseconds_of(&self, nanoseconds: i64) -> Result<i64, ValueErrorKind> {
        match self.policy.sub_microsecond {
            LossAction::Refuse if nanoseconds % 1000 != 0 => Err(ValueErrorKind::Inexact),
            LossAction::Refuse => Ok(nanoseconds / 1000),
            LossAction::Convert => Ok((nanoseconds + 500) / 1000),
        }
    }
}

impl TextPlan {
    /// How many bytes of the text are written, and how many blanks after them.
    #[inline]
    fn fit(self, text: &[u8], characters: usize) -> Result<(usize, usize), ValueErrorKind> {
        let Some(length) = self.length else { return Ok((text.len(), 0)) };
        if characters <= length {
            let padding = if self.padding == Padding::No { 0 } else { length - characters };
            return Ok((text.len(), padding));
        }
        let kept = text.len().saturating_sub(characters - length);
        if self.padding == Padding::Both && text[kept..].iter().all(|b| *b == b' ') {
            Ok((kept, 0))
        } else {
            Err(ValueErrorKind::Overflow)
        }
    }
}

fn plan(oracle: &OracleType, pg: &PgType) -> Option<Plan> {
    use OracleType as O;
    use PgType as P;
    let fraction = |precision: &Option<u8>| precision.unwrap_or(6).min(6);
    Some(match (oracle, pg) {
        (O::Number { .. } | O::Float { .. }, P::Int2) => Plan::Int2,
        (O::Number { .. } | O::Float { .. }, P::Int4) => Plan::Int4,
        (O::Number { .. } | O::Float { .. }, P::Int8) => Plan::Int8,
        (O::Number { .. } | O::Float { .. }, P::Numeric { digits }) => Plan::Numeric(*digits),
        (O::Number { .. } | O::Float { .. }, P::Float4) => Plan::NumberFloat4,
        (O::Number { .. } | O::Float { .. }, P::Float8) => Plan::NumberFloat8,
        (O::Number { .. } | O::Float { .. }, P::Bool) => Plan::NumberBool,
        (O::Number { .. } | O::Float { .. }, _) => Plan::NumberText(text_plan(pg, false)?),
        (O::BinaryFloat | O::BinaryDouble, P::Float4) => Plan::Float4,
        (O::BinaryFloat | O::BinaryDouble, P::Float8) => Plan::Float8,
        (O::BinaryFloat | O::BinaryDouble, P::Numeric { digits }) => Plan::FloatNumeric(*digits),
        (O::Char { .. } | O::NChar { .. }, _) => Plan::Text(text_plan(pg, true)?),
        (O::Varchar2 { .. } | O::NVarchar2 { .. } | O::Long, _) => Plan::Text(text_plan(pg, false)?),
        (O::Clob | O::NClob | O::RowId | O::URowId { .. }, _) => Plan::Text(text_plan(pg, false)?),
        (O::Raw { .. } | O::LongRaw | O::Blob, P::Bytea) => Plan::Bytea,
        (O::Raw { length: 16 }, P::Uuid) => Plan::Uuid,
        (O::Date | O::Timestamp { .. }, P::Timestamp { precision }) => Plan::Timestamp(fraction(precision)),
        (O::Date, P::Date) => Plan::Date,
        (O::TimestampTz { .. } | O::TimestampLtz { .. }, P::TimestampTz { precision }) => {
            Plan::TimestampTz(fraction(precision))
        }
        (O::IntervalYm { .. }, P::Interval) => Plan::IntervalYm,
        (O::IntervalDs { .. }, P::Interval) => Plan::IntervalDs,
        (O::Xml, P::Xml) => Plan::Xml,
        (O::Json, P::Json) => Plan::Text(TextPlan { length: None, padding: Padding::No }),
        (O::Json, P::Jsonb) => Plan::Jsonb,
        (O::Xml | O::Json, _) => Plan::Text(text_plan(pg, false)?),
        (O::Boolean, P::Bool) => Plan::Bool,
        _ => return None,
    })
}

fn text_plan(pg: &PgType, padded_source: bool) -> Option<TextPlan> {
    let characters = |n: u32| usize::try_from(n).ok();
    Some(match pg {
        PgType::Text | PgType::Varchar { length: None } => TextPlan { length: None, padding: Padding::No },
        PgType::Varchar { length: Some(n) } => TextPlan { length: Some(characters(*n)?), padding: Padding::No },
        PgType::Bpchar { length } => {
            let padding = if padded_source { Padding::Both } else { Padding::Target };
            TextPlan { length: Some(characters(*length)?), padding }
        }
        _ => return None,
    })
}

/// ±∞ of NUMBER, which each target meets in its own way.
struct Infinite {
    negative: bool,
}

#[inline]
fn integer(value: ValueRef<'_>) -> Result<Result<i64, Infinite>, ValueErrorKind> {
    if let ValueRef::Int(n) = value {
        return Ok(Ok(n));
    }
    match groups(value)? {
        Ok(groups) => groups.to_i64().map(Ok),
        Err(infinite) => Ok(Err(infinite)),
    }
}

/// The forms in which a NUMBER arrives, as `numeric` groups.
fn groups(value: ValueRef<'_>) -> Result<Result<Groups<NUMBER_GROUPS>, Infinite>, ValueErrorKind> {
    if let Some(short) = ShortNumeric::new(value) {
        return Ok(Ok(short.into()));
    }
    Ok(match value {
        ValueRef::Int(n) => Ok(Groups::from_i64(n)),
        ValueRef::Decimal(text) => match DecimalText::parse(text.as_bytes()) {
            Ok(DecimalText::Finite(digits)) => Ok(Groups::from_digits(&digits)),
            Ok(DecimalText::Infinite { negative }) => Err(Infinite { negative }),
            Err(_) => return Err(ValueErrorKind::Malformed),
        },
        ValueRef::NumberBytes(bytes) => match Form::from_bytes(bytes) {
            Ok(Form::Zero) => Ok(Groups::from_i64(0)),
            Ok(Form::Infinite { negative }) => Err(Infinite { negative }),
            Ok(Form::Finite(pairs)) => Ok(Groups::from_pairs(&pairs)),
            Err(_) => return Err(ValueErrorKind::Malformed),
        },
        _ => return Err(ValueErrorKind::WrongForm),
    })
}

/// Days from 2000-01-01.
#[inline]
fn days(at: &DateTime) -> Result<i64, ValueErrorKind> {
    at.check().map_err(|_| ValueErrorKind::Malformed)?;
    at.gregorian_days().map(|days| days - POSTGRES_EPOCH).ok_or(ValueErrorKind::NoSuchDay)
}

fn infinite(negative: bool) -> f64 {
    if negative { f64::NEG_INFINITY } else { f64::INFINITY }
}

#[expect(clippy::cast_possible_truncation, reason = "the nearest single is what is asked for; callers compare")]
fn narrowed(value: f64) -> f32 {
    value as f32
}

/// There are many NaNs in the bits; Oracle and PostgreSQL know one.
fn single_bytes(value: f32) -> [u8; 4] {
    if value.is_nan() { 0x7fc0_0000_u32.to_be_bytes() } else { value.to_be_bytes() }
}

#[inline]
fn double_bytes(value: f64) -> [u8; 8] {
    if value.is_nan() { 0x7ff8_0000_0000_0000_u64.to_be_bytes() } else { value.to_be_bytes() }
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

/// Whether there was such a number and it fits; if not, nothing is appended.
#[inline]
fn put_short_numeric(short: Option<ShortNumeric>, digits: Option<(u16, i16)>, out: &mut BytesMut) -> bool {
    let Some((field, length)) = short.and_then(|short| short.field(digits)) else { return false };
    out.extend_from_slice(&field);
    out.truncate(out.len() - (field.len() - length));
    true
}

#[inline]
fn put_padded(text: &[u8], padding: usize, out: &mut BytesMut) {
    let length = text.len() + padding;
    out.reserve(4 + length);
    out.extend_from_slice(&length_bytes(length));
    out.extend_from_slice(text);
    if padding > 0 {
        out.put_bytes(b' ', padding);
    }
}

/// Whether the text is ASCII without NUL, as most is: then bytes are characters.
#[inline]
fn is_plain_ascii(bytes: &[u8]) -> bool {
    // Fixed sizes without a branch inside become vector instructions. The last chunk may overlap those before.
    #[inline]
    fn plain<const N: usize>(chunk: &[u8; N]) -> bool {
        chunk.iter().fold(true, |plain, b| plain & (b.wrapping_sub(1) < 0x7f))
    }
    if let Some(last) = bytes.last_chunk::<32>() {
        plain(last) && bytes.as_chunks::<32>().0.iter().all(plain)
    } else if let (Some(first), Some(last)) = (bytes.first_chunk::<16>(), bytes.last_chunk::<16>()) {
        plain(first) & plain(last)
    } else {
        bytes.iter().fold(true, |plain, b| plain & (b.wrapping_sub(1) < 0x7f))
    }
}

fn put_interval(microseconds: i64, days: i32, months: i32, out: &mut BytesMut) {
    let mut bytes = [0; 16];
    bytes[..8].copy_from_slice(&microseconds.to_be_bytes());
    bytes[8..12].copy_from_slice(&days.to_be_bytes());
    bytes[12..].copy_from_slice(&months.to_be_bytes());
    put_fixed(bytes, out);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{IntervalYm, LengthUnit, UtcOffset};
    use proptest::prelude::*;

    const NUMBER: OracleType = OracleType::Number { precision: None, scale: None };
    const CHAR: OracleType = OracleType::Char { length: 9, unit: LengthUnit::Char };
    const VARCHAR2: OracleType = OracleType::Varchar2 { length: 9, unit: LengthUnit::Char };
    const TIMESTAMP: OracleType = OracleType::Timestamp { precision: 9 };
    const TIMESTAMP_TZ: OracleType = OracleType::TimestampTz { precision: 9 };
    const INTERVAL_YM: OracleType = OracleType::IntervalYm { year_precision: 2 };
    const INTERVAL_DS: OracleType = OracleType::IntervalDs { day_precision: 2, second_precision: 9 };
    const RAW16: OracleType = OracleType::Raw { length: 16 };
    const REFUSE: LossPolicy = LossPolicy {
        sub_microsecond: LossAction::Refuse,
        nul_character: LossAction::Refuse,
        infinity: LossAction::Refuse,
        numeric_infinity: LossAction::Refuse,
        float_digits: LossAction::Refuse,
    };
    const CONVERT: LossPolicy = LossPolicy {
        sub_microsecond: LossAction::Convert,
        nul_character: LossAction::Convert,
        infinity: LossAction::Convert,
        numeric_infinity: LossAction::Convert,
        float_digits: LossAction::Convert,
    };

    fn encode(
        oracle: &OracleType,
        pg: &str,
        policy: LossPolicy,
        value: ValueRef<'_>,
    ) -> Result<String, ValueErrorKind> {
        let transcoder = Transcoder::new(oracle, &pg.parse().unwrap(), policy).unwrap();
        let mut out = BytesMut::from(&b"before"[..]);
        let outcome = transcoder.encode(value, &mut out).map_err(|e| e.kind());
        assert_eq!(out[..6], b"before"[..]);
        let hex = out[6..].iter().map(|b| format!("{b:02x}")).collect::<String>();
        match outcome {
            Ok(()) => Ok(hex),
            Err(kind) => {
                assert_eq!(hex, "", "nothing is appended on an error");
                Err(kind)
            }
        }
    }

    fn at(text: &str) -> DateTime {
        text.parse().unwrap()
    }

    /// In every form in which a NUMBER arrives; all must agree.
    fn number(pg: &str, policy: LossPolicy, text: &str) -> Result<String, ValueErrorKind> {
        let number: Number = text.parse().unwrap();
        let from_text = encode(&NUMBER, pg, policy, ValueRef::Decimal(text));
        let from_bytes = encode(&NUMBER, pg, policy, ValueRef::NumberBytes(number.as_bytes()));
        assert_eq!(from_text, from_bytes, "{text} as {pg}");
        if let Some(n) = number.to_i64() {
            assert_eq!(from_text, encode(&NUMBER, pg, policy, ValueRef::Int(n)), "{text} as {pg}");
        }
        from_text
    }

    /// The expected bytes are what PostgreSQL 15 sent for the stored value (`COPY … TO STDOUT (FORMAT BINARY)`).
    #[test]
    fn numbers_as_the_server_sends_them() {
        for (pg, text, field) in [
            ("numeric", "0", "000000080000000000000000"),
            ("numeric", "1", "0000000a00010000000000000001"),
            ("numeric", "-12.5", "0000000c0002000040000001000c1388"),
            ("numeric", "0.001", "0000000a0001ffff00000003000a"),
            ("numeric", "1E20", "0000000a00010005000000000001"),
            ("numeric", "100000000", "0000000a00010002000000000001"),
            ("numeric(10,2)", "0", "000000080000000000000002"),
            ("numeric(10,2)", "1", "0000000a00010000000000020001"),
            ("numeric(10,2)", "-12.5", "0000000c0002000040000002000c1388"),
            ("numeric(10,2)", ".01", "0000000a0001ffff000000020064"),
            ("numeric(3,-2)", "0", "000000080000000000000000"),
            ("numeric(3,-2)", "12300", "0000000c0002000100000000000108fc"),
            ("numeric(3,5)", "0", "000000080000000000000005"),
            ("numeric(3,5)", "0.00123", "0000000c0002ffff00000005000c0bb8"),
            ("smallint", "-32768", "000000028000"),
            ("integer", "2147483647", "000000047fffffff"),
            ("bigint", "-9223372036854775808", "000000088000000000000000"),
            ("bigint", "1E18", "000000080de0b6b3a7640000"),
            ("boolean", "1", "0000000101"),
            ("boolean", "0.0", "0000000100"),
            ("text", "-.5", "000000042d302e35"),
            ("text", "1.5E+2", "00000003313530"),
            ("character varying(3)", "150", "00000003313530"),
            ("character(5)", "150", "000000053135302020"),
            ("double precision", "0.1", "000000083fb999999999999a"),
            ("double precision", "~", "000000087ff0000000000000"),
            ("double precision", "1152921504606846976", "0000000843b0000000000000"),
            ("real", "-~", "00000004ff800000"),
            ("real", "0.1", "000000043dcccccd"),
            ("real", "0.12345678", "000000043dfcd6e9"),
            ("real", "16777216", "000000044b800000"),
        ] {
            assert_eq!(number(pg, REFUSE, text).as_deref(), Ok(field), "{text} as {pg}");
        }
        assert_eq!(number("numeric", CONVERT, "~").as_deref(), Ok("0000000800000000d0000020"));
        assert_eq!(number("numeric", CONVERT, "-~").as_deref(), Ok("0000000800000000f0000020"));
        for pg in ["numeric(5,0)", "bigint", "boolean", "text"] {
            assert_eq!(number(pg, CONVERT, "~").as_deref(), Ok("ffffffff"), "{pg}");
            assert_eq!(number(pg, REFUSE, "-~"), Err(ValueErrorKind::NotFinite), "{pg}");
        }
    }

    #[test]
    fn numbers_that_do_not_fit() {
        use ValueErrorKind::{Inexact, NotFinite, Overflow};
        for (pg, text, kind) in [
            ("numeric", "~", NotFinite),
            ("numeric(10,2)", "0.001", Inexact),
            ("numeric(10,2)", "100000000", Overflow),
            ("numeric(3,-2)", "12301", Inexact),
            ("numeric(3,-2)", "100000", Overflow),
            ("numeric(3,5)", "0.01", Overflow),
            ("numeric(3,5)", "0.000001", Inexact),
            ("smallint", "32768", Overflow),
            ("integer", "-2147483649", Overflow),
            ("bigint", "9223372036854775808", Overflow),
            ("bigint", "1E125", Overflow),
            ("bigint", "0.5", Inexact),
            ("boolean", "2", Overflow),
            ("boolean", "-1", Overflow),
            ("boolean", "10000", Overflow),
            ("character varying(3)", "-150", Overflow),
            ("double precision", "0.12345678901234567890", Inexact),
            ("double precision", "9007199254740993", Inexact),
            ("real", "0.123456789", Inexact),
            ("real", "16777217E-1", Inexact),
            ("real", "1E40", Overflow),
            ("real", "1E-60", Inexact),
        ] {
            assert_eq!(number(pg, REFUSE, text), Err(kind), "{text} as {pg}");
        }
        assert_eq!(number("real", CONVERT, "0.123456789").as_deref(), Ok("000000043dfcd6ea"));
        assert_eq!(number("real", CONVERT, "1E40"), Err(Overflow));
        for malformed in [ValueRef::Decimal("1,5"), ValueRef::NumberBytes(&[0xc1, 0]), ValueRef::Decimal("1E200")] {
            for pg in ["numeric", "bigint", "text", "real", "double precision", "boolean", "smallint"] {
                assert_eq!(encode(&NUMBER, pg, CONVERT, malformed), Err(ValueErrorKind::Malformed), "{pg}");
            }
        }
    }

    #[test]
    fn floating_point() {
        let (float, double) = (OracleType::BinaryFloat, OracleType::BinaryDouble);
        for (oracle, pg, value, field) in [
            (&float, "real", ValueRef::Float(3.4e37), "000000047dcca14b"),
            (&float, "real", ValueRef::Float(-0.0), "0000000480000000"),
            (&float, "real", ValueRef::Float(-f32::NAN), "000000047fc00000"),
            (&float, "double precision", ValueRef::Float(0.5), "000000083fe0000000000000"),
            (&double, "real", ValueRef::Double(0.5), "000000043f000000"),
            (&double, "real", ValueRef::Double(f64::INFINITY), "000000047f800000"),
            (&double, "double precision", ValueRef::Double(f64::NAN), "000000087ff8000000000000"),
            (&double, "numeric", ValueRef::Double(f64::NAN), "0000000800000000c0000000"),
            (&double, "numeric(10,2)", ValueRef::Double(f64::NAN), "0000000800000000c0000000"),
            (&double, "numeric", ValueRef::Double(-12.5), "0000000c0002000040000001000c1388"),
            (&double, "numeric(10,2)", ValueRef::Double(-0.0), "000000080000000000000002"),
        ] {
            assert_eq!(encode(oracle, pg, REFUSE, value).as_deref(), Ok(field), "{value:?} as {pg}");
        }
        for (pg, value, kind) in [
            ("real", 0.1, ValueErrorKind::Inexact),
            ("real", 1e300, ValueErrorKind::Overflow),
            ("numeric(10,2)", 0.1, ValueErrorKind::Inexact),
            ("numeric", f64::INFINITY, ValueErrorKind::NotFinite),
        ] {
            assert_eq!(encode(&double, pg, REFUSE, ValueRef::Double(value)), Err(kind));
        }
        assert_eq!(encode(&double, "real", CONVERT, ValueRef::Double(0.1)).as_deref(), Ok("000000043dcccccd"));
    }

    /// Wherever it stands in a text of whatever length.
    #[test]
    fn every_byte_of_a_text_is_checked() {
        for length in 1..100 {
            for at in 0..length {
                for (byte, expected) in [
                    (b'\x01', Ok(())),
                    (b'\x7f', Ok(())),
                    (0, Err(ValueErrorKind::NulCharacter)),
                    (0x80, Err(ValueErrorKind::InvalidText)),
                    (0xff, Err(ValueErrorKind::InvalidText)),
                ] {
                    let mut text = vec![b'a'; length];
                    text[at] = byte;
                    let written = encode(&OracleType::Clob, "text", REFUSE, ValueRef::Text(&text));
                    assert_eq!(written.map(|_| ()), expected, "{byte:#x} at {at} of {length}");
                }
            }
        }
    }

    #[test]
    fn text() {
        use ValueErrorKind::{InvalidText, NulCharacter, Overflow, WrongForm};
        for (oracle, pg, value, field) in [
            (&VARCHAR2, "text", "Žab", Ok("00000004c5bd6162")),
            (&VARCHAR2, "character varying(3)", "Žab", Ok("00000004c5bd6162")),
            (&VARCHAR2, "character varying(3)", "Žab ", Err(Overflow)),
            (&VARCHAR2, "character(5)", "Žab", Ok("00000006c5bd61622020")),
            (&VARCHAR2, "character(3)", "Žab ", Err(Overflow)),
            (&CHAR, "character(3)", "Žab  ", Ok("00000004c5bd6162")),
            (&CHAR, "character(3)", "Žabc ", Err(Overflow)),
            (&CHAR, "text", "a  ", Ok("00000003612020")),
            (&OracleType::Clob, "text", "", Ok("00000000")),
            (&VARCHAR2, "text", "a\0b", Err(NulCharacter)),
            (&OracleType::Json, "json", "{\"a\":1}", Ok("000000077b2261223a317d")),
            (&OracleType::Json, "jsonb", "1", Ok("000000020131")),
            (&OracleType::Xml, "xml", "<?xml version=\"1.0\"?>\n<a>ž</a>", Ok("000000093c613ec5be3c2f613e")),
            (
                &OracleType::Xml,
                "xml",
                "<?xml version=\"1.0\" encoding='x' standalone='yes'?><a/>",
                Ok("0000002a3c3f786d6c2076657273696f6e3d22312e3022207374616e64616c6f6e653d22796573223f3e3c612f3e"),
            ),
        ] {
            let outcome = encode(oracle, pg, REFUSE, ValueRef::Text(value.as_bytes()));
            assert_eq!(outcome.as_deref().map_err(|e| *e), field, "{value} as {pg}");
        }
        assert_eq!(encode(&VARCHAR2, "text", CONVERT, ValueRef::Text(&[0xff])), Err(InvalidText));
        assert_eq!(
            encode(&OracleType::Xml, "xml", CONVERT, ValueRef::Text(b"<?xml version=\"1.0\"?>\xff")),
            Err(InvalidText)
        );
        assert_eq!(encode(&VARCHAR2, "text", CONVERT, ValueRef::Int(1)), Err(WrongForm));
        for (pg, field) in
            [("text", "000000026162"), ("character varying(2)", "000000026162"), ("character(3)", "00000003616220")]
        {
            assert_eq!(encode(&VARCHAR2, pg, CONVERT, ValueRef::Text(b"\0a\0b\0")).as_deref(), Ok(field), "{pg}");
        }
        assert_eq!(encode(&CHAR, "character(2)", CONVERT, ValueRef::Text(b"a\0b  ")).as_deref(), Ok("000000026162"));
        assert_eq!(encode(&VARCHAR2, "character varying(1)", CONVERT, ValueRef::Text(b"\0a\0b\0")), Err(Overflow));
    }

    #[test]
    fn bytes() {
        let uuid = *b"\x00\x11\x22\x33\x44\x55\x66\x77\x88\x99\xaa\xbb\xcc\xdd\xee\xff";
        let field = "0000001000112233445566778899aabbccddeeff";
        assert_eq!(encode(&RAW16, "uuid", REFUSE, ValueRef::Bytes(&uuid)).as_deref(), Ok(field));
        assert_eq!(encode(&RAW16, "bytea", REFUSE, ValueRef::Bytes(&uuid)).as_deref(), Ok(field));
        assert_eq!(encode(&RAW16, "uuid", REFUSE, ValueRef::Bytes(&uuid[..15])), Err(ValueErrorKind::Overflow));
        assert_eq!(encode(&OracleType::Blob, "bytea", REFUSE, ValueRef::Bytes(b"")).as_deref(), Ok("00000000"));
        assert_eq!(encode(&OracleType::Blob, "bytea", REFUSE, ValueRef::Null).as_deref(), Ok("ffffffff"));
        assert_eq!(encode(&OracleType::Blob, "bytea", REFUSE, ValueRef::Text(b"")), Err(ValueErrorKind::WrongForm));
    }

    #[test]
    fn dates_and_times() {
        use ValueErrorKind::{Inexact, Malformed, NoSuchDay};
        let plain = |oracle: &OracleType, pg: &str, policy, text: &str| {
            encode(oracle, pg, policy, ValueRef::DateTime(at(text)))
        };
        for (oracle, pg, text, field) in [
            (&TIMESTAMP, "timestamp", "2024-02-29 23:59:59.123456", Ok("000000080002b58cd3566000")),
            (&TIMESTAMP, "timestamp(3)", "2024-02-29 23:59:59.123", Ok("000000080002b58cd3565e38")),
            (&TIMESTAMP, "timestamp(3)", "2024-02-29 23:59:59.1234", Err(Inexact)),
            (&TIMESTAMP, "timestamp", "2024-02-29 23:59:59.1234561", Err(Inexact)),
            (&OracleType::Date, "timestamp(0)", "-4712-01-01 00:00:00", Ok("00000008fd0f9c8059032000")),
            (&OracleType::Date, "timestamp", "1500-02-29 00:00:00", Err(NoSuchDay)),
            (&OracleType::Date, "date", "1582-10-04 00:00:00", Ok("00000004fffdacb5")),
            (&OracleType::Date, "date", "9999-12-31 00:00:00", Ok("00000004002c95d3")),
            (&OracleType::Date, "date", "9999-12-31 00:00:01", Err(Inexact)),
        ] {
            assert_eq!(plain(oracle, pg, REFUSE, text).as_deref().map_err(|e| *e), field, "{text} as {pg}");
        }
        let rounded = plain(&TIMESTAMP, "timestamp", CONVERT, "2024-02-29 23:59:59.1234555");
        assert_eq!(rounded.as_deref(), Ok("000000080002b58cd3566000"));
        let carried = plain(&TIMESTAMP, "timestamp(0)", CONVERT, "2023-12-31 23:59:59.999999999");
        assert_eq!(carried, plain(&TIMESTAMP, "timestamp", REFUSE, "2024-01-01 00:00:00"));
        let invalid = DateTime { month: 13, ..at("2024-01-01 00:00:00") };
        assert_eq!(encode(&OracleType::Date, "date", CONVERT, ValueRef::DateTime(invalid)), Err(Malformed));

        let zoned = |minutes| ValueRef::DateTimeTz(at("2024-03-01 05:29:59.123456"), UtcOffset { minutes });
        let field = encode(&TIMESTAMP_TZ, "timestamptz", REFUSE, zoned(330));
        assert_eq!(field.as_deref(), Ok("000000080002b58cd3566000"));
        assert_eq!(encode(&TIMESTAMP_TZ, "timestamptz", REFUSE, zoned(960)), Err(Malformed));
    }

    #[test]
    fn intervals_and_booleans() {
        let months = ValueRef::IntervalYm(IntervalYm { months: -15 });
        let field = encode(&INTERVAL_YM, "interval", REFUSE, months);
        assert_eq!(field.as_deref(), Ok("00000010000000000000000000000000fffffff1"));
        let days = |days, nanoseconds| ValueRef::IntervalDs(IntervalDs { days, nanoseconds });
        let field = encode(&INTERVAL_DS, "interval", REFUSE, days(5, 36_610_500_000_000));
        assert_eq!(field.as_deref(), Ok("00000010000000088627e5a00000000500000000"));
        assert_eq!(encode(&INTERVAL_DS, "interval", REFUSE, days(0, -1500)), Err(ValueErrorKind::Inexact));
        let field = encode(&INTERVAL_DS, "interval", CONVERT, days(0, -1500));
        assert_eq!(field.as_deref(), Ok("00000010fffffffffffffffe0000000000000000"));
        assert_eq!(encode(&INTERVAL_DS, "interval", CONVERT, days(1, -1)), Err(ValueErrorKind::Malformed));
        assert_eq!(encode(&OracleType::Boolean, "bool", REFUSE, ValueRef::Boolean(true)).as_deref(), Ok("0000000101"));
    }

    #[test]
    fn pairs_without_a_conversion() {
        let other = OracleType::Other { owner: Some("APP".into()), name: "POINT".into() };
        for (oracle, pg) in [
            (&NUMBER, "date"),
            (&NUMBER, "uuid"),
            (&OracleType::Date, "timestamptz"),
            (&OracleType::Date, "text"),
            (&TIMESTAMP, "timestamptz"),
            (&TIMESTAMP, "date"),
            (&TIMESTAMP_TZ, "timestamp"),
            (&OracleType::Raw { length: 15 }, "uuid"),
            (&OracleType::BinaryDouble, "bigint"),
            (&OracleType::BFile, "bytea"),
            (&VARCHAR2, "integer"),
            (&VARCHAR2, "json"),
            (&other, "text"),
        ] {
            let error = Transcoder::new(oracle, &pg.parse().unwrap(), REFUSE).unwrap_err();
            assert_eq!((&error.oracle, error.pg.to_string()), (oracle, pg.parse::<PgType>().unwrap().to_string()));
        }
        let error = Transcoder::new(&other, &PgType::Text, REFUSE).unwrap_err();
        assert_eq!(error.to_string(), "no conversion from APP.POINT to text");
    }

    /// Reads a `numeric` field back by its definition, sharing nothing with what wrote it.
    fn decimal_of(field: &str) -> (String, usize) {
        let bytes: Vec<u16> = field.as_bytes()[8..]
            .chunks(4)
            .map(|c| u16::from_str_radix(std::str::from_utf8(c).unwrap(), 16).unwrap())
            .collect();
        let (count, weight, sign, scale) =
            (usize::from(bytes[0]), i32::from(bytes[1].cast_signed()), bytes[2], usize::from(bytes[3]));
        assert_eq!((bytes.len() - 4, field.len()), (count, 8 + 2 * (8 + 2 * count)));
        let digits = &bytes[4..];
        assert!(digits.first() != Some(&0) && digits.last() != Some(&0) && digits.iter().all(|d| *d < 10_000));
        let group = |power: i32| usize::try_from(weight - power).ok().and_then(|i| digits.get(i)).copied().unwrap_or(0);
        let whole: String = (0..=weight.max(0)).rev().map(|p| format!("{:04}", group(p))).collect();
        let places = i32::try_from(scale.div_ceil(4)).unwrap();
        let fraction: String = (-places..0).rev().map(|p| format!("{:04}", group(p))).collect();
        assert!(fraction[scale..].bytes().all(|b| b == b'0'), "digits past the display scale");
        let whole = whole.trim_start_matches('0');
        let sign = if sign == 0x4000 { "-" } else { "" };
        let whole = if whole.is_empty() { "0" } else { whole };
        let point = if scale == 0 { "" } else { "." };
        (format!("{sign}{whole}{point}{}", &fraction[..scale]), scale)
    }

    fn decimal() -> impl Strategy<Value = String> {
        ("-?", "[0-9]{1,20}", "[0-9]{0,18}", prop_oneof![3 => Just(0), 1 => -110..=105_i32])
            .prop_map(|(sign, whole, fraction, exponent)| format!("{sign}{whole}.{fraction}E{exponent}"))
            .prop_filter("out of range", |text| text.parse::<Number>().is_ok())
    }

    proptest! {
        #[test]
        fn numeric_is_the_number(text in decimal()) {
            let field = number("numeric", REFUSE, &text).unwrap();
            prop_assert_eq!(decimal_of(&field).0, text.parse::<Number>().unwrap().to_string());
        }

        #[test]
        fn declared_numeric_is_the_number_or_refused(
            text in decimal(),
            precision in 1..45_i16,
            scale in -20..45_i16,
        ) {
            let plain = text.parse::<Number>().unwrap().to_string();
            let unsigned = plain.trim_start_matches('-');
            let (whole, fraction) = unsigned.split_once('.').unwrap_or((unsigned, ""));
            let whole = if whole == "0" { "" } else { whole };
            let magnitude = |n: usize| i16::try_from(n).unwrap();
            // Digits before the point less leading zeros after it; and digits after it less zeros before it.
            let above = if whole.is_empty() {
                -magnitude(fraction.len() - fraction.trim_start_matches('0').len())
            } else {
                magnitude(whole.len())
            };
            let below = if fraction.is_empty() {
                -magnitude(whole.len() - whole.trim_end_matches('0').len())
            } else {
                magnitude(fraction.len())
            };
            let outcome = number(&format!("numeric({precision},{scale})"), REFUSE, &text);
            if plain == "0" || (below <= scale && above <= precision - scale) {
                let (decoded, display) = decimal_of(&outcome.unwrap());
                prop_assert_eq!(display, usize::try_from(scale.max(0)).unwrap());
                prop_assert_eq!(decoded.parse::<Number>().unwrap().to_string(), plain);
            } else {
                let expected = if below > scale { ValueErrorKind::Inexact } else { ValueErrorKind::Overflow };
                prop_assert_eq!(outcome, Err(expected));
            }
        }

        #[test]
        fn integers_fit_or_are_refused(n in prop_oneof![any::<i64>(), -70_000..70_000_i64, -5_000_000_000..5_000_000_000_i64]) {
            let text = n.to_string();
            let field = |width: usize, bytes: &[u8]| {
                Ok(format!("{width:08x}{}", bytes.iter().map(|b| format!("{b:02x}")).collect::<String>()))
            };
            let overflow = |_| Err(ValueErrorKind::Overflow);
            prop_assert_eq!(number("bigint", REFUSE, &text), field(8, &n.to_be_bytes()));
            let expected = i32::try_from(n).map_or_else(overflow, |n| field(4, &n.to_be_bytes()));
            prop_assert_eq!(number("integer", REFUSE, &text), expected);
            let expected = i16::try_from(n).map_or_else(overflow, |n| field(2, &n.to_be_bytes()));
            prop_assert_eq!(number("smallint", REFUSE, &text), expected);
            let decoded = decimal_of(&number("numeric", REFUSE, &text).unwrap()).0;
            prop_assert_eq!(decoded, text);
        }

        /// A double's own shortest text comes back as that double.
        #[test]
        fn doubles_through_their_text(value in any::<f64>().prop_filter("finite", |f| f.is_finite())) {
            let text = format!("{value:e}");
            if text.parse::<Number>().is_ok() {
                let expected = if value == 0.0 { 0.0 } else { value };
                prop_assert_eq!(number("double precision", REFUSE, &text), Ok(format!("00000008{:016x}", f64::to_bits(expected))));
            }
        }

        #[test]
        fn doubles_as_numeric_are_exact(value in any::<f64>().prop_filter("finite", |f| f.is_finite())) {
            let field = encode(&OracleType::BinaryDouble, "numeric", REFUSE, ValueRef::Double(value)).unwrap();
            let (decoded, scale) = decimal_of(&field);
            let expected = format!("{value:.scale$}");
            prop_assert_eq!(&decoded, expected.trim_start_matches(if value == 0.0 { "-" } else { "" }));
            prop_assert_eq!(decoded.parse::<f64>().unwrap().to_bits(), (value + 0.0).to_bits());
        }

        /// Whatever arrives is written whole or refused with nothing written.
        #[test]
        fn any_bytes_for_any_pair(bytes in prop::collection::vec(any::<u8>(), 0..30), pair in 0..14_usize) {
            let (oracle, pg) = [
                (NUMBER, "numeric"), (NUMBER, "numeric(7,3)"), (NUMBER, "bigint"), (NUMBER, "double precision"),
                (NUMBER, "real"), (NUMBER, "text"), (NUMBER, "bool"), (VARCHAR2, "text"), (VARCHAR2, "varchar(5)"),
                (CHAR, "char(5)"), (OracleType::Xml, "xml"), (OracleType::Json, "jsonb"), (RAW16, "uuid"), (RAW16, "bytea"),
            ][pair].clone();
            let text = String::from_utf8_lossy(&bytes);
            for value in [
                ValueRef::NumberBytes(&bytes), ValueRef::Decimal(&text), ValueRef::Text(&bytes), ValueRef::Bytes(&bytes),
            ] {
                for policy in [REFUSE, CONVERT] {
                    if let Ok(field) = encode(&oracle, pg, policy, value) && field != "ffffffff" {
                        let length = usize::from_str_radix(&field[..8], 16).unwrap();
                        prop_assert_eq!(field.len(), 8 + 2 * length);
                    }
                }
            }
        }
    }
}
