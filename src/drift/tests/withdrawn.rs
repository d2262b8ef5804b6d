//! Pages that are said to be archived or withdrawn.

use super::*;

#[test]
fn withdrawn_pages_are_retired() {
    let was = html("<h1>Old tool</h1><p>Text of the page about the tool that is old by now.</p>");
    let is = html(
        "<h1>Old tool</h1><div class=note><p>This article has been archived and is no longer updated.</p></div><p>Text of the page about the tool that is old by now.</p>",
    );
    assert_eq!(compare(&was, &is).change, Change::Retired);
    let mut flagged = was.clone();
    flagged.metadata.flags.push("is_archived=true".to_owned());
    let drift = compare(&was, &flagged);
    assert_eq!(drift.change, Change::Retired);
    assert!(!drift.blocks.is_empty());
    assert_eq!(compare(&flagged, &flagged).change, Change::None);
    // By where it stands: learn.microsoft.com keeps what is withdrawn apart.
    let at = |url: &str| {
        let text =
            "<html><body><main><h1>Old tool</h1><p>Text of the page about the tool.</p></main></body></html>";
        let body = Body { bytes: Bytes::from(text), content_type: Some("text/html".to_owned()) };
        page::read(&body, &Url::parse(url).unwrap())
    };
    let (here, there) = ("https://x.org/tool", "https://x.org/previous-versions/tool");
    assert_eq!(compare_moved(&at(here), here, &at(there), there).change, Change::Retired);
    // About the product, not the page.
    let topic = html(
        "<h1>Old tool</h1><p>The old tool has been retired.</p><p>Text of the page about the tool that is old by now.</p>",
    );
    assert_ne!(compare(&was, &topic).change, Change::Retired);
}

/// How generators set a notice at the head of the content, and what stands there besides.
#[test]
fn notices_in_rows_and_items() {
    let page = |notice: &str| {
        html(&format!(
            "<h1>Rooms</h1>{notice}<p>A room has a host, who lets people in and may put them out again.</p>"
        ))
    };
    for (notice, change) in [
        (
            "<div class='admonitionblock warning'><table><tr><td class=icon><i title=Warning></i></td><td class=content>This page has been archived.</td></tr></table></div>",
            Change::Retired,
        ),
        (
            "<table><tr><td>Warning</td><td>This page is no longer maintained.</td></tr></table>",
            Change::Retired,
        ),
        (
            "<dl class='section warning'><dt>Warning</dt><dd>This page is no longer maintained.</dd></dl>",
            Change::Retired,
        ),
        ("<ul><li>This page tells which rooms are archived.</li></ul>", Change::Minor),
        ("<table><tr><td>This page and others</td><td>archived</td></tr></table>", Change::Minor),
        ("<pre>This page has been archived.</pre>", Change::Minor),
    ] {
        assert_eq!(compare(&page(""), &page(notice)).change, change, "{notice}");
    }
}

/// A page with `beside` before its content.
fn with(beside: &str) -> Page {
    let text = format!(
        "<html><head><title>Rooms</title></head><body><div id=top>{beside}</div><main><h1>Rooms</h1><p>A room has a host, who lets people in and may put them out again.</p></main></body></html>"
    );
    let body = Body { bytes: Bytes::from(text), content_type: Some("text/html".to_owned()) };
    page::read(&body, &Url::parse("https://x.org/rooms").unwrap())
}

/// What stands beside the content in two visits, and whether the page was withdrawn between them.
#[test]
fn a_notice_beside_the_content_is_judged_by_its_words() {
    let end = "<div class='alert alert--warning' role=alert>This page is no longer maintained.</div>";
    let old = "<div class='version-banner' role=alert>You are viewing an old version of this page.</div>";
    let bar = "<div class='banner' role=alert>We use cookies. This page is about rooms.</div>";
    for (was, is, change) in [
        ("", end, Change::Retired),
        (old, end, Change::Retired),
        (end, end, Change::None),
        (end, "", Change::None),
        ("", old, Change::None),
        (old, old, Change::None),
        ("", bar, Change::None),
    ] {
        let drift = compare(&with(was), &with(is));
        assert_eq!(drift.change, change, "{was} → {is}");
        let shown: Vec<&str> = drift.blocks.iter().filter_map(|block| block.new.as_deref()).collect();
        let want: &[&str] =
            if change == Change::Retired { &["This page is no longer maintained."] } else { &[] };
        assert_eq!(shown, want, "{was} → {is}");
    }
    for beside in [old, bar] {
        assert_eq!(with("").content_hash(), with(beside).content_hash(), "{beside}");
    }
}

/// It is shown before what else changed.
#[test]
fn a_notice_comes_first_in_what_proves_it() {
    let was = html(
        "<h1>Rooms</h1><p>A room has a host, who lets people in and may put them out again.</p><p>It is free.</p>",
    );
    let mut is =
        html("<h1>Rooms</h1><p>A room has a host, who lets people in and may put them out again.</p>");
    is.metadata.flags.push("banner=This page is archived.".to_owned());
    let drift = compare(&was, &is);
    assert_eq!(drift.change, Change::Retired);
    assert_eq!(drift.blocks.first().and_then(|block| block.new.as_deref()), Some("This page is archived."));
    assert_eq!(drift.blocks.len(), 2);
}
