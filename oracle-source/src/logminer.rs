use crate::{Error, ErrorKind, Session, sql};
use cdc_logminer::{
    Incarnation, Irregularity, OperationCode, RedoBatch, RedoGap, RedoRow, RedoSource, Xid, session_sql,
};
use oracle::{
    Row, RowValue, SqlValue,
    sql_type::{InnerValue, ToSql},
};
use schema_map::{ObjectPath, OracleIdent};
use std::{
    collections::{BTreeMap, BTreeSet, VecDeque},
    fmt,
    time::{Duration, Instant},
};
use type_convert::Scn;

/// How redo is read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogMinerOptions {
    /// The most SCNs that one window spans, at least 1.
    pub max_scn_span: u64,
    /// A window with more rows than this is read again with half the span, unless it is of one SCN only.
    pub max_rows: usize,
    /// How long redo stays out of reach after it was made. Redo of a transaction that has not committed can wait in memory until the log
    /// writer writes, which it does at least every three seconds; what is read before that would be missed for ever.
    pub settle: Duration,
}

/// The redo of some tables, read with LogMiner over a session of its own.
///
/// Each call of [`read_redo`](RedoSource::read_redo) finds the log files anew (archived ones before online ones, one for each thread
/// and sequence), starts LogMiner on a window of SCNs, reads it and ends LogMiner, also after an error.
///
/// The window's upper end is below the SCN that the database had [`settle`](LogMinerOptions::settle) ago; with several open threads
/// also below the last change of each. Rows of equal SCN are never parted.
///
/// Logs that are gone are [gaps](RedoBatch::gaps), where later ones are there; what lies before them is read first.
///
/// After an error with [`Error::is_transient`] the same `after` may be tried again on the same source, or on a new one
/// where the connection is gone: no row has been given out.
pub struct LogMinerSource {
    session: Session,
    options: LogMinerOptions,
    incarnation: Incarnation,
    resetlogs_change: u64,
    contents: String,
    contents_binds: Vec<String>,
    /// `OBJECT_ID` of the followed tables: rows that LogMiner could not name have nothing else.
    objects: BTreeMap<u64, ObjectPath>,
    /// SCNs and when they were current, oldest first.
    clock: VecDeque<(Instant, u64)>,
    span: u64,
}

impl Default for LogMinerOptions {
    fn default() -> Self {
        LogMinerOptions { max_scn_span: 1_000_000, max_rows: 200_000, settle: Duration::from_secs(4) }
    }
}

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
    /// [`ErrorKind::Unsupported`] where the database is a container database, does not archive its logs, or has no
    /// minimal supplemental logging: [`prerequisites::check`](crate::prerequisites::check) tells what mends it.
    pub fn new(session: Session, tables: &[ObjectPath], options: LogMinerOptions) -> Result<Self, Error> {
        let version = session.server_version();
        if (version.major, version.minor) >= (12, 1) {
            let rows = session.query("reading V$DATABASE", session_sql::IS_CONTAINER_DATABASE, &[])?;
            if rows.first().and_then(|r| r.get(0)) == Some("YES") {
                return Err(Error::new(
                    ErrorKind::Unsupported,
                    "this is a container database: following its redo is not supported yet, only that of non-container databases",
                ));
            }
        }
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
        let rows = session.query("reading V$DATABASE_INCARNATION", session_sql::INCARNATION, &[])?;
        let row = rows.first().ok_or_else(|| Error::new(ErrorKind::Malformed, "no incarnation is current"))?;
        let incarnation = Incarnation { dbid: state.dbid, resetlogs_id: row.required(0)? };
        let (counts, contents_binds) = session_sql::contents_binds(tables);
        let objects = objects(&session, tables)?;
        Ok(LogMinerSource {
            session,
            incarnation,
            resetlogs_change: state.resetlogs_change,
            contents: session_sql::contents(&counts),
            contents_binds,
            objects,
            clock: VecDeque::new(),
            // A first guess: it halves and doubles with the rows that windows turn out to have.
            span: options.max_scn_span.clamp(1, 20_000),
            options,
        })
    }

    /// The session, for other use.
    pub fn into_session(self) -> Session {
        self.session
    }

    /// The last SCN of which all redo is certainly in the log files.
    fn settled_scn(&mut self) -> Result<u64, Error> {
        let rows = self.session.query("reading V$DATABASE", session_sql::DATABASE, &[])?;
        let row = rows.first().ok_or_else(|| Error::new(ErrorKind::Malformed, "V$DATABASE is empty"))?;
        let state = DatabaseState::of(row)?;
        if (state.dbid, state.resetlogs_change) != (self.incarnation.dbid, self.resetlogs_change) {
            return Err(Error::new(
                ErrorKind::Unsupported,
                "the database was opened with RESETLOGS meanwhile: its redo does not go on from here; load anew",
            ));
        }
        let now = Instant::now();
        self.clock.push_back((now, state.current_scn));
        // The newest observation that is old enough; those before it are of no more use.
        while let Some((seen, _)) = self.clock.get(1)
            && now.duration_since(*seen) >= self.options.settle
        {
            self.clock.pop_front();
        }
        let settled = match self.clock.front() {
            Some((seen, scn)) if now.duration_since(*seen) >= self.options.settle => *scn,
            _ => 0,
        };
        // Polling faster than it settles must not collect a clock without end.
        if self.clock.len() > 1000 {
            let mut n = 0;
            self.clock.retain(|_| {
                n += 1;
                n % 2 == 1
            });
        }
        let mut lowest = settled;
        let threads = self.session.query("reading V$THREAD", session_sql::THREADS, &[])?;
        let open: Vec<_> = threads.iter().filter(|row| row.get(1) == Some("OPEN")).collect();
        if open.len() > 1 {
            for row in open {
                lowest = lowest.min(row.number::<u64>(4)?.unwrap_or(0));
            }
        }
        // Redo with that very SCN can still be on its way.
        Ok(lowest.saturating_sub(1))
    }

    fn open_threads(&self) -> Result<BTreeSet<u16>, Error> {
        self.session
            .query("reading V$THREAD", session_sql::THREADS, &[])?
            .iter()
            .filter(|row| row.get(1) == Some("OPEN"))
            .map(|row| row.required(0))
            .collect()
    }

    fn logs(&self, after: u64) -> Result<Vec<Log>, Error> {
        let mut logs = Vec::new();
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
                file: row.text(5)?.to_owned(),
            });
        }
        let binds: [&dyn ToSql; 2] = [&self.resetlogs_change, &after];
        for row in self.session.query("reading V$ARCHIVED_LOG", session_sql::ARCHIVED_LOGS, &binds)? {
            logs.push(Log {
                thread: row.required(0)?,
                sequence: row.required(1)?,
                archived: true,
                first: row.required(2)?,
                next: row.required(3)?,
                current: false,
                file: row.text(4)?.to_owned(),
            });
        }
        Ok(logs)
    }

    /// Reads one window; more than `max_rows` rows are cut off.
    fn mine(&self, logs: &[Log], after: u64, upto: u64, max_rows: usize, rows: &mut Vec<RedoRow>) -> Result<(), Error> {
        let mined = self.mine_open(logs, after, upto, max_rows, rows);
        let ended = self.session.run(session_sql::END_LOGMNR, &[]);
        mined.map_err(|(doing, e)| Error::driver(doing, e).with_scn(Scn(after)))?;
        match ended {
            Err(e) if e.oci_code() != Some(1307) => Err(Error::driver("ending LogMiner", e)),
            _ => Ok(()),
        }
    }

    fn mine_open(
        &self,
        logs: &[Log],
        after: u64,
        upto: u64,
        max_rows: usize,
        rows: &mut Vec<RedoRow>,
    ) -> Result<(), (String, oracle::Error)> {
        let mut add = session_sql::ADD_FIRST_LOGFILE;
        for log in logs {
            self.session.run(add, &[&log.file]).map_err(|e| (format!("adding the log file {}", log.file), e))?;
            add = session_sql::ADD_LOGFILE;
        }
        self.session
            .run(session_sql::START_LOGMNR, &[&(after + 1), &upto])
            .map_err(|e| ("starting LogMiner".to_owned(), e))?;
        let mut binds: Vec<&dyn ToSql> = vec![&after, &upto];
        binds.extend(self.contents_binds.iter().map(|name| name as &dyn ToSql));
        let reading = |e| ("reading V$LOGMNR_CONTENTS".to_owned(), e);
        let mut statement = self
            .session
            .connection()
            .statement(&self.contents)
            .fetch_array_size(500)
            .prefetch_rows(500)
            .build()
            .map_err(reading)?;
        for row in statement.query_as::<Mined>(&binds).map_err(reading)? {
            rows.push(row.map_err(reading)?.0);
            if rows.len() > max_rows {
                break;
            }
        }
        Ok(())
    }

    /// Leaves out what is of no followed table.
    fn keep_followed(&self, rows: &mut Vec<RedoRow>) {
        // Internal transactions can come with an id of zeros: nothing of a followed table is theirs.
        let is_control = |row: &RedoRow| {
            matches!(row.operation, OperationCode::START | OperationCode::COMMIT | OperationCode::ROLLBACK)
        };
        let is_other = |row: &RedoRow| {
            let number = row.table_name.as_deref().and_then(object_number);
            is_unnamed(row) && !number.is_some_and(|number| self.objects.contains_key(&number))
        };
        rows.retain(|row| !(is_other(row) || is_control(row) && row.xid == Xid::default()));
    }
}

impl RedoSource for LogMinerSource {
    type Error = Error;

    fn incarnation(&self) -> Incarnation {
        self.incarnation
    }

    fn read_redo(&mut self, after: Scn, out: &mut RedoBatch) -> Result<Scn, Error> {
        out.clear();
        let settled = self.settled_scn()?;
        if settled <= after.0 {
            return Ok(after);
        }
        let found = self.logs(after.0)?;
        let open = self.open_threads()?;
        let mut reach = settled;
        loop {
            let upto = reach.min(after.0.saturating_add(self.span));
            let logs = match select_logs(&found, &open, after.0, upto) {
                Ok(logs) => logs,
                Err(error) => match last_before_gap(&found, after.0, &error) {
                    Some(last) => {
                        reach = last;
                        continue;
                    }
                    None => return gap(&found, after, error, out),
                },
            };
            self.mine(&logs, after.0, upto, self.options.max_rows, &mut out.rows).inspect_err(|_| out.rows.clear())?;
            let spanned = upto - after.0;
            if out.rows.len() > self.options.max_rows && spanned > 1 {
                out.rows.clear();
                self.span = spanned / 2;
                continue;
            }
            if out.rows.len() > self.options.max_rows {
                // One SCN cannot be parted: all its rows, however many.
                out.rows.clear();
                self.mine(&logs, after.0, upto, usize::MAX - 1, &mut out.rows).inspect_err(|_| out.rows.clear())?;
            } else if out.rows.len() <= self.options.max_rows / 4 {
                self.span = self.span.saturating_mul(2).min(self.options.max_scn_span.max(1));
            }
            self.keep_followed(&mut out.rows);
            return Ok(Scn(upto));
        }
    }
}

impl fmt::Debug for LogMinerSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LogMinerSource")
            .field("incarnation", &self.incarnation)
            .field("span", &self.span)
            .finish_non_exhaustive()
    }
}

impl DatabaseState {
    fn of(row: &crate::session::Record) -> Result<Self, Error> {
        Ok(DatabaseState { dbid: row.required(0)?, current_scn: row.required(1)?, resetlogs_change: row.required(2)? })
    }
}

/// A log file that LogMiner can be given.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Log {
    thread: u16,
    sequence: u64,
    archived: bool,
    first: u64,
    /// Exclusive.
    next: u64,
    current: bool,
    file: String,
}

/// The log files for the redo of `after` (exclusive) to `upto` (inclusive): one for each thread and sequence, archived ones
/// first, without a gap in any thread. A thread that is open must reach over the whole window; a closed one has what it has.
fn select_logs(found: &[Log], open: &BTreeSet<u16>, after: u64, upto: u64) -> Result<Vec<Log>, Error> {
    let mut threads: BTreeMap<u16, BTreeMap<u64, &Log>> =
        open.iter().map(|thread| (*thread, BTreeMap::new())).collect();
    for log in found {
        if log.next <= after + 1 || log.first > upto {
            continue;
        }
        let slot = threads.entry(log.thread).or_default().entry(log.sequence).or_insert(log);
        if log.archived && !slot.archived {
            *slot = log;
        }
    }
    let gone = |thread, sequence, what: String| {
        Error::new(
            ErrorKind::RedoGone { thread, sequence },
            format!("{what}: restore the archived log files where the database expects them, or load anew"),
        )
        .with_scn(Scn(after))
    };
    let mut logs = Vec::new();
    for (thread, by_sequence) in threads {
        let is_open = open.contains(&thread);
        let first = by_sequence.values().next();
        if is_open && first.is_none_or(|log| log.first > after + 1) {
            let sequence = first.map_or(0, |log| log.sequence.saturating_sub(1));
            return Err(gone(thread, sequence, format!("no log file of redo thread {thread} reaches back to the SCN")));
        }
        let mut previous: Option<&Log> = None;
        for log in by_sequence.into_values() {
            if let Some(previous) = previous
                && log.sequence != previous.sequence + 1
            {
                let sequence = previous.sequence + 1;
                return Err(gone(
                    thread,
                    sequence,
                    format!("log sequence {sequence} of redo thread {thread} is missing"),
                ));
            }
            previous = Some(log);
            logs.push(log.clone());
        }
        if let Some(last) = previous
            && is_open
            && !last.current
            && last.next <= upto
        {
            // Its successor was there a moment ago: a switch happened between the queries, or it is not archived yet.
            return Err(Error::new(
                ErrorKind::RedoMoved,
                format!("the log files of redo thread {thread} end at SCN {}: a log switch is under way", last.next),
            )
            .with_scn(Scn(after)));
        }
    }
    Ok(logs)
}

/// The last SCN that can be read before the log which an error says is gone.
fn last_before_gap(found: &[Log], after: u64, error: &Error) -> Option<u64> {
    let ErrorKind::RedoGone { thread, sequence } = error.kind() else { return None };
    let before = found.iter().find(|log| log.thread == thread && log.sequence + 1 == sequence)?;
    (before.next > after + 1).then(|| before.next - 1)
}

/// A log that is gone is a gap up to the next one that is there, which the reader's policy may allow; without a next one, an error.
fn gap(found: &[Log], after: Scn, error: Error, out: &mut RedoBatch) -> Result<Scn, Error> {
    let ErrorKind::RedoGone { thread, sequence } = error.kind() else { return Err(error) };
    let next = found.iter().filter(|log| log.thread == thread && log.sequence > sequence);
    let Some(next) = next.min_by_key(|log| log.sequence).filter(|log| log.first > after.0 + 1) else {
        return Err(error);
    };
    let upto = Scn(next.first - 1);
    out.gaps.push(RedoGap {
        irregularity: Irregularity::PurgedLog,
        thread,
        sequence: (sequence > 0).then_some(sequence),
        after,
        upto,
        detail: error.to_string(),
    });
    Ok(upto)
}

/// `OBJECT_ID` of each table.
fn objects(session: &Session, tables: &[ObjectPath]) -> Result<BTreeMap<u64, ObjectPath>, Error> {
    let owners: BTreeSet<&OracleIdent> = tables.iter().map(|t| &t.schema).collect();
    let mut objects = BTreeMap::new();
    for owner in owners {
        for row in session.query("reading ALL_OBJECTS", sql::read::DATA_OBJECTS, &[&owner.as_str()])? {
            let path = ObjectPath { schema: owner.clone(), name: row.ident(0)? };
            if tables.contains(&path) {
                objects.insert(row.required(2)?, path);
            }
        }
    }
    Ok(objects)
}

fn is_unnamed(row: &RedoRow) -> bool {
    row.seg_owner.as_deref() == Some("UNKNOWN")
}

/// `OBJ# 4711`: 4711.
fn object_number(name: &str) -> Option<u64> {
    name.strip_prefix("OBJ#")?.trim().parse().ok()
}

/// A row of [`session_sql::CONTENTS`].
struct Mined(RedoRow);

impl RowValue for Mined {
    fn get(row: &Row) -> oracle::Result<Self> {
        let values = row.sql_values();
        let [
            scn,
            start_scn,
            commit_scn,
            timestamp,
            usn,
            slot,
            sequence,
            parallel_usn,
            parallel_slot,
            parallel_sequence,
            operation,
            rollback,
            status,
            info,
            seg_owner,
            table_name,
            row_id,
            rs_id,
            ssn,
            csf,
            thread,
            data_obj,
            data_objv,
            sql_redo,
        ] = values
        else {
            return Err(malformed("a row", "24 columns"));
        };
        Ok(Mined(RedoRow {
            scn: Scn(number(scn, "SCN")?.unwrap_or(0)),
            start_scn: number(start_scn, "START_SCN")?.map(Scn),
            commit_scn: number(commit_scn, "COMMIT_SCN")?.map(Scn),
            timestamp: seconds(timestamp)?,
            xid: Xid {
                usn: number(usn, "XIDUSN")?.unwrap_or(0),
                slot: number(slot, "XIDSLT")?.unwrap_or(0),
                sequence: number(sequence, "XIDSQN")?.unwrap_or(u32::MAX),
            },
            pxid: match number(parallel_usn, "PXIDUSN")? {
                Some(usn) => Some(Xid {
                    usn,
                    slot: number(parallel_slot, "PXIDSLT")?.unwrap_or(0),
                    sequence: number(parallel_sequence, "PXIDSQN")?.unwrap_or(0),
                }),
                None => None,
            },
            operation: OperationCode(number(operation, "OPERATION_CODE")?.unwrap_or(OperationCode::UNSUPPORTED.0)),
            rollback: number::<i64>(rollback, "ROLLBACK")? == Some(1),
            status: number(status, "STATUS")?.unwrap_or(0),
            info: text(info)?,
            seg_owner: text(seg_owner)?,
            table_name: text(table_name)?,
            row_id: text(row_id)?,
            rs_id: text(rs_id)?.map_or_else(String::new, |id| id.trim().to_owned()),
            ssn: number(ssn, "SSN")?.unwrap_or(0),
            csf: number::<i64>(csf, "CSF")? == Some(1),
            thread: number(thread, "THREAD#")?.unwrap_or(0),
            data_obj: number(data_obj, "DATA_OBJ#")?.unwrap_or(0),
            data_objv: number(data_objv, "DATA_OBJV#")?.unwrap_or(0),
            sql_redo: text(sql_redo)?,
        }))
    }
}

fn malformed(what: &str, expected: &str) -> oracle::Error {
    oracle::Error::new(oracle::ErrorKind::OutOfRange, format!("{what} of V$LOGMNR_CONTENTS is not {expected}"))
}

fn number<T: TryFrom<i64> + std::str::FromStr>(value: &SqlValue<'_>, column: &str) -> oracle::Result<Option<T>> {
    if value.is_null()? {
        return Ok(None);
    }
    let number = match value.as_inner_value()? {
        InnerValue::Int64(n) => n.try_into().ok(),
        InnerValue::Number(text) => text.parse().ok(),
        _ => None,
    };
    number.map(Some).ok_or_else(|| malformed(column, "a number of the range documented"))
}

fn text(value: &SqlValue<'_>) -> oracle::Result<Option<String>> {
    if value.is_null()? {
        return Ok(None);
    }
    match value.as_inner_value()? {
        InnerValue::Char(bytes) => match std::str::from_utf8(bytes) {
            Ok(text) => Ok(Some(text.to_owned())),
            Err(_) => Err(malformed("a text", "UTF-8")),
        },
        _ => value.get(),
    }
}

/// Seconds since 1970-01-01 of a DATE, taken without a zone.
fn seconds(value: &SqlValue<'_>) -> oracle::Result<i64> {
    if value.is_null()? {
        return Ok(0);
    }
    match value.as_inner_value()? {
        InnerValue::Timestamp(t) => {
            // Days from civil: years begin in March, so that the leap day is the last of its year.
            let (year, month) = (i64::from(t.year), i64::from(t.month));
            let year = if month <= 2 { year - 1 } else { year };
            let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + i64::from(t.day) - 1;
            let era = year.div_euclid(400);
            let year_of_era = year.rem_euclid(400);
            let days = era * 146_097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year - 719_468;
            Ok(((days * 24 + i64::from(t.hour)) * 60 + i64::from(t.minute)) * 60 + i64::from(t.second))
        }
        _ => Err(malformed("TIMESTAMP", "a DATE")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn log(thread: u16, sequence: u64, archived: bool, first: u64, next: u64) -> Log {
        Log {
            thread,
            sequence,
            archived,
            first,
            next,
            current: !archived && next == u64::MAX,
            file: format!("/{}/{thread}_{sequence}", if archived { "arch" } else { "redo" }),
        }
    }

    fn files(logs: &[Log]) -> Vec<&str> {
        logs.iter().map(|l| l.file.as_str()).collect()
    }

    #[test]
    fn archived_logs_win_over_online_ones() {
        let found = [
            log(1, 7, false, 100, 200),
            log(1, 8, false, 200, u64::MAX),
            log(1, 6, true, 50, 100),
            log(1, 7, true, 100, 200),
            log(1, 7, true, 100, 200),
        ];
        let open = BTreeSet::from([1]);
        assert_eq!(files(&select_logs(&found, &open, 99, 250).unwrap()), ["/arch/1_7", "/redo/1_8"]);
        assert_eq!(files(&select_logs(&found, &open, 98, 98).unwrap()), ["/arch/1_6"]);
        assert_eq!(files(&select_logs(&found, &open, 98, 99).unwrap()), ["/arch/1_6"]);
        assert_eq!(files(&select_logs(&found, &open, 98, 100).unwrap()), ["/arch/1_6", "/arch/1_7"]);
        assert_eq!(files(&select_logs(&found, &open, 199, 300).unwrap()), ["/redo/1_8"]);
    }

    #[test]
    fn gaps_are_errors() {
        let open = BTreeSet::from([1]);
        let kind = |found: &[Log], after, upto| {
            let error = select_logs(found, &open, after, upto).unwrap_err();
            assert_eq!(error.scn(), Some(Scn(after)));
            error.kind()
        };
        let gap = [log(1, 5, true, 50, 100), log(1, 7, false, 200, u64::MAX)];
        assert_eq!(kind(&gap, 60, 300), ErrorKind::RedoGone { thread: 1, sequence: 6 });
        assert_eq!(kind(&gap, 20, 300), ErrorKind::RedoGone { thread: 1, sequence: 4 });
        assert_eq!(kind(&[], 20, 300), ErrorKind::RedoGone { thread: 1, sequence: 0 });
        assert_eq!(kind(&gap[..1], 60, 300), ErrorKind::RedoMoved);
        assert!(select_logs(&gap[1..], &open, 199, 300).is_ok());
    }

    #[test]
    fn closed_threads_do_not_block() {
        let found = [log(1, 9, false, 100, u64::MAX), log(2, 3, true, 150, 180), log(3, 1, true, 10, 20)];
        let logs = select_logs(&found, &BTreeSet::from([1]), 120, 300).unwrap();
        assert_eq!(files(&logs), ["/redo/1_9", "/arch/2_3"]);
        let error = select_logs(&found, &BTreeSet::from([1, 2]), 120, 300).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::RedoGone { thread: 2, sequence: 2 });
    }

    #[test]
    fn unnamed_objects() {
        assert_eq!(object_number("OBJ# 4711"), Some(4711));
        assert_eq!(object_number("EMPLOYEES"), None);
    }
}
