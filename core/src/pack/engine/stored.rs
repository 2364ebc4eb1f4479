//! Stored blocks (RFC 1951 section 3.2.4): the bytes as they are, for what does not compress.

use super::bits::BitWriter;

/// The most bytes one stored block holds.
const MAX_BLOCK: usize = 0xFFFF;

/// How many bytes `len` bytes take as stored blocks with an empty one at the end: the most an engine may write.
pub(crate) const fn size(len: usize) -> usize {
    len + 5 * (len.div_ceil(MAX_BLOCK) + 1)
}

/// Puts stored blocks in the place of `out[start..]`, which begins byte-aligned and stands for `bytes`.
pub(super) fn replace(bytes: &[u8], start: usize, out: &mut Vec<u8>) {
    out.truncate(start);
    let mut bits = BitWriter::new(out);
    blocks(bytes, &mut bits);
    empty_block(&mut bits);
}

/// The same, if that is smaller.
pub(super) fn replace_if_smaller(bytes: &[u8], start: usize, out: &mut Vec<u8>) {
    if out.len() - start > size(bytes.len()) {
        replace(bytes, start, out);
    }
}

/// Writes `bytes` as non-final stored blocks, as many as it takes.
pub(super) fn blocks(bytes: &[u8], bits: &mut BitWriter<'_>) {
    for bytes in bytes.chunks(MAX_BLOCK) {
        block(bytes, bits);
    }
}

/// Writes a non-final stored block of nothing, which ends on a byte boundary.
pub(super) fn empty_block(bits: &mut BitWriter<'_>) {
    block(&[], bits);
}

fn block(bytes: &[u8], bits: &mut BitWriter<'_>) {
    bits.put(0, 3);
    bits.align();
    let len = bytes.len() as u16;
    let out = bits.bytes();
    out.extend_from_slice(&len.to_le_bytes());
    out.extend_from_slice(&(!len).to_le_bytes());
    out.extend_from_slice(bytes);
}
