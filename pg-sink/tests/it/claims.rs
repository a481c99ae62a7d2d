//! Processes that share one load, two of which are killed in the midst of it.

use crate::database::{Database, connect, server, text};
use crate::load::ledger;
use crate::source::{batch, people, person};
use pg_sink::{BadRows, Control, LoadLedger};
use std::{
    env,
    io::{BufRead, BufReader, Write},
    process::{Child, Command, Stdio},
    time::Duration,
};

const WORKER: &str = "PG_SINK_TEST_WORKER";
const DATABASE: &str = "PG_SINK_TEST_DATABASE";
const CHUNKS: i64 = 24;
const ROWS: i64 = 5000;

/// One worker process; `doomed` ones load a chunk and stop for good halfway through the next.
#[test]
#[ignore = "a worker process, started by the test below"]
fn worker() {
    let name = env::var(WORKER).expect("only started by the other test");
    let mut config = server();
    config.dbname(env::var(DATABASE).expect("set by the other test"));
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    let mut client = runtime.block_on(connect(&config));
    let (plan, ledger) = (people(), LoadLedger::new(Control::default()));
    let mut loaded = 0;
    loop {
        let Some(claim) = runtime.block_on(ledger.claim(&mut client, &name)).unwrap() else {
            if runtime.block_on(ledger.is_complete(&client)).unwrap() {
                break;
            }
            std::thread::sleep(Duration::from_millis(20));
            continue;
        };
        let number: i64 = claim.chunk().range.parse().unwrap();
        let mut load = runtime.block_on(claim.load(&plan, BadRows::Quarantine)).unwrap();
        let rows: Vec<_> = (number * ROWS..(number + 1) * ROWS).map(|n| person(n, &name)).collect();
        for (n, rows) in rows.chunks(500).enumerate() {
            if n == 5 && loaded == 1 && name.starts_with("doomed") {
                println!("halfway {number}");
                std::io::stdout().flush().unwrap();
                std::thread::sleep(Duration::from_secs(600));
            }
            runtime.block_on(load.write(&batch(rows))).unwrap();
        }
        runtime.block_on(load.commit()).unwrap();
        loaded += 1;
    }
}

/// A process that does not outlive the test.
struct Worker(Child);

impl Worker {
    fn start(name: &str, database: &Database) -> Self {
        let test = env::current_exe().unwrap();
        let mut command = Command::new(test);
        command.args(["--exact", "claims::worker", "--ignored", "--nocapture", "--test-threads=1"]);
        command.env(WORKER, name).env(DATABASE, database.name()).stdout(Stdio::piped());
        Worker(command.spawn().unwrap())
    }

    /// Waits until it is halfway through its second chunk, and says which.
    fn halfway(&mut self) -> String {
        let lines = BufReader::new(self.0.stdout.take().unwrap()).lines();
        let halfway = lines.map_while(Result::ok).find_map(|l| l.split_once("halfway ").map(|(_, n)| n.to_owned()));
        halfway.expect("the worker ended before it was halfway")
    }

    /// `SIGKILL`.
    fn kill(&mut self) {
        self.0.kill().unwrap();
        self.0.wait().unwrap();
    }
}

impl Drop for Worker {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[tokio::test]
async fn four_processes_share_a_load_and_two_are_killed() {
    let database = Database::new().await;
    let (plan, mut client) = (people(), database.client().await);
    let ranges: Vec<String> = (0..CHUNKS).map(|n| n.to_string()).collect();
    let ledger = ledger(&mut client, &plan, &ranges.iter().map(String::as_str).collect::<Vec<_>>()).await;
    let mut doomed = ["doomed 1", "doomed 2"].map(|name| Worker::start(name, &database));
    let open = doomed.each_mut().map(Worker::halfway);
    assert_ne!(open[0], open[1]);
    let mut others = ["other 1", "other 2"].map(|name| Worker::start(name, &database));
    // All but the two that are held.
    while ledger.progress(&client).await.unwrap()[0].chunks_done + 2 < CHUNKS.unsigned_abs() {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    let not_done = "SELECT string_agg(range || ' ' || claimed_by, ', ' ORDER BY claimed_by) \
                    FROM oracle_migration.load_chunk WHERE state <> 'done'";
    let held = format!("{} doomed 1, {} doomed 2", open[0], open[1]);
    assert_eq!(text(&client, not_done).await, held);
    tokio::time::sleep(Duration::from_millis(200)).await;
    assert_eq!(text(&client, not_done).await, held);
    doomed.iter_mut().for_each(Worker::kill);
    for other in &mut others {
        assert!(other.0.wait().unwrap().success());
    }

    assert!(ledger.is_complete(&client).await.unwrap());
    let rows = CHUNKS * ROWS;
    let counts = "SELECT count(*), count(DISTINCT id), min(id), max(id) FROM people";
    assert_eq!(text(&client, counts).await, format!("{rows}|{rows}|0|{}", rows - 1));
    // Each chunk's rows are of the one worker that the ledger has for it, and as many as it says.
    let strangers = format!(
        "SELECT count(*) FROM oracle_migration.load_chunk c LEFT JOIN (SELECT id / {ROWS} AS chunk, count(*) AS rows, \
         min(name) AS first, max(name) AS last FROM people GROUP BY 1) p ON p.chunk = c.range::int \
         WHERE (c.state, c.rows, c.claimed_by, c.claimed_by) IS DISTINCT FROM ('done', p.rows, p.first, p.last)"
    );
    assert_eq!(text(&client, &strangers).await, "0");
    let by = "SELECT count(*) FILTER (WHERE claimed_by = 'doomed 1'), count(*) FILTER (WHERE claimed_by = 'doomed 2') \
              FROM oracle_migration.load_chunk";
    assert_eq!(text(&client, by).await, "1|1");
}
