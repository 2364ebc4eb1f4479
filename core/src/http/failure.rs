//! Why no answer came, in words a person can act on. The causes are found by type where there is one; where the library
//! hides its type, by its text.

use std::error::Error as Cause;
use std::fmt::Display;
use std::io;

use rustls::{AlertDescription, CertificateError};

use crate::api::request;
use crate::error::{Error, Stage, io_reason};
use crate::kind::Kind;

/// The exchange that failed: what for, with whom, and how.
pub(super) struct Failure<'a> {
    pub(super) stage: Stage,
    /// The host, or the proxy in front of it.
    pub(super) peer: &'a str,
    pub(super) cause: reqwest::Error,
}

impl Failure<'_> {
    /// The error to hand out. The cause keeps no URL: it would carry a signature.
    pub(super) fn into_error(self) -> Error {
        let (kind, reason) = self.judge();
        error(self.stage, kind, reason).with_cause(self.cause.without_url())
    }

    fn judge(&self) -> (Kind, String) {
        let peer = self.peer;
        let cause = &self.cause;
        if let Some(own) = find::<Error>(cause) {
            return (own.kind(), own.message().into());
        }
        if let Some(tls) = find::<rustls::Error>(cause) {
            return (Kind::Tls, format!("the TLS connection to {peer} failed: {}", tls_reason(tls)));
        }
        let says = |text: &str| links(cause).any(|link| link.to_string().contains(text));
        if says("proxy authorization required") {
            return (
                Kind::InvalidOptions,
                "the proxy asks for credentials; put them in http.proxy, or change NO_PROXY".into(),
            );
        }
        if says("tunnel error: unsuccessful") {
            return (
                Kind::Unavailable,
                "the proxy would not connect to the host; check http.proxy and NO_PROXY".into(),
            );
        }
        let reason = match find::<io::Error>(cause) {
            _ if cause.is_connect() && cause.is_timeout() => format!("{peer} did not take the connection in time"),
            _ if says("dns error") => {
                format!("{peer} cannot be found, its host name is unknown; check base_url, proxy and network")
            }
            Some(io) if io.kind() == io::ErrorKind::ConnectionRefused => format!("{peer} refused the connection"),
            Some(io) if cause.is_connect() => format!("could not connect to {peer}: {}", io_reason(io)),
            Some(io) => format!("the connection to {peer} broke: {}", io_reason(io)),
            None if says("connection closed before message completed") => {
                format!("{peer} closed the connection before its answer was complete")
            }
            None => format!("the connection to {peer} failed: {}", root(cause)),
        };
        (Kind::Unavailable, format!("{reason}; try later"))
    }
}

/// An error about an exchange of this stage without an answer.
pub(super) fn error(stage: Stage, kind: Kind, reason: impl Display) -> Error {
    Error::new(kind, format!("{}: {reason}", request::failed(stage))).with_stage(stage)
}

fn tls_reason(error: &rustls::Error) -> String {
    use CertificateError as Bad;
    let reason = match error {
        rustls::Error::InvalidCertificate(bad) => match bad {
            Bad::UnknownIssuer => "its certificate is from an authority this machine does not trust; set http.ca_file",
            Bad::Expired | Bad::ExpiredContext { .. } => "its certificate has expired; check the clock of this machine",
            Bad::NotValidYet | Bad::NotValidYetContext { .. } => {
                "its certificate is not valid yet; check the clock of this machine"
            }
            Bad::NotValidForName | Bad::NotValidForNameContext { .. } => {
                "its certificate is for another host name; check region or base_url, and the proxy"
            }
            Bad::Revoked => "its certificate was revoked",
            _ => "its certificate is not acceptable; set http.ca_file or the system trust store",
        },
        rustls::Error::InvalidMessage(_) => "the other side does not speak TLS; check base_url and the proxy",
        rustls::Error::AlertReceived(AlertDescription::ProtocolVersion) | rustls::Error::PeerIncompatible(_) => {
            "the other side speaks no TLS version from 1.2 on"
        }
        other => return format!("{other}; set http.ca_file or the system trust store"),
    };
    reason.into()
}

/// The error and everything it came from. An `io::Error` hides what it wraps from `source`, so it is opened.
fn links<'a>(error: &'a (dyn Cause + 'static)) -> impl Iterator<Item = &'a (dyn Cause + 'static)> {
    std::iter::successors(Some(error), |link| {
        let link: &'a (dyn Cause + 'static) = *link;
        match link.downcast_ref::<io::Error>().and_then(io::Error::get_ref) {
            Some(inner) => Some(inner),
            None => link.source(),
        }
    })
}

/// The innermost cause of this type.
fn find<'a, T: Cause + 'static>(error: &'a (dyn Cause + 'static)) -> Option<&'a T> {
    links(error).filter_map(|link| link.downcast_ref()).last()
}

fn root<'a>(error: &'a (dyn Cause + 'static)) -> &'a (dyn Cause + 'static) {
    links(error).last().unwrap_or(error)
}

#[cfg(test)]
mod tests {
    use super::*;
    use rustls::InvalidMessage;

    #[test]
    fn a_connection_that_is_not_trusted_says_what_to_look_at() {
        let bad = |reason| rustls::Error::InvalidCertificate(reason);
        for (error, words) in [
            (bad(CertificateError::UnknownIssuer), "http.ca_file"),
            (bad(CertificateError::Expired), "check the clock"),
            (bad(CertificateError::NotValidYet), "check the clock"),
            (bad(CertificateError::NotValidForName), "another host name"),
            (bad(CertificateError::Revoked), "revoked"),
            (bad(CertificateError::BadSignature), "not acceptable"),
            (rustls::Error::InvalidMessage(InvalidMessage::InvalidContentType), "does not speak TLS"),
            (rustls::Error::AlertReceived(AlertDescription::ProtocolVersion), "no TLS version"),
        ] {
            assert!(tls_reason(&error).contains(words), "{error}");
        }
    }

    #[test]
    fn a_cause_is_found_inside_an_io_error() {
        let nested = io::Error::other(io::Error::other(rustls::Error::HandshakeNotComplete));
        assert_eq!(find::<rustls::Error>(&nested), Some(&rustls::Error::HandshakeNotComplete));
        assert!(find::<Error>(&nested).is_none());
    }
}
