//! `TOC.yml` and its like: the values of the keys that docfx takes for links.

use super::draft::{Collected, DraftReference, bounded};
use super::{Kind, ProblemKind, yaml};

/// Keys whose values are links.
const LINK_KEYS: [&str; 5] = ["href", "tocHref", "topicHref", "homepage", "url"];

/// Keys whose values name the link beside them.
const TEXT_KEYS: [&str; 4] = ["name", "title", "text", "displayName"];

/// Reads a table of contents.
pub(super) fn read(text: &str, out: &mut Collected) {
    let start = if text.starts_with('\u{feff}') { 3 } else { 0 };
    let document = yaml::read(&text[start..]);
    for mistake in document.mistakes {
        let place = start + mistake.offset;
        out.problem(ProblemKind::FrontMatter, place..place, mistake.message, None);
    }
    let mut names = std::collections::HashMap::new();
    for scalar in &document.scalars {
        if TEXT_KEYS.contains(&scalar.key.as_str()) {
            names.entry(scalar.mapping).or_insert_with(|| bounded(&scalar.value));
        }
    }
    for scalar in document.scalars {
        if !LINK_KEYS.contains(&scalar.key.as_str()) {
            continue;
        }
        let range = start + scalar.range.start..start + scalar.range.end;
        out.reference(DraftReference {
            offset: range.clone(),
            destination: range,
            kind: Kind::Toc,
            text: names.get(&scalar.mapping).cloned().unwrap_or_default(),
            url: scalar.value,
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::reference::{ReadOptions, read};
    use crate::source::Syntax;

    #[test]
    fn links_of_a_table_of_contents_have_exact_places() {
        let text = "\u{feff}items:\r\n- name: Überblick\r\n  href: index.md\r\n  items:\r\n  - href: \"https://x.example/a b\" # c\r\n    name: In\r\n- tocHref: /\r\n  topicHref: /x/index\r\n- {name: 'F', homepage: 'h.md'}\r\n- other: no.md\r\n";
        let read = read(Syntax::Toc, text, &ReadOptions::default());
        let found: Vec<_> = read
            .references
            .iter()
            .map(|r| (&text[r.destination.clone()], r.url.as_str(), r.text.as_str(), r.line, r.column))
            .collect();
        assert_eq!(
            found,
            [
                ("index.md", "index.md", "Überblick", 3, 9),
                ("https://x.example/a b", "https://x.example/a b", "In", 5, 12),
                ("/", "/", "", 7, 12),
                ("/x/index", "/x/index", "", 8, 14),
                ("h.md", "h.md", "F", 9, 26),
            ]
        );
        assert!(read.references.iter().all(|r| r.kind == Kind::Toc));
    }

    #[test]
    fn a_broken_table_keeps_what_came_before() {
        let read = read(Syntax::Toc, "- href: a.md\n- href: b.md\n  x: [\n", &ReadOptions::default());
        assert_eq!(read.references.len(), 2);
        assert_eq!(read.problems.len(), 1);
    }
}
