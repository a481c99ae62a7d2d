//! LOBs that are handed over piece by piece, and types that are read as text.

use crate::fixture::{Fixture, hr, ident};
use crate::rows::columns;
use bytes::BytesMut;
use oracle_source::{ChunkRange, Error, ErrorKind, Session, TableRead, TableReader, current_scn};
use schema_map::{ObjectPath, OracleIdent};
use std::collections::BTreeMap;
use type_convert::{BatchReader, OracleType, RowBatch, Scn, StreamedLob, Value, ValueRef};

const LIMIT: u64 = 1000;

/// What a LOB column of a row had.
#[derive(Debug, Clone, PartialEq)]
enum Got {
    Null,
    Inline(Vec<u8>),
    Streamed(Vec<u8>),
}

pub(crate) fn fill(fixture: &Fixture, sql: &str, rows: &[Vec<Value>]) {
    fixture.offline(|database| {
        let mut session = database.session("HR", crate::fixture::PASSWORD).unwrap();
        let prepared = session.prepare(sql).unwrap();
        rows.iter().for_each(|row| assert!(session.execute(&prepared, row, false).is_ok()));
        session.commit().unwrap();
    });
}

fn reader(session: &Session, table: &ObjectPath, as_of: Option<Scn>, limit: Option<u64>) -> TableReader {
    let columns = columns(session, table);
    open(session, table, &columns, as_of, limit)
}

fn open(
    session: &Session,
    table: &ObjectPath,
    columns: &[(OracleIdent, OracleType)],
    as_of: Option<Scn>,
    lob_limit: Option<u64>,
) -> TableReader {
    let range = &ChunkRange::Whole;
    let read = TableRead {
        table,
        columns,
        range,
        as_of,
        row_ids: true,
        batch_bytes: 1 << 16,
        lob_limit,
        condition: None,
        expressions: &[],
    };
    TableReader::open(session, &read).unwrap()
}

fn whole(reader: &mut TableReader, lob: StreamedLob) -> Result<Vec<u8>, Error> {
    let mut content = BytesMut::new();
    loop {
        let before = content.len();
        if !reader.read_lob(lob, &mut content)? {
            assert_eq!(content.len(), before);
            return Ok(content.to_vec());
        }
        assert!((1..=1 << 20).contains(&(content.len() - before)), "{}", content.len() - before);
    }
}

/// The LOB columns of each row, by the number in its first column.
fn read(reader: &mut TableReader) -> BTreeMap<i64, Vec<Got>> {
    let (mut rows, mut batch) = (BTreeMap::new(), RowBatch::new(0));
    while reader.read_batch(&mut batch).unwrap() {
        for row in 0..batch.rows() {
            let ValueRef::Int(id) = batch.get(row, 0) else { panic!("{:?}", batch.get(row, 0)) };
            let lobs = (1..batch.columns()).map(|column| match batch.get(row, column) {
                ValueRef::Null => Got::Null,
                ValueRef::Text(inline) | ValueRef::Bytes(inline) => Got::Inline(inline.to_vec()),
                ValueRef::Streamed(lob) => Got::Streamed(whole(reader, lob).unwrap()),
                other => panic!("{other:?}"),
            });
            rows.insert(id, lobs.collect());
        }
    }
    rows
}

pub(crate) fn text(units: u64, pattern: &str) -> String {
    let mut text = String::new();
    let mut length = 0;
    for c in pattern.chars().cycle() {
        if length + c.len_utf16() as u64 > units {
            break;
        }
        length += c.len_utf16() as u64;
        text.push(c);
    }
    text.extend(std::iter::repeat_n('.', usize::try_from(units - length).unwrap()));
    text
}

pub(crate) fn binary(length: u64) -> Vec<u8> {
    (0..length).map(|n| n.to_le_bytes()[0] ^ n.to_le_bytes()[1]).collect()
}

#[test]
fn lobs_around_the_limit() {
    let fixture = Fixture::new("CREATE TABLE l (id NUMBER(9) PRIMARY KEY, c CLOB, n NCLOB, b BLOB, t VARCHAR2(10));");
    // Characters of one to four bytes at every offset of a piece's end.
    let patterns = ["aé€😀", "😀", "x😀", "xy😀", "€", "é"];
    let lengths = [1, LIMIT - 1, LIMIT, LIMIT + 1, 1 << 20, (1 << 20) + 1, 3_000_001];
    let mut wanted = BTreeMap::new();
    let mut rows = Vec::new();
    for (n, &length) in lengths.iter().enumerate() {
        for (m, pattern) in patterns.iter().enumerate() {
            if m > 0 && ![LIMIT + 1, (1 << 20) + 1].contains(&length) {
                continue;
            }
            let id = i64::try_from(n * 10 + m).unwrap();
            let (clob, blob) = (text(length, pattern), binary(length));
            let got = |content: &[u8]| match length > LIMIT {
                true => Got::Streamed(content.to_vec()),
                false => Got::Inline(content.to_vec()),
            };
            wanted.insert(id, vec![got(clob.as_bytes()), got(clob.as_bytes()), got(&blob), Got::Inline(b"t".to_vec())]);
            rows.push(vec![
                Value::Number(id.into()),
                Value::Text(clob.clone()),
                Value::Text(clob),
                Value::Bytes(blob),
                Value::Text("t".into()),
            ]);
        }
    }
    fill(&fixture, "INSERT INTO l VALUES (:1, :2, :3, :4, :5)", &rows);
    let session = fixture.session();
    session.execute("INSERT INTO l VALUES (1000, EMPTY_CLOB(), EMPTY_CLOB(), EMPTY_BLOB(), NULL)").unwrap();
    session.execute("INSERT INTO l VALUES (1001, EMPTY_CLOB(), NULL, NULL, NULL)").unwrap();
    session.commit().unwrap();
    wanted.insert(1000, vec![Got::Inline(Vec::new()), Got::Inline(Vec::new()), Got::Inline(Vec::new()), Got::Null]);
    wanted.insert(1001, vec![Got::Inline(Vec::new()), Got::Null, Got::Null, Got::Null]);
    let scn = current_scn(&fixture.system()).unwrap();
    let table = hr("L");
    let read_all = |as_of, limit| read(&mut reader(&session, &table, as_of, limit));
    let got = read_all(Some(scn), Some(LIMIT));
    assert_eq!(got.keys().collect::<Vec<_>>(), wanted.keys().collect::<Vec<_>>());
    for (id, row) in &wanted {
        assert!(got[id] == *row, "row {id}");
    }
    // Without a limit, and where a LOB could not be found again, the same arrives with the rows.
    for (as_of, limit) in [(Some(scn), None), (None, Some(LIMIT))] {
        for (id, row) in read_all(as_of, limit) {
            let inline = wanted[&id].iter().map(|got| match got {
                Got::Streamed(content) => Got::Inline(content.clone()),
                other => other.clone(),
            });
            assert!(row == inline.collect::<Vec<_>>(), "row {id}");
        }
    }
    // Every LOB that is not empty.
    let all = read_all(Some(scn), Some(0));
    let content = |got: &Got| match got {
        Got::Null => None,
        Got::Inline(content) | Got::Streamed(content) => Some(content.clone()),
    };
    assert_eq!(all.len(), wanted.len());
    for (id, row) in &wanted {
        for (a, b) in row[..3].iter().zip(&all[id]) {
            assert!(
                content(a) == content(b)
                    && matches!(b, Got::Inline(empty) if empty.is_empty()) == (content(a) == Some(vec![]))
            );
        }
    }
}

/// A table of three rows with a CLOB and a BLOB each, all of them longer than the limit.
fn three() -> Fixture {
    let fixture = Fixture::new("CREATE TABLE l (id NUMBER(9) PRIMARY KEY, c CLOB, b BLOB);");
    let row = |id: i64| {
        let id_u64 = id.unsigned_abs();
        vec![
            Value::Number(id.into()),
            Value::Text(text(LIMIT * 2000 + id_u64, "žluť")),
            Value::Bytes(binary(LIMIT * 2000 + id_u64)),
        ]
    };
    fill(&fixture, "INSERT INTO l VALUES (:1, :2, :3)", &[row(1), row(2), row(3)]);
    fixture
}

fn streamed(batch: &RowBatch, row: usize, column: usize) -> StreamedLob {
    match batch.get(row, column) {
        ValueRef::Streamed(lob) => lob,
        other => panic!("{other:?}"),
    }
}

#[test]
fn no_character_is_cut_in_halves() {
    const PIECE: usize = 1 << 20;
    let fixture = Fixture::new("CREATE TABLE l (id NUMBER(9) PRIMARY KEY, c CLOB);");
    // A character of two units around the end of the first piece, as close as may be.
    let texts: Vec<String> = (PIECE - 4..=PIECE + 1).map(|n| "x".repeat(n) + "😀" + &"y".repeat(PIECE)).collect();
    let rows: Vec<_> =
        (0_i64..).zip(&texts).map(|(id, c)| vec![Value::Number(id.into()), Value::Text(c.clone())]).collect();
    fill(&fixture, "INSERT INTO l VALUES (:1, :2)", &rows);
    let (session, scn) = (fixture.session(), current_scn(&fixture.system()).unwrap());
    let mut reader = reader(&session, &hr("L"), Some(scn), Some(LIMIT));
    let (mut batch, mut piece, mut seen) = (RowBatch::new(0), BytesMut::new(), 0);
    while reader.read_batch(&mut batch).unwrap() {
        for row in 0..batch.rows() {
            let lob = streamed(&batch, row, 1);
            assert!(whole(&mut reader, lob).unwrap() == texts[seen].as_bytes());
            // Of as many characters as were asked for, the last is not trusted.
            let other = streamed(&batch, (row + 1) % batch.rows(), 1);
            reader.read_lob(other, &mut piece).unwrap();
            piece.clear();
            reader.read_lob(lob, &mut piece).unwrap();
            let ascii = texts[seen].find('😀').unwrap();
            assert_eq!(piece.len(), if ascii == PIECE - 4 { PIECE } else { ascii.min(PIECE - 1) });
            seen += 1;
        }
    }
    assert_eq!(seen, texts.len());
}

#[test]
fn any_order_and_some_never() {
    let fixture = three();
    let (session, scn) = (fixture.session(), current_scn(&fixture.system()).unwrap());
    let mut reader = reader(&session, &hr("L"), Some(scn), Some(LIMIT));
    let mut batch = RowBatch::new(0);
    assert!(reader.read_batch(&mut batch).unwrap());
    let rows = batch.rows();
    let last = streamed(&batch, rows - 1, 2);
    let first = streamed(&batch, 0, 1);
    assert_eq!(whole(&mut reader, last).unwrap(), binary(last.length));
    // Given up after a piece, and begun again.
    let mut piece = BytesMut::from(&b"kept"[..]);
    assert!(reader.read_lob(first, &mut piece).unwrap());
    assert!(piece.starts_with("kept\u{17e}lu\u{165}".as_bytes()));
    assert_eq!(whole(&mut reader, last).unwrap(), binary(last.length));
    assert_eq!(whole(&mut reader, first).unwrap(), text(first.length, "žluť").as_bytes());
    assert!(!reader.read_lob(first, &mut piece).unwrap(), "read to its end");

    // In mid-LOB on to another thread, and back.
    assert!(reader.read_lob(last, &mut piece).unwrap());
    let mut content = piece.split_off(piece.len() - (1 << 20));
    let mut reader = std::thread::spawn(move || {
        while reader.read_lob(last, &mut content).unwrap() {}
        assert_eq!(content, binary(last.length));
        reader
    })
    .join()
    .unwrap();

    // Not of this batch, or not as it was said.
    let strange = [StreamedLob { id: last.id + 100, ..last }, StreamedLob { length: last.length + 1, ..last }];
    for lob in strange {
        assert_eq!(reader.read_lob(lob, &mut piece).unwrap_err().kind(), ErrorKind::LobGone);
    }
    // The rest of the rows, without a LOB of theirs.
    let mut all = rows;
    while reader.read_batch(&mut batch).unwrap() {
        all += batch.rows();
        let error = reader.read_lob(first, &mut piece).unwrap_err();
        assert_eq!((error.kind(), error.table()), (ErrorKind::LobGone, Some(&hr("L"))));
    }
    assert_eq!(all, 3);
}

#[test]
fn the_old_value_comes_after_an_update() {
    let fixture = three();
    let session = fixture.session();
    let scn = current_scn(&fixture.system()).unwrap();
    let table = hr("L");
    let mut reader = reader(&session, &table, Some(scn), Some(LIMIT));
    let mut batch = RowBatch::new(0);
    let writer = fixture.session();
    let mut seen = 0;
    while reader.read_batch(&mut batch).unwrap() {
        for row in 0..batch.rows() {
            let lob = streamed(&batch, row, 1);
            let mut content = BytesMut::new();
            assert!(reader.read_lob(lob, &mut content).unwrap());
            // Between the pieces.
            writer.execute("UPDATE l SET c = 'new', b = HEXTORAW('00')").unwrap();
            writer.execute("DELETE FROM l WHERE id = 3").unwrap();
            writer.commit().unwrap();
            while reader.read_lob(lob, &mut content).unwrap() {}
            assert_eq!(content, text(lob.length, "žluť").as_bytes());
            let blob = streamed(&batch, row, 2);
            assert_eq!(whole(&mut reader, blob).unwrap(), binary(blob.length));
            seen += 1;
        }
    }
    assert_eq!(seen, 3);
    assert_eq!(read(&mut super::lobs::reader(&session, &table, None, None)).len(), 2);
}

#[test]
fn what_cannot_be_read_is_named() {
    let fixture = three();
    let session = fixture.session();
    let scn = current_scn(&fixture.system()).unwrap();
    let table = hr("L");
    let mut reader = reader(&session, &table, Some(scn), Some(LIMIT));
    let mut batch = RowBatch::new(0);
    assert!(reader.read_batch(&mut batch).unwrap());
    let lob = streamed(&batch, 0, 2);
    fixture.session().execute("DROP TABLE l").unwrap();
    let mut piece = BytesMut::from(&b"kept"[..]);
    let error = reader.read_lob(lob, &mut piece).unwrap_err();
    assert_eq!(piece, b"kept"[..]);
    assert_eq!((error.kind(), error.ora_code()), (ErrorKind::Privilege, Some(942)), "{error}");
    assert_eq!((error.table(), error.scn()), (Some(&table), Some(scn)));
    assert_eq!((error.column(), error.row_id()), (Some(&ident("B")), batch.row_id(0)));
    let said = error.to_string();
    assert!(said.contains("(column B)") && said.contains(batch.row_id(0).unwrap()), "{said}");
}

/// The peak of the process's memory so far, in bytes.
fn peak() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
    line.trim().trim_end_matches(" kB").parse::<u64>().unwrap() << 10
}

/// Run alone by [`memory_is_bounded`]: other tests of the process would be in the peak.
#[test]
#[ignore = "run by memory_is_bounded in a process of its own"]
fn memory_of_three_large_lobs() {
    const LARGE: usize = 64 << 20;
    let file = std::path::PathBuf::from(std::env::var_os("LOB_DATABASE").unwrap());
    let session = Session::connect(&Fixture::options_for(&file)).unwrap();
    let scn = Scn(std::env::var("LOB_SCN").unwrap().parse().unwrap());
    let table = hr("L");
    let mut reader = reader(&session, &table, Some(scn), Some(LIMIT));
    let (mut batch, mut piece, mut sum) = (RowBatch::new(0), BytesMut::new(), 0);
    let before = peak();
    let counted = allocation_counter::measure(|| {
        while reader.read_batch(&mut batch).unwrap() {
            for row in 0..batch.rows() {
                let lob = streamed(&batch, row, 1);
                loop {
                    piece.clear();
                    if !reader.read_lob(lob, &mut piece).unwrap() {
                        break;
                    }
                    sum += piece.len();
                }
            }
        }
    });
    assert_eq!(sum, 3 * LARGE);
    println!("allocated at most {} at a time, peak grew by {}", counted.bytes_max, peak() - before);
    // Ours and the driver's: a piece and little else.
    assert!(counted.bytes_max < 4 << 20, "{}", counted.bytes_max);
    // The database is in the process too: it reads the row of a LOB from its file and hands it on, so one LOB is there in a few copies.
    assert!(peak() - before < 3 * LARGE as u64, "{}", peak() - before);
}

#[test]
fn memory_is_bounded() {
    let fixture = Fixture::new("CREATE TABLE l (id NUMBER(9) PRIMARY KEY, b BLOB);");
    for id in 1..=3_i64 {
        let row = vec![Value::Number(id.into()), Value::Bytes(binary(64 << 20))];
        fill(&fixture, "INSERT INTO l VALUES (:1, :2)", &[row]);
    }
    let scn = current_scn(&fixture.system()).unwrap();
    let output = std::process::Command::new(std::env::current_exe().unwrap())
        .args(["lobs::memory_of_three_large_lobs", "--exact", "--ignored", "--nocapture"])
        .env("LOB_DATABASE", fixture.file())
        .env("LOB_SCN", scn.0.to_string())
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success() && said.contains("1 passed"), "{said}{}", String::from_utf8_lossy(&output.stderr));
    said.lines().filter(|line| line.contains("peak grew")).for_each(|line| println!("{line}"));
}

#[test]
fn documents_are_read_as_text() {
    let fixture = Fixture::new(
        "CREATE TABLE docs (id NUMBER(9) PRIMARY KEY, x XMLTYPE, j JSON, v VECTOR(3, FLOAT32), c CLOB);
         INSERT INTO docs VALUES (1, XMLTYPE('<a>ž</a>'), JSON('{\"a\":[1,null]}'), TO_VECTOR('[1.5,2,3]'), 'c');
         INSERT INTO docs VALUES (2, NULL, NULL, NULL, NULL);
         INSERT INTO docs VALUES (3, '<b/>', 'null', '[0,0,0]', EMPTY_CLOB());
         COMMIT;",
    );
    let session = fixture.session();
    let table = hr("DOCS");
    let declared: Vec<_> = columns(&session, &table).into_iter().map(|(_, ty)| ty).collect();
    assert_eq!(declared[1..3], [OracleType::Xml, OracleType::Json]);
    assert!(matches!(declared[3], OracleType::Vector { .. }), "{declared:?}");
    let inline = |text: &str| Got::Inline(text.as_bytes().to_vec());
    let wanted = BTreeMap::from([
        (1, vec![inline("<a>ž</a>"), inline("{\"a\":[1,null]}"), inline("[1.5,2,3]"), inline("c")]),
        (2, vec![Got::Null, Got::Null, Got::Null, Got::Null]),
        (3, vec![inline("<b/>"), inline("null"), inline("[0,0,0]"), inline("")]),
    ]);
    let scn = current_scn(&fixture.system()).unwrap();
    for limit in [None, Some(1)] {
        assert_eq!(read(&mut reader(&session, &table, Some(scn), limit)), wanted);
    }
}

#[test]
fn booleans_are_read_as_such() {
    let fixture = Fixture::new("CREATE TABLE b (id NUMBER(9) PRIMARY KEY, f BOOLEAN);");
    let rows = [Value::Boolean(true), Value::Boolean(false), Value::Null];
    let rows: Vec<_> = (0_i64..).zip(rows).map(|(id, f)| vec![Value::Number(id.into()), f]).collect();
    fill(&fixture, "INSERT INTO b VALUES (:1, :2)", &rows);
    let session = fixture.session();
    let mut reader = reader(&session, &hr("B"), None, None);
    let mut batch = RowBatch::new(0);
    assert!(reader.read_batch(&mut batch).unwrap());
    let got: Vec<_> = (0..3).map(|row| batch.get(row, 1)).collect();
    assert_eq!(got, [ValueRef::Boolean(true), ValueRef::Boolean(false), ValueRef::Null]);
}

/// The rows of an index-organised table have no fixed ROWID: their LOBs are found by the key, of whatever types its columns are.
#[test]
fn an_index_organised_table_streams_by_its_key() {
    let mut script =
        "CREATE TABLE org (n NUMBER, t VARCHAR2(20), f CHAR(4), d DATE, s TIMESTAMP(9), r RAW(8), doc CLOB, pic BLOB,
           CONSTRAINT org_pk PRIMARY KEY (n, t, f, d, s, r)) ORGANIZATION INDEX;"
            .to_owned();
    for (n, text) in [("-1.25", "it''s"), ("12345678901234567890123456789012345678", "Übung"), ("0", " x ")] {
        script.push_str(&format!(
            "INSERT INTO org VALUES ({n}, '{text}', 'ab', TO_DATE('-0044-03-15 01:02:03', 'SYYYY-MM-DD HH24:MI:SS'),
               TO_TIMESTAMP('2024-02-29 23:59:59.123456789', 'YYYY-MM-DD HH24:MI:SS.FF9'), HEXTORAW('00FF'),
               'short', HEXTORAW('01'));"
        ));
    }
    let fixture = Fixture::new(&script);
    let long = Value::Text(text(2500, "žluť"));
    fill(&fixture, "UPDATE org SET doc = :1, pic = :2 WHERE n <> 0", &[vec![long, Value::Bytes(binary(3000))]]);
    let session = fixture.session();
    let scn = current_scn(&fixture.system()).unwrap();
    let table = hr("ORG");
    let columns = columns(&session, &table);
    let range = &ChunkRange::Whole;
    let read = TableRead {
        table: &table,
        columns: &columns,
        range,
        as_of: Some(scn),
        row_ids: false,
        batch_bytes: 1 << 16,
        lob_limit: Some(LIMIT),
        condition: None,
        expressions: &[],
    };
    let key = &columns[..6];
    let mut reader = TableReader::open_by_key(&session, &read, key).unwrap();
    let writer = fixture.session();
    let (mut batch, mut long, mut short) = (RowBatch::new(0), 0, 0);
    while reader.read_batch(&mut batch).unwrap() {
        writer.execute("UPDATE org SET doc = 'new', pic = NULL").unwrap();
        writer.commit().unwrap();
        for row in 0..batch.rows() {
            assert_eq!(batch.row_id(row), None);
            if batch.get(row, 6) == ValueRef::Text(b"short") {
                short += 1;
                continue;
            }
            let (doc, pic) = (streamed(&batch, row, 6), streamed(&batch, row, 7));
            assert_eq!(whole(&mut reader, pic).unwrap(), binary(3000));
            assert_eq!(whole(&mut reader, doc).unwrap(), text(2500, "žluť").as_bytes());
            long += 1;
        }
    }
    assert_eq!((long, short), (2, 1));

    // What is not as its row said is named by the key.
    let mut reader = TableReader::open_by_key(&session, &read, key).unwrap();
    assert!(reader.read_batch(&mut batch).unwrap());
    let row = (0..batch.rows()).find(|row| matches!(batch.get(*row, 6), ValueRef::Streamed(_))).unwrap();
    let lob = streamed(&batch, row, 6);
    writer.execute("DROP TABLE org").unwrap();
    let error = reader.read_lob(lob, &mut BytesMut::new()).unwrap_err();
    assert!(
        error.to_string().contains(
            "of the row with key -1.25, it's, ab  , -0044-03-15 01:02:03,  2024-02-29 23:59:59.123456789, 00FF"
        ),
        "{error}"
    );
    assert_eq!((error.row_id(), error.column()), (None, Some(&ident("DOC"))));

    for (key, says) in [(&[][..], "without columns"), (&columns[6..7], "column DOC: its type is CLOB")] {
        let error = TableReader::open_by_key(&session, &read, key).unwrap_err();
        assert!(error.kind() == ErrorKind::Unsupported && error.to_string().contains(says), "{error}");
    }
}
