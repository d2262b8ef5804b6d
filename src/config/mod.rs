//! `linkdrift.toml` and `schedules/*.toml` in checked form: what the rest of the program sees. The written form and its
//! errors with file, line and column live beside it.

mod check;
pub mod cron;
mod cron_fields;
mod error;
mod git;
mod host_limits;
mod host_rows;
mod host_settings;
pub mod host_table;
mod known;
mod known_rows;
mod load;
mod notify;
mod paths;
mod recheck;
mod retention;
pub mod schedule;
mod secret;
pub mod term_table;
mod toml_error;
pub mod value;
mod written;

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use ipnet::IpNet;
use url::Url;

use crate::time::Timestamp;

pub use check::{glob, header_value, in_words, remap, url_regex};
pub use cron::Cron;
pub use error::{ConfigError, Problem};
pub use git::GitSource;
pub use host_settings::{HostSettings, SecretHeader, SecretSource};
pub use host_table::HostTable;
pub use known::{DEFAULT_DATE_KEY, DEFAULT_FILES, REPORT_FORMATS, RULE_IDS};
pub use load::{FILE_NAME, MAX_FILE, find, load, load_for_service, parse};
pub use notify::{Encryption, MailSettings, NotifySettings, Recipient, Shape, WebhookSettings, WebhookUrl};
pub use paths::check_state_path;
pub use recheck::RecheckSettings;
pub use retention::RetentionSettings;
pub use schedule::{Missed, ReportFiles, Schedule, Task, load_dir};
pub use secret::Secret;
pub use term_table::TermTable;

/// Everything that configuration decides, with flags and environment already merged in.
#[derive(Debug, Clone)]
pub struct Config {
    /// The file it was read from; `None` where the defaults apply.
    pub file: Option<PathBuf>,
    /// The folder that relative paths start from.
    pub root: PathBuf,
    /// Where and how state is kept.
    pub state: StateSettings,
    /// The trees of entries.
    pub sources: Vec<SourceSettings>,
    /// Which URLs are targets.
    pub scope: ScopeSettings,
    /// How targets are visited.
    pub visit: VisitSettings,
    /// What differs for some hosts; the first match of the most exact pattern counts.
    pub hosts: Vec<HostSettings>,
    /// What differs for some rules, by rule id.
    pub rules: BTreeMap<String, RuleSettings>,
    /// Findings that were looked at and are not wanted.
    pub ignores: Vec<Ignore>,
    /// When a failure counts as confirmed.
    pub confirm: ConfirmSettings,
    /// How soon schedules visit a target again.
    pub recheck: RecheckSettings,
    /// What `prune` leaves in the state.
    pub retention: RetentionSettings,
    /// What is known of some hosts: shipped, and extended by configuration.
    pub host_table: HostTable,
    /// Who is told of findings.
    pub notify: Vec<NotifySettings>,
    /// Where the service shows metrics and its health, if anywhere.
    pub metrics: Option<SocketAddr>,
    /// What products were called: shipped, and extended by configuration.
    pub term_table: TermTable,
}

/// `[state]`.
#[derive(Debug, Clone)]
pub struct StateSettings {
    /// The SQLite file; absolute.
    pub path: PathBuf,
    /// How much of other people's pages is kept.
    pub bodies: BodyRetention,
}

/// How much of a page a snapshot keeps.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum BodyRetention {
    /// The bounded, compressed body and the readable content.
    #[default]
    Full,
    /// The readable content alone.
    Text,
    /// Hashes alone: changes are seen, not shown.
    None,
}

/// `[[source]]`.
#[derive(Debug, Clone)]
pub struct SourceSettings {
    /// Unique name, as in every report.
    pub name: String,
    /// The folder; absolute. Of a source in git, the folder in its working tree.
    pub path: PathBuf,
    /// Where it is fetched from, where it is in git.
    pub git: Option<GitSource>,
    /// Globs relative to `path` that choose entries.
    pub files: Vec<String>,
    /// Globs relative to `path` that take entries away again.
    pub exclude_paths: Vec<String>,
    /// What root-relative links resolve against.
    pub base_url: Option<Url>,
    /// BCP 47 tag such as `ro-RO`.
    pub locale: Option<String>,
    /// Sources of one group are translations of each other.
    pub group: Option<String>,
    /// The front-matter key that carries the entry's own date.
    pub date_key: String,
    /// Whether URLs in code and in HTML comments are references too.
    pub code: bool,
}

/// Which URLs are visited.
#[derive(Debug, Clone, Default)]
pub struct ScopeSettings {
    /// URL regexes; where there are any, a target must match one.
    pub include: Vec<regex::Regex>,
    /// URL regexes that are never visited.
    pub exclude: Vec<regex::Regex>,
    /// Regex and replacement, applied to a URL before anything else.
    pub remap: Vec<(regex::Regex, String)>,
}

/// `[visit]`. The defaults are those of SPEC §7.
#[derive(Debug, Clone)]
pub struct VisitSettings {
    /// A mail address or URL that sites find in the User-Agent.
    pub user_agent_contact: Option<String>,
    /// The whole User-Agent, where it was given.
    pub user_agent: Option<String>,
    /// Requests at once, in all.
    pub max_concurrency: usize,
    /// The limits of a host that no `[[host]]` names.
    pub host: HostLimits,
    /// Connect, TLS included.
    pub connect_timeout: Duration,
    /// From the request's end to the first byte of the answer.
    pub first_byte_timeout: Duration,
    /// Between two pieces of a body.
    pub idle_timeout: Duration,
    /// One hop in all.
    pub hop_timeout: Duration,
    /// One target in all, waiting for hosts not counted.
    pub target_timeout: Duration,
    /// Redirects followed.
    pub max_redirects: usize,
    /// Repeats after a passing fault.
    pub max_retries: u32,
    /// First and longest wait between repeats (full jitter).
    pub backoff: (Duration, Duration),
    /// How long after the first pass the second begins.
    pub second_pass_after: Duration,
    /// Bytes of a body on the wire, decoded, and of all bodies in flight.
    pub max_body_wire: u64,
    /// See `max_body_wire`.
    pub max_body_decoded: u64,
    /// See `max_body_wire`.
    pub max_body_in_flight: u64,
    /// Bytes of an answer's headers.
    pub max_headers: usize,
    /// The longest `Retry-After` that is waited for.
    pub max_wait: Duration,
    /// `Accept-Language`.
    pub accept_language: Option<String>,
    /// Extra request headers, never credentials.
    pub headers: Vec<(String, String)>,
    /// Status codes that count as well beside 2xx.
    pub accept: Vec<u16>,
    /// `HOST:PORT:ADDRESS:PORT` mappings.
    pub resolve: Vec<ResolveRule>,
    /// PEM files with further certificate authorities.
    pub ca_files: Vec<PathBuf>,
    /// What the guard opens.
    pub allow_private: Vec<AllowPrivate>,
    /// The proxy, if any.
    pub proxy: ProxySettings,
    /// What robots.txt decides.
    pub robots: RobotsPolicy,
    /// Whether hosts are asked what no entry asks for.
    pub probes: Probes,
    /// Headers whose values are secrets; only rows of `[[host]]` have them.
    pub secrets: Vec<SecretHeader>,
}

/// Whether hosts are asked what no entry asks for, to tell a page that is there from one that only seems to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Probes {
    /// Where a visit leaves the question, once for a long time.
    #[default]
    On,
    /// Never.
    Off,
}

/// What robots.txt (RFC 9309) decides.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum RobotsPolicy {
    /// Whose text is kept. The visit itself is made: it is one request for a URL that an author published.
    #[default]
    Snapshots,
    /// What is requested at all.
    All,
    /// Nothing; it is not asked for.
    Off,
}

/// What one host bears. A run begins at the start, moves towards the ceiling while the host answers fast, and halves towards the floor
/// when it has too much to do. The ceiling is never exceeded.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct HostLimits {
    /// Requests at once at most.
    pub concurrency: usize,
    /// Requests at once in the beginning; more than `concurrency` counts as that.
    pub start_concurrency: usize,
    /// The ceiling of the rate: the shortest time between the starts of two requests.
    pub interval: Duration,
    /// That time in the beginning; shorter than `interval` counts as that.
    pub start_interval: Duration,
    /// The floor of the rate: the longest that time becomes, whatever the host says.
    pub floor_interval: Duration,
}

/// A host name or a wildcard over host names.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct HostPattern(String);

/// One `--resolve`: requests for `host` at `port` connect to `to`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ResolveRule {
    /// A host name, or `None` for `*` (any name, never an address literal).
    pub host: Option<String>,
    /// The port of the URL.
    pub port: u16,
    /// Where the connection goes instead.
    pub to: SocketAddr,
}

/// One `--allow-private`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AllowPrivate {
    /// A range of addresses.
    Range(IpNet),
    /// A host name, whatever it resolves to.
    Host(String),
}

/// `proxy`.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum ProxySettings {
    /// No proxy; set variables are mentioned once.
    #[default]
    None,
    /// What the environment says.
    Env,
    /// This one.
    Url(Url),
}

/// How much a finding matters; `error` gates CI by default.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// Worth knowing.
    Info,
    /// Worth mending.
    Warning,
    /// Wrong.
    Error,
}

/// `[rules]`: one rule's settings.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct RuleSettings {
    /// `severity = "off"`.
    pub off: bool,
    /// In place of the rule's own severity.
    pub severity: Option<Severity>,
    /// `days`, for rules that count days.
    pub days: Option<u32>,
}

/// `[[ignore]]`.
#[derive(Debug, Clone)]
pub struct Ignore {
    /// A glob over URLs.
    pub url: Option<globset::GlobMatcher>,
    /// A glob over entries.
    pub entry: Option<globset::GlobMatcher>,
    /// A rule id.
    pub rule: Option<String>,
    /// Why; required.
    pub reason: String,
    /// After it the finding is back.
    pub until: Option<Timestamp>,
}

impl Ignore {
    /// Whether it still holds.
    pub fn in_force(&self, now: Timestamp) -> bool {
        self.until.is_none_or(|until| now < until)
    }

    /// As it is written, for the reader: what it is about, and why.
    pub fn words(&self) -> String {
        let glob = |glob: &globset::GlobMatcher| glob.glob().glob().to_owned();
        let conditions = [
            ("url", self.url.as_ref().map(glob)),
            ("entry", self.entry.as_ref().map(glob)),
            ("rule", self.rule.clone()),
        ];
        let conditions: Vec<String> =
            conditions.into_iter().filter_map(|(key, value)| Some(format!("{key} {:?}", value?))).collect();
        format!("{} ({})", conditions.join(", "), self.reason)
    }
}

/// When a failure of a target that was well before counts (SPEC §3).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ConfirmSettings {
    /// Visits that must agree on a definitive failure.
    pub definitive_visits: u32,
    /// The least time between the first and the last of them.
    pub definitive_span: Duration,
    /// Visits that must agree on a transient failure.
    pub transient_visits: u32,
    /// The least time between the first and the last of them.
    pub transient_span: Duration,
}

impl Default for ConfirmSettings {
    fn default() -> Self {
        Self {
            definitive_visits: 2,
            definitive_span: Duration::from_secs(3600),
            transient_visits: 3,
            transient_span: Duration::from_secs(3 * 86_400),
        }
    }
}

impl Default for VisitSettings {
    fn default() -> Self {
        Self {
            user_agent_contact: None,
            user_agent: None,
            max_concurrency: 64,
            host: HostLimits::default(),
            robots: RobotsPolicy::default(),
            connect_timeout: Duration::from_secs(10),
            first_byte_timeout: Duration::from_secs(20),
            idle_timeout: Duration::from_secs(10),
            hop_timeout: Duration::from_secs(60),
            target_timeout: Duration::from_secs(120),
            max_redirects: 10,
            max_retries: 3,
            backoff: (Duration::from_secs(1), Duration::from_secs(30)),
            second_pass_after: Duration::from_secs(5),
            max_body_wire: 4 << 20,
            max_body_decoded: 8 << 20,
            max_body_in_flight: 64 << 20,
            max_headers: 64 << 10,
            max_wait: Duration::from_secs(60),
            accept_language: None,
            headers: Vec::new(),
            accept: Vec::new(),
            resolve: Vec::new(),
            ca_files: Vec::new(),
            allow_private: Vec::new(),
            proxy: ProxySettings::None,
            probes: Probes::default(),
            secrets: Vec::new(),
        }
    }
}

impl Default for HostLimits {
    /// 4 requests/s and 4 at once in the beginning, so that answers of up to a second do not slow it; at most 20/s and 8 at once; at
    /// least 1 in 10 s.
    fn default() -> Self {
        Self {
            concurrency: 8,
            start_concurrency: 4,
            interval: Duration::from_millis(50),
            start_interval: Duration::from_millis(250),
            floor_interval: Duration::from_secs(10),
        }
    }
}

impl HostLimits {
    /// With `concurrency` as ceiling and start.
    pub fn with_concurrency(self, concurrency: usize) -> Self {
        Self { concurrency, start_concurrency: concurrency, ..self }
    }

    /// With `interval` as ceiling and start; the floor is never above it.
    pub fn with_interval(self, interval: Duration) -> Self {
        let floor_interval = self.floor_interval.max(interval);
        Self { interval, start_interval: interval, floor_interval, ..self }
    }
}

impl Config {
    /// How a host (`name` or `name:port`) is visited.
    pub fn visit_at(&self, host: &str) -> std::borrow::Cow<'_, VisitSettings> {
        self.visit.at(&self.hosts, host)
    }
}

impl VisitSettings {
    /// The defaults of the service, which has more patience than a check (SPEC §7).
    pub fn of_service() -> Self {
        Self { max_wait: Duration::from_secs(86_400), ..Self::default() }
    }
}

impl HostPattern {
    /// Takes `name`, `*.name` or `*`; `None` for anything else.
    pub fn parse(text: &str) -> Option<Self> {
        let name = text.strip_prefix("*.").unwrap_or(text);
        let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '.' | '_' | ':' | '[' | ']');
        (text == "*" || (!name.is_empty() && name.chars().all(plain)))
            .then(|| Self(text.to_ascii_lowercase()))
    }

    /// Whether `host` (lower case, as in a canonical URL) is meant.
    pub fn matches(&self, host: &str) -> bool {
        match self.0.strip_prefix("*.") {
            Some(rest) => {
                host.strip_suffix(rest).is_some_and(|before| before.is_empty() || before.ends_with('.'))
            }
            None => self.0 == "*" || self.0 == host,
        }
    }

    /// As written, in lower case.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}
