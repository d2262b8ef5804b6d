//! Every format over one model, with hostile strings in it.

mod hostile;

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
    assert_snapshot!(written(Format::Text, Document::Check), @r"
    error[link/broken]: https://docs.example.org/gone answers 404 (not found)
      --> content/ro-RO/a.md:21:5
       |
    21 | See the page for more.
       |     ^^^^
       |
       = 7 places in 2 entries; also content/ro-RO/a.md:22:5, content/ro-RO/a.md:23:5, content/ro-RO/b.md:24:5, content/ro-RO/b.md:25:5 and 2 more
       = 4 of 7 are new in this run
       = id: c_99c02b7e75437fce

    error[content/term-outdated]: “Old Name” is “New Name” upstream since 2026-11-08
      --> content/ro-RO/a.md:46:5
       |
    46 |  ………Old Name and more
       |     ^^^^
       |
       = upstream - Open Old Name.
       = upstream + Open New Name.
       = fix: use New Name
       = id: f_611af284117ac0db

    warning[link/text-mismatch]: [31mred2J ::error::owned ]]> <img src=x> | `a` @org #1 # [group]x gpj.exe %0A
     --> content/ro-RO/a,b:c.md:9:5
      |
    9 | abc  [31mred 2J ::error::owned ]]> <img src=x> | `a` @org #1 # [group]x  gpj.exe  %0Along lon...
      |     ^^^^
      |
      = fix: use [31mred2J ::error::owned ]]> <img src=x> | `a` @org #1 # [group]x gpj.exe %0A
      = new in this run
      = id: f_0aa6017fcdbed025

    info[link/redirect-permanent]: docs.example.org moved for good to learn.example.org, with the same paths
      --> content/ro-RO/a.md:3:5
       = chain: https://docs.example.org/x → https://learn.example.org/x
       = 2 places in 1 entry; also content/ro-RO/a.md:4:5
       = fix: use the new one everywhere; here https://learn.example.org/x
       = 1 of 2 are new in this run
       = id: c_f082054b515b7174

    Not confirmed yet; shown, and gating nothing:

    warning[link/broken]: https://docs.example.org/maybe answers 404 (not found)
      --> content/ro-RO/b.md:2:5
       = not confirmed yet: 1 visit so far
       = id: f_2ffd227433c95d63

    note: a note [31mred2J ::error::owned ]]> <img src=x> | `a` @org #1 # [group]x gpj.exe %0A
    Findings: 8 errors, 1 warning, 2 info, 1 not confirmed; 7 new, 6 ongoing, 1 resolved (1 acknowledged or muted, not shown; 2 silenced in entries)
    Targets:  5: 3 ok, 2 broken
    Entries:  2: 1 stale, 0 to review, 1 fresh; 14 references
    ");
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
    assert_snapshot!(written(Format::Markdown, Document::Report), @r"
    ## linkdrift

    8 errors, 1 warning, 2 info, 1 not confirmed; 7 new, 6 ongoing, 1 resolved. 2 entries, 14 references, 5 targets.

    ### Findings

    | | rule | what | where | fix | id |
    |---|---|---|---|---|---|
    | error | ` link/broken ` | ` https://docs.example.org/gone answers 404 (not found) ` | ` content/ro-RO/a.md:21:5 ` ` content/ro-RO/a.md:22:5 ` ` content/ro-RO/a.md:23:5 ` ` content/ro-RO/b.md:24:5 ` ` content/ro-RO/b.md:25:5 ` (7 places in 2 entries) |  | ` c_99c02b7e75437fce ` |
    | error | ` content/term-outdated ` | ` “Old Name” is “New Name” upstream since 2026-11-08 ` | ` content/ro-RO/a.md:46:5 ` | ` New Name ` | ` f_611af284117ac0db ` |
    | warning | ` link/text-mismatch ` | `` [31mred2J ::error::owned ]]> <img src=x> \| `a` @org #1 ##[group]x gpj.exe %0A `` | ` content/ro-RO/a,b:c .md:9:5 ` | `` [31mred2J ::error::owned ]]> <img src=x> \| `a` @org #1 ##[group]x gpj.exe %0A `` | ` f_0aa6017fcdbed025 ` |
    | info | ` link/redirect-permanent ` | ` docs.example.org moved for good to learn.example.org, with the same paths ` | ` content/ro-RO/a.md:3:5 ` ` content/ro-RO/a.md:4:5 ` | ` https://learn.example.org/x ` | ` c_f082054b515b7174 ` |

    ### Not confirmed yet

    | | rule | what | where | fix | id |
    |---|---|---|---|---|---|
    | warning | ` link/broken ` | ` https://docs.example.org/maybe answers 404 (not found) ` | ` content/ro-RO/b.md:2:5 ` |  | ` f_2ffd227433c95d63 ` |

    ### Stale entries

    - ` content/ro-RO/a.md ` (` content/term-outdated, link/broken `)

    Targets: 3 ok, 2 broken.
    ");
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
