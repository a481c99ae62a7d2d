//! Whole units: routines, packages, types, triggers, blocks, statements of dynamic SQL.

use super::Parser;
use crate::plsql::ast::{
    Clause, Name, Package, Span, StatementKind, Trigger, TriggerBody, TypeDefinition, TypeSpecification, UnitKind,
};
use crate::plsql::is_wrapped;
use crate::rewrite::parser::Parsed;
use crate::sql::TokenKind;

impl Parser<'_> {
    pub(super) fn unit_kind(&mut self) -> UnitKind {
        let (from, start) = (self.at, self.offset());
        match self.create_prefix().and_then(|()| self.known_unit()) {
            Ok(kind) => kind,
            Err(refused) => {
                self.at = from;
                self.skip_all();
                UnitKind::Unparsed(self.unparsed(start, refused))
            }
        }
    }

    /// `CREATE [OR REPLACE] [EDITIONABLE | NONEDITIONABLE]` before a unit; other statements of DDL keep it.
    fn create_prefix(&mut self) -> Parsed<()> {
        let before = self.at;
        if self.take_word("CREATE") {
            self.take_words(&["OR", "REPLACE"]);
            if self.is_any(&["EDITIONABLE", "NONEDITIONABLE"]) {
                self.at += 1;
            }
            if !self.is_any(&["FUNCTION", "PROCEDURE", "PACKAGE", "TYPE", "TRIGGER"]) {
                self.at = before;
            }
        }
        Ok(())
    }

    fn known_unit(&mut self) -> Parsed<UnitKind> {
        if is_wrapped(self.source) {
            self.at += if self.is_word_at(1, "BODY") { 2 } else { 1 };
            let name = self.full_name()?;
            self.skip_all();
            return Ok(UnitKind::Wrapped(name));
        }
        if self.is_any(&["FUNCTION", "PROCEDURE"]) {
            return Ok(UnitKind::Routine(Box::new(self.routine()?)));
        }
        if self.take_word("PACKAGE") {
            let is_body = self.take_word("BODY");
            return Ok(UnitKind::Package(Box::new(self.package(is_body)?)));
        }
        if self.take_words(&["TYPE", "BODY"]) {
            return Ok(UnitKind::TypeBody(Box::new(self.package(true)?)));
        }
        if self.take_word("TYPE") {
            return Ok(UnitKind::Type(Box::new(self.type_specification()?)));
        }
        if self.take_word("TRIGGER") {
            return Ok(UnitKind::Trigger(Box::new(self.trigger()?)));
        }
        let statement = self.statement();
        Ok(match statement.kind {
            StatementKind::Block(block) if statement.labels.is_empty() => UnitKind::Block(Box::new(block)),
            StatementKind::Unparsed(unparsed) => UnitKind::Unparsed(unparsed),
            _ => UnitKind::Statement(Box::new(statement)),
        })
    }

    fn package(&mut self, is_body: bool) -> Parsed<Package> {
        let name = self.full_name()?;
        let clauses = self.clauses()?;
        if !self.take_word("IS") {
            self.need_word("AS")?;
        }
        let start = self.offset();
        let declarations = self.declarations();
        let mut initialization = None;
        if self.is_word("BEGIN") {
            initialization = Some(self.block_body(start, Vec::new()));
        } else {
            self.end_of_unit();
        }
        Ok(Package { name, is_body, clauses, declarations, initialization })
    }

    /// `END [name]`, as far as it is there.
    pub(super) fn end_of_unit(&mut self) {
        if self.take_word("END") && self.at_name() && !self.is_any(&["CREATE"]) {
            // A name can be read here: it begins with one.
            let _ = self.full_name();
        }
        self.take_symbol(";");
    }

    fn type_specification(&mut self) -> Parsed<TypeSpecification> {
        let name = self.full_name()?;
        let mut clauses = self.clauses()?;
        let mut under = None;
        let definition = if self.take_word("UNDER") {
            under = Some(self.full_name()?);
            TypeDefinition::Object(self.attributes()?)
        } else if self.take_word("IS") || self.take_word("AS") {
            if self.take_word("OBJECT") {
                TypeDefinition::Object(if self.is_symbol("(") { self.attributes()? } else { Vec::new() })
            } else if self.take_words(&["OPAQUE"]) {
                let start = self.offset();
                self.skip_all();
                clauses.push(Clause { span: self.span(start), word: "OPAQUE".to_owned() });
                TypeDefinition::Incomplete
            } else {
                self.guarded(|p| p.type_definition())?
            }
        } else {
            TypeDefinition::Incomplete
        };
        // [NOT] FINAL, INSTANTIABLE, PERSISTABLE, and what old exports have behind it.
        while let Some(token) = self.peek().filter(|t| !t.is_symbol(";") && !t.is_symbol("/")) {
            if !self.is_any(&["NOT", "FINAL", "INSTANTIABLE", "PERSISTABLE", "NULL", "EXTERNAL", "LANGUAGE"]) {
                return Err(self.refuse(format!("{} behind a type is not understood", token.text)));
            }
            self.at += 1;
            clauses.push(Clause { span: self.span(token.offset), word: token.text.to_ascii_uppercase() });
            if self.peek().is_some_and(|t| t.is_word("NAME")) {
                self.at += 2;
            }
        }
        self.take_symbol(";");
        Ok(TypeSpecification { name, clauses, definition, under })
    }

    fn trigger(&mut self) -> Parsed<Trigger> {
        let name = self.full_name()?;
        let mut clauses = self.clauses()?;
        let timing = if self.take_words(&["INSTEAD", "OF"]) {
            "INSTEAD OF"
        } else if self.take_word("BEFORE") {
            "BEFORE"
        } else if self.take_word("AFTER") {
            "AFTER"
        } else if self.take_word("FOR") {
            "FOR"
        } else {
            return Err(self.expected("BEFORE, AFTER, INSTEAD OF or FOR"));
        };
        let (mut events, mut columns) = (Vec::new(), Vec::new());
        loop {
            events.push(self.part()?.name().to_owned());
            if self.take_word("OF") {
                columns.push(self.part()?);
                while self.take_symbol(",") {
                    columns.push(self.part()?);
                }
            }
            if !self.take_word("OR") {
                break;
            }
        }
        self.need_word("ON")?;
        if self.take_words(&["NESTED", "TABLE"]) {
            self.part()?;
            self.need_word("OF")?;
        }
        let mut on = Some(self.full_name()?);
        if on.as_ref().is_some_and(|name| matches!(name.parts.as_slice(), [part] if part.name() == "DATABASE")) {
            on = None;
        }
        let mut each_row = false;
        let mut when = None;
        loop {
            let start = self.offset();
            if self.take_words(&["FOR", "EACH", "ROW"]) {
                each_row = true;
            } else if self.is_word("WHEN") {
                self.at += 1;
                when = Some(self.guarded(|p| p.primary())?);
            } else if self.is_any(&[
                "REFERENCING",
                "FOLLOWS",
                "PRECEDES",
                "ENABLE",
                "DISABLE",
                "FORWARD",
                "REVERSE",
                "CROSSEDITION",
            ]) {
                let word = self.peek().map(|t| t.text.to_ascii_uppercase()).unwrap_or_default();
                self.at += 1;
                self.trigger_clause(&word)?;
                clauses.push(Clause { span: self.span(start), word });
            } else {
                break;
            }
        }
        let body = self.trigger_body()?;
        Ok(Trigger { name, timing: timing.to_owned(), events, columns, on, each_row, clauses, when, body })
    }

    /// What belongs to a clause behind its word.
    fn trigger_clause(&mut self, word: &str) -> Parsed<()> {
        match word {
            "REFERENCING" => {
                while self.is_any(&["NEW", "OLD", "PARENT"]) {
                    self.at += 1;
                    self.take_word("AS");
                    if self.peek().is_some_and(|t| t.kind == TokenKind::Bind) {
                        self.at += 1;
                    } else {
                        self.part()?;
                    }
                }
            }
            "FOLLOWS" | "PRECEDES" => {
                self.full_name()?;
                while self.take_symbol(",") {
                    self.full_name()?;
                }
            }
            _ => {}
        }
        Ok(())
    }

    fn trigger_body(&mut self) -> Parsed<TriggerBody> {
        if self.take_words(&["COMPOUND", "TRIGGER"]) {
            let declarations = self.declarations();
            self.end_of_unit();
            return Ok(TriggerBody::Compound(declarations));
        }
        if self.take_word("CALL") {
            let call = self.guarded(|p| p.postfix())?;
            self.take_symbol(";");
            return Ok(TriggerBody::Call(call));
        }
        self.labels()?;
        if !self.is_any(&["DECLARE", "BEGIN"]) {
            return Err(self.expected("DECLARE, BEGIN, CALL or COMPOUND TRIGGER"));
        }
        Ok(TriggerBody::Block(self.block()))
    }

    /// The name that a unit has, for what is told of it.
    pub(super) fn empty_name(&self) -> Name {
        let at = self.offset();
        Name { span: Span { start: at, end: at }, parts: Vec::new(), link: Vec::new() }
    }
}
