//! Whom TLS trusts: the roots that browsers trust, those of the system, and those that were named.

use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use hyper::http::Extensions;
use reqwest::tls::TlsInfo;
use rustls::{ClientConfig, RootCertStore};
use rustls_pki_types::CertificateDer;
use rustls_pki_types::pem::PemObject;
use x509_parser::certificate::X509CertificateParser;
use x509_parser::nom::Parser;

use crate::time::Timestamp;

/// Which versions of HTTP a client offers in the handshake.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Offer {
    /// HTTP/2, then HTTP/1.1.
    Both,
    /// HTTP/1.1 alone.
    Http1,
}

/// The largest file of authorities that is read, in bytes: the system's own bundles have some 200 KiB.
const LARGEST: u64 = 8 << 20;

/// The certificates of a PEM file; the error says what is wrong with it.
pub(super) fn read_authorities(path: &Path) -> Result<Vec<CertificateDer<'static>>, String> {
    let mut pem = Vec::new();
    let read = File::open(path).and_then(|file| file.take(LARGEST + 1).read_to_end(&mut pem));
    if read.map_err(|error| error.to_string())? as u64 > LARGEST {
        return Err(format!("it is larger than {} MiB", LARGEST >> 20));
    }
    let certificates: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(&pem).collect();
    let certificates = certificates.map_err(|error| error.to_string())?;
    if certificates.is_empty() {
        return Err("there is no certificate in it".to_owned());
    }
    let mut store = RootCertStore::empty();
    for certificate in &certificates {
        store.add(certificate.clone()).map_err(|error| error.to_string())?;
    }
    Ok(certificates)
}

/// All authorities of `--ca-file`; the error names the file.
pub(super) fn read_all(paths: &[PathBuf]) -> Result<Vec<CertificateDer<'static>>, (PathBuf, String)> {
    let mut all = Vec::new();
    for path in paths {
        all.extend(read_authorities(path).map_err(|why| (path.clone(), why))?);
    }
    Ok(all)
}

/// All roots. Reads the system's store, so it is called when it is first needed, and once.
pub(super) fn roots(extra: &[CertificateDer<'static>]) -> Arc<RootCertStore> {
    let mut roots = RootCertStore { roots: webpki_roots::TLS_SERVER_ROOTS.to_vec() };
    // Some systems carry certificates that rustls does not take; the others still count.
    roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    roots.add_parsable_certificates(extra.iter().cloned());
    Arc::new(roots)
}

/// When the certificate of an answer's connection ends; `None` where there is none, or its end cannot be read.
pub(super) fn certificate_ends(of: &Extensions) -> Option<Timestamp> {
    let der = of.get::<TlsInfo>()?.peer_certificate()?;
    // Extensions are not looked into: rustls has done that, and the end stands before them (RFC 5280 §4.1).
    let (_, certificate) = X509CertificateParser::new().with_deep_parse_extensions(false).parse(der).ok()?;
    Timestamp::from_timestamp(certificate.validity().not_after.timestamp(), 0)
}

/// The client's side of TLS.
pub(super) fn config(roots: Arc<RootCertStore>, offer: Offer) -> Result<ClientConfig, rustls::Error> {
    let mut config = ClientConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
        .with_safe_default_protocol_versions()?
        .with_root_certificates(roots)
        .with_no_client_auth();
    config.alpn_protocols = match offer {
        Offer::Both => vec![b"h2".to_vec(), b"http/1.1".to_vec()],
        Offer::Http1 => vec![b"http/1.1".to_vec()],
    };
    Ok(config)
}
