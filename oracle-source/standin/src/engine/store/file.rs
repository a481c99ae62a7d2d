//! The SQLite file: its tables, how it is opened, and the counters that every write moves.

use super::clock;
use crate::{OraError, lease::Lease};
use rusqlite::{Connection, OpenFlags, OptionalExtension, params};
use sha2::{Digest, Sha256};
use std::{
    path::{Path, PathBuf},
    sync::{Arc, Mutex},
    time::Duration,
};

/// What a new database is like.
#[derive(Debug, Clone)]
pub struct CreateOptions {
    /// `LOG_MODE`: ARCHIVELOG, or NOARCHIVELOG.
    pub archivelog: bool,
    /// `ALTER DATABASE ADD SUPPLEMENTAL LOG DATA`.
    pub supplemental_minimal: bool,
    /// `ALTER DATABASE ADD SUPPLEMENTAL LOG DATA (ALL) COLUMNS`.
    pub supplemental_all: bool,
    /// `V$DATABASE.NAME`, up to 8 characters.
    pub name: String,
    /// Bytes of redo after which the log is switched.
    pub log_size: u64,
}

impl Default for CreateOptions {
    fn default() -> Self {
        CreateOptions {
            archivelog: true,
            supplemental_minimal: false,
            supplemental_all: false,
            name: "STANDIN".to_owned(),
            log_size: 16 << 20,
        }
    }
}

/// What all sessions of one process share of one database file.
#[derive(Debug)]
pub(crate) struct DatabaseFile {
    pub(super) path: PathBuf,
    pub(super) model: Mutex<Option<Arc<super::model::Model>>>,
    /// Held as long as any connection: by the database, its sessions and the rows that they still give.
    _lease: Lease,
}

pub(super) type Shared = Arc<Mutex<Connection>>;

/// `supplemental` bits of the database.
pub(crate) const SUPPLEMENTAL_MIN: i64 = 1;
pub(crate) const SUPPLEMENTAL_PK: i64 = 2;
pub(crate) const SUPPLEMENTAL_UI: i64 = 4;
pub(crate) const SUPPLEMENTAL_FK: i64 = 8;
pub(crate) const SUPPLEMENTAL_ALL: i64 = 16;

/// SCN of the incarnation's beginning.
pub(crate) const RESETLOGS_SCN: i64 = 1_920_977;
const FIRST_SCN: i64 = 2_000_000;
const FORMAT: i64 = 2;

const SCHEMA: &str = "
CREATE TABLE state(id INTEGER PRIMARY KEY CHECK (id = 1), scn INTEGER NOT NULL, ticked INTEGER NOT NULL,
    model INTEGER NOT NULL, log INTEGER NOT NULL, log_at INTEGER NOT NULL, log_size INTEGER NOT NULL,
    next_block INTEGER NOT NULL, archivelog INTEGER NOT NULL, supplemental INTEGER NOT NULL, force_logging INTEGER NOT NULL,
    undo_from INTEGER NOT NULL);
CREATE TABLE meta(key TEXT PRIMARY KEY, value) WITHOUT ROWID;
CREATE TABLE ddl(id INTEGER PRIMARY KEY, schema TEXT NOT NULL, text TEXT NOT NULL, at INTEGER NOT NULL);
CREATE TABLE objects(id INTEGER PRIMARY KEY, owner TEXT NOT NULL, name TEXT NOT NULL, kind TEXT NOT NULL, created INTEGER NOT NULL,
    changed INTEGER NOT NULL, changed_scn INTEGER NOT NULL, version INTEGER NOT NULL, data_object INTEGER NOT NULL,
    next_rid INTEGER NOT NULL, extent_end INTEGER NOT NULL, enabled INTEGER NOT NULL, UNIQUE (owner, name, kind));
CREATE TABLE extents(object INTEGER, number INTEGER, block INTEGER, PRIMARY KEY (object, number)) WITHOUT ROWID;
CREATE TABLE tx(id INTEGER PRIMARY KEY, status INTEGER NOT NULL, usn INTEGER, slot INTEGER, sequence INTEGER, start_scn INTEGER,
    start_time INTEGER, commit_scn INTEGER, last INTEGER NOT NULL, session INTEGER, user TEXT, pid INTEGER, started TEXT);
CREATE INDEX tx_open ON tx(status) WHERE status = 0;
CREATE TABLE undo_slots(usn INTEGER, slot INTEGER, sequence INTEGER NOT NULL, tx INTEGER, PRIMARY KEY (usn, slot)) WITHOUT ROWID;
CREATE TABLE redo(id INTEGER PRIMARY KEY, tx INTEGER NOT NULL, prev INTEGER NOT NULL, op INTEGER NOT NULL, object INTEGER NOT NULL,
    version INTEGER NOT NULL, rid INTEGER NOT NULL, undo INTEGER NOT NULL, log INTEGER NOT NULL, at INTEGER NOT NULL,
    ssn INTEGER NOT NULL, time INTEGER NOT NULL, data BLOB);
CREATE TABLE logs(sequence INTEGER PRIMARY KEY, first_scn INTEGER NOT NULL, first_time INTEGER NOT NULL, next_scn INTEGER,
    next_time INTEGER, archived INTEGER NOT NULL, purged INTEGER NOT NULL, bytes INTEGER NOT NULL);
CREATE TABLE row_locks(object INTEGER, rid INTEGER, tx INTEGER NOT NULL, PRIMARY KEY (object, rid)) WITHOUT ROWID;
CREATE TABLE table_locks(object INTEGER, tx INTEGER, mode INTEGER NOT NULL, PRIMARY KEY (object, tx)) WITHOUT ROWID;
CREATE TABLE waits(tx INTEGER PRIMARY KEY, holder INTEGER NOT NULL);
CREATE TABLE users(id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, salt BLOB NOT NULL, hash BLOB NOT NULL, created INTEGER NOT NULL,
    locked INTEGER NOT NULL);
CREATE TABLE roles(name TEXT PRIMARY KEY) WITHOUT ROWID;
CREATE TABLE grants(grantee TEXT, privilege TEXT, owner TEXT, object TEXT, grantor TEXT NOT NULL, grantable INTEGER NOT NULL,
    PRIMARY KEY (grantee, privilege, owner, object)) WITHOUT ROWID;
CREATE TABLE column_grants(grantee TEXT, privilege TEXT, owner TEXT, object TEXT, column TEXT, grantor TEXT NOT NULL,
    grantable INTEGER NOT NULL, PRIMARY KEY (grantee, privilege, owner, object, column)) WITHOUT ROWID;
CREATE TABLE plain_objects(kind TEXT, owner TEXT, name TEXT, a TEXT, b TEXT, c TEXT, PRIMARY KEY (kind, owner, name)) WITHOUT ROWID;
CREATE TABLE sequences(object INTEGER PRIMARY KEY, next TEXT NOT NULL, last TEXT NOT NULL);
CREATE TABLE log_groups(object INTEGER, name TEXT, kind TEXT NOT NULL, always INTEGER NOT NULL, columns TEXT NOT NULL,
    PRIMARY KEY (object, name)) WITHOUT ROWID;
CREATE TABLE sessions(sid INTEGER PRIMARY KEY, serial INTEGER NOT NULL, user TEXT NOT NULL, pid INTEGER NOT NULL, started TEXT NOT NULL,
    logon INTEGER NOT NULL, module TEXT, action TEXT);
";

impl From<rusqlite::Error> for OraError {
    fn from(error: rusqlite::Error) -> Self {
        match error.sqlite_error_code() {
            Some(rusqlite::ErrorCode::DatabaseBusy | rusqlite::ErrorCode::DatabaseLocked) => {
                OraError::new(30006, "resource busy; acquire with WAIT timeout expired")
            }
            Some(rusqlite::ErrorCode::DiskFull) => {
                OraError::new(1653, "unable to extend table: the file system of the stand-in's file is full")
            }
            _ => OraError::new(600, format!("internal error code, arguments: [sqlite], [{error}]")),
        }
    }
}

fn no_listener(path: &Path) -> OraError {
    OraError::new(12541, format!("TNS:no listener: there is no stand-in database at {}", path.display()))
}

impl DatabaseFile {
    pub(crate) fn create(path: &Path, system_password: &str, options: &CreateOptions) -> Result<Self, OraError> {
        if path.exists() {
            let message =
                format!("database already exists: {} is there, remove it or take another name", path.display());
            return Err(OraError::new(1501, message));
        }
        if options.name.is_empty() || options.name.len() > 8 || !options.name.bytes().all(|b| b.is_ascii_alphanumeric())
        {
            return Err(OraError::new(
                2086,
                format!("database (link) name {:?} is not 1 to 8 letters or digits", options.name),
            ));
        }
        let unusable =
            |e| OraError::new(27040, format!("file create error, unable to create file: {}: {e}", path.display()));
        std::fs::File::create_new(path).map_err(unusable)?;
        let lease = Lease::acquire(path)?;
        let connection = connect(path, OpenFlags::SQLITE_OPEN_READ_WRITE)?;
        connection.execute_batch("BEGIN IMMEDIATE")?;
        connection.execute_batch(SCHEMA)?;
        let now = clock::now();
        let supplemental = match (options.supplemental_minimal, options.supplemental_all) {
            (_, true) => SUPPLEMENTAL_MIN | SUPPLEMENTAL_ALL,
            (true, false) => SUPPLEMENTAL_MIN,
            (false, false) => 0,
        };
        connection.execute(
            "INSERT INTO state VALUES (1, ?1, ?2, 1, 1, 0, ?3, 128, ?4, ?5, 0, ?1)",
            params![FIRST_SCN, now, options.log_size as i64, options.archivelog, supplemental],
        )?;
        connection.execute("INSERT INTO logs VALUES (1, ?1, ?2, NULL, NULL, 0, 0, 0)", params![FIRST_SCN, now])?;
        connection.execute(
            "INSERT INTO meta VALUES ('format', ?1), ('name', ?2), ('created', ?3), ('dbid', abs(random() % 4000000000) + 1)",
            params![FORMAT, options.name.to_ascii_uppercase(), now],
        )?;
        for usn in 1..=10 {
            for slot in 0..34 {
                let sequence = 500 + usn * 37 + slot;
                connection.execute("INSERT INTO undo_slots VALUES (?1, ?2, ?3, NULL)", params![usn, slot, sequence])?;
            }
        }
        for (id, name) in [(0, "SYS"), (9, "SYSTEM")] {
            connection.execute("INSERT INTO users VALUES (?1, ?2, x'', x'', ?3, 0)", params![id, name, now])?;
        }
        set_password(&connection, "SYS", system_password)?;
        set_password(&connection, "SYSTEM", system_password)?;
        for role in super::users::ROLES {
            connection.execute("INSERT INTO roles VALUES (?1)", [role])?;
        }
        for user in ["SYS", "SYSTEM"] {
            connection.execute("INSERT INTO grants VALUES (?1, 'DBA', '', '', 'SYS', 1)", [user])?;
        }
        connection.execute_batch("COMMIT")?;
        Ok(DatabaseFile { path: path.to_owned(), model: Mutex::new(None), _lease: lease })
    }

    pub(crate) fn open(path: &Path) -> Result<Self, OraError> {
        if !path.is_file() {
            return Err(no_listener(path));
        }
        let lease = Lease::acquire(path)?;
        let connection = connect(path, OpenFlags::SQLITE_OPEN_READ_WRITE)?;
        let format: Option<i64> = connection
            .query_row("SELECT value FROM meta WHERE key = 'format'", [], |r| r.get(0))
            .optional()
            .map_err(|_| OraError::new(1990, format!("{} is no stand-in database", path.display())))?;
        if format != Some(FORMAT) {
            return Err(OraError::new(1990, format!("{} is a stand-in database of another format", path.display())));
        }
        Ok(DatabaseFile { path: path.to_owned(), model: Mutex::new(None), _lease: lease })
    }

    pub(crate) fn connect(&self) -> Result<Connection, OraError> {
        if !self.path.is_file() {
            return Err(no_listener(&self.path));
        }
        connect(&self.path, OpenFlags::SQLITE_OPEN_READ_WRITE)
    }
}

fn connect(path: &Path, flags: OpenFlags) -> Result<Connection, OraError> {
    let connection = Connection::open_with_flags(path, flags | OpenFlags::SQLITE_OPEN_NO_MUTEX)?;
    connection.busy_timeout(Duration::from_secs(60))?;
    // What a process wrote survives its death by whatever signal; only a crash of the machine can lose or damage the file.
    connection.execute_batch(
        "PRAGMA journal_mode = WAL; PRAGMA synchronous = OFF; PRAGMA temp_store = MEMORY; PRAGMA cache_size = -16000;
         PRAGMA wal_autocheckpoint = 4000;",
    )?;
    connection.set_prepared_statement_cache_capacity(256);
    Ok(connection)
}

/// PBKDF-like: enough that the file of a throw-away database does not give passwords away.
fn hash(salt: &[u8], password: &str) -> Vec<u8> {
    let mut digest = Sha256::new().chain_update(salt).chain_update(password.as_bytes()).finalize();
    for _ in 0..2000 {
        digest = Sha256::new().chain_update(salt).chain_update(digest).finalize();
    }
    digest.to_vec()
}

pub(super) fn set_password(connection: &Connection, user: &str, password: &str) -> Result<(), OraError> {
    let salt: Vec<u8> = connection.query_row("SELECT randomblob(16)", [], |r| r.get(0))?;
    let hash = hash(&salt, password);
    connection.execute("UPDATE users SET salt = ?2, hash = ?3 WHERE name = ?1", params![user, salt, hash])?;
    Ok(())
}

pub(super) fn check_password(connection: &Connection, user: &str, password: &str) -> Result<(), OraError> {
    let wrong = || OraError::new(1017, "invalid username/password; logon denied");
    let (salt, wanted, locked): (Vec<u8>, Vec<u8>, bool) = connection
        .query_row("SELECT salt, hash, locked FROM users WHERE name = ?1", [user], |r| {
            Ok((r.get(0)?, r.get(1)?, r.get(2)?))
        })
        .optional()?
        .ok_or_else(wrong)?;
    let given = hash(&salt, password);
    if given.len() != wanted.len() || given.iter().zip(&wanted).fold(0, |n, (a, b)| n | (a ^ b)) != 0 {
        return Err(wrong());
    }
    if locked {
        return Err(OraError::new(28000, "The account is locked."));
    }
    Ok(())
}

/// The row of `state` within a write transaction of SQLite, and where the next redo record goes.
#[derive(Debug, Clone)]
pub(super) struct State {
    pub(super) scn: i64,
    pub(super) model: i64,
    pub(super) log: i64,
    pub(super) log_at: i64,
    pub(super) log_size: i64,
    pub(super) next_block: i64,
    pub(super) archivelog: bool,
    pub(super) supplemental: i64,
}

impl State {
    pub(super) fn read(connection: &Connection) -> Result<State, OraError> {
        let mut statement = connection.prepare_cached(
            "SELECT scn, model, log, log_at, log_size, next_block, archivelog, supplemental FROM state",
        )?;
        Ok(statement.query_row([], |r| {
            Ok(State {
                scn: r.get(0)?,
                model: r.get(1)?,
                log: r.get(2)?,
                log_at: r.get(3)?,
                log_size: r.get(4)?,
                next_block: r.get(5)?,
                archivelog: r.get(6)?,
                supplemental: r.get(7)?,
            })
        })?)
    }

    pub(super) fn write(&self, connection: &Connection) -> Result<(), OraError> {
        let mut statement = connection.prepare_cached(
            "UPDATE state SET scn = ?1, model = ?2, log = ?3, log_at = ?4, next_block = ?5, archivelog = ?6, supplemental = ?7, ticked = ?8",
        )?;
        statement.execute(params![
            self.scn,
            self.model,
            self.log,
            self.log_at,
            self.next_block,
            self.archivelog,
            self.supplemental,
            clock::now()
        ])?;
        Ok(())
    }

    /// Ends the current log and begins the next. The switch itself takes one SCN.
    pub(super) fn switch_log(&mut self, connection: &Connection) -> Result<(), OraError> {
        let now = clock::now();
        self.scn += 1;
        connection.execute(
            "UPDATE logs SET next_scn = ?2, next_time = ?3, archived = ?4, bytes = ?5 WHERE sequence = ?1",
            params![self.log, self.scn, now, self.archivelog, self.log_at],
        )?;
        self.log += 1;
        self.log_at = 0;
        connection
            .execute("INSERT INTO logs VALUES (?1, ?2, ?3, NULL, NULL, 0, 0, 0)", params![self.log, self.scn, now])?;
        Ok(())
    }
}
