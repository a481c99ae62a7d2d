//! Random transaction programs against a model: savepoints, rollbacks, interleaving, several commits at one SCN,
//! windows cut anywhere, a crash after any delivery, a load at any SCN.

use crate::source::*;
use cdc_logminer::{
    Change, ChangeStream, ColumnImage, Next, Operation, OperationCode, Position, RedoRow, RedoStream, Transaction, Xid,
};
use proptest::prelude::*;
use std::collections::BTreeMap;
use type_convert::{Scn, Value};

#[derive(Debug, Clone)]
enum Step {
    Insert,
    Update,
    Delete,
    Savepoint,
    RollbackToSavepoint,
    /// A statement of several rows that fails: its rows are undone at once.
    FailedStatement(u8),
    Commit,
    Rollback,
}

fn steps() -> impl Strategy<Value = Vec<(u8, Step, u8)>> {
    let step = prop_oneof![
        4 => Just(Step::Insert),
        3 => Just(Step::Update),
        2 => Just(Step::Delete),
        1 => Just(Step::Savepoint),
        1 => Just(Step::RollbackToSavepoint),
        1 => (1u8..4).prop_map(Step::FailedStatement),
        2 => Just(Step::Commit),
        1 => Just(Step::Rollback),
    ];
    // Session, step, and by how much the SCN grows before it.
    prop::collection::vec((0u8..4, step, 0u8..3), 0..120)
}

/// One transaction as the model has it.
#[derive(Debug, Default)]
struct Open {
    xid: Xid,
    start: u64,
    live: Vec<RedoRow>,
    savepoint: Option<usize>,
}

/// A committed transaction: id, start, commit, the redo rows that stand.
type Committed = (Xid, u64, u64, Vec<RedoRow>);

fn run(program: &[(u8, Step, u8)]) -> (Vec<RedoRow>, Vec<Committed>) {
    let (mut rows, mut committed) = (Vec::new(), Vec::new());
    let mut open: BTreeMap<u8, Open> = BTreeMap::new();
    let (mut scn, mut transactions, mut values) = (10u64, 0u32, 0u32);
    for (session, step, growth) in program {
        scn += u64::from(*growth);
        match step {
            Step::Commit => {
                if let Some(done) = open.remove(session) {
                    rows.push(commit(scn, done.xid));
                    committed.push((done.xid, done.start, scn, done.live));
                }
                continue;
            }
            Step::Rollback => {
                if let Some(done) = open.remove(session) {
                    rows.extend(done.live.iter().rev().map(|r| undo(scn, r)));
                    rows.push(rollback(scn, done.xid));
                }
                continue;
            }
            _ => {}
        }
        let transaction = open.entry(*session).or_insert_with(|| {
            transactions += 1;
            rows.push(start(scn, xid(transactions)));
            Open { xid: xid(transactions), start: scn, ..Open::default() }
        });
        let mut change = |operation: OperationCode| {
            values += 1;
            // Few ROWIDs, so that one row is changed several times.
            let row_id = format!("AAAWsGAAHAAAAFmAA{}", char::from(b'A' + (values % 5) as u8));
            let sql = match operation {
                OperationCode::INSERT => {
                    format!(r#"insert into "APP"."T"("ID","V") values ('{values}','it''s {values}');"#)
                }
                OperationCode::DELETE => format!(r#"delete from "APP"."T" where "ID" = '{values}' and "V" IS NULL;"#),
                _ => format!(r#"update "APP"."T" set "V" = 'new {values}' where "ID" = '{values}';"#),
            };
            data(scn, transaction.xid, operation, &row_id, sql)
        };
        match step {
            Step::Insert => transaction.live.push(change(OperationCode::INSERT)),
            Step::Update => transaction.live.push(change(OperationCode::UPDATE)),
            Step::Delete => transaction.live.push(change(OperationCode::DELETE)),
            Step::Savepoint => {
                transaction.savepoint = Some(transaction.live.len());
                continue;
            }
            Step::RollbackToSavepoint => {
                if let Some(kept) = transaction.savepoint {
                    rows.extend(transaction.live.drain(kept..).rev().map(|r| undo(scn, &r)));
                }
                continue;
            }
            Step::FailedStatement(n) => {
                let failed: Vec<RedoRow> = (0..*n).map(|_| change(OperationCode::INSERT)).collect();
                rows.extend(failed.iter().cloned());
                rows.extend(failed.iter().rev().map(|r| undo(scn, r)));
                continue;
            }
            Step::Commit | Step::Rollback => unreachable!(),
        }
        rows.push(transaction.live.last().unwrap().clone());
    }
    (rows, committed)
}

/// What the model expects a redo row to become: its number is in every statement.
fn expected(row: &RedoRow) -> Change {
    let sql = row.sql_redo.as_deref().unwrap();
    let number: String = sql.split(|c: char| !c.is_ascii_digit()).find(|s| !s.is_empty()).unwrap().to_owned();
    let id = ColumnImage::Value(Value::Number(number.parse().unwrap()));
    let text = |t: String| ColumnImage::Value(Value::Text(t));
    let operation = match row.operation {
        OperationCode::INSERT => Operation::Insert { after: vec![id, text(format!("it's {number}"))] },
        OperationCode::DELETE => Operation::Delete { before: vec![id, ColumnImage::Value(Value::Null)] },
        _ => {
            let number: String = sql.split("'new ").nth(1).unwrap().split('\'').next().unwrap().to_owned();
            Operation::Update {
                before: vec![ColumnImage::Value(Value::Number(number.parse().unwrap())), ColumnImage::NotLogged],
                after: vec![ColumnImage::NotLogged, text(format!("new {number}"))],
            }
        }
    };
    Change { table: std::sync::Arc::new(path("T")), scn: row.scn, row_id: row.row_id.clone(), operation }
}

fn model(committed: &[Committed], after: u64) -> Vec<Transaction> {
    let mut transactions: Vec<Transaction> = committed
        .iter()
        .filter(|(_, _, commit, live)| *commit > after && !live.is_empty())
        .map(|(xid, start, commit, live)| Transaction {
            xid: *xid,
            start_scn: Scn(*start),
            commit_scn: Scn(*commit),
            commit_time: 0,
            changes: live.iter().map(expected).collect(),
        })
        .collect();
    transactions.sort_by_key(|t| t.commit_scn);
    transactions
}

/// Everything that the stream delivers from `position` on, each with the position after it.
fn deliver(source: Rows, position: Position) -> Vec<(Transaction, Position)> {
    let mut stream = RedoStream::new(source, tables(), position).unwrap();
    let mut delivered = Vec::new();
    let mut idle = 0;
    while idle < 2 {
        match stream.next_transaction().unwrap() {
            Next::Transaction(transaction, position) => delivered.push((*transaction, position)),
            Next::Progress(_) => idle = 0,
            Next::Idle(position) => {
                // A window may be empty although later ones are not.
                let end = stream.source_mut().rows.iter().map(|r| r.scn.0).max().unwrap_or(0);
                idle += usize::from(position.commit_scn.0 > end);
            }
        }
    }
    delivered
}

proptest! {
    #[test]
    fn delivered_is_what_was_committed(program in steps(), window in 1u64..40) {
        let (rows, committed) = run(&program);
        let begin = Position::after_load(INCARNATION, Scn(9), None);
        let all = deliver(Rows { rows: rows.clone(), window }, begin);
        let transactions: Vec<_> = all.iter().map(|(t, _)| t.clone()).collect();
        prop_assert_eq!(&transactions, &model(&committed, 9));
        // A crash after any delivery: what follows is exactly the rest.
        for (n, (_, position)) in all.iter().enumerate() {
            let saved = serde_json::to_string(position).unwrap();
            let rest = deliver(Rows { rows: rows.clone(), window: window + 1 }, serde_json::from_str(&saved).unwrap());
            let rest: Vec<_> = rest.into_iter().map(|(t, _)| t).collect();
            prop_assert_eq!(&rest[..], &transactions[n + 1..]);
        }
    }

    #[test]
    fn a_load_at_any_scn_hands_over_without_gap_or_overlap(program in steps(), load in 10u64..130, window in 1u64..40) {
        let (rows, committed) = run(&program);
        // Open at the load's SCN: begun by then, and not ended by then.
        let ended = |xid: Xid| {
            rows.iter().any(|r| {
                r.xid == xid && r.scn.0 <= load && matches!(r.operation, OperationCode::COMMIT | OperationCode::ROLLBACK)
            })
        };
        let oldest = rows
            .iter()
            .filter(|r| r.operation == OperationCode::START && r.scn.0 <= load && !ended(r.xid))
            .map(|r| r.scn)
            .min();
        let delivered = deliver(Rows { rows: rows.clone(), window }, Position::after_load(INCARNATION, Scn(load), oldest));
        let delivered: Vec<_> = delivered.into_iter().map(|(t, _)| t).collect();
        prop_assert_eq!(delivered, model(&committed, load));
    }
}
