//! `migrate redo`: a filter of lines, without a database.

use std::{
    io::{BufRead as _, BufReader, Read as _, Write as _},
    process::{Child, Command, Stdio},
    thread,
};

const README: &str = include_str!("../../README.md");

fn statements() -> Child {
    Command::new(env!("CARGO_BIN_EXE_migrate"))
        .args(["redo", "statements"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("migrate starts")
}

fn answers(input: &str) -> String {
    let mut child = statements();
    child.stdin.take().expect("a pipe").write_all(input.as_bytes()).expect("migrate reads");
    let output = child.wait_with_output().expect("migrate ends");
    assert!(output.status.success() && output.stderr.is_empty(), "{output:?}");
    String::from_utf8(output.stdout).expect("JSON is UTF-8")
}

#[test]
fn the_readme_shows_what_it_does() {
    let (_, rest) = README.split_once("migrate redo statements <<'EOF'\n").expect("an example");
    let (input, rest) = rest.split_once("EOF\n").expect("its end");
    let (_, rest) = rest.split_once("```json\n").expect("its answers");
    let (shown, _) = rest.split_once("```").expect("their end");
    assert_eq!(answers(input), shown);
    assert_eq!(answers(input.trim_end()), shown, "without a last line feed");
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
