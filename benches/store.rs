//! What the state costs: 100,000 references, 20,000 visits with pages of 10 kB, and the same visits again. Prints figures; nothing is
//! asserted. `cargo bench --bench store [-- REFERENCES VISITS]`.

#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a measurement for people: it stops at the first failure, and prints"
)]

use std::path::Path;
use std::time::Instant;

use linkdrift::config::BodyRetention;
use linkdrift::page::{Block, BlockKind, Page, PageFacts, Section};
use linkdrift::reference::{EntryRead, Kind, Reference};
use linkdrift::snapshot::{ContentHash, NewSnapshot, Packer, Served};
use linkdrift::store::sqlite::{Access, SqliteStore};
use linkdrift::store::{EntryRecord, NewRun, Plan, RunId, SourceId, SourceRecord, Store, VisitRecord};
use linkdrift::target::{CanonicalUrl, Resolution, Status, TargetId};
use linkdrift::time::Timestamp;
use linkdrift::verdict::Facts;
use linkdrift::visit::facts::{Answer, Hop, Outcome, Validators, Visit};

fn at(seconds: i64) -> Timestamp {
    Timestamp::from_timestamp(1_790_000_000 + seconds, 0).unwrap()
}

fn url(number: usize) -> String {
    format!("https://host-{}.example/articles/section-{}/page-{number}", number % 200, number % 17)
}

fn entries(source: SourceId, references: usize, targets: usize) -> Vec<EntryRecord> {
    const EACH: usize = 20;
    (0..references.div_ceil(EACH))
        .map(|entry| {
            let mut text = String::new();
            let mut read = EntryRead::default();
            let mut resolutions = Vec::new();
            for line in 0..EACH {
                let url = url((entry * EACH + line) % targets);
                let start = text.len();
                text.push_str(&format!("Some text that says something, then [a link]({url}) and more.\n"));
                read.references.push(Reference {
                    line: line as u32 + 1,
                    column: 37,
                    offset: start + 36..text.len() - 11,
                    destination: start + 45..text.len() - 12,
                    kind: Kind::Inline,
                    text: "a link".into(),
                    url: url.clone(),
                });
                let target = CanonicalUrl::parse(&url);
                resolutions.push(Resolution { target, fragment: None, status: Status::Target, note: None });
            }
            let content = ContentHash::of(text.as_bytes());
            EntryRecord {
                source,
                entry: format!("folder/{entry}.md"),
                content,
                text,
                read,
                resolutions,
                shown: Vec::new(),
            }
        })
        .collect()
}

/// A page whose compressed size is that of a real one of 43 kB: about 10 kB with its body.
fn snapshot(number: usize) -> (NewSnapshot, PageFacts) {
    let mut noise = number as u64;
    let mut word = || {
        noise = noise.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        format!("{:x} ", (noise >> 44) as u16)
    };
    let page = Page {
        title: Some(format!("Page {number}")),
        sections: vec![Section::default()],
        blocks: (0..20)
            .map(|_| Block {
                kind: BlockKind::Paragraph,
                text: (0..40).map(|_| word()).collect(),
                section: 0,
                marked: vec![],
                links: vec![],
            })
            .collect(),
        ..Page::default()
    };
    let body: String = (0..2600).map(|_| word()).collect();
    let validators =
        Validators { url: url(number), etag: Some(format!("\"{number}\"")), last_modified: None };
    let facts = PageFacts {
        title: page.title.clone(),
        content: Some(ContentHash(page.content_hash()).to_string()),
        ..PageFacts::default()
    };
    (
        NewSnapshot::of(
            &page,
            ContentHash(page.content_hash()),
            body.as_bytes(),
            Served { url: url(number), validators: Some(validators), ..Served::default() },
            BodyRetention::Full,
            &mut Packer::try_new().unwrap(),
        ),
        facts,
    )
}

fn visit(target: TargetId, url: &str, second: i64, number: usize, page: Option<PageFacts>) -> Facts {
    let status = if page.is_some() { 200 } else { 304 };
    let outcome = if page.is_some() { Outcome::Answered } else { Outcome::NotModified };
    let answer = Answer { content_type: Some("text/html; charset=utf-8".into()), ..Answer::default() };
    let hops = vec![Hop {
        url: url.into(),
        status: Some(status),
        location: None,
        elapsed_ms: (number as u64 * 7919 + second as u64) % 400 + 5,
    }];
    let _ = target;
    let visit = Visit {
        hops,
        outcome,
        attempts: 1,
        visited_at: at(second),
        answer: Some(answer),
        certificate_ends: None,
    };
    Facts { visit, page }
}

/// Processor seconds of this process, user and system (proc_pid_stat(5)), at 100 ticks a second.
fn processor() -> f64 {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let fields: Vec<&str> = stat.rsplit(')').next().unwrap_or_default().split_whitespace().collect();
    let ticks = |field: usize| fields.get(field).and_then(|ticks| ticks.parse::<f64>().ok()).unwrap_or(0.0);
    (ticks(11) + ticks(12)) / 100.0
}

fn report(what: &str, rows: usize, since: (Instant, f64), path: &Path) {
    let (wall, cpu) = (since.0.elapsed().as_secs_f64(), processor() - since.1);
    let size = std::fs::metadata(path).unwrap().len();
    println!(
        "{what:32} {rows:>7} rows {wall:7.2} s wall {cpu:6.2} s cpu {:>9.0} rows/s  {size:>11} bytes",
        rows as f64 / wall
    );
}

async fn scope(store: &SqliteStore, second: i64, entries: &[EntryRecord]) -> RunId {
    let run = store.begin_run(NewRun { name: "check".into(), started_at: at(second) }).await.unwrap();
    let (references, began) =
        (entries.iter().map(|entry| entry.resolutions.len()).sum(), (Instant::now(), processor()));
    for batch in entries.chunks(200) {
        store.record_entries(run, batch.to_vec()).await.unwrap();
    }
    store.flush().await.unwrap();
    report("entries", references, began, store.path());
    let began = (Instant::now(), processor());
    let planned = store.plan(run, Plan::default()).await.unwrap();
    report("plan", planned.targets as usize, began, store.path());
    run
}

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let numbers: Vec<usize> = std::env::args().filter_map(|argument| argument.parse().ok()).collect();
    let references = numbers.first().copied().unwrap_or(100_000);
    let visits = numbers.get(1).copied().unwrap_or(20_000);
    let folder = tempfile::tempdir_in(std::env::var_os("LINKDRIFT_BENCH_DIR").unwrap_or(".".into())).unwrap();
    let path = folder.path().join("state.db");
    let store = SqliteStore::open(&path, Access::Run).unwrap();
    let source = SourceRecord {
        name: "bench".into(),
        root: "/bench".into(),
        base_url: None,
        locale: None,
        group: None,
    };
    let source = store.put_source(source).await.unwrap();
    let entries = entries(source, references, visits);

    let run = scope(&store, 0, &entries).await;
    let mut targets = Vec::new();
    while let Some(page) = Some(store.targets(run, targets.last().map(|(id, _)| *id), 1000).await.unwrap())
        && !page.is_empty()
    {
        targets.extend(page.into_iter().map(|target| (target.id, target.url)));
    }
    let prepared: Vec<_> = (0..64).map(snapshot).collect();
    let bytes = prepared.iter().map(|(new, _)| new.body.as_ref().unwrap().len());
    println!("a page and its body, packed: {} bytes", bytes.sum::<usize>() / prepared.len());

    // Pages are made and packed outside what is measured: that is the work of others.
    let (mut wall, mut cpu) = (0.0, 0.0);
    for (chunk, targets) in targets.chunks(1000).enumerate() {
        let visits: Vec<VisitRecord> = targets
            .iter()
            .enumerate()
            .map(|(number, (id, url))| {
                let (snapshot, page) = snapshot(chunk * 1000 + number);
                let facts = visit(*id, url.as_str(), 1, number, Some(page));
                VisitRecord { target: *id, facts, snapshot: Some(snapshot) }
            })
            .collect();
        let began = (Instant::now(), processor());
        for visit in visits {
            store.record_visit(run, visit).await.unwrap();
        }
        store.flush().await.unwrap();
        wall += began.0.elapsed().as_secs_f64();
        cpu += processor() - began.1;
    }
    println!("visits, new: {} in {wall:.2} s wall, {cpu:.2} s cpu", targets.len());
    store.finish_run(run, at(2), "{}".into()).await.unwrap();
    drop(store);
    let cold = std::fs::metadata(&path).unwrap().len();

    for round in 1..=3 {
        let store = SqliteStore::open(&path, Access::Run).unwrap();
        let run = scope(&store, round * 1000, &entries).await;
        let began = (Instant::now(), processor());
        for (number, (id, url)) in targets.iter().enumerate() {
            let facts = visit(*id, url.as_str(), round * 1000 + 1, number, None);
            store.record_visit(run, VisitRecord { target: *id, facts, snapshot: None }).await.unwrap();
        }
        store.flush().await.unwrap();
        report("visits, nothing changed", targets.len(), began, &path);
        store.finish_run(run, at(round * 1000 + 2), "{}".into()).await.unwrap();
        drop(store);
        let warm = std::fs::metadata(&path).unwrap().len();
        println!("growth since the first run: {:.2} %", 100.0 * (warm as f64 / cold as f64 - 1.0));
    }
    let store = SqliteStore::open(&path, Access::Read).unwrap();
    let run = store.runs(1).await.unwrap()[0].id;
    let began = (Instant::now(), processor());
    let mut last = None;
    let mut count = 0;
    while let Some(page) = Some(store.targets(run, last, 500).await.unwrap())
        && !page.is_empty()
    {
        count += page.len();
        last = page.last().map(|target| target.id);
        store.places(page.into_iter().map(|target| target.id).collect()).await.unwrap();
    }
    report("targets read, with places", count, began, &path);
    let began = (Instant::now(), processor());
    let mut last = None;
    let mut count = 0;
    while let Some(page) = Some(store.entries(run, last, 200).await.unwrap())
        && !page.is_empty()
    {
        count += page.iter().map(|entry| entry.references.len()).sum::<usize>();
        last = page.last().map(|entry| entry.id);
    }
    report("entries read", count, began, &path);
    let began = (Instant::now(), processor());
    let soundness = store.check().await.unwrap();
    report("check", targets.len(), began, &path);
    assert!(soundness.problems.is_empty(), "{:?}", soundness.problems);
    println!("{:?}", soundness.rows);
}
