use crate::{Error, ErrorKind};
use std::{env, error::Error as StdError, fmt, fs, path::PathBuf, sync::Arc};

/// A password, or where one is had when a session logs in. It prints as `***`, or as its place.
///
/// From an environment variable, a file or a function it is fetched for each login, so that a password that is changed meanwhile is
/// noticed; it is kept nowhere in between.
#[derive(Clone)]
pub struct Secret(Source);

type Fetch = dyn Fn() -> Result<String, Box<dyn StdError + Send + Sync>> + Send + Sync;

#[derive(Clone)]
enum Source {
    Known(String),
    Env(String),
    File(PathBuf),
    Function(Arc<Fetch>),
}

impl Secret {
    /// The value of an environment variable.
    pub fn from_env(name: impl Into<String>) -> Self {
        Secret(Source::Env(name.into()))
    }

    /// The first line of a file.
    pub fn from_file(path: impl Into<PathBuf>) -> Self {
        Secret(Source::File(path.into()))
    }

    /// What a function gives: a vault, a key ring, a prompt.
    pub fn from_fn<F>(fetch: F) -> Self
    where
        F: Fn() -> Result<String, Box<dyn StdError + Send + Sync>> + Send + Sync + 'static,
    {
        Secret(Source::Function(Arc::new(fetch)))
    }

    pub(crate) fn fetch(&self) -> Result<String, Error> {
        let unavailable = |message: String| Error::new(ErrorKind::SecretUnavailable, message);
        match &self.0 {
            Source::Known(secret) => Ok(secret.clone()),
            Source::Env(name) => env::var(name).map_err(|e| {
                let why = if e == env::VarError::NotPresent { "is not set" } else { "is not UTF-8" };
                unavailable(format!("the environment variable {name}, which should have the password, {why}"))
            }),
            Source::File(path) => {
                let text = fs::read_to_string(path).map_err(|e| {
                    unavailable(format!("the password file {} cannot be read", path.display())).with_source(Box::new(e))
                })?;
                match text.lines().next() {
                    Some(line) if !line.is_empty() => Ok(line.to_owned()),
                    _ => Err(unavailable(format!("the first line of the password file {} is empty", path.display()))),
                }
            }
            Source::Function(fetch) => {
                fetch().map_err(|e| unavailable("the password cannot be fetched".to_owned()).with_source(e))
            }
        }
    }
}

impl Default for Secret {
    fn default() -> Self {
        Secret(Source::Known(String::new()))
    }
}

impl From<String> for Secret {
    fn from(secret: String) -> Self {
        Secret(Source::Known(secret))
    }
}

impl From<&str> for Secret {
    fn from(secret: &str) -> Self {
        Secret(Source::Known(secret.to_owned()))
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Source::Known(_) => f.write_str("***"),
            Source::Env(name) => write!(f, "*** of environment variable {name}"),
            Source::File(path) => write!(f, "*** of file {}", path.display()),
            Source::Function(_) => f.write_str("*** of a function"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_of_secrets() {
        let file = tempfile::NamedTempFile::new().unwrap();
        fs::write(file.path(), "tiger-4711\nmore\n").unwrap();
        let from_file = Secret::from_file(file.path());
        assert_eq!(from_file.fetch().unwrap(), "tiger-4711");
        fs::write(file.path(), "").unwrap();
        assert_eq!(from_file.fetch().unwrap_err().kind(), ErrorKind::SecretUnavailable);
        let path = env::var("PATH").unwrap();
        assert_eq!(Secret::from_env("PATH").fetch().unwrap(), path);
        let missing = Secret::from_env("ORACLE_SOURCE_NO_SUCH_VARIABLE").fetch().unwrap_err();
        assert!(missing.to_string().contains("ORACLE_SOURCE_NO_SUCH_VARIABLE"), "{missing}");
        assert_eq!(Secret::from_fn(|| Ok("tiger-4711".to_owned())).fetch().unwrap(), "tiger-4711");
        let failing = Secret::from_fn(|| Err("the vault is sealed".into())).fetch().unwrap_err();
        assert_eq!(failing.kind(), ErrorKind::SecretUnavailable);
        assert_eq!(failing.source().unwrap().to_string(), "the vault is sealed");
    }

    #[test]
    fn no_secret_is_printed() {
        let function = Secret::from_fn(|| Ok("tiger-4711".to_owned()));
        for secret in [Secret::from("tiger-4711"), function, Secret::from_env("HOME"), Secret::from_file("/x")] {
            let printed = format!("{secret:?}");
            assert!(printed.starts_with("***") && !printed.contains("4711"), "{printed}");
        }
    }
}
