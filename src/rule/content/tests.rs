//! What the rules on upstream content say, and where they are silent.

use crate::config::Severity;
use crate::drift::Change;
use crate::finding::Finding;
use crate::reference::{FrontMatterValue, Silence};
use crate::rule::fixture::{World, day, drift};
use crate::rule::{EntryStatus, entry_status};

const LINK: &str = "[the page](https://docs.example.org/p)";

fn only(findings: Vec<Finding>) -> Finding {
    assert_eq!(findings.len(), 1, "{findings:#?}");
    findings.into_iter().next().unwrap()
}

/// What is said of an entry where upstream dropped `term`.
fn outdated(entry: &str, term: &str, replacement: Option<&str>, upstream: &str) -> Vec<Finding> {
    World::new(&format!("{entry}\n\n{LINK}\n"))
        .drifted(drift(Change::Minor, &[], &[(term, replacement)], upstream))
        .of("content/term-outdated")
}

#[test]
fn a_term_that_upstream_dropped() {
    let entry = "# Parola\n\nÎn portalul **Azure Active Directory** deschideți azure active directory-ul.";
    let found = outdated(entry, "Azure Active Directory", Some("Microsoft Entra ID"), "Microsoft Entra ID");
    let finding = only(found);
    assert_eq!((finding.severity, finding.line, finding.column), (Severity::Error, 3, 15));
    assert_eq!(finding.end_column, Some(37));
    assert_eq!(finding.message, "“Azure Active Directory” is “Microsoft Entra ID” upstream since 2023-07-11");
    assert_eq!(finding.evidence.term.as_deref(), Some("Azure Active Directory"));
    assert_eq!(finding.evidence.replacement.as_deref(), Some("Microsoft Entra ID"));
    assert_eq!(finding.evidence.since, Some(day("2023-07-11")));
    assert_eq!(finding.evidence.snapshots, ["1", "2"]);
    assert!(finding.evidence.diff[0].old.as_deref().unwrap().contains("Azure Active Directory"));
    assert_eq!(finding.suggestion.as_deref(), Some("Microsoft Entra ID"));
    assert_eq!(finding.target.as_deref(), Some("https://docs.example.org/p"));
    assert_eq!(entry_status(&[finding]).0, EntryStatus::Stale);
}

/// A label changed with a name in it: what stands in its place is another label, and no name for what the entry names.
#[test]
fn the_name_in_a_label_has_the_successor_that_is_known_of_it() {
    let (old, new) = ("Azure Active Directory conditional access", "Microsoft Entra Conditional Access");
    let finding = only(outdated("Azure Active Directory are o funcție nouă.", old, Some(new), new));
    assert_eq!(finding.suggestion.as_deref(), Some("Microsoft Entra ID"));
    // Of a name that nobody knows, what stands in its place is all there is.
    let finding = only(outdated("In Old Portal.", "Old Portal", Some("New Portal"), "New Portal"));
    assert_eq!(finding.suggestion.as_deref(), Some("New Portal"));
}

#[test]
fn one_finding_per_term_tells_the_other_lines() {
    let entry = "Old Portal one.\n\nOld Portal two. Old Portal three.\n\nNothing.\n\nOld Portal four.";
    let finding = only(outdated(entry, "Old Portal", None, "New"));
    assert_eq!(finding.message, "upstream no longer says “Old Portal”, since 2023-07-11; also on lines 3, 7");
    assert_eq!(finding.evidence.lines, [1, 3, 7]);
    assert_eq!(finding.suggestion, None);
}

#[test]
fn a_name_that_left_without_a_successor_counts_near_the_link() {
    let severity = |lines: usize, replacement: Option<&str>| {
        let entry = format!("In Old Portal.{}", "\n".repeat(lines));
        only(outdated(&entry, "Old Portal", replacement, "x")).severity
    };
    // The link stands two lines below the entry's text.
    assert_eq!(severity(3, None), Severity::Error);
    assert_eq!(severity(4, None), Severity::Warning);
    assert_eq!(severity(40, Some("New Portal")), Severity::Error);
}

#[test]
fn of_two_pages_the_one_with_the_new_name_speaks() {
    let mut world =
        World::new("In Old Portal [a](https://docs.example.org/a) [b](https://docs.example.org/b)");
    for (index, replacement) in [None, Some("New Portal")].into_iter().enumerate() {
        let drift = drift(Change::Minor, &[], &[("Old Portal", replacement)], "x");
        world.references[index].drift = Some(std::sync::Arc::new(drift));
    }
    assert_eq!(only(world.of("content/term-outdated")).suggestion.as_deref(), Some("New Portal"));
}

#[test]
fn the_running_text_comes_before_front_matter() {
    let text = format!("---\ntitle: Old Portal\nms.service: Old Portal\n---\n\nThe Old Portal. {LINK}\n");
    let mut world = World::new(&text).drifted(drift(
        Change::Minor,
        &[],
        &[("Old Portal", Some("New Portal"))],
        "New Portal",
    ));
    world.read.front_matter.lines = Some((1, 4));
    for (key, line) in [("title", 2), ("ms.service", 3)] {
        let value = "Old Portal".to_owned();
        world.read.front_matter.values.push(FrontMatterValue { key: key.to_owned(), value, line });
    }
    let finding = only(world.of("content/term-outdated"));
    assert_eq!((finding.line, finding.column), (6, 5));
    assert_eq!(finding.evidence.lines, [2, 6]);
}

#[test]
fn terms_are_found_where_a_reader_sees_them() {
    let name = "Azure Active Directory";
    for entry in [
        "Lesen Sie [Kombinierte Registrierung für Azure Active Directory](https://docs.example.org/q).",
        "SSPR și Mae-Azure Active Directory",
        "Azure Active Directoryの管理センター",
        "Run `Connect Azure Active Directory` now.",
        "![Azure Active Directory](i.png)",
    ] {
        assert_eq!(outdated(entry, name, None, "Entra").len(), 1, "{entry}");
    }
    for entry in [
        "[x](https://docs.example.org/Azure%20Active%20Directory)",
        "<!-- Azure Active Directory -->",
        "<a name=\"Azure Active Directory\"></a>",
        "`https://example.org/Azure-Active-Directory`",
        "Azure and Active Directory",
    ] {
        assert_eq!(outdated(entry, name, None, "Entra").len(), 0, "{entry}");
    }
}

#[test]
fn silent_where_the_term_lives_on() {
    let said = |entry: &str, term: &str, replacement: Option<&str>, upstream: &str| {
        !outdated(entry, term, replacement, upstream).is_empty()
    };
    // Upstream still uses it, or uses it only in a longer name, which is another one.
    assert!(!said("The Azure AD tenant", "Azure AD", None, "For Azure AD tenants"));
    assert!(said("The Azure AD tenant", "Azure AD", None, "For Azure AD B2C tenants"));
    assert!(!said("Use Azure AD B2C.", "Azure AD", None, "Entra and Azure AD B2C"));
    assert!(!said("Use Azure AD B2C.", "Azure AD", None, "Entra"));
    assert!(!said("Open Old Portal Plus", "Old Portal", None, "The Old Portal Plus stays"));
    // The entry knows the new name already.
    let entra = Some("Microsoft Entra ID");
    assert!(!said(
        "Microsoft Entra ID (formerly Azure Active Directory)",
        "Azure Active Directory",
        entra,
        "x"
    ));
    assert!(!said("Azure Active Directory (now Microsoft Entra ID)", "Azure Active Directory", entra, "x"));
    assert!(said("Azure Active Directory, not Microsoft Entra ID", "Azure Active Directory", entra, "x"));
    // It stands in the entry as part of what it was replaced with.
    assert!(!said("in the new Old Portal", "Old Portal", Some("new Old Portal"), "x"));
}

#[test]
fn silent_on_what_says_too_little() {
    for (entry, term) in [
        ("set 30 or more", "30"),
        ("after 30 days", "30 days"),
        ("open the page", "page"),
        ("the admin center", "admin center"),
        ("an IT team", "IT"),
        ("Save the file", "Save"),
        ("**Save** the file", "Save"),
        ("Run teams.exe or Yammer.exe", "Yammer"),
        ("see", ""),
        (
            "Word",
            "A very long sentence that nobody would call a term because it has far too many words in it",
        ),
    ] {
        assert!(outdated(entry, term, None, "x").is_empty(), "{term}");
    }
    for (entry, term) in [
        ("in Yammer", "Yammer"),
        ("in OneDrive", "OneDrive"),
        ("OneDrive first", "OneDrive"),
        ("cu SSPR activat", "SSPR"),
        ("run Get-MsolUser now", "Get-MsolUser"),
        ("Click Deleted sites.", "Deleted sites"),
        ("この管理センターで", "管理センター"),
    ] {
        assert_eq!(outdated(entry, term, None, "x").len(), 1, "{term}");
    }
}

#[test]
fn every_german_noun_has_a_capital() {
    let mut world = World::new(&format!("Öffnen Sie den Browser. {LINK}")).drifted(drift(
        Change::Minor,
        &[],
        &[("Browser", None)],
        "x",
    ));
    world.locale = Some("de-DE");
    assert!(world.of("content/term-outdated").is_empty());
    world.locale = Some("ro-RO");
    assert_eq!(world.of("content/term-outdated").len(), 1);
}

/// A label of one word is part of many names of others.
#[test]
fn names_of_other_products_that_hold_a_dropped_label() {
    let severity = |entry: &str, term: &str| {
        outdated(entry, term, Some("Start"), "Select Start.").pop().map(|finding| finding.severity)
    };
    for (entry, term) in [
        ("Folosiți Microsoft Search din browser.", "Search"),
        ("Merge și pe Windows 11 Home.", "Home"),
        ("În Power BI Reports vedeți cifrele.", "Reports"),
        ("Controlul Export Compliance Desk e separat.", "Export"),
        ("# Despre Google Home", "Home"),
    ] {
        assert_eq!(severity(entry, term), None, "{entry}");
    }
    for (entry, term) in [
        ("Selectați Search din meniu.", "Search"),
        ("În Microsoft **Search** scrieți.", "Search"),
        ("În meniu, „Home” și atât.", "Home"),
        ("Microsoft SharePoint este aici.", "SharePoint"),
    ] {
        let expected = if entry.starts_with("Select") { Severity::Warning } else { Severity::Error };
        assert_eq!(severity(entry, term), Some(expected), "{entry}");
    }
    // Upstream called it so too.
    let mut view = drift(Change::Minor, &[], &[("Chattero", Some("Boardly"))], "Boardly");
    view.drift.blocks[0].old = Some("Members talk in Desk Chattero.".to_owned());
    let found = World::new(&format!("Scrieți în Desk Chattero. {LINK}")).drifted(view);
    assert_eq!(found.of("content/term-outdated").len(), 1);
}

#[test]
fn a_script_without_capitals_lends_none_to_a_name() {
    let said = |locale: &'static str, entry: &str| {
        let mut world = World::new(&format!("{entry}\n\n{LINK}")).drifted(drift(
            Change::Minor,
            &[],
            &[("Chattero", Some("Boardly"))],
            "Boardly",
        ));
        world.locale = Some(locale);
        world.of("content/term-outdated").len()
    };
    for (locale, entry, expected) in [
        ("ja-JP", "[会話](x)をご覧ください。Chatteroを開きます。", 1),
        ("ja-JP", "- Chattero のメニューを選択します。", 1),
        ("ar-SA", "Chattero هو مكان المحادثة.", 1),
        ("ja-JP", "Chattero the list.", 0),
        ("ro-RO", "- Chattero se deschide din meniu.", 0),
        ("de-DE", "Öffnen Sie „Chattero“ im Menü.", 1),
        ("de-DE", "Öffnen Sie Chattero im Menü.", 0),
    ] {
        assert_eq!(said(locale, entry), expected, "{entry}");
    }
}

#[test]
fn a_command_of_common_words_counts_as_code() {
    let said = |entry: &str, term: &str| outdated(entry, term, Some("x y"), "x y").len();
    for (entry, expected) in [
        ("Rulați `docker-compose up`, apoi", 1),
        ("Rulați `sudo docker-compose up -d`.", 1),
        ("```sh\n$ docker-compose up\n```", 1),
        ("Rulați:\n\n    docker-compose up\n", 1),
        ("<pre class=\"sh\">\ndocker-compose up\n</PRE>", 1),
        ("<p>Rulați <code>docker-compose up</code>.</p>", 1),
        ("Rulați ``docker-compose up `x` ``.", 1),
        ("````md\n```\ndocker-compose up\n```\n````", 1),
        ("<pre>a</pre> docker-compose up <code>b</code>", 0),
        ("Rulați docker-compose up acum.", 0),
        ("Elementul `<code>` e vechi; `<pre>` nu. Rulați docker-compose up acum.", 0),
        ("```html\n<pre>\n```\n\nRulați docker-compose up acum.", 0),
        ("Rulați `docker-compose upgrade`.", 0),
        ("Rulați `my-docker-compose up`.", 0),
        ("Rulați `a` docker-compose up `b`.", 0),
    ] {
        assert_eq!(said(entry, "docker-compose up"), expected, "{entry}");
    }
    assert_eq!(said("`deskctl user create-token`", "deskctl user create"), 0);
    assert_eq!(said("`deskctl user create`", "deskctl user create"), 1);
    // Of upstream's words, not of the entry's inflection.
    let finding = only(outdated("conținutul Vaultlyului e aici", "Vaultly", Some("Lockly"), "Lockly"));
    assert_eq!(finding.message, "“Vaultly” is “Lockly” upstream since 2023-07-11");
}

#[test]
fn the_name_inside_a_label_that_is_translated() {
    let (old, new) = ("Office 365 group", Some("Microsoft 365 group"));
    assert_eq!(outdated("sigla unui grup Office 365", old, new, "Microsoft 365 groups").len(), 1);
    assert!(outdated("sigla unui grup Office 365", old, new, "Microsoft 365, once Office 365").is_empty());
    assert!(outdated("un grup", old, new, "Microsoft 365 groups").is_empty());
}

#[test]
fn a_shorter_term_inside_a_longer_one_is_not_told_twice() {
    let terms = [("Azure AD", None), ("Azure AD Connect", None)];
    let found = World::new(&format!("Install Azure AD Connect. {LINK}"))
        .drifted(drift(Change::Minor, &[], &terms, "x"))
        .of("content/term-outdated");
    assert_eq!(only(found).evidence.term.as_deref(), Some("Azure AD Connect"));
}

#[test]
fn a_silenced_place_gives_way_to_the_next() {
    let mut world = World::new(&format!("Old Portal\n\nOld Portal\n\n{LINK}")).drifted(drift(
        Change::Minor,
        &[],
        &[("Old Portal", None)],
        "x",
    ));
    let rule = Some("content/term-outdated".to_owned());
    world.read.silenced.push(Silence { lines: (1, 1), rule, reason: None });
    assert_eq!(only(world.of("content/term-outdated")).line, 3);
}

#[test]
fn changes_that_a_maintainer_should_look_at() {
    let said = |link: &str, drift: crate::rule::DriftView| {
        World::new(link).drifted(drift).of("content/changed").pop().map(|finding| finding.message)
    };
    let anywhere = "[pagina](https://docs.example.org/p)";
    let at_limits = "[pagina](https://docs.example.org/p#limits)";
    let by_heading = "[Supported file types](https://docs.example.org/p)";
    let minor = || drift(Change::Minor, &["limits"], &[], "");
    assert_eq!(said(anywhere, minor()), None);
    assert_eq!(
        said(at_limits, minor()).unwrap(),
        "“Sign in” (https://docs.example.org/p) changed in “limits”, since 2023-07-11"
    );
    assert_eq!(said("[x](https://docs.example.org/p#other)", minor()), None);
    let types = || drift(Change::Minor, &["supported-file-types"], &[], "");
    assert!(said(by_heading, types()).is_some());
    assert_eq!(said(anywhere, types()), None);
    // A section named in another script, percent-encoded.
    let japanese = drift(Change::Minor, &["制限"], &[], "");
    assert!(said("[x](https://docs.example.org/p#%E5%88%B6%E9%99%90)", japanese).is_some());

    assert!(
        said(anywhere, drift(Change::Substantive, &["a", "b", "c", "d"], &[], ""))
            .unwrap()
            .contains("1 more")
    );
    assert!(said(anywhere, drift(Change::Replaced, &[], &[], "")).is_some());
    for silent in [Change::None, Change::Cosmetic, Change::Moved, Change::Retired] {
        assert_eq!(said(anywhere, drift(silent, &["limits"], &[], "")), None, "{silent:?}");
    }
    let mut renamed = drift(Change::Cosmetic, &[], &[], "");
    renamed.drift.title = Some(("Log on".to_owned(), "Sign in".to_owned()));
    renamed.new_title = Some("Sign in | Example".to_owned());
    assert!(
        said(anywhere, renamed)
            .unwrap()
            .contains("“Sign in” (https://docs.example.org/p) was called “Log on” before")
    );
    let mut empty = drift(Change::Substantive, &[], &[], "");
    empty.drift.blocks.clear();
    assert_eq!(said(anywhere, empty), None);
}

#[test]
fn one_page_linked_thrice_is_one_finding() {
    let world =
        World::new(&format!("{LINK}\n\n{LINK}\n\n{LINK}")).drifted(drift(Change::Substantive, &[], &[], ""));
    let finding = only(world.of("content/changed"));
    assert_eq!((finding.line, finding.evidence.lines.as_slice()), (1, &[1, 3, 5][..]));
    assert_eq!(entry_status(&[finding]).0, EntryStatus::Review);
}

#[test]
fn a_page_that_was_withdrawn() {
    let finding = only(World::new(LINK).drifted(drift(Change::Retired, &[], &[], "")).findings());
    assert_eq!((finding.rule.as_str(), finding.severity), ("content/retired", Severity::Error));
    assert_eq!(finding.evidence.change.as_deref(), Some("retired"));
    assert!(World::new(LINK).drifted(drift(Change::Moved, &[], &[], "")).findings().is_empty());
}

#[test]
fn a_line_of_a_hundred_thousand_places_is_no_burden() {
    let text = format!("{} {LINK}", "Old Portal é <a <!-- :// ".repeat(100_000));
    let world = World::new(&text).drifted(drift(
        Change::Minor,
        &[],
        &[("Old Portal", None), ("é Portal", None)],
        "x",
    ));
    assert_eq!(only(world.of("content/term-outdated")).line, 1);
}

proptest::proptest! {
    #[test]
    fn no_entry_and_no_term_panics(
        text in "[A-Za-z é管ו.*`<>()\\[\\]:/\n\u{200b}İß-]{0,120}",
        term in "[A-Za-z é管İß.-]{0,12}",
        replacement in proptest::option::of("[A-Za-z é管İß]{0,12}"),
        at in 0usize..100,
    ) {
        // The term itself stands somewhere in the text, with the replacement close by.
        let cut = text.char_indices().map(|(index, _)| index).nth(at).unwrap_or(text.len());
        let known = replacement.as_deref().unwrap_or_default();
        let text = format!("{}{term} ({known}){} {LINK}", &text[..cut], &text[cut..]);
        let terms = [(term.as_str(), replacement.as_deref())];
        for finding in World::new(&text).drifted(drift(Change::Minor, &["a"], &terms, &text[..cut])).findings() {
            let (start, end) = finding.offset.unwrap();
            assert!(text.get(start..end).is_some());
        }
    }
}

#[test]
fn a_link_with_a_fragment_is_judged_on_the_section_it_names() {
    let said = |fragment: &str, title: bool| {
        let mut view = drift(Change::Substantive, &["steps", "notes"], &[], "x");
        view.drift.sections_kept = vec!["limits-and-more".to_owned()];
        view.drift.title = title.then(|| ("Old".to_owned(), "New".to_owned()));
        let text = format!("[the page](https://docs.example.org/p{fragment})");
        World::new(&text).drifted(view).of("content/changed").len()
    };
    for (fragment, title, expected) in [
        ("", false, 1),
        ("#steps", false, 1),
        ("#limits-and-more", false, 0),
        ("#Limits%2Dand-more", false, 0),
        // A title counts for all of the page, and a place that is no section for the page.
        ("#limits-and-more", true, 1),
        ("#unknown", false, 1),
    ] {
        assert_eq!(said(fragment, title), expected, "{fragment} {title}");
    }
    // One link to the whole page is enough.
    let mut view = drift(Change::Substantive, &["steps"], &[], "x");
    view.drift.sections_kept = vec!["limits".to_owned()];
    let text = "[a](https://docs.example.org/p#limits)\n\n[b](https://docs.example.org/p)";
    assert_eq!(only(World::new(text).drifted(view).of("content/changed")).line, 3);
}

#[test]
fn a_term_that_left_another_section_is_nothing_to_the_link() {
    let said = |fragment: &str, replacement: Option<&str>| {
        let view = drift(Change::Minor, &["steps"], &[("Old Portal", replacement)], "New Portal");
        let text = format!("In Old Portal [the page](https://docs.example.org/p{fragment})");
        World::new(&text).drifted(view).of("content/term-outdated").len()
    };
    assert_eq!((said("", None), said("#steps", None), said("#limits", None)), (1, 1, 0));
    assert_eq!(said("#limits", Some("New Portal")), 1);
}

#[test]
fn what_the_table_of_renames_knows() {
    let said = |entry: &str, upstream: &str| {
        outdated(entry, "Azure AD", None, upstream)
            .pop()
            .map(|finding| (finding.severity, finding.suggestion))
    };
    let entra = Some("Microsoft Entra ID".to_owned());
    let far = "\n".repeat(20);
    assert_eq!(said(&format!("In Azure AD.{far}"), "Microsoft Entra ID"), Some((Severity::Error, entra)));
    // The page says nothing of the new name: it only left.
    assert_eq!(said(&format!("In Azure AD.{far}"), "x"), Some((Severity::Warning, None)));
    for entry in ["Azure AD B2C", "Azure AD PowerShell", "use Azure AD Graph"] {
        assert_eq!(said(entry, "Microsoft Entra ID"), None, "{entry}");
    }
    // Nothing but a rename is no change of the page.
    let mut renamed = drift(Change::Substantive, &["s"], &[("Azure AD", Some("Microsoft Entra ID"))], "x");
    renamed.beside_renames = Some(crate::drift::Drift::default());
    assert_eq!(World::new(LINK).drifted(renamed.clone()).of("content/changed").len(), 0);
    renamed.beside_renames = None;
    assert_eq!(World::new(LINK).drifted(renamed).of("content/changed").len(), 1);
}
