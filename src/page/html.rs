//! HTML → page, by way of a tree that never leaves this file.

use scraper::{ElementRef, Html};

use super::block::Blocks;
use super::bounds;
use super::furniture;
use super::layout;
use super::left_out;
use super::metadata;
use super::noise::{self, Trust};
use super::{BlockKind, Layout, Page, flat};

/// Reads HTML, with no extractor more special than `least`.
pub(super) fn read(text: &str, least: Layout) -> Page {
    if !bounds::tree_is_affordable(text) {
        return flat::read(text);
    }
    let document = Html::parse_document(text);
    // Once: what stands in `noscript` may hold another.
    match without_scripts(&document, text) {
        None => read_tree(&document, least),
        Some(unscripted) if !bounds::tree_is_affordable(&unscripted) => flat::read(&unscripted),
        Some(unscripted) => read_tree(&Html::parse_document(&unscripted), least),
    }
}

fn read_tree(document: &Html, least: Layout) -> Page {
    let title = metadata::title(document);
    let content = layout::find(document, title.as_deref(), least);
    let mut reader = Reader { blocks: Blocks::default(), trust: content.trust };
    let start = Context { kind: BlockKind::Paragraph, in_row: false, in_note: false, depth: 0 };
    if let Some(heading) = content.heading {
        reader.element(heading, start, Some(1));
    }
    for root in &content.roots {
        reader.children(*root, start);
        reader.blocks.end(BlockKind::Paragraph, None);
    }
    let (sections, blocks, linked) = reader.blocks.finish();
    let mut page = Page {
        layout: content.layout,
        metadata: metadata::of(document, &content.roots, content.trust),
        anchors: anchors(document),
        title,
        sections,
        blocks,
    };
    left_out::leave_out(&mut page, &linked, content.trust);
    page
}

/// Pages that a script makes may carry their text for those who run none: then that is the page. `None` where the page has text of its
/// own, or only asks for scripts.
fn without_scripts(document: &Html, text: &str) -> Option<String> {
    const LEAST: usize = 600;
    let noscript = document
        .root_element()
        .descendent_elements()
        .filter(|element| element.value().name() == "noscript")
        .map(|element| element.text().collect::<String>())
        .max_by_key(String::len)
        .filter(|inside| inside.len() >= LEAST && inside.contains("<p") && !inside.contains("<noscript"))?;
    let body = document.root_element().child_elements().find(|element| element.value().name() == "body")?;
    let shown = body
        .descendants()
        .filter_map(|node| node.value().as_text().map(|text| (node, text)))
        .filter(|(node, _)| {
            node.parent().and_then(ElementRef::wrap).is_some_and(|parent| {
                !matches!(parent.value().name(), "script" | "style" | "noscript" | "template")
            })
        })
        .map(|(_, text)| text.trim().len())
        .sum::<usize>();
    if shown * 4 > noscript.len() {
        return None;
    }
    let head = text.find("<body").map_or("", |at| &text[..at]);
    Some(format!("{head}<body>{noscript}</body>"))
}

struct Reader {
    blocks: Blocks,
    trust: Trust,
}

/// Where a reader stands.
#[derive(Clone, Copy)]
struct Context {
    /// What running text here is.
    kind: BlockKind,
    /// Inside a table row, which is one block.
    in_row: bool,
    /// Inside a note whose only heading is its label.
    in_note: bool,
    depth: usize,
}

impl Reader {
    fn children(&mut self, element: ElementRef<'_>, context: Context) {
        if context.depth > bounds::DEPTH + 64 {
            return;
        }
        for child in element.children() {
            if let Some(text) = child.value().as_text() {
                self.blocks.push(text, context.kind);
            } else if let Some(inner) = ElementRef::wrap(child)
                && !noise::is_noise(inner, self.trust)
            {
                self.element(inner, Context { depth: context.depth + 1, ..context }, None);
            }
        }
    }

    /// Reads one element; `heading` makes it a heading of that level whatever it is.
    fn element(&mut self, element: ElementRef<'_>, context: Context, heading: Option<u8>) {
        let value = element.value();
        let name = value.name();
        let level = heading.or(match name {
            "h1" => Some(1),
            "h2" => Some(2),
            "h3" => Some(3),
            "h4" => Some(4),
            "h5" => Some(5),
            "h6" => Some(6),
            _ => None,
        });
        if let Some(level) = level.filter(|_| !context.in_row) {
            if context.in_note && (level >= 4 || own_anchor(element).is_none()) {
                return self.block(element, context, context.kind);
            }
            self.blocks.end(context.kind, None);
            let anchor = own_anchor(element);
            if anchor.is_none()
                && let Some(beside) = anchor_beside(element)
            {
                self.blocks.last_anchor(beside);
            }
            self.children(element, Context { kind: BlockKind::Heading, in_row: true, ..context });
            self.blocks.end(BlockKind::Heading, Some((level, anchor)));
            return;
        }
        let section = section_anchor(element);
        if let Some(anchor) = section {
            self.blocks.open_part(anchor);
        } else if name == "a"
            && let Some(anchor) = value.attr("id").or_else(|| value.attr("name"))
        {
            self.blocks.anchor(anchor);
        }
        match name {
            // The title of a note stands alone on its line: `<strong>Note</strong><br>`.
            "br" if context.kind == BlockKind::Quote && self.blocks.is_short_label() => {
                self.blocks.push(": ", context.kind)
            }
            "br" => self.blocks.push("\n", context.kind),
            "img" => self.blocks.image(value.attr("alt").unwrap_or_default()),
            "a" => {
                let mark = self.blocks.mark();
                self.children(element, context);
                self.blocks.end_link(mark, value.attr("href"));
            }
            "strong" | "b" | "code" | "kbd" | "samp" | "tt" | "button"
                if !matches!(context.kind, BlockKind::Code)
                    && (name != "button" || context.kind != BlockKind::Heading) =>
            {
                let mark = self.blocks.mark();
                self.children(element, context);
                self.blocks.end_marked(mark);
            }
            "span" | "em" | "i" | "cite" if is_label(element) => {
                let mark = self.blocks.mark();
                self.children(element, context);
                self.blocks.end_marked(mark);
            }
            "td" | "th" if context.in_row => {
                if !self.blocks.is_empty() {
                    self.blocks.push(" | ", context.kind);
                }
                match sign_of(element) {
                    Some(sign) => self.blocks.push(sign, context.kind),
                    None => self.children(element, context),
                }
            }
            _ if context.in_row && role(element) == Some(Role::Cell) => {
                if !self.blocks.is_empty() {
                    self.blocks.push(" | ", context.kind);
                }
                self.children(element, context);
            }
            _ if context.in_row => {
                let block = is_block(name);
                if block {
                    self.blocks.push(" ", context.kind);
                }
                self.children(element, context);
                if block {
                    self.blocks.push(" ", context.kind);
                }
            }
            "pre" | "listing" | "xmp" | "plaintext" => self.block(element, context, BlockKind::Code),
            _ if context.kind == BlockKind::Code => {
                self.children(element, context);
                if is_block(name) && !self.blocks.is_empty() {
                    self.blocks.push("\n", context.kind);
                }
            }
            "tr" if !is_layout_row(element) => {
                self.blocks.end(context.kind, None);
                self.children(element, Context { kind: BlockKind::TableRow, in_row: true, ..context });
                self.blocks.end(BlockKind::TableRow, None);
            }
            "li" => {
                let numbered = element
                    .parent()
                    .and_then(ElementRef::wrap)
                    .is_some_and(|list| list.value().name() == "ol");
                self.block(element, context, if numbered { BlockKind::Step } else { BlockKind::ListItem });
            }
            "div" if role(element) == Some(Role::Row) && !is_layout_row(element) => {
                self.blocks.end(context.kind, None);
                self.children(element, Context { kind: BlockKind::TableRow, in_row: true, ..context });
                self.blocks.end(BlockKind::TableRow, None);
            }
            "div" if role(element) == Some(Role::Item) => {
                let kind = if is_step(element) { BlockKind::Step } else { BlockKind::ListItem };
                self.block(element, context, kind);
            }
            "div" if holds_lines_of_code(element) => {
                self.blocks.end(context.kind, None);
                let context = Context { kind: BlockKind::Code, ..context };
                let trust = self.trust;
                for line in element.child_elements().filter(|line| !noise::is_noise(*line, trust)) {
                    self.element(line, Context { depth: context.depth + 1, ..context }, None);
                }
                self.blocks.end(BlockKind::Code, None);
            }
            "dt" | "dd" => self.block(element, context, BlockKind::ListItem),
            "blockquote" => self.block(element, context, BlockKind::Quote),
            _ if is_block(name) => {
                let is_alert = is_alert(element);
                let kind = if is_alert { BlockKind::Quote } else { context.kind };
                let in_note = context.in_note || is_alert && has_one_heading(element);
                self.block(element, Context { in_note, ..context }, kind);
            }
            _ => self.children(element, context),
        }
        if section.is_some() {
            self.blocks.close_part();
        }
    }

    fn block(&mut self, element: ElementRef<'_>, context: Context, kind: BlockKind) {
        self.blocks.end(context.kind, None);
        self.children(element, Context { kind, ..context });
        self.blocks.end(kind, None);
    }
}

/// What an element that is no table and no list says it is part of.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Role {
    Row,
    Cell,
    Item,
}

fn role(element: ElementRef<'_>) -> Option<Role> {
    match element.value().attr("role")? {
        "row" => Some(Role::Row),
        "cell" | "gridcell" | "columnheader" | "rowheader" => Some(Role::Cell),
        "listitem" => Some(Role::Item),
        _ => None,
    }
}

/// Whether an item without a list, or that list, is called a step.
fn is_step(item: ElementRef<'_>) -> bool {
    let list = item.parent().and_then(ElementRef::wrap);
    let is_called_so = |element: ElementRef<'_>| {
        classes(element)
            .any(|class| furniture::words(class).any(|word| matches!(word, "step" | "steps" | "stepper")))
    };
    is_called_so(item) || list.is_some_and(is_called_so)
}

/// Code without a `<pre>`: Doxygen makes a `div` of each line, Confluence Cloud a `code` in a block.
fn holds_lines_of_code(element: ElementRef<'_>) -> bool {
    let holds = |is_line: &dyn Fn(ElementRef<'_>) -> bool| {
        element.child_elements().next().is_some() && element.child_elements().all(is_line)
    };
    classes(element).any(|class| match class {
        "fragment" => holds(&|inner| classes(inner).any(|class| class == "line")),
        "code-block" => element
            .descendent_elements()
            .skip(1)
            .take(8)
            .find(|inner| matches!(inner.value().name(), "pre" | "code" | "p"))
            .is_some_and(|inner| inner.value().name() == "code"),
        _ => false,
    })
}

/// What a cell shows that has no text: the name of its only picture, "Yes" or "Not included".
fn sign_of(cell: ElementRef<'_>) -> Option<&str> {
    const LONGEST: usize = 40;
    if cell.text().any(|text| !text.trim().is_empty()) {
        return None;
    }
    let mut names = cell
        .descendent_elements()
        .filter(|inner| !noise::is_hidden(*inner))
        .filter_map(|inner| match inner.value().name() {
            "img" => inner.value().attr("alt"),
            "svg" => inner.value().attr("aria-label"),
            _ => None,
        })
        .map(str::trim)
        .filter(|name| !name.is_empty());
    let name = names.next()?;
    (names.next().is_none() && name.len() <= LONGEST && name.split(' ').count() <= 3).then_some(name)
}

/// Whether an element holds one heading and no more. What is called a note and holds several is a text with sections.
fn has_one_heading(element: ElementRef<'_>) -> bool {
    let is_heading =
        |inner: &ElementRef<'_>| matches!(inner.value().name(), "h1" | "h2" | "h3" | "h4" | "h5" | "h6");
    element.descendent_elements().skip(1).take(500).filter(is_heading).take(2).count() == 1
}

/// Sphinx, rustdoc and their like put a heading's id on the section around it.
fn section_anchor(element: ElementRef<'_>) -> Option<&str> {
    let value = element.value();
    if !matches!(value.name(), "section" | "div" | "li") {
        return None;
    }
    let is_section = || {
        value.name() == "section"
            || classes(element).any(|class| class == "section" || class.starts_with("sect"))
    };
    value.attr("id").filter(|_| is_section())
}

/// A heading's id: its own, or that of an anchor inside it.
fn own_anchor(heading: ElementRef<'_>) -> Option<String> {
    let id = |element: ElementRef<'_>| {
        let id = element
            .value()
            .attr("id")
            .or_else(|| element.value().attr("name").filter(|_| element.value().name() == "a"))?
            .trim();
        let id = id.strip_prefix("user-content-").unwrap_or(id);
        (!id.is_empty() && id.len() <= bounds::ANCHOR).then(|| id.to_owned())
    };
    let may_carry = |element: &ElementRef<'_>| {
        matches!(element.value().name(), "a" | "span" | "strong" | "em" | "b" | "i" | "code" | "div")
    };
    id(heading).or_else(|| heading.descendent_elements().skip(1).filter(may_carry).find_map(id))
}

/// The place that a sign inside a heading, or right beside it, links to: forges put the id on the link and not on the heading.
fn anchor_beside(heading: ElementRef<'_>) -> Option<String> {
    let place = |link: ElementRef<'_>| {
        let place = link.value().attr("href")?.strip_prefix('#')?;
        let is_sign = link.value().name() == "a" && noise::is_permalink(link);
        let place = place.strip_prefix("user-content-").unwrap_or(place);
        (is_sign && !place.is_empty() && place.len() <= bounds::ANCHOR && !place.contains('%'))
            .then(|| place.to_owned())
    };
    let parent = heading.parent().and_then(ElementRef::wrap).filter(|parent| parent.value().name() == "div");
    let beside = parent.into_iter().filter(|parent| parent.child_elements().take(4).count() <= 3);
    heading
        .descendent_elements()
        .skip(1)
        .find_map(place)
        .or_else(|| beside.flat_map(|parent| parent.child_elements()).find_map(place))
}

fn is_block(name: &str) -> bool {
    matches!(
        name,
        "address"
            | "article"
            | "aside"
            | "blockquote"
            | "body"
            | "caption"
            | "center"
            | "dd"
            | "details"
            | "dir"
            | "div"
            | "dl"
            | "dt"
            | "fieldset"
            | "figcaption"
            | "figure"
            | "footer"
            | "form"
            | "h1"
            | "h2"
            | "h3"
            | "h4"
            | "h5"
            | "h6"
            | "header"
            | "hgroup"
            | "hr"
            | "legend"
            | "li"
            | "main"
            | "menu"
            | "ol"
            | "option"
            | "p"
            | "pre"
            | "section"
            | "summary"
            | "table"
            | "tbody"
            | "td"
            | "tfoot"
            | "th"
            | "thead"
            | "tr"
            | "ul"
    )
}

/// A note, a warning: what stands apart from the running text.
fn is_alert(element: ElementRef<'_>) -> bool {
    let value = element.value();
    matches!(value.name(), "div" | "aside" | "section" | "p" | "details")
        && (value.name() == "aside"
            || value.attr("role").is_some_and(|role| matches!(role, "note" | "alert"))
            || classes(element).any(|class| {
                furniture::words(class).any(|word| {
                    matches!(
                        word,
                        "admonition"
                            | "alert"
                            | "callout"
                            | "note"
                            | "tip"
                            | "warning"
                            | "caution"
                            | "important"
                            | "notice"
                            | "infobox"
                    )
                })
            }))
}

/// The classes of an element, as they stand there. (scraper's own iterator interns each of them first.)
fn classes(element: ElementRef<'_>) -> impl Iterator<Item = &str> {
    element
        .value()
        .attrs()
        .filter(|(name, _)| *name == "class")
        .flat_map(|(_, value)| value.split_ascii_whitespace())
}

/// Spans that documentation systems use for interface labels, menus and commands.
fn is_label(element: ElementRef<'_>) -> bool {
    classes(element).any(|class| {
        matches!(
            class,
            "guilabel"
                | "menuselection"
                | "uicontrol"
                | "menucascade"
                | "guibutton"
                | "guimenu"
                | "guimenuitem"
                | "wintitle"
                | "ui-label"
                | "ocpUI"
                | "userinput"
                | "cmdname"
        )
    })
}

/// A row that holds headings, tables or code is layout, not data.
fn is_layout_row(row: ElementRef<'_>) -> bool {
    row.descendent_elements().skip(1).take(500).any(|inner| {
        matches!(inner.value().name(), "table" | "pre" | "h1" | "h2" | "h3" | "h4" | "h5" | "h6")
    })
}

fn anchors(document: &Html) -> Vec<String> {
    let mut seen = std::collections::HashSet::new();
    let mut anchors = Vec::new();
    for element in document.root_element().descendent_elements() {
        let value = element.value();
        let is_anchor = |name: &str| name == "id" || (name == "name" && matches!(value.name(), "a" | "map"));
        for (_, anchor) in value.attrs().filter(|(name, _)| is_anchor(name)) {
            let anchor = anchor.strip_prefix("user-content-").unwrap_or(anchor);
            if !anchor.is_empty()
                && anchor.len() <= bounds::ANCHOR
                && anchors.len() < bounds::ANCHORS
                && seen.insert(anchor)
            {
                anchors.push(anchor.chars().filter(|character| !character.is_control()).collect());
            }
        }
    }
    anchors
}
