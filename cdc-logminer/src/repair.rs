//! Statements in which apostrophes within texts are not doubled, as LogMiner leaves them in extended strings.
//!
//! A way to read such a statement is a choice of the apostrophes that end its texts. The first way is found by ending
//! every text as early as possible; it is the one that reads most of the statement as columns. A way that only ends
//! fewer texts, at some of the same apostrophes, takes for text what the first reads as columns, and is no rival to it:
//! its text would have to look like LogMiner's own SQL in every byte. Rivals are
//!
//! - a way with an apostrophe that ends no text in the first one,
//! - and one that takes columns of the first for a text in which every apostrophe is paired, as if properly doubled.
//!
//! What only begins like a column of UPDATE or DELETE, and goes on in a way that is not LogMiner's, belongs to no text that
//! is repaired: a statement of a form that is not known stays an error.

use crate::{StatementKind, statement::Text};
use std::{
    collections::{HashMap, HashSet},
    ops::Range,
};

/// So much work at most for one statement: some tens of milliseconds.
const MOST_STEPS: usize = 2_000_000;

/// What is known of the ways to read a statement.
pub(crate) enum Verdict {
    None,
    One(Readings),
    Many,
    TooMany,
}

/// One way to read a statement.
#[derive(Default)]
pub(crate) struct Readings {
    pub(crate) columns: Vec<Reading>,
    pub(crate) row_id: Option<Range<usize>>,
}

/// One column as it is read.
pub(crate) struct Reading {
    /// Of WHERE.
    pub(crate) condition: bool,
    /// Empty for INSERT, whose names come before.
    pub(crate) column: Range<usize>,
    pub(crate) literal: Range<usize>,
    pub(crate) is_null: bool,
    /// The literal with its apostrophes doubled, where they were not.
    pub(crate) mended: Option<String>,
}

/// The search for ways to read one statement.
pub(crate) struct Search<'a> {
    sql: &'a str,
    /// Where the statement ends, its semicolon and what is blank left off.
    end: usize,
    alias: &'a str,
    /// How many values an INSERT has.
    columns: Option<usize>,
    known: &'a dyn Fn(&str) -> bool,
    /// Every apostrophe that could end a text, in ascending order.
    closes: Vec<Close>,
    /// Apostrophes after which a column begins that cannot be read, in ascending order.
    broken: Vec<usize>,
    steps: usize,
}

/// More work than a statement is worth.
struct TooManySteps;

/// An apostrophe that could end a text, because of what comes after it.
struct Close {
    at: usize,
    /// It ends the text of `UNISTR('…')`, not a plain one.
    call: bool,
    after: After,
    /// How many more values can come after it, and after this or any later one; `None` where the statement's end is out of reach.
    most: Option<usize>,
    most_from_here: Option<usize>,
}

/// What comes after a value.
#[derive(Clone)]
enum After {
    End,
    Term(Term),
}

/// A value, or a piece of one, with what leads to it.
#[derive(Clone)]
struct Term {
    link: Link,
    column: Range<usize>,
    at: usize,
    form: Form,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Link {
    /// `,`
    Comma,
    /// `where`
    Where,
    /// `and`
    And,
    /// `||`
    Joined,
}

#[derive(Clone, PartialEq, Eq)]
enum Form {
    /// A text whose end is to be chosen: its opening apostrophe.
    Open {
        at: usize,
        call: bool,
    },
    /// All else ends where it ends.
    Closed {
        end: usize,
    },
    IsNull {
        end: usize,
    },
    RowId {
        text: Range<usize>,
        end: usize,
    },
}

/// The list of the statement that a value belongs to.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
enum List {
    /// The value of INSERT's column of that number.
    Values(usize),
    Set,
    Where,
}

/// A value that the search has arrived at, and how far it has tried to end it.
struct Step {
    list: List,
    term: Term,
    /// The next of `closes` to try; for a form that is closed, 1 once it was tried.
    next: usize,
    /// The apostrophe that ends it now, and where what comes after begins.
    closed: Option<usize>,
    end: usize,
    /// Whether an apostrophe up to here ends no text in the way to compare with.
    differs: bool,
    /// Whether a column that comes twice was in the way of what could have followed.
    hindered: bool,
}

/// A name that no column has, for the ROWID.
const ROW_ID: &str = "\"";

impl<'a> Search<'a> {
    pub(crate) fn new(sql: &'a str, alias: &'a str, columns: Option<usize>, known: &'a dyn Fn(&str) -> bool) -> Self {
        let body = sql.trim_ascii_end();
        let end = body.strip_suffix(';').unwrap_or(body).trim_ascii_end().len();
        Self { sql, end, alias, columns, known, closes: Vec::new(), broken: Vec::new(), steps: 0 }
    }

    /// Looks for ways from `start` on, which is behind `values (`, behind `set` or before `where`.
    pub(crate) fn run(mut self, kind: StatementKind, start: usize) -> Verdict {
        self.verdict(kind, start).unwrap_or(Verdict::TooMany)
    }

    fn verdict(&mut self, kind: StatementKind, start: usize) -> Result<Verdict, TooManySteps> {
        let Some((list, first)) = self.first(kind, start)? else { return Ok(Verdict::None) };
        self.find_closes(first.at)?;
        let Some(way) = self.way(list, &first, None)? else { return Ok(Verdict::None) };
        if self.hides_broken(&way) {
            return Ok(Verdict::None);
        }
        let ends: HashSet<usize> = way.iter().filter_map(|step| self.last_apostrophe(step)).collect();
        let others = self.closes.iter().any(|close| close.most.is_some() && !ends.contains(&close.at));
        let rival = self.hides_columns(&way) || others && self.way(list, &first, Some(&ends))?.is_some();
        Ok(if rival { Verdict::Many } else { Verdict::One(self.readings(&way)) })
    }

    fn spend(&mut self, steps: usize) -> Result<(), TooManySteps> {
        self.steps += steps;
        if self.steps > MOST_STEPS { Err(TooManySteps) } else { Ok(()) }
    }

    fn first(&mut self, kind: StatementKind, start: usize) -> Result<Option<(List, Term)>, TooManySteps> {
        let start = start + self.sql[start..].len() - self.sql[start..].trim_ascii_start().len();
        let (list, term) = match kind {
            StatementKind::Insert => {
                let form = self.form(start)?;
                (List::Values(0), form.map(|form| Term { link: Link::Comma, column: 0..0, at: start, form }))
            }
            StatementKind::Update => (List::Set, self.assignment(start, Link::Comma)?),
            StatementKind::Delete if self.rest(start).starts_with("where ") => {
                (List::Where, self.condition(start + "where ".len(), Link::Where)?)
            }
            StatementKind::Delete => return Ok(None),
        };
        Ok(term.map(|term| (list, term)))
    }

    /// Finds every apostrophe after which LogMiner could go on.
    fn find_closes(&mut self, from: usize) -> Result<(), TooManySteps> {
        let calls = self.sql.contains("UNISTR('");
        for at in memchr::memchr_iter(b'\'', &self.sql.as_bytes()[from..self.end]).map(|at| from + at) {
            let after = self.after(at + 1)?;
            if after.is_none() && self.begins_column(at + 1) {
                self.broken.push(at);
            }
            if let Some(after) = after {
                self.closes.push(Close { at, call: false, after, most: None, most_from_here: None });
            }
            if calls
                && self.rest(at + 1).starts_with(')')
                && let Some(after) = self.after(at + 2)?
            {
                self.closes.push(Close { at, call: true, after, most: None, most_from_here: None });
            }
        }
        // From the last to the first, so that what each leads to is known already.
        let mut known = HashMap::new();
        for i in (0..self.closes.len()).rev() {
            let most = self.most_after(self.closes[i].after.clone(), &mut known)?;
            let later = self.closes.get(i + 1).and_then(|close| close.most_from_here);
            if most.is_none() && self.columns.is_none() {
                self.broken.push(self.closes[i].at);
            }
            self.closes[i].most = most;
            self.closes[i].most_from_here = most.max(later);
        }
        self.broken.sort_unstable();
        Ok(())
    }

    /// How many values can come next, at most.
    fn most_after(
        &mut self,
        mut after: After,
        known: &mut HashMap<usize, Option<usize>>,
    ) -> Result<Option<usize>, TooManySteps> {
        let mut passed = Vec::new();
        let mut most = loop {
            let term = match after {
                After::End => break Some(0),
                After::Term(term) => term,
            };
            let count = usize::from(term.link != Link::Joined);
            match term.form {
                Form::Open { at, .. } => {
                    let next = self.closes.partition_point(|close| close.at <= at);
                    break self.closes.get(next).and_then(|close| close.most_from_here).map(|most| most + count);
                }
                Form::Closed { end } | Form::IsNull { end } | Form::RowId { end, .. } => {
                    passed.push((end, count));
                    if let Some(known) = known.get(&end) {
                        break *known;
                    }
                    self.spend(1)?;
                    match self.after_closed(&term.form, end)? {
                        Some(next) => after = next,
                        None => break None,
                    }
                }
            }
        };
        // What was broken out with is what comes after the last one passed, and that one not yet counted.
        for (end, count) in passed.into_iter().rev() {
            known.insert(end, most);
            most = most.map(|most| most + count);
        }
        Ok(most)
    }

    /// A whole way to read the statement, ending each text as early as can be; with `ends`, one with an apostrophe
    /// that is none of them.
    fn way(
        &mut self,
        list: List,
        first: &Term,
        ends: Option<&HashSet<usize>>,
    ) -> Result<Option<Vec<Step>>, TooManySteps> {
        let sql = self.sql;
        let mut steps: Vec<Step> = Vec::new();
        let mut named: HashSet<(bool, &str)> = HashSet::new();
        let mut failed: HashSet<(List, usize, bool)> = HashSet::new();
        let name = |list: List, term: &Term| match term.form {
            _ if term.link == Link::Joined || matches!(list, List::Values(_)) => None,
            Form::RowId { .. } => Some((true, ROW_ID)),
            _ => Some((list == List::Where, &sql[term.column.clone()])),
        };
        let begun = |closes: &[Close], list, term: Term, differs| {
            let next = match term.form {
                Form::Open { at, .. } => closes.partition_point(|close| close.at <= at),
                _ => 0,
            };
            Step { list, term, next, closed: None, end: 0, differs, hindered: false }
        };
        named.extend(name(list, first));
        steps.push(begun(&self.closes, list, first.clone(), ends.is_none()));
        while let Some(step) = steps.last_mut() {
            let Some(after) = self.go_on(step)? else {
                // Nothing is left to try here.
                if !step.hindered {
                    failed.insert((step.list, step.term.at, step.differs));
                }
                let (hindered, name) = (step.hindered, name(step.list, &step.term));
                steps.pop();
                name.inspect(|name| {
                    named.remove(name);
                });
                if let Some(before) = steps.last_mut() {
                    before.hindered |= hindered;
                }
                continue;
            };
            let differs = step.differs || step.closed.is_some_and(|at| ends.is_some_and(|ends| !ends.contains(&at)));
            let Some(list) = self.list_after(step.list, &after) else { continue };
            let term = match after {
                After::End if differs => return Ok(Some(steps)),
                After::End => continue,
                After::Term(term) => term,
            };
            if failed.contains(&(list, term.at, differs)) {
                continue;
            }
            if let Some(name) = name(list, &term)
                && !named.insert(name)
            {
                step.hindered = true;
                continue;
            }
            steps.push(begun(&self.closes, list, term, differs));
        }
        Ok(None)
    }

    /// Ends a value at the next place where it could end.
    fn go_on(&mut self, step: &mut Step) -> Result<Option<After>, TooManySteps> {
        let (start, open_call) = match &step.term.form {
            Form::Open { at, call } => (*at, *call),
            Form::Closed { end } | Form::IsNull { end } | Form::RowId { end, .. } => {
                if step.next > 0 {
                    return Ok(None);
                }
                (step.next, step.end) = (1, *end);
                self.spend(1)?;
                return self.after_closed(&step.term.form, step.end);
            }
        };
        let needed = match (step.list, self.columns) {
            (List::Values(n), Some(columns)) => columns - 1 - n,
            _ => 0,
        };
        while let Some(close) = self.closes.get(step.next) {
            self.steps += 1;
            if self.steps > MOST_STEPS {
                return Err(TooManySteps);
            }
            if close.most_from_here.is_none_or(|most| most < needed) {
                break;
            }
            step.next += 1;
            if close.call == open_call && close.at > start && close.most.is_some_and(|most| most >= needed) {
                step.closed = Some(close.at);
                step.end = close.at + 1 + usize::from(close.call);
                return Ok(Some(close.after.clone()));
            }
        }
        Ok(None)
    }

    /// The list of what comes after a value of `list`, if that may come after it.
    fn list_after(&self, list: List, after: &After) -> Option<List> {
        let link = match after {
            After::End => None,
            After::Term(term) => Some(term.link),
        };
        match (list, link) {
            (_, Some(Link::Joined)) => Some(list),
            (List::Values(n), None) => Some(list).filter(|_| Some(n + 1) == self.columns),
            (List::Values(n), Some(Link::Comma)) => Some(List::Values(n + 1)).filter(|_| Some(n + 1) < self.columns),
            (List::Values(_), _) => None,
            (_, None) => Some(list),
            (List::Set, Some(Link::Comma)) => Some(List::Set),
            (List::Set, Some(Link::Where)) | (List::Where, Some(Link::And)) => Some(List::Where),
            _ => None,
        }
    }

    /// The apostrophe with which a value ends, or its last argument.
    fn last_apostrophe(&self, step: &Step) -> Option<usize> {
        let value = &self.sql[..step.end];
        value.strip_suffix(')').unwrap_or(value).strip_suffix('\'').map(str::len)
    }

    /// Whether a text, read as if its apostrophes were doubled, goes on beyond columns that this way reads.
    fn hides_columns(&self, way: &[Step]) -> bool {
        let mut ends = HashMap::new();
        for (n, step) in way.iter().enumerate() {
            ends.extend(step.closed.map(|at| (at, n)));
        }
        way.iter().enumerate().any(|(n, step)| {
            let Form::Open { at, call } = step.term.form else { return false };
            let Some(end) = doubled_end(&self.sql.as_bytes()[..self.end], at) else { return false };
            let Some(later) = ends.get(&end).map(|m| &way[*m]).filter(|_| Some(end) > step.closed && ends[&end] > n)
            else {
                return false;
            };
            let same_form = matches!(later.term.form, Form::Open { call: other, .. } if other == call);
            // What follows the later one must be able to follow this one too.
            let after = match way.get(ends[&end] + 1) {
                Some(next) => After::Term(next.term.clone()),
                None => After::End,
            };
            let fits = match step.list {
                List::Values(_) => step.list == later.list,
                _ => self.list_after(step.list, &after).is_some(),
            };
            same_form && fits
        })
    }

    /// Whether a text that would be repaired has a column in it that cannot be read.
    fn hides_broken(&self, way: &[Step]) -> bool {
        way.iter().any(|step| {
            let (Form::Open { at, .. }, Some(end)) = (&step.term.form, step.closed) else { return false };
            let first = self.broken.partition_point(|broken| broken < at);
            self.broken.get(first).is_some_and(|broken| *broken < end) && has_lone_apostrophe(&self.sql[at + 1..end])
        })
    }

    fn readings(&self, way: &[Step]) -> Readings {
        let mut readings = Readings::default();
        let mut rest = way;
        while let Some((first, after)) = rest.split_first() {
            let joined = after.iter().take_while(|step| step.term.link == Link::Joined).count();
            let (pieces, next) = rest.split_at(1 + joined);
            rest = next;
            if let Form::RowId { text, .. } = &first.term.form {
                readings.row_id = Some(text.clone());
                continue;
            }
            let end = pieces.last().map_or(first.end, |piece| piece.end);
            readings.columns.push(Reading {
                condition: first.list == List::Where,
                column: first.term.column.clone(),
                literal: first.term.at..end,
                is_null: matches!(first.term.form, Form::IsNull { .. }),
                mended: self.mended(first.term.at..end, pieces),
            });
        }
        readings
    }

    /// The literal of these pieces as it should be, if it is not.
    fn mended(&self, literal: Range<usize>, pieces: &[Step]) -> Option<String> {
        let mut mended = String::new();
        let mut copied = literal.start;
        for piece in pieces {
            let (Form::Open { at, .. }, Some(end)) = (&piece.term.form, piece.closed) else { continue };
            let text = &self.sql[at + 1..end];
            if has_lone_apostrophe(text) {
                mended.push_str(&self.sql[copied..=*at]);
                mended.push_str(&text.replace('\'', "''"));
                copied = end;
            }
        }
        if copied == literal.start {
            return None;
        }
        mended.push_str(&self.sql[copied..literal.end]);
        Some(mended)
    }

    fn after_closed(&mut self, form: &Form, end: usize) -> Result<Option<After>, TooManySteps> {
        let after = self.after(end)?;
        let joined = matches!(&after, Some(After::Term(term)) if term.link == Link::Joined);
        let joins = matches!(form, Form::Closed { .. });
        Ok(after.filter(|_| joins || !joined))
    }

    /// What comes after a value that ends at `at`, exactly as LogMiner writes it.
    fn after(&mut self, at: usize) -> Result<Option<After>, TooManySteps> {
        if at == self.end && self.columns.is_none() {
            return Ok(Some(After::End));
        }
        let rest = self.rest(at);
        if rest.starts_with("||") || rest.starts_with(" ||") {
            let blank = usize::from(rest.starts_with(' '));
            let at = at + blank + 2 + usize::from(rest[blank + 2..].starts_with(' '));
            let piece = ["'", "N'", "UNISTR('", "HEXTORAW('", "EMPTY_"].iter().any(|p| self.rest(at).starts_with(p));
            return if piece { self.value(at, Link::Joined, 0..0) } else { Ok(None) };
        }
        if self.columns.is_some() {
            return match rest.as_bytes() {
                [b')', ..] if at + 1 == self.end => Ok(Some(After::End)),
                [b',', ..] => self.value(at + 1, Link::Comma, 0..0),
                _ => Ok(None),
            };
        }
        if rest.starts_with(", ") {
            return Ok(self.assignment(at + 2, Link::Comma)?.map(After::Term));
        }
        // Two blanks come before WHERE in updates of XML.
        for (words, link) in [(" where ", Link::Where), ("  where ", Link::Where), (" and ", Link::And)] {
            if rest.starts_with(words) {
                return Ok(self.condition(at + words.len(), link)?.map(After::Term));
            }
        }
        Ok(None)
    }

    /// Whether a column of UPDATE or DELETE begins after a value that ends at `at`.
    fn begins_column(&self, at: usize) -> bool {
        let rest = self.rest(at);
        let link = [", ", " where ", " and "].into_iter().find(|link| rest.starts_with(link));
        self.columns.is_none()
            && link
                .and_then(|link| self.column(at + link.len()))
                .is_some_and(|(_, end)| self.rest(end).starts_with(' '))
    }

    fn value(&mut self, at: usize, link: Link, column: Range<usize>) -> Result<Option<After>, TooManySteps> {
        let form = self.form(at)?;
        Ok(form.map(|form| After::Term(Term { link, column, at, form })))
    }

    /// `"COLUMN" = ` and what value begins after it.
    fn assignment(&mut self, at: usize, link: Link) -> Result<Option<Term>, TooManySteps> {
        let Some((column, end)) = self.column(at) else { return Ok(None) };
        if !self.rest(end).starts_with(" = ") {
            return Ok(None);
        }
        let at = end + " = ".len();
        Ok(self.form(at)?.map(|form| Term { link, column, at, form }))
    }

    /// An assignment, `"COLUMN" IS NULL` or `ROWID = '…'`.
    fn condition(&mut self, at: usize, link: Link) -> Result<Option<Term>, TooManySteps> {
        let after_alias = at + self.alias_length(at);
        if self.rest(after_alias).starts_with("ROWID = '") {
            let start = after_alias + "ROWID = '".len();
            let Some(length) = self.rest(start).find('\'') else { return Ok(None) };
            let text = start..start + length;
            // The letters of all ROWIDs, those of index-organised tables too.
            let valid = self.sql[text.clone()].bytes().all(|b| b.is_ascii_alphanumeric() || b"+/*".contains(&b));
            let end = text.end + 1;
            return Ok(valid.then(|| Term { link, column: 0..0, at: start - 1, form: Form::RowId { text, end } }));
        }
        if let Some((column, end)) = self.column(at)
            && self.rest(end).starts_with(" IS NULL")
        {
            let at = end + " IS ".len();
            return Ok(Some(Term { link, column, at, form: Form::IsNull { end: at + "NULL".len() } }));
        }
        self.assignment(at, link)
    }

    /// A known column's name, and where it ends with its quotes.
    fn column(&self, at: usize) -> Option<(Range<usize>, usize)> {
        let at = at + self.alias_length(at);
        let name = self.rest(at).strip_prefix('"')?;
        let length = memchr::memchr(b'"', name.as_bytes()).filter(|length| *length > 0)?;
        let column = at + 1..at + 1 + length;
        (self.known)(&self.sql[column.clone()]).then_some((column, at + length + 2))
    }

    /// How long the table's alias and its dot are, where they are here.
    fn alias_length(&self, at: usize) -> usize {
        let rest = self.rest(at).strip_prefix(self.alias).filter(|_| !self.alias.is_empty());
        if rest.is_some_and(|rest| rest.starts_with('.')) { self.alias.len() + 1 } else { 0 }
    }

    /// The value that begins at `at`.
    fn form(&mut self, at: usize) -> Result<Option<Form>, TooManySteps> {
        let rest = self.rest(at);
        if rest.is_empty() {
            return Ok(None);
        }
        for (opening, call) in [("'", false), ("N'", false), ("UNISTR('", true)] {
            if rest.starts_with(opening) {
                return Ok(Some(Form::Open { at: at + opening.len() - 1, call }));
            }
        }
        let mut text = Text { sql: &self.sql[..self.end], bytes: &self.sql.as_bytes()[..self.end], at };
        let read = text.term();
        // A constructor that is not closed is looked for to the end of the text.
        let passed = if read.is_ok() { text.at - at } else { rest.len() };
        self.spend(1 + passed / 16)?;
        Ok(read.is_ok().then_some(Form::Closed { end: text.at }))
    }

    fn rest(&self, at: usize) -> &'a str {
        self.sql.get(at..self.end).unwrap_or_default()
    }
}

/// The apostrophe that ends the text opened at `open` where those within it are doubled.
fn doubled_end(bytes: &[u8], open: usize) -> Option<usize> {
    let mut at = open + 1;
    loop {
        at += memchr::memchr(b'\'', bytes.get(at..)?)?;
        if bytes.get(at + 1) != Some(&b'\'') {
            return Some(at);
        }
        at += 2;
    }
}

fn has_lone_apostrophe(text: &str) -> bool {
    text.split(|c| c != '\'').any(|run| run.len() % 2 == 1)
}
