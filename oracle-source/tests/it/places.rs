//! Clusters, container databases and standbys, as the stand-in plays them: see its README, "Scenes".

use crate::fixture::{Fixture, hr, ident};
use cdc_logminer::{Irregularity, OperationCode, RedoBatch, RedoRow, RedoSource};
use oracle_source::{
    ErrorKind, Handoff, LogMinerOptions, LogMinerSource, PrerequisiteState, Session, current_scn, prerequisites,
};
use std::{collections::BTreeSet, time::Duration};
use type_convert::Scn;

/// HR.T, and OE, who may insert into it: its transactions are the other thread's, or the other container's.
fn fixture() -> (Fixture, Session) {
    let fixture = Fixture::new("CREATE TABLE t (id NUMBER PRIMARY KEY);");
    fixture.log_everything();
    let system = fixture.system();
    for sql in [
        "CREATE USER oe IDENTIFIED BY \"oe-password\"",
        "GRANT CREATE SESSION TO oe",
        "GRANT INSERT ON hr.t TO oe",
        "GRANT SELECT_CATALOG_ROLE TO hr",
        "GRANT EXECUTE ON SYS.DBMS_LOGMNR TO hr",
        "GRANT LOGMINING TO hr",
    ] {
        system.execute(sql).unwrap_or_else(|e| panic!("{sql}: {e}"));
    }
    let mut options = fixture.options();
    (options.user, options.password) = ("oe".to_owned(), "oe-password".into());
    let oe = Session::connect(&options).unwrap();
    (fixture, oe)
}

fn play(system: &Session, name: &str, value: &str) {
    system.execute(&format!("BEGIN STANDIN.SCENE('{name}', '{value}'); END;")).unwrap();
}

/// A committed insert; the SCN after it.
fn insert(session: &Session, system: &Session, id: u32) -> Scn {
    session.execute(&format!("INSERT INTO hr.t (id) VALUES ({id})")).unwrap();
    session.commit().unwrap();
    current_scn(system).unwrap()
}

fn options() -> LogMinerOptions {
    LogMinerOptions { settle: Duration::ZERO, ..LogMinerOptions::default() }
}

fn archived_only() -> LogMinerOptions {
    LogMinerOptions { archived_only: true, ..options() }
}

/// Reads as far as it goes now; the ids inserted with the redo threads that they came from.
fn read(source: &mut LogMinerSource, after: &mut Scn) -> Vec<(u16, String)> {
    let (mut batch, mut seen) = (RedoBatch::default(), Vec::new());
    loop {
        let read_to = source.read_redo(*after, &mut batch).unwrap();
        assert!(batch.gaps.is_empty(), "{:?}", batch.gaps);
        let inserts = batch.rows.iter().filter(|row| row.operation == OperationCode::INSERT);
        seen.extend(inserts.map(|row| (row.thread, id(row))));
        if read_to == *after {
            return seen;
        }
        *after = read_to;
    }
}

fn id(row: &RedoRow) -> String {
    let redo = row.sql_redo.as_deref().unwrap();
    redo.split('\'').nth(1).unwrap_or_else(|| panic!("{redo}")).to_owned()
}

fn of(seen: &[(u16, &str)]) -> Vec<(u16, String)> {
    seen.iter().map(|(thread, id)| (*thread, (*id).to_owned())).collect()
}

#[test]
fn the_slowest_thread_of_a_cluster_bounds_what_is_read() {
    let (fixture, oe) = fixture();
    let (system, session) = (fixture.system(), fixture.session());
    play(&system, "THREAD_2_USERS", "OE");
    let mut after = current_scn(&system).unwrap();
    let mut source = LogMinerSource::new(fixture.system(), &[hr("T")], options()).unwrap();
    insert(&session, &system, 1);
    insert(&oe, &system, 2);
    insert(&session, &system, 3);
    // The window ends below the SCN that is current, which moves by itself.
    let mut seen = Vec::new();
    while seen.len() < 3 {
        seen.extend(read(&mut source, &mut after));
    }
    assert_eq!(seen, of(&[(1, "1"), (2, "2"), (1, "3")]));

    // Thread 2 has not written its insert yet when thread 1 has long gone on: both must wait.
    let written = current_scn(&system).unwrap();
    play(&system, "THREAD_2_WRITTEN", &written.to_string());
    insert(&oe, &system, 4);
    insert(&session, &system, 5);
    for _ in 0..3 {
        assert_eq!(read(&mut source, &mut after), []);
        assert!(after < written, "{after} is beyond what thread 2 has written, {written}");
        insert(&session, &system, 6 + u32::try_from(after.0 % 2).unwrap());
        session.execute("DELETE FROM t WHERE id >= 6").unwrap();
        session.commit().unwrap();
    }
    play(&system, "THREAD_2_WRITTEN", "");
    let mut seen = Vec::new();
    while seen.len() < 2 {
        seen.extend(read(&mut source, &mut after));
    }
    assert_eq!(seen[..2], of(&[(2, "4"), (1, "5")]));
}

#[test]
fn a_log_that_one_thread_misses_is_a_gap() {
    let (fixture, oe) = fixture();
    let (system, session) = (fixture.system(), fixture.session());
    play(&system, "THREAD_2_USERS", "OE");
    let begin = current_scn(&system).unwrap();
    for n in 0..6 {
        insert(&session, &system, 2 * n);
        insert(&oe, &system, 2 * n + 1);
        system.execute("ALTER SYSTEM SWITCH LOGFILE").unwrap();
    }
    play(&system, "THREAD_2_MISSING", "2");
    let mut source = LogMinerSource::new(fixture.system(), &[hr("T")], options()).unwrap();
    let (mut batch, mut after, mut gaps, mut seen) = (RedoBatch::default(), begin, Vec::new(), Vec::new());
    let end = current_scn(&system).unwrap();
    while after < end {
        after = source.read_redo(after, &mut batch).unwrap();
        gaps.append(&mut batch.gaps);
        let inserts = batch.rows.iter().filter(|row| row.operation == OperationCode::INSERT);
        seen.extend(inserts.map(|row| (row.thread, id(row))));
    }
    let [gap] = &gaps[..] else { panic!("{gaps:?}") };
    assert_eq!((gap.irregularity, gap.thread, gap.sequence), (Irregularity::PurgedLog, 2, Some(2)));
    // A gap is one of the whole redo, not of the thread alone: what lies before and behind it is read.
    assert_eq!(seen.len(), 10, "{seen:?}");
    assert!(!seen.contains(&(2, "3".to_owned())), "{seen:?}");
}

#[test]
fn a_pluggable_database_is_followed_from_the_root() {
    let (fixture, oe) = fixture();
    let (system, session) = (fixture.system(), fixture.session());
    play(&system, "CONTAINER", "PDB1");
    play(&system, "OTHER_CONTAINER", "PDB2:OE");
    let mut after = current_scn(&system).unwrap();
    let open = |container: Option<&str>| {
        let options = LogMinerOptions { container: container.map(ident), ..options() };
        LogMinerSource::new(fixture.system(), &[hr("T")], options)
    };
    assert_eq!(open(None).unwrap_err().kind(), ErrorKind::Unsupported, "of the root itself nothing is followed");
    let mut source = open(Some("PDB1")).unwrap();
    // A table of the same name in another container.
    insert(&oe, &system, 1);
    insert(&session, &system, 2);
    let mut seen = Vec::new();
    while seen.is_empty() {
        seen.extend(read(&mut source, &mut after));
    }
    assert_eq!(seen, of(&[(1, "2")]));
    let mut batch = RedoBatch::default();
    let begin = Scn(after.0 - 1);
    source.read_redo(begin, &mut batch).unwrap();
    // Redo of a table as it was before it was altered has a number and no name: it is found by CDB_OBJECTS.
    let before = current_scn(&system).unwrap();
    insert(&session, &system, 3);
    session.execute("ALTER TABLE t ADD (more NUMBER)").unwrap();
    let mut unnamed = 0;
    let mut at = before;
    while unnamed == 0 {
        at = source.read_redo(at, &mut batch).unwrap();
        unnamed += batch.rows.iter().filter(|row| row.seg_owner.as_deref() == Some("UNKNOWN")).count();
    }
    assert_eq!(unnamed, 1);
    // A session within the pluggable database that may not go to the root.
    let wrong = LogMinerOptions { container: Some(ident("PDB2")), ..options() };
    let error = LogMinerSource::new(fixture.session(), &[hr("T")], wrong).unwrap_err();
    assert!(error.to_string().contains("CDB$ROOT") && error.ora_code() == Some(1031), "{error}");
}

#[test]
fn a_pluggable_database_is_followed_from_within() {
    let (fixture, oe) = fixture();
    let (system, session) = (fixture.system(), fixture.session());
    play(&system, "CONTAINER", "PDB1");
    play(&system, "OTHER_CONTAINER", "PDB2:OE");
    let mut after = current_scn(&system).unwrap();
    // HR is a user of PDB1 alone; the stand-in takes no log files from within, as Oracle does not.
    let mut source = LogMinerSource::new(fixture.session(), &[hr("T")], options()).unwrap();
    insert(&oe, &system, 1);
    insert(&session, &system, 2);
    system.execute("ALTER SYSTEM SWITCH LOGFILE").unwrap();
    insert(&session, &system, 3);
    let mut seen = Vec::new();
    while seen.len() < 2 {
        seen.extend(read(&mut source, &mut after));
    }
    assert_eq!(seen, of(&[(1, "2"), (1, "3")]));
}

#[test]
fn a_standby_is_followed_by_its_archived_logs_and_waits_for_every_thread() {
    let (fixture, oe) = fixture();
    let (system, session) = (fixture.system(), fixture.session());
    play(&system, "THREAD_2_USERS", "OE");
    // Both threads have archived something.
    system.execute("ALTER SYSTEM SWITCH LOGFILE").unwrap();
    play(&system, "ROLE", "PHYSICAL STANDBY");
    let mut after = current_scn(&system).unwrap();
    assert_eq!(Handoff::take(&system).unwrap_err().kind(), ErrorKind::Unsupported);
    let open = |options| LogMinerSource::new(fixture.system(), &[hr("T")], options);
    assert_eq!(open(options()).unwrap_err().kind(), ErrorKind::Unsupported, "its online logs hold no redo");
    let mut source = open(archived_only()).unwrap();
    let written = after;
    insert(&oe, &system, 1);
    insert(&session, &system, 2);
    // V$THREAD of a standby knows of one thread only; the logs of the other come later.
    play(&system, "THREAD_2_WRITTEN", &written.to_string());
    system.execute("ALTER SYSTEM SWITCH LOGFILE").unwrap();
    assert_eq!(read(&mut source, &mut after), []);
    assert!(after <= written);
    let mut alone = open(LogMinerOptions { ended_threads: BTreeSet::from([2]), ..archived_only() }).unwrap();
    assert_eq!(read(&mut alone, &mut after.clone()), of(&[(1, "2")]), "thread 2 is said to have ended");
    play(&system, "THREAD_2_WRITTEN", "");
    assert_eq!(read(&mut source, &mut after), of(&[(2, "1"), (1, "2")]));
}

#[test]
fn a_cluster_is_followed_by_archived_logs_when_each_thread_has_switched() {
    let (fixture, oe) = fixture();
    let (system, session) = (fixture.system(), fixture.session());
    play(&system, "THREAD_2_USERS", "OE");
    let mut after = current_scn(&system).unwrap();
    let mut source = LogMinerSource::new(fixture.system(), &[hr("T")], archived_only()).unwrap();
    insert(&oe, &system, 1);
    insert(&session, &system, 2);
    play(&system, "THREAD_2_WRITTEN", &after.to_string());
    system.execute("ALTER SYSTEM SWITCH LOGFILE").unwrap();
    assert_eq!(read(&mut source, &mut after), [], "thread 2 has no archived log yet: no gap, but a wait");
    play(&system, "THREAD_2_WRITTEN", "");
    assert_eq!(read(&mut source, &mut after), of(&[(2, "1"), (1, "2")]));
}

#[test]
fn force_logging_of_the_pluggable_database_is_enough() {
    let (fixture, _) = fixture();
    let system = fixture.system();
    play(&system, "CONTAINER", "PDB1");
    let logging = || {
        let list = prerequisites::check(&fixture.session(), &[hr("T")]).unwrap();
        list.into_iter().find(|p| p.id == "logging").unwrap()
    };
    // The stand-in logs everything; tablespaces that force it are in the unit tests.
    let before = logging();
    assert_eq!(before.found, "nothing is NOLOGGING", "{before:?}");
    play(&system, "FORCE_LOGGING", "PDB");
    let after = logging();
    let found = "FORCE LOGGING of the pluggable database PDB1";
    assert_eq!((after.state, &*after.found), (PrerequisiteState::Met, found), "{after:?}");
}
