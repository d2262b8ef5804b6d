//! What counts as which change, on small pages written for these tests.

use bytes::Bytes;
use proptest::prelude::*;
use url::Url;

use super::*;
use crate::page::{self, Page};
use crate::visit::facts::Body;

mod facts;
mod noise;
mod withdrawn;

fn html(content: &str) -> Page {
    titled("Guide | Site", content)
}

fn titled(title: &str, content: &str) -> Page {
    let text = format!("<html><head><title>{title}</title></head><body><main>{content}</main></body></html>");
    let body = Body { bytes: Bytes::from(text), content_type: Some("text/html; charset=utf-8".to_owned()) };
    page::read(&body, &Url::parse("https://docs.example.org/guide").unwrap())
}

/// A page long enough that one edit is a small part of it; `edit` replaces one text by another in it.
fn guide(edit: (&str, &str)) -> Page {
    let filler = "<p>Every organization keeps files in one place so that people find them again when they need them later.</p>";
    let text = format!(
        r##"<h1 id="share">Share files with Northwind Drive</h1><p>You can share files with people outside of your organization. Sharing is turned off by default and an administrator must allow it.</p>{filler}
        <div class="note"><p>A link expires after 30 days, and a file can be at most 250 GB large.</p></div>
        <h2 id="steps">Turn sharing on</h2><ol><li>Sign in to the <strong>Northwind admin center</strong> as an administrator.</li><li>Select <strong>Settings</strong>, and then select <strong>External sharing</strong>.</li><li>Choose who may share, and then select <strong>Save</strong>.</li></ol>
        <h2 id="shell">Use the shell</h2><p>Connect first, and then run the Set-DriveSharing command for each of the sites.</p><pre>Set-DriveSharing -Site https://example.org -Enabled $true</pre>
        <table><tr><th>Plan</th><th>Links</th></tr><tr><td>Basic</td><td>100</td></tr><tr><td>Premium</td><td>500</td></tr></table>
        <h2 id="more">More information</h2><p>Northwind Drive keeps a log of each link that somebody has made. See <a href="/log">the log</a> for more. <img src="a.png" alt="The log page"></p><p>{}</p>"##,
        "People who get a link can open the file without an account, unless the file is protected. "
            .repeat(2)
    );
    assert!(text.contains(edit.0), "{}", edit.0);
    html(&text.replace(edit.0, edit.1))
}

fn between(edit: (&str, &str)) -> Drift {
    compare(&guide(("", "")), &guide(edit))
}

#[test]
fn classes() {
    use Change::{Cosmetic, Minor, None, Substantive};
    let section = "<h2 id='new'>Stop sharing</h2><p>To stop sharing a file, select the file, open its links and remove each one of them. People lose access at once.</p><ol><li>Open the file.</li><li>Select Remove.</li></ol><h2 id=\"more\">";
    let table: &[(&str, &str, Change)] = &[
        // Markup, white space, link targets, typography, identities of elements.
        ("<strong>Save</strong>", "<b>Save</b>", None),
        ("for each of the sites", "for each\n   of the sites", None),
        ("href=\"/log\"", "href=\"/en/log?x=1\"", None),
        ("People who get", "People  who\u{a0}get", None),
        ("at most 250 GB", "at\u{200b} most 250\u{a0}GB", None),
        ("<ol><li>Sign in", "<ol class=x data-y=1><li><p>Sign in", None),
        ("<p>You can share", "<br><hr><p>You can share", None),
        // Wording, typos, alternative texts.
        ("so that people find them again", "so people can find them again", Cosmetic),
        ("alt=\"The log page\"", "alt=\"Picture of the log page\"", Cosmetic),
        ("somebody has made", "somebody made", Cosmetic),
        ("outside of your organization", "outside your organisation", Cosmetic),
        ("250 GB large.", "250 GB large", Cosmetic),
        // A name, a label, a single fact.
        ("Select <strong>Settings</strong>", "Select <strong>Policies</strong>", Minor),
        ("30 days", "90 days", Minor),
        ("<td>500</td>", "<td>800</td>", Minor),
        ("is turned off by default", "is not turned off by default", Minor),
        ("an administrator must allow it", "an administrator allows it", Minor),
        ("Set-DriveSharing -Site", "Set-DriveShare -Site", Minor),
        ("Northwind Drive keeps", "Contoso Vault keeps", Minor),
        (
            "large.</p></div>",
            "large.</p></div><div class=\"note\"><p>Guests need a license of their own.</p></div>",
            Minor,
        ),
        ("<tr><td>Premium</td><td>500</td></tr>", "", Minor),
        ("<li>Choose who may share, and then select <strong>Save</strong>.</li>", "", Minor),
        // Steps, requirements, sections.
        ("<h2 id=\"more\">", section, Substantive),
        (
            "<li>Sign in to",
            "<li>Ask for the role of a drive operator.</li><li>Wait for the mail with the code.</li><li>Install the add-in on your computer.</li><li>Sign in to",
            Substantive,
        ),
    ];
    for (from, to, expected) in table {
        let drift = between((from, to));
        assert_eq!(drift.change, *expected, "{from} → {to}: {:#?}", drift.blocks);
        assert_eq!(drift.blocks.is_empty(), *expected == None, "{from} → {to}");
        // And back.
        assert_eq!(compare(&guide((from, to)), &guide(("", ""))).change, *expected, "{to} → {from}");
    }
}

#[test]
fn a_rewritten_page_is_substantive_and_another_page_is_replaced() {
    let rewritten = compare(
        &html(
            "<h1>Reset a password</h1><p>Ask the help desk to reset your password. They call you back on the number on file.</p><p>Have your badge at hand.</p><p>It takes a day.</p>",
        ),
        &html(
            "<h1>Reset your password</h1><p>Go to the sign-in page, choose the link below the box, and prove who you are with two of the methods that you set up.</p><p>Have your badge at hand.</p>",
        ),
    );
    assert_eq!(rewritten.change, Change::Substantive);
    assert_eq!(rewritten.title, Some(("Reset a password".to_owned(), "Reset your password".to_owned())));
    let other = compare(
        &html(
            "<h1>Reset a password</h1><p>Ask the help desk to reset it for you.</p><p>Have a badge at hand.</p>",
        ),
        &html("<h1>Welcome</h1><p>Explore products, training, events.</p><p>Popular downloads this week</p>"),
    );
    assert_eq!(other.change, Change::Replaced);
}

#[test]
fn the_same_page_elsewhere_has_moved() {
    let (page, other) = (guide(("", "")), guide(("30 days", "90 days")));
    assert_eq!(
        compare_moved(&page, "https://a.example/x", &page, "https://b.example/x").change,
        Change::Moved
    );
    assert_eq!(
        compare_moved(&page, "https://a.example/x", &page, "https://a.example/x").change,
        Change::None
    );
    assert_eq!(
        compare_moved(&page, "https://a.example/x", &other, "https://b.example/x").change,
        Change::Minor
    );
}

#[test]
fn an_identity_tells_a_move_from_a_replacement() {
    let with_id = |mut page: Page, id: &str| {
        page.metadata.ids.push(("document_id".to_owned(), id.to_owned()));
        page
    };
    let (page, other) = (guide(("", "")), guide(("30 days", "90 days")));
    let (here, there) = ("https://a.example/x", "https://a.example/y");
    let moved = compare_moved(&with_id(page.clone(), "1"), here, &with_id(other, "1"), there);
    assert_eq!(moved.change, Change::Moved);
    let rewritten = html(
        "<h1 id=\"share\">Share files with Northwind Drive</h1><p>Ask the owner of the file for a copy on paper; nothing is shared over the network any more, and no link is made.</p><p>It comes by mail within a week.</p>",
    );
    let replaced = |id: &str| compare(&with_id(page.clone(), "1"), &with_id(rewritten.clone(), id)).change;
    assert_eq!((replaced("2"), replaced("1")), (Change::Replaced, Change::Substantive));
    // A new id under the same text is no other page.
    assert_eq!(compare(&with_id(page.clone(), "1"), &with_id(page.clone(), "2")).change, Change::None);
}

#[test]
fn names_of_today_leave_what_else_changed() {
    let table = crate::config::TermTable::shipped();
    let page = |text: &str| {
        html(&format!(
            "<h1 id=a>Manage roles in {text}</h1><p>Sign in to {text}. A role in {text} lasts 30 days.</p><p>More text that stays as it is.</p>"
        ))
    };
    let (old, new) = (page("Azure AD"), page("Microsoft Entra ID"));
    assert_ne!(compare(&old, &new).change, Change::None);
    let renamed = with_names_of_today(&old, &new, &table).unwrap();
    assert_eq!(compare(&renamed, &new).change, Change::None);
    let mut changed = new.clone();
    changed.blocks[1].text = changed.blocks[1].text.replace("30 days", "90 days");
    assert_eq!(compare(&renamed, &changed).change, Change::Minor);
    assert_eq!(with_names_of_today(&new, &old, &table), None);
}

#[test]
fn sections_are_those_whose_own_text_changed() {
    assert_eq!(between(("30 days", "60 days")).sections_changed, ["share"]);
    assert_eq!(between(("Choose who", "Pick who")).sections_changed, ["steps"]);
    assert_eq!(
        between(("<h2 id=\"shell\">Use the shell", "<h2 id=\"console\">Use the console")).sections_changed,
        ["console", "shell"]
    );
    // The id alone is no change.
    assert!(between(("<h2 id=\"shell\">", "<h2 id=\"s-4\">")).sections_changed.is_empty());
    let lead = compare(
        &html("<p>Lead one.</p><h1 id=h>Head</h1><p>Text</p>"),
        &html("<p>Lead two.</p><h1 id=h>Head</h1><p>Text</p>"),
    );
    assert_eq!(lead.sections_changed, ["h"]);
}

fn removed(drift: &Drift) -> Vec<(&str, Option<&str>)> {
    drift
        .terms_removed
        .iter()
        .map(|removed| (removed.term.as_str(), removed.replacement.as_deref()))
        .collect()
}

#[test]
fn terms_that_left_with_what_replaced_them() {
    assert_eq!(
        removed(&between(("<strong>Settings</strong>", "<strong>Policies</strong>"))),
        [("Settings", Some("Policies"))]
    );
    assert_eq!(removed(&between(("30 days", "90 days"))), [("30 days", Some("90 days"))]);
    assert_eq!(removed(&between(("<pre>Set-DriveSharing", "<pre>Set-DriveShare"))), []);
    let rename = compare(
        &html(
            "<h1>Roles</h1><p>Sign in to Azure Active Directory with your account. You can use Azure Active Directory roles.</p><p>It works in Azure.</p>",
        ),
        &html(
            "<h1>Roles</h1><p>Sign in to Microsoft Entra ID with your account. You can use Microsoft Entra ID roles.</p><p>It works in Azure.</p>",
        ),
    );
    assert_eq!(removed(&rename), [("Azure Active Directory", Some("Microsoft Entra ID"))]);
    assert_eq!(rename.terms_added, ["Microsoft Entra ID"]);
    // Still used elsewhere: it did not leave.
    let partly = compare(
        &html("<p>Open Fabrikam Portal now.</p><p>Fabrikam Portal is new.</p>"),
        &html("<p>Open Contoso Portal now.</p><p>Fabrikam Portal is new.</p>"),
    );
    assert_eq!(removed(&partly), []);
    assert_eq!(partly.terms_added, ["Contoso Portal"]);
    // Names in another script than the text.
    let japanese = compare(
        &html("<p>Azure AD ポータルで「ユーザー」を選択します。</p><p>保存します。</p>"),
        &html("<p>Microsoft Entra ポータルで「グループ」を選択します。</p><p>保存します。</p>"),
    );
    assert_eq!(removed(&japanese), [("Azure AD", Some("Microsoft Entra")), ("ユーザー", Some("グループ"))]);
}

#[test]
fn moves_and_recuts_are_seen() {
    let old = html(
        "<h2 id=a>A</h2><p>First paragraph of some length.</p><p>Second one, also long enough.</p><p>Third of them, to stay.</p><h2 id=b>B</h2><p>Fourth, at the end of it all.</p>",
    );
    let moved = compare(
        &old,
        &html(
            "<h2 id=a>A</h2><p>Second one, also long enough.</p><p>Third of them, to stay.</p><h2 id=b>B</h2><p>Fourth, at the end of it all.</p><p>First paragraph of some length.</p>",
        ),
    );
    assert_eq!(moved.blocks.iter().map(|block| block.op).collect::<Vec<_>>(), [BlockOp::Moved]);
    assert_eq!(moved.sections_changed, ["a", "b"]);
    let recut = compare(
        &old,
        &html(
            "<h2 id=a>A</h2><p>First paragraph of some length. Second one, also long enough.</p><p>Third of them, to stay.</p><h2 id=b>B</h2><p>Fourth, at the end of it all.</p>",
        ),
    );
    assert_eq!(recut.change, Change::None, "{:?}", recut.blocks);
}

#[test]
fn one_change_on_many_pages_is_one_change() {
    let banner = "<p>The service moves to another building in May.</p>";
    let one = compare(
        &html("<h1>One</h1><p>Text one.</p>"),
        &html(&format!("<h1>One</h1>{banner}<p>Text one.</p>")),
    );
    let two = compare(
        &html("<h1>Two</h1><p>Other text.</p><p>More.</p>"),
        &html(&format!("<h1>Two</h1>{banner}<p>Other text.</p><p>More.</p>")),
    );
    let three = compare(&html("<h1>Two</h1><p>Other text.</p>"), &html("<h1>Two</h1><p>Another text.</p>"));
    assert_eq!(one.hash, two.hash);
    assert_ne!(one.hash, three.hash);
}

#[test]
fn titles() {
    let titled = |title: &str| {
        let text = format!(
            "<html><head><title>{title}</title></head><body><main><h1>Head of it</h1><p>Text that stays.</p></main></body></html>"
        );
        page::read(
            &Body { bytes: Bytes::from(text), content_type: None },
            &Url::parse("https://x.org/").unwrap(),
        )
    };
    assert_eq!(
        compare(&titled("Head of it | Old Docs"), &titled("Head of it | New Learn")).change,
        Change::None
    );
    assert_eq!(compare(&titled("Head of it"), &titled("(3) Head of it")).change, Change::None);
    let renamed = compare(&titled("Head of it | Docs"), &titled("Top of that | Docs"));
    assert_eq!((renamed.change, renamed.title.is_some()), (Change::Cosmetic, true));
}

#[test]
fn large_pages_are_compared_in_bounds() {
    let many = |step: usize| {
        html(&(0..20_000).map(|n| format!("<p>w{} x</p>", n * step % 7919)).collect::<String>())
    };
    let (one, two) = (many(1), many(3));
    assert!(compare(&one, &two).blocks.len() <= 40_000);
    let long = |word: &str| html(&format!("<p>{}</p>", word.repeat(20_000)));
    assert_ne!(compare(&long("a b "), &long("b a c ")).change, Change::None);
}

/// Pages that are made to be hard to compare: each pair must come to an end, and be told as a change.
#[test]
fn hostile_pages_are_compared_in_bounds() {
    let paragraphs = |count: usize, text: &dyn Fn(usize) -> String| {
        html(&(0..count).map(|at| format!("<p>{}</p>", text(at))).collect::<String>())
    };
    let shuffled = |seed: usize, words: usize| {
        (0..words).map(|at| format!("w{} ", (at * 7 + seed * 13) % 97)).collect::<String>()
    };
    let pairs: Vec<(&str, Page, Page)> = vec![
        (
            "all alike",
            paragraphs(10_000, &|_| "same text".into()),
            paragraphs(10_001, &|_| "same text".into()),
        ),
        (
            "two in turn",
            paragraphs(9000, &|at| format!("t{}", at % 2)),
            paragraphs(9001, &|at| format!("t{}", at / 2 % 2)),
        ),
        (
            "all different",
            paragraphs(10_000, &|at| format!("old text {at}")),
            paragraphs(10_000, &|at| format!("new word {at}")),
        ),
        (
            "one of 4 MB",
            paragraphs(1, &|_| "x y ".repeat(1 << 20)),
            paragraphs(1, &|_| "y x z ".repeat(700_000)),
        ),
        (
            "long ones with the same words",
            paragraphs(300, &|at| shuffled(at, 400)),
            paragraphs(300, &|at| shuffled(at + 5, 400)),
        ),
        (
            "a name in each that is nowhere else",
            paragraphs(2000, &|at| {
                format!("Open Contoso Tool{at} Portal and wait for Fabrikam Service{at} to start.")
            }),
            paragraphs(2000, &|at| {
                format!("Open Northwind App{at} Center and wait for Litware Agent{at} to start.")
            }),
        ),
        (
            "labels",
            paragraphs(1000, &|at| {
                format!("Select <b>Old {at}</b> or <b>Label {at}</b> or <code>Get-Thing{at}</code>.")
            }),
            paragraphs(1000, &|at| {
                format!("Select <b>New {at}</b> or <b>Mark {at}</b> or <code>Set-Thing{at}</code>.")
            }),
        ),
    ];
    for (name, old, new) in &pairs {
        let drift = compare(old, new);
        assert_ne!(drift.change, Change::None, "{name}");
        assert!(drift.blocks.len() <= old.blocks.len() + new.blocks.len(), "{name}");
        assert!(drift.terms_removed.len() <= 200 && drift.terms_added.len() <= 200, "{name}");
    }
}

fn content() -> impl Strategy<Value = String> {
    proptest::collection::vec(
        prop_oneof![
            "[a-cA-C0-9 .,]{1,30}".prop_map(|text| format!("<p>{text}</p>")),
            "[a-c ]{1,9}".prop_map(|text| format!("<h2>{text}</h2>")),
            "[a-cA-C ]{1,12}".prop_map(|text| format!("<ol><li>{text} <b>B{text}</b></li></ol>")),
            "[a-c-]{1,8}".prop_map(|text| format!("<pre>{text}</pre>")),
        ],
        0..12,
    )
    .prop_map(|parts| parts.concat())
}

/// Two long pages that have nothing in common but their shape: blocks of numbers, of names, of words from a small stock.
#[test]
fn hostile_pages_are_compared_within_bounds() {
    let page = |word: &dyn Fn(usize) -> String, words: usize| {
        let paragraph = |from: usize| (from..from + words).map(word).collect::<Vec<_>>().join(" ");
        let text: String = (0..16).map(|at| format!("<p>{}</p>", paragraph(at * words))).collect();
        html(&text)
    };
    let numbers = |offset: usize| page(&move |at| format!("{}", 1_000_000 + offset + at), 6_000);
    let drift = compare(&numbers(0), &numbers(500_000));
    assert_eq!(drift.change, Change::Substantive);
    let names = |offset: usize| page(&move |at| format!("Aa{} bb", offset + at), 3_000);
    let drift = compare(&names(0), &names(500_000));
    assert!(drift.terms_removed.len() <= 200 && drift.terms_added.len() <= 200);
    let stock = |step: usize| page(&move |at| format!("w{}", (at * at / step) % 7), 1_000);
    assert_ne!(compare(&stock(3), &stock(5)).change, Change::None);
}

proptest! {
    #[test]
    fn a_page_does_not_differ_from_itself(text in content()) {
        let page = html(&text);
        let drift = compare(&page, &page);
        prop_assert_eq!(drift.change, Change::None);
        prop_assert!(drift.blocks.is_empty() && drift.sections_changed.is_empty() && drift.terms_removed.is_empty() && drift.terms_added.is_empty());
    }

    #[test]
    fn comparisons_are_stable_and_complete(old in content(), new in content()) {
        let (old, new) = (html(&old), html(&new));
        let drift = compare(&old, &new);
        prop_assert_eq!(&drift, &compare(&old, &new));
        prop_assert!((0.0..=1.0).contains(&drift.fraction));
        prop_assert_eq!(drift.blocks.is_empty(), drift.change == Change::None);
        // Every block of the new page was kept, or is told of.
        let told = drift.blocks.iter().filter(|block| block.new.is_some()).count();
        prop_assert!(told <= new.blocks.len());
        if drift.change == Change::None {
            let bare = |page: &Page| page.text().chars().filter(|c| c.is_alphanumeric()).collect::<String>();
            prop_assert_eq!(bare(&old), bare(&new));
        }
    }
}

/// A term and what stands in its place are cut at the same words: put in for one another they make a sentence.
#[test]
fn a_term_and_its_replacement_are_cut_alike() {
    let page = |text: &str| {
        html(&format!("<h1>Tools</h1><p>The desk is where members keep what they write.</p>{text}"))
    };
    for (old, new, term, replacement) in [
        (
            "<p>Use Azure Data Studio. In Azure Data Studio, write.</p>",
            "<p>Use Visual Studio Code. In Visual Studio Code, write.</p>",
            "Azure Data Studio",
            "Visual Studio Code",
        ),
        (
            "<p>All is kept in Desk Vault.</p><p>Desk Vault is safe, and Desk Vault is fast.</p>",
            "<p>All is kept in Desk Lockbox.</p><p>Desk Lockbox is safe, and Desk Lockbox is fast.</p>",
            "Desk Vault",
            "Desk Lockbox",
        ),
        (
            "<p>All is kept in Desk Vault now.</p>",
            "<p>All is kept in Desk Lockbox now.</p>",
            "Desk Vault",
            "Desk Lockbox",
        ),
    ] {
        let drift = compare(&page(old), &page(new));
        let told: Vec<_> = drift
            .terms_removed
            .iter()
            .map(|gone| (gone.term.as_str(), gone.replacement.as_deref()))
            .collect();
        assert_eq!(told, [(term, Some(replacement))], "{old}");
        assert_eq!(drift.terms_added, [replacement], "{new}");
    }
}

#[test]
fn a_chapter_is_kept_where_all_under_its_heading_is() {
    let page = |steps: &str| {
        html(&format!(
            "<h1>Launch</h1><p>What it is.</p><h2 id=conf>Configure</h2><p>Some words.</p><h3 id=web>On the web</h3><p>{steps}</p><h2 id=later>Later</h2><p>Nothing more.</p>"
        ))
    };
    let drift = compare(&page("Choose a size and wait for it."), &page("Verify your domain with a record."));
    assert_eq!(drift.sections_changed, ["web"]);
    assert_eq!(drift.sections_kept, ["later"]);
}

/// A version beside the page's name is no other name of the page.
#[test]
fn a_title_counts_where_it_names_the_page() {
    let page = |title: &str, heading: &str| {
        titled(title, &format!("<h1>{heading}</h1><p>What members write is kept.</p>"))
    };
    for (before, after, heading, expected) in [
        ("Sso (Desk 21.0.1 API)", "Sso (Desk 21.0.2 API)", "Class Sso", false),
        ("Desk 3.1: Set up", "Desk 3.2: Set up", "Set up", false),
        ("Set up", "Set up a desk", "Set up a desk", true),
        ("Help with mail", "Help with letters", "Welcome", true),
    ] {
        let drift = compare(&page(before, heading), &page(after, heading));
        assert_eq!(drift.title.is_some(), expected, "{before} → {after}");
    }
}
