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
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[non_exhaustive]
pub struct LossPolicy {
    /// Digits of a second beyond the sixth. Converted: rounded half up to the microsecond, as PostgreSQL does.
    pub sub_microsecond: LossAction,
    /// U+0000 in character data. Converted: removed.
    pub nul_character: LossAction,
    /// ±infinity of NUMBER where the target has none (`numeric` has it from PostgreSQL 14 on). Converted: NULL.
    pub infinity: LossAction,
}
