//! `link/undefined-label`: `[text][label]` without a definition: readers see the brackets (CommonMark 6.3).

use crate::config::Severity;
use crate::finding::Evidence;
use crate::reference::{Problem, ProblemKind};
use crate::rule::place::brief;
use crate::rule::{Draft, EntryView, Rule, RuleContext};

pub(crate) const RULE: Rule = Rule {
    id: "link/undefined-label",
    severity: Severity::Warning,
    says: "a link whose label is defined nowhere",
    check,
};

fn check(_: &RuleContext<'_>, view: &EntryView<'_>, drafts: &mut Vec<Draft>) {
    let undefined = view.read.problems.iter().filter(|problem| problem.kind == ProblemKind::UndefinedLabel);
    for problem in undefined.filter(|problem| meant_as_link(view.text, problem)) {
        let text = view.text.get(problem.offset.clone()).unwrap_or_default();
        let message = format!("{}: {}", brief(text), brief(&problem.message));
        drafts.push(Draft {
            subject: text.to_owned(),
            offset: (problem.offset.start, problem.offset.end),
            line: problem.line,
            column: problem.column,
            severity: None,
            unconfirmed: false,
            cause: problem.message.clone(),
            message,
            target: None,
            evidence: Evidence::default(),
            suggestion: None,
        });
    }
}

/// Whether brackets are a link that lost its definition, and not what text has brackets for: `[1][2]` cites, `list[i][j]` and `int[][]`
/// index, `[Ctrl][Alt][Del]` names keys, `[x][y]` stands for anything.
fn meant_as_link(text: &str, problem: &Problem) -> bool {
    let before = text.get(..problem.offset.start).and_then(|before| before.chars().next_back());
    let after = text.get(problem.offset.end..).and_then(|after| after.chars().next());
    let joined = |c: char| c.is_alphanumeric() || matches!(c, '_' | ']' | ')' | '\\' | '$');
    if before.is_some_and(joined) || matches!(after, Some('[' | '(')) {
        return false;
    }
    let Some((shown, label)) = text.get(problem.offset.clone()).and_then(parts) else { return false };
    if label.starts_with(['^', '!']) {
        return false;
    }
    let label = if label.is_empty() { shown } else { label };
    words(shown) && label.chars().any(char::is_alphanumeric)
}

/// The two brackets' contents, the first without a `!` before it.
fn parts(written: &str) -> Option<(&str, &str)> {
    let inner = written.strip_prefix('!').unwrap_or(written).strip_prefix('[')?.strip_suffix(']')?;
    // A link's text may hold brackets of its own, a label holds none (CommonMark 6.3).
    let at = inner.rfind('[')?;
    Some((inner[..at].trim_end().strip_suffix(']')?.trim(), inner[at + 1..].trim()))
}

/// Whether a reader could take it for the text of a link: at least two letters.
fn words(shown: &str) -> bool {
    shown.chars().filter(|c| c.is_alphabetic()).take(2).count() == 2
}
