//! Constraints, their states and the indexes that they use.

use super::{AFTER_USING_INDEX, Parsed, Parser};
use crate::sql::ast::StateChange;
use crate::{Constraint, ConstraintKind, OnDelete, OracleIdent};

impl Parser<'_> {
    pub(super) fn begins_constraint(&self) -> bool {
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

    pub(super) fn column_called_constraint(&self) -> bool {
        let types = ["NUMBER", "VARCHAR2", "CHAR", "NVARCHAR2", "VARCHAR", "DATE", "INTEGER", "TIMESTAMP", "CLOB"];
        types.iter().any(|word| self.is_at(1, word))
    }

    /// An out-of-line constraint; `None` for one on a REF column, which the catalog does not describe.
    pub(super) fn table_constraint(&mut self) -> Parsed<Option<Constraint>> {
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

    pub(super) fn references(&mut self, columns: Vec<OracleIdent>) -> Parsed<ConstraintKind> {
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

    pub(super) fn with_state(&mut self, name: Option<OracleIdent>, kind: ConstraintKind) -> Parsed<Constraint> {
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

    pub(super) fn constraint_state(&mut self) -> Parsed<StateChange> {
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

    pub(super) fn using_index(&mut self) -> Parsed<()> {
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
}
