use super::*;
use type_convert::OracleType;

fn filled() -> Session {
    let mut s = session();
    for sql in [
        "INSERT INTO dept VALUES (10, 'Admin')",
        "INSERT INTO dept VALUES (20, 'Sales')",
        "INSERT INTO dept VALUES (30, 'Empty')",
        "INSERT INTO emp (id, name, sal, dept, code) VALUES (1, 'Ann', 100, 10, 'A')",
        "INSERT INTO emp (id, name, sal, dept, code) VALUES (2, 'Bob', 200.505, 20, 'B')",
        "INSERT INTO emp (id, name, sal, dept, code) VALUES (3, 'Cid', 300, 20, 'B')",
        "INSERT INTO emp (id, name, sal, dept) VALUES (4, 'Dee', NULL, NULL)",
        "COMMIT",
    ] {
        run(&mut s, sql).unwrap();
    }
    s
}

#[test]
fn columns_are_described() {
    let mut s = session();
    let prepared =
        s.prepare("SELECT e.*, ROWID, sal * 2, name AS \"Na me\", COUNT(1) c FROM emp e GROUP BY id").unwrap_err();
    assert_eq!(prepared.code, 979);
    let prepared = s
        .prepare("SELECT id, name n, ROWID, sal*2, hired - hired, 'abc', name || 'x', :b, COUNT(*) OVER_ALL FROM emp GROUP BY id, name, ROWID, sal, hired")
        .unwrap();
    let described: Vec<String> =
        prepared.columns().iter().map(|c| format!("{} {} {}", c.name, c.oracle_type, c.nullable)).collect();
    assert_eq!(
        described,
        [
            "ID NUMBER(6) true",
            "N VARCHAR2(10 BYTE) true",
            "ROWID ROWID false",
            "SAL*2 NUMBER true",
            "HIRED-HIRED NUMBER true",
            "'ABC' CHAR(3 BYTE) false",
            "NAME||'X' VARCHAR2(11 BYTE) false",
            ":B VARCHAR2(4000 BYTE) true",
            "OVER_ALL NUMBER false",
        ]
    );
    assert_eq!(prepared.binds().len(), 1);
    let star = s.prepare("SELECT * FROM \"Mixed Case\" m").unwrap();
    assert_eq!(star.columns().iter().map(|c| c.name.as_str()).collect::<Vec<_>>(), ["Id", "ID"]);
    assert_eq!(star.columns()[0].oracle_type, OracleType::Number { precision: Some(4), scale: Some(0) });
}

#[test]
fn one_table() {
    let mut s = filled();
    assert_eq!(
        rows(&mut s, "SELECT id, name, sal, hired, code, yearly FROM emp WHERE id = 2"),
        ["2|Bob|200.51|2020-01-01 00:00:00|B   |2406.12"]
    );
    assert_eq!(rows(&mut s, "select E.NAME from HR.EMP E where e.code = 'B' order by e.id desc"), ["Cid", "Bob"]);
    assert_eq!(rows(&mut s, "SELECT emp.name FROM hr.emp WHERE hr.emp.id = 1"), ["Ann"]);
    assert_eq!(rows(&mut s, "SELECT name FROM emp ORDER BY sal"), ["Ann", "Bob", "Cid", "Dee"]);
    assert_eq!(rows(&mut s, "SELECT name FROM emp ORDER BY sal DESC"), ["Dee", "Cid", "Bob", "Ann"]);
    assert_eq!(rows(&mut s, "SELECT name FROM emp ORDER BY sal DESC NULLS LAST, 1"), ["Cid", "Bob", "Ann", "Dee"]);
    assert_eq!(rows(&mut s, "SELECT name x FROM emp ORDER BY LOWER(x) DESC FETCH FIRST 2 ROWS ONLY"), ["Dee", "Cid"]);
    assert_eq!(rows(&mut s, "SELECT name FROM emp ORDER BY id OFFSET 1 ROWS FETCH NEXT 2 ROWS ONLY"), ["Bob", "Cid"]);
    assert_eq!(rows(&mut s, "SELECT name FROM emp WHERE ROWNUM <= 2"), ["Ann", "Bob"]);
    assert_eq!(rows(&mut s, "SELECT name FROM emp WHERE ROWNUM > 1"), Vec::<String>::new());
    assert_eq!(rows(&mut s, "SELECT ROWNUM, name FROM emp WHERE id > 2"), ["1|Cid", "2|Dee"]);
    assert_eq!(rows(&mut s, "SELECT name FROM (SELECT name FROM emp ORDER BY id DESC) WHERE ROWNUM = 1"), ["Dee"]);
    assert_eq!(rows(&mut s, "SELECT DISTINCT dept FROM emp ORDER BY dept"), ["10", "20", "NULL"]);
    assert_eq!(rows(&mut s, "SELECT /*+ FULL(e) */ 1 -- all\n FROM emp e WHERE 1 = 0"), Vec::<String>::new());
    assert_eq!(rows(&mut s, "SELECT \"Id\", \"ID\" FROM \"Mixed Case\""), Vec::<String>::new());
}

#[test]
fn groups() {
    let mut s = filled();
    assert_eq!(
        rows(
            &mut s,
            "SELECT dept, COUNT(*), SUM(sal), MIN(name), MAX(name), AVG(sal) FROM emp GROUP BY dept ORDER BY dept"
        ),
        ["10|1|100|Ann|Ann|100", "20|2|500.51|Bob|Cid|250.255", "NULL|1|NULL|Dee|Dee|NULL"]
    );
    assert_eq!(
        rows(&mut s, "SELECT COUNT(*), COUNT(sal), COUNT(DISTINCT dept), SUM(1) FROM emp WHERE 1 = 0"),
        ["0|0|0|NULL"]
    );
    assert_eq!(rows(&mut s, "SELECT dept FROM emp GROUP BY dept HAVING COUNT(*) > 1"), ["20"]);
    assert_eq!(rows(&mut s, "SELECT MAX(sal) + 1, 'x' || COUNT(*) FROM emp"), ["301|x4"]);
    assert_eq!(
        rows(&mut s, "SELECT UPPER(code) || '!', COUNT(*) FROM emp GROUP BY UPPER(code) ORDER BY 2 DESC, 1"),
        ["B   !|2", "!|1", "A   !|1"]
    );
    assert_eq!(
        rows(&mut s, "SELECT LISTAGG(name, ', ') WITHIN GROUP (ORDER BY id DESC) FROM emp"),
        ["Dee, Cid, Bob, Ann"]
    );
    assert_eq!(
        rows(
            &mut s,
            "SELECT d.name, (SELECT COUNT(*) FROM emp e WHERE e.dept = d.id) n FROM dept d GROUP BY d.id, d.name ORDER BY n DESC, d.name"
        ),
        ["Sales|2", "Admin|1", "Empty|0"]
    );
}

#[test]
fn joins() {
    let mut s = filled();
    let inner = ["Ann|Admin", "Bob|Sales", "Cid|Sales"];
    for sql in [
        "SELECT e.name, d.name FROM emp e, dept d WHERE e.dept = d.id ORDER BY e.id",
        "SELECT e.name, d.name FROM emp e JOIN dept d ON d.id = e.dept ORDER BY e.id",
        "SELECT e.name, d.name FROM dept d INNER JOIN emp e ON (d.id = e.dept) ORDER BY e.id",
        "SELECT e.name, d.name FROM emp e CROSS JOIN dept d WHERE d.id = e.dept ORDER BY e.id",
        "SELECT emp_name, dept_name FROM emp_v ORDER BY emp_name",
        "WITH x AS (SELECT * FROM emp), y (a, b) AS (SELECT id, name FROM dept) SELECT x.name, y.b FROM x, y WHERE x.dept = y.a ORDER BY 1",
        "SELECT e.name, d.name FROM emp e JOIN dept d ON d.id - 1 < e.dept AND d.id + 1 > e.dept ORDER BY e.id",
    ] {
        assert_eq!(rows(&mut s, sql), inner, "{sql}");
    }
    for sql in [
        "SELECT e.name, d.name FROM emp e LEFT JOIN dept d ON d.id = e.dept ORDER BY e.id",
        "SELECT e.name, d.name FROM dept d RIGHT OUTER JOIN emp e ON d.id = e.dept ORDER BY e.id",
        "SELECT e.name, d.name FROM emp e, dept d WHERE e.dept = d.id(+) ORDER BY e.id",
    ] {
        assert_eq!(rows(&mut s, sql), ["Ann|Admin", "Bob|Sales", "Cid|Sales", "Dee|NULL"], "{sql}");
    }
    assert_eq!(
        rows(&mut s, "SELECT e.name, d.name FROM emp e FULL JOIN dept d ON d.id = e.dept ORDER BY e.id, d.id"),
        ["Ann|Admin", "Bob|Sales", "Cid|Sales", "Dee|NULL", "NULL|Empty"]
    );
    assert_eq!(
        rows(
            &mut s,
            "SELECT e.name, d.name FROM emp e LEFT JOIN dept d ON d.id = e.dept AND d.name = 'Admin' WHERE e.id < 3 ORDER BY e.id"
        ),
        ["Ann|Admin", "Bob|NULL"]
    );
    assert_eq!(
        rows(&mut s, "SELECT d.name FROM dept d LEFT JOIN emp e ON e.dept = d.id WHERE e.id IS NULL"),
        ["Empty"]
    );
    assert_eq!(
        rows(&mut s, "SELECT id, e.name, d.name FROM emp e JOIN (SELECT id, name FROM dept) d USING (id)"),
        Vec::<String>::new()
    );
    assert_eq!(
        rows(
            &mut s,
            "SELECT a.name, b.name, c.name FROM emp a, emp b, dept c WHERE a.dept = c.id AND b.dept = c.id AND a.id < b.id"
        ),
        ["Bob|Cid|Sales"]
    );
}

#[test]
fn subqueries() {
    let mut s = filled();
    assert_eq!(
        rows(&mut s, "SELECT name FROM emp WHERE dept IN (SELECT id FROM dept WHERE name = 'Sales') ORDER BY 1"),
        ["Bob", "Cid"]
    );
    assert_eq!(rows(&mut s, "SELECT name FROM dept WHERE id NOT IN (SELECT dept FROM emp)"), Vec::<String>::new());
    assert_eq!(
        rows(&mut s, "SELECT name FROM dept WHERE id NOT IN (SELECT dept FROM emp WHERE dept IS NOT NULL)"),
        ["Empty"]
    );
    assert_eq!(
        rows(&mut s, "SELECT name FROM dept d WHERE EXISTS (SELECT 1 FROM emp e WHERE e.dept = d.id AND e.sal > 150)"),
        ["Sales"]
    );
    assert_eq!(
        rows(&mut s, "SELECT name FROM dept d WHERE NOT EXISTS (SELECT NULL FROM emp WHERE dept = d.id)"),
        ["Empty"]
    );
    assert_eq!(
        rows(&mut s, "SELECT name FROM emp e WHERE sal = (SELECT MAX(sal) FROM emp WHERE dept = e.dept) ORDER BY 1"),
        ["Ann", "Cid"]
    );
    assert_eq!(
        rows(&mut s, "SELECT name, (SELECT d.name FROM dept d WHERE d.id = e.dept) FROM emp e WHERE id > 2"),
        ["Cid|Sales", "Dee|NULL"]
    );
    assert_eq!(code(&mut s, "SELECT (SELECT id FROM dept) FROM dual").0, 1427);
    assert_eq!(code(&mut s, "SELECT (SELECT id, name FROM dept) FROM dual").0, 913);
    assert_eq!(rows(&mut s, "SELECT id FROM dept MINUS SELECT dept FROM emp"), ["30"]);
    assert_eq!(rows(&mut s, "SELECT id FROM dept INTERSECT SELECT dept FROM emp ORDER BY 1 DESC"), ["20", "10"]);
    assert_eq!(
        rows(&mut s, "SELECT dept FROM emp UNION SELECT id FROM dept ORDER BY dept"),
        ["10", "20", "30", "NULL"]
    );
    assert_eq!(rows(&mut s, "SELECT COUNT(*) FROM (SELECT dept FROM emp UNION ALL SELECT id FROM dept)"), ["7"]);
    assert_eq!(rows(&mut s, "SELECT 1 FROM dual WHERE (1, 2) IN (SELECT 1, 2 FROM dual)"), ["1"]);
    // Two levels of correlation.
    assert_eq!(
        rows(
            &mut s,
            "SELECT d.name FROM dept d WHERE EXISTS (SELECT 1 FROM emp e WHERE e.dept = d.id AND EXISTS (SELECT 1 FROM emp f WHERE f.dept = d.id AND f.id > e.id))"
        ),
        ["Sales"]
    );
}

#[test]
fn binds_are_by_position() {
    let mut s = filled();
    let prepared = s.prepare("SELECT :a, :a, :B FROM dual WHERE :1 = :1").unwrap();
    assert_eq!(prepared.binds().iter().map(|b| b.name.as_str()).collect::<Vec<_>>(), ["A", "A", "B", "1", "1"]);
    let number = |n: i64| Value::Number(n.into());
    let found =
        rows_with(&mut s, "SELECT name FROM emp WHERE id = :x AND name <> :x", &[number(1), Value::Text("x".into())]);
    assert_eq!(found.unwrap(), ["Ann"]);
    assert_eq!(rows_with(&mut s, "SELECT name FROM emp WHERE id = :1", &[Value::Text("2".into())]).unwrap(), ["Bob"]);
    assert_eq!(rows_with(&mut s, "SELECT name FROM emp WHERE id = :1", &[Value::Null]).unwrap(), Vec::<String>::new());
    assert_eq!(rows_with(&mut s, "SELECT :1 FROM dual", &[number(5)]).unwrap(), ["5"]);
    assert_eq!(rows_with(&mut s, "SELECT NVL(:1, 'x') FROM dual", &[Value::Text(String::new())]).unwrap(), ["x"]);
    assert_eq!(rows_with(&mut s, "SELECT 1 FROM dual WHERE :1 = 1", &[]).unwrap_err().code, 1008);
    // A bound text is not blank padded, a literal is.
    assert_eq!(
        rows_with(&mut s, "SELECT id FROM emp WHERE code = :1", &[Value::Text("A".into())]).unwrap(),
        Vec::<String>::new()
    );
    assert_eq!(rows_with(&mut s, "SELECT id FROM emp WHERE code = 'A'", &[]).unwrap(), ["1"]);
}

#[test]
fn scans_are_lazy_and_looked_up() {
    let mut s = session();
    // BIG never ends.
    assert_eq!(rows(&mut s, "SELECT n FROM big WHERE MOD(n, 10) = 5 AND ROWNUM <= 2"), ["5", "15"]);
    assert_eq!(rows(&mut s, "SELECT t FROM big FETCH FIRST 2 ROWS ONLY"), ["t0", "t1"]);
    assert_eq!(rows(&mut s, "SELECT b.t, d.dummy FROM big b, dual d WHERE ROWNUM < 2"), ["t0|X"]);
    assert_eq!(rows(&mut s, "SELECT 1 FROM dual WHERE EXISTS (SELECT 1 FROM big)"), ["1"]);

    let mock = Mock::hr();
    let log = mock.log.clone();
    let mut s = Session::over(Box::new(mock));
    let id = "AAAAABAABAAAAAAAAB";
    for (sql, want) in [
        ("SELECT 1 FROM emp WHERE id = '7' AND name = 'x'", "Key([Number(7)])".to_owned()),
        ("SELECT 1 FROM emp WHERE 7 = id", "Key([Number(7)])".to_owned()),
        ("SELECT 1 FROM emp WHERE id = 7.5", "Key([Number(8)])".to_owned()),
        ("SELECT 1 FROM emp WHERE id = '1234567'", "All".to_owned()),
        ("SELECT 1 FROM emp WHERE id > 7", "All".to_owned()),
        ("SELECT 1 FROM emp WHERE id = 7 OR id = 8", "All".to_owned()),
        (&format!("SELECT 1 FROM emp WHERE ROWID = '{id}'"), format!("RowId(\"{id}\")")),
        (
            &format!("SELECT 1 FROM emp e WHERE e.ROWID BETWEEN '{id}' AND CHARTOROWID('{id}')"),
            format!("RowIdBetween(\"{id}\", \"{id}\")"),
        ),
        (
            &format!("SELECT 1 FROM emp WHERE ROWID >= CHARTOROWID('{id}') AND ROWID < CHARTOROWID('{id}')"),
            format!("RowIdBetween(\"{id}\", \"{id}\")"),
        ),
        (&format!("SELECT 1 FROM emp WHERE ROWID > '{id}'"), format!("RowIdBetween(\"{id}\", \"//////////////////\")")),
    ] {
        log.lock().unwrap().clear();
        run(&mut s, sql).unwrap();
        let got = log.lock().unwrap().join(";");
        assert!(got.starts_with(&format!("scan EMP {want}")), "{sql}: {got}");
    }
    assert_eq!(code(&mut s, "SELECT 1 FROM emp WHERE ROWID = 'x'").0, 1410);
}

#[test]
fn rows_are_generated() {
    let mut s = session();
    assert_eq!(rows(&mut s, "SELECT LEVEL, LEVEL * 2 x FROM dual CONNECT BY LEVEL <= 3"), ["1|2", "2|4", "3|6"]);
    assert_eq!(
        rows(&mut s, "SELECT COUNT(*), MAX(LEVEL) FROM dual WHERE MOD(LEVEL, 2) = 0 CONNECT BY LEVEL <= 10"),
        ["5|10"]
    );
    assert_eq!(
        rows_with(&mut s, "SELECT LEVEL FROM dual CONNECT BY LEVEL <= :n", &[Value::Number(2i64.into())]).unwrap(),
        ["1", "2"]
    );
    assert_eq!(
        rows(&mut s, "SELECT a.n FROM (SELECT LEVEL n FROM dual CONNECT BY LEVEL < 4) a, dual WHERE a.n > 1"),
        ["2", "3"]
    );
    assert_eq!(code(&mut s, "SELECT LEVEL FROM emp CONNECT BY LEVEL < 3").0, 3001);
    assert_eq!(code(&mut s, "SELECT LEVEL FROM dual").0, 904);
}

#[test]
fn calls_have_a_time_limit() {
    let mut s = session();
    s.set_call_timeout(Some(std::time::Duration::from_millis(50)));
    assert_eq!(code(&mut s, "SELECT COUNT(*) FROM big").0, 3156);
    assert_eq!(code(&mut s, "INSERT INTO dept SELECT n, t FROM big WHERE n < 0").0, 3156);
    // The limit is that of each fetch, not of all.
    let Outcome::Rows(mut found) = run_with(&mut s, "SELECT n FROM big", &[]).unwrap() else { panic!("no rows") };
    assert_eq!(found.by_ref().take(300).filter(|r| r.is_ok()).count(), 300);
    std::thread::sleep(std::time::Duration::from_millis(60));
    assert_eq!(found.take(1000).filter(|r| r.is_ok()).count(), 1000);
}

#[test]
fn tables_are_read_as_of_an_scn() {
    let mut s = filled();
    run(&mut s, "DELETE FROM emp WHERE id = 1").unwrap();
    assert_eq!(rows(&mut s, "SELECT COUNT(*) FROM emp"), ["3"]);
    assert_eq!(
        rows_with(&mut s, "SELECT COUNT(*) FROM emp AS OF SCN :scn e WHERE e.id > 0", &[Value::Number(100i64.into())])
            .unwrap(),
        ["4"]
    );
    assert_eq!(code(&mut s, "SELECT 1 FROM emp AS OF SCN -1").0, 8181);
    assert_eq!(rows(&mut s, "SELECT dbid, log_mode FROM v$database"), ["42|ARCHIVELOG"]);
}

#[test]
fn thousands_of_rows_join_quickly() {
    let mut s = session();
    let numbers = (0..3000).map(|n| format!("SELECT {n} id FROM dual"));
    let parts: Vec<String> = numbers.collect();
    for chunk in parts.chunks(300) {
        let sql = format!("INSERT INTO dept (id, name) SELECT id, 'd' || id FROM ({})", chunk.join(" UNION ALL "));
        run(&mut s, &sql).unwrap();
    }
    let start = std::time::Instant::now();
    assert_eq!(
        rows(&mut s, "SELECT COUNT(*) FROM dept a, dept b, dept c WHERE a.id = b.id AND b.name = c.name"),
        ["3000"]
    );
    assert_eq!(
        rows(&mut s, "SELECT COUNT(*) FROM dept a WHERE EXISTS (SELECT 1 FROM dept b WHERE b.id = a.id + 1)"),
        ["2999"]
    );
    assert_eq!(rows(&mut s, "SELECT COUNT(*) FROM dept WHERE name IN (SELECT name FROM dept WHERE id < 100)"), ["100"]);
    assert!(start.elapsed().as_secs() < 10, "{:?}", start.elapsed());
}
