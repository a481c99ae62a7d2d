//! TLS as libpq's URL parameters ask for it.

use super::{PARAMETERS, password::insist_on_private_key};
use anyhow::{Context, Result, bail};
use percent_encoding::percent_decode_str;
use rustls::{
    AlertDescription, CertificateError, ClientConfig, DigitallySignedStruct, RootCertStore, SignatureScheme,
    client::{
        WebPkiServerVerifier,
        danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier},
        verify_server_name,
    },
    crypto::{CryptoProvider, ring, verify_tls12_signature, verify_tls13_signature},
    pki_types::{self, CertificateDer, PrivateKeyDer, ServerName, UnixTime, pem::PemObject},
    server::ParsedCertificate,
};
use std::{
    error::Error as StdError,
    io,
    path::{Path, PathBuf},
    sync::Arc,
};
use tokio_postgres::config::SslMode;

/// libpq's `sslmode`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Mode {
    Disable,
    /// Also for `allow`: TLS where the server has it.
    Prefer,
    Require,
    VerifyCa,
    VerifyFull,
}

impl Mode {
    pub(super) fn negotiation(self) -> SslMode {
        match self {
            Mode::Disable => SslMode::Disable,
            Mode::Prefer => SslMode::Prefer,
            Mode::Require | Mode::VerifyCa | Mode::VerifyFull => SslMode::Require,
        }
    }

    fn name(self) -> &'static str {
        match self {
            Mode::Disable => "disable",
            Mode::Prefer => "prefer",
            Mode::Require => "require",
            Mode::VerifyCa => "verify-ca",
            Mode::VerifyFull => "verify-full",
        }
    }
}

/// What of a libpq URL is about TLS.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Settings {
    mode: Option<Mode>,
    root: Option<PathBuf>,
    certificate: Option<PathBuf>,
    key: Option<PathBuf>,
}

impl Settings {
    /// Takes these settings out of a URL, or of a `key=value` string, which must have none. The rest is as it was.
    pub(super) fn split(url: &str) -> Result<(String, Settings)> {
        let mut settings = Settings::default();
        let Some(begin) = url.find("://").map(|at| at + 3) else {
            if url.split_whitespace().any(|word| word.starts_with("ssl")) {
                bail!("give the target as a URL: TLS settings are not read from the key=value form");
            }
            return Ok((url.to_owned(), settings));
        };
        // A password may have a question mark in it.
        let path = url[begin..].find('/').map_or(url.len(), |at| begin + at);
        let host = url[begin..path].rfind('@').map_or(begin, |at| begin + at);
        let Some(question) = url[host..].find('?').map(|at| host + at) else {
            return Ok((url.to_owned(), settings));
        };
        let mut rest = Vec::new();
        for pair in url[question + 1..].split('&').filter(|pair| !pair.is_empty()) {
            let Some((key, raw)) = pair.split_once('=') else {
                bail!("the target's URL is not valid: behind the question mark come parameters like name=value");
            };
            let value = percent_decode_str(raw).decode_utf8().context("the target's URL is not UTF-8")?;
            match key {
                "sslmode" => {
                    settings.mode = Some(match &*value {
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
                "sslrootcert" => settings.root = Some(PathBuf::from(&*value)),
                "sslcert" => settings.certificate = Some(PathBuf::from(&*value)),
                "sslkey" => settings.key = Some(PathBuf::from(&*value)),
                // Only what looks like a parameter is repeated: anything else may be a piece of a password.
                _ if !PARAMETERS.contains(&key) && key.bytes().all(|b| b.is_ascii_lowercase() || b == b'_') => bail!(
                    "the target's URL has the parameter {key}, which is not known here; known are sslmode, sslrootcert, sslcert, \
                     sslkey, {}",
                    PARAMETERS.join(", ")
                ),
                // The reader of the rest takes any @ for the end of user and password.
                _ => rest.push(pair.replace('@', "%40")),
            }
        }
        let base = &url[..question];
        Ok((if rest.is_empty() { base.to_owned() } else { format!("{base}?{}", rest.join("&")) }, settings))
    }

    pub(super) fn relative_to(&mut self, folder: &Path) {
        let files = [self.root.as_mut().filter(|path| !is_system(path)), self.certificate.as_mut(), self.key.as_mut()];
        for file in files.into_iter().flatten() {
            *file = folder.join(&*file);
        }
    }

    /// What was asked for, else `natural`.
    pub(super) fn mode(&self, natural: Mode) -> Result<Mode> {
        let system = self.root.as_deref().is_some_and(is_system);
        match self.mode {
            // Anybody can have a certificate of a public issuer: without its name it says nothing.
            Some(mode) if system && mode != Mode::VerifyFull => {
                bail!("sslmode={} is too weak with sslrootcert=system: use sslmode=verify-full", mode.name())
            }
            None if system => Ok(Mode::VerifyFull),
            // libpq ignores them where there is no network.
            _ if natural == Mode::Disable => Ok(Mode::Disable),
            Some(Mode::Require) if self.root.is_some() => Ok(Mode::VerifyCa),
            asked => Ok(asked.unwrap_or(natural)),
        }
    }

    pub(super) fn client_config(&self, mode: Mode) -> Result<ClientConfig> {
        let provider = Arc::new(ring::default_provider());
        let builder = ClientConfig::builder_with_provider(Arc::clone(&provider))
            .with_safe_default_protocol_versions()
            .context("TLS cannot be set up")?
            .dangerous();
        let builder = match mode {
            Mode::VerifyCa | Mode::VerifyFull => {
                let (roots, trusted) = self.roots()?;
                let inner = WebPkiServerVerifier::builder_with_provider(Arc::new(roots), provider)
                    .build()
                    .context("the root certificates cannot be used")?;
                let by_name = mode == Mode::VerifyFull;
                builder.with_custom_certificate_verifier(Arc::new(Verified { inner, trusted, by_name }))
            }
            Mode::Disable | Mode::Prefer | Mode::Require => {
                builder.with_custom_certificate_verifier(Arc::new(Unverified(provider)))
            }
        };
        match (&self.certificate, &self.key) {
            (Some(certificate), Some(key)) => {
                insist_on_private_key(key)?;
                let chain = certificates("sslcert", certificate)?;
                let key = PrivateKeyDer::from_pem_file(key).map_err(|e| pem_problem("sslkey", key, &e))?;
                builder.with_client_auth_cert(chain, key).context("sslcert and sslkey do not go together")
            }
            (None, None) => Ok(builder.with_no_client_auth()),
            _ => bail!("sslcert and sslkey must be given together"),
        }
    }

    /// The issuers to trust, and these certificates themselves.
    fn roots(&self) -> Result<(RootCertStore, Vec<CertificateDer<'static>>)> {
        let mut roots = RootCertStore::empty();
        let Some(path) = self.root.as_deref().filter(|path| !is_system(path)) else {
            roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
            if roots.is_empty() {
                bail!(
                    "the target's certificate is to be verified, and this machine has no root certificates: install the \
                     package ca-certificates, or name the issuer's certificate with sslrootcert in the target's URL"
                );
            }
            return Ok((roots, Vec::new()));
        };
        let trusted = certificates("sslrootcert", path)?;
        for certificate in &trusted {
            roots
                .add(certificate.clone())
                .with_context(|| format!("sslrootcert {} has a certificate that cannot be used", path.display()))?;
        }
        Ok((roots, trusted))
    }

    /// What is wrong and what to do about it, where a connection failed because of TLS.
    pub(super) fn explain(&self, mode: Mode, error: &tokio_postgres::Error) -> Option<String> {
        // The driver has no type for this.
        if error.source().is_some_and(|cause| cause.to_string() == "server does not support TLS") {
            return Some(format!(
                "the server offers no TLS, and sslmode is {}{}: turn TLS on at the server (ssl = on), or, where the network \
                 between is trusted, say sslmode=disable in the target's URL",
                mode.name(),
                if self.mode.is_none() { ", as always off this machine" } else { "" },
            ));
        }
        match tls_error(error)? {
            rustls::Error::InvalidCertificate(problem) => Some(self.explain_certificate(problem)),
            rustls::Error::AlertReceived(alert) => Some(match (alert, &self.certificate) {
                (
                    AlertDescription::CertificateRequired
                    | AlertDescription::HandshakeFailure
                    | AlertDescription::BadCertificate,
                    None,
                ) => format!(
                    "the server wants a client certificate (alert {alert:?}): name yours with sslcert and its key with sslkey in \
                     the target's URL"
                ),
                (_, Some(certificate)) => format!(
                    "the server refused the TLS handshake (alert {alert:?}): does its ssl_ca_file hold the issuer of sslcert {}, \
                     and is that still valid?",
                    certificate.display()
                ),
                (_, None) => format!("the server refused the TLS handshake (alert {alert:?}): its log says more"),
            }),
            _ => None,
        }
    }

    fn explain_certificate(&self, problem: &CertificateError) -> String {
        let issuer = || {
            let place = match &self.root {
                Some(path) if !is_system(path) => format!("not in sslrootcert {}", path.display()),
                _ => "not one that this machine knows".to_owned(),
            };
            format!(
                "the issuer of the server's certificate is {place}: name the right issuer's certificate (PEM) with \
                 sslrootcert in the target's URL"
            )
        };
        match problem {
            CertificateError::UnknownIssuer | CertificateError::BadSignature => issuer(),
            CertificateError::NotValidForNameContext { expected, presented } => {
                let names: Vec<&str> = presented.iter().map(|name| bare(name)).collect();
                let names =
                    if names.is_empty() { "no name at all (subjectAltName)".to_owned() } else { names.join(", ") };
                format!(
                    "the server's certificate is for {names}, not for {}: use a name of the certificate in the target's URL, \
                     or give the server a certificate for this name (sslmode=verify-ca checks the issuer only)",
                    expected.to_str()
                )
            }
            CertificateError::Expired | CertificateError::ExpiredContext { .. } => {
                "the server's certificate has expired: renew it at the server, or set this machine's clock right"
                    .to_owned()
            }
            CertificateError::NotValidYet | CertificateError::NotValidYetContext { .. } => {
                "the server's certificate is not valid yet: look at the clocks of both machines".to_owned()
            }
            CertificateError::InvalidPurpose | CertificateError::InvalidPurposeContext { .. } => {
                "the server's certificate is not one for servers (extendedKeyUsage): give the server another".to_owned()
            }
            _ if is_ca(problem) => {
                "the server's certificate is that of an issuer (CA:TRUE) and not in sslrootcert: name this very \
                                    certificate with sslrootcert in the target's URL, or give the server one of its own"
                    .to_owned()
            }
            other => format!("the server's certificate cannot be used ({other}): give the server another"),
        }
    }
}

fn is_system(path: &Path) -> bool {
    path.as_os_str() == "system"
}

/// `DnsName("x")` as x.
fn bare(name: &str) -> &str {
    name.split_once('(').map_or(name, |(_, rest)| rest.trim_end_matches(')').trim_matches('"'))
}

/// The error of the TLS library among an error's causes. An `io::Error` hides what it was made from.
fn tls_error(error: &tokio_postgres::Error) -> Option<&rustls::Error> {
    let mut cause: Option<&(dyn StdError + 'static)> = error.source();
    while let Some(error) = cause {
        let inner: Option<&(dyn StdError + 'static)> = match error.downcast_ref::<io::Error>() {
            Some(io) => io.get_ref().map(|inner| inner as _),
            None => Some(error),
        };
        if let Some(found) = inner.and_then(|inner| inner.downcast_ref()) {
            return Some(found);
        }
        cause = error.source();
    }
    None
}

fn certificates(parameter: &str, path: &Path) -> Result<Vec<CertificateDer<'static>>> {
    let read = CertificateDer::pem_file_iter(path).and_then(Iterator::collect::<Result<Vec<_>, _>>);
    let found = read.map_err(|error| pem_problem(parameter, path, &error))?;
    if found.is_empty() {
        bail!("{parameter} {} has no certificate in it: it should be a PEM file", path.display());
    }
    Ok(found)
}

fn pem_problem(parameter: &str, path: &Path, error: &pki_types::pem::Error) -> anyhow::Error {
    use pki_types::pem::Error::{Io, NoItemsFound};
    match error {
        Io(error) => anyhow::anyhow!("{parameter} {} cannot be read: {error}", path.display()),
        NoItemsFound => {
            anyhow::anyhow!(
                "{parameter} {} holds none: it should be a PEM file (keys without passphrase)",
                path.display()
            )
        }
        // Its own words are bytes in decimal.
        _ => anyhow::anyhow!("{parameter} {} is not a valid PEM file", path.display()),
    }
}

/// A certificate of a known issuer, and `by_name` for the host that was asked for.
#[derive(Debug)]
struct Verified {
    inner: Arc<WebPkiServerVerifier>,
    trusted: Vec<CertificateDer<'static>>,
    by_name: bool,
}

impl Verified {
    /// A server's self-signed certificate may be named as its own issuer, which OpenSSL takes even where it says CA:TRUE,
    /// as the one of PostgreSQL's manual does. Dates are checked before that is found.
    fn is_trusted_itself(&self, certificate: &CertificateDer<'_>, problem: &CertificateError) -> bool {
        is_ca(problem) && self.trusted.iter().any(|trusted| trusted == certificate)
    }
}

fn is_ca(problem: &CertificateError) -> bool {
    matches!(problem, CertificateError::Other(other)
        if matches!(other.0.downcast_ref(), Some(webpki::Error::CaUsedAsEndEntity)))
}

/// Encrypted, whoever answers.
#[derive(Debug)]
struct Unverified(Arc<CryptoProvider>);

impl ServerCertVerifier for Verified {
    fn verify_server_cert(
        &self,
        certificate: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        name: &ServerName<'_>,
        ocsp: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        use CertificateError::{NotValidForName, NotValidForNameContext};
        match self.inner.verify_server_cert(certificate, intermediates, name, ocsp, now) {
            // The name is checked last: the chain is good.
            Err(rustls::Error::InvalidCertificate(NotValidForName | NotValidForNameContext { .. }))
                if !self.by_name =>
            {
                Ok(ServerCertVerified::assertion())
            }
            Err(rustls::Error::InvalidCertificate(problem)) if self.is_trusted_itself(certificate, &problem) => {
                if self.by_name {
                    verify_server_name(&ParsedCertificate::try_from(certificate)?, name)?;
                }
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
        self.inner.verify_tls12_signature(message, certificate, signature)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        self.inner.verify_tls13_signature(message, certificate, signature)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.inner.supported_verify_schemes()
    }
}

impl ServerCertVerifier for Unverified {
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
        let split = |url: &str| Settings::split(url).unwrap();
        let (url, tls) =
            split("postgresql://u:p?q@h/db?sslmode=verify-ca&options=-c%20x%3D1+2@&sslrootcert=%2Fa%20b%2b+c@d.pem");
        assert_eq!(url, "postgresql://u:p?q@h/db?options=-c%20x%3D1+2%40");
        assert_eq!(tls.mode, Some(Mode::VerifyCa));
        assert_eq!(tls.root.unwrap(), PathBuf::from("/a b++c@d.pem"));
        for same in ["postgresql://u:p@h/db", "postgresql://h", "host=h password=mussl", "postgresql://h?port=1"] {
            assert_eq!(split(same), (same.to_owned(), Settings::default()));
        }
        assert_eq!(split("postgresql://h?sslmode=require"), split("postgresql://h?&sslmode=require&"));
        assert_eq!(split("postgresql://u:a/b@h/db?sslmode=allow").1.mode, Some(Mode::Prefer));
        assert!(Settings::split("postgresql://h/db?sslmode=maybe").unwrap_err().to_string().contains("verify-full"));
        assert!(Settings::split("host=h sslmode=require").unwrap_err().to_string().contains("URL"));
    }

    #[test]
    fn modes_as_libpq_has_them() {
        let mode = |url: &str, natural| Settings::split(&format!("postgresql://h/d?{url}")).unwrap().1.mode(natural);
        assert_eq!(mode("", Mode::Prefer).unwrap(), Mode::Prefer);
        assert_eq!(mode("sslrootcert=a", Mode::VerifyFull).unwrap(), Mode::VerifyFull);
        assert_eq!(mode("sslmode=require", Mode::VerifyFull).unwrap(), Mode::Require);
        assert_eq!(mode("sslmode=require&sslrootcert=a", Mode::VerifyFull).unwrap(), Mode::VerifyCa);
        assert_eq!(mode("sslrootcert=system", Mode::Prefer).unwrap(), Mode::VerifyFull);
        assert!(
            mode("sslmode=verify-ca&sslrootcert=system", Mode::Prefer).unwrap_err().to_string().contains("verify-full")
        );
        assert_eq!(mode("sslmode=require", Mode::Disable).unwrap(), Mode::Disable);
    }
}
