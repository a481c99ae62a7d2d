//! Statements and blocks.

use super::Parser;
use crate::plsql::ast::{
    Block, Declaration, Dynamic, Expr, ForOver, Handler, Span, Statement, StatementKind, Unparsed,
};
use crate::rewrite::{ast::Node, parser::Parsed};
use crate::sql::TokenKind;

/// What SQL has besides queries and DML; only a text of dynamic SQL can be one of these.
const DDL: &[&str] = &[
    "CREATE",
    "ALTER",
    "DROP",
    "TRUNCATE",
    "GRANT",
    "REVOKE",
    "COMMENT",
    "ANALYZE",
    "RENAME",
    "PURGE",
    "FLASHBACK",
    "EXPLAIN",
    "AUDIT",
    "NOAUDIT",
    "ASSOCIATE",
    "DISASSOCIATE",
];

impl Parser<'_> {
    /// A block from DECLARE or BEGIN to before its semicolon.
    pub(super) fn block(&mut self) -> Block {
        let start = self.offset();
        let declarations = if self.take_word("DECLARE") { self.declarations() } else { Vec::new() };
        self.block_body(start, declarations)
    }

    /// From BEGIN to before the semicolon.
    pub(super) fn block_body(&mut self, start: usize, declarations: Vec<Declaration>) -> Block {
        let mut statements = Vec::new();
        if !self.take_word("BEGIN") {
            statements.push(self.misplaced("BEGIN"));
        }
        statements.extend(self.statements(&["EXCEPTION", "END"]));
        let at = self.offset();
        let mut exception = None;
        let mut handlers = Vec::new();
        if self.take_word("EXCEPTION") {
            exception = Some(self.span(at));
            while self.is_word("WHEN") {
                handlers.push(self.handler());
            }
        }
        if self.is_word("END") && self.is_any_at(1, &["IF", "LOOP", "CASE"]) || !self.is_word("END") {
            statements.push(self.misplaced("END"));
        }
        self.end_of_block();
        Block { span: self.span(start), declarations, statements, exception, handlers }
    }

    /// `END [label | IF | LOOP | CASE [label]]`, as far as it is there.
    fn end_of_block(&mut self) {
        if self.take_word("END") {
            if self.is_any(&["IF", "LOOP", "CASE"]) {
                self.at += 1;
            }
            if self.at_name()
                && (self.is_symbol_at(1, ";")
                    || self.is_symbol_at(1, ".")
                    || self.is_symbol_at(1, "/")
                    || self.peek_at(1).is_none())
            {
                // A name can be read here: it begins with one.
                let _ = self.full_name();
            }
        }
    }

    /// Says that something is missing before the next token, and takes nothing.
    fn misplaced(&mut self, word: &str) -> Statement {
        let refused = self.expected(word);
        let at = self.offset();
        let span = Span { start: at, end: at };
        let unparsed = Unparsed { span, offset: at, reason: refused.reason };
        Statement { span, labels: Vec::new(), kind: StatementKind::Unparsed(unparsed) }
    }

    fn handler(&mut self) -> Handler {
        let (from, start) = (self.at, self.offset());
        self.at += 1;
        let read = self.guarded(|p| {
            let mut exceptions = Vec::new();
            if p.is_word("OTHERS") {
                p.at += 1;
            } else {
                exceptions.push(p.full_name()?);
                while p.take_word("OR") {
                    exceptions.push(p.full_name()?);
                }
            }
            p.need_word("THEN")?;
            Ok(exceptions)
        });
        let mut statements = Vec::new();
        let exceptions = match read {
            Ok(exceptions) => exceptions,
            Err(refused) => {
                self.at = self.position_of(from, &["THEN"]).unwrap_or(self.at.max(from + 1));
                let unparsed = self.unparsed(start, refused);
                self.take_word("THEN");
                statements.push(Statement {
                    span: unparsed.span,
                    labels: Vec::new(),
                    kind: StatementKind::Unparsed(unparsed),
                });
                Vec::new()
            }
        };
        statements.extend(self.statements(&["WHEN", "END"]));
        Handler { span: self.span(start), exceptions, statements }
    }

    /// Up to one of the words in `stops`.
    pub(super) fn statements(&mut self, stops: &[&str]) -> Vec<Statement> {
        let mut statements = Vec::new();
        while self.peek().is_some() && !self.is_any(stops) {
            statements.push(self.statement());
        }
        statements
    }

    pub(super) fn statement(&mut self) -> Statement {
        let (from, start, nesting) = (self.at, self.offset(), self.nesting);
        let mut labels = Vec::new();
        let kind = self.deeper_statement().and_then(|()| {
            labels = self.labels()?;
            // A label may stand before END.
            if !labels.is_empty() && self.is_word("END") {
                return Ok(StatementKind::Null);
            }
            self.statement_kind()
        });
        self.nesting = nesting;
        let kind = kind.unwrap_or_else(|refused| {
            self.skip_statement(from, &[]);
            StatementKind::Unparsed(self.unparsed(start, refused))
        });
        Statement { span: self.span(start), labels, kind }
    }

    /// With its semicolon; at the end of the source it may be missing.
    fn statement_kind(&mut self) -> Parsed<StatementKind> {
        let Some(token) = self.peek() else { return Err(self.expected("a statement")) };
        if token.is_symbol("(") && self.at_query_before_end() {
            let query = self.guarded(|p| p.query())?;
            return self.ended(StatementKind::Select(query));
        }
        let is_name = token.kind != TokenKind::Word || self.is_symbol_at(1, ":=") || self.is_symbol_at(1, ".");
        if is_name {
            return self.guarded(Self::simple);
        }
        if let Some(kind) = self.compound(&token.text.to_ascii_uppercase()) {
            return kind;
        }
        self.guarded(|p| p.flat(&token.text.to_ascii_uppercase()))
    }

    fn ended(&mut self, kind: StatementKind) -> Parsed<StatementKind> {
        if self.take_symbol(";") || self.peek().is_none() { Ok(kind) } else { Err(self.expected(";")) }
    }

    // --- With statements in them

    fn compound(&mut self, word: &str) -> Option<Parsed<StatementKind>> {
        let kind = match word {
            "BEGIN" | "DECLARE" => StatementKind::Block(self.block()),
            "IF" => {
                self.at += 1;
                self.if_statement()
            }
            "CASE" => {
                self.at += 1;
                self.case_statement()
            }
            "LOOP" => {
                self.at += 1;
                StatementKind::Loop(self.loop_body())
            }
            "WHILE" => {
                self.at += 1;
                let condition = self.head("LOOP");
                StatementKind::While { condition, body: self.loop_body() }
            }
            "FOR" => {
                self.at += 1;
                return Some(self.for_statement());
            }
            "FORALL" => {
                self.at += 1;
                return Some(self.forall());
            }
            "$IF" => {
                return Some(
                    self.conditional(|p| p.statements(&["$ELSIF", "$ELSE", "$END"])).map(StatementKind::Conditional),
                );
            }
            "$ERROR" => {
                self.error_directive();
                return Some(Ok(StatementKind::Error));
            }
            _ => return None,
        };
        // What is missing here was told as a statement.
        self.take_symbol(";");
        Some(Ok(kind))
    }

    fn if_statement(&mut self) -> StatementKind {
        const STOPS: &[&str] = &["ELSIF", "ELSE", "END"];
        let condition = self.head("THEN");
        let mut arms = vec![(condition, self.statements(STOPS))];
        let mut otherwise = None;
        loop {
            if self.take_word("ELSIF") {
                let condition = self.head("THEN");
                arms.push((condition, self.statements(STOPS)));
            } else if self.take_word("ELSE") {
                otherwise.get_or_insert_with(Vec::new).extend(self.statements(STOPS));
            } else {
                break;
            }
        }
        let last = otherwise.as_mut().or_else(|| arms.last_mut().map(|(_, body)| body));
        if !(self.is_word("END") && self.is_word_at(1, "IF"))
            && let Some(last) = last
        {
            last.push(self.misplaced("END IF"));
        }
        self.end_of_block();
        StatementKind::If { arms, otherwise }
    }

    fn case_statement(&mut self) -> StatementKind {
        const STOPS: &[&str] = &["WHEN", "ELSE", "END"];
        let operand = if self.is_word("WHEN") {
            None
        } else {
            let operand = self.head("WHEN");
            // The word belongs to the first arm.
            if self.tokens.get(self.at.wrapping_sub(1)).is_some_and(|t| t.is_word("WHEN")) {
                self.at -= 1;
            }
            Some(operand)
        };
        let mut arms = Vec::new();
        while self.take_word("WHEN") {
            // `WHEN 1, 2 THEN` and `WHEN > 5 THEN` of Oracle 23ai are not read.
            let when = self.head("THEN");
            arms.push((when, self.statements(STOPS)));
        }
        let mut otherwise = None;
        if self.take_word("ELSE") {
            otherwise = Some(self.statements(&["END"]));
        }
        if !(self.is_word("END") && self.is_word_at(1, "CASE")) {
            let missing = self.misplaced("END CASE");
            match (&mut otherwise, arms.last_mut()) {
                (Some(body), _) | (None, Some((_, body))) => body.push(missing),
                (None, None) => otherwise = Some(vec![missing]),
            }
        }
        self.end_of_block();
        StatementKind::Case { operand, arms, otherwise }
    }

    /// Behind LOOP, up to before the semicolon.
    fn loop_body(&mut self) -> Vec<Statement> {
        let mut body = self.statements(&["END"]);
        if !(self.is_word("END") && self.is_word_at(1, "LOOP")) {
            body.push(self.misplaced("END LOOP"));
        }
        self.end_of_block();
        body
    }

    fn for_statement(&mut self) -> Parsed<StatementKind> {
        let from = self.at;
        let mut variables = vec![self.part()?];
        while self.take_symbol(",") {
            variables.push(self.part()?);
        }
        if !self.is_word("IN") {
            // Oracle 21c: with a type.
            self.take_word("MUTABLE");
            self.declared_type()?;
        }
        self.need_word("IN")?;
        let (at, start) = (self.at, self.offset());
        let over = match self.guarded(Self::for_over) {
            Ok(over) if self.is_word("LOOP") => over,
            read => {
                let refused = read.err().unwrap_or_else(|| self.expected("LOOP"));
                self.at = self.position_of(from, &["LOOP"]).unwrap_or(at);
                ForOver::Unparsed(self.unparsed(start, refused))
            }
        };
        self.take_word("LOOP");
        let body = self.loop_body();
        self.take_symbol(";");
        Ok(StatementKind::For { variables, over, body })
    }

    fn for_over(&mut self) -> Parsed<ForOver> {
        let reverse = self.take_word("REVERSE");
        if self.is_symbol("(")
            && (self.is_any_at(1, &["SELECT", "WITH"]) || (self.is_symbol_at(1, "(") && self.at_query_ahead(1)))
        {
            self.at += 1;
            let query = self.query()?;
            self.need_symbol(")")?;
            return Ok(ForOver::Query(query));
        }
        if self.is_any(&["INDICES", "VALUES", "PAIRS"]) && self.is_word_at(1, "OF") {
            let what = self.peek().map(|t| t.text.to_ascii_uppercase()).unwrap_or_default();
            self.at += 2;
            let list = self.postfix()?;
            let mut between = None;
            if self.take_word("BETWEEN") {
                let low = self.sum()?;
                self.need_word("AND")?;
                between = Some((low, self.sum()?));
            }
            return Ok(ForOver::Elements { what, list, between });
        }
        let low = self.sum()?;
        if self.take_symbol("..") {
            return Ok(ForOver::Range { reverse, low, high: self.sum()? });
        }
        Ok(ForOver::Cursor(low))
    }

    fn forall(&mut self) -> Parsed<StatementKind> {
        let (variable, over, save_exceptions) = self.guarded(|p| {
            let variable = p.part()?;
            p.need_word("IN")?;
            let over = p.for_over()?;
            Ok((variable, over, p.take_words(&["SAVE", "EXCEPTIONS"])))
        })?;
        let statement = self.statement();
        Ok(StatementKind::ForAll { variable, over, save_exceptions, statement: Box::new(statement) })
    }

    // --- Without

    /// An assignment or a call.
    fn simple(&mut self) -> Parsed<StatementKind> {
        let target = self.postfix()?;
        if self.take_symbol(":=") {
            let value = self.or()?;
            return self.ended(StatementKind::Assign { target, value });
        }
        if !matches!(
            target.node,
            Node::Name(_) | Node::Call(_) | Node::Apply { .. } | Node::Method { .. } | Node::Remote { .. }
        ) {
            return Err(self.expected(":="));
        }
        self.ended(StatementKind::Call(target))
    }

    fn flat(&mut self, word: &str) -> Parsed<StatementKind> {
        // These may be names of procedures.
        let called = self.is_symbol_at(1, "(");
        let before = self.at;
        self.at += 1;
        let kind = match word {
            "NULL" => StatementKind::Null,
            "SELECT" | "WITH" => {
                self.at = before;
                StatementKind::Select(self.query()?)
            }
            "INSERT" => self.insert()?,
            "UPDATE" => self.update()?,
            "DELETE" => self.delete()?,
            "MERGE" if !called => self.merge()?,
            "GOTO" if !called => StatementKind::Goto(self.part()?),
            "EXIT" | "CONTINUE" if !called => {
                let label = if self.at_name() && !self.is_word("WHEN") { Some(self.part()?) } else { None };
                let when = if self.take_word("WHEN") { Some(self.or()?) } else { None };
                match word {
                    "EXIT" => StatementKind::Exit { label, when },
                    _ => StatementKind::Continue { label, when },
                }
            }
            "RAISE" if !called => StatementKind::Raise(if self.at_name() { Some(self.full_name()?) } else { None }),
            "RETURN" => StatementKind::Return(if self.is_symbol(";") || self.peek().is_none() {
                None
            } else {
                Some(self.or()?)
            }),
            "EXECUTE" if self.take_word("IMMEDIATE") => {
                let text = self.sum()?;
                StatementKind::ExecuteImmediate(self.dynamic(text)?)
            }
            "OPEN" if !called => self.open()?,
            "FETCH" if !called => {
                let cursor = self.postfix()?;
                let into = self.read_targets()?.ok_or_else(|| self.expected("INTO"))?;
                let limit = if self.take_word("LIMIT") { Some(self.sum()?) } else { None };
                StatementKind::Fetch { cursor, into, limit }
            }
            "CLOSE" if !called => StatementKind::Close(self.postfix()?),
            "PIPE" if self.take_word("ROW") => StatementKind::PipeRow(self.primary()?),
            "COMMIT" if !called => {
                self.skip_to_semicolon();
                StatementKind::Commit
            }
            "ROLLBACK" if !called => {
                self.take_word("WORK");
                let mut to = None;
                if self.take_word("TO") {
                    self.take_word("SAVEPOINT");
                    to = Some(self.part()?);
                }
                self.skip_to_semicolon();
                StatementKind::Rollback(to)
            }
            "SAVEPOINT" if !called => StatementKind::Savepoint(self.part()?),
            "SET" if self.is_any(&["TRANSACTION", "ROLE", "CONSTRAINT", "CONSTRAINTS"]) => {
                self.skip_to_semicolon();
                StatementKind::Set
            }
            "LOCK" if self.take_word("TABLE") => {
                let mut names = vec![self.full_name()?];
                while self.take_symbol(",") {
                    names.push(self.full_name()?);
                }
                self.need_word("IN")?;
                self.skip_to_semicolon();
                StatementKind::LockTable(names)
            }
            "PRAGMA" => StatementKind::Pragma({
                self.at = before;
                self.pragma()?
            }),
            "CALL" if !called => {
                let call = self.postfix()?;
                self.read_targets()?;
                StatementKind::SqlCall(call)
            }
            // The first statement of a source: a text of dynamic SQL.
            ddl if self.nesting == 1 && DDL.contains(&ddl) && !called && self.peek().is_some() => {
                self.skip_all();
                return Ok(StatementKind::Ddl(ddl.to_owned()));
            }
            _ => {
                self.at = before;
                return self.simple();
            }
        };
        self.ended(kind)
    }

    fn skip_to_semicolon(&mut self) {
        while self.peek().is_some() && !self.is_symbol(";") {
            self.at += 1;
        }
    }

    /// What can stand behind the text of dynamic SQL.
    fn dynamic(&mut self, text: Expr) -> Parsed<Dynamic> {
        let mut dynamic = Dynamic { text, into: None, using: Vec::new(), returning: None };
        loop {
            if self.take_word("USING") {
                loop {
                    self.take_word("IN");
                    self.take_word("OUT");
                    dynamic.using.push(self.or()?);
                    if !self.take_symbol(",") {
                        break;
                    }
                }
            } else if self.take_word("RETURNING") || self.take_word("RETURN") {
                dynamic.returning = self.read_targets()?;
            } else if let Some(into) = self.read_targets()? {
                dynamic.into = Some(into);
            } else {
                return Ok(dynamic);
            }
        }
    }

    fn open(&mut self) -> Parsed<StatementKind> {
        let cursor = self.postfix()?;
        if !self.take_word("FOR") {
            return Ok(StatementKind::Open(cursor));
        }
        if self.is_any(&["SELECT", "WITH"]) || (self.is_symbol("(") && self.at_query_before_end()) {
            return Ok(StatementKind::OpenQuery { cursor, query: self.query()? });
        }
        let text = self.sum()?;
        Ok(StatementKind::OpenDynamic { cursor, dynamic: self.dynamic(text)? })
    }

    /// Whether what is in the parentheses here is a query.
    fn at_query_before_end(&self) -> bool {
        let mut ahead = 0;
        while self.is_symbol_at(ahead, "(") {
            ahead += 1;
        }
        self.is_any_at(ahead, &["SELECT", "WITH"])
    }
}
