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
