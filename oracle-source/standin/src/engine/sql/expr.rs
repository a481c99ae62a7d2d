//! Expressions and conditions with their names resolved, and their evaluation.

use super::ast::{Arithmetic, Comparison, TrimSide};
use super::calendar;
use super::convert::{self, Conversion, Kind, inconsistent, number_value, text_value};
use super::decimal::Decimal;
use super::exec::{self, Cx};
use super::functions::{Args, Builtin};
use super::ora;
use super::plan::QueryPlan;
use crate::OraError;
use std::borrow::Cow;
use std::cmp::Ordering;
use std::sync::Arc;
use type_convert::{OracleType, Value};

/// An expression with its type; `None` is the NULL literal or a bind variable.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Typed {
    pub(super) expr: Expr,
    pub(super) ty: Option<OracleType>,
    pub(super) kind: Kind,
    pub(super) nullable: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Clock {
    SysDate,
    SysTimestamp,
    CurrentDate,
    CurrentTimestamp,
    LocalTimestamp,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Field {
    Year,
    Month,
    Day,
    Hour,
    Minute,
    Second,
    ZoneHour,
    ZoneMinute,
}

#[derive(Debug, Clone, PartialEq)]
pub(super) enum Expr {
    Const(Value),
    Bind(usize),
    /// Of the current row.
    Column(usize),
    /// Of what the enclosing query hands to this subquery.
    Outer(usize),
    RowNum,
    Clock(Clock),
    /// `SYS_CONTEXT`, by its place in the statement's list.
    Context(usize),
    CurrentScn,
    User,
    SessionZone,
    /// NEXTVAL or CURRVAL, by its place in the statement's list.
    Sequence(usize),
    Negate(Box<Typed>),
    Concat(Vec<Typed>),
    /// Each step with the kind of what comes out.
    Arithmetic(Box<Typed>, Vec<(Arithmetic, Typed, Kind)>),
    Call(&'static Builtin, Vec<Typed>),
    Case(Vec<(Cond, Typed)>, Option<Box<Typed>>),
    Decode(Box<Typed>, Vec<(Typed, Typed)>, Option<Box<Typed>>),
    Coalesce(Vec<Typed>),
    Nvl2(Box<[Typed; 3]>),
    NullIf(Box<[Typed; 2]>),
    Cast(Box<Typed>, OracleType),
    /// To the kind of another expression, as implicit conversion does.
    Convert(Box<Typed>, Kind),
    Extract(Field, Box<Typed>),
    Trim(TrimSide, Option<Box<Typed>>, Box<Typed>),
    Scalar(Arc<Subquery>),
    /// An object or collection, with the type of each of its parts.
    Construct(OracleType, Vec<(Typed, OracleType)>),
    /// Of an object, by its place.
    Attribute(Box<Typed>, usize),
}

#[derive(Debug, Clone, PartialEq)]
pub(super) enum Cond {
    And(Vec<Cond>),
    Or(Vec<Cond>),
    Not(Box<Cond>),
    Compare(Comparison, Box<Typed>, Box<Typed>),
    IsNull(Box<Typed>, bool),
    /// An object of so many attributes: of its declared type, and of none under it, whose objects have more.
    HasParts(Box<Typed>, usize, bool),
    Like {
        value: Box<Typed>,
        pattern: Box<Typed>,
        escape: Option<Box<Typed>>,
        negated: bool,
    },
    Between {
        value: Box<Typed>,
        low: Box<Typed>,
        high: Box<Typed>,
        negated: bool,
    },
    /// `hashed`: its place among the statement's long lists, which are hashed once.
    InList {
        value: Vec<Typed>,
        list: Vec<Vec<Typed>>,
        negated: bool,
        hashed: Option<usize>,
    },
    InQuery {
        value: Vec<Typed>,
        query: Arc<Subquery>,
        negated: bool,
    },
    Quantified {
        comparison: Comparison,
        all: bool,
        value: Box<Typed>,
        query: Arc<Subquery>,
    },
    QuantifiedList {
        comparison: Comparison,
        all: bool,
        value: Box<Typed>,
        list: Vec<Typed>,
    },
    Exists(Arc<Subquery>),
}

/// A query within an expression.
#[derive(Debug)]
pub(super) struct Subquery {
    /// Its place in the statement's list.
    pub(super) id: usize,
    pub(super) plan: Arc<QueryPlan>,
    /// What it takes from the enclosing query's row.
    pub(super) captures: Vec<Typed>,
}

impl PartialEq for Subquery {
    fn eq(&self, other: &Self) -> bool {
        self.id == other.id
    }
}

/// What an expression is evaluated on.
#[derive(Clone, Copy)]
pub(super) struct Env<'a> {
    pub(super) cx: &'a Arc<Cx>,
    pub(super) row: &'a [Value],
    /// The place in the whole row of the first value in `row`.
    pub(super) base: usize,
    pub(super) outer: &'a [Value],
    pub(super) row_num: i64,
    pub(super) sequences: &'a [Value],
}

const NULL: Value = Value::Null;

type Eval<'a> = Result<Cow<'a, Value>, OraError>;

impl Typed {
    pub(super) fn new(expr: Expr, ty: OracleType, nullable: bool) -> Self {
        Typed { expr, kind: Kind::of_type(&ty), ty: Some(ty), nullable }
    }

    pub(super) fn null() -> Self {
        Typed { expr: Expr::Const(Value::Null), ty: None, kind: Kind::Unknown, nullable: true }
    }

    pub(super) fn is_null_literal(&self) -> bool {
        self.expr == Expr::Const(Value::Null)
    }

    /// Calls `visit` on this and everything in it, but not on subqueries' own plans.
    pub(super) fn walk(&self, visit: &mut dyn FnMut(&Expr)) {
        visit(&self.expr);
        match &self.expr {
            Expr::Negate(e) | Expr::Cast(e, _) | Expr::Convert(e, _) | Expr::Extract(_, e) | Expr::Attribute(e, _) => {
                e.walk(visit)
            }
            Expr::Construct(_, parts) => parts.iter().for_each(|(e, _)| e.walk(visit)),
            Expr::Concat(list) | Expr::Call(_, list) | Expr::Coalesce(list) => {
                list.iter().for_each(|e| e.walk(visit));
            }
            Expr::Arithmetic(first, rest) => {
                first.walk(visit);
                rest.iter().for_each(|(_, e, _)| e.walk(visit));
            }
            Expr::Case(whens, otherwise) => {
                for (cond, then) in whens {
                    cond.walk(visit);
                    then.walk(visit);
                }
                otherwise.iter().for_each(|e| e.walk(visit));
            }
            Expr::Decode(operand, pairs, otherwise) => {
                operand.walk(visit);
                for (search, result) in pairs {
                    search.walk(visit);
                    result.walk(visit);
                }
                otherwise.iter().for_each(|e| e.walk(visit));
            }
            Expr::Nvl2(list) => list.iter().for_each(|e| e.walk(visit)),
            Expr::NullIf(list) => list.iter().for_each(|e| e.walk(visit)),
            Expr::Trim(_, chars, value) => {
                chars.iter().for_each(|e| e.walk(visit));
                value.walk(visit);
            }
            Expr::Scalar(query) => query.captures.iter().for_each(|e| e.walk(visit)),
            Expr::Const(_)
            | Expr::Bind(_)
            | Expr::Column(_)
            | Expr::Outer(_)
            | Expr::RowNum
            | Expr::Clock(_)
            | Expr::Context(_)
            | Expr::CurrentScn
            | Expr::User
            | Expr::SessionZone
            | Expr::Sequence(_) => {}
        }
    }

    pub(super) fn eval<'a>(&'a self, env: &Env<'a>) -> Eval<'a> {
        let conversion = &env.cx.conversion;
        let owned = |v: Value| Ok(Cow::Owned(v));
        match &self.expr {
            Expr::Const(value) => Ok(Cow::Borrowed(value)),
            Expr::Bind(i) => Ok(Cow::Borrowed(env.cx.binds.get(*i).unwrap_or(&NULL))),
            Expr::Column(i) => Ok(Cow::Borrowed(env.row.get(i.wrapping_sub(env.base)).unwrap_or(&NULL))),
            Expr::Outer(i) => Ok(Cow::Borrowed(env.outer.get(*i).unwrap_or(&NULL))),
            Expr::Context(i) => Ok(Cow::Borrowed(env.cx.contexts.get(*i).unwrap_or(&NULL))),
            Expr::Sequence(i) => Ok(Cow::Borrowed(env.sequences.get(*i).unwrap_or(&NULL))),
            Expr::RowNum => owned(convert::integer(env.row_num)),
            Expr::CurrentScn => Ok(Cow::Borrowed(&env.cx.scn)),
            Expr::User => owned(Value::Text(env.cx.user.clone())),
            Expr::SessionZone => owned(Value::Text(super::format::offset_text(conversion.nls.zone))),
            Expr::Clock(clock) => owned(clock.read(conversion)?),
            Expr::Negate(e) => {
                let value = e.eval(env)?;
                owned(match value.as_ref() {
                    Value::Null => Value::Null,
                    Value::Float(f) => Value::Float(-f),
                    Value::Double(d) => Value::Double(-d),
                    Value::IntervalYm(i) => Value::IntervalYm(type_convert::IntervalYm { months: -i.months }),
                    Value::IntervalDs(i) => {
                        Value::IntervalDs(type_convert::IntervalDs { days: -i.days, nanoseconds: -i.nanoseconds })
                    }
                    other => match conversion.to_decimal(other, e.kind)? {
                        Some(d) => number_value(&d.negated())?,
                        None => Value::Null,
                    },
                })
            }
            Expr::Concat(list) => {
                let mut text = String::new();
                let mut bytes: Option<Vec<u8>> = None;
                for e in list {
                    let value = e.eval(env)?;
                    match value.as_ref() {
                        Value::Bytes(b) if self.kind == Kind::Raw => {
                            bytes.get_or_insert_default().extend_from_slice(b);
                        }
                        other => {
                            if let Some(t) = conversion.to_text(other, e.kind)? {
                                text.push_str(&t);
                            }
                        }
                    }
                }
                owned(bytes.map_or_else(|| text_value(text), Value::Bytes))
            }
            Expr::Arithmetic(first, rest) => {
                let mut value = first.eval(env)?;
                let mut kind = first.kind;
                for (operator, operand, result) in rest {
                    let right = operand.eval(env)?;
                    value = Cow::Owned(arithmetic(*operator, &value, kind, &right, operand.kind, conversion)?);
                    kind = *result;
                }
                Ok(value)
            }
            Expr::Construct(ty, parts) => {
                let mut values = Vec::with_capacity(parts.len());
                for (e, ty) in parts {
                    values.push(conversion.assign(e.eval(env)?.into_owned(), e.kind, ty, "")?);
                }
                owned(if matches!(ty, OracleType::Collection(_)) {
                    Value::Collection(values)
                } else {
                    Value::Object(values)
                })
            }
            Expr::Attribute(object, at) => owned(match object.eval(env)?.as_ref() {
                Value::Object(parts) => parts.get(*at).cloned().unwrap_or(Value::Null),
                _ => Value::Null,
            }),
            Expr::Call(function, arguments) => {
                let mut values = Vec::with_capacity(arguments.len());
                for argument in arguments {
                    values.push(argument.eval(env)?);
                }
                owned((function.eval)(&Args { values, types: arguments, conversion })?)
            }
            Expr::Case(whens, otherwise) => {
                for (cond, then) in whens {
                    if cond.eval(env)? == Some(true) {
                        return then.eval(env);
                    }
                }
                otherwise.as_ref().map_or(Ok(Cow::Owned(Value::Null)), |e| e.eval(env))
            }
            Expr::Decode(operand, pairs, otherwise) => {
                let value = operand.eval(env)?;
                for (search, result) in pairs {
                    let candidate = search.eval(env)?;
                    let equal = (value.is_null() && candidate.is_null())
                        || conversion.compare(&value, operand.kind, &candidate, search.kind)? == Some(Ordering::Equal);
                    if equal {
                        return result.eval(env);
                    }
                }
                otherwise.as_ref().map_or(Ok(Cow::Owned(Value::Null)), |e| e.eval(env))
            }
            Expr::Coalesce(list) => {
                for e in list {
                    let value = e.eval(env)?;
                    if !value.is_null() {
                        return Ok(value);
                    }
                }
                owned(Value::Null)
            }
            Expr::Nvl2(list) => {
                let [test, then, otherwise] = list.as_ref();
                if test.eval(env)?.is_null() { otherwise.eval(env) } else { then.eval(env) }
            }
            Expr::NullIf(list) => {
                let [a, b] = list.as_ref();
                let (x, y) = (a.eval(env)?, b.eval(env)?);
                if conversion.compare(&x, a.kind, &y, b.kind)? == Some(Ordering::Equal) {
                    return owned(Value::Null);
                }
                Ok(x)
            }
            Expr::Cast(e, to) => {
                let value = e.eval(env)?.into_owned();
                let value = match (to, &value) {
                    // CAST cuts text to the length, where an assignment refuses it.
                    (OracleType::Varchar2 { .. } | OracleType::NVarchar2 { .. } | OracleType::Char { .. }, _) => {
                        cut_text(value, e.kind, to, conversion)?
                    }
                    _ => value,
                };
                let kind = if matches!(value, Value::Text(_)) && !e.kind.is_text() { Kind::Text } else { e.kind };
                owned(conversion.assign(value, kind, to, "CAST")?)
            }
            Expr::Convert(e, to) => {
                let value = e.eval(env)?;
                convert_kind(conversion, value, e.kind, *to)
            }
            Expr::Extract(field, e) => owned(extract(*field, &*e.eval(env)?, e.kind, conversion)?),
            Expr::Trim(side, chars, value) => {
                let chars = match chars {
                    Some(e) => {
                        let value = e.eval(env)?;
                        match conversion.to_text(&value, e.kind)? {
                            Some(t) => t.into_owned(),
                            None => return owned(Value::Null),
                        }
                    }
                    None => " ".to_owned(),
                };
                let mut all = chars.chars();
                let (Some(c), None) = (all.next(), all.next()) else {
                    return Err(ora(30001, "trim set should have only one character"));
                };
                let source = value.eval(env)?;
                let Some(text) = conversion.to_text(&source, value.kind)? else { return owned(Value::Null) };
                owned(text_value(
                    match side {
                        TrimSide::Both => text.trim_matches(c),
                        TrimSide::Leading => text.trim_start_matches(c),
                        TrimSide::Trailing => text.trim_end_matches(c),
                    }
                    .to_owned(),
                ))
            }
            Expr::Scalar(query) => owned(exec::scalar(query, env)?),
        }
    }
}

fn cut_text(value: Value, kind: Kind, to: &OracleType, conversion: &Conversion) -> Result<Value, OraError> {
    let Some(text) = conversion.to_text(&value, kind)? else { return Ok(Value::Null) };
    if !kind.or_of(&value).is_text() {
        // A number or date that does not fit is an error, not cut.
        return Ok(Value::Text(text.into_owned()));
    }
    let (length, bytes) = match to {
        OracleType::Varchar2 { length, unit } | OracleType::Char { length, unit } => {
            (*length, *unit == type_convert::LengthUnit::Byte)
        }
        OracleType::NVarchar2 { length } => (*length, false),
        _ => return Ok(Value::Text(text.into_owned())),
    };
    let most = usize::try_from(length).unwrap_or(usize::MAX);
    let mut end = text.len();
    for (count, (at, c)) in text.char_indices().enumerate() {
        if if bytes { at + c.len_utf8() > most } else { count >= most } {
            end = at;
            break;
        }
    }
    Ok(text_value(text[..end].to_owned()))
}

impl Clock {
    fn read(self, conversion: &Conversion) -> Result<Value, OraError> {
        let today = &conversion.today;
        let zone = conversion.nls.zone;
        let local = || calendar::at_offset(&today.now, today.offset, zone);
        let micro = |d: type_convert::DateTime| type_convert::DateTime { nanosecond: d.nanosecond / 1000 * 1000, ..d };
        Ok(match self {
            Clock::SysDate => Value::DateTime(calendar::to_date(&today.now)),
            Clock::SysTimestamp => Value::DateTimeTz(micro(today.now), today.offset),
            Clock::CurrentDate => Value::DateTime(calendar::to_date(&local()?)),
            Clock::CurrentTimestamp => Value::DateTimeTz(micro(local()?), zone),
            Clock::LocalTimestamp => Value::DateTime(micro(local()?)),
        })
    }
}

/// As implicit conversion does, to the kind of another expression.
pub(super) fn convert_kind<'a>(
    conversion: &Conversion,
    value: Cow<'a, Value>,
    from: Kind,
    to: Kind,
) -> Result<Cow<'a, Value>, OraError> {
    let got = from.or_of(&value);
    if value.is_null() || got == to || got.is_text() && to.is_text() {
        return Ok(value);
    }
    Ok(Cow::Owned(match to {
        Kind::Char | Kind::Text | Kind::Clob => {
            conversion.to_text(&value, got)?.map_or(Value::Null, |t| text_value(t.into_owned()))
        }
        Kind::Number => match conversion.to_decimal(&value, got)? {
            Some(d) => number_value(&d)?,
            None => Value::Null,
        },
        Kind::Double => conversion.to_double(&value, got)?.map_or(Value::Null, Value::Double),
        Kind::Float => conversion.assign(value.into_owned(), got, &OracleType::BinaryFloat, "")?,
        Kind::Date => conversion.assign(value.into_owned(), got, &OracleType::Date, "")?,
        Kind::Timestamp => conversion.assign(value.into_owned(), got, &OracleType::Timestamp { precision: 9 }, "")?,
        Kind::TimestampTz => {
            conversion.assign(value.into_owned(), got, &OracleType::TimestampTz { precision: 9 }, "")?
        }
        Kind::Raw | Kind::Blob => {
            conversion.to_bytes(&value, got)?.map_or(Value::Null, |b| Value::Bytes(b.into_owned()))
        }
        _ => return Ok(value),
    }))
}

/// The kind of the result. ORA-00932 where the operation does not exist.
pub(super) fn arithmetic_kind(operator: Arithmetic, a: Kind, b: Kind) -> Result<Kind, OraError> {
    use Arithmetic::{Add, Divide, Multiply, Subtract};
    let number_like = |k: Kind| k.is_numeric() || k.is_text() || k == Kind::Unknown;
    let interval = |k| matches!(k, Kind::IntervalDs | Kind::IntervalYm);
    Ok(match (operator, a, b) {
        (Subtract, Kind::Date, Kind::Date) => Kind::Number,
        (Subtract, x, y) if x.is_datetime() && y.is_datetime() => Kind::IntervalDs,
        (Add | Subtract, x, y) if x.is_datetime() && number_like(y) => Kind::Date,
        (Add, x, y) if number_like(x) && y.is_datetime() => Kind::Date,
        (Add | Subtract, x, y) if x.is_datetime() && interval(y) => x,
        (Add, x, y) if interval(x) && y.is_datetime() => y,
        (Add | Subtract, x, y) if interval(x) && x == y => x,
        (Multiply | Divide, x, y) if interval(x) && number_like(y) => x,
        (Multiply, x, y) if number_like(x) && interval(y) => y,
        (_, x, y) if number_like(x) && number_like(y) => {
            if x == Kind::Double || y == Kind::Double {
                Kind::Double
            } else if x == Kind::Float || y == Kind::Float {
                if x == Kind::Number || y == Kind::Number { Kind::Double } else { Kind::Float }
            } else {
                Kind::Number
            }
        }
        (_, x, y) if x.is_datetime() || y.is_datetime() => {
            let got = if x.is_datetime() { x } else { y };
            return Err(inconsistent("NUMBER", got.name()));
        }
        (_, x, y) => return Err(inconsistent("NUMBER", if number_like(x) { y } else { x }.name())),
    })
}

pub(super) fn arithmetic(
    operator: Arithmetic,
    a: &Value,
    ka: Kind,
    b: &Value,
    kb: Kind,
    conversion: &Conversion,
) -> Result<Value, OraError> {
    if a.is_null() || b.is_null() {
        return Ok(Value::Null);
    }
    let (ka, kb) = (ka.or_of(a), kb.or_of(b));
    let result = arithmetic_kind(operator, ka, kb)?;
    let days = |v: &Value, k: Kind| -> Result<i128, OraError> {
        let days = conversion.to_decimal(v, k)?.unwrap_or_default();
        // To the second, as Oracle does.
        let seconds = days.multiply(&Decimal::from(86_400)).round(0).to_i64();
        let seconds = seconds.ok_or_else(|| ora(1841, "(full) year must be between -4713 and +9999, and not be 0"))?;
        Ok(i128::from(seconds) * 1_000_000_000)
    };
    let sign: i128 = if operator == Arithmetic::Subtract { -1 } else { 1 };
    match (a, b) {
        _ if result == Kind::Double || result == Kind::Float => {
            let (Some(x), Some(y)) = (conversion.to_double(a, ka)?, conversion.to_double(b, kb)?) else {
                return Ok(Value::Null);
            };
            let value = match operator {
                Arithmetic::Add => x + y,
                Arithmetic::Subtract => x - y,
                Arithmetic::Multiply => x * y,
                Arithmetic::Divide => x / y,
            };
            if result == Kind::Float {
                return conversion.assign(Value::Double(value), Kind::Double, &OracleType::BinaryFloat, "");
            }
            Ok(Value::Double(value))
        }
        (Value::DateTime(x), Value::DateTime(y)) if result == Kind::Number => {
            let seconds = (calendar::to_nanos(x) - calendar::to_nanos(y)) / 1_000_000_000;
            let seconds = Decimal::from(i64::try_from(seconds).unwrap_or(0));
            number_value(&seconds.divide(&Decimal::from(86_400))?)
        }
        _ if result == Kind::IntervalDs && ka.is_datetime() => {
            let instant = |v: &Value| match v {
                Value::DateTimeTz(d, offset) => calendar::utc_nanos(d, *offset),
                Value::DateTime(d) if ka == Kind::TimestampTz || kb == Kind::TimestampTz => {
                    calendar::utc_nanos(d, conversion.nls.zone)
                }
                Value::DateTime(d) => calendar::to_nanos(d),
                _ => 0,
            };
            let interval = calendar::interval_of(instant(a) - instant(b));
            interval
                .map(Value::IntervalDs)
                .ok_or_else(|| ora(1873, "the leading precision of the interval is too small"))
        }
        (Value::DateTime(d) | Value::DateTimeTz(d, _), _) if result == Kind::Date && !ends_interval(b) => {
            let moved = calendar::from_nanos(calendar::to_nanos(d) + sign * days(b, kb)?)?;
            Ok(Value::DateTime(calendar::to_date(&moved)))
        }
        (_, Value::DateTime(d) | Value::DateTimeTz(d, _)) if result == Kind::Date && !ends_interval(a) => {
            let moved = calendar::from_nanos(calendar::to_nanos(d) + days(a, ka)?)?;
            Ok(Value::DateTime(calendar::to_date(&moved)))
        }
        (Value::DateTime(_) | Value::DateTimeTz(..), interval) => add_interval(a, interval, sign),
        (interval, Value::DateTime(_) | Value::DateTimeTz(..)) => add_interval(b, interval, 1),
        (Value::IntervalDs(x), Value::IntervalDs(y)) => {
            let total = calendar::interval_nanos(x) + sign * calendar::interval_nanos(y);
            let interval = calendar::interval_of(total);
            interval
                .map(Value::IntervalDs)
                .ok_or_else(|| ora(1873, "the leading precision of the interval is too small"))
        }
        (Value::IntervalYm(x), Value::IntervalYm(y)) => {
            let total = i128::from(x.months) + sign * i128::from(y.months);
            let months =
                i32::try_from(total).map_err(|_| ora(1873, "the leading precision of the interval is too small"))?;
            Ok(Value::IntervalYm(type_convert::IntervalYm { months }))
        }
        (Value::IntervalDs(_) | Value::IntervalYm(_), _) => scale_interval(a, operator, b, kb, conversion),
        (_, Value::IntervalDs(_) | Value::IntervalYm(_)) => scale_interval(b, operator, a, ka, conversion),
        _ => {
            let (Some(x), Some(y)) = (conversion.to_decimal(a, ka)?, conversion.to_decimal(b, kb)?) else {
                return Ok(Value::Null);
            };
            number_value(&match operator {
                Arithmetic::Add => x.add(&y),
                Arithmetic::Subtract => x.subtract(&y),
                Arithmetic::Multiply => x.multiply(&y),
                Arithmetic::Divide => x.divide(&y)?,
            })
        }
    }
}

fn ends_interval(value: &Value) -> bool {
    matches!(value, Value::IntervalDs(_) | Value::IntervalYm(_))
}

fn add_interval(instant: &Value, interval: &Value, sign: i128) -> Result<Value, OraError> {
    let moved = |d: &type_convert::DateTime| match interval {
        Value::IntervalDs(i) => calendar::from_nanos(calendar::to_nanos(d) + sign * calendar::interval_nanos(i)),
        Value::IntervalYm(i) => {
            let months = i64::from(i.months) * if sign < 0 { -1 } else { 1 };
            // Unlike ADD_MONTHS, the day must exist in the month that comes out.
            let first = calendar::add_months(&type_convert::DateTime { day: 1, ..*d }, months)?;
            if d.day > calendar::days_in_month(first.year, first.month) {
                return Err(ora(1839, "date not valid for month specified"));
            }
            Ok(type_convert::DateTime { day: d.day, ..first })
        }
        _ => Err(inconsistent("INTERVAL", Kind::of_value(interval).name())),
    };
    Ok(match instant {
        Value::DateTimeTz(d, offset) => Value::DateTimeTz(moved(d)?, *offset),
        Value::DateTime(d) => Value::DateTime(moved(d)?),
        _ => Value::Null,
    })
}

fn scale_interval(
    interval: &Value,
    operator: Arithmetic,
    factor: &Value,
    kind: Kind,
    conversion: &Conversion,
) -> Result<Value, OraError> {
    let Some(factor) = conversion.to_decimal(factor, kind)? else { return Ok(Value::Null) };
    let too_small = || ora(1873, "the leading precision of the interval is too small");
    let scale = |amount: i128| -> Result<i128, OraError> {
        let amount = Decimal::parse(&amount.to_string()).unwrap_or_default();
        let scaled = if operator == Arithmetic::Divide { amount.divide(&factor)? } else { amount.multiply(&factor) };
        let (whole, _) = scaled.trunc(0).abs().fixed(0);
        let magnitude: i128 = if whole.is_empty() { 0 } else { whole.parse().map_err(|_| too_small())? };
        Ok(if scaled.is_negative() { -magnitude } else { magnitude })
    };
    match interval {
        Value::IntervalDs(i) => {
            calendar::interval_of(scale(calendar::interval_nanos(i))?).map(Value::IntervalDs).ok_or_else(too_small)
        }
        Value::IntervalYm(i) => {
            let months = i32::try_from(scale(i128::from(i.months))?).map_err(|_| too_small())?;
            Ok(Value::IntervalYm(type_convert::IntervalYm { months }))
        }
        _ => Ok(Value::Null),
    }
}

fn extract(field: Field, value: &Value, kind: Kind, conversion: &Conversion) -> Result<Value, OraError> {
    let wrong = || ora(30076, "invalid extract field for extract source");
    let (d, offset) = match value {
        Value::Null => return Ok(Value::Null),
        Value::IntervalYm(i) => {
            return match field {
                Field::Year => Ok(convert::integer(i64::from(i.months / 12))),
                Field::Month => Ok(convert::integer(i64::from(i.months % 12))),
                _ => Err(wrong()),
            };
        }
        Value::IntervalDs(i) => {
            let seconds = i.nanoseconds / 1_000_000_000;
            return match field {
                Field::Day => Ok(convert::integer(i64::from(i.days))),
                Field::Hour => Ok(convert::integer(seconds / 3600)),
                Field::Minute => Ok(convert::integer(seconds / 60 % 60)),
                Field::Second => {
                    let nanos = Decimal::from(i.nanoseconds % 60_000_000_000);
                    number_value(&nanos.divide(&Decimal::from(1_000_000_000))?)
                }
                _ => Err(wrong()),
            };
        }
        Value::DateTime(d) => (*d, None),
        // Fields of a value with a zone are those in UTC.
        Value::DateTimeTz(d, offset) => {
            (calendar::at_offset(d, *offset, type_convert::UtcOffset { minutes: 0 })?, Some(*offset))
        }
        other => match conversion.to_datetime(other, kind, Kind::Date)? {
            Some((d, offset)) => (d, offset),
            None => return Ok(Value::Null),
        },
    };
    let is_date = kind.or_of(value) == Kind::Date;
    Ok(match field {
        Field::Year => convert::integer(i64::from(d.year)),
        Field::Month => convert::integer(i64::from(d.month)),
        Field::Day => convert::integer(i64::from(d.day)),
        Field::Hour | Field::Minute | Field::Second if is_date => return Err(wrong()),
        Field::Hour => convert::integer(i64::from(d.hour)),
        Field::Minute => convert::integer(i64::from(d.minute)),
        Field::Second => {
            let nanos = Decimal::from(i64::from(d.second) * 1_000_000_000 + i64::from(d.nanosecond));
            number_value(&nanos.divide(&Decimal::from(1_000_000_000))?)?
        }
        Field::ZoneHour => convert::integer(i64::from(offset.ok_or_else(wrong)?.minutes / 60)),
        Field::ZoneMinute => convert::integer(i64::from(offset.ok_or_else(wrong)?.minutes % 60)),
    })
}

fn not(value: Option<bool>, negated: bool) -> Option<bool> {
    value.map(|v| v != negated)
}

impl Comparison {
    pub(super) fn holds(self, ordering: Ordering) -> bool {
        match self {
            Comparison::Equal => ordering == Ordering::Equal,
            Comparison::NotEqual => ordering != Ordering::Equal,
            Comparison::Less => ordering == Ordering::Less,
            Comparison::LessEqual => ordering != Ordering::Greater,
            Comparison::Greater => ordering == Ordering::Greater,
            Comparison::GreaterEqual => ordering != Ordering::Less,
        }
    }
}

impl Cond {
    pub(super) fn walk(&self, visit: &mut dyn FnMut(&Expr)) {
        match self {
            Cond::And(list) | Cond::Or(list) => list.iter().for_each(|c| c.walk(visit)),
            Cond::Not(c) => c.walk(visit),
            Cond::Compare(_, a, b) => {
                a.walk(visit);
                b.walk(visit);
            }
            Cond::IsNull(e, _) | Cond::HasParts(e, ..) => e.walk(visit),
            Cond::Like { value, pattern, escape, .. } => {
                value.walk(visit);
                pattern.walk(visit);
                escape.iter().for_each(|e| e.walk(visit));
            }
            Cond::Between { value, low, high, .. } => {
                value.walk(visit);
                low.walk(visit);
                high.walk(visit);
            }
            Cond::InList { value, list, .. } => {
                value.iter().for_each(|e| e.walk(visit));
                list.iter().flatten().for_each(|e| e.walk(visit));
            }
            Cond::InQuery { value, query, .. } => {
                value.iter().for_each(|e| e.walk(visit));
                query.captures.iter().for_each(|e| e.walk(visit));
            }
            Cond::Quantified { value, query, .. } => {
                value.walk(visit);
                query.captures.iter().for_each(|e| e.walk(visit));
            }
            Cond::QuantifiedList { value, list, .. } => {
                value.walk(visit);
                list.iter().for_each(|e| e.walk(visit));
            }
            Cond::Exists(query) => query.captures.iter().for_each(|e| e.walk(visit)),
        }
    }

    /// Whether a subquery is evaluated for it.
    pub(super) fn has_subquery(&self) -> bool {
        match self {
            Cond::InQuery { .. } | Cond::Quantified { .. } | Cond::Exists(_) => true,
            Cond::And(list) | Cond::Or(list) => list.iter().any(Cond::has_subquery),
            Cond::Not(c) => c.has_subquery(),
            _ => {
                let mut found = false;
                self.walk(&mut |e| found |= matches!(e, Expr::Scalar(_)));
                found
            }
        }
    }

    /// Three-valued: `None` is UNKNOWN.
    pub(super) fn eval(&self, env: &Env<'_>) -> Result<Option<bool>, OraError> {
        let conversion = &env.cx.conversion;
        match self {
            Cond::And(list) => {
                let mut result = Some(true);
                for cond in list {
                    match cond.eval(env)? {
                        Some(false) => return Ok(Some(false)),
                        None => result = None,
                        Some(true) => {}
                    }
                }
                Ok(result)
            }
            Cond::Or(list) => {
                let mut result = Some(false);
                for cond in list {
                    match cond.eval(env)? {
                        Some(true) => return Ok(Some(true)),
                        None => result = None,
                        Some(false) => {}
                    }
                }
                Ok(result)
            }
            Cond::Not(cond) => Ok(cond.eval(env)?.map(|v| !v)),
            Cond::Compare(comparison, a, b) => {
                let (x, y) = (a.eval(env)?, b.eval(env)?);
                Ok(conversion.compare(&x, a.kind, &y, b.kind)?.map(|o| comparison.holds(o)))
            }
            Cond::HasParts(e, count, negated) => Ok(match e.eval(env)?.as_ref() {
                Value::Object(parts) => Some((parts.len() == *count) != *negated),
                _ => None,
            }),
            Cond::IsNull(e, negated) => Ok(Some(e.eval(env)?.is_null() != *negated)),
            Cond::Like { value, pattern, escape, negated } => {
                let (v, p) = (value.eval(env)?, pattern.eval(env)?);
                let (Some(text), Some(pattern)) =
                    (conversion.to_text(&v, value.kind)?, conversion.to_text(&p, pattern.kind)?)
                else {
                    return Ok(None);
                };
                let escape = match escape {
                    None => None,
                    Some(e) => {
                        let value = e.eval(env)?;
                        let Some(text) = conversion.to_text(&value, e.kind)? else { return Ok(None) };
                        let mut chars = text.chars();
                        match (chars.next(), chars.next()) {
                            (Some(c), None) => Some(c),
                            _ => return Err(ora(1425, "escape character must be character string of length 1")),
                        }
                    }
                };
                Ok(Some(like(&text, &pattern, escape)? != *negated))
            }
            Cond::Between { value, low, high, negated } => {
                let (v, l, h) = (value.eval(env)?, low.eval(env)?, high.eval(env)?);
                let above = conversion.compare(&v, value.kind, &l, low.kind)?.map(|o| o != Ordering::Less);
                let below = conversion.compare(&v, value.kind, &h, high.kind)?.map(|o| o != Ordering::Greater);
                let within = match (above, below) {
                    (Some(false), _) | (_, Some(false)) => Some(false),
                    (Some(true), Some(true)) => Some(true),
                    _ => None,
                };
                Ok(not(within, *negated))
            }
            Cond::InList { value, list, negated, hashed } => {
                let mut values = Vec::with_capacity(value.len());
                for e in value {
                    values.push(e.eval(env)?);
                }
                if let (Some(place), [typed], [one]) = (hashed, value.as_slice(), values.as_slice())
                    && let Some(found) = exec::in_hashed_list(*place, typed.kind, one, list, env)?
                {
                    return Ok(not(found, *negated));
                }
                let mut result = Some(false);
                for candidate in list {
                    let mut equal = Some(true);
                    for ((v, e), c) in values.iter().zip(value).zip(candidate) {
                        let other = c.eval(env)?;
                        match conversion.compare(v, e.kind, &other, c.kind)? {
                            Some(Ordering::Equal) => {}
                            Some(_) => {
                                equal = Some(false);
                                break;
                            }
                            None => equal = None,
                        }
                    }
                    match equal {
                        Some(true) => {
                            result = Some(true);
                            break;
                        }
                        None => result = None,
                        Some(false) => {}
                    }
                }
                Ok(not(result, *negated))
            }
            Cond::InQuery { value, query, negated } => {
                let mut values = Vec::with_capacity(value.len());
                for e in value {
                    values.push(e.eval(env)?);
                }
                Ok(not(exec::in_query(value, &values, query, env)?, *negated))
            }
            Cond::Quantified { comparison, all, value, query } => {
                let v = value.eval(env)?;
                let rows = exec::subquery_rows(query, env)?;
                let kind = query.plan.kinds.first().copied().unwrap_or(Kind::Unknown);
                let candidates = rows.rows.iter().filter_map(|r| r.first()).map(|c| (c, kind));
                quantified(*comparison, *all, &v, value.kind, candidates, conversion)
            }
            Cond::QuantifiedList { comparison, all, value, list } => {
                let v = value.eval(env)?;
                let mut candidates = Vec::with_capacity(list.len());
                for e in list {
                    candidates.push((e.eval(env)?, e.kind));
                }
                let pairs = candidates.iter().map(|(c, k)| (c.as_ref(), *k));
                quantified(*comparison, *all, &v, value.kind, pairs, conversion)
            }
            Cond::Exists(query) => exec::exists(query, env).map(Some),
        }
    }
}

fn quantified<'v>(
    comparison: Comparison,
    all: bool,
    value: &Value,
    kind: Kind,
    candidates: impl Iterator<Item = (&'v Value, Kind)>,
    conversion: &Conversion,
) -> Result<Option<bool>, OraError> {
    let mut result = Some(all);
    for (candidate, other) in candidates {
        match conversion.compare(value, kind, candidate, other)?.map(|o| comparison.holds(o)) {
            Some(holds) if holds != all => return Ok(Some(holds)),
            None => result = None,
            Some(_) => {}
        }
    }
    Ok(result)
}

/// `%` is any text, `_` any character.
pub(super) fn like(text: &str, pattern: &str, escape: Option<char>) -> Result<bool, OraError> {
    #[derive(Clone, Copy, PartialEq)]
    enum Item {
        Any,
        One,
        Char(char),
    }
    let mut items = Vec::with_capacity(pattern.len());
    let mut chars = pattern.chars();
    while let Some(c) = chars.next() {
        if Some(c) == escape {
            match chars.next() {
                Some(n) if n == '%' || n == '_' || Some(n) == escape => items.push(Item::Char(n)),
                _ => return Err(ora(1424, "missing or illegal character following the escape character")),
            }
        } else {
            items.push(match c {
                '%' => Item::Any,
                '_' => Item::One,
                c => Item::Char(c),
            });
        }
    }
    let text: Vec<char> = text.chars().collect();
    let (mut t, mut p) = (0, 0);
    let mut restart: Option<(usize, usize)> = None;
    while t < text.len() {
        match items.get(p) {
            Some(Item::Any) => {
                restart = Some((p + 1, t));
                p += 1;
                continue;
            }
            Some(Item::One) => {
                (t, p) = (t + 1, p + 1);
                continue;
            }
            Some(Item::Char(c)) if *c == text[t] => {
                (t, p) = (t + 1, p + 1);
                continue;
            }
            _ => {}
        }
        match restart {
            Some((after, at)) => {
                restart = Some((after, at + 1));
                (t, p) = (at + 1, after);
            }
            None => return Ok(false),
        }
    }
    Ok(items[p..].iter().all(|i| *i == Item::Any))
}
