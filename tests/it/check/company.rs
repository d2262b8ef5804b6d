//! Verdicts that take more than one page: what is asked of hosts beside what entries name, and what targets have in common.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use serde_json::Value;

use super::{texts, with};
use crate::support::help::Help;
use crate::support::web::{Asked, Reply};

fn page(title: &str, text: &str) -> Reply {
    Reply::html(&format!("<title>{title}</title><main><h1>{title}</h1><p>{text}</main>"))
}

/// Each host has a manner of its own.
fn answer(asked: &Asked) -> Reply {
    let everything = || page("Acme", "Welcome to Acme, the company that makes everything for everybody.");
    let nonsense = asked.path.contains("no-such-page");
    match (asked.name(), asked.path.as_str()) {
        ("closed.net", "/robots.txt") => Reply::ok("text/plain", b"User-agent: *\nDisallow: /".to_vec()),
        (_, "/robots.txt") => Reply::status(404),
        ("closed.net" | "soft.net" | "off.net", _) => everything(),
        ("shell.net", _) => Reply::html(
            "<title>App</title><div id=root></div><noscript>You need to enable JavaScript to run this app.</noscript><script src=/a.js></script>",
        ),
        ("picker.net", _) => Reply::html(
            "<title>Choose</title><main><h1>Choose your country</h1><ul><li><a href=/en-us/>United States</a><li><a href=/de-de/>Germany</a><li><a href=/fr-fr/>France</a></ul></main>",
        ),
        ("door.net", _) => Reply::html(
            "<title>Welcome</title><main><p>Please sign in to see this page of our site.<form><input type=password></form></main>",
        ),
        ("honest.net", "/gone") => Reply::status(404),
        ("honest.net", _) => everything(),
        ("falls.net", _) if nonsense || asked.path == "/printer-setup" => Reply::redirect(302, "/shop/"),
        ("falls.net", _) => page("Sales", "What we sell is listed on this page."),
        ("hub.net", "/support/") => page("Support", "Ask us anything you want to know."),
        ("hub.net", _) if !nonsense => Reply::redirect(301, "/support/"),
        _ => Reply::status(404),
    }
}

fn targets(report: &Value) -> Vec<(String, String, String)> {
    let text = |target: &Value, key: &str| target[key].as_str().unwrap_or("-").to_owned();
    let targets = report["targets"].as_array().unwrap().iter();
    let mut all: Vec<_> = targets
        .map(|target| {
            let url = text(target, "url").replace("https://", "");
            (url, text(target, "verdict"), text(target, "reason"))
        })
        .collect();
    all.sort();
    all
}

fn nonsense(help: &Help) -> Vec<String> {
    help.asked().into_iter().filter(|url| url.contains("no-such-page")).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_that_are_everybodys() {
    let entry = "[a](https://soft.net/docs/printer-setup) [b](https://soft.net/) [c](https://closed.net/x/printers)\n\
                 [d](https://off.net/x/printers) [e](https://shell.net/x/printers) [f](https://picker.net/x/printers)\n\
                 [g](https://door.net/x/printers) [h](https://honest.net/printers) [i](https://honest.net/gone)\n\
                 [j](https://falls.net/printer-setup) [k](https://falls.net/shop/)\n\n\
                 [l](https://hub.net/docs/printers) [m](https://hub.net/docs/scanners) [n](https://hub.net/docs/billing)\n\
                 [o](https://hub.net/docs/network) [p](https://hub.net/docs/security)\n";
    let help = Help::probing(&[("a.md", entry)], answer).await;
    let off = "\n[[host]]\nmatch = \"off.net\"\nprobes = \"off\"\n";
    help.write("linkdrift.toml", &format!("{}{off}", help.configuration()));
    let expected = [
        ("closed.net/x/printers", "ok", "robots"),
        ("door.net/x/printers", "blocked", "sign-in"),
        ("falls.net/printer-setup", "suspect", "sink"),
        ("falls.net/shop/", "ok", "-"),
        ("honest.net/gone", "broken", "http-404"),
        ("honest.net/printers", "ok", "-"),
        ("hub.net/docs/billing", "suspect", "sink"),
        ("hub.net/docs/network", "suspect", "sink"),
        ("hub.net/docs/printers", "suspect", "sink"),
        ("hub.net/docs/scanners", "suspect", "sink"),
        ("hub.net/docs/security", "suspect", "sink"),
        ("off.net/x/printers", "ok", "-"),
        ("picker.net/x/printers", "ok", "-"),
        ("shell.net/x/printers", "ok", "-"),
        ("soft.net/", "ok", "-"),
        ("soft.net/docs/printer-setup", "suspect", "soft-404"),
    ]
    .map(|(url, verdict, reason)| (url.to_owned(), verdict.to_owned(), reason.to_owned()));
    let first = help.json(&["check"]);
    assert_eq!(targets(&first), expected);
    assert_eq!((&first["summary"]["visited"], &first["summary"]["targets"]), (&16.into(), &16.into()));
    let asked = nonsense(&help);
    let mut hosts: Vec<&str> = asked.iter().filter_map(|url| url.split('/').nth(2)).collect();
    hosts.sort_unstable();
    assert_eq!(
        hosts,
        ["door.net", "falls.net", "hub.net", "soft.net"],
        "once each, and only where it is needed"
    );
    let soft = asked.iter().find(|url| url.contains("soft.net")).unwrap();
    assert!(soft.starts_with("https://soft.net/docs/linkdrift-no-such-page-"), "{soft}");

    // What was learned is remembered: the same verdicts without another probe, though a run has another scope.
    let again = help.json(&["check"]);
    assert_eq!(targets(&again), expected);
    assert_eq!(nonsense(&help).len(), 4);
    let shown = help.json(&["show", "https://soft.net/docs/printer-setup"]);
    assert_eq!(shown["target"]["reason"], "soft-404");
    assert_eq!(help.run(&["state", "check"]).code, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn unrelated_targets_that_read_the_same() {
    // The host is honest about what it does not know; these pages it keeps, and all say the same.
    let entry = "[a](https://a.net/docs/printers) [b](https://a.net/docs/billing) [c](https://a.net/docs/network) [d](https://a.net/none)\n\n\
                 [e](https://b.net/docs/printers) [f](https://b.net/docs/billing) [g](https://b.net/none)\n";
    let help = Help::probing(&[("a.md", entry)], |asked| match asked.path.as_str() {
        "/none" | "/robots.txt" => Reply::status(404),
        _ => page("Acme", "This part of our site was closed for good."),
    })
    .await;
    let report = help.json(&["check"]);
    let verdicts: Vec<_> = targets(&report).into_iter().map(|(url, verdict, _)| (url, verdict)).collect();
    let expected = [
        ("a.net/docs/billing", "suspect"),
        ("a.net/docs/network", "suspect"),
        ("a.net/docs/printers", "suspect"),
        ("a.net/none", "broken"),
        ("b.net/docs/billing", "ok"),
        ("b.net/docs/printers", "ok"),
        ("b.net/none", "broken"),
    ];
    assert_eq!(verdicts, expected.map(|(url, verdict)| (url.to_owned(), verdict.to_owned())));
    assert!(nonsense(&help).is_empty(), "honest hosts are not asked");
}

/// One page of a host is asked for over https; what it says holds for the others, and is remembered.
#[tokio::test(flavor = "multi_thread")]
async fn http_although_https_answers_alike() {
    let entry = "[a](http://both.net/printers#x) [b](http://both.net/billing) [c](http://plain.net/printers)\n\
                 [d](http://moves.net/printers) [e](http://both.net:80/printers)\n";
    let help =
        Help::probing(&[("a.md", entry)], |asked| match (asked.name(), asked.scheme, asked.path.as_str()) {
            (_, _, "/robots.txt") => Reply::status(404),
            ("plain.net", "https", _) => page("Another host", "Nothing of that kind is served here."),
            ("moves.net", "http", path) => Reply::redirect(301, &format!("https://moves.net{path}")),
            (_, _, path) => page(&path[1..], "Words about it, which are the same for everybody."),
        })
        .await;
    let found = |report: &Value| -> Vec<(String, String)> {
        let findings = report["findings"].as_array().unwrap().iter();
        let insecure = findings.filter(|finding| finding["rule"] == "link/insecure");
        let text = |finding: &Value, key: &str| finding[key].as_str().unwrap().to_owned();
        let mut found: Vec<_> =
            insecure.map(|finding| (text(finding, "target"), text(finding, "suggestion"))).collect();
        found.sort();
        found
    };
    let expected = [
        ("http://both.net/billing", "https://both.net/billing"),
        ("http://both.net/printers", "https://both.net/printers"),
        ("http://both.net/printers", "https://both.net/printers#x"),
        ("http://moves.net/printers", "https://moves.net/printers"),
    ]
    .map(|(target, suggestion)| (target.to_owned(), suggestion.to_owned()));
    assert_eq!(found(&help.json(&["check"])), expected);
    let probed =
        |host: &str| help.asked().iter().filter(|url| url.starts_with(&format!("https://{host}/"))).count();
    // One page each; over https robots.txt is asked for, too.
    assert_eq!((probed("both.net"), probed("plain.net")), (2, 2), "{:?}", help.asked());
    assert_eq!(found(&help.json(&["check"])), expected);
    assert_eq!((probed("both.net"), probed("plain.net")), (2, 2));
}

/// T08.
#[tokio::test(flavor = "multi_thread")]
async fn t08_a_certificate_that_ends_soon() {
    let entry = "[a](https://expiring.net/x) [b](https://fine.net/x) [c](https://from.net/x)\n";
    let help = Help::probing(&[("a.md", entry)], |asked| match asked.name() {
        "from.net" => Reply::redirect(302, "https://expiring.net/x"),
        _ => page("x", "Words."),
    })
    .await;
    for _ in 0..2 {
        let report = help.json(&["check"]);
        let finding = with(&report["findings"], "rule", "link/tls-expiring");
        assert_eq!(finding["target"], "https://expiring.net/x");
        assert!(finding["message"].as_str().unwrap().contains("4 days are left"), "{finding}");
        assert!(finding["evidence"]["certificate_ends"].is_string());
        let rules = texts(&report["findings"], "rule");
        assert_eq!(rules.iter().filter(|rule| *rule == "link/tls-expiring").count(), 1, "{rules:?}");
    }
}

/// Doors, walls, start pages and pages of errors, on hosts that answer in the same manner to everything.
#[tokio::test(flavor = "multi_thread")]
async fn what_looks_gone_and_is_not() {
    let entry = "[a](https://login.net/private/report) [b](https://next.net/private/report) [c](https://shop.net/printers)\n\
                 [d](https://anubis.net/printers) [e](https://moment.net/printers) [f](https://behind.net/printers)\n\
                 [g](https://home.net/us/en/index.jsp) [h](https://home.net/printers) [i](https://www.parts.net/docs)\n\
                 [j](https://errors.net/status/404) [k](https://errors.net/printers) [l](https://spa.net/printers)\n\
                 [m](https://codes.net/419) [n](https://codes.net/420) [o](https://codes.net/430)\n";
    let help = Help::probing(&[("a.md", entry)], |asked| {
        let nonsense = asked.path.contains("no-such-page");
        let password = "<input type=password name=p>";
        let bare = |title: &str, markup: &str| {
            Reply::html(&format!(
                "<title>{title}</title>{markup}<p>Words that everybody gets of this host, whatever is asked for.</p>"
            ))
        };
        match (asked.name(), asked.path.as_str()) {
            (_, "/robots.txt") => Reply::status(404),
            ("login.net", "/users/sign_in") => bare("Acme", password),
            ("login.net", _) => Reply::redirect(302, "/users/sign_in"),
            ("next.net", path) if path.starts_with("/login") => bare("Acme", "<script src=/a.js></script>"),
            ("next.net", path) => Reply::redirect(302, &format!("/login?next={}", path.replace('/', "%2F"))),
            // A start page with a form for its customers is no door.
            ("shop.net", "/") => bare("Acme", password),
            ("shop.net" | "home.net", path) if path != "/" => Reply::redirect(301, "/"),
            ("anubis.net", _) => bare("Oh noes!", "<script src=/.within.website/x/cmd/anubis/static/js/main.mjs></script>"),
            ("moment.net", _) => bare("Just a moment...", "<script>x()</script>"),
            ("behind.net", _) if !nonsense => {
                bare("Acme", "<script src=/cdn-cgi/challenge-platform/scripts/jsd/main.js></script>")
            }
            ("www.parts.net", "/docs") => Reply::redirect(301, "https://docs.parts.net/"),
            ("home.net" | "docs.parts.net", "/") => page("Start", "Welcome to our site, and to all that it has."),
            ("errors.net", "/status/404") => page("404: Not Found", "What this status means, and who sends it."),
            ("errors.net", _) => page("404: Not Found", "There is nothing to see here, please go on."),
            ("spa.net", _) => bare("App", "<body><acme-app><script src=/a.js></script></acme-app>"),
            ("codes.net", path) => Reply::status(path[1..].parse().unwrap_or(404)),
            _ => Reply::status(404),
        }
    })
    .await;
    let expected = [
        ("anubis.net/printers", "blocked", "bot-wall"),
        ("behind.net/printers", "ok", "-"),
        ("codes.net/419", "blocked", "sign-in"),
        ("codes.net/420", "blocked", "rate-limited"),
        ("codes.net/430", "blocked", "bot-wall"),
        ("errors.net/printers", "suspect", "soft-404"),
        ("errors.net/status/404", "ok", "-"),
        ("home.net/printers", "suspect", "sink"),
        ("home.net/us/en/index.jsp", "redirected", "-"),
        ("login.net/private/report", "blocked", "sign-in"),
        ("moment.net/printers", "blocked", "bot-wall"),
        ("next.net/private/report", "blocked", "sign-in"),
        ("shop.net/printers", "suspect", "sink"),
        ("spa.net/printers", "ok", "-"),
        ("www.parts.net/docs", "redirected", "-"),
    ]
    .map(|(url, verdict, reason)| (url.to_owned(), verdict.to_owned(), reason.to_owned()));
    let report = help.json(&["check"]);
    assert_eq!(targets(&report), expected);
    let home = with(&report["findings"], "target", "https://home.net/printers");
    assert!(home["message"].as_str().unwrap().ends_with("to the start page of its site"), "{home}");
}

/// A notice that a host gives to everybody is stored before that is known; it is no state of the page, then or later.
#[tokio::test(flavor = "multi_thread")]
async fn what_everybody_gets_for_a_while_is_no_drift() {
    for bad in [0, 1] {
        let week = Arc::new(AtomicUsize::new(0));
        let now = week.clone();
        let help =
            Help::probing(&[("a.md", "# A\n\n[guide](https://a.net/guide/printers)\n")], move |asked| {
                let down = now.load(Ordering::SeqCst) == bad;
                match asked.path.as_str() {
                    "/robots.txt" => Reply::status(404),
                    _ if down => page("Maintenance", "We are down for maintenance, and will be back soon."),
                    "/guide/printers" => {
                        page("Printers", "Open the tray, and put in at most 20 sheets of paper.")
                    }
                    _ => Reply::status(404),
                }
            })
            .await;
        for number in 0..3 {
            week.store(number, Ordering::SeqCst);
            let report = help.json(&["check", "--fail-on", "never"]);
            let rules = texts(&report["findings"], "rule");
            let want: &[&str] = if number == bad { &["link/soft-404"] } else { &[] };
            assert_eq!(rules, want, "down in week {bad}, week {number}");
            if let Some(finding) = report["findings"].as_array().unwrap().first() {
                let message = finding["message"].as_str().unwrap();
                assert!(message.ends_with("its host gives for other addresses, too"), "{message}");
            }
        }
    }
}
