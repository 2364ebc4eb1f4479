//! `gen`: writes generated text anew: the modules of bindings that follow from the core's tables, and parts of the
//! Markdown files. Such a part stands between `<!-- gen:NAME ARGUMENT -->` and `<!-- /gen -->`; its text comes from the
//! code or from files that tests and the bench keep true.

mod c;
mod go;
mod kotlin;
mod node;
mod options;
mod python;
mod regions;
mod ruby;
mod uniffi;

use std::fmt::Write;
use std::process::Command;

use cdp_batch::Kind;

use crate::Result;
use crate::check::layers;
use crate::run::output;
use crate::workspace::{files, program, read, root};

pub(crate) fn command(arguments: &[String]) -> Result {
    match arguments {
        [] => write().map(|stale| stale.iter().for_each(|file| println!("written: {file}"))),
        [flag] if flag == "--check" => check(),
        _ => Err(format!("there is only --check\n\n{}", crate::usage())),
    }
}

/// Fails if a file was stale. It is written anew all the same, so that running this again succeeds.
pub(crate) fn check() -> Result {
    match write()? {
        stale if stale.is_empty() => Ok(()),
        stale => Err(format!("stale, now written anew: {}", stale.join(", "))),
    }
}

/// Writes every part anew and names the files that changed.
fn write() -> Result<Vec<String>> {
    let mut stale = Vec::new();
    for file in files()?.into_iter().filter(|file| file.ends_with(".md")) {
        let old = read(&file)?;
        let new = regions::fill(&old, generate).map_err(|message| format!("{file}: {message}"))?;
        update(&file, &old, new, &mut stale)?;
    }
    let python = python::files()?.map(|(file, new)| (file.to_string(), new));
    let others = node::files()?.into_iter().chain(c::files()?).chain(go::files()?).chain(ruby::files()?);
    let others = others.chain(kotlin::files()?).chain([uniffi::file()?]);
    for (file, new) in python.into_iter().chain(others) {
        update(&file, &read(&file).unwrap_or_default(), new, &mut stale)?;
    }
    Ok(stale)
}

fn update(file: &str, old: &str, new: String, stale: &mut Vec<String>) -> Result {
    if new != old {
        let path = root().join(file);
        let written = std::fs::create_dir_all(path.parent().unwrap_or(&path)).and_then(|()| std::fs::write(path, new));
        written.map_err(|error| format!("cannot write {file}: {error}"))?;
        stale.push(file.to_string());
    }
    Ok(())
}

/// The text of a part.
fn generate(name: &str, argument: &str) -> Result<String> {
    match name {
        "errors" => Ok(errors()),
        "options" => options::table(),
        "layers" => Ok(layers::markdown()),
        "include" => read(argument),
        "source" => Ok(fenced(language(argument), &read(argument)?)),
        "help" => help(argument),
        _ => Err(format!("there is no generator {name}")),
    }
}

fn errors() -> String {
    let mut table = String::from("| kind | number | retry | what to do |\n|---|---|---|---|\n");
    for kind in Kind::ALL {
        let retry = if kind.retryable() { "yes" } else { "no" };
        let _ = writeln!(table, "| `{kind}` | {} | {retry} | {} |", kind.number(), kind.advice());
    }
    table
}

/// What the command line says about one of its commands, or about itself.
fn help(command: &str) -> Result<String> {
    let mut cli = Command::new(program("cdp-batch")?);
    cli.args(command.split_whitespace()).arg("--help");
    // The width a README is read at; otherwise that of the terminal.
    output(cli.env("COLUMNS", "100")).map(|text| fenced("text", &text))
}

fn language(path: &str) -> &str {
    match path.rsplit_once('.').map_or("", |(_, extension)| extension) {
        "rs" => "rust",
        "rb" => "ruby",
        "py" => "python",
        "js" | "mjs" => "javascript",
        "ts" => "typescript",
        "sh" => "sh",
        "kt" => "kotlin",
        other => other,
    }
}

fn fenced(language: &str, text: &str) -> String {
    format!("```{language}\n{}\n```\n", text.trim_end())
}

const KINDS: &str = "core/src/kind.rs";

/// The documentation comment of a kind.
fn kind_words(kind: Kind) -> Result<String> {
    let source = read(KINDS)?;
    let row = format!("    {kind:?} = {},", kind.number());
    let (before, _) = source.split_once(&row).ok_or_else(|| format!("{KINDS} has no row {kind:?}"))?;
    let comment = before.lines().rev().map_while(|line| line.trim().strip_prefix("///")).collect::<Vec<_>>();
    Ok(comment.iter().rev().map(|line| line.trim()).collect::<Vec<_>>().join(" "))
}

/// `max_batch_bytes` as `maxBatchBytes`.
fn camel_case(name: &str) -> String {
    let mut words = name.split('_');
    let first = words.next().unwrap_or_default().to_string();
    words.fold(first, |name, word| {
        let (head, rest) = word.split_at(word.len().min(1));
        name + &head.to_uppercase() + rest
    })
}

/// The longest line that is generated.
const WIDTH: usize = 120;

/// Text that is broken before the end of a line: the first begins after `start` other characters, the others after
/// `indent` spaces.
fn wrapped(words: &str, start: usize, indent: usize) -> String {
    let mut text = String::new();
    let mut width = start;
    for word in words.split_whitespace() {
        // Room for what closes the text.
        if width + word.len() + 4 > WIDTH {
            let _ = write!(text, "\n{}", " ".repeat(indent));
            width = indent;
        } else if !text.is_empty() {
            text.push(' ');
            width += 1;
        }
        text += word;
        width += word.len();
    }
    text
}
