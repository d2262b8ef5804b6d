//! What pages vary from request to request, and what must come of it: nothing.

use super::*;

/// A random number of a seed, well mixed.
fn mixed(seed: u64, salt: u64) -> u64 {
    let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ salt.wrapping_mul(0xbf58_476d_1ce4_e5b9);
    state = (state ^ (state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    state ^ (state >> 27)
}

/// A page of `template`: `{n}` is a number, `{x}` sixteen hex digits, `{links}` a shuffled list of links with tracking, `{maybe:…}` is
/// there at every second request; each place has its own, and each request others.
fn rendered(template: &str, seed: u64) -> String {
    let mut page = String::new();
    let mut rest = template;
    let mut salt = 0;
    while let Some(at) = rest.find('{') {
        let Some(length) = rest[at..].find('}') else { break };
        page.push_str(&rest[..at]);
        salt += 1;
        let number = mixed(seed, salt);
        match &rest[at + 1..at + length] {
            "n" => page.push_str(&(number % 5000 + 2).to_string()),
            "x" => page.push_str(&format!("{number:016x}")),
            "links" => {
                let mut links = ["Alpha", "Beta", "Gamma", "Delta", "Epsilon"];
                links.rotate_left((number % 5) as usize);
                links.swap(0, (number / 7 % 5) as usize);
                for link in &links[..3 + (number % 3) as usize] {
                    page.push_str(&format!("<li><a href=\"/{link}?t={number:x}\">{link} guide</a></li>"));
                }
            }
            maybe => {
                if let Some(text) = maybe.strip_prefix("maybe:").filter(|_| number.is_multiple_of(2)) {
                    page.push_str(text);
                }
            }
        }
        rest = &rest[at + length + 1..];
    }
    page + rest
}

/// Two and a half paragraphs of content, as every template holds them.
const TEXT: &str = r##"<p>Sign in to the <strong>Northwind admin center</strong> and select <strong>Users</strong>. A link lasts 30 days.</p><h2 id="one">Before you start</h2><ol><li>Install the client.</li><li>Run <code>drive --init</code> once.</li></ol><pre>drive --init --site 7</pre><table><tr><th>Plan</th><th>Links</th></tr><tr><td>Basic</td><td>100</td></tr></table>"##;

#[test]
fn a_hundred_visits_of_an_unchanged_page_find_no_change() {
    let head = r##"<html data-build="{x}"><head><title>{maybe:(3) }Share files | Site</title><meta name="csrf" content="{x}"><meta name="updated_at" content="2026-01-0{n}"><link rel="stylesheet" href="/static/assets/0.4.{n}/site.css"><script nonce="{x}">window.t={n}</script></head>"##;
    for body in [
        // learn.microsoft.com
        r##"<body class="t{n}"><main id="main" role="main"><div data-main-column><div id="article-header"><a href="/?s={x}">Ask</a></div><div class="content"><h1 id="top">Share files</h1></div><nav id="center-doc-outline"><a href="#one">{n}</a></nav><div class="content">TEXT</div><div id="article-metadata-footer">Last updated on {n}</div><div id="ai-summary" data-id="{x}"></div></div></main></body>"##,
        // Sphinx
        r##"<body><div class="wy-nav-side">{links}</div><div class="rst-content"><div role="main" class="document"><div itemprop="articleBody"><section id="share-{maybe:}top"><h1>Share files<a class="headerlink" href="#top">¶</a></h1>TEXT</section></div></div><footer>Built {n} on revision {x}</footer></div></body>"##,
        // MkDocs
        r##"<body><main class="md-main"><div class="md-content"><article class="md-content__inner md-typeset"><h1 id="top">Share files</h1>TEXT<aside class="md-source-file"><span>{n} days ago</span></aside><form class="md-feedback">{n} people found this helpful</form></article></div></main></body>"##,
        // Docusaurus
        r##"<body><div id="__docusaurus"><div class="announcementBar_{x}">{maybe:Version 2 is out}</div><main class="docMain_{x}"><article><div class="theme-doc-markdown markdown"><h1>Share files</h1>TEXT</div><footer class="theme-doc-footer">Last updated {n}</footer></article><nav class="pagination-nav">{links}</nav></main></div></body>"##,
        // A help centre
        r##"<body><main role="main"><article class="article"><header><h1 class="article-title">Share files</h1><div class="article-author"><div class="avatar">A{n}</div><div class="meta-data">Updated {n} minutes ago</div></div></header><div class="article-body">TEXT</div><footer><div class="article-votes">{n} out of {n} found this helpful</div></footer><section class="related-articles"><h2>Related articles</h2><ul>{links}</ul></section></article></main></body>"##,
        // WordPress
        r##"<body class="postid-{n}"><main id="main"><article class="post"><h1 class="entry-title">Share files</h1><div class="entry-meta">{n} views</div><div class="entry-content">TEXT<div class="sharedaddy"><a href="/s?{x}">Share {n}</a></div><div class="jp-relatedposts">{links}</div></div></article></main><div id="comments">{n} comments</div></body>"##,
        // Landmarks alone
        r##"<body><div class="cookie-banner" data-id="{x}">{maybe:We use cookies}</div><main><nav>{links}</nav><h1>Share files</h1><p class="read-time">{n} min read</p>TEXT<p>Last updated: May {n}, 2026</p><p>{n} views</p><p>Request id: {x}</p><h2>Related articles</h2><ul>{links}</ul></main></body>"##,
        // None
        r##"<body><div id="nav">{links}</div><div id="w"><div id="t{n}"><h1>Share files</h1>TEXT<p>Page generated in {n} ms</p><p>{n} people found this helpful</p></div></div><div class="footer">© 2026 build {x}</div></body>"##,
    ] {
        let template = format!("{head}{}</html>", body.replace("TEXT", TEXT));
        let page = |html: &str| {
            let body = Body {
                bytes: Bytes::copy_from_slice(html.as_bytes()),
                content_type: Some("text/html".to_owned()),
            };
            page::read(&body, &Url::parse("https://docs.example.org/share").unwrap())
        };
        let first = page(&rendered(&template, 0));
        assert!(first.text().contains("A link lasts 30 days."), "{}", first.text());
        for visit in 1..100 {
            let again = page(&rendered(&template, visit));
            let drift = compare(&first, &again);
            assert_eq!(drift.change, Change::None, "visit {visit}: {:#?}", drift.blocks);
            assert_eq!(first.content_hash(), again.content_hash(), "visit {visit}: {}", again.text());
        }
        // The test sees a change where there is one.
        let changed = page(&rendered(&template.replace("30 days", "90 days"), 1));
        assert_eq!(compare(&first, &changed).change, Change::Minor);
    }
}
