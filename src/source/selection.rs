//! What of a source a run reads.

use std::collections::HashSet;

use super::{EntryFile, Source, WalkError, WalkProblem, Walked};

/// A source and which of its entries are read.
#[derive(Debug, Clone)]
pub struct Selection {
    /// The source.
    pub source: Source,
    /// Which entries.
    pub chosen: Chosen,
    /// Whether that is all of them, so that entries not seen are gone.
    pub whole: bool,
}

/// Which entries of a source are read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Chosen {
    /// All that its globs choose.
    All,
    /// Those of them below these folders (relative to the root, with `/`), and these files, whatever the globs say.
    Some {
        /// Folders.
        folders: Vec<String>,
        /// Files.
        files: Vec<EntryFile>,
    },
}

impl Selection {
    /// All of a source.
    pub fn whole(source: Source) -> Self {
        Self { source, chosen: Chosen::All, whole: true }
    }

    /// The entries, in order of paths, each once; and what could not be read of the tree itself.
    pub fn files(&self) -> Result<(Vec<EntryFile>, Vec<WalkProblem>), WalkError> {
        let (folders, named) = match &self.chosen {
            Chosen::All => (None, &[][..]),
            Chosen::Some { folders, files } => (Some(folders.as_slice()), files.as_slice()),
        };
        let mut files = named.to_vec();
        let mut problems = Vec::new();
        let walks: Vec<Option<&str>> = match folders {
            None => vec![None],
            Some(folders) => folders.iter().map(|folder| Some(folder.as_str())).collect(),
        };
        for folder in walks {
            for step in self.source.walk_below(folder)? {
                match step {
                    Walked::Entry(entry) => files.push(entry),
                    Walked::Problem(problem) => problems.push(problem),
                }
            }
        }
        files.sort_by(|a, b| a.path.split('/').cmp(b.path.split('/')));
        let mut seen = HashSet::new();
        files.retain(|file| seen.insert(file.file.clone()));
        Ok((files, problems))
    }

    /// A problem of this source, for people.
    pub fn say(&self, problem: &WalkProblem) -> String {
        let path = if problem.path.is_empty() { "." } else { &problem.path };
        format!("{}: {path}: {}", self.source.name, problem.message)
    }

    /// Whether there is anything to read, found without walking to the end. Where nothing was found, and not everything could be looked
    /// through, nobody can tell: that is an error.
    pub fn is_empty(&self) -> Result<bool, WalkError> {
        let any_below = |folder: Option<&str>| -> Result<bool, WalkError> {
            let mut unread = None;
            for step in self.source.walk_below(folder)? {
                match step {
                    Walked::Entry(_) => return Ok(true),
                    Walked::Problem(problem) => unread = unread.or(Some(problem)),
                }
            }
            match unread {
                None => Ok(false),
                Some(problem) => Err(WalkError::Unread {
                    source_name: self.source.name.clone(),
                    folder: self.source.root.join(problem.path),
                    why: problem.message,
                }),
            }
        };
        match &self.chosen {
            Chosen::All => Ok(!any_below(None)?),
            Chosen::Some { folders, files } => {
                for folder in folders {
                    if any_below(Some(folder))? {
                        return Ok(false);
                    }
                }
                Ok(files.is_empty())
            }
        }
    }
}
