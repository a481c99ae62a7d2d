//! Where statements begin and end.

use crate::ora;
use proptest::prelude::*;
use schema_map::script::{Script, ScriptError, ScriptErrorKind, split};
use std::{cell::RefCell, collections::HashMap, io};

/// The texts, with the line that each begins on.
fn statements(script: &str) -> Vec<(usize, String)> {
    split("s.sql", script).map(|s| s.map(|s| (s.line, s.text)).unwrap()).collect()
}

fn texts(script: &str) -> Vec<String> {
    statements(script).into_iter().map(|(_, text)| text).collect()
}

fn error(script: &str) -> ScriptError {
    split("s.sql", script).find_map(Result::err).unwrap_or_else(|| panic!("no error: {script}"))
}

#[test]
fn sql_ends_at_a_semicolon_or_a_slash() {
    assert_eq!(
        statements(
            "insert into t values (1);\n\n  delete from t\n/\ncommit;\n/\nselect ';' || \";\" /* ; */ from t -- ;\n ;x"
        ),
        [
            (1, "insert into t values (1)".to_owned()),
            (3, "delete from t".to_owned()),
            (5, "commit".to_owned()),
            (7, "select ';' || \";\" /* ; */ from t -- ;".to_owned()),
            (8, "x".to_owned()),
        ]
    );
    assert_eq!(texts("select 4\n/ 2 from dual;select 1 from dual"), ["select 4\n/ 2 from dual", "select 1 from dual"]);
    assert_eq!(
        texts("select 1 from dual\n.\nrun\nselect 2 from dual\r\n/\r\n"),
        ["select 1 from dual", "select 2 from dual"]
    );
    assert_eq!(
        texts("set role all;\nset transaction read only;\nset constraints all deferred;\nset echo on;"),
        ["set role all", "set transaction read only", "set constraints all deferred"]
    );
    assert!(texts("").is_empty() && texts("\u{feff} -- nothing\n/* at all */ ;\n/\n").is_empty());
}

#[test]
fn plsql_ends_at_a_slash() {
    let block = "BEGIN\n  a := 1 / 2;\n  b := q'[\n/\n]';\nEND;";
    let procedure = "create or replace editionable procedure p is begin null; end;";
    let kinds =
        ["function f", "package k", "package body k", "trigger g", "type y as object (a number)", "type body y"];
    assert_eq!(texts(&format!("{block}\n/\n{procedure}\n/\ncommit;")), [block, procedure, "commit"]);
    for kind in kinds {
        let unit = format!("CREATE OR REPLACE NONEDITIONABLE {kind} -- ;\n;\nend;");
        assert_eq!(texts(&format!("{unit}\n  /  \nselect 1 from dual;")), [unit.as_str(), "select 1 from dual"]);
    }
    for start in [
        "declare x number; begin null; end;",
        "<<a>> begin null; end;",
        "with function f return int is begin return 1; end; select f from dual",
    ] {
        assert_eq!(texts(&format!("{start}\n/\ncommit;")), [start, "commit"]);
    }
    // A unit whose slash was forgotten.
    assert_eq!(
        texts(
            "create procedure p is begin null; end;\ncreate table t (a number);\ncreate type y as object (a number);\ngrant all on y to z;"
        ),
        [
            "create procedure p is begin null; end;",
            "create table t (a number)",
            "create type y as object (a number);",
            "grant all on y to z"
        ]
    );
    let java = "create java source named J as class J { char c = '\"'; /* don't; }";
    assert_eq!(texts(&format!("{java}\n/\ncommit;")), [java, "commit"]);
    let wrapped = "create package body w wrapped\na000000\n'\";\nx";
    assert_eq!(texts(&format!("{wrapped}\n/\ncommit;")), [wrapped, "commit"]);
}

#[test]
fn commands_of_sqlplus_are_no_statements() {
    let script = "rem don't; do this\nREMARK -----\nprompt it's -\nPRO x\nset echo off feedback off\nspool x.log\nwhenever sqlerror exit\n\
        col a -\n  format a10\nshow errors\nshow err;\nhost ls\n!ls 'x\nttitle 'a'\npause\nvariable x number\nprint x\n\
        clear screen\ndesc t\nexec p(1)\nexecute p;\ninsert into t values (1);\nexit 0\ninsert into t values (2);\n";
    assert_eq!(texts(script), ["BEGIN p(1); END;", "BEGIN p; END;", "insert into t values (1)"]);
    assert_eq!(
        texts("connect hr/\"se;cret\"@db as sysdba\nCONN \"Ab\"/x;\nconn / as sysdba"),
        ["CONNECT hr", "CONNECT \"Ab\"", "CONNECT /"]
    );
}

#[test]
fn substitution() {
    assert_eq!(texts("define a = \"b c\"  -- d\ndefine e = f  -- g\nselect &a &e from x;"), ["select b c f from x"]);
    assert_eq!(
        texts("define s = HR\nDEF t = 'a b'\nselect '&t' from &s..x, &&S.y where a = b & c -- &nothing\n;\nundefine s"),
        ["select 'a b' from HR.x, HRy where a = b & c -- &nothing"]
    );
    assert_eq!(
        texts("set define off\nselect '&a' from x;\nset define ^\ndefine a=1\nselect '&a' || ^a from x;"),
        ["select '&a' from x", "select '&a' || 1 from x"]
    );
    assert_eq!(texts("set escape \\\nselect 'R\\&D' from x;"), ["select 'R&D' from x"]);
    assert_eq!(texts("accept pw char default 'x' prompt 'Password: '\nselect '&pw' from x;"), ["select 'x' from x"]);
    assert_eq!(
        texts("define a = 'y'\naccept b char default '&a' prompt x\nselect '&b' from x;"),
        ["select 'y' from x"]
    );
    let given: Vec<_> = split("s.sql", "select &1, '&who' from x;").define("1", "7").define("WHO", "me").collect();
    assert_eq!(given[0].as_ref().unwrap().text, "select 7, 'me' from x");

    let script = "commit;\n  insert into t\n values ( &who );\nrollback;";
    let undefined = error(script);
    assert_eq!((undefined.line, undefined.column, undefined.kind), (3, 11, ScriptErrorKind::Undefined));
    assert!(undefined.to_string().starts_with("s.sql:3:11: substitution variable &who has no value"), "{undefined}");
    let good: Vec<_> = split("s.sql", script).filter_map(Result::ok).map(|s| s.text).collect();
    assert_eq!(good, ["commit", "rollback"]);
    assert!(error("select '&1' from x;").to_string().contains("&1 has no value"));
}

#[test]
fn variables_without_a_value_stay_in_texts_and_in_plsql() {
    let script = "comment on table t is 'R&D and Q&&A';\ncreate procedure p is begin x := a&b; end;\n/\n";
    assert!(split("s.sql", script).all(|s| s.is_err()));
    let mut statements = split("s.sql", script).keeping_unknown();
    let texts: Vec<_> = statements.by_ref().map(|s| s.unwrap().text).collect();
    assert_eq!(texts, ["comment on table t is 'R&D and Q&&A'", "create procedure p is begin x := a&b; end;"]);
    let kept: Vec<_> = statements.take_kept().iter().map(|k| (k.line, k.column)).collect();
    assert_eq!(kept, [(1, 25), (1, 33), (2, 35)]);
    assert!(statements.take_kept().is_empty());
}

#[test]
fn includes() {
    let files = HashMap::from([
        ("a/b/one.sql", "select 1 from dual;\n@@two.txt hr 'x'\nselect 3 from dual;"),
        ("a/b/two.txt", "select '&1' from &2;"),
        ("top.sql", "select 4 from dual;\nexit"),
        ("loop.sql", "@loop"),
    ]);
    let asked = RefCell::new(Vec::new());
    let read = |file: &str| {
        asked.borrow_mut().push(file.to_owned());
        files.get(file).map(|text| (*text).to_owned()).ok_or_else(|| io::Error::from(io::ErrorKind::NotFound))
    };
    let all: Vec<_> = split("a/b/main.sql", "@@one\nselect 5 from dual;\n@missing\nstart top\nselect 6 from dual;")
        .includes(read)
        .collect();
    let found: Vec<_> = all
        .iter()
        .map(|item| match item {
            Ok(s) => format!("{}:{} {}", s.file, s.line, s.text),
            Err(e) => format!("{:?} {e}", e.kind),
        })
        .collect();
    assert_eq!(
        found,
        [
            "a/b/one.sql:1 select 1 from dual",
            "a/b/two.txt:1 select 'hr' from x",
            "a/b/one.sql:3 select 3 from dual",
            "a/b/main.sql:2 select 5 from dual",
            "Include a/b/main.sql:3:1: cannot read the included script missing.sql: entity not found",
            "top.sql:1 select 4 from dual",
        ]
    );
    assert_eq!(*asked.borrow(), ["a/b/one.sql", "a/b/two.txt", "missing.sql", "top.sql"]);

    let endless: Vec<_> = split("loop.sql", "@loop\ncommit;").includes(read).collect();
    assert_eq!(endless.len(), 2);
    assert!(endless[0].as_ref().unwrap_err().message.contains("20 levels deep"));
    assert_eq!(error("@@x").message, "it includes x.sql: read that script in its place");
}

#[test]
fn a_missing_quote_does_not_hide_what_follows() {
    for (quote, message) in [
        ("'abc", "this string literal has no closing quote"),
        ("q'[abc'", "this string literal has no closing quote"),
        ("\"abc", "this quoted identifier has no closing double quote"),
        ("/* abc", "this comment has no closing */"),
    ] {
        let script = format!("commit;\ninsert into t\n  values ({quote});\nrollback;\nbegin null; end;\n/\n");
        let items: Vec<_> = split("s.sql", &script).collect();
        let error = items[1].as_ref().unwrap_err();
        assert_eq!((error.line, error.column, error.message.as_str()), (3, 11, message), "{quote}");
        let rest: Vec<_> = items[2..].iter().map(|s| s.as_ref().unwrap().text.as_str()).collect();
        assert_eq!(rest, ["rollback", "begin null; end;"], "{quote}");
    }
    let block = "create procedure p is\nbegin\n  x := 'abc;\nend;\n/\ncommit;";
    let items: Vec<_> = split("s.sql", block).collect();
    assert_eq!(items[0].as_ref().unwrap_err().line, 3);
    assert_eq!(items[1].as_ref().unwrap().text, "commit");
}

#[test]
fn time_is_linear_in_the_text() {
    // Each of these took quadratic time in a reader that searches again for what it has not found.
    for line in
        ["create q'[;\n", "comment on table t is 'a;\n", "x /*;\n", "\"a;\n", "a;", "@x\n", "/\n", "begin 'a\n/\n"]
    {
        let script = line.repeat(400_000 / line.len());
        let mut read = Script::default();
        let start = std::time::Instant::now();
        read.read("s.sql", &format!("{script}]'"), &ora("HR"));
        assert!(start.elapsed().as_secs() < 20, "{line:?}: {:?}", start.elapsed());
        assert!(!read.errors.is_empty() || line == "/\n" || line.starts_with("begin"), "{line:?}");
    }
}

proptest! {
    #[test]
    fn no_text_panics(text in any::<String>()) {
        let mut script = Script::default();
        script.read("s.sql", &text, &ora("HR"));
    }

    #[test]
    fn no_script_like_text_panics(parts in prop::collection::vec(prop::sample::select(vec![
        "create ", "table ", "t ", "(", ")", ",", ";", "\n", "\n/\n", "'", "\"", "a ", "number", "(4", "constraint ", "primary key ",
        "check ", "references ", "alter ", "add ", "modify ", "drop ", "rename ", "column ", "to ", "index ", "on ", "view ",
        "as ", "select ", "comment ", "is ", "sequence ", "start with ", "-", "1", "1e30", "trigger ", "begin ", "&x ", "define x=",
        "@@", "q'[", "/*", "--", "é", "generated ", "identity ", "default ", "not null ", "using index ", "create or replace type ",
    ]), 0..60)) {
        let mut script = Script::default();
        script.read("s.sql", &parts.concat(), &ora("HR"));
        for error in &script.errors {
            prop_assert!(error.line >= 1 && error.column >= 1 && !error.message.is_empty());
        }
    }

    /// Statements are slices of the script, in order.
    #[test]
    fn statements_come_from_the_text(bodies in prop::collection::vec("[a-z]{1,8}( ('[^'&\n]{0,6}'|[0-9]{1,3})){0,3}", 0..12)) {
        let known = ["insert", "select"];
        let wanted: Vec<String> = bodies.iter().enumerate().map(|(n, b)| format!("{} {b}", known[n % 2])).collect();
        let script = wanted.iter().map(|s| format!("{s};\n")).collect::<String>();
        prop_assert_eq!(texts(&script), wanted);
    }
}
