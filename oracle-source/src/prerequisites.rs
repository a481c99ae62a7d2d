//! What must hold on the Oracle side before an online migration can begin.

use crate::{
    Error, Session,
    session::Record,
    sql::{
        self,
        dictionary::{Capabilities, Views},
    },
};
use schema_map::{ObjectPath, OracleIdent};
use std::collections::{BTreeMap, BTreeSet};

/// One thing that an online migration depends on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Prerequisite {
    /// Stable and short: `archivelog`, `archive-destination`, `supplemental-logging`, `supplemental:HR.JOBS`, `select`, …
    pub id: String,
    /// What must hold.
    pub what: String,
    /// Whether it does.
    pub state: PrerequisiteState,
    /// Whether a migration cannot go without it, or only goes worse.
    pub required: bool,
    /// What was found, for people.
    pub found: String,
    /// Why it matters.
    pub why: String,
    /// What mends it: SQL statements without a terminator, or lines that begin with `--` for what SQL cannot do.
    /// Empty where it is met.
    pub mend: Vec<String>,
}

/// Whether a prerequisite holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum PrerequisiteState {
    /// It holds.
    Met,
    /// It does not.
    NotMet,
    /// It cannot be seen with this session's rights.
    Unknown,
}

/// Checks everything that loading and following `tables` needs. It changes nothing, but a LogMiner session that this
/// session may have open is ended.
///
/// A view that the session may not read makes what it would tell [`Unknown`](PrerequisiteState::Unknown), and is itself reported as a missing right.
pub fn check(session: &Session, tables: &[ObjectPath]) -> Result<Vec<Prerequisite>, Error> {
    let mut list = Vec::new();
    let database = visible(session, "V$DATABASE", sql::DATABASE)?;
    let database = database.as_ref().and_then(|rows| rows.first());
    list.push(role(database));
    list.extend(container(session)?);
    list.push(archivelog(database));
    list.push(archive_destination(session)?);
    list.push(minimal_logging(database));
    list.extend(table_logging(session, database, tables)?);
    let rights = Rights::read(session, tables)?;
    list.push(table_right(&rights, session.user(), tables, "SELECT"));
    list.push(table_right(&rights, session.user(), tables, "FLASHBACK"));
    list.push(views(session)?);
    list.push(dbms_logmnr(session)?);
    list.push(logmining(session, &rights));
    list.push(dictionary(session, &rights));
    list.push(extents(session)?);
    list.push(undo_retention(session)?);
    list.push(character_sets(session)?);
    Ok(list)
}

/// The SQL that mends what is not met, as one script for a DBA: comments say what each statement is for.
pub fn mend_script(prerequisites: &[Prerequisite]) -> String {
    let mut script = String::new();
    for prerequisite in prerequisites {
        if prerequisite.state == PrerequisiteState::Met || prerequisite.mend.is_empty() {
            continue;
        }
        script.push_str(&format!("-- {}: {}\n", prerequisite.what, prerequisite.why));
        for line in &prerequisite.mend {
            script.push_str(line);
            script.push_str(if line.starts_with("--") { "\n" } else { ";\n" });
        }
        script.push('\n');
    }
    script
}

/// A prerequisite under construction: what it is, then what was found.
fn prerequisite(id: impl Into<String>, what: impl Into<String>, why: &str) -> Prerequisite {
    Prerequisite {
        id: id.into(),
        what: what.into(),
        state: PrerequisiteState::Unknown,
        required: true,
        found: "cannot be seen with this user's rights".to_owned(),
        why: why.to_owned(),
        mend: Vec::new(),
    }
}

impl Prerequisite {
    fn found(mut self, met: bool, found: impl Into<String>, mend: impl IntoIterator<Item = String>) -> Self {
        self.found = found.into();
        if met {
            self.state = PrerequisiteState::Met;
        } else {
            self.state = PrerequisiteState::NotMet;
            self.mend = mend.into_iter().collect();
        }
        self
    }

    fn recommended(mut self) -> Self {
        self.required = false;
        self
    }
}

/// The rows of a query, or `None` where the session has no right to the view.
fn visible(session: &Session, view: &str, sql: &str) -> Result<Option<Vec<Record>>, Error> {
    match session.try_query(sql, &[]) {
        Ok(rows) => Ok(Some(rows)),
        Err(e) if is_no_right(&e) => Ok(None),
        Err(e) => Err(Error::driver(format_args!("reading {view}"), e)),
    }
}

fn is_no_right(error: &oracle::Error) -> bool {
    matches!(error.oci_code(), Some(942 | 1031))
}

// --- the database --------------------------------------------------------------------------------------------

fn role(database: Option<&Record>) -> Prerequisite {
    let p = prerequisite(
        "primary",
        "The database is a primary one, open for reading and writing",
        "redo is mined with the online dictionary of the database that makes it",
    );
    let Some(row) = database else { return p };
    let (mode, role) = (row.get(3).unwrap_or("?"), row.get(4).unwrap_or("?"));
    p.found(
        mode == "READ WRITE" && role == "PRIMARY",
        format!("{role}, {mode}"),
        ["-- connect to the primary database".to_owned()],
    )
}

fn container(session: &Session) -> Result<Option<Prerequisite>, Error> {
    let version = session.server_version();
    if (version.major, version.minor) < (12, 1) {
        return Ok(None);
    }
    let p = prerequisite(
        "not-container",
        "The database is not a container database",
        "mining the redo of a pluggable database is not supported yet; loading it is",
    );
    let rows = visible(session, "V$DATABASE", sql::IS_CONTAINER_DATABASE)?;
    Ok(Some(match rows.as_ref().and_then(|rows| rows.first()).and_then(|row| row.get(0)) {
        Some("YES") => p.found(false, "a container database", []),
        Some(_) => p.found(true, "no container database", []),
        None => p,
    }))
}

fn archivelog(database: Option<&Record>) -> Prerequisite {
    let p = prerequisite(
        "archivelog",
        "The database archives its redo logs (ARCHIVELOG)",
        "without it a redo log is overwritten while its changes are still to be read",
    );
    let Some(mode) = database.and_then(|row| row.get(2)) else { return p };
    let mend = [
        "-- as SYSDBA in SQL*Plus; the database restarts:",
        "-- SHUTDOWN IMMEDIATE",
        "-- STARTUP MOUNT",
        "-- ALTER DATABASE ARCHIVELOG;",
        "-- ALTER DATABASE OPEN;",
    ];
    p.found(mode == "ARCHIVELOG", mode, mend.map(str::to_owned))
}

fn archive_destination(session: &Session) -> Result<Prerequisite, Error> {
    let p = prerequisite(
        "archive-destination",
        "There is a valid local archive destination",
        "LogMiner reads archived logs from the server's own disks",
    );
    let Some(rows) = visible(session, "V$ARCHIVE_DEST_STATUS", sql::ARCHIVE_DESTINATIONS)? else { return Ok(p) };
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
    Ok(p.found(
        valid.is_some(),
        found,
        ["-- for example: ALTER SYSTEM SET LOG_ARCHIVE_DEST_1 = 'LOCATION=/path/on/the/server' SCOPE = BOTH;"
            .to_owned()],
    ))
}

// --- supplemental logging ------------------------------------------------------------------------------------

fn minimal_logging(database: Option<&Record>) -> Prerequisite {
    let p = prerequisite(
        "supplemental-logging",
        "Minimal supplemental logging is on",
        "without it LogMiner cannot tell rows, chained pieces and transactions apart",
    );
    let Some(state) = database.and_then(|row| row.get(5)) else { return p };
    p.found(state != "NO", state, ["ALTER DATABASE ADD SUPPLEMENTAL LOG DATA".to_owned()])
}

/// What identifies a row of one table.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Key {
    Primary(Vec<String>),
    Unique(Vec<String>),
    None,
}

/// Supplemental logging of the database and of one table.
#[derive(Debug, Default)]
struct Logging {
    primary: bool,
    unique: bool,
    all: bool,
    /// Columns of each unconditional user log group.
    groups: Vec<BTreeSet<String>>,
}

impl Logging {
    /// Whether every UPDATE and DELETE has the key's columns in its redo.
    fn covers(&self, key: &Key) -> bool {
        let group = |columns: &[String]| self.groups.iter().any(|g| columns.iter().all(|c| g.contains(c)));
        self.all
            || match key {
                Key::Primary(columns) => self.primary || group(columns),
                // For a table without a primary key the PRIMARY KEY option logs a unique key of Oracle's choice, the UNIQUE
                // option any unique key that changes: together they have ours only where it changes or is the one chosen.
                Key::Unique(columns) => (self.primary && self.unique) || group(columns),
                Key::None => false,
            }
    }
}

fn table_logging(
    session: &Session,
    database: Option<&Record>,
    tables: &[ObjectPath],
) -> Result<Vec<Prerequisite>, Error> {
    let yes = |column: usize| database.and_then(|row| row.get(column)) == Some("YES");
    let owners: BTreeSet<&OracleIdent> = tables.iter().map(|t| &t.schema).collect();
    let mut list = Vec::new();
    for owner in owners {
        let keys = Keys::read(session, owner)?;
        let mut groups = log_groups(session, owner)?;
        for table in tables.iter().filter(|t| t.schema == *owner) {
            let name = table.name.as_str();
            let mut logging = groups.remove(name).unwrap_or_default();
            logging.primary |= yes(6);
            logging.unique |= yes(7);
            logging.all |= yes(8);
            let p = prerequisite(
                format!("supplemental:{table}"),
                format!("Redo of {table} has the columns that identify a row"),
                "an UPDATE or DELETE in the redo must say which row of PostgreSQL it means",
            );
            if !keys.tables.contains(name) {
                // Not there, or not for this user: SELECT is reported as missing.
                list.push(p);
                continue;
            }
            let key = keys.of(name);
            let (columns, mend) = match &key {
                Key::Primary(columns) => (
                    format!("primary key ({})", columns.join(", ")),
                    format!("ALTER TABLE {} ADD SUPPLEMENTAL LOG DATA (PRIMARY KEY) COLUMNS", table.quoted()),
                ),
                Key::Unique(columns) => (
                    format!("unique key ({})", columns.join(", ")),
                    format!(
                        "ALTER TABLE {} ADD SUPPLEMENTAL LOG GROUP {} ({}) ALWAYS",
                        table.quoted(),
                        quoted(&log_group_name(name)),
                        columns.iter().map(|c| quoted(c)).collect::<Vec<_>>().join(", ")
                    ),
                ),
                Key::None => (
                    "no key: all columns".to_owned(),
                    format!("ALTER TABLE {} ADD SUPPLEMENTAL LOG DATA (ALL) COLUMNS", table.quoted()),
                ),
            };
            let met = logging.covers(&key);
            let found = format!("{columns}, {}", if met { "logged" } else { "not logged" });
            list.push(p.found(met, found, [mend]));
        }
    }
    Ok(list)
}

/// A name that comes from the dictionary, so it has no quote in it.
fn quoted(name: &str) -> String {
    OracleIdent::new(name).map_or_else(|_| String::new(), |ident| ident.quoted())
}

/// A name of at most 30 bytes, the limit before 12.2.
fn log_group_name(table: &str) -> String {
    const SUFFIX: &str = "_KEYLOG";
    let mut end = table.len().min(30 - SUFFIX.len());
    while !table.is_char_boundary(end) {
        end -= 1;
    }
    format!("{}{SUFFIX}", &table[..end])
}

/// Primary and unique keys of one schema's tables.
struct Keys {
    /// The tables that can be seen.
    tables: BTreeSet<String>,
    primary: BTreeMap<String, Vec<String>>,
    /// Over NOT NULL columns only, in the order of their names.
    unique: BTreeMap<String, Vec<Vec<String>>>,
}

impl Keys {
    fn read(session: &Session, owner: &OracleIdent) -> Result<Self, Error> {
        let owner = owner.as_str();
        let mut keys = Keys { tables: BTreeSet::new(), primary: BTreeMap::new(), unique: BTreeMap::new() };
        let mut nullable: BTreeSet<(String, String)> = BTreeSet::new();
        let columns = sql::dictionary::text(sql::dictionary::COLUMNS, Views::All, &Capabilities::default());
        for row in session.query("reading ALL_TAB_COLS", &columns, &[&owner])? {
            keys.tables.insert(row.text(0)?.to_owned());
            if row.get(9) != Some("N") {
                nullable.insert((row.text(0)?.to_owned(), row.text(1)?.to_owned()));
            }
        }
        let mut columns: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for row in session.query("reading ALL_CONS_COLUMNS", sql::dictionary::CONSTRAINT_COLUMNS, &[&owner])? {
            columns.entry(row.text(0)?.to_owned()).or_default().push(row.text(1)?.to_owned());
        }
        let is_key = |table: &str, columns: &[String]| {
            !columns.is_empty() && columns.iter().all(|c| !nullable.contains(&(table.to_owned(), c.clone())))
        };
        for row in session.query("reading ALL_CONSTRAINTS", sql::dictionary::CONSTRAINTS, &[&owner])? {
            let (table, of_constraint) = (row.text(0)?, columns.get(row.text(1)?).cloned().unwrap_or_default());
            match (row.get(2), row.get(6)) {
                (Some("P"), Some("ENABLED")) => {
                    keys.primary.insert(table.to_owned(), of_constraint);
                }
                (Some("U"), Some("ENABLED")) if is_key(table, &of_constraint) => {
                    keys.unique.entry(table.to_owned()).or_default().push(of_constraint);
                }
                _ => {}
            }
        }
        // Unique indexes without a constraint count too.
        let mut of_index: BTreeMap<(String, String), Vec<String>> = BTreeMap::new();
        for row in session.query("reading ALL_IND_COLUMNS", sql::dictionary::INDEX_COLUMNS, &[&owner])? {
            let index = (row.text(0)?.to_owned(), row.text(1)?.to_owned());
            of_index.entry(index).or_default().push(row.text(2)?.to_owned());
        }
        for row in session.query("reading ALL_INDEXES", sql::dictionary::INDEXES, &[&owner])? {
            let index = (row.text(0)?.to_owned(), row.text(1)?.to_owned());
            let (table, columns) = (row.text(3)?, of_index.remove(&index).unwrap_or_default());
            let unique = keys.unique.entry(table.to_owned()).or_default();
            if row.get(2) == Some("NORMAL")
                && row.get(4) == Some("UNIQUE")
                && is_key(table, &columns)
                && !unique.contains(&columns)
            {
                unique.push(columns);
            }
        }
        Ok(keys)
    }

    fn of(&self, table: &str) -> Key {
        match (self.primary.get(table), self.unique.get(table).and_then(|keys| keys.first())) {
            (Some(columns), _) => Key::Primary(columns.clone()),
            (None, Some(columns)) => Key::Unique(columns.clone()),
            (None, None) => Key::None,
        }
    }
}

fn log_groups(session: &Session, owner: &OracleIdent) -> Result<BTreeMap<String, Logging>, Error> {
    let owner = owner.as_str();
    let mut columns: BTreeMap<(String, String), BTreeSet<String>> = BTreeMap::new();
    for row in session.query("reading ALL_LOG_GROUP_COLUMNS", sql::LOG_GROUP_COLUMNS, &[&owner])? {
        let group = (row.text(0)?.to_owned(), row.text(1)?.to_owned());
        columns.entry(group).or_default().insert(row.text(2)?.to_owned());
    }
    let mut groups: BTreeMap<String, Logging> = BTreeMap::new();
    for row in session.query("reading ALL_LOG_GROUPS", sql::LOG_GROUPS, &[&owner])? {
        let (table, name) = (row.text(0)?.to_owned(), row.text(1)?.to_owned());
        let logging = groups.entry(table.clone()).or_default();
        match row.get(2) {
            Some("PRIMARY KEY LOGGING") => logging.primary = true,
            Some("UNIQUE KEY LOGGING") => logging.unique = true,
            Some("ALL COLUMN LOGGING") => logging.all = true,
            Some("USER LOG GROUP") if row.get(3) == Some("ALWAYS") => {
                logging.groups.extend(columns.remove(&(table, name)));
            }
            _ => {}
        }
    }
    Ok(groups)
}

// --- rights --------------------------------------------------------------------------------------------------

struct Rights {
    privileges: BTreeSet<String>,
    roles: BTreeSet<String>,
    user: String,
    /// By owner: table and privilege.
    on_tables: BTreeMap<String, BTreeSet<(String, String)>>,
}

impl Rights {
    fn read(session: &Session, tables: &[ObjectPath]) -> Result<Self, Error> {
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
        Ok(Rights { privileges, roles, user: session.user().quoted(), on_tables })
    }

    fn has(&self, privilege: &str) -> bool {
        self.privileges.contains(privilege)
    }

    fn grant(&self, what: &str) -> String {
        format!("GRANT {what} TO {}", self.user)
    }
}

fn table_right(rights: &Rights, user: &OracleIdent, tables: &[ObjectPath], privilege: &str) -> Prerequisite {
    let (what, why) = if privilege == "SELECT" {
        ("The user may read every table", "the load reads them")
    } else {
        ("The user may read every table as of an SCN (FLASHBACK)", "all tables are loaded as of one SCN")
    };
    let p = prerequisite(privilege.to_lowercase(), what, why);
    let any = format!("{privilege} ANY TABLE");
    let missing: Vec<&ObjectPath> = tables
        .iter()
        .filter(|table| {
            let granted = rights.on_tables.get(table.schema.as_str()).is_some_and(|grants| {
                let name = table.name.as_str().to_owned();
                grants.contains(&(name.clone(), privilege.to_owned()))
                    || (privilege == "SELECT" && grants.contains(&(name, "READ".to_owned())))
            });
            table.schema != *user && !rights.has(&any) && !granted
        })
        .collect();
    let found = if missing.is_empty() {
        format!("{} tables", tables.len())
    } else {
        let names: Vec<String> = missing.iter().take(5).map(ToString::to_string).collect();
        let more = if missing.len() > 5 { ", …" } else { "" };
        format!("not {} of {}: {}{more}", missing.len(), tables.len(), names.join(", "))
    };
    let mend: Vec<String> =
        missing.iter().map(|table| rights.grant(&format!("{privilege} ON {}", table.quoted()))).collect();
    p.found(missing.is_empty(), found, mend)
}

fn views(session: &Session) -> Result<Prerequisite, Error> {
    let p = prerequisite(
        "views",
        "The user may read the V$ views",
        "they tell the SCN, the open transactions and the log files",
    );
    let mut missing = Vec::new();
    for probe in sql::PROBES {
        match session.try_query(probe.sql, &[]) {
            Ok(_) => {}
            // LogMiner is not started: the right is there.
            Err(e) if e.oci_code() == Some(1306) => {}
            Err(e) if is_no_right(&e) => missing.push(probe),
            Err(e) => return Err(Error::driver(format_args!("reading {}", probe.name), e)),
        }
    }
    let found = if missing.is_empty() {
        format!("{} views", sql::PROBES.len())
    } else {
        format!("not {}", missing.iter().map(|probe| probe.name).collect::<Vec<_>>().join(", "))
    };
    let user = session.user().quoted();
    let mend: Vec<String> =
        missing.iter().map(|probe| format!("GRANT SELECT ON {} TO {user}", probe.grant_object)).collect();
    Ok(p.found(missing.is_empty(), found, mend))
}

fn dbms_logmnr(session: &Session) -> Result<Prerequisite, Error> {
    let p = prerequisite("dbms-logmnr", "The user may execute DBMS_LOGMNR", "redo is read with it");
    let mend = [format!("GRANT EXECUTE ON SYS.DBMS_LOGMNR TO {}", session.user().quoted())];
    match session.run(sql::PROBE_DBMS_LOGMNR, &[]) {
        Ok(_) => Ok(p.found(true, "granted", [])),
        Err(e) => match e.oci_code() {
            // Nothing to end.
            Some(1307) => Ok(p.found(true, "granted", [])),
            Some(6550 | 1031 | 942) => Ok(p.found(false, "not granted", mend)),
            _ => Err(Error::driver("calling DBMS_LOGMNR.END_LOGMNR", e)),
        },
    }
}

fn logmining(session: &Session, rights: &Rights) -> Prerequisite {
    let version = session.server_version();
    let privilege = if (version.major, version.minor) >= (12, 1) { "LOGMINING" } else { "SELECT ANY TRANSACTION" };
    let p = prerequisite(
        "logmining",
        format!("The user has the privilege {privilege}"),
        "without it V$LOGMNR_CONTENTS does not show the rows of other users' transactions",
    );
    let met = rights.has(privilege);
    p.found(met, if met { "granted" } else { "not granted" }, [rights.grant(privilege)])
}

fn dictionary(session: &Session, rights: &Rights) -> Prerequisite {
    let p = prerequisite(
        "dictionary",
        "The user may read the whole dictionary",
        "objects of other schemas that the user has no right to are not seen otherwise: stored code, referenced keys",
    )
    .recommended();
    let met = rights.has("SELECT ANY DICTIONARY")
        || rights.roles.contains("SELECT_CATALOG_ROLE")
        || rights.roles.contains("DBA");
    p.found(
        met,
        if met { "granted".to_owned() } else { format!("only what {} may see", session.user()) },
        [rights.grant("SELECT_CATALOG_ROLE")],
    )
}

fn extents(session: &Session) -> Result<Prerequisite, Error> {
    let p = prerequisite(
        "extents",
        "The user may read DBA_EXTENTS",
        "a table is cut into ROWID ranges by it, to be loaded in parallel and carried on after a stop; otherwise it is read whole",
    )
    .recommended();
    match session.try_query(sql::PROBE_EXTENTS, &[]) {
        Ok(_) => Ok(p.found(true, "granted", [])),
        Err(e) if is_no_right(&e) => Ok(p.found(
            false,
            "not granted",
            [format!("GRANT SELECT ON SYS.DBA_EXTENTS TO {}", session.user().quoted())],
        )),
        Err(e) => Err(Error::driver("reading DBA_EXTENTS", e)),
    }
}

// --- settings ------------------------------------------------------------------------------------------------

/// Undo that is kept for less long than this hardly outlasts the load of a large chunk.
const UNDO_RETENTION: u64 = 900;

fn undo_retention(session: &Session) -> Result<Prerequisite, Error> {
    let p = prerequisite(
        "undo-retention",
        "Undo is kept for as long as the load of a table takes",
        "rows as of the load's SCN are made from undo; ORA-01555 where it is gone",
    )
    .recommended();
    let Some(rows) = visible(session, "V$PARAMETER", sql::PARAMETERS)? else { return Ok(p) };
    let Some(row) = rows.iter().find(|row| row.get(0) == Some("undo_retention")) else { return Ok(p) };
    let seconds: u64 = row.required(1)?;
    Ok(p.found(
        seconds >= UNDO_RETENTION,
        format!("UNDO_RETENTION is {seconds} s"),
        ["ALTER SYSTEM SET UNDO_RETENTION = 10800".to_owned()],
    ))
}

fn character_sets(session: &Session) -> Result<Prerequisite, Error> {
    let p = prerequisite(
        "character-set",
        "The character set is known",
        "the client library turns characters into UTF-8; bytes that are no characters of the declared set are lost there",
    )
    .recommended();
    let Some(rows) = visible(session, "NLS_DATABASE_PARAMETERS", sql::CHARACTER_SETS)? else { return Ok(p) };
    let found: Vec<&str> = rows.iter().filter_map(|row| row.get(1)).collect();
    Ok(p.found(!found.is_empty(), found.join(", "), []))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(names: &[&str]) -> Vec<String> {
        names.iter().map(|n| (*n).to_owned()).collect()
    }

    #[test]
    fn what_is_logged_covers_the_key() {
        let primary = Key::Primary(names(&["A", "B"]));
        let unique = Key::Unique(names(&["C"]));
        let with = |change: fn(&mut Logging)| {
            let mut logging = Logging::default();
            change(&mut logging);
            logging
        };
        for (logging, expected) in [
            (with(|_| {}), [false, false, false]),
            (with(|l| l.primary = true), [true, false, false]),
            (with(|l| l.unique = true), [false, false, false]),
            (with(|l| (l.primary, l.unique) = (true, true)), [true, true, false]),
            (with(|l| l.all = true), [true, true, true]),
            (with(|l| l.groups.push(BTreeSet::from(["A".to_owned()]))), [false, false, false]),
            (with(|l| l.groups.push(["A", "B", "C"].map(str::to_owned).into())), [true, true, false]),
        ] {
            let covers = [&primary, &unique, &Key::None].map(|key| logging.covers(key));
            assert_eq!(covers, expected, "{logging:?}");
        }
    }

    #[test]
    fn log_group_names_fit() {
        assert_eq!(log_group_name("JOBS"), "JOBS_KEYLOG");
        assert_eq!(log_group_name("A_TABLE_WITH_A_NAME_OF_30_BYTES").len(), 30);
        assert!(log_group_name("ÄÖÜÄÖÜÄÖÜÄÖÜÄÖÜ").len() <= 30);
    }

    #[test]
    fn script_has_what_is_not_met() {
        let met = prerequisite("a", "A", "b").found(true, "x", ["ALTER A".to_owned()]);
        let not = prerequisite("c", "C holds", "d").found(false, "y", ["-- by hand".to_owned(), "ALTER C".to_owned()]);
        assert!(met.mend.is_empty());
        assert_eq!(mend_script(&[met, not]), "-- C holds: d\n-- by hand\nALTER C;\n\n");
    }
}
