//! What keeps the cost of a hostile page bounded. html5ever is quadratic in depth and in the attributes of one tag, so both are
//! counted with a tokeniser first.

use std::convert::Infallible;

use html5gum::Span;
use html5gum::Tokenizer;
use html5gum::emitters::callback::{CallbackEmitter, CallbackEvent};

/// Bytes of a body that are read.
pub(super) const BODY: usize = 8 << 20;
/// Bytes of a title, of an anchor's name, of a link, of a marked term (characters for the title).
pub(super) const TITLE: usize = 512;
pub(super) const ANCHOR: usize = 256;
pub(super) const LINK: usize = 2048;
pub(super) const MARKED: usize = 120;
/// Anchors and links of a page.
pub(super) const ANCHORS: usize = 10_000;
pub(super) const LINKS: usize = 20_000;
/// Marked terms of a block.
pub(super) const MARKS: usize = 64;
/// Blocks of a page.
pub(super) const BLOCKS: usize = 20_000;
/// Bytes of a block's text, and of all text of a page.
pub(super) const BLOCK: usize = 64 << 10;
pub(super) const TEXT: usize = 4 << 20;
/// Elements on the stack of open elements, as browsers cap them.
pub(super) const DEPTH: usize = 512;
/// Attributes of one tag.
const ATTRIBUTES: usize = 512;
/// Nodes a tree may have, with those that a parser adds when it reopens formatting elements.
const NODES: usize = 1_000_000;

/// Whether a tree of this HTML stays within bounds.
pub(super) fn tree_is_affordable(html: &str) -> bool {
    if has_few_tags(html.as_bytes()) {
        return true;
    }
    let mut count = Count::default();
    let mut emitter = CallbackEmitter::new(|event: CallbackEvent<'_>, _: Span<()>| -> Option<Infallible> {
        count.see(&event);
        None
    });
    emitter.naively_switch_states(true);
    for token in Tokenizer::new_with_emitter(html, emitter) {
        let Ok(_) = token;
    }
    !count.exceeded
}

/// Whether there are so few tags, each with so few attributes, that nothing needs to be counted exactly. Costs a fraction of it.
fn has_few_tags(html: &[u8]) -> bool {
    let mut steps = 2 * html.len();
    let (mut tags, mut leaves) = (0, 0);
    // What looks like a tag inside a comment, a script or a value is looked at too: every tag that there is begins with one of these.
    let mut from = 0;
    while let Some(at) = html[from..].iter().position(|byte| *byte == b'<') {
        from += at + 1;
        if !html.get(from).is_some_and(u8::is_ascii_alphabetic) {
            continue;
        }
        let tag = &html[from..];
        let (attributes, length) = attributes(tag);
        steps = steps.saturating_sub(length);
        if is_closed_at_once(tag, length) {
            leaves += 1;
        } else {
            tags += 1;
        }
        // Each leaf may reopen all formatting elements that stand open.
        if tags > DEPTH || leaves * (tags + 1) > NODES || attributes > ATTRIBUTES || steps == 0 {
            return false;
        }
    }
    true
}

/// Whether a tag of this length holds text alone up to its end tag, and so adds nothing to the depth of what comes after it.
fn is_closed_at_once(tag: &[u8], length: usize) -> bool {
    let name = tag.split(|byte| byte.is_ascii_whitespace() || matches!(byte, b'/' | b'>')).next();
    let (Some(name), Some(inside)) = (name, tag.get(length + 1..)) else { return false };
    let end = inside.iter().position(|byte| *byte == b'<').and_then(|at| inside[at + 1..].strip_prefix(b"/"));
    end.and_then(|end| end.split_at_checked(name.len())).is_some_and(|(other, after)| {
        other.eq_ignore_ascii_case(name)
            && after.first().is_some_and(|byte| byte.is_ascii_whitespace() || matches!(byte, b'/' | b'>'))
            && !name.eq_ignore_ascii_case(b"plaintext")
    })
}

/// How many attributes a tag has, and how long it is, from its name on (HTML 13.2.5.8 and 13.2.5.32 to 40).
fn attributes(tag: &[u8]) -> (usize, usize) {
    let find = |from: usize, ends: fn(u8) -> bool| {
        tag[from..].iter().position(|byte| ends(*byte)).map_or(tag.len(), |length| from + length)
    };
    let mut count = 0;
    let mut at = find(0, |byte| byte.is_ascii_whitespace() || matches!(byte, b'/' | b'>'));
    loop {
        at = find(at, |byte| !byte.is_ascii_whitespace() && byte != b'/');
        if at >= tag.len() || tag[at] == b'>' {
            return (count, at);
        }
        count += 1;
        at = find(at + 1, |byte| byte.is_ascii_whitespace() || matches!(byte, b'/' | b'>' | b'='));
        let value = find(at, |byte| !byte.is_ascii_whitespace());
        if tag.get(value) != Some(&b'=') {
            continue;
        }
        at = find(value + 1, |byte| !byte.is_ascii_whitespace());
        at = match tag.get(at) {
            Some(b'"') => find(at + 1, |byte| byte == b'"') + 1,
            Some(b'\'') => find(at + 1, |byte| byte == b'\'') + 1,
            _ => find(at, |byte| byte.is_ascii_whitespace() || byte == b'>'),
        };
        at = at.min(tag.len());
    }
}

/// A rough stack of open elements. It may count too deep (the flat reader is then used where a tree would do), hardly too shallow.
#[derive(Default)]
struct Count {
    open: Vec<Vec<u8>>,
    formatting: usize,
    attributes: usize,
    nodes: usize,
    exceeded: bool,
}

impl Count {
    fn see(&mut self, event: &CallbackEvent<'_>) {
        if self.exceeded {
            return;
        }
        match event {
            CallbackEvent::OpenStartTag { name } => {
                self.attributes = 0;
                self.open(name);
            }
            CallbackEvent::AttributeName { .. } => self.attributes += 1,
            CallbackEvent::CloseStartTag { self_closing: true } if self.in_foreign_content() => {
                self.open.pop();
            }
            CallbackEvent::EndTag { name } => self.close(name),
            _ => {}
        }
        self.exceeded = self.open.len() > DEPTH
            || self.attributes > ATTRIBUTES
            || self.nodes > NODES
            || self.formatting > DEPTH;
    }

    fn open(&mut self, name: &[u8]) {
        self.nodes += 1;
        if is_void(name) {
            return;
        }
        // End tags that HTML lets authors leave out (13.1.2.4).
        let (closes, barrier): (&[&[u8]], &[&[u8]]) = match name {
            b"li" => (&[b"li"], &[b"ul", b"ol", b"menu"]),
            b"dt" | b"dd" => (&[b"dt", b"dd"], &[b"dl"]),
            b"td" | b"th" => (&[b"td", b"th"], &[b"tr", b"table"]),
            b"tr" => (&[b"tr"], &[b"tbody", b"thead", b"tfoot", b"table"]),
            b"tbody" | b"thead" | b"tfoot" => (&[b"tbody", b"thead", b"tfoot"], &[b"table"]),
            b"option" | b"optgroup" => (&[b"option"], &[b"select"]),
            _ if is_block(name) => (&[b"p"], &[b"td", b"th", b"table", b"button"]),
            _ => (&[], &[]),
        };
        if !closes.is_empty()
            && let Some(at) = self
                .open
                .iter()
                .rposition(|open| closes.contains(&open.as_slice()) || barrier.contains(&open.as_slice()))
            && closes.contains(&self.open[at].as_slice())
        {
            self.truncate(at);
        }
        if is_formatting(name) {
            self.formatting += 1;
        } else if is_block(name) {
            self.nodes += self.formatting;
        }
        self.open.push(name.to_vec());
    }

    fn close(&mut self, name: &[u8]) {
        if let Some(at) = self.open.iter().rposition(|open| open == name) {
            if is_formatting(name) {
                // Only its own: what was opened inside it stays to be reopened.
                self.formatting = self.formatting.saturating_sub(1);
                self.open.remove(at);
            } else {
                self.truncate(at);
            }
        }
    }

    fn truncate(&mut self, at: usize) {
        // Unclosed formatting elements stay in the list that is reopened in the next block, so they stay counted.
        self.open.truncate(at);
    }

    fn in_foreign_content(&self) -> bool {
        self.open.iter().any(|open| open == b"svg" || open == b"math")
    }
}

fn is_void(name: &[u8]) -> bool {
    matches!(
        name,
        b"area"
            | b"base"
            | b"br"
            | b"col"
            | b"embed"
            | b"hr"
            | b"img"
            | b"input"
            | b"link"
            | b"meta"
            | b"param"
            | b"source"
            | b"track"
            | b"wbr"
    )
}

fn is_formatting(name: &[u8]) -> bool {
    matches!(
        name,
        b"a" | b"b"
            | b"big"
            | b"code"
            | b"em"
            | b"font"
            | b"i"
            | b"nobr"
            | b"s"
            | b"small"
            | b"strike"
            | b"strong"
            | b"tt"
            | b"u"
    )
}

fn is_block(name: &[u8]) -> bool {
    matches!(
        name,
        b"address"
            | b"article"
            | b"aside"
            | b"blockquote"
            | b"center"
            | b"details"
            | b"dialog"
            | b"dir"
            | b"div"
            | b"dl"
            | b"fieldset"
            | b"figcaption"
            | b"figure"
            | b"footer"
            | b"form"
            | b"h1"
            | b"h2"
            | b"h3"
            | b"h4"
            | b"h5"
            | b"h6"
            | b"header"
            | b"hgroup"
            | b"main"
            | b"menu"
            | b"nav"
            | b"ol"
            | b"p"
            | b"pre"
            | b"search"
            | b"section"
            | b"summary"
            | b"table"
            | b"ul"
            | b"li"
            | b"dt"
            | b"dd"
            | b"td"
            | b"th"
            | b"tr"
    )
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{DEPTH, NODES, attributes, has_few_tags, tree_is_affordable};

    const PIECES: [&str; 28] = [
        "<div>",
        "<b>",
        "<a href=x>",
        "<font size=1>",
        "<table>",
        "<td>",
        "<ul>",
        "<svg>",
        "<select>",
        "<button>",
        "<p>",
        "</div>",
        "</b>",
        "</table>",
        "</svg>",
        "<p>x</p>",
        "<td>x</td>",
        "<tr>x</tr>",
        "<a href=y>x</a>",
        "<b>x</b>",
        "<option>x</option>",
        "<li>x</li>",
        "<button>x</button>",
        "<form>x</form>",
        "<title>x</title>",
        "<template>x</template>",
        "<caption>x</caption>",
        "<desc>x</desc>",
    ];

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        /// However the tags that are closed at once stand among others, the tree that a browser makes stays within bounds.
        #[test]
        fn few_tags_make_no_deep_tree(pieces in proptest::collection::vec(0..PIECES.len(), 1..12), times in 1usize..400) {
            let html: String = pieces.iter().map(|at| PIECES[*at]).collect::<String>().repeat(times);
            if !has_few_tags(html.as_bytes()) {
                return Ok(());
            }
            let document = scraper::Html::parse_document(&html);
            let mut deepest = 0;
            let mut open = vec![(document.tree.root(), 0)];
            let mut nodes = 0;
            while let Some((node, depth)) = open.pop() {
                nodes += 1;
                deepest = deepest.max(depth);
                open.extend(node.children().map(|child| (child, depth + 1)));
            }
            // A cell makes its row, its section and its table.
            prop_assert!(deepest <= 4 * DEPTH && nodes <= 4 * NODES, "{} deep, {} nodes: {}", deepest, nodes, html);
        }
    }

    #[test]
    fn attributes_are_counted_as_html_has_them() {
        for (tag, count) in [
            ("p>text with words", 0),
            ("p a b=1 c='x y' d=\"> <\" e>f g", 5),
            ("p/a/b / c>", 3),
            ("p a='1'b='2'>", 2),
            ("p a = 1 b>", 2),
            ("p a=>", 1),
            ("p =a>", 1),
            ("p a=\"unclosed > b c", 1),
            ("p a", 1),
            ("p", 0),
        ] {
            assert_eq!(attributes(tag.as_bytes()).0, count, "{tag}");
        }
    }

    #[test]
    fn a_tag_that_hides_its_attributes_is_found() {
        let wide = format!("<p {}>", (0..600).map(|n| format!("a{n}=\"<b>\" ")).collect::<String>());
        assert!(!has_few_tags(wide.as_bytes()));
        assert!(has_few_tags(b"<p a=1>text<b>x</b></p>"));
        // Unclosed values make each scan go to the end: then it is counted exactly.
        assert!(!has_few_tags("<p a=\"".repeat(400).replace('\"', "'").as_bytes().repeat(2).as_slice()));
    }

    #[test]
    fn what_is_closed_at_once_adds_nothing() {
        assert!(has_few_tags("<li><a href='/x'>one</a></li>".repeat(500).as_bytes()));
        assert!(has_few_tags("<TD class=\"x>y\">1</td >".repeat(5000).as_bytes()));
        for html in [
            "<li>one",
            "<li>one<b>",
            "<li>one</lis>",
            "<li>one<!-- </li> -->",
            "<div><b>x</b>",
            "<plaintext>x</plaintext>",
            "<b title='>x</b>'>x",
        ] {
            assert!(!has_few_tags(html.repeat(600).as_bytes()), "{html}");
        }
        let reopened = (0..400).map(|n| format!("<font size={n}>")).collect::<String>();
        assert!(!has_few_tags(format!("{reopened}{}", "<p>x</p>".repeat(10_000)).as_bytes()));
    }

    #[test]
    fn ordinary_pages_get_a_tree() {
        assert!(tree_is_affordable(&"<li>one<li>two".repeat(5000)));
        assert!(tree_is_affordable(&"<p>one<p>two<div>three</div>".repeat(5000)));
        assert!(tree_is_affordable(&"<tr><td>a<td>b".repeat(5000)));
        assert!(tree_is_affordable(&"<p>a <b>bold</b> <a href=x>link</a></p>".repeat(5000)));
        assert!(tree_is_affordable(&format!("<svg>{}</svg>", "<path d='M0'/>".repeat(5000))));
    }

    #[test]
    fn deep_or_wide_ones_do_not() {
        assert!(!tree_is_affordable(&"<ul><li>".repeat(16_000)));
        assert!(!tree_is_affordable(&"<div>".repeat(200_000)));
        assert!(!tree_is_affordable(&format!(
            "<p {}>",
            (0..100_000).map(|n| format!("a{n} ")).collect::<String>()
        )));
        assert!(!tree_is_affordable(&(0..2000).map(|n| format!("<p><font size={n}>")).collect::<String>()));
        assert!(!tree_is_affordable(&format!(
            "{}{}",
            (0..400).map(|n| format!("<font size={n}>")).collect::<String>(),
            "<p>x".repeat(10_000)
        )));
    }
}
