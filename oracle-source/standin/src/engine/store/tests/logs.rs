use super::*;

fn code(result: Result<(), OraError>) -> i32 {
    result.err().map_or(0, |e| e.code)
}

fn add(store: &mut Store, name: &str, options: i64) -> i32 {
    code(call(store, "DBMS_LOGMNR.ADD_LOGFILE", &[("LOGFILENAME", t(name)), ("OPTIONS", n(options))]))
}

fn start(store: &mut Store, from: i64, to: i64, options: i64) -> i32 {
    code(call(store, "DBMS_LOGMNR.START_LOGMNR", &[("STARTSCN", n(from)), ("ENDSCN", n(to)), ("OPTIONS", n(options))]))
}

#[test]
fn logminer_sessions_have_rules() {
    let world = World::new();
    let mut hr = world.hr();
    hr.ddl("CREATE TABLE t (a NUMBER)").unwrap();
    let mut s = world.system();
    let now = s.current_scn().unwrap().0 as i64;
    assert_eq!(start(&mut s, now, now, 16), 1292);
    assert_eq!(add(&mut s, "/no/such/file", 1), 1284);
    let current = string(&values(&s, "V$LOGFILE")[0][3]);
    assert_eq!(add(&mut s, &current, 1), 0);
    assert_eq!(add(&mut s, &current, 3), 1289);
    assert_eq!(start(&mut s, now, now, 0), 3001);
    assert_eq!(start(&mut s, now, now, 32 | 8), 1371, "no dictionary in the files");
    assert_eq!(start(&mut s, now, now, 16 | 32), 1298);
    assert_eq!(start(&mut s, now, now, 16 | 1024), 44609);
    assert_eq!(start(&mut s, now, now, 16 | 2), 3001);
    assert_eq!(start(&mut s, now, now, 16 | 4), 3001);
    assert_eq!(start(&mut s, now, now - 1, 16), 1281);
    assert_eq!(start(&mut s, 5, now, 16), 1291);
    assert_eq!(start(&mut s, now, now, 16), 0);
    assert!(s.scan(&relation(&s, "V$LOGMNR_CONTENTS"), Moment::Now, Lookup::All).is_ok());
    assert!(
        world.system().scan(&relation(&s, "V$LOGMNR_CONTENTS"), Moment::Now, Lookup::All).is_err(),
        "only in that session"
    );
    assert_eq!(code(call(&mut s, "DBMS_LOGMNR.END_LOGMNR", &[])), 0);
    assert_eq!(code(call(&mut s, "DBMS_LOGMNR.END_LOGMNR", &[])), 1307);
    assert_eq!(code(call(&mut s, "DBMS_MAGIC.WAND", &[])), 6550);
    assert_eq!(code(call(&mut s, "DBMS_LOGMNR.ADD_LOGFILE", &[("FILE", t("x"))])), 6550);
}

#[test]
fn logs_are_switched_archived_and_purged() {
    let world = World::new();
    let mut hr = world.hr();
    hr.ddl("CREATE TABLE t (a NUMBER)").unwrap();
    let mut s = world.system();
    let from = s.current_scn().unwrap();
    for i in 0..5 {
        insert(&mut hr, "T", vec![vec![n(i)]]).unwrap();
        hr.commit().unwrap();
        s.ddl("ALTER SYSTEM SWITCH LOGFILE").unwrap();
    }
    let logs = values(&s, "V$LOG");
    assert_eq!(logs.iter().filter(|r| r[7] == t("CURRENT")).count(), 1);
    let archived = values(&s, "V$ARCHIVED_LOG");
    assert_eq!(archived.len(), 5);
    for pair in archived.windows(2) {
        assert_eq!(pair[0][11], pair[1][9], "NEXT_CHANGE# is the next log's FIRST_CHANGE#");
    }
    assert_eq!(mine(&world, from, 2048).iter().filter(|m| m.operation == "INSERT").count(), 5);
    // A log of the range is not there.
    let now = s.current_scn().unwrap().0 as i64;
    let name = |i: usize| string(&archived[i][2]);
    for (i, option) in [(1, 1), (3, 3), (4, 3)] {
        assert_eq!(add(&mut s, &name(i), option), 0);
    }
    let first = integer(&archived[1][9]);
    assert_eq!(start(&mut s, first, now, 16), 1291);
    assert_eq!(start(&mut s, first, integer(&archived[1][11]) - 1, 16), 0);
    assert_eq!(contents(&s).iter().filter(|m| m.operation == "INSERT").count(), 1);
    assert!(world.file.purge_archived_log(2).unwrap());
    assert!(!world.file.purge_archived_log(2).unwrap());
    assert_eq!(s.scan(&relation(&s, "V$LOGMNR_CONTENTS"), Moment::Now, Lookup::All).err().map(|e| e.code), Some(308));
    assert_eq!(add(&mut s, &name(1), 1), 1284);
    assert_eq!(values(&s, "V$ARCHIVED_LOG")[1][20], t("YES"));
    // The same log online and archived is one log.
    assert_eq!(add(&mut s, &name(4), 1), 0);
    assert_eq!(add(&mut s, &online_name(2), 3), 1289);
}

#[test]
fn online_logs_are_reused() {
    let options = CreateOptions { archivelog: false, supplemental_minimal: true, ..CreateOptions::default() };
    let world = World::with(&options);
    let mut s = world.system();
    assert_eq!(values(&s, "V$DATABASE")[0][6], t("NOARCHIVELOG"));
    let now = s.current_scn().unwrap().0 as i64;
    assert_eq!(add(&mut s, &online_name(1), 1), 0);
    assert_eq!(start(&mut s, now, now, 16), 0);
    for _ in 0..3 {
        s.ddl("ALTER SYSTEM SWITCH LOGFILE").unwrap();
    }
    assert_eq!(s.scan(&relation(&s, "V$LOGMNR_CONTENTS"), Moment::Now, Lookup::All).err().map(|e| e.code), Some(310));
    assert!(values(&s, "V$ARCHIVED_LOG").is_empty());
}

#[test]
fn logs_end_when_they_are_full() {
    let world =
        World::with(&CreateOptions { log_size: 20_000, supplemental_minimal: true, ..CreateOptions::default() });
    let mut hr = world.hr();
    hr.ddl("CREATE TABLE t (a NUMBER, b VARCHAR2(1000))").unwrap();
    let from = hr.current_scn().unwrap();
    for i in 0..100 {
        insert(&mut hr, "T", vec![vec![n(i), t(&"x".repeat(1000))]]).unwrap();
    }
    hr.commit().unwrap();
    let s = world.system();
    assert!(values(&s, "V$ARCHIVED_LOG").len() >= 5);
    assert_eq!(mine(&world, from, 0).iter().filter(|m| m.operation == "INSERT").count(), 100);
}

#[test]
fn supplemental_logging_decides_what_is_said() {
    let world = World::with(&CreateOptions::default());
    let mut hr = world.hr();
    let mut s = world.system();
    hr.ddl("CREATE TABLE t (id NUMBER PRIMARY KEY, a NUMBER, b VARCHAR2(9), c CLOB, d NUMBER UNIQUE)").unwrap();
    insert(&mut hr, "T", vec![vec![n(1), n(2), t("x"), t("text"), n(3)]]).unwrap();
    hr.commit().unwrap();
    let mut set = |ddl: &str, column: usize| {
        if !ddl.is_empty() {
            s.ddl(ddl).unwrap();
        }
        let from = hr.current_scn().unwrap();
        update(&mut hr, "T", |_| true, &[column], |v| v[column] = n(integer(&v[column]) + 1)).unwrap();
        hr.commit().unwrap();
        told(&mine(&world, from, 2048))[1].clone()
    };
    assert_eq!(set("", 1), "UNSUPPORTED: Unsupported");
    assert_eq!(
        set("ALTER DATABASE ADD SUPPLEMENTAL LOG DATA", 1),
        r#"UPDATE: update "HR"."T" set "A" = '4' where "A" = '3';"#
    );
    assert_eq!(
        set("ALTER TABLE hr.t ADD SUPPLEMENTAL LOG GROUP g (b) ALWAYS", 1),
        r#"UPDATE: update "HR"."T" set "A" = '5' where "A" = '4' and "B" = 'x';"#
    );
    assert_eq!(
        set("ALTER TABLE hr.t ADD SUPPLEMENTAL LOG DATA (PRIMARY KEY) COLUMNS", 1),
        r#"UPDATE: update "HR"."T" set "A" = '6' where "ID" = '1' and "A" = '5' and "B" = 'x';"#
    );
    assert_eq!(
        set("ALTER TABLE hr.t DROP SUPPLEMENTAL LOG GROUP g", 1),
        r#"UPDATE: update "HR"."T" set "A" = '7' where "ID" = '1' and "A" = '6';"#
    );
    assert_eq!(
        set("ALTER DATABASE ADD SUPPLEMENTAL LOG DATA (ALL) COLUMNS", 4),
        r#"UPDATE: update "HR"."T" set "D" = '4' where "ID" = '1' and "A" = '7' and "B" = 'x' and "D" = '3';"#
    );
    let groups = values(&hr, "ALL_LOG_GROUPS");
    assert_eq!((groups.len(), &groups[0][3]), (1, &t("PRIMARY KEY LOGGING")));
    let database = values(&s, "V$DATABASE").remove(0);
    assert_eq!((&database[13], &database[14], &database[22]), (&t("YES"), &t("NO"), &t("YES")));
    assert_eq!(code(s.ddl("ALTER DATABASE DROP SUPPLEMENTAL LOG DATA")), 32589);
}

#[test]
fn long_statements_come_in_pieces() {
    let world = World::new();
    let mut hr = world.hr();
    hr.ddl("CREATE TABLE t (a NUMBER, b CLOB)").unwrap();
    let from = hr.current_scn().unwrap();
    let text = "é'".repeat(3000);
    insert(&mut hr, "T", vec![vec![n(1), t(&text)]]).unwrap();
    insert(&mut hr, "T", vec![vec![n(2), t("")], vec![n(3), Value::Null]]).unwrap();
    hr.commit().unwrap();
    let mined = mine(&world, from, 0);
    let pieces: Vec<_> = mined.iter().filter(|m| m.operation == "INSERT").take(4).collect();
    assert_eq!(pieces.iter().map(|p| p.csf).collect::<Vec<_>>(), [true, true, true, false]);
    assert!(
        pieces.iter().all(|p| (p.scn, &p.rs_id, p.ssn, &p.row_id)
            == (pieces[0].scn, &pieces[0].rs_id, pieces[0].ssn, &pieces[0].row_id))
    );
    let whole: String = pieces.iter().map(|p| p.redo.as_str()).collect();
    assert_eq!(whole, format!("insert into \"HR\".\"T\"(\"A\",\"B\") values ('1','{}');", text.replace('\'', "''")));
    let rest: Vec<_> = mined.iter().filter(|m| m.operation == "INSERT").skip(4).collect();
    assert_eq!(rest[0].redo, r#"insert into "HR"."T"("A","B") values ('2',EMPTY_CLOB());"#);
    // A multi-row insert shares its row-set id.
    assert_eq!((&rest[0].rs_id, rest[0].ssn), (&rest[1].rs_id, rest[1].ssn));
    assert_ne!(rest[0].row_id, rest[1].row_id);
}

#[test]
fn large_objects_are_written_in_steps() {
    let world = World::new();
    let mut hr = world.hr();
    hr.ddl("CREATE TABLE t (a NUMBER PRIMARY KEY, b CLOB, c BLOB)").unwrap();
    let from = hr.current_scn().unwrap();
    let text = "é'".repeat(20_000);
    insert(&mut hr, "T", vec![vec![n(1), t(&text), Value::Bytes(vec![0xab; 40_000])]]).unwrap();
    update(&mut hr, "T", |_| true, &[0], |v| v[0] = n(2)).unwrap();
    hr.commit().unwrap();
    assert_eq!(values(&hr, "T")[0][1], t(&text));
    let mined = mine(&world, from, 2048);
    // CSF pieces joined.
    let mut whole: Vec<Mined> = Vec::new();
    let mut open = false;
    for row in mined {
        match whole.last_mut().filter(|_| open) {
            Some(last) => last.redo.push_str(&row.redo),
            None => whole.push(row.clone()),
        }
        open = row.csf;
    }
    assert_eq!(whole[1].redo, r#"insert into "HR"."T"("A","B","C") values ('1',EMPTY_CLOB(),EMPTY_BLOB());"#);
    let steps: Vec<&Mined> =
        whole.iter().filter(|m| m.operation == "LOB_WRITE" || m.operation == "SELECT_LOB_LOCATOR").collect();
    assert!(steps.iter().all(|s| s.row_id == rowid::NONE && s.scn == whole[1].scn && s.rs_id == whole[1].rs_id));
    assert!(steps.windows(2).all(|s| s[0].ssn < s[1].ssn));
    assert!(
        steps[0].redo.ends_with(r#"select "B" into loc_c from "HR"."T" where "A" = '1' for update;"#),
        "{}",
        steps[0].redo
    );
    let written: String = steps
        .iter()
        .filter_map(|s| s.redo.strip_prefix(" buf_c := '")?.split_once("'; \n  dbms_lob.write(loc_c, "))
        .map(|(text, _)| text.replace("''", "'"))
        .collect();
    assert_eq!(written, text);
    assert!(
        steps.last().unwrap().redo.ends_with("dbms_lob.write(loc_b, 7472, 32529, buf_b);"),
        "{}",
        steps.last().unwrap().redo
    );
    let update = whole.iter().find(|m| m.operation == "UPDATE").unwrap();
    assert_eq!(update.redo, r#"update "HR"."T" set "A" = '2' where "A" = '1';"#);
}

#[test]
fn dates_are_printed_in_the_sessions_formats() {
    let world = World::new();
    let mut hr = world.hr();
    hr.ddl("CREATE TABLE t (d DATE, ts TIMESTAMP, tz TIMESTAMP WITH TIME ZONE, r RAW(4), f BINARY_DOUBLE, n NUMBER, nv NVARCHAR2(5))").unwrap();
    let from = hr.current_scn().unwrap();
    let Value::DateTime(at) = date(-44, 3, 15) else { unreachable!() };
    let at = DateTime { nanosecond: 120_000_000, ..at };
    let zoned = Value::DateTimeTz(at, type_convert::UtcOffset { minutes: 330 });
    let row = vec![
        date(-44, 3, 15),
        Value::DateTime(at),
        zoned,
        Value::Bytes(vec![255, 1]),
        Value::Double(1.5),
        "-0.5".parse().map(Value::Number).unwrap(),
        t("Ж"),
    ];
    insert(&mut hr, "T", vec![row]).unwrap();
    hr.commit().unwrap();
    let mut s = world.system();
    s.ddl("ALTER SESSION SET NLS_DATE_FORMAT = 'SYYYY-MM-DD HH24:MI:SS' NLS_TIMESTAMP_FORMAT = 'SYYYY-MM-DD HH24:MI:SS.FF9' NLS_TIMESTAMP_TZ_FORMAT = 'SYYYY-MM-DD HH24:MI:SS.FF9 TZH:TZM' NLS_NUMERIC_CHARACTERS = '.,' NLS_SORT = 'BINARY' NLS_COMP = 'BINARY'").unwrap();
    let to = s.current_scn().unwrap().0 as i64;
    assert_eq!(add(&mut s, &online_name(1), 1), 0);
    assert_eq!(start(&mut s, from.0 as i64 + 1, to, 16), 0);
    assert_eq!(
        contents(&s)[1].redo,
        "insert into \"HR\".\"T\"(\"D\",\"TS\",\"TZ\",\"R\",\"F\",\"N\",\"NV\") values (TO_DATE('-0044-03-15 23:59:58', 'SYYYY-MM-DD HH24:MI:SS'),\
         TO_TIMESTAMP('-0044-03-15 23:59:58.120000000'),TO_TIMESTAMP_TZ('-0044-03-15 23:59:58.120000000 +05:30'),HEXTORAW('ff01'),\
         '1.5E+000','-.5',UNISTR('\\0416'));"
    );
}

#[test]
fn passwords_stay_out_of_the_redo() {
    let world = World::new();
    let from = Scn(2_000_000);
    world.system().ddl("CREATE USER u IDENTIFIED BY Sec_ret QUOTA 1M ON users").unwrap();
    let all = mine(&world, from, 0);
    assert!(all.iter().any(|m| m.redo.starts_with("CREATE USER u IDENTIFIED BY VALUES '*' QUOTA")), "{all:?}");
    assert!(!all.iter().any(|m| m.redo.contains("Sec_ret") || m.redo.contains("\"hr\"")));
}

/// A log that is taken away while its rows are read: the rows that come after fail.
#[test]
fn a_log_goes_while_it_is_read() {
    let world = World::new();
    let mut hr = world.hr();
    hr.ddl("CREATE TABLE t (a NUMBER)").unwrap();
    let mut s = world.system();
    let from = s.current_scn().unwrap().0 as i64;
    insert(&mut hr, "T", (0..2000).map(|i| vec![n(i)]).collect()).unwrap();
    hr.commit().unwrap();
    let to = s.current_scn().unwrap().0 as i64;
    for _ in 0..4 {
        s.ddl("ALTER SYSTEM SWITCH LOGFILE").unwrap();
    }
    let name = string(&values(&s, "V$ARCHIVED_LOG")[0][2]);
    assert_eq!(add(&mut s, &name, 1), 0);
    assert_eq!(start(&mut s, from, to, 16), 0);
    let mut rows = s.scan(&relation(&s, "V$LOGMNR_CONTENTS"), Moment::Now, Lookup::All).unwrap();
    assert!(rows.by_ref().take(10).all(|row| row.is_ok()));
    assert!(world.file.purge_archived_log(1).unwrap());
    assert_eq!(rows.find_map(Result::err).map(|e| e.code), Some(308));
    assert!(rows.next().is_none());
}
