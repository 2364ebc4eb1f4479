//! Cleans text that others wrote before it goes into a message.

use url::Url;

use crate::secret::{Credentials, SafeUrl};

/// Longest text of the service shown in a message, in characters.
const SHOWN: usize = 200;
/// A shorter text is no secret worth hiding: hiding every `a` would only garble the message.
const SHORTEST_SECRET: usize = 4;

/// Removes what must not be shown: the credentials, the tenant, and anything that looks like a signature.
#[derive(Clone, Default)]
pub struct Redactor {
    secrets: Vec<String>,
}

impl Redactor {
    /// Hides these credentials, also as HTTP Basic spells them.
    pub fn new(credentials: &Credentials) -> Self {
        let basic = credentials.basic();
        let pair = basic.expose().trim_start_matches("Basic ");
        Redactor::default().hiding([credentials.client_key.expose(), credentials.api_token.expose(), pair])
    }

    /// Hides also the folders of this presigned URL (the first one names the tenant, protocol.md section 1.2) and the
    /// values of its query.
    #[must_use]
    pub fn with_url(&self, url: &Url) -> Self {
        let mut folders: Vec<&str> = url.path_segments().into_iter().flatten().collect();
        folders.pop();
        let values: Vec<String> = url.query_pairs().map(|(_, value)| value.into_owned()).collect();
        self.clone().hiding(folders).hiding(values.iter().map(String::as_str))
    }

    fn hiding<'a>(mut self, secrets: impl IntoIterator<Item = &'a str>) -> Self {
        self.secrets.extend(secrets.into_iter().filter(|secret| secret.len() >= SHORTEST_SECRET).map(String::from));
        self.secrets.sort_by_key(|secret| std::cmp::Reverse(secret.len()));
        self
    }

    /// One short line of this text, fit to be shown.
    pub fn clean(&self, text: &str) -> String {
        let mut text = text.replace("\\/", "/");
        for secret in &self.secrets {
            text = text.replace(secret, "[redacted]");
        }
        let words: Vec<String> = text.split(|c: char| c.is_whitespace() || c.is_control()).map(clean_word).collect();
        let line = words.iter().filter(|word| !word.is_empty()).map(String::as_str).collect::<Vec<_>>().join(" ");
        match line.char_indices().nth(SHOWN) {
            Some((end, _)) => format!("{}...", &line[..end]),
            None => line,
        }
    }
}

/// A URL loses its query and its folders; a query without its URL is dropped whole.
fn clean_word(word: &str) -> String {
    word.split_inclusive(['"', '\'', '<', '>', ',']).map(clean_piece).collect()
}

fn clean_piece(piece: &str) -> String {
    let (body, end) = match piece.char_indices().last() {
        Some((at, '"' | '\'' | '<' | '>' | ',')) => piece.split_at(at),
        _ => (piece, ""),
    };
    if let Some(at) = body.find("://") {
        let before = body[..at].char_indices().rfind(|(_, c)| !c.is_ascii_alphanumeric());
        let scheme = before.map_or(0, |(at, c)| at + c.len_utf8());
        let shown = SafeUrl::parse(&body[scheme..]).map_or("[url]".into(), |url| url.to_string());
        return format!("{}{shown}{end}", &body[..scheme]);
    }
    let lower = body.to_ascii_lowercase();
    let signed = ["x-amz-", "awsaccesskeyid", "signature"].iter().any(|mark| lower.contains(mark));
    if signed && body.contains(['=', '%']) { format!("[redacted]{end}") } else { piece.into() }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;
    use crate::secret::Secret;

    fn redactor() -> Redactor {
        Redactor::new(&Credentials { client_key: Secret::new("key-1234"), api_token: Secret::new("token-5678") })
    }

    #[test]
    fn credentials_disappear_in_every_spelling() {
        let basic = redactor().secrets.iter().find(|secret| secret.ends_with('=')).cloned().unwrap();
        let shown = redactor().clean(&format!("user key-1234, pass token-5678, Authorization: Basic {basic}"));
        assert_eq!(shown, "user [redacted], pass [redacted], Authorization: Basic [redacted]");
    }

    #[test]
    fn a_url_loses_its_query_and_its_folders() {
        let text = r#"{"href":"https:\/\/s3.example\/tenant\/ref\/import.gz?X-Amz-Signature=abc","next":1}"#;
        assert_eq!(redactor().clean(text), r#"{"href":"https://s3.example/.../import.gz","next":1}"#);
        let odd = redactor().clean("see (https://h.example/a/b?q=1) and ://x");
        assert_eq!(odd, "see (https://h.example/.../b and [url]");
        assert_eq!(redactor().clean("siehe\u{fffd}https://h.example/a/b?q=1"), "siehe\u{fffd}https://h.example/.../b");
    }

    #[test]
    fn a_loose_query_and_the_tenant_of_the_requested_url_disappear() {
        let url = Url::parse("https://s3.example/tenant0123/ref/import.gz?X-Amz-Credential=AKID%2Feu&v=1").unwrap();
        let shown = redactor().with_url(&url).clean("GET /tenant0123/x X-Amz-Date=1&X-Amz-Signature=f00 for AKID/eu");
        assert_eq!(shown, "GET /[redacted]/x [redacted] for [redacted]");
    }

    #[test]
    fn a_long_text_is_cut_after_secrets_are_hidden() {
        let text = format!("{} key-1234 end", "x".repeat(195));
        let shown = redactor().clean(&text);
        assert!(shown.len() == 203 && shown.ends_with("[red..."), "{shown}");
        assert_eq!(redactor().clean("a\u{0}b\r\n  c"), "a b c");
    }
}
