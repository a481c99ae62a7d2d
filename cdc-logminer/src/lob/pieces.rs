use super::{
    LobData, LobError, LobErrorKind, LobKind, LobStatement, LobTarget, LongStringWrite, XmlWrite,
    patch::{bytes_of_digits, is_hexadecimal, read_bytes, read_text},
};
use crate::OperationCode;
use std::{borrow::Cow, fmt};

/// An XML document whose pieces arrive: from its XML DOC BEGIN over every XML DOC WRITE to XML DOC END.
///
/// Bytes of a document are expected in UTF-8. The INFO `XML sql_redo not re-executable` of its rows says only that
/// they are no SQL: their document may well be text, and is refused only if it is not.
///
/// ```
/// use cdc_logminer::XmlDocument;
///
/// let mut document = XmlDocument::begin(r#"XML DOC BEGIN:  select "X" from "APP"."T" where "ID" = '7'"#)?;
/// document.write("XML_REDO := HEXTORAW('3c612f):3")?;
/// document.write("XML_REDO := '>'\n amount: 1")?;
/// assert_eq!(document.target().column(), "X");
/// assert_eq!(document.end()?.as_deref(), Some("<a/>"));
/// # Ok::<(), cdc_logminer::LobError>(())
/// ```
#[derive(Clone, PartialEq)]
pub struct XmlDocument {
    target: LobTarget<'static>,
    pieces: XmlPieces,
}

#[derive(Clone, PartialEq)]
enum XmlPieces {
    None,
    Null,
    /// Joined before they are decoded: a character's bytes may lie in two pieces.
    Assigned(Vec<u8>),
    Verbatim(String),
}

/// A string of an extended type whose pieces arrive: from its 32K BEGIN over every 32K WRITE to 32K END.
#[derive(Clone, PartialEq)]
pub struct LongString {
    target: LobTarget<'static>,
    data: LobData,
    /// As the amounts count; none once one piece has none.
    length: Option<u64>,
    pieces: usize,
}

impl XmlDocument {
    /// Reads the `SQL_REDO` of XML DOC BEGIN.
    pub fn begin(sql: &str) -> Result<Self, LobError> {
        match LobStatement::scan(OperationCode::XML_DOC_BEGIN, sql)? {
            LobStatement::XmlBegin { target } => Ok(Self { target: target.into_owned(), pieces: XmlPieces::None }),
            _ => Err(LobError::new(LobErrorKind::Sequence, "no beginning of a document")),
        }
    }

    /// Its row and column.
    pub fn target(&self) -> &LobTarget<'static> {
        &self.target
    }

    /// About how many bytes of memory it holds.
    pub fn size(&self) -> usize {
        let pieces = match &self.pieces {
            XmlPieces::None | XmlPieces::Null => 0,
            XmlPieces::Assigned(bytes) => bytes.len(),
            XmlPieces::Verbatim(text) => text.len(),
        };
        self.target.size() + pieces
    }

    /// Reads the `SQL_REDO` of the next XML DOC WRITE. After an error the document is as it was before.
    pub fn write(&mut self, sql: &str) -> Result<(), LobError> {
        // What begins without XML_REDO goes on without it, whatever words its pieces begin with.
        if let XmlPieces::Verbatim(text) = &mut self.pieces {
            text.push_str(sql);
            return Ok(());
        }
        let LobStatement::XmlWrite(piece) = LobStatement::scan(OperationCode::XML_DOC_WRITE, sql)? else {
            return Err(LobError::new(LobErrorKind::Sequence, "no piece of a document"));
        };
        match (&mut self.pieces, piece) {
            (pieces @ XmlPieces::None, XmlWrite::Null) => *pieces = XmlPieces::Null,
            (pieces @ XmlPieces::None, XmlWrite::Verbatim(text)) if begins_as_xml(text) => {
                *pieces = XmlPieces::Verbatim(text.to_owned());
            }
            (XmlPieces::None, XmlWrite::Verbatim(_)) => {
                return Err(LobError::new(LobErrorKind::Statement, "neither XML_REDO nor the beginning of a document"));
            }
            (pieces @ XmlPieces::None, piece) => *pieces = XmlPieces::Assigned(piece_bytes(piece)?.into_owned()),
            (XmlPieces::Assigned(bytes), piece @ (XmlWrite::Hexadecimal { .. } | XmlWrite::Quoted { .. })) => {
                bytes.extend_from_slice(&piece_bytes(piece)?);
            }
            _ => return Err(LobError::new(LobErrorKind::Sequence, "pieces of different kinds in one document")),
        }
        Ok(())
    }

    /// The document, at XML DOC END; `None` is NULL.
    pub fn end(self) -> Result<Option<String>, LobError> {
        match self.pieces {
            XmlPieces::None => Err(LobError::new(LobErrorKind::Sequence, "a document without pieces")),
            XmlPieces::Null => Ok(None),
            XmlPieces::Verbatim(text) => Ok(Some(text)),
            XmlPieces::Assigned(bytes) => match String::from_utf8(bytes) {
                Ok(text) => Ok(Some(text)),
                // Its opcodes for the beginning of a document: no text in UTF-8 begins with them.
                Err(error) if matches!(error.as_bytes().first(), Some(0x9E | 0x9F)) => {
                    Err(LobError::new(LobErrorKind::BinaryXml, "a document in binary XML, which is not supported"))
                }
                Err(error) => {
                    let valid = error.utf8_error().valid_up_to();
                    Err(LobError::new(
                        LobErrorKind::NotUtf8,
                        format!("a document that is not UTF-8 at its byte {valid}"),
                    ))
                }
            },
        }
    }
}

/// So that no unknown form of a row is taken for its document.
fn begins_as_xml(text: &str) -> bool {
    text.trim_start_matches('\u{FEFF}').trim_ascii_start().starts_with('<')
}

fn piece_bytes<'s>(piece: XmlWrite<'s>) -> Result<Cow<'s, [u8]>, LobError> {
    match piece {
        XmlWrite::Hexadecimal { digits, amount, place } => {
            let error = || LobError::new(LobErrorKind::Literal, "hexadecimal digits were expected").at(place);
            let bytes = bytes_of_digits(digits).ok_or_else(error)?;
            if u64::try_from(bytes.len()) != Ok(amount) {
                return Err(length_error(amount, bytes.len()).at(place));
            }
            Ok(Cow::Owned(bytes))
        }
        XmlWrite::Quoted { text, amount, place } => {
            match text_of_length(text, Some(amount)).map_err(|error| error.at(place))? {
                Cow::Borrowed(text) => Ok(Cow::Borrowed(text.as_bytes())),
                Cow::Owned(text) => Ok(Cow::Owned(text.into_bytes())),
            }
        }
        XmlWrite::Null | XmlWrite::Verbatim(_) => {
            Err(LobError::new(LobErrorKind::Sequence, "pieces of different kinds in one document"))
        }
    }
}

impl LongString {
    /// Reads the `SQL_REDO` of 32K BEGIN.
    pub fn begin(sql: &str) -> Result<Self, LobError> {
        match LobStatement::scan(OperationCode::LONG_STRING_BEGIN, sql)? {
            LobStatement::LongStringBegin { target, kind } => {
                Ok(Self { target: target.into_owned(), data: LobData::empty(kind), length: Some(0), pieces: 0 })
            }
            _ => Err(LobError::new(LobErrorKind::Sequence, "no beginning of a string")),
        }
    }

    /// Its row and column.
    pub fn target(&self) -> &LobTarget<'static> {
        &self.target
    }

    /// The type of the LOB that takes its pieces: a BLOB for RAW.
    pub fn kind(&self) -> LobKind {
        match self.data {
            LobData::Text(_) => LobKind::Clob,
            LobData::Bytes(_) => LobKind::Blob,
        }
    }

    /// About how many bytes of memory it holds.
    pub fn size(&self) -> usize {
        self.target.size() + self.data.size()
    }

    /// Reads the `SQL_REDO` of the next 32K WRITE. After an error the string is as it was before.
    pub fn write(&mut self, sql: &str) -> Result<(), LobError> {
        let LobStatement::LongStringWrite(write) = LobStatement::scan(OperationCode::LONG_STRING_WRITE, sql)? else {
            return Err(LobError::new(LobErrorKind::Sequence, "no piece of a string"));
        };
        if let Some(offset) = write.offset
            && self.length.and_then(|length| length.checked_add(1)) != Some(offset)
        {
            return Err(LobError::new(LobErrorKind::Sequence, "a piece that does not follow the one before it"));
        }
        let length = match (self.length, write.amount) {
            (Some(length), Some(amount)) => {
                let error = || LobError::new(LobErrorKind::TooLarge, "a string that is longer than any");
                Some(length.checked_add(amount).ok_or_else(error)?)
            }
            _ => None,
        };
        match &mut self.data {
            LobData::Text(text) => text.push_str(&piece_text(write)?),
            LobData::Bytes(data) => {
                let bytes = read_bytes(write.literal).map_err(|e| within(e, write.place))?;
                if let Some(amount) = write.amount.filter(|amount| u64::try_from(bytes.len()) != Ok(*amount)) {
                    return Err(length_error(amount, bytes.len()).at(write.place));
                }
                data.extend_from_slice(&bytes);
            }
        }
        self.length = length;
        self.pieces += 1;
        Ok(())
    }

    /// The string, at 32K END.
    pub fn end(self) -> Result<LobData, LobError> {
        if self.pieces == 0 {
            return Err(LobError::new(LobErrorKind::Sequence, "a string without pieces"));
        }
        Ok(self.data)
    }
}

fn piece_text<'s>(write: LongStringWrite<'s>) -> Result<Cow<'s, str>, LobError> {
    let quoted = write.literal.strip_prefix('\'').and_then(|text| text.strip_suffix('\''));
    if let Some(text) = quoted {
        return text_of_length(text, write.amount).map_err(|error| error.at(write.place + 1));
    }
    if is_hexadecimal(write.literal) {
        return Err(LobError::new(LobErrorKind::Kind, "bytes for a text").at(write.place));
    }
    let text = read_text(write.literal).map_err(|error| within(error, write.place))?;
    match write.amount {
        Some(amount) if !is_as_long(&text, amount) => Err(length_error(amount, text.len()).at(write.place)),
        _ => Ok(Cow::Owned(text)),
    }
}

/// What stands between the apostrophes around a text. LogMiner doubles those within it, or forgets to: which of both
/// is told by the text's length.
fn text_of_length(text: &str, amount: Option<u64>) -> Result<Cow<'_, str>, LobError> {
    let single = text.contains('\'').then(|| single_apostrophes(text)).flatten();
    let Some(amount) = amount else {
        return Ok(single.map_or(Cow::Borrowed(text), Cow::Owned));
    };
    let verbatim = is_as_long(text, amount);
    match single.filter(|single| is_as_long(single, amount)) {
        Some(_) if verbatim => Err(LobError::new(
            LobErrorKind::Ambiguous,
            "a text of which it is not known whether its apostrophes are doubled",
        )),
        Some(single) => Ok(Cow::Owned(single)),
        None if verbatim => Ok(Cow::Borrowed(text)),
        None => Err(length_error(amount, text.len())),
    }
}

/// The text with each pair of apostrophes as one, if all of them come in pairs.
fn single_apostrophes(text: &str) -> Option<String> {
    let mut single = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('\'') {
        single.push_str(&rest[..=at]);
        rest = rest[at + 1..].strip_prefix('\'')?;
    }
    single.push_str(rest);
    Some(single)
}

/// Amounts of these pieces count bytes or characters, and what a character is depends on the column's character set.
fn is_as_long(text: &str, amount: u64) -> bool {
    [text.len(), text.encode_utf16().count(), text.chars().count()].into_iter().any(|n| u64::try_from(n) == Ok(amount))
}

fn length_error(amount: u64, bytes: usize) -> LobError {
    LobError::new(LobErrorKind::Length, format!("a piece of {bytes} bytes where the redo says {amount}"))
}

fn within(error: LobError, place: usize) -> LobError {
    let within = error.offset.unwrap_or(0);
    error.at(place + within)
}

/// Without the content, which may be secret.
impl fmt::Debug for XmlDocument {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "XmlDocument {{ target: {:?}, size: {} }}", self.target, self.size())
    }
}

/// Without the content, which may be secret.
impl fmt::Debug for LongString {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "LongString {{ target: {:?}, data: {:?} }}", self.target, self.data)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn xml(pieces: &[&str]) -> Result<Option<String>, LobError> {
        let begin = r#"XML DOC BEGIN:  select "X" from "APP"."T" where "ID" = '7'"#;
        let mut document = XmlDocument::begin(begin)?;
        for piece in pieces {
            document.write(piece)?;
        }
        document.end()
    }

    #[test]
    fn documents() {
        for (pieces, expected) in [
            (&["XML_REDO := NULL"][..], None),
            (&["XML_REDO := HEXTORAW('3c612f3e'):4"], Some("<a/>")),
            // A character in two pieces, and the apostrophe that the rows' writer forgets.
            (&["XML_REDO := HEXTORAW('3c613ec3):4", "XML_REDO := HEXTORAW('a43c2f613e'):5"], Some("<a>ä</a>")),
            (&["XML_REDO := '<a b=\"1\"/>'\n amount: 10"], Some("<a b=\"1\"/>")),
            (&["XML_REDO := '<a b='1'/>':10"], Some("<a b='1'/>")),
            (&["XML_REDO := '<a b=''1''/>':10"], Some("<a b='1'/>")),
            (&["XML_REDO := '<a b=''''/>':11"], Some("<a b=''''/>")),
            (&["XML_REDO := '<ä/>':4"], Some("<ä/>")),
            (&["XML_REDO := '<ä/>':5"], Some("<ä/>")),
            (&["<a>", "XML_REDO := 'is text'", " ' </a>"], Some("<a>XML_REDO := 'is text' ' </a>")),
        ] {
            assert_eq!(xml(pieces), Ok(expected.map(str::to_owned)), "{pieces:?}");
        }
    }

    #[test]
    fn what_is_no_document_is_refused() {
        for (pieces, kind) in [
            (&[][..], LobErrorKind::Sequence),
            (&["XML_REDO := NULL", "XML_REDO := NULL"], LobErrorKind::Sequence),
            (&["XML_REDO := '<a/>':4", "XML_REDO := NULL"], LobErrorKind::Sequence),
            (&["XML_REDO := '<a/>':4", "<b/>"], LobErrorKind::Sequence),
            (&["XMLREDO := '<a/>':4"], LobErrorKind::Statement),
            (&["XML_REDO := '<a/>'"], LobErrorKind::Statement),
            (&["XML_REDO := '<a/>':5"], LobErrorKind::Length),
            (&["XML_REDO := HEXTORAW('3c61'):3"], LobErrorKind::Length),
            (&["XML_REDO := HEXTORAW('3c6'):1"], LobErrorKind::Literal),
            (&["XML_REDO := HEXTORAW('c43c'):2"], LobErrorKind::NotUtf8),
            (&["XML_REDO := HEXTORAW('9f01639e'):4"], LobErrorKind::BinaryXml),
            // Four bytes as they are, and four characters with single apostrophes … or not.
            (&["XML_REDO := 'é''':3"], LobErrorKind::Ambiguous),
        ] {
            let error = xml(pieces).expect_err("no document");
            assert_eq!(error.kind(), kind, "{pieces:?}: {error}");
        }
        assert_eq!(XmlDocument::begin("XML").expect_err("XML").kind(), LobErrorKind::Statement);
    }

    fn long(ty: &str, pieces: &[&str]) -> Result<LobData, LobError> {
        let begin = format!(
            "DECLARE\n TempLob {ty};\nBEGIN\n DBMS_LOB.CreateTemporary(TempLob, FALSE);\n Stmt := 'update \"A\".\"T\" a set \
             a.\"D\" = :D where a.\"ID\" = ''7'';';"
        );
        let mut string = LongString::begin(&begin)?;
        assert_eq!((string.target().column(), string.target().conditions().len()), ("D", 1));
        for piece in pieces {
            string.write(piece)?;
        }
        string.end()
    }

    #[test]
    fn long_strings() {
        let append =
            |literal: &str, amount: &str| format!(" buf := {literal};\n dbms_lob.writeappend(TempLob, {amount}, buf);");
        for (ty, pieces, expected) in [
            ("CLOB", vec![append("'it''s'", "4"), append("' it's'", "5")], LobData::from("it's it's")),
            ("CLOB", vec![append("''''", "length(buf)"), append("'it's'", "length(buf)")], "'it's".into()),
            ("CLOB", vec![append("'ä😀'", "6"), append("'ä😀'", "3"), append("'ä😀'", "2")], "ä😀ä😀ä😀".into()),
            ("NCLOB", vec![append(r"UNISTR('\0416')", "1")], "Ж".into()),
            ("BLOB", vec![append("HEXTORAW('00ff')", "2")], (&[0, 255][..]).into()),
            (
                "CLOB",
                vec![
                    "b := 'ab'; dbms_lob.write(TempLob, 2, 1, b);".to_owned(),
                    "b := 'c'; dbms_lob.write(TempLob, 1, 3, b);".to_owned(),
                ],
                "abc".into(),
            ),
        ] {
            let pieces: Vec<_> = pieces.iter().map(String::as_str).collect();
            assert_eq!(long(ty, &pieces), Ok(expected), "{pieces:?}");
        }
        for (ty, pieces, kind) in [
            ("CLOB", vec![], LobErrorKind::Sequence),
            ("CLOB", vec!["b := 'ab'; dbms_lob.write(TempLob, 2, 2, b);".to_owned()], LobErrorKind::Sequence),
            ("CLOB", vec![append("'abc'", "4")], LobErrorKind::Length),
            ("CLOB", vec![append(r"UNISTR('\0416')", "7")], LobErrorKind::Length),
            ("CLOB", vec![append("HEXTORAW('00')", "1")], LobErrorKind::Kind),
            ("CLOB", vec![append("'é'''", "3")], LobErrorKind::Ambiguous),
            ("BLOB", vec![append("'abc'", "3")], LobErrorKind::Literal),
            ("BLOB", vec![append("HEXTORAW('00')", "2")], LobErrorKind::Length),
            ("CLOB", vec![append("''", "0"), append("'x'", "18446744073709551615")], LobErrorKind::Length),
            ("CLOB", vec!["nothing".to_owned()], LobErrorKind::Statement),
        ] {
            let pieces: Vec<_> = pieces.iter().map(String::as_str).collect();
            let error = long(ty, &pieces).expect_err("no string");
            assert_eq!(error.kind(), kind, "{pieces:?}: {error}");
        }
    }

    #[test]
    fn debug_and_errors_show_no_content() {
        let mut document = XmlDocument::begin(r#"select "X" from "A"."T" where "ID" = 'secret'"#).unwrap();
        document.write("<secret/>").unwrap();
        assert!(!format!("{document:?}").contains("secret"));
        for error in
            [xml(&["XML_REDO := 'secret':1"]).unwrap_err(), xml(&["XML_REDO := HEXTORAW('secret'):1"]).unwrap_err()]
        {
            assert!(!format!("{error} {error:?}").contains("secret"));
        }
    }
}
