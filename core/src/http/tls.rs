//! Whom to trust: the operating system's authorities and those of `http.ca_file`. The configuration is our own; the
//! process-wide default of rustls is neither read nor set, as it belongs to the program we are part of.

use std::path::Path;
use std::sync::{Arc, OnceLock};

use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{CryptoProvider, ring};
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{CertificateError, ClientConfig, DigitallySignedStruct, SignatureScheme};
use rustls_platform_verifier::Verifier;

use crate::error::{Error, Result, Stage};
use crate::kind::Kind;

/// TLS 1.2 and 1.3, HTTP/2 and HTTP/1.1.
///
/// # Errors
/// `io` when `ca_file` cannot be read, `invalid_options` when it holds no usable certificate.
pub(super) fn config(ca_file: Option<&Path>) -> Result<ClientConfig> {
    let provider = Arc::new(ring::default_provider());
    let builder = ClientConfig::builder_with_provider(provider.clone())
        .with_safe_default_protocol_versions()
        .map_err(|reason| Error::new(Kind::Internal, format!("TLS could not be set up: {reason}")))?;
    let verifier: Arc<dyn ServerCertVerifier> = match ca_file {
        Some(path) => {
            let verifier = Verifier::new_with_extra_roots(certificates(path)?, provider);
            Arc::new(verifier.map_err(|reason| unusable(path, reason))?)
        }
        None => Arc::new(System { provider, verifier: OnceLock::new() }),
    };
    let mut config = builder.dangerous().with_custom_certificate_verifier(verifier).with_no_client_auth();
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    Ok(config)
}

/// The operating system's authorities, read when the first certificate is looked at: that may be hundreds of files, and
/// whoever makes a client, perhaps on the one thread of an event loop, must not wait for them.
#[derive(Debug)]
struct System {
    provider: Arc<CryptoProvider>,
    verifier: OnceLock<std::result::Result<Verifier, rustls::Error>>,
}

impl System {
    fn verifier(&self) -> std::result::Result<&Verifier, rustls::Error> {
        let verifier = self.verifier.get_or_init(|| Verifier::new(self.provider.clone()));
        // A machine without any authority knows no issuer.
        verifier.as_ref().map_err(|_| CertificateError::UnknownIssuer.into())
    }
}

impl ServerCertVerifier for System {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        server_name: &ServerName<'_>,
        ocsp_response: &[u8],
        now: UnixTime,
    ) -> std::result::Result<ServerCertVerified, rustls::Error> {
        self.verifier()?.verify_server_cert(end_entity, intermediates, server_name, ocsp_response, now)
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> std::result::Result<HandshakeSignatureValid, rustls::Error> {
        self.verifier()?.verify_tls12_signature(message, certificate, signature)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> std::result::Result<HandshakeSignatureValid, rustls::Error> {
        self.verifier()?.verify_tls13_signature(message, certificate, signature)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.provider.signature_verification_algorithms.supported_schemes()
    }
}

fn certificates(path: &Path) -> Result<Vec<CertificateDer<'static>>> {
    let pem = std::fs::read(path).map_err(|cause| {
        Error::io(format!("could not read http.ca_file {}", path.display()), cause).with_stage(Stage::Options)
    })?;
    let certificates: std::result::Result<Vec<_>, _> = CertificateDer::pem_slice_iter(&pem).collect();
    match certificates {
        Ok(certificates) if certificates.is_empty() => Err(unusable(path, "it holds no PEM certificate")),
        Ok(certificates) => Ok(certificates),
        Err(reason) => Err(unusable(path, reason)),
    }
}

fn unusable(path: &Path, reason: impl std::fmt::Display) -> Error {
    let message = format!("http.ca_file {} is not usable: {reason}", path.display());
    Error::new(Kind::InvalidOptions, message).with_stage(Stage::Options)
}
