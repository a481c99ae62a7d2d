use crate::{Error, ErrorKind, ServerVersion};
use schema_map::OracleIdent;

/// Where LogMiner runs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Place {
    /// In a database that is no container database.
    Database,
    /// In `CDB$ROOT`, for one pluggable database.
    Root(OracleIdent),
    /// In the pluggable database itself, where LogMiner finds the log files alone (19.10 and later).
    Pluggable,
}

const ROOT: &str = "CDB$ROOT";

impl Place {
    /// By the version, the container that the session is in (`None`: no container database) and the one to be followed.
    pub(super) fn of(
        version: ServerVersion,
        current: Option<&OracleIdent>,
        wanted: Option<&OracleIdent>,
    ) -> Result<Self, Error> {
        let unsupported = |message: String| Err(Error::new(ErrorKind::Unsupported, message));
        match (current, wanted) {
            (None, None) => Ok(Place::Database),
            (None, Some(wanted)) => unsupported(format!(
                "the pluggable database {wanted} cannot be followed here: this is no container database"
            )),
            (Some(current), None) if current.as_str() == ROOT => unsupported(
                "this is the root of a container database: name the pluggable database to follow (LogMinerOptions::container)"
                    .to_owned(),
            ),
            (Some(current), wanted) if current.as_str() != ROOT && wanted.is_none_or(|wanted| wanted == current) => {
                match (version >= ServerVersion::V19_10, wanted) {
                    (true, _) => Ok(Place::Pluggable),
                    (false, Some(wanted)) => Ok(Place::Root(wanted.clone())),
                    (false, None) => unsupported(format!(
                        "this is the pluggable database {current} of a server before 19.10: follow it from CDB$ROOT, by a \
                         common user and with LogMinerOptions::container = {current}"
                    )),
                }
            }
            (Some(_), Some(wanted)) if wanted.as_str() == ROOT => {
                unsupported("tables of CDB$ROOT itself are not followed: name a pluggable database".to_owned())
            }
            (Some(_), Some(wanted)) => Ok(Place::Root(wanted.clone())),
            (Some(_), None) => unsupported("the session's container is not known".to_owned()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_by_version_and_container() {
        let of = |minor: u32, current: Option<&str>, wanted: Option<&str>| {
            let version = ServerVersion { major: 19, minor, update: 0, patch: 0 };
            let ident = |name: Option<&str>| name.map(|name| OracleIdent::new(name).unwrap());
            Place::of(version, ident(current).as_ref(), ident(wanted).as_ref())
        };
        let root = |name: &str| Place::Root(OracleIdent::new(name).unwrap());
        assert_eq!(of(3, None, None).unwrap(), Place::Database);
        assert_eq!(of(3, Some(ROOT), Some("PDB1")).unwrap(), root("PDB1"));
        assert_eq!(of(3, Some("PDB1"), Some("PDB1")).unwrap(), root("PDB1"));
        assert_eq!(of(3, Some("PDB2"), Some("PDB1")).unwrap(), root("PDB1"));
        assert_eq!(of(10, Some("PDB1"), Some("PDB1")).unwrap(), Place::Pluggable);
        assert_eq!(of(10, Some("PDB1"), None).unwrap(), Place::Pluggable);
        for (current, wanted) in
            [(None, Some("PDB1")), (Some(ROOT), None), (Some("PDB1"), None), (Some("PDB1"), Some(ROOT))]
        {
            let error = of(3, current, wanted).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Unsupported, "{current:?} {wanted:?}");
        }
    }
}
