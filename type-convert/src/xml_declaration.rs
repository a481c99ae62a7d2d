//! The XML declaration as PostgreSQL's `xml` type gives it back.
//!
//! Our text is UTF-8 whatever encoding it was written in, so an encoding that a declaration names is at best
//! superfluous, at worst wrong, and the server would convert by it. The server itself, asked for UTF-8, leaves the
//! declaration out unless it says `standalone`; and whatever it sends without a declaration it sends without the
//! line break that it may begin with. Line breaks before the root element mean nothing, so they are left out here.

const STANDALONE_YES: &[u8] = b"<?xml version=\"1.0\" standalone=\"yes\"?>";
const STANDALONE_NO: &[u8] = b"<?xml version=\"1.0\" standalone=\"no\"?>";

/// The declaration to write and what follows it. A text without a declaration, or with one that is not of
/// version 1.0 or not well formed, is returned as it is but for line breaks at its start: the server judges it.
pub(crate) fn split(text: &[u8]) -> (&'static [u8], &[u8]) {
    match standalone(text) {
        None => (b"", without_line_breaks(text)),
        Some((None, rest)) => (b"", without_line_breaks(rest)),
        Some((Some(true), rest)) => (STANDALONE_YES, rest),
        Some((Some(false), rest)) => (STANDALONE_NO, rest),
    }
}

fn without_line_breaks(text: &[u8]) -> &[u8] {
    &text[text.iter().take_while(|b| **b == b'\n').count()..]
}

fn standalone(text: &[u8]) -> Option<(Option<bool>, &[u8])> {
    let rest = text.strip_prefix(b"<?xml")?;
    let (version, rest) = attribute(rest, b"version")?;
    if version != b"1.0" {
        return None;
    }
    let rest = attribute(rest, b"encoding").map_or(rest, |(_, rest)| rest);
    let (standalone, rest) = match attribute(rest, b"standalone") {
        None => (None, rest),
        Some((b"yes", rest)) => (Some(true), rest),
        Some((b"no", rest)) => (Some(false), rest),
        Some(_) => return None,
    };
    Some((standalone, rest.trim_ascii_start().strip_prefix(b"?>")?))
}

/// Blanks, the name, `=`, and a quoted value.
fn attribute<'a>(text: &'a [u8], name: &[u8]) -> Option<(&'a [u8], &'a [u8])> {
    let begin = text.trim_ascii_start();
    if begin.len() == text.len() {
        return None;
    }
    let rest = begin.strip_prefix(name)?.trim_ascii_start().strip_prefix(b"=")?.trim_ascii_start();
    let (quote, rest) = rest.split_first().filter(|(quote, _)| matches!(quote, b'"' | b'\''))?;
    let end = rest.iter().position(|b| b == quote)?;
    Some((&rest[..end], &rest[end + 1..]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn as_the_server_does() {
        for (text, declaration, rest) in [
            ("<a/>", "", "<a/>"),
            ("  <a/>", "", "  <a/>"),
            ("<?xml version=\"1.0\"?><a/>", "", "<a/>"),
            ("<?xml version='1.0' encoding='ISO-8859-1' ?>\n\n<a/>", "", "<a/>"),
            ("\n\n<a/>\n", "", "<a/>\n"),
            (
                "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone='yes'?>\n<a/>",
                "<?xml version=\"1.0\" standalone=\"yes\"?>",
                "\n<a/>",
            ),
            ("<?xml version=\"1.0\" standalone=\"no\"?><a/>", "<?xml version=\"1.0\" standalone=\"no\"?>", "<a/>"),
            ("<?xml version=\"1.1\"?><a/>", "", "<?xml version=\"1.1\"?><a/>"),
            ("<?xml-stylesheet href='a'?><a/>", "", "<?xml-stylesheet href='a'?><a/>"),
            ("<?xml version=\"1.0", "", "<?xml version=\"1.0"),
        ] {
            assert_eq!(split(text.as_bytes()), (declaration.as_bytes(), rest.as_bytes()), "{text}");
        }
    }
}
