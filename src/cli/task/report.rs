//! The task `report`: the drift report in files.

use std::path::PathBuf;
use std::sync::Arc;

use anyhow::{Context, bail};
use clap::ValueEnum;

use super::super::check::Format;
use super::super::output;
use super::super::report::newest;
use super::super::reporting::Reporting;
use crate::config::{Config, ReportFiles};
use crate::report::Document;
use crate::store::sqlite::SqliteStore;

/// Writes the report on the newest run that came to its end, one file a format, each whole or not at all. Gives the files.
pub(super) async fn write(
    store: &SqliteStore,
    config: &Arc<Config>,
    wanted: &ReportFiles,
) -> anyhow::Result<Vec<PathBuf>> {
    let (store, config, wanted) = (store.clone(), config.clone(), wanted.clone());
    // Reports are written by plain code, on a thread that drives no sockets.
    tokio::task::spawn_blocking(move || write_blocking(&store, &config, &wanted))
        .await
        .context("the report was not written")?
}

fn write_blocking(
    store: &SqliteStore,
    config: &Config,
    wanted: &ReportFiles,
) -> anyhow::Result<Vec<PathBuf>> {
    let runtime = tokio::runtime::Builder::new_current_thread().build().context("cannot start a runtime")?;
    let (run, before) = newest(&runtime, store, None)?;
    let folder = config.state.path.parent().unwrap_or(&config.root).join(&wanted.folder);
    std::fs::create_dir_all(&folder).with_context(|| format!("cannot make {}", folder.display()))?;
    let reporting = Reporting { runtime: &runtime, store, config, cwd: &config.root };
    let mut written = Vec::new();
    for name in &wanted.formats {
        let Some(format) = Format::from_str(name, false).ok().and_then(Format::known) else {
            bail!("`{name}` is no format of reports");
        };
        let file = folder.join(format!("report.{}", extension(name)));
        output::to_file(&file, |out| {
            reporting.write(Document::Report, &run, before, format, output::IN_A_FILE, out)
        })?;
        written.push(file);
    }
    Ok(written)
}

/// What files of this format are usually called; formats that share one keep their names.
fn extension(format: &str) -> &str {
    match format {
        "text" => "txt",
        "markdown" => "md",
        "github" => "github.txt",
        "gitlab" => "gitlab.json",
        "junit" => "junit.xml",
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::config::REPORT_FORMATS;

    #[test]
    fn what_a_schedule_may_name_is_what_can_be_written() {
        let known: BTreeSet<String> = Format::value_variants()
            .iter()
            .filter(|format| format.known().is_some())
            .filter_map(|format| Some(format.to_possible_value()?.get_name().to_owned()))
            .collect();
        let named: BTreeSet<String> = REPORT_FORMATS.iter().map(|&name| name.to_owned()).collect();
        assert_eq!(named, known);
        let files: BTreeSet<&str> = REPORT_FORMATS.iter().map(|name| extension(name)).collect();
        assert_eq!(files.len(), REPORT_FORMATS.len(), "each format has a file of its own");
    }
}
