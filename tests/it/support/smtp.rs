//! A mail server of our own on loopback, in this process: takes what it is given, and answers as it is told.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on should stop here")]

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::{Arc, Mutex};

use tokio::io::{AsyncBufReadExt, AsyncRead, AsyncWrite, AsyncWriteExt, BufReader};
use tokio::net::TcpListener;
use tokio::task::JoinSet;
use tokio_rustls::TlsAcceptor;

/// How connections are kept secret.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Security {
    None,
    Starttls,
    Tls,
}

/// A running server; it ends with this value.
pub(crate) struct Smtp {
    pub(crate) address: SocketAddr,
    folder: tempfile::TempDir,
    seen: Arc<Mutex<Vec<Mail>>>,
    _serving: JoinSet<()>,
}

/// A mail as it came.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Mail {
    /// Whether the connection was encrypted.
    pub(crate) encrypted: bool,
    /// `AUTH PLAIN`, as sent.
    pub(crate) login: Option<String>,
    pub(crate) from: String,
    pub(crate) to: Vec<String>,
    /// Head and body.
    pub(crate) text: String,
}

#[derive(Clone)]
struct Server {
    security: Security,
    tls: TlsAcceptor,
    seen: Arc<Mutex<Vec<Mail>>>,
    /// What the end of a mail is answered, by how many came before.
    answer: Arc<dyn Fn(usize) -> &'static str + Send + Sync>,
}

impl Smtp {
    pub(crate) async fn start(
        security: Security,
        answer: impl Fn(usize) -> &'static str + Send + Sync + 'static,
    ) -> Self {
        let rcgen::CertifiedKey { cert, signing_key } =
            rcgen::generate_simple_self_signed(vec!["localhost".to_owned()]).unwrap();
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("mail.pem"), cert.pem()).unwrap();
        let key = rustls_pki_types::PrivateKeyDer::try_from(signing_key.serialize_der()).unwrap();
        let tls =
            rustls::ServerConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
                .with_safe_default_protocol_versions()
                .unwrap()
                .with_no_client_auth()
                .with_single_cert(vec![cert.der().clone()], key)
                .unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let (address, seen) = (listener.local_addr().unwrap(), Arc::new(Mutex::new(Vec::new())));
        let server =
            Server { security, tls: Arc::new(tls).into(), seen: Arc::clone(&seen), answer: Arc::new(answer) };
        let mut serving = JoinSet::new();
        serving.spawn(async move {
            let mut connections = JoinSet::new();
            while let Ok((stream, _)) = listener.accept().await {
                let server = server.clone();
                connections.spawn(async move {
                    if server.security == Security::Tls {
                        let Ok(stream) = server.tls.accept(stream).await else { return };
                        server.serve(stream, true, true).await;
                    } else if let Some(stream) = server.serve(stream, false, true).await {
                        let Ok(stream) = server.tls.accept(stream).await else { return };
                        server.serve(stream, true, false).await;
                    }
                });
            }
        });
        Self { address, folder, seen, _serving: serving }
    }

    /// The server's certificate, for `ca_files`.
    pub(crate) fn ca_file(&self) -> PathBuf {
        self.folder.path().join("mail.pem")
    }

    /// Every mail so far, taken or not.
    pub(crate) fn mails(&self) -> Vec<Mail> {
        self.seen.lock().unwrap().clone()
    }
}

impl Server {
    /// Talks to a client (RFC 5321); gives the stream back for STARTTLS.
    async fn serve<S: AsyncRead + AsyncWrite + Unpin>(
        &self,
        stream: S,
        encrypted: bool,
        greet: bool,
    ) -> Option<S> {
        let mut stream = BufReader::new(stream);
        let mut mail = Mail { encrypted, ..Mail::default() };
        if greet {
            stream.write_all(b"220 mail.test ESMTP\r\n").await.ok()?;
        }
        loop {
            let mut line = String::new();
            if stream.read_line(&mut line).await.ok()? == 0 {
                return None;
            }
            let line = line.trim_end();
            let answer = match line.split([' ', ':']).next().unwrap_or_default().to_ascii_uppercase().as_str()
            {
                "EHLO" if self.security == Security::Starttls && !encrypted => {
                    "250-mail.test\r\n250 STARTTLS"
                }
                "EHLO" => "250-mail.test\r\n250 AUTH PLAIN",
                "STARTTLS" => {
                    stream.write_all(b"220 go ahead\r\n").await.ok()?;
                    return Some(stream.into_inner());
                }
                "AUTH" => {
                    mail.login = line.strip_prefix("AUTH PLAIN ").map(str::to_owned);
                    "235 welcome"
                }
                "MAIL" => {
                    mail.from = line.to_owned();
                    "250 ok"
                }
                "RCPT" if line.contains("<gone@") => "550 no such user",
                "RSET" => {
                    mail = Mail { encrypted, ..Mail::default() };
                    "250 ok"
                }
                "RCPT" => {
                    mail.to.push(line.to_owned());
                    "250 ok"
                }
                "DATA" => {
                    stream.write_all(b"354 go on\r\n").await.ok()?;
                    while !mail.text.ends_with("\r\n.\r\n") {
                        if stream.read_line(&mut mail.text).await.ok()? == 0 {
                            return None;
                        }
                    }
                    let mut seen = self.seen.lock().unwrap();
                    seen.push(std::mem::take(&mut mail));
                    (self.answer)(seen.len() - 1)
                }
                "QUIT" => {
                    let _ = stream.write_all(b"221 bye\r\n").await;
                    return None;
                }
                _ => "500 what?",
            };
            stream.write_all(format!("{answer}\r\n").as_bytes()).await.ok()?;
        }
    }
}
