//! Supplemental logging: what redo says of the rows that a change hits.

use super::{
    Draft, Prerequisite, SupplementalSetUp,
    answer::Answer,
    key::{Key, Keys},
    site::Site,
};
use crate::{Error, Session, session::Record, sql};
use schema_map::{ObjectPath, OracleIdent};
use std::collections::{BTreeMap, BTreeSet};

pub(super) fn minimal(site: &Site, database: &Answer) -> Prerequisite {
    let draft = Draft::new(
        "supplemental-logging",
        "Minimal supplemental logging is on",
        "without it LogMiner cannot tell rows, chained pieces and transactions apart",
    )
    .asks(sql::DATABASE);
    let Some(state) = database.first().and_then(|row| row.get(5)) else { return draft.hidden(site, database) };
    // IMPLICIT: a database-level key or ALL option brings it along.
    draft.found(matches!(state, "YES" | "IMPLICIT"), state, on_database(site, None))
}

/// The database-level keys, where that is the set-up.
pub(super) fn keys_of_database(site: &Site, database: &Answer, set_up: SupplementalSetUp) -> Option<Prerequisite> {
    if set_up != SupplementalSetUp::Database {
        return None;
    }
    let draft = Draft::new(
        "supplemental-keys",
        "The database logs primary and unique keys of every changed row",
        "an UPDATE or DELETE in the redo must say which row of PostgreSQL it means",
    )
    .asks(sql::DATABASE);
    let Some(row) = database.first() else { return Some(draft.hidden(site, database)) };
    let Database { primary, unique, all } = Database::of(row);
    let mut mend = Vec::new();
    if !primary {
        mend.extend(on_database(site, Some("PRIMARY KEY")));
    }
    if !unique {
        mend.extend(on_database(site, Some("UNIQUE")));
    }
    let found = match (primary, unique) {
        _ if all => "all columns of every table",
        (true, true) => "both",
        (true, false) => "primary keys only",
        (false, true) => "unique keys only",
        (false, false) => "neither",
    };
    Some(draft.found(all || (primary && unique), found, mend))
}

/// One for each table: whether redo identifies its rows.
pub(super) fn of_tables(
    session: &Session,
    site: &Site,
    database: &Answer,
    keys: &BTreeMap<&OracleIdent, Keys>,
    tables: &[ObjectPath],
    set_up: SupplementalSetUp,
) -> Result<Vec<Prerequisite>, Error> {
    let database_wide = database.first().map(Database::of);
    let mut list = Vec::new();
    for (owner, keys) in keys {
        let mut groups = log_groups(session, owner)?;
        for table in tables.iter().filter(|t| t.schema == **owner) {
            let mut logging = groups.remove(table.name.as_str()).unwrap_or_default();
            if let Some(Database { primary, unique, all }) = database_wide {
                logging.primary |= primary;
                logging.unique |= unique;
                logging.all |= all;
            }
            list.push(of_table(site, database, keys, table, &logging, set_up));
        }
    }
    Ok(list)
}

fn of_table(
    site: &Site,
    database: &Answer,
    keys: &Keys,
    table: &ObjectPath,
    logging: &Logging,
    set_up: SupplementalSetUp,
) -> Prerequisite {
    let name = table.name.as_str();
    let draft = Draft::new(
        format!("supplemental:{table}"),
        format!("Redo of {table} has the columns that identify a row"),
        "an UPDATE or DELETE in the redo must say which row of PostgreSQL it means",
    )
    .asks(sql::LOG_GROUPS)
    .asks(sql::LOG_GROUP_COLUMNS);
    if !keys.tables.contains_key(name) {
        // Not there, or not for this user.
        let grant = site.grant(&format!("SELECT ON {}", table.quoted()));
        return draft.unknown("the table is not there, or the user may not see it", [grant]);
    }
    let key = keys.of(name);
    let (columns, statement) = match &key {
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
    if logging.covers(&key) {
        return draft.found(true, format!("{columns}, logged"), []);
    }
    if database.rows().is_none() {
        // The database may log it: only V$DATABASE tells.
        return draft.hidden(site, database);
    }
    let by_database = set_up == SupplementalSetUp::Database && key != Key::None;
    let mend = if by_database { Vec::new() } else { vec![statement] };
    draft.found(false, format!("{columns}, not logged"), mend)
}

/// What the database logs of every table.
#[derive(Debug, Clone, Copy)]
struct Database {
    primary: bool,
    unique: bool,
    all: bool,
}

impl Database {
    fn of(row: &Record) -> Self {
        let yes = |column: usize| row.get(column) == Some("YES");
        Database { primary: yes(6), unique: yes(7), all: yes(8) }
    }
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

/// What switches supplemental logging on for the database: minimal, or a key of every row.
fn on_database(site: &Site, keys: Option<&str>) -> Vec<String> {
    if site.rds {
        let kind = keys.map(|keys| format!(", p_type => '{keys}'")).unwrap_or_default();
        return vec![format!("BEGIN rdsadmin.rdsadmin_util.alter_supplemental_logging(p_action => 'ADD'{kind}); END;")];
    }
    let columns = keys.map(|keys| format!(" ({keys}) COLUMNS")).unwrap_or_default();
    site.in_root_container([format!("ALTER DATABASE ADD SUPPLEMENTAL LOG DATA{columns}")])
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::prerequisites::{PrerequisiteState as State, site::tests::site};

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

    fn database(min: &'static str, primary: &'static str, unique: &'static str) -> Answer {
        let text = Some;
        Answer::of(&[&[
            text("1"),
            text("ORCL"),
            text("ARCHIVELOG"),
            text("READ WRITE"),
            text("PRIMARY"),
            text(min),
            text(primary),
            text(unique),
            text("NO"),
        ]])
    }

    #[test]
    fn keys_of_the_whole_database() {
        let site = site("19.3");
        let check =
            |pk, ui| keys_of_database(&site, &database("IMPLICIT", pk, ui), SupplementalSetUp::Database).unwrap();
        assert_eq!(check("YES", "YES").state, State::Met);
        assert_eq!(check("NO", "YES").mend, ["ALTER DATABASE ADD SUPPLEMENTAL LOG DATA (PRIMARY KEY) COLUMNS"]);
        assert_eq!(check("YES", "NO").mend, ["ALTER DATABASE ADD SUPPLEMENTAL LOG DATA (UNIQUE) COLUMNS"]);
        assert_eq!(check("NO", "NO").mend.len(), 2);
        assert!(keys_of_database(&site, &database("YES", "NO", "NO"), SupplementalSetUp::PerTable).is_none());
        assert_eq!(minimal(&site, &database("IMPLICIT", "YES", "NO")).state, State::Met);
        assert_eq!(minimal(&site, &database("NO", "NO", "NO")).state, State::NotMet);
        assert_eq!(minimal(&site, &database("", "NO", "NO")).state, State::NotMet);
    }

    #[test]
    fn rds_has_procedures() {
        let site = Site { rds: true, ..site("19.3") };
        let p = minimal(&site, &database("NO", "NO", "NO"));
        assert_eq!(p.mend, ["BEGIN rdsadmin.rdsadmin_util.alter_supplemental_logging(p_action => 'ADD'); END;"]);
        let p = keys_of_database(&site, &database("YES", "NO", "YES"), SupplementalSetUp::Database).unwrap();
        assert!(p.mend[0].contains("p_type => 'PRIMARY KEY'"), "{p:?}");
    }

    /// Without V$DATABASE nobody knows what the database logs by itself.
    #[test]
    fn a_table_is_unknown_where_the_database_is() {
        let site = site("19.3");
        let table = ObjectPath::new(OracleIdent::new("HR").unwrap(), OracleIdent::new("T").unwrap());
        let mut keys = Keys::default();
        let hidden = Answer::NoRight("V_$DATABASE");
        let state = |keys: &Keys, logging: &Logging| {
            of_table(&site, &hidden, keys, &table, logging, SupplementalSetUp::PerTable).state
        };
        assert_eq!(state(&keys, &Logging::default()), State::Unknown);
        keys.tables.insert("T".to_owned(), Vec::new());
        assert_eq!(state(&keys, &Logging::default()), State::Unknown);
        assert_eq!(state(&keys, &Logging { all: true, ..Logging::default() }), State::Met);
    }
}
