//! `link/empty-text`: a link nobody can see or click. An image inside counts by its alternative text.

use crate::config::Severity;
use crate::reference::Kind;
use crate::rule::place::brief;
use crate::rule::{Draft, EntryView, ReferenceView, Rule, RuleContext};
use crate::target::Status;

pub(crate) const RULE: Rule = Rule {
    id: "link/empty-text",
    severity: Severity::Warning,
    says: "a link nobody can see or click",
    check,
};

fn check(_: &RuleContext<'_>, view: &EntryView<'_>, drafts: &mut Vec<Draft>) {
    for reference in &view.references {
        // A link that leads nowhere either is one mistake, and `link/malformed` says it.
        if !is_link(view.text, reference)
            || reference.resolution.status == Status::Empty
            || reference.reference.text.chars().any(is_seen)
        {
            continue;
        }
        let message = format!(
            "the link to {} has no text: nobody can see or click it",
            brief(&reference.reference.url)
        );
        let cause = reference.reference.url.clone();
        drafts.push(Draft::at(reference, message, cause));
    }
}

/// Whether the construct is a link with a text of its own, not an image or a resource.
fn is_link(text: &str, reference: &ReferenceView) -> bool {
    let construct = &reference.reference;
    match construct.kind {
        Kind::Inline | Kind::Reference => true,
        Kind::Html => {
            let tag = text.get(construct.offset.clone()).unwrap_or_default();
            let mut bytes = tag.bytes();
            matches!(bytes.next(), Some(b'<'))
                && matches!(bytes.next(), Some(b'a' | b'A'))
                && bytes.next().is_some_and(|byte| byte.is_ascii_whitespace())
        }
        _ => false,
    }
}

/// White space, zero-width characters and fillers are nothing to click on.
fn is_seen(c: char) -> bool {
    !(c.is_whitespace()
        || c.is_control()
        || matches!(c, '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{2060}'..='\u{2064}' | '\u{feff}' | '\u{2800}' | '\u{3164}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}'))
}
