//! `schedules/*.toml`: when which sources and hosts are visited, and what is done then. One schedule a file; the file's name without
//! `.toml` is the schedule's.

use std::fmt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use chrono_tz::{TZ_VARIANTS, Tz};
use serde::Deserialize;
use toml::Spanned;

use super::check::Checker;
use super::error::{ConfigError, Origin, Problem, nearest};
use super::written::{At, Span};
use super::{Cron, HostPattern, REPORT_FORMATS, in_words, load, toml_error};

/// The folder of schedules beside `linkdrift.toml`.
pub const SCHEDULES_FOLDER: &str = "schedules";

/// A schedule in checked form.
#[derive(Debug, Clone)]
pub struct Schedule {
    /// The file's name without `.toml`: letters, digits, `.`, `_`, `-`.
    pub name: String,
    /// The file.
    pub file: PathBuf,
    /// For people.
    pub description: Option<String>,
    /// When.
    pub cron: Cron,
    /// What is done.
    pub task: Task,
    /// Names of the sources it covers; empty for all.
    pub sources: Vec<String>,
    /// Hosts it covers; empty for all.
    pub hosts: Vec<HostPattern>,
    /// The most that a run may begin after its time.
    pub jitter: Duration,
    /// What becomes of times that passed while nobody looked.
    pub missed: Missed,
    /// Of `check`: what was well at a visit not older than this is not visited again; `None` where `[recheck]` decides.
    pub max_age: Option<Duration>,
    /// Of `report`: what it writes.
    pub report: ReportFiles,
}

/// What the task `report` writes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReportFiles {
    /// Of [`REPORT_FORMATS`], each once.
    pub formats: Vec<String>,
    /// The folder; relative to that of the state, or absolute.
    pub folder: PathBuf,
}

impl Default for ReportFiles {
    fn default() -> Self {
        Self { formats: vec!["markdown".to_owned(), "json".to_owned()], folder: "reports".into() }
    }
}

/// What a schedule does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Task {
    /// Visit, judge, report.
    Check,
    /// Bring sources in git up to date.
    Sync,
    /// Write reports and send notifications.
    Report,
    /// Remove what need not be kept.
    Prune,
    /// Copy the state.
    Backup,
}

/// What becomes of times that passed while the service was down or the machine asleep.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Missed {
    /// One run makes up for all of them.
    #[default]
    RunOnce,
    /// Nothing is made up for.
    Skip,
}

/// The written form.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    description: At<String>,
    cron: Spanned<String>,
    timezone: At<String>,
    task: Spanned<Task>,
    #[serde(default)]
    sources: Vec<Spanned<String>>,
    #[serde(default)]
    hosts: Vec<Spanned<String>>,
    jitter: At<Span>,
    #[serde(default)]
    missed: Missed,
    max_age: At<Span>,
    formats: Option<Vec<Spanned<String>>>,
    folder: At<String>,
}

impl Task {
    /// As written.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Check => "check",
            Self::Sync => "sync",
            Self::Report => "report",
            Self::Prune => "prune",
            Self::Backup => "backup",
        }
    }
}

impl fmt::Display for Task {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl Schedule {
    /// Whether a source is covered.
    pub fn covers_source(&self, name: &str) -> bool {
        self.sources.is_empty() || self.sources.iter().any(|source| source == name)
    }

    /// Whether a host (as in a canonical URL, without port) is covered.
    pub fn covers_host(&self, host: &str) -> bool {
        self.hosts.is_empty() || self.hosts.iter().any(|pattern| pattern.matches(host))
    }
}

/// Reads every `*.toml` of a folder, in order of names. A folder that is not there holds no schedules. `sources` are the names that
/// `linkdrift.toml` defines; `None` where that is not known, then names of sources are not checked.
pub fn load_dir(folder: &Path, sources: Option<&[String]>) -> (Vec<Schedule>, Vec<ConfigError>) {
    let (mut schedules, mut errors) = (Vec::new(), Vec::new());
    let listing = match std::fs::read_dir(folder) {
        Ok(listing) => listing,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return (schedules, errors),
        Err(error) => {
            let problem = Problem::of_file(folder, format!("the folder cannot be read: {error}"), None);
            return (schedules, vec![problem.into()]);
        }
    };
    let mut files = Vec::new();
    for item in listing {
        match item {
            Ok(item) => files.push(item.path()),
            Err(error) => {
                errors.push(Problem::of_file(folder, format!("cannot be read: {error}"), None).into())
            }
        }
    }
    files.retain(|file| file.extension().is_some_and(|extension| extension == "toml") && !hidden(file));
    files.sort();
    for file in files {
        match load::read(&file).and_then(|text| parse_schedule(&text, &file, sources)) {
            Ok(schedule) => schedules.push(schedule),
            Err(error) => errors.push(error),
        }
    }
    (schedules, errors)
}

/// Text → checked form; looks at nothing but its arguments.
pub fn parse_schedule(text: &str, file: &Path, sources: Option<&[String]>) -> Result<Schedule, ConfigError> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let origin = Origin::file(file, text);
    let name = file.file_stem().unwrap_or_default().to_string_lossy().into_owned();
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-');
    if name.is_empty() || name.len() > 64 || !name.chars().all(plain) {
        let message =
            "the file's name is the schedule's: 1 to 64 letters, digits, `.`, `_` or `-` before .toml";
        return Err(Problem::of_file(file, message, None).into());
    }
    let written: Written =
        toml::from_str(text).map_err(|error| toml_error::problem(&origin, &error, text))?;
    let mut check = Checker::new(&origin, Path::new("/"));
    let zone = match &written.timezone {
        Some(at) => zone(at.get_ref()).map_err(|(message, help)| match help {
            Some(help) => check.wrong_help(at, message, help),
            None => check.wrong(at, message),
        }),
        None => Ok(Tz::UTC),
    };
    let cron = Cron::parse(written.cron.get_ref(), zone.unwrap_or(Tz::UTC)).map_err(|error| {
        let span = inside(text, &written.cron, &error.span);
        check.problems.push(origin.problem(span, error.message, None));
    });
    for source in &written.sources {
        let Some(known) = sources else { break };
        if !known.contains(source.get_ref()) {
            let help = match nearest(source.get_ref(), known.iter().map(String::as_str)) {
                Some(name) => format!("did you mean `{name}`?"),
                None if known.is_empty() => "linkdrift.toml defines none".to_owned(),
                None => format!("linkdrift.toml defines {}", known.join(", ")),
            };
            check.wrong_help(source, format!("no source is named `{}`", source.get_ref()), help);
        }
    }
    let hosts = written.hosts.iter().filter_map(|host| check.host_pattern(host)).collect();
    let jitter = written.jitter.as_ref().map_or(Duration::ZERO, |jitter| jitter.get_ref().0);
    if let Some(at) = written.jitter.as_ref().filter(|_| jitter > Duration::from_secs(86_400)) {
        check.wrong(at, format!("`jitter` is {}; it can be 0s to 1d", in_words(jitter)));
    }
    let max_age = written.max_age.as_ref().map(|at| at.get_ref().0);
    if let Some(at) = &written.max_age {
        let (least, most) = (Duration::from_secs(60), Duration::from_secs(3650 * 86_400));
        if !(least..=most).contains(&at.get_ref().0) {
            check.wrong(at, format!("`max_age` is {}; it can be 1m to 3650d", in_words(at.get_ref().0)));
        }
        of_task(&mut check, at, "max_age", Task::Check, *written.task.get_ref());
    }
    let report = report_files(&mut check, &written);
    let description = check.read(&written.description, |text| match text.len() {
        0..=500 => Ok(super::error::clean(text)),
        length => Err(format!("{length} bytes are more than 500")),
    });
    match (cron, check.problems.is_empty()) {
        (Ok(cron), true) => Ok(Schedule {
            name,
            file: file.to_owned(),
            description,
            cron,
            task: written.task.into_inner(),
            sources: written.sources.into_iter().map(Spanned::into_inner).collect(),
            hosts,
            jitter,
            missed: written.missed,
            max_age,
            report,
        }),
        _ => Err(ConfigError::of(check.problems)),
    }
}

/// What `report` writes, and where.
fn report_files(check: &mut Checker<'_>, written: &Written) -> ReportFiles {
    let task = *written.task.get_ref();
    let mut report = ReportFiles::default();
    if let Some(formats) = &written.formats {
        report.formats.clear();
        for at in formats {
            of_task(check, at, "formats", Task::Report, task);
            let format = at.get_ref();
            if !REPORT_FORMATS.contains(&format.as_str()) {
                let help = format!("known here: {}", REPORT_FORMATS.join(", "));
                check.wrong_help(
                    at,
                    format!("`{}` is no format of reports", super::error::clean(format)),
                    help,
                );
            } else if !report.formats.contains(format) {
                report.formats.push(format.clone());
            }
        }
    }
    if let Some(at) = &written.folder {
        of_task(check, at, "folder", Task::Report, task);
        let fits = |text: &str| super::paths::absolute(Path::new("/"), text).map(|_| PathBuf::from(text));
        report.folder = check.read(&written.folder, fits).unwrap_or_default();
    }
    report
}

/// Says that a key belongs to another task.
fn of_task<T>(check: &mut Checker<'_>, at: &Spanned<T>, key: &str, owner: Task, task: Task) {
    if task != owner {
        check.wrong(at, format!("`{key}` is a key of the task `{owner}`, not of `{task}`"));
    }
}

/// Reads an expression and a time zone that were given as arguments.
pub fn parse_cron(expression: &str, timezone: &str) -> Result<Cron, ConfigError> {
    let zone = zone(timezone)
        .map_err(|(message, help)| Origin::argument(timezone).problem(0..timezone.len(), message, help))?;
    Cron::parse(expression, zone)
        .map_err(|error| Origin::argument(expression).problem(error.span, error.message, None).into())
}

/// The error of an expression that has no time to come.
pub fn never(expression: &str) -> ConfigError {
    let span = 0..expression.len();
    Origin::argument(expression).problem(span, "this never happens any more", None).into()
}

/// The error of a folder without schedules, where there must be one.
pub fn none_in(folder: &Path) -> ConfigError {
    let help = "write some, or let `linkdrift init` do it; see `linkdrift schedules --help`".to_owned();
    Problem::of_file(folder, "no schedules in this folder", Some(help)).into()
}

/// A name of the IANA time zone database, or what is wrong and what to do.
fn zone(name: &str) -> Result<Tz, (String, Option<String>)> {
    name.parse().map_err(|_| {
        let help = match nearest(name, TZ_VARIANTS.iter().map(|zone| zone.name())) {
            Some(zone) => format!("did you mean \"{zone}\"?"),
            None => "a name of the IANA database such as \"Europe/Bucharest\" or \"UTC\"".to_owned(),
        };
        (format!("`{}` is no time zone", super::error::clean(name)), Some(help))
    })
}

/// Where a part of a text is in the file. A text with escapes has other bytes in the file: then the whole of it is meant.
fn inside(text: &str, at: &Spanned<String>, part: &std::ops::Range<usize>) -> std::ops::Range<usize> {
    let whole = at.span();
    let written = text.get(whole.clone()).unwrap_or_default();
    match written.find(at.get_ref().as_str()) {
        Some(start) if !part.is_empty() => whole.start + start + part.start..whole.start + start + part.end,
        _ => whole,
    }
}

fn hidden(file: &Path) -> bool {
    file.file_name().is_some_and(|name| name.to_string_lossy().starts_with('.'))
}
