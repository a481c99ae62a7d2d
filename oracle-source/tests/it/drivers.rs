//! The same scenarios through every driver: `oci` on the stand-in's client library, `thin` over a server of Oracle's protocol with the
//! stand-in's database behind it. The rows must be those that are written here, and the same.
//!
//! What the server cannot carry, and what therefore only `oci` is asked: BOOLEAN, XMLTYPE, JSON and VECTOR columns as such, which the stand-in
//! has none of or as text alone.

use crate::{
    fixture::{Fixture, hr, ident},
    protocol::Protocol,
    rows::columns,
};
use bytes::BytesMut;
use oracle_source::{
    ChunkRange, Driver, ErrorKind, Session, SqlExpression, TableRead, TableReader, current_scn, plan_chunks,
    read_dictionary,
};
use std::{fmt::Write as _, time::Duration};
use type_convert::{BatchReader, Number, RowBatch, ValueRef};

/// A table and the rows that every driver must read of it, in the order of their first column.
struct Scenario {
    name: &'static str,
    script: &'static str,
    rows: &'static [&'static [&'static str]],
    /// LOBs from this length on are read piece by piece.
    lob_limit: Option<u64>,
    /// Columns that python-oracledb cannot hold: nanoseconds, offsets, years before 1, BINARY_FLOAT (it makes them 8 bytes long), empty LOBs.
    not_python: &'static [&'static str],
}

const NULL: &str = "NULL";

const SCENARIOS: &[Scenario] = &[
    Scenario {
        name: "NUMBERS",
        script: "CREATE TABLE numbers (id NUMBER(9) PRIMARY KEY, n NUMBER, whole NUMBER(18), long_whole NUMBER(38), money NUMBER(20,4),
                   tens NUMBER(5,-2), f FLOAT(126));
                 INSERT INTO numbers VALUES (1, 12345678901234567890123456789012345678, 999999999999999999,
                   -99999999999999999999999999999999999999, -1234567890123456.7891, 1234567, 0.1);
                 INSERT INTO numbers VALUES (2, 9.9999999999999999999999999999999999999E125, -999999999999999999, 0, 0.0001, -100, -1E50);
                 INSERT INTO numbers VALUES (3, 1E-130, 0, 1, 0, 0, 1E-100);
                 INSERT INTO numbers VALUES (4, -0.5, -1, 100, -0.5, 99900, 100);
                 INSERT INTO numbers (id) VALUES (5);",
        rows: &[
            &[
                "1",
                "12345678901234567890123456789012345678",
                "999999999999999999",
                "-99999999999999999999999999999999999999",
                "-1234567890123456.7891",
                "1234600",
                "0.1",
            ],
            &["2", "9.9999999999999999999999999999999999999E+125", "-999999999999999999", "0", "0.0001", "-100", "-1E+50"],
            &["3", "1E-130", "0", "1", "0", "0", "1E-100"],
            &["4", "-0.5", "-1", "100", "-0.5", "99900", "100"],
            &["5", NULL, NULL, NULL, NULL, NULL, NULL],
        ],
        lob_limit: None,
        not_python: &[],
    },
    Scenario {
        name: "FLOATS",
        script: "CREATE TABLE floats (id NUMBER(9) PRIMARY KEY, f BINARY_FLOAT, d BINARY_DOUBLE);
                 INSERT INTO floats VALUES (1, 1.5, -2.25); INSERT INTO floats VALUES (2, -0.1, 1.7976931348623157E308d);
                 INSERT INTO floats VALUES (3, 'Inf', '-Inf');
                 INSERT INTO floats VALUES (4, 'NaN', 0); INSERT INTO floats (id) VALUES (5);",
        rows: &[
            &["1", "1.5", "-2.25"],
            &["2", "-0.1", "1.7976931348623157e308"],
            &["3", "inf", "-inf"],
            &["4", "NaN", "0.0"],
            &["5", NULL, NULL],
        ],
        lob_limit: None,
        not_python: &["F"],
    },
    Scenario {
        name: "TEXTS",
        script: "CREATE TABLE texts (id NUMBER(9) PRIMARY KEY, c CHAR(5), v VARCHAR2(4000), vc VARCHAR2(10 CHAR), nc NCHAR(3),
                   nv NVARCHAR2(20), r RAW(2000));
                 INSERT INTO texts VALUES (1, 'ab', 'Grüße ''1''', '😀😀', 'x', UNISTR('\\017Elu\\0165 \\D83D\\DE00'), HEXTORAW('00ff'));
                 INSERT INTO texts VALUES (2, '', RPAD('x', 4000, 'y'), 'žluť', 'ж', ' ', RPAD('00', 4000, 'a5'));
                 INSERT INTO texts VALUES (3, 'abcde', 'a' || CHR(10) || CHR(0) || 'b', ' ', 'abc', 'ab', HEXTORAW('00'));
                 INSERT INTO texts (id) VALUES (4);",
        rows: &[
            &["1", "ab   ", "Grüße '1'", "😀😀", "x  ", "žluť 😀", "00ff"],
            &["2", NULL, "x+3999*y", "žluť", "ж  ", " ", "00+1999*a5"],
            &["3", "abcde", "a\n\0b", " ", "abc", "ab", "00"],
            &["4", NULL, NULL, NULL, NULL, NULL, NULL],
        ],
        lob_limit: None,
        not_python: &[],
    },
    Scenario {
        name: "TIMES",
        script: "CREATE TABLE times (id NUMBER(9) PRIMARY KEY, d DATE, t TIMESTAMP(0), t6 TIMESTAMP(6), t9 TIMESTAMP(9),
                   tz TIMESTAMP(9) WITH TIME ZONE, ltz TIMESTAMP(3) WITH LOCAL TIME ZONE);
                 INSERT INTO times VALUES (1, TO_DATE('2024-02-29 23:59:58', 'YYYY-MM-DD HH24:MI:SS'),
                   TO_TIMESTAMP('2024-02-29 23:59:58', 'YYYY-MM-DD HH24:MI:SS'),
                   TO_TIMESTAMP('1999-12-31 23:59:59.123456', 'YYYY-MM-DD HH24:MI:SS.FF'),
                   TO_TIMESTAMP('1999-12-31 23:59:59.123456789', 'YYYY-MM-DD HH24:MI:SS.FF'),
                   TO_TIMESTAMP_TZ('2024-06-01 12:00:00.000000005 -03:30', 'YYYY-MM-DD HH24:MI:SS.FF TZH:TZM'),
                   TO_TIMESTAMP('2024-06-01 12:00:00.25', 'YYYY-MM-DD HH24:MI:SS.FF'));
                 INSERT INTO times VALUES (2, TO_DATE('-4712-01-01', 'SYYYY-MM-DD'), TO_TIMESTAMP('-0001-12-31', 'SYYYY-MM-DD'),
                   TO_TIMESTAMP('9999-12-31 23:59:59.999999', 'YYYY-MM-DD HH24:MI:SS.FF'),
                   TO_TIMESTAMP('-4712-01-01 00:00:00.000000001', 'SYYYY-MM-DD HH24:MI:SS.FF'),
                   TO_TIMESTAMP_TZ('0001-01-01 00:00:00 +14:00', 'YYYY-MM-DD HH24:MI:SS TZH:TZM'),
                   TO_TIMESTAMP('1970-01-01', 'YYYY-MM-DD'));
                 INSERT INTO times VALUES (3, TO_DATE('9999-12-31', 'YYYY-MM-DD'), NULL, NULL, NULL,
                   TO_TIMESTAMP_TZ('2024-01-01 00:30:00 +05:45', 'YYYY-MM-DD HH24:MI:SS TZH:TZM'), NULL);
                 INSERT INTO times (id) VALUES (4);",
        rows: &[
            &[
                "1",
                "2024-02-29 23:59:58.000000000",
                "2024-02-29 23:59:58.000000000",
                "1999-12-31 23:59:59.123456000",
                "1999-12-31 23:59:59.123456789",
                "2024-06-01 12:00:00.000000005 -03:30",
                "2024-06-01 12:00:00.250000000 +00:00",
            ],
            &[
                "2",
                "-4712-01-01 00:00:00.000000000",
                "-1-12-31 00:00:00.000000000",
                "9999-12-31 23:59:59.999999000",
                "-4712-01-01 00:00:00.000000001",
                "1-01-01 00:00:00.000000000 +14:00",
                "1970-01-01 00:00:00.000000000 +00:00",
            ],
            &["3", "9999-12-31 00:00:00.000000000", NULL, NULL, NULL, "2024-01-01 00:30:00.000000000 +05:45", NULL],
            &["4", NULL, NULL, NULL, NULL, NULL, NULL],
        ],
        lob_limit: None,
        not_python: &["D", "T", "T9", "TZ", "LTZ"],
    },
    Scenario {
        name: "INTERVALS",
        script: "CREATE TABLE intervals (id NUMBER(9) PRIMARY KEY, ym INTERVAL YEAR(9) TO MONTH, ds INTERVAL DAY(9) TO SECOND(9));
                 INSERT INTO intervals VALUES (1, TO_YMINTERVAL('-12-03'), TO_DSINTERVAL('-5 06:07:08.000000009'));
                 INSERT INTO intervals VALUES (2, TO_YMINTERVAL('99999999-11'), TO_DSINTERVAL('999999999 23:59:59.999999999'));
                 INSERT INTO intervals VALUES (3, TO_YMINTERVAL('0-0'), TO_DSINTERVAL('0 00:00:00'));
                 INSERT INTO intervals (id) VALUES (4);",
        rows: &[
            &["1", "-147 months", "-5 days -22028000000009 ns"],
            &["2", "1199999999 months", "999999999 days 86399999999999 ns"],
            &["3", "0 months", "0 days 0 ns"],
            &["4", NULL, NULL],
        ],
        lob_limit: None,
        not_python: &["DS"],
    },
    Scenario {
        name: "LOBS",
        script: "CREATE TABLE lobs (id NUMBER(9) PRIMARY KEY, c CLOB, n NCLOB, b BLOB);
                 INSERT INTO lobs VALUES (1, 'some text', 'žluť 😀', HEXTORAW('00ff'));
                 INSERT INTO lobs VALUES (2, EMPTY_CLOB(), EMPTY_CLOB(), EMPTY_BLOB());
                 INSERT INTO lobs (id) VALUES (3);",
        rows: &[
            &["1", "some text", "žluť 😀", "00ff"],
            &["2", "", "", ""],
            &["3", NULL, NULL, NULL],
        ],
        lob_limit: None,
        not_python: &["C", "N", "B"],
    },
    Scenario {
        name: "LONGS",
        script: "CREATE TABLE longs (id NUMBER(9) PRIMARY KEY, l LONG);
                 INSERT INTO longs VALUES (1, RPAD('x', 2000, 'ž')); INSERT INTO longs VALUES (2, 'short'); INSERT INTO longs (id) VALUES (3);",
        rows: &[&["1", "x+1999*ž"], &["2", "short"], &["3", NULL]],
        lob_limit: None,
        not_python: &[],
    },
    Scenario {
        name: "LONG_RAWS",
        script: "CREATE TABLE long_raws (id NUMBER(9) PRIMARY KEY, l LONG RAW);
                 INSERT INTO long_raws VALUES (1, HEXTORAW('0001fe')); INSERT INTO long_raws (id) VALUES (2);",
        rows: &[&["1", "0001fe"], &["2", NULL]],
        lob_limit: None,
        not_python: &[],
    },
];

/// A value as text, numbers in one form.
fn shown(value: ValueRef<'_>) -> String {
    let number = |text: &str| text.parse::<Number>().map_or_else(|e| panic!("{text:?}: {e}"), |n| n.to_string());
    match value {
        ValueRef::Null => NULL.to_owned(),
        ValueRef::Int(n) => number(&n.to_string()),
        ValueRef::Decimal(text) => number(text),
        ValueRef::Float(n) => format!("{n:?}"),
        ValueRef::Double(n) => format!("{n:?}"),
        ValueRef::Text(text) => String::from_utf8(text.to_vec()).unwrap(),
        ValueRef::Bytes(bytes) => hexadecimal(bytes),
        ValueRef::DateTime(at) => format!(
            "{}-{:02}-{:02} {:02}:{:02}:{:02}.{:09}",
            at.year, at.month, at.day, at.hour, at.minute, at.second, at.nanosecond
        ),
        ValueRef::DateTimeTz(at, offset) => format!("{} {offset}", shown(ValueRef::DateTime(at))),
        ValueRef::IntervalYm(i) => format!("{} months", i.months),
        ValueRef::IntervalDs(i) => format!("{} days {} ns", i.days, i.nanoseconds),
        other => panic!("{other:?}"),
    }
}

fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        write!(text, "{byte:02x}").unwrap();
        text
    })
}

/// `x+3999*y` is x and then 3999 times y; numbers are written out.
fn expected(text: &str) -> String {
    if let (true, Ok(number)) = (text.contains('E'), text.parse::<Number>()) {
        return number.to_string();
    }
    let long = text.split_once('+').and_then(|(first, rest)| {
        let (times, last) = rest.split_once('*')?;
        Some(format!("{first}{}", last.repeat(times.parse().ok()?)))
    });
    long.unwrap_or_else(|| text.to_owned())
}

/// The rows of a table, each with its ROWID last, in the order of their first column.
fn rows(
    session: &Session,
    table: &str,
    lob_limit: Option<u64>,
    range: &ChunkRange,
    batch_bytes: usize,
) -> Vec<Vec<String>> {
    let table = hr(table);
    let columns = columns(session, &table);
    let read = TableRead {
        table: &table,
        columns: &columns,
        range,
        as_of: Some(current_scn(session).unwrap()),
        row_ids: true,
        batch_bytes,
        lob_limit,
        condition: None,
        expressions: &[],
    };
    let mut reader = TableReader::open(session, &read).unwrap();
    let (mut batch, mut rows) = (RowBatch::default(), Vec::new());
    while reader.read_batch(&mut batch).unwrap() {
        for n in 0..batch.rows() {
            let mut row = Vec::new();
            for value in batch.row(n) {
                row.push(match value {
                    ValueRef::Streamed(lob) => {
                        let mut content = BytesMut::new();
                        while reader.read_lob(lob, &mut content).unwrap() {}
                        String::from_utf8(content.to_vec()).unwrap_or_else(|_| hexadecimal(&content))
                    }
                    value => shown(value),
                });
            }
            row.push(batch.row_id(n).unwrap().to_owned());
            rows.push(row);
        }
    }
    rows.sort_by_key(|row| row[0].parse::<i64>().unwrap());
    rows
}

/// Both drivers' sessions on one database, of HR; `None` where the protocol's server cannot be had.
fn both(fixture: &Fixture) -> Option<(Protocol, [Session; 2])> {
    let protocol = Protocol::start(fixture)?;
    fixture.system().execute("GRANT SELECT_CATALOG_ROLE, EXECUTE_CATALOG_ROLE, LOGMINING TO hr").unwrap();
    let thin = Session::connect(&protocol.options()).unwrap();
    Some((protocol, [fixture.session(), thin]))
}

#[test]
fn every_type_is_the_same() {
    let script: String = SCENARIOS.iter().map(|scenario| scenario.script).chain(["COMMIT;"]).collect();
    let fixture = Fixture::new(&script);
    let Some((protocol, sessions)) = both(&fixture) else { return };
    for scenario in SCENARIOS {
        let wanted: Vec<Vec<String>> =
            scenario.rows.iter().map(|row| row.iter().map(|value| expected(value)).collect()).collect();
        let mut row_ids = Vec::new();
        for (driver, session) in ["oci", "thin"].into_iter().zip(&sessions) {
            let mut found = rows(session, scenario.name, scenario.lob_limit, &ChunkRange::Whole, 1 << 20);
            row_ids.push(found.iter_mut().map(|row| row.pop().unwrap()).collect::<Vec<_>>());
            assert_eq!(found, wanted, "{} through {driver}", scenario.name);
        }
        assert_eq!(row_ids[0], row_ids[1], "ROWIDs of {}", scenario.name);
    }
    judged(&protocol, &sessions[1]);
}

/// What python-oracledb reads from the same server must be the same too: so it is not our driver's own idea of the protocol.
fn judged(protocol: &Protocol, session: &Session) {
    let mut queries = Vec::new();
    let mut wanted = Vec::new();
    for scenario in SCENARIOS {
        let columns = columns(session, &hr(scenario.name));
        let (mut list, mut kept) = (Vec::new(), Vec::new());
        for (n, (name, _)) in columns.iter().enumerate() {
            match scenario.not_python.contains(&name.as_str()) {
                true => eprintln!("not asked of python-oracledb: {}.{name}", scenario.name),
                false => {
                    list.push(name.quoted());
                    kept.push(n);
                }
            }
        }
        queries.push(format!("SELECT {} FROM {} ORDER BY id", list.join(", "), hr(scenario.name).quoted()));
        let row = |row: &&[&str]| kept.iter().map(|n| expected(row[*n])).collect::<Vec<_>>();
        wanted.push(scenario.rows.iter().map(row).collect::<Vec<_>>());
    }
    for ((query, found), wanted) in queries.iter().zip(protocol.judge(&queries)).zip(wanted) {
        let null = |value: Option<String>| value.unwrap_or_else(|| NULL.to_owned());
        let found: Vec<Vec<String>> = found.into_iter().map(|row| row.into_iter().map(null).collect()).collect();
        assert_eq!(found, wanted, "{query} by python-oracledb");
    }
}
