//! Whole pages as wikis, help centres, forums and content systems emit them.

use super::*;

const LONG: &str = "which goes on with as many words as a paragraph of running text has, so that nobody takes it for anything else";

#[test]
fn mediawiki_of_today() {
    let page = check(
        r##"<html class="client-nojs vector-feature-language-in-header-enabled"><head><title>KEEPa - Some Wiki</title></head><body class="skin-vector skin-vector-2022 mediawiki"><a class="mw-jump-link" href="#bodyContent">Jump to content DROPa</a><div class="vector-header-container"><header class="vector-header mw-header">DROPb</header></div><div class="mw-page-container"><div class="mw-page-container-inner"><div class="vector-sitenotice-container"><div id="siteNotice">DROPc</div></div><div class="vector-column-start"><div class="vector-main-menu-container">DROPd</div></div><div class="mw-content-container">
        <main id="content" class="mw-body"><header class="mw-body-header vector-page-titlebar"><nav aria-label="Contents" class="vector-toc-landmark"><div class="vector-toc">DROPe</div></nav><h1 id="firstHeading" class="firstHeading mw-first-heading"><span class="mw-page-title-main">KEEPa</span></h1><div id="p-lang-btn" class="vector-dropdown mw-portlet mw-portlet-lang">12 languages DROPf</div></header><div class="vector-page-toolbar"><div id="left-navigation">DROPg</div></div>
        <div id="bodyContent" class="vector-body" aria-labelledby="firstHeading"><div class="vector-body-before-content"><div id="siteSub" class="noprint">From Some Wiki DROPh</div></div><div id="contentSub"><div id="mw-content-subtitle">(Redirected from DROPi)</div></div><div id="mw-content-text" class="mw-body-content"><div class="mw-content-ltr mw-parser-output" lang="en" dir="ltr"><div class="shortdescription nomobile noexcerpt noprint searchaux" style="display:none">DROPj</div><table class="infobox"><tbody><tr><th>KEEPb</th><td>KEEPc</td></tr></tbody></table><p>KEEPd<sup id="cite_ref-1" class="reference"><a href="#cite_note-1"><span class="cite-bracket">&#91;</span>17<span class="cite-bracket">&#93;</span></a></sup></p>
        <div class="mw-heading mw-heading2"><h2 id="History">KEEPe</h2><span class="mw-editsection"><span class="mw-editsection-bracket">[</span><a title="Edit section">edit DROPk</a><span class="mw-editsection-bracket">]</span></span></div><p>KEEPf</p><div role="navigation" class="navbox">DROPl</div></div><noscript>DROPm</noscript><div class="printfooter" data-nosnippet="">Retrieved from DROPn</div></div><div id="catlinks" class="catlinks">DROPo</div></div></main></div><div class="mw-footer-container"><footer id="footer" class="mw-footer"><ul id="footer-info"><li id="footer-info-lastmod">This page was last edited on 3 May 2026 DROPp</li></ul></footer></div></div></div></body></html>"##,
        Layout::Generator,
    );
    assert_eq!(anchors_of(&page), ["firstHeading", "History"]);
    assert!(!page.text().contains("17"), "numbers of notes: {}", page.text());
}

#[test]
fn confluence() {
    let page = check(
        r##"<html><head><title>KEEPa - Team - Confluence</title></head><body class="theme-default aui-layout"><div id="page"><div id="full-height-container"><div id="header-precursor"></div><header id="header" role="banner"><nav class="aui-header">DROPa</nav></header><div class="ia-splitter"><div class="acs-side-bar ia-scrollable-section">DROPb</div></div><div id="main" class="aui-page-panel"><div id="main-header"><div id="navigation" class="content-navigation view"><ul class="ajs-menu-bar"><li class="ajs-button normal"><a id="editPageLink">Edit DROPc</a></li></ul></div><div id="title-heading" class="pagetitle with-breadcrumbs"><div id="breadcrumb-section"><ol id="breadcrumbs"><li>DROPd</li></ol></div><h1 id="title-text" class="with-breadcrumbs"><a href="/p">KEEPa</a></h1></div></div>
        <div id="content" class="page view"><div id="action-messages"></div><div class="page-metadata"><ul><li class="page-metadata-item">DROPe</li><li class="page-metadata-modification-info">Created by DROPf, last modified on May 03, 2026</li></ul></div><div id="main-content" class="wiki-content"><div class="toc-macro client-side-toc-macro"></div><h1 id="Kept-One">KEEPb</h1><p>KEEPc</p><div class="confluence-information-macro confluence-information-macro-note"><p class="title">KEEPd</p><span class="aui-icon aui-icon-small"></span><div class="confluence-information-macro-body"><p>KEEPe</p></div></div><div class="code panel pdl"><div class="codeHeader panelHeader pdl"><b>KEEPf</b></div><div class="codeContent panelContent pdl"><pre class="syntaxhighlighter-pre">KEEPg</pre></div></div><div class="table-wrap"><table class="confluenceTable"><tbody><tr><td class="confluenceTd">KEEPh</td></tr></tbody></table></div></div>
        <div id="likes-and-labels-container"><div id="likes-section">DROPg</div><div id="labels-section">DROPh</div></div><div id="comments-section" class="pageSection group">DROPi</div></div></div></div><div id="footer" role="contentinfo">DROPj</div></div></body></html>"##,
        Layout::Generator,
    );
    assert_eq!(page.heading(), Some("KEEPa"));
    assert_eq!(anchors_of(&page), ["title-text", "Kept-One"]);
}

#[test]
fn help_centres() {
    // Zendesk.
    check(
        r##"<html><head><title>KEEPa – Help</title></head><body class=""><a class="skip-navigation" href="#main-content">Skip to main content DROPa</a><header class="header"><nav class="user-nav">DROPb</nav></header><main role="main"><div class="container-divider"></div><div class="container"><div class="sub-nav"><nav aria-label="Current location"><ol class="breadcrumbs"><li>DROPc</li></ol></nav><div class="search-container"><form role="search" class="search">DROPd</form></div></div><div class="article-container" id="article-container"><aside class="article-sidebar"><div class="collapsible-sidebar"><div class="collapsible-sidebar-title sidenav-title">Articles in this section DROPe</div></div></aside>
        <article id="main-content" class="article"><header class="article-header"><h1 title="t" class="article-title">KEEPa</h1><div class="article-author"><div class="avatar article-avatar"></div><div class="article-meta"><a>DROPf</a><div class="meta-group"><span class="meta-data"><time>3 months ago</time></span><span class="meta-data">Updated DROPg</span></div></div></div><div class="article-subscribe"><button>Follow DROPh</button></div></header><section class="article-info"><div class="article-content"><div class="article-body"><p>KEEPb</p><h2 id="h_01">KEEPc</h2><ol><li>KEEPd</li></ol></div><div class="article-attachments"><ul class="attachments"></ul></div></div></section><footer><div class="article-footer"><div class="article-share">DROPi</div></div><div class="article-votes"><span class="article-votes-question">Was this article helpful?</span><span class="article-votes-count">3 out of 7 found this helpful DROPj</span></div><div class="article-more-questions">Have more questions? DROPk</div><div class="article-return-to-top"><a href="#article-container">Return to top DROPl</a></div></footer><div class="article-relatives"><section class="related-articles"><h2 class="related-articles-title">Related articles</h2><ul><li>DROPm</li></ul></section></div><div class="article-comments" id="article-comments">DROPn</div></article></div></div></main><footer class="footer">DROPo</footer></body></html>"##,
        Layout::Generator,
    );
    // Salesforce help.
    check(
        r##"<html><head><title>KEEPa</title></head><body><div id="auraLoadingBox">DROPa</div><div class="slds-scope"><header class="cHeader forceCommunityThemeHeaderBase">DROPb</header><div class="cookie-consent-banner" role="dialog">DROPc</div><div class="breadcrumb slds-breadcrumb"><a href="/">DROPd</a></div><div class="hthd-left tocHolder"><ul class="toc-tree"><li><a href="/x">DROPe</a></li></ul></div><div class="hthd-main"><div class="versionPicker version-selector"><select><option>Summer DROPf</option></select></div><div id="content" class="htContent"><article role="article" aria-labelledby="ariaid-title1"><article class="nested0" id="kept"><h1 class="title topictitle1 helpHead1" id="ariaid-title1">KEEPa</h1><div class="body conbody"><div class="shortdesc">KEEPb</div><div class="tablenoborder"><table class="featureTable editionTable sort_table"><caption><span class="tablecap">KEEPc</span></caption><tbody><tr><td class="entry">KEEPd</td></tr></tbody></table></div><ol class="ol enchecked"><li class="li">KEEPe <span class="ph uicontrol">KEEPf</span></li></ol></div></article></article></div></div><div class="articleFeedback feedback-wrapper"><span>Did this article solve your issue? DROPg</span></div></div></body></html>"##,
        Layout::Generator,
    );
    // Intercom.
    check(
        &format!(
            r##"<html><head><title>KEEPa | Help</title></head><body><div id="__next"><header data-testid="header">DROPa</header><div class="flex flex-col"><section data-testid="main-content"><div class="breadcrumb" tabindex="-1"><a href="/en/">DROPb</a></div><div class="article intercom-force-break"><div class="mb-10"><h1 class="mb-1 font-primary">KEEPa</h1><div class="avatar">DROPc</div></div><div class="jsx-1 article_body"><article class=""><div class="intercom-interblocks-paragraph"><p>KEEPb {LONG}</p></div><div class="intercom-interblocks-subheading"><h2 id="h_1">KEEPc</h2></div><div class="intercom-interblocks-paragraph"><p>KEEPd {LONG}</p></div><section class="related_articles my-6"><hr><div class="mb-3">Related Articles</div><section><a href="/r">DROPd</a></section></section></article></div></div><div class="intercom-reaction-picker" dir="ltr"><div class="intercom-reaction-prompt">Did this answer your question?</div><button>DROPe</button></div></section></div><footer id="footer">DROPf</footer></div></body></html>"##
        ),
        Layout::Generator,
    );
}

#[test]
fn wordpress_classic_and_with_blocks() {
    check(
        r##"<html><head><title>KEEPa &#8211; Site</title></head><body class="post-template-default single"><div id="page" class="site"><a class="skip-link screen-reader-text" href="#content">DROPa</a><header id="masthead" class="site-header"><p class="site-title">DROPb</p></header><div id="content" class="site-content"><div id="primary" class="content-area"><main id="main" class="site-main"><article id="post-7" class="post-7 post type-post status-publish hentry category-how-to"><header class="entry-header"><h1 class="entry-title">KEEPa</h1><div class="entry-meta"><span class="posted-on">Posted on <time>May 3, 2026</time></span><span class="byline"> by DROPc</span></div></header><div class="entry-content"><div id="ez-toc-container" class="ez-toc-v2_0 counter-hierarchy"><p class="ez-toc-title">Table of Contents</p><nav>DROPd</nav></div><p>KEEPb</p><h2 class="wp-block-heading" id="one"><span class="ez-toc-section" id="One"></span>KEEPc<span class="ez-toc-section-end"></span></h2><figure class="wp-block-table"><table><tbody><tr><td>KEEPd</td></tr></tbody></table><figcaption class="wp-element-caption">KEEPe</figcaption></figure><div class="sharedaddy sd-sharing-enabled"><div class="robots-nocontent sd-block sd-social"><h3 class="sd-title">Share this: DROPe</h3></div></div><div id="jp-relatedposts" class="jp-relatedposts"><h3 class="jp-relatedposts-headline"><em>Related DROPf</em></h3></div></div><footer class="entry-footer"><span class="cat-links">DROPg</span></footer></article><nav class="navigation post-navigation" aria-label="Posts">DROPh</nav><div id="comments" class="comments-area"><h2 class="comments-title">DROPi</h2></div></main></div><aside id="secondary" class="widget-area">DROPj</aside></div><footer id="colophon" class="site-footer">DROPk</footer></div></body></html>"##,
        Layout::Generator,
    );
    check(
        r##"<html><head><title>KEEPa &#8211; Site</title></head><body><div class="wp-site-blocks"><header class="wp-block-template-part">DROPa</header><main class="wp-block-group"><div class="wp-block-group has-global-padding"><h1 class="wp-block-post-title">KEEPa</h1><div class="wp-block-post-date"><time>May 3, 2026</time></div></div><div class="entry-content wp-block-post-content has-global-padding"><p>KEEPb</p><details class="wp-block-details"><summary>KEEPc</summary><p>KEEPd</p></details></div><div class="wp-block-comments">DROPb</div></main><footer class="wp-block-template-part">DROPc</footer></div></body></html>"##,
        Layout::Generator,
    );
}

#[test]
fn readme_pages_of_forges() {
    let page = check(
        r##"<html><head><title>GitHub - owner/KEEPless: about DROPt</title></head><body class="logged-out env-production"><div class="position-relative header-wrapper js-header-wrapper"><a href="#start-of-content" class="show-on-focus js-skip-to-content">Skip to content DROPa</a><header class="HeaderMktg header-logged-out">DROPb</header></div><main id="js-repo-pjax-container"><div id="repository-container-header">DROPc</div><turbo-frame id="repo-content-turbo-frame"><div class="Layout"><div class="Layout-main"><table aria-labelledby="folders-and-files"><tbody><tr class="react-directory-row"><td>DROPd</td><td>3 months ago</td></tr></tbody></table><div class="js-readme"><nav aria-label="Repository files">README DROPe</nav>
        <article class="markdown-body entry-content container-lg" itemprop="text"><div class="markdown-heading" dir="auto"><h1 tabindex="-1" class="heading-element" dir="auto">KEEPa</h1><a id="user-content-kept" class="anchor" aria-label="Permalink: Kept" href="#kept"><svg class="octicon octicon-link"></svg></a></div><p dir="auto">KEEPb</p><div class="markdown-heading" dir="auto"><h2 tabindex="-1" class="heading-element" dir="auto">KEEPc</h2><a id="user-content-install" class="anchor" aria-label="Permalink: Install" href="#install"><svg></svg></a></div><div class="highlight highlight-source-shell notranslate position-relative overflow-auto" dir="auto" data-snippet-clipboard-copy-content="x"><pre>KEEPd</pre></div><div class="markdown-alert markdown-alert-note" dir="auto"><p class="markdown-alert-title" dir="auto"><svg></svg>KEEPe</p><p dir="auto">KEEPf</p></div></article></div></div><div class="Layout-sidebar"><div class="BorderGrid">DROPf<a href="/s">12 stars</a></div></div></div></turbo-frame></main><footer class="footer pt-8">DROPg</footer></body></html>"##
            .replace("KEEPless", "tool")
            .as_str(),
        Layout::Generator,
    );
    assert_eq!(anchors_of(&page), ["kept", "install"]);
    let page = check(
        r##"<html><head><title>group / tool · GitLab</title></head><body class="ui-indigo tab-width-8"><header class="header-logged-out" data-testid="navbar">DROPa</header><div class="layout-page"><aside class="super-sidebar">DROPb</aside><div class="content-wrapper"><div class="alert-wrapper"><nav class="gl-breadcrumbs">DROPc</nav></div><div class="container-fluid container-limited"><main class="content" id="content-body"><div class="project-home-panel">DROPd</div><div class="project-last-commit">DROPe 3 months ago</div><article class="file-holder limited-width-container readme-holder"><div class="js-file-title file-title-flex-parent"><div class="file-header-content"><strong class="file-title-name">README.md</strong></div></div><div class="blob-viewer" data-type="rich"><div class="file-content js-markup-content md"><h1 data-sourcepos="1:1-1:6" dir="auto"><a id="user-content-kept" class="anchor" href="#kept" aria-hidden="true"></a>KEEPa</h1><p data-sourcepos="3:1-3:5" dir="auto">KEEPb</p><h2 dir="auto"><a id="user-content-run" class="anchor" href="#run" aria-hidden="true"></a>KEEPc</h2><div class="gl-relative markdown-code-block js-markdown-code"><pre class="code highlight"><code><span id="LC1" class="line">KEEPd</span></code></pre><copy-code></copy-code></div></div></div></article></main></div></div></div></body></html>"##,
        Layout::Generator,
    );
    assert_eq!(anchors_of(&page), ["kept", "run"]);
}

#[test]
fn notion_and_what_is_made_of_it() {
    check(
        r##"<html><head><title>KEEPa</title></head><body><div id="__next"><div class="notion notion-app light-mode"><div class="notion-viewport"></div><div class="notion-frame"><header class="notion-header"><div class="notion-nav-header"><div class="breadcrumbs"><a class="breadcrumb">DROPa</a></div><div class="notion-nav-header-rhs breadcrumbs">DROPb</div></div></header><div class="notion-page-scroller"><main class="notion-page notion-page-no-cover notion-full-page"><h1 class="notion-title">KEEPa</h1><div class="notion-page-content notion-page-content-has-aside"><article class="notion-page-content-inner"><div class="notion-text notion-block-1">KEEPb is a text.</div><h2 class="notion-h notion-h1 notion-h-indent-0 notion-block-2" data-id="2" title="x"><span><div id="2" class="notion-header-anchor"></div><a class="notion-hash-link" href="#2" title="x"><svg></svg></a><span class="notion-h-title">KEEPc</span></span></h2><ul class="notion-list notion-list-disc notion-block-3"><li>KEEPd</li></ul><div class="notion-callout notion-gray_background_co"><div class="notion-page-icon-inline"><span class="notion-page-icon">💡</span></div><div class="notion-callout-text">KEEPe</div></div><details class="notion-toggle"><summary>KEEPf</summary><div>KEEPg</div></details></article><aside class="notion-aside"><div class="notion-aside-table-of-contents"><div class="notion-aside-table-of-contents-header">Table of Contents</div><nav class="notion-table-of-contents">DROPc</nav></div></aside></div></main></div></div></div><footer class="styles_footer">DROPd</footer></div></body></html>"##,
        Layout::Generator,
    );
    check(
        &format!(
            r##"<html><head><title>KEEPa</title></head><body class="notion-body"><div id="notion-app"><div class="notion-app-inner"><div class="notion-cursor-listener"><div class="notion-sidebar-container"><a href="/">DROPa</a></div><div class="notion-frame"><div class="notion-topbar"><div><a href="/p">DROPb</a></div></div><div class="notion-scroller vertical"><div class="layout"><div><div class="layout-content"><div class="notion-page-block" data-block-id="1"><h1 contenteditable="false" data-content-editable-leaf="true">KEEPa</h1></div></div><div class="layout-content"><div class="notion-page-content"><div data-block-id="2" class="notion-selectable notion-text-block"><div><div><div contenteditable="false" data-content-editable-leaf="true">KEEPb {LONG}</div></div></div></div><div data-block-id="3" class="notion-selectable notion-header-block"><div><h2 contenteditable="false">KEEPc</h2></div></div><div data-block-id="4" class="notion-selectable notion-bulleted_list-block"><div><div class="notion-list-item-box-left"><div class="pseudoBefore"></div></div><div><div contenteditable="false">KEEPd {LONG}</div></div></div></div></div></div></div></div></div></div></div></div></div></body></html>"##
        ),
        Layout::Generator,
    );
}

#[test]
fn discourse() {
    let posts = r##"<div id="main-outlet" class="wrap" role="main"><div id="topic-title"><h1><a href="/t/1">KEEPa</a></h1><div class="topic-category" itemscope><span class="badge-wrapper"><a class="badge-category__wrapper">DROPb</a></span></div></div><div itemscope itemtype="http://schema.org/DiscussionForumPosting"><div id="post_1" class="topic-body crawler-post"><div class="crawler-post-meta"><span class="creator" itemprop="author"><a rel="nofollow">DROPc</a></span><span class="crawler-post-infos"><time class="post-time">May 3, 2026,  1:02pm</time><span itemprop="position">1</span></span></div><div class="post" itemprop="text"><p>KEEPb which is the question, asked in as many words as a question needs to be understood by those who can answer it.</p></div><div itemprop="interactionStatistic"><span class="post-likes">3 Likes</span></div></div><div id="post_2" itemprop="comment" class="topic-body crawler-post"><div class="crawler-post-meta"><span class="creator">DROPd</span></div><div class="post" itemprop="text"><p>KEEPc which is the answer, and it is not short either, because answers seldom are.</p></div><div><span class="post-likes">12 Likes</span></div></div></div><div id="related-topics" class="more-topics__list"><h3 class="more-topics__list-title">Related topics</h3><div class="topic-list-container"><table class="topic-list"><tbody><tr class="topic-list-item"><td class="main-link"><a href="/t/2">DROPe</a></td><td class="views">77</td></tr></tbody></table></div></div></div>"##;
    // What crawlers get.
    let head = "<html><head><title>KEEPa - Support - Forum</title></head>";
    let crawled = check(
        &format!(
            r##"{head}<body class="crawler"><header><a href="/">DROPa</a></header>{posts}<footer class="container wrap"><nav class="crawler-nav">DROPf</nav></footer></body></html>"##
        ),
        Layout::Generator,
    );
    // What everybody else gets: a script, and the same for those who run none.
    let scripted = check(
        &format!(
            r##"{head}<body class="crawler-no"><discourse-assets><discourse-assets-json><div class="hidden" id="data-preloaded" data-preloaded="x"></div></discourse-assets-json></discourse-assets><section id="main"></section><noscript data-path="/t/1"><header class="d-header"><a href="/">DROPa</a></header>{posts}<footer class="noscript-footer-wrapper"><nav>DROPf</nav></footer></noscript></body></html>"##
        ),
        Layout::Generator,
    );
    assert_eq!(scripted.text(), crawled.text());
    assert!(!crawled.text().contains("Likes"), "{}", crawled.text());
}

#[test]
fn pages_without_landmarks() {
    // A manual of the nineties, a table for the layout, divisions without names, a portal with a cookie bar in front.
    check(
        &format!(
            r##"<html><head><title>KEEPa</title></head><body bgcolor=white><center><a href="i.html"><img src=l.gif alt=""></a></center><hr><a href="p.html">Previous</a> | <a href="n.html">Next</a><hr><h1>KEEPa</h1><p>KEEPb {LONG}<p>KEEPc {LONG}<h2><a name=two>KEEPd</a></h2><ul><li>KEEPe {LONG}</ul><hr><address>Last modified: May 3, 2026</address></body></html>"##
        ),
        Layout::Body,
    );
    check(
        &format!(
            r##"<html><head><title>KEEPa</title></head><body><div class="css-1x"><div class="css-2y"><div class="css-3z"><a href="/1">DROPa</a><a href="/2">DROPb</a><a href="/3">DROPc</a></div><div class="css-4q"><div class="css-5"><h1>KEEPa</h1><div class="css-6"><p>KEEPb {LONG}</p><div><p>KEEPc {LONG}</p></div><h2 id="x">KEEPd</h2><p>KEEPe {LONG}</p></div></div></div></div><div id="onetrust-consent-sdk"><div id="onetrust-banner-sdk" class="otFlat" role="region" aria-label="Cookie banner"><div class="ot-sdk-container"><p>We use cookies DROPd</p></div></div></div><div class="CookieBanner_root__a1" role="dialog"><p>DROPe</p></div></div></body></html>"##
        ),
        Layout::Body,
    );
}

#[test]
fn questions_that_unfold_are_read() {
    check(
        r##"<html><body><main><h1>KEEPa</h1><div class="accordion"><div class="accordion-item"><h2 class="accordion-header"><button class="accordion-button collapsed" aria-expanded="false" aria-controls="c1">KEEPb</button></h2><div id="c1" class="accordion-collapse collapse"><div class="accordion-body">KEEPc</div></div></div></div><h2>KEEPd <button>Copy DROPa</button></h2><p>KEEPe</p></main></body></html>"##,
        Layout::Landmark,
    );
}

#[test]
fn wikis_help_desks_and_boards_of_other_makers() {
    for html in [
        // DokuWiki.
        r##"<body><div id="dokuwiki__site"><div id="dokuwiki__top" class="site dokuwiki mode_show"><header id="dokuwiki__header"><div class="pad group">DROPa<div class="breadcrumbs"><div class="trace">DROPb</div></div></div></header><div class="wrapper group"><main id="dokuwiki__content"><div class="pad group"><div class="page group"><div id="dw__toc" class="dw__toc"><h3 class="toggle">Table of Contents</h3><div><ul class="toc"><li>DROPc</li></ul></div></div><h1 class="sectionedit1" id="kept">KEEPa</h1><div class="level1"><p>KEEPb LONG</p></div><div class="secedit editbutton_section"><form class="button btn_secedit"><button>Edit</button></form></div><h2 id="two">KEEPc</h2><div class="level2"><p>KEEPd</p></div></div><div class="docInfo"><bdi>page.txt</bdi> · Last modified: 2026/05/03 by DROPd</div></div></main><nav id="dokuwiki__pagetools">DROPe</nav></div><footer id="dokuwiki__footer">DROPf</footer></div></div></body>"##,
        // Freshdesk.
        r##"<body class="portal"><header class="banner">DROPa</header><nav class="page-tabs">DROPb</nav><div class="page"><section class="main content rounded-6 fc-article-show" id="article-show-1"><div class="breadcrumb"><a>DROPc</a></div><h2 class="heading">KEEPa</h2><p>Modified on: Sun, 3 May, 2026 at 10:00 AM</p><hr><article class="article-body" id="article-body"><p>KEEPb LONG</p><h3>KEEPc</h3><p>KEEPd</p></article><hr><p class="article-vote" id="voting-container">Did you find it helpful? DROPd</p></section><section class="article-sidebar" id="related_articles"><div class="sidebar-articles">DROPe</div></section></div></body>"##,
        // Drupal.
        r##"<body class="path-node"><header role="banner">DROPa</header><main role="main"><div class="region region-breadcrumb"><nav class="breadcrumb">DROPb</nav></div><div class="region region-content"><div id="block-page-title" class="block"><h1 class="page-title"><span class="field field--name-title">KEEPa</span></h1></div><article class="node node--type-page"><footer class="node__meta"><div class="node__submitted">Submitted by DROPc on Sun</div></footer><div class="node__content"><div class="field field--name-body"><p>KEEPb LONG</p><h2>KEEPc</h2><p>KEEPd</p></div><div class="node__links"><ul class="links inline"><li class="comment-forbidden">Log in to post comments DROPd</li></ul></div></div></article></div></main><footer role="contentinfo">DROPe</footer></body>"##,
        // Help Scout.
        r##"<body><header id="mainNav" class="navbar">DROPa</header><section id="contentArea" class="container-fluid"><div class="row-fluid"><section id="main-content" class="span9"><div class="contentWrapper"><article id="fullArticle"><h1 class="title">KEEPa</h1><a href="p" class="printArticle" title="Print this article"><i class="icon-print"></i></a><p>KEEPb LONG</p><h2 id="s">KEEPc</h2><p>KEEPd</p></article><section class="articleFoot"><p class="help">Still need help? DROPb</p><time class="lu">Last updated on May 3, 2026</time></section></div></section><aside id="sidebar" class="span3">DROPc</aside></div></section></body>"##,
        // MadCap Flare.
        r##"<body><p class="MCWebHelpFramesetLink"></p><div class="foot-wrapper"><header class="main-page-header">DROPa</header><div class="main-section"><nav class="sidenav-wrapper">DROPb</nav><div class="body-container"><div class="MCBreadcrumbsBox_0 breadcrumbs"><span class="MCBreadcrumbsPrefix">You are here: </span>DROPc</div><div id="mc-main-content"><h1>KEEPa</h1><p>KEEPb LONG</p><div class="MCDropDown MCDropDown_Closed dropDown"><span class="MCDropDownHead"><a href="#" class="MCDropDownHotSpot">KEEPc</a></span><div class="MCDropDownBody dropDownBody"><p>KEEPd</p></div></div></div></div></div><div class="footer">DROPd</div></div></body>"##,
        // ReadMe.
        r##"<body><header class="rm-Header">DROPa</header><main class="rm-Guides" id="Guides"><nav class="rm-Sidebar hub-sidebar">DROPb</nav><article class="rm-Article" id="content"><header id="content-head"><h1>KEEPa</h1><a class="suggestEdits">Suggest Edits DROPc</a></header><div class="content-body grid-75"><div class="markdown-body" data-testid="RDMD"><p>KEEPb LONG</p><h2 class="heading heading-2 header-scroll"><div class="heading-anchor anchor waypoint" id="s"></div><div class="heading-text">KEEPc</div><a class="heading-anchor-icon fa fa-anchor" href="#s"></a></h2><p>KEEPd</p></div><div class="UpdatedAt"><p class="DateLine">Updated <time>3 months ago</time></p></div><div class="Pagination"><a class="next-page">DROPd</a></div></div><section class="content-toc grid-25"><nav><ul class="toc-list"><li>DROPe</li></ul></nav></section></article></main></body>"##,
        // phpBB.
        r##"<body id="phpbb" class="section-viewtopic"><div id="wrap"><div id="page-header">DROPa</div><div id="page-body" class="page-body" role="main"><h2 class="topic-title"><a href="t">KEEPa</a></h2><div class="action-bar bar-top"><div class="pagination">12 posts DROPb</div></div><div id="p1" class="post has-profile bg2"><div class="inner"><dl class="postprofile" id="profile1"><dt>DROPc</dt><dd class="profile-posts"><strong>Posts:</strong> 77</dd></dl><div class="postbody"><div class="content">KEEPb LONG</div><div class="content">KEEPc LONG</div><p>KEEPd</p></div></div></div></div><div id="page-footer">DROPd</div></div></body>"##,
    ] {
        let html =
            format!("<html><head><title>KEEPa - Site</title></head>{}</html>", html.replace("LONG", LONG));
        let page = page(&html);
        let text = page.text();
        for word in ["KEEPa", "KEEPb", "KEEPc", "KEEPd"] {
            assert_eq!(text.matches(word).count(), 1, "{word} in:\n{text}");
        }
        for furniture in ["DROP", "odified", "pdated", "Posts", "helpful"] {
            assert!(!text.contains(furniture), "{furniture} in:\n{text}");
        }
    }
}
