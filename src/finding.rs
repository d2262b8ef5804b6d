//! Stage 10: what a rule says about an entry or a target, with evidence. Data; text for people is made in `report`.

use serde::{Deserialize, Serialize};

use crate::config::Severity;
use crate::snapshot::ContentHash;
use crate::time::Timestamp;

/// What a rule says.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Finding {
    /// Stable: see [`FindingId::of`].
    pub id: FindingId,
    /// The rule's id.
    pub rule: String,
    /// After configuration.
    pub severity: Severity,
    /// Where it stands in its life.
    pub state: FindingState,
    /// The source's name.
    pub source: String,
    /// The entry's path in it.
    pub entry: String,
    /// From 1.
    pub line: u32,
    /// From 1.
    pub column: u32,
    /// One past the last column, on `line`, where the place has a width.
    pub end_column: Option<u32>,
    /// Bytes of the place in the entry.
    pub offset: Option<(usize, usize)>,
    /// The canonical target, if one is concerned.
    pub target: Option<String>,
    /// One sentence, for the reader.
    pub message: String,
    /// What proves it.
    pub evidence: Evidence,
    /// What to write in place of the destination (or of the term), where that is clear.
    pub suggestion: Option<String>,
    /// What findings of one cause have in common; reports group by rule and cause.
    pub cause: String,
    /// When it was first found.
    pub first_seen: Timestamp,
    /// When it was last found.
    pub last_seen: Timestamp,
}

/// `f_` and 16 hex digits.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct FindingId(pub String);

/// Where a finding stands in its life.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum FindingState {
    /// It counts.
    Open,
    /// Seen, but not often or long enough: shown as a warning, gates nothing.
    Unconfirmed,
    /// A maintainer accepted it.
    Acknowledged,
    /// A maintainer or `[[ignore]]` silenced it.
    Muted,
    /// The last run that could find it did not.
    Resolved,
}

/// What proves a finding; only what a rule has is written.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Evidence {
    /// The verdict's reason, or a hop class.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// The last status.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<u16>,
    /// The chain's URLs.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub chain: Vec<String>,
    /// The URL at the baseline, for a redirect that changed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub before: Option<String>,
    /// The URL now.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub after: Option<String>,
    /// The outdated term, as the entry has it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub term: Option<String>,
    /// What upstream says in its place.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub replacement: Option<String>,
    /// Since when: the first visit that found it so.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub since: Option<Timestamp>,
    /// When what is missing was last there, if it ever was.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_found: Option<Timestamp>,
    /// When the certificate of the host ends.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub certificate_ends: Option<Timestamp>,
    /// The baseline that drift was measured from.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub baseline: Option<Timestamp>,
    /// Ids of the snapshots compared: old, new.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub snapshots: Vec<String>,
    /// Hash of the page's content that it was judged on: what a review of it is bound to.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub content: Option<String>,
    /// The class of the drift.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub change: Option<String>,
    /// The sections touched.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub sections: Vec<String>,
    /// The blocks that changed: op, old, new; at most 20.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub diff: Vec<crate::drift::BlockChange>,
    /// Visits that agree so far, for an unconfirmed failure.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub visits: Option<u32>,
    /// Every line concerned, where there are several.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub lines: Vec<u32>,
    /// The texts of the links concerned, where they are what differs.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub texts: Vec<String>,
    /// The entry's line, or the stretch of it around the place: at most 400 characters.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub source_line: Option<String>,
    /// The column of the first character of `source_line`, where that is not 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub source_column: Option<u32>,
}

impl Finding {
    /// What a review of it is bound to: the content that it was judged on, or the page that a redirect leads to (without its query, in
    /// which sessions are told apart). Where that is another one later, the review is over. `None` where it depends on neither.
    pub fn bound_to(&self) -> Option<ContentHash> {
        if let Some(content) = &self.evidence.content {
            return blake3::Hash::from_hex(content).ok().map(|hash| ContentHash(*hash.as_bytes()));
        }
        if !self.rule.starts_with("link/redirect-") {
            return None;
        }
        let leads_to = self.evidence.after.as_ref().or(self.suggestion.as_ref())?;
        let page = leads_to.split(['?', '#']).next().unwrap_or_default();
        Some(ContentHash::of(page.as_bytes()))
    }
}

impl Finding {
    /// What findings of one rule and cause have in common, for `review`: `c_` and 16 hex digits.
    pub fn cause_id(&self) -> String {
        format!("c_{}", short_hash(&[&self.rule, &self.cause], 0))
    }
}

impl FindingId {
    /// blake3 of rule, source, entry, subject (target, or URL as written, or term) and the ordinal among equals in that entry;
    /// never the line, so that text above a finding may grow.
    pub fn of(rule: &str, source: &str, entry: &str, subject: &str, ordinal: u32) -> Self {
        Self(format!("f_{}", short_hash(&[rule, source, entry, subject], ordinal)))
    }
}

/// 16 hex digits of some texts and a number.
fn short_hash(parts: &[&str], ordinal: u32) -> String {
    let mut hasher = blake3::Hasher::new();
    for part in parts {
        hasher.update(&(part.len() as u64).to_le_bytes());
        hasher.update(part.as_bytes());
    }
    hasher.update(&ordinal.to_le_bytes());
    hasher.finalize().to_hex()[..16].to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn finding(rule: &str, evidence: Evidence, suggestion: Option<&str>) -> Finding {
        Finding {
            id: FindingId::of(rule, "s", "e", "x", 0),
            rule: rule.to_owned(),
            severity: Severity::Warning,
            state: FindingState::Open,
            source: "s".to_owned(),
            entry: "e".to_owned(),
            line: 1,
            column: 1,
            end_column: None,
            offset: None,
            target: None,
            message: String::new(),
            evidence,
            suggestion: suggestion.map(str::to_owned),
            cause: String::new(),
            first_seen: Timestamp::UNIX_EPOCH,
            last_seen: Timestamp::UNIX_EPOCH,
        }
    }

    #[test]
    fn a_review_is_bound_to_content_or_to_where_a_redirect_leads() {
        let content = ContentHash([7; 32]);
        let judged_on = |hex: &str| Evidence { content: Some(hex.to_owned()), ..Evidence::default() };
        let bound = |rule: &str, evidence, suggestion| finding(rule, evidence, suggestion).bound_to();
        assert_eq!(bound("content/changed", judged_on(&content.to_string()), None), Some(content));
        assert_eq!(bound("content/changed", judged_on("no hash"), None), None);
        assert_eq!(bound("link/broken", Evidence::default(), Some("https://a.org/")), None);
        let leads = |after: &str| Evidence { after: Some(after.to_owned()), ..Evidence::default() };
        let to = |after| bound("link/redirect-changed", leads(after), None);
        assert_eq!(to("https://a.org/x?session=1"), to("https://a.org/x?session=2#y"));
        assert_ne!(to("https://a.org/x"), to("https://a.org/y"));
        let fix = |url| bound("link/redirect-permanent", Evidence::default(), Some(url));
        assert_ne!(fix("https://a.org/x"), fix("https://a.org/y"));
        assert_eq!(bound("link/redirect-chain", Evidence::default(), None), None);
    }
}
