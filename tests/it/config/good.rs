//! What a configuration comes to.

use std::path::{Path, PathBuf};
use std::time::Duration;

use linkdrift::config::{self, AllowPrivate, BodyRetention, Config, ProxySettings, RobotsPolicy, Severity};

fn parse(text: &str) -> Config {
    config::parse(text, Path::new("/repo/linkdrift.toml"), Path::new("/repo"))
        .unwrap_or_else(|error| panic!("{error}"))
}

#[test]
fn an_empty_file_is_the_defaults() {
    let (config, defaults) = (parse(""), Config::defaults(Path::new("/repo")));
    assert_eq!(config.file.as_deref(), Some(Path::new("/repo/linkdrift.toml")));
    let debug = |config: Config| format!("{:?}", Config { file: None, ..config });
    assert_eq!(debug(config), debug(defaults));
}

#[test]
fn every_key_is_taken_over() {
    let config = parse(
        r#"
[state]
path = "../var/linkdrift.db"
bodies = "text"

[[source]]
name = "ro-RO"
path = "./content/ro-RO"
files = ["**/*.md", "**/TOC.yml"]
exclude_paths = ["includes/**"]
base_url = "https://docs.example.org"
locale = "ro-RO"
group = "insights"
date_key = "updated"
code = true

[scope]
include = ["^https://"]
exclude = ["^https://internal\\."]
remap = ["^https://old\\.example/(.*) https://new.example/$1"]

[visit]
user_agent_contact = "docs-team@example.org"
user_agent = "checker/1"
max_concurrency = 32
host_concurrency = 2
host_rate = "2/s"
host_start_concurrency = 1
host_start_rate = "1/s"
host_floor_rate = "1/1m"
robots = "all"
connect_timeout = "5s"
first_byte_timeout = "6s"
idle_timeout = "7s"
hop_timeout = "8s"
target_timeout = "9s"
max_redirects = 4
max_retries = 1
backoff_first = "250ms"
backoff_longest = "10s"
second_pass_after = "1s"
max_body_wire = "1 MiB"
max_body_decoded = 2097152
max_body_in_flight = "16 MiB"
max_headers = "32 KiB"
max_wait = "1d"
accept_language = "ro-RO, ro;q=0.9"
headers = { X-Team = "docs" }
accept = [403, "500..=501"]
resolve = ["docs.example.com:443:127.0.0.1:8443", "*:80:[::1]:8080"]
ca_files = ["ca.pem"]
allow_private = ["10.0.0.0/8", "intranet.example"]
proxy = "env"

[[host]]
match = "*.Example.org"
concurrency = 8
rate = "10/s"
accept_language = "de"
bodies = "none"

[rules]
"entry/age" = { severity = "warning", days = 365 }
"link/blocked" = { severity = "off" }

[[ignore]]
url = "https://status.example.org/**"
entry = "**/old-*.md"
rule = "link/blocked"
reason = "answers only inside the company"
until = 2027-06-30

[confirm]
definitive_visits = 3
definitive_span = "2h"
transient_visits = 5
transient_span = "7d"

[recheck]
min = "12h"
max = "30d"
max_visits = 5000
max_visits_per_host = 500

[retention]
bodies = "0s"
snapshots = "180d"
snapshots_per_target = 9
history = "365d"
backups = 3

[[source]]
name = "de/DE"
git = "ssh://git@example.org/docs.git"
branch = "live"
folder = "articles/de"

[[known]]
match = "go.example.org"
is = "short-link"

[[known]]
match = "forum.example.org"
is = "retired"
since = "2024"
note = "the forum was closed"
"#,
    );
    let seconds = Duration::from_secs;
    assert_eq!(config.state.path, PathBuf::from("/var/linkdrift.db"));
    assert_eq!(config.state.bodies, BodyRetention::Text);
    let source = &config.sources[0];
    assert_eq!(source.path, PathBuf::from("/repo/content/ro-RO"));
    assert_eq!((source.files.len(), source.exclude_paths.len(), source.code), (2, 1, true));
    assert_eq!(source.base_url.as_ref().map(url::Url::as_str), Some("https://docs.example.org/"));
    assert_eq!((source.locale.as_deref(), source.group.as_deref()), (Some("ro-RO"), Some("insights")));
    assert_eq!(source.date_key, "updated");
    assert_eq!((config.scope.include.len(), config.scope.exclude.len()), (1, 1));
    assert_eq!(config.scope.remap[0].1, "https://new.example/$1");
    let visit = &config.visit;
    assert_eq!(visit.user_agent_contact.as_deref(), Some("docs-team@example.org"));
    assert_eq!(visit.user_agent.as_deref(), Some("checker/1"));
    assert_eq!((visit.max_concurrency, visit.host.concurrency), (32, 2));
    assert_eq!(visit.host.start_concurrency, 1);
    let intervals = [visit.host.interval, visit.host.start_interval, visit.host.floor_interval];
    assert_eq!(intervals, [Duration::from_millis(500), seconds(1), seconds(60)]);
    assert_eq!(visit.robots, RobotsPolicy::All);
    let spans = [
        visit.connect_timeout,
        visit.first_byte_timeout,
        visit.idle_timeout,
        visit.hop_timeout,
        visit.target_timeout,
    ];
    assert_eq!(spans, [5, 6, 7, 8, 9].map(seconds));
    assert_eq!((visit.max_redirects, visit.max_retries), (4, 1));
    assert_eq!(visit.backoff, (Duration::from_millis(250), seconds(10)));
    assert_eq!((visit.second_pass_after, visit.max_wait), (seconds(1), seconds(86_400)));
    let sizes = [visit.max_body_wire, visit.max_body_decoded, visit.max_body_in_flight];
    assert_eq!((sizes, visit.max_headers), ([1 << 20, 2 << 20, 16 << 20], 32 << 10));
    assert_eq!(visit.accept_language.as_deref(), Some("ro-RO, ro;q=0.9"));
    assert_eq!(visit.headers, [("X-Team".to_owned(), "docs".to_owned())]);
    assert_eq!(visit.accept, [403, 500, 501]);
    assert_eq!(visit.resolve.len(), 2);
    assert_eq!(visit.resolve[1].to.to_string(), "[::1]:8080");
    assert_eq!(visit.ca_files, [PathBuf::from("/repo/ca.pem")]);
    assert_eq!(visit.allow_private[1], AllowPrivate::Host("intranet.example".into()));
    assert_eq!(visit.proxy, ProxySettings::Env);
    let host = &config.hosts[0];
    assert_eq!(host.pattern.as_str(), "*.example.org");
    assert_eq!((host.concurrency, host.interval), (Some(8), Some(Duration::from_millis(100))));
    assert_eq!((host.accept_language.as_deref(), host.bodies), (Some("de"), Some(BodyRetention::None)));
    let rule = &config.rules["entry/age"];
    assert_eq!((rule.off, rule.severity, rule.days), (false, Some(Severity::Warning), Some(365)));
    assert!(config.rules["link/blocked"].off);
    let ignore = &config.ignores[0];
    let url = ignore.url.as_ref().unwrap();
    assert!(
        url.is_match("https://status.example.org/") && url.is_match("https://status.example.org/a/b?c=d")
    );
    assert!(!url.is_match("https://other.example.org/"));
    assert!(ignore.entry.as_ref().unwrap().is_match("a/old-b.md"));
    assert_eq!(ignore.until.unwrap().to_rfc3339(), "2027-06-30T23:59:59+00:00");
    assert_eq!((config.confirm.definitive_visits, config.confirm.transient_visits), (3, 5));
    assert_eq!(config.confirm.transient_span, seconds(7 * 86_400));
    let recheck = config.recheck;
    assert_eq!((recheck.min, recheck.max), (seconds(12 * 3600), seconds(30 * 86_400)));
    assert_eq!((recheck.max_visits, recheck.max_visits_per_host), (5000, 500));
    let retention = config.retention;
    let ages = [retention.bodies, retention.snapshots, retention.history];
    assert_eq!(ages, [0, 180, 365].map(|days| seconds(days * 86_400)));
    assert_eq!((retention.snapshots_per_target, retention.backups), (9, 3));
    let source = &config.sources[1];
    let git = source.git.as_ref().unwrap();
    assert_eq!((git.url.as_str(), git.branch.as_deref()), ("ssh://git@example.org/docs.git", Some("live")));
    assert!(git.tree.starts_with("/var/sources") && source.path == git.tree.join("articles/de"), "{git:?}");
    let mut moved = config.clone();
    moved.keep_state_at("/elsewhere/state.db".into());
    assert!(moved.sources[1].path.starts_with("/elsewhere/sources"), "trees go with the state");
    assert_eq!(moved.sources[0].path, config.sources[0].path);
    assert!(config.host_table.is_short_link("go.example.org"));
}

#[test]
fn the_nearest_file_above_counts_and_paths_start_where_it_lies() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path().canonicalize().unwrap();
    let below = root.join("content/ro-RO");
    std::fs::create_dir_all(&below).unwrap();
    std::fs::write(root.join("linkdrift.toml"), "[[source]]\nname = \"a\"\npath = \"content\"\n").unwrap();
    let config = config::load(None, &below).unwrap();
    assert_eq!(config.sources[0].path, root.join("content"));
    assert_eq!(config.state.path, root.join("state/linkdrift.db"));
}

#[test]
fn g01_an_explicit_file_must_be_there_and_be_a_file() {
    let folder = tempfile::tempdir().unwrap();
    let missing = config::load(Some(Path::new("nowhere.toml")), folder.path()).unwrap_err().to_string();
    assert!(
        missing.contains("nowhere.toml: cannot be read: No such file") && missing.contains("nowhere.toml"),
        "{missing}"
    );
    let a_folder = config::load(Some(Path::new(".")), folder.path()).unwrap_err().to_string();
    assert!(a_folder.contains("is a folder"), "{a_folder}");
}

#[test]
fn g01_files_that_are_no_utf8_or_too_large_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("linkdrift.toml");
    std::fs::write(&file, b"# caf\xe9\n[visit]\n").unwrap();
    let error = config::load(None, folder.path()).unwrap_err();
    assert_eq!((error.problems()[0].message(), error.problems()[0].position()), ("not UTF-8", Some((1, 6))));
    std::fs::write(&file, vec![b'#'; (1 << 20) + 1]).unwrap();
    let error = config::load(None, folder.path()).unwrap_err().to_string();
    assert!(error.contains(": is larger than 1 MiB"), "{error}");
}

#[test]
fn g08_state_where_a_folder_or_a_file_is_in_the_way_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir(folder.path().join("data")).unwrap();
    std::fs::write(folder.path().join("plain"), "").unwrap();
    for (path, why) in [("data", "is a folder"), ("plain/x.db", "is a file, not a folder")] {
        std::fs::write(folder.path().join("linkdrift.toml"), format!("[state]\npath = \"{path}\"\n"))
            .unwrap();
        let error = config::load(None, folder.path()).unwrap_err().to_string();
        assert!(error.contains(why), "{error}");
    }
}

#[test]
fn every_rule_can_be_configured() {
    for rule in linkdrift::rule::all() {
        assert!(config::RULE_IDS.contains(&rule.id), "{} is unknown to [rules]", rule.id);
    }
}

#[test]
fn a_bound_that_is_said_moves_the_one_that_is_not() {
    let days = |count: u64| Duration::from_secs(count * 86_400);
    let recheck = |text: &str| parse(&format!("[recheck]\n{text}\n")).recheck;
    assert_eq!((recheck("min = \"30d\"").min, recheck("min = \"30d\"").max), (days(30), days(30)));
    assert_eq!(recheck("max = \"6h\"").min, Duration::from_secs(6 * 3600));
}
