//! Finds the paths that a Rust source file names, in `use` lines and in the middle of code alike.

/// A path with its braces resolved: `std::{fs, io::Read}` is two.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Found {
    pub(super) path: String,
    /// From 1.
    pub(super) line: usize,
}

/// Every path of two segments or more, outside comments and literals.
pub(super) fn paths(source: &str) -> Vec<Found> {
    let code = without_comments_and_literals(source);
    let mut found = Vec::new();
    let mut rest = code.as_str();
    while let Some(start) = rest.find(is_name) {
        let from = &rest[start..];
        let line = 1 + code[..code.len() - from.len()].matches('\n').count();
        let mut tree = Vec::new();
        rest = read_tree(from, "", &mut tree);
        found.extend(tree.into_iter().filter(|path| path.contains("::")).map(|path| Found { path, line }));
    }
    found
}

fn is_name(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

/// Reads `a::b::{c, d::e}` after `prefix`, adds the whole paths to `found`, and gives the text behind.
fn read_tree<'a>(text: &'a str, prefix: &str, found: &mut Vec<String>) -> &'a str {
    let end = text.find(|c| !is_name(c)).unwrap_or(text.len());
    let path = format!("{prefix}{}", &text[..end]);
    let rest = &text[end..];
    let Some(after) = rest.trim_start().strip_prefix("::").map(str::trim_start) else {
        found.push(path);
        return rest;
    };
    let prefix = format!("{path}::");
    if after.starts_with(is_name) {
        return read_tree(after, &prefix, found);
    }
    let Some(mut inside) = after.strip_prefix('{') else {
        // A glob or a generic argument: the path ends here.
        found.push(path);
        return after;
    };
    loop {
        inside = inside.trim_start_matches(|c: char| c == ',' || c.is_whitespace());
        if inside.starts_with(is_name) {
            inside = read_tree(inside, &prefix, found);
            // ` as another_name` names nothing new.
            inside = inside.trim_start_matches(|c| c != ',' && c != '}');
        } else {
            return inside.strip_prefix('}').unwrap_or(inside);
        }
    }
}

/// The same text, line by line, with comments, strings and characters left out.
fn without_comments_and_literals(source: &str) -> String {
    let mut code = String::with_capacity(source.len());
    let mut rest = source;
    while let Some(first) = rest.chars().next() {
        let skip = literal_len(rest, code.chars().next_back());
        if skip == 0 {
            code.push(first);
            rest = &rest[first.len_utf8()..];
        } else {
            code.push(' ');
            code.extend(rest[..skip].chars().filter(|c| *c == '\n'));
            rest = &rest[skip..];
        }
    }
    code
}

/// The length of the comment or literal that `text` starts with; 0 if with none.
fn literal_len(text: &str, before: Option<char>) -> usize {
    let until = |end: &str, from: usize| text[from..].find(end).map_or(text.len(), |at| from + at + end.len());
    if text.starts_with("//") {
        return text.find('\n').unwrap_or(text.len());
    }
    if text.starts_with("/*") {
        return until("*/", 2);
    }
    if text.starts_with('"') {
        return quoted_len(text, '"');
    }
    if text.starts_with('r') && !before.is_some_and(is_name) {
        let hashes = text[1..].chars().take_while(|c| *c == '#').count();
        if text[1 + hashes..].starts_with('"') {
            return until(&format!("\"{}", "#".repeat(hashes)), 2 + hashes);
        }
    }
    let mut chars = text.chars();
    match (chars.next(), chars.next(), chars.next()) {
        (Some('\''), Some('\\'), _) | (Some('\''), _, Some('\'')) => quoted_len(text, '\''),
        // Otherwise a lifetime.
        _ => 0,
    }
}

/// The length of a literal between two `quote`s, with escapes.
fn quoted_len(text: &str, quote: char) -> usize {
    let mut is_escaped = false;
    for (at, c) in text.char_indices().skip(1) {
        if c == quote && !is_escaped {
            return at + c.len_utf8();
        }
        is_escaped = c == '\\' && !is_escaped;
    }
    text.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(source: &str) -> Vec<String> {
        paths(source).into_iter().map(|found| found.path).collect()
    }

    #[test]
    fn braces_are_resolved_and_renames_ignored() {
        let source = "use std::{fs::{self, File}, io as input, time::Instant};";
        assert_eq!(names(source), ["std::fs::self", "std::fs::File", "std::io", "std::time::Instant"]);
        assert_eq!(names("use crate::pack::*;"), ["crate::pack"]);
    }

    #[test]
    fn a_path_in_the_middle_of_code_counts_with_its_line() {
        let found = paths("fn f() {\n    let x = std::env::var(name);\n}");
        assert_eq!(found, [Found { path: "std::env::var".into(), line: 2 }]);
        assert_eq!(names("x: crate::error::Result<std::fs::File>"), ["crate::error::Result", "std::fs::File"]);
    }

    #[test]
    fn comments_strings_and_characters_name_nothing() {
        let source =
            "// std::fs\n/* std::env */ let a = \"std::net\\\" \"; let r = r#\"std::io \"\"#; let q = '\"'; a::b";
        assert_eq!(names(source), ["a::b"]);
        assert_eq!(names("fn f<'a>(x: &'a str) -> c::d { '\\''; e::f }"), ["c::d", "e::f"]);
    }
}
