//! libpq's sslmode names against a server with TLS, with certificates of every sort, and the target's password.
//!
//! The real server has no TLS of its own: a proxy in the test answers for it.

use crate::world::{World, text};
use examples::{
    config::{Secret, Target},
    connect::PgConnector,
};
use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, DnType, ExtendedKeyUsagePurpose, IsCa, KeyPair, date_time_ymd,
};
use rustls::{
    RootCertStore, ServerConfig,
    crypto::ring,
    pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject},
    server::WebPkiClientVerifier,
};
use std::{
    fs,
    io::ErrorKind,
    os::unix::fs::PermissionsExt,
    path::PathBuf,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};
use tempfile::TempDir;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt, copy_bidirectional},
    net::{TcpListener, TcpStream},
    runtime::Runtime,
};
use tokio_postgres::config::Host;
use tokio_rustls::TlsAcceptor;

/// What a client sends first that asks for TLS: its own length and a code in place of a protocol version.
const SSL_REQUEST: [u8; 8] = [0, 0, 0, 8, 4, 210, 22, 47];

/// A certificate and its key, as PEM.
struct Pair {
    certificate: String,
    key: String,
}

struct Issuer(CertifiedIssuer<'static, KeyPair>);

impl Issuer {
    fn new(name: &str) -> Self {
        let mut params = CertificateParams::default();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.distinguished_name.push(DnType::CommonName, name);
        Issuer(CertifiedIssuer::self_signed(params, KeyPair::generate().expect("a key")).expect("an issuer"))
    }

    fn issue(&self, params: CertificateParams) -> Pair {
        let key = KeyPair::generate().expect("a key");
        let certificate = params.signed_by(&key, &self.0).expect("a certificate");
        Pair { certificate: certificate.pem(), key: key.serialize_pem() }
    }

    fn server(&self, names: &[&str]) -> Pair {
        self.issue(names_of(names))
    }

    fn client(&self) -> Pair {
        let mut params = names_of(&["a client"]);
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth];
        self.issue(params)
    }
}

fn names_of(names: &[&str]) -> CertificateParams {
    let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
    CertificateParams::new(names).expect("names")
}

/// A server's side of TLS; with an issuer, clients must have a certificate of theirs.
fn tls(pair: &Pair, clients: Option<&Issuer>) -> ServerConfig {
    let provider = Arc::new(ring::default_provider());
    let builder = ServerConfig::builder_with_provider(Arc::clone(&provider)).with_safe_default_protocol_versions();
    let builder = builder.expect("versions");
    let builder = match clients {
        None => builder.with_no_client_auth(),
        Some(issuer) => {
            let mut roots = RootCertStore::empty();
            roots.add(issuer.0.der().clone()).expect("a root");
            let verifier = WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider).build();
            builder.with_client_cert_verifier(verifier.expect("a verifier"))
        }
    };
    let certificate = CertificateDer::from_pem_slice(pair.certificate.as_bytes()).expect("a certificate");
    let key = PrivateKeyDer::from_pem_slice(pair.key.as_bytes()).expect("a key");
    builder.with_single_cert(vec![certificate], key).expect("a configuration")
}

/// In front of the real server of `DATABASE_URL`: with or without TLS, counting who came how.
struct Proxy {
    port: u16,
    encrypted: Arc<AtomicUsize>,
    plain: Arc<AtomicUsize>,
    server: tokio_postgres::Config,
    dir: TempDir,
    runtime: Runtime,
}

impl Proxy {
    /// Without TLS to offer it says so, as a server with `ssl = off` does.
    fn start(tls: Option<ServerConfig>) -> Self {
        let url = std::env::var("DATABASE_URL")
            .expect("DATABASE_URL is not set: run `make test`, or `scripts/with-postgres.sh cargo test -p examples`");
        let server: tokio_postgres::Config = url.parse().expect("DATABASE_URL is a PostgreSQL URL");
        let Some(Host::Tcp(host)) = server.get_hosts().first() else { panic!("DATABASE_URL must name a TCP host") };
        let address = (host.clone(), server.get_ports().first().copied().unwrap_or(5432));
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build();
        let runtime = runtime.expect("a runtime");
        let listener = runtime.block_on(TcpListener::bind(("127.0.0.1", 0))).expect("a port");
        let port = listener.local_addr().expect("an address").port();
        let acceptor = tls.map(|config| TlsAcceptor::from(Arc::new(config)));
        let (encrypted, plain) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
        let counters = (Arc::clone(&encrypted), Arc::clone(&plain));
        runtime.spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                let (address, acceptor, counters) = (address.clone(), acceptor.clone(), counters.clone());
                tokio::spawn(async move { serve(client, address, acceptor, &counters.0, &counters.1).await });
            }
        });
        Proxy { port, encrypted, plain, server, dir: tempfile::tempdir().expect("a folder"), runtime }
    }

    fn with(pair: &Pair) -> Self {
        Self::start(Some(tls(pair, None)))
    }

    fn file(&self, name: &str, contents: &str) -> PathBuf {
        let path = self.dir.path().join(name);
        fs::write(&path, contents).expect("a file");
        fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).expect("its mode");
        path
    }

    /// `host` resolves to nothing: the proxy's address is given beside it, and the certificate is compared with the name.
    fn target(&self, host: &str, parameters: &str) -> Target {
        let (user, database) =
            (self.server.get_user().unwrap_or_default(), self.server.get_dbname().unwrap_or_default());
        let password = self.server.get_password().map(|p| String::from_utf8(p.to_vec()).expect("UTF-8"));
        Target {
            url: Some(format!("postgresql://{user}@{host}:{}/{database}?hostaddr=127.0.0.1{parameters}", self.port)),
            password: password.map(|password| Secret::File(self.file("password", &password))),
            ..Target::default()
        }
    }

    fn connect(&self, host: &str, parameters: &str) -> Result<(), String> {
        let connector = PgConnector::new(&self.target(host, parameters)).map_err(|e| format!("{e:#}"))?;
        let client = self.runtime.block_on(connector.connect()).map_err(|e| format!("{e:#}"))?;
        let row = self.runtime.block_on(client.query_one("SELECT 42", &[])).map_err(|e| e.to_string())?;
        assert_eq!(row.get::<_, i32>(0), 42);
        Ok(())
    }

    /// Connects, and it was with TLS.
    #[track_caller]
    fn encrypted(&self, host: &str, parameters: &str) {
        let before = self.counts();
        self.connect(host, parameters).unwrap_or_else(|e| panic!("{parameters}: {e}"));
        assert_eq!(self.counts(), (before.0 + 1, before.1), "{parameters}");
    }

    /// Connects, and it was without TLS.
    #[track_caller]
    fn plain(&self, host: &str, parameters: &str) {
        let before = self.counts();
        self.connect(host, parameters).unwrap_or_else(|e| panic!("{parameters}: {e}"));
        assert_eq!(self.counts(), (before.0, before.1 + 1), "{parameters}");
    }

    /// Does not connect, says these things on one line, and has sent the server nothing.
    #[track_caller]
    fn refused(&self, host: &str, parameters: &str, expected: &[&str]) -> String {
        let before = self.counts();
        let error = self.connect(host, parameters).expect_err(parameters);
        for part in expected {
            assert!(error.contains(part), "{parameters}: {part:?} is not in: {error}");
        }
        assert!(!error.contains('\n'), "{error}");
        if let Some(password) = self.server.get_password() {
            assert!(!error.contains(std::str::from_utf8(password).expect("UTF-8")), "the password is in: {error}");
        }
        assert_eq!(self.counts(), before, "{parameters}");
        error
    }

    fn counts(&self) -> (usize, usize) {
        (self.encrypted.load(Ordering::SeqCst), self.plain.load(Ordering::SeqCst))
    }
}

/// Counts a connection when the client has sent its first message, which names the user.
async fn serve(
    mut client: TcpStream,
    server: (String, u16),
    acceptor: Option<TlsAcceptor>,
    encrypted: &AtomicUsize,
    plain: &AtomicUsize,
) -> std::io::Result<()> {
    let mut first = [0; 8];
    client.read_exact(&mut first).await?;
    if first == SSL_REQUEST {
        if let Some(acceptor) = acceptor {
            client.write_all(b"S").await?;
            let mut client = acceptor.accept(client).await?;
            client.read_exact(&mut first).await?;
            encrypted.fetch_add(1, Ordering::SeqCst);
            return relay(&mut client, server, &first).await;
        }
        client.write_all(b"N").await?;
        client.read_exact(&mut first).await?;
    }
    plain.fetch_add(1, Ordering::SeqCst);
    relay(&mut client, server, &first).await
}

async fn relay<S>(client: &mut S, server: (String, u16), first: &[u8]) -> std::io::Result<()>
where
    S: tokio::io::AsyncRead + tokio::io::AsyncWrite + Unpin,
{
    let mut server = TcpStream::connect(server).await?;
    server.write_all(first).await?;
    match copy_bidirectional(client, &mut server).await {
        Err(e) if e.kind() != ErrorKind::UnexpectedEof => Err(e),
        _ => Ok(()),
    }
}

fn root(path: &std::path::Path) -> String {
    format!("&sslrootcert={}", path.display())
}

#[test]
fn without_a_certificate_to_look_at() {
    let issuer = Issuer::new("issuer");
    let proxy = Proxy::with(&issuer.server(&["db.example.com"]));
    proxy.plain("localhost", "&sslmode=disable");
    proxy.encrypted("localhost", "&sslmode=allow");
    proxy.encrypted("localhost", "&sslmode=prefer");
    // Any certificate, whoever issued it and for whatever name.
    proxy.encrypted("localhost", "&sslmode=require");
    proxy.encrypted("other.example.com", "&sslmode=require");
    // On this machine nothing need be said.
    proxy.encrypted("localhost", "");
    let unwilling = Proxy::start(None);
    unwilling.plain("localhost", "&sslmode=disable");
    unwilling.plain("localhost", "&sslmode=prefer");
    unwilling.plain("localhost", "");
}

#[test]
fn no_tls_where_it_is_required() {
    let unwilling = Proxy::start(None);
    let issuer = root(&unwilling.file("ca.pem", &Issuer::new("issuer").0.pem()));
    for mode in ["require", "verify-ca", "verify-full"] {
        let parameters = format!("&sslmode={mode}{issuer}");
        unwilling.refused(
            "localhost",
            &parameters,
            &["the server offers no TLS", "sslmode is verify", "sslmode=disable"],
        );
    }
    unwilling.refused("localhost", "&sslmode=require", &["the server offers no TLS", "sslmode is require"]);
    // Off this machine, nobody need ask for it.
    unwilling.refused(
        "db.example.com",
        &issuer,
        &["the server offers no TLS", "verify-full", "as always off this machine"],
    );
}

#[test]
fn the_issuer_is_verified() {
    let (issuer, other) = (Issuer::new("issuer"), Issuer::new("other"));
    let proxy = Proxy::with(&issuer.server(&["db.example.com"]));
    let right = root(&proxy.file("right.pem", &issuer.0.pem()));
    // Same name, another key.
    let namesake = root(&proxy.file("namesake.pem", &Issuer::new("issuer").0.pem()));
    let wrong = root(&proxy.file("wrong.pem", &other.0.pem()));
    let both = root(&proxy.file("both.pem", &format!("{}{}", other.0.pem(), issuer.0.pem())));
    for mode in ["verify-ca", "require"] {
        // The name does not matter.
        proxy.encrypted("localhost", &format!("&sslmode={mode}{right}"));
        proxy.encrypted("localhost", &format!("&sslmode={mode}{both}"));
        for (file, name) in [(&wrong, "wrong.pem"), (&namesake, "namesake.pem")] {
            let parameters = format!("&sslmode={mode}{file}");
            proxy.refused("localhost", &parameters, &["the issuer of the server's certificate", name, "sslrootcert"]);
        }
    }
    // Whatever this machine trusts, it does not trust that one.
    proxy.refused("localhost", "&sslmode=verify-ca", &["sslrootcert"]);
    proxy.refused("localhost", "&sslrootcert=system", &["sslrootcert"]);
}

#[test]
fn issuer_and_name_are_verified() {
    let (issuer, other) = (Issuer::new("issuer"), Issuer::new("other"));
    let proxy = Proxy::with(&issuer.server(&["db.example.com", "*.pg.example.com", "127.0.0.1"]));
    let right = format!("&sslmode=verify-full{}", root(&proxy.file("right.pem", &issuer.0.pem())));
    for name in ["db.example.com", "one.pg.example.com", "127.0.0.1"] {
        proxy.encrypted(name, &right);
    }
    for name in ["localhost", "example.com", "127.0.0.2"] {
        let says = ["is for db.example.com, *.pg.example.com, 127.0.0.1, not for", name, "verify-ca"];
        proxy.refused(name, &right, &says);
    }
    let wrong = root(&proxy.file("wrong.pem", &other.0.pem()));
    proxy.refused("db.example.com", &format!("&sslmode=verify-full{wrong}"), &["the issuer", "wrong.pem"]);
    proxy.refused("db.example.com", "&sslmode=verify-full", &["sslrootcert"]);
    // Off this machine all of that is so without a word.
    let silent = root(&proxy.dir.path().join("right.pem"));
    proxy.encrypted("db.example.com", &silent);
    proxy.refused("other.example.com", &silent, &["not for other.example.com"]);
    proxy.refused("db.example.com", "", &["sslrootcert"]);
}

#[test]
fn self_signed_certificates() {
    // As the PostgreSQL manual makes one: it is its own issuer.
    let mut params = names_of(&["db.example.com"]);
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let key = KeyPair::generate().expect("a key");
    let own = params.self_signed(&key).expect("a certificate").pem();
    let proxy = Proxy::with(&Pair { certificate: own.clone(), key: key.serialize_pem() });
    let itself = root(&proxy.file("server.pem", &own));
    proxy.encrypted("localhost", &format!("&sslmode=verify-ca{itself}"));
    proxy.encrypted("db.example.com", &itself);
    proxy.refused("localhost", &format!("&sslmode=verify-full{itself}"), &["is for db.example.com, not for localhost"]);
    let wrong = root(&proxy.file("wrong.pem", &Issuer::new("other").0.pem()));
    proxy.refused("db.example.com", &wrong, &["CA:TRUE", "sslrootcert"]);
    // As Debian's ssl-cert makes one.
    let key = KeyPair::generate().expect("a key");
    let own = names_of(&["db.example.com"]).self_signed(&key).expect("a certificate").pem();
    let proxy = Proxy::with(&Pair { certificate: own.clone(), key: key.serialize_pem() });
    proxy.encrypted("db.example.com", &root(&proxy.file("server.pem", &own)));
}

#[test]
fn dates_are_verified() {
    let issuer = Issuer::new("issuer");
    let dated = |from, to| {
        let mut params = names_of(&["db.example.com"]);
        (params.not_before, params.not_after) = (date_time_ymd(from, 1, 1), date_time_ymd(to, 1, 1));
        let proxy = Proxy::with(&issuer.issue(params.clone()));
        let parameters = root(&proxy.file("ca.pem", &issuer.0.pem()));
        // That it is trusted itself does not make it valid.
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let key = KeyPair::generate().expect("a key");
        let own = params.self_signed(&key).expect("a certificate").pem();
        let itself = Proxy::with(&Pair { certificate: own.clone(), key: key.serialize_pem() });
        let own = root(&itself.file("own.pem", &own));
        (proxy.refused("db.example.com", &parameters, &[]), itself.refused("db.example.com", &own, &[]))
    };
    let (issued, own) = dated(2001, 2002);
    assert!(issued.contains("has expired") && own.contains("has expired"), "{issued} {own}");
    let (issued, own) = dated(3001, 3002);
    assert!(issued.contains("not valid yet") && own.contains("not valid yet"), "{issued} {own}");
}

#[test]
fn client_certificates() {
    let (issuer, other) = (Issuer::new("issuer"), Issuer::new("other"));
    let proxy = Proxy::start(Some(tls(&issuer.server(&["db.example.com"]), Some(&issuer))));
    let ca = root(&proxy.file("ca.pem", &issuer.0.pem()));
    let client = |name: &str, issuer: &Issuer| {
        let pair = issuer.client();
        let certificate = proxy.file(&format!("{name}.pem"), &pair.certificate);
        let key = proxy.file(&format!("{name}.key"), &pair.key);
        (format!("{ca}&sslcert={}", certificate.display()), key)
    };
    let (certificate, key) = client("right", &issuer);
    proxy.encrypted("db.example.com", &format!("{certificate}&sslkey={}", key.display()));
    proxy.refused("db.example.com", &ca, &["wants a client certificate", "sslcert", "sslkey"]);
    let (strange, strange_key) = client("strange", &other);
    let parameters = format!("{strange}&sslkey={}", strange_key.display());
    proxy.refused("db.example.com", &parameters, &["refused the TLS handshake", "strange.pem", "ssl_ca_file"]);
    let not_ours = format!("{certificate}&sslkey={}", strange_key.display());
    proxy.refused("db.example.com", &not_ours, &["do not go together"]);
    proxy.refused("db.example.com", &certificate, &["sslcert and sslkey must be given together"]);
    fs::set_permissions(&key, fs::Permissions::from_mode(0o644)).expect("its mode");
    let open = format!("{certificate}&sslkey={}", key.display());
    proxy.refused("db.example.com", &open, &["right.key", "open to others", "chmod 600"]);
}

#[test]
fn files_that_are_no_certificates() {
    let proxy = Proxy::start(None);
    let (empty, text) = (proxy.file("empty.pem", ""), proxy.file("text.pem", "-----BEGIN CERTIFICATE-----\n!\n"));
    proxy.refused("db.example.com", &root(&empty), &["sslrootcert", "empty.pem", "PEM"]);
    proxy.refused("db.example.com", &root(&text), &["sslrootcert", "text.pem", "PEM"]);
    proxy.refused("db.example.com", "&sslrootcert=nowhere.pem", &["sslrootcert", "nowhere.pem", "No such file"]);
    let key = format!("&sslmode=require&sslcert={0}&sslkey={0}", empty.display());
    proxy.refused("db.example.com", &key, &["sslcert", "empty.pem"]);
}

/// Environment variables and their values.
type Variables<'a> = &'a [(&'a str, &'a str)];

/// The configuration's `[target]` with these lines first.
fn configure(world: &World, lines: &str) {
    let path = world.path("migrate.toml");
    world.configure("hr", "");
    let config = fs::read_to_string(&path).expect("a configuration");
    fs::write(path, config.replace("[target]\n", &format!("[target]\n{lines}\n"))).expect("a configuration");
}

/// What the program prints where something is wrong with the target's certificate: one line.
#[test]
fn the_program_says_it_on_one_line() {
    let issuer = Issuer::new("issuer");
    let proxy = Proxy::with(&issuer.server(&["db.example.com"]));
    let world = World::new("hr");
    fs::write(world.path("ca.pem"), issuer.0.pem()).expect("a file");
    fs::write(world.path("other.pem"), Issuer::new("other").0.pem()).expect("a file");
    let says = |host: &str, parameters: &str| {
        let target = proxy.target(host, parameters);
        let file = proxy.dir.path().join("password");
        let password = target.password.map_or(String::new(), |_| format!("\npassword = {{ file = {file:?} }}"));
        configure(&world, &format!("url = \"{}\"{password}", target.url.expect("a URL")));
        // The certificate is found beside the configuration, wherever the program is started.
        let output = world.command(&["status"]).current_dir("/").output().expect("migrate starts");
        let printed = text(&output);
        assert!(!output.status.success() && printed.lines().count() == 1, "{printed}");
        printed
    };
    let place = format!("error: the target db.example.com:{}/", proxy.port);
    let printed = says("db.example.com", "&sslrootcert=other.pem");
    assert!(
        printed.starts_with(&place) && printed.contains("the issuer") && printed.contains("other.pem"),
        "{printed}"
    );
    let printed = says("wrong.example.com", "&sslrootcert=ca.pem");
    assert!(printed.contains("is for db.example.com, not for wrong.example.com"), "{printed}");
    // With the right certificate it goes on to what else is wrong: there is no migration yet.
    let printed = says("db.example.com", "&sslrootcert=ca.pem");
    assert!(printed.contains("migrate run"), "{printed}");
    assert!(proxy.counts().0 > 0);
}

/// The password from each of its places opens the real server, and is in no output. A server that trusts everybody
/// would let any password pass: there, that the configuration reads the right one is the unit tests' to show.
#[test]
fn passwords_from_each_place() {
    let proxy = Proxy::start(None);
    let world = World::new("hr");
    let target = proxy.target("localhost", "");
    let password = String::from_utf8(proxy.server.get_password().expect("a password in DATABASE_URL").to_vec());
    let password = password.expect("UTF-8");
    let url = format!("url = \"{}\"", target.url.expect("a URL"));
    let user = proxy.server.get_user().expect("a user");
    fs::write(world.path("secret"), format!("{password}\n")).expect("a file");
    let line = |password: &str| format!("localhost:{}:*:{user}:{password}\n", proxy.port);
    let pgpass = proxy.file("pgpass", &line(&password));
    let wrong = proxy.file("pgpass.wrong", &line("nonsense-4711"));
    let open = proxy.file("pgpass.open", &line(&password));
    fs::set_permissions(&open, fs::Permissions::from_mode(0o640)).expect("its mode");
    let run = |secret: &str, environment: Variables<'_>| {
        configure(&world, &format!("{url}\n{secret}"));
        let mut command = world.command(&["plan"]);
        command.env_remove("DATABASE_URL").env_remove("PGPASSWORD").env("PGPASSFILE", "/dev/null");
        let output = command.envs(environment.iter().copied()).output().expect("migrate starts");
        let printed = text(&output);
        assert!(!printed.contains(&password) && !printed.contains("4711"), "a password is in: {printed}");
        (output.status.success(), printed)
    };
    let pgpass = ("PGPASSFILE", pgpass.to_str().expect("UTF-8"));
    let wrong_file = ("PGPASSFILE", wrong.to_str().expect("UTF-8"));
    let wrong = ("PGPASSWORD", "nonsense-4711");
    let works: [(&str, Variables<'_>); 6] = [
        ("password = { env = \"THE_PASSWORD\" }", &[("THE_PASSWORD", &password), wrong]),
        ("password = { file = \"secret\" }", &[wrong, wrong_file]),
        ("password = { command = \"cat secret\" }", &[wrong, wrong_file]),
        ("", &[("PGPASSWORD", &password), wrong_file]),
        ("", &[("PGPASSWORD", ""), pgpass]),
        ("", &[pgpass]),
    ];
    for (secret, environment) in works {
        let (success, printed) = run(secret, environment);
        assert!(success, "{secret}: {printed}");
    }
    let fails: [(&str, Variables<'_>, &str); 5] = [
        ("password = { env = \"THE_PASSWORD\" }", &[], "THE_PASSWORD"),
        ("password = { file = \"nowhere\" }", &[], "nowhere"),
        ("password = { command = \"echo 4711 >/dev/null; exit 3\" }", &[], "exit status: 3"),
        ("password = { command = \"true\" }", &[], "is empty"),
        ("", &[("PGPASSFILE", open.to_str().expect("UTF-8"))], "chmod 600"),
    ];
    for (secret, environment, expected) in fails {
        let (success, printed) = run(secret, environment);
        assert!(!success && printed.contains(expected) && printed.lines().count() == 1, "{secret}: {printed}");
    }
    let guess = World::new("hr");
    configure(&guess, &url);
    let lets_anybody_in =
        guess.command(&["plan"]).env_remove("DATABASE_URL").envs([wrong]).output().expect("it starts");
    if !lets_anybody_in.status.success() {
        assert!(text(&lets_anybody_in).contains("password authentication failed"), "{}", text(&lets_anybody_in));
        for environment in [[wrong, pgpass], [("PGPASSWORD", ""), wrong_file]] {
            assert!(run("", &environment).1.contains("password authentication failed"));
        }
        let (success, printed) = run("", &[]);
        assert!(!success && printed.contains("pgpass file") && printed.contains("target.password"), "{printed}");
    }
}
