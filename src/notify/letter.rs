//! A digest for one receiver, as text: what all shapes have in common.

use crate::config::Severity;
use crate::report::{Digest, DigestCause};

/// The longest title, in characters.
const TITLE: usize = 150;

/// A digest on its way to a receiver.
#[derive(Debug, Clone, Copy)]
pub struct Letter<'a> {
    /// The receiver's name.
    pub receiver: &'a str,
    /// What is told.
    pub digest: &'a Digest,
}

impl Letter<'_> {
    /// The same for every attempt to deliver it, and for no other message: `m_` and 16 hex digits of the blake3 of receiver and digest.
    pub fn id(&self) -> String {
        let mut hasher = blake3::Hasher::new();
        hasher.update(self.receiver.as_bytes()).update(&[0]);
        // A digest has no map: its JSON is always the same.
        hasher.update(serde_json::to_string(self.digest).unwrap_or_default().as_bytes());
        format!("m_{}", &hasher.finalize().to_hex()[..16])
    }

    /// `linkdrift: 3 errors, 1 warning new; 2 warnings resolved (docs-pages)`.
    pub fn title(&self) -> String {
        let digest = self.digest;
        let parts = [(digest.new.in_words(), "new"), (digest.resolved.in_words(), "resolved")];
        let parts: Vec<String> = parts
            .iter()
            .filter(|(words, _)| !words.is_empty())
            .map(|(words, what)| format!("{words} {what}"))
            .collect();
        let title = format!("linkdrift: {} ({})", parts.join("; "), digest.name);
        title.chars().take(TITLE).collect()
    }

    /// The digest, a line for each cause, at most `bytes` bytes in all; what does not fit is counted in the last line.
    pub fn lines(&self, bytes: usize) -> Vec<String> {
        let digest = self.digest;
        let new = digest.causes.iter().map(|cause| (line(cause, ""), cause.findings));
        let resolved = digest.resolved_causes.iter().map(|cause| (line(cause, "resolved: "), cause.findings));
        let (mut lines, mut left, mut left_out) = (Vec::new(), bytes.saturating_sub(100), digest.left_out());
        let mut full = false;
        for (line, findings) in new.chain(resolved) {
            full |= line.len() > left;
            if full {
                left_out += findings;
                continue;
            }
            left -= line.len();
            lines.push(line);
        }
        if left_out > 0 {
            let noun = if left_out == 1 { "finding" } else { "findings" };
            lines.push(format!("and {left_out} more {noun}: `linkdrift report` shows them all"));
        }
        lines
    }
}

/// `error link/broken: … – ro-RO/a.md:27:84 (34 places in 12 entries); use …`.
fn line(cause: &DigestCause, lead: &str) -> String {
    let severity = match cause.severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Info => "info",
    };
    let mut line = format!("{lead}{severity} {}: {}", cause.rule, cause.message);
    if let Some(place) = cause.places.first() {
        line.push_str(&format!(" – {}: {}:{}:{}", place.source, place.entry, place.line, place.column));
    }
    if cause.findings > 1 {
        line.push_str(&format!(" ({})", cause.fan_in));
    }
    if let (Some(suggestion), "") = (&cause.suggestion, lead) {
        line.push_str(&format!("; use {suggestion}"));
    }
    line
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::finding::{Evidence, Finding, FindingId, FindingState};
    use crate::report::DigestBuilder;
    use crate::time::Timestamp;

    /// A digest of findings with these messages, each of a cause of its own.
    pub(in crate::notify) fn digest(messages: &[&str]) -> Digest {
        let mut digest = DigestBuilder::default();
        for (number, message) in messages.iter().enumerate() {
            digest.open(Finding {
                id: FindingId::of("link/broken", "ro-RO", "a.md", message, number as u32),
                rule: "link/broken".to_owned(),
                severity: Severity::Error,
                state: FindingState::Open,
                source: "ro-RO".to_owned(),
                entry: "a.md".to_owned(),
                line: 27,
                column: 84,
                end_column: None,
                offset: None,
                target: Some("https://a.org/x".to_owned()),
                message: (*message).to_owned(),
                evidence: Evidence::default(),
                suggestion: (number == 0).then(|| "https://a.org/y".to_owned()),
                cause: format!("{number:03}"),
                first_seen: Timestamp::UNIX_EPOCH,
                last_seen: Timestamp::UNIX_EPOCH,
            });
        }
        digest.build(7, "docs-pages", Timestamp::UNIX_EPOCH).unwrap()
    }

    #[test]
    fn title_and_lines_say_what_counts() {
        let digest = digest(&["x answers 404", "y answers 410"]);
        let letter = Letter { receiver: "team", digest: &digest };
        assert_eq!(letter.title(), "linkdrift: 2 errors new (docs-pages)");
        assert_eq!(
            letter.lines(10_000),
            [
                "error link/broken: x answers 404 – ro-RO: a.md:27:84; use https://a.org/y",
                "error link/broken: y answers 410 – ro-RO: a.md:27:84",
            ]
        );
    }

    #[test]
    fn whatever_was_found_the_text_is_bounded_and_counts_the_rest() {
        let long = "é".repeat(5000);
        let digest = digest(&vec![long.as_str(); 300]);
        let letter = Letter { receiver: "team", digest: &digest };
        for bytes in [200, 3000, 100_000] {
            let lines = letter.lines(bytes);
            let length: usize = lines.iter().map(String::len).sum();
            assert!(length <= bytes, "{length} of {bytes}");
            let told = lines.len() as u64 - 1;
            assert_eq!(
                lines.last().unwrap(),
                &format!("and {} more findings: `linkdrift report` shows them all", 300 - told)
            );
        }
    }

    #[test]
    fn an_id_is_that_of_one_message_to_one_receiver() {
        let (one, other) = (digest(&["x"]), digest(&["y"]));
        let id = |receiver: &str, digest: &Digest| Letter { receiver, digest }.id();
        assert_eq!(id("a", &one), id("a", &digest(&["x"])));
        assert_ne!(id("a", &one), id("b", &one));
        assert_ne!(id("a", &one), id("a", &other));
    }
}
