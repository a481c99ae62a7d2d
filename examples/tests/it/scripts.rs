//! Source scripts with mistakes in them, run by the stand-in's own program: the first mistake ends it, is named with its
//! place, and leaves nothing behind.

use crate::world::{HR_PASSWORD, SYSTEM_PASSWORD, program, text};
use std::{
    fs,
    process::{Command, Output},
};
use tempfile::TempDir;

/// A stand-in database with the user HR and nothing else.
struct Source(TempDir);

impl Source {
    fn new() -> Self {
        let source = Source(tempfile::tempdir().expect("a folder"));
        for arguments in [["create", "hr.db"].as_slice(), &["user", "hr.db", "HR"]] {
            let output = source.tool(arguments);
            assert!(output.status.success(), "{}", text(&output));
        }
        source
    }

    fn tool(&self, arguments: &[&str]) -> Output {
        let mut tool = Command::new(program("oracle-standin"));
        tool.args(arguments).current_dir(self.0.path());
        tool.env("STANDIN_SYSTEM_PASSWORD", SYSTEM_PASSWORD).env("STANDIN_PASSWORD", HR_PASSWORD);
        tool.output().expect("oracle-standin starts")
    }

    /// Runs scripts that must fail; the one line that says why.
    #[track_caller]
    fn fail(&self, scripts: &[&str]) -> String {
        let output = self.tool(&[&["script", "hr.db", "HR"], scripts].concat());
        assert!(!output.status.success(), "it succeeded");
        let printed = text(&output);
        assert_eq!(printed.lines().count(), 1, "{printed}");
        printed
    }

    fn script(&self, name: &str, sql: &str) {
        fs::write(self.0.path().join(name), sql).expect("a script");
    }

    /// The rows of a query, one a line.
    fn rows(&self, query: &str) -> Vec<String> {
        let output = self.tool(&["sql", "hr.db", "HR", query]);
        assert!(output.status.success(), "{}", text(&output));
        String::from_utf8_lossy(&output.stdout).lines().skip(1).map(str::to_owned).collect()
    }

    fn tables(&self) -> Vec<String> {
        self.rows("SELECT table_name FROM user_tables ORDER BY table_name")
    }
}

#[test]
fn a_script_that_does_not_parse() {
    let before = "-- people\nCREATE TABLE people (id NUMBER(4) PRIMARY KEY, name VARCHAR2(30));\n\
                  INSERT INTO people VALUES (1, 'Ann');\nCOMMIT;\n";
    // Statement, line and column of the mistake (the statement begins in line 5), what was expected, what was found.
    let mistakes = [
        ("CREATE TABLE bad (\n  id NUMBER(4) PRIMARI KEY\n);", "6:16", "expected a constraint, DEFAULT", "PRIMARI"),
        ("CREATE TABLE bad (id NUMBER(99));", "5:29", "expected a precision from 1 to 38", "99"),
        ("CREATE INDEX bad ON people (id,);", "5:32", "expected a column or an expression", "\")\""),
        ("ALTER TABLE people ADD FOREIGN KEY (id) REFERNCES people;", "5:41", "expected REFERENCES", "REFERNCES"),
        ("INSERT INTO people VALUES (2, 'Bob';", "5:36", "missing right parenthesis", "the end of the statement"),
        ("INSERT INTO people (id) VALU (2);", "5:25", "missing VALUES keyword", "VALU"),
        ("UPDATE people\n  SET name = = 'x';", "6:14", "missing expression", "="),
        ("DELETE people\nWHER id = 1;", "6:6", "command not properly ended", "id"),
        ("SELECT * FORM people;", "5:10", "FROM keyword not found where expected", "FORM"),
        ("HELLO world;", "5:1", "invalid SQL statement", "HELLO"),
        ("INSERT INTO people VALUES (2, 'Bob);", "5:31", "no closing quote", ""),
    ];
    for (statement, place, expected, found) in mistakes {
        let source = Source::new();
        source.script("people.sql", &format!("{before}{statement}\nCREATE TABLE later (id NUMBER);\n"));
        let printed = source.fail(&["people.sql"]);
        assert!(
            printed.contains("ORA-") && printed.contains(&format!("people.sql:{place}: ")),
            "{statement}: {printed}"
        );
        assert!(printed.contains(expected), "{statement}: {printed}");
        assert!(found.is_empty() || printed.trim_end().ends_with(&format!("found {found}")), "{statement}: {printed}");
        assert_eq!(source.tables(), ["PEOPLE"], "{statement}");
        assert_eq!(source.rows("SELECT id, name FROM people"), ["1\tAnn"], "{statement}");
        // Mended, it goes through.
        source.script("mended.sql", "DROP TABLE people;\nCREATE TABLE people (id NUMBER(4) PRIMARY KEY);\n");
        assert!(source.tool(&["script", "hr.db", "HR", "mended.sql"]).status.success());
    }
}

#[test]
fn what_is_wrong_only_when_it_runs() {
    let source = Source::new();
    source.script("t.sql", "CREATE TABLE t (id NUMBER(4) PRIMARY KEY);\n\nINSERT INTO t SELECT 1 FROM dual UNION ALL\n  SELECT 1 FROM dual;\n");
    let printed = source.fail(&["t.sql"]);
    assert!(printed.contains("ORA-00001: t.sql:3:1: unique constraint"), "{printed}");
    assert_eq!(source.rows("SELECT id FROM t"), [""; 0]);
    source.script("u.sql", "INSERT INTO t VALUES (1);\nINSERT INTO t (id, nix)\n  VALUES (2, 3);\n");
    let printed = source.fail(&["u.sql"]);
    assert!(printed.contains("ORA-00904: u.sql:2:20: \"NIX\": invalid identifier"), "{printed}");
    source.script("v.sql", "INSERT INTO\n  nosuch VALUES (1);\n");
    let printed = source.fail(&["v.sql"]);
    assert!(printed.contains("ORA-00942: v.sql:2:3: table or view does not exist"), "{printed}");
    // What was not committed before the mistake is not there either.
    assert_eq!(source.rows("SELECT id FROM t"), [""; 0]);
}

#[test]
fn a_script_that_is_not_there() {
    let source = Source::new();
    source.script("first.sql", "CREATE TABLE first (id NUMBER);\n@@nowhere\nCREATE TABLE later (id NUMBER);\n");
    let printed = source.fail(&["absent.sql"]);
    assert!(printed.contains("cannot read the script absent.sql: No such file"), "{printed}");
    let printed = source.fail(&["first.sql", "later.sql"]);
    assert!(printed.contains("first.sql:2:1: cannot read the included script nowhere.sql: No such file"), "{printed}");
    assert_eq!(source.tables(), ["FIRST"]);
    // A mistake in an included script is named by that script's name and line.
    source.script("outer.sql", "@inner.sql\nCREATE TABLE later (id NUMBER);\n");
    source.script("inner.sql", "\n\nCREATE TABEL x (id NUMBER);\n");
    let printed = source.fail(&["outer.sql"]);
    assert!(printed.contains(" inner.sql:3:"), "{printed}");
    assert_eq!(source.tables(), ["FIRST"]);
}

#[test]
fn a_variable_without_a_value() {
    let source = Source::new();
    source.script(
        "v.sql",
        "DEFINE size = 30\nCREATE TABLE t (name VARCHAR2(&size));\nINSERT INTO t\n  VALUES ('&&who');\nCREATE TABLE later (id NUMBER);\n",
    );
    let printed = source.fail(&["v.sql"]);
    assert!(printed.contains("v.sql:4:12: substitution variable &who has no value: define it"), "{printed}");
    assert!(printed.contains("SET DEFINE OFF"), "{printed}");
    assert_eq!(source.tables(), ["T"]);
    assert_eq!(source.rows("SELECT name FROM t"), [""; 0]);
}
