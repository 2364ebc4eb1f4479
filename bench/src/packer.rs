//! The programs that are compared: each turns one file into gzip and its MD5.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::{Result, baseline, client, home, peers};

/// A program or library.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Family {
    Ours,
    /// Ours, with the default check.
    Envelope,
    /// Ours, with the check against the documents' tables.
    Model,
    /// Ours, with every part unpacked before it is sent.
    Verify,
    /// Our pipeline over zlib-rs: what our own engine must beat.
    Baseline,
    Gzip,
    Pigz,
    Gzp,
    Gzippy,
    Igzip,
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

use Family::{
    Baseline, Envelope, Gzip, Gzippy, Gzp, Igzip, Libdeflate, Model, Node, Ours, Pigz, Python, PythonIsal,
    PythonZlibNg, Verify,
};

/// Families and the levels at which each number of threads is measured.
const FIELD: &[(Family, u8, &[u8])] = &[
    (Ours, 2, &[1, 2, 3, 4, 5, 6, 7, 8, 9]),
    (Ours, 1, &[1, 6, 9]),
    (Envelope, 2, &[6]),
    (Model, 2, &[6]),
    (Verify, 2, &[6]),
    (Baseline, 2, &[6]),
    (Pigz, 2, &[1, 6]),
    (Pigz, 1, &[6]),
    (Gzip, 1, &[6]),
    (Gzp, 2, &[3, 6]),
    (Gzippy, 2, &[1, 5, 6]),
    (Igzip, 1, &[2]),
    (Libdeflate, 1, &[1, 6, 9]),
    (Python, 1, &[6]),
    (PythonZlibNg, 2, &[1, 6]),
    (PythonIsal, 2, &[0, 1, 2]),
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
    pub(crate) const ALL: [Family; 15] = [
        Ours,
        Envelope,
        Model,
        Verify,
        Baseline,
        Gzip,
        Pigz,
        Gzp,
        Gzippy,
        Igzip,
        Libdeflate,
        Python,
        PythonZlibNg,
        PythonIsal,
        Node,
    ];

    /// Whether it packs nothing but records.
    pub(crate) fn needs_records(self) -> bool {
        matches!(self, Envelope | Model)
    }

    pub(crate) fn name(self) -> &'static str {
        match self {
            Ours => "cdp-batch",
            Envelope => "cdp-batch, check = envelope",
            Model => "cdp-batch, check = model",
            Verify => "cdp-batch, verify",
            Baseline => "cdp-batch over zlib-rs",
            Gzip => "gzip",
            Pigz => "pigz",
            Gzp => "gzp (crabz)",
            Gzippy => "gzippy",
            Igzip => "igzip",
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
            Envelope => "#e8707f",
            Model => "#f0a0aa",
            Verify => "#a01c2d",
            Baseline => "#8c564b",
            Gzip => "#7f7f7f",
            Pigz => "#1f77b4",
            Gzp => "#e377c2",
            Gzippy => "#5254a3",
            Igzip => "#c49c00",
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
            Ours => ours(self, &["--check", "none"], input, folder)?,
            Envelope => ours(self, &["--check", "envelope"], input, folder)?,
            Model => ours(self, &["--check", "model"], input, folder)?,
            Verify => ours(self, &["--check", "none", "--set", "verify=true"], input, folder)?,
            Baseline => baseline::command(self, input, &output)?,
            Gzip => piped(&format!("gzip -{level} -c"), input, &output),
            Pigz => piped(&format!("pigz -{level} -p{threads} -c"), input, &output),
            Gzp => piped(
                &format!("RUST_LOG=warn {} -f gzip -l {level} -p {threads}", peers::tool("crabz")),
                input,
                &output,
            ),
            Gzippy => piped(&format!("{} -{level} -p{threads} -c", peers::tool("gzippy")), input, &output),
            Igzip => piped(&format!("igzip -{level} -c"), input, &output),
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

/// The client at its work.
fn ours(packer: Packer, options: &[&str], input: &Path, folder: &Path) -> Result<Command> {
    let mut command = Command::new(client()?);
    command.arg("pack").arg(input).arg("--out").arg(folder).arg("--json").args(options);
    command.args(["--level", &packer.level.to_string(), "--threads", &packer.threads.to_string()]);
    // Peers write one file, whatever its size.
    command.args(["--max-batch-bytes", "52428800"]);
    Ok(command)
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
