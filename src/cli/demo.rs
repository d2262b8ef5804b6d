//! `linkdrift demo`: the whole loop on a loopback web that this process itself serves, on a simulated clock.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context, bail};
use chrono::{Duration, TimeZone, Utc};
use tokio_util::sync::CancellationToken;

use super::clock::SimulatedClock;
use super::{Exit, Globals, output, report, session};
use crate::config::{Config, ResolveRule, SourceSettings};
use crate::pipeline::{Ending, Network, Pipeline, Request, Targets, Telling, Unreachable};
use crate::source::{Selection, Source};
use crate::store::sqlite::{Access, SqliteStore};
use crate::time::Timestamp;
use crate::visit::Progress;
use crate::web::demo::{BASE_URL, ENTRIES, ROUTES};
use crate::web::{Served, Site};

/// Flags of `demo`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Leave the help repository and its state in this new folder, to look at with the other commands
    #[arg(long, value_name = "DIR")]
    keep: Option<PathBuf>,
}

/// Where the demo writes; removed at the end unless it was asked to stay.
enum Place {
    Kept(PathBuf),
    Scratch(tempfile::TempDir),
}

/// Runs it.
pub fn run(_globals: &Globals, args: Args) -> anyhow::Result<Exit> {
    let place = match args.keep {
        Some(folder) => {
            fs::create_dir(&folder)
                .with_context(|| format!("--keep {}: it must be a new folder", folder.display()))?;
            Place::Kept(folder.canonicalize()?)
        }
        None => Place::Scratch(tempfile::tempdir().context("cannot make a scratch folder")?),
    };
    let root = match &place {
        Place::Kept(folder) => folder.as_path(),
        Place::Scratch(folder) => folder.path(),
    };
    write_entries(root)?;
    let runtime = session::runtime()?;
    let (state, config) = runtime.block_on(play(root))?;
    report::print(&runtime, &state, &config, &report::Args::default(), root)?;
    if let Place::Kept(folder) = &place {
        anstream::eprintln!(
            "\nThe repository and its state stay in {0}; look around with\n  linkdrift show --state {0}/state.db ro-RO/parole/resetare-parola.md",
            folder.display()
        );
    }
    Ok(Exit::Success)
}

/// Writes the demo's help repository.
fn write_entries(root: &Path) -> anyhow::Result<()> {
    for (path, text) in ENTRIES {
        let file = root.join(path);
        let folder = file.parent().unwrap_or(root);
        fs::create_dir_all(folder).with_context(|| format!("cannot make {}", folder.display()))?;
        fs::write(&file, text).with_context(|| format!("cannot write {}", file.display()))?;
    }
    Ok(())
}

/// Two runs, a week apart, and the report on what the second found.
async fn play(root: &Path) -> anyhow::Result<(SqliteStore, Arc<Config>)> {
    let site = Site::serve(ROUTES).await?;
    let config = Arc::new(config(root, &site)?);
    let first = Utc.with_ymd_and_hms(2026, 3, 2, 6, 0, 0).single().context("the demo's first day")?;
    let clock = Arc::new(SimulatedClock::new(first));
    let state = SqliteStore::open(&config.state.path, Access::Run)?;
    let pipeline = Pipeline { store: state, config: config.clone(), clock: clock.clone() };
    let request = Request {
        name: "demo".to_owned(),
        selections: config.sources.iter().map(|source| Selection::whole(Source::from(source))).collect(),
        hosts: Vec::new(),
        targets: Targets::All,
        network: Network::Visit,
        unreachable: Unreachable::Warning,
        telling: Telling::Nobody,
    };

    let weeks: [(u32, Timestamp); 2] = [(0, first), (1, first + Duration::weeks(1))];
    for (week, now) in weeks {
        site.set_week(week);
        clock.set(now);
        let (_, end) =
            pipeline.run(&request, Arc::new(Progress::default()), CancellationToken::new()).await?;
        let summary = &end.summary;
        anstream::eprintln!(
            "{}  visited {} of {}: {} findings new, {} ongoing, {} resolved",
            now.format("%A %-d %B %Y"),
            output::counted(summary.visited, "target", "targets"),
            output::counted(summary.entries, "entry", "entries"),
            summary.new,
            summary.ongoing,
            summary.resolved,
        );
        if end.ending != Ending::Complete {
            bail!("the demo's own web did not answer: {}", end.notes.join("; "));
        }
    }
    anstream::eprintln!();
    Ok((pipeline.store, config))
}

/// A configuration that leads every host to the demo's web, without waiting between requests.
fn config(root: &Path, site: &Served) -> anyhow::Result<Config> {
    let ca_file = root.join("demo-ca.pem");
    fs::write(&ca_file, &site.ca_pem).with_context(|| format!("cannot write {}", ca_file.display()))?;
    let mut config = Config::defaults(root);
    config.state.path = root.join("state.db");
    config.sources = vec![SourceSettings {
        git: None,
        name: "ro-RO".to_owned(),
        path: root.join("ro-RO"),
        files: vec!["**/*.md".to_owned()],
        exclude_paths: Vec::new(),
        base_url: Some(BASE_URL.parse().context("the demo's base URL")?),
        locale: Some("ro-RO".to_owned()),
        group: None,
        date_key: "ms.date".to_owned(),
        code: false,
    }];
    config.visit.ca_files = vec![ca_file];
    config.visit.resolve = vec![
        ResolveRule { host: None, port: 80, to: site.http },
        ResolveRule { host: None, port: 443, to: site.https },
    ];
    config.visit.host = config.visit.host.with_concurrency(8).with_interval(std::time::Duration::ZERO);
    config.visit.second_pass_after = std::time::Duration::ZERO;
    Ok(config)
}
