//! References, anchors and comments of HTML, as files and inside Markdown (HTML Living Standard: the attributes that hold URLs).

use std::ops::Range;

use html5gum::{DefaultEmitter, HtmlString, StartTag, Token, Tokenizer};

use super::draft::{Collected, DraftReference, bounded};
use super::mapped::Mapped;
use super::{Kind, bare};

/// What is open between two pieces of HTML.
#[derive(Debug, Default)]
pub(super) struct HtmlState {
    /// The `<a href>` whose text is being read.
    pub(super) open_link: Option<usize>,
    /// How many elements are open whose text is no prose: `a`, `code`, `pre` and their like.
    pub(super) verbatim: u32,
}

/// Whether text in comments is read for URLs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Comments {
    /// They are no references.
    Skip,
    /// An option turned them on.
    Read,
}

/// Reads a piece of HTML.
pub(super) fn scan(mapped: &Mapped, comments: Comments, state: &mut HtmlState, out: &mut Collected) {
    let mut emitter = DefaultEmitter::<usize>::new_with_span();
    emitter.naively_switch_states(true);
    for token in Tokenizer::new_with_emitter(mapped.text(), emitter) {
        let Ok(token) = token;
        match token {
            Token::StartTag(tag) => start_tag(mapped, &tag, state, out),
            Token::EndTag(tag) => {
                if is_verbatim(&tag.name) {
                    state.verbatim = state.verbatim.saturating_sub(1);
                }
                if *tag.name == b"a" {
                    state.open_link = None;
                }
            }
            Token::String(text) => {
                if let Some(open) = state.open_link {
                    out.add_text(open, &String::from_utf8_lossy(&text.value));
                }
            }
            Token::Comment(comment) => {
                let range = comment.span.start..comment.span.end;
                let text = String::from_utf8_lossy(&comment.value).into_owned();
                if comments == Comments::Read {
                    comment_urls(mapped, &range, out);
                }
                out.comments.push((mapped.source(widened(mapped.text(), range)), text));
            }
            Token::Doctype(_) | Token::Error(_) => {}
        }
    }
}

/// The whole `<!-- … -->` around what the tokenizer says of a comment.
fn widened(text: &str, range: Range<usize>) -> Range<usize> {
    let start =
        text.get(..range.start).and_then(|before| before.strip_suffix("<!--")).map_or(range.start, str::len);
    let end = if text.get(range.end..).is_some_and(|after| after.starts_with("-->")) {
        range.end + 3
    } else {
        range.end
    };
    start..end
}

fn start_tag(mapped: &Mapped, tag: &StartTag<usize>, state: &mut HtmlState, out: &mut Collected) {
    let name = lower(&tag.name);
    let mut values: Vec<_> = tag.attributes.iter().collect();
    values.sort_by_key(|(_, value)| value.span.start);
    let attribute = |wanted: &[u8]| {
        tag.attributes
            .iter()
            .find(|(name, _)| name.eq_ignore_ascii_case(wanted))
            .map(|(_, value)| lossy(&value.value))
    };
    for (attribute_name, value) in values {
        let attribute_name = lower(attribute_name);
        let range = value.span.start..value.span.end.max(value.span.start);
        let anchor = match attribute_name.as_slice() {
            b"id" => true,
            b"name" => name == b"a",
            _ => false,
        };
        if anchor {
            let anchor = lossy(&value.value);
            if !anchor.is_empty() {
                out.anchors.push(anchor);
            }
        }
        match holds(&name, &attribute_name) {
            Holds::Nothing => {}
            Holds::Url if name == b"link" && !is_fetched(attribute(b"rel").as_deref()) => {}
            Holds::Url => {
                let text = match name.as_slice() {
                    b"img" | b"area" => attribute(b"alt").unwrap_or_default(),
                    _ => String::new(),
                };
                let url = strip_url(&lossy(&value.value));
                let destination = mapped.source(trimmed(mapped.text(), value_range(mapped.text(), range)));
                if name == b"a" {
                    state.open_link = Some(out.references.len());
                }
                out.reference(DraftReference {
                    offset: mapped.source(tag.span.start..tag.span.end),
                    destination,
                    kind: Kind::Html,
                    text,
                    url,
                });
            }
            Holds::Set => {
                let raw_range = value_range(mapped.text(), range);
                let raw = mapped.text().get(raw_range.clone()).unwrap_or_default();
                let text = bounded(&attribute(b"alt").unwrap_or_default());
                for candidate in srcset(raw) {
                    let written = &raw[candidate.clone()];
                    let from = raw_range.start + candidate.start;
                    out.reference(DraftReference {
                        offset: mapped.source(tag.span.start..tag.span.end),
                        destination: mapped.source(from..from + candidate.len()),
                        kind: Kind::Html,
                        text: text.clone(),
                        url: unescape(written),
                    });
                }
            }
        }
    }
    if is_verbatim(&tag.name) && !tag.self_closing {
        state.verbatim = state.verbatim.saturating_add(1);
    }
}

enum Holds {
    Nothing,
    Url,
    Set,
}

fn holds(tag: &[u8], attribute: &[u8]) -> Holds {
    match (tag, attribute) {
        (b"a" | b"area" | b"link", b"href") => Holds::Url,
        (b"img" | b"iframe" | b"video" | b"audio" | b"source" | b"embed" | b"track", b"src") => Holds::Url,
        (b"video", b"poster") | (b"object", b"data") => Holds::Url,
        (b"img" | b"source", b"srcset") => Holds::Set,
        _ => Holds::Nothing,
    }
}

/// `preconnect` and `dns-prefetch` name a host, not a page.
fn is_fetched(rel: Option<&str>) -> bool {
    rel.is_none_or(|rel| {
        !rel.split_ascii_whitespace()
            .any(|word| word.eq_ignore_ascii_case("preconnect") || word.eq_ignore_ascii_case("dns-prefetch"))
    })
}

fn is_verbatim(name: &HtmlString) -> bool {
    [&b"a"[..], b"code", b"pre", b"samp", b"kbd", b"tt", b"script", b"style"]
        .iter()
        .any(|verbatim| name.eq_ignore_ascii_case(verbatim))
}

/// URLs in a `srcset` (HTML 4.8.4.2.1): each after blanks and commas, up to a blank; what follows up to a comma outside
/// parentheses is its descriptor.
fn srcset(value: &str) -> Vec<Range<usize>> {
    let bytes = value.as_bytes();
    let mut found = Vec::new();
    let mut at = 0;
    loop {
        while bytes.get(at).is_some_and(|b| b.is_ascii_whitespace() || *b == b',') {
            at += 1;
        }
        let start = at;
        while bytes.get(at).is_some_and(|b| !b.is_ascii_whitespace()) {
            at += 1;
        }
        if start == at {
            return found;
        }
        let written = value[start..at].trim_end_matches(',');
        found.push(start..start + written.len());
        if written.len() < at - start {
            continue;
        }
        let mut depth = 0_u32;
        while let Some(byte) = bytes.get(at) {
            at += 1;
            match byte {
                b'(' => depth += 1,
                b')' => depth = depth.saturating_sub(1),
                b',' if depth == 0 => break,
                _ => {}
            }
        }
    }
}

fn comment_urls(mapped: &Mapped, range: &Range<usize>, out: &mut Collected) {
    let Some(text) = mapped.text().get(range.clone()) else { return };
    for bare in bare::find(text, None, &mut Vec::new()) {
        let source = mapped.source(range.start + bare.range.start..range.start + bare.range.end);
        let written = &text[bare.range];
        out.reference(DraftReference {
            offset: source.clone(),
            destination: source,
            kind: Kind::Bare,
            text: written.to_owned(),
            url: format!("{}{written}", bare.prefix),
        });
    }
}

/// HTML strips blanks around a URL and line ends inside it.
fn strip_url(value: &str) -> String {
    value.trim_matches(|c: char| c.is_ascii_whitespace()).replace(['\n', '\r', '\t'], "")
}

/// The value in an attribute as written: `name`, `name=value`, `name = "value"`; quotes are left out.
fn value_range(text: &str, attribute: Range<usize>) -> Range<usize> {
    let Some(raw) = text.get(attribute.clone()) else { return attribute };
    // An attribute's name may begin with an equals sign, and with nothing else that ends it.
    let Some(equals) = raw.bytes().skip(1).position(|b| b == b'=').map(|at| at + 1) else {
        return attribute.end..attribute.end;
    };
    let value = raw[equals + 1..].trim_ascii_start();
    let start = attribute.end - value.len();
    match value.bytes().next() {
        Some(quote @ (b'"' | b'\'')) => {
            let length = value[1..].bytes().position(|b| b == quote).unwrap_or(value.len() - 1);
            start + 1..start + 1 + length
        }
        _ => {
            let length = value.bytes().take_while(|b| !b.is_ascii_whitespace() && *b != b'>').count();
            start..start + length
        }
    }
}

fn trimmed(text: &str, range: Range<usize>) -> Range<usize> {
    let Some(raw) = text.get(range.clone()) else { return range };
    let start = range.start + (raw.len() - raw.trim_start().len());
    start..start + raw.trim().len()
}

/// Decodes character references, as in an attribute.
fn unescape(raw: &str) -> String {
    if !raw.contains('&') {
        return raw.to_owned();
    }
    let tag = format!("<i a=\"{}\">", raw.replace('"', "&quot;"));
    for token in Tokenizer::new(tag.as_str()) {
        let Ok(token) = token;
        if let Token::StartTag(tag) = token {
            return tag.attributes.values().next().map(|value| lossy(&value.value)).unwrap_or_default();
        }
    }
    raw.to_owned()
}

fn lower(name: &HtmlString) -> Vec<u8> {
    name.to_ascii_lowercase()
}

fn lossy(value: &HtmlString) -> String {
    String::from_utf8_lossy(value).into_owned()
}

#[cfg(test)]
mod tests {
    use crate::reference::{ReadOptions, read};
    use crate::source::Syntax;

    #[test]
    fn every_attribute_that_holds_a_url_is_a_reference_with_exact_bytes() {
        let rows: &[(&str, &[(&str, &str)])] = &[
            (
                "<a href=\"https://x.example/?a=1&amp;b=2\">t</a>",
                &[("https://x.example/?a=1&b=2", "https://x.example/?a=1&amp;b=2")],
            ),
            ("<A HREF='/r'>t</A>", &[("/r", "/r")]),
            ("<a href=https://x.example/u>t</a>", &[("https://x.example/u", "https://x.example/u")]),
            ("<a href=\" https://x.example/ \">t</a>", &[("https://x.example/", "https://x.example/")]),
            ("<a href=\"\">e</a><a name=n></a><a>none</a>", &[("", "")]),
            (
                "<img alt=\"a\" src=\"m/a.png\" srcset=\"m/b.png 2x, m/c.png?x=(1,2) 3x,m/d.png\">",
                &[
                    ("m/a.png", "m/a.png"),
                    ("m/b.png", "m/b.png"),
                    ("m/c.png?x=(1,2)", "m/c.png?x=(1,2)"),
                    ("m/d.png", "m/d.png"),
                ],
            ),
            (
                "<video src=v poster=p><source src=s><track src=t></video>",
                &[("v", "v"), ("p", "p"), ("s", "s"), ("t", "t")],
            ),
            (
                "<iframe src=f></iframe><embed src=e><object data=o></object><area href=r>",
                &[("f", "f"), ("e", "e"), ("o", "o"), ("r", "r")],
            ),
            ("<link rel=canonical href=c><link rel=preconnect href=p>", &[("c", "c")]),
            (
                "<form action=no><input src=no></form><!-- <a href=no>x</a> --><script>var a = '<a href=no>';</script>",
                &[],
            ),
        ];
        for (text, expected) in rows {
            let read = read(Syntax::Html, text, &ReadOptions::default());
            let found: Vec<_> =
                read.references.iter().map(|r| (r.url.as_str(), &text[r.destination.clone()])).collect();
            assert_eq!(found, *expected, "{text}");
        }
    }

    #[test]
    fn anchors_and_the_text_of_links_are_read() {
        let read = read(
            Syntax::Html,
            "<h2 id=top>T</h2><p><a name=\"n\"></a><a href=u>one <b>two</b></a> three",
            &ReadOptions::default(),
        );
        assert_eq!(read.anchors, ["top", "n"]);
        assert_eq!(read.references[0].text, "one two");
    }
}
