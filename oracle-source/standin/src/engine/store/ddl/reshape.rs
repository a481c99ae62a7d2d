//! Bringing rows and keys in line with a table whose columns or constraints have changed.

use super::unimplemented;
use crate::{
    OraError,
    engine::store::{Model, TableInfo, row, write},
};
use rusqlite::{Connection, params};
use schema_map::{ConstraintKind, OracleIdent};
use std::{collections::HashSet, sync::Arc};
use type_convert::{OracleType, Value, literal};

/// Brings a table's rows and keys in line with its new columns and constraints. Whether its shape has changed.
pub(super) fn reshape(
    connection: &Connection,
    model: &Model,
    was: &Arc<TableInfo>,
    table: &Arc<TableInfo>,
    scn: i64,
    now: i64,
) -> Result<bool, OraError> {
    let id = table.id();
    let empty = || -> Result<bool, OraError> {
        Ok(!connection
            .query_row(&format!("SELECT EXISTS (SELECT 1 FROM c{id} WHERE data IS NOT NULL)"), [], |r| r.get(0))?)
    };
    let (before, after) = (&was.table.columns, &table.table.columns);
    let same_names = before.iter().map(|c| &c.name).eq(after.iter().map(|c| &c.name));
    let renamed = !same_names
        && before.len() == after.len()
        && before.iter().zip(after).filter(|(a, b)| a.name != b.name).count() == 1
        && before.iter().zip(after).all(|(a, b)| a.oracle_type == b.oracle_type && a.nullable == b.nullable);
    let same_types =
        before.len() == after.len() && before.iter().zip(after).all(|(a, b)| a.oracle_type == b.oracle_type);
    let shape_changed = !(same_names || renamed) || !same_types;
    if shape_changed && !empty()? {
        rewrite(connection, was, table)?;
    }
    // NOT NULL that was not there.
    for (n, column) in after.iter().enumerate().filter(|(_, c)| !c.nullable && c.virtual_expression.is_none()) {
        let was_nullable = match before.iter().find(|c| c.name == column.name) {
            Some(c) => c.nullable,
            None => !renamed,
        };
        if was_nullable {
            for_each_current(connection, table, |values| match values[n].is_null() {
                true if before.iter().any(|c| c.name == column.name) => {
                    let name = format!("{}.{}", table.table.path.schema, table.table.path.name);
                    Err(OraError::new(2296, format!("cannot enable ({name}.{}) - null values found", column.name)))
                }
                true => Err(OraError::new(1758, "table must be empty to add mandatory (NOT NULL) column")),
                false => Ok(()),
            })?;
        }
    }
    if shape_changed || renamed || !same_names {
        connection.execute(
            "UPDATE objects SET version = version + 1, changed_scn = ?2, changed = ?3 WHERE id = ?1",
            params![id, scn, now],
        )?;
    }
    reindex(connection, model, was, table, shape_changed)?;
    // Conditions are the SQL layer's: only an empty table can be sure to satisfy a new one.
    let checks = |t: &TableInfo| -> Vec<String> {
        let enabled = t.table.constraints.iter().filter(|c| c.enabled && c.validated);
        enabled
            .filter(|c| matches!(c.kind, ConstraintKind::Check { .. }))
            .filter_map(|c| Some(c.name.as_ref()?.as_str().to_owned()))
            .collect()
    };
    let old_checks = checks(was);
    if let Some(name) = checks(table).iter().find(|c| !old_checks.contains(c))
        && !empty()?
    {
        return Err(unimplemented(&format!(
            "the stand-in cannot check {name} against rows that are there: add it before them, or ENABLE NOVALIDATE"
        )));
    }
    if table.table.constraints.iter().any(|c| c.initially_deferred) {
        return Err(unimplemented("the stand-in checks every constraint at once, INITIALLY DEFERRED ones are none"));
    }
    Ok(shape_changed || renamed || !same_names)
}

fn for_each_current(
    connection: &Connection,
    table: &TableInfo,
    mut check: impl FnMut(&[Value]) -> Result<(), OraError>,
) -> Result<(), OraError> {
    let mut statement = connection.prepare(&format!("SELECT data FROM c{} WHERE data IS NOT NULL", table.id()))?;
    let mut rows = statement.query([])?;
    while let Some(found) = rows.next()? {
        let data: Vec<u8> = found.get(0)?;
        check(&row::decode(&data, table.table.columns.len())?)?;
    }
    Ok(())
}

/// Writes all versions of all rows anew, in the new order of columns.
fn rewrite(connection: &Connection, was: &TableInfo, table: &TableInfo) -> Result<(), OraError> {
    let id = table.id();
    let mut plan: Vec<(Option<usize>, Value)> = Vec::new();
    for column in &table.table.columns {
        let from = was.table.columns.iter().position(|c| c.name == column.name);
        let mut fill = Value::Null;
        match from {
            Some(n) => {
                let old = &was.table.columns[n].oracle_type;
                if std::mem::discriminant(old) != std::mem::discriminant(&column.oracle_type) {
                    return Err(OraError::new(1439, "column to be modified must be empty to change datatype"));
                }
                if old != &column.oracle_type && !widens(old, &column.oracle_type) {
                    return Err(OraError::new(1441, "cannot decrease column length because some value is too big"));
                }
            }
            None => {
                if let Some(default) = &column.default {
                    fill = literal::parse(default, &column.oracle_type).map_err(|_| {
                        unimplemented(&format!(
                            "the stand-in fills a new column from a literal only, not from {default}"
                        ))
                    })?;
                }
            }
        }
        plan.push((from, fill));
    }
    for (name, order) in [("c", "rid"), ("v", "rid, ch")] {
        let keys: Vec<(i64, i64, Vec<u8>)> = connection
            .prepare(&format!("SELECT rid, ch, data FROM {name}{id} WHERE data IS NOT NULL ORDER BY {order}"))?
            .query_map([], |r| Ok((r.get(0)?, r.get(1)?, r.get(2)?)))?
            .collect::<Result<_, _>>()?;
        let mut update = connection.prepare(&format!("UPDATE {name}{id} SET data = ?3 WHERE rid = ?1 AND ch = ?2"))?;
        for (rid, ch, data) in keys {
            let old = row::decode(&data, was.table.columns.len())?;
            let new: Vec<Value> =
                plan.iter().map(|(from, fill)| from.map_or_else(|| fill.clone(), |n| old[n].clone())).collect();
            update.execute(params![rid, ch, row::encode(&new)])?;
        }
    }
    Ok(())
}

/// Whether every value of the old type is one of the new as it is.
fn widens(old: &OracleType, new: &OracleType) -> bool {
    match (old, new) {
        (OracleType::Varchar2 { length: a, unit: u }, OracleType::Varchar2 { length: b, unit: v }) => {
            a <= b && (u == v || *u == type_convert::LengthUnit::Byte)
        }
        (OracleType::NVarchar2 { length: a }, OracleType::NVarchar2 { length: b })
        | (OracleType::Raw { length: a }, OracleType::Raw { length: b }) => a <= b,
        (OracleType::Number { precision: p, scale: s }, OracleType::Number { precision: q, scale: t }) => {
            match (p, q) {
                (_, None) => t.is_none() || s == t,
                (None, Some(_)) => false,
                (Some(p), Some(q)) => {
                    let (s, t) = (s.unwrap_or(0), t.unwrap_or(0));
                    s <= t && i16::from(*p) - i16::from(s) <= i16::from(*q) - i16::from(t)
                }
            }
        }
        (OracleType::Timestamp { precision: a }, OracleType::Timestamp { precision: b })
        | (OracleType::TimestampTz { precision: a }, OracleType::TimestampTz { precision: b })
        | (OracleType::TimestampLtz { precision: a }, OracleType::TimestampLtz { precision: b }) => a <= b,
        _ => false,
    }
}

/// Enters keys that are new, forgets those that are gone, and checks what newly must hold.
fn reindex(
    connection: &Connection,
    model: &Model,
    was: &TableInfo,
    table: &TableInfo,
    moved: bool,
) -> Result<(), OraError> {
    let id = table.id();
    for key in was.keys.iter().filter(|k| table.key(k.id).is_none()) {
        connection.execute(&format!("DELETE FROM k{id} WHERE def = ?1"), [key.id])?;
    }
    for key in &table.keys {
        let before = was.key(key.id);
        if before.is_none() || moved {
            connection.execute(&format!("DELETE FROM k{id} WHERE def = ?1"), [key.id])?;
            for name in ["c", "v"] {
                let mut statement =
                    connection.prepare(&format!("SELECT rid, data FROM {name}{id} WHERE data IS NOT NULL"))?;
                let mut rows = statement.query([])?;
                while let Some(found) = rows.next()? {
                    let (rid, data): (i64, Vec<u8>) = (found.get(0)?, found.get(1)?);
                    if let Some(bytes) = row::key(&row::decode(&data, table.table.columns.len())?, &key.columns) {
                        write::enter_key(connection, id, key.id, &bytes, rid)?;
                    }
                }
            }
        }
        if let Some(name) = &key.unique
            && before.is_none_or(|k| k.unique.is_none())
        {
            let mut seen = HashSet::new();
            for_each_current(connection, table, |values| {
                let again = row::key(values, &key.columns).is_some_and(|bytes| !seen.insert(bytes));
                match again {
                    true => Err(OraError::new(2299, format!("cannot validate ({name}) - duplicate keys found"))),
                    false => Ok(()),
                }
            })?;
        }
    }
    for foreign in &table.parents {
        let validated = table.table.constraints.iter().any(|c| {
            let name = c.name.as_ref().map_or("", OracleIdent::as_str);
            c.validated && format!("{}.{name}", table.table.path.schema) == foreign.name
        });
        if !validated || was.parents.iter().any(|f| f.name == foreign.name) {
            continue;
        }
        let Some(parent) = model.table(foreign.parent) else { continue };
        let mut keys = HashSet::new();
        for_each_current(connection, parent, |values| {
            keys.extend(row::key(values, &foreign.parent_columns));
            Ok(())
        })?;
        for_each_current(connection, table, |values| {
            let missing = !row::has_null(values, &foreign.child_columns)
                && row::key(values, &foreign.child_columns).is_some_and(|k| !keys.contains(&k));
            match missing {
                true => Err(OraError::new(2298, format!("cannot validate ({}) - parent keys not found", foreign.name))),
                false => Ok(()),
            }
        })?;
    }
    Ok(())
}
