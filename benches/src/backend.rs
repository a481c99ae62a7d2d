use std::time::Duration;
use tokio_postgres::{Client, Config, NoTls};

/// A connection to the server; within a Tokio runtime.
///
/// # Panics
///
/// Where PostgreSQL does not answer.
pub async fn connect(config: &Config) -> Client {
    let (client, connection) = config.connect(NoTls).await.expect("PostgreSQL answers");
    tokio::spawn(connection);
    client
}

/// CPU time of a process, by the kernel's own count.
///
/// # Panics
///
/// Where there is no such process on this machine.
pub fn process_time(pid: &str) -> Duration {
    let text = std::fs::read_to_string(format!("/proc/{pid}/schedstat")).expect("the server must run on this machine");
    let nanoseconds = text.split(' ').next().and_then(|n| n.parse().ok()).expect("a number");
    Duration::from_nanos(nanoseconds)
}
