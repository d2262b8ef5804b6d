//! Which entries a command works on: PATHs, globs, `-`, lists of files, configured sources.

use std::collections::BTreeMap;
use std::io::Read;
use std::path::{Component, Path, PathBuf};

use anyhow::{Context, bail};
use regex::Regex;
use url::Url;

use crate::config::{self, Config, SourceSettings, value};
use crate::source::{Chooser, Chosen, EntryFile, Selection, Source, git};

/// Globs that choose entries where nothing else does.
const DEFAULT_FILES: [&str; 6] =
    ["**/*.md", "**/*.markdown", "**/*.html", "**/*.htm", "**/[tT][oO][cC].yml", "**/[tT][oO][cC].yaml"];

/// Largest list of files that is read, in bytes.
const LARGEST_LIST: u64 = 64 << 20;

/// Which entries, and which of their URLs.
#[derive(Debug, Clone, Default, clap::Args)]
#[command(next_help_heading = "Entries")]
pub struct SelectArgs {
    /// Files, folders, globs, or - for Markdown on standard input (default: the configured sources)
    #[arg(value_name = "PATH")]
    pub paths: Vec<PathBuf>,
    /// Globs that choose entries in folders, in place of those configured (repeatable)
    #[arg(long, value_name = "GLOB", value_parser = glob)]
    pub files: Vec<String>,
    /// Read paths from a file, one a line, or - for standard input; such a list may be empty
    #[arg(long, value_name = "FILE")]
    pub files_from: Option<PathBuf>,
    /// Leave out entries: a glob, relative to the source (repeatable)
    #[arg(long, value_name = "GLOB", value_parser = glob)]
    pub exclude_path: Vec<String>,
    /// What root-relative links resolve against
    #[arg(long, value_name = "URL", env = "LINKDRIFT_BASE_URL", value_parser = value::http_url, hide_env_values = true)]
    pub base_url: Option<Url>,
    /// Only URLs that match this regular expression (repeatable)
    #[arg(long, value_name = "REGEX", value_parser = config::url_regex)]
    pub include: Vec<Regex>,
    /// No URLs that match this regular expression (repeatable)
    #[arg(long, value_name = "REGEX", value_parser = config::url_regex)]
    pub exclude: Vec<Regex>,
    /// Replace what matches before anything else: "REGEX REPLACEMENT" (repeatable)
    #[arg(long, value_name = "REMAP", value_parser = config::remap)]
    pub remap: Vec<(Regex, String)>,
}

/// Puts the flags into `config` and says which entries are meant. A path or glob that matches nothing, and a source without an
/// entry, is an error; a list of files may be empty.
pub fn select(args: &SelectArgs, config: &mut Config, cwd: &Path) -> anyhow::Result<Vec<Selection>> {
    config.scope.include.extend(args.include.iter().cloned());
    config.scope.exclude.extend(args.exclude.iter().cloned());
    config.scope.remap.splice(0..0, args.remap.iter().cloned());
    let mut chosen = Choosing::new(args, config, cwd);
    if args.paths.is_empty() && args.files_from.is_none() {
        if let (true, Some(file)) = (chosen.configured.is_empty(), &config.file) {
            bail!(
                "nothing to read: {} defines no [[source]]: add one, or name files or folders",
                shown(file)
            );
        }
        if chosen.configured.is_empty() {
            bail!(
                "nothing to read: name files or folders, or write a configuration with `linkdrift init` (no {} here or above)",
                config::FILE_NAME
            );
        }
        let missing = |source: &&SourceSettings| source.git.as_ref().is_some_and(|git| !git::is_there(git));
        if let Some(source) = config.sources.iter().find(missing) {
            bail!(
                "source {}: not fetched yet: run a schedule with task = \"sync\" (`linkdrift run NAME`)",
                source.name
            );
        }
        let sources: Vec<_> = chosen.configured.clone();
        for source in sources {
            chosen.whole(source)?;
        }
    }
    for path in &args.paths {
        chosen.path(path)?;
    }
    if let Some(list) = &args.files_from {
        chosen.list(list)?;
        if chosen.selections.is_empty() {
            tracing::warn!("{}: the list names no entry that is there; nothing is read", shown(list));
        }
    }
    Ok(chosen.selections.into_values().collect())
}

/// What has been chosen so far, by order of appearance.
struct Choosing<'a> {
    args: &'a SelectArgs,
    cwd: &'a Path,
    configured: Vec<Source>,
    /// By name.
    selections: BTreeMap<(usize, String), Selection>,
    order: BTreeMap<String, usize>,
}

impl<'a> Choosing<'a> {
    fn new(args: &'a SelectArgs, config: &Config, cwd: &'a Path) -> Self {
        let configured = config.sources.iter().map(|settings| source_of(settings, args)).collect();
        Self { args, cwd, configured, selections: BTreeMap::new(), order: BTreeMap::new() }
    }

    fn path(&mut self, path: &Path) -> anyhow::Result<()> {
        if path.as_os_str() == "-" {
            let source = self.own("-".to_owned(), self.cwd.to_owned());
            self.add_file(source, EntryFile::standard_input());
            return Ok(());
        }
        let file = normal(&self.cwd.join(path));
        match std::fs::metadata(&file) {
            Ok(metadata) if metadata.is_dir() => self.folder(&file, path),
            Ok(_) => {
                self.file(&file);
                Ok(())
            }
            Err(_) if is_glob(path) => self.glob(path),
            Err(error) => Err(error).with_context(|| format!("cannot read {}", shown(path))),
        }
    }

    /// All entries below a folder.
    fn folder(&mut self, folder: &Path, written: &Path) -> anyhow::Result<()> {
        if let Some(source) = self.source_around(folder) {
            if source.root == folder {
                return self.whole(source);
            }
            let below = below(&source.root, folder);
            return self.add_folder(source, below, written);
        }
        // Sources below the folder stay themselves; the rest is a source of its own.
        let inner: Vec<Source> =
            self.configured.iter().filter(|source| source.root.starts_with(folder)).cloned().collect();
        let (name, root, prefix) = match folder.strip_prefix(self.cwd) {
            Ok(inside) if inside.as_os_str().is_empty() => (".".to_owned(), self.cwd.to_owned(), None),
            Ok(_) => (below(self.cwd, folder), self.cwd.to_owned(), Some(below(self.cwd, folder))),
            Err(_) => (shown(written), folder.to_owned(), None),
        };
        let mut own = self.own(name, root);
        for source in &inner {
            own.exclude_paths.push(globset::escape(&below(&own.root, &source.root)));
        }
        let selection = Selection {
            source: own,
            chosen: match prefix {
                Some(prefix) => Chosen::Some { folders: vec![prefix], files: Vec::new() },
                None => Chosen::All,
            },
            whole: true,
        };
        let has_inner = !inner.is_empty();
        for source in inner {
            self.whole(source)?;
        }
        if selection.is_empty()? {
            if has_inner {
                return Ok(());
            }
            bail!("{}: no entry here: {} match nothing", shown(written), selection.source.files.join(", "));
        }
        self.add(selection);
        Ok(())
    }

    /// One file, whatever the globs say.
    fn file(&mut self, file: &Path) {
        let (source, path) = self.home_of(file);
        let entry = EntryFile { file: file.to_owned(), ..source.entry(&path) };
        self.add_file(source, entry);
    }

    fn glob(&mut self, pattern: &Path) -> anyhow::Result<()> {
        let text = shown(pattern);
        let whole = normal_glob(self.cwd, pattern);
        let matcher = globset::GlobBuilder::new(&whole.to_string_lossy())
            .literal_separator(true)
            .build()
            .map_err(|error| anyhow::anyhow!("{text}: no such file, and no glob: {}", error.kind()))?
            .compile_matcher();
        let start = whole
            .ancestors()
            .skip(1)
            .find(|folder| !is_glob(folder))
            .map_or_else(|| self.cwd.to_owned(), Path::to_owned);
        if !start.is_dir() {
            bail!("{text}: matches nothing: there is no folder {}", shown(&start));
        }
        let mut files: Vec<PathBuf> = ignore::WalkBuilder::new(&start)
            .require_git(false)
            .sort_by_file_path(Path::cmp)
            .build()
            .filter_map(Result::ok)
            .filter(|entry| {
                !entry.file_type().is_some_and(|kind| kind.is_dir()) && matcher.is_match(entry.path())
            })
            .map(ignore::DirEntry::into_path)
            .collect();
        files.retain(|file| !self.is_excluded(file));
        if files.is_empty() {
            bail!("{text}: matches nothing");
        }
        for file in files {
            self.file(&file);
        }
        Ok(())
    }

    /// Files named one a line. What is not there any more, or is no entry, is left out: such lists come from `git diff`.
    fn list(&mut self, list: &Path) -> anyhow::Result<()> {
        let mut text = String::new();
        let read = if list.as_os_str() == "-" {
            std::io::stdin().lock().take(LARGEST_LIST).read_to_string(&mut text)
        } else {
            std::fs::File::open(self.cwd.join(list))
                .and_then(|file| file.take(LARGEST_LIST).read_to_string(&mut text))
        };
        read.with_context(|| format!("cannot read the list {}", shown(list)))?;
        for line in text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#')) {
            let file = normal(&self.cwd.join(line));
            if file.is_dir() {
                self.folder(&file, Path::new(line))?;
                continue;
            }
            let (source, path) = self.home_of(&file);
            if file.exists() && Chooser::new(&source)?.chooses(&path) {
                self.file(&file);
            } else {
                tracing::info!(file = line, "left out: not there, or no entry");
            }
        }
        Ok(())
    }

    fn whole(&mut self, source: Source) -> anyhow::Result<()> {
        if !source.root.is_dir() {
            bail!("source {}: no folder {}", source.name, shown(&source.root));
        }
        let selection = Selection::whole(source);
        if selection.is_empty()? {
            let source = &selection.source;
            bail!(
                "source {}: no entry in {}: {} match nothing",
                source.name,
                shown(&source.root),
                source.files.join(", ")
            );
        }
        self.add(selection);
        Ok(())
    }

    fn add_folder(&mut self, source: Source, folder: String, written: &Path) -> anyhow::Result<()> {
        let chosen = Chosen::Some { folders: vec![folder], files: Vec::new() };
        let selection = Selection { source, chosen, whole: false };
        if selection.is_empty()? {
            bail!("{}: no entry here: {} match nothing", shown(written), selection.source.files.join(", "));
        }
        self.add(selection);
        Ok(())
    }

    fn add_file(&mut self, source: Source, file: EntryFile) {
        let chosen = Chosen::Some { folders: Vec::new(), files: vec![file] };
        self.add(Selection { source, chosen, whole: false });
    }

    /// Adds to what was chosen of the same source.
    fn add(&mut self, selection: Selection) {
        let name = selection.source.name.clone();
        let next = self.order.len();
        let order = *self.order.entry(name.clone()).or_insert(next);
        let Some(known) = self.selections.get_mut(&(order, name.clone())) else {
            self.selections.insert((order, name), selection);
            return;
        };
        known.whole |= selection.whole;
        let merged = match (std::mem::replace(&mut known.chosen, Chosen::All), selection.chosen) {
            (
                Chosen::Some { mut folders, mut files },
                Chosen::Some { folders: more_folders, files: more_files },
            ) => {
                folders.extend(more_folders);
                files.extend(more_files);
                Chosen::Some { folders, files }
            }
            _ => Chosen::All,
        };
        known.chosen = merged;
    }

    /// The source that a file belongs to, and its path there.
    fn home_of(&self, file: &Path) -> (Source, String) {
        if let Some(source) = self.source_around(file) {
            let path = below(&source.root, file);
            return (source, path);
        }
        if file.starts_with(self.cwd) {
            return (self.own(".".to_owned(), self.cwd.to_owned()), below(self.cwd, file));
        }
        let folder = file.parent().unwrap_or(file);
        (self.own(shown(folder), folder.to_owned()), below(folder, file))
    }

    fn is_excluded(&self, file: &Path) -> bool {
        let (source, path) = self.home_of(file);
        Chooser::new(&source).is_ok_and(|chooser| chooser.excludes(&path))
    }

    /// The configured source with the longest root around `path`.
    fn source_around(&self, path: &Path) -> Option<Source> {
        self.configured
            .iter()
            .filter(|source| path.starts_with(&source.root))
            .max_by_key(|source| source.root.components().count())
            .cloned()
    }

    /// A source that no configuration names.
    fn own(&self, name: String, root: PathBuf) -> Source {
        let files = if self.args.files.is_empty() {
            DEFAULT_FILES.map(str::to_owned).to_vec()
        } else {
            self.args.files.clone()
        };
        Source {
            name,
            root,
            base_url: self.args.base_url.clone(),
            locale: None,
            group: None,
            files,
            exclude_paths: self.args.exclude_path.clone(),
            date_key: "ms.date".to_owned(),
            code: false,
        }
    }
}

fn source_of(settings: &SourceSettings, args: &SelectArgs) -> Source {
    let mut source = Source::from(settings);
    source.root = normal(&source.root);
    if !args.files.is_empty() {
        source.files.clone_from(&args.files);
    }
    source.exclude_paths.extend(args.exclude_path.iter().cloned());
    if args.base_url.is_some() {
        source.base_url.clone_from(&args.base_url);
    }
    source
}

fn glob(text: &str) -> Result<String, String> {
    let plain = text.trim_start_matches("./").trim_end_matches('/');
    config::glob(plain).map(|()| plain.to_owned())
}

fn is_glob(path: &Path) -> bool {
    path.to_string_lossy().contains(['*', '?', '[', '{'])
}

/// `path` without `.` and `..`, as far as that goes without asking the disk.
fn normal(path: &Path) -> PathBuf {
    let mut normal = PathBuf::new();
    for part in path.components() {
        match part {
            Component::CurDir => {}
            Component::ParentDir => {
                normal.pop();
            }
            part => normal.push(part),
        }
    }
    normal
}

/// A glob as an absolute one: the folder it starts from is taken literally.
fn normal_glob(cwd: &Path, pattern: &Path) -> PathBuf {
    if pattern.is_absolute() {
        return normal(pattern);
    }
    let up = pattern.components().filter(|part| matches!(part, Component::ParentDir)).count();
    let start = cwd.ancestors().nth(up).unwrap_or(cwd);
    let rest: PathBuf = pattern.components().filter(|part| matches!(part, Component::Normal(_))).collect();
    PathBuf::from(globset::escape(&start.to_string_lossy())).join(rest)
}

/// `path` below `root`, with `/`.
fn below(root: &Path, path: &Path) -> String {
    let parts = path.strip_prefix(root).unwrap_or(path).components();
    parts.map(|part| part.as_os_str().to_string_lossy().into_owned()).collect::<Vec<_>>().join("/")
}

/// For the reader: without control characters.
fn shown(path: &Path) -> String {
    path.to_string_lossy().chars().filter(|c| !c.is_control()).collect()
}
