//! The program `oracle-standin`, in a process of its own, beside the client library in this one.

use crate::load_client;
use oracle::Connection;
use std::{
    io::Write as _,
    path::Path,
    process::{Command, Stdio},
};

fn run(arguments: &[&str]) -> Result<String, String> {
    let output = Command::new(env!("CARGO_BIN_EXE_oracle-standin"))
        .args(arguments)
        .env("STANDIN_SYSTEM_PASSWORD", "system-secret")
        .env("STANDIN_PASSWORD", "hr-secret")
        .output()
        .unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    if output.status.success() { Ok(text(output.stdout)) } else { Err(text(output.stderr)) }
}

#[test]
fn a_database_is_made_filled_and_asked() {
    load_client();
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    let (file, script) = (path("hr.db"), path("hr.sql"));
    std::fs::write(&script, "CREATE TABLE t (n NUMBER, s VARCHAR2(10));\nINSERT INTO t VALUES (1.5, 'one');\n")
        .unwrap();
    run(&["create", &file]).unwrap();
    run(&["user", &file, "HR"]).unwrap();
    run(&["script", &file, "HR", &script]).unwrap();
    assert_eq!(run(&["sql", &file, "HR", "INSERT INTO t VALUES (2, NULL)"]).unwrap(), "1 rows\n");

    let connection = Connection::connect("hr", "hr-secret", &file).unwrap();
    connection.execute("UPDATE t SET s = 'two' WHERE n = 2", &[]).unwrap();
    // Another process works on the file meanwhile, and does not see what is not committed.
    let rows = "SELECT n, s FROM t ORDER BY n";
    assert_eq!(run(&["sql", &file, "HR", rows]).unwrap(), "N\tS\n1.5\tone\n2\t\n");
    connection.commit().unwrap();
    assert_eq!(run(&["sql", &file, "HR", rows]).unwrap(), "N\tS\n1.5\tone\n2\ttwo\n");
}

/// A script with the scripts that it includes, which stand in its own folder.
#[test]
fn hr_is_one_script() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("hr.db").to_str().unwrap().to_owned();
    run(&["create", &file]).unwrap();
    run(&["user", &file, "HR"]).unwrap();
    run(&["script", &file, "HR", concat!(env!("CARGO_MANIFEST_DIR"), "/../../examples/hr/hr.sql")]).unwrap();
    assert_eq!(run(&["sql", &file, "HR", "SELECT COUNT(*) n FROM employees"]).unwrap(), "N\n122\n");
    let code = "SELECT COUNT(DISTINCT name) n FROM user_source";
    assert_eq!(run(&["sql", &file, "HR", code]).unwrap(), "N\n4\n");
}

/// Values go out as the bytes of Oracle's protocol.
#[test]
fn a_session_for_another_program() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("x.db").to_str().unwrap().to_owned();
    run(&["create", &file]).unwrap();
    run(&["user", &file, "HR"]).unwrap();
    let mut child = Command::new(env!("CARGO_BIN_EXE_oracle-standin"))
        .args(["serve", &file, "HR"])
        .env("STANDIN_PASSWORD", "hr-secret")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let requests = r#"{"sql": "CREATE TABLE t (n NUMBER(9,2), v NVARCHAR2(10), d DATE)"}
{"sql": "INSERT INTO t VALUES (:1, :2, DATE '2024-02-29')", "binds": [{"number": "-12.5"}, {"text": "ж😀"}]}
{"sql": "INSERT INTO t (v) VALUES (:1)", "binds": [null]}
{"sql": "COMMIT"}
{"sql": "SELECT * FROM t ORDER BY n"}
{"sql": "SELECT * FROM missing"}
{"sql": "SELECT :1 FROM dual", "binds": [{"number": "twelve"}]}
not a request
"#;
    child.stdin.take().unwrap().write_all(requests.as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success());
    let answers: Vec<serde_json::Value> =
        String::from_utf8(output.stdout).unwrap().lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(
        answers[..4].iter().map(|answer| answer["affected"].as_u64()).collect::<Vec<_>>(),
        [0, 1, 1, 0].map(Some)
    );
    let described = &answers[4]["columns"];
    assert_eq!((described[0]["type"].as_u64(), described[0]["scale"].as_i64()), (Some(2), Some(2)));
    assert_eq!((described[1]["type"].as_u64(), described[1]["national"].as_bool()), (Some(1), Some(true)));
    let rows = serde_json::json!([["3e593366", "0436d83dde00", "787c021d010101"], [null, null, null]]);
    assert_eq!(answers[4]["rows"], rows);
    let codes = answers[5..].iter().map(|answer| answer["error"]["code"].as_i64());
    assert_eq!(codes.collect::<Vec<_>>(), [942, 1722, 900].map(Some));
}

#[test]
fn what_is_wrong_is_said() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("x.db").to_str().unwrap().to_owned();
    assert!(run(&["sql", &file, "HR", "SELECT 1 FROM DUAL"]).unwrap_err().contains("ORA-12541"));
    assert!(run(&["make", &file]).unwrap_err().contains("oracle-standin create FILE"));
    run(&["create", &file]).unwrap();
    assert!(run(&["create", &file]).unwrap_err().contains("ORA-01501"));
    assert!(run(&["script", &file, "SYSTEM", "/no/such.sql"]).unwrap_err().contains("/no/such.sql"));
    assert!(Path::new(run(&["library"]).unwrap().trim()).join("libclntsh.so").is_file());
}
