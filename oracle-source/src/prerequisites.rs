//! What must hold on the Oracle side before an online migration can begin.

use crate::{Error, Session};
use schema_map::ObjectPath;

/// One thing that must hold for an online migration.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Prerequisite {
    /// Stable and short, for example `archivelog` or `supplemental:HR.JOBS`.
    pub id: String,
    /// What must hold.
    pub what: String,
    /// Whether it does.
    pub state: PrerequisiteState,
    /// What was found, for people.
    pub found: String,
    /// Why it matters.
    pub why: String,
    /// What mends it, one SQL statement or `--` comment line each; empty where it is met or nothing needs to be done.
    pub mend: Vec<String>,
}

/// Whether a prerequisite holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum PrerequisiteState {
    /// It holds.
    Met,
    /// It does not.
    NotMet,
    /// It cannot be seen with this session's rights.
    Unknown,
}

/// Checks everything that loading and following `tables` needs.
pub fn check(_session: &Session, _tables: &[ObjectPath]) -> Result<Vec<Prerequisite>, Error> {
    todo!()
}

/// The SQL that mends what is not met, as one script for a DBA.
pub fn mend_script(_prerequisites: &[Prerequisite]) -> String {
    todo!()
}
