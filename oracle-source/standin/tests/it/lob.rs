//! LOBs inline and through locators.

use crate::{Standin, code};
use oracle::sql_type::{Blob, Clob, Lob};
use std::io::{Read, Seek, SeekFrom, Write};

const SCRIPT: &str = "CREATE TABLE lobs (id NUMBER(4) PRIMARY KEY, c CLOB, b BLOB);";

fn filled() -> (Standin, String, Vec<u8>) {
    let standin = Standin::new(SCRIPT);
    // The engine takes LOBs of up to 32767 bytes.
    let text = "x€😀 ".repeat(3_600);
    let bytes: Vec<u8> = (0..32_000_u32).map(|i| (i % 251) as u8).collect();
    let connection = standin.connect();
    connection.execute("INSERT INTO lobs VALUES (1, 'short Ω', HEXTORAW('0001'))", &[]).unwrap();
    connection.execute("INSERT INTO lobs VALUES (2, NULL, NULL)", &[]).unwrap();
    connection.execute("INSERT INTO lobs VALUES (3, EMPTY_CLOB(), EMPTY_BLOB())", &[]).unwrap();
    connection.execute("INSERT INTO lobs VALUES (4, :1, :2)", &[&text, &bytes]).unwrap();
    connection.commit().unwrap();
    (standin, text, bytes)
}

#[test]
fn inline() {
    let (standin, text, bytes) = filled();
    let connection = standin.connect();
    let rows: Vec<(i64, Option<String>, Option<Vec<u8>>)> = connection
        .query_as::<(i64, Option<String>, Option<Vec<u8>>)>("SELECT id, c, b FROM lobs ORDER BY id", &[])
        .unwrap()
        .map(Result::unwrap)
        .collect();
    assert_eq!(rows[0], (1, Some("short Ω".into()), Some(vec![0, 1])));
    assert_eq!(rows[1], (2, None, None));
    assert_eq!((rows[2].1.as_deref(), rows[2].2.as_deref()), (Some(""), Some(&[][..])));
    assert_eq!(rows[3].1.as_deref(), Some(text.as_str()));
    assert_eq!(rows[3].2.as_deref(), Some(bytes.as_slice()));
}

#[test]
fn by_locator() {
    let (standin, text, bytes) = filled();
    let connection = standin.connect();
    let mut statement =
        connection.statement("SELECT c, b FROM lobs WHERE id IN (2, 4) ORDER BY id").lob_locator().build().unwrap();
    let mut rows = statement.query(&[]).unwrap();
    let row = rows.next().unwrap().unwrap();
    assert!(row.get::<_, Option<Clob>>(0).unwrap().is_none() && row.get::<_, Option<Blob>>(1).unwrap().is_none());
    let row = rows.next().unwrap().unwrap();
    let (mut clob, mut blob): (Clob, Blob) = (row.get(0).unwrap(), row.get(1).unwrap());
    assert_eq!(clob.size().unwrap(), text.encode_utf16().count() as u64);
    assert_eq!(blob.size().unwrap(), bytes.len() as u64);
    assert!(blob.chunk_size().unwrap() > 0);
    let mut pieces = Vec::new();
    let mut buffer = [0; 4096];
    loop {
        let n = clob.read(&mut buffer).unwrap();
        if n == 0 {
            break;
        }
        pieces.extend_from_slice(&buffer[..n]);
    }
    assert_eq!(pieces, text.as_bytes());
    blob.seek(SeekFrom::Start(31_990)).unwrap();
    let mut tail = Vec::new();
    blob.read_to_end(&mut tail).unwrap();
    assert_eq!(tail, bytes[31_990..]);
}

#[test]
fn lengths_and_lobs_within_a_limit() {
    let (standin, text, _) = filled();
    let connection = standin.connect();
    let units = text.encode_utf16().count();
    let sql = "SELECT id, DBMS_LOB.GETLENGTH(c), CASE WHEN DBMS_LOB.GETLENGTH(c) <= 7 THEN c END, \
        CASE WHEN DBMS_LOB.GETLENGTH(b) <= 1 THEN b END, DBMS_LOB.GETLENGTH(b) FROM lobs ORDER BY id";
    type Row = (i64, Option<usize>, Option<String>, Option<Vec<u8>>, Option<usize>);
    let rows: Vec<Row> = connection.query_as::<Row>(sql, &[]).unwrap().map(Result::unwrap).collect();
    assert_eq!(
        rows,
        [
            (1, Some(7), Some("short Ω".into()), None, Some(2)),
            (2, None, None, None, None),
            (3, Some(0), Some(String::new()), Some(Vec::new()), Some(0)),
            (4, Some(units), None, None, Some(32_000)),
        ]
    );
    let sql = "SELECT CASE WHEN DBMS_LOB.GETLENGTH(c) > 7 THEN c END FROM lobs WHERE id = 4";
    let mut clob: Clob = connection.statement(sql).lob_locator().build().unwrap().query_row_as(&[]).unwrap();
    let mut whole = String::new();
    clob.read_to_string(&mut whole).unwrap();
    assert_eq!(whole, text);
}

#[test]
fn documents_are_serialized_and_nothing_else() {
    let standin = Standin::new(
        "CREATE TABLE docs (id NUMBER, x XMLTYPE, j JSON, v VECTOR, c CLOB);
         INSERT INTO docs VALUES (1, XMLTYPE('<a/>'), JSON('{}'), TO_VECTOR('[1]'), 'c'); INSERT INTO docs (id) VALUES (2); COMMIT;",
    );
    let connection = standin.connect();
    let sql = "SELECT XMLSERIALIZE(CONTENT x AS CLOB), JSON_SERIALIZE(j RETURNING CLOB ERROR ON ERROR), \
        VECTOR_SERIALIZE(v RETURNING CLOB) FROM docs ORDER BY id";
    type Row = (Option<String>, Option<String>, Option<String>);
    let rows: Vec<Row> = connection.query_as::<Row>(sql, &[]).unwrap().map(Result::unwrap).collect();
    assert_eq!(rows, [(Some("<a/>".into()), Some("{}".into()), Some("[1]".into())), (None, None, None)]);
    let one = |expression: &str| {
        connection.query_row_as::<Option<String>>(&format!("SELECT {expression} FROM docs WHERE x IS NOT NULL"), &[])
    };
    for mistaken in
        ["XMLSERIALIZE(CONTENT c AS CLOB)", "JSON_SERIALIZE(x RETURNING CLOB)", "VECTOR_SERIALIZE(j RETURNING CLOB)"]
    {
        assert_eq!(code(one(mistaken)), 932, "{mistaken}");
    }
    assert_eq!(code(one("XMLSERIALIZE(CONTENT x AS BLOB)")), 3001);
    assert_eq!(code(one("JSON_SERIALIZE(j RETURNING CLOB NULL ON ERROR)")), 907);
    assert_eq!(code(one("x")), 3001, "no client is handed the type itself");
}

#[test]
fn temporary_lobs_are_written_and_bound() {
    let standin = Standin::new(SCRIPT);
    let connection = standin.connect();
    let mut clob = Clob::new(&connection).unwrap();
    clob.write_all("first €, ".as_bytes()).unwrap();
    clob.write_all("second".as_bytes()).unwrap();
    let mut blob = Blob::new(&connection).unwrap();
    blob.write_all(&[1, 2, 3, 4]).unwrap();
    blob.truncate(3).unwrap();
    connection.execute("INSERT INTO lobs VALUES (1, :1, :2)", &[&clob, &blob]).unwrap();
    let (c, b): (String, Vec<u8>) = connection.query_row_as("SELECT c, b FROM lobs", &[]).unwrap();
    assert_eq!((c.as_str(), b.as_slice()), ("first €, second", &[1, 2, 3][..]));
}

#[test]
fn a_stored_lob_is_not_written_through_its_locator() {
    let (standin, ..) = filled();
    let connection = standin.connect();
    let mut statement = connection.statement("SELECT b FROM lobs WHERE id = 4").lob_locator().build().unwrap();
    let mut blob: Blob = statement.query_row_as(&[]).unwrap();
    assert_eq!(code(blob.truncate(0)), 3001);
}
