//! What must hold of the deflate engines, whatever is deflated.

use std::io::Read;

use cdp_batch::pack::lab::{Lab, bound};

const WINDOW: usize = 32_768;

/// The first bytes choose the engine, its level, how often the rest is repeated and where it is cut into chunks. The
/// chunks are one stream that inflates to what it was, none is larger than stored blocks, and a used engine writes the
/// same bytes as a new one.
pub fn pack_engine(input: &[u8]) {
    let [choice, times, cut, text @ ..] = input else { return };
    let text = text.repeat(1 + usize::from(times % 16));
    let new = || match choice & 0x80 {
        0 => Lab::engine(choice % 9 + 1),
        _ => Lab::baseline(choice % 9 + 1),
    };
    let (Some(mut used), mut stream) = (new(), Vec::new()) else { return };
    let chunk = 1 + text.len() * (1 + usize::from(*cut)) / 256;
    for start in (0..text.len()).step_by(chunk) {
        let end = text.len().min(start + chunk);
        let dict_len = start.min(WINDOW);
        let data = &text[start - dict_len..end];
        let before = stream.len();
        used.deflate(data, dict_len, &mut stream);
        assert!(stream.len() - before <= bound(end - start), "larger than stored blocks");
        let mut again = Vec::new();
        new().iter_mut().for_each(|fresh| fresh.deflate(data, dict_len, &mut again));
        assert!(stream[before..] == again, "a used engine writes other bytes");
    }
    // An empty last block.
    stream.extend_from_slice(&[3, 0]);
    let mut inflated = Vec::new();
    let read = flate2::read::DeflateDecoder::new(&stream[..]).read_to_end(&mut inflated);
    assert!(read.is_ok() && inflated == text, "{read:?}: it does not inflate to what it was");
}
