//! What an input holds, written down in a case: text, generated records, or bytes made from either.

use std::collections::BTreeMap;
use std::io::Write as _;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use flate2::Compression;
use flate2::write::GzEncoder;
use serde::Deserialize;

/// The inputs of a case by the name of their file.
pub(crate) type Files = BTreeMap<String, Content>;

/// The bytes of an input. Written as an object with one key: `{"lines": ["a", "b"]}`.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub(crate) enum Content {
    /// This text.
    Text(String),
    /// These lines, each ended by LF.
    Lines(Vec<String>),
    /// These bytes.
    Base64(String),
    /// A text many times over.
    Repeat { text: String, times: usize },
    /// Valid guest records, one a line.
    Records(Records),
    /// One after the other.
    Concat(Vec<Content>),
    /// One gzip member.
    Gzip(Box<Content>),
    /// UTF-16, little end first, with a BOM.
    Utf16(Box<Content>),
    /// Without the last bytes.
    Cut { last: usize, of: Box<Content> },
    /// With the bits of one byte turned over, counted from 0.
    Flip { at: usize, of: Box<Content> },
    /// With one text in place of another.
    Replace { old: String, new: String, of: Box<Content> },
    /// Only these lines, counted from 1.
    Pick { lines: Vec<usize>, of: Box<Content> },
    /// The lines as one JSON array.
    Array(Box<Content>),
    /// What another file of the case holds.
    File(String),
}

/// Generated guests: the same seed gives the same bytes everywhere.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Records {
    count: usize,
    seed: u64,
    /// Letters that do not compress, added to each record.
    #[serde(default)]
    padding: usize,
    /// Only the guest, without `ref`, `schema` and `mode` around it.
    #[serde(default)]
    bare: bool,
}

impl Content {
    /// The bytes; `files` are the other inputs of the case.
    pub(crate) fn bytes(&self, files: &Files) -> Result<Vec<u8>, String> {
        Ok(match self {
            Content::Text(text) => text.clone().into_bytes(),
            Content::Lines(lines) => lines.iter().flat_map(|line| [line.as_bytes(), b"\n"].concat()).collect(),
            Content::Base64(text) => {
                STANDARD.decode(text).map_err(|error| format!("content is not base64: {error}"))?
            }
            Content::Repeat { text, times } => text.repeat(*times).into_bytes(),
            Content::Records(records) => records.bytes(),
            Content::Concat(all) => {
                let all: Result<Vec<_>, _> = all.iter().map(|one| one.bytes(files)).collect();
                all?.concat()
            }
            Content::Gzip(of) => gzip(&of.bytes(files)?)?,
            Content::Utf16(of) => {
                let text = utf8(of.bytes(files)?)?;
                std::iter::once(0xFEFF).chain(text.encode_utf16()).flat_map(u16::to_le_bytes).collect()
            }
            Content::Cut { last, of } => {
                let mut bytes = of.bytes(files)?;
                bytes.truncate(bytes.len().saturating_sub(*last));
                bytes
            }
            Content::Flip { at, of } => {
                let mut bytes = of.bytes(files)?;
                let byte = bytes.get_mut(*at).ok_or("flip lies behind the end of its content")?;
                *byte = !*byte;
                bytes
            }
            Content::Replace { old, new, of } => utf8(of.bytes(files)?)?.replace(old, new).into_bytes(),
            Content::Pick { lines, of } => {
                let all = of.lines(files)?;
                let line = |number: &usize| number.checked_sub(1).and_then(|index| all.get(index));
                let picked: Option<Vec<_>> = lines.iter().map(line).collect();
                picked
                    .ok_or("pick names a line that is not there")?
                    .iter()
                    .flat_map(|line| [line, "\n"].concat().into_bytes())
                    .collect()
            }
            Content::Array(of) => {
                let text = utf8(of.bytes(files)?)?;
                format!("[{}]", text.lines().collect::<Vec<_>>().join(",")).into_bytes()
            }
            Content::File(name) => {
                files.get(name).ok_or_else(|| format!("the case has no file {name}"))?.bytes(files)?
            }
        })
    }

    /// The lines, without their ends.
    pub(crate) fn lines(&self, files: &Files) -> Result<Vec<String>, String> {
        Ok(utf8(self.bytes(files)?)?.lines().map(str::to_owned).collect())
    }
}

impl Records {
    fn bytes(&self) -> Vec<u8> {
        let mut random = fastrand::Rng::with_seed(self.seed);
        let mut text = String::new();
        for number in 0..self.count {
            let high = random.u64(..);
            let low = random.u64(..);
            let padding: String = (0..self.padding).map(|_| random.alphanumeric()).collect();
            // A non-ASCII name, a number with a digit that must survive and an id that is unique for the seed.
            let guest = format!(
                r#"{{"guestType":"customer","firstName":"Zoë","lastName":"Guest {number}","identifiers":[{{"provider":"CRM","id":"{seed}-{number}"}}],"extensions":[{{"name":"ext","key":"default","balance":{number}.50,"note":"{padding}"}}]}}"#,
                seed = self.seed,
            );
            if self.bare {
                text.push_str(&guest);
            } else {
                let reference = format!(
                    "{:08x}-{:04x}-4{:03x}-a{:03x}-{:012x}",
                    high >> 32,
                    high >> 16 & 0xFFFF,
                    high & 0xFFF,
                    low >> 52,
                    low & 0xFFFF_FFFF_FFFF,
                );
                text.push_str(&format!(r#"{{"ref":"{reference}","schema":"guest","mode":"upsert","value":{guest}}}"#));
            }
            text.push('\n');
        }
        text.into_bytes()
    }
}

fn gzip(bytes: &[u8]) -> Result<Vec<u8>, String> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(bytes).and_then(|()| encoder.finish()).map_err(|error| error.to_string())
}

fn utf8(bytes: Vec<u8>) -> Result<String, String> {
    String::from_utf8(bytes).map_err(|_| "content that is changed as text must be UTF-8".into())
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    fn bytes(json: &str) -> Vec<u8> {
        let files = Files::from([("a".into(), Content::Text("x\ny\n".into()))]);
        serde_json::from_str::<Content>(json).unwrap().bytes(&files).unwrap()
    }

    #[test]
    fn content_is_made_from_other_content() {
        assert_eq!(bytes(r#"{"replace":{"old":"\n","new":"\r\n","of":{"file":"a"}}}"#), b"x\r\ny\r\n");
        assert_eq!(bytes(r#"{"array":{"file":"a"}}"#), b"[x,y]");
        assert_eq!(bytes(r#"{"cut":{"last":3,"of":{"concat":[{"file":"a"},{"text":"z"}]}}}"#), b"x\n");
        assert_eq!(bytes(r#"{"utf16":{"text":"a"}}"#), [0xFF, 0xFE, 0x61, 0]);
        assert_eq!(bytes(r#"{"flip":{"at":0,"of":{"base64":"AA=="}}}"#), [0xFF]);
    }

    #[test]
    fn generated_records_are_json_and_the_same_every_time() {
        let json = r#"{"records":{"count":3,"seed":7,"padding":20}}"#;
        let text = String::from_utf8(bytes(json)).unwrap();
        assert_eq!(text.lines().filter(|line| serde_json::from_str::<serde_json::Value>(line).is_ok()).count(), 3);
        assert_eq!(text.as_bytes(), bytes(json));
    }
}
