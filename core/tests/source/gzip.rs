//! Gzip in: any number of members, and what is wrong with a broken one.

use cdp_batch::Kind;
use cdp_batch::pack::Input;
use cdp_batch::source::{Source, open};

use crate::{BLOCK, Trickle, error, gzip, owned, records, texts};

const TEXT: &[u8] = b"\xEF\xBB\xBF{\"a\":1}\r\n\r\n{\"b\":2}\n";

#[test]
fn any_number_of_members_reads_as_one_text() {
    let expected = owned(&[(1, "{\"a\":1}"), (3, "{\"b\":2}")]);
    assert_eq!(records(gzip(TEXT)), expected);
    for cut in 0..TEXT.len() {
        let members = [gzip(&TEXT[..cut]), gzip(b""), gzip(&TEXT[cut..])].concat();
        assert_eq!(records(members), expected, "second member starts at byte {cut}");
    }
    assert_eq!(records(gzip(b"")), []);
    assert_eq!(records(gzip(b"[{\"a\":\n1},\n{\"b\": 2}]")), owned(&[(1, "{\"a\":1}"), (3, "{\"b\":2}")]));
}

#[test]
fn gzip_gives_the_blocks_of_its_text() {
    let text: String = (0..50_000).map(|number| format!("{{\"number\":{number}}}\n")).collect();
    let (first, rest) = text.as_bytes().split_at(text.len() / 3);
    let members = [gzip(first), gzip(rest)].concat();
    assert_eq!(texts(Trickle::source(members, 1), 10_000), texts(Source::bytes("test", text), 10_000));
}

#[test]
fn truncated_gzip_is_refused_wherever_it_ends() {
    let whole = gzip(TEXT);
    for length in 2..whole.len() {
        let error = error(Source::bytes("guests.gz", &whole[..length]));
        assert_eq!(error.kind(), Kind::Io);
        assert_eq!(error.message(), "guests.gz is truncated: its gzip data ends early, get the file again");
        assert_eq!(error.source_name(), Some("guests.gz"));
    }
}

#[test]
fn corrupt_gzip_is_refused() {
    let whole = gzip(TEXT);
    let mut checksum = whole.clone();
    let last = checksum.len() - 5;
    checksum[last] ^= 1;
    let trailing = [whole.as_slice(), b"trailing garbage"].concat();
    let no_deflate = [&whole[..10], &[0xFF; 20]].concat();
    for bytes in [checksum, trailing, no_deflate] {
        let error = error(Source::bytes("guests.gz", bytes));
        assert_eq!(error.kind(), Kind::Io);
        assert_eq!(error.message(), "guests.gz is corrupt: its gzip data does not unpack, get the file again");
    }
}

#[test]
fn records_before_the_damage_are_handed_out_before_the_error() {
    let text = "{\"a\":1}\n".repeat(1_000_000);
    let mut packed = gzip(text.as_bytes());
    packed.truncate(packed.len() - 10);
    let mut blocks = open(Source::bytes("guests.gz", packed), BLOCK).unwrap();
    assert!(blocks.next(Vec::new()).unwrap().is_some());
    let error = std::iter::from_fn(|| Some(blocks.next(Vec::new()))).find_map(Result::err).unwrap();
    assert_eq!(error.kind(), Kind::Io);
    assert!(blocks.next(Vec::new()).unwrap().is_none(), "nothing comes after an error");
}
