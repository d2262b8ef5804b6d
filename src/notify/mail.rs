//! Mail through a server that the operator names.

use std::path::PathBuf;
use std::time::{Duration, SystemTime};

use lettre::address::Envelope;
use lettre::message::header::{ContentType, HeaderName, HeaderValue, MIME_VERSION_1_0};
use lettre::transport::smtp::authentication::Credentials;
use lettre::transport::smtp::client::{Certificate, CertificateStore, Tls, TlsParameters};
use lettre::transport::smtp::extension::ClientId;
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
        // RFC 2045 §4: without it the rest of the head says nothing of the body.
        .header(MIME_VERSION_1_0)
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
    match tokio::time::timeout(WITHIN.1, deliver(&transport, &mail)).await {
        Ok(attempt) => attempt,
        Err(_) => failed(format!("no answer within {} s", WITHIN.1.as_secs())),
    }
}

/// Hands over one mail for everybody. Where that is refused for good, one recipient may be why, and the others get theirs alone.
async fn deliver(transport: &AsyncSmtpTransport<Tokio1Executor>, mail: &Message) -> Attempt {
    let (envelope, bytes) = (mail.envelope(), mail.formatted());
    let refused = match transport.send_raw(envelope, &bytes).await {
        Ok(_) => return Attempt::Taken,
        Err(error) => error,
    };
    if !refused.is_permanent() || envelope.to().len() < 2 {
        return attempt(&refused);
    }
    let mut each = Vec::new();
    for to in envelope.to() {
        let outcome = match Envelope::new(envelope.from().cloned(), vec![to.clone()]) {
            Ok(alone) => match transport.send_raw(&alone, &bytes).await {
                Ok(_) => Attempt::Taken,
                Err(error) => attempt(&error),
            },
            Err(error) => Attempt::Refused(error.to_string()),
        };
        each.push((to.to_string(), outcome));
    }
    together(each)
}

/// What attempts at single recipients come to. Once somebody has the mail it is not sent again, for nobody is to get it twice: who did
/// not get it is logged.
fn together(each: Vec<(String, Attempt)>) -> Attempt {
    let taken = each.iter().any(|(_, outcome)| matches!(outcome, Attempt::Taken));
    let (mut refused, mut passes) = (Vec::new(), None);
    for (to, outcome) in each {
        match outcome {
            Attempt::Taken => {}
            Attempt::Refused(why) | Attempt::Failed { why, .. } if taken => {
                tracing::warn!(mail.to = to, error.message = why, "a recipient did not get the mail");
            }
            Attempt::Refused(why) => refused.push(format!("{to}: {why}")),
            Attempt::Failed { .. } => passes = passes.or(Some(outcome)),
        }
    }
    match (taken, passes) {
        (true, _) => Attempt::Taken,
        (false, Some(passes)) => passes,
        (false, None) => Attempt::Refused(refused.join("; ")),
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
        .hello_name(hello_name(rustix::system::uname().nodename().to_str().unwrap_or_default()))
        .tls(tls);
    if let Some((user, password)) = &settings.login {
        builder = builder.credentials(Credentials::new(user.clone(), password.read()?));
    }
    Ok(builder.build())
}

/// What EHLO says of a machine with this name: the name where it can be one in the DNS, else an address literal (RFC 5321 §4.1.4).
fn hello_name(machine: &str) -> ClientId {
    let label = |label: &str| {
        (1..=63).contains(&label.len())
            && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    let name = machine.strip_suffix('.').unwrap_or(machine);
    let top = name.rsplit_once('.').map(|(_, top)| top.to_ascii_lowercase());
    let is_public =
        top.is_some_and(|top| top != "localdomain" && !top.bytes().all(|byte| byte.is_ascii_digit()));
    match is_public && name.len() <= 253 && name.split('.').all(label) {
        true => ClientId::Domain(name.to_owned()),
        false => ClientId::default(),
    }
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
    fn one_who_gets_the_mail_ends_it_and_nobody_gets_it_twice() {
        let one = |outcome: char| match outcome {
            't' => Attempt::Taken,
            'r' => Attempt::Refused("no such user".to_owned()),
            _ => Attempt::Failed { why: "later".to_owned(), wait: None },
        };
        for (outcomes, expected) in
            [("tt", 't'), ("rt", 't'), ("tr", 't'), ("ft", 't'), ("rf", 'f'), ("fr", 'f'), ("rr", 'r')]
        {
            let each = outcomes.chars().map(|outcome| (outcome.to_string(), one(outcome))).collect();
            let came_to = match together(each) {
                Attempt::Taken => 't',
                Attempt::Refused(_) => 'r',
                Attempt::Failed { .. } => 'f',
            };
            assert_eq!(came_to, expected, "{outcomes}");
        }
    }

    #[test]
    fn a_machine_greets_with_a_name_that_others_can_look_up() {
        let long = format!("{}.org", "a".repeat(64));
        for (machine, greeting) in [
            ("mail.example.org", "mail.example.org"),
            ("mail.example.org.", "mail.example.org"),
            ("node-7.Example.ORG", "node-7.Example.ORG"),
            ("node7", "[127.0.0.1]"),
            ("", "[127.0.0.1]"),
            ("localhost.localdomain", "[127.0.0.1]"),
            ("10.0.0.7", "[127.0.0.1]"),
            ("a_b.example.org", "[127.0.0.1]"),
            ("-a.example.org", "[127.0.0.1]"),
            ("a..org", "[127.0.0.1]"),
            ("a.org\r\nMAIL", "[127.0.0.1]"),
            (&long, "[127.0.0.1]"),
        ] {
            assert_eq!(hello_name(machine).to_string(), greeting, "{machine}");
        }
    }

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
            "MIME-Version: 1.0",
            "Date: Thu, 01 Jan 1970 00:00:00 +0000",
            &format!("Message-ID: <{}@example.org>", letter.id()),
        ] {
            assert!(head.contains(line), "{line} in {head}");
        }
        assert!(!head.contains("evil"), "{head}");
        assert!(!body.contains("\r\n.\r\n"), "{body}");
    }
}
