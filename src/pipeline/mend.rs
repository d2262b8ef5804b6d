//! Writing what a finding suggests into an entry, byte for byte: nothing but the named places changes, and the result is read again to
//! see that every reference says what it should.

use std::collections::BTreeMap;
use std::ops::Range;

use crate::reference::{ReadOptions, Reference, read};
use crate::source::Syntax;

/// One place that is to say something else.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Wish {
    /// The destination of the reference that stands at `offset`.
    Destination {
        /// Bytes of the whole construct.
        offset: Range<usize>,
        /// The URL to write.
        url: String,
    },
    /// A term of the text.
    Term {
        /// Its bytes.
        offset: Range<usize>,
        /// As it must stand there now.
        old: String,
        /// What to write.
        new: String,
    },
}

/// An entry with what could be mended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mended {
    /// The new text.
    pub text: String,
    /// What was replaced, in order: bytes of the old text, and the new ones.
    pub edits: Vec<(Range<usize>, String)>,
    /// Wishes that could not be granted without changing something else.
    pub left: usize,
}

/// The old and the new bytes of one place, and what the reference there says afterwards; `None` for a term.
type Edit = (Range<usize>, String, Option<String>);

/// Grants wishes. `references` are those of `text`, as the state has them.
pub fn mend(text: &str, syntax: Syntax, references: &[Reference], wishes: &[Wish]) -> Mended {
    let urls = |options: &ReadOptions, text: &str| -> Vec<String> {
        read(syntax, text, options).references.into_iter().map(|reference| reference.url).collect()
    };
    let known: Vec<String> = references.iter().map(|reference| reference.url.clone()).collect();
    let options = [false, true].map(|code| ReadOptions { code, ..ReadOptions::default() });
    let options = options.into_iter().find(|options| urls(options, text) == known);
    let Some(options) = options else {
        return Mended { text: text.to_owned(), edits: Vec::new(), left: wishes.len() };
    };
    // Whether the text with these edits says what it should, and everything else as before.
    let holds = |edits: &BTreeMap<usize, Edit>| {
        let expected = references.iter().map(|reference| {
            let edit = edits.get(&reference.destination.start);
            edit.and_then(|(_, _, url)| url.as_deref()).unwrap_or(&reference.url)
        });
        urls(&options, &applied(text, edits)).iter().map(String::as_str).eq(expected)
    };
    let mut granted: BTreeMap<usize, Edit> = BTreeMap::new();
    let mut left = 0;
    for wish in wishes {
        let candidates = candidates(text, references, wish);
        let Some((range, ..)) = candidates.first() else {
            left += 1;
            continue;
        };
        if let Some((there, ..)) = granted.get(&range.start).filter(|(there, ..)| there == range) {
            // Several references can share one definition: what is asked for twice is done once.
            let same = candidates.iter().any(|edit| granted.get(&there.start) == Some(edit));
            left += usize::from(!same);
            continue;
        }
        let overlaps = granted.values().any(|(there, ..)| there.start < range.end && range.start < there.end);
        let possible = candidates.into_iter().find(|edit| {
            let mut tried = granted.clone();
            tried.insert(edit.0.start, edit.clone());
            !overlaps && holds(&tried)
        });
        match possible {
            Some(edit) => {
                granted.insert(edit.0.start, edit);
            }
            None => left += 1,
        }
    }
    let text = applied(text, &granted);
    Mended { text, edits: granted.into_values().map(|(range, new, _)| (range, new)).collect(), left }
}

/// How a wish could be written, the plainest first; nothing where its place is not there.
fn candidates(text: &str, references: &[Reference], wish: &Wish) -> Vec<Edit> {
    match wish {
        Wish::Term { offset, old, new } => match text.get(offset.clone()) {
            Some(there) if there == old && !new.is_empty() => vec![(offset.clone(), new.clone(), None)],
            _ => Vec::new(),
        },
        Wish::Destination { offset, url } => {
            let Some(reference) = references.iter().find(|reference| reference.offset == *offset) else {
                return Vec::new();
            };
            let range = reference.destination.clone();
            if url.is_empty() || range.is_empty() || text.get(range.clone()).is_none() {
                return Vec::new();
            }
            let parentheses = url.replace('(', "%28").replace(')', "%29");
            [
                (url.clone(), url.clone()),
                (url.replace('&', "&amp;"), url.clone()),
                (parentheses.clone(), parentheses),
            ]
            .into_iter()
            .map(|(written, says)| (range.clone(), written, Some(says)))
            .collect()
        }
    }
}

fn applied(text: &str, edits: &BTreeMap<usize, Edit>) -> String {
    let mut out = String::with_capacity(text.len());
    let mut from = 0;
    for (range, new, _) in edits.values() {
        out.push_str(&text[from..range.start]);
        out.push_str(new);
        from = range.end;
    }
    out.push_str(&text[from..]);
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn references(text: &str) -> Vec<Reference> {
        read(Syntax::Markdown, text, &ReadOptions::default()).references
    }

    fn all_to(text: &str, url: &str) -> Mended {
        let references = references(text);
        let wishes: Vec<Wish> = references
            .iter()
            .map(|reference| Wish::Destination { offset: reference.offset.clone(), url: url.to_owned() })
            .collect();
        mend(text, Syntax::Markdown, &references, &wishes)
    }

    #[test]
    fn destinations_are_replaced_where_they_stand() {
        for (text, url, expected) in [
            ("a [b](http://x.org/ \"t\") c", "https://y.org/z", "a [b](https://y.org/z \"t\") c"),
            ("[a][1] [b][1]\r\n\r\n[1]: /old", "https://y.org/", "[a][1] [b][1]\r\n\r\n[1]: https://y.org/"),
            (
                "\u{feff}<a href=\"/old\">t</a>\n",
                "https://y.org/?a=1&lt;2",
                "\u{feff}<a href=\"https://y.org/?a=1&amp;lt;2\">t</a>\n",
            ),
            ("[b](/old)", "https://y.org/a)b", "[b](https://y.org/a%29b)"),
            ("<http://x.org/> ok", "https://y.org/", "<https://y.org/> ok"),
        ] {
            let mended = all_to(text, url);
            assert_eq!((mended.text.as_str(), mended.left), (expected, 0), "{text}");
        }
    }

    #[test]
    fn what_would_change_more_is_left() {
        let text = "[b](/old) and [c](/other)";
        for url in ["https://y.org/ [x](z) ", "a\n\nb", ""] {
            let mended = all_to(text, url);
            assert_eq!((mended.text.as_str(), mended.left), (text, 2), "{url:?}");
        }
        let references = references(text);
        let nowhere = Wish::Destination { offset: 1..4, url: "https://y.org/".into() };
        let other = Wish::Term { offset: 0..3, old: "xyz".into(), new: "n".into() };
        let beyond = Wish::Term { offset: 20..99, old: "xyz".into(), new: "n".into() };
        let mended = mend(text, Syntax::Markdown, &references, &[nowhere, other, beyond]);
        assert_eq!((mended.text.as_str(), mended.left), (text, 3));
    }

    proptest! {
        #[test]
        fn only_the_named_bytes_change_and_every_link_says_what_it_should(
            parts in prop::collection::vec("(\\PC{0,9}|\\[a\\]\\(/x\\?[a-z&;]{0,5}\\)|<http://x.org/>|\\[r\\]\\[1\\]|`c`|\r\n|\n\n)", 0..12),
            url in "https://y\\.org/[a-z()&;=?%]{0,12}",
        ) {
            let text = format!("{}\n\n[1]: /defined\n", parts.concat());
            let mended = all_to(&text, &url);
            let (mut from_old, mut from_new) = (0, 0);
            for (range, new) in &mended.edits {
                let kept = range.start - from_old;
                prop_assert_eq!(&text[from_old..range.start], &mended.text[from_new..from_new + kept]);
                from_new += kept;
                prop_assert_eq!(&mended.text[from_new..from_new + new.len()], new.as_str());
                from_new += new.len();
                from_old = range.end;
            }
            prop_assert_eq!(&text[from_old..], &mended.text[from_new..]);
            let (before, after) = (references(&text), references(&mended.text));
            prop_assert_eq!(before.len(), after.len());
            let written = url.replace('(', "%28").replace(')', "%29");
            for (was, is) in before.iter().zip(&after) {
                let as_wished = is.url == url || is.url == written;
                prop_assert!(as_wished || (mended.left > 0 && is.url == was.url), "{} {}", was.url, is.url);
            }
        }
    }
}
