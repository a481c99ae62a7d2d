//! The whole pipeline for each row of the case table.

use crate::world::World;

fn run_whole(target: &str, tables: &[&str], column: &str) {
    let world = World::new(target);
    let mut run = world.start_run();
    world.wait_for(&["running", "ready_to_cutover"], &mut run);
    world.finish(target);
    assert!(run.wait().expect("the run ends").success(), "{}", world.log());
    let found = world.pg_column(&format!(
        "SELECT table_name::text FROM information_schema.tables WHERE table_schema = '{target}' AND table_type = 'BASE TABLE' ORDER BY lower(table_name)"
    ));
    assert_eq!(found, tables);
    let columns = world.pg_column(&format!(
        "SELECT column_name::text FROM information_schema.columns WHERE table_schema = '{target}' AND column_name ILIKE 'country_name'"
    ));
    assert!(columns.contains(&column.to_owned()), "{columns:?}");
    // Everything else came too: keys, the circular pair among the foreign keys, sequences beyond the source's.
    let count = |kind: char| {
        let constraints = world.pg_column(&format!(
            "SELECT conname::text FROM pg_constraint c JOIN pg_namespace n ON n.oid = c.connamespace \
             WHERE n.nspname = '{target}' AND contype = '{kind}'"
        ));
        constraints.len()
    };
    assert_eq!((count('p'), count('f')), (7, 10));
    let sequences =
        world.pg_column(&format!("SELECT sequencename::text FROM pg_sequences WHERE schemaname = '{target}'"));
    assert_eq!(sequences.len(), 3);
}

const LOWER: [&str; 7] = ["countries", "departments", "employees", "job_history", "jobs", "locations", "regions"];
const UPPER: [&str; 7] = ["COUNTRIES", "DEPARTMENTS", "EMPLOYEES", "JOB_HISTORY", "JOBS", "LOCATIONS", "REGIONS"];

#[test]
fn public_is_lower() {
    run_whole("public", &LOWER, "country_name");
}

#[test]
fn lower_case_schema_is_lower() {
    run_whole("trgthr", &LOWER, "country_name");
}

#[test]
fn upper_case_schema_is_upper() {
    run_whole("TARGETHR", &UPPER, "COUNTRY_NAME");
}

#[test]
fn upper_case_schema_of_the_same_name_is_upper() {
    run_whole("HR", &UPPER, "COUNTRY_NAME");
}

#[test]
fn mixed_case_schema_is_refused_until_a_rule_is_given() {
    let world = World::new("Hr");
    let printed = world.fail(&["run"]);
    assert!(printed.contains("upper-case and lower-case letters") && printed.contains("Hr"), "{printed}");
    world.configure("Hr", "[names]\ncase = \"lower\"\n");
    let mut run = world.start_run();
    world.wait_for(&["running", "ready_to_cutover"], &mut run);
    world.finish("Hr");
    run.wait().expect("the run ends");
}
