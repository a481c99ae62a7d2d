use crate::UtcOffset;
use std::fmt;

/// What to do where PostgreSQL cannot hold a value as it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[cfg_attr(feature = "with-serde-1", derive(serde::Serialize, serde::Deserialize), serde(rename_all = "snake_case"))]
#[non_exhaustive]
pub enum LossAction {
    /// Return a [`ValueError`](crate::ValueError); the caller stops, or sets the row aside if that is its rule.
    #[default]
    Refuse,
    /// Convert as the field's documentation states, and count it (see [`Losses`]).
    Convert,
    /// Return a [`ValueError`](crate::ValueError) that asks for the row to be
    /// [set aside](crate::ValueError::is_quarantined), whatever the caller's rule is for other errors.
    Quarantine,
}

/// For one column: what happens to values that do not fit. Everything is refused by default.
///
/// Years before Christ need no rule: PostgreSQL's dates reach back as far as Oracle's. What differs is the calendar, see
/// [`julian_day`](LossPolicy::julian_day).
///
/// ```
/// use type_convert::{LossAction, LossPolicy};
///
/// let mut policy = LossPolicy::default();
/// policy.sub_microsecond = LossAction::Convert;
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[cfg_attr(feature = "with-serde-1", derive(serde::Serialize, serde::Deserialize), serde(default, deny_unknown_fields))]
#[non_exhaustive]
pub struct LossPolicy {
    /// Digits of a second that the target has no room for: beyond the sixth, or beyond the target's precision.
    /// Converted: rounded half up (of intervals, half away from zero).
    pub sub_microsecond: LossAction,
    /// A time of day where the target is `date`. Converted: left out.
    pub time_of_day: LossAction,
    /// A day that only the Julian calendar has, such as 29 February 1500. Converted: the day after, 1 March.
    pub julian_day: LossAction,
    /// The offset of a TIMESTAMP WITH TIME ZONE where the target has none. Converted: the moment in UTC.
    pub offset: LossAction,
    /// A number or an interval outside the target's range, a RAW that is too short or too long for a UUID, a VECTOR with a number outside the
    /// target's range or not of its dimensions, and a number, date, interval, RAW or truth whose text is longer than the target's length.
    /// Converted: NULL.
    pub out_of_range: LossAction,
    /// A text longer than the target's length (of a CHAR, blanks at the end do not count where the target is `character(n)`, which would
    /// not keep them either). Converted: cut at that length.
    pub too_long: LossAction,
    /// Digits of a NUMBER or of a floating-point number beyond the scale of `numeric(p,s)`, or behind the point where the target is an integer.
    /// Converted: rounded half away from zero, as both Oracle and PostgreSQL round.
    pub decimal_digits: LossAction,
    /// Digits of a NUMBER that `real` or `double precision` do not keep (nor the ordinates of `geometry`), or of a BINARY_DOUBLE or a FLOAT64 in a
    /// VECTOR that `real` does not. Digits of a NUMBER are kept where the nearest floating-point number is the number, or has it as its shortest text.
    /// Converted: the nearest.
    pub float_digits: LossAction,
    /// ±infinity or NaN where the target has none: NUMBER's infinities in integers, text and `boolean`; NUMBER's and
    /// BINARY_DOUBLE's in `numeric`, unless `numeric_infinity` says otherwise; one in a VECTOR where the target is pgvector's `vector`.
    /// Converted: NULL.
    pub infinity: LossAction,
    /// ±infinity in a `numeric` without precision. Converted: `numeric`'s own infinity, which loses nothing, but
    /// which only PostgreSQL 14 and later have.
    pub numeric_infinity: LossAction,
    /// U+0000 in character data. Converted: removed.
    pub nul_character: LossAction,
    /// Character data that is not UTF-8. Converted: each sequence that is none becomes U+FFFD.
    pub invalid_text: LossAction,
    /// An empty text in a column that is no LOB, where Oracle itself has NULL (`''` is NULL). Converted: NULL. An empty LOB
    /// is not NULL on either side and stays an empty text.
    pub empty_text: LossAction,
    /// Whether NULL in a character column becomes an empty text, as some programs expect after the move. Counted.
    pub null_as_empty: bool,
    /// In which offset from UTC a DATE or TIMESTAMP is, where the target is `timestamp with time zone`. Oracle does not say, so
    /// without it there is no conversion.
    pub assumed_offset: Option<UtcOffset>,
}

/// What a [`LossPolicy`] allowed, one for each of its fields.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "with-serde-1", derive(serde::Serialize, serde::Deserialize), serde(rename_all = "snake_case"))]
#[non_exhaustive]
pub enum Loss {
    /// [`LossPolicy::sub_microsecond`].
    SubMicrosecond,
    /// [`LossPolicy::time_of_day`].
    TimeOfDay,
    /// [`LossPolicy::julian_day`].
    JulianDay,
    /// [`LossPolicy::offset`].
    Offset,
    /// [`LossPolicy::out_of_range`].
    OutOfRange,
    /// [`LossPolicy::too_long`].
    TooLong,
    /// [`LossPolicy::decimal_digits`].
    DecimalDigits,
    /// [`LossPolicy::float_digits`].
    FloatDigits,
    /// [`LossPolicy::infinity`].
    Infinity,
    /// [`LossPolicy::numeric_infinity`].
    NumericInfinity,
    /// [`LossPolicy::nul_character`].
    NulCharacter,
    /// [`LossPolicy::invalid_text`].
    InvalidText,
    /// [`LossPolicy::empty_text`].
    EmptyText,
    /// [`LossPolicy::null_as_empty`].
    NullAsEmpty,
}

impl Loss {
    /// All of them, in the order of the fields of [`LossPolicy`].
    pub const ALL: [Loss; 14] = [
        Loss::SubMicrosecond,
        Loss::TimeOfDay,
        Loss::JulianDay,
        Loss::Offset,
        Loss::OutOfRange,
        Loss::TooLong,
        Loss::DecimalDigits,
        Loss::FloatDigits,
        Loss::Infinity,
        Loss::NumericInfinity,
        Loss::NulCharacter,
        Loss::InvalidText,
        Loss::EmptyText,
        Loss::NullAsEmpty,
    ];

    /// The name of its field in [`LossPolicy`].
    pub fn name(self) -> &'static str {
        match self {
            Loss::SubMicrosecond => "sub_microsecond",
            Loss::TimeOfDay => "time_of_day",
            Loss::JulianDay => "julian_day",
            Loss::Offset => "offset",
            Loss::OutOfRange => "out_of_range",
            Loss::TooLong => "too_long",
            Loss::DecimalDigits => "decimal_digits",
            Loss::FloatDigits => "float_digits",
            Loss::Infinity => "infinity",
            Loss::NumericInfinity => "numeric_infinity",
            Loss::NulCharacter => "nul_character",
            Loss::InvalidText => "invalid_text",
            Loss::EmptyText => "empty_text",
            Loss::NullAsEmpty => "null_as_empty",
        }
    }

    fn bit(self) -> u16 {
        1 << (self as u8)
    }
}

impl LossPolicy {
    /// What happens where a value would lose this. [`Loss::NullAsEmpty`] is converted or not at all.
    pub fn action(&self, loss: Loss) -> LossAction {
        let mut policy = *self;
        match policy.field(loss) {
            Some(action) => *action,
            None if self.null_as_empty => LossAction::Convert,
            None => LossAction::Refuse,
        }
    }

    /// Sets the field of this loss. [`Loss::NullAsEmpty`] is there with [`LossAction::Convert`] alone.
    ///
    /// ```
    /// use type_convert::{Loss, LossAction, LossPolicy};
    ///
    /// let mut policy = LossPolicy::default();
    /// policy.set(Loss::TooLong, LossAction::Quarantine);
    /// assert_eq!(policy.too_long, LossAction::Quarantine);
    /// ```
    pub fn set(&mut self, loss: Loss, action: LossAction) {
        match self.field(loss) {
            Some(field) => *field = action,
            None => self.null_as_empty = action == LossAction::Convert,
        }
    }

    /// None of [`Loss::NullAsEmpty`], which is no action.
    fn field(&mut self, loss: Loss) -> Option<&mut LossAction> {
        Some(match loss {
            Loss::SubMicrosecond => &mut self.sub_microsecond,
            Loss::TimeOfDay => &mut self.time_of_day,
            Loss::JulianDay => &mut self.julian_day,
            Loss::Offset => &mut self.offset,
            Loss::OutOfRange => &mut self.out_of_range,
            Loss::TooLong => &mut self.too_long,
            Loss::DecimalDigits => &mut self.decimal_digits,
            Loss::FloatDigits => &mut self.float_digits,
            Loss::Infinity => &mut self.infinity,
            Loss::NumericInfinity => &mut self.numeric_infinity,
            Loss::NulCharacter => &mut self.nul_character,
            Loss::InvalidText => &mut self.invalid_text,
            Loss::EmptyText => &mut self.empty_text,
            Loss::NullAsEmpty => return None,
        })
    }
}

/// A set of [`Loss`]: what one value lost, each at most once. Usually empty.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Losses(u16);

impl Losses {
    /// Nothing was lost.
    pub const NONE: Losses = Losses(0);

    /// Whether the value is exactly what it was.
    #[inline]
    pub fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// Whether this was lost.
    pub fn contains(self, loss: Loss) -> bool {
        self.0 & loss.bit() != 0
    }

    /// What was lost, in the order of [`Loss::ALL`].
    pub fn iter(self) -> impl Iterator<Item = Loss> {
        Loss::ALL.into_iter().filter(move |loss| self.contains(*loss))
    }

    /// Both sets together.
    #[must_use]
    pub fn and(self, other: Losses) -> Losses {
        Losses(self.0 | other.0)
    }
}

impl From<Loss> for Losses {
    fn from(loss: Loss) -> Self {
        Losses(loss.bit())
    }
}

impl FromIterator<Loss> for Losses {
    fn from_iter<I: IntoIterator<Item = Loss>>(losses: I) -> Self {
        losses.into_iter().fold(Losses::NONE, |all, loss| all.and(loss.into()))
    }
}

/// The field's name.
impl fmt::Display for Loss {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_loss_is_one_of_its_own() {
        let mut seen = Losses::NONE;
        for loss in Loss::ALL {
            assert!(!seen.contains(loss), "{loss}");
            seen = seen.and(loss.into());
            assert!(seen.contains(loss));
        }
        assert!(seen.iter().eq(Loss::ALL));
        assert_eq!(Loss::ALL.into_iter().collect::<Losses>(), seen);
        assert!(Losses::NONE.is_empty() && !seen.is_empty());
    }

    #[test]
    fn everything_is_refused_by_default() {
        for loss in Loss::ALL {
            assert_eq!(LossPolicy::default().action(loss), LossAction::Refuse, "{loss}");
        }
    }

    #[test]
    fn each_loss_has_a_field_of_its_own() {
        for loss in Loss::ALL {
            let mut policy = LossPolicy::default();
            policy.set(loss, LossAction::Convert);
            for other in Loss::ALL {
                let expected = if other == loss { LossAction::Convert } else { LossAction::Refuse };
                assert_eq!(policy.action(other), expected, "{loss}, {other}");
            }
            policy.set(loss, LossAction::Refuse);
            assert_eq!(policy, LossPolicy::default(), "{loss}");
        }
    }
}
