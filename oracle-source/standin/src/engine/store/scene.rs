//! What a database plays beside the single primary instance that it is: a cluster of two, a container database, a standby. It is told by the
//! procedure `STANDIN.SCENE(NAME, VALUE)`, of which no Oracle knows, and shows in `V$` views and in LogMiner.

use super::{OraError, Store, collect, lock};
use rusqlite::{Connection, params};

pub(crate) const ROOT: &str = "CDB$ROOT";

/// The names that `STANDIN.SCENE` takes; a value of NULL or `''` takes one back.
const NAMES: &[&str] = &[
    "CONTAINER",
    "OTHER_CONTAINER",
    "THREAD_2_USERS",
    "THREAD_2_WRITTEN",
    "THREAD_2_MISSING",
    "ROLE",
    "FORCE_LOGGING",
    "GROWTH",
];

/// What is played.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Scene {
    /// The pluggable database that everything here is in. Sessions are in it too, those of SYS, SYSTEM and common users (`C##…`) in the root.
    pub(crate) container: Option<String>,
    /// Another one, and the user whose transactions are taken to be of it.
    pub(crate) other_container: Option<(String, String)>,
    /// Users whose transactions go to redo thread 2; without any there is one thread only.
    pub(crate) thread_2_users: Vec<String>,
    /// The last SCN that thread 2 has written so far; what it did later is not in its logs yet.
    pub(crate) thread_2_written: Option<i64>,
    /// Archived logs of thread 2 that are gone.
    pub(crate) thread_2_missing: Vec<i64>,
    /// `V$DATABASE.DATABASE_ROLE`, where it is not PRIMARY.
    pub(crate) role: Option<String>,
    /// `PDB`, or a tablespace, whose FORCE LOGGING is on.
    pub(crate) force_logging: Option<String>,
    /// What the workload repository says that grew: owner, name and type of a segment, bytes in ten days.
    pub(crate) growth: Vec<(String, String, String, i64)>,
}

impl Scene {
    pub(super) fn read(connection: &Connection) -> Result<Self, OraError> {
        let mut scene = Scene::default();
        let rows: Vec<(String, String)> = collect(
            connection,
            "SELECT substr(key, 7), value FROM meta WHERE key > 'scene.' AND key < 'scene/'",
            |r| Ok((r.get(0)?, r.get(1)?)),
        )?;
        for (name, value) in rows {
            let list = || value.split(',').map(|part| part.trim().to_owned());
            let numbers = || list().filter_map(|part| part.parse().ok());
            match name.as_str() {
                "CONTAINER" => scene.container = Some(value),
                "OTHER_CONTAINER" => {
                    scene.other_container =
                        value.split_once(':').map(|(name, user)| (name.to_owned(), user.to_owned()));
                }
                "THREAD_2_USERS" => scene.thread_2_users = list().collect(),
                "THREAD_2_WRITTEN" => scene.thread_2_written = numbers().next(),
                "THREAD_2_MISSING" => scene.thread_2_missing = numbers().collect(),
                "ROLE" => scene.role = Some(value),
                "GROWTH" => {
                    let segment = |part: String| {
                        let mut parts = part.split(':').map(str::to_owned);
                        Some((parts.next()?, parts.next()?, parts.next()?, parts.next()?.parse().ok()?))
                    };
                    scene.growth = list().filter_map(segment).collect();
                }
                _ => scene.force_logging = Some(value),
            }
        }
        Ok(scene)
    }

    pub(crate) fn threads(&self) -> i64 {
        if self.thread_2_users.is_empty() { 1 } else { 2 }
    }

    /// The redo thread of a user's transactions.
    pub(crate) fn thread_of(&self, user: &str) -> i64 {
        if self.thread_2_users.iter().any(|u| u == user) { 2 } else { 1 }
    }

    /// The last SCN that a thread has written, where that is not all there is.
    pub(crate) fn written(&self, thread: i64) -> Option<i64> {
        self.thread_2_written.filter(|_| thread == 2)
    }

    pub(crate) fn is_missing(&self, thread: i64, sequence: i64) -> bool {
        thread == 2 && self.thread_2_missing.contains(&sequence)
    }

    /// The container of a user's transactions.
    pub(crate) fn container_of(&self, user: &str) -> Option<&str> {
        match &self.other_container {
            Some((other, theirs)) if theirs == user => Some(other),
            _ => self.container.as_deref(),
        }
    }

    pub(crate) fn is_standby(&self) -> bool {
        self.role.is_some()
    }
}

impl Store {
    pub(crate) fn scene(&self) -> Result<Scene, OraError> {
        Scene::read(&lock(&self.connection))
    }

    /// The container that the session is in; `None` where there are none.
    pub(crate) fn container(&self) -> Result<Option<String>, OraError> {
        let Some(container) = self.scene()?.container else { return Ok(None) };
        let common = ["SYS", "SYSTEM"].contains(&self.user.as_str()) || self.user.starts_with("C##");
        Ok(Some(self.in_container.clone().unwrap_or(if common { ROOT.to_owned() } else { container })))
    }

    /// `ALTER SESSION SET CONTAINER`.
    pub(super) fn set_container(&mut self, name: &str) -> Result<(), OraError> {
        let scene = self.scene()?;
        let Some(container) = &scene.container else {
            return Err(OraError::new(65090, "operation only allowed in a container database"));
        };
        if self.container()?.as_deref() == Some(name) {
            return Ok(());
        }
        if !self.model()?.privileges.has_system(&self.user, "SET CONTAINER") {
            return Err(OraError::new(1031, "insufficient privileges"));
        }
        if name != ROOT && name != container {
            return Err(OraError::new(65011, format!("Pluggable database {name} does not exist.")));
        }
        self.in_container = Some(name.to_owned());
        Ok(())
    }

    pub(super) fn set_scene(&mut self, name: &str, value: Option<&str>) -> Result<(), OraError> {
        let name = name.to_uppercase();
        if !NAMES.contains(&name.as_str()) {
            return Err(OraError::new(
                6502,
                format!("the stand-in plays no scene {name}: it knows {}", NAMES.join(", ")),
            ));
        }
        let key = format!("scene.{name}");
        let connection = lock(&self.connection);
        match value.filter(|value| !value.is_empty()) {
            Some(value) => connection.execute("INSERT OR REPLACE INTO meta VALUES (?1, ?2)", params![key, value])?,
            None => connection.execute("DELETE FROM meta WHERE key = ?1", [key])?,
        };
        Ok(())
    }
}
