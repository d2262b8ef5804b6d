//! The task `backup`: copies of the state beside it, verified, the oldest removed.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};

use crate::store::Store;
use crate::store::sqlite::{Access, SqliteStore};
use crate::time::Clock;

/// Copies of a state, in a folder beside it.
pub(in crate::cli) struct Backups {
    folder: PathBuf,
    stem: String,
}

impl Backups {
    /// Those of the state at `path`.
    pub(in crate::cli) fn beside(path: &Path) -> Self {
        let stem =
            path.file_stem().map_or_else(|| "state".to_owned(), |stem| stem.to_string_lossy().into_owned());
        Self { folder: path.parent().unwrap_or(Path::new(".")).join("backups"), stem }
    }

    /// Makes one, looks whether it is sound, and removes the oldest beyond `keep`. One that is not sound is kept for nobody, and no older
    /// one is removed for it.
    pub(in crate::cli) async fn make(
        &self,
        store: &impl Store,
        clock: &dyn Clock,
        keep: usize,
    ) -> anyhow::Result<PathBuf> {
        fs::create_dir_all(&self.folder).with_context(|| format!("cannot make {}", self.folder.display()))?;
        let file = self.folder.join(format!("{}-{}.db", self.stem, clock.now().format("%Y%m%dT%H%M%SZ")));
        if file.exists() {
            // Made within this second: it is as new as one can be.
            return Ok(file);
        }
        copy(store, &file).await?;
        let mut copies = self.copies().with_context(|| format!("cannot list {}", self.folder.display()))?;
        copies.sort_unstable();
        let old = copies.len().saturating_sub(keep);
        for copy in &copies[..old] {
            fs::remove_file(copy)
                .with_context(|| format!("cannot remove the old backup {}", copy.display()))?;
        }
        Ok(file)
    }

    /// The files that this made, by their names.
    fn copies(&self) -> std::io::Result<Vec<PathBuf>> {
        let mut found = Vec::new();
        for entry in fs::read_dir(&self.folder)? {
            let path = entry?.path();
            let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
            let stamp = name
                .strip_prefix(&self.stem)
                .and_then(|rest| rest.strip_prefix('-'))
                .and_then(|rest| rest.strip_suffix(".db"));
            let ours = stamp.is_some_and(|stamp| {
                stamp.len() == 16
                    && stamp.bytes().all(|byte| byte.is_ascii_digit() || matches!(byte, b'T' | b'Z'))
            });
            if ours {
                found.push(path);
            }
        }
        Ok(found)
    }
}

/// Copies a state, opens the copy, and looks for damage. A copy that is not sound is removed again.
pub(in crate::cli) async fn copy(store: &impl Store, to: &Path) -> anyhow::Result<()> {
    store.backup(to).await?;
    let verified = async { SqliteStore::open(to, Access::Read)?.check().await };
    let problem = match verified.await {
        Ok(soundness) => soundness.problems.into_iter().next(),
        Err(error) => Some(error.to_string()),
    };
    let Some(problem) = problem else { return Ok(()) };
    let _ = fs::remove_file(to);
    bail!("the copy was not sound, and so the state may not be: {problem}; `linkdrift state check` says more")
}
