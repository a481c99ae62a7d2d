//! NUMBER, FLOAT, BINARY_FLOAT and BINARY_DOUBLE.

use super::{Outcome, TextPlan, Transcoder, ValueErrorKind, put_fixed};
use crate::{
    Loss, LossAction, Losses, Number, ValueRef,
    decimal_text::DecimalText,
    number::Form,
    pg_numeric::{self, Groups, NUMBER_GROUPS},
    short_numeric::ShortNumeric,
};
use bytes::BytesMut;

/// The integer types.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Width {
    Two,
    Four,
    Eight,
}

/// `numeric(p,s)`, or `numeric`.
pub(super) type Declared = Option<(u16, i16)>;

/// ±∞ of NUMBER, which each target meets in its own way.
struct Infinite {
    negative: bool,
}

impl Transcoder {
    #[inline]
    pub(super) fn put_integer(&self, width: Width, value: ValueRef<'_>, out: &mut BytesMut) -> Outcome {
        if let ValueRef::Int(n) = value {
            return self.put_in_range(width, n, Losses::NONE, out);
        }
        match groups(value)? {
            Ok(groups) => self.put_groups_integer(width, &groups, out),
            Err(Infinite { .. }) => self.null_for(Loss::Infinity, ValueErrorKind::NotFinite, out),
        }
    }

    pub(super) fn put_groups_integer<const N: usize>(
        &self,
        width: Width,
        groups: &Groups<N>,
        out: &mut BytesMut,
    ) -> Outcome {
        let (result, losses) = match groups.to_i64() {
            Err(kind @ ValueErrorKind::Inexact) => (groups.rounded(0).to_i64(), self.lose(Loss::DecimalDigits, kind)?),
            result => (result, Losses::NONE),
        };
        match result {
            Ok(n) => self.put_in_range(width, n, losses, out),
            Err(kind) => Ok(losses.and(self.null_for(Loss::OutOfRange, kind, out)?)),
        }
    }

    #[inline]
    pub(super) fn put_in_range(&self, width: Width, n: i64, losses: Losses, out: &mut BytesMut) -> Outcome {
        match width {
            Width::Eight => put_fixed(n.to_be_bytes(), out),
            Width::Four if let Ok(n) = i32::try_from(n) => put_fixed(n.to_be_bytes(), out),
            Width::Two if let Ok(n) = i16::try_from(n) => put_fixed(n.to_be_bytes(), out),
            _ => return Ok(losses.and(self.null_for(Loss::OutOfRange, ValueErrorKind::Overflow, out)?)),
        }
        Ok(losses)
    }

    pub(super) fn put_numeric(&self, declared: Declared, value: ValueRef<'_>, out: &mut BytesMut) -> Outcome {
        if put_short_numeric(ShortNumeric::new(value), declared, out) {
            return Ok(Losses::NONE);
        }
        match groups(value)? {
            Ok(groups) => self.put_groups(declared, &groups, out),
            Err(Infinite { negative }) => self.put_numeric_infinity(negative, declared, out),
        }
    }

    fn put_groups<const N: usize>(&self, declared: Declared, groups: &Groups<N>, out: &mut BytesMut) -> Outcome {
        let (result, losses) = match (groups.put(declared, out), declared) {
            (Err(kind @ ValueErrorKind::Inexact), Some((_, scale))) => {
                let losses = self.lose(Loss::DecimalDigits, kind)?;
                (groups.rounded(scale).put(declared, out), losses)
            }
            (result, _) => (result, Losses::NONE),
        };
        match result {
            Ok(()) => Ok(losses),
            Err(kind) => Ok(losses.and(self.null_for(Loss::OutOfRange, kind, out)?)),
        }
    }

    fn put_numeric_infinity(&self, negative: bool, declared: Declared, out: &mut BytesMut) -> Outcome {
        // numeric(p,s) takes no infinity in any version.
        if declared.is_none() && self.policy.numeric_infinity != LossAction::Refuse {
            let losses = self.lose(Loss::NumericInfinity, ValueErrorKind::NotFinite)?;
            pg_numeric::put_infinity(negative, out);
            return Ok(losses);
        }
        self.null_for(Loss::Infinity, ValueErrorKind::NotFinite, out)
    }

    pub(super) fn put_number_float8(&self, value: ValueRef<'_>, out: &mut BytesMut) -> Outcome {
        match groups(value)? {
            Ok(groups) => {
                let (nearest, kept) = groups.to_f64();
                self.put_nearest(nearest.to_be_bytes(), kept, nearest.is_finite(), out)
            }
            Err(Infinite { negative }) => {
                put_fixed(infinite(negative).to_be_bytes(), out);
                Ok(Losses::NONE)
            }
        }
    }

    pub(super) fn put_number_float4(&self, value: ValueRef<'_>, out: &mut BytesMut) -> Outcome {
        match groups(value)? {
            Ok(groups) => {
                let (nearest, kept) = groups.to_f32();
                self.put_nearest(nearest.to_be_bytes(), kept, nearest.is_finite(), out)
            }
            Err(Infinite { negative }) => {
                put_fixed(narrowed(infinite(negative)).to_be_bytes(), out);
                Ok(Losses::NONE)
            }
        }
    }

    pub(super) fn put_double_as_float4(&self, value: f64, out: &mut BytesMut) -> Outcome {
        let nearest = narrowed(value);
        let kept = value.is_nan() || f64::from(nearest) == value;
        self.put_nearest(single_bytes(nearest), kept, nearest.is_finite() || !value.is_finite(), out)
    }

    fn put_nearest<const N: usize>(&self, nearest: [u8; N], kept: bool, in_range: bool, out: &mut BytesMut) -> Outcome {
        if !in_range {
            return self.null_for(Loss::OutOfRange, ValueErrorKind::Overflow, out);
        }
        let losses = if kept { Losses::NONE } else { self.lose(Loss::FloatDigits, ValueErrorKind::Inexact)? };
        put_fixed(nearest, out);
        Ok(losses)
    }

    pub(super) fn put_number_bool(&self, value: ValueRef<'_>, out: &mut BytesMut) -> Outcome {
        match groups(value)? {
            Ok(groups) => match groups.to_bool() {
                Some(truth) => {
                    put_fixed([u8::from(truth)], out);
                    Ok(Losses::NONE)
                }
                None => self.null_for(Loss::OutOfRange, ValueErrorKind::Overflow, out),
            },
            Err(Infinite { .. }) => self.null_for(Loss::Infinity, ValueErrorKind::NotFinite, out),
        }
    }

    pub(super) fn put_number_text(&self, plan: TextPlan, value: ValueRef<'_>, out: &mut BytesMut) -> Outcome {
        let number = match value {
            ValueRef::Int(n) => Number::from(n),
            ValueRef::Decimal(text) => text.parse().map_err(|_| ValueErrorKind::Malformed)?,
            ValueRef::NumberBytes(bytes) => Number::from_bytes(bytes).map_err(|_| ValueErrorKind::Malformed)?,
            _ => return Err(ValueErrorKind::WrongForm.into()),
        };
        if number.is_infinite() {
            return self.null_for(Loss::Infinity, ValueErrorKind::NotFinite, out);
        }
        self.put_shown::<192>(plan, format_args!("{number}"), out)
    }

    pub(super) fn put_float_numeric(&self, value: f64, declared: Declared, out: &mut BytesMut) -> Outcome {
        if value.is_nan() {
            pg_numeric::put_nan(out);
            Ok(Losses::NONE)
        } else if value.is_infinite() {
            self.put_numeric_infinity(value < 0.0, declared, out)
        } else {
            self.put_groups(declared, &Groups::from_f64(value), out)
        }
    }

    pub(super) fn put_float_integer(&self, width: Width, value: f64, out: &mut BytesMut) -> Outcome {
        if value.is_finite() {
            self.put_groups_integer(width, &Groups::from_f64(value), out)
        } else {
            self.null_for(Loss::Infinity, ValueErrorKind::NotFinite, out)
        }
    }

    /// The shortest text that stands for the number, in one of the forms that PostgreSQL prints and reads.
    pub(super) fn put_float_text(&self, plan: TextPlan, value: ValueRef<'_>, out: &mut BytesMut) -> Outcome {
        let (value, shortest, scientific): (f64, &dyn std::fmt::Display, &dyn std::fmt::LowerExp) = match &value {
            ValueRef::Float(f) => ((*f).into(), f, f),
            ValueRef::Double(f) => (*f, f, f),
            _ => return Err(ValueErrorKind::WrongForm.into()),
        };
        match value {
            f if f.is_nan() => self.put_shown::<8>(plan, format_args!("NaN"), out),
            f if f.is_infinite() => {
                self.put_shown::<16>(plan, format_args!("{}Infinity", if f < 0.0 { "-" } else { "" }), out)
            }
            f if f == 0.0 || (1e-4..1e15).contains(&f.abs()) => {
                self.put_shown::<64>(plan, format_args!("{shortest}"), out)
            }
            _ => self.put_shown::<64>(plan, format_args!("{scientific:e}"), out),
        }
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

/// Whether there was such a number and it fits; if not, nothing is appended.
#[inline]
pub(super) fn put_short_numeric(short: Option<ShortNumeric>, declared: Declared, out: &mut BytesMut) -> bool {
    let Some(field) = short.and_then(|short| short.field(declared)) else { return false };
    let start = out.len();
    out.extend_from_slice(&field.bytes());
    out.truncate(start + field.len());
    true
}

/// The same of Oracle's bytes.
#[inline(never)]
pub(super) fn put_short_number(bytes: &[u8], declared: Declared, out: &mut BytesMut) -> bool {
    put_short_numeric(ShortNumeric::from_bytes(bytes), declared, out)
}

fn infinite(negative: bool) -> f64 {
    if negative { f64::NEG_INFINITY } else { f64::INFINITY }
}

#[expect(clippy::cast_possible_truncation, reason = "the nearest single is what is asked for; callers compare")]
fn narrowed(value: f64) -> f32 {
    value as f32
}

/// There are many NaNs in the bits; Oracle and PostgreSQL know one.
pub(crate) fn single_bytes(value: f32) -> [u8; 4] {
    if value.is_nan() { 0x7fc0_0000_u32.to_be_bytes() } else { value.to_be_bytes() }
}

#[inline]
pub(crate) fn double_bytes(value: f64) -> [u8; 8] {
    if value.is_nan() { 0x7ff8_0000_0000_0000_u64.to_be_bytes() } else { value.to_be_bytes() }
}
