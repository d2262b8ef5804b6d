//! Finding and reading `linkdrift.toml`.

use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

use super::check::Checker;
use super::error::{ConfigError, Origin, Problem};
use super::{Config, HostTable, VisitSettings, paths, toml_error, written};

/// The file's name.
pub const FILE_NAME: &str = "linkdrift.toml";

/// The longest file that is read, in bytes.
pub const MAX_FILE: usize = 1 << 20;

impl Config {
    /// What applies where no file was found: no source, state beside the working directory.
    pub fn defaults(cwd: &Path) -> Self {
        Self {
            file: None,
            root: cwd.to_owned(),
            state: super::StateSettings { path: cwd.join("state/linkdrift.db"), bodies: Default::default() },
            sources: Vec::new(),
            scope: Default::default(),
            visit: Default::default(),
            hosts: Vec::new(),
            rules: Default::default(),
            ignores: Vec::new(),
            confirm: Default::default(),
            recheck: Default::default(),
            retention: Default::default(),
            host_table: HostTable::shipped(),
            notify: Vec::new(),
            metrics: None,
            term_table: super::TermTable::shipped(),
        }
    }
}

/// Reads the configuration: `explicit`, which must exist, else `linkdrift.toml` in `cwd` or above it, else the defaults.
pub fn load(explicit: Option<&Path>, cwd: &Path) -> Result<Config, ConfigError> {
    load_with(explicit, cwd, &VisitSettings::default())
}

/// As [`load`], with the defaults of the service.
pub fn load_for_service(explicit: Option<&Path>, cwd: &Path) -> Result<Config, ConfigError> {
    load_with(explicit, cwd, &VisitSettings::of_service())
}

fn load_with(explicit: Option<&Path>, cwd: &Path, visit: &VisitSettings) -> Result<Config, ConfigError> {
    let with_defaults = |root: &Path| Config { visit: visit.clone(), ..Config::defaults(root) };
    let file = match explicit {
        Some(file) => paths::normal(&cwd.join(file)),
        None => match find(cwd) {
            Some(file) => file,
            None => return Ok(with_defaults(cwd)),
        },
    };
    let text = read(&file)?;
    // Relative paths start where the file lies, wherever it is read from.
    let root = file.parent().unwrap_or(cwd).to_owned();
    let config = parse_onto(&text, &file, with_defaults(&root))?;
    paths::state_place(&config.state.path)
        .map_err(|why| ConfigError::from(Problem::of_file(&file, format!("[state] path: {why}"), None)))?;
    Ok(config)
}

/// The nearest `linkdrift.toml` in `cwd` or above it.
pub fn find(cwd: &Path) -> Option<PathBuf> {
    cwd.ancestors().map(|folder| folder.join(FILE_NAME)).find(|file| file.symlink_metadata().is_ok())
}

/// Text → checked form; looks at nothing but its arguments. `file` is cited in errors; relative paths start from `root`, which is
/// absolute.
pub fn parse(text: &str, file: &Path, root: &Path) -> Result<Config, ConfigError> {
    parse_onto(text, file, Config::defaults(root))
}

/// As [`parse`]; what the file does not say is as in `defaults`.
fn parse_onto(text: &str, file: &Path, defaults: Config) -> Result<Config, ConfigError> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    if text.len() > MAX_FILE {
        return Err(too_large(file));
    }
    let origin = Origin::file(file, text);
    let written: written::File =
        toml::from_str(text).map_err(|error| toml_error::problem(&origin, &error, text))?;
    let root = defaults.root.clone();
    let mut check = Checker::new(&origin, &root);
    let mut config = check.config(written, defaults);
    if !check.problems.is_empty() {
        return Err(ConfigError::of(check.problems));
    }
    config.file = Some(file.to_owned());
    Ok(config)
}

/// Reads a configuration or schedule file: bounded, UTF-8.
pub(super) fn read(file: &Path) -> Result<String, ConfigError> {
    let failed = |error: &std::io::Error| {
        if error.kind() == std::io::ErrorKind::NotFound
            && let Ok(target) = std::fs::read_link(file)
        {
            let why = format!("a symbolic link to {}, which is not there", target.display());
            return ConfigError::from(Problem::of_file(file, why, None));
        }
        let help = match error.kind() {
            std::io::ErrorKind::NotFound => Some("`linkdrift init` writes one".to_owned()),
            _ => None,
        };
        ConfigError::from(Problem::of_file(file, format!("cannot be read: {error}"), help))
    };
    if file.is_dir() {
        return Err(Problem::of_file(file, "is a folder, not a file", None).into());
    }
    // Opening a FIFO that nobody writes to never ends; one handed over by a shell (`--config <(…)`) lies in /dev or /proc.
    let handed_over = file.starts_with("/dev") || file.starts_with("/proc");
    if !handed_over && file.metadata().is_ok_and(|metadata| !metadata.is_file()) {
        return Err(Problem::of_file(file, "is no regular file", None).into());
    }
    let mut bytes = Vec::new();
    let opened = File::open(file).map_err(|error| failed(&error))?;
    opened.take(MAX_FILE as u64 + 1).read_to_end(&mut bytes).map_err(|error| failed(&error))?;
    if bytes.len() > MAX_FILE {
        return Err(too_large(file));
    }
    String::from_utf8(bytes).map_err(|error| {
        let good = error.utf8_error().valid_up_to();
        let bytes = error.into_bytes();
        let text = String::from_utf8_lossy(&bytes);
        let origin = Origin::file(file, &text);
        origin.problem(good..good + 3, "not UTF-8", Some("save the file as UTF-8".to_owned())).into()
    })
}

fn too_large(file: &Path) -> ConfigError {
    Problem::of_file(file, "is larger than 1 MiB", None).into()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn of_a_thousand_mistakes_the_first_are_shown() {
        let text = "[[host]]\nmatch = \"*.*\"\n".repeat(20_000);
        let error = parse(&text, Path::new("a.toml"), Path::new("/r")).unwrap_err();
        assert_eq!(error.problems().len(), 20_000);
        let shown = error.to_string();
        assert!(shown.len() < 50_000 && shown.ends_with("\n\nand 19950 more"), "{}", shown.len());
    }

    proptest! {
        /// Whatever is written, the answer is a configuration or an error that can be shown.
        #[test]
        fn no_text_panics(text in "(\\[\\[?(state|source|visit|host|rules|ignore|confirm|scope|known|notify|metrics)\\]?\\]\n|[a-z_]{1,12} = (\"[ -~é]{0,20}\"|-?[0-9]{1,20}|\\[\"[ -~]{0,9}\"\\]|\\{ a = 1 \\}|nan)\n|.{0,12}\n){0,8}") {
            if let Err(error) = parse(&text, Path::new("a.toml"), Path::new("/r")) {
                let shown = error.to_string();
                prop_assert!(!shown.is_empty() && error.problems().iter().all(|problem| !problem.message().is_empty()));
                prop_assert!(!shown.chars().any(|c| c.is_control() && c != '\n'), "{shown:?}");
            }
        }
    }
}
