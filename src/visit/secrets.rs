//! Values of headers that stand in the environment or in files: read once, shown nowhere.

use std::collections::HashMap;
use std::fs::File;
use std::io::Read;
use std::path::Path;

use reqwest::header::HeaderValue;

use crate::config::{HostSettings, SecretSource};

/// The longest secret, in bytes.
const LONGEST: u64 = 8 << 10;

/// The secrets of a run, by where they stand.
#[derive(Debug, Default)]
pub(super) struct Secrets {
    /// Marked as sensitive, so that nothing that prints a request shows them.
    values: HashMap<String, HeaderValue>,
}

impl Secrets {
    /// Reads what the rows name; the error says where the name is written and what is wrong with it, and never quotes a value.
    pub(super) fn read(hosts: &[HostSettings]) -> Result<Self, (String, String)> {
        let mut values = HashMap::new();
        for secret in hosts.iter().flat_map(|row| &row.secrets) {
            let key = key(&secret.from);
            if values.contains_key(&key) {
                continue;
            }
            let value = text(&secret.from).and_then(|text| header(&text)).map_err(|why| {
                (secret.written.clone(), format!("{key} for the header {}: {why}", secret.name))
            })?;
            values.insert(key, value);
        }
        Ok(Self { values })
    }

    pub(super) fn value(&self, from: &SecretSource) -> Option<HeaderValue> {
        self.values.get(&key(from)).cloned()
    }
}

fn key(from: &SecretSource) -> String {
    match from {
        SecretSource::Env(name) => format!("env:{name}"),
        SecretSource::File(path) => format!("file:{}", path.display()),
    }
}

fn text(from: &SecretSource) -> Result<String, String> {
    match from {
        SecretSource::Env(name) => std::env::var(name).map_err(|error| match error {
            std::env::VarError::NotPresent => "the variable is not set".to_owned(),
            std::env::VarError::NotUnicode(_) => "the variable is no text".to_owned(),
        }),
        SecretSource::File(path) => read_file(path),
    }
}

fn read_file(path: &Path) -> Result<String, String> {
    let mut text = String::new();
    let file = File::open(path).map_err(|error| error.to_string())?;
    if !file.metadata().map_err(|error| error.to_string())?.is_file() {
        return Err("it is no file".to_owned());
    }
    file.take(LONGEST + 1).read_to_string(&mut text).map_err(|error| error.to_string())?;
    if text.len() as u64 > LONGEST {
        return Err(format!("it is longer than {LONGEST} bytes"));
    }
    Ok(text)
}

/// Editors end files with a line feed, which is no part of the secret.
fn header(text: &str) -> Result<HeaderValue, String> {
    let text = text.trim();
    if text.is_empty() {
        return Err("it is empty".to_owned());
    }
    let mut value = HeaderValue::from_str(text).map_err(|_| "it cannot be sent in a header".to_owned())?;
    value.set_sensitive(true);
    Ok(value)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::{HostPattern, SecretHeader};

    fn read(from: SecretSource) -> Result<Secrets, (String, String)> {
        let mut row = HostSettings::new(HostPattern::parse("a.org").unwrap());
        let written = "linkdrift.toml:3:9".to_owned();
        row.secrets.push(SecretHeader { name: "Authorization".to_owned(), from, written });
        Secrets::read(&[row])
    }

    /// G06.
    #[test]
    fn a_file_with_a_line_feed_and_what_is_no_secret() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("key");
        let from = SecretSource::File(path.clone());
        for (content, want) in [
            ("Bearer hunter2\n", Ok("Bearer hunter2")),
            ("hunter2\r\n", Ok("hunter2")),
            ("\n", Err("it is empty")),
            ("hunter2\nX-Other: 1", Err("cannot be sent")),
        ] {
            std::fs::write(&path, content).unwrap();
            match (read(from.clone()), want) {
                (Ok(secrets), Ok(want)) => {
                    let value = secrets.value(&from).unwrap();
                    assert_eq!(value.to_str().unwrap(), want);
                    assert!(!format!("{secrets:?}").contains("hunter2"));
                }
                (Err((place, why)), Err(want)) => {
                    assert_eq!(place, "linkdrift.toml:3:9");
                    assert!(why.contains(want) && !why.contains("hunter2"), "{why}");
                }
                (have, want) => panic!("{have:?}, wanted {want:?}"),
            }
        }
        assert!(read(SecretSource::File(folder.path().to_owned())).unwrap_err().1.contains("no file"));
        assert!(read(SecretSource::File(folder.path().join("none"))).is_err());
        let unset = read(SecretSource::Env("LINKDRIFT_TEST_NOT_SET".to_owned())).unwrap_err().1;
        assert!(
            unset.ends_with(
                "env:LINKDRIFT_TEST_NOT_SET for the header Authorization: the variable is not set"
            )
        );
    }
}
