//! Values that cannot print: credentials, and URLs that carry a signature.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use url::Url;

/// A credential. `Debug` says only that there is one; [`Secret::expose`] is the one way to read it.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// Hides this text.
    pub fn new(text: impl Into<String>) -> Self {
        Secret(text.into())
    }

    /// The text, for the one place that sends it.
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// Whether it is the empty text.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[secret]")
    }
}

/// The Client Key and API Token of HTTP Basic (protocol.md section 1.3).
#[derive(Clone, Debug)]
pub struct Credentials {
    /// The user of HTTP Basic.
    pub client_key: Secret,
    /// The password of HTTP Basic.
    pub api_token: Secret,
}

impl Credentials {
    /// The value of the `Authorization` header.
    pub fn basic(&self) -> Secret {
        let pair = format!("{}:{}", self.client_key.expose(), self.api_token.expose());
        Secret(format!("Basic {}", STANDARD.encode(pair)))
    }
}

/// A URL that prints without its query, its user info and all of its path but the last segment: a presigned URL is a
/// credential, and its path names the tenant (protocol.md section 1.2).
#[derive(Clone, PartialEq, Eq)]
pub struct SafeUrl(Url);

impl SafeUrl {
    /// Reads a URL; the reason of a failure holds no part of the text.
    pub fn parse(text: &str) -> Result<Self, url::ParseError> {
        Url::parse(text).map(SafeUrl)
    }

    /// The URL in full, for the one place that requests it.
    pub fn expose(&self) -> &Url {
        &self.0
    }
}

impl From<Url> for SafeUrl {
    fn from(url: Url) -> Self {
        SafeUrl(url)
    }
}

impl fmt::Display for SafeUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0.origin().ascii_serialization())?;
        match self.0.path_segments().map(Iterator::collect::<Vec<_>>).as_deref() {
            None | Some([]) => Ok(()),
            Some([only]) => write!(f, "/{only}"),
            Some([.., last]) => write!(f, "/.../{last}"),
        }
    }
}

impl fmt::Debug for SafeUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    #[test]
    fn a_presigned_url_prints_neither_signature_nor_tenant() {
        let url =
            SafeUrl::parse("https://u:p@bucket.s3.amazonaws.com/tenant0123/ref/import.gz?X-Amz-Signature=abc").unwrap();
        assert_eq!(
            format!("{url} {url:?}"),
            "https://bucket.s3.amazonaws.com/.../import.gz https://bucket.s3.amazonaws.com/.../import.gz"
        );
    }

    #[test]
    fn credentials_do_not_print() {
        let credentials = Credentials { client_key: Secret::new("the-key"), api_token: Secret::new("the-token") };
        let printed = format!("{credentials:?} {:?}", credentials.basic());
        assert!(!printed.contains("the-"), "{printed}");
        assert_eq!(credentials.basic().expose(), "Basic dGhlLWtleTp0aGUtdG9rZW4=");
    }
}
