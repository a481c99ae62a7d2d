//! What a source may be like that nobody would make on purpose: rights that lack one view, objects that are invalid, names as long and as odd
//! as Oracle allows, tables that change under the reader.

use crate::{
    fixture::{Fixture, hr, ident},
    redo::{follow, table_set},
    rows::{columns, read, rest, whole},
};
use cdc_logminer::{Operation, Position};
use oracle_source::{
    ErrorKind, Handoff, ObjectFilter, Session, TableRead, TableReader, current_scn,
    inventory::{read_inventory, sample},
    plan_chunks, read_catalog, read_dictionary,
    sql::dictionary,
};
use schema_map::ObjectPath;
use std::{collections::BTreeSet, fmt::Write as _};
use type_convert::{BatchReader, RowBatch};

/// The views that tell whether the `DBA_` views are read, as far as the stand-in has them.
fn probed() -> BTreeSet<String> {
    let mut known = dictionary::Capabilities::default();
    known.add("ALL_TAB_IDENTITY_COLS", "TABLE_NAME");
    let probe = dictionary::probe_dba(&known);
    let words = probe.split([' ', ')']);
    words.filter(|word| word.starts_with("dba_")).map(str::to_uppercase).collect()
}

/// A user with SELECT on single views of SYS.
fn looker(fixture: &Fixture, views: &BTreeSet<String>) -> Session {
    let system = fixture.system();
    system.execute("CREATE USER looker IDENTIFIED BY \"looker-password\"").unwrap();
    system.execute("GRANT CREATE SESSION TO looker").unwrap();
    for view in views {
        system.execute(&format!("GRANT SELECT ON SYS.{view} TO looker")).unwrap_or_else(|e| panic!("{view}: {e:?}"));
    }
    let mut options = fixture.options();
    (options.user, options.password) = ("looker".to_owned(), "looker-password".into());
    Session::connect(&options).unwrap()
}

#[test]
fn a_right_on_one_view_may_be_missing() {
    let fixture = Fixture::hr();
    let views = probed();
    let session = looker(&fixture, &views);
    let all = ObjectFilter::default();
    let whole = read_dictionary(&session, &[ident("HR")], &all).unwrap();
    let by_system = read_dictionary(&fixture.system(), &[ident("HR")], &all).unwrap().catalog;
    assert_eq!(whole.catalog.tables, by_system.tables, "with the views of the probe, everything that matters is seen");
    for unread in &whole.unread {
        assert!(unread.grant.starts_with("GRANT SELECT ON SYS.DBA_"), "{unread:?}");
    }
    let system = fixture.system();
    for view in &views {
        system.execute(&format!("REVOKE SELECT ON SYS.{view} FROM looker")).unwrap();
        // Then the ALL_ views tell what there is, which is nothing for this user, and that it is not all is said.
        let read = read_dictionary(&session, &[ident("HR")], &all).unwrap_or_else(|e| panic!("without {view}: {e:?}"));
        assert!(read.catalog.tables.is_empty(), "without {view}");
        let says = |unread: &oracle_source::Unread| unread.grant == "GRANT SELECT_CATALOG_ROLE TO \"LOOKER\";";
        assert!(read.unread.iter().any(says), "without {view}: {:?}", read.unread);
        system.execute(&format!("GRANT SELECT ON SYS.{view} TO looker")).unwrap();
    }
}

#[test]
fn invalid_objects_are_read_and_named() {
    let fixture = Fixture::new(
        "CREATE TABLE base (id NUMBER PRIMARY KEY, name VARCHAR2(9));
         CREATE VIEW broken AS SELECT id, name FROM base;
         CREATE VIEW over_broken AS SELECT name FROM broken;
         CREATE VIEW fine AS SELECT 1 AS one FROM dual;
         CREATE TABLE kept (id NUMBER PRIMARY KEY);",
    );
    let session = fixture.session();
    session.execute("DROP TABLE base").unwrap();
    let read = read_dictionary(&session, &[ident("HR")], &ObjectFilter::default()).unwrap();
    let views: Vec<_> = read.catalog.views.iter().map(|view| view.path.name.as_str()).collect();
    assert_eq!(views, ["BROKEN", "FINE", "OVER_BROKEN"], "what is invalid is there all the same");
    assert!(read.catalog.views[0].query.contains("FROM base"), "{:?}", read.catalog.views[0]);
    let inventory = read_inventory(&session, &[ident("HR")]).unwrap();
    let invalid: Vec<_> = inventory.objects.unwrap().into_iter().filter(|o| !o.valid).map(|o| o.path).collect();
    assert_eq!(invalid, [hr("BROKEN"), hr("OVER_BROKEN")]);
    assert_eq!(
        plan_chunks(&session, &read.catalog.tables.iter().collect::<Vec<_>>(), 1 << 20).unwrap().chunks.len(),
        1
    );
}

/// 128 bytes, of which most are no ASCII letters; then lower case, quotes' neighbours and blanks.
fn odd_names() -> [String; 3] {
    let long = "é".repeat(63) + "ß";
    assert_eq!(long.len(), 128);
    [long, "lower case.with 'dot'; and -- more".to_owned(), "SELECT".to_owned()]
}

#[test]
fn names_of_any_kind_go_all_the_way() {
    let mut script = String::new();
    for name in odd_names() {
        writeln!(
            script,
            "CREATE TABLE \"{name}\" (\"{name}\" NUMBER(9) CONSTRAINT \"{name}\" PRIMARY KEY, \"Text of it\" VARCHAR2(20), \"LOB!\" CLOB);
             INSERT INTO \"{name}\" VALUES (1, 'one', 'a long one');
             INSERT INTO \"{name}\" VALUES (2, NULL, NULL);
             COMMENT ON TABLE \"{name}\" IS 'it''s odd';"
        )
        .unwrap();
    }
    let fixture = Fixture::new(&script);
    fixture.log_everything();
    let session = fixture.system();
    let catalog = read_catalog(&session, &[ident("HR")], &|_| true).unwrap();
    let paths: Vec<ObjectPath> = odd_names().iter().map(|name| hr(name)).collect();
    assert_eq!(catalog.tables.len(), paths.len());
    let handoff = Handoff::take(&session).unwrap();
    for path in &paths {
        let table = catalog.tables.iter().find(|table| table.path == *path).unwrap_or_else(|| panic!("no {path}"));
        assert_eq!(table.comment.as_deref(), Some("it's odd"));
        assert_eq!(table.constraints.len(), 1);
        let plan = plan_chunks(&session, &[table], 1 << 20).unwrap();
        let [chunk] = &plan.chunks[..] else { panic!("{plan:?}") };
        let mut rows = 0;
        read(&session, path, &chunk.range, Some(handoff.scn), 1 << 16, |_, _| rows += 1);
        assert_eq!(rows, 2, "{path}");
        // The LOB comes by itself.
        let columns = columns(&session, path);
        let read = TableRead {
            range: &chunk.range,
            as_of: Some(handoff.scn),
            row_ids: true,
            batch_bytes: 1 << 16,
            lob_limit: Some(4),
            ..whole(path, &columns)
        };
        let mut reader = TableReader::open(&session, &read).unwrap();
        let mut batch = RowBatch::new(columns.len());
        assert!(reader.read_batch(&mut batch).unwrap());
        let type_convert::ValueRef::Streamed(lob) = batch.get(0, 2) else { panic!("{:?}", batch.get(0, 2)) };
        let mut piece = bytes::BytesMut::new();
        while reader.read_lob(lob, &mut piece).unwrap() {}
        assert_eq!(piece, "a long one", "{path}");
        let samples = sample(&session, table, 100).unwrap().unwrap();
        assert_eq!(samples.iter().find_map(|s| s.longest), Some(10), "{path}");
    }
    for name in odd_names() {
        session.execute(&format!("UPDATE HR.\"{name}\" SET \"Text of it\" = 'two' WHERE \"{name}\" = 2")).unwrap();
        session.commit().unwrap();
    }
    let position = Position::after_load(
        cdc_logminer::Incarnation { dbid: handoff.dbid, resetlogs_id: handoff.resetlogs_id },
        handoff.scn,
        None,
    );
    let tables = table_set(&session, &paths);
    let (transactions, _) = follow(&fixture, tables, position, handoff.scn);
    let changed: Vec<ObjectPath> = transactions
        .iter()
        .flat_map(|transaction| transaction.changes.iter())
        .map(|change| {
            let change = change.unwrap();
            assert!(matches!(change.operation, Operation::Update { .. }), "{change:?}");
            (*change.table).clone()
        })
        .collect();
    assert_eq!(changed, paths);
}

#[test]
fn a_table_that_is_altered_while_it_is_read() {
    let mut script =
        "CREATE TABLE t (id NUMBER(9) PRIMARY KEY, pad VARCHAR2(200), extra NUMBER(9) DEFAULT 7);".to_owned();
    (0..3000).for_each(|id| script.push_str(&format!("INSERT INTO t (id, pad) VALUES ({id}, '{}');", "x".repeat(200))));
    for change in [
        "ALTER TABLE t ADD (more NUMBER DEFAULT 1 NOT NULL)",
        "ALTER TABLE t DROP COLUMN extra",
        "ALTER TABLE t MODIFY (pad VARCHAR2(300))",
    ] {
        let fixture = Fixture::new(&script);
        let session = fixture.system();
        let table = hr("T");
        let columns = columns(&session, &table);
        let scn = current_scn(&session).unwrap();
        let read = TableRead { as_of: Some(scn), row_ids: true, ..whole(&table, &columns) };
        let mut reader = TableReader::open(&session, &read).unwrap();
        let mut batch = RowBatch::new(columns.len());
        assert!(reader.read_batch(&mut batch).unwrap());
        let first = batch.rows();
        fixture.session().execute(change).unwrap_or_else(|e| panic!("{change}: {e:?}"));
        let (more, end) = rest(&mut reader, &mut batch);
        // Every row as it was, or an error that says what happened: never some of them, nor others.
        match end {
            None => assert_eq!(first + more, 3000, "{change}"),
            Some(error) => {
                let kinds = [ErrorKind::TableChanged, ErrorKind::SnapshotUnavailable];
                assert!(kinds.contains(&error.kind()) && error.table() == Some(&table), "{change}: {error:?}");
            }
        }
        // A reader that opens later is told that the SCN is from before the change.
        let again = TableReader::open(&session, &read).and_then(|mut reader| reader.read_batch(&mut batch).map(|_| ()));
        let error = again.unwrap_err();
        assert!(matches!(error.ora_code(), Some(1466 | 904)) && error.table() == Some(&table), "{change}: {error:?}");
    }
}
