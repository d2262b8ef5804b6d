//! A help repository with a configuration of its own, and the web on loopback that it refers to.
//!
//! Commands of the binary block their thread, so tests that use this need the multi-threaded runtime: the web answers on the others.

use std::fs;
use std::path::Path;

use serde_json::Value;
use tempfile::TempDir;

use super::cli::{Ran, run};
use super::web::{Asked, Reply, Web};

/// The repository in `help/`, its configuration in `linkdrift.toml`, its state in `state.db`.
pub(crate) struct Help {
    folder: TempDir,
    web: Web,
    probes: &'static str,
}

impl Help {
    /// As [`Help::new`], and hosts are asked what no entry asks for (`probes`).
    pub(crate) async fn probing(
        entries: &[(&str, &str)],
        handler: impl Fn(&Asked) -> Reply + Send + Sync + 'static,
    ) -> Self {
        let mut help = Self::new(entries, handler).await;
        help.probes = "on";
        help.write("linkdrift.toml", &help.configuration());
        help
    }

    /// A repository of these entries (path and text) on a web that answers with `handler`: no waiting between requests, no repeats, no
    /// probes.
    pub(crate) async fn new(
        entries: &[(&str, &str)],
        handler: impl Fn(&Asked) -> Reply + Send + Sync + 'static,
    ) -> Self {
        let web = Web::start(handler).await;
        let help = Self { folder: tempfile::tempdir().unwrap(), web, probes: "off" };
        help.write("linkdrift.toml", &help.configuration());
        for (path, text) in entries {
            help.write(&format!("help/{path}"), text);
        }
        help
    }

    /// The text of `linkdrift.toml`; keys that are appended belong to `[visit]`.
    pub(crate) fn configuration(&self) -> String {
        format!(
            "[state]\npath = \"state.db\"\n\n\
             [[source]]\nname = \"help\"\npath = \"help\"\nbase_url = \"https://docs.acme.net\"\n\n\
             [visit]\nresolve = [\"*:80:{}\", \"*:443:{}\"]\nca_files = [{:?}]\n\
             host_rate = \"1000/s\"\nmax_retries = 0\nsecond_pass_after = \"0s\"\nprobes = \"{}\"\n",
            self.web.http,
            self.web.https,
            self.web.ca_file(),
            self.probes,
        )
    }

    /// Writes a file of the repository.
    pub(crate) fn write(&self, path: &str, text: &str) {
        let file = self.path().join(path);
        fs::create_dir_all(file.parent().unwrap()).unwrap();
        fs::write(file, text).unwrap();
    }

    /// The folder of it all.
    pub(crate) fn path(&self) -> &Path {
        self.folder.path()
    }

    /// Runs the binary there.
    pub(crate) fn run(&self, args: &[&str]) -> Ran {
        run(self.path(), args)
    }

    /// Runs the binary there and reads the JSON document that standard output must be.
    pub(crate) fn json(&self, args: &[&str]) -> Value {
        let ran = self.run(&[args, &["--format", "json"]].concat());
        serde_json::from_str(&ran.stdout)
            .unwrap_or_else(|error| panic!("{args:?}: {error}\n{}\n{}", ran.stdout, ran.stderr))
    }

    /// URLs that were asked for so far, in their order.
    pub(crate) fn asked(&self) -> Vec<String> {
        let url = |asked: Asked| format!("{}://{}{}", asked.scheme, asked.host, asked.path);
        self.web.requests().into_iter().map(url).collect()
    }

    /// The most requests of a host that were in flight at once.
    pub(crate) fn max_in_flight(&self, host: &str) -> usize {
        self.web.max_in_flight(host)
    }

    /// Requests so far.
    pub(crate) fn requests(&self) -> Vec<Asked> {
        self.web.requests()
    }
}
