//! Words that no file of the repository may hold.

use crate::Result;
use crate::workspace::{files, root};

/// A word, and why it may not be there. Each is written in two halves, so that this file does not hold it.
const BANNED: &[(&str, &str, &str)] = &[
    ("TO", "DO", "do it, or file an issue"),
    ("FIX", "ME", "fix it, or file an issue"),
    ("/wo", "rk/", "a path of one machine"),
    ("/ro", "ot/", "a path of one machine"),
    ("/ho", "me/", "a path of one machine"),
    ("index.crates", ".io", "a registry's host: cargo knows it"),
    ("registry.npmjs", ".org", "a registry's host: npm knows it"),
    ("pypi", ".org", "a registry's host: pip knows it"),
    ("pythonhos", "ted.org", "a registry's host: pip knows it"),
    ("proxy.go", "lang.org", "a registry's host: go knows it"),
    ("repo.maven", ".apache", "a registry's host: Maven knows it"),
    ("deb.deb", "ian.org", "a registry's host: apt knows it"),
    ("set_", "hook(", "the process's panic hook is its owner's"),
    ("set_", "logger(", "the process's logger is its owner's"),
    ("set_global_", "default(", "the process's subscriber is its owner's"),
];

pub(super) fn check() -> Result {
    let banned: Vec<_> = BANNED.iter().map(|(start, end, reason)| (format!("{start}{end}"), reason)).collect();
    let mut wrong = Vec::new();
    // Lock files are cargo's and npm's own.
    for file in files()?.into_iter().filter(|file| !file.ends_with(".lock") && !file.ends_with("package-lock.json")) {
        let bytes = std::fs::read(root().join(&file)).map_err(|error| format!("cannot read {file}: {error}"))?;
        // A file that is not text has no words.
        let Ok(text) = String::from_utf8(bytes) else { continue };
        for (number, line) in (1..).zip(text.lines()) {
            let found = banned.iter().filter(|(word, _)| line.contains(word.as_str()));
            wrong.extend(found.map(|(word, reason)| format!("{file}:{number}: {word}: {reason}")));
        }
    }
    if wrong.is_empty() { Ok(()) } else { Err(wrong.join("\n")) }
}
