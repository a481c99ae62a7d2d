use crate::{
    fixture::{Fixture, hr},
    redo::{follow, table_set},
    rows::read,
};
use cdc_logminer::{ColumnImage, Operation, Position, Transaction};
use oracle_source::{ChunkRange, Handoff, Session};
use std::{
    collections::BTreeMap,
    sync::atomic::{AtomicU64, Ordering},
};
use type_convert::{Number, Scn, ValueRef};

/// Whatever is open when the SCN is taken comes through the redo, whole, and nothing comes twice.
#[test]
fn an_open_transaction_is_not_lost() {
    let fixture = Fixture::new(
        "CREATE TABLE t (id NUMBER PRIMARY KEY, v VARCHAR2(20)); INSERT INTO t VALUES (1, 'loaded'); COMMIT;",
    );
    fixture.log_everything();
    let (before, across, after) = (fixture.session(), fixture.session(), fixture.session());
    before.execute("INSERT INTO t VALUES (2, 'before')").unwrap();
    across.execute("INSERT INTO t VALUES (3, 'across')").unwrap();
    before.commit().unwrap();

    let reader = fixture.session();
    let handoff = Handoff::take(&fixture.system()).unwrap();
    assert_eq!(handoff.open_transactions.len(), 1, "{handoff:?}");
    assert!(handoff.low_watermark < handoff.open_transactions[0].start_scn);
    assert!(handoff.low_watermark < handoff.scn);

    across.execute("UPDATE t SET v = 'later' WHERE id = 3").unwrap();
    across.commit().unwrap();
    after.execute("INSERT INTO t VALUES (4, 'after')").unwrap();
    after.commit().unwrap();

    let mut loaded = Vec::new();
    read(&reader, &hr("T"), &ChunkRange::Whole, Some(handoff.scn), 4096, |batch, n| {
        loaded.push(format!("{:?}", batch.get(n, 1)));
    });
    assert_eq!(loaded.len(), 2, "{loaded:?}");

    let tables = table_set(&reader, &[hr("T")]);
    let (transactions, _): (Vec<_>, Position) = follow(&fixture, tables, handoff.position(), Scn(handoff.scn.0));
    let changes: Vec<usize> = transactions.iter().map(|t| t.changes.len()).collect();
    assert_eq!(changes, [2, 1], "{transactions:#?}");
    assert!(matches!(transactions[0].changes.to_vec().unwrap()[1].operation, Operation::Update { .. }));
    assert!(transactions.iter().all(|t| t.commit_scn > handoff.scn));
}

/// Two writers go on all the time; load and redo together make the table as it is in the end.
#[test]
fn load_and_redo_make_the_whole() {
    let fixture = Fixture::new("CREATE TABLE t (id NUMBER PRIMARY KEY, v VARCHAR2(200));");
    fixture.log_everything();
    let system = fixture.system();
    let done = AtomicU64::new(0);
    let (handoff, loaded) = std::thread::scope(|scope| {
        for writer in 0..2 {
            let (session, done) = (fixture.session(), &done);
            scope.spawn(move || write(&session, writer, done));
        }
        while done.load(Ordering::Relaxed) < 20 {
            std::thread::yield_now();
        }
        let handoff = Handoff::take(&system).unwrap();
        let (session, mut loaded) = (fixture.session(), BTreeMap::new());
        read(&session, &hr("T"), &ChunkRange::Whole, Some(handoff.scn), 4096, |batch, n| {
            loaded.insert(number(batch.get(n, 0)), text(batch.get(n, 1)));
        });
        (handoff, loaded)
    });
    let session = fixture.session();
    let mut expected = BTreeMap::new();
    read(&session, &hr("T"), &ChunkRange::Whole, None, 4096, |batch, n| {
        expected.insert(number(batch.get(n, 0)), text(batch.get(n, 1)));
    });
    let (transactions, _) = follow(&fixture, table_set(&session, &[hr("T")]), handoff.position(), handoff.scn);
    assert!(transactions.len() > 10, "{}", transactions.len());
    let mut rows = loaded;
    replay(&mut rows, &transactions);
    assert_eq!(rows, expected);
}

/// Applies transactions to the rows of a table `(id, v)`.
pub(crate) fn replay(rows: &mut BTreeMap<i64, String>, transactions: &[Transaction]) {
    for change in transactions.iter().flat_map(|t| t.changes.to_vec().unwrap()) {
        let value = |images: &[ColumnImage], n: usize| match &images[n] {
            ColumnImage::Value(value) => Some(value.clone()),
            _ => None,
        };
        let id = |images: &[ColumnImage]| number(value(images, 0).unwrap().as_ref());
        match &change.operation {
            Operation::Insert { after } => {
                let row = text(value(after, 1).unwrap().as_ref());
                assert_eq!(rows.insert(id(after), row), None, "{change:?}");
            }
            Operation::Delete { before } => {
                assert!(rows.remove(&id(before)).is_some(), "{change:?}");
            }
            Operation::Update { before, after } => {
                let row = rows.remove(&id(before)).unwrap_or_else(|| panic!("{change:?}"));
                let key = value(after, 0).map_or_else(|| id(before), |key| number(key.as_ref()));
                let row = value(after, 1).map_or(row, |v| text(v.as_ref()));
                assert_eq!(rows.insert(key, row), None, "{change:?}");
            }
            other => panic!("{other:?}"),
        }
    }
}

pub(crate) fn number(value: ValueRef<'_>) -> i64 {
    match value {
        ValueRef::Int(n) => n,
        ValueRef::Decimal(text) => text.parse().unwrap(),
        ValueRef::NumberBytes(bytes) => Number::from_bytes(bytes).unwrap().to_string().parse().unwrap(),
        other => panic!("{other:?}"),
    }
}

pub(crate) fn text(value: ValueRef<'_>) -> String {
    match value {
        ValueRef::Null => String::new(),
        ValueRef::Text(text) => String::from_utf8(text.to_vec()).unwrap(),
        other => panic!("{other:?}"),
    }
}

/// Transactions of a few statements on keys of this writer's own; some end in a rollback, some undo a part.
pub(crate) fn write(session: &Session, writer: i64, done: &AtomicU64) {
    let (mut seed, mut key) = (0x9E37_79B9_u64 + writer.unsigned_abs(), writer * 1_000_000);
    let mut random = move |below: u64| {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (seed >> 33) % below
    };
    let range = format!("id BETWEEN {key} AND {}", key + 999_999);
    for round in 0..60 {
        for _ in 0..=random(4) {
            key += 1;
            let step = match random(6) {
                0..=2 => format!("INSERT INTO t VALUES ({key}, 'writer {writer}, round {round}')"),
                3 => format!("UPDATE t SET v = v || '+' WHERE {range} AND MOD(id, 3) = {}", random(3)),
                4 => format!("UPDATE t SET id = {key} WHERE id = {}", key - 1),
                _ => format!("DELETE FROM t WHERE {range} AND MOD(id, 7) = {}", random(7)),
            };
            if random(4) == 0 {
                session.execute("SAVEPOINT s").unwrap();
                session.execute(&step).unwrap();
                session.execute("ROLLBACK TO SAVEPOINT s").unwrap();
            } else {
                session.execute(&step).unwrap();
            }
        }
        if random(5) == 0 { session.rollback() } else { session.commit() }.unwrap();
        done.fetch_add(1, Ordering::Relaxed);
    }
}
