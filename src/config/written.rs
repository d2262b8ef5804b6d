//! The written form of `linkdrift.toml`: its tables and keys as serde reads them, before anything is checked.

use std::collections::BTreeMap;
use std::fmt;
use std::time::Duration;

use serde::Deserialize;
use serde::de::{self, Deserializer, Visitor};
use toml::Spanned;

use super::host_table::WrittenRow;
use super::term_table::Renamed;
use super::{BodyRetention, Encryption, Probes, RobotsPolicy, Severity, Shape, value};

/// A value with the bytes it was written in.
pub(super) type At<T> = Option<Spanned<T>>;

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct File {
    pub(super) state: State,
    pub(super) source: Vec<Spanned<Source>>,
    pub(super) scope: Scope,
    pub(super) visit: Visit,
    pub(super) host: Vec<Host>,
    pub(super) rules: BTreeMap<Spanned<String>, Rule>,
    pub(super) ignore: Vec<Spanned<Ignore>>,
    pub(super) confirm: Confirm,
    pub(super) recheck: Recheck,
    pub(super) retention: Retention,
    pub(super) known: Vec<Spanned<WrittenRow>>,
    pub(super) notify: Vec<Spanned<Notify>>,
    pub(super) metrics: Metrics,
    pub(super) renamed: Vec<Spanned<Renamed>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct State {
    pub(super) path: At<String>,
    pub(super) bodies: Option<BodyRetention>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Source {
    pub(super) name: Spanned<String>,
    pub(super) path: At<String>,
    pub(super) git: At<String>,
    pub(super) branch: At<String>,
    pub(super) folder: At<String>,
    pub(super) files: Option<Vec<Spanned<String>>>,
    pub(super) exclude_paths: Option<Vec<Spanned<String>>>,
    pub(super) base_url: At<String>,
    pub(super) locale: At<String>,
    pub(super) group: At<String>,
    pub(super) date_key: At<String>,
    pub(super) code: Option<bool>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct Scope {
    pub(super) include: Vec<Spanned<String>>,
    pub(super) exclude: Vec<Spanned<String>>,
    pub(super) remap: Vec<Spanned<String>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct Visit {
    pub(super) user_agent_contact: At<String>,
    pub(super) user_agent: At<String>,
    pub(super) max_concurrency: At<u64>,
    pub(super) host_concurrency: At<u64>,
    pub(super) host_rate: At<Rate>,
    pub(super) host_start_concurrency: At<u64>,
    pub(super) host_start_rate: At<Rate>,
    pub(super) host_floor_rate: At<Rate>,
    pub(super) connect_timeout: At<Span>,
    pub(super) first_byte_timeout: At<Span>,
    pub(super) idle_timeout: At<Span>,
    pub(super) hop_timeout: At<Span>,
    pub(super) target_timeout: At<Span>,
    pub(super) max_redirects: At<u64>,
    pub(super) max_retries: At<u64>,
    pub(super) backoff_first: At<Span>,
    pub(super) backoff_longest: At<Span>,
    pub(super) second_pass_after: At<Span>,
    pub(super) max_body_wire: At<Size>,
    pub(super) max_body_decoded: At<Size>,
    pub(super) max_body_in_flight: At<Size>,
    pub(super) max_headers: At<Size>,
    pub(super) max_wait: At<Span>,
    pub(super) accept_language: At<String>,
    pub(super) headers: BTreeMap<Spanned<String>, Spanned<String>>,
    pub(super) accept: Vec<Spanned<Statuses>>,
    pub(super) resolve: Vec<Spanned<String>>,
    pub(super) ca_files: Vec<Spanned<String>>,
    pub(super) allow_private: Vec<Spanned<String>>,
    pub(super) proxy: At<String>,
    pub(super) robots: Option<RobotsPolicy>,
    pub(super) probes: Option<Probes>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Host {
    pub(super) r#match: Spanned<String>,
    pub(super) concurrency: At<u64>,
    pub(super) rate: At<Rate>,
    pub(super) connect_timeout: At<Span>,
    pub(super) first_byte_timeout: At<Span>,
    pub(super) idle_timeout: At<Span>,
    pub(super) hop_timeout: At<Span>,
    pub(super) target_timeout: At<Span>,
    pub(super) max_redirects: At<u64>,
    pub(super) max_retries: At<u64>,
    pub(super) max_wait: At<Span>,
    pub(super) max_body_wire: At<Size>,
    pub(super) max_body_decoded: At<Size>,
    pub(super) user_agent: At<String>,
    pub(super) accept_language: At<String>,
    #[serde(default)]
    pub(super) headers: BTreeMap<Spanned<String>, Spanned<String>>,
    pub(super) accept: Option<Vec<Spanned<Statuses>>>,
    pub(super) robots: Option<RobotsPolicy>,
    pub(super) probes: Option<Probes>,
    pub(super) bodies: Option<BodyRetention>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Rule {
    pub(super) severity: Option<RuleSeverity>,
    pub(super) days: At<u64>,
}

#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum RuleSeverity {
    Off,
    Info,
    Warning,
    Error,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Ignore {
    pub(super) url: At<String>,
    pub(super) entry: At<String>,
    pub(super) rule: At<String>,
    pub(super) reason: Spanned<String>,
    pub(super) until: At<toml::value::Datetime>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct Confirm {
    pub(super) definitive_visits: At<u64>,
    pub(super) definitive_span: At<Span>,
    pub(super) transient_visits: At<u64>,
    pub(super) transient_span: At<Span>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Notify {
    pub(super) name: Spanned<String>,
    pub(super) webhook: At<String>,
    pub(super) shape: Option<Shape>,
    pub(super) token: At<String>,
    pub(super) mail: At<Vec<Spanned<String>>>,
    pub(super) from: At<String>,
    pub(super) smtp: At<String>,
    pub(super) encryption: Option<Encryption>,
    pub(super) user: At<String>,
    pub(super) password: At<String>,
    pub(super) severity: Option<Severity>,
    #[serde(default)]
    pub(super) rules: Vec<Spanned<String>>,
    #[serde(default)]
    pub(super) sources: Vec<Spanned<String>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct Recheck {
    pub(super) min: At<Span>,
    pub(super) max: At<Span>,
    pub(super) max_visits: At<u64>,
    pub(super) max_visits_per_host: At<u64>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct Metrics {
    pub(super) listen: At<String>,
    pub(super) remote: bool,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct Retention {
    pub(super) bodies: At<Span>,
    pub(super) snapshots: At<Span>,
    pub(super) snapshots_per_target: At<u64>,
    pub(super) history: At<Span>,
    pub(super) backups: At<u64>,
}

impl RuleSeverity {
    /// `None` for `off`.
    pub(super) fn severity(self) -> Option<Severity> {
        match self {
            Self::Off => None,
            Self::Info => Some(Severity::Info),
            Self::Warning => Some(Severity::Warning),
            Self::Error => Some(Severity::Error),
        }
    }
}

/// A duration, such as `"10s"`.
#[derive(Debug, Clone, Copy)]
pub(super) struct Span(pub(super) Duration);

/// A rate, such as `"10/s"`, as the shortest time between two requests.
#[derive(Debug, Clone, Copy)]
pub(super) struct Rate(pub(super) Duration);

/// A size in bytes: a number, or a text such as `"4 MiB"`.
#[derive(Debug, Clone, Copy)]
pub(super) struct Size(pub(super) u64);

/// One status code, or a text with ranges.
#[derive(Debug, Clone)]
pub(super) struct Statuses(pub(super) Vec<u16>);

/// Reads a text or a whole number; anything else is not what is expected.
struct Notation<T> {
    expecting: &'static str,
    text: fn(&str) -> Result<T, String>,
    number: fn(i64) -> Result<T, String>,
}

impl<T> Visitor<'_> for Notation<T> {
    type Value = T;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.expecting)
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<T, E> {
        (self.text)(text).map_err(E::custom)
    }

    fn visit_i64<E: de::Error>(self, number: i64) -> Result<T, E> {
        (self.number)(number).map_err(E::custom)
    }

    fn visit_u64<E: de::Error>(self, number: u64) -> Result<T, E> {
        (self.number)(i64::try_from(number).unwrap_or(i64::MAX)).map_err(E::custom)
    }
}

impl<'de> Deserialize<'de> for Span {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        from.deserialize_any(Notation {
            expecting: "a duration such as \"10s\"",
            text: |text| value::duration(text).map(Self),
            number: |number| Err(format!("a duration needs a unit: write \"{number}s\" or \"{number}ms\"")),
        })
    }
}

impl<'de> Deserialize<'de> for Rate {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        from.deserialize_any(Notation {
            expecting: "a rate such as \"10/s\"",
            text: |text| value::rate(text).map(Self),
            number: |number| {
                Err(format!("a rate needs a span of time: write \"{number}/s\" or \"{number}/m\""))
            },
        })
    }
}

impl<'de> Deserialize<'de> for Size {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        from.deserialize_any(Notation {
            expecting: "a size such as \"4 MiB\" or a number of bytes",
            text: |text| value::size(text).map(Self),
            number: |number| {
                u64::try_from(number).map(Self).map_err(|_| format!("a size of {number} is negative"))
            },
        })
    }
}

impl<'de> Deserialize<'de> for Statuses {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        from.deserialize_any(Notation {
            expecting: "a status code or a range such as \"200..=204\"",
            text: |text| value::accepted_statuses(text).map(Self),
            number: |number| value::accepted_statuses(&number.to_string()).map(Self),
        })
    }
}
