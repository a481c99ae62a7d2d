use crate::fixture::{Fixture, hr};
use oracle_source::{Prerequisite, PrerequisiteState, Session, prerequisites};

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
    for line in prerequisites::mend_script(&before).lines().filter(|line| !line.starts_with("--") && !line.is_empty()) {
        system.execute(line.strip_suffix(';').unwrap()).unwrap_or_else(|e| panic!("{line}: {e:?}"));
    }
    let after = prerequisites::check(&system, &tables).unwrap();
    let open: Vec<_> = after.iter().filter(|p| p.required && p.state != PrerequisiteState::Met).collect();
    assert!(open.is_empty(), "{open:#?}");
    assert_eq!(prerequisites::mend_script(&after), "");
}

#[test]
fn database_wide_logging_is_enough() {
    let fixture = Fixture::new(
        "CREATE TABLE with_key (id NUMBER PRIMARY KEY);
         CREATE TABLE with_unique (a NUMBER NOT NULL UNIQUE);
         CREATE TABLE without (v NUMBER);",
    );
    let tables = ["WITH_KEY", "WITH_UNIQUE", "WITHOUT"].map(hr);
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
    for id in ["select", "flashback", "views", "dbms-logmnr", "logmining", "extents", "dictionary"] {
        assert_eq!(state(&before, id), PrerequisiteState::NotMet, "{id}");
    }
    for id in ["primary", "archivelog", "supplemental-logging", "supplemental:HR.T", "undo-retention"] {
        assert_eq!(state(&before, id), PrerequisiteState::Unknown, "{id}");
    }
    let script = prerequisites::mend_script(&before);
    assert!(script.contains("GRANT SELECT ON \"HR\".\"T\" TO \"MOVER\";"), "{script}");
    for line in script.lines().filter(|line| !line.starts_with("--") && !line.is_empty()) {
        system.execute(line.strip_suffix(';').unwrap()).unwrap_or_else(|e| panic!("{line}: {e:?}"));
    }
    let open: Vec<_> = check().into_iter().filter(|p| p.state != PrerequisiteState::Met).collect();
    assert!(open.is_empty(), "{open:#?}");
}
