use super::{Padding, Plan, TextPlan, Transcoder, Width};

/// The plans that have a shortcut for their usual values, see [`RowEncoder`](crate::RowEncoder).
// Aligned so that one lies at a multiple of its size that an address can hold.
#[derive(Debug, Clone, Copy, PartialEq)]
#[repr(align(8))]
pub(crate) enum Fast {
    Int8,
    Int4,
    /// `numeric(p,s)`: its scale, and how many digits before the point it takes.
    Numeric {
        scale: i16,
        before: i16,
    },
    UndeclaredNumeric,
    Timestamp {
        /// Whether fewer than six digits are kept, so that only whole seconds are sure to fit.
        whole_seconds: bool,
    },
    Float8,
    /// Text, and how many characters it may have.
    Text {
        most: u32,
    },
    None,
}

impl Transcoder {
    pub(crate) fn shortcut(&self) -> Fast {
        match &self.plan {
            // Where NULL is not NULL nothing is usual.
            _ if self.null_as_empty => Fast::None,
            Plan::Integer(Width::Eight) => Fast::Int8,
            Plan::Integer(Width::Four) => Fast::Int4,
            Plan::Numeric(None) => Fast::UndeclaredNumeric,
            Plan::Numeric(Some((precision, scale))) => match i16::try_from(*precision) {
                Ok(precision) => Fast::Numeric { scale: *scale, before: precision - scale },
                Err(_) => Fast::None,
            },
            Plan::Timestamp(precision) => Fast::Timestamp { whole_seconds: *precision < 6 },
            Plan::Float8 => Fast::Float8,
            Plan::Text(TextPlan { length: None, .. }) => Fast::Text { most: u32::MAX },
            Plan::Text(TextPlan { length: Some(length), padding: Padding::No, .. }) => {
                Fast::Text { most: u32::try_from(*length).unwrap_or(u32::MAX) }
            }
            _ => Fast::None,
        }
    }
}
