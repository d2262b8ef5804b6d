//! `[[host]]`: written form → checked form.

use std::time::Duration;

use toml::Spanned;

use super::check::{Checker, DAY, MS, header_value};
use super::written::{At, Host, Size, Span};
use super::{HostSettings, SecretHeader, SecretSource, value};

/// Takes a row over; `None` where its pattern is none.
pub(super) fn read(check: &mut Checker<'_>, written: Host) -> Option<HostSettings> {
    let mut row = HostSettings::new(check.host_pattern(&written.r#match)?);
    row.concurrency = count(check, &written.concurrency, "concurrency", 1, 1024);
    row.interval = written.rate.as_ref().map(|rate| rate.get_ref().0);
    for (written, key, value) in [
        (&written.connect_timeout, "connect_timeout", &mut row.connect_timeout),
        (&written.first_byte_timeout, "first_byte_timeout", &mut row.first_byte_timeout),
        (&written.idle_timeout, "idle_timeout", &mut row.idle_timeout),
        (&written.hop_timeout, "hop_timeout", &mut row.hop_timeout),
        (&written.target_timeout, "target_timeout", &mut row.target_timeout),
    ] {
        *value = span(check, written, key, 10 * MS, DAY);
    }
    row.max_redirects = count(check, &written.max_redirects, "max_redirects", 0, 100);
    row.max_retries =
        count(check, &written.max_retries, "max_retries", 0, 20).and_then(|count| u32::try_from(count).ok());
    row.max_wait = span(check, &written.max_wait, "max_wait", Duration::ZERO, 30 * DAY);
    row.max_body_wire = size(check, &written.max_body_wire, "max_body_wire");
    row.max_body_decoded = size(check, &written.max_body_decoded, "max_body_decoded");
    row.user_agent = check.read(&written.user_agent, header_value);
    row.accept_language = check.read(&written.accept_language, header_value);
    row.accept = written
        .accept
        .map(|statuses| statuses.into_iter().flat_map(|statuses| statuses.into_inner().0).collect());
    row.robots = written.robots;
    row.probes = written.probes;
    row.bodies = written.bodies;
    for (name, text) in &written.headers {
        header(check, &mut row, name, text);
    }
    Some(row)
}

/// A header is written out, or names where its value is: that one may carry credentials, and so must be for hosts that are named.
fn header(check: &mut Checker<'_>, row: &mut HostSettings, name: &Spanned<String>, text: &Spanned<String>) {
    let from = match text.get_ref().split_once(':') {
        Some(("env", variable)) if value::variable(variable) => SecretSource::Env(variable.to_owned()),
        Some(("file", path)) if !path.trim().is_empty() => {
            let Some(path) = check.path(&Spanned::new(text.span(), path.trim().to_owned())) else { return };
            SecretSource::File(path)
        }
        Some(("env" | "file", _)) => {
            return check.wrong(text, "a secret is named `env:NAME` or `file:PATH`".to_owned());
        }
        _ => {
            match value::header_parts(name.get_ref(), text.get_ref()) {
                Ok(header) => row.headers.push(header),
                Err(why) => {
                    let help = "a credential is named, not written: \"env:NAME\" or \"file:PATH\"";
                    let problem = check.origin.problem(name.span(), why, Some(help.to_owned()));
                    check.problems.push(problem.without_line());
                }
            }
            return;
        }
    };
    if row.pattern.as_str() == "*" {
        let message = "a secret would be sent to every host: name the hosts that it is for";
        return check.wrong(text, message.to_owned());
    }
    match value::header_name(name.get_ref()) {
        Ok(()) => row.secrets.push(SecretHeader {
            name: name.get_ref().clone(),
            from,
            written: check.origin.place(text.span().start),
        }),
        Err(why) => check.wrong(name, why),
    }
}

fn count(check: &mut Checker<'_>, at: &At<u64>, key: &str, least: u64, most: u64) -> Option<usize> {
    let mut value = 0;
    check.count(at, key, least, most, &mut value);
    at.as_ref().map(|_| value)
}

fn span(
    check: &mut Checker<'_>,
    at: &At<Span>,
    key: &str,
    least: Duration,
    most: Duration,
) -> Option<Duration> {
    let mut value = Duration::ZERO;
    check.span(at, key, least, most, &mut value);
    at.as_ref().map(|_| value)
}

fn size(check: &mut Checker<'_>, at: &At<Size>, key: &str) -> Option<u64> {
    let mut value = 0;
    check.size(at, key, &mut value);
    at.as_ref().map(|_| value)
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::config::parse;

    fn row(keys: &str) -> Result<HostSettings, String> {
        let text = format!("[[host]]\nmatch = \"*.acme.net\"\n{keys}\n");
        let config =
            parse(&text, Path::new("linkdrift.toml"), Path::new("/r")).map_err(|error| error.to_string())?;
        Ok(config.hosts.into_iter().next().unwrap())
    }

    #[test]
    fn secrets_are_named() {
        let row =
            row("headers = { Authorization = \"env:TOKEN\", X-Key = \"file:key.txt\", X-Team = \"docs\" }")
                .unwrap();
        let secrets: Vec<_> =
            row.secrets.iter().map(|s| (s.name.as_str(), &s.from, s.written.as_str())).collect();
        assert_eq!(
            secrets,
            [
                ("Authorization", &SecretSource::Env("TOKEN".to_owned()), "linkdrift.toml:3:29"),
                ("X-Key", &SecretSource::File("/r/key.txt".into()), "linkdrift.toml:3:50"),
            ]
        );
        assert_eq!(row.headers, [("X-Team".to_owned(), "docs".to_owned())]);
    }

    /// G05, G06.
    #[test]
    fn what_is_wrong_is_said_with_its_place_and_no_secret() {
        for (keys, part) in [
            ("headers = { Authorization = \"Bearer hunter2\" }", "carries credentials"),
            ("headers = { X-A = \"env:\" }", "linkdrift.toml:3:"),
            ("headers = { X-A = \"env:A B\" }", "`env:NAME` or `file:PATH`"),
            ("headers = { Host = \"env:NAME\" }", "set by linkdrift itself"),
            ("headers = { \"X A\" = \"env:NAME\" }", "no header name"),
            ("headers = { X-A = \"a\\r\\nb\" }", "control characters"),
            ("hop_timeout = \"0s\"", "`hop_timeout` is 0s"),
            ("max_retries = 21", "`max_retries` is 21"),
            ("max_redirects = -1", "linkdrift.toml:3:17"),
            ("max_body_wire = 1", "1 KiB to 4 GiB"),
            ("accept = [999999]", "linkdrift.toml:3:"),
            ("user_agent = \"\"", "printable ASCII"),
            ("robots = \"some\"", "unknown value `some`"),
            ("timeout = \"3s\"", "linkdrift.toml:3:1"),
        ] {
            let error = row(keys).expect_err(keys);
            assert!(error.contains(part) && !error.contains("hunter2"), "{keys}: {error}");
        }
        let all = "[[host]]\nmatch = \"*\"\nheaders = { X-A = \"env:NAME\" }\n";
        let error = parse(all, Path::new("linkdrift.toml"), Path::new("/r")).unwrap_err().to_string();
        assert!(error.contains("every host") && error.contains("linkdrift.toml:3:19"), "{error}");
    }
}
