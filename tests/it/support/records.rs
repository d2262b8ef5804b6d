//! What goes into a state, made by hand.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on should stop here")]

use linkdrift::config::{BodyRetention, Severity};
use linkdrift::finding::{Evidence, Finding, FindingId, FindingState};
use linkdrift::page::{Block, BlockKind, Page, PageFacts};
use linkdrift::reference::{EntryRead, Kind, Reference};
use linkdrift::snapshot::{ContentHash, NewSnapshot, Packer, Served};
use linkdrift::store::{EntryRecord, SourceId, VisitRecord};
use linkdrift::target::{CanonicalUrl, Note, Resolution, Status, TargetId};
use linkdrift::time::Timestamp;
use linkdrift::verdict::Facts;
use linkdrift::visit::facts::{Answer, Failure, Hop, Outcome, Validators, Visit};

/// `hours` after some day.
pub(crate) fn hour(hours: i64) -> Timestamp {
    Timestamp::from_timestamp(1_790_000_000 + 3600 * hours, 0).unwrap()
}

/// An entry that names these URLs, one a line.
pub(crate) fn entry(source: SourceId, path: &str, urls: &[&str]) -> EntryRecord {
    let mut record = EntryRecord {
        source,
        entry: path.into(),
        content: ContentHash([0; 32]),
        text: format!("# {path}\n"),
        read: EntryRead::default(),
        resolutions: Vec::new(),
        shown: Vec::new(),
    };
    for (index, url) in urls.iter().enumerate() {
        let start = record.text.len();
        record.text.push_str(&format!("[link {index}]({url})\n"));
        let target = CanonicalUrl::parse(url);
        record.read.references.push(Reference {
            line: index as u32 + 2,
            column: 1,
            offset: start..record.text.len() - 1,
            destination: record.text.len() - 2 - url.len()..record.text.len() - 2,
            kind: Kind::Inline,
            text: format!("link {index}"),
            url: (*url).into(),
        });
        record.resolutions.push(Resolution {
            status: if target.is_some() { Status::Target } else { Status::File },
            note: target.is_none().then(|| Note::Path { path: (*url).into() }),
            fragment: url.split_once('#').map(|(_, fragment)| fragment.into()),
            target,
        });
    }
    record.read.anchors.push("top".into());
    record.content = ContentHash::of(record.text.as_bytes());
    record
}

/// A page of one paragraph.
pub(crate) fn page(text: &str) -> Page {
    Page {
        title: Some("A page".into()),
        sections: vec![Default::default()],
        blocks: vec![Block {
            kind: BlockKind::Paragraph,
            text: text.into(),
            section: 0,
            marked: vec![],
            links: vec![],
        }],
        ..Page::default()
    }
}

/// A visit that was answered 200 with a page of one paragraph, and with validators.
pub(crate) fn answered(target: TargetId, url: &str, text: &str, at: Timestamp) -> VisitRecord {
    let page = page(text);
    let validators =
        Validators { url: url.into(), etag: Some(format!("\"{}\"", text.len())), last_modified: None };
    let snapshot = NewSnapshot::of(
        &page,
        ContentHash(page.content_hash()),
        text.as_bytes(),
        Served { url: url.into(), validators: Some(validators), ..Served::default() },
        BodyRetention::Full,
        &mut Packer::try_new().unwrap(),
    );
    let facts = Facts {
        visit: visit(url, Some(200), Outcome::Answered, at),
        page: Some(PageFacts {
            title: page.title.clone(),
            content: Some(ContentHash(page.content_hash()).to_string()),
            ..PageFacts::default()
        }),
    };
    VisitRecord { target, facts, snapshot: Some(snapshot) }
}

/// A visit that was answered 304.
pub(crate) fn not_modified(target: TargetId, url: &str, at: Timestamp) -> VisitRecord {
    let facts = Facts { visit: visit(url, Some(304), Outcome::NotModified, at), page: None };
    VisitRecord { target, facts, snapshot: None }
}

/// A visit that was answered with this status and no page.
pub(crate) fn status(target: TargetId, url: &str, status: u16, at: Timestamp) -> VisitRecord {
    let facts = Facts { visit: visit(url, Some(status), Outcome::Answered, at), page: None };
    VisitRecord { target, facts, snapshot: None }
}

/// A visit that got no answer.
pub(crate) fn reset(target: TargetId, url: &str, detail: &str, at: Timestamp) -> VisitRecord {
    let outcome = Outcome::Failed { failure: Failure::Reset, detail: detail.into() };
    VisitRecord { target, facts: Facts { visit: visit(url, None, outcome, at), page: None }, snapshot: None }
}

fn visit(url: &str, status: Option<u16>, outcome: Outcome, at: Timestamp) -> Visit {
    Visit {
        hops: vec![Hop { url: url.into(), status, location: None, elapsed_ms: 40 }],
        outcome,
        attempts: 1,
        visited_at: at,
        answer: status.map(|_| Answer { content_type: Some("text/html".into()), ..Answer::default() }),
        certificate_ends: None,
    }
}

/// A finding that a target is gone.
pub(crate) fn broken(source: &str, entry: &str, target: &str, at: Timestamp) -> Finding {
    Finding {
        id: FindingId::of("link/broken", source, entry, target, 0),
        rule: "link/broken".into(),
        severity: Severity::Error,
        state: FindingState::Open,
        source: source.into(),
        entry: entry.into(),
        line: 2,
        column: 1,
        end_column: None,
        offset: Some((3, 9)),
        target: Some(target.into()),
        message: "the page is gone".into(),
        evidence: Evidence { status: Some(404), ..Evidence::default() },
        suggestion: None,
        cause: target.into(),
        first_seen: at,
        last_seen: at,
    }
}
