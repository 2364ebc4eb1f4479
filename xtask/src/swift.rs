//! Swift: the package's generated half, and its compiler's word on the whole, where there is one.

use std::fs;
use std::process::{Command, Stdio};

use crate::Result;
use crate::kotlin::bindings;
use crate::run::run;
use crate::tally::Tally;
use crate::workspace::{self, root};

/// The package, from the root.
const PACKAGE: &str = "bindings-ffi/swift";

/// Builds the package; skipped where there is no toolchain.
pub(crate) fn tests() -> Result<Tally> {
    let sources = root().join(PACKAGE).join("Sources");
    let (native, header) = (sources.join("CdpBatchNative"), sources.join("CdpBatchFFI"));
    bindings("swift", &native)?;
    fs::create_dir_all(&header).map_err(|error| format!("cannot make {}: {error}", header.display()))?;
    for (file, name) in [("CdpBatchFFI.h", "CdpBatchFFI.h"), ("CdpBatchFFI.modulemap", "module.modulemap")] {
        fs::rename(native.join(file), header.join(name)).map_err(|error| format!("cannot move {file}: {error}"))?;
    }
    let asked = Command::new("swift").arg("--version").stdout(Stdio::null()).stderr(Stdio::null()).status();
    if !asked.is_ok_and(|status| status.success()) {
        println!("the Swift package ... SKIPPED: there is no Swift toolchain; install one to compile the package");
        return Ok(Tally { skipped: 1, ..Tally::default() });
    }
    let mut build = Command::new("swift");
    build.args(["build", "-Xlinker", "-L"]).arg("-Xlinker").arg(workspace::built()?);
    run(build.current_dir(root().join(PACKAGE)))?;
    Ok(Tally { passed: 1, ..Tally::default() })
}
