//! The way to PostgreSQL is slow, torn into single bytes, or cut, while it loads and while it follows: what arrives is right all the same.

use crate::world::{World, kill};
use std::{
    process::{Child, Stdio},
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    thread,
    time::{Duration, Instant},
};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, TcpStream},
    runtime::Runtime,
};

/// What happens to the traffic.
#[derive(Debug, Clone, Copy)]
enum Fault {
    /// It arrives in pieces of 1 to 7 bytes, as long as the first so many bytes of each connection are not through.
    Split(u64),
    /// After so many bytes of all connections together nothing passes for this time; then it goes on.
    Stall(u64, Duration),
    /// After so many bytes every connection is reset, and so is the next one after as many again.
    Reset(u64),
}

/// A proxy before PostgreSQL.
struct Proxy {
    port: u16,
    bytes: Arc<AtomicU64>,
    _runtime: Runtime,
}

impl Proxy {
    fn start(fault: Fault) -> Self {
        let runtime =
            tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().expect("a runtime");
        let url = std::env::var("DATABASE_URL").expect("DATABASE_URL");
        let config: tokio_postgres::Config = url.parse().expect("a URL");
        let port = config.get_ports().first().copied().unwrap_or(5432);
        let host = match config.get_hosts().first() {
            Some(tokio_postgres::config::Host::Tcp(host)) => host.clone(),
            _ => "127.0.0.1".to_owned(),
        };
        let bytes = Arc::new(AtomicU64::new(0));
        let listener = runtime.block_on(TcpListener::bind("127.0.0.1:0")).expect("a port");
        let own = listener.local_addr().expect("an address").port();
        let counted = Arc::clone(&bytes);
        runtime.spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                let Ok(server) = TcpStream::connect((host.as_str(), port)).await else { continue };
                tokio::spawn(pass(client, server, fault, Arc::clone(&counted)));
            }
        });
        Proxy { port: own, bytes, _runtime: runtime }
    }

    /// `DATABASE_URL` by way of the proxy.
    fn url(&self) -> String {
        let url = std::env::var("DATABASE_URL").expect("DATABASE_URL");
        let (user, rest) = url.split_once('@').expect("a user in the URL");
        let (_, database) = rest.split_once('/').expect("a database in the URL");
        format!("{user}@127.0.0.1:{}/{database}", self.port)
    }

    fn bytes(&self) -> u64 {
        self.bytes.load(Ordering::Relaxed)
    }
}

async fn pass(mut client: TcpStream, mut server: TcpStream, fault: Fault, bytes: Arc<AtomicU64>) {
    client.set_nodelay(true).expect("an option");
    server.set_nodelay(true).expect("an option");
    let (mut up, mut down) = (vec![0; 1 << 14], vec![0; 1 << 14]);
    let mut own = 0;
    let reset_at = match fault {
        // Counted on from here, so that every connection that lives long enough is cut again.
        Fault::Reset(after) => bytes.load(Ordering::Relaxed) + after,
        _ => u64::MAX,
    };
    loop {
        let (piece, to) = tokio::select! {
            read = client.read(&mut up) => (read.map(|n| &up[..n]), true),
            read = server.read(&mut down) => (read.map(|n| &down[..n]), false),
        };
        let Ok(piece) = piece else { return };
        if piece.is_empty() {
            return;
        }
        let before = bytes.fetch_add(piece.len() as u64, Ordering::Relaxed);
        let after = before + piece.len() as u64;
        match fault {
            Fault::Stall(at, pause) if before < at && at <= after => tokio::time::sleep(pause).await,
            Fault::Stall(..) | Fault::Reset(_) => {}
            Fault::Split(first) if own < first => {
                for (n, part) in piece.chunks(1 + usize::try_from(own % 7).expect("small")).enumerate() {
                    let written = if to { server.write_all(part).await } else { client.write_all(part).await };
                    if written.is_err() {
                        return;
                    }
                    if n % 64 == 0 {
                        tokio::task::yield_now().await;
                    }
                }
                own += piece.len() as u64;
                continue;
            }
            Fault::Split(_) => {}
        }
        if after >= reset_at {
            // Half of it arrives, then both sides are told that the connection is gone, not that it has ended.
            let half = &piece[..piece.len() / 2];
            let _ = if to { server.write_all(half).await } else { client.write_all(half).await };
            let _ = (client.set_zero_linger(), server.set_zero_linger());
            return;
        }
        own += piece.len() as u64;
        let written = if to { server.write_all(piece).await } else { client.write_all(piece).await };
        if written.is_err() {
            return;
        }
    }
}

fn start(world: &World, url: &str) -> Child {
    let log = std::fs::OpenOptions::new().create(true).append(true).open(world.path("run.log")).expect("a log");
    let mut command = world.command(&["run"]);
    command.env("DATABASE_URL", url).stdin(Stdio::null());
    command.stdout(log.try_clone().expect("a log")).stderr(log).spawn().expect("migrate starts")
}

#[test]
fn single_bytes_and_a_stall() {
    for fault in [Fault::Split(400_000), Fault::Stall(150_000, Duration::from_secs(3))] {
        let world = World::new("hr");
        let proxy = Proxy::start(fault);
        let writer = world.start_writer(11);
        let mut run = start(&world, &proxy.url());
        world.wait_for(&["running", "ready_to_cutover"], &mut run);
        thread::sleep(Duration::from_millis(1500));
        world.stop_writer(writer);
        assert!(proxy.bytes() > 100_000, "{fault:?}: {}", proxy.bytes());
        world.finish("hr");
        assert!(run.wait().expect("the run ends").success(), "{fault:?}: {}", world.log());
    }
}

/// Connections are reset again and again, in load and in follow; each time it says so in one line and is started again.
#[test]
fn resets_in_load_and_in_follow() {
    let world = World::new("hr");
    let writer = world.start_writer(12);
    let mut ended = 0;
    for after in [3_000, 12_000, 40_000, 90_000, 20_000, 60_000] {
        let proxy = Proxy::start(Fault::Reset(after));
        let mut run = start(&world, &proxy.url());
        let begun = Instant::now();
        // It ends with an error, or connects again and goes on; both are right.
        while begun.elapsed() < Duration::from_secs(4) && run.try_wait().expect("a child").is_none() {
            thread::sleep(Duration::from_millis(20));
        }
        match run.try_wait().expect("a child") {
            Some(status) => {
                assert!(!status.success(), "{}", world.log());
                ended += 1;
            }
            None => kill(run),
        }
    }
    let log = world.log();
    assert!(ended == 0 || log.contains("error: "), "{log}");
    assert!(!log.contains("panicked"), "{log}");
    let mut run = world.start_run();
    world.wait_for(&["running", "ready_to_cutover"], &mut run);
    world.stop_writer(writer);
    world.finish("hr");
    assert!(run.wait().expect("the run ends").success(), "{}", world.log());
}

/// The server ends all connections of a run, in load and in follow: it connects again by itself and goes on.
#[test]
fn connections_that_the_server_ends_are_made_again() {
    let world = World::new("hr");
    let writer = world.start_writer(13);
    let mut run = world.start_run();
    let end_all = "SELECT count(pg_terminate_backend(pid))::text FROM pg_stat_activity \
                   WHERE application_name = 'oracle-migration' AND datname = current_database()";
    for round in 0..5 {
        thread::sleep(Duration::from_millis(300 + round * 350));
        let begun = Instant::now();
        while world.pg_column(end_all) == ["0"] {
            assert!(begun.elapsed() < Duration::from_secs(30), "{}", world.log());
            thread::sleep(Duration::from_millis(50));
        }
        assert!(run.try_wait().expect("a child").is_none(), "{}", world.log());
    }
    world.wait_for(&["running", "ready_to_cutover"], &mut run);
    world.stop_writer(writer);
    assert!(world.log().contains("trying again"), "{}", world.log());
    world.finish("hr");
    assert!(run.wait().expect("the run ends").success(), "{}", world.log());
}
