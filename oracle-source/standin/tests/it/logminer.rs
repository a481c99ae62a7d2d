//! A LogMiner session through the client interface.

use crate::Standin;

const SCRIPT: &str = "CREATE TABLE t (id NUMBER(10) PRIMARY KEY, name VARCHAR2(40));";

#[test]
fn redo_of_what_was_done_is_mined() {
    let standin = Standin::new(SCRIPT);
    let system = standin.connect_system();
    system.execute("ALTER DATABASE ADD SUPPLEMENTAL LOG DATA", &[]).unwrap();
    system.execute("ALTER DATABASE ADD SUPPLEMENTAL LOG DATA (ALL) COLUMNS", &[]).unwrap();
    let from: i64 = system.query_row_as("SELECT CURRENT_SCN FROM V$DATABASE", &[]).unwrap();
    let hr = standin.connect();
    hr.execute("INSERT INTO t VALUES (1, 'it''s one')", &[]).unwrap();
    hr.execute("UPDATE t SET name = 'two' WHERE id = 1", &[]).unwrap();
    hr.commit().unwrap();
    hr.execute("INSERT INTO t VALUES (2, 'never')", &[]).unwrap();
    hr.rollback().unwrap();
    let to: i64 = system.query_row_as("SELECT CURRENT_SCN FROM V$DATABASE", &[]).unwrap();
    let file: String = system
        .query_row_as(
            "SELECT MIN(f.MEMBER) FROM V$LOG l JOIN V$LOGFILE f ON f.GROUP# = l.GROUP# WHERE l.STATUS = 'CURRENT'",
            &[],
        )
        .unwrap();
    system
        .execute("BEGIN SYS.DBMS_LOGMNR.ADD_LOGFILE(LOGFILENAME => :1, OPTIONS => SYS.DBMS_LOGMNR.NEW); END;", &[&file])
        .unwrap();
    system
        .execute(
            "BEGIN SYS.DBMS_LOGMNR.START_LOGMNR(STARTSCN => :1, ENDSCN => :2, \
             OPTIONS => SYS.DBMS_LOGMNR.DICT_FROM_ONLINE_CATALOG); END;",
            &[&from, &to],
        )
        .unwrap();
    let rows: Vec<(i64, i64, Option<String>)> = system
        .query_as::<(i64, i64, Option<String>)>(
            "SELECT OPERATION_CODE, ROLLBACK, SQL_REDO FROM V$LOGMNR_CONTENTS \
             WHERE SEG_OWNER = 'HR' AND OPERATION_CODE IN (1, 2, 3)",
            &[],
        )
        .unwrap()
        .map(Result::unwrap)
        .collect();
    let kinds: Vec<(i64, i64)> = rows.iter().map(|r| (r.0, r.1)).collect();
    assert_eq!(kinds, [(1, 0), (3, 0), (1, 0), (2, 1)], "{rows:?}");
    let redo = rows[0].2.as_deref().unwrap();
    assert!(redo.starts_with(r#"insert into "HR"."T"("ID","NAME") values ('1','it''s one')"#), "{redo}");
    system.execute("BEGIN SYS.DBMS_LOGMNR.END_LOGMNR; END;", &[]).unwrap();
}
