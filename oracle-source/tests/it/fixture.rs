//! Databases to read from.

use oracle_source::{ConnectOptions, Session};
use schema_map::{ObjectPath, OracleIdent};
use std::path::{Path, PathBuf};

const SYSTEM_PASSWORD: &str = "system-password";
pub(crate) const PASSWORD: &str = "hr-password-4711";

/// A database file of the stand-in, gone with this value.
pub(crate) struct Fixture {
    file: PathBuf,
    _folder: tempfile::TempDir,
}

impl Fixture {
    /// With the user HR and what `script` makes.
    pub(crate) fn new(script: &str) -> Self {
        Self::of_scripts(&[("script.sql", script)])
    }

    /// With the HR sample schema.
    pub(crate) fn hr() -> Self {
        Self::of_scripts(&hr_scripts())
    }

    fn of_scripts(scripts: &[(&str, &str)]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("source.db");
        // Closed at the end of the block: the client library has a copy of SQLite of its own, and one file must not be open in both.
        {
            let database = clntsh::Database::create(&file, SYSTEM_PASSWORD).unwrap();
            database.create_user("HR", PASSWORD).unwrap();
            for (name, text) in scripts {
                database.run_script("HR", name, text).unwrap_or_else(|e| panic!("{e}"));
            }
        }
        Fixture { file, _folder: folder }
    }

    pub(crate) fn options(&self) -> ConnectOptions {
        Self::options_for(&self.file)
    }

    /// As HR, to the database in this file.
    pub(crate) fn options_for(file: &Path) -> ConnectOptions {
        options("hr", PASSWORD, &format!("standin:{}", file.display()))
    }

    pub(crate) fn file(&self) -> &Path {
        &self.file
    }

    pub(crate) fn session(&self) -> Session {
        Session::connect(&self.options()).unwrap()
    }

    /// Of SYS and SYSTEM.
    pub(crate) fn system_password(&self) -> &'static str {
        SYSTEM_PASSWORD
    }

    pub(crate) fn system(&self) -> Session {
        let mut options = self.options();
        options.user = "system".to_owned();
        options.password = SYSTEM_PASSWORD.into();
        Session::connect(&options).unwrap()
    }

    /// Does something to the database that no client can. All sessions must be gone.
    pub(crate) fn offline(&self, change: impl FnOnce(&clntsh::Database)) {
        change(&clntsh::Database::open(&self.file).unwrap());
    }

    /// Switches on what following needs, for all columns.
    pub(crate) fn log_everything(&self) {
        let system = self.system();
        system.execute("ALTER DATABASE ADD SUPPLEMENTAL LOG DATA").unwrap();
        system.execute("ALTER DATABASE ADD SUPPLEMENTAL LOG DATA (ALL) COLUMNS").unwrap();
    }
}

pub(crate) fn options(user: &str, password: &str, connect_string: &str) -> ConnectOptions {
    let mut options = ConnectOptions::new(user, password, connect_string);
    options.client_lib_dir = Some(clntsh::library_dir().unwrap());
    options
}

/// The scripts of the HR sample schema, in their order.
pub(crate) fn hr_scripts() -> [(&'static str, &'static str); 3] {
    [
        ("hr_tables.sql", include_str!("../../../examples/hr/hr_tables.sql")),
        ("hr_data.sql", include_str!("../../../examples/hr/hr_data.sql")),
        ("hr_code.sql", include_str!("../../../examples/hr/hr_code.sql")),
    ]
}

pub(crate) fn ident(name: &str) -> OracleIdent {
    OracleIdent::new(name).unwrap()
}

pub(crate) fn hr(table: &str) -> ObjectPath {
    ObjectPath { schema: ident("HR"), name: ident(table) }
}
