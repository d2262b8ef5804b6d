//! `linkdrift schedules`: lists, validates, shows the next times.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use anyhow::{anyhow, bail};
use chrono::{DateTime, NaiveDate, NaiveDateTime, SecondsFormat, TimeDelta, TimeZone};
use chrono_tz::Tz;
use clap::{Subcommand, ValueEnum};
use serde::Serialize;

use super::{Exit, Globals, output, session};
use crate::config::schedule::{SCHEDULES_FOLDER, parse_cron};
use crate::config::{self, Config, ConfigError, Cron, Schedule, Task, in_words};
use crate::time::{Clock, SystemClock, Timestamp};

/// Flags of `schedules`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Where schedules are.
    #[command(flatten)]
    pub folder: FolderFlag,
    /// What to do with them.
    #[command(subcommand)]
    pub action: Option<Action>,
}

/// Where schedules are.
#[derive(Debug, Clone, Default, clap::Args)]
pub struct FolderFlag {
    /// The folder of schedules (default: schedules beside linkdrift.toml)
    #[arg(long, value_name = "DIR", env = "LINKDRIFT_SCHEDULES", global = true)]
    pub schedules: Option<PathBuf>,
}

/// What to do with schedules.
#[derive(Debug, Clone, Subcommand)]
pub enum Action {
    /// Each schedule with its next time
    List,
    /// Validate; exit code 3 if anything is wrong
    Check,
    /// The next times of one schedule, of all, or of an expression
    Next(NextArgs),
}

/// Flags of `schedules next`.
#[derive(Debug, Clone, clap::Args)]
pub struct NextArgs {
    /// The schedule (default: all)
    pub name: Option<String>,
    /// An expression in place of a schedule
    #[arg(long, value_name = "EXPR", conflicts_with = "name")]
    pub cron: Option<String>,
    /// The time zone of --cron
    #[arg(long, value_name = "TZ", requires = "cron", default_value = "UTC")]
    pub timezone: String,
    /// Times after this one (default: now): 2026-11-22T16:30:00Z, or a date, with time or without, in the schedule's zone
    #[arg(long, value_name = "TIME", value_parser = From::parse)]
    pub from: Option<From>,
    /// How many
    #[arg(long, value_name = "N", default_value_t = 5, value_parser = clap::value_parser!(u16).range(1..=10_000))]
    pub count: u16,
    /// How to show them
    #[arg(long, value_enum, default_value_t = Format::Text)]
    pub format: Format,
}

/// How `next` shows times.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// For people.
    Text,
    /// `linkdrift/next/1`.
    Json,
}

/// `--from`: an instant, or a wall-clock time of a zone still to be named.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum From {
    /// With an offset.
    Instant(Timestamp),
    /// Without.
    Wall(NaiveDateTime),
}

/// `linkdrift/next/1`.
#[derive(Debug, Serialize)]
struct Document {
    schema: &'static str,
    times: Vec<Time>,
}

#[derive(Debug, Serialize)]
struct Time {
    #[serde(skip_serializing_if = "Option::is_none")]
    schedule: Option<String>,
    utc: String,
    local: String,
}

/// Runs it.
pub fn run(globals: &Globals, args: Args) -> anyhow::Result<Exit> {
    let now = SystemClock.now();
    match args.action.unwrap_or(Action::List) {
        Action::Next(NextArgs { cron: Some(expression), timezone, from, count, format, .. }) => {
            let cron = parse_cron(&expression, &timezone)?;
            let times = next_times(None, &cron, from.map_or(now, |from| from.instant(cron.zone())), count);
            if times.is_empty() {
                return Err(never(&expression).into());
            }
            print(&show_times(times, format)?)?;
        }
        Action::Next(NextArgs { name, from, count, format, .. }) => {
            let (_, schedules) = load(globals, &args.folder)?;
            let chosen = match &name {
                Some(name) => vec![find(&schedules, name)?],
                None => schedules.iter().collect(),
            };
            let named = name.is_none();
            let mut times = Vec::new();
            for schedule in chosen {
                let after = from.map_or(now, |from| from.instant(schedule.cron.zone()));
                let name = named.then_some(schedule.name.as_str());
                times.extend(next_times(name, &schedule.cron, after, count));
            }
            times.sort_by(|a, b| (&a.utc, &a.schedule).cmp(&(&b.utc, &b.schedule)));
            times.truncate(count.into());
            if times.is_empty() {
                bail!("no schedule has a time to come");
            }
            print(&show_times(times, format)?)?;
        }
        Action::Check => {
            let (folder, schedules) = load(globals, &args.folder)?;
            if let Some(past) = schedules.iter().find(|schedule| schedule.cron.next(now).is_none()) {
                return Err(never(past.cron.expression()).into());
            }
            let count = schedules.len();
            let plural = if count == 1 { "schedule is" } else { "schedules are" };
            print(&format!("{count} {plural} valid in {}\n", folder.display()))?;
            let config = session::load_config(globals, &session::working_directory()?)?;
            warn_of_never_synced(&config, &schedules);
        }
        Action::List => {
            let (folder, schedules) = load(globals, &args.folder)?;
            if schedules.is_empty() {
                bail!("no schedules in {}: `linkdrift init` writes some", folder.display());
            }
            print(&table(&schedules, now))?;
        }
    }
    Ok(Exit::Success)
}

/// Says which sources in git stay as they are.
pub fn warn_of_never_synced(config: &Config, schedules: &[Schedule]) {
    for source in never_synced(config, schedules) {
        tracing::warn!(
            "source {source}: in git, and no schedule with `task = \"sync\"` covers it: it stays at the commit that is fetched first"
        );
    }
}

/// Sources in git that no schedule brings up to date.
fn never_synced<'c>(config: &'c Config, schedules: &[Schedule]) -> Vec<&'c str> {
    let synced = |name: &str| {
        schedules.iter().any(|schedule| schedule.task == Task::Sync && schedule.covers_source(name))
    };
    let in_git = config.sources.iter().filter(|source| source.git.is_some());
    in_git.map(|source| source.name.as_str()).filter(|name| !synced(name)).collect()
}

/// The schedules of the folder that is meant, all of them valid, and the folder.
pub fn load(globals: &Globals, folder: &FolderFlag) -> anyhow::Result<(PathBuf, Vec<Schedule>)> {
    let cwd = session::working_directory()?;
    let config = session::load_config(globals, &cwd)?;
    Ok(load_for(&config, folder, &cwd)?)
}

/// The schedules that go with a configuration.
pub fn load_for(
    config: &Config,
    folder: &FolderFlag,
    cwd: &Path,
) -> Result<(PathBuf, Vec<Schedule>), ConfigError> {
    let folder = folder_of(config, folder, cwd);
    let (schedules, errors) = read(config, &folder);
    match ConfigError::join(errors) {
        Some(error) => Err(error),
        None => Ok((folder, schedules)),
    }
}

/// The one schedule of that name. What is wrong with other files is a warning: they are not asked for.
pub fn load_named(config: &Config, folder: &FolderFlag, cwd: &Path, name: &str) -> anyhow::Result<Schedule> {
    let folder = folder_of(config, folder, cwd);
    let (schedules, errors) = read(config, &folder);
    let of_another = |error: &ConfigError| {
        error.problems().iter().all(|problem| {
            problem.file().is_some_and(|file| {
                file != folder && file.file_stem().is_some_and(|stem| stem.to_string_lossy() != name)
            })
        })
    };
    let (others, own): (Vec<_>, Vec<_>) = errors.into_iter().partition(of_another);
    if let Some(error) = ConfigError::join(own) {
        return Err(error.into());
    }
    for problem in others.iter().flat_map(ConfigError::problems) {
        let file = problem.file().map(|file| file.display().to_string()).unwrap_or_default();
        let line = problem.position().map(|(line, column)| format!(":{line}:{column}")).unwrap_or_default();
        tracing::warn!("{file}{line}: {}; `linkdrift schedules check` says more", problem.message());
    }
    find(&schedules, name).cloned()
}

fn folder_of(config: &Config, folder: &FolderFlag, cwd: &Path) -> PathBuf {
    match &folder.schedules {
        Some(folder) => cwd.join(folder),
        None => config.root.join(SCHEDULES_FOLDER),
    }
}

fn read(config: &Config, folder: &Path) -> (Vec<Schedule>, Vec<ConfigError>) {
    let names: Vec<String> = config.sources.iter().map(|source| source.name.clone()).collect();
    config::load_dir(folder, config.file.is_some().then_some(names.as_slice()))
}

/// A schedule by its name.
pub fn find<'a>(schedules: &'a [Schedule], name: &str) -> anyhow::Result<&'a Schedule> {
    schedules.iter().find(|schedule| schedule.name == name).ok_or_else(|| {
        let names: Vec<&str> = schedules.iter().map(|schedule| schedule.name.as_str()).collect();
        match names.as_slice() {
            [] => anyhow!("no schedule is named `{name}`: there are none; `linkdrift init` writes some"),
            names => anyhow!("no schedule is named `{name}`; there are {}", names.join(", ")),
        }
    })
}

impl From {
    /// RFC 3339, `YYYY-MM-DD`, or `YYYY-MM-DD HH:MM[:SS]` with a blank or a `T` between.
    fn parse(text: &str) -> Result<Self, String> {
        if let Ok(instant) = DateTime::parse_from_rfc3339(text) {
            return Ok(Self::Instant(instant.to_utc()));
        }
        let formats = ["%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M:%S", "%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M"];
        let wall = formats.iter().find_map(|format| NaiveDateTime::parse_from_str(text, format).ok());
        let date = || NaiveDate::parse_from_str(text, "%Y-%m-%d").ok()?.and_hms_opt(0, 0, 0);
        wall.or_else(date)
            .map(Self::Wall)
            .ok_or_else(|| "write 2026-11-22T16:30:00Z or 2026-11-22".to_owned())
    }

    /// In a zone; a time in a gap is taken an hour later, as most clocks would show it.
    fn instant(self, zone: Tz) -> Timestamp {
        match self {
            Self::Instant(instant) => instant,
            Self::Wall(wall) => zone
                .from_local_datetime(&wall)
                .earliest()
                .or_else(|| zone.from_local_datetime(&(wall + TimeDelta::hours(1))).earliest())
                .map_or_else(|| wall.and_utc(), |instant| instant.to_utc()),
        }
    }
}

fn next_times(name: Option<&str>, cron: &Cron, after: Timestamp, count: u16) -> Vec<Time> {
    let time = |instant: Timestamp| Time {
        schedule: name.map(str::to_owned),
        utc: instant.to_rfc3339_opts(SecondsFormat::Secs, true),
        local: instant.with_timezone(&cron.zone()).to_rfc3339_opts(SecondsFormat::Secs, false),
    };
    cron.times(after).take(count.into()).map(time).collect()
}

fn print(text: &str) -> anyhow::Result<()> {
    output::to_stdout(|out| Ok(out.write_all(text.as_bytes())?))
}

fn never(expression: &str) -> ConfigError {
    config::schedule::never(expression)
}

fn show_times(times: Vec<Time>, format: Format) -> anyhow::Result<String> {
    if format == Format::Json {
        let document = Document { schema: "linkdrift/next/1", times };
        return Ok(serde_json::to_string(&document)? + "\n");
    }
    let mut text = String::new();
    for Time { schedule, utc, local } in times {
        let name = schedule.map(|name| format!("  {name}")).unwrap_or_default();
        writeln!(text, "{local}  {utc}{name}")?;
    }
    Ok(text)
}

fn table(schedules: &[Schedule], now: Timestamp) -> String {
    let mut rows = vec![["NAME", "TASK", "NEXT", "", "ZONE", "DESCRIPTION"].map(str::to_owned)];
    for schedule in schedules {
        let zone = schedule.cron.zone();
        let (when, at) = match schedule.cron.next(now) {
            Some(next) => {
                (from_now(next - now), next.with_timezone(&zone).format("%a %-d %b %Y %H:%M").to_string())
            }
            None => ("never again".to_owned(), String::new()),
        };
        let at = match schedule.jitter.is_zero() {
            false if !at.is_empty() => format!("{at} (+ up to {})", in_words(schedule.jitter)),
            _ => at,
        };
        rows.push([
            schedule.name.clone(),
            schedule.task.to_string(),
            when,
            at,
            zone.name().to_owned(),
            schedule.description.clone().unwrap_or_default(),
        ]);
    }
    let widths: Vec<usize> =
        (0..6).map(|column| rows.iter().map(|row| row[column].chars().count()).max().unwrap_or(0)).collect();
    let line = |row: &[String; 6]| {
        let cells: Vec<String> =
            row.iter().zip(&widths).map(|(cell, width)| format!("{cell:width$}")).collect();
        cells.join("  ").trim_end().to_owned() + "\n"
    };
    rows.iter().map(line).collect()
}

/// `in 5 minutes`, `in 3 hours`, `in 2 days`: rounded down to the largest unit, and the next one below it.
fn from_now(span: TimeDelta) -> String {
    let minutes = span.num_minutes().max(0);
    let count = |count: i64, unit: &str| format!("{count} {unit}{}", if count == 1 { "" } else { "s" });
    let (large, small) = match minutes {
        0 => return "in less than a minute".to_owned(),
        1..60 => return format!("in {}", count(minutes, "minute")),
        60..1440 => (count(minutes / 60, "hour"), (minutes % 60, "minute")),
        _ => (count(minutes / 1440, "day"), (minutes % 1440 / 60, "hour")),
    };
    match small.0 {
        0 => format!("in {large}"),
        rest => format!("in {large} {}", count(rest, small.1)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_in_words() {
        for (minutes, words) in [
            (0, "in less than a minute"),
            (1, "in 1 minute"),
            (59, "in 59 minutes"),
            (60, "in 1 hour"),
            (125, "in 2 hours 5 minutes"),
            (1440, "in 1 day"),
            (2940, "in 2 days 1 hour"),
        ] {
            assert_eq!(from_now(TimeDelta::minutes(minutes)), words);
        }
    }

    #[test]
    fn times_without_offset_are_those_of_the_zone() {
        let zone: Tz = "Europe/Bucharest".parse().unwrap();
        for (text, utc) in [
            ("2026-11-22T16:30:00Z", "2026-11-22T16:30:00Z"),
            ("2026-11-22T16:30:00+05:00", "2026-11-22T11:30:00Z"),
            ("2026-11-22", "2026-11-21T22:00:00Z"),
            ("2026-11-22 16:30", "2026-11-22T14:30:00Z"),
            ("2026-03-29T03:30", "2026-03-29T01:30:00Z"),
        ] {
            let expected: Timestamp = utc.parse().unwrap();
            assert_eq!(From::parse(text).unwrap().instant(zone), expected, "{text}");
        }
        assert!(From::parse("tomorrow").is_err());
    }
}
