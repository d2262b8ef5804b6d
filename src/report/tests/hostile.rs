//! What texts from outside can make of a report, in every format: rows W and X of the fault matrix.

use super::*;

/// What HTML, XML, Markdown, templates and spreadsheets might act on, in every text of a report.
const POLYGLOT: &str = "\"'><svg onload=alert(1)><script>alert(2)</script>]]>{{7*7}}\u{b}\u{ffff}\u{2028}=1+1](javascript:x)<!--&amp;";

fn polyglot() -> Model {
    let (mut head, targets, mut entries, mut findings, summary) = model();
    head.run.name = POLYGLOT.to_owned();
    head.run.notes = vec![POLYGLOT.to_owned()];
    head.roots = [(POLYGLOT.to_owned(), POLYGLOT.to_owned())].into();
    for entry in &mut entries {
        entry.entry = POLYGLOT.to_owned();
        entry.source = POLYGLOT.to_owned();
        entry.reasons = vec![POLYGLOT.to_owned()];
    }
    for row in &mut findings {
        let finding = &mut row.finding;
        finding.source = POLYGLOT.to_owned();
        finding.entry = POLYGLOT.to_owned();
        finding.rule = POLYGLOT.to_owned();
        finding.message = POLYGLOT.to_owned();
        finding.target = Some("javascript:alert(3)".to_owned());
        finding.suggestion = Some(format!("javascript:alert(4){POLYGLOT}"));
        finding.evidence.source_line = Some(POLYGLOT.repeat(3));
        finding.evidence.chain = vec![POLYGLOT.to_owned(), "data:text/html,x".to_owned()];
        finding.evidence.diff = vec![BlockChange {
            op: BlockOp::Changed,
            section: POLYGLOT.to_owned(),
            section_index: 0,
            old: Some(POLYGLOT.to_owned()),
            new: Some(format!("new {POLYGLOT}")),
        }];
    }
    (head, targets, entries, findings, summary)
}

#[test]
fn w03_html_is_inert_whatever_is_in_it() {
    for document in [Document::Check, Document::Report] {
        let html = written_of(Format::Html, document, polyglot());
        assert_inert(&html);
        let (_, texts) = tokens(&html);
        assert!(texts.contains("<svg onload=alert(1)>"), "it is shown as text");
        assert_inert(&written(Format::Html, document));
    }
}

#[test]
fn html_says_what_is_new_ongoing_unconfirmed_and_resolved() {
    let html = written(Format::Html, Document::Report);
    let order: Vec<usize> =
        ["id=\"new\"", "id=\"ongoing\"", "id=\"unconfirmed\"", "id=\"stale\"", "id=\"resolved\""]
            .iter()
            .map(|id| html.find(id).unwrap_or_else(|| panic!("{id}")))
            .collect();
    assert!(order.is_sorted(), "{order:?}");
    assert!(html.contains("<summary>7 places in 2 entries</summary>"));
    assert!(html.contains("See <mark>the </mark>page for more."), "the place is marked");
    assert!(html.contains("Open <del>Old</del> <ins>New</ins> Name."), "the change is shown word by word");
    assert!(html.contains("1 acknowledged or muted"));
    assert!(!html.contains("muted answers 404"), "what is muted is not shown");
}

/// Elements of an XML document by name; panics where it is not well-formed or holds what XML 1.0 forbids.
fn elements(xml: &str) -> BTreeMap<String, usize> {
    for c in xml.chars() {
        let allowed =
            matches!(c, '\t' | '\n' | '\r' | ' '..='\u{d7ff}' | '\u{e000}'..='\u{fffd}' | '\u{10000}'..);
        assert!(allowed, "{c:?} is forbidden in XML");
    }
    let mut open: Vec<&str> = Vec::new();
    let mut found = BTreeMap::new();
    let mut rest = xml.strip_prefix("<?xml version=\"1.0\" encoding=\"UTF-8\"?>").expect("a declaration");
    while let Some(at) = rest.find('<') {
        let text = &rest[..at];
        assert!(!text.contains("]]>"), "{text}");
        let end = rest[at..].find('>').expect("a tag ends") + at;
        let tag = &rest[at + 1..end];
        assert_eq!(tag.matches('"').count() % 2, 0, "{tag}");
        let name = tag.trim_start_matches('/').split([' ', '/']).next().unwrap();
        if tag.starts_with('/') {
            assert_eq!(open.pop(), Some(name));
        } else {
            *found.entry(name.to_owned()).or_default() += 1;
            if !tag.ends_with('/') {
                open.push(name);
            }
        }
        rest = &rest[end + 1..];
    }
    assert!(open.is_empty() && rest.trim().is_empty(), "{open:?}");
    // An ampersand begins one of the five entities that XML knows, or a number.
    for after in xml.split('&').skip(1) {
        assert!(
            ["amp;", "lt;", "gt;", "quot;", "#39;"].iter().any(|entity| after.starts_with(entity)),
            "{after}"
        );
    }
    found
}

#[test]
fn x03_xml_is_well_formed_whatever_is_in_it() {
    for model in [model(), polyglot()] {
        let junit = elements(&written_of(Format::Junit, Document::Check, model));
        assert_eq!((junit["testsuites"], junit["testsuite"]), (1, 1));
        // 7 broken, 1 outdated term; waiting, muted and resolved are skipped.
        assert_eq!((junit["testcase"], junit["failure"], junit["skipped"]), (15, 8, 3), "{junit:?}");
    }
    for model in [model(), polyglot()] {
        let atom = elements(&written_of(Format::Atom, Document::Report, model));
        assert!(atom["entry"] >= 3 && atom["id"] == atom["entry"] + 1, "{atom:?}");
    }
    let junit = written(Format::Junit, Document::Check);
    assert!(
        junit.contains(
            "<testsuites name=\"linkdrift\" tests=\"15\" failures=\"8\" errors=\"0\" time=\"86400\">"
        )
    );
}

#[test]
fn x03_json_documents_are_valid_whatever_is_in_them() {
    for model in [model(), polyglot()] {
        let sarif: serde_json::Value =
            serde_json::from_str(&written_of(Format::Sarif, Document::Check, model)).unwrap();
        let run = &sarif["runs"][0];
        let results = run["results"].as_array().unwrap();
        assert_eq!(results.len(), 14);
        let suppressed = results.iter().filter(|result| !result["suppressions"].is_null()).count();
        assert_eq!(suppressed, 1, "the muted one");
        for result in results {
            let uri = result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"].as_str().unwrap();
            assert!(uri.bytes().all(|b| b.is_ascii_alphanumeric() || b"-._~/%".contains(&b)), "{uri}");
        }
        let known = &run["tool"]["driver"]["rules"];
        for result in results.iter().filter(|result| !result["ruleIndex"].is_null()) {
            let index = result["ruleIndex"].as_u64().unwrap() as usize;
            assert_eq!(known[index]["id"], result["ruleId"]);
        }
    }
    for model in [model(), polyglot()] {
        let issues: serde_json::Value =
            serde_json::from_str(&written_of(Format::Gitlab, Document::Check, model)).unwrap();
        let issues = issues.as_array().unwrap();
        assert_eq!(issues.len(), 12, "neither muted nor resolved ones");
        let fingerprints: std::collections::HashSet<_> =
            issues.iter().map(|issue| issue["fingerprint"].as_str().unwrap()).collect();
        assert_eq!(fingerprints.len(), issues.len());
    }
    let none: Model = (model().0, vec![], vec![], vec![], Summary::default());
    assert_eq!(written_of(Format::Gitlab, Document::Check, none), "[\n]\n");
}

#[test]
fn x01_csv_has_a_row_per_finding() {
    let csv = written_of(Format::Csv, Document::Check, polyglot());
    let rows: Vec<&str> = csv.split_terminator("\r\n").collect();
    assert_eq!(rows.len(), 15);
    assert!(rows[0].starts_with("severity,rule,state,since,"));
    let report = written(Format::Csv, Document::Report);
    assert_eq!(report.split_terminator("\r\n").count(), 16, "with the resolved one");
}

#[test]
fn x05_markdown_stays_within_what_github_takes() {
    let (head, targets, _, findings, summary) = model();
    let long = "long ".repeat(200);
    let findings = (0..3000)
        .map(|index| {
            let mut row = findings[0].clone();
            row.finding.cause = format!("cause {index}");
            row.finding.message = long.clone();
            row.finding.suggestion = Some(long.clone());
            row
        })
        .collect();
    let entry = |index| EntryRow {
        entry: format!("{index} {long}"),
        source: "s".to_owned(),
        status: EntryStatus::Stale,
        reasons: vec!["link/broken".to_owned()],
    };
    let markdown = written_of(
        Format::Markdown,
        Document::Check,
        (head, targets, (0..3000).map(entry).collect(), findings, summary),
    );
    assert!(markdown.len() < 65_536, "{} bytes", markdown.len());
    assert!(markdown.contains("more rows are left out.") && markdown.contains("more entries are left out."));
    let cells = markdown.lines().filter(|line| line.starts_with("| error"));
    assert!(
        cells.clone().count() > 20 && cells.into_iter().all(|line| line.ends_with(" |")),
        "rows are whole"
    );
}

#[test]
fn x09_a_report_by_cause_does_not_depend_on_the_order_of_findings() {
    for format in [Format::Text, Format::Markdown, Format::Html, Format::Atom] {
        let (head, targets, entries, mut findings, summary) = model();
        let straight = written_of(format, Document::Report, model());
        findings.reverse();
        let reversed = written_of(format, Document::Report, (head, targets, entries, findings, summary));
        assert_eq!(straight, reversed, "{format:?}");
    }
}
