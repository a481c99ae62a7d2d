use super::{Builder, Phase};
use crate::{CaseRule, Grant, ObjectKind, ObjectPath, OracleIdent, Privilege, pg_literal};

impl Builder<'_> {
    /// Rights on tables, views, sequences and types, for those roles that are there when the file is loaded.
    pub(super) fn grants(&mut self) {
        let catalog = self.catalog;
        for grant in &catalog.grants {
            let object = self.relations.resolve(&grant.object);
            let Some((on, kind)) = self.grantable(&object) else {
                let what =
                    format!("{} on {}: the object is not converted, or is stored code", rights(grant), grant.object);
                self.refuse(ObjectKind::Grant, &grant.object, what);
                continue;
            };
            let mut given = Vec::new();
            for privilege in &grant.privileges {
                match self.privilege(privilege, kind, &object) {
                    Some(privilege) => given.push(privilege),
                    None => {
                        let reason = format!("{} on {} has no counterpart", privilege.name, grant.object);
                        self.refuse(ObjectKind::Grant, &grant.object, reason);
                    }
                }
            }
            given.sort();
            given.dedup();
            if given.is_empty() {
                continue;
            }
            let option = if grant.grantable { " WITH GRANT OPTION" } else { "" };
            let schema = self.names.schema(&object.schema).map(|s| s.quoted());
            for grantee in &grant.grantees {
                self.grant(grant, grantee, &given.join(", "), &on, option, schema.as_deref());
            }
        }
    }

    fn grant(
        &mut self,
        grant: &Grant,
        grantee: &OracleIdent,
        privileges: &str,
        on: &str,
        option: &str,
        schema: Option<&str>,
    ) {
        let usage = |to: &str| match schema {
            Some(schema) => format!("GRANT USAGE ON SCHEMA {schema} TO {to};"),
            None => String::new(),
        };
        if grantee.as_str() == "PUBLIC" {
            let sql = format!("{}\nGRANT {privileges} ON {on} TO PUBLIC;", usage("PUBLIC"));
            self.push(Phase::Grants, ObjectKind::Grant, &grant.object, sql.trim_start().to_owned(), Vec::new());
            return;
        }
        let Ok(role) = CaseRule::Lower.apply(grantee) else { return };
        let (name, quoted) = (pg_literal(role.as_str()), role.quoted());
        let sql = format!(
            "DO $grant$\nBEGIN\n    IF EXISTS (SELECT FROM pg_roles WHERE rolname = {name}) THEN\n        {}\n        \
             GRANT {privileges} ON {on} TO {quoted}{option};\n    END IF;\nEND\n$grant$;",
            usage(&quoted)
        );
        let note = format!("given to the role {role} if it is there");
        self.push(Phase::Grants, ObjectKind::Grant, &grant.object, sql, vec![note]);
    }

    /// The object as GRANT names it.
    fn grantable(&self, object: &ObjectPath) -> Option<(String, ObjectKind)> {
        if let Some(made) = self.tables.get(object) {
            return Some((format!("TABLE {}", made.target.quoted()), ObjectKind::Table));
        }
        let named = |kind| self.names.object(kind, object);
        if self.views.contains(object) {
            let target = named(ObjectKind::View).or_else(|| named(ObjectKind::MaterializedView))?;
            return Some((format!("TABLE {}", target.quoted()), ObjectKind::Table));
        }
        if self.types_made.contains(object) {
            return Some((format!("TYPE {}", named(ObjectKind::Type)?.quoted()), ObjectKind::Type));
        }
        let made = |s: &&super::Statement| s.kind == ObjectKind::Sequence && s.source == *object;
        self.ddl.statements.iter().find(made)?;
        Some((format!("SEQUENCE {}", named(ObjectKind::Sequence)?.quoted()), ObjectKind::Sequence))
    }

    fn privilege(&self, privilege: &Privilege, kind: ObjectKind, object: &ObjectPath) -> Option<String> {
        let word = match (kind, privilege.name.as_str()) {
            (ObjectKind::Table, "SELECT" | "READ") => "SELECT",
            (ObjectKind::Table, "INSERT") => "INSERT",
            (ObjectKind::Table, "UPDATE") => "UPDATE",
            (ObjectKind::Table, "DELETE") => "DELETE",
            (ObjectKind::Table, "REFERENCES") => "REFERENCES",
            (ObjectKind::Sequence, "SELECT") => return Some("USAGE, SELECT".to_owned()),
            (ObjectKind::Type, "EXECUTE") => "USAGE",
            (_, "ALL") => "ALL",
            _ => return None,
        };
        if privilege.columns.is_empty() {
            return Some(word.to_owned());
        }
        let columns: Option<Vec<String>> =
            privilege.columns.iter().map(|c| self.names.column(object, c).map(|c| c.quoted())).collect();
        Some(format!("{word} ({})", columns?.join(", ")))
    }
}

fn rights(grant: &Grant) -> String {
    grant.privileges.iter().map(|p| p.name.as_str()).collect::<Vec<_>>().join(", ")
}
