//! Written form → checked form: every value once, at the edge; all problems of a file at once.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Duration;

use chrono::{NaiveDate, TimeZone, Utc};
use globset::{GlobBuilder, GlobMatcher};
use regex::{Regex, RegexBuilder};
use toml::Spanned;

use super::error::{Origin, Problem, nearest};
use super::written::{self, At, Size, Span};
use super::{
    Config, ConfirmSettings, DEFAULT_DATE_KEY, DEFAULT_FILES, HostPattern, Ignore, RULE_IDS, RuleSettings,
    ScopeSettings, SourceSettings, StateSettings, VisitSettings, git, value,
};
use crate::time::Timestamp;

pub(super) const DAY: Duration = Duration::from_secs(86_400);
pub(super) const MS: Duration = Duration::from_millis(1);

/// Collects what is wrong while values are taken over.
pub(super) struct Checker<'a> {
    pub(super) origin: &'a Origin,
    root: &'a Path,
    pub(super) problems: Vec<Problem>,
}

impl<'a> Checker<'a> {
    pub(super) fn new(origin: &'a Origin, root: &'a Path) -> Self {
        Self { origin, root, problems: Vec::new() }
    }

    /// Takes over a whole file onto the defaults. The value counts only where `problems` is empty afterwards.
    pub(super) fn config(&mut self, file: written::File, mut config: Config) -> Config {
        self.state(file.state, &mut config.state);
        config.sources = self.sources(file.source, &config.state.path);
        config.scope = self.scope(file.scope);
        self.visit(file.visit, &mut config.visit);
        config.hosts = file.host.into_iter().filter_map(|host| super::host_rows::read(self, host)).collect();
        config.rules = self.rules(file.rules);
        config.ignores = file.ignore.into_iter().filter_map(|ignore| self.ignore(ignore)).collect();
        self.confirm(file.confirm, &mut config.confirm);
        super::recheck::read(self, &file.recheck, &mut config.recheck);
        super::retention::read(self, &file.retention, &mut config.retention);
        super::known_rows::extend(self, &mut config.host_table, file.known);
        let names: Vec<String> = config.sources.iter().map(|source| source.name.clone()).collect();
        config.notify = self.notify(file.notify, &names);
        let remote = file.metrics.remote;
        config.metrics = self.read(&file.metrics.listen, |text| super::notify::listen(text, remote));
        super::term_table::extend(self, &mut config.term_table, file.renamed);
        config
    }

    fn state(&mut self, written: written::State, state: &mut StateSettings) {
        state.bodies = written.bodies.unwrap_or_default();
        let Some(path) = written.path else { return };
        if let Err(why) = super::paths::state_path(path.get_ref()) {
            return self.wrong(&path, why);
        }
        if let Some(path) = self.path(&path) {
            state.path = path;
        }
    }

    fn sources(&mut self, written: Vec<Spanned<written::Source>>, state: &Path) -> Vec<SourceSettings> {
        let mut names: BTreeMap<String, ()> = BTreeMap::new();
        let mut sources = Vec::new();
        for source in written {
            let table = source.span();
            let source = source.into_inner();
            let name = source.name.get_ref().clone();
            if name.trim().is_empty() || name.trim() != name || name.len() > 100 || has_control(&name) {
                self.wrong(
                    &source.name,
                    "a source's name is 1 to 100 characters without space around it".into(),
                );
            } else if names.insert(name.clone(), ()).is_some() {
                self.wrong(&source.name, format!("two sources are named `{name}`"));
            }
            let git = git::read(self, &source, state);
            let path = match (&source.path, &git) {
                (Some(path), None) => self.path(path),
                (_, Some(git)) => Some(git.entries()),
                (None, None) if source.git.is_none() => {
                    let message = format!("source `{name}` has no `path`");
                    self.problems.push(self.origin.problem(
                        table,
                        message,
                        Some("for example path = \"content\"".into()),
                    ));
                    None
                }
                (None, None) => None,
            };
            let files = match source.files {
                Some(files) if files.is_empty() => {
                    let message = format!("`files` of source `{name}` is empty: no file would be an entry");
                    self.problems.push(self.origin.problem(source.name.span(), message, None));
                    Vec::new()
                }
                Some(files) => self.globs(files),
                None => DEFAULT_FILES.iter().map(|&glob| glob.to_owned()).collect(),
            };
            sources.push(SourceSettings {
                name,
                path: path.unwrap_or_default(),
                git,
                files,
                exclude_paths: self.globs(source.exclude_paths.unwrap_or_default()),
                base_url: self.read(&source.base_url, base_url),
                locale: self.read(&source.locale, locale),
                group: self.read(&source.group, line),
                date_key: self.read(&source.date_key, line).unwrap_or_else(|| DEFAULT_DATE_KEY.to_owned()),
                code: source.code.unwrap_or_default(),
            });
        }
        sources
    }

    fn scope(&mut self, written: written::Scope) -> ScopeSettings {
        ScopeSettings {
            include: self.each(written.include, url_regex),
            exclude: self.each(written.exclude, url_regex),
            remap: self.each(written.remap, remap),
        }
    }

    fn visit(&mut self, written: written::Visit, visit: &mut VisitSettings) {
        super::host_limits::read(self, &written, &mut visit.host);
        visit.robots = written.robots.unwrap_or_default();
        visit.probes = written.probes.unwrap_or_default();
        self.count(&written.max_concurrency, "max_concurrency", 1, 4096, &mut visit.max_concurrency);
        for (written, key, value) in [
            (&written.connect_timeout, "connect_timeout", &mut visit.connect_timeout),
            (&written.first_byte_timeout, "first_byte_timeout", &mut visit.first_byte_timeout),
            (&written.idle_timeout, "idle_timeout", &mut visit.idle_timeout),
            (&written.hop_timeout, "hop_timeout", &mut visit.hop_timeout),
            (&written.target_timeout, "target_timeout", &mut visit.target_timeout),
        ] {
            self.span(written, key, 10 * MS, DAY, value);
        }
        self.count(&written.max_redirects, "max_redirects", 0, 100, &mut visit.max_redirects);
        let mut retries = visit.max_retries as usize;
        self.count(&written.max_retries, "max_retries", 0, 20, &mut retries);
        visit.max_retries = u32::try_from(retries).unwrap_or(u32::MAX);
        self.span(&written.backoff_first, "backoff_first", MS, DAY, &mut visit.backoff.0);
        self.span(&written.backoff_longest, "backoff_longest", MS, DAY, &mut visit.backoff.1);
        if visit.backoff.0 > visit.backoff.1
            && let Some(at) = written.backoff_first.as_ref().or(written.backoff_longest.as_ref())
        {
            self.wrong(at, "`backoff_first` is longer than `backoff_longest`".into());
        }
        self.span(
            &written.second_pass_after,
            "second_pass_after",
            Duration::ZERO,
            DAY,
            &mut visit.second_pass_after,
        );
        self.size(&written.max_body_wire, "max_body_wire", &mut visit.max_body_wire);
        self.size(&written.max_body_decoded, "max_body_decoded", &mut visit.max_body_decoded);
        self.size(&written.max_body_in_flight, "max_body_in_flight", &mut visit.max_body_in_flight);
        let mut headers = visit.max_headers as u64;
        self.size(&written.max_headers, "max_headers", &mut headers);
        visit.max_headers = usize::try_from(headers).unwrap_or(usize::MAX);
        self.span(&written.max_wait, "max_wait", Duration::ZERO, 30 * DAY, &mut visit.max_wait);
        visit.user_agent_contact = self.read(&written.user_agent_contact, header_value);
        visit.user_agent = self.read(&written.user_agent, header_value);
        visit.accept_language = self.read(&written.accept_language, header_value);
        for (name, text) in written.headers {
            match value::header_parts(name.get_ref(), text.get_ref()) {
                Ok(header) => visit.headers.push(header),
                Err(why) => self.wrong_secret(&name, why),
            }
        }
        for statuses in written.accept {
            visit.accept.extend(statuses.into_inner().0);
        }
        visit.resolve = self.each(written.resolve, value::resolve_rule);
        visit.ca_files = written.ca_files.iter().filter_map(|path| self.path(path)).collect();
        visit.allow_private = self.each(written.allow_private, value::allow_private);
        if let Some(proxy) = &written.proxy {
            match value::proxy(proxy.get_ref()) {
                Ok(proxy) => visit.proxy = proxy,
                Err(why) => self.wrong_secret(proxy, why),
            }
        }
    }

    /// `name`, `*.name` or `*`, with names brought into the form of canonical URLs.
    pub(super) fn host_pattern(&mut self, written: &Spanned<String>) -> Option<HostPattern> {
        let text = written.get_ref();
        let (star, name) = match text.strip_prefix("*.") {
            Some(name) => ("*.", name),
            None => ("", text.as_str()),
        };
        let (name, port) = match name.rsplit_once(':') {
            Some((name, port)) if !name.contains(':') || name.ends_with(']') => (name, format!(":{port}")),
            _ => (name, String::new()),
        };
        let pattern = match name {
            "*" if star.is_empty() => HostPattern::parse("*"),
            _ => value::host_name(name)
                .ok()
                .and_then(|host| HostPattern::parse(&format!("{star}{host}{port}"))),
        };
        if pattern.is_none() {
            let message =
                format!("`{text}` is no host: write \"docs.example.org\", \"*.example.org\" or \"*\"");
            self.wrong(written, message);
        }
        pattern
    }

    fn rules(&mut self, written: BTreeMap<Spanned<String>, written::Rule>) -> BTreeMap<String, RuleSettings> {
        let mut rules = BTreeMap::new();
        for (id, rule) in written {
            self.rule_id(&id);
            let mut days = 0;
            self.count(&rule.days, "days", 1, 36_500, &mut days);
            let settings = RuleSettings {
                off: rule.severity.is_some_and(|severity| severity.severity().is_none()),
                severity: rule.severity.and_then(written::RuleSeverity::severity),
                days: rule.days.map(|_| u32::try_from(days).unwrap_or(u32::MAX)),
            };
            rules.insert(id.into_inner(), settings);
        }
        rules
    }

    /// Says where there is no rule of that name.
    pub(super) fn rule_id(&mut self, id: &Spanned<String>) {
        let text = id.get_ref();
        if RULE_IDS.contains(&text.as_str()) {
            return;
        }
        let group = text.split('/').next().unwrap_or_default();
        let same_group: Vec<&str> =
            RULE_IDS.iter().copied().filter(|id| id.split('/').next() == Some(group)).collect();
        let help = match nearest(text, RULE_IDS.iter().copied()) {
            Some(id) => format!("did you mean `{id}`?"),
            None if !same_group.is_empty() => format!("known: {}", same_group.join(", ")),
            None => format!("known: {}", RULE_IDS.join(", ")),
        };
        self.wrong_help(id, format!("unknown rule `{text}`"), help);
    }

    fn ignore(&mut self, written: Spanned<written::Ignore>) -> Option<Ignore> {
        let table = written.span();
        let written = written.into_inner();
        if written.url.is_none() && written.entry.is_none() && written.rule.is_none() {
            let message = "an [[ignore]] without `url`, `entry` or `rule` would silence everything";
            self.problems.push(self.origin.problem(
                table,
                message,
                Some("say which findings are meant".into()),
            ));
        }
        if let Some(rule) = &written.rule {
            self.rule_id(rule);
        }
        if written.reason.get_ref().trim().is_empty() {
            self.wrong(&written.reason, "a reason must say why".into());
        }
        Some(Ignore {
            url: self.read(&written.url, matcher),
            entry: self.read(&written.entry, |text| glob(text).and_then(|()| matcher(text))),
            rule: written.rule.map(Spanned::into_inner),
            reason: super::error::clean(written.reason.get_ref().trim()),
            until: written.until.and_then(|until| match instant(until.get_ref()) {
                Some(instant) => Some(instant),
                None => {
                    self.wrong(&until, "`until` is a date such as 2027-06-30".into());
                    None
                }
            }),
        })
    }

    fn confirm(&mut self, written: written::Confirm, confirm: &mut ConfirmSettings) {
        for (written, key, value) in [
            (&written.definitive_visits, "definitive_visits", &mut confirm.definitive_visits),
            (&written.transient_visits, "transient_visits", &mut confirm.transient_visits),
        ] {
            let mut visits = *value as usize;
            self.count(written, key, 1, 100, &mut visits);
            *value = u32::try_from(visits).unwrap_or(u32::MAX);
        }
        let (definitive, transient) = (&mut confirm.definitive_span, &mut confirm.transient_span);
        self.span(&written.definitive_span, "definitive_span", Duration::ZERO, 365 * DAY, definitive);
        self.span(&written.transient_span, "transient_span", Duration::ZERO, 365 * DAY, transient);
    }

    /// Says that a value is wrong.
    pub(super) fn wrong<T>(&mut self, at: &Spanned<T>, message: String) {
        self.problems.push(self.origin.problem(at.span(), message, None));
    }

    /// Says that a value is wrong, and what to do.
    pub(super) fn wrong_help<T>(&mut self, at: &Spanned<T>, message: String, help: String) {
        self.problems.push(self.origin.problem(at.span(), message, Some(help)));
    }

    /// Says that something in a stretch of the file is wrong, and what to do.
    pub(super) fn wrong_at(&mut self, span: std::ops::Range<usize>, message: String, help: &str) {
        self.problems.push(self.origin.problem(span, message, Some(help.to_owned())));
    }

    /// As [`Checker::wrong_at`], without the line: it may hold a secret.
    pub(super) fn problem_without_line(&mut self, span: std::ops::Range<usize>, message: &str, help: &str) {
        self.problems.push(self.origin.problem(span, message, Some(help.to_owned())).without_line());
    }

    /// The folder that relative paths start from.
    pub(super) fn root(&self) -> &Path {
        self.root
    }

    /// Says that a value is wrong without showing its line, which may hold a secret.
    pub(super) fn wrong_secret<T>(&mut self, at: &Spanned<T>, message: String) {
        self.problems.push(self.origin.problem(at.span(), message, None).without_line());
    }

    /// Reads a value that may be absent.
    pub(super) fn read<T>(&mut self, at: &At<String>, read: impl Fn(&str) -> Result<T, String>) -> Option<T> {
        let at = at.as_ref()?;
        match read(at.get_ref()) {
            Ok(value) => Some(value),
            Err(why) => {
                self.wrong(at, why);
                None
            }
        }
    }

    fn each<T>(&mut self, list: Vec<Spanned<String>>, read: impl Fn(&str) -> Result<T, String>) -> Vec<T> {
        list.into_iter().filter_map(|at| self.read(&Some(at), &read)).collect()
    }

    fn globs(&mut self, list: Vec<Spanned<String>>) -> Vec<String> {
        self.each(list, |text| glob(text).map(|()| text.to_owned()))
    }

    pub(super) fn path(&mut self, at: &Spanned<String>) -> Option<PathBuf> {
        let root = self.root;
        self.read(&Some(at.clone()), |text| super::paths::absolute(root, text))
    }

    /// Takes over a count within its bounds.
    pub(super) fn count(&mut self, at: &At<u64>, key: &str, least: u64, most: u64, value: &mut usize) {
        let Some(at) = at else { return };
        let count = *at.get_ref();
        if (least..=most).contains(&count) {
            *value = usize::try_from(count).unwrap_or(usize::MAX);
        } else {
            self.wrong(at, format!("`{key}` is {count}; it can be {least} to {most}"));
        }
    }

    /// Takes over a duration within its bounds.
    pub(super) fn span(
        &mut self,
        at: &At<Span>,
        key: &str,
        least: Duration,
        most: Duration,
        value: &mut Duration,
    ) {
        let Some(at) = at else { return };
        let span = at.get_ref().0;
        if (least..=most).contains(&span) {
            *value = span;
        } else {
            let (least, most) = (in_words(least), in_words(most));
            self.wrong(at, format!("`{key}` is {}; it can be {least} to {most}", in_words(span)));
        }
    }

    pub(super) fn size(&mut self, at: &At<Size>, key: &str, value: &mut u64) {
        let Some(at) = at else { return };
        let size = at.get_ref().0;
        if (1024..=4 << 30).contains(&size) {
            *value = size;
        } else {
            self.wrong(at, format!("`{key}` is {size} bytes; it can be 1 KiB to 4 GiB"));
        }
    }
}

/// A URL regex of bounded size.
pub fn url_regex(text: &str) -> Result<Regex, String> {
    if text.len() > 4096 {
        return Err(format!("a regular expression of {} bytes is longer than 4096", text.len()));
    }
    RegexBuilder::new(text).size_limit(1 << 20).nest_limit(100).build().map_err(|error| match error {
        regex::Error::CompiledTooBig(_) => {
            "the regular expression needs more than 1 MiB once compiled".to_owned()
        }
        // The regex crate draws over several lines; its last line says what is wrong.
        error => {
            let text = error.to_string();
            let last = text.lines().last().unwrap_or_default();
            format!("no regular expression: {}", last.trim_start_matches("error: "))
        }
    })
}

/// `REGEX REPLACEMENT`, as lychee's `--remap` has it.
pub fn remap(text: &str) -> Result<(Regex, String), String> {
    let (pattern, replacement) = text
        .trim()
        .split_once(char::is_whitespace)
        .ok_or_else(|| "a remap is written \"REGEX REPLACEMENT\", with a space between".to_owned())?;
    Ok((url_regex(pattern)?, replacement.trim().to_owned()))
}

/// Whether a glob over relative paths is bounded and can match at all.
pub fn glob(text: &str) -> Result<(), String> {
    if text.starts_with('/') || text.contains('\\') || text.split('/').any(|part| part == "..") {
        return Err(format!("glob `{text}` is not relative to the source: no leading /, no \\, no .."));
    }
    matcher(text).map(|_| ())
}

fn matcher(text: &str) -> Result<GlobMatcher, String> {
    if text.is_empty() || text.len() > 1000 || text.matches("**").count() > 16 {
        return Err("a glob has 1 to 1000 characters and at most 16 `**`".to_owned());
    }
    let glob = GlobBuilder::new(text).literal_separator(true).build();
    glob.map(|glob| glob.compile_matcher()).map_err(|error| format!("no glob: {}", error.kind()))
}

fn base_url(text: &str) -> Result<url::Url, String> {
    let url = value::http_url(text)?;
    if url.query().is_some() || url.fragment().is_some() {
        return Err("a base URL has neither query nor fragment".to_owned());
    }
    Ok(url)
}

/// Letters, digits and hyphens as BCP 47 has them (RFC 5646 §2.1), not looked up in the registry.
fn locale(text: &str) -> Result<String, String> {
    let mut parts = text.split('-');
    let language = parts.next().unwrap_or_default();
    let ok = (2..=8).contains(&language.len())
        && language.chars().all(|c| c.is_ascii_alphabetic())
        && text.len() <= 35
        && parts.all(|part| (1..=8).contains(&part.len()) && part.chars().all(|c| c.is_ascii_alphanumeric()));
    ok.then(|| text.to_owned()).ok_or_else(|| format!("`{text}` is no language tag such as ro-RO"))
}

fn line(text: &str) -> Result<String, String> {
    if text.trim().is_empty() || text.len() > 200 || has_control(text) {
        return Err("1 to 200 characters, no control characters".to_owned());
    }
    Ok(text.trim().to_owned())
}

/// A value that goes into a request header: visible ASCII and spaces.
pub fn header_value(text: &str) -> Result<String, String> {
    if text.trim().is_empty() || text.len() > 500 || !text.chars().all(|c| c.is_ascii_graphic() || c == ' ') {
        return Err("it is sent as a header: 1 to 500 characters of printable ASCII".to_owned());
    }
    Ok(text.trim().to_owned())
}

fn has_control(text: &str) -> bool {
    text.chars().any(char::is_control)
}

/// A TOML date (its end, in UTC) or date with time (UTC where it has no offset).
fn instant(written: &toml::value::Datetime) -> Option<Timestamp> {
    let date = written.date?;
    let date = NaiveDate::from_ymd_opt(date.year.into(), date.month.into(), date.day.into())?;
    let time = match written.time {
        None => return Some(Utc.from_utc_datetime(&date.and_hms_opt(23, 59, 59)?)),
        Some(time) => {
            date.and_hms_opt(time.hour.into(), time.minute.into(), time.second.unwrap_or(0).min(59).into())?
        }
    };
    let minutes = match written.offset {
        Some(toml::value::Offset::Custom { minutes }) => i64::from(minutes),
        _ => 0,
    };
    let utc = time.checked_sub_signed(chrono::TimeDelta::try_minutes(minutes)?)?;
    Some(Utc.from_utc_datetime(&utc))
}

/// `10ms`, `20s`, `2h`, `3d`: the largest unit that is exact.
pub fn in_words(span: Duration) -> String {
    let ms = span.as_millis();
    match ms {
        0 => "0s".to_owned(),
        _ if ms.is_multiple_of(86_400_000) => format!("{}d", ms / 86_400_000),
        _ if ms.is_multiple_of(3_600_000) => format!("{}h", ms / 3_600_000),
        _ if ms.is_multiple_of(60_000) => format!("{}m", ms / 60_000),
        _ if ms.is_multiple_of(1000) => format!("{}s", ms / 1000),
        _ => format!("{ms}ms"),
    }
}
