//! Whole pages as generators of reference documentation emit them.

use super::*;

#[test]
fn javadoc_before_and_after_its_landmarks() {
    // JDK 8.
    let page = check(
        r##"<html><head><title>KEEPa (Lib 1.2 API)</title></head><body><noscript><div>JavaScript is disabled on your browser. DROPa</div></noscript><div class="topNav"><a name="navbar.top"></a><div class="skipNav"><a href="#skip.navbar.top">Skip navigation links DROPb</a></div><ul class="navList" title="Navigation"><li>DROPc</li></ul></div><div class="subNav"><ul class="navList"><li><a>Prev Class DROPd</a></li></ul></div>
        <div class="header"><div class="subTitle">com.example.lib</div><h2 title="Class KEEPa" class="title">Class KEEPa</h2></div><div class="contentContainer"><ul class="inheritance"><li>KEEPb</li></ul><div class="description"><ul class="blockList"><li class="blockList"><hr><br><pre>public class <span class="typeNameLabel">KEEPc</span></pre><div class="block">KEEPd</div></li></ul></div>
        <div class="summary"><ul class="blockList"><li class="blockList"><ul class="blockList"><li class="blockList"><a name="method.summary"></a><h3>KEEPe</h3><table class="memberSummary"><caption><span>KEEPf</span></caption><tr><th class="colFirst">KEEPg</th></tr><tr><td class="colFirst"><code>KEEPh</code></td><td class="colLast"><div class="block">KEEPi</div></td></tr></table></li></ul></li></ul></div>
        <div class="details"><ul class="blockList"><li class="blockList"><a name="run--"></a><ul class="blockListLast"><li class="blockList"><h4>KEEPj</h4><pre>void KEEPk()</pre><dl><dt><span class="paramLabel">KEEPl</span></dt><dd><code>KEEPm</code></dd></dl></li></ul></li></ul></div></div>
        <div class="bottomNav"><ul class="navList"><li>DROPe</li></ul></div><p class="legalCopy"><small>Copyright &#169; 2026 DROPf</small></p></body></html>"##
            .replace("title=\"Class KEEPa\"", "title=\"Class\"")
            .as_str(),
        Layout::Generator,
    );
    assert!(page.anchors.iter().any(|anchor| anchor == "run--"));
    // JDK 17 and later.
    let page = check(
        r##"<html><head><title>KEEPa (Lib 2 API)</title></head><body class="class-declaration-page"><noscript><div>DROPa</div></noscript><div class="flex-box"><header role="banner" class="flex-header"><nav role="navigation"><div class="top-nav" id="navbar-top"><div class="skip-nav"><a>Skip navigation links DROPb</a></div><ul id="navbar-top-firstrow" class="nav-list"><li>DROPc</li></ul></div><div class="sub-nav"><ul class="sub-nav-list"><li>Summary: DROPd</li></ul><div class="nav-list-search"><input></div></div></nav></header><div class="flex-content">
        <main role="main"><div class="header"><div class="sub-title"><span class="package-label-in-type">Package</span>&nbsp;<a>KEEPb</a></div><h1 title="Class" class="title">Class KEEPa</h1></div><div class="inheritance"><a>KEEPc</a></div><section class="class-description" id="class-description"><div class="type-signature"><span class="element-name type-name-label">KEEPd</span></div><div class="block">KEEPe</div></section>
        <section class="summary"><ul class="summary-list"><li><section class="method-summary" id="method-summary"><h2>KEEPf</h2><div id="method-summary-table"><div class="table-tabs" role="tablist"><button role="tab">All Methods</button></div><div id="method-summary-table.tabpanel" role="tabpanel"><div class="summary-table three-column-summary"><div class="table-header col-first">KEEPg</div><div class="col-first even-row-color"><code>KEEPh</code></div><div class="col-last even-row-color"><div class="block">KEEPi</div></div></div></div></div></section></li></ul></section>
        <section class="details"><ul class="details-list"><li><section class="method-details" id="method-detail"><h2>KEEPj</h2><ul class="member-list"><li><section class="detail" id="run()"><h3>KEEPk</h3><div class="member-signature"><span class="return-type">void</span>&nbsp;<span class="element-name">KEEPl</span>()</div><div class="block">KEEPm</div></section></li></ul></section></li></ul></section></main>
        <footer role="contentinfo"><hr><p class="legal-copy"><small>DROPe</small></p></footer></div></div></body></html>"##,
        Layout::Generator,
    );
    assert!(page.sections.iter().any(|section| section.anchor.as_deref() == Some("run()")));
}

#[test]
fn rustdoc_of_today_on_its_own_and_on_docs_rs() {
    let main = r##"<nav class="mobile-topbar"><button class="sidebar-menu-toggle"></button></nav><nav class="sidebar"><div class="sidebar-crate"><h2><a>DROPa</a><span class="version">1.2.3</span></h2></div></nav><div class="sidebar-resizer"></div><main><div class="width-limiter"><rustdoc-search></rustdoc-search><section id="main-content" class="content"><div class="main-heading"><div class="rustdoc-breadcrumbs"><a>DROPb</a>::<wbr></div><h1>Struct <span class="struct">KEEPa</span>&nbsp;<button id="copy-path" title="Copy item path to clipboard">Copy item path</button></h1><rustdoc-toolbar></rustdoc-toolbar><span class="sub-heading"><a class="src" href="../src/x.rs.html#1-9">Source DROPc</a> </span></div>
        <pre class="rust item-decl"><code>pub struct KEEPb;</code></pre><details class="toggle top-doc" open><summary class="hideme"><span>Expand description DROPd</span></summary><div class="docblock"><p>KEEPc</p><h2 id="examples"><a class="doc-anchor" href="#examples">§</a>KEEPd</h2><div class="example-wrap"><pre class="rust rust-example-rendered"><code>KEEPe</code></pre><a class="test-arrow" target="_blank" title="Run code" href="https://play.example.net"></a></div></div></details>
        <h2 id="implementations" class="section-header">KEEPf<a href="#implementations" class="anchor">§</a></h2><div id="implementations-list"><details class="toggle implementors-toggle" open><summary><section id="impl-X" class="impl"><a class="src rightside" href="../src/x.rs.html#20">Source DROPe</a><a href="#impl-X" class="anchor">§</a><h3 class="code-header">KEEPg</h3></section></summary><div class="impl-items"><section id="method.run" class="method"><a class="src rightside" href="../src/x.rs.html#21">Source DROPf</a><h4 class="code-header">KEEPh</h4></section><div class="docblock"><p>KEEPi</p></div></div></details></div></section></div></main>"##;
    let title = "<html><head><title>KEEPa in lib - Rust</title></head>";
    let page =
        check(&format!(r#"{title}<body class="rustdoc struct">{main}</body></html>"#), Layout::Generator);
    assert_eq!(
        anchors_of(&page),
        ["KEEPa", "examples", "implementations", "impl-X", "method.run"].map(|name| if name == "KEEPa" {
            "Struct KEEPa"
        } else {
            name
        })
    );
    check(
        &format!(
            r##"{title}<body class="rustdoc-page"><div class="nav-container"><div class="container"><div class="pure-menu pure-menu-horizontal" role="navigation" aria-label="Main navigation">DROPg</div></div></div><div class="rustdoc struct" id="rustdoc_body_wrapper" tabindex="-1">{main}</div></body></html>"##
        ),
        Layout::Generator,
    );
}

#[test]
fn doxygen_with_and_without_a_tree() {
    let page = check(
        r##"<html><head><title>Lib: KEEPa Class Reference</title></head><body><div id="top"><div id="titlearea"><table><tbody><tr id="projectrow"><td id="projectalign"><div id="projectname">Lib<span id="projectnumber">&#160;1.9 DROPa</span></div><div id="projectbrief">DROPb</div></td></tr></tbody></table></div><div id="main-nav"></div><div id="nav-path" class="navpath"><ul><li class="navelem">DROPc</li></ul></div></div><div id="side-nav" class="ui-resizable side-nav-resizable"><div id="nav-tree">DROPd</div></div>
        <div id="doc-content"><div id="MSearchSelectWindow"></div><div id="MSearchResultsWindow"><div id="MSearchResults"><div class="SRPage"><div id="SRIndex"><div class="SRStatus" id="Loading">Loading... DROPe</div></div></div></div></div><div class="header"><div class="summary"><a href="#pub-methods">Public Member Functions DROPf</a> &#124; <a href="x-members.html">List of all members DROPg</a></div><div class="headertitle"><div class="title">KEEPa Class Reference</div></div></div>
        <div class="contents"><p>KEEPb</p><div class="dynheader">KEEPc</div><table class="memberdecls"><tr class="heading"><td colspan="2"><h2 id="header-pub-methods" class="groupheader"><a id="pub-methods" name="pub-methods"></a>KEEPd</h2></td></tr><tr class="memitem:a1"><td class="memItemLeft">void</td><td class="memItemRight"><a class="el" href="#a1">KEEPe</a> ()</td></tr><tr class="memdesc:a1"><td class="mdescLeft"></td><td class="mdescRight">KEEPf <a href="#a1">More...</a><br></td></tr></table>
        <a name="details" id="details"></a><h2 id="header-details" class="groupheader">KEEPg</h2><div class="textblock"><p>KEEPh</p></div><a id="a1" name="a1"></a><h2 class="memtitle"><span class="permalink"><a href="#a1">&#9670;&#160;</a></span>KEEPi</h2><div class="memitem"><div class="memproto"><table class="memname"><tr><td class="memname">void KEEPj</td></tr></table></div><div class="memdoc"><p>KEEPk</p><p class="definition">Definition at line <a class="el" href="x_8h_source.html#l00042">42</a> of file <a class="el" href="x_8h_source.html">x.h</a>.</p></div></div><hr>The documentation for this class was generated from the following file:<ul><li>src/<a class="el">x.h</a></li></ul></div></div>
        <div id="nav-path" class="navpath"><ul><li class="footer">Generated by DROPh</li></ul></div></body></html>"##,
        Layout::Generator,
    );
    assert!(!page.text().contains("Definition at line"), "{}", page.text());
    assert!(
        page.sections.iter().any(|section| section.anchor.as_deref() == Some("a1")),
        "{:?}",
        anchors_of(&page)
    );
    check(
        r##"<html><head><title>Lib: KEEPa</title></head><body><div id="top"><div id="titlearea">DROPa</div><script>x</script><div id="main-nav"></div></div><div><div class="header"><div class="headertitle"><div class="title">KEEPa</div></div></div><div class="contents"><div class="toc"><h3>Table of Contents</h3><ul><li class="level1"><a href="#s">DROPb</a></li></ul></div><div class="textblock"><p>KEEPb</p><h1><a class="anchor" id="s"></a>KEEPc</h1><p>KEEPd</p></div></div></div><hr class="footer"><address class="footer"><small>Generated by DROPc</small></address></body></html>"##,
        Layout::Generator,
    );
}

#[test]
fn docfx_old_and_modern() {
    let old = check(
        r##"<html><head><title>KEEPa | Lib</title></head><body data-spy="scroll"><div id="wrapper"><header><nav id="autocollapse" class="navbar navbar-inverse ng-scope" role="navigation">DROPa</nav><div class="subnav navbar navbar-default"><div class="container hide-when-search" id="breadcrumb"><ul class="breadcrumb"><li>DROPb</li></ul></div></div></header><div class="container body-content"><div id="search-results"><div class="search-list">Search Results for DROPc</div></div></div>
        <div role="main" class="container body-content hide-when-search"><div class="sidenav hide-when-search"><a class="btn toc-toggle collapse">Show / Hide Table of Contents DROPd</a><div class="sidetoggle collapse" id="sidetoggle"><div id="sidetoc"></div></div></div><div class="article row grid-right"><div class="col-md-10"><article class="content wrap" id="_content" data-uid="N.C"><h1 id="N_C" data-uid="N.C" class="text-break">Class KEEPa</h1><div class="markdown level0 summary"><p>KEEPb</p></div><div class="inheritance"><h5>KEEPc</h5><div class="level0"><span class="xref">KEEPd</span></div></div><h3 id="methods">KEEPe</h3><span class="small pull-right mobile-hide"><span class="divider">|</span><a href="g">Improve this Doc</a></span><span class="small pull-right mobile-hide"><a href="s">View Source</a></span><a id="N_C_Run_" data-uid="N.C.Run*"></a><h4 id="N_C_Run" data-uid="N.C.Run">KEEPf</h4><div class="markdown level1 summary"><p>KEEPg</p></div><table class="table table-bordered"><tbody><tr><td><span class="xref">KEEPh</span></td></tr></tbody></table></article></div><div class="hidden-sm col-md-2" role="complementary"><div class="sideaffix"><div class="contribution"><ul class="nav"><li><a class="contribution-link">DROPf</a></li></ul></div><nav class="bs-docs-sidebar affix" id="affix"><h5>In this article DROPg</h5></nav></div></div></div></div>
        <footer><div class="grad-bottom"></div><div class="footer"><div class="container"><span class="pull-right"><a href="#top">Back to top DROPh</a></span></div></div></footer></div></body></html>"##,
        Layout::Generator,
    );
    assert!(!old.text().contains("Improve"), "{}", old.text());
    let page = check(
        r##"<html><head><title>KEEPa | Lib</title></head><body class="tex2jax_ignore" data-layout=""><header class="bg-body border-bottom"><nav id="autocollapse" class="navbar navbar-expand-md" role="navigation"><div class="container-xxl flex-nowrap"><a class="navbar-brand">DROPa</a></div></nav></header><main class="container-xxl"><div class="toc-offcanvas"><div class="offcanvas-md offcanvas-start" tabindex="-1" id="tocOffcanvas"><div class="offcanvas-header"><h5 class="offcanvas-title">Table of Contents DROPb</h5></div><div class="offcanvas-body"><nav class="toc" id="toc"></nav></div></div></div>
        <div class="content"><div class="actionbar"><button class="btn btn-lg border-0 d-md-none">DROPc</button><nav id="breadcrumb"></nav></div><article data-uid=""><h1 id="kept">KEEPa</h1><p>KEEPb</p><div class="NOTE"><h5>KEEPc</h5><p>KEEPd</p></div><h2 id="two">KEEPe</h2><p>KEEPf</p></article><div class="contribution d-print-none"><a href="e" class="edit-link">Edit this page DROPd</a></div><div class="next-article d-print-none border-top" id="nextArticle"></div></div><div class="affix"><nav id="affix"></nav></div></main><div class="container-xxl search-results" id="search-results"></div><footer class="border-top text-secondary"><div class="container-xxl"><div class="flex-fill">Made with DROPe</div></div></footer></body></html>"##,
        Layout::Landmark,
    );
    assert_eq!(anchors_of(&page), ["kept", "two"]);
}

#[test]
fn godoc_yard_typedoc_and_docbook() {
    for html in [
        // pkg.go.dev.
        r##"<body class="Site Site--wide"><header class="go-Header">DROPa</header><main class="go-Main" id="main-content"><div class="go-Main-header"><div class="go-Main-headerContent"><nav class="go-Main-headerBreadcrumb">DROPb</nav><h1 class="UnitHeader-titleHeading">KEEPa</h1></div><div class="go-Main-headerDetails">DROPc</div></div><nav class="go-Main-nav">DROPd</nav><article class="go-Main-article js-mainContent"><div class="UnitDetails"><div class="Documentation js-documentation"><h2 class="UnitDoc-title" id="section-documentation"><a class="UnitDoc-idLink" href="#section-documentation" title="Go to Documentation" aria-label="Go to Documentation">¶</a></h2><div class="Documentation-content js-docContent"><section class="Documentation-overview"><h3 tabindex="-1" id="pkg-overview" class="Documentation-overviewHeader">KEEPb <a href="#pkg-overview" title="Go to Overview">¶</a></h3><p>KEEPc</p></section><section class="Documentation-functions"><div class="Documentation-function"><h4 tabindex="-1" id="Run" class="Documentation-functionHeader"><span>KEEPd</span></h4><div class="Documentation-declaration"><pre>KEEPe</pre></div><p>KEEPf</p></div></section></div></div></div></article><aside class="go-Main-aside">DROPe</aside></main><footer class="go-Footer">DROPf</footer></body>"##,
        // TypeDoc.
        r##"<body><header class="tsd-page-toolbar"><div class="tsd-toolbar-contents container">DROPa</div></header><div class="container container-main"><div class="col-content"><div class="tsd-page-title"><ul class="tsd-breadcrumb"><li><a>DROPb</a></li></ul><h1>KEEPa</h1></div><section class="tsd-panel tsd-comment"><div class="tsd-comment tsd-typography"><p>KEEPb</p></div></section><section class="tsd-panel-group tsd-member-group"><h2>KEEPc</h2><section class="tsd-panel tsd-member"><h3 class="tsd-anchor-link" id="run">KEEPd<a href="#run" aria-label="Permalink" class="tsd-anchor-icon"><svg></svg></a></h3><div class="tsd-comment"><p>KEEPe</p></div><aside class="tsd-sources"><ul><li>Defined in <a>x.ts:42 DROPc</a></li></ul></aside></section></section></div><div class="col-sidebar"><div class="page-menu"><div class="tsd-navigation settings">DROPd</div></div></div></div><footer><p class="tsd-generator">DROPe</p></footer></body>"##,
        // DocBook.
        r##"<body><div class="navheader"><table width="100%" summary="Navigation header"><tr><th colspan="3" align="center">DROPa</th></tr><tr><td><a accesskey="p" href="p.html">Prev</a> DROPb</td></tr></table><hr></div><div class="sect1"><div class="titlepage"><div><div><h2 class="title" style="clear: both"><a name="kept"></a>KEEPa</h2></div></div></div><div class="toc"><dl class="toc"><dt><span class="sect2"><a href="#a">DROPc</a></span></dt></dl></div><p>KEEPb is a paragraph that has as many words as it needs to be one.</p><div class="note" style="margin-left: 0.5in"><h3 class="title">Note</h3><p>KEEPc</p></div><div class="sect2"><div class="titlepage"><h3 class="title"><a name="a"></a>KEEPd</h3></div><p>KEEPe is another one of these, and it says next to nothing at all.</p><pre class="programlisting">KEEPf</pre></div></div><div class="navfooter"><hr><table><tr><td><a accesskey="n" href="n.html">Next</a> DROPd</td></tr></table></div></body>"##,
        // YARD.
        r##"<body><div class="nav_wrap"><iframe id="nav" src="list.html"></iframe></div><div id="main" tabindex="-1"><div id="header"><div id="menu"><a>Index DROPa</a> &raquo; <span class="title">DROPb</span></div><div id="search"><a class="full_list_link">DROPc</a></div></div><div id="content"><h1>Class: KEEPa</h1><div class="box_info"><dl><dt>Inherits:</dt><dd>KEEPb</dd></dl></div><div id="overview"><h2>Overview</h2><div class="docstring"><div class="discussion"><p>KEEPc of many words, so that it is more than what stands around it.</p></div></div></div><div id="instance_method_details" class="method_details_list"><h2>KEEPd</h2><div class="method_details first"><h3 class="signature first" id="run-instance_method">KEEPe</h3><table class="source_code"><tr><td><pre class="lines">1
2</pre></td><td><pre class="code"><span class="info file"># File 'x.rb', line 42</span>KEEPf</pre></td></tr></table></div></div></div><div id="footer">Generated on Sun May 3 10:00:00 2026 by DROPd</div></div></body>"##,
    ] {
        let html = format!("<html><head><title>KEEPa - lib</title></head>{html}</html>");
        let page = page(&html);
        let text = page.text();
        for word in html.split(|c: char| !c.is_alphanumeric()).filter(|word| word.starts_with("KEEP")) {
            assert_eq!(text.matches(word).count(), 1, "{word} in:\n{text}");
        }
        assert!(!text.contains("DROP"), "furniture in:\n{text}");
    }
}
