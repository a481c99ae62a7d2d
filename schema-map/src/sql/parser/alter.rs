//! ALTER.

use super::{Element, OTHER_OBJECTS, Parsed, Parser, STORAGE_CLAUSES};
use crate::OracleIdent;
use crate::sql::Token;
use crate::sql::ast::{ConstraintRef, StateChange, Statement, TableChange};
use type_convert::LengthUnit;

impl Parser<'_> {
    pub(super) fn alter(&mut self) -> Parsed<Statement> {
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

    pub(super) fn alter_session(&mut self) -> Parsed<Statement> {
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

    pub(super) fn alter_table(&mut self) -> Parsed<Statement> {
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

    pub(super) fn if_exists(&mut self) -> bool {
        self.words(&["IF", "EXISTS"])
    }

    /// Skips clauses about storage and partitions, to the end of the statement.
    pub(super) fn skip_clauses(&mut self) -> Parsed<()> {
        while !self.at_end() {
            self.skip_property()?;
        }
        Ok(())
    }

    pub(super) fn alter_add(&mut self, changes: &mut Vec<TableChange>) -> Parsed<()> {
        if self.is_any(&["PARTITION", "SUBPARTITION", "SUPPLEMENTAL", "OVERFLOW"]) {
            return self.skip_clauses();
        }
        let parenthesized = self.symbol("(");
        loop {
            match self.table_element_of(true)? {
                Element::Column(spec) => changes.push(TableChange::AddColumn(*spec)),
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

    pub(super) fn alter_modify(&mut self, changes: &mut Vec<TableChange>) -> Parsed<()> {
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

    pub(super) fn alter_enable(&mut self, changes: &mut Vec<TableChange>) -> Parsed<()> {
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

    pub(super) fn constraint_ref(&mut self) -> Parsed<ConstraintRef> {
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

    pub(super) fn alter_drop(&mut self, changes: &mut Vec<TableChange>) -> Parsed<()> {
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

    pub(super) fn dropped_columns(&mut self) -> Parsed<Vec<OracleIdent>> {
        let columns = if self.word("COLUMN") { vec![self.ident("a column name")?] } else { self.column_list()? };
        loop {
            if self.word("CHECKPOINT") {
                self.integer("a number")?;
            } else if !(self.words(&["CASCADE", "CONSTRAINTS"]) || self.any_word(&["INVALIDATE", "ONLINE"])) {
                return Ok(columns);
            }
        }
    }

    pub(super) fn alter_rename(&mut self, changes: &mut Vec<TableChange>) -> Parsed<()> {
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
}
