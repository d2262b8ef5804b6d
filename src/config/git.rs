//! Sources in git: `git`, `branch` and `folder` of a `[[source]]`, and where their files lie.

use std::path::{Path, PathBuf};

use super::check::Checker;
use super::{Config, written};

/// A source that the task `sync` brings up to date.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GitSource {
    /// What git is asked to fetch from.
    pub url: String,
    /// The branch; the repository's own where it is not said.
    pub branch: Option<String>,
    /// The folder of the entries, relative to the working tree; empty for all of it.
    pub folder: PathBuf,
    /// The working tree, beside the state; absolute.
    pub tree: PathBuf,
}

/// Where a source in git comes from; `None` where it is in none. The line of a wrong URL is not shown.
pub(super) fn read(check: &mut Checker<'_>, source: &written::Source, state: &Path) -> Option<GitSource> {
    let Some(at) = &source.git else {
        for (at, key) in [(&source.branch, "branch"), (&source.folder, "folder")] {
            if let Some(at) = at {
                let help =
                    "it belongs to `git = \"https://…\"`; a folder on this machine is named with `path`";
                check.wrong_help(at, format!("`{key}` without `git`"), help.into());
            }
        }
        return None;
    };
    if let Some(path) = &source.path {
        let help = "the folder in the repository is named with `folder`";
        check.wrong_help(path, "a source has a `path` or is in `git`, not both".into(), help.into());
    }
    let branch = check.read(&source.branch, branch);
    let folder = check.read(&source.folder, folder).unwrap_or_default();
    match repository(at.get_ref()) {
        Ok(url) => Some(GitSource { url, branch, folder, tree: tree(state, source.name.get_ref()) }),
        Err(why) => {
            check.wrong_secret(at, why);
            None
        }
    }
}

impl Config {
    /// Keeps state at `path`, and with it the working trees of the sources in git.
    pub fn keep_state_at(&mut self, path: PathBuf) {
        for source in &mut self.sources {
            if let Some(git) = &mut source.git {
                git.tree = tree(&path, &source.name);
                source.path = git.entries();
            }
        }
        self.state.path = path;
    }
}

impl GitSource {
    /// The folder of the entries.
    pub fn entries(&self) -> PathBuf {
        match self.folder.as_os_str().is_empty() {
            true => self.tree.clone(),
            false => self.tree.join(&self.folder),
        }
    }
}

/// The working tree of a source, in the folder of the state. Names that are no plain file names get a hash, so that no two share a tree.
pub(super) fn tree(state: &Path, name: &str) -> PathBuf {
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-');
    let mut file: String = name.chars().map(|c| if plain(c) { c } else { '_' }).collect();
    if file != name || file.starts_with('.') || file.len() > 64 {
        file.truncate(48);
        let hash = blake3::hash(name.as_bytes()).to_hex();
        file = format!("{}-{}", file.trim_start_matches('.'), &hash[..16]);
    }
    state.parent().unwrap_or(Path::new("/")).join("sources").join(file)
}

/// A URL that git may be given: `https://`, `ssh://`, `file://` or `user@host:path`. Never one that is an option or a helper's name
/// (gitremote-helpers(7): `ext::`), and none with a password, which would stand in configuration and logs.
pub(super) fn repository(text: &str) -> Result<String, String> {
    let odd =
        text.is_empty() || text.len() > 2000 || text.chars().any(|c| c.is_control() || c.is_whitespace());
    if odd || text.starts_with('-') {
        return Err("a repository's URL has 1 to 2000 characters, no white space, and does not begin with -"
            .to_owned());
    }
    let expected = || {
        Err(format!(
            "`{}` is no repository: write https://…, ssh://…, file:///… or user@host:path",
            super::error::clean(text)
        ))
    };
    if let Some((scheme, rest)) = text.split_once("://") {
        let authority = rest.split('/').next().unwrap_or_default();
        if authority.rsplit_once('@').is_some_and(|(user, _)| user.contains(':') || scheme == "https") {
            return Err("credentials do not belong into configuration: use a credential helper of git, or a key of ssh".to_owned());
        }
        let host_is_option = authority.rsplit('@').next().is_some_and(|host| host.starts_with('-'));
        let known = match scheme {
            "https" | "ssh" => !authority.is_empty() && !host_is_option,
            "file" => authority.is_empty() && rest.len() > 1,
            _ => false,
        };
        return if known { Ok(text.to_owned()) } else { expected() };
    }
    let scp_like = text.split_once(':').is_some_and(|(host, path)| {
        let name = |text: &str| {
            !text.is_empty()
                && !text.starts_with('-')
                && text.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-'))
        };
        host.split_once('@').is_some_and(|(user, host)| name(user) && name(host))
            && !path.is_empty()
            && !path.starts_with([':', '-'])
    });
    if scp_like { Ok(text.to_owned()) } else { expected() }
}

/// A branch's name, as git-check-ref-format(1) has it.
pub(super) fn branch(text: &str) -> Result<String, String> {
    let odd = |c: char| {
        c.is_control() || c.is_whitespace() || matches!(c, '~' | '^' | ':' | '?' | '*' | '[' | '\\')
    };
    let parts_fit = text.split('/').all(|part| {
        !part.is_empty() && !part.starts_with('.') && !part.ends_with('.') && !part.ends_with(".lock")
    });
    let fits = text.len() <= 250
        && parts_fit
        && !text.starts_with('-')
        && !text.contains("..")
        && !text.contains("@{")
        && text != "@"
        && !text.contains(odd);
    if fits {
        Ok(text.to_owned())
    } else {
        Err(format!("`{}` is no name of a branch", super::error::clean(text)))
    }
}

/// A folder in the repository, relative to its root.
pub(super) fn folder(text: &str) -> Result<PathBuf, String> {
    let wrong = text.is_empty()
        || text.len() > 1000
        || text.starts_with('/')
        || text.contains('\\')
        || text.chars().any(char::is_control)
        || text.split('/').any(|part| part == ".." || part.eq_ignore_ascii_case(".git"));
    if wrong {
        Err("a folder of the repository is relative to its root: no leading /, no \\, no ..".to_owned())
    } else {
        Ok(text.into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn repositories() {
        for good in [
            "https://github.com/MicrosoftDocs/help.ro-RO.git",
            "ssh://git@git.example.org:2222/docs.git",
            "file:///srv/docs.git",
            "git@github.com:team/docs.git",
        ] {
            assert_eq!(repository(good).as_deref(), Ok(good));
        }
        for bad in [
            "",
            "-uexec",
            "--upload-pack=touch /tmp/x",
            "ext::sh -c touch% /tmp/x",
            "ext::sh",
            "http://github.com/a.git",
            "git://github.com/a.git",
            "https://user:secret@github.com/a.git",
            "https://token@github.com/a.git",
            "ssh://-oProxyCommand=x/a",
            "ssh://git@-oProxyCommand=x/a",
            "git@-oProxyCommand=x:a",
            "-o@host:a",
            "file://host/a",
            "https://",
            "/srv/docs.git",
            "docs.git",
            "a b@c:d",
            "a@b:\nc",
        ] {
            let said = repository(bad).expect_err(bad);
            assert!(!said.contains("secret") && !said.contains('\n'), "{said}");
        }
    }

    #[test]
    fn branches_and_folders() {
        for good in ["live", "release/2026-11", "ro-ro_x.1"] {
            assert!(branch(good).is_ok(), "{good}");
        }
        for bad in ["", "-d", "a..b", "a b", "a~1", "refs/heads/", "a:b", "a.lock", "/a", "@", ".a"] {
            assert!(branch(bad).is_err(), "{bad}");
        }
        assert!(folder("articles/help").is_ok());
        for bad in ["", "/a", "a/../..", "..", ".git/hooks", "a\\b"] {
            assert!(folder(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn trees_lie_beside_the_state_and_are_never_shared() {
        let state = Path::new("/var/lib/linkdrift/linkdrift.db");
        assert_eq!(tree(state, "ro-RO"), Path::new("/var/lib/linkdrift/sources/ro-RO"));
        let names = ["a/b", "a_b", "a?b", "..", ".", ".git", "é"];
        let trees: std::collections::HashSet<PathBuf> = names.iter().map(|name| tree(state, name)).collect();
        assert_eq!(trees.len(), names.len());
        assert!(
            trees.iter().all(|tree| tree.parent() == Some(Path::new("/var/lib/linkdrift/sources"))),
            "{trees:?}"
        );
    }
}
