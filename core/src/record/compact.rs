//! Compact JSON, 64 bytes at a time. Where no white space parts the tokens and no escape hides a quote, the grammar is a
//! matter of which kinds of bytes stand side by side, and arithmetic on sets of bytes answers that for all of a block.
//!
//! It says yes or nothing. What it does not accept, right or wrong, [`scan`](super::scan) reads byte by byte, and so is
//! everything where the processor has no AVX2.
#![cfg_attr(target_arch = "x86_64", expect(unsafe_code, reason = "processor instructions"))]

#[cfg(target_arch = "x86_64")]
mod grammar;
#[cfg(target_arch = "x86_64")]
mod kinds;

/// From the bracket at `at` to the byte after the one that closes it. `None` if what is between them nests more than
/// `limit` deep, has escapes or white space outside of strings, or is no JSON.
#[cfg(target_arch = "x86_64")]
pub(super) fn skip_compact(text: &[u8], at: usize, limit: u32) -> Option<usize> {
    let has_all = is_x86_feature_detected!("avx2") && is_x86_feature_detected!("bmi1");
    // SAFETY: these features were detected.
    if has_all { unsafe { grammar::skip(text, at, limit) } } else { None }
}

/// Nothing is accepted here.
#[cfg(not(target_arch = "x86_64"))]
pub(super) fn skip_compact(_text: &[u8], _at: usize, _limit: u32) -> Option<usize> {
    None
}

#[cfg(all(test, target_arch = "x86_64"))]
mod tests {
    use super::*;

    #[test]
    fn compact_json_is_skipped_to_its_end_and_no_other() {
        let has_all = is_x86_feature_detected!("avx2") && is_x86_feature_detected!("bmi1");
        let skipped = |text: &str| skip_compact(text.as_bytes(), 1, 3);
        for length in [0, 40, 54, 55, 56, 100] {
            let long = "x".repeat(length);
            let good = format!(r#" {{"a":"{long}","b":[1.5,true,{{}}],"{long}":null}},{{}}"#);
            assert_eq!(skipped(&good), has_all.then_some(good.len() - 3));
            for (part, other) in [
                ("{}]", "[{}]]"),
                ("\",\"b", "\", \"b"),
                ("\",\"b", "\\n\",\"b"),
                ("\",\"b", "\n\",\"b"),
                ("1.5", "1.5x"),
                ("1.5,", "1.5:"),
                ("null}", "null]"),
                ("null}", "null"),
            ] {
                assert_eq!(skipped(&good.replace(part, other)), None, "{part} as {other}");
            }
        }
    }
}
