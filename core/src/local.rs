//! What can be done without the service: validate a source, and pack it into files.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde::ser::SerializeStruct;
use serde::{Serialize, Serializer};

use crate::digest::Md5;
use crate::error::{Error, Result, Stage};
use crate::findings::{self, Findings, Located};
use crate::kind::Kind;
use crate::options::{Check, Options};
use crate::pack::{self, Input, Output, Part, Seen, Settings};
use crate::record::{Checker, Finding, Scratch, Severity};
use crate::reject::Reject;
use crate::rejects::{RejectStore, Rejects};
use crate::source::{self, Source};
use crate::spool::{PartWriter, Spool};

/// A file made by [`pack()`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PackedPart {
    /// The gzip file.
    pub path: PathBuf,
    /// Its size in bytes.
    pub size: u64,
    /// MD5 of the file.
    pub md5: Md5,
    /// Records in it.
    pub records: u64,
}

impl Serialize for PackedPart {
    fn serialize<S: Serializer>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error> {
        let mut part = serializer.serialize_struct("PackedPart", 5)?;
        part.serialize_field("path", &self.path)?;
        part.serialize_field("size", &self.size)?;
        part.serialize_field("md5", &self.md5.hex())?;
        part.serialize_field("content_md5", &self.md5.content_md5())?;
        part.serialize_field("records", &self.records)?;
        part.end()
    }
}

/// How many records were packed. `read = packed + rejected`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct PackCounts {
    /// Records read, bad ones included.
    pub read: u64,
    /// Records in the files.
    pub packed: u64,
    /// Records refused.
    pub rejected: u64,
}

/// What [`pack()`] made.
#[derive(Clone)]
pub struct PackReport {
    /// The files, in order.
    pub parts: Vec<PackedPart>,
    /// How many records went which way.
    pub counts: PackCounts,
    /// The records that are in no file, in input order.
    pub rejects: Rejects,
}

/// Checks the records of `source` and packs them into `<index>.json.gz` files in `folder`, which is made if needed.
///
/// # Errors
/// `io` for a source or folder that cannot be used; `invalid_record` or `record_too_large` when `on_invalid` is `stop`.
/// Files finished before the error stay.
pub fn pack(source: Source, folder: impl AsRef<Path>, options: &Options) -> Result<PackReport> {
    let settings = Settings::new(options)?;
    // Part files replace files of the same name, and an input must not be one of them.
    if let Some(file) = source.file_in(folder.as_ref()) {
        let message = format!("{} lies in the folder for the parts; choose another folder", file.display());
        return Err(Error::new(Kind::InvalidOptions, message).with_stage(Stage::Options));
    }
    let mut input = source::open(source, settings.block_bytes())?;
    let spool = Spool::folder(folder.as_ref())?;
    let mut files =
        Files { spool, open: None, parts: Vec::new(), counts: PackCounts::default(), rejects: RejectStore::default() };
    pack::pack(&mut input, &settings, &mut files)?;
    let end = files.rejects.end();
    let rejects = Rejects::new(vec![(files.rejects, 0..end)]);
    Ok(PackReport { parts: files.parts, counts: files.counts, rejects })
}

struct Files {
    spool: Spool,
    open: Option<PartWriter>,
    parts: Vec<PackedPart>,
    counts: PackCounts,
    rejects: RejectStore,
}

impl Output for Files {
    fn read(&mut self, records: u64) {
        self.counts.read += records;
    }

    fn reject(&mut self, reject: Reject, after: u64) -> Result<()> {
        self.counts.rejected += 1;
        self.rejects.append(&reject, after)
    }

    fn write(&mut self, bytes: &[u8]) -> Result<()> {
        match &mut self.open {
            Some(writer) => writer.write(bytes),
            none => none.insert(self.spool.create(self.parts.len() as u64)?).write(bytes),
        }
    }

    fn seal(&mut self, part: Part) -> Result<()> {
        let stored = self.open.take().map(PartWriter::seal).transpose()?;
        let path = stored.as_ref().and_then(|stored| stored.path()).map(Path::to_path_buf).unwrap_or_default();
        self.counts.packed += part.records;
        self.parts.push(PackedPart { path, size: part.size, md5: part.md5, records: part.records });
        Ok(())
    }
}

/// What [`validate`] found.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct CheckReport {
    /// Records read.
    pub read: u64,
    /// Records with an error: they would not be sent.
    pub invalid: u64,
    /// Errors found.
    pub errors: u64,
    /// Warnings found: the record would be sent.
    pub warnings: u64,
}

/// What [`check`] found.
#[derive(Clone, Debug, Serialize)]
pub struct Checked {
    /// The counts.
    #[serde(flatten)]
    pub report: CheckReport,
    /// Each error and warning, in the order of the input.
    pub findings: Findings,
}

/// Like [`validate`], with the findings kept.
///
/// # Errors
/// Those of [`validate`], and `io` if the findings are many and their temporary file cannot be written.
pub fn check(source: Source, options: &Options) -> Result<Checked> {
    let mut findings = findings::Writer::new();
    let report = validate(source, options, |finding| findings.append(&finding))?;
    Ok(Checked { report, findings: findings.finish()? })
}

/// Checks every record of `source` without sending anything, and hands each finding to `tell`.
///
/// # Errors
/// `io` for a source that cannot be read; `invalid_options`, also for `check = none`, which would find nothing.
pub fn validate(source: Source, options: &Options, mut tell: impl FnMut(Located)) -> Result<CheckReport> {
    options.validate()?;
    if options.check == Check::None {
        let message = "validate needs check = envelope or model: with none it would find nothing";
        return Err(Error::new(Kind::InvalidOptions, message).with_stage(Stage::Options));
    }
    let checker = Checker::new(options)?;
    let mut blocks = source::open(source, 256 * 1024)?;
    let (mut report, mut scratch, mut seen) = (CheckReport::default(), Scratch::default(), Seen::default());
    let mut buffer = Vec::new();
    while let Some(block) = blocks.next(buffer)? {
        for (record, line) in block.records() {
            let verdict = checker.check(record, &mut scratch);
            if let Some(record_ref) = verdict.record_ref
                && !seen.insert(record_ref)
            {
                scratch.findings.push(Seen::finding());
            }
            report.add(&scratch.findings);
            let located = |finding| Located { source: Arc::clone(&block.source), line, finding };
            scratch.findings.drain(..).map(located).for_each(&mut tell);
        }
        for long in &block.too_long {
            let finding = long.finding();
            report.add(std::slice::from_ref(&finding));
            tell(Located { source: Arc::clone(&block.source), line: long.line, finding });
        }
        buffer = block.text;
    }
    Ok(report)
}

impl CheckReport {
    fn add(&mut self, findings: &[Finding]) {
        let errors = findings.iter().filter(|finding| finding.severity == Severity::Error).count() as u64;
        self.read += 1;
        self.invalid += u64::from(errors > 0);
        self.errors += errors;
        self.warnings += findings.len() as u64 - errors;
    }
}
