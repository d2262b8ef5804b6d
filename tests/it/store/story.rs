//! What any store must do. Each part takes an empty one.

use std::collections::HashSet;

use linkdrift::finding::{FindingId, FindingState};
use linkdrift::snapshot::ContentHash;
use linkdrift::store::{
    Decision, EntryRecord, FindingCounts, FindingQuery, NewRun, Plan, Review, ReviewSubject, RunId,
    ScheduleEnding, SourceId, SourceRecord, Store, StoredFinding, TargetRecord,
};
use linkdrift::target::{CanonicalUrl, HostKey, Note, Status, TargetId};

use crate::support::records::{answered, broken, entry, hour, not_modified, reset, status};

const RESET: &str = "https://docs.example/reset?view=1";
const SETUP: &str = "https://aka.example/setup";

async fn begin(store: &impl Store, at: i64) -> RunId {
    store.begin_run(NewRun { name: "check".into(), started_at: hour(at) }).await.unwrap()
}

async fn source(store: &impl Store, name: &str) -> SourceId {
    let source = SourceRecord {
        name: name.into(),
        root: format!("/help/{name}").into(),
        base_url: Some("https://docs.example".into()),
        locale: Some(name.into()),
        group: None,
    };
    store.put_source(source).await.unwrap()
}

/// A run over these entries, planned.
async fn run(store: &impl Store, at: i64, source: SourceId, entries: Vec<EntryRecord>) -> RunId {
    let run = begin(store, at).await;
    store.record_entries(run, entries).await.unwrap();
    store.finish_source(run, source, HashSet::new()).await.unwrap();
    store.plan(run, Plan::default()).await.unwrap();
    run
}

async fn find(store: &impl Store, url: &str) -> TargetRecord {
    store.find_target(CanonicalUrl::parse(url).unwrap()).await.unwrap().unwrap()
}

async fn sound(store: &impl Store) {
    assert_eq!(store.check().await.unwrap().problems, Vec::<String>::new());
}

/// Entries of many references come in small windows, each once.
pub(crate) async fn entries_of_many_references(store: impl Store) {
    let ro = source(&store, "ro-RO").await;
    let urls: Vec<String> = (0..3000).map(|number| format!("https://docs.example/{number}")).collect();
    let urls: Vec<&str> = urls.iter().map(String::as_str).collect();
    let names = ["a.md", "b.md", "c.md", "d.md", "e.md"];
    let written = names.map(|name| entry(ro, name, if name == "c.md" { &urls } else { &urls[..1500] }));
    let run = run(&store, 0, ro, written.to_vec()).await;
    let (mut after, mut windows) = (None, Vec::new());
    loop {
        let window = store.entries(run, after, 9).await.unwrap();
        let Some(last) = window.last() else { break };
        after = Some(last.id);
        windows.push(window.into_iter().map(|entry| entry.entry).collect::<Vec<_>>());
    }
    assert_eq!(windows, [&["a.md", "b.md"][..], &["c.md"], &["d.md", "e.md"]]);
}

/// Entries come back as they were read; what did not change is not written again; what is not seen any more is gone.
pub(crate) async fn entries_and_their_references(store: impl Store) {
    let ro = source(&store, "ro-RO").await;
    assert_eq!(source(&store, "ro-RO").await, ro);
    let written = [
        entry(ro, "a/one.md", &[RESET, "https://docs.example/reset?view=1#steps", "../other.md"]),
        entry(ro, "two.md", &[SETUP]),
        entry(ro, "three.md", &[]),
    ];
    let first = run(&store, 0, ro, written.to_vec()).await;

    let read = store.entries(first, None, 2).await.unwrap();
    assert_eq!(read.len(), 2);
    let rest = store.entries(first, Some(read[1].id), 2).await.unwrap();
    assert_eq!(rest.len(), 1);
    for (written, read) in written.iter().zip(read.iter().chain(&rest)) {
        assert_eq!(
            (&written.entry, &written.text, &written.read, written.content),
            (&read.entry, &read.text, &read.read, read.content)
        );
        assert_eq!(read.first_seen, hour(0));
        assert_eq!(read.reviewed_at, None);
        for (resolution, stored) in written.resolutions.iter().zip(&read.references) {
            assert_eq!(resolution.target.as_ref(), stored.target.as_ref().map(|(_, url)| url));
            assert_eq!(
                (&resolution.fragment, resolution.status, &resolution.note),
                (&stored.fragment, stored.status, &stored.note)
            );
        }
    }
    assert_eq!(read[0].references[2].status, Status::File);
    let target = find(&store, RESET).await;
    assert_eq!(read[0].references[1].target.as_ref().unwrap().0, target.id);
    assert_eq!((target.history.len(), target.last_run), (0, None));

    // The same again, then one entry changed and one gone.
    let second = run(&store, 1, ro, written.to_vec()).await;
    let again = store.entries(second, None, 9).await.unwrap();
    assert_eq!(again.iter().map(|entry| entry.id).collect::<Vec<_>>(), [read[0].id, read[1].id, rest[0].id]);
    let changed = entry(ro, "a/one.md", &[SETUP, "https://new.example/"]);
    let third = run(&store, 2, ro, vec![changed.clone(), written[2].clone()]).await;
    let now = store.entries(third, None, 9).await.unwrap();
    assert_eq!(now.len(), 2);
    assert_eq!((now[0].id, &now[0].text, &now[0].read), (read[0].id, &changed.text, &changed.read));
    assert_eq!(now[0].first_seen, hour(0));

    let setup = find(&store, SETUP).await.id;
    let places = store.places(vec![setup, target.id]).await.unwrap();
    assert_eq!(places.len(), 1, "the entry that is gone names it, the changed one names the other no more");
    assert_eq!(
        (places[0].source.as_str(), places[0].entry.as_str(), places[0].reference.line),
        ("ro-RO", "a/one.md", 2)
    );

    for path in ["a/one.md", "one.md", "./one.md", "ro-RO/a/one.md", "/help/ro-RO/a/one.md"] {
        let found = store.find_entries(path.into()).await.unwrap();
        assert_eq!(
            found.iter().map(|entry| entry.entry.as_str()).collect::<Vec<_>>(),
            ["a/one.md"],
            "{path}"
        );
    }
    for path in ["ne.md", "two.md", "", "b/one.md"] {
        assert!(store.find_entries(path.into()).await.unwrap().is_empty(), "{path}");
    }
    // An entry that is back is the entry that it was.
    let fourth = run(&store, 3, ro, vec![written[1].clone()]).await;
    assert_eq!(store.entries(fourth, None, 9).await.unwrap()[0].id, read[1].id);
    assert_eq!(store.sources().await.unwrap().len(), 1);
    sound(&store).await;
}

/// Visits that find the same are one interval; a 304 confirms; content that returns shares its bytes.
pub(crate) async fn visits_are_intervals(store: impl Store) {
    let ro = source(&store, "ro-RO").await;
    let first = run(&store, 0, ro, vec![entry(ro, "one.md", &[RESET])]).await;
    let id = find(&store, RESET).await.id;

    let mut slow = answered(id, RESET, "Select Azure Active Directory.", hour(0));
    slow.facts.visit.attempts = 3;
    slow.facts.visit.hops[0].elapsed_ms = 70_000;
    store.record_visit(first, slow).await.unwrap();
    store.record_visit(first, answered(id, RESET, "Select Azure Active Directory.", hour(1))).await.unwrap();
    store.record_visit(first, not_modified(id, RESET, hour(2))).await.unwrap();
    store.flush().await.unwrap();
    let target = find(&store, RESET).await;
    assert_eq!(target.history.len(), 1);
    let interval = &target.history[0];
    assert_eq!((interval.first_seen, interval.last_seen, interval.visits), (hour(0), hour(2), 3));
    assert_eq!(interval.facts.visit.visited_at, hour(2));
    assert_eq!((interval.facts.visit.attempts, interval.facts.visit.hops[0].elapsed_ms), (1, 40));
    assert_eq!(interval.facts.visit.status(), Some(200));
    assert!(interval.facts.page.is_some());
    assert_eq!(target.last_run, Some(first));
    assert_eq!(target.snapshots.len(), 1);
    assert_eq!((target.snapshots[0].first_seen, target.snapshots[0].last_seen), (hour(0), hour(2)));
    store.finish_run(first, hour(2), "{}".into()).await.unwrap();

    // Two failures that differ only in what the machinery said, a 304 after them, then new content, then the old one again.
    let second = run(&store, 3, ro, vec![entry(ro, "one.md", &[RESET])]).await;
    let due = store.next_targets(second, HostKey::from_stored("docs.example".into()), None, 9).await.unwrap();
    assert_eq!(due[0].validators.as_ref().unwrap().etag.as_deref(), Some("\"30\""));
    for visit in [
        reset(id, RESET, "by peer", hour(3)),
        reset(id, RESET, "os error 104", hour(4)),
        not_modified(id, RESET, hour(5)),
        answered(id, RESET, "Select Microsoft Entra ID.", hour(6)),
        answered(id, RESET, "Select Azure Active Directory.", hour(7)),
        status(id, RESET, 404, hour(8)),
    ] {
        store.record_visit(second, visit).await.unwrap();
    }
    store.flush().await.unwrap();
    let target = find(&store, RESET).await;
    let story: Vec<_> = target
        .history
        .iter()
        .map(|interval| (interval.facts.visit.status(), interval.facts.page.is_some(), interval.visits))
        .collect();
    assert_eq!(
        story,
        [
            (Some(200), true, 3),
            (None, false, 2),
            (Some(200), true, 1),
            (Some(200), true, 1),
            (Some(200), true, 1),
            (Some(404), false, 1)
        ]
    );
    let snapshots: Vec<_> =
        target.snapshots.iter().map(|snapshot| (snapshot.first_seen, snapshot.last_seen)).collect();
    assert_eq!(snapshots, [(hour(0), hour(5)), (hour(6), hour(6)), (hour(7), hour(7))]);
    let (meta, page) = store.snapshot(target.snapshots[1].id).await.unwrap().unwrap();
    assert_eq!((meta, page), (target.snapshots[1].clone(), None), "a page is read of its body");
    for (snapshot, text) in [(1, "Select Microsoft Entra ID."), (2, "Select Azure Active Directory.")] {
        let body = store.snapshot_body(target.snapshots[snapshot].id).await.unwrap().unwrap();
        assert_eq!(body.bytes, text);
    }
    let rows = store.check().await.unwrap().rows;
    let count = |table: &str| rows.iter().find(|(name, _)| name == table).unwrap().1;
    assert_eq!((count("snapshot"), count("blob")), (3, 3), "one entry's text and two bodies");
    sound(&store).await;

    // A 304 that nobody asked for says nothing.
    let third = run(&store, 9, ro, vec![entry(ro, "one.md", &[RESET, SETUP])]).await;
    let other = find(&store, SETUP).await.id;
    store.record_visit(third, not_modified(other, SETUP, hour(9))).await.unwrap();
    store.flush().await.unwrap();
    let target = find(&store, SETUP).await;
    assert_eq!((target.history[0].facts.visit.status(), target.snapshots.len()), (Some(304), 0));
    // A clock that was set back turns no interval round.
    store.record_visit(third, not_modified(other, SETUP, hour(1))).await.unwrap();
    store.flush().await.unwrap();
    let interval = find(&store, SETUP).await.history.pop().unwrap();
    assert_eq!((interval.first_seen, interval.last_seen, interval.visits), (hour(1), hour(1), 2));
    sound(&store).await;
}

/// A plan counts by host; the queue is read in pages; what was visited or is fresh is not handed out.
pub(crate) async fn a_queue_is_read_host_by_host(store: impl Store) {
    let ro = source(&store, "ro-RO").await;
    let urls: Vec<String> = (0..25).map(|index| format!("https://h{}.example/{index}", index % 2)).collect();
    let entries: Vec<_> = urls
        .chunks(4)
        .enumerate()
        .map(|(index, urls)| {
            let urls: Vec<&str> = urls.iter().map(String::as_str).collect();
            entry(ro, &format!("{index}.md"), &urls)
        })
        .collect();
    let first = begin(&store, 0).await;
    store.record_entries(first, entries.clone()).await.unwrap();
    let planned = store.plan(first, Plan::default()).await.unwrap();
    assert_eq!((planned.targets, planned.from_state), (25, 0));
    let (even, odd) = (HostKey::from_stored("h0.example".into()), HostKey::from_stored("h1.example".into()));
    assert_eq!(planned.hosts, [(even.clone(), 13), (odd.clone(), 12)]);

    let mut queue = Vec::new();
    loop {
        let page = store.next_targets(first, even.clone(), queue.last().copied(), 5).await.unwrap();
        if page.is_empty() {
            break;
        }
        assert!(page.iter().all(|due| due.url.host_key() == even && due.validators.is_none()));
        queue.extend(page.iter().map(|due| due.id));
    }
    assert_eq!(queue.len(), 13);
    assert!(queue.is_sorted());

    // Three visited: one well, one not, one unreachable. A resumed run does not hand them out again.
    let url = |id: usize| urls[2 * id].as_str();
    store.record_visit(first, answered(queue[0], url(0), "text", hour(1))).await.unwrap();
    store.record_visit(first, status(queue[1], url(1), 404, hour(1))).await.unwrap();
    store.record_visit(first, reset(queue[2], url(2), "", hour(1))).await.unwrap();
    store.flush().await.unwrap();
    let left = store.next_targets(first, even.clone(), None, 99).await.unwrap();
    assert_eq!(left.iter().map(|due| due.id).collect::<Vec<_>>(), queue[3..]);
    assert_eq!(store.plan(first, Plan::default()).await.unwrap().hosts[0].1, 10);
    store.finish_run(first, hour(2), "{}".into()).await.unwrap();

    // What is fresh and well is taken from state.
    for (since, from_state) in [(0, 1), (1, 1), (2, 0)] {
        let run = begin(&store, 3).await;
        store.record_entries(run, entries.clone()).await.unwrap();
        let planned = store.plan(run, Plan { fresh_since: Some(hour(since)) }).await.unwrap();
        assert_eq!((planned.targets, planned.from_state), (25, from_state), "since {since}");
        let due = store.next_targets(run, even.clone(), None, 99).await.unwrap();
        assert_eq!(due.iter().any(|due| due.id == queue[0]), from_state == 0);
    }

    // The scope in pages, and a smaller scope.
    let small = begin(&store, 4).await;
    store.record_entries(small, vec![entries[0].clone(), entries[1].clone()]).await.unwrap();
    assert_eq!(store.plan(small, Plan::default()).await.unwrap().targets, 8);
    let mut seen: Vec<TargetId> = Vec::new();
    loop {
        let page = store.targets(small, seen.last().copied(), 3).await.unwrap();
        if page.is_empty() {
            break;
        }
        seen.extend(page.iter().map(|target| target.id));
    }
    seen.sort();
    assert_eq!(seen.len(), 8);
    assert_eq!(store.target_records(seen.clone()).await.unwrap().len(), 8);
    assert!(store.target_records(vec![TargetId(99)]).await.unwrap().is_empty());
    assert_eq!(store.runs(2).await.unwrap().len(), 2);
    assert_eq!(store.runs(9).await.unwrap().last().unwrap().finished_at, Some(hour(2)));
    sound(&store).await;
}

/// Findings are new once, ongoing while they last, resolved when they could be found and were not, and new again after that.
pub(crate) async fn findings_live_across_runs(store: impl Store) {
    let ro = source(&store, "ro-RO").await;
    let (one, two) = (entry(ro, "one.md", &[RESET, SETUP]), entry(ro, "two.md", &[SETUP]));
    let all = || vec![one.clone(), two.clone()];
    let findings = |at| {
        vec![
            broken("ro-RO", "one.md", RESET, hour(at)),
            broken("ro-RO", "one.md", SETUP, hour(at)),
            broken("ro-RO", "two.md", SETUP, hour(at)),
        ]
    };
    let first = run(&store, 0, ro, all()).await;
    store.record_findings(first, findings(0)).await.unwrap();
    let counts = store.finish_findings(first, hour(0), Vec::new()).await.unwrap();
    assert_eq!(counts, FindingCounts { new: 3, ongoing: 0, resolved: 0 });
    store.finish_run(first, hour(0), "{}".into()).await.unwrap();

    // The next run reads one entry only, and finds one of its two.
    let second = begin(&store, 1).await;
    store.record_entries(second, vec![one.clone()]).await.unwrap();
    store.plan(second, Plan::default()).await.unwrap();
    store.record_findings(second, findings(1)[..1].to_vec()).await.unwrap();
    let counts = store.finish_findings(second, hour(1), Vec::new()).await.unwrap();
    assert_eq!(counts, FindingCounts { new: 0, ongoing: 1, resolved: 1 });
    let stored = list(&store, FindingQuery::default()).await;
    assert_eq!(stored.len(), 2);
    let kept = stored.iter().find(|stored| stored.last_run == second).unwrap();
    assert_eq!((kept.first_run, kept.finding.first_seen, kept.finding.last_seen), (first, hour(0), hour(1)));
    let expected = findings(0).remove(0);
    assert_eq!(kept.finding, linkdrift::finding::Finding { last_seen: hour(1), ..expected });
    assert_eq!(list(&store, FindingQuery { resolved: true, ..Default::default() }).await.len(), 3);
    assert_eq!(list(&store, FindingQuery { run: Some(first), ..Default::default() }).await.len(), 1);
    let of = |entry: &str| Some(("ro-RO".to_owned(), entry.to_owned()));
    assert_eq!(list(&store, FindingQuery { entry: of("two.md"), ..Default::default() }).await.len(), 1);
    let target = FindingQuery { target: Some(SETUP.into()), resolved: true, ..Default::default() };
    let about = list(&store, target).await;
    assert_eq!(about.len(), 2);
    assert_eq!(about.iter().filter(|stored| stored.finding.state == FindingState::Resolved).count(), 1);

    // It comes back: new. Another entry is gone: its finding is resolved whatever the targets.
    let third = run(&store, 2, ro, vec![one.clone()]).await;
    store.record_findings(third, findings(2)[..2].to_vec()).await.unwrap();
    let counts = store.finish_findings(third, hour(2), Vec::new()).await.unwrap();
    assert_eq!(counts, FindingCounts { new: 1, ongoing: 1, resolved: 1 });
    let back = list(&store, FindingQuery { run: Some(third), ..Default::default() }).await;
    assert_eq!(back.iter().filter(|stored| stored.finding.first_seen == hour(2)).count(), 1);

    // The link is taken out of the entry: resolved, although nothing visits its target any more.
    let fourth = run(&store, 3, ro, vec![entry(ro, "one.md", &[SETUP])]).await;
    store.record_findings(fourth, findings(3)[1..2].to_vec()).await.unwrap();
    let counts = store.finish_findings(fourth, hour(3), Vec::new()).await.unwrap();
    assert_eq!(counts, FindingCounts { new: 0, ongoing: 1, resolved: 1 });
    sound(&store).await;
}

/// What a maintainer decided of a finding lasts until it ends; of an entry, it is the baseline.
pub(crate) async fn reviews_outlive_runs(store: impl Store) {
    let ro = source(&store, "ro-RO").await;
    let one = entry(ro, "one.md", &[RESET, SETUP]);
    let findings =
        |at| vec![broken("ro-RO", "one.md", RESET, hour(at)), broken("ro-RO", "one.md", SETUP, hour(at))];
    let first = run(&store, 0, ro, vec![one.clone()]).await;
    store.record_findings(first, findings(0)).await.unwrap();
    store.finish_findings(first, hour(0), Vec::new()).await.unwrap();
    let review = |subject, decision, until: Option<i64>| Review {
        subject,
        decision,
        reason: "known".into(),
        by: Some("Ana".into()),
        until: until.map(hour),
        content: Some(ContentHash([7; 32])),
        at: hour(1),
    };
    let ids: Vec<FindingId> = findings(0).into_iter().map(|finding| finding.id).collect();
    let of = |index: usize| ReviewSubject::Finding(ids[index].clone());
    let the_entry = ReviewSubject::Entry { source: "ro-RO".into(), entry: "one.md".into() };
    let reviews = [
        review(of(0), Decision::Accept, None),
        review(of(1), Decision::Mute, Some(5)),
        review(the_entry.clone(), Decision::Accept, None),
    ];
    for review in reviews.clone() {
        assert!(store.record_review(review).await.unwrap());
    }
    for unknown in [
        ReviewSubject::Finding(FindingId("f_none".into())),
        ReviewSubject::Entry { source: "ro-RO".into(), entry: "none.md".into() },
    ] {
        assert!(!store.record_review(review(unknown, Decision::Mute, None)).await.unwrap());
    }
    let mut listed = store.reviews(9).await.unwrap();
    listed.reverse();
    assert_eq!(listed, reviews);

    let states = async || -> Vec<FindingState> {
        let all = list(&store, FindingQuery { resolved: true, ..Default::default() }).await;
        let state =
            |id: &FindingId| all.iter().find(|stored| stored.finding.id == *id).unwrap().finding.state;
        ids.iter().map(state).collect()
    };
    assert_eq!(states().await, [FindingState::Acknowledged, FindingState::Muted]);
    for at in [2, 4] {
        let run = run(&store, at, ro, vec![one.clone()]).await;
        store.record_findings(run, findings(at)).await.unwrap();
        store.finish_findings(run, hour(at), Vec::new()).await.unwrap();
        assert_eq!(states().await, [FindingState::Acknowledged, FindingState::Muted]);
        assert_eq!(store.entries(run, None, 9).await.unwrap()[0].reviewed_at, Some(hour(1)));
    }
    store.record_review(review(the_entry, Decision::Reopen, None)).await.unwrap();
    let last = run(&store, 5, ro, vec![one]).await;
    assert_eq!(store.entries(last, None, 9).await.unwrap()[0].reviewed_at, None);
    store.record_findings(last, findings(5)[1..].to_vec()).await.unwrap();
    store.finish_findings(last, hour(5), Vec::new()).await.unwrap();
    assert_eq!(states().await, [FindingState::Resolved, FindingState::Open]);
    sound(&store).await;
}

/// Whatever stands in an entry comes back as it was.
pub(crate) async fn any_text_comes_back(store: impl Store, texts: Vec<[String; 4]>) {
    let ro = source(&store, "ro-RO").await;
    let mut record = entry(ro, "a.md", &vec![RESET; texts.len()]);
    for ([text, url, fragment, rest], (reference, resolution)) in
        texts.into_iter().zip(record.read.references.iter_mut().zip(&mut record.resolutions))
    {
        reference.text = text;
        reference.url = url;
        resolution.fragment = Some(fragment);
        resolution.note = Some(Note::Malformed { message: rest.clone(), suggestion: None });
        record.text.push_str(&rest);
        record.read.anchors.push(rest);
    }
    record.content = ContentHash::of(record.text.as_bytes());
    let run = run(&store, 0, ro, vec![record.clone()]).await;
    let read = store.entries(run, None, 9).await.unwrap().remove(0);
    assert_eq!((&read.text, &read.read), (&record.text, &record.read));
    for (stored, resolution) in read.references.iter().zip(&record.resolutions) {
        assert_eq!((&stored.fragment, &stored.note), (&resolution.fragment, &resolution.note));
    }
}

/// All findings, one a page.
async fn list(store: &impl Store, query: FindingQuery) -> Vec<StoredFinding> {
    let mut all: Vec<StoredFinding> = Vec::new();
    loop {
        let after: Option<FindingId> = all.last().map(|stored| stored.finding.id.clone());
        let page = store.findings(query.clone(), after, 1).await.unwrap();
        if page.is_empty() {
            return all;
        }
        all.extend(page);
    }
}

/// What is due is chosen from histories; what a schedule's last run came to is known.
pub(crate) async fn a_run_visits_what_was_chosen(store: impl Store) {
    let ro = source(&store, "ro-RO").await;
    let urls = ["https://a.example/1", "https://a.example/2", "https://a.example/3", "https://b.example/4"];
    let entries = || vec![entry(ro, "one.md", &urls)];
    let first = run(&store, 0, ro, entries()).await;
    let one = find(&store, urls[0]).await.id;
    store.record_visit(first, answered(one, urls[0], "text", hour(1))).await.unwrap();
    store.record_visit(first, status(one, urls[0], 404, hour(2))).await.unwrap();
    store.finish_run(first, hour(3), "{}".into()).await.unwrap();

    let second = run(&store, 4, ro, entries()).await;
    let host = HostKey::from_stored("a.example".into());
    let window = store.candidates(second, host.clone(), None, 2).await.unwrap();
    let rest = store.candidates(second, host.clone(), window.last().map(|last| last.id), 2).await.unwrap();
    assert_eq!((window.len(), rest.len()), (2, 1));
    let histories: Vec<usize> = window.iter().chain(&rest).map(|candidate| candidate.history.len()).collect();
    assert_eq!(histories, [2, 0, 0]);
    assert_eq!(window[0].history[1].last_seen, hour(2));
    let again = store.candidates(second, host.clone(), None, 9).await.unwrap();
    let phases: Vec<u64> = again.iter().map(|candidate| candidate.phase).collect();
    assert_eq!(phases[..2], [window[0].phase, window[1].phase], "a target keeps its phase");
    assert!(phases[0] != phases[1] && phases[1] != phases[2]);

    store.visit_only(second, host.clone(), vec![rest[0].id]).await.unwrap();
    store.flush().await.unwrap();
    let queue = store.next_targets(second, host.clone(), None, 9).await.unwrap();
    assert_eq!(queue.iter().map(|due| due.id).collect::<Vec<_>>(), [rest[0].id]);
    let other = HostKey::from_stored("b.example".into());
    assert_eq!(
        store.next_targets(second, other, None, 9).await.unwrap().len(),
        1,
        "the other host is as planned"
    );

    assert_eq!(store.schedules().await.unwrap(), []);
    store.begin_schedule("nightly".into(), hour(5)).await.unwrap();
    let going = store.schedules().await.unwrap().remove(0);
    assert_eq!(
        (going.began_at, going.ended_at, going.ending, going.succeeded_at),
        (hour(5), None, None, None)
    );
    store.end_schedule("nightly".into(), hour(6), ScheduleEnding::Done).await.unwrap();
    store.begin_schedule("nightly".into(), hour(7)).await.unwrap();
    store.end_schedule("nightly".into(), hour(8), ScheduleEnding::Failed).await.unwrap();
    let failed = store.schedules().await.unwrap().remove(0);
    assert_eq!(
        (failed.name.as_str(), failed.began_at, failed.ended_at, failed.ending, failed.succeeded_at),
        ("nightly", hour(7), Some(hour(8)), Some(ScheduleEnding::Failed), Some(hour(6)))
    );
    sound(&store).await;
}
