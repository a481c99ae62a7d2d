//! A whole migration through the driver `thin`: over a server of Oracle's protocol with the stand-in's database behind it, as
//! `oracle-source/tests/it/protocol.rs` has it.

use crate::world::{HR_PASSWORD, World, program, text};
use std::{
    env, fs,
    io::{BufRead, BufReader},
    path::Path,
    process::{Command, Stdio},
};

#[test]
fn hr_moves_without_a_client_library() {
    let scripts = Path::new(env!("CARGO_MANIFEST_DIR")).join("../oracle-source/tests/thin");
    let standin = program("oracle-standin");
    let made = Command::new(scripts.join("python.sh")).arg(standin.parent().expect("a folder")).output();
    let python = match made {
        Ok(made) if made.status.success() => String::from_utf8(made.stdout).expect("a path").trim().to_owned(),
        failed => {
            let why = failed.map_or_else(|e| e.to_string(), |made| text(&made));
            assert!(env::var_os("THIN_TESTS").is_none(), "python.sh failed: {why}");
            eprintln!("NOT RUN: no Python 3.10 with seerdb for a server of Oracle's protocol: {why}");
            return;
        }
    };
    let world = World::new("hr");
    let mut server = Command::new(python)
        .arg(scripts.join("server.py"))
        .arg(&standin)
        .arg(world.path("hr.db"))
        .arg("HR")
        .env("STANDIN_PASSWORD", HR_PASSWORD)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .expect("a server");
    let mut port = String::new();
    BufReader::new(server.stdout.take().expect("its output")).read_line(&mut port).expect("a port");
    let config = fs::read_to_string(world.path("migrate.toml")).expect("the configuration");
    let thin = format!("driver = \"thin\"\nconnect = \"//127.0.0.1:{}/standin\"", port.trim());
    fs::write(world.path("migrate.toml"), config.replace("connect = \"standin:hr.db\"", &thin)).expect("thin");

    let mut run = world.start_run();
    world.wait_for(&["running", "ready_to_cutover"], &mut run);
    world.source_sql("UPDATE employees SET salary = salary + 1; DELETE FROM job_history; COMMIT;");
    world.finish("hr");
    assert!(run.wait().expect("its end").success(), "{}", world.log());
    // It ends with its standard input.
    drop(server.stdin.take());
    server.wait().expect("its end");
}
