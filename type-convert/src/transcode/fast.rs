use super::{Plan, TextPlan, Transcoder, Width};

/// The plans that have a shortcut for their usual values, see [`RowEncoder`](crate::RowEncoder).
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Fast {
    Int8,
    /// `numeric(p,s)`: its scale, and how many digits before the point it takes.
    Numeric {
        scale: i16,
        before: i16,
    },
    UndeclaredNumeric,
    Timestamp,
    /// `timestamp(p)` of fewer than six digits.
    Seconds,
    Float8,
    /// Text of any length.
    Text,
    None,
}

impl Transcoder {
    pub(crate) fn shortcut(&self) -> Fast {
        match &self.plan {
            // Where NULL is not NULL nothing is usual.
            _ if self.null_as_empty => Fast::None,
            Plan::Integer(Width::Eight) => Fast::Int8,
            Plan::Numeric(None) => Fast::UndeclaredNumeric,
            Plan::Numeric(Some((precision, scale))) => match i16::try_from(*precision) {
                Ok(precision) => Fast::Numeric { scale: *scale, before: precision - scale },
                Err(_) => Fast::None,
            },
            Plan::Timestamp(6) => Fast::Timestamp,
            Plan::Timestamp(_) => Fast::Seconds,
            Plan::Float8 => Fast::Float8,
            Plan::Text(TextPlan { length: None, .. }) => Fast::Text,
            _ => Fast::None,
        }
    }
}
