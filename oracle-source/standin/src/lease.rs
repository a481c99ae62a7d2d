//! One copy of SQLite at a time has a database file open in a process.
//!
//! A program that links this crate and loads the client library too has the engine twice, SQLite included. POSIX
//! locks belong to the process, so the copies would not see each other's (SQLite's "How To Corrupt", section 2.2).
//! Each copy therefore takes a lease of the file before it opens it: a name that the operating system gives to one
//! holder only, and takes back when the process ends, however it ends. Within one copy any number share the lease.

use crate::OraError;
use std::{
    collections::{HashMap, hash_map::Entry},
    fs, io,
    path::Path,
    sync::{LazyLock, Mutex, PoisonError},
    thread,
    time::{Duration, Instant},
};

/// Which file: device and number, whatever path leads to it.
type Identity = (u64, u64);

/// A share of this copy's lease of a file; the lease ends with the last one.
#[derive(Debug)]
pub(crate) struct Lease {
    identity: Identity,
}

struct Held {
    shares: usize,
    _name: Name,
}

static HELD: LazyLock<Mutex<HashMap<Identity, Held>>> = LazyLock::new(Mutex::default);

impl Lease {
    /// Takes a share of the lease of an existing file. ORA-27086 where another copy in this process holds it.
    pub(crate) fn acquire(path: &Path) -> Result<Self, OraError> {
        let identity = identity(path).map_err(|e| unusable(path, &e))?;
        let mut held = HELD.lock().unwrap_or_else(PoisonError::into_inner);
        match held.entry(identity) {
            Entry::Occupied(mut entry) => entry.get_mut().shares += 1,
            Entry::Vacant(entry) => {
                let name = take_free_name(identity)
                    .map_err(|e| if is_taken(&e) { in_use(path) } else { unusable(path, &e) })?;
                entry.insert(Held { shares: 1, _name: name });
            }
        }
        Ok(Lease { identity })
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        let mut held = HELD.lock().unwrap_or_else(PoisonError::into_inner);
        if let Entry::Occupied(mut entry) = held.entry(self.identity) {
            entry.get_mut().shares -= 1;
            if entry.get().shares == 0 {
                entry.remove();
            }
        }
    }
}

/// Takes the name, and waits a little for it: a process that is just being spawned holds, until it executes its own
/// program, what this process has given up meanwhile.
fn take_free_name(identity: Identity) -> io::Result<Name> {
    const PATIENCE: Duration = Duration::from_millis(500);
    let started = Instant::now();
    loop {
        match take_name(identity) {
            Err(e) if is_taken(&e) && started.elapsed() < PATIENCE => thread::sleep(Duration::from_millis(5)),
            other => return other,
        }
    }
}

fn is_taken(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::AddrInUse | io::ErrorKind::WouldBlock)
}

fn in_use(path: &Path) -> OraError {
    OraError::new(
        27086,
        format!(
            "unable to lock file - already in use: this process has {} open through the Rust API and through the client \
             library; close one before opening the other",
            path.display()
        ),
    )
}

fn unusable(path: &Path, error: &io::Error) -> OraError {
    OraError::new(27041, format!("unable to open file {}: {error}", path.display()))
}

#[cfg(unix)]
fn identity(path: &Path) -> io::Result<Identity> {
    use std::os::unix::fs::MetadataExt;
    let metadata = fs::metadata(path)?;
    Ok((metadata.dev(), metadata.ino()))
}

#[cfg(not(unix))]
fn identity(path: &Path) -> io::Result<Identity> {
    use std::hash::{BuildHasher, BuildHasherDefault, DefaultHasher};
    let path = fs::canonicalize(path)?;
    Ok((0, BuildHasherDefault::<DefaultHasher>::default().hash_one(path)))
}

fn name_of((device, number): Identity) -> String {
    format!("oracle-standin-{}-{device:x}-{number:x}", std::process::id())
}

/// An abstract socket address: nothing is left behind in any folder.
#[cfg(target_os = "linux")]
type Name = std::os::unix::net::UnixListener;

#[cfg(target_os = "linux")]
fn take_name(identity: Identity) -> io::Result<Name> {
    use std::os::{linux::net::SocketAddrExt, unix::net::SocketAddr};
    Name::bind_addr(&SocketAddr::from_abstract_name(name_of(identity))?)
}

/// A lock of a file of its own: such locks belong to the open file, not to the process.
#[cfg(not(target_os = "linux"))]
type Name = fs::File;

#[cfg(not(target_os = "linux"))]
fn take_name(identity: Identity) -> io::Result<Name> {
    let file = fs::File::create(std::env::temp_dir().join(name_of(identity)))?;
    file.try_lock()?;
    Ok(file)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shared_within_a_copy_and_refused_to_another() {
        let file = tempfile::NamedTempFile::new().unwrap();
        let first = Lease::acquire(file.path()).unwrap();
        let second = Lease::acquire(file.path()).unwrap();
        // What another copy of this code would do.
        let other = || take_name(identity(file.path()).unwrap());
        assert!(other().is_err());
        drop(first);
        assert!(other().is_err());
        drop(second);
        let held = other().unwrap();
        assert_eq!(Lease::acquire(file.path()).unwrap_err().code, 27086);
        drop(held);
        Lease::acquire(file.path()).unwrap();
    }

    #[test]
    fn a_missing_file_is_an_error() {
        assert_eq!(Lease::acquire(Path::new("/nowhere/x.db")).unwrap_err().code, 27041);
    }
}
