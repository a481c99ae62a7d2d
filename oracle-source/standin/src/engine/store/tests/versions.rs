use super::*;

const TABLE: &str = "CREATE TABLE t (id NUMBER PRIMARY KEY, name VARCHAR2(20))";

fn one(id: i64, name: &str) -> Vec<Value> {
    vec![n(id), t(name)]
}

#[test]
fn others_see_what_is_committed() {
    let world = World::new();
    let (mut a, mut b) = (world.hr(), world.hr());
    a.ddl(TABLE).unwrap();
    insert(&mut a, "T", vec![one(1, "a"), one(2, "b")]).unwrap();
    assert!(a.in_transaction());
    assert_eq!(values(&a, "T").len(), 2);
    assert!(values(&b, "T").is_empty());
    a.commit().unwrap();
    assert_eq!(values(&b, "T").len(), 2);
    let before = b.current_scn().unwrap();
    update(&mut a, "T", |v| v[0] == n(1), &[1], |v| v[1] = t("x")).unwrap();
    delete(&mut a, "T", |v| v[0] == n(2)).unwrap();
    insert(&mut a, "T", vec![one(3, "c")]).unwrap();
    let open = b.scan(&relation(&b, "T"), Moment::Now, Lookup::All).unwrap();
    assert_eq!(values(&a, "T"), [one(1, "x"), one(3, "c")]);
    assert_eq!(values(&b, "T"), [one(1, "a"), one(2, "b")]);
    a.commit().unwrap();
    // A query keeps the state of its start.
    assert_eq!(open.map(|r| r.unwrap().values).collect::<Vec<_>>(), [one(1, "a"), one(2, "b")]);
    assert_eq!(values(&b, "T"), [one(1, "x"), one(3, "c")]);
    assert_eq!(values_as_of(&b, "T", before), [one(1, "a"), one(2, "b")]);
    update(&mut b, "T", |_| true, &[1], |v| v[1] = t("later")).unwrap();
    assert_eq!(values_as_of(&b, "T", before), [one(1, "a"), one(2, "b")], "own changes are none of the past");
}

#[test]
fn own_changes_after_the_start_of_a_query_are_not_seen() {
    let world = World::new();
    let mut a = world.hr();
    a.ddl(TABLE).unwrap();
    insert(&mut a, "T", (0..3000).map(|i| one(i, "a")).collect()).unwrap();
    let mut open = a.scan(&relation(&a, "T"), Moment::Now, Lookup::All).unwrap();
    assert_eq!(open.next().unwrap().unwrap().values, one(0, "a"));
    update(&mut a, "T", |_| true, &[1], |v| v[1] = t("b")).unwrap();
    delete(&mut a, "T", |v| v[0] == n(2999)).unwrap();
    a.commit().unwrap();
    let rest: Vec<_> = open.map(|r| r.unwrap().values).collect();
    assert_eq!(rest.len(), 2999);
    assert!(rest.iter().all(|v| v[1] == t("a")));
}

#[test]
fn past_that_is_not_there() {
    let world = World::new();
    let mut a = world.hr();
    let before = a.current_scn().unwrap();
    a.ddl(TABLE).unwrap();
    let relation = relation(&a, "T");
    let code = |scn: Scn| a.scan(&relation, Moment::Scn(scn), Lookup::All).err().map(|e| e.code);
    let now = a.current_scn().unwrap();
    assert_eq!(code(now), None);
    assert_eq!(code(Scn(now.0 + 1000)), Some(8181));
    assert_eq!(code(before), Some(1466));
    assert_eq!(code(Scn(5)), Some(1555));
    world.file.expire_undo(Scn(now.0 + 1)).unwrap();
    assert_eq!(code(now), Some(1555));
}

#[test]
fn savepoints_and_rollback_leave_undo_redo() {
    let world = World::new();
    let mut a = world.hr();
    a.ddl("CREATE TABLE t (id NUMBER PRIMARY KEY, name VARCHAR2(20), born DATE)").unwrap();
    insert(&mut a, "T", vec![vec![n(7), t("a"), Value::Null]]).unwrap();
    a.commit().unwrap();
    let start = a.current_scn().unwrap();
    update(&mut a, "T", |_| true, &[1], |v| v[1] = t("it's")).unwrap();
    a.savepoint("S").unwrap();
    insert(&mut a, "T", vec![vec![n(8), Value::Null, date(2024, 2, 29)]]).unwrap();
    delete(&mut a, "T", |v| v[0] == n(7)).unwrap();
    a.rollback_to("S").unwrap();
    a.commit().unwrap();
    update(&mut a, "T", |_| true, &[1], |v| v[1] = Value::Null).unwrap();
    a.rollback().unwrap();
    assert_eq!(a.rollback_to("S").unwrap_err().code, 1086);
    assert_eq!(values(&a, "T"), [vec![n(7), t("it's"), Value::Null]]);
    let mined = mine(&world, start, 0);
    assert_eq!(
        told(&mined),
        [
            "START: set transaction read write;",
            r#"UPDATE: update "HR"."T" set "NAME" = 'it''s' where "ID" = '7' and "NAME" = 'a' and "BORN" IS NULL and ROWID = '@0';"#,
            r#"INSERT: insert into "HR"."T"("ID","NAME","BORN") values ('8',NULL,TO_DATE('29-FEB-24', 'DD-MON-RR'));"#,
            r#"DELETE: delete from "HR"."T" where "ID" = '7' and "NAME" = 'it''s' and "BORN" IS NULL and ROWID = '@0';"#,
            r#"INSERT (undo): insert into "HR"."T"("ID","NAME","BORN") values ('7','it''s',NULL);"#,
            r#"DELETE (undo): delete from "HR"."T" where ROWID = '@1';"#,
            "COMMIT: commit;",
            "START: set transaction read write;",
            r#"UPDATE: update "HR"."T" set "NAME" = NULL where "ID" = '7' and "NAME" = 'it''s' and "BORN" IS NULL and ROWID = '@0';"#,
            r#"UPDATE (undo): update "HR"."T" set "NAME" = 'it''s' where ROWID = '@0';"#,
            "ROLLBACK: rollback;",
        ]
    );
    assert!(mined.windows(2).all(|w| w[0].scn <= w[1].scn));
    assert_eq!(mined[0].scn, mined[1].scn, "the first change lies in the record that starts the transaction");
    assert_ne!(mined[0].xid, mined[7].xid);
    assert!(mined.iter().all(|m| m.status == 0 && m.rs_id.starts_with(" 0x") && m.rs_id.ends_with(' ')));
}

#[test]
fn rows_can_be_found() {
    let world = World::new();
    let mut a = world.hr();
    a.ddl("CREATE TABLE t (a NUMBER, b CHAR(4), c VARCHAR2(9), PRIMARY KEY (b, a))").unwrap();
    insert(&mut a, "T", (0..200).map(|i| vec![n(i), t("x   "), t("old")]).collect()).unwrap();
    a.commit().unwrap();
    let relation = relation(&a, "T");
    assert_eq!(relation.key, [1, 0]);
    let find = |s: &Store, lookup| -> Vec<Row> {
        s.scan(&relation, Moment::Now, lookup).unwrap().map(Result::unwrap).collect()
    };
    let found = find(&a, Lookup::Key(vec![t("x"), n(77)]));
    assert_eq!(found.len(), 1);
    assert_eq!(find(&a, Lookup::RowId(found[0].row_id.clone().unwrap())), found);
    assert!(find(&a, Lookup::Key(vec![t("y"), n(77)])).is_empty());
    let all = find(&a, Lookup::All);
    let id = |n: usize| all[n].row_id.clone().unwrap();
    assert_eq!(find(&a, Lookup::RowIdBetween(id(10), id(19))), all[10..20]);
    // ROWIDs that DBMS_ROWID.ROWID_CREATE makes: whole blocks.
    let (first, last) = (format!("{}AAA", &id(64)[..15]), format!("{}H//", &id(64)[..15]));
    assert_eq!(find(&a, Lookup::RowIdBetween(first, last)), all[64..128]);
    assert_eq!(a.scan(&relation, Moment::Now, Lookup::RowId("rubbish".into())).err().map(|e| e.code), Some(1410));
    // A changed key is found at its new place only, the old one in the past.
    let before = a.current_scn().unwrap();
    update(&mut a, "T", |v| v[0] == n(77), &[0], |v| v[0] = n(-1)).unwrap();
    assert!(find(&a, Lookup::Key(vec![t("x"), n(77)])).is_empty());
    assert_eq!(find(&a, Lookup::Key(vec![t("x"), n(-1)])).len(), 1);
    let past = a.scan(&relation, Moment::Scn(before), Lookup::Key(vec![t("x"), n(77)])).unwrap();
    assert_eq!(past.count(), 1);
}

#[test]
fn index_organised_tables_have_logical_row_ids() {
    let world = World::new();
    let mut a = world.hr();
    a.ddl("CREATE TABLE c (id CHAR(2), name VARCHAR2(40), CONSTRAINT c_pk PRIMARY KEY (id)) ORGANIZATION INDEX")
        .unwrap();
    let start = a.current_scn().unwrap();
    insert(&mut a, "C", vec![vec![t("AR"), t("Argentina")]]).unwrap();
    a.commit().unwrap();
    update(&mut a, "C", |_| true, &[1], |v| v[1] = t("A")).unwrap();
    a.rollback().unwrap();
    let found = rows(&a, "C");
    assert!(found[0].row_id.as_ref().unwrap().starts_with('*'));
    let again = a.scan(&relation(&a, "C"), Moment::Now, Lookup::RowId(found[0].row_id.clone().unwrap())).unwrap();
    assert_eq!(again.count(), 1);
    assert!(values(&world.system(), "DBA_EXTENTS").is_empty());
    let mined = mine(&world, start, 0);
    assert!(mined.iter().all(|m| m.row_id == rowid::NONE));
    assert_eq!(
        told(&mined)[4..6],
        [
            r#"UPDATE: update "HR"."C" set "NAME" = 'A' where "ID" = 'AR' and "NAME" = 'Argentina';"#,
            r#"UPDATE (undo): update "HR"."C" set "NAME" = 'Argentina' where "ID" = 'AR';"#,
        ]
    );
}

#[test]
fn statements_are_all_or_nothing() {
    let world = World::new();
    let mut a = world.hr();
    a.ddl(TABLE).unwrap();
    insert(&mut a, "T", vec![one(1, "a")]).unwrap();
    let start = Scn(a.current_scn().unwrap().0);
    let error = insert(&mut a, "T", vec![one(2, "b"), one(1, "c"), one(3, "d")]).unwrap_err();
    assert_eq!((error.code, error.message.starts_with("unique constraint (HR.SYS_C")), (1, true));
    assert!(a.in_transaction());
    assert_eq!(values(&a, "T"), [one(1, "a")]);
    a.commit().unwrap();
    // What was written before the error, and its undo, newest first, is in the redo.
    assert_eq!(
        told(&mine(&world, start, 2048)),
        [
            r#"INSERT: insert into "HR"."T"("ID","NAME") values ('2','b');"#,
            r#"INSERT: insert into "HR"."T"("ID","NAME") values ('1','c');"#,
            r#"DELETE (undo): delete from "HR"."T" where ROWID = '@1';"#,
            r#"DELETE (undo): delete from "HR"."T" where ROWID = '@0';"#,
            "COMMIT: commit;",
        ]
    );
}

#[test]
fn scans_of_one_statement_show_one_moment() {
    let world = World::new();
    let (mut a, mut b) = (world.hr(), world.hr());
    a.ddl("CREATE TABLE t (id NUMBER PRIMARY KEY, name VARCHAR2(20))").unwrap();
    a.ddl("CREATE TABLE u (id NUMBER PRIMARY KEY, name VARCHAR2(20))").unwrap();
    insert(&mut a, "T", vec![one(1, "own")]).unwrap();
    let view = a.statement_view().unwrap();
    insert(&mut b, "U", vec![one(1, "other")]).unwrap();
    b.commit().unwrap();
    insert(&mut a, "T", vec![one(2, "own, later")]).unwrap();
    let read = |name: &str, moment| -> Vec<Vec<Value>> {
        a.scan(&relation(&a, name), moment, Lookup::All).unwrap().map(|r| r.unwrap().values).collect()
    };
    assert_eq!(read("T", Moment::Statement(view)), [one(1, "own")]);
    assert_eq!(read("U", Moment::Statement(view)), Vec::<Vec<Value>>::new());
    assert_eq!((read("T", Moment::Now).len(), read("U", Moment::Now).len()), (2, 1));
}
