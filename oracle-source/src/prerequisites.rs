//! What must hold on the Oracle side before an online migration can begin.
//!
//! [`check`] asks for everything at once. Each [`Prerequisite`] says what must hold, what was found, why it matters, which statements
//! were asked, and what mends it. What may not be read is [`Unknown`](PrerequisiteState::Unknown), never met, and is mended by a GRANT.
//! [`text`] and [`mend_script`] print the list; [`Prerequisite`] serialises for a program.

mod answer;
mod database;
mod encryption;
mod key;
mod logging;
mod nologging;
mod report;
mod retention;
mod rights;
mod settings;
mod site;
mod transactions;
mod types;

pub use report::{mend_script, text};
pub use site::Site;

use crate::{Error, Session, sql};
use answer::Answer;
use key::Keys;
use retention::LoadTime;
use schema_map::{ObjectPath, OracleIdent};
use serde::Serialize;
use std::{collections::BTreeMap, time::Duration};

/// One thing that an online migration depends on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
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
    /// The statements that tell; constants of [`sql`] and [`sql::prerequisites`].
    pub queries: Vec<&'static str>,
    /// What mends it: SQL statements without a terminator, PL/SQL blocks (they begin with `BEGIN`), or lines that begin with `--` for what
    /// SQL cannot do. Where the state is unknown, the GRANTs that are missing. Empty where it is met.
    pub mend: Vec<String>,
}

/// Whether a prerequisite holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum PrerequisiteState {
    /// It holds.
    Met,
    /// It does not.
    NotMet,
    /// It cannot be seen with this session's rights, or nothing tells it.
    Unknown,
}

/// What is planned, for [`check_for`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plan {
    /// Whether redo is followed after the load, and from where.
    pub following: Following,
    /// How supplemental logging is to be set up where it is missing.
    pub supplemental: SupplementalSetUp,
    /// How long the load takes, where somebody knows. Otherwise it is estimated from the size of the tables' schemas and
    /// [`bytes_per_second`](Self::bytes_per_second).
    pub load_time: Option<Duration>,
    /// How many bytes of Oracle's segments all workers together load in a second; 20 MiB unless set.
    pub bytes_per_second: u64,
    /// A transaction that is open for longer is worth a word; an hour unless set.
    pub long_transaction: Duration,
}

/// From where redo is followed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Following {
    /// Not at all: tables are loaded only, and nothing is asked of redo.
    None,
    /// By this session's user, on this database.
    #[default]
    Here,
    /// From `CDB$ROOT`, by another user: rights for LogMiner are not asked of this one. Check the other one's session too, with no tables.
    InRoot,
    /// From the archived logs of this database, which may be a physical standby.
    Archived,
}

/// The two usual ways to have redo identify rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum SupplementalSetUp {
    /// Minimal logging of the database, and exactly one statement for each table: its primary key, else its first unique one, else all
    /// columns. Tables that are not migrated cost nothing.
    #[default]
    PerTable,
    /// Primary and unique keys of all tables by two statements for the database, and all columns of those tables that have neither.
    Database,
}

impl Default for Plan {
    fn default() -> Self {
        Plan {
            following: Following::Here,
            supplemental: SupplementalSetUp::PerTable,
            load_time: None,
            bytes_per_second: 20 << 20,
            long_transaction: Duration::from_secs(3600),
        }
    }
}

/// Checks everything that loading and following `tables` needs, with the default [`Plan`].
///
/// # Errors
/// Those of the connection, and of views that are not as documented. A view that the session may not read is no error:
/// see [`Unknown`](PrerequisiteState::Unknown).
pub fn check(session: &Session, tables: &[ObjectPath]) -> Result<Vec<Prerequisite>, Error> {
    check_for(session, tables, &Plan::default())
}

/// Checks everything that the plan needs. It changes nothing, but a LogMiner session that this session may have open is ended.
///
/// # Errors
/// As of [`check`].
pub fn check_for(session: &Session, tables: &[ObjectPath], plan: &Plan) -> Result<Vec<Prerequisite>, Error> {
    let site = Site::read(session)?;
    let ask = |object, sql| Answer::ask(session, object, sql, &[]);
    let mut keys: BTreeMap<&OracleIdent, Keys> = BTreeMap::new();
    for table in tables {
        if !keys.contains_key(&table.schema) {
            keys.insert(&table.schema, Keys::read(session, &table.schema)?);
        }
    }
    let follow = plan.following != Following::None;
    let mine = matches!(plan.following, Following::Here | Following::Archived);
    let database = ask(&["V_$DATABASE"], sql::DATABASE)?;
    let parameters = ask(&["V_$PARAMETER"], sql::PARAMETERS)?;
    let load = match plan.load_time {
        Some(time) => LoadTime::Told(time),
        None => LoadTime::estimate(session, keys.keys().copied(), plan.bytes_per_second)?,
    };

    let mut list = vec![
        database::version(&site, &parameters),
        database::role(&site, &database, plan.following == Following::Archived),
    ];
    if follow {
        list.extend(database::container(&site, plan.following));
        list.push(database::archivelog(&site, &database));
        let destinations = ask(&["V_$ARCHIVE_DEST_STATUS"], sql::ARCHIVE_DESTINATIONS)?;
        list.push(database::archive_destination(&site, &destinations));
        list.push(logging::minimal(&site, &database));
        list.extend(logging::keys_of_database(&site, &database, plan.supplemental));
        list.extend(logging::of_tables(session, &site, &database, &keys, tables, plan.supplemental)?);
        list.push(nologging::check(session, &site, &keys, tables)?);
        list.extend(types(session, &site, &keys, tables)?);
    }

    let rights = rights::Rights::read(session, tables)?;
    list.push(rights::on_tables(&site, &rights, tables, "SELECT"));
    list.push(rights::on_tables(&site, &rights, tables, "FLASHBACK"));
    list.push(rights::views(session, &site)?);
    if mine {
        list.push(rights::dbms_logmnr(session, &site)?);
        list.push(rights::logmining(&site, &rights));
        list.push(rights::statistics(session, &site)?);
    }
    list.push(rights::dictionary(&site, &rights));
    list.push(rights::extents(session, &site)?);

    let statistics = ask(&["V_$UNDOSTAT"], sql::prerequisites::UNDO_STATISTICS)?;
    let spaces = ask(&["DBA_TABLESPACES"], sql::prerequisites::UNDO_TABLESPACES)?;
    list.push(retention::undo(&site, &parameters, &statistics, &spaces, load));
    if follow {
        let day = ask(&["V_$ARCHIVED_LOG"], sql::prerequisites::REDO_OF_A_DAY)?;
        let ages = ask(&["V_$ARCHIVED_LOG", "V_$DATABASE"], sql::prerequisites::ARCHIVED_LOG_AGES)?;
        list.push(retention::archived_logs(&site, &ages, load));
        let area = ask(&["V_$RECOVERY_FILE_DEST"], sql::prerequisites::RECOVERY_AREA)?;
        list.push(retention::recovery_area(&site, &area, &day, load));
        let dictionaries = ask(&["V_$ARCHIVED_LOG"], sql::prerequisites::REDO_DICTIONARIES)?;
        list.push(database::redo_dictionary(&site, &dictionaries));
        let groups = ask(&["V_$LOG"], sql::prerequisites::REDO_LOG_GROUPS)?;
        list.push(retention::redo_logs(&site, &groups, &day));
        let ages = ask(&["GV_$TRANSACTION", "GV_$SESSION"], sql::prerequisites::TRANSACTION_AGES)?;
        list.push(transactions::long_open(&site, &ages, plan.long_transaction));
    }
    let encrypted = ask(&["DBA_TABLESPACES"], sql::prerequisites::ENCRYPTED_TABLESPACES)?;
    let wallets = ask(&["V_$ENCRYPTION_WALLET"], sql::prerequisites::WALLETS)?;
    list.push(encryption::check(&site, &encrypted, &encrypted_columns(session, &keys, tables)?, &wallets));
    list.push(settings::character_sets(&site, &ask(&["NLS_DATABASE_PARAMETERS"], sql::CHARACTER_SETS)?));
    let file = ask(&["V_$TIMEZONE_FILE"], sql::prerequisites::TIME_ZONE_FILE)?;
    let upgrade = ask(&["DATABASE_PROPERTIES"], sql::prerequisites::TIME_ZONE_UPGRADE)?;
    list.push(settings::time_zone_file(&site, &file, &upgrade));
    Ok(list)
}

fn types(
    session: &Session,
    site: &Site,
    keys: &BTreeMap<&OracleIdent, Keys>,
    tables: &[ObjectPath],
) -> Result<Vec<Prerequisite>, Error> {
    let mut list = Vec::new();
    for (owner, keys) in keys {
        let has_xml = keys.tables.values().flatten().any(|column| column.data_type == "XMLTYPE");
        let xml = if has_xml { types::xml_storage(session, owner)? } else { None };
        for table in tables.iter().filter(|table| table.schema == **owner) {
            if let Some(columns) = keys.tables.get(table.name.as_str()) {
                list.extend(types::of_table(site, table, columns, xml.as_ref()));
            }
        }
    }
    Ok(list)
}

/// `OWNER.TABLE.COLUMN` of the tables' encrypted columns.
fn encrypted_columns(
    session: &Session,
    keys: &BTreeMap<&OracleIdent, Keys>,
    tables: &[ObjectPath],
) -> Result<Vec<String>, Error> {
    let mut columns = Vec::new();
    for owner in keys.keys() {
        let sql = sql::prerequisites::ENCRYPTED_COLUMNS;
        if let Answer::Rows(rows) = Answer::ask(session, &["ALL_ENCRYPTED_COLUMNS"], sql, &[&owner.as_str()])? {
            for row in rows {
                let table = ObjectPath::new((*owner).clone(), row.ident(0)?);
                if tables.contains(&table) {
                    columns.push(format!("{table}.{}", row.text(1)?));
                }
            }
        }
    }
    Ok(columns)
}

/// A prerequisite before it is known whether it holds.
struct Draft(Prerequisite);

impl Draft {
    fn new(id: impl Into<String>, what: impl Into<String>, why: &str) -> Self {
        Draft(Prerequisite {
            id: id.into(),
            what: what.into(),
            state: PrerequisiteState::Unknown,
            required: true,
            found: String::new(),
            why: why.to_owned(),
            queries: Vec::new(),
            mend: Vec::new(),
        })
    }

    fn asks(mut self, sql: &'static str) -> Self {
        if !self.0.queries.contains(&sql) {
            self.0.queries.push(sql);
        }
        self
    }

    fn recommended(mut self) -> Self {
        self.0.required = false;
        self
    }

    fn found(self, met: bool, found: impl Into<String>, mend: impl IntoIterator<Item = String>) -> Prerequisite {
        let mut p = self.0;
        p.found = found.into();
        if met {
            p.state = PrerequisiteState::Met;
        } else {
            p.state = PrerequisiteState::NotMet;
            p.mend = mend.into_iter().collect();
        }
        p
    }

    fn unknown(self, found: impl Into<String>, mend: impl IntoIterator<Item = String>) -> Prerequisite {
        let mut p = self.0;
        p.found = found.into();
        p.mend = mend.into_iter().collect();
        p
    }

    /// The answer is hidden from this user, or empty.
    fn hidden(self, site: &Site, answer: &Answer) -> Prerequisite {
        match answer {
            Answer::NoRight(objects) => {
                // What everybody may read needs no GRANT: it is not there in this version.
                let grantable = objects.iter().filter(|object| !object.starts_with("ALL_"));
                let mend: Vec<String> = grantable.map(|object| site.grant_on_sys("SELECT", object)).collect();
                self.unknown(format!("{} cannot be read by {}", answer::view_names(objects), site.user), mend)
            }
            Answer::Rows(_) => self.unknown("the view has nothing about it", []),
        }
    }
}
