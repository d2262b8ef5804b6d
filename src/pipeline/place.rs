//! Whether the place that a fragment names is there: on the page as it is now, or in the file of the source.
//!
//! Pages and files are only looked into for references with a fragment, each once as long as it is remembered.

use std::collections::{HashMap, HashSet};
use std::path::Path;
use std::sync::Arc;

use super::{RunError, stored_page};
use crate::page::MOST_ANCHORS;
use crate::reference::{self, ReadOptions};
use crate::rule::{MissingPlace, TargetView, alike_place, has_place, names_a_place};
use crate::snapshot::{SnapshotId, SnapshotMeta};
use crate::source::{self, EntryFile, FileState, LARGEST_ENTRY, Syntax};
use crate::store::{SourceRecord, Store, StoredEntry, StoredReference, TargetRecord};
use crate::target::{Note, Status};
use crate::verdict::Verdict;

/// Anchors that are remembered in all.
const REMEMBERED: usize = 200_000;
/// Earlier snapshots that are looked through for a place that is gone.
const EARLIER: usize = 10;
/// Among so many places of a file one is looked for that is alike.
const ALIKE: usize = 2_000;
/// A page of fewer words is made by a script: its anchors are not in what the server sends.
const FEWEST_WORDS: u32 = 30;

type Anchors = Option<Arc<HashSet<String>>>;

/// What was looked into already.
#[derive(Default)]
pub(super) struct Places {
    pages: HashMap<SnapshotId, Anchors>,
    files: HashMap<String, Anchors>,
    remembered: usize,
}

impl Places {
    /// Says of a reference what is missing, where it names a place that is not there. `None` where it is there, where the reference
    /// names none, and where nobody can tell.
    pub(super) async fn missing<S: Store>(
        &mut self,
        store: &S,
        (entry, source): (&StoredEntry, &SourceRecord),
        stored: &StoredReference,
        file: Option<FileState>,
        target: Option<(&TargetRecord, Option<&TargetView>)>,
    ) -> Result<Option<MissingPlace>, RunError> {
        let Some(fragment) = stored.fragment.as_deref().filter(|fragment| names_a_place(fragment)) else {
            return Ok(None);
        };
        match (stored.status, &stored.note, target) {
            (Status::Target, _, Some((record, Some(view)))) => {
                self.missing_on_page(store, record, view, fragment).await
            }
            (Status::Fragment, _, _) => self.missing_in_file(source, &entry.entry, fragment).await,
            (Status::File, Some(Note::Path { path }), _) if file == Some(FileState::Found) => {
                self.missing_in_file(source, path, fragment).await
            }
            _ => Ok(None),
        }
    }

    async fn missing_on_page<S: Store>(
        &mut self,
        store: &S,
        record: &TargetRecord,
        view: &TargetView,
        fragment: &str,
    ) -> Result<Option<MissingPlace>, RunError> {
        let Some((newest, earlier)) = record.snapshots.split_last() else { return Ok(None) };
        if !is_the_page_now(newest, view) {
            return Ok(None);
        }
        let Some(anchors) = self.of_page(store, newest.id).await? else { return Ok(None) };
        if anchors.is_empty() || anchors.len() >= MOST_ANCHORS || has_place(&anchors, fragment) {
            return Ok(None);
        }
        let mut last_seen = None;
        for snapshot in earlier.iter().rev().take(EARLIER) {
            // The same anchors as now: it is not among them.
            if snapshot
                .layers
                .as_ref()
                .zip(newest.layers.as_ref())
                .is_some_and(|(a, b)| a.anchors == b.anchors)
            {
                continue;
            }
            if self.of_page(store, snapshot.id).await?.is_some_and(|anchors| has_place(&anchors, fragment)) {
                last_seen = Some(snapshot.last_seen);
                break;
            }
        }
        let alike = alike_place(anchors.iter(), fragment).cloned();
        Ok(Some(MissingPlace { last_seen, alike, content: Some(newest.content) }))
    }

    /// The generator of the site is not known, and each makes ids of headings in its own way: what is alike is the same.
    async fn missing_in_file(
        &mut self,
        source: &SourceRecord,
        path: &str,
        fragment: &str,
    ) -> Result<Option<MissingPlace>, RunError> {
        let Some(anchors) = self.of_file(&source.root, path).await? else { return Ok(None) };
        // What is alike is looked for among all of them, link by link: nothing is said of a file that has very many.
        if anchors.len() > ALIKE {
            return Ok(None);
        }
        let there = has_place(&anchors, fragment) || alike_place(anchors.iter(), fragment).is_some();
        Ok((!there).then_some(MissingPlace { last_seen: None, alike: None, content: None }))
    }

    /// What fragments can name on a stored page; `None` where it is not kept.
    async fn of_page<S: Store>(&mut self, store: &S, id: SnapshotId) -> Result<Anchors, RunError> {
        if let Some(known) = self.pages.get(&id) {
            return Ok(known.clone());
        }
        let snapshot = stored_page(store, id).await?;
        let anchors = snapshot.map(|snapshot| Arc::new(snapshot.page.anchors.into_iter().collect()));
        self.make_room(&anchors);
        self.pages.insert(id, anchors.clone());
        Ok(anchors)
    }

    /// What fragments can name in a file below `root`; `None` where it cannot be told.
    async fn of_file(&mut self, root: &Path, path: &str) -> Result<Anchors, RunError> {
        let mut file = root.join(path);
        let key = file.to_string_lossy().into_owned();
        if let Some(known) = self.files.get(&key) {
            return Ok(known.clone());
        }
        let path = path.to_owned();
        let read = tokio::task::spawn_blocking(move || {
            // As links to published pages have no extension.
            if !file.exists() {
                file.as_mut_os_string().push(".md");
            }
            anchors_of_file(&EntryFile {
                syntax: Syntax::of_path(&file.to_string_lossy()),
                path,
                file,
                refused: None,
            })
        });
        let anchors = read.await.map_err(|error| RunError::Stage(error.to_string()))?.map(Arc::new);
        self.make_room(&anchors);
        self.files.insert(key, anchors.clone());
        Ok(anchors)
    }

    /// Forgets everything before it grows beyond its bound; a page without anchors counts for one.
    fn make_room(&mut self, anchors: &Anchors) {
        let more = anchors.as_ref().map_or(1, |anchors| anchors.len().max(1));
        if self.remembered + more > REMEMBERED {
            *self = Self::default();
        }
        self.remembered += more;
    }
}

/// Whether a snapshot is what a reader of the link gets to see: the page answers well, it was read whole, and no redirect names a place
/// of its own.
fn is_the_page_now(newest: &SnapshotMeta, view: &TargetView) -> bool {
    let Some(facts) = view.history.last().map(|now| &now.facts) else { return false };
    let well = matches!(view.judgement.verdict, Verdict::Ok | Verdict::Redirected);
    let named = facts.visit.hops.iter().any(|hop| hop.location.as_ref().is_some_and(|to| to.contains('#')));
    let same = facts.page.as_ref().is_some_and(|page| {
        page.words >= FEWEST_WORDS && page.content.as_deref() == Some(newest.content.to_string().as_str())
    });
    well && !view.ends_in_a_sink() && !named && same
}

/// What fragments can name in a file of the source; `None` where another file is included, or it has no headings to speak of.
fn anchors_of_file(file: &EntryFile) -> Option<HashSet<String>> {
    if !matches!(file.syntax, Syntax::Markdown | Syntax::Html) {
        return None;
    }
    let source::EntryText { text, unread, .. } = source::read(file, LARGEST_ENTRY);
    let read = reference::read(file.syntax, &text, &ReadOptions::default());
    let includes = ["[!INCLUDE", "{{<", "{{%", "{% include", "--8<--", "import "];
    if text.is_empty() || unread.is_some() || includes.iter().any(|include| text.contains(include)) {
        return None;
    }
    let mut anchors: HashSet<String> = read.anchors.into_iter().collect();
    anchors.extend(written_ids(&text).map(str::to_owned));
    Some(anchors)
}

/// Ids that Markdown's dialects let an author write: `{#id}`, `{: #id}`, `{ #id .class }`.
fn written_ids(text: &str) -> impl Iterator<Item = &str> {
    text.split('{').skip(1).filter_map(|rest| {
        let inside = rest.split(['}', '\n']).next()?;
        let (_, after) = inside.split_once('#')?;
        after.split_whitespace().next()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(name: &str, text: &str) -> Option<Vec<String>> {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join(name);
        std::fs::write(&file, text).unwrap();
        let syntax = Syntax::of_path(name);
        let found = anchors_of_file(&EntryFile { path: name.to_owned(), file, syntax, refused: None })?;
        let mut found: Vec<String> = found.into_iter().collect();
        found.sort();
        Some(found)
    }

    #[test]
    fn places_of_files() {
        let text = "# One two\n\n## Über {#own}\n\n{: #kramdown .x}\n\n<a name=\"old\"></a>\n";
        let found = of("a.md", text).unwrap();
        for anchor in ["one-two", "own", "kramdown", "old"] {
            assert!(found.iter().any(|found| found == anchor), "{anchor}: {found:?}");
        }
        assert_eq!(of("a.html", "<h1 id=x>T</h1>").unwrap(), ["x"]);
        assert_eq!(of("a.md", "# T\n\n[!INCLUDE [part](part.md)]\n"), None);
        assert_eq!(of("TOC.yml", "- name: a\n"), None);
        assert_eq!(of("a.md", ""), None);
    }
}
