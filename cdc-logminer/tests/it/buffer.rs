//! What waits for its COMMIT: on disk where it is much, of parallel servers together, and what a policy lets through.

use crate::source::*;
use cdc_logminer::{
    ChangeStream, ColumnImage, DecodeErrorKind, Incarnation, Irregularity, Next, Operation, OperationCode, Position,
    RedoBatch, RedoGap, RedoPolicy, RedoRow, RedoSource, RedoStream, StreamError, StreamOptions, TableColumns,
    Transaction, Xid,
};
use schema_map::OracleIdent;
use std::{convert::Infallible, sync::Arc};
use type_convert::{LengthUnit, OracleType, Scn, Value};

const ROW_ID: &str = "AAAWsGAAHAAAAFmAAB";

fn begin() -> Position {
    Position::after_load(INCARNATION, Scn(9), None)
}

fn insert(scn: u64, xid: Xid, n: u64) -> RedoRow {
    let sql = format!(r#"insert into "APP"."T"("ID","V") values ('{n}','{}');"#, "x".repeat(40));
    data(scn, xid, OperationCode::INSERT, &format!("AAAWsGAAHAA{n:07}"), sql)
}

/// Everything delivered, and the stream as it is then.
fn drain<S: RedoSource<Error = Infallible>>(
    stream: &mut RedoStream<S>,
) -> Result<Vec<Transaction>, StreamError<Infallible>> {
    let mut delivered = Vec::new();
    loop {
        match stream.next_transaction()? {
            Next::Transaction(transaction, _) => delivered.push(*transaction),
            Next::Progress(_) => {}
            Next::Idle(_) => return Ok(delivered),
        }
    }
}

fn stream(rows: Vec<RedoRow>, options: StreamOptions) -> RedoStream<Rows> {
    RedoStream::with_options(Rows { rows, window: 1000 }, tables(), begin(), options).unwrap()
}

fn ids(transaction: &Transaction) -> Vec<u64> {
    let id = |images: &[ColumnImage]| match &images[0] {
        ColumnImage::Value(Value::Number(n)) => n.to_string().parse().unwrap(),
        other => panic!("{other:?}"),
    };
    let changes = transaction.changes.iter().map(|change| match &change.unwrap().operation {
        Operation::Insert { after } => id(after),
        Operation::Delete { before } => id(before),
        other => panic!("{other:?}"),
    });
    changes.collect()
}

/// One transaction of so many rows, made as they are asked for, its COMMIT last.
struct Large {
    rows: u64,
    next: u64,
    /// How many of its last rows are undone before the COMMIT.
    undone: u64,
}

impl RedoSource for Large {
    type Error = Infallible;

    fn incarnation(&self) -> Incarnation {
        INCARNATION
    }

    fn read_redo(&mut self, after: Scn, out: &mut RedoBatch) -> Result<Scn, Infallible> {
        out.clear();
        if self.next == 0 {
            out.rows.push(start(10, xid(1)));
        }
        let end = self.rows + self.undone;
        for n in self.next..(self.next + 5000).min(end) {
            out.rows.push(match n.checked_sub(self.rows) {
                None => insert(10 + n, xid(1), n),
                Some(m) => undo(10 + n, &insert(10 + n, xid(1), self.rows - 1 - m)),
            });
        }
        self.next = (self.next + 5000).min(end);
        if self.next == end && after.0 < 10 + end {
            out.rows.push(commit(10 + end, xid(1)));
        }
        Ok(Scn(9 + self.next + 1))
    }
}

/// In a process of its own, whose memory is nobody else's. `REDO_LARGE_ROWS` rows; `make soak` asks for ten million.
#[test]
fn a_large_transaction_stays_within_its_memory_and_comes_back_at_once() {
    let output = std::process::Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "buffer::large_transaction", "--ignored", "--nocapture"])
        .output()
        .unwrap();
    let told = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success() && told.contains("1 passed"), "{told}{}", String::from_utf8_lossy(&output.stderr));
    println!("{}", told.lines().find(|line| line.contains(" rows: ")).unwrap_or_default());
}

#[test]
#[ignore = "run by the test above"]
fn large_transaction() {
    let rows = std::env::var("REDO_LARGE_ROWS").ok().and_then(|n| n.parse().ok()).unwrap_or(300_000);
    // As far below the default, for ten million rows, as these are fewer; not less than a few blocks.
    let default = StreamOptions::default().memory_limit;
    let memory_limit = usize::try_from(rows).unwrap().saturating_mul(default / 10_000_000).clamp(1 << 20, default);
    let memory_limit = if rows >= 10_000_000 { default } else { memory_limit };
    let baseline = resident();
    let source = Large { rows, next: 0, undone: rows / 100 };
    let options = StreamOptions { memory_limit, ..StreamOptions::default() };
    let mut stream = RedoStream::with_options(source, tables(), begin(), options).unwrap();
    let (mut peak, mut held) = (0, 0);
    let (transaction, began) = loop {
        let began = std::time::Instant::now();
        match stream.next_transaction().unwrap() {
            Next::Transaction(transaction, _) => break (transaction, began),
            _ => {
                peak = peak.max(resident().saturating_sub(baseline));
                held = held.max(stream.status().open_bytes);
            }
        }
    };
    let mut changes = transaction.changes.iter();
    changes.next().unwrap().unwrap();
    let first_after = began.elapsed();
    let mut expected = 1;
    for change in changes {
        let change = change.unwrap();
        let Operation::Insert { after } = &change.operation else { panic!("{change:?}") };
        if expected % 1000 == 0 {
            assert_eq!(after[0], ColumnImage::Value(Value::Number(i128::from(expected).into())));
            peak = peak.max(resident().saturating_sub(baseline));
        }
        expected += 1;
    }
    assert_eq!(expected, rows - rows / 100);
    println!(
        "{rows} rows: at most {held} bytes of changes in memory (limit {memory_limit}), {peak} bytes of memory above the \
         baseline, the first change {first_after:?} after the window with the COMMIT was asked for"
    );
    assert!(held <= memory_limit, "{held}");
    assert!(peak < 64 << 20, "{peak} bytes above the baseline");
}

/// Bytes of memory of this process.
fn resident() -> usize {
    let statm = std::fs::read_to_string("/proc/self/statm").unwrap_or_default();
    let pages: usize = statm.split(' ').nth(1).and_then(|n| n.parse().ok()).unwrap_or(0);
    pages * 4096
}

#[test]
fn what_is_undone_on_disk_is_gone() {
    let mut rows = vec![start(10, xid(1))];
    let inserts: Vec<RedoRow> = (0..20_000).map(|n| insert(11, xid(1), n)).collect();
    rows.extend(inserts.iter().cloned());
    // All but the first, newest first; then one out of order.
    rows.extend(inserts[15_000..].iter().rev().map(|row| undo(12, row)));
    rows.push(undo(12, &inserts[100]));
    rows.extend((30_000..30_010).map(|n| insert(13, xid(1), n)));
    rows.push(commit(14, xid(1)));
    let mut stream = stream(rows, StreamOptions { memory_limit: 100_000, ..StreamOptions::default() });
    let delivered = drain(&mut stream).unwrap();
    let expected: Vec<u64> = (0..15_000).filter(|n| *n != 100).chain(30_000..30_010).collect();
    assert_eq!(ids(&delivered[0]), expected);
    assert_eq!(delivered[0].changes.len(), expected.len());
    assert_eq!(stream.status().undone_out_of_order, 1);
}

#[test]
fn many_small_transactions_share_the_memory() {
    let transactions = 3000;
    let mut rows: Vec<RedoRow> = (1..=transactions).map(|n| start(10, xid(n))).collect();
    for round in 0..20 {
        rows.extend((1..=transactions).map(|n| insert(11 + round, xid(n), round)));
    }
    rows.extend((1..=transactions).rev().map(|n| commit(100, xid(n))));
    let mut stream = stream(rows, StreamOptions { memory_limit: 1 << 20, ..StreamOptions::default() });
    let delivered = drain(&mut stream).unwrap();
    assert_eq!(delivered.len(), transactions as usize);
    for transaction in delivered {
        assert_eq!(ids(&transaction), (0..20).collect::<Vec<_>>());
    }
}

#[test]
fn a_disk_that_cannot_be_written_is_an_error() {
    let rows = vec![start(10, xid(1)), insert(11, xid(1), 1), commit(12, xid(1))];
    let folder = std::path::PathBuf::from("/nonexistent/folder");
    let mut stream =
        stream(rows, StreamOptions { memory_limit: 0, spill_folder: folder.clone(), ..StreamOptions::default() });
    let Err(StreamError::Spill(error)) = drain(&mut stream) else { panic!("no error") };
    assert_eq!(error.folder(), folder);
    assert!(error.to_string().contains("/nonexistent/folder"), "{error}");
}

#[test]
fn parallel_servers_and_their_coordinator_are_one_transaction() {
    let of = |row: RedoRow| RedoRow { pxid: Some(xid(1)), ..row };
    let rows = vec![
        start(10, xid(1)),
        start(10, xid(2)),
        start(10, xid(3)),
        of(insert(11, xid(2), 1)),
        of(insert(12, xid(3), 2)),
        // A row of its own coordinator is nothing special.
        of(insert(13, xid(1), 3)),
        of(commit(14, xid(2))),
        commit(15, xid(1)),
        start(15, xid(4)),
        insert(16, xid(4), 4),
        commit(17, xid(4)),
        of(commit(18, xid(3))),
    ];
    let mut all = stream(rows.clone(), StreamOptions::default());
    let delivered = drain(&mut all).unwrap();
    assert_eq!(delivered.iter().map(|t| (t.xid, t.commit_scn.0)).collect::<Vec<_>>(), [(xid(4), 17), (xid(1), 18)]);
    assert_eq!(ids(&delivered[1]), [1, 3, 2]);
    // While a server is open all of it is, and mining must begin before it.
    let open = rows[..rows.len() - 1].to_vec();
    let mut stream = stream(open, StreamOptions::default());
    assert_eq!(drain(&mut stream).unwrap().len(), 1);
    assert_eq!((stream.status().open_changes, stream.position().low_watermark), (3, Scn(10)));
    // A coordinator that rolls back takes its servers with it.
    let rolled_back = vec![
        start(10, xid(1)),
        start(10, xid(2)),
        of(insert(11, xid(2), 1)),
        of(commit(12, xid(2))),
        rollback(13, xid(1)),
    ];
    let mut stream = self::stream(rolled_back, StreamOptions::default());
    assert!(drain(&mut stream).unwrap().is_empty());
    assert_eq!(stream.status().open_transactions, 0);
}

#[test]
fn a_slot_that_is_used_anew_tells_of_an_end_that_was_missed() {
    let same_slot = Xid { sequence: 77, ..xid(1) };
    let rows = vec![start(10, xid(1)), insert(11, xid(1), 1), start(12, same_slot), commit(13, same_slot)];
    let mut stream = stream(rows.clone(), StreamOptions::default());
    let Err(StreamError::Decode(error)) = drain(&mut stream) else { panic!("no error") };
    assert_eq!(error.kind(), DecodeErrorKind::Irregular(Irregularity::BrokenTransaction));
    // An empty one says nothing.
    let mut stream = self::stream(vec![rows[0].clone(), rows[2].clone(), rows[3].clone()], StreamOptions::default());
    assert!(drain(&mut stream).unwrap().is_empty());
    assert_eq!(stream.status().open_transactions, 0);
}

#[test]
fn a_replication_marker_leaves_nothing_open() {
    let rows = vec![start(10, xid(1)), row(11, xid(1), OperationCode::REPLICATION_MARKER)];
    let mut stream = stream(rows, StreamOptions::default());
    assert!(drain(&mut stream).unwrap().is_empty());
    assert_eq!(stream.status().open_transactions, 0);
}

/// Each irregularity stops the stream; allowed by name it is counted, and the rest comes through.
#[test]
fn what_is_allowed_is_counted() {
    let bad =
        |row: RedoRow| vec![start(10, xid(1)), insert(11, xid(1), 1), row, insert(13, xid(1), 2), commit(14, xid(1))];
    let with = |change: fn(&mut RedoRow)| {
        let mut row = insert(12, xid(1), 9);
        change(&mut row);
        bad(row)
    };
    let cases = [
        ("status", with(|row| row.status = 2)),
        ("corruption", with(|row| row.status = 1343)),
        ("missing-scn", with(|row| row.status = 1291)),
        ("missing-scn", bad(row(12, Xid::default(), OperationCode::MISSING_SCN))),
        ("unknown-operation", with(|row| row.operation = OperationCode(77))),
        ("unsupported-row", with(|row| row.operation = OperationCode::UNSUPPORTED)),
        ("broken-transaction", vec![insert(11, xid(1), 1), insert(12, xid(1), 2), commit(14, xid(1))]),
    ];
    for (name, rows) in cases {
        let irregularity: Irregularity = name.parse().unwrap();
        let mut stream = stream(rows.clone(), StreamOptions::default());
        let Err(StreamError::Decode(error)) = drain(&mut stream) else { panic!("{name}: no error") };
        assert_eq!(error.kind(), DecodeErrorKind::Irregular(irregularity), "{name}");
        let policy = RedoPolicy::default().allow(irregularity);
        let mut stream = self::stream(rows, StreamOptions { policy, ..StreamOptions::default() });
        let delivered = drain(&mut stream).unwrap_or_else(|e| panic!("{name}: {e}"));
        assert_eq!(ids(&delivered[0]), [1, 2], "{name}");
        let allowed = &stream.allowed()[&irregularity];
        assert_eq!((allowed.count, allowed.last.kind()), (1, DecodeErrorKind::Irregular(irregularity)), "{name}");
    }
    assert!("everything".parse::<Irregularity>().unwrap_err().to_string().contains("missing-scn"));
}

#[test]
fn a_row_that_was_left_out_may_be_undone() {
    let left_out = RedoRow { status: 2, ..insert(12, xid(1), 9) };
    let rows =
        vec![start(10, xid(1)), insert(11, xid(1), 1), left_out.clone(), undo(13, &left_out), commit(14, xid(1))];
    let policy = RedoPolicy::default().allow(Irregularity::Status);
    let mut stream = stream(rows, StreamOptions { policy, ..StreamOptions::default() });
    assert_eq!(ids(&drain(&mut stream).unwrap()[0]), [1]);
}

/// Redo with a log that is gone.
struct Purged(Rows);

impl RedoSource for Purged {
    type Error = Infallible;

    fn incarnation(&self) -> Incarnation {
        INCARNATION
    }

    fn read_redo(&mut self, after: Scn, out: &mut RedoBatch) -> Result<Scn, Infallible> {
        let upto = self.0.read_redo(after, out)?;
        if after.0 < 12 && upto.0 >= 12 {
            out.rows.retain(|row| row.scn.0 != 12);
            out.gaps.push(RedoGap {
                irregularity: Irregularity::PurgedLog,
                thread: 1,
                sequence: Some(41),
                after: Scn(11),
                upto: Scn(12),
                detail: "it was deleted".to_owned(),
            });
        }
        Ok(upto)
    }
}

#[test]
fn a_purged_log_stops_unless_it_is_allowed() {
    let rows = vec![
        start(10, xid(1)),
        insert(11, xid(1), 1),
        // Lost with the log: its COMMIT, and the beginning of the other.
        commit(12, xid(1)),
        start(12, xid(2)),
        insert(13, xid(2), 2),
        commit(14, xid(2)),
        start(15, Xid { sequence: 77, ..xid(1) }),
    ];
    let open = |policy| {
        let source = Purged(Rows { rows: rows.clone(), window: 1 });
        RedoStream::with_options(source, tables(), begin(), StreamOptions { policy, ..StreamOptions::default() })
            .unwrap()
    };
    let Err(StreamError::Decode(error)) = drain(&mut open(RedoPolicy::default())) else { panic!("no error") };
    assert_eq!(error.kind(), DecodeErrorKind::Irregular(Irregularity::PurgedLog));
    let text = error.to_string();
    assert!(text.contains("log sequence 41") && text.contains("thread 1") && text.contains("SCN 11"), "{text}");
    let policy = RedoPolicy::default().allow(Irregularity::PurgedLog);
    let Err(StreamError::Decode(error)) = drain(&mut open(policy.clone())) else { panic!("no error") };
    assert_eq!(error.kind(), DecodeErrorKind::Irregular(Irregularity::BrokenTransaction));
    let mut stream = open(policy.allow(Irregularity::BrokenTransaction));
    let delivered = drain(&mut stream).unwrap();
    assert_eq!(delivered.iter().map(|t| (t.xid, ids(t))).collect::<Vec<_>>(), [(xid(2), vec![2])]);
    let counts: Vec<_> = stream.allowed().iter().map(|(what, allowed)| (what.name(), allowed.count)).collect();
    // The one without a beginning, the other without an end.
    assert_eq!(counts, [("purged-log", 1), ("broken-transaction", 2)]);
}

/// Rows that LogMiner could not decode are decoded by the columns of their version, or are an error: never skipped.
#[test]
fn undecoded_rows_are_decoded_by_their_version() {
    let undecoded = |version: u64, sql: &str| RedoRow {
        seg_owner: Some("UNKNOWN".to_owned()),
        table_name: Some("OBJ# 4711".to_owned()),
        status: 2,
        info: Some("Dictionary Mismatch".to_owned()),
        data_obj: 4711,
        data_objv: version,
        ..data(11, xid(1), OperationCode::INSERT, ROW_ID, sql.to_owned())
    };
    let run = |rows: Vec<RedoRow>| {
        let ident = |name: &str| OracleIdent::new(name).unwrap();
        let mut tables = tables();
        // V came first then.
        let text = OracleType::Varchar2 { length: 50, unit: LengthUnit::Byte };
        let columns = vec![(ident("V"), text), (ident("ID"), OracleType::Number { precision: None, scale: None })];
        tables.insert_version(4711, 2, TableColumns { path: Arc::new(path("T")), columns });
        let source = Rows { rows: [vec![start(10, xid(1))], rows, vec![commit(12, xid(1))]].concat(), window: 1000 };
        drain(&mut RedoStream::new(source, tables, begin()).unwrap())
    };
    let sql = r#"insert into "UNKNOWN"."OBJ# 4711"("COL 1","COL 2") values (HEXTORAW('6162'),HEXTORAW('c108'));"#;
    let delivered = run(vec![undecoded(2, sql)]).unwrap();
    let change = delivered[0].changes.to_vec().unwrap().remove(0);
    let after = vec![ColumnImage::Value(Value::Number(7_i64.into())), ColumnImage::Value(Value::Text("ab".to_owned()))];
    assert_eq!((&*change.table, change.operation), (&path("T"), Operation::Insert { after }));
    // What undoes it finds it too.
    let undo = RedoRow {
        rollback: true,
        operation: OperationCode::DELETE,
        ..undecoded(2, r#"delete from "UNKNOWN"."OBJ# 4711" where ROWID = 'AAAWsGAAHAAAAFmAAB';"#)
    };
    assert!(run(vec![undecoded(2, sql), undo]).unwrap().is_empty());
    let kind = |row: RedoRow| match run(vec![row]) {
        Err(StreamError::Decode(error)) => error.kind(),
        other => panic!("{other:?}"),
    };
    assert_eq!(kind(undecoded(3, sql)), DecodeErrorKind::UnknownObject);
    assert_eq!(kind(undecoded(2, &sql.replace("COL 2", "COL 3"))), DecodeErrorKind::UnknownColumn);
    assert_eq!(kind(undecoded(2, &sql.replace("c108", "c1"))), DecodeErrorKind::Value);
    let other = RedoRow { table_name: Some("OBJ# 4712".to_owned()), ..undecoded(2, &sql.replace("4711", "4712")) };
    assert_eq!(kind(other), DecodeErrorKind::UnknownObject);
}

/// LONG columns make LogMiner say that its statement cannot be executed; it is complete nevertheless.
#[test]
fn a_status_without_info_is_fine_for_long_columns() {
    let columns = vec![(OracleIdent::new("N").unwrap(), OracleType::Long)];
    let tables = [TableColumns { path: Arc::new(path("T")), columns }].into_iter().collect();
    let sql = r#"insert into "APP"."T"("N") values ('long');"#.to_owned();
    let insert = RedoRow { status: 2, ..data(11, xid(1), OperationCode::INSERT, ROW_ID, sql) };
    let source = Rows { rows: vec![start(10, xid(1)), insert, commit(12, xid(1))], window: 1000 };
    assert_eq!(drain(&mut RedoStream::new(source, tables, begin()).unwrap()).unwrap().len(), 1);
}

/// Rows that fail to come now and then, before the first of a window or after some.
struct Failing {
    rows: Rows,
    calls: u32,
}

#[derive(Debug, thiserror::Error)]
#[error("ORA-01291: missing log file")]
struct Failure;

impl RedoSource for Failing {
    type Error = Failure;

    fn incarnation(&self) -> Incarnation {
        INCARNATION
    }

    fn read_redo(&mut self, after: Scn, out: &mut RedoBatch) -> Result<Scn, Failure> {
        self.calls += 1;
        let upto = self.rows.read_redo(after, out).unwrap_or(after);
        if !self.calls.is_multiple_of(3) {
            out.rows.truncate(usize::from(self.calls % 3 == 1));
            return Err(Failure);
        }
        Ok(upto)
    }
}

#[test]
fn a_window_that_failed_is_read_again_from_its_beginning() {
    let mut rows = Vec::new();
    for n in 1..40 {
        let scn = u64::from(n) * 10;
        rows.extend([
            start(scn, xid(n)),
            insert(scn + 1, xid(n), 1),
            insert(scn + 2, xid(n), 2),
            commit(scn + 3, xid(n)),
        ]);
    }
    let source = Failing { rows: Rows { rows, window: 17 }, calls: 0 };
    let mut stream = RedoStream::new(source, tables(), begin()).unwrap();
    let (mut delivered, mut failed) = (Vec::new(), 0);
    loop {
        match stream.next_transaction() {
            Ok(Next::Transaction(transaction, _)) => delivered.push((transaction.xid, ids(&transaction))),
            Ok(Next::Progress(_)) => {}
            Ok(Next::Idle(_)) => break,
            Err(StreamError::Source(Failure)) => failed += 1,
            Err(error) => panic!("{error}"),
        }
    }
    assert!(failed > 20, "{failed}");
    assert_eq!(delivered, (1..40).map(|n| (xid(n), vec![1, 2])).collect::<Vec<_>>());
}

/// Without a row of a followed table the position moves on with the source's SCN, past what others commit.
#[test]
fn an_idle_source_moves_the_position() {
    struct Idle(u64);
    impl RedoSource for Idle {
        type Error = Infallible;
        fn incarnation(&self) -> Incarnation {
            INCARNATION
        }
        fn read_redo(&mut self, after: Scn, out: &mut RedoBatch) -> Result<Scn, Infallible> {
            out.clear();
            self.0 += 1;
            // Now and then somebody else commits.
            if self.0.is_multiple_of(3) {
                let other = xid(u32::try_from(self.0).unwrap());
                out.rows = vec![start(after.0 + 1, other), commit(after.0 + 2, other)];
            }
            Ok(Scn(after.0 + 100))
        }
    }
    let mut stream = RedoStream::new(Idle(0), tables(), begin()).unwrap();
    let mut last = begin();
    for _ in 0..50 {
        let (Next::Progress(position) | Next::Idle(position)) = stream.next_transaction().unwrap() else {
            panic!("a transaction")
        };
        assert!(position.commit_scn > last.commit_scn && position.low_watermark > last.low_watermark);
        last = position;
    }
    assert_eq!(last.commit_scn, Scn(9 + 50 * 100 + 1));
}

/// A transaction that stays open for long is read once, and the position moves on without it.
#[test]
fn a_long_transaction_is_not_read_again_and_again() {
    struct Counting(Rows, Vec<u64>);
    impl RedoSource for Counting {
        type Error = Infallible;
        fn incarnation(&self) -> Incarnation {
            INCARNATION
        }
        fn read_redo(&mut self, after: Scn, out: &mut RedoBatch) -> Result<Scn, Infallible> {
            self.1.push(after.0);
            self.0.read_redo(after, out)
        }
    }
    let mut rows = vec![start(10, xid(1)), insert(11, xid(1), 0)];
    for n in 2..100 {
        rows.extend([
            start(u64::from(n) * 10, xid(n)),
            insert(u64::from(n) * 10, xid(n), 1),
            commit(u64::from(n) * 10, xid(n)),
        ]);
    }
    let source = Counting(Rows { rows, window: 10 }, Vec::new());
    let mut stream = RedoStream::new(source, tables(), begin()).unwrap();
    let mut position = begin();
    while position.commit_scn.0 < 990 {
        if let Next::Transaction(_, after) = stream.next_transaction().unwrap() {
            position = after;
        }
    }
    let asked = &stream.source_mut().1;
    assert!(asked.windows(2).all(|pair| pair[0] < pair[1]), "{asked:?}");
    // Begun anew it has to be read from its beginning, once.
    assert_eq!(position.low_watermark, Scn(10));
}
