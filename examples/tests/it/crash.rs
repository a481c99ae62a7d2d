//! `migrate run` and `migrate cutover` killed with SIGKILL at many moments, while another process writes to the source:
//! the end is the same each time, and nothing is lost or doubled.

use crate::world::{World, kill};
use std::{thread, time::Duration};

/// A table that is large enough for several chunks, so that kills hit the load too.
fn more_rows(world: &World) {
    let mut script = String::from(
        "CREATE TABLE ledger (id NUMBER(10) CONSTRAINT ledger_pk PRIMARY KEY, amount NUMBER(12,2), note VARCHAR2(200));\n",
    );
    for id in 0..12_000 {
        let note = "x".repeat(100 + id % 90);
        script.push_str(&format!("INSERT INTO ledger VALUES ({id}, {id}.25, '{note}');\n"));
    }
    script.push_str("COMMIT;\n");
    world.source_sql(&script);
}

/// Runs a migration that is killed `kills` times, each time after a delay, and then left alone to its end.
fn killed(world: &World, seed: u64, delays: &[u64]) {
    let writer = world.start_writer(seed);
    for delay in delays {
        let mut run = world.start_run();
        thread::sleep(Duration::from_millis(*delay));
        assert!(run.try_wait().expect("a child").is_none(), "it ended by itself: {}", world.log());
        kill(run);
    }
    let mut run = world.start_run();
    world.wait_for(&["running", "ready_to_cutover"], &mut run);
    thread::sleep(Duration::from_millis(1500));
    let printed = world.stop_writer(writer);
    assert!(printed.contains("commit"), "{printed}");
    world.finish("hr");
    assert!(run.wait().expect("the run ends").success(), "{}", world.log());
}

/// Twelve moments, from the first instant to well into following; each in a migration of its own, and each followed
/// by a second kill soon after the restart.
#[test]
fn run_is_killed_at_twelve_moments() {
    let moments = std::env::var("CRASH_MOMENTS").ok().and_then(|n| n.parse().ok()).unwrap_or(12u64);
    thread::scope(|scope| {
        for half in 0..2 {
            scope.spawn(move || {
                for moment in (half..moments).step_by(2) {
                    let world = World::new("hr");
                    more_rows(&world);
                    // Dense over start and load, where most happens, then into following.
                    let first = 40 + moment * moment * 4000 / (moments * moments).max(1);
                    killed(&world, moment, &[first, 150 + (moment * 613) % 1500]);
                }
            });
        }
    });
}

#[test]
fn cutover_is_killed_and_called_again() {
    for delay in [100, 400, 900, 1600] {
        let world = World::new("hr");
        let writer = world.start_writer(delay);
        let mut run = world.start_run();
        world.wait_for(&["running", "ready_to_cutover"], &mut run);
        world.stop_writer(writer);
        let cutover = world.command(&["cutover"]).spawn().expect("migrate starts");
        thread::sleep(Duration::from_millis(delay));
        kill(cutover);
        if world.state().as_deref() != Some("completed") {
            world.succeed(&["cutover"]);
        }
        world.assert_equal("hr");
        run.wait().expect("the run ends");
    }
}

#[test]
fn a_source_that_is_still_written_to_is_not_cut_over() {
    let world = World::new("hr");
    let mut run = world.start_run();
    world.wait_for(&["running", "ready_to_cutover"], &mut run);
    let session = world.session();
    session.execute("UPDATE hr.employees SET salary = salary + 1 WHERE employee_id = 100").expect("an update");
    let printed = world.fail(&["cutover"]);
    assert!(printed.contains("still open at the source"), "{printed}");
    session.commit().expect("a commit");
    world.finish("hr");
    run.wait().expect("the run ends");
}
