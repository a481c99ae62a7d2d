//! NUMBER to and from the `Decimal` of `rust_decimal` 1, which holds 28 digits where NUMBER holds 40.

use crate::{Number, NumberError, ascii_buffer::AsciiBuffer};
use rust_decimal::Decimal;
use std::fmt::Write as _;

impl From<Decimal> for Number {
    fn from(decimal: Decimal) -> Self {
        let mut text = AsciiBuffer::<64>::new();
        write!(text, "{}E-{}", decimal.mantissa(), decimal.scale()).expect("29 digits and their scale fit the buffer");
        text.as_str().parse().expect("29 digits of scale 0 to 28 are within NUMBER's 40 digits and its range")
    }
}

/// An error where `Decimal` would have to round, or cannot hold the number at all.
impl TryFrom<Number> for Decimal {
    type Error = NumberError;

    fn try_from(number: Number) -> Result<Self, Self::Error> {
        let mut text = AsciiBuffer::<192>::new();
        let exact = write!(text, "{number}").ok().and_then(|()| Decimal::from_str_exact(text.as_str()).ok());
        // Checked the other way round too: nothing rests on how the other crate reads text.
        exact
            .filter(|decimal| Number::from(*decimal) == number)
            .ok_or(NumberError::new("does not fit a Decimal exactly"))
    }
}
