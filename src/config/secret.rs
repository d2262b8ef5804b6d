//! Secrets: configuration names where one is, never what it is.

use std::fmt;
use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

/// The longest secret, in bytes.
const LONGEST: u64 = 8 << 10;

/// Where systemd puts what `LoadCredential=` names (systemd.exec(5), CREDENTIALS_DIRECTORY).
const CREDENTIALS: &str = "CREDENTIALS_DIRECTORY";

/// Where a secret is. It is read when it is used, so that it can be exchanged while the service runs, and it is kept nowhere.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Secret {
    /// `env:NAME`: a variable of the environment.
    Env(String),
    /// `file:PATH`: the text of a file.
    File(PathBuf),
    /// `credential:NAME`: what the service manager loaded for this service.
    Credential(String),
}

impl Secret {
    /// Takes `env:NAME`, `file:PATH` (relative to `root`) or `credential:NAME`. The error does not repeat the text, which may be the
    /// secret itself.
    pub(super) fn parse(root: &Path, text: &str) -> Result<Self, String> {
        let plain = |name: &str| {
            (1..=255).contains(&name.len())
                && name != "."
                && name != ".."
                && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.'))
        };
        match text.split_once(':') {
            Some(("env", name)) if plain(name) => Ok(Self::Env(name.to_owned())),
            Some(("credential", name)) if plain(name) => Ok(Self::Credential(name.to_owned())),
            Some(("file", path)) => super::paths::absolute(root, path).map(Self::File),
            _ => {
                Err("a secret does not stand here: write \"env:NAME\", \"file:PATH\" or \"credential:NAME\""
                    .to_owned())
            }
        }
    }

    /// The secret, without white space around it: one line of at most 8 KiB. The error says what could not be read, never what was.
    pub fn read(&self) -> Result<String, String> {
        let text = match self {
            Self::Env(name) => std::env::var(name).map_err(|_| format!("{self} is not set, or not UTF-8"))?,
            Self::File(path) => self.of_file(path)?,
            Self::Credential(name) => {
                let folder = std::env::var_os(CREDENTIALS).ok_or_else(|| {
                    format!("{self}: the service manager gave no credentials; the unit needs LoadCredential={name}:PATH")
                })?;
                self.of_file(&Path::new(&folder).join(name))?
            }
        };
        let text = text.trim();
        if text.is_empty() || text.len() as u64 > LONGEST || text.chars().any(char::is_control) {
            return Err(format!("{self}: a secret is one line of 1 to {LONGEST} bytes"));
        }
        Ok(text.to_owned())
    }

    fn of_file(&self, path: &Path) -> Result<String, String> {
        let failed = |error: std::io::Error| format!("{self} cannot be read: {error}");
        if !path.metadata().map_err(failed)?.is_file() {
            return Err(format!("{self} is no regular file"));
        }
        let mut text = String::new();
        File::open(path).map_err(failed)?.take(LONGEST + 2).read_to_string(&mut text).map_err(failed)?;
        Ok(text)
    }
}

impl fmt::Display for Secret {
    /// As it is written in the configuration.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Env(name) => write!(f, "env:{name}"),
            Self::File(path) => write!(f, "file:{}", path.display()),
            Self::Credential(name) => write!(f, "credential:{name}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_named_and_never_repeated() {
        let parse = |text: &str| Secret::parse(Path::new("/etc/linkdrift"), text);
        assert_eq!(parse("env:TOKEN"), Ok(Secret::Env("TOKEN".into())));
        assert_eq!(parse("credential:smtp-password"), Ok(Secret::Credential("smtp-password".into())));
        assert_eq!(parse("file:token"), Ok(Secret::File("/etc/linkdrift/token".into())));
        for text in [
            "hunter2",
            "env:",
            "env:A B",
            "credential:../x",
            "credential:..",
            "https://hunter2.example/x",
            "file:",
        ] {
            let error = parse(text).expect_err(text);
            assert!(!error.contains("hunter2"), "{error}");
        }
    }

    #[test]
    fn a_file_is_read_each_time_and_bounded() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("token");
        let secret = Secret::File(path.clone());
        assert!(secret.read().unwrap_err().contains("cannot be read"));
        std::fs::write(&path, "one\n").unwrap();
        assert_eq!(secret.read().as_deref(), Ok("one"));
        std::fs::write(&path, "two").unwrap();
        assert_eq!(secret.read().as_deref(), Ok("two"));
        for bad in ["", " \n", "two\nlines", &"x".repeat(9000)] {
            std::fs::write(&path, bad).unwrap();
            assert!(secret.read().is_err(), "{} bytes", bad.len());
        }
        assert!(Secret::File(folder.path().to_owned()).read().unwrap_err().contains("no regular file"));
    }
}
