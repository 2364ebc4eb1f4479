//! Files: patterns, what cannot be opened, what changes while it is read.

use std::fs::{self, File};
use std::io::Write;
use std::path::Path;
use std::time::{Duration, SystemTime};

use cdp_batch::pack::Input;
use cdp_batch::source::{Source, open};
use cdp_batch::{Error, Kind};
use tempfile::TempDir;

use crate::{BLOCK, blocks, error, gzip};

/// Well over what is read at once.
const LARGE: usize = 2 << 20;

fn write(folder: &TempDir, name: &str, text: impl AsRef<[u8]>) -> String {
    let path = folder.path().join(name);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(&path, text).unwrap();
    path.to_str().unwrap().to_string()
}

fn names(source: Source) -> Vec<String> {
    let name = |path: &str| Path::new(path).file_name().unwrap().to_str().unwrap().to_string();
    source.describe().iter().map(|description| name(&description.name)).collect()
}

#[test]
fn a_pattern_gives_its_files_in_order_and_no_folders() {
    let folder = TempDir::new().unwrap();
    for name in ["b.ndjson", "a.ndjson", "c.txt", "d.ndjson/inner.ndjson", "[1].ndjson"] {
        write(&folder, name, "{}");
    }
    let pattern = |pattern: &str| folder.path().join(pattern).to_str().unwrap().to_string();
    assert_eq!(names(Source::glob(&pattern("*.ndjson")).unwrap()), ["[1].ndjson", "a.ndjson", "b.ndjson"]);
    assert_eq!(names(Source::glob(&pattern("**/inner*")).unwrap()), ["inner.ndjson"]);
    assert_eq!(names(Source::glob(&pattern("[1].ndjson")).unwrap()), ["[1].ndjson"], "a file stands for itself");

    let missing = pattern("*.csv");
    let error = Source::glob(&missing).err().unwrap();
    assert_eq!((error.kind(), error.message()), (Kind::Io, &*format!("no file matches {missing}: check the path")));
    let error = Source::glob("a[").err().unwrap();
    assert_eq!(error.kind(), Kind::InvalidOptions);
    assert!(error.message().starts_with("a[ is no valid pattern: "), "{error}");
}

#[test]
fn a_missing_file_or_a_directory_shows_before_anything_is_read() {
    let folder = TempDir::new().unwrap();
    let good = write(&folder, "good.ndjson", "{}");
    let opened = |path: &str| -> Error {
        open(Source::many(vec![Source::path(&good), Source::path(path)]), BLOCK).err().unwrap()
    };
    let missing = format!("{good}.gone");
    assert_eq!(opened(&missing).message(), format!("{missing} does not exist: check the path"));
    let inside = format!("{good}/inside");
    assert_eq!(opened(&inside).message(), format!("{inside} cannot be opened: Not a directory"));
    let directory = folder.path().to_str().unwrap();
    let error = opened(directory);
    let sentence = format!("{directory} is a directory: name a file in it, or a pattern such as {directory}/*.ndjson");
    assert_eq!((error.kind(), error.message(), error.source_name()), (Kind::Io, &*sentence, Some(directory)));
}

#[cfg(unix)]
#[test]
fn a_file_that_may_not_be_read_says_so() {
    use std::os::unix::fs::PermissionsExt;
    let folder = TempDir::new().unwrap();
    let path = write(&folder, "secret.ndjson", "{}");
    fs::set_permissions(&path, fs::Permissions::from_mode(0o000)).unwrap();
    if File::open(&path).is_ok() {
        return; // The superuser may read anything.
    }
    assert_eq!(error(Source::path(&path)).message(), format!("{path} may not be read: check its permissions"));
}

#[test]
fn a_file_that_changes_while_it_is_read_is_an_error() {
    let text = "{\"a\":1}\n".repeat(LARGE / 8);
    let change = |what: &str, path: &str| {
        let mut file = File::options().append(what == "grow").write(true).open(path).unwrap();
        match what {
            "grow" => file.write_all(b"{\"a\":1}\n").unwrap(),
            "shrink" => file.set_len(LARGE as u64 - 8).unwrap(),
            "empty" => file.set_len(0).unwrap(),
            _ => file.set_modified(SystemTime::now() + Duration::from_secs(10)).unwrap(),
        }
    };
    for what in ["grow", "shrink", "empty", "rewrite"] {
        for packed in [false, true] {
            let folder = TempDir::new().unwrap();
            // Stored, not compressed: so that the packed file, too, is read in several steps.
            let content = if packed { stored(text.as_bytes()) } else { text.clone().into_bytes() };
            let path = write(&folder, "guests.ndjson", content);
            let mut blocks = open(Source::path(&path), BLOCK).unwrap();
            blocks.next(Vec::new()).unwrap().unwrap();
            change(what, &path);
            let error = std::iter::from_fn(|| Some(blocks.next(Vec::new()))).find_map(Result::err).unwrap();
            let sentence = format!("{path} changed while it was being read: run again when nothing writes to it");
            assert_eq!((error.kind(), error.message()), (Kind::Io, &*sentence), "{what}, packed: {packed}");
        }
    }
}

#[test]
fn a_file_that_keeps_growing_is_not_followed() {
    let folder = TempDir::new().unwrap();
    let text = "{\"a\":1}\n".repeat(LARGE / 8);
    let path = write(&folder, "log.ndjson", &text);
    let mut blocks = open(Source::path(&path), BLOCK).unwrap();
    let growing = std::iter::from_fn(|| {
        File::options().append(true).open(&path).unwrap().write_all(text.as_bytes()).unwrap();
        Some(blocks.next(Vec::new()))
    });
    assert!(growing.take(20).any(|next| next.is_err()));
}

fn stored(text: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::none());
    encoder.write_all(text).unwrap();
    encoder.finish().unwrap()
}

#[test]
fn a_file_is_read_by_its_content_and_left_as_it_is() {
    let folder = TempDir::new().unwrap();
    for (name, content) in [("plain.gz", b"{\"a\":1}\r\n".to_vec()), ("packed.json", gzip(b"[{\"a\": 1}]"))] {
        let path = write(&folder, name, &content);
        let before = fs::metadata(&path).unwrap().modified().unwrap();
        assert_eq!(blocks(Source::path(&path), BLOCK)[0].text, b"{\"a\":1}\n");
        assert_eq!(fs::read(&path).unwrap(), content);
        assert_eq!(fs::metadata(&path).unwrap().modified().unwrap(), before);
    }
}

#[test]
fn a_description_has_what_tells_one_version_of_a_file_from_another() {
    let folder = TempDir::new().unwrap();
    let path = write(&folder, "a.ndjson", "{}\n");
    let time = SystemTime::UNIX_EPOCH + Duration::new(1_700_000_000, 5_000);
    File::options().write(true).open(&path).unwrap().set_modified(time).unwrap();
    let (_writer, rows) = Source::rows();
    let reader = Source::reader("stdin", Box::new(std::io::empty()));
    let source = Source::many(vec![Source::path(&path), Source::bytes("memory", "{}"), reader, rows]);
    let found: Vec<_> = source
        .describe()
        .into_iter()
        .map(|description| (description.name, description.kind, description.len, description.modified_ns))
        .collect();
    let none = |name: &str, kind| (name.to_string(), kind, None, None);
    assert_eq!(
        found,
        [
            (path, "path", Some(3), Some(1_700_000_000_000_005_000)),
            none("memory", "bytes"),
            none("stdin", "reader"),
            none("rows", "rows"),
        ]
    );
}
