//! The end of a migration: what it refuses, what it goes on over when told, what it leaves behind, and the way back.

use crate::world::{World, kill, text};
use cdc_logminer::Position;
use serde_json::Value;
use std::{
    collections::BTreeSet,
    fs,
    os::unix::fs::PermissionsExt as _,
    process::{Child, Stdio},
    thread,
    time::{Duration, Instant},
};
use type_convert::Scn;

const README: &str = include_str!("../../README.md");

fn says(printed: &str, expected: &[&str]) {
    for part in expected {
        assert!(printed.contains(part), "{part:?} is not in: {printed}");
    }
}

/// Waits for a query to answer.
fn until(world: &World, sql: &str, wanted: &[&str]) {
    let begun = Instant::now();
    while world.pg_column(sql) != wanted {
        assert!(begun.elapsed() < Duration::from_secs(60), "{sql} is not {wanted:?}: {}", world.log());
        thread::sleep(Duration::from_millis(30));
    }
}

fn report(world: &World) -> Value {
    let text = fs::read_to_string(world.path("cutover/report.json")).expect("a report");
    serde_json::from_str(&text).expect("JSON")
}

/// Loaded, and nobody at work.
fn loaded(more: &str) -> World {
    let world = World::new("hr");
    if !more.is_empty() {
        world.source_sql(more);
    }
    let mut run = world.start_run();
    world.wait_for(&["ready_to_cutover"], &mut run);
    kill(run);
    world
}

/// The names of all members, `outer.inner`; those of arrays without numbers.
fn names(value: &Value, prefix: &str, all: &mut BTreeSet<String>) {
    match value {
        Value::Object(members) => {
            for (name, value) in members {
                let name = if prefix.is_empty() { name.clone() } else { format!("{prefix}.{name}") };
                all.insert(name.clone());
                names(value, &name, all);
            }
        }
        Value::Array(items) => items.iter().for_each(|item| names(item, prefix, all)),
        _ => {}
    }
}

#[test]
fn status_as_json_is_as_documented() {
    let world = loaded("");
    let status: Value = serde_json::from_str(&world.succeed(&["status", "--json"])).expect("JSON");
    let mut all = BTreeSet::new();
    names(&status, "", &mut all);
    let (_, documented) = README.split_once("### The JSON of status").expect("a section");
    let documented: BTreeSet<String> = documented
        .lines()
        .skip(1)
        .take_while(|line| !line.starts_with('#'))
        .filter_map(|line| line.strip_prefix("| `")?.split_once('`').map(|(name, _)| name.to_owned()))
        .collect();
    assert_eq!(all, documented);
    // The same numbers by plain SQL.
    assert_eq!(status["state"], world.pg_column("SELECT state FROM oracle_migration.monitor")[0]);
    let rows = world.pg_column("SELECT rows_loaded::text FROM oracle_migration.monitor");
    assert_eq!(status["rows_loaded"].to_string(), rows[0]);
    assert_eq!(status["full_load"]["completed"], 7);
    assert!(status["load_ended_at"].is_string() && status["load_estimated_end_at"].is_null(), "{status}");
}

#[test]
fn differences_are_refused_mended_and_overridden() {
    let world = loaded("");
    let corrupt = "UPDATE hr.regions SET region_name = 'it''s wrong' WHERE region_id = 10; \
        DELETE FROM hr.job_history WHERE (employee_id, start_date) = \
        (SELECT employee_id, start_date FROM hr.job_history ORDER BY 1, 2 LIMIT 1); \
        INSERT INTO hr.regions (region_id, region_name) VALUES (99, 'Extra')";
    world.pg(corrupt);
    says(
        &world.fail(&["cutover"]),
        &["differ in hr.job_history, hr.regions", "--override differences=hr.", "it's wrong"],
    );
    assert_eq!(world.state().as_deref(), Some("running"));
    let refused = report(&world);
    assert_eq!(refused["attempts"][0]["outcome"], "refused");
    assert!(refused["attempts"][0]["reason"].as_str().is_some_and(|r| r.contains("differ")), "{refused}");
    assert!(!world.path("cutover/way_back.sql").exists());

    let script = world.path("repair.sql");
    let file = script.to_str().expect("a path");
    says(
        &world.fail(&["verify", "--repair", file]),
        &["to insert, 1 to update, 1 to delete, 0 left", "2 of 7 tables differ"],
    );
    assert_eq!(fs::metadata(&script).expect("a file").permissions().mode() & 0o777, 0o600);
    // Nothing has executed it.
    says(&world.fail(&["verify"]), &["hr.regions differs", "region_id = 99: in the target only"]);
    let part = |options: &[&'static str]| [&["verify", "--table", "HR.REGIONS"], options].concat();
    says(
        &world.fail(&part(&["--from", "99", "--to", "100"])),
        &["hr.regions differs: 0 rows at the source, 1 at the target"],
    );
    says(&world.succeed(&part(&["--from", "-7", "--to", "10"])), &["1 tables are equal"]);
    says(&world.succeed(&part(&["--from", "11", "--to", "99"])), &["1 tables are equal"]);
    says(&world.succeed(&["verify", "--table", "HR.JOBS", "--table", "HR.EMPLOYEES"]), &["2 tables are equal"]);
    says(&world.fail(&part(&["--from", "x"])), &["\"x\" is no value of this key", "region_id", "a decimal number"]);
    says(
        &world.fail(&["verify", "--table", "HR.JOBS", "--from", "A"]),
        &["no order that is the same on both sides", "job_id"],
    );
    says(&world.fail(&["verify", "--from", "1"]), &["name it with --table"]);
    says(&world.fail(&["verify", "--table", "HR.NONE"]), &["HR.NONE is none of the tables"]);
    says(
        &world.fail(&["verify", "--table", "HR.REGIONS", "--from", "1", "--repair", file]),
        &["leave --from and --to away"],
    );
    world.psql(&script);
    says(&world.succeed(&["verify"]), &["7 tables are equal"]);
    // While somebody follows, a repair would be out of date at once.
    let mut run = world.start_run();
    world.wait_for(&["ready_to_cutover"], &mut run);
    says(&world.fail(&["verify", "--repair", file]), &["stop `migrate run` first"]);
    kill(run);

    world.pg(corrupt);
    says(&world.fail(&["cutover", "--override", "differences=hr.nowhere"]), &["hr.nowhere", "hr.regions"]);
    says(&world.fail(&["cutover", "--override", "everything"]), &["open-transactions"]);
    says(&world.fail(&["cutover", "--override", "differences=hr.regions"]), &["differ in hr.job_history:"]);
    let over = ["cutover", "--override", "differences=hr.regions", "--override", "differences=hr.job_history"];
    let printed = world.succeed(&over);
    says(&printed, &["NOT all equal", "OVERRIDDEN: differences=hr.regions", "OVERRIDDEN: differences=hr.job_history"]);
    assert_eq!(world.state().as_deref(), Some("completed"));
    let done = report(&world);
    let last = done["attempts"].as_array().and_then(|a| a.last()).expect("an attempt").clone();
    assert_eq!((&last["outcome"], last["overrides"].as_array().map(Vec::len)), (&Value::from("completed"), Some(2)));
    says(&last["overrides"].to_string(), &["differences=hr.regions", "it's wrong", "source_rows"]);
    assert!(last["steps"].as_array().is_some_and(|s| s.len() >= 7 && s.iter().all(|s| s["ended_at"].is_string())));

    // The report comes again, as often as it is wanted.
    fs::remove_dir_all(world.path("cutover")).expect("the report goes");
    says(&world.succeed(&["cutover"]), &["completed already"]);
    assert_eq!(report(&world), done);
    assert!(world.path("cutover/way_back.sql").exists());
}

#[test]
fn what_is_open_is_refused_before_anything_is_done() {
    let world = loaded("");
    let session = world.session();
    session.execute("UPDATE hr.employees SET salary = salary + 1 WHERE employee_id = 100").expect("an update");
    says(&world.fail(&["cutover"]), &["1 changes", "still open at the source", "--override open-transactions"]);
    let keys = "SELECT count(*)::text FROM pg_constraint WHERE contype = 'f' AND connamespace = 'hr'::regnamespace";
    assert_eq!(world.pg_column(keys), ["0"]);
    says(&world.succeed(&["cutover", "--override", "open-transactions"]), &["OVERRIDDEN: open-transactions"]);
    assert_eq!(world.pg_column(&format!("{keys} AND convalidated")), ["10"]);
    let overrides = &report(&world)["attempts"][1]["overrides"];
    assert_eq!(overrides[0]["override"], "open-transactions");
    session.rollback().expect("a rollback");
    world.assert_equal("hr");
}

/// A cutover that waits, foreign keys and all in place, for a lock to be given up.
fn held_up(world: &World, arguments: &[&str]) -> (Child, tokio_postgres::Client) {
    let blocker = world.client();
    world.on(blocker.batch_execute("BEGIN; LOCK TABLE hr.alone IN SHARE UPDATE EXCLUSIVE MODE"));
    let mut command = world.command(arguments);
    let cutover = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("migrate starts");
    until(world, "SELECT count(*)::text FROM pg_locks WHERE NOT granted AND relation = 'hr.alone'::regclass", &["1"]);
    (cutover, blocker)
}

const ALONE: &str = "CREATE TABLE alone (id NUMBER(5) CONSTRAINT alone_pk PRIMARY KEY);";

#[test]
fn late_writes_are_reported_and_two_cutovers_keep_apart() {
    let world = loaded(ALONE);
    let (cutover, blocker) = held_up(&world, &["cutover"]);
    says(&world.fail(&["cutover"]), &["another process is cutting this migration over already"]);
    says(&world.fail(&["run"]), &["another process runs this migration"]);
    world.source_sql("INSERT INTO hr.regions (region_id, region_name) VALUES (500, 'late'); COMMIT;");
    world.on(blocker.batch_execute("COMMIT"));
    let output = cutover.wait_with_output().expect("it ends");
    assert!(!output.status.success());
    says(&text(&output), &["1 transactions with 1 changes", "HR.REGIONS: 1", "--override late-writes"]);
    assert_eq!(world.state().as_deref(), Some("running"));
    let step = &report(&world)["attempts"][0]["steps"];
    says(&step.to_string(), &["\"late_changes\":1", "HR.REGIONS"]);
    // Called again, it applies them; what is written then is overridden.
    let (cutover, blocker) = held_up(&world, &["cutover", "--override", "late-writes"]);
    world.source_sql("UPDATE hr.regions SET region_name = 'too late' WHERE region_id = 500; COMMIT;");
    world.on(blocker.batch_execute("COMMIT"));
    let output = cutover.wait_with_output().expect("it ends");
    says(&text(&output), &["completed at SCN", "OVERRIDDEN: late-writes"]);
    assert_eq!(world.pg_column("SELECT region_name::text FROM hr.regions WHERE region_id = 500"), ["late"]);
    says(&report(&world)["attempts"][1]["overrides"].to_string(), &["late-writes", "\"late_transactions\":1"]);
}

/// Back after a cutover: what the source has done since is followed, and the second cutover ends where the first would have.
#[test]
fn the_way_back_leads_to_a_second_cutover() {
    let world = loaded("");
    let keys = "SELECT count(*)::text FROM pg_constraint WHERE contype = 'f' AND connamespace = 'hr'::regnamespace";
    let made = "SELECT count(*)::text FROM pg_class WHERE relkind IN ('v', 'S') AND relnamespace = 'hr'::regnamespace";
    assert_eq!((world.pg_column(keys), world.pg_column(made)), (vec!["0".to_owned()], vec!["0".to_owned()]));
    world.succeed(&["cutover"]);
    let after = (world.pg_column(keys), world.pg_column(made));
    assert_eq!(after.0, ["10"]);
    let back = world.path("cutover/way_back.sql");
    let script = fs::read_to_string(&back).expect("a script");
    says(&script, &["What it does not undo", "It follows from SCN", "DROP CONSTRAINT"]);
    world.psql(&back);
    assert_eq!((world.pg_column(keys), world.pg_column(made)), (vec!["0".to_owned()], vec!["0".to_owned()]));
    assert_eq!(world.state().as_deref(), Some("running"));
    world.source_sql(
        "INSERT INTO hr.regions (region_id, region_name) VALUES (501, 'since'); \n\
         UPDATE hr.employees SET salary = salary + 1; COMMIT;",
    );
    let mut run = world.start_run();
    until(&world, "SELECT region_name::text FROM hr.regions WHERE region_id = 501", &["since"]);
    world.wait_for(&["ready_to_cutover"], &mut run);
    world.finish("hr");
    run.wait().expect("the run ends");
    assert_eq!((world.pg_column(keys), world.pg_column(made)), after);
    // It leads back from a completed migration only.
    world.pg("UPDATE oracle_migration.migration SET state = 'running'");
    let refused = world.psql_fails(&back);
    says(&refused, &["nothing to go back from"]);
}

/// Two followers, as two processes, because the first has lost its lock: the position tells them apart, and one stops.
#[test]
fn of_two_followers_one_stops() {
    let world = World::new("hr");
    let mut first = world.start_run();
    world.wait_for(&["ready_to_cutover"], &mut first);
    let lost = "SELECT pg_terminate_backend(pid)::text FROM pg_locks WHERE locktype = 'advisory' AND granted \
        AND database = (SELECT oid FROM pg_database WHERE datname = current_database())";
    assert_eq!(world.pg_column(lost), ["true"]);
    let mut second = world.start_run();
    let begun = Instant::now();
    let mut number = 600;
    let (stopped, going) = loop {
        world.source_sql(&format!("INSERT INTO hr.regions (region_id, region_name) VALUES ({number}, 'x'); COMMIT;"));
        number += 1;
        if let Some(status) = first.try_wait().expect("a child") {
            break (status, second);
        }
        if let Some(status) = second.try_wait().expect("a child") {
            break (status, first);
        }
        assert!(begun.elapsed() < Duration::from_secs(60), "both go on: {}", world.log());
    };
    assert!(!stopped.success());
    says(&world.log(), &["was moved by somebody else", "another applier is at work"]);
    // The one that has stopped says so in the state too; the other goes on, and the cutover takes over from it.
    let mut going = going;
    until(&world, &format!("SELECT count(*)::text FROM hr.regions WHERE region_id = {}", number - 1), &["1"]);
    assert!(going.try_wait().expect("a child").is_none(), "{}", world.log());
    kill(going);
    world.finish("hr");
}

/// The follower died after one of several commits at one SCN: what the others change is on its way, and no difference.
#[test]
fn rows_in_flight_are_no_differences() {
    let world = loaded("");
    let session = world.session();
    let scn = || -> u64 {
        let rows = session.query_text("SELECT current_scn FROM v$database", &[]).expect("an SCN");
        rows[0][0].as_ref().and_then(|n| n.parse().ok()).expect("a number")
    };
    let before = scn();
    world.source_sql(
        "UPDATE hr.regions SET region_name = 'In flight' WHERE region_id = 10; \n\
         INSERT INTO hr.regions (region_id, region_name) VALUES (70, 'In flight'); COMMIT;",
    );
    let is_there = |at: u64| {
        let sql = format!("SELECT region_name FROM hr.regions AS OF SCN {at} WHERE region_id = 70");
        !session.query_text(&sql, &[]).expect("rows").is_empty()
    };
    let commit = (before..=scn()).find(|at| is_there(*at)).expect("the commit's SCN");
    // As if another transaction had committed at the same SCN and been applied.
    let stored = &world.pg_column("SELECT position FROM oracle_migration.position")[0];
    let mut position: Position = serde_json::from_str(stored).expect("a position");
    position.commit_scn = Scn(commit);
    position.delivered = vec!["0909090909090909".parse().expect("an XID")];
    let amid = serde_json::to_string(&position).expect("JSON");
    world.pg(&format!("UPDATE oracle_migration.position SET commit_scn = {commit}, position = '{amid}'"));
    says(&world.succeed(&["verify"]), &["2 in flight", "7 tables are equal"]);
    let script = world.path("repair.sql");
    says(&world.fail(&["verify", "--repair", script.to_str().expect("a path")]), &["between two commits at one SCN"]);
    world.pg("UPDATE hr.regions SET region_name = 'neither' WHERE region_id IN (10, 20)");
    says(&world.fail(&["verify"]), &["1 in flight", "region_id = 10: ", "region_id = 20: "]);
    world.pg("UPDATE hr.regions SET region_name = 'Europe' WHERE region_id = 10; UPDATE hr.regions SET region_name = 'Americas' WHERE region_id = 20");
    // And it arrives.
    drop(session);
    world.finish("hr");
    assert_eq!(world.pg_column("SELECT count(*)::text FROM hr.regions WHERE region_name = 'In flight'"), ["2"]);
}
