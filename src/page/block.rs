//! Blocks as they are found: text is folded and bounded, headings open sections, links and marked terms are kept.

use super::bounds;
use super::volatile;
use super::{Block, BlockKind, Section};

/// Collects blocks in the order of the page.
#[derive(Debug, Default)]
pub(super) struct Blocks {
    sections: Vec<Section>,
    blocks: Vec<Block>,
    /// Which of `blocks` are nothing but links, and whether all of these stay on the page.
    linked: Vec<Linked>,
    /// Headings that enclose the current place: level and text.
    path: Vec<(u8, String)>,
    text: String,
    marked: Vec<String>,
    links: Vec<String>,
    images: Vec<String>,
    link_text: usize,
    local_links: usize,
    /// Counts blocks that were ended, so that a reader knows whether the one it wrote in is still open.
    ended: usize,
    total_text: usize,
    total_links: usize,
    /// An anchor that stands right before what comes next.
    anchor: Option<String>,
    /// Ids of the open sections; each is the anchor of the first heading in it.
    parts: Vec<Option<String>>,
}

/// How much of a block is links.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Linked {
    /// Some text is no link.
    Partly,
    /// All of it, and some lead elsewhere.
    Wholly,
    /// All of it, and all lead to places on this page.
    WithinPage,
}

impl Blocks {
    /// Appends text. White space is folded unless `kind` is code.
    pub(super) fn push(&mut self, text: &str, kind: BlockKind) {
        if self.is_full()
            || self.text.len() + self.total_text >= bounds::TEXT
            || self.text.len() >= bounds::BLOCK
        {
            return;
        }
        let room = bounds::BLOCK - self.text.len();
        let mut rest = clip(text, room);
        loop {
            let plain = self.plain(rest.as_bytes(), kind);
            self.text.push_str(&rest[..plain]);
            let mut characters = rest[plain..].chars();
            let Some(character) = characters.next() else { return };
            rest = characters.as_str();
            if volatile::is_invisible(character) {
                continue;
            }
            if kind == BlockKind::Code {
                match character {
                    '\r' => {}
                    '\t' | '\n' => self.text.push(character),
                    _ if character.is_whitespace() => self.text.push(' '),
                    _ => self.text.push(character),
                }
            } else if !character.is_whitespace() {
                self.text.push(character);
            } else if !self.text.is_empty() && !self.text.ends_with(' ') {
                self.text.push(' ');
            }
        }
    }

    /// How much at the start of `text` is taken as it is. On nearly every page that is nearly all: words of plain ASCII, each with one
    /// space after it.
    fn plain(&self, text: &[u8], kind: BlockKind) -> usize {
        if kind == BlockKind::Code {
            return text.iter().take_while(|byte| matches!(byte, b' '..=b'~' | b'\n' | b'\t')).count();
        }
        let mut after_space = self.text.is_empty() || self.text.ends_with(' ');
        let is_plain = |byte: &&u8| {
            let is_space = **byte == b' ';
            let plain = if is_space { !after_space } else { byte.is_ascii_graphic() };
            after_space = is_space;
            plain
        };
        text.iter().take_while(is_plain).count()
    }

    /// Bytes written into the open block, and which block that is.
    pub(super) fn mark(&self) -> (usize, usize) {
        (self.ended, self.text.len())
    }

    /// Notes what was written since `mark` as a marked term.
    pub(super) fn end_marked(&mut self, (ended, start): (usize, usize)) {
        if ended != self.ended {
            return;
        }
        let term = self.text.get(start..).unwrap_or_default().trim().to_owned();
        if !term.is_empty()
            && term.len() <= bounds::MARKED
            && self.marked.len() < bounds::MARKS
            && !self.marked.contains(&term)
        {
            self.marked.push(term);
        }
    }

    /// Notes a link, and what was written since `mark` as its text.
    pub(super) fn end_link(&mut self, (ended, start): (usize, usize), href: Option<&str>) {
        if ended == self.ended {
            self.link_text += self.text.get(start..).map_or(0, |text| text.trim().len());
        }
        let Some(href) = href.map(str::trim) else { return };
        if href.starts_with('#') {
            self.local_links += 1;
        }
        if href.len() <= bounds::LINK && self.total_links < bounds::LINKS {
            self.total_links += 1;
            self.links.push(href.chars().filter(|character| !character.is_control()).collect());
        }
    }

    /// Notes an image's alternative text; it becomes a block after the one it stands in.
    pub(super) fn image(&mut self, alternative: &str) {
        let seen: String =
            alternative.chars().filter(|&character| !volatile::is_invisible(character)).collect();
        let text = seen.split_whitespace().collect::<Vec<_>>().join(" ");
        if !text.is_empty() && self.images.len() < bounds::MARKS {
            self.images.push(clip(&text, 2048).to_owned());
        }
    }

    /// Whether there is no room for another block.
    fn is_full(&self) -> bool {
        self.blocks.len() >= bounds::BLOCKS || self.total_text >= bounds::TEXT
    }

    /// An anchor right before what comes next: the next heading's, if that has none of its own.
    pub(super) fn anchor(&mut self, anchor: &str) {
        if !anchor.trim().is_empty() && anchor.len() <= bounds::ANCHOR && self.text.is_empty() {
            self.anchor = Some(anchor.trim().to_owned());
        }
    }

    /// An anchor of the next heading, where nothing else gives it one.
    pub(super) fn last_anchor(&mut self, anchor: String) {
        self.anchor.get_or_insert(anchor);
    }

    /// A section with an id begins.
    pub(super) fn open_part(&mut self, id: &str) {
        let id = id.trim();
        self.parts.push((!id.is_empty() && id.len() <= bounds::ANCHOR).then(|| id.to_owned()));
    }

    /// It ends.
    pub(super) fn close_part(&mut self) {
        self.parts.pop();
    }

    /// Whether nothing was written into the open block yet.
    pub(super) fn is_empty(&self) -> bool {
        self.text.trim().is_empty()
    }

    /// Whether what was written into the open block is one to three words that are set apart and end without punctuation.
    pub(super) fn is_short_label(&self) -> bool {
        let text = self.text.trim();
        text.len() <= bounds::MARKED
            && text.split(' ').count() <= 3
            && text.ends_with(char::is_alphanumeric)
            && self.marked.iter().any(|marked| marked == text)
    }

    /// Ends the open block. A heading opens a section.
    pub(super) fn end(&mut self, kind: BlockKind, heading: Option<(u8, Option<String>)>) {
        self.ended += 1;
        let text = std::mem::take(&mut self.text);
        let text = if kind == BlockKind::Code {
            trim_code(&text)
        } else {
            text.trim().trim_end_matches(" |").to_owned()
        };
        let mut marked = std::mem::take(&mut self.marked);
        let links = std::mem::take(&mut self.links);
        let images = std::mem::take(&mut self.images);
        let link_text = std::mem::take(&mut self.link_text);
        let local_links = std::mem::take(&mut self.local_links);
        if self.is_full() {
            return;
        }
        if text.contains(char::is_alphanumeric) || (kind == BlockKind::Code && !text.is_empty()) {
            let linked =
                if links.is_empty() || text.chars().filter(|c| c.is_alphanumeric()).count() > link_text {
                    Linked::Partly
                } else if local_links == links.len() {
                    Linked::WithinPage
                } else {
                    Linked::Wholly
                };
            if let Some((level, anchor)) = heading {
                self.open_section(level, anchor, &text);
            } else {
                self.anchor = None;
                quoted(&text, &mut marked);
            }
            self.add(Block { kind, text, section: 0, marked, links }, linked);
        }
        for text in images {
            self.add(
                Block { kind: BlockKind::Image, text, section: 0, marked: Vec::new(), links: Vec::new() },
                Linked::Partly,
            );
        }
    }

    /// What was found.
    pub(super) fn finish(mut self) -> (Vec<Section>, Vec<Block>, Vec<Linked>) {
        self.end(BlockKind::Paragraph, None);
        (self.sections, self.blocks, self.linked)
    }

    fn open_section(&mut self, level: u8, anchor: Option<String>, text: &str) {
        // A section's id belongs to its first heading, whether or not that has one of its own.
        let part = self.parts.last_mut().and_then(Option::take);
        let anchor = anchor.or(part).or_else(|| self.anchor.take());
        let clean = |anchor: String| anchor.chars().filter(|c| !c.is_control()).collect::<String>();
        let anchor = anchor.map(clean).filter(|anchor| !anchor.is_empty());
        self.anchor = None;
        self.path.retain(|(outer, _)| *outer < level);
        self.path.push((level, clip(text, 300).to_owned()));
        let path = self.path.iter().map(|(_, text)| text.clone()).collect();
        self.sections.push(Section { path, anchor, level });
    }

    fn add(&mut self, mut block: Block, linked: Linked) {
        if self.total_text + block.text.len() > bounds::TEXT {
            // What comes after it is not read either.
            self.total_text = bounds::TEXT;
        }
        if self.is_full() {
            return;
        }
        if self.sections.is_empty() {
            self.sections.push(Section::default());
        }
        block.section = self.sections.len() - 1;
        self.total_text += block.text.len();
        self.blocks.push(block);
        self.linked.push(linked);
    }
}

/// The longest start of `text` of at most `bytes` bytes that ends between characters.
pub(super) fn clip(text: &str, bytes: usize) -> &str {
    &text[..text.floor_char_boundary(bytes.min(text.len()))]
}

fn trim_code(text: &str) -> String {
    let lines: Vec<&str> = text.lines().map(str::trim_end).collect();
    let start = lines.iter().position(|line| !line.is_empty()).unwrap_or(lines.len());
    let end = lines.iter().rposition(|line| !line.is_empty()).map_or(start, |at| at + 1);
    lines[start..end].join("\n")
}

/// Labels that stand in quotation marks are marked terms, as interface labels in bold are.
fn quoted(text: &str, marked: &mut Vec<String>) {
    const PAIRS: &[(char, char)] =
        &[('“', '”'), ('„', '“'), ('„', '”'), ('«', '»'), ('「', '」'), ('『', '』'), ('"', '"'), ('‹', '›')];
    if text.is_ascii() && !text.contains('"') {
        return;
    }
    let mut from = 0;
    while let Some((at, open)) =
        text[from..].char_indices().find(|(_, character)| PAIRS.iter().any(|pair| pair.0 == *character))
    {
        let start = from + at + open.len_utf8();
        let rest = clip(&text[start..], bounds::MARKED);
        let close = rest.char_indices().find(|(_, character)| PAIRS.contains(&(open, *character)));
        let Some((length, close)) = close else {
            from = start;
            continue;
        };
        let label = rest[..length].trim();
        if !label.is_empty()
            && label.split_whitespace().count() <= 6
            && label.chars().count() <= 60
            && marked.len() < bounds::MARKS
            && !marked.iter().any(|other| other == label)
        {
            marked.push(label.to_owned());
        }
        from = start + length + close.len_utf8();
    }
}
