//! `migrate assess`: of a folder, of a live source, of several; in every form; proved on a real PostgreSQL.

use crate::world::{World, text};
use assessment::{Portfolio, Verdict};
use std::{fs, path::Path, process::Command};
use tempfile::TempDir;

fn folder(files: &[(&str, &str)]) -> TempDir {
    let dir = tempfile::tempdir().expect("a folder");
    for (name, text) in files {
        let path = dir.path().join(name);
        fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
        fs::write(path, text).expect("a script");
    }
    dir
}

fn assess(arguments: &[&str]) -> Result<String, String> {
    assess_on(&std::env::var("DATABASE_URL").unwrap_or_default(), arguments)
}

/// With a PostgreSQL for proofs.
fn assess_on(url: &str, arguments: &[&str]) -> Result<String, String> {
    let mut command = Command::new(env!("CARGO_BIN_EXE_migrate"));
    let output = command.arg("assess").args(arguments).env("DATABASE_URL", url).output().expect("it starts");
    if output.status.success() { Ok(text(&output)) } else { Err(text(&output)) }
}

fn of_folder(dir: &Path, arguments: &[&str]) -> Portfolio {
    let dir = dir.display().to_string();
    let json = assess(&[&["--scripts", &dir, "--format", "json"], arguments].concat()).expect("a report");
    Portfolio::from_json(&json).expect("a report")
}

const SCRIPTS: [(&str, &str); 3] = [
    (
        "tables/t.sql",
        "CREATE TABLE t (\n  id NUMBER(9) PRIMARY KEY,\n  name VARCHAR2(20) NOT NULL\n);\nCREATE SEQUENCE s;\n",
    ),
    (
        "a_view.sql",
        "CREATE VIEW v AS SELECT id, NVL(name, 'none') name FROM t;\nCREATE VIEW w AS SELECT id FROM t MODEL DIMENSION BY (id) MEASURES (id x) RULES (x[1] = 2);\n",
    ),
    (
        "code/p.pkb",
        "-- the body\nCREATE OR REPLACE PACKAGE BODY p AS\n  PROCEDURE q IS BEGIN GOTO x; END;\nEND;\n/\nCREATE TABLE bad (a NUMBER,);\n",
    ),
];

#[test]
fn a_folder_of_scripts() {
    let dir = folder(&SCRIPTS);
    let portfolio = of_folder(dir.path(), &["--score", "ora2pg", "--team", "2"]);
    let report = &portfolio.reports[0];
    let of = |name: &str| report.objects.iter().find(|object| object.name == name).unwrap_or_else(|| panic!("{name}"));
    assert_eq!(of("APP.T").verdict, Verdict::Converts);
    assert_eq!(of("APP.T").place.as_ref().map(ToString::to_string).as_deref(), Some("tables/t.sql:1"));
    assert_eq!(of("APP.W").verdict, Verdict::ByHand);
    assert_eq!(of("APP.P").place.as_ref().map(ToString::to_string).as_deref(), Some("code/p.pkb:2"));
    assert_eq!(of("APP.BAD").verdict, Verdict::ByHand);
    assert_eq!((report.estimate.team, report.reference.is_some()), (2, true));
    for format in ["text", "html", "sarif", "csv", "csv:summary", "csv:inventory", "csv:findings"] {
        let out = dir.path().join("report");
        let (scripts, out) = (dir.path().display().to_string(), out.display().to_string());
        let said = assess(&["--scripts", &scripts, "--scripts", &scripts, "--format", format, "--out", &out]);
        assert!(said.expect("a report").contains("written to"));
        let written = fs::read_to_string(&out).expect("a report");
        assert!(
            written.len() > 100 && (written.contains("APP.W") || format.starts_with("csv:")),
            "{format}: {written}"
        );
    }
}

#[test]
fn nothing_in_a_folder_is_a_report_too() {
    let dir = folder(&[("x.sql", "-- nothing\nSELECT 1 FROM dual;\n")]);
    let scripts = dir.path().display().to_string();
    assert!(of_folder(dir.path(), &[]).reports[0].objects.is_empty());
    for format in ["text", "html", "sarif", "csv"] {
        assess(&["--scripts", &scripts, "--format", format]).expect(format);
    }
}

#[test]
fn bad_arguments_are_named() {
    let dir = folder(&[
        ("x.sql", "CREATE TABLE t (a NUMBER(9) PRIMARY KEY);"),
        ("model.toml", "team = 0\n"),
        ("odd.toml", "teem = 1\n"),
    ]);
    let path = |name: &str| dir.path().join(name).display().to_string();
    let scripts = dir.path().display().to_string();
    for (arguments, says) in [
        (vec!["--scripts", "/nowhere/at/all"], "/nowhere/at/all"),
        (vec!["--scripts", &scripts, "--format", "pdf"], "expected text, html, json"),
        (vec!["--scripts", &scripts, "--format", "csv:nothing"], "expected summary"),
        (vec!["--scripts", &scripts, "--without", "no.rule"], "there is no rule no.rule"),
        (vec!["--scripts", &scripts, "--model", &path("model.toml")], "team is 0"),
        (vec!["--scripts", &scripts, "--model", &path("odd.toml")], "teem"),
        (vec!["--scripts", &scripts, "--test-share=-1"], "test_share is -1"),
        (vec!["--scripts", &scripts, "--prove", "postgresql://nobody:s3cret@127.0.0.1:1/none"], "--prove"),
    ] {
        let error = assess(&arguments).expect_err("it must fail");
        assert!(error.contains(says) && !error.contains("s3cret"), "{arguments:?}: {error}");
    }
}

#[test]
fn a_live_source_tells_more() {
    let world = World::new("hr");
    // In the stand-in U+FFFD stands for bytes that are no characters.
    world.source_sql(
        "CREATE TABLE notes (text VARCHAR2(20));\nINSERT INTO notes VALUES ('a' || CHR(0));\nINSERT INTO notes VALUES ('\u{fffd}');\nCOMMIT;\n",
    );
    world.source_script("SYSTEM", "BEGIN STANDIN.SCENE('GROWTH', 'HR:NOTES:TABLE:65536'); END;\n/\n");
    let facts = world.path("facts.json").display().to_string();
    let json = world.succeed(&["assess", "--json", "--sample", "1000", "--facts-out", &facts]);
    let portfolio = Portfolio::from_json(within(&json)).unwrap_or_else(|e| panic!("{e}: {json}"));
    let report = &portfolio.reports[0];
    let rules: Vec<&str> = report.rules.iter().map(|rule| rule.id.as_str()).collect();
    for rule in
        ["key.missing", "data.zero-character", "data.bad-encoding", "migration.supplemental-logging", "type.number"]
    {
        assert!(rules.contains(&rule), "{rule}: {rules:?}");
    }
    assert!(report.size.table_bytes.is_some_and(|bytes| bytes > 0), "{:?}", report.size);
    assert!(report.version.as_deref().is_some_and(|version| version.starts_with("Oracle ")), "{:?}", report.version);
    let bad = report.findings.iter().find(|finding| finding.rule == "data.bad-encoding").expect("a finding");
    assert!(bad.object == "HR.NOTES.TEXT" && bad.text.contains("1 values in a sample of 1000 rows"), "{bad:?}");
    // The workload repository is not touched unless somebody says that it may be.
    assert!(report.unknown.iter().any(|what| what.contains("DBA_HIST_SEG_STAT")), "{:?}", report.unknown);
    assert_eq!((report.size.growth_bytes, report.size.growth_days), (None, None));
    let json = world.succeed(&["assess", "--json", "--diagnostics-pack"]);
    let grown = &Portfolio::from_json(within(&json)).unwrap().reports[0];
    assert_eq!((grown.size.growth_bytes, grown.size.growth_days), (Some(65_536), Some(10)));
    let text = world.succeed(&["assess", "--diagnostics-pack"]);
    assert!(text.contains("growth in 10 days"), "{text}");
    // The facts can be taken elsewhere.
    let dir = folder(&[("x.sql", "CREATE TABLE notes (text VARCHAR2(20));")]);
    let offline = of_folder(dir.path(), &["--facts", &facts, "--schema", "HR"]);
    assert!(offline.reports[0].rules.iter().any(|rule| rule.id == "data.zero-character"));
}

#[test]
fn a_proof_tries_everything_and_leaves_nothing() {
    let world = World::new("hr");
    let url = std::env::var("DATABASE_URL").expect("DATABASE_URL");
    let (server, _) = url.rsplit_once('/').expect("a database in the URL");
    let url = format!("{server}/{}", world.pg_column("SELECT current_database()")[0]);
    let left = || world.pg_column("SELECT nspname::text FROM pg_namespace WHERE nspname ~ '^assess_'");
    let odd = (
        "odd.sql",
        "CREATE TABLE odd (a NUMBER(9) PRIMARY KEY) PARTITION BY RANGE (a) (PARTITION p VALUES LESS THAN (10), PARTITION q VALUES LESS THAN (5));",
    );
    let dir = folder(&[&SCRIPTS[..], &[odd]].concat());
    let scripts = dir.path().display().to_string();
    let json = assess_on(&url, &["--scripts", &scripts, "--format", "json", "--prove"]).expect("a report");
    let proved = Portfolio::from_json(&json).expect("a report");
    let report = &proved.reports[0];
    let proof = report.proof.as_ref().expect("a proof");
    assert!(proof.taken >= 4 && proof.refused == 1, "{proof:?}");
    let of = |name: &str| report.objects.iter().find(|object| object.name == name).expect("an object");
    assert_eq!((of("APP.T").proved, of("APP.V").proved, of("APP.W").proved), (Some(true), Some(true), None));
    assert_eq!((of("APP.ODD").proved, of("APP.ODD").verdict), (Some(false), Verdict::ByHand));
    assert!(of("APP.ODD").reasons[0].starts_with("PostgreSQL refused it: "), "{:?}", of("APP.ODD"));
    assert!(left().is_empty(), "{:?}", left());

    let mut command = world.command(&["assess", "--json", "--prove"]);
    let json = text(&command.env("DATABASE_URL", &url).output().expect("it starts"));
    let portfolio = Portfolio::from_json(within(&json)).expect("a report");
    assert!(portfolio.reports[0].proof.as_ref().is_some_and(|proof| proof.refused == 0 && proof.taken > 40));
    assert!(left().is_empty(), "{:?}", left());
}

/// The JSON in what was printed: what could not be seen is said before it.
fn within(printed: &str) -> &str {
    &printed[printed.find("{\n").expect("JSON")..=printed.rfind("\n}").expect("JSON") + 1]
}
