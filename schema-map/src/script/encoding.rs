use std::{borrow::Cow, fmt};

/// A script's text, and how its bytes were read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decoded<'b> {
    /// The text, without a byte order mark.
    pub text: Cow<'b, str>,
    /// How it was read.
    pub encoding: Encoding,
}

/// Encodings that scripts come in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Encoding {
    /// UTF-8, and ASCII.
    Utf8,
    /// UTF-16, the less significant byte first.
    Utf16Le,
    /// UTF-16, the more significant byte first.
    Utf16Be,
    /// What is none of these is taken for Windows-1252, of which ISO 8859-1 is a part.
    Windows1252,
}

/// Bytes that are no text in any of these encodings.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("this is no text: byte {byte:#04x} at offset {offset}")]
pub struct NoText {
    byte: u8,
    offset: usize,
}

/// Reads the bytes of a script: by their byte order mark, else as UTF-8 or UTF-16 where they are that, else as Windows-1252.
///
/// ```
/// use schema_map::script::{Encoding, decode};
///
/// assert_eq!(decode(b"COMMENT ON TABLE t IS 'caf\xe9'")?.text, "COMMENT ON TABLE t IS 'café'");
/// assert_eq!(decode(b"\xff\xfea\0b\0")?.encoding, Encoding::Utf16Le);
/// assert!(decode(b"\x7fELF\x02\x01\x01\0\0\0").is_err());
/// # Ok::<(), schema_map::script::NoText>(())
/// ```
pub fn decode(bytes: &[u8]) -> Result<Decoded<'_>, NoText> {
    let sixteen = |encoding, bytes: &[u8]| {
        let unit = if encoding == Encoding::Utf16Le { u16::from_le_bytes } else { u16::from_be_bytes };
        let units = bytes.chunks_exact(2).map(|pair| unit([pair[0], pair[1]]));
        let text: String = char::decode_utf16(units).map(|c| c.unwrap_or(char::REPLACEMENT_CHARACTER)).collect();
        Ok(Decoded { text: Cow::Owned(text), encoding })
    };
    match bytes {
        [0xef, 0xbb, 0xbf, rest @ ..] if std::str::from_utf8(rest).is_ok() => {
            return decode(rest);
        }
        [0xff, 0xfe, rest @ ..] => return sixteen(Encoding::Utf16Le, rest),
        [0xfe, 0xff, rest @ ..] => return sixteen(Encoding::Utf16Be, rest),
        _ => {}
    }
    // Of a text in Latin letters half the bytes of UTF-16 are 0.
    let head = &bytes[..bytes.len().min(512)];
    let zeros = |first: usize| head.iter().skip(first).step_by(2).filter(|b| **b == 0).count();
    let (even, odd) = (zeros(0), zeros(1));
    let most = head.len() / 2 * 7 / 10;
    if most > 2 && odd >= most && even == 0 {
        return sixteen(Encoding::Utf16Le, bytes);
    }
    if most > 2 && even >= most && odd == 0 {
        return sixteen(Encoding::Utf16Be, bytes);
    }
    let no_text = |b: &u8| *b < 0x20 && !matches!(b, b'\t' | b'\n' | b'\r' | 0x0b | 0x0c | 0x1a | 0x1b);
    if let Some(offset) = bytes.iter().position(no_text) {
        return Err(NoText { byte: bytes[offset], offset });
    }
    match std::str::from_utf8(bytes) {
        Ok(text) => Ok(Decoded { text: Cow::Borrowed(text), encoding: Encoding::Utf8 }),
        Err(_) => {
            let text = bytes.iter().map(|b| windows_1252(*b)).collect();
            Ok(Decoded { text: Cow::Owned(text), encoding: Encoding::Windows1252 })
        }
    }
}

/// The bytes 0x80 to 0x9f; all others are those of ISO 8859-1.
const UPPER: [char; 32] = [
    '€', '\u{81}', '‚', 'ƒ', '„', '…', '†', '‡', 'ˆ', '‰', 'Š', '‹', 'Œ', '\u{8d}', 'Ž', '\u{8f}', '\u{90}', '‘', '’',
    '“', '”', '•', '–', '—', '˜', '™', 'š', '›', 'œ', '\u{9d}', 'ž', 'Ÿ',
];

fn windows_1252(byte: u8) -> char {
    match byte {
        0x80..=0x9f => UPPER[usize::from(byte - 0x80)],
        _ => char::from(byte),
    }
}

impl fmt::Display for Encoding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Encoding::Utf8 => "UTF-8",
            Encoding::Utf16Le => "UTF-16LE",
            Encoding::Utf16Be => "UTF-16BE",
            Encoding::Windows1252 => "Windows-1252",
        })
    }
}
