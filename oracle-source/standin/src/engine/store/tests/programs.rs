//! Random programs of several sessions: the past stays as it was, and the redo tells the present.

use super::*;
use proptest::prelude::*;
use std::{collections::BTreeMap, time::Duration};

#[derive(Debug, Clone)]
enum Step {
    /// Ids of rows inserted by one statement; it fails where one is there.
    Insert(Vec<i64>),
    Update(i64, i64),
    Delete(i64),
    /// Moves every key up; fails where it meets another session's row.
    Shift,
    Savepoint(u8),
    RollbackTo(u8),
    Commit,
    Rollback,
    SwitchLog,
}

fn step() -> impl Strategy<Value = (usize, Step)> {
    let step = prop_oneof![
        4 => prop::collection::vec(0i64..12, 1..4).prop_map(Step::Insert),
        4 => (0i64..12, 0i64..100).prop_map(|(a, b)| Step::Update(a, b)),
        3 => (0i64..12).prop_map(Step::Delete),
        1 => Just(Step::Shift),
        2 => (0u8..3).prop_map(Step::Savepoint),
        2 => (0u8..3).prop_map(Step::RollbackTo),
        2 => Just(Step::Commit),
        1 => Just(Step::Rollback),
        1 => Just(Step::SwitchLog),
    ];
    (0usize..3, step)
}

type State = BTreeMap<String, Vec<i64>>;

fn state(rows: impl Iterator<Item = Result<Row, OraError>>) -> State {
    rows.map(Result::unwrap).map(|r| (r.row_id.unwrap(), r.values.iter().map(integer).collect())).collect()
}

/// The quoted literals of a text.
fn literals(text: &str) -> Vec<i64> {
    text.split('\'').skip(1).step_by(2).filter_map(|l| l.parse().ok()).collect()
}

/// Applies committed transactions in commit order, each without what it undid.
fn replay(mined: &[Mined]) -> State {
    let mut open: BTreeMap<Vec<u8>, Vec<Mined>> = BTreeMap::new();
    let mut state = State::new();
    for row in mined {
        match row.operation.as_str() {
            "START" => assert!(open.insert(row.xid.clone(), Vec::new()).is_none(), "an XID begins once"),
            "ROLLBACK" => assert!(open.remove(&row.xid).unwrap().is_empty(), "everything is undone before"),
            "COMMIT" => {
                for change in open.remove(&row.xid).unwrap() {
                    let numbers = literals(&change.redo);
                    match change.operation.as_str() {
                        "INSERT" => assert!(state.insert(change.row_id, numbers).is_none()),
                        "DELETE" => assert_eq!(state.remove(&change.row_id).unwrap(), numbers),
                        _ => {
                            let (set, condition) = change.redo.split_once(" where ").unwrap();
                            let now = state.get_mut(&change.row_id).unwrap();
                            assert_eq!(*now, literals(condition));
                            now[usize::from(set.contains("\"X\""))] = literals(set)[0];
                        }
                    }
                }
            }
            operation if row.rollback => {
                let undone = open.get_mut(&row.xid).unwrap().pop().unwrap();
                let inverse = match undone.operation.as_str() {
                    "INSERT" => "DELETE",
                    "DELETE" => "INSERT",
                    _ => "UPDATE",
                };
                assert_eq!((operation, &row.row_id), (inverse, &undone.row_id), "undone newest first");
            }
            "DDL" => {}
            _ => open.get_mut(&row.xid).unwrap().push(row.clone()),
        }
    }
    state
}

proptest! {
    #![proptest_config(ProptestConfig { cases: std::env::var("PROPTEST_CASES").ok().and_then(|c| c.parse().ok()).unwrap_or(24), ..ProptestConfig::default() })]

    #[test]
    fn redo_tells_what_happened(steps in prop::collection::vec(step(), 1..60)) {
        let world = World::new();
        world.hr().ddl("CREATE TABLE t (id NUMBER PRIMARY KEY, x NUMBER)").unwrap();
        let from = world.hr().current_scn().unwrap();
        let mut sessions: Vec<Store> = (0..3).map(|_| world.hr()).collect();
        sessions.iter_mut().for_each(|s| s.set_lock_timeout(Some(Duration::ZERO)));
        let watcher = world.hr();
        let mut system = world.system();
        let mut past: Vec<(Scn, State)> = Vec::new();
        for (who, step) in steps {
            let s = &mut sessions[who];
            let before = state(s.scan(&relation(s, "T"), Moment::Now, Lookup::All).unwrap());
            let result = match step {
                Step::Insert(ids) => insert(s, "T", ids.into_iter().map(|id| vec![n(id), n(0)]).collect()),
                Step::Update(id, x) => update(s, "T", |v| v[0] == n(id), &[1], |v| v[1] = n(x)),
                Step::Delete(id) => delete(s, "T", |v| v[0] == n(id)),
                Step::Shift => update(s, "T", |_| true, &[0], |v| v[0] = n(integer(&v[0]) + 1)),
                Step::Savepoint(name) => s.savepoint(&name.to_string()).map(|()| 1),
                Step::RollbackTo(name) => match s.rollback_to(&name.to_string()) {
                    Err(e) if e.code == 1086 => Ok(0),
                    other => other.map(|()| 1),
                },
                Step::Commit => s.commit().map(|()| 1),
                Step::Rollback => s.rollback().map(|()| 1),
                Step::SwitchLog => system.ddl("ALTER SYSTEM SWITCH LOGFILE").map(|()| 1),
            };
            if let Err(error) = result {
                prop_assert!(matches!(error.code, 1 | 54), "{error}");
                let after = state(s.scan(&relation(s, "T"), Moment::Now, Lookup::All).unwrap());
                prop_assert_eq!(before, after, "a statement that fails does nothing");
            }
            let scn = watcher.current_scn().unwrap();
            past.push((scn, state(watcher.scan(&relation(&watcher, "T"), Moment::Now, Lookup::All).unwrap())));
        }
        drop(sessions);
        for (scn, was) in past {
            prop_assert_eq!(state(watcher.scan(&relation(&watcher, "T"), Moment::Scn(scn), Lookup::All).unwrap()), was);
        }
        let now = state(watcher.scan(&relation(&watcher, "T"), Moment::Now, Lookup::All).unwrap());
        prop_assert_eq!(replay(&mine(&world, from, 2048)), now);
    }
}
