//! Markdown → references: CommonMark and GFM by pulldown-cmark, bare URLs, directives and HTML by our own readers.

use std::cell::RefCell;
use std::ops::Range;

use pulldown_cmark::{BrokenLink, CowStr, Event, LinkType, Options, Parser, RefDefs, Tag, TagEnd};

use super::draft::{Collected, DraftReference, push_bounded};
use super::html::{self, Comments, HtmlState};
use super::mapped::Mapped;
use super::{Kind, ProblemKind, ReadOptions, anchor, bare, destination, directive, not_a_link};

/// What entries may use beside CommonMark.
pub(crate) const DIALECT: Options = Options::ENABLE_TABLES
    .union(Options::ENABLE_FOOTNOTES)
    .union(Options::ENABLE_STRIKETHROUGH)
    .union(Options::ENABLE_TASKLISTS);

/// Reads the body of a Markdown entry, which begins at byte `body` of `source`.
pub(super) fn read(source: &str, body: usize, options: &ReadOptions, out: &mut Collected) {
    let broken = RefCell::new(Vec::new());
    let callback = |link: BrokenLink<'_>| {
        if matches!(link.link_type, LinkType::Reference | LinkType::Collapsed) {
            broken.borrow_mut().push((link.span, link.reference.to_string()));
        }
        None
    };
    let parser = Parser::new_with_broken_link_callback(&source[body..], DIALECT, Some(callback));
    let mut events = parser.into_offset_iter();
    let mut reader = Reader::new(source, options, out);
    while let Some((event, range)) = events.next() {
        let range = body + range.start..body + range.end;
        reader.event(event, range, body, events.reference_definitions());
    }
    reader.flush();
    undefined_labels(broken.into_inner(), source, body, out);
}

fn undefined_labels(mut broken: Vec<(Range<usize>, String)>, source: &str, body: usize, out: &mut Collected) {
    broken.sort_by_key(|(range, _)| (range.start, range.end));
    broken.dedup();
    for (range, label) in broken {
        let range = body + range.start..body + range.end;
        // `[!INCLUDE[…]…]` and its like are directives, `[x][]` in prose is an array.
        if source[range.clone()].starts_with("[!") || label.trim().is_empty() {
            continue;
        }
        let label: String = label.chars().filter(|c| !c.is_control()).take(80).collect();
        out.problem(
            ProblemKind::UndefinedLabel,
            range,
            format!("no definition for the label `{label}`"),
            None,
        );
    }
}

/// A link or image whose end has not come yet.
struct OpenLink<'a> {
    offset: Range<usize>,
    link_type: LinkType,
    image: bool,
    url: CowStr<'a>,
    label: CowStr<'a>,
    text: String,
    /// Where its last piece ends so far.
    content_end: usize,
}

struct Reader<'a, 'o> {
    source: &'a str,
    comments: Comments,
    code: bool,
    out: &'o mut Collected,
    open: Vec<OpenLink<'a>>,
    /// Text that is being put together, outside links, code and HTML.
    run: Mapped,
    run_before: Option<char>,
    html: HtmlState,
    html_block: Option<Mapped>,
    in_code_block: bool,
    heading: Option<String>,
    slugs: anchor::Slugs,
}

impl<'a, 'o> Reader<'a, 'o> {
    fn new(source: &'a str, options: &ReadOptions, out: &'o mut Collected) -> Self {
        Self {
            source,
            comments: if options.code { Comments::Read } else { Comments::Skip },
            code: options.code,
            out,
            open: Vec::new(),
            run: Mapped::default(),
            run_before: None,
            html: HtmlState::default(),
            html_block: None,
            in_code_block: false,
            heading: None,
            slugs: anchor::Slugs::default(),
        }
    }

    fn event(&mut self, event: Event<'a>, range: Range<usize>, body: usize, definitions: &RefDefs<'_>) {
        if let Some(open) = self.open.last_mut()
            && !matches!(event, Event::End(TagEnd::Link | TagEnd::Image))
        {
            open.content_end = open.content_end.max(range.end);
        }
        match event {
            Event::Text(text) => self.text(&text, range),
            Event::SoftBreak | Event::HardBreak => {
                self.link_text("\n");
                if self.collects_run() {
                    self.run.push("\n", range, false);
                }
            }
            Event::Code(code) => {
                self.flush();
                self.link_text(&code);
                if self.code {
                    self.verbatim(&code, range);
                }
            }
            Event::InlineHtml(tag) => {
                self.flush();
                let exact = self.source.get(range.clone()).is_some_and(|written| *written == *tag);
                let mapped = if exact {
                    Mapped::exact(&tag, range.start)
                } else {
                    let mut mapped = Mapped::default();
                    mapped.push(&self.source[range.clone()], range, true);
                    mapped
                };
                html::scan(&mapped, self.comments, &mut self.html, self.out);
            }
            Event::Html(line) => {
                if let Some(block) = &mut self.html_block {
                    let exact = self.source.get(range.clone()).is_some_and(|written| *written == *line);
                    block.push(&line, range, exact);
                }
            }
            Event::Start(tag) => self.start(tag, range),
            Event::End(tag) => self.end(tag, range, body, definitions),
            _ => self.flush(),
        }
    }

    fn start(&mut self, tag: Tag<'a>, range: Range<usize>) {
        self.flush();
        let (link_type, url, label, image) = match tag {
            Tag::Link { link_type, dest_url, id, .. } => (link_type, dest_url, id, false),
            Tag::Image { link_type, dest_url, id, .. } => (link_type, dest_url, id, true),
            Tag::HtmlBlock => {
                self.html_block = Some(Mapped::default());
                return;
            }
            Tag::CodeBlock(_) => {
                self.in_code_block = true;
                return;
            }
            Tag::Heading { .. } => {
                self.heading = Some(String::new());
                return;
            }
            _ => return,
        };
        let content_end = range.start + 1 + usize::from(image);
        self.open.push(OpenLink {
            offset: range,
            link_type,
            image,
            url,
            label,
            text: String::new(),
            content_end,
        });
    }

    fn end(&mut self, tag: TagEnd, range: Range<usize>, body: usize, definitions: &RefDefs<'_>) {
        self.flush();
        match tag {
            TagEnd::Link | TagEnd::Image => {
                if let Some(open) = self.open.pop() {
                    self.close_link(open, body, definitions);
                }
            }
            TagEnd::HtmlBlock => {
                if let Some(block) = self.html_block.take() {
                    html::scan(&block, self.comments, &mut self.html, self.out);
                }
            }
            TagEnd::CodeBlock => self.in_code_block = false,
            TagEnd::Heading(_) => {
                if let Some(heading) = self.heading.take() {
                    self.out.anchors.push(self.slugs.give(&heading));
                }
                self.html = HtmlState::default();
            }
            TagEnd::Paragraph | TagEnd::Item | TagEnd::TableCell => self.html = HtmlState::default(),
            _ => {}
        }
        if let Some(open) = self.open.last_mut() {
            open.content_end = open.content_end.max(range.end);
        }
    }

    fn close_link(&mut self, mut open: OpenLink<'a>, body: usize, definitions: &RefDefs<'_>) {
        if let Some(parent) = self.open.last_mut() {
            push_bounded(&mut parent.text, &open.text);
        }
        // pulldown-cmark leaves the `[]` of a collapsed reference out of its range.
        if open.link_type == LinkType::Collapsed
            && self.source[open.offset.end..].starts_with("[]")
            && !self.source[open.offset.clone()].ends_with("[]")
        {
            open.offset.end += 2;
        }
        let (kind, destination) = match open.link_type {
            LinkType::Autolink | LinkType::Email => {
                (Kind::Autolink, destination::of_autolink(self.source, &open.offset))
            }
            LinkType::Inline | LinkType::WikiLink { .. } => {
                let kind = if open.image { Kind::Image } else { Kind::Inline };
                (kind, destination::of_inline(self.source, open.content_end, open.offset.end))
            }
            _ => {
                let destination =
                    definitions.get(&open.label).map_or(open.offset.end..open.offset.end, |definition| {
                        let span = body + definition.span.start..body + definition.span.end;
                        destination::of_definition(self.source, span)
                    });
                (if open.image { Kind::Image } else { Kind::Reference }, destination)
            }
        };
        let mut url = open.url.into_string();
        if open.link_type == LinkType::Email && !url.starts_with("mailto:") {
            url.insert_str(0, "mailto:");
        }
        self.out.reference(DraftReference { offset: open.offset, destination, kind, text: open.text, url });
    }

    fn text(&mut self, text: &str, range: Range<usize>) {
        if self.in_code_block {
            if self.code {
                self.verbatim(text, range);
            }
            return;
        }
        self.link_text(text);
        if !self.collects_run() {
            return;
        }
        if self.run.is_empty() {
            self.run_before =
                self.source[..range.start].chars().next_back().filter(|c| !matches!(c, '\n' | '\r'));
        }
        let exact = self.source.get(range.clone()).is_some_and(|written| written == text);
        self.run.push(text, range, exact);
    }

    fn collects_run(&self) -> bool {
        self.open.is_empty() && self.html.verbatim == 0 && !self.in_code_block && self.html_block.is_none()
    }

    /// Text as the reader of a link or a heading sees it.
    fn link_text(&mut self, text: &str) {
        if let Some(open) = self.open.last_mut() {
            push_bounded(&mut open.text, text);
        }
        if let Some(heading) = &mut self.heading {
            push_bounded(heading, text);
        }
        if let Some(open) = self.html.open_link {
            self.out.add_text(open, text);
        }
    }

    /// Reads what has been put together.
    fn flush(&mut self) {
        if self.run.is_empty() {
            return;
        }
        let run = std::mem::take(&mut self.run);
        if may_hold_a_link(run.text()) {
            self.directives_and_urls(&run);
        }
        self.run = run;
        self.run.clear();
    }

    fn directives_and_urls(&mut self, run: &Mapped) {
        let text = run.text();
        let directives = directive::find(text);
        for one in &directives {
            let source = run.source(one.url.clone());
            self.out.reference(DraftReference {
                offset: source.clone(),
                destination: source,
                kind: Kind::Directive,
                text: one.text.clone(),
                url: text[one.url.clone()].to_owned(),
            });
        }
        let inside = |range: &Range<usize>| {
            let after = directives.partition_point(|one| one.outer.start <= range.start);
            after > 0 && range.start < directives[after - 1].outer.end
        };
        let mut hidden = Vec::new();
        for found in bare::find(text, self.run_before, &mut hidden) {
            if !inside(&found.range) {
                push_bare(run, &found, self.out);
            }
        }
        for range in hidden.into_iter().filter(|range| !range.is_empty() && !inside(range)) {
            let url = text[range.clone()].to_owned();
            let message = "the letter before this URL keeps it from being a link";
            self.out.problem(ProblemKind::NotALink, run.source(range), message, Some(format!(" {url}")));
        }
        let escaped = |at: usize| {
            let start = run.source(at..at + 1).start;
            start > 0 && self.source.as_bytes()[start - 1] == b'\\'
        };
        for one in not_a_link::find(text, escaped) {
            if !inside(&one.range) {
                self.out.problem(ProblemKind::NotALink, run.source(one.range), one.message, one.suggestion);
            }
        }
    }

    /// Code, where an option has it read.
    fn verbatim(&mut self, text: &str, range: Range<usize>) {
        let written = &self.source[range.clone()];
        let Some(at) = written.find(text) else { return };
        let mapped = Mapped::exact(text, range.start + at);
        for found in bare::find(mapped.text(), None, &mut Vec::new()) {
            push_bare(&mapped, &found, self.out);
        }
    }
}

/// A bare URL becomes a reference; text glued to its end a problem.
pub(super) fn push_bare(run: &Mapped, found: &bare::Bare, out: &mut Collected) {
    let text = run.text();
    let mut end = found.range.end;
    // An entity at the end belongs to the sentence: `https://…&quot;` (GFM 6.9).
    while let Some(start) = run.entity_before(end).filter(|start| *start > found.range.start) {
        end = start;
    }
    let range = found.range.start..end;
    let written = &text[range.clone()];
    let source = run.source(range);
    // Punctuation ends a URL for every reader of such a script: only a letter makes it unclear where it was to end.
    if text[found.glued.clone()].starts_with(bare::is_cjk) {
        let glued: String = text[found.glued.clone()].chars().take(12).collect();
        out.problem(
            ProblemKind::Glued,
            source.clone(),
            format!("“{glued}” is glued to this URL and becomes part of the link: put a space between them"),
            Some(format!("{written} ")),
        );
    }
    out.reference(DraftReference {
        offset: source.clone(),
        destination: source,
        kind: Kind::Bare,
        text: written.to_owned(),
        url: format!("{}{written}", found.prefix),
    });
}

/// Whether a text is worth a closer look; most are not.
fn may_hold_a_link(text: &str) -> bool {
    text.bytes().any(|b| matches!(b, b':' | b'@' | b']' | 0xef))
        || text.contains("//")
        || text.contains("www.")
        || text.contains("WWW.")
}
