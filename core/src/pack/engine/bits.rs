//! Bits to bytes, the least significant first (RFC 1951 section 3.1.1).

/// Appends bits to `out`. Fewer than 8 wait between calls.
pub(super) struct BitWriter<'a> {
    out: &'a mut Vec<u8>,
    /// The bits not yet in `out`, from bit 0 up. All above `count` are zero.
    waiting: u64,
    count: u32,
}

impl<'a> BitWriter<'a> {
    /// Starts at the end of `out`, on a byte boundary.
    pub(super) fn new(out: &'a mut Vec<u8>) -> Self {
        Self { out, waiting: 0, count: 0 }
    }

    /// Appends the low `count` bits of `bits`, at most 56; those above must be zero.
    pub(super) fn put(&mut self, bits: u64, count: u32) {
        debug_assert!(count <= 56 && bits >> count == 0);
        self.waiting |= bits << self.count;
        self.count += count;
        let whole = (self.count / 8) as usize;
        self.out.extend_from_slice(&self.waiting.to_le_bytes()[..whole]);
        self.waiting >>= whole * 8;
        self.count %= 8;
    }

    /// Appends the pieces that `next` makes of `items`, at most 56 bits each and `total` bits in all.
    ///
    /// The same as one [`put`](Self::put) for each, only that room is made once: this is where the time goes.
    pub(super) fn put_all<T: Copy>(&mut self, items: &[T], total: usize, next: impl Fn(T) -> (u64, u32)) {
        const WORD: usize = size_of::<u64>();
        let (mut waiting, mut count, mut at) = (self.waiting, self.count, self.out.len());
        self.out.resize(at + total / 8 + 1 + WORD, 0);
        for &item in items {
            let (bits, len) = next(item);
            debug_assert!(len <= 56 && bits >> len == 0);
            waiting |= bits << count;
            count += len;
            self.out[at..at + WORD].copy_from_slice(&waiting.to_le_bytes());
            at += (count / 8) as usize;
            waiting >>= count & !7;
            count %= 8;
        }
        self.out.truncate(at);
        (self.waiting, self.count) = (waiting, count);
    }

    /// Fills the last byte up with zeros.
    pub(super) fn align(&mut self) {
        if self.count > 0 {
            self.put(0, 8 - self.count);
        }
    }

    /// The bytes written so far; call [`align`](Self::align) before appending to them.
    pub(super) fn bytes(&mut self) -> &mut Vec<u8> {
        debug_assert_eq!(self.count, 0);
        self.out
    }
}
