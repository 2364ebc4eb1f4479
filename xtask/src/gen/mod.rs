//! `gen`: writes generated text anew: the modules of bindings that follow from the core's tables, and parts of the
//! Markdown files. Such a part stands between `<!-- gen:NAME ARGUMENT -->` and `<!-- /gen -->`; its text comes from the
//! code or from files that tests and the bench keep true.

mod options;
mod python;
mod regions;

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
    for (file, new) in python::files()? {
        update(file, &read(file).unwrap_or_default(), new, &mut stale)?;
    }
    Ok(stale)
}

fn update(file: &str, old: &str, new: String, stale: &mut Vec<String>) -> Result {
    if new != old {
        std::fs::write(root().join(file), new).map_err(|error| format!("cannot write {file}: {error}"))?;
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
        "py" => "python",
        "js" | "mjs" => "javascript",
        "ts" => "typescript",
        "sh" => "sh",
        other => other,
    }
}

fn fenced(language: &str, text: &str) -> String {
    format!("```{language}\n{}\n```\n", text.trim_end())
}
