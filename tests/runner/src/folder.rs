//! The folder a case runs in: its inputs, and what was found there afterwards.

use std::collections::BTreeMap;
use std::fs::{self, OpenOptions};
use std::io::Write as _;
use std::path::{Path, PathBuf};

use tempfile::TempDir;

use crate::case::{Action, Expect};
use crate::content::Files;

/// A fresh folder with `work` for the driver, `tmp` for its temporary files, and what the runner keeps beside them.
pub(crate) struct Folder {
    root: TempDir,
    /// Inputs as they must still be at the end.
    inputs: BTreeMap<PathBuf, Vec<u8>>,
}

impl Folder {
    /// Writes the inputs. A name that ends in `/` makes a folder.
    pub(crate) fn create(files: &Files) -> Result<Self, String> {
        let root = TempDir::new().map_err(|error| error.to_string())?;
        let mut folder = Folder { root, inputs: BTreeMap::new() };
        let make = |path: &Path| fs::create_dir_all(path).map_err(|error| error.to_string());
        make(&folder.work())?;
        make(&folder.temporary())?;
        for (name, content) in files {
            let path = folder.work().join(name);
            if name.ends_with('/') {
                make(&path)?;
                continue;
            }
            make(path.parent().unwrap_or(&path))?;
            let bytes = content.bytes(files)?;
            fs::write(&path, &bytes).map_err(|error| format!("{name}: {error}"))?;
            folder.inputs.insert(path, bytes);
        }
        Ok(folder)
    }

    /// Where the driver runs.
    pub(crate) fn work(&self) -> PathBuf {
        self.root.path().join("work")
    }

    /// Where the driver's temporary files go.
    pub(crate) fn temporary(&self) -> PathBuf {
        self.root.path().join("tmp")
    }

    /// Keeps a file of the runner's own, out of the driver's folder.
    pub(crate) fn keep(&self, name: &str, text: &str) -> Result<PathBuf, String> {
        let path = self.root.path().join(name);
        fs::write(&path, text).map_err(|error| error.to_string())?;
        Ok(path)
    }

    /// Changes an input while it is used, if that is what `action` is about.
    pub(crate) fn change(&mut self, action: &Action, files: &Files) -> Result<(), String> {
        let (name, changed) = match action {
            Action::Append { file, content } => {
                let more = content.bytes(files)?;
                let open = OpenOptions::new().append(true).open(self.work().join(file));
                (file, open.and_then(|mut open| open.write_all(&more)))
            }
            Action::Truncate { file, bytes } => {
                let open = OpenOptions::new().write(true).open(self.work().join(file));
                (file, open.and_then(|open| open.set_len(*bytes)))
            }
            _ => return Ok(()),
        };
        changed.map_err(|error| format!("{name}: {error}"))?;
        let path = self.work().join(name);
        let bytes = fs::read(&path).map_err(|error| error.to_string())?;
        self.inputs.insert(path, bytes);
        Ok(())
    }

    /// Where the folder differs from what must be left: inputs untouched, expected files exact, nothing else.
    pub(crate) fn mismatches(&self, expect: &Expect, files: &Files) -> Result<Vec<String>, String> {
        let mut found = Vec::new();
        for (path, bytes) in &self.inputs {
            if fs::read(path).ok().as_ref() != Some(bytes) {
                found.push(format!("the input {} was changed", path.display()));
            }
        }
        for (name, content) in &expect.files {
            let wanted = content.bytes(files)?;
            match fs::read(self.work().join(name)) {
                Err(error) => found.push(format!("{name}: {error}")),
                Ok(got) if got != wanted => {
                    let (wanted, got) = (String::from_utf8_lossy(&wanted), String::from_utf8_lossy(&got));
                    found.push(format!("{name}: should hold {wanted:?}, but holds {got:?}"));
                }
                Ok(_) => {}
            }
        }
        for path in [all_files(&self.work())?, all_files(&self.temporary())?].concat() {
            let name = path.strip_prefix(self.work()).unwrap_or(&path).to_string_lossy().into_owned();
            let allowed = expect.leaves.iter().any(|left| name.starts_with(left.as_str()));
            if !allowed && !expect.files.contains_key(&name) && !self.inputs.contains_key(&path) {
                found.push(format!("{name} was left behind"));
            }
        }
        Ok(found)
    }

    /// Everything written there that is no input.
    pub(crate) fn written(&self) -> Result<Vec<(String, Vec<u8>)>, String> {
        let all = [all_files(&self.work())?, all_files(&self.temporary())?].concat();
        let written = all.into_iter().filter(|path| !self.inputs.contains_key(path));
        Ok(written.filter_map(|path| Some((path.display().to_string(), fs::read(&path).ok()?))).collect())
    }
}

fn all_files(folder: &Path) -> Result<Vec<PathBuf>, String> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).map_err(|error| format!("{}: {error}", folder.display()))? {
        let path = entry.map_err(|error| error.to_string())?.path();
        if path.is_dir() {
            found.extend(all_files(&path)?);
        } else {
            found.push(path);
        }
    }
    found.sort();
    Ok(found)
}
