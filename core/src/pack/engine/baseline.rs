//! The reference engine: zlib-rs, through flate2.

use flate2::{Compress, Compression, FlushCompress, Status};

use super::{Engine, Level, stored};

/// The reference engine for `level`.
pub(crate) fn engine(level: Level) -> Box<dyn Engine> {
    Box::new(Baseline::new(level))
}

/// zlib-rs at one level.
pub(super) struct Baseline {
    compression: Compression,
}

impl Baseline {
    pub(super) fn new(level: Level) -> Self {
        Self { compression: Compression::new(level.0.into()) }
    }

    /// `None` if zlib-rs refuses, which it has no reason to.
    fn try_deflate(&self, dict: &[u8], chunk: &[u8], out: &mut Vec<u8>) -> Option<()> {
        // A stream that is reset keeps old matches, and then the same chunk gives other bytes: start each from nothing.
        let mut zlib = Compress::new(self.compression, false);
        if !dict.is_empty() {
            zlib.set_dictionary(dict).ok()?;
        }
        // Level 1 may write 9 bits for a byte. Room for all makes this one call, whatever `out` could hold before.
        out.reserve(chunk.len() + chunk.len() / 8 + 64);
        let status = zlib.compress_vec(chunk, out, FlushCompress::Sync).ok()?;
        (status == Status::Ok && zlib.total_in() == chunk.len() as u64 && out.len() < out.capacity()).then_some(())
    }
}

impl Engine for Baseline {
    fn deflate(&mut self, data: &[u8], dict_len: usize, out: &mut Vec<u8>) {
        let (dict, chunk) = data.split_at(dict_len);
        let start = out.len();
        match self.try_deflate(dict, chunk, out) {
            Some(()) => stored::replace_if_smaller(chunk, start, out),
            None => stored::replace(chunk, start, out),
        }
    }
}
