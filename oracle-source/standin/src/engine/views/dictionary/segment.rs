//! Extents and segments.

use super::{BLOCK, NULL, Scope, Values, id, number, shows_path, table::shown_tables, text};
use crate::{
    OraError,
    engine::store::{Model, Store},
};
use type_convert::OracleType;

pub(super) fn extents(store: &Store, model: &Model, scope: Scope) -> Result<Values, OraError> {
    let all: Vec<(i64, i64, i64)> = store
        .query("SELECT object, number, block FROM extents ORDER BY object, number", |r| {
            Ok((r.get(0)?, r.get(1)?, r.get(2)?))
        })?;
    let mut rows = Values::new();
    for (object, extent, block) in all {
        let Some(info) = model.table(object) else { continue };
        if info.index_organized() || !shows_path(store, model, scope, &info.table.path) {
            continue;
        }
        rows.push(vec![
            id(&info.table.path.schema),
            id(&info.table.path.name),
            NULL,
            text("TABLE"),
            text("USERS"),
            number(extent),
            number(4),
            number(block),
            number(8 * BLOCK),
            number(8),
            number(4),
        ]);
    }
    Ok(rows)
}

pub(super) fn segments(store: &Store, model: &Model, scope: Scope) -> Result<Values, OraError> {
    let all: Vec<(i64, i64, i64)> = store
        .query("SELECT object, count(*), min(block) FROM extents GROUP BY object ORDER BY object", |r| {
            Ok((r.get(0)?, r.get(1)?, r.get(2)?))
        })?;
    let mut rows = Values::new();
    for (object, extents, block) in all {
        let Some(info) = model.table(object) else { continue };
        if info.index_organized() || !shows_path(store, model, scope, &info.table.path) {
            continue;
        }
        rows.push(vec![
            id(&info.table.path.schema),
            id(&info.table.path.name),
            NULL,
            text("TABLE"),
            text("USERS"),
            number(4),
            number(block),
            number(extents * 8 * BLOCK),
            number(extents * 8),
            number(extents),
            number(4),
        ]);
    }
    Ok(rows)
}

/// LOBs lie in their rows here, so that their segments take no room of their own.
pub(super) fn lobs(store: &Store, model: &Model, scope: Scope) -> Result<Values, OraError> {
    let mut rows = Values::new();
    for info in shown_tables(store, model, scope) {
        for (n, column) in info.table.columns.iter().enumerate() {
            if matches!(column.oracle_type, OracleType::Clob | OracleType::NClob | OracleType::Blob) {
                let segment = text(format!("SYS_LOB{:010}C{:05}$$", info.object.id, n + 1));
                let (owner, table) = (id(&info.table.path.schema), id(&info.table.path.name));
                rows.push(vec![owner, table, id(&column.name), segment, text("YES"), text("USERS")]);
            }
        }
    }
    Ok(rows)
}
