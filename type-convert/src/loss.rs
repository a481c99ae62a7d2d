/// What to do where PostgreSQL cannot hold a value as it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[non_exhaustive]
pub enum LossAction {
    /// Return a [`ValueError`](crate::ValueError); the caller stops or sets the row aside.
    #[default]
    Refuse,
    /// Convert as the field's documentation states.
    Convert,
}

/// For one column: what happens to values that do not fit. Everything is refused by default.
///
/// ```
/// use type_convert::{LossAction, LossPolicy};
///
/// let mut policy = LossPolicy::default();
/// policy.sub_microsecond = LossAction::Convert;
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[non_exhaustive]
pub struct LossPolicy {
    /// Digits of a second beyond the sixth. Converted: rounded half up to the microsecond (of intervals, half away
    /// from zero).
    pub sub_microsecond: LossAction,
    /// U+0000 in character data. Converted: removed.
    pub nul_character: LossAction,
    /// ±infinity where the target has none: NUMBER's in integers, text and `boolean`; NUMBER's and
    /// BINARY_DOUBLE's in `numeric`, unless `numeric_infinity` says otherwise. Converted: NULL.
    pub infinity: LossAction,
    /// ±infinity in a `numeric` without precision. Converted: `numeric`'s own infinity, which loses nothing, but
    /// which only PostgreSQL 14 and later have.
    pub numeric_infinity: LossAction,
    /// Digits of a NUMBER that `real` or `double precision` do not keep, or of a BINARY_DOUBLE that `real` does
    /// not. Digits are kept where the nearest floating-point number is the number, or has it as its shortest text.
    /// Converted: the nearest.
    pub float_digits: LossAction,
}
