use std::{
    env::{self, consts},
    io,
    path::{Path, PathBuf},
};

/// The client library is not where Cargo leaves it.
#[derive(Debug, thiserror::Error)]
#[error("no {name} beside {program}: build the package oracle-standin with the program, or name its folder yourself")]
pub struct LibraryNotFound {
    name: String,
    program: String,
    source: Option<io::Error>,
}

/// The folder that holds the stand-in's client library, for `oracle::InitParams::oracle_client_lib_dir`.
///
/// Cargo leaves the library of a dependency in the `deps` folder of the profile; this looks there, beside the running
/// program (a binary, an example, a test or a bench) and in the folder above it.
pub fn library_dir() -> Result<PathBuf, LibraryNotFound> {
    let name = format!("{}clntsh{}", consts::DLL_PREFIX, consts::DLL_SUFFIX);
    let program = env::current_exe().and_then(|p| p.canonicalize());
    let found = program.as_ref().ok().and_then(|program| find(program, &name));
    found.ok_or_else(|| match program {
        Ok(program) => LibraryNotFound { name, program: program.display().to_string(), source: None },
        Err(source) => LibraryNotFound { name, program: "the running program".to_owned(), source: Some(source) },
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
