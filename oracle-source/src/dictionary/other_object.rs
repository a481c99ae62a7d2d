use super::Owner;
use crate::{Error, sql::dictionary as sql};
use schema_map::{Catalog, ObjectPath, ObjectRemark, OracleIdent, OtherObject};

/// Adds what no other list has a place for, and says what is invalid.
pub(super) fn other_objects(owner: &mut Owner<'_, '_>, catalog: &mut Catalog) -> Result<(), Error> {
    for row in owner.query(sql::OTHER_OBJECTS)? {
        let (kind, path) = (row.text(0)?.to_owned(), owner.path(row.ident(1)?));
        if !owner.keeps(&path) {
            continue;
        }
        let invalid = row.get(2) == Some("INVALID");
        if is_other(&kind) {
            let detail = invalid.then(|| "it is invalid".to_owned());
            catalog.other_objects.push(OtherObject { kind, path, detail });
        } else if invalid {
            catalog.remarks.push(ObjectRemark { kind, path, text: "it is invalid".to_owned() });
        }
    }
    for row in owner.query_if_allowed(sql::JOBS, "the scheduler's jobs")? {
        let every = row.get(2).map_or("once".to_owned(), |interval| format!("repeated {interval}"));
        let state = if row.get(3) == Some("FALSE") { ", disabled" } else { "" };
        let what = row.get(4).unwrap_or_default();
        let detail = format!("{} {every}{state}: {what}", row.get(1).unwrap_or("job"));
        add(owner, catalog, "JOB", row.ident(0)?, detail);
    }
    for row in owner.query_if_allowed(sql::OLD_JOBS, "jobs of DBMS_JOB")? {
        let every = row.get(1).filter(|i| *i != "null").map_or("once".to_owned(), |i| format!("next at {i}"));
        let state = if row.get(2) == Some("Y") { ", broken" } else { "" };
        let detail = format!("DBMS_JOB {every}{state}: {}", row.get(3).unwrap_or_default());
        add(owner, catalog, "JOB", row.ident(0)?, detail);
    }
    for row in owner.query_if_allowed(sql::DB_LINKS, "database links")? {
        let user = row.get(1).unwrap_or("the session's user");
        let detail = format!("to {} as {user}", row.get(2).unwrap_or("nowhere"));
        add(owner, catalog, "DATABASE LINK", row.ident(0)?, detail);
    }
    Ok(())
}

fn add(owner: &Owner<'_, '_>, catalog: &mut Catalog, kind: &str, name: OracleIdent, detail: String) {
    let path = owner.path(name);
    if owner.keeps(&path) {
        catalog.other_objects.push(OtherObject { kind: kind.to_owned(), path, detail: Some(detail) });
    }
}

/// Adds the directories that the session can see: they belong to no schema, so that no filter is for them.
pub(super) fn directories(owner: &mut Owner<'_, '_>, catalog: &mut Catalog) -> Result<(), Error> {
    for row in owner.query_if_allowed(sql::DIRECTORIES, "directories")? {
        catalog.other_objects.push(OtherObject {
            kind: "DIRECTORY".to_owned(),
            path: ObjectPath { schema: row.ident(0)?, name: row.ident(1)? },
            detail: row.get(2).map(str::to_owned),
        });
    }
    Ok(())
}

/// Whether no list of the catalog has objects of this kind.
fn is_other(kind: &str) -> bool {
    const LISTED: [&str; 13] = [
        "TABLE",
        "INDEX",
        "SEQUENCE",
        "VIEW",
        "MATERIALIZED VIEW",
        "SYNONYM",
        "PROCEDURE",
        "FUNCTION",
        "PACKAGE",
        "PACKAGE BODY",
        "TRIGGER",
        "TYPE",
        "TYPE BODY",
    ];
    !LISTED.contains(&kind)
}
