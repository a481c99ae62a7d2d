//! LogMiner sessions through the client interface: every shape that rows of redo come in.

use crate::{Standin, code};
use oracle::{Connection, RowValue};
use std::collections::{BTreeMap, BTreeSet};

const SCRIPT: &str = "CREATE TABLE t (id NUMBER(10) PRIMARY KEY, name VARCHAR2(40));";
const ONLINE_CATALOG: i64 = 16;
const NO_ROWID: i64 = 2048;
const NO_ROW: &str = "AAAAAAAAAAAAAAAAAA";

/// What the tests look at in a row of V$LOGMNR_CONTENTS.
#[derive(Debug, Clone, PartialEq, RowValue)]
struct Redo {
    #[row_value(rename = "SCN")]
    scn: i64,
    #[row_value(rename = "OPERATION")]
    operation: String,
    #[row_value(rename = "ROLLBACK")]
    rollback: i64,
    #[row_value(rename = "XID")]
    xid: Vec<u8>,
    #[row_value(rename = "XIDUSN")]
    usn: u16,
    #[row_value(rename = "XIDSLT")]
    slot: u16,
    #[row_value(rename = "XIDSQN")]
    sequence: u32,
    #[row_value(rename = "RS_ID")]
    rs_id: String,
    #[row_value(rename = "SSN")]
    ssn: i64,
    #[row_value(rename = "CSF")]
    csf: i64,
    #[row_value(rename = "STATUS")]
    status: i64,
    #[row_value(rename = "ROW_ID")]
    row_id: String,
    #[row_value(rename = "TABLE_NAME")]
    table: Option<String>,
    #[row_value(rename = "SEQUENCE#")]
    log: i64,
    #[row_value(rename = "SQL_REDO")]
    redo: Option<String>,
}

impl Redo {
    fn text(&self) -> &str {
        self.redo.as_deref().unwrap_or_default()
    }

    fn is(&self, operation: &str) -> bool {
        self.operation == operation
    }
}

fn log_everything(standin: &Standin) -> Connection {
    let system = standin.connect_system();
    system.execute("ALTER DATABASE ADD SUPPLEMENTAL LOG DATA", &[]).unwrap();
    system.execute("ALTER DATABASE ADD SUPPLEMENTAL LOG DATA (ALL) COLUMNS", &[]).unwrap();
    system
}

fn scn(system: &Connection) -> i64 {
    system.query_row_as("SELECT CURRENT_SCN FROM V$DATABASE", &[]).unwrap()
}

/// Adds every log there is, archived before online.
fn add_logs(system: &Connection) {
    let logs: Vec<(i64, String)> = system
        .query_as::<(i64, String)>(
            "SELECT SEQUENCE#, NAME FROM V$ARCHIVED_LOG WHERE NAME IS NOT NULL UNION ALL \
             SELECT l.SEQUENCE#, f.MEMBER FROM V$LOG l JOIN V$LOGFILE f ON f.GROUP# = l.GROUP# WHERE l.STATUS = 'CURRENT' \
             ORDER BY 1",
            &[],
        )
        .unwrap()
        .map(Result::unwrap)
        .collect();
    for (n, (_, name)) in logs.iter().enumerate() {
        let option = if n == 0 { 1 } else { 3 };
        let add = "BEGIN SYS.DBMS_LOGMNR.ADD_LOGFILE(LOGFILENAME => :1, OPTIONS => :2); END;";
        system.execute(add, &[name, &option]).unwrap();
    }
}

fn start(system: &Connection, from: i64, to: i64, options: i64) -> oracle::Result<()> {
    let start = "BEGIN SYS.DBMS_LOGMNR.START_LOGMNR(STARTSCN => :1, ENDSCN => :2, OPTIONS => :3); END;";
    system.execute(start, &[&from, &to, &(ONLINE_CATALOG | options)]).map(|_| ())
}

fn contents(system: &Connection) -> Vec<Redo> {
    let sql = "SELECT SCN, OPERATION, ROLLBACK, XID, XIDUSN, XIDSLT, XIDSQN, RS_ID, SSN, CSF, STATUS, ROW_ID, TABLE_NAME, SEQUENCE#, \
               SQL_REDO FROM V$LOGMNR_CONTENTS";
    system.query_as::<Redo>(sql, &[]).unwrap().map(Result::unwrap).collect()
}

/// All redo of these SCNs, both included.
fn mine(system: &Connection, from: i64, to: i64, options: i64) -> Vec<Redo> {
    add_logs(system);
    start(system, from, to, options).unwrap();
    let rows = contents(system);
    system.execute("BEGIN SYS.DBMS_LOGMNR.END_LOGMNR; END;", &[]).unwrap();
    rows
}

/// Operation and text, undo marked; the pieces of one statement joined.
fn told(rows: &[Redo]) -> Vec<String> {
    let mut told: Vec<String> = Vec::new();
    let mut goes_on = false;
    for row in rows {
        let undo = if row.rollback == 1 { " (undo)" } else { "" };
        match told.last_mut().filter(|_| goes_on) {
            Some(last) => last.push_str(row.text()),
            None => told.push(format!("{}{undo}: {}", row.operation, row.text())),
        }
        goes_on = row.csf == 1;
    }
    told
}

#[test]
fn transactions_lie_in_and_out_of_each_other() {
    let standin = Standin::new(SCRIPT);
    let system = log_everything(&standin);
    let from = scn(&system);
    let (a, b) = (standin.connect(), standin.connect());
    a.execute("INSERT INTO t VALUES (1, 'it''s one')", &[]).unwrap();
    b.execute("INSERT INTO t VALUES (2, 'b')", &[]).unwrap();
    a.execute("SAVEPOINT s", &[]).unwrap();
    a.execute("UPDATE t SET name = 'x' WHERE id = 1", &[]).unwrap();
    b.execute("UPDATE t SET name = NULL WHERE id = 2", &[]).unwrap();
    a.execute("DELETE FROM t WHERE id = 1", &[]).unwrap();
    a.execute("ROLLBACK TO SAVEPOINT s", &[]).unwrap();
    b.execute("UPDATE t SET id = 20, name = 'back' WHERE id = 2", &[]).unwrap();
    b.rollback().unwrap();
    a.commit().unwrap();
    let rows = mine(&system, from, scn(&system), NO_ROWID);
    let xids: BTreeSet<_> = rows.iter().map(|r| r.xid.clone()).collect();
    assert_eq!(xids.len(), 2, "{rows:#?}");
    assert!(rows.windows(2).all(|w| w[0].scn <= w[1].scn));
    for row in &rows {
        let bytes = [&row.usn.to_le_bytes()[..], &row.slot.to_le_bytes(), &row.sequence.to_le_bytes()].concat();
        assert_eq!(row.xid, bytes, "undo segment, slot and sequence, little endian");
        assert!(row.rs_id.starts_with(" 0x") && row.rs_id.ends_with(' ') && row.rs_id.len() == 24, "{:?}", row.rs_id);
        assert_eq!(row.status, 0);
    }
    let of = |xid: &[u8]| told(&rows.iter().filter(|r| r.xid == xid).cloned().collect::<Vec<_>>());
    let rowid = |n: &str| rows.iter().find(|r| r.text().contains(n)).unwrap().row_id.clone();
    let (one, two) = (rowid("it''s one"), rowid("'b'"));
    assert_eq!(
        of(&rows[0].xid),
        [
            "START: set transaction read write;".to_owned(),
            r#"INSERT: insert into "HR"."T"("ID","NAME") values ('1','it''s one');"#.to_owned(),
            r#"UPDATE: update "HR"."T" set "NAME" = 'x' where "ID" = '1' and "NAME" = 'it''s one';"#.to_owned(),
            r#"DELETE: delete from "HR"."T" where "ID" = '1' and "NAME" = 'x';"#.to_owned(),
            r#"INSERT (undo): insert into "HR"."T"("ID","NAME") values ('1','x');"#.to_owned(),
            format!(r#"UPDATE (undo): update "HR"."T" set "NAME" = 'it''s one' where ROWID = '{one}';"#),
            "COMMIT: commit;".to_owned(),
        ]
    );
    let other = xids.iter().find(|x| **x != rows[0].xid).unwrap();
    assert_eq!(
        of(other),
        [
            "START: set transaction read write;".to_owned(),
            r#"INSERT: insert into "HR"."T"("ID","NAME") values ('2','b');"#.to_owned(),
            r#"UPDATE: update "HR"."T" set "NAME" = NULL where "ID" = '2' and "NAME" = 'b';"#.to_owned(),
            r#"UPDATE: update "HR"."T" set "ID" = '20', "NAME" = 'back' where "ID" = '2' and "NAME" IS NULL;"#
                .to_owned(),
            format!(r#"UPDATE (undo): update "HR"."T" set "ID" = '2', "NAME" = NULL where ROWID = '{two}';"#),
            format!(r#"UPDATE (undo): update "HR"."T" set "NAME" = 'b' where ROWID = '{two}';"#),
            format!(r#"DELETE (undo): delete from "HR"."T" where ROWID = '{two}';"#),
            "ROLLBACK: rollback;".to_owned(),
        ]
    );
    // They are mixed, not one after the other.
    let changes: Vec<bool> = rows.iter().map(|r| r.xid == rows[0].xid).collect();
    assert!(changes.windows(2).filter(|w| w[0] != w[1]).count() > 3, "{changes:?}");
}

#[test]
fn rows_of_one_insert_share_their_place() {
    let standin = Standin::new(SCRIPT);
    let system = log_everything(&standin);
    let from = scn(&system);
    let a = standin.connect();
    a.execute("INSERT INTO t SELECT LEVEL, 'n' || LEVEL FROM dual CONNECT BY LEVEL <= 40", &[]).unwrap();
    a.commit().unwrap();
    let rows = mine(&system, from, scn(&system), 0);
    let inserts: Vec<&Redo> = rows.iter().filter(|r| r.is("INSERT")).collect();
    assert_eq!(inserts.len(), 40);
    let mut places: BTreeMap<(&str, i64), BTreeSet<&str>> = BTreeMap::new();
    for row in &inserts {
        assert!(places.entry((&row.rs_id, row.ssn)).or_default().insert(&row.row_id), "the ROWID tells them apart");
    }
    assert!(places.len() < 40 && places.values().any(|rows| rows.len() > 1), "{places:?}");
    // An array of single inserts is as many records.
    let from = scn(&system);
    let mut batch = a.batch("INSERT INTO t VALUES (:1, :2)", 10).build().unwrap();
    (100..110).for_each(|n| batch.append_row(&[&n, &"x"]).unwrap());
    batch.execute().unwrap();
    a.commit().unwrap();
    let rows = mine(&system, from, scn(&system), 0);
    assert_eq!(rows.iter().filter(|r| r.is("INSERT")).map(|r| (&r.rs_id, r.ssn)).collect::<BTreeSet<_>>().len(), 10);
}

#[test]
fn a_statement_that_fails_leaves_its_changes_and_their_undo() {
    let standin = Standin::new(SCRIPT);
    let system = log_everything(&standin);
    let a = standin.connect();
    a.execute("INSERT INTO t VALUES (3, 'there')", &[]).unwrap();
    a.commit().unwrap();
    let from = scn(&system);
    a.execute("INSERT INTO t VALUES (9, 'kept')", &[]).unwrap();
    assert_eq!(code(a.execute("INSERT INTO t SELECT LEVEL, 'x' FROM dual CONNECT BY LEVEL <= 5", &[])), 1);
    assert_eq!(code(a.execute("UPDATE t SET id = 3", &[])), 1);
    a.commit().unwrap();
    let rows = mine(&system, from, scn(&system), NO_ROWID);
    let kinds: Vec<(&str, i64)> = rows.iter().map(|r| (r.operation.as_str(), r.rollback)).collect();
    let insert = [("START", 0), ("INSERT", 0), ("INSERT", 0), ("INSERT", 0), ("INSERT", 0)];
    let update =
        [("DELETE", 1), ("DELETE", 1), ("DELETE", 1), ("UPDATE", 0), ("UPDATE", 0), ("UPDATE", 1), ("UPDATE", 1)];
    assert_eq!(kinds, [&insert[..], &update, &[("COMMIT", 0)]].concat(), "{rows:#?}");
    // Newest first.
    let places: Vec<&str> = rows.iter().map(|r| r.row_id.as_str()).collect();
    assert_eq!([places[5], places[6], places[7]], [places[4], places[3], places[2]]);
    assert_eq!([places[10], places[11]], [places[9], places[8]]);
}

/// Pieces of 4000 bytes end wherever they end: within a doubled apostrophe, before a character of several bytes.
#[test]
fn long_statements_come_in_pieces() {
    let standin = Standin::new("CREATE TABLE t (id NUMBER(10) PRIMARY KEY, a VARCHAR2(4000), b VARCHAR2(4000));");
    let system = log_everything(&standin);
    let a = standin.connect();
    let from = scn(&system);
    let values: Vec<String> = [("", "'"), ("x", "'"), ("", "é"), ("x", "é"), ("", "\u{1F600}"), ("xyz", "\u{1F600}")]
        .iter()
        .map(|(first, unit)| format!("{first}{}", unit.repeat(3990 / unit.len())))
        .collect();
    for (n, value) in values.iter().enumerate() {
        a.execute("INSERT INTO t VALUES (:1, :2, :3)", &[&n, value, value]).unwrap();
    }
    a.execute("DELETE FROM t WHERE id = 0", &[]).unwrap();
    a.rollback().unwrap();
    let rows = mine(&system, from, scn(&system), NO_ROWID);
    let (mut whole, mut within_quotes, mut short) = (String::new(), 0, 0);
    let mut inserts = Vec::new();
    for (n, row) in rows.iter().enumerate() {
        assert!(row.text().len() <= 4000);
        whole.push_str(row.text());
        if row.csf == 1 {
            let next = &rows[n + 1];
            assert_eq!((row.scn, &row.rs_id, row.ssn, &row.row_id), (next.scn, &next.rs_id, next.ssn, &next.row_id));
            assert!(row.text().len() > 3996, "a piece is as long as its characters allow");
            let quotes = whole.chars().rev().take_while(|c| *c == '\'').count();
            // After `values ('n','` or `','` every second apostrophe ends a pair.
            let opening = usize::from(whole.trim_end_matches('\'').ends_with([',', '(']));
            within_quotes += usize::from(quotes > 2 && (quotes - opening) % 2 == 1);
            short += usize::from(row.text().len() < 4000);
        } else if row.is("INSERT") && row.rollback == 0 {
            inserts.push(std::mem::take(&mut whole));
        } else {
            whole.clear();
        }
    }
    assert!(within_quotes > 0, "no piece ended within a doubled apostrophe");
    assert!(short > 0, "no piece ended before a character of several bytes");
    for (n, (statement, value)) in inserts.iter().zip(&values).enumerate() {
        let value = value.replace('\'', "''");
        assert_eq!(*statement, format!(r#"insert into "HR"."T"("ID","A","B") values ('{n}','{value}','{value}');"#));
    }
    assert_eq!(inserts.len(), values.len());
    assert!(rows.iter().any(|r| r.is("DELETE") && r.csf == 1 && r.rollback == 0));
    assert!(rows.iter().any(|r| r.is("INSERT") && r.csf == 1 && r.rollback == 1), "undo comes in pieces too");
}

#[test]
fn slots_of_undo_are_used_again() {
    let standin = Standin::new(SCRIPT);
    let system = log_everything(&standin);
    let from = scn(&system);
    let a = standin.connect();
    for n in 0..60 {
        a.execute("INSERT INTO t VALUES (:1, 'x')", &[&n]).unwrap();
        if n % 7 == 0 { a.rollback() } else { a.commit() }.unwrap();
    }
    let rows = mine(&system, from, scn(&system), 0);
    let mut slots: BTreeMap<(u16, u16), u32> = BTreeMap::new();
    let mut again = 0;
    for row in rows.iter().filter(|r| r.is("START")) {
        if let Some(before) = slots.insert((row.usn, row.slot), row.sequence) {
            assert!(row.sequence > before, "a sequence number only grows");
            again += 1;
        }
    }
    assert!(again > 0 && slots.len() > 1, "{slots:?}");
    assert_eq!(rows.iter().filter(|r| r.is("START")).map(|r| &r.xid).collect::<BTreeSet<_>>().len(), 60);
}

#[test]
fn index_organised_tables_have_no_rowids() {
    let standin = Standin::new(
        "CREATE TABLE t (a NUMBER, b VARCHAR2(10), c VARCHAR2(10), PRIMARY KEY (a, b)) ORGANIZATION INDEX;",
    );
    let system = log_everything(&standin);
    let from = scn(&system);
    let a = standin.connect();
    for sql in [
        "INSERT INTO t VALUES (1, 'x', NULL)",
        "SAVEPOINT s",
        "UPDATE t SET c = 'v' WHERE a = 1",
        "UPDATE t SET b = 'y' WHERE a = 1",
        "DELETE FROM t WHERE a = 1",
        "ROLLBACK TO SAVEPOINT s",
    ] {
        a.execute(sql, &[]).unwrap();
    }
    a.rollback().unwrap();
    let rows = mine(&system, from, scn(&system), 0);
    assert!(rows.iter().all(|r| r.row_id == NO_ROW && !r.text().contains("ROWID")), "{rows:#?}");
    let changes: Vec<Redo> = rows.into_iter().filter(|r| r.table.is_some()).collect();
    assert_eq!(
        told(&changes),
        [
            r#"INSERT: insert into "HR"."T"("A","B","C") values ('1','x',NULL);"#,
            r#"UPDATE: update "HR"."T" set "C" = 'v' where "A" = '1' and "B" = 'x' and "C" IS NULL;"#,
            r#"UPDATE: update "HR"."T" set "B" = 'y' where "A" = '1' and "B" = 'x' and "C" = 'v';"#,
            r#"DELETE: delete from "HR"."T" where "A" = '1' and "B" = 'y' and "C" = 'v';"#,
            r#"INSERT (undo): insert into "HR"."T"("A","B","C") values ('1','y','v');"#,
            r#"UPDATE (undo): update "HR"."T" set "B" = 'x' where "A" = '1' and "B" = 'y';"#,
            r#"UPDATE (undo): update "HR"."T" set "C" = NULL where "A" = '1' and "B" = 'x';"#,
            r#"DELETE (undo): delete from "HR"."T" where "A" = '1' and "B" = 'x';"#,
        ]
    );
}

/// The session that mines says how dates are printed, whoever wrote them in whatever format.
#[test]
fn values_are_printed_in_the_formats_of_the_session_that_mines() {
    let standin = Standin::new(
        r#"CREATE TABLE "Größe ä' (x).y" ("Id" NUMBER, ID NUMBER, d DATE, ts TIMESTAMP(3), tz TIMESTAMP(2) WITH TIME ZONE,
             n NUMBER, f BINARY_DOUBLE, r RAW(4));"#,
    );
    let system = log_everything(&standin);
    let from = scn(&system);
    let a = standin.connect();
    a.execute("ALTER SESSION SET NLS_DATE_FORMAT = 'DD.MM.YYYY HH24:MI'", &[]).unwrap();
    a.execute(
        r#"INSERT INTO "Größe ä' (x).y" VALUES (1, 2, '29.02.2024 23:58', TIMESTAMP '2024-02-29 23:59:59.126',
             TIMESTAMP '2024-02-29 23:59:59.5 +05:30', -12.5, 1.5, HEXTORAW('00FF'))"#,
        &[],
    )
    .unwrap();
    a.execute(r#"UPDATE "Größe ä' (x).y" SET d = DATE '-0044-03-15', n = NULL"#, &[]).unwrap();
    a.commit().unwrap();
    let to = scn(&system);
    let told = |system: &Connection| -> Vec<String> {
        let rows = mine(system, from, to, NO_ROWID);
        rows.iter().filter(|r| r.table.is_some()).map(|r| r.text().to_owned()).collect()
    };
    let columns = r#""Id","ID","D","TS","TZ","N","F","R""#;
    let plain = told(&system);
    assert_eq!(
        plain[0],
        format!(
            r#"insert into "HR"."Größe ä' (x).y"({columns}) values ('1','2',TO_DATE('29-FEB-24', 'DD-MON-RR'),{},{},'-12.5','1.5E+000',HEXTORAW('00ff'));"#,
            "TO_TIMESTAMP('29-FEB-24 11.59.59.126 PM')", "TO_TIMESTAMP_TZ('29-FEB-24 11.59.59.50 PM +05:30')"
        )
    );
    system
        .execute(
            "ALTER SESSION SET NLS_DATE_FORMAT = 'SYYYY-MM-DD HH24:MI:SS' NLS_TIMESTAMP_FORMAT = 'SYYYY-MM-DD HH24:MI:SS.FF9' \
             NLS_TIMESTAMP_TZ_FORMAT = 'SYYYY-MM-DD HH24:MI:SS.FF9 TZH:TZM'",
            &[],
        )
        .unwrap();
    let ours = told(&system);
    let mask = "'SYYYY-MM-DD HH24:MI:SS'";
    assert_eq!(
        ours[0],
        format!(
            r#"insert into "HR"."Größe ä' (x).y"({columns}) values ('1','2',TO_DATE(' 2024-02-29 23:58:00', {mask}),{},{},'-12.5','1.5E+000',HEXTORAW('00ff'));"#,
            "TO_TIMESTAMP(' 2024-02-29 23:59:59.126000000')",
            "TO_TIMESTAMP_TZ(' 2024-02-29 23:59:59.500000000 +05:30')"
        )
    );
    assert!(
        ours[1].contains(&format!(r#"set "D" = TO_DATE('-0044-03-15 00:00:00', {mask}), "N" = NULL where"#)),
        "{ours:?}"
    );
    assert!(ours[1].contains(&format!(r#""D" = TO_DATE(' 2024-02-29 23:58:00', {mask})"#)), "{ours:?}");
    system.execute("ALTER SESSION SET NLS_NUMERIC_CHARACTERS = ',.'", &[]).unwrap();
    assert!(told(&system)[0].contains("'-12,5','1,5E+000'"));
}

/// STARTSCN and ENDSCN are both included, and windows of one SCN each make the whole; logs change in mid-transaction.
#[test]
fn windows_of_one_scn_make_the_whole() {
    let standin = Standin::new(SCRIPT);
    let system = log_everything(&standin);
    let from = scn(&system);
    let (a, b) = (standin.connect(), standin.connect());
    for n in 0..8 {
        a.execute("INSERT INTO t SELECT :1 + LEVEL, 'n' FROM dual CONNECT BY LEVEL <= 20", &[&(n * 100)]).unwrap();
        b.execute("INSERT INTO t VALUES (:1, 'b')", &[&(n * 100 + 99)]).unwrap();
        b.commit().unwrap();
        if n % 3 == 0 {
            system.execute("ALTER SYSTEM SWITCH LOGFILE", &[]).unwrap();
        }
    }
    a.commit().unwrap();
    let to = scn(&system);
    let whole = mine(&system, from, to, 0);
    let one: BTreeSet<i64> = whole.iter().filter(|r| r.xid == whole[0].xid).map(|r| r.log).collect();
    assert!(one.len() >= 3, "one transaction lies in several logs: {one:?}");
    let scns: BTreeSet<i64> = whole.iter().map(|r| r.scn).collect();
    add_logs(&system);
    let mut joined = Vec::new();
    for scn in from..=to {
        start(&system, scn, scn, 0).unwrap();
        let rows = contents(&system);
        assert!(rows.iter().all(|r| r.scn == scn));
        assert_eq!(rows.is_empty(), !scns.contains(&scn));
        joined.extend(rows);
    }
    assert_eq!(joined, whole);
}

/// What is written while it is mined comes in a later window, whole.
#[test]
fn mining_goes_on_while_others_write() {
    let standin = Standin::new(SCRIPT);
    let system = log_everything(&standin);
    let from = scn(&system);
    let mut rows = Vec::new();
    std::thread::scope(|scope| {
        let writers: Vec<_> = (0..2)
            .map(|w| {
                let session = standin.connect();
                scope.spawn(move || {
                    for n in 0..60 {
                        session.execute("INSERT INTO t VALUES (:1, 'w')", &[&(w * 1000 + n)]).unwrap();
                        session.execute("UPDATE t SET name = 'u' WHERE id = :1", &[&(w * 1000 + n)]).unwrap();
                        if n % 5 == 0 { session.rollback() } else { session.commit() }.unwrap();
                    }
                })
            })
            .collect();
        let mut after = from - 1;
        loop {
            let done = writers.iter().all(|w| w.is_finished());
            let to = scn(&system) - 1;
            if to > after {
                rows.extend(mine(&system, after + 1, to, NO_ROWID));
                after = to;
            }
            if done {
                break;
            }
        }
        rows.extend(mine(&system, after + 1, scn(&system), NO_ROWID));
    });
    assert_eq!(rows, mine(&system, from, scn(&system), NO_ROWID));
    let count = |operation: &str| rows.iter().filter(|r| r.is(operation)).count();
    assert_eq!((count("START"), count("COMMIT"), count("ROLLBACK")), (120, 96, 24));
    assert_eq!(count("INSERT"), 120);
}

#[test]
fn ranges_and_logs_that_do_not_fit_are_refused() {
    let standin = Standin::new(SCRIPT);
    let system = log_everything(&standin);
    let now = scn(&system);
    assert_eq!(code(start(&system, now, now, 0)), 1292);
    assert_eq!(code(system.query("SELECT COUNT(*) FROM V$LOGMNR_CONTENTS", &[])), 1306);
    add_logs(&system);
    assert_eq!(code(start(&system, now, now - 1, 0)), 1281);
    assert_eq!(code(start(&system, 5, now, 0)), 1291);
    let past_the_end = now + 1_000_000;
    start(&system, now, past_the_end, 0).unwrap();
    system.execute("ALTER SYSTEM SWITCH LOGFILE", &[]).unwrap();
    let now = scn(&system);
    assert_eq!(code(start(&system, now, now, 0)), 1291, "the log that is current now was not added");
}
