//! Parts at rest, between being packed and being confirmed: in memory, or as files of a folder.

use std::fs::{self, File, OpenOptions};
use std::io::{self, BufWriter, Read, Write};
use std::path::{Path, PathBuf};

use bytes::Bytes;

use crate::crash;
use crate::error::{Error, Result, Stage};

/// Ends the name of a part that is being written.
const UNFINISHED: &str = ".unfinished";

/// Where parts wait.
#[derive(Clone, Debug)]
pub enum Spool {
    /// In memory: each part takes its compressed size.
    Memory,
    /// As files named `<index>.json.gz`, readable by nobody else.
    Folder(PathBuf),
}

impl Spool {
    /// A spool in this folder, made if it is not there.
    ///
    /// # Errors
    /// `io` if the folder cannot be made.
    pub fn folder(path: impl Into<PathBuf>) -> Result<Self> {
        let path = path.into();
        let mut builder = fs::DirBuilder::new();
        builder.recursive(true);
        #[cfg(unix)]
        std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
        crash::disk("make folder")
            .and_then(|()| builder.create(&path))
            .map_err(|cause| failed("cannot make the folder", &path, cause))?;
        Ok(Spool::Folder(path))
    }

    /// Removes every part, and what was left of one that was being written. Returns how many files.
    ///
    /// # Errors
    /// `io` if one cannot be removed.
    pub fn clear(&self) -> Result<u64> {
        self.remove(|name| name.ends_with(".gz") || name.ends_with(UNFINISHED))
    }

    /// Removes what a killed process left of a part that was being written.
    ///
    /// # Errors
    /// `io` if it cannot be removed.
    pub fn sweep(&self) -> Result<u64> {
        self.remove(|name| name.ends_with(UNFINISHED))
    }

    fn remove(&self, which: impl Fn(&str) -> bool) -> Result<u64> {
        let Spool::Folder(folder) = self else { return Ok(0) };
        let cannot = |cause| failed("cannot clean", folder, cause);
        let mut removed = 0;
        crash::disk("list parts").map_err(cannot)?;
        for file in fs::read_dir(folder).map_err(cannot)? {
            let file = file.map_err(cannot)?;
            if file.file_name().to_str().is_some_and(&which) {
                crash::disk("remove leftover").and_then(|()| fs::remove_file(file.path())).map_err(cannot)?;
                removed += 1;
            }
        }
        Ok(removed)
    }

    /// Begins a part.
    ///
    /// # Errors
    /// `io` if its file cannot be made.
    pub fn create(&self, index: u64) -> Result<PartWriter> {
        match self {
            Spool::Memory => Ok(PartWriter::Memory(Vec::new())),
            Spool::Folder(folder) => PartFile::create(folder, index).map(PartWriter::File),
        }
    }
}

/// A part that is being written. Dropped before it is sealed, it leaves nothing behind.
#[derive(Debug)]
pub enum PartWriter {
    /// Grows in memory.
    Memory(Vec<u8>),
    /// Grows in a file.
    File(PartFile),
}

impl PartWriter {
    /// Appends bytes.
    ///
    /// # Errors
    /// `io` if they cannot be written, for instance on a full disk.
    pub fn write(&mut self, bytes: &[u8]) -> Result<()> {
        match self {
            PartWriter::Memory(all) => {
                all.extend_from_slice(bytes);
                Ok(())
            }
            PartWriter::File(part) => {
                crash::disk("write part").and_then(|()| part.file.write_all(bytes)).map_err(|cause| part.failed(cause))
            }
        }
    }

    /// The finished part. A file is on disk, under its name, when this returns.
    ///
    /// # Errors
    /// `io` if it cannot be brought to disk.
    pub fn seal(self) -> Result<Stored> {
        match self {
            PartWriter::Memory(all) => Ok(Stored::Memory(Bytes::from(all))),
            PartWriter::File(part) => part.seal().map(Stored::File),
        }
    }
}

/// A file that has its name only once it is whole.
#[derive(Debug)]
pub struct PartFile {
    file: BufWriter<File>,
    unfinished: PathBuf,
    path: PathBuf,
    sealed: bool,
}

impl PartFile {
    fn create(folder: &Path, index: u64) -> Result<Self> {
        let path = folder.join(format!("{index:05}.json.gz"));
        let unfinished = path.with_extension("gz.unfinished");
        let mut options = OpenOptions::new();
        options.write(true).create(true).truncate(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let file = crash::disk("create part").and_then(|()| options.open(&unfinished));
        let file = file.map_err(|cause| failed("cannot write", &unfinished, cause))?;
        Ok(PartFile { file: BufWriter::with_capacity(256 * 1024, file), unfinished, path, sealed: false })
    }

    fn seal(mut self) -> Result<PathBuf> {
        crash::point("part written, before");
        self.bring_to_disk().map_err(|cause| self.failed(cause))?;
        self.sealed = true;
        crash::point("part named");
        Ok(self.path.clone())
    }

    fn bring_to_disk(&mut self) -> io::Result<()> {
        crash::disk("flush part")?;
        self.file.flush()?;
        crash::disk("sync part")?;
        self.file.get_ref().sync_all()?;
        crash::point("part written, after");
        crash::disk("rename part")?;
        fs::rename(&self.unfinished, &self.path)?;
        crash::disk("sync folder")?;
        sync_folder(&self.path)
    }

    fn failed(&self, cause: io::Error) -> Error {
        failed("cannot write", &self.path, cause)
    }
}

impl Drop for PartFile {
    fn drop(&mut self) {
        if !self.sealed {
            let _ = fs::remove_file(&self.unfinished);
        }
    }
}

/// A part at rest; can be read as often as needed.
#[derive(Clone, Debug)]
pub enum Stored {
    /// Its bytes.
    Memory(Bytes),
    /// Its file.
    File(PathBuf),
}

impl Stored {
    /// Reads it from the start.
    ///
    /// # Errors
    /// `io` if its file cannot be opened.
    pub fn open(&self) -> Result<Box<dyn Read + Send>> {
        match self {
            Stored::Memory(bytes) => Ok(Box::new(io::Cursor::new(bytes.clone()))),
            Stored::File(path) => {
                let file = crash::disk("read part").and_then(|()| File::open(path));
                file.map(|file| Box::new(file) as _).map_err(|cause| failed("cannot read", path, cause))
            }
        }
    }

    /// Where its file is, if it has one.
    pub fn path(&self) -> Option<&Path> {
        match self {
            Stored::Memory(_) => None,
            Stored::File(path) => Some(path),
        }
    }

    /// Removes its file: it is confirmed and explained.
    pub fn discard(self) {
        if let Stored::File(path) = self {
            crash::point("part removed, before");
            let _ = crash::disk("remove part").and_then(|()| fs::remove_file(path));
            crash::point("part removed, after");
        }
    }
}

/// Brings a file's name to disk, not only its bytes. Other systems than Unix do so by themselves.
fn sync_folder(path: &Path) -> io::Result<()> {
    match path.parent() {
        Some(folder) if cfg!(unix) => File::open(folder)?.sync_all(),
        _ => Ok(()),
    }
}

fn failed(what: &str, path: &Path, cause: io::Error) -> Error {
    Error::io(format_args!("{what} {}", path.display()), cause).with_stage(Stage::Spool)
}
