//! Notices beside the content that say that the page is withdrawn, and what stands there besides.

use super::*;

const TEXT: &str = "<h1>Rooms</h1><p>A room has a host, who lets people in and may put them out again.</p><p>Each room has a lobby, in which guests wait.</p>";

fn flags(html: &str) -> Vec<String> {
    page(html).metadata.flags
}

#[track_caller]
fn check_notices(wraps: &[&str], notices: &[(&str, Option<&str>)]) {
    for wrap in wraps {
        for (notice, says) in notices {
            let html = wrap.replace("NOTICE", notice).replace("TEXT", TEXT);
            let want: Vec<String> = says.iter().map(|says| format!("banner={says}")).collect();
            assert_eq!(flags(&html), want, "{html}");
        }
    }
}

/// Where generators and forges put them, and in which words.
#[test]
fn notices_beside_the_content() {
    for (html, says) in [
        (
            "<div id=__docusaurus><main><div class='theme-doc-version-banner alert alert--warning' role=alert><div>This is documentation for <b>Desk</b> <b>2.x</b>, which is no longer actively maintained.</div><div>For up-to-date documentation, see the <a href=/docs>latest version</a> (5.x).</div></div><article><div class='theme-doc-markdown markdown'>TEXT</div></article></main></div>",
            "This is documentation for Desk 2.x, which is no longer actively maintained.",
        ),
        (
            "<main id=js-repo-pjax-container><div id=js-flash-container></div><div class='flash flash-warn flash-full text-center'>\n This repository was archived by the owner on Feb 2, 2026. It is now read-only.\n</div><article class='markdown-body entry-content'>TEXT</article></main>",
            "This repository was archived by the owner on Feb 2, 2026. It is now read-only.",
        ),
        (
            "<div class=td-main><main role=main><section id=deprecation-warning><div class='content deprecation-warning pageinfo'><h3>Kubernetes v1.18 documentation is no longer actively maintained. The version you are viewing is a static snapshot.</h3></div></section><div class=td-content>TEXT</div></main></div>",
            "Kubernetes v1.18 documentation is no longer actively maintained. The version you are viewing is a static snapshot.",
        ),
        (
            "<div id=outdated-warning>This document is for an old version of Python that is no longer supported. You should upgrade.</div><div class=documentwrapper><div class=body role=main>TEXT</div></div>",
            "This document is for an old version of Python that is no longer supported. You should upgrade.",
        ),
        (
            "<div class='alert alert-danger' role=alert><b>Note</b><br>This documentation is for an unsupported version of PostgreSQL.<br>You may want the same page for the current version.</div><div id=docContent><main>TEXT</main></div>",
            "This documentation is for an unsupported version of PostgreSQL.",
        ),
        (
            "<header class=top><section role=alert><p>Diese Dokumentation wird nicht mehr gepflegt.</p></section></header><main>TEXT</main>",
            "Diese Dokumentation wird nicht mehr gepflegt.",
        ),
    ] {
        assert_eq!(flags(&html.replace("TEXT", TEXT)), [format!("banner={says}")], "{html}");
    }
}

#[test]
fn notices_and_what_stands_beside_them() {
    check_notices(
        &[
            "<div class=page>NOTICE<main>TEXT</main></div>",
            "<main>NOTICE<article class=markdown-body>TEXT</article></main>",
        ],
        &[
            (
                "<div role=alert>This page is no longer maintained.</div>",
                Some("This page is no longer maintained."),
            ),
            (
                "<div class=version-banner>Acest articol nu se mai actualizează.</div>",
                Some("Acest articol nu se mai actualizează."),
            ),
            // Another subject, or no such predicate.
            ("<div role=alert>You are viewing an old version.</div>", None),
            ("<div role=alert>This is unreleased documentation for Desk 6.</div>", None),
            ("<div role=alert>The old portal has been retired.</div>", None),
            (
                "<div role=alert>This document is for admins whose devices are no longer supported.</div>",
                None,
            ),
            ("<div class=alert>This page lists what has been retired.</div>", None),
            // What passes: cookies, outages, the visitor's session, messages that a script shows.
            ("<div role=alert>We use cookies to improve this page.</div>", None),
            (
                "<div class=banner role=alert>Some services are unavailable. This page is updated every hour.</div>",
                None,
            ),
            ("<div role=alert>This page is out of date. Reload it to see what changed.</div>", None),
            ("<div role=alert>This content is no longer available. Sign in again.</div>", None),
            ("<div role=alert hidden>This page is no longer available.</div>", None),
            ("<div style='display: none'><p class=alert>This page is no longer available.</p></div>", None),
            (
                "<div class=toast-container><div role=alert>This page is no longer available.</div></div>",
                None,
            ),
            ("<dialog><div role=alert>This page is no longer available.</div></dialog>", None),
            ("<template><div role=alert>This page is no longer available.</div></template>", None),
            ("<noscript><div role=alert>This page is no longer supported.</div></noscript>", None),
        ],
    );
}

/// What is part of the text is judged with it, by its place: a guide to alerts shows one.
#[test]
fn an_alert_inside_the_content_is_content() {
    let html = format!(
        "<main>{TEXT}<h2>Alerts</h2><p>An alert looks like this.</p><div class=alert role=alert>This page has been archived.</div></main>"
    );
    assert_eq!(flags(&html), [""; 0]);
    let banner = format!("<main><div class=site-banner>This page has been archived.</div>{TEXT}</main>");
    assert_eq!(flags(&banner), ["banner=This page has been archived."]);
}
