//! Patterns of tokens in code: what stands in a comment or in a string is not found.

use schema_map::sql::{Lexer, Token, TokenKind};

/// Patterns, ready to be looked for.
#[derive(Debug)]
pub(crate) struct Patterns {
    /// A pattern, and the rule it belongs to.
    patterns: Vec<(Vec<Part>, usize)>,
    /// By the first byte of a token, in upper case: the patterns that may begin with it, in order.
    beginning: Vec<Vec<usize>>,
}

#[derive(Debug)]
enum Part {
    Name,
    Prefix(&'static str),
    Text(&'static str),
}

/// What was found in one piece of code.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct Code {
    /// By rule, in their order: where.
    pub(crate) found: Vec<(usize, Vec<Spot>)>,
    /// Characters of the tokens: without blanks and comments.
    pub(crate) characters: usize,
    /// Words that may be names of objects, in upper case or as quoted, each once, sorted.
    pub(crate) words: Vec<String>,
}

/// A place in code.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Spot {
    /// Lines from the start of the code, from 0.
    pub(crate) line: usize,
    /// The line's text, without secrets.
    pub(crate) text: String,
}

/// Spots of one rule in one object that are kept with their text; others are counted.
const SPOTS: usize = 50;

impl Patterns {
    pub(crate) fn of<'r>(rules: impl Iterator<Item = (usize, &'r [&'static str])>) -> Self {
        let part = |text: &'static str| match text.strip_suffix('*') {
            _ if text == "?" => Part::Name,
            Some(prefix) if !prefix.is_empty() => Part::Prefix(prefix),
            _ => Part::Text(text),
        };
        let parsed = rules.flat_map(|(rule, patterns)| {
            patterns.iter().map(move |pattern| (pattern.split(' ').map(part).collect::<Vec<Part>>(), rule))
        });
        let patterns: Vec<(Vec<Part>, usize)> = parsed.collect();
        let begins = |parts: &[Part], byte: u8| match parts.first() {
            Some(Part::Text(text) | Part::Prefix(text)) => {
                text.as_bytes().first().is_some_and(|first| first.eq_ignore_ascii_case(&byte))
            }
            Some(Part::Name) => true,
            None => false,
        };
        let may_begin = |byte| (0..patterns.len()).filter(|&n| begins(&patterns[n].0, byte)).collect();
        let beginning = (0..=u8::MAX).map(may_begin).collect();
        Patterns { patterns, beginning }
    }

    /// Looks through code. At one place in it the first pattern that fits counts.
    pub(crate) fn look(&self, source: &str) -> Code {
        let tokens = code_tokens(source);
        let mut found: std::collections::BTreeMap<usize, Vec<Spot>> = std::collections::BTreeMap::new();
        let mut lines = Lines { source, at: 0, line: 0 };
        let mut at = 0;
        while at < tokens.len() {
            let rest = &tokens[at..];
            let first = rest[0].text.as_bytes().first().map_or(0, u8::to_ascii_uppercase);
            let mut candidates = self.beginning[usize::from(first)].iter().map(|&n| &self.patterns[n]);
            match candidates.find(|(parts, _)| fits(parts, rest)) {
                Some((parts, rule)) => {
                    let line = lines.line_of(rest[0].offset);
                    let spots = found.entry(*rule).or_default();
                    let text = if spots.len() < SPOTS { line_text(source, rest[0].offset) } else { String::new() };
                    spots.push(Spot { line, text });
                    at += parts.len();
                }
                None => at += 1,
            }
        }
        let characters = tokens.iter().map(|token| token.text.chars().count()).sum();
        let mut words: Vec<String> = tokens.iter().filter_map(word).collect();
        words.sort_unstable();
        words.dedup();
        Code { found: found.into_iter().collect(), characters, words }
    }
}

/// The tokens without comments.
pub(crate) fn code_tokens(source: &str) -> Vec<Token<'_>> {
    Lexer::new(source).filter(|token| token.kind != TokenKind::Comment).collect()
}

fn word(token: &Token<'_>) -> Option<String> {
    match token.kind {
        TokenKind::Word => Some(token.text.to_uppercase()),
        TokenKind::QuotedIdent => Some(token.text.trim_matches('"').to_owned()),
        _ => None,
    }
}

/// Counts lines while going through a source from its start to its end.
struct Lines<'s> {
    source: &'s str,
    at: usize,
    line: usize,
}

impl Lines<'_> {
    fn line_of(&mut self, offset: usize) -> usize {
        let between = &self.source.as_bytes()[self.at..offset];
        self.line += between.iter().filter(|byte| **byte == b'\n').count();
        self.at = offset;
        self.line
    }
}

/// Characters of a line that are shown.
const SHOWN: usize = 160;

/// The line that an offset is in, cut, and without what follows IDENTIFIED BY.
fn line_text(source: &str, offset: usize) -> String {
    let start = source[..offset].rfind('\n').map_or(0, |at| at + 1);
    let end = source[offset..].find('\n').map_or(source.len(), |at| offset + at);
    let line = source[start..end].trim();
    let lower = line.to_ascii_lowercase();
    let cut = match lower.find("identified") {
        Some(at) if line.is_char_boundary(at) => format!("{}IDENTIFIED BY …", &line[..at]),
        _ => line.to_owned(),
    };
    let mut shown: String = cut.chars().map(|c| if c.is_control() { ' ' } else { c }).take(SHOWN).collect();
    if cut.chars().count() > SHOWN {
        shown.push('…');
    }
    shown
}

fn fits(parts: &[Part], tokens: &[Token<'_>]) -> bool {
    tokens.len() >= parts.len()
        && parts.iter().zip(tokens).all(|(part, token)| match part {
            Part::Name => matches!(token.kind, TokenKind::Word | TokenKind::QuotedIdent),
            Part::Prefix(prefix) => {
                token.kind == TokenKind::Word
                    && token.text.get(..prefix.len()).is_some_and(|start| start.eq_ignore_ascii_case(prefix))
            }
            Part::Text(text) => token.text.eq_ignore_ascii_case(text),
        })
}

#[cfg(test)]
mod tests {
    use crate::Rules;
    use proptest::prelude::*;

    fn names(source: &str) -> Vec<(String, usize)> {
        let rules = Rules::default();
        let code = rules.patterns().look(source);
        code.found.into_iter().map(|(n, spots)| (rules.at(n).id.to_string(), spots.len())).collect()
    }

    fn expected(list: &[(&str, usize)]) -> Vec<(String, usize)> {
        list.iter().map(|(id, n)| ((*id).to_owned(), *n)).collect()
    }

    #[test]
    fn constructs_are_found_on_tokens() {
        let cases: &[(&str, &[(&str, usize)])] = &[
            ("SELECT 1 FROM t WHERE a(+) = b AND c ( + )= d", &[("code.outer-join", 2)]),
            ("exception when others then null; When\n/* x */ Others", &[("code.when-others", 2)]),
            ("x := 'ROWNUM, WHEN OTHERS'; -- ROWNUM\n \"ROWNUM\"", &[]),
            (
                "dbms_output.put_line(x); DBMS_LOB.x; dbms_foo.bar",
                &[("code.dbms-output", 1), ("code.dbms-lob", 1), ("code.dbms", 1)],
            ),
            ("select * from emp@remote where x = ''", &[("code.dblink", 1), ("code.empty-string", 1)]),
            ("a t.b%TYPE; c t%rowtype; d c%notfound", &[("code.cursor-attribute", 1), ("code.percent-type", 2)]),
        ];
        for (source, list) in cases {
            assert_eq!(names(source), expected(list), "{source}");
        }
    }

    #[test]
    fn size_is_that_of_the_tokens() {
        let size = |text| Rules::default().patterns().look(text).characters;
        assert_eq!(size("  a  :=  'é é' ; -- comment\n/* more */"), 1 + 2 + 5 + 1);
    }

    #[test]
    fn spots_have_their_line_without_secrets() {
        let rules = Rules::default();
        let code = rules
            .patterns()
            .look("BEGIN\n  NULL;\n  GOTO x; -- why\nEXECUTE IMMEDIATE 'ALTER USER a IDENTIFIED BY b';");
        let spots: Vec<_> = code.found.iter().map(|(_, spots)| (spots[0].line, spots[0].text.as_str())).collect();
        assert!(spots.contains(&(2, "GOTO x; -- why")), "{spots:?}");
        assert!(spots.contains(&(3, "EXECUTE IMMEDIATE 'ALTER USER a IDENTIFIED BY …")), "{spots:?}");
    }

    #[test]
    fn every_pattern_is_found_as_itself() {
        let rules = Rules::default();
        let patterns = rules.patterns();
        for (n, rule) in rules.iter().enumerate() {
            let crate::Check::Code(texts) = &rule.check else { continue };
            for pattern in texts.iter() {
                let text = pattern.replace('?', "name").replace('*', "X");
                let found = patterns.look(&text).found;
                assert_eq!((found.len(), found[0].0, found[0].1.len()), (1, n, 1), "{}: {text}: {found:?}", rule.id);
            }
        }
    }

    proptest! {
        #[test]
        fn no_text_panics(text in any::<String>()) {
            Rules::default().patterns().look(&text);
        }
    }
}
