//! How a state grows: 2,000 pages of some 40 kB, visited 50 times, of which 2 % are another at each visit. Prints figures; nothing is
//! asserted. `cargo bench --bench growth [-- PAGES VISITS]`.

#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a measurement for people: it stops at the first failure, and prints"
)]

use bytes::Bytes;
use linkdrift::config::BodyRetention;
use linkdrift::page::{self, PageFacts};
use linkdrift::reference::{EntryRead, Kind, Reference};
use linkdrift::snapshot::{ContentHash, NewSnapshot, Packer, Served};
use linkdrift::store::sqlite::{Access, SqliteStore};
use linkdrift::store::{EntryRecord, NewRun, Plan, SourceRecord, Store, VisitRecord};
use linkdrift::target::{CanonicalUrl, Resolution, Status};
use linkdrift::time::Timestamp;
use linkdrift::verdict::Facts;
use linkdrift::visit::facts::{Answer, Body, Hop, Outcome, Visit};
use url::Url;

fn at(seconds: i64) -> Timestamp {
    Timestamp::from_timestamp(1_790_000_000 + seconds, 0).unwrap()
}

fn url(number: usize) -> String {
    format!("https://host-{}.example/articles/section-{}/page-{number}", number % 20, number % 17)
}

/// A page as documentation sites serve them: some 25 kB that all pages share, 15 kB of its own text. `version` is in one paragraph of it.
fn html(number: usize, version: usize) -> String {
    const WORDS: &[&str] = &[
        "the", "a", "user", "select", "settings", "page", "to", "of", "account", "admin", "center", "can",
        "file", "in", "and", "share", "group", "policy", "device", "sign", "portal", "when", "is", "not",
        "license", "team", "channel", "message", "open", "then",
    ];
    let mut noise = number as u64 + 1;
    let mut word = || {
        noise = noise.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        // Few words are frequent, as in any text.
        let rank = ((noise >> 33) as usize % 1000) * ((noise >> 43) as usize % 1000) / 1000;
        WORDS.get(rank / 20).map_or_else(|| format!("word{rank}"), |word| (*word).to_owned())
    };
    let mut page = format!("<html><head><title>Page {number} | Docs</title>");
    for style in 0..120 {
        page.push_str(&format!("<link rel=\"preload\" href=\"/assets/chunk-{style:04x}.js\" as=\"script\">"));
    }
    page.push_str("</head><body><nav>");
    for item in 0..200 {
        page.push_str(&format!(
            "<li class=\"nav-item level-{}\"><a href=\"/articles/{item}\">Article {item}</a></li>",
            item % 3
        ));
    }
    page.push_str(&format!("</nav><main><h1 id=\"top\">Page {number}</h1>"));
    for section in 0..8 {
        page.push_str(&format!("<h2 id=\"section-{section}\">Section {section}</h2>"));
        for paragraph in 0..4 {
            let text: Vec<String> = (0..70).map(|_| word()).collect();
            let changed = if (section, paragraph) == (3, 1) {
                format!(" At most {version} devices.")
            } else {
                String::new()
            };
            page.push_str(&format!("<p>{}.{changed}</p>", text.join(" ")));
        }
    }
    page.push_str("</main><footer>Docs</footer></body></html>");
    page
}

/// What a visit brings.
fn answer(number: usize, version: usize) -> (NewSnapshot, PageFacts, usize) {
    let url = Url::parse(&url(number)).unwrap();
    let bytes = Bytes::from(html(number, version));
    let body = Body { bytes, content_type: Some("text/html; charset=utf-8".into()) };
    let page = page::read(&body, &url);
    let content = page.content_hash();
    let served =
        Served { url: url.to_string(), content_type: body.content_type.clone(), ..Served::default() };
    let mut packer = Packer::try_new().unwrap();
    let new =
        NewSnapshot::of(&page, ContentHash(content), &body.bytes, served, BodyRetention::Full, &mut packer);
    (new, PageFacts::of(&page, content, &body), body.bytes.len())
}

fn facts(url: &str, second: i64, page: PageFacts) -> Facts {
    let hop = Hop { url: url.into(), status: Some(200), location: None, elapsed_ms: 40 + second as u64 % 50 };
    let answer = Answer { content_type: Some("text/html; charset=utf-8".into()), ..Answer::default() };
    let visit = Visit {
        hops: vec![hop],
        outcome: Outcome::Answered,
        certificate_ends: None,
        attempts: 1,
        visited_at: at(second),
        answer: Some(answer),
    };
    Facts { visit, page: Some(page) }
}

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let numbers: Vec<usize> = std::env::args().filter_map(|argument| argument.parse().ok()).collect();
    let pages = numbers.first().copied().unwrap_or(2000);
    let visits = numbers.get(1).copied().unwrap_or(50);
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
    let entries: Vec<EntryRecord> = (0..pages)
        .map(|number| {
            let target = url(number);
            let text = format!("See [a page]({target}).\n");
            let reference = Reference {
                line: 1,
                column: 5,
                offset: 4..text.len() - 2,
                destination: 13..text.len() - 3,
                kind: Kind::Inline,
                text: "a page".into(),
                url: target.clone(),
            };
            let resolution = Resolution {
                target: CanonicalUrl::parse(&target),
                fragment: None,
                status: Status::Target,
                note: None,
            };
            EntryRecord {
                source,
                entry: format!("{number}.md"),
                content: ContentHash::of(text.as_bytes()),
                text,
                read: EntryRead { references: vec![reference], ..EntryRead::default() },
                resolutions: vec![resolution],
                shown: vec![],
            }
        })
        .collect();
    let mut now: Vec<(NewSnapshot, PageFacts, usize)> = (0..pages).map(|number| answer(number, 0)).collect();
    println!(
        "a page: {} bytes, packed {}",
        now.iter().map(|(_, _, length)| length).sum::<usize>() / pages,
        now.iter().map(|(new, _, _)| new.body.as_ref().unwrap().len()).sum::<usize>() / pages,
    );
    let (mut first, mut changes) = (0, 0);
    for visit in 0..visits {
        let begun = visit as i64 * 100_000;
        let run = store.begin_run(NewRun { name: "check".into(), started_at: at(begun) }).await.unwrap();
        for batch in entries.chunks(200) {
            store.record_entries(run, batch.to_vec()).await.unwrap();
        }
        store.plan(run, Plan::default()).await.unwrap();
        let mut last = None;
        while let Some(targets) = Some(store.targets(run, last, 500).await.unwrap())
            && !targets.is_empty()
        {
            last = targets.last().map(|target| target.id);
            for target in targets {
                let at_path = target.url.as_str().rsplit('-').next().unwrap();
                let number: usize = at_path.parse().unwrap();
                // Each visit another fiftieth of the pages.
                if visit > 0 && (number + visit).is_multiple_of(50) {
                    now[number] = answer(number, visit);
                    changes += 1;
                }
                let (new, page, _) = now[number].clone();
                let facts = facts(target.url.as_str(), begun + number as i64, page);
                store
                    .record_visit(run, VisitRecord { target: target.id, facts, snapshot: Some(new) })
                    .await
                    .unwrap();
            }
        }
        store.finish_run(run, at(begun + 9000), "{}".into()).await.unwrap();
        store.flush().await.unwrap();
        if visit == 0 {
            // What is in the write-ahead log belongs into the file before it is weighed.
            store.backup(&folder.path().join("first.db")).await.unwrap();
            first = size(&folder.path().join("first.db"));
            println!("first visit: {first} bytes, {} a page", first / pages as u64);
        }
    }
    let soundness = store.check().await.unwrap();
    let copy = folder.path().join("all.db");
    store.backup(&copy).await.unwrap();
    let all = size(&copy);
    println!(
        "{visits} visits: {all} bytes; {changes} changes took {} bytes, {} each; {:?}",
        all - first,
        (all - first) / changes.max(1),
        soundness
            .rows
            .iter()
            .filter(|(table, _)| matches!(table.as_str(), "snapshot" | "observation" | "blob"))
            .collect::<Vec<_>>()
    );
}

fn size(path: &std::path::Path) -> u64 {
    std::fs::metadata(path).unwrap().len()
}
