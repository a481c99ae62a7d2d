use crate::ReadyChange;
use bytes::{Bytes, BytesMut};
use postgres_protocol::authentication::sasl::{ChannelBinding, SCRAM_SHA_256, ScramSha256};
use postgres_protocol::{
    IsNull,
    message::{backend::Message, frontend},
};
use std::{
    io::{Read, Write},
    net::TcpStream,
};
use tokio_postgres::{Config, config::Host};

/// A connection that sends a batch of statements with one Sync behind them all: what the protocol allows, and tokio-postgres does not do.
#[derive(Debug)]
pub struct OneSync {
    stream: TcpStream,
    input: BytesMut,
}

impl OneSync {
    /// Connects over TCP, with SCRAM where the server asks for it.
    pub fn connect(config: &Config) -> Self {
        let [Host::Tcp(host), ..] = config.get_hosts() else { panic!("the server must be reached over TCP") };
        let port = config.get_ports().first().copied().unwrap_or(5432);
        let stream = TcpStream::connect((host.as_str(), port)).expect("PostgreSQL answers");
        stream.set_nodelay(true).expect("a socket");
        let mut connection = OneSync { stream, input: BytesMut::new() };
        let user = config.get_user().expect("a user");
        let database = config.get_dbname().unwrap_or(user);
        connection.send(|out| frontend::startup_message([("user", user), ("database", database)], out));
        let mut scram = None;
        loop {
            match connection.receive() {
                Message::AuthenticationSasl(_) => {
                    let password = config.get_password().expect("a password");
                    let client = ScramSha256::new(password, ChannelBinding::unsupported());
                    connection.send(|out| frontend::sasl_initial_response(SCRAM_SHA_256, client.message(), out));
                    scram = Some(client);
                }
                Message::AuthenticationSaslContinue(body) => {
                    let client = scram.as_mut().expect("SCRAM has begun");
                    client.update(body.data()).expect("SCRAM");
                    connection.send(|out| frontend::sasl_response(client.message(), out));
                }
                Message::AuthenticationSaslFinal(body) => {
                    scram.as_mut().expect("SCRAM has begun").finish(body.data()).expect("SCRAM");
                }
                Message::ErrorResponse(_) => panic!("the server refuses the connection"),
                Message::ReadyForQuery(_) => return connection,
                _ => {}
            }
        }
    }

    /// Executes SQL without parameters.
    pub fn execute(&mut self, sql: &str) {
        self.send(|out| frontend::query(sql, out));
        self.drain();
    }

    /// Prepares statements under the names s0, s1, ….
    pub fn prepare(&mut self, statements: &[(String, Vec<u32>)]) {
        self.send(|out| {
            for (n, (sql, types)) in statements.iter().enumerate() {
                frontend::parse(&format!("s{n}"), sql, types.iter().copied(), out)?;
            }
            frontend::sync(out);
            Ok(())
        });
        self.drain();
    }

    /// The server process's id.
    pub fn pid(&mut self) -> String {
        self.send(|out| frontend::query("SELECT pg_backend_pid()", out));
        let mut pid = None;
        loop {
            match self.receive() {
                Message::DataRow(row) => pid = Some(String::from_utf8_lossy(&row.buffer()[4..]).into_owned()),
                Message::ReadyForQuery(_) => return pid.expect("a row"),
                _ => {}
            }
        }
    }

    /// Executes these in one transaction with one Sync; returns how many rows they hit.
    pub fn apply<'c>(&mut self, changes: impl Iterator<Item = &'c ReadyChange> + Send) -> u64 {
        let mut output = self.stream.try_clone().expect("a socket");
        // Written while the answers are read: each side's buffer would fill otherwise, and both would wait.
        std::thread::scope(|scope| {
            scope.spawn(move || {
                let mut out = BytesMut::new();
                frontend::query("BEGIN", &mut out).expect("no U+0000");
                for change in changes {
                    let put = |field: &Option<Bytes>, out: &mut BytesMut| {
                        Ok(match field {
                            Some(bytes) => {
                                out.extend_from_slice(bytes);
                                IsNull::No
                            }
                            None => IsNull::Yes,
                        })
                    };
                    let name = format!("s{}", change.statement);
                    let bound = frontend::bind("", &name, [1], &change.parameters, put, [1], &mut out);
                    assert!(bound.is_ok(), "a message that is too long");
                    frontend::execute("", 0, &mut out).expect("no U+0000");
                    if out.len() > 64 << 10 {
                        output.write_all(&out).expect("the server takes it");
                        out.clear();
                    }
                }
                frontend::sync(&mut out);
                frontend::query("COMMIT", &mut out).expect("no U+0000");
                output.write_all(&out).expect("the server takes it");
            });
            let mut rows = 0;
            for _ in 0..3 {
                rows += self.drain();
            }
            rows
        })
    }

    fn send(&mut self, put: impl FnOnce(&mut BytesMut) -> std::io::Result<()>) {
        let mut out = BytesMut::new();
        put(&mut out).expect("a message");
        self.stream.write_all(&out).expect("the server takes it");
    }

    /// Reads up to the server's being ready again; returns the rows that INSERT, UPDATE and DELETE hit.
    fn drain(&mut self) -> u64 {
        let mut rows = 0;
        loop {
            match self.receive() {
                Message::CommandComplete(body) => {
                    let last = body.tag().ok().and_then(|tag| tag.rsplit(' ').next());
                    rows += last.and_then(|n| n.parse::<u64>().ok()).unwrap_or(0);
                }
                Message::ErrorResponse(_) => panic!("the server refuses it: its log says why"),
                Message::ReadyForQuery(_) => return rows,
                _ => {}
            }
        }
    }

    fn receive(&mut self) -> Message {
        loop {
            if let Some(message) = Message::parse(&mut self.input).expect("a message of PostgreSQL") {
                return message;
            }
            let mut piece = [0; 16 << 10];
            let length = self.stream.read(&mut piece).expect("the server answers");
            assert!(length > 0, "the server is gone");
            self.input.extend_from_slice(&piece[..length]);
        }
    }
}
