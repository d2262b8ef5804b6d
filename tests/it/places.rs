//! Places that links name by a fragment: on pages, before and now, and in files of the source.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use serde_json::Value;

use crate::support::cli::run;
use crate::support::web::{Reply, Web};

const ENTRY: &str = "# Parola nouă\n\
\n\
[a](http://docs.acme.net/guide#setup) [b](http://docs.acme.net/guide#Limits) [c](http://docs.acme.net/guide#old)\n\
[d](http://docs.acme.net/guide#/users) [e](http://docs.acme.net/guide#:~:text=nothing) [f](http://docs.acme.net/guide#top)\n\
[g](http://docs.acme.net/app#anything) [h](http://docs.acme.net/gone#setup) [i](http://docs.acme.net/short#setup)\n\
\n\
[j](#parola-nouă) [k](#parola-nou%C4%83) [l](#nimic) [m](alta.md#pași) [n](alta.md#lipsă) [o](alta#own)\n\
[p](inclus.md#orice) [q](lipsă.md#x)\n";

const WORDS: &str = "Everyone in the organisation can set up a new telephone without help of the service desk, as long as the old \
one is at hand, the account is not locked, the licence is valid and the network can be reached from where they are.";

fn page(anchors: &[&str]) -> Reply {
    let sections: String =
        anchors.iter().map(|id| format!("<h2 id=\"{id}\">{id}</h2><p>About {id}.</p>")).collect();
    Reply::html(&format!(
        "<html><head><title>Guide</title></head><body><main><h1 id=\"guide\">Guide</h1><p>{WORDS}</p>{sections}</main></body></html>"
    ))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn places_that_are_not_there_are_found_and_no_others() {
    let edition = Arc::new(AtomicUsize::new(0));
    let current = edition.clone();
    let web = Web::start(move |asked| match (asked.path.as_str(), current.load(Ordering::SeqCst)) {
        ("/guide", 0) => page(&["setup", "limits", "old"]),
        ("/guide", _) => page(&["setup", "limits"]),
        // A script makes the page.
        ("/app", _) => {
            Reply::html("<html><head><title>App</title></head><body><div id=\"root\"></div></body></html>")
        }
        // The redirect says where to.
        ("/short", _) => Reply::redirect(302, "/guide#limits"),
        _ => Reply::status(404),
    })
    .await;
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir(folder.path().join("help")).unwrap();
    for (name, text) in [
        ("parola.md", ENTRY),
        ("alta.md", "# Alta\n\n## Pași\n\n## Al meu {#own}\n"),
        ("inclus.md", "# Inclus\n\n[!INCLUDE [p](parte.md)]\n"),
        ("parte.md", "# Parte\n"),
    ] {
        std::fs::write(folder.path().join("help").join(name), text).unwrap();
    }
    let resolve = format!("*:80:{}", web.http);
    let check = |at: usize| -> Vec<Value> {
        edition.store(at, Ordering::SeqCst);
        let args = ["check", "--state", "state.db", "--resolve", &resolve, "--host-request-interval", "0s"];
        let ran = run(folder.path(), &[&args[..], &["--format", "json", "help"]].concat());
        let document: Value =
            serde_json::from_str(&ran.stdout).unwrap_or_else(|error| panic!("{error}: {}", ran.stderr));
        let findings = document["findings"].as_array().unwrap().iter();
        let mut found: Vec<Value> =
            findings.filter(|finding| finding["rule"] == "link/fragment-missing").cloned().collect();
        found.sort_by_key(|finding| (finding["line"].as_u64(), finding["column"].as_u64()));
        found
    };
    let messages = |found: &[Value]| -> Vec<String> {
        found.iter().map(|finding| finding["message"].as_str().unwrap().to_owned()).collect()
    };
    let first = check(0);
    assert_eq!(
        messages(&first),
        [
            "no place “Limits” in http://docs.acme.net/guide",
            "no place “nimic” in this entry",
            "no place “lipsă” in alta.md",
        ]
    );
    assert_eq!(first[0]["suggestion"], "http://docs.acme.net/guide#limits");

    let second = check(1);
    assert_eq!(second.len(), 4);
    let gone = &second[1];
    let last = gone["evidence"]["last_found"].as_str().unwrap();
    assert_eq!(
        gone["message"],
        format!("no place “old” in http://docs.acme.net/guide; it was there until {}", &last[..10])
    );
    assert_eq!(gone["suggestion"], Value::Null);
    let ids = |found: &[Value]| -> Vec<Value> { found.iter().map(|finding| finding["id"].clone()).collect() };
    assert_eq!(ids(&first)[..], [&ids(&second)[..1], &ids(&second)[2..]].concat()[..]);
}
