//! On a real Oracle: `ORACLE_TEST_DSN` (connect string), `ORACLE_TEST_USER`, `ORACLE_TEST_PASSWORD` and, where the loader does not find it,
//! `ORACLE_TEST_CLIENT_DIR` (folder of the client library).

use crate::rows::{columns, read};
use bytes::BytesMut;
use cdc_logminer::{OperationCode, RedoBatch, RedoSource};
use oracle_source::{
    ChunkRange, ConnectOptions, Handoff, LogMinerOptions, LogMinerSource, Session, TableRead, TableReader, current_scn,
    plan_chunks, prerequisites, read_catalog,
};
use schema_map::{ObjectPath, OracleIdent};
use std::{
    env,
    process::Command,
    time::{Duration, Instant},
};
use type_convert::{BatchReader, RowBatch, Scn, ValueRef};

/// The client library can be loaded once in a process, and the other tests have the stand-in's: so in a process of its own.
#[test]
fn on_a_real_oracle() {
    const CHILD: &str = "ORACLE_SOURCE_TEST_LIVE";
    if env::var_os("ORACLE_TEST_DSN").is_none() {
        eprintln!("NOT RUN: live::on_a_real_oracle needs ORACLE_TEST_DSN, ORACLE_TEST_USER and ORACLE_TEST_PASSWORD");
        return;
    }
    if env::var_os(CHILD).is_some() {
        return live();
    }
    let status = Command::new(env::current_exe().unwrap())
        .args(["--exact", "live::on_a_real_oracle", "--nocapture"])
        .env(CHILD, "1")
        .status()
        .unwrap();
    assert!(status.success());
}

fn live() {
    let variable = |name: &str| env::var(name).unwrap_or_else(|_| panic!("{name} is not set"));
    let mut options = ConnectOptions::new(
        variable("ORACLE_TEST_USER"),
        variable("ORACLE_TEST_PASSWORD"),
        variable("ORACLE_TEST_DSN"),
    );
    options.client_lib_dir = env::var_os("ORACLE_TEST_CLIENT_DIR").map(Into::into);
    let session = Session::connect(&options).unwrap();
    println!("server {}, user {}", session.server_version(), session.user());
    let table = ObjectPath { schema: session.user().clone(), name: OracleIdent::new("OSRC_LIVE_T").unwrap() };
    let _ = session.execute("DROP TABLE osrc_live_t PURGE");
    session.execute("CREATE TABLE osrc_live_t (id NUMBER(9) PRIMARY KEY, v VARCHAR2(100), d DATE, c CLOB)").unwrap();
    session.execute("ALTER TABLE osrc_live_t ADD SUPPLEMENTAL LOG DATA (PRIMARY KEY) COLUMNS").unwrap();
    let result = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| scenario(&options, &session, &table)));
    session.execute("DROP TABLE osrc_live_t PURGE").unwrap();
    if let Err(panic) = result {
        std::panic::resume_unwind(panic);
    }
}

/// The rows whose CLOB is longer than two characters, each read by its locator.
fn long_lobs(session: &Session, table: &ObjectPath, scn: Scn) -> usize {
    let columns = columns(session, table);
    let range = &ChunkRange::Whole;
    let read = TableRead {
        table,
        columns: &columns,
        range,
        as_of: Some(scn),
        row_ids: true,
        batch_bytes: 1 << 16,
        lob_limit: Some(2),
        condition: None,
        expressions: &[],
    };
    let mut reader = TableReader::open(session, &read).unwrap();
    let (mut batch, mut content, mut long) = (RowBatch::new(0), BytesMut::new(), 0);
    while reader.read_batch(&mut batch).unwrap() {
        for row in 0..batch.rows() {
            if let ValueRef::Streamed(lob) = batch.get(row, 3) {
                content.clear();
                while reader.read_lob(lob, &mut content).unwrap() {}
                assert_eq!((lob.length, &content[..]), (4, &b"text"[..]));
                long += 1;
            }
        }
    }
    long
}

fn scenario(options: &ConnectOptions, session: &Session, table: &ObjectPath) {
    for id in 0..1000 {
        session
            .execute(&format!(
                "INSERT INTO osrc_live_t VALUES ({id}, '{}', DATE '2024-02-29', {})",
                "x".repeat(100),
                ["NULL", "EMPTY_CLOB()", "'text'"][id % 3]
            ))
            .unwrap();
    }
    session.commit().unwrap();

    let checked = prerequisites::check(session, std::slice::from_ref(table)).unwrap();
    for p in &checked {
        println!("{:?} {}: {} ({})", p.state, p.id, p.what, p.found);
    }
    println!("{}", prerequisites::mend_script(&checked));

    let catalog = read_catalog(session, std::slice::from_ref(&table.schema), &|path| path == table).unwrap();
    assert_eq!(catalog.tables.len(), 1);
    assert_eq!(columns(session, table).len(), 4);

    let across = Session::connect(options).unwrap();
    across.execute("UPDATE osrc_live_t SET v = 'across' WHERE id = 0").unwrap();
    let handoff = Handoff::take(session).unwrap();
    assert!(!handoff.open_transactions.is_empty(), "LIVE-CHECKS 13");
    across.commit().unwrap();

    let tables: Vec<_> = catalog.tables.iter().collect();
    let plan = plan_chunks(session, &tables, 16 * 1024).unwrap();
    println!("{} chunks, whole: {:?}", plan.chunks.len(), plan.whole);
    let (mut rows, mut empty, mut null) = (0, 0, 0);
    for chunk in &plan.chunks {
        read(session, table, &chunk.range, Some(handoff.scn), 1 << 16, |batch, n| {
            rows += 1;
            match batch.get(n, 3) {
                ValueRef::Null => null += 1,
                ValueRef::Text(b"") => empty += 1,
                _ => {}
            }
        });
    }
    assert_eq!((rows, null, empty), (1000, 334, 333), "LIVE-CHECKS 23 and 27");
    let mut whole = 0;
    read(session, table, &ChunkRange::Whole, None, 1 << 16, |_, _| whole += 1);
    assert_eq!(whole, 1000);

    let long = long_lobs(session, table, handoff.scn);
    assert_eq!(long, 333, "LIVE-CHECKS 46 to 50");

    let miner = Session::connect(options).unwrap();
    let mut source = match LogMinerSource::new(miner, std::slice::from_ref(table), LogMinerOptions::default()) {
        Ok(source) => source,
        Err(e) => {
            println!("NOT RUN: following redo: {e}");
            return;
        }
    };
    let goal = current_scn(session).unwrap();
    let (mut after, mut batch, mut updates) = (handoff.low_watermark, RedoBatch::default(), 0);
    let deadline = Instant::now() + Duration::from_secs(120);
    while after < goal {
        let read_to = source.read_redo(after, &mut batch).unwrap();
        updates += batch.rows.iter().filter(|row| row.operation == OperationCode::UPDATE).count();
        for row in &batch.rows {
            println!("{row:?}");
        }
        if read_to == after {
            assert!(Instant::now() < deadline, "the redo does not come to SCN {goal}");
            std::thread::sleep(Duration::from_millis(500));
        }
        after = read_to;
    }
    assert!(updates >= 1, "the update of the open transaction is not in its redo");
}
