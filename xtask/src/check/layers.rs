//! The layers of `core`, as a table, and the check that no module reaches past it.

use std::collections::BTreeSet;
use std::fmt::Write;

use super::paths::{Found, paths};
use crate::Result;
use crate::workspace::{files, read};

/// Source of the crate that has layers.
const SOURCE: &str = "core/src/";
/// This file.
const TABLE: &str = "xtask/src/check/layers.rs";

struct Layer {
    name: &'static str,
    holds: &'static str,
    modules: &'static [Module],
    /// What no module of the layer may name.
    kept_out: &'static [&'static str],
}

impl Layer {
    fn keeps_out(&self, path: &str) -> bool {
        self.kept_out.iter().any(|name| starts_with(path, name))
    }
}

/// A module may use every module of the layers below, and of its own layer or above only those listed here.
struct Module {
    name: &'static str,
    also_uses: &'static [&'static str],
}

const fn module(name: &'static str, also_uses: &'static [&'static str]) -> Module {
    Module { name, also_uses }
}

/// Files, environment, sockets, processes, the clock, async.
const EFFECTS: &[&str] = &[
    "std::fs",
    "std::env",
    "std::net",
    "std::process",
    "std::time::Instant",
    "std::time::SystemTime",
    "jiff::Timestamp::now",
    "jiff::Zoned::now",
    "tokio",
    "reqwest",
];

/// The run waits and joins by tokio, but leaves every other effect to the layer below.
const EFFECTS_BUT_ASYNC: &[&str] = &[
    "std::fs",
    "std::env",
    "std::net",
    "std::process",
    "std::time::Instant",
    "std::time::SystemTime",
    "jiff::Timestamp::now",
    "jiff::Zoned::now",
    "reqwest",
];

/// THE table. Bottom first.
const LAYERS: &[Layer] = &[
    Layer {
        name: "L0 values",
        holds: "what every layer speaks of",
        modules: &[
            module("kind", &[]),
            module("error", &["kind"]),
            module("options", &["error", "kind"]),
            module("secret", &[]),
            module("event", &["error", "kind"]),
            module("digest", &[]),
            module("advice", &[]),
            module("reject", &["advice"]),
        ],
        kept_out: EFFECTS,
    },
    Layer {
        name: "L1 pure",
        holds: "no clock, socket, file or async",
        modules: &[module("record", &[]), module("pack", &["record"]), module("api", &[]), module("flow", &["api"])],
        kept_out: EFFECTS,
    },
    Layer {
        name: "L2 effects",
        holds: "the only sockets, files and clock",
        modules: &[
            module("crash", &[]),
            module("home", &[]),
            module("source", &["crash", "home"]),
            module("spool", &["crash"]),
            module("tape", &["crash"]),
            module("rejects", &["crash", "tape"]),
            module("findings", &["tape"]),
            module("journal", &["crash", "rejects", "source", "spool"]),
            module("scope", &[]),
            module("http", &["crash", "scope", "spool"]),
        ],
        kept_out: &[],
    },
    Layer {
        name: "L3 the run",
        holds: "plan, submit, watch, report",
        modules: &[
            module("local", &[]),
            module("run", &[]),
            module("batches", &["run", "operation"]),
            module("client", &["batches", "run", "operation"]),
        ],
        kept_out: EFFECTS_BUT_ASYNC,
    },
    Layer {
        name: "L4 handle",
        holds: "the one primitive that crosses every border",
        modules: &[module("runtime", &[]), module("operation", &["runtime"])],
        kept_out: &[],
    },
];

/// What a file names all the same: file, path, and why.
const EXCEPTIONS: &[(&str, &str, &str)] = &[
    ("client", "std::env::var", "`from_env` reads the environment, and nothing else does"),
    ("event", "std::time::Instant", "a host waits for the next event at most so long"),
];

pub(crate) fn check() -> Result {
    let mut audit = Audit::default();
    for file in files()?.iter().filter_map(|file| file.strip_prefix(SOURCE)?.strip_suffix(".rs")) {
        // The crate's front names every module and re-exports what is public.
        if file != "lib" {
            audit.file(file, &read(&format!("{SOURCE}{file}.rs"))?);
        }
    }
    audit.table();
    // A `use` line may name the same module twice.
    audit.wrong.dedup();
    if audit.wrong.is_empty() { Ok(()) } else { Err(audit.wrong.join("\n")) }
}

#[derive(Default)]
struct Audit {
    wrong: Vec<String>,
    /// Modules of the table that exist.
    seen: BTreeSet<&'static str>,
    /// Exceptions that were needed, by their number.
    excused: BTreeSet<usize>,
}

impl Audit {
    /// Looks at every path that a file names.
    fn file(&mut self, file: &str, text: &str) {
        let modules: Vec<&str> = file.trim_end_matches("/mod").split('/').collect();
        let Some((layer, module)) = find(modules[0]) else {
            self.wrong.push(format!("{SOURCE}{file}.rs: module {} is in no layer of {TABLE}", modules[0]));
            return;
        };
        self.seen.insert(module.name);
        for Found { path, line } in paths(text) {
            let fault = match module_of(&path, modules.len()) {
                Some(used) => reach(module.name, used),
                None if !LAYERS[layer].keeps_out(&path) => None,
                None => match excuse(file, &path) {
                    Some(number) => {
                        self.excused.insert(number);
                        None
                    }
                    None => Some(format!("{} may not name {path}", LAYERS[layer].name)),
                },
            };
            self.wrong.extend(fault.map(|fault| format!("{SOURCE}{file}.rs:{line}: {fault}")));
        }
    }

    /// Looks for what the table says too much.
    fn table(&mut self) {
        let modules = LAYERS.iter().flat_map(|layer| layer.modules).map(|module| module.name);
        let unknown = modules.filter(|name| !self.seen.contains(name));
        self.wrong.extend(unknown.map(|name| format!("{TABLE}: there is no module {name}")));
        for (number, (file, path, _)) in EXCEPTIONS.iter().enumerate() {
            if !self.excused.contains(&number) {
                self.wrong.push(format!("{TABLE}: {file}.rs needs no exception for {path}"));
            }
        }
    }
}

/// The table as the documents show it.
pub(crate) fn markdown() -> String {
    let mut text = String::from("| layer | module | may also use |\n|---|---|---|\n");
    for layer in LAYERS.iter().rev() {
        for (i, module) in layer.modules.iter().enumerate() {
            let name = if i == 0 { format!("**{}**: {}", layer.name, layer.holds) } else { String::new() };
            let _ = writeln!(text, "| {name} | `{}` | {} |", module.name, quoted(module.also_uses));
        }
    }
    text += "\nExceptions:\n\n";
    for (file, path, reason) in EXCEPTIONS {
        let _ = writeln!(text, "- `{file}.rs` names `{path}`: {reason}.");
    }
    text
}

fn quoted(names: &[&str]) -> String {
    names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
}

/// A module of the table, and the number of its layer, counted from the bottom.
fn find(module: &str) -> Option<(usize, &'static Module)> {
    let all =
        LAYERS.iter().enumerate().flat_map(|(layer, Layer { modules, .. })| modules.iter().map(move |m| (layer, m)));
    all.into_iter().find(|(_, known)| known.name == module)
}

/// The module of the crate that a path leads into, if it does. `depth` is how deep the file's own module lies; that many
/// `super` lead to the root, or one less inside a file's inline `mod tests`.
fn module_of(path: &str, depth: usize) -> Option<&str> {
    let mut rest = path;
    let mut up = 0;
    while let Some(shorter) = rest.strip_prefix("super::") {
        (rest, up) = (shorter, up + 1);
    }
    let inside = rest.strip_prefix("crate::").or((up >= depth).then_some(rest))?;
    let name = inside.split("::").next()?;
    // Anything else at the root is a re-export of `lib.rs`; inside the crate the module itself is named.
    (path.starts_with("crate::") || find(name).is_some()).then_some(name)
}

/// Why a module may not use another, if it may not.
fn reach(user: &str, used: &str) -> Option<String> {
    let (from, user) = find(user)?;
    let Some((to, _)) = find(used) else {
        return Some(format!("crate::{used} is no module of {TABLE}; name the module, not a re-export"));
    };
    let is_allowed = used == user.name || to < from || user.also_uses.contains(&used);
    (!is_allowed).then(|| format!("{} ({}) may not use {used} ({})", user.name, LAYERS[from].name, LAYERS[to].name))
}

/// The number of the exception that covers this path in this file.
fn excuse(file: &str, path: &str) -> Option<usize> {
    EXCEPTIONS.iter().position(|(excused, name, _)| *excused == file && starts_with(path, name))
}

/// Whether `path` is `start` or lies below it.
fn starts_with(path: &str, start: &str) -> bool {
    path.strip_prefix(start).is_some_and(|rest| rest.is_empty() || rest.starts_with("::"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_module_reaches_down_but_not_up_or_sideways() {
        let reaches = |user, used| reach(user, used).is_none();
        assert!(reaches("pack", "error") && reaches("pack", "record") && reaches("run", "http"));
        assert!(!reaches("record", "pack") && !reaches("error", "options") && !reaches("api", "http"));
        assert!(!reaches("run", "Error"), "a re-export is not a module");
    }

    #[test]
    fn super_counts_only_when_it_leads_to_the_root() {
        assert_eq!(module_of("super::http", 1), Some("http"));
        assert_eq!(module_of("super::http", 2), None);
        assert_eq!(module_of("super::super::http::Body", 2), Some("http"));
        assert_eq!(module_of("super::Row", 1), None);
        assert_eq!(module_of("crate::api::status", 3), Some("api"));
    }

    #[test]
    fn what_is_kept_out_is_kept_out_whole_and_by_whole_names() {
        let pure = &LAYERS[1];
        assert!(pure.keeps_out("std::fs::File") && pure.keeps_out("tokio"));
        assert!(!pure.keeps_out("std::fsx") && !pure.keeps_out("std::time::Duration"));
    }
}
