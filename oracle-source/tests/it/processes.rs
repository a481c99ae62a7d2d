//! Other processes at work: one that is killed, one that takes logs away, writers that go on while redo is followed.

use crate::{
    fixture::{Fixture, hr},
    handoff::{number, replay, text, write},
    redo::{rows, source, table_set},
    rows::read,
};
use cdc_logminer::{
    ChangeStream, DecodeErrorKind, Irregularity, Next, OperationCode, Position, RedoBatch, RedoSource, RedoStream,
    StreamError, Transaction,
};
use oracle_source::{ChunkRange, LogMinerSource, Session, current_scn};
use std::{
    collections::BTreeMap,
    env, io,
    io::{BufRead, BufReader},
    path::Path,
    process::{Child, Command, Stdio},
    sync::atomic::AtomicU64,
    thread,
    time::{Duration, Instant},
};
use type_convert::Scn;

const SCRIPT: &str =
    "CREATE TABLE t (id NUMBER PRIMARY KEY, v VARCHAR2(200)); INSERT INTO t VALUES (1, 'before'); COMMIT;";
const CHILD: &str = "ORACLE_SOURCE_TEST_CHILD";
const PURGE: &str = "ORACLE_SOURCE_TEST_PURGE";

/// This test program, to do what [`child`] says.
fn spawn(fixture: &Fixture, variables: &[(&str, &str)]) -> Child {
    Command::new(env::current_exe().unwrap())
        .args(["--exact", "processes::child", "--nocapture"])
        .env(CHILD, fixture.file())
        .envs(variables.iter().copied())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap()
}

/// No test of its own: what the other process does.
#[test]
fn child() {
    let Some(file) = env::var_os(CHILD) else { return };
    if let Some(sequence) = env::var_os(PURGE) {
        let sequence = sequence.to_str().unwrap().parse().unwrap();
        assert!(clntsh::Database::open(Path::new(&file)).unwrap().purge_archived_log(sequence).unwrap());
        return;
    }
    let session = Session::connect(&Fixture::options_for(Path::new(&file))).unwrap();
    for sql in [
        "INSERT INTO t VALUES (2, 'never')",
        "UPDATE t SET v = 'never' WHERE id = 1",
        "SAVEPOINT s",
        "DELETE FROM t",
        "ROLLBACK TO SAVEPOINT s",
        "INSERT INTO t VALUES (3, 'never')",
    ] {
        session.execute(sql).unwrap();
    }
    println!("\nready");
    // Until it is killed, or its parent is gone.
    let _ = io::stdin().read_line(&mut String::new());
    thread::sleep(Duration::from_secs(60));
}

fn wait_until_ready(child: &mut Child) {
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    assert!(lines.any(|line| line.unwrap() == "ready"), "the other process did not come so far");
}

fn one_number(session: &Session, sql: &str) -> u64 {
    session.query_text(sql, &[]).unwrap()[0][0].as_deref().unwrap().parse().unwrap()
}

fn position_at(source: &LogMinerSource, scn: Scn) -> Position {
    Position::after_load(source.incarnation(), scn, None)
}

/// Reads until everything up to `goal` is delivered.
fn drain(stream: &mut RedoStream<LogMinerSource>, goal: Scn) -> Vec<Transaction> {
    let mut transactions = Vec::new();
    let deadline = Instant::now() + Duration::from_secs(30);
    loop {
        match stream.next_transaction().unwrap() {
            Next::Transaction(transaction, _) => transactions.push(*transaction),
            Next::Progress(position) | Next::Idle(position) if position.commit_scn >= goal => return transactions,
            _ => assert!(Instant::now() < deadline, "the redo does not come to SCN {goal}"),
        }
    }
}

#[test]
fn a_client_that_is_killed_leaves_nothing_to_followers() {
    let fixture = Fixture::new(SCRIPT);
    fixture.log_everything();
    let system = fixture.system();
    let begin = current_scn(&system).unwrap();
    let miner = source(&fixture, &[hr("T")], 1000, 1000);
    let position = position_at(&miner, begin);
    let mut stream = RedoStream::new(miner, table_set(&system, &[hr("T")]), position).unwrap();

    let mut other = spawn(&fixture, &[]);
    wait_until_ready(&mut other);
    // SIGKILL: nothing is closed, nothing rolled back.
    other.kill().unwrap();
    other.wait().unwrap();
    let goal = current_scn(&system).unwrap();
    let open = "SELECT COUNT(*) FROM v$transaction";
    assert_eq!(one_number(&system, open), 1);
    let mut seen = Vec::new();
    for _ in 0..20 {
        match stream.next_transaction().unwrap() {
            Next::Transaction(transaction, _) => seen.push(transaction),
            Next::Progress(position) | Next::Idle(position) if position.commit_scn >= goal => break,
            _ => {}
        }
    }
    assert_eq!(seen, []);

    // The next session that comes takes back what was open.
    let session = fixture.session();
    assert_eq!(one_number(&system, open), 0);
    session.execute("UPDATE t SET v = v || ', after' WHERE id = 1").unwrap();
    session.commit().unwrap();
    let goal = current_scn(&system).unwrap();
    let transactions = drain(&mut stream, goal);
    assert_eq!(stream.status().open_transactions, 0);
    let mut table = BTreeMap::from([(1, "before".to_owned())]);
    assert_eq!(transactions.len(), 1, "{transactions:#?}");
    replay(&mut table, &transactions);
    assert_eq!(table, BTreeMap::from([(1, "before, after".to_owned())]));

    let rows = rows(&mut source(&fixture, &[hr("T")], 1000, 1000), begin, goal);
    let killed: Vec<_> = rows.iter().filter(|row| row.xid == rows[0].xid).collect();
    let shape: Vec<(OperationCode, bool)> = killed.iter().map(|row| (row.operation, row.rollback)).collect();
    use OperationCode as Op;
    let (insert, update, delete) = (Op::INSERT, Op::UPDATE, Op::DELETE);
    assert_eq!(
        shape,
        [
            (Op::START, false),
            (insert, false),
            (update, false),
            (delete, false),
            (delete, false),
            (insert, true),
            (insert, true),
            (insert, false),
            (delete, true),
            (update, true),
            (delete, true),
            (Op::ROLLBACK, false),
        ]
    );
    let place = |n: usize| killed[n].row_id.clone();
    assert_eq!([place(5), place(6)], [place(4), place(3)], "to the savepoint, newest first");
    assert_eq!([place(8), place(9), place(10)], [place(7), place(2), place(1)], "the rest, newest first");
}

/// A transaction lies over several logs; the one in which it began is taken away.
#[test]
fn a_log_that_is_gone_is_named() {
    let fixture = Fixture::new(SCRIPT);
    fixture.log_everything();
    let (system, session) = (fixture.system(), fixture.session());
    let begin = current_scn(&system).unwrap();
    let first = one_number(&system, "SELECT sequence# FROM v$log WHERE status = 'CURRENT'");
    let miner = source(&fixture, &[hr("T")], 1000, 1000);
    let position = position_at(&miner, begin);
    let tables = table_set(&system, &[hr("T")]);
    let mut stream = RedoStream::new(miner, tables.clone(), position.clone()).unwrap();
    for id in 10..16 {
        session.execute(&format!("INSERT INTO t VALUES ({id}, 'long')")).unwrap();
        system.execute("ALTER SYSTEM SWITCH LOGFILE").unwrap();
    }
    let goal = current_scn(&system).unwrap();
    assert_eq!(drain(&mut stream, goal), []);
    let between = stream.position().clone();
    assert!(between.low_watermark <= Scn(begin.0 + 20) && between.low_watermark < between.commit_scn, "{between:?}");
    let purge = spawn(&fixture, &[(PURGE, &first.to_string())]).wait_with_output().unwrap();
    assert!(purge.status.success());
    session.execute("INSERT INTO t VALUES (16, 'long')").unwrap();
    session.commit().unwrap();
    // Who has read it already goes on.
    let goal = current_scn(&system).unwrap();
    let transactions = drain(&mut stream, goal);
    assert_eq!(transactions.iter().map(|t| t.changes.len()).collect::<Vec<_>>(), [7]);
    // Who has to read it again cannot, neither from the beginning nor from where the follower stood.
    for position in [position, between] {
        let mut stream = RedoStream::new(source(&fixture, &[hr("T")], 1000, 1000), tables.clone(), position).unwrap();
        let error = loop {
            match stream.next_transaction() {
                Ok(Next::Progress(_)) => {}
                Ok(other) => panic!("{other:?}"),
                Err(error) => break error,
            }
        };
        let StreamError::Decode(error) = error else { panic!("{error}") };
        assert_eq!(error.kind(), DecodeErrorKind::Irregular(Irregularity::PurgedLog));
        assert!(error.to_string().contains(&format!("log sequence {first}")), "{error}");
    }
    // Redo after it can be read still.
    let mut after = source(&fixture, &[hr("T")], 1000, 1000);
    let start = format!("SELECT MIN(first_change#) FROM v$archived_log WHERE sequence# > {first}");
    after.read_redo(Scn(one_number(&system, &start)), &mut RedoBatch::default()).unwrap();
}

/// Redo is followed while two writers go on, logs are switched, and it makes the table as it is in the end.
#[test]
fn writers_go_on_while_redo_is_followed() {
    let fixture = Fixture::new("CREATE TABLE t (id NUMBER PRIMARY KEY, v VARCHAR2(200));");
    fixture.log_everything();
    let system = fixture.system();
    let begin = current_scn(&system).unwrap();
    let miner = source(&fixture, &[hr("T")], 50, 20);
    let position = position_at(&miner, begin);
    let mut stream = RedoStream::new(miner, table_set(&system, &[hr("T")]), position).unwrap();
    let (done, mut followed, mut meanwhile) = (AtomicU64::new(0), Vec::new(), 0);
    thread::scope(|scope| {
        let writers: Vec<_> = (0..2)
            .map(|writer| {
                let (session, done) = (fixture.session(), &done);
                scope.spawn(move || write(&session, writer, done))
            })
            .collect();
        let mut rounds = 0;
        while !writers.iter().all(|w| w.is_finished()) {
            if let Next::Transaction(transaction, _) = stream.next_transaction().unwrap() {
                followed.push(*transaction);
            }
            rounds += 1;
            if rounds % 10 == 0 {
                system.execute("ALTER SYSTEM SWITCH LOGFILE").unwrap();
            }
        }
        meanwhile = followed.len();
    });
    followed.extend(drain(&mut stream, current_scn(&system).unwrap()));
    assert!(meanwhile > 0, "nothing was followed while it was written");
    let (mut rows, mut expected) = (BTreeMap::new(), BTreeMap::new());
    replay(&mut rows, &followed);
    read(&fixture.session(), &hr("T"), &ChunkRange::Whole, None, 4096, |batch, n| {
        expected.insert(number(batch.get(n, 0)), text(batch.get(n, 1)));
    });
    assert!(!expected.is_empty());
    assert_eq!(rows, expected);
    assert!(followed.windows(2).all(|t| t[0].commit_scn <= t[1].commit_scn));
}
