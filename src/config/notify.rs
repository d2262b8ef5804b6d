//! `[[notify]]`: who is told of findings.

use std::str::FromStr;

use lettre::message::Mailbox;
use toml::Spanned;
use url::{Host, Url};

use super::check::Checker;
use super::written;
use super::{RULE_IDS, Secret, Severity, value};

/// Somebody who is told of findings, and of which.
#[derive(Debug, Clone)]
pub struct NotifySettings {
    /// Unique name; what was told is remembered under it.
    pub name: String,
    /// Where messages go.
    pub to: Recipient,
    /// Findings of this severity or worse.
    pub severity: Severity,
    /// Rule ids, or the part of one before the `/`; all where it is empty.
    pub rules: Vec<String>,
    /// Names of sources; all where it is empty.
    pub sources: Vec<String>,
}

/// Where messages go.
#[derive(Debug, Clone)]
pub enum Recipient {
    /// A POST request.
    Webhook(WebhookSettings),
    /// A mail.
    Mail(MailSettings),
}

/// A receiver of POST requests.
#[derive(Debug, Clone)]
pub struct WebhookSettings {
    /// What is requested.
    pub url: WebhookUrl,
    /// What the body looks like.
    pub shape: Shape,
    /// Sent as `Authorization: Bearer …`.
    pub token: Option<Secret>,
}

/// A URL, or where it is: those of chat services are secrets.
#[derive(Debug, Clone)]
pub enum WebhookUrl {
    /// Written in the configuration.
    Written(Url),
    /// Read when it is used.
    Secret(Secret),
}

/// What the body of a POST request looks like.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Shape {
    /// `linkdrift/notification/1`.
    #[default]
    Json,
    /// An incoming webhook of Slack, or of what understands the same (Mattermost, Rocket.Chat).
    Slack,
    /// A workflow of Microsoft Teams: an adaptive card.
    Teams,
}

/// How mail is sent.
#[derive(Debug, Clone)]
pub struct MailSettings {
    /// Receivers; never empty.
    pub to: Vec<Mailbox>,
    /// The sender.
    pub from: Mailbox,
    /// The server's name or address.
    pub host: String,
    /// Its port.
    pub port: u16,
    /// How the connection is kept secret.
    pub encryption: Encryption,
    /// Name and password, where the server wants them.
    pub login: Option<(String, Secret)>,
}

/// How a connection to a mail server is kept secret.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Encryption {
    /// TLS after STARTTLS (RFC 3207), always: a server that does not offer it gets no mail.
    #[default]
    Starttls,
    /// TLS from the beginning (RFC 8314).
    Tls,
    /// Not at all; only on loopback.
    None,
}

impl NotifySettings {
    /// Whether a finding of this rule, severity and source is told.
    pub fn wants(&self, rule: &str, severity: Severity, source: &str) -> bool {
        let meant = |written: &String| {
            rule.strip_prefix(written.as_str()).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
        };
        severity >= self.severity
            && (self.rules.is_empty() || self.rules.iter().any(meant))
            && (self.sources.is_empty() || self.sources.iter().any(|name| name == source))
    }
}

impl WebhookUrl {
    /// The URL. The error never repeats it.
    pub fn read(&self) -> Result<Url, String> {
        match self {
            Self::Written(url) => Ok(url.clone()),
            Self::Secret(secret) => {
                value::http_url(&secret.read()?).map_err(|_| format!("{secret} is no http or https URL"))
            }
        }
    }
}

impl Checker<'_> {
    /// Takes over all `[[notify]]`.
    pub(super) fn notify(
        &mut self,
        all: Vec<Spanned<written::Notify>>,
        sources: &[String],
    ) -> Vec<NotifySettings> {
        let mut checked: Vec<NotifySettings> = Vec::new();
        for written in all {
            let table = written.span();
            let written = written.into_inner();
            let name = written.name.get_ref().clone();
            let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-');
            if name.is_empty() || name.len() > 64 || !name.chars().all(plain) {
                self.wrong(
                    &written.name,
                    "a receiver's name is 1 to 64 letters, digits, `.`, `_` or `-`".into(),
                );
            } else if checked.iter().any(|other| other.name == name) {
                self.wrong(&written.name, format!("two receivers are named `{name}`"));
            }
            for rule in &written.rules {
                let group = |id: &&str| id.split('/').next() == Some(rule.get_ref());
                if !RULE_IDS.iter().any(group) {
                    self.rule_id(rule);
                }
            }
            for source in written.sources.iter().filter(|source| !sources.contains(source.get_ref())) {
                self.wrong(source, format!("no source is named `{}`", source.get_ref()));
            }
            let to = match (&written.webhook, &written.mail) {
                (Some(_), None) => self.webhook(&written).map(Recipient::Webhook),
                (None, Some(_)) => self.mail(&written).map(Recipient::Mail),
                _ => {
                    let message = format!("receiver `{name}` needs either `webhook` or `mail`");
                    self.wrong_at(table, message, "for example webhook = \"env:LINKDRIFT_WEBHOOK\"");
                    None
                }
            };
            let Some(to) = to else { continue };
            checked.push(NotifySettings {
                name,
                to,
                severity: written.severity.unwrap_or(Severity::Warning),
                rules: written.rules.into_iter().map(Spanned::into_inner).collect(),
                sources: written.sources.into_iter().map(Spanned::into_inner).collect(),
            });
        }
        checked
    }

    fn webhook(&mut self, written: &written::Notify) -> Option<WebhookSettings> {
        for (key, of_mail) in [
            ("from", &written.from),
            ("smtp", &written.smtp),
            ("user", &written.user),
            ("password", &written.password),
        ] {
            if let Some(at) = of_mail {
                self.wrong(at, format!("`{key}` belongs to `mail`, not to `webhook`"));
            }
        }
        let shape = written.shape.unwrap_or_default();
        let at = written.webhook.as_ref()?;
        let url = match (value::http_url(at.get_ref()), self.secret(at)) {
            (Ok(url), _) if shape == Shape::Json && url.query().is_none() => Some(WebhookUrl::Written(url)),
            (Ok(_), _) => {
                let message = "whoever knows this URL can write there: it is a secret";
                let help = "write \"env:NAME\", \"file:PATH\" or \"credential:NAME\" in its place";
                self.problem_without_line(at.span(), message, help);
                None
            }
            (Err(_), Ok(secret)) => Some(WebhookUrl::Secret(secret)),
            (Err(_), Err(_)) => {
                let message = "neither an http or https URL nor the place of one";
                let help = "write \"https://…\", \"env:NAME\", \"file:PATH\" or \"credential:NAME\"";
                self.problem_without_line(at.span(), message, help);
                None
            }
        };
        let token = self.secret_of(&written.token);
        Some(WebhookSettings { url: url?, shape, token })
    }

    fn mail(&mut self, written: &written::Notify) -> Option<MailSettings> {
        if let Some(at) = &written.token {
            self.wrong(at, "`token` belongs to `webhook`, not to `mail`".into());
        }
        let to = written.mail.as_ref()?;
        if to.get_ref().is_empty() || to.get_ref().len() > 50 {
            self.wrong(to, "a mail has 1 to 50 receivers".into());
        }
        let to: Vec<Mailbox> =
            to.get_ref().iter().filter_map(|at| self.read(&Some(at.clone()), mailbox)).collect();
        let missing = |key: &str| format!("receiver `{}` has no `{key}`", written.name.get_ref());
        if written.from.is_none() {
            self.wrong_at(
                written.name.span(),
                missing("from"),
                "for example from = \"linkdrift@example.org\"",
            );
        }
        if written.smtp.is_none() {
            self.wrong_at(
                written.name.span(),
                missing("smtp"),
                "for example smtp = \"mail.example.org:587\"",
            );
        }
        let from = self.read(&written.from, mailbox);
        let encryption = written.encryption.unwrap_or_default();
        let server = self.read(&written.smtp, |text| server(text, encryption));
        let password = self.secret_of(&written.password);
        let login = match (&written.user, password) {
            (Some(user), Some(password)) => Some((user.get_ref().clone(), password)),
            (None, None) => None,
            (Some(at), None) if written.password.is_none() => {
                self.wrong(at, "`user` without `password`".into());
                None
            }
            (None, Some(_)) => {
                let message = "`password` without `user`";
                self.wrong_at(written.name.span(), message.to_owned(), "name both or neither");
                None
            }
            (Some(_), None) => None,
        };
        let (host, port) = server?;
        Some(MailSettings { to, from: from?, host, port, encryption, login })
    }

    fn secret(&self, at: &Spanned<String>) -> Result<Secret, String> {
        Secret::parse(self.root(), at.get_ref())
    }

    fn secret_of(&mut self, at: &written::At<String>) -> Option<Secret> {
        let at = at.as_ref()?;
        match self.secret(at) {
            Ok(secret) => Some(secret),
            Err(why) => {
                self.problem_without_line(at.span(), &why, "its value never stands in the configuration");
                None
            }
        }
    }
}

fn mailbox(text: &str) -> Result<Mailbox, String> {
    let bounded = text.len() <= 320 && !text.chars().any(char::is_control);
    Mailbox::from_str(text).ok().filter(|_| bounded).ok_or_else(|| format!("`{text}` is no mail address"))
}

/// `host` or `host:port`; without a port the usual one. Without encryption the host must be this machine.
fn server(text: &str, encryption: Encryption) -> Result<(String, u16), String> {
    let wrong = || format!("`{text}` is no mail server: write \"mail.example.org:587\"");
    // With a scheme it is a URL's authority, with all that is to know of brackets and ports.
    let url = Url::parse(&format!("smtp://{text}")).map_err(|_| wrong())?;
    let bare = url.path().is_empty() && url.query().is_none() && url.fragment().is_none();
    if !bare || !url.username().is_empty() || url.password().is_some() {
        return Err(wrong());
    }
    let name = url.host_str().filter(|name| !name.is_empty()).ok_or_else(wrong)?;
    let host = Host::parse(name).map_err(|_| wrong())?;
    let loopback = match &host {
        Host::Domain(name) => name == "localhost",
        Host::Ipv4(address) => address.is_loopback(),
        Host::Ipv6(address) => address.is_loopback(),
    };
    if encryption == Encryption::None && !loopback {
        return Err(format!(
            "mail to {host} would be readable on its way: `encryption = \"none\"` is for loopback only"
        ));
    }
    let usual = match encryption {
        Encryption::Starttls => 587,
        Encryption::Tls => 465,
        Encryption::None => 25,
    };
    let host = host.to_string();
    Ok((host.trim_matches(['[', ']']).to_owned(), url.port().unwrap_or(usual)))
}

/// `[metrics] listen`: an address and a port.
pub(super) fn listen(text: &str, remote: bool) -> Result<std::net::SocketAddr, String> {
    let address: std::net::SocketAddr =
        text.parse().map_err(|_| format!("`{text}` is no address with a port such as 127.0.0.1:9464"))?;
    if !remote && !address.ip().is_loopback() {
        return Err(format!(
            "{} can be reached from other machines, and whoever reaches it can read the metrics; `remote = true` says that this is meant",
            address.ip()
        ));
    }
    Ok(address)
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::config::parse;

    fn read(text: &str) -> Result<Vec<NotifySettings>, String> {
        let text = format!("[[source]]\nname = \"ro\"\npath = \"ro\"\n{text}");
        parse(&text, Path::new("linkdrift.toml"), Path::new("/r"))
            .map(|config| config.notify)
            .map_err(|error| error.to_string())
    }

    fn webhook(keys: &str) -> Result<Vec<NotifySettings>, String> {
        read(&format!("[[notify]]\nname = \"team\"\n{keys}"))
    }

    fn mail(keys: &str) -> Result<Vec<NotifySettings>, String> {
        webhook(&format!("mail = [\"Docs <docs@example.org>\"]\nfrom = \"l@example.org\"\n{keys}"))
    }

    #[test]
    fn what_a_receiver_wants() {
        let keys = "webhook = \"env:HOOK\"\nseverity = \"error\"\nrules = [\"content\", \"link/broken\"]\nsources = [\"ro\"]";
        let team = webhook(keys).unwrap().remove(0);
        for (rule, severity, source, wanted) in [
            ("content/changed", Severity::Error, "ro", true),
            ("link/broken", Severity::Error, "ro", true),
            ("link/broken", Severity::Warning, "ro", false),
            ("link/broken", Severity::Error, "de", false),
            ("link/broken-not", Severity::Error, "ro", false),
            ("entry/age", Severity::Error, "ro", false),
        ] {
            assert_eq!(team.wants(rule, severity, source), wanted, "{rule} {severity:?} {source}");
        }
        let all = webhook("webhook = \"env:HOOK\"").unwrap().remove(0);
        assert!(
            all.wants("entry/age", Severity::Warning, "x") && !all.wants("entry/age", Severity::Info, "x")
        );
    }

    #[test]
    fn secrets_stand_elsewhere_and_errors_do_not_repeat_them() {
        for keys in [
            "webhook = \"https://hooks.example/hunter2\"\nshape = \"slack\"",
            "webhook = \"https://hooks.example/?key=hunter2\"",
            "webhook = \"ftp://hunter2\"",
            "webhook = \"env:A\"\ntoken = \"hunter2\"",
            "mail = [\"a@b.org\"]\nfrom = \"a@b.org\"\nsmtp = \"m.org\"\nuser = \"u\"\npassword = \"hunter2\"",
        ] {
            let error = webhook(keys).expect_err(keys);
            assert!(!error.contains("hunter2") && error.contains("linkdrift.toml:"), "{error}");
        }
        assert!(matches!(
            &webhook("webhook = \"http://127.0.0.1:8080/hook\"").unwrap()[0].to,
            Recipient::Webhook(WebhookSettings { url: WebhookUrl::Written(_), .. })
        ));
    }

    #[test]
    fn mail_servers_and_their_ports() {
        let server = |keys: &str| match mail(keys).map(|mut all| all.remove(0).to) {
            Ok(Recipient::Mail(mail)) => Ok(format!("{} {}", mail.host, mail.port)),
            Ok(other) => panic!("{other:?}"),
            Err(error) => Err(error),
        };
        assert_eq!(server("smtp = \"mail.example.org\"").as_deref(), Ok("mail.example.org 587"));
        assert_eq!(server("smtp = \"mail.example.org:25\"").as_deref(), Ok("mail.example.org 25"));
        assert_eq!(
            server("smtp = \"mail.example.org\"\nencryption = \"tls\"").as_deref(),
            Ok("mail.example.org 465")
        );
        assert_eq!(server("smtp = \"[::1]:2525\"\nencryption = \"none\"").as_deref(), Ok("::1 2525"));
        for (keys, says) in [
            ("smtp = \"mail.example.org\"\nencryption = \"none\"", "loopback only"),
            ("smtp = \"u:p@mail.example.org\"", "no mail server"),
            ("smtp = \"mail.example.org/x\"", "no mail server"),
            ("smtp = \"\"", "no mail server"),
            ("smtp = \"m.org\"\nuser = \"u\"", "without `password`"),
            ("smtp = \"m.org\"\npassword = \"env:P\"", "without `user`"),
            ("", "has no `smtp`"),
        ] {
            let error = server(keys).expect_err(keys);
            assert!(error.contains(says), "{error}");
        }
    }

    #[test]
    fn what_makes_no_sense_is_refused() {
        for (keys, says) in [
            ("", "either `webhook` or `mail`"),
            ("webhook = \"env:A\"\nmail = [\"a@b.org\"]", "either `webhook` or `mail`"),
            ("webhook = \"env:A\"\nfrom = \"a@b.org\"", "belongs to `mail`"),
            ("webhook = \"env:A\"\nrules = [\"link/brokn\"]", "did you mean `link/broken`"),
            ("webhook = \"env:A\"\nsources = [\"de\"]", "no source is named `de`"),
            ("mail = []\nfrom = \"a@b.org\"\nsmtp = \"m.org\"", "1 to 50"),
            ("mail = [\"nobody\"]\nfrom = \"a@b.org\"\nsmtp = \"m.org\"", "no mail address"),
            ("webhook = \"env:A\"\n[[notify]]\nname = \"team\"\nwebhook = \"env:B\"", "two receivers"),
        ] {
            let error = webhook(keys).expect_err(keys);
            assert!(error.contains(says), "{keys}: {error}");
        }
    }

    #[test]
    fn metrics_stay_on_this_machine_unless_it_is_said() {
        let listen = |text: &str| {
            parse(&format!("[metrics]\n{text}"), Path::new("linkdrift.toml"), Path::new("/r"))
                .map(|config| config.metrics.map(|address| address.to_string()))
                .map_err(|error| error.to_string())
        };
        assert_eq!(listen(""), Ok(None));
        assert_eq!(listen("listen = \"127.0.0.1:9464\""), Ok(Some("127.0.0.1:9464".into())));
        assert_eq!(listen("listen = \"[::1]:0\""), Ok(Some("[::1]:0".into())));
        assert!(listen("listen = \"0.0.0.0:9464\"").unwrap_err().contains("remote = true"));
        assert_eq!(listen("listen = \"0.0.0.0:9464\"\nremote = true"), Ok(Some("0.0.0.0:9464".into())));
        assert!(listen("listen = \"localhost\"").unwrap_err().contains("no address"));
    }
}
