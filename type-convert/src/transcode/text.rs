//! Character data, and what is made of it: `jsonb`, `xml`, enumerations, and types that the text of a value stands for.

use super::{
    JSONB_VERSION, Outcome, Plan, Transcoder, ValueError, ValueErrorKind, check_length, length_bytes, put_fixed,
    put_null,
};
use crate::{DateTime, Loss, Losses, ValueRef, ascii_buffer::AsciiBuffer, hexadecimal, xml_declaration};
use bytes::{BufMut, BytesMut};
use std::{borrow::Cow, fmt::Write as _};

/// How a text is written.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct TextPlan {
    /// The most characters that the target takes.
    pub(super) length: Option<usize>,
    pub(super) padding: Padding,
    /// Whether the source has no empty texts, only NULL.
    pub(super) empty_is_null: bool,
}

#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Padding {
    /// Blanks at the end are data.
    No,
    /// The target is padded to its length; blanks of the source are data.
    Target,
    /// Both are padded, so blanks too many are dropped.
    Both,
}

impl TextPlan {
    /// Any text, as it is.
    pub(super) const PLAIN: TextPlan = TextPlan { length: None, padding: Padding::No, empty_is_null: false };

    /// How many bytes of the text are written, and how many blanks after them; `None` where it is too long.
    #[inline]
    fn fit(self, text: &[u8], characters: usize) -> Option<(usize, usize)> {
        if let Some(padding) = self.padding_of(characters) {
            return Some((text.len(), padding));
        }
        let length = self.length?;
        let kept = text.len().saturating_sub(characters - length);
        let blank = self.padding == Padding::Both && text[kept..].iter().all(|b| *b == b' ');
        blank.then_some((kept, 0))
    }

    /// How many blanks are written after a text of so many characters; `None` where it is too long.
    #[inline]
    fn padding_of(self, characters: usize) -> Option<usize> {
        let Some(length) = self.length else { return Some(0) };
        let room = length.checked_sub(characters)?;
        Some(if self.padding == Padding::No { 0 } else { room })
    }
}

impl Transcoder {
    #[inline]
    pub(super) fn put_text(&self, plan: TextPlan, bytes: &[u8], out: &mut BytesMut) -> Outcome {
        if is_plain_ascii(bytes)
            && !bytes.is_empty()
            && let Some((kept, padding)) = plan.fit(bytes, bytes.len())
        {
            check_length(kept + padding)?;
            put_padded(&bytes[..kept], padding, out);
            return Ok(Losses::NONE);
        }
        self.put_unusual_text(plan, bytes, out)
    }

    #[inline(never)]
    fn put_unusual_text(&self, plan: TextPlan, bytes: &[u8], out: &mut BytesMut) -> Outcome {
        check_length(bytes.len())?;
        if bytes.is_empty() && plan.empty_is_null {
            return self.null_for(Loss::EmptyText, ValueErrorKind::EmptyText, out);
        }
        let (text, mut losses) = self.clean(bytes)?;
        // Nothing has more characters than bytes.
        let counted = plan.length.is_some_and(|length| text.len() > length || plan.padding != Padding::No);
        let characters = if counted { text.chars().count() } else { text.len() };
        let (kept, padding) = match plan.fit(text.as_bytes(), characters) {
            Some(fit) => fit,
            None => {
                losses = losses.and(self.lose(Loss::TooLong, ValueErrorKind::Overflow)?);
                let end = plan.length.and_then(|length| text.char_indices().nth(length));
                (end.map_or(text.len(), |(at, _)| at), 0)
            }
        };
        check_length(kept + padding)?;
        put_padded(&text.as_bytes()[..kept], padding, out);
        Ok(losses)
    }

    /// As valid UTF-8 without U+0000.
    fn clean<'a>(&self, bytes: &'a [u8]) -> Result<(Cow<'a, str>, Losses), ValueError> {
        let (text, losses) = match std::str::from_utf8(bytes) {
            Ok(text) => (Cow::Borrowed(text), Losses::NONE),
            Err(_) => {
                let losses = self.lose(Loss::InvalidText, ValueErrorKind::InvalidText)?;
                (String::from_utf8_lossy(bytes), losses)
            }
        };
        if memchr::memchr(0, text.as_bytes()).is_none() {
            return Ok((text, losses));
        }
        let losses = losses.and(self.lose(Loss::NulCharacter, ValueErrorKind::NulCharacter)?);
        Ok((Cow::Owned(text.replace('\0', "")), losses))
    }

    /// A text that is worth nothing once it is cut: too long for the target it is out of range.
    pub(super) fn put_whole_text(&self, plan: TextPlan, text: &str, out: &mut BytesMut) -> Outcome {
        match plan.length {
            Some(length) if text.len() > length && text.chars().count() > length => {
                self.null_for(Loss::OutOfRange, ValueErrorKind::Overflow, out)
            }
            _ => self.put_text(plan, text.as_bytes(), out),
        }
    }

    /// What a value looks like, in at most `N` ASCII characters; too long for the target it is out of range: half a number is none.
    pub(super) fn put_shown<const N: usize>(
        &self,
        plan: TextPlan,
        shown: std::fmt::Arguments<'_>,
        out: &mut BytesMut,
    ) -> Outcome {
        let mut text = AsciiBuffer::<N>::new();
        text.write_fmt(shown).map_err(|_| ValueErrorKind::Malformed)?;
        let bytes = text.as_bytes();
        match plan.fit(bytes, bytes.len()) {
            Some((kept, padding)) => {
                put_padded(&bytes[..kept], padding, out);
                Ok(Losses::NONE)
            }
            None => self.null_for(Loss::OutOfRange, ValueErrorKind::Overflow, out),
        }
    }

    /// Two hexadecimal digits a byte, in upper case as `RAWTOHEX` prints them.
    pub(super) fn put_hex(&self, plan: TextPlan, bytes: &[u8], out: &mut BytesMut) -> Outcome {
        let length = bytes.len().saturating_mul(2);
        check_length(length)?;
        let Some(padding) = plan.padding_of(length) else {
            return self.null_for(Loss::OutOfRange, ValueErrorKind::Overflow, out);
        };
        out.reserve(4 + length + padding);
        out.put_slice(&length_bytes(length + padding));
        bytes.iter().for_each(|byte| out.put_slice(&hexadecimal::upper_case(*byte)));
        out.put_bytes(b' ', padding);
        Ok(Losses::NONE)
    }

    pub(super) fn put_jsonb(&self, empty_is_null: bool, bytes: &[u8], out: &mut BytesMut) -> Outcome {
        if bytes.is_empty() && empty_is_null {
            return self.null_for(Loss::EmptyText, ValueErrorKind::EmptyText, out);
        }
        self.put_prefixed(JSONB_VERSION, bytes, out)
    }

    pub(super) fn put_xml(&self, empty_is_null: bool, bytes: &[u8], out: &mut BytesMut) -> Outcome {
        if bytes.is_empty() && empty_is_null {
            return self.null_for(Loss::EmptyText, ValueErrorKind::EmptyText, out);
        }
        let (declaration, rest) = xml_declaration::split(bytes);
        self.put_prefixed(declaration, rest, out)
    }

    fn put_prefixed(&self, prefix: &[u8], bytes: &[u8], out: &mut BytesMut) -> Outcome {
        let start = out.len();
        let losses = self.put_text(TextPlan::PLAIN, bytes, out)?;
        if !prefix.is_empty() {
            let length = out.len() - start - 4 + prefix.len();
            check_length(length).inspect_err(|_| out.truncate(start))?;
            out.put_slice(prefix);
            out[start + 4..].rotate_right(prefix.len());
            out[start..start + 4].copy_from_slice(&length_bytes(length));
        }
        Ok(losses)
    }

    /// One of an enumeration's labels; where none are known the server judges. A CHAR's blanks at the end do not count.
    pub(super) fn put_label(&self, labels: &[String], padded: bool, bytes: &[u8], out: &mut BytesMut) -> Outcome {
        let text = |bytes| if padded { without_blanks(bytes) } else { bytes };
        match labels.iter().find(|label| text(label.as_bytes()) == text(bytes)) {
            Some(label) => self.put_text(TextPlan::PLAIN, label.as_bytes(), out),
            None if labels.is_empty() || text(bytes).is_empty() => {
                self.put_text(TextPlan { empty_is_null: true, ..TextPlan::PLAIN }, text(bytes), out)
            }
            None => Err(ValueErrorKind::NotOfTarget.into()),
        }
    }

    /// A value that stands in a column of texts: a number, UUID, date or truth. Blanks around it do not count.
    pub(super) fn put_parsed(&self, plan: &Plan, bytes: &[u8], out: &mut BytesMut) -> Outcome {
        let text = std::str::from_utf8(bytes).map_err(|_| ValueErrorKind::NotOfTarget)?.trim_matches(' ');
        if text.is_empty() {
            return self.null_for(Loss::EmptyText, ValueErrorKind::EmptyText, out);
        }
        let value = match plan {
            Plan::Uuid => {
                put_fixed(uuid(text).ok_or(ValueErrorKind::NotOfTarget)?, out);
                return Ok(Losses::NONE);
            }
            Plan::Bool => ValueRef::Boolean(truth(text).ok_or(ValueErrorKind::NotOfTarget)?),
            Plan::Date | Plan::Timestamp(_) => ValueRef::DateTime(moment(text).ok_or(ValueErrorKind::NotOfTarget)?),
            // NUMBER's infinities are written so, but no text of a person's means them.
            _ if text.ends_with('~') => return Err(ValueErrorKind::NotOfTarget.into()),
            _ => ValueRef::Decimal(text),
        };
        self.put_as(plan, value, out).map_err(|e| match e.kind() {
            // Neither is the text malformed as a text.
            ValueErrorKind::Malformed => ValueErrorKind::NotOfTarget.into(),
            _ => e,
        })
    }
}

fn without_blanks(text: &[u8]) -> &[u8] {
    &text[..text.iter().rposition(|b| *b != b' ').map_or(0, |last| last + 1)]
}

/// 32 hexadecimal digits, all together or in groups of 8, 4, 4, 4 and 12, in braces or not: as PostgreSQL prints and most programs write it.
fn uuid(text: &str) -> Option<[u8; 16]> {
    let text = text.strip_prefix('{').and_then(|t| t.strip_suffix('}')).unwrap_or(text).as_bytes();
    let mut bytes = [0; 16];
    let mut at = 0;
    for (n, byte) in bytes.iter_mut().enumerate() {
        if text.len() == 36 && matches!(n, 4 | 6 | 8 | 10) {
            at += usize::from(*text.get(at)? == b'-');
        }
        *byte = hexadecimal::byte(*text.get(at)?, *text.get(at + 1)?)?;
        at += 2;
    }
    (at == text.len()).then_some(bytes)
}

/// The words that PostgreSQL reads as `boolean`, in full or as one letter.
fn truth(text: &str) -> Option<bool> {
    let is = |words: &[&str]| words.iter().any(|word| text.eq_ignore_ascii_case(word));
    match () {
        () if is(&["t", "true", "y", "yes", "on", "1"]) => Some(true),
        () if is(&["f", "false", "n", "no", "off", "0"]) => Some(false),
        () => None,
    }
}

/// `YYYY-MM-DD`, alone or with ` HH24:MI:SS[.FF]` or the same after a `T`. A year of two digits is of no known century, and may be a day.
fn moment(text: &str) -> Option<DateTime> {
    let unsigned = text.strip_prefix('-').unwrap_or(text);
    let dated = unsigned.as_bytes().first_chunk::<10>()?;
    let shaped =
        dated.iter().enumerate().all(|(n, b)| if matches!(n, 4 | 7) { *b == b'-' } else { b.is_ascii_digit() });
    if !shaped {
        return None;
    }
    let (date, time) = text.split_at(text.len() - unsigned.len() + 10);
    match time.strip_prefix(['T', ' ']) {
        None if time.is_empty() => format!("{date} 00:00:00").parse().ok(),
        None => None,
        Some(_) if time.starts_with(' ') => text.parse().ok(),
        Some(time) => format!("{date} {time}").parse().ok(),
    }
}

#[inline]
pub(super) fn put_padded(text: &[u8], padding: usize, out: &mut BytesMut) {
    let length = text.len() + padding;
    out.reserve(4 + length);
    out.extend_from_slice(&length_bytes(length));
    out.extend_from_slice(text);
    if padding > 0 {
        out.put_bytes(b' ', padding);
    }
}

/// Whether the text is ASCII without NUL, as most is: then bytes are characters.
#[inline]
fn is_plain_ascii(bytes: &[u8]) -> bool {
    // Fixed sizes without a branch inside become vector instructions. The last chunk may overlap those before.
    #[inline]
    fn plain<const N: usize>(chunk: &[u8; N]) -> bool {
        chunk.iter().fold(true, |plain, b| plain & (b.wrapping_sub(1) < 0x7f))
    }
    if let Some(last) = bytes.last_chunk::<32>() {
        plain(last) && bytes.as_chunks::<32>().0.iter().all(plain)
    } else if let (Some(first), Some(last)) = (bytes.first_chunk::<16>(), bytes.last_chunk::<16>()) {
        plain(first) & plain(last)
    } else {
        bytes.iter().fold(true, |plain, b| plain & (b.wrapping_sub(1) < 0x7f))
    }
}

impl Transcoder {
    /// NULL in a column of texts whose policy says so.
    pub(super) fn put_empty(&self, out: &mut BytesMut) -> Outcome {
        let padding = match &self.plan {
            Plan::Text(TextPlan { length: Some(length), padding: Padding::Both | Padding::Target, .. }) => *length,
            _ => 0,
        };
        put_padded(b"", padding, out);
        Ok(Loss::NullAsEmpty.into())
    }

    /// NULL in place of a value that the policy gives up.
    pub(super) fn null_for(&self, loss: Loss, kind: ValueErrorKind, out: &mut BytesMut) -> Outcome {
        let losses = self.lose(loss, kind)?;
        put_null(out);
        Ok(losses)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn uuids_in_the_usual_forms() {
        let expected = *b"\x00\x11\x22\x33\x44\x55\x66\x77\x88\x99\xaa\xbb\xcc\xdd\xee\xff";
        for text in [
            "00112233-4455-6677-8899-aabbccddeeff",
            "00112233445566778899AABBCCDDEEFF",
            "{00112233-4455-6677-8899-AABBCCDDEEFF}",
        ] {
            assert_eq!(uuid(text), Some(expected), "{text}");
        }
        for text in [
            "",
            "0011",
            "00112233-4455-6677-8899-aabbccddeef",
            "00112233-4455-6677-8899-aabbccddeeffa",
            "0011223344556677-8899-aabb-ccddeeff--",
            "g0112233-4455-6677-8899-aabbccddeeff",
            "00112233x4455x6677x8899xaabbccddeeff",
            "{00112233-4455-6677-8899-aabbccddeeff",
        ] {
            assert_eq!(uuid(text), None, "{text}");
        }
    }
}
