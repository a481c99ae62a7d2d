//! Places at which a test can stop a process, to kill it or the server just there. Only with the feature `failpoints`, which is for
//! tests; without it, nothing of this is compiled.
//!
//! `FAILPOINT=name#n` stops the process where it reaches the place `name` for the n-th time: it writes the file `reached` in the folder
//! `FAILPOINT_DIR`, and goes on once there is a file `go` in it. `FAILPOINT_TRACE=file` writes down every place that is reached.

use std::path::Path;
use std::sync::Mutex;
use std::time::Duration;
use std::{env, fs, io::Write, thread};

/// How often the place that is waited for was reached.
static REACHED: Mutex<u64> = Mutex::new(0);

/// The process is at this place.
pub fn reach(name: &str) {
    if let Ok(trace) = env::var("FAILPOINT_TRACE") {
        let file = fs::OpenOptions::new().create(true).append(true).open(trace);
        // One write a line: threads must not mix them.
        let written = file.and_then(|mut file| file.write_all(format!("{name}\n").as_bytes()));
        written.expect("the trace of failpoints can be written");
    }
    let Ok(wanted) = env::var("FAILPOINT") else { return };
    let (place, nth) = wanted.split_once('#').unwrap_or((&wanted, "1"));
    if place != name {
        return;
    }
    let reached = {
        let mut reached = REACHED.lock().unwrap_or_else(|e| e.into_inner());
        *reached += 1;
        *reached
    };
    if nth.parse() == Ok(reached) {
        let dir = env::var("FAILPOINT_DIR").expect("FAILPOINT_DIR");
        let dir = Path::new(&dir);
        fs::write(dir.join("reached"), name).expect("a file in FAILPOINT_DIR");
        while !dir.join("go").exists() {
            thread::sleep(Duration::from_millis(2));
        }
    }
}
