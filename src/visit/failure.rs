//! What the HTTP client's errors mean. Its error is a chain of causes from several crates; the innermost that says something counts.

use std::error::Error;
use std::io;

use rustls::CertificateError;

use super::facts::{Failure, Refusal};
use super::resolver::NameError;

/// What a failed request comes to.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Meaning {
    Failed(Failure, String),
    /// It was HTTP/2 that failed, not the connection below it.
    Http2Failed(Failure, String),
    Refused(Refusal, String),
}

/// When the request failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Phase {
    /// Before the answer's headers were complete.
    Head,
    /// While the body came.
    Body,
}

/// Reads the chain of causes.
pub(super) fn classify(error: &reqwest::Error, phase: Phase) -> Meaning {
    let connecting = error.is_connect();
    let mut last: &(dyn Error + 'static) = error;
    let mut at: Option<&(dyn Error + 'static)> = Some(error);
    let mut depth = 0;
    while let Some(cause) = at {
        if let Some(meaning) = of_cause(cause, connecting) {
            return meaning;
        }
        last = cause;
        depth += 1;
        at = if depth < 32 { inner(cause) } else { None };
    }
    let detail = clean(&last.to_string());
    let failure = match phase {
        _ if error.is_timeout() && connecting => Failure::ConnectTimeout,
        _ if error.is_timeout() => Failure::ReadTimeout,
        _ if connecting => Failure::ConnectRefused,
        Phase::Head | Phase::Body => Failure::BadResponse,
    };
    Meaning::Failed(failure, detail)
}

/// The next cause. An [`io::Error`] that wraps another error gives that error's own source, and would so hide the error itself.
fn inner<'a>(error: &'a (dyn Error + 'static)) -> Option<&'a (dyn Error + 'static)> {
    if let Some(wrapped) = error.downcast_ref::<io::Error>().and_then(io::Error::get_ref) {
        return Some(wrapped);
    }
    error.source()
}

fn of_cause(cause: &(dyn Error + 'static), connecting: bool) -> Option<Meaning> {
    if let Some(error) = cause.downcast_ref::<NameError>() {
        let detail = clean(&error.to_string());
        return Some(match error {
            NameError::Missing(_) => Meaning::Failed(Failure::DnsNxdomain, detail),
            NameError::Failed { .. } => Meaning::Failed(Failure::DnsFailure, detail),
            NameError::Refused(_) => Meaning::Refused(Refusal::RefusedAddress, detail),
        });
    }
    if let Some(error) = cause.downcast_ref::<rustls::Error>() {
        return Some(Meaning::Failed(of_tls(error), clean(&error.to_string())));
    }
    if let Some(error) = cause.downcast_ref::<h2::Error>() {
        // What our side finds wrong breaks the protocol's rules; what the peer sends ends the stream.
        let failure = if error.is_library() { Failure::BadResponse } else { Failure::Reset };
        let detail = clean(&error.to_string());
        return Some(match error.is_io() {
            true => Meaning::Failed(failure, detail),
            false => Meaning::Http2Failed(failure, detail),
        });
    }
    if let Some(error) = cause.downcast_ref::<hyper::Error>() {
        let failure = if error.is_incomplete_message() || error.is_canceled() || error.is_closed() {
            Failure::Reset
        } else if error.is_parse() {
            Failure::BadResponse
        } else {
            return None;
        };
        return Some(Meaning::Failed(failure, clean(&error.to_string())));
    }
    let error = cause.downcast_ref::<io::Error>()?;
    if error.get_ref().is_some_and(|wrapped| wrapped.is::<rustls::Error>() || wrapped.source().is_some()) {
        return None;
    }
    of_io(error.kind(), connecting).map(|failure| Meaning::Failed(failure, clean(&error.to_string())))
}

fn of_io(kind: io::ErrorKind, connecting: bool) -> Option<Failure> {
    use io::ErrorKind as Kind;
    Some(match kind {
        Kind::ConnectionRefused | Kind::PermissionDenied | Kind::AddrNotAvailable => Failure::ConnectRefused,
        Kind::NetworkUnreachable | Kind::HostUnreachable | Kind::NetworkDown => Failure::ConnectTimeout,
        Kind::TimedOut if connecting => Failure::ConnectTimeout,
        Kind::TimedOut => Failure::ReadTimeout,
        Kind::ConnectionReset | Kind::ConnectionAborted | Kind::BrokenPipe | Kind::NotConnected => {
            Failure::Reset
        }
        // The peer left in the middle of the handshake.
        Kind::UnexpectedEof if connecting => Failure::TlsOther,
        Kind::UnexpectedEof => Failure::Reset,
        Kind::InvalidData | Kind::InvalidInput => Failure::BadResponse,
        _ => return None,
    })
}

fn of_tls(error: &rustls::Error) -> Failure {
    use CertificateError as Certificate;
    match error {
        rustls::Error::InvalidCertificate(error) => match error {
            Certificate::Expired
            | Certificate::ExpiredContext { .. }
            | Certificate::NotValidYet
            | Certificate::NotValidYetContext { .. } => Failure::TlsExpired,
            Certificate::NotValidForName | Certificate::NotValidForNameContext { .. } => Failure::TlsHostname,
            Certificate::UnknownIssuer | Certificate::BadSignature | Certificate::Revoked => {
                Failure::TlsUntrusted
            }
            // A certificate that signs itself is an authority used as a leaf; rustls says so in these words.
            error if error.to_string().contains("CaUsedAsEndEntity") => Failure::TlsUntrusted,
            _ => Failure::TlsOther,
        },
        _ => Failure::TlsOther,
    }
}

/// For the reader: one line, at most 300 characters, no control characters.
fn clean(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).take(300).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn certificates() {
        let invalid = |error| of_tls(&rustls::Error::InvalidCertificate(error));
        let table = [
            (CertificateError::Expired, Failure::TlsExpired),
            (CertificateError::NotValidYet, Failure::TlsExpired),
            (CertificateError::NotValidForName, Failure::TlsHostname),
            (CertificateError::UnknownIssuer, Failure::TlsUntrusted),
            (CertificateError::BadSignature, Failure::TlsUntrusted),
            (CertificateError::BadEncoding, Failure::TlsOther),
        ];
        for (error, want) in table {
            assert_eq!(invalid(error.clone()), want, "{error:?}");
        }
        let alert = rustls::Error::AlertReceived(rustls::AlertDescription::HandshakeFailure);
        assert_eq!(of_tls(&alert), Failure::TlsOther);
    }

    #[test]
    fn io_errors() {
        use io::ErrorKind as Kind;
        let table = [
            (Kind::ConnectionRefused, true, Some(Failure::ConnectRefused)),
            (Kind::HostUnreachable, true, Some(Failure::ConnectTimeout)),
            (Kind::TimedOut, true, Some(Failure::ConnectTimeout)),
            (Kind::TimedOut, false, Some(Failure::ReadTimeout)),
            (Kind::ConnectionReset, false, Some(Failure::Reset)),
            (Kind::UnexpectedEof, true, Some(Failure::TlsOther)),
            (Kind::UnexpectedEof, false, Some(Failure::Reset)),
            (Kind::Other, false, None),
        ];
        for (kind, connecting, want) in table {
            assert_eq!(of_io(kind, connecting), want, "{kind:?}");
        }
    }

    #[test]
    fn an_error_inside_an_io_error_is_found() {
        let error = io::Error::other(NameError::Missing("a.org".to_owned()));
        assert!(of_cause(&error, true).is_none());
        let found = of_cause(inner(&error).unwrap(), true);
        assert!(matches!(found, Some(Meaning::Failed(Failure::DnsNxdomain, _))), "{found:?}");
    }
}
