//! Fingerprints of a page's layers, coarse to fine: they tell which layer moved without the page being read again.

use super::{BlockKind, Page, volatile};

/// Sections that have a fingerprint of their own.
const SECTIONS: usize = 256;
/// Bytes of one fingerprint: the start of blake3, so that those of different pages differ by all odds.
const BYTES: usize = 8;

/// The layers of a page below its [content](Page::content_hash): links, anchors and code as a whole, and each section's own text.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Fingerprints {
    /// Where its links lead, in any order.
    pub links: [u8; BYTES],
    /// What fragments can name on it.
    pub anchors: [u8; BYTES],
    /// Its code blocks, in order.
    pub code: [u8; BYTES],
    /// The text of each section, in order, at most 256.
    pub sections: Vec<[u8; BYTES]>,
}

impl Page {
    /// The fingerprints of this page's layers.
    pub fn fingerprints(&self) -> Fingerprints {
        let sorted = |mut items: Vec<&str>| {
            items.sort_unstable();
            items.dedup();
            print(items.into_iter())
        };
        let blocks = self.blocks.iter();
        let mut sections: Vec<blake3::Hasher> =
            vec![blake3::Hasher::new(); self.sections.len().min(SECTIONS)];
        for block in blocks.clone() {
            if let Some(section) = sections.get_mut(block.section) {
                section.update(volatile::normalise(&block.text).as_bytes()).update(&[0]);
            }
        }
        Fingerprints {
            links: sorted(blocks.clone().flat_map(|block| &block.links).map(String::as_str).collect()),
            anchors: sorted(self.anchors.iter().map(String::as_str).collect()),
            code: print(
                blocks.filter(|block| block.kind == BlockKind::Code).map(|block| block.text.as_str()),
            ),
            sections: sections.iter().map(short).collect(),
        }
    }
}

impl Fingerprints {
    /// As stored: eight bytes each, the sections last.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = [self.links, self.anchors, self.code].concat();
        bytes.extend(self.sections.iter().flatten());
        bytes
    }

    /// What [`Self::to_bytes`] made; `None` for anything else.
    pub fn of_bytes(bytes: &[u8]) -> Option<Self> {
        let (prints, rest) = bytes.as_chunks::<BYTES>();
        match (prints, rest) {
            ([links, anchors, code, sections @ ..], []) => {
                Some(Self { links: *links, anchors: *anchors, code: *code, sections: sections.to_vec() })
            }
            _ => None,
        }
    }
}

fn print<'a>(items: impl Iterator<Item = &'a str>) -> [u8; BYTES] {
    let mut hasher = blake3::Hasher::new();
    for item in items {
        hasher.update(&(item.len() as u64).to_le_bytes());
        hasher.update(item.as_bytes());
    }
    short(&hasher)
}

fn short(hasher: &blake3::Hasher) -> [u8; BYTES] {
    let mut bytes = [0; BYTES];
    hasher.finalize_xof().fill(&mut bytes);
    bytes
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;
    use url::Url;

    use super::*;
    use crate::visit::facts::Body;

    fn prints(html: &str) -> Fingerprints {
        let body =
            Body { bytes: Bytes::copy_from_slice(html.as_bytes()), content_type: Some("text/html".into()) };
        super::super::read(&body, &Url::parse("https://x.org/").unwrap()).fingerprints()
    }

    /// The layers in which two pages differ, by name.
    fn differing(one: &Fingerprints, other: &Fingerprints) -> Vec<&'static str> {
        [
            ("sections", one.sections != other.sections),
            ("links", one.links != other.links),
            ("anchors", one.anchors != other.anchors),
            ("code", one.code != other.code),
        ]
        .into_iter()
        .filter_map(|(name, differs)| differs.then_some(name))
        .collect()
    }

    #[test]
    fn each_layer_moves_alone() {
        let page =
            "<main><h1 id=a>One</h1><p>Text <a href=/x>here</a>.</p><h2 id=b>Two</h2><pre>run</pre></main>";
        let changed = |from: &str, to: &str| differing(&prints(page), &prints(&page.replace(from, to)));
        assert_eq!(changed("Text", "Text"), Vec::<&str>::new());
        assert_eq!(changed("Text", "Words"), ["sections"]);
        assert_eq!(changed("/x", "/y"), ["links"]);
        assert_eq!(changed("id=b", "id=c"), ["anchors"]);
        assert_eq!(changed("run", "stop"), ["sections", "code"]);
        assert_eq!(prints(page).sections.len(), 2);
    }

    #[test]
    fn they_come_back_as_they_were_put() {
        let prints = prints("<main><h1>One</h1><p>Text</p></main>");
        let bytes = prints.to_bytes();
        assert_eq!(Fingerprints::of_bytes(&bytes), Some(prints));
        assert_eq!(Fingerprints::of_bytes(&bytes[1..]), None);
        assert_eq!(Fingerprints::of_bytes(&[]), None);
    }
}
