//! Connect descriptors with an address: as far as a client without a server comes.
//!
//! The stand-in speaks no Oracle Net, so nothing can be logged in to; but it connects as a client does, keeps the limits that the
//! descriptor has, and without one waits as a client does: for ever. So that who calls it learns what comes of a listener that is down, of one
//! that refuses, and of one that accepts and says nothing.

use super::failure::{Failure, ora};
use std::{
    io::{ErrorKind, Read, Write},
    net::{TcpStream, ToSocketAddrs},
    time::{Duration, Instant},
};

/// The first address of a descriptor, and its limits.
#[derive(Debug, PartialEq, Eq)]
struct Descriptor {
    host: String,
    port: u16,
    service: String,
    connect: Option<Duration>,
    transport: Option<Duration>,
}

/// Fails, sooner or later. `text` begins with a parenthesis.
pub(super) fn connect(text: &str) -> Failure {
    let Some(descriptor) = parse(text) else {
        return ora(12154, "TNS:could not resolve the connect identifier specified");
    };
    let started = Instant::now();
    let address = (descriptor.host.as_str(), descriptor.port).to_socket_addrs().ok().and_then(|mut a| a.next());
    let Some(address) = address else {
        return ora(12545, "Connect failed because target host or object does not exist");
    };
    let limit = match (descriptor.transport, descriptor.connect) {
        (Some(a), Some(b)) => Some(a.min(b)),
        (a, b) => a.or(b),
    };
    let stream = match limit {
        Some(limit) => TcpStream::connect_timeout(&address, limit),
        None => TcpStream::connect(address),
    };
    let mut stream = match stream {
        Ok(stream) => stream,
        Err(e) if is_timeout(&e) => return ora(12170, "TNS:Connect timeout occurred"),
        Err(e) if e.kind() == ErrorKind::ConnectionRefused => return ora(12541, "TNS:no listener"),
        Err(_) => return ora(12543, "TNS:destination host unreachable"),
    };
    let asked = format!("(CONNECT_DATA=(SERVICE_NAME={}))", descriptor.service);
    if stream.write_all(asked.as_bytes()).is_err() {
        return ora(12547, "TNS:lost contact");
    }
    let mut answer = [0_u8; 1024];
    loop {
        if let Some(limit) = descriptor.connect {
            let left = limit.checked_sub(started.elapsed()).filter(|left| !left.is_zero());
            let Some(left) = left else { return ora(12170, "TNS:Connect timeout occurred") };
            if stream.set_read_timeout(Some(left)).is_err() {
                return ora(12560, "TNS:protocol adapter error");
            }
        }
        return match stream.read(&mut answer) {
            Ok(0) => ora(12537, "TNS:connection closed"),
            Ok(n) => refusal(&answer[..n]),
            Err(e) if e.kind() == ErrorKind::Interrupted || (is_timeout(&e) && descriptor.connect.is_some()) => {
                continue;
            }
            Err(_) => ora(12547, "TNS:lost contact"),
        };
    }
}

/// What a listener says that refuses has its code in `(ERR=n)`.
fn refusal(answer: &[u8]) -> Failure {
    let text = String::from_utf8_lossy(answer);
    let code = text.split_once("(ERR=").and_then(|(_, rest)| rest.split_once(')')?.0.trim().parse().ok());
    match code {
        Some(12514) => ora(12514, "TNS:listener does not currently know of service requested in connect descriptor"),
        Some(12505) => ora(12505, "TNS:listener does not currently know of SID given in connect descriptor"),
        Some(code) => ora(code, "refused by the listener"),
        None => ora(12569, "TNS:packet checksum failure: the stand-in client library speaks no Oracle Net"),
    }
}

fn is_timeout(error: &std::io::Error) -> bool {
    matches!(error.kind(), ErrorKind::TimedOut | ErrorKind::WouldBlock)
}

fn parse(text: &str) -> Option<Descriptor> {
    let upper = text.to_ascii_uppercase();
    let value = |key: &str| {
        let at = upper.find(&format!("({key}="))? + key.len() + 2;
        let end = at + upper[at..].find(')')?;
        Some(text[at..end].trim().to_owned())
    };
    let seconds = |key| value(key).and_then(|n| n.parse().ok()).filter(|n| *n > 0).map(Duration::from_secs);
    Some(Descriptor {
        host: value("HOST")?,
        port: value("PORT")?.parse().ok()?,
        service: value("SERVICE_NAME").or_else(|| value("SID"))?,
        connect: seconds("CONNECT_TIMEOUT"),
        transport: seconds("TRANSPORT_CONNECT_TIMEOUT"),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn descriptors() {
        let text = "(DESCRIPTION=(CONNECT_TIMEOUT=3)(TRANSPORT_CONNECT_TIMEOUT=2)\
             (ADDRESS=(PROTOCOL=TCP)(HOST=Db)(PORT=1522))(CONNECT_DATA=(SERVICE_NAME=Orcl)))";
        let limit = |n| Some(Duration::from_secs(n));
        let expected = Descriptor {
            host: "Db".to_owned(),
            port: 1522,
            service: "Orcl".to_owned(),
            connect: limit(3),
            transport: limit(2),
        };
        assert_eq!(parse(text), Some(expected));
        assert_eq!(parse("(DESCRIPTION=(ADDRESS=(HOST=h)(PORT=1))(CONNECT_DATA=(SID=x)))").unwrap().connect, None);
        assert_eq!(parse("(DESCRIPTION=(ADDRESS=(HOST=h)))"), None);
    }
}
