//! `--format atom`: a feed with one entry per confirmed cause (RFC 4287), for whoever wants to be told. A cause that spreads is told
//! again.

use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::io::{self, Write};

use super::causes::{Cause, Causes};
use super::safe::markup;
use super::{FindingRow, Head, Summary, Writer};
use crate::time::Timestamp;

/// So many causes a feed has: the newest.
const ENTRIES: usize = 200;

/// See the module.
pub(super) struct Atom<'w> {
    out: &'w mut (dyn Write + Send),
    roots: BTreeMap<String, String>,
    updated: Timestamp,
    causes: Causes,
}

impl<'w> Atom<'w> {
    pub(super) fn new(out: &'w mut (dyn Write + Send)) -> Self {
        Self { out, roots: BTreeMap::new(), updated: Timestamp::UNIX_EPOCH, causes: Causes::default() }
    }

    fn cause(&mut self, cause: &Cause) -> io::Result<()> {
        let first = cause.first();
        let places: Vec<String> = cause
            .places
            .iter()
            .map(|place| {
                let path = super::path_of(&self.roots, &place.source, &place.entry);
                format!("{path}:{}:{}", place.line, place.column)
            })
            .collect();
        let fix = first.suggestion.iter().map(|suggestion| format!("Use {suggestion}"));
        let content: String = [first.message.clone(), format!("{}: {}", cause.fan_in(), places.join(", "))]
            .into_iter()
            .chain(fix)
            .chain([format!("id: {}", cause.id())])
            .map(|text| format!("<p>{}</p>", markup(&text)))
            .collect();
        let (id, at) = (markup(&first.cause_id()), time(cause.newest));
        let (rule, message) = (markup(&cause.rule), markup(&first.message));
        // HTML inside XML is escaped twice (RFC 4287 §3.1.1.2).
        let content = markup(&content);
        write!(
            self.out,
            "<entry>\n<id>urn:linkdrift:{id}:{at}</id>\n<title>{rule}: {message}</title>\n<updated>{at}</updated>\n\
             <category term=\"{rule}\"/>\n<content type=\"html\">{content}</content>\n</entry>\n"
        )
    }
}

impl Writer for Atom<'_> {
    fn begin(&mut self, head: &Head) -> io::Result<()> {
        self.roots = head.roots.clone();
        self.updated = head.run.finished_at;
        Ok(())
    }

    fn finding(&mut self, row: &FindingRow) -> io::Result<()> {
        self.causes.add(row);
        Ok(())
    }

    fn end(&mut self, _: &Summary) -> io::Result<()> {
        write!(
            self.out,
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<feed xmlns=\"http://www.w3.org/2005/Atom\">\n\
             <id>urn:linkdrift:feed</id>\n<title>linkdrift</title>\n<updated>{}</updated>\n\
             <author><name>linkdrift</name></author>\n",
            time(self.updated)
        )?;
        let causes = std::mem::take(&mut self.causes);
        let mut newest = causes.ordered();
        newest.retain(|cause| !cause.unconfirmed);
        newest.sort_by_key(|cause| Reverse(cause.newest));
        for cause in newest.into_iter().take(ENTRIES) {
            self.cause(cause)?;
        }
        self.out.write_all(b"</feed>\n")?;
        self.out.flush()
    }
}

fn time(at: Timestamp) -> String {
    at.format("%Y-%m-%dT%H:%M:%SZ").to_string()
}
