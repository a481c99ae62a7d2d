//! A recursive-descent parser of the statements that a catalog is made from. It reads one statement; what follows a
//! statement that it cannot read is the caller's business.

mod alter;
mod column;
mod constraint;
mod data_type;
mod grant;
mod materialized_view;
mod object_type;
mod partition;
mod sequence;

use super::ast::{ColumnSpec, CreateTable, DropKind, NotNullName, Statement};
use super::{Lexer, Token, TokenKind};
use crate::{
    CodeKind, Column, Constraint, Index, IndexColumn, IndexKey, IndexKind, ObjectPath, OracleIdent, StoredCode,
    Synonym, Table, TableKind, View,
};
pub(crate) use object_type::{type_attributes, type_definition};
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
        "CREATE" | "ALTER" | "DROP" | "COMMENT" | "RENAME" | "CONNECT" | "GRANT" => {
            Parser::new(source, context).statement()
        }
        "SELECT" | "INSERT" | "UPDATE" | "DELETE" | "MERGE" | "WITH" | "(" | "COMMIT" | "ROLLBACK" | "SAVEPOINT"
        | "SET" | "REVOKE" | "TRUNCATE" | "ANALYZE" | "AUDIT" | "NOAUDIT" | "CALL" | "EXPLAIN" | "LOCK" | "PURGE"
        | "FLASHBACK" | "ASSOCIATE" | "DISASSOCIATE" | "ADMINISTER" | "BEGIN" | "DECLARE" | "<<" => {
            Ok(Statement::Other)
        }
        _ => Err(SyntaxError {
            offset: first.offset,
            message: format!("expected a statement, found {}", found(Some(&first))),
            unsupported: false,
        }),
    }
}

/// The data type at the front of `tokens`, which are of `source` and no comments, and how many of them it takes.
pub(crate) fn data_type(source: &str, tokens: &[Token<'_>], context: &Context) -> Parsed<(OracleType, usize)> {
    // A type is short: what is behind it need not be copied.
    let tokens = tokens[..tokens.len().min(16)].to_vec();
    let mut parser = Parser { source, context, tokens, at: 0, indexes: Vec::new() };
    Ok((parser.data_type()?, parser.at))
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
    "ASSERTION",
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
        } else if self.word("GRANT") {
            return self.grant();
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
        if (self.words(&["MATERIALIZED", "VIEW"]) || self.word("SNAPSHOT")) && !self.is("LOG") {
            return self.materialized_view();
        }
        if self.is("LOG") {
            return Ok(Statement::Other);
        }
        let named_here =
            (self.is("PUBLIC") && self.is_at(1, "SYNONYM")) || (self.is("PRIVATE") && self.is_at(1, "TEMPORARY"));
        if self.is_any(OTHER_OBJECTS) && !named_here {
            return Ok(Statement::Other);
        }
        self.check_tokens()?;
        let at = self.at;
        let public = self.word("PUBLIC");
        if self.word("SYNONYM") {
            return self.create_synonym(public, replace);
        }
        let temporary = self.words(&["GLOBAL", "TEMPORARY"]) || self.words(&["PRIVATE", "TEMPORARY"]);
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
        if self.words(&["JSON", "RELATIONAL", "DUALITY", "VIEW"]) || self.words(&["JSON", "DUALITY", "VIEW"]) {
            return self.unsupported(
                "a JSON relational duality view has no counterpart: the tables below it are converted, the documents are queries over them",
            );
        }
        if self.is_any(&["UNIQUE", "BITMAP", "MULTIVALUE", "SEARCH", "VECTOR", "HYBRID", "INDEX"]) {
            let if_not_exists = self.is_at(1, "IF") || self.is_at(2, "IF");
            if self.is_index_of_lob() {
                // Oracle makes it with its column, and DBMS_METADATA prints it without one.
                return Ok(Statement::Other);
            }
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
        let mut of_type = None;
        if self.word("OF") {
            of_type = Some(self.path("an object type")?);
            loop {
                if self.word("UNDER") {
                    self.path("a view name")?;
                } else if self.is("WITH") && self.is_at(1, "OBJECT") {
                    self.at += 2;
                    self.any_word(&["OID", "IDENTIFIER", "ID"]);
                    if !self.word("DEFAULT") {
                        self.parenthesized()?;
                    }
                } else {
                    break;
                }
            }
            if self.is_symbol("(") {
                self.parenthesized()?;
            }
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
            view: View { path, columns, query, read_only, comment: None, column_comments: Vec::new(), of_type },
            replace,
            if_not_exists,
        })
    }

    /// From `[UNIQUE | BITMAP] INDEX` on; `nested` inside the parentheses of USING INDEX.
    fn index(&mut self, nested: bool) -> Parsed<Index> {
        let unique = self.word("UNIQUE");
        let bitmap = !unique && self.word("BITMAP");
        let mut kind = if self.word("MULTIVALUE") {
            IndexKind::Multivalue
        } else if self.word("SEARCH") {
            IndexKind::Domain("SEARCH_INDEX".to_owned())
        } else if self.words(&["HYBRID", "VECTOR"]) || self.word("VECTOR") {
            IndexKind::Domain("VECTOR".to_owned())
        } else {
            IndexKind::Normal
        };
        self.expect("INDEX")?;
        self.if_not_exists();
        let path = self.path("an index name")?;
        self.expect("ON")?;
        if self.is("CLUSTER") && !self.is_symbol_at(1, "(") {
            self.at += 1;
            let table = self.path("a cluster name")?;
            while !(self.at_end() || (nested && self.is_symbol(")"))) {
                self.skip_property()?;
            }
            return Ok(Index {
                path,
                table,
                unique,
                bitmap,
                columns: Vec::new(),
                backs_constraint: false,
                kind: IndexKind::Cluster,
            });
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
            kind = IndexKind::BitmapJoin;
        }
        while !(self.at_end() || (nested && self.is_symbol(")"))) {
            if self.words(&["INDEXTYPE", "IS"]) {
                kind = IndexKind::Domain(self.path("an index type")?.name.into());
                continue;
            }
            if self.is("REVERSE") {
                kind = IndexKind::Reverse;
            }
            self.skip_property()?;
        }
        Ok(Index { path, table, unique, bitmap, columns, backs_constraint: false, kind })
    }

    /// `UNIQUE INDEX owner."SYS_IL…$$"`.
    fn is_index_of_lob(&self) -> bool {
        let qualified = if self.is_symbol_at(3, ".") { 4 } else { 2 };
        self.is("UNIQUE")
            && self.tokens.get(self.at + qualified).is_some_and(|t| {
                t.text.trim_matches('"').strip_prefix("SYS_IL").is_some_and(|rest| rest.ends_with("$$"))
            })
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
        let mut table = Table {
            path,
            kind,
            columns: Vec::new(),
            constraints: Vec::new(),
            comment: None,
            partitioning: None,
            remarks: Vec::new(),
        };
        let mut not_null_names = Vec::new();
        if self.word("SHARING") {
            self.expect_symbol("=")?;
            self.at += 1;
        }
        if self.is("OF") {
            return self.object_table(table, if_not_exists);
        }
        let as_query = self.as_query_ahead();
        if as_query && !self.is_symbol("(") {
            return self.table_of_query(table, Vec::new(), not_null_names, if_not_exists);
        }
        self.expect_symbol("(")?;
        let mut key_columns = Vec::new();
        let mut specs = Vec::new();
        loop {
            match self.table_element_of(!as_query)? {
                Element::Column(spec) if as_query => specs.push(*spec),
                Element::Column(spec) => {
                    if table.column(&spec.name).is_some() {
                        self.at -= 1;
                        return self.expected(&format!("another name: column {} is there twice", spec.name));
                    }
                    if let Some(name) = &spec.not_null_name {
                        not_null_names.push(NotNullName { name: name.clone(), column: spec.name.clone() });
                    }
                    if let Some(encryption) = &spec.encryption {
                        encryption.remark(&mut table, &spec.name);
                    }
                    let (column, constraints) = new_column(*spec);
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
        if as_query {
            return self.table_of_query(table, specs, not_null_names, if_not_exists);
        }
        self.table_properties(&mut table)?;
        let indexes = std::mem::take(&mut self.indexes);
        let create = CreateTable { table, indexes, not_null_names, if_not_exists, of_type: None, as_query: None };
        Ok(Statement::CreateTable(Box::new(create)))
    }

    /// `… AS SELECT`, from what is behind the columns on.
    fn table_of_query(
        mut self,
        mut table: Table,
        specs: Vec<ColumnSpec>,
        not_null_names: Vec<NotNullName>,
        if_not_exists: bool,
    ) -> Parsed<Statement> {
        self.table_properties(&mut table)?;
        self.expect("AS")?;
        let from = self.tokens.get(self.at).map_or(self.source.len(), |t| t.offset);
        let to = self.tokens.last().map_or(self.source.len(), Token::end);
        let as_query = Some((self.source[from..to].to_owned(), specs));
        let indexes = std::mem::take(&mut self.indexes);
        let create = CreateTable { table, indexes, not_null_names, if_not_exists, of_type: None, as_query };
        Ok(Statement::CreateTable(Box::new(create)))
    }

    /// Whether `AS` and a query are somewhere outside of parentheses.
    fn as_query_ahead(&self) -> bool {
        let mut depth = 0usize;
        for (ahead, token) in self.tokens[self.at..].iter().enumerate() {
            if token.is_symbol("(") {
                depth += 1;
            } else if token.is_symbol(")") {
                depth = depth.saturating_sub(1);
            } else if depth == 0 && token.is_word("AS") && self.at_query(ahead + 1) {
                return true;
            }
        }
        false
    }

    /// What is behind the columns, up to the query that `AS` begins.
    fn table_properties(&mut self, table: &mut Table) -> Parsed<()> {
        while !self.at_end() {
            if self.is("PARTITION") && self.is_at(1, "BY") {
                table.partitioning = Some(self.partitioning()?);
            } else if self.word("CLUSTER") {
                let cluster = self.path("a cluster name")?;
                table.remarks.push(format!("it is kept in the cluster {cluster}, which has no counterpart"));
                if self.is_symbol("(") {
                    self.parenthesized()?;
                }
            } else if self.words(&["ON", "COMMIT"]) {
                let rows = if self.is("PRESERVE") { "PRESERVE" } else { "DELETE" };
                table.remarks.push(format!("ON COMMIT {rows} ROWS"));
                self.at += 1;
            } else if self.words(&["READ", "ONLY"]) {
                table.remarks.push("READ ONLY has no counterpart: grant nothing but SELECT".to_owned());
            } else if self.words(&["ORGANIZATION", "INDEX"]) {
                table.kind = TableKind::IndexOrganized;
            } else if self.words(&["ORGANIZATION", "EXTERNAL"]) || self.words(&["EXTERNAL"]) {
                table.kind = TableKind::External;
            } else if self.is("AS") && self.at_query(1) {
                return Ok(());
            } else {
                self.skip_property()?;
            }
        }
        Ok(())
    }

    /// `CREATE TABLE name OF type …`: its columns are the type's attributes.
    fn object_table(mut self, mut table: Table, if_not_exists: bool) -> Parsed<Statement> {
        self.expect("OF")?;
        let of = self.path("an object type")?;
        let xml = of.name.as_str() == "XMLTYPE";
        if self.word("NOT") {
            self.expect("SUBSTITUTABLE")?;
        }
        let mut not_null_names = Vec::new();
        let mut columns = Vec::new();
        if self.symbol("(") {
            loop {
                match self.table_element_of(false)? {
                    Element::Column(spec) => {
                        if let Some(name) = &spec.not_null_name {
                            not_null_names.push(NotNullName { name: name.clone(), column: spec.name.clone() });
                        }
                        columns.push(*spec);
                    }
                    Element::Constraint(constraint) => table.constraints.push(constraint),
                    Element::Nothing => {}
                }
                if !self.symbol(",") {
                    break;
                }
            }
            if !self.symbol(")") {
                return self.expected("a constraint, \",\" or \")\"");
            }
        }
        table.remarks.push(match xml {
            true => "a table of XMLTYPE: its documents are in the column OBJECT_VALUE".to_owned(),
            false => format!("an object table of {of}: its rows have no object identifiers here"),
        });
        self.table_properties(&mut table)?;
        let indexes = std::mem::take(&mut self.indexes);
        if xml && let Ok(name) = OracleIdent::new("OBJECT_VALUE") {
            table.columns.push(Column::plain(name, OracleType::Xml));
        }
        let of_type = (!xml).then_some((of, columns));
        let create = CreateTable { table, indexes, not_null_names, if_not_exists, of_type, as_query: None };
        Ok(Statement::CreateTable(Box::new(create)))
    }

    /// Whether a query begins so many tokens ahead, in parentheses or not.
    fn at_query(&self, mut ahead: usize) -> bool {
        while self.is_symbol_at(ahead, "(") {
            ahead += 1;
        }
        self.is_at(ahead, "SELECT") || self.is_at(ahead, "WITH")
    }

    /// `new`: a column has its type with it.
    fn table_element_of(&mut self, new: bool) -> Parsed<Element> {
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
        Ok(Element::Column(Box::new(self.column_spec(new)?)))
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
        } else if (self.is("MATERIALIZED") && self.is_at(1, "VIEW") || self.is("SNAPSHOT"))
            && !self.is_at(1, "LOG")
            && !self.is_at(2, "LOG")
        {
            self.at += if self.is("SNAPSHOT") { 1 } else { 2 };
            DropKind::MaterializedView
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
            } else if self.words(&["PRESERVE", "TABLE"]) {
            } else if !self.any_word(&["PURGE", "FORCE", "VALIDATE", "ONLINE", "INVALIDATION", "DEFERRED", "IMMEDIATE"])
            {
                return Ok(Statement::Drop { kind, path, cascade, if_exists });
            }
        }
    }

    fn comment(&mut self) -> Parsed<Statement> {
        self.expect("ON")?;
        let target = if self.word("TABLE") || self.words(&["MATERIALIZED", "VIEW"]) {
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
    Column(Box<ColumnSpec>),
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
        identity_options: spec.identity_options,
        default_on_null: spec.default_on_null,
        invisible: spec.invisible.unwrap_or(false),
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
