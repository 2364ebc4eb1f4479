//! The languages: how each one's driver is built and started, and which cases it cannot pass yet.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::Command;

use serde::Deserialize;

/// `tests/drivers/<language>/driver.json`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Manifest {
    /// Builds the driver, started in the repository's root.
    #[serde(default)]
    build: Vec<String>,
    /// Starts the driver.
    run: Vec<String>,
}

/// A language of the suite.
pub(crate) struct Language {
    pub(crate) command: Vec<String>,
    /// Why a case is left out, by the case's name.
    pub(crate) gaps: BTreeMap<String, String>,
}

impl Language {
    /// Reads how to start the driver of `name` and builds it. `{root}` is the repository, `{bin}` the folder of built
    /// programs.
    pub(crate) fn load(root: &Path, name: &str) -> Result<Self, String> {
        let path = root.join("tests/drivers").join(name).join("driver.json");
        let text = fs::read(&path).map_err(|error| format!("{}: {error}", path.display()))?;
        let manifest: Manifest =
            serde_json::from_slice(&text).map_err(|error| format!("{}: {error}", path.display()))?;
        let runner = std::env::current_exe().map_err(|error| error.to_string())?;
        let bin = runner.parent().unwrap_or(root);
        let filled =
            |part: &String| part.replace("{root}", &root.to_string_lossy()).replace("{bin}", &bin.to_string_lossy());
        let build: Vec<String> = manifest.build.iter().map(filled).collect();
        if let Some((program, arguments)) = build.split_first() {
            let mut build = Command::new(program);
            build.args(arguments).current_dir(root);
            // What `cargo run` says of the runner is not true of the driver, and makes build scripts run again.
            let of_runner = |name: &str| name.starts_with("CARGO_PKG_") || name.starts_with("CARGO_MANIFEST_");
            std::env::vars().filter(|(name, _)| of_runner(name)).for_each(|(name, _)| {
                build.env_remove(name);
            });
            if !build.status().map_err(|error| format!("cannot start {program}: {error}"))?.success() {
                return Err(format!("the driver of {name} does not build"));
            }
        }
        Ok(Language { command: manifest.run.iter().map(filled).collect(), gaps: gaps(root, name)? })
    }
}

fn gaps(root: &Path, name: &str) -> Result<BTreeMap<String, String>, String> {
    let path = root.join("tests/support.toml");
    let text = fs::read_to_string(&path).map_err(|error| format!("{}: {error}", path.display()))?;
    let mut all: BTreeMap<String, BTreeMap<String, String>> =
        toml::from_str(&text).map_err(|error| format!("{}: {error}", path.display()))?;
    Ok(all.remove(name).unwrap_or_default())
}
