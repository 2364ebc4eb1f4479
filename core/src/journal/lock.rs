//! One process at a time works on a run.

use std::ffi::OsStr;
use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::Write;
use std::path::Path;

use super::refused;
use crate::crash;
use crate::error::{Error, Result, Stage};
use crate::spool::Spool;

/// Folder of the locks, within the state folder. They stay: a lock whose file is removed can be taken twice.
const FOLDER: &str = "locks";

/// Held while the run is under way; the system frees it however the process ends.
pub(super) struct Lock {
    file: File,
    pid: u32,
}

impl Lock {
    /// Takes the lock of a run, in a file of this name.
    ///
    /// # Errors
    /// `journal` if another process (or another call of this one) holds it, naming that process.
    pub(super) fn take(state_dir: &Path, name: &OsStr, run_id: &str) -> Result<Self> {
        let folder = state_dir.join(FOLDER);
        Spool::folder(&folder)?;
        let path = folder.join(name);
        let failed = |cause| {
            Error::io(format_args!("cannot lock the run with {}", path.display()), cause).with_stage(Stage::Spool)
        };
        let mut options = OpenOptions::new();
        options.write(true).create(true).truncate(false);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let pid = std::process::id();
        let mut file = crash::disk("open lock").and_then(|()| options.open(&path)).map_err(failed)?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::Error(cause)) => return Err(failed(cause)),
            Err(TryLockError::WouldBlock) => {
                let holder = fs::read_to_string(&path).unwrap_or_default();
                let holder = if holder.is_empty() { "another process" } else { &format!("process {}", holder.trim()) };
                let message = format!("run {run_id} is under way in {holder}; wait until it has ended, or end it");
                return Err(refused(message).with_run_id(run_id));
            }
        }
        crash::disk("write lock")
            .and_then(|()| file.set_len(0))
            .and_then(|()| writeln!(file, "{pid}"))
            .map_err(failed)?;
        Ok(Lock { file, pid })
    }
}

/// A process that was forked meanwhile has the file open too, and would keep the lock for as long as it lives. Nor may
/// it free what it did not take.
impl Drop for Lock {
    fn drop(&mut self) {
        if self.pid == std::process::id() {
            let _ = self.file.unlock();
        }
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    #[test]
    fn a_lock_is_free_again_although_a_forked_process_still_has_its_file_open() {
        let folder = tempfile::tempdir().unwrap();
        let take = || Lock::take(folder.path(), OsStr::new("nightly"), "nightly");
        let lock = take().unwrap();
        assert!(take().is_err());
        let inherited = lock.file.try_clone().unwrap();
        drop(lock);
        let again = take().unwrap();
        drop(inherited);
        assert!(take().is_err());
        drop(Lock { file: again.file.try_clone().unwrap(), pid: 0 });
        assert!(take().is_err());
    }
}
