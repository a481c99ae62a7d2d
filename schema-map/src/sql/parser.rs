//! A recursive-descent parser of the statements that a catalog is made from. It reads one statement; what follows a
//! statement that it cannot read is the caller's business.

use super::ast::{
    ColumnSpec, ConstraintRef, CreateTable, DropKind, NotNullName, SequenceOptions, StateChange, Statement, TableChange,
};
use super::{Lexer, Token, TokenKind};
use crate::{
    CodeKind, Column, Constraint, ConstraintKind, Identity, Index, IndexColumn, IndexKey, ObjectPath, OnDelete,
    OracleIdent, StoredCode, Synonym, Table, TableKind, View,
};
use type_convert::{LengthUnit, OracleType};

/// What the meaning of a statement depends on besides its text.
#[derive(Debug, Clone)]
pub(crate) struct Context {
    /// To which unqualified names belong.
    pub(crate) schema: OracleIdent,
    /// NLS_LENGTH_SEMANTICS.
    pub(crate) length_unit: LengthUnit,
}

/// A statement that cannot be read.
#[derive(Debug)]
pub(crate) struct SyntaxError {
    /// Where, in bytes from the start of the statement.
    pub(crate) offset: usize,
    pub(crate) message: String,
    /// The statement is understood, but a catalog cannot describe what it makes.
    pub(crate) unsupported: bool,
}

type Parsed<T> = Result<T, SyntaxError>;

/// The type that `ALL_TAB_COLUMNS` gives a column whose type is not known.
pub(crate) const UNDEFINED_TYPE: &str = "UNDEFINED";

/// Reads one statement, with or without its semicolon.
pub(crate) fn parse(source: &str, context: &Context) -> Parsed<Statement> {
    let mut significant = Lexer::new(source).filter(|token| token.kind != TokenKind::Comment);
    let Some(first) = significant.next() else {
        return Err(SyntaxError {
            offset: 0,
            message: "expected a statement, found nothing".to_owned(),
            unsupported: false,
        });
    };
    let verb = if first.kind == TokenKind::Word { first.text.to_ascii_uppercase() } else { first.text.to_owned() };
    match verb.as_str() {
        "CREATE" | "ALTER" | "DROP" | "COMMENT" | "RENAME" | "CONNECT" => Parser::new(source, context).statement(),
        "SELECT" | "INSERT" | "UPDATE" | "DELETE" | "MERGE" | "WITH" | "(" | "COMMIT" | "ROLLBACK" | "SAVEPOINT"
        | "SET" | "GRANT" | "REVOKE" | "TRUNCATE" | "ANALYZE" | "AUDIT" | "NOAUDIT" | "CALL" | "EXPLAIN" | "LOCK"
        | "PURGE" | "FLASHBACK" | "ASSOCIATE" | "DISASSOCIATE" | "ADMINISTER" | "BEGIN" | "DECLARE" | "<<" => {
            Ok(Statement::Other)
        }
        _ => Err(SyntaxError {
            offset: first.offset,
            message: format!("expected a statement, found {}", found(Some(&first))),
            unsupported: false,
        }),
    }
}

/// A token as an error message shows it.
fn found(token: Option<&Token<'_>>) -> String {
    match token {
        None => "the end of the statement".to_owned(),
        Some(token) if token.text.chars().count() > 40 => {
            format!("{}…", token.text.chars().take(40).collect::<String>())
        }
        Some(token) if token.kind == TokenKind::Symbol => format!("\"{}\"", token.text),
        Some(token) => token.text.to_owned(),
    }
}

/// Words that cannot be names unless quoted: those of Oracle's reserved words that stand where names could.
#[rustfmt::skip]
const RESERVED: &[&str] = &[
    "ADD", "ALL", "ALTER", "AND", "ANY", "AS", "ASC", "BETWEEN", "BY", "CHECK", "COLUMN", "CONNECT", "CREATE",
    "DEFAULT", "DELETE", "DESC", "DISTINCT", "DROP", "ELSE", "EXISTS", "FOR", "FROM", "GRANT", "GROUP", "HAVING",
    "IN", "INDEX", "INSERT", "INTERSECT", "INTO", "IS", "LIKE", "LOCK", "MINUS", "MODIFY", "NOT", "NULL", "NUMBER",
    "OF", "ON", "OPTION", "OR", "ORDER", "PRIOR", "RENAME", "REVOKE", "SELECT", "SET", "SYNONYM", "TABLE", "THEN",
    "TO", "TRIGGER", "UNION", "UNIQUE", "UPDATE", "VALUES", "VARCHAR", "VARCHAR2", "VIEW", "WHERE", "WITH",
];

/// First words of clauses of ALTER TABLE that change nothing which a catalog describes.
#[rustfmt::skip]
const STORAGE_CLAUSES: &[&str] = &[
    "MOVE", "SHRINK", "TRUNCATE", "SPLIT", "MERGE", "EXCHANGE", "COALESCE", "ALLOCATE", "DEALLOCATE", "PCTFREE",
    "PCTUSED", "INITRANS", "MAXTRANS", "STORAGE", "LOGGING", "NOLOGGING", "FILESYSTEM_LIKE_LOGGING", "CACHE",
    "NOCACHE", "PARALLEL", "NOPARALLEL", "COMPRESS", "NOCOMPRESS", "ROW", "READ", "MONITORING", "NOMONITORING",
    "MINIMIZE", "NOMINIMIZE", "RECORDS_PER_BLOCK", "UPGRADE", "FLASHBACK", "NO", "INMEMORY", "RESULT_CACHE",
    "INDEXING", "ILM", "LOB", "REJECT", "LOCATION", "PROJECT", "ACCESS", "DEFAULT", "OVERFLOW", "MAPPING",
    "ANNOTATIONS", "FORCE", "COLUMN", "CLUSTERING", "ATTRIBUTES", "MEMOPTIMIZE", "INCLUDING", "TABLESPACE",
    "PCTTHRESHOLD", "NOPARTITION", "INITIALLY", "ORGANIZATION",
];

/// Kinds of objects that CREATE, ALTER and DROP know and a catalog does not describe.
#[rustfmt::skip]
const OTHER_OBJECTS: &[&str] = &[
    "USER", "ROLE", "TABLESPACE", "TEMPORARY", "UNDO", "BIGFILE", "SMALLFILE", "DIRECTORY", "CONTEXT", "CLUSTER",
    "DATABASE", "SHARED", "MATERIALIZED", "SNAPSHOT", "JAVA", "LIBRARY", "OPERATOR", "INDEXTYPE", "DIMENSION",
    "PROFILE", "ROLLBACK", "SCHEMA", "EDITION", "OUTLINE", "FLASHBACK", "RESTORE", "PFILE", "SPFILE", "CONTROLFILE",
    "DISKGROUP", "AUDIT", "LOCKDOWN", "PLUGGABLE", "ANALYTIC", "ATTRIBUTE", "HIERARCHY", "INMEMORY", "DOMAIN",
    "USECASE", "PROPERTY", "MLE", "LOGICAL", "PRIVATE", "SYSTEM", "RESOURCE", "GLOBALLY", "SESSION", "PUBLIC",
    "ASSERTION", "VECTOR",
];

/// Words that begin a property or a constraint of a column, and so end an expression in front of them.
#[rustfmt::skip]
const COLUMN_PROPERTIES: &[&str] = &[
    "CONSTRAINT", "PRIMARY", "UNIQUE", "CHECK", "REFERENCES", "ENABLE", "DISABLE", "GENERATED", "ENCRYPT", "VISIBLE",
    "INVISIBLE", "SORT", "ANNOTATIONS",
];

/// Words that end the attributes of USING INDEX.
#[rustfmt::skip]
const AFTER_USING_INDEX: &[&str] = &[
    "ENABLE", "DISABLE", "VALIDATE", "NOVALIDATE", "RELY", "NORELY", "DEFERRABLE", "INITIALLY", "EXCEPTIONS",
    "CONSTRAINT", "NOT", "NULL", "PRIMARY", "UNIQUE", "CHECK", "REFERENCES", "FOREIGN", "DEFAULT", "ADD", "MODIFY",
    "DROP", "RENAME", "CASCADE",
];

struct Parser<'a> {
    source: &'a str,
    context: &'a Context,
    /// Without comments and the final semicolon.
    tokens: Vec<Token<'a>>,
    at: usize,
    /// Indexes that USING INDEX (CREATE INDEX …) made.
    indexes: Vec<Index>,
}

impl<'a> Parser<'a> {
    fn new(source: &'a str, context: &'a Context) -> Self {
        let mut tokens: Vec<_> = Lexer::new(source).filter(|token| token.kind != TokenKind::Comment).collect();
        if tokens.last().is_some_and(|token| token.is_symbol(";")) {
            tokens.pop();
        }
        Parser { source, context, tokens, at: 0, indexes: Vec::new() }
    }

    // --- Tokens

    fn peek(&self) -> Option<&Token<'a>> {
        self.tokens.get(self.at)
    }

    fn is(&self, word: &str) -> bool {
        self.is_at(0, word)
    }

    fn is_at(&self, ahead: usize, word: &str) -> bool {
        self.tokens.get(self.at + ahead).is_some_and(|token| token.is_word(word))
    }

    fn is_any(&self, words: &[&str]) -> bool {
        words.iter().any(|word| self.is(word))
    }

    fn is_symbol(&self, symbol: &str) -> bool {
        self.is_symbol_at(0, symbol)
    }

    fn is_symbol_at(&self, ahead: usize, symbol: &str) -> bool {
        self.tokens.get(self.at + ahead).is_some_and(|token| token.is_symbol(symbol))
    }

    fn at_end(&self) -> bool {
        self.at >= self.tokens.len()
    }

    /// Takes these words, if they are all there.
    fn words(&mut self, words: &[&str]) -> bool {
        let there = words.iter().enumerate().all(|(ahead, word)| self.is_at(ahead, word));
        if there {
            self.at += words.len();
        }
        there
    }

    fn word(&mut self, word: &str) -> bool {
        self.words(&[word])
    }

    fn any_word(&mut self, words: &[&str]) -> bool {
        words.iter().any(|word| self.word(word))
    }

    fn symbol(&mut self, symbol: &str) -> bool {
        let there = self.is_symbol(symbol);
        self.at += usize::from(there);
        there
    }

    fn expected<T>(&self, what: &str) -> Parsed<T> {
        let offset = self.peek().map_or(self.source.trim_end().len(), |token| token.offset);
        Err(SyntaxError {
            offset,
            message: format!("expected {what}, found {}", found(self.peek())),
            unsupported: false,
        })
    }

    fn unsupported<T>(&self, message: &str) -> Parsed<T> {
        let offset = self.peek().map_or(0, |token| token.offset);
        Err(SyntaxError { offset, message: message.to_owned(), unsupported: true })
    }

    fn expect(&mut self, word: &str) -> Parsed<()> {
        if self.word(word) { Ok(()) } else { self.expected(word) }
    }

    fn expect_symbol(&mut self, symbol: &str) -> Parsed<()> {
        if self.symbol(symbol) { Ok(()) } else { self.expected(&format!("\"{symbol}\"")) }
    }

    fn expect_end(&self) -> Parsed<()> {
        if self.at_end() { Ok(()) } else { self.expected("the end of the statement") }
    }

    /// A token that is none is an error wherever it stands, but in stored code, which is not looked into.
    fn check_tokens(&self) -> Parsed<()> {
        match self.tokens.iter().find(|token| token.kind == TokenKind::Error) {
            None => Ok(()),
            Some(token) => {
                let message = if token.text.chars().count() == 1 {
                    format!("expected no such character here: {}", token.text)
                } else {
                    "a quote or a comment has no end".to_owned()
                };
                Err(SyntaxError { offset: token.offset, message, unsupported: false })
            }
        }
    }

    // --- Names, numbers, texts

    fn ident(&mut self, what: &str) -> Parsed<OracleIdent> {
        let Some(&token) = self.peek() else { return self.expected(what) };
        let name = match token.kind {
            TokenKind::QuotedIdent => token.text[1..token.text.len() - 1].to_owned(),
            TokenKind::Word if !RESERVED.iter().any(|word| token.is_word(word)) => upper(token.text),
            _ => return self.expected(what),
        };
        match OracleIdent::new(name) {
            Ok(ident) => {
                self.at += 1;
                Ok(ident)
            }
            Err(e) => Err(SyntaxError { offset: token.offset, message: e.to_string(), unsupported: false }),
        }
    }

    fn path(&mut self, what: &str) -> Parsed<ObjectPath> {
        let first = self.ident(what)?;
        if self.symbol(".") {
            return Ok(ObjectPath { schema: first, name: self.ident(what)? });
        }
        Ok(ObjectPath { schema: self.context.schema.clone(), name: first })
    }

    /// `(a, b, c)`.
    fn column_list(&mut self) -> Parsed<Vec<OracleIdent>> {
        self.expect_symbol("(")?;
        let mut columns = vec![self.ident("a column name")?];
        while self.symbol(",") {
            columns.push(self.ident("a column name")?);
        }
        if !self.symbol(")") {
            return self.expected("\",\" or \")\"");
        }
        Ok(columns)
    }

    /// A whole number, with its sign.
    fn integer(&mut self, what: &str) -> Parsed<i128> {
        let start = self.at;
        let negative = self.symbol("-");
        if !negative {
            self.symbol("+");
        }
        let number =
            self.peek().filter(|token| token.kind == TokenKind::Number).and_then(|token| whole_number(token.text));
        match number {
            Some(number) => {
                self.at += 1;
                Ok(if negative { -number } else { number })
            }
            None => {
                self.at = start;
                self.expected(what)
            }
        }
    }

    /// A whole number of a range, such as a length or a precision.
    fn bounded<T: TryFrom<i128>>(&mut self, what: &str, min: i128, max: i128) -> Parsed<T> {
        let start = self.at;
        let expectation = format!("{what} from {min} to {max}");
        let number = self.integer(&expectation)?;
        match T::try_from(number) {
            Ok(value) if (min..=max).contains(&number) => Ok(value),
            _ => {
                self.at = start;
                self.expected(&expectation)
            }
        }
    }

    fn text(&mut self, what: &str) -> Parsed<String> {
        match self.peek().and_then(Token::text_value) {
            Some(text) => {
                self.at += 1;
                Ok(text)
            }
            None => self.expected(what),
        }
    }

    /// The source from one token on to in front of another.
    fn slice(&self, from: usize, to: usize) -> &'a str {
        match (self.tokens.get(from), to.checked_sub(1).and_then(|last| self.tokens.get(last))) {
            (Some(first), Some(last)) if from < to => &self.source[first.offset..last.end()],
            _ => "",
        }
    }

    /// Skips a pair of parentheses with all that is in them, and gives what is between as written.
    fn parenthesized(&mut self) -> Parsed<&'a str> {
        self.expect_symbol("(")?;
        let from = self.at;
        let mut depth = 1;
        while let Some(token) = self.tokens.get(self.at) {
            match (token.kind, token.text) {
                (TokenKind::Symbol, "(") => depth += 1,
                (TokenKind::Symbol, ")") => depth -= 1,
                _ => {}
            }
            if depth == 0 {
                let inner = self.slice(from, self.at);
                self.at += 1;
                return Ok(inner);
            }
            self.at += 1;
        }
        self.expected("\")\"")
    }

    /// An expression as written: up to a `,` or `)` of this level, or a word that goes on with the column.
    fn expression(&mut self, what: &str) -> Parsed<&'a str> {
        let from = self.at;
        let mut cases = 0usize;
        while let Some(token) = self.peek() {
            let first = self.at == from;
            if token.is_symbol(",") || token.is_symbol(")") {
                break;
            }
            if token.is_symbol("(") {
                self.parenthesized()?;
                continue;
            }
            if token.is_word("CASE") {
                cases += 1;
            } else if token.is_word("END") {
                cases = cases.saturating_sub(1);
            } else if cases == 0 && !first && self.goes_on_with_column() {
                break;
            }
            self.at += 1;
        }
        if self.at == from {
            return self.expected(what);
        }
        Ok(self.slice(from, self.at))
    }

    /// Behind an operand: whether the next token belongs to the column again and not to its default.
    fn goes_on_with_column(&self) -> bool {
        let previous = &self.tokens[self.at - 1];
        let operand = match previous.kind {
            TokenKind::Symbol => previous.text == ")",
            TokenKind::Word => !["IS", "NOT", "AND", "OR", "LIKE", "BETWEEN", "IN"].iter().any(|w| previous.is_word(w)),
            _ => true,
        };
        operand
            && ((self.is("NOT") && (self.is_at(1, "NULL") || self.is_at(1, "DEFERRABLE")))
                || self.is("NULL")
                || self.is_any(COLUMN_PROPERTIES)
                || self.is_any(&["ADD", "MODIFY", "DROP", "RENAME"])
                || (self.is("WITH") && self.is_at(1, "ROWID")))
    }

    // --- Statements

    fn statement(mut self) -> Parsed<Statement> {
        let statement = if self.word("CREATE") {
            return self.create();
        } else if self.word("ALTER") {
            self.alter()
        } else if self.word("DROP") {
            self.drop_object()
        } else if self.word("COMMENT") {
            self.check_tokens()?;
            self.comment()
        } else if self.word("RENAME") {
            let path = self.path("a name")?;
            self.expect("TO")?;
            Ok(Statement::Rename { path, to: self.ident("a new name")? })
        } else {
            self.expect("CONNECT")?;
            if self.symbol("/") {
                return Ok(Statement::Other);
            }
            Ok(Statement::SetSchema(self.ident("a user name")?))
        }?;
        if !matches!(statement, Statement::Other) {
            self.expect_end()?;
        }
        Ok(statement)
    }

    fn if_not_exists(&mut self) -> bool {
        self.words(&["IF", "NOT", "EXISTS"])
    }

    fn create(mut self) -> Parsed<Statement> {
        let replace = self.words(&["OR", "REPLACE"]);
        if self.word("AND") {
            self.any_word(&["RESOLVE", "COMPILE"]);
        }
        loop {
            if !(self.any_word(&["EDITIONABLE", "NONEDITIONABLE", "EDITIONING", "FORCE", "NOFORCE"])
                || self.words(&["NO", "FORCE"]))
            {
                break;
            }
        }
        if let Some(kind) = self.code_kind() {
            return self.create_code(kind, replace);
        }
        if self.is_any(OTHER_OBJECTS) && !(self.is("PUBLIC") && self.is_at(1, "SYNONYM")) {
            return Ok(Statement::Other);
        }
        self.check_tokens()?;
        let at = self.at;
        let public = self.word("PUBLIC");
        if self.word("SYNONYM") {
            return self.create_synonym(public, replace);
        }
        let temporary = self.words(&["GLOBAL", "TEMPORARY"]);
        while self.any_word(&["IMMUTABLE", "BLOCKCHAIN", "SHARDED", "DUPLICATED"]) {}
        if self.word("TABLE") {
            return self.create_table(temporary);
        }
        self.at = at;
        if self.word("VIEW") {
            return self.create_view(replace);
        }
        if self.word("SEQUENCE") {
            let if_not_exists = self.if_not_exists();
            let path = self.path("a sequence name")?;
            if self.word("SHARING") {
                self.expect_symbol("=")?;
                self.at += 1;
            }
            let options = self.sequence_options()?;
            self.expect_end()?;
            return Ok(Statement::CreateSequence { path, options, if_not_exists });
        }
        if self.is_any(&["UNIQUE", "BITMAP", "MULTIVALUE", "INDEX"]) {
            let if_not_exists = self.is_at(1, "IF") || self.is_at(2, "IF");
            let index = self.index(false)?;
            return Ok(Statement::CreateIndex { index, if_not_exists });
        }
        self.expected("TABLE, INDEX, SEQUENCE, VIEW, SYNONYM, PROCEDURE or another kind of object")
    }

    fn code_kind(&mut self) -> Option<CodeKind> {
        let at = self.at;
        let kinds: [(&[&str], CodeKind); 7] = [
            (&["PACKAGE", "BODY"], CodeKind::PackageBody),
            (&["TYPE", "BODY"], CodeKind::TypeBody),
            (&["PACKAGE"], CodeKind::Package),
            (&["TYPE"], CodeKind::Type),
            (&["PROCEDURE"], CodeKind::Procedure),
            (&["FUNCTION"], CodeKind::Function),
            (&["TRIGGER"], CodeKind::Trigger),
        ];
        let found = kinds.iter().find(|(words, _)| self.words(words)).map(|(_, kind)| *kind);
        if found.is_none() {
            self.at = at;
        }
        found
    }

    fn create_code(mut self, kind: CodeKind, replace: bool) -> Parsed<Statement> {
        let words = if matches!(kind, CodeKind::PackageBody | CodeKind::TypeBody) { 2 } else { 1 };
        let start = self.tokens[self.at - words].offset;
        let if_not_exists = self.if_not_exists();
        let path = self.path("a name")?;
        if self.at_end() && kind != CodeKind::Type {
            return self.expected("what it does");
        }
        let table = if kind == CodeKind::Trigger { self.trigger_table()? } else { None };
        let source = self.source[start..].trim_end().to_owned();
        Ok(Statement::CreateCode { code: StoredCode { path, kind, source, table }, replace, if_not_exists })
    }

    /// Behind a trigger's name: the table or view it is on. A trigger on a schema or the database has none.
    fn trigger_table(&mut self) -> Parsed<Option<ObjectPath>> {
        while !self.at_end() && !self.is_any(&["ON", "BEGIN", "DECLARE", "COMPOUND"]) {
            self.at += 1;
        }
        if !self.word("ON") {
            return self.expected("ON and the trigger's table");
        }
        if self.words(&["NESTED", "TABLE"]) {
            self.ident("a column name")?;
            self.expect("OF")?;
        }
        if self.is_any(&["SCHEMA", "DATABASE"]) || (self.is("PLUGGABLE") && self.is_at(1, "DATABASE")) {
            return Ok(None);
        }
        if self.is_symbol_at(1, ".") && self.is_at(2, "SCHEMA") {
            return Ok(None);
        }
        Ok(Some(self.path("the trigger's table")?))
    }

    fn create_synonym(mut self, public: bool, replace: bool) -> Parsed<Statement> {
        let if_not_exists = self.if_not_exists();
        let mut path = self.path("a synonym name")?;
        if public {
            path.schema = OracleIdent::new("PUBLIC").unwrap_or(path.schema);
        }
        if self.word("SHARING") {
            self.expect_symbol("=")?;
            self.at += 1;
        }
        self.expect("FOR")?;
        let target = self.path("the name that the synonym stands for")?;
        let db_link = if self.symbol("@") {
            let from = self.at;
            self.ident("a database link")?;
            while self.symbol(".") || self.symbol("@") {
                self.ident("a database link")?;
            }
            let link = self.slice(from, self.at);
            Some(if link.contains('"') { link.to_owned() } else { upper(link) })
        } else {
            None
        };
        self.expect_end()?;
        Ok(Statement::CreateSynonym { synonym: Synonym { path, target, db_link }, replace, if_not_exists })
    }

    fn create_view(mut self, replace: bool) -> Parsed<Statement> {
        let if_not_exists = self.if_not_exists();
        let path = self.path("a view name")?;
        let mut columns = Vec::new();
        if self.symbol("(") {
            loop {
                if self.begins_constraint() {
                    self.table_constraint()?;
                } else {
                    columns.push(self.ident("a column name")?);
                    self.any_word(&["VISIBLE", "INVISIBLE"]);
                    while let Some(_constraint) = self.column_constraint(None)? {}
                }
                if !self.symbol(",") {
                    break;
                }
            }
            if !self.symbol(")") {
                return self.expected("\",\" or \")\"");
            }
        }
        if self.is("OF") {
            return self.unsupported("an object view (OF type) cannot be described by the catalog");
        }
        // DEFAULT COLLATION, BEQUEATH, CONTAINER_MAP and their like change nothing here.
        while !self.at_end() && !self.is("AS") {
            if !self.is_any(&["DEFAULT", "BEQUEATH", "SHARING", "CONTAINER_MAP", "CONTAINERS_DEFAULT"]) {
                return self.expected("AS");
            }
            while !self.at_end() && !self.is("AS") {
                self.at += 1;
            }
        }
        self.expect("AS")?;
        let from = self.at;
        if !(self.is_any(&["SELECT", "WITH", "TABLE", "VALUES", "FROM"]) || self.is_symbol("(")) {
            return self.expected("a query");
        }
        let mut end = self.tokens.len();
        let mut read_only = false;
        let is = |at: usize, word: &str| self.tokens.get(at).is_some_and(|token| token.is_word(word));
        let mut tail = end;
        if end >= from + 5 && is(end - 2, "CONSTRAINT") {
            tail -= 2;
        }
        if tail >= from + 4 && is(tail - 3, "WITH") {
            if is(tail - 2, "READ") && is(tail - 1, "ONLY") {
                read_only = true;
                end = tail - 3;
            } else if is(tail - 2, "CHECK") && is(tail - 1, "OPTION") {
                end = tail;
            }
        }
        let query = self.slice(from, end).to_owned();
        Ok(Statement::CreateView {
            view: View { path, columns, query, read_only, comment: None },
            replace,
            if_not_exists,
        })
    }

    /// From `[UNIQUE | BITMAP] INDEX` on; `nested` inside the parentheses of USING INDEX.
    fn index(&mut self, nested: bool) -> Parsed<Index> {
        let unique = self.word("UNIQUE");
        let bitmap = !unique && self.word("BITMAP");
        if self.is("MULTIVALUE") {
            return self.unsupported("a multivalue index cannot be described by the catalog");
        }
        self.expect("INDEX")?;
        self.if_not_exists();
        let path = self.path("an index name")?;
        self.expect("ON")?;
        if self.is("CLUSTER") && !self.is_symbol_at(1, "(") {
            return self.unsupported("an index on a cluster cannot be described by the catalog");
        }
        let table = self.path("a table name")?;
        if !self.is_symbol("(") {
            self.ident("\"(\"")?;
        }
        self.expect_symbol("(")?;
        let mut columns = Vec::new();
        loop {
            columns.push(self.index_column()?);
            if !self.symbol(",") {
                break;
            }
        }
        if !self.symbol(")") {
            return self.expected("\",\" or \")\"");
        }
        if self.is("FROM") {
            return self.unsupported("a bitmap join index cannot be described by the catalog");
        }
        while !(self.at_end() || (nested && self.is_symbol(")"))) {
            if self.is("INDEXTYPE") {
                return self.unsupported("a domain index (INDEXTYPE IS) cannot be described by the catalog");
            }
            self.skip_property()?;
        }
        Ok(Index { path, table, unique, bitmap, columns, backs_constraint: false })
    }

    fn index_column(&mut self) -> Parsed<IndexColumn> {
        let from = self.at;
        while let Some(token) = self.peek() {
            if token.is_symbol(",") || token.is_symbol(")") {
                break;
            }
            if token.is_symbol("(") {
                self.parenthesized()?;
                continue;
            }
            self.at += 1;
        }
        let mut end = self.at;
        let mut descending = false;
        if end > from + 1 && (self.tokens[end - 1].is_word("ASC") || self.tokens[end - 1].is_word("DESC")) {
            descending = self.tokens[end - 1].is_word("DESC");
            end -= 1;
        }
        if end == from {
            return self.expected("a column or an expression");
        }
        let key = if end == from + 1 && matches!(self.tokens[from].kind, TokenKind::Word | TokenKind::QuotedIdent) {
            let after = std::mem::replace(&mut self.at, from);
            let column = self.ident("a column name")?;
            self.at = after;
            IndexKey::Column(column)
        } else {
            IndexKey::Expression(self.slice(from, end).to_owned())
        };
        Ok(IndexColumn { key, descending })
    }

    /// Skips one word, mark or pair of parentheses of clauses that say how something is stored.
    fn skip_property(&mut self) -> Parsed<()> {
        if self.is_symbol("(") {
            self.parenthesized()?;
        } else if self.is_symbol(")") || self.is_symbol(";") || self.begins_statement() {
            return self.expected("the end of the statement");
        } else {
            self.at += 1;
        }
        Ok(())
    }

    /// Whether this can only be the beginning of another statement, in front of which the semicolon is missing.
    fn begins_statement(&self) -> bool {
        self.is("CREATE")
            || (self.is("ALTER") && self.is_at(1, "TABLE"))
            || (self.is("COMMENT") && self.is_at(1, "ON"))
            || (self.is("INSERT") && self.is_at(1, "INTO"))
    }

    fn create_table(mut self, temporary: bool) -> Parsed<Statement> {
        let if_not_exists = self.if_not_exists();
        let path = self.path("a table name")?;
        let kind = if temporary { TableKind::GlobalTemporary } else { TableKind::Heap };
        let mut table = Table { path, kind, columns: Vec::new(), constraints: Vec::new(), comment: None };
        let mut not_null_names = Vec::new();
        if self.word("SHARING") {
            self.expect_symbol("=")?;
            self.at += 1;
        }
        if self.is("OF") {
            return self.unsupported("an object table (OF type) cannot be described by the catalog");
        }
        if self.is("AS") {
            return self.created_as_query();
        }
        self.expect_symbol("(")?;
        let mut key_columns = Vec::new();
        loop {
            match self.table_element()? {
                Element::Column(spec) => {
                    if table.column(&spec.name).is_some() {
                        self.at -= 1;
                        return self.expected(&format!("another name: column {} is there twice", spec.name));
                    }
                    if let Some(name) = &spec.not_null_name {
                        not_null_names.push(NotNullName { name: name.clone(), column: spec.name.clone() });
                    }
                    let (column, constraints) = new_column(spec);
                    table.columns.push(column);
                    key_columns.extend(constraints);
                }
                Element::Constraint(constraint) => key_columns.push(constraint),
                Element::Nothing => {}
            }
            if !self.symbol(",") {
                break;
            }
        }
        if !self.symbol(")") {
            return self.expected("a constraint, DEFAULT, \",\" or \")\"");
        }
        table.constraints = key_columns;
        while !self.at_end() {
            if self.words(&["ORGANIZATION", "INDEX"]) {
                table.kind = TableKind::IndexOrganized;
            } else if self.words(&["ORGANIZATION", "EXTERNAL"]) || self.words(&["EXTERNAL"]) {
                table.kind = TableKind::External;
            } else if self.is("AS") && self.at_query(1) {
                return self.created_as_query();
            } else {
                self.skip_property()?;
            }
        }
        let indexes = std::mem::take(&mut self.indexes);
        Ok(Statement::CreateTable(CreateTable { table, indexes, not_null_names, if_not_exists }))
    }

    /// Whether a query begins so many tokens ahead, in parentheses or not.
    fn at_query(&self, mut ahead: usize) -> bool {
        while self.is_symbol_at(ahead, "(") {
            ahead += 1;
        }
        self.is_at(ahead, "SELECT") || self.is_at(ahead, "WITH")
    }

    fn created_as_query<T>(&self) -> Parsed<T> {
        self.unsupported(
            "CREATE TABLE … AS: the columns follow from a query, which only the database can tell; give the table as DBMS_METADATA prints it",
        )
    }

    fn table_element(&mut self) -> Parsed<Element> {
        if self.begins_constraint() {
            return Ok(match self.table_constraint()? {
                Some(constraint) => Element::Constraint(constraint),
                None => Element::Nothing,
            });
        }
        let log_group = self.is("SUPPLEMENTAL") && self.is_at(1, "LOG");
        let period = self.is("PERIOD") && self.is_at(1, "FOR");
        let scope = self.is("SCOPE") && (self.is_at(1, "FOR") || self.is_symbol_at(1, "("));
        let reference = self.is("REF") && self.is_symbol_at(1, "(");
        if log_group || period || scope || reference {
            while !(self.at_end() || self.is_symbol(",") || self.is_symbol(")")) {
                self.skip_property()?;
            }
            return Ok(Element::Nothing);
        }
        Ok(Element::Column(self.column_spec(true)?))
    }

    // --- Columns

    fn column_spec(&mut self, new: bool) -> Parsed<ColumnSpec> {
        let name = self.ident(if new { "a column or a constraint" } else { "a column name" })?;
        let mut spec = ColumnSpec {
            name,
            oracle_type: None,
            default: None,
            virtual_expression: None,
            identity: None,
            drop_identity: false,
            nullable: None,
            not_null_name: None,
            constraints: Vec::new(),
        };
        let typed = !(self.at_end()
            || self.is_symbol(",")
            || self.is_symbol(")")
            || self.is_any(COLUMN_PROPERTIES)
            || self.is_any(&["DEFAULT", "NOT", "NULL", "AS", "DROP", "COLLATE", "DECRYPT"]));
        if typed {
            spec.oracle_type = Some(self.data_type()?);
        } else if new && !self.is_any(&["REFERENCES", "CONSTRAINT", "AS", "GENERATED"]) {
            return self.expected("a data type");
        }
        while self.column_property(&mut spec)? {}
        if new && spec.oracle_type.is_none() {
            let referring = spec.constraints.iter().any(|c| matches!(c.kind, ConstraintKind::ForeignKey { .. }));
            if spec.virtual_expression.is_none() && !referring {
                return self.expected("a data type");
            }
            spec.oracle_type = Some(OracleType::Other { owner: None, name: UNDEFINED_TYPE.to_owned() });
        }
        Ok(spec)
    }

    fn column_property(&mut self, spec: &mut ColumnSpec) -> Parsed<bool> {
        if self.word("DEFAULT") {
            if self.words(&["ON", "NULL"]) {
                spec.nullable = Some(false);
                if self.word("FOR") {
                    self.expect("INSERT")?;
                    if !self.words(&["AND", "UPDATE"]) {
                        self.expect("ONLY")?;
                    }
                }
            }
            spec.default = Some(self.expression("a default value")?.to_owned());
            return Ok(true);
        }
        if self.is("GENERATED") || (self.is("AS") && (self.is_symbol_at(1, "(") || self.is_at(1, "IDENTITY"))) {
            let mut identity = Identity::Always;
            if self.word("GENERATED") {
                if self.words(&["BY", "DEFAULT"]) {
                    identity = Identity::ByDefault;
                    self.words(&["ON", "NULL"]);
                } else {
                    self.word("ALWAYS");
                }
            }
            self.expect("AS")?;
            if self.word("IDENTITY") {
                spec.identity = Some(identity);
                spec.nullable = Some(false);
                let parenthesized = self.symbol("(");
                self.sequence_options()?;
                if parenthesized {
                    self.expect_symbol(")")?;
                }
            } else if self.is_symbol("(") {
                spec.virtual_expression = Some(self.parenthesized()?.to_owned());
                self.word("VIRTUAL");
                if self.words(&["EVALUATE", "USING"]) {
                    self.at += 2;
                }
            } else {
                return self.expected("IDENTITY or \"(\"");
            }
            return Ok(true);
        }
        if self.any_word(&["VIRTUAL", "VISIBLE", "INVISIBLE", "SORT", "DECRYPT", "RESERVABLE"]) {
            return Ok(true);
        }
        if self.word("COLLATE") {
            self.ident("a collation")?;
            return Ok(true);
        }
        if self.words(&["DROP", "IDENTITY"]) {
            spec.drop_identity = true;
            return Ok(true);
        }
        if self.word("ENCRYPT") {
            loop {
                let value_follows = self.word("USING") || self.words(&["IDENTIFIED", "BY"]);
                if value_follows || self.peek().is_some_and(|token| token.kind == TokenKind::Text) {
                    self.at += 1;
                } else if !(self.words(&["NO", "SALT"]) || self.word("SALT")) {
                    break;
                }
            }
            return Ok(true);
        }
        if self.words(&["WITH", "ROWID"]) {
            return Ok(true);
        }
        if self.words(&["SCOPE", "IS"]) {
            self.path("a table name")?;
            return Ok(true);
        }
        if self.word("ANNOTATIONS") {
            self.parenthesized()?;
            return Ok(true);
        }
        let name = spec.name.clone();
        match self.column_constraint(Some(&name))? {
            None => Ok(false),
            Some(InlineConstraint::Nullable { nullable, name }) => {
                // NOT NULL of an identity or DEFAULT ON NULL column stays.
                spec.nullable = Some(nullable);
                spec.not_null_name = name;
                Ok(true)
            }
            Some(InlineConstraint::Other(constraint)) => {
                spec.constraints.extend(constraint);
                Ok(true)
            }
        }
    }

    /// A constraint behind a column, which a view may have without one to apply it to.
    fn column_constraint(&mut self, column: Option<&OracleIdent>) -> Parsed<Option<InlineConstraint>> {
        let begins = self.is_any(&["CONSTRAINT", "PRIMARY", "UNIQUE", "CHECK", "REFERENCES", "NULL"])
            || (self.is("NOT") && self.is_at(1, "NULL"));
        if !begins {
            return Ok(None);
        }
        let name = if self.word("CONSTRAINT") { Some(self.ident("a constraint name")?) } else { None };
        let columns = || column.cloned().into_iter().collect::<Vec<_>>();
        if self.words(&["NOT", "NULL"]) {
            let constraint = self.with_state(name, ConstraintKind::Check { condition: String::new() })?;
            let nullable = !(constraint.enabled && constraint.validated && !constraint.deferrable);
            return Ok(Some(InlineConstraint::Nullable { nullable, name: constraint.name }));
        }
        if self.word("NULL") {
            return Ok(Some(InlineConstraint::Nullable { nullable: true, name: None }));
        }
        let kind = if self.words(&["PRIMARY", "KEY"]) {
            ConstraintKind::PrimaryKey { columns: columns() }
        } else if self.word("UNIQUE") {
            ConstraintKind::Unique { columns: columns() }
        } else if self.word("CHECK") {
            ConstraintKind::Check { condition: self.parenthesized()?.to_owned() }
        } else if self.is("REFERENCES") {
            self.references(columns())?
        } else {
            return self.expected("NOT NULL, PRIMARY KEY, UNIQUE, CHECK or REFERENCES");
        };
        let constraint = self.with_state(name, kind)?;
        Ok(Some(InlineConstraint::Other(column.map(|_| constraint))))
    }

    // --- Constraints

    fn begins_constraint(&self) -> bool {
        let kind = |at: usize| {
            (self.is_at(at, "PRIMARY") && self.is_at(at + 1, "KEY"))
                || (self.is_at(at, "FOREIGN") && self.is_at(at + 1, "KEY"))
                || self.is_at(at, "UNIQUE")
                || self.is_at(at, "CHECK")
                || (self.is_at(at, "REF") && self.is_symbol_at(at + 1, "("))
        };
        // CONSTRAINT is no reserved word: a column may have that name.
        kind(0) || (self.is("CONSTRAINT") && (kind(2) || !self.column_called_constraint()))
    }

    fn column_called_constraint(&self) -> bool {
        let types = ["NUMBER", "VARCHAR2", "CHAR", "NVARCHAR2", "VARCHAR", "DATE", "INTEGER", "TIMESTAMP", "CLOB"];
        types.iter().any(|word| self.is_at(1, word))
    }

    /// An out-of-line constraint; `None` for one on a REF column, which the catalog does not describe.
    fn table_constraint(&mut self) -> Parsed<Option<Constraint>> {
        let name = if self.word("CONSTRAINT") { Some(self.ident("a constraint name")?) } else { None };
        let kind = if self.words(&["PRIMARY", "KEY"]) {
            ConstraintKind::PrimaryKey { columns: self.column_list()? }
        } else if self.word("UNIQUE") {
            ConstraintKind::Unique { columns: self.column_list()? }
        } else if self.words(&["FOREIGN", "KEY"]) {
            let columns = self.column_list()?;
            if !self.is("REFERENCES") {
                return self.expected("REFERENCES");
            }
            self.references(columns)?
        } else if self.word("CHECK") {
            ConstraintKind::Check { condition: self.parenthesized()?.to_owned() }
        } else if self.word("REF") {
            self.parenthesized()?;
            self.words(&["WITH", "ROWID"]);
            return Ok(None);
        } else {
            return self.expected("PRIMARY KEY, UNIQUE, FOREIGN KEY or CHECK");
        };
        Ok(Some(self.with_state(name, kind)?))
    }

    fn references(&mut self, columns: Vec<OracleIdent>) -> Parsed<ConstraintKind> {
        self.expect("REFERENCES")?;
        let references = self.path("a table name")?;
        let referenced_columns = if self.is_symbol("(") { self.column_list()? } else { Vec::new() };
        if !referenced_columns.is_empty() && !columns.is_empty() && referenced_columns.len() != columns.len() {
            self.at -= 1;
            return self.expected(&format!("as many columns as refer to them ({})", columns.len()));
        }
        let on_delete = if !self.words(&["ON", "DELETE"]) {
            OnDelete::NoAction
        } else if self.word("CASCADE") {
            OnDelete::Cascade
        } else if self.words(&["SET", "NULL"]) {
            OnDelete::SetNull
        } else {
            return self.expected("CASCADE or SET NULL");
        };
        Ok(ConstraintKind::ForeignKey { columns, references, referenced_columns, on_delete })
    }

    fn with_state(&mut self, name: Option<OracleIdent>, kind: ConstraintKind) -> Parsed<Constraint> {
        let state = self.constraint_state()?;
        let enabled = state.enabled.unwrap_or(true);
        Ok(Constraint {
            name,
            kind,
            enabled,
            validated: state.validated.unwrap_or(enabled),
            deferrable: state.deferrable.unwrap_or(false),
            initially_deferred: state.initially_deferred.unwrap_or(false),
        })
    }

    fn constraint_state(&mut self) -> Parsed<StateChange> {
        let mut state = StateChange::default();
        loop {
            if self.word("ENABLE") {
                state.enabled = Some(true);
            } else if self.word("DISABLE") {
                state.enabled = Some(false);
            } else if self.word("VALIDATE") {
                state.validated = Some(true);
            } else if self.word("NOVALIDATE") {
                state.validated = Some(false);
            } else if self.words(&["NOT", "DEFERRABLE"]) {
                state.deferrable = Some(false);
            } else if self.word("DEFERRABLE") {
                state.deferrable = Some(true);
            } else if self.words(&["INITIALLY", "DEFERRED"]) {
                state.initially_deferred = Some(true);
                state.deferrable = Some(state.deferrable.unwrap_or(true));
            } else if self.words(&["INITIALLY", "IMMEDIATE"]) {
                state.initially_deferred = Some(false);
            } else if self.words(&["USING", "INDEX"]) {
                self.using_index()?;
            } else if self.words(&["EXCEPTIONS", "INTO"]) {
                self.path("a table name")?;
            } else if !self.any_word(&["RELY", "NORELY", "PRECHECK", "NOPRECHECK"]) {
                return Ok(state);
            }
        }
    }

    fn using_index(&mut self) -> Parsed<()> {
        if self.is_symbol("(") && self.is_at(1, "CREATE") {
            self.at += 2;
            let index = self.index(true)?;
            self.indexes.push(index);
            return self.expect_symbol(")");
        }
        while !(self.at_end() || self.is_symbol(",") || self.is_symbol(")") || self.is_any(AFTER_USING_INDEX)) {
            if self.word("TABLESPACE") && !self.at_end() {
                self.at += 1;
            } else {
                self.skip_property()?;
            }
        }
        Ok(())
    }

    // --- Types

    fn data_type(&mut self) -> Parsed<OracleType> {
        let Some(&token) = self.peek() else { return self.expected("a data type") };
        if token.kind == TokenKind::QuotedIdent || self.is_symbol_at(1, ".") {
            return self.named_type();
        }
        if token.kind != TokenKind::Word {
            return self.expected("a data type");
        }
        self.at += 1;
        let unit = self.context.length_unit;
        Ok(match token.text.to_ascii_uppercase().as_str() {
            "NUMBER" => self.number_type(None)?,
            "NUMERIC" | "DECIMAL" | "DEC" => self.number_type(Some(0))?,
            "INTEGER" | "INT" | "SMALLINT" => OracleType::Number { precision: None, scale: Some(0) },
            "FLOAT" => {
                OracleType::Float { binary_precision: self.in_parentheses("a precision", 1, 126)?.unwrap_or(126) }
            }
            "REAL" => OracleType::Float { binary_precision: 63 },
            "DOUBLE" => {
                self.expect("PRECISION")?;
                OracleType::Float { binary_precision: 126 }
            }
            "BINARY_FLOAT" => OracleType::BinaryFloat,
            "BINARY_DOUBLE" => OracleType::BinaryDouble,
            "CHAR" | "CHARACTER" if self.words(&["LARGE", "OBJECT"]) => OracleType::Clob,
            "CHAR" | "CHARACTER" if self.word("VARYING") => self.varchar2(unit)?,
            "CHAR" | "CHARACTER" => {
                let (length, unit) = self.char_length(2000, unit)?.unwrap_or((1, unit));
                OracleType::Char { length, unit }
            }
            "VARCHAR" | "VARCHAR2" => self.varchar2(unit)?,
            "NATIONAL" => {
                if !self.any_word(&["CHARACTER", "CHAR"]) {
                    return self.expected("CHARACTER");
                }
                if self.words(&["LARGE", "OBJECT"]) {
                    OracleType::NClob
                } else {
                    let varying = self.word("VARYING");
                    self.national(varying)?
                }
            }
            "NCHAR" => {
                let varying = self.word("VARYING");
                self.national(varying)?
            }
            "NVARCHAR2" => self.national(true)?,
            "LONG" if self.word("RAW") => OracleType::LongRaw,
            "LONG" => {
                self.word("VARCHAR");
                OracleType::Long
            }
            "RAW" => match self.in_parentheses("a length", 1, 32767)? {
                Some(length) => OracleType::Raw { length },
                None => return self.expected("\"(\" and a length"),
            },
            "CLOB" => OracleType::Clob,
            "NCLOB" => OracleType::NClob,
            "BLOB" => OracleType::Blob,
            "BFILE" => OracleType::BFile,
            "DATE" => OracleType::Date,
            "TIMESTAMP" => {
                let precision = self.in_parentheses("a precision", 0, 9)?.unwrap_or(6);
                if self.words(&["WITH", "TIME", "ZONE"]) {
                    OracleType::TimestampTz { precision }
                } else if self.words(&["WITH", "LOCAL", "TIME", "ZONE"]) {
                    OracleType::TimestampLtz { precision }
                } else {
                    OracleType::Timestamp { precision }
                }
            }
            "INTERVAL" => {
                if self.word("YEAR") {
                    let year_precision = self.in_parentheses("a precision", 0, 9)?.unwrap_or(2);
                    self.expect("TO")?;
                    self.expect("MONTH")?;
                    OracleType::IntervalYm { year_precision }
                } else if self.word("DAY") {
                    let day_precision = self.in_parentheses("a precision", 0, 9)?.unwrap_or(2);
                    self.expect("TO")?;
                    self.expect("SECOND")?;
                    let second_precision = self.in_parentheses("a precision", 0, 9)?.unwrap_or(6);
                    OracleType::IntervalDs { day_precision, second_precision }
                } else {
                    return self.expected("YEAR or DAY");
                }
            }
            "ROWID" => OracleType::RowId,
            "UROWID" => OracleType::URowId { length: self.in_parentheses("a length", 1, 4000)?.unwrap_or(4000) },
            "XMLTYPE" => OracleType::Xml,
            "JSON" => {
                if self.is_symbol("(") {
                    self.parenthesized()?;
                }
                OracleType::Json
            }
            "BOOLEAN" | "BOOL" => OracleType::Boolean,
            "VECTOR" => {
                if self.is_symbol("(") {
                    self.parenthesized()?;
                }
                OracleType::Other { owner: None, name: "VECTOR".to_owned() }
            }
            _ => {
                self.at -= 1;
                self.named_type()?
            }
        })
    }

    /// A type by its name: one of the schema, or of Oracle's own schemas.
    fn named_type(&mut self) -> Parsed<OracleType> {
        let reference = self.is("REF") && !self.is_symbol_at(1, ".") && {
            self.at += 1;
            true
        };
        let first = self.ident("a data type")?;
        let (owner, name) = if self.symbol(".") { (Some(first), self.ident("a data type")?) } else { (None, first) };
        if let Some("SYS" | "PUBLIC") = owner.as_ref().map(OracleIdent::as_str)
            && name.as_str() == "XMLTYPE"
        {
            return Ok(OracleType::Xml);
        }
        let name = if reference { format!("REF {name}") } else { name.into() };
        Ok(OracleType::Other { owner: owner.map(String::from), name })
    }

    fn number_type(&mut self, default_scale: Option<i8>) -> Parsed<OracleType> {
        if !self.symbol("(") {
            return Ok(OracleType::Number { precision: None, scale: default_scale });
        }
        let precision = if self.symbol("*") { None } else { Some(self.bounded("a precision", 1, 38)?) };
        let scale = if self.symbol(",") {
            Some(self.bounded("a scale", -84, 127)?)
        } else {
            precision.map(|_| 0).or(default_scale)
        };
        self.expect_symbol(")")?;
        Ok(OracleType::Number { precision, scale })
    }

    fn in_parentheses<T: TryFrom<i128>>(&mut self, what: &str, min: i128, max: i128) -> Parsed<Option<T>> {
        if !self.symbol("(") {
            return Ok(None);
        }
        let value = self.bounded(what, min, max)?;
        self.expect_symbol(")")?;
        Ok(Some(value))
    }

    /// `(n [BYTE | CHAR])`.
    fn char_length(&mut self, max: i128, default: LengthUnit) -> Parsed<Option<(u32, LengthUnit)>> {
        if !self.symbol("(") {
            return Ok(None);
        }
        let length = self.bounded("a length", 1, max)?;
        let unit = if self.word("BYTE") {
            LengthUnit::Byte
        } else if self.word("CHAR") {
            LengthUnit::Char
        } else {
            default
        };
        self.expect_symbol(")")?;
        Ok(Some((length, unit)))
    }

    fn varchar2(&mut self, default: LengthUnit) -> Parsed<OracleType> {
        match self.char_length(32767, default)? {
            Some((length, unit)) => Ok(OracleType::Varchar2 { length, unit }),
            None => self.expected("\"(\" and a length"),
        }
    }

    fn national(&mut self, varying: bool) -> Parsed<OracleType> {
        let max = if varying { 16383 } else { 2000 };
        match (self.in_parentheses("a length", 1, max)?, varying) {
            (Some(length), true) => Ok(OracleType::NVarchar2 { length }),
            (Some(length), false) => Ok(OracleType::NChar { length }),
            (None, false) => Ok(OracleType::NChar { length: 1 }),
            (None, true) => self.expected("\"(\" and a length"),
        }
    }

    // --- Sequences

    fn sequence_options(&mut self) -> Parsed<SequenceOptions> {
        let mut options = SequenceOptions::default();
        loop {
            if self.words(&["INCREMENT", "BY"]) {
                let at = self.at;
                let increment = self.integer("a number")?;
                if increment == 0 {
                    self.at = at;
                    return self.expected("a number other than 0");
                }
                options.increment = Some(increment);
            } else if self.words(&["START", "WITH"]) {
                if !self.words(&["LIMIT", "VALUE"]) {
                    options.start = Some(self.integer("a number")?);
                }
            } else if self.word("RESTART") {
                options.restart = true;
            } else if self.word("MAXVALUE") {
                options.max_value = Some(Some(self.integer("a number")?));
            } else if self.word("MINVALUE") {
                options.min_value = Some(Some(self.integer("a number")?));
            } else if self.word("NOMAXVALUE") {
                options.max_value = Some(None);
            } else if self.word("NOMINVALUE") {
                options.min_value = Some(None);
            } else if self.word("CYCLE") {
                options.cycle = Some(true);
            } else if self.word("NOCYCLE") {
                options.cycle = Some(false);
            } else if self.word("CACHE") {
                options.cache = Some(self.bounded("a number", 0, i128::from(u64::MAX))?);
            } else if self.word("NOCACHE") {
                options.cache = Some(0);
            } else if self.any_word(&["SCALE", "SHARD"]) {
                self.any_word(&["EXTEND", "NOEXTEND"]);
            } else if !(self.any_word(&["ORDER", "NOORDER", "KEEP", "NOKEEP", "NOSCALE", "NOSHARD", "GLOBAL"])
                || self.word("SESSION"))
            {
                return Ok(options);
            }
        }
    }

    // --- ALTER

    fn alter(&mut self) -> Parsed<Statement> {
        if self.word("TABLE") {
            self.check_tokens()?;
            return self.alter_table();
        }
        if self.word("SEQUENCE") {
            self.if_exists();
            let path = self.path("a sequence name")?;
            let options = self.sequence_options()?;
            return Ok(Statement::AlterSequence { path, options });
        }
        if self.is("INDEX") || self.is("TRIGGER") {
            let index = self.is("INDEX");
            self.at += 1;
            self.if_exists();
            let path = self.path("a name")?;
            if self.words(&["RENAME", "TO"]) {
                let to = self.ident("a new name")?;
                return Ok(if index {
                    Statement::RenameIndex { path, to }
                } else {
                    Statement::RenameTrigger { path, to }
                });
            }
            return Ok(Statement::Other);
        }
        if self.words(&["SESSION", "SET"]) {
            return self.alter_session();
        }
        let kinds = ["VIEW", "PROCEDURE", "FUNCTION", "PACKAGE", "TYPE", "SYNONYM"];
        if self.is_any(&kinds) || self.is_any(OTHER_OBJECTS) {
            return Ok(Statement::Other);
        }
        self.expected("TABLE, INDEX, SEQUENCE, SESSION or another kind of object")
    }

    fn alter_session(&mut self) -> Parsed<Statement> {
        if self.word("CURRENT_SCHEMA") {
            self.expect_symbol("=")?;
            return Ok(Statement::SetSchema(self.ident("a schema name")?));
        }
        if self.word("NLS_LENGTH_SEMANTICS") {
            self.expect_symbol("=")?;
            let value = match self.peek().and_then(Token::text_value) {
                Some(value) => value,
                None => self.peek().map_or("", |token| token.text).trim_matches('"').to_owned(),
            };
            let unit = match value.to_ascii_uppercase().as_str() {
                "CHAR" => LengthUnit::Char,
                "BYTE" => LengthUnit::Byte,
                _ => return self.expected("CHAR or BYTE"),
            };
            self.at += 1;
            return Ok(if self.at_end() { Statement::SetLengthUnit(unit) } else { Statement::Other });
        }
        Ok(Statement::Other)
    }

    fn alter_table(&mut self) -> Parsed<Statement> {
        self.if_exists();
        let table = self.path("a table name")?;
        let mut changes = Vec::new();
        if self.at_end() {
            return self.expected("ADD, MODIFY, DROP, RENAME or another clause");
        }
        while !self.at_end() {
            if self.word("ADD") {
                self.alter_add(&mut changes)?;
            } else if self.word("MODIFY") {
                self.alter_modify(&mut changes)?;
            } else if self.is("ENABLE") || self.is("DISABLE") {
                self.alter_enable(&mut changes)?;
            } else if self.word("DROP") {
                self.alter_drop(&mut changes)?;
            } else if self.words(&["SET", "UNUSED"]) {
                changes.push(TableChange::DropColumns(self.dropped_columns()?));
            } else if self.word("RENAME") {
                self.alter_rename(&mut changes)?;
            } else if self.is_any(STORAGE_CLAUSES) || self.is("SET") {
                self.skip_clauses()?;
            } else {
                return self.expected("ADD, MODIFY, DROP, RENAME or another clause");
            }
        }
        changes.extend(std::mem::take(&mut self.indexes).into_iter().map(TableChange::AddIndex));
        Ok(if changes.is_empty() { Statement::Other } else { Statement::AlterTable { table, changes } })
    }

    fn if_exists(&mut self) -> bool {
        self.words(&["IF", "EXISTS"])
    }

    /// Skips clauses about storage and partitions, to the end of the statement.
    fn skip_clauses(&mut self) -> Parsed<()> {
        while !self.at_end() {
            self.skip_property()?;
        }
        Ok(())
    }

    fn alter_add(&mut self, changes: &mut Vec<TableChange>) -> Parsed<()> {
        if self.is_any(&["PARTITION", "SUBPARTITION", "SUPPLEMENTAL", "OVERFLOW"]) {
            return self.skip_clauses();
        }
        let parenthesized = self.symbol("(");
        loop {
            match self.table_element()? {
                Element::Column(spec) => changes.push(TableChange::AddColumn(spec)),
                Element::Constraint(constraint) => changes.push(TableChange::AddConstraint(constraint)),
                Element::Nothing => {}
            }
            if !(parenthesized && self.symbol(",")) {
                break;
            }
        }
        if parenthesized && !self.symbol(")") {
            return self.expected("a constraint, DEFAULT, \",\" or \")\"");
        }
        // LOB (…) STORE AS …, COLUMN … STORE AS … of the new columns.
        if self.is_any(&["LOB", "VARRAY", "NESTED", "COLUMN", "XMLTYPE", "JSON"]) {
            self.skip_clauses()?;
        }
        Ok(())
    }

    fn alter_modify(&mut self, changes: &mut Vec<TableChange>) -> Parsed<()> {
        if self.is_any(&["CONSTRAINT", "PRIMARY", "UNIQUE"]) {
            let which = self.constraint_ref()?;
            let state = self.constraint_state()?;
            self.word("CASCADE");
            changes.push(TableChange::ConstraintState { which, state });
            return Ok(());
        }
        let storage = self.is_any(&["PARTITION", "SUBPARTITION", "LOB", "NESTED", "VARRAY", "OPAQUE", "CLUSTERING"])
            || (self.is("DEFAULT") && self.is_at(1, "ATTRIBUTES"));
        if storage {
            return self.skip_clauses();
        }
        let parenthesized = self.symbol("(");
        loop {
            changes.push(TableChange::ModifyColumn(self.column_spec(false)?));
            if !(parenthesized && self.symbol(",")) {
                break;
            }
        }
        if parenthesized && !self.symbol(")") {
            return self.expected("a constraint, DEFAULT, \",\" or \")\"");
        }
        Ok(())
    }

    fn alter_enable(&mut self, changes: &mut Vec<TableChange>) -> Parsed<()> {
        let enabled = self.is("ENABLE");
        self.at += 1;
        let mut state = StateChange { enabled: Some(enabled), validated: Some(enabled), ..StateChange::default() };
        if self.word("VALIDATE") {
            state.validated = Some(true);
        } else if self.word("NOVALIDATE") {
            state.validated = Some(false);
        }
        if !self.is_any(&["CONSTRAINT", "PRIMARY", "UNIQUE"]) {
            if self.words(&["ALL", "TRIGGERS"]) || self.words(&["TABLE", "LOCK"]) || self.words(&["ROW", "MOVEMENT"]) {
                return Ok(());
            }
            return self.expected("CONSTRAINT, PRIMARY KEY or UNIQUE");
        }
        let which = self.constraint_ref()?;
        self.constraint_state()?;
        self.word("CASCADE");
        let _ = self.words(&["KEEP", "INDEX"]) || self.words(&["DROP", "INDEX"]);
        changes.push(TableChange::ConstraintState { which, state });
        Ok(())
    }

    fn constraint_ref(&mut self) -> Parsed<ConstraintRef> {
        if self.word("CONSTRAINT") {
            self.if_exists();
            return Ok(ConstraintRef::Named(self.ident("a constraint name")?));
        }
        if self.words(&["PRIMARY", "KEY"]) {
            return Ok(ConstraintRef::PrimaryKey);
        }
        self.expect("UNIQUE")?;
        Ok(ConstraintRef::Unique(self.column_list()?))
    }

    fn alter_drop(&mut self, changes: &mut Vec<TableChange>) -> Parsed<()> {
        if self.is_any(&["CONSTRAINT", "PRIMARY", "UNIQUE"]) {
            let which = self.constraint_ref()?;
            self.word("CASCADE");
            let _ = self.words(&["KEEP", "INDEX"]) || self.words(&["DROP", "INDEX"]);
            self.word("ONLINE");
            changes.push(TableChange::DropConstraint(which));
            return Ok(());
        }
        if self.is("COLUMN") || self.is_symbol("(") {
            changes.push(TableChange::DropColumns(self.dropped_columns()?));
            return Ok(());
        }
        if self.is_any(&["PARTITION", "SUBPARTITION", "SUPPLEMENTAL", "UNUSED", "COLUMNS"]) {
            return self.skip_clauses();
        }
        self.expected("CONSTRAINT, PRIMARY KEY, UNIQUE, COLUMN or \"(\"")
    }

    fn dropped_columns(&mut self) -> Parsed<Vec<OracleIdent>> {
        let columns = if self.word("COLUMN") { vec![self.ident("a column name")?] } else { self.column_list()? };
        loop {
            if self.word("CHECKPOINT") {
                self.integer("a number")?;
            } else if !(self.words(&["CASCADE", "CONSTRAINTS"]) || self.any_word(&["INVALIDATE", "ONLINE"])) {
                return Ok(columns);
            }
        }
    }

    fn alter_rename(&mut self, changes: &mut Vec<TableChange>) -> Parsed<()> {
        if self.word("TO") {
            changes.push(TableChange::RenameTable(self.ident("a new name")?));
        } else if self.word("COLUMN") {
            let from = self.ident("a column name")?;
            self.expect("TO")?;
            changes.push(TableChange::RenameColumn { from, to: self.ident("a new name")? });
        } else if self.word("CONSTRAINT") {
            let from = self.ident("a constraint name")?;
            self.expect("TO")?;
            changes.push(TableChange::RenameConstraint { from, to: self.ident("a new name")? });
        } else if self.is_any(&["PARTITION", "SUBPARTITION", "LOB"]) {
            return self.skip_clauses();
        } else {
            return self.expected("TO, COLUMN or CONSTRAINT");
        }
        Ok(())
    }

    // --- DROP, COMMENT

    fn drop_object(&mut self) -> Parsed<Statement> {
        let public = self.is("PUBLIC") && self.is_at(1, "SYNONYM") && self.word("PUBLIC");
        let kind = if let Some(kind) = self.code_kind() {
            DropKind::Code(kind)
        } else if self.word("TABLE") {
            DropKind::Table
        } else if self.word("INDEX") {
            DropKind::Index
        } else if self.word("SEQUENCE") {
            DropKind::Sequence
        } else if self.word("VIEW") {
            DropKind::View
        } else if self.word("SYNONYM") {
            DropKind::Synonym
        } else if self.is_any(OTHER_OBJECTS) {
            return Ok(Statement::Other);
        } else {
            return self.expected("TABLE, INDEX, SEQUENCE, VIEW, SYNONYM, PROCEDURE or another kind of object");
        };
        let if_exists = self.if_exists();
        let mut path = self.path("a name")?;
        if public {
            path.schema = OracleIdent::new("PUBLIC").unwrap_or(path.schema);
        }
        let mut cascade = false;
        loop {
            if self.words(&["CASCADE", "CONSTRAINTS"]) {
                cascade = true;
            } else if !self.any_word(&["PURGE", "FORCE", "VALIDATE", "ONLINE", "INVALIDATION", "DEFERRED", "IMMEDIATE"])
            {
                return Ok(Statement::Drop { kind, path, cascade, if_exists });
            }
        }
    }

    fn comment(&mut self) -> Parsed<Statement> {
        self.expect("ON")?;
        let target = if self.word("TABLE") {
            CommentTarget::Table(self.path("a table name")?)
        } else if self.word("COLUMN") {
            let first = self.ident("a table name")?;
            self.expect_symbol(".")?;
            let second = self.ident("a column name")?;
            if self.symbol(".") {
                CommentTarget::Column(ObjectPath { schema: first, name: second }, self.ident("a column name")?)
            } else {
                CommentTarget::Column(ObjectPath { schema: self.context.schema.clone(), name: first }, second)
            }
        } else if self.is_any(&["MATERIALIZED", "INDEXTYPE", "OPERATOR", "EDITION", "MINING", "PROPERTY"]) {
            return Ok(Statement::Other);
        } else {
            return self.expected("TABLE or COLUMN");
        };
        self.expect("IS")?;
        let text = Some(self.text("a string literal")?).filter(|text| !text.is_empty());
        Ok(match target {
            CommentTarget::Table(table) => Statement::CommentOnTable { table, text },
            CommentTarget::Column(table, column) => Statement::CommentOnColumn { table, column, text },
        })
    }
}

enum CommentTarget {
    Table(ObjectPath),
    Column(ObjectPath, OracleIdent),
}

/// What may stand between the commas of CREATE TABLE (…).
enum Element {
    Column(ColumnSpec),
    Constraint(Constraint),
    /// Something that the catalog does not describe, such as a supplemental log group.
    Nothing,
}

enum InlineConstraint {
    Nullable { nullable: bool, name: Option<OracleIdent> },
    Other(Option<Constraint>),
}

/// A column as it is made, and the constraints written behind it.
pub(crate) fn new_column(spec: ColumnSpec) -> (Column, Vec<Constraint>) {
    let undefined = || OracleType::Other { owner: None, name: UNDEFINED_TYPE.to_owned() };
    let column = Column {
        name: spec.name,
        oracle_type: spec.oracle_type.unwrap_or_else(undefined),
        nullable: spec.nullable.unwrap_or(true),
        default: spec.default,
        virtual_expression: spec.virtual_expression,
        identity: spec.identity,
        comment: None,
    };
    (column, spec.constraints)
}

/// As Oracle folds unquoted names: letter by letter, so that no name grows.
fn upper(name: &str) -> String {
    name.chars()
        .map(|c| {
            let mut folded = c.to_uppercase();
            match (folded.next(), folded.next()) {
                (Some(one), None) => one,
                _ => c,
            }
        })
        .collect()
}

/// `10`, `1e28`, `9999999999999999999999999999`: up to 28 digits and something more, so that any sum of two fits.
fn whole_number(text: &str) -> Option<i128> {
    let (digits, exponent) = match text.split_once(['e', 'E']) {
        Some((digits, exponent)) => (digits, exponent.strip_prefix('+').unwrap_or(exponent).parse().ok()?),
        None => (text, 0u32),
    };
    let digits = digits.strip_suffix('.').unwrap_or(digits);
    let number = digits.parse::<i128>().ok()?.checked_mul(10i128.checked_pow(exponent)?)?;
    (number < 10i128.pow(30)).then_some(number)
}
