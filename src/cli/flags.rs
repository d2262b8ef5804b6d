//! Flags that several subcommands share, each with an environment variable, and how they override the configuration.

use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context, anyhow};
use clap::builder::FalseyValueParser;

use crate::config::{self, AllowPrivate, Config, ProxySettings, ResolveRule, RobotsPolicy, value};
use crate::pipeline::Network;

/// How targets are visited. Every flag wins over its environment variable, and that over the configuration file.
#[derive(Debug, Clone, Default, clap::Args)]
#[command(next_help_heading = "Visits")]
pub struct VisitFlags {
    /// Status codes that count as well beside 2xx, such as 403,500..=504
    #[arg(long, value_name = "CODES", env = "LINKDRIFT_ACCEPT", value_parser = statuses, hide_env_values = true)]
    pub accept: Option<Statuses>,
    /// The longest wait for one request's answer, such as 20 (seconds), 20s or 1m30s
    #[arg(long, value_name = "TIME", env = "LINKDRIFT_TIMEOUT", value_parser = timeout, hide_env_values = true)]
    pub timeout: Option<Duration>,
    /// Redirects followed
    #[arg(long, value_name = "N", env = "LINKDRIFT_MAX_REDIRECTS", value_parser = clap::value_parser!(u16).range(0..=100), hide_env_values = true)]
    pub max_redirects: Option<u16>,
    /// Repeats after a passing fault
    #[arg(long, value_name = "N", env = "LINKDRIFT_MAX_RETRIES", value_parser = clap::value_parser!(u32).range(0..=20), hide_env_values = true)]
    pub max_retries: Option<u32>,
    /// Requests at once, in all
    #[arg(long, value_name = "N", env = "LINKDRIFT_MAX_CONCURRENCY", value_parser = clap::value_parser!(u16).range(1..=4096), hide_env_values = true)]
    pub max_concurrency: Option<u16>,
    /// Requests at once to a host that the configuration does not name
    #[arg(long, value_name = "N", env = "LINKDRIFT_HOST_CONCURRENCY", value_parser = clap::value_parser!(u16).range(1..=1024), hide_env_values = true)]
    pub host_concurrency: Option<u16>,
    /// The shortest time between two requests to a host that the configuration does not name, such as 100ms; 0s for none
    #[arg(long, value_name = "TIME", env = "LINKDRIFT_HOST_REQUEST_INTERVAL", value_parser = interval, hide_env_values = true)]
    pub host_request_interval: Option<Duration>,
    /// A further request header "Name: value" (repeatable); never credentials
    #[arg(long = "header", value_name = "HEADER", env = "LINKDRIFT_HEADER", hide_env_values = true)]
    pub headers: Vec<String>,
    /// The whole User-Agent
    #[arg(long, value_name = "TEXT", env = "LINKDRIFT_USER_AGENT", value_parser = config::header_value, hide_env_values = true)]
    pub user_agent: Option<String>,
    /// Connect to ADDRESS:PORT for HOST:PORT, as HOST:PORT:ADDRESS:PORT; * stands for any host name (repeatable)
    #[arg(long, value_name = "MAPPING", env = "LINKDRIFT_RESOLVE", value_parser = value::resolve_rule, value_delimiter = ',', hide_env_values = true)]
    pub resolve: Vec<ResolveRule>,
    /// A PEM file with further certificate authorities (repeatable)
    #[arg(long = "ca-file", value_name = "FILE", env = "LINKDRIFT_CA_FILE", hide_env_values = true)]
    pub ca_files: Vec<PathBuf>,
    /// Open a range of special-purpose addresses, or a host, to visits (repeatable)
    #[arg(long, value_name = "CIDR|HOST", env = "LINKDRIFT_ALLOW_PRIVATE", value_parser = value::allow_private, value_delimiter = ',', hide_env_values = true)]
    pub allow_private: Vec<AllowPrivate>,
    /// The proxy: a URL, "env" or "none"
    #[arg(long, value_name = "URL", env = "LINKDRIFT_PROXY", value_parser = value::proxy, hide_env_values = true)]
    pub proxy: Option<ProxySettings>,
    /// The longest Retry-After that is waited for, such as 60s
    #[arg(long, value_name = "TIME", env = "LINKDRIFT_MAX_WAIT", value_parser = max_wait, hide_env_values = true)]
    pub max_wait: Option<Duration>,
    /// What robots.txt decides: snapshots (whose text is kept), all (what is requested), or off
    #[arg(long, value_name = "POLICY", env = "LINKDRIFT_ROBOTS", value_parser = value::robots, hide_env_values = true)]
    pub robots: Option<RobotsPolicy>,
    /// No progress bar, not even on a terminal
    #[arg(long, env = "LINKDRIFT_NO_PROGRESS", value_parser = FalseyValueParser::new(), hide_env_values = true)]
    pub no_progress: bool,
    /// Judge only what needs no network
    #[arg(long, env = "LINKDRIFT_OFFLINE", value_parser = FalseyValueParser::new(), hide_env_values = true)]
    pub offline: bool,
}

/// Where state is kept.
#[derive(Debug, Clone, Default, clap::Args)]
#[command(next_help_heading = "State")]
pub struct StateFlags {
    /// The state file
    #[arg(long, global = true, value_name = "FILE", env = "LINKDRIFT_STATE", hide_env_values = true)]
    pub state: Option<PathBuf>,
    /// Use a temporary state that is removed; wins over --state
    #[arg(long, global = true, env = "LINKDRIFT_NO_STATE", value_parser = FalseyValueParser::new(), hide_env_values = true)]
    pub no_state: bool,
}

/// Which state a subcommand works on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum StateChoice {
    /// A file that lasts: named by a flag, the environment or a configuration file.
    Kept(PathBuf),
    /// A temporary one.
    Temporary,
}

/// Accepted status codes, as one value for clap.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Statuses(pub Vec<u16>);

impl VisitFlags {
    /// Whether anything is visited.
    pub fn network(&self) -> Network {
        if self.offline { Network::Offline } else { Network::Visit }
    }

    /// Overrides `config`. Mappings, certificate files and opened ranges are added to those of the file; every other value replaces
    /// the file's.
    pub fn apply(&self, config: &mut Config, cwd: &Path) -> anyhow::Result<()> {
        let visit = &mut config.visit;
        if let Some(Statuses(statuses)) = &self.accept {
            visit.accept.clone_from(statuses);
        }
        if let Some(timeout) = self.timeout {
            visit.hop_timeout = timeout;
            visit.first_byte_timeout = timeout;
            visit.connect_timeout = visit.connect_timeout.min(timeout);
            visit.idle_timeout = visit.idle_timeout.min(timeout);
            visit.target_timeout = visit.target_timeout.max(timeout);
        }
        if let Some(redirects) = self.max_redirects {
            visit.max_redirects = redirects.into();
        }
        if let Some(retries) = self.max_retries {
            visit.max_retries = retries;
        }
        if let Some(concurrency) = self.max_concurrency {
            visit.max_concurrency = concurrency.into();
        }
        if let Some(concurrency) = self.host_concurrency {
            visit.host = visit.host.with_concurrency(concurrency.into());
        }
        if let Some(interval) = self.host_request_interval {
            visit.host = visit.host.with_interval(interval);
        }
        for text in &self.headers {
            let (name, text) = value::header(text).map_err(|why| anyhow!("--header: {why}"))?;
            visit.headers.retain(|(known, _)| !known.eq_ignore_ascii_case(&name));
            visit.headers.push((name, text));
        }
        if let Some(user_agent) = &self.user_agent {
            visit.user_agent = Some(user_agent.clone());
        }
        // The first match counts, so that a flag wins over the file.
        visit.resolve.splice(0..0, self.resolve.iter().cloned());
        visit.ca_files.extend(self.ca_files.iter().map(|file| cwd.join(file)));
        visit.allow_private.extend(self.allow_private.iter().cloned());
        if let Some(proxy) = &self.proxy {
            visit.proxy = proxy.clone();
        }
        if let Some(max_wait) = self.max_wait {
            visit.max_wait = max_wait;
        }
        if let Some(robots) = self.robots {
            visit.robots = robots;
        }
        Ok(())
    }
}

impl StateFlags {
    /// Says which state is meant, and puts a named file into `config`. Without a file of configuration and without a flag it is a
    /// temporary one.
    pub fn apply(&self, config: &mut Config, cwd: &Path) -> anyhow::Result<StateChoice> {
        if self.no_state {
            return Ok(StateChoice::Temporary);
        }
        if let Some(path) = &self.state {
            let path = cwd.join(path);
            config::check_state_path(&path).map_err(|why| anyhow!(why)).context("--state")?;
            config.keep_state_at(path);
        } else if config.file.is_none() {
            return Ok(StateChoice::Temporary);
        }
        Ok(StateChoice::Kept(config.state.path.clone()))
    }
}

fn statuses(text: &str) -> Result<Statuses, String> {
    value::accepted_statuses(text).map(Statuses)
}

fn timeout(text: &str) -> Result<Duration, String> {
    within(text, Duration::from_millis(10), Duration::from_secs(86_400))
}

fn interval(text: &str) -> Result<Duration, String> {
    within(text, Duration::ZERO, Duration::from_secs(86_400))
}

fn max_wait(text: &str) -> Result<Duration, String> {
    within(text, Duration::ZERO, Duration::from_secs(30 * 86_400))
}

fn within(text: &str, least: Duration, most: Duration) -> Result<Duration, String> {
    let span = value::duration_or_seconds(text)?;
    match (least..=most).contains(&span) {
        true => Ok(span),
        false => {
            let words = config::in_words;
            Err(format!("{} is out of range: {} to {}", words(span), words(least), words(most)))
        }
    }
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;

    #[derive(Debug, Parser)]
    struct Line {
        #[command(flatten)]
        visit: VisitFlags,
        #[command(flatten)]
        state: StateFlags,
    }

    fn applied(args: &[&str]) -> Result<Config, String> {
        let line =
            Line::try_parse_from(std::iter::once(&"t").chain(args)).map_err(|error| error.to_string())?;
        let mut config = Config::defaults(Path::new("/r"));
        line.visit.apply(&mut config, Path::new("/r")).map_err(|error| format!("{error:#}"))?;
        line.state.apply(&mut config, Path::new("/r")).map_err(|error| format!("{error:#}"))?;
        Ok(config)
    }

    #[test]
    fn flags_override_the_configuration() {
        let config = applied(&[
            "--accept=403,500..=501",
            "--timeout=20",
            "--max-redirects=3",
            "--max-retries=0",
            "--max-concurrency=16",
            "--host-concurrency=2",
            "--host-request-interval=100ms",
            "--header=X-Team: docs",
            "--header=x-team: web",
            "--user-agent=mine/1",
            "--resolve=*:80:127.0.0.1:8080",
            "--resolve=a.example:443:[::1]:8443",
            "--ca-file=ca.pem",
            "--allow-private=127.0.0.0/8,intranet.example",
            "--proxy=env",
            "--max-wait=2m",
            "--robots=all",
            "--state=x.db",
        ])
        .unwrap();
        let visit = &config.visit;
        assert_eq!(visit.accept, [403, 500, 501]);
        assert_eq!((visit.hop_timeout, visit.connect_timeout).0, Duration::from_secs(20));
        assert_eq!(visit.connect_timeout, Duration::from_secs(10));
        assert_eq!((visit.max_redirects, visit.max_retries, visit.max_concurrency), (3, 0, 16));
        assert_eq!((visit.host.concurrency, visit.host.interval), (2, Duration::from_millis(100)));
        assert_eq!(
            (visit.host.start_concurrency, visit.host.start_interval),
            (2, Duration::from_millis(100))
        );
        assert_eq!(visit.robots, RobotsPolicy::All);
        assert_eq!(visit.headers, [("x-team".to_owned(), "web".to_owned())]);
        assert_eq!(visit.resolve.len(), 2);
        assert_eq!(visit.ca_files, [PathBuf::from("/r/ca.pem")]);
        assert_eq!(visit.allow_private.len(), 2);
        assert_eq!(visit.proxy, ProxySettings::Env);
        assert_eq!(visit.max_wait, Duration::from_secs(120));
        assert_eq!(config.state.path, PathBuf::from("/r/x.db"));
    }

    #[test]
    fn bad_flags_are_refused_and_secrets_not_repeated() {
        for args in [
            "--accept=999",
            "--timeout=0",
            "--timeout=forever",
            "--max-redirects=-1",
            "--max-concurrency=0",
            "--host-concurrency=0",
            "--host-request-interval=-1s",
            "--header=Authorization: Bearer hunter2",
            "--header=X: a\r\nb: c",
            "--user-agent=a\nb",
            "--resolve=*:80",
            "--allow-private=10.0.0.1/8",
            "--proxy=ftp://x",
            "--max-wait=99999999999d",
            "--robots=some",
            "--state=folder/",
        ] {
            let error = applied(&[args]).expect_err(args);
            assert!(!error.contains("hunter2"), "{error}");
        }
    }

    #[test]
    fn state_is_temporary_where_nothing_names_one() {
        let mut config = Config::defaults(Path::new("/r"));
        let choose = |flags: StateFlags, config: &mut Config| flags.apply(config, Path::new("/r")).unwrap();
        assert_eq!(choose(StateFlags::default(), &mut config), StateChoice::Temporary);
        config.file = Some("/r/linkdrift.toml".into());
        assert_eq!(
            choose(StateFlags::default(), &mut config),
            StateChoice::Kept("/r/state/linkdrift.db".into())
        );
        let both = StateFlags { state: Some("x.db".into()), no_state: true };
        assert_eq!(choose(both, &mut config), StateChoice::Temporary);
    }
}
