use std::fmt;

/// The version of a server, or of a client library, for example 19.3.0.0.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ServerVersion {
    /// 11, 12, 18, 19, 21, 23, …
    pub major: u32,
    /// 2 for 11.2.
    pub minor: u32,
    /// Third number.
    pub update: u32,
    /// Fourth number.
    pub patch: u32,
}

impl ServerVersion {
    /// 11.2, the oldest that is supported.
    pub const V11_2: Self = ServerVersion { major: 11, minor: 2, update: 0, patch: 0 };
    /// 12.1: container databases.
    pub const V12_1: Self = ServerVersion { major: 12, minor: 1, update: 0, patch: 0 };
    /// 12.2: FORCE LOGGING of a pluggable database.
    pub const V12_2: Self = ServerVersion { major: 12, minor: 2, update: 0, patch: 0 };
    /// 19.10: LogMiner within a pluggable database.
    pub const V19_10: Self = ServerVersion { major: 19, minor: 10, update: 0, patch: 0 };
}

impl fmt::Display for ServerVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}.{}.{}", self.major, self.minor, self.update, self.patch)
    }
}
