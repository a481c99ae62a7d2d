//! Blocks of bytes that are in memory, or on disk where there are too many of them.

use std::{
    fs::File,
    io::{self, Read, Seek, SeekFrom, Write},
    path::PathBuf,
    sync::{Arc, Mutex, PoisonError},
};

/// Blocks on disk begin at multiples of this, so that the place of one that is gone serves another.
const SLOT: u64 = 256 * 1024;

/// Changes of open transactions could not be written to disk, or not be read again.
#[derive(Debug, thiserror::Error)]
#[error("{doing} the temporary file of open transactions in {}: {source}", folder.display())]
pub struct SpillError {
    doing: &'static str,
    folder: PathBuf,
    source: io::Error,
}

/// The temporary file of one stream.
pub(crate) struct Spill {
    folder: PathBuf,
    file: Mutex<SpillFile>,
}

#[derive(Default)]
struct SpillFile {
    /// Made when it is first needed. It has no name: nothing is left of it when the process ends, however it ends.
    file: Option<File>,
    /// Slots up to here have been given out.
    end: u64,
    free: Vec<u64>,
}

/// Bytes in memory or on disk.
pub(crate) struct Block {
    spill: Arc<Spill>,
    place: Place,
}

enum Place {
    Memory(Vec<u8>),
    /// First slot and length.
    Disk(u64, u64),
}

impl SpillError {
    /// The folder of the temporary file.
    pub fn folder(&self) -> &std::path::Path {
        &self.folder
    }
}

impl Spill {
    pub(crate) fn new(folder: PathBuf) -> Arc<Self> {
        Arc::new(Spill { folder, file: Mutex::default() })
    }

    fn with<T>(
        &self,
        doing: &'static str,
        work: impl FnOnce(&mut SpillFile, &PathBuf) -> io::Result<T>,
    ) -> Result<T, SpillError> {
        // What a panic elsewhere interrupted left no block half known: the lists are changed last.
        let mut file = self.file.lock().unwrap_or_else(PoisonError::into_inner);
        work(&mut file, &self.folder).map_err(|source| SpillError { doing, folder: self.folder.clone(), source })
    }
}

impl SpillFile {
    fn open(&mut self, folder: &PathBuf) -> io::Result<&mut File> {
        if self.file.is_none() {
            self.file = Some(tempfile::tempfile_in(folder)?);
        }
        self.file.as_mut().ok_or_else(|| io::Error::other("no file"))
    }

    fn write(&mut self, folder: &PathBuf, slot: u64, bytes: &[u8]) -> io::Result<()> {
        let file = self.open(folder)?;
        file.seek(SeekFrom::Start(slot * SLOT))?;
        file.write_all(bytes)
    }

    /// A place for so many bytes: a free slot, or as many as it takes at the end.
    fn place(&mut self, length: u64) -> u64 {
        let slots = length.div_ceil(SLOT).max(1);
        if slots == 1
            && let Some(slot) = self.free.pop()
        {
            return slot;
        }
        self.end += slots;
        self.end - slots
    }

    fn release(&mut self, first: u64, length: u64) {
        self.free.extend(first..first + length.div_ceil(SLOT).max(1));
        if self.free.len() as u64 == self.end {
            // Nothing is in it: give the disk back.
            self.free.clear();
            self.end = 0;
            if let Some(file) = &self.file {
                let _ = file.set_len(0);
            }
        }
    }
}

impl Block {
    pub(crate) fn new(spill: &Arc<Spill>) -> Self {
        Block { spill: Arc::clone(spill), place: Place::Memory(Vec::new()) }
    }

    pub(crate) fn is_resident(&self) -> bool {
        matches!(self.place, Place::Memory(_))
    }

    /// Bytes of memory that it takes.
    pub(crate) fn resident(&self) -> usize {
        match &self.place {
            Place::Memory(bytes) => bytes.capacity(),
            Place::Disk(..) => 0,
        }
    }

    pub(crate) fn len(&self) -> usize {
        match &self.place {
            Place::Memory(bytes) => bytes.len(),
            Place::Disk(_, length) => usize::try_from(*length).unwrap_or(usize::MAX),
        }
    }

    /// Its bytes, read for this once where they are on disk.
    pub(crate) fn bytes(&self) -> Result<std::borrow::Cow<'_, [u8]>, SpillError> {
        match &self.place {
            Place::Memory(bytes) => Ok(bytes.into()),
            Place::Disk(slot, length) => self.read(*slot, *length).map(Into::into),
        }
    }

    /// Its bytes to change, brought back into memory where they are on disk.
    pub(crate) fn change<T>(&mut self, change: impl FnOnce(&mut Vec<u8>) -> T) -> Result<T, SpillError> {
        if let Place::Disk(slot, length) = self.place {
            let bytes = self.read(slot, length)?;
            self.free(slot, length);
            self.place = Place::Memory(bytes);
        }
        let Place::Memory(bytes) = &mut self.place else { unreachable!("it was brought back") };
        Ok(change(bytes))
    }

    /// Moves it to disk.
    pub(crate) fn spill(&mut self) -> Result<(), SpillError> {
        let Place::Memory(bytes) = &self.place else { return Ok(()) };
        let length = bytes.len() as u64;
        let slot = self.spill.with("writing", |file, folder| {
            let slot = file.place(length);
            match file.write(folder, slot, bytes) {
                Ok(()) => Ok(slot),
                Err(e) => {
                    file.release(slot, length);
                    Err(e)
                }
            }
        })?;
        self.place = Place::Disk(slot, length);
        Ok(())
    }

    /// Puts bytes in place of its own, of which there are as many, and leaves it where it is.
    pub(crate) fn overwrite(&mut self, bytes: &[u8]) -> Result<(), SpillError> {
        match &mut self.place {
            Place::Memory(own) => {
                own.copy_from_slice(bytes);
                Ok(())
            }
            Place::Disk(slot, _) => self.spill.with("writing", |file, folder| file.write(folder, *slot, bytes)),
        }
    }

    fn read(&self, slot: u64, length: u64) -> Result<Vec<u8>, SpillError> {
        self.spill.with("reading", |file, folder| {
            let file = file.open(folder)?;
            file.seek(SeekFrom::Start(slot * SLOT))?;
            let mut bytes = vec![0; usize::try_from(length).map_err(io::Error::other)?];
            file.read_exact(&mut bytes)?;
            Ok(bytes)
        })
    }

    fn free(&self, slot: u64, length: u64) {
        let _ = self.spill.with("writing", |file, _| {
            file.release(slot, length);
            Ok(())
        });
    }
}

impl Drop for Block {
    fn drop(&mut self) {
        if let Place::Disk(slot, length) = self.place {
            self.free(slot, length);
        }
    }
}

pub(crate) fn corrupt(spill: &Spill) -> SpillError {
    SpillError {
        doing: "reading",
        folder: spill.folder.clone(),
        source: io::Error::new(io::ErrorKind::InvalidData, "it does not hold what was written to it"),
    }
}
