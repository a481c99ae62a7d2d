//! What redo says about the content of LOBs, XML documents and extended (32 K) strings.
//!
//! [`LobStatement::scan`] reads one `SQL_REDO`. What a LOB's operations do to its content is collected in a
//! [`LobPatch`]; the pieces of documents and strings come together in [`XmlDocument`] and [`LongString`].

mod patch;
mod pieces;
mod statement;

pub use patch::{CharacterUnit, LobData, LobPatch, LobPiece, MAX_PADDING};
pub use pieces::{LongString, XmlDocument};
pub use statement::{LobCall, LobChange, LobKind, LobStatement, LobTarget, LongStringWrite, XmlWrite};

pub(crate) use patch::text_of_utf16;

use crate::StatementError;
use std::{borrow::Cow, fmt};

/// Why the content of a LOB, a document or a string cannot be told from its redo.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LobError {
    kind: LobErrorKind,
    detail: Cow<'static, str>,
    offset: Option<usize>,
}

/// The kinds of [`LobError`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum LobErrorKind {
    /// The statement is none of the forms that LogMiner prints.
    Statement,
    /// The literal of a piece cannot be read.
    Literal,
    /// A piece is not as long as the redo says.
    Length,
    /// The bytes of a piece can be read in no character set, or in more than one.
    Encoding,
    /// A text in apostrophes can be read in two ways.
    Ambiguous,
    /// An operation begins or ends between the two halves of a surrogate pair.
    SurrogatePair,
    /// What the redo counts as a character is not known, or differs from one piece to the next.
    CharacterUnit,
    /// A trim or an erase beyond the end of the LOB.
    BeyondEnd,
    /// More than can be held: see [`MAX_PADDING`].
    TooLarge,
    /// Bytes for a text, or a text for bytes.
    Kind,
    /// A document that is not in UTF-8.
    NotUtf8,
    /// A document in Oracle's binary XML.
    BinaryXml,
    /// Pieces that do not follow each other.
    Sequence,
}

impl LobError {
    pub(crate) fn new(kind: LobErrorKind, detail: impl Into<Cow<'static, str>>) -> Self {
        Self { kind, detail: detail.into(), offset: None }
    }

    fn at(self, offset: usize) -> Self {
        Self { offset: Some(offset), ..self }
    }

    /// What went wrong.
    pub fn kind(&self) -> LobErrorKind {
        self.kind
    }

    /// Where in the statement, in bytes from its start, if it is about a place in one.
    pub fn offset(&self) -> Option<usize> {
        self.offset
    }
}

/// Says where and why; never the content, which may be secret.
impl fmt::Display for LobError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.detail)?;
        self.offset.map_or(Ok(()), |offset| write!(f, " (at byte {offset} of the statement)"))
    }
}

impl std::error::Error for LobError {}

impl From<StatementError> for LobError {
    fn from(error: StatementError) -> Self {
        let detail = format!("SQL_REDO cannot be read: expected {}", error.expected());
        Self::new(LobErrorKind::Statement, detail).at(error.offset())
    }
}
