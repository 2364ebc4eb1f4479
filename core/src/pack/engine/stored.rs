//! Stored blocks (RFC 1951 section 3.2.4): the bytes as they are, for what does not compress.

/// The most bytes one stored block holds.
const MAX_BLOCK: usize = 0xFFFF;

/// Appends `bytes` to `out`, which must be byte-aligned, as non-final stored blocks and an empty one to end on.
pub(super) fn store(bytes: &[u8], out: &mut Vec<u8>) {
    out.reserve(size(bytes.len()));
    for block in bytes.chunks(MAX_BLOCK).chain([&[][..]]) {
        let len = block.len() as u16;
        out.push(0);
        out.extend_from_slice(&len.to_le_bytes());
        out.extend_from_slice(&(!len).to_le_bytes());
        out.extend_from_slice(block);
    }
}

/// How many bytes [`store`] appends for `len` bytes.
pub(super) const fn size(len: usize) -> usize {
    len + 5 * (len.div_ceil(MAX_BLOCK) + 1)
}
