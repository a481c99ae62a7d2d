//! Directories, database links, jobs, policies, and rights on single columns.

use super::{NULL, Scope, Values, text, yes_no};
use crate::{
    OraError,
    engine::{
        storage::Storage,
        store::{Model, PlainObject, Store},
    },
};
use type_convert::Value;

fn shown(store: &Store, kind: &str, scope: Scope) -> Result<Vec<PlainObject>, OraError> {
    let mut all = store.plain_objects(Some(kind))?;
    all.retain(|o| scope == Scope::Dba || o.owner == store.user() || o.owner == "PUBLIC" || o.owner == "SYS");
    Ok(all)
}

fn or_null(value: Option<&String>) -> Value {
    value.map_or(NULL, text)
}

pub(super) fn directories(store: &Store, _: &Model, scope: Scope) -> Result<Values, OraError> {
    let rows = shown(store, "DIRECTORY", scope)?;
    Ok(rows.iter().map(|o| vec![text(&o.owner), text(&o.name), or_null(o.texts[0].as_ref()), NULL]).collect())
}

pub(super) fn database_links(store: &Store, _: &Model, scope: Scope) -> Result<Values, OraError> {
    let row = |o: &PlainObject| {
        vec![text(&o.owner), text(&o.name), or_null(o.texts[0].as_ref()), or_null(o.texts[1].as_ref()), NULL]
    };
    Ok(shown(store, "DATABASE LINK", scope)?.iter().map(row).collect())
}

pub(super) fn jobs(store: &Store, _: &Model, scope: Scope) -> Result<Values, OraError> {
    let row = |o: &PlainObject| {
        let [kind, action, interval] = &o.texts;
        vec![
            text(&o.owner),
            text(&o.name),
            or_null(kind.as_ref()),
            or_null(action.as_ref()),
            text(if interval.is_some() { "CALENDAR" } else { "ONCE" }),
            or_null(interval.as_ref()),
            text("FALSE"),
            text("DISABLED"),
        ]
    };
    Ok(shown(store, "JOB", scope)?.iter().map(row).collect())
}

pub(super) fn policies(store: &Store, _: &Model, scope: Scope) -> Result<Values, OraError> {
    let row = |o: &PlainObject| {
        let [table, schema, function] = &o.texts;
        vec![
            text(&o.owner),
            or_null(table.as_ref()),
            text("SYS_DEFAULT"),
            text(&o.name),
            or_null(schema.as_ref()),
            NULL,
            or_null(function.as_ref()),
            yes_no(true),
            yes_no(false),
            yes_no(true),
            yes_no(true),
            yes_no(true),
        ]
    };
    Ok(shown(store, "POLICY", scope)?.iter().map(row).collect())
}

/// Grantee, owner, object, column, grantor, privilege, whether it is grantable.
type ColumnGrant = (String, String, String, String, String, String, bool);

fn column_grants(store: &Store, scope: Scope) -> Result<Vec<ColumnGrant>, OraError> {
    let sql = "SELECT grantee, owner, object, column, grantor, privilege, grantable FROM column_grants \
               ORDER BY grantee, owner, object, column, privilege";
    let mut all: Vec<ColumnGrant> =
        store.query(sql, |r| Ok((r.get(0)?, r.get(1)?, r.get(2)?, r.get(3)?, r.get(4)?, r.get(5)?, r.get(6)?)))?;
    let user = store.user();
    all.retain(|g| scope == Scope::Dba || [&g.0, &g.1, &g.4].into_iter().any(|of| of == user || of == "PUBLIC"));
    Ok(all)
}

pub(super) fn column_privileges(store: &Store, _: &Model, scope: Scope) -> Result<Values, OraError> {
    let row = |(grantee, owner, object, column, grantor, privilege, grantable): ColumnGrant| {
        vec![text(grantor), text(grantee), text(owner), text(object), text(column), text(privilege), yes_no(grantable)]
    };
    Ok(column_grants(store, scope)?.into_iter().map(row).collect())
}

pub(super) fn owned_column_privileges(store: &Store, _: &Model, scope: Scope) -> Result<Values, OraError> {
    let row = |(grantee, owner, object, column, grantor, privilege, grantable): ColumnGrant| {
        vec![text(grantee), text(owner), text(object), text(column), text(grantor), text(privilege), yes_no(grantable)]
    };
    Ok(column_grants(store, scope)?.into_iter().map(row).collect())
}
