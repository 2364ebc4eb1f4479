//! Where bytes are kept: in memory, or as files in the state folder.

use crate::sync::lock;
use bytes::Bytes;
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::collections::HashMap;
use std::fs::{File, TryLockError};
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::{fs, io};

/// Named byte strings. Batch documents (`*.json`) are kept only in a folder, as memory does not outlive the store.
pub(crate) enum Shelf {
    Memory(Mutex<HashMap<String, Bytes>>),
    Folder {
        path: PathBuf,
        /// Keeps other emulators away for as long as it is open.
        _lock: Lock,
    },
}

impl Shelf {
    pub(crate) fn open(folder: Option<&Path>) -> io::Result<Self> {
        let Some(folder) = folder else { return Ok(Self::Memory(Mutex::default())) };
        fs::create_dir_all(folder).map_err(|error| named(&error, "cannot create the state folder", folder))?;
        Ok(Self::Folder { path: folder.to_owned(), _lock: lock_folder(folder)? })
    }

    /// Keeps `bytes` under `name`; a reader sees the old bytes or the new ones, never a mixture.
    pub(crate) fn put(&self, name: &str, bytes: Bytes) -> io::Result<()> {
        match self {
            Self::Memory(map) => {
                lock(map).insert(name.to_owned(), bytes);
                Ok(())
            }
            Self::Folder { path: folder, .. } => {
                let (path, temporary) = (folder.join(name), folder.join(format!("{name}.tmp")));
                fs::write(&temporary, &bytes)
                    .and_then(|()| fs::rename(&temporary, &path))
                    .map_err(|error| named(&error, "cannot write", &path))
            }
        }
    }

    pub(crate) fn get(&self, name: &str) -> io::Result<Option<Bytes>> {
        match self {
            Self::Memory(map) => Ok(lock(map).get(name).cloned()),
            Self::Folder { path: folder, .. } => match fs::read(folder.join(name)) {
                Ok(bytes) => Ok(Some(bytes.into())),
                Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
                Err(error) => Err(named(&error, "cannot read", &folder.join(name))),
            },
        }
    }

    pub(crate) fn put_document(&self, name: &str, document: &impl Serialize) -> io::Result<()> {
        match self {
            Self::Memory(_) => Ok(()),
            Self::Folder { .. } => self.put(&format!("{name}.json"), serde_json::to_vec(document)?.into()),
        }
    }

    /// Every document of the folder, in no particular order.
    pub(crate) fn documents<T: DeserializeOwned>(&self) -> io::Result<Vec<T>> {
        let mut documents = Vec::new();
        for path in self.files()? {
            if path.extension().is_some_and(|extension| extension == "json") {
                let bytes = fs::read(&path).map_err(|error| named(&error, "cannot read", &path))?;
                documents.push(
                    serde_json::from_slice(&bytes)
                        .map_err(|error| named(&error.into(), "this is no batch of an emulator", &path))?,
                );
            }
        }
        Ok(documents)
    }

    /// Removes what this emulator keeps; other files of the folder stay.
    pub(crate) fn clear(&self) -> io::Result<()> {
        if let Self::Memory(map) = self {
            lock(map).clear();
        }
        for path in self.files()? {
            if path.extension().is_some_and(|extension| extension == "json" || extension == "gz") {
                fs::remove_file(&path).map_err(|error| named(&error, "cannot remove", &path))?;
            }
        }
        Ok(())
    }

    fn files(&self) -> io::Result<Vec<PathBuf>> {
        match self {
            Self::Memory(_) => Ok(Vec::new()),
            Self::Folder { path, .. } => fs::read_dir(path)?.map(|entry| Ok(entry?.path())).collect(),
        }
    }
}

/// Freed when dropped, also if a process that was forked meanwhile still has the file open.
pub(crate) struct Lock(File);

impl Drop for Lock {
    fn drop(&mut self) {
        let _ = self.0.unlock();
    }
}

fn lock_folder(folder: &Path) -> io::Result<Lock> {
    let path = folder.join("emulator.lock");
    let file = File::create(&path).map_err(|error| named(&error, "cannot write", &path))?;
    match file.try_lock() {
        Ok(()) => Ok(Lock(file)),
        Err(TryLockError::Error(error)) => Err(named(&error, "cannot lock", &path)),
        Err(TryLockError::WouldBlock) => {
            let message = format!("another emulator uses the state folder {}; choose another", folder.display());
            Err(io::Error::new(io::ErrorKind::AddrInUse, message))
        }
    }
}

fn named(error: &io::Error, what: &str, path: &Path) -> io::Error {
    io::Error::new(error.kind(), format!("{what} {}: {error}", path.display()))
}
