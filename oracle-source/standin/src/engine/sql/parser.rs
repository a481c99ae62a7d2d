//! Oracle SQL to [`Statement`]s by recursive descent. What it does not know is an error with its place.

use super::ast::*;
use super::{calendar, error_at, format};
use crate::OraError;
use crate::engine::{Bind, StatementType};
use schema_map::sql::{Lexer, Token, TokenKind};
use std::sync::Arc;
use type_convert::{IntervalDs, IntervalYm, LengthUnit, OracleType};

mod expression;
mod query;

/// Nesting beyond this is refused: every level costs stack in the parser and in what follows.
const MAX_DEPTH: usize = 60;

/// As many left operands may be trees themselves (joins, set operators, mixed operators): these trees lean to the left.
const MAX_BRANCHES: usize = 400;

/// Words that are never a name unless quoted (Oracle's reserved words, as far as statements here have them).
const RESERVED: &[&str] = &[
    "ACCESS",
    "ADD",
    "ALL",
    "ALTER",
    "AND",
    "ANY",
    "AS",
    "ASC",
    "BETWEEN",
    "BY",
    "CHECK",
    "COLUMN",
    "CONNECT",
    "CREATE",
    "CURRENT",
    "DEFAULT",
    "DELETE",
    "DESC",
    "DISTINCT",
    "DROP",
    "ELSE",
    "EXISTS",
    "FOR",
    "FROM",
    "GRANT",
    "GROUP",
    "HAVING",
    "IDENTIFIED",
    "IN",
    "INDEX",
    "INSERT",
    "INTERSECT",
    "INTO",
    "IS",
    "LIKE",
    "LOCK",
    "MINUS",
    "NOT",
    "NULL",
    "OF",
    "ON",
    "OPTION",
    "OR",
    "ORDER",
    "PUBLIC",
    "RENAME",
    "REVOKE",
    "SELECT",
    "SET",
    "SHARE",
    "START",
    "TABLE",
    "THEN",
    "TO",
    "TRIGGER",
    "UNION",
    "UNIQUE",
    "UPDATE",
    "VALUES",
    "VIEW",
    "WHERE",
    "WITH",
];

/// Words that end a table reference or an expression, so that they are no alias there.
const NO_ALIAS: &[&str] = &[
    "CROSS",
    "FETCH",
    "FULL",
    "INNER",
    "JOIN",
    "LEFT",
    "NATURAL",
    "OFFSET",
    "RIGHT",
    "USING",
    "WHEN",
    "LOG",
    "RETURNING",
    "END",
    "VERSIONS",
    "PIVOT",
    "UNPIVOT",
    "SAMPLE",
    "PARTITION",
    "SUBPARTITION",
];

pub(super) struct Parsed {
    pub(super) statement: Statement,
    pub(super) binds: Vec<Bind>,
}

/// Parses one whole statement.
pub(super) fn parse(sql: &str) -> Result<Parsed, OraError> {
    let mut parser = Parser::new(sql)?;
    let statement = parser.statement()?;
    parser.end()?;
    if !parser.binds.is_empty() && matches!(statement, Statement::Ddl(_) | Statement::AlterSession(_)) {
        return Err(OraError::new(1027, "bind variables not allowed for data definition operations"));
    }
    Ok(Parsed { statement, binds: parser.binds })
}

/// Parses a stand-alone condition or expression, such as those of CHECK and DEFAULT.
pub(super) fn parse_expression(text: &str) -> Result<Expr, OraError> {
    let mut parser = Parser::new(text)?;
    let expr = parser.expr()?;
    parser.end()?;
    Ok(expr)
}

/// Parses the query of a view.
pub(super) fn parse_query(text: &str) -> Result<Query, OraError> {
    let mut parser = Parser::new(text)?;
    let query = parser.query()?;
    if parser.take_word("WITH") {
        // WITH READ ONLY and WITH CHECK OPTION say nothing about the rows.
        while parser.at < parser.tokens.len() {
            parser.at += 1;
        }
    }
    parser.end()?;
    Ok(query)
}

pub(super) struct Parser<'a> {
    source: &'a str,
    tokens: Vec<Token<'a>>,
    at: usize,
    binds: Vec<Bind>,
    /// In PL/SQL a bind variable's name stands for one position however often it occurs.
    named_binds: bool,
    depth: usize,
    branches: usize,
}

type Parse<T> = Result<T, OraError>;

impl<'a> Parser<'a> {
    fn new(source: &'a str) -> Parse<Self> {
        let mut tokens = Vec::new();
        for token in Lexer::new(source) {
            match token.kind {
                TokenKind::Comment => {}
                TokenKind::Error => {
                    return Err(if token.text.starts_with('\'') || token.text.starts_with(['q', 'Q', 'n', 'N']) {
                        error_at(1756, "quoted string not properly terminated", token.offset)
                    } else if token.text.starts_with('"') {
                        error_at(1740, "missing double quote in identifier", token.offset)
                    } else {
                        error_at(911, "invalid character", token.offset)
                    });
                }
                _ => tokens.push(token),
            }
        }
        Ok(Parser { source, tokens, at: 0, binds: Vec::new(), named_binds: false, depth: 0, branches: 0 })
    }

    // --- tokens ------------------------------------------------------------------------------------------------

    fn peek(&self) -> Option<Token<'a>> {
        self.tokens.get(self.at).copied()
    }

    fn peek_at(&self, ahead: usize) -> Option<Token<'a>> {
        self.tokens.get(self.at + ahead).copied()
    }

    /// Where the next token begins, or the statement ends.
    fn offset(&self) -> usize {
        self.peek().map_or(self.source.len(), |t| t.offset)
    }

    fn fail<T>(&self, code: i32, message: &str) -> Parse<T> {
        Err(error_at(code, message, self.offset()))
    }

    fn is_word_at(&self, ahead: usize, word: &str) -> bool {
        self.peek_at(ahead).is_some_and(|t| t.kind == TokenKind::Word && t.text.eq_ignore_ascii_case(word))
    }

    fn is_word(&self, word: &str) -> bool {
        self.is_word_at(0, word)
    }

    fn is_symbol_at(&self, ahead: usize, symbol: &str) -> bool {
        self.peek_at(ahead).is_some_and(|t| t.kind == TokenKind::Symbol && t.text == symbol)
    }

    fn is_symbol(&self, symbol: &str) -> bool {
        self.is_symbol_at(0, symbol)
    }

    fn take_word(&mut self, word: &str) -> bool {
        let found = self.is_word(word);
        self.at += usize::from(found);
        found
    }

    /// All of them, or none.
    fn take_words(&mut self, words: &[&str]) -> bool {
        let found = words.iter().enumerate().all(|(i, w)| self.is_word_at(i, w));
        if found {
            self.at += words.len();
        }
        found
    }

    fn take_symbol(&mut self, symbol: &str) -> bool {
        let found = self.is_symbol(symbol);
        self.at += usize::from(found);
        found
    }

    fn need_word(&mut self, word: &str, code: i32, message: &str) -> Parse<()> {
        if self.take_word(word) { Ok(()) } else { self.fail(code, message) }
    }

    fn need_open(&mut self) -> Parse<()> {
        if self.take_symbol("(") { Ok(()) } else { self.fail(906, "missing left parenthesis") }
    }

    fn need_close(&mut self) -> Parse<()> {
        if self.take_symbol(")") { Ok(()) } else { self.fail(907, "missing right parenthesis") }
    }

    fn end(&self) -> Parse<()> {
        match self.peek() {
            None => Ok(()),
            Some(t) if t.text == ";" => self.fail(911, "invalid character"),
            Some(_) if self.is_word("RETURNING") || self.is_word("RETURN") => self.no_values_back("RETURNING … INTO"),
            Some(_) if self.is_word("INTO") => self.no_values_back("INTO"),
            Some(_) => self.fail(933, "SQL command not properly ended"),
        }
    }

    /// Nothing here writes into the caller's variables.
    fn no_values_back<T>(&self, what: &str) -> Parse<T> {
        self.fail(3001, &format!("unimplemented feature: {what}, the stand-in gives no values back through binds"))
    }

    fn deeper<T>(&mut self, parse: impl FnOnce(&mut Self) -> Parse<T>) -> Parse<T> {
        if self.depth >= MAX_DEPTH {
            return self.fail(3001, "unimplemented feature: nesting this deep");
        }
        self.depth += 1;
        let result = parse(self);
        self.depth -= 1;
        result
    }

    fn branch(&mut self) -> Parse<()> {
        self.branches += 1;
        if self.branches > MAX_BRANCHES {
            return self.fail(3001, "unimplemented feature: so many operators in one statement");
        }
        Ok(())
    }

    // --- names and literals ------------------------------------------------------------------------------------

    fn is_ident_at(&self, ahead: usize) -> bool {
        match self.peek_at(ahead) {
            Some(t) if t.kind == TokenKind::QuotedIdent => true,
            Some(t) if t.kind == TokenKind::Word => !RESERVED.iter().any(|r| r.eq_ignore_ascii_case(t.text)),
            _ => false,
        }
    }

    fn make_ident(token: Token<'a>) -> Parse<Ident> {
        let (text, quoted) = if token.kind == TokenKind::QuotedIdent {
            (token.text.trim_matches('"').to_owned(), true)
        } else {
            (token.text.to_uppercase(), false)
        };
        if text.is_empty() {
            return Err(error_at(1741, "illegal zero-length identifier", token.offset));
        }
        if text.len() > 128 {
            return Err(error_at(972, "identifier is too long", token.offset));
        }
        Ok(Ident { text, quoted, offset: token.offset })
    }

    fn ident(&mut self, code: i32, message: &str) -> Parse<Ident> {
        match self.peek() {
            Some(token) if self.is_ident_at(0) => {
                self.at += 1;
                Self::make_ident(token)
            }
            _ => self.fail(code, message),
        }
    }

    /// After a dot even a reserved word can follow where it is a name there (`x.COLUMN` cannot, `p.NEW` can).
    fn dotted(&mut self, code: i32, message: &str) -> Parse<Vec<Ident>> {
        let mut names = vec![self.ident(code, message)?];
        while self.is_symbol(".") && !self.is_symbol_at(1, "*") {
            self.at += 1;
            names.push(self.ident(1747, "invalid user.table.column, table.column, or column specification")?);
            if names.len() > 4 {
                return self.fail(1747, "invalid user.table.column, table.column, or column specification");
            }
        }
        Ok(names)
    }

    fn table_name(&mut self) -> Parse<TableName> {
        let mut names = self.dotted(903, "invalid table name")?;
        if self.is_symbol("@") {
            return self.fail(2019, "connection description for remote database not found");
        }
        match (names.pop(), names.pop(), names.pop()) {
            (Some(name), owner, None) => Ok(TableName { owner, name }),
            _ => self.fail(903, "invalid table name"),
        }
    }

    fn alias(&mut self) -> Parse<Option<Ident>> {
        match self.peek() {
            Some(t) if t.kind == TokenKind::Word && NO_ALIAS.iter().any(|w| w.eq_ignore_ascii_case(t.text)) => Ok(None),
            Some(_) if self.is_ident_at(0) => self.ident(933, "SQL command not properly ended").map(Some),
            _ => Ok(None),
        }
    }

    fn bind(&mut self, token: Token<'a>) -> usize {
        let name = token.text.trim_start_matches(':').trim_matches('"').to_uppercase();
        if self.named_binds
            && let Some(found) = self.binds.iter().position(|b| b.name == name)
        {
            return found;
        }
        self.binds.push(Bind { name });
        self.binds.len() - 1
    }

    fn column_list(&mut self) -> Parse<Vec<Ident>> {
        let mut columns = Vec::new();
        loop {
            let mut names = self.dotted(904, "invalid identifier")?;
            columns.extend(names.pop());
            if !self.take_symbol(",") {
                return Ok(columns);
            }
        }
    }

    // --- statements --------------------------------------------------------------------------------------------

    fn statement(&mut self) -> Parse<Statement> {
        let Some(first) = self.peek() else { return self.fail(900, "invalid SQL statement") };
        if first.text == "(" {
            return Ok(Statement::Query(Box::new(self.query()?)));
        }
        if first.kind != TokenKind::Word {
            return self.fail(900, "invalid SQL statement");
        }
        match first.text.to_ascii_uppercase().as_str() {
            "SELECT" | "WITH" => Ok(Statement::Query(Box::new(self.query()?))),
            "INSERT" => self.insert(),
            "UPDATE" => self.update(),
            "DELETE" => self.delete(),
            "MERGE" => self.merge(),
            "COMMIT" | "ROLLBACK" | "SAVEPOINT" => self.transaction_control(),
            "SET" => self.set_transaction(),
            "BEGIN" | "DECLARE" => self.block(),
            "CALL" => {
                self.at += 1;
                self.named_binds = false;
                Ok(Statement::Call(self.procedure_call()?))
            }
            "CREATE" => Ok(self.ddl(StatementType::Create)),
            "DROP" => Ok(self.ddl(StatementType::Drop)),
            "ALTER" if self.is_word_at(1, "SESSION") && self.is_word_at(2, "SET") => self.alter_session(),
            "ALTER" => Ok(self.ddl(StatementType::Alter)),
            "TRUNCATE" | "COMMENT" | "GRANT" | "REVOKE" | "RENAME" | "ANALYZE" | "PURGE" | "FLASHBACK" => {
                Ok(self.ddl(StatementType::Unknown))
            }
            _ => self.fail(900, "invalid SQL statement"),
        }
    }

    /// The storage layer reads these itself; colons in them (trigger bodies) are no binds.
    fn ddl(&mut self, kind: StatementType) -> Statement {
        self.at = self.tokens.len();
        Statement::Ddl(kind)
    }

    fn alter_session(&mut self) -> Parse<Statement> {
        self.at += 3;
        let mut parameters = Vec::new();
        while let Some(token) = self.peek() {
            if token.kind != TokenKind::Word {
                return self.fail(922, "missing or invalid option");
            }
            self.at += 1;
            let name = token.text.to_ascii_uppercase();
            if !self.take_symbol("=") {
                return self.fail(927, "missing equal sign");
            }
            let Some(value) = self.peek() else { return self.fail(922, "missing or invalid option") };
            self.at += 1;
            let mut text = match value.kind {
                TokenKind::Text => text_literal(value.text),
                TokenKind::QuotedIdent => value.text.trim_matches('"').to_owned(),
                _ => value.text.to_owned(),
            };
            while self.is_symbol("$") || self.is_symbol(".") {
                text.push_str(self.peek().map_or("", |t| t.text));
                self.at += 1;
                text.push_str(self.peek().map_or("", |t| t.text));
                self.at += 1;
            }
            parameters.push((name, text));
        }
        Ok(Statement::AlterSession(parameters))
    }

    fn transaction_control(&mut self) -> Parse<Statement> {
        if self.take_word("COMMIT") {
            self.take_word("WORK");
            if self.take_word("WRITE") {
                while self.take_word("IMMEDIATE")
                    || self.take_word("BATCH")
                    || self.take_word("WAIT")
                    || self.take_word("NOWAIT")
                {}
            }
            if self.take_word("COMMENT") {
                self.at += 1;
            }
            return Ok(Statement::Commit);
        }
        if self.take_word("SAVEPOINT") {
            return Ok(Statement::Savepoint(self.ident(3001, "unimplemented feature")?.text));
        }
        self.at += 1;
        self.take_word("WORK");
        let to = if self.take_word("TO") {
            self.take_word("SAVEPOINT");
            Some(self.ident(2181, "invalid option to ROLLBACK WORK")?.text)
        } else {
            None
        };
        Ok(Statement::Rollback { to })
    }

    fn set_transaction(&mut self) -> Parse<Statement> {
        self.at += 1;
        if !self.take_word("TRANSACTION") {
            return self.fail(922, "missing or invalid option");
        }
        if self.take_words(&["READ", "ONLY"]) {
            return Ok(Statement::SetTransaction { read_only: true });
        }
        if self.take_words(&["READ", "WRITE"]) || self.take_words(&["ISOLATION", "LEVEL", "READ", "COMMITTED"]) {
            return Ok(Statement::SetTransaction { read_only: false });
        }
        self.fail(3001, "unimplemented feature")
    }

    fn insert(&mut self) -> Parse<Statement> {
        self.at += 1;
        if self.take_word("ALL") {
            let mut targets = Vec::new();
            while self.is_word("INTO") {
                targets.push(self.insert_target()?);
            }
            if targets.is_empty() {
                return self.fail(928, "missing SELECT keyword");
            }
            let query = Box::new(self.query()?);
            return Ok(Statement::Insert(Insert { targets, source: InsertSource::Query(query) }));
        }
        let target = self.insert_target()?;
        let source = if target.values.is_some() {
            InsertSource::Values
        } else if self.is_word("SELECT") || self.is_word("WITH") || self.is_symbol("(") {
            InsertSource::Query(Box::new(self.query()?))
        } else {
            return self.fail(926, "missing VALUES keyword");
        };
        Ok(Statement::Insert(Insert { targets: vec![target], source }))
    }

    fn insert_target(&mut self) -> Parse<InsertTarget> {
        self.need_word("INTO", 925, "missing INTO keyword")?;
        let offset = self.offset();
        let table = self.table_name()?;
        if !self.is_word("VALUES") && !self.is_word("SELECT") {
            self.alias()?;
        }
        let columns = if self.is_symbol("(") && !self.opens_query() {
            self.at += 1;
            let columns = self.column_list()?;
            self.need_close()?;
            columns
        } else {
            Vec::new()
        };
        let values = if self.take_word("VALUES") {
            self.need_open()?;
            let values = self.expr_list_with_default()?;
            self.need_close()?;
            Some(values)
        } else {
            None
        };
        Ok(InsertTarget { table, columns, values, offset })
    }

    fn expr_or_default(&mut self) -> Parse<Expr> {
        let offset = self.offset();
        if self.take_word("DEFAULT") {
            return Ok(Expr { kind: Box::new(ExprKind::Default), offset });
        }
        self.expr()
    }

    fn expr_list_with_default(&mut self) -> Parse<Vec<Expr>> {
        let mut list = vec![self.expr_or_default()?];
        while self.take_symbol(",") {
            list.push(self.expr_or_default()?);
        }
        Ok(list)
    }

    fn target_table(&mut self) -> Parse<(TableName, Option<Ident>)> {
        let parenthesised = self.take_word("ONLY") && self.take_symbol("(");
        let table = self.table_name()?;
        if parenthesised {
            self.need_close()?;
        }
        let alias = self.alias()?;
        Ok((table, alias))
    }

    fn update(&mut self) -> Parse<Statement> {
        self.at += 1;
        let (table, alias) = self.target_table()?;
        self.need_word("SET", 971, "missing SET keyword")?;
        let mut set = Vec::new();
        loop {
            let offset = self.offset();
            if self.take_symbol("(") {
                let columns = self.column_list()?;
                self.need_close()?;
                if !self.take_symbol("=") {
                    return self.fail(927, "missing equal sign");
                }
                self.need_open()?;
                let query = Box::new(self.query()?);
                self.need_close()?;
                set.push(SetClause::Many(columns, query, offset));
            } else {
                let (column, value) = self.set_one()?;
                set.push(SetClause::One(column, value));
            }
            if !self.take_symbol(",") {
                break;
            }
        }
        let filter = self.filter()?;
        Ok(Statement::Update(Update { table, alias, set, filter }))
    }

    fn set_one(&mut self) -> Parse<(Ident, Expr)> {
        let mut names = self.dotted(904, "invalid identifier")?;
        if !self.take_symbol("=") {
            return self.fail(927, "missing equal sign");
        }
        let value = self.expr_or_default()?;
        match names.pop() {
            Some(column) => Ok((column, value)),
            None => self.fail(904, "invalid identifier"),
        }
    }

    fn filter(&mut self) -> Parse<Option<Expr>> {
        if self.take_word("WHERE") { self.expr().map(Some) } else { Ok(None) }
    }

    fn delete(&mut self) -> Parse<Statement> {
        self.at += 1;
        self.take_word("FROM");
        let (table, alias) = self.target_table()?;
        let filter = self.filter()?;
        Ok(Statement::Delete(Delete { table, alias, filter }))
    }

    fn merge(&mut self) -> Parse<Statement> {
        self.at += 1;
        self.need_word("INTO", 925, "missing INTO keyword")?;
        let (table, alias) = self.target_table()?;
        self.need_word("USING", 2012, "missing USING keyword")?;
        let source = self.table_primary()?;
        self.need_word("ON", 969, "missing ON keyword")?;
        self.need_open()?;
        let on = self.expr()?;
        self.need_close()?;
        let (mut update, mut insert) = (None, None);
        while self.is_word("WHEN") {
            if update.is_none() && self.take_words(&["WHEN", "MATCHED", "THEN", "UPDATE", "SET"]) {
                let mut set = vec![self.set_one()?];
                while self.take_symbol(",") {
                    set.push(self.set_one()?);
                }
                let filter = self.filter()?;
                let delete = if self.take_words(&["DELETE", "WHERE"]) { Some(self.expr()?) } else { None };
                update = Some(MergeUpdate { set, filter, delete });
            } else if insert.is_none() && self.take_words(&["WHEN", "NOT", "MATCHED", "THEN", "INSERT"]) {
                let offset = self.offset();
                let columns = if self.take_symbol("(") {
                    let columns = self.column_list()?;
                    self.need_close()?;
                    columns
                } else {
                    Vec::new()
                };
                self.need_word("VALUES", 926, "missing VALUES keyword")?;
                self.need_open()?;
                let values = self.expr_list_with_default()?;
                self.need_close()?;
                let filter = self.filter()?;
                insert = Some(MergeInsert { columns, values, filter, offset });
            } else {
                return self.fail(905, "missing keyword");
            }
        }
        if update.is_none() && insert.is_none() {
            return self.fail(905, "missing keyword");
        }
        Ok(Statement::Merge(Box::new(Merge { table, alias, source, on, update, insert })))
    }

    // --- PL/SQL ------------------------------------------------------------------------------------------------

    fn plsql<T>(&self, what: &str) -> Parse<T> {
        let (before, here) = self.source.split_at(self.offset().min(self.source.len()));
        let line = before.matches('\n').count() + 1;
        let column = before.rsplit('\n').next().map_or(0, str::len) + 1;
        let word = here.split_whitespace().next().unwrap_or("end-of-file");
        let word: String = word.chars().take(60).collect();
        Err(error_at(
            6550,
            &format!("line {line}, column {column}: PLS-00103: Encountered the symbol \"{word}\" {what}"),
            self.offset(),
        ))
    }

    fn block(&mut self) -> Parse<Statement> {
        self.named_binds = true;
        let variables = if self.take_word("DECLARE") { self.declarations()? } else { Vec::new() };
        if !self.take_word("BEGIN") {
            return self.plsql("when expecting one of the following: begin");
        }
        let mut items = Vec::new();
        while !self.is_word("END") {
            if self.is_symbol_at(1, ":=")
                && self.peek().is_some_and(|t| variables.iter().any(|v| v.eq_ignore_ascii_case(t.text)))
            {
                self.at += 2;
                items.push(BlockItem::Statement(Box::new(Statement::Call(self.procedure_call()?))));
            } else {
                items.push(self.block_item()?);
            }
            if ["RETURNING", "RETURN", "INTO"].iter().any(|w| self.is_word(w)) {
                return self.end().map(|()| Statement::Block(items));
            }
            if !self.take_symbol(";") {
                return self.plsql("when expecting one of the following: ;");
            }
        }
        self.at += 1;
        if self.is_ident_at(0) {
            self.at += 1;
        }
        if !self.take_symbol(";") {
            return self.plsql("when expecting one of the following: ;");
        }
        if items.is_empty() {
            return self.plsql("when expecting a statement");
        }
        if self.peek().is_some_and(|t| t.text == "/") && self.at + 1 == self.tokens.len() {
            return self.plsql("");
        }
        Ok(Statement::Block(items))
    }

    /// Variables, whose names are given back. Nothing can read them: they take what a function returns, and no more.
    fn declarations(&mut self) -> Parse<Vec<String>> {
        let mut names = Vec::new();
        while !self.is_word("BEGIN") {
            names.push(self.ident(6550, "variable expected")?.text);
            if !self.take_word("VARCHAR2") {
                return self.plsql("in a declaration: only those of VARCHAR2 without a value are supported here");
            }
            self.length(32_767)?;
            if !self.take_symbol(";") {
                return self.plsql("in a declaration: only those of VARCHAR2 without a value are supported here");
            }
        }
        Ok(names)
    }

    fn block_item(&mut self) -> Parse<BlockItem> {
        if self.is_word("NULL") {
            self.at += 1;
            return Ok(BlockItem::Null);
        }
        if self.is_word("EXECUTE") && self.is_word_at(1, "IMMEDIATE") {
            self.at += 2;
            let text = self.expr()?;
            let mut using = Vec::new();
            if self.take_word("USING") {
                loop {
                    if self.take_word("IN") && self.is_word("OUT") || self.is_word("OUT") && !self.is_symbol_at(1, ",")
                    {
                        return self.no_values_back("USING OUT");
                    }
                    using.push(self.expr()?);
                    if !self.take_symbol(",") {
                        break;
                    }
                }
            }
            return Ok(BlockItem::Execute { text, using });
        }
        if self.peek().is_some_and(|t| t.kind == TokenKind::Bind || t.text == ":") {
            return self.no_values_back("assignment to a bind variable");
        }
        let statement = match self.peek().map(|t| t.text.to_ascii_uppercase()).as_deref() {
            Some("INSERT") => self.insert()?,
            Some("UPDATE") => self.update()?,
            Some("DELETE") => self.delete()?,
            Some("MERGE") => self.merge()?,
            Some("COMMIT" | "ROLLBACK" | "SAVEPOINT") => self.transaction_control()?,
            Some("SET") => self.set_transaction()?,
            Some(
                word @ ("IF" | "LOOP" | "FOR" | "WHILE" | "DECLARE" | "BEGIN" | "SELECT" | "OPEN" | "RAISE" | "RETURN"
                | "CASE" | "EXCEPTION" | "FORALL" | "GOTO" | "EXIT" | "CREATE" | "ALTER" | "DROP"),
            ) => {
                let what = format!("({word}), which is not supported in a block here");
                return self.plsql(&what);
            }
            _ if self.is_ident_at(0) => Statement::Call(self.procedure_call()?),
            _ => return self.plsql("when expecting a statement"),
        };
        Ok(BlockItem::Statement(Box::new(statement)))
    }

    fn procedure_call(&mut self) -> Parse<ProcedureCall> {
        let name = self.dotted(6576, "not a valid function or procedure name")?;
        let mut arguments = Vec::new();
        if self.take_symbol("(") && !self.take_symbol(")") {
            loop {
                let parameter = if self.is_ident_at(0) && self.is_symbol_at(1, "=>") {
                    let ident = self.ident(6550, "parameter expected")?;
                    self.at += 1;
                    Some(ident)
                } else {
                    None
                };
                arguments.push((parameter, self.expr()?));
                if !self.take_symbol(",") {
                    break;
                }
            }
            self.need_close()?;
        }
        Ok(ProcedureCall { name, arguments })
    }

    // --- types -------------------------------------------------------------------------------------------------

    fn small(&mut self, range: std::ops::RangeInclusive<i64>, code: i32, message: &str) -> Parse<i64> {
        let offset = self.offset();
        let negative = self.take_symbol("-");
        let value = self.peek().filter(|t| t.kind == TokenKind::Number).and_then(|t| t.text.parse::<i64>().ok());
        let Some(value) = value else { return Err(error_at(code, message, offset)) };
        self.at += 1;
        let value = if negative { -value } else { value };
        if range.contains(&value) { Ok(value) } else { Err(error_at(code, message, offset)) }
    }

    fn optional_precision(&mut self, default: u8) -> Parse<u8> {
        if !self.take_symbol("(") {
            return Ok(default);
        }
        let value = self.small(0..=9, 30088, "datetime/interval precision is out of range")?;
        self.need_close()?;
        Ok(u8::try_from(value).unwrap_or(default))
    }

    fn length(&mut self, max: i64) -> Parse<(u32, LengthUnit)> {
        self.need_open()?;
        let value = self.small(1..=max, 910, "specified length too long for its datatype")?;
        let unit = if self.take_word("CHAR") {
            LengthUnit::Char
        } else {
            self.take_word("BYTE");
            LengthUnit::Byte
        };
        self.need_close()?;
        Ok((u32::try_from(value).unwrap_or(1), unit))
    }

    fn data_type(&mut self) -> Parse<OracleType> {
        let Some(token) = self.peek().filter(|t| t.kind == TokenKind::Word) else {
            return self.fail(902, "invalid datatype");
        };
        self.at += 1;
        Ok(match token.text.to_ascii_uppercase().as_str() {
            "NUMBER" | "NUMERIC" | "DECIMAL" | "DEC" => {
                let (mut precision, mut scale) = (None, None);
                if self.take_symbol("(") {
                    if !self.take_symbol("*") {
                        let value =
                            self.small(1..=38, 1727, "numeric precision specifier is out of range (1 to 38)")?;
                        precision = u8::try_from(value).ok();
                    }
                    scale = Some(0);
                    if self.take_symbol(",") {
                        let value =
                            self.small(-84..=127, 1728, "numeric scale specifier is out of range (-84 to 127)")?;
                        scale = i8::try_from(value).ok();
                    }
                    self.need_close()?;
                } else if !token.text.eq_ignore_ascii_case("NUMBER") {
                    scale = Some(0);
                }
                OracleType::Number { precision, scale }
            }
            "INTEGER" | "INT" | "SMALLINT" => OracleType::Number { precision: None, scale: Some(0) },
            "FLOAT" => {
                let mut bits = 126;
                if self.take_symbol("(") {
                    bits = self.small(1..=126, 1729, "numeric precision specifier is out of range (1 to 126)")?;
                    self.need_close()?;
                }
                OracleType::Float { binary_precision: u8::try_from(bits).unwrap_or(126) }
            }
            "REAL" => OracleType::Float { binary_precision: 63 },
            "BINARY_FLOAT" => OracleType::BinaryFloat,
            "BINARY_DOUBLE" => OracleType::BinaryDouble,
            "VARCHAR2" | "VARCHAR" => {
                let (length, unit) = self.length(32767)?;
                OracleType::Varchar2 { length, unit }
            }
            "NVARCHAR2" => OracleType::NVarchar2 { length: self.length(16383)?.0 },
            "CHAR" | "CHARACTER" => {
                let (length, unit) = if self.is_symbol("(") { self.length(2000)? } else { (1, LengthUnit::Byte) };
                OracleType::Char { length, unit }
            }
            "NCHAR" => OracleType::NChar { length: if self.is_symbol("(") { self.length(2000)?.0 } else { 1 } },
            "RAW" => OracleType::Raw { length: self.length(32767)?.0 },
            "CLOB" => OracleType::Clob,
            "NCLOB" => OracleType::NClob,
            "BLOB" => OracleType::Blob,
            "DATE" => OracleType::Date,
            "ROWID" => OracleType::RowId,
            "TIMESTAMP" => {
                let precision = self.optional_precision(6)?;
                if self.take_words(&["WITH", "TIME", "ZONE"]) {
                    OracleType::TimestampTz { precision }
                } else if self.take_words(&["WITH", "LOCAL", "TIME", "ZONE"]) {
                    OracleType::TimestampLtz { precision }
                } else {
                    OracleType::Timestamp { precision }
                }
            }
            "INTERVAL" if self.take_word("YEAR") => {
                let year_precision = self.optional_precision(2)?;
                if !self.take_words(&["TO", "MONTH"]) {
                    return self.fail(905, "missing keyword");
                }
                OracleType::IntervalYm { year_precision }
            }
            "INTERVAL" if self.take_word("DAY") => {
                let day_precision = self.optional_precision(2)?;
                if !self.take_words(&["TO", "SECOND"]) {
                    return self.fail(905, "missing keyword");
                }
                OracleType::IntervalDs { day_precision, second_precision: self.optional_precision(6)? }
            }
            _ => return Err(error_at(902, "invalid datatype", token.offset)),
        })
    }
}

/// The value of a text literal in any of Oracle's forms.
pub(super) fn text_literal(token: &str) -> String {
    let body = token.trim_start_matches(['n', 'N']);
    let quoting = body.starts_with(['q', 'Q']);
    let body = body.trim_start_matches(['q', 'Q']);
    let inner = body.strip_prefix('\'').and_then(|b| b.strip_suffix('\'')).unwrap_or("");
    if quoting {
        let mut chars = inner.chars();
        chars.next();
        chars.next_back();
        chars.as_str().to_owned()
    } else {
        inner.replace("''", "'")
    }
}
