//! While others read, when connections die, and however much there is.

use crate::apply::{applier_with, id, insert, n, name, person, position, transaction, update};
use crate::database::{Database, pid, text};
use crate::source::{column, number_type, people, plan};
use cdc_logminer::{
    ChangeSink, ChangeStream, ColumnImage, Incarnation, Next, OperationCode, RedoBatch, RedoRow, RedoSource,
    RedoStream, StreamOptions, Transaction, Xid,
};
use pg_sink::{ApplyOptions, Attempt, Control, ErrorKind, ReconnectingApplier, Retry};
use schema_map::TablePlan;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::time::Duration;
use type_convert::{PgType, Scn};

use ColumnImage::NotLogged;

fn account(table: &str) -> TablePlan {
    let columns =
        vec![column("id", number_type(6, 0), PgType::Int4), column("amount", number_type(9, 0), PgType::Int8)];
    plan(table, columns, &[0])
}

/// Money goes from one table to the other and back: readers never see any of it missing or doubled.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn readers_see_only_what_the_source_had() {
    let database = Database::new().await;
    let plans = [account("checking"), account("savings")];
    let mut options = ApplyOptions::default();
    // Many statements within one transaction of the target.
    options.flush_rows = 5;
    let mut applier = applier_with(&database, &plans, options).await;
    applier.start(&position(1)).await.unwrap();
    let open = |plan| (0..20).map(move |i| insert(plan, vec![n(i), n(100)]));
    let first = open(&plans[0]).chain(open(&plans[1])).collect();
    applier.apply(&[transaction(2, first)], &position(2)).await.unwrap();

    let stop = Arc::new(AtomicBool::new(false));
    let mut readers = Vec::new();
    // Which readers have seen enough.
    let seen = Arc::new(AtomicU32::new(0));
    for nth in 0..2 {
        let (client, stop, seen) = (database.client().await, Arc::clone(&stop), Arc::clone(&seen));
        readers.push(tokio::spawn(async move {
            let mut different = std::collections::HashSet::new();
            while !stop.load(Ordering::Relaxed) {
                let sums = "SELECT (SELECT sum(amount) FROM checking), (SELECT sum(amount) FROM savings)";
                let sums = text(&client, sums).await;
                let total: i64 = sums.split('|').map(|n| n.parse::<i64>().unwrap()).sum();
                assert_eq!(total, 4000, "{sums}");
                different.insert(sums);
                if different.len() > 5 {
                    seen.fetch_or(1 << nth, Ordering::Relaxed);
                }
            }
        }));
    }
    let mut amounts = [[100i64; 20]; 2];
    let mut seed = 7u64;
    let mut random = move |below: u64| {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (seed >> 33) % below
    };
    let mut scn = 2;
    let mut batches = 0;
    while batches < 60 || (seen.load(Ordering::Relaxed) != 0b11 && batches < 20_000) {
        batches += 1;
        let mut batch: Vec<Transaction> = Vec::new();
        for _ in 0..30 {
            scn += 1;
            let (from, a) = (usize::from(random(2) == 0), usize::try_from(random(20)).unwrap());
            let (b, sum) = (usize::try_from(random(20)).unwrap(), i64::try_from(random(50)).unwrap());
            amounts[from][a] -= sum;
            amounts[1 - from][b] += sum;
            let set = |side: usize, nth: usize| {
                let (before, after) = (vec![n(nth), NotLogged], vec![NotLogged, n(amounts[side][nth])]);
                update(&plans[side], nth, before, after)
            };
            batch.push(transaction(scn, vec![set(from, a), set(1 - from, b)]));
        }
        applier.apply(&batch, &position(scn)).await.unwrap();
    }
    stop.store(true, Ordering::Relaxed);
    for reader in readers {
        reader.await.unwrap();
    }
    assert_eq!(seen.load(Ordering::Relaxed), 0b11, "each reader has seen more than five states");
    let sums = text(applier.client(), "SELECT sum(amount) FROM savings").await;
    assert_eq!(sums, amounts[1].iter().sum::<i64>().to_string());
}

/// Connections are ended at random while batches are applied: each change is applied once.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn connections_that_die_are_made_again() {
    let database = Arc::new(Database::new().await);
    let plan = people();
    drop(applier_with(&database, std::slice::from_ref(&plan), ApplyOptions::default()).await);
    database.client().await.batch_execute("CREATE TABLE counted (id int)").await.unwrap();
    let (connections, victim) = (Arc::new(AtomicU32::new(0)), Arc::new(AtomicU32::new(0)));
    let connect = {
        let (database, connections, victim) = (Arc::clone(&database), Arc::clone(&connections), Arc::clone(&victim));
        move |attempt: Attempt| {
            let (database, connections, victim) =
                (Arc::clone(&database), Arc::clone(&connections), Arc::clone(&victim));
            async move {
                assert_eq!(attempt.pause.is_zero(), attempt.number == 1);
                tokio::time::sleep(attempt.pause).await;
                let client = database.client().await;
                connections.fetch_add(1, Ordering::Relaxed);
                victim.store(u32::try_from(pid(&client).await).unwrap(), Ordering::Relaxed);
                Ok(client)
            }
        }
    };
    let retry = Retry { attempts: 50, first_pause: Duration::from_millis(1), longest_pause: Duration::from_millis(20) };
    let plans = vec![plan.clone()];
    let mut applier = ReconnectingApplier::new(connect, Control::default(), plans, ApplyOptions::default(), retry);
    applier.applier().await.unwrap().start(&position(1)).await.unwrap();
    let (done, applied) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicU32::new(0)));
    let killer = {
        let (database, victim) = (Arc::clone(&database), Arc::clone(&victim));
        let (done, applied) = (Arc::clone(&done), Arc::clone(&applied));
        tokio::spawn(async move {
            let client = database.client().await;
            let mut pause = 3;
            while !done.load(Ordering::Relaxed) {
                let pid = i32::try_from(victim.load(Ordering::Relaxed)).unwrap();
                client.execute("SELECT pg_terminate_backend($1)", &[&pid]).await.unwrap();
                pause = pause * 7 % 31;
                tokio::time::sleep(Duration::from_millis(15 + pause)).await;
                // A busy machine may need longer to begin anew: every other time it is let.
                let before = applied.load(Ordering::Relaxed);
                while pause % 2 == 0 && applied.load(Ordering::Relaxed) == before && !done.load(Ordering::Relaxed) {
                    tokio::time::sleep(Duration::from_millis(5)).await;
                }
            }
        })
    };
    // On a busy machine whoever cuts may come late.
    let mut scn = 1;
    while scn < 79 || (connections.load(Ordering::Relaxed) <= 3 && scn < 9000) {
        scn += 1;
        let first = i64::try_from(scn).unwrap() * 100;
        let changes = (first..first + 60).map(|i| insert(&plan, person(i, "Ada"))).collect();
        let renamed = vec![update(&plan, 1, id(first), name("Eve"))];
        let transactions = [transaction(scn, changes), transaction(scn, renamed)];
        applier.apply(&transactions, &position(scn)).await.unwrap();
        applied.fetch_add(1, Ordering::Relaxed);
    }
    done.store(true, Ordering::Relaxed);
    killer.await.unwrap();
    let client = database.client().await;
    let rows = "SELECT count(*), count(DISTINCT id), count(*) FILTER (WHERE name = 'Eve') FROM people";
    let batches = scn - 1;
    let all = batches * 60;
    assert_eq!(text(&client, rows).await, format!("{all}|{all}|{batches}"));
    assert!(connections.load(Ordering::Relaxed) > 3, "nothing was ever cut");
    let status = Control::default().status(&client).await.unwrap();
    let counted = (status.transactions, status.tables[0].inserts, status.tables[0].updates);
    assert_eq!(counted, (batches * 2, all, batches));

    // Somebody else moves the position while there is no connection.
    let next = scn + 1;
    let moved = format!("UPDATE oracle_migration.position SET position = replace(position, '{scn}', '{next}')");
    client.batch_execute(&moved).await.unwrap();
    database.kill(i32::try_from(victim.load(Ordering::Relaxed)).unwrap()).await;
    let late = scn + 10;
    let error =
        applier.apply(&[transaction(late, vec![insert(&plan, person(1, "x"))])], &position(late)).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::State, "{error}");
}

#[tokio::test]
async fn errors_that_stay_are_not_tried_again() {
    let database = Arc::new(Database::new().await);
    let plan = people();
    drop(applier_with(&database, std::slice::from_ref(&plan), ApplyOptions::default()).await);
    let made = Arc::new(AtomicU32::new(0));
    let connect = {
        let (database, made) = (Arc::clone(&database), Arc::clone(&made));
        move |_: Attempt| {
            let (database, made) = (Arc::clone(&database), Arc::clone(&made));
            async move {
                made.fetch_add(1, Ordering::Relaxed);
                Ok(database.client().await)
            }
        }
    };
    let plans = vec![plan.clone()];
    let mut applier =
        ReconnectingApplier::new(connect, Control::default(), plans, ApplyOptions::default(), Retry::default());
    applier.applier().await.unwrap().start(&position(1)).await.unwrap();
    let missing = [transaction(2, vec![update(&plan, 1, id(1), name("x"))])];
    assert_eq!(applier.apply(&missing, &position(2)).await.unwrap_err().kind(), ErrorKind::Conflict);
    assert_eq!(made.load(Ordering::Relaxed), 1);
}

#[tokio::test]
async fn without_waiting_for_the_disk_what_is_durable_follows_the_log() {
    let database = Database::new().await;
    let plan = people();
    let mut options = ApplyOptions::default();
    options.synchronous_commit = false;
    let mut applier = applier_with(&database, std::slice::from_ref(&plan), options).await;
    applier.start(&position(1)).await.unwrap();
    for scn in 2..20 {
        let row = vec![insert(&plan, person(i64::try_from(scn).unwrap(), "Ada"))];
        applier.apply(&[transaction(scn, row)], &position(scn)).await.unwrap();
        let durable = applier.durable_position().await.unwrap();
        assert!(durable.is_none_or(|d| d.commit_scn <= position(scn).commit_scn));
    }
    // A commit that waits takes all before it to the disk.
    let other = database.client().await;
    other.batch_execute("SET synchronous_commit = on; CREATE TABLE x (); SELECT pg_switch_wal()").await.unwrap();
    assert_eq!(applier.durable_position().await.unwrap(), Some(position(19)));
}

/// A transaction that is larger than memory would hold, in a process of its own that is measured.
#[tokio::test]
async fn a_transaction_of_any_size_takes_bounded_memory() {
    let Ok(rows) = std::env::var("APPLY_MEMORY_ROWS") else {
        for (rows, most) in [(1_000, None), (200_000, Some(96 << 10))] {
            let output = std::process::Command::new(std::env::current_exe().unwrap())
                .args(["--exact", "apply_at_once::a_transaction_of_any_size_takes_bounded_memory", "--nocapture"])
                .env("APPLY_MEMORY_ROWS", rows.to_string())
                .output()
                .unwrap();
            let said = String::from_utf8_lossy(&output.stdout).into_owned();
            assert!(output.status.success(), "{said}{}", String::from_utf8_lossy(&output.stderr));
            let grew: Option<u64> =
                said.lines().find_map(|l| l.split("grew by ").nth(1)?.split(' ').next()?.parse().ok());
            println!("{rows} rows: grew by {grew:?} KiB");
            if let (Some(most), Some(grew)) = (most, grew) {
                assert!(grew < most, "{rows} rows of 1000 bytes: grew by {grew} KiB");
            }
        }
        return;
    };
    let rows: i64 = rows.parse().unwrap();
    let database = Database::new().await;
    let columns = vec![
        column("id", number_type(9, 0), PgType::Int4),
        column("body", crate::source::varchar2(4000), PgType::Text),
    ];
    let plan = plan("wide", columns, &[0]);
    let mut applier = applier_with(&database, std::slice::from_ref(&plan), ApplyOptions::default()).await;
    applier.start(&position(1)).await.unwrap();
    let resident = || -> u64 {
        let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
        let line = status.lines().find_map(|l| l.strip_prefix("VmHWM:"));
        line.and_then(|l| l.trim().split(' ').next()?.parse().ok()).unwrap_or(0)
    };
    let body = "x".repeat(1000);
    // As a transaction of the stream that went to disk: its changes come back one by one.
    let spilled = spilled(&plan, rows, &body);
    let before = resident();
    applier.apply(&[spilled], &position(2)).await.unwrap();
    println!("grew by {} KiB", resident() - before);
    assert_eq!(text(applier.client(), "SELECT count(*) FROM wide").await, rows.to_string());
}

/// Redo of one transaction of inserts, a window at a time.
struct Inserts {
    rows: i64,
    at: i64,
    body: String,
}

impl RedoSource for Inserts {
    type Error = std::convert::Infallible;

    fn incarnation(&self) -> Incarnation {
        position(1).incarnation
    }

    fn read_redo(&mut self, after: Scn, out: &mut RedoBatch) -> Result<Scn, Self::Error> {
        out.clear();
        let row = |operation| RedoRow {
            scn: Scn(after.0 + 1),
            xid: Xid { usn: 1, slot: 2, sequence: 3 },
            operation,
            seg_owner: Some("HR".to_owned()),
            table_name: Some("WIDE".to_owned()),
            ..RedoRow::default()
        };
        if self.at == 0 {
            out.rows.push(row(OperationCode::START));
        }
        let end = self.rows.min(self.at + 1000);
        for id in self.at..end {
            let sql = format!("insert into \"HR\".\"WIDE\"(\"ID\",\"BODY\") values ('{id}','{}')", self.body);
            let row_id = Some(crate::source::row_id(usize::try_from(id).unwrap()));
            out.rows.push(RedoRow { sql_redo: Some(sql), row_id, ..row(OperationCode::INSERT) });
        }
        if end == self.rows && self.at < self.rows {
            out.rows.push(row(OperationCode::COMMIT));
        }
        self.at = end;
        Ok(Scn(after.0 + 1))
    }
}

/// A transaction of so many inserts whose changes are on disk.
fn spilled(plan: &TablePlan, rows: i64, body: &str) -> Transaction {
    let source = Inserts { rows, at: 0, body: body.to_owned() };
    let tables = std::iter::once(pg_sink::table_columns(plan)).collect();
    let options = StreamOptions { memory_limit: 1 << 20, ..StreamOptions::default() };
    let mut stream = RedoStream::with_options(source, tables, position(1), options).unwrap();
    loop {
        if let Next::Transaction(transaction, _) = stream.next_transaction().unwrap() {
            assert_eq!(transaction.changes.len(), usize::try_from(rows).unwrap());
            return *transaction;
        }
    }
}
