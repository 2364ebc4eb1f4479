//! What the crates may not depend on.

use crate::Result;
use crate::run::{cargo, output};

/// A `cargo tree` and the crates that may not be in it.
struct Guard {
    tree: &'static [&'static str],
    forbidden: &'static [&'static str],
    reason: &'static str,
}

const GUARDS: &[Guard] = &[
    Guard {
        tree: &["--package", "cdp-batch", "--no-default-features", "--edges", "normal"],
        forbidden: &["tokio", "reqwest", "rustls", "hyper"],
        reason: "without default features the core checks and packs, and links no network",
    },
    Guard {
        tree: &["--package", "cdp-batch", "--package", "cdp-batch-cli", "--edges", "normal,build"],
        forbidden: &["cmake", "nasm-rs", "aws-lc-sys", "libz-ng-sys"],
        reason: "cargo and a C compiler are all that a build may need",
    },
    Guard {
        tree: &["--package", "cdp-batch-emulator", "--edges", "normal,build,dev"],
        forbidden: &["cdp-batch"],
        reason: "the emulator is a second, independent reading of the protocol",
    },
    Guard {
        tree: &["--package", "cdp-batch-ffi", "--package", "cdp-batch-uniffi", "--edges", "normal"],
        forbidden: &["cdp-batch-emulator", "uniffi_bindgen"],
        reason: "a library that goes into production carries neither an emulator nor a generator",
    },
    Guard {
        tree: &["--package", "cdp-batch-dashboard", "--edges", "normal,build,dev"],
        forbidden: &["cdp-batch-emulator", "cdp-batch-cli"],
        reason: "the page shows what the client is told, and needs no service of ours",
    },
];

pub(super) fn check() -> Result {
    let mut wrong = Vec::new();
    for guard in GUARDS {
        let mut tree = cargo(&["tree", "--locked", "--prefix", "none", "--format", "{p}"]);
        let tree = output(tree.args(guard.tree))?;
        let found = guard.forbidden.iter().filter(|name| tree.lines().any(|line| line.split(' ').next() == Some(name)));
        wrong.extend(found.map(|name| format!("{name} is in `cargo tree {}`: {}", guard.tree.join(" "), guard.reason)));
    }
    if wrong.is_empty() { Ok(()) } else { Err(wrong.join("\n")) }
}
