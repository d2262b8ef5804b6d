//! Every format over one model, with hostile strings in it.

use insta::assert_snapshot;

use super::*;
use crate::config::Severity;
use crate::drift::{BlockChange, BlockOp};
use crate::finding::{Evidence, FindingId, FindingState};

const HOSTILE: &str = "\u{1b}[31mred\u{9b}2J\n::error::owned ]]> <img src=x> | `a` @org #1 ##[group]x \u{202e}gpj.exe\u{2066} %0A";

fn at(day: u32) -> Timestamp {
    format!("2026-11-{day:02}T03:00:00Z").parse().unwrap()
}

fn finding(
    rule: &str,
    severity: Severity,
    state: FindingState,
    entry: &str,
    line: u32,
    cause: &str,
) -> Finding {
    Finding {
        id: FindingId::of(rule, "ro-RO", entry, cause, line),
        rule: rule.to_owned(),
        severity,
        state,
        source: "ro-RO".to_owned(),
        entry: entry.to_owned(),
        line,
        column: 5,
        end_column: Some(9),
        offset: Some((4, 8)),
        target: Some(format!("https://docs.example.org/{cause}")),
        message: format!("https://docs.example.org/{cause} answers 404 (not found)"),
        evidence: Evidence {
            reason: Some("http-404".to_owned()),
            status: Some(404),
            source_line: Some("See the page for more.".to_owned()),
            ..Evidence::default()
        },
        suggestion: None,
        cause: cause.to_owned(),
        first_seen: at(1),
        last_seen: at(22),
    }
}

fn model() -> (Head, Vec<TargetRow>, Vec<EntryRow>, Vec<FindingRow>, Summary) {
    use FindingState::{Muted, Open, Resolved, Unconfirmed};
    use Severity::{Error, Info, Warning};
    let head = Head {
        document: Document::Check,
        run: RunRow {
            id: 7,
            name: "check".to_owned(),
            started_at: at(22),
            finished_at: at(23),
            complete: true,
            notes: vec![format!("a note {HOSTILE}")],
        },
        roots: [("ro-RO".to_owned(), "content/ro-RO".to_owned())].into(),
    };
    let targets = vec![TargetRow {
        url: "https://docs.example.org/gone".to_owned(),
        judgement: Judgement { verdict: Verdict::Broken, reason: Some("http-404".to_owned()) },
        status: Some(404),
        final_url: Some("https://docs.example.org/gone".to_owned()),
        hops: vec![Hop {
            url: "https://docs.example.org/gone".to_owned(),
            status: Some(404),
            location: None,
            elapsed_ms: 12,
        }],
        attempts: 1,
        visited_at: at(22),
        from_state: false,
        references: vec![Place { source: "ro-RO".to_owned(), entry: "a.md".to_owned(), line: 27, column: 5 }],
    }];
    let entries = vec![
        EntryRow {
            entry: "a.md".to_owned(),
            source: "ro-RO".to_owned(),
            status: EntryStatus::Stale,
            reasons: vec!["content/term-outdated".to_owned(), "link/broken".to_owned()],
        },
        EntryRow {
            entry: "b.md".to_owned(),
            source: "ro-RO".to_owned(),
            status: EntryStatus::Fresh,
            reasons: vec![],
        },
    ];
    let mut findings = Vec::new();
    for line in 1..=7 {
        findings.push(finding(
            "link/broken",
            Error,
            Open,
            if line < 4 { "a.md" } else { "b.md" },
            20 + line,
            "gone",
        ));
    }
    let mut hosts = finding("link/redirect-permanent", Info, Open, "a.md", 3, "docs → learn");
    hosts.message = "docs.example.org moved for good to learn.example.org, with the same paths".to_owned();
    hosts.suggestion = Some("https://learn.example.org/x".to_owned());
    hosts.evidence.chain =
        vec!["https://docs.example.org/x".to_owned(), "https://learn.example.org/x".to_owned()];
    let mut other = hosts.clone();
    other.line = 4;
    other.id = FindingId::of(&other.rule, "ro-RO", "a.md", "docs → learn", 4);
    other.suggestion = Some("https://learn.example.org/y".to_owned());
    findings.extend([hosts, other]);
    let mut term = finding("content/term-outdated", Error, Open, "a.md", 46, "Old Name → New Name");
    term.message = "“Old Name” is “New Name” upstream since 2026-11-08".to_owned();
    term.suggestion = Some("New Name".to_owned());
    term.evidence = Evidence {
        term: Some("Old Name".to_owned()),
        replacement: Some("New Name".to_owned()),
        since: Some(at(8)),
        diff: vec![BlockChange {
            op: BlockOp::Changed,
            section: "sign-in".to_owned(),
            section_index: 1,
            old: Some("Open Old Name.".to_owned()),
            new: Some("Open New Name.".to_owned()),
        }],
        source_line: Some(format!("{}Old Name and more", "…".repeat(3))),
        source_column: Some(2),
        ..Evidence::default()
    };
    findings.push(term);
    let mut hostile = finding("link/text-mismatch", Warning, Open, "a,b:c\n.md", 9, "hostile");
    hostile.message = HOSTILE.to_owned();
    hostile.suggestion = Some(HOSTILE.to_owned());
    hostile.evidence.source_line = Some(format!("abc {HOSTILE}{}", "long ".repeat(60)));
    hostile.evidence.texts = vec![HOSTILE.to_owned()];
    hostile.cause = HOSTILE.to_owned();
    findings.push(hostile);
    let mut waiting = finding("link/broken", Warning, Unconfirmed, "b.md", 2, "maybe");
    waiting.evidence.visits = Some(1);
    findings.push(waiting);
    findings.push(finding("link/broken", Error, Muted, "b.md", 3, "muted"));
    findings.push(finding("link/broken", Error, Resolved, "b.md", 4, "resolved"));
    let findings = findings
        .into_iter()
        .enumerate()
        .map(|(index, finding)| FindingRow {
            finding,
            since: if index % 2 == 0 { Since::New } else { Since::Ongoing },
        })
        .collect();
    let summary = Summary {
        entries: 2,
        references: 14,
        targets: 5,
        visited: 5,
        requests: 6,
        received_bytes: 1234,
        by_verdict: [(Verdict::Ok, 3), (Verdict::Broken, 2)].into(),
        new: 7,
        ongoing: 6,
        resolved: 1,
        silenced: 2,
    };
    (head, targets, entries, findings, summary)
}

fn written(format: Format, document: Document) -> String {
    let text = written_of(format, document, model());
    for line in text.split('\n') {
        let line = if format == Format::Csv { line.trim_end_matches('\r') } else { line };
        assert!(!line.chars().any(safe::is_unsafe), "unsafe: {line:?}");
        assert_eq!(line, line.trim_end(), "trailing blank");
    }
    text
}

type Model = (Head, Vec<TargetRow>, Vec<EntryRow>, Vec<FindingRow>, Summary);

fn written_of(format: Format, document: Document, model: Model) -> String {
    let (mut head, targets, entries, findings, summary) = model;
    head.document = document;
    let mut out = Vec::new();
    let mut writer = writer(format, Look { color: false, width: 100 }, &mut out);
    writer.begin(&head).unwrap();
    for row in &targets {
        writer.target(row).unwrap();
    }
    for row in &entries {
        writer.entry(row).unwrap();
    }
    for row in &findings {
        writer.finding(row).unwrap();
    }
    if document == Document::Report {
        let mut gone = finding("link/broken", Severity::Error, FindingState::Resolved, "c.md", 5, "back");
        gone.message = format!("is back {HOSTILE}");
        writer.resolved(&FindingRow { finding: gone, since: Since::Ongoing }).unwrap();
    }
    writer.end(&summary).unwrap();
    drop(writer);
    String::from_utf8(out).unwrap()
}

/// A tag with its attributes.
type Tag = (String, Vec<(String, String)>);

/// Tags of a document, as a tokenizer of HTML sees them; its texts.
fn tokens(html: &str) -> (Vec<Tag>, String) {
    use html5gum::{Token, Tokenizer};
    let string = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
    let (mut tags, mut texts) = (Vec::new(), String::new());
    for token in Tokenizer::new(html) {
        match token.unwrap() {
            Token::StartTag(tag) => {
                let attributes = tag.attributes.iter().map(|(name, value)| (string(name), string(value)));
                tags.push((string(&tag.name), attributes.collect()));
            }
            Token::String(text) => texts.push_str(&string(&text)),
            Token::Comment(comment) => panic!("a comment: {comment:?}"),
            Token::Error(error) => panic!("{error:?}"),
            Token::EndTag(_) | Token::Doctype(_) => {}
        }
    }
    (tags, texts)
}

/// Nothing in an HTML document of ours runs, loads, or leads to anything but the web.
pub(super) fn assert_inert(html: &str) {
    const TAGS: &[&str] = &[
        "html",
        "head",
        "meta",
        "title",
        "style",
        "body",
        "main",
        "section",
        "article",
        "h1",
        "h2",
        "h3",
        "p",
        "span",
        "strong",
        "em",
        "code",
        "pre",
        "mark",
        "bdi",
        "dl",
        "dt",
        "dd",
        "ul",
        "li",
        "details",
        "summary",
        "blockquote",
        "div",
        "a",
        "ins",
        "del",
    ];
    const ATTRIBUTES: &[&str] = &[
        "lang",
        "charset",
        "name",
        "content",
        "http-equiv",
        "id",
        "class",
        "aria-label",
        "aria-labelledby",
        "aria-hidden",
        "role",
        "dir",
        "href",
        "rel",
    ];
    for (tag, attributes) in tokens(html).0 {
        assert!(TAGS.contains(&tag.as_str()), "<{tag}>");
        for (name, value) in attributes {
            assert!(ATTRIBUTES.contains(&name.as_str()), "<{tag} {name}>");
            assert!(name != "href" || value.starts_with("http"), "{value}");
        }
    }
    assert!(html.contains("default-src 'none'"));
}

#[test]
fn text() {
    assert_snapshot!(written(Format::Text, Document::Check), @r###"
    error[link/broken]: https://docs.example.org/gone answers 404 (not found)
      --> content/ro-RO/a.md:21:5
       |
    21 | See the page for more.
       |     ^^^^
       |
       = 7 places in 2 entries; also content/ro-RO/a.md:22:5, content/ro-RO/a.md:23:5, content/ro-RO/b.md:24:5, content/ro-RO/b.md:25:5 and 2 more
       = 4 of 7 are new in this run

    error[content/term-outdated]: “Old Name” is “New Name” upstream since 2026-11-08
      --> content/ro-RO/a.md:46:5
       |
    46 |  ………Old Name and more
       |     ^^^^
       |
       = upstream - Open Old Name.
       = upstream + Open New Name.
       = fix: use New Name

    warning[link/text-mismatch]: [31mred2J ::error::owned ]]> <img src=x> | `a` @org #1 # [group]x gpj.exe %0A
     --> content/ro-RO/a,b:c.md:9:5
      |
    9 | abc  [31mred 2J ::error::owned ]]> <img src=x> | `a` @org #1 # [group]x  gpj.exe  %0Along lon...
      |     ^^^^
      |
      = fix: use [31mred2J ::error::owned ]]> <img src=x> | `a` @org #1 # [group]x gpj.exe %0A
      = new in this run

    info[link/redirect-permanent]: docs.example.org moved for good to learn.example.org, with the same paths
      --> content/ro-RO/a.md:3:5
       = chain: https://docs.example.org/x → https://learn.example.org/x
       = 2 places in 1 entry; also content/ro-RO/a.md:4:5
       = fix: use the new one everywhere; here https://learn.example.org/x
       = 1 of 2 are new in this run

    Not confirmed yet; shown, and gating nothing:

    warning[link/broken]: https://docs.example.org/maybe answers 404 (not found)
      --> content/ro-RO/b.md:2:5
       = not confirmed yet: 1 visit so far

    note: a note [31mred2J ::error::owned ]]> <img src=x> | `a` @org #1 # [group]x gpj.exe %0A
    Findings: 7 new, 6 ongoing, 1 resolved (1 acknowledged or muted, not shown; 2 silenced in entries)
    Targets:  5: 3 ok, 2 broken
    Entries:  2: 1 stale, 0 to review, 1 fresh; 14 references
    "###);
}

#[test]
fn text_of_report_names_the_stale_entries() {
    let text = written(Format::Text, Document::Report);
    let stale: Vec<&str> = text.lines().skip_while(|line| *line != "Stale entries:").take(2).collect();
    assert_eq!(stale, ["Stale entries:", "  content/ro-RO/a.md: content/term-outdated, link/broken"]);
}

#[test]
fn github() {
    assert_snapshot!(written(Format::Github, Document::Check), @r###"
    ::error file=content/ro-RO/a.md,line=21,col=5,endLine=21,endColumn=9,title=link/broken::https://docs.example.org/gone answers 404 (not found)
    ::error file=content/ro-RO/a.md,line=22,col=5,endLine=22,endColumn=9,title=link/broken::https://docs.example.org/gone answers 404 (not found)
    ::error file=content/ro-RO/a.md,line=23,col=5,endLine=23,endColumn=9,title=link/broken::https://docs.example.org/gone answers 404 (not found)
    ::error file=content/ro-RO/b.md,line=24,col=5,endLine=24,endColumn=9,title=link/broken::https://docs.example.org/gone answers 404 (not found)
    ::error file=content/ro-RO/b.md,line=25,col=5,endLine=25,endColumn=9,title=link/broken::https://docs.example.org/gone answers 404 (not found)
    ::error file=content/ro-RO/b.md,line=26,col=5,endLine=26,endColumn=9,title=link/broken::https://docs.example.org/gone answers 404 (not found)
    ::error file=content/ro-RO/b.md,line=27,col=5,endLine=27,endColumn=9,title=link/broken::https://docs.example.org/gone answers 404 (not found)
    ::error file=content/ro-RO/a.md,line=46,col=5,endLine=46,endColumn=9,title=content/term-outdated::“Old Name” is “New Name” upstream since 2026-11-08 - use New Name
    ::warning file=content/ro-RO/a%2Cb%3Ac .md,line=9,col=5,endLine=9,endColumn=9,title=link/text-mismatch::[31mred2J ::error::owned ]]> <img src=x> | `a` @org #1 # [group]x gpj.exe %250A - use [31mred2J ::error::owned ]]> <img src=x> | `a` @org #1 # [group]x gpj.exe %250A
    ::warning file=content/ro-RO/b.md,line=2,col=5,endLine=2,endColumn=9,title=link/broken::https://docs.example.org/maybe answers 404 (not found) (not confirmed yet)
    ::notice file=content/ro-RO/a.md,line=3,col=5,endLine=3,endColumn=9,title=link/redirect-permanent::docs.example.org moved for good to learn.example.org, with the same paths - use https://learn.example.org/x (one of 2 places in 1 entry)
    "###);
}

#[test]
fn markdown() {
    assert_snapshot!(written(Format::Markdown, Document::Report), @r###"
    ## linkdrift

    7 new, 6 ongoing, 1 resolved. 2 entries, 14 references, 5 targets.

    ### Findings

    | | rule | what | where | fix |
    |---|---|---|---|---|
    | error | ` link/broken ` | ` https://docs.example.org/gone answers 404 (not found) ` | ` content/ro-RO/a.md:21:5, 7 places in 2 entries ` |  |
    | error | ` content/term-outdated ` | ` “Old Name” is “New Name” upstream since 2026-11-08 ` | ` content/ro-RO/a.md:46:5 ` | ` New Name ` |
    | warning | ` link/text-mismatch ` | `` [31mred2J ::error::owned ]]> <img src=x> \| `a` @org #1 ##[group]x gpj.exe %0A `` | ` content/ro-RO/a,b:c .md:9:5 ` | `` [31mred2J ::error::owned ]]> <img src=x> \| `a` @org #1 ##[group]x gpj.exe %0A `` |
    | info | ` link/redirect-permanent ` | ` docs.example.org moved for good to learn.example.org, with the same paths ` | ` content/ro-RO/a.md:3:5, 2 places in 1 entry ` | ` https://learn.example.org/x ` |

    ### Not confirmed yet

    | | rule | what | where | fix |
    |---|---|---|---|---|
    | warning | ` link/broken ` | ` https://docs.example.org/maybe answers 404 (not found) ` | ` content/ro-RO/b.md:2:5 ` |  |

    ### Stale entries

    - ` content/ro-RO/a.md ` (` content/term-outdated, link/broken `)

    Targets: 3 ok, 2 broken.
    "###);
}

#[test]
fn json_of_check() {
    let text = written(Format::Json, Document::Check);
    let value: serde_json::Value = serde_json::from_str(&text).unwrap();
    assert_eq!(value["schema"], "linkdrift/check/1");
    assert_eq!(value["findings"].as_array().unwrap().len(), model().3.len());
    assert_eq!(value["findings"][10]["message"], HOSTILE);
    assert!(value.get("entries").is_none());
    let head: Vec<&str> = text.lines().take(8).collect();
    assert_snapshot!(head.join("\n"), @r###"
    {"schema":"linkdrift/check/1",
    "run":{"id":7,"name":"check","started_at":"2026-11-22T03:00:00Z","finished_at":"2026-11-23T03:00:00Z","complete":true,"notes":["a note \u001b[31mred\u009b2J\n::error::owned ]]> <img src=x> | `a` @org #1 ##[group]x \u202egpj.exe\u2066 %0A"]},
    "targets":[
    {"url":"https://docs.example.org/gone","verdict":"broken","reason":"http-404","status":404,"final_url":"https://docs.example.org/gone","hops":[{"url":"https://docs.example.org/gone","status":404,"location":null,"elapsed_ms":12}],"attempts":1,"visited_at":"2026-11-22T03:00:00Z","from_state":false,"references":[{"source":"ro-RO","entry":"a.md","line":27,"column":5}]}
    ],
    "findings":[
    {"id":"f_667d927e3ca9dd88","rule":"link/broken","severity":"error","state":"open","since":"new","source":"ro-RO","entry":"a.md","line":21,"column":5,"end_column":9,"target":"https://docs.example.org/gone","message":"https://docs.example.org/gone answers 404 (not found)","evidence":{"reason":"http-404","status":404,"source_line":"See the page for more."},"suggestion":null,"cause":"gone","cause_id":"c_99c02b7e75437fce","first_seen":"2026-11-01T03:00:00Z","last_seen":"2026-11-22T03:00:00Z"},
    {"id":"f_de175dc00e21d054","rule":"link/broken","severity":"error","state":"open","since":"ongoing","source":"ro-RO","entry":"a.md","line":22,"column":5,"end_column":9,"target":"https://docs.example.org/gone","message":"https://docs.example.org/gone answers 404 (not found)","evidence":{"reason":"http-404","status":404,"source_line":"See the page for more."},"suggestion":null,"cause":"gone","cause_id":"c_99c02b7e75437fce","first_seen":"2026-11-01T03:00:00Z","last_seen":"2026-11-22T03:00:00Z"},
    "###);
    assert_snapshot!(text.lines().last().unwrap(), @r###""summary":{"entries":2,"references":14,"targets":5,"visited":5,"requests":6,"received_bytes":1234,"by_verdict":{"ok":3,"broken":2},"new":7,"ongoing":6,"resolved":1,"silenced":2}}"###);
}

#[test]
fn json_of_report() {
    let text = written(Format::Json, Document::Report);
    let value: serde_json::Value = serde_json::from_str(&text).unwrap();
    assert!(value.get("targets").is_none());
    let head: Vec<&str> = text.lines().take(6).collect();
    assert_snapshot!(head.join("\n"), @r###"
    {"schema":"linkdrift/report/1",
    "run":{"id":7,"name":"check","started_at":"2026-11-22T03:00:00Z","finished_at":"2026-11-23T03:00:00Z","complete":true,"notes":["a note \u001b[31mred\u009b2J\n::error::owned ]]> <img src=x> | `a` @org #1 ##[group]x \u202egpj.exe\u2066 %0A"]},
    "entries":[
    {"entry":"a.md","source":"ro-RO","status":"stale","reasons":["content/term-outdated","link/broken"]},
    {"entry":"b.md","source":"ro-RO","status":"fresh","reasons":[]}
    ],
    "###);
}

#[test]
fn json_of_nothing_is_a_document() {
    for document in [Document::Check, Document::Report] {
        let (mut head, _, _, _, summary) = model();
        head.document = document;
        let mut out = Vec::new();
        let mut writer = writer(Format::Json, Look { color: false, width: 80 }, &mut out);
        writer.begin(&head).unwrap();
        writer.end(&summary).unwrap();
        drop(writer);
        let value: serde_json::Value = serde_json::from_slice(&out).unwrap();
        assert_eq!(value["findings"], serde_json::json!([]));
    }
}

#[test]
fn jsonl_is_one_object_a_line() {
    let text = written(Format::Jsonl, Document::Check);
    let kinds: Vec<String> = text
        .lines()
        .map(|line| {
            serde_json::from_str::<serde_json::Value>(line).unwrap()["type"].as_str().unwrap().to_owned()
        })
        .collect();
    assert_eq!(kinds.first().unwrap(), "run");
    assert_eq!(kinds.last().unwrap(), "summary");
    assert_eq!(kinds.len(), 1 + 1 + 2 + model().3.len() + 1);
}

#[test]
fn colour_is_all_that_colour_adds() {
    let (head, _, entries, findings, summary) = model();
    let text = |color: bool| {
        let mut out = Vec::new();
        let mut writer = writer(Format::Text, Look { color, width: 100 }, &mut out);
        writer.begin(&head).unwrap();
        entries.iter().for_each(|row| writer.entry(row).unwrap());
        findings.iter().for_each(|row| writer.finding(row).unwrap());
        writer.end(&summary).unwrap();
        drop(writer);
        String::from_utf8(out).unwrap()
    };
    let colored = text(true);
    assert!(colored.contains("\u{1b}["));
    let stripped = anstream::adapter::strip_str(&colored).to_string();
    let trimmed: Vec<&str> = stripped.lines().map(str::trim_end).collect();
    assert_eq!(trimmed.join("\n"), text(false).lines().collect::<Vec<_>>().join("\n"));
}

#[test]
fn the_order_of_findings_does_not_change_the_text() {
    let (head, _, _, mut findings, summary) = model();
    let text = |findings: &[FindingRow]| {
        let mut out = Vec::new();
        let mut writer = writer(Format::Text, Look { color: false, width: 100 }, &mut out);
        writer.begin(&head).unwrap();
        findings.iter().for_each(|row| writer.finding(row).unwrap());
        writer.end(&summary).unwrap();
        drop(writer);
        String::from_utf8(out).unwrap()
    };
    let first = text(&findings);
    findings.reverse();
    assert_eq!(text(&findings), first);
}

#[test]
fn of_each_rule_the_weightiest_causes_are_shown_and_the_rest_counted() {
    let mut rows: Vec<FindingRow> = Vec::new();
    for number in 0..30 {
        // The last ones are new: they are shown whatever their weight.
        let since = if number >= 25 { Since::New } else { Since::Ongoing };
        let mut finding = model().3[0].finding.clone();
        finding.id = crate::finding::FindingId::of("r", "s", "e", &number.to_string(), 0);
        finding.rule = "link/retired-host".to_owned();
        finding.severity = Severity::Warning;
        finding.state = FindingState::Open;
        finding.cause = format!("host-{number:02}");
        finding.message = format!("message {number:02}.");
        rows.push(FindingRow { finding, since });
    }
    let mut out = Vec::new();
    {
        let mut text = writer(Format::Text, Look { color: false, width: 100 }, &mut out);
        text.begin(&model().0).unwrap();
        rows.iter().try_for_each(|row| text.finding(row)).unwrap();
        text.end(&Summary::default()).unwrap();
    }
    let text = String::from_utf8(out).unwrap();
    assert_eq!(text.matches("[link/retired-host]").count(), 20, "{text}");
    assert!((25..30).all(|number| text.contains(&format!("message {number}"))), "{text}");
    assert!(text.contains("10 more of link/retired-host"), "{text}");
}

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
fn x01_csv_has_a_row_per_finding_and_no_formula() {
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
