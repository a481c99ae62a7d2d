use super::{Owner, malformed};
use crate::{Error, sql};
use schema_map::{CodeKind, ObjectPath, StoredCode};
use std::collections::BTreeMap;

/// Stored code of the schema that passes the filter, each whole.
pub(super) fn stored_code(owner: &Owner<'_>, filter: &dyn Fn(&ObjectPath) -> bool) -> Result<Vec<StoredCode>, Error> {
    let mut tables: BTreeMap<String, ObjectPath> = BTreeMap::new();
    for row in owner.query("ALL_TRIGGERS", sql::TRIGGERS)? {
        if matches!(row.get(1).map(str::trim), Some("TABLE" | "VIEW")) {
            tables.insert(row.text(0)?.to_owned(), ObjectPath { schema: row.ident(2)?, name: row.ident(3)? });
        }
    }
    let mut code: Vec<StoredCode> = Vec::new();
    for row in owner.query("ALL_SOURCE", sql::SOURCE)? {
        let path = owner.path(row.ident(0)?);
        let kind = match row.text(1)? {
            "PROCEDURE" => CodeKind::Procedure,
            "FUNCTION" => CodeKind::Function,
            "PACKAGE" => CodeKind::Package,
            "PACKAGE BODY" => CodeKind::PackageBody,
            "TRIGGER" => CodeKind::Trigger,
            "TYPE" => CodeKind::Type,
            "TYPE BODY" => CodeKind::TypeBody,
            other => return Err(malformed(format!("source of {path} has the type {other:?}"))),
        };
        if !filter(&path) {
            continue;
        }
        // An empty line may come as NULL.
        let line = row.get(3).unwrap_or_default();
        match code.last_mut() {
            Some(last) if last.path == path && last.kind == kind => last.source.push_str(line),
            _ => {
                let table = if kind == CodeKind::Trigger { tables.get(path.name.as_str()).cloned() } else { None };
                code.push(StoredCode { path, kind, source: line.to_owned(), table });
            }
        }
    }
    for piece in &mut code {
        piece.source.truncate(piece.source.trim_end().len());
    }
    Ok(code)
}
