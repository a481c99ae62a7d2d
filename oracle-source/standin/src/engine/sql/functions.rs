//! Built-in functions of one row.

use super::calendar;
use super::convert::{self, Conversion, Kind, hex, inconsistent, integer, number_value, text_value, unhex};
use super::decimal::Decimal;
use super::expr::{Expr, Typed, convert_kind};
use super::row_id::RowIdParts;
use super::{format, ora};
use crate::OraError;
use std::borrow::Cow;
use std::cmp::Ordering;
use type_convert::{DateTime, LengthUnit, OracleType, UtcOffset, Value};

/// A function: how many arguments it takes, what type it has, what it computes.
pub(super) struct Builtin {
    pub(super) name: &'static str,
    pub(super) min: usize,
    pub(super) max: usize,
    pub(super) ty: fn(&[Typed]) -> OracleType,
    pub(super) eval: fn(&Args<'_>) -> Result<Value, OraError>,
}

impl std::fmt::Debug for Builtin {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.name)
    }
}

impl PartialEq for Builtin {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name
    }
}

/// Evaluated arguments.
pub(super) struct Args<'a> {
    pub(super) values: Vec<Cow<'a, Value>>,
    pub(super) types: &'a [Typed],
    pub(super) conversion: &'a Conversion,
}

/// Looks a function up by its name as written, without a leading `SYS.`.
pub(super) fn find(name: &str) -> Option<&'static Builtin> {
    BUILTINS.iter().find(|b| b.name == name)
}

type Eval = Result<Value, OraError>;

impl Args<'_> {
    fn len(&self) -> usize {
        self.values.len()
    }

    fn kind(&self, i: usize) -> Kind {
        self.types.get(i).map_or(Kind::Unknown, |t| t.kind).or_of(&self.values[i])
    }

    fn text(&self, i: usize) -> Result<Option<Cow<'_, str>>, OraError> {
        match self.values.get(i) {
            Some(value) => self.conversion.to_text(value, self.kind(i)),
            None => Ok(None),
        }
    }

    fn number(&self, i: usize) -> Result<Option<Decimal>, OraError> {
        match self.values.get(i) {
            Some(value) => self.conversion.to_decimal(value, self.kind(i)),
            None => Ok(None),
        }
    }

    /// The fraction is cut off.
    fn int(&self, i: usize) -> Result<Option<i64>, OraError> {
        match self.number(i)? {
            Some(d) => match d.trunc(0).to_i64() {
                Some(n) => Ok(Some(n)),
                None => Err(ora(1426, "numeric overflow")),
            },
            None => Ok(None),
        }
    }

    fn int_or(&self, i: usize, default: i64) -> Result<Option<i64>, OraError> {
        if i < self.len() { self.int(i) } else { Ok(Some(default)) }
    }

    fn date(&self, i: usize) -> Result<Option<DateTime>, OraError> {
        Ok(self.conversion.to_datetime(&self.values[i], self.kind(i), Kind::Date)?.map(|(d, _)| d))
    }
}

macro_rules! some {
    ($e:expr) => {
        match $e? {
            Some(value) => value,
            None => return Ok(Value::Null),
        }
    };
}

// --- result types ----------------------------------------------------------------------------------------------

pub(super) const NUMBER: OracleType = OracleType::Number { precision: None, scale: None };

pub(super) fn varchar(length: u32) -> OracleType {
    OracleType::Varchar2 { length: length.clamp(1, 4000), unit: LengthUnit::Byte }
}

/// The longest text, in bytes, that a value of this type can be.
pub(super) fn byte_length(ty: Option<&OracleType>) -> u32 {
    match ty {
        Some(OracleType::Varchar2 { length, unit } | OracleType::Char { length, unit }) => match unit {
            LengthUnit::Byte => *length,
            LengthUnit::Char => length.saturating_mul(4),
        },
        Some(OracleType::NVarchar2 { length } | OracleType::NChar { length }) => length.saturating_mul(4),
        Some(OracleType::Raw { length }) => length.saturating_mul(2),
        Some(OracleType::Number { .. } | OracleType::Float { .. }) => 41,
        Some(OracleType::BinaryFloat | OracleType::BinaryDouble) => 40,
        Some(OracleType::RowId) => 18,
        Some(OracleType::Date | OracleType::Timestamp { .. } | OracleType::TimestampTz { .. }) => 100,
        _ => 4000,
    }
}

fn number_type(_: &[Typed]) -> OracleType {
    NUMBER
}
fn date_type(_: &[Typed]) -> OracleType {
    OracleType::Date
}
fn long_text(_: &[Typed]) -> OracleType {
    varchar(4000)
}
fn row_id_type(_: &[Typed]) -> OracleType {
    OracleType::RowId
}
fn clob_type(_: &[Typed]) -> OracleType {
    OracleType::Clob
}
fn blob_type(_: &[Typed]) -> OracleType {
    OracleType::Blob
}
fn double_type(_: &[Typed]) -> OracleType {
    OracleType::BinaryDouble
}
fn float_type(_: &[Typed]) -> OracleType {
    OracleType::BinaryFloat
}
fn timestamp_type(_: &[Typed]) -> OracleType {
    OracleType::Timestamp { precision: 9 }
}
fn timestamp_tz_type(_: &[Typed]) -> OracleType {
    OracleType::TimestampTz { precision: 9 }
}
fn day_second_type(_: &[Typed]) -> OracleType {
    OracleType::IntervalDs { day_precision: 9, second_precision: 9 }
}
fn year_month_type(_: &[Typed]) -> OracleType {
    OracleType::IntervalYm { year_precision: 9 }
}

/// That of the first argument where it is character data.
fn same_text(args: &[Typed]) -> OracleType {
    match args.first().and_then(|a| a.ty.clone()) {
        Some(ty) if Kind::of_type(&ty).is_text() => ty,
        ty => varchar(byte_length(ty.as_ref())),
    }
}

/// Like [`same_text`], but never blank padded.
fn varying(args: &[Typed]) -> OracleType {
    match same_text(args) {
        OracleType::Char { length, unit } => OracleType::Varchar2 { length, unit },
        OracleType::NChar { length } => OracleType::NVarchar2 { length },
        other => other,
    }
}

fn literal_int(arg: Option<&Typed>) -> Option<u32> {
    match arg.map(|a| &a.expr) {
        Some(Expr::Const(Value::Number(n))) => {
            Decimal::of(n).ok().and_then(|d| d.trunc(0).to_i64()).and_then(|n| u32::try_from(n).ok())
        }
        _ => None,
    }
}

fn substr_type(args: &[Typed]) -> OracleType {
    let whole = varying(args);
    match (literal_int(args.get(2)), byte_length(Some(&whole))) {
        _ if whole == OracleType::Clob => OracleType::Clob,
        (Some(n), most) => varchar(n.saturating_mul(4).min(most)),
        _ => whole,
    }
}

fn pad_type(args: &[Typed]) -> OracleType {
    literal_int(args.get(1)).map_or_else(|| varchar(4000), |n| varchar(n.saturating_mul(4)))
}

fn to_char_type(args: &[Typed]) -> OracleType {
    match (args.first(), args.get(1).map(|a| &a.expr)) {
        (_, Some(Expr::Const(Value::Text(model)))) => {
            varchar(u32::try_from(model.len()).unwrap_or(4000).saturating_mul(5).saturating_add(64))
        }
        (Some(arg), None) => varchar(byte_length(arg.ty.as_ref())),
        _ => varchar(4000),
    }
}

/// That of the first argument: GREATEST, LEAST.
fn first_type(args: &[Typed]) -> OracleType {
    match args.first().and_then(|a| a.ty.clone()) {
        Some(ty) if Kind::of_type(&ty).is_text() => {
            varchar(args.iter().map(|a| byte_length(a.ty.as_ref())).max().unwrap_or(4000))
        }
        Some(ty) if Kind::of_type(&ty) == Kind::Number => NUMBER,
        Some(ty) => ty,
        None => varchar(4000),
    }
}

/// A number for numbers, a date for dates.
fn round_type(args: &[Typed]) -> OracleType {
    match args.first().map(|a| a.kind) {
        Some(kind) if kind.is_datetime() => OracleType::Date,
        Some(Kind::Double | Kind::Float) => OracleType::BinaryDouble,
        _ => NUMBER,
    }
}

fn raw_type(args: &[Typed]) -> OracleType {
    OracleType::Raw { length: byte_length(args.first().and_then(|a| a.ty.as_ref())).div_ceil(2).clamp(1, 2000) }
}

fn raw_bytes_type(args: &[Typed]) -> OracleType {
    OracleType::Raw { length: byte_length(args.first().and_then(|a| a.ty.as_ref())).clamp(1, 2000) }
}

fn hex_type(args: &[Typed]) -> OracleType {
    varchar(byte_length(args.first().and_then(|a| a.ty.as_ref())))
}

fn concat_type(args: &[Typed]) -> OracleType {
    varchar(args.iter().fold(0, |n: u32, a| n.saturating_add(byte_length(a.ty.as_ref()))))
}

// --- text ------------------------------------------------------------------------------------------------------

fn upper(a: &Args<'_>) -> Eval {
    Ok(text_value(some!(a.text(0)).to_uppercase()))
}

fn lower(a: &Args<'_>) -> Eval {
    Ok(text_value(some!(a.text(0)).to_lowercase()))
}

fn init_cap(a: &Args<'_>) -> Eval {
    let text = some!(a.text(0));
    let mut out = String::with_capacity(text.len());
    let mut within = false;
    for c in text.chars() {
        if within {
            out.extend(c.to_lowercase())
        } else {
            out.extend(c.to_uppercase())
        }
        within = c.is_alphanumeric();
    }
    Ok(text_value(out))
}

fn substr(a: &Args<'_>) -> Eval {
    let text = some!(a.text(0));
    let from = some!(a.int(1));
    let length = if a.len() > 2 { some!(a.int(2)) } else { i64::MAX };
    Ok(text_value(substring(&text, from, length)))
}

fn substring(text: &str, from: i64, length: i64) -> String {
    if length < 1 {
        return String::new();
    }
    let count = i64::try_from(text.chars().count()).unwrap_or(i64::MAX);
    let start = match from {
        0 => 0,
        n if n > 0 => n - 1,
        n => count + n,
    };
    if start < 0 || start >= count {
        return String::new();
    }
    let take = usize::try_from(length.min(count)).unwrap_or(0);
    text.chars().skip(usize::try_from(start).unwrap_or(0)).take(take).collect()
}

fn instr(a: &Args<'_>) -> Eval {
    let text: Vec<char> = some!(a.text(0)).chars().collect();
    let part: Vec<char> = some!(a.text(1)).chars().collect();
    let from = some!(a.int_or(2, 1));
    let mut occurrence = some!(a.int_or(3, 1));
    if occurrence < 1 {
        return Err(ora(1428, &format!("argument '{occurrence}' is out of range")));
    }
    if from == 0 || part.is_empty() || part.len() > text.len() {
        return Ok(integer(0));
    }
    let last = text.len() - part.len();
    let at = |i: usize| text[i..i + part.len()] == part[..];
    let positions: Box<dyn Iterator<Item = usize>> = if from > 0 {
        let start = usize::try_from(from - 1).unwrap_or(usize::MAX);
        Box::new((start..=last).filter(|i| at(*i)))
    } else {
        let back = usize::try_from(-from).unwrap_or(usize::MAX);
        let Some(start) = text.len().checked_sub(back) else { return Ok(integer(0)) };
        Box::new((0..=start.min(last)).rev().filter(|i| at(*i)))
    };
    for position in positions {
        occurrence -= 1;
        if occurrence == 0 {
            return Ok(integer(i64::try_from(position + 1).unwrap_or(0)));
        }
    }
    Ok(integer(0))
}

fn count(n: usize) -> Value {
    integer(i64::try_from(n).unwrap_or(i64::MAX))
}

fn length(a: &Args<'_>) -> Eval {
    if let Value::Bytes(bytes) = a.values[0].as_ref()
        && a.kind(0) == Kind::Blob
    {
        return Ok(count(bytes.len()));
    }
    let text = some!(a.text(0));
    Ok(count(text.chars().count()))
}

fn length_bytes(a: &Args<'_>) -> Eval {
    match a.values[0].as_ref() {
        Value::Bytes(bytes) => Ok(count(bytes.len())),
        _ => Ok(count(some!(a.text(0)).len())),
    }
}

fn trim_set(a: &Args<'_>) -> Result<Option<String>, OraError> {
    if a.len() > 1 { Ok(a.text(1)?.map(Cow::into_owned)) } else { Ok(Some(" ".to_owned())) }
}

fn ltrim(a: &Args<'_>) -> Eval {
    let text = some!(a.text(0));
    let set = some!(trim_set(a));
    Ok(text_value(text.trim_start_matches(|c| set.contains(c)).to_owned()))
}

fn rtrim(a: &Args<'_>) -> Eval {
    let text = some!(a.text(0));
    let set = some!(trim_set(a));
    Ok(text_value(text.trim_end_matches(|c| set.contains(c)).to_owned()))
}

fn pad(a: &Args<'_>, left: bool) -> Eval {
    let text = some!(a.text(0));
    let Ok(wanted) = usize::try_from(some!(a.int(1))) else { return Ok(Value::Null) };
    let with = if a.len() > 2 { some!(a.text(2)).into_owned() } else { " ".to_owned() };
    let wanted = wanted.min(32_767);
    let have = text.chars().count();
    if have >= wanted {
        return Ok(text_value(text.chars().take(wanted).collect()));
    }
    let filling: String = with.chars().cycle().take(wanted - have).collect();
    Ok(text_value(if left { filling + &text } else { text.into_owned() + &filling }))
}

fn lpad(a: &Args<'_>) -> Eval {
    pad(a, true)
}

fn rpad(a: &Args<'_>) -> Eval {
    pad(a, false)
}

fn replace(a: &Args<'_>) -> Eval {
    let text = some!(a.text(0));
    let Some(what) = a.text(1)? else { return Ok(text_value(text.into_owned())) };
    let with = if a.len() > 2 { a.text(2)? } else { None };
    Ok(text_value(text.replace(what.as_ref(), with.as_deref().unwrap_or(""))))
}

fn translate(a: &Args<'_>) -> Eval {
    let text = some!(a.text(0));
    let from: Vec<char> = some!(a.text(1)).chars().collect();
    let to: Vec<char> = some!(a.text(2)).chars().collect();
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match from.iter().position(|f| *f == c) {
            Some(i) => out.extend(to.get(i)),
            None => out.push(c),
        }
    }
    Ok(text_value(out))
}

fn concat(a: &Args<'_>) -> Eval {
    let mut out = String::new();
    for i in 0..a.len() {
        out.push_str(a.text(i)?.as_deref().unwrap_or(""));
    }
    Ok(text_value(out))
}

fn ascii(a: &Args<'_>) -> Eval {
    let text = some!(a.text(0));
    let mut buffer = [0; 4];
    let code =
        text.chars().next().map_or(0, |c| c.encode_utf8(&mut buffer).bytes().fold(0i64, |n, b| n * 256 + i64::from(b)));
    Ok(integer(code))
}

/// The offset of the first byte that is no character; 0 where there is none. Texts here are always well-formed: U+FFFD stands for what is not.
fn validate_encoding(a: &Args<'_>) -> Eval {
    let text = some!(a.text(0));
    let at = text.find('\u{fffd}').map_or(0, |at| at + 1);
    Ok(count(at))
}

/// `UTL_I18N.STRING_TO_RAW(text, 'AL16UTF16')`.
fn string_to_utf16(a: &Args<'_>) -> Eval {
    let (text, set) = (some!(a.text(0)), some!(a.text(1)));
    only_utf16(&set)?;
    Ok(Value::Bytes(text.encode_utf16().flat_map(u16::to_be_bytes).collect()))
}

/// `UTL_I18N.RAW_TO_CHAR(raw, 'AL16UTF16')`; U+FFFD becomes a question mark, as it does in a set without it.
fn utf16_to_string(a: &Args<'_>) -> Eval {
    let Some(Value::Bytes(bytes)) = a.values.first().map(AsRef::as_ref) else { return Ok(Value::Null) };
    only_utf16(&some!(a.text(1)))?;
    let units: Vec<u16> = bytes.chunks_exact(2).map(|pair| u16::from_be_bytes([pair[0], pair[1]])).collect();
    Ok(Value::Text(String::from_utf16_lossy(&units).replace('\u{fffd}', "?")))
}

fn only_utf16(set: &str) -> Result<(), OraError> {
    match set {
        "AL16UTF16" => Ok(()),
        _ => Err(ora(3001, "unimplemented feature: the stand-in's UTL_I18N knows AL16UTF16 only")),
    }
}

fn chr(a: &Args<'_>) -> Eval {
    let code = some!(a.int(0));
    let out_of_range = || ora(1428, &format!("argument '{code}' is out of range"));
    let code32 = u32::try_from(code).map_err(|_| out_of_range())?;
    let bytes: Vec<u8> = code32.to_be_bytes().into_iter().skip_while(|b| *b == 0).collect();
    let bytes = if bytes.is_empty() { vec![0] } else { bytes };
    String::from_utf8(bytes).map(Value::Text).map_err(|_| out_of_range())
}

fn unistr(a: &Args<'_>) -> Eval {
    let text = some!(a.text(0));
    let bad = || ora(30186, "'\\' must be followed by four hexdecimal characters or another '\\'");
    let mut units = Vec::new();
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        if c != '\\' {
            let mut buffer = [0; 2];
            units.extend_from_slice(c.encode_utf16(&mut buffer));
            continue;
        }
        let rest = chars.as_str();
        if let Some(after) = rest.strip_prefix('\\') {
            units.push(u16::from(b'\\'));
            chars = after.chars();
            continue;
        }
        let digits = rest.get(..4).filter(|d| d.bytes().all(|b| b.is_ascii_hexdigit())).ok_or_else(bad)?;
        units.push(u16::from_str_radix(digits, 16).map_err(|_| bad())?);
        chars = rest[4..].chars();
    }
    String::from_utf16(&units).map(text_value).map_err(|_| bad())
}

fn hex_to_raw(a: &Args<'_>) -> Eval {
    let bytes = unhex(&some!(a.text(0)))?;
    Ok(if bytes.is_empty() { Value::Null } else { Value::Bytes(bytes) })
}

fn raw_to_hex(a: &Args<'_>) -> Eval {
    match a.values[0].as_ref() {
        Value::Null => Ok(Value::Null),
        Value::Bytes(bytes) => Ok(text_value(hex(bytes))),
        Value::Number(n) => Ok(text_value(hex(n.as_bytes()))),
        Value::Text(text) => Ok(text_value(hex(text.as_bytes()))),
        _ => Err(inconsistent("BINARY", a.kind(0).name())),
    }
}

fn cast_to_raw(a: &Args<'_>) -> Eval {
    Ok(Value::Bytes(some!(a.text(0)).as_bytes().to_vec()))
}

fn cast_to_varchar2(a: &Args<'_>) -> Eval {
    let bytes = some!(a.conversion.to_bytes(&a.values[0], a.kind(0))).into_owned();
    String::from_utf8(bytes).map(text_value).map_err(|_| ora(29275, "partial multibyte character"))
}

fn lob_length(a: &Args<'_>) -> Eval {
    match a.values[0].as_ref() {
        Value::Bytes(bytes) => Ok(count(bytes.len())),
        // As through a locator: in UTF-16 code units.
        Value::Text(text) if text.is_ascii() => Ok(count(text.len())),
        Value::Text(text) => Ok(count(text.encode_utf16().count())),
        _ => Ok(Value::Null),
    }
}

fn lob_substr(a: &Args<'_>) -> Eval {
    let amount = some!(a.int_or(1, 32_767));
    let from = some!(a.int_or(2, 1));
    if amount < 1 || from < 1 {
        return Ok(Value::Null);
    }
    match a.values[0].as_ref() {
        Value::Bytes(bytes) => {
            let start = usize::try_from(from - 1).unwrap_or(usize::MAX).min(bytes.len());
            let end = start.saturating_add(usize::try_from(amount).unwrap_or(usize::MAX)).min(bytes.len());
            Ok(if start == end { Value::Null } else { Value::Bytes(bytes[start..end].to_vec()) })
        }
        Value::Null => Ok(Value::Null),
        _ => Ok(text_value(substring(&some!(a.text(0)), from, amount))),
    }
}

fn lob_substr_type(args: &[Typed]) -> OracleType {
    match args.first().map(|a| a.kind) {
        Some(Kind::Blob | Kind::Raw) => OracleType::Raw { length: 2000 },
        _ => varchar(4000),
    }
}

fn serialized(a: &Args<'_>, wanted: &str) -> Eval {
    match (a.types.first().and_then(|t| t.ty.as_ref()), a.values[0].as_ref()) {
        (_, Value::Null) => Ok(Value::Null),
        (Some(ty), Value::Text(text)) if convert::document(ty) == Some(wanted) => Ok(Value::Text(text.clone())),
        _ => Err(inconsistent(wanted, a.kind(0).name())),
    }
}

fn xml_serialize(a: &Args<'_>) -> Eval {
    serialized(a, "XMLTYPE")
}

fn json_serialize(a: &Args<'_>) -> Eval {
    serialized(a, "JSON")
}

fn vector_serialize(a: &Args<'_>) -> Eval {
    serialized(a, "VECTOR")
}

/// XMLTYPE, JSON and TO_VECTOR: the text as it is.
fn to_document(a: &Args<'_>) -> Eval {
    Ok(text_value(some!(a.text(0)).into_owned()))
}

fn xml_type(_: &[Typed]) -> OracleType {
    OracleType::Xml
}

fn json_type(_: &[Typed]) -> OracleType {
    OracleType::Json
}

fn vector_type(_: &[Typed]) -> OracleType {
    OracleType::Vector { dimensions: None, format: None }
}

fn bfile_text(_: &[Typed]) -> OracleType {
    varchar(4000)
}

fn bfile_locator(a: &Args<'_>) -> Eval {
    Ok(match a.values[0].as_ref() {
        Value::Bfile { directory, file } => Value::Text(format!("{}:{directory}{file}", directory.chars().count())),
        Value::Null => Value::Null,
        _ => return Err(inconsistent("FILE", a.kind(0).name())),
    })
}

fn bfile_type(_: &[Typed]) -> OracleType {
    OracleType::BFile
}

fn bfile_name(a: &Args<'_>) -> Eval {
    Ok(Value::Bfile { directory: some!(a.text(0)).into_owned(), file: some!(a.text(1)).into_owned() })
}

fn empty_clob(_: &Args<'_>) -> Eval {
    Ok(Value::Text(String::new()))
}

fn empty_blob(_: &Args<'_>) -> Eval {
    Ok(Value::Bytes(Vec::new()))
}

fn to_clob(a: &Args<'_>) -> Eval {
    Ok(Value::Text(some!(a.text(0)).into_owned()))
}

fn to_blob(a: &Args<'_>) -> Eval {
    Ok(Value::Bytes(some!(a.conversion.to_bytes(&a.values[0], a.kind(0))).into_owned()))
}

// --- numbers ---------------------------------------------------------------------------------------------------

fn abs(a: &Args<'_>) -> Eval {
    match a.values[0].as_ref() {
        Value::Double(d) => Ok(Value::Double(d.abs())),
        Value::Float(f) => Ok(Value::Float(f.abs())),
        _ => number_value(&some!(a.number(0)).abs()),
    }
}

fn sign(a: &Args<'_>) -> Eval {
    let d = some!(a.number(0));
    Ok(integer(if d.is_zero() {
        0
    } else if d.is_negative() {
        -1
    } else {
        1
    }))
}

fn modulo(a: &Args<'_>) -> Eval {
    number_value(&some!(a.number(0)).modulo(&some!(a.number(1))))
}

fn power(a: &Args<'_>) -> Eval {
    let (base, exponent) = (some!(a.number(0)), some!(a.number(1)));
    match exponent.to_i64() {
        Some(n) => number_value(&base.power(n)?),
        None if base.is_negative() => Err(ora(1428, &format!("argument '{}' is out of range", base.to_text()))),
        None if exponent == Decimal::parse("0.5").unwrap_or_default() => number_value(&base.sqrt().unwrap_or_default()),
        None => Err(ora(3001, "unimplemented feature: POWER with a fractional exponent")),
    }
}

fn sqrt(a: &Args<'_>) -> Eval {
    let value = some!(a.number(0));
    match value.sqrt() {
        Some(root) => number_value(&root),
        None => Err(ora(1428, &format!("argument '{}' is out of range", value.to_text()))),
    }
}

fn floor(a: &Args<'_>) -> Eval {
    number_value(&some!(a.number(0)).floor())
}

fn ceil(a: &Args<'_>) -> Eval {
    number_value(&some!(a.number(0)).ceil())
}

fn bit_and(a: &Args<'_>) -> Eval {
    Ok(integer(some!(a.int(0)) & some!(a.int(1))))
}

fn places(a: &Args<'_>) -> Result<Option<i32>, OraError> {
    Ok(a.int_or(1, 0)?.map(|n| i32::try_from(n.clamp(-200, 200)).unwrap_or(0)))
}

fn round(a: &Args<'_>) -> Eval {
    if a.kind(0).is_datetime() {
        return round_date(a, true);
    }
    if let Value::Double(d) = a.values[0].as_ref()
        && a.len() == 1
    {
        return Ok(Value::Double(d.round_ties_even()));
    }
    let value = some!(a.number(0));
    number_value(&value.round(some!(places(a))))
}

fn trunc(a: &Args<'_>) -> Eval {
    if a.kind(0).is_datetime() {
        return round_date(a, false);
    }
    if let Value::Double(d) = a.values[0].as_ref()
        && a.len() == 1
    {
        return Ok(Value::Double(d.trunc()));
    }
    let value = some!(a.number(0));
    number_value(&value.trunc(some!(places(a))))
}

fn round_date(a: &Args<'_>, up: bool) -> Eval {
    let d = some!(a.date(0));
    let model = if a.len() > 1 { some!(a.text(1)).to_ascii_uppercase() } else { "DDD".to_owned() };
    let midnight = |year, month, day| DateTime { year, month, day, hour: 0, minute: 0, second: 0, nanosecond: 0 };
    let today = midnight(d.year, d.month, d.day);
    let half_day = d.hour >= 12;
    let plus = |from: &DateTime, days: i64| {
        calendar::from_nanos(calendar::to_nanos(from) + i128::from(days) * calendar::NANOS_PER_DAY)
    };
    // The week that begins on the weekday of `first`.
    let week = |first: i64| -> Result<DateTime, OraError> {
        let day = calendar::julian_day(d.year, d.month, d.day);
        let into = (day - first).rem_euclid(7);
        let next = up && (into > 3 || into == 3 && half_day);
        plus(&today, if next { 7 - into } else { -into })
    };
    let result = match model.as_str() {
        "DDD" | "DD" | "J" => {
            if up && half_day {
                plus(&today, 1)?
            } else {
                today
            }
        }
        "SYYYY" | "YYYY" | "YEAR" | "SYEAR" | "YYY" | "YY" | "Y" => {
            let first = midnight(d.year, 1, 1);
            if up && d.month > 6 { calendar::add_months(&first, 12)? } else { first }
        }
        "MONTH" | "MON" | "MM" | "RM" => {
            let first = midnight(d.year, d.month, 1);
            if up && d.day > 15 { calendar::add_months(&first, 1)? } else { first }
        }
        "Q" => {
            let first = midnight(d.year, (d.month - 1) / 3 * 3 + 1, 1);
            let middle = first.month + 1;
            if up && (d.month > middle || d.month == middle && d.day > 15) {
                calendar::add_months(&first, 3)?
            } else {
                first
            }
        }
        "CC" | "SCC" => {
            let first = midnight((d.year - 1) / 100 * 100 + 1, 1, 1);
            if up && (d.year - first.year) >= 50 { calendar::add_months(&first, 1200)? } else { first }
        }
        "IW" => week(0)?,
        "WW" => week(calendar::julian_day(d.year, 1, 1))?,
        "W" => week(calendar::julian_day(d.year, d.month, 1))?,
        "DAY" | "DY" | "D" => week(6)?,
        "HH" | "HH12" | "HH24" => {
            let whole = DateTime { hour: d.hour, ..today };
            let next = if up && d.minute >= 30 { 3_600_000_000_000 } else { 0 };
            calendar::from_nanos(calendar::to_nanos(&whole) + next)?
        }
        "MI" => {
            let whole = DateTime { hour: d.hour, minute: d.minute, ..today };
            let next = if up && d.second >= 30 { 60_000_000_000 } else { 0 };
            calendar::from_nanos(calendar::to_nanos(&whole) + next)?
        }
        _ => return Err(ora(1898, "too many precision specifiers")),
    };
    Ok(Value::DateTime(result))
}

fn greatest_or_least(a: &Args<'_>, wanted: Ordering) -> Eval {
    let kind = a.types.first().map_or(Kind::Unknown, |t| t.kind).or_of(&a.values[0]);
    let mut best: Option<Cow<'_, Value>> = None;
    for (i, value) in a.values.iter().enumerate() {
        if value.is_null() {
            return Ok(Value::Null);
        }
        let value = convert_kind(a.conversion, Cow::Borrowed(value.as_ref()), a.kind(i), kind)?;
        best = Some(match best {
            Some(b) if a.conversion.compare(&value, kind, &b, kind)? != Some(wanted) => b,
            _ => value,
        });
    }
    Ok(best.map_or(Value::Null, Cow::into_owned))
}

fn greatest(a: &Args<'_>) -> Eval {
    greatest_or_least(a, Ordering::Greater)
}

fn least(a: &Args<'_>) -> Eval {
    greatest_or_least(a, Ordering::Less)
}

fn to_double(a: &Args<'_>) -> Eval {
    Ok(a.conversion.to_double(&a.values[0], a.kind(0))?.map_or(Value::Null, Value::Double))
}

fn to_float(a: &Args<'_>) -> Eval {
    a.conversion.assign(a.values[0].as_ref().clone(), a.kind(0), &OracleType::BinaryFloat, "")
}

// --- dates -----------------------------------------------------------------------------------------------------

fn add_months(a: &Args<'_>) -> Eval {
    let d = calendar::to_date(&some!(a.date(0)));
    Ok(Value::DateTime(calendar::add_months(&d, some!(a.int(1)))?))
}

fn last_day(a: &Args<'_>) -> Eval {
    let d = calendar::to_date(&some!(a.date(0)));
    Ok(Value::DateTime(DateTime { day: calendar::days_in_month(d.year, d.month), ..d }))
}

fn next_day(a: &Args<'_>) -> Eval {
    let d = calendar::to_date(&some!(a.date(0)));
    let name = some!(a.text(1)).trim().to_ascii_uppercase();
    const DAYS: [&str; 7] = ["SUNDAY", "MONDAY", "TUESDAY", "WEDNESDAY", "THURSDAY", "FRIDAY", "SATURDAY"];
    let wanted = if name.len() < 3 { None } else { DAYS.iter().position(|n| name.starts_with(&n[..3])) };
    let Some(wanted) = wanted.and_then(|w| i64::try_from(w).ok()) else {
        return Err(ora(1846, "not a valid day of the week"));
    };
    let today = i64::from(calendar::weekday(&d)) - 1;
    let days = (wanted - today - 1).rem_euclid(7) + 1;
    let moved = calendar::to_nanos(&d) + i128::from(days) * calendar::NANOS_PER_DAY;
    Ok(Value::DateTime(calendar::from_nanos(moved)?))
}

fn months_between(a: &Args<'_>) -> Eval {
    let (x, y) = (some!(a.date(0)), some!(a.date(1)));
    let astronomical = |d: &DateTime| i64::from(if d.year < 0 { d.year + 1 } else { d.year });
    let months = (astronomical(&x) - astronomical(&y)) * 12 + i64::from(x.month) - i64::from(y.month);
    let last = |d: &DateTime| d.day == calendar::days_in_month(d.year, d.month);
    if x.day == y.day || last(&x) && last(&y) {
        return Ok(integer(months));
    }
    let seconds = |d: &DateTime| {
        i64::from(d.day) * 86_400 + i64::from(d.hour) * 3600 + i64::from(d.minute) * 60 + i64::from(d.second)
    };
    let part = Decimal::from(seconds(&x) - seconds(&y)).divide(&Decimal::from(31 * 86_400))?;
    number_value(&Decimal::from(months).add(&part))
}

fn to_char(a: &Args<'_>) -> Eval {
    let value = a.values[0].as_ref();
    if value.is_null() {
        return Ok(Value::Null);
    }
    if a.len() == 1 {
        return Ok(a.text(0)?.map_or(Value::Null, |t| text_value(t.into_owned())));
    }
    let model = some!(a.text(1));
    Ok(text_value(match value {
        Value::DateTime(d) => format::datetime_to_text(d, None, &model)?,
        Value::DateTimeTz(d, offset) => format::datetime_to_text(d, Some(*offset), &model)?,
        _ => {
            let number = some!(a.number(0));
            format::number_to_text(&number, &model, a.conversion.nls.radix, a.conversion.nls.group)?
        }
    }))
}

fn to_number(a: &Args<'_>) -> Eval {
    if a.len() == 1 {
        return number_value(&some!(a.number(0)));
    }
    let (text, model) = (some!(a.text(0)), some!(a.text(1)));
    number_value(&format::text_to_number(&text, &model, a.conversion.nls.radix, a.conversion.nls.group)?)
}

fn parse_with(a: &Args<'_>, default: &str) -> Result<Option<format::ParsedDateTime>, OraError> {
    let Some(text) = a.text(0)? else { return Ok(None) };
    let model = if a.len() > 1 {
        match a.text(1)? {
            Some(model) => model,
            None => return Ok(None),
        }
    } else {
        Cow::Borrowed(default)
    };
    format::parse_datetime(&text, &model, &a.conversion.today).map(Some)
}

fn to_date(a: &Args<'_>) -> Eval {
    let parsed = some!(parse_with(a, &a.conversion.nls.date));
    Ok(Value::DateTime(calendar::to_date(&parsed.datetime)))
}

fn to_timestamp(a: &Args<'_>) -> Eval {
    Ok(Value::DateTime(some!(parse_with(a, &a.conversion.nls.timestamp)).datetime))
}

fn to_timestamp_tz(a: &Args<'_>) -> Eval {
    let parsed = some!(parse_with(a, &a.conversion.nls.timestamp_tz));
    Ok(Value::DateTimeTz(parsed.datetime, parsed.offset.unwrap_or(a.conversion.nls.zone)))
}

fn from_tz(a: &Args<'_>) -> Eval {
    let (d, _) = some!(a.conversion.to_datetime(&a.values[0], a.kind(0), Kind::Timestamp));
    let zone = some!(a.text(1));
    let parsed = format::parse_datetime(&zone, "TZR", &a.conversion.today)?;
    Ok(Value::DateTimeTz(d, parsed.offset.unwrap_or(UtcOffset { minutes: 0 })))
}

fn extract_utc(a: &Args<'_>) -> Eval {
    let (d, offset) = some!(a.conversion.to_datetime(&a.values[0], a.kind(0), Kind::TimestampTz));
    let zone = offset.unwrap_or(a.conversion.nls.zone);
    Ok(Value::DateTime(calendar::at_offset(&d, zone, UtcOffset { minutes: 0 })?))
}

fn to_day_second(a: &Args<'_>) -> Eval {
    Ok(Value::IntervalDs(convert::parse_day_second(&some!(a.text(0)))?))
}

fn to_year_month(a: &Args<'_>) -> Eval {
    Ok(Value::IntervalYm(convert::parse_year_month(&some!(a.text(0)))?))
}

fn num_to_day_second(a: &Args<'_>) -> Eval {
    let unit = match some!(a.text(1)).trim().to_ascii_uppercase().as_str() {
        "DAY" => 86_400_000_000_000,
        "HOUR" => 3_600_000_000_000,
        "MINUTE" => 60_000_000_000,
        "SECOND" => 1_000_000_000i64,
        _ => return Err(ora(1760, "illegal argument for function")),
    };
    let nanos = some!(a.number(0)).multiply(&Decimal::from(unit)).round(0);
    let (whole, _) = nanos.clone().abs().fixed(0);
    let magnitude: i128 = if whole.is_empty() { 0 } else { whole.parse().unwrap_or(i128::MAX) };
    let interval = calendar::interval_of(if nanos.is_negative() { -magnitude } else { magnitude });
    interval.map(Value::IntervalDs).ok_or_else(|| ora(1873, "the leading precision of the interval is too small"))
}

fn num_to_year_month(a: &Args<'_>) -> Eval {
    let unit = match some!(a.text(1)).trim().to_ascii_uppercase().as_str() {
        "YEAR" => 12,
        "MONTH" => 1,
        _ => return Err(ora(1760, "illegal argument for function")),
    };
    let months = some!(a.number(0)).multiply(&Decimal::from(unit)).round(0).to_i64();
    let months = months.and_then(|m| i32::try_from(m).ok());
    let months = months.ok_or_else(|| ora(1873, "the leading precision of the interval is too small"))?;
    Ok(Value::IntervalYm(type_convert::IntervalYm { months }))
}

// --- ROWID -----------------------------------------------------------------------------------------------------

fn char_to_row_id(a: &Args<'_>) -> Eval {
    let text = some!(a.text(0));
    RowIdParts::parse(&text)?;
    Ok(Value::Text(text.into_owned()))
}

fn row_id_to_char(a: &Args<'_>) -> Eval {
    Ok(text_value(some!(a.text(0)).into_owned()))
}

fn row_id_create(a: &Args<'_>) -> Eval {
    if some!(a.int(0)) != 1 {
        return Err(ora(3001, "unimplemented feature: restricted ROWIDs"));
    }
    let part = |i: usize, bits: u32| -> Result<Option<u64>, OraError> {
        let Some(n) = a.int(i)? else { return Ok(None) };
        let value = u64::try_from(n).ok().filter(|v| *v < 1 << bits);
        value.map(Some).ok_or_else(|| ora(1410, "invalid ROWID"))
    };
    let parts = RowIdParts {
        object: some!(part(1, 32)),
        file: some!(part(2, 18)),
        block: some!(part(3, 36)),
        row: some!(part(4, 18)),
    };
    Ok(Value::Text(parts.text()))
}

fn row_id_part(a: &Args<'_>, part: fn(&RowIdParts) -> u64) -> Eval {
    let parts = RowIdParts::parse(&some!(a.text(0)))?;
    Ok(integer(i64::try_from(part(&parts)).unwrap_or(i64::MAX)))
}

fn row_id_object(a: &Args<'_>) -> Eval {
    row_id_part(a, |p| p.object)
}

fn row_id_file(a: &Args<'_>) -> Eval {
    row_id_part(a, |p| p.file)
}

fn row_id_block(a: &Args<'_>) -> Eval {
    row_id_part(a, |p| p.block)
}

fn row_id_row(a: &Args<'_>) -> Eval {
    row_id_part(a, |p| p.row)
}

/// Spreads values over buckets evenly and always alike; the numbers are not those of Oracle's own hash.
fn ora_hash(a: &Args<'_>) -> Eval {
    let most = if a.len() > 1 { some!(a.int(1)) } else { i64::from(u32::MAX) };
    let seed = if a.len() > 2 { some!(a.int(2)) } else { 0 };
    let text = some!(a.text(0));
    let mut hash: u64 = 0xcbf2_9ce4_8422_2325 ^ seed.unsigned_abs();
    for byte in text.bytes() {
        hash = (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3);
    }
    hash ^= hash >> 29;
    let buckets = most.unsigned_abs().saturating_add(1);
    Ok(integer(i64::try_from(hash % buckets).unwrap_or(0)))
}

macro_rules! builtins {
    ($($name:literal $min:literal $max:literal $ty:ident $eval:ident;)*) => {
        static BUILTINS: &[Builtin] = &[$(Builtin { name: $name, min: $min, max: $max, ty: $ty, eval: $eval }),*];
    };
}

builtins! {
    "UPPER" 1 1 same_text upper;
    "LOWER" 1 1 same_text lower;
    "INITCAP" 1 1 same_text init_cap;
    "SUBSTR" 2 3 substr_type substr;
    "INSTR" 2 4 number_type instr;
    "LENGTH" 1 1 number_type length;
    "LENGTHB" 1 1 number_type length_bytes;
    "LTRIM" 1 2 varying ltrim;
    "RTRIM" 1 2 varying rtrim;
    "LPAD" 2 3 pad_type lpad;
    "RPAD" 2 3 pad_type rpad;
    "REPLACE" 2 3 long_text replace;
    "TRANSLATE" 3 3 long_text translate;
    "CONCAT" 2 2 concat_type concat;
    "ASCII" 1 1 number_type ascii;
    "CHR" 1 1 long_text chr;
    "UNISTR" 1 1 long_text unistr;
    "HEXTORAW" 1 1 raw_type hex_to_raw;
    "RAWTOHEX" 1 1 hex_type raw_to_hex;
    "UTL_RAW.CAST_TO_RAW" 1 1 raw_bytes_type cast_to_raw;
    "UTL_RAW.CAST_TO_VARCHAR2" 1 1 long_text cast_to_varchar2;
    "UTL_I18N.VALIDATE_CHARACTER_ENCODING" 1 1 number_type validate_encoding;
    "UTL_I18N.STRING_TO_RAW" 2 2 raw_bytes_type string_to_utf16;
    "UTL_I18N.RAW_TO_CHAR" 2 2 long_text utf16_to_string;
    "UTL_I18N.RAW_TO_NCHAR" 2 2 long_text utf16_to_string;
    "DBMS_LOB.GETLENGTH" 1 1 number_type lob_length;
    "DBMS_LOB.SUBSTR" 1 3 lob_substr_type lob_substr;
    "XMLTYPE" 1 1 xml_type to_document;
    "XMLTYPE.CREATEXML" 1 1 xml_type to_document;
    "XMLSERIALIZE" 1 1 clob_type xml_serialize;
    "JSON" 1 1 json_type to_document;
    "JSON_SERIALIZE" 1 1 clob_type json_serialize;
    "TO_VECTOR" 1 1 vector_type to_document;
    "VECTOR_SERIALIZE" 1 1 clob_type vector_serialize;
    // Of a function that queries bring themselves, see the parser.
    "BFILE_LOCATOR" 1 1 bfile_text bfile_locator;
    "BFILENAME" 2 2 bfile_type bfile_name;
    "EMPTY_CLOB" 0 0 clob_type empty_clob;
    "EMPTY_BLOB" 0 0 blob_type empty_blob;
    "TO_CLOB" 1 1 clob_type to_clob;
    "TO_NCLOB" 1 1 clob_type to_clob;
    "TO_BLOB" 1 1 blob_type to_blob;
    "ABS" 1 1 round_type abs;
    "SIGN" 1 1 number_type sign;
    "MOD" 2 2 number_type modulo;
    "POWER" 2 2 number_type power;
    "SQRT" 1 1 number_type sqrt;
    "FLOOR" 1 1 number_type floor;
    "CEIL" 1 1 number_type ceil;
    "BITAND" 2 2 number_type bit_and;
    "ROUND" 1 2 round_type round;
    "TRUNC" 1 2 round_type trunc;
    "GREATEST" 1 255 first_type greatest;
    "LEAST" 1 255 first_type least;
    "TO_BINARY_DOUBLE" 1 1 double_type to_double;
    "TO_BINARY_FLOAT" 1 1 float_type to_float;
    "ADD_MONTHS" 2 2 date_type add_months;
    "LAST_DAY" 1 1 date_type last_day;
    "NEXT_DAY" 2 2 date_type next_day;
    "MONTHS_BETWEEN" 2 2 number_type months_between;
    "TO_CHAR" 1 3 to_char_type to_char;
    "TO_NCHAR" 1 3 to_char_type to_char;
    "TO_NUMBER" 1 3 number_type to_number;
    "TO_DATE" 1 3 date_type to_date;
    "TO_TIMESTAMP" 1 3 timestamp_type to_timestamp;
    "TO_TIMESTAMP_TZ" 1 3 timestamp_tz_type to_timestamp_tz;
    "FROM_TZ" 2 2 timestamp_tz_type from_tz;
    "SYS_EXTRACT_UTC" 1 1 timestamp_type extract_utc;
    "TO_DSINTERVAL" 1 1 day_second_type to_day_second;
    "TO_YMINTERVAL" 1 1 year_month_type to_year_month;
    "NUMTODSINTERVAL" 2 2 day_second_type num_to_day_second;
    "NUMTOYMINTERVAL" 2 2 year_month_type num_to_year_month;
    "CHARTOROWID" 1 1 row_id_type char_to_row_id;
    "ROWIDTOCHAR" 1 1 row_id_char_type row_id_to_char;
    "DBMS_ROWID.ROWID_CREATE" 5 5 row_id_type row_id_create;
    "DBMS_ROWID.ROWID_OBJECT" 1 1 number_type row_id_object;
    "DBMS_ROWID.ROWID_RELATIVE_FNO" 1 2 number_type row_id_file;
    "DBMS_ROWID.ROWID_BLOCK_NUMBER" 1 2 number_type row_id_block;
    "DBMS_ROWID.ROWID_ROW_NUMBER" 1 1 number_type row_id_row;
    "ORA_HASH" 1 3 number_type ora_hash;
}

fn row_id_char_type(_: &[Typed]) -> OracleType {
    varchar(18)
}
