use super::Owner;
use crate::{
    Error,
    sql::dictionary::{self as sql, Views},
};
use schema_map::{Catalog, Grant, ObjectPath, OracleIdent, OtherObject, Privilege};

/// Adds the rights on objects that are kept: those of one grantee on one object together.
pub(super) fn grants(owner: &mut Owner<'_, '_>, catalog: &mut Catalog) -> Result<(), Error> {
    let statement = if owner.views() == Views::Dba { sql::DBA_GRANTS } else { sql::GRANTS };
    let first = catalog.grants.len();
    for row in owner.query(statement)? {
        let object = owner.path(row.ident(0)?);
        if !owner.keeps(&object) {
            continue;
        }
        let column = if row.get(4).is_some() { Some(row.ident(4)?) } else { None };
        add(&mut catalog.grants, first, object, row.ident(1)?, row.get(2) == Some("YES"), row.text(3)?, column);
    }
    Ok(())
}

/// Puts a right to those before it where it is like them in all else.
fn add(
    grants: &mut Vec<Grant>,
    first: usize,
    object: ObjectPath,
    grantee: OracleIdent,
    grantable: bool,
    privilege: &str,
    column: Option<OracleIdent>,
) {
    let before = grants[first..].last_mut();
    let same = before.filter(|g| g.object == object && g.grantees == [grantee.clone()] && g.grantable == grantable);
    let privileges = match same {
        Some(grant) => &mut grant.privileges,
        None => {
            grants.push(Grant { privileges: Vec::new(), object, grantees: vec![grantee], grantable });
            match grants.last_mut() {
                Some(grant) => &mut grant.privileges,
                None => return,
            }
        }
    };
    match privileges.iter_mut().find(|p| p.name == privilege && p.columns.is_empty() == column.is_none()) {
        Some(privilege) => privilege.columns.extend(column),
        None => privileges.push(Privilege { name: privilege.to_owned(), columns: column.into_iter().collect() }),
    }
}

/// Adds the policies of tables that are kept: rows that they hide are not read by who is not exempt.
pub(super) fn policies(owner: &mut Owner<'_, '_>, catalog: &mut Catalog) -> Result<(), Error> {
    let rows = owner.query_if_allowed(sql::POLICIES, "which policies hide rows of tables")?;
    for row in rows {
        let table = owner.path(row.ident(0)?);
        if !owner.keeps(&table) {
            continue;
        }
        let function = [row.get(2), row.get(3), row.get(4)].into_iter().flatten().collect::<Vec<_>>().join(".");
        let on = [(5, "SELECT"), (6, "INSERT"), (7, "UPDATE"), (8, "DELETE")];
        let on: Vec<&str> =
            on.iter().filter(|(column, _)| row.get(*column) == Some("YES")).map(|(_, on)| *on).collect();
        let state = if row.get(9) == Some("NO") { ", disabled" } else { "" };
        catalog.other_objects.push(OtherObject {
            kind: "POLICY".to_owned(),
            path: owner.path(row.ident(1)?),
            detail: Some(format!("on {table} for {}, by the function {function}{state}", on.join(", "))),
        });
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rights_of_one_grantee_are_together() {
        let ident = |name: &str| OracleIdent::new(name).unwrap();
        let object = || ObjectPath::new(ident("HR"), ident("EMP"));
        let mut grants = Vec::new();
        let mut give = |to, grantable, privilege, column: Option<&str>| {
            add(&mut grants, 0, object(), ident(to), grantable, privilege, column.map(ident));
        };
        give("A", false, "SELECT", None);
        give("A", false, "UPDATE", None);
        give("A", false, "UPDATE", Some("PAY"));
        give("A", false, "UPDATE", Some("NAME"));
        give("A", true, "DELETE", None);
        give("B", true, "DELETE", None);
        let privilege = |name: &str, columns: &[&str]| Privilege {
            name: name.to_owned(),
            columns: columns.iter().map(|c| ident(c)).collect(),
        };
        assert_eq!(
            grants[0].privileges,
            [privilege("SELECT", &[]), privilege("UPDATE", &[]), privilege("UPDATE", &["PAY", "NAME"])]
        );
        assert_eq!(grants.len(), 3);
        assert_eq!((&grants[1].grantees, &grants[2].grantees), (&vec![ident("A")], &vec![ident("B")]));
    }
}
