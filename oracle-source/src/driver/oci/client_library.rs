//! The client library, which a process loads once.

use crate::{Error, ErrorKind};
use oracle::InitParams;
use std::{
    env, fmt,
    fs::File,
    io::Read,
    path::{Path, PathBuf},
    sync::Mutex,
};

/// Where a process took its client library and its configuration from; `None` is the loader's, or the client's, choice.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Loaded {
    library: Option<PathBuf>,
    config: Option<PathBuf>,
}

static LOADED: Mutex<Option<Loaded>> = Mutex::new(None);

const NAME: &str = "libclntsh.so";

/// Loads it where that has not happened yet. Later calls must name the same folders, or none.
pub(super) fn load(library: Option<&Path>, config: Option<&Path>) -> Result<(), Error> {
    let mut loaded = LOADED.lock().unwrap_or_else(|e| e.into_inner());
    if let Some(loaded) = &*loaded {
        same("the client library", library, loaded.library.as_deref())?;
        return same("its configuration (tnsnames.ora, sqlnet.ora, wallet)", config, loaded.config.as_deref());
    }
    let text = |folder: &Path| {
        folder.to_str().map(str::to_owned).ok_or_else(|| {
            Error::new(ErrorKind::ClientLibraryMissing, format!("the folder {} is not UTF-8", folder.display()))
        })
    };
    let mut params = InitParams::new();
    if let Some(folder) = library {
        params
            .oracle_client_lib_dir(text(folder)?)
            .map_err(|e| Error::driver("naming the client library's folder", super::failed(e)))?;
    }
    if let Some(folder) = config {
        params
            .oracle_client_config_dir(text(folder)?)
            .map_err(|e| Error::driver("naming the folder of the client's configuration", super::failed(e)))?;
    }
    let driver = format!("{} : {}", env!("CARGO_PKG_NAME"), env!("CARGO_PKG_VERSION"));
    params.default_driver_name(driver).map_err(|e| Error::driver("naming the driver", super::failed(e)))?;
    match params.init() {
        Ok(_) => {
            *loaded = Some(Loaded { library: library.map(Path::to_owned), config: config.map(Path::to_owned) });
            Ok(())
        }
        Err(e) => Err(explain(Error::driver("loading Oracle's client library", super::failed(e)), library)),
    }
}

fn same(what: &str, wanted: Option<&Path>, loaded: Option<&Path>) -> Result<(), Error> {
    match wanted {
        Some(wanted) if loaded != Some(wanted) => {
            let from = loaded.map_or("where the loader found it".to_owned(), |d| d.display().to_string());
            Err(Error::new(
                ErrorKind::ClientLibraryConflict,
                format!(
                    "{what} cannot be taken from {}: this process has it from {from}, and loads it once only",
                    wanted.display()
                ),
            ))
        }
        _ => Ok(()),
    }
}

/// What a library is that the loader refuses.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Refused {
    /// Not the number of bits of this program.
    Bits(u8),
    /// For other processors.
    Machine,
    NoLibrary,
}

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Refused::Bits(bits) => write!(f, "it is a {bits}-bit library, this program is a {}-bit one", usize::BITS),
            Refused::Machine => write!(f, "it is for other processors than this program ({})", env::consts::ARCH),
            Refused::NoLibrary => f.write_str("it is no shared library of this system"),
        }
    }
}

fn explain(error: Error, folder: Option<&Path>) -> Error {
    if error.kind() != ErrorKind::ClientLibraryMissing {
        return error;
    }
    const INSTANT_CLIENT: &str = "Oracle Instant Client (package \"Basic\" or \"Basic Light\", \
         https://www.oracle.com/database/technologies/instant-client.html)";
    let searched = env::var_os("LD_LIBRARY_PATH").unwrap_or_default();
    let found = match folder {
        Some(folder) => Some(folder.join(NAME)).filter(|file| file.exists()),
        None => env::split_paths(&searched).map(|folder| folder.join(NAME)).find(|file| file.exists()),
    };
    if let Some(file) = found {
        let message = match examine(&file) {
            Some(refused) => format!(
                "Oracle's client library {} cannot be used: {refused}; install {INSTANT_CLIENT} for {} {}",
                file.display(),
                env::consts::OS,
                env::consts::ARCH
            ),
            // The file is one of this system's: something that it needs is not there.
            None => format!(
                "Oracle's client library {} cannot be loaded, perhaps for want of a library that it needs: \
                 install the system's libaio (and libnsl for older clients), and look at `ldd {}`",
                file.display(),
                file.display()
            ),
        };
        return error.with_kind(ErrorKind::ClientLibraryUnusable, message);
    }
    let place = match folder {
        Some(folder) => format!("in {}", folder.display()),
        None => "by the loader (LD_LIBRARY_PATH, /etc/ld.so.conf)".to_owned(),
    };
    error.with_kind(
        ErrorKind::ClientLibraryMissing,
        format!(
            "Oracle's client library {NAME} was not found {place}: install {INSTANT_CLIENT} with the system's libaio, \
             and name its folder as the client library folder (ConnectOptions::client_lib_dir)"
        ),
    )
}

/// Looks at the first bytes of the file, which are an ELF header: class in byte 4, machine in bytes 18 and 19.
fn examine(file: &Path) -> Option<Refused> {
    let mut header = [0_u8; 20];
    let read = File::open(file).and_then(|mut file| file.read_exact(&mut header));
    if read.is_err() || header[..4] != *b"\x7fELF" {
        return Some(Refused::NoLibrary);
    }
    let bits = match header[4] {
        1 => 32,
        2 => 64,
        _ => return Some(Refused::NoLibrary),
    };
    if u32::from(bits) != usize::BITS {
        return Some(Refused::Bits(bits));
    }
    let machine = match env::consts::ARCH {
        "x86" => 3,
        "x86_64" => 62,
        "aarch64" => 183,
        "powerpc64" => 21,
        "s390x" => 22,
        _ => return None,
    };
    let of_file = if cfg!(target_endian = "little") {
        u16::from_le_bytes([header[18], header[19]])
    } else {
        u16::from_be_bytes([header[18], header[19]])
    };
    (of_file != machine).then_some(Refused::Machine)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headers_of_libraries() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join(NAME);
        let examine = |class: u8, machine: u16| {
            let mut header = [0_u8; 64];
            header[..5].copy_from_slice(&[0x7f, b'E', b'L', b'F', class]);
            header[18..20].copy_from_slice(&machine.to_ne_bytes());
            std::fs::write(&file, header).unwrap();
            examine(&file)
        };
        let bits = u8::try_from(usize::BITS).unwrap();
        assert_eq!(examine(if bits == 64 { 1 } else { 2 }, 3), Some(Refused::Bits(96 - bits)));
        assert_eq!(examine(if bits == 64 { 2 } else { 1 }, 0xffff), Some(Refused::Machine));
        assert_eq!(examine(7, 62), Some(Refused::NoLibrary));
        std::fs::write(&file, "text").unwrap();
        assert_eq!(super::examine(&file), Some(Refused::NoLibrary));
        assert_eq!(super::examine(&std::env::current_exe().unwrap()), None);
    }
}
