//! Fetching every type, described and converted as the caller defines it.

use crate::{code, shared};
use oracle::{
    Row, RowValue,
    sql_type::{InnerValue, IntervalDS, IntervalYM, OracleType, Timestamp},
};
use std::{
    alloc::{GlobalAlloc, Layout, System},
    cell::{Cell, RefCell},
};

pub(crate) const SCRIPT: &str = "
CREATE TABLE all_types (
  id NUMBER(10) PRIMARY KEY, big NUMBER, amount NUMBER(12,2), whole NUMBER(*,0), fl FLOAT(63),
  bf BINARY_FLOAT, bd BINARY_DOUBLE, name VARCHAR2(100 CHAR), code CHAR(5), nname NVARCHAR2(20), ncode NCHAR(3),
  r RAW(16), d DATE, ts TIMESTAMP, ts3 TIMESTAMP(3), tz TIMESTAMP(9) WITH TIME ZONE,
  ym INTERVAL YEAR(3) TO MONTH, ds INTERVAL DAY(4) TO SECOND(9), c CLOB, b BLOB);
INSERT INTO all_types VALUES (1, -1234567890123456789012345678.0123456789, 1234.5, 99999999999999999999, 0.5,
  1.5, 2.25, 'naïve €', 'AB', 'Ωmega', 'xy', HEXTORAW('00FF10'), DATE '2024-02-29',
  TIMESTAMP '1999-12-31 23:59:59.123456', TIMESTAMP '1999-12-31 23:59:59.123',
  TIMESTAMP '2024-02-29 01:02:03.000000004 -05:30', INTERVAL '-3-7' YEAR(3) TO MONTH,
  INTERVAL '-4 05:00:06.000789' DAY(4) TO SECOND(9), 'a clob with €', HEXTORAW('00010203'));
INSERT INTO all_types (id) VALUES (2);
CREATE TABLE many (id NUMBER(10) PRIMARY KEY, price NUMBER(12,4), name VARCHAR2(40), made DATE);
";

#[test]
fn columns_are_described_as_oracle_does() {
    let connection = shared().connect();
    let mut statement = connection.statement("SELECT t.*, t.ROWID, COUNT(*) OVER () FROM all_types t").build().unwrap();
    // A window function is not known; the plain columns are enough.
    assert!(statement.query(&[]).is_err());
    let mut statement = connection.statement("SELECT * FROM all_types").build().unwrap();
    let rows = statement.query(&[]).unwrap();
    let described: Vec<(String, OracleType, bool)> =
        rows.column_info().iter().map(|c| (c.name().to_owned(), c.oracle_type().clone(), c.nullable())).collect();
    let expected = [
        ("ID", OracleType::Number(10, 0)),
        ("BIG", OracleType::Number(0, -127)),
        ("AMOUNT", OracleType::Number(12, 2)),
        ("WHOLE", OracleType::Number(38, 0)),
        ("FL", OracleType::Float(63)),
        ("BF", OracleType::BinaryFloat),
        ("BD", OracleType::BinaryDouble),
        ("NAME", OracleType::Varchar2(400)),
        ("CODE", OracleType::Char(5)),
        ("NNAME", OracleType::NVarchar2(20)),
        ("NCODE", OracleType::NChar(3)),
        ("R", OracleType::Raw(16)),
        ("D", OracleType::Date),
        ("TS", OracleType::Timestamp(6)),
        ("TS3", OracleType::Timestamp(3)),
        ("TZ", OracleType::TimestampTZ(9)),
        ("YM", OracleType::IntervalYM(3)),
        ("DS", OracleType::IntervalDS(4, 9)),
        ("C", OracleType::CLOB),
        ("B", OracleType::BLOB),
    ];
    assert_eq!(described.len(), expected.len());
    for ((name, oracle_type, nullable), (wanted, wanted_type)) in described.iter().zip(expected) {
        assert_eq!((name.as_str(), oracle_type), (wanted, &wanted_type));
        assert_eq!(*nullable, wanted != "ID", "{name}");
    }
}

#[test]
fn every_type_arrives_whole() {
    let connection = shared().connect();
    let row = connection.query_row("SELECT * FROM all_types WHERE id = 1", &[]).unwrap();
    let text = |name: &str| row.get::<_, String>(name).unwrap();
    assert_eq!(row.get::<_, i64>("ID").unwrap(), 1);
    assert_eq!(text("BIG"), "-1234567890123456789012345678.0123456789");
    assert_eq!(text("AMOUNT"), "1234.5");
    assert_eq!(text("WHOLE"), "99999999999999999999");
    assert_eq!(row.get::<_, f64>("FL").unwrap(), 0.5);
    assert_eq!(row.get::<_, f32>("BF").unwrap(), 1.5);
    assert_eq!(row.get::<_, f64>("BD").unwrap(), 2.25);
    assert_eq!(text("NAME"), "naïve €");
    assert_eq!(text("CODE"), "AB   ");
    assert_eq!(text("NNAME"), "Ωmega");
    assert_eq!(text("NCODE"), "xy ");
    assert_eq!(row.get::<_, Vec<u8>>("R").unwrap(), [0x00, 0xff, 0x10]);
    let timestamp = |name: &str| row.get::<_, Timestamp>(name).unwrap();
    assert_eq!(timestamp("D"), Timestamp::new(2024, 2, 29, 0, 0, 0, 0).unwrap());
    assert_eq!(timestamp("TS"), Timestamp::new(1999, 12, 31, 23, 59, 59, 123_456_000).unwrap());
    assert_eq!(timestamp("TS3"), Timestamp::new(1999, 12, 31, 23, 59, 59, 123_000_000).unwrap());
    let zoned = Timestamp::new(2024, 2, 29, 1, 2, 3, 4).unwrap().and_tz_hm_offset(-5, -30).unwrap();
    assert_eq!(timestamp("TZ"), zoned);
    assert_eq!(timestamp("TZ").tz_offset(), -(5 * 3600 + 30 * 60));
    assert_eq!(row.get::<_, IntervalYM>("YM").unwrap(), IntervalYM::new(-3, -7).unwrap());
    assert_eq!(row.get::<_, IntervalDS>("DS").unwrap(), IntervalDS::new(-4, -5, 0, -6, -789_000).unwrap());
    assert_eq!(text("C"), "a clob with €");
    assert_eq!(row.get::<_, Vec<u8>>("B").unwrap(), [0, 1, 2, 3]);
}

#[test]
fn nulls_of_every_type() {
    let connection = shared().connect();
    let row = connection.query_row("SELECT * FROM all_types WHERE id = 2", &[]).unwrap();
    for (column, value) in row.column_info().iter().zip(row.sql_values()).skip(1) {
        assert!(value.is_null().unwrap(), "{}", column.name());
    }
}

#[test]
fn row_ids_lead_back_to_their_rows() {
    let connection = shared().connect();
    let id: String = connection.query_row_as("SELECT ROWID FROM all_types WHERE id = 1", &[]).unwrap();
    assert_eq!(id.len(), 18);
    let found: i64 = connection.query_row_as("SELECT id FROM all_types WHERE ROWID = :1", &[&id]).unwrap();
    assert_eq!(found, 1);
}

#[test]
fn errors_have_a_code_and_a_place() {
    let connection = shared().connect();
    let error = connection.query("SELECT * FROM nowhere", &[]).unwrap_err();
    let error = error.db_error().unwrap();
    assert_eq!((error.code(), error.offset()), (942, 14));
    let error = connection.query("SELECT nothing FROM all_types", &[]).unwrap_err();
    let error = error.db_error().unwrap();
    assert_eq!((error.code(), error.offset()), (904, 7));
    assert_eq!(code(connection.query("SELECT * FROM all_types WHERE id = :1", &[])), 1008);
    // The connection goes on.
    assert_eq!(connection.query_row_as::<i64>("SELECT 1 FROM DUAL", &[]).unwrap(), 1);
}

#[test]
fn what_does_not_fit_an_integer_is_refused() {
    let connection = shared().connect();
    let row = connection.query_row("SELECT big FROM all_types WHERE id = 1", &[]).unwrap();
    assert!(row.get::<_, i64>(0).is_err());
}

/// Counts the allocations of this test's own thread.
struct Counting;

thread_local! {
    static ALLOCATIONS: Cell<u64> = const { Cell::new(0) };
    static DRAINED: RefCell<Vec<u8>> = RefCell::new(Vec::with_capacity(1 << 20));
}

// SAFETY: everything is left to the system's allocator.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        let _ = ALLOCATIONS.try_with(|n| n.set(n.get() + 1));
        // SAFETY: the caller's promise.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
        // SAFETY: the caller's promise.
        unsafe { System.dealloc(block, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

/// Takes a row out of the fetch buffer without making anything of its own.
struct Drain;

impl RowValue for Drain {
    fn get(row: &Row) -> oracle::Result<Self> {
        DRAINED.with_borrow_mut(|out| {
            if out.len() > 1 << 19 {
                out.clear();
            }
            for value in row.sql_values() {
                if value.is_null()? {
                    out.push(0);
                    continue;
                }
                match value.as_inner_value()? {
                    InnerValue::Int64(i) => out.extend_from_slice(&i.to_be_bytes()),
                    InnerValue::Number(n) => out.extend_from_slice(n.as_bytes()),
                    InnerValue::Char(c) | InnerValue::Raw(c) => out.extend_from_slice(c),
                    InnerValue::Timestamp(t) => out.extend_from_slice(&t.year.to_be_bytes()),
                    other => panic!("{other:?}"),
                }
            }
            Ok(Drain)
        })
    }
}

#[test]
fn rows_can_be_drained_without_an_allocation() {
    let connection = shared().connect();
    let mut batch = connection.batch("INSERT INTO many VALUES (:1, :2, :3, DATE '2024-01-01')", 500).build().unwrap();
    for i in 0..2000_i64 {
        batch.append_row(&[&i, &(i as f64 / 4.0), &format!("row {i}")]).unwrap();
    }
    batch.execute().unwrap();
    let mut statement = connection.statement("SELECT * FROM many").fetch_array_size(100).build().unwrap();
    let (mut rows, mut before) = (0, 0);
    for row in statement.query_as::<Drain>(&[]).unwrap() {
        row.unwrap();
        rows += 1;
        if rows == 100 {
            before = ALLOCATIONS.get();
        }
    }
    assert_eq!(rows, 2000);
    // The client library has its own allocator: this counts what the program and the `oracle` crate do.
    assert_eq!(ALLOCATIONS.get() - before, 0);
    connection.rollback().unwrap();
}
