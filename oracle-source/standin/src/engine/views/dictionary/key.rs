//! Constraints and indexes.

use super::{
    NULL, Scope, Values, count, id, number, shows_path, table::shown_tables, table::type_columns, text, y_n, yes_no,
};
use crate::{
    OraError,
    engine::{
        storage::Storage,
        store::{Model, Store, TableInfo, date},
    },
};
use schema_map::{
    Constraint, ConstraintKind, Index, IndexKey, IndexKind, ObjectPath, OnDelete, OracleIdent, Table, TableKind,
};
use std::collections::HashMap;
use type_convert::Value;

/// The constraints of a table, NOT NULL ones as Oracle has them: checks with made-up names.
fn all_constraints(info: &TableInfo) -> Vec<(Constraint, Option<&OracleIdent>)> {
    let table = &info.table;
    let mut all: Vec<(Constraint, Option<&OracleIdent>)> =
        table.constraints.iter().map(|c| (c.clone(), None)).collect();
    let key = table.primary_key().unwrap_or_default();
    for (n, column) in table.columns.iter().enumerate() {
        if column.nullable || key.contains(&column.name) || column.virtual_expression.is_some() {
            continue;
        }
        // One name for one column of one table, whoever asks.
        let name = format!("SYS_C{:07}", info.object.id * 100 % 9_000_000 + i64::try_from(n).unwrap_or(0) + 1);
        all.push((
            Constraint {
                name: OracleIdent::new(name).ok(),
                kind: ConstraintKind::Check { condition: format!("{} IS NOT NULL", column.name.quoted()) },
                enabled: true,
                validated: true,
                deferrable: false,
                initially_deferred: false,
            },
            Some(&column.name),
        ));
    }
    all
}

fn name_of(constraint: &Constraint) -> Value {
    constraint.name.as_ref().map_or(NULL, id)
}

/// The key of `table` that has these columns, in whatever order.
fn referenced_key<'a>(table: &'a Table, columns: &[OracleIdent]) -> Option<&'a Constraint> {
    table.constraints.iter().find(|c| match &c.kind {
        ConstraintKind::PrimaryKey { columns: key } | ConstraintKind::Unique { columns: key } => {
            key.len() == columns.len() && key.iter().all(|k| columns.contains(k))
        }
        _ => false,
    })
}

pub(super) fn constraints(store: &Store, model: &Model, scope: Scope) -> Result<Values, OraError> {
    let mut rows = Values::new();
    let by_path = by_path(model);
    for info in shown_tables(store, model, scope) {
        let table = &info.table;
        for (constraint, _) in all_constraints(info) {
            let (mut condition, mut referred, mut rule, mut index) = (NULL, (NULL, NULL), NULL, (NULL, NULL));
            let kind = match &constraint.kind {
                ConstraintKind::PrimaryKey { .. } | ConstraintKind::Unique { .. } => {
                    let name = constraint.name.as_ref();
                    if let Some(found) = name.and_then(|name| model.index_behind(&table.path, name)) {
                        index = (id(&found.schema), id(&found.name));
                    }
                    if matches!(constraint.kind, ConstraintKind::PrimaryKey { .. }) { "P" } else { "U" }
                }
                ConstraintKind::ForeignKey { references, referenced_columns, on_delete, .. } => {
                    let key = by_path.get(references).and_then(|t| referenced_key(t, referenced_columns));
                    referred = (id(&references.schema), key.map_or(NULL, name_of));
                    rule = text(match on_delete {
                        OnDelete::NoAction => "NO ACTION",
                        OnDelete::Cascade => "CASCADE",
                        OnDelete::SetNull => "SET NULL",
                    });
                    "R"
                }
                ConstraintKind::Check { condition: found } => {
                    condition = text(found);
                    "C"
                }
            };
            let generated = constraint.name.as_ref().is_some_and(|n| n.as_str().starts_with("SYS_C"));
            rows.push(vec![
                id(&table.path.schema),
                name_of(&constraint),
                text(kind),
                id(&table.path.name),
                condition.clone(),
                condition,
                referred.0,
                referred.1,
                rule,
                text(if constraint.enabled { "ENABLED" } else { "DISABLED" }),
                text(if constraint.deferrable { "DEFERRABLE" } else { "NOT DEFERRABLE" }),
                text(if constraint.initially_deferred { "DEFERRED" } else { "IMMEDIATE" }),
                text(if constraint.validated { "VALIDATED" } else { "NOT VALIDATED" }),
                text(if generated { "GENERATED NAME" } else { "USER NAME" }),
                NULL,
                NULL,
                date(info.object.changed),
                index.0,
                index.1,
                NULL,
                NULL,
            ]);
        }
    }
    // A view WITH READ ONLY has a constraint of type O, which nothing here asks for.
    Ok(rows)
}

pub(super) fn constraint_columns(store: &Store, model: &Model, scope: Scope) -> Result<Values, OraError> {
    let mut rows = Values::new();
    for info in shown_tables(store, model, scope) {
        for (constraint, not_null) in all_constraints(info) {
            let mut add = |column: &OracleIdent, position: Value| {
                rows.push(vec![
                    id(&info.table.path.schema),
                    name_of(&constraint),
                    id(&info.table.path.name),
                    id(column),
                    position,
                ]);
            };
            match (&constraint.kind, not_null) {
                (_, Some(column)) => add(column, NULL),
                (
                    ConstraintKind::PrimaryKey { columns }
                    | ConstraintKind::Unique { columns }
                    | ConstraintKind::ForeignKey { columns, .. },
                    None,
                ) => columns.iter().enumerate().for_each(|(n, c)| add(c, count(n + 1))),
                (ConstraintKind::Check { condition }, None) => {
                    let words: Vec<String> = schema_map::sql::Lexer::new(condition)
                        .filter_map(|t| match t.kind {
                            schema_map::sql::TokenKind::Word => Some(t.text.to_uppercase()),
                            schema_map::sql::TokenKind::QuotedIdent => Some(t.text.trim_matches('"').to_owned()),
                            _ => None,
                        })
                        .collect();
                    let named = info.table.columns.iter().filter(|c| words.iter().any(|w| w == c.name.as_str()));
                    named.for_each(|c| add(&c.name, NULL));
                }
            }
        }
    }
    Ok(rows)
}

/// Tables by their paths: looking each up in the list of all would take quadratic time.
fn by_path(model: &Model) -> HashMap<&ObjectPath, &Table> {
    model.catalog.tables.iter().map(|t| (&t.path, t)).collect()
}

fn shown_indexes<'a>(store: &'a Store, model: &'a Model, scope: Scope) -> impl Iterator<Item = &'a Index> {
    model.catalog.indexes.iter().filter(move |i| match scope {
        Scope::User => i.path.schema.as_str() == store.user(),
        _ => shows_path(store, model, scope, &i.table),
    })
}

pub(super) fn indexes(store: &Store, model: &Model, scope: Scope) -> Result<Values, OraError> {
    let by_path = by_path(model);
    Ok(shown_indexes(store, model, scope)
        .map(|index| {
            let expressions = index.columns.iter().any(|c| matches!(c.key, IndexKey::Expression(_)) || c.descending);
            let organized = index.backs_constraint
                && by_path.get(&index.table).is_some_and(|t| {
                    t.kind == TableKind::IndexOrganized
                        && t.primary_key().is_some_and(|k| {
                            k.len() == index.columns.len()
                                && index
                                    .columns
                                    .iter()
                                    .zip(k)
                                    .all(|(c, k)| matches!(&c.key, IndexKey::Column(n) if n == k))
                        })
                });
            let kind = match (organized, index.bitmap, expressions) {
                _ if matches!(index.kind, IndexKind::Domain(_)) => "DOMAIN",
                _ if index.kind == IndexKind::Cluster => "CLUSTER",
                (_, _, false) if index.kind == IndexKind::Reverse => "NORMAL/REV",
                (_, _, true) if index.kind == IndexKind::Reverse => "FUNCTION-BASED NORMAL/REV",
                (true, ..) => "IOT - TOP",
                (_, true, true) => "FUNCTION-BASED BITMAP",
                (_, true, false) => "BITMAP",
                (_, false, true) => "FUNCTION-BASED NORMAL",
                _ => "NORMAL",
            };
            vec![
                id(&index.path.schema),
                id(&index.path.name),
                text(kind),
                id(&index.table.schema),
                id(&index.table.name),
                text("TABLE"),
                text(if index.unique { "UNIQUE" } else { "NONUNIQUE" }),
                text("DISABLED"),
                text("USERS"),
                text("YES"),
                text("VALID"),
                NULL,
                text("NO"),
                text("N"),
                y_n(index.path.name.as_str().starts_with("SYS_C")),
                text("N"),
                if expressions { text("ENABLED") } else { NULL },
                yes_no(index.kind == IndexKind::BitmapJoin),
                text("NO"),
                text("VISIBLE"),
                yes_no(index.backs_constraint),
                if matches!(index.kind, IndexKind::Domain(_)) { text("CTXSYS") } else { NULL },
                match &index.kind {
                    IndexKind::Domain(name) => text(name),
                    _ => NULL,
                },
            ]
        })
        .collect())
}

/// What Oracle calls the hidden column behind an expression.
fn column_name(key: &IndexKey, position: usize) -> Value {
    match key {
        IndexKey::Column(name) => id(name),
        IndexKey::Expression(_) => text(format!("SYS_NC{position:05}$")),
    }
}

pub(super) fn index_columns(store: &Store, model: &Model, scope: Scope) -> Result<Values, OraError> {
    let mut rows = Values::new();
    let by_path = by_path(model);
    for index in shown_indexes(store, model, scope) {
        let table = by_path.get(&index.table);
        for (n, column) in index.columns.iter().enumerate() {
            let ty = match &column.key {
                IndexKey::Column(name) => table.and_then(|t| t.column(name)).map(|(_, c)| type_columns(&c.oracle_type)),
                IndexKey::Expression(_) => None,
            };
            rows.push(vec![
                id(&index.path.schema),
                id(&index.path.name),
                id(&index.table.schema),
                id(&index.table.name),
                column_name(&column.key, table.map_or(0, |t| t.columns.len()) + n + 1),
                count(n + 1),
                ty.as_ref().map_or(NULL, |t| number(t.length)),
                ty.as_ref().map_or(NULL, |t| number(t.char_length)),
                text(if column.descending { "DESC" } else { "ASC" }),
            ]);
        }
    }
    Ok(rows)
}

pub(super) fn index_expressions(store: &Store, model: &Model, scope: Scope) -> Result<Values, OraError> {
    let mut rows = Values::new();
    for index in shown_indexes(store, model, scope) {
        for (n, column) in index.columns.iter().enumerate() {
            let expression = match &column.key {
                IndexKey::Expression(expression) => expression.clone(),
                IndexKey::Column(name) if column.descending => name.quoted(),
                IndexKey::Column(_) => continue,
            };
            rows.push(vec![
                id(&index.path.schema),
                id(&index.path.name),
                id(&index.table.schema),
                id(&index.table.name),
                text(expression),
                count(n + 1),
            ]);
        }
    }
    Ok(rows)
}
