//! Whole pages as documentation generators emit them, with all that stands around the text: navigation, breadcrumbs, edit links, pagers,
//! dates, feedback, version pickers, search, cookie bars, lists of what is on the page, buttons on code.

use super::*;

#[test]
fn sphinx_with_the_theme_of_read_the_docs() {
    let page = check(
        r##"<html><head><title>KEEPa — Tool 2.1 documentation</title></head><body class="wy-body-for-nav"><div class="wy-grid-for-nav">
        <nav data-toggle="wy-nav-shift" class="wy-nav-side"><div class="wy-side-scroll"><div class="wy-side-nav-search"><a href="index.html" class="icon icon-home">DROPa</a><div class="version">DROPb</div><div role="search"><form><input placeholder="Search docs"></form></div></div><div class="wy-menu wy-menu-vertical"><p class="caption"><span class="caption-text">DROPc</span></p><ul class="current"><li class="toctree-l1 current"><a class="current reference internal" href="#">DROPd</a></li></ul></div></div></nav>
        <section data-toggle="wy-nav-shift" class="wy-nav-content-wrap"><nav class="wy-nav-top"><a href="index.html">DROPe</a></nav><div class="wy-nav-content"><div class="rst-content">
        <div role="navigation" aria-label="Page navigation"><ul class="wy-breadcrumbs"><li><a href="index.html" class="icon icon-home" aria-label="Home"></a></li><li class="breadcrumb-item active">DROPf</li><li class="wy-breadcrumbs-aside"><a href="https://github.com/x/y" class="fa fa-github">Edit on GitHub DROPg</a></li></ul><hr></div>
        <div role="main" class="document" itemscope="itemscope" itemtype="http://schema.org/Article"><div itemprop="articleBody">
        <section id="install"><h1>KEEPa<a class="headerlink" href="#install" title="Link to this heading"></a></h1><p>KEEPb with <a class="reference internal" href="x.html"><span class="doc">KEEPc</span></a>.</p>
        <nav class="contents local" id="contents"><ul class="simple"><li><p><a class="reference internal" href="#one" id="id1">DROPh</a></p></li></ul></nav>
        <div class="admonition note"><p class="admonition-title">KEEPd</p><p>KEEPe</p></div>
        <section id="one"><h2><a class="toc-backref" href="#id1" role="doc-backlink">KEEPf</a><a class="headerlink" href="#one"></a></h2>
        <div class="highlight-console notranslate"><div class="highlight"><button class="copybtn" data-clipboard-target="#codecell0">DROPi</button><pre><span></span><span class="linenos">1</span><span class="gp">$ </span>KEEPg</pre></div></div>
        <dl class="py function"><dt class="sig sig-object py" id="tool.run"><span class="sig-prename descclassname"><span class="pre">tool.</span></span><span class="sig-name descname"><span class="pre">KEEPh</span></span><a class="reference internal" href="_modules/tool.html#run"><span class="viewcode-link"><span class="pre">[source]DROPj</span></span></a><a class="headerlink" href="#tool.run">¶</a></dt><dd><p>KEEPi</p></dd></dl>
        <p>KEEPj<a class="footnote-reference brackets" href="#id3" id="id2" role="doc-noteref"><span class="fn-bracket">[</span>1<span class="fn-bracket">]</span></a></p></section></section></div></div>
        <footer><div class="rst-footer-buttons" role="navigation" aria-label="Footer"><a href="b.html" class="btn btn-neutral float-right" title="DROPk">Next DROPl</a></div><hr><div role="contentinfo"><p>&#169; Copyright 2026, DROPm. <span class="lastupdated">Last updated on May 3, 2026. DROPn</span></p></div>Built with Sphinx DROPo</footer></div></div></section></div>
        <div class="rst-versions" data-toggle="rst-versions" role="note"><span class="rst-current-version">DROPp v: latest</span><div class="rst-other-versions"><dl><dt>DROPq</dt></dl></div></div></body></html>"##,
        Layout::Generator,
    );
    assert_eq!(anchors_of(&page), ["install", "one"]);
    assert!(page.anchors.iter().any(|anchor| anchor == "tool.run"));
    assert!(page.blocks.iter().any(|block| block.text == "$ KEEPg"), "line numbers: {}", page.text());
}

#[test]
fn sphinx_with_furo() {
    let page = check(
        r##"<html><head><title>KEEPa - Tool documentation</title></head><body><div class="announcement"><aside class="announcement-content">DROPa</aside></div><div class="page">
        <header class="mobile-header"><div class="header-left">DROPb</div><div class="header-center"><a href="/">DROPc</a></div></header><aside class="sidebar-drawer"><div class="sidebar-container"><div class="sidebar-sticky"><a class="sidebar-brand" href="/"><span class="sidebar-brand-text">DROPd</span></a><div class="sidebar-tree"><ul><li class="toctree-l1"><a href="#">DROPe</a></li></ul></div></div></div></aside>
        <div class="main"><div class="content"><div class="article-container"><a href="#" class="back-to-top muted-link"><svg></svg><span>Back to top DROPf</span></a><div class="content-icon-container"><div class="edit-this-page"><a class="muted-link" href="e" title="Edit this page"><span class="visually-hidden">DROPg</span></a></div><div class="theme-toggle-container theme-toggle-content"><button class="theme-toggle">DROPh</button></div></div>
        <article role="main" id="furo-main-content"><section id="start"><h1>KEEPa<a class="headerlink" href="#start" title="Link to this heading">¶</a></h1><p>KEEPb</p>
        <div class="sphinx-tabs docutils container"><div aria-label="Tabbed content" role="tablist"><button role="tab" class="sphinx-tabs-tab">Linux</button></div><div role="tabpanel" class="sphinx-tabs-panel"><p>KEEPc</p></div><div role="tabpanel" class="sphinx-tabs-panel" hidden="true"><p>KEEPd</p></div></div>
        <div class="sd-tab-set docutils"><input type="radio"><label class="sd-tab-label">KEEPe</label><div class="sd-tab-content docutils"><p>KEEPf</p></div></div>
        <details class="sd-sphinx-override sd-dropdown sd-card"><summary class="sd-summary-title sd-card-header"><span class="sd-summary-text">KEEPg</span><span class="sd-summary-state-marker"></span></summary><div class="sd-summary-content sd-card-body"><p>KEEPh</p></div></details></section></article></div>
        <footer><div class="related-pages"><a class="next-page" href="n"><div class="page-info"><div class="context"><span>Next DROPi</span></div><div class="title">DROPj</div></div></a></div><div class="bottom-of-page"><div class="left-details"><div class="copyright">DROPk</div><div class="last-updated">DROPl</div></div></div></footer></div>
        <aside class="toc-drawer"><div class="toc-sticky toc-scroll"><div class="toc-title-container"><span class="toc-title">On this page DROPm</span></div><div class="toc-tree-container"><ul><li><a href="#start">DROPn</a></li></ul></div></div></aside></div></div></body></html>"##,
        Layout::Generator,
    );
    assert_eq!(anchors_of(&page), ["start"]);
}

#[test]
fn sphinx_with_pydata() {
    let page = check(
        r##"<html><head><title>KEEPa — lib 3 documentation</title></head><body data-bs-spy="scroll"><div id="pst-skip-link" class="skip-link d-print-none"><a href="#main-content">Skip to main content DROPa</a></div><dialog id="pst-search-dialog"><form role="search">DROPb</form></dialog>
        <header class="bd-header navbar navbar-expand-lg bd-navbar d-print-none"><div class="bd-header__inner bd-page-width">DROPc<div class="version-switcher__container dropdown">DROPd</div></div></header><div class="bd-container"><div class="bd-container__inner bd-page-width"><dialog id="pst-primary-sidebar-modal"></dialog><div id="pst-primary-sidebar" class="bd-sidebar-primary bd-sidebar"><nav class="bd-links">DROPe</nav></div>
        <main id="main-content" class="bd-main" role="main"><div class="bd-content"><div class="bd-article-container"><div class="bd-header-article d-print-none"><div class="header-article-items"><nav aria-label="Breadcrumb" class="d-print-none"><ul class="bd-breadcrumbs"><li>DROPf</li></ul></nav></div></div><div id="searchbox"></div>
        <article class="bd-article"><section id="api"><h1>KEEPa<a class="headerlink" href="#api">#</a></h1><p>KEEPb</p><div class="pst-scrollable-table-container"><table class="table"><thead><tr><th class="head"><p>KEEPc</p></th></tr></thead><tbody><tr><td><p>KEEPd</p></td></tr></tbody></table></div>
        <div class="versionadded"><p><span class="versionmodified added">KEEPe</span></p></div><section id="see"><h2>KEEPf<a class="headerlink" href="#see">#</a></h2><div class="admonition seealso"><p class="admonition-title">KEEPg</p><p><a href="y">KEEPh</a></p></div></section></section></article>
        <footer class="prev-next-footer d-print-none"><div class="prev-next-area"><a class="left-prev" href="p"><div class="prev-next-info"><p class="prev-next-subtitle">previous</p><p class="prev-next-title">DROPg</p></div></a></div></footer></div>
        <dialog id="pst-secondary-sidebar-modal"></dialog><div id="pst-secondary-sidebar" class="bd-sidebar-secondary bd-toc"><div class="sidebar-secondary-items"><div class="page-toc tocsection onthispage">On this page DROPh</div><nav class="bd-toc-nav page-toc">DROPi</nav><div class="tocsection editthispage"><a>Edit on GitHub DROPj</a></div></div></div></div><footer class="bd-footer-content"></footer></main></div></div>
        <footer class="bd-footer">DROPk</footer></body></html>"##,
        Layout::Generator,
    );
    assert_eq!(anchors_of(&page), ["api", "see"]);
}

#[test]
fn mkdocs_with_material() {
    let page = check(
        r##"<html><head><title>KEEPa - Tool</title></head><body dir="ltr"><input class="md-toggle" type="checkbox"><div data-md-component="skip"><a href="#kept" class="md-skip">Skip to content DROPa</a></div><div data-md-component="announce"><aside class="md-banner"><div class="md-banner__inner md-grid">DROPb</div></aside></div><div data-md-color-scheme="default" data-md-component="outdated" hidden><aside class="md-banner md-banner--warning">DROPc</aside></div>
        <header class="md-header"><nav class="md-header__inner">DROPd<div class="md-version">DROPe</div></nav></header><div class="md-container"><nav class="md-tabs">DROPf</nav><main class="md-main" data-md-component="main"><div class="md-main__inner md-grid"><div class="md-sidebar md-sidebar--primary">DROPg</div><div class="md-sidebar md-sidebar--secondary">DROPh</div>
        <div class="md-content" data-md-component="content"><nav class="md-path" aria-label="Navigation"><ol class="md-path__list"><li class="md-path__item">DROPi</li></ol></nav><article class="md-content__inner md-typeset"><nav class="md-tags"><a class="md-tag">DROPj</a></nav><a href="edit" title="Edit this page" class="md-content__button md-icon"></a>
        <h1 id="kept">KEEPa<a class="headerlink" href="#kept" title="Permanent link">&para;</a></h1><p>KEEPb</p><details class="warning"><summary>KEEPc</summary><p>KEEPd</p></details>
        <div class="highlight"><table class="highlighttable"><tbody><tr><td class="linenos"><div class="linenodiv"><pre><span></span><span class="normal"><a href="#1">1</a></span></pre></div></td><td class="code"><div><pre><span></span><code>KEEPe</code></pre></div></td></tr></tbody></table></div>
        <div class="tabbed-set tabbed-alternate" data-tabs="1:2"><input type="radio"><div class="tabbed-labels"><label for="x">KEEPf</label></div><div class="tabbed-content"><div class="tabbed-block"><p>KEEPg</p></div><div class="tabbed-block"><p>KEEPh</p></div></div></div>
        <div class="grid cards"><ul><li><p><strong>KEEPi</strong></p><hr><p>KEEPj</p></li></ul></div>
        <aside class="md-source-file"><span class="md-source-file__fact"><span class="md-icon" title="Last update"></span><span class="git-revision-date-localized-plugin">DROPk May 3, 2026</span></span><nav>DROPl</nav></aside><form class="md-feedback" name="feedback"><fieldset><legend class="md-feedback__title">Was this page helpful? DROPm</legend></fieldset></form>
        <h2 id="__comments">Comments</h2><script src="giscus"></script></article></div></div><button class="md-top">Back to top DROPn</button></main><footer class="md-footer"><nav class="md-footer__inner">DROPo</nav></footer></div><div class="md-dialog">DROPp</div><div class="md-consent" data-md-component="consent">DROPq</div></body></html>"##,
        Layout::Generator,
    );
    assert_eq!(anchors_of(&page), ["kept"]);
    assert!(!page.text().contains("Comments"), "{}", page.text());
    assert!(page.blocks.iter().any(|block| block.text == "KEEPe"), "line numbers: {}", page.text());
}

#[test]
fn mkdocs_with_its_own_themes() {
    check(
        r##"<html><head><title>KEEPa - Tool</title></head><body><div class="navbar fixed-top navbar-expand-lg navbar-dark bg-primary"><div class="container"><a class="navbar-brand" href=".">DROPa</a><ul class="nav navbar-nav"><li class="nav-item"><a rel="next" href="n" class="nav-link">Next DROPb</a></li></ul></div></div>
        <div class="container"><div class="row"><div class="col-md-3"><div class="navbar-light navbar-expand-md bs-sidebar hidden-print affix" role="complementary"><ul class="nav flex-column bs-sidenav"><li class="nav-item"><a href="#kept" class="nav-link">DROPc</a></li></ul></div></div><div class="col-md-9" role="main"><h1 id="kept">KEEPa</h1><p>KEEPb</p><h2 id="two">KEEPc</h2><p>KEEPd</p></div></div></div>
        <footer class="col-md-12"><hr><p>Documentation built with MkDocs. DROPd</p></footer><div class="modal" id="mkdocs_search_modal">DROPe</div></body></html>"##,
        Layout::Generator,
    );
    check(
        r##"<html><head><title>KEEPa - Tool</title></head><body class="wy-body-for-nav" role="document"><div class="wy-grid-for-nav"><nav class="wy-nav-side stickynav">DROPa</nav><section class="wy-nav-content-wrap"><div class="wy-nav-content"><div class="rst-content"><div role="navigation" aria-label="breadcrumbs navigation"><ul class="wy-breadcrumbs"><li>DROPb</li><li class="wy-breadcrumbs-aside"><a href="e" class="icon icon-github">Edit on GitHub DROPc</a></li></ul></div>
        <div role="main" class="document" itemscope><div class="section" itemprop="articleBody"><h1 id="k">KEEPa</h1><p>KEEPb</p></div></div><footer><div class="rst-footer-buttons">DROPd</div><hr>DROPe</footer></div></div></section></div><div class="rst-versions" role="note">DROPf</div></body></html>"##,
        Layout::Generator,
    );
}

#[test]
fn docusaurus_2_and_later() {
    let page = check(
        r##"<html><head><title data-rh="true">KEEPa | Tool</title></head><body class="navigation-with-keyboard"><div id="__docusaurus"><div role="region" aria-label="Skip to main content"><a class="skipToContent_fXgn" href="#x">DROPa</a></div><div class="announcementBar_mb4j" role="banner">DROPb</div><nav aria-label="Main" class="navbar navbar--fixed-top">DROPc</nav>
        <div id="__docusaurus_skipToContent_fallback" class="main-wrapper mainWrapper_z2l0"><div class="docsWrapper_hBAB"><button class="clean-btn theme-back-to-top-button">DROPd</button><div class="docRoot_UBD9"><aside class="theme-doc-sidebar-container">DROPe</aside><main class="docMainContainer_TBSr"><div class="container padding-top--md padding-bottom--lg"><div class="row"><div class="col docItemCol_VOVn">
        <div class="theme-doc-version-banner alert alert--warning margin-bottom--md" role="alert"><div>This is documentation for 1.x DROPf</div></div><div class="docItemContainer_Djhp"><article><nav class="theme-doc-breadcrumbs breadcrumbsContainer_Z_bl">DROPg</nav><span class="theme-doc-version-badge badge badge--secondary">DROPh</span><div class="tocCollapsible_ETCw theme-doc-toc-mobile tocMobile_ITEo"><button class="clean-btn">On this page DROPi</button></div>
        <div class="theme-doc-markdown markdown"><header><h1>KEEPa</h1></header><p>KEEPb</p><div class="theme-admonition theme-admonition-note admonition_xJq3 alert alert--secondary"><div class="admonitionHeading_Gvgb"><span class="admonitionIcon_Rf37"><svg></svg></span>KEEPc</div><div class="admonitionContent_BuS1"><p>KEEPd</p></div></div>
        <h2 class="anchor anchorWithStickyNavbar_LWe7" id="run">KEEPe<a href="#run" class="hash-link" aria-label="Direct link to run" title="Direct link to run">&#8203;</a></h2><div class="language-bash codeBlockContainer_Ckt0 theme-code-block"><div class="codeBlockTitle_Ktv7">KEEPf</div><div class="codeBlockContent_biex"><pre tabindex="0" class="prism-code language-bash codeBlock_bY9V thin-scrollbar"><code class="codeBlockLines_e6Vv"><span class="token-line"><span class="token plain">KEEPg</span><br></span></code></pre><div class="buttonGroup__atx"><button type="button" class="clean-btn">Copy DROPj</button></div></div></div>
        <details class="details_lb9f alert alert--info details_b_Ee" data-collapsed="true"><summary>KEEPh</summary><div><div class="collapsibleContent_i85q">KEEPi</div></div></details></div>
        <footer class="theme-doc-footer docusaurus-mt-lg"><div class="row margin-top--sm theme-doc-footer-edit-meta-row"><div class="col"><a href="e" class="theme-edit-this-page">Edit this page DROPk</a></div><div class="col lastUpdated_JAkA"><span class="theme-last-updated">Last updated on <b><time>May 3, 2026</time></b> DROPl</span></div></div></footer></article><nav class="docusaurus-mt-lg pagination-nav">DROPm</nav></div></div>
        <div class="col col--3"><div class="tableOfContents_bqdL thin-scrollbar theme-doc-toc-desktop"><ul class="table-of-contents"><li><a href="#run">DROPn</a></li></ul></div></div></div></div></main></div></div></div><footer class="theme-layout-footer footer">DROPo</footer></div></body></html>"##,
        Layout::Generator,
    );
    assert_eq!(anchors_of(&page), ["KEEPa", "run"]);
    // A post of its blog: no container of the documentation.
    check(
        r##"<html><head><title>KEEPa | Tool</title></head><body><div id="__docusaurus"><nav class="navbar">DROPa</nav><div class="main-wrapper"><div class="container margin-vert--lg"><div class="row"><aside class="col col--3"><nav>DROPb</nav></aside><main class="col col--7"><article class=""><header><h1 class="title_f1Hy">KEEPa</h1><div class="container_mt6G margin-vert--md"><time datetime="2026-05-03">May 3, 2026</time> · 5 min read</div><div class="margin-top--md margin-bottom--sm row"><div class="col col--6 authorCol_Hf19"><div class="avatar margin-bottom--sm">DROPc</div></div></div></header>
        <div id="__blog-post-container" class="markdown"><p>KEEPb and so on, until there is enough of it to be called a text.</p><p>KEEPc is another paragraph of the post, and it has an end, too.</p></div><footer class="row docusaurus-mt-lg"><b>Tags:</b> DROPd</footer></article><nav class="pagination-nav docusaurus-mt-lg">DROPe</nav></main><div class="col col--2"><div class="tableOfContents_bqdL">DROPf</div></div></div></div></div></div></body></html>"##,
        Layout::Landmark,
    );
}

#[test]
fn vitepress_and_vuepress() {
    let page = check(
        r##"<html><head><title>KEEPa | Tool</title></head><body><div id="app"><div class="Layout" data-v-1><span tabindex="-1"></span><a href="#VPContent" class="VPSkipLink visually-hidden">Skip to content DROPa</a><header class="VPNav"><div class="VPNavBar has-sidebar top">DROPb</div></header><div class="VPLocalNav has-sidebar"><button class="menu">DROPc</button><div class="VPLocalNavOutlineDropdown"><button>On this page DROPd</button></div></div><aside class="VPSidebar"><nav class="nav" id="VPSidebarNav">DROPe</nav></aside>
        <div class="VPContent has-sidebar" id="VPContent"><div class="VPDoc has-sidebar has-aside"><div class="container"><div class="aside"><div class="aside-curtain"></div><div class="aside-container"><div class="aside-content"><div class="VPDocAside"><nav class="VPDocAsideOutline has-outline"><div class="content"><div class="outline-title">On this page DROPf</div><ul class="VPDocOutlineItem root"><li><a class="outline-link" href="#k">DROPg</a></li></ul></div></nav></div></div></div></div>
        <div class="content"><div class="content-container"><main class="main"><div style="position:relative;" class="vp-doc external-link-icon-enabled _guide_start"><div><h1 id="k" tabindex="-1">KEEPa <span class="VPBadge tip">KEEPb</span> <a class="header-anchor" href="#k" aria-label="Permalink to &quot;k&quot;">&ZeroWidthSpace;</a></h1><p>KEEPc</p>
        <div class="vp-code-group vp-adaptive-theme"><div class="tabs"><input type="radio"><label for="t1">KEEPd</label></div><div class="blocks"><div class="language-sh vp-adaptive-theme active"><button title="Copy Code" class="copy"></button><span class="lang">sh</span><pre class="shiki"><code><span class="line"><span>KEEPe</span></span></code></pre><div class="line-numbers-wrapper" aria-hidden="true"><span class="line-number">1</span></div></div></div></div>
        <details class="details custom-block"><summary>KEEPf</summary><p>KEEPg</p></details></div></div></main><footer class="VPDocFooter"><div class="edit-info"><div class="edit-link"><a class="VPLink link edit-link-button">Edit this page on GitHub DROPh</a></div><div class="last-updated"><p class="VPLastUpdated">Last updated: <time></time>DROPi</p></div></div><nav class="prev-next"><div class="pager"><a class="VPLink link pager-link prev"><span class="desc">Previous page</span><span class="title">DROPj</span></a></div></nav></footer></div></div></div></div></div><footer class="VPFooter">DROPk</footer></div></div></body></html>"##,
        Layout::Generator,
    );
    assert_eq!(anchors_of(&page), ["k"]);
    check(
        r##"<html><head><title>KEEPa | Tool</title></head><body><div id="app"><div class="theme-container"><header class="navbar">DROPa</header><div class="sidebar-mask"></div><aside class="sidebar">DROPb</aside><main class="page"><div class="theme-default-content content__default"><h1 id="k"><a href="#k" class="header-anchor">#</a> KEEPa</h1><p>KEEPb</p><div class="custom-block warning"><p class="custom-block-title">KEEPc</p><p>KEEPd</p></div></div><footer class="page-edit"><div class="edit-link"><a>Help us improve this page! DROPc</a></div><div class="last-updated"><span class="prefix">Last Updated:</span><span class="time">DROPd</span></div></footer><div class="page-nav"><p class="inner"><span class="next"><a href="n">DROPe</a></span></p></div></main></div></div></body></html>"##,
        Layout::Generator,
    );
}

#[test]
fn gitbook_of_today() {
    let page = check(
        r##"<html><head><title>KEEPa | Tool Docs</title></head><body><header id="site-header" class="flex flex-row">DROPa</header><div class="flex flex-col lg:flex-row"><aside class="relative group flex flex-col" data-testid="table-of-contents"><ul><li><a href="/">DROPb</a></li></ul></aside><div class="flex-1 flex flex-row"><aside class="group page-outline"><div>On this page DROPc</div><ul><li><a href="#setup">DROPd</a></li></ul></aside>
        <main class="flex-1 relative py-8 lg:px-16"><div class="page-width"><header class="max-w-3xl mx-auto mb-6 space-y-3"><nav aria-label="Breadcrumb"><ol><li><a href="/guides">DROPe</a></li></ol></nav><div class="flex justify-between"><h1 class="text-4xl font-bold flex items-center gap-4">KEEPa</h1><div class="flex"><button>Copy DROPf</button></div></div><p class="text-lg text-tint">KEEPb</p></header>
        <div class="grid [&>*+*]:mt-5 whitespace-pre-wrap"><p class="mx-auto w-full">KEEPc</p><h2 id="setup" class="text-2xl font-semibold scroll-m-20 flip-heading-hash flex items-baseline"><div class="grow">KEEPd</div><div class="hash"><a href="#setup" aria-label="Direct link to heading"><svg></svg></a></div></h2><div class="hint transition-colors rounded-md"><div class="grid"><p>KEEPe</p></div></div><ol class="min-w-0 space-y-2"><li class="leading-normal flex items-start"><div class="mr-1">1.</div><div class="flex flex-col flex-1"><p>KEEPf</p></div></li></ol><div class="group/codeblock grid"><div class="flex"><button>Copy DROPg</button></div><pre class="overflow-auto"><code><span class="highlight-line"><span class="highlight-line-content">KEEPh</span></span></code></pre></div></div>
        <div class="flex flex-col md:flex-row mt-6 gap-2 max-w-3xl"><a class="group text-sm p-2.5 flex" href="/before"><span class="flex flex-col flex-1"><span class="text-xs">Previous</span><span>DROPh</span></span></a><a class="group text-sm p-2.5 flex" href="/after"><span class="flex flex-col flex-1"><span class="text-xs">Next</span><span>DROPi</span></span></a></div>
        <div class="flex flex-row items-center mt-6 max-w-3xl"><p class="text-sm text-tint">Last updated <time datetime="2026-05-03">3 months ago</time></p><div><div class="grid"><p class="text-sm">Was this helpful?</p></div></div></div></div></main></div></div><footer id="site-footer">DROPj</footer></body></html>"##,
        Layout::Landmark,
    );
    assert_eq!(anchors_of(&page), ["KEEPa", "setup"]);
    assert!(!page.text().contains("updated") && !page.text().contains("helpful"), "{}", page.text());
}

#[test]
fn mdbook_with_its_bar_and_a_table_of_contents() {
    let page = check(
        r##"<html><head><title>KEEPa - The DROPa Book</title></head><body><div id="mdbook-body-container"><nav id="mdbook-sidebar" class="sidebar" aria-label="Table of contents">DROPb</nav><div id="mdbook-page-wrapper" class="page-wrapper"><div class="page"><div id="mdbook-menu-bar" class="menu-bar sticky"><div class="left-buttons"><label class="icon-button">DROPc</label></div><h1 class="menu-title">The DROPd Book</h1></div><div id="mdbook-search-wrapper" class="hidden"><form>DROPe</form></div>
        <div id="mdbook-content" class="content"><main><div class="sidetoc"><nav class="pagetoc"><a href="#k">DROPf</a></nav></div><h1 id="k"><a class="header" href="#k">KEEPa</a></h1><p>KEEPb</p><pre><pre class="playground"><div class="buttons"><button class="fa fa-copy clip-button">DROPg</button></div><code class="language-rust">KEEPc</code></pre></pre><h2 id="two"><a class="header" href="#two">KEEPd</a></h2><p>KEEPe</p></main><nav class="nav-wrapper"><a rel="next" class="mobile-nav-chapters next">DROPh</a></nav></div></div></div></div></body></html>"##,
        Layout::Generator,
    );
    assert_eq!(anchors_of(&page), ["k", "two"]);
}

#[test]
fn hugo_with_docsy() {
    let page = check(
        r##"<html><head><title>KEEPa | Project</title></head><body class="td-page"><header><nav class="td-navbar">DROPa</nav></header><div class="container-fluid td-outer"><div class="td-main"><div class="row flex-xl-nowrap"><aside class="td-sidebar d-print-none">DROPb</aside><aside class="d-none d-xl-block col-xl-2 td-sidebar-toc d-print-none"><div class="td-page-meta ms-2 pb-1 pt-2 mb-0"><a class="td-page-meta--edit">Edit this page DROPc</a></div><div class="td-toc"><nav id="TableOfContents">DROPd</nav></div></aside>
        <main class="col-12 col-md-9 col-xl-8 ps-md-5" role="main"><nav aria-label="breadcrumb" class="td-breadcrumbs">DROPe</nav><div class="pageinfo pageinfo-primary d-print-none"><p>KEEPz</p></div><div class="td-content"><h1>KEEPa</h1><div class="lead">KEEPb</div><header class="article-meta"><div class="taxonomy taxonomy-terms-article">DROPf</div><p class="reading-time"><i></i>&nbsp;3 minute read</p></header><p>KEEPc</p>
        <h2 id="one">KEEPd<a class="td-heading-self-link" href="#one" aria-label="Heading self-link"></a></h2><div class="alert alert-info" role="alert"><div class="h4 alert-heading" role="heading">KEEPe</div><p>KEEPf</p></div><ul class="nav nav-tabs" id="tabs-1" role="tablist"><li class="nav-item"><button class="nav-link active" role="tab">KEEPless</button></li></ul><div class="tab-content" id="tabs-1-content"><div class="tab-body tab-pane fade show active" role="tabpanel"><p>KEEPg</p></div><div class="tab-body tab-pane fade" role="tabpanel"><p>KEEPh</p></div></div>
        <div class="highlight"><pre tabindex="0" class="chroma"><code class="language-sh"><span class="line"><span class="ln">1</span><span class="cl">KEEPi</span></span></code></pre></div>
        <div class="d-print-none"><h2 class="feedback--title">Feedback</h2><p class="feedback--question">Was this page helpful?</p><button class="btn feedback--answer">Yes</button><p class="feedback--response feedback--response__visible">Glad to hear it! Please DROPg</p></div><div class="td-page-meta__lastmod">Last modified May 3, 2026: <a>DROPh (abc1234)</a></div></div></main></div></div></div><footer class="td-footer">DROPi</footer></body></html>"##
            .replace("KEEPless", "Bash")
            .replace("KEEPz", "DROPz")
            .as_str(),
        Layout::Generator,
    );
    assert_eq!(anchors_of(&page), ["KEEPa", "one"]);
    assert!(!page.text().contains("Feedback"), "{}", page.text());
    assert!(page.blocks.iter().any(|block| block.text == "KEEPi"), "line numbers: {}", page.text());
}

#[test]
fn hugo_with_book_and_other_themes() {
    let page = check(
        r##"<html><head><title>KEEPa | My Docs</title></head><body dir="ltr"><input type="checkbox" class="hidden toggle"><main class="container flex"><aside class="book-menu"><div class="book-menu-content"><nav>DROPa</nav></div></aside><div class="book-page"><header class="book-header"><div class="flex align-center justify-between"><h3>KEEPless</h3></div><aside class="hidden clearfix"><nav id="TableOfContents">DROPb</nav></aside></header>
        <article class="markdown book-article"><h1 id="k">KEEPa<a class="anchor" href="#k">#</a></h1><p>KEEPb</p><blockquote class="book-hint info">KEEPc</blockquote><div class="book-columns flex flex-wrap"><div class="flex-even markdown-inner">KEEPd</div></div></article>
        <footer class="book-footer"><div class="flex flex-wrap justify-between"><div><a class="flex align-center" title="Last modified by A | May 3, 2026"><span>May 3, 2026 DROPc</span></a></div><div><a class="flex align-center"><span>Edit this page DROPd</span></a></div></div></footer><div class="book-comments">DROPe</div><label class="hidden book-menu-overlay">DROPf</label></div><aside class="book-toc"><div class="book-toc-content"><nav id="TableOfContents"><ul><li><a href="#k">DROPg</a></li></ul></nav></div></aside></main></body></html>"##
            .replace("KEEPless", "DROPh")
            .as_str(),
        Layout::Generator,
    );
    assert_eq!(anchors_of(&page), ["k"]);
    // Geekdoc, Relearn, PaperMod, Hextra.
    check(
        r##"<html><head><title>KEEPa | D</title></head><body><div class="wrapper"><header class="gdoc-header">DROPa</header><main class="container flex flex-even"><aside class="gdoc-nav"><nav>DROPb</nav></aside><div class="gdoc-page"><div class="gdoc-page__header flex flex-wrap justify-between"><ol class="breadcrumb">DROPc</ol></div><article class="gdoc-markdown gdoc-markdown__align--left"><h1>KEEPa</h1><p>KEEPb</p><div class="gdoc-page__anchorwrap"><h2 id="s">KEEPc <a data-clipboard-text="x" class="gdoc-page__anchor clip" href="#s"><svg></svg></a></h2></div><p>KEEPd</p></article><div class="gdoc-page__footer flex flex-wrap justify-between">DROPd</div></div></main></div></body></html>"##,
        Layout::Generator,
    );
    check(
        r##"<html><head><title>KEEPa :: D</title></head><body><div id="R-body"><div class="highlightable"><nav id="R-topbar"><div class="topbar-wrapper">DROPa</div></nav><main id="R-body-inner" class="highlightable" tabindex="-1"><div class="flex-block-wrapper"><article class="default"><header class="headline"></header><h1 id="k">KEEPa</h1><p>KEEPb</p><div class="box notices cstyle note"><div class="box-label">KEEPc</div><div class="box-content"><p>KEEPd</p></div></div><footer class="footline">DROPc</footer></article></div></main></div></div><aside id="R-sidebar">DROPd</aside></body></html>"##,
        Layout::Landmark,
    );
    check(
        r##"<html><head><title>KEEPa | D</title></head><body><header class="header"><nav class="nav">DROPa</nav></header><main class="main"><article class="post-single"><header class="post-header"><div class="breadcrumbs"><a href="/">DROPb</a></div><h1 class="post-title entry-hint-parent">KEEPa</h1><div class="post-meta">May 3, 2026 · 5 min · DROPc</div></header><div class="toc"><details><summary><span class="details">Table of Contents</span></summary><div class="inner">DROPd</div></details></div><div class="post-content md-content"><p>KEEPb which goes on for a while, as texts of some length do.</p></div><footer class="post-footer"><ul class="post-tags">DROPe</ul><nav class="paginav"><a class="next">DROPf</a></nav></footer></article></main><footer class="footer">DROPg</footer></body></html>"##,
        Layout::Landmark,
    );
    check(
        r##"<html><head><title>KEEPa – D</title></head><body><div class="hextra-nav-container">DROPa</div><div class="hx-mx-auto hx-flex"><aside class="hextra-sidebar-container">DROPb</aside><nav class="hextra-toc">DROPc</nav><article class="hx-w-full hx-break-words hx-flex"><main class="hx-w-full hx-min-w-0"><div class="hx-mt-1 hx-flex hx-items-center hextra-breadcrumb">DROPd</div><div class="content"><h1>KEEPa</h1><p>KEEPb</p><h2>KEEPc<span class="hx-absolute" id="s"></span><a href="#s" class="subheading-anchor" aria-label="Permalink for this section"></a></h2><p>KEEPd</p></div><div class="hx-mt-12 hx-mb-8 hx-block hx-text-xs">Last updated on May 3, 2026</div><div class="hx-mb-8 hx-flex hx-items-center hx-border-t hx-pt-8 print:hx-hidden"><a href="/p" class="hx-flex">DROPe</a></div></main></article></div></body></html>"##,
        Layout::Landmark,
    );
}

#[test]
fn jekyll_with_just_the_docs_and_minimal_mistakes() {
    let page = check(
        r##"<html><head><title>KEEPa | Tool</title></head><body><a class="skip-to-main" href="#main-content">Skip to main content DROPa</a><div class="side-bar"><div class="site-header" role="banner"><a href="/" class="site-title lh-tight">DROPb</a></div><nav aria-label="Main" id="site-nav" class="site-nav">DROPc</nav></div><div class="main" id="top"><div id="main-header" class="main-header"><div class="search" role="search">DROPd</div><nav aria-label="Auxiliary" class="aux-nav">DROPe</nav></div>
        <div class="main-content-wrap"><nav aria-label="Breadcrumb" class="breadcrumb-nav">DROPf</nav><div id="main-content" class="main-content"><main><h1 class="no_toc" id="kept"><a href="#kept" class="anchor-heading" aria-labelledby="kept"><svg></svg></a> KEEPa</h1><details open="open"><summary class="text-delta">Table of contents</summary><ol id="markdown-toc"><li><a href="#one" id="markdown-toc-one">DROPg</a></li><li><a href="#two" id="markdown-toc-two">DROPh</a></li></ol></details><p class="fs-6 fw-300">KEEPb</p><p class="note">KEEPc</p><h2 id="one">KEEPd</h2><div class="language-yaml highlighter-rouge"><div class="highlight"><pre class="highlight"><code>KEEPe</code></pre></div></div><h2 id="two">KEEPf</h2><div class="table-wrapper"><table><tbody><tr><td>KEEPg</td></tr></tbody></table></div></main><hr>
        <footer><p><a href="#top" id="back-to-top">Back to top</a></p><p class="text-small text-grey-dk-100 mb-0">Copyright DROPi</p><div class="d-flex mt-2"><p class="text-small">Page last modified: <span class="d-inline-block">DROPj</span>.</p></div></footer></div></div><div class="search-overlay"></div></div></body></html>"##,
        Layout::Generator,
    );
    assert_eq!(anchors_of(&page), ["kept", "one", "two"]);
    assert!(!page.text().contains("Table of contents"), "{}", page.text());
    check(
        r##"<html><head><title>KEEPa - Site</title></head><body class="layout--single wide"><nav class="skip-links"><ul><li><a>DROPa</a></li></ul></nav><div class="masthead">DROPb</div><div class="initial-content"><nav class="breadcrumbs">DROPc</nav><div id="main" role="main"><div class="sidebar sticky"><div itemscope class="h-card"><h3 class="author__name p-name">DROPd</h3></div></div>
        <article class="page h-entry" itemscope itemtype="https://schema.org/CreativeWork"><meta itemprop="headline" content="x"><div class="page__inner-wrap"><header><h1 id="page-title" class="page__title p-name" itemprop="headline"><a href="u" class="u-url" itemprop="url">KEEPa</a></h1><p class="page__meta"><span class="page__meta-readtime"><i></i> 3 minute read DROPe</span></p></header><section class="page__content e-content" itemprop="text"><aside class="sidebar__right"><nav class="toc"><header><h4 class="nav__title">On this page DROPf</h4></header><ul class="toc__menu"><li><a href="#s">DROPg</a></li></ul></nav></aside><p>KEEPb</p><p class="notice--info">KEEPc</p><h2 id="s">KEEPd</h2><table class="rouge-table"><tbody><tr><td class="rouge-gutter gl"><pre class="lineno">1
</pre></td><td class="rouge-code"><pre>KEEPe</pre></td></tr></tbody></table></section>
        <footer class="page__meta"><p class="page__taxonomy"><strong>Tags:</strong>DROPh</p><p class="page__date"><strong>Updated:</strong> <time>May 3, 2026</time></p></footer><section class="page__share"><h4 class="page__share-title">Share on DROPi</h4></section><nav class="pagination">DROPj</nav></div></article><div class="page__related"><h2 class="page__related-title">You May Also Enjoy</h2><div class="entries-list"><div class="list__item"><article class="archive__item"><h2 class="archive__item-title">DROPk</h2><p class="archive__item-excerpt">DROPl</p></article></div></div></div></div></div><div class="page__footer"><footer>DROPm</footer></div></body></html>"##,
        Layout::Generator,
    );
}

#[test]
fn antora_and_asciidoctor() {
    let page = check(
        r##"<html><head><title>KEEPa :: Docs</title></head><body class="article"><header class="header"><nav class="navbar">DROPa</nav></header><div class="body"><div class="nav-container" data-component="x"><aside class="nav"><div class="panels"><div class="nav-panel-menu is-active"><nav class="nav-menu"><h3 class="title">DROPb</h3></nav></div><div class="nav-panel-explore"><div class="context"><span class="version">DROPc</span></div></div></div></aside></div>
        <main class="article"><div class="toolbar" role="navigation"><button class="nav-toggle"></button><nav class="breadcrumbs"><ul><li>DROPd</li></ul></nav><div class="page-versions"><button class="version-menu-toggle">2.1 DROPe</button><div class="version-menu"><a class="version">DROPf</a></div></div><div class="edit-this-page"><a>Edit this Page DROPg</a></div></div><div class="content"><aside class="toc sidebar" data-title="Contents"><div class="toc-menu"></div></aside>
        <article class="doc"><h1 class="page">KEEPa</h1><div id="preamble"><div class="sectionbody"><div class="paragraph"><p>KEEPb</p></div><div class="admonitionblock note"><table><tbody><tr><td class="icon"><i class="fa icon-note" title="Note"></i></td><td class="content">KEEPc</td></tr></tbody></table></div></div></div><div class="sect1"><h2 id="_run"><a class="anchor" href="#_run"></a>KEEPd</h2><div class="sectionbody"><div class="listingblock"><div class="title">KEEPe</div><div class="content"><pre class="highlightjs highlight"><code class="language-sh hljs">KEEPf</code></pre></div></div><div class="olist arabic"><ol class="arabic"><li><p>KEEPg</p></li></ol></div><div class="dlist"><dl><dt class="hdlist1">KEEPh</dt><dd><p>KEEPi</p></dd></dl></div></div></div><nav class="pagination"><span class="next"><a>DROPh</a></span></nav></article></div></main></div><footer class="footer">DROPi</footer></body></html>"##,
        Layout::Generator,
    );
    assert_eq!(anchors_of(&page), ["KEEPa", "_run"]);
    check(
        r##"<html><head><title>KEEPa</title></head><body class="article toc2 toc-left"><div id="header"><h1>KEEPa</h1><div class="details"><span id="author" class="author">DROPa</span><br><span id="revnumber">version 1.0,</span> <span id="revdate">2026-05-03</span></div><div id="toc" class="toc2"><div id="toctitle">Table of Contents</div><ul class="sectlevel1"><li><a href="#_a">DROPb</a></li></ul></div></div><div id="content"><div id="preamble"><div class="sectionbody"><div class="paragraph"><p>KEEPb</p></div></div></div><div class="sect1"><h2 id="_a">KEEPc</h2><div class="sectionbody"><div class="paragraph"><p>KEEPd</p></div></div></div></div><div id="footnotes"><hr><div class="footnote" id="_footnotedef_1"><a href="#_footnoteref_1">1</a>. DROPc</div></div><div id="footer"><div id="footer-text">Version 1.0<br>Last updated 2026-05-03 10:00:00 UTC DROPd</div></div></body></html>"##,
        Layout::Generator,
    );
}

#[test]
fn starlight_nextra_quarto_and_others() {
    for html in [
        // Starlight.
        r##"<body><div class="page"><header class="header">DROPa</header><nav class="sidebar">DROPb</nav><div class="main-frame"><div class="lg:sl-flex"><aside class="right-sidebar-container"><starlight-toc><nav><h2 id="starlight__on-this-page">On this page DROPc</h2></nav></starlight-toc></aside><div class="main-pane"><main data-pagefind-body lang="en" dir="ltr"><div class="content-panel"><div class="sl-container"><h1 id="_top">KEEPa</h1></div></div><div class="content-panel"><div class="sl-container"><div class="sl-markdown-content"><p>KEEPb</p><div class="sl-heading-wrapper level-h2"><h2 id="one">KEEPc</h2><a class="sl-anchor-link" href="#one"><span aria-hidden="true" class="sl-anchor-icon"></span><span class="sr-only">Section titled DROPd</span></a></div><p>KEEPd</p><div class="expressive-code"><figure class="frame"><figcaption class="header"><span class="title">KEEPe</span></figcaption><pre><code><div class="ec-line"><div class="gutter"><div class="ln">1</div></div><div class="code">KEEPf</div></div></code></pre><div class="copy"><button>DROPe</button></div></figure></div></div><footer class="sl-flex"><div class="meta sl-flex"><a class="sl-flex">Edit page DROPf</a><p>Last updated: <time>May 3, 2026</time></p></div><div class="pagination-links print:hidden"><a rel="next"><span>Next<br><span class="link-title">DROPg</span></span></a></div></footer></div></div></main></div></div></div></div></body>"##,
        // Nextra.
        r##"<body><div class="nextra-navbar">DROPa</div><div class="nx-mx-auto nx-flex"><aside class="nextra-sidebar-container">DROPb</aside><nav class="nextra-toc"><p>On This Page DROPc</p></nav><article class="nextra-body nx-w-full"><main class="nx-w-full nx-min-w-0"><div class="nextra-breadcrumb nx-mt-1.5">DROPd</div><h1 class="nx-mt-2 nx-text-4xl">KEEPa</h1><p class="nx-mt-6">KEEPb</p><h2 class="nx-font-semibold">KEEPc<span class="nx-absolute" id="s"></span><a href="#s" class="subheading-anchor" aria-label="Permalink for this section"></a></h2><p>KEEPd</p><div class="nx-mt-12 nx-block nx-text-xs">Last updated on <time>May 3, 2026</time></div><div class="nx-mb-8 nx-flex nx-items-center nx-border-t print:nx-hidden"><a href="/p" title="DROPe">DROPf</a></div></main></article></div><footer>DROPg</footer></body>"##,
        // Quarto.
        r##"<body class="nav-sidebar"><div id="quarto-search-results"></div><header id="quarto-header" class="headroom">DROPa</header><div id="quarto-content" class="quarto-container page-columns"><nav id="quarto-sidebar" class="sidebar">DROPb</nav><div id="quarto-margin-sidebar" class="sidebar margin-sidebar"><nav id="TOC" role="doc-toc" class="toc-active"><h2 id="toc-title">On this page</h2><ul><li>DROPc</li></ul><div class="toc-actions"><ul><li><a>Edit this page DROPd</a></li></ul></div></nav></div><main class="content" id="quarto-document-content"><header id="title-block-header" class="quarto-title-block default"><nav class="quarto-page-breadcrumbs">DROPe</nav><div class="quarto-title"><h1 class="title">KEEPa</h1></div></header><p>KEEPb</p><section id="one" class="level2"><h2 class="anchored" data-anchor-id="one">KEEPc<a class="anchorjs-link" href="#one"></a></h2><div class="callout callout-style-default callout-note callout-titled"><div class="callout-header d-flex align-content-center"><div class="callout-icon-container"><i class="callout-icon"></i></div><div class="callout-title-container flex-fill">KEEPd</div></div><div class="callout-body-container callout-body"><p>KEEPe</p></div></div></section><a onclick="x" id="quarto-back-to-top" role="button">Back to top</a></main></div><nav class="page-navigation">DROPg</nav></body>"##,
        // ExDoc.
        r##"<body data-type="extras" class="page-extra"><nav id="sidebar" class="sidebar">DROPa</nav><output role="status" id="toast"></output><main class="content page-extra" id="main" data-type="extras"><div id="content" class="content-inner"><div class="top-search"><div class="search-settings"><button>DROPb</button><form>DROPc</form></div></div><div class="heading-with-actions top-heading"><h1>KEEPa</h1><a href="src" title="View Source" class="icon-action" rel="help"><i class="ri-code-s-slash-line"></i><span class="sr-only">View Source DROPd</span></a></div><p>KEEPb</p><h2 id="s" class="section-heading"><a href="#s" class="hover-link"><i class="ri-link-m"></i></a><span class="text">KEEPc</span></h2><p>KEEPd</p><div class="bottom-actions"><div class="bottom-actions-item"><a href="p" class="bottom-actions-button" rel="prev"><span class="subheader">← Previous Page</span><span class="title">DROPe</span></a></div></div><footer class="footer">DROPf</footer></div></main></body>"##,
        // pkgdown.
        r##"<body><a href="#container" class="visually-hidden-focusable">Skip to contents DROPa</a><nav class="navbar navbar-expand-lg">DROPb</nav><div class="container template-article"><div class="row"><main id="main" class="col-md-9"><div class="page-header"><h1>KEEPa</h1><small class="dont-index">Source: <a>DROPc</a></small></div><p>KEEPb</p><div class="section level2"><h2 id="s">KEEPc<a class="anchor" aria-label="anchor" href="#s"></a></h2><p>KEEPd</p></div></main><aside class="col-md-3"><nav id="toc"><h2>On this page</h2>DROPd</nav></aside></div><footer><div class="pkgdown-footer-left"><p>DROPe</p></div></footer></div></body>"##,
        // Docsify writes its page by script; MkDocs-like Wiki.js.
        r##"<body><div id="root"><div class="v-application--wrap"><header class="nav-header">DROPa</header><nav class="v-navigation-drawer">DROPb</nav><main class="v-main"><div class="v-main__wrap"><div class="pt-0"><div class="v-breadcrumbs breadcrumbs-nav">DROPc</div><div class="container"><div class="layout row page-header-section"><div class="headline">KEEPa</div></div><div class="layout row"><div class="flex page-col-sd"><div class="page-toc-card v-card">DROPd</div><div class="page-tags-card v-card">DROPe</div></div><div class="flex page-col-content"><div class="contents"><div><p>KEEPb with a fair number of words so that it is a paragraph.</p><h2 id="s" class="toc-header"><a href="#s" class="toc-anchor">¶</a> KEEPc</h2><p>KEEPd with a fair number of words so that it is a paragraph.</p></div></div></div></div></div></div></div></main></div></div></body>"##,
    ] {
        let html = format!("<html><head><title>KEEPa - Tool</title></head>{html}</html>");
        let page = page(&html);
        let text = page.text();
        let mut words: Vec<&str> =
            html.split(|c: char| !c.is_alphanumeric()).filter(|word| word.starts_with("KEEP")).collect();
        words.dedup();
        if page.heading() != Some("KEEPa") {
            // Where the page's name is in no heading, it is its title.
            words.retain(|word| *word != "KEEPa");
        }
        for word in words {
            assert_eq!(text.matches(word).count(), 1, "{word} in:\n{text}");
        }
        assert!(!text.contains("DROP"), "furniture in:\n{text}");
        assert!(!text.contains("updated") && !text.contains("On this page"), "{text}");
    }
}
