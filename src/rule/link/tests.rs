//! One table per rule: what it says, where it is silent, and the boundary between.

use std::sync::Arc;

use crate::config::{HostTable, Ignore, RuleSettings, Severity};
use crate::finding::{Finding, FindingState};
use crate::page::PageFacts;
use crate::reference::{Kind, Problem, ProblemKind, Silence};
use crate::rule::fixture::{World, day, interval, target};
use crate::rule::{TargetView, shown_url};
use crate::source::FileState;
use crate::target::{CanonicalUrl, Note, Status};
use crate::verdict::{Confirmation, HopClass, Verdict};
use crate::visit::facts::{Outcome, Refusal};

const URL: &str = "https://docs.example.org/azure/x";

fn world() -> World {
    World::new("First line.\nSee [the page](https://docs.example.org/azure/x#part) for more.\n")
}

fn only(findings: Vec<Finding>) -> Finding {
    assert_eq!(findings.len(), 1, "{findings:#?}");
    findings.into_iter().next().unwrap()
}

fn failing(verdict: Verdict, reason: &str, confirmation: Confirmation) -> TargetView {
    TargetView { confirmation, ..target(verdict, reason, &[(URL, 404)], &[]) }
}

#[test]
fn broken_once_confirmed() {
    let waiting = Confirmation::Unconfirmed { visits: 1, since: day("2026-11-20") };
    let confirmed =
        only(world().with(failing(Verdict::Broken, "http-404", Confirmation::Confirmed)).findings());
    assert_eq!((confirmed.rule.as_str(), confirmed.severity), ("link/broken", Severity::Error));
    assert_eq!((confirmed.state, confirmed.line, confirmed.column), (FindingState::Open, 2, 5));
    assert_eq!(confirmed.end_column, Some(54));
    assert_eq!(confirmed.message, "https://docs.example.org/azure/x answers 404 (not found)");
    assert_eq!(confirmed.evidence.status, Some(404));
    assert_eq!(confirmed.evidence.source_line.as_deref().unwrap().find("[the page]"), Some(4));

    let unconfirmed = only(world().with(failing(Verdict::Broken, "http-404", waiting)).findings());
    assert_eq!((unconfirmed.severity, unconfirmed.state), (Severity::Warning, FindingState::Unconfirmed));
    assert_eq!(unconfirmed.evidence.visits, Some(1));
    assert_eq!(unconfirmed.id, confirmed.id);

    for verdict in [Verdict::Ok, Verdict::Excluded] {
        assert!(world().with(failing(verdict, "", Confirmation::Well)).findings().is_empty());
    }
}

#[test]
fn a_host_that_is_gone_is_one_cause() {
    let text = "[a](https://gone.example.org/1) [b](https://gone.example.org/2)";
    let mut world = World::new(text);
    for url in ["https://gone.example.org/1", "https://gone.example.org/2"] {
        world = world.with(target(Verdict::Broken, "dns-nxdomain", &[(url, 0)], &[]));
    }
    let findings = world.of("link/broken");
    assert_eq!(findings.len(), 2);
    assert_eq!(findings[0].cause, findings[1].cause);
    assert_ne!(findings[0].id, findings[1].id);
}

#[test]
fn unreachable_is_an_error_only_once_confirmed_in_state() {
    let severity = |world: World| {
        let finding = only(world.of("link/unreachable"));
        (finding.severity, finding.state)
    };
    let never_well = failing(Verdict::Unreachable, "read-timeout", Confirmation::Confirmed);
    assert_eq!(severity(world().with(never_well.clone())), (Severity::Warning, FindingState::Open));

    let mut was_well = never_well.clone();
    was_well.history.insert(0, interval(&[(URL, 200)], "2026-10-01"));
    assert_eq!(severity(world().with(was_well.clone())), (Severity::Error, FindingState::Open));

    was_well.confirmation = Confirmation::Unconfirmed { visits: 2, since: day("2026-11-20") };
    assert_eq!(severity(world().with(was_well.clone())), (Severity::Warning, FindingState::Unconfirmed));

    let mut strict = world().with(was_well);
    strict.strict = true;
    assert_eq!(severity(strict), (Severity::Error, FindingState::Open));
}

#[test]
fn blocked_and_suspect() {
    let mut limited = target(Verdict::Blocked, "rate-limited", &[(URL, 429)], &[]);
    limited.history[0].facts.visit.outcome = Outcome::RateLimited { until: day("2026-11-23") };
    let blocked = only(world().with(limited).findings());
    assert_eq!((blocked.rule.as_str(), blocked.severity), ("link/blocked", Severity::Info));
    assert!(
        blocked.message.ends_with("it may be tried again at 2026-11-23 12:00 UTC"),
        "{}",
        blocked.message
    );

    let mut sign_in = target(Verdict::Blocked, "sign-in", &[(URL, 302)], &[]);
    sign_in.history[0].facts.visit.outcome = Outcome::RateLimited { until: day("2026-11-23") };
    let blocked = only(world().with(sign_in).findings());
    assert!(!blocked.message.contains("tried again"), "{}", blocked.message);

    let suspect = only(world().with(target(Verdict::Suspect, "soft-404", &[(URL, 200)], &[])).findings());
    assert_eq!((suspect.rule.as_str(), suspect.severity), ("link/soft-404", Severity::Warning));
}

/// A message says what is known, and no more.
#[test]
fn why_a_page_is_suspect() {
    use HopClass::{HubSink, Moved, RootSink, SearchSink};
    let cases: &[(&str, &str, &[HopClass], &str)] = &[
        ("soft-404", "Page not found", &[], "with a page that says it is not there"),
        ("soft-404", "Acme", &[], "with a page that its host gives for other addresses, too"),
        ("sink", "Acme", &[RootSink], "but to the start page of its site"),
        ("sink", "Acme", &[SearchSink], "but to a search"),
        ("sink", "Acme", &[HubSink], "but to where its host sends what has nothing to do with it, too"),
        ("sink", "Acme", &[Moved], "but to where its host sends everything it does not know"),
        ("parked", "Acme", &[], "with a page of a parked domain"),
    ];
    for (reason, title, classes, end) in cases {
        let hops: &[(&str, u16)] = if classes.is_empty() { &[(URL, 200)] } else { &[(URL, 302), (URL, 200)] };
        let mut suspect = target(Verdict::Suspect, reason, hops, classes);
        suspect.history[0].facts.page =
            Some(PageFacts { title: Some((*title).to_owned()), words: 20, ..PageFacts::default() });
        let found = world().with(suspect).findings();
        let found = found.iter().find(|finding| finding.rule == "link/soft-404").unwrap();
        assert!(found.message.ends_with(end), "{}", found.message);
    }
}

#[test]
fn h07_a_permanent_redirect_asks_for_the_new_url() {
    use HopClass::{Alias, HostMove, Https, Locale, Moved, RootSink, Spelling};
    let learn = "https://learn.example.org/azure/x";
    let learn_en = "https://learn.example.org/en-us/azure/x";
    let moved = "https://learn.example.org/en-us/entra/y";
    let fix = "https://learn.example.org/azure/x#part";
    type Case<'c> = (&'c [(&'c str, u16)], &'c [HopClass], Option<(Severity, &'c str)>);
    let cases: &[Case<'_>] = &[
        // Another host; a locale that a later hop inserts is left out, be that hop permanent or not.
        (&[(URL, 301), (learn, 200)], &[HostMove], Some((Severity::Info, fix))),
        (&[(URL, 308), (learn, 302), (learn_en, 200)], &[HostMove, Locale], Some((Severity::Info, fix))),
        (&[(URL, 301), (learn, 301), (learn_en, 200)], &[HostMove, Locale], Some((Severity::Info, fix))),
        // Another page, behind both.
        (
            &[(URL, 301), (learn, 302), (learn_en, 301), (moved, 200)],
            &[HostMove, Locale, Moved],
            Some((Severity::Warning, "https://learn.example.org/entra/y#part")),
        ),
        // A temporary hop to another page is no promise, and ends what was promised before.
        (&[(URL, 302), (moved, 200)], &[Moved], None),
        (&[(URL, 301), (learn, 307), (moved, 200)], &[HostMove, Moved], Some((Severity::Info, fix))),
        (&[(URL, 302), (learn, 301), (moved, 200)], &[HostMove, Moved], None),
        // These ask for nothing.
        (&[(URL, 301), ("https://docs.example.org/azure/x/", 200)], &[Spelling], None),
        (&[(URL, 301), ("https://docs.example.org/en-us/azure/x", 200)], &[Locale], None),
        (&[(URL, 301), (learn, 200)], &[Alias], None),
        (&[(URL, 301), (learn, 200)], &[Https], None),
        (&[(URL, 301), ("https://docs.example.org/", 200)], &[RootSink], None),
        // A short link that leads to a page that moved is still the short link.
        (&[(URL, 301), (learn, 301), (moved, 200)], &[Alias, Moved], None),
    ];
    for (hops, classes, expected) in cases {
        let findings =
            world().with(target(Verdict::Redirected, "", hops, classes)).of("link/redirect-permanent");
        let found =
            findings.first().map(|finding| (finding.severity, finding.suggestion.as_deref().unwrap()));
        assert_eq!(found, *expected, "{hops:?} {classes:?}");
    }
}

#[test]
fn one_host_move_is_one_cause() {
    let mut world = World::new("[a](https://docs.example.org/a) [b](https://docs.example.org/b)");
    for page in ["a", "b"] {
        let (old, new) =
            (format!("https://docs.example.org/{page}"), format!("https://learn.example.org/{page}"));
        world =
            world.with(target(Verdict::Redirected, "", &[(&old, 301), (&new, 200)], &[HopClass::HostMove]));
    }
    let findings = world.of("link/redirect-permanent");
    assert_eq!(findings.len(), 2);
    assert_eq!((&findings[0].cause, &findings[0].message), (&findings[1].cause, &findings[1].message));
    assert_eq!(findings[1].suggestion.as_deref(), Some("https://learn.example.org/b"));
}

#[test]
fn a_redirect_that_now_leads_elsewhere() {
    let short = "https://aka.example.org/x";
    let world = |before: &[(&str, u16)], now: &[(&str, u16)], classes: &[HopClass]| {
        let mut view = target(Verdict::Redirected, "", now, classes);
        view.history.insert(0, interval(before, "2026-10-01"));
        World::new("[x](https://aka.example.org/x)").with(view)
    };
    let (a, b) = ("https://www.example.org/a", "https://www.example.org/b");
    let changed = world(&[(short, 301), (a, 200)], &[(short, 301), (b, 200)], &[HopClass::Alias]);
    let finding = only(changed.of("link/redirect-changed"));
    assert_eq!(finding.severity, Severity::Warning);
    assert_eq!(finding.evidence.before.as_deref(), Some(a));
    assert_eq!(finding.evidence.after.as_deref(), Some(b));
    assert_eq!(finding.evidence.since, Some(day("2026-11-01")));

    // A review after the change makes the present end the baseline.
    let mut reviewed = world(&[(short, 301), (a, 200)], &[(short, 301), (b, 200)], &[HopClass::Alias]);
    reviewed.reviewed_at = Some(day("2026-11-10"));
    assert!(reviewed.of("link/redirect-changed").is_empty());
    // So does an entry's date after it; an older one leaves the first visit.
    reviewed.reviewed_at = None;
    reviewed.date = chrono::NaiveDate::from_ymd_opt(2021, 3, 8);
    assert_eq!(reviewed.of("link/redirect-changed").len(), 1);

    let token = |value: &str| format!("{a}?session={value}");
    type Case<'c> = (Vec<(&'c str, u16)>, Vec<(&'c str, u16)>, Vec<HopClass>);
    let silent: &[Case<'_>] = &[
        // The same end, spelled otherwise; the same page, moved on; another session; a plain page; a failure before; a sign-in.
        (
            vec![(short, 301), (a, 200)],
            vec![(short, 302), ("https://example.org/en-us/A/", 200)],
            vec![HopClass::Alias],
        ),
        (
            vec![(short, 301), (a, 200)],
            vec![(short, 301), (a, 301), (b, 200)],
            vec![HopClass::Alias, HopClass::Moved],
        ),
        (vec![(short, 200)], vec![(short, 301), (b, 200)], vec![HopClass::Moved]),
        (vec![(short, 301), (a, 404)], vec![(short, 301), (b, 200)], vec![HopClass::Alias]),
        (vec![(short, 301), (a, 200)], vec![(short, 301), (b, 200)], vec![HopClass::SignIn]),
    ];
    for (before, now, classes) in silent {
        assert!(world(before, now, classes).of("link/redirect-changed").is_empty(), "{before:?} {now:?}");
    }
    let (one, two) = (token(&"a".repeat(32)), token(&"b".repeat(32)));
    let sessions = world(&[(short, 301), (&one, 200)], &[(short, 301), (&two, 200)], &[HopClass::Alias]);
    assert!(sessions.of("link/redirect-changed").is_empty());
    let (one, two) = (token("11"), token("12"));
    let pages = world(&[(short, 301), (&one, 200)], &[(short, 301), (&two, 200)], &[HopClass::Alias]);
    assert_eq!(pages.of("link/redirect-changed").len(), 1);
}

/// Ends that differ at every visit although nothing changed.
#[test]
fn ends_of_one_session_are_no_news() {
    let short = "https://aka.example.org/x";
    let end = |tail: &str| format!("https://www.example.org{tail}");
    let found = |ends: &[String], page: fn(usize) -> Option<PageFacts>| {
        let at = |n: usize| -> [(&str, u16); 2] { [(short, 302), (&ends[n], 200)] };
        let last = ends.len() - 1;
        let mut view = target(Verdict::Redirected, "", &at(last), &[HopClass::Alias]);
        view.history = (0..=last).map(|n| interval(&at(n), &format!("2026-1{}-01", n % 2))).collect();
        for (n, interval) in view.history.iter_mut().enumerate() {
            interval.facts.page = page(n);
        }
        World::new("[x](https://aka.example.org/x)").with(view).of("link/redirect-changed").len()
    };
    let unread = |_| None;
    let [same, shell, other, own, root]: [fn(usize) -> Option<PageFacts>; 5] = [
        |_| page_of("00", 40, None),
        |_| page_of("00", 4, None),
        |n| page_of(&n.to_string(), 40, None),
        |n| page_of(&n.to_string(), 40, Some("https://www.example.org/guide")),
        |n| page_of(&n.to_string(), 40, Some("https://www.example.org/")),
    ];
    type Case<'c> = (&'c [&'c str], fn(usize) -> Option<PageFacts>, usize);
    let table: &[Case<'_>] = &[
        (&["/a?sid=8f14e45fceea167a", "/a?sid=c9f0f895fb98ab91"], unread, 0),
        (&["/a;jsessionid=8F14E45F", "/a;jsessionid=C9F0F895"], unread, 0),
        (&["/(S(lit3py55t21z5v55vlm25s55))/a", "/(S(mit3py55t21z5v55vlm25s55))/a"], unread, 0),
        (&["/a?t=1790000000123", "/a?t=1790003600123"], unread, 0),
        (&["/a?utm_campaign=c1", "/a?utm_campaign=c2"], unread, 0),
        (
            &["/a?Expires=1790000000&Signature=abcdefgh", "/a?Expires=1790003600&Signature=abcdefgi"],
            unread,
            0,
        ),
        (&["/a?v=1", "/a?v=2"], same, 0),
        (&["/8f14e45fceea167a/a", "/c9f0f895fb98ab91/a"], same, 0),
        (&["/8f14e45fceea167a/a", "/c9f0f895fb98ab91/a"], own, 0),
        (&["/r/1", "/r/2", "/r/3"], other, 0),
        // Another page: by what it says, by its number, by its name; and where nobody can tell.
        (&["/a?v=1", "/a?v=2"], other, 1),
        (&["/a?v=1", "/a?v=2"], unread, 1),
        (&["/a?v=1", "/a?v=2"], shell, 1),
        (&["/a?t=11", "/a?t=12"], other, 1),
        (&["/a?session=BRK2041", "/a?session=BRK2042"], other, 1),
        (&["/8f14e45fceea167a/a", "/c9f0f895fb98ab91/a"], other, 1),
        (&["/a", "/b"], root, 1),
        (&["/a", "/a", "/b"], other, 1),
    ];
    for (ends, page, want) in table {
        let ends: Vec<String> = ends.iter().map(|tail| end(tail)).collect();
        assert_eq!(found(&ends, *page), *want, "{ends:?}");
    }
}

fn page_of(content: &str, words: u32, canonical: Option<&str>) -> Option<PageFacts> {
    Some(PageFacts {
        title: Some("The guide".to_owned()),
        words,
        content: Some(content.to_owned()),
        canonical: canonical.map(str::to_owned),
        ..PageFacts::default()
    })
}

#[test]
fn chains_of_more_than_three_hops() {
    let hops: Vec<(String, u16)> = (0..5)
        .map(|index| {
            (if index == 0 { URL.to_owned() } else { format!("https://docs.example.org/{index}") }, 302)
        })
        .collect();
    let hops: Vec<(&str, u16)> = hops.iter().map(|(url, status)| (url.as_str(), *status)).collect();
    let found = |count: usize| {
        world().with(target(Verdict::Redirected, "", &hops[..count], &[])).of("link/redirect-chain").len()
    };
    assert_eq!((found(3), found(4), found(5)), (0, 1, 1));
}

#[test]
fn private_addresses() {
    let refused = |url: &str, at: &str| {
        let mut view = target(Verdict::Excluded, "refused-address", &[(url, 0)], &[]);
        view.history[0].facts.visit.outcome =
            Outcome::Refused { refusal: Refusal::RefusedAddress, url: at.to_owned(), detail: String::new() };
        only(World::new(&format!("[x]({url})")).with(view).findings()).severity
    };
    for named in [
        "http://127.0.0.1/",
        "http://[::1]/",
        "http://localhost/",
        "http://router/",
        "https://a.internal/",
        "http://x.local/",
    ] {
        assert_eq!(refused(named, named), Severity::Info, "{named}");
    }
    assert_eq!(refused("http://www.example.org:25/", "http://www.example.org:25/"), Severity::Info);
    assert_eq!(refused("http://www.example.org/", "http://www.example.org:25/"), Severity::Error);
    assert_eq!(refused("https://www.example.org/", "https://www.example.org/"), Severity::Error);
    assert_eq!(refused("https://www.example.org/", "http://169.254.169.254/"), Severity::Error);
    assert!(world().with(target(Verdict::Excluded, "excluded-rule", &[(URL, 0)], &[])).findings().is_empty());
}

/// A refused port says nothing of the address behind it.
#[test]
fn refused_ports_are_no_private_addresses() {
    let refused = |url: &str, at: &str| {
        let mut view = target(Verdict::Excluded, "refused-address", &[(url, 0)], &[]);
        view.history[0].facts.visit.outcome = Outcome::Refused {
            refusal: Refusal::RefusedAddress,
            url: at.to_owned(),
            detail: "port 22 is not for the web".to_owned(),
        };
        let finding = only(World::new(&format!("[x]({url})")).with(view).findings());
        assert!(finding.message.contains("port 22"), "{}", finding.message);
        assert!(!finding.message.contains("private"), "{}", finding.message);
        finding.severity
    };
    let own = "https://www.example.org:22/";
    assert_eq!(refused(own, own), Severity::Info);
    assert_eq!(refused("http://10.0.0.1:22/", "http://10.0.0.1:22/"), Severity::Info);
    assert_eq!(refused("https://www.example.org/", own), Severity::Error);
}

/// The URL itself is visited as it was meant: what is glued to it is no reason to fail.
#[test]
fn what_is_glued_to_a_url_is_a_warning() {
    let mut world = World::new("http://good.example.net/xを参照");
    world.read.problems.push(Problem {
        kind: ProblemKind::Glued,
        line: 1,
        column: 1,
        offset: 0..25,
        message: "it is glued".to_owned(),
        suggestion: None,
    });
    let finding = only(world.findings());
    assert_eq!((finding.rule.as_str(), finding.severity), ("link/malformed", Severity::Warning));
}

#[test]
fn malformed_urls_and_texts_that_are_no_links() {
    let mut world = World::new("[a](https:/x) [b]() [c](https://u:p@docs.example.org/) https: //x");
    world.references[0].resolution.status = Status::Malformed;
    world.references[0].resolution.note =
        Some(Note::Malformed { message: "one slash".to_owned(), suggestion: Some("https://x".to_owned()) });
    world.references[2].resolution.note = Some(Note::Userinfo);
    let at = world.text.rfind("https: //x").unwrap();
    world.read.problems.push(Problem {
        kind: ProblemKind::NotALink,
        line: 1,
        column: at as u32 + 1,
        offset: at..at + 10,
        message: "a blank after the colon".to_owned(),
        suggestion: None,
    });
    let findings = world.findings();
    let messages: Vec<&str> = findings.iter().map(|finding| finding.message.as_str()).collect();
    assert_eq!(
        messages,
        [
            "https:/x: one slash",
            "the link leads nowhere: its destination is empty",
            "https://***@docs.example.org/: it carries a user name or password, which was not sent",
            "https: //x: a blank after the colon"
        ]
    );
    assert!(findings.iter().all(|finding| finding.rule == "link/malformed"));
    assert_eq!(findings[0].suggestion.as_deref(), Some("https://x"));
    assert_eq!(findings[3].column, 56);
}

#[test]
fn missing_files() {
    let check = |file: Option<FileState>| {
        let mut world = World::new("[a](sub/b.md)");
        world.references[0].file = file;
        world.references[0].resolution.note = Some(Note::Path { path: "docs/sub/b.md".to_owned() });
        world.findings().iter().map(|finding| (finding.rule.clone(), finding.message.clone())).next()
    };
    assert_eq!(check(Some(FileState::Found)), None);
    assert_eq!(check(None), None);
    let missing = check(Some(FileState::Missing)).unwrap();
    assert_eq!(missing, ("link/missing-file".to_owned(), "no file docs/sub/b.md in this source".to_owned()));
    assert!(check(Some(FileState::Outside)).unwrap().1.contains("outside"));
}

#[test]
fn texts_that_show_another_url() {
    let mismatch =
        |text: &str, url: &str| !World::new(&format!("[{text}]({url})")).of("link/text-mismatch").is_empty();
    for (text, url) in [
        ("aka.MS/ssprsetup", "https://mysignins.microsoft.com/security-info"),
        ("https://docs.example.org/a", "https://docs.example.org/b"),
        ("https://docs.example.org", "https://other.example.com/"),
        ("www.example.org", "https://www.example.com/"),
        ("portal.example.org", "https://admin.example.org/"),
        ("example.org", "https://example.com/"),
        ("docs.example.org/a?id=1", "https://docs.example.org/a?id=2"),
    ] {
        assert!(mismatch(text, url), "{text} {url}");
    }
    for (text, url) in [
        ("the page", "https://docs.example.org/a"),
        ("Outlook.com", "https://outlook.live.com/"),
        ("Node.js", "https://nodejs.org/"),
        ("config.json", "https://docs.example.org/a"),
        ("ASP.NET", "https://dotnet.microsoft.com/"),
        ("System.Net.Http", "https://docs.example.org/api"),
        ("someone@example.org", "https://example.com/"),
        ("example.org", "https://www.example.org/welcome"),
        ("example.org", "https://docs.example.org/"),
        ("docs.example.org/azure", "https://docs.example.org/azure/x"),
        ("http://docs.example.org/Azure/", "https://docs.example.org/en-us/azure#part"),
        ("see https://example.org/ for more", "https://example.com/"),
        ("docs.example.org/…/x", "https://docs.example.org/azure/x"),
    ] {
        assert!(!mismatch(text, url), "{text} {url}");
    }
}

#[test]
fn texts_are_silent_where_both_end_alike() {
    let (short, page) = ("https://aka.example.org/setup", "https://my.example.org/info");
    let sign_in = "https://login.example.org/";
    let found = |shown: Option<TargetView>, target: Option<TargetView>| {
        let mut world = World::new("[aka.example.org/setup](https://my.example.org/info)");
        if let Some(shown) = shown {
            world.shown.insert(CanonicalUrl::parse(short).unwrap(), Arc::new(shown));
        }
        if let Some(target) = target {
            world = world.with(target);
        }
        world.of("link/text-mismatch").len()
    };
    let lead =
        |hops: &[(&str, u16)], classes: &[HopClass]| Some(target(Verdict::Redirected, "", hops, classes));
    assert_eq!(found(None, None), 1);
    assert_eq!(found(lead(&[(short, 301), (page, 200)], &[HopClass::Alias]), None), 0);
    assert_eq!(
        found(lead(&[(short, 301), ("https://elsewhere.example.org/", 200)], &[HopClass::Alias]), None),
        1
    );
    // Both at one sign-in page is no agreement; both through one page before it is.
    let signs_in = lead(&[(page, 302), (sign_in, 200)], &[HopClass::SignIn]);
    assert_eq!(found(lead(&[(short, 302), (sign_in, 200)], &[HopClass::SignIn]), signs_in.clone()), 1);
    let through = lead(&[(short, 301), (page, 302), (sign_in, 200)], &[HopClass::Alias, HopClass::SignIn]);
    assert_eq!(found(through, signs_in), 0);
}

#[test]
fn shown_urls_are_canonical() {
    let mut reference = World::new("[aka.MS/ssprsetup](x)").references.remove(0).reference;
    assert_eq!(shown_url(&reference).unwrap().as_str(), "https://aka.ms/ssprsetup");
    reference.kind = Kind::Bare;
    assert_eq!(shown_url(&reference), None);
}

#[test]
fn links_without_a_text() {
    let empty = |text: &str| World::new(text).of("link/empty-text").len();
    for text in ["[](https://docs.example.org/)", "[ \u{200b}\u{a0}](https://docs.example.org/)", "[](#part)"]
    {
        assert_eq!(empty(text), 1, "{text:?}");
    }
    for text in
        ["[.](https://docs.example.org/)", "![](image.png)", "[]()", "[页](https://docs.example.org/)"]
    {
        assert_eq!(empty(text), 0, "{text:?}");
    }
    let mut html =
        World::new("<a href=\"https://docs.example.org/\"></a><img src=\"https://docs.example.org/i\">");
    let mut template = World::new("[](https://docs.example.org/)").references.remove(0);
    template.reference.kind = Kind::Html;
    let link = crate::rule::ReferenceView {
        reference: crate::reference::Reference { offset: 0..41, ..template.reference.clone() },
        ..template.clone()
    };
    let image = crate::rule::ReferenceView {
        reference: crate::reference::Reference { offset: 41..80, ..template.reference },
        ..template
    };
    html.references = vec![link, image];
    assert_eq!(html.of("link/empty-text").len(), 1);
}

#[test]
fn one_target_under_different_texts() {
    let found = |text: &str| World::new(text).of("link/same-target");
    let text = "[resetarea](https://docs.example.org/p)\n[modul de schimbare](https://docs.example.org/p)";
    let finding = only(found(text));
    assert_eq!((finding.severity, finding.line), (Severity::Info, 1));
    assert_eq!(finding.evidence.texts, ["resetarea", "modul de schimbare"]);
    for text in [
        "[Reset](https://docs.example.org/p) [reset](https://docs.example.org/p)",
        "[reset](https://docs.example.org/p) [how to reset](https://docs.example.org/p)",
        "[reset](https://docs.example.org/p#a) [change](https://docs.example.org/p#b)",
        "![reset](https://docs.example.org/p) ![change](https://docs.example.org/p)",
        "[reset](https://docs.example.org/p) [https://docs.example.org/p](https://docs.example.org/p)",
        "[reset](https://docs.example.org/p) [docs.example.org/p/](https://docs.example.org/p)",
        "[reset](https://www.example.org/p) [example.org/p](https://www.example.org/p)",
    ] {
        assert!(found(text).is_empty(), "{text}");
    }
}

#[test]
fn locales_of_other_readers() {
    let found = |url: &str, locale: Option<&'static str>| {
        let mut world = World::new(&format!("[x]({url})"));
        world.locale = locale;
        world.of("link/foreign-locale").len()
    };
    assert_eq!(found("https://docs.example.org/en-us/x", Some("ro-RO")), 1);
    assert_eq!(found("https://docs.example.org/RO-ro/x", Some("ro-RO")), 0);
    assert_eq!(found("https://docs.example.org/en-us/x", None), 0);
    assert_eq!(found("https://docs.example.org/azure/en-us/x", Some("ro-RO")), 0);
    assert_eq!(found("https://docs.example.org/how-to/x", Some("ro-RO")), 0);
}

#[test]
fn hosts_that_were_shut_down() {
    let mut world = World::new("[a](https://x.forum.example.org/1) [b](https://docs.example.org/)");
    let known = "[[known]]\nis = 'retired'\nmatch = ['*.forum.example.org']\nsince = '2021'\nnote = 'ask elsewhere'\n";
    world.table.extend(HostTable::parse(known).unwrap());
    let finding = only(world.of("link/retired-host"));
    assert_eq!(finding.message, "x.forum.example.org was shut down (2021): ask elsewhere");
}

#[test]
fn ids_survive_text_above_and_tell_equals_apart() {
    let ids = |text: &str| -> Vec<String> {
        World::new(text)
            .with(failing(Verdict::Broken, "http-404", Confirmation::Confirmed))
            .findings()
            .into_iter()
            .map(|finding| finding.id.0)
            .collect()
    };
    let text = "[a](https://docs.example.org/azure/x) [a](https://docs.example.org/azure/x)";
    let before = ids(text);
    assert_eq!(before.len(), 2);
    assert_ne!(before[0], before[1]);
    assert_eq!(ids(&format!("A new paragraph.\n\nAnother one.\n\n{text}")), before);
}

#[test]
fn settings_silences_and_ignores() {
    let broken = || world().with(failing(Verdict::Broken, "http-404", Confirmation::Confirmed));
    let mut off = broken();
    off.settings.insert("link/broken".to_owned(), RuleSettings { off: true, ..RuleSettings::default() });
    assert!(off.findings().is_empty());

    let mut milder = broken();
    let setting = RuleSettings { severity: Some(Severity::Info), ..RuleSettings::default() };
    milder.settings.insert("link/broken".to_owned(), setting);
    assert_eq!(only(milder.findings()).severity, Severity::Info);

    for (lines, rule, left) in [
        ((2, 2), None, 0),
        ((1, 9), Some("link/broken"), 0),
        ((1, 9), Some("link/blocked"), 1),
        ((1, 1), None, 1),
        ((3, 9), None, 1),
    ] {
        let mut silenced = broken();
        silenced.read.silenced.push(Silence { lines, rule: rule.map(str::to_owned), reason: None });
        assert_eq!(silenced.findings().len(), left, "{lines:?} {rule:?}");
    }

    for (value, left) in [("link/broken", 0), ("link/*", 0), ("content/changed", 1)] {
        let mut world = broken();
        world.read.front_matter.values.push(crate::reference::FrontMatterValue {
            key: "linkdrift.ignore".to_owned(),
            value: value.to_owned(),
            line: 1,
        });
        assert_eq!(world.findings().len(), left, "{value}");
    }

    let glob = |text: &str| Some(globset::Glob::new(text).unwrap().compile_matcher());
    let ignore = |url: Option<&str>, entry: Option<&str>, rule: Option<&str>, until: Option<&str>| {
        let mut world = broken();
        world.ignores.push(Ignore {
            url: url.and_then(glob),
            entry: entry.and_then(glob),
            rule: rule.map(str::to_owned),
            reason: "because".to_owned(),
            until: until.map(day),
        });
        only(world.findings()).state
    };
    let (muted, open) = (FindingState::Muted, FindingState::Open);
    assert_eq!(ignore(Some("https://docs.example.org/**"), None, Some("link/broken"), None), muted);
    assert_eq!(ignore(Some("https://docs.example.org/**"), None, Some("link/blocked"), None), open);
    assert_eq!(ignore(None, Some("*.md"), None, None), muted);
    assert_eq!(ignore(None, Some("*.html"), None, None), open);
    assert_eq!(ignore(None, None, None, None), open);
    assert_eq!(ignore(None, Some("*.md"), None, Some("2026-11-23")), muted);
    assert_eq!(ignore(None, Some("*.md"), None, Some("2026-11-22")), open);
}

#[test]
fn messages_carry_no_control_characters() {
    let mut world = World::new("[a](x\u{1b}[31m\u{202e}y.md)");
    world.references[0].file = Some(FileState::Missing);
    let finding = only(world.findings());
    assert!(!finding.message.contains(['\u{1b}', '\u{202e}']), "{:?}", finding.message);
    let line = finding.evidence.source_line.unwrap();
    assert_eq!(line.chars().count(), world.text.chars().count());
    assert!(!line.contains(['\u{1b}', '\u{202e}']));
}
