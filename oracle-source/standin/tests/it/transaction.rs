//! Transactions of several connections, locks, and reading the past.

use crate::{Standin, code};
use std::time::{Duration, Instant};

const SCRIPT: &str = "
CREATE TABLE t (id NUMBER(10) PRIMARY KEY, n NUMBER(10));
INSERT INTO t VALUES (1, 10);
INSERT INTO t VALUES (2, 20);
";

fn sum(connection: &oracle::Connection) -> i64 {
    connection.query_row_as("SELECT SUM(n) FROM t", &[]).unwrap()
}

#[test]
fn others_see_what_is_committed() {
    let standin = Standin::new(SCRIPT);
    let (one, two) = (standin.connect(), standin.connect());
    one.execute("UPDATE t SET n = n + 1", &[]).unwrap();
    assert_eq!((sum(&one), sum(&two)), (32, 30));
    one.commit().unwrap();
    assert_eq!(sum(&two), 32);
    one.execute("DELETE FROM t", &[]).unwrap();
    one.rollback().unwrap();
    assert_eq!((sum(&one), sum(&two)), (32, 32));
}

#[test]
fn autocommit_commits_each_statement() {
    let standin = Standin::new(SCRIPT);
    let (mut one, two) = (standin.connect(), standin.connect());
    one.set_autocommit(true);
    one.execute("UPDATE t SET n = n + 1", &[]).unwrap();
    assert_eq!(sum(&two), 32);
}

#[test]
fn closing_rolls_back() {
    let standin = Standin::new(SCRIPT);
    let one = standin.connect();
    one.execute("UPDATE t SET n = 0", &[]).unwrap();
    one.close().unwrap();
    assert_eq!(sum(&standin.connect()), 30);
}

#[test]
fn savepoints() {
    let standin = Standin::new(SCRIPT);
    let one = standin.connect();
    one.execute("UPDATE t SET n = n + 1 WHERE id = 1", &[]).unwrap();
    one.execute("SAVEPOINT here", &[]).unwrap();
    one.execute("UPDATE t SET n = n + 100 WHERE id = 2", &[]).unwrap();
    one.execute("ROLLBACK TO SAVEPOINT here", &[]).unwrap();
    one.commit().unwrap();
    assert_eq!(sum(&standin.connect()), 31);
}

#[test]
fn a_locked_row_makes_others_wait() {
    let standin = Standin::new(SCRIPT);
    let (one, two) = (standin.connect(), standin.connect());
    one.execute("UPDATE t SET n = n + 1 WHERE id = 1", &[]).unwrap();
    // Another row is free.
    two.execute("UPDATE t SET n = n + 1 WHERE id = 2", &[]).unwrap();
    two.commit().unwrap();
    assert_eq!(code(two.query_row("SELECT n FROM t WHERE id = 1 FOR UPDATE NOWAIT", &[])), 54);
    std::thread::scope(|scope| {
        let (two, started) = (&two, Instant::now());
        let waiter = scope.spawn(move || {
            two.execute("UPDATE t SET n = n * 2 WHERE id = 1", &[]).unwrap();
            two.commit().unwrap();
            started.elapsed()
        });
        std::thread::sleep(Duration::from_millis(200));
        one.commit().unwrap();
        assert!(waiter.join().unwrap() >= Duration::from_millis(190));
    });
    assert_eq!(one.query_row_as::<i64>("SELECT n FROM t WHERE id = 1", &[]).unwrap(), 22);
}

#[test]
fn a_call_that_waits_too_long_fails() {
    let standin = Standin::new(SCRIPT);
    let (one, two) = (standin.connect(), standin.connect());
    one.execute("UPDATE t SET n = n + 1 WHERE id = 1", &[]).unwrap();
    two.set_call_timeout(Some(Duration::from_millis(200))).unwrap();
    let started = Instant::now();
    let error = two.execute("UPDATE t SET n = 0 WHERE id = 1", &[]).unwrap_err();
    assert!(started.elapsed() < Duration::from_secs(5));
    // ODPI-C says it in its own words, with the ORA- error behind it.
    assert!(error.to_string().contains("DPI-1067"), "{error}");
    two.set_call_timeout(None).unwrap();
    one.rollback().unwrap();
    two.execute("UPDATE t SET n = 0 WHERE id = 1", &[]).unwrap();
}

#[test]
fn what_runs_is_broken_off_from_another_thread() {
    let standin = Standin::new(SCRIPT);
    let (one, two) = (standin.connect(), standin.connect());
    one.execute("UPDATE t SET n = n + 1 WHERE id = 1", &[]).unwrap();
    two.execute("UPDATE t SET n = n + 5 WHERE id = 2", &[]).unwrap();
    std::thread::scope(|scope| {
        let waiter = scope.spawn(|| code(two.execute("UPDATE t SET n = 0", &[])));
        std::thread::sleep(Duration::from_millis(200));
        two.break_execution().unwrap();
        assert_eq!(waiter.join().unwrap(), 1013);
    });
    // The statement is undone, the transaction goes on, and the break is over.
    one.rollback().unwrap();
    assert_eq!(sum(&two), 35);
    two.commit().unwrap();
    assert_eq!(sum(&one), 35);
}

#[test]
fn the_past_as_of_an_scn() {
    let standin = Standin::new(SCRIPT);
    let (one, system) = (standin.connect(), standin.connect_system());
    let scn: i64 = system.query_row_as("SELECT CURRENT_SCN FROM V$DATABASE", &[]).unwrap();
    one.execute("UPDATE t SET n = 0", &[]).unwrap();
    one.execute("INSERT INTO t VALUES (3, 1000)", &[]).unwrap();
    one.commit().unwrap();
    let then: i64 = one.query_row_as(&format!("SELECT SUM(n) FROM t AS OF SCN {scn}"), &[]).unwrap();
    assert_eq!((then, sum(&one)), (30, 1000));
    let bound: i64 = one.query_row_as("SELECT SUM(n) FROM t AS OF SCN :1", &[&scn]).unwrap();
    assert_eq!(bound, 30);
    assert_eq!(code(one.query("SELECT * FROM t AS OF SCN :1", &[&(scn + 1_000_000_000)])), 8181);
}
