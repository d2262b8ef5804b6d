//! Pages in the manner of common generators and content systems, written for these tests. Words that begin with `KEEP` are content,
//! words that begin with `DROP` are furniture.

use bytes::Bytes;
use proptest::prelude::*;
use url::Url;

use super::*;

mod facts;
mod generators;
mod notices;
mod reference;
mod systems;

fn page(html: &str) -> Page {
    typed(html.as_bytes(), "text/html; charset=utf-8", "https://docs.example.org/a/page")
}

fn typed(bytes: &[u8], content_type: &str, url: &str) -> Page {
    let body = Body { bytes: Bytes::copy_from_slice(bytes), content_type: Some(content_type.to_owned()) };
    read(&body, &Url::parse(url).unwrap())
}

/// Reads `html` and checks that all that is content is there, once, and nothing else.
#[track_caller]
fn check(html: &str, layout: Layout) -> Page {
    let page = page(html);
    let text = page.text();
    for word in html.split(|c: char| !c.is_alphanumeric()).filter(|word| word.starts_with("KEEP")) {
        assert_eq!(text.matches(word).count(), 1, "{word} in:\n{text}");
    }
    assert!(!text.contains("DROP"), "furniture in:\n{text}");
    assert_eq!(page.layout, layout, "{text}");
    page
}

fn anchors_of(page: &Page) -> Vec<String> {
    (0..page.sections.len()).map(|at| page.section_name(at)).collect()
}

#[test]
fn learn() {
    let page = check(
        r##"<html><body><header>DROPa</header><main id="main" role="main"><div data-main-column>
        <div id="article-header"><nav>DROPb</nav></div><div hidden>DROPc</div>
        <div class="content"><h1 id="top">KEEPa</h1></div><div class="page-metadata">DROPd</div><nav id="center-doc-outline"><a href="#s">DROPe</a></nav>
        <div class="content"><p>KEEPb</p><div class="alert NOTE"><p>KEEPc</p></div><h2 id="s">KEEPd</h2>
          <div class="tabGroup"><section role="tabpanel"><p>KEEPe</p></section><section role="tabpanel" hidden aria-hidden="true"><p>KEEPf</p></section></div>
          <div class="feedback"><p>KEEPg</p></div></div>
        <section id="feedback">DROPf</section></div></main><footer>DROPg</footer></body></html>"##,
        Layout::Learn,
    );
    assert_eq!(anchors_of(&page), ["top", "s"]);
}

#[test]
fn sphinx() {
    let page = check(
        r##"<html><head><title>KEEPa — Project 1.0</title></head><body><div class="related" role="navigation"><h3>DROPa</h3></div>
        <div class="document"><div class="documentwrapper"><div class="bodywrapper"><div class="body" role="main">
        <section id="install"><span id="old"></span><h1>KEEPa<a class="headerlink" href="#install">¶</a></h1><p>KEEPb</p>
        <div class="contents topic" id="contents"><p class="topic-title">DROPb</p></div>
        <section id="cookie-settings"><h2>KEEPc<a class="headerlink" href="#c">¶</a></h2><p>KEEPd</p>
        <div class="admonition note"><p class="admonition-title">KEEPe</p><p>KEEPf</p></div></section></section>
        <div class="clearer"></div></div></div></div><div class="sphinxsidebar"><h3>DROPc</h3></div></div><div class="footer">© DROPd</div></body></html>"##,
        Layout::Generator,
    );
    assert_eq!(anchors_of(&page), ["install", "cookie-settings"]);
    assert!(page.anchors.iter().any(|anchor| anchor == "old"));
}

#[test]
fn read_the_docs() {
    check(
        r##"<html><body><nav class="wy-nav-side">DROPa</nav><section class="wy-nav-content-wrap"><div class="wy-nav-content"><div class="rst-content">
        <div role="navigation" aria-label="Page navigation"><ul class="wy-breadcrumbs"><li>DROPb</li></ul></div>
        <div role="main" class="document" itemscope><div itemprop="articleBody"><section id="a"><h1>KEEPa<a class="headerlink" href="#a" title="Link">¶</a></h1><p>KEEPb</p></section></div></div>
        <footer><div class="rst-footer-buttons">DROPc</div><p>DROPd</p></footer></div></div></section></body></html>"##,
        Layout::Generator,
    );
}

#[test]
fn mkdocs_material() {
    let page = check(
        r##"<html><body><header class="md-header">DROPa</header><div class="md-container"><main class="md-main"><div class="md-main__inner md-grid">
        <div class="md-sidebar md-sidebar--primary"><nav>DROPb</nav></div><div class="md-sidebar md-sidebar--secondary"><nav class="md-nav md-nav--secondary"><a href="#x">DROPc</a></nav></div>
        <div class="md-content"><article class="md-content__inner md-typeset"><a href="edit" class="md-content__button md-icon" title="Edit this page"><svg></svg></a>
        <h1 id="start">KEEPa<a class="headerlink" href="#start">&para;</a></h1><p>KEEPb</p><div class="admonition tip"><p>KEEPc</p></div>
        <div class="tabbed-set"><div class="tabbed-content"><div class="tabbed-block"><p>KEEPd</p></div></div></div>
        <div class="highlight"><pre><span></span><code><a id="__codelineno-0-1" href="#__codelineno-0-1"></a>KEEPe</code></pre></div>
        <aside class="md-source-file"><span>Last update: May 3, 2024 DROPd</span></aside><form class="md-feedback">DROPe</form></article></div></div></main>
        <footer class="md-footer">DROPf</footer></div></body></html>"##,
        Layout::Generator,
    );
    assert_eq!(anchors_of(&page), ["start"]);
}

#[test]
fn docusaurus() {
    let page = check(
        r##"<html><body><div id="__docusaurus"><nav class="navbar">DROPa</nav><div class="main-wrapper"><main class="docMainContainer_x1"><div class="container"><div class="row"><div class="col docItemCol_y2">
        <div class="theme-doc-version-banner alert alert--warning">DROPb</div><div class="docItemContainer_z3"><article><nav class="theme-doc-breadcrumbs">DROPc</nav><span class="theme-doc-version-badge badge">DROPd</span>
        <div class="tocCollapsible_a4 theme-doc-toc-mobile">DROPe</div>
        <div class="theme-doc-markdown markdown"><header><h1>KEEPa</h1></header><p>KEEPb</p><h2 class="anchor" id="one">KEEPc<a href="#one" class="hash-link" aria-label="Direct link">&#8203;</a></h2>
        <div class="tabs-container"><ul role="tablist"><li role="tab">KEEPd</li></ul><div><div role="tabpanel"><p>KEEPe</p></div><div role="tabpanel" hidden><p>KEEPf</p></div></div></div>
        <div class="language-sh codeBlockContainer_b5"><div class="codeBlockContent_c6"><pre><code><span class="token-line">KEEPg<br></span></code></pre><div class="buttonGroup"><button>DROPf</button></div></div></div></div>
        <footer class="theme-doc-footer">DROPg</footer></article><nav class="pagination-nav">DROPh</nav></div></div>
        <div class="col col--3"><div class="tableOfContents_d7 thin-scrollbar theme-doc-toc-desktop"><a href="#one">DROPi</a></div></div></div></div></main></div><footer class="footer">DROPj</footer></div></body></html>"##,
        Layout::Generator,
    );
    assert_eq!(anchors_of(&page), ["KEEPa", "one"]);
}

#[test]
fn vitepress() {
    let page = check(
        r##"<html><body><div id="app"><div class="Layout"><header class="VPNav">DROPa</header><aside class="VPSidebar">DROPb</aside><div class="VPContent has-sidebar"><div class="VPDoc has-sidebar has-aside"><div class="container">
        <div class="aside"><div class="VPDocAside"><nav class="VPDocAsideOutline">DROPc</nav></div></div><div class="content"><div class="content-container"><main class="main"><div class="vp-doc _guide_start"><div>
        <h1 id="begin" tabindex="-1">KEEPa <a class="header-anchor" href="#begin">&#8203;</a></h1><p>KEEPb</p><div class="tip custom-block"><p class="custom-block-title">KEEPc</p><p>KEEPd</p></div>
        <div class="language-sh"><button title="Copy Code" class="copy"></button><pre><code><span class="line">KEEPe</span></code></pre></div></div></div></main>
        <footer class="VPDocFooter"><div class="last-updated">DROPd</div><nav class="prev-next">DROPe</nav></footer></div></div></div></div></div></div></div></body></html>"##,
        Layout::Generator,
    );
    assert_eq!(anchors_of(&page), ["begin"]);
}

#[test]
fn mdbook() {
    check(
        r##"<html><head><title>KEEPa - DROPtitle</title></head><body><nav id="sidebar" class="sidebar">DROPa</nav><div id="page-wrapper" class="page-wrapper"><div class="page"><div id="menu-bar" class="menu-bar"><h1 class="menu-title">DROPtitle</h1></div>
        <div id="content" class="content"><main><h2 id="k"><a class="header" href="#k">KEEPa</a></h2><p>KEEPb</p></main><nav class="nav-wrapper">DROPb</nav></div></div></div></body></html>"##,
        Layout::Generator,
    );
}

#[test]
fn gitbook_hugo_jekyll_antora() {
    check(
        r##"<body><div class="book"><div class="book-summary"><nav>DROPa</nav></div><div class="book-body"><div class="body-inner"><div class="book-header"><h1><a href=".">DROPb</a></h1></div><div class="page-wrapper"><div class="page-inner">
        <section class="normal markdown-section"><h1 id="a">KEEPa</h1><p>KEEPb</p></section></div></div></div></div></div></body>"##,
        Layout::Generator,
    );
    check(
        r##"<body class="td-page"><header><nav class="td-navbar">DROPa</nav></header><div class="container-fluid td-outer"><div class="td-main"><aside class="td-sidebar">DROPb</aside><aside class="td-sidebar-toc"><div class="td-page-meta"><a>DROPc</a></div><div class="td-toc">DROPd</div></aside>
        <main role="main"><nav aria-label="breadcrumb">DROPe</nav><div class="td-content"><h1>KEEPa</h1><div class="lead">KEEPb</div><header class="article-meta"></header><p>KEEPc</p><div class="td-page-meta__lastmod">Last modified May 3, 2024: DROPf</div>
        <h2 class="feedback--title">KEEPd</h2></div></main></div></div></body>"##,
        Layout::Generator,
    );
    check(
        r##"<body><header class="site-header"><a class="site-title">DROPa</a></header><main class="page-content"><div class="wrapper"><article class="post"><header class="post-header"><h1 class="post-title">KEEPa</h1><p class="post-meta">DROPb</p></header><div class="post-content"><p>KEEPb</p></div></article></div></main><footer class="site-footer">DROPc</footer></body>"##,
        Layout::Generator,
    );
    let page = check(
        r##"<body class="article"><header class="header"><nav class="navbar">DROPa</nav></header><div class="body"><div class="nav-container">DROPb</div><main class="article"><div class="toolbar"><nav class="breadcrumbs">DROPc</nav></div><div class="content"><aside class="toc sidebar">DROPd</aside>
        <article class="doc"><h1 class="page">KEEPa</h1><div class="paragraph"><p>KEEPb</p></div><div class="sect1"><h2 id="_s"><a class="anchor" href="#_s"></a>KEEPc</h2><div class="sectionbody"><div class="ulist"><ul><li><p>KEEPd</p></li></ul></div></div></div><nav class="pagination">DROPe</nav></article></div></main></div></body>"##,
        Layout::Generator,
    );
    assert_eq!(anchors_of(&page), ["KEEPa", "_s"]);
}

#[test]
fn reference_generators() {
    let page = check(
        r##"<html><head><title>KEEPa in lib - Rust</title></head><body class="rustdoc"><nav class="sidebar">DROPa</nav><main><div class="width-limiter"><section id="main-content" class="content"><div class="main-heading"><h1>KEEPa <button id="copy-path">DROPb</button></h1></div>
        <p>KEEPb</p><section id="variant.x" class="variant"><span class="since">1.2.3</span><h3 class="code-header">KEEPc</h3></section></section></div></main></body></html>"##,
        Layout::Generator,
    );
    assert_eq!(anchors_of(&page), ["KEEPa", "variant.x"]);
    check(
        r##"<html><head><title>My Lib: KEEPa Class</title></head><body><div id="top"><div id="titlearea">DROPa</div></div><div id="side-nav">DROPb</div><div id="doc-content"><div id="MSearchSelectWindow"></div><div id="MSearchResultsWindow"><div class="SRStatus">DROPc</div></div>
        <div class="header"><div class="headertitle"><div class="title">KEEPa</div></div></div><div class="contents"><p>KEEPb and so on, at some length</p><table class="memberdecls"><tr><td>KEEPc</td><td>KEEPd</td></tr></table></div></div><div id="nav-path">DROPd</div></body></html>"##,
        Layout::Generator,
    );
    check(
        r##"<body class="class-declaration-page"><div class="flex-box"><header role="banner"><nav role="navigation">DROPa</nav></header><div class="flex-content"><main role="main"><div class="header"><h1 title="Class A" class="title">KEEPa</h1></div><section class="class-description" id="class-description"><div class="block">KEEPb</div></section></main><footer role="contentinfo">DROPb</footer></div></div></body>"##,
        Layout::Generator,
    );
    check(
        r##"<body><div id="wrapper"><header><nav>DROPa</nav></header><div role="main" class="container body-content hide-when-search"><div class="sidenav hide-when-search">DROPb</div><div class="article row grid-right"><div class="col-md-10"><article class="content wrap" id="_content" data-uid="A"><h1 id="a">KEEPa</h1><p>KEEPb</p></article></div><div class="hidden-sm col-md-2" role="complementary"><div class="sideaffix">DROPc</div></div></div></div></div></body>"##,
        Layout::Generator,
    );
}

#[test]
fn support_systems() {
    check(
        r##"<body><div id="ocHeader">DROPa</div><main id="main"><div id="supArticleContent"><article class="ocpArticleContent"><header class="ocpArticleTitleSection"><h1 id="page-header">KEEPa</h1><div id="supAppliesTo">KEEPb</div></header><section class="ocpIntroduction"><p>KEEPc</p></section><section class="ocpSection"><h2>KEEPd</h2><ol><li><p>KEEPe <b class="ocpUI">KEEPf</b></p></li></ol></section></article></div><div id="supFeedback" class="supARG">DROPb</div></main></body>"##,
        Layout::Generator,
    );
    check(
        r##"<body><main><div class="container-divider"></div><div class="container"><nav class="sub-nav"><ol class="breadcrumbs"><li>DROPa</li></ol></nav><article class="article"><header class="article-header"><h1 class="article-title">KEEPa</h1><div class="article-author"><div class="avatar">DROPb</div></div></header><section class="article-info"><div class="article-content"><div class="article-body"><p>KEEPb</p></div></div></section><footer><div class="article-votes">DROPc</div></footer><section class="related-articles">DROPd</section></article></div></main></body>"##,
        Layout::Generator,
    );
    check(
        r##"<body class="mediawiki"><div id="content" class="mw-body"><h1 id="firstHeading">KEEPa</h1><div id="bodyContent"><div id="mw-content-text"><div class="mw-parser-output"><p>KEEPb</p><div id="toc" class="toc"><ul><li>DROPa</li></ul></div><h2><span class="mw-headline" id="S">KEEPc</span><span class="mw-editsection">DROPb</span></h2><p>KEEPd</p></div></div><div class="printfooter">DROPc</div><div id="catlinks" class="catlinks">DROPd</div></div></div><div id="mw-navigation">DROPe</div></body>"##
            .replace("<body", "<head><title>KEEPa - Wiki</title></head><body")
            .as_str(),
        Layout::Generator,
    );
}

#[test]
fn landmarks_and_none() {
    let text = "with enough words to be a paragraph of running text that somebody wrote for somebody to read";
    let page = check(
        &format!(
            r##"<body><header>DROPa</header><div class="app"><main><div class="cookie-banner">DROPb</div><h1>KEEPa</h1><p>KEEPb {text}</p><p class="last-updated">DROPc</p><p>Last updated: May 3, 2024 by DROPd</p><p>1,204 views</p></main><aside>DROPe</aside></div></body>"##
        ),
        Layout::Landmark,
    );
    assert!(!page.text().contains("views"), "{}", page.text());
    check(
        &format!(
            r##"<body><table><tr><td class="menu"><a href="/a">DROPa</a><a href="/b">DROPb</a></td><td><div class="inner"><h1>KEEPa</h1><p>KEEPb {text}</p><p>KEEPc {text}</p><ul><li>KEEPd {text}</li></ul></div></td></tr></table><p><a href="/">DROPc</a></p></body>"##
        ),
        Layout::Body,
    );
    check(
        &format!(
            r##"<body><div id="head"><a href="/">DROPa</a></div><div id="nav"><ul><li><a href="/1">DROPb</a></li></ul></div><div id="wrap"><div id="text"><h1>KEEPa</h1><p>KEEPb {text}</p><h2>KEEPc</h2><p>KEEPd {text}</p><h2>Related articles</h2><ul><li><a href="/x">DROPc</a></li></ul></div></div><div class="footer">DROPd</div></body>"##
        ),
        Layout::Body,
    );
}

#[test]
fn blocks_know_what_they_are() {
    let page = page(
        r##"<main><h1 id="t">Title</h1><p>Open <strong>Users &gt; Active</strong>, run <code>Get-User</code> and press <kbd>Enter</kbd>, then “Save now”. <a href="/x?a=1">More</a></p>
        <ol><li>First</li><li><p>Second</p><ul><li>Inner</li></ul></li></ol><ul><li>Loose</li></ul><table><tr><th>Name</th><th>Limit</th></tr><tr><td>Size</td><td><p>5 GB</p></td></tr></table>
        <pre>a
  b   c
</pre><blockquote><p>Said</p></blockquote><p>Look: <img src=i alt="A  picture"> here</p></main>"##,
    );
    let blocks: Vec<(BlockKind, &str)> =
        page.blocks.iter().map(|block| (block.kind, block.text.as_str())).collect();
    assert_eq!(
        blocks,
        [
            (BlockKind::Heading, "Title"),
            (
                BlockKind::Paragraph,
                "Open Users > Active, run Get-User and press Enter, then “Save now”. More"
            ),
            (BlockKind::Step, "First"),
            (BlockKind::Step, "Second"),
            (BlockKind::ListItem, "Inner"),
            (BlockKind::ListItem, "Loose"),
            (BlockKind::TableRow, "Name | Limit"),
            (BlockKind::TableRow, "Size | 5 GB"),
            (BlockKind::Code, "a\n  b   c"),
            (BlockKind::Quote, "Said"),
            (BlockKind::Paragraph, "Look: here"),
            (BlockKind::Image, "A picture"),
        ]
    );
    assert_eq!(page.blocks[1].marked, ["Users > Active", "Get-User", "Enter", "Save now"]);
    assert_eq!(page.blocks[1].links, ["/x?a=1"]);
}

#[test]
fn metadata() {
    let page = page(
        r##"<html lang="ro-RO"><head><title> A
          title </title><title>second</title><link rel="canonical" href="https://x.org/a"><meta name="ms.date" content="11/17/2020"><meta property="article:modified_time" content="2025-08-29T00:00:00Z">
        <meta name="document_id" content="d1"><meta name="is_archived" content="true"><meta http-equiv="refresh" content="0; url='/new'">
        <script type="application/ld+json">{"@graph":[{"dateModified":"2024-01-02"}]}</script></head><body><div class="archived-banner">This page is archived.</div><main><p>Text of the page that was there before it was archived</p></main></body></html>"##,
    );
    assert_eq!(page.title.as_deref(), Some("A title"));
    let metadata = &page.metadata;
    assert_eq!(metadata.canonical.as_deref(), Some("https://x.org/a"));
    assert_eq!(metadata.language.as_deref(), Some("ro-RO"));
    assert_eq!(metadata.refresh.as_deref(), Some("/new"));
    assert_eq!(metadata.ids, [("document_id".to_owned(), "d1".to_owned())]);
    assert_eq!(metadata.flags, ["is_archived=true", "banner=This page is archived."]);
    let names: Vec<&str> = metadata.dates.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names, ["ms.date", "article:modified_time", "dateModified"]);
}

#[test]
fn other_bodies() {
    let markdown = typed(
        b"---\ntitle: Front\nms.date: 01/02/2024\n---\n# Head\n\ntext **Bold**\n\n## Two words\n\n1. step\n",
        "text/markdown",
        "https://x.org/a",
    );
    assert_eq!((markdown.layout, markdown.title.as_deref()), (Layout::Text, Some("Front")));
    assert_eq!(anchors_of(&markdown), ["head", "two-words"]);
    assert_eq!(markdown.blocks.last().map(|block| block.kind), Some(BlockKind::Step));
    let json = |text: &str| typed(text.as_bytes(), "application/json", "https://x.org/a");
    assert_eq!(
        json(r#"{"b":[1,{"c":"x"}],"a":null}"#).blocks,
        json(r#"{ "a": null, "b": [1, {"c": "x"}] }"#).blocks
    );
    assert_eq!(json("{not json").blocks.len(), 1);
    let text = typed(b"one\ntwo\n\nthree\n<b>", "text/plain", "https://x.org/a");
    assert_eq!(
        text.blocks.iter().map(|block| block.text.as_str()).collect::<Vec<_>>(),
        ["one two", "three <b>"]
    );
}

#[test]
fn m18_m19_m20_hostile_pages_are_bounded() {
    let deep = page(&format!("<h1>Title</h1>{}end", "<ul><li>".repeat(16_000)));
    assert_eq!(deep.layout, Layout::Tokens);
    assert_eq!(
        (deep.heading(), deep.blocks.last().map(|block| block.text.as_str())),
        (Some("Title"), Some("end"))
    );
    assert_eq!(page(&"<div>".repeat(200_000)).blocks.len(), 0);
    let attributes: String = (0..1_000_000).map(|n| format!(" a{n}")).collect();
    assert_eq!(page(&format!("<p{attributes}>text</p>")).text(), "text\n");
    let node = page(&format!("<main><p>{}</p></main>", "word ".repeat(2_000_000)));
    assert!(node.text().len() <= bounds::BLOCK + 1);
    assert!(page(&format!("<plaintext>{}", "<p>x".repeat(100_000))).text().len() <= bounds::BLOCK + 8);
    assert!(page(&format!("<title>{}", "x".repeat(1_000_000))).title.unwrap().chars().count() <= 512);
    let titles = page(&"<title>a</title>".repeat(10_000));
    assert_eq!(titles.title.as_deref(), Some("a"));
    let many = page(&format!("<main>{}</main>", "<p id=x>one two three</p>".repeat(100_000)));
    assert!(many.blocks.len() <= bounds::BLOCKS);
    let evil = page("<title>\x1b]0;pwn\x07 &lt;img src=x&gt; \u{202e}abc</title><p>\x1b[31mred\x00</p>");
    assert_eq!((evil.title.as_deref(), evil.text().as_str()), (Some("]0;pwn <img src=x> abc"), "[31mred\n"));
}

#[test]
fn deep_pages_within_bounds_get_a_tree() {
    let nested = |tag: &str| {
        page(&format!(
            "<main><h1>Title</h1>{}deep{}</main>",
            format!("<{tag}>").repeat(490),
            format!("</{tag}>").repeat(490)
        ))
    };
    for tag in ["div", "span", "section", "blockquote"] {
        assert_eq!(
            (nested(tag).layout, nested(tag).text().as_str()),
            (Layout::Landmark, "Title\ndeep\n"),
            "{tag}"
        );
    }
}

#[test]
fn a_page_of_links_is_a_page() {
    let page = page(
        r##"<body><nav><a href="/x">Home</a></nav><main><h1><a href="/">Topics</a></h1><ul><li><a href="/a">One</a></li><li><a href="/b">Two</a></li></ul></main></body>"##,
    );
    assert_eq!((page.layout, page.text().as_str()), (Layout::Landmark, "Topics\nOne\nTwo\n"));
}

#[test]
fn m21_noise_between_visits_is_no_other_content() {
    let visit = |seed: u32| {
        let mut links = ["/a", "/b", "/c"];
        links.rotate_left(seed as usize % 3);
        let links: String =
            links.iter().map(|link| format!("<li><a href={link}?s={seed}>Page {link}</a></li>")).collect();
        page(&format!(
            r##"<html><head><title>Guide</title><script nonce="n{seed}">x={seed}</script></head><body class="b{seed}"><main data-x="{seed}"><h1>Guide</h1><p>Text of the guide that stays as it is.</p>
            <p>Updated {seed} minutes ago by Ann</p><p>{seed} views</p><p>Request id: 00000000{seed:08x}</p><h2>Related articles</h2><ul>{links}</ul></main><!-- {seed} --></body></html>"##
        ))
    };
    let first = visit(2);
    for seed in 3..20 {
        assert_eq!(visit(seed).content_hash(), first.content_hash(), "{seed}");
    }
    assert_ne!(page("<main><p>Other</p></main>").content_hash(), first.content_hash());
}

#[test]
fn the_id_of_a_section_has_no_control_characters() {
    let ids = "<section id='a\u{1b}[31m'><h2>A</h2></section><h2 id='b\u{6}'>B</h2><a name='c\u{9b}'></a><h2>C</h2><h2 id='\u{7}'>D</h2>";
    for page in [page(ids), flat::read(ids)] {
        let anchors = page.sections.iter().flat_map(|section| &section.anchor);
        assert!(
            anchors.clone().count() >= 1 && anchors.clone().all(|anchor| !anchor.contains(char::is_control))
        );
    }
    let anchors: Vec<_> = page(ids).sections.into_iter().map(|section| section.anchor).collect();
    assert_eq!(anchors, [Some("a[31m".to_owned()), Some("b".to_owned()), Some("c".to_owned()), None]);
}

/// What is long is not gone through for each of many small things beside it.
#[test]
fn hostile_pages_are_read_once() {
    let json = format!("{{\"{}\":[{}1]}}", "k".repeat(1 << 20), "1,".repeat(200_000));
    assert_eq!(typed(json.as_bytes(), "application/json", "https://x.org/").blocks.len(), 2045);
    let label = format!("<blockquote>{}{}</blockquote>", "word ".repeat(12_000), "<br>".repeat(50_000));
    assert_eq!(page(&label).blocks.len(), 1);
    let contents = "<h2>Contents</h2><p>KEEP</p>".repeat(15_000);
    assert!(page(&contents).blocks.len() >= 15_000);
    let headings = "<h1>a".repeat(30_000);
    assert!(page(&headings).sections.len() <= bounds::BLOCKS);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]
    #[test]
    fn no_html_panics(parts in proptest::collection::vec("<(/?(p|div|li|ul|ol|h[1-6]|table|tr|td|pre|b|a|section|main|svg|math|template|select|title|style)( (id|class|href|hidden|name)=\"?[a-z# -]{0,8}\"?)?)>|[a-zA-Z .&;<>\"\u{e9}\u{5d0}\u{8a2d}\u{1b}]{0,12}", 0..60)) {
        let html = parts.concat();
        let page = page(&html);
        for block in &page.blocks {
            prop_assert!(block.section < page.sections.len());
            prop_assert!(!block.text.is_empty());
        }
        let tokens = flat::read(&html);
        prop_assert!(tokens.blocks.iter().all(|block| block.section < tokens.sections.len()));
    }

    #[test]
    fn no_bytes_panic(bytes in proptest::collection::vec(any::<u8>(), 0..300), kind in prop_oneof![Just("text/html"), Just("text/markdown"), Just("application/json"), Just("text/plain; charset=utf-16"), Just("")]) {
        let page = typed(&bytes, kind, "https://x.org/");
        prop_assert!(page.blocks.len() <= 300);
    }
}

proptest! {
    /// Words are counted alike, however they are counted.
    #[test]
    fn words_are_what_white_space_parts(text in "[a\\s\u{1f}ă]{0,400}") {
        prop_assert_eq!(words(&text), text.split_whitespace().count());
    }
}
