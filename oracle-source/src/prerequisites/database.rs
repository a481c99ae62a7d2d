//! The database as a whole: its version, role, container and archived logs.

use super::{
    Draft, Following, Prerequisite,
    answer::Answer,
    retention::{span, whole},
    site::Site,
};
use crate::{ServerVersion, sql};
use std::time::Duration;

pub(super) fn version(site: &Site, parameters: &Answer) -> Prerequisite {
    let draft = Draft::new(
        "version",
        "The database is Oracle 11.2 or later, and lets itself be used as such (COMPATIBLE)",
        "older ones have neither the views nor the redo that is read here",
    )
    .asks(sql::PARAMETERS);
    let server = site.version;
    if server < ServerVersion::V11_2 {
        return draft.found(false, server.to_string(), ["-- upgrade the database".to_owned()]);
    }
    let Answer::Rows(rows) = parameters else { return draft.hidden(site, parameters) };
    let Some(compatible) = rows.iter().find(|row| row.get(0) == Some("compatible")).and_then(|row| row.get(1)) else {
        return draft.unknown("COMPATIBLE is not among the parameters", []);
    };
    let mut numbers = compatible.split('.').map(|n| n.parse().unwrap_or(0));
    let compatible_version: (u32, u32) = (numbers.next().unwrap_or(0), numbers.next().unwrap_or(0));
    draft.found(
        compatible_version >= (11, 2),
        format!("{server}, COMPATIBLE {compatible}"),
        [
            "-- cannot be taken back; the database restarts:".to_owned(),
            "ALTER SYSTEM SET COMPATIBLE = '11.2.0' SCOPE = SPFILE".to_owned(),
        ],
    )
}

pub(super) fn role(site: &Site, database: &Answer, standby: bool) -> Prerequisite {
    let draft = Draft::new(
        "primary",
        if standby {
            "The database is a standby that is open for reading, or a primary one"
        } else {
            "The database is a primary one, open for reading and writing"
        },
        if standby {
            "archived logs are mined with the dictionary of an open database"
        } else {
            "redo is mined with the online dictionary of the database that makes it, and only that one lists its open transactions"
        },
    )
    .asks(sql::DATABASE);
    let Some(row) = database.first() else { return draft.hidden(site, database) };
    let (mode, role) = (row.get(3).unwrap_or("?"), row.get(4).unwrap_or("?"));
    let writes = mode == "READ WRITE" && role == "PRIMARY";
    let reads = standby && role == "PHYSICAL STANDBY" && mode.starts_with("READ ONLY");
    let mend: Vec<&str> = match (role, mode) {
        ("PRIMARY", "MOUNTED") => vec!["ALTER DATABASE OPEN"],
        ("PRIMARY", _) => vec![
            "-- it is open for reading only; as SYSDBA in SQL*Plus, where it may be written to:",
            "-- SHUTDOWN IMMEDIATE",
            "-- STARTUP",
        ],
        ("PHYSICAL STANDBY", "MOUNTED") if standby => vec!["ALTER DATABASE OPEN READ ONLY"],
        (_, _) if standby => vec!["-- connect to a physical standby, or to the primary database"],
        _ => vec![
            "-- connect to the primary database for the load and the hand-off;",
            "-- redo may be followed on a physical standby from its archived logs (LogMinerOptions::archived_only)",
        ],
    };
    draft.found(writes || reads, format!("{role}, {mode}"), mend.into_iter().map(str::to_owned))
}

/// Where LogMiner can run for the tables of this session.
pub(super) fn container(site: &Site, following: Following) -> Option<Prerequisite> {
    if site.version < ServerVersion::V12_1 {
        return None;
    }
    let draft = Draft::new(
        "container",
        "Redo of the session's container can be mined",
        "LogMiner sees a pluggable database from CDB$ROOT; from within it only as of 19.10",
    )
    .asks(sql::IS_CONTAINER_DATABASE);
    let Some(container) = &site.container else {
        return Some(draft.found(true, "no container database", []));
    };
    let here = site.in_root() || site.version >= ServerVersion::V19_10 || following == Following::InRoot;
    let found = match following {
        _ if site.in_root() => "in the root container".to_owned(),
        Following::InRoot => format!("pluggable database {container}, followed by a session in CDB$ROOT"),
        _ => format!("pluggable database {container}"),
    };
    Some(draft.found(
        here,
        found,
        [
            "-- name a common user's connection to CDB$ROOT for following, for example:".to_owned(),
            "-- CREATE USER C##MINER IDENTIFIED BY … CONTAINER = ALL;".to_owned(),
            "-- GRANT CREATE SESSION, SET CONTAINER, LOGMINING TO C##MINER CONTAINER = ALL;".to_owned(),
        ],
    ))
}

pub(super) fn archivelog(site: &Site, database: &Answer) -> Prerequisite {
    let draft = Draft::new(
        "archivelog",
        "The database archives its redo logs (ARCHIVELOG)",
        "without it a redo log is overwritten while its changes are still to be read",
    )
    .asks(sql::DATABASE);
    let Some(mode) = database.first().and_then(|row| row.get(2)) else { return draft.hidden(site, database) };
    let mend: &[&str] = if site.rds {
        &[
            "-- in the RDS console or API: switch on automated backups (backup retention of a day or more); the instance restarts",
        ]
    } else {
        &[
            "-- as SYSDBA in SQL*Plus (in CDB$ROOT of a container database); the database restarts:",
            "-- SHUTDOWN IMMEDIATE",
            "-- STARTUP MOUNT",
            "-- ALTER DATABASE ARCHIVELOG;",
            "-- ALTER DATABASE OPEN;",
        ]
    };
    // MANUAL archives only when somebody tells it to.
    draft.found(mode == "ARCHIVELOG", mode, mend.iter().map(|line| (*line).to_owned()))
}

pub(super) fn archive_destination(site: &Site, destinations: &Answer) -> Prerequisite {
    let draft = Draft::new(
        "archive-destination",
        "There is a valid local archive destination",
        "LogMiner reads archived logs from the server's own disks",
    )
    .asks(sql::ARCHIVE_DESTINATIONS);
    let Answer::Rows(rows) = destinations else { return draft.hidden(site, destinations) };
    let valid = rows.iter().find(|row| row.get(2) == Some("VALID") && row.get(3) == Some("LOCAL"));
    let seen: Vec<String> = rows
        .iter()
        .map(|row| {
            let error = row.get(5).map(|e| format!(": {e}")).unwrap_or_default();
            format!("{} {} {}{error}", row.get(1).unwrap_or("?"), row.get(3).unwrap_or("?"), row.get(2).unwrap_or("?"))
        })
        .collect();
    let found = match valid {
        Some(row) => format!("{} at {}", row.get(1).unwrap_or("?"), row.get(4).unwrap_or("the default place")),
        None if seen.is_empty() => "none".to_owned(),
        None => seen.join(", "),
    };
    draft.found(
        valid.is_some(),
        found,
        ["-- for example: ALTER SYSTEM SET LOG_ARCHIVE_DEST_1 = 'LOCATION=/path/on/the/server' SCOPE = BOTH;"
            .to_owned()],
    )
}

pub(super) fn redo_dictionary(site: &Site, dictionaries: &Answer) -> Prerequisite {
    let draft = Draft::new(
        "redo-dictionary",
        "The redo has a LogMiner dictionary",
        "redo of a table from before it was altered can be read with it only; without one an ALTER TABLE stops the follower",
    )
    .asks(sql::prerequisites::REDO_DICTIONARIES)
    .recommended();
    let Some(row) = dictionaries.first() else { return draft.hidden(site, dictionaries) };
    let found = match (whole(Some(row), 0), whole(Some(row), 1)) {
        (Some(0) | None, _) => "none".to_owned(),
        (_, Some(age)) => format!("the newest is {} old", span(Duration::from_secs(age))),
        (_, None) => "there is one".to_owned(),
    };
    let mend = [
        "-- shortly before the load, and again after tables were altered; as a user who may execute DBMS_LOGMNR_D:"
            .to_owned(),
        format!("-- {}", sql::prerequisites::BUILD_REDO_DICTIONARY),
    ];
    draft.found(whole(Some(row), 0).is_some_and(|count| count > 0), found, mend)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::prerequisites::{PrerequisiteState as State, site::tests::site};

    fn database(log_mode: &'static str, open_mode: &'static str, role: &'static str) -> Answer {
        Answer::of(&[&[Some("1"), Some("ORCL"), Some(log_mode), Some(open_mode), Some(role)]])
    }

    #[test]
    fn roles_of_databases() {
        let site = site("19.3");
        let state = |mode, role_name, standby| role(&site, &database("ARCHIVELOG", mode, role_name), standby).state;
        assert_eq!(state("READ WRITE", "PRIMARY", false), State::Met);
        assert_eq!(state("READ WRITE", "PRIMARY", true), State::Met);
        assert_eq!(state("READ ONLY", "PRIMARY", false), State::NotMet);
        assert_eq!(state("READ ONLY WITH APPLY", "PHYSICAL STANDBY", false), State::NotMet);
        assert_eq!(state("READ ONLY WITH APPLY", "PHYSICAL STANDBY", true), State::Met);
        assert_eq!(state("MOUNTED", "PHYSICAL STANDBY", true), State::NotMet);
        assert_eq!(state("READ WRITE", "LOGICAL STANDBY", true), State::NotMet);
        let hidden = role(&site, &Answer::NoRight("V_$DATABASE"), false);
        assert_eq!(hidden.state, State::Unknown);
        assert_eq!(hidden.mend, ["GRANT SELECT ON SYS.V_$DATABASE TO \"MOVER\""]);
    }

    #[test]
    fn modes_of_archiving() {
        let site = site("11.2");
        for (mode, state) in [("ARCHIVELOG", State::Met), ("NOARCHIVELOG", State::NotMet), ("MANUAL", State::NotMet)] {
            assert_eq!(archivelog(&site, &database(mode, "READ WRITE", "PRIMARY")).state, state, "{mode}");
        }
        let on_rds = Site { rds: true, ..site };
        let p = archivelog(&on_rds, &database("NOARCHIVELOG", "READ WRITE", "PRIMARY"));
        assert!(p.mend[0].contains("automated backups"), "{p:?}");
    }

    #[test]
    fn destinations() {
        let site = site("19.3");
        let row = |status, kind| [Some("2"), Some("LOG_ARCHIVE_DEST_2"), Some(status), Some(kind), Some("/a"), None];
        let state = |rows: &[&[Option<&str>]]| archive_destination(&site, &Answer::of(rows)).state;
        assert_eq!(state(&[]), State::NotMet);
        assert_eq!(state(&[&row("VALID", "PHYSICAL")]), State::NotMet);
        assert_eq!(state(&[&row("ERROR", "LOCAL"), &row("VALID", "PHYSICAL")]), State::NotMet);
        assert_eq!(state(&[&row("ERROR", "LOCAL"), &row("VALID", "LOCAL")]), State::Met);
    }

    #[test]
    fn containers() {
        let state = |version: &str, name: Option<&str>, following| {
            container(
                &Site { container: name.map(|n| schema_map::OracleIdent::new(n).unwrap()), ..site(version) },
                following,
            )
            .map(|p| p.state)
        };
        assert_eq!(state("11.2", None, Following::Here), None);
        assert_eq!(state("19.3", None, Following::Here), Some(State::Met));
        assert_eq!(state("19.3", Some("CDB$ROOT"), Following::Here), Some(State::Met));
        assert_eq!(state("19.3", Some("PDB1"), Following::Here), Some(State::NotMet));
        assert_eq!(state("19.3", Some("PDB1"), Following::InRoot), Some(State::Met));
        assert_eq!(state("19.10", Some("PDB1"), Following::Here), Some(State::Met));
        assert_eq!(state("21.3", Some("PDB1"), Following::Here), Some(State::Met));
    }

    #[test]
    fn dictionaries_in_the_redo() {
        let state = |count, age| redo_dictionary(&site("19.3"), &Answer::of(&[&[Some(count), age]])).state;
        assert_eq!(state("0", None), State::NotMet);
        assert_eq!(state("2", Some("3600.5")), State::Met);
        assert_eq!(redo_dictionary(&site("19.3"), &Answer::NoRight("V_$ARCHIVED_LOG")).state, State::Unknown);
    }

    #[test]
    fn versions() {
        let compatible = |text| Answer::of(&[&[Some("compatible"), Some(text)]]);
        assert_eq!(version(&site("11.2"), &compatible("11.2.0.4")).state, State::Met);
        assert_eq!(version(&site("19.3"), &compatible("10.2.0.3")).state, State::NotMet);
        assert_eq!(version(&site("10.2"), &compatible("10.2.0")).state, State::NotMet);
        assert_eq!(version(&site("19.3"), &Answer::NoRight("V_$PARAMETER")).state, State::Unknown);
    }
}
