//! The table of options: names and defaults from the code itself, words from its documentation comments.

use std::fmt::Write;

use cdp_batch::Options;
use serde_json::Value;

use crate::Result;
use crate::workspace::read;

const SOURCE: &str = "core/src/options.rs";

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
struct Field<'a> {
    name: &'a str,
    of: &'a str,
    words: String,
}

fn fields<'a>(source: &'a str, structure: &str) -> Result<Vec<Field<'a>>> {
    let head = format!("pub struct {structure} {{\n");
    let (_, body) = source.split_once(&head).ok_or_else(|| format!("{SOURCE} has no struct {structure}"))?;
    let mut fields = Vec::new();
    let mut words = Vec::new();
    for line in body.lines().map(str::trim).take_while(|line| *line != "}") {
        if let Some(comment) = line.strip_prefix("///") {
            words.push(comment.trim());
        } else if let Some((name, of)) = line.strip_prefix("pub ").and_then(|line| line.split_once(": ")) {
            fields.push(Field { name, of: of.trim_end_matches(','), words: words.join(" ") });
            words.clear();
        }
    }
    Ok(fields)
}
