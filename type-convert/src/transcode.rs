use crate::{LossPolicy, OracleType, PgType, ValueRef};
use bytes::BytesMut;

/// Turns values of one Oracle column into PostgreSQL's binary form for one target column.
///
/// The plan is decided once, in [`Transcoder::new`]; encoding a value allocates nothing.
#[derive(Debug, Clone)]
pub struct Transcoder {
    _oracle: OracleType,
    _pg: PgType,
    _policy: LossPolicy,
}

/// This pair of types cannot be transcoded.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("no conversion from {oracle} to {pg}")]
pub struct UnsupportedPair {
    /// The source type.
    pub oracle: OracleType,
    /// The target type.
    pub pg: PgType,
}

/// Why one value does not fit its target. It names neither table nor column: the caller knows them.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{kind:?}")]
pub struct ValueError {
    kind: ValueErrorKind,
}

/// The kinds of [`ValueError`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ValueErrorKind {
    /// Out of the target's range or longer than the target's length.
    Overflow,
    /// Digits would be lost.
    Inexact,
    /// Not UTF-8.
    InvalidText,
    /// U+0000 in character data.
    NulCharacter,
    /// ±infinity or NaN where the target has none.
    NotFinite,
    /// Bytes or text that are no value of the source type at all.
    Malformed,
    /// A form of value that this source type never has.
    WrongForm,
}

impl ValueError {
    /// What went wrong.
    pub fn kind(&self) -> ValueErrorKind {
        self.kind
    }
}

impl Transcoder {
    /// Plans the conversion, or says that there is none.
    pub fn new(_oracle: &OracleType, _pg: &PgType, _policy: LossPolicy) -> Result<Self, UnsupportedPair> {
        todo!()
    }

    /// Appends one field as COPY BINARY and the extended protocol have it: a 4-byte big-endian
    /// length (−1 for NULL), then the value's binary form. On an error nothing is appended.
    pub fn encode(&self, _value: ValueRef<'_>, _out: &mut BytesMut) -> Result<(), ValueError> {
        todo!()
    }
}
