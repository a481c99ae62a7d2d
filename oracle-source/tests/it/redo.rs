use crate::{
    fixture::{Fixture, hr},
    rows::columns,
};
use cdc_logminer::{
    ChangeStream, ColumnImage, Irregularity, Next, Operation, OperationCode, Position, RedoBatch, RedoRow, RedoSource,
    RedoStream, TableColumns, TableSet, Transaction,
};
use oracle_source::{ErrorKind, Heartbeat, LogMinerOptions, LogMinerSource, Session, current_scn, prerequisites::Site};
use schema_map::ObjectPath;
use std::{
    sync::Arc,
    time::{Duration, Instant},
};
use type_convert::{Scn, Value};

pub(crate) fn table_set(session: &Session, tables: &[ObjectPath]) -> TableSet {
    tables.iter().map(|path| TableColumns { path: Arc::new(path.clone()), columns: columns(session, path) }).collect()
}

pub(crate) fn source(fixture: &Fixture, tables: &[ObjectPath], span: u64, rows: usize) -> LogMinerSource {
    let options =
        LogMinerOptions { max_scn_span: span, max_rows: rows, settle: Duration::ZERO, ..LogMinerOptions::default() };
    LogMinerSource::new(fixture.system(), tables, options).unwrap()
}

/// Follows until everything committed up to now is delivered; `after` is where the redo is known to begin.
pub(crate) fn follow(
    fixture: &Fixture,
    tables: TableSet,
    position: Position,
    after: Scn,
) -> (Vec<Transaction>, Position) {
    let paths: Vec<_> = tables.iter().map(|t| (*t.path).clone()).collect();
    let goal = current_scn(&fixture.system()).unwrap();
    assert!(goal >= after);
    let mut stream = RedoStream::new(source(fixture, &paths, 1000, 10_000), tables, position).unwrap();
    let mut transactions = Vec::new();
    let deadline = Instant::now() + Duration::from_secs(20);
    loop {
        match stream.next_transaction().unwrap() {
            Next::Transaction(transaction, _) => transactions.push(*transaction),
            Next::Progress(position) | Next::Idle(position) if position.commit_scn >= goal => {
                return (transactions, position);
            }
            Next::Progress(_) => {}
            Next::Idle(_) => {
                assert!(Instant::now() < deadline, "the redo does not come to SCN {goal}");
                std::thread::sleep(Duration::from_millis(100));
            }
        }
    }
}

/// All redo rows after an SCN, window by window.
pub(crate) fn rows(source: &mut LogMinerSource, after: Scn, upto: Scn) -> Vec<RedoRow> {
    let (mut all, mut batch, mut after) = (Vec::new(), RedoBatch::default(), after);
    let deadline = Instant::now() + Duration::from_secs(20);
    while after < upto {
        let read_to = source.read_redo(after, &mut batch).unwrap();
        assert!(batch.rows.iter().all(|row| row.scn > after && row.scn <= read_to));
        all.append(&mut batch.rows);
        if read_to == after {
            assert!(Instant::now() < deadline, "the redo does not come to SCN {upto}");
            std::thread::sleep(Duration::from_millis(100));
        }
        after = read_to;
    }
    all
}

pub(crate) const SCRIPT: &str = "CREATE TABLE t (id NUMBER PRIMARY KEY, v VARCHAR2(4000), w VARCHAR2(4000));
     CREATE TABLE other (id NUMBER PRIMARY KEY);";

/// Changes of two sessions, in and out of each other, with undo and a statement over 4000 bytes.
pub(crate) fn workload(fixture: &Fixture) {
    let (a, b) = (fixture.session(), fixture.session());
    a.execute("INSERT INTO t (id, v) VALUES (1, 'it''s one')").unwrap();
    b.execute("INSERT INTO t (id, v) VALUES (2, 'two')").unwrap();
    a.execute("INSERT INTO other (id) VALUES (1)").unwrap();
    a.execute("SAVEPOINT here").unwrap();
    a.execute("UPDATE t SET v = 'undone' WHERE id = 1").unwrap();
    a.execute("DELETE FROM t WHERE id = 1").unwrap();
    a.execute("ROLLBACK TO SAVEPOINT here").unwrap();
    b.commit().unwrap();
    a.commit().unwrap();
    b.execute("UPDATE t SET v = v || '!'").unwrap();
    b.rollback().unwrap();
    let long = "é".repeat(1900);
    b.execute_with("INSERT INTO t (id, v, w) VALUES (3, :1, :2)", &[Some(&long), Some(&long)]).unwrap();
    b.commit().unwrap();
    a.execute("UPDATE t SET id = 30 WHERE id = 3").unwrap();
    a.execute("DELETE FROM t WHERE id = 2").unwrap();
    a.commit().unwrap();
}

#[test]
fn transactions_of_a_workload() {
    let fixture = Fixture::new(SCRIPT);
    fixture.log_everything();
    let system = fixture.system();
    let begin = current_scn(&system).unwrap();
    workload(&fixture);
    let incarnation = source(&fixture, &[hr("T")], 10, 10).incarnation();
    let position = Position::after_load(incarnation, begin, None);
    let (transactions, _) = follow(&fixture, table_set(&system, &[hr("T")]), position, begin);
    let text = |image: &ColumnImage| match image {
        ColumnImage::Value(Value::Text(text)) => text.clone(),
        other => format!("{other:?}"),
    };
    let told: Vec<Vec<String>> = transactions
        .iter()
        .map(|t| {
            t.changes
                .iter()
                .map(|c| match &c.unwrap().operation {
                    Operation::Insert { after } => format!("insert {}", text(&after[1])),
                    Operation::Update { before, after } => format!("update {:?} to {:?}", before[0], after[0]),
                    Operation::Delete { before } => format!("delete {}", text(&before[1])),
                    other => panic!("{other:?}"),
                })
                .collect()
        })
        .collect();
    assert_eq!(told.len(), 4, "{told:#?}");
    assert_eq!(told[0], ["insert two"]);
    assert_eq!(told[1], ["insert it's one"]);
    assert_eq!(told[2], [format!("insert {}", "é".repeat(1900))]);
    assert_eq!(told[3].len(), 2);
    assert!(told[3][0].starts_with("update ") && told[3][1] == "delete two", "{told:#?}");
    assert!(transactions[3].changes.iter().all(|c| c.unwrap().row_id.is_some()));
}

#[test]
fn windows_of_any_size_give_the_same_rows() {
    let fixture = Fixture::new(SCRIPT);
    fixture.log_everything();
    let system = fixture.system();
    let begin = current_scn(&system).unwrap();
    workload(&fixture);
    let end = current_scn(&system).unwrap();
    let whole = rows(&mut source(&fixture, &[hr("T")], 1_000_000, 1_000_000), begin, end);
    assert!(whole.len() > 15, "{whole:#?}");
    assert!(whole.iter().any(|row| row.rollback) && whole.iter().any(|row| row.csf));
    assert!(whole.iter().all(|row| row.table_name.as_deref() != Some("OTHER")));
    assert!(whole.iter().any(|row| row.operation == OperationCode::ROLLBACK));
    for (span, max_rows) in [(1, 1_000_000), (2, 3), (1_000_000, 1), (7, 5)] {
        let cut = rows(&mut source(&fixture, &[hr("T")], span, max_rows), begin, end);
        assert_eq!(cut, whole, "windows of {span} SCNs and {max_rows} rows");
    }
}

#[test]
fn a_database_that_logs_too_little_is_refused() {
    let fixture = Fixture::new(SCRIPT);
    let error = LogMinerSource::new(fixture.system(), &[hr("T")], LogMinerOptions::default()).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unsupported);
    assert!(error.to_string().contains("ADD SUPPLEMENTAL LOG DATA"), "{error}");
}

#[test]
fn redo_that_has_not_settled_is_left() {
    let fixture = Fixture::new(SCRIPT);
    fixture.log_everything();
    let begin = current_scn(&fixture.system()).unwrap();
    workload(&fixture);
    let options = LogMinerOptions { settle: Duration::from_secs(3600), flush: None, ..LogMinerOptions::default() };
    let mut source = LogMinerSource::new(fixture.system(), &[hr("T")], options).unwrap();
    let mut batch = RedoBatch::default();
    for _ in 0..3 {
        assert_eq!(source.read_redo(begin, &mut batch).unwrap(), begin);
        assert_eq!(batch.rows, []);
    }
    assert_eq!(source.status().flushes, 0);
}

#[test]
fn redo_that_the_log_writer_was_made_to_write_is_read_at_once() {
    let fixture = Fixture::new(SCRIPT);
    fixture.log_everything();
    let begin = current_scn(&fixture.system()).unwrap();
    workload(&fixture);
    let goal = current_scn(&fixture.system()).unwrap();
    let every = Duration::from_millis(50);
    let options =
        LogMinerOptions { settle: Duration::from_secs(3600), flush: Some(every), ..LogMinerOptions::default() };
    let mut source = LogMinerSource::new(fixture.system(), &[hr("T")], options).unwrap();
    let (mut batch, mut after, mut rows) = (RedoBatch::default(), begin, Vec::new());
    let (started, mut calls) = (Instant::now(), 0);
    while after < goal {
        after = source.read_redo(after, &mut batch).unwrap();
        rows.append(&mut batch.rows);
        calls += 1;
        assert!(started.elapsed() < Duration::from_secs(20), "{calls} calls, {:?}", source.status());
    }
    // What is read with all redo in reach.
    let mut other = self::source(&fixture, &[hr("T")], 1_000_000, 10_000);
    let of_table = |rows: &[RedoRow]| {
        rows.iter()
            .filter(|row| row.table_name.is_some())
            .map(|row| (row.scn, row.sql_redo.clone()))
            .collect::<Vec<_>>()
    };
    assert_eq!(of_table(&rows), of_table(&self::rows(&mut other, begin, goal)));
    let flushes = source.status().flushes;
    let most = started.elapsed().as_millis() / every.as_millis() + 1;
    assert!(flushes > 0 && u128::from(flushes) <= most, "{flushes} in {calls} calls");
    assert_eq!(other.status().flushes, 0, "what has settled already needs none");
}

#[test]
fn redo_goes_on_over_log_switches() {
    let fixture = Fixture::new(SCRIPT);
    fixture.log_everything();
    let system = fixture.system();
    let begin = current_scn(&system).unwrap();
    let session = fixture.session();
    for id in 0..20 {
        session.execute(&format!("INSERT INTO t (id) VALUES ({id})")).unwrap();
        session.commit().unwrap();
        if id % 4 == 0 {
            system.execute("ALTER SYSTEM SWITCH LOGFILE").unwrap();
        }
    }
    let end = current_scn(&system).unwrap();
    for span in [3, 1_000_000] {
        let rows = rows(&mut source(&fixture, &[hr("T")], span, 1000), begin, end);
        assert_eq!(rows.iter().filter(|row| row.operation == OperationCode::INSERT).count(), 20);
    }
}

#[test]
fn redo_from_before_all_logs_is_gone() {
    let fixture = Fixture::new(SCRIPT);
    fixture.log_everything();
    let mut source = source(&fixture, &[hr("T")], 1000, 1000);
    let mut batch = RedoBatch::default();
    let upto = source.read_redo(Scn(0), &mut batch).unwrap();
    let [gap] = &batch.gaps[..] else { panic!("{:?}", batch.gaps) };
    assert_eq!((gap.irregularity, gap.thread, gap.after, gap.upto), (Irregularity::PurgedLog, 1, Scn(0), upto));
    assert!(batch.rows.is_empty() && upto > Scn(0));
}

#[test]
fn redo_of_a_purged_log_is_gone() {
    let fixture = Fixture::new(SCRIPT);
    fixture.log_everything();
    let begin = {
        let (system, session) = (fixture.system(), fixture.session());
        let begin = current_scn(&system).unwrap();
        for id in 0..6 {
            session.execute(&format!("INSERT INTO t (id) VALUES ({id})")).unwrap();
            session.commit().unwrap();
            system.execute("ALTER SYSTEM SWITCH LOGFILE").unwrap();
        }
        begin
    };
    let sequence = std::cell::Cell::new(0);
    // The oldest archived log that has redo of the workload and is online no more.
    fixture.offline(|database| {
        sequence.set((1..10).find(|sequence| database.purge_archived_log(*sequence).unwrap()).unwrap());
    });
    let mut source = source(&fixture, &[hr("T")], 1_000_000, 1000);
    // What lies before the gap is read, then the gap is told, then what lies after it is read.
    let (mut batch, mut after, mut inserts, mut gaps) = (RedoBatch::default(), begin, Vec::new(), Vec::new());
    let end = current_scn(&fixture.system()).unwrap();
    while after < end {
        after = source.read_redo(after, &mut batch).unwrap();
        inserts.push(batch.rows.iter().filter(|row| row.operation == OperationCode::INSERT).count());
        assert!(batch.gaps.is_empty() || batch.rows.is_empty());
        gaps.append(&mut batch.gaps);
    }
    let [gap] = &gaps[..] else { panic!("{gaps:?}") };
    assert_eq!((gap.irregularity, gap.sequence), (Irregularity::PurgedLog, Some(sequence.get())));
    assert!(gap.detail.contains("load anew") && gap.after < gap.upto, "{gap:?}");
    let read: usize = inserts.iter().sum();
    assert!((1..6).contains(&read), "{inserts:?}");
}

/// All inserts into T that come after an SCN.
fn inserts(source: &mut LogMinerSource, after: Scn, upto: Scn) -> usize {
    rows(source, after, upto).iter().filter(|row| row.operation == OperationCode::INSERT).count()
}

#[test]
fn archived_logs_alone_are_followed_to_the_last_switch() {
    let fixture = Fixture::new(SCRIPT);
    fixture.log_everything();
    let (system, session) = (fixture.system(), fixture.session());
    let begin = current_scn(&system).unwrap();
    let options = LogMinerOptions { archived_only: true, ..LogMinerOptions::default() };
    let mut source = LogMinerSource::new(fixture.system(), &[hr("T")], options).unwrap();
    let mut batch = RedoBatch::default();
    let (mut after, mut seen) = (begin, 0);
    for round in 0..4 {
        session.execute(&format!("INSERT INTO t (id) VALUES ({round})")).unwrap();
        session.commit().unwrap();
        // It is in the online log only.
        loop {
            let read_to = source.read_redo(after, &mut batch).unwrap();
            seen += batch.rows.iter().filter(|row| row.operation == OperationCode::INSERT).count();
            if read_to == after {
                break;
            }
            after = read_to;
        }
        assert_eq!(seen, round);
        system.execute("ALTER SYSTEM SWITCH LOGFILE").unwrap();
        while seen == round {
            let read_to = source.read_redo(after, &mut batch).unwrap();
            assert!(read_to > after);
            seen += batch.rows.iter().filter(|row| row.operation == OperationCode::INSERT).count();
            after = read_to;
        }
    }
}

#[test]
fn sessions_are_renewed_by_age_and_memory() {
    let fixture = Fixture::new(SCRIPT);
    fixture.log_everything();
    let begin = current_scn(&fixture.system()).unwrap();
    workload(&fixture);
    let end = current_scn(&fixture.system()).unwrap();
    let open = |age, memory| {
        let options = LogMinerOptions {
            max_scn_span: 3,
            settle: Duration::ZERO,
            max_session_age: age,
            max_session_memory: memory,
            ..LogMinerOptions::default()
        };
        LogMinerSource::new(fixture.system(), &[hr("T")], options).unwrap()
    };
    let hour = Duration::from_secs(3600);
    let mut whole = open(hour, u64::MAX);
    let expected = rows(&mut whole, begin, end);
    assert_eq!((whole.status().sessions, whole.status().proven), (1, false));
    for (age, memory) in [(Duration::ZERO, u64::MAX), (hour, 1)] {
        let mut renewed = open(age, memory);
        assert_eq!(rows(&mut renewed, begin, end), expected);
        let status = renewed.status();
        assert!(status.windows > 3 && status.sessions > status.windows, "{status:?}");
        // The old ones are closed.
        let sessions = "SELECT COUNT(*) FROM v$session WHERE username = 'SYSTEM'";
        let count = fixture.system().query_text(sessions, &[]).unwrap();
        assert_eq!(count, [[Some("3".to_owned())]]);
    }
}

#[test]
fn bytes_bound_windows_to_whole_logs() {
    let fixture = Fixture::new(SCRIPT);
    fixture.log_everything();
    let (system, session) = (fixture.system(), fixture.session());
    let begin = current_scn(&system).unwrap();
    for id in 0..5 {
        session.execute(&format!("INSERT INTO t (id) VALUES ({id})")).unwrap();
        session.commit().unwrap();
        system.execute("ALTER SYSTEM SWITCH LOGFILE").unwrap();
    }
    let end = current_scn(&system).unwrap();
    let windows = |max_redo_bytes| {
        let options = LogMinerOptions { max_redo_bytes, settle: Duration::ZERO, ..LogMinerOptions::default() };
        let mut source = LogMinerSource::new(fixture.system(), &[hr("T")], options).unwrap();
        assert_eq!(inserts(&mut source, begin, end), 5);
        source.status().windows
    };
    // What is made meanwhile may take another one.
    assert!(windows(u64::MAX) <= 2);
    assert!(windows(1) >= 5);
}

/// A beat comes through the filters before anything else does, and is not given out.
#[test]
fn a_heartbeat_proves_the_filters() {
    let fixture = Fixture::new(SCRIPT);
    fixture.log_everything();
    let table = hr("BEATS");
    let missing = Heartbeat::new(table.clone(), vec![fixture.session()]).unwrap_err();
    assert_eq!((missing.kind(), missing.table()), (ErrorKind::Privilege, Some(&table)));
    for sql in Heartbeat::ddl(&table) {
        fixture.session().execute(&sql).unwrap();
    }
    let begin = current_scn(&fixture.system()).unwrap();
    workload(&fixture);
    let expected =
        inserts(&mut source(&fixture, &[hr("T")], 1000, 1000), begin, current_scn(&fixture.system()).unwrap());
    assert!(expected > 0);
    let heartbeat = || Heartbeat::new(table.clone(), vec![fixture.session(), fixture.session()]).unwrap();
    let followed =
        source(&fixture, &[hr("BEATS")], 1000, 1000).with_heartbeat(heartbeat(), Duration::ZERO).unwrap_err();
    assert_eq!((followed.kind(), followed.table()), (ErrorKind::Unsupported, Some(&table)));
    let mut proven = source(&fixture, &[hr("T")], 1000, 1000).with_heartbeat(heartbeat(), Duration::ZERO).unwrap();
    let end = current_scn(&fixture.system()).unwrap();
    let all = rows(&mut proven, begin, end);
    assert!(proven.status().proven);
    assert_eq!(all.iter().filter(|row| row.operation == OperationCode::INSERT).count(), expected);
    assert!(all.iter().all(|row| row.table_name.as_deref() != Some("BEATS")), "{all:#?}");
    let beats = fixture.session().query_text("SELECT id, beat FROM beats ORDER BY id", &[]).unwrap();
    let [first, second] = &beats[..] else { panic!("{beats:?}") };
    assert_eq!((first[0].as_deref(), second[0].as_deref()), (Some("0"), Some("1")));
    assert_eq!(first[1], second[1]);
}

/// What a filter lets through that lets nothing through: nothing, and that is an error.
#[test]
fn filters_that_let_nothing_through_are_found() {
    let fixture = Fixture::new(SCRIPT);
    fixture.log_everything();
    let table = hr("BEATS");
    for sql in Heartbeat::ddl(&table) {
        fixture.session().execute(&sql).unwrap();
    }
    let begin = current_scn(&fixture.system()).unwrap();
    // The beats go to another database than the one that is mined.
    let other = Fixture::new(SCRIPT);
    other.log_everything();
    for sql in Heartbeat::ddl(&table) {
        other.session().execute(&sql).unwrap();
    }
    let heartbeat = Heartbeat::new(table.clone(), vec![other.session()]).unwrap();
    let mut source =
        source(&fixture, &[hr("T")], 1000, 1000).with_heartbeat(heartbeat, Duration::from_secs(60)).unwrap();
    let deadline = Instant::now() + Duration::from_secs(20);
    let error = loop {
        assert!(Instant::now() < deadline);
        // The clocks of the two go on side by side.
        fixture.session().execute("INSERT INTO other (id) SELECT COALESCE(MAX(id), 0) + 1 FROM other").unwrap();
        match source.read_redo(begin, &mut RedoBatch::default()) {
            Ok(read_to) => assert_eq!(read_to, begin, "nothing is given out before the proof"),
            Err(error) => break error,
        }
        std::thread::sleep(Duration::from_millis(50));
    };
    assert_eq!((error.kind(), error.table()), (ErrorKind::Filtered, Some(&table)));
    assert!(!error.is_transient() && error.to_string().contains("nothing is followed"), "{error}");
}

/// Redo of a table as it was before it was altered: LogMiner's online dictionary does not know it, one in the redo does.
#[test]
fn redo_from_before_an_alter_is_read_with_the_dictionary_in_the_redo() {
    let run = |build: bool| {
        let fixture = Fixture::new("CREATE TABLE t (id NUMBER PRIMARY KEY, v VARCHAR2(20));");
        fixture.log_everything();
        let (system, session) = (fixture.system(), fixture.session());
        if build {
            system.execute(oracle_source::sql::prerequisites::BUILD_REDO_DICTIONARY).unwrap();
        }
        let begin = current_scn(&system).unwrap();
        session.execute("INSERT INTO t VALUES (1, 'before')").unwrap();
        session.commit().unwrap();
        session.execute("ALTER TABLE t ADD (w NUMBER)").unwrap();
        session.execute("INSERT INTO t VALUES (2, 'after', 7)").unwrap();
        session.commit().unwrap();
        let end = current_scn(&system).unwrap();
        let mut source = source(&fixture, &[hr("T")], 1000, 1000);
        let inserts: Vec<_> = rows(&mut source, begin, end)
            .into_iter()
            .filter(|row| row.operation == OperationCode::INSERT)
            .map(|row| (row.status, row.table_name.unwrap(), row.sql_redo.unwrap()))
            .collect();
        (inserts, source.status().with_redo_dictionary)
    };
    let (without, repeated) = run(false);
    assert_eq!((without.len(), repeated), (2, 0));
    assert!(without[0].0 == 2 && without[0].1.starts_with("OBJ# "), "{without:?}");
    let (with, repeated) = run(true);
    assert_eq!(repeated, 1);
    let row = |columns: &str, values: &str| {
        (0, "T".to_owned(), format!("insert into \"HR\".\"T\"({columns}) values ({values});"))
    };
    assert_eq!(with, [row("\"ID\",\"V\"", "'1','before'"), row("\"ID\",\"V\",\"W\"", "'2','after','7'")]);
}

/// An archived log that was deleted while its online group still has it is no gap.
#[test]
fn the_online_log_stands_in_for_its_archived_copy() {
    let fixture = Fixture::new(SCRIPT);
    fixture.log_everything();
    let (begin, sequence) = {
        let (system, session) = (fixture.system(), fixture.session());
        let begin = current_scn(&system).unwrap();
        let current = "SELECT sequence# FROM v$log WHERE status = 'CURRENT'";
        let sequence: u64 = system.query_text(current, &[]).unwrap()[0][0].as_deref().unwrap().parse().unwrap();
        session.execute("INSERT INTO t (id) VALUES (1)").unwrap();
        session.commit().unwrap();
        system.execute("ALTER SYSTEM SWITCH LOGFILE").unwrap();
        (begin, sequence)
    };
    fixture.offline(|database| assert!(database.purge_archived_log(sequence).unwrap()));
    let end = current_scn(&fixture.system()).unwrap();
    assert_eq!(inserts(&mut source(&fixture, &[hr("T")], 1000, 1000), begin, end), 1);
}

/// Whatever goes wrong in between, the session is left without a LogMiner session in it.
#[test]
fn logminer_is_ended_after_an_error_too() {
    let fixture = Fixture::new(SCRIPT);
    fixture.log_everything();
    let system = fixture.system();
    system.execute("CREATE USER miner IDENTIFIED BY \"mines it\"").unwrap();
    let mut site = Site::read(&system).unwrap();
    site.user = crate::fixture::ident("MINER");
    for grant in site.grants(&[hr("T")], true) {
        system.execute(&grant).unwrap();
    }
    system.execute("GRANT SELECT ON SYS.V_$LOGMNR_LOGS TO miner").unwrap();
    let mut options = fixture.options();
    (options.user, options.password) = ("miner".to_owned(), "mines it".into());
    let settle = LogMinerOptions { settle: Duration::ZERO, ..LogMinerOptions::default() };
    let begin = current_scn(&system).unwrap();
    workload(&fixture);
    let mut source = LogMinerSource::new(Session::connect(&options).unwrap(), &[hr("T")], settle).unwrap();
    let mut batch = RedoBatch::default();
    source.read_redo(begin, &mut batch).unwrap();
    assert!(!batch.rows.is_empty());
    system.execute("REVOKE LOGMINING FROM miner").unwrap();
    let error = source.read_redo(begin, &mut batch).unwrap_err();
    assert_eq!((error.kind(), error.scn()), (ErrorKind::Privilege, Some(begin)), "{error:?}");
    assert!(batch.rows.is_empty());
    let session = source.into_session();
    let logs = session.query_text("SELECT COUNT(*) FROM v$logmnr_logs", &[]).unwrap();
    assert_eq!(logs, [[Some("0".to_owned())]]);
    let none = session.execute(cdc_logminer::session_sql::END_LOGMNR).unwrap_err();
    assert_eq!(none.ora_code(), Some(1307));
}
