//! JSON in one form for all texts that `jsonb` holds as the same value.

/// Levels of arrays and objects. A server takes as many as `max_stack_depth` allows, more than ten thousand by default.
const MAX_DEPTH: usize = 100_000;
/// Zeros that a number is written out with at most, at either end; with more it has an exponent.
const MAX_ZEROS: i64 = 40;

/// Appends `text` in a form that is the same for equal values, and says whether it did: what is no JSON appends nothing.
///
/// Without blanks; members of objects in an order of their own, of equal keys the last alone; strings without escapes where
/// there can be none; numbers with all their digits and without zeros that say nothing. That is equality as `jsonb` has it.
/// A text of more than [`MAX_DEPTH`] levels, or with an exponent beyond 64 bits, counts as no JSON.
pub(super) fn canonical(text: &[u8], out: &mut Vec<u8>) -> bool {
    let start = out.len();
    let mut reader = match std::str::from_utf8(text) {
        Ok(rest) => Reader { rest, disordered: Vec::new() },
        Err(_) => return false,
    };
    if reader.document(out).is_none() {
        out.truncate(start);
        return false;
    }
    if !reader.disordered.is_empty() {
        reader.disordered.sort_unstable_by_key(|object| object.brace);
        let text = std::mem::take(out);
        out.extend_from_slice(&text[..start]);
        put_in_order(&text, start, &reader.disordered, out);
    }
    true
}

struct Reader<'a> {
    rest: &'a str,
    disordered: Vec<Object>,
}

/// An array or object that is not at its end yet.
enum Open {
    Array,
    Object { brace: usize, members: Vec<Member> },
}

/// An object in the output.
struct Object {
    /// Where its opening brace is.
    brace: usize,
    /// Where its closing brace is.
    end: usize,
    members: Vec<Member>,
}

/// Where a member of an object is in the output: its key, then the colon and its value.
#[derive(Clone, Copy)]
struct Member {
    start: usize,
    colon: usize,
    end: usize,
}

impl<'a> Reader<'a> {
    fn document(&mut self, out: &mut Vec<u8>) -> Option<()> {
        let mut open = Vec::new();
        loop {
            self.blanks();
            match self.rest.as_bytes().first()? {
                b'[' | b'{' if open.len() == MAX_DEPTH => return None,
                b'[' => {
                    self.byte(b'[', out)?;
                    self.blanks();
                    open.push(Open::Array);
                    if !self.rest.starts_with(']') {
                        continue;
                    }
                }
                b'{' => {
                    let mut object = Open::Object { brace: out.len(), members: Vec::new() };
                    self.byte(b'{', out)?;
                    self.blanks();
                    if self.rest.starts_with('}') {
                        open.push(object);
                    } else {
                        self.key(&mut object, out)?;
                        open.push(object);
                        continue;
                    }
                }
                b'"' => self.string(out)?,
                b't' => self.word("true", out)?,
                b'f' => self.word("false", out)?,
                b'n' => self.word("null", out)?,
                _ => self.number(out)?,
            }
            // Behind a value, or at the end of what is empty.
            loop {
                self.blanks();
                let Some(innermost) = open.last_mut() else { return self.rest.is_empty().then_some(()) };
                if let Open::Object { members, .. } = innermost
                    && let Some(member) = members.last_mut()
                {
                    member.end = out.len();
                }
                if self.rest.starts_with(',') {
                    self.byte(b',', out)?;
                    self.blanks();
                    if matches!(innermost, Open::Object { .. }) {
                        self.key(innermost, out)?;
                    }
                    break;
                }
                match open.pop()? {
                    Open::Array => self.byte(b']', out)?,
                    Open::Object { brace, mut members } => {
                        if !members.windows(2).all(|pair| compare(out, &pair[0], &pair[1]).is_lt()) {
                            sort(out, &mut members);
                            self.disordered.push(Object { brace, end: out.len(), members });
                        }
                        self.byte(b'}', out)?;
                    }
                }
            }
        }
    }

    fn blanks(&mut self) {
        self.rest = self.rest.trim_start_matches([' ', '\t', '\n', '\r']);
    }

    fn byte(&mut self, byte: u8, out: &mut Vec<u8>) -> Option<()> {
        self.rest = self.rest.strip_prefix(char::from(byte))?;
        out.push(byte);
        Some(())
    }

    fn word(&mut self, word: &str, out: &mut Vec<u8>) -> Option<()> {
        self.rest = self.rest.strip_prefix(word)?;
        out.extend_from_slice(word.as_bytes());
        Some(())
    }

    /// A key with its colon, which begins a member.
    fn key(&mut self, object: &mut Open, out: &mut Vec<u8>) -> Option<()> {
        let Open::Object { members, .. } = object else { return None };
        let start = out.len();
        self.string(out)?;
        let colon = out.len();
        members.push(Member { start, colon, end: colon });
        self.blanks();
        self.byte(b':', out)
    }

    fn string(&mut self, out: &mut Vec<u8>) -> Option<()> {
        self.byte(b'"', out)?;
        loop {
            let plain = self.rest.find(|c: char| c == '"' || c == '\\' || c < ' ')?;
            let (text, rest) = self.rest.split_at(plain);
            out.extend_from_slice(text.as_bytes());
            self.rest = rest;
            if self.rest.starts_with('"') {
                return self.byte(b'"', out);
            }
            match self.escaped()? {
                c @ ('"' | '\\') => out.extend_from_slice(&[b'\\', u8::try_from(c).ok()?]),
                c if c < ' ' => out.extend_from_slice(format!("\\u{:04x}", u32::from(c)).as_bytes()),
                c => out.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes()),
            }
        }
    }

    /// The character of an escape.
    fn escaped(&mut self) -> Option<char> {
        let mut chars = self.rest.strip_prefix('\\')?.chars();
        let c = match chars.next()? {
            c @ ('"' | '\\' | '/') => c,
            'b' => '\u{8}',
            'f' => '\u{c}',
            'n' => '\n',
            'r' => '\r',
            't' => '\t',
            'u' => {
                let unit = hex4(chars.as_str())?;
                chars = chars.as_str().get(4..)?.chars();
                if (0xd800..0xdc00).contains(&unit) {
                    let second = chars.as_str().strip_prefix("\\u")?;
                    let low = hex4(second).filter(|low| (0xdc00..0xe000).contains(low))?;
                    chars = second.get(4..)?.chars();
                    char::from_u32(0x10000 + ((unit - 0xd800) << 10) + (low - 0xdc00))?
                } else {
                    char::from_u32(unit)?
                }
            }
            _ => return None,
        };
        self.rest = chars.as_str();
        Some(c)
    }

    fn number(&mut self, out: &mut Vec<u8>) -> Option<()> {
        let negative = self.skip("-");
        let whole = self.digits()?;
        if whole.len() > 1 && whole.starts_with('0') {
            return None;
        }
        let fraction = if self.skip(".") { self.digits()? } else { "" };
        let mut exponent: i64 = 0;
        if self.skip("e") || self.skip("E") {
            let down = self.skip("-");
            if !down {
                self.skip("+");
            }
            exponent = self.digits()?.parse().ok()?;
            exponent = if down { -exponent } else { exponent };
        }
        let digits = [whole, fraction].concat();
        let digits = digits.trim_start_matches('0');
        let significant = digits.trim_end_matches('0');
        let zeros = i64::try_from(digits.len() - significant.len()).ok()?;
        // The number is its significant digits as an integer, times ten to this power.
        let power = exponent.checked_sub(i64::try_from(fraction.len()).ok()?)?.checked_add(zeros)?;
        if significant.is_empty() {
            out.push(b'0');
            return Some(());
        }
        if negative {
            out.push(b'-');
        }
        plain(significant, power, out).or_else(|| {
            out.extend_from_slice(format!("{significant}e{power}").as_bytes());
            Some(())
        })
    }

    fn skip(&mut self, prefix: &str) -> bool {
        let rest = self.rest.strip_prefix(prefix);
        self.rest = rest.unwrap_or(self.rest);
        rest.is_some()
    }

    /// One digit or more.
    fn digits(&mut self) -> Option<&'a str> {
        let end = self.rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(self.rest.len());
        let (digits, rest) = self.rest.split_at(end);
        self.rest = rest;
        (!digits.is_empty()).then_some(digits)
    }
}

/// Four hexadecimal digits at the beginning of a text.
fn hex4(text: &str) -> Option<u32> {
    let digits = text.get(..4).filter(|d| d.bytes().all(|b| b.is_ascii_hexdigit()))?;
    u32::from_str_radix(digits, 16).ok()
}

/// A number without an exponent, where that takes few zeros.
fn plain(significant: &str, power: i64, out: &mut Vec<u8>) -> Option<()> {
    let length = i64::try_from(significant.len()).ok()?;
    let whole = length.checked_add(power)?;
    let zeros = |count: i64| usize::try_from(count).ok().filter(|_| count <= MAX_ZEROS);
    if power >= 0 {
        let zeros = zeros(power)?;
        out.extend_from_slice(significant.as_bytes());
        out.extend(std::iter::repeat_n(b'0', zeros));
    } else if whole > 0 {
        let (whole, fraction) = significant.split_at(usize::try_from(whole).ok()?);
        out.extend_from_slice(whole.as_bytes());
        out.push(b'.');
        out.extend_from_slice(fraction.as_bytes());
    } else {
        let zeros = zeros(whole.checked_neg()?)?;
        out.extend_from_slice(b"0.");
        out.extend(std::iter::repeat_n(b'0', zeros));
        out.extend_from_slice(significant.as_bytes());
    }
    Some(())
}

/// Brings members into the order of their keys; of equal keys the last stays.
fn sort(text: &[u8], members: &mut Vec<Member>) {
    members.reverse();
    members.sort_by(|a, b| compare(text, a, b));
    members.dedup_by(|a, b| compare(text, a, b).is_eq());
}

/// Shorter keys first, as `jsonb` has it: what the server sends is in order already, but for keys with escapes.
fn compare(bytes: &[u8], a: &Member, b: &Member) -> std::cmp::Ordering {
    let key = |m: &Member| &bytes[m.start..m.colon];
    key(a).len().cmp(&key(b).len()).then_with(|| key(a).cmp(key(b)))
}

/// Appends what is in `text` from `start` on, with the members of these objects, which are listed by place, as they are listed.
/// What is copied is copied once, however deep it is.
fn put_in_order(text: &[u8], start: usize, objects: &[Object], out: &mut Vec<u8>) {
    let mut parts = vec![(start, text.len(), false)];
    while let Some((from, to, comma)) = parts.pop() {
        if comma {
            out.push(b',');
        }
        let next = objects.partition_point(|object| object.brace < from);
        let Some(object) = objects.get(next).filter(|object| object.brace < to) else {
            out.extend_from_slice(&text[from..to]);
            continue;
        };
        out.extend_from_slice(&text[from..=object.brace]);
        parts.push((object.end, to, false));
        let members = object.members.iter().enumerate().rev();
        parts.extend(members.map(|(at, member)| (member.start, member.end, at > 0)));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn form(text: &str) -> Option<String> {
        let mut out = b"before".to_vec();
        let done = canonical(text.as_bytes(), &mut out);
        let form = out.strip_prefix(b"before").unwrap();
        assert!(done || form.is_empty());
        done.then(|| String::from_utf8(form.to_vec()).unwrap())
    }

    #[test]
    fn equal_values_have_one_form() {
        for (texts, expected) in [
            (&["1", "1.0", "1.000", "10e-1", "0.1E+1", " 1\n", "1e0"][..], "1"),
            (&["0", "-0", "0.00", "0e7", "-0.0e-5"], "0"),
            (&["100", "1e2", "1E+02", "100.00", "0.0001e6"], "100"),
            (&["-1.5", "-1.50", "-15e-1", "-0.15e1"], "-1.5"),
            (&["0.0025", "25e-4", "2.50e-3"], "0.0025"),
            (&["1e-41", "0.1e-40"], "0.00000000000000000000000000000000000000001"),
            (&["1e-42", "0.1e-41"], "1e-42"),
            (&["1e41", "10e40", "100000000000000000000000000000000000000000"], "1e41"),
            (&["12e99999", "1.2e100000"], "12e99999"),
            (
                &["12345678901234567890123456789012345678901234567890.5"],
                "12345678901234567890123456789012345678901234567890.5",
            ),
            (&[r#""é/\"\\""#, r#""\u00e9\/\u0022\u005C""#, r#""\u00E9/\"\u005c""#], r#""é/\"\\""#),
            (&[r#""\n\t\u0001""#, r#""\u000a\u0009\u0001""#], r#""\u000a\u0009\u0001""#),
            (&[r#""\ud83d\ude00""#, r#""😀""#], r#""😀""#),
            (&["[]", "[ ]", "\r\n\t[\n]"], "[]"),
            (&["{}", "{ }"], "{}"),
            (&["[1,[2.0],{}]", " [ 1 , [ 2 ] , { } ] "], "[1,[2],{}]"),
            (
                &[r#"{"b":1,"a":2}"#, r#"{ "a" : 2 , "b" : 1.0 }"#, r#"{"b":7,"\u0061":2,"b":{},"b":1}"#],
                r#"{"a":2,"b":1}"#,
            ),
            (
                &[r#"{"bb":{"y":1,"x":[]},"a":null}"#, r#"{"a":null,"bb":{"x":[],"y":1}}"#],
                r#"{"a":null,"bb":{"x":[],"y":1}}"#,
            ),
            (&[r#"{"a":{"a":1},"a":{"b":[true,false]}}"#], r#"{"a":{"b":[true,false]}}"#),
            (&[r#"{"":0,"":1}"#], r#"{"":1}"#),
        ] {
            for text in texts {
                assert_eq!(form(text).as_deref(), Some(expected), "{text}");
            }
        }
    }

    #[test]
    fn unequal_values_have_not() {
        let texts = [
            "1",
            "\"1\"",
            "[1]",
            "-1",
            "10",
            "0.1",
            "1.0000000000000000000000000000000000000001",
            "null",
            "\"null\"",
            "\"\"",
            "[]",
            "{}",
            "[[]]",
            "[null]",
            "[1,2]",
            "[2,1]",
            "[12]",
            r#"{"a":1}"#,
            r#"{"A":1}"#,
            r#"{"a":"1"}"#,
            r#"{"a":1,"b":1}"#,
            r#"{"a":{"b":1}}"#,
            r#"{"b":{"a":1}}"#,
            r#"["a",1]"#,
            r#""\u000a""#,
            r#""\\u000a""#,
            r#""n""#,
            "true",
            "false",
        ];
        let forms: std::collections::BTreeSet<_> = texts.iter().map(|text| form(text).unwrap()).collect();
        assert_eq!(forms.len(), texts.len());
    }

    #[test]
    fn what_is_no_json_stays_as_it_is() {
        for text in [
            "",
            " ",
            "nul",
            "nulll",
            "tru",
            "True",
            "NaN",
            "01",
            "-",
            "+1",
            ".5",
            "1.",
            "1e",
            "1e+",
            "--1",
            "0x1",
            "1 2",
            "[",
            "]",
            "[1",
            "[1,]",
            "[,1]",
            "[1 2]",
            "[1}",
            "{",
            "}",
            "{]",
            "{1:2}",
            r#"{"a"}"#,
            r#"{"a":}"#,
            r#"{"a":1,}"#,
            r#"{"a" 1}"#,
            r#"{,}"#,
            r#"{"a":1"b":2}"#,
            "\"",
            "\"a",
            r#""\""#,
            r#""\x""#,
            r#""\u12""#,
            r#""\u+123""#,
            r#""\ud800""#,
            r#""\ud800x""#,
            r#""\ud800\u0041""#,
            r#""\udc00""#,
            "\"\n\"",
            "'a'",
            "1e99999999999999999999",
            "\u{a0}1",
            "\u{feff}1",
        ] {
            assert_eq!(form(text), None, "{text}");
        }
        assert!(!canonical(b"\"\xff\"", &mut Vec::new()));
    }

    #[test]
    fn depth_is_no_danger() {
        let nested = |open: &str, value: &str, close: &str, depth| open.repeat(depth) + value + &close.repeat(depth);
        let deep = nested("[", "1.0", "]", MAX_DEPTH);
        assert_eq!(form(&deep), Some(nested("[", "1", "]", MAX_DEPTH)));
        assert_eq!(form(&nested("[", "1", "]", MAX_DEPTH + 1)), None);
        let (first, last) = ("{\"b\":", ",\"a\":0}");
        assert_eq!(form(&nested(first, "1", last, MAX_DEPTH)), Some(nested("{\"a\":0,\"b\":", "1", "}", MAX_DEPTH)));
        assert_eq!(form(&"[".repeat(1 << 20)), None);
        assert_eq!(form(&"{\"a\":".repeat(1 << 20)), None);
    }

    proptest! {
        #[test]
        fn a_form_is_its_own_form(text in r#"([\[\]{}",:\\ 0-9eE.+tfn\-]|"a":|\\u00|true|null){0,40}"#) {
            if let Some(once) = form(&text) {
                prop_assert_eq!(form(&once), Some(once.clone()));
                prop_assert!(serde_json::from_str::<serde::de::IgnoredAny>(&text).is_ok());
            }
        }

        #[test]
        fn all_that_another_parser_takes_is_taken(value in any::<Vec<(String, Vec<i64>)>>()) {
            let form = form(&serde_json::to_string(&value).unwrap()).unwrap();
            let back: Vec<(String, Vec<i64>)> = serde_json::from_str(&form).unwrap();
            prop_assert_eq!(value, back);
        }

        #[test]
        fn numbers_keep_their_value(value in any::<f64>().prop_filter("JSON has none", |v| v.is_finite())) {
            let plain = form(&format!("{value}")).unwrap();
            prop_assert_eq!(plain.parse::<f64>(), Ok(value));
            prop_assert_eq!(form(&format!("{value:e}")), Some(plain));
        }

        #[test]
        fn bytes_are_no_danger(bytes: Vec<u8>) {
            canonical(&bytes, &mut Vec::new());
        }
    }
}
