//! Columns: CREATE TABLE and ALTER TABLE share them.

use super::{COLUMN_PROPERTIES, InlineConstraint, Parsed, Parser, UNDEFINED_TYPE};
use crate::sql::TokenKind;
use crate::sql::ast::{ColumnSpec, Encryption};
use crate::{ConstraintKind, Identity, OracleIdent};
use type_convert::OracleType;

impl Parser<'_> {
    pub(super) fn column_spec(&mut self, new: bool) -> Parsed<ColumnSpec> {
        let name = self.ident(if new { "a column or a constraint" } else { "a column name" })?;
        let mut spec = ColumnSpec {
            name,
            oracle_type: None,
            default: None,
            virtual_expression: None,
            identity: None,
            identity_options: None,
            default_on_null: false,
            invisible: None,
            drop_identity: false,
            nullable: None,
            not_null_name: None,
            constraints: Vec::new(),
            encryption: None,
        };
        let typed = !(self.at_end()
            || self.is_symbol(",")
            || self.is_symbol(")")
            || self.is_any(COLUMN_PROPERTIES)
            || self.is_any(&["DEFAULT", "NOT", "NULL", "AS", "DROP", "COLLATE", "DECRYPT"]));
        if typed {
            spec.oracle_type = Some(self.data_type()?);
        } else if new && !self.is_any(&["REFERENCES", "CONSTRAINT", "AS", "GENERATED", "NOT", "NULL", "DEFAULT"]) {
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

    pub(super) fn column_property(&mut self, spec: &mut ColumnSpec) -> Parsed<bool> {
        if self.word("DEFAULT") {
            if self.words(&["ON", "NULL"]) {
                spec.nullable = Some(false);
                spec.default_on_null = true;
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
                    spec.default_on_null = self.words(&["ON", "NULL"]);
                } else {
                    self.word("ALWAYS");
                }
            }
            self.expect("AS")?;
            if self.word("IDENTITY") {
                spec.identity = Some(identity);
                spec.nullable = Some(false);
                let parenthesized = self.symbol("(");
                spec.identity_options = self.sequence_options()?.of_identity();
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
        if self.is("VISIBLE") || self.is("INVISIBLE") {
            spec.invisible = Some(self.is("INVISIBLE"));
            self.at += 1;
            return Ok(true);
        }
        if self.any_word(&["VIRTUAL", "MATERIALIZED", "SORT", "RESERVABLE"]) {
            return Ok(true);
        }
        if self.word("DECRYPT") {
            spec.encryption = Some(Encryption::Off);
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
            let mut algorithm = None;
            loop {
                if self.word("USING") {
                    algorithm = self.peek().and_then(|token| token.text_value());
                    self.at += 1;
                    continue;
                }
                let value_follows = self.words(&["IDENTIFIED", "BY"]);
                if value_follows || self.peek().is_some_and(|token| token.kind == TokenKind::Text) {
                    self.at += 1;
                } else if !(self.words(&["NO", "SALT"]) || self.word("SALT")) {
                    break;
                }
            }
            spec.encryption = Some(Encryption::On(algorithm));
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
    pub(super) fn column_constraint(&mut self, column: Option<&OracleIdent>) -> Parsed<Option<InlineConstraint>> {
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
}
