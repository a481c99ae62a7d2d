//! `migrate redo`: a filter of lines, without a database.

use std::{
    io::{BufRead as _, BufReader, Read as _, Write as _},
    process::{Child, Command, Output, Stdio},
    thread,
};

const README: &str = include_str!("../../README.md");

fn migrate(what: &str, arguments: &[&str]) -> Child {
    Command::new(env!("CARGO_BIN_EXE_migrate"))
        .args(["redo", what])
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("migrate starts")
}

fn statements() -> Child {
    migrate("statements", &[])
}

fn output(mut child: Child, input: &str) -> Output {
    child.stdin.take().expect("a pipe").write_all(input.as_bytes()).expect("migrate reads");
    child.wait_with_output().expect("migrate ends")
}

fn answers(input: &str) -> String {
    let output = output(statements(), input);
    assert!(output.status.success() && output.stderr.is_empty(), "{output:?}");
    String::from_utf8(output.stdout).expect("JSON is UTF-8")
}

/// An example of the README: what is put in, and what comes out.
fn example(what: &str) -> (&'static str, &'static str) {
    let (_, rest) = README.split_once(&format!("migrate redo {what} <<'EOF'\n")).expect("an example");
    let (input, rest) = rest.split_once("EOF\n").expect("its end");
    let (_, rest) = rest.split_once("```json\n").expect("its answers");
    let (shown, _) = rest.split_once("```").expect("their end");
    (input, shown)
}

#[test]
fn the_readme_shows_what_it_does() {
    let (input, shown) = example("statements");
    assert_eq!(answers(input), shown);
    assert_eq!(answers(input.trim_end()), shown, "without a last line feed");
    let (input, shown) = example("transactions");
    let told = output(migrate("transactions", &[]), input);
    assert!(told.status.success() && told.stderr.is_empty(), "{told:?}");
    assert_eq!(String::from_utf8_lossy(&told.stdout), shown);
}

/// A row of table O.T in transaction `n`.
fn redo_row(scn: u64, n: u8, operation: &str, sql: &str) -> String {
    let row = serde_json::json!({
        "scn": scn.to_string(), "xidusn": n, "xidslt": 1, "xidsqn": 9, "operation": operation, "sql_redo": sql
    });
    format!("{row}\n")
}

#[test]
fn transactions_come_in_the_order_of_their_commits() {
    let insert = |value: &str| format!(r#"insert into "O"."T"("A") values ('{value}');"#);
    let rows = [
        redo_row(10, 1, "START", ""),
        redo_row(11, 2, "START", ""),
        redo_row(12, 1, "INSERT", &insert("first")),
        redo_row(13, 2, "INSERT", &insert("it's second")),
        redo_row(14, 2, "COMMIT", ""),
        redo_row(15, 3, "START", ""),
        redo_row(16, 3, "INSERT", &insert("open")),
        redo_row(17, 1, "COMMIT", ""),
    ];
    let told = output(migrate("transactions", &[]), &rows.concat());
    assert!(told.status.success(), "{told:?}");
    let said = String::from_utf8_lossy(&told.stderr);
    assert!(said.contains("open at the end: 1") && said.contains("not doubled: 1"), "{said}");
    let values: Vec<serde_json::Value> =
        String::from_utf8_lossy(&told.stdout).lines().map(|line| serde_json::from_str(line).expect("JSON")).collect();
    let value = |n: usize| values[n]["changes"][0]["after"]["A"]["value"].clone();
    assert_eq!((values.len(), value(0), value(1)), (2, "it's second".into(), "first".into()));
    assert_eq!((&values[0]["commit_scn"], &values[0]["commit_time"]), (&14.into(), &serde_json::Value::Null));
}

#[test]
fn what_cannot_be_read_ends_it_with_its_place() {
    let good = [
        redo_row(10, 1, "START", ""),
        redo_row(11, 1, "INSERT", r#"insert into "O"."T"("A") values ('x');"#),
        redo_row(12, 1, "COMMIT", ""),
    ]
    .concat();
    let error = |bad: &str, arguments: &[&str]| {
        let told = output(migrate("transactions", arguments), &format!("{good}{bad}"));
        let text = String::from_utf8_lossy(&told.stdout).into_owned();
        let last: serde_json::Value = serde_json::from_str(text.lines().last().expect("a line")).expect("JSON");
        assert_eq!((text.lines().count(), last["error"].is_null()), (2, told.status.success()), "{text}");
        last["error"].clone()
    };
    assert_eq!(error("{\"SCN\": 13}\n", &[])["line"], 4);
    assert_eq!(error("\u{1}", &[])["kind"], "json");
    let unreadable = [
        redo_row(13, 2, "START", ""),
        redo_row(14, 2, "DELETE", r#"delete from "O"."T" where "A" = secret;"#),
        redo_row(15, 2, "COMMIT", ""),
    ];
    let said = error(&unreadable.concat(), &[]);
    // The table is named in its statement only, which cannot be read.
    assert_eq!((&said["kind"], &said["scn"]), (&"statement".into(), &14.into()), "{said}");
    assert!(!said.to_string().contains("secret"), "{said}");
    let beginning =
        [redo_row(14, 2, "DELETE", r#"delete from "O"."T" where "A" = 'y';"#), redo_row(15, 2, "COMMIT", "")];
    assert_eq!(error(&beginning.concat(), &[])["kind"], "broken-transaction");
    assert!(error(&beginning.concat(), &["--allow", "broken-transaction"]).is_null());
    let told = output(migrate("transactions", &["--allow", "anything"]), "");
    assert!(!told.status.success() && String::from_utf8_lossy(&told.stderr).contains("missing-scn"), "{told:?}");
}

#[test]
fn lines_with_errors_are_answered_and_the_status_is_0() {
    let read = answers("{\n\n{\"id\":[1],\"sql\":\"\",\"columns\":null}\n");
    let errors: Vec<&str> = read.lines().collect();
    assert_eq!(errors.len(), 3);
    assert_eq!(errors[2], r#"{"id":[1],"error":{"kind":"statement","offset":0}}"#);
    assert_eq!(answers(""), "");
}

#[test]
fn what_is_read_is_not_kept() {
    let line = format!(
        "{{\"id\":1,\"sql\":\"insert into \\\"O\\\".\\\"T\\\"(\\\"A\\\") values ('{}');\",\"columns\":null}}\n",
        "x".repeat(1000)
    );
    let lines = 50_000;
    let mut child = statements();
    let mut input = child.stdin.take().expect("a pipe");
    let writer = thread::spawn(move || (0..lines).for_each(|_| input.write_all(line.as_bytes()).expect("it reads")));
    let mut output = BufReader::new(child.stdout.take().expect("a pipe"));
    let (mut read, mut answer) = (0, String::new());
    while output.read_line(&mut answer).expect("lines") > 0 {
        assert!(answer.ends_with("\"repaired\":false}\n"), "{answer}");
        read += 1;
        answer.clear();
        if cfg!(target_os = "linux") && read == lines / 2 {
            let status = std::fs::read_to_string(format!("/proc/{}/status", child.id())).expect("it runs");
            let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).expect("its memory");
            let kib: u64 = peak.trim().trim_end_matches(" kB").parse().expect("a number");
            assert!(kib < 32 * 1024, "{kib} KiB");
        }
    }
    writer.join().expect("all is written");
    assert_eq!(read, lines);
    assert!(child.wait().expect("it ends").success());
}

#[test]
fn a_reader_that_goes_away_ends_it_quietly() {
    let mut child = statements();
    let mut input = child.stdin.take().expect("a pipe");
    drop(child.stdout.take());
    // It may have ended before all is written.
    for _ in 0..100_000 {
        if input.write_all(b"{\"id\":1,\"sql\":\"\",\"columns\":null}\n").is_err() {
            break;
        }
    }
    drop(input);
    let mut said = String::new();
    child.stderr.take().expect("a pipe").read_to_string(&mut said).expect("text");
    assert!(child.wait().expect("it ends").success() && said.is_empty(), "{said}");
}

#[test]
fn help_says_what_the_status_means() {
    let help =
        Command::new(env!("CARGO_BIN_EXE_migrate")).args(["redo", "statements", "--help"]).output().expect("it starts");
    let text = String::from_utf8_lossy(&help.stdout).split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(text.contains("do not change the exit status, which is 0"), "{text}");
}
