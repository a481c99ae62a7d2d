use crate::fixture::{Fixture, hr};
use oracle_source::{
    Prerequisite, PrerequisiteState, Session,
    prerequisites::{self, Following, Plan, Site, SupplementalSetUp},
};
use schema_map::ObjectPath;
use std::time::Duration;

fn state(list: &[Prerequisite], id: &str) -> PrerequisiteState {
    list.iter().find(|p| p.id == id).unwrap_or_else(|| panic!("no {id}")).state
}

#[test]
fn what_is_missing_is_mended_by_the_script() {
    let fixture = Fixture::new(
        "CREATE TABLE with_key (id NUMBER PRIMARY KEY, v NUMBER);
         CREATE TABLE with_unique (a NUMBER NOT NULL, b NUMBER NOT NULL, v NUMBER, CONSTRAINT uq UNIQUE (a, b));
         CREATE TABLE nullable_unique (a NUMBER UNIQUE, v NUMBER);
         CREATE TABLE without (v NUMBER);",
    );
    let tables = ["WITH_KEY", "WITH_UNIQUE", "NULLABLE_UNIQUE", "WITHOUT"].map(hr);
    let system = fixture.system();
    let before = prerequisites::check(&system, &tables).unwrap();
    assert_eq!(state(&before, "archivelog"), PrerequisiteState::Met);
    assert_eq!(state(&before, "archive-destination"), PrerequisiteState::Met);
    assert_eq!(state(&before, "supplemental-logging"), PrerequisiteState::NotMet);
    let mend = |table: &str| {
        let p = before.iter().find(|p| p.id == format!("supplemental:HR.{table}")).unwrap();
        assert_eq!(p.state, PrerequisiteState::NotMet);
        p.mend.join(";")
    };
    assert_eq!(mend("WITH_KEY"), "ALTER TABLE \"HR\".\"WITH_KEY\" ADD SUPPLEMENTAL LOG DATA (PRIMARY KEY) COLUMNS");
    assert_eq!(
        mend("WITH_UNIQUE"),
        "ALTER TABLE \"HR\".\"WITH_UNIQUE\" ADD SUPPLEMENTAL LOG GROUP \"WITH_UNIQUE_KEYLOG\" (\"A\", \"B\") ALWAYS"
    );
    for table in ["NULLABLE_UNIQUE", "WITHOUT"] {
        assert_eq!(mend(table), format!("ALTER TABLE \"HR\".\"{table}\" ADD SUPPLEMENTAL LOG DATA (ALL) COLUMNS"));
    }
    let fixes = run_script(&system, &before);
    assert_eq!(
        fixes.iter().filter(|sql| sql.starts_with("ALTER TABLE ")).count(),
        4,
        "exactly one a table: {fixes:#?}"
    );
    let after = prerequisites::check(&system, &tables).unwrap();
    assert_eq!(not_met(&after, REQUIRED), [] as [&str; 0], "{after:#?}");
    // What is there already is not asked for again.
    assert!(!prerequisites::mend_script(&after).contains("SUPPLEMENTAL LOG"), "{after:#?}");
}

const REQUIRED: bool = true;

/// Ids of what does not certainly hold; of all, or of what is required.
fn not_met(list: &[Prerequisite], required: bool) -> Vec<&str> {
    let open = list.iter().filter(|p| p.state != PrerequisiteState::Met && (p.required || !required));
    // The stand-in has no view of partitions or LOBs that would tell.
    open.map(|p| p.id.as_str()).filter(|id| *id != "logging").collect()
}

/// Runs what mends the list, as SQL*Plus would; the statements.
fn run_script(system: &Session, list: &[Prerequisite]) -> Vec<String> {
    let script = prerequisites::mend_script(list);
    let lines = script.lines().filter(|line| !line.starts_with("--") && !line.is_empty());
    let statements: Vec<String> = lines.map(|line| line.strip_suffix(';').unwrap().to_owned()).collect();
    for sql in &statements {
        // Settings of the instance are not the stand-in's to change.
        if !sql.starts_with("ALTER SYSTEM SET ") {
            system.execute(sql).unwrap_or_else(|e| panic!("{sql}: {e:?}"));
        }
    }
    statements
}

/// Tables with a primary key, with a unique one, and without any.
fn keyed_and_not() -> (Fixture, [ObjectPath; 3]) {
    let fixture = Fixture::new(
        "CREATE TABLE with_key (id NUMBER PRIMARY KEY);
         CREATE TABLE with_unique (a NUMBER NOT NULL UNIQUE);
         CREATE TABLE without (v NUMBER);",
    );
    (fixture, ["WITH_KEY", "WITH_UNIQUE", "WITHOUT"].map(hr))
}

#[test]
fn the_database_wide_set_up_has_two_statements_and_one_for_each_table_without_a_key() {
    let (fixture, tables) = keyed_and_not();
    let system = fixture.system();
    let plan = Plan { supplemental: SupplementalSetUp::Database, ..Plan::default() };
    let check = || prerequisites::check_for(&system, &tables, &plan).unwrap();
    let before = check();
    assert_eq!(state(&before, "supplemental-keys"), PrerequisiteState::NotMet);
    let statements = run_script(&system, &before);
    let of = |what: &str| statements.iter().filter(|sql| sql.starts_with(what)).count();
    assert_eq!((of("ALTER DATABASE ADD SUPPLEMENTAL LOG DATA ("), of("ALTER TABLE ")), (2, 1), "{statements:#?}");
    assert_eq!(not_met(&check(), REQUIRED), [] as [&str; 0]);
}

#[test]
fn a_load_alone_asks_nothing_of_redo() {
    let fixture = Fixture::new("CREATE TABLE t (id NUMBER PRIMARY KEY);");
    let plan = Plan { following: Following::None, ..Plan::default() };
    let list = prerequisites::check_for(&fixture.system(), &[hr("T")], &plan).unwrap();
    assert_eq!(not_met(&list, REQUIRED), [] as [&str; 0]);
    for p in &list {
        assert!(!p.id.starts_with("supplemental") && p.id != "archivelog" && p.id != "logmining", "{p:?}");
    }
}

#[test]
fn undo_is_held_against_the_time_of_the_load() {
    let fixture = Fixture::new("CREATE TABLE t (id NUMBER PRIMARY KEY);");
    let system = fixture.system();
    let state_for = |hours: u64| {
        let plan = Plan { load_time: Some(Duration::from_secs(hours * 3600)), ..Plan::default() };
        state(&prerequisites::check_for(&system, &[hr("T")], &plan).unwrap(), "undo-retention")
    };
    // UNDO_RETENTION is a day.
    assert_eq!([state_for(23), state_for(25)], [PrerequisiteState::Met, PrerequisiteState::NotMet]);
}

#[test]
fn a_transaction_that_is_open_for_long_is_named_with_its_session() {
    let fixture = Fixture::new("CREATE TABLE t (id NUMBER PRIMARY KEY);");
    let (system, session) = (fixture.system(), fixture.session());
    session.execute("INSERT INTO t VALUES (1)").unwrap();
    std::thread::sleep(Duration::from_millis(2100));
    let check = |long_transaction| {
        let plan = Plan { long_transaction, ..Plan::default() };
        let list = prerequisites::check_for(&system, &[hr("T")], &plan).unwrap();
        list.into_iter().find(|p| p.id == "long-transactions").unwrap()
    };
    assert_eq!(check(Duration::from_secs(3600)).state, PrerequisiteState::Met);
    let p = check(Duration::from_secs(1));
    assert_eq!((p.state, p.required), (PrerequisiteState::NotMet, false));
    assert!(p.found.starts_with("HR (session "), "{p:?}");
    assert!(p.mend.iter().any(|line| line.contains("KILL SESSION")), "{p:?}");
    session.rollback().unwrap();
    assert_eq!(check(Duration::ZERO).state, PrerequisiteState::Met);
}

#[test]
fn the_grants_are_the_least_that_is_enough() {
    let fixture = Fixture::new("CREATE TABLE t (id NUMBER PRIMARY KEY);");
    fixture.log_everything();
    let system = fixture.system();
    system.execute("CREATE USER mover IDENTIFIED BY \"moves it\"").unwrap();
    let mut site = Site::read(&system).unwrap();
    assert_eq!((&site.container, site.rds), (&None, false));
    site.user = crate::fixture::ident("MOVER");
    let grants = site.grants(&[hr("T")], true);
    for grant in &grants {
        system.execute(grant).unwrap_or_else(|e| panic!("{grant}: {e:?}"));
    }
    let mut options = fixture.options();
    options.user = "mover".to_owned();
    options.password = "moves it".into();
    let list = || prerequisites::check(&Session::connect(&options).unwrap(), &[hr("T")]).unwrap();
    let with_all = list();
    assert_eq!(not_met(&with_all, REQUIRED), [] as [&str; 0], "{with_all:#?}");
    let held = not_met(&with_all, !REQUIRED).len();
    for grant in grants.iter().filter(|grant| !grant.contains("CREATE SESSION")) {
        let revoke = grant.replacen("GRANT ", "REVOKE ", 1).replacen(" TO ", " FROM ", 1);
        system.execute(&revoke).unwrap_or_else(|e| panic!("{revoke}: {e:?}"));
        assert!(not_met(&list(), !REQUIRED).len() > held, "nothing misses {grant}");
        system.execute(grant).unwrap();
    }
}

#[test]
fn every_prerequisite_says_what_it_asked_and_why() {
    let fixture = Fixture::new("CREATE TABLE t (id NUMBER PRIMARY KEY);");
    let list = prerequisites::check(&fixture.system(), &[hr("T")]).unwrap();
    for p in &list {
        assert!(!p.queries.is_empty() && !p.why.is_empty() && !p.found.is_empty() && !p.what.is_empty(), "{p:?}");
    }
    let ids: std::collections::BTreeSet<_> = list.iter().map(|p| &p.id).collect();
    assert_eq!(ids.len(), list.len());
    let json = serde_json::to_value(&list).unwrap();
    let first = &json[0];
    assert_eq!((first["id"].as_str(), first["state"].as_str()), (Some("version"), Some("met")), "{first}");
}

#[test]
fn database_wide_logging_is_enough() {
    let (fixture, tables) = keyed_and_not();
    let ids = tables.each_ref().map(|table| format!("supplemental:{table}"));
    let system = fixture.system();
    let states = || {
        let list = prerequisites::check(&system, &tables).unwrap();
        ids.each_ref().map(|id| state(&list, id) == PrerequisiteState::Met)
    };
    assert_eq!(states(), [false, false, false]);
    for (sql, expected) in [
        ("ALTER DATABASE ADD SUPPLEMENTAL LOG DATA (PRIMARY KEY) COLUMNS", [true, false, false]),
        ("ALTER DATABASE ADD SUPPLEMENTAL LOG DATA (UNIQUE) COLUMNS", [true, true, false]),
        ("ALTER DATABASE ADD SUPPLEMENTAL LOG DATA (ALL) COLUMNS", [true, true, true]),
    ] {
        system.execute(sql).unwrap();
        assert_eq!(states(), expected, "{sql}");
    }
}

#[test]
fn a_user_with_no_rights_is_granted_what_it_needs() {
    let fixture = Fixture::new("CREATE TABLE t (id NUMBER PRIMARY KEY);");
    fixture.log_everything();
    let system = fixture.system();
    system.execute("CREATE USER mover IDENTIFIED BY \"moves it\"").unwrap();
    system.execute("GRANT CREATE SESSION TO mover").unwrap();
    let mut options = fixture.options();
    options.user = "mover".to_owned();
    options.password = "moves it".into();
    let check = || prerequisites::check(&Session::connect(&options).unwrap(), &[hr("T")]).unwrap();
    let before = check();
    for id in ["select", "flashback", "views", "dbms-logmnr", "logmining", "statistics", "extents", "dictionary"] {
        assert_eq!(state(&before, id), PrerequisiteState::NotMet, "{id}");
    }
    let unknown = [
        "version",
        "primary",
        "archivelog",
        "archive-destination",
        "supplemental-logging",
        "supplemental:HR.T",
        "logging",
        "undo-retention",
        "log-retention",
        "recovery-area",
        "redo-dictionary",
        "redo-logs",
        "long-transactions",
        "encryption",
    ];
    for id in unknown {
        assert_eq!(state(&before, id), PrerequisiteState::Unknown, "{id}");
    }
    let sessions = before.iter().find(|p| p.id == "long-transactions").unwrap();
    assert!(sessions.found.starts_with("GV$TRANSACTION or GV$SESSION cannot be read"), "{sessions:?}");
    let script = prerequisites::mend_script(&before);
    assert!(script.contains("GRANT SELECT ON \"HR\".\"T\" TO \"MOVER\";"), "{script}");
    for line in script.lines().filter(|line| !line.starts_with("--") && !line.is_empty()) {
        assert_eq!(script.matches(&format!("\n{line}\n")).count(), 1, "{line} stands once");
    }
    run_script(&system, &before);
    // With every view readable, all is known, but for logs of which none is archived yet.
    let after = check();
    assert_eq!(not_met(&after, !REQUIRED), ["log-retention", "redo-dictionary", "redo-logs"], "{after:#?}");
}
