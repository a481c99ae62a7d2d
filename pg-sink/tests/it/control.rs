use crate::database::{Database, text};
use crate::source::{self, create_table, notes, people, pg_path};
use pg_sink::{
    Control, CopyEncoder, CopyWriter, ErrorKind, FollowStatus, FullLoadState, LoadLedger, MigrationState, NewChunk,
    PhaseRun, advance_sequences, check_target, existing_tables, plan_sequences, set_sequences,
};
use schema_map::ddl::{Ddl, Phase, Statement};
use schema_map::{ObjectKind, ObjectPath, OracleIdent, PgIdent};
use type_convert::{CollectionType, OracleType, Scn, Value};

#[tokio::test]
async fn a_control_schema_belongs_to_one_migration() {
    let database = Database::new().await;
    let client = database.client().await;
    let control = Control::new(PgIdent::new("Of \"mine\"").unwrap());
    assert!(!control.is_installed(&client).await.unwrap());
    // Several at once, as several processes do that start together.
    let others = [database.client().await, database.client().await, database.client().await];
    let installs = others.iter().map(|c| control.install(c));
    for installed in futures_util::future::join_all(installs).await {
        installed.unwrap();
    }
    assert!(control.is_installed(&client).await.unwrap());
    assert!(control.migration(&client).await.unwrap().is_none());
    assert_eq!(control.status(&client).await.unwrap_err().kind(), ErrorKind::State);

    let begun = control.begin(&client, 42, 7).await.unwrap();
    assert_eq!((begun.dbid, begun.state, begun.load_scn), (42, MigrationState::Initializing, None));
    assert_eq!(control.decide_load_scn(&client, Scn(1000)).await.unwrap(), Scn(1000));
    assert_eq!(control.decide_load_scn(&client, Scn(2000)).await.unwrap(), Scn(1000));
    control.set_state(&client, MigrationState::Running).await.unwrap();
    control.install(&client).await.unwrap();
    let again = control.begin(&client, 42, 7).await.unwrap();
    assert_eq!((again.state, again.load_scn), (MigrationState::Running, Some(1000)));

    let error = control.begin(&client, 42, 8).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::State);
    control.set_failed(&client, "out of disk").await.unwrap();
    let failed = control.migration(&client).await.unwrap().unwrap();
    assert_eq!((failed.state, failed.failure.as_deref()), (MigrationState::Failed, Some("out of disk")));
}

/// A migration that an earlier version began, whose control schema has neither `build` nor `loss`.
#[tokio::test]
async fn an_older_control_schema_is_refused_before_anything_is_missing() {
    let database = Database::new().await;
    let client = database.client().await;
    let control = Control::default();
    control.install(&client).await.unwrap();
    control.begin(&client, 42, 7).await.unwrap();
    client
        .batch_execute(
            "UPDATE oracle_migration.migration SET format = 1; DROP TABLE oracle_migration.build, oracle_migration.loss CASCADE",
        )
        .await
        .unwrap();
    control.install(&client).await.unwrap();
    let begun = control.begin(&client, 42, 7).await.map(drop);
    let read = control.migration(&client).await.map(drop);
    for outcome in [begun, read, control.status(&client).await.map(drop)] {
        let error = outcome.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::State, "{error}");
        assert!(
            error.to_string().contains("format 1") && error.to_string().contains("the version that began"),
            "{error}"
        );
    }
    assert_eq!(
        text(&client, "SELECT format, to_regclass('oracle_migration.loss') FROM oracle_migration.migration").await,
        "1|NULL"
    );
}

#[tokio::test]
async fn states_are_not_taken_back() {
    use MigrationState::{Completed, CutoverStarted, Failed, ReadyToCutover, Running};
    let database = Database::new().await;
    let client = database.client().await;
    let control = Control::default();
    control.install(&client).await.unwrap();
    control.begin(&client, 1, 1).await.unwrap();
    let state = async || {
        let migration = control.migration(&client).await.unwrap().unwrap();
        (migration.state, migration.failure)
    };
    control.set_failed(&client, "no\0disk").await.unwrap();
    assert_eq!(state().await, (Failed, Some("no\u{fffd}disk".to_owned())));
    assert!(control.change_state(&client, &[Failed], Running).await.unwrap());
    assert_eq!(state().await, (Running, None));
    // A cutover that has begun is not taken for a migration that merely runs, and goes on after a failure.
    control.set_state(&client, CutoverStarted).await.unwrap();
    assert!(!control.change_state(&client, &[Running], ReadyToCutover).await.unwrap());
    control.set_failed(&client, "no disk").await.unwrap();
    assert_eq!(state().await, (CutoverStarted, Some("no disk".to_owned())));
    control.set_state(&client, Completed).await.unwrap();
    control.set_failed(&client, "late").await.unwrap();
    for to in [Running, CutoverStarted] {
        assert_eq!(control.set_state(&client, to).await.unwrap_err().kind(), ErrorKind::State);
    }
    assert_eq!(state().await, (Completed, None));
}

#[tokio::test]
async fn without_the_right_to_create_the_error_says_what_is_needed() {
    let database = Database::new().await;
    let client = database.client_as("sink_test_plain").await;
    let error = Control::default().install(&client).await.unwrap_err();
    assert_eq!(error.sql_state(), Some("42501"));
    assert!(error.to_string().contains("CREATE on the database"), "{error}");
    assert!(!error.is_transient());
}

#[tokio::test]
async fn a_lost_connection_is_transient() {
    let database = Database::new().await;
    let client = database.client().await;
    database.kill(crate::database::pid(&client).await).await;
    let mut error = Control::default().install(&client).await.unwrap_err();
    // The first call may still see the server's farewell, later ones the closed connection.
    for _ in 0..2 {
        assert!(error.is_transient(), "{error:?}");
        error = Control::default().install(&client).await.unwrap_err();
    }
    assert_eq!(error.kind(), ErrorKind::Connection);
}

pub(crate) fn statement(phase: Phase, sql: &str) -> Statement {
    let source = ObjectPath { schema: OracleIdent::new("HR").unwrap(), name: OracleIdent::new("JOBS").unwrap() };
    Statement { phase, kind: ObjectKind::Table, source, sql: sql.to_owned(), note: None, adds: None }
}

#[tokio::test]
async fn a_phase_runs_once_and_whole() {
    let database = Database::new().await;
    let mut client = database.client().await;
    let control = Control::default();
    control.install(&client).await.unwrap();
    let mut ddl = Ddl::default();
    ddl.statements.push(statement(Phase::Tables, "CREATE TABLE jobs (id int);"));
    ddl.statements.push(statement(Phase::Tables, "CREATE TABLE nonsense (id no_such_type);"));
    let error = control.run_phase(&mut client, &ddl, Phase::Tables).await.unwrap_err();
    for part in ["Tables", "HR.JOBS", "no_such_type", "42704"] {
        assert!(error.to_string().contains(part), "{error}");
    }
    assert!(!control.phase_done(&client, Phase::Tables).await.unwrap());
    assert!(existing_tables(&client, &PgIdent::new("public").unwrap()).await.unwrap().is_empty());

    ddl.statements.pop();
    assert_eq!(control.run_phase(&mut client, &ddl, Phase::Tables).await.unwrap(), PhaseRun::Ran(1));
    assert_eq!(control.run_phase(&mut client, &ddl, Phase::Tables).await.unwrap(), PhaseRun::WasDone);
    assert!(control.phase_done(&client, Phase::Tables).await.unwrap());
    assert_eq!(control.run_phase(&mut client, &ddl, Phase::Views).await.unwrap(), PhaseRun::Ran(0));
}

#[tokio::test]
async fn existing_tables_are_listed_with_their_columns() {
    let database = Database::new().await;
    let client = database.client().await;
    client
        .batch_execute(
            r#"CREATE TABLE "Jobs" (id int NOT NULL, title varchar(30), dropped int, twice int GENERATED ALWAYS AS (id * 2) STORED);
               ALTER TABLE "Jobs" DROP COLUMN dropped; CREATE TABLE bare (); INSERT INTO "Jobs" VALUES (1, 'x');
               CREATE VIEW v AS SELECT 1"#,
        )
        .await
        .unwrap();
    let tables = existing_tables(&client, &PgIdent::new("public").unwrap()).await.unwrap();
    let shown: Vec<String> = tables
        .iter()
        .map(|t| {
            let columns: Vec<_> =
                t.columns.iter().map(|c| format!("{} {} {}", c.name, c.type_name, c.nullable)).collect();
            format!("{} [{}] {}", t.path, columns.join(", "), t.has_rows)
        })
        .collect();
    assert_eq!(
        shown,
        ["public.Jobs [id integer false, title character varying(30) true] true", "public.bare [] false"]
    );
    let known = schema_map::ExistingTable::from(&tables[0]);
    assert_eq!(known.columns.iter().map(PgIdent::as_str).collect::<Vec<_>>(), ["id", "title"]);
    assert!(existing_tables(&client, &PgIdent::new("nowhere").unwrap()).await.unwrap().is_empty());
}

/// Types that are made in the database are read from an existing table, planned, and loaded.
#[tokio::test]
async fn types_of_existing_tables_are_taken_as_they_are() {
    let database = Database::new().await;
    let client = database.client().await;
    client
        .batch_execute(
            r#"CREATE EXTENSION citext; CREATE SCHEMA other;
               CREATE TYPE other."Mood" AS ENUM ('sad', 'it''s, ok');
               CREATE DOMAIN amount AS numeric(8,2) CHECK (VALUE >= 0);
               CREATE TABLE made (id int, mood other."Mood", paid amount, name citext, tags text[])"#,
        )
        .await
        .unwrap();
    let table = existing_tables(&client, &PgIdent::new("public").unwrap()).await.unwrap().remove(0);
    let names: Vec<&str> = table.columns.iter().map(|c| c.type_name.as_str()).collect();
    assert_eq!(names, ["integer", "enum other.\"Mood\" ('sad', 'it''s, ok')", "numeric(8,2)", "citext", "text[]"]);
    let list = OracleType::Collection(Box::new(CollectionType {
        owner: "HR".into(),
        name: "TAGS".into(),
        limit: None,
        element: source::varchar2(10),
    }));
    let oracle =
        [source::number_type(6, 0), source::varchar2(10), source::number_type(8, 2), source::varchar2(10), list];
    let columns = table.columns.iter().zip(oracle);
    let columns = columns.map(|(c, oracle)| source::column(c.name.as_str(), oracle, c.type_name.parse().unwrap()));
    let plan = source::plan("made", columns.collect(), &[]);
    check_target(&client, &plan).await.unwrap();
    let mut writer = CopyWriter::begin(&client, CopyEncoder::new(&plan).unwrap()).await.unwrap();
    let tags = Value::Collection(vec![source::text("a"), Value::Null]);
    let row = vec![source::number(1), source::text("it's, ok"), source::number("1.5"), source::text("Ada"), tags];
    writer.write(&source::batch(&[row]), 0).await.unwrap();
    writer.finish().await.unwrap();
    assert_eq!(
        text(&client, "SELECT id, mood, paid, name = 'ADA', tags FROM made").await,
        "1|it's, ok|1.50|t|{a,NULL}"
    );
    client.batch_execute("ALTER TABLE made ALTER paid TYPE numeric(8,1)").await.unwrap();
    assert_eq!(check_target(&client, &plan).await.unwrap_err().column(), Some("paid"));
}

#[tokio::test]
async fn a_table_must_take_what_the_plan_writes() {
    let database = Database::new().await;
    let client = database.client().await;
    let plan = people();
    let error = check_target(&client, &plan).await.unwrap_err();
    assert_eq!((error.kind(), error.table()), (ErrorKind::Plan, Some("public.people")));
    client.batch_execute(&create_table(&plan)).await.unwrap();
    check_target(&client, &plan).await.unwrap();
    for (alter, column) in [
        ("ALTER COLUMN id TYPE real USING id::real", Some("id")),
        ("ALTER COLUMN id TYPE int", None),
        ("ALTER COLUMN name TYPE text", None),
        ("ALTER COLUMN name TYPE char(10)", Some("name")),
        ("ALTER COLUMN name TYPE varchar(5)", None),
        ("ALTER COLUMN salary TYPE numeric(8,1)", Some("salary")),
        ("ALTER COLUMN salary TYPE numeric(9,3)", None),
        ("ALTER COLUMN salary TYPE numeric", None),
        ("ALTER COLUMN hired TYPE timestamptz", Some("hired")),
        ("ALTER COLUMN hired TYPE timestamp(3)", None),
        ("DROP COLUMN hired", Some("hired")),
    ] {
        client.batch_execute(&format!("ALTER TABLE people {alter}")).await.unwrap();
        let error = check_target(&client, &plan).await.err();
        assert_eq!(error.as_ref().and_then(|e| e.column()), column, "{alter}: {error:?}");
    }
}

#[tokio::test]
async fn sequences_only_move_on() {
    let database = Database::new().await;
    let client = database.client().await;
    client
        .batch_execute(
            "CREATE SEQUENCE up START 10; CREATE SEQUENCE down INCREMENT -1 START -10 MINVALUE -1000 MAXVALUE 0; \
             CREATE SEQUENCE small MAXVALUE 100 INCREMENT 10; SELECT nextval('up'), nextval('small')",
        )
        .await
        .unwrap();
    let changes = advance_sequences(&client, &[(pg_path("up"), 207), (pg_path("down"), -50), (pg_path("small"), 5)])
        .await
        .unwrap();
    assert_eq!(changes.iter().map(|c| (c.before, c.next)).collect::<Vec<_>>(), [(11, 207), (-10, -50), (11, 11)]);
    assert_eq!(text(&client, "SELECT nextval('up'), nextval('down'), nextval('small')").await, "207|-50|11");
    advance_sequences(&client, &[(pg_path("up"), 100), (pg_path("down"), -20)]).await.unwrap();
    assert_eq!(text(&client, "SELECT nextval('up'), nextval('down')").await, "208|-51");
    let error = advance_sequences(&client, &[(pg_path("small"), 111)]).await.unwrap_err();
    assert_eq!((error.kind(), error.table()), (ErrorKind::Value, Some("public.small")));
    // Used up at the source: used up here, and that again.
    for _ in 0..2 {
        advance_sequences(&client, &[(pg_path("small"), 101), (pg_path("down"), -1001)]).await.unwrap();
        for sequence in ["small", "down"] {
            let error = client.simple_query(&format!("SELECT nextval('{sequence}')")).await.unwrap_err();
            assert_eq!(error.code().unwrap().code(), "2200H", "{sequence}");
        }
    }
}

#[tokio::test]
async fn sequences_go_beyond_what_their_columns_hold() {
    let database = Database::new().await;
    let client = database.client().await;
    client
        .batch_execute(
            "CREATE SEQUENCE odd START 1 INCREMENT 10; CREATE SEQUENCE falling INCREMENT -2 MINVALUE -100 MAXVALUE 100 START 99; \
             CREATE SEQUENCE wheel MAXVALUE 9 CYCLE; CREATE SEQUENCE narrow MAXVALUE 20 START 1; \
             CREATE TABLE fed (id int GENERATED BY DEFAULT AS IDENTITY, \"Serial\" bigserial, \
                o numeric DEFAULT nextval('odd'), f int DEFAULT nextval('falling'), w int DEFAULT nextval('wheel'), \
                n int DEFAULT nextval('narrow')); \
             INSERT INTO fed VALUES (7, 70, 25.75, 50, 8, 500), (3, 1, 1, 60, 9, 19), (-5, 2, NULL, NULL, NULL, NULL)",
        )
        .await
        .unwrap();
    let next = [(pg_path("wheel"), 3), (pg_path("odd"), 11)];
    let changes = plan_sequences(&client, &next, &[pg_path("fed")]).await.unwrap();
    let shown: Vec<String> = changes
        .iter()
        .map(|c| format!("{} {} {:?} {}", c.sequence.name.as_str(), c.before, c.in_use, c.next))
        .collect();
    // By whole steps from where it stands; a value out of a sequence's range, which it cannot meet, does not count.
    assert_eq!(
        shown,
        [
            "wheel 1 None 3",
            "odd 1 Some(25) 31",
            "falling 99 Some(50) 49",
            "fed_Serial_seq 1 Some(70) 71",
            "fed_id_seq 1 Some(7) 8",
            "narrow 1 Some(19) 20",
        ]
    );
    let places = "SELECT nextval('odd'), nextval('falling'), nextval('wheel'), nextval('narrow'), \
         nextval('fed_id_seq'), nextval('\"fed_Serial_seq\"')";
    // Set twice, as after a crash; the way back is that of the first time.
    for _ in 0..2 {
        set_sequences(&client, &changes).await.unwrap();
    }
    assert_eq!(text(&client, places).await, "31|49|3|20|8|71");
    // Used up here means used up; and one that begins again goes where the source is, backwards too.
    let again = plan_sequences(&client, &[(pg_path("wheel"), 2)], &[pg_path("fed")]).await.unwrap();
    assert_eq!((again[0].before, again[0].next), (4, 2));
    set_sequences(&client, &again).await.unwrap();
    assert!(client.simple_query("SELECT nextval('narrow')").await.is_err());
    for change in &changes {
        client.batch_execute(&change.undo()).await.unwrap();
    }
    assert_eq!(text(&client, places).await, "1|99|1|1|1|1");
}

#[tokio::test]
async fn the_status_tells_where_everything_stands() {
    let database = Database::new().await;
    let mut client = database.client().await;
    let control = Control::default();
    control.install(&client).await.unwrap();
    control.begin(&client, 1, 1).await.unwrap();
    let (people, notes) = (people(), notes());
    client.batch_execute(&create_table(&people)).await.unwrap();
    let ledger = LoadLedger::new(control.clone());
    let chunk = |number| NewChunk { number, range: String::new() };
    ledger.register(&mut client, &people, Some(107), Scn(5), &[chunk(0), chunk(1)]).await.unwrap();
    control.register_table(&client, &notes, None).await.unwrap();

    let status = control.status(&client).await.unwrap();
    assert_eq!(status.state, MigrationState::Initializing);
    assert!(status.follow.is_none());
    let states: Vec<_> = status.tables.iter().map(|t| (t.source.as_str(), t.full_load)).collect();
    assert_eq!(states, [("HR.PEOPLE", FullLoadState::Queued), ("HR.NOTES", FullLoadState::Queued)]);

    for expected in [FullLoadState::Loading, FullLoadState::Completed] {
        let claim = ledger.claim(&mut client, "w").await.unwrap().unwrap();
        claim.load(&people, Default::default()).await.unwrap().commit().await.unwrap();
        assert_eq!(control.status(&client).await.unwrap().tables[0].full_load, expected);
    }
    let follow = FollowStatus {
        pending_transactions: 3,
        lag_seconds: Some(1.5),
        source_scn: Some(99),
        oldest_open_scn: Some(60),
    };
    control.set_follow_status(&client, &follow, &[(people.source.clone(), 12)]).await.unwrap();
    control.record_error(&client, &notes.source, &"it broke\0").await.unwrap();
    let status = control.status(&client).await.unwrap();
    let said = status.follow.unwrap();
    assert_eq!((said.pending_transactions, said.source_scn), (3, Some(99)));
    assert!((1.5..60.0).contains(&said.lag_seconds.unwrap()), "{said:?}");
    // Whoever says nothing any more falls behind.
    client
        .batch_execute("UPDATE oracle_migration.follow SET updated_at = updated_at - interval '1 hour'")
        .await
        .unwrap();
    assert!(control.status(&client).await.unwrap().follow.unwrap().lag_seconds.unwrap() > 3601.0);
    assert_eq!((status.tables[0].pending, status.tables[1].pending), (12, 0));
    assert_eq!((status.tables[1].errors, status.tables[1].last_error.as_deref()), (1, Some("it broke\u{fffd}")));
    assert_eq!((status.tables[0].estimated_rows, status.tables[0].target.as_str()), (Some(107), "public.people"));
    control.set_follow_status(&client, &follow, &[]).await.unwrap();
    assert_eq!(control.status(&client).await.unwrap().tables[0].pending, 0);
}

/// What a DBA sees with plain SQL is what the status says; every column of the views is explained in the database.
#[tokio::test]
async fn the_monitor_is_readable_by_plain_sql() {
    let database = Database::new().await;
    let mut client = database.client().await;
    let control = Control::new(PgIdent::new("Of \"mine\"").unwrap());
    control.install(&client).await.unwrap();
    let undocumented = "SELECT c.relname, a.attname FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid \
         WHERE c.relname IN ('monitor', 'monitor_table') AND a.attnum > 0 AND col_description(c.oid, a.attnum) IS NULL";
    assert_eq!(text(&client, undocumented).await, "");
    let tables = "SELECT relname FROM pg_class WHERE relkind IN ('r', 'v') AND obj_description(oid, 'pg_class') IS NULL \
         AND relnamespace = to_regnamespace('\"Of \"\"mine\"\"\"')";
    assert_eq!(text(&client, tables).await, "");
    control.begin(&client, 1, 1).await.unwrap();

    let (people, notes) = (people(), notes());
    for plan in [&people, &notes] {
        client.batch_execute(&create_table(plan)).await.unwrap();
    }
    let ledger = LoadLedger::new(control.clone());
    let chunk = |number| NewChunk { number, range: String::new() };
    ledger.register(&mut client, &people, Some(100), Scn(5), &[chunk(0), chunk(1)]).await.unwrap();
    ledger.register(&mut client, &notes, None, Scn(5), &[chunk(0)]).await.unwrap();
    // An error while its chunk is loaded; the next claim takes it up again.
    drop(ledger.claim(&mut client, "w").await.unwrap().unwrap());
    control.record_error(&client, &people.source, &"no disk").await.unwrap();
    let loads = "SELECT full_load, data_errors FROM \"Of \"\"mine\"\"\".monitor_table ORDER BY table_id";
    assert_eq!(text(&client, loads).await, "errored|1\nqueued|0");
    let status = control.status(&client).await.unwrap();
    assert_eq!((status.full_load.errored, status.full_load.queued, status.data_errors), (1, 1, 1));
    for (state, left) in [("loading|1\nqueued|0", 2), ("loading|1\nloading|0", 1), ("completed|1\ncompleted|0", 0)] {
        let claim = ledger.claim(&mut client, "w").await.unwrap().unwrap();
        let plan = if claim.chunk().source == people.source { &people } else { &notes };
        let mut load = claim.load(plan, Default::default()).await.unwrap();
        if plan.source == people.source {
            let rows: Vec<_> = (0..10).map(|n| source::person(n + 10 * left, "Ada")).collect();
            load.write(&source::batch(&rows)).await.unwrap();
        }
        load.commit().await.unwrap();
        let now = text(&client, loads).await;
        // Which of the free chunks comes next is not promised.
        assert!(now == state || left == 1, "{now}");
        let status = control.status(&client).await.unwrap();
        let table = &status.tables[0];
        assert!(status.load_started_at.as_ref().is_some_and(|t| t.ends_with('Z') && t.len() == 24), "{status:?}");
        assert_eq!(status.load_ended_at.is_some(), left == 0);
        assert_eq!(status.load_estimated_end_at.is_some(), left > 0);
        assert_eq!(table.load_estimated_end_at.is_some(), table.full_load == FullLoadState::Loading);
    }
    let follow = FollowStatus {
        pending_transactions: 2,
        lag_seconds: Some(0.5),
        source_scn: Some(1000),
        oldest_open_scn: Some(900),
    };
    control.set_follow_status(&client, &follow, &[(people.source.clone(), 7)]).await.unwrap();
    let seen = "SELECT oldest_open_seen_at FROM \"Of \"\"mine\"\"\".monitor";
    let first = text(&client, seen).await;
    client
        .batch_execute(
            "UPDATE \"Of \"\"mine\"\"\".table_status SET inserts = 3, updates = 2, deletes = 1 WHERE source_name = 'PEOPLE'; \
             INSERT INTO \"Of \"\"mine\"\"\".position (position, commit_scn, transactions, changes) VALUES ('{}', 991, 4, 6)",
        )
        .await
        .unwrap();
    control.set_follow_status(&client, &follow, &[(people.source.clone(), 7)]).await.unwrap();
    // As long as it is the same transaction, it is as old as it was.
    assert_eq!(text(&client, seen).await, first);
    let said = "SELECT state, tables_completed, rows_loaded, inserts, updates, deletes, applied_changes, pending_changes, \
         incoming_changes, applied_transactions, pending_transactions, applied_scn, source_scn, lag_scn, lag_seconds >= 0.5, \
         oldest_open_scn FROM \"Of \"\"mine\"\"\".monitor";
    assert_eq!(text(&client, said).await, "initializing|2|20|3|2|1|6|7|13|4|2|991|1000|10|t|900");
    let status = control.status(&client).await.unwrap();
    assert_eq!((status.lag_scn, status.incoming, status.pending, status.changes), (Some(10), 13, 7, 6));
    assert_eq!(status.follow.unwrap().oldest_open_scn, Some(900));
    let none = FollowStatus { oldest_open_scn: None, ..follow };
    control.set_follow_status(&client, &none, &[]).await.unwrap();
    assert_eq!(text(&client, seen).await, "NULL");
}
