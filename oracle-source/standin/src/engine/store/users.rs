//! Users, roles and what they may do.

use std::collections::{BTreeSet, HashMap};

/// Roles that every database has.
pub(crate) const ROLES: &[&str] = &[
    "CONNECT",
    "DATAPUMP_EXP_FULL_DATABASE",
    "DATAPUMP_IMP_FULL_DATABASE",
    "DBA",
    "EXECUTE_CATALOG_ROLE",
    "RESOURCE",
    "SELECT_CATALOG_ROLE",
];

/// System privileges that can be granted; DBA has them all.
pub(crate) const SYSTEM_PRIVILEGES: &[&str] = &[
    "ALTER ANY INDEX",
    "ALTER ANY PROCEDURE",
    "ALTER ANY SEQUENCE",
    "ALTER ANY TABLE",
    "ALTER ANY TRIGGER",
    "ALTER DATABASE",
    "ALTER SESSION",
    "ALTER SYSTEM",
    "ALTER USER",
    "ANALYZE ANY",
    "COMMENT ANY TABLE",
    "CREATE ANY INDEX",
    "CREATE ANY PROCEDURE",
    "CREATE ANY SEQUENCE",
    "CREATE ANY SYNONYM",
    "CREATE ANY TABLE",
    "CREATE ANY TRIGGER",
    "CREATE ANY TYPE",
    "CREATE ANY VIEW",
    "CREATE MATERIALIZED VIEW",
    "CREATE PROCEDURE",
    "CREATE PUBLIC SYNONYM",
    "CREATE ROLE",
    "CREATE SEQUENCE",
    "CREATE SESSION",
    "CREATE SYNONYM",
    "CREATE TABLE",
    "CREATE TRIGGER",
    "CREATE TYPE",
    "CREATE USER",
    "CREATE VIEW",
    "DELETE ANY TABLE",
    "DROP ANY INDEX",
    "DROP ANY PROCEDURE",
    "DROP ANY SEQUENCE",
    "DROP ANY SYNONYM",
    "DROP ANY TABLE",
    "DROP ANY TRIGGER",
    "DROP ANY TYPE",
    "DROP ANY VIEW",
    "DROP PUBLIC SYNONYM",
    "DROP USER",
    "EXECUTE ANY PROCEDURE",
    "EXECUTE ANY TYPE",
    "FLASHBACK ANY TABLE",
    "GRANT ANY OBJECT PRIVILEGE",
    "GRANT ANY PRIVILEGE",
    "GRANT ANY ROLE",
    "INSERT ANY TABLE",
    "LOCK ANY TABLE",
    "LOGMINING",
    "RESTRICTED SESSION",
    "SELECT ANY DICTIONARY",
    "SELECT ANY SEQUENCE",
    "SELECT ANY TABLE",
    "SELECT ANY TRANSACTION",
    "UNLIMITED TABLESPACE",
    "UPDATE ANY TABLE",
];

/// Object privileges.
pub(crate) const OBJECT_PRIVILEGES: &[&str] = &[
    "ALTER",
    "DEBUG",
    "DELETE",
    "EXECUTE",
    "FLASHBACK",
    "INDEX",
    "INSERT",
    "ON COMMIT REFRESH",
    "QUERY REWRITE",
    "READ",
    "REFERENCES",
    "SELECT",
    "UPDATE",
];

const RESOURCE: &[&str] = &["CREATE PROCEDURE", "CREATE SEQUENCE", "CREATE TABLE", "CREATE TRIGGER", "CREATE TYPE"];

/// One privilege given: a system privilege or role (owner and object empty) or an object privilege.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Grant {
    pub(crate) grantee: String,
    pub(crate) privilege: String,
    pub(crate) owner: String,
    pub(crate) object: String,
    pub(crate) grantor: String,
    pub(crate) grantable: bool,
}

/// All grants, and what follows from them.
#[derive(Debug, Default)]
pub(crate) struct Privileges {
    pub(crate) roles: Vec<String>,
    pub(crate) grants: Vec<Grant>,
    by_grantee: HashMap<String, Vec<usize>>,
}

impl Privileges {
    pub(crate) fn new(roles: Vec<String>, grants: Vec<Grant>) -> Self {
        let mut by_grantee: HashMap<String, Vec<usize>> = HashMap::new();
        for (n, grant) in grants.iter().enumerate() {
            by_grantee.entry(grant.grantee.clone()).or_default().push(n);
        }
        Privileges { roles, grants, by_grantee }
    }

    pub(crate) fn is_role(&self, name: &str) -> bool {
        self.roles.iter().any(|r| r == name)
    }

    fn of(&self, grantee: &str) -> impl Iterator<Item = &Grant> {
        self.by_grantee.get(grantee).into_iter().flatten().map(|&n| &self.grants[n])
    }

    /// The user's roles, directly and through roles, PUBLIC's included.
    pub(crate) fn roles_of(&self, user: &str) -> BTreeSet<String> {
        let mut found = BTreeSet::new();
        let mut open = vec![user.to_owned(), "PUBLIC".to_owned()];
        while let Some(grantee) = open.pop() {
            for grant in self.of(&grantee).filter(|g| g.object.is_empty() && self.is_role(&g.privilege)) {
                if found.insert(grant.privilege.clone()) {
                    open.push(grant.privilege.clone());
                }
            }
            if grantee == "DBA" {
                for role in ["EXECUTE_CATALOG_ROLE", "SELECT_CATALOG_ROLE"] {
                    found.insert(role.to_owned());
                }
            }
        }
        found
    }

    /// The user's system privileges, those of its roles included.
    pub(crate) fn system_of(&self, user: &str) -> BTreeSet<String> {
        if user == "SYS" {
            return SYSTEM_PRIVILEGES.iter().map(|p| (*p).to_owned()).collect();
        }
        let roles = self.roles_of(user);
        let mut found = BTreeSet::new();
        for grantee in roles.iter().map(String::as_str).chain([user, "PUBLIC"]) {
            let granted = self.of(grantee).filter(|g| g.object.is_empty() && !self.is_role(&g.privilege));
            found.extend(granted.map(|g| g.privilege.clone()));
            let built_in: &[&str] = match grantee {
                "DBA" => SYSTEM_PRIVILEGES,
                "CONNECT" => &["CREATE SESSION"],
                "RESOURCE" => RESOURCE,
                _ => &[],
            };
            found.extend(built_in.iter().map(|p| (*p).to_owned()));
        }
        found
    }

    pub(crate) fn has_system(&self, user: &str, privilege: &str) -> bool {
        user == "SYS" || self.system_of(user).contains(privilege)
    }

    /// Whether the user, one of its roles or PUBLIC was given one of these privileges on the object.
    pub(crate) fn has_object(&self, user: &str, owner: &str, object: &str, privileges: &[&str]) -> bool {
        let roles = self.roles_of(user);
        roles.iter().map(String::as_str).chain([user, "PUBLIC"]).any(|grantee| {
            self.of(grantee)
                .any(|g| g.owner == owner && g.object == object && privileges.contains(&g.privilege.as_str()))
        })
    }

    /// Whether the user may read `V$` and `DBA_` views. `view` is the view behind the public synonym (`V_$DATABASE`).
    pub(crate) fn may_read_dictionary(&self, user: &str, view: &str) -> bool {
        user == "SYS"
            || self.has_system(user, "SELECT ANY DICTIONARY")
            || self.roles_of(user).contains("SELECT_CATALOG_ROLE")
            || self.has_object(user, "SYS", view, &["SELECT", "READ"])
    }

    /// Whether the user may call a package of the catalog: `DBMS_LOGMNR`, `DBMS_LOGMNR_D`.
    pub(crate) fn may_execute(&self, user: &str, package: &str) -> bool {
        user == "SYS"
            || self.roles_of(user).contains("EXECUTE_CATALOG_ROLE")
            || self.has_system(user, "EXECUTE ANY PROCEDURE")
            || self.has_object(user, "SYS", package, &["EXECUTE"])
    }
}
