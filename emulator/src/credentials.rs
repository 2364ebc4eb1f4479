//! What the emulator is told to accept, and what it derives from that.

use crate::config::Config;
use crate::sigv4::Signer;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::{HeaderMap, header};

/// The Basic auth pair, the tenant segment and the signer of object URLs.
pub(crate) struct Credentials {
    basic: String,
    pub(crate) tenant: String,
    pub(crate) signer: Signer,
}

impl Credentials {
    pub(crate) fn new(config: &Config) -> Self {
        let key = &config.client_key;
        let is_tenant = key.len() == 32 && key.bytes().all(|byte| byte.is_ascii_alphanumeric());
        let tenant = if is_tenant { key.clone() } else { hex(&fast_md5::digest(key.as_bytes())) };
        let pair = format!("{key}:{}", config.api_token);
        // Derived, not random: a restart on the same state folder must honour URLs already handed out.
        let signer = Signer::new(
            "ASIAEMULATOREMULATOR",
            &STANDARD.encode(fast_md5::digest(format!("secret:{pair}").as_bytes())),
            &STANDARD.encode(format!("emulator session of {tenant}")),
        );
        Self { basic: format!("Basic {}", STANDARD.encode(pair)), tenant, signer }
    }

    /// Whether the request carries the right Client Key and API Token (protocol.md section 1.3).
    pub(crate) fn accept(&self, headers: &HeaderMap) -> bool {
        headers.get(header::AUTHORIZATION).is_some_and(|value| value.as_bytes() == self.basic.as_bytes())
    }
}

/// Lower-case hexadecimal digits of `bytes`.
pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
