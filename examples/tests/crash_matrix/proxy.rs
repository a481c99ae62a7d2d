//! A proxy before PostgreSQL that stops the traffic at a COMMIT.

use std::{
    io::{Read, Write},
    net::{Shutdown, TcpListener, TcpStream},
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    thread,
    time::Duration,
};

/// Where the traffic stops.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Cut {
    /// The COMMIT does not reach the server.
    BeforeCommit,
    /// The server has committed; its answer does not arrive.
    AfterCommit,
    /// Never; COMMITs are counted only.
    Never,
}

#[derive(Default)]
struct State {
    commits: AtomicUsize,
    cut: AtomicBool,
    released: AtomicBool,
}

pub(crate) struct Proxy {
    pub(crate) port: u16,
    state: Arc<State>,
}

impl Proxy {
    /// Passes everything on to `server` until the `nth` COMMIT of any connection.
    pub(crate) fn start(server: u16, cut: Cut, nth: usize) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let port = listener.local_addr().expect("an address").port();
        let state = Arc::new(State::default());
        let shared = Arc::clone(&state);
        thread::spawn(move || {
            for client in listener.incoming() {
                let Ok(client) = client else { break };
                let Ok(server) = TcpStream::connect(("127.0.0.1", server)) else {
                    drop(client);
                    continue;
                };
                pass(client, server, cut, nth, &shared);
            }
        });
        Proxy { port, state }
    }

    /// Whether the moment has come.
    pub(crate) fn has_cut(&self) -> bool {
        self.state.cut.load(Ordering::SeqCst)
    }

    /// COMMITs seen.
    pub(crate) fn commits(&self) -> usize {
        self.state.commits.load(Ordering::SeqCst)
    }
}

/// The connections that are held end.
impl Drop for Proxy {
    fn drop(&mut self) {
        self.state.released.store(true, Ordering::SeqCst);
    }
}

fn pass(client: TcpStream, server: TcpStream, cut: Cut, nth: usize, state: &Arc<State>) {
    let held = Arc::new(AtomicBool::new(false));
    let clone = |stream: &TcpStream| stream.try_clone().expect("a stream");
    let (from_client, to_server, from_server, to_client) = (clone(&client), clone(&server), server, client);
    let (state_up, held_up) = (Arc::clone(state), Arc::clone(&held));
    thread::spawn(move || {
        pump(from_client, to_server, |bytes| {
            // A simple query, as tokio-postgres sends it: kind, length, text, zero. It comes in one piece on this machine.
            let commits = bytes.windows(8).filter(|w| w[1..] == *b"COMMIT\0").count();
            if commits == 0 {
                return true;
            }
            let before = state_up.commits.fetch_add(commits, Ordering::SeqCst);
            if cut == Cut::Never || !(before < nth && nth <= before + commits) {
                return true;
            }
            held_up.store(true, Ordering::SeqCst);
            if cut == Cut::BeforeCommit {
                state_up.cut.store(true, Ordering::SeqCst);
                wait(&state_up);
                return false;
            }
            true
        });
    });
    let state = Arc::clone(state);
    thread::spawn(move || {
        pump(from_server, to_client, |_| {
            if cut == Cut::AfterCommit && held.load(Ordering::SeqCst) {
                state.cut.store(true, Ordering::SeqCst);
                wait(&state);
                return false;
            }
            true
        });
    });
}

fn wait(state: &State) {
    while !state.released.load(Ordering::SeqCst) {
        thread::sleep(Duration::from_millis(2));
    }
}

/// Passes bytes on as long as `allow` lets them; then ends both connections.
fn pump(mut from: TcpStream, mut to: TcpStream, mut allow: impl FnMut(&[u8]) -> bool) {
    let mut buffer = vec![0; 1 << 16];
    loop {
        match from.read(&mut buffer) {
            Ok(read) if read > 0 && allow(&buffer[..read]) && to.write_all(&buffer[..read]).is_ok() => {}
            _ => break,
        }
    }
    let _ = from.shutdown(Shutdown::Both);
    let _ = to.shutdown(Shutdown::Both);
}
