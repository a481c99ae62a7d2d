use super::{LobCall, LobChange, LobError, LobErrorKind, LobKind};
use serde::{Deserialize, Serialize};
use std::{borrow::Cow, fmt};
use type_convert::{OracleType, Value, literal};

/// How much a write beyond the end of a LOB may leave to be filled with zero bytes or blanks: 1 GiB, more than a
/// value of PostgreSQL holds.
pub const MAX_PADDING: u64 = 1 << 30;

/// What redo does to the content of one LOB, in order.
///
/// Offsets of CLOBs and NCLOBs count characters. Whether a character outside the Basic Multilingual Plane is one of
/// them, or two (the halves of a surrogate pair, as `dbms_lob` has it by Oracle's documentation), is taken from the
/// redo itself: a write says how long its text is. Where no write has such a character and the LOB has, only
/// [`LobPatch::set_unit`] can tell, and without it the patch is not applied. A write beyond the end leaves blanks
/// or zero bytes before it, and an erase does not change the length, as `dbms_lob` does it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LobPatch {
    kind: LobKind,
    unit: Option<CharacterUnit>,
    pieces: Vec<LobPiece>,
}

/// One change to a LOB. Lengths and offsets are in bytes or characters, offsets from 1.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum LobPiece {
    /// Data in place of what is there, or after it.
    Write {
        /// Where it goes.
        offset: u64,
        /// How long it is.
        length: u64,
        /// What is written.
        data: LobData,
    },
    /// The LOB is cut.
    Trim {
        /// How much is left.
        length: u64,
    },
    /// Blanks or zero bytes in place of what is there, up to the LOB's end.
    Erase {
        /// How much.
        amount: u64,
        /// From where.
        offset: u64,
    },
}

/// Content of a LOB, or a part of it.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LobData {
    /// CLOB, NCLOB.
    Text(String),
    /// BLOB; hexadecimal digits where it is serialized.
    #[serde(with = "hexadecimal_text")]
    Bytes(Vec<u8>),
}

/// What is counted as one character of a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CharacterUnit {
    /// A UTF-16 code unit: a character outside the Basic Multilingual Plane is two.
    Utf16,
    /// A code point: every character is one.
    CodePoint,
}

impl LobPatch {
    /// A patch that changes nothing.
    pub fn new(kind: LobKind) -> Self {
        Self { kind, unit: None, pieces: Vec::new() }
    }

    /// As another patch was made of.
    pub(crate) fn from_parts(kind: LobKind, unit: Option<CharacterUnit>, pieces: Vec<LobPiece>) -> Self {
        Self { kind, unit, pieces }
    }

    /// The type of the LOB.
    pub fn kind(&self) -> LobKind {
        self.kind
    }

    /// What its offsets count, as far as that is known.
    pub fn unit(&self) -> Option<CharacterUnit> {
        self.unit
    }

    /// Says what the offsets count, from knowledge of the source.
    pub fn set_unit(&mut self, unit: CharacterUnit) -> Result<(), LobError> {
        match self.unit.replace(unit) {
            Some(other) if other != unit => {
                self.unit = Some(other);
                Err(LobError::new(LobErrorKind::CharacterUnit, "characters are counted in another way before"))
            }
            _ => Ok(()),
        }
    }

    /// The changes, in order. Writes that follow each other without a gap are one.
    pub fn pieces(&self) -> &[LobPiece] {
        &self.pieces
    }

    /// Whether it changes nothing.
    pub fn is_empty(&self) -> bool {
        self.pieces.is_empty()
    }

    /// About how many bytes of memory it holds.
    pub fn size(&self) -> usize {
        let data = self.pieces.iter().map(|piece| match piece {
            LobPiece::Write { data, .. } => data.size(),
            LobPiece::Trim { .. } | LobPiece::Erase { .. } => 0,
        });
        size_of::<Self>() + self.pieces.len() * size_of::<LobPiece>() + data.sum::<usize>()
    }

    /// Adds what a statement does. After an error the patch is as it was before.
    pub fn push(&mut self, call: &LobCall<'_>) -> Result<(), LobError> {
        // NCLOB and CLOB differ in the source's character set only, and a locator's name need not tell them apart.
        if (call.kind == LobKind::Blob) != (self.kind == LobKind::Blob) {
            return Err(LobError::new(LobErrorKind::Kind, "an operation on a LOB of another type"));
        }
        match call.change {
            LobChange::Write { amount, offset, literal, place } => {
                let data = self.read(literal, amount).map_err(|error| {
                    let within = error.offset.unwrap_or(0);
                    error.at(place + within)
                })?;
                self.write(offset, amount, data)
            }
            LobChange::Trim { length } => {
                self.trim(length);
                Ok(())
            }
            LobChange::Erase { amount, offset } => self.erase(amount, offset),
        }
    }

    /// Adds a write of `amount` bytes or characters, which is how long `data` must be.
    pub fn write(&mut self, offset: u64, amount: u64, data: LobData) -> Result<(), LobError> {
        self.check_offset(offset, amount)?;
        match &data {
            LobData::Bytes(bytes) if self.kind == LobKind::Blob => {
                if u64::try_from(bytes.len()) != Ok(amount) {
                    return Err(length_error(amount, format_args!("{} bytes", bytes.len())));
                }
            }
            LobData::Text(text) if self.kind != LobKind::Blob => self.take_unit(text, amount)?,
            _ => return Err(LobError::new(LobErrorKind::Kind, "bytes for a text, or a text for bytes")),
        }
        if amount == 0 {
            return Ok(());
        }
        if let Some(LobPiece::Write { offset: first, length, data: before }) = self.pieces.last_mut()
            && first.checked_add(*length) == Some(offset)
        {
            match (before, &data) {
                (LobData::Text(before), LobData::Text(text)) => before.push_str(text),
                (LobData::Bytes(before), LobData::Bytes(bytes)) => before.extend_from_slice(bytes),
                _ => return Err(LobError::new(LobErrorKind::Kind, "bytes for a text, or a text for bytes")),
            }
            // The end of the data was checked not to overflow.
            *length += amount;
            return Ok(());
        }
        self.pieces.push(LobPiece::Write { offset, length: amount, data });
        Ok(())
    }

    /// Adds a trim.
    pub fn trim(&mut self, length: u64) {
        self.pieces.push(LobPiece::Trim { length });
    }

    /// Adds an erase.
    pub fn erase(&mut self, amount: u64, offset: u64) -> Result<(), LobError> {
        self.check_offset(offset, 0)?;
        self.pieces.push(LobPiece::Erase { amount, offset });
        Ok(())
    }

    /// Adds the changes of `next`, which come after these. After an error it may have some of them.
    pub fn append(&mut self, next: LobPatch) -> Result<(), LobError> {
        if (next.kind == LobKind::Blob) != (self.kind == LobKind::Blob) {
            return Err(LobError::new(LobErrorKind::Kind, "a patch on a LOB of another type"));
        }
        if let Some(unit) = next.unit {
            self.set_unit(unit)?;
        }
        for piece in next.pieces {
            match piece {
                LobPiece::Write { offset, length, data } => self.write(offset, length, data)?,
                LobPiece::Trim { length } => self.trim(length),
                LobPiece::Erase { amount, offset } => self.erase(amount, offset)?,
            }
        }
        Ok(())
    }

    /// Whether the changes tell the whole content, whatever the LOB held before: it is cut to nothing, or to what
    /// was written from its beginning, and nothing that is written later leaves a hole.
    pub fn completes(&self) -> bool {
        let mut known = Known::default();
        self.pieces.iter().for_each(|piece| {
            known.take(piece);
        });
        known.whole
    }

    /// The content, if the changes tell the whole of it: see [`LobPatch::completes`].
    pub fn value(&self) -> Result<Option<LobData>, LobError> {
        if !self.completes() {
            return Ok(None);
        }
        let mut known = Known::default();
        let mut content = Content::new(LobData::empty(self.kind), self.unit.unwrap_or(CharacterUnit::Utf16))?;
        for piece in &self.pieces {
            if known.take(piece) {
                content.change(piece)?;
            }
        }
        Ok(Some(content.data))
    }

    /// The content of a LOB that held `base`.
    pub fn apply(&self, base: LobData) -> Result<LobData, LobError> {
        if matches!(base, LobData::Bytes(_)) != (self.kind == LobKind::Blob) {
            return Err(LobError::new(LobErrorKind::Kind, "a patch on a LOB of another type"));
        }
        if self.pieces.is_empty() {
            return Ok(base);
        }
        if let (None, LobData::Text(text)) = (self.unit, &base)
            && has_supplementary(text)
        {
            return match self.value()? {
                Some(value) => Ok(value),
                None => Err(LobError::new(
                    LobErrorKind::CharacterUnit,
                    "the LOB has characters of which it is not known whether they count as one or two",
                )),
            };
        }
        let mut content = Content::new(base, self.unit.unwrap_or(CharacterUnit::Utf16))?;
        for piece in &self.pieces {
            content.change(piece)?;
        }
        Ok(content.data)
    }

    fn check_offset(&self, offset: u64, amount: u64) -> Result<(), LobError> {
        if offset == 0 {
            return Err(LobError::new(LobErrorKind::BeyondEnd, "an offset before the first character or byte"));
        }
        match offset.checked_add(amount) {
            Some(_) => Ok(()),
            None => Err(LobError::new(LobErrorKind::TooLarge, "an offset and an amount that no LOB has")),
        }
    }

    /// The data of a write.
    fn read(&self, literal: &str, amount: u64) -> Result<LobData, LobError> {
        if self.kind == LobKind::Blob {
            return read_bytes(literal).map(LobData::Bytes);
        }
        if is_hexadecimal(literal) {
            return self.decode(&read_bytes(literal)?, amount).map(LobData::Text);
        }
        read_text(literal).map(LobData::Text)
    }

    /// Bytes of a text, of which only the length tells the character set.
    fn decode(&self, bytes: &[u8], amount: u64) -> Result<String, LobError> {
        let utf8 = std::str::from_utf8(bytes).ok().map(Cow::Borrowed);
        let fits = |text: &Cow<'_, str>| self.units(text, amount).next().is_some();
        match (utf8.filter(fits), text_of_utf16(bytes).map(Cow::Owned).filter(fits)) {
            (Some(one), Some(other)) if one != other => {
                Err(LobError::new(LobErrorKind::Encoding, "bytes of a text that is as long in UTF-8 as in UTF-16"))
            }
            (Some(text), _) | (None, Some(text)) => Ok(text.into_owned()),
            (None, None) => {
                let message = format!("bytes of a text that has {amount} characters neither in UTF-8 nor in UTF-16");
                Err(LobError::new(LobErrorKind::Encoding, message))
            }
        }
    }

    /// The units in which `text` has the length `amount`, of those that may be meant.
    fn units(&self, text: &str, amount: u64) -> impl Iterator<Item = CharacterUnit> {
        let units = [CharacterUnit::Utf16, CharacterUnit::CodePoint].into_iter();
        units
            .filter(|unit| self.unit.is_none_or(|known| known == *unit))
            .filter(move |unit| measure(text, *unit) == amount)
    }

    /// Learns from a write's text and its amount what a character is.
    fn take_unit(&mut self, text: &str, amount: u64) -> Result<(), LobError> {
        let points = measure(text, CharacterUnit::CodePoint);
        let units = measure(text, CharacterUnit::Utf16);
        if amount != points && amount != units {
            return Err(length_error(amount, format_args!("{points} characters")));
        }
        if points == units {
            return Ok(());
        }
        self.set_unit(if amount == units { CharacterUnit::Utf16 } else { CharacterUnit::CodePoint })
    }
}

impl LobData {
    /// Content of length 0.
    pub fn empty(kind: LobKind) -> Self {
        match kind {
            LobKind::Blob => LobData::Bytes(Vec::new()),
            LobKind::Clob | LobKind::NClob => LobData::Text(String::new()),
        }
    }

    /// Its length in bytes, a text's in UTF-8.
    pub fn size(&self) -> usize {
        match self {
            LobData::Text(text) => text.len(),
            LobData::Bytes(bytes) => bytes.len(),
        }
    }
}

impl From<&str> for LobData {
    fn from(text: &str) -> Self {
        LobData::Text(text.to_owned())
    }
}

impl From<&[u8]> for LobData {
    fn from(bytes: &[u8]) -> Self {
        LobData::Bytes(bytes.to_owned())
    }
}

/// An empty LOB is an empty text or no bytes, not NULL.
impl From<LobData> for Value {
    fn from(data: LobData) -> Self {
        match data {
            LobData::Text(text) => Value::Text(text),
            LobData::Bytes(bytes) => Value::Bytes(bytes),
        }
    }
}

/// Without the data, which may be secret.
impl fmt::Debug for LobData {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            LobData::Text(text) => write!(f, "Text({} bytes)", text.len()),
            LobData::Bytes(bytes) => write!(f, "Bytes({} bytes)", bytes.len()),
        }
    }
}

/// Without the data, which may be secret.
impl fmt::Debug for LobPiece {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            LobPiece::Write { offset, length, .. } => write!(f, "Write {{ offset: {offset}, length: {length} }}"),
            LobPiece::Trim { length } => write!(f, "Trim {{ length: {length} }}"),
            LobPiece::Erase { amount, offset } => write!(f, "Erase {{ amount: {amount}, offset: {offset} }}"),
        }
    }
}

/// How much of a LOB's beginning the changes tell when nothing is known of what it held.
#[derive(Default)]
struct Known {
    length: u64,
    /// Nothing comes after that.
    whole: bool,
}

impl Known {
    /// Whether the piece changes what is known; if not, it is about what follows.
    fn take(&mut self, piece: &LobPiece) -> bool {
        match *piece {
            LobPiece::Write { offset, length, .. } => {
                let before = offset.saturating_sub(1);
                let within = before <= self.length;
                if within {
                    self.length = self.length.max(before.saturating_add(length));
                }
                self.whole &= within;
                within
            }
            LobPiece::Trim { length } => {
                let within = length <= self.length;
                if within {
                    self.length = length;
                }
                self.whole = within;
                within
            }
            LobPiece::Erase { offset, .. } => {
                let within = offset <= self.length;
                self.whole &= within;
                within
            }
        }
    }
}

/// Content that changes.
struct Content {
    data: LobData,
    /// In bytes or in `unit`s: kept, so that what is appended costs no look at what is there.
    length: u64,
    unit: CharacterUnit,
}

impl Content {
    fn new(data: LobData, unit: CharacterUnit) -> Result<Self, LobError> {
        let length = data_length(&data, unit)?;
        Ok(Self { data, length, unit })
    }

    fn change(&mut self, piece: &LobPiece) -> Result<(), LobError> {
        match piece {
            LobPiece::Write { offset, data, .. } => self.write(offset.saturating_sub(1), data),
            LobPiece::Trim { length } => self.trim(*length),
            LobPiece::Erase { amount, offset } => self.erase(offset.saturating_sub(1), *amount),
        }
    }

    fn write(&mut self, start: u64, new: &LobData) -> Result<(), LobError> {
        let end = start.checked_add(data_length(new, self.unit)?).ok_or_else(too_large)?;
        if start > self.length {
            self.pad(start - self.length)?;
        }
        let from = self.position(start)?;
        let to = self.position(end.min(self.length))?;
        match (&mut self.data, new) {
            (LobData::Text(text), LobData::Text(new)) if from == text.len() => text.push_str(new),
            (LobData::Text(text), LobData::Text(new)) => text.replace_range(from..to, new),
            (LobData::Bytes(bytes), LobData::Bytes(new)) if from == bytes.len() => bytes.extend_from_slice(new),
            (LobData::Bytes(bytes), LobData::Bytes(new)) => {
                bytes.splice(from..to, new.iter().copied());
            }
            _ => return Err(LobError::new(LobErrorKind::Kind, "bytes for a text, or a text for bytes")),
        }
        self.length = self.length.max(end);
        Ok(())
    }

    fn pad(&mut self, count: u64) -> Result<(), LobError> {
        if count > MAX_PADDING {
            return Err(too_large());
        }
        let bytes = usize::try_from(count).map_err(|_| too_large())?;
        match &mut self.data {
            LobData::Text(text) => text.extend(std::iter::repeat_n(' ', bytes)),
            LobData::Bytes(data) => data.resize(data.len() + bytes, 0),
        }
        self.length += count;
        Ok(())
    }

    fn trim(&mut self, length: u64) -> Result<(), LobError> {
        if length > self.length {
            return Err(beyond_end("a trim", length, self.length));
        }
        let at = self.position(length)?;
        match &mut self.data {
            LobData::Text(text) => text.truncate(at),
            LobData::Bytes(bytes) => bytes.truncate(at),
        }
        self.length = length;
        Ok(())
    }

    fn erase(&mut self, start: u64, amount: u64) -> Result<(), LobError> {
        if start >= self.length {
            return Err(beyond_end("an erase", start.saturating_add(1), self.length));
        }
        let end = start.saturating_add(amount).min(self.length);
        let (from, to) = (self.position(start)?, self.position(end)?);
        let count = usize::try_from(end - start).map_err(|_| too_large())?;
        match &mut self.data {
            LobData::Text(text) => text.replace_range(from..to, &" ".repeat(count)),
            LobData::Bytes(bytes) => bytes[from..to].fill(0),
        }
        Ok(())
    }

    /// The place in bytes of an offset from 0 that does not lie beyond the end.
    fn position(&self, at: u64) -> Result<usize, LobError> {
        let size = self.data.size();
        if at == self.length {
            return Ok(size);
        }
        let LobData::Text(text) = &self.data else {
            return usize::try_from(at).map_err(|_| too_large());
        };
        // As many bytes as characters: they are ASCII.
        if u64::try_from(size) == Ok(self.length) {
            return usize::try_from(at).map_err(|_| too_large());
        }
        let mut counted = 0;
        for (position, c) in text.char_indices() {
            if counted == at {
                return Ok(position);
            }
            counted += character_length(c, self.unit);
            if counted > at {
                break;
            }
        }
        Err(LobError::new(
            LobErrorKind::SurrogatePair,
            format!("character {} is the second half of a surrogate pair", at.saturating_add(1)),
        ))
    }
}

fn data_length(data: &LobData, unit: CharacterUnit) -> Result<u64, LobError> {
    match data {
        LobData::Text(text) => Ok(measure(text, unit)),
        LobData::Bytes(bytes) => u64::try_from(bytes.len()).map_err(|_| too_large()),
    }
}

/// How many characters `text` has.
fn measure(text: &str, unit: CharacterUnit) -> u64 {
    text.chars().map(|c| character_length(c, unit)).sum()
}

fn character_length(c: char, unit: CharacterUnit) -> u64 {
    match unit {
        CharacterUnit::Utf16 if c > '\u{FFFF}' => 2,
        CharacterUnit::Utf16 | CharacterUnit::CodePoint => 1,
    }
}

/// Characters outside the Basic Multilingual Plane are those of four bytes in UTF-8.
fn has_supplementary(text: &str) -> bool {
    text.bytes().any(|b| b >= 0xF0)
}

/// Whether a literal is one of bytes.
/// A text in UTF-16, the high byte of each unit first, as Oracle keeps it (AL16UTF16).
pub(crate) fn text_of_utf16(bytes: &[u8]) -> Option<String> {
    let (pairs, rest) = bytes.as_chunks::<2>();
    let units = pairs.iter().map(|pair| u16::from_be_bytes(*pair));
    char::decode_utf16(units).collect::<Result<_, _>>().ok().filter(|_| rest.is_empty())
}

pub(super) fn is_hexadecimal(literal: &str) -> bool {
    literal.get(..8).is_some_and(|word| word.eq_ignore_ascii_case("hextoraw"))
}

/// The text of a literal; offsets of errors are within it.
pub(super) fn read_text(literal: &str) -> Result<String, LobError> {
    match read(literal, &OracleType::Clob)? {
        Value::Text(text) => Ok(text),
        _ => Err(LobError::new(LobErrorKind::Literal, "a text was expected").at(0)),
    }
}

/// The bytes of a literal; offsets of errors are within it.
pub(super) fn read_bytes(literal: &str) -> Result<Vec<u8>, LobError> {
    match read(literal, &OracleType::Blob)? {
        Value::Bytes(bytes) => Ok(bytes),
        _ => Err(LobError::new(LobErrorKind::Literal, "bytes were expected").at(0)),
    }
}

fn read(literal: &str, ty: &OracleType) -> Result<Value, LobError> {
    let error = |e: literal::LiteralError| {
        LobError::new(LobErrorKind::Literal, format!("the data cannot be read: {e}")).at(e.offset())
    };
    literal::parse(literal, ty).map_err(error)
}

fn length_error(amount: u64, found: fmt::Arguments<'_>) -> LobError {
    LobError::new(LobErrorKind::Length, format!("data of {found} where the redo says {amount}"))
}

fn beyond_end(what: &str, at: u64, length: u64) -> LobError {
    LobError::new(LobErrorKind::BeyondEnd, format!("{what} at {at} of a LOB that is {length} long"))
}

fn too_large() -> LobError {
    LobError::new(LobErrorKind::TooLarge, "a LOB that is larger than can be held")
}

mod hexadecimal_text {
    use serde::{Deserialize, Deserializer, Serializer, de};
    use std::{borrow::Cow, fmt::Write};

    pub(super) fn serialize<S: Serializer>(bytes: &[u8], serializer: S) -> Result<S::Ok, S::Error> {
        let mut text = String::with_capacity(2 * bytes.len());
        for byte in bytes {
            // Writing to a String does not fail.
            let _ = write!(text, "{byte:02x}");
        }
        serializer.serialize_str(&text)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<u8>, D::Error> {
        let text = Cow::<'de, str>::deserialize(deserializer)?;
        super::bytes_of_digits(&text)
            .ok_or_else(|| de::Error::custom("bytes are written as pairs of hexadecimal digits"))
    }
}

/// Bytes written as pairs of hexadecimal digits.
pub(super) fn bytes_of_digits(text: &str) -> Option<Vec<u8>> {
    let digit = |b: u8| char::from(b).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
    let (pairs, rest) = text.as_bytes().as_chunks::<2>();
    let bytes = pairs.iter().map(|&[high, low]| Some(digit(high)? << 4 | digit(low)?));
    bytes.collect::<Option<_>>().filter(|_| rest.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn patch(kind: LobKind, pieces: &[LobPiece]) -> LobPatch {
        let mut patch = LobPatch::new(kind);
        for piece in pieces.iter().cloned() {
            match piece {
                LobPiece::Write { offset, length, data } => patch.write(offset, length, data).unwrap(),
                LobPiece::Trim { length } => patch.trim(length),
                LobPiece::Erase { amount, offset } => patch.erase(amount, offset).unwrap(),
            }
        }
        patch
    }

    fn text(offset: u64, text: &str) -> LobPiece {
        LobPiece::Write { offset, length: measure(text, CharacterUnit::Utf16), data: text.into() }
    }

    fn bytes(offset: u64, bytes: &[u8]) -> LobPiece {
        LobPiece::Write { offset, length: bytes.len().try_into().unwrap(), data: bytes.into() }
    }

    fn trim(length: u64) -> LobPiece {
        LobPiece::Trim { length }
    }

    fn erase(amount: u64, offset: u64) -> LobPiece {
        LobPiece::Erase { amount, offset }
    }

    fn push(patch: &mut LobPatch, literal: &str, amount: u64, offset: u64) -> Result<(), LobError> {
        let kind = patch.kind();
        patch.push(&LobCall { kind, change: LobChange::Write { amount, offset, literal, place: 100 } })
    }

    #[test]
    fn texts_are_changed_as_dbms_lob_does() {
        for (base, pieces, expected) in [
            ("", vec![text(1, "ab")], "ab"),
            ("abcdef", vec![text(3, "XY")], "abXYef"),
            ("abcdef", vec![text(6, "XYZ")], "abcdeXYZ"),
            ("ab", vec![text(5, "X")], "ab  X"),
            ("äöü", vec![text(2, "o"), trim(2)], "äo"),
            ("ab😀", vec![text(1, "😀"), text(5, "c")], "😀😀c"),
            ("abcdef", vec![erase(2, 2), erase(100, 6)], "a  de "),
            ("ä😀ö", vec![text(5, "😀"), erase(2, 2)], "ä  ö😀"),
            ("abc", vec![trim(0)], ""),
            ("abc", vec![trim(3)], "abc"),
        ] {
            assert_eq!(
                patch(LobKind::Clob, &pieces).apply(base.into()).map(Value::from),
                Ok(Value::Text(expected.into())),
                "{base} {pieces:?}"
            );
        }
    }

    #[test]
    fn bytes_are_changed_as_dbms_lob_does() {
        for (base, pieces, expected) in [
            (&[1, 2, 3][..], vec![bytes(2, &[9])], &[1, 9, 3][..]),
            (&[1], vec![bytes(4, &[9, 9])], &[1, 0, 0, 9, 9]),
            (&[1, 2, 3], vec![bytes(3, &[8, 9])], &[1, 2, 8, 9]),
            (&[1, 2, 3], vec![erase(u64::MAX, 2)], &[1, 0, 0]),
            (&[1, 2, 3], vec![trim(1), bytes(2, &[7])], &[1, 7]),
        ] {
            assert_eq!(patch(LobKind::Blob, &pieces).apply(base.into()), Ok(expected.into()), "{pieces:?}");
        }
    }

    #[test]
    fn what_cannot_be_is_an_error() {
        for (base, pieces, kind) in [
            ("abc", vec![trim(4)], LobErrorKind::BeyondEnd),
            ("abc", vec![erase(1, 4)], LobErrorKind::BeyondEnd),
            ("x😀", vec![text(5, "😀"), text(3, "y")], LobErrorKind::SurrogatePair),
            ("x😀", vec![text(5, "😀"), text(1, "yz")], LobErrorKind::SurrogatePair),
            ("x😀", vec![text(5, "😀"), trim(2)], LobErrorKind::SurrogatePair),
            ("x😀", vec![text(5, "😀"), erase(1, 2)], LobErrorKind::SurrogatePair),
            ("x😀", vec![text(1, "y")], LobErrorKind::CharacterUnit),
            ("", vec![text(MAX_PADDING + 2, "y")], LobErrorKind::TooLarge),
            ("", vec![text(u64::MAX, "y")], LobErrorKind::TooLarge),
        ] {
            let result = LobPatch::new(LobKind::Clob);
            let mut result = Ok::<_, LobError>(result);
            for piece in pieces.iter().cloned() {
                result = result.and_then(|mut patch| {
                    match piece {
                        LobPiece::Write { offset, length, data } => patch.write(offset, length, data)?,
                        LobPiece::Trim { length } => patch.trim(length),
                        LobPiece::Erase { amount, offset } => patch.erase(amount, offset)?,
                    }
                    Ok(patch)
                });
            }
            let error = result.and_then(|patch| patch.apply(base.into())).expect_err(base);
            assert_eq!(error.kind(), kind, "{pieces:?}: {error}");
        }
        let mut blob = LobPatch::new(LobKind::Blob);
        for error in [blob.write(0, 1, (&[1][..]).into()).expect_err("offset"), blob.erase(1, 0).expect_err("offset")] {
            assert_eq!(error.kind(), LobErrorKind::BeyondEnd);
        }
        assert_eq!(blob.write(u64::MAX, 1, (&[1][..]).into()).expect_err("end").kind(), LobErrorKind::TooLarge);
        assert_eq!(blob.write(1, 2, (&[1][..]).into()).expect_err("length").kind(), LobErrorKind::Length);
        assert_eq!(blob.write(1, 1, "x".into()).expect_err("kind").kind(), LobErrorKind::Kind);
        assert_eq!(blob.apply("x".into()).expect_err("kind").kind(), LobErrorKind::Kind);
        let call = LobCall { kind: LobKind::Clob, change: LobChange::Trim { length: 0 } };
        assert_eq!(blob.push(&call).expect_err("kind").kind(), LobErrorKind::Kind);
        assert_eq!(blob.append(LobPatch::new(LobKind::NClob)).expect_err("kind").kind(), LobErrorKind::Kind);
        assert!(blob.is_empty());
    }

    #[test]
    fn a_write_tells_what_a_character_is() {
        for (amount, unit, after) in [(3, CharacterUnit::Utf16, "a😀X"), (2, CharacterUnit::CodePoint, "a😀 X")] {
            let mut patch = LobPatch::new(LobKind::Clob);
            push(&mut patch, "'a😀'", amount, 1).unwrap();
            assert_eq!(patch.unit(), Some(unit));
            push(&mut patch, "'X'", 1, 4).unwrap();
            assert_eq!(patch.apply("".into()), Ok(after.into()));
            let other = if amount == 3 { 1 } else { 2 };
            assert_eq!(push(&mut patch, "'😀'", other, 9).expect_err("other unit").kind(), LobErrorKind::CharacterUnit);
            assert_eq!(patch.unit(), Some(unit));
        }
        let mut patch = LobPatch::new(LobKind::Clob);
        push(&mut patch, "'X'", 1, 2).unwrap();
        assert_eq!(patch.apply("😀b".into()).expect_err("unknown").kind(), LobErrorKind::CharacterUnit);
        patch.set_unit(CharacterUnit::CodePoint).unwrap();
        assert_eq!(patch.apply("😀b".into()), Ok("😀X".into()));
        assert!(patch.set_unit(CharacterUnit::Utf16).is_err());
        // What was there does not matter when nothing of it is left.
        assert_eq!(self::patch(LobKind::Clob, &[trim(0), text(1, "x")]).apply("😀".into()), Ok("x".into()));
    }

    #[test]
    fn literals() {
        for (literal, amount, expected) in [
            ("'it''s'", 4, "it's"),
            ("''", 0, ""),
            (r"UNISTR('\0416\D83D') || UNISTR('\DE00') || 'x'", 4, "Ж😀x"),
            ("HEXTORAW('c3a9')||HEXTORAW('61')", 2, "éa"),
            ("HEXTORAW('00e9')", 1, "é"),
            ("hextoraw('004100420043')", 3, "ABC"),
        ] {
            let mut patch = LobPatch::new(LobKind::NClob);
            push(&mut patch, literal, amount, 1).unwrap_or_else(|e| panic!("{literal}: {e}"));
            assert_eq!(patch.apply("".into()), Ok(expected.into()), "{literal}");
        }
        for (kind, literal, amount, error, offset) in [
            (LobKind::Clob, "'it''s'", 5, LobErrorKind::Length, None),
            (LobKind::Clob, "HEXTORAW('c3a9')", 1, LobErrorKind::Encoding, Some(100)),
            (LobKind::Clob, "HEXTORAW('00e9')", 2, LobErrorKind::Encoding, Some(100)),
            (LobKind::Clob, "HEXTORAW('ffd8ff')", 3, LobErrorKind::Encoding, Some(100)),
            (LobKind::Clob, "HEXTORAW('0g')", 1, LobErrorKind::Literal, Some(110)),
            (LobKind::Clob, r"UNISTR('\D83D')", 1, LobErrorKind::Literal, Some(115)),
            (LobKind::Blob, "'abc'", 3, LobErrorKind::Literal, Some(100)),
            (LobKind::Blob, "HEXTORAW('00')", 2, LobErrorKind::Length, None),
        ] {
            let result = push(&mut LobPatch::new(kind), literal, amount, 1);
            let found = result.expect_err(literal);
            assert_eq!((found.kind(), found.offset()), (error, offset), "{literal}: {found}");
        }
    }

    #[test]
    fn what_completes_a_lob() {
        for (pieces, expected) in [
            (vec![], None),
            (vec![text(1, "ab")], None),
            (vec![trim(0)], Some("")),
            (vec![trim(0), text(1, "ab"), text(2, "xy")], Some("axy")),
            (vec![trim(0), text(2, "ab")], None),
            (vec![text(1, "abcd"), trim(4)], Some("abcd")),
            (vec![text(1, "ab"), text(3, "cd"), trim(3)], Some("abc")),
            (vec![text(1, "ab"), trim(3)], None),
            (vec![text(9, "zz"), text(1, "ab"), trim(2)], Some("ab")),
            (vec![trim(7), erase(1, 5), text(1, "abc"), erase(9, 3), trim(3)], Some("ab ")),
            (vec![trim(0), text(1, "ab"), erase(1, 3)], None),
            (vec![trim(0), text(1, "ab"), trim(3)], None),
            (vec![trim(0), text(5, "ab"), trim(0), text(1, "😀")], Some("😀")),
        ] {
            let patch = patch(LobKind::Clob, &pieces);
            assert_eq!(patch.completes(), expected.is_some(), "{pieces:?}");
            assert_eq!(patch.value(), Ok(expected.map(LobData::from)), "{pieces:?}");
        }
    }

    #[test]
    fn appended_pieces_are_one() {
        let mut patch = LobPatch::new(LobKind::Clob);
        patch.trim(0);
        let piece = "x".repeat(3999) + "ä";
        for n in 0..1000 {
            push(&mut patch, &format!("'{piece}'"), 4000, 1 + 4000 * n).unwrap();
        }
        assert_eq!(patch.pieces().len(), 2);
        assert!(patch.size() > 4_001_000 && patch.size() < 4_002_000);
        assert_eq!(patch.value(), Ok(Some(LobData::Text(piece.repeat(1000)))));
        let mut joined = LobPatch::new(LobKind::NClob);
        joined.append(patch.clone()).unwrap();
        let mut next = LobPatch::new(LobKind::Clob);
        push(&mut next, "'end'", 3, 4_000_001).unwrap();
        joined.append(next).unwrap();
        assert_eq!(joined.pieces().len(), 2);
    }

    #[test]
    fn serialized_and_back_and_without_content_in_debug() {
        for (kind, pieces) in [
            (LobKind::Clob, vec![text(1, "secret😀"), trim(3), erase(1, 2)]),
            (LobKind::Blob, vec![bytes(1, b"secret\xff")]),
        ] {
            let patch = patch(kind, &pieces);
            let json = serde_json::to_string(&patch).unwrap();
            assert_eq!(serde_json::from_str::<LobPatch>(&json).unwrap(), patch, "{json}");
            let shown = format!("{patch:?} {:?}", patch.value());
            assert!(!shown.contains("secret") && !shown.contains("115"), "{shown}");
        }
        assert!(serde_json::from_str::<LobData>(r#"{"bytes":"abc"}"#).is_err());
        assert!(serde_json::from_str::<LobData>(r#"{"bytes":"ä"}"#).is_err());
    }

    #[test]
    fn a_patch_that_was_tampered_with_does_no_harm() {
        let json = r#"{"kind":"clob","unit":null,"pieces":[{"trim":{"length":0}},
            {"write":{"offset":1,"length":18446744073709551615,"data":{"text":"ab"}}},
            {"write":{"offset":18446744073709551615,"length":3,"data":{"bytes":"00"}}}]}"#;
        let patch: LobPatch = serde_json::from_str(json).unwrap();
        assert!(patch.completes());
        assert!(patch.value().is_err() && patch.apply("".into()).is_err());
    }
}
