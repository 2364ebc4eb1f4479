//! The engines by themselves, for fuzzing and measuring: feature `lab`. No part of the API.

use super::Settings;
use super::engine::{Engine, Level, baseline, engine, stored};

/// An engine at one level.
pub struct Lab(Box<dyn Engine>);

impl Lab {
    /// The engine that packs; `None` unless `level` is 1 to 9.
    pub fn engine(level: u8) -> Option<Self> {
        Level::new(level).map(engine).map(Lab)
    }

    /// The reference engine, zlib-rs; `None` unless `level` is 1 to 9.
    pub fn baseline(level: u8) -> Option<Self> {
        Level::new(level).map(baseline::engine).map(Lab)
    }

    /// Appends `data[dict_len..]` to `out`, deflated, byte-aligned and not final; `data[..dict_len]`, at most 32 KiB, is
    /// the dictionary.
    pub fn deflate(&mut self, data: &[u8], dict_len: usize, out: &mut Vec<u8>) {
        self.0.deflate(data, dict_len, out);
    }
}

/// The most bytes an engine may write for `len` bytes.
pub const fn bound(len: usize) -> usize {
    stored::size(len)
}

impl Settings {
    /// The same, packed by the reference engine.
    #[must_use]
    pub fn with_baseline(self) -> Self {
        Settings { engine: baseline::engine, ..self }
    }
}
