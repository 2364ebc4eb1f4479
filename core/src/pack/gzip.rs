//! The gzip member around a part's deflate blocks (RFC 1952).

use super::verify::Verifier;
use crate::digest::{Md5, Md5Stream};
use crate::error::Result;

/// The same ten bytes every time: no name, no time, unknown system. Equal records give equal files.
const HEADER: [u8; 10] = [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 0xff];
/// An empty final block with fixed codes: ends a stream of non-final blocks.
const LAST_BLOCK: [u8; 2] = [0x03, 0x00];
/// Bytes that [`Member::finish`] adds: the last block, the CRC-32 and the length.
const FOOTER: u64 = 2 + 8;

/// A gzip member that grows: what its size, CRC-32 and MD5 are so far.
pub(super) struct Member {
    size: u64,
    text: u64,
    crc: crc32fast::Hasher,
    md5: Md5Stream,
    verifier: Option<Verifier>,
}

impl Member {
    /// A new member, with the bytes it begins with. All its bytes are decoded as they pass if they are to be verified.
    pub(super) fn new(verify: bool) -> Result<(Self, &'static [u8])> {
        let mut member = Member {
            size: 0,
            text: 0,
            crc: crc32fast::Hasher::new(),
            md5: Md5Stream::default(),
            verifier: verify.then(Verifier::default),
        };
        member.pass(&HEADER)?;
        Ok((member, &HEADER))
    }

    /// The size the member would have if it ended now.
    pub(super) fn size_if_finished(&self) -> u64 {
        self.size + FOOTER
    }

    /// Takes deflate blocks for text with this CRC.
    ///
    /// # Errors
    /// `internal` if they are verified and do not decode.
    pub(super) fn append(&mut self, deflated: &[u8], crc: &crc32fast::Hasher, text: usize) -> Result<()> {
        self.pass(deflated)?;
        self.crc.combine(crc);
        self.text += text as u64;
        Ok(())
    }

    /// The last bytes, the size and the MD5 of the whole.
    ///
    /// # Errors
    /// `internal` if the whole is verified and is not the text.
    pub(super) fn finish(mut self) -> Result<([u8; FOOTER as usize], u64, Md5)> {
        let mut footer = [0; FOOTER as usize];
        footer[..2].copy_from_slice(&LAST_BLOCK);
        footer[2..6].copy_from_slice(&self.crc.clone().finalize().to_le_bytes());
        // RFC 1952: the length modulo 2^32.
        footer[6..].copy_from_slice(&(self.text as u32).to_le_bytes());
        self.pass(&footer)?;
        self.verifier.map_or(Ok(()), Verifier::finish)?;
        Ok((footer, self.size, self.md5.finish()))
    }

    fn pass(&mut self, bytes: &[u8]) -> Result<()> {
        self.md5.update(bytes);
        self.size += bytes.len() as u64;
        self.verifier.as_mut().map_or(Ok(()), |verifier| verifier.pass(bytes))
    }
}
