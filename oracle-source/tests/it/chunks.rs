use crate::{
    fixture::{Fixture, hr, ident},
    rows::read,
};
use oracle_source::{
    Chunk, ChunkRange, ErrorKind, Session, SqlExpression, TableRead, TableReader, current_scn, plan_chunks,
    read_catalog,
};
use schema_map::ObjectPath;
use std::collections::BTreeSet;
use type_convert::{BatchReader, OracleType, RowBatch, Scn, ValueRef};

#[test]
fn each_row_is_in_one_chunk() {
    let mut script = "CREATE TABLE many (id NUMBER PRIMARY KEY, t VARCHAR2(400));
         CREATE TABLE few (id NUMBER PRIMARY KEY);
         INSERT INTO few VALUES (1);
         CREATE TABLE org (id NUMBER PRIMARY KEY) ORGANIZATION INDEX;
         CREATE GLOBAL TEMPORARY TABLE scratch (n NUMBER);"
        .to_owned();
    for id in 0..2000 {
        script.push_str(&format!("INSERT INTO many VALUES ({id}, '{}');", "y".repeat(400)));
    }
    let fixture = Fixture::new(&script);
    let session = fixture.system();
    let catalog = read_catalog(&session, &[ident("HR")], &|_| true).unwrap();
    let tables: Vec<_> = catalog.tables.iter().collect();
    let plan = plan_chunks(&session, &tables, 64 * 1024).unwrap();
    let of = |table: &str| plan.chunks.iter().filter(|c| c.table == hr(table)).collect::<Vec<&Chunk>>();
    assert!(of("MANY").len() > 3, "{:?}", plan.chunks);
    assert_eq!(of("FEW").iter().map(|c| &c.range).collect::<Vec<_>>(), [&ChunkRange::Whole]);
    assert_eq!(of("ORG").iter().map(|c| &c.range).collect::<Vec<_>>(), [&ChunkRange::Whole]);
    assert_eq!(of("SCRATCH").len(), 0);

    let scn = current_scn(&session).unwrap();
    let mut seen = BTreeSet::new();
    let mut filled = 0;
    for chunk in of("MANY") {
        let chunk = Chunk::from_text(&chunk.to_text()).unwrap();
        let before = seen.len();
        read(&session, &chunk.table, &chunk.range, Some(scn), 1 << 16, |batch, n| {
            assert!(seen.insert(format!("{:?}", batch.get(n, 0))), "twice");
        });
        filled += usize::from(seen.len() > before);
    }
    assert_eq!(seen.len(), 2000);
    assert!(filled > 1, "all rows were in one chunk");
}

/// The rows of the chunks of a table together, as text, each of which must be there once; and how many chunks had any.
fn all_rows(session: &Session, scn: Scn, chunks: &[&Chunk]) -> (BTreeSet<String>, usize) {
    let catalog =
        read_catalog(session, std::slice::from_ref(&chunks[0].table.schema), &|p| *p == chunks[0].table).unwrap();
    let columns: Vec<_> = catalog.tables[0].columns.iter().map(|c| (c.name.clone(), c.oracle_type.clone())).collect();
    let (mut seen, mut filled) = (BTreeSet::new(), 0);
    for chunk in chunks {
        let chunk = Chunk::from_text(&chunk.to_text()).unwrap();
        let read = TableRead {
            table: &chunk.table,
            columns: &columns,
            range: &chunk.range,
            as_of: Some(scn),
            row_ids: false,
            batch_bytes: 1 << 16,
            lob_limit: None,
            condition: None,
            expressions: &[],
        };
        let mut reader = TableReader::open(session, &read).unwrap();
        let mut batch = RowBatch::new(columns.len());
        let before = seen.len();
        while reader.read_batch(&mut batch).unwrap() {
            for n in 0..batch.rows() {
                let row: Vec<String> = (0..columns.len()).map(|c| format!("{:?}", batch.get(n, c))).collect();
                assert!(seen.insert(row.join("|")), "twice: {row:?}");
            }
        }
        filled += usize::from(seen.len() > before);
    }
    (seen, filled)
}

#[test]
fn without_extents_by_key_or_hash() {
    let mut script =
        "CREATE TABLE by_number (id NUMBER(9), t VARCHAR2(100), CONSTRAINT p1 PRIMARY KEY (id, t)) ORGANIZATION INDEX;
         CREATE TABLE by_text (id VARCHAR2(20) PRIMARY KEY, t VARCHAR2(100));
         CREATE TABLE by_date (id DATE, t VARCHAR2(100), CONSTRAINT p3 PRIMARY KEY (id, t));
         CREATE TABLE by_time (id TIMESTAMP(9), t VARCHAR2(100), CONSTRAINT p4 PRIMARY KEY (id, t));
         CREATE TABLE by_raw (id RAW(4) PRIMARY KEY, t VARCHAR2(100));
         CREATE TABLE no_key (id NUMBER, t VARCHAR2(100));
         CREATE TABLE unusual (id INTERVAL DAY TO SECOND PRIMARY KEY, t VARCHAR2(100)) ORGANIZATION INDEX;
         CREATE TABLE few (id NUMBER PRIMARY KEY) ORGANIZATION INDEX;
         INSERT INTO few VALUES (1);"
            .to_owned();
    for id in 0..500 {
        // Many rows of one value: a border is there once.
        let many = if id < 200 { 7 } else { id };
        script.push_str(&format!(
            "INSERT INTO by_number VALUES ({many} - 100.5 + 0.5, 't{id}');
             INSERT INTO by_text VALUES ('k{}''é', 't{id}');
             INSERT INTO by_date VALUES (DATE '2020-01-01' + {many}, 't{id}');
             INSERT INTO by_time VALUES (TIMESTAMP '2020-01-01 00:00:00.000000001' + NUMTODSINTERVAL({many}, 'SECOND'), 't{id}');
             INSERT INTO by_raw VALUES (HEXTORAW('{:08x}'), 't{id}');
             INSERT INTO no_key VALUES (1, 't{id}');
             INSERT INTO unusual VALUES (NUMTODSINTERVAL({id}, 'SECOND'), 't{id}');",
            id * 7919 % 500,
            id * 7919
        ));
    }
    let fixture = Fixture::new(&script);
    let (session, scn) = (fixture.session(), current_scn(&fixture.system()).unwrap());
    let catalog = read_catalog(&session, &[ident("HR")], &|_| true).unwrap();
    let tables: Vec<_> = catalog.tables.iter().collect();
    let plan = plan_chunks(&session, &tables, 4 * 1024).unwrap();
    let of = |table: &str| plan.chunks.iter().filter(|c| c.table == hr(table)).collect::<Vec<&Chunk>>();
    for table in ["BY_NUMBER", "BY_TEXT", "BY_DATE", "BY_TIME", "BY_RAW"] {
        let chunks = of(table);
        assert!(chunks.iter().all(|c| matches!(c.range, ChunkRange::Keys { .. })), "{table}: {chunks:?}");
        let (rows, filled) = all_rows(&session, scn, &chunks);
        assert!(rows.len() == 500 && filled > 3 && filled + 1 >= chunks.len(), "{table}: {filled} of {chunks:?}");
    }
    let hashed = of("NO_KEY");
    assert!(matches!(hashed[0].range, ChunkRange::Hash { buckets: 7, bucket: 0 }), "{:?}", hashed[0]);
    let (rows, filled) = all_rows(&session, scn, &hashed);
    assert_eq!((rows.len(), filled), (500, 7));
    assert_eq!(all_rows(&session, scn, &of("UNUSUAL")).0.len(), 500);
    let whole: Vec<&ObjectPath> = plan.whole.iter().map(|(table, _)| table).collect();
    assert_eq!((whole, &of("FEW")[0].range), (vec![&hr("UNUSUAL")], &ChunkRange::Whole));
}

#[test]
fn rows_and_columns_that_are_wanted() {
    let fixture = Fixture::new(
        "CREATE TABLE t (id NUMBER(9) PRIMARY KEY, name VARCHAR2(20), note CLOB);
         INSERT INTO t VALUES (1, 'one', 'long ago'); INSERT INTO t VALUES (2, 'two', NULL); INSERT INTO t VALUES (3, NULL, 'x');",
    );
    let (session, scn) = (fixture.session(), current_scn(&fixture.system()).unwrap());
    let columns = [
        (ident("NAME"), OracleType::Varchar2 { length: 20, unit: type_convert::LengthUnit::Byte }),
        (ident("NOTE"), OracleType::Clob),
    ];
    let condition = SqlExpression::new("id < 3 OR name IS NULL").unwrap();
    let expressions = [(ident("NAME"), SqlExpression::new("NVL(UPPER(name), '(none)')").unwrap())];
    let (table, range) = (hr("T"), ChunkRange::RowIds { from: Some("AAAAAAAAAAAAAAAAAA".to_owned()), to: None });
    let read = TableRead {
        table: &table,
        columns: &columns,
        range: &range,
        as_of: Some(scn),
        row_ids: true,
        batch_bytes: 1 << 16,
        lob_limit: Some(4),
        condition: Some(&condition),
        expressions: &expressions,
    };
    let rows = |read: &TableRead<'_>| {
        let mut reader = TableReader::open(&session, read).unwrap();
        let mut batch = RowBatch::new(2);
        assert!(reader.read_batch(&mut batch).unwrap());
        let row = |n: usize| (format!("{:?}", batch.get(n, 0)), matches!(batch.get(n, 1), ValueRef::Streamed(_)));
        (0..batch.rows()).map(row).collect::<Vec<_>>()
    };
    let text = |text: &str| format!("{:?}", ValueRef::Text(text.as_bytes()));
    assert_eq!(rows(&read), [(text("ONE"), true), (text("TWO"), false), (text("(none)"), false)]);
    // What an expression gives cannot be found again, and so comes with its row.
    let expressions = [(ident("NOTE"), SqlExpression::new("note").unwrap())];
    let condition = SqlExpression::new("id = 1").unwrap();
    let read = TableRead { condition: Some(&condition), expressions: &expressions, ..read };
    assert_eq!(rows(&read), [(text("one"), false)]);
    let expressions = [(ident("OTHER"), SqlExpression::new("1").unwrap())];
    let error = TableReader::open(&session, &TableRead { expressions: &expressions, ..read }).unwrap_err();
    assert_eq!((error.kind(), error.column()), (ErrorKind::Malformed, Some(&ident("OTHER"))));
}
