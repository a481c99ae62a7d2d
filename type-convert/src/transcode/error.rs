use crate::{OracleType, PgType, geometry::GeometryError};

/// This pair of types cannot be transcoded.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("no conversion from {oracle} to {pg}{}", advice.map(|a| format!(": {a}")).unwrap_or_default())]
pub struct UnsupportedPair {
    /// The source type.
    pub oracle: OracleType,
    /// The target type.
    pub pg: PgType,
    /// What would make it possible.
    pub advice: Option<&'static str>,
}

/// Why one value does not fit its target. It names neither table nor column: the caller knows them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{}", kind.message())]
pub struct ValueError {
    kind: ValueErrorKind,
    quarantined: bool,
}

/// The kinds of [`ValueError`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ValueErrorKind {
    /// Out of the target's range, or not of its length.
    Overflow,
    /// Digits would be lost, or a time of day, or an offset from UTC.
    Inexact,
    /// Not UTF-8.
    InvalidText,
    /// U+0000 in character data.
    NulCharacter,
    /// An empty text where Oracle has NULL.
    EmptyText,
    /// ±infinity or NaN where the target has none.
    NotFinite,
    /// A day that only the Julian calendar has, such as 29 February 1500.
    NoSuchDay,
    /// A text that is none of the enumeration's labels, or is no number, UUID, date or word for true or false where the target is one.
    NotOfTarget,
    /// Bytes or text that are no value of the source type at all.
    Malformed,
    /// A LOB that is not here, see [`ValueRef::Streamed`](crate::ValueRef::Streamed): whoever encodes must read it first.
    Streamed,
    /// A form of value that this source type never has.
    WrongForm,
    /// An SDO_GEOMETRY that PostGIS does not have, or that is none.
    Geometry(GeometryError),
}

impl ValueErrorKind {
    fn message(self) -> &'static str {
        match self {
            ValueErrorKind::Overflow => "the value is out of the target type's range or longer than its length",
            ValueErrorKind::Inexact => "the target type would lose digits, the time of day or the offset of the value",
            ValueErrorKind::InvalidText => "the text is not valid UTF-8",
            ValueErrorKind::NulCharacter => "the text holds U+0000, which PostgreSQL cannot store",
            ValueErrorKind::EmptyText => "the text is empty, where Oracle has NULL",
            ValueErrorKind::NotFinite => "the value is an infinity or NaN, which the target type does not have",
            ValueErrorKind::NoSuchDay => "the day exists in the Julian calendar only, PostgreSQL does not have it",
            ValueErrorKind::NotOfTarget => "the text is no value of the target type",
            ValueErrorKind::Malformed => "the value as read is no value of the source type",
            ValueErrorKind::Streamed => "the value is a LOB that must be read piece by piece, and was not",
            ValueErrorKind::WrongForm => "the value as read is of another type than the source column",
            ValueErrorKind::Geometry(error) => error.message(),
        }
    }
}

impl ValueError {
    /// What went wrong.
    pub fn kind(&self) -> ValueErrorKind {
        self.kind
    }

    /// Whether the column's policy asks for the row to be set aside ([`LossAction::Quarantine`](crate::LossAction::Quarantine)).
    pub fn is_quarantined(&self) -> bool {
        self.quarantined
    }

    pub(super) fn quarantined(kind: ValueErrorKind) -> Self {
        ValueError { kind, quarantined: true }
    }
}

/// Which field of which row does not fit its target, and why.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("row {row}, column {column}: {error}")]
pub struct FieldError {
    row: usize,
    column: usize,
    error: ValueError,
}

impl FieldError {
    pub(crate) fn new(row: usize, column: usize, error: ValueError) -> Self {
        FieldError { row, column, error }
    }

    /// The row's position in its batch, from 0.
    pub fn row(&self) -> usize {
        self.row
    }

    /// Its position in the row, from 0.
    pub fn column(&self) -> usize {
        self.column
    }

    /// Why it does not fit.
    pub fn into_error(self) -> ValueError {
        self.error
    }
}

impl From<ValueErrorKind> for ValueError {
    fn from(kind: ValueErrorKind) -> Self {
        ValueError { kind, quarantined: false }
    }
}
