use super::*;

#[test]
fn users_log_in_and_see_what_they_may() {
    let world = World::new();
    assert_eq!(world.file.login("hr", "wrong").unwrap_err().code, 1017);
    assert_eq!(world.file.login("nobody", "x").unwrap_err().code, 1017);
    let mut system = world.system();
    system.ddl("CREATE USER scott IDENTIFIED BY tiger DEFAULT TABLESPACE users QUOTA UNLIMITED ON users").unwrap();
    assert_eq!(world.file.login("scott", "tiger").unwrap_err().code, 1045);
    system.ddl("GRANT CREATE SESSION, CREATE TABLE TO scott").unwrap();
    let mut scott = world.file.login("scott", "tiger").unwrap();
    assert_eq!(world.file.login("SCOTT", "TIGER").unwrap_err().code, 1017);
    let mut hr = world.hr();
    hr.ddl("CREATE TABLE t (a NUMBER)").unwrap();
    assert!(scott.relation(Some("HR"), "T").unwrap().is_none());
    hr.ddl("GRANT SELECT ON t TO scott").unwrap();
    let found = scott.relation(Some("HR"), "T").unwrap().unwrap();
    let refused = scott.dml(&mut |s| s.insert(&found, vec![vec![n(1)]]).map(|()| 1));
    assert_eq!(refused.unwrap_err().code, 1031);
    scott.ddl("CREATE SYNONYM s FOR hr.t").unwrap();
    assert_eq!(relation(&scott, "S").name, "T");
    scott.ddl("ALTER SESSION SET CURRENT_SCHEMA = hr").unwrap();
    assert_eq!(relation(&scott, "T").owner, "HR");
    assert_eq!(scott.context("CURRENT_SCHEMA").as_deref(), Some("HR"));
    hr.ddl("REVOKE SELECT ON t FROM scott").unwrap();
    assert!(scott.relation(None, "T").unwrap().is_none());
    // The dictionary.
    assert!(scott.relation(None, "V$DATABASE").unwrap().is_none());
    assert!(scott.relation(None, "DBA_EXTENTS").unwrap().is_none());
    system.ddl("GRANT SELECT ON v_$database TO scott").unwrap();
    assert!(scott.relation(None, "V$DATABASE").unwrap().is_some());
    assert!(scott.relation(Some("SYS"), "V_$DATABASE").unwrap().is_some());
    assert_eq!(call(&mut scott, "DBMS_LOGMNR.END_LOGMNR", &[]).unwrap_err().code, 6550);
    system.ddl("GRANT EXECUTE_CATALOG_ROLE, SELECT ANY DICTIONARY TO scott").unwrap();
    assert_eq!(call(&mut scott, "DBMS_LOGMNR.END_LOGMNR", &[]).unwrap_err().code, 1307);
    assert!(scott.relation(None, "GV$TRANSACTION").unwrap().is_some());
    assert_eq!(hr.ddl("GRANT DBA TO hr").unwrap_err().code, 1031);
    assert_eq!(system.ddl("GRANT NONSENSE TO hr").unwrap_err().code, 1919);
    assert_eq!(hr.ddl("ALTER SYSTEM SWITCH LOGFILE").unwrap_err().code, 1031);
    assert_eq!(hr.ddl("DROP TABLE system.x").unwrap_err().code, 942);
    drop(scott);
    assert_eq!(system.ddl("DROP USER scott").unwrap_err().code, 1922);
    system.ddl("DROP USER scott CASCADE").unwrap();
    assert_eq!(world.file.login("scott", "tiger").unwrap_err().code, 1017);
}

#[test]
fn unknown_statements_are_refused() {
    let world = World::new();
    let mut system = world.system();
    for (text, code) in [
        ("FROBNICATE THE TABLE", 900),
        ("ALTER DATABASE OPEN RESETLOGS", 2231),
        ("ALTER SYSTEM KILL SESSION '1,2'", 2065),
        ("ALTER SESSION SET CONTAINER = CDB$ROOT", 65090),
        ("ALTER SESSION SET FLUX = 1", 2248),
        ("CREATE TABLESPACE x DATAFILE 'y' SIZE 1M", 922),
        ("DROP TABLE nothing", 942),
        ("CREATE TABLE t AS SELECT * FROM dual", 3001),
        ("SET CONSTRAINTS ALL DEFERRED", 3001),
    ] {
        assert_eq!(system.ddl(text).err().map(|e| e.code), Some(code), "{text}");
    }
}

#[test]
fn the_dictionary_tells_the_tables() {
    let world = World::new();
    let mut hr = world.hr();
    for text in [
        "CREATE TABLE regions (region_id NUMBER CONSTRAINT reg_id_pk PRIMARY KEY, name VARCHAR2(25 CHAR) NOT NULL, at TIMESTAMP(3) DEFAULT SYSDATE)",
        "CREATE TABLE countries (id CHAR(2) CONSTRAINT c_pk PRIMARY KEY, region NUMBER(6,2), CONSTRAINT c_reg_fk FOREIGN KEY (region) REFERENCES regions (region_id),
           CONSTRAINT c_ck CHECK (region > 0)) ORGANIZATION INDEX",
        "CREATE INDEX c_ix ON countries (region)",
        "CREATE SEQUENCE s START WITH 10 INCREMENT BY 5 NOCACHE",
        "CREATE VIEW v AS SELECT name FROM regions",
        "COMMENT ON TABLE regions IS 'Where it''s at'",
        "CREATE OR REPLACE PROCEDURE p IS\nBEGIN\n  NULL;\nEND;",
        "CREATE OR REPLACE TRIGGER trg BEFORE INSERT OR UPDATE ON regions FOR EACH ROW BEGIN NULL; END;",
        "ALTER TRIGGER trg DISABLE",
        "CREATE TABLE i (id NUMBER GENERATED ALWAYS AS IDENTITY, x NUMBER)",
    ] {
        hr.ddl(text).unwrap_or_else(|e| panic!("{text}: {e}"));
    }
    let cell = |view: &str, keys: &[(&str, &str)], column: &str| -> Value {
        let relation = relation(&hr, view);
        let at = |name: &str| {
            relation.columns.iter().position(|c| c.name == name).unwrap_or_else(|| panic!("{view}.{name}"))
        };
        let row = values(&hr, view).into_iter().find(|r| {
            assert_eq!(r.len(), relation.columns.len(), "{view}");
            keys.iter().all(|(k, v)| r[at(k)] == t(v))
        });
        row.unwrap_or_else(|| panic!("{view} {keys:?}"))[at(column)].clone()
    };
    assert_eq!(cell("USER_TABLES", &[("TABLE_NAME", "COUNTRIES")], "IOT_TYPE"), t("IOT"));
    assert_eq!(cell("ALL_TAB_COLS", &[("COLUMN_NAME", "NAME")], "DATA_LENGTH"), n(100));
    assert_eq!(cell("ALL_TAB_COLS", &[("COLUMN_NAME", "NAME")], "CHAR_USED"), t("C"));
    assert_eq!(cell("ALL_TAB_COLS", &[("COLUMN_NAME", "REGION")], "DATA_SCALE"), n(2));
    assert_eq!(cell("ALL_TAB_COLS", &[("COLUMN_NAME", "AT")], "DATA_TYPE"), t("TIMESTAMP(3)"));
    assert_eq!(cell("ALL_TAB_COLS", &[("COLUMN_NAME", "AT")], "DATA_DEFAULT"), t("SYSDATE"));
    assert_eq!(cell("ALL_CONSTRAINTS", &[("CONSTRAINT_NAME", "C_REG_FK")], "R_CONSTRAINT_NAME"), t("REG_ID_PK"));
    assert_eq!(
        cell("ALL_CONSTRAINTS", &[("CONSTRAINT_TYPE", "C"), ("TABLE_NAME", "REGIONS")], "SEARCH_CONDITION"),
        t("\"NAME\" IS NOT NULL")
    );
    assert_eq!(cell("ALL_CONS_COLUMNS", &[("CONSTRAINT_NAME", "C_CK")], "COLUMN_NAME"), t("REGION"));
    assert_eq!(cell("ALL_INDEXES", &[("INDEX_NAME", "C_PK")], "INDEX_TYPE"), t("IOT - TOP"));
    assert_eq!(cell("ALL_INDEXES", &[("INDEX_NAME", "C_IX")], "UNIQUENESS"), t("NONUNIQUE"));
    assert_eq!(cell("ALL_IND_COLUMNS", &[("INDEX_NAME", "REG_ID_PK")], "COLUMN_NAME"), t("REGION_ID"));
    assert_eq!(cell("ALL_SEQUENCES", &[("SEQUENCE_NAME", "S")], "LAST_NUMBER"), n(10));
    assert_eq!(cell("ALL_VIEWS", &[("VIEW_NAME", "V")], "TEXT"), t("SELECT name FROM regions"));
    assert_eq!(cell("ALL_TAB_COMMENTS", &[("TABLE_NAME", "REGIONS")], "COMMENTS"), t("Where it's at"));
    assert_eq!(cell("ALL_SOURCE", &[("NAME", "P"), ("TYPE", "PROCEDURE")], "LINE"), n(1));
    assert_eq!(cell("ALL_TRIGGERS", &[("TRIGGER_NAME", "TRG")], "STATUS"), t("DISABLED"));
    assert_eq!(cell("ALL_TRIGGERS", &[("TRIGGER_NAME", "TRG")], "TRIGGERING_EVENT"), t("INSERT OR UPDATE"));
    assert_eq!(cell("ALL_TRIGGERS", &[("TRIGGER_NAME", "TRG")], "TRIGGER_TYPE"), t("BEFORE EACH ROW"));
    assert_eq!(cell("ALL_TAB_IDENTITY_COLS", &[("TABLE_NAME", "I")], "GENERATION_TYPE"), t("ALWAYS"));
    assert_eq!(cell("SESSION_PRIVS", &[("PRIVILEGE", "CREATE TABLE")], "PRIVILEGE"), t("CREATE TABLE"));
    assert_eq!(cell("USER_USERS", &[], "USERNAME"), t("HR"));
    let default = relation(&hr, "I").defaults[0].clone().unwrap();
    assert!(default.starts_with("\"HR\".\"ISEQ$$_"), "{default}");
    let name = default.split('"').nth(3).unwrap().to_owned();
    let mut hr = hr;
    assert_eq!(hr.next_value(None, &name).unwrap(), n(1));
    assert_eq!(hr.current_value(None, "S").unwrap_err().code, 8002);
    assert_eq!([hr.next_value(None, "S").unwrap(), hr.next_value(Some("HR"), "S").unwrap()], [n(10), n(15)]);
    assert_eq!(hr.current_value(None, "S").unwrap(), n(15));
    assert_eq!(hr.next_value(None, "NO").unwrap_err().code, 2289);
}

/// Every view answers, with rows of its own width.
#[test]
fn every_view_can_be_read() {
    let world = World::new();
    let mut hr = world.hr();
    hr.ddl("CREATE TABLE t (a NUMBER PRIMARY KEY)").unwrap();
    insert(&mut hr, "T", vec![vec![n(1)]]).unwrap();
    let system = world.system();
    let names = crate::engine::views::names();
    assert!(names.len() > 80);
    for name in names {
        let relation = relation(&system, &name);
        if name == "V$LOGMNR_CONTENTS" {
            assert_eq!(system.scan(&relation, None, Lookup::All).err().map(|e| e.code), Some(1306));
            continue;
        }
        for row in system.scan(&relation, None, Lookup::All).unwrap() {
            assert_eq!(row.unwrap().values.len(), relation.columns.len(), "{name}");
        }
    }
    assert_eq!(values(&system, "DUAL"), [[t("X")]]);
    assert_eq!(values(&system, "V$TRANSACTION").len(), 1);
    assert_eq!(values(&system, "DBA_EXTENTS").len(), 1);
    let database = values(&system, "V$DATABASE").remove(0);
    assert_eq!((&database[1], &database[6], &database[24]), (&t("STANDIN"), &t("ARCHIVELOG"), &t("NO")));
}

/// The dictionary changes under a session that is open in another process or here.
#[test]
fn sessions_see_each_others_ddl() {
    let world = World::new();
    let other = Arc::new(DatabaseFile::open(&world.file.path).unwrap());
    let (mut a, mut b) = (world.hr(), other.login("hr", "hr").unwrap());
    a.ddl("CREATE TABLE t (a NUMBER)").unwrap();
    insert(&mut b, "T", vec![vec![n(1)]]).unwrap();
    assert_eq!(a.ddl("ALTER TABLE t ADD (b NUMBER)").unwrap_err().code, 54, "B has changed it");
    b.commit().unwrap();
    a.ddl("ALTER TABLE t ADD (b NUMBER)").unwrap();
    assert_eq!(values(&b, "T"), [vec![n(1), Value::Null]]);
    b.ddl("DROP TABLE t").unwrap();
    assert!(a.relation(None, "T").unwrap().is_none());
}
