//! The same scenarios through every driver: `oci` on the stand-in's client library, `thin` over a server of Oracle's protocol with the
//! stand-in's database behind it. The rows must be those that are written here, and the same.
//!
//! What the server cannot carry, and what therefore only `oci` is asked: BOOLEAN, XMLTYPE, JSON and VECTOR columns as such, which the stand-in
//! has none of or as text alone.

use crate::{
    fixture::{Fixture, hr, ident},
    lobs::{binary, fill, text},
    protocol::Protocol,
    redo,
    rows::{columns, whole},
};
use bytes::BytesMut;
use oracle_source::{
    ChunkRange, ConnectOptions, Driver, ErrorKind, LogMinerOptions, LogMinerSource, ObjectFilter, Session, TableRead,
    TableReader, current_scn, inventory, plan_chunks, prerequisites, read_catalog, read_dictionary,
};
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use std::{
    error::Error as _,
    fmt::Write as _,
    io::{Read as _, Write as _},
    net::TcpListener,
    path::Path,
    thread,
    time::{Duration, Instant},
};
use type_convert::{BatchReader, Number, OracleType, RowBatch, Value, ValueRef};

/// A table and the rows that every driver must read of it, in the order of their first column.
struct Scenario {
    name: &'static str,
    script: &'static str,
    rows: &'static [&'static [&'static str]],
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
        not_python: &["C", "N", "B"],
    },
    Scenario {
        name: "LONGS",
        script: "CREATE TABLE longs (id NUMBER(9) PRIMARY KEY, l LONG);
                 INSERT INTO longs VALUES (1, RPAD('x', 2000, 'ž')); INSERT INTO longs VALUES (2, 'short'); INSERT INTO longs (id) VALUES (3);",
        rows: &[&["1", "x+1999*ž"], &["2", "short"], &["3", NULL]],
        not_python: &[],
    },
    Scenario {
        name: "LONG_RAWS",
        script: "CREATE TABLE long_raws (id NUMBER(9) PRIMARY KEY, l LONG RAW);
                 INSERT INTO long_raws VALUES (1, HEXTORAW('0001fe')); INSERT INTO long_raws (id) VALUES (2);",
        rows: &[&["1", "0001fe"], &["2", NULL]],
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
        range,
        as_of: Some(current_scn(session).unwrap()),
        row_ids: true,
        batch_bytes,
        lob_limit,
        ..whole(&table, &columns)
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
            let mut found = rows(session, scenario.name, None, &ChunkRange::Whole, 1 << 20);
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

/// Characters of two units and of one to four bytes at every offset of a piece's end.
#[test]
fn lobs_piece_by_piece_are_the_same() {
    const LIMIT: u64 = 1000;
    let fixture = Fixture::new("CREATE TABLE l (id NUMBER(9) PRIMARY KEY, c CLOB, n NCLOB, b BLOB);");
    let lengths = [1, LIMIT, LIMIT + 1, 100_001, 200_000];
    let patterns = ["aé€😀", "😀", "x😀", "xy😀"];
    let mut wanted = Vec::new();
    for (id, (length, pattern)) in lengths.into_iter().flat_map(|length| patterns.map(|p| (length, p))).enumerate() {
        let id = i64::try_from(id).unwrap();
        wanted.push((id, text(length, pattern), binary(length)));
    }
    let row = |(id, text, bytes): &(i64, String, Vec<u8>)| {
        let text = Value::Text(text.clone());
        vec![Value::Number((*id).into()), text.clone(), text, Value::Bytes(bytes.clone())]
    };
    fill(&fixture, "INSERT INTO l VALUES (:1, :2, :3, :4)", &wanted.iter().map(row).collect::<Vec<_>>());
    let Some((_protocol, sessions)) = both(&fixture) else { return };
    for (driver, session) in ["oci", "thin"].into_iter().zip(&sessions) {
        for limit in [Some(LIMIT), None] {
            let found = rows(session, "L", limit, &ChunkRange::Whole, 1 << 20);
            assert_eq!(found.len(), wanted.len());
            for (found, (id, text, bytes)) in found.iter().zip(&wanted) {
                // What happens to be text is shown as such.
                let bytes =
                    String::from_utf8(bytes.clone()).ok().filter(|_| limit.is_some() && bytes.len() as u64 > LIMIT);
                let bytes = bytes.unwrap_or_else(|| hexadecimal(&wanted[usize::try_from(*id).unwrap()].2));
                assert!(found[0] == id.to_string(), "{driver}");
                assert!(
                    found[1] == *text && found[2] == *text && found[3] == bytes,
                    "row {id} through {driver}, {limit:?}"
                );
            }
        }
    }
}

/// Many round trips; values that are the ones of the row before, which the protocol leaves out; chunks.
#[test]
fn many_rows_in_many_fetches_are_the_same() {
    let fixture = Fixture::new(
        "CREATE TABLE many (id NUMBER(9) PRIMARY KEY, same VARCHAR2(30), other VARCHAR2(30), n NUMBER, d DATE);",
    );
    let row = |n: i64| {
        let other = if n % 3 == 0 { Value::Null } else { Value::Text(format!("row {}", n / 5)) };
        let same = Value::Text("the same".to_owned());
        vec![Value::Number(n.into()), same, other, Value::Number((n / 100).into()), Value::Null]
    };
    fill(&fixture, "INSERT INTO many VALUES (:1, :2, :3, :4, :5)", &(0..5000).map(row).collect::<Vec<_>>());
    let Some((_protocol, sessions)) = both(&fixture) else { return };
    let wanted = rows(&sessions[0], "MANY", None, &ChunkRange::Whole, 1 << 20);
    assert_eq!(wanted.len(), 5000);
    for batch_bytes in [300, 10_000, 1 << 20] {
        assert!(rows(&sessions[1], "MANY", None, &ChunkRange::Whole, batch_bytes) == wanted, "{batch_bytes}");
    }
    let catalog = read_catalog(&sessions[0], &[ident("HR")], &|_| true).unwrap();
    let plans = sessions.each_ref().map(|session| plan_chunks(session, &[&catalog.tables[0]], 64 << 10).unwrap());
    assert_eq!(plans[0], plans[1]);
    let chunks = &plans[1].chunks;
    assert!(chunks.len() > 1);
    let mut all: Vec<_> =
        chunks.iter().flat_map(|chunk| rows(&sessions[1], "MANY", None, &chunk.range, 10_000)).collect();
    all.sort_by_key(|row| row[0].parse::<i64>().unwrap());
    assert!(all == wanted, "the chunks together");
}

#[test]
fn statements_binds_and_errors_are_the_same() {
    let fixture = Fixture::new("CREATE TABLE t (id NUMBER PRIMARY KEY, v VARCHAR2(4000), n NVARCHAR2(100));");
    let Some((protocol, sessions)) = both(&fixture) else { return };
    let long = "ž".repeat(1999);
    for session in &sessions {
        session.execute("DELETE FROM t").unwrap();
        let insert = "INSERT INTO t VALUES (TO_NUMBER(:1), :2, :3)";
        for (n, text) in [Some("it's \"one\" :x"), None, Some(""), Some(&long), Some("😀")].into_iter().enumerate() {
            let short = text.filter(|text| text.len() < 100);
            assert_eq!(session.execute_with(insert, &[Some(&n.to_string()), text, short]).unwrap(), 1);
        }
        let error = session.execute_with(insert, &[Some("1"), None, None]).unwrap_err();
        assert_eq!((error.kind(), error.ora_code()), (ErrorKind::Oracle, Some(1)));
        let error = session.query_text("SELECT id FROM missing", &[]).unwrap_err();
        assert_eq!((error.kind(), error.ora_code()), (ErrorKind::Privilege, Some(942)));
        assert!(error.source().unwrap().to_string().contains("ORA-00942"), "{error:?}");
        let error = session.query_text("SELECT", &[]).unwrap_err();
        assert_eq!((error.kind(), error.ora_code()), (ErrorKind::Oracle, Some(936)));
        assert_eq!(session.execute("UPDATE t SET v = 'all' WHERE id < 3").unwrap(), 3);
        session.rollback().unwrap();
        assert_eq!(session.query_text("SELECT id FROM t", &[]).unwrap().len(), 0);
    }
    sessions[1].execute_with("INSERT INTO t VALUES (1, :1, :2)", &[Some(&long), Some("ж😀")]).unwrap();
    assert_eq!(sessions[0].query_text("SELECT id FROM t", &[]).unwrap().len(), 0, "not committed");
    sessions[1].commit().unwrap();
    let queries = [
        "SELECT id, v, n, 1.5, NULL FROM t WHERE v = :1",
        "SELECT TO_DATE('2024-02-29 23:59:58', 'YYYY-MM-DD HH24:MI:SS'), :1 FROM dual",
        "SELECT TO_TIMESTAMP('-0044-03-15 01:02:03.4', 'SYYYY-MM-DD HH24:MI:SS.FF'), :1 FROM dual",
        "SELECT value, :1 FROM nls_session_parameters ORDER BY parameter",
    ];
    for query in queries {
        let [oci, thin] = sessions.each_ref().map(|session| session.query_text(query, &[Some(&long)]).unwrap());
        assert_eq!(oci, thin, "{query}");
        assert!(!oci.is_empty());
    }
    for session in &sessions {
        assert_eq!((session.user(), session.server_version().major), (&ident("HR"), 19));
        session.ping().unwrap();
        session.check_settings().unwrap();
        session.execute("ALTER SESSION SET NLS_DATE_FORMAT = 'DD.MM.YYYY'").unwrap();
        assert_eq!(session.check_settings().unwrap_err().kind(), ErrorKind::Settings);
    }
    let error = sessions[1].breaker().interrupt().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::DriverLacks);
    assert_eq!(sessions[1].client_version().unwrap_err().kind(), ErrorKind::DriverLacks);
    // Of a table that is read as rows, what went wrong is known by kind and place too.
    let columns = [(ident("ID"), OracleType::Number { precision: None, scale: None })];
    let gone = hr("GONE");
    let read = whole(&gone, &columns);
    for session in &sessions {
        let error = TableReader::open(session, &read).unwrap_err();
        assert_eq!((error.kind(), error.table()), (ErrorKind::Privilege, Some(&gone)));
    }
    // Another session of the same kind.
    drop(sessions);
    assert_eq!(Session::connect(&protocol.options()).unwrap().another().unwrap().user(), &ident("HR"));
}

#[test]
fn dictionary_and_prerequisites_are_the_same() {
    let fixture = Fixture::hr();
    let Some((_protocol, sessions)) = both(&fixture) else { return };
    let schemas = [ident("HR")];
    let [oci, thin] = sessions.each_ref().map(|session| {
        let dictionary = read_dictionary(session, &schemas, &ObjectFilter::default()).unwrap();
        let tables: Vec<_> = dictionary.catalog.tables.iter().map(|table| table.path.clone()).collect();
        let mut checked = prerequisites::check(session, &tables).unwrap();
        // The server of the protocol says a version of its own.
        checked.retain(|prerequisite| prerequisite.id != "version");
        let inventory = inventory::read_inventory(session, &schemas).unwrap();
        assert_eq!(dictionary.catalog.tables.len(), 7);
        (dictionary, format!("{checked:#?}"), inventory)
    });
    assert_eq!(oci.0.catalog, thin.0.catalog);
    assert_eq!(oci.0.unread, thin.0.unread);
    // The SCN goes on, and the clock.
    let steady = |text: &str| text.lines().filter(|line| !line.contains("current_scn")).collect::<Vec<_>>().join("\n");
    assert_eq!(steady(&oci.1), steady(&thin.1));
    assert_eq!(oci.2.objects, thin.2.objects);
    assert_eq!(oci.2.tables, thin.2.tables);
    assert_eq!(oci.2.dependencies, thin.2.dependencies);
}

#[test]
fn redo_is_the_same() {
    let fixture = Fixture::new(redo::SCRIPT);
    fixture.log_everything();
    let after = current_scn(&fixture.system()).unwrap();
    redo::workload(&fixture);
    let Some((_protocol, sessions)) = both(&fixture) else { return };
    let upto = current_scn(&sessions[0]).unwrap();
    let tables = [hr("T"), hr("OTHER")];
    let [oci, thin] = sessions.map(|session| {
        let options = LogMinerOptions { settle: Duration::ZERO, ..LogMinerOptions::default() };
        redo::rows(&mut LogMinerSource::new(session, &tables, options).unwrap(), after, upto)
    });
    assert!(oci.iter().filter(|row| row.sql_redo.is_some()).count() > 5);
    assert_eq!(oci, thin);
}

/// Answers one connection with these bytes once it has asked; the address.
fn listener(answer: &'static [u8]) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            let _ = stream.read(&mut [0; 4096]);
            let _ = stream.write_all(answer);
            let _ = stream.read(&mut [0; 4096]);
        }
    });
    format!("//{address}/orcl")
}

/// What a listener or a server can answer to the first packet. Packets as python-oracledb's `messages/connect.pyx` reads them: two bytes of
/// length, two of nothing, the type, and three more; then the content.
#[test]
fn logging_in_that_fails_says_why() {
    const REFUSED: &[u8] =
        b"\x00\x36\x00\x00\x04\x00\x00\x00\x22\x00\x00\x2a(DESCRIPTION=(VSNNUM=318767104)(ERR=12514))";
    // Version 318 of the protocol; the eleventh byte after it, with 0x10: native network encryption is required.
    const ENCRYPTED: &[u8] = b"\x00\x29\x00\x00\x02\x00\x00\x00\x01\x3e\x00\x00\x20\x00\xff\xff\x01\x00\x00\x00\x00\x00\x10\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x20\x00\x00\x00\x00\x00\x00";
    // Version 314, as 11.2 has it.
    const OLD: &[u8] =
        b"\x00\x18\x00\x00\x02\x00\x00\x00\x01\x3a\x00\x00\x20\x00\xff\xff\x01\x00\x00\x00\x00\x00\x00\x00";
    let options = |connect_string: &str| {
        let mut options = ConnectOptions::new("hr", "tiger-4711", connect_string);
        options.driver = Driver::Thin;
        options.connect_timeout = Some(Duration::from_secs(2));
        options
    };
    let free = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    for (connect_string, kind, code, says, transient) in [
        (format!("//{free}/orcl"), ErrorKind::Unreachable, None, "lsnrctl start", true),
        ("//no-such-host.invalid/orcl".to_owned(), ErrorKind::Unreachable, None, "host", true),
        (listener(REFUSED), ErrorKind::UnknownService, Some(12514), "lsnrctl status", true),
        (listener(ENCRYPTED), ErrorKind::DriverLacks, None, "SQLNET.ENCRYPTION_SERVER", false),
        (listener(OLD), ErrorKind::DriverLacks, None, "12.1", false),
        (listener(b""), ErrorKind::Timeout, None, "connect timeout", true),
    ] {
        let started = Instant::now();
        let error = Session::connect(&options(&connect_string)).unwrap_err();
        assert_eq!((error.kind(), error.ora_code()), (kind, code), "{connect_string}: {error:?}");
        assert!(error.to_string().contains(says), "{error}");
        assert_eq!(error.is_transient(), transient, "{error}");
        assert!(started.elapsed() < Duration::from_secs(10), "{error}");
        assert!(!format!("{error} {error:?}").contains("4711"), "{error:?}");
    }
}

#[test]
fn a_login_that_is_refused_and_a_call_that_takes_too_long() {
    let fixture = Fixture::new("CREATE TABLE t (id NUMBER PRIMARY KEY); INSERT INTO t VALUES (1); COMMIT;");
    let Some((protocol, sessions)) = both(&fixture) else { return };
    let mut wrong = protocol.options();
    wrong.password = "wr0ng-secret".into();
    let error = Session::connect(&wrong).unwrap_err();
    assert_eq!((error.kind(), error.ora_code()), (ErrorKind::WrongCredentials, Some(1017)), "{error:?}");
    assert!(!error.is_transient() && error.to_string().contains("PASSWORD_VERSIONS"), "{error}");
    assert!(!format!("{error} {error:?} {wrong:?}").contains("wr0ng-secret"));
    wrong.password = "".into();
    assert_eq!(Session::connect(&wrong).unwrap_err().kind(), ErrorKind::SecretUnavailable);

    sessions[0].execute("UPDATE t SET id = 1").unwrap();
    let mut limited = protocol.options();
    limited.call_timeout = Some(Duration::from_secs(1));
    let session = Session::connect(&limited).unwrap();
    let started = Instant::now();
    let error = session.execute("UPDATE t SET id = 2").unwrap_err();
    assert!(started.elapsed() < Duration::from_secs(10), "{:?}", started.elapsed());
    assert!(matches!(error.kind(), ErrorKind::Timeout | ErrorKind::Connection), "{error:?}");
    assert!(error.is_transient());
    sessions[0].rollback().unwrap();
}

/// `ewallet.pem` with issuers, and with a certificate and key of the client's own.
#[test]
fn tls_and_wallets() {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, parts: &[String]| {
        let path = folder.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, parts.concat()).unwrap();
        path
    };
    let mut params = CertificateParams::default();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let issuer = CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap();
    let issued = |name: &str| {
        let key = KeyPair::generate().unwrap();
        let certificate = CertificateParams::new([name.to_owned()]).unwrap().signed_by(&key, &issuer).unwrap();
        [certificate.pem(), key.serialize_pem()]
    };
    let (server, client) = (issued("localhost"), issued("a client"));
    let pem = write("server.pem", &server);
    let issuers = write("issuers.pem", &[issuer.pem()]);
    let trusting = write("trusting/ewallet.pem", &[issuer.pem()]);
    let known = write("known/ewallet.pem", &client);

    let fixture = Fixture::new("");
    let Some(protocol) = Protocol::with_tls(&fixture, &[&pem]) else { return };
    let connect = |protocol: &Protocol, host: &str, wallet: &Path| {
        let mut options = protocol.options();
        options.connect_string = format!(
            "(DESCRIPTION=(ADDRESS=(PROTOCOL=tcps)(HOST={host})(PORT={}))(CONNECT_DATA=(SERVICE_NAME=standin))\
             (SECURITY=(MY_WALLET_DIRECTORY={})))",
            protocol.port,
            wallet.parent().unwrap().display()
        );
        Session::connect(&options)
    };
    assert_eq!(connect(&protocol, "localhost", &trusting).unwrap().user(), &ident("HR"));
    let mut easy = protocol.options();
    easy.connect_string = format!("tcps://localhost:{}/standin", protocol.port);
    easy.config_dir = Some(trusting.parent().unwrap().to_owned());
    assert_eq!(Session::connect(&easy).unwrap().user(), &ident("HR"));
    // Another name than the certificate's, an issuer that nobody knows, no wallet at all.
    let error = connect(&protocol, "127.0.0.1", &trusting).unwrap_err();
    assert!(error.source().unwrap().to_string().contains("certificate"), "{error:?}");
    easy.config_dir = None;
    let error = Session::connect(&easy).unwrap_err();
    assert!(error.source().unwrap().to_string().contains("certificate"), "{error:?}");
    let error = connect(&protocol, "localhost", &folder.path().join("nowhere/ewallet.pem")).unwrap_err();
    assert!(error.to_string().contains("ewallet.pem"), "{error:?}");
    // Where the client must have a certificate, `ewallet.pem` with a key is its own, and the issuers are the public ones.
    let strict = Protocol::with_tls(&fixture, &[&pem, &issuers]).unwrap();
    assert!(connect(&strict, "localhost", &trusting).is_err());
    let error = connect(&strict, "localhost", &known).unwrap_err();
    assert!(error.source().unwrap().to_string().contains("certificate"), "{error:?}");
}
