//! Hunts for input that costs more than its length: `growth TARGET DICTIONARY [ROUNDS] [SEED]`.
//!
//! A fuzzer's inputs are small, and what is quadratic shows only in large ones. So a few words of the dictionary are put together and
//! repeated, up to one length and up to four times that; where the time grows by much more than four, the pattern is printed.

use std::path::Path;
use std::time::Duration;

use linkdrift::config::{HostTable, ScopeSettings};
use linkdrift::drift::compare;
use linkdrift::page::{Page, read as read_page};
use linkdrift::reference::{Kind, ReadOptions, Reference, read};
use linkdrift::source::Syntax;
use linkdrift::target::{ResolveBase, resolve};
use linkdrift::visit::RobotsRules;
use linkdrift::visit::facts::Body;
use url::Url;

/// Lengths compared, in bytes.
const SMALL: usize = 16 << 10;
const LARGE: usize = 4 * SMALL;
/// Growth that is told: linear is 4, quadratic 16.
const STEEP: f64 = 7.5;
/// What the large one must cost to count.
const WORTH: Duration = Duration::from_millis(40);
/// What is told whatever its growth.
const SLOW: Duration = Duration::from_millis(1500);

fn main() {
    let mut arguments = std::env::args().skip(1);
    let (target, dictionary) = (arguments.next().expect("a target"), arguments.next().expect("a dictionary"));
    let rounds = arguments.next().and_then(|text| text.parse().ok()).unwrap_or(500);
    let seed = arguments.next().and_then(|text| text.parse().ok()).unwrap_or(1);
    let mut words = words(&std::fs::read_to_string(dictionary).expect("a dictionary"));
    words.extend(
        ["a", "B", " ", "\n", ".", "/", "1", "\u{8a2d}", "\u{3002}", "_", ")", "]"].map(str::to_owned),
    );
    let mut dice = Dice(seed);
    for round in 0..rounds {
        let pick = |dice: &mut Dice, most: usize| -> String {
            (0..dice.below(most + 1)).map(|_| words[dice.below(words.len())].as_str()).collect()
        };
        let (before, mut middle, after) = (pick(&mut dice, 2), pick(&mut dice, 4), pick(&mut dice, 2));
        if middle.is_empty() {
            middle.push_str(&words[dice.below(words.len())]);
        }
        // Every other pattern counts up, so that no two of its repeats are the same.
        let counts = dice.below(2) == 1;
        let input = |length: usize| -> String {
            let mut input = before.clone();
            let mut number = 0;
            while input.len() < length {
                input.push_str(&middle);
                if counts {
                    input.push_str(&number.to_string());
                    number += 1;
                }
            }
            input.push_str(&after);
            input
        };
        let (small, large) = (input(SMALL), input(LARGE));
        let (mut quick, mut slow) = (spent(&target, &small), spent(&target, &large));
        if (slow > WORTH && slow.as_secs_f64() > STEEP * quick.as_secs_f64()) || slow > SLOW {
            for _ in 0..3 {
                quick = quick.min(spent(&target, &small));
                slow = slow.min(spent(&target, &large));
            }
            let growth = slow.as_secs_f64() / quick.as_secs_f64();
            if (slow > WORTH && growth > STEEP) || slow > SLOW {
                println!(
                    "{round}: x{growth:.1} {quick:.1?} {slow:.1?} {counts} {before:?} {middle:?} {after:?}"
                );
            }
        }
    }
}

fn spent(target: &str, text: &str) -> Duration {
    let began = on_cpu();
    match target {
        "references" => {
            drop(read(Syntax::Markdown, text, &ReadOptions { code: true, ..ReadOptions::default() }))
        }
        "html" => drop(read(Syntax::Html, text, &ReadOptions::default())),
        "toc" => drop(read(Syntax::Toc, text, &ReadOptions::default())),
        "text" => drop(read(Syntax::PlainText, text, &ReadOptions::default())),
        "front_matter" => {
            drop(read(Syntax::Markdown, &format!("---\ntitle: x\n{text}\n---\n"), &ReadOptions::default()));
        }
        "canonicalisation" => canonical(text),
        "robots" => {
            let url = Url::parse(&format!("https://a.example/{}", &text[..text.floor_char_boundary(8000)]));
            let rules = RobotsRules::parse(text.as_bytes());
            if let Ok(url) = url {
                rules.allow(&url);
            }
        }
        "page" => drop(page(text, "text/html")),
        "markdown_page" => drop(page(text, "text/markdown")),
        "json_page" => drop(page(text, "application/json")),
        "drift" => {
            let (old, new) = text.split_at(text.floor_char_boundary(text.len() / 2));
            let (old, new) = (page(old, "text/html"), page(new, "text/html"));
            drop(compare(&old, &new));
        }
        "config" => {
            if let Err(error) = linkdrift::config::parse(text, Path::new("a.toml"), Path::new("/r")) {
                drop(error.to_string());
            }
        }
        other => panic!("no target {other}"),
    }
    on_cpu() - began
}

/// What this thread has computed so far: whatever else the machine does, it does not count.
fn on_cpu() -> Duration {
    let said = std::fs::read_to_string("/proc/thread-self/schedstat").expect("Linux");
    Duration::from_nanos(said.split(' ').next().and_then(|text| text.parse().ok()).expect("nanoseconds"))
}

fn page(text: &str, content_type: &str) -> Page {
    let url = Url::parse("https://a.example/guide").expect("our own");
    read_page(
        &Body { bytes: text.as_bytes().to_vec().into(), content_type: Some(content_type.to_owned()) },
        &url,
    )
}

fn canonical(text: &str) {
    for kind in [Kind::Inline, Kind::Bare] {
        let reference = Reference {
            line: 1,
            column: 1,
            offset: 0..1,
            destination: 0..1,
            kind,
            text: String::new(),
            url: text.to_owned(),
        };
        let base = ResolveBase { base_url: None, entry: "a.md" };
        resolve(&reference, &base, &ScopeSettings::default(), &HostTable::shipped());
    }
}

/// The words of a libFuzzer dictionary.
fn words(dictionary: &str) -> Vec<String> {
    dictionary.lines().filter_map(|line| line.strip_prefix('"')?.strip_suffix('"')).map(unescaped).collect()
}

fn unescaped(word: &str) -> String {
    let (bytes, mut out, mut at) = (word.as_bytes(), Vec::new(), 0);
    while at < bytes.len() {
        let hex = word.get(at + 2..at + 4).and_then(|digits| u8::from_str_radix(digits, 16).ok());
        match (bytes[at], bytes.get(at + 1), hex) {
            (b'\\', Some(b'x'), Some(byte)) => {
                out.push(byte);
                at += 4;
            }
            (b'\\', Some(next), _) => {
                out.push(*next);
                at += 2;
            }
            (byte, ..) => {
                out.push(byte);
                at += 1;
            }
        }
    }
    String::from_utf8_lossy(&out).into_owned()
}

/// SplitMix64.
struct Dice(u64);

impl Dice {
    fn below(&mut self, limit: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((z ^ (z >> 31)) % limit as u64) as usize
    }
}
