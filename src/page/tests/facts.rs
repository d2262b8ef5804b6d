//! Facts that look like furniture, and furniture that looks like facts.

use super::*;

/// A page with something between two stretches of text.
fn around(inner: &str) -> Page {
    let text = "<p>The service keeps what members write, and shows it to the whole team on every device they use.</p>";
    page(&format!(
        "<html><head><title>Limits</title></head><body><main><h1>Limits</h1>{text}{text}{inner}<h2>End</h2>{}</main></body></html>",
        text.repeat(5)
    ))
}

#[test]
fn facts_are_read_wherever_they_stand() {
    for (inner, fact) in [
        // Lines that begin as furniture does.
        ("<ul><li>Request timeout: 60 seconds</li><li>Size: 5 MB</li></ul>", "Request timeout: 60 seconds"),
        ("<p><b>(c)</b> The refund window is 30 days.</p>", "The refund window is 30 days."),
        ("<p>Updated at least every 24 hours.</p>", "every 24 hours"),
        ("<ul><li>100 views</li><li>5 boards</li></ul>", "100 views"),
        ("<h2>Plans</h2><p>Free</p><p>100 views</p>", "100 views"),
        (
            "<ol><li>Open the page.</li><li>Print this page.</li><li>Download PDF</li></ol>",
            "Print this page.",
        ),
        ("<ul><li>30 days ago</li><li>At any time</li></ul>", "30 days ago"),
        // Ids that say what the text is about.
        ("<div id=\"cookies\"><h2>About cookies</h2><p>The limit is 5.</p></div>", "The limit is 5."),
        ("<div id=\"comments\"><h2>Comments</h2><p>The limit is 5.</p></div>", "The limit is 5."),
        (
            "<div id=\"Client.login\" class=\"classattr\"><p>The token lives 8 hours.</p></div>",
            "lives 8 hours",
        ),
        (
            "<div id=\"method-i-login\" class=\"method-detail\"><p>It lives 8 hours.</p></div>",
            "lives 8 hours",
        ),
        ("<div class=\"ads-policy\"><p>An ad may run 10 days.</p></div>", "An ad may run 10 days."),
        ("<div class=\"d-none d-lg-block\"><p>The limit is 5.</p></div>", "The limit is 5."),
        // Buttons that a sentence names, and questions that unfold.
        ("<ol><li>Click <button class=\"btn\">Save</button> at the end.</li></ol>", "Click Save at the end."),
        (
            "<ul class=\"accordion\"><li class=\"accordion__item\"><button aria-expanded=\"false\"><div>Can guests sign in?</div></button><div><p>Yes.</p></div></li></ul>",
            "Can guests sign in?",
        ),
        // Code.
        (
            "<div class=\"language-sh line-numbers-mode\"><pre><code>npm install -D tool@2</code></pre><div class=\"line-numbers\" aria-hidden=\"true\"><div class=\"line-number\">1</div></div></div>",
            "npm install -D tool@2",
        ),
        // Cells that show a picture.
        ("<table><tr><td>Free</td><td><img src=n.png alt=\"No\"></td></tr></table>", "Free | No"),
        (
            "<table><tr><td>Free</td><td><svg aria-label=\"Not included\"></svg></td></tr></table>",
            "Free | Not",
        ),
    ] {
        let page = around(inner);
        assert!(page.text().contains(fact), "{fact} in:\n{}", page.text());
    }
}

#[test]
fn furniture_is_left_out_where_it_stands() {
    for inner in [
        "<p>Last updated on May 3, 2026 by GONE</p>",
        "<p>Zuletzt aktualisiert: 3. Mai 2026 · 5 min read</p>",
        "<p>Asked 3 days ago</p><p>1,204 views</p>",
        "<ul><li>Last updated May 3, 2026</li><li>1,204 views</li></ul>",
        "<div id=\"comments\"><h2>3 comments</h2><p>GONE</p></div>",
        "<div id=\"newsletter\"><h3>News by mail</h3><form><p>GONE</p></form></div>",
        "<div class=\"entry-meta\">GONE</div><div class=\"node__meta\">GONE</div><div class=\"crawler-linkback-list\"><a href=\"/x\">GONE</a></div>",
        "<p>Run it. <button>Copy GONE</button></p>",
        "<div class=\"d-none\"><p>GONE</p></div>",
    ] {
        let text = around(inner).text();
        for gone in ["GONE", "views", "2026"] {
            assert!(!text.contains(gone), "{gone} in:\n{text}");
        }
    }
    let top = page(
        "<main><h1>Limits</h1><span>Written by Mira Okafor</span><p>6,897 views</p><h2>One</h2><p>A link lasts 30 days.</p><p>A file may be 5 MB.</p><p>A name may have 9 letters.</p><p>A board is kept.</p></main>",
    );
    assert_eq!(top.text().lines().filter(|line| line.contains("Mira") || line.contains("views")).count(), 0);
}

/// A count alone in its line is a counter, unless something says what is counted.
#[test]
fn a_count_alone_is_a_counter_unless_it_is_announced() {
    let text = "<p>A dashboard shows what members read.</p>".repeat(3);
    for (content, is_read) in [
        ("<h1>Dashboards</h1><p>100 views</p>TEXT", false),
        ("<h1>Dashboards</h1>TEXT<p>100 views</p>", false),
        ("<h1>Dashboards</h1>TEXT<h2>More</h2>TEXT<p>100 views</p><p>Last updated on May 3, 2026</p>", false),
        ("<h1>Dashboards</h1>TEXT<h2>Limit</h2><p>100 views</p>", true),
        ("<h1>Dashboards</h1><p>Free plan:</p><p>100 views</p>TEXT", true),
        ("<h1>Dashboards</h1><p>100 views per dashboard</p>TEXT", true),
        ("<h1>Dashboards</h1><ul><li>100 views</li><li>5 GB</li></ul>TEXT", true),
        ("<h1>Dashboards</h1><table><tr><td>Free</td><td>100 views</td></tr></table>TEXT", true),
    ] {
        let page = page(&format!("<main>{}</main>", content.replace("TEXT", &text)));
        assert_eq!(page.text().contains("100 views"), is_read, "{content}");
    }
}

#[test]
fn a_sidebar_rendered_as_the_page_is_no_content() {
    let page = page(
        r##"<main><h1>KEEPa</h1><div class="Layout-main"><div class="markdown-body"><p>KEEPb and so on, until there is enough of it to be called a text.</p></div></div><div class="Layout-sidebar"><div class="markdown-body"><p>Pages</p><ul><li>DROPa</li></ul></div></div></main>"##,
    );
    assert!(page.text().contains("KEEPb") && !page.text().contains("DROP"), "{}", page.text());
}

#[test]
fn what_is_made_of_divs_is_what_it_says() {
    let kinds = |inner: &str| -> Vec<(BlockKind, String)> {
        let page = around(inner);
        let from = page.blocks.iter().position(|block| block.text == "Start").unwrap() + 1;
        let blocks = page.blocks[from..].iter().take_while(|block| block.text != "End");
        blocks.map(|block| (block.kind, block.text.clone())).collect()
    };
    use BlockKind::{Code, ListItem, Quote, Step, TableRow};
    for (inner, expected) in [
        (
            "<div role=table><div role=row><div role=columnheader>Plan</div><div role=columnheader>Links</div></div><div role=row><div role=cell>Free</div><div role=cell>5</div></div></div>",
            vec![(TableRow, "Plan | Links"), (TableRow, "Free | 5")],
        ),
        ("<div role=list><div role=listitem><p>Open it.</p></div></div>", vec![(ListItem, "Open it.")]),
        (
            "<div role=list class=steps><div role=listitem class=step><p>Open it.</p></div></div>",
            vec![(Step, "Open it.")],
        ),
        (
            "<div class=fragment><div class=line><span class=lineno>1</span>open(path);</div>\n<div class=line>close();</div></div>",
            vec![(Code, "open(path);\nclose();")],
        ),
        ("<div class=code-block><span><code>npm add desk</code></span></div>", vec![(Code, "npm add desk")]),
        // A note's heading is its label.
        (
            "<div class=awsdocs-note><div class=awsdocs-note-title><h6>Note</h6></div><div><p>Mind the gap.</p></div></div><ul><li>Go on.</li></ul>",
            vec![(Quote, "Note"), (Quote, "Mind the gap."), (ListItem, "Go on.")],
        ),
    ] {
        let expected: Vec<_> = expected.into_iter().map(|(kind, text)| (kind, text.to_owned())).collect();
        let inner = format!("<h2 id=start>Start</h2>{inner}");
        assert_eq!(kinds(&inner), expected);
        assert!(around(&inner).sections.iter().all(|section| section.path.last().unwrap() != "Note"));
    }
}
