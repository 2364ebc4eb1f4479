//! The table of options: names and defaults from the code itself, words from its documentation comments.

use std::fmt::Write;

use cdp_batch::Options;
use serde_json::Value;

use crate::Result;
use crate::workspace::read;

pub(super) const SOURCE: &str = "core/src/options.rs";

/// One row for each option; those of a nested struct as `wait.timeout_ms`.
pub(super) fn table() -> Result<String> {
    let source = read(SOURCE)?;
    let defaults =
        serde_json::to_value(Options::default()).map_err(|error| format!("the options are no JSON: {error}"))?;
    let mut table = String::from("| option | default | meaning |\n|---|---|---|\n");
    rows(&mut table, &source, "Options", "", &defaults)?;
    Ok(table)
}

fn rows(table: &mut String, source: &str, structure: &str, prefix: &str, defaults: &Value) -> Result {
    for Field { name, of, words } in fields(source, structure)? {
        let default = defaults.get(name).ok_or_else(|| format!("{structure}.{name} has no default"))?;
        if default.is_object() {
            rows(table, source, of, &format!("{prefix}{name}."), default)?;
        } else {
            let default = if default.is_null() { String::new() } else { format!("`{default}`") };
            let _ = writeln!(table, "| `{prefix}{name}` | {default} | {words} |");
        }
    }
    Ok(())
}

/// A public field: its name, its type, and its documentation on one line.
pub(super) struct Field<'a> {
    pub(super) name: &'a str,
    pub(super) of: &'a str,
    pub(super) words: String,
}

pub(super) fn fields<'a>(source: &'a str, structure: &str) -> Result<Vec<Field<'a>>> {
    let mut fields = Vec::new();
    let mut words = Vec::new();
    for line in body(source, "struct", structure)? {
        if let Some(comment) = line.strip_prefix("///") {
            words.push(comment.trim());
        } else if let Some((name, of)) = line.strip_prefix("pub ").and_then(|line| line.split_once(": ")) {
            fields.push(Field { name, of: of.trim_end_matches(','), words: words.join(" ") });
            words.clear();
        }
    }
    Ok(fields)
}

/// Options that belong to the client, so that no call takes them, and those of a run.
pub(super) fn of_client_and_run(source: &str) -> Result<(Vec<Field<'_>>, Vec<Field<'_>>)> {
    let all = fields(source, "Options")?;
    Ok(all.into_iter().partition(|field| ["retry", "http"].contains(&field.name)))
}

/// The values that an option of this type may have, as JSON spells them.
pub(super) fn variants(source: &str, enumeration: &str) -> Result<Vec<String>> {
    Ok(explained_variants(source, enumeration)?.into_iter().map(|(name, _)| name.to_ascii_lowercase()).collect())
}

/// The variants of an option's type as the code has them, and what each means.
pub(super) fn explained_variants<'a>(source: &'a str, enumeration: &str) -> Result<Vec<(&'a str, String)>> {
    let mut variants = Vec::new();
    let mut words = Vec::new();
    for line in body(source, "enum", enumeration)? {
        if let Some(comment) = line.strip_prefix("///") {
            words.push(comment.trim());
        } else if line.starts_with(|c: char| c.is_ascii_uppercase()) {
            variants.push((line.trim_end_matches(','), words.join(" ")));
            words.clear();
        }
    }
    Ok(variants)
}

/// The first sentence of the documentation of a struct.
pub(super) fn words(source: &str, structure: &str) -> Result<String> {
    let (before, _) = split(source, "struct", structure)?;
    let comment = before.lines().rev().skip_while(|line| line.starts_with("#["));
    let comment: Vec<_> = comment.map_while(|line| line.strip_prefix("/// ")).collect();
    let words = comment.into_iter().rev().collect::<Vec<_>>().join(" ");
    Ok(words.split_once(". ").map_or(words.clone(), |(first, _)| format!("{first}.")))
}

fn body<'a>(source: &'a str, keyword: &str, name: &str) -> Result<impl Iterator<Item = &'a str>> {
    let (_, body) = split(source, keyword, name)?;
    Ok(body.lines().map(str::trim).take_while(|line| *line != "}"))
}

fn split<'a>(source: &'a str, keyword: &str, name: &str) -> Result<(&'a str, &'a str)> {
    let head = format!("pub {keyword} {name} {{\n");
    source.split_once(&head).ok_or_else(|| format!("{SOURCE} has no {keyword} {name}"))
}
