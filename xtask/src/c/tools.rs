//! What building and testing C and C++ needs from the system.

use std::path::Path;
use std::process::{Command, Stdio};

use crate::{Result, debian};

/// A program or header of the system, and Debian's package that has it.
#[derive(Clone, Copy)]
pub(super) struct Tool {
    /// A program on the path, or a header.
    name: &'static str,
    package: &'static str,
    /// What links it.
    pub(super) flags: &'static [&'static str],
}

pub(super) const CJSON: Tool = Tool { name: "cjson/cJSON.h", package: "libcjson-dev", flags: &["-lcjson"] };
pub(super) const NLOHMANN_JSON: Tool = Tool { name: "nlohmann/json.hpp", package: "nlohmann-json3-dev", flags: &[] };
pub(super) const VALGRIND: Tool = Tool { name: "valgrind", package: "valgrind", flags: &[] };
pub(super) const PKG_CONFIG: Tool = Tool { name: "pkg-config", package: "pkg-config", flags: &[] };
pub(super) const CMAKE: Tool = Tool { name: "cmake", package: "cmake", flags: &[] };

/// Sees to it that a tool is there. Only root can install what is missing.
pub(super) fn have(tool: Tool) -> Result {
    if is_there(tool) {
        return Ok(());
    }
    match debian::install(&[tool.package]) {
        Ok(()) if is_there(tool) => Ok(()),
        _ => Err(format!("{} is missing; install it, for example the package {}", tool.name, tool.package)),
    }
}

fn is_there(tool: Tool) -> bool {
    if tool.name.contains(".h") {
        return Path::new("/usr/include").join(tool.name).exists();
    }
    let mut asked = Command::new(tool.name);
    asked.arg("--version").stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    asked.status().is_ok_and(|status| status.success())
}
