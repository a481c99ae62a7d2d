use super::{Owner, malformed};
use crate::{Error, sql::dictionary as sql};
use schema_map::{Catalog, CodeKind, ObjectPath, ObjectRemark, StoredCode};
use std::collections::HashMap;

/// Adds the stored code that is kept, each piece whole; triggers go with their tables.
pub(super) fn stored_code(owner: &mut Owner<'_, '_>, catalog: &mut Catalog) -> Result<(), Error> {
    let mut tables: HashMap<String, ObjectPath> = HashMap::new();
    let mut disabled = Vec::new();
    for row in owner.query(sql::TRIGGERS)? {
        let name = row.text(0)?.to_owned();
        if row.get(4) == Some("DISABLED") {
            disabled.push(name.clone());
        }
        if matches!(row.get(1).map(str::trim), Some("TABLE" | "VIEW")) {
            tables.insert(name, ObjectPath { schema: row.ident(2)?, name: row.ident(3)? });
        }
    }
    let keeps = |owner: &Owner<'_, '_>, path: &ObjectPath, table: Option<&ObjectPath>| {
        owner.keeps(path) && table.is_none_or(|table| owner.keeps(table))
    };
    let first = catalog.stored_code.len();
    for row in owner.query(sql::SOURCE)? {
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
        let table = if kind == CodeKind::Trigger { tables.get(path.name.as_str()) } else { None };
        // Types that Oracle makes by itself for packages come again with these.
        if !keeps(owner, &path, table) || path.name.as_str().starts_with("SYS_PLSQL_") {
            continue;
        }
        // An empty line may come as NULL.
        let line = row.get(3).unwrap_or_default();
        match catalog.stored_code.last_mut() {
            Some(last) if last.path == path && last.kind == kind => last.source.push_str(line),
            _ => {
                let table = table.cloned();
                catalog.stored_code.push(StoredCode { path, kind, source: line.to_owned(), table });
            }
        }
    }
    for piece in &mut catalog.stored_code[first..] {
        piece.source.truncate(piece.source.trim_end().len());
        if piece.kind == CodeKind::Trigger && disabled.iter().any(|name| name == piece.path.name.as_str()) {
            let (kind, text) = ("TRIGGER".to_owned(), "it is disabled".to_owned());
            catalog.remarks.push(ObjectRemark { kind, path: piece.path.clone(), text });
        }
    }
    Ok(())
}
