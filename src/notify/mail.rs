//! Mail through a server that the operator names.

use std::path::PathBuf;
use std::time::{Duration, SystemTime};

use lettre::message::header::{ContentType, HeaderName, HeaderValue};
use lettre::transport::smtp::authentication::Credentials;
use lettre::transport::smtp::client::{Certificate, CertificateStore, Tls, TlsParameters};
use lettre::transport::smtp::{AsyncSmtpTransport, Error};
use lettre::{AsyncTransport, Message, Tokio1Executor};

use super::{Attempt, Letter};
use crate::config::{Encryption, MailSettings};

/// How long the server may take for one answer, and for all of them.
const WITHIN: (Duration, Duration) = (Duration::from_secs(30), Duration::from_secs(90));
/// The most text of a mail, in bytes.
const TEXT: usize = 50_000;

/// The mail.
pub(super) fn compose(settings: &MailSettings, letter: &Letter<'_>) -> Result<Message, String> {
    let digest = letter.digest;
    let id = format!("<{}@{}>", letter.id(), settings.from.email.domain());
    let mut message = Message::builder().from(settings.from.clone());
    for to in &settings.to {
        message = message.to(to.clone());
    }
    let text = format!(
        "{}\n\n{}\n\nRun {} ({}), {}. `linkdrift report` shows it all, `linkdrift show ENTRY` an entry.\n",
        letter.title(),
        letter.lines(TEXT).join("\n\n"),
        digest.run,
        digest.name,
        digest.at.format("%F %T UTC")
    );
    // RFC 3834: nobody's absence is to answer.
    let automatic =
        HeaderValue::new(HeaderName::new_from_ascii_str("Auto-Submitted"), "auto-generated".to_owned());
    message
        .subject(letter.title())
        .date(SystemTime::from(digest.at))
        .message_id(Some(id))
        .raw_header(automatic)
        .header(ContentType::TEXT_PLAIN)
        .body(text)
        .map_err(|error| format!("the mail cannot be written: {error}"))
}

/// Sends a message. `authorities` are PEM files beside the system's.
pub(super) async fn send(settings: &MailSettings, authorities: &[PathBuf], letter: &Letter<'_>) -> Attempt {
    let mail = match compose(settings, letter) {
        Ok(mail) => mail,
        Err(why) => return Attempt::Refused(why),
    };
    let failed = |why| Attempt::Failed { why, wait: None };
    let transport = match transport(settings, authorities) {
        Ok(transport) => transport,
        Err(why) => return failed(why),
    };
    match tokio::time::timeout(WITHIN.1, transport.send(mail)).await {
        Ok(Ok(_)) => Attempt::Taken,
        Ok(Err(error)) => attempt(&error),
        Err(_) => failed(format!("no answer within {} s", WITHIN.1.as_secs())),
    }
}

/// What a failure means: 5yz is for good (RFC 5321 §4.2.1), everything else passes.
fn attempt(error: &Error) -> Attempt {
    let mut why = error.to_string();
    let mut source = std::error::Error::source(error);
    while let Some(cause) = source {
        why = format!("{why}: {cause}");
        source = cause.source();
    }
    let why: String = crate::report::printable(&why).chars().take(500).collect();
    if error.is_permanent() { Attempt::Refused(why) } else { Attempt::Failed { why, wait: None } }
}

fn transport(
    settings: &MailSettings,
    authorities: &[PathBuf],
) -> Result<AsyncSmtpTransport<Tokio1Executor>, String> {
    let tls = match settings.encryption {
        Encryption::None => Tls::None,
        Encryption::Starttls => Tls::Required(parameters(&settings.host, authorities)?),
        Encryption::Tls => Tls::Wrapper(parameters(&settings.host, authorities)?),
    };
    let mut builder = AsyncSmtpTransport::<Tokio1Executor>::builder_dangerous(&settings.host)
        .port(settings.port)
        .timeout(Some(WITHIN.0))
        .tls(tls);
    if let Some((user, password)) = &settings.login {
        builder = builder.credentials(Credentials::new(user.clone(), password.read()?));
    }
    Ok(builder.build())
}

fn parameters(host: &str, authorities: &[PathBuf]) -> Result<TlsParameters, String> {
    // A system without authorities of its own has at least those that browsers trust.
    let store = match rustls_native_certs::load_native_certs().certs.is_empty() {
        true => CertificateStore::WebpkiRoots,
        false => CertificateStore::Default,
    };
    let mut builder = TlsParameters::builder(host.to_owned()).certificate_store(store);
    for path in authorities {
        let failed = |why: String| format!("{}: {why}", path.display());
        let pem = std::fs::read(path).map_err(|error| failed(error.to_string()))?;
        builder = builder
            .add_root_certificate(Certificate::from_pem(&pem).map_err(|error| failed(error.to_string()))?);
    }
    builder.build_rustls().map_err(|error| error.to_string())
}

#[cfg(test)]
mod tests {
    use super::super::letter::tests::digest;
    use super::*;

    #[test]
    fn a_mail_says_who_it_is_from_and_that_no_one_wrote_it() {
        let settings = MailSettings {
            to: vec!["Docs <docs@example.org>".parse().unwrap(), "b@example.org".parse().unwrap()],
            from: "linkdrift@example.org".parse().unwrap(),
            host: "localhost".to_owned(),
            port: 25,
            encryption: Encryption::None,
            login: None,
        };
        let digest = digest(&["x answers 404\r\nBcc: evil@example.org\r\n\r\n.\r\n", "ș"]);
        let letter = Letter { receiver: "team", digest: &digest };
        let mail = String::from_utf8(compose(&settings, &letter).unwrap().formatted()).unwrap();
        let (head, body) = mail.split_once("\r\n\r\n").unwrap();
        for line in [
            "From: linkdrift@example.org",
            "Subject: linkdrift: 2 errors new (docs-pages)",
            "Auto-Submitted: auto-generated",
            "Date: Thu, 01 Jan 1970 00:00:00 +0000",
            &format!("Message-ID: <{}@example.org>", letter.id()),
        ] {
            assert!(head.contains(line), "{line} in {head}");
        }
        assert!(!head.contains("evil"), "{head}");
        assert!(!body.contains("\r\n.\r\n"), "{body}");
    }
}
