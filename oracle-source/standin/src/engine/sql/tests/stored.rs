//! Over the real storage layer.

use super::*;
use crate::Database;

fn database() -> (tempfile::TempDir, Database) {
    let dir = tempfile::tempdir().unwrap();
    let database = Database::create(&dir.path().join("t.db"), "manager").unwrap();
    database.create_user("HR", "hr").unwrap();
    (dir, database)
}

fn with_tables(database: &Database) -> Session {
    let mut s = database.session("hr", "hr").unwrap();
    for sql in [
        "CREATE TABLE dept (id NUMBER(4) CONSTRAINT dept_pk PRIMARY KEY, name VARCHAR2(20) NOT NULL)",
        "CREATE TABLE emp (id NUMBER(6) PRIMARY KEY, name VARCHAR2(10), sal NUMBER(8,2) CONSTRAINT emp_sal_min CHECK (sal > 0), \
         dept NUMBER(4) REFERENCES dept, hired DATE DEFAULT DATE '2020-01-01', yearly AS (sal * 12))",
        "CREATE SEQUENCE emp_seq",
        "CREATE VIEW emp_v AS SELECT e.name emp_name, d.name dept_name FROM emp e JOIN dept d ON d.id = e.dept",
        "INSERT INTO dept VALUES (1, 'a')",
        "INSERT INTO dept VALUES (2, 'b')",
        "INSERT INTO emp (id, name, sal, dept) VALUES (emp_seq.NEXTVAL, 'x', 10, 1)",
        "INSERT INTO emp (id, name, sal, dept) VALUES (emp_seq.NEXTVAL, 'y', 20, 2)",
        "COMMIT",
    ] {
        run(&mut s, sql).unwrap_or_else(|e| panic!("{sql}: {e}"));
    }
    s
}

#[test]
fn statements_run() {
    let (_dir, database) = database();
    let mut s = with_tables(&database);
    assert_eq!(
        rows(&mut s, "SELECT id, name, sal, hired, yearly FROM emp ORDER BY id"),
        ["1|x|10|2020-01-01 00:00:00|120", "2|y|20|2020-01-01 00:00:00|240"]
    );
    assert_eq!(rows(&mut s, "SELECT * FROM emp_v ORDER BY 1"), ["x|a", "y|b"]);
    assert_eq!(code(&mut s, "INSERT INTO emp (id, dept) VALUES (9, 9)").0, 2291);
    assert_eq!(code(&mut s, "INSERT INTO emp (id) VALUES (1)").0, 1);
    assert_eq!(code(&mut s, "INSERT INTO dept (id) VALUES (1)").0, 1400);
    assert_eq!(code(&mut s, "UPDATE emp SET sal = 0").0, 2290);
    assert_eq!(run(&mut s, "UPDATE emp SET sal = sal + 1 WHERE id = 1").unwrap(), 1);
    assert_eq!(run(&mut s, "UPDATE emp SET id = id + 1").unwrap(), 2);
    let id = rows(&mut s, "SELECT ROWID FROM emp WHERE id = 3").remove(0);
    assert_eq!(rows(&mut s, &format!("SELECT name FROM emp WHERE ROWID = '{id}'")), ["y"]);
    assert_eq!(
        rows(
            &mut s,
            &format!(
                "SELECT name FROM emp WHERE ROWID >= CHARTOROWID('{id}') AND ROWID < CHARTOROWID('AAAAAAAAAAAAAAAAAA')"
            )
        ),
        Vec::<String>::new()
    );
    assert_eq!(run(&mut s, "DELETE FROM emp WHERE id = 3").unwrap(), 1);
    run(&mut s, "ROLLBACK").unwrap();
    assert_eq!(rows(&mut s, "SELECT COUNT(*), SUM(sal) FROM emp"), ["2|30"]);
    // Another session sees what is committed.
    let mut other = database.session("hr", "hr").unwrap();
    run(&mut s, "DELETE FROM emp").unwrap();
    assert_eq!(rows(&mut other, "SELECT COUNT(*) FROM emp"), ["2"]);
    assert_eq!(rows(&mut s, "SELECT COUNT(*) FROM emp"), ["0"]);
    let scn = rows(&mut s, "SELECT DBMS_FLASHBACK.GET_SYSTEM_CHANGE_NUMBER FROM dual").remove(0);
    run(&mut s, "COMMIT").unwrap();
    assert_eq!(rows(&mut other, "SELECT COUNT(*) FROM emp"), ["0"]);
    assert_eq!(rows(&mut other, &format!("SELECT COUNT(*) FROM emp AS OF SCN {scn}")), ["2"]);
    assert_eq!(
        rows(
            &mut other,
            &format!(
                "SELECT d.name, e.name FROM emp AS OF SCN {scn} e, dept AS OF SCN {scn} d WHERE e.dept = d.id ORDER BY 1"
            )
        ),
        ["a|x", "b|y"]
    );
    assert_eq!(rows(&mut other, "SELECT d.name FROM dept d LEFT JOIN emp e ON e.dept = d.id ORDER BY 1"), ["a", "b"]);
}

#[test]
fn a_statement_prepared_before_a_change_of_its_table_is_prepared_again() {
    let (_dir, database) = database();
    let mut s = with_tables(&database);
    let prepared = s.prepare("INSERT INTO dept VALUES (:1, :2)").unwrap();
    let select = s.prepare("SELECT * FROM dept").unwrap();
    run(&mut s, "ALTER TABLE dept ADD (place VARCHAR2(5))").unwrap();
    let binds = [Value::Number(7i64.into()), Value::Text("n".into())];
    assert_eq!(s.execute(&prepared, &binds, false).err().map(|e| e.code), Some(947));
    let Outcome::Rows(mut found) = s.execute(&select, &[], false).unwrap() else { panic!("no rows") };
    assert_eq!(found.next().unwrap().unwrap().len(), 3);
}

/// The text constants of a Rust source file.
fn constants(path: &str) -> Vec<(String, String)> {
    let source = std::fs::read_to_string(std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join(path)).unwrap();
    let mut found = Vec::new();
    let mut rest = source.as_str();
    while let Some(at) = rest.find(": &str =") {
        let name = rest[..at].rsplit(' ').next().unwrap().to_owned();
        let body = rest[at..].split_once('"').unwrap().1;
        let mut text = String::new();
        let mut chars = body.chars();
        loop {
            match chars.next().unwrap() {
                '"' => break,
                '\\' => match chars.next().unwrap() {
                    '\n' => chars = chars.as_str().trim_start().chars(),
                    c => text.push(c),
                },
                c => text.push(c),
            }
        }
        found.push((name, text));
        rest = chars.as_str();
    }
    assert!(found.len() > 10, "{path}");
    found
}

#[test]
fn every_statement_of_the_libraries_runs() {
    let (_dir, database) = database();
    with_tables(&database);
    let mut s = database.session("system", "manager").unwrap();
    let texts = constants("../src/sql.rs").into_iter().chain(constants("../../cdc-logminer/src/session_sql.rs"));
    for (name, text) in texts {
        if name == "CONTENTS" {
            continue;
        }
        let prepared = s.prepare(&text).unwrap_or_else(|e| panic!("{name}: {e} at {}\n{text}", e.offset));
        let binds: Vec<Value> = prepared
            .binds()
            .iter()
            .map(|b| match b.name.as_str() {
                "OWNER" | "TABLE_OWNER" | "MODULE" | "ACTION" => Value::Text("HR".into()),
                "LOG_FILE" => Value::Text("/no/such/log".into()),
                _ => Value::Number(0i64.into()),
            })
            .collect();
        let result = s.execute(&prepared, &binds, false).and_then(|outcome| match outcome {
            Outcome::Rows(rows) => rows.collect::<Result<Vec<_>, _>>().map(|r| r.len()),
            Outcome::Done { .. } => Ok(0),
        });
        match result {
            Ok(_) => {}
            // LogMiner's own complaints: no log, none started, no dictionary. And there are no containers.
            Err(e) if [1284, 1291, 1292, 1306, 1307, 1371, 65090].contains(&e.code) => {}
            Err(e) => panic!("{name}: {e} at {}\n{text}", e.offset),
        }
        for column in prepared.columns() {
            assert!(!column.name.is_empty(), "{name}");
        }
    }
}
