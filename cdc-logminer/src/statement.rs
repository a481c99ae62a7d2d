use std::ops::Range;

/// Scans `SQL_REDO` statements. Kept from one statement to the next, it allocates nothing once its
/// vectors have grown to the widest statement.
///
/// The grammar is LogMiner's, not SQL: names are quoted, every value is a literal or a call on
/// literals, WHERE is a chain of equalities and `IS NULL` tests.
#[derive(Debug, Default)]
pub struct Scanner {
    insert: Insert,
    set: Vec<Span>,
    condition: Vec<Span>,
}

/// The INSERT scanned last: the next on the same table usually begins with the same text, up to its values.
#[derive(Debug, Default)]
struct Insert {
    head: String,
    owner: Range<usize>,
    table: Range<usize>,
    /// Columns of the head; their literals are those of the statement at hand.
    set: Vec<Span>,
}

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
}

/// Columns with their literals, in the order of the statement.
#[derive(Debug, Clone, Copy)]
pub struct Assignments<'s> {
    pub(crate) sql: &'s str,
    pub(crate) spans: &'s [Span],
}

/// A column and its literal as written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Assignment<'s> {
    /// Without quotes.
    pub column: &'s str,
    /// For example `'it''s'`, `TO_DATE('…', '…')`, `NULL` (also for `IS NULL`), `Unsupported Type`.
    pub literal: &'s str,
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

/// A text that is no statement of LogMiner's grammar.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("SQL_REDO cannot be read at byte {offset}: expected {expected}")]
pub struct StatementError {
    pub(crate) offset: usize,
    pub(crate) expected: &'static str,
}

#[derive(Debug, Clone)]
pub(crate) struct Span {
    column: Range<usize>,
    literal: Range<usize>,
    /// `IS NULL`: the literal's range holds those words.
    is_null: bool,
}

impl StatementError {
    /// Where, in bytes from the start of the statement.
    pub fn offset(&self) -> usize {
        self.offset
    }

    /// What should have stood there.
    pub fn expected(&self) -> &'static str {
        self.expected
    }
}

impl Scanner {
    /// A scanner with empty buffers.
    pub fn new() -> Self {
        Self::default()
    }

    /// Reads one statement (CSF pieces already joined). The whole text must be that statement, with or
    /// without its semicolon.
    pub fn scan<'s>(&'s mut self, sql: &'s str) -> Result<Statement<'s>, StatementError> {
        self.set.clear();
        self.condition.clear();
        let mut text = Text { sql, bytes: sql.as_bytes(), at: 0 };
        if !self.insert.head.is_empty() && sql.starts_with(&self.insert.head) {
            text.at = self.insert.head.len();
            return self.insert.finish(text);
        }
        text.blanks();
        let (kind, owner, table) = if text.word("insert") {
            self.insert.begin(&mut text)?;
            return self.insert.finish(text);
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
            return Err(text.expected("INSERT, UPDATE or DELETE"));
        };
        let row_id = text.conditions(&mut self.condition)?;
        text.end()?;
        Ok(Statement {
            kind,
            owner: &sql[owner],
            table: &sql[table],
            set: Assignments { sql, spans: &self.set },
            condition: Assignments { sql, spans: &self.condition },
            row_id: row_id.map(|r| &sql[r]),
        })
    }
}

impl Insert {
    /// Reads what stands before the first value.
    fn begin(&mut self, text: &mut Text<'_>) -> Result<(), StatementError> {
        self.head.clear();
        self.set.clear();
        text.expect_word("into", "INTO")?;
        (self.owner, self.table) = text.table()?;
        text.insert_columns(&mut self.set)?;
        text.expect_word("values", "VALUES")?;
        text.expect_symbol(b'(', "the list of values")?;
        self.head.push_str(&text.sql[..text.at]);
        Ok(())
    }

    /// Reads the values and what is left.
    fn finish<'s>(&'s mut self, mut text: Text<'s>) -> Result<Statement<'s>, StatementError> {
        text.insert_values(&mut self.set)?;
        text.end()?;
        let sql = text.sql;
        Ok(Statement {
            kind: StatementKind::Insert,
            owner: &sql[self.owner.clone()],
            table: &sql[self.table.clone()],
            set: Assignments { sql, spans: &self.set },
            condition: Assignments { sql, spans: &[] },
            row_id: None,
        })
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
        self.spans.iter().map(move |span| Assignment {
            column: &self.sql[span.column.clone()],
            literal: if span.is_null { "NULL" } else { &self.sql[span.literal.clone()] },
            offset: span.literal.start,
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
        StatementError { offset: self.at, expected }
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
            None => Err(StatementError { offset: self.bytes.len(), expected: "the closing quote of a name" }),
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
            let column = self.column()?;
            set.push(Span { column, literal: 0..0, is_null: false });
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
            set.push(Span { column, literal, is_null: false });
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
                    conditions.push(Span { column, literal, is_null: false });
                } else {
                    self.expect_word("is", "'=' or IS NULL")?;
                    let start = self.at;
                    self.expect_word("null", "NULL")?;
                    conditions.push(Span { column, literal: start..self.at, is_null: true });
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

    fn term(&mut self) -> Result<(), StatementError> {
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
                } else if word.eq_ignore_ascii_case("unsupported") {
                    self.expect_word("type", "'Unsupported Type'")
                } else if ["null", "nan", "inf"].iter().any(|known| word.eq_ignore_ascii_case(known)) {
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
            "BFILENAME('DIR','f.txt')",
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
