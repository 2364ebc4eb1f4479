//! The programs that are compared: each turns one file into gzip and its MD5.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::{Result, client, home, peers};

/// A program or library.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Family {
    Ours,
    Gzip,
    Pigz,
    Libdeflate,
    Python,
    PythonZlibNg,
    PythonIsal,
    Node,
}

/// A family at one level, with so many threads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Packer {
    pub(crate) family: Family,
    pub(crate) level: u8,
    pub(crate) threads: u8,
}

use Family::{Gzip, Libdeflate, Node, Ours, Pigz, Python, PythonIsal, PythonZlibNg};

/// Families and the levels at which each number of threads is measured.
const FIELD: &[(Family, u8, &[u8])] = &[
    (Ours, 2, &[1, 2, 3, 4, 5, 6, 7, 8, 9]),
    (Ours, 1, &[1, 6, 9]),
    (Pigz, 2, &[1, 6, 9]),
    (Pigz, 1, &[6]),
    (Gzip, 1, &[1, 6, 9]),
    (Libdeflate, 1, &[1, 6, 9]),
    (Python, 1, &[6, 9]),
    (PythonZlibNg, 2, &[1, 6]),
    (PythonZlibNg, 1, &[6]),
    (PythonIsal, 2, &[0, 2, 3]),
    (PythonIsal, 1, &[2]),
    (Node, 1, &[1, 6]),
];

/// Every packer there is.
pub(crate) fn field() -> impl Iterator<Item = Packer> {
    FIELD
        .iter()
        .flat_map(|&(family, threads, levels)| levels.iter().map(move |&level| Packer { family, level, threads }))
}

impl Family {
    pub(crate) const ALL: [Family; 8] = [Ours, Gzip, Pigz, Libdeflate, Python, PythonZlibNg, PythonIsal, Node];

    pub(crate) fn name(self) -> &'static str {
        match self {
            Ours => "cdp-batch",
            Gzip => "gzip",
            Pigz => "pigz",
            Libdeflate => "libdeflate-gzip",
            Python => "Python gzip + hashlib",
            PythonZlibNg => "Python zlib-ng + hashlib",
            PythonIsal => "Python isal + hashlib",
            Node => "Node zlib + crypto",
        }
    }

    /// What its colour in the plot is.
    pub(crate) fn colour(self) -> &'static str {
        match self {
            Ours => "#d7263d",
            Gzip => "#7f7f7f",
            Pigz => "#1f77b4",
            Libdeflate => "#2ca02c",
            Python => "#bcbd22",
            PythonZlibNg => "#9467bd",
            PythonIsal => "#ff7f0e",
            Node => "#17becf",
        }
    }
}

impl Packer {
    /// The command that packs `input` into `folder`.
    pub(crate) fn command(self, input: &Path, folder: &Path) -> Result<Command> {
        let Packer { family, level, threads } = self;
        let output = folder.join("packed.gz");
        Ok(match family {
            Ours => {
                let mut command = Command::new(client()?);
                command.arg("pack").arg(input).arg("--out").arg(folder).args(["--check", "none", "--json"]);
                command.args(["--level", &level.to_string(), "--threads", &threads.to_string()]);
                // Peers write one file, whatever its size.
                command.args(["--max-batch-bytes", "52428800"]);
                command
            }
            Gzip => piped(&format!("gzip -{level} -c"), input, &output),
            Pigz => piped(&format!("pigz -{level} -p{threads} -c"), input, &output),
            Libdeflate => piped(&format!("libdeflate-gzip -{level} -c"), input, &output),
            Python => python("gzip", self, input, &output)?,
            PythonZlibNg if threads == 1 => python("zlib_ng.gzip_ng", self, input, &output)?,
            PythonZlibNg => python("zlib_ng.gzip_ng_threaded", self, input, &output)?,
            PythonIsal if threads == 1 => python("isal.igzip", self, input, &output)?,
            PythonIsal => python("isal.igzip_threaded", self, input, &output)?,
            Node => {
                let mut command = Command::new("node");
                command.arg(home().join("peers/pack.mjs")).arg(level.to_string()).args([input, &output]);
                command
            }
        })
    }
}

impl std::fmt::Display for Packer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} -{}, {} thread", self.family.name(), self.level, self.threads)?;
        if self.threads > 1 { f.write_str("s") } else { Ok(()) }
    }
}

/// A program that only compresses, its output hashed by `md5sum` on the way.
fn piped(program: &str, input: &Path, output: &Path) -> Command {
    let mut command = Command::new("sh");
    command.args(["-c", &format!("{program} \"$1\" | tee \"$2\" | md5sum"), "sh"]).args([input, output]);
    command
}

fn python(module: &str, packer: Packer, input: &Path, output: &Path) -> Result<Command> {
    let mut command = Command::new(peers::python()?);
    command.arg(home().join("peers/pack.py"));
    command.args([module, &packer.level.to_string(), &packer.threads.to_string()]).args([input, output]);
    Ok(command)
}

/// All files that a packer left in `folder`, in the order of their names.
pub(crate) fn packed_files(folder: &Path) -> Result<Vec<PathBuf>> {
    let entries = std::fs::read_dir(folder).map_err(|error| format!("cannot read {}: {error}", folder.display()))?;
    let mut files: Vec<PathBuf> = entries.filter_map(|entry| Some(entry.ok()?.path())).collect();
    files.retain(|file| file.extension().is_some_and(|extension| extension == "gz"));
    files.sort();
    Ok(files)
}
