use crate::fixture::{Fixture, hr};
use oracle_source::{
    ChunkRange, Error, ErrorKind, Session, TableRead, TableReader, count_rows, current_scn, read_catalog,
};
use schema_map::{ObjectPath, OracleIdent};
use type_convert::{BatchReader, DateTime, IntervalDs, IntervalYm, OracleType, RowBatch, Scn, UtcOffset, ValueRef};

/// Columns of a table as the dictionary has them.
pub(crate) fn columns(session: &Session, table: &ObjectPath) -> Vec<(OracleIdent, OracleType)> {
    let catalog = read_catalog(session, std::slice::from_ref(&table.schema), &|path| path == table).unwrap();
    catalog.tables[0].columns.iter().map(|c| (c.name.clone(), c.oracle_type.clone())).collect()
}

/// All of a table as it is now, without ROWIDs; LOBs come with their rows.
pub(crate) fn whole<'a>(table: &'a ObjectPath, columns: &'a [(OracleIdent, OracleType)]) -> TableRead<'a> {
    TableRead {
        table,
        columns,
        range: &ChunkRange::Whole,
        as_of: None,
        row_ids: false,
        batch_bytes: 1 << 14,
        lob_limit: None,
        condition: None,
        expressions: &[],
    }
}

/// Reads a table in batches and calls `row` for each row of each.
pub(crate) fn read(
    session: &Session,
    table: &ObjectPath,
    range: &ChunkRange,
    as_of: Option<Scn>,
    batch_bytes: usize,
    mut row: impl FnMut(&RowBatch, usize),
) -> usize {
    let columns = columns(session, table);
    let read = TableRead { range, as_of, row_ids: true, batch_bytes, ..whole(table, &columns) };
    let mut reader = TableReader::open(session, &read).unwrap();
    let (mut batch, mut batches) = (RowBatch::new(0), 0);
    while reader.read_batch(&mut batch).unwrap() {
        assert!(batch.rows() > 0);
        (0..batch.rows()).for_each(|n| row(&batch, n));
        batches += 1;
    }
    assert_eq!(batch.rows(), 0);
    batches
}

/// Reads to the end: how many rows there were, and the error that ended it.
pub(crate) fn rest(reader: &mut TableReader, batch: &mut RowBatch) -> (usize, Option<Error>) {
    let mut rows = 0;
    loop {
        match reader.read_batch(batch) {
            Ok(true) => rows += batch.rows(),
            Ok(false) => return (rows, None),
            Err(error) => return (rows, Some(error)),
        }
    }
}

#[test]
fn every_type_and_null() {
    let fixture = Fixture::new(
        "CREATE TABLE types (
           id NUMBER(9) PRIMARY KEY, n NUMBER, money NUMBER(20,4), f FLOAT(100), bf BINARY_FLOAT, bd BINARY_DOUBLE,
           c CHAR(5), v VARCHAR2(40), nc NCHAR(3), nv NVARCHAR2(20), d DATE, ts TIMESTAMP(9), tz TIMESTAMP(6) WITH TIME ZONE,
           ltz TIMESTAMP(3) WITH LOCAL TIME ZONE, ym INTERVAL YEAR(4) TO MONTH, ds INTERVAL DAY(5) TO SECOND(9), r RAW(8),
           cl CLOB, bl BLOB);
         INSERT INTO types VALUES (1, 12345678901234567890123456789012345678, -1234567890123456.7891, 0.1, 1.5, -2.25,
           'ab', 'Grüße ''1''', 'x', 'žluť', TO_DATE('2024-02-29 23:59:58', 'YYYY-MM-DD HH24:MI:SS'),
           TO_TIMESTAMP('1999-12-31 23:59:59.123456789', 'YYYY-MM-DD HH24:MI:SS.FF9'),
           TO_TIMESTAMP_TZ('2024-06-01 12:00:00.5 -03:30', 'YYYY-MM-DD HH24:MI:SS.FF TZH:TZM'),
           TO_TIMESTAMP('2024-06-01 12:00:00.25', 'YYYY-MM-DD HH24:MI:SS.FF'),
           TO_YMINTERVAL('-12-03'), TO_DSINTERVAL('-5 06:07:08.000000009'), HEXTORAW('00ff'), 'some text', HEXTORAW('0102'));
         INSERT INTO types (id) VALUES (2);
         INSERT INTO types (id, n, f, cl, bl) VALUES (3, 0.000000000000000000000000000001, -1e50, EMPTY_CLOB(), EMPTY_BLOB());
         COMMIT;",
    );
    let session = fixture.session();
    let mut rows = Vec::new();
    read(&session, &hr("TYPES"), &ChunkRange::Whole, None, 1 << 16, |batch, n| {
        let row_id = batch.row_id(n).unwrap().to_owned();
        assert_eq!(row_id.len(), 18);
        let id = match batch.get(n, 0) {
            ValueRef::Int(id) => id,
            other => panic!("{other:?}"),
        };
        let check = |column: usize, expected: ValueRef<'_>| {
            assert_eq!(batch.get(n, column), expected, "row {id}, column {column}")
        };
        let number = |column: usize| match batch.get(n, column) {
            ValueRef::Decimal(text) => text.to_owned(),
            ValueRef::Int(n) => n.to_string(),
            other => panic!("{other:?}"),
        };
        let day = DateTime { year: 2024, month: 2, day: 29, hour: 23, minute: 59, second: 58, nanosecond: 0 };
        match id {
            1 => {
                assert_eq!(number(1), "12345678901234567890123456789012345678");
                assert_eq!(number(2), "-1234567890123456.7891");
                assert!(["0.1", ".1"].contains(&number(3).as_str()));
                check(4, ValueRef::Float(1.5));
                check(5, ValueRef::Double(-2.25));
                check(6, ValueRef::Text(b"ab   "));
                check(7, ValueRef::Text("Grüße '1'".as_bytes()));
                check(8, ValueRef::Text(b"x  "));
                check(9, ValueRef::Text("žluť".as_bytes()));
                check(10, ValueRef::DateTime(day));
                let at = DateTime { year: 1999, month: 12, day: 31, second: 59, nanosecond: 123_456_789, ..day };
                check(11, ValueRef::DateTime(at));
                let noon = DateTime { month: 6, day: 1, hour: 12, minute: 0, second: 0, ..day };
                let half = DateTime { nanosecond: 500_000_000, ..noon };
                check(12, ValueRef::DateTimeTz(half, UtcOffset { minutes: -210 }));
                let quarter = DateTime { nanosecond: 250_000_000, ..noon };
                check(13, ValueRef::DateTimeTz(quarter, UtcOffset { minutes: 0 }));
                check(14, ValueRef::IntervalYm(IntervalYm { months: -147 }));
                let nanoseconds = -(((6 * 60 + 7) * 60 + 8) * 1_000_000_000 + 9);
                check(15, ValueRef::IntervalDs(IntervalDs { days: -5, nanoseconds }));
                check(16, ValueRef::Bytes(&[0, 255]));
                check(17, ValueRef::Text(b"some text"));
                check(18, ValueRef::Bytes(&[1, 2]));
            }
            2 => (1..19).for_each(|column| check(column, ValueRef::Null)),
            3 => {
                let n: type_convert::Number = number(1).parse().unwrap();
                assert_eq!(n, "1E-30".parse().unwrap());
                let f: type_convert::Number = number(3).parse().unwrap();
                assert_eq!(f, "-1E+50".parse().unwrap());
                check(17, ValueRef::Text(b""));
                check(18, ValueRef::Bytes(b""));
            }
            _ => panic!("{id}"),
        }
        rows.push((id, row_id));
    });
    rows.sort();
    assert_eq!(rows.iter().map(|(id, _)| *id).collect::<Vec<_>>(), [1, 2, 3]);
}

#[test]
fn rows_as_of_an_scn() {
    let fixture = Fixture::new(
        "CREATE TABLE t (id NUMBER PRIMARY KEY, v VARCHAR2(20)); INSERT INTO t VALUES (1, 'one'); INSERT INTO t VALUES (2, 'two'); COMMIT;",
    );
    let (writer, reader, system) = (fixture.session(), fixture.session(), fixture.system());
    let content = |as_of| {
        let mut rows = Vec::new();
        read(&reader, &hr("T"), &ChunkRange::Whole, as_of, 4096, |batch, n| {
            rows.push(format!("{:?} {:?}", batch.get(n, 0), batch.get(n, 1)));
        });
        rows.sort();
        rows
    };
    let first = current_scn(&system).unwrap();
    let before = content(Some(first));
    assert_eq!(before.len(), 2);
    writer.execute("UPDATE t SET v = 'changed' WHERE id = 1").unwrap();
    writer.execute("DELETE FROM t WHERE id = 2").unwrap();
    writer.execute("INSERT INTO t VALUES (3, 'three')").unwrap();
    assert_eq!(content(None), before, "not committed");
    writer.commit().unwrap();
    let second = current_scn(&system).unwrap();
    assert!(second > first);
    assert_eq!(content(Some(first)), before);
    writer.execute("INSERT INTO t VALUES (4, 'four')").unwrap();
    writer.commit().unwrap();
    assert_eq!(count_rows(&reader, &hr("T"), first).unwrap(), 2);
    assert_eq!(count_rows(&reader, &hr("T"), current_scn(&system).unwrap()).unwrap(), 3);
    writer.execute("DELETE FROM t WHERE id = 4").unwrap();
    writer.commit().unwrap();
    assert_eq!(content(Some(second)), content(None));
    assert_ne!(content(None), before);

    let columns = columns(&reader, &hr("T"));
    let future = TableRead {
        table: &hr("T"),
        columns: &columns,
        range: &ChunkRange::Whole,
        as_of: Some(Scn(second.0 + 1_000_000)),
        row_ids: false,
        batch_bytes: 1,
        lob_limit: None,
        condition: None,
        expressions: &[],
    };
    let error = TableReader::open(&reader, &future).unwrap_err();
    assert_eq!((error.kind(), error.ora_code()), (ErrorKind::SnapshotUnavailable, Some(8181)));
    assert_eq!((error.table(), error.scn()), (Some(&hr("T")), future.as_of));
}

#[test]
fn batches_are_bounded_and_whole() {
    let mut script = "CREATE TABLE wide (id NUMBER PRIMARY KEY, t VARCHAR2(1000));".to_owned();
    for id in 0..300 {
        script.push_str(&format!("INSERT INTO wide VALUES ({id}, '{}');", "x".repeat(1000)));
    }
    let fixture = Fixture::new(&script);
    let session = fixture.session();
    let mut ids = Vec::new();
    let batches = read(&session, &hr("WIDE"), &ChunkRange::Whole, None, 20_000, |batch, n| {
        assert!(batch.byte_len() < 25_000, "{}", batch.byte_len());
        ids.push(format!("{:?}", batch.get(n, 0)));
    });
    ids.sort();
    ids.dedup();
    assert_eq!(ids.len(), 300);
    assert!((15..150).contains(&batches), "{batches}");
}

#[test]
fn a_missing_table_is_named() {
    let fixture = Fixture::new("");
    let session = fixture.session();
    let table = hr("NOWHERE");
    let read = TableRead {
        table: &table,
        columns: &[(crate::fixture::ident("ID"), OracleType::Date)],
        range: &ChunkRange::Whole,
        as_of: None,
        row_ids: false,
        batch_bytes: 100,
        lob_limit: None,
        condition: None,
        expressions: &[],
    };
    let error = TableReader::open(&session, &read).unwrap_err();
    assert_eq!((error.kind(), error.table()), (ErrorKind::Privilege, Some(&table)));
    let object = OracleType::Other { owner: Some("HR".into()), name: "ADDRESS".into() };
    let columns = [(crate::fixture::ident("X"), object)];
    let error = TableReader::open(&session, &TableRead { columns: &columns, ..read }).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unsupported);
    assert!(error.to_string().contains("column X"), "{error}");
}

#[test]
fn a_row_costs_no_allocation() {
    let mut script =
        "CREATE TABLE a (id NUMBER PRIMARY KEY, n NUMBER, t VARCHAR2(50), d DATE, r RAW(10), c CLOB);".to_owned();
    for id in 0..3000 {
        script.push_str(&format!(
            "INSERT INTO a VALUES ({id}, {id}.125, 'text {id}', DATE '2024-02-29', HEXTORAW('00ff'), 'lob {id}');"
        ));
    }
    let fixture = Fixture::new(&script);
    let session = fixture.session();
    let table = hr("A");
    let columns = columns(&session, &table);
    let as_of = Some(current_scn(&fixture.system()).unwrap());
    let range = ChunkRange::Whole;
    // No LOB is longer than the limit: reading the lengths allocates nothing either.
    let lob_limit = Some(100_000);
    let read = TableRead {
        table: &table,
        columns: &columns,
        range: &range,
        as_of,
        row_ids: true,
        batch_bytes: 1 << 20,
        lob_limit,
        condition: None,
        expressions: &[],
    };
    let mut reader = TableReader::open(&session, &read).unwrap();
    let mut batch = RowBatch::new(columns.len());
    assert!(reader.read_batch(&mut batch).unwrap());
    let (mut rows, mut batches) = (0, 0);
    let counted = allocation_counter::measure(|| {
        while reader.read_batch(&mut batch).unwrap() {
            rows += batch.rows();
            batches += 1;
        }
    });
    assert!(rows > 2000, "{rows}");
    // The arena may still grow a little; nothing is proportional to the rows.
    assert!(counted.count_total < 20 + 4 * batches, "{} for {rows} rows in {batches} batches", counted.count_total);
}

#[test]
fn undo_that_is_gone_is_named() {
    let fixture = Fixture::new("CREATE TABLE t (id NUMBER PRIMARY KEY); INSERT INTO t VALUES (1); COMMIT;");
    let old = current_scn(&fixture.system()).unwrap();
    fixture.session().execute("UPDATE t SET id = 2").unwrap();
    fixture.offline(|database| database.expire_undo(Scn(old.0 + 1)).unwrap());
    let session = fixture.session();
    let table = hr("T");
    let columns = columns(&session, &table);
    let read = TableRead {
        table: &table,
        columns: &columns,
        range: &ChunkRange::Whole,
        as_of: Some(old),
        row_ids: true,
        batch_bytes: 1000,
        lob_limit: None,
        condition: None,
        expressions: &[],
    };
    let error =
        TableReader::open(&session, &read).and_then(|mut reader| reader.read_batch(&mut RowBatch::new(1))).unwrap_err();
    assert_eq!((error.kind(), error.ora_code()), (ErrorKind::SnapshotUnavailable, Some(1555)));
    assert!(!error.is_transient());
    assert_eq!((error.table(), error.scn()), (Some(&table), Some(old)));
}

#[test]
fn a_table_that_goes_while_it_is_read() {
    let mut script =
        "CREATE TABLE t (id NUMBER(9) PRIMARY KEY, pad VARCHAR2(200)); CREATE TABLE u (id NUMBER(9));".to_owned();
    (0..3000).for_each(|id| script.push_str(&format!("INSERT INTO t VALUES ({id}, '{}');", "x".repeat(200))));
    let fixture = Fixture::new(&script);
    let session = fixture.system();
    let table = hr("T");
    let columns = columns(&session, &table);
    let scn = current_scn(&session).unwrap();
    let read = TableRead { as_of: Some(scn), row_ids: true, ..whole(&table, &columns) };
    let other = fixture.session();
    for change in ["TRUNCATE TABLE t", "DROP TABLE t"] {
        let mut reader = TableReader::open(&session, &TableRead { as_of: None, ..read }).unwrap();
        let mut batch = RowBatch::new(2);
        reader.read_batch(&mut batch).unwrap();
        let first = batch.rows();
        other.execute(change).unwrap();
        let (more, end) = rest(&mut reader, &mut batch);
        let rows = first + more;
        // All of the rows or an error: never some of them as if they were all.
        match end {
            None => assert!(rows == 3000 || change == "DROP TABLE t" && first == 0, "{change}: {rows} rows"),
            Some(error) => {
                assert_eq!((error.kind(), error.table()), (ErrorKind::TableChanged, Some(&table)), "{change}: {error}");
            }
        }
    }
    // As of the SCN, neither the dropped table nor one that was changed can be read.
    let error = TableReader::open(&session, &read).unwrap_err();
    assert_eq!((error.kind(), error.ora_code()), (ErrorKind::Privilege, Some(942)));
    other.execute("ALTER TABLE u ADD (x NUMBER)").unwrap();
    let u = hr("U");
    let columns = [(OracleIdent::new("ID").unwrap(), OracleType::Number { precision: Some(9), scale: Some(0) })];
    let error = TableReader::open(&session, &TableRead { table: &u, columns: &columns, ..read })
        .and_then(|mut reader| reader.read_batch(&mut RowBatch::new(1)).map(|_| ()))
        .unwrap_err();
    assert_eq!((error.kind(), error.ora_code(), error.scn()), (ErrorKind::SnapshotUnavailable, Some(1466), Some(scn)));
}
