//! The three programs that embed single crates do what they say.

use crate::world::{HR_PASSWORD, World, text};
use std::{
    io::Write,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    thread,
    time::Duration,
};

/// Cargo puts examples beside the tests' folder.
fn example(name: &str) -> PathBuf {
    let test = std::env::current_exe().expect("the test knows its own file");
    test.parent().and_then(Path::parent).expect("target/debug").join("examples").join(name)
}

#[test]
fn transcode() {
    let mut child = Command::new(example("transcode"))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the example starts");
    let input = "NUMBER(8,2)\tnumeric(8,2)\t'-12.5'\nVARCHAR2(10)\ttext\t'it''s'\nNUMBER(9)\tinteger\tNULL\n\
                 NUMBER\tsmallint\t'70000'\nDATE\tuuid\tNULL\n";
    child.stdin.take().expect("its input").write_all(input.as_bytes()).expect("input");
    let output = child.wait_with_output().expect("the example ends");
    let printed = String::from_utf8_lossy(&output.stdout).into_owned();
    let lines: Vec<&str> = printed.lines().collect();
    // numeric: two digits, weight 0, negative, scale 2, 12, 5000.
    assert_eq!(lines[0], "0000000c00020000400000020".to_owned() + "00c1388");
    assert_eq!(lines[1], "0000000469742773");
    assert_eq!(lines[2], "ffffffff");
    assert!(lines[3].starts_with("error in line 4"), "{printed}");
    assert!(lines[4].contains("no conversion from DATE to uuid"), "{printed}");
    assert!(!output.status.success());
}

#[test]
fn copy_to_file() {
    let world = World::new("hr");
    let file = world.path("regions.copy");
    let output = Command::new(example("copy_to_file")).arg(&file).output().expect("the example starts");
    assert!(output.status.success(), "{}", text(&output));
    world.pg("CREATE TABLE regions (region_id numeric, region_name varchar(25))");
    world.copy_in("COPY regions FROM STDIN (FORMAT binary)", &std::fs::read(&file).expect("the file"));
    let rows = world.pg_column("SELECT region_id || ' ' || region_name FROM regions ORDER BY region_id");
    assert_eq!(rows, ["10 Europe", "20 Americas", "30 Asia", "40 Oceania"]);
}

#[test]
fn changes_as_json() {
    let world = World::new("hr");
    let child = Command::new(example("changes_as_json"))
        .arg(world.path("migrate.toml"))
        .arg("12")
        .env("ORACLE_PASSWORD", HR_PASSWORD)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the example starts");
    thread::sleep(Duration::from_secs(2));
    world.source_sql(
        "INSERT INTO regions (region_id, region_name) VALUES (900, 'O''Region');\n\
         UPDATE regions SET region_name = NULL WHERE region_id = 900;\nSAVEPOINT s;\n\
         DELETE FROM regions WHERE region_id = 900;\nROLLBACK TO s;\nCOMMIT;\n",
    );
    let output = child.wait_with_output().expect("the example ends");
    assert!(output.status.success(), "{}", text(&output));
    let lines: Vec<serde_json::Value> = String::from_utf8_lossy(&output.stdout)
        .lines()
        .map(|line| serde_json::from_str(line).expect("a line of JSON"))
        .collect();
    assert_eq!(lines.len(), 2, "{lines:?}");
    assert_eq!(lines[0]["op"], "insert");
    assert_eq!(lines[0]["after"]["REGION_NAME"], "O'Region");
    assert_eq!(lines[1]["op"], "update");
    assert_eq!(lines[1]["before"]["REGION_ID"], "900");
    assert!(lines[1]["after"]["REGION_NAME"].is_null() && lines[1]["after"].get("REGION_ID").is_none());
}
