//! Connections to the target, with TLS by libpq's `sslmode` names and passwords from where libpq takes them.

use crate::config::{Secret, Target};
use anyhow::{Context, Result, bail};
use rustls::{
    ClientConfig, DigitallySignedStruct, RootCertStore, SignatureScheme,
    client::{
        WebPkiServerVerifier,
        danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier},
    },
    crypto::{CryptoProvider, ring, verify_tls12_signature, verify_tls13_signature},
    pki_types::{CertificateDer, PrivateKeyDer, ServerName, UnixTime, pem::PemObject},
};
use std::{path::PathBuf, sync::Arc, time::Duration};
use tokio_postgres::{
    Client, NoTls,
    config::{Host, SslMode},
};
use tokio_postgres_rustls::MakeRustlsConnect;

/// How to reach the target; connects as often as it is asked to.
///
/// `Debug` shows neither the password nor the URL that may have one.
#[derive(Clone)]
pub struct PgConnector {
    config: tokio_postgres::Config,
    tls: Option<MakeRustlsConnect>,
    place: String,
}

impl std::fmt::Debug for PgConnector {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("PgConnector").field("place", &self.place).finish_non_exhaustive()
    }
}

/// libpq's `sslmode`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Mode {
    Disable,
    /// Also for `allow`: TLS where the server has it.
    Prefer,
    Require,
    VerifyCa,
    VerifyFull,
}

/// What of a libpq URL is about TLS.
#[derive(Debug, Default)]
struct Tls {
    mode: Option<Mode>,
    root: Option<PathBuf>,
    certificate: Option<PathBuf>,
    key: Option<PathBuf>,
}

impl PgConnector {
    /// Reads the target's part of a configuration; the password is fetched now.
    pub fn new(target: &Target) -> Result<Self> {
        let (url, from_file) = match &target.url {
            Some(url) => (url.clone(), true),
            None => (
                std::env::var("DATABASE_URL").context(
                    "the configuration has no target.url, and the environment variable DATABASE_URL is not set",
                )?,
                false,
            ),
        };
        // The URL may hold a password: it is in no message.
        let (url, tls) = split_tls(&url)?;
        let mut config: tokio_postgres::Config = url.parse().map_err(|_| {
            anyhow::anyhow!("the target's URL is not valid: it should look like postgresql://user@host:5432/database?sslmode=verify-full")
        })?;
        if from_file && config.get_password().is_some() {
            bail!("target.url has a password in it: take it out, and use target.password, PGPASSWORD or a pgpass file");
        }
        if let Some(dbname) = &target.dbname {
            config.dbname(dbname);
        }
        if config.get_user().is_none() {
            config.user(
                std::env::var("PGUSER").or_else(|_| std::env::var("USER")).unwrap_or_else(|_| "postgres".to_owned()),
            );
        }
        let host = match config.get_hosts() {
            [] => {
                config.host("localhost");
                "localhost".to_owned()
            }
            [Host::Tcp(host)] => host.clone(),
            [Host::Unix(path)] => path.display().to_string(),
            _ => bail!("the target's URL names several hosts: name one"),
        };
        let port = config.get_ports().first().copied().unwrap_or(5432);
        let (user, database) = (config.get_user().unwrap_or_default(), config.get_dbname().unwrap_or_default());
        let place = format!("{host}:{port}/{database} as {user}");
        if config.get_password().is_none()
            && let Some(password) = password(target.password.as_ref(), &host, port, database, user)?
        {
            config.password(password);
        }
        config
            .connect_timeout(Duration::from_secs(15))
            .application_name("oracle-migration")
            .keepalives_idle(Duration::from_secs(60));
        let local = host.starts_with('/')
            || host == "localhost"
            || host.parse().is_ok_and(|ip: std::net::IpAddr| ip.is_loopback());
        let mode = tls.mode.unwrap_or(if local { Mode::Prefer } else { Mode::VerifyFull });
        config.ssl_mode(match mode {
            Mode::Disable => SslMode::Disable,
            Mode::Prefer => SslMode::Prefer,
            Mode::Require | Mode::VerifyCa | Mode::VerifyFull => SslMode::Require,
        });
        let tls = match mode {
            Mode::Disable => None,
            _ => Some(MakeRustlsConnect::new(tls_config(mode, &tls)?)),
        };
        Ok(PgConnector { config, tls, place })
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
        result.with_context(|| format!("the target {} cannot be reached", self.place))
    }
}

/// Takes the parameters that are about TLS out of a libpq URL or `key=value` string.
fn split_tls(url: &str) -> Result<(String, Tls)> {
    let mut tls = Tls::default();
    let Some((base, query)) = url.split_once('?') else {
        if !url.contains("://") && url.contains("ssl") {
            bail!("give the target as a URL: TLS settings are not read from the key=value form");
        }
        return Ok((url.to_owned(), tls));
    };
    let mut rest = form_urlencoded::Serializer::new(String::new());
    for (key, value) in form_urlencoded::parse(query.as_bytes()) {
        match &*key {
            "sslmode" => {
                tls.mode = Some(match &*value {
                    "disable" => Mode::Disable,
                    "allow" | "prefer" => Mode::Prefer,
                    "require" => Mode::Require,
                    "verify-ca" => Mode::VerifyCa,
                    "verify-full" => Mode::VerifyFull,
                    other => bail!(
                        "sslmode is {other:?}: it can be disable, allow, prefer, require, verify-ca or verify-full"
                    ),
                });
            }
            "sslrootcert" => tls.root = Some(PathBuf::from(&*value)),
            "sslcert" => tls.certificate = Some(PathBuf::from(&*value)),
            "sslkey" => tls.key = Some(PathBuf::from(&*value)),
            _ => {
                rest.append_pair(&key, &value);
            }
        }
    }
    let rest = rest.finish();
    Ok((if rest.is_empty() { base.to_owned() } else { format!("{base}?{rest}") }, tls))
}

/// As libpq: what was configured, else PGPASSWORD, else the pgpass file.
fn password(configured: Option<&Secret>, host: &str, port: u16, database: &str, user: &str) -> Result<Option<String>> {
    if let Some(secret) = configured {
        return secret.fetch().map(Some);
    }
    if let Ok(password) = std::env::var("PGPASSWORD") {
        return Ok(Some(password));
    }
    let file = match (std::env::var_os("PGPASSFILE"), std::env::var_os("HOME")) {
        (Some(file), _) => PathBuf::from(file),
        (None, Some(home)) => PathBuf::from(home).join(".pgpass"),
        (None, None) => return Ok(None),
    };
    match std::fs::read_to_string(&file) {
        Ok(text) => Ok(from_pgpass(&text, [host, &port.to_string(), database, user])),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error).with_context(|| format!("the pgpass file {} cannot be read", file.display())),
    }
}

/// The first line of `host:port:database:user:password` that fits; `*` fits all, `\` escapes `:` and itself.
fn from_pgpass(text: &str, wanted: [&str; 4]) -> Option<String> {
    text.lines().filter(|line| !line.starts_with('#')).find_map(|line| {
        let mut fields = vec![String::new()];
        let mut chars = line.chars();
        while let Some(c) = chars.next() {
            match (c, fields.len()) {
                ('\\', _) => fields.last_mut()?.extend(chars.next()),
                (':', 1..=4) => fields.push(String::new()),
                _ => fields.last_mut()?.push(c),
            }
        }
        let fits =
            fields.len() == 5 && fields.iter().zip(wanted).all(|(field, wanted)| field == "*" || field == wanted);
        fits.then(|| fields.swap_remove(4))
    })
}

fn tls_config(mode: Mode, tls: &Tls) -> Result<ClientConfig> {
    let provider = Arc::new(ring::default_provider());
    let builder = ClientConfig::builder_with_provider(Arc::clone(&provider))
        .with_safe_default_protocol_versions()
        .context("TLS cannot be set up")?;
    let verify = match (mode, &tls.root) {
        (Mode::VerifyFull, _) => Some(true),
        // libpq: a root certificate turns `require` into `verify-ca`.
        (Mode::VerifyCa, _) | (Mode::Require, Some(_)) => Some(false),
        _ => None,
    };
    let builder = match verify {
        Some(true) => builder.with_root_certificates(roots(tls)?),
        Some(false) => {
            let inner = WebPkiServerVerifier::builder_with_provider(Arc::new(roots(tls)?), provider)
                .build()
                .context("the root certificates cannot be used")?;
            builder.dangerous().with_custom_certificate_verifier(Arc::new(AnyName(inner)))
        }
        None => builder.dangerous().with_custom_certificate_verifier(Arc::new(AnyCertificate(provider))),
    };
    match (&tls.certificate, &tls.key) {
        (Some(certificate), Some(key)) => {
            let chain = certificates(certificate)?;
            let key = PrivateKeyDer::from_pem_file(key)
                .with_context(|| format!("sslkey {} cannot be read", key.display()))?;
            builder.with_client_auth_cert(chain, key).context("sslcert and sslkey do not go together")
        }
        (None, None) => Ok(builder.with_no_client_auth()),
        _ => bail!("sslcert and sslkey must be given together"),
    }
}

fn certificates(path: &PathBuf) -> Result<Vec<CertificateDer<'static>>> {
    let problem = || format!("the certificate file {} cannot be read", path.display());
    CertificateDer::pem_file_iter(path).and_then(Iterator::collect).with_context(problem)
}

fn roots(tls: &Tls) -> Result<RootCertStore> {
    let mut roots = RootCertStore::empty();
    match tls.root.as_ref().filter(|path| path.as_os_str() != "system") {
        Some(path) => {
            for certificate in certificates(path)? {
                roots
                    .add(certificate)
                    .with_context(|| format!("sslrootcert {} has an unusable certificate", path.display()))?;
            }
        }
        None => {
            let native = rustls_native_certs::load_native_certs();
            roots.add_parsable_certificates(native.certs);
            if roots.is_empty() {
                bail!(
                    "the target's certificate is to be verified, and this machine has no root certificates: install the package \
                     ca-certificates, or name the issuer's certificate with sslrootcert in the target's URL"
                );
            }
        }
    }
    Ok(roots)
}

/// `verify-ca`: a certificate of a known issuer, whatever name it is for.
#[derive(Debug)]
struct AnyName(Arc<WebPkiServerVerifier>);

/// `require` without a root certificate: encrypted, whoever answers.
#[derive(Debug)]
struct AnyCertificate(Arc<CryptoProvider>);

impl ServerCertVerifier for AnyName {
    fn verify_server_cert(
        &self,
        certificate: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        name: &ServerName<'_>,
        ocsp: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        use rustls::CertificateError::{NotValidForName, NotValidForNameContext};
        match self.0.verify_server_cert(certificate, intermediates, name, ocsp, now) {
            // The name is checked last: the chain is good.
            Err(rustls::Error::InvalidCertificate(NotValidForName | NotValidForNameContext { .. })) => {
                Ok(ServerCertVerified::assertion())
            }
            other => other,
        }
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        self.0.verify_tls12_signature(message, certificate, signature)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        self.0.verify_tls13_signature(message, certificate, signature)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.0.supported_verify_schemes()
    }
}

impl ServerCertVerifier for AnyCertificate {
    fn verify_server_cert(
        &self,
        _certificate: &CertificateDer<'_>,
        _intermediates: &[CertificateDer<'_>],
        _name: &ServerName<'_>,
        _ocsp: &[u8],
        _now: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        verify_tls12_signature(message, certificate, signature, &self.0.signature_verification_algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        verify_tls13_signature(message, certificate, signature, &self.0.signature_verification_algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.0.signature_verification_algorithms.supported_schemes()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tls_settings_leave_the_url() {
        let (url, tls) =
            split_tls("postgresql://u:p@h/db?sslmode=verify-ca&options=-c%20x%3D1&sslrootcert=%2Fa%20b.pem").unwrap();
        assert_eq!(url, "postgresql://u:p@h/db?options=-c+x%3D1");
        assert_eq!(tls.mode, Some(Mode::VerifyCa));
        assert_eq!(tls.root.unwrap(), PathBuf::from("/a b.pem"));
        assert!(split_tls("postgresql://h/db?sslmode=maybe").unwrap_err().to_string().contains("verify-full"));
    }

    #[test]
    fn pgpass_is_read_as_libpq_does() {
        let text = "# comment\nother:*:*:*:no\nh:5432:d\\:b:u:pa\\:ss:word\\\\\n*:*:*:*:last";
        let find = |host: &str, database: &str| from_pgpass(text, [host, "5432", database, "u"]);
        assert_eq!(find("h", "d:b").as_deref(), Some("pa:ss:word\\"));
        assert_eq!(find("x", "d").as_deref(), Some("last"));
        assert_eq!(from_pgpass("h:1:d:u:p", ["h", "2", "d", "u"]), None);
    }

    #[test]
    fn a_password_in_the_file_is_refused_and_never_shown() {
        let target = Target { url: Some("postgresql://u:hunter2@localhost/db".into()), ..Target::default() };
        let error = format!("{:?}", PgConnector::new(&target).unwrap_err());
        assert!(error.contains("has a password") && !error.contains("hunter2"), "{error}");
        let target = Target {
            url: Some("postgresql://u@localhost/db".into()),
            password: Some(Secret::Command("echo hunter2".into())),
            ..Target::default()
        };
        let shown = format!("{:?}", PgConnector::new(&target).unwrap());
        assert!(shown.contains("localhost:5432/db as u") && !shown.contains("hunter2"), "{shown}");
    }
}
