//! Oracle's expressions and simple views to PostgreSQL.
//!
//! What is written here is a list of what is known to mean the same in both: by the types of the operands, by
//! whether they can be NULL, by where the expression stands. Everything else is refused with its place and the
//! reason; nothing is passed on in the hope that it works.
//!
//! One difference is accepted: sums and products are exact in PostgreSQL, where Oracle rounds them to 38 digits or
//! more.

mod ast;
mod functions;
mod parser;
mod scope;
mod select;
mod translate;

use crate::{
    Column, NameMap, ObjectPath, OracleIdent, PgPath, Table, pg_literal,
    sql::{Lexer, TokenKind},
};
use ast::{Expr, Node};
use parser::Parser;
use scope::{Kind, Relation, Scope, ScopeColumn};
pub(crate) use select::{sources, view_columns};
use std::collections::{BTreeMap, BTreeSet};
use translate::{NOW_TO_THE_SECOND, Piece, Place, Translator};
use type_convert::{OracleType, PgType};

/// Why a text is not converted, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Refused {
    /// In bytes from the start of the text.
    pub(crate) offset: usize,
    pub(crate) reason: String,
}

impl Refused {
    fn new(offset: usize, reason: impl Into<String>) -> Self {
        Refused { offset, reason: reason.into() }
    }

    /// For people: the reason and the place in `source`.
    pub(crate) fn message(&self, source: &str) -> String {
        let before = source.get(..self.offset).unwrap_or(source);
        let line = before.matches('\n').count() + 1;
        let column = before.chars().rev().take_while(|c| *c != '\n').count() + 1;
        match line {
            1 => format!("{} (character {column})", self.reason),
            _ => format!("{} (line {line}, character {column})", self.reason),
        }
    }
}

/// An expression of PostgreSQL.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Rewritten {
    pub(crate) sql: String,
    pub(crate) notes: BTreeSet<String>,
    /// The sequences that it needs.
    pub(crate) sequences: BTreeSet<ObjectPath>,
}

/// Rewrites texts that name the tables that it was given.
pub(crate) struct Rewriter<'a> {
    names: &'a NameMap,
    relations: BTreeMap<ObjectPath, Relation>,
}

impl<'a> Rewriter<'a> {
    pub(crate) fn new(names: &'a NameMap) -> Self {
        Rewriter { names, relations: BTreeMap::new() }
    }

    /// Makes a table known, with those of its columns that PostgreSQL will have.
    pub(crate) fn add_table(&mut self, table: &Table, target: &PgPath, columns: &[(&Column, PgType)]) {
        let columns = columns
            .iter()
            .filter_map(|(column, pg_type)| {
                Some(ScopeColumn {
                    name: column.name.clone(),
                    target: self.names.column(&table.path, &column.name)?.clone(),
                    kind: Kind::of(&column.oracle_type, pg_type),
                    nullable: column.nullable,
                    generated: column.virtual_expression.is_some(),
                })
            })
            .collect();
        let relation =
            Relation { path: table.path.clone(), target: target.quoted(), name: target.name.clone(), columns };
        self.relations.insert(table.path.clone(), relation);
    }

    /// A CHECK condition.
    pub(crate) fn check(&self, table: &ObjectPath, condition: &str) -> Result<Rewritten, Refused> {
        let expr = Parser::new(condition)?.expression()?;
        self.of_table(table, condition, |t| t.condition(&expr))
    }

    /// An expression that an index is on.
    pub(crate) fn index_expression(&self, table: &ObjectPath, text: &str) -> Result<Rewritten, Refused> {
        let expr = Parser::new(text)?.expression()?;
        self.of_table(table, text, |t| t.value(&expr))
    }

    /// The expression of a virtual column, whose values are of type `pg_type`.
    pub(crate) fn virtual_column(
        &self,
        table: &ObjectPath,
        column: &Column,
        pg_type: &PgType,
    ) -> Result<Rewritten, Refused> {
        let text = column.virtual_expression.as_deref().unwrap_or_default();
        let expr = Parser::new(text)?.expression()?;
        self.of_table(table, text, |t| {
            let piece = t.value(&expr)?;
            if t.generated {
                return t.refuse(&expr, "a generated column cannot be made from another one in PostgreSQL");
            }
            assigned(t, &expr, piece, column, pg_type)
        })
    }

    /// The DEFAULT of a column of type `pg_type`; `None` for NULL, which needs no default.
    pub(crate) fn default(
        &self,
        table: &ObjectPath,
        column: &Column,
        pg_type: &PgType,
    ) -> Result<Option<Rewritten>, Refused> {
        let text = column.default.as_deref().unwrap_or_default();
        let expr = Parser::new(text)?.expression()?;
        // A default cannot name columns.
        let scope = Scope::default();
        let place = Place { immutable: false, default: true, aggregates: false };
        let mut t = self.translator(text, &scope, &table.schema, place);
        let piece = t.value(&expr)?;
        let piece = assigned(&mut t, &expr, piece, column, pg_type)?;
        if piece.kind == Kind::Null {
            return Ok(None);
        }
        Ok(Some(Rewritten { sql: piece.sql, notes: t.notes, sequences: t.sequences }))
    }

    fn of_table(
        &self,
        table: &ObjectPath,
        source: &str,
        translate: impl FnOnce(&mut Translator<'_>) -> Result<Piece, Refused>,
    ) -> Result<Rewritten, Refused> {
        let relation = self.relations.get(table);
        let relation = relation.ok_or_else(|| Refused::new(0, format!("the table {table} is not converted")))?;
        let scope = Scope::of_table(relation);
        let place = Place { immutable: true, default: false, aggregates: false };
        let mut translator = self.translator(source, &scope, &table.schema, place);
        let piece = translate(&mut translator)?;
        Ok(Rewritten { sql: piece.sql, notes: translator.notes, sequences: translator.sequences })
    }

    fn translator<'t>(
        &'t self,
        source: &'t str,
        scope: &'t Scope<'t>,
        schema: &'t OracleIdent,
        place: Place,
    ) -> Translator<'t> {
        Translator {
            source,
            scope,
            names: self.names,
            schema,
            place,
            notes: BTreeSet::new(),
            sequences: BTreeSet::new(),
            generated: false,
        }
    }
}

/// The value as Oracle converts it when it is stored in the column.
fn assigned(
    t: &mut Translator<'_>,
    expr: &Expr,
    piece: Piece,
    column: &Column,
    pg_type: &PgType,
) -> Result<Piece, Refused> {
    let to = Kind::of(&column.oracle_type, pg_type);
    if piece.sql == NEW_GUID {
        match (&column.oracle_type, pg_type, &to) {
            (OracleType::Raw { .. }, PgType::Uuid, _) => return Ok(Piece::atom("gen_random_uuid()", to, false)),
            (_, _, Kind::Text | Kind::Char) => {
                return Ok(Piece::atom("upper(replace(CAST(gen_random_uuid() AS text), '-', ''))", to, false));
            }
            _ => {}
        }
    }
    let is_now = piece.sql.contains("statement_timestamp()");
    match (&piece.kind, &to) {
        (Kind::Null, _) => Ok(piece),
        (Kind::Int | Kind::Numeric, to) if to.is_number() => Ok(piece),
        (Kind::Float, Kind::Float)
        | (Kind::Text, Kind::Text | Kind::Char | Kind::Clob)
        | (Kind::Char, Kind::Char)
        | (Kind::Clob, Kind::Clob)
        | (Kind::Date, Kind::Date | Kind::Timestamp)
        | (Kind::Timestamp, Kind::Timestamp)
        | (Kind::TimestampTz, Kind::TimestampTz)
        | (Kind::Raw, Kind::Raw)
        | (Kind::Boolean, Kind::Boolean) => Ok(piece),
        (Kind::Date | Kind::Timestamp, Kind::TimestampTz) | (Kind::TimestampTz, Kind::Timestamp)
            if !t.place.immutable =>
        {
            Ok(piece)
        }
        // Stored in a DATE, a timestamp loses its fraction; PostgreSQL would round it.
        (Kind::Timestamp | Kind::TimestampTz, Kind::Date) if is_now => {
            Ok(Piece::atom(NOW_TO_THE_SECOND, Kind::Date, false))
        }
        (Kind::Text, to) if to.is_exact_number() => match &piece.literal {
            Some(text) if is_plain_number(text.trim()) => Ok(Piece::atom(text.trim(), Kind::Numeric, false)),
            _ => t.refuse(expr, "a text for a number needs a conversion that depends on the session"),
        },
        (Kind::Int, Kind::Text | Kind::Char) if matches!(expr.node, Node::Number(_)) => {
            Ok(Piece::atom(pg_literal(plain_integer(&piece.sql)), Kind::Text, false))
        }
        (from, Kind::Other(what)) => {
            let reason = format!("{} for a column that moves as {what} is not converted", from.noun());
            t.refuse(expr, reason)
        }
        (from, to) => {
            let reason = format!("{} for a column that is {} is not converted", from.noun(), to.noun());
            t.refuse(expr, reason)
        }
    }
}

const NEW_GUID: &str = "uuid_send(gen_random_uuid())";

fn is_plain_number(text: &str) -> bool {
    let digits = text.strip_prefix('-').unwrap_or(text);
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, "0"));
    let all_digits = |s: &str| !s.is_empty() && s.len() <= 38 && s.bytes().all(|b| b.is_ascii_digit());
    all_digits(whole) && all_digits(fraction)
}

/// As Oracle writes an integer: without zeros in front.
fn plain_integer(digits: &str) -> &str {
    match digits.trim_start_matches('0') {
        "" => "0",
        rest => rest,
    }
}

/// The columns of `table` that a text names, each once, in the order of their first use.
pub(crate) fn columns_in(text: &str, table: &Table) -> Vec<OracleIdent> {
    let mut columns: Vec<OracleIdent> = Vec::new();
    for token in Lexer::new(text) {
        let name = match token.kind {
            TokenKind::Word => token.text.to_uppercase(),
            TokenKind::QuotedIdent => token.text.trim_matches('"').to_owned(),
            _ => continue,
        };
        if let Some(column) = table.columns.iter().find(|c| c.name.as_str() == name)
            && !columns.contains(&column.name)
        {
            columns.push(column.name.clone());
        }
    }
    columns
}
