use crate::{
    KnownColumns,
    repair::{Reading, Readings, Search, Verdict},
};
use std::{fmt, ops::Range};

/// Scans `SQL_REDO` statements. Kept from one statement to the next, it allocates nothing once its
/// vectors have grown to the widest statement.
///
/// The grammar is LogMiner's, not SQL: names are quoted, every value is a literal or a call on
/// literals, WHERE is a chain of equalities and `IS NULL` tests.
///
/// [`scan`](Self::scan) reads what is written as it should be. [`scan_repairing`](Self::scan_repairing) also reads
/// statements in which LogMiner left apostrophes within texts as they are, where there is one way to read them.
#[derive(Debug, Default)]
pub struct Scanner {
    inserts: Inserts,
    set: Vec<Span>,
    condition: Vec<Span>,
    mended: Mended,
    repairs: u64,
    /// Places of one list's columns, by their names: to see whether one comes twice.
    by_name: Vec<usize>,
}

/// What a statement is besides its columns, which the scanner's vectors have.
struct Head {
    kind: StatementKind,
    owner: Range<usize>,
    table: Range<usize>,
    row_id: Option<Range<usize>>,
}

/// The literals of the statement repaired last, written as they should have been.
#[derive(Debug, Default)]
pub(crate) struct Mended {
    text: String,
    /// Where each literal begins in its statement, in ascending order, and what of `text` is for it.
    literals: Vec<(usize, Range<usize>)>,
}

/// The INSERTs scanned last, of several tables: the next on one of them usually begins with the same text, up to its values.
#[derive(Debug, Default)]
struct Inserts {
    heads: Vec<Insert>,
    /// The one scanned last.
    last: usize,
}

#[derive(Debug, Default)]
struct Insert {
    head: String,
    owner: Range<usize>,
    table: Range<usize>,
    /// Columns of the head; their literals are those of the statement at hand.
    set: Vec<Span>,
    /// Whether no column comes twice, once that is known.
    distinct: bool,
}

/// As many tables as are likely to change in one transaction; looking for the one at hand must stay cheaper than reading its columns.
const MOST_HEADS: usize = 16;

/// One scanned statement: names and raw literals, borrowed from its text.
#[derive(Debug, Clone, Copy)]
pub struct Statement<'s> {
    /// What it does.
    pub kind: StatementKind,
    /// Owner without quotes.
    pub owner: &'s str,
    /// Table without quotes.
    pub table: &'s str,
    /// Columns of INSERT's list with their literals, or of UPDATE's SET; empty for DELETE.
    pub set: Assignments<'s>,
    /// Columns of WHERE; empty for INSERT, and where there is no WHERE.
    pub condition: Assignments<'s>,
    /// The ROWID of the WHERE clause, without quotes.
    pub row_id: Option<&'s str>,
    /// Whether it was not written as it should be, and is read in the one way that there is.
    pub repaired: bool,
}

/// Columns with their literals, in the order of the statement.
#[derive(Debug, Clone, Copy)]
pub struct Assignments<'s> {
    pub(crate) sql: &'s str,
    pub(crate) spans: &'s [Span],
    pub(crate) mended: &'s Mended,
}

/// A column and its literal as written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Assignment<'s> {
    /// Without quotes.
    pub column: &'s str,
    /// For example `'it''s'`, `TO_DATE('…', '…')`, `NULL` (also for `IS NULL`), `Unsupported Type`.
    pub literal: &'s str,
    /// The literal as it should have been written, for whoever reads its value ([`type_convert::literal`]):
    /// `literal` itself, unless it is `repaired`.
    pub escaped: &'s str,
    /// Whether a text in the literal has apostrophes that stand for themselves, so that none of it is to be undoubled.
    pub repaired: bool,
    /// Where the literal begins, in bytes from the start of the statement.
    pub offset: usize,
}

/// What a statement does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum StatementKind {
    /// INSERT.
    Insert,
    /// UPDATE.
    Update,
    /// DELETE.
    Delete,
}

/// A text that cannot be read as one statement. It tells where, and nothing of the text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StatementError {
    kind: StatementErrorKind,
    offset: usize,
    expected: &'static str,
}

/// The kinds of [`StatementError`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum StatementErrorKind {
    /// Not of LogMiner's grammar.
    Grammar,
    /// A comment where a statement should be, such as `/* No SQL_REDO for temporary tables */`.
    NoStatement,
    /// It names a column that the table is not known to have.
    UnknownColumn,
    /// It names a column twice in one list.
    RepeatedColumn,
    /// Apostrophes within its texts are not doubled, and there is more than one way to read it.
    Ambiguous,
    /// The same, and there are too many ways to try them all.
    TooManyReadings,
}

#[derive(Debug, Clone)]
pub(crate) struct Span {
    column: Range<usize>,
    literal: Range<usize>,
    form: Form,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Form {
    AsWritten,
    /// `IS NULL`: the literal's range holds those words.
    IsNull,
    /// [`Mended`] has the literal as it should be.
    Mended,
}

impl Mended {
    /// Of statements that were read as they are.
    pub(crate) const NOTHING: &'static Self = &Mended { text: String::new(), literals: Vec::new() };
}

impl StatementError {
    pub(crate) fn grammar(offset: usize, expected: &'static str) -> Self {
        Self::new(StatementErrorKind::Grammar, offset, expected)
    }

    pub(crate) fn at(self, offset: usize) -> Self {
        Self { offset, ..self }
    }

    fn new(kind: StatementErrorKind, offset: usize, expected: &'static str) -> Self {
        Self { kind, offset, expected }
    }

    /// What is wrong.
    pub fn kind(&self) -> StatementErrorKind {
        self.kind
    }

    /// Where, in bytes from the start of the statement. For the kinds of what can be read in many ways it is where
    /// reading strictly comes to its end.
    pub fn offset(&self) -> usize {
        self.offset
    }

    /// What should have stood there.
    pub fn expected(&self) -> &'static str {
        self.expected
    }
}

impl fmt::Display for StatementError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { kind, offset, expected } = self;
        write!(f, "SQL_REDO cannot be read at byte {offset}: expected {expected}")?;
        match kind {
            StatementErrorKind::Ambiguous => {
                f.write_str("; with apostrophes that are not doubled, there is more than one way to read it")
            }
            StatementErrorKind::TooManyReadings => {
                f.write_str("; with apostrophes that are not doubled, there are too many ways to try them all")
            }
            _ => Ok(()),
        }
    }
}

impl std::error::Error for StatementError {}

impl Scanner {
    /// A scanner with empty buffers.
    pub fn new() -> Self {
        Self::default()
    }

    /// Reads one statement (CSF pieces already joined). The whole text must be that statement, with or
    /// without its semicolon.
    #[inline]
    pub fn scan<'s>(&'s mut self, sql: &'s str) -> Result<Statement<'s>, StatementError> {
        let head = self.read(sql)?;
        Ok(self.statement(sql, head, false))
    }

    /// As [`scan`](Self::scan), but no column may be missing in those of the table, where these are `known`, none may come
    /// twice in one list, and where that is not so, or the text is no statement, the known flaw of LogMiner is looked for:
    /// apostrophes within texts that are not doubled, as it leaves them in extended strings.
    ///
    /// All ways are tried to choose the apostrophes that end a text such that LogMiner's own punctuation follows each:
    ///
    /// - in INSERT, as many values as columns;
    /// - in UPDATE and DELETE, `, "COLUMN" = `, ` where "COLUMN" = `, ` and "COLUMN" IS NULL` and so on, each column known
    ///   and once in its list. A text may not have in it what can be read as that without leaving any of the rest
    ///   unread; or else every `it's` could go on to the statement's end.
    ///
    /// One way: the statement is read so, and says that it is `repaired`. More than one: an error of kind
    /// [`Ambiguous`](StatementErrorKind::Ambiguous). None: the error of reading strictly. Of a text with an apostrophe
    /// that is not paired, every apostrophe stands for itself; other texts are read as ever. The texts of `UNISTR('…')`
    /// are repaired too, those within constructors are not. However long the text, the work has a bound
    /// ([`TooManyReadings`](StatementErrorKind::TooManyReadings)). What can be read strictly is never changed.
    ///
    /// ```
    /// use cdc_logminer::{KnownColumns, Scanner};
    ///
    /// let columns = KnownColumns::from_iter(["ID", "NAME"]);
    /// let mut scanner = Scanner::new();
    /// let sql = r#"update "APP"."T" set "NAME" = 'O'Hara' where "ID" = '7' and "NAME" IS NULL;"#;
    /// assert!(scanner.scan(sql).is_err());
    /// let statement = scanner.scan_repairing(sql, Some(&columns))?;
    /// assert!(statement.repaired);
    /// let name = statement.set.iter().next().unwrap();
    /// assert_eq!((name.literal, name.escaped), ("'O'Hara'", "'O''Hara'"));
    /// # Ok::<_, cdc_logminer::StatementError>(())
    /// ```
    pub fn scan_repairing<'s>(
        &'s mut self,
        sql: &'s str,
        known: Option<&KnownColumns>,
    ) -> Result<Statement<'s>, StatementError> {
        let strict = self.read(sql).and_then(|head| {
            self.check_columns(sql, head.kind, known)?;
            Ok(head)
        });
        match strict {
            Ok(head) => Ok(self.statement(sql, head, false)),
            Err(error) => {
                let head = self.repair(sql, known, error)?;
                self.repairs += 1;
                Ok(self.statement(sql, head, true))
            }
        }
    }

    /// How many statements were repaired so far.
    pub fn repairs(&self) -> u64 {
        self.repairs
    }

    #[inline]
    fn statement<'s>(&'s self, sql: &'s str, head: Head, repaired: bool) -> Statement<'s> {
        let list = |spans| Assignments { sql, spans, mended: &self.mended };
        let (set, condition) = match head.kind {
            StatementKind::Insert => (self.inserts.last().set.as_slice(), [].as_slice()),
            _ => (self.set.as_slice(), self.condition.as_slice()),
        };
        Statement {
            kind: head.kind,
            owner: &sql[head.owner],
            table: &sql[head.table],
            set: list(set),
            condition: list(condition),
            row_id: head.row_id.map(|r| &sql[r]),
            repaired,
        }
    }

    #[inline]
    fn read(&mut self, sql: &str) -> Result<Head, StatementError> {
        self.set.clear();
        self.condition.clear();
        let mut text = Text { sql, bytes: sql.as_bytes(), at: 0 };
        if let Some(insert) = self.inserts.seen(sql) {
            text.at = insert.head.len();
            return insert.finish(text);
        }
        text.blanks();
        let (kind, owner, table) = if text.word("insert") {
            return self.inserts.begin(&mut text)?.finish(text);
        } else if text.word("update") {
            let (owner, table) = text.table()?;
            text.alias("set");
            text.expect_word("set", "SET")?;
            text.assignments(&mut self.set)?;
            (StatementKind::Update, owner, table)
        } else if text.word("delete") {
            text.expect_word("from", "FROM")?;
            let (owner, table) = text.table()?;
            text.alias("where");
            (StatementKind::Delete, owner, table)
        } else {
            return Err(text.no_statement());
        };
        let row_id = text.conditions(&mut self.condition)?;
        text.end()?;
        Ok(Head { kind, owner, table, row_id })
    }

    fn check_columns(
        &mut self,
        sql: &str,
        kind: StatementKind,
        known: Option<&KnownColumns>,
    ) -> Result<(), StatementError> {
        if kind != StatementKind::Insert {
            check_list(sql, &self.set, known, &mut self.by_name, false)?;
            return check_list(sql, &self.condition, known, &mut self.by_name, false);
        }
        let insert = self.inserts.last_mut();
        check_list(sql, &insert.set, known, &mut self.by_name, insert.distinct)?;
        insert.distinct = true;
        Ok(())
    }

    /// Looks for the one way to read a statement that could not be read strictly.
    #[cold]
    fn repair(
        &mut self,
        sql: &str,
        known: Option<&KnownColumns>,
        strict: StatementError,
    ) -> Result<Head, StatementError> {
        let mut text = Text { sql, bytes: sql.as_bytes(), at: 0 };
        text.blanks();
        let Ok((mut head, alias)) = self.begin_again(&mut text) else { return Err(strict) };
        let kind = head.kind;
        if kind == StatementKind::Insert {
            // No text comes before the names of an INSERT: what is wrong with them is no matter of apostrophes.
            self.check_columns(sql, kind, known)?;
        }
        let columns = match kind {
            StatementKind::Insert => Some(self.inserts.last().set.len()),
            _ => None,
        };
        let is_known = |column: &str| known.is_none_or(|known| known.contains(column));
        let readings = match Search::new(sql, alias, columns, &is_known).run(kind, text.at) {
            Verdict::One(readings) => readings,
            Verdict::None => return Err(strict),
            Verdict::Many => return Err(StatementError { kind: StatementErrorKind::Ambiguous, ..strict }),
            Verdict::TooMany => return Err(StatementError { kind: StatementErrorKind::TooManyReadings, ..strict }),
        };
        head.row_id.clone_from(&readings.row_id);
        self.take(kind, readings);
        Ok(head)
    }

    /// Reads up to where the first value, or the first column with a value, is.
    fn begin_again<'s>(&mut self, text: &mut Text<'s>) -> Result<(Head, &'s str), StatementError> {
        self.set.clear();
        self.condition.clear();
        let kind = if text.word("insert") {
            if let Some(insert) = self.inserts.seen(text.sql) {
                text.at = insert.head.len();
                return Ok((insert.statement_head(), ""));
            }
            return Ok((self.inserts.begin(text)?.statement_head(), ""));
        } else if text.word("update") {
            StatementKind::Update
        } else {
            text.expect_word("delete", "DELETE")?;
            text.expect_word("from", "FROM")?;
            StatementKind::Delete
        };
        let (owner, table) = text.table()?;
        text.blanks();
        let before = text.at;
        let next = if kind == StatementKind::Update { "set" } else { "where" };
        let alias = if text.alias(next) { &text.sql[before..text.at] } else { "" };
        if kind == StatementKind::Update {
            text.expect_word("set", "SET")?;
        }
        Ok((Head { kind, owner, table, row_id: None }, alias))
    }

    /// Takes the columns over as the search has read them.
    fn take(&mut self, kind: StatementKind, readings: Readings) {
        self.mended.text.clear();
        self.mended.literals.clear();
        for (n, Reading { condition, column, literal, is_null, mended }) in readings.columns.into_iter().enumerate() {
            let form = match mended {
                Some(mended) => {
                    let start = self.mended.text.len();
                    self.mended.text.push_str(&mended);
                    self.mended.literals.push((literal.start, start..self.mended.text.len()));
                    Form::Mended
                }
                None if is_null => Form::IsNull,
                None => Form::AsWritten,
            };
            match (kind, condition) {
                (StatementKind::Insert, _) => {
                    if let Some(span) = self.inserts.last_mut().set.get_mut(n) {
                        (span.literal, span.form) = (literal, form);
                    }
                }
                (_, true) => self.condition.push(Span { column, literal, form }),
                (_, false) => self.set.push(Span { column, literal, form }),
            }
        }
    }
}

/// Whether every column of a list is known, and there once.
fn check_list(
    sql: &str,
    spans: &[Span],
    known: Option<&KnownColumns>,
    by_name: &mut Vec<usize>,
    mut distinct: bool,
) -> Result<(), StatementError> {
    let name = |at: usize| &sql[spans[at].column.clone()];
    let error = |kind, at: usize, expected| Err(StatementError::new(kind, spans[at].column.start, expected));
    if let Some(known) = known {
        // Columns in the table's order are not looked at twice.
        let (mut likely, mut ascending) = (0, true);
        for at in 0..spans.len() {
            let Some(place) = known.place(name(at), likely) else {
                return error(StatementErrorKind::UnknownColumn, at, "a column that the table is known to have");
            };
            ascending &= place >= likely;
            likely = place + 1;
        }
        distinct |= ascending;
    }
    if distinct {
        return Ok(());
    }
    by_name.clear();
    by_name.extend(0..spans.len());
    by_name.sort_unstable_by_key(|at| (name(*at), *at));
    match by_name.windows(2).filter(|pair| name(pair[0]) == name(pair[1])).map(|pair| pair[1]).min() {
        Some(twice) => error(StatementErrorKind::RepeatedColumn, twice, "a column once in its list"),
        None => Ok(()),
    }
}

impl Mended {
    fn get(&self, literal: &Range<usize>) -> Option<&str> {
        let at = self.literals.binary_search_by_key(&literal.start, |(start, _)| *start).ok()?;
        Some(&self.text[self.literals[at].1.clone()])
    }
}

impl Inserts {
    /// The INSERT with whose text up to its values this one begins.
    #[inline]
    fn seen(&mut self, sql: &str) -> Option<&mut Insert> {
        if !self.heads.get(self.last).is_some_and(|insert| insert.begins(sql)) {
            self.last = self.heads.iter().position(|insert| insert.begins(sql))?;
        }
        self.heads.get_mut(self.last)
    }

    /// Reads what stands before the first value.
    fn begin(&mut self, text: &mut Text<'_>) -> Result<&mut Insert, StatementError> {
        if self.heads.len() < MOST_HEADS {
            self.last = self.heads.len();
            self.heads.push(Insert::default());
        } else {
            // Whichever comes next around: a head that is used again is read again, once.
            self.last = (self.last + 1) % MOST_HEADS;
        }
        let insert = &mut self.heads[self.last];
        insert.begin(text)?;
        Ok(insert)
    }

    #[inline]
    fn last(&self) -> &Insert {
        &self.heads[self.last]
    }

    fn last_mut(&mut self) -> &mut Insert {
        &mut self.heads[self.last]
    }
}

impl Insert {
    #[inline]
    fn begins(&self, sql: &str) -> bool {
        !self.head.is_empty() && sql.starts_with(&self.head)
    }

    fn begin(&mut self, text: &mut Text<'_>) -> Result<(), StatementError> {
        self.head.clear();
        self.set.clear();
        self.distinct = false;
        text.expect_word("into", "INTO")?;
        (self.owner, self.table) = text.table()?;
        text.insert_columns(&mut self.set)?;
        text.expect_word("values", "VALUES")?;
        text.expect_symbol(b'(', "the list of values")?;
        self.head.push_str(&text.sql[..text.at]);
        Ok(())
    }

    /// Reads the values and what is left.
    #[inline]
    fn finish(&mut self, mut text: Text<'_>) -> Result<Head, StatementError> {
        text.insert_values(&mut self.set)?;
        text.end()?;
        Ok(self.statement_head())
    }

    #[inline]
    fn statement_head(&self) -> Head {
        Head { kind: StatementKind::Insert, owner: self.owner.clone(), table: self.table.clone(), row_id: None }
    }
}

impl<'s> Assignments<'s> {
    /// How many there are.
    pub fn len(&self) -> usize {
        self.spans.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.spans.is_empty()
    }

    /// One after the other.
    #[inline]
    pub fn iter(self) -> impl ExactSizeIterator<Item = Assignment<'s>> {
        self.spans.iter().map(move |span| {
            let literal = if span.form == Form::IsNull { "NULL" } else { &self.sql[span.literal.clone()] };
            let mended = if span.form == Form::Mended { self.mended.get(&span.literal) } else { None };
            Assignment {
                column: &self.sql[span.column.clone()],
                literal,
                escaped: mended.unwrap_or(literal),
                repaired: mended.is_some(),
                offset: span.literal.start,
            }
        })
    }
}

/// The text and how far it has been read. Blanks before a token are skipped by the token's reader.
pub(crate) struct Text<'s> {
    pub(crate) sql: &'s str,
    pub(crate) bytes: &'s [u8],
    pub(crate) at: usize,
}

impl Text<'_> {
    pub(crate) fn expected(&self, expected: &'static str) -> StatementError {
        StatementError::grammar(self.at, expected)
    }

    /// What stands where a statement should begin is none.
    #[cold]
    fn no_statement(&self) -> StatementError {
        let expected = "INSERT, UPDATE or DELETE";
        let comment = self.sql[self.at..].trim_ascii_end();
        let whole = comment.starts_with("/*") && comment.find("*/").is_some_and(|at| at + 2 == comment.len());
        let kind = if whole { StatementErrorKind::NoStatement } else { StatementErrorKind::Grammar };
        StatementError::new(kind, self.at, expected)
    }

    #[inline]
    pub(crate) fn peek(&self) -> Option<u8> {
        self.bytes.get(self.at).copied()
    }

    #[inline]
    pub(crate) fn blanks(&mut self) {
        while self.peek().is_some_and(|b| b.is_ascii_whitespace()) {
            self.at += 1;
        }
    }

    /// Takes a keyword, given in lower case, with the blanks around it.
    pub(crate) fn word(&mut self, word: &str) -> bool {
        self.blanks();
        let end = self.at + word.len();
        let found = self.bytes.get(self.at..end).is_some_and(|b| b.eq_ignore_ascii_case(word.as_bytes()))
            && !self.bytes.get(end).is_some_and(|b| b.is_ascii_alphanumeric() || *b == b'_');
        if found {
            self.at = end;
        }
        found
    }

    pub(crate) fn expect_word(&mut self, word: &str, expected: &'static str) -> Result<(), StatementError> {
        if self.word(word) { Ok(()) } else { Err(self.expected(expected)) }
    }

    #[inline]
    pub(crate) fn symbol(&mut self, symbol: u8) -> bool {
        self.blanks();
        let found = self.peek() == Some(symbol);
        self.at += usize::from(found);
        found
    }

    #[inline]
    pub(crate) fn expect_symbol(&mut self, symbol: u8, expected: &'static str) -> Result<(), StatementError> {
        if self.symbol(symbol) { Ok(()) } else { Err(self.expected(expected)) }
    }

    /// A quoted name: nothing inside it is escaped, Oracle's names have no double quote.
    fn name(&mut self) -> Result<Range<usize>, StatementError> {
        self.expect_symbol(b'"', "a quoted name")?;
        let start = self.at;
        match find(b'"', &self.bytes[start..]) {
            Some(0) => Err(self.expected("a name between the quotes")),
            Some(length) => {
                self.at = start + length + 1;
                Ok(start..start + length)
            }
            None => {
                let expected = "the closing quote of a name";
                Err(StatementError::grammar(self.bytes.len(), expected))
            }
        }
    }

    pub(crate) fn table(&mut self) -> Result<(Range<usize>, Range<usize>), StatementError> {
        let owner = self.name()?;
        self.expect_symbol(b'.', "a dot between owner and table")?;
        Ok((owner, self.name()?))
    }

    /// Statements on object tables give the table an alias: an unquoted word that is not `next`.
    pub(crate) fn alias(&mut self, next: &str) -> bool {
        self.blanks();
        let before = self.at;
        if self.word(next) {
            self.at = before;
            return false;
        }
        while self.peek().is_some_and(|b| b.is_ascii_alphanumeric() || b == b'_') {
            self.at += 1;
        }
        self.at > before
    }

    /// A column, with or without the table's alias before it.
    pub(crate) fn column(&mut self) -> Result<Range<usize>, StatementError> {
        self.blanks();
        if self.peek().is_some_and(|b| b.is_ascii_alphabetic()) {
            while self.peek().is_some_and(|b| b.is_ascii_alphanumeric() || b == b'_') {
                self.at += 1;
            }
            self.expect_symbol(b'.', "a dot after the alias")?;
        }
        self.name()
    }

    fn insert_columns(&mut self, set: &mut Vec<Span>) -> Result<(), StatementError> {
        self.alias("values");
        self.expect_symbol(b'(', "the list of columns")?;
        loop {
            // The usual: nothing between a name and its comma.
            if let Some((b'"', rest)) = self.bytes[self.at..].split_first()
                && let Some(length) = find(b'"', rest).filter(|length| *length > 0)
                && rest.get(length + 1) == Some(&b',')
            {
                let start = self.at + 1;
                set.push(Span { column: start..start + length, literal: 0..0, form: Form::AsWritten });
                self.at = start + length + 2;
                continue;
            }
            let column = self.column()?;
            set.push(Span { column, literal: 0..0, form: Form::AsWritten });
            if self.symbol(b')') {
                return Ok(());
            }
            self.expect_symbol(b',', "',' or ')' in the list of columns")?;
        }
    }

    fn insert_values(&mut self, set: &mut [Span]) -> Result<(), StatementError> {
        let last = set.len() - 1;
        for (i, span) in set.iter_mut().enumerate() {
            span.literal = self.literal()?;
            span.form = Form::AsWritten;
            if i < last {
                self.expect_symbol(b',', "',' and as many values as columns")?;
            }
        }
        self.expect_symbol(b')', "')' after as many values as columns")
    }

    fn assignments(&mut self, set: &mut Vec<Span>) -> Result<(), StatementError> {
        loop {
            let column = self.column()?;
            self.expect_symbol(b'=', "'='")?;
            let literal = self.literal()?;
            set.push(Span { column, literal, form: Form::AsWritten });
            if !self.symbol(b',') {
                return Ok(());
            }
        }
    }

    pub(crate) fn conditions(&mut self, conditions: &mut Vec<Span>) -> Result<Option<Range<usize>>, StatementError> {
        let mut row_id = None;
        if !self.word("where") {
            return Ok(None);
        }
        loop {
            if let Some(range) = self.row_id_condition()? {
                row_id = Some(range);
            } else {
                let column = self.column()?;
                if self.symbol(b'=') {
                    let literal = self.literal()?;
                    conditions.push(Span { column, literal, form: Form::AsWritten });
                } else {
                    self.expect_word("is", "'=' or IS NULL")?;
                    self.blanks();
                    let start = self.at;
                    self.expect_word("null", "NULL")?;
                    conditions.push(Span { column, literal: start..self.at, form: Form::IsNull });
                }
            }
            if !self.word("and") {
                return Ok(row_id);
            }
        }
    }

    /// `ROWID = '…'`, with or without an alias.
    fn row_id_condition(&mut self) -> Result<Option<Range<usize>>, StatementError> {
        self.blanks();
        let before = self.at;
        if self.alias("rowid") && !self.symbol(b'.') {
            self.at = before;
        }
        if !self.word("rowid") {
            self.at = before;
            return Ok(None);
        }
        self.expect_symbol(b'=', "'=' after ROWID")?;
        self.blanks();
        if self.peek() != Some(b'\'') {
            return Err(self.expected("a quoted ROWID"));
        }
        let start = self.at + 1;
        self.text_literal()?;
        Ok(Some(start..self.at - 1))
    }

    /// One value: terms joined by `||`.
    pub(crate) fn literal(&mut self) -> Result<Range<usize>, StatementError> {
        self.blanks();
        let start = self.at;
        loop {
            self.term()?;
            let end = self.at;
            self.blanks();
            if !self.bytes[self.at..].starts_with(b"||") {
                self.at = end;
                return Ok(start..end);
            }
            self.at += 2;
            self.blanks();
        }
    }

    pub(crate) fn term(&mut self) -> Result<(), StatementError> {
        if self.bytes[self.at..].starts_with(b"/*") {
            match self.sql[self.at..].find("*/") {
                Some(length) => self.at += length + 2,
                None => return Err(self.expected("a comment that ends")),
            }
            self.blanks();
        }
        match self.peek() {
            Some(b'\'') => self.text_literal(),
            Some(b'0'..=b'9' | b'-' | b'+' | b'.') => {
                let start = self.at;
                self.at += 1;
                while let Some(b) = self.peek() {
                    let exponent_sign = matches!(b, b'+' | b'-') && matches!(self.bytes[self.at - 1], b'e' | b'E');
                    if !(b.is_ascii_alphanumeric() || b == b'.' || exponent_sign) {
                        break;
                    }
                    self.at += 1;
                }
                // -Inf is the one bare value that is not made of digits.
                let signed_word = self.sql[start..self.at].eq_ignore_ascii_case("-inf");
                if signed_word || self.bytes[start..self.at].iter().any(u8::is_ascii_digit) {
                    Ok(())
                } else {
                    self.at = start;
                    Err(self.expected("a number"))
                }
            }
            Some(b'"') => {
                // A constructor: "MDSYS"."SDO_GEOMETRY"( … )
                self.table()?;
                self.arguments()
            }
            Some(b) if b.is_ascii_alphabetic() => {
                let start = self.at;
                while self.peek().is_some_and(|b| b.is_ascii_alphanumeric() || b == b'_' || b == b'.') {
                    self.at += 1;
                }
                let word = &self.sql[start..self.at];
                if self.peek() == Some(b'(') {
                    self.arguments()
                } else if self.peek() == Some(b'\'') && word == "N" {
                    self.text_literal()
                } else if word.eq_ignore_ascii_case("unsupported") {
                    self.expect_word("type", "'Unsupported Type'")
                } else if ["null", "nan", "inf", "true", "false"].iter().any(|known| word.eq_ignore_ascii_case(known)) {
                    Ok(())
                } else {
                    self.at = start;
                    Err(self.expected("a literal"))
                }
            }
            _ => Err(self.expected("a literal")),
        }
    }

    /// `'…'` with apostrophes doubled inside; the cursor is on the opening one.
    #[inline]
    pub(crate) fn text_literal(&mut self) -> Result<(), StatementError> {
        let mut at = self.at + 1;
        loop {
            match find(b'\'', &self.bytes[at..]) {
                Some(length) if self.bytes.get(at + length + 1) == Some(&b'\'') => at += length + 2,
                Some(length) => {
                    self.at = at + length + 1;
                    return Ok(());
                }
                None => return Err(self.expected("a text that ends")),
            }
        }
    }

    /// Everything between balanced parentheses; the cursor is on the opening one or on blanks before it.
    fn arguments(&mut self) -> Result<(), StatementError> {
        self.expect_symbol(b'(', "'('")?;
        let mut depth = 1usize;
        while depth > 0 {
            match self.peek() {
                Some(b'\'') => {
                    self.text_literal()?;
                    continue;
                }
                Some(b'"') => {
                    self.name()?;
                    continue;
                }
                Some(b'(') => depth += 1,
                Some(b')') => depth -= 1,
                Some(_) => {}
                None => return Err(self.expected("')'")),
            }
            self.at += 1;
        }
        Ok(())
    }

    pub(crate) fn end(&mut self) -> Result<(), StatementError> {
        self.symbol(b';');
        self.blanks();
        if self.at == self.bytes.len() { Ok(()) } else { Err(self.expected("the end of the statement")) }
    }
}

/// As `memchr`, but at once for names and numbers: what is found within the first 16 bytes costs no call.
#[inline]
fn find(needle: u8, bytes: &[u8]) -> Option<usize> {
    const ONES: u64 = 0x0101_0101_0101_0101;
    const HIGH_BITS: u64 = 0x8080_8080_8080_8080;
    let (words, _) = bytes.as_chunks::<8>();
    for (i, word) in words.iter().take(2).enumerate() {
        // The lowest byte that is zero then is the first that equals the needle.
        let differs = u64::from_le_bytes(*word) ^ (ONES * u64::from(needle));
        let found = differs.wrapping_sub(ONES) & !differs & HIGH_BITS;
        if found != 0 {
            return usize::try_from(found.trailing_zeros() / 8).ok().map(|at| 8 * i + at);
        }
    }
    let searched = 8 * words.len().min(2);
    memchr::memchr(needle, &bytes[searched..]).map(|at| searched + at)
}

#[cfg(test)]
mod tests {
    use super::*;

    type Pairs = Vec<(String, String)>;

    fn scan(sql: &str) -> (StatementKind, String, Pairs, Pairs, Option<String>) {
        let mut scanner = Scanner::new();
        let s = scanner.scan(sql).unwrap_or_else(|e| panic!("{sql}: {e}"));
        let pairs = |a: Assignments<'_>| a.iter().map(|a| (a.column.to_owned(), a.literal.to_owned())).collect();
        (s.kind, format!("{}/{}", s.owner, s.table), pairs(s.set), pairs(s.condition), s.row_id.map(str::to_owned))
    }

    fn pairs(list: &[(&str, &str)]) -> Pairs {
        list.iter().map(|(a, b)| ((*a).to_owned(), (*b).to_owned())).collect()
    }

    #[test]
    fn insert() {
        let (kind, table, set, condition, row_id) = scan(
            r#"insert into "APP"."T"("ID","N","a b") values ('7',NULL,TO_DATE('2024-02-29 23:59:59', 'YYYY-MM-DD HH24:MI:SS'));"#,
        );
        assert_eq!((kind, table.as_str()), (StatementKind::Insert, "APP/T"));
        assert_eq!(
            set,
            pairs(&[("ID", "'7'"), ("N", "NULL"), ("a b", "TO_DATE('2024-02-29 23:59:59', 'YYYY-MM-DD HH24:MI:SS')")])
        );
        assert!(condition.is_empty() && row_id.is_none());
    }

    #[test]
    fn insert_with_alias() {
        let (_, table, set, ..) =
            scan(r#"insert into "APP"."T" a (a."ID",a."X") values ('7',"MDSYS"."P"('1',NULL,"M"."Q"('(')));"#);
        assert_eq!(table, "APP/T");
        assert_eq!(set, pairs(&[("ID", "'7'"), ("X", r#""MDSYS"."P"('1',NULL,"M"."Q"('('))"#)]));
    }

    #[test]
    fn update_with_every_part() {
        let (kind, _, set, condition, row_id) = scan(
            r#"update "APP"."T" set "N" = 'it''s', "M" = NULL where "ID" = '7' and "N" = 'a and "M" = ''1''' and "M" IS NULL and ROWID = 'AAAWsGAAHAAAAFmAAA';"#,
        );
        assert_eq!(kind, StatementKind::Update);
        assert_eq!(set, pairs(&[("N", "'it''s'"), ("M", "NULL")]));
        assert_eq!(condition, pairs(&[("ID", "'7'"), ("N", r#"'a and "M" = ''1'''"#), ("M", "NULL")]));
        assert_eq!(row_id.as_deref(), Some("AAAWsGAAHAAAAFmAAA"));
    }

    #[test]
    fn update_without_where_and_with_alias() {
        assert!(scan(r#"update "APP"."T" set "N" = 'b';"#).3.is_empty());
        let (_, _, set, condition, row_id) =
            scan(r#"update "APP"."T" a set a."DOC" = XMLType(:1)  where a."ID" = '7' and a.ROWID = 'AAA'"#);
        assert_eq!(set, pairs(&[("DOC", "XMLType(:1)")]));
        assert_eq!(condition, pairs(&[("ID", "'7'")]));
        assert_eq!(row_id.as_deref(), Some("AAA"));
    }

    #[test]
    fn delete() {
        let (kind, _, set, condition, row_id) = scan(r#"delete from "APP"."T" where ROWID = 'AAAWsGAAHAAAAFmAAA';"#);
        assert_eq!(kind, StatementKind::Delete);
        assert!(set.is_empty() && condition.is_empty());
        assert_eq!(row_id.as_deref(), Some("AAAWsGAAHAAAAFmAAA"));
    }

    #[test]
    fn every_literal_form() {
        for literal in [
            "'a; b'",
            "''",
            "'||'",
            "'x\r\n\t\0y'",
            "'-12.5'",
            "'1.5E+10'",
            ".5",
            "-.5",
            "3.3999999E+037",
            "Nan",
            "Inf",
            "-Inf",
            "'Nan'",
            "TO_TIMESTAMP_TZ('2024-02-29 23:59:59.1 +05:30')",
            "TO_DSINTERVAL('+05 10:10:10.000000')",
            "HEXTORAW('ff00')",
            "EMPTY_CLOB()",
            r"UNISTR('\0416 a\\b it''s') || UNISTR('\D83D\DE00')",
            "'a' || 'b'",
            "/* JSON */ HEXTORAW('ff4a5a')",
            "Unsupported Type",
            "/* JSON */ EMPTY_BLOB()",
            "BFILENAME('DIR','f.txt')",
            "EMPTY_BLOB()",
            "HEXTORAW('00')||HEXTORAW('ff')",
            "N'a'||UNISTR('b')",
            "TRUE",
            "NULL",
            "TO_DATE('2024-02-29 23:59:59', 'YYYY-MM-DD HH24:MI:SS')",
            "TO_DATE('15-MAY-21', 'DD-MON-RR')",
            "TO_TIMESTAMP('2024-02-29 23:59:59.123456789')",
            "TO_TIMESTAMP('2020-09-22 00:09:37.')",
            "TO_TIMESTAMP('22-SEP-20 12.09.37.000 AM')",
            "TO_TIMESTAMP_ITZ('2024-02-29 23:59:59.1')",
            "TO_YMINTERVAL('+02-03')",
            "XMLType(:1)",
            r#""MDSYS"."SDO_GEOMETRY"('2001',NULL,"MDSYS"."SDO_POINT_TYPE"('1','2',NULL),NULL,NULL)"#,
            r#""A b"."T)"('it''s (',"X"."Y"(),Unsupported Type)"#,
            "MDSYS.SDO_GEOMETRY(2001, NULL, SDO_POINT_TYPE(1, 2, NULL), NULL, NULL)",
        ] {
            let sql = format!(r#"insert into "O"."T"("C","D") values ({literal},{literal});"#);
            assert_eq!(scan(&sql).2, pairs(&[("C", literal), ("D", literal)]), "{sql}");
            let sql = format!(
                r#"update "O"."T" set "C" = {literal}, "D" = {literal} where "C" = {literal} and "D" IS NULL;"#
            );
            assert_eq!(scan(&sql).3, pairs(&[("C", literal), ("D", "NULL")]), "{sql}");
        }
    }

    #[test]
    fn names_with_any_character() {
        let (_, table, set, ..) = scan(r#"insert into "a.b"."t,(')ä"("Id","ID","x = 'y") values ('1','2','3');"#);
        assert_eq!(table, "a.b/t,(')ä");
        assert_eq!(set, pairs(&[("Id", "'1'"), ("ID", "'2'"), ("x = 'y", "'3'")]));
        let (_, table, set, ..) =
            scan(r#"insert into "UNKNOWN"."OBJ# 4711"("COL 1","COL 2") values (HEXTORAW('c108'),HEXTORAW('6162'));"#);
        assert_eq!(table, "UNKNOWN/OBJ# 4711");
        assert_eq!(set, pairs(&[("COL 1", "HEXTORAW('c108')"), ("COL 2", "HEXTORAW('6162')")]));
        let (.., set, condition, _) = scan(
            "update \"a\nb\".\"set\" set \"where\" = '1', \"and\" = '2' where \"ROWID\" = '3' and \"IS NULL\" IS NULL",
        );
        assert_eq!(set, pairs(&[("where", "'1'"), ("and", "'2'")]));
        assert_eq!(condition, pairs(&[("ROWID", "'3'"), ("IS NULL", "NULL")]));
    }

    #[test]
    fn comments_are_no_statements() {
        for (sql, kind) in [
            ("/* No SQL_REDO for temporary tables */", StatementErrorKind::NoStatement),
            ("  /* ' */ \n", StatementErrorKind::NoStatement),
            ("/* No SQL_REDO", StatementErrorKind::Grammar),
            ("/**/;", StatementErrorKind::Grammar),
        ] {
            assert_eq!(Scanner::new().scan(sql).map(|_| ()).map_err(|e| e.kind()), Err(kind), "{sql}");
        }
    }

    #[test]
    fn what_is_not_whole_is_refused() {
        for (sql, offset) in [
            ("", 0),
            ("select 1", 0),
            (r#"insert into "O"."T"("A","B") values ('1');"#, 40),
            (r#"insert into "O"."T"("A") values ('1','2');"#, 36),
            (r#"insert into "O"."T"("A") values ('it's');"#, 37),
            (r#"insert into "O"."T"("A") values ('1'"#, 36),
            (r#"update "O"."T" set "A" = '1' where "B" < '2';"#, 39),
            (r#"update "O"."T" set "A" = '1' garbage"#, 29),
            (r#"delete from "O"."T" where "A" = sysdate;"#, 32),
            (r#"delete from "O"."T" where "A" = '1'; delete"#, 37),
        ] {
            let error = Scanner::new().scan(sql).expect_err(sql);
            assert_eq!(error.offset(), offset, "{sql}: {error}");
        }
    }
}
