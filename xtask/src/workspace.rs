//! Where the workspace is, and what is in it.

use std::env::consts::EXE_EXTENSION;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

use serde_json::Value;

use crate::Result;
use crate::run::{cargo, output, run};

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

/// What lies in a folder, sorted.
pub(crate) fn listed(folder: &Path) -> Result<Vec<PathBuf>> {
    let files = std::fs::read_dir(folder).map_err(|error| format!("cannot read {}: {error}", folder.display()))?;
    let mut files: Vec<_> = files.filter_map(std::result::Result::ok).map(|file| file.path()).collect();
    files.sort();
    Ok(files)
}

/// Builds every program, example and native library, and gives the folder they are in. Once: what was built stays.
///
/// All at once, as `cargo test --workspace` does: cargo gives each choice of packages features of its own, and would
/// build most dependencies anew for each.
pub(crate) fn built() -> Result<PathBuf> {
    static BUILT: OnceLock<Result<PathBuf>> = OnceLock::new();
    let build = || {
        run(&mut cargo(&["build", "--quiet", "--locked", "--workspace", "--lib", "--bins", "--examples"]))?;
        Ok(target()?.join("debug"))
    };
    BUILT.get_or_init(build).clone()
}

/// The folder that cargo builds into.
pub(crate) fn target() -> Result<PathBuf> {
    let text = output(&mut cargo(&["metadata", "--locked", "--no-deps", "--format-version=1"]))?;
    let metadata: Value =
        serde_json::from_str(&text).map_err(|error| format!("cargo metadata is not JSON: {error}"))?;
    metadata["target_directory"].as_str().map(PathBuf::from).ok_or("cargo metadata names no target_directory".into())
}

/// The path of a program of the workspace, built unoptimised.
pub(crate) fn program(name: &str) -> Result<PathBuf> {
    Ok(built()?.join(name).with_extension(EXE_EXTENSION))
}

/// The path of an example of the workspace, built unoptimised.
pub(crate) fn example(name: &str) -> Result<PathBuf> {
    Ok(built()?.join("examples").join(name).with_extension(EXE_EXTENSION))
}
