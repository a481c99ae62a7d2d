//! JSON in Oracle's binary form, and VECTOR in both of its forms.

use super::{MAX_FIELD, Outcome, Plan, Transcoder, ValueError, ValueErrorKind, nested::whole, text::TextPlan};
use crate::{
    Loss, Losses, ValueRef,
    oson::{self, OsonErrorKind},
    vector::{Vector, VectorError, VectorErrorKind, VectorFormat},
};
use bytes::BytesMut;

/// What a VECTOR becomes.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum VectorPlan {
    RealArray,
    DoubleArray,
    /// pgvector's `vector`, of a number of dimensions or any.
    PgVector(Option<u32>),
    Text(TextPlan),
}

impl Transcoder {
    /// JSON text, however it arrives, by the plan for such a text.
    pub(super) fn put_json(&self, plan: &Plan, value: ValueRef<'_>, out: &mut BytesMut) -> Outcome {
        match value {
            ValueRef::Oson(image) => {
                let mut text = Vec::new();
                oson::to_json_within(image, MAX_FIELD, &mut text).map_err(|e| match e.kind() {
                    OsonErrorKind::TooLong => ValueErrorKind::Overflow,
                    _ => ValueErrorKind::Malformed,
                })?;
                self.put_as(plan, ValueRef::Text(&text), out)
            }
            value => self.put_as(plan, value, out),
        }
    }

    /// `format` is that of the column, for the text does not say its own; where the column takes any, FLOAT64 holds all numbers.
    pub(super) fn put_vector(
        &self,
        plan: VectorPlan,
        format: Option<VectorFormat>,
        value: ValueRef<'_>,
        out: &mut BytesMut,
    ) -> Outcome {
        let vector = match value {
            ValueRef::VectorBytes(image) => Vector::from_bytes(image),
            ValueRef::Text(text) => {
                let text = std::str::from_utf8(text).map_err(|_| ValueErrorKind::Malformed)?;
                Vector::parse(text, format.unwrap_or(VectorFormat::Float64))
            }
            _ => return Err(ValueErrorKind::WrongForm.into()),
        };
        let vector = vector.map_err(value_error)?;
        let outcome = match plan {
            VectorPlan::Text(plan) => return self.put_whole_text(plan, &vector.to_string(), out),
            VectorPlan::PgVector(Some(declared)) if u32::try_from(vector.dimensions()) != Ok(declared) => {
                Err(ValueErrorKind::Overflow.into())
            }
            VectorPlan::PgVector(_) => whole(out, |out| self.kept(vector.append_pgvector(out))),
            VectorPlan::RealArray => whole(out, |out| self.kept(vector.append_real_array(out))),
            VectorPlan::DoubleArray => whole(out, |out| self.kept(vector.append_double_array(out).map(|()| true))),
        };
        // What the policy may give up for NULL.
        match outcome.map_err(|e| e.kind()) {
            Err(kind @ ValueErrorKind::NotFinite) => self.null_for(Loss::Infinity, kind, out),
            Err(kind @ ValueErrorKind::Overflow) => self.null_for(Loss::OutOfRange, kind, out),
            _ => outcome,
        }
    }

    fn kept(&self, exact: Result<bool, VectorError>) -> Outcome {
        match exact.map_err(value_error)? {
            true => Ok(Losses::NONE),
            false => self.lose(Loss::FloatDigits, ValueErrorKind::Inexact),
        }
    }
}

fn value_error(error: VectorError) -> ValueError {
    match error.kind() {
        VectorErrorKind::Malformed | VectorErrorKind::Unsupported => ValueErrorKind::Malformed,
        VectorErrorKind::Dimensions | VectorErrorKind::Overflow => ValueErrorKind::Overflow,
        VectorErrorKind::NotFinite => ValueErrorKind::NotFinite,
        VectorErrorKind::Format => ValueErrorKind::WrongForm,
    }
    .into()
}
