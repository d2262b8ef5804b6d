//! Hosts that limit and hosts that hang, and all others: by the order of events at the server, and by what it counted.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::sync::Notify;

use super::texts;
use crate::support::help::Help;
use crate::support::web::{Asked, Reply};

const LIMITING: usize = 5;
const HANGING: usize = 2;
const OTHERS: usize = 20;
const TARGETS: usize = 6;
const CONCURRENCY: usize = 2;

/// What the server has seen.
#[derive(Default)]
struct Seen {
    others: usize,
    waiting: Vec<Arc<Notify>>,
    /// Answers 429 that each host gave, and when the last one was asked for.
    limited: HashMap<String, (usize, Duration)>,
    /// Gaps after a 429, by host.
    gaps: Vec<(String, Duration)>,
}

impl Seen {
    fn all_others_were_served(&self) -> bool {
        self.others >= OTHERS * TARGETS
    }

    fn answer(&mut self, asked: &Asked) -> Reply {
        let page = Reply::html(&format!("<title>{0}</title><p>Words about {0}.", &asked.path[1..]));
        let kind = asked.name().trim_end_matches(|c: char| c.is_ascii_digit() || c == '.');
        if asked.path == "/robots.txt" {
            return Reply::status(404);
        }
        match kind.split(|c: char| c.is_ascii_digit()).next().unwrap_or_default() {
            "limits" => {
                if let Some((_, before)) = self.limited.get(asked.name()) {
                    self.gaps.push((asked.host.clone(), asked.at.saturating_sub(*before)));
                }
                if self.all_others_were_served() {
                    self.limited.remove(asked.name());
                    return page;
                }
                let (times, last) = self.limited.entry(asked.name().to_owned()).or_default();
                (*times, *last) = (*times + 1, asked.at);
                Reply::status(429).with("Retry-After", "1")
            }
            "hangs" if !self.all_others_were_served() => {
                let notify = Arc::new(Notify::new());
                self.waiting.push(notify.clone());
                Reply::When(notify, Box::new(page))
            }
            "hangs" => page,
            _ => {
                self.others += 1;
                if self.all_others_were_served() {
                    self.waiting.drain(..).for_each(|waiting| waiting.notify_one());
                }
                page
            }
        }
    }
}

/// H37, H38: the hosts that hang answer only once all others were served to the last target, and those that limit let nothing through before:
/// where one of them held what others need, this would never end well.
#[tokio::test(flavor = "multi_thread")]
async fn who_limits_and_who_hangs_delays_nobody() {
    let hosts = |kind: &'static str, count| (0..count).map(move |n| format!("{kind}{n}.net"));
    let all: Vec<String> =
        hosts("limits", LIMITING).chain(hosts("hangs", HANGING)).chain(hosts("other", OTHERS)).collect();
    let links = |host: &String| -> String {
        (0..TARGETS).map(|n| format!("[a](https://{host}/topic{n})\n")).collect()
    };
    let entry: String = all.iter().map(links).collect();
    let seen = Arc::new(Mutex::new(Seen::default()));
    let server = seen.clone();
    let help = Help::new(&[("a.md", &entry)], move |asked| server.lock().unwrap().answer(asked)).await;
    let text = help
        .configuration()
        .replace("host_rate = \"1000/s\"", &format!("host_rate = \"50/s\"\nhost_concurrency = {CONCURRENCY}"))
        .replace("max_retries = 0", "max_retries = 20\nmax_concurrency = 8\nfirst_byte_timeout = \"50s\"");
    help.write("linkdrift.toml", &text);
    let report = help.json(&["check", "--no-state"]);
    let targets = report["targets"].as_array().unwrap();
    assert_eq!(targets.len(), all.len() * TARGETS);
    let verdicts = texts(&report["targets"], "verdict");
    assert!(verdicts.iter().all(|verdict| verdict == "ok"), "{verdicts:?}");
    for target in targets.iter().filter(|target| !target["url"].as_str().unwrap().contains("limits")) {
        assert_eq!(target["attempts"], 1, "{target}");
    }
    for host in &all {
        assert!(help.max_in_flight(host) <= CONCURRENCY, "{host}: {}", help.max_in_flight(host));
    }
    let seen = seen.lock().unwrap();
    // What was under way when the first 429 came is let go; after that the host is left alone for what it asked.
    let early: Vec<_> = seen.gaps.iter().filter(|(_, gap)| *gap < Duration::from_millis(900)).collect();
    assert!(early.len() <= LIMITING * (CONCURRENCY - 1), "{early:?}");
    assert!(seen.gaps.len() > early.len(), "those that limit were asked again");
}
