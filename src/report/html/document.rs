//! What every HTML file of ours begins and ends with, and its smallest parts.

use std::io::{self, Write};

use crate::drift::{WordOp, words};
use crate::report::safe::markup;

/// No script, no font, no image, no request: the style is inside, and everything else is refused by the page's own policy.
const HEAD: &str = r#"<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="referrer" content="no-referrer">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'">
"#;

const STYLE: &str = "<style>
:root { --ink: #1b1f24; --paper: #fff; --soft: #59636e; --line: #d1d9e0; --wash: #f6f8fa;
  --error: #b3261e; --warning: #8a5a00; --info: #0a5cad; --gone: #ffe3e0; --come: #d6f5dd; }
@media (prefers-color-scheme: dark) { :root { --ink: #e6edf3; --paper: #0d1117; --soft: #9ba6b2; --line: #3d444d; --wash: #161b22;
  --error: #ff8f87; --warning: #e3b341; --info: #79b8ff; --gone: #5a1e1b; --come: #12452a; } }
* { box-sizing: border-box }
body { margin: 0 auto; max-width: 60rem; padding: 1rem 1.25rem 3rem; background: var(--paper); color: var(--ink);
  font: 1rem/1.5 system-ui, sans-serif; overflow-wrap: anywhere }
h1 { font-size: 1.6rem; margin: 0 }
h2 { font-size: 1.25rem; margin: 2rem 0 .5rem; border-bottom: 1px solid var(--line) }
h3 { font-size: 1rem; margin: 0 }
p, ul, dl { margin: .35rem 0 }
a { color: var(--info) }
a:focus-visible, summary:focus-visible, [tabindex]:focus-visible { outline: 3px solid var(--info); outline-offset: 2px }
code, pre, .place, .chain { font-family: ui-monospace, monospace; font-size: .875rem }
pre { background: var(--wash); padding: .5rem .75rem; margin: .35rem 0; white-space: pre-wrap }
mark { background: none; color: inherit; font-weight: bold; text-decoration: underline wavy var(--error); text-underline-offset: 3px }
article { border-left: .3rem solid var(--line); padding: .25rem 0 .25rem .9rem; margin: 1.25rem 0 }
article.error { border-color: var(--error) } article.warning { border-color: var(--warning) } article.info { border-color: var(--info) }
.mark { font-variant: small-caps; font-weight: bold } .error .mark { color: var(--error) } .warning .mark { color: var(--warning) }
.info .mark { color: var(--info) }
.rule, .id, .count, .kept, .note { color: var(--soft); font-size: .875rem }
.count { font-weight: normal }
dl { display: grid; grid-template-columns: max-content 1fr; gap: .1rem 1rem } dt { color: var(--soft) } dd { margin: 0 }
blockquote { margin: .35rem 0; padding: .35rem .75rem; background: var(--wash) }
del { background: var(--gone); text-decoration: line-through } ins { background: var(--come); text-decoration: underline }
.row { margin: .4rem 0; padding-left: 1.6rem; text-indent: -1.6rem; white-space: pre-wrap } .sign { display: inline-block; width: 1.6rem; text-indent: 0; color: var(--soft) }
</style>
";

/// Everything up to the first heading.
pub(in crate::report) fn begin(out: &mut dyn Write, title: &str) -> io::Result<()> {
    writeln!(out, "{HEAD}<title>{}</title>\n{STYLE}</head>\n<body>\n<main>", markup(title))
}

/// The end.
pub(in crate::report) fn end(out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "</main>\n</body>\n</html>")
}

/// A link where the text is a web address, else the text: nothing else can be clicked.
pub(in crate::report) fn link(text: &str) -> String {
    let shown = markup(text);
    let web = url::Url::parse(text).is_ok_and(|url| {
        matches!(url.scheme(), "http" | "https") && url.username().is_empty() && url.password().is_none()
    });
    let plain = !text.chars().any(|c| c.is_whitespace() || crate::report::safe::is_unsafe(c));
    match web && plain {
        true => format!("<a href=\"{shown}\" rel=\"noreferrer noopener nofollow\">{shown}</a>"),
        false => shown,
    }
}

/// What changed from one text to the other, word by word.
pub(in crate::report) fn changed_words(old: &str, new: &str) -> String {
    let runs = words(old, new);
    runs.iter()
        .enumerate()
        .map(|(at, run)| {
            let text = run.text.trim_end();
            let (word, space) = (markup(text), &run.text[text.len()..]);
            // Without colour, what is gone must not run into what came.
            let touches = space.is_empty() && run.op == WordOp::Deleted;
            let inserted = runs.get(at + 1).is_some_and(|next| next.op == WordOp::Inserted);
            let space = if touches && inserted { " ".to_owned() } else { markup(space) };
            match run.op {
                WordOp::Equal => format!("{word}{space}"),
                WordOp::Deleted => format!("<del>{word}</del>{space}"),
                WordOp::Inserted => format!("<ins>{word}</ins>{space}"),
            }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_web_addresses_can_be_clicked() {
        assert!(link("https://a.org/?x=1&y=\"").starts_with("<a href=\"https://a.org/?x=1&amp;y=&quot;\""));
        for text in [
            "javascript:alert(1)",
            " javascript:alert(1)",
            "data:text/html,x",
            "vbscript:x",
            "//a.org/",
            "https://user:secret@a.org/",
            "https://a.org/ onclick=x",
            "java\nscript:alert(1)",
            "<b>",
        ] {
            assert!(!link(text).contains("<a"), "{text}");
        }
    }
}
