//! `linkdrift init`: writes a commented linkdrift.toml and schedules/ for this repository. It never overwrites anything.

use std::fmt::Write as _;
use std::fs::{self, OpenOptions};
use std::io::Write as _;
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use clap::ValueHint;

use super::Exit;
use crate::config::FILE_NAME;
use crate::config::schedule::SCHEDULES_FOLDER;

/// Flags of `init`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// The repository
    #[arg(default_value = ".", value_hint = ValueHint::DirPath)]
    pub folder: PathBuf,
}

/// A tree of entries that was found.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Found {
    name: String,
    /// Relative to the repository, with `/`.
    path: String,
    locale: Option<String>,
    group: Option<String>,
}

/// Folders deeper than this are not searched for locales.
const MAX_DEPTH: usize = 5;

/// No more folders than this are searched.
const MAX_FOLDERS: usize = 20_000;

/// The schedules that are written: name and text.
const SCHEDULES: [(&str, &str); 5] = [
    ("short-links", include_str!("../../schedules/short-links.toml")),
    ("everything", include_str!("../../schedules/everything.toml")),
    ("sync", include_str!("../../schedules/sync.toml")),
    ("backup", include_str!("../../schedules/backup.toml")),
    ("prune", include_str!("../../schedules/prune.toml")),
];

/// Runs it.
pub fn run(args: &Args) -> anyhow::Result<Exit> {
    let root = &args.folder;
    if !root.is_dir() {
        bail!("{}: no such folder", root.display());
    }
    let file = root.join(FILE_NAME);
    if file.symlink_metadata().is_ok() {
        bail!("{} is there already: edit it, or move it away first; nothing was written", file.display());
    }
    let sources = find_sources(root);
    let text = configuration(&sources, guess_base_url(root).as_deref());
    write_new(&file, &text)?;
    let mut written = vec![file];
    let folder = root.join(SCHEDULES_FOLDER);
    let has_schedules = fs::read_dir(&folder).is_ok_and(|mut items| {
        items.any(|item| item.is_ok_and(|item| item.path().extension().is_some_and(|ext| ext == "toml")))
    });
    if !has_schedules {
        fs::create_dir_all(&folder)
            .with_context(|| format!("cannot make the folder {}", folder.display()))?;
        for (name, text) in SCHEDULES {
            let file = folder.join(format!("{name}.toml"));
            write_new(&file, text)?;
            written.push(file);
        }
    }
    let mut hints = String::new();
    for file in &written {
        writeln!(hints, "wrote {}", file.display())?;
    }
    if has_schedules {
        writeln!(hints, "left {} as it is: there are schedules in it", folder.display())?;
    }
    for source in &sources {
        writeln!(hints, "source {}: {}", source.name, source.path)?;
    }
    hints.push_str(
        "next:\n  \
         review linkdrift.toml: the sources, base_url where links begin with /, user_agent_contact\n  \
         linkdrift links            what would be visited, without network\n  \
         linkdrift check            visit, judge, report\n  \
         linkdrift schedules next   when the service would run\n",
    );
    let _ = std::io::stderr().lock().write_all(hints.as_bytes());
    Ok(Exit::Success)
}

/// Creates a file that must not be there, whole or not at all.
fn write_new(file: &Path, text: &str) -> anyhow::Result<()> {
    let failed = || format!("cannot write {}", file.display());
    let mut new = OpenOptions::new().write(true).create_new(true).open(file).with_context(failed)?;
    new.write_all(text.as_bytes()).and_then(|()| new.sync_all()).with_context(failed)
}

fn configuration(sources: &[Found], base_url: Option<&str>) -> String {
    let mut text = HEAD.to_owned();
    for source in sources {
        text.push_str("\n[[source]]\n");
        text.push_str(&format!("name = {}\n", quoted(&source.name)));
        text.push_str(&format!("path = {}\n", quoted(&source.path)));
        match &source.locale {
            Some(locale) => text.push_str(&format!("locale = {}\n", quoted(locale))),
            None => text.push_str("# locale = \"en-US\"\n"),
        }
        if let Some(group) = &source.group {
            text.push_str(&format!("group = {}\n", quoted(group)));
        }
        let base_url = quoted(base_url.unwrap_or("https://docs.example.org"));
        text.push_str(&format!(
            "# base_url = {base_url}    # what links that begin with / resolve against\n"
        ));
        text.push_str("# files = [\"**/*.md\", \"**/TOC.yml\"]\n# exclude_paths = [\"includes/**\"]\n");
    }
    text + TAIL
}

const HEAD: &str = "\
# What linkdrift reads, how it visits, what it reports. Relative paths start from this file.
# Every key is optional unless it says so; keys that are commented out show their default.

[state]
path = \"state/linkdrift.db\"      # one SQLite file: history, snapshots, findings; keep it out of git
# bodies = \"full\"                # how much of other people's pages is kept: full, text, none

# A tree of help entries. Sources of one group are translations of each other. In place of `path` a source can be in
# git (keys `git`, `branch`, `folder`); a schedule with the task `sync` fetches it.
";

const TAIL: &str = r#"
[visit]
# user_agent_contact = "docs-team@example.org"   # sites find it in the User-Agent: please set it
# max_concurrency = 64                           # requests at once, in all
# host_concurrency = 8                           # requests at once to one host at most
# host_rate = "20/s"                             # and how fast at most
# host_start_concurrency = 4                     # where a host begins; from there it grows only while it stays fast
# host_start_rate = "4/s"
# robots = "snapshots"                           # robots.txt decides whose text is kept ("all": what is requested; "off")
# probes = "on"                                  # "off": hosts are never asked for what no entry names
# max_wait = "60s"                               # longest Retry-After that is waited for (1d in the service)
# ca_files = []                                  # PEM files with further certificate authorities
# allow_private = []                             # ranges or hosts of your own network: "10.0.0.0/8"
# proxy = "none"                                 # or "env", or a URL

# What one host bears, or how it is asked.
# [[host]]
# match = "*.example.org"
# concurrency = 2
# rate = "1/s"
# accept = [403]                                 # statuses that count as well; time-outs, retries, robots … as under [visit]
# headers = { Authorization = "env:DOCS_TOKEN" } # a secret is named, never written: env:NAME or file:PATH

[recheck]                                        # how soon schedules visit a target again; `check` visits everything
# min = "1d"                                     # at the earliest; what never changes is visited more and more seldom,
# max = "14d"                                    # down to this
# max_visits = 100000                            # of one run; what is due longest goes first, the rest next time
# max_visits_per_host = 20000

[retention]                                      # what the task `prune` leaves; findings and baselines keep what they need
# bodies = "90d"                                 # bodies of pages, once there is newer content
# snapshots = "730d"                             # their readable text
# snapshots_per_target = 50
# history = "730d"                               # what visits found, resolved findings, entries that are gone
# backups = 7                                    # copies that the task `backup` keeps

# [scope]
# exclude = ["^https://internal\\."]             # URL regexes that are never visited

[rules]
# "entry/age" = { severity = "warning", days = 365 }
# "link/empty-text" = { severity = "off" }

# Who is told of findings by `run` and the service; docs/notifications.md has mail, Slack and Teams.
# [[notify]]
# name = "docs-team"
# webhook = "env:LINKDRIFT_WEBHOOK"              # or "file:PATH", "credential:NAME": a secret does not stand here
# severity = "warning"                           # this and worse

# [metrics]
# listen = "127.0.0.1:9464"                      # /metrics, /healthz, /readyz of the service

# Findings that were looked at and are not wanted.
# [[ignore]]
# url = "https://status.example.org/**"
# rule = "link/blocked"
# reason = "answers only inside the company"     # required
# until = 2027-06-30                             # after it the finding is back; what mutes nothing is noted

# Names that were changed, so that a page which changed in nothing else is no change (more are shipped).
# [[renamed]]
# from = ["Northwind Drive"]
# to = ["Northwind Files"]
# except = ["Northwind Drive SDK"]
"#;

/// A TOML text.
fn quoted(text: &str) -> String {
    toml::Value::String(text.to_owned()).to_string()
}

/// Folders named like a locale that hold entries; else folders that usually hold them; else everything.
fn find_sources(root: &Path) -> Vec<Found> {
    let mut folders = Vec::new();
    let mut budget = MAX_FOLDERS;
    find_locales(root, &mut Vec::new(), &mut budget, &mut folders);
    folders.sort();
    if !folders.is_empty() {
        return folders.iter().map(|path| locale_source(path, &folders)).collect();
    }
    let usual = ["content", "docs", "articles", "help", "doc"];
    let usual =
        usual.iter().find(|name| root.join(name).is_dir() && holds_entries(&root.join(name), 0, &mut budget));
    let (name, path) = match usual {
        Some(name) => (*name, *name),
        None => ("content", "."),
    };
    vec![Found { name: name.to_owned(), path: path.to_owned(), locale: None, group: None }]
}

/// Names a source by its locale, or by its path where several folders have the locale. Siblings are one group.
fn locale_source(path: &[String], all: &[Vec<String>]) -> Found {
    let last = path.last().cloned().unwrap_or_default();
    let parent = &path[..path.len() - 1];
    let unique = all.iter().filter(|other| other.last() == path.last()).count() == 1;
    let siblings = all.iter().filter(|other| other[..other.len() - 1] == *parent).count();
    let group = (siblings > 1).then(|| match parent {
        [] => "content".to_owned(),
        parent => parent.join("/"),
    });
    let name = if unique { last.clone() } else { path.join("/") };
    Found { name, path: path.join("/"), locale: Some(last), group }
}

fn find_locales(folder: &Path, path: &mut Vec<String>, budget: &mut usize, found: &mut Vec<Vec<String>>) {
    if path.len() >= MAX_DEPTH {
        return;
    }
    for (name, child) in folders_in(folder) {
        if *budget == 0 {
            return;
        }
        *budget -= 1;
        path.push(name);
        match is_locale(path.last().map_or("", String::as_str)) {
            true if holds_entries(&child, 0, budget) => found.push(path.clone()),
            true => {}
            false => find_locales(&child, path, budget, found),
        }
        path.pop();
    }
}

/// `ro-RO`, `en-us`, `zh-Hans`, `zh-Hant-TW`, `es-419`. A language alone could be any folder, and so could two short words in small
/// letters, unless the first is a language that help is often written in.
fn is_locale(name: &str) -> bool {
    let (language, rest) = name.split_once('-').unwrap_or((name, ""));
    let small = |text: &str| text.chars().all(|c| c.is_ascii_lowercase());
    let script = |text: &str| {
        text.len() == 4 && text.starts_with(|c: char| c.is_ascii_uppercase()) && small(&text[1..])
    };
    let region = |text: &str| match text.len() {
        2 => text.chars().all(|c| c.is_ascii_uppercase()) || (small(text) && LANGUAGES.contains(&language)),
        3 => text.chars().all(|c| c.is_ascii_digit()),
        _ => false,
    };
    let rest_fits = match rest.split_once('-') {
        Some((first, second)) => script(first) && region(second),
        None => script(rest) || region(rest),
    };
    name.is_ascii() && matches!(language.len(), 2 | 3) && small(language) && rest_fits
}

/// Languages (ISO 639-1) of folders such as `en-us`.
const LANGUAGES: &[&str] = &[
    "ar", "bg", "bs", "ca", "cs", "da", "de", "el", "en", "es", "et", "eu", "fa", "fi", "fr", "ga", "gl",
    "he", "hi", "hr", "hu", "id", "is", "it", "ja", "kk", "ko", "lb", "lt", "lv", "ms", "mt", "nb", "nl",
    "nn", "pl", "pt", "ro", "ru", "sk", "sl", "sr", "sv", "th", "tr", "uk", "vi", "zh",
];

fn holds_entries(folder: &Path, depth: usize, budget: &mut usize) -> bool {
    let Ok(items) = fs::read_dir(folder) else { return false };
    let is_entry = |path: &Path| {
        path.is_file()
            && path.extension().is_some_and(|ext| ["md", "markdown", "html", "htm"].iter().any(|e| ext == *e))
    };
    if items.flatten().take(100_000).any(|item| is_entry(&item.path())) {
        return true;
    }
    depth < MAX_DEPTH
        && folders_in(folder).into_iter().any(|(_, child)| {
            *budget = budget.saturating_sub(1);
            *budget > 0 && holds_entries(&child, depth + 1, budget)
        })
}

/// The folders in a folder, by name; not hidden ones, not what tools make, no symbolic links.
fn folders_in(folder: &Path) -> Vec<(String, PathBuf)> {
    let Ok(items) = fs::read_dir(folder) else { return Vec::new() };
    let mut folders: Vec<_> = items
        .flatten()
        .filter(|item| item.file_type().is_ok_and(|kind| kind.is_dir()))
        .filter_map(|item| Some((item.file_name().into_string().ok()?, item.path())))
        .filter(|(name, _)| !name.starts_with('.') && !name.chars().any(char::is_control))
        .filter(|(name, _)| {
            !["node_modules", "target", "vendor", "_site", "state", "dist"].contains(&name.as_str())
        })
        .collect();
    folders.sort();
    folders
}

/// Where the entries are published, as far as files of the usual publishers say.
fn guess_base_url(root: &Path) -> Option<String> {
    if [".openpublishing.publish.config.json", "docfx.json"].iter().any(|name| root.join(name).is_file()) {
        return Some("https://learn.microsoft.com".to_owned());
    }
    let host = fs::read_to_string(root.join("CNAME")).ok()?;
    crate::config::value::host_name(host.trim()).ok().map(|host| format!("https://{host}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_locales() {
        for name in ["ro-RO", "en-us", "zh-Hans", "zh-Hant-TW", "es-419", "fil-PH"] {
            assert!(is_locale(name), "{name}");
        }
        for name in [
            "docs",
            "in",
            "ro_RO",
            "x-large-box",
            "RO-ro",
            "ro-",
            "how-to",
            "go-to",
            "ro-RO2",
            "ro",
            "zh-hans",
            "é-RO",
        ] {
            assert!(!is_locale(name), "{name}");
        }
    }

    #[test]
    fn locales_are_found_where_entries_are_and_grouped_by_their_parent() {
        let folder = tempfile::tempdir().unwrap();
        for path in [
            "content/ro-RO/a",
            "content/de-DE",
            "other/ro-RO",
            "content/fr-FR",
            "node_modules/en-US",
            ".git/en-US",
        ] {
            fs::create_dir_all(folder.path().join(path)).unwrap();
        }
        for file in
            ["content/ro-RO/a/x.md", "content/de-DE/x.html", "other/ro-RO/y.md", "node_modules/en-US/z.md"]
        {
            fs::write(folder.path().join(file), "").unwrap();
        }
        let found = find_sources(folder.path());
        let lines: Vec<String> = found
            .iter()
            .map(|found| {
                let group = found.group.as_deref().unwrap_or("-");
                format!("{} {} {}", found.name, found.path, group)
            })
            .collect();
        assert_eq!(
            lines,
            [
                "de-DE content/de-DE content",
                "content/ro-RO content/ro-RO content",
                "other/ro-RO other/ro-RO -"
            ]
        );
    }

    #[test]
    fn without_locales_the_usual_folder_or_everything() {
        let folder = tempfile::tempdir().unwrap();
        assert_eq!(find_sources(folder.path())[0].path, ".");
        fs::create_dir_all(folder.path().join("docs")).unwrap();
        fs::write(folder.path().join("docs/a.md"), "").unwrap();
        assert_eq!(find_sources(folder.path())[0].path, "docs");
    }

    #[test]
    fn what_is_written_is_read_back_whatever_folders_are_called() {
        let sources = [Found {
            name: "odd \"name\" \\ é".to_owned(),
            path: "odd \"name\" \\ é/ro-RO".to_owned(),
            locale: Some("ro-RO".to_owned()),
            group: Some("odd".to_owned()),
        }];
        let text = configuration(&sources, Some("https://help.example.org"));
        let read = |text: &str| {
            let config = crate::config::parse(text, Path::new("linkdrift.toml"), Path::new("/r"));
            config.unwrap_or_else(|error| panic!("{error}"))
        };
        assert_eq!(read(&text).sources[0].name, sources[0].name);
        // The keys that are commented out show what applies anyway.
        let shown: String = text
            .lines()
            .map(|line| match line.strip_prefix("# ") {
                Some(rest) if rest.starts_with(['[', '"']) || rest.contains(" = ") => format!("{rest}\n"),
                _ => format!("{line}\n"),
            })
            .collect();
        let config = read(&shown);
        let defaults = crate::config::VisitSettings::default();
        assert_eq!(config.visit.max_concurrency, defaults.max_concurrency);
        assert_eq!((config.visit.host, config.visit.max_wait), (defaults.host, defaults.max_wait));
        assert_eq!((config.recheck, config.retention), Default::default());
        assert_eq!(
            config.sources[0].base_url.as_ref().map(url::Url::as_str),
            Some("https://help.example.org/")
        );
    }
}
