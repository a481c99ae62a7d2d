//! Oracle's SQL literals, as LogMiner's `SQL_REDO` writes them, to values; and back.
//!
//! What is read (in V$LOGMNR_CONTENTS all numbers are quoted, so both are taken):
//!
//! | type | forms |
//! |---|---|
//! | any | `NULL` |
//! | NUMBER, FLOAT | `'-12.5'` `.5` `1.5E+10` |
//! | BINARY_FLOAT, BINARY_DOUBLE | as NUMBER, and `Nan` `Inf` `-Inf` |
//! | CHAR, VARCHAR2, N…, LONG, ROWID, XMLTYPE, JSON | `'it''s'` `UNISTR('\0416 a\\b')`, joined by `\|\|`; `''` is NULL |
//! | CLOB, NCLOB | the same; `EMPTY_CLOB()` and `''` are the empty text |
//! | RAW, BLOB, LONG RAW | `HEXTORAW('ff00')`, joined by `\|\|`; `EMPTY_BLOB()` |
//! | DATE | `TO_DATE('…', 'model')`, without a model `SYYYY-MM-DD HH24:MI:SS` or `DD-MON-RR` |
//! | TIMESTAMP | `TO_TIMESTAMP('…')`: `SYYYY-MM-DD HH24:MI:SS.FF` or `DD-MON-RR HH.MI.SSXFF AM`; or with a model |
//! | … WITH TIME ZONE | `TO_TIMESTAMP_TZ('…')`: the same, then ` TZH:TZM` |
//! | … WITH LOCAL TIME ZONE | `TO_TIMESTAMP_ITZ('…')`; without an offset it is taken as UTC |
//! | intervals | `TO_YMINTERVAL('+02-03')` `TO_DSINTERVAL('+05 10:10:10.000000')` |
//! | JSON | also `/* JSON */ HEXTORAW('ff4a5a…')` with Oracle's [binary form](crate::oson) |
//! | BOOLEAN | `TRUE` `FALSE`, also quoted |
//! | BFILE | `BFILENAME('DIRECTORY', 'file')` |
//! | object types, collections, SDO_GEOMETRY | `"OWNER"."TYPE"(…, …)` with literals of its attributes or elements, one in another |
//! | numbers, dates, intervals | `HEXTORAW('c102')` with Oracle's own bytes, where LogMiner knew no dictionary |
//!
//! Whoever asks for redo must have set the session's `TIME_ZONE` to `+00:00` and its `NLS_DATE_FORMAT` and
//! `NLS_TIMESTAMP_FORMAT`s to the forms above, or TIMESTAMP WITH LOCAL TIME ZONE means something else.

use crate::{
    BfileLocator, DateTime, DateTimeError, IntervalDs, IntervalYm, Number, NumberError, OracleType, UtcOffset, Value,
    format_model::{self, Moment},
    geometry::geometry_attributes,
    hexadecimal, oson,
};
use std::{borrow::Cow, fmt::Write as _};

/// Why a literal cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message} at byte {offset} of the literal")]
pub struct LiteralError {
    message: String,
    offset: usize,
}

impl LiteralError {
    /// Where in the literal, in bytes from its start.
    pub fn offset(&self) -> usize {
        self.offset
    }
}

/// Reads one literal expression (`'it''s'`, `TO_DATE('…', '…')`, `HEXTORAW('…')`, `NULL`,
/// `UNISTR('…') || '…'`, `-1.5`) as a value of a column of type `ty`.
///
/// The whole text must be the literal; anything left over is an error.
///
/// ```
/// use type_convert::{OracleType, literal};
///
/// let value = literal::parse("TO_DATE('2024-02-29 23:59:59', 'YYYY-MM-DD HH24:MI:SS')", &OracleType::Date)?;
/// assert_eq!(literal::format(&value, &OracleType::Date), "TO_DATE(' 2024-02-29 23:59:59', 'SYYYY-MM-DD HH24:MI:SS')");
/// # Ok::<_, literal::LiteralError>(())
/// ```
#[inline]
pub fn parse(literal: &str, ty: &OracleType) -> Result<Value, LiteralError> {
    match usual(literal, ty) {
        Some(value) => Ok(value),
        None => general(literal, ty),
    }
}

#[inline(never)]
fn general(literal: &str, ty: &OracleType) -> Result<Value, LiteralError> {
    let mut reader = Reader { text: literal, at: 0 };
    reader.blanks();
    let value = reader.value_or_null(ty)?;
    reader.blanks();
    if reader.at < literal.len() { reader.error("the literal goes on after its end") } else { Ok(value) }
}

/// The forms of which nearly all redo consists, read straight; `None` for all else, valid or not.
#[inline]
fn usual(literal: &str, ty: &OracleType) -> Option<Value> {
    if literal == "NULL" {
        return Some(Value::Null);
    }
    match ty {
        OracleType::Number { .. } | OracleType::Float { .. } => {
            Number::from_short_text(quoted(literal)?.as_bytes()).map(Value::Number)
        }
        OracleType::Char { .. }
        | OracleType::Varchar2 { .. }
        | OracleType::NChar { .. }
        | OracleType::NVarchar2 { .. }
        | OracleType::Long
        | OracleType::Clob
        | OracleType::NClob => {
            let text = quoted(literal).filter(|text| !text.is_empty())?;
            let Some(first) = memchr::memchr(b'\'', text.as_bytes()) else {
                return Some(Value::Text(text.to_owned()));
            };
            single_apostrophes(text, first).map(Value::Text)
        }
        OracleType::Date => {
            let (text, rest) = literal.strip_prefix("TO_DATE('")?.split_at_checked(19)?;
            if let Some(rest) = rest.strip_prefix('\'') {
                let usual = [", 'YYYY-MM-DD HH24:MI:SS')", ", 'SYYYY-MM-DD HH24:MI:SS')", ")"].contains(&rest);
                return fixed_date_time(text, 0).filter(|_| usual).map(Value::DateTime);
            }
            let (text, rest) = literal.strip_prefix("TO_DATE(' ")?.split_at_checked(19)?;
            let usual = ["', 'SYYYY-MM-DD HH24:MI:SS')", "')"].contains(&rest);
            fixed_date_time(text, 0).filter(|_| usual).map(Value::DateTime)
        }
        OracleType::Timestamp { .. } => {
            let text = literal.strip_prefix("TO_TIMESTAMP('")?.strip_suffix("')")?;
            let (text, fraction) = text.strip_prefix(' ').unwrap_or(text).split_at_checked(19)?;
            let nanosecond = match fraction.as_bytes() {
                [] => 0,
                [b'.', digits @ ..] if digits.len() <= 9 && digits.iter().all(u8::is_ascii_digit) => {
                    let missing = u32::try_from(9 - digits.len()).ok()?;
                    digits.iter().fold(0, |n, d| n * 10 + u32::from(d - b'0')) * 10_u32.pow(missing)
                }
                _ => return None,
            };
            fixed_date_time(text, nanosecond).map(Value::DateTime)
        }
        _ => None,
    }
}

/// As [`usual`], for what is readable without a type.
#[inline]
fn usual_readable(literal: &str) -> Option<Cow<'_, str>> {
    if let Some(text) = quoted(literal) {
        let Some(first) = memchr::memchr(b'\'', text.as_bytes()) else { return Some(Cow::Borrowed(text)) };
        return single_apostrophes(text, first).map(Cow::Owned);
    }
    let argument = ["TO_DATE('", "TO_TIMESTAMP('"].iter().find_map(|name| literal.strip_prefix(name))?;
    let (text, rest) = argument.split_at(memchr::memchr(b'\'', argument.as_bytes())?);
    let usual = ["')", "', 'YYYY-MM-DD HH24:MI:SS')", "', 'SYYYY-MM-DD HH24:MI:SS')"].contains(&rest);
    usual.then_some(Cow::Borrowed(text))
}

/// What stands between the apostrophes at both ends.
#[inline]
fn quoted(literal: &str) -> Option<&str> {
    literal.strip_prefix('\'')?.strip_suffix('\'')
}

/// Every apostrophe of `text` is doubled, the first of them is at `first`; `None` where that is not so.
fn single_apostrophes(text: &str, first: usize) -> Option<String> {
    let mut out = String::with_capacity(text.len() - 1);
    let (mut rest, mut next) = (text, Some(first));
    while let Some(at) = next {
        out.push_str(rest.get(..=at)?);
        rest = rest.get(at + 1..)?.strip_prefix('\'')?;
        next = memchr::memchr(b'\'', rest.as_bytes());
    }
    out.push_str(rest);
    Some(out)
}

/// `2024-02-29 23:59:59` and nothing else.
#[inline]
fn fixed_date_time(text: &str, nanosecond: u32) -> Option<DateTime> {
    let &[y3, y2, y1, y0, b'-', o1, o0, b'-', d1, d0, b' ', h1, h0, b':', m1, m0, b':', s1, s0] = text.as_bytes()
    else {
        return None;
    };
    let tens = [y3, y1, o1, d1, h1, m1, s1];
    let units = [y2, y0, o0, d0, h0, m0, s0];
    if !tens.iter().chain(&units).fold(true, |digits, b| digits & b.is_ascii_digit()) {
        return None;
    }
    let pair = |tens: u8, units: u8| (tens - b'0') * 10 + (units - b'0');
    let year = i16::from(pair(y3, y2)) * 100 + i16::from(pair(y1, y0));
    DateTime::new(year, pair(o1, o0), pair(d1, d0), pair(h1, h0), pair(m1, m0), pair(s1, s0), nanosecond).ok()
}

/// What a literal says to a reader who does not know its column's type.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Readable<'a> {
    /// A value, as text.
    Value(Cow<'a, str>),
    /// NULL.
    Null,
    /// `Unsupported Type`: there is a value, and LogMiner does not say which.
    Unsupported,
}

/// Reads one literal expression without its column's type, for people and for tools that look into captured redo.
///
/// | literal | text |
/// |---|---|
/// | `'it''s'`, `N'…'`, `UNISTR('…')`, `HEXTORAW('…')` | what they say, HEXTORAW its digits; pieces joined by `\|\|` are joined |
/// | `TO_DATE('…', '…')`, `TO_TIMESTAMP…('…')`, `TO_YMINTERVAL('…')`, `TO_DSINTERVAL('…')` | the first argument |
/// | `7` `-.5E+10` `Nan` `Inf` `TRUE` | as written |
/// | `EMPTY_CLOB()` `EMPTY_BLOB()` `''` | empty |
/// | `/* JSON */ HEXTORAW('…')` | the JSON text, where this is Oracle's [binary form](crate::oson), or else the digits |
/// | constructors, `BFILENAME(…)`, `XMLType(:1)` and other calls | as written |
/// | `NULL`, `IS NULL` | [`Readable::Null`] |
/// | `Unsupported Type` | [`Readable::Unsupported`] |
///
/// The whole text must be the literal; anything left over is an error.
///
/// ```
/// use type_convert::literal::{Readable, readable};
///
/// assert_eq!(readable("'it''s'")?, Readable::Value("it's".into()));
/// assert_eq!(readable(r"UNISTR('\D83D')||UNISTR('\DE00') || '!'")?, Readable::Value("😀!".into()));
/// assert_eq!(readable("TO_DATE('15-MAY-21', 'DD-MON-RR')")?, Readable::Value("15-MAY-21".into()));
/// assert_eq!(readable("NULL")?, Readable::Null);
/// # Ok::<_, type_convert::literal::LiteralError>(())
/// ```
pub fn readable(literal: &str) -> Result<Readable<'_>, LiteralError> {
    match usual_readable(literal) {
        Some(text) => Ok(Readable::Value(text)),
        None => general_readable(literal),
    }
}

#[inline(never)]
fn general_readable(literal: &str) -> Result<Readable<'_>, LiteralError> {
    for (words, says) in
        [("NULL", Readable::Null), ("IS NULL", Readable::Null), ("UNSUPPORTED TYPE", Readable::Unsupported)]
    {
        if literal.eq_ignore_ascii_case(words) {
            return Ok(says);
        }
    }
    let mut reader = Reader { text: literal, at: 0 };
    reader.blanks();
    let text = reader.readable()?;
    reader.blanks();
    if reader.at < literal.len() {
        reader.error("the literal goes on after its end")
    } else {
        Ok(Readable::Value(text))
    }
}

/// Writes `value` as LogMiner writes a value of a column of type `ty` in `SQL_REDO`, in a session whose NLS
/// formats are `SYYYY-MM-DD HH24:MI:SS[.FF9 [TZH:TZM]]`.
///
/// [`parse`] gives the same value again; only TIMESTAMP WITH LOCAL TIME ZONE comes back at UTC, an empty
/// text or RAW that is no LOB as NULL, and a VECTOR, whose literals are not read, not at all.
pub fn format(value: &Value, ty: &OracleType) -> String {
    let mut out = String::new();
    match value {
        Value::Null => out.push_str("NULL"),
        Value::Number(number) => {
            let text = number.to_string();
            // As TO_CHAR has it: no zero before the point.
            let (sign, digits) = text.strip_prefix('-').map_or(("", &*text), |digits| ("-", digits));
            let digits = if digits.starts_with("0.") { &digits[1..] } else { digits };
            push(&mut out, format_args!("'{sign}{digits}'"));
        }
        Value::Float(f) if f.is_finite() => push_float(&mut out, &format!("{f:e}")),
        Value::Double(f) if f.is_finite() => push_float(&mut out, &format!("{f:e}")),
        Value::Float(f) => out.push_str(not_finite((*f).into())),
        Value::Double(f) => out.push_str(not_finite(*f)),
        Value::Text(text) => push_text(&mut out, text, ty),
        Value::Bytes(bytes) if bytes.is_empty() && *ty == OracleType::Blob => out.push_str("EMPTY_BLOB()"),
        Value::Bytes(bytes) => {
            out.push_str("HEXTORAW('");
            out.extend(bytes.iter().flat_map(|byte| hexadecimal::lower_case(*byte)).map(char::from));
            out.push_str("')");
        }
        Value::DateTime(at) if *ty == OracleType::Date => {
            push(&mut out, format_args!("TO_DATE('{}', '{DATE_MODEL}')", Fields(*at)));
        }
        Value::DateTime(at) => push(&mut out, format_args!("TO_TIMESTAMP('{}.{:09}')", Fields(*at), at.nanosecond)),
        Value::DateTimeTz(at, offset) => match (ty, at.utc_from(*offset)) {
            (OracleType::TimestampLtz { .. }, Ok(utc)) => {
                push(&mut out, format_args!("TO_TIMESTAMP_ITZ('{}.{:09}')", Fields(utc), utc.nanosecond));
            }
            _ => push(&mut out, format_args!("TO_TIMESTAMP_TZ('{}.{:09} {offset}')", Fields(*at), at.nanosecond)),
        },
        Value::IntervalYm(interval) => push(&mut out, format_args!("TO_YMINTERVAL('{interval}')")),
        Value::IntervalDs(interval) => {
            let text = interval.to_string();
            let (whole, fraction) = text.split_once('.').unwrap_or((&text, "000000000"));
            let declared = match ty {
                OracleType::IntervalDs { second_precision, .. } => usize::from(*second_precision),
                _ => 6,
            };
            let needed = fraction.trim_end_matches('0').len().max(declared.min(9));
            push(&mut out, format_args!("TO_DSINTERVAL('{whole}.{}')", &fraction[..needed]));
        }
        Value::Boolean(b) => out.push_str(if *b { "TRUE" } else { "FALSE" }),
        Value::Bfile { directory, file } => push(&mut out, format_args!("{}", BfileLocator { directory, file })),
        Value::Object(values) | Value::Collection(values) => push_constructor(&mut out, values, ty),
    }
    out
}

fn push_constructor(out: &mut String, values: &[Value], ty: &OracleType) {
    let quoted = |name: &str| format!("\"{}\"", name.replace('"', "\"\""));
    let named = |owner: &str, name: &str| format!("{}.{}", quoted(owner), quoted(name));
    match ty {
        OracleType::Object(of) => out.push_str(&named(&of.owner, &of.name)),
        OracleType::Collection(of) => out.push_str(&named(&of.owner, &of.name)),
        OracleType::Geometry => out.push_str(&named("MDSYS", "SDO_GEOMETRY")),
        _ => {}
    }
    let parts = Parts::of(ty);
    out.push('(');
    for (n, value) in values.iter().enumerate() {
        out.push_str(if n > 0 { ", " } else { "" });
        let number = OracleType::Number { precision: None, scale: None };
        out.push_str(&format(value, parts.as_ref().and_then(|parts| parts.get(n)).unwrap_or(&number)));
    }
    out.push(')');
}

/// The types of what a constructor is called with.
enum Parts<'a> {
    Each(Cow<'a, [(String, OracleType)]>),
    All(&'a OracleType),
}

impl<'a> Parts<'a> {
    fn of(ty: &'a OracleType) -> Option<Self> {
        match ty {
            OracleType::Object(of) => Some(Parts::Each(Cow::Borrowed(&of.attributes))),
            OracleType::Collection(of) => Some(Parts::All(&of.element)),
            OracleType::Geometry => Some(Parts::Each(Cow::Owned(geometry_attributes()))),
            _ => None,
        }
    }

    fn get(&self, n: usize) -> Option<&OracleType> {
        match self {
            Parts::Each(attributes) => attributes.get(n).map(|(_, ty)| ty),
            Parts::All(element) => Some(element),
        }
    }
}

const DATE_MODEL: &str = "SYYYY-MM-DD HH24:MI:SS";

/// By [`DATE_MODEL`], which puts a blank where the sign of the year would be.
struct Fields(DateTime);

impl std::fmt::Display for Fields {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let blank = if self.0.year < 0 { "" } else { " " };
        write!(f, "{blank}{}", DateTime { nanosecond: 0, ..self.0 })
    }
}

fn push(out: &mut String, text: std::fmt::Arguments<'_>) {
    // Writing to a String does not fail.
    let _ = out.write_fmt(text);
}

fn not_finite(f: f64) -> &'static str {
    match f {
        f if f.is_nan() => "Nan",
        f if f > 0.0 => "Inf",
        _ => "-Inf",
    }
}

/// From Rust's `3.4e37` to Oracle's `3.4E+037`.
fn push_float(out: &mut String, text: &str) {
    let (mantissa, exponent) = text.split_once('e').unwrap_or((text, "0"));
    let (sign, digits) = exponent.strip_prefix('-').map_or(('+', exponent), |digits| ('-', digits));
    push(out, format_args!("'{mantissa}E{sign}{digits:0>3}'"));
}

fn push_text(out: &mut String, text: &str, ty: &OracleType) {
    let lob = matches!(ty, OracleType::Clob | OracleType::NClob);
    let national = matches!(ty, OracleType::NChar { .. } | OracleType::NVarchar2 { .. } | OracleType::NClob);
    if text.is_empty() {
        out.push_str(if lob { "EMPTY_CLOB()" } else { "NULL" });
    } else if national && !text.is_ascii() {
        out.push_str("UNISTR('");
        for c in text.chars() {
            match c {
                '\'' => out.push_str("''"),
                '\\' => out.push_str("\\\\"),
                c if c.is_ascii() => out.push(c),
                c => c.encode_utf16(&mut [0; 2]).iter().for_each(|unit| push(out, format_args!("\\{unit:04X}"))),
            }
        }
        out.push_str("')");
    } else {
        out.push('\'');
        text.split('\'').enumerate().for_each(|(i, piece)| {
            out.push_str(if i > 0 { "''" } else { "" });
            out.push_str(piece);
        });
        out.push('\'');
    }
}

struct Reader<'a> {
    text: &'a str,
    at: usize,
}

impl<'a> Reader<'a> {
    fn value_or_null(&mut self, ty: &OracleType) -> Result<Value, LiteralError> {
        if self.word_is("NULL") { Ok(Value::Null) } else { self.value(ty) }
    }

    fn value(&mut self, ty: &OracleType) -> Result<Value, LiteralError> {
        match ty {
            OracleType::Number { .. } | OracleType::Float { .. } => self
                .raw_or(Number::from_bytes, |reader| {
                    let (text, at) = reader.scalar()?;
                    text.parse().map_err(|e: NumberError| reader.error_at(e.to_string(), at))
                })
                .map(Value::Number),
            OracleType::BinaryFloat => self.float(|text| text.parse().ok(), f32::is_finite).map(Value::Float),
            OracleType::BinaryDouble => self.float(|text| text.parse().ok(), f64::is_finite).map(Value::Double),
            OracleType::Clob | OracleType::NClob => self.characters(true),
            OracleType::Char { .. }
            | OracleType::Varchar2 { .. }
            | OracleType::NChar { .. }
            | OracleType::NVarchar2 { .. }
            | OracleType::Long
            | OracleType::RowId
            | OracleType::URowId { .. }
            | OracleType::Xml => self.characters(false),
            OracleType::Json => self.json(),
            OracleType::Raw { .. } | OracleType::LongRaw => self.byte_string(false),
            OracleType::Blob => self.byte_string(true),
            OracleType::Date => self
                .raw_or(DateTime::from_bytes, |reader| {
                    let moment = reader.moment("TO_DATE", &[DATE_MODEL, "DD-MON-RR"])?;
                    reader.without_offset(moment)
                })
                .map(Value::DateTime),
            OracleType::Timestamp { .. } => self
                .raw_or(DateTime::from_bytes, |reader| {
                    let name = if reader.peek_word() == "TO_DATE" { "TO_DATE" } else { "TO_TIMESTAMP" };
                    let models = ["SYYYY-MM-DD HH24:MI:SS.FF", "DD-MON-RR HH.MI.SSXFF AM", DATE_MODEL];
                    let moment = reader.moment(name, &models)?;
                    reader.without_offset(moment)
                })
                .map(Value::DateTime),
            OracleType::TimestampTz { .. } => self
                .raw_or(DateTime::from_timestamp_tz_bytes, |reader| {
                    let moment = reader.moment("TO_TIMESTAMP_TZ", &ZONED_MODELS)?;
                    match moment.offset {
                        Some(offset) => Ok((moment.at, offset)),
                        None => reader.error("a time zone was expected before here"),
                    }
                })
                .map(|(at, offset)| Value::DateTimeTz(at, offset)),
            OracleType::TimestampLtz { .. } => {
                // Its bytes are in the database's own time zone, which is not known here: text only.
                let mut models = vec!["SYYYY-MM-DD HH24:MI:SS.FF", "DD-MON-RR HH.MI.SSXFF AM", DATE_MODEL];
                models.extend(ZONED_MODELS);
                let moment = self.moment("TO_TIMESTAMP_ITZ", &models)?;
                Ok(Value::DateTimeTz(moment.at, moment.offset.unwrap_or(UtcOffset::UTC)))
            }
            OracleType::IntervalYm { .. } => self
                .raw_or(IntervalYm::from_bytes, |reader| {
                    let (text, at) = reader.call("TO_YMINTERVAL")?;
                    text.parse().map_err(|e: DateTimeError| reader.error_at(e.to_string(), at))
                })
                .map(Value::IntervalYm),
            OracleType::IntervalDs { .. } => self
                .raw_or(IntervalDs::from_bytes, |reader| {
                    let (text, at) = reader.call("TO_DSINTERVAL")?;
                    text.parse().map_err(|e: DateTimeError| reader.error_at(e.to_string(), at))
                })
                .map(Value::IntervalDs),
            OracleType::Boolean => {
                let (text, at) = self.scalar()?;
                match () {
                    () if text.eq_ignore_ascii_case("TRUE") => Ok(Value::Boolean(true)),
                    () if text.eq_ignore_ascii_case("FALSE") => Ok(Value::Boolean(false)),
                    () => Err(self.error_at("TRUE or FALSE was expected".to_owned(), at)),
                }
            }
            OracleType::BFile => self.bfile(),
            OracleType::Object(_) | OracleType::Geometry => self.constructor(ty).map(Value::Object),
            OracleType::Collection(_) => self.constructor(ty).map(Value::Collection),
            OracleType::Vector { .. } | OracleType::Other { .. } => {
                self.error(format!("values of type {ty} are not read"))
            }
        }
    }

    fn readable(&mut self) -> Result<Cow<'a, str>, LiteralError> {
        let comment = match self.rest().strip_prefix("/*").and_then(|rest| rest.split_once("*/")) {
            Some((comment, _)) => comment,
            None => "",
        };
        self.at += if comment.is_empty() { 0 } else { comment.len() + "/**/".len() };
        self.blanks();
        match self.peek_word() {
            _ if self.rest().starts_with('\'') => self.pieces(),
            "N" if self.rest().starts_with("N'") => self.pieces(),
            "HEXTORAW" if comment.trim() == "JSON" => {
                let digits = self.pieces()?;
                let mut text = Vec::new();
                let mut image = Vec::with_capacity(digits.len() / 2);
                let decoded = self.push_hex(&mut image, &digits, 0).is_ok() && oson::to_json(&image, &mut text).is_ok();
                Ok(String::from_utf8(text).ok().filter(|_| decoded).map_or(digits, Cow::Owned))
            }
            "UNISTR" | "HEXTORAW" | "EMPTY_CLOB" | "EMPTY_BLOB" => self.pieces(),
            name @ ("TO_DATE" | "TO_TIMESTAMP" | "TO_TIMESTAMP_TZ" | "TO_TIMESTAMP_ITZ" | "TO_YMINTERVAL"
            | "TO_DSINTERVAL") => {
                self.open(name)?;
                let text = self.string()?.0;
                self.blanks();
                if self.eat(",") {
                    self.blanks();
                    self.string()?;
                    self.blanks();
                }
                self.close()?;
                Ok(text)
            }
            word if self.rest().starts_with('"')
                || self.rest()[word.len()..].starts_with(['(', '.', '"'])
                    && !word.is_empty()
                    && !word.starts_with(|c: char| c.is_ascii_digit()) =>
            {
                self.call_as_written()
            }
            word if ["TRUE", "FALSE"].iter().any(|known| word.eq_ignore_ascii_case(known)) => {
                self.at += word.len();
                Ok(Cow::Borrowed(word))
            }
            _ => {
                let (text, at) = self.scalar()?;
                let word = ["nan", "inf", "-inf"].iter().any(|known| text.eq_ignore_ascii_case(known));
                let number = text.contains(|c: char| c.is_ascii_digit())
                    && text.bytes().all(|b| b.is_ascii_digit() || b"+-.eE".contains(&b));
                if word || number {
                    return Ok(text);
                }
                Err(self.error_at("a literal was expected".to_owned(), at))
            }
        }
    }

    /// Texts, digits of HEXTORAW and empty LOBs, joined.
    fn pieces(&mut self) -> Result<Cow<'a, str>, LiteralError> {
        let mut all = Cow::Borrowed("");
        let mut high = None;
        loop {
            let word = self.peek_word();
            if high.is_some() && word != "UNISTR" {
                return self.error("half of a surrogate pair before here");
            }
            match word {
                "UNISTR" => {
                    let (escaped, at) = self.call("UNISTR")?;
                    self.push_unistr(all.to_mut(), &escaped, at, &mut high)?;
                }
                "EMPTY_CLOB" | "EMPTY_BLOB" => self.empty_call(word)?,
                _ => {
                    let piece = match word {
                        "HEXTORAW" => self.call(word)?.0,
                        _ => {
                            self.eat("N");
                            self.string()?.0
                        }
                    };
                    if all.is_empty() {
                        all = piece;
                    } else {
                        all.to_mut().push_str(&piece);
                    }
                }
            }
            if !self.joined() {
                break;
            }
        }
        if high.is_some() {
            return self.error("half of a surrogate pair before here");
        }
        Ok(all)
    }

    /// A call that is not evaluated here: its name, and all between its parentheses.
    fn call_as_written(&mut self) -> Result<Cow<'a, str>, LiteralError> {
        let start = self.at;
        self.type_name()?;
        let mut depth = 0_usize;
        loop {
            let opened = depth > 0;
            match self.rest().bytes().next() {
                Some(b'\'') if opened => {
                    self.string()?;
                    continue;
                }
                Some(b'"') if opened => {
                    self.type_name()?;
                    continue;
                }
                Some(b'(') => depth += 1,
                Some(b')') if opened => depth -= 1,
                Some(_) if opened => {}
                _ => return self.error("a parenthesis was expected"),
            }
            // Within a text of more bytes no byte is one of these.
            self.at += 1;
            while !self.text.is_char_boundary(self.at) {
                self.at += 1;
            }
            if depth == 0 {
                return Ok(Cow::Borrowed(&self.text[start..self.at]));
            }
        }
    }

    /// `'…'`, or `/* JSON */ HEXTORAW('…')` with Oracle's binary form, of which the text is returned.
    fn json(&mut self) -> Result<Value, LiteralError> {
        let commented = self.eat("/* JSON */");
        self.blanks();
        if !commented && self.peek_word() != "HEXTORAW" {
            return self.characters(false);
        }
        if self.peek_word() == "EMPTY_BLOB" {
            return self.error("a JSON value that later redo completes");
        }
        let at = self.at;
        let Value::Bytes(image) = self.byte_string(false)? else {
            return Err(self.error_at("a JSON value without bytes".to_owned(), at));
        };
        let mut text = Vec::new();
        oson::to_json(&image, &mut text).map_err(|e| self.error_at(e.to_string(), at))?;
        match String::from_utf8(text) {
            Ok(text) => Ok(Value::Text(text)),
            Err(_) => Err(self.error_at("JSON that is not UTF-8".to_owned(), at)),
        }
    }

    fn bfile(&mut self) -> Result<Value, LiteralError> {
        self.open("BFILENAME")?;
        let directory = self.string()?.0.into_owned();
        self.blanks();
        if !self.eat(",") {
            return self.error("a comma was expected");
        }
        self.blanks();
        let file = self.string()?.0.into_owned();
        self.blanks();
        self.close()?;
        Ok(Value::Bfile { directory, file })
    }

    /// `"OWNER"."TYPE"(…, …)`. It nests as deep as its type does.
    fn constructor(&mut self, ty: &OracleType) -> Result<Vec<Value>, LiteralError> {
        let Some(parts) = Parts::of(ty) else { return self.error(format!("values of type {ty} are not read")) };
        self.type_name()?;
        self.blanks();
        if !self.eat("(") {
            return self.error("an opening parenthesis was expected");
        }
        let mut values = Vec::new();
        loop {
            self.blanks();
            if values.is_empty() && self.eat(")") {
                break;
            }
            let Some(part) = parts.get(values.len()) else {
                return self.error(format!("more values than {ty} has attributes"));
            };
            values.push(self.value_or_null(part)?);
            self.blanks();
            if self.eat(")") {
                break;
            }
            if !self.eat(",") {
                return self.error("a comma or a closing parenthesis was expected");
            }
        }
        match &parts {
            Parts::Each(attributes) if attributes.len() != values.len() => {
                self.error(format!("{ty} has {} attributes, before here are {}", attributes.len(), values.len()))
            }
            _ => Ok(values),
        }
    }

    /// The name of a constructor, whose type is known already: quoted or not, with its owner or without.
    fn type_name(&mut self) -> Result<(), LiteralError> {
        loop {
            let start = self.at;
            if self.eat("\"") {
                while !self.eat("\"") {
                    let Some(c) = self.rest().chars().next() else {
                        self.at = start;
                        return self.error("a name that is not closed begins");
                    };
                    self.at += c.len_utf8();
                }
            } else {
                let rest = self.rest();
                self.at += rest.find(|c: char| !(c.is_alphanumeric() || "_$#".contains(c))).unwrap_or(rest.len());
            }
            if self.at == start {
                return self.error("the name of a type was expected");
            }
            if !self.eat(".") && !self.rest().starts_with('"') {
                return Ok(());
            }
        }
    }

    /// `HEXTORAW('…')` with the type's own bytes, or else what `text` reads.
    fn raw_or<T, E: std::fmt::Display>(
        &mut self,
        bytes: impl FnOnce(&[u8]) -> Result<T, E>,
        text: impl FnOnce(&mut Self) -> Result<T, LiteralError>,
    ) -> Result<T, LiteralError> {
        if self.peek_word() != "HEXTORAW" {
            return text(self);
        }
        let (hex, at) = self.call("HEXTORAW")?;
        let mut raw = Vec::new();
        self.push_hex(&mut raw, &hex, at)?;
        bytes(&raw).map_err(|e| self.error_at(e.to_string(), at))
    }

    /// A quoted string, or a bare token up to the next blank, and where its text begins.
    fn scalar(&mut self) -> Result<(Cow<'a, str>, usize), LiteralError> {
        if self.rest().starts_with('\'') {
            return self.string();
        }
        let rest = self.rest();
        let len = rest.find(|c: char| !(c.is_ascii_alphanumeric() || "+-.~".contains(c))).unwrap_or(rest.len());
        if len == 0 {
            return self.error("a value was expected");
        }
        let at = self.at;
        self.at += len;
        Ok((Cow::Borrowed(&rest[..len]), at))
    }

    fn float<T: Copy + PartialEq + From<f32>>(
        &mut self,
        parse: impl Fn(&str) -> Option<T>,
        is_finite: impl Fn(T) -> bool,
    ) -> Result<T, LiteralError> {
        let (text, at) = self.scalar()?;
        for (name, value) in [("nan", f32::NAN), ("inf", f32::INFINITY), ("-inf", f32::NEG_INFINITY)] {
            if text.eq_ignore_ascii_case(name) {
                return Ok(value.into());
            }
        }
        let decimal = text.bytes().all(|b| b.is_ascii_digit() || b"+-.eE".contains(&b));
        let Some(value) = parse(&text).filter(|_| decimal) else {
            return Err(self.error_at("a floating-point number was expected".to_owned(), at));
        };
        let mantissa = text.split(['e', 'E']).next().unwrap_or_default();
        let vanished = value == T::from(0.0) && mantissa.bytes().any(|b| (b'1'..=b'9').contains(&b));
        if !is_finite(value) || vanished {
            return Err(self.error_at("a number outside the type's range".to_owned(), at));
        }
        Ok(value)
    }

    fn characters(&mut self, lob: bool) -> Result<Value, LiteralError> {
        let mut text = String::new();
        // The first half of a surrogate pair may end one UNISTR and its second half begin the next.
        let mut high = None;
        loop {
            let word = self.peek_word();
            if word == "UNISTR" {
                let (escaped, at) = self.call("UNISTR")?;
                self.push_unistr(&mut text, &escaped, at, &mut high)?;
            } else {
                if high.is_some() {
                    return self.error("half of a surrogate pair before here");
                }
                if lob && word == "EMPTY_CLOB" {
                    self.empty_call(word)?;
                } else {
                    if word == "N" {
                        self.at += 1;
                    }
                    text.push_str(&self.string()?.0);
                }
            }
            if !self.joined() {
                break;
            }
        }
        if high.is_some() {
            return self.error("half of a surrogate pair before here");
        }
        Ok(if text.is_empty() && !lob { Value::Null } else { Value::Text(text) })
    }

    fn push_unistr(
        &self,
        text: &mut String,
        escaped: &str,
        at: usize,
        high: &mut Option<u16>,
    ) -> Result<(), LiteralError> {
        let mut rest = escaped;
        while let Some(c) = rest.chars().next() {
            let offset = at + escaped.len() - rest.len();
            let error = |message: &str| Err(self.error_at(message.to_owned(), offset));
            rest = &rest[c.len_utf8()..];
            let unit = if c != '\\' {
                None
            } else if let Some(after) = rest.strip_prefix('\\') {
                rest = after;
                None
            } else {
                let digits = rest.get(..4).filter(|d| d.bytes().all(|b| b.is_ascii_hexdigit()));
                let Some(unit) = digits.and_then(|d| u16::from_str_radix(d, 16).ok()) else {
                    return error("four hexadecimal digits or a backslash were expected after a backslash");
                };
                rest = &rest[4..];
                Some(unit)
            };
            match (high.take(), unit) {
                (None, None) => text.push(c),
                (None, Some(unit @ 0xD800..=0xDBFF)) => *high = Some(unit),
                (first, Some(unit)) => {
                    let units = first.into_iter().chain([unit]);
                    match char::decode_utf16(units).collect::<Result<String, _>>() {
                        Ok(decoded) => text.push_str(&decoded),
                        Err(_) => return error("half of a surrogate pair"),
                    }
                }
                (Some(_), None) => return error("half of a surrogate pair before here"),
            }
        }
        Ok(())
    }

    fn byte_string(&mut self, lob: bool) -> Result<Value, LiteralError> {
        let mut bytes = Vec::new();
        loop {
            // An empty piece of a LOB is the empty string.
            if lob && self.peek_word() == "EMPTY_BLOB" {
                self.empty_call("EMPTY_BLOB")?;
            } else if !(lob && self.eat("''")) {
                let (hex, at) = self.call("HEXTORAW")?;
                self.push_hex(&mut bytes, &hex, at)?;
            }
            if !self.joined() {
                return Ok(if bytes.is_empty() && !lob { Value::Null } else { Value::Bytes(bytes) });
            }
        }
    }

    fn push_hex(&self, bytes: &mut Vec<u8>, hex: &str, at: usize) -> Result<(), LiteralError> {
        for (i, pair) in hex.as_bytes().chunks(2).enumerate() {
            match *pair {
                [high, low] if let Some(byte) = hexadecimal::byte(high, low) => bytes.push(byte),
                _ => return Err(self.error_at("two hexadecimal digits were expected".to_owned(), at + 2 * i)),
            }
        }
        Ok(())
    }

    /// `NAME('text')` by the first of `models` that reads it, or `NAME('text', 'model')`.
    fn moment(&mut self, name: &str, models: &[&str]) -> Result<Moment, LiteralError> {
        self.open(name)?;
        let (text, at) = self.string()?;
        self.blanks();
        let given = if self.eat(",") {
            self.blanks();
            let model = self.string()?.0;
            self.blanks();
            Some(model)
        } else {
            None
        };
        self.close()?;
        let read = match &given {
            Some(model) => format_model::read(model, &text),
            None => {
                // The models exclude each other; of their errors the one that read farthest is told.
                let mut farthest: Option<Result<Moment, format_model::FormatError>> = None;
                for model in models {
                    let read = format_model::read(model, &text);
                    let decided = !matches!(&read, Err(e) if !e.matched);
                    let progress = |read: &_| match read {
                        Err(format_model::FormatError { offset, .. }) => *offset,
                        Ok::<Moment, _>(_) => usize::MAX,
                    };
                    if decided || farthest.as_ref().is_none_or(|f| progress(&read) > progress(f)) {
                        farthest = Some(read);
                    }
                    if decided {
                        break;
                    }
                }
                match farthest {
                    Some(read) => read,
                    None => return self.error("no format model to read it by"),
                }
            }
        };
        read.map_err(|e| self.error_at(e.reason.to_owned(), at + e.offset))
    }

    fn without_offset(&self, moment: Moment) -> Result<DateTime, LiteralError> {
        if moment.offset.is_some() { self.error("a time zone in a type that has none") } else { Ok(moment.at) }
    }

    /// `NAME('text')`: the text and where it begins.
    fn call(&mut self, name: &str) -> Result<(Cow<'a, str>, usize), LiteralError> {
        self.open(name)?;
        let argument = self.string()?;
        self.blanks();
        self.close()?;
        Ok(argument)
    }

    fn empty_call(&mut self, name: &str) -> Result<(), LiteralError> {
        self.open(name)?;
        self.close()
    }

    fn open(&mut self, name: &str) -> Result<(), LiteralError> {
        if !self.word_is(name) {
            return self.error(format!("{name}(…) was expected"));
        }
        self.blanks();
        if !self.eat("(") {
            return self.error("an opening parenthesis was expected");
        }
        self.blanks();
        Ok(())
    }

    fn close(&mut self) -> Result<(), LiteralError> {
        if self.eat(")") { Ok(()) } else { self.error("a closing parenthesis was expected") }
    }

    /// A string in apostrophes, those within it doubled, and where its text begins.
    fn string(&mut self) -> Result<(Cow<'a, str>, usize), LiteralError> {
        let start = self.at;
        if !self.eat("'") {
            return self.error("a string in apostrophes was expected");
        }
        let begin = self.at;
        let mut text = Cow::Borrowed("");
        loop {
            let rest = self.rest();
            let Some(len) = rest.find('\'') else {
                self.at = start;
                return self.error("a string that is not closed begins");
            };
            self.at += len + 1;
            let doubled = self.eat("'");
            let piece = if doubled { &rest[..=len] } else { &rest[..len] };
            if text.is_empty() {
                text = Cow::Borrowed(piece);
            } else {
                text.to_mut().push_str(piece);
            }
            if !doubled {
                return Ok((text, begin));
            }
        }
    }

    /// `||` and the blanks around it.
    fn joined(&mut self) -> bool {
        let before = self.at;
        self.blanks();
        if self.eat("||") {
            self.blanks();
            return true;
        }
        self.at = before;
        false
    }

    fn rest(&self) -> &'a str {
        &self.text[self.at..]
    }

    fn blanks(&mut self) {
        self.at += self.rest().len() - self.rest().trim_ascii_start().len();
    }

    fn eat(&mut self, text: &str) -> bool {
        let found = self.rest().starts_with(text);
        self.at += if found { text.len() } else { 0 };
        found
    }

    /// The name that begins here, in upper case as redo has it, or nothing.
    fn peek_word(&self) -> &'a str {
        let rest = self.rest();
        let len = rest.find(|c: char| !(c.is_ascii_alphanumeric() || c == '_')).unwrap_or(rest.len());
        &rest[..len]
    }

    fn word_is(&mut self, word: &str) -> bool {
        let found = self.peek_word().eq_ignore_ascii_case(word);
        self.at += if found { word.len() } else { 0 };
        found
    }

    fn error<T>(&self, message: impl Into<String>) -> Result<T, LiteralError> {
        Err(self.error_at(message.into(), self.at))
    }

    fn error_at(&self, message: String, offset: usize) -> LiteralError {
        LiteralError { message, offset }
    }
}

const ZONED_MODELS: [&str; 3] =
    ["SYYYY-MM-DD HH24:MI:SS.FF TZH:TZM", "SYYYY-MM-DD HH24:MI:SS TZH:TZM", "DD-MON-RR HH.MI.SSXFF AM TZH:TZM"];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{CollectionType, LengthUnit, ObjectType, datetime, interval};
    use proptest::prelude::*;

    const NUMBER: OracleType = OracleType::Number { precision: None, scale: None };
    const TEXT: OracleType = OracleType::Varchar2 { length: 4000, unit: LengthUnit::Byte };
    const TIMESTAMP: OracleType = OracleType::Timestamp { precision: 9 };
    const TIMESTAMP_TZ: OracleType = OracleType::TimestampTz { precision: 9 };
    const TIMESTAMP_LTZ: OracleType = OracleType::TimestampLtz { precision: 9 };
    const INTERVAL_YM: OracleType = OracleType::IntervalYm { year_precision: 2 };
    const INTERVAL_DS: OracleType = OracleType::IntervalDs { day_precision: 2, second_precision: 6 };

    fn read(literal: &str, ty: &OracleType) -> Value {
        parse(literal, ty).unwrap_or_else(|e| panic!("{literal}: {e}"))
    }

    fn text(s: &str) -> Value {
        Value::Text(s.to_owned())
    }

    fn number(s: &str) -> Value {
        Value::Number(s.parse().unwrap())
    }

    #[test]
    fn json_in_binary_form() {
        let text = |literal| read(literal, &OracleType::Json);
        assert_eq!(text("/* JSON */ HEXTORAW('ff4a5a010016000422c1040f')"), Value::Text("3.14".into()));
        assert_eq!(text("HEXTORAW('ff4a5a0100160001') || HEXTORAW('31')"), Value::Text("true".into()));
        assert_eq!(text("'{\"a\":1}'"), Value::Text("{\"a\":1}".into()));
    }

    #[test]
    fn constructors() {
        let object = |name: &str, attributes: Vec<(&str, OracleType)>| {
            OracleType::Object(Box::new(ObjectType {
                owner: "APP".to_owned(),
                name: name.to_owned(),
                attributes: attributes.into_iter().map(|(name, ty)| (name.to_owned(), ty)).collect(),
            }))
        };
        let list = |name: &str, element| {
            let (owner, name) = ("APP".to_owned(), name.to_owned());
            OracleType::Collection(Box::new(CollectionType { owner, name, limit: None, element }))
        };
        let phone = object("Phone \"x\"", vec![("KIND", TEXT), ("NUMBER", NUMBER), ("SINCE", OracleType::Date)]);
        let phones = list("PHONES", phone.clone());
        let person = object("PERSON", vec![("NAME", TEXT), ("PHONES", phones.clone())]);
        let one = "\"APP\".\"PERSON\"('O''Hara', \"APP\".\"PHONES\"(\"APP\".\"Phone \"\"x\"\"\"('home', '-5.25', \
                   TO_DATE(' 2024-02-29 00:00:00', 'SYYYY-MM-DD HH24:MI:SS')), NULL, \"APP\".\"Phone \"\"x\"\"\"(NULL, NULL, NULL)))";
        let value = read(one, &person);
        assert_eq!(format(&value, &person), one);
        let Value::Object(attributes) = &value else { panic!("{value:?}") };
        let Value::Collection(phones_of) = &attributes[1] else { panic!("{attributes:?}") };
        assert_eq!((&attributes[0], phones_of.len(), &phones_of[1]), (&Value::Text("O'Hara".into()), 3, &Value::Null));
        assert_eq!(read("PHONES()", &phones), Value::Collection(vec![]));
        assert_eq!(read("NULL", &phones), Value::Null);
        let point = "MDSYS.SDO_GEOMETRY(2001, 8307, SDO_POINT_TYPE(-71.5, 42, NULL), NULL, NULL)";
        let Value::Object(geometry) = read(point, &OracleType::Geometry) else { panic!() };
        assert_eq!((geometry.len(), &geometry[3]), (5, &Value::Null));
        let geometry = Value::Object(geometry);
        assert_eq!(read(&format(&geometry, &OracleType::Geometry), &OracleType::Geometry), geometry);
        for (bad, ty) in [
            ("APP.PERSON('a')", &person),
            ("APP.PERSON('a', NULL, NULL)", &person),
            ("APP.PERSON('a', APP.PHONES('b'))", &person),
            ("APP.PERSON('a', NULL", &person),
            ("('a', NULL)", &person),
            ("APP.('a', NULL)", &person),
            ("\"APP.PERSON('a', NULL)", &person),
            ("APP.PHONES(,)", &phones),
            ("BFILENAME('D')", &OracleType::BFile),
        ] {
            assert!(parse(bad, ty).is_err(), "{bad}");
        }
        let bfile = "BFILENAME('DOCS', 'it''s.pdf')";
        assert_eq!(format(&read(bfile, &OracleType::BFile), &OracleType::BFile), bfile);
    }

    #[test]
    fn numbers() {
        for (literal, value) in [
            ("'7'", "7"),
            ("'-12.5'", "-12.5"),
            ("'1.5E+10'", "15000000000"),
            (".5", "0.5"),
            ("-.5", "-0.5"),
            ("3.3999999E+037", "33999999E30"),
            ("'~'", "~"),
            ("HEXTORAW('c108')", "7"),
        ] {
            assert_eq!(read(literal, &NUMBER), number(value), "{literal}");
        }
        assert_eq!(read("NULL", &NUMBER), Value::Null);
        assert_eq!(read("'3.3999999E+037'", &OracleType::BinaryFloat), Value::Float(3.4e37));
        assert_eq!(read("-Inf", &OracleType::BinaryDouble), Value::Double(f64::NEG_INFINITY));
        assert_eq!(read("'Inf'", &OracleType::BinaryFloat), Value::Float(f32::INFINITY));
        assert!(matches!(read("Nan", &OracleType::BinaryDouble), Value::Double(d) if d.is_nan()));
    }

    #[test]
    fn the_usual_forms_are_read_straight() {
        for (literal, ty) in [
            ("NULL", NUMBER),
            ("'-12.5'", NUMBER),
            ("'it''s'", TEXT),
            ("'plain ž'", TEXT),
            ("TO_DATE('2024-02-29 23:59:59', 'YYYY-MM-DD HH24:MI:SS')", OracleType::Date),
            ("TO_DATE(' 2024-02-29 23:59:59', 'SYYYY-MM-DD HH24:MI:SS')", OracleType::Date),
            ("TO_DATE('2024-02-29 23:59:59')", OracleType::Date),
            ("TO_TIMESTAMP('2024-02-29 23:59:59.123456')", TIMESTAMP),
            ("TO_TIMESTAMP(' 2024-02-29 23:59:59.')", TIMESTAMP),
            ("TO_TIMESTAMP('2024-02-29 23:59:59')", TIMESTAMP),
        ] {
            assert_eq!(usual(literal, &ty), Some(read(literal, &ty)), "{literal}");
            assert_eq!(general(literal, &ty), Ok(read(literal, &ty)), "{literal}");
        }
    }

    #[test]
    fn characters() {
        for (literal, value) in [
            ("'it''s'", "it's"),
            ("'''a; b'''", "'a; b'"),
            ("'x and \"Y\" = 1'", "x and \"Y\" = 1"),
            ("'line1\nline2\r\t\0'", "line1\nline2\r\t\0"),
            ("'a || b'", "a || b"),
            (r"UNISTR('\0416 a\\b it''s') || UNISTR('\D83D\DE00')", "Ж a\\b it's😀"),
            (r"UNISTR('\D83D')||UNISTR('\DE00')", "😀"),
            ("'a' || 'b'", "ab"),
            ("N'ž'", "ž"),
        ] {
            assert_eq!(read(literal, &TEXT), text(value), "{literal}");
        }
        assert_eq!(read("''", &TEXT), Value::Null);
        assert_eq!(read("''", &OracleType::Clob), text(""));
        assert_eq!(read("EMPTY_CLOB()", &OracleType::NClob), text(""));
        assert_eq!(read("EMPTY_BLOB()", &OracleType::Blob), Value::Bytes(vec![]));
        assert_eq!(read("HEXTORAW('fF00')", &OracleType::Raw { length: 9 }), Value::Bytes(vec![255, 0]));
        assert_eq!(read("HEXTORAW('')", &OracleType::Raw { length: 9 }), Value::Null);
        assert_eq!(read("'AAAWsGAAHAAAAFmAAA'", &OracleType::RowId), text("AAAWsGAAHAAAAFmAAA"));
        assert_eq!(read("TRUE", &OracleType::Boolean), Value::Boolean(true));
    }

    #[test]
    fn pieces_of_every_kind_are_joined() {
        for (literal, value) in [
            (r"UNISTR('\0416')||'abc'", "Жabc"),
            (r"'abc'||UNISTR('\0416')", "abcЖ"),
            ("'a''' || '''b'", "a''b"),
            ("N'a'||'b' || UNISTR('c')||N'd'", "abcd"),
            ("'' || 'a'||''", "a"),
            ("'a||b'||'||'", "a||b||"),
        ] {
            for ty in [TEXT, OracleType::NClob, OracleType::NChar { length: 9 }] {
                assert_eq!(read(literal, &ty), text(value), "{literal}");
            }
        }
        assert_eq!(read("EMPTY_CLOB() || 'a'||EMPTY_CLOB()", &OracleType::Clob), text("a"));
        for ty in [OracleType::Blob, OracleType::Raw { length: 9 }, OracleType::LongRaw] {
            assert_eq!(read("HEXTORAW('01')||HEXTORAW('') || HEXTORAW('ff')", &ty), Value::Bytes(vec![1, 255]));
        }
        assert_eq!(read("EMPTY_BLOB()||HEXTORAW('01') || ''", &OracleType::Blob), Value::Bytes(vec![1]));
    }

    #[test]
    fn readable_without_a_type() {
        for (literal, value) in [
            ("'it''s'", "it's"),
            ("'plain'", "plain"),
            ("''", ""),
            ("''''", "'"),
            ("'7'", "7"),
            ("'-12.5'", "-12.5"),
            ("-.5", "-.5"),
            ("3.3999999E+037", "3.3999999E+037"),
            ("Nan", "Nan"),
            ("-Inf", "-Inf"),
            ("TRUE", "TRUE"),
            ("N'ž'", "ž"),
            ("'a' || 'b'", "ab"),
            ("'NULL'", "NULL"),
            ("'Unsupported Type'", "Unsupported Type"),
            (r"UNISTR('\0416 a\\b it''s') || UNISTR('\D83D\DE00')", r"Ж a\b it's😀"),
            (r"UNISTR('\D83D')||UNISTR('\DE00') || 'abc'", "😀abc"),
            (r"'a'||UNISTR('\0416')", "aЖ"),
            ("TO_DATE('15-MAY-21', 'DD-MON-RR')", "15-MAY-21"),
            ("TO_TIMESTAMP('2020-09-22 00:09:37.')", "2020-09-22 00:09:37."),
            ("TO_TIMESTAMP_TZ('2024-02-29 23:59:59.1 +05:30')", "2024-02-29 23:59:59.1 +05:30"),
            ("TO_TIMESTAMP_ITZ('22-SEP-20 12.09.37.000 AM')", "22-SEP-20 12.09.37.000 AM"),
            ("TO_YMINTERVAL('+02-03')", "+02-03"),
            ("TO_DSINTERVAL('+05 10:10:10.000000')", "+05 10:10:10.000000"),
            ("HEXTORAW('fF00')", "fF00"),
            ("HEXTORAW('01')||HEXTORAW('02') || HEXTORAW('')", "0102"),
            ("EMPTY_CLOB()", ""),
            ("EMPTY_BLOB()", ""),
            ("/* JSON */ EMPTY_BLOB()", ""),
            ("/* JSON */ HEXTORAW('ff4a5a010016000422c1040f')", "3.14"),
            ("/* JSON */ HEXTORAW('ff4a5a0100160001') || HEXTORAW('31')", "true"),
            ("/* JSON */ HEXTORAW('ff4a5a')", "ff4a5a"),
            ("HEXTORAW('ff4a5a010016000422c1040f')", "ff4a5a010016000422c1040f"),
            ("XMLType(:1)", "XMLType(:1)"),
            ("BFILENAME('DIR','f.txt')", "BFILENAME('DIR','f.txt')"),
            (r#""M"."P"('1',NULL,"M"."Q)"('(it''s ž'))"#, r#""M"."P"('1',NULL,"M"."Q)"('(it''s ž'))"#),
            ("MDSYS.SDO_GEOMETRY(2001, NULL)", "MDSYS.SDO_GEOMETRY(2001, NULL)"),
        ] {
            assert_eq!(readable(literal), Ok(Readable::Value(value.into())), "{literal}");
        }
        assert_eq!(readable("NULL"), Ok(Readable::Null));
        assert_eq!(readable("IS NULL"), Ok(Readable::Null));
        assert_eq!(readable("Unsupported Type"), Ok(Readable::Unsupported));
        for (literal, offset) in [
            ("", 0),
            ("'open", 0),
            ("'it's'", 4),
            ("'a' 'b'", 4),
            ("'a' ||", 6),
            ("7a", 0),
            ("--", 0),
            ("sysdate", 0),
            (r"UNISTR('a\12')", 9),
            (r"UNISTR('\D83Dx')", 13),
            (r"UNISTR('\DE00')", 8),
            (r"UNISTR('\D83D') || 'x'", 19),
            (r"UNISTR('\D83D')", 15),
            ("TO_DATE('x'", 11),
            ("TO_DATE(7)", 8),
            ("HEXTORAW('ff'", 13),
            ("EMPTY_CLOB(1)", 11),
            (r#""A"."B"('1'"#, 11),
            ("XMLType(:1) x", 12),
        ] {
            assert_eq!(readable(literal).map_err(|e| e.offset()), Err(offset), "{literal}");
        }
    }

    #[test]
    fn moments() {
        for (literal, ty, shown) in [
            ("TO_DATE('2024-02-29 23:59:59', 'YYYY-MM-DD HH24:MI:SS')", &OracleType::Date, "2024-02-29 23:59:59"),
            ("TO_DATE(' 2024-02-29 23:59:59', 'SYYYY-MM-DD HH24:MI:SS')", &OracleType::Date, "2024-02-29 23:59:59"),
            ("TO_DATE('-0044-03-15 00:00:00')", &OracleType::Date, "-0044-03-15 00:00:00"),
            ("TO_DATE('15-MAY-21', 'DD-MON-RR')", &OracleType::Date, "2021-05-15 00:00:00"),
            ("TO_DATE('15-MAY-21')", &OracleType::Date, "2021-05-15 00:00:00"),
            ("HEXTORAW('787c021d183c3c')", &OracleType::Date, "2024-02-29 23:59:59"),
            ("TO_TIMESTAMP('2024-02-29 23:59:59.123456789')", &TIMESTAMP, "2024-02-29 23:59:59.123456789"),
            ("TO_TIMESTAMP('2020-09-22 00:09:37.')", &TIMESTAMP, "2020-09-22 00:09:37"),
            ("TO_TIMESTAMP('2020-09-22 00:09:37')", &TIMESTAMP, "2020-09-22 00:09:37"),
            ("TO_TIMESTAMP('22-SEP-20 12.09.37.000 AM')", &TIMESTAMP, "2020-09-22 00:09:37"),
        ] {
            let Value::DateTime(at) = read(literal, ty) else { panic!("{literal}") };
            assert_eq!(at.to_string(), shown, "{literal}");
        }
        for (literal, ty, shown) in [
            ("TO_TIMESTAMP_TZ('2024-02-29 23:59:59.1 +05:30')", &TIMESTAMP_TZ, "2024-02-29 23:59:59.100000000 +05:30"),
            ("TO_TIMESTAMP_TZ('22-SEP-20 12.09.37.000 AM -08:00')", &TIMESTAMP_TZ, "2020-09-22 00:09:37 -08:00"),
            ("TO_TIMESTAMP_ITZ('2024-02-29 23:59:59.5')", &TIMESTAMP_LTZ, "2024-02-29 23:59:59.500000000 +00:00"),
        ] {
            let Value::DateTimeTz(at, offset) = read(literal, ty) else { panic!("{literal}") };
            assert_eq!(format!("{at} {offset}"), shown, "{literal}");
        }
        assert_eq!(read("TO_YMINTERVAL('+02-03')", &INTERVAL_YM), Value::IntervalYm(IntervalYm { months: 27 }));
        let ds = IntervalDs { days: 5, nanoseconds: 36_610_000_000_000 };
        assert_eq!(read("TO_DSINTERVAL('+05 10:10:10.000000')", &INTERVAL_DS), Value::IntervalDs(ds));
    }

    #[test]
    fn errors_tell_where() {
        let raw = OracleType::Raw { length: 9 };
        let json = OracleType::Json;
        for (literal, ty, offset) in [
            ("", &NUMBER, 0),
            ("'7' 8", &NUMBER, 4),
            ("'7a'", &NUMBER, 1),
            ("''", &NUMBER, 1),
            ("Unsupported Type", &NUMBER, 0),
            ("HEXTORAW('c1')", &NUMBER, 10),
            ("1e400", &OracleType::BinaryDouble, 0),
            ("'1e-400'", &OracleType::BinaryDouble, 1),
            ("infinity", &OracleType::BinaryDouble, 0),
            ("'open", &TEXT, 0),
            ("7", &TEXT, 0),
            ("'a' || NULL", &TEXT, 7),
            ("'a' 'b'", &TEXT, 4),
            (r"UNISTR('a\12')", &TEXT, 9),
            (r"UNISTR('\D83Dx')", &TEXT, 13),
            (r"UNISTR('\DE00')", &TEXT, 8),
            (r"UNISTR('\D83D') || 'x'", &TEXT, 19),
            ("EMPTY_CLOB()", &TEXT, 0),
            ("HEXTORAW('ff0')", &raw, 12),
            ("HEXTORAW('fg')", &raw, 10),
            ("'ff'", &raw, 0),
            ("TO_DATE('2024-13-01 00:00:00')", &OracleType::Date, 9),
            ("TO_DATE('2024-01-01x00:00:00')", &OracleType::Date, 19),
            ("TO_DATE('2024-01-01 00:00:00', 'YYYY')", &OracleType::Date, 13),
            ("TO_DATE('2024-01-01 00:00:00'", &OracleType::Date, 29),
            ("TO_TIMESTAMP_TZ('2024-02-29 23:59:59.1 Europe/Berlin')", &TIMESTAMP_TZ, 39),
            ("TO_TIMESTAMP_TZ('2024-02-29 23:59:59.1', 'YYYY-MM-DD HH24:MI:SS.FF')", &TIMESTAMP_TZ, 68),
            ("TO_YMINTERVAL('2')", &INTERVAL_YM, 15),
            ("/* JSON */ HEXTORAW('ff4a5a')", &json, 11),
            ("/* JSON */ EMPTY_BLOB()", &json, 11),
            ("'1'", &OracleType::Boolean, 1),
            ("BFILENAME('DIR' 'f.txt')", &OracleType::BFile, 16),
        ] {
            let error = parse(literal, ty).expect_err(literal);
            assert_eq!(error.offset(), offset, "{literal}: {error}");
        }
    }

    #[test]
    fn writes_the_forms_of_redo() {
        let clob = OracleType::Clob;
        let national = OracleType::NVarchar2 { length: 30 };
        for (value, ty, literal) in [
            (number("0.5"), &NUMBER, "'.5'"),
            (number("-0.25"), &NUMBER, "'-.25'"),
            (number("100"), &NUMBER, "'100'"),
            (Value::Float(3.4e37), &OracleType::BinaryFloat, "'3.4E+037'"),
            (Value::Double(-1e-5), &OracleType::BinaryDouble, "'-1E-005'"),
            (Value::Double(f64::NAN), &OracleType::BinaryDouble, "Nan"),
            (text("it's Ж"), &TEXT, "'it''s Ж'"),
            (text("it's Ж\\😀"), &national, r"UNISTR('it''s \0416\\\D83D\DE00')"),
            (text(""), &clob, "EMPTY_CLOB()"),
            (Value::Bytes(vec![10, 255]), &OracleType::Blob, "HEXTORAW('0aff')"),
            (Value::Null, &NUMBER, "NULL"),
            (
                read("TO_DATE('2024-02-29 01:02:03')", &OracleType::Date),
                &TIMESTAMP,
                "TO_TIMESTAMP(' 2024-02-29 01:02:03.000000000')",
            ),
            (Value::IntervalYm(IntervalYm { months: -27 }), &INTERVAL_YM, "TO_YMINTERVAL('-02-03')"),
            (
                Value::IntervalDs(IntervalDs { days: 5, nanoseconds: 36_610_000_000_000 }),
                &INTERVAL_DS,
                "TO_DSINTERVAL('+05 10:10:10.000000')",
            ),
        ] {
            assert_eq!(format(&value, ty), literal);
        }
    }

    fn typed_value() -> impl Strategy<Value = (OracleType, Value)> {
        let nchar = OracleType::NChar { length: 9 };
        let fit = |ty: OracleType| move |v: Value| (ty.clone(), v);
        prop_oneof![
            any::<i128>().prop_map(|n| (NUMBER, Value::Number(n.into()))),
            "-?[0-9]{1,20}\\.[0-9]{1,18}".prop_map(|s| (NUMBER, number(&s))),
            any::<f32>().prop_filter("NaN", |f| !f.is_nan()).prop_map(|f| (OracleType::BinaryFloat, Value::Float(f))),
            any::<f64>().prop_filter("NaN", |f| !f.is_nan()).prop_map(|f| (OracleType::BinaryDouble, Value::Double(f))),
            "(?s).{1,40}".prop_map(Value::Text).prop_map(fit(TEXT)),
            "(?s)[ab'\\\\Ж😀]{1,40}".prop_map(Value::Text).prop_map(fit(nchar)),
            "(?s).{0,40}".prop_map(Value::Text).prop_map(fit(OracleType::NClob)),
            prop::collection::vec(any::<u8>(), 0..40).prop_map(Value::Bytes).prop_map(fit(OracleType::Blob)),
            datetime::tests::date_time().prop_map(Value::DateTime).prop_map(fit(TIMESTAMP)),
            datetime::tests::date_time()
                .prop_map(|at| Value::DateTime(DateTime { nanosecond: 0, ..at }))
                .prop_map(fit(OracleType::Date)),
            (datetime::tests::date_time(), datetime::tests::offset())
                .prop_map(|(at, offset)| (TIMESTAMP_TZ, Value::DateTimeTz(at, offset))),
            datetime::tests::date_time().prop_map(|at| (TIMESTAMP_LTZ, Value::DateTimeTz(at, UtcOffset::UTC))),
            (-1_000_000..1_000_000_i32).prop_map(|months| (INTERVAL_YM, Value::IntervalYm(IntervalYm { months }))),
            interval::tests::interval_ds().prop_map(Value::IntervalDs).prop_map(fit(INTERVAL_DS)),
            any::<bool>().prop_map(Value::Boolean).prop_map(fit(OracleType::Boolean)),
        ]
    }

    proptest! {
        /// What is read straight is what the general reader reads, and the usual forms are read straight.
        #[test]
        fn the_usual_as_the_general_way((ty, value) in typed_value(), cut in any::<prop::sample::Index>(), put in "(?s)[ '0-9:.A-Z)]{0,2}") {
            let whole = format(&value, &ty);
            let at = cut.index(whole.len());
            let changed = whole.get(..at).zip(whole.get(at + 1..)).map(|(a, b)| format!("{a}{put}{b}"));
            for literal in [whole].into_iter().chain(changed) {
                if let Some(value) = usual(&literal, &ty) {
                    prop_assert_eq!(general(&literal, &ty), Ok(value), "{}", literal);
                }
            }
        }

        #[test]
        fn strings_of_apostrophes_as_the_general_way(literal in "'[a']{0,8}'?") {
            if let Some(value) = usual(&literal, &TEXT) {
                prop_assert_eq!(general(&literal, &TEXT), Ok(value), "{}", literal);
            }
        }

        #[test]
        fn moments_as_the_general_way(
            name in prop::sample::select(vec!["TO_DATE", "TO_TIMESTAMP"]),
            text in "[ -]?[0-9]{4}-[01][0-9]-[0-3][0-9] [0-2][0-9]:[0-5][0-9]:[0-6][0-9](\\.[0-9]{0,10})?",
            model in prop::sample::select(vec!["", ", 'YYYY-MM-DD HH24:MI:SS'", ", 'SYYYY-MM-DD HH24:MI:SS'", ", 'YYYY-MM-DD HH24:MI'"]),
        ) {
            let literal = format!("{name}('{text}'{model})");
            for ty in [OracleType::Date, TIMESTAMP] {
                if let Some(value) = usual(&literal, &ty) {
                    prop_assert_eq!(general(&literal, &ty), Ok(value), "{}", literal);
                }
            }
        }

        #[test]
        fn what_is_written_is_read_again((ty, value) in typed_value()) {
            let literal = format(&value, &ty);
            if let Some(text) = usual_readable(&literal) {
                prop_assert_eq!(general_readable(&literal), Ok(Readable::Value(text)));
            }
            match (&value, readable(&literal)) {
                (Value::Text(text), Ok(Readable::Value(readable))) => prop_assert_eq!(text, &readable),
                (_, readable) => prop_assert!(readable.is_ok(), "{}: {:?}", literal, readable),
            }
            prop_assert_eq!(parse(&literal, &ty).map_err(|e| format!("{literal}: {e}")), Ok(value));
        }

        #[test]
        fn any_text_is_read_or_refused(literal in "(?s).{0,30}", (ty, value) in typed_value(), cut in any::<prop::sample::Index>()) {
            let _ = (parse(&literal, &ty), readable(&literal));
            if let Some(text) = usual_readable(&literal) {
                prop_assert_eq!(general_readable(&literal), Ok(Readable::Value(text)));
            }
            let whole = format(&value, &ty);
            if let Some(piece) = whole.get(..cut.index(whole.len())) {
                // Nothing of a literal but the whole is one, except that numbers and strings of digits may be shorter.
                if let Ok(value) = parse(piece, &ty) {
                    prop_assert!(!piece.contains(')') || piece.ends_with(')'), "{}: {:?}", piece, value);
                }
            }
        }
    }
}
