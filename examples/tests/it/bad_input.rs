//! Each mistake gives one clear error that says what to do, and a rerun carries on.

use crate::world::{HR_PASSWORD, World, kill, text};
use std::{fs, process::Stdio, thread, time::Duration};

/// Every one of these texts is in what was printed, and no password is.
fn says(printed: &str, expected: &[&str]) {
    for part in expected {
        assert!(printed.contains(part), "{part:?} is not in: {printed}");
    }
    assert!(!printed.contains(HR_PASSWORD), "the password is in: {printed}");
    assert!(!printed.contains("panicked"), "{printed}");
}

fn replace(world: &World, from: &str, to: &str) {
    let path = world.path("migrate.toml");
    let config = fs::read_to_string(&path).expect("a configuration");
    assert!(config.contains(from));
    fs::write(path, config.replace(from, to)).expect("a configuration");
}

#[test]
fn wrong_passwords() {
    let world = World::new("hr");
    let output = world.command(&["run"]).env("ORACLE_PASSWORD", "nonsense-4711").output().expect("migrate starts");
    let printed = text(&output);
    says(&printed, &["ORA-01017", "user name or the password is wrong"]);
    assert!(!printed.contains("4711"), "{printed}");
    let output = world.command(&["run"]).env_remove("ORACLE_PASSWORD").output().expect("migrate starts");
    says(&text(&output), &["ORACLE_PASSWORD", "not set"]);
    let url = std::env::var("DATABASE_URL").expect("DATABASE_URL");
    let (scheme, rest) = url.split_once("://").expect("a URL");
    let (credentials, host) = rest.split_once('@').expect("a user in the URL");
    let user = credentials.split(':').next().expect("a user");
    let wrong = format!("{scheme}://{user}:nonsense-4711@{host}");
    let output = world.command(&["run"]).env("DATABASE_URL", wrong).output().expect("migrate starts");
    let printed = text(&output);
    says(&printed, &["cannot be reached", "password authentication failed"]);
    assert!(!printed.contains("4711"), "{printed}");
}

#[test]
fn nobody_answers() {
    let world = World::new("hr");
    let output =
        world.command(&["run"]).env("DATABASE_URL", "postgresql://u:p@127.0.0.1:1/d").output().expect("migrate starts");
    says(&text(&output), &["127.0.0.1:1", "cannot be reached", "refused"]);
    let output = world.command(&["run"]).env_remove("DATABASE_URL").output().expect("migrate starts");
    says(&text(&output), &["target.url", "DATABASE_URL"]);
    replace(&world, "standin:hr.db", "standin:nowhere.db");
    says(&world.fail(&["run"]), &["ORA-12541", "nowhere.db"]);
}

#[test]
fn no_client_library() {
    let world = World::new("hr");
    replace(
        &world,
        "connect = \"standin:hr.db\"",
        "connect = \"//db.example.com/ORCL\"\nclient_lib_dir = \"nothing-here\"",
    );
    says(&world.fail(&["check"]), &["DPI-1047", "Instant Client", "nothing-here"]);
}

#[test]
fn bad_configurations() {
    let world = World::new("hr");
    replace(&world, "[load]", "[laod]");
    says(&world.fail(&["run"]), &["migrate.toml", "laod"]);
    world.configure("hr", "");
    replace(&world, "HR = \"hr\"", "NOBODY = \"hr\"");
    says(&world.fail(&["run"]), &["NOBODY", "no tables"]);
    fs::remove_file(world.path("migrate.toml")).expect("gone");
    says(&world.fail(&["run"]), &["migrate.toml", "cannot be read"]);
}

#[test]
fn target_that_is_not_empty_and_does_not_match() {
    let world = World::new("hr");
    world.pg("CREATE SCHEMA hr; CREATE TABLE hr.something_else (a int)");
    says(&world.fail(&["run"]), &["\"hr\"", "not empty", "employees", "something_else"]);
    world.pg("DROP TABLE hr.something_else");
    let mut run = world.start_run();
    world.wait_for(&["running", "ready_to_cutover"], &mut run);
    world.finish("hr");
    run.wait().expect("the run ends");
}

#[test]
fn tables_that_are_there_already_are_filled_as_they_are() {
    let world = World::new("hr");
    world.succeed(&["schema", "--out", world.path("schema").to_str().expect("a path")]);
    let mut files: Vec<_> =
        fs::read_dir(world.path("schema")).expect("files").map(|f| f.expect("a file").path()).collect();
    files.sort();
    for file in files.iter().filter(|f| f.extension().is_some_and(|e| e == "sql")) {
        world.psql(file);
    }
    world.pg(
        "CREATE TABLE hr.noted (n int); \
         CREATE FUNCTION hr.note() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN INSERT INTO hr.noted VALUES (1); RETURN NEW; END'; \
         CREATE TRIGGER note AFTER INSERT OR UPDATE ON hr.employees FOR EACH ROW EXECUTE FUNCTION hr.note()",
    );
    let writer = world.start_writer(7);
    let mut run = world.start_run();
    world.wait_for(&["running", "ready_to_cutover"], &mut run);
    thread::sleep(Duration::from_secs(1));
    world.stop_writer(writer);
    world.finish("hr");
    run.wait().expect("the run ends");
    // Neither trigger nor foreign key acted on what was moved, and both are back.
    assert_eq!(world.pg_column("SELECT count(*)::text FROM hr.noted"), ["0"]);
    assert_eq!(world.pg_column("SELECT tgenabled::text FROM pg_trigger WHERE tgname = 'note'"), ["O"]);
    assert_eq!(
        world.pg_column("SELECT count(*)::text FROM pg_constraint WHERE contype = 'f' AND convalidated AND connamespace = 'hr'::regnamespace"),
        ["10"]
    );
}

#[test]
fn rows_in_the_target_are_never_mixed_with_ours() {
    let world = World::new("hr");
    world.succeed(&["schema", "--apply", "--out", world.path("schema").to_str().expect("a path")]);
    world.pg("INSERT INTO hr.regions (region_id, region_name) VALUES (77, 'mine')");
    world.pg("DROP SCHEMA oracle_migration CASCADE");
    says(&world.fail(&["run"]), &["hr.regions", "has rows already"]);
}

#[test]
fn names_that_collide() {
    let world = World::new("hr");
    world.source_sql("CREATE TABLE \"employees\" (id NUMBER(5) PRIMARY KEY);");
    says(&world.fail(&["run"]), &["share a name", "HR.EMPLOYEES", "HR.employees"]);
}

#[test]
fn a_value_that_does_not_fit_is_named_and_can_be_set_aside() {
    let world = World::new("hr");
    world.source_sql("INSERT INTO hr.jobs (job_id, job_title, min_salary) VALUES ('BIG', 'Too large', 99999); COMMIT;");
    let narrow = "[types.columns]\nHR.JOBS.MIN_SALARY = \"smallint\"\nHR.JOBS.MAX_SALARY = \"integer\"\n";
    world.configure("hr", narrow);
    let printed = world.fail(&["run"]);
    says(&printed, &["hr.jobs", "min_salary", "ROWID"]);
    // Nothing half-done is called done, and the reason is kept.
    assert_eq!(world.state().as_deref(), Some("failed"));
    says(&world.succeed(&["status"]), &["failed", "min_salary", "no process is at work"]);
    says(&world.fail(&["cutover"]), &["the load is not complete"]);
    says(&world.fail(&["verify"]), &["the load is not complete"]);
    assert_eq!(world.state().as_deref(), Some("failed"));
    assert_eq!(world.pg_column("SELECT count(*)::text FROM hr.jobs"), ["0"]);
    replace(&world, "[load]", "[load]\non_bad_value = \"quarantine\"");
    let mut run = world.start_run();
    world.wait_for(&["running", "ready_to_cutover"], &mut run);
    kill(run);
    let rejected =
        world.pg_column("SELECT column_name || ': ' || (source_row ->> 'JOB_ID') FROM oracle_migration.reject");
    assert!(rejected.contains(&"min_salary: BIG".to_owned()), "{rejected:?}");
    // What was set aside is a difference, and the cutover says so.
    says(&world.fail(&["cutover"]), &["hr.jobs", "differ"]);
}

#[test]
fn a_row_that_the_server_refuses_is_named_and_can_be_set_aside() {
    let world = World::new("hr");
    world.succeed(&["schema", "--out", world.path("schema").to_str().expect("a path")]);
    let files = fs::read_dir(world.path("schema")).expect("files").map(|f| f.expect("a file").path());
    let mut files: Vec<_> = files.filter(|f| f.extension().is_some_and(|e| e == "sql")).collect();
    files.sort();
    files.iter().for_each(|file| world.psql(file));
    world.pg("ALTER TABLE hr.jobs ADD CONSTRAINT no_welders CHECK (job_id <> 'WELDER')");
    says(&world.fail(&["run"]), &["hr.jobs", "no_welders", "ROWID", "23514"]);
    assert_eq!(world.pg_column("SELECT count(*)::text FROM hr.jobs"), ["0"]);
    replace(&world, "[load]", "[load]\non_bad_value = \"quarantine\"");
    let mut run = world.start_run();
    world.wait_for(&["running", "ready_to_cutover"], &mut run);
    kill(run);
    let rejected = world.pg_column(
        "SELECT concat_ws(' ', source_row ->> 'JOB_ID', length(row_id) > 0, reason ~ 'no_welders') FROM oracle_migration.reject",
    );
    assert_eq!(rejected, ["WELDER t t"]);
    assert_eq!(world.pg_column("SELECT count(*)::text FROM hr.jobs"), ["23"]);
    // Every table has its statistics.
    assert_eq!(world.pg_column("SELECT reltuples::text FROM pg_class WHERE oid = 'hr.jobs'::regclass"), ["23"]);
}

#[test]
fn prerequisites_that_are_not_met() {
    let world = World::new("hr");
    world.source_sql("ALTER DATABASE DROP SUPPLEMENTAL LOG DATA (PRIMARY KEY, UNIQUE) COLUMNS;");
    let printed = world.fail(&["check", "--sql", "mend.sql"]);
    says(&printed, &["NOT MET", "SUPPLEMENTAL LOG DATA"]);
    says(&world.fail(&["run"]), &["not ready", "migrate check"]);
    let mend = fs::read_to_string(world.path("mend.sql")).expect("a script");
    world.source_sql(&mend);
    says(&world.succeed(&["check"]), &["is ready"]);
}

#[test]
fn two_runs_at_once() {
    let world = World::new("hr");
    let mut run = world.start_run();
    world.wait_for(&["running", "ready_to_cutover"], &mut run);
    says(&world.fail(&["run"]), &["another process runs this migration"]);
    world.finish("hr");
    run.wait().expect("the run ends");
    says(&world.succeed(&["run"]), &["completed"]);
    says(&world.succeed(&["verify"]), &["equal, value by value"]);
    says(&world.succeed(&["status"]), &["completed", "HR.EMPLOYEES"]);
}

#[test]
fn nobody_reads_what_is_printed() {
    let world = World::new("hr");
    for arguments in [["assess"].as_slice(), &["check"], &["plan"]] {
        let mut command = world.command(arguments);
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("migrate starts");
        drop(child.stdout.take());
        let output = child.wait_with_output().expect("it ends");
        assert!(output.status.success(), "{arguments:?}: {}", text(&output));
    }
}
