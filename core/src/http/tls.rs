//! Whom to trust: the operating system's authorities and those of `http.ca_file`. The configuration is our own; the
//! process-wide default of rustls is neither read nor set, as it belongs to the program we are part of.

use std::path::Path;
use std::sync::Arc;

use rustls::crypto::{CryptoProvider, ring};
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject as _;
use rustls::{ClientConfig, RootCertStore};
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
    let mut config = match (verifier(ca_file, provider)?, ca_file) {
        (Ok(verifier), _) => {
            builder.dangerous().with_custom_certificate_verifier(Arc::new(verifier)).with_no_client_auth()
        }
        (Err(reason), Some(path)) => return Err(unusable(path, reason)),
        // A machine without any authority can still speak to an emulator in plain HTTP; TLS then fails when it is used.
        (Err(_), None) => builder.with_root_certificates(RootCertStore::empty()).with_no_client_auth(),
    };
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    Ok(config)
}

type Made = std::result::Result<Verifier, rustls::Error>;

fn verifier(ca_file: Option<&Path>, provider: Arc<CryptoProvider>) -> Result<Made> {
    Ok(match ca_file {
        Some(path) => Verifier::new_with_extra_roots(certificates(path)?, provider),
        None => Verifier::new(provider),
    })
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
