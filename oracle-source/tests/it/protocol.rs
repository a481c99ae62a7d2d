//! A server of Oracle's network protocol over the stand-in's database: what the driver `thin` connects to in tests.
//!
//! It is seerdb (PyPI), pinned in `tests/thin/requirements.txt`: written by others, from what real servers send.

use crate::fixture::{Fixture, PASSWORD};
use oracle_source::{ConnectOptions, Driver};
use std::{
    env,
    io::{BufRead, BufReader},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
};

pub(crate) struct Protocol {
    process: Child,
    pub(crate) port: u16,
    python: PathBuf,
}

fn script(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/thin").join(name)
}

impl Protocol {
    /// For the user HR; `None` where there is no Python or no PyPI, which is an error where THIN_TESTS is set.
    pub(crate) fn start(fixture: &Fixture) -> Option<Self> {
        Self::with_tls(fixture, &[])
    }

    /// With TLS, where there is a file of certificate and key; and one of issuers of clients' certificates, where they must have some.
    pub(crate) fn with_tls(fixture: &Fixture, pem: &[&Path]) -> Option<Self> {
        let deps = clntsh::library_dir().unwrap();
        let standin = deps.parent().unwrap().join("oracle-standin");
        assert!(standin.exists(), "{} is missing: cargo build -p oracle-standin", standin.display());
        let made = Command::new(script("python.sh")).arg(deps.parent().unwrap()).output();
        let python = match made {
            Ok(made) if made.status.success() => PathBuf::from(String::from_utf8(made.stdout).unwrap().trim()),
            failed => {
                let why =
                    failed.map_or_else(|e| e.to_string(), |made| String::from_utf8_lossy(&made.stderr).into_owned());
                assert!(env::var_os("THIN_TESTS").is_none(), "tests/thin/python.sh failed: {why}");
                eprintln!("NOT RUN: no Python 3.10 with seerdb for a server of Oracle's protocol: {why}");
                return None;
            }
        };
        let mut process = Command::new(&python)
            .args([script("server.py"), standin, fixture.file().to_owned(), "HR".into()])
            .args(pem)
            .env("STANDIN_PASSWORD", PASSWORD)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(process.stdout.take().unwrap()).read_line(&mut line).unwrap();
        Some(Protocol { process, port: line.trim().parse().expect("a port"), python })
    }

    /// As HR.
    pub(crate) fn options(&self) -> ConnectOptions {
        let mut options = ConnectOptions::new("hr", PASSWORD, format!("//127.0.0.1:{}/standin", self.port));
        options.driver = Driver::Thin;
        options
    }

    /// What python-oracledb gets from the same server for these queries: for each the rows, for each row its values as
    /// `tests/thin/judge.py` writes them.
    pub(crate) fn judge(&self, queries: &[String]) -> Vec<Vec<Vec<Option<String>>>> {
        let mut judge = Command::new(&self.python)
            .args([script("judge.py"), self.port.to_string().into()])
            .env("STANDIN_PASSWORD", PASSWORD)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        serde_json::to_writer(judge.stdin.take().unwrap(), queries).unwrap();
        let output = judge.wait_with_output().unwrap();
        assert!(output.status.success(), "judge.py failed");
        serde_json::from_slice(&output.stdout).unwrap()
    }
}

impl Drop for Protocol {
    fn drop(&mut self) {
        // The server ends with its standard input.
        drop(self.process.stdin.take());
        let _ = self.process.wait();
    }
}
