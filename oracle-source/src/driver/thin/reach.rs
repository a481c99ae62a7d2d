//! How the thin driver is to reach the database, with everything refused that it would pass over without a word.

use crate::{ConnectOptions, Error, ErrorKind, driver::connect_string};
use std::{
    env, fs,
    path::{Path, PathBuf},
};

pub(super) struct Reach {
    pub(super) connect_string: String,
    /// The folder of `ewallet.pem`.
    pub(super) wallet: Option<String>,
    /// By TLS.
    pub(super) encrypted: bool,
}

/// Keywords of a descriptor that the driver does not heed and that decide how safe a connection is, or whether there is one.
const UNHEEDED: [&str; 9] = [
    "HTTPS_PROXY",
    "HTTPS_PROXY_PORT",
    "KERBEROS5_CC_NAME",
    "KERBEROS5_PRINCIPAL",
    "PASSWORD_AUTH",
    "SSL_SERVER_CERT_DN",
    "TOKEN_AUTH",
    "TOKEN_LOCATION",
    "TUNNEL_SERVICE_NAME",
];

/// Parameters of `sqlnet.ora` that the driver would pass over, where they are `REQUIRED`.
const REQUIRED: [&str; 2] = ["SQLNET.ENCRYPTION_CLIENT", "SQLNET.CRYPTO_CHECKSUM_CLIENT"];

/// # Errors
/// [`ErrorKind::DriverLacks`] names the option, keyword or parameter that the driver does not know.
pub(super) fn of(options: &ConnectOptions) -> Result<Reach, Error> {
    if options.is_external() {
        return Err(lacks("external authentication (an empty ConnectOptions::user)"));
    }
    if options.user.contains('[') {
        return Err(lacks("a proxy user (ConnectOptions::user proxy[user])"));
    }
    let config_dir = options.config_dir.clone().or_else(|| env::var_os("TNS_ADMIN").map(PathBuf::from));
    if let Some(parameter) = config_dir.as_deref().and_then(required) {
        return Err(lacks(format!("{parameter} = REQUIRED of sqlnet.ora")));
    }
    let mut reach = Reach { connect_string: String::new(), wallet: None, encrypted: false };
    match connect_string::resolve(&options.connect_string, options.config_dir.as_deref()) {
        Some(connect_string::Resolved::Descriptor(text)) => {
            // Whether it is one at all, with a better message than the driver's.
            connect_string::with_timeout(&text, options.connect_timeout, None)?;
            for (keyword, value) in parameters(&text) {
                let keyword = keyword.to_ascii_uppercase();
                match &*keyword {
                    "PROTOCOL" if value.eq_ignore_ascii_case("tcps") => reach.encrypted = true,
                    "PROTOCOL" if value.eq_ignore_ascii_case("tcp") => {}
                    "PROTOCOL" => return Err(lacks(format!("the protocol {value:?} of the connect string"))),
                    "MY_WALLET_DIRECTORY" | "WALLET_LOCATION" | "DIRECTORY" if !value.is_empty() => {
                        reach.wallet = Some(value.trim_matches('"').to_owned());
                    }
                    _ if UNHEEDED.contains(&&*keyword) => {
                        return Err(lacks(format!("{keyword} of the connect string")));
                    }
                    _ => {}
                }
            }
            reach.connect_string = text;
        }
        Some(connect_string::Resolved::Easy { text, parameters }) => {
            if let Some(first) = parameters.split('&').next().filter(|first| !first.is_empty()) {
                let name = first.split('=').next().unwrap_or_default();
                return Err(lacks(format!(
                    "the parameter {name} of an Easy Connect string; a (DESCRIPTION=…) may have it"
                )));
            }
            reach.encrypted = text.get(..5).is_some_and(|start| start.eq_ignore_ascii_case("tcps:"));
            // The driver compares with lower-case letters.
            reach.connect_string = match text.split_once("//") {
                Some((protocol, rest)) => format!("{}//{rest}", protocol.to_ascii_lowercase()),
                None => text.to_owned(),
            };
        }
        None => {
            return Err(Error::new(
                ErrorKind::ConnectString,
                format!(
                    "the connect string {:?} is no (DESCRIPTION=…), no //host:port/service and no alias of tnsnames.ora in {}",
                    options.connect_string,
                    config_dir
                        .map_or("a folder, of which none is named (TNS_ADMIN)".to_owned(), |d| d.display().to_string()),
                ),
            ));
        }
    }
    if reach.encrypted && reach.wallet.is_none() {
        let folder = config_dir.filter(|folder| folder.join("ewallet.pem").exists());
        reach.wallet = folder.and_then(|folder| folder.to_str().map(str::to_owned));
    }
    Ok(reach)
}

fn lacks(what: impl std::fmt::Display) -> Error {
    Error::new(ErrorKind::DriverLacks, format!("the driver `thin` does not know {what}: use the driver `oci`"))
}

/// `(keyword=value)` of a descriptor; the value of a list is empty.
fn parameters(descriptor: &str) -> impl Iterator<Item = (&str, &str)> {
    descriptor.split('(').filter_map(|part| {
        let (keyword, value) = part.split_once('=')?;
        Some((keyword.trim(), value.split(')').next().unwrap_or_default().trim()))
    })
}

/// The first parameter of `sqlnet.ora` that asks for what the driver cannot.
fn required(folder: &Path) -> Option<&'static str> {
    let text = fs::read_to_string(folder.join("sqlnet.ora")).ok()?;
    text.lines().filter(|line| !line.trim_start().starts_with('#')).find_map(|line| {
        let (name, value) = line.split_once('=')?;
        let value = value.trim().trim_matches(['(', ')', '"']).trim();
        REQUIRED
            .into_iter()
            .find(|parameter| name.trim().eq_ignore_ascii_case(parameter))
            .filter(|_| value.eq_ignore_ascii_case("required"))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reach(connect_string: &str) -> Result<Reach, Error> {
        of(&ConnectOptions::new("hr", "tiger-4711", connect_string))
    }

    #[test]
    fn what_would_be_passed_over_is_refused() {
        for (connect_string, named) in [
            ("tcps://h:2484/s?wallet_location=/w&retry_count=3", "wallet_location"),
            ("(DESCRIPTION=(ADDRESS=(PROTOCOL=ipc)(KEY=x))(CONNECT_DATA=(SID=s)))", "ipc"),
            ("(DESCRIPTION=(ADDRESS=(PROTOCOL=tcp)(HOST=h)(HTTPS_PROXY=p))(CONNECT_DATA=(SID=s)))", "HTTPS_PROXY"),
            (
                "(DESCRIPTION=(ADDRESS=(PROTOCOL=tcps)(HOST=h))(SECURITY=(SSL_SERVER_CERT_DN=\"CN=x\")))",
                "SSL_SERVER_CERT_DN",
            ),
        ] {
            let error = reach(connect_string).err().unwrap();
            assert_eq!(error.kind(), ErrorKind::DriverLacks, "{connect_string}");
            assert!(error.to_string().contains(named) && error.to_string().contains("`oci`"), "{error}");
        }
        let external = of(&ConnectOptions::external("//h/s")).err().unwrap();
        assert!(external.to_string().contains("external authentication"), "{external}");
        let proxy = of(&ConnectOptions::new("app[hr]", "x", "//h/s")).err().unwrap();
        assert!(proxy.to_string().contains("proxy user"), "{proxy}");
    }

    #[test]
    fn what_sqlnet_ora_requires_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let mut options = ConnectOptions::new("hr", "x", "//h/s");
        options.config_dir = Some(folder.path().to_owned());
        for (text, refused) in [
            ("# SQLNET.ENCRYPTION_CLIENT = REQUIRED\nSQLNET.ENCRYPTION_CLIENT=requested", false),
            ("sqlnet.encryption_client = (required)", true),
            ("SQLNET.CRYPTO_CHECKSUM_CLIENT=REQUIRED", true),
        ] {
            fs::write(folder.path().join("sqlnet.ora"), text).unwrap();
            let error = of(&options).err();
            assert_eq!(error.as_ref().map(Error::kind), refused.then_some(ErrorKind::DriverLacks), "{text}");
        }
    }

    #[test]
    fn wallets_and_aliases_are_found() {
        let descriptor = "(DESCRIPTION=(ADDRESS=(PROTOCOL=TCPS)(HOST=h))(SECURITY=(MY_WALLET_DIRECTORY=/w)))";
        let found = reach(descriptor).unwrap();
        assert_eq!((found.encrypted, found.wallet.as_deref()), (true, Some("/w")));
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("tnsnames.ora"), format!("SALES = {descriptor}\n")).unwrap();
        let mut options = ConnectOptions::new("hr", "x", "sales");
        options.config_dir = Some(folder.path().to_owned());
        assert_eq!(of(&options).unwrap().connect_string, descriptor);
        options.connect_string = "TCPS://h:1/s".to_owned();
        fs::write(folder.path().join("ewallet.pem"), "").unwrap();
        let found = of(&options).unwrap();
        assert_eq!((&*found.connect_string, found.wallet.as_deref()), ("tcps://h:1/s", folder.path().to_str()));
        options.connect_string = "nobody".to_owned();
        let error = of(&options).err().unwrap();
        assert_eq!(error.kind(), ErrorKind::ConnectString);
        assert!(error.to_string().contains("\"nobody\""), "{error}");
        assert!(reach("(DESCRIPTION=(HOST=h)").is_err());
    }
}
