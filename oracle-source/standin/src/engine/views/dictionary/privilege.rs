//! Users and their privileges.

use super::{Scope, Values, number, text, y_n, yes_no};
use crate::{
    OraError,
    engine::{
        storage::Storage,
        store::{Model, Store, date},
    },
};
use type_convert::Value;

fn object_type(model: &Model, owner: &str, name: &str) -> Value {
    let kind = model.objects_named(owner, name).map(|o| o.kind.as_str()).find(|k| *k != "INDEX" && *k != "TRIGGER");
    text(kind.unwrap_or(if name.starts_with("DBMS_") { "PACKAGE" } else { "VIEW" }))
}

pub(super) fn privileges(store: &Store, model: &Model, _: Scope) -> Result<Values, OraError> {
    let roles = model.privileges.roles_of(store.user());
    let user = store.user();
    let shown = model.privileges.grants.iter().filter(|g| {
        !g.object.is_empty()
            && (g.grantee == user
                || g.grantee == "PUBLIC"
                || g.owner == user
                || g.grantor == user
                || roles.contains(&g.grantee))
    });
    Ok(shown
        .map(|g| {
            vec![
                text(&g.grantor),
                text(&g.grantee),
                text(&g.owner),
                text(&g.object),
                text(&g.privilege),
                yes_no(g.grantable),
                text("NO"),
                text("NO"),
                object_type(model, &g.owner, &g.object),
            ]
        })
        .collect())
}

pub(super) fn owned_privileges(store: &Store, model: &Model, scope: Scope) -> Result<Values, OraError> {
    let user = store.user();
    let shown = model.privileges.grants.iter().filter(|g| {
        !g.object.is_empty() && (scope == Scope::Dba || g.grantee == user || g.owner == user || g.grantor == user)
    });
    Ok(shown
        .map(|g| {
            vec![
                text(&g.grantee),
                text(&g.owner),
                text(&g.object),
                text(&g.grantor),
                text(&g.privilege),
                yes_no(g.grantable),
                text("NO"),
                text("NO"),
                object_type(model, &g.owner, &g.object),
            ]
        })
        .collect())
}

pub(super) fn role_or_system(store: &Store, model: &Model, scope: Scope, roles: bool) -> Values {
    let shown = model.privileges.grants.iter().filter(|g| {
        g.object.is_empty()
            && model.privileges.is_role(&g.privilege) == roles
            && (scope == Scope::Dba || g.grantee == store.user() || g.grantee == "PUBLIC")
    });
    shown.map(|g| vec![text(&g.grantee), text(&g.privilege), yes_no(g.grantable), text("NO"), yes_no(roles)]).collect()
}

pub(super) fn users(store: &Store, model: &Model, scope: Scope) -> Result<Values, OraError> {
    let shown = model.users.iter().filter(|u| scope == Scope::Dba || u.name == store.user());
    Ok(shown
        .map(|u| {
            vec![
                text(&u.name),
                number(u.id),
                text(if u.locked { "LOCKED" } else { "OPEN" }),
                text("USERS"),
                text("TEMP"),
                date(u.created),
                y_n(u.name == "SYS" || u.name == "SYSTEM"),
            ]
        })
        .collect())
}
