use super::*;
use crate::engine::StatementType;

#[test]
fn inserts() {
    let mut s = session();
    assert_eq!(run(&mut s, "INSERT INTO dept VALUES (1, 'a')").unwrap(), 1);
    assert_eq!(
        run(&mut s, "INSERT INTO dept (name, id) SELECT 'x' || LEVEL_, LEVEL_ FROM (SELECT 7 LEVEL_ FROM dual)")
            .unwrap(),
        1
    );
    assert_eq!(run(&mut s, "INSERT INTO dept SELECT id + 1, name FROM dept").unwrap(), 2);
    assert_eq!(rows(&mut s, "SELECT id, name FROM dept ORDER BY 1"), ["1|a", "2|a", "7|x7", "8|x7"]);
    assert_eq!(
        run(&mut s, "INSERT ALL INTO dept VALUES (n, 'p') INTO emp (id, name) VALUES (n, 'q') SELECT 50 n FROM dual")
            .unwrap(),
        2
    );
    // Defaults, sequences, the DEFAULT word.
    run(&mut s, "INSERT INTO emp (name) VALUES ('seq')").unwrap();
    run(&mut s, "INSERT INTO emp (id, name, hired) VALUES (emp_seq.NEXTVAL, 'n' || emp_seq.CURRVAL, DEFAULT)").unwrap();
    assert_eq!(
        rows(&mut s, "SELECT id, name, hired FROM emp WHERE id < 50 ORDER BY id"),
        ["1|seq|2020-01-01 00:00:00", "2|n2|2020-01-01 00:00:00"]
    );
    assert_eq!(rows(&mut s, "SELECT emp_seq.NEXTVAL, emp_seq.NEXTVAL, emp_seq.CURRVAL FROM dual"), ["3|3|3"]);
    assert_eq!(run(&mut s, "INSERT INTO emp (id, name) SELECT emp_seq.NEXTVAL, name FROM dept").unwrap(), 5);
    assert_eq!(rows(&mut s, "SELECT MAX(id) FROM emp WHERE id < 50"), ["8"]);
}

#[test]
fn values_are_checked_and_coerced() {
    let mut s = session();
    for (sql, want) in [
        ("INSERT INTO emp (id, name) VALUES (1, 'longer than ten')", 12899),
        ("INSERT INTO emp (id) VALUES (12345678)", 1438),
        ("INSERT INTO emp (id) VALUES ('x')", 1722),
        ("INSERT INTO emp (id, sal) VALUES (1, 0)", 2290),
        ("INSERT INTO emp (id, hired) VALUES (1, 'x')", 1858),
        ("INSERT INTO emp (id, hired) VALUES (1, 5)", 932),
        ("INSERT INTO emp (id) VALUES (NULL)", 1400),
        ("INSERT INTO types (r) VALUES (HEXTORAW('0102030405'))", 12899),
        ("INSERT INTO types (vc) VALUES ('äöüß')", 12899),
        ("INSERT INTO types (ds) VALUES (INTERVAL '100' DAY)", 1873),
        ("INSERT INTO emp (id) VALUES (nosuch.NEXTVAL)", 2289),
    ] {
        assert_eq!(code(&mut s, sql).0, want, "{sql}");
    }
    let error = run(&mut s, "INSERT INTO emp (id, name) VALUES (1, '01234567890')").unwrap_err();
    assert_eq!(error.message, "value too large for column \"HR\".\"EMP\".\"NAME\" (actual: 11, maximum: 10)");
    let error = run(&mut s, "INSERT INTO emp (id, sal) VALUES (1, -1)").unwrap_err();
    assert_eq!(error.message, "check constraint (HR.EMP_SAL_MIN) violated");
    assert_eq!(rows(&mut s, "SELECT COUNT(*) FROM emp"), ["0"]);
    run(
        &mut s,
        "INSERT INTO types VALUES (TIMESTAMP '2024-01-01 00:00:00.1235', TIMESTAMP '2024-01-01 00:00:00 +01:00', \
         HEXTORAW('0a0b'), 'text', HEXTORAW('ff'), 1.5, 1234567, INTERVAL '1 02:03:04.5' DAY TO SECOND, 'äöü')",
    )
    .unwrap();
    assert_eq!(
        rows(&mut s, "SELECT ts, tz, r, c, b, d, f, vc, LENGTH(c) FROM types"),
        ["2024-01-01 00:00:00.124000000|2024-01-01 00:00:00 +01:00|0A0B|text|FF|Double(1.5)|1235000|äöü|4"]
    );
    run(&mut s, "INSERT INTO types (c, b) VALUES (EMPTY_CLOB(), EMPTY_BLOB())").unwrap();
    assert_eq!(rows(&mut s, "SELECT COUNT(*) FROM types WHERE c IS NOT NULL AND b IS NOT NULL"), ["2"]);
    run(&mut s, "INSERT INTO emp (id, code, hired) VALUES (9, 'ab', '2024-05-06 07:08:09')").unwrap();
    assert_eq!(rows(&mut s, "SELECT code || '|', hired FROM emp"), ["ab  ||2024-05-06 07:08:09"]);
}

#[test]
fn updates_and_deletes() {
    let mock = Mock::hr();
    let log = mock.log.clone();
    let mut s = Session::over(Box::new(mock));
    run(&mut s, "INSERT INTO dept VALUES (1, 'a')").unwrap();
    run(&mut s, "INSERT INTO dept VALUES (2, 'b')").unwrap();
    for n in 1..=3 {
        run(&mut s, &format!("INSERT INTO emp (id, name, sal, dept) VALUES ({n}, 'e{n}', {n}, 1)")).unwrap();
    }
    log.lock().unwrap().clear();
    assert_eq!(run(&mut s, "UPDATE emp e SET e.sal = e.sal * 2, name = UPPER(name) WHERE id >= 2").unwrap(), 2);
    assert!(log.lock().unwrap().iter().any(|l| l == "update EMP [2, 1]"), "{:?}", log.lock().unwrap());
    assert_eq!(
        rows(&mut s, "SELECT id, name, sal, yearly FROM emp ORDER BY id"),
        ["1|e1|1|12", "2|E2|4|48", "3|E3|6|72"]
    );
    // Every row is evaluated on the old state.
    assert_eq!(run(&mut s, "UPDATE emp SET id = id + 1").unwrap(), 3);
    assert_eq!(rows(&mut s, "SELECT id FROM emp ORDER BY id"), ["2", "3", "4"]);
    assert_eq!(
        run(&mut s, "UPDATE emp SET (sal, name) = (SELECT id * 100, name FROM dept WHERE id = emp.dept)").unwrap(),
        3
    );
    assert_eq!(rows(&mut s, "SELECT DISTINCT sal, name FROM emp"), ["100|a"]);
    assert_eq!(
        run(&mut s, "UPDATE emp SET dept = (SELECT MAX(id) FROM dept), hired = DEFAULT, name = NULL WHERE id = 2")
            .unwrap(),
        1
    );
    assert_eq!(rows(&mut s, "SELECT dept, name FROM emp WHERE id = 2"), ["2|NULL"]);
    assert_eq!(run(&mut s, "UPDATE emp SET sal = 1 WHERE 1 = 0").unwrap(), 0);
    assert_eq!(code(&mut s, "UPDATE emp SET sal = -sal").0, 2290);
    assert_eq!(run(&mut s, "DELETE FROM emp WHERE dept IN (SELECT id FROM dept WHERE name = 'b')").unwrap(), 1);
    assert_eq!(run(&mut s, "DELETE emp WHERE ROWNUM <= 1").unwrap(), 1);
    assert_eq!(run(&mut s, "DELETE FROM emp").unwrap(), 1);
    assert_eq!(
        run(&mut s, "MERGE INTO dept d USING (SELECT 2 id, 'bb' n FROM dual UNION ALL SELECT 3, 'cc' FROM dual) s ON (d.id = s.id) \
                     WHEN MATCHED THEN UPDATE SET d.name = s.n WHEN NOT MATCHED THEN INSERT (id, name) VALUES (s.id, s.n)").unwrap(),
        2
    );
    assert_eq!(rows(&mut s, "SELECT id, name FROM dept ORDER BY id"), ["1|a", "2|bb", "3|cc"]);
}

#[test]
fn transactions() {
    let mut s = session();
    run(&mut s, "INSERT INTO dept VALUES (1, 'a')").unwrap();
    assert!(s.in_transaction());
    run(&mut s, "SAVEPOINT one").unwrap();
    run(&mut s, "INSERT INTO dept VALUES (2, 'b')").unwrap();
    run(&mut s, "ROLLBACK TO SAVEPOINT one").unwrap();
    assert_eq!(rows(&mut s, "SELECT COUNT(*) FROM dept"), ["1"]);
    assert_eq!(code(&mut s, "ROLLBACK TO two").0, 1086);
    run(&mut s, "COMMIT WORK").unwrap();
    run(&mut s, "DELETE FROM dept").unwrap();
    run(&mut s, "ROLLBACK").unwrap();
    assert_eq!(rows(&mut s, "SELECT COUNT(*) FROM dept"), ["1"]);
    assert!(!s.in_transaction());
    run(&mut s, "SET TRANSACTION READ ONLY").unwrap();
    assert_eq!(code(&mut s, "DELETE FROM dept").0, 1456);
    assert_eq!(rows(&mut s, "SELECT COUNT(*) FROM dept"), ["1"]);
    run(&mut s, "COMMIT").unwrap();
    let prepared = s.prepare("DELETE FROM dept").unwrap();
    assert_eq!(prepared.statement_type(), StatementType::Delete);
    s.execute(&prepared, &[], true).unwrap();
    assert!(!s.in_transaction());
}

#[test]
fn rows_are_locked() {
    let mock = Mock::hr();
    let log = mock.log.clone();
    let mut s = Session::over(Box::new(mock));
    run(&mut s, "INSERT INTO dept VALUES (1, 'a')").unwrap();
    log.lock().unwrap().clear();
    assert_eq!(rows(&mut s, "SELECT name FROM dept WHERE id = 1 FOR UPDATE NOWAIT"), ["a"]);
    let noted = log.lock().unwrap().join("\n");
    assert!(
        noted.contains("lock timeout Some(0ns)")
            && noted.contains("lock DEPT 1")
            && noted.ends_with("lock timeout None")
    );
    assert_eq!(code(&mut s, "SELECT COUNT(*) FROM dept FOR UPDATE").0, 2014);
}

#[test]
fn blocks_call_procedures() {
    let mock = Mock::hr();
    let log = mock.log.clone();
    let mut s = Session::over(Box::new(mock));
    let number = |n: i64| Value::Number(n.into());
    let sql = "BEGIN SYS.DBMS_LOGMNR.START_LOGMNR(STARTSCN => :s, ENDSCN => :e, \
               OPTIONS => SYS.DBMS_LOGMNR.DICT_FROM_ONLINE_CATALOG + SYS.DBMS_LOGMNR.NO_ROWID_IN_STMT); END;";
    let prepared = s.prepare(sql).unwrap();
    assert_eq!(prepared.statement_type(), StatementType::Begin);
    assert_eq!(prepared.binds().iter().map(|b| b.name.as_str()).collect::<Vec<_>>(), ["S", "E"]);
    s.execute(&prepared, &[number(1), number(2)], false).unwrap();
    run_with(&mut s, "begin dbms_logmnr.end_logmnr; x.y(:a, :a); end;", &[number(5)]).unwrap();
    run(&mut s, "BEGIN EXECUTE IMMEDIATE 'CREATE TABLE t (a NUMBER)'; EXECUTE IMMEDIATE 'INSERT INTO dept VALUES (:1, :2)' USING 4, 'd'; INSERT INTO dept VALUES (5, 'e'); COMMIT; END;").unwrap();
    let noted: Vec<String> = log.lock().unwrap().iter().filter(|l| !l.starts_with("scan")).cloned().collect();
    assert_eq!(
        noted,
        [
            "call DBMS_LOGMNR.START_LOGMNR(STARTSCN=1,ENDSCN=2,OPTIONS=2064)",
            "call DBMS_LOGMNR.END_LOGMNR()",
            "call X.Y(5,5)",
            "ddl CREATE TABLE t (a NUMBER)",
        ]
    );
    assert_eq!(rows(&mut s, "SELECT id FROM dept ORDER BY id"), ["4", "5"]);
    // All of a block happens or nothing.
    assert_eq!(code(&mut s, "BEGIN DELETE FROM dept; INSERT INTO dept VALUES ('x', 'y'); END;").0, 1722);
    assert_eq!(rows(&mut s, "SELECT COUNT(*) FROM dept"), ["2"]);
    // A variable takes what a function returns, and cannot be read.
    run(&mut s, "DECLARE id VARCHAR2(100); BEGIN id := x.y(1); COMMIT WRITE IMMEDIATE WAIT; END;").unwrap();
    assert_eq!(code(&mut s, "DECLARE id VARCHAR2(9); BEGIN id := x.y(1); x.y(id); END;").0, 6550);
    assert_eq!(code(&mut s, "DECLARE id NUMBER := 1; BEGIN NULL; END;").0, 6550);
    assert_eq!(code(&mut s, "DECLARE id VARCHAR2(9); BEGIN other := x.y(1); END;").0, 6550);
    assert_eq!(code(&mut s, "BEGIN DELETE FROM nowhere; END;").0, 6550);
    assert_eq!(code(&mut s, "BEGIN EXECUTE IMMEDIATE 'SELEC'; END;").0, 900);
    let endless = "BEGIN EXECUTE IMMEDIATE :1 USING :1; END;";
    assert_eq!(run_with(&mut s, endless, &[Value::Text(endless.into())]).err().map(|e| e.code), Some(36));
    run(&mut s, "CALL dbms_x.y(1, 'a')").unwrap();
}

#[test]
fn session_formats_decide_conversions() {
    let mut s = Session::over(Box::new(Mock::hr()));
    assert_eq!(rows(&mut s, "SELECT TO_CHAR(DATE '2024-05-06') FROM dual"), ["06-MAY-24"]);
    run(&mut s, "ALTER SESSION SET NLS_DATE_FORMAT = 'SYYYY-MM-DD HH24:MI:SS' NLS_TIMESTAMP_FORMAT = 'SYYYY-MM-DD HH24:MI:SS.FF9' \
                 NLS_NUMERIC_CHARACTERS = ',.' NLS_SORT = 'BINARY'").unwrap();
    assert_eq!(
        rows(&mut s, "SELECT TO_CHAR(DATE '2024-05-06'), 1.5 || '', TO_NUMBER('2,5') FROM dual"),
        [" 2024-05-06 00:00:00|1,5|2.5"]
    );
    assert_eq!(code(&mut s, "ALTER SESSION SET NLS_DATE_FORMAT = 'nonsense'").0, 1821);
    run(&mut s, "ALTER SESSION SET TIME_ZONE = '+02:00'").unwrap();
    assert_eq!(rows(&mut s, "SELECT SESSIONTIMEZONE FROM dual"), ["+02:00"]);
}

/// Binds only ever go in: whatever would set one is refused, so that no caller takes its own value for an answer.
#[test]
fn what_would_set_a_bind_is_refused() {
    let mut s = session();
    for sql in [
        "INSERT INTO dept VALUES (1, 'a') RETURNING id INTO :1",
        "UPDATE dept SET id = 2 RETURNING id INTO :1",
        "DELETE FROM dept RETURNING id INTO :1",
        "DELETE FROM dept WHERE id = 1 RETURN id INTO :1",
        "BEGIN INSERT INTO dept VALUES (1, 'a') RETURNING id INTO :1; END;",
        "BEGIN :1 := 5; END;",
        "BEGIN EXECUTE IMMEDIATE 'SELECT 1 FROM dual' INTO :1; END;",
        "BEGIN EXECUTE IMMEDIATE 'BEGIN x(:1); END;' USING OUT :1; END;",
        "BEGIN EXECUTE IMMEDIATE 'BEGIN x(:1); END;' USING IN OUT :1; END;",
        "CALL DBMS_LOGMNR.END_LOGMNR() INTO :1",
    ] {
        let error = s.prepare(sql).unwrap_err();
        assert_eq!(error.code, 3001, "{sql}: {error}");
        assert!(error.message.contains("gives no values back"), "{sql}: {error}");
    }
    assert_eq!(code(&mut s, "BEGIN SELECT id INTO :1 FROM dept; END;").0, 6550);
    assert_eq!(rows(&mut s, "SELECT COUNT(*) FROM dept"), ["0"]);
}
