//! What must hold of parts, whatever the lines.

use std::io::Read;

use cdp_batch::Options;
use cdp_batch::local::pack;
use cdp_batch::options::Check;
use cdp_batch::source::Source;

/// The first bytes choose the cap, the level and the threads. Parts are one member each, never over the cap, and, unless
/// a record that stands alone is in the way, nearly full; together with the records refused as too large they are all
/// lines, in their order.
pub fn pack_parts(input: &[u8]) {
    let [cap, level, threads, times, text @ ..] = input else { return };
    // Printable, so that no line is skipped as blank and the source is taken for plain lines.
    let line = |byte: &u8| if byte.is_multiple_of(64) { b'\n' } else { b'0' + byte % 64 };
    let mut lines: Vec<u8> = text.iter().map(line).collect::<Vec<_>>().repeat(1 + usize::from(times % 64));
    lines.dedup_by(|a, b| *a == b'\n' && *b == b'\n');
    let end: &[u8] = if lines.trim_ascii().is_empty() { b"" } else { b"\n" };
    let lines = [b"x\n", lines.trim_ascii(), end].concat();
    let options = Options {
        check: Check::None,
        max_batch_bytes: 4_096 + 16 * u64::from(*cap),
        level: level % 9 + 1,
        threads: Some(usize::from(threads % 3) + 1),
        verify: true,
        ..Options::default()
    };
    let Ok(folder) = tempfile::tempdir() else { return };
    let report = match pack(Source::bytes("lines", lines.clone()), folder.path(), &options) {
        Ok(report) => report,
        Err(error) => panic!("{error}"),
    };
    let mut decoded = Vec::new();
    for part in &report.parts {
        assert!(part.size <= options.max_batch_bytes, "over the cap");
        let file = std::fs::read(&part.path).unwrap_or_default();
        let mut member = flate2::bufread::GzDecoder::new(&file[..]);
        assert!(member.read_to_end(&mut decoded).is_ok() && member.into_inner().is_empty(), "not one whole member");
    }
    if report.counts.rejected == 0 {
        assert!(decoded == lines, "the parts are not the lines");
    }
    assert_eq!(report.counts.read, report.counts.packed + report.counts.rejected);
}
