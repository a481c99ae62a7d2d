//! `DBMS_LOGMNR` and `V$LOGMNR_CONTENTS`.

use super::{
    DatabaseFile, Model, PlainObject, Shared, Store, clock,
    dictionary::History,
    lock,
    nls::Nls,
    redo::{UNDOES, UNLOGGED, Update, archive_name, group, in_mask, is_online, online_name, op},
    redo_text::{LobStep, Printer, pieces},
    row, rowid,
    scene::{ROOT, Scene},
};
use crate::{
    OraError,
    engine::storage::{ProcedureCall, Row, Rows},
};
use rusqlite::{Connection, params};
use std::{
    collections::VecDeque,
    sync::{Arc, atomic::AtomicBool},
};
use type_convert::{Number, OracleType, Value};

// The package's constants for OPTIONS.
const COMMITTED_DATA_ONLY: i64 = 2;
const SKIP_CORRUPTION: i64 = 4;
const DDL_DICT_TRACKING: i64 = 8;
const DICT_FROM_ONLINE_CATALOG: i64 = 16;
const DICT_FROM_REDO_LOGS: i64 = 32;
const NO_SQL_DELIMITER: i64 = 64;
const PRINT_PRETTY_SQL: i64 = 512;
const CONTINUOUS_MINE: i64 = 1024;
const NO_ROWID_IN_STMT: i64 = 2048;
const STRING_LITERALS_IN_STMT: i64 = 4096;

/// The LogMiner state of a session.
#[derive(Debug, Clone, Default)]
pub(crate) struct LogMiner {
    /// In the order in which they were added.
    pub(crate) files: Vec<LogFile>,
    started: Option<Started>,
}

/// A log file added.
#[derive(Debug, Clone)]
pub(crate) struct LogFile {
    pub(crate) name: String,
    pub(crate) thread: i64,
    pub(crate) sequence: i64,
    archived: bool,
}

#[derive(Debug, Clone, Copy)]
struct Started {
    from: i64,
    to: i64,
    options: i64,
    /// The log with the dictionary, where it is not the online one.
    dictionary: Option<i64>,
}

/// One log as the control file knows it.
#[derive(Debug, Clone)]
pub(crate) struct Log {
    pub(crate) sequence: i64,
    pub(crate) first_scn: i64,
    pub(crate) first_time: i64,
    pub(crate) next_scn: Option<i64>,
    pub(crate) next_time: Option<i64>,
    pub(crate) archived: bool,
    pub(crate) purged: bool,
    pub(crate) bytes: i64,
}

pub(crate) fn logs(connection: &Connection) -> Result<Vec<Log>, OraError> {
    super::collect(
        connection,
        "SELECT sequence, first_scn, first_time, next_scn, next_time, archived, purged, bytes FROM logs ORDER BY sequence",
        |r| {
            Ok(Log {
                sequence: r.get(0)?,
                first_scn: r.get(1)?,
                first_time: r.get(2)?,
                next_scn: r.get(3)?,
                next_time: r.get(4)?,
                archived: r.get(5)?,
                purged: r.get(6)?,
                bytes: r.get(7)?,
            })
        },
    )
}

fn wrong_call(name: &str) -> OraError {
    OraError::new(6550, format!("line 1, column 7:\nPLS-00306: wrong number or types of arguments in call to '{name}'"))
}

/// Arguments by name, positional ones by their place.
struct Arguments<'a> {
    procedure: &'a str,
    values: Vec<Option<&'a Value>>,
    names: &'a [&'a str],
}

impl<'a> Arguments<'a> {
    fn new(call: &'a ProcedureCall, procedure: &'a str, names: &'a [&'a str]) -> Result<Self, OraError> {
        let mut values = vec![None; names.len()];
        for (n, (name, value)) in call.arguments.iter().enumerate() {
            let at = match name {
                Some(name) => names.iter().position(|p| p == name),
                None => (n < names.len()).then_some(n),
            };
            match at {
                Some(at) if values[at].is_none() => values[at] = Some(value),
                _ => return Err(wrong_call(procedure)),
            }
        }
        Ok(Arguments { procedure, values, names })
    }

    fn get(&self, name: &str) -> Option<&'a Value> {
        let at = self.names.iter().position(|n| *n == name)?;
        self.values[at].filter(|v| !v.is_null())
    }

    fn integer(&self, name: &str) -> Result<Option<i64>, OraError> {
        match self.get(name) {
            None => Ok(None),
            Some(Value::Number(n)) => n.to_i64().map(Some).ok_or_else(|| wrong_call(self.procedure)),
            Some(Value::Text(text)) => text.trim().parse().map(Some).map_err(|_| {
                OraError::new(6502, "PL/SQL: numeric or value error: character to number conversion error")
            }),
            Some(_) => Err(wrong_call(self.procedure)),
        }
    }

    fn text(&self, name: &str) -> Result<Option<String>, OraError> {
        match self.get(name) {
            None => Ok(None),
            Some(Value::Text(text)) => Ok(Some(text.clone())),
            Some(_) => Err(wrong_call(self.procedure)),
        }
    }
}

impl Store {
    pub(super) fn call_procedure(&mut self, call: &ProcedureCall) -> Result<(), OraError> {
        let undeclared = || {
            let message = format!("line 1, column 7:\nPLS-00201: identifier '{}' must be declared", call.name);
            OraError::new(6550, message)
        };
        let package = call.name.split('.').next().unwrap_or_default();
        if matches!(package, "DBMS_LOGMNR" | "DBMS_LOGMNR_D")
            && !self.model()?.privileges.may_execute(&self.user, package)
        {
            return Err(undeclared());
        }
        match call.name.as_str() {
            "DBMS_SCHEDULER.CREATE_JOB" => {
                let names =
                    ["JOB_NAME", "JOB_TYPE", "JOB_ACTION", "NUMBER_OF_ARGUMENTS", "START_DATE", "REPEAT_INTERVAL"];
                let arguments = Arguments::new(call, "CREATE_JOB", &names)?;
                let name = arguments.text("JOB_NAME")?.ok_or_else(|| wrong_call("CREATE_JOB"))?.to_uppercase();
                let texts =
                    [arguments.text("JOB_TYPE")?, arguments.text("JOB_ACTION")?, arguments.text("REPEAT_INTERVAL")?];
                self.make_plain_object(&PlainObject { kind: "JOB".to_owned(), owner: self.user.clone(), name, texts })
            }
            "DBMS_RLS.ADD_POLICY" => {
                let names = ["OBJECT_SCHEMA", "OBJECT_NAME", "POLICY_NAME", "FUNCTION_SCHEMA", "POLICY_FUNCTION"];
                let arguments = Arguments::new(call, "ADD_POLICY", &names)?;
                let upper = |name: &str| Ok::<_, OraError>(arguments.text(name)?.map(|text| text.to_uppercase()));
                let name = upper("POLICY_NAME")?.ok_or_else(|| wrong_call("ADD_POLICY"))?;
                let owner = upper("OBJECT_SCHEMA")?.unwrap_or_else(|| self.user.clone());
                let texts = [upper("OBJECT_NAME")?, upper("FUNCTION_SCHEMA")?, upper("POLICY_FUNCTION")?];
                self.make_plain_object(&PlainObject { kind: "POLICY".to_owned(), owner, name, texts })
            }
            "DBMS_LOGMNR.ADD_LOGFILE" => {
                let arguments = Arguments::new(call, "ADD_LOGFILE", &["LOGFILENAME", "OPTIONS"])?;
                let name = arguments.text("LOGFILENAME")?.ok_or_else(|| wrong_call("ADD_LOGFILE"))?;
                self.add_log_file(&name, arguments.integer("OPTIONS")?.unwrap_or(3))
            }
            "DBMS_LOGMNR.REMOVE_LOGFILE" => {
                let arguments = Arguments::new(call, "REMOVE_LOGFILE", &["LOGFILENAME"])?;
                let name = arguments.text("LOGFILENAME")?.ok_or_else(|| wrong_call("REMOVE_LOGFILE"))?;
                let at = self.logminer.files.iter().position(|f| f.name == name);
                let at = at.ok_or_else(|| OraError::new(1290, format!("cannot remove unlisted logfile {name}")))?;
                self.logminer.files.remove(at);
                Ok(())
            }
            "DBMS_LOGMNR.START_LOGMNR" => {
                let names = ["STARTSCN", "ENDSCN", "STARTTIME", "ENDTIME", "DICTFILENAME", "OPTIONS"];
                let arguments = Arguments::new(call, "START_LOGMNR", &names)?;
                if ["STARTTIME", "ENDTIME", "DICTFILENAME"].iter().any(|n| arguments.get(n).is_some()) {
                    return Err(OraError::new(
                        3001,
                        "unimplemented feature: START_LOGMNR of the stand-in takes STARTSCN, ENDSCN and OPTIONS only",
                    ));
                }
                self.start_logminer(
                    arguments.integer("STARTSCN")?.unwrap_or(0),
                    arguments.integer("ENDSCN")?.unwrap_or(0),
                    arguments.integer("OPTIONS")?.unwrap_or(0),
                )
            }
            "DBMS_LOGMNR.END_LOGMNR" => {
                Arguments::new(call, "END_LOGMNR", &[])?;
                if self.logminer.started.is_none() && self.logminer.files.is_empty() {
                    return Err(OraError::new(1307, "no LogMiner session is currently active"));
                }
                self.logminer = LogMiner::default();
                Ok(())
            }
            "DBMS_LOGMNR_D.BUILD" => {
                const STORE_IN_REDO_LOGS: i64 = 2;
                let names = ["DICTIONARY_FILENAME", "DICTIONARY_LOCATION", "OPTIONS"];
                let arguments = Arguments::new(call, "BUILD", &names)?;
                if arguments.integer("OPTIONS")? != Some(STORE_IN_REDO_LOGS) {
                    return Err(OraError::new(
                        3001,
                        "unimplemented feature: BUILD of the stand-in takes STORE_IN_REDO_LOGS only",
                    ));
                }
                self.build_dictionary()
            }
            "STANDIN.SCENE" => {
                let arguments = Arguments::new(call, "SCENE", &["NAME", "VALUE"])?;
                if !self.model()?.privileges.has_system(&self.user, "ALTER DATABASE") {
                    return Err(OraError::new(1031, "insufficient privileges"));
                }
                let name = arguments.text("NAME")?.ok_or_else(|| wrong_call("SCENE"))?;
                self.set_scene(&name, arguments.text("VALUE")?.as_deref())
            }
            "DBMS_TRANSACTION.LOCAL_TRANSACTION_ID" => {
                let arguments = Arguments::new(call, "LOCAL_TRANSACTION_ID", &["CREATE_TRANSACTION"])?;
                match arguments.get("CREATE_TRANSACTION") {
                    None | Some(Value::Boolean(false)) => Ok(()),
                    Some(Value::Boolean(true)) => self.start_transaction(),
                    Some(_) => Err(wrong_call("LOCAL_TRANSACTION_ID")),
                }
            }
            "DBMS_APPLICATION_INFO.SET_MODULE" => {
                let arguments = Arguments::new(call, "SET_MODULE", &["MODULE_NAME", "ACTION_NAME"])?;
                self.set_module(arguments.text("MODULE_NAME")?, arguments.text("ACTION_NAME")?)
            }
            "DBMS_APPLICATION_INFO.SET_ACTION" => {
                let arguments = Arguments::new(call, "SET_ACTION", &["ACTION_NAME"])?;
                self.set_module(self.module.clone(), arguments.text("ACTION_NAME")?)
            }
            "DBMS_APPLICATION_INFO.SET_CLIENT_INFO" | "DBMS_SESSION.SET_IDENTIFIER" => Ok(()),
            _ => Err(undeclared()),
        }
    }

    /// Within a pluggable database LogMiner finds the log files by itself.
    fn is_in_pluggable_database(&self) -> Result<bool, OraError> {
        Ok(self.container()?.is_some_and(|container| container != ROOT))
    }

    fn add_log_file(&mut self, name: &str, options: i64) -> Result<(), OraError> {
        if self.is_in_pluggable_database()? {
            return Err(OraError::new(65040, "operation not allowed from within a pluggable database"));
        }
        let all = {
            let connection = lock(&self.connection);
            all_files(&connection, &Scene::read(&connection)?)?
        };
        if options == 2 {
            self.logminer.files.retain(|f| f.name != name);
            return Ok(());
        }
        if options != 1 && options != 3 {
            return Err(wrong_call("ADD_LOGFILE"));
        }
        let found = all.into_iter().find(|file| file.name == name);
        let found = found.ok_or_else(|| OraError::new(1284, format!("file {name} cannot be opened")))?;
        if options == 1 {
            self.logminer = LogMiner::default();
        }
        if self.logminer.files.iter().any(|f| (f.thread, f.sequence) == (found.thread, found.sequence)) {
            return Err(OraError::new(1289, format!("cannot add duplicate logfile {name}")));
        }
        self.logminer.files.push(found);
        Ok(())
    }

    fn start_logminer(&mut self, from: i64, to: i64, options: i64) -> Result<(), OraError> {
        let model = self.model()?;
        if !["LOGMINING", "SELECT ANY TRANSACTION"].iter().any(|p| model.privileges.has_system(&self.user, p)) {
            return Err(OraError::new(1031, "insufficient privileges"));
        }
        if options & CONTINUOUS_MINE != 0 {
            return Err(OraError::new(44609, "CONTINOUS_MINE is desupported for use with DBMS_LOGMNR.START_LOGMNR."));
        }
        for (bit, name) in [
            (COMMITTED_DATA_ONLY, "COMMITTED_DATA_ONLY"),
            (SKIP_CORRUPTION, "SKIP_CORRUPTION"),
            (PRINT_PRETTY_SQL, "PRINT_PRETTY_SQL"),
        ] {
            if options & bit != 0 {
                return Err(OraError::new(3001, format!("unimplemented feature: the stand-in has no option {name}")));
            }
        }
        let known = DICT_FROM_ONLINE_CATALOG
            | DICT_FROM_REDO_LOGS
            | DDL_DICT_TRACKING
            | NO_SQL_DELIMITER
            | NO_ROWID_IN_STMT
            | STRING_LITERALS_IN_STMT;
        if options & !known != 0 {
            return Err(OraError::new(1287, "bad option value"));
        }
        if options & DICT_FROM_ONLINE_CATALOG != 0 && options & (DICT_FROM_REDO_LOGS | DDL_DICT_TRACKING) != 0 {
            return Err(OraError::new(1298, "conflicting dictionary option"));
        }
        if options & (DICT_FROM_ONLINE_CATALOG | DICT_FROM_REDO_LOGS) == 0 {
            return Err(OraError::new(
                3001,
                "unimplemented feature: the stand-in has no dictionaries in files: DICT_FROM_ONLINE_CATALOG or DICT_FROM_REDO_LOGS",
            ));
        }
        if options & DICT_FROM_REDO_LOGS != 0 && options & DDL_DICT_TRACKING == 0 {
            return Err(OraError::new(
                3001,
                "unimplemented feature: the stand-in takes DICT_FROM_REDO_LOGS with DDL_DICT_TRACKING only",
            ));
        }
        let scene = self.scene()?;
        if scene.is_standby() && options & DDL_DICT_TRACKING != 0 {
            return Err(OraError::new(1300, "writable database required for specified LogMiner options"));
        }
        if self.is_in_pluggable_database()? {
            self.logminer.files = all_files(&lock(&self.connection), &scene)?;
            let archived: Vec<(i64, i64)> =
                self.logminer.files.iter().filter(|f| f.archived).map(|f| (f.thread, f.sequence)).collect();
            self.logminer.files.retain(|f| f.archived || !archived.contains(&(f.thread, f.sequence)));
        }
        if self.logminer.files.is_empty() {
            return Err(OraError::new(1292, "no log file has been specified for the current LogMiner session"));
        }
        self.clean_up_dead()?;
        let all = logs(&lock(&self.connection))?;
        check_files(&lock(&self.connection), &self.logminer.files)?;
        let is_added = |thread: i64, s: i64| self.logminer.files.iter().any(|f| (f.thread, f.sequence) == (thread, s));
        // What a thread has not written, LogMiner does not miss.
        let needs = |thread: i64| scene.written(thread).is_none_or(|written| written >= from);
        let added = |s: i64| (1..=scene.threads()).all(|thread| is_added(thread, s) || !needs(thread));
        let lowest = all.iter().find(|l| added(l.sequence)).map_or(0, |l| l.first_scn);
        let (from, to) = (if from == 0 { lowest } else { from }, if to == 0 { i64::MAX >> 8 } else { to });
        if from < 0 || from > to {
            return Err(OraError::new(1281, "SCN range specified is invalid"));
        }
        // Every log that holds part of the range must be there; an open end reaches as far as the logs that are.
        let highest = self.logminer.files.iter().map(|f| f.sequence).max().unwrap_or(0);
        let open_end = to == i64::MAX >> 8;
        let missing = |l: &Log| {
            let next = l.next_scn.unwrap_or(i64::MAX);
            let needed = next > from && l.first_scn <= to && !(open_end && l.sequence > highest);
            needed && !added(l.sequence)
        };
        if from < all.first().map_or(0, |l| l.first_scn) || all.iter().any(missing) {
            return Err(OraError::new(1291, "missing log file"));
        }
        // The newest of those in the files.
        let dictionary = if options & DICT_FROM_REDO_LOGS == 0 {
            None
        } else {
            let found = self.dictionary_logs()?.into_iter().rev().find(|log| added(*log));
            Some(found.ok_or_else(|| OraError::new(1371, "Complete LogMiner dictionary not found"))?)
        };
        self.logminer.started = Some(Started { from, to, options, dictionary });
        Ok(())
    }

    /// The rows of `V$LOGMNR_CONTENTS`.
    pub(crate) fn mine(&self) -> Result<Rows, OraError> {
        let Some(started) = self.logminer.started else {
            return Err(OraError::new(
                1306,
                "dbms_logmnr.start_logmnr() must be invoked before selecting from v$logmnr_contents",
            ));
        };
        check_files(&lock(&self.connection), &self.logminer.files)?;
        Ok(Box::new(Contents {
            _file: Arc::clone(&self.file),
            connection: Arc::clone(&self.connection),
            model: self.model()?,
            history: started.dictionary.map(|log| self.history(log)).transpose()?,
            scene: self.scene()?,
            container: self.container()?.filter(|container| container != ROOT),
            nls: self.nls.clone(),
            started,
            files: self.logminer.files.clone(),
            broken_off: Arc::clone(&self.broken_off),
            last: (started.from << 8) - 1,
            rows: VecDeque::new(),
            done: false,
        }))
    }
}

/// Group of the online log of a thread that holds (or held) a sequence number.
pub(crate) fn group_of(thread: i64, sequence: i64) -> i64 {
    group(sequence) + 3 * (thread - 1)
}

/// Every log file that is there, of the same log its archived copy first.
fn all_files(connection: &Connection, scene: &Scene) -> Result<Vec<LogFile>, OraError> {
    let current: i64 = connection.query_row("SELECT log FROM state", [], |r| r.get(0))?;
    let mut files = Vec::new();
    for log in logs(connection)? {
        let sequence = log.sequence;
        for thread in 1..=scene.threads() {
            if log.archived && !log.purged && !scene.is_missing(thread, sequence) {
                files.push(LogFile { name: archive_name(thread, sequence), thread, sequence, archived: true });
            }
            if is_online(sequence, current) {
                files.push(LogFile {
                    name: online_name(group_of(thread, sequence)),
                    thread,
                    sequence,
                    archived: false,
                });
            }
        }
    }
    Ok(files)
}

/// That every added file still is what it was.
fn check_files(connection: &Connection, files: &[LogFile]) -> Result<(), OraError> {
    let current: i64 = connection.prepare_cached("SELECT log FROM state")?.query_row([], |r| r.get(0))?;
    let mut statement = connection
        .prepare_cached("SELECT EXISTS (SELECT 1 FROM logs WHERE sequence = ?1 AND archived = 1 AND purged = 0)")?;
    let scene = Scene::read(connection)?;
    for file in files {
        if file.archived {
            if scene.is_missing(file.thread, file.sequence)
                || !statement.query_row([file.sequence], |r| r.get::<_, bool>(0))?
            {
                return Err(OraError::new(308, format!("cannot open archived log '{}'", file.name)));
            }
        } else if !is_online(file.sequence, current) {
            return Err(OraError::new(
                310,
                format!(
                    "archived log contains sequence {}; sequence {} required",
                    current - (current - file.sequence) % 3,
                    file.sequence
                ),
            ));
        }
    }
    Ok(())
}

struct Contents {
    _file: Arc<DatabaseFile>,
    connection: Shared,
    model: Arc<Model>,
    /// With a dictionary of the redo: tables as they were.
    history: Option<History>,
    nls: Nls,
    scene: Scene,
    /// The pluggable database whose redo alone is seen.
    container: Option<String>,
    started: Started,
    files: Vec<LogFile>,
    broken_off: Arc<AtomicBool>,
    last: i64,
    rows: VecDeque<Row>,
    done: bool,
}

/// A redo record with its transaction, as read from SQLite.
struct Record {
    id: i64,
    op: i64,
    object: i64,
    version: i64,
    rid: i64,
    flags: i64,
    log: i64,
    at: i64,
    ssn: i64,
    time: i64,
    data: Vec<u8>,
    usn: i64,
    slot: i64,
    sequence: i64,
    user: String,
    session: i64,
}

/// What a record says in words.
#[derive(Default)]
struct Words {
    op: i64,
    operation: &'static str,
    owner: Option<String>,
    table: Option<String>,
    kind: Option<&'static str>,
    row_id: Option<String>,
    redo: Option<String>,
    undo: Option<String>,
    status: i64,
    info: Option<String>,
    lobs: Vec<LobStep>,
}

fn records(connection: &Connection, after: i64, to: i64) -> Result<Vec<Record>, OraError> {
    let mut statement = connection.prepare_cached(
        "SELECT r.id, r.op, r.object, r.version, r.rid, r.undo, r.log, r.at, r.ssn, r.time, r.data, t.usn, t.slot, t.sequence, t.user, t.session
         FROM redo r JOIN tx t ON t.id = r.tx WHERE r.id > ?1 AND r.id <= ?2 ORDER BY r.id LIMIT 512",
    )?;
    let rows = statement.query_map(params![after, to], |r| {
        Ok(Record {
            id: r.get(0)?,
            op: r.get(1)?,
            object: r.get(2)?,
            version: r.get(3)?,
            rid: r.get(4)?,
            flags: r.get(5)?,
            log: r.get(6)?,
            at: r.get(7)?,
            ssn: r.get(8)?,
            time: r.get(9)?,
            data: r.get::<_, Option<Vec<u8>>>(10)?.unwrap_or_default(),
            usn: r.get(11)?,
            slot: r.get(12)?,
            sequence: r.get(13)?,
            user: r.get(14)?,
            session: r.get(15)?,
        })
    })?;
    Ok(rows.collect::<Result<_, _>>()?)
}

impl Contents {
    fn read_page(&mut self) -> Result<(), OraError> {
        let to = self.started.to.saturating_mul(256).saturating_add(255);
        super::check_break(&self.broken_off)?;
        let page = {
            let connection = lock(&self.connection);
            // A log may go while it is read.
            check_files(&connection, &self.files)?;
            records(&connection, self.last, to)?
        };
        self.done = page.len() < 512;
        for record in page {
            self.last = record.id;
            let thread = self.scene.thread_of(&record.user);
            let is_written = self.scene.written(thread).is_none_or(|written| record.id >> 8 <= written);
            let is_seen =
                self.container.is_none() || self.container.as_deref() == self.scene.container_of(&record.user);
            if is_written && is_seen && self.files.iter().any(|f| (f.thread, f.sequence) == (thread, record.log)) {
                let mut words = self.words(&record)?;
                let lobs = std::mem::take(&mut words.lobs);
                let (owner, table, kind) = (words.owner.clone(), words.table.clone(), words.kind);
                self.push(&record, record.ssn, words);
                for (n, step) in (1..).zip(lobs) {
                    let (op, operation) = match step.write {
                        true => (op::LOB_WRITE, "LOB_WRITE"),
                        false => (op::SELECT_LOB_LOCATOR, "SELECT_LOB_LOCATOR"),
                    };
                    let (owner, table) = (owner.clone(), table.clone());
                    let redo = Some(step.text);
                    let words = Words { op, operation, owner, table, kind, redo, ..Words::default() };
                    self.push(&record, record.ssn + n, words);
                }
            }
        }
        Ok(())
    }

    fn words(&self, record: &Record) -> Result<Words, OraError> {
        let plain =
            |op, operation, redo: &str| Words { op, operation, redo: Some(redo.to_owned()), ..Words::default() };
        match record.op {
            op::START => return Ok(plain(op::START, "START", "set transaction read write;")),
            op::COMMIT => return Ok(plain(op::COMMIT, "COMMIT", "commit;")),
            op::ROLLBACK => return Ok(plain(op::ROLLBACK, "ROLLBACK", "rollback;")),
            op::DDL => return ddl_words(&record.data),
            _ => {}
        }
        let operation = match record.op {
            op::INSERT => "INSERT",
            op::DELETE => "DELETE",
            _ => "UPDATE",
        };
        let printer = Printer {
            nls: &self.nls,
            row_id: self.started.options & NO_ROWID_IN_STMT == 0,
            delimiter: self.started.options & NO_SQL_DELIMITER == 0,
        };
        let undoes = record.flags & UNDOES != 0;
        let table = match &self.history {
            Some(history) => history.get(&(record.object, record.version)),
            None => self.model.table(record.object).filter(|t| t.object.version == record.version),
        };
        let Some(table) = table else {
            let row_id = rowid::physical(record.object, record.rid);
            let redo = match record.op {
                op::INSERT => printer.mismatch_insert(record.object, &record.data)?,
                op::DELETE => printer.mismatch_delete(record.object, &record.data, &row_id)?,
                _ => printer.mismatch_update(record.object, &Update::decode(&record.data)?, &row_id)?,
            };
            return Ok(Words {
                op: record.op,
                operation,
                owner: Some("UNKNOWN".to_owned()),
                table: Some(format!("OBJ# {}", record.object)),
                row_id: Some(row_id),
                redo: Some(redo),
                status: 2,
                info: Some("Dictionary Version Mismatch".to_owned()),
                ..Words::default()
            });
        };
        let mut words = Words {
            op: record.op,
            operation,
            owner: Some(table.table.path.schema.as_str().to_owned()),
            table: Some(table.table.path.name.as_str().to_owned()),
            kind: Some("TABLE"),
            row_id: Some(match table.index_organized() {
                true => rowid::NONE.to_owned(),
                false => table.row_id(record.rid),
            }),
            ..Words::default()
        };
        if record.flags & UNLOGGED != 0 {
            words.op = op::UNSUPPORTED;
            words.operation = "UNSUPPORTED";
            words.redo = Some("Unsupported".to_owned());
            words.status = 2;
            words.info = Some("Supplemental logging was off".to_owned());
            return Ok(words);
        }
        if table.table.columns.iter().any(|c| is_unsupported(&c.oracle_type)) {
            words.op = op::UNSUPPORTED;
            words.operation = "UNSUPPORTED";
            words.redo = Some("Unsupported".to_owned());
            return Ok(words);
        }
        let rid = record.rid;
        (words.redo, words.undo) = match record.op {
            op::INSERT => (Some(printer.insert(table, &record.data)?), Some(printer.delete(table, &record.data, rid)?)),
            op::DELETE if undoes => (Some(printer.delete_by_place(table, &record.data, rid)?), None),
            op::DELETE => (Some(printer.delete(table, &record.data, rid)?), Some(printer.insert(table, &record.data)?)),
            _ => {
                let update = Update::decode(&record.data)?;
                let redo = printer.update(table, &update, rid, undoes)?;
                (Some(redo), Some(printer.update(table, &update.inverse(), rid, undoes)?))
            }
        };
        if undoes {
            words.undo = None;
        } else if record.op == op::INSERT {
            words.lobs = printer.lob_writes(table, &record.data, rid, |_| true)?;
        } else if record.op == op::UPDATE {
            let update = Update::decode(&record.data)?;
            words.lobs = printer.lob_writes(table, &update.new, rid, |n| in_mask(&update.set, n))?;
        }
        Ok(words)
    }

    fn push(&mut self, record: &Record, ssn: i64, words: Words) {
        let number = |n: i64| Value::Number(Number::from(n));
        let text = |t: &Option<String>| t.clone().map_or(Value::Null, Value::Text);
        let xid: Vec<u8> = [
            &(record.usn as u16).to_le_bytes()[..],
            &(record.slot as u16).to_le_bytes(),
            &(record.sequence as u32).to_le_bytes(),
        ]
        .concat();
        let scn = record.id >> 8;
        let is_change = !matches!(record.op, op::START | op::COMMIT | op::ROLLBACK);
        let redo = words.redo.unwrap_or_default();
        let undo = words.undo.unwrap_or_default();
        let (redo, undo) = (pieces(&redo), pieces(&undo));
        let count = redo.len().max(undo.len());
        for n in 0..count {
            let piece =
                |p: &[&str]| p.get(n).filter(|p| !p.is_empty()).map_or(Value::Null, |p| Value::Text((*p).to_owned()));
            let values = vec![
                number(scn),
                Value::Null,
                Value::Null,
                clock::date(record.time),
                Value::Null,
                Value::Null,
                number(record.usn),
                number(record.slot),
                number(record.sequence),
                Value::Bytes(xid.clone()),
                number(record.usn),
                number(record.slot),
                number(record.sequence),
                Value::Bytes(xid.clone()),
                Value::Null,
                Value::Text(words.operation.to_owned()),
                number(words.op),
                number(i64::from(record.flags & UNDOES != 0)),
                text(&words.owner),
                text(&words.table),
                text(&words.table),
                number(if is_change { 2 } else { 0 }),
                words.kind.map_or(Value::Null, |k| Value::Text(k.to_owned())),
                Value::Null,
                Value::Text(words.row_id.clone().unwrap_or_else(|| rowid::NONE.to_owned())),
                Value::Text(record.user.clone()),
                number(record.session),
                Value::Null,
                Value::Null,
                number(self.scene.thread_of(&record.user)),
                number(record.log),
                number(record.log),
                number(record.at / 512),
                number(record.at % 512),
                Value::Text(format!(" 0x{:06x}.{:08x}.{:04x} ", record.log, record.at / 512, record.at % 512)),
                number(ssn),
                number(i64::from(n + 1 < count)),
                text(&words.info),
                number(words.status),
                number(record.object),
                number(record.object),
                number(record.version),
                number(0),
                Value::Null,
                number(0),
                self.scene.container_of(&record.user).map_or(Value::Null, |name| Value::Text(name.to_owned())),
                piece(&redo),
                piece(&undo),
            ];
            self.rows.push_back(Row { row_id: None, values });
        }
    }
}

fn ddl_words(data: &[u8]) -> Result<Words, OraError> {
    let mut input = row::Input(data);
    let mut text = || Ok::<_, OraError>(String::from_utf8_lossy(input.piece()?).into_owned());
    let (owner, name, kind, statement) = (text()?, text()?, text()?, text()?);
    let some = |t: String| (!t.is_empty()).then_some(t);
    Ok(Words {
        op: op::DDL,
        operation: "DDL",
        owner: some(owner),
        table: some(name),
        kind: ["TABLE", "INDEX", "VIEW", "SEQUENCE"].into_iter().find(|k| *k == kind),
        redo: Some(format!("{};", statement.trim_end().trim_end_matches(';'))),
        info: Some("USER DDL (PlSql=0 RecDep=0)".to_owned()),
        ..Words::default()
    })
}

impl Iterator for Contents {
    type Item = Result<Row, OraError>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            if let Some(row) = self.rows.pop_front() {
                return Some(Ok(row));
            }
            if self.done {
                return None;
            }
            if let Err(error) = self.read_page() {
                self.done = true;
                return Some(Err(error));
            }
        }
    }
}

/// Types whose values SQL_REDO does not tell: then it tells nothing of the row.
fn is_unsupported(ty: &OracleType) -> bool {
    match ty {
        OracleType::BFile | OracleType::Geometry => true,
        OracleType::Other { name, .. } => name != "UNDEFINED",
        _ => false,
    }
}
