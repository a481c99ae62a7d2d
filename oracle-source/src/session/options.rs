use super::Secret;
use serde::{Deserialize, Serialize};
use std::{path::PathBuf, time::Duration};

/// How to reach a database and who asks.
#[derive(Debug, Clone)]
pub struct ConnectOptions {
    /// The user; `proxy[user]` for a proxy. Empty: external authentication (wallet, Kerberos, operating system), as the client's
    /// `sqlnet.ora` says.
    pub user: String,
    /// Its password.
    pub password: Secret,
    /// `//host:port/service` (Easy Connect, also Plus), an alias of `tnsnames.ora`, or a whole `(DESCRIPTION=…)`.
    /// Wallets and TLS: as the client's configuration or the descriptor's `(SECURITY=…)` says.
    pub connect_string: String,
    /// What speaks to the database; unless set, the first driver of [`Driver`] that is built in.
    pub driver: Driver,
    /// To log in as an administrator. Not needed for a migration.
    pub privilege: Option<AdminPrivilege>,
    /// The folder of Oracle's client library (`libclntsh.so`), where the loader does not find it by itself.
    /// A process loads the library once: later sessions must name the same folder, or none. Nothing to [`Driver::Thin`].
    pub client_lib_dir: Option<PathBuf>,
    /// The folder of `tnsnames.ora`, `sqlnet.ora` and a wallet, in place of the environment's `TNS_ADMIN`. Once for a process, as
    /// [`client_lib_dir`](Self::client_lib_dir).
    pub config_dir: Option<PathBuf>,
    /// The longest that connecting may take, for each address tried; 30 s unless set, `None` waits for ever. A limit that is in the connect
    /// string goes first. Logging in, once connected, falls under it too.
    ///
    /// With [`Driver::Thin`] it is the longest for all addresses together, and one in the connect string does not count.
    ///
    /// It does not reach aliases that are in no `tnsnames.ora` (a directory server's): for these set `SQLNET.OUTBOUND_CONNECT_TIMEOUT` in
    /// `sqlnet.ora`.
    pub connect_timeout: Option<Duration>,
    /// The longest that one round trip may take; `None` waits for ever. With [`Driver::Oci`] it takes a client library of version 18 or later.
    pub call_timeout: Option<Duration>,
    /// `V$SESSION.MODULE`, cut at 48 bytes.
    pub module: String,
    /// `V$SESSION.ACTION`, cut at 32 bytes.
    pub action: String,
}

/// What speaks to the database. Each is built in by a feature of this crate.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Driver {
    /// Oracle's client library (Instant Client), which is installed beside the program; servers from 11.2 on. Feature `oci`.
    Oci,
    /// The crate `oracledb`, which needs no client library; servers from 12.1 on. Feature `thin`.
    ///
    /// It knows a user with a password that has a 12c verifier, TCP and TLS (`ewallet.pem`), Easy Connect without parameters, descriptors and
    /// the aliases of `tnsnames.ora`. What it lacks is an error of its own ([`ErrorKind::DriverLacks`](crate::ErrorKind::DriverLacks)):
    /// external authentication, proxy users, native network encryption, some keywords of descriptors, object types, interrupting a call
    /// ([`Breaker`](crate::Breaker)). `sqlnet.ora` is not read.
    ///
    /// Logging in runs on a thread of its own, which outlives a login that takes too long; with TLS, a process without a default
    /// provider of rustls gets ring. A panic of the driver is an error of this crate's (the process's panic hook sees it all the same), but where panics
    /// abort, and where it is in the answer to a statement that is no query: then the driver itself ends the process.
    Thin,
}

impl Default for Driver {
    /// The first of `Oci` and `Thin` that is built in.
    fn default() -> Self {
        if cfg!(all(feature = "thin", not(feature = "oci"))) { Driver::Thin } else { Driver::Oci }
    }
}

/// An administrator's privilege to log in with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum AdminPrivilege {
    /// SYSDBA.
    Sysdba,
    /// SYSOPER.
    Sysoper,
    /// SYSBACKUP (12.1 and later).
    Sysbackup,
    /// SYSDG (12.1 and later).
    Sysdg,
    /// SYSKM (12.1 and later).
    Syskm,
    /// SYSRAC (12.2 and later).
    Sysrac,
}

impl ConnectOptions {
    /// Options without folders and call timeout, with this crate's name as module.
    pub fn new(user: impl Into<String>, password: impl Into<Secret>, connect_string: impl Into<String>) -> Self {
        ConnectOptions {
            user: user.into(),
            password: password.into(),
            connect_string: connect_string.into(),
            driver: Driver::default(),
            privilege: None,
            client_lib_dir: None,
            config_dir: None,
            connect_timeout: Some(Duration::from_secs(30)),
            call_timeout: None,
            module: env!("CARGO_PKG_NAME").to_owned(),
            action: String::new(),
        }
    }

    /// External authentication: a wallet, Kerberos, the operating system.
    pub fn external(connect_string: impl Into<String>) -> Self {
        ConnectOptions::new("", "", connect_string)
    }

    pub(crate) fn is_external(&self) -> bool {
        self.user.is_empty() || self.user.starts_with('[')
    }

    /// For messages: what logging in is.
    pub(crate) fn login(&self) -> String {
        let user = if self.is_external() { "externally".to_owned() } else { format!("as {:?}", self.user) };
        format!("logging in to {} {user}", self.connect_string)
    }
}
