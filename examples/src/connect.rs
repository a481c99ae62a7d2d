//! Connections to the target, with TLS by libpq's `sslmode` names and passwords from where libpq takes them.

mod password;
mod tls;

use crate::config::Target;
use anyhow::{Context, Result, bail};
use std::{env, ffi::OsString, net::IpAddr, time::Duration};
use tls::{Mode, Settings};
use tokio_postgres::{Client, NoTls, config::Host};
use tokio_postgres_rustls::MakeRustlsConnect;

/// How to reach the target; connects as often as it is asked to.
///
/// `Debug` shows neither the password nor the URL that may have one.
#[derive(Clone)]
pub struct PgConnector {
    config: tokio_postgres::Config,
    tls: Option<MakeRustlsConnect>,
    settings: Settings,
    mode: Mode,
    place: String,
}

impl std::fmt::Debug for PgConnector {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("PgConnector").field("place", &self.place).field("mode", &self.mode).finish_non_exhaustive()
    }
}

/// After so long without an answer from its machine a connection counts as lost.
const DEAD: Duration = Duration::from_secs(60);

/// What `tokio_postgres` reads from a URL; what is about certificates is taken out before.
const PARAMETERS: [&str; 18] = [
    "user",
    "password",
    "dbname",
    "options",
    "application_name",
    "sslnegotiation",
    "host",
    "hostaddr",
    "port",
    "connect_timeout",
    "tcp_user_timeout",
    "keepalives",
    "keepalives_idle",
    "keepalives_interval",
    "keepalives_retries",
    "target_session_attrs",
    "channel_binding",
    "load_balance_hosts",
];

impl PgConnector {
    /// Reads the target's part of a configuration; the password and the certificates are fetched now.
    ///
    /// Where the URL has no `sslmode`, it is `verify-full`; for a server on this machine (a loopback address, `localhost`)
    /// it is `prefer`. A Unix socket never has TLS. `sslrootcert=system` means this machine's root certificates, which are
    /// also what `verify-full` and `verify-ca` use where no `sslrootcert` is given.
    ///
    /// # Errors
    /// A URL that cannot be used, a password in the configuration's URL, a password or certificate that cannot be had.
    /// No error has the URL or the password in it.
    pub fn new(target: &Target) -> Result<Self> {
        Self::with_environment(target, &|name| env::var_os(name).filter(|value| !value.is_empty()))
    }

    fn with_environment(target: &Target, environment: &dyn Fn(&str) -> Option<OsString>) -> Result<Self> {
        let text = |name: &str| {
            let value = environment(name).map(OsString::into_string).transpose();
            value.map_err(|_| anyhow::anyhow!("the environment variable {name} is not UTF-8"))
        };
        let (url, from_file) = match &target.url {
            Some(url) => (url.clone(), true),
            None => (
                text("DATABASE_URL")?.context(
                    "the configuration has no target.url, and the environment variable DATABASE_URL is not set",
                )?,
                false,
            ),
        };
        // The URL may hold a password: it is in no message.
        let (url, mut settings) = Settings::split(&url)?;
        if from_file {
            settings.relative_to(&target.folder);
        }
        let mut config: tokio_postgres::Config = url.parse().map_err(|_| {
            anyhow::anyhow!("the target's URL is not valid: it should look like postgresql://user@host:5432/database?sslmode=verify-full")
        })?;
        if from_file && config.get_password().is_some() {
            bail!("target.url has a password in it: take it out, and use target.password, PGPASSWORD or a pgpass file");
        }
        if config.get_user().is_none() {
            config.user(text("PGUSER")?.or(text("USER")?).unwrap_or_else(|| "postgres".to_owned()));
        }
        let user = config.get_user().unwrap_or_default().to_owned();
        if let Some(database) = &target.dbname {
            config.dbname(database);
        } else if config.get_dbname().is_none() {
            config.dbname(&user);
        }
        let address = match *config.get_hostaddrs() {
            [] => None,
            [address] => Some(address),
            _ => bail!("the target's URL names several addresses: name one"),
        };
        if config.get_hosts().is_empty() {
            config.host(address.map_or("localhost".to_owned(), |address| address.to_string()));
        }
        let [host] = config.get_hosts() else { bail!("the target's URL names several hosts: name one") };
        let (host, natural) = (shown(host), natural_mode(host, address));
        let port = config.get_ports().first().copied().unwrap_or(5432);
        let database = config.get_dbname().unwrap_or_default();
        let place = format!("{host}:{port}/{database} as {user}");
        if config.get_password().is_none()
            && let Some(password) =
                password::find(target.password.as_ref(), [&host, &port.to_string(), database, &user], environment)?
        {
            config.password(password);
        }
        config.connect_timeout(Duration::from_secs(15)).application_name("oracle-migration");
        // What the URL says of a network that is dead counts more.
        if config.get_tcp_user_timeout().is_none() {
            config.tcp_user_timeout(DEAD);
        }
        if config.get_keepalives_interval().is_none() {
            config.keepalives_idle(DEAD).keepalives_interval(DEAD / 6).keepalives_retries(3);
        }
        let mode = settings.mode(natural)?;
        config.ssl_mode(mode.negotiation());
        let tls = match mode {
            Mode::Disable => None,
            _ => Some(MakeRustlsConnect::new(settings.client_config(mode)?)),
        };
        Ok(PgConnector { config, tls, settings, mode, place })
    }

    /// Where this leads, without the password: `host:port/database as user`.
    pub fn place(&self) -> &str {
        &self.place
    }

    /// The same server and user, another database.
    pub fn with_database(&self, database: &str) -> Self {
        let mut other = self.clone();
        other.config.dbname(database);
        other
    }

    /// Connects. The connection lives in a task of the current runtime until the client is dropped.
    ///
    /// # Errors
    /// The target, and why it cannot be reached; where TLS or a missing password is in the way, also what to do.
    pub async fn connect(&self) -> Result<Client> {
        let result = match &self.tls {
            None => self.config.connect(NoTls).await.map(|(client, connection)| {
                tokio::spawn(connection);
                client
            }),
            Some(tls) => self.config.connect(tls.clone()).await.map(|(client, connection)| {
                tokio::spawn(connection);
                client
            }),
        };
        result.map_err(|error| {
            let problem = format!("the target {} cannot be reached", self.place);
            match self.settings.explain(self.mode, &error).or_else(|| self.without_password(&error)) {
                Some(explanation) => anyhow::anyhow!("{problem}: {explanation}"),
                None => anyhow::Error::new(error).context(problem),
            }
        })
    }

    fn without_password(&self, error: &tokio_postgres::Error) -> Option<String> {
        let cause = std::error::Error::source(error)?.to_string();
        (self.config.get_password().is_none() && cause == "password missing").then(|| {
            "the server asks for a password, and there is none: use target.password in the configuration, PGPASSWORD, \
             or a line host:port:database:user:password in the pgpass file"
                .to_owned()
        })
    }
}

fn shown(host: &Host) -> String {
    match host {
        Host::Tcp(host) => host.clone(),
        Host::Unix(path) => path.display().to_string(),
    }
}

/// What `sslmode` is where nobody says: a name may lead anywhere, so only what is surely this machine goes unverified.
fn natural_mode(host: &Host, address: Option<IpAddr>) -> Mode {
    let Host::Tcp(host) = host else { return Mode::Disable };
    let here = host.eq_ignore_ascii_case("localhost") || host.parse().is_ok_and(|ip: IpAddr| ip.is_loopback());
    if here && address.is_none_or(|ip| ip.is_loopback()) { Mode::Prefer } else { Mode::VerifyFull }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Secret;
    use std::{collections::HashMap, fs, path::Path};

    fn connector(target: &Target, environment: &[(&str, &str)]) -> Result<PgConnector> {
        let environment: HashMap<_, _> = environment.iter().copied().collect();
        PgConnector::with_environment(target, &|name| environment.get(name).map(OsString::from))
    }

    fn at(url: &str) -> Target {
        Target { url: Some(url.to_owned()), ..Target::default() }
    }

    fn password(connector: &PgConnector) -> Option<&str> {
        connector.config.get_password().map(|p| std::str::from_utf8(p).unwrap())
    }

    #[test]
    fn off_loopback_everything_is_verified() {
        let mode = |url: &str| connector(&at(url), &[]).unwrap().mode;
        for url in
            ["localhost", "LocalHost:5433", "127.0.0.1", "127.3.2.1", "[::1]", "/d", "localhost/d?hostaddr=127.0.0.1"]
        {
            assert_eq!(mode(&format!("postgresql://u@{url}")), Mode::Prefer, "{url}");
        }
        let away = [
            "db.example.com",
            "localhost.example.com",
            "10.1.2.3",
            "[2001:db8::1]",
            "0.0.0.0",
            "/d?hostaddr=10.1.2.3",
            "localhost/d?hostaddr=10.1.2.3",
            "db.example.com/d?hostaddr=127.0.0.1",
        ];
        for url in away {
            let connector = PgConnector::with_environment(&at(&format!("postgresql://u@{url}")), &|_| None);
            // A machine without root certificates cannot verify, and says so rather than not verifying.
            match connector {
                Ok(connector) => assert_eq!(connector.mode, Mode::VerifyFull, "{url}"),
                Err(error) => assert!(error.to_string().contains("no root certificates"), "{url}: {error}"),
            }
        }
        assert_eq!(mode("postgresql://u@%2Fvar%2Frun/d"), Mode::Disable);
        assert_eq!(mode("host=localhost user=u"), Mode::Prefer);
        assert_eq!(mode("postgresql://u@10.1.2.3/d?sslmode=require"), Mode::Require);
        assert_eq!(mode("postgresql://u@10.1.2.3/d?sslmode=disable"), Mode::Disable);
    }

    #[test]
    fn passwords_come_from_where_libpq_takes_them() {
        let dir = tempfile::tempdir().unwrap();
        let (file, pgpass) = (dir.path().join("password"), dir.path().join("pgpass"));
        fs::write(&file, "from-file\r\nsecond line\n").unwrap();
        fs::write(&pgpass, "h:5432:d:u:from-pgpass\n").unwrap();
        private(&pgpass);
        let pgpass = pgpass.to_str().unwrap();
        let url = "postgresql://u@h/d?sslmode=disable";
        let all = [("PGPASSWORD", "from-PGPASSWORD"), ("PGPASSFILE", pgpass)];
        let with = |secret: Option<Secret>, environment: &[(&str, &str)]| {
            let connector = connector(&Target { password: secret, ..at(url) }, environment).unwrap();
            let debug = format!("{connector:?}");
            assert!(debug.contains("h:5432/d as u") && !debug.contains("from-"), "{debug}");
            password(&connector).map(str::to_owned)
        };
        assert_eq!(with(Some(Secret::File(file)), &all).as_deref(), Some("from-file"));
        assert_eq!(
            with(Some(Secret::Command("echo from-command; echo more".into())), &all).as_deref(),
            Some("from-command")
        );
        // Cargo sets it for every test.
        assert_eq!(with(Some(Secret::Env("CARGO_PKG_NAME".into())), &all).as_deref(), Some("examples"));
        assert_eq!(with(None, &all).as_deref(), Some("from-PGPASSWORD"));
        assert_eq!(with(None, &all[1..]).as_deref(), Some("from-pgpass"));
        assert_eq!(with(None, &[("PGPASSFILE", "/nowhere/pgpass")]), None);
        assert_eq!(with(None, &[("PGPASSFILE", "/dev/null")]), None);
        fs::rename(pgpass, dir.path().join(".pgpass")).unwrap();
        assert_eq!(with(None, &[("HOME", dir.path().to_str().unwrap())]).as_deref(), Some("from-pgpass"));
        let given =
            connector(&Target::default(), &[("DATABASE_URL", "postgresql://u:p?%2F@h/d?sslmode=disable"), all[0]]);
        assert_eq!(password(&given.unwrap()), Some("p?/"));
    }

    #[test]
    fn a_pgpass_file_that_others_can_read_is_refused() {
        use std::os::unix::fs::PermissionsExt;
        let file = tempfile::NamedTempFile::new().unwrap();
        fs::write(file.path(), "*:*:*:*:hunter2\n").unwrap();
        fs::set_permissions(file.path(), fs::Permissions::from_mode(0o644)).unwrap();
        let environment = [("PGPASSFILE", file.path().to_str().unwrap())];
        let error = format!("{:#}", connector(&at("postgresql://u@localhost/d"), &environment).unwrap_err());
        assert!(error.contains("0644") && error.contains("chmod 600") && !error.contains("hunter2"), "{error}");
        // Nobody looks at it where the password comes from elsewhere.
        assert!(connector(&at("postgresql://u@localhost/d"), &[environment[0], ("PGPASSWORD", "x")]).is_ok());
    }

    fn private(path: &Path) {
        use std::os::unix::fs::PermissionsExt;
        fs::set_permissions(path, fs::Permissions::from_mode(0o600)).unwrap();
    }

    #[test]
    fn a_password_in_the_file_is_refused_and_never_shown() {
        for url in [
            "postgresql://u:hunter2@localhost/db",
            "postgresql://u@localhost/db?password=hunter2",
            "host=h password=hunter2",
        ] {
            let error = format!("{:?}", connector(&at(url), &[]).unwrap_err());
            assert!(error.contains("has a password") && !error.contains("hunter2"), "{error}");
        }
        let broken = [
            "postgresql://u:hunter2@h:port/db",
            "postgresql://u:hunter2@h/db?nonsense",
            "postgresql://u:hunter2@h/db?sslmode=maybe",
            "postgresql://u:hun/ter?hunter2@h/db",
            "postgresql://u:hunter2@h,i/db",
            "password=hunter2 sslmode=require",
            "hunter2",
        ];
        for url in broken {
            let error = format!("{:?}", connector(&Target::default(), &[("DATABASE_URL", url)]).unwrap_err());
            assert!(!error.contains("hunter2"), "{error}");
        }
    }

    #[test]
    fn what_the_url_lacks_is_as_libpq_has_it() {
        let place = |url: &str| connector(&at(url), &[("PGUSER", "me")]).unwrap().place().to_owned();
        assert_eq!(place("postgresql:///d"), "localhost:5432/d as me");
        assert_eq!(place("postgresql://u@localhost:5433"), "localhost:5433/u as u");
        assert_eq!(place("postgresql:///?hostaddr=127.0.0.9&user=a@b"), "127.0.0.9:5432/a@b as a@b");
        let other = Target { dbname: Some("other".into()), ..at("postgresql://u@localhost/d") };
        assert_eq!(connector(&other, &[]).unwrap().place(), "localhost:5432/other as u");
        let error = connector(&at("postgresql://u@localhost/d?sslcrl=x.pem"), &[]).unwrap_err().to_string();
        assert!(error.contains("sslcrl"), "{error}");
    }
}
