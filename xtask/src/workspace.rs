//! Where the workspace is, and what is in it.

use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

use crate::Result;
use crate::run::{cargo, output};

/// The folder of the workspace.
pub(crate) fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().map(Path::to_path_buf).unwrap_or_default()
}

/// The text of a file of the workspace.
pub(crate) fn read(path: &str) -> Result<String> {
    std::fs::read_to_string(root().join(path)).map_err(|error| format!("cannot read {path}: {error}"))
}

/// Paths of all files that are tracked or could be (not ignored), relative to the root, sorted.
pub(crate) fn files() -> Result<Vec<String>> {
    let mut git = Command::new("git");
    git.args(["ls-files", "--cached", "--others", "--exclude-standard", "--deduplicate"]).current_dir(root());
    let mut files: Vec<String> = output(&mut git)?.lines().map(String::from).collect();
    files.retain(|file| root().join(file).is_file());
    files.sort();
    Ok(files)
}

/// The folder cargo builds into.
fn target() -> Result<PathBuf> {
    let text = output(&mut cargo(&["metadata", "--no-deps", "--format-version=1"]))?;
    let metadata: Value =
        serde_json::from_str(&text).map_err(|error| format!("cargo metadata is not JSON: {error}"))?;
    let folder = metadata["target_directory"].as_str().ok_or("cargo metadata names no target_directory")?;
    Ok(folder.into())
}

/// Builds a package's program (unoptimised) and gives its path.
pub(crate) fn program(package: &str, name: &str) -> Result<PathBuf> {
    crate::run::run(&mut cargo(&["build", "--quiet", "--locked", "--package", package]))?;
    Ok(target()?.join("debug").join(name).with_extension(std::env::consts::EXE_EXTENSION))
}
