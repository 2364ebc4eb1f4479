//! The error log: one JSON object per refused record, gzip (protocol.md section 5), and its odd forms.

use crate::arrived::ArrivedRecord;
use crate::faults::Quirk;
use crate::rules::Verdict;
use bytes::Bytes;
use flate2::Compression;
use flate2::read::GzDecoder;
use flate2::write::GzEncoder;
use serde::{Deserialize, Serialize};
use std::io::{self, Read as _, Write as _};

#[derive(Serialize, Deserialize)]
struct Line {
    r#ref: String,
    code: String,
    message: String,
}

/// The same with `code` as a number, as the documents' prose has it.
#[derive(Serialize)]
struct NumberLine {
    r#ref: String,
    code: u16,
    message: String,
}

/// Collects the lines of one batch.
pub(crate) struct ErrorLog {
    encoder: GzEncoder<Vec<u8>>,
    is_empty: bool,
}

impl ErrorLog {
    pub(crate) fn new() -> Self {
        Self { encoder: GzEncoder::new(Vec::new(), Compression::fast()), is_empty: true }
    }

    /// Adds a record; one whose line could not be read gets the *string* `"null"` as its ref.
    pub(crate) fn add(&mut self, reference: Option<String>, verdict: &Verdict) -> io::Result<()> {
        let reference = reference.unwrap_or_else(|| "null".into());
        let line = Line { r#ref: reference, code: verdict.code.to_string(), message: verdict.message.to_string() };
        self.is_empty = false;
        serde_json::to_writer(&mut self.encoder, &line)?;
        self.encoder.write_all(b"\n")
    }

    /// The gzip bytes; none when no record was added.
    pub(crate) fn finish(self) -> io::Result<Option<Bytes>> {
        let bytes = self.encoder.finish()?;
        Ok((!self.is_empty).then(|| bytes.into()))
    }
}

/// Rewrites a log in an odd form. `accepted` is asked for only when the form shows accepted records.
pub(crate) fn quirky(log: &[u8], quirk: Quirk, accepted: impl FnOnce() -> Vec<ArrivedRecord>) -> io::Result<Bytes> {
    let mut text = String::new();
    GzDecoder::new(log).read_to_string(&mut text)?;
    let text = match quirk {
        Quirk::Crlf => text.replace('\n', "\r\n"),
        Quirk::Cr => text.replace('\n', "\r"),
        Quirk::NoFinalNewline => text.trim_end().to_owned(),
        Quirk::NumberCodes => rewrite(&text, |line| {
            let code = line.code.parse().map_err(io::Error::other)?;
            Ok(serde_json::to_string(&NumberLine { r#ref: line.r#ref, code, message: line.message })?)
        })?,
        Quirk::NullRefs => rewrite(&text, |line| Ok(serde_json::to_string(&Line { r#ref: "null".into(), ..line })?))?,
        Quirk::SuccessLines => {
            let mut lines = String::new();
            for record in accepted() {
                let reference = record.record_ref.unwrap_or_else(|| "null".into());
                let line = Line { r#ref: reference, code: record.code, message: record.message };
                lines.push_str(&serde_json::to_string(&line)?);
                lines.push('\n');
            }
            lines + &text
        }
        Quirk::NotGzip => return Ok(text.into()),
        Quirk::Empty => return Ok(Bytes::new()),
        Quirk::Html => return Ok(Bytes::from_static(crate::effects::HTML.as_bytes())),
    };
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(text.as_bytes())?;
    Ok(encoder.finish()?.into())
}

fn rewrite(text: &str, each: impl Fn(Line) -> io::Result<String>) -> io::Result<String> {
    text.lines().map(|line| Ok(each(serde_json::from_str(line)?)? + "\n")).collect()
}
