//! Finds the marked regions of a text and fills them.

use crate::Result;

const START: &str = "<!-- gen:";
const END: &str = "<!-- /gen -->";

/// The text with every region filled with what `generate` gives for its name and argument.
pub(super) fn fill(text: &str, generate: impl Fn(&str, &str) -> Result<String>) -> Result<String> {
    let mut filled = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, from)) = rest.split_once(START) {
        let (head, body) = from.split_once(" -->\n").ok_or_else(|| format!("a {START} has no end of its own"))?;
        let (_, after) = body.split_once(END).ok_or_else(|| format!("{START}{head} --> has no {END}"))?;
        let (name, argument) = head.split_once(' ').unwrap_or((head, ""));
        let content = generate(name, argument)?;
        filled += &format!("{before}{START}{head} -->\n{}\n{END}", content.trim_end());
        rest = after;
    }
    Ok(filled + rest)
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    fn echo(name: &str, argument: &str) -> Result<String> {
        Ok(format!("[{name}|{argument}]\n"))
    }

    #[test]
    fn regions_are_filled_and_the_rest_stays() {
        let text = "a\n<!-- gen:x -->\nold\n<!-- /gen -->\nb\n<!-- gen:y p/q.rs -->\n<!-- /gen -->\n";
        let filled = fill(text, echo).unwrap();
        let expected = "a\n<!-- gen:x -->\n[x|]\n<!-- /gen -->\nb\n<!-- gen:y p/q.rs -->\n[y|p/q.rs]\n<!-- /gen -->\n";
        assert_eq!(filled, expected);
        assert_eq!(fill(&filled, echo).unwrap(), filled, "a second time changes nothing");
    }

    #[test]
    fn a_region_without_an_end_is_an_error() {
        assert!(fill("<!-- gen:x -->\n", echo).is_err());
        assert!(fill("<!-- gen:x", echo).is_err());
    }
}
