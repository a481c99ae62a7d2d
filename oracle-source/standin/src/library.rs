use std::{
    env::{self, consts},
    io,
    path::{Path, PathBuf},
};

/// There is no client library to load.
#[derive(Debug, thiserror::Error)]
#[error("{message}")]
pub struct LibraryNotFound {
    message: String,
    source: Option<io::Error>,
}

fn name() -> String {
    format!("{}clntsh{}", consts::DLL_PREFIX, consts::DLL_SUFFIX)
}

fn program() -> Result<PathBuf, LibraryNotFound> {
    env::current_exe().and_then(|p| p.canonicalize()).map_err(|source| LibraryNotFound {
        message: "the path of the running program is not known".to_owned(),
        source: Some(source),
    })
}

/// The folder that holds the stand-in's client library, for `oracle::InitParams::oracle_client_lib_dir`.
///
/// Cargo leaves the library of a dependency in the `deps` folder of the profile; this looks there, beside the running
/// program (a binary, an example, a test or a bench) and in the folder above it.
pub fn library_dir() -> Result<PathBuf, LibraryNotFound> {
    let (program, name) = (program()?, name());
    find(&program, &name).ok_or_else(|| LibraryNotFound {
        message: format!(
            "no {name} beside {}: build the package oracle-standin with the program, or name the library's folder",
            program.display()
        ),
        source: None,
    })
}

/// The folder to load the client library from for a connect string: the stand-in's for one of its own, Oracle's for
/// any other. `None` leaves it to ODPI-C, which looks beside the program, then where the system's loader looks, then
/// in `ORACLE_HOME`.
///
/// Cargo may leave a copy of the stand-in's library beside the program, where ODPI-C would take it for Oracle's. Then
/// this looks in the folders of `LD_LIBRARY_PATH` and in `ORACLE_HOME` itself, and where there is none it is an error.
pub fn client_library_dir(connect_string: &str) -> Result<Option<PathBuf>, LibraryNotFound> {
    if is_standin(connect_string) {
        return library_dir().map(Some);
    }
    let (program, name) = (program()?, name());
    if !beside(&program, &name) {
        return Ok(None);
    }
    let folders = env::var_os("LD_LIBRARY_PATH").unwrap_or_default();
    let home = env::var_os("ORACLE_HOME").map(|home| PathBuf::from(home).join("lib"));
    let mut folders = env::split_paths(&folders).chain(home).filter_map(|f| f.canonicalize().ok());
    let own = |folder: &Path| program.ancestors().skip(1).take(2).any(|f| folder == f || folder == f.join("deps"));
    match folders.find(|f| !own(f) && f.join(&name).is_file()) {
        Some(folder) => Ok(Some(folder)),
        None => Err(LibraryNotFound {
            message: format!(
                "no Oracle client library in LD_LIBRARY_PATH or ORACLE_HOME: install Oracle Instant Client and name the \
                 folder of {name} (the one beside the program is the stand-in's)"
            ),
            source: None,
        }),
    }
}

/// Whether a connect string names a database of the stand-in: `standin:PATH`, or a path that ends in `.db`.
pub(crate) fn is_standin(connect_string: &str) -> bool {
    let text = connect_string.trim();
    text.starts_with("standin:") || text.ends_with(".db")
}

/// Whether the library beside the program is the stand-in's, as Cargo leaves it: in `deps`, or with its original there.
fn beside(program: &Path, name: &str) -> bool {
    program.parent().is_some_and(|folder| {
        folder.join(name).is_file() && (folder.ends_with("deps") || folder.join("deps").join(name).is_file())
    })
}

fn find(program: &Path, name: &str) -> Option<PathBuf> {
    // `deps` first: a library beside the program may be left over from an earlier build of the package alone.
    program
        .ancestors()
        .skip(1)
        .take(2)
        .flat_map(|folder| [folder.join("deps"), folder.to_owned()])
        .find(|folder| folder.join(name).is_file())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    #[test]
    fn a_copy_beside_the_program_is_told_from_a_library_of_the_users_own() {
        let folder = tempfile::tempdir().unwrap();
        let program = folder.path().join("program");
        assert!(!beside(&program, "libx.so"));
        fs::write(folder.path().join("libx.so"), "").unwrap();
        assert!(!beside(&program, "libx.so"), "the user put it there");
        fs::create_dir(folder.path().join("deps")).unwrap();
        fs::write(folder.path().join("deps/libx.so"), "").unwrap();
        assert!(beside(&program, "libx.so"));
        assert!(beside(&folder.path().join("deps/test-0123"), "libx.so"));
    }

    #[test]
    fn connect_strings_tell_whose_library_it_is() {
        assert!(is_standin("standin:/x") && is_standin("/x/y.db"));
        assert!(!is_standin("db.example.org/ORCLPDB1") && !is_standin(""));
        assert_eq!(client_library_dir("standin:/x").unwrap(), Some(library_dir().unwrap()));
    }

    #[test]
    fn found_from_binaries_tests_and_examples() {
        let target = tempfile::tempdir().unwrap();
        let profile = target.path().join("debug");
        fs::create_dir_all(profile.join("deps")).unwrap();
        for program in ["program", "deps/test-0123", "examples/example"] {
            assert_eq!(find(&profile.join(program), "libx.so"), None);
        }
        fs::write(profile.join("libx.so"), "").unwrap();
        assert_eq!(find(&profile.join("program"), "libx.so"), Some(profile.clone()));
        fs::write(profile.join("deps/libx.so"), "").unwrap();
        for program in ["program", "deps/test-0123", "examples/example"] {
            assert_eq!(find(&profile.join(program), "libx.so"), Some(profile.join("deps")), "{program}");
        }
    }
}
