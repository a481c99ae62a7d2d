//! How long after its commit at the source a change can be seen in the target.

use crate::world::World;
use std::{
    thread,
    time::{Duration, Instant},
};

const TRANSACTIONS: u32 = 40;

/// With the defaults, and one transaction at a time: nobody waits for a batch to fill, for the log writer, or for a pause to end.
#[test]
fn a_quiet_source_is_applied_within_a_second() {
    let world = World::new("hr");
    world.configure_follow("hr", "");
    let mut run = world.start_run();
    world.wait_for(&["ready_to_cutover"], &mut run);
    let (source, target) = (world.session(), world.client());
    let mut delays = Vec::new();
    for n in 0..TRANSACTIONS {
        // So that commits meet every place of the follower's round.
        thread::sleep(Duration::from_millis(u64::from(300 + n * 37 % 250)));
        let id = 1000 + n;
        source.execute(&format!("INSERT INTO regions (region_id, region_name) VALUES ({id}, 'Quiet')")).expect("a row");
        source.commit().expect("a commit");
        let committed = Instant::now();
        let seen = format!("SELECT count(*) FROM hr.regions WHERE region_id = {id}");
        while world.count(&target, &seen) == 0 {
            assert!(committed.elapsed() < Duration::from_secs(30), "{id} does not come: {}", world.log());
            thread::sleep(Duration::from_millis(5));
        }
        delays.push(committed.elapsed());
    }
    delays.sort();
    let (median, worst) = (delays[delays.len() / 2], delays[delays.len() - 1]);
    println!("from commit to target, {TRANSACTIONS} transactions: median {median:?}, worst {worst:?}");
    assert!(median < Duration::from_secs(1), "{delays:?}");
    // A second, and what a machine with other work may add.
    assert!(worst < Duration::from_secs(3), "{delays:?}");
    drop(source);
    world.finish("hr");
    assert!(run.wait().expect("the run ends").success(), "{}", world.log());
}
