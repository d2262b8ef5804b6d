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
    let rest = text.get(problem.offset.end..).unwrap_or_default();
    // The parser leaves the empty brackets of `[text][]` out.
    let after = rest.strip_prefix("[]").unwrap_or(rest).chars().next();
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
    let Some(at) = inner.rfind('[') else { return Some((inner.trim(), "")) };
    Some((inner[..at].trim_end().strip_suffix(']')?.trim(), inner[at + 1..].trim()))
}

/// Whether a reader could take it for the text of a link: at least two letters.
fn words(shown: &str) -> bool {
    shown.chars().filter(|c| c.is_alphabetic()).take(2).count() == 2
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::reference::{ReadOptions, read};
    use crate::rule::fixture::World;
    use crate::source::Syntax;

    fn found(text: &str) -> Vec<String> {
        let mut world = World::new(text);
        world.read = read(Syntax::Markdown, text, &ReadOptions::default());
        world.of(RULE.id).into_iter().map(|finding| finding.message).collect()
    }

    /// M05.
    #[test]
    fn m05_a_link_whose_label_is_defined_nowhere() {
        assert_eq!(
            found("See [the guide][guide].\n"),
            ["[the guide][guide]: no definition for the label `guide`"]
        );
        for text in [
            "See [the guide][1] for more.\n",
            "See [the guide][].\n",
            "See ![a diagram][diagram].\n",
            "- [x] [the guide][guide]\n",
            "> [!NOTE]\n> See [the guide][guide].\n",
            "See [the [old] guide][guide].\n",
        ] {
            assert_eq!(found(text).len(), 1, "{text}");
        }
    }

    #[test]
    fn brackets_that_are_no_link() {
        for text in [
            "See [the guide][guide].\n\n[guide]: https://docs.example.org/\n",
            "See [the guide][Guide].\n\n[guide]: https://docs.example.org/\n",
            "As was shown [1][2].\n",
            "Take list[i][j] of the table, and int[][] too.\n",
            "Press [Ctrl][Alt][Del].\n",
            "Where [x][y] stand for anything.\n",
            "A note[^1] and another [^a][^b].\n\n[^1]: Words.\n",
            "- [x] done\n- [ ] [not yet]\n",
            "> [!NOTE]\n> Words.\n",
            "Choose [OK], or [Cancel].\n",
            "`[the guide][guide]`\n\n    [the guide][guide]\n",
            "\\[the guide][guide]\n",
            "[!INCLUDE [a](b.md)]\n",
        ] {
            assert_eq!(found(text), Vec::<String>::new(), "{text}");
        }
    }
}
