//! Whether the process that opened a transaction still lives: what PMON watches in Oracle.

use std::{fs, sync::OnceLock};

/// What tells a process from another that got its number later: the boot and the time of its start.
fn start(pid: i64) -> Option<String> {
    static BOOT: OnceLock<String> = OnceLock::new();
    let boot = BOOT.get_or_init(|| fs::read_to_string("/proc/sys/kernel/random/boot_id").unwrap_or_default());
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    // The command may have blanks and parentheses in it; after it the state is field 3, the start time field 22.
    let (_, fields) = stat.rsplit_once(')')?;
    let mut fields = fields.split_ascii_whitespace();
    let state = fields.next()?;
    if matches!(state, "Z" | "X") {
        return None;
    }
    Some(format!("{}/{}", boot.trim(), fields.nth(18)?))
}

/// This process's start.
pub(super) fn own_start() -> String {
    start(i64::from(std::process::id())).unwrap_or_default()
}

/// Whether the process with this number and start lives. Without `/proc` every process does.
pub(super) fn is_alive(pid: i64, started: &str) -> bool {
    started.is_empty() || start(pid).as_deref() == Some(started)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn this_process_lives_and_another_start_does_not() {
        let own = own_start();
        assert!(!own.is_empty());
        assert!(is_alive(i64::from(std::process::id()), &own));
        assert!(!is_alive(i64::from(std::process::id()), "x/1"));
        let mut child = std::process::Command::new("sleep").arg("0").spawn().unwrap();
        let pid = i64::from(child.id());
        let started = start(pid);
        child.wait().unwrap();
        assert!(!is_alive(pid, started.as_deref().unwrap_or("x/1")));
    }
}
