//! What the user may do.

use super::{
    Draft, Prerequisite,
    answer::{Answer, is_no_right},
    site::Site,
};
use crate::{Error, Session, sql};
use schema_map::{ObjectPath, OracleIdent};
use std::collections::{BTreeMap, BTreeSet};

/// Privileges of the session, its roles included.
pub(super) struct Rights {
    privileges: BTreeSet<String>,
    roles: BTreeSet<String>,
    /// By owner: table and privilege.
    on_tables: BTreeMap<String, BTreeSet<(String, String)>>,
}

impl Rights {
    pub(super) fn read(session: &Session, tables: &[ObjectPath]) -> Result<Self, Error> {
        let names = |view: &str, sql: &str| {
            session
                .query(format_args!("reading {view}"), sql, &[])?
                .iter()
                .map(|row| row.text(0).map(str::to_owned))
                .collect::<Result<BTreeSet<_>, Error>>()
        };
        let privileges = names("SESSION_PRIVS", sql::SESSION_PRIVILEGES)?;
        let roles = names("SESSION_ROLES", sql::SESSION_ROLES)?;
        let owners: BTreeSet<&OracleIdent> = tables.iter().map(|t| &t.schema).collect();
        let mut on_tables: BTreeMap<String, BTreeSet<(String, String)>> = BTreeMap::new();
        for owner in owners {
            for row in session.query("reading ALL_TAB_PRIVS", sql::TABLE_PRIVILEGES, &[&owner.as_str()])? {
                // The view also shows what the user granted to others.
                let grantee = row.text(2)?;
                if grantee == session.user().as_str() || grantee == "PUBLIC" || roles.contains(grantee) {
                    let grant = (row.text(0)?.to_owned(), row.text(1)?.to_owned());
                    on_tables.entry(owner.as_str().to_owned()).or_default().insert(grant);
                }
            }
        }
        Ok(Rights { privileges, roles, on_tables })
    }

    fn has(&self, privilege: &str) -> bool {
        self.privileges.contains(privilege)
    }

    fn has_on(&self, table: &ObjectPath, privilege: &str) -> bool {
        let name = table.name.as_str();
        self.on_tables.get(table.schema.as_str()).is_some_and(|grants| {
            let granted = |privilege: &str| grants.contains(&(name.to_owned(), privilege.to_owned()));
            granted(privilege) || (privilege == "SELECT" && granted("READ"))
        })
    }
}

/// `SELECT` or `FLASHBACK` on every table.
pub(super) fn on_tables(site: &Site, rights: &Rights, tables: &[ObjectPath], privilege: &str) -> Prerequisite {
    let (what, why) = if privilege == "SELECT" {
        ("The user may read every table", "the load reads them")
    } else {
        ("The user may read every table as of an SCN (FLASHBACK)", "all tables are loaded as of one SCN")
    };
    let draft =
        Draft::new(privilege.to_lowercase(), what, why).asks(sql::TABLE_PRIVILEGES).asks(sql::SESSION_PRIVILEGES);
    let any = [format!("{privilege} ANY TABLE"), "READ ANY TABLE".to_owned()];
    let any = any.iter().any(|any| rights.has(any) && (privilege == "SELECT" || any != "READ ANY TABLE"));
    let missing: Vec<&ObjectPath> =
        tables.iter().filter(|table| table.schema != site.user && !any && !rights.has_on(table, privilege)).collect();
    let found = if missing.is_empty() {
        format!("{} tables", tables.len())
    } else {
        let names: Vec<String> = missing.iter().take(5).map(ToString::to_string).collect();
        let more = if missing.len() > 5 { ", …" } else { "" };
        format!("not {} of {}: {}{more}", missing.len(), tables.len(), names.join(", "))
    };
    let mend = missing.iter().map(|table| site.grant(&format!("{privilege} ON {}", table.quoted())));
    draft.found(missing.is_empty(), found, mend)
}

pub(super) fn views(session: &Session, site: &Site) -> Result<Prerequisite, Error> {
    let mut draft = Draft::new(
        "views",
        "The user may read the V$ views",
        "they tell the SCN, the open transactions and the log files",
    );
    let mut missing = Vec::new();
    for probe in sql::PROBES {
        draft = draft.asks(probe.sql);
        match session.try_query(probe.sql, &[]) {
            Ok(_) => {}
            // LogMiner is not started: the right is there.
            Err(e) if e.ora_code() == Some(1306) => {}
            Err(e) if is_no_right(&e) => missing.push(probe),
            Err(e) => return Err(Error::driver(format_args!("reading {}", probe.name), e)),
        }
    }
    let found = if missing.is_empty() {
        format!("{} views", sql::PROBES.len())
    } else {
        format!("not {}", missing.iter().map(|probe| probe.name).collect::<Vec<_>>().join(", "))
    };
    let object = |probe: &&sql::Probe| probe.grant_object.strip_prefix("SYS.").unwrap_or(probe.grant_object);
    let mend: Vec<String> = missing.iter().map(|probe| site.grant_on_sys("SELECT", object(probe))).collect();
    Ok(draft.found(missing.is_empty(), found, mend))
}

pub(super) fn dbms_logmnr(session: &Session, site: &Site) -> Result<Prerequisite, Error> {
    let draft = Draft::new("dbms-logmnr", "The user may execute DBMS_LOGMNR", "redo is read with it")
        .asks(sql::PROBE_DBMS_LOGMNR);
    match session.run(sql::PROBE_DBMS_LOGMNR, &[]) {
        Ok(_) => Ok(draft.found(true, "granted", [])),
        Err(e) => match e.ora_code() {
            // Nothing to end.
            Some(1307) => Ok(draft.found(true, "granted", [])),
            Some(6550 | 1031 | 942) => {
                Ok(draft.found(false, "not granted", [site.grant_on_sys("EXECUTE", "DBMS_LOGMNR")]))
            }
            _ => Err(Error::driver("calling DBMS_LOGMNR.END_LOGMNR", e)),
        },
    }
}

pub(super) fn logmining(site: &Site, rights: &Rights) -> Prerequisite {
    let privilege = site.mining_privilege();
    let draft = Draft::new(
        "logmining",
        format!("The user has the privilege {privilege}"),
        "without it V$LOGMNR_CONTENTS does not show the rows of other users' transactions",
    )
    .asks(sql::SESSION_PRIVILEGES);
    let met = rights.has(privilege);
    draft.found(met, if met { "granted" } else { "not granted" }, [site.grant(privilege)])
}

pub(super) fn statistics(session: &Session, site: &Site) -> Result<Prerequisite, Error> {
    const VIEWS: &[&str] = &["V_$MYSTAT", "V_$STATNAME"];
    let draft = Draft::new(
        "statistics",
        "The user may read its session's statistics",
        "they prove that redo is on disk: without them changes are read some seconds later than could be",
    )
    .asks(sql::prerequisites::SESSION_STATISTICS)
    .recommended();
    Ok(match Answer::ask(session, VIEWS, sql::prerequisites::SESSION_STATISTICS, &[])? {
        Answer::Rows(_) => draft.found(true, "granted", []),
        Answer::NoRight(views) => {
            let mend = views.iter().map(|view| site.grant_on_sys("SELECT", view));
            draft.found(false, "not granted", mend)
        }
    })
}

pub(super) fn dictionary(site: &Site, rights: &Rights) -> Prerequisite {
    let draft = Draft::new(
        "dictionary",
        "The user may read the whole dictionary",
        "objects of other schemas that the user has no right to are not seen otherwise: stored code, referenced keys",
    )
    .asks(sql::SESSION_PRIVILEGES)
    .asks(sql::SESSION_ROLES)
    .recommended();
    let met = rights.has("SELECT ANY DICTIONARY")
        || rights.roles.contains("SELECT_CATALOG_ROLE")
        || rights.roles.contains("DBA");
    let found = if met { "granted".to_owned() } else { format!("only what {} may see", site.user) };
    draft.found(met, found, [site.grant("SELECT_CATALOG_ROLE")])
}

pub(super) fn extents(session: &Session, site: &Site) -> Result<Prerequisite, Error> {
    let draft = Draft::new(
        "extents",
        "The user may read DBA_EXTENTS",
        "a table is cut into ROWID ranges by it, to be loaded in parallel and carried on after a stop; otherwise it is read whole",
    )
    .asks(sql::PROBE_EXTENTS)
    .recommended();
    Ok(match Answer::ask(session, &["DBA_EXTENTS"], sql::PROBE_EXTENTS, &[])? {
        Answer::Rows(_) => draft.found(true, "granted", []),
        Answer::NoRight(objects) => {
            draft.found(false, "not granted", objects.iter().map(|object| site.grant_on_sys("SELECT", object)))
        }
    })
}
