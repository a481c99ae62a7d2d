//! What does not fit the target, by kind and policy.

use crate::apply::{
    applier_with, change, delete, id, insert, n, name, null, person, position, t, transaction, update, v,
};
use crate::database::{Database, text};
use crate::source::{column, notes, number_type, people, plan, varchar2};
use cdc_logminer::{ChangeSink, ColumnImage, Operation};
use pg_sink::{Applier, ApplyOptions, ConflictAction, ConflictPolicy, ErrorKind};
use schema_map::TablePlan;
use type_convert::{OracleType, PgType, Value};

use ColumnImage::NotLogged;

const EXCEPTIONS: &str = "SELECT commit_scn, xid, operation, row_key, conflict, action FROM oracle_migration.exception ORDER BY exception_id";

async fn with_policy(database: &Database, plans: &[TablePlan], policy: ConflictPolicy) -> Applier {
    let mut options = ApplyOptions::default();
    options.conflicts = policy;
    let mut applier = applier_with(database, plans, options).await;
    applier.start(&position(1)).await.unwrap();
    applier
}

async fn all(applier: &Applier) -> String {
    text(applier.client(), "SELECT id, name FROM people ORDER BY id").await
}

#[tokio::test]
async fn what_is_skipped_is_recorded_and_the_rest_applied() {
    let database = Database::new().await;
    let plan = people();
    let mut applier =
        with_policy(&database, std::slice::from_ref(&plan), ConflictPolicy::all(ConflictAction::Skip)).await;
    applier.client().batch_execute("ALTER TABLE people ADD CHECK (name <> 'bad'), ADD UNIQUE (name)").await.unwrap();
    let first = vec![insert(&plan, person(1, "Ada")), insert(&plan, person(2, "Bob"))];
    let changes = vec![
        insert(&plan, person(1, "Eve")),
        update(&plan, 1, id(77), name("Eve")),
        delete(&plan, id(78)),
        insert(&plan, person(5, "bad")),
        insert(&plan, person(6, "Bob")),
        insert(&plan, person(7, "a name too long")),
        insert(&plan, person(8, "Cy")),
        update(&plan, 1, id(8), name("Di")),
    ];
    let last = vec![delete(&plan, id(2))];
    let transactions = [transaction(2, first), transaction(3, changes), transaction(4, last)];
    applier.apply(&transactions, &position(4)).await.unwrap();
    assert_eq!(all(&applier).await, "1|Ada\n8|Di");
    let x = "0100020003000000";
    assert_eq!(
        text(applier.client(), EXCEPTIONS).await,
        format!(
            "3|{x}|insert|\"id\" = 1|insert_exists|skipped\n3|{x}|update|\"id\" = 77|update_missing|skipped\n\
             3|{x}|delete|\"id\" = 78|delete_missing|skipped\n3|{x}|insert|\"id\" = 5|constraint|skipped\n\
             3|{x}|insert|\"id\" = 6|constraint|skipped\n3|{x}|insert|\"id\" = 7|value|skipped"
        )
    );
    let reasons = text(applier.client(), "SELECT string_agg(reason, '; ') FROM oracle_migration.exception").await;
    assert!(reasons.contains("people_name_key (SQLSTATE 23505)") && reasons.contains("column name"), "{reasons}");
    // Of the rows their keys are told and nothing else.
    assert!(!["Bob", "bad", "Eve", "too long"].iter().any(|value| reasons.contains(value)), "{reasons}");
    let status = applier.control().status(applier.client()).await.unwrap();
    let table = &status.tables[0];
    assert_eq!((table.inserts, table.updates, table.deletes, table.errors), (3, 1, 1, 6));
    assert_eq!(applier.position().await.unwrap(), Some(position(4)));
}

#[tokio::test]
async fn where_the_source_is_right_the_target_becomes_what_it_says() {
    let database = Database::new().await;
    let plan = people();
    let mut policy = ConflictPolicy::default();
    policy.insert_exists = ConflictAction::Overwrite;
    policy.update_missing = ConflictAction::Overwrite;
    policy.delete_missing = ConflictAction::Overwrite;
    let mut applier = with_policy(&database, std::slice::from_ref(&plan), policy).await;
    applier.client().batch_execute("INSERT INTO people VALUES (1, 'old', 7, '2000-01-01')").await.unwrap();
    let changes = vec![
        insert(&plan, vec![n(1), t("Ada"), NotLogged, null()]),
        update(&plan, 1, person(9, "was"), name("Eve")),
        delete(&plan, id(78)),
    ];
    applier.apply(&[transaction(2, changes)], &position(2)).await.unwrap();
    let rows = "SELECT * FROM people ORDER BY id";
    assert_eq!(text(applier.client(), rows).await, "1|Ada|NULL|NULL\n9|Eve|1000.50|2024-02-29 12:34:56");
    let actions =
        "SELECT string_agg(conflict || ' ' || action, ', ' ORDER BY exception_id) FROM oracle_migration.exception";
    let expected = "insert_exists overwritten, update_missing overwritten, delete_missing overwritten";
    assert_eq!(text(applier.client(), actions).await, expected);
    // Not all of the row is in the redo: no row is made up.
    let part = vec![update(&plan, 1, id(50), name("Eve"))];
    let error = applier.apply(&[transaction(3, part)], &position(3)).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Conflict);
    assert!(error.to_string().contains("does not hold all of its columns"), "{error}");

    let mut options = ApplyOptions::default();
    options.conflicts.constraint = ConflictAction::Overwrite;
    let client = database.client().await;
    let error = Applier::with_options(client, pg_sink::Control::default(), &[plan], options).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Plan);
}

#[tokio::test]
async fn a_transaction_is_set_aside_as_a_whole() {
    let database = Database::new().await;
    let (plan, log) = (people(), notes());
    let mut options = ApplyOptions::default();
    let mut policy = ConflictPolicy::default();
    policy.insert_exists = ConflictAction::Quarantine;
    options.table_conflicts.insert(plan.source.clone(), policy);
    let mut applier = applier_with(&database, &[plan.clone(), log.clone()], options).await;
    applier.start(&position(1)).await.unwrap();
    let note = |body: &str| insert(&log, vec![t(body), n(1), null()]);
    let transactions = [
        transaction(2, vec![insert(&plan, person(1, "Ada")), note("first")]),
        transaction(3, vec![note("secret"), insert(&plan, person(2, "Bob")), insert(&plan, person(1, "Eve"))]),
        transaction(4, vec![note("last")]),
    ];
    applier.apply(&transactions, &position(4)).await.unwrap();
    assert_eq!(all(&applier).await, "1|Ada");
    assert_eq!(text(applier.client(), "SELECT body FROM notes ORDER BY body").await, "first\nlast");
    let x = "0100020003000000";
    assert_eq!(
        text(applier.client(), EXCEPTIONS).await,
        format!(
            "3|{x}|insert|NULL|NULL|quarantined\n3|{x}|insert|\"id\" = 2|NULL|quarantined\n3|{x}|insert|\"id\" = 1|insert_exists|quarantined"
        )
    );
    let status = applier.control().status(applier.client()).await.unwrap();
    assert_eq!((status.tables[0].inserts, status.tables[0].errors, status.tables[1].inserts), (1, 1, 2));
    // Tables without a policy of their own stop.
    let gone = vec![delete(&log, vec![t("no such"), n(1), null()])];
    let error = applier.apply(&[transaction(5, gone)], &position(5)).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Conflict);
}

#[tokio::test]
async fn too_many_exceptions_stop() {
    let database = Database::new().await;
    let plan = people();
    let mut policy = ConflictPolicy::all(ConflictAction::Skip);
    policy.max_exceptions = Some(3);
    let mut applier = with_policy(&database, std::slice::from_ref(&plan), policy).await;
    let missing = |n| (0..n).map(|i| delete(&plan, id(i))).collect::<Vec<_>>();
    applier.apply(&[transaction(2, missing(2))], &position(2)).await.unwrap();
    let error = applier.apply(&[transaction(3, missing(2))], &position(3)).await.unwrap_err();
    assert!(error.to_string().contains("the policy allows 3"), "{error}");
    assert_eq!(applier.position().await.unwrap(), Some(position(2)));
    assert_eq!(text(applier.client(), "SELECT count(*) FROM oracle_migration.exception").await, "2");
    applier.apply(&[transaction(3, missing(1))], &position(3)).await.unwrap();
}

/// That a key came and went within a batch is not taken for nothing where a row with it was there.
#[tokio::test]
async fn what_cancels_out_is_checked_still() {
    let database = Database::new().await;
    let plan = people();
    let mut applier = with_policy(&database, std::slice::from_ref(&plan), ConflictPolicy::default()).await;
    applier.client().batch_execute("INSERT INTO people VALUES (1, 'mine')").await.unwrap();
    let changes = vec![insert(&plan, person(1, "Ada")), delete(&plan, id(1))];
    let error = applier.apply(&[transaction(2, changes)], &position(2)).await.unwrap_err();
    assert_eq!((error.kind(), error.sql_state()), (ErrorKind::Conflict, Some("23505")));
    let twice = vec![delete(&plan, id(1)), delete(&plan, id(1))];
    let error = applier.apply(&[transaction(2, twice)], &position(2)).await.unwrap_err();
    assert!(error.to_string().contains("\"id\" = 1") && error.to_string().contains("no such row"), "{error}");
    // One row hit twice does not make up for one that is missing.
    applier
        .client()
        .batch_execute("ALTER TABLE people DROP CONSTRAINT people_pkey; INSERT INTO people VALUES (1, 'twin')")
        .await
        .unwrap();
    let mut applier = with_policy(&database, std::slice::from_ref(&plan), ConflictPolicy::default()).await;
    let changes = vec![update(&plan, 1, id(1), name("Eve")), update(&plan, 2, id(2), name("Eve"))];
    let error = applier.apply(&[transaction(2, changes)], &position(2)).await.unwrap_err();
    assert!(error.to_string().contains("2 such rows"), "{error}");
    assert_eq!(all(&applier).await, "1|mine\n1|twin");
}

/// Where triggers and foreign keys act, the order over tables is that of the source.
#[tokio::test]
async fn foreign_keys_that_act_are_kept_by_the_order() {
    let database = Database::new().await;
    let boss = plan("bosses", vec![column("id", number_type(6, 0), PgType::Int4)], &[0]);
    let plan = plan(
        "workers",
        vec![column("id", number_type(6, 0), PgType::Int4), column("boss", number_type(6, 0), PgType::Int4)],
        &[0],
    );
    let plans = [plan.clone(), boss.clone()];
    drop(applier_with(&database, &plans, ApplyOptions::default()).await);
    let role = "sink_test_in_order";
    let admin = database.client().await;
    let client = database.client_as(role).await;
    admin
        .batch_execute(&format!(
            "ALTER TABLE workers ADD FOREIGN KEY (boss) REFERENCES bosses; GRANT ALL ON SCHEMA oracle_migration TO {role}; \
             GRANT ALL ON ALL TABLES IN SCHEMA oracle_migration, public TO {role}"
        ))
        .await
        .unwrap();
    let mut applier = Applier::new(client, pg_sink::Control::default(), &plans).await.unwrap();
    assert!(applier.fires_triggers());
    applier.start(&position(1)).await.unwrap();
    let bosses = |n: i64| (0..n).map(|i| insert(&boss, vec![crate::apply::n(i)])).collect::<Vec<_>>();
    let workers =
        |n: i64| (0..n).map(|i| insert(&plan, vec![crate::apply::n(i), crate::apply::n(i)])).collect::<Vec<_>>();
    let gone = |table, n: i64| (0..n).map(|i| delete(table, vec![crate::apply::n(i)])).collect::<Vec<_>>();
    let out = (0..10).map(|i| delete(&plan, vec![crate::apply::n(i), NotLogged])).collect();
    let transactions =
        [transaction(2, bosses(10)), transaction(3, workers(10)), transaction(4, out), transaction(5, gone(&boss, 5))];
    applier.apply(&transactions, &position(5)).await.unwrap();
    assert_eq!(text(&admin, "SELECT (SELECT count(*) FROM workers), count(*) FROM bosses").await, "0|5");
    // What the target alone forbids is told with a way out.
    let error = applier.apply(&[transaction(6, workers(1))], &position(6)).await.unwrap_err();
    assert!(error.sql_state() == Some("23503") && error.to_string().contains("ConstraintGuard"), "{error}");
}

/// Parts of LOBs meet what is stored.
#[tokio::test]
async fn parts_of_lobs_are_written_into_the_lob() {
    use cdc_logminer::{LobData, LobKind, LobPatch};
    let database = Database::new().await;
    let columns = vec![
        column("id", number_type(9, 0), PgType::Int4),
        column("body", OracleType::Clob, PgType::Text),
        column("photo", OracleType::Blob, PgType::Bytea),
        column("doc", OracleType::Clob, PgType::Json),
    ];
    let plan = plan("documents", columns, &[0]);
    let mut applier = with_policy(&database, std::slice::from_ref(&plan), ConflictPolicy::default()).await;
    let row = vec![n(1), t("abcdef"), v(Value::Bytes(vec![1, 2, 3])), t("{\"a\": 1}")];
    let none = vec![n(2), null(), null(), null()];
    let of = |id: i64| vec![n(id), NotLogged, NotLogged, NotLogged];
    let mut text_patch = LobPatch::new(LobKind::Clob);
    text_patch.write(3, 2, LobData::Text("XY".into())).unwrap();
    let mut byte_patch = LobPatch::new(LobKind::Blob);
    byte_patch.write(5, 1, LobData::Bytes(vec![9])).unwrap();
    let patch = |id, clob, blob, json| {
        let image = |p: Option<&LobPatch>| p.map_or(NotLogged, |p| ColumnImage::LobPatch(p.clone()));
        let after = vec![NotLogged, image(clob), image(blob), image(json)];
        change(&plan, 1, Operation::Update { before: of(id), after })
    };
    let changes = vec![
        insert(&plan, row),
        insert(&plan, none),
        patch(1, Some(&text_patch), Some(&byte_patch), None),
        patch(1, Some(&text_patch), None, None),
    ];
    applier.apply(&[transaction(2, changes)], &position(2)).await.unwrap();
    let rows = "SELECT body, photo FROM documents ORDER BY id";
    assert_eq!(text(applier.client(), rows).await, "abXYef|\\x0102030009\nNULL|NULL");
    for (change, kind, column) in [
        // NULL is no LOB to write into.
        (patch(2, Some(&text_patch), None, None), ErrorKind::Conflict, Some("body")),
        (patch(1, None, None, Some(&text_patch)), ErrorKind::Incomplete, Some("doc")),
        (patch(3, Some(&text_patch), None, None), ErrorKind::Conflict, None),
    ] {
        let error = applier.apply(&[transaction(3, vec![change])], &position(3)).await.unwrap_err();
        assert_eq!((error.kind(), error.column()), (kind, column), "{error}");
    }
}

/// `character(n)` in a column of type `text` keeps its blanks, as COPY keeps them; keys are compared as PostgreSQL does.
#[tokio::test]
async fn keys_are_equal_where_postgres_holds_them_for_equal() {
    let database = Database::new().await;
    let columns = vec![
        column(
            "code",
            OracleType::Char { length: 4, unit: type_convert::LengthUnit::Char },
            PgType::Bpchar { length: 4 },
        ),
        column("note", varchar2(9), PgType::Text),
    ];
    let plan = plan("codes", columns, &[0]);
    let mut applier = with_policy(&database, std::slice::from_ref(&plan), ConflictPolicy::default()).await;
    let changes = vec![
        insert(&plan, vec![t("a   "), t("one")]),
        update(&plan, 1, vec![t("a"), NotLogged], vec![NotLogged, t("two")]),
        insert(&plan, vec![t("b   "), t("one")]),
        delete(&plan, vec![t("b"), NotLogged]),
    ];
    applier.apply(&[transaction(2, changes)], &position(2)).await.unwrap();
    assert_eq!(text(applier.client(), "SELECT trim(code), note FROM codes").await, "a|two");
}

/// Rows of a chunk that was loaded later have what was committed before.
#[tokio::test]
async fn what_newer_rows_have_already_is_left_out() {
    let database = Database::new().await;
    let plan = people();
    let mut options = ApplyOptions::default();
    let rows = pg_sink::NewerRows {
        table: plan.source.clone(),
        from: Some(crate::source::row_id(10)),
        to: Some(crate::source::row_id(20)),
        scn: type_convert::Scn(5),
    };
    options.newer_rows.push(rows);
    let mut applier = applier_with(&database, std::slice::from_ref(&plan), options).await;
    applier.start(&position(1)).await.unwrap();
    applier.client().batch_execute("INSERT INTO people VALUES (1, 'new'), (2, 'old'), (3, 'old')").await.unwrap();
    let gone = change(&plan, 11, Operation::Delete { before: id(9) });
    let come = change(&plan, 10, Operation::Insert { after: person(1, "x") });
    let transactions = [
        transaction(5, vec![come, update(&plan, 10, id(1), name("mid")), update(&plan, 20, id(2), name("mid")), gone]),
        transaction(6, vec![update(&plan, 10, id(1), name("last")), update(&plan, 9, id(3), name("last"))]),
    ];
    applier.apply(&transactions, &position(6)).await.unwrap();
    assert_eq!(all(&applier).await, "1|last\n2|mid\n3|last");
    // Without a ROWID nobody can tell, unless it is the whole table.
    let unknown = |to: &str| cdc_logminer::Change { row_id: None, ..update(&plan, 1, id(3), name(to)) };
    let newer = |from: Option<String>| {
        let mut options = ApplyOptions::default();
        let (table, scn) = (plan.source.clone(), type_convert::Scn(9));
        options.newer_rows.push(pg_sink::NewerRows { table, from, to: None, scn });
        options
    };
    let options = newer(Some(crate::source::row_id(10)));
    let mut applier = applier_with(&database, std::slice::from_ref(&plan), options).await;
    let error = applier.apply(&[transaction(8, vec![unknown("x")])], &position(8)).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Incomplete);
    let mut applier = applier_with(&database, std::slice::from_ref(&plan), newer(None)).await;
    let transactions = [
        transaction(8, vec![unknown("x"), change(&plan, 1, Operation::Truncate)]),
        transaction(10, vec![unknown("at last")]),
    ];
    applier.apply(&transactions, &position(10)).await.unwrap();
    assert_eq!(all(&applier).await, "1|last\n2|mid\n3|at last");
}
