use crate::{
    Assignments, OperationCode, StatementError,
    statement::{Mended, Span, Text},
};
use serde::{Deserialize, Serialize};
use std::{borrow::Cow, fmt, ops::Range};

/// The `SQL_REDO` of one row about a LOB, an XML document or a 32 K string, CSF pieces already joined.
///
/// ```
/// use cdc_logminer::{LobPatch, LobStatement, OperationCode};
///
/// let sql = "DECLARE \n loc_c CLOB; \n buf_c VARCHAR2(6162); \nBEGIN\n select \"C\" into loc_c from \"APP\".\"T\" \
///            where \"ID\" = '7' for update;\n\n buf_c := 'it''s'; \n  dbms_lob.write(loc_c, 4, 5, buf_c);\nEND;\n\n";
/// let LobStatement::Call { target: Some(target), call } = LobStatement::scan(OperationCode::LOB_WRITE, sql)? else {
///     unreachable!()
/// };
/// assert_eq!((target.owner(), target.table(), target.column()), ("APP", "T", "C"));
/// assert_eq!(target.conditions().iter().next().unwrap().literal, "'7'");
///
/// let mut patch = LobPatch::new(call.kind);
/// patch.push(&call)?;
/// assert_eq!(patch.apply("Say ----!".into())?, "Say it's!".into());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum LobStatement<'s> {
    /// SEL_LOB_LOCATOR: what the LOB operations after it are on.
    Locator {
        /// The row and its column.
        target: LobTarget<'s>,
        /// The type of the locator.
        kind: LobKind,
    },
    /// LOB_WRITE, LOB_TRIM, LOB_ERASE.
    Call {
        /// The row and its column, where the statement itself selects the locator.
        target: Option<LobTarget<'s>>,
        /// What is done.
        call: LobCall<'s>,
    },
    /// XML DOC BEGIN.
    XmlBegin {
        /// The row and its column.
        target: LobTarget<'s>,
    },
    /// XML DOC WRITE.
    XmlWrite(XmlWrite<'s>),
    /// XML DOC END. Its text, if it has one, says nothing.
    XmlEnd,
    /// 32K BEGIN.
    LongStringBegin {
        /// The row and its column. Offsets of its literals are those in the nested statement.
        target: LobTarget<'s>,
        /// The type of the temporary LOB that takes the pieces: a BLOB for RAW.
        kind: LobKind,
    },
    /// 32K WRITE.
    LongStringWrite(LongStringWrite<'s>),
    /// 32K END. Its text executes the statement of the beginning, and says nothing more.
    LongStringEnd,
}

/// A row and the column of it that a statement is about. Two are equal that name the same by the same conditions.
#[derive(Clone)]
pub struct LobTarget<'s> {
    sql: Cow<'s, str>,
    owner: Range<usize>,
    table: Range<usize>,
    column: Range<usize>,
    conditions: Vec<Span>,
    row_id: Option<Range<usize>>,
}

/// The type of a LOB locator.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LobKind {
    /// BLOB: lengths and offsets count bytes.
    Blob,
    /// CLOB: they count characters.
    Clob,
    /// NCLOB, as CLOB.
    NClob,
}

/// One call of `dbms_lob`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LobCall<'s> {
    /// The type of the locator.
    pub kind: LobKind,
    /// What is done.
    pub change: LobChange<'s>,
}

/// What a call of `dbms_lob` does. Lengths and offsets are in bytes or characters, offsets from 1.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum LobChange<'s> {
    /// `dbms_lob.write`
    Write {
        /// How long the data is said to be.
        amount: u64,
        /// Where it goes.
        offset: u64,
        /// The data as written: `'…'`, `HEXTORAW('…')`, `UNISTR('…')`, joined by `||`.
        literal: &'s str,
        /// Where the literal begins, in bytes from the start of the statement.
        place: usize,
    },
    /// `dbms_lob.trim`
    Trim {
        /// How much is left.
        length: u64,
    },
    /// `dbms_lob.erase`
    Erase {
        /// How much is erased, up to the LOB's end.
        amount: u64,
        /// From where.
        offset: u64,
    },
}

/// A piece of an XML document.
#[derive(Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum XmlWrite<'s> {
    /// `XML_REDO := NULL`: the document is NULL.
    Null,
    /// `XML_REDO := HEXTORAW('…'):14`
    Hexadecimal {
        /// The digits.
        digits: &'s str,
        /// How many bytes they are said to be.
        amount: u64,
        /// Where the digits begin, in bytes from the start of the statement.
        place: usize,
    },
    /// `XML_REDO := '…'`, with `:14` or `amount: 14` after it.
    Quoted {
        /// What stands between the first apostrophe and the last.
        text: &'s str,
        /// How long it is said to be.
        amount: u64,
        /// Where the text begins, in bytes from the start of the statement.
        place: usize,
    },
    /// The piece itself and nothing around it, as rows have it that begin with an UPDATE.
    Verbatim(&'s str),
}

/// A piece of a 32 K string.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct LongStringWrite<'s> {
    /// As written. A quoted text goes from the first apostrophe to the last: LogMiner does not always double those
    /// between them.
    pub literal: &'s str,
    /// Where the literal begins, in bytes from the start of the statement.
    pub place: usize,
    /// How long it is said to be, unless that is an expression.
    pub amount: Option<u64>,
    /// Where it goes, from 1, unless it is appended.
    pub offset: Option<u64>,
}

impl<'s> LobStatement<'s> {
    /// Reads the statement of a row with this operation code; the whole text must be that statement.
    pub fn scan(operation: OperationCode, sql: &'s str) -> Result<Self, StatementError> {
        let mut text = Text { sql, bytes: sql.as_bytes(), at: 0 };
        match operation {
            OperationCode::SELECT_LOB_LOCATOR => match text.locator()? {
                Some(Locator { target, kind, .. }) => {
                    text.end_of_block()?;
                    Ok(LobStatement::Locator { target, kind })
                }
                None => Err(text.expected("DECLARE")),
            },
            OperationCode::LOB_WRITE => text.lob_call(Text::lob_write),
            OperationCode::LOB_TRIM => text.lob_call(Text::lob_trim),
            OperationCode::LOB_ERASE | OperationCode::LOB_ERASE_DOCUMENTED => text.lob_call(Text::lob_erase),
            OperationCode::XML_DOC_BEGIN => Ok(LobStatement::XmlBegin { target: text.xml_begin()? }),
            OperationCode::XML_DOC_WRITE => text.xml_write().map(LobStatement::XmlWrite),
            OperationCode::XML_DOC_END => Ok(LobStatement::XmlEnd),
            OperationCode::LONG_STRING_BEGIN => text.long_string_begin(),
            OperationCode::LONG_STRING_WRITE => text.long_string_write().map(LobStatement::LongStringWrite),
            OperationCode::LONG_STRING_END => Ok(LobStatement::LongStringEnd),
            _ => Err(text.expected("a row about a LOB, an XML document or a 32K string")),
        }
    }
}

impl LobTarget<'_> {
    /// Owner without quotes.
    pub fn owner(&self) -> &str {
        &self.sql[self.owner.clone()]
    }

    /// Table without quotes.
    pub fn table(&self) -> &str {
        &self.sql[self.table.clone()]
    }

    /// Column without quotes.
    pub fn column(&self) -> &str {
        &self.sql[self.column.clone()]
    }

    /// Columns of WHERE, which tell the row.
    pub fn conditions(&self) -> Assignments<'_> {
        Assignments { sql: &self.sql, spans: &self.conditions, mended: Mended::NOTHING }
    }

    /// The ROWID of the WHERE clause, without quotes.
    pub fn row_id(&self) -> Option<&str> {
        self.row_id.clone().map(|range| &self.sql[range])
    }

    /// The same, with its own copy of the statement.
    pub fn into_owned(self) -> LobTarget<'static> {
        LobTarget { sql: Cow::Owned(self.sql.into_owned()), ..self }
    }

    /// About how many bytes of memory it holds.
    pub fn size(&self) -> usize {
        let text = match &self.sql {
            Cow::Borrowed(_) => 0,
            Cow::Owned(sql) => sql.len(),
        };
        size_of::<Self>() + text + self.conditions.len() * size_of::<Span>()
    }
}

impl PartialEq for LobTarget<'_> {
    fn eq(&self, other: &LobTarget<'_>) -> bool {
        let conditions = self.conditions().iter().map(|c| (c.column, c.literal));
        (self.owner(), self.table(), self.column(), self.row_id())
            == (other.owner(), other.table(), other.column(), other.row_id())
            && conditions.eq(other.conditions().iter().map(|c| (c.column, c.literal)))
    }
}

/// Without the values of the conditions, which may be secret.
impl fmt::Debug for LobTarget<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LobTarget")
            .field("owner", &self.owner())
            .field("table", &self.table())
            .field("column", &self.column())
            .field("conditions", &self.conditions.len())
            .field("row_id", &self.row_id())
            .finish()
    }
}

/// Without the data, which may be secret.
impl fmt::Debug for LobChange<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            LobChange::Write { amount, offset, .. } => write!(f, "Write {{ amount: {amount}, offset: {offset} }}"),
            LobChange::Trim { length } => write!(f, "Trim {{ length: {length} }}"),
            LobChange::Erase { amount, offset } => write!(f, "Erase {{ amount: {amount}, offset: {offset} }}"),
        }
    }
}

/// Without the data, which may be secret.
impl fmt::Debug for XmlWrite<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            XmlWrite::Null => f.write_str("Null"),
            XmlWrite::Hexadecimal { amount, .. } => write!(f, "Hexadecimal {{ amount: {amount} }}"),
            XmlWrite::Quoted { amount, .. } => write!(f, "Quoted {{ amount: {amount} }}"),
            XmlWrite::Verbatim(text) => write!(f, "Verbatim {{ bytes: {} }}", text.len()),
        }
    }
}

/// Without the data, which may be secret.
impl fmt::Debug for LongStringWrite<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "LongStringWrite {{ amount: {:?}, offset: {:?} }}", self.amount, self.offset)
    }
}

/// `select … into loc_c …`: its target and the variable.
struct Locator<'s> {
    target: LobTarget<'s>,
    variable: &'s str,
    kind: LobKind,
}

const LOCATOR: &str = "a locator: loc_b, loc_c, loc_nc, or one that is declared";

impl<'s> Text<'s> {
    /// The beginning of a block up to `for update;`, if there is one.
    fn locator(&mut self) -> Result<Option<Locator<'s>>, StatementError> {
        let block = self.word("declare");
        let declared = if block { self.declarations()? } else { Vec::new() };
        if !self.word("select") {
            return if block { Err(self.expected("SELECT")) } else { Ok(None) };
        }
        let column = self.column()?;
        self.expect_word("into", "INTO")?;
        let variable = self.identifier()?;
        let kind = self.kind(variable, &declared)?;
        self.expect_word("from", "FROM")?;
        let target = self.row(column)?;
        self.expect_word("for", "FOR UPDATE")?;
        self.expect_word("update", "UPDATE")?;
        self.semicolon()?;
        Ok(Some(Locator { target, variable, kind }))
    }

    /// `name TYPE; name TYPE(n); … BEGIN`: the names and their types.
    fn declarations(&mut self) -> Result<Vec<(&'s str, Option<LobKind>)>, StatementError> {
        let mut declared = Vec::new();
        while !self.word("begin") {
            let name = self.identifier()?;
            self.blanks();
            let before = self.at;
            let kind = match self.identifier()? {
                ty if ty.eq_ignore_ascii_case("clob") => Some(LobKind::Clob),
                ty if ty.eq_ignore_ascii_case("blob") => Some(LobKind::Blob),
                ty if ty.eq_ignore_ascii_case("nclob") => Some(LobKind::NClob),
                ty if ["varchar2", "nvarchar2", "raw", "number", "integer", "boolean"]
                    .iter()
                    .any(|known| ty.eq_ignore_ascii_case(known)) =>
                {
                    None
                }
                _ => {
                    self.at = before;
                    return Err(self.expected("the type of a variable"));
                }
            };
            if self.symbol(b'(') {
                self.number()?;
                self.expect_symbol(b')', "')' after the length of a type")?;
            }
            self.expect_symbol(b';', "';' after a declaration")?;
            declared.push((name, kind));
        }
        Ok(declared)
    }

    fn kind(&self, variable: &str, declared: &[(&str, Option<LobKind>)]) -> Result<LobKind, StatementError> {
        let kind = match declared.iter().find(|(name, _)| name.eq_ignore_ascii_case(variable)) {
            Some((_, kind)) => *kind,
            // Rows that follow a locator's row do not declare again.
            None if variable.eq_ignore_ascii_case("loc_b") => Some(LobKind::Blob),
            None if variable.eq_ignore_ascii_case("loc_c") => Some(LobKind::Clob),
            None if variable.eq_ignore_ascii_case("loc_nc") => Some(LobKind::NClob),
            None => None,
        };
        kind.ok_or(StatementError::grammar(self.at - variable.len(), LOCATOR))
    }

    /// `"OWNER"."TABLE" where …`
    fn row(&mut self, column: Range<usize>) -> Result<LobTarget<'s>, StatementError> {
        let (owner, table) = self.table()?;
        let before = self.at;
        if self.word("for") {
            self.at = before;
        } else {
            self.alias("where");
        }
        self.row_conditions(owner, table, column)
    }

    fn row_conditions(
        &mut self,
        owner: Range<usize>,
        table: Range<usize>,
        column: Range<usize>,
    ) -> Result<LobTarget<'s>, StatementError> {
        let mut conditions = Vec::new();
        let row_id = self.conditions(&mut conditions)?;
        // Not what comes after: the data of a write need not be kept with its target.
        let sql = Cow::Borrowed(&self.sql[..self.at]);
        Ok(LobTarget { sql, owner, table, column, conditions, row_id })
    }

    /// A call of `dbms_lob`, with or without the selection of its locator before it.
    fn lob_call(
        &mut self,
        change: impl FnOnce(&mut Self) -> Result<(&'s str, usize, LobChange<'s>), StatementError>,
    ) -> Result<LobStatement<'s>, StatementError> {
        let locator = self.locator()?;
        let (variable, at, change) = change(self)?;
        self.end_of_block()?;
        match locator {
            Some(locator) if locator.variable.eq_ignore_ascii_case(variable) => {
                let call = LobCall { kind: locator.kind, change };
                Ok(LobStatement::Call { target: Some(locator.target), call })
            }
            Some(_) => Err(StatementError::grammar(at, "the locator that was selected")),
            None => {
                let error = |e: StatementError| e.at(at);
                let kind = self.kind(variable, &[]).map_err(error)?;
                Ok(LobStatement::Call { target: None, call: LobCall { kind, change } })
            }
        }
    }

    /// `buf_c := '…'; dbms_lob.write(loc_c, amount, offset, buf_c);`
    fn lob_write(&mut self) -> Result<(&'s str, usize, LobChange<'s>), StatementError> {
        let buffer = self.identifier()?;
        self.assign()?;
        let (literal, place) = self.data()?;
        self.expect_symbol(b';', "';' after the data")?;
        let (variable, at) = self.call("write", "dbms_lob.write")?;
        let amount = self.number()?;
        self.comma()?;
        let offset = self.offset()?;
        self.comma()?;
        self.same(buffer)?;
        self.end_of_call()?;
        Ok((variable, at, LobChange::Write { amount, offset, literal, place }))
    }

    /// `dbms_lob.trim(loc_c, length);`
    fn lob_trim(&mut self) -> Result<(&'s str, usize, LobChange<'s>), StatementError> {
        let (variable, at) = self.call("trim", "dbms_lob.trim")?;
        let length = self.number()?;
        self.end_of_call()?;
        Ok((variable, at, LobChange::Trim { length }))
    }

    /// `e_len := amount; dbms_lob.erase(loc_c, e_len, offset);`, or the amount in its place.
    fn lob_erase(&mut self) -> Result<(&'s str, usize, LobChange<'s>), StatementError> {
        let before = self.at;
        let mut assigned = None;
        if !self.word("dbms_lob") {
            let name = self.identifier()?;
            self.assign()?;
            assigned = Some((name, self.number()?));
            self.expect_symbol(b';', "';' after the amount")?;
        } else {
            self.at = before;
        }
        let (variable, at) = self.call("erase", "dbms_lob.erase")?;
        let amount = match assigned {
            Some((name, amount)) => {
                self.same(name)?;
                amount
            }
            None => self.number()?,
        };
        self.comma()?;
        let offset = self.offset()?;
        self.end_of_call()?;
        Ok((variable, at, LobChange::Erase { amount, offset }))
    }

    /// `XML DOC BEGIN:  select "X" from …` or `update … a set a."X" = XMLType(:1) where …`.
    fn xml_begin(&mut self) -> Result<LobTarget<'s>, StatementError> {
        let target = if self.word("update") {
            let [owner, table, column] = self.set_column()?;
            self.expect_word("xmltype", "XMLType(:1)")?;
            self.expect_symbol(b'(', "'('")?;
            self.expect_symbol(b':', "a bind variable")?;
            self.number()?;
            self.expect_symbol(b')', "')'")?;
            self.row_conditions(owner, table, column)?
        } else {
            if self.word("xml") {
                self.expect_word("doc", "XML DOC BEGIN")?;
                self.expect_word("begin", "XML DOC BEGIN")?;
                self.expect_symbol(b':', "':'")?;
            }
            self.expect_word("select", "UPDATE or SELECT")?;
            let column = self.column()?;
            self.expect_word("from", "FROM")?;
            self.row(column)?
        };
        self.end()?;
        Ok(target)
    }

    /// `"OWNER"."TABLE" a set a."COLUMN" =`
    fn set_column(&mut self) -> Result<[Range<usize>; 3], StatementError> {
        let (owner, table) = self.table()?;
        self.alias("set");
        self.expect_word("set", "SET")?;
        let column = self.column()?;
        self.expect_symbol(b'=', "'='")?;
        Ok([owner, table, column])
    }

    fn xml_write(&mut self) -> Result<XmlWrite<'s>, StatementError> {
        if !self.word("xml_redo") {
            return Ok(XmlWrite::Verbatim(self.sql));
        }
        self.assign()?;
        if self.word("null") {
            self.end()?;
            return Ok(XmlWrite::Null);
        }
        self.blanks();
        let start = self.at;
        // An apostrophe within the text need not be doubled: its end is told by what comes after it.
        let (end, amount) = self.trailing_amount(start)?;
        let value = &self.sql[start..end];
        if let Some(text) = value.strip_prefix('\'') {
            return match text.strip_suffix('\'') {
                Some(text) => Ok(XmlWrite::Quoted { text, amount, place: start + 1 }),
                None => Err(StatementError::grammar(end, "the apostrophe at the end of a text")),
            };
        }
        self.expect_word("hextoraw", "a text, HEXTORAW or NULL")?;
        self.expect_symbol(b'(', "'('")?;
        self.expect_symbol(b'\'', "an apostrophe before the digits")?;
        let place = self.at;
        let digits = self.sql.get(place..end).and_then(|rest| rest.strip_suffix(')'));
        let digits = digits.ok_or(StatementError::grammar(end, "')' after the digits"))?;
        // The rows' writer forgets the closing apostrophe.
        Ok(XmlWrite::Hexadecimal { digits: digits.strip_suffix('\'').unwrap_or(digits), amount, place })
    }

    /// `:14` or `amount: 14` at the end of the text: where what is before it ends, and the number.
    fn trailing_amount(&self, start: usize) -> Result<(usize, u64), StatementError> {
        let rest = self.sql[start..].trim_end();
        let rest = rest.strip_suffix(';').unwrap_or(rest).trim_end();
        let value = rest.trim_end_matches(|c: char| c.is_ascii_digit());
        let digits = &rest[value.len()..];
        let error = || StatementError::grammar(start + value.len(), "an amount at the end, like :14");
        let amount = digits.parse().map_err(|_| error())?;
        let value = value.trim_end().strip_suffix(':').ok_or_else(error)?.trim_end();
        let before = value.len().saturating_sub("amount".len());
        let value = match value.get(before..) {
            Some(word) if word.eq_ignore_ascii_case("amount") => value[..before].trim_end(),
            _ => value,
        };
        Ok((start + value.len(), amount))
    }

    /// `DECLARE … BEGIN DBMS_LOB.CreateTemporary(TempLob, FALSE); Stmt := 'update …';`
    fn long_string_begin(&mut self) -> Result<LobStatement<'s>, StatementError> {
        self.expect_word("declare", "DECLARE")?;
        let declared = self.declarations()?;
        let (variable, _) = self.call("createtemporary", "DBMS_LOB.CreateTemporary")?;
        let kind = self.kind(variable, &declared).map_err(|e| e.at(self.at))?;
        self.identifier()?;
        self.end_of_call()?;
        self.identifier()?;
        self.assign()?;
        self.blanks();
        if self.peek() != Some(b'\'') {
            return Err(self.expected("a statement in apostrophes"));
        }
        let start = self.at + 1;
        self.text_literal()?;
        let nested = &self.sql[start..self.at - 1];
        self.semicolon()?;
        self.end_of_block()?;
        let target = long_string_target(&nested.replace("''", "'"));
        let target = target.map_err(|e| {
            let offset = doubled_offset(nested, e.offset()) + start;
            e.at(offset)
        })?;
        Ok(LobStatement::LongStringBegin { target, kind })
    }

    /// `buf_c := '…'; dbms_lob.writeappend(TempLob, amount, buf_c);`, or another of the calls that do so.
    fn long_string_write(&mut self) -> Result<LongStringWrite<'s>, StatementError> {
        let buffer = self.identifier()?;
        self.assign()?;
        self.blanks();
        let (literal, place) = if self.peek() == Some(b'\'') {
            // No apostrophe comes after the text's own, and one within it need not be doubled.
            let place = self.at;
            match self.sql.rfind('\'') {
                Some(last) if last > place => self.at = last + 1,
                _ => return Err(self.expected("a text that ends")),
            }
            (&self.sql[place..self.at], place)
        } else {
            self.data()?
        };
        self.expect_symbol(b';', "';' after the data")?;
        self.expect_word("dbms_lob", "dbms_lob")?;
        self.expect_symbol(b'.', "'.'")?;
        let (at_offset, with_amount) = if self.word("write") {
            (true, true)
        } else if self.word("writeappend") {
            (false, true)
        } else {
            self.expect_word("append", "WRITE, WRITEAPPEND or APPEND")?;
            (false, false)
        };
        self.expect_symbol(b'(', "'('")?;
        self.identifier()?;
        self.comma()?;
        let mut amount = None;
        if with_amount {
            if self.word("length") {
                self.expect_symbol(b'(', "'('")?;
                self.same(buffer)?;
                self.expect_symbol(b')', "')'")?;
            } else {
                amount = Some(self.number()?);
            }
            self.comma()?;
        }
        let mut offset = None;
        if at_offset {
            offset = Some(self.offset()?);
            self.comma()?;
        }
        self.same(buffer)?;
        self.end_of_call()?;
        self.end_of_block()?;
        Ok(LongStringWrite { literal, place, amount, offset })
    }

    /// A name without quotes.
    fn identifier(&mut self) -> Result<&'s str, StatementError> {
        self.blanks();
        let start = self.at;
        if !self.peek().is_some_and(|b| b.is_ascii_alphabetic()) {
            return Err(self.expected("a name"));
        }
        while self.peek().is_some_and(|b| b.is_ascii_alphanumeric() || b == b'_') {
            self.at += 1;
        }
        Ok(&self.sql[start..self.at])
    }

    fn same(&mut self, name: &str) -> Result<(), StatementError> {
        self.blanks();
        let before = self.at;
        if self.identifier()?.eq_ignore_ascii_case(name) {
            return Ok(());
        }
        self.at = before;
        Err(self.expected("the variable that was assigned"))
    }

    fn assign(&mut self) -> Result<(), StatementError> {
        self.blanks();
        if !self.bytes[self.at..].starts_with(b":=") {
            return Err(self.expected("':='"));
        }
        self.at += 2;
        Ok(())
    }

    /// Text or bytes, and where they begin.
    fn data(&mut self) -> Result<(&'s str, usize), StatementError> {
        self.blanks();
        let start = self.at;
        let known = self.peek() == Some(b'\'') || self.word("hextoraw") || self.word("unistr");
        self.at = start;
        if !known {
            return Err(self.expected("a text, HEXTORAW or UNISTR"));
        }
        let range = self.literal()?;
        Ok((&self.sql[range], start))
    }

    fn number(&mut self) -> Result<u64, StatementError> {
        self.blanks();
        let start = self.at;
        while self.peek().is_some_and(|b| b.is_ascii_digit()) {
            self.at += 1;
        }
        let error = StatementError::grammar(start, "a number below 2^64");
        self.sql[start..self.at].parse().map_err(|_| error)
    }

    fn offset(&mut self) -> Result<u64, StatementError> {
        self.blanks();
        let start = self.at;
        match self.number()? {
            0 => Err(StatementError::grammar(start, "an offset from 1")),
            offset => Ok(offset),
        }
    }

    fn comma(&mut self) -> Result<(), StatementError> {
        self.expect_symbol(b',', "','")
    }

    /// `dbms_lob.procedure(variable,`: the variable and where it stands.
    fn call(&mut self, procedure: &str, expected: &'static str) -> Result<(&'s str, usize), StatementError> {
        self.expect_word("dbms_lob", expected)?;
        self.expect_symbol(b'.', expected)?;
        self.expect_word(procedure, expected)?;
        self.expect_symbol(b'(', "'('")?;
        let variable = self.identifier()?;
        let at = self.at - variable.len();
        self.comma()?;
        Ok((variable, at))
    }

    fn end_of_call(&mut self) -> Result<(), StatementError> {
        self.expect_symbol(b')', "')'")?;
        self.semicolon()
    }

    /// A semicolon, or the end of the text.
    fn semicolon(&mut self) -> Result<(), StatementError> {
        if self.symbol(b';') || self.at == self.bytes.len() { Ok(()) } else { Err(self.expected("';'")) }
    }

    fn end_of_block(&mut self) -> Result<(), StatementError> {
        self.word("end");
        self.end()
    }
}

/// Reads the statement that 32K BEGIN has in apostrophes, those within it single again.
fn long_string_target(sql: &str) -> Result<LobTarget<'static>, StatementError> {
    let mut text = Text { sql, bytes: sql.as_bytes(), at: 0 };
    text.expect_word("update", "UPDATE")?;
    let [owner, table, column] = text.set_column()?;
    text.expect_symbol(b':', "a bind variable")?;
    // It has the column's name, whatever that is made of, or another that ends at the next blank.
    let ends = |rest: &str| rest.is_empty() || rest.starts_with(|c: char| c.is_whitespace() || c == ';');
    let rest = &sql[text.at..];
    text.at += match rest.strip_prefix(&sql[column.clone()]) {
        Some(after) if ends(after) => rest.len() - after.len(),
        _ => (0..rest.len()).find(|at| rest.get(*at..).is_some_and(ends)).unwrap_or(rest.len()),
    };
    let target = text.row_conditions(owner, table, column)?;
    text.end()?;
    Ok(target.into_owned())
}

/// Where `offset` of a text was before its apostrophes became single.
fn doubled_offset(doubled: &str, offset: usize) -> usize {
    let (mut at, mut single) = (0, 0);
    let bytes = doubled.as_bytes();
    while single < offset && at < bytes.len() {
        at += if bytes[at..].starts_with(b"''") { 2 } else { 1 };
        single += 1;
    }
    at
}

#[cfg(test)]
mod tests {
    use super::*;

    type Pairs = Vec<(String, String)>;

    fn scan(operation: OperationCode, sql: &str) -> LobStatement<'_> {
        LobStatement::scan(operation, sql).unwrap_or_else(|e| panic!("{sql}: {e}"))
    }

    fn target(target: &LobTarget<'_>) -> (String, Pairs, Option<String>) {
        let name = format!("{}/{}/{}", target.owner(), target.table(), target.column());
        let conditions = target.conditions().iter().map(|a| (a.column.to_owned(), a.literal.to_owned())).collect();
        (name, conditions, target.row_id().map(str::to_owned))
    }

    fn pairs(list: &[(&str, &str)]) -> Pairs {
        list.iter().map(|(a, b)| ((*a).to_owned(), (*b).to_owned())).collect()
    }

    const DECLARE: &str = "DECLARE \n loc_c CLOB; \n buf_c VARCHAR2(6174); \n loc_b BLOB; \n buf_b RAW(6174); \n loc_nc NCLOB; \n \
                           buf_nc NVARCHAR2(6174); \n e_len NUMBER; \nBEGIN\n";

    fn block(column: &str, variable: &str, body: &str) -> String {
        format!(
            "{DECLARE} select \"{column}\" into {variable} from \"APP\".\"T\" where \"ID\" = '7' and \"N\" IS NULL \
             for update;\n\n{body}END;\n\n"
        )
    }

    fn call(operation: OperationCode, sql: &str) -> (bool, LobCall<'_>) {
        match scan(operation, sql) {
            LobStatement::Call { target, call } => (target.is_some(), call),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn locators() {
        let sql = format!(
            "{DECLARE} select \"C 1\" into loc_c from \"APP\".\"T\" where \"ID\" = '7' and \"N\" is null and \"D\" = \
             TO_DATE('15-MAY-21', 'DD-MON-RR') and ROWID = 'AAAWsGAAHAAAAFmAAA' for update;"
        );
        for sql in [sql.clone(), sql.trim_end_matches(';').to_owned(), format!("{sql}\nEND;\n"), format!("{sql} end")] {
            let LobStatement::Locator { target: row, kind } = scan(OperationCode::SELECT_LOB_LOCATOR, &sql) else {
                panic!("{sql}")
            };
            assert_eq!(kind, LobKind::Clob);
            let (name, conditions, row_id) = target(&row);
            assert_eq!(name, "APP/T/C 1");
            assert_eq!(conditions, pairs(&[("ID", "'7'"), ("N", "NULL"), ("D", "TO_DATE('15-MAY-21', 'DD-MON-RR')")]));
            assert_eq!(row_id.as_deref(), Some("AAAWsGAAHAAAAFmAAA"));
            let first = row.conditions().iter().next().unwrap();
            assert_eq!(&sql[first.offset..first.offset + 3], "'7'");
            assert_eq!(row, row.clone().into_owned());
        }
        for (declared, variable, kind) in [
            (DECLARE, "loc_b", LobKind::Blob),
            (DECLARE, "LOC_NC", LobKind::NClob),
            ("declare lob_1 nclob; lob_1_f BOOLEAN; begin", "lob_1", LobKind::NClob),
        ] {
            let sql =
                format!("{declared} select a.\"X\" into {variable} from \"A\".\"T\" a where a.\"ID\" = '1' for update");
            let LobStatement::Locator { target: row, kind: found } = scan(OperationCode::SELECT_LOB_LOCATOR, &sql)
            else {
                panic!("{sql}")
            };
            assert_eq!((found, target(&row).1), (kind, pairs(&[("ID", "'1'")])), "{sql}");
        }
        let sql = format!("{DECLARE} select \"X\" into loc_c from \"A\".\"T\" for update;");
        assert!(matches!(scan(OperationCode::SELECT_LOB_LOCATOR, &sql), LobStatement::Locator { .. }));
    }

    #[test]
    fn writes() {
        for (sql, kind, expected) in [
            (" buf_c := 'it''s'; \n  dbms_lob.write(loc_c, 4, 1, buf_c);\n", LobKind::Clob, (4, 1, "'it''s'")),
            (
                "buf_b := HEXTORAW('0aff'); dbms_lob.write(loc_b, 2, 4097, buf_b)",
                LobKind::Blob,
                (2, 4097, "HEXTORAW('0aff')"),
            ),
            (
                r"BUF_NC := unistr('\0416') || 'a'; DBMS_LOB.WRITE ( LOC_NC , 2 , 1 , buf_nc ) ; end ;",
                LobKind::NClob,
                (2, 1, r"unistr('\0416') || 'a'"),
            ),
            (
                "buf_c := 'x'; dbms_lob.write(loc_c, 18446744073709551615, 18446744073709551615, buf_c);",
                LobKind::Clob,
                (u64::MAX, u64::MAX, "'x'"),
            ),
        ] {
            let (with_target, call) = call(OperationCode::LOB_WRITE, sql);
            let LobChange::Write { amount, offset, literal, place } = call.change else { panic!("{sql}") };
            assert_eq!((with_target, call.kind, (amount, offset, literal)), (false, kind, expected), "{sql}");
            assert!(sql[place..].starts_with(literal));
        }
        let sql = block("C", "loc_c", " buf_c := ';END;'; \n  dbms_lob.write(loc_c, 5, 101, buf_c);\n");
        let LobStatement::Call { target: Some(row), call } = scan(OperationCode::LOB_WRITE, &sql) else { panic!() };
        assert_eq!(target(&row), ("APP/T/C".to_owned(), pairs(&[("ID", "'7'"), ("N", "NULL")]), None));
        assert!(matches!(call.change, LobChange::Write { amount: 5, offset: 101, literal: "';END;'", .. }));
        assert!(row.into_owned().size() < sql.len() + 200);
    }

    #[test]
    fn trims_and_erases() {
        assert_eq!(
            call(OperationCode::LOB_TRIM, "  dbms_lob.trim(loc_b, 8);"),
            (false, LobCall { kind: LobKind::Blob, change: LobChange::Trim { length: 8 } })
        );
        assert_eq!(
            call(OperationCode::LOB_TRIM, &block("N", "loc_nc", "  dbms_lob.trim(loc_nc, 700);\n")),
            (true, LobCall { kind: LobKind::NClob, change: LobChange::Trim { length: 700 } })
        );
        let erase = LobCall { kind: LobKind::Clob, change: LobChange::Erase { amount: 10, offset: 3 } };
        for operation in [OperationCode::LOB_ERASE, OperationCode::LOB_ERASE_DOCUMENTED] {
            assert_eq!(call(operation, "dbms_lob.erase(loc_c, 10, 3);"), (false, erase));
            let body = "  e_len :=  10;\n  dbms_lob.erase(loc_c, e_len, 3);\n";
            assert_eq!(call(operation, &block("C", "loc_c", body)), (true, erase));
        }
    }

    #[test]
    fn xml() {
        for sql in [
            "XML DOC BEGIN:  select \"D O\" from \"APP\".\"T\" where \"ID\" = '7' and \"N\" IS NULL",
            "select \"D O\" from \"APP\".\"T\" where \"ID\" = '7' and \"N\" IS NULL;",
            "update \"APP\".\"T\" a set a.\"D O\" = XMLType(:1)  where a.\"ID\" = '7' and a.\"N\" IS NULL;",
        ] {
            let LobStatement::XmlBegin { target: row } = scan(OperationCode::XML_DOC_BEGIN, sql) else {
                panic!("{sql}")
            };
            assert_eq!(target(&row), ("APP/T/D O".to_owned(), pairs(&[("ID", "'7'"), ("N", "NULL")]), None), "{sql}");
        }
        for (sql, expected) in [
            ("XML_REDO := NULL", XmlWrite::Null),
            ("XML_REDO := HEXTORAW('3c61'):2", XmlWrite::Hexadecimal { digits: "3c61", amount: 2, place: 22 }),
            ("XML_REDO := HEXTORAW('3c61):2", XmlWrite::Hexadecimal { digits: "3c61", amount: 2, place: 22 }),
            (
                "xml_redo := hextoraw('3c61')\n amount: 2",
                XmlWrite::Hexadecimal { digits: "3c61", amount: 2, place: 22 },
            ),
            ("XML_REDO := '<a b='x'/>'\n amount: 10", XmlWrite::Quoted { text: "<a b='x'/>", amount: 10, place: 13 }),
            ("XML_REDO := '<a/>':4;", XmlWrite::Quoted { text: "<a/>", amount: 4, place: 13 }),
            ("<a/> \n", XmlWrite::Verbatim("<a/> \n")),
        ] {
            assert_eq!(scan(OperationCode::XML_DOC_WRITE, sql), LobStatement::XmlWrite(expected), "{sql}");
        }
        assert_eq!(scan(OperationCode::XML_DOC_END, ""), LobStatement::XmlEnd);
    }

    const LONG: &str = "DECLARE\n TempLob CLOB;\n buf_c   VARCHAR2(32767);\n Stmt    CLOB;\nBEGIN\n \
                        DBMS_LOB.CreateTemporary(TempLob, FALSE);\n Stmt := ";

    #[test]
    fn long_strings() {
        for (statement, column, conditions) in [
            (
                "'update \"APP\".\"T\" a set a.\"D\" = :D where a.\"ID\" = ''it''''s'';';",
                "D",
                pairs(&[("ID", "'it''s'")]),
            ),
            ("'update \"APP\".\"T\" set \"D\" = :DATA where \"ID\" = ''7''';\nEND;", "D", pairs(&[("ID", "'7'")])),
            ("'update \"APP\".\"T\" set \"my col\" = :my col where \"ID\" = ''7''", "", Vec::new()),
            ("'update \"APP\".\"T\" set \"my col\" = :my col;';", "my col", Vec::new()),
        ] {
            let sql = format!("{LONG}{statement}");
            if column.is_empty() {
                assert!(LobStatement::scan(OperationCode::LONG_STRING_BEGIN, &sql).is_err(), "{sql}");
                continue;
            }
            let LobStatement::LongStringBegin { target: row, kind } = scan(OperationCode::LONG_STRING_BEGIN, &sql)
            else {
                panic!("{sql}")
            };
            assert_eq!(kind, LobKind::Clob);
            assert_eq!(target(&row), (format!("APP/T/{column}"), conditions, None), "{sql}");
        }
        for (sql, literal, amount, offset) in [
            ("  buf_c := 'it's ''';\n dbms_lob.writeappend(TempLob, 7, buf_c);", "'it's '''", Some(7), None),
            ("buf_c := 'a'; dbms_lob.write(TempLob, 1, 9, buf_c);", "'a'", Some(1), Some(9)),
            ("buf_c := ''; dbms_lob.WriteAppend(TempLob, length(buf_c), buf_c) end;", "''", None, None),
            ("buf_b := HEXTORAW('00'); dbms_lob.append(TempLob, buf_b);", "HEXTORAW('00')", None, None),
        ] {
            let sql = &sql.replace(") end;", "); end;");
            let LobStatement::LongStringWrite(write) = scan(OperationCode::LONG_STRING_WRITE, sql) else { panic!() };
            assert_eq!((write.literal, write.amount, write.offset), (literal, amount, offset), "{sql}");
            assert!(sql[write.place..].starts_with(literal));
        }
        assert_eq!(scan(OperationCode::LONG_STRING_END, "END;"), LobStatement::LongStringEnd);
    }

    #[test]
    fn what_is_not_of_a_known_form_is_refused() {
        let locator = OperationCode::SELECT_LOB_LOCATOR;
        let write = OperationCode::LOB_WRITE;
        let other = block("C", "loc_c", " buf_c := 'x'; dbms_lob.write(loc_nc, 1, 1, buf_c);");
        let at = other.find("loc_nc, 1").unwrap();
        for (operation, sql, offset, expected) in [
            (OperationCode::INSERT, "", 0, "a row about a LOB, an XML document or a 32K string"),
            (locator, "", 0, "DECLARE"),
            (locator, "DECLARE loc_c CLOB; BEGIN", 25, "SELECT"),
            (locator, "DECLARE loc_c XYZ; BEGIN", 14, "the type of a variable"),
            (locator, "DECLARE loc_c CLOB(x); BEGIN", 19, "a number below 2^64"),
            (locator, "DECLARE loc_c CLOB BEGIN", 19, "';' after a declaration"),
            (locator, "DECLARE b RAW(1); BEGIN select \"C\" into b from", 40, LOCATOR),
            (
                locator,
                "DECLARE c CLOB; BEGIN select \"C\" into c from \"O\".\"T\" where \"I\" = '1';",
                68,
                "FOR UPDATE",
            ),
            (
                locator,
                "DECLARE c CLOB; BEGIN select \"C\" into c from \"O\".\"T\" for update; END; x",
                70,
                "the end of the statement",
            ),
            (write, "", 0, "a name"),
            (write, "buf_c = 'x';", 6, "':='"),
            (write, "buf_c := NULL; dbms_lob.write(loc_c, 1, 1, buf_c);", 9, "a text, HEXTORAW or UNISTR"),
            (write, "buf_c := 'it's'; dbms_lob.write(loc_c, 1, 1, buf_c);", 13, "';' after the data"),
            (write, "buf_c := 'x'; dbms_lob.trim(loc_c, 1);", 23, "dbms_lob.write"),
            (write, "buf_c := 'x'; dbms_lob.write(lob_1, 1, 1, buf_c);", 29, LOCATOR),
            (write, "buf_c := 'x'; dbms_lob.write(loc_c, 1, 0, buf_c);", 39, "an offset from 1"),
            (write, "buf_c := 'x'; dbms_lob.write(loc_c, -1, 1, buf_c);", 36, "a number below 2^64"),
            (write, "buf_c := 'x'; dbms_lob.write(loc_c, 18446744073709551616, 1, buf_c);", 36, "a number below 2^64"),
            (write, "buf_c := 'x'; dbms_lob.write(loc_c, 1, 1, buf_b);", 42, "the variable that was assigned"),
            (write, "buf_c := 'x'; dbms_lob.write(loc_c, 1, 1, buf_c) x", 49, "';'"),
            (write, &other, at, "the locator that was selected"),
            (OperationCode::LOB_TRIM, "dbms_lob.trim(loc_c, 1, 2);", 22, "')'"),
            (OperationCode::LOB_ERASE, "e_len := 1; dbms_lob.erase(loc_c, 1, 1);", 34, "a name"),
            (OperationCode::XML_DOC_BEGIN, "XMLDOCBEGIN: select", 0, "UPDATE or SELECT"),
            (OperationCode::XML_DOC_BEGIN, "update \"O\".\"T\" set \"C\" = 'x';", 25, "XMLType(:1)"),
            (OperationCode::XML_DOC_WRITE, "XML_REDO := HEXTORAW('3c'", 25, "an amount at the end, like :14"),
            (OperationCode::XML_DOC_WRITE, "XML_REDO := HEXTORAW('3c':1", 25, "')' after the digits"),
            (OperationCode::XML_DOC_WRITE, "XML_REDO := '<a>:1", 16, "the apostrophe at the end of a text"),
            (OperationCode::XML_DOC_WRITE, "XML_REDO := '':99999999999999999999", 15, "an amount at the end, like :14"),
            (OperationCode::XML_DOC_WRITE, "XML_REDO := ':1", 13, "the apostrophe at the end of a text"),
            (OperationCode::LONG_STRING_WRITE, "buf_c := '; dbms_lob.append(T, buf_c)", 9, "a text that ends"),
            (OperationCode::LONG_STRING_WRITE, "buf_c := ''; dbms_lob.trim(T, 1)", 22, "WRITE, WRITEAPPEND or APPEND"),
        ] {
            let error = LobStatement::scan(operation, sql).expect_err(sql);
            assert_eq!((error.offset(), error.expected()), (offset, expected), "{sql}");
        }
        // An error in the nested statement has its place in the whole.
        let sql = format!("{LONG}'update \"A\".\"T\" set \"D\" = :D where \"I\" = ''7'' or''';");
        let error = LobStatement::scan(OperationCode::LONG_STRING_BEGIN, &sql).expect_err("or");
        assert_eq!(&sql[error.offset()..], "or''';", "{error}");
    }

    #[test]
    fn debug_shows_no_content() {
        let sql =
            block("C", "loc_c", " buf_c := 'secret'; dbms_lob.write(loc_c, 6, 1, buf_c);").replace("'7'", "'secret'");
        let shown = format!("{:?}", scan(OperationCode::LOB_WRITE, &sql));
        assert!(shown.contains("amount: 6") && !shown.contains("secret"), "{shown}");
        for (operation, sql) in [
            (OperationCode::XML_DOC_WRITE, "XML_REDO := 'secret':6"),
            (OperationCode::XML_DOC_WRITE, "secret"),
            (OperationCode::LONG_STRING_WRITE, "b := 'secret'; dbms_lob.append(T, b);"),
        ] {
            assert!(!format!("{:?}", scan(operation, sql)).contains("secret"));
        }
    }
}
