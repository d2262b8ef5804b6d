//! `linkdrift.toml` → a configuration, or an error that can be shown. Input: the file.

use std::path::Path;

use linkdrift::config::{ConfigError, parse};

pub fn check(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    match parse(text, Path::new("a.toml"), Path::new("/r")) {
        Ok(config) => {
            assert!(config.sources.iter().all(|source| !source.name.is_empty()));
            assert!(
                config
                    .hosts
                    .iter()
                    .all(|host| host.concurrency.is_none_or(|count| (1..=1024).contains(&count)))
            );
            assert!(config.state.path.is_absolute());
        }
        Err(error) => error_holds(&error, text),
    }
}

/// What is true of every error, whatever the file.
pub fn error_holds(error: &ConfigError, text: &str) {
    let shown = error.to_string();
    assert!(!shown.chars().any(|c| c.is_control() && c != '\n'), "{shown:?}");
    assert!(!shown.contains(['\u{202e}', '\u{2066}']), "{shown:?}");
    assert!(shown.len() <= 128 << 10, "{} bytes of error for {} of text", shown.len(), text.len());
    assert!(!error.problems().is_empty());
    let lines = text.strip_prefix('\u{feff}').unwrap_or(text).split('\n').count();
    for problem in error.problems() {
        assert!(!problem.message().is_empty());
        assert!(problem.position().is_none_or(|(line, column)| (1..=lines).contains(&line) && column >= 1));
    }
}
