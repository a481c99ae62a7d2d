//! Partitions, as the DDL says: the rows of all are in one segment.

use super::{NULL, Scope, Values, count, id, table::shown_tables, text, yes_no};
use crate::{
    OraError,
    engine::store::{Model, Store},
};
use schema_map::{OracleIdent, Partition, PartitionMethod, Partitioning, Table};
use type_convert::Value;

fn shown<'a>(
    store: &'a Store,
    model: &'a Model,
    scope: Scope,
) -> impl Iterator<Item = (i64, &'a Table, &'a Partitioning)> {
    shown_tables(store, model, scope).filter_map(|i| Some((i.object.id, &i.table, i.table.partitioning.as_ref()?)))
}

fn method(method: PartitionMethod) -> Value {
    text(match method {
        PartitionMethod::Range => "RANGE",
        PartitionMethod::List => "LIST",
        PartitionMethod::Hash => "HASH",
        PartitionMethod::Reference => "REFERENCE",
        _ => "SYSTEM",
    })
}

pub(super) fn partitioned_tables(store: &Store, model: &Model, scope: Scope) -> Result<Values, OraError> {
    Ok(shown(store, model, scope)
        .map(|(_, table, p)| {
            let sub = p.subpartitioning.as_deref();
            let automatic = p.interval.as_deref() == Some("AUTOMATIC");
            vec![
                id(&table.path.schema),
                id(&table.path.name),
                method(p.method),
                sub.map_or(text("NONE"), |sub| method(sub.method)),
                count(p.partitions.len().max(1)),
                count(sub.map_or(0, |sub| sub.partitions.len().max(1))),
                count(p.columns.len()),
                count(sub.map_or(0, |sub| sub.columns.len())),
                if automatic { NULL } else { p.interval.as_ref().map_or(NULL, text) },
                yes_no(automatic),
            ]
        })
        .collect())
}

fn key_rows(table: &Table, columns: &[OracleIdent]) -> Values {
    let row = |(n, column): (usize, &OracleIdent)| {
        vec![id(&table.path.schema), id(&table.path.name), text("TABLE"), id(column), count(n + 1)]
    };
    columns.iter().enumerate().map(row).collect()
}

pub(super) fn partition_keys(store: &Store, model: &Model, scope: Scope) -> Result<Values, OraError> {
    Ok(shown(store, model, scope).flat_map(|(_, table, p)| key_rows(table, &p.columns)).collect())
}

pub(super) fn subpartition_keys(store: &Store, model: &Model, scope: Scope) -> Result<Values, OraError> {
    let columns = |p: &Partitioning| p.subpartitioning.as_ref().map(|sub| sub.columns.clone()).unwrap_or_default();
    Ok(shown(store, model, scope).flat_map(|(_, table, p)| key_rows(table, &columns(p))).collect())
}

/// Its name, made up as Oracle does where it has none.
fn name(prefix: &str, table: i64, at: usize, partition: &Partition) -> Value {
    partition.name.as_ref().map_or_else(|| text(format!("{prefix}{}", table * 1000 + at as i64)), id)
}

fn bounds(partition: &Partition) -> Value {
    text(partition.values.join(", "))
}

pub(super) fn partitions(store: &Store, model: &Model, scope: Scope) -> Result<Values, OraError> {
    let mut rows = Values::new();
    for (object, table, p) in shown(store, model, scope) {
        let whole = Partition { name: None, values: Vec::new(), subpartitions: Vec::new() };
        let listed = if p.partitions.is_empty() { std::slice::from_ref(&whole) } else { &p.partitions };
        for (n, partition) in listed.iter().enumerate() {
            rows.push(vec![
                id(&table.path.schema),
                id(&table.path.name),
                yes_no(p.subpartitioning.is_some()),
                name("SYS_P", object, n, partition),
                count(subpartitions_of(p, partition).len()),
                bounds(partition),
                count(n + 1),
                NULL,
                NULL,
                text("NO"),
                text("YES"),
                text("USERS"),
            ]);
        }
    }
    Ok(rows)
}

/// Its own, or those of the template under names made of both.
fn subpartitions_of(p: &Partitioning, partition: &Partition) -> Vec<Partition> {
    let Some(sub) = &p.subpartitioning else { return Vec::new() };
    if !partition.subpartitions.is_empty() {
        return partition.subpartitions.clone();
    }
    if sub.partitions.is_empty() {
        let values = match sub.method {
            PartitionMethod::Range => vec!["MAXVALUE".to_owned()],
            PartitionMethod::List => vec!["DEFAULT".to_owned()],
            _ => Vec::new(),
        };
        return vec![Partition { name: None, values, subpartitions: Vec::new() }];
    }
    let named = |usual: &Partition| {
        let both = partition.name.as_ref().zip(usual.name.as_ref());
        let name = both.and_then(|(partition, usual)| OracleIdent::new(format!("{partition}_{usual}")).ok());
        Partition { name, ..usual.clone() }
    };
    sub.partitions.iter().map(named).collect()
}

pub(super) fn subpartitions(store: &Store, model: &Model, scope: Scope) -> Result<Values, OraError> {
    let mut rows = Values::new();
    for (object, table, p) in shown(store, model, scope) {
        for (n, partition) in p.partitions.iter().enumerate() {
            for (m, sub) in subpartitions_of(p, partition).iter().enumerate() {
                rows.push(vec![
                    id(&table.path.schema),
                    id(&table.path.name),
                    name("SYS_P", object, n, partition),
                    name("SYS_SUBP", object, n * 100 + m, sub),
                    bounds(sub),
                    count(m + 1),
                    NULL,
                    NULL,
                    text("YES"),
                    text("USERS"),
                ]);
            }
        }
    }
    Ok(rows)
}

/// Templates with names: a number of subpartitions alone is none.
pub(super) fn subpartition_templates(store: &Store, model: &Model, scope: Scope) -> Result<Values, OraError> {
    let mut rows = Values::new();
    for (_, table, p) in shown(store, model, scope) {
        let template = p.subpartitioning.iter().flat_map(|sub| &sub.partitions);
        for (n, sub) in template.enumerate().filter(|(_, sub)| sub.name.is_some()) {
            rows.push(vec![
                id(&table.path.schema),
                id(&table.path.name),
                sub.name.as_ref().map_or(NULL, id),
                count(n + 1),
                text("USERS"),
                bounds(sub),
            ]);
        }
    }
    Ok(rows)
}
