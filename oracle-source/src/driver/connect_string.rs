//! Connect strings: what they are, and the time that a connect may take put into them, for which the client library knows no other place.

use crate::{Error, ErrorKind};
use std::{
    env, fs,
    path::{Path, PathBuf},
    time::Duration,
};

/// The connect string with a limit for connecting wherever it has none of its own.
///
/// * A descriptor gets `CONNECT_TIMEOUT` and `TRANSPORT_CONNECT_TIMEOUT` in each `DESCRIPTION` (client library 11.2 and later).
/// * Easy Connect `[//]host[:port]/[service][:server][/instance]` becomes the descriptor that it stands for; with anything of Easy Connect
///   Plus (19c: protocols, several hosts, parameters) it gets the parameters instead.
/// * An alias is looked up in `tnsnames.ora` (of `config_dir`, `TNS_ADMIN` or `ORACLE_HOME/network/admin`) and becomes its descriptor.
///   One that is not there (a directory server's, say) is left to the client, whose `sqlnet.ora` then has the limit
///   (`SQLNET.OUTBOUND_CONNECT_TIMEOUT`).
///
/// What is none of these is left as it is: the client library says what is wrong with it.
pub(super) fn with_timeout(text: &str, timeout: Option<Duration>, config_dir: Option<&Path>) -> Result<String, Error> {
    let Some(timeout) = timeout else { return Ok(text.to_owned()) };
    // Whole seconds are what every version understands; 0 would be no limit.
    let seconds = timeout.as_secs() + u64::from(timeout.subsec_nanos() > 0);
    let seconds = seconds.max(1);
    let trimmed = text.trim();
    if trimmed.starts_with('(') {
        return descriptor(trimmed, seconds);
    }
    if let Some(easy) = EasyConnect::parse(trimmed) {
        return Ok(easy.with_timeout(seconds));
    }
    if let Some(found) = lookup(trimmed, config_dir) {
        return descriptor(&found, seconds);
    }
    Ok(text.to_owned())
}

/// What a connect string is.
#[cfg(feature = "thin")]
pub(super) enum Resolved<'a> {
    /// A descriptor, or that of an alias.
    Descriptor(String),
    Easy {
        /// Without the parameters.
        text: &'a str,
        /// `name=value`, joined by `&`.
        parameters: &'a str,
    },
}

/// Finds out what a connect string is; `None` where it is nothing known here.
#[cfg(feature = "thin")]
pub(super) fn resolve<'a>(text: &'a str, config_dir: Option<&Path>) -> Option<Resolved<'a>> {
    let text = text.trim();
    if text.starts_with('(') {
        return Some(Resolved::Descriptor(text.to_owned()));
    }
    if EasyConnect::parse(text).is_some() {
        let (text, parameters) = text.split_once('?').unwrap_or((text, ""));
        return Some(Resolved::Easy { text, parameters });
    }
    lookup(text, config_dir).map(Resolved::Descriptor)
}

const LIMITS: [&str; 2] = ["CONNECT_TIMEOUT", "TRANSPORT_CONNECT_TIMEOUT"];

fn descriptor(text: &str, seconds: u64) -> Result<String, Error> {
    let malformed = |what: &str, at: usize| {
        Error::new(
            ErrorKind::ConnectString,
            format!("the connect descriptor {what} at character {}: compare it with tnsnames.ora", at + 1),
        )
    };
    let bytes = text.as_bytes();
    // Where a DESCRIPTION's content begins, and the limits seen in it, by depth.
    let mut open: Vec<Option<(usize, [bool; 2])>> = Vec::new();
    let mut insertions: Vec<(usize, String)> = Vec::new();
    let mut at = 0;
    while at < bytes.len() {
        match bytes[at] {
            quote @ (b'"' | b'\'') => {
                let end = bytes[at + 1..].iter().position(|b| *b == quote);
                at += end.ok_or_else(|| malformed("has a quote that does not end", at))? + 1;
            }
            b'(' => {
                let rest = &text[at + 1..];
                let keyword = rest.split(['=', '(', ')']).next().unwrap_or_default();
                let name = keyword.trim();
                if let Some(limit) = LIMITS.iter().position(|limit| name.eq_ignore_ascii_case(limit))
                    && let Some((_, seen)) = open.iter_mut().rev().flatten().next()
                {
                    seen[limit] = true;
                }
                let is_description = name.eq_ignore_ascii_case("DESCRIPTION") && rest[keyword.len()..].starts_with('=');
                open.push(is_description.then(|| (at + 2 + keyword.len(), [false; 2])));
            }
            b')' => {
                let Some(closed) = open.pop() else { return Err(malformed("has a parenthesis too many", at)) };
                if let Some((start, seen)) = closed {
                    let missing = LIMITS.iter().zip(seen).filter(|(_, seen)| !seen);
                    let limits: String = missing.map(|(limit, _)| format!("({limit}={seconds})")).collect();
                    insertions.push((start, limits));
                }
            }
            _ => {}
        }
        at += 1;
    }
    if !open.is_empty() {
        return Err(malformed("lacks a closing parenthesis", text.len()));
    }
    let mut result = text.to_owned();
    insertions.sort_by_key(|(start, _)| std::cmp::Reverse(*start));
    for (start, limits) in insertions {
        result.insert_str(start, &limits);
    }
    Ok(result)
}

/// `[[protocol:]//]host[,host…][:port]/[service][:server][/instance][?parameters]`.
#[derive(Debug, PartialEq, Eq)]
struct EasyConnect<'a> {
    text: &'a str,
    host: &'a str,
    port: u16,
    service: &'a str,
    server: &'a str,
    instance: &'a str,
    /// Has what only Easy Connect Plus knows.
    plus: bool,
}

impl<'a> EasyConnect<'a> {
    fn parse(text: &'a str) -> Option<Self> {
        let (protocol, rest) = match text.split_once("//") {
            Some(("", rest)) => ("", rest),
            Some((protocol, rest)) => (protocol.strip_suffix(':')?, rest),
            None => ("", text),
        };
        if !["", "tcp", "tcps", "TCP", "TCPS"].contains(&protocol) {
            return None;
        }
        let (rest, parameters) = rest.split_once('?').map_or((rest, ""), |(rest, parameters)| (rest, parameters));
        let (address, path) = rest.split_once('/').map_or((rest, None), |(address, path)| (address, Some(path)));
        let (host, port) = match address.strip_prefix('[') {
            // An IPv6 address.
            Some(six) => {
                let (host, port) = six.split_once(']')?;
                (host, if port.is_empty() { None } else { Some(port.strip_prefix(':')?) })
            }
            None => address.split_once(':').map_or((address, None), |(host, port)| (host, Some(port))),
        };
        // A bare word is an alias, or a host: only the client can tell.
        if port.is_none() && path.is_none() && !text.starts_with("//") && protocol.is_empty() {
            return None;
        }
        let name = |text: &str, more: &[char]| {
            text.chars().all(|c| c.is_alphanumeric() || "._-$#".contains(c) || more.contains(&c))
        };
        if host.is_empty() || !name(host, &[',', ':', ';', '%']) {
            return None;
        }
        let several = host.contains([',', ';']);
        let port_number = match port {
            None => 1521,
            Some(_) if several => 1521,
            Some(port) => port.parse().ok().filter(|port| *port > 0)?,
        };
        let (service, instance) = path.unwrap_or("").split_once('/').unwrap_or((path.unwrap_or(""), ""));
        let (service, server) = service.split_once(':').unwrap_or((service, ""));
        if ![service, server, instance].iter().all(|part| name(part, &[])) {
            return None;
        }
        let plus = several || !protocol.is_empty() || !parameters.is_empty() || text.contains('?');
        Some(EasyConnect { text, host, port: port_number, service, server, instance, plus })
    }

    fn with_timeout(&self, seconds: u64) -> String {
        if self.plus {
            let (address, parameters) = self.text.split_once('?').unwrap_or((self.text, ""));
            let mut all: Vec<String> = parameters.split('&').filter(|p| !p.is_empty()).map(str::to_owned).collect();
            for limit in LIMITS.map(str::to_ascii_lowercase) {
                let is_it = |p: &String| p.split('=').next().is_some_and(|key| key.trim().eq_ignore_ascii_case(&limit));
                if !all.iter().any(is_it) {
                    all.push(format!("{limit}={seconds}"));
                }
            }
            return format!("{address}?{}", all.join("&"));
        }
        let part = |key: &str, value: &str| if value.is_empty() { String::new() } else { format!("({key}={value})") };
        format!(
            "(DESCRIPTION=(CONNECT_TIMEOUT={seconds})(TRANSPORT_CONNECT_TIMEOUT={seconds})\
             (ADDRESS=(PROTOCOL=TCP)(HOST={})(PORT={}))(CONNECT_DATA=(SERVICE_NAME={}){}{}))",
            self.host,
            self.port,
            self.service,
            part("SERVER", self.server),
            part("INSTANCE_NAME", self.instance),
        )
    }
}

/// An alias's descriptor, from where the client library looks for it.
fn lookup(alias: &str, config_dir: Option<&Path>) -> Option<String> {
    let is_name = !alias.is_empty() && alias.chars().all(|c| c.is_alphanumeric() || "._-$#".contains(c));
    if !is_name {
        return None;
    }
    let folder = config_dir
        .map(Path::to_owned)
        .or_else(|| env::var_os("TNS_ADMIN").map(PathBuf::from))
        .or_else(|| env::var_os("ORACLE_HOME").map(|home| PathBuf::from(home).join("network").join("admin")))?;
    find_in_file(&folder.join("tnsnames.ora"), alias, 0)
}

fn find_in_file(file: &Path, alias: &str, depth: u32) -> Option<String> {
    const DEEPEST: u32 = 3;
    let text = fs::read_to_string(file).ok()?;
    for (name, value) in entries(&text) {
        if name.eq_ignore_ascii_case("IFILE") {
            let included = file.parent().unwrap_or(Path::new(".")).join(value.trim().trim_matches('"'));
            if depth < DEEPEST
                && let Some(found) = find_in_file(&included, alias, depth + 1)
            {
                return Some(found);
            }
        } else if name.split(',').any(|name| name.trim().eq_ignore_ascii_case(alias)) && value.starts_with('(') {
            return Some(value);
        }
    }
    None
}

/// `name[, name…] = value` of a `tnsnames.ora`; a value in parentheses goes on over lines. Comments begin with `#`.
fn entries(text: &str) -> Vec<(String, String)> {
    let mut entries: Vec<(String, String)> = Vec::new();
    let mut depth = 0_i32;
    for line in text.lines() {
        let line = line.split('#').next().unwrap_or_default();
        if line.trim().is_empty() {
            continue;
        }
        // Names begin in the first column; what is indented goes on.
        let begins = depth <= 0 && !line.starts_with([' ', '\t', '(', ')']);
        match (begins, line.split_once('=')) {
            (true, Some((name, value))) => entries.push((name.trim().to_owned(), value.trim().to_owned())),
            (true, None) => entries.push((line.trim().trim_end_matches('=').to_owned(), String::new())),
            (false, _) => {
                if let Some((_, value)) = entries.last_mut() {
                    value.push_str(line.trim().trim_start_matches(if value.is_empty() { '=' } else { '\0' }).trim());
                }
            }
        }
        for c in line.chars() {
            depth += i32::from(c == '(') - i32::from(c == ')');
        }
    }
    entries
}

#[cfg(test)]
mod tests {
    use super::*;

    fn limited(text: &str) -> String {
        with_timeout(text, Some(Duration::from_millis(9500)), None).unwrap()
    }

    #[test]
    fn easy_connect_becomes_its_descriptor() {
        let expected = |host: &str, port: u16, data: &str| {
            format!(
                "(DESCRIPTION=(CONNECT_TIMEOUT=10)(TRANSPORT_CONNECT_TIMEOUT=10)\
                 (ADDRESS=(PROTOCOL=TCP)(HOST={host})(PORT={port}))(CONNECT_DATA={data}))"
            )
        };
        assert_eq!(limited("//db.example.com:1522/ORCL"), expected("db.example.com", 1522, "(SERVICE_NAME=ORCL)"));
        assert_eq!(limited("db/orcl.example.com"), expected("db", 1521, "(SERVICE_NAME=orcl.example.com)"));
        assert_eq!(limited("db:1521"), expected("db", 1521, "(SERVICE_NAME=)"));
        assert_eq!(limited("//[::1]:1521/x"), expected("::1", 1521, "(SERVICE_NAME=x)"));
        assert_eq!(
            limited("db/s:pooled/i1"),
            expected("db", 1521, "(SERVICE_NAME=s)(SERVER=pooled)(INSTANCE_NAME=i1)")
        );
    }

    #[test]
    fn easy_connect_plus_gets_parameters() {
        let both = "connect_timeout=10&transport_connect_timeout=10";
        assert_eq!(limited("tcps://db:2484/s"), format!("tcps://db:2484/s?{both}"));
        assert_eq!(limited("db1,db2:1521/s"), format!("db1,db2:1521/s?{both}"));
        assert_eq!(
            limited("db/s?Connect_Timeout=3&wallet_location=/w"),
            "db/s?Connect_Timeout=3&wallet_location=/w&transport_connect_timeout=10"
        );
        assert_eq!(limited("db/s?"), format!("db/s?{both}"));
    }

    #[test]
    fn descriptors_keep_their_own_limits() {
        assert_eq!(
            limited("(DESCRIPTION = (ADDRESS=(PROTOCOL=TCP)(HOST=h)(PORT=1))(CONNECT_DATA=(SID=x)))"),
            "(DESCRIPTION =(CONNECT_TIMEOUT=10)(TRANSPORT_CONNECT_TIMEOUT=10) (ADDRESS=(PROTOCOL=TCP)(HOST=h)(PORT=1))(CONNECT_DATA=(SID=x)))"
        );
        assert_eq!(
            limited("(description=(connect_timeout=3)(address=(host=h)))"),
            "(description=(TRANSPORT_CONNECT_TIMEOUT=10)(connect_timeout=3)(address=(host=h)))"
        );
        let list = limited(
            "(DESCRIPTION_LIST=(DESCRIPTION=(CONNECT_TIMEOUT=3)(TRANSPORT_CONNECT_TIMEOUT=3))(DESCRIPTION=(A=b)))",
        );
        assert_eq!(
            list,
            "(DESCRIPTION_LIST=(DESCRIPTION=(CONNECT_TIMEOUT=3)(TRANSPORT_CONNECT_TIMEOUT=3))\
             (DESCRIPTION=(CONNECT_TIMEOUT=10)(TRANSPORT_CONNECT_TIMEOUT=10)(A=b)))"
        );
        let quoted = limited("(DESCRIPTION=(SECURITY=(SSL_SERVER_CERT_DN=\"CN=a)(b\"))(ADDRESS=(HOST=h)))");
        assert!(
            quoted.starts_with("(DESCRIPTION=(CONNECT_TIMEOUT=10)(TRANSPORT_CONNECT_TIMEOUT=10)(SECURITY"),
            "{quoted}"
        );
        for text in ["(DESCRIPTION=(ADDRESS=(HOST=h))", "(DESCRIPTION=(A=b)))", "(DESCRIPTION=(A=\"b))"] {
            let error = with_timeout(text, Some(Duration::from_secs(1)), None).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::ConnectString, "{text}: {error}");
            assert!(error.to_string().contains("at character"), "{error}");
        }
    }

    #[test]
    fn aliases_are_looked_up() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(
            folder.path().join("tnsnames.ora"),
            "# names\nIFILE = more.ora\nSALES, sales.example.com =\n  (DESCRIPTION =\n    (ADDRESS = (HOST = h)) # here\n  )\n\nHR=(DESCRIPTION=(SID=hr))\n",
        )
        .unwrap();
        fs::write(folder.path().join("more.ora"), "OTHER =\n (DESCRIPTION=(SID=o))\n").unwrap();
        let of = |alias: &str| with_timeout(alias, Some(Duration::from_secs(5)), Some(folder.path())).unwrap();
        let limits = "(CONNECT_TIMEOUT=5)(TRANSPORT_CONNECT_TIMEOUT=5)";
        assert_eq!(of("hr"), format!("(DESCRIPTION={limits}(SID=hr))"));
        assert_eq!(of("Sales.example.com"), format!("(DESCRIPTION ={limits}(ADDRESS = (HOST = h)))"));
        assert_eq!(of("other"), format!("(DESCRIPTION={limits}(SID=o))"));
        assert_eq!(of("nobody"), "nobody");
    }

    #[test]
    fn what_is_not_known_is_left() {
        for text in ["", "standin:/tmp/x.db", "/tmp/x.db", "ORCL", "host:port/x", "//h:0/x", "//h/x(y"] {
            assert_eq!(limited(text), text);
        }
        assert_eq!(with_timeout("//h/s", None, None).unwrap(), "//h/s");
    }
}
