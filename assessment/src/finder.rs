//! Constructs in code and queries, found on their syntax trees.
//!
//! A tree is told as words (`words.rs`): each construct as the manual writes it, each name with what it may mean. Patterns are looked for
//! in these. What could not be read is looked through as tokens, and what was found so is marked.

mod known;
mod words;

pub(crate) use known::{Declared, OwnObjects};

use schema_map::plsql::{self, Unparsed};
use schema_map::sql::{Lexer, Token, TokenKind};
use std::collections::{BTreeMap, HashSet};
use words::{Role, Word, Words};

/// Patterns, ready to be looked for.
#[derive(Debug)]
pub(crate) struct Patterns {
    /// A pattern, and the rule it belongs to.
    patterns: Vec<(Vec<Part>, usize)>,
    /// By the first byte of a word, in upper case: the patterns that may begin with it, in order.
    beginning: Vec<Vec<usize>>,
}

#[derive(Debug)]
enum Part {
    Name,
    Prefix(&'static str),
    Text(&'static str),
}

/// A piece of code, and what is known around it.
#[derive(Clone, Copy)]
pub(crate) struct Piece<'a> {
    pub(crate) source: &'a str,
    pub(crate) grammar: Grammar,
    /// Names that are declared outside of it: what the specification of a package has.
    pub(crate) declared: &'a HashSet<String>,
    /// Whether the schema has an object of this name, which takes the place of one of Oracle's packages and types.
    pub(crate) own: &'a dyn Fn(&str) -> bool,
}

/// What a piece of code is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Grammar {
    /// Stored code.
    Unit,
    /// The query of a view.
    Query,
    /// A default, a check, what an index is on.
    Expression,
}

/// What was found in one piece of code.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct Code {
    /// By rule, in their order.
    pub(crate) found: Vec<Found>,
    /// What could not be read, and why.
    pub(crate) unparsed: Vec<Spot>,
    /// Characters of the tokens: without blanks and comments.
    pub(crate) characters: usize,
    /// Words that may be names of objects, in upper case or as quoted, each once, sorted.
    pub(crate) words: Vec<String>,
}

impl Code {
    /// What was found in several pieces that belong to one object.
    pub(crate) fn all(pieces: Vec<Code>) -> Code {
        let mut all = Code::default();
        let mut found: BTreeMap<usize, Found> = BTreeMap::new();
        for piece in pieces {
            all.unparsed.extend(piece.unparsed);
            all.characters += piece.characters;
            for Found { rule, spots, dynamic, unread } in piece.found {
                let of_rule = found.entry(rule).or_insert_with(|| Found { rule, ..Found::default() });
                of_rule.spots.extend(spots);
                of_rule.dynamic += dynamic;
                of_rule.unread += unread;
            }
        }
        all.found = found.into_values().collect();
        all
    }
}

/// What one rule found in a piece of code.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct Found {
    pub(crate) rule: usize,
    /// Where, in their order.
    pub(crate) spots: Vec<Spot>,
    /// How many of these are in texts of dynamic SQL.
    pub(crate) dynamic: usize,
    /// How many are in what could not be read: they were found by their words alone.
    pub(crate) unread: usize,
}

/// A place in code.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Spot {
    /// Lines from the start of the code, from 0.
    pub(crate) line: usize,
    /// The line's text, without secrets; of what could not be read the reason.
    pub(crate) text: String,
}

/// Something that a pattern fits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Match {
    rule: usize,
    offset: usize,
    how: How,
}

/// How something was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum How {
    Tree,
    /// In a text of dynamic SQL.
    Dynamic,
    /// By tokens, in what could not be read.
    Tokens,
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
    pub(crate) fn look(&self, piece: Piece<'_>) -> Code {
        let mut words = Words::new(self, piece);
        match piece.grammar {
            Grammar::Unit => words.unit(&plsql::parse(piece.source)),
            Grammar::Query => match plsql::parse_query(piece.source) {
                Ok(query) => query.visit(&mut words),
                Err(unparsed) => words.unread(&unparsed),
            },
            Grammar::Expression => match plsql::parse_expression(piece.source) {
                Ok(expr) => expr.visit(&mut words),
                Err(unparsed) => words.unread(&unparsed),
            },
        }
        let (matches, unparsed) = words.done();
        Self::code(piece.source, matches, unparsed)
    }

    /// Looks through one routine of a package's body.
    pub(crate) fn look_at_routine(&self, piece: Piece<'_>, routine: &plsql::Routine) -> Code {
        let mut words = Words::new(self, piece);
        routine.visit(&mut words);
        let (matches, unparsed) = words.done();
        Self::code(piece.source, matches, unparsed)
    }

    fn code(source: &str, mut matches: Vec<Match>, mut unparsed: Vec<Unparsed>) -> Code {
        matches.sort_by_key(|found| found.offset);
        unparsed.sort_by_key(|unparsed| unparsed.offset);
        let mut found: BTreeMap<usize, Found> = BTreeMap::new();
        let mut lines = Lines { source, at: 0, line: 0 };
        for Match { rule, offset, how } in matches {
            let line = lines.line_of(offset);
            let of_rule = found.entry(rule).or_insert_with(|| Found { rule, ..Found::default() });
            let text = if of_rule.spots.len() < SPOTS { line_text(source, offset) } else { String::new() };
            of_rule.spots.push(Spot { line, text });
            of_rule.dynamic += usize::from(how == How::Dynamic);
            of_rule.unread += usize::from(how == How::Tokens);
        }
        let mut lines = Lines { source, at: 0, line: 0 };
        let spot = |unparsed: Unparsed| Spot { line: lines.line_of(unparsed.offset), text: unparsed.reason };
        let unparsed = unparsed.into_iter().map(spot).collect();
        let tokens = code_tokens(source);
        let characters = tokens.iter().map(|token| token.text.chars().count()).sum();
        let mut words: Vec<String> = tokens.iter().filter_map(word).collect();
        words.sort_unstable();
        words.dedup();
        Code { found: found.into_values().collect(), unparsed, characters, words }
    }

    /// Patterns that fit somewhere in a row of words: rule and byte.
    fn fitting(&self, words: &[Word<'_>], found: &mut dyn FnMut(usize, usize)) {
        let mut at = 0;
        while at < words.len() {
            let rest = &words[at..];
            let first = rest[0].text.as_bytes().first().map_or(0, u8::to_ascii_uppercase);
            let mut candidates = self.beginning[usize::from(first)].iter().map(|&n| &self.patterns[n]);
            match candidates.find(|(parts, _)| fits(parts, rest)) {
                Some((parts, rule)) => {
                    found(*rule, rest[0].offset);
                    at += parts.len();
                }
                None => at += 1,
            }
        }
    }
}

/// The tokens without comments.
fn code_tokens(source: &str) -> Vec<Token<'_>> {
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

fn fits(parts: &[Part], words: &[Word<'_>]) -> bool {
    words.len() >= parts.len()
        && parts.iter().zip(words).enumerate().all(|(at, (part, word))| {
            // A name behind a dot belongs to what is before the dot, which must be in the pattern then.
            let may_be = match word.role {
                Role::Said | Role::Global => true,
                Role::Member => at > 0,
                Role::Own => false,
            };
            match part {
                Part::Name => word.role != Role::Said,
                Part::Prefix(prefix) => {
                    may_be && word.text.get(..prefix.len()).is_some_and(|start| start.eq_ignore_ascii_case(prefix))
                }
                Part::Text(text) => may_be && word.text.eq_ignore_ascii_case(text),
            }
        })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Rules;
    use proptest::prelude::*;

    fn look(patterns: &Patterns, source: &str) -> Code {
        let own = |name: &str| name == "OWN_PACKAGE" || name == "DBMS_LOCK";
        let declared = HashSet::from(["SPEC_NAME".to_owned(), "NVL2".to_owned()]);
        patterns.look(Piece { source, grammar: Grammar::Unit, declared: &declared, own: &own })
    }

    /// Ids of the rules that find something, how often, and how many of these in dynamic SQL and in what could not be read.
    fn found(source: &str) -> Vec<(String, usize, usize, usize)> {
        let rules = Rules::default();
        let of_rule = |f: Found| (rules.at(f.rule).id.to_string(), f.spots.len(), f.dynamic, f.unread);
        look(&rules.patterns(), source).found.into_iter().map(of_rule).collect()
    }

    fn assert_finds(source: &str, expected: &[(&str, usize)]) {
        let expected: Vec<_> = expected.iter().map(|(id, n)| (format!("code.{id}"), *n, 0, 0)).collect();
        assert_eq!(found(source), expected, "{source}");
        assert_eq!(look(&Rules::default().patterns(), source).unparsed, [], "{source}");
    }

    #[test]
    fn constructs_are_found_on_the_tree() {
        let cases: &[(&str, &[(&str, usize)])] = &[
            ("SELECT 1 FROM t WHERE a(+) = b AND c ( + )= d", &[("outer-join", 2)]),
            (
                "BEGIN a; EXCEPTION WHEN others THEN BEGIN b; exception When\n/* x */ Others THEN c; END; END;",
                &[("when-others", 2)],
            ),
            ("BEGIN x := 'ROWNUM, WHEN OTHERS'; /* ROWNUM */ y := \"ROWNUM\"; END; -- ROWNUM", &[]),
            (
                "BEGIN dbms_output.put_line(x); DBMS_LOB.x; dbms_foo.bar; END;",
                &[("dbms-output", 1), ("dbms-lob", 1), ("dbms", 1)],
            ),
            ("SELECT * FROM hr.emp@remote e WHERE x = ''", &[("dblink", 1), ("empty-string", 1)]),
            (
                "DECLARE a t.b%TYPE; c t%rowtype; BEGIN LOOP EXIT WHEN d%notfound; END LOOP; END;",
                &[("cursor-attribute", 1), ("percent-type", 2)],
            ),
            ("SELECT CAST(a AS XMLTYPE), EXTRACT(YEAR FROM b) FROM t", &[("xml", 1)]),
            ("BEGIN ROLLBACK TO here; END;", &[("commit", 1), ("savepoint", 1)]),
            ("SELECT t.ROWID, s.NEXTVAL, x.extract('/a') FROM t", &[("rowid", 1), ("xml", 1), ("sequence", 1)]),
            (
                "BEGIN SYS.DBMS_LOB.APPEND(a, b); x := SYS.STANDARD.NVL(a, b); y := STANDARD.DECODE(1, 2, 3); END;",
                &[("dbms-lob", 1), ("decode", 1), ("nvl", 1)],
            ),
            ("BEGIN OPEN c FOR SELECT a FROM t MINUS SELECT a FROM dual; END;", &[("minus", 1), ("dual", 1)]),
            ("BEGIN x := CASE WHEN SQLCODE = 1 THEN SYSDATE END; END;", &[("sqlcode", 1), ("sysdate", 1)]),
            ("BEGIN RAISE UTL_FILE.INVALID_PATH; EXCEPTION WHEN UTL_FILE.READ_ERROR THEN NULL; END;", &[("utl", 2)]),
            ("FUNCTION f RETURN t PIPELINED IS BEGIN PIPE ROW (1); END;", &[("pipelined", 2)]),
            (
                "BEGIN $IF $$debug $THEN COMMIT; $ELSE ROLLBACK; $END END;",
                &[("commit", 2), ("conditional-compilation", 2)],
            ),
        ];
        for (source, expected) in cases {
            assert_finds(source, expected);
        }
    }

    /// What a search for tokens takes for something else.
    #[test]
    fn names_that_somebody_gave_are_no_constructs() {
        let cases: &[(&str, &[(&str, usize)])] = &[
            // Columns, aliases, tables.
            ("SELECT decode, t.rowcount, median AS to_char, json_value commit FROM xmltype rownum_of", &[]),
            ("SELECT sqlcode, sqlerrm FROM log WHERE to_date > uid_of", &[]),
            ("INSERT INTO dbms_output (commit, savepoint) VALUES (1, 2)", &[]),
            ("UPDATE json_object SET merge = model.goto WHERE pivot = forall", &[]),
            ("SELECT * FROM sys_context, dump, utl_file u WHERE u.minus = 1", &[]),
            // Variables, parameters, loop variables, fields of records.
            ("DECLARE commit NUMBER; BEGIN commit := commit + 1; END;", &[]),
            ("PROCEDURE p(sqlcode NUMBER, dump t) IS BEGIN x := sqlcode + dump(1) + dump.nextval; END;", &[]),
            ("BEGIN FOR rowid IN 1 .. 2 LOOP x := rowid; END LOOP; END;", &[]),
            ("BEGIN FOR utl_r IN (SELECT 1 a FROM t) LOOP x := utl_r.a; END LOOP; END;", &[]),
            ("DECLARE rec t; BEGIN x := rec.rownum + rec.currval; END;", &[]),
            // Routines: local ones, those of the package, those of another package, a unit's own name.
            (
                "DECLARE FUNCTION nvl(a NUMBER, b NUMBER) RETURN NUMBER IS BEGIN RETURN nvl(a, b); END; BEGIN x := NVL(1, 2); END;",
                &[],
            ),
            ("BEGIN x := nvl2(1, 2, 3); END;", &[]),
            ("FUNCTION bitand(a NUMBER) RETURN NUMBER IS BEGIN RETURN bitand(a - 1); END;", &[]),
            ("BEGIN mine.decode(1); x := mine.trunc(1) + a.b.instr(2); END;", &[]),
            // A package of the own schema, under the name of one of Oracle's.
            ("BEGIN dbms_lock.sleep(1); own_package.trunc(2); END;", &[]),
            ("BEGIN SYS.dbms_lock.sleep(1); END;", &[("dbms-lock", 1)]),
            // Labels, named arguments, texts, comments.
            ("BEGIN <<commit>> NULL; p(rowid => 1, merge => 2); END;", &[]),
            ("BEGIN x := 'a (+) b@c ROWNUM'; y := q'[GOTO]'; -- GOTO\n/* COMMIT; */ NULL; END;", &[]),
            // Where it is Oracle's after all.
            ("DECLARE x NUMBER; BEGIN DECLARE nvl NUMBER; BEGIN NULL; END; x := NVL(x, 1); END;", &[("nvl", 1)]),
        ];
        for (source, expected) in cases {
            assert_finds(source, expected);
        }
    }

    #[test]
    fn dynamic_sql_is_read() {
        let source = concat!(
            "BEGIN\n  EXECUTE IMMEDIATE 'SELECT 1 FROM t\n    WHERE ROWNUM = 1 AND a = ''x'' AND\n b(+) = 1' INTO x;\n",
            "  OPEN c FOR q'[SELECT * FROM t@far]' USING 1;\n",
            "  EXECUTE IMMEDIATE 'BEGIN EXECUTE IMMEDIATE ''ALTER TABLE x ADD (rowid_of DATE)''; COMMIT; END;';\n",
            "  EXECUTE IMMEDIATE 'SELECT ' || x || ' ROWNUM';\nEND;"
        );
        let one = |id: &str, n, dynamic| (format!("code.{id}"), n, dynamic, 0);
        let expected = [
            one("commit", 1, 1),
            one("execute-immediate", 4, 1),
            one("outer-join", 1, 1),
            one("rownum", 1, 1),
            one("dblink", 1, 1),
        ];
        assert_eq!(found(source), expected);
        let rules = Rules::default();
        let code = look(&rules.patterns(), source);
        let line = |id: &str| {
            let of_rule = code.found.iter().find(|f| rules.at(f.rule).id == id).unwrap();
            (of_rule.spots[0].line, of_rule.spots[0].text.as_str())
        };
        assert_eq!(line("code.rownum"), (2, "WHERE ROWNUM = 1 AND a = ''x'' AND"));
        assert_eq!((line("code.outer-join").0, line("code.dblink").0), (3, 4));
        let odd = "BEGIN EXECUTE IMMEDIATE (/* q é */ Nq'é\nSELECT ROWNUM FROM té') /* '' */; EXECUTE IMMEDIATE ('é''é COMMIT'); END;";
        assert_eq!(look(&rules.patterns(), odd).unparsed.len(), 1);
        // What is no SQL inside is told as such.
        let code = look(&rules.patterns(), "BEGIN\n EXECUTE IMMEDIATE 'SELECT ''a'' FROM WHERE x';\nEND;");
        assert_eq!(code.unparsed[0].line, 1);
        assert!(code.unparsed[0].text.starts_with("in dynamic SQL: expected a table"), "{:?}", code.unparsed);
    }

    #[test]
    fn what_cannot_be_read_is_looked_through_by_words() {
        let source = "BEGIN\n  COMMIT;\n  x := ROWNUM a COMMIT 'GOTO';\n  GOTO y;\nEND;";
        let one = |id: &str, n, unread| (format!("code.{id}"), n, 0, unread);
        assert_eq!(found(source), [one("commit", 2, 1), one("goto", 1, 0), one("rownum", 1, 1)]);
        let code = look(&Rules::default().patterns(), source);
        assert_eq!((code.unparsed.len(), code.unparsed[0].line), (1, 2));
        assert_eq!(code.unparsed[0].text, "expected ;, found a");
    }

    #[test]
    fn size_is_that_of_the_tokens() {
        let size = |text| look(&Rules::default().patterns(), text).characters;
        assert_eq!(size("  a  :=  'é é' ; -- comment\n/* more */"), 1 + 2 + 5 + 1);
    }

    #[test]
    fn spots_have_their_line_without_secrets() {
        let rules = Rules::default();
        let source = "BEGIN\n  NULL;\n  GOTO x; -- why\nEXECUTE IMMEDIATE 'ALTER USER a IDENTIFIED BY b'; END;";
        let code = look(&rules.patterns(), source);
        let spots: Vec<_> = code.found.iter().map(|f| (f.spots[0].line, f.spots[0].text.as_str())).collect();
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
                let own = |_: &str| false;
                let piece = Piece { source: &text, grammar: Grammar::Unit, declared: &HashSet::new(), own: &own };
                let mut words = Words::new(&patterns, piece);
                words.tokens(plsql::Span { start: 0, end: text.len() }, How::Tree);
                let found: Vec<usize> = words.done().0.into_iter().map(|found| found.rule).collect();
                assert_eq!(found, [n], "{}: {text}", rule.id);
            }
        }
    }

    const PIECES: &[&str] = &[
        "BEGIN",
        "END;",
        "EXECUTE IMMEDIATE",
        "'SELECT ''é'' FROM t@l WHERE ROWNUM = 1'",
        "q'{BEGIN COMMIT; END;}'",
        "Nq'é COMMITé'",
        "''",
        "(",
        ")",
        ";",
        "'",
        "/* q */",
        "OPEN c FOR",
        "x := ",
        "||",
        "$IF $$é $THEN",
        "$END",
        "SELECT a(+) FROM",
        "<<l>>",
        "ü",
        "%",
        "\n",
    ];

    proptest! {
        #[test]
        fn no_code_panics(pieces in prop::collection::vec(prop::sample::select(PIECES), 0..20)) {
            look(&Rules::default().patterns(), &pieces.join(" "));
        }

        #[test]
        fn no_text_panics(text in any::<String>()) {
            look(&Rules::default().patterns(), &text);
        }
    }
}
