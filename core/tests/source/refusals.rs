//! What is not read at all, each with a sentence that says what to do.

use cdp_batch::source::Source;
use cdp_batch::{Kind, Stage};

use crate::{error, gzip, records};

#[test]
fn what_is_no_text_in_utf_8_is_refused_with_what_to_do() {
    let utf_16 = |text: &str, big: bool| -> Vec<u8> {
        text.encode_utf16().flat_map(|unit| if big { unit.to_be_bytes() } else { unit.to_le_bytes() }).collect()
    };
    let utf_32 = |text: &str, big: bool| -> Vec<u8> {
        text.chars().flat_map(|c| if big { u32::from(c).to_be_bytes() } else { u32::from(c).to_le_bytes() }).collect()
    };
    let unpack = "unpack it first, or compress it with gzip instead";
    let text = "{\"ref\":1}\n";
    let marked = "\u{FEFF}{\"ref\":1}\n";
    for (bytes, sentence) in [
        (b"PK\x03\x04\x14\0\0\0\x08\0".to_vec(), format!("x is a zip archive: {unpack}")),
        (b"PK\x05\x06\0\0".to_vec(), format!("x is a zip archive: {unpack}")),
        (b"\xFD7zXZ\0\0".to_vec(), format!("x is compressed with xz: {unpack}")),
        (b"\x28\xB5\x2F\xFD\x04".to_vec(), format!("x is compressed with zstd: {unpack}")),
        (b"BZh91AY&SY".to_vec(), format!("x is compressed with bzip2: {unpack}")),
        (b"7z\xBC\xAF\x27\x1C\0".to_vec(), format!("x is a 7z archive: {unpack}")),
        (gzip(&gzip(b"{}")), "x is compressed with gzip twice: unpack it once".into()),
        (utf_16(marked, false), "x is UTF-16 text: save it as UTF-8".into()),
        (utf_16(marked, true), "x is UTF-16 text: save it as UTF-8".into()),
        (utf_16(text, false), "x is UTF-16 text: save it as UTF-8".into()),
        (utf_16(text, true), "x is UTF-16 text: save it as UTF-8".into()),
        (utf_32(marked, false), "x is UTF-32 text: save it as UTF-8".into()),
        (utf_32(marked, true), "x is UTF-32 text: save it as UTF-8".into()),
        (utf_32(text, false), "x is UTF-32 text: save it as UTF-8".into()),
        (utf_32(text, true), "x is UTF-32 text: save it as UTF-8".into()),
        (
            b"\x7FELF\x02\x01\x01\0\0".to_vec(),
            "x is not text: give NDJSON or a JSON array, plain or compressed with gzip".into(),
        ),
        (vec![0], "x is not text: give NDJSON or a JSON array, plain or compressed with gzip".into()),
    ] {
        for bytes in [gzip(&bytes), bytes] {
            let error = error(Source::bytes("x", bytes));
            assert_eq!(error.message(), sentence);
            assert_eq!((error.kind(), error.stage(), error.source_name()), (Kind::Io, Some(Stage::Read), Some("x")));
        }
    }
}

#[test]
fn one_bad_line_in_a_good_text_is_left_to_the_check() {
    let good = "{\"a\":1}\n".repeat(200);
    assert_eq!(records(format!("{good}\0\n{{}}\n")).len(), 202);
    let invalid = [good.as_bytes(), b"{\"a\":\"\xFF\"}\n"].concat();
    let blocks = crate::blocks(Source::bytes("test", invalid.clone()), crate::BLOCK);
    assert_eq!(blocks[0].text, invalid);
}
