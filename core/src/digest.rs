//! MD5 of a part, in the two spellings the service wants.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

/// An MD5 digest. One value, so that the hex and the base64 can never belong to different bytes.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Md5([u8; 16]);

impl Md5 {
    /// The digest with these raw bytes.
    pub const fn from_bytes(bytes: [u8; 16]) -> Self {
        Md5(bytes)
    }

    /// Reads 32 hex digits of either case; `None` for anything else.
    pub fn from_hex(text: &str) -> Option<Self> {
        let digits = text.as_bytes();
        if digits.len() != 32 {
            return None;
        }
        let mut bytes = [0; 16];
        for (byte, pair) in bytes.iter_mut().zip(digits.chunks_exact(2)) {
            let high = (pair[0] as char).to_digit(16)?;
            let low = (pair[1] as char).to_digit(16)?;
            *byte = (high * 16 + low) as u8;
        }
        Some(Md5(bytes))
    }

    /// Lower-case hex, for `checksum` when allocating: upper case ends as `corrupted` (protocol.md section 2.1).
    pub fn hex(&self) -> String {
        self.to_string()
    }

    /// Base64 of the sixteen raw bytes, for `Content-Md5` when uploading (protocol.md section 2.3).
    pub fn content_md5(&self) -> String {
        STANDARD.encode(self.0)
    }
}

impl fmt::Display for Md5 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for Md5 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Md5({self})")
    }
}

/// MD5 as bytes pass.
pub struct Md5Stream(fast_md5::Md5);

impl Default for Md5Stream {
    fn default() -> Self {
        Md5Stream(fast_md5::Md5::new())
    }
}

impl Md5Stream {
    /// Takes the next bytes.
    pub fn update(&mut self, bytes: &[u8]) {
        self.0.update(bytes);
    }

    /// The digest of everything taken.
    pub fn finish(self) -> Md5 {
        Md5(self.0.finalize())
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    /// The worked pairs of protocol.md section 10; the first is the documents' own.
    #[test]
    fn the_documents_own_hex_and_base64_pairs_agree() {
        for (hex, base64) in [
            ("40d9a12f0a3c93c8ed66a3b6f3735790", "QNmhLwo8k8jtZqO283NXkA=="),
            ("b1d600dbf7463924e24647e626cd7c1e", "sdYA2/dGOSTiRkfmJs18Hg=="),
            ("69b8a56502866f460e5930f7e53d4bf9", "abilZQKGb0YOWTD35T1L+Q=="),
        ] {
            let digest = Md5::from_hex(hex).unwrap();
            assert_eq!(digest.content_md5(), base64);
            assert_eq!(digest.hex(), hex);
        }
    }

    #[test]
    fn only_thirty_two_hex_digits_are_a_digest() {
        assert_eq!(Md5::from_hex("40d9"), None);
        assert_eq!(Md5::from_hex(&"g".repeat(32)), None);
    }
}
