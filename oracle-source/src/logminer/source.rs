use super::{
    flush::Flush,
    heartbeat::{Beat, Heartbeat},
    log::{self, DictionaryLog, Log, Thread, Threads},
    mined::Mined,
    options::LogMinerOptions,
    place::Place,
    reach::{self, Clock},
    window::Window,
};
use crate::{
    Error, ErrorKind, ServerVersion, Session,
    driver::{DriverError, Fetch, ToBind},
    session::Record,
    sql,
};
use cdc_logminer::{Incarnation, OperationCode, RedoBatch, RedoRow, RedoSource, Xid, session_sql};
use schema_map::{ObjectPath, OracleIdent};
use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
    time::{Duration, Instant},
};
use type_convert::Scn;

/// The redo of some tables, read with LogMiner over a session of its own.
///
/// Each call of [`read_redo`](RedoSource::read_redo) finds the log files anew (archived ones before online ones, one for each thread
/// and sequence, another copy where one cannot be opened), starts LogMiner on a window of SCNs, reads it and ends LogMiner, also after
/// an error.
///
/// The window's upper end is below the SCN that the database had [`settle`](LogMinerOptions::settle) ago; with several open threads
/// also below the last change of each. A single one is made to write instead ([`flush`](LogMinerOptions::flush)). Rows of equal SCN are never parted. Its span follows the rows that windows turn out to have.
///
/// Redo of a table as it was before it was altered is read again with a dictionary from the redo itself, where there is one
/// ([`BUILD_REDO_DICTIONARY`](sql::prerequisites::BUILD_REDO_DICTIONARY)); otherwise its rows come as LogMiner gives them, which stops a stream.
///
/// Logs that are gone are [gaps](RedoBatch::gaps), where later ones are there; what lies before them is read first.
///
/// A log that is switched, archived or recycled while it is read is tried again at once. After an error with
/// [`Error::is_transient`] the same `after` may be tried again on the same source, or on a new one where the connection is gone: no row
/// has been given out.
pub struct LogMinerSource {
    session: Session,
    opened: Instant,
    /// The session may be left in a LogMiner session that could not be ended, or be out of memory.
    spoilt: bool,
    /// Whether the session's memory can be asked for.
    tells_memory: bool,
    options: LogMinerOptions,
    place: Place,
    incarnation: Incarnation,
    resetlogs_change: u64,
    contents: String,
    contents_binds: Vec<String>,
    /// `OBJECT_ID` of the followed tables: rows that LogMiner could not name have nothing else.
    objects: BTreeMap<u64, ObjectPath>,
    tables: BTreeSet<ObjectPath>,
    /// Of a standby, `V$THREAD` means nothing.
    is_standby: bool,
    clock: Clock,
    flush: Flush,
    /// Whether one thread at most was open when it was asked last.
    is_alone: bool,
    window: Window,
    heartbeat: Option<Beating>,
    status: LogMinerStatus,
}

/// What a [`LogMinerSource`] has done so far.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct LogMinerStatus {
    /// Windows that were read.
    pub windows: u64,
    /// Windows that were read again: too many rows, a log that moved, too little memory.
    pub repeated: u64,
    /// Windows that were read with the dictionary in the redo.
    pub with_redo_dictionary: u64,
    /// Sessions that were opened, the first included.
    pub sessions: u64,
    /// How often the log writer was made to write; 0 where that cannot be.
    pub flushes: u64,
    /// SCNs that the next window may span.
    pub span: u64,
    /// The SCN up to which redo could be read when it was asked last.
    pub reach: Scn,
    /// Whether a change of the heartbeat's table has come through the filters.
    pub proven: bool,
}

struct Beating {
    heartbeat: Heartbeat,
    every: Duration,
    last: Option<Instant>,
    /// The beat that must come through the filters before anything is given out.
    unproven: Option<Beat>,
}

/// How often a window is tried at once, before the caller learns of it.
const ATTEMPTS: u32 = 4;

/// What [`session_sql::DATABASE`] tells.
struct DatabaseState {
    dbid: u64,
    current_scn: u64,
    resetlogs_change: u64,
}

impl LogMinerSource {
    /// Takes the session for LogMiner and checks that this database can be followed.
    ///
    /// # Errors
    /// [`ErrorKind::Unsupported`] where the database does not archive its logs, has no minimal supplemental logging, is a standby and more than
    /// its archived logs is asked for, or is a container database that cannot be mined from here: [`prerequisites::check`](crate::prerequisites::check) tells what mends it.
    pub fn new(session: Session, tables: &[ObjectPath], options: LogMinerOptions) -> Result<Self, Error> {
        let current = current_container(&session)?;
        let place = Place::of(session.server_version(), current.as_ref(), options.container.as_ref())?;
        enter(&session, &place)?;
        let rows = session.query("reading V$DATABASE", session_sql::DATABASE, &[])?;
        let row = rows.first().ok_or_else(|| Error::new(ErrorKind::Malformed, "V$DATABASE is empty"))?;
        if row.get(3) != Some("ARCHIVELOG") {
            return Err(Error::new(
                ErrorKind::Unsupported,
                "the database does not archive its redo logs (NOARCHIVELOG): its changes cannot be followed without loss",
            ));
        }
        if row.get(4) == Some("NO") {
            return Err(Error::new(
                ErrorKind::Unsupported,
                "minimal supplemental logging is off: run ALTER DATABASE ADD SUPPLEMENTAL LOG DATA before the load",
            ));
        }
        let state = DatabaseState::of(row)?;
        let rows = session.query("reading V$DATABASE", sql::logminer::DATABASE_ROLE, &[])?;
        let role = rows.first().and_then(|row| row.get(0)).unwrap_or("PRIMARY");
        let is_standby = role != "PRIMARY";
        if is_standby && !options.archived_only {
            return Err(Error::new(
                ErrorKind::Unsupported,
                format!(
                    "the database is a standby ({role}): only its archived logs can be followed (LogMinerOptions::archived_only)"
                ),
            ));
        }
        let rows = session.query("reading V$DATABASE_INCARNATION", session_sql::INCARNATION, &[])?;
        let row = rows.first().ok_or_else(|| Error::new(ErrorKind::Malformed, "no incarnation is current"))?;
        let incarnation = Incarnation { dbid: state.dbid, resetlogs_id: row.required(0)? };
        let objects = objects(&session, &place, tables)?;
        let window = Window::new(options.max_scn_span, options.max_rows);
        let mut source = LogMinerSource {
            session,
            opened: Instant::now(),
            spoilt: false,
            tells_memory: true,
            place,
            incarnation,
            resetlogs_change: state.resetlogs_change,
            contents: String::new(),
            contents_binds: Vec::new(),
            objects,
            tables: tables.iter().cloned().collect(),
            is_standby,
            clock: Clock::default(),
            flush: Flush::new(options.flush),
            is_alone: true,
            status: LogMinerStatus { sessions: 1, span: window.span(), ..LogMinerStatus::default() },
            window,
            heartbeat: None,
            options,
        };
        source.set_filter();
        Ok(source)
    }

    /// Beats at once and then as often as `every`, whenever redo is read. Before any redo is given out, the first beat must have come
    /// through the filters ([`ErrorKind::Filtered`]); with [`archived_only`](LogMinerOptions::archived_only), where that would take a log
    /// switch, it need not. The heartbeat's rows are not given out.
    ///
    /// # Errors
    /// [`ErrorKind::Unsupported`] where the heartbeat's table is one of those that are followed: it would never rest.
    pub fn with_heartbeat(mut self, heartbeat: Heartbeat, every: Duration) -> Result<Self, Error> {
        if self.tables.contains(heartbeat.table()) {
            return Err(Error::new(
                ErrorKind::Unsupported,
                "the heartbeat's table is followed itself, and would never rest: give it a schema of its own",
            )
            .with_table(heartbeat.table()));
        }
        self.heartbeat = Some(Beating { heartbeat, every, last: None, unproven: None });
        self.set_filter();
        Ok(self)
    }

    /// What it has done.
    pub fn status(&self) -> LogMinerStatus {
        LogMinerStatus { span: self.window.span(), flushes: self.flush.flushes(), ..self.status }
    }

    /// The session, for other use.
    pub fn into_session(self) -> Session {
        self.session
    }

    fn set_filter(&mut self) {
        let heartbeat = self.heartbeat.as_ref().map(|beating| beating.heartbeat.table());
        let (counts, binds) = session_sql::contents_binds(self.tables.iter().chain(heartbeat));
        (self.contents, self.contents_binds) = match &self.place {
            Place::Root(container) => {
                let container = std::iter::once(container.as_str().to_owned());
                (session_sql::contents_of_container(&counts), container.chain(binds).collect())
            }
            Place::Database | Place::Pluggable => (session_sql::contents(&counts), binds),
        };
    }

    fn state(&self) -> Result<DatabaseState, Error> {
        let rows = self.session.query("reading V$DATABASE", session_sql::DATABASE, &[])?;
        let row = rows.first().ok_or_else(|| Error::new(ErrorKind::Malformed, "V$DATABASE is empty"))?;
        let state = DatabaseState::of(row)?;
        if (state.dbid, state.resetlogs_change) != (self.incarnation.dbid, self.resetlogs_change) {
            return Err(Error::new(
                ErrorKind::Unsupported,
                "the database was opened with RESETLOGS meanwhile: its redo does not go on from here; load anew",
            ));
        }
        Ok(state)
    }

    /// `found` are the logs with redo after `after`.
    fn threads(&self, after: u64, found: &[Log]) -> Result<Threads, Error> {
        // Exclusive ends: a log that ends at the first SCN wanted has nothing of it.
        let binds: [&dyn ToBind; 2] = [&self.resetlogs_change, &after.saturating_add(1)];
        let mut ended = BTreeMap::new();
        for row in self.session.query("reading V$ARCHIVED_LOG", session_sql::ENDED_LOGS, &binds)? {
            ended.insert(row.required(0)?, row.required(1)?);
        }
        if self.is_standby {
            return Ok(log::archived_threads(found, &ended, &self.options.ended_threads));
        }
        let mut threads = Threads::new();
        for row in self.session.query("reading V$THREAD", session_sql::THREADS, &[])? {
            let thread = Thread {
                open: row.get(1) == Some("OPEN"),
                last_redo: row.number(4)?.unwrap_or(0),
                // Before the incarnation began the thread has redo of another one.
                enabled_at: row.number(5)?.filter(|_| after >= self.resetlogs_change).unwrap_or(0),
                ended: None,
            };
            threads.insert(row.required(0)?, thread);
        }
        for (number, sequence) in ended {
            threads.entry(number).or_default().ended = Some(sequence);
        }
        Ok(threads)
    }

    fn logs(&self, after: u64) -> Result<Vec<Log>, Error> {
        let mut logs = Vec::new();
        let binds: [&dyn ToBind; 2] = [&self.resetlogs_change, &after];
        for row in self.session.query("reading V$ARCHIVED_LOG", session_sql::ARCHIVED_LOGS, &binds)? {
            let is_there = row.get(7) == Some("NO") && row.get(8) == Some("A");
            logs.push(Log {
                thread: row.required(0)?,
                sequence: row.required(1)?,
                archived: true,
                first: row.required(2)?,
                next: row.required(3)?,
                current: false,
                bytes: row.number(6)?.unwrap_or(0),
                files: row.get(4).filter(|_| is_there).map(str::to_owned).into_iter().collect(),
            });
        }
        if self.options.archived_only {
            return Ok(logs);
        }
        for row in self.session.query("reading V$LOG and V$LOGFILE", session_sql::ONLINE_LOGS, &[])? {
            // A member that is INVALID or STALE may lack redo; the group's other members have it.
            if row.get(2) == Some("UNUSED") || row.get(6).is_some() {
                continue;
            }
            logs.push(Log {
                thread: row.required(0)?,
                sequence: row.required(1)?,
                archived: false,
                first: row.required(3)?,
                // 2^48 − 1 or 2^64 − 1 for the current one, NULL in some releases.
                next: row.number(4)?.unwrap_or(u64::MAX),
                current: row.get(2) == Some("CURRENT"),
                bytes: row.number(7)?.unwrap_or(0),
                files: vec![row.text(5)?.to_owned()],
            });
        }
        Ok(logs)
    }

    /// Reads one window; more than `max_rows` rows are cut off. LogMiner is ended whatever happens.
    fn mine(&mut self, mining: &Mining<'_>, max_rows: usize, rows: &mut Vec<RedoRow>) -> Result<(), Error> {
        rows.clear();
        let mined = self.mine_open(mining, max_rows, rows);
        if mined.is_err() {
            rows.clear();
        }
        let ended = self.session.run(session_sql::END_LOGMNR, &[]);
        if let Err(e) = &ended
            && e.ora_code() != Some(1307)
        {
            // Whatever is left of it must not meet the next window.
            self.spoilt = true;
        }
        mined.map_err(|(doing, e)| Error::driver(doing, e).with_scn(Scn(mining.after)))
    }

    fn mine_open(
        &self,
        mining: &Mining<'_>,
        max_rows: usize,
        rows: &mut Vec<RedoRow>,
    ) -> Result<(), (String, DriverError)> {
        // Within a pluggable database LogMiner finds the files by the SCNs.
        if self.place != Place::Pluggable {
            let mut add = session_sql::ADD_FIRST_LOGFILE;
            for log in mining.logs {
                self.add(add, log)?;
                add = session_sql::ADD_LOGFILE;
            }
        }
        let Mining { after, upto, .. } = *mining;
        let (start, from) = match mining.dictionary {
            None => (session_sql::START_LOGMNR, after + 1),
            Some(dictionary) => (session_sql::START_LOGMNR_WITH_REDO_DICTIONARY, dictionary),
        };
        self.session.run(start, &[&from, &upto]).map_err(|e| ("starting LogMiner".to_owned(), e))?;
        let mut binds: Vec<&dyn ToBind> = vec![&after, &upto];
        binds.extend(self.contents_binds.iter().map(|name| name as &dyn ToBind));
        let reading = |e| ("reading V$LOGMNR_CONTENTS".to_owned(), e);
        let fetch = Fetch { rows: 500, row_bytes: 1000, cached: true, zoned: &[] };
        for row in self.session.connection().query::<Mined>(&self.contents, &binds, fetch).map_err(reading)? {
            rows.push(row.map_err(reading)?.0);
            if rows.len() > max_rows {
                break;
            }
        }
        Ok(())
    }

    /// Adds a log, from another place where one cannot be opened.
    fn add(&self, statement: &str, log: &Log) -> Result<(), (String, DriverError)> {
        let mut failed = None;
        for file in &log.files {
            match self.session.run(statement, &[file]) {
                Ok(_) => return Ok(()),
                Err(e) => {
                    let cannot_be_read = matches!(e.ora_code(), Some(308 | 1284 | 1285 | 1287));
                    failed = Some((format!("adding the log file {file}"), e));
                    if !cannot_be_read {
                        break;
                    }
                }
            }
        }
        // `log::select` gives logs with files only.
        failed.map_or(Ok(()), Err)
    }

    /// The session, or a new one in its place where it is old, large or spoilt.
    fn renew_session(&mut self) -> Result<(), Error> {
        let old = self.opened.elapsed() >= self.options.max_session_age;
        if !(old || self.spoilt || self.memory()? > self.options.max_session_memory) {
            return Ok(());
        }
        match self.session.another().and_then(|session| enter(&session, &self.place).map(|()| session)) {
            Ok(session) => {
                self.session = session;
                self.opened = Instant::now();
                self.spoilt = false;
                self.flush.renewed();
                self.status.sessions += 1;
                Ok(())
            }
            // Nothing is wrong with the old one but its age or size.
            Err(_) if !self.spoilt => Ok(()),
            Err(error) => Err(error),
        }
    }

    /// Bytes that the session takes on the server; 0 where that is not told.
    fn memory(&mut self) -> Result<u64, Error> {
        if !self.tells_memory {
            return Ok(0);
        }
        match self.session.try_query(session_sql::SESSION_MEMORY, &[]) {
            Ok(rows) => Ok(rows.first().map(|row| row.number(0)).transpose()?.flatten().unwrap_or(0)),
            Err(e) if matches!(e.ora_code(), Some(942 | 1031)) => {
                self.tells_memory = false;
                Ok(0)
            }
            Err(e) => Err(Error::driver("reading V$MYSTAT", e)),
        }
    }

    /// Beats where it is time.
    fn beat(&mut self) -> Result<(), Error> {
        let archived_only = self.options.archived_only;
        let Some(beating) = &mut self.heartbeat else { return Ok(()) };
        if beating.last.is_some_and(|last| last.elapsed() < beating.every) {
            return Ok(());
        }
        let first = beating.last.is_none();
        let beat = beating.heartbeat.beat(&self.session)?;
        beating.last = Some(Instant::now());
        if first && !archived_only {
            beating.unproven = Some(beat);
        }
        Ok(())
    }

    /// Whether the first beat has come through the filters; `false` as long as it may be on its way.
    fn prove_filters(&mut self, reach: u64) -> Result<bool, Error> {
        let Some((Beat { after, upto }, table)) =
            self.heartbeat.as_ref().and_then(|b| Some((b.unproven?, b.heartbeat.table().clone())))
        else {
            return Ok(true);
        };
        if reach < upto {
            return Ok(false);
        }
        let found = self.logs(after)?;
        let logs = log::select(&found, &self.threads(after, &found)?, after, upto)?;
        let mut rows = Vec::new();
        self.mine(&Mining { logs: &logs, after, upto, dictionary: None }, usize::MAX - 1, &mut rows)?;
        if !rows.iter().any(|row| is_of(row, &table)) {
            return Err(Error::new(
                ErrorKind::Filtered,
                "a change of the heartbeat's table was committed and LogMiner does not show it: names, container or rights let nothing \
                 through, so nothing is followed",
            )
            .with_table(&table)
            .with_scn(Scn(upto)));
        }
        if let Some(beating) = &mut self.heartbeat {
            beating.unproven = None;
        }
        self.status.proven = true;
        Ok(true)
    }

    /// Leaves out what is of no followed table.
    fn keep_followed(&self, rows: &mut Vec<RedoRow>) {
        // Internal transactions can come with an id of zeros: nothing of a followed table is theirs.
        let is_control = |row: &RedoRow| {
            matches!(row.operation, OperationCode::START | OperationCode::COMMIT | OperationCode::ROLLBACK)
        };
        let heartbeat = self.heartbeat.as_ref().map(|beating| beating.heartbeat.table());
        let is_other = |row: &RedoRow| is_unnamed(row) && self.followed_by_number(row).is_none();
        rows.retain(|row| {
            !(is_other(row)
                || is_control(row) && row.xid == Xid::default()
                || heartbeat.is_some_and(|table| is_of(row, table)))
        });
    }

    /// The followed table of a row that LogMiner could not name.
    fn followed_by_number(&self, row: &RedoRow) -> Option<&ObjectPath> {
        self.objects.get(&object_number(row.table_name.as_deref()?)?)
    }

    /// Whether LogMiner did not know a followed table as it was when the row was written: it has no name for it, or says so in INFO.
    fn mismatches(&self, row: &RedoRow) -> bool {
        if is_unnamed(row) {
            return self.followed_by_number(row).is_some();
        }
        let says_so = row.status != 0 && row.info.as_deref().is_some_and(|info| info.contains("Mismatch"));
        says_so && self.tables.iter().any(|table| is_of(row, table))
    }

    /// The first SCN of the newest dictionary in the redo that is over at `after`.
    fn dictionary(&self, after: u64) -> Result<Option<u64>, Error> {
        let binds: [&dyn ToBind; 2] = [&self.resetlogs_change, &after];
        let mut logs = Vec::new();
        for row in self.session.query("reading V$ARCHIVED_LOG", session_sql::DICTIONARY_LOGS, &binds)? {
            logs.push(DictionaryLog {
                thread: row.required(0)?,
                sequence: row.required(1)?,
                first: row.required(2)?,
                next: row.required(3)?,
                begins: row.get(4) == Some("YES"),
                ends: row.get(5) == Some("YES"),
            });
        }
        Ok(log::newest_dictionary(&logs, after))
    }

    /// Reads the window again with the dictionary in the redo, where there is one with all redo since. Otherwise the rows stay as they are.
    fn mine_with_redo_dictionary(&mut self, after: u64, upto: u64, rows: &mut Vec<RedoRow>) -> Result<(), Error> {
        // LogMiner within a pluggable database takes no files, and so no dictionary in them.
        if self.place == Place::Pluggable {
            return Ok(());
        }
        let Some(dictionary) = self.dictionary(after)? else { return Ok(()) };
        let before = dictionary.saturating_sub(1);
        let found = self.logs(before)?;
        let logs = match log::select(&found, &self.threads(before, &found)?, before, upto) {
            Ok(logs) => logs,
            Err(error) if matches!(error.kind(), ErrorKind::RedoGone { .. }) => return Ok(()),
            Err(error) => return Err(error),
        };
        let mut again = Vec::new();
        let mining = Mining { logs: &logs, after, upto, dictionary: Some(dictionary) };
        match self.mine(&mining, usize::MAX - 1, &mut again) {
            // It takes a database that is open for writing, which a standby is not.
            Err(error) if error.ora_code() == Some(1300) => return Ok(()),
            mined => mined?,
        }
        self.status.with_redo_dictionary += 1;
        *rows = again;
        Ok(())
    }

    /// One attempt at the next window.
    fn read_window(&mut self, after: Scn, reach: u64, out: &mut RedoBatch) -> Result<Scn, Error> {
        let found = self.logs(after.0)?;
        let threads = self.threads(after.0, &found)?;
        let mut reach = reach;
        if self.options.archived_only {
            reach = log::archived_reach(&found, &threads, after.0);
            if reach <= after.0 {
                // Not every thread has something new, or what is new has a gap before it.
                if log::waits_for_a_thread(&found, &threads, after.0) {
                    return Ok(after);
                }
                return match log::select(&found, &threads, after.0, u64::MAX - 1) {
                    Err(error) if matches!(error.kind(), ErrorKind::RedoGone { .. }) => {
                        log::gap(&found, after, error, out)
                    }
                    _ => Ok(after),
                };
            }
        }
        loop {
            let upto = self.window.upto(after.0, reach);
            let logs = match log::select(&found, &threads, after.0, upto) {
                Ok(logs) => logs,
                Err(error) => match log::last_before_gap(&found, after.0, &error) {
                    Some(last) => {
                        reach = last;
                        continue;
                    }
                    None => return log::gap(&found, after, error, out),
                },
            };
            let bound = log::bound_by_bytes(&logs, after.0, upto, self.options.max_redo_bytes);
            if bound < upto {
                reach = bound;
                continue;
            }
            if logs.is_empty() {
                // No thread has redo there.
                return Ok(Scn(upto));
            }
            let mining = Mining { logs: &logs, after: after.0, upto, dictionary: None };
            self.mine(&mining, self.options.max_rows, &mut out.rows)?;
            if self.window.overflows(out.rows.len()) {
                self.status.repeated += 1;
                if upto - after.0 > 1 {
                    let seen = out.rows.iter().map(|row| row.scn.0).max().unwrap_or(upto);
                    out.rows.clear();
                    self.window.overflowed(after.0, upto, seen);
                    continue;
                }
                // One SCN cannot be parted: all its rows, however many.
                self.mine(&mining, usize::MAX - 1, &mut out.rows)?;
            } else {
                self.window.took(after.0, upto, out.rows.len());
            }
            if out.rows.iter().any(|row| self.mismatches(row)) {
                self.mine_with_redo_dictionary(after.0, upto, &mut out.rows)?;
            }
            self.keep_followed(&mut out.rows);
            self.status.windows += 1;
            return Ok(Scn(upto));
        }
    }
}

impl RedoSource for LogMinerSource {
    type Error = Error;

    fn incarnation(&self) -> Incarnation {
        self.incarnation
    }

    fn read_redo(&mut self, after: Scn, out: &mut RedoBatch) -> Result<Scn, Error> {
        out.clear();
        self.renew_session()?;
        self.beat()?;
        let state = self.state()?;
        let reach = if self.options.archived_only {
            state.current_scn
        } else {
            let settled = self.clock.settled(Instant::now(), state.current_scn, self.options.settle);
            if self.is_alone && settled < state.current_scn {
                self.flush.flush(&self.session, state.current_scn);
            }
            // After the flush: an instance that opens the database later makes redo of later SCNs only.
            let threads = self.threads(after.0, &[])?;
            self.is_alone = reach::is_alone(&threads);
            reach::online_reach(settled, self.flush.written(), &threads)
        };
        self.status.reach = Scn(reach);
        if reach <= after.0 || !self.prove_filters(reach)? {
            return Ok(after);
        }
        let mut attempt = 1;
        loop {
            let error = match self.read_window(after, reach, out) {
                Ok(upto) => return Ok(upto),
                Err(error) => error,
            };
            out.clear();
            let out_of_memory = matches!(error.ora_code(), Some(4030 | 4031 | 4036 | 27102));
            if attempt == ATTEMPTS || !(out_of_memory || error.kind() == ErrorKind::RedoMoved) {
                return Err(error);
            }
            if out_of_memory {
                self.window.halve();
                self.spoilt = true;
            }
            self.renew_session()?;
            self.status.repeated += 1;
            attempt += 1;
        }
    }
}

impl fmt::Debug for LogMinerSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LogMinerSource")
            .field("incarnation", &self.incarnation)
            .field("place", &self.place)
            .field("status", &self.status())
            .finish_non_exhaustive()
    }
}

/// What is mined.
struct Mining<'a> {
    logs: &'a [Log],
    /// Exclusive.
    after: u64,
    /// Inclusive.
    upto: u64,
    /// The first SCN of the dictionary in the redo, where that is used.
    dictionary: Option<u64>,
}

impl DatabaseState {
    fn of(row: &Record) -> Result<Self, Error> {
        Ok(DatabaseState { dbid: row.required(0)?, current_scn: row.required(1)?, resetlogs_change: row.required(2)? })
    }
}

/// The session's container; `None` in a database that is no container database.
fn current_container(session: &Session) -> Result<Option<OracleIdent>, Error> {
    if session.server_version() < ServerVersion::V12_1 {
        return Ok(None);
    }
    let rows = session.query("reading V$DATABASE", session_sql::IS_CONTAINER_DATABASE, &[])?;
    if rows.first().and_then(|row| row.get(0)) != Some("YES") {
        return Ok(None);
    }
    let rows = session.query("asking for the container", sql::prerequisites::CONTAINER_NAME, &[])?;
    rows.first().map(|row| row.ident(0)).transpose()
}

/// Goes where LogMiner runs.
fn enter(session: &Session, place: &Place) -> Result<(), Error> {
    let Place::Root(container) = place else { return Ok(()) };
    session.run(session_sql::SET_ROOT_CONTAINER, &[]).map_err(|e| {
        Error::driver(
            format_args!(
                "going to CDB$ROOT, where the redo of {container} is mined (it takes a common user, C##…, with SET CONTAINER)"
            ),
            e,
        )
    })?;
    // The formats decide how redo is printed; whether they go along is not documented.
    session.set_formats()
}

/// `OBJECT_ID` of each table.
fn objects(session: &Session, place: &Place, tables: &[ObjectPath]) -> Result<BTreeMap<u64, ObjectPath>, Error> {
    let wanted: BTreeSet<&ObjectPath> = tables.iter().collect();
    let owners: BTreeSet<&OracleIdent> = tables.iter().map(|t| &t.schema).collect();
    let mut objects = BTreeMap::new();
    for owner in owners {
        let rows = match place {
            Place::Root(container) => session.query(
                "reading CDB_OBJECTS",
                sql::logminer::TABLE_NUMBERS_OF_CONTAINER,
                &[&container.as_str(), &owner.as_str()],
            )?,
            _ => session.query("reading ALL_OBJECTS", sql::logminer::TABLE_NUMBERS, &[&owner.as_str()])?,
        };
        for row in rows {
            let path = ObjectPath { schema: owner.clone(), name: row.ident(0)? };
            if wanted.contains(&path) {
                objects.insert(row.required(1)?, path);
            }
        }
    }
    Ok(objects)
}

fn is_of(row: &RedoRow, table: &ObjectPath) -> bool {
    row.seg_owner.as_deref() == Some(table.schema.as_str()) && row.table_name.as_deref() == Some(table.name.as_str())
}

fn is_unnamed(row: &RedoRow) -> bool {
    row.seg_owner.as_deref() == Some("UNKNOWN")
}

/// `OBJ# 4711`: 4711.
fn object_number(name: &str) -> Option<u64> {
    name.strip_prefix("OBJ#")?.trim().parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unnamed_objects() {
        assert_eq!(object_number("OBJ# 4711"), Some(4711));
        assert_eq!(object_number("EMPLOYEES"), None);
    }

    /// What loses rows without a word is in no statement.
    #[test]
    fn options_that_lose_rows_are_never_used() {
        let starts = [session_sql::START_LOGMNR, session_sql::START_LOGMNR_WITH_REDO_DICTIONARY];
        for option in ["SKIP_CORRUPTION", "CONTINUOUS_MINE", "COMMITTED_DATA_ONLY"] {
            assert!(starts.iter().all(|statement| !statement.contains(option)), "{option}");
        }
    }
}
