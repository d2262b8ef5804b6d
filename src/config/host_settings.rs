//! `[[host]]`: what differs for some hosts. The one way to find what is configured of a host is here.

use std::borrow::Cow;
use std::path::PathBuf;
use std::time::Duration;

use super::{BodyRetention, HostPattern, Probes, RobotsPolicy, VisitSettings};

/// `[[host]]`. What is `None` is as for every host.
#[derive(Debug, Clone)]
pub struct HostSettings {
    /// `docs.example.org`, `*.example.org` (it and all beneath it) or `*`.
    pub pattern: HostPattern,
    /// Requests at once.
    pub concurrency: Option<usize>,
    /// Shortest time between the starts of two requests.
    pub interval: Option<Duration>,
    /// As in [`VisitSettings`].
    pub connect_timeout: Option<Duration>,
    /// As in [`VisitSettings`].
    pub first_byte_timeout: Option<Duration>,
    /// As in [`VisitSettings`].
    pub idle_timeout: Option<Duration>,
    /// As in [`VisitSettings`].
    pub hop_timeout: Option<Duration>,
    /// As in [`VisitSettings`].
    pub target_timeout: Option<Duration>,
    /// As in [`VisitSettings`].
    pub max_redirects: Option<usize>,
    /// As in [`VisitSettings`].
    pub max_retries: Option<u32>,
    /// The longest `Retry-After` of this host that is waited for.
    pub max_wait: Option<Duration>,
    /// Bytes of a body on the wire.
    pub max_body_wire: Option<u64>,
    /// Bytes of a body, decoded.
    pub max_body_decoded: Option<u64>,
    /// The whole User-Agent.
    pub user_agent: Option<String>,
    /// `Accept-Language`.
    pub accept_language: Option<String>,
    /// Extra request headers, never credentials.
    pub headers: Vec<(String, String)>,
    /// Request headers whose values stand elsewhere.
    pub secrets: Vec<SecretHeader>,
    /// Status codes that count as well beside 2xx.
    pub accept: Option<Vec<u16>>,
    /// What robots.txt decides.
    pub robots: Option<RobotsPolicy>,
    /// Whether it is asked what no entry asks for.
    pub probes: Option<Probes>,
    /// How much of its pages is kept.
    pub bodies: Option<BodyRetention>,
}

/// A request header whose value is a secret: it is read when visits begin, and stands in no log, state or report.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SecretHeader {
    /// The header's name.
    pub name: String,
    /// Where its value is.
    pub from: SecretSource,
    /// Where that is written: file, line and column.
    pub written: String,
}

/// Where a secret is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SecretSource {
    /// `env:NAME`: an environment variable.
    Env(String),
    /// `file:PATH`: the first line of a file.
    File(PathBuf),
}

impl HostSettings {
    /// Nothing that differs.
    pub fn new(pattern: HostPattern) -> Self {
        Self {
            pattern,
            concurrency: None,
            interval: None,
            connect_timeout: None,
            first_byte_timeout: None,
            idle_timeout: None,
            hop_timeout: None,
            target_timeout: None,
            max_redirects: None,
            max_retries: None,
            max_wait: None,
            max_body_wire: None,
            max_body_decoded: None,
            user_agent: None,
            accept_language: None,
            headers: Vec::new(),
            secrets: Vec::new(),
            accept: None,
            robots: None,
            probes: None,
            bodies: None,
        }
    }

    /// Those of `hosts` that name `host` (`name` or `name:port`; a pattern may name the port, and need not), the most exact pattern
    /// first: names before wildcards, longer before shorter. The first that says something counts.
    pub fn of<'h>(hosts: &'h [Self], host: &str) -> impl DoubleEndedIterator<Item = &'h Self> {
        let bare = match host.rsplit_once(':') {
            Some((name, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => name,
            _ => host,
        };
        let mut found: Vec<&Self> =
            hosts.iter().filter(|row| row.pattern.matches(host) || row.pattern.matches(bare)).collect();
        found.sort_by_key(|row| {
            let pattern = row.pattern.as_str();
            (pattern.starts_with('*'), std::cmp::Reverse(pattern.len()))
        });
        found.into_iter()
    }

    /// How much of a host's pages is kept: nothing where credentials are sent, else what the rows say, else `default`.
    pub fn bodies_of(hosts: &[Self], host: &str, default: BodyRetention) -> BodyRetention {
        if Self::of(hosts, host).any(|row| !row.secrets.is_empty()) {
            return BodyRetention::None;
        }
        Self::of(hosts, host).find_map(|row| row.bodies).unwrap_or(default)
    }

    /// Puts what this row says over `visit`. A limit that is named is ceiling and start alike.
    fn put_over(&self, visit: &mut VisitSettings) {
        fn put<T: Clone>(value: &Option<T>, over: &mut T) {
            if let Some(value) = value {
                *over = value.clone();
            }
        }
        if let Some(concurrency) = self.concurrency {
            visit.host = visit.host.with_concurrency(concurrency);
        }
        if let Some(interval) = self.interval {
            visit.host = visit.host.with_interval(interval);
        }
        put(&self.connect_timeout, &mut visit.connect_timeout);
        put(&self.first_byte_timeout, &mut visit.first_byte_timeout);
        put(&self.idle_timeout, &mut visit.idle_timeout);
        put(&self.hop_timeout, &mut visit.hop_timeout);
        put(&self.target_timeout, &mut visit.target_timeout);
        put(&self.max_redirects, &mut visit.max_redirects);
        put(&self.max_retries, &mut visit.max_retries);
        put(&self.max_wait, &mut visit.max_wait);
        put(&self.max_body_wire, &mut visit.max_body_wire);
        put(&self.max_body_decoded, &mut visit.max_body_decoded);
        put(&self.accept, &mut visit.accept);
        put(&self.robots, &mut visit.robots);
        put(&self.probes, &mut visit.probes);
        visit.user_agent = self.user_agent.clone().or(visit.user_agent.take());
        visit.accept_language = self.accept_language.clone().or(visit.accept_language.take());
        for (name, value) in &self.headers {
            visit.headers.retain(|(known, _)| !known.eq_ignore_ascii_case(name));
            visit.headers.push((name.clone(), value.clone()));
        }
        for secret in &self.secrets {
            visit.secrets.retain(|known| !known.name.eq_ignore_ascii_case(&secret.name));
            visit.secrets.push(secret.clone());
        }
    }
}

impl VisitSettings {
    /// How `host` is visited: these settings, and over them those of the rows that name it.
    pub fn at(&self, rows: &[HostSettings], host: &str) -> Cow<'_, Self> {
        let mut named = HostSettings::of(rows, host).rev().peekable();
        if named.peek().is_none() {
            return Cow::Borrowed(self);
        }
        let mut merged = self.clone();
        named.for_each(|row| row.put_over(&mut merged));
        Cow::Owned(merged)
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::config::{Config, parse};

    fn config(text: &str) -> Config {
        parse(text, Path::new("linkdrift.toml"), Path::new("/r")).unwrap()
    }

    #[test]
    fn the_most_exact_row_counts_for_each_key_by_itself() {
        let config = config(
            "[visit]\nuser_agent = \"all/1\"\nhop_timeout = \"50s\"\n[visit.headers]\nX-Team = \"docs\"\n\
             [[host]]\nmatch = \"*\"\nmax_retries = 1\naccept = [403]\n\
             [[host]]\nmatch = \"*.acme.net\"\nmax_retries = 2\nmax_wait = \"5m\"\nrobots = \"all\"\nprobes = \"off\"\n\
             concurrency = 2\nrate = \"1/s\"\nheaders = { x-team = \"acme\" }\n\
             [[host]]\nmatch = \"www.acme.net\"\nhop_timeout = \"5s\"\nuser_agent = \"own/1\"\nmax_body_wire = \"1 MiB\"\n\
             [[host]]\nmatch = \"www.acme.net:8443\"\naccept = [\"200..=204\"]\n",
        );
        let at = |host: &str| config.visit_at(host).into_owned();
        let other = at("other.org");
        assert_eq!((other.max_retries, other.accept.as_slice(), other.probes), (1, &[403][..], Probes::On));
        assert_eq!(other.headers, [("X-Team".to_owned(), "docs".to_owned())]);
        let acme = at("docs.acme.net");
        assert_eq!(
            (acme.max_retries, acme.max_wait, acme.robots),
            (2, Duration::from_secs(300), RobotsPolicy::All)
        );
        assert_eq!((acme.host.concurrency, acme.host.interval), (2, Duration::from_secs(1)));
        assert_eq!((acme.probes, acme.hop_timeout), (Probes::Off, Duration::from_secs(50)));
        assert_eq!(acme.headers, [("x-team".to_owned(), "acme".to_owned())]);
        let www = at("www.acme.net");
        assert_eq!((www.max_retries, www.hop_timeout), (2, Duration::from_secs(5)));
        assert_eq!((www.user_agent.as_deref(), www.max_body_wire), (Some("own/1"), 1 << 20));
        assert_eq!(www.accept, [403]);
        assert_eq!(at("www.acme.net:8443").accept, [200, 201, 202, 203, 204]);
        assert_eq!(at("www.acme.net:8443").max_retries, 2);
    }

    #[test]
    fn nothing_is_kept_where_credentials_are_sent() {
        let config = config(
            "[[host]]\nmatch = \"*.acme.net\"\nheaders = { Authorization = \"env:TOKEN\" }\n\
             [[host]]\nmatch = \"docs.acme.net\"\nbodies = \"full\"\n",
        );
        let kept = |host| HostSettings::bodies_of(&config.hosts, host, BodyRetention::Full);
        assert_eq!(kept("docs.acme.net"), BodyRetention::None);
        assert_eq!(kept("acme.org"), BodyRetention::Full);
    }
}
