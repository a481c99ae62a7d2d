//! CREATE TYPE, from the source that the catalog keeps.

use super::{Context, Parsed, Parser};
use crate::sql::{Token, TokenKind, ast::TypeDefinition};
use crate::{ObjectPath, OracleIdent};
use type_convert::OracleType;

/// Supertypes of supertypes that are followed.
const MAX_DEPTH: usize = 32;

/// What the source of a type (`TYPE name AS …`) defines.
pub(crate) fn type_definition(source: &str, context: &Context) -> TypeDefinition {
    Parser::new(source, context).type_definition().unwrap_or(TypeDefinition::Opaque)
}

/// All attributes of an object type, those of its supertypes first; `None` where one of them is not known.
/// `source` gives the source of a type.
pub(crate) fn type_attributes<'s>(
    path: &ObjectPath,
    source: &dyn Fn(&ObjectPath) -> Option<&'s str>,
    context: &Context,
) -> Option<Vec<(OracleIdent, OracleType)>> {
    let mut attributes = Vec::new();
    let mut next = Some(path.clone());
    for _ in 0..MAX_DEPTH {
        let Some(path) = next else {
            return Some(attributes);
        };
        let context = Context { schema: path.schema.clone(), ..context.clone() };
        let TypeDefinition::Object { supertype, attributes: mut own, .. } = type_definition(source(&path)?, &context)
        else {
            return None;
        };
        own.append(&mut attributes);
        attributes = own;
        next = supertype;
    }
    None
}

impl Parser<'_> {
    fn type_definition(mut self) -> Parsed<TypeDefinition> {
        self.expect("TYPE")?;
        self.if_not_exists();
        self.path("a type name")?;
        loop {
            if self.any_word(&["FORCE", "EDITIONABLE", "NONEDITIONABLE"]) {
            } else if self.word("OID") || self.word("TIMESTAMP") {
                self.text("a text")?;
            } else if self.word("AUTHID") {
                self.at += 1;
            } else if self.words(&["ACCESSIBLE", "BY"]) {
                self.parenthesized()?;
            } else if self.words(&["SHARING", "="]) || self.word("SHARING") {
                self.symbol("=");
                self.at += 1;
            } else {
                break;
            }
        }
        if self.at_end() {
            return Ok(TypeDefinition::Announced);
        }
        if self.word("UNDER") {
            let supertype = self.path("a type name")?;
            return self.object_type(Some(supertype));
        }
        if !self.any_word(&["AS", "IS"]) {
            return Ok(TypeDefinition::Opaque);
        }
        if self.word("OBJECT") {
            return self.object_type(None);
        }
        let limit = if self.word("VARRAY") || self.words(&["VARYING", "ARRAY"]) {
            self.expect_symbol("(")?;
            let limit = self.bounded("a limit", 1, i128::from(u32::MAX))?;
            self.expect_symbol(")")?;
            Some(limit)
        } else {
            self.expect("TABLE")?;
            None
        };
        self.expect("OF")?;
        let parenthesized = self.symbol("(");
        let element = self.data_type()?;
        let not_null = self.words(&["NOT", "NULL"]);
        if parenthesized {
            self.expect_symbol(")")?;
        }
        Ok(TypeDefinition::Collection { limit, element, not_null })
    }

    /// `(attributes, methods)`.
    fn object_type(mut self, supertype: Option<ObjectPath>) -> Parsed<TypeDefinition> {
        let mut attributes = Vec::new();
        let mut methods = Vec::new();
        if self.symbol("(") {
            loop {
                if self.begins_method() {
                    methods.push(self.method());
                } else if !self.is_symbol(")") {
                    let name = self.ident("an attribute")?;
                    attributes.push((name, self.data_type()?));
                    while !(self.at_end() || self.is_symbol(",") || self.is_symbol(")")) {
                        self.skip_property()?;
                    }
                }
                if !self.symbol(",") {
                    break;
                }
            }
            self.expect_symbol(")")?;
        }
        // Behind it stand NOT FINAL, NOT INSTANTIABLE, PERSISTABLE … in any order.
        let extensible = self.tokens[self.at..].windows(2).any(|two| two[0].is_word("NOT") && two[1].is_word("FINAL"));
        Ok(TypeDefinition::Object { supertype, attributes, methods, extensible })
    }

    fn begins_method(&self) -> bool {
        let words = ["MEMBER", "STATIC", "CONSTRUCTOR", "MAP", "ORDER", "OVERRIDING", "PRAGMA"];
        let marked = ["FINAL", "INSTANTIABLE", "NOT"];
        (self.is_any(&words) && self.peek_word(1)) || (self.is_any(&marked) && self.peek_word(1) && self.method_ahead())
    }

    fn peek_word(&self, ahead: usize) -> bool {
        self.tokens.get(self.at + ahead).is_some_and(|token| {
            token.kind == TokenKind::Word
                && ["MEMBER", "STATIC", "FUNCTION", "PROCEDURE", "CONSTRUCTOR", "MAP", "ORDER", "OVERRIDING", "FINAL"]
                    .iter()
                    .chain(&["INSTANTIABLE", "NOT", "RESTRICT_REFERENCES"])
                    .any(|word| token.is_word(word))
        })
    }

    fn method_ahead(&self) -> bool {
        self.tokens[self.at..].iter().take(8).any(|token| token.is_word("FUNCTION") || token.is_word("PROCEDURE"))
    }

    /// Skips a method to its comma; its name.
    fn method(&mut self) -> String {
        let mut name = String::new();
        while let Some(&token) = self.peek() {
            if token.is_symbol(",") || token.is_symbol(")") {
                break;
            }
            let names = token.is_word("FUNCTION") || token.is_word("PROCEDURE");
            if names && let Some(next) = self.tokens.get(self.at + 1).map(|t: &Token<'_>| t.text.to_owned()) {
                name = next;
            }
            if token.is_symbol("(") {
                if self.parenthesized().is_err() {
                    break;
                }
                continue;
            }
            self.at += 1;
        }
        name
    }
}
