//! What an error body says, whoever wrote it: the service (JSON), storage (XML), or something on the way (HTML, text).

use serde_json::Value;

use crate::api::redact::Redactor;

/// The code and the words of an error body.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Detail {
    /// The service's error number or storage's error name.
    pub(crate) code: Option<String>,
    /// The words, not yet cleaned.
    pub(crate) message: Option<String>,
}

impl Detail {
    /// Reads a body; what cannot be read is shown as it is.
    pub(crate) fn read(body: &[u8]) -> Self {
        let text = String::from_utf8_lossy(body);
        let text = text.trim_start_matches('\u{feff}').trim();
        if let Ok(Value::Object(fields)) = serde_json::from_str(text) {
            let field = |name: &str| fields.get(name).and_then(words);
            let message = field("message").or_else(|| field("developerMessage")).or_else(|| field("error"));
            if message.is_some() || fields.contains_key("code") {
                return Detail { code: field("code"), message };
            }
        }
        if text.starts_with('<') {
            if let (Some(code), message) = (element(text, "Code"), element(text, "Message")) {
                return Detail { code: Some(code), message };
            }
            let lower = text.to_ascii_lowercase();
            if lower.contains("<html") || lower.starts_with("<!doctype") {
                let title = element(text, "title").filter(|title| !title.is_empty());
                let message = title.map_or("an HTML page".into(), |title| format!("an HTML page titled {title:?}"));
                return Detail { code: None, message: Some(message) };
            }
        }
        Detail { code: None, message: (!text.is_empty()).then(|| text.into()) }
    }

    /// Code and words on one clean line; empty for an empty body.
    pub(crate) fn text(&self, redactor: &Redactor) -> String {
        let parts = [&self.code, &self.message].into_iter().flatten();
        redactor.clean(&parts.map(String::as_str).collect::<Vec<_>>().join(": "))
    }
}

/// A JSON text or number as text.
fn words(value: &Value) -> Option<String> {
    match value {
        Value::String(text) if !text.trim().is_empty() => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

/// The text of the first element of this name, in any case. Enough for storage's flat errors; a reader of whole XML
/// would open doors (entities, nesting) for a page that nobody needs to understand.
fn element(text: &str, name: &str) -> Option<String> {
    let lower = text.to_ascii_lowercase();
    let open = lower.find(&format!("<{}", name.to_ascii_lowercase()))?;
    let start = open + lower[open..].find('>')? + 1;
    let end = start + lower[start..].find("</")?;
    let inner = text[start..end].trim();
    let plain = [("&lt;", "<"), ("&gt;", ">"), ("&quot;", "\""), ("&apos;", "'"), ("&amp;", "&")];
    Some(plain.iter().fold(inner.to_string(), |text, (entity, plain)| text.replace(entity, plain)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(body: &str) -> String {
        Detail::read(body.as_bytes()).text(&Redactor::default())
    }

    #[test]
    fn every_author_of_an_error_body_is_understood() {
        for (body, expected) in [
            (
                r#"{"status":409,"code":4009,"message":"Checksum differs","developerMessage":"x"}"#,
                "4009: Checksum differs",
            ),
            (r#"{"code":"E1","developerMessage":"bad body"}"#, "E1: bad body"),
            (r#"{"timestamp":1,"status":404,"error":"Not Found","path":"/v2"}"#, "Not Found"),
            (
                "\u{feff}<?xml version=\"1.0\"?>\n<Error><Code>BadDigest</Code><Message>not &lt;equal&gt; &amp;lt;</Message></Error>",
                "BadDigest: not <equal> &lt;",
            ),
            ("<Error><Code>NoWords</Code></Error>", "NoWords"),
            ("<!DOCTYPE html><HTML><title lang=en>Sign in</title></HTML>", "an HTML page titled \"Sign in\""),
            ("<html><body>x</body></html>", "an HTML page"),
            ("<html><title>", "an HTML page"),
            ("upstream down\n", "upstream down"),
            ("[1]", "[1]"),
            ("", ""),
        ] {
            assert_eq!(shown(body), expected);
        }
    }

    #[test]
    fn a_body_that_is_not_text_is_no_trouble() {
        assert_eq!(Detail::read(b"\xff\xfe\x00").text(&Redactor::default()), "\u{fffd}\u{fffd}");
    }
}
