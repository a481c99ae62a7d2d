use super::*;

fn code(result: Result<u64, OraError>) -> i32 {
    result.unwrap_err().code
}

fn hr_tables(a: &mut Store) {
    for text in [
        "CREATE TABLE departments (id NUMBER(4) CONSTRAINT dept_pk PRIMARY KEY, name VARCHAR2(30) NOT NULL, manager NUMBER(6))",
        "CREATE TABLE employees (id NUMBER(6) CONSTRAINT emp_pk PRIMARY KEY, email VARCHAR2(25) CONSTRAINT emp_email_uk UNIQUE,
           boss NUMBER(6) CONSTRAINT emp_boss_fk REFERENCES employees,
           department NUMBER(4) CONSTRAINT emp_dept_fk REFERENCES departments (id))",
        "CREATE TABLE notes (employee NUMBER(6) CONSTRAINT note_fk REFERENCES employees ON DELETE CASCADE, text VARCHAR2(10))",
        "CREATE TABLE badges (employee NUMBER(6) CONSTRAINT badge_fk REFERENCES employees ON DELETE SET NULL, no NUMBER)",
        "ALTER TABLE departments ADD CONSTRAINT dept_mgr_fk FOREIGN KEY (manager) REFERENCES employees (id)",
    ] {
        a.ddl(text).unwrap();
    }
}

#[test]
fn not_null_names_the_column() {
    let world = World::new();
    let mut a = world.hr();
    hr_tables(&mut a);
    let error = insert(&mut a, "DEPARTMENTS", vec![vec![n(1), Value::Null, Value::Null]]).unwrap_err();
    assert_eq!(error.to_string(), r#"ORA-01400: cannot insert NULL into ("HR"."DEPARTMENTS"."NAME")"#);
    insert(&mut a, "DEPARTMENTS", vec![vec![n(1), t("x"), Value::Null]]).unwrap();
    let error = update(&mut a, "DEPARTMENTS", |_| true, &[0], |v| v[0] = Value::Null).unwrap_err();
    assert_eq!(error.to_string(), r#"ORA-01407: cannot update ("HR"."DEPARTMENTS"."ID") to NULL"#);
}

#[test]
fn keys_are_unique_at_the_end_of_the_statement() {
    let world = World::new();
    let mut a = world.hr();
    hr_tables(&mut a);
    let employee = |id: i64, email: Value| vec![n(id), email, Value::Null, Value::Null];
    insert(&mut a, "EMPLOYEES", (1..=3).map(|i| employee(i, Value::Null)).collect()).unwrap();
    let error = insert(&mut a, "EMPLOYEES", vec![employee(3, Value::Null)]).unwrap_err();
    assert_eq!(error.to_string(), "ORA-00001: unique constraint (HR.EMP_PK) violated");
    let next = |v: &mut Vec<Value>| v[0] = n(integer(&v[0]) + 1);
    assert_eq!(update(&mut a, "EMPLOYEES", |_| true, &[0], next).unwrap(), 3);
    assert_eq!(code(update(&mut a, "EMPLOYEES", |v| v[0] == n(2), &[0], next)), 1);
    update(&mut a, "EMPLOYEES", |v| v[0] == n(2), &[1], |v| v[1] = t("k")).unwrap();
    assert_eq!(code(update(&mut a, "EMPLOYEES", |_| true, &[1], |v| v[1] = t("k"))), 1);
    // A key that is free again may be taken again.
    delete(&mut a, "EMPLOYEES", |v| v[0] == n(2)).unwrap();
    insert(&mut a, "EMPLOYEES", vec![employee(2, t("k"))]).unwrap();
    a.commit().unwrap();
    a.ddl("ALTER TABLE employees DISABLE CONSTRAINT emp_email_uk").unwrap();
    insert(&mut a, "EMPLOYEES", vec![employee(9, t("k"))]).unwrap();
    a.commit().unwrap();
    assert_eq!(a.ddl("ALTER TABLE employees ENABLE CONSTRAINT emp_email_uk").unwrap_err().code, 2299);
    delete(&mut a, "EMPLOYEES", |v| v[0] == n(9)).unwrap();
    a.ddl("ALTER TABLE employees ENABLE CONSTRAINT emp_email_uk").unwrap();
    assert_eq!(code(insert(&mut a, "EMPLOYEES", vec![employee(9, t("k"))])), 1);
}

#[test]
fn foreign_keys_both_ways() {
    let world = World::new();
    let mut a = world.hr();
    hr_tables(&mut a);
    let employee = |id: i64, boss: Value, department: Value| vec![n(id), Value::Null, boss, department];
    let error = insert(&mut a, "EMPLOYEES", vec![employee(1, Value::Null, n(10))]).unwrap_err();
    assert_eq!(error.to_string(), "ORA-02291: integrity constraint (HR.EMP_DEPT_FK) violated - parent key not found");
    insert(&mut a, "DEPARTMENTS", vec![vec![n(10), t("x"), Value::Null]]).unwrap();
    // The boss comes later in the same statement.
    insert(&mut a, "EMPLOYEES", vec![employee(1, n(2), n(10)), employee(2, Value::Null, Value::Null)]).unwrap();
    let error = delete(&mut a, "DEPARTMENTS", |_| true).unwrap_err();
    assert_eq!(error.to_string(), "ORA-02292: integrity constraint (HR.EMP_DEPT_FK) violated - child record found");
    assert_eq!(code(delete(&mut a, "EMPLOYEES", |v| v[0] == n(2))), 2292);
    assert_eq!(code(update(&mut a, "DEPARTMENTS", |_| true, &[0], |v| v[0] = n(11))), 2292);
    assert_eq!(code(update(&mut a, "EMPLOYEES", |v| v[0] == n(1), &[2], |v| v[2] = n(5))), 2291);
    insert(&mut a, "NOTES", vec![vec![n(1), t("a")], vec![n(1), t("b")], vec![n(2), t("c")]]).unwrap();
    insert(&mut a, "BADGES", vec![vec![n(1), n(100)], vec![n(2), n(200)]]).unwrap();
    assert_eq!(delete(&mut a, "EMPLOYEES", |v| v[0] == n(1)).unwrap(), 1);
    assert_eq!(values(&a, "NOTES"), [vec![n(2), t("c")]]);
    assert_eq!(values(&a, "BADGES"), [vec![Value::Null, n(100)], vec![n(2), n(200)]]);
    // Both at once.
    delete(&mut a, "EMPLOYEES", |_| true).unwrap();
    delete(&mut a, "DEPARTMENTS", |_| true).unwrap();
    a.commit().unwrap();
    a.ddl("ALTER TABLE employees DISABLE CONSTRAINT emp_dept_fk").unwrap();
    insert(&mut a, "EMPLOYEES", vec![employee(1, Value::Null, n(99))]).unwrap();
    a.commit().unwrap();
    assert_eq!(a.ddl("ALTER TABLE employees ENABLE CONSTRAINT emp_dept_fk").unwrap_err().code, 2298);
    assert_eq!(
        a.ddl("DROP TABLE departments").err().map(|e| e.code),
        None,
        "its key is not referred to while disabled"
    );
    assert_eq!(a.ddl("TRUNCATE TABLE employees").unwrap_err().code, 2266);
    assert_eq!(a.ddl("DROP TABLE employees").unwrap_err().code, 2449);
    a.ddl("DROP TABLE employees CASCADE CONSTRAINTS").unwrap();
    a.ddl("TRUNCATE TABLE notes").unwrap();
    assert!(values(&a, "NOTES").is_empty());
}

#[test]
fn shapes_change_with_their_rows() {
    let world = World::new();
    let mut a = world.hr();
    a.ddl("CREATE TABLE t (a NUMBER PRIMARY KEY, b VARCHAR2(5), c NUMBER)").unwrap();
    insert(&mut a, "T", vec![vec![n(1), t("x"), n(5)]]).unwrap();
    a.commit().unwrap();
    let before = a.current_scn().unwrap();
    a.ddl("ALTER TABLE t ADD (d VARCHAR2(3) DEFAULT 'new' NOT NULL)").unwrap();
    assert_eq!(values(&a, "T"), [vec![n(1), t("x"), n(5), t("new")]]);
    a.ddl("ALTER TABLE t DROP COLUMN b").unwrap();
    assert_eq!(values(&a, "T"), [vec![n(1), n(5), t("new")]]);
    a.ddl("ALTER TABLE t RENAME COLUMN a TO z").unwrap();
    let found = a.scan(&relation(&a, "T"), Moment::Now, Lookup::Key(vec![n(1)])).unwrap();
    assert_eq!(found.count(), 1);
    assert_eq!(a.ddl("ALTER TABLE t MODIFY (c DATE)").unwrap_err().code, 1439);
    assert_eq!(a.ddl("ALTER TABLE t ADD (e NUMBER NOT NULL)").unwrap_err().code, 1758);
    a.ddl("ALTER TABLE t RENAME TO u").unwrap();
    assert_eq!(values(&a, "U").len(), 1);
    assert_eq!(a.scan(&relation(&a, "U"), Moment::Scn(before), Lookup::All).err().map(|e| e.code), Some(1466));
    // Redo of the old shape cannot be told in the new one's words.
    let mined = mine(&world, Scn(2_000_000), 2048);
    let row = mined.iter().find(|m| m.operation == "INSERT").unwrap();
    assert_eq!(row.status, 2);
    assert!(row.redo.starts_with(r#"insert into "UNKNOWN"."OBJ# "#), "{}", row.redo);
    assert!(
        row.redo.ends_with(r#"("COL 1","COL 2","COL 3") values (HEXTORAW('c102'),HEXTORAW('78'),HEXTORAW('c106'));"#),
        "{}",
        row.redo
    );
}
