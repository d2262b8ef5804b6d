//! Each threshold from both sides, and the sites that look gone and are not.

use proptest::prelude::*;

use super::super::testing::facts;
use super::super::{HopClass, Verdict, hop_classes, judge};
use super::*;
use crate::config::HostTable;

/// A page that answered 200 at the end of these hops.
fn page(hops: &[(&str, u16)], title: &str, content: &str, words: u32) -> Facts {
    let mut facts = facts(hops, Outcome::Answered);
    facts.page = Some(PageFacts {
        title: Some(title.to_owned()),
        content: Some(content.to_owned()),
        words,
        ..PageFacts::default()
    });
    facts
}

fn plain(url: &str) -> Facts {
    page(&[(url, 200)], "Acme", "everything", 40)
}

fn signed(mut facts: Facts, signs: &[Sign]) -> Facts {
    facts.page.as_mut().unwrap().signs = signs.to_vec();
    facts
}

fn said(facts: &Facts, company: &Company) -> (Verdict, Option<String>) {
    let judgement = judge(facts, company, &HostTable::shipped(), &[]);
    (judgement.verdict, judgement.reason)
}

fn suspect(reason: &str) -> (Verdict, Option<String>) {
    (Verdict::Suspect, Some(reason.to_owned()))
}

const OK: (Verdict, Option<String>) = (Verdict::Ok, None);

fn urls(urls: &[&str]) -> Vec<String> {
    urls.iter().map(|url| (*url).to_owned()).collect()
}

fn beside_nonsense(sibling: Facts) -> Company {
    Company { siblings: vec![sibling], ..Company::default() }
}

fn sibling_of(url: &str) -> String {
    sibling(&Url::parse(url).unwrap()).unwrap().to_string()
}

#[test]
fn a_sibling_stands_beside_and_is_the_same_each_time() {
    for (url, beside) in [
        ("https://a.org/docs/setup?x=1#y", "https://a.org/docs/"),
        ("https://a.org/docs/setup/", "https://a.org/docs/"),
        ("https://a.org/setup", "https://a.org/"),
    ] {
        let found = sibling_of(url);
        assert!(found.starts_with(&format!("{beside}{SIBLING}")), "{found}");
        assert!(!found.contains(['?', '#']) && found == sibling_of(url));
    }
    for url in ["https://a.org/", "https://a.org/en-us/", "https://a.org/index.html", "mailto:a@b.org"] {
        assert_eq!(sibling(&Url::parse(url).unwrap()), None, "{url}");
    }
}

#[test]
fn a_page_that_its_host_gives_for_nonsense_is_suspect() {
    let url = "https://a.org/docs/printer-setup";
    let nonsense = |content: &str, status| page(&[(&sibling_of(url), status)], "Acme", content, 40);
    let table = [
        (plain(url), nonsense("everything", 200), suspect("soft-404")),
        (plain(url), nonsense("something else", 200), OK),
        (plain(url), nonsense("everything", 404), OK),
        // The page names what the URL is about, though nonsense gets it, too: it may be where strangers are sent.
        (page(&[(url, 200)], "Printer help", "everything", 40), nonsense("everything", 200), OK),
        (
            page(&[("https://a.org/kb/123", 200)], "KB123: paper", "everything", 40),
            nonsense("everything", 200),
            OK,
        ),
        (
            page(&[("https://a.org/kb/123", 200)], "KB1234", "everything", 40),
            nonsense("everything", 200),
            suspect("soft-404"),
        ),
        (plain("https://a.org/en-us/"), nonsense("everything", 200), OK),
        // Too little text, by what else there is on the page.
        (page(&[(url, 200)], "Acme", "everything", 4), nonsense("everything", 200), OK),
        (page(&[(url, 200)], "Acme", "everything", 5), nonsense("everything", 200), suspect("soft-404")),
    ];
    for (facts, sibling, want) in table {
        assert_eq!(said(&facts, &beside_nonsense(sibling)), want, "{facts:?}");
    }
    let all = beside_nonsense(nonsense("everything", 200));
    let headed = |words| {
        let mut facts = page(&[(url, 200)], "Acme", "everything", words);
        facts.page.as_mut().unwrap().heading = Some("Welcome".to_owned());
        facts
    };
    let with = |words, signs: &[Sign]| said(&signed(headed(words), signs), &all);
    assert_eq!(with(19, &[Sign::Script]), OK);
    assert_eq!(with(20, &[Sign::Script]), suspect("soft-404"));
    assert_eq!(with(99, &[Sign::Script, Sign::Shell]), OK);
    assert_eq!(with(100, &[Sign::Script, Sign::Shell]), suspect("soft-404"));
    // A heading comes with what a script adds.
    let bare = |words| said(&signed(page(&[(url, 200)], "Acme", "everything", words), &[Sign::Script]), &all);
    assert_eq!((bare(99), bare(100)), (OK, suspect("soft-404")));
    assert_eq!(with(40, &[Sign::Locales]), OK);
    assert_eq!(with(40, &[Sign::Password]), (Verdict::Blocked, Some("sign-in".to_owned())));
}

#[test]
fn a_host_that_sends_nonsense_where_it_sends_the_link() {
    let (url, end) = ("https://a.org/docs/printer-setup", "https://a.org/shop/");
    let sent = |title: &str| page(&[(url, 302), (end, 200)], title, "shop", 40);
    let nonsense = |end: &str| page(&[(&sibling_of(url), 302), (end, 200)], "Shop", "shop", 40);
    let redirected = (Verdict::Redirected, None);
    assert_eq!(said(&sent("Shop"), &beside_nonsense(nonsense(end))), suspect("sink"));
    assert_eq!(said(&sent("Shop"), &beside_nonsense(nonsense("https://a.org/other"))), redirected);
    assert_eq!(said(&sent("Printers in the shop"), &beside_nonsense(nonsense(end))), redirected);
    assert_eq!(said(&signed(sent("Shop"), &[Sign::Locales]), &beside_nonsense(nonsense(end))), redirected);
    // The start page by another name.
    let home = "https://a.org/us/en/index.jsp";
    let mut other = nonsense(end);
    other.visit.hops[0].url = sibling_of("https://a.org/us/en/x");
    let by_name = page(&[(home, 302), (end, 200)], "Shop", "shop", 40);
    assert_eq!(said(&by_name, &beside_nonsense(other)), redirected);
    assert_eq!(wants_a_sibling(&by_name), None);
    // The link names where nonsense is sent.
    let itself = page(&[(end, 200)], "Sales", "shop", 40);
    assert_eq!(said(&itself, &beside_nonsense(nonsense(end))), OK);
}

#[test]
fn three_unrelated_targets_that_read_the_same() {
    let this = plain("https://a.org/docs/printer-setup");
    let table: &[(&[&str], bool)] = &[
        (&[], false),
        (&["https://a.org/docs/billing"], false),
        (&["https://a.org/docs/billing", "https://a.org/docs/network"], true),
        (&["https://a.org/docs/billing", "https://a.org/docs/billing/"], false),
        (&["https://a.org/docs/billing", "https://a.org/en-us/docs/Billing"], false),
        (&["https://a.org/docs/billing", "https://a.org/docs/billing-address"], false),
        // Sections of one page that are named alike.
        (&["https://a.org/docs/printer-paper", "https://a.org/docs/printers", "https://a.org/setup"], false),
        // Numbers tell nothing of what pages are about.
        (&["https://a.org/kb/1", "https://a.org/kb/2", "https://a.org/kb/3"], false),
        (&["https://a.org/docs/billing", "https://a.org/"], false),
        (&["https://a.org/docs/billing", "no URL", "https://a.org/docs/printer-setup?lang=de"], false),
    ];
    for (others, gone) in table {
        let company = Company { same_text: urls(others), ..Company::default() };
        assert_eq!(said(&this, &company) == suspect("soft-404"), *gone, "{others:?}");
    }
    let enough = Company {
        same_text: urls(&["https://a.org/docs/billing", "https://a.org/docs/network"]),
        ..Company::default()
    };
    let mut copy = this.clone();
    for (canonical, gone) in
        [("/docs/all-sections", false), ("https://a.org/docs/printer-setup", true), ("https://a.org/", true)]
    {
        copy.page.as_mut().unwrap().canonical = Some(canonical.to_owned());
        assert_eq!(said(&copy, &enough) == suspect("soft-404"), gone, "{canonical}");
    }
    assert_eq!(said(&signed(this, &[Sign::Script, Sign::Shell]), &enough), OK);
}

#[test]
fn five_that_are_sent_for_good_to_a_page_that_none_names() {
    let first = "https://a.org/docs/printer-setup";
    let sources = |n: usize| {
        let others = ["billing", "network", "scanner", "security", "backup"]
            .map(|s| format!("https://a.org/docs/{s}"));
        Company { same_end: others[..n].to_vec(), ..Company::default() }
    };
    let sent = |end: &str, title: &str| page(&[(first, 301), (end, 200)], title, "x", 40);
    let class = |facts: &Facts, company: &Company| hop_classes(facts, company, &HostTable::shipped());
    let hub = sent("https://a.org/support/", "Support");
    assert_eq!(said(&hub, &sources(3)), (Verdict::Redirected, None));
    assert_eq!(class(&hub, &sources(3)), [HopClass::Moved]);
    assert_eq!(said(&hub, &sources(4)), suspect("sink"));
    assert_eq!(class(&hub, &sources(4)), [HopClass::HubSink]);
    // Pages that were merged: one of them, or the page, names what the others came to.
    for named in [
        sent("https://a.org/docs/printers", "All"),
        sent("https://a.org/docs/all", "Scanners and more"),
        sent("https://a.org/billing", "All"),
    ] {
        assert_eq!(said(&named, &sources(5)).0, Verdict::Redirected, "{named:?}");
    }
    // Without a page (an image, a file) the URLs alone tell.
    let mut bare = hub.clone();
    bare.page = None;
    assert_eq!(said(&bare, &sources(4)), suspect("sink"));
}

/// Five short links to one page that is right.
#[test]
fn short_links_and_numbers_may_lead_to_one_page() {
    for (first, others) in [
        (
            "https://go.acme.net/dl",
            [
                "https://go.acme.net/get",
                "https://go.acme.net/app",
                "https://go.acme.net/win",
                "https://go.acme.net/mac",
            ],
        ),
        (
            "https://acme.net/go/download",
            [
                "https://acme.net/go/latest",
                "https://acme.net/go/start",
                "https://acme.net/go/windows",
                "https://acme.net/go/desktop",
            ],
        ),
        (
            "https://acme.net/kb/1001",
            [
                "https://acme.net/kb/1002",
                "https://acme.net/kb/1003",
                "https://acme.net/kb/1004",
                "https://acme.net/kb/1005",
            ],
        ),
        (
            "https://acme.net/release",
            [
                "https://acme.net/update",
                "https://acme.net/client",
                "https://acme.net/agent",
                "https://acme.net/driver",
            ],
        ),
    ] {
        let company = Company { same_end: urls(&others), ..Company::default() };
        let facts = page(&[(first, 301), ("https://acme.net/products/suite", 200)], "Acme Suite", "x", 40);
        assert_eq!(said(&facts, &company), (Verdict::Redirected, None), "{first}");
    }
}

#[test]
fn what_is_only_for_now_or_spelling_ties_nothing() {
    let end = |hops: &[(&str, u16)]| ties(&page(hops, "Acme", "x", 40)).end;
    let (a, b) = ("https://a.org/docs/x", "https://a.org/support");
    assert!(end(&[(a, 301), (b, 200)]).is_some());
    assert_eq!(end(&[(a, 301), (b, 200)]), end(&[("https://a.org/other", 308), (b, 200)]));
    assert_ne!(end(&[(a, 301), (b, 200)]), end(&[("https://b.org/other", 301), (b, 200)]));
    assert_eq!(end(&[(a, 302), (b, 200)]), None);
    assert_eq!(end(&[(a, 301), (b, 302), ("https://a.org/z", 200)]), None);
    assert_eq!(end(&[(a, 301), ("https://www.a.org/docs/x/", 200)]), None);
    assert_eq!(end(&[(a, 200)]), None);
}

#[test]
fn only_what_could_be_the_page_of_everything_is_asked_about() {
    let asks = |facts: &Facts| wants_a_sibling(facts).map(String::from);
    let url = "https://a.org/docs/printer-setup";
    assert_eq!(asks(&plain(url)).as_deref(), Some(url));
    assert_eq!(asks(&page(&[(url, 200)], "Setup of printers", "x", 40)), None);
    assert_eq!(asks(&plain("https://a.org/")), None);
    assert_eq!(asks(&page(&[(url, 404)], "Acme", "x", 40)), None);
    let sent = |to: &str| page(&[(url, 302), (to, 200)], "Shop", "x", 40);
    assert_eq!(asks(&sent("https://a.org/sales")).as_deref(), Some(url));
    assert_eq!(asks(&sent("https://b.org/sales")), None);
    // What is in the host's name is no name of the page.
    assert!(asks(&page(&[("https://printer.org/docs/printer", 200)], "Printer Inc.", "x", 40)).is_some());
}

#[test]
fn honest_hosts() {
    for (hops, honest) in [
        (&[("https://a.org/x", 404)][..], true),
        (&[("https://a.org/x", 410)], true),
        (&[("https://a.org/x", 200)], false),
        (&[("https://a.org/x", 302), ("https://a.org/y", 404)], false),
    ] {
        assert_eq!(is_honest(&facts(hops, Outcome::Answered).visit), honest, "{hops:?}");
    }
}

proptest! {
    /// Whatever others are: nothing that works is broken, and a company of nobody changes nothing.
    #[test]
    fn company_makes_nothing_broken(
        path in "[a-z/-]{0,20}", end in "[a-z/-]{0,20}", others in prop::collection::vec("https://a\\.org/[a-z/-]{0,20}", 0..8), words in 0u32..200,
    ) {
        let (first, last) = (format!("https://a.org/{path}"), format!("https://a.org/{end}"));
        let facts = page(&[(&first, 301), (&last, 200)], "Acme", "x", words);
        let company = Company { same_text: others.clone(), same_end: others, ..Company::default() };
        prop_assert_ne!(said(&facts, &company).0, Verdict::Broken);
        let alone = said(&facts, &Company::default());
        prop_assert!(!company.same_text.is_empty() || said(&facts, &company) == alone);
    }
}
