//! TLS (T): chains and certificates that must not be trusted, servers that only speak what is no longer spoken, files of authorities.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on should stop here")]

use std::fs;
use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

use linkdrift::config::AllowPrivate;
use rcgen::{
    BasicConstraints, Certificate, CertificateParams, CustomExtension, DistinguishedName, DnType,
    ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair, KeyUsagePurpose, SanType,
};
use rustls::server::WebPkiClientVerifier;
use rustls::sign::{CertifiedKey, SingleCertAndKey};
use rustls_pki_types::{CertificateDer, PrivateKeyDer};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio::task::JoinSet;

use crate::support::cli::run;
use crate::support::not_run_here;
use crate::visit::{Visits, detail, said};

/// An authority that signs what it is given.
struct Authority {
    certificate: Certificate,
    issuer: Issuer<'static, KeyPair>,
}

impl Authority {
    fn params(name: &str) -> CertificateParams {
        let mut params = CertificateParams::new(Vec::default()).unwrap();
        params.distinguished_name = DistinguishedName::new();
        params.distinguished_name.push(DnType::CommonName, name);
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign];
        params
    }

    fn root() -> Self {
        let (params, key) = (Self::params("root"), KeyPair::generate().unwrap());
        Self { certificate: params.self_signed(&key).unwrap(), issuer: Issuer::new(params, key) }
    }

    fn below(&self, name: &str) -> Self {
        let (params, key) = (Self::params(name), KeyPair::generate().unwrap());
        Self { certificate: params.signed_by(&key, &self.issuer).unwrap(), issuer: Issuer::new(params, key) }
    }

    /// A leaf for `a.net` with these changes.
    fn leaf(&self, change: impl FnOnce(&mut CertificateParams)) -> (CertificateDer<'static>, KeyPair) {
        let mut params = CertificateParams::new(vec!["a.net".to_owned()]).unwrap();
        change(&mut params);
        let key = KeyPair::generate().unwrap();
        (params.signed_by(&key, &self.issuer).unwrap().der().clone(), key)
    }
}

/// A server that presents one chain and answers every request alike.
struct Server {
    at: SocketAddr,
    _serving: JoinSet<()>,
}

impl Server {
    async fn with(chain: Vec<CertificateDer<'static>>, key: &KeyPair, clients: Option<&Authority>) -> Self {
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let builder = rustls::ServerConfig::builder_with_provider(provider.clone())
            .with_safe_default_protocol_versions()
            .unwrap();
        let builder = match clients {
            None => builder.with_no_client_auth(),
            Some(authority) => {
                let mut roots = rustls::RootCertStore::empty();
                roots.add(authority.certificate.der().clone()).unwrap();
                builder.with_client_cert_verifier(
                    WebPkiClientVerifier::builder_with_provider(roots.into(), provider).build().unwrap(),
                )
            }
        };
        let key = PrivateKeyDer::try_from(key.serialize_der()).unwrap();
        let key = rustls::crypto::ring::sign::any_supported_type(&key).unwrap();
        // Unlike `with_single_cert`, this presents whatever it is given.
        let presented = SingleCertAndKey::from(CertifiedKey::new(chain, key));
        let acceptor =
            tokio_rustls::TlsAcceptor::from(Arc::new(builder.with_cert_resolver(Arc::new(presented))));
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let at = listener.local_addr().unwrap();
        let mut serving = JoinSet::new();
        serving.spawn(async move {
            let mut connections = JoinSet::new();
            while let Ok((stream, _)) = listener.accept().await {
                let acceptor = acceptor.clone();
                connections.spawn(async move {
                    let Ok(mut stream) = acceptor.accept(stream).await else { return };
                    let mut buffer = [0; 4096];
                    while stream.read(&mut buffer).await.is_ok_and(|read| read > 0) {
                        let answer =
                            b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 4\r\n\r\nsafe";
                        if stream.write_all(answer).await.is_err() || stream.flush().await.is_err() {
                            return;
                        }
                    }
                });
            }
        });
        Self { at, _serving: serving }
    }
}

/// What is said of `url` at this address, where `root` is trusted; and why.
async fn visit(at: SocketAddr, root: &Authority, url: &str) -> (String, String) {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("root.pem");
    fs::write(&file, root.certificate.pem()).unwrap();
    let visits = Visits::at(at, at, vec![file]).quick().with(|settings| {
        settings.connect_timeout = Duration::from_secs(3);
        settings.allow_private = vec![AllowPrivate::Range("127.0.0.0/8".parse().unwrap())];
    });
    let visited = visits.url(url).one().await;
    (said(&visited), detail(&visited).to_owned())
}

/// T02: the name must stand among the certificate's alternative names (RFC 9525): a common name counts for nothing, a star for one label.
#[tokio::test]
async fn t02_names_that_a_certificate_is_not_for() {
    let root = Authority::root();
    let named = |name: &str| vec![SanType::DnsName(name.try_into().unwrap())];
    let address = || vec![SanType::IpAddress([127, 0, 0, 1].into())];
    let mut common = DistinguishedName::new();
    common.push(DnType::CommonName, "a.net");
    let rows: Vec<(&str, Vec<SanType>, &str, &str)> = vec![
        ("its own name", named("a.net"), "https://a.net/", "ok"),
        ("another name", named("b.net"), "https://a.net/", "unreachable tls-hostname"),
        ("a common name alone", vec![], "https://a.net/", "unreachable tls-hostname"),
        ("a star", named("*.a.net"), "https://x.a.net/", "ok"),
        ("a star for two labels", named("*.a.net"), "https://x.y.a.net/", "unreachable tls-hostname"),
        ("a star for none", named("*.a.net"), "https://a.net/", "unreachable tls-hostname"),
        ("part of a label", named("x*.a.net"), "https://xy.a.net/", "unreachable tls-hostname"),
        ("an address", address(), "https://127.0.0.1/", "ok"),
        ("an address for a name", address(), "https://a.net/", "unreachable tls-hostname"),
        ("a name for an address", named("a.net"), "https://127.0.0.1/", "unreachable tls-hostname"),
    ];
    for (what, names, url, want) in rows {
        let (leaf, key) = root.leaf(|params| {
            params.subject_alt_names = names;
            params.distinguished_name = common.clone();
        });
        let server = Server::with(vec![leaf], &key, None).await;
        // An address is never mapped, so its port stands in the URL.
        let url = url.replace("127.0.0.1", &server.at.to_string());
        let (said, why) = visit(server.at, &root, &url).await;
        assert_eq!(said, want, "{what}: {why}");
    }
}

/// T03: whoever signed must be known; the order of what is sent beside the leaf is no matter.
#[tokio::test]
async fn t03_chains() {
    let (root, other) = (Authority::root(), Authority::root());
    let (middle, aside) = (root.below("middle"), other.below("aside"));
    let der = |authority: &Authority| authority.certificate.der().clone();
    let (leaf, key) = middle.leaf(|_| ());
    let own_key = KeyPair::generate().unwrap();
    let own = CertificateParams::new(vec!["a.net".to_owned()])
        .unwrap()
        .self_signed(&own_key)
        .unwrap()
        .der()
        .clone();
    let rows = [
        ("whole", vec![leaf.clone(), der(&middle)], &key, "ok"),
        ("with its root", vec![leaf.clone(), der(&middle), der(&root)], &key, "ok"),
        ("out of order", vec![leaf.clone(), der(&aside), der(&middle)], &key, "ok"),
        ("without the middle", vec![leaf.clone()], &key, "unreachable tls-untrusted"),
        ("another's middle", vec![leaf.clone(), der(&aside)], &key, "unreachable tls-untrusted"),
        ("signed by itself", vec![own], &own_key, "unreachable tls-untrusted"),
    ];
    for (what, chain, key, want) in rows {
        let server = Server::with(chain, key, None).await;
        let (said, why) = visit(server.at, &root, "https://a.net/").await;
        assert_eq!(said, want, "{what}: {why}");
    }
}

/// T04: what is signed well and still is no server's certificate.
#[tokio::test]
async fn t04_certificates_for_something_else() {
    let root = Authority::root();
    let mut critical = CustomExtension::from_oid_content(&[1, 3, 6, 1, 4, 1, 99999, 1], vec![5, 0]);
    critical.set_criticality(true);
    let rows = [
        (
            "an authority",
            root.leaf(|params| params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained)),
            "unreachable tls-untrusted",
        ),
        (
            "for clients",
            root.leaf(|params| params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth]),
            "unreachable tls-other",
        ),
        (
            "with an unknown demand",
            root.leaf(|params| params.custom_extensions = vec![critical]),
            "unreachable tls-other",
        ),
    ];
    let mut reasons = Vec::new();
    for (what, (leaf, key), want) in rows {
        let server = Server::with(vec![leaf], &key, None).await;
        let (said, why) = visit(server.at, &root, "https://a.net/").await;
        assert_eq!(said, want, "{what}: {why}");
        reasons.push(why);
    }
    reasons.dedup();
    assert_eq!(reasons.len(), 3, "each is told in its own words: {reasons:?}");
}

/// T06: a handshake that the server ends, by an alert or for want of a certificate of ours; the alert is told.
#[tokio::test]
async fn t06_handshakes_that_the_server_ends() {
    let root = Authority::root();
    for (alert, word) in [
        (40u8, "HandshakeFailure"),
        (112, "UnrecognisedName"),
        (70, "ProtocolVersion"),
        (80, "InternalError"),
    ] {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let at = listener.local_addr().unwrap();
        let serving = tokio::spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                let mut buffer = [0; 4096];
                let _ = stream.read(&mut buffer).await;
                let _ = stream.write_all(&[0x15, 3, 3, 0, 2, 2, alert]).await;
            }
        });
        let (said, why) = visit(at, &root, "https://a.net/").await;
        assert_eq!(said, "unreachable tls-other", "{word}: {why}");
        assert!(why.contains(word), "{word}: {why}");
        serving.abort();
    }
    let (leaf, key) = root.leaf(|_| ());
    let server = Server::with(vec![leaf], &key, Some(&root)).await;
    let (said, why) = visit(server.at, &root, "https://a.net/").await;
    assert_eq!(said, "unreachable tls-other", "{why}");
    assert!(why.contains("CertificateRequired"), "{why}");
}

/// T07: a certificate with 5,000 names, a chain of 64 KB, and a maze of authorities with one name (RUSTSEC-2023-0053).
#[tokio::test]
async fn t07_rustsec_2023_0053_chains_that_cost_time() {
    let root = Authority::root();
    let began = Instant::now();
    let names = (0..5_000).map(|n| SanType::DnsName(format!("h{n}.a.net").try_into().unwrap()));
    let (wide, wide_key) = root.leaf(|params| {
        params.subject_alt_names = names.chain([SanType::DnsName("a.net".try_into().unwrap())]).collect()
    });
    let server = Server::with(vec![wide], &wide_key, None).await;
    let (said, why) = visit(server.at, &root, "https://a.net/").await;
    assert!(said == "ok" || said == "unreachable tls-other", "{said}: {why}");

    // Every one of these could have signed every other, as far as their names tell.
    let maze: Vec<Authority> = (0..40).map(|_| Authority::root().below("maze")).collect();
    let mut params = Authority::params("maze");
    params.custom_extensions =
        vec![CustomExtension::from_oid_content(&[1, 3, 6, 1, 4, 1, 99999, 2], vec![4; 1400])];
    let fat: Vec<_> = maze
        .iter()
        .map(|above| params.signed_by(&KeyPair::generate().unwrap(), &above.issuer).unwrap().der().clone())
        .collect();
    let (leaf, key) = maze[0].leaf(|_| ());
    let chain: Vec<_> = [leaf].into_iter().chain(fat).collect();
    assert!(chain.iter().map(|one| one.len()).sum::<usize>() > 60_000);
    let server = Server::with(chain, &key, None).await;
    let (said, why) = visit(server.at, &root, "https://a.net/").await;
    assert!(["unreachable tls-untrusted", "unreachable tls-other"].contains(&said.as_str()), "{said}: {why}");
    assert!(began.elapsed() < Duration::from_secs(60));
}

/// `openssl s_server`, killed with this value.
struct Openssl(Child, SocketAddr);

impl Openssl {
    /// `None`, and a sentence, where this machine's openssl does not do it.
    fn start(folder: &Path, flags: &[&str]) -> Option<Self> {
        let mut command = Command::new("openssl");
        command
            .args(["s_server", "-accept", "127.0.0.1:0", "-www", "-cert", "c.pem", "-key", "k.pem"])
            .args(flags);
        let started = command
            .current_dir(folder)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn();
        let Ok(mut child) = started else {
            not_run_here("t05", "there is no openssl");
            return None;
        };
        let lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let at = lines.map_while(Result::ok).find_map(|line| line.strip_prefix("ACCEPT ")?.parse().ok());
        if at.is_none() {
            let _ = child.wait();
            not_run_here("t05", &format!("openssl s_server does not do {flags:?}"));
        }
        Some(Self(child, at?))
    }
}

impl Drop for Openssl {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn openssl_certificate(folder: &Path, flags: &[&str]) -> bool {
    let fixed = [
        "req",
        "-x509",
        "-nodes",
        "-keyout",
        "k.pem",
        "-out",
        "c.pem",
        "-subj",
        "/CN=a.net",
        "-addext",
        "subjectAltName=DNS:a.net",
        "-addext",
        "basicConstraints=critical,CA:FALSE",
        "-days",
        "2",
    ];
    let made = Command::new("openssl").args(fixed).args(flags).current_dir(folder).output();
    let made = made.is_ok_and(|made| made.status.success());
    if !made {
        not_run_here("t05", &format!("openssl req does not do {flags:?}"));
    }
    made
}

/// T05: TLS before 1.2, and ciphers that keep nothing secret, are not spoken.
#[tokio::test]
async fn t05_protocols_that_are_no_longer_spoken() {
    let folder = tempfile::tempdir().unwrap();
    if !openssl_certificate(folder.path(), &["-newkey", "rsa:2048"]) {
        return;
    }
    let weak = ["-cipher", "ALL:eNULL:@SECLEVEL=0"];
    let rows: [(&[&str], &str); 4] = [
        (&["-tls1_2"], "unreachable tls-untrusted"),
        (&["-tls1"], "unreachable tls-other"),
        (&["-tls1_1"], "unreachable tls-other"),
        (&["-tls1_2", "-cipher", "NULL-SHA256:@SECLEVEL=0"], "unreachable tls-other"),
    ];
    let root = Authority::root();
    for (flags, want) in rows {
        let flags = if flags.len() == 1 { [flags, &weak].concat() } else { flags.to_vec() };
        let Some(server) = Openssl::start(folder.path(), &flags) else { continue };
        let (said, why) = visit(server.1, &root, "https://a.net/").await;
        assert_eq!(said, want, "{flags:?}: {why}");
    }
}

/// T04: keys and signatures that are too weak are no reason to trust, even where the certificate itself is named as an authority.
#[tokio::test]
async fn t04_weak_keys_and_signatures() {
    let root = Authority::root();
    for flags in [["-newkey", "rsa:1024", "-sha256"], ["-newkey", "rsa:2048", "-sha1"]] {
        let folder = tempfile::tempdir().unwrap();
        if !openssl_certificate(folder.path(), &flags) {
            continue;
        }
        let Some(server) = Openssl::start(folder.path(), &["-cipher", "ALL:@SECLEVEL=0"]) else { continue };
        let (said, why) = visit(server.1, &root, "https://a.net/").await;
        assert!(said.starts_with("unreachable tls-"), "{flags:?}: {said} {why}");
    }
}

/// T11: authorities that cannot be read end the run before it begins: no link is called untrusted for it.
#[test]
fn t11_files_of_authorities() {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| fs::write(folder.path().join(name), text).unwrap();
    write("a.md", "[a](https://docs.acme.net/)\n");
    write("empty.pem", "");
    write("text.pem", "no certificate\n");
    write("cut.pem", "-----BEGIN CERTIFICATE-----\nMIIB\n");
    write("wrong.pem", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n");
    fs::create_dir(folder.path().join("folder.pem")).unwrap();
    for name in ["missing.pem", "empty.pem", "text.pem", "cut.pem", "wrong.pem", "folder.pem"] {
        let ran = run(folder.path(), &["check", "--no-state", "--ca-file", name, "a.md"]);
        assert!([1, 3].contains(&ran.code), "{name}: {}", ran.code);
        assert!(ran.stderr.contains(name) && ran.stdout.is_empty(), "{name}: {}{}", ran.stdout, ran.stderr);
        write("linkdrift.toml", &format!("[visit]\nca_files = [\"{name}\"]\n"));
        let ran = run(folder.path(), &["check", "--no-state", "a.md"]);
        assert!([1, 3].contains(&ran.code), "{name}: {}", ran.code);
        assert!(ran.stderr.contains(name) && ran.stdout.is_empty(), "{name}: {}{}", ran.stdout, ran.stderr);
        fs::remove_file(folder.path().join("linkdrift.toml")).unwrap();
    }
}
