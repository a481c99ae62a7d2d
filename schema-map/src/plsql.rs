//! Stored code as a tree: PL/SQL units with their declarations, statements, expressions and queries, each with its place.
//!
//! [`parse`] never fails: what it cannot read becomes an [`Unparsed`] with its place and the reason, and reading goes on behind the
//! next semicolon. Expressions and queries are those of the rest of this crate, but the whole language: what is not converted is
//! read, too. A [`Visitor`] is told everything that is in a tree.
//!
//! ```
//! use schema_map::plsql::{Node, StatementKind, UnitKind, Visitor, parse};
//!
//! struct Commits(Vec<usize>);
//!
//! impl<'t> Visitor<'t> for Commits {
//!     fn enter(&mut self, node: Node<'t>) {
//!         if let Node::Statement(statement) = node
//!             && let StatementKind::Commit = statement.kind
//!         {
//!             self.0.push(statement.span.start);
//!         }
//!     }
//! }
//!
//! let source = "PROCEDURE p(commit NUMBER) IS BEGIN x := commit; IF x > 1 THEN COMMIT; END IF; END;";
//! let unit = parse(source);
//! assert!(matches!(unit.kind, UnitKind::Routine(_)));
//! let mut commits = Commits(Vec::new());
//! unit.visit(&mut commits);
//! assert_eq!(commits.0, [source.find("COMMIT;").unwrap()]);
//! ```
//!
//! # What is read
//!
//! Functions, procedures, packages, types with their bodies, triggers (compound ones and those with CALL), anonymous blocks, and
//! single statements of SQL, as dynamic SQL has them; of DDL only the first word. All statements of PL/SQL up to Oracle 19c, of
//! later versions the iterators of FOR with one control. MODEL and MATCH_RECOGNIZE are kept as their text. All arms of conditional
//! compilation are read where each is whole statements or declarations; elsewhere the first arm is, and [`Unit::left_out`]
//! names the others. Output of the wrap utility is [`UnitKind::Wrapped`].
//!
//! Statements are read up to a hundred within each other, expressions up to fifty-five, fewer where they are in many statements: what
//! is deeper is [`Unparsed`], and a stack of 2 MiB suffices for what is read. Time and memory are linear in the size of
//! the source.

mod ast;
mod parser;
mod visit;

pub use ast::{
    Arm, Block, Clause, DataType, Declaration, DeclarationKind, Delete, Dynamic, Expr, Field, Filter, ForOver, Handler,
    Insert, InsertInto, Merge, Name, Package, Parameter, Part, Pragma, Query, Relation, Returning, Routine,
    RoutineBody, Span, Statement, StatementKind, Targets, Trigger, TriggerBody, TypeDefinition, TypeSpecification,
    Unit, UnitKind, Unparsed, Update,
};
pub use visit::{Called, ExprKind, Node, Sql, Table, Visitor};

use crate::sql::{Lexer, TokenKind};

/// Reads a unit as `ALL_SOURCE` or a script has it, with or without `CREATE OR REPLACE`; an anonymous block; or a statement as
/// dynamic SQL has it. A `/` behind it is passed over.
pub fn parse(source: &str) -> Unit {
    parser::unit(source)
}

/// Reads the query of a view, with what may stand behind it (`WITH READ ONLY`, `WITH CHECK OPTION`).
///
/// # Errors
///
/// [`Unparsed`] where it cannot be read.
pub fn parse_query(source: &str) -> Result<Query, Unparsed> {
    parser::query(source)
}

/// Reads one expression or condition: a default, a check, what an index is on.
///
/// # Errors
///
/// [`Unparsed`] where it cannot be read.
pub fn parse_expression(source: &str) -> Result<Expr, Unparsed> {
    parser::expression(source)
}

/// Whether a unit is the output of Oracle's wrap utility: WRAPPED stands where IS or AS would. Only the first words are read.
pub fn is_wrapped(source: &str) -> bool {
    let tokens = Lexer::new(source).filter(|token| token.kind != TokenKind::Comment);
    let mut head = tokens.take(MOST_BEFORE_WRAPPED).take_while(|token| !(token.is_word("IS") || token.is_word("AS")));
    let Some(kind) = head.find(|token| UNITS.iter().any(|unit| token.is_word(unit))) else { return false };
    // Behind the kind is a name, which may be this word.
    let name = head.next();
    if name.is_some_and(|token| token.is_word("BODY")) && (kind.is_word("PACKAGE") || kind.is_word("TYPE")) {
        head.next();
    }
    head.any(|token| token.is_word("WRAPPED"))
}

const UNITS: &[&str] = &["FUNCTION", "PROCEDURE", "PACKAGE", "TYPE", "TRIGGER"];

/// `CREATE OR REPLACE EDITIONABLE PACKAGE BODY owner.name` and an OID, with room to spare.
const MOST_BEFORE_WRAPPED: usize = 14;
