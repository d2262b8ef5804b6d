//! What the pure stages cost: one entry read, one URL made canonical, one page read, hashed, packed and compared. Nothing is asserted.
//! `cargo bench --bench stages`; `-- --save-baseline NAME` and `-- --baseline NAME` compare two builds.

#![expect(clippy::unwrap_used, reason = "a measurement for people: it stops at the first failure")]

use std::hint::black_box;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use linkdrift::config::BodyRetention;
use linkdrift::drift;
use linkdrift::page::{self, Page};
use linkdrift::reference::{self, ReadOptions};
use linkdrift::snapshot::{ContentHash, NewSnapshot, Packer, Served};
use linkdrift::source::Syntax;
use linkdrift::target::CanonicalUrl;
use linkdrift::visit::facts::Body;
use url::Url;

const PAGE: &str = "https://docs.example.org/guides/page";

/// A page of some 60 kB in the manner of documentation sites: furniture around an article of sections, lists and tables. `edition`
/// tells what some of its sentences say.
fn html(edition: usize) -> String {
    let mut html = String::from(
        "<!doctype html><html lang=en><head><title>Page | Docs</title><meta name=ms.date content=2026-01-02></head><body>\
         <header class='site-header navbar'><nav class='nav primary-nav' aria-label=Main><ul>",
    );
    for number in 0..80 {
        html += &format!(
            "<li class='nav-item level-1'><a class='nav-link' href='/guides/{number}'>Guide {number}</a></li>"
        );
    }
    html += "</ul></nav></header><div class='page-wrapper layout-two-column'><main id=main><article class='article-body markdown'>\
             <h1 id=page>Page</h1>";
    for number in 0..40 {
        let limit = if number % 10 == 0 { number + edition } else { number };
        html += &format!(
            "<section id='part-{number}' class='section'><h2 id='h-{number}'>Part {number}</h2>\
             <p class='lead'>The default limit of <strong>part {number}</strong> is {limit} requests per minute, unless the \
             <a href='/reference/settings#{number}'>setting</a> says something else for the “Quota” of a tenant.</p>\
             <ol class='steps'><li>Select <strong>Settings</strong>, and then <code>part-{number}</code>.</li>\
             <li><p>Wait until the state is <em class='uicontrol'>Ready</em>.</p></li></ol>\
             <div class='alert alert-note'><p>It takes some minutes until a change is seen everywhere.</p></div>\
             <table class='table'><tbody><tr><td>Name</td><td>part-{number}</td></tr><tr><td>Since</td><td>1.{number}</td></tr></tbody></table>\
             <pre><code class='lang-sh'>tool part set --number {number}\n  --limit {limit}</code></pre></section>"
        );
    }
    html + "</article></main><aside class='sidebar toc'><ul><li><a href='#h-1'>Part 1</a></li></ul></aside></div>\
            <footer class='site-footer'>© Example</footer></body></html>"
}

/// An entry with links in all the ways of Markdown.
fn entry() -> String {
    let mut text = String::from("---\ntitle: An entry\nms.date: 01/02/2026\n---\n\n# An entry\n\n");
    for number in 0..100 {
        text += &format!(
            "Read [part {number}](https://docs.example.org/guides/{number}#h), <https://example.net/{number}>, [see][r{number}] or \
             https://example.com/{number}, and then `select` **Settings**.\n\n[r{number}]: https://docs.example.org/reference/{number}\n\n"
        );
    }
    text
}

fn read(html: &str) -> Page {
    let body = Body {
        bytes: html.to_owned().into_bytes().into(),
        content_type: Some("text/html; charset=utf-8".into()),
    };
    page::read(&body, &Url::parse(PAGE).unwrap())
}

/// One stage, over so many bytes of input.
fn measure<T>(criterion: &mut Criterion, what: &str, bytes: usize, mut round: impl FnMut() -> T) {
    let mut group = criterion.benchmark_group("stages");
    group.throughput(Throughput::Bytes(bytes as u64));
    group.bench_function(what, |bencher| bencher.iter(&mut round));
    group.finish();
}

fn references(criterion: &mut Criterion) {
    let text = entry();
    let options = ReadOptions::default();
    measure(criterion, "references", text.len(), || {
        reference::read(Syntax::Markdown, black_box(&text), &options)
    });
    let url = "HTTPS://Docs.Example.org:443/a/../guides/Ünïcode?q=1#part";
    measure(criterion, "canonical URL", url.len(), || CanonicalUrl::parse(black_box(url)));
}

fn pages(criterion: &mut Criterion) {
    let html = html(0);
    let page = read(&html);
    measure(criterion, "page: read", html.len(), || read(black_box(&html)));
    measure(criterion, "page: hash", html.len(), || black_box(&page).content_hash());
    let content = ContentHash(page.content_hash());
    let mut packer = Packer::try_new().unwrap();
    let served = Served { url: PAGE.into(), ..Served::default() };
    measure(criterion, "page: pack", html.len(), || {
        let body = black_box(&html).as_bytes();
        NewSnapshot::of(&page, content, body, served.clone(), BodyRetention::Full, &mut packer)
    });
}

fn drifts(criterion: &mut Criterion) {
    let html = html(0);
    let (page, same, new) = (read(&html), read(&html), read(&self::html(7)));
    measure(criterion, "drift: none", html.len(), || drift::compare(black_box(&page), black_box(&same)));
    measure(criterion, "drift: four limits", html.len(), || {
        drift::compare(black_box(&page), black_box(&new))
    });
}

criterion_group!(stages, references, pages, drifts);
criterion_main!(stages);
