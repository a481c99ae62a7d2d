use super::answer::Answer;
use crate::{Error, ServerVersion, Session, sql};
use schema_map::{ObjectPath, OracleIdent};

/// What decides how a DBA mends things here: the version, the container and whose machine it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Site {
    /// The server's version.
    pub version: ServerVersion,
    /// The user that migrates.
    pub user: OracleIdent,
    /// The container of the user's session: `CDB$ROOT` or a pluggable database. `None` in a database that is no container database.
    pub container: Option<OracleIdent>,
    /// Whether Amazon RDS manages the database: nobody is SYSDBA there, its procedures do instead.
    pub rds: bool,
}

/// Name of the root container.
pub(super) const ROOT: &str = "CDB$ROOT";

/// What a LogMiner session reads besides `V$LOGMNR_CONTENTS`, and what the hand-off does.
const FOLLOW_VIEWS: &[&str] = &[
    "V_$DATABASE",
    "V_$DATABASE_INCARNATION",
    "V_$THREAD",
    "V_$LOG",
    "V_$LOGFILE",
    "V_$ARCHIVED_LOG",
    "V_$ARCHIVE_DEST_STATUS",
    "V_$PARAMETER",
    "GV_$TRANSACTION",
    "V_$LOGMNR_CONTENTS",
    "V_$MYSTAT",
    "V_$STATNAME",
];

/// What a LogMiner session in the root reads of its pluggable databases.
const ROOT_VIEWS: &[&str] = &["CDB_OBJECTS", "V_$CONTAINERS"];

/// What a load alone reads.
const LOAD_VIEWS: &[&str] = &["V_$DATABASE", "V_$DATABASE_INCARNATION", "GV_$TRANSACTION", "DBA_EXTENTS"];

impl Site {
    /// Asks the session. Where it may not read `V$DATABASE` of version 12.1 or later, the container is taken as that of its session.
    pub fn read(session: &Session) -> Result<Self, Error> {
        let version = session.server_version();
        let mut container = None;
        if version >= ServerVersion::V12_1 {
            let is_container = match Answer::ask(session, &["V_$DATABASE"], sql::IS_CONTAINER_DATABASE, &[])? {
                Answer::Rows(rows) => rows.first().and_then(|row| row.get(0)) == Some("YES"),
                // The name of a database that is no container database is in CON_NAME too: nothing to tell them apart by.
                Answer::NoRight(_) => false,
            };
            if is_container {
                let rows = session.query("asking for the container", sql::prerequisites::CONTAINER_NAME, &[])?;
                container = rows.first().map(|row| row.ident(0)).transpose()?;
            }
        }
        let rds = match Answer::ask(session, &["ALL_USERS"], sql::prerequisites::MANAGED_BY_RDS, &[])? {
            Answer::Rows(rows) => !rows.is_empty(),
            Answer::NoRight(_) => false,
        };
        Ok(Site { version, user: session.user().clone(), container, rds })
    }

    /// The least that [`user`](Self::user) needs to load `tables`, and to follow them where `follow`; statements without a terminator.
    ///
    /// No role: `CREATE SESSION`, SELECT and FLASHBACK on each table, single views of SYS, and for following EXECUTE on `DBMS_LOGMNR` and
    /// LOGMINING (SELECT ANY TRANSACTION before 12.1). For a session in `CDB$ROOT`, `SET CONTAINER` too, all of it in every container.
    /// Sources: `DBMS_LOGMNR` and `V$LOGMNR_CONTENTS` in the PL/SQL Packages and Database References; for RDS, `rdsadmin_util` in the
    /// Amazon RDS User Guide.
    pub fn grants(&self, tables: &[ObjectPath], follow: bool) -> Vec<String> {
        let mut grants = vec![self.grant("CREATE SESSION")];
        if self.in_root() {
            grants.push(self.grant("SET CONTAINER"));
        }
        for table in tables {
            grants.push(self.grant(&format!("SELECT ON {}", table.quoted())));
            grants.push(self.grant(&format!("FLASHBACK ON {}", table.quoted())));
        }
        let views = LOAD_VIEWS.iter().chain(FOLLOW_VIEWS.iter().filter(|view| follow && !LOAD_VIEWS.contains(view)));
        grants.extend(views.map(|view| self.grant_on_sys("SELECT", view)));
        if follow {
            if self.in_root() {
                grants.extend(ROOT_VIEWS.iter().map(|view| self.grant_on_sys("SELECT", view)));
            }
            grants.push(self.grant_on_sys("EXECUTE", "DBMS_LOGMNR"));
            grants.push(self.grant(self.mining_privilege()));
        }
        grants
    }

    /// The system privilege without which LogMiner shows nothing of others.
    pub(super) fn mining_privilege(&self) -> &'static str {
        if self.version >= ServerVersion::V12_1 { "LOGMINING" } else { "SELECT ANY TRANSACTION" }
    }

    pub(super) fn in_root(&self) -> bool {
        self.container.as_ref().is_some_and(|name| name.as_str() == ROOT)
    }

    /// A system privilege, a role, or an object privilege on a user's object.
    pub(super) fn grant(&self, what: &str) -> String {
        let everywhere = if self.in_root() { " CONTAINER = ALL" } else { "" };
        format!("GRANT {what} TO {}{everywhere}", self.user.quoted())
    }

    /// A privilege on an object of SYS, by the name that a GRANT has for it.
    pub(super) fn grant_on_sys(&self, privilege: &str, object: &str) -> String {
        if self.rds {
            return format!(
                "BEGIN rdsadmin.rdsadmin_util.grant_sys_object(p_obj_name => '{object}', p_grantee => '{}', p_privilege => '{privilege}'); END;",
                self.user.as_str().replace('\'', "''")
            );
        }
        self.grant(&format!("{privilege} ON SYS.{object}"))
    }

    /// Statements that only the root container takes, from wherever the DBA is.
    pub(super) fn in_root_container(&self, statements: impl IntoIterator<Item = String>) -> Vec<String> {
        let statements: Vec<String> = statements.into_iter().collect();
        match &self.container {
            Some(container) if !self.in_root() && !self.rds && !statements.is_empty() => {
                let switch = |to: &str| format!("ALTER SESSION SET CONTAINER = {to}");
                let mut all = vec![switch(ROOT)];
                all.extend(statements);
                all.push(switch(&container.quoted()));
                all
            }
            _ => statements,
        }
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    pub(in crate::prerequisites) fn site(version: &str) -> Site {
        let (major, minor) = version.split_once('.').unwrap();
        Site {
            version: ServerVersion {
                major: major.parse().unwrap(),
                minor: minor.parse().unwrap(),
                update: 0,
                patch: 0,
            },
            user: OracleIdent::new("MOVER").unwrap(),
            container: None,
            rds: false,
        }
    }

    fn jobs() -> ObjectPath {
        ObjectPath::new(OracleIdent::new("HR").unwrap(), OracleIdent::new("JOBS").unwrap())
    }

    #[test]
    fn grants_by_version_and_place() {
        let old = site("11.2").grants(&[jobs()], true);
        assert_eq!(old[..2], ["GRANT CREATE SESSION TO \"MOVER\"", "GRANT SELECT ON \"HR\".\"JOBS\" TO \"MOVER\""]);
        assert_eq!(old.last().unwrap(), "GRANT SELECT ANY TRANSACTION TO \"MOVER\"");
        assert!(old.contains(&"GRANT EXECUTE ON SYS.DBMS_LOGMNR TO \"MOVER\"".to_owned()));
        assert!(old.iter().all(|grant| !grant.contains("DBA TO") && !grant.contains("ROLE")), "{old:?}");

        let new = site("23.4").grants(&[jobs()], true);
        assert_eq!(new.last().unwrap(), "GRANT LOGMINING TO \"MOVER\"");

        let load = site("19.3").grants(&[jobs()], false);
        assert!(load.iter().all(|grant| !grant.contains("LOGM")), "{load:?}");

        let root = Site {
            user: OracleIdent::new("C##MOVER").unwrap(),
            container: Some(OracleIdent::new(ROOT).unwrap()),
            ..site("19.3")
        };
        let root = root.grants(&[], true);
        assert_eq!(root[1], "GRANT SET CONTAINER TO \"C##MOVER\" CONTAINER = ALL");
        assert!(
            root.contains(&"GRANT SELECT ON SYS.CDB_OBJECTS TO \"C##MOVER\" CONTAINER = ALL".to_owned()),
            "{root:?}"
        );
        assert!(root.iter().all(|grant| grant.ends_with(" TO \"C##MOVER\" CONTAINER = ALL")), "{root:?}");

        let rds = Site { rds: true, ..site("19.3") }.grants(&[jobs()], true);
        assert!(rds.contains(&"GRANT SELECT ON \"HR\".\"JOBS\" TO \"MOVER\"".to_owned()));
        assert!(rds.contains(
            &"BEGIN rdsadmin.rdsadmin_util.grant_sys_object(p_obj_name => 'V_$LOG', p_grantee => 'MOVER', p_privilege => 'SELECT'); END;"
                .to_owned()
        ));
        assert!(rds.iter().all(|grant| !grant.contains("SYS.")), "{rds:?}");
    }

    #[test]
    fn statements_for_the_root() {
        let pdb = Site { container: Some(OracleIdent::new("PDB1").unwrap()), ..site("19.3") };
        let statement = || ["ALTER DATABASE FORCE LOGGING".to_owned()];
        assert_eq!(
            pdb.in_root_container(statement()),
            [
                "ALTER SESSION SET CONTAINER = CDB$ROOT",
                "ALTER DATABASE FORCE LOGGING",
                "ALTER SESSION SET CONTAINER = \"PDB1\""
            ]
        );
        assert_eq!(site("19.3").in_root_container(statement()), statement());
    }
}
