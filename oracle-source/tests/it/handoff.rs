use crate::{
    fixture::{Fixture, hr},
    redo::{follow, table_set},
    rows::read,
};
use cdc_logminer::{Operation, Position};
use oracle_source::{ChunkRange, Handoff};
use type_convert::Scn;

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
    assert!(matches!(transactions[0].changes[1].operation, Operation::Update { .. }));
    assert!(transactions.iter().all(|t| t.commit_scn > handoff.scn));
}
