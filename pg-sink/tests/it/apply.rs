use crate::database::{Database, text};
use crate::source::{self, create_table, date, notes, number, people};
use cdc_logminer::{Change, ChangeSink, ColumnImage, Incarnation, Operation, Position, Transaction, Xid};
use pg_sink::{Applier, ApplyOptions, Control, Error, ErrorKind, table_columns};
use schema_map::TablePlan;
use std::sync::Arc;
use tokio_postgres::Client;
use type_convert::{ObjectType, OracleType, PgType, Scn, Value};

use ColumnImage::{LobNotLogged, NotLogged, Unsupported};

pub(crate) fn v(value: Value) -> ColumnImage {
    ColumnImage::Value(value)
}

pub(crate) fn t(value: &str) -> ColumnImage {
    v(source::text(value))
}

pub(crate) fn n(value: impl ToString) -> ColumnImage {
    v(number(value))
}

pub(crate) fn null() -> ColumnImage {
    v(Value::Null)
}

pub(crate) fn position(scn: u64) -> Position {
    Position {
        incarnation: Incarnation { dbid: 1, resetlogs_id: 1 },
        commit_scn: Scn(scn),
        delivered: vec![],
        low_watermark: Scn(scn),
    }
}

pub(crate) fn change(plan: &TablePlan, row: usize, operation: Operation) -> Change {
    Change { table: Arc::new(plan.source.clone()), scn: Scn(1), row_id: Some(source::row_id(row)), operation }
}

pub(crate) fn insert(plan: &TablePlan, after: Vec<ColumnImage>) -> Change {
    change(plan, 900, Operation::Insert { after })
}

pub(crate) fn update(plan: &TablePlan, row: usize, before: Vec<ColumnImage>, after: Vec<ColumnImage>) -> Change {
    change(plan, row, Operation::Update { before, after })
}

pub(crate) fn delete(plan: &TablePlan, before: Vec<ColumnImage>) -> Change {
    change(plan, 901, Operation::Delete { before })
}

pub(crate) fn transaction(scn: u64, changes: Vec<Change>) -> Transaction {
    let xid = Xid { usn: 1, slot: 2, sequence: 3 };
    Transaction {
        xid,
        start_scn: Scn(scn - 1),
        commit_scn: Scn(scn),
        commit_time: 1_700_000_000,
        changes: changes.into(),
    }
}

pub(crate) fn person(id: i64, name: &str) -> Vec<ColumnImage> {
    vec![n(id), t(name), n("1000.5"), v(date(2024, 2, 29))]
}

/// The image of a row whose id alone is known.
pub(crate) fn id(id: i64) -> Vec<ColumnImage> {
    vec![n(id), NotLogged, NotLogged, NotLogged]
}

pub(crate) fn name(name: &str) -> Vec<ColumnImage> {
    vec![NotLogged, t(name), NotLogged, NotLogged]
}

pub(crate) async fn applier(database: &Database, plans: &[TablePlan]) -> Applier {
    applier_with(database, plans, ApplyOptions::default()).await
}

pub(crate) async fn applier_with(database: &Database, plans: &[TablePlan], options: ApplyOptions) -> Applier {
    let client = database.client().await;
    let control = Control::default();
    control.install(&client).await.unwrap();
    control.begin(&client, 1, 1).await.unwrap();
    for plan in plans {
        let exists = format!("SELECT to_regclass('{}') IS NOT NULL", plan.target);
        if text(&client, &exists).await == "f" {
            client.batch_execute(&create_table(plan)).await.unwrap();
        }
    }
    Applier::with_options(client, control, plans, options).await.unwrap()
}

const ALL: &str = "SELECT * FROM people ORDER BY id";

async fn names(client: &Client) -> String {
    text(client, "SELECT string_agg(id || name, ' ' ORDER BY id) FROM people").await
}

#[tokio::test]
async fn changes_position_and_counters_move_together() {
    let database = Database::new().await;
    let plan = people();
    assert_eq!(table_columns(&plan).columns.len(), 4);
    let mut applier = applier(&database, std::slice::from_ref(&plan)).await;
    assert!(!applier.fires_triggers());
    assert_eq!(applier.position().await.unwrap(), None);
    let error = applier.apply(&[], &position(5)).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::State);
    assert_eq!(applier.start(&position(10)).await.unwrap(), position(10));
    // A start after a crash keeps what is stored.
    assert_eq!(applier.start(&position(3)).await.unwrap(), position(10));

    let changes = vec![
        insert(&plan, person(1, "Ada")),
        insert(&plan, vec![n(2), t("Bob"), NotLogged, null()]),
        insert(&plan, person(3, "Cy")),
        update(&plan, 1, id(1), name("Eve")),
        // The key itself changes.
        update(&plan, 2, id(2), vec![n(20), NotLogged, n("-0.01"), NotLogged]),
        // Nothing that was logged: nothing to write.
        update(&plan, 3, id(3), vec![NotLogged; 4]),
        delete(&plan, id(3)),
    ];
    let late = vec![update(&plan, 20, id(20), name("Rob"))];
    let transactions = [transaction(11, changes), transaction(12, late)];
    applier.apply(&transactions, &position(12)).await.unwrap();
    let rows = "1|Eve|1000.50|2024-02-29 12:34:56\n20|Rob|-0.01|NULL";
    assert_eq!(text(applier.client(), ALL).await, rows);
    assert_eq!(applier.position().await.unwrap(), Some(position(12)));
    let status = applier.control().status(applier.client()).await.unwrap();
    assert_eq!((status.applied_scn, status.transactions, status.changes), (Some(12), 2, 8));
    let table = &status.tables[0];
    assert_eq!((table.inserts, table.updates, table.deletes), (3, 3, 1));
    let last = "SELECT last_commit_scn, last_commit_time FROM oracle_migration.table_status";
    assert_eq!(text(applier.client(), last).await, "12|2023-11-14 22:13:20");

    // Idle: the position moves alone, and never back.
    applier.apply(&[], &position(15)).await.unwrap();
    let error = applier.apply(&[], &position(14)).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::State);
    let mut other = position(16);
    other.incarnation.resetlogs_id = 2;
    assert_eq!(applier.apply(&[], &other).await.unwrap_err().kind(), ErrorKind::State);
}

#[tokio::test]
async fn rows_without_a_key_are_found_by_all_that_was_logged() {
    let database = Database::new().await;
    let plan = notes();
    let mut applier = applier(&database, std::slice::from_ref(&plan)).await;
    applier.start(&position(1)).await.unwrap();
    let note = |body: &str| vec![t(body), n("1.50"), null()];
    let size = |size: &str| vec![NotLogged, n(size), NotLogged];
    let changes = vec![
        insert(&plan, note("twin")),
        insert(&plan, note("twin")),
        insert(&plan, note("other")),
        // Of two equal rows one goes, whichever.
        delete(&plan, note("twin")),
        update(&plan, 1, note("twin"), size("2")),
        update(&plan, 2, note("other"), vec![NotLogged, null(), t("here")]),
        update(&plan, 2, vec![t("other"), null(), t("here")], size("-3")),
    ];
    applier.apply(&[transaction(2, changes)], &position(2)).await.unwrap();
    assert_eq!(text(applier.client(), "SELECT * FROM notes ORDER BY size").await, "other|-3|here\ntwin|2|NULL");
    // A row is found by its address: no second scan.
    let explain = "EXPLAIN UPDATE notes SET size = 1 WHERE (tableoid, ctid) = (SELECT tableoid, ctid FROM notes WHERE body = 'x' LIMIT 1)";
    assert!(text(applier.client(), explain).await.contains("Tid Scan"));
    let error = applier.apply(&[transaction(3, vec![delete(&plan, note("gone"))])], &position(3)).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Conflict);
    let error = applier.apply(&[transaction(3, vec![delete(&plan, vec![NotLogged; 3])])], &position(3)).await;
    assert_eq!(error.unwrap_err().kind(), ErrorKind::Incomplete);
}

#[tokio::test]
async fn a_conflict_undoes_the_batch_and_says_where() {
    let database = Database::new().await;
    let plan = people();
    let mut applier = applier(&database, std::slice::from_ref(&plan)).await;
    applier.start(&position(1)).await.unwrap();
    applier.apply(&[transaction(2, vec![insert(&plan, person(1, "Ada"))])], &position(2)).await.unwrap();
    let bad = [update(&plan, 1, id(77), name("Eve")), delete(&plan, id(77)), insert(&plan, person(1, "Eve"))];
    for change in bad {
        let changes = vec![insert(&plan, person(5, "Bob")), change];
        let error = applier.apply(&[transaction(9, changes)], &position(9)).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Conflict);
        assert_eq!((error.table(), error.scn()), (Some("public.people"), Some(Scn(9))));
        assert_eq!(error.xid(), Some("0100020003000000"));
        assert!(error.row_id().is_some());
        let key = if error.sql_state() == Some("23505") { "\"id\" = 1" } else { "\"id\" = 77" };
        assert!(error.to_string().contains(key), "{error}");
        assert_eq!(names(applier.client()).await, "1Ada");
        assert_eq!(applier.position().await.unwrap(), Some(position(2)));
    }
    let status = applier.control().status(applier.client()).await.unwrap();
    assert_eq!((status.tables[0].inserts, status.transactions, status.tables[0].errors), (1, 1, 3));
    assert!(status.tables[0].last_error.as_ref().unwrap().contains("SQLSTATE 23505"), "{status:?}");
    // And it goes on.
    applier.apply(&[transaction(9, vec![delete(&plan, id(1))])], &position(9)).await.unwrap();
}

#[tokio::test]
async fn what_cannot_be_written_is_an_error_not_a_guess() {
    let database = Database::new().await;
    let plan = people();
    let mut applier = applier(&database, std::slice::from_ref(&plan)).await;
    applier.start(&position(1)).await.unwrap();
    let mut unsupported = person(1, "Ada");
    unsupported[2] = Unsupported;
    let mut other = plan.clone();
    other.source.name = schema_map::OracleIdent::new("OTHER").unwrap();
    let cases = [
        (insert(&plan, unsupported.clone()), ErrorKind::Incomplete, Some("salary")),
        (
            update(&plan, 1, id(1), vec![NotLogged, NotLogged, Unsupported, NotLogged]),
            ErrorKind::Incomplete,
            Some("salary"),
        ),
        (update(&plan, 1, vec![NotLogged; 4], name("Eve")), ErrorKind::Incomplete, Some("id")),
        (delete(&plan, vec![NotLogged; 4]), ErrorKind::Incomplete, Some("id")),
        (insert(&plan, person(1, "a name too long")), ErrorKind::Value, Some("name")),
        (insert(&plan, vec![n(1)]), ErrorKind::Plan, None),
        (insert(&other, person(1, "Ada")), ErrorKind::Plan, None),
    ];
    for (change, kind, column) in cases {
        let error: Error = applier.apply(&[transaction(2, vec![change])], &position(2)).await.unwrap_err();
        assert_eq!((error.kind(), error.column(), error.scn()), (kind, column, Some(Scn(2))), "{error}");
    }
    assert_eq!(text(applier.client(), "SELECT count(*) FROM people").await, "0");
}

#[tokio::test]
async fn lobs_that_were_not_logged_are_counted_and_left_alone() {
    let database = Database::new().await;
    let columns = vec![
        source::column("id", source::number_type(9, 0), PgType::Int4),
        source::column("body", OracleType::Clob, PgType::Text),
    ];
    let plan = source::plan("documents", columns, &[0]);
    let mut applier = applier(&database, std::slice::from_ref(&plan)).await;
    applier.start(&position(1)).await.unwrap();
    let changes = vec![
        insert(&plan, vec![n(1), t("old")]),
        update(&plan, 1, vec![n(1), NotLogged], vec![NotLogged, LobNotLogged]),
        insert(&plan, vec![n(2), LobNotLogged]),
    ];
    applier.apply(&[transaction(2, changes)], &position(2)).await.unwrap();
    assert_eq!(text(applier.client(), "SELECT * FROM documents ORDER BY id").await, "1|old\n2|NULL");
    let status = applier.control().status(applier.client()).await.unwrap();
    assert_eq!((status.tables[0].lobs_not_logged, status.tables[0].updates), (2, 1));
}

#[tokio::test]
async fn keys_may_pass_from_row_to_row_within_a_statement() {
    let database = Database::new().await;
    let plan = people();
    let mut applier = applier(&database, std::slice::from_ref(&plan)).await;
    // A column that the migration knows nothing of keeps its value.
    applier
        .client()
        .batch_execute("ALTER TABLE people ADD extra jsonb DEFAULT '{\"a\": 1}', ADD UNIQUE (name)")
        .await
        .unwrap();
    applier.start(&position(1)).await.unwrap();
    let people: Vec<_> = (1..).zip(["a", "b", "c", "d"]).map(|(i, name)| insert(&plan, person(i, name))).collect();
    applier.apply(&[transaction(2, people)], &position(2)).await.unwrap();
    applier.client().batch_execute("UPDATE people SET extra = to_jsonb(name)").await.unwrap();

    // UPDATE people SET id = id + 1: Oracle checks at the statement's end.
    let to = |i| vec![n(i), NotLogged, NotLogged, NotLogged];
    let shift: Vec<_> = (1..=4).zip(1..).map(|(i, row)| update(&plan, row, id(i), to(i + 1))).collect();
    // A swap of another unique column.
    let swap = vec![update(&plan, 1, id(2), name("b")), update(&plan, 2, id(3), name("a"))];
    applier.apply(&[transaction(3, shift), transaction(4, swap)], &position(4)).await.unwrap();
    let rows = "SELECT id, name, salary, extra FROM people ORDER BY id";
    assert_eq!(
        text(applier.client(), rows).await,
        "2|b|1000.50|\"a\"\n3|a|1000.50|\"b\"\n4|c|1000.50|\"c\"\n5|d|1000.50|\"d\""
    );
    let status = applier.control().status(applier.client()).await.unwrap();
    assert_eq!((status.tables[0].inserts, status.tables[0].updates, status.transactions), (4, 6, 3));
}

#[tokio::test]
async fn keys_may_pass_from_row_to_row_with_other_tables_between_and_without_row_ids() {
    let database = Database::new().await;
    let (plan, log) = (people(), notes());
    let mut applier = applier(&database, &[plan.clone(), log.clone()]).await;
    applier.start(&position(1)).await.unwrap();
    let rows: Vec<_> = (1..).zip(["a", "b", "c"]).map(|(i, name)| insert(&plan, person(i, name))).collect();
    applier.apply(&[transaction(2, rows)], &position(2)).await.unwrap();
    let to = |i| vec![n(i), NotLogged, NotLogged, NotLogged];
    // UPDATE people SET id = id + 1, with a trigger that writes notes; twice, in an index-organized table.
    let mut changes = Vec::new();
    for round in 0..2 {
        for i in 1..=3 {
            let shift = update(&plan, 0, id(i + round), to(i + 1 + round));
            changes.push(Change { row_id: None, ..shift });
            changes.push(insert(&log, vec![t("moved"), n(i), null()]));
        }
    }
    applier.apply(&[transaction(3, changes)], &position(3)).await.unwrap();
    assert_eq!(names(applier.client()).await, "3a 4b 5c");
    let status = applier.control().status(applier.client()).await.unwrap();
    assert_eq!((status.tables[0].updates, status.tables[1].inserts), (6, 6));
}

#[tokio::test]
async fn keys_may_pass_from_row_to_row_where_the_target_has_no_unique_index() {
    let database = Database::new().await;
    let plan = people();
    let client = database.client().await;
    client.batch_execute(&create_table(&source::plan("PEOPLE", plan.columns.clone(), &[]))).await.unwrap();
    let mut applier = applier(&database, std::slice::from_ref(&plan)).await;
    applier.start(&position(1)).await.unwrap();
    let swap = |a: i64, b: i64, row| update(&plan, row, id(a), vec![n(b), NotLogged, NotLogged, NotLogged]);
    let changes = vec![insert(&plan, person(1, "a")), insert(&plan, person(2, "b")), swap(1, 2, 1), swap(2, 1, 2)];
    applier.apply(&[transaction(2, changes)], &position(2)).await.unwrap();
    assert_eq!(names(applier.client()).await, "1b 2a");
}

/// What was not logged may tell rows apart that look alike: neither of them is taken for the other.
#[tokio::test]
async fn rows_without_a_key_that_only_look_alike_are_a_conflict() {
    let database = Database::new().await;
    let plan = notes();
    let mut applier = applier(&database, std::slice::from_ref(&plan)).await;
    applier.start(&position(1)).await.unwrap();
    let note = |body: &str, more: &str| vec![t(body), n("1.50"), t(more)];
    let changes = vec![
        insert(&plan, note("twin", "x")),
        insert(&plan, note("twin", "y")),
        insert(&plan, note("only", "z")),
        // Enough to tell which.
        update(&plan, 1, vec![t("only"), NotLogged, NotLogged], vec![NotLogged, n(7), NotLogged]),
    ];
    applier.apply(&[transaction(2, changes)], &position(2)).await.unwrap();
    let part = vec![t("twin"), n("1.50"), NotLogged];
    for change in [delete(&plan, part.clone()), update(&plan, 1, part.clone(), vec![NotLogged, n(9), NotLogged])] {
        let error = applier.apply(&[transaction(3, vec![change])], &position(3)).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Conflict);
        assert!(error.to_string().contains("(ALL) COLUMNS"), "{error}");
    }
    assert_eq!(text(applier.client(), "SELECT count(*), max(size) FROM notes").await, "3|7");
}

#[tokio::test]
async fn nothing_is_applied_once_the_migration_is_completed() {
    let database = Database::new().await;
    let plan = people();
    let mut applier = applier(&database, std::slice::from_ref(&plan)).await;
    applier.start(&position(1)).await.unwrap();
    let client = database.client().await;
    applier.control().set_state(&client, pg_sink::MigrationState::Completed).await.unwrap();
    let error =
        applier.apply(&[transaction(2, vec![insert(&plan, person(1, "Ada"))])], &position(2)).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::State);
    assert!(error.to_string().contains("completed"), "{error}");
    assert_eq!(text(&client, "SELECT count(*) FROM people").await, "0");
}

#[tokio::test]
async fn two_appliers_cannot_both_go_on() {
    let database = Database::new().await;
    let plan = people();
    let mut first = applier(&database, std::slice::from_ref(&plan)).await;
    first.start(&position(1)).await.unwrap();
    let mut second = applier(&database, std::slice::from_ref(&plan)).await;
    assert_eq!(second.position().await.unwrap(), Some(position(1)));
    let tx = [transaction(2, vec![insert(&plan, person(1, "Ada"))])];
    let (a, b) = futures_util::future::join(first.apply(&tx, &position(2)), second.apply(&tx, &position(2))).await;
    let error = match (a, b) {
        (Ok(()), Err(e)) | (Err(e), Ok(())) => e,
        other => panic!("{other:?}"),
    };
    assert_eq!(error.kind(), ErrorKind::State);
    assert!(error.to_string().contains("another applier"), "{error}");
    assert_eq!(names(first.client()).await, "1Ada");
    // The loser does not take the winner's position for its own.
    let positions = [first.position().await, second.position().await];
    assert_eq!(positions.iter().filter(|p| p.is_err()).count(), 1);
}

#[tokio::test]
async fn a_connection_that_dies_in_a_batch_loses_and_doubles_nothing() {
    let database = Database::new().await;
    let plan = people();
    let mut dying = applier(&database, std::slice::from_ref(&plan)).await;
    dying.start(&position(1)).await.unwrap();
    let pid = crate::database::pid(dying.client()).await;
    // The batch waits for a lock, and dies there.
    let blocker = database.client().await;
    blocker.batch_execute("BEGIN; LOCK TABLE people IN ACCESS EXCLUSIVE MODE").await.unwrap();
    let tx = [transaction(2, (0..1000).map(|i| insert(&plan, person(i, "Ada"))).collect())];
    let target = position(2);
    let (outcome, ()) = futures_util::future::join(dying.apply(&tx, &target), async {
        let waiting = format!("SELECT wait_event_type = 'Lock' FROM pg_stat_activity WHERE pid = {pid}");
        let watcher = database.client().await;
        while text(&watcher, &waiting).await != "t" {
            tokio::time::sleep(std::time::Duration::from_millis(5)).await;
        }
        database.kill(pid).await;
        blocker.batch_execute("COMMIT").await.unwrap();
    })
    .await;
    let error = outcome.unwrap_err();
    assert!(error.is_transient(), "{error:?}");

    let mut next = applier(&database, std::slice::from_ref(&plan)).await;
    assert_eq!(next.position().await.unwrap(), Some(position(1)));
    next.apply(&tx, &position(2)).await.unwrap();
    assert_eq!(text(next.client(), "SELECT count(*) FROM people").await, "1000");
}

#[tokio::test]
async fn triggers_and_foreign_keys_stay_quiet_where_the_role_may_say_so() {
    let database = Database::new().await;
    let plan = people();
    let mut applier = applier(&database, std::slice::from_ref(&plan)).await;
    applier
        .client()
        .batch_execute(
            "CREATE TABLE bosses (id int PRIMARY KEY); ALTER TABLE people ADD FOREIGN KEY (id) REFERENCES bosses; \
             CREATE FUNCTION loud() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'fired'; END $$; \
             CREATE TRIGGER loud BEFORE INSERT ON people FOR EACH ROW EXECUTE FUNCTION loud()",
        )
        .await
        .unwrap();
    applier.start(&position(1)).await.unwrap();
    applier.apply(&[transaction(2, vec![insert(&plan, person(1, "Ada"))])], &position(2)).await.unwrap();
    assert_eq!(names(applier.client()).await, "1Ada");

    let plain = database.client_as("sink_test_applier").await;
    applier
        .client()
        .batch_execute("GRANT ALL ON SCHEMA oracle_migration TO sink_test_applier; GRANT ALL ON ALL TABLES IN SCHEMA oracle_migration TO sink_test_applier")
        .await
        .unwrap();
    let plain = Applier::new(plain, Control::default(), std::slice::from_ref(&plan)).await.unwrap();
    assert!(plain.fires_triggers());
}

/// Types whose OIDs differ from database to database, in keyed and keyless tables.
#[tokio::test]
async fn changes_of_types_that_are_made_in_the_database() {
    let database = Database::new().await;
    let client = database.client().await;
    client
        .batch_execute(
            "CREATE EXTENSION citext; CREATE TYPE mood AS ENUM ('sad', 'ok'); CREATE TYPE spot AS (x int, y text)",
        )
        .await
        .unwrap();
    let spot = OracleType::Object(Box::new(ObjectType {
        owner: "HR".into(),
        name: "SPOT".into(),
        attributes: vec![("X".into(), source::number_type(6, 0)), ("Y".into(), source::varchar2(5))],
    }));
    let columns = vec![
        source::column("name", source::varchar2(10), PgType::Citext),
        source::column("mood", source::varchar2(5), "enum mood ('sad', 'ok')".parse().unwrap()),
        source::column("spot", spot, "composite spot (x integer, y text)".parse().unwrap()),
    ];
    for (table, key) in [("keyed", &[0][..]), ("loose", &[])] {
        let plan = source::plan(table, columns.clone(), key);
        let mut applier = applier(&database, std::slice::from_ref(&plan)).await;
        let from = applier.start(&position(10)).await.unwrap().commit_scn.0;
        let at = |x: i64| v(Value::Object(vec![number(x), source::text("y")]));
        let row = |name: &str, mood: &str, x| vec![t(name), t(mood), at(x)];
        let changes = vec![
            insert(&plan, row("Ada", "sad", 1)),
            insert(&plan, row("Bob", "ok", 2)),
            update(&plan, 1, row("Ada", "sad", 1), vec![NotLogged, t("ok"), at(3)]),
            delete(&plan, row("Bob", "ok", 2)),
        ];
        applier.apply(&[transaction(from + 1, changes)], &position(from + 2)).await.unwrap();
        let rows = format!("SELECT name, mood, spot FROM {table}");
        assert_eq!(text(&client, &rows).await, "Ada|ok|(3,y)");
        let bad = vec![insert(&plan, row("Eve", "glad", 1))];
        let error = applier.apply(&[transaction(from + 3, bad)], &position(from + 4)).await.unwrap_err();
        assert_eq!((error.kind(), error.column()), (ErrorKind::Value, Some("mood")), "{error}");
    }
}
