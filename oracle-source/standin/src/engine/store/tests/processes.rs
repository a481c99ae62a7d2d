//! Several sessions at once: in threads, and in processes that die.

use super::*;
use std::{process::Command, thread, time::Duration};

fn table(world: &World) {
    world.hr().ddl("CREATE TABLE t (id NUMBER PRIMARY KEY, x NUMBER)").unwrap();
}

#[test]
fn row_locks_wait_and_deadlocks_are_found() {
    let world = World::new();
    table(&world);
    let mut a = world.hr();
    insert(&mut a, "T", vec![vec![n(1), n(0)], vec![n(2), n(0)]]).unwrap();
    a.commit().unwrap();
    let add = |v: &mut Vec<Value>| v[1] = n(integer(&v[1]) + 1);
    update(&mut a, "T", |v| v[0] == n(1), &[1], add).unwrap();
    let mut b = world.hr();
    b.set_lock_timeout(Some(Duration::ZERO));
    assert_eq!(update(&mut b, "T", |v| v[0] == n(1), &[1], add).unwrap_err().code, 54);
    b.set_lock_timeout(Some(Duration::from_millis(30)));
    assert_eq!(update(&mut b, "T", |v| v[0] == n(1), &[1], add).unwrap_err().code, 30006);
    b.set_lock_timeout(None);
    b.set_call_timeout(Some(Duration::from_millis(30)));
    assert_eq!(update(&mut b, "T", |v| v[0] == n(1), &[1], add).unwrap_err().code, 3156);
    b.set_call_timeout(None);
    // B has row 2 and waits for row 1; A goes for row 2.
    update(&mut b, "T", |v| v[0] == n(2), &[1], add).unwrap();
    let waiting = thread::spawn(move || {
        let result = update(&mut b, "T", |v| v[0] == n(1), &[1], add);
        (b, result)
    });
    let mut result = Ok(0);
    for _ in 0..100 {
        // Whoever closes the circle gets the error; A tries after B has begun to wait.
        thread::sleep(Duration::from_millis(20));
        if world.system().query("SELECT tx FROM waits", |r| r.get::<_, i64>(0)).unwrap().len() == 1 {
            result = update(&mut a, "T", |v| v[0] == n(2), &[1], add);
            break;
        }
    }
    assert_eq!(result.unwrap_err().code, 60);
    a.rollback().unwrap();
    let (mut b, result) = waiting.join().unwrap();
    assert_eq!(result.unwrap(), 1);
    b.commit().unwrap();
    assert_eq!(values(&a, "T"), [vec![n(1), n(1)], vec![n(2), n(1)]]);
}

#[test]
fn keys_of_open_transactions_are_waited_for() {
    let world = World::new();
    table(&world);
    let (mut a, mut b) = (world.hr(), world.hr());
    insert(&mut a, "T", vec![vec![n(1), n(0)]]).unwrap();
    let waiting = thread::spawn(move || insert(&mut b, "T", vec![vec![n(1), n(9)]]));
    thread::sleep(Duration::from_millis(60));
    assert!(!waiting.is_finished());
    a.commit().unwrap();
    assert_eq!(waiting.join().unwrap().unwrap_err().code, 1);
    delete(&mut a, "T", |_| true).unwrap();
    let mut c = world.hr();
    let waiting = thread::spawn(move || {
        insert(&mut c, "T", vec![vec![n(1), n(7)]])?;
        c.commit()
    });
    thread::sleep(Duration::from_millis(60));
    a.commit().unwrap();
    waiting.join().unwrap().unwrap();
    assert_eq!(values(&a, "T"), [vec![n(1), n(7)]]);
}

#[test]
fn locked_rows_and_tables() {
    let world = World::new();
    table(&world);
    let (mut a, mut b) = (world.hr(), world.hr());
    insert(&mut a, "T", vec![vec![n(1), n(0)]]).unwrap();
    a.commit().unwrap();
    let relation = relation(&a, "T");
    a.dml(&mut |s| {
        let rows: Vec<Row> = s.scan(&relation, Moment::Now, Lookup::All)?.collect::<Result<_, _>>()?;
        s.lock(&relation, &rows)?;
        Ok(1)
    })
    .unwrap();
    b.set_lock_timeout(Some(Duration::ZERO));
    assert_eq!(delete(&mut b, "T", |_| true).unwrap_err().code, 54);
    insert(&mut b, "T", vec![vec![n(2), n(0)]]).unwrap();
    assert_eq!(a.ddl("LOCK TABLE t IN EXCLUSIVE MODE NOWAIT").unwrap_err().code, 54);
    b.rollback().unwrap();
    a.ddl("LOCK TABLE t IN EXCLUSIVE MODE NOWAIT").unwrap();
    assert_eq!(insert(&mut b, "T", vec![vec![n(2), n(0)]]).unwrap_err().code, 54);
    a.rollback().unwrap();
    insert(&mut b, "T", vec![vec![n(2), n(0)]]).unwrap();
}

/// Many sessions add to the same rows: nothing is lost, and the redo tells it all in order.
#[test]
fn concurrent_updates_add_up() {
    let world = World::new();
    table(&world);
    let mut a = world.hr();
    insert(&mut a, "T", (0..3).map(|i| vec![n(i), n(0)]).collect()).unwrap();
    a.commit().unwrap();
    let from = a.current_scn().unwrap();
    let workers: Vec<_> = (0..4)
        .map(|w| {
            let mut s = world.hr();
            thread::spawn(move || {
                for i in 0..25 {
                    let row = n((w + i) % 3);
                    update(&mut s, "T", |v| v[0] == row, &[1], |v| v[1] = n(integer(&v[1]) + 1)).unwrap();
                    if i % 5 == 4 { s.rollback().unwrap() } else { s.commit().unwrap() }
                }
            })
        })
        .collect();
    workers.into_iter().for_each(|w| w.join().unwrap());
    let sum: i64 = values(&a, "T").iter().map(|v| integer(&v[1])).sum();
    assert_eq!(sum, 4 * 20);
    let mined = mine(&world, from, 0);
    assert!(mined.windows(2).all(|w| w[0].scn <= w[1].scn));
    let count = |op: &str| mined.iter().filter(|m| m.operation == op).count();
    assert_eq!((count("START"), count("COMMIT"), count("ROLLBACK")), (100, 80, 20));
    assert_eq!(mined.iter().filter(|m| m.rollback).count(), 20);
}

/// Processes, each with its own SQLite, add to the same two rows.
#[test]
fn processes_share_the_file() {
    let world = World::new();
    table(&world);
    let mut a = world.hr();
    insert(&mut a, "T", (0..2).map(|i| vec![n(i), n(0)]).collect()).unwrap();
    a.commit().unwrap();
    let from = a.current_scn().unwrap();
    let children: Vec<_> = (0..3).map(|_| run_child(&world, true).spawn().unwrap()).collect();
    for child in children {
        let output = child.wait_with_output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
    }
    let rows = values(&a, "T");
    assert_eq!(rows.iter().filter(|v| integer(&v[0]) < 2).map(|v| integer(&v[1])).sum::<i64>(), 3 * 30);
    assert_eq!(rows.len(), 2 + 3 * 30);
    let mined = mine(&world, from, 0);
    assert_eq!(mined.iter().filter(|m| m.operation == "COMMIT").count(), 3 * 30);
    assert!(mined.windows(2).all(|w| w[0].scn <= w[1].scn));
}

fn run_child(world: &World, adds: bool) -> Command {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command
        .args(["--exact", "engine::store::tests::processes::child"])
        .env(CHILD, &world.file.path)
        .stdout(std::process::Stdio::piped())
        .stderr(std::process::Stdio::piped());
    if adds {
        command.env(ADDS, "1");
    }
    command
}

const ADDS: &str = "STANDIN_TEST_CHILD_ADDS";
const CHILD: &str = "STANDIN_TEST_CHILD";

/// No test of its own: what the child process of the next one does.
#[test]
fn child() {
    let Some(path) = std::env::var_os(CHILD) else { return };
    let file = Arc::new(DatabaseFile::open(std::path::Path::new(&path)).unwrap());
    let mut store = file.login("hr", "hr").unwrap();
    if std::env::var_os(ADDS).is_some() {
        let own = i64::from(std::process::id()) * 1000;
        for i in 0..40 {
            update(&mut store, "T", |v| v[0] == n(i % 2), &[1], |v| v[1] = n(integer(&v[1]) + 1)).unwrap();
            insert(&mut store, "T", vec![vec![own + i, i].into_iter().map(n).collect()]).unwrap();
            if i % 4 == 3 { store.rollback().unwrap() } else { store.commit().unwrap() }
        }
        return;
    }
    insert(&mut store, "T", vec![vec![n(2), n(2)]]).unwrap();
    update(&mut store, "T", |v| v[0] == n(1), &[1], |v| v[1] = n(99)).unwrap();
    // As SIGKILL does: nothing is dropped, nothing rolled back.
    std::process::abort();
}

#[test]
fn what_a_dead_process_left_open_is_rolled_back() {
    let world = World::new();
    table(&world);
    let mut a = world.hr();
    insert(&mut a, "T", vec![vec![n(1), n(1)]]).unwrap();
    a.commit().unwrap();
    let from = a.current_scn().unwrap();
    let status = run_child(&world, false).output().unwrap().status;
    assert!(!status.success());
    assert_eq!(a.query("SELECT id FROM tx WHERE status = 0", |r| r.get::<_, i64>(0)).unwrap().len(), 1);
    assert_eq!(values(&a, "T"), [vec![n(1), n(1)]]);
    // Whoever meets the lock cleans up.
    update(&mut a, "T", |_| true, &[1], |v| v[1] = n(5)).unwrap();
    a.commit().unwrap();
    assert_eq!(values(&a, "T"), [vec![n(1), n(5)]]);
    assert_eq!(
        told(&mine(&world, from, 2048)),
        [
            "START: set transaction read write;",
            r#"INSERT: insert into "HR"."T"("ID","X") values ('2','2');"#,
            r#"UPDATE: update "HR"."T" set "X" = '99' where "ID" = '1' and "X" = '1';"#,
            r#"UPDATE (undo): update "HR"."T" set "X" = '1' where ROWID = '@1';"#,
            r#"DELETE (undo): delete from "HR"."T" where ROWID = '@0';"#,
            "ROLLBACK: rollback;",
            "START: set transaction read write;",
            r#"UPDATE: update "HR"."T" set "X" = '5' where "ID" = '1' and "X" = '1';"#,
            "COMMIT: commit;",
        ]
    );
    assert_eq!(values(&world.system(), "V$TRANSACTION").len(), 0);
}
