//! The symbols of deflate, and how lengths and distances are written with them (RFC 1951 section 3.2.5).

/// The shortest and the longest match deflate knows.
pub(super) const MIN_MATCH: usize = 3;
pub(super) const MAX_MATCH: usize = 258;
/// How far back a match may reach.
pub(super) const WINDOW: usize = 32768;

/// Literals, end of block, and lengths; the last two are never used but take part in the fixed code.
pub(super) const LITLENS: usize = 288;
pub(super) const DISTANCES: usize = 30;
pub(super) const END_OF_BLOCK: usize = 256;

/// How a match length is written.
#[derive(Clone, Copy)]
pub(super) struct Length {
    pub(super) symbol: u16,
    pub(super) extra: u8,
    pub(super) extra_len: u8,
}

/// By length - 3 (RFC 1951 section 3.2.5).
pub(super) const LENGTHS: [Length; 256] = {
    let mut lengths = [Length { symbol: 285, extra: 0, extra_len: 0 }; 256];
    let mut offset = 0;
    while offset < 255 {
        lengths[offset] = if offset < 8 {
            Length { symbol: 257 + offset as u16, extra: 0, extra_len: 0 }
        } else {
            let extra_len = offset.ilog2() - 2;
            let quarter = (offset >> extra_len) as u16 - 4;
            Length {
                symbol: 257 + 4 * (extra_len as u16 + 1) + quarter,
                extra: (offset & ((1 << extra_len) - 1)) as u8,
                extra_len: extra_len as u8,
            }
        };
        offset += 1;
    }
    lengths
};

/// The symbol of a distance and its extra bits (RFC 1951 section 3.2.5).
#[inline(always)]
pub(super) fn distance_symbol(distance: usize) -> (usize, u32) {
    let offset = distance as u32 - 1;
    if offset < 2 {
        return (offset as usize, 0);
    }
    let top = offset.ilog2();
    let symbol = 2 * top + (offset >> (top - 1) & 1);
    (symbol as usize, offset & ((1 << (top - 1)) - 1))
}

pub(super) fn distance_extra_len(symbol: usize) -> u32 {
    (symbol as u32 / 2).saturating_sub(1)
}
