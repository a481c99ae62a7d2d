//! The stand-in through the unmodified `oracle` crate: everything here goes through ODPI-C and the client library.

mod connect;
mod fetch;
mod lob;
mod logminer;
mod object;
mod tool;
mod transaction;
mod write;

use oracle::{Connection, InitParams};
use std::{
    path::PathBuf,
    sync::{Once, OnceLock},
};
use tempfile::TempDir;

/// A database of its own with the user HR, open to the client library only.
struct Standin {
    _folder: TempDir,
    file: PathBuf,
}

const PASSWORD: &str = "hr-secret";
const SYSTEM_PASSWORD: &str = "system-secret";

impl Standin {
    fn new(script: &str) -> Self {
        load_client();
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("test.db");
        let database = clntsh::Database::create(&file, SYSTEM_PASSWORD).unwrap();
        database.create_user("HR", PASSWORD).unwrap();
        database.run_script("HR", "test.sql", script).unwrap();
        Standin { _folder: folder, file }
    }

    fn dsn(&self) -> String {
        format!("standin:{}", self.file.display())
    }

    fn connect(&self) -> Connection {
        Connection::connect("hr", PASSWORD, self.dsn()).unwrap()
    }

    fn connect_system(&self) -> Connection {
        Connection::connect("system", SYSTEM_PASSWORD, self.dsn()).unwrap()
    }
}

fn load_client() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        assert!(InitParams::new().oracle_client_lib_dir(clntsh::library_dir().unwrap()).unwrap().init().unwrap());
    });
}

/// One that several tests read and none changes.
fn shared() -> &'static Standin {
    static SHARED: OnceLock<Standin> = OnceLock::new();
    SHARED.get_or_init(|| Standin::new(fetch::SCRIPT))
}

/// The ORA- number of what failed.
fn code<T>(result: oracle::Result<T>) -> i32 {
    match result {
        Ok(_) => panic!("this should have failed"),
        Err(e) => e.db_error().unwrap_or_else(|| panic!("no error of the database: {e}")).code(),
    }
}
