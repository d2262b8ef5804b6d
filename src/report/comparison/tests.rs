//! A difference in every format.

use super::*;
use crate::drift;
use crate::page;
use crate::report::tests::assert_inert;
use crate::visit::facts::Body;

fn page(html: &str) -> Page {
    let body = Body { bytes: html.to_owned().into(), content_type: Some("text/html".to_owned()) };
    page::read(&body, &url::Url::parse("https://docs.acme.net/a").unwrap())
}

fn written(format: Format, old: &str, new: &str) -> String {
    let (old, new) = (page(old), page(new));
    let drift = drift::compare(&old, &new);
    let label = |file: &str| Label { file: Some(file.to_owned()), ..Label::default() };
    let (from, to) = (label("old.html"), label("new.html"));
    let mut out = Vec::new();
    let comparison = Comparison { from: (&from, &old), to: (&to, &new), drift: &drift };
    write(&mut out, format, &comparison).unwrap();
    String::from_utf8(out).unwrap()
}

/// A line without its escape sequences.
fn plain(text: &str) -> String {
    anstream::adapter::strip_str(text).to_string()
}

fn paragraphs(range: std::ops::Range<usize>) -> String {
    range.map(|at| format!("<p>Paragraph number {at} says something of its own.</p>")).collect()
}

fn two_versions() -> (String, String) {
    let (head, tail) = (paragraphs(0..10), paragraphs(20..30));
    let page = |middle: &str, end: &str| {
        format!(
            "<title>T</title><main><h1 id=top>Guide</h1>{head}<h2 id=steps>Steps</h2>{middle}\
             <h2 id=more>More</h2>{tail}{end}</main>"
        )
    };
    let old = page(
        "<ol><li>Open the Contoso portal and sign in.</li><li>Choose Users.</li><li>Press the old button twice.</li></ol>",
        "",
    );
    let new = page(
        "<ol><li>Open the Northwind portal and sign in.</li><li>Choose Users.</li></ol>",
        "<p>A closing remark that was not here before.</p>",
    );
    (old, new)
}

#[test]
fn text_shows_changes_with_their_neighbours_and_counts_the_rest() {
    let (old, new) = two_versions();
    let text = plain(&written(Format::Text, &old, &new));
    for line in [
        "    … 10 blocks unchanged …",
        "Guide › Steps #steps",
        "  ~ Open the [-Contoso-] {+Northwind+} portal and sign in.",
        "    Choose Users.",
        "  - [-Press the old button twice.-]",
        "    … 9 blocks unchanged …",
        "    Paragraph number 29 says something of its own.",
        "  + {+A closing remark that was not here before.+}",
    ] {
        assert!(text.lines().any(|found| found == line), "{line:?} in:\n{text}");
    }
    let at = |what: &str| text.find(what).unwrap();
    assert!(at("Northwind+} portal") < at("Choose Users") && at("Choose Users") < at("old button"), "{text}");
    assert!(!text.contains("Paragraph number 5"), "{text}");
}

#[test]
fn what_moved_is_marked() {
    let moving = "<p>This paragraph of some ten words or more has moved elsewhere on the page.</p>";
    let old = format!("<main><h1>G</h1>{moving}{}</main>", paragraphs(0..6));
    let new = format!("<main><h1>G</h1>{}{moving}</main>", paragraphs(0..6));
    let text = plain(&written(Format::Text, &old, &new));
    assert!(text.contains("  ↷ moved here: This paragraph of some ten words"), "{text}");
    let html = written(Format::Html, &old, &new);
    assert!(html.contains("aria-label=\"moved here\"") && html.contains("<em>moved here:</em>"), "{html}");
}

#[test]
fn equal_pages_differ_in_nothing() {
    let (old, _) = two_versions();
    for format in [Format::Text, Format::Html] {
        assert!(written(format, &old, &old).contains("No difference in what the page says."));
    }
}

#[test]
fn w03_html_of_hostile_pages_is_inert() {
    const HOSTILE: &str = "&quot;'&gt;&lt;svg onload=alert(1)&gt;&lt;script&gt;alert(2)&lt;/script&gt;]]&gt;";
    let page = |word: &str| {
        format!(
            "<title>{HOSTILE}{word}</title><main><h1 id=\"{HOSTILE}\">{HOSTILE} {word}</h1><p>{word} text {HOSTILE} and more \
             <a href=\"javascript:alert({word})\">x</a></p><pre>{HOSTILE}\n{word}</pre></main>"
        )
    };
    let html = written(Format::Html, &page("one"), &page("two"));
    assert_inert(&html);
    assert!(html.contains("&lt;svg onload=alert(1)&gt;") && html.contains("<ins>two</ins>"), "{html}");
    let (old, new) = two_versions();
    assert_inert(&written(Format::Html, &old, &new));
}
