//! Microsoft's extensions of Markdown that name a URL: `[!VIDEO url]`, `:::image source="…":::`.

use std::ops::Range;

/// A URL in a directive.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Directive {
    /// The whole directive, in the text.
    pub(super) outer: Range<usize>,
    /// The URL.
    pub(super) url: Range<usize>,
    /// What the directive says of it: its alternative text.
    pub(super) text: String,
}

/// Finds directives in a paragraph's text.
pub(super) fn find(text: &str) -> Vec<Directive> {
    let mut found = Vec::new();
    bracketed(text, &mut found);
    fenced(text, &mut found);
    found.sort_by_key(|one| one.outer.start);
    found
}

/// `[!VIDEO https://…]`: a word, blanks, a URL.
fn bracketed(text: &str, found: &mut Vec<Directive>) {
    let mut from = 0;
    while let Some(at) = text[from..].find("[!").map(|at| from + at) {
        from = at + 2;
        let rest = &text[from..];
        let word = rest.bytes().take_while(u8::is_ascii_alphabetic).count();
        let after = &rest[word..];
        let url_at = from + word + (after.len() - after.trim_start_matches([' ', '\t']).len());
        if word == 0 || url_at == from + word {
            continue;
        }
        let candidate = &text[url_at..];
        let length = candidate.find(|c: char| c == ']' || c.is_whitespace()).unwrap_or(candidate.len());
        let url = &candidate[..length];
        let named = rest[..word].eq_ignore_ascii_case("video") && !url.is_empty();
        if named || is_absolute(url) {
            let close = usize::from(candidate[length..].starts_with(']'));
            found.push(Directive {
                outer: at..url_at + length + close,
                url: url_at..url_at + length,
                text: String::new(),
            });
            from = url_at + length;
        }
    }
}

/// `:::image type="content" source="media/a.png" alt-text="…":::`.
fn fenced(text: &str, found: &mut Vec<Directive>) {
    let mut from = 0;
    while let Some(at) = text[from..].find(":::").map(|at| from + at) {
        from = at + 3;
        let name = text[from..].trim_start_matches(' ');
        if !name.starts_with(|c: char| c.is_ascii_alphabetic()) {
            continue;
        }
        let end = text[from..].find(":::").map_or(text.len(), |end| from + end);
        let body = from..end;
        let alternative = attribute(text, &body, "alt-text").map(|range| text[range].to_owned());
        let mut any = false;
        for key in ["source", "lightbox", "link"] {
            if let Some(url) = attribute(text, &body, key) {
                any = true;
                found.push(Directive {
                    outer: at..(end + 3).min(text.len()),
                    url,
                    text: alternative.clone().unwrap_or_default(),
                });
            }
        }
        if any {
            from = (end + 3).min(text.len());
        }
    }
}

/// The value of `key="…"` in `body`.
fn attribute(text: &str, body: &Range<usize>, key: &str) -> Option<Range<usize>> {
    let part = &text[body.clone()];
    let mut from = 0;
    loop {
        let at = part[from..].find(key).map(|at| from + at)?;
        from = at + key.len();
        let whole_word = part[..at].ends_with([' ', '\t', '\n', '"', '\'']);
        let Some(value) = part[from..].trim_start_matches(' ').strip_prefix('=') else { continue };
        let value = value.trim_start_matches(' ');
        let Some(quote) = value.chars().next().filter(|c| matches!(c, '"' | '\'')) else { continue };
        if !whole_word {
            continue;
        }
        let start = part.len() - value.len() + 1;
        let length = part[start..].find(quote)?;
        return Some(body.start + start..body.start + start + length);
    }
}

fn is_absolute(url: &str) -> bool {
    let scheme = |name: &str| url.get(..name.len()).is_some_and(|head| head.eq_ignore_ascii_case(name));
    scheme("https://") || scheme("http://")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn urls_of_directives_are_found() {
        let rows: &[(&str, &[&str])] = &[
            ("[!VIDEO https://x.example/v?a=1]", &["https://x.example/v?a=1"]),
            ("[!video  v.mp4] and [!VIDEO https://x.example/2", &["v.mp4", "https://x.example/2"]),
            ("[!NOTE] text [!div class=\"x\"] [!TIP]\nhttps://x.example", &[]),
            (
                ":::image type=\"content\" source=\"m/a b.png\" alt-text=\"A\" lightbox='l.png':::",
                &["m/a b.png", "l.png"],
            ),
            (":::image source=\"a.png\"", &["a.png"]),
            (":::row::: :::column span=\"2\"::: :::moniker range=\"x\":::", &[]),
            (":::image source=\"unclosed", &[]),
            (":::zone resource=\"no\":::", &[]),
        ];
        for (text, expected) in rows {
            let found: Vec<_> = find(text).into_iter().map(|d| &text[d.url]).collect();
            assert_eq!(found, *expected, "{text}");
        }
    }

    #[test]
    fn many_openings_take_no_time() {
        let text = "[!a ::: ::: x source= [!VIDEO ".repeat(20_000);
        find(&text);
    }
}
