//! A PostgreSQL server of a test's own, to be killed and started again.

use std::{
    fs,
    path::{Path, PathBuf},
    process::{Command, Output},
    sync::atomic::{AtomicU16, Ordering},
    thread,
    time::{Duration, Instant},
};
use tempfile::TempDir;

/// A cluster on the loopback interface. Killed and deleted when it is dropped.
pub(crate) struct Server {
    dir: TempDir,
    bin: PathBuf,
    pub(crate) port: u16,
    as_root: bool,
}

const PASSWORD: &str = "crash-matrix";

fn programs() -> Option<PathBuf> {
    let path = std::env::var("PATH").unwrap_or_default();
    let debian = fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten().map(|d| d.path().join("bin"));
    std::env::split_paths(&path).chain(debian).find(|dir| dir.join("initdb").exists() && dir.join("pg_ctl").exists())
}

impl Server {
    /// `None` where there are no server programs.
    pub(crate) fn start() -> Option<Self> {
        static PORT: AtomicU16 = AtomicU16::new(0);
        let bin = programs()?;
        let dir = tempfile::Builder::new().prefix("crash-matrix").tempdir_in("/tmp").expect("a folder");
        let as_root = Command::new("id").arg("-u").output().is_ok_and(|o| o.stdout.starts_with(b"0\n"));
        if as_root {
            let chown = Command::new("chown").arg("postgres").arg(dir.path()).status().expect("chown");
            assert!(chown.success());
        }
        let offset = u16::try_from(std::process::id() % 5000).expect("a small number");
        let port = 33_000 + offset * 3 + PORT.fetch_add(1, Ordering::Relaxed);
        let server = Server { dir, bin, port, as_root };
        let password = server.dir.path().join("password");
        fs::write(&password, PASSWORD).expect("a file");
        let data = server.data();
        let password = format!("--pwfile={}", password.display());
        // In the clear, on this machine: what SCRAM costs a program that is not optimized would be most of a run.
        let made = server.tool(
            "initdb",
            &["--pgdata", &data, "--username=postgres", &password, "--auth=password", "--locale=C", "--encoding=UTF8"],
        );
        assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
        server.restart();
        Some(server)
    }

    fn data(&self) -> String {
        self.dir.path().join("data").display().to_string()
    }

    fn tool(&self, program: &str, arguments: &[&str]) -> Output {
        let program = self.bin.join(program);
        let mut command = match self.as_root {
            true => {
                let mut command = Command::new("runuser");
                command.args(["-u", "postgres", "--"]).arg(program);
                command
            }
            false => Command::new(program),
        };
        command.args(arguments).current_dir("/").output().expect("a program of PostgreSQL starts")
    }

    /// The URL of a database, as the superuser.
    pub(crate) fn url(&self, database: &str) -> String {
        format!("postgresql://postgres:{PASSWORD}@127.0.0.1:{}/{database}?sslmode=disable", self.port)
    }

    /// Starts it, as often as it takes: processes of the one that was killed may hold its memory for a moment.
    pub(crate) fn restart(&self) {
        let begun = Instant::now();
        let log = self.dir.path().join("server.log").display().to_string();
        // Nothing is lost with fsync off unless the machine dies, and that does not happen here.
        let options = format!(
            "-c listen_addresses=127.0.0.1 -c unix_socket_directories= -c fsync=off -c max_connections=100 -c shared_buffers=32MB -p {}",
            self.port
        );
        loop {
            let started = self
                .tool("pg_ctl", &["--pgdata", &self.data(), "--log", &log, "--options", &options, "--wait", "start"]);
            if started.status.success() {
                return;
            }
            let why = fs::read_to_string(&log).unwrap_or_default();
            assert!(begun.elapsed() < Duration::from_secs(60), "the server does not start: {why}");
            thread::sleep(Duration::from_millis(50));
        }
    }

    /// SIGKILL for the postmaster, and the wait until it is gone.
    pub(crate) fn kill(&self) {
        let pid = self.dir.path().join("data/postmaster.pid");
        let pid = self.read(&pid);
        let pid = pid.lines().next().expect("a pid").to_owned();
        let killed = Command::new("kill").args(["-KILL", &pid]).status().expect("kill");
        assert!(killed.success());
        let process = PathBuf::from(format!("/proc/{pid}"));
        while is_alive(&process) {
            thread::sleep(Duration::from_millis(2));
        }
    }

    fn read(&self, file: &Path) -> String {
        let text = fs::read_to_string(file);
        text.unwrap_or_else(|e| panic!("{}: {e}", file.display()))
    }
}

fn is_alive(process: &Path) -> bool {
    let stat = fs::read_to_string(process.join("stat")).unwrap_or_default();
    let state = stat.rsplit_once(") ").and_then(|(_, rest)| rest.chars().next());
    state.is_some_and(|state| state != 'Z')
}

impl Drop for Server {
    fn drop(&mut self) {
        self.tool("pg_ctl", &["--pgdata", &self.data(), "--mode=immediate", "--wait", "stop"]);
        // What belongs to the other user, that user takes away.
        if self.as_root {
            let _ = Command::new("rm").arg("-rf").arg(self.dir.path()).status();
        }
    }
}
