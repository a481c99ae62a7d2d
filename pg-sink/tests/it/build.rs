//! What is built after the load, by several connections.

use crate::control::statement;
use crate::database::{Database, pid, text};
use crate::source::pg_path;
use pg_sink::{BuildKind, BuildList, Control, ErrorKind};
use schema_map::{
    ObjectKind, PgIdent,
    ddl::{Addition, Ddl, Phase, Statement},
};
use std::time::Duration;
use tokio_postgres::Client;

fn adds(table: &str, kind: ObjectKind, phase: Phase, name: &str, sql: &str) -> Statement {
    let addition = Addition { table: pg_path(table), name: PgIdent::new(name).unwrap() };
    Statement { kind, adds: Some(addition), ..statement(phase, sql) }
}

fn key(table: &str, name: &str, columns: &str) -> Statement {
    let sql = format!("ALTER TABLE {table} ADD CONSTRAINT {name} UNIQUE ({columns});");
    adds(table, ObjectKind::Constraint, Phase::Keys, name, &sql)
}

fn check(table: &str, name: &str, condition: &str) -> Statement {
    let sql = format!("ALTER TABLE {table} ADD CONSTRAINT {name} CHECK ({condition});");
    adds(table, ObjectKind::Constraint, Phase::Indexes, name, &sql)
}

fn index(table: &str, name: &str, expression: &str) -> Statement {
    let sql = format!("CREATE INDEX {name} ON {table} ({expression});");
    adds(table, ObjectKind::Index, Phase::Indexes, name, &sql)
}

/// Tables `small` and `large` with 100 and 10 000 rows.
async fn begin(database: &Database) -> (Client, BuildList, Control) {
    let client = database.client().await;
    client
        .batch_execute(
            "CREATE TABLE small AS SELECT n AS id, n % 7 AS kind FROM generate_series(1, 100) AS n; \
             CREATE TABLE large AS SELECT n AS id, n % 7 AS kind FROM generate_series(1, 10000) AS n",
        )
        .await
        .unwrap();
    let control = Control::default();
    control.install(&client).await.unwrap();
    (client, BuildList::new(control.clone()), control)
}

fn ddl(statements: Vec<Statement>) -> Ddl {
    Ddl { statements, ..Ddl::default() }
}

fn tables() -> [schema_map::PgPath; 2] {
    [pg_path("small"), pg_path("large")]
}

#[tokio::test]
async fn everything_is_built_once_in_order() {
    let database = Database::new().await;
    let (mut client, builds, control) = begin(&database).await;
    let ddl = ddl(vec![
        key("small", "small_key", "id"),
        key("large", "large_key", "id"),
        key("large", "large_both", "id, kind"),
        index("small", "small_kind", "kind"),
        index("large", "large_kind", "kind"),
        check("large", "large_check", "id > 0"),
    ]);
    client.batch_execute("CREATE INDEX small_kind ON small (kind)").await.unwrap();
    builds.register(&mut client, &ddl, &tables()).await.unwrap();
    assert_eq!(builds.finish(&client, &ddl).await.unwrap_err().kind(), ErrorKind::State);
    let mut built = Vec::new();
    while let Some(step) = builds.run_next(&mut client, "w").await.unwrap() {
        let there = if step.built { "" } else { " (there)" };
        built.push(format!("{} {} {}{there}", step.table, step.kind.as_str(), step.name));
        // Registered again, as after a crash: nothing comes twice.
        builds.register(&mut client, &ddl, &tables()).await.unwrap();
    }
    let expected = [
        "public.large key large_key",
        "public.large key large_both",
        "public.large check large_check",
        "public.large index large_kind",
        "public.large analyze ",
        "public.small key small_key",
        "public.small index small_kind (there)",
        "public.small analyze ",
    ];
    assert_eq!(built, expected);
    assert!(builds.is_complete(&client).await.unwrap());
    let there = "SELECT string_agg(indexrelid::regclass::text, ' ' ORDER BY indexrelid::regclass::text) FROM pg_index \
                 WHERE indrelid IN ('small'::regclass, 'large'::regclass) AND indisvalid; \
                 SELECT conname FROM pg_constraint WHERE contype = 'c' AND conrelid = 'large'::regclass; \
                 SELECT relname, reltuples FROM pg_class WHERE relname IN ('small', 'large') ORDER BY 1; \
                 SELECT count(*) FROM pg_stats WHERE tablename IN ('small', 'large')";
    let expected = "large_both large_key large_kind small_key small_kind\nlarge_check\nlarge|10000\nsmall|100\n4";
    assert_eq!(text(&client, there).await, expected);
    builds.finish(&client, &ddl).await.unwrap();
    assert!(control.phase_done(&client, Phase::Keys).await.unwrap());
    assert!(control.phase_done(&client, Phase::Indexes).await.unwrap());
    // What an earlier version ran as a phase is not built again.
    client.batch_execute("DELETE FROM oracle_migration.build").await.unwrap();
    builds.register(&mut client, &ddl, &[]).await.unwrap();
    assert!(builds.is_complete(&client).await.unwrap());
}

/// Another process may ask before the list is there, or with statements that are not on it.
#[tokio::test]
async fn what_was_never_listed_is_not_recorded_as_built() {
    let database = Database::new().await;
    let (mut client, builds, control) = begin(&database).await;
    let (first, second) = (key("small", "small_key", "id"), index("small", "small_kind", "kind"));
    let both = ddl(vec![first.clone(), second]);
    assert_eq!(builds.finish(&client, &both).await.unwrap_err().kind(), ErrorKind::State);
    builds.register(&mut client, &ddl(vec![first]), &[]).await.unwrap();
    while builds.run_next(&mut client, "w").await.unwrap().is_some() {}
    let error = builds.finish(&client, &both).await.unwrap_err();
    assert!(error.to_string().contains("small_kind") && error.to_string().contains("register"), "{error}");
    assert!(!control.phase_done(&client, Phase::Keys).await.unwrap());
    assert!(!control.phase_done(&client, Phase::Indexes).await.unwrap());
}

#[tokio::test]
async fn what_cannot_be_built_is_named_and_the_rest_goes_on() {
    let database = Database::new().await;
    let (mut client, builds, _) = begin(&database).await;
    let ddl = ddl(vec![
        key("large", "large_kind_key", "kind"),
        key("small", "small_key", "id"),
        check("small", "small_check", "id < 100"),
    ]);
    builds.register(&mut client, &ddl, &tables()).await.unwrap();
    let error = builds.run_next(&mut client, "w").await.unwrap_err();
    assert_eq!((error.kind(), error.sql_state()), (ErrorKind::Postgres, Some("23505")), "{error}");
    assert_eq!((error.table(), error.object()), (Some("public.large"), Some("large_kind_key")));
    for part in ["public.large", "large_kind_key", "(kind)=(", "duplicated"] {
        assert!(error.to_string().contains(part), "{error}");
    }
    assert!(!error.is_transient());
    // What comes after it on its table waits, the other table does not.
    assert_eq!(builds.run_next(&mut client, "w").await.unwrap().unwrap().name, "small_key");
    let error = builds.run_next(&mut client, "w").await.unwrap_err();
    assert_eq!((error.object(), error.sql_state()), (Some("small_check"), Some("23514")), "{error}");
    assert!(!builds.is_complete(&client).await.unwrap());
    // Mended.
    client.batch_execute("DELETE FROM large WHERE id > 7; DELETE FROM small WHERE id = 100").await.unwrap();
    let mut kinds = Vec::new();
    while let Some(built) = builds.run_next(&mut client, "w").await.unwrap() {
        kinds.push(built.kind);
    }
    kinds.sort_by_key(|k| k.as_str());
    assert_eq!(kinds, [BuildKind::Analyze, BuildKind::Analyze, BuildKind::Check, BuildKind::Key]);
    assert!(builds.is_complete(&client).await.unwrap());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn indexes_of_one_table_are_built_at_the_same_time_and_a_killed_one_again() {
    let database = Database::new().await;
    let (mut client, builds, _) = begin(&database).await;
    client
        .batch_execute(
            "CREATE FUNCTION slow(n int) RETURNS int IMMUTABLE LANGUAGE plpgsql AS \
             $$ BEGIN IF n = 5000 THEN PERFORM pg_sleep(2); END IF; RETURN n; END $$",
        )
        .await
        .unwrap();
    let ddl = ddl(vec![
        key("large", "large_key", "id"),
        index("large", "one", "slow(id)"),
        index("large", "two", "slow(id + 1)"),
        index("large", "three", "slow(id + 2)"),
    ]);
    builds.register(&mut client, &ddl, &tables()).await.unwrap();
    let mut pids = Vec::new();
    let mut workers = Vec::new();
    for _ in 0..3 {
        let (builds, mut worker) = (builds.clone(), database.client().await);
        pids.push(pid(&worker).await);
        workers.push(tokio::spawn(async move {
            let mut built = Vec::new();
            while !builds.is_complete(&worker).await? {
                match builds.run_next(&mut worker, "w").await? {
                    Some(step) => built.push(step.name),
                    None => tokio::time::sleep(Duration::from_millis(10)).await,
                }
            }
            Ok::<_, pg_sink::Error>(built)
        }));
    }
    // All three sleep in their function, each with its lock on the same table.
    let asleep = "SELECT array_agg(pid) FROM pg_stat_activity WHERE wait_event = 'PgSleep' AND datname = current_database() \
                  HAVING count(*) = 3";
    let mut found = None;
    for _ in 0..500 {
        found = client.query_opt(asleep, &[]).await.unwrap();
        if found.is_some() {
            break;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    let found: Vec<i32> = found.expect("three builds at the same time").get(0);
    database.kill(found[0]).await;
    let mut built = Vec::new();
    for (pid, worker) in pids.into_iter().zip(workers) {
        match worker.await.unwrap() {
            Ok(names) => built.extend(names),
            Err(error) => {
                assert!(pid == found[0] && error.is_transient(), "{error}");
                assert_eq!(error.table(), Some("public.large"));
            }
        }
    }
    for name in ["one", "two", "three"] {
        assert_eq!(built.iter().filter(|n| *n == name).count(), 1, "{built:?}");
    }
    let valid = "SELECT count(*) FROM pg_index WHERE indrelid = 'large'::regclass AND indisvalid";
    assert_eq!(text(&client, valid).await, "4");
    assert_eq!(text(&client, "SELECT count(*) FROM oracle_migration.build WHERE state = 'done'").await, "6");
}
