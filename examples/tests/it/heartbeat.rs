//! A table of the follower's own on the source.

use crate::world::World;

/// It is written to while redo is followed, proves the filters before anything else, and does not keep a cutover from ending.
#[test]
fn a_heartbeat_beats_until_the_cutover() {
    let world = World::new("hr");
    world.source_script(
        "SYSTEM",
        "CREATE USER beat IDENTIFIED BY \"never logs in 1\";
         CREATE TABLE beat.beats (\"ID\" NUMBER(9) PRIMARY KEY, \"BEAT\" NUMBER(19) NOT NULL);
         ALTER TABLE beat.beats ADD SUPPLEMENTAL LOG DATA (PRIMARY KEY) COLUMNS;",
    );
    world.configure("hr", "heartbeat = { schema = \"BEAT\", table = \"BEATS\" }\n");
    // Without the right to write to it nothing is followed.
    let refused = world.fail(&["run"]);
    assert!(refused.contains("BEAT.BEATS") && refused.contains("ORA-00942"), "{refused}");
    world.source_script("SYSTEM", "GRANT SELECT, INSERT, UPDATE ON beat.beats TO hr;");
    let writer = world.start_writer(2);
    let mut run = world.start_run();
    world.wait_for(&["running", "ready_to_cutover"], &mut run);
    world.stop_writer(writer);
    world.finish("hr");
    assert!(run.wait().expect("the run ends").success(), "{}", world.log());
    let taken = world.try_source_script("SYSTEM", "INSERT INTO beat.beats VALUES (0, 0);").unwrap_err();
    assert!(taken.contains("ORA-00001"), "the row is there: {taken}");
    assert_eq!(world.pg_column("SELECT count(*)::text FROM pg_class WHERE relname = 'beats'"), ["0"]);
}
