//! What real sources do, with writers of our own: through the whole pipeline, to an end that is equal or to a named error.

use crate::world::{World, kill};
use std::{
    process::{Child, Stdio},
    thread,
    time::{Duration, Instant},
};

fn says(printed: &str, expected: &[&str]) {
    for part in expected {
        assert!(printed.contains(part), "{part:?} is not in: {printed}");
    }
}

/// Tables without a key, with a key of two columns, with a padded key, and with numbers and times at their limits.
const TABLES: &str = "
CREATE TABLE loose (a NUMBER, b VARCHAR2(20), c DATE);
ALTER TABLE loose ADD SUPPLEMENTAL LOG DATA (ALL) COLUMNS;
CREATE TABLE pair (a NUMBER(10) NOT NULL, b VARCHAR2(10) NOT NULL, v VARCHAR2(40), CONSTRAINT pair_pk PRIMARY KEY (a, b));
CREATE TABLE padded (code CHAR(8) CONSTRAINT padded_pk PRIMARY KEY, v VARCHAR2(40));
CREATE TABLE wide (id NUMBER(38) CONSTRAINT wide_pk PRIMARY KEY, n NUMBER, d NUMBER(38,10), u NUMBER(9) CONSTRAINT wide_u UNIQUE);
CREATE SEQUENCE falling INCREMENT BY -5 START WITH 1000 MINVALUE -1000000 MAXVALUE 1000;
CREATE SEQUENCE spent START WITH 1 MAXVALUE 3 NOCACHE;
INSERT INTO loose VALUES (1, 'twin', NULL);
INSERT INTO loose VALUES (1, 'twin', NULL);
INSERT INTO loose VALUES (NULL, NULL, NULL);
INSERT INTO loose VALUES (2, '', DATE '2024-02-29');
INSERT INTO pair VALUES (1, 'x', 'one');
INSERT INTO pair VALUES (2, 'x', 'two');
INSERT INTO pair VALUES (3, 'x', NULL);
INSERT INTO padded VALUES ('A', 'one');
INSERT INTO padded VALUES ('AB', 'two');
INSERT INTO wide VALUES (1, 12345678901234567890123456789012345678, 1234567890123456789012345678.0123456789, 1);
INSERT INTO wide VALUES (2, -0.000000000000000000000000000000000001, NULL, 2);
INSERT INTO wide VALUES (99999999999999999999999999999999999999, 1, 1, 3);
COMMIT;
";

/// Statements that go through the redo, some undone: swaps and shifts of keys, rows touched again and again in one transaction.
const CHANGES: &str = "
DELETE FROM loose WHERE a = 1 AND ROWNUM = 1;
UPDATE loose SET b = 'was null' WHERE a IS NULL;
UPDATE loose SET a = NULL, b = NULL WHERE a = 2;
INSERT INTO loose VALUES (NULL, 'was null', NULL);
COMMIT;
UPDATE pair SET a = a + 1;
UPDATE pair SET a = a + 1 WHERE b = 'x';
COMMIT;
UPDATE pair SET a = -3 WHERE a = 3;
UPDATE pair SET a = 3 WHERE a = 4;
UPDATE pair SET a = 4 WHERE a = -3;
SAVEPOINT s;
DELETE FROM pair;
INSERT INTO pair VALUES (3, 'x', 'gone again');
ROLLBACK TO s;
UPDATE pair SET v = '' WHERE a = 3;
UPDATE pair SET v = 'three', b = 'y' WHERE a = 3;
COMMIT;
UPDATE padded SET code = 'ABC' WHERE code = 'AB';
UPDATE padded SET code = 'AB' WHERE code = 'A';
UPDATE padded SET v = NULL WHERE code = 'AB';
DELETE FROM padded WHERE code = 'ABC';
INSERT INTO padded VALUES ('ABC     ', 'blanks');
COMMIT;
UPDATE wide SET u = u + 1;
UPDATE wide SET u = 7 - u;
UPDATE wide SET n = n + 1 WHERE id = 1;
UPDATE wide SET id = id - 1 WHERE id > 10;
UPDATE wide SET d = 0.0000000001 WHERE id = 99999999999999999999999999999999999998;
DELETE FROM wide WHERE id = 2;
INSERT INTO wide VALUES (2, 100000000000000000000000000000000000000, -1, 99);
COMMIT;
DELETE FROM pair;
ROLLBACK;
";

fn start(world: &World, url: &str) -> Child {
    let mut command = world.command(&["run"]);
    let log = std::fs::File::create(world.path("run.log")).expect("a log");
    command.env("DATABASE_URL", url).stdin(Stdio::null());
    command.stdout(log.try_clone().expect("a log")).stderr(log).spawn().expect("migrate starts")
}

fn url() -> String {
    std::env::var("DATABASE_URL").expect("DATABASE_URL")
}

#[test]
fn keyless_composite_padded_and_swapped_keys() {
    let world = World::new("hr");
    world.source_sql(TABLES);
    // A transaction that is open across the load's SCN, and one across several windows of mining.
    let early = world.session();
    early.execute("UPDATE hr.pair SET v = 'early' WHERE a = 2").expect("an update");
    let mut run = world.start_run();
    world.wait_for(&["running", "ready_to_cutover"], &mut run);
    early.execute("INSERT INTO hr.loose VALUES (7, 'early', NULL)").expect("an insert");
    early.commit().expect("a commit");
    let late = world.session();
    late.execute("INSERT INTO hr.loose VALUES (8, 'late', NULL)").expect("an insert");
    world.source_sql(CHANGES);
    // Killed while it is open: mining begins again before it.
    thread::sleep(Duration::from_millis(1500));
    kill(run);
    let mut run = world.start_run();
    world.wait_for(&["ready_to_cutover"], &mut run);
    late.execute("DELETE FROM hr.loose WHERE a = 8 OR b = 'twin'").expect("a delete");
    late.execute("INSERT INTO hr.loose VALUES (9, 'late', NULL)").expect("an insert");
    late.commit().expect("a commit");
    let session = world.session();
    session.query_text("SELECT hr.falling.NEXTVAL FROM dual", &[]).expect("a value");
    for _ in 0..3 {
        session.query_text("SELECT hr.spent.NEXTVAL FROM dual", &[]).expect("a value");
    }
    world.succeed(&["verify"]);
    world.finish("hr");
    assert!(run.wait().expect("the run ends").success(), "{}", world.log());
    assert_eq!(world.pg_column("SELECT count(*)::text FROM hr.loose WHERE a IS NULL"), ["3"]);
    assert!(world.pg_column("SELECT nextval('hr.falling')::text")[0].parse::<i64>().is_ok_and(|n| n <= 995));
    // Used up at the source, used up here.
    let spent = world.pg_column("SELECT (last_value = 3 AND is_called)::text FROM hr.spent");
    assert_eq!(spent, ["true"]);
    // What was counted is what happened: of each table that only this test writes, rows at the end = loaded + inserts - deletes.
    let counts = world.pg_column(
        "SELECT target_name || ' ' || (SELECT sum(rows) FROM oracle_migration.load_chunk c WHERE c.table_id = t.table_id) \
         + inserts - deletes || ' ' || errors FROM oracle_migration.table_status t \
         WHERE target_name IN ('loose', 'pair', 'padded', 'wide') ORDER BY 1",
    );
    assert_eq!(counts, ["loose 5 0", "padded 2 0", "pair 3 0", "wide 3 0"]);
    let pending = world.pg_column("SELECT sum(changes)::text FROM oracle_migration.pending");
    assert_eq!(pending, ["0"]);
}

/// A table that nothing refers to, so that a lock on it holds up nothing but its ANALYZE.
const ALONE: &str = "CREATE TABLE alone (id NUMBER(5) CONSTRAINT alone_pk PRIMARY KEY);";

/// Calls a cutover and opens a transaction at the source when foreign keys and triggers are in place already: it is refused at its end.
fn refused_at_the_end(world: &World, url: &str) -> oracle_source::Session {
    let blocker = world.client();
    world.on(blocker.batch_execute("BEGIN; LOCK TABLE hr.alone IN SHARE UPDATE EXCLUSIVE MODE"));
    let mut command = world.command(&["cutover"]);
    command.env("DATABASE_URL", url).stdout(Stdio::piped()).stderr(Stdio::piped());
    let cutover = command.spawn().expect("migrate starts");
    let waiting = "SELECT count(*)::text FROM pg_locks WHERE NOT granted AND relation = 'hr.alone'::regclass";
    let begun = Instant::now();
    while world.pg_column(waiting) == ["0"] {
        assert!(begun.elapsed() < Duration::from_secs(60), "{}", world.log());
        thread::sleep(Duration::from_millis(20));
    }
    let open = world.session();
    open.execute("UPDATE hr.regions SET region_name = 'Open' WHERE region_id = 10").expect("an update");
    world.on(blocker.batch_execute("COMMIT"));
    let output = cutover.wait_with_output().expect("the cutover ends");
    assert!(!output.status.success());
    says(&String::from_utf8_lossy(&output.stderr), &["still open at the source"]);
    open
}

/// A role that owns its schemas and no more: triggers and foreign keys cannot be kept quiet by a setting of the session.
#[test]
fn a_role_without_rights_moves_everything() {
    let world = World::new("hr");
    world.source_sql(ALONE);
    let url = world.plain_role(&["hr", "oracle_migration"]);
    let mut run = start(&world, &url);
    world.wait_for(&["running", "ready_to_cutover"], &mut run);
    let open = refused_at_the_end(&world, &url);
    run.wait().expect("the run hands over");
    // The first attempt has put the foreign keys in place. A row and what refers to it, parent last, as Oracle's redo can have it
    // within one transaction with deferred constraints: it is applied all the same.
    assert_eq!(world.state().as_deref(), Some("running"));
    let keys = "SELECT count(*)::text FROM pg_constraint WHERE contype = 'f' AND connamespace = 'hr'::regnamespace";
    assert_eq!(world.pg_column(keys), ["10"]);
    let mut run = start(&world, &url);
    world.wait_for(&["ready_to_cutover"], &mut run);
    assert_eq!(world.pg_column(keys), ["0"]);
    open.execute("INSERT INTO hr.regions (region_id, region_name) VALUES (777, 'New')").expect("an insert");
    open.commit().expect("a commit");
    let output = world.command(&["cutover"]).env("DATABASE_URL", &url).output().expect("migrate starts");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    assert_eq!(world.state().as_deref(), Some("completed"));
    assert_eq!(world.pg_column(&format!("{keys} AND convalidated")), ["10"]);
    world.assert_equal("hr");
    run.wait().expect("the run ends");
}

/// The target's own triggers, one of which acts on replicas too, stay quiet also after a cutover that was refused.
#[test]
fn triggers_stay_quiet_after_a_refused_cutover() {
    let world = World::new("hr");
    world.source_sql(ALONE);
    world.succeed(&["schema", "--out", world.path("schema").to_str().expect("a path")]);
    let mut files: Vec<_> = std::fs::read_dir(world.path("schema"))
        .expect("files")
        .map(|f| f.expect("a file").path())
        .filter(|f| f.extension().is_some_and(|e| e == "sql"))
        .collect();
    files.sort();
    files.iter().for_each(|file| world.psql(file));
    world.pg(
        "CREATE TABLE public.noted (n int); \
         CREATE FUNCTION public.note() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN INSERT INTO public.noted VALUES (1); RETURN NEW; END'; \
         CREATE TRIGGER note AFTER INSERT OR UPDATE ON hr.regions FOR EACH ROW EXECUTE FUNCTION public.note(); \
         ALTER TABLE hr.regions ENABLE ALWAYS TRIGGER note",
    );
    let mut run = world.start_run();
    world.wait_for(&["running", "ready_to_cutover"], &mut run);
    let open = refused_at_the_end(&world, &url());
    assert_eq!(world.pg_column("SELECT tgenabled::text FROM pg_trigger WHERE tgname = 'note'"), ["A"]);
    open.commit().expect("a commit");
    world.finish("hr");
    run.wait().expect("the run ends");
    assert_eq!(world.pg_column("SELECT count(*)::text FROM public.noted"), ["0"]);
    assert_eq!(world.pg_column("SELECT tgenabled::text FROM pg_trigger WHERE tgname = 'note'"), ["A"]);
    // Sequences that were there go on after the source's too.
    let next = world.pg_column("SELECT last_value::text FROM hr.employees_seq")[0].parse::<i64>().expect("a number");
    assert!(next > 1, "{next}");
}

#[test]
fn ddl_on_a_followed_table_stops_with_its_name() {
    let world = World::new("hr");
    let mut run = world.start_run();
    world.wait_for(&["running", "ready_to_cutover"], &mut run);
    let there = "SELECT region_id::text FROM hr.regions WHERE region_id >= 500";
    world.source_sql(
        "COMMENT ON TABLE hr.regions IS 'harmless';\n\
         INSERT INTO hr.regions (region_id, region_name) VALUES (500, 'before'); COMMIT;",
    );
    while world.pg_column(there) != ["500"] {
        assert!(run.try_wait().expect("a child").is_none(), "{}", world.log());
        thread::sleep(Duration::from_millis(50));
    }
    world.source_sql(
        "ALTER TABLE hr.regions ADD (note VARCHAR2(10) DEFAULT 'x' CONSTRAINT note_nn NOT NULL);\n\
         INSERT INTO hr.regions (region_id, region_name) VALUES (501, 'after'); COMMIT;",
    );
    assert!(!run.wait().expect("the run ends").success());
    says(&world.log(), &["HR.REGIONS", "DDL", "ALTER TABLE"]);
    says(&world.succeed(&["status"]), &["failed", "HR.REGIONS", "ALTER TABLE", "no process is at work"]);
    // What was committed before it is applied, nothing after it.
    assert_eq!(world.pg_column(there), ["500"]);
    world.fail(&["run"]);
    world.fail(&["cutover"]);
    assert_ne!(world.state().as_deref(), Some("completed"));
}

#[test]
fn tables_that_come_and_go_are_not_passed_over() {
    let world = World::new("hr");
    world.source_sql("CREATE TABLE going (id NUMBER(5) CONSTRAINT going_pk PRIMARY KEY);");
    let mut run = world.start_run();
    world.wait_for(&["running", "ready_to_cutover"], &mut run);
    kill(run);
    world.source_sql("CREATE TABLE coming (id NUMBER(5) CONSTRAINT coming_pk PRIMARY KEY);\nDROP TABLE going;");
    for command in ["run", "cutover"] {
        says(&world.fail(&[command]), &["new: HR.COMING", "gone: HR.GOING"]);
    }
    assert_ne!(world.state().as_deref(), Some("completed"));
}

/// In mid-load a cutover is refused, and the load goes on as if nothing had been said.
#[test]
fn a_cutover_in_mid_load_is_refused_and_harmless() {
    let world = World::new("hr");
    // The load stops before this table, as long as somebody holds it.
    world.succeed(&["schema", "--apply", "--out", world.path("schema").to_str().expect("a path")]);
    let blocker = world.client();
    world.on(blocker.batch_execute("BEGIN; LOCK TABLE hr.regions IN SHARE MODE"));
    let mut run = world.start_run();
    let begun = Instant::now();
    let waiting = "SELECT count(*)::text FROM pg_locks WHERE NOT granted AND relation = 'hr.regions'::regclass";
    while world.pg_column(waiting) == ["0"] {
        assert!(
            begun.elapsed() < Duration::from_secs(60) && run.try_wait().expect("a child").is_none(),
            "{}",
            world.log()
        );
        thread::sleep(Duration::from_millis(20));
    }
    says(&world.fail(&["cutover"]), &["the load is not complete"]);
    assert_eq!(world.state().as_deref(), Some("initializing"));
    says(&world.succeed(&["status"]), &["initializing", "behind the source"]);
    world.on(blocker.batch_execute("COMMIT"));
    world.wait_for(&["running", "ready_to_cutover"], &mut run);
    world.finish("hr");
    assert!(run.wait().expect("the run ends").success(), "{}", world.log());
}

#[test]
fn rows_that_came_between_schema_and_run_are_not_mixed_in() {
    let world = World::new("hr");
    world.succeed(&["schema", "--apply", "--out", world.path("schema").to_str().expect("a path")]);
    world.pg("INSERT INTO hr.regions (region_id, region_name) VALUES (77, 'mine')");
    says(&world.fail(&["run"]), &["hr.regions", "has rows already"]);
    world.pg("DELETE FROM hr.regions");
    let mut run = world.start_run();
    world.wait_for(&["running", "ready_to_cutover"], &mut run);
    world.finish("hr");
    run.wait().expect("the run ends");
}

/// Ready is who keeps up: not who cannot, and nobody who is dead.
#[test]
fn ready_to_cutover_is_taken_back() {
    let world = World::new("hr");
    world.configure("hr", "ready_lag_s = 3\n");
    let mut run = start(&world, &url());
    world.wait_for(&["ready_to_cutover"], &mut run);
    // The follower cannot write: nothing that it says of itself is news any more.
    let blocker = world.client();
    world.on(blocker.batch_execute("BEGIN; LOCK TABLE oracle_migration.position IN SHARE MODE"));
    thread::sleep(Duration::from_millis(4500));
    let status = world.succeed(&["status"]);
    let behind = status.lines().next().expect("a line").rsplit_once(", ").expect("a lag").1;
    let seconds: u64 = behind.split(' ').next().expect("a number").parse().expect("a number");
    assert!(seconds >= 3, "{status}");
    world.on(blocker.batch_execute("COMMIT"));
    world.wait_for(&["ready_to_cutover"], &mut run);
    // Supplemental logging goes: an update that does not say which row it is about is an error, not a guess.
    world.source_sql(
        "ALTER DATABASE DROP SUPPLEMENTAL LOG DATA (PRIMARY KEY, UNIQUE) COLUMNS;\n\
         UPDATE hr.employees SET salary = salary + 1 WHERE employee_id = 101; COMMIT;",
    );
    assert!(!run.wait().expect("the run ends").success());
    says(&world.succeed(&["status"]), &["failed", "supplemental logging", "employee_id"]);
}

/// In mid-load undo is gone (ORA-01555): what is left is read at a newer SCN, and the changes that it has already are not applied again.
#[test]
fn undo_that_is_gone_in_mid_load() {
    let world = World::new("hr");
    world.source_sql(TABLES);
    world.succeed(&["schema", "--apply", "--out", world.path("schema").to_str().expect("a path")]);
    // Both workers stop at a table that somebody holds.
    let blocker = world.client();
    let lock = "BEGIN; LOCK TABLE hr.countries IN SHARE MODE; LOCK TABLE hr.departments IN SHARE MODE";
    world.on(blocker.batch_execute(lock));
    let mut run = world.start_run();
    let begun = Instant::now();
    let waiting = "SELECT count(*)::text FROM pg_locks WHERE NOT granted AND relation::regclass::text IN ('hr.countries', 'hr.departments')";
    while world.pg_column(waiting) != ["2"] {
        assert!(begun.elapsed() < Duration::from_secs(60), "{}", world.log());
        thread::sleep(Duration::from_millis(20));
    }
    world.source_sql(CHANGES);
    world.expire_undo();
    world.on(blocker.batch_execute("COMMIT"));
    world.wait_for(&["running", "ready_to_cutover"], &mut run);
    world.source_sql("UPDATE pair SET v = 'later'; DELETE FROM loose WHERE b = 'was null' AND ROWNUM = 1; COMMIT;");
    says(&world.log(), &["HR.PAIR, chunk 0: undo is gone; reading it as of SCN"]);
    let newer = "SELECT count(*)::text FROM oracle_migration.load_chunk c, oracle_migration.migration m WHERE c.scn > m.load_scn";
    assert!(world.pg_column(newer)[0].parse::<u32>().is_ok_and(|n| n >= 5), "{:?}", world.pg_column(newer));
    // Whoever goes on in its place knows of it too.
    kill(run);
    let mut run = world.start_run();
    world.wait_for(&["ready_to_cutover"], &mut run);
    world.finish("hr");
    assert!(run.wait().expect("the run ends").success(), "{}", world.log());
}

/// A part of a schema moves: what a filter leaves out is neither made nor followed.
#[test]
fn a_filter_leaves_tables_out() {
    let world = World::new("hr");
    world.configure("hr", "[objects]\nexclude = [\"hr.regions\", \"JOB?HIST*\", \"emp_details_view\"]\n");
    let mut run = world.start_run();
    world.wait_for(&["running", "ready_to_cutover"], &mut run);
    world.source_sql("UPDATE regions SET region_name = 'x'; UPDATE jobs SET min_salary = min_salary + 1; COMMIT;");
    let output = world.succeed(&["cutover"]);
    assert!(run.wait().expect("the run ends").success(), "{}", world.log());
    let tables = world.pg_column("SELECT tablename::text FROM pg_tables WHERE schemaname = 'hr' ORDER BY 1");
    assert_eq!(tables, ["countries", "departments", "employees", "jobs", "locations"], "{output}");
}
