//! URLs in text: GFM 6.9, as far as its implementations agree, without what GFM swallows and no author means: text and
//! punctuation of scripts that are written without spaces, full-width forms, invisible marks.

use std::ops::Range;

/// A host of more characters is none: the longest name has 253 octets (RFC 1035 2.3.4), and few more characters in any spelling.
const LONGEST_HOST: usize = 1024;

/// So many bytes are looked at for a URL's end; a URL of more than 8 KiB is malformed, wherever it ends.
const LONGEST: usize = 9 << 10;

/// So many are looked at first.
const NEAR: usize = 256;

/// A URL found in text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Bare {
    /// Its bytes in the text.
    pub(super) range: Range<usize>,
    /// What the syntax adds before it: `http://`, `mailto:` or nothing.
    pub(super) prefix: &'static str,
    /// Text that follows without a space and that GFM would take into the URL.
    pub(super) glued: Range<usize>,
}

/// A URL that the letter before it keeps from being one; empty where nobody meant a link.
pub(super) type Hidden = Range<usize>;

/// Finds URLs and mail addresses, first to last. `before` is the character before the text, if there is one on its line.
/// `hidden` takes the URLs that follow a letter directly and therefore are none.
pub(super) fn find(text: &str, before: Option<char>, hidden: &mut Vec<Hidden>) -> Vec<Bare> {
    let bytes = text.as_bytes();
    let mut found = Vec::new();
    let mut from = 0;
    let mut at = 0;
    while at < bytes.len() {
        let bare = match bytes[at] {
            b':' if text[at..].starts_with("://") => with_scheme(text, from, at, before, hidden),
            b':' => mailto(text, from, at),
            b'w' | b'W' => www(text, from, at, before),
            b'@' => mail(text, from, at),
            _ => None,
        };
        match bare {
            Some(bare) => {
                from = bare.range.end.max(at + 1);
                at = from;
                found.push(bare);
            }
            // What was hidden is not looked at again: a chain of such URLs stays linear.
            None => {
                at = hidden.last().map_or(at + 1, |hidden| hidden.end.max(at + 1));
                while !text.is_char_boundary(at) {
                    at += 1;
                }
            }
        }
    }
    found
}

/// The part of a bare URL that its author meant: up to the first character of a script without spaces, full-width form or
/// invisible mark that no author puts into a URL, and without punctuation at its end.
pub fn meant_part(url: &str) -> &str {
    let host_start = url.find("://").map_or(0, |at| at + 3);
    let end = cut(url, host_start, url.len());
    let end = trim(url, host_start, end);
    if end > host_start { &url[..end] } else { url }
}

/// The URL with a scheme that `text` begins with.
pub(super) fn at_start(text: &str) -> Option<&str> {
    let colon = text.find(':').filter(|colon| *colon <= 5 && text[*colon..].starts_with("://"))?;
    let found = with_scheme(text, 0, colon, None, &mut Vec::new())?;
    (found.range.start == 0).then(|| &text[found.range])
}

fn with_scheme(
    text: &str,
    from: usize,
    colon: usize,
    before: Option<char>,
    hidden: &mut Vec<Hidden>,
) -> Option<Bare> {
    let scheme = ["https", "http", "ftp"].into_iter().find(|scheme| {
        colon.checked_sub(scheme.len()).is_some_and(|start| {
            start >= from && text.get(start..colon).is_some_and(|word| word.eq_ignore_ascii_case(scheme))
        })
    })?;
    let start = colon - scheme.len();
    let host = colon + 3;
    domain_end(text, host, Domain::Short)?;
    let (meant, literal) = ends(text, host);
    if meant <= host {
        return None;
    }
    let previous = text[..start].chars().next_back().or(if start == 0 { before } else { None });
    if previous.is_some_and(|c| c.is_ascii_alphanumeric()) {
        hidden.push(start..meant);
        return None;
    }
    if previous == Some('+') {
        // `git+https://…` is an address for a program.
        hidden.push(meant..meant);
        return None;
    }
    // A renderer that links a URL behind a letter or a mark takes all that follows: what is reported is what it links.
    let joined = previous.is_some_and(|c| c.is_alphanumeric() || is_invisible(c));
    // Likewise a full-width stop before a blank: nothing but the stop is in question, and resolution leaves it out.
    let tail = &text[meant..literal];
    let stop_before_blank = !tail.is_empty()
        && tail.chars().all(is_full_width_punctuation)
        && text[literal..].starts_with([' ', '\t']);
    let end = match (joined, stop_before_blank) {
        (true, _) => ends_for_renderers(text, host),
        (false, true) => literal,
        (false, false) => meant,
    };
    let literal = literal.max(end);
    Some(Bare { range: start..end, prefix: "", glued: end..literal })
}

fn www(text: &str, from: usize, start: usize, before: Option<char>) -> Option<Bare> {
    let head = text.get(start..start + 4)?;
    if start < from || !head.eq_ignore_ascii_case("www.") {
        return None;
    }
    let previous = text[..start].chars().next_back().or(if start == 0 { before } else { None });
    let allowed = previous.is_none_or(|c| {
        c.is_whitespace()
            || matches!(c, '*' | '_' | '~' | '(' | '"' | '\'')
            || is_cjk(c)
            || is_full_width_punctuation(c)
    });
    if !allowed {
        return None;
    }
    domain_end(text, start, Domain::Dotted)?;
    let (meant, literal) = ends(text, start);
    (meant > start + 4).then_some(Bare { range: start..meant, prefix: "http://", glued: meant..literal })
}

fn mail(text: &str, from: usize, at: usize) -> Option<Bare> {
    let local = |b: &u8| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'+' | b'-' | b'_');
    let start = at - text.as_bytes()[from..at].iter().rev().take_while(|b| local(b)).count();
    if start == at || text[..start].ends_with('/') {
        return None;
    }
    let end = mail_domain_end(text, at + 1)?;
    Some(Bare { range: start..end, prefix: "mailto:", glued: end..end })
}

fn mailto(text: &str, from: usize, colon: usize) -> Option<Bare> {
    let start = colon.checked_sub(6).filter(|start| *start >= from)?;
    if !text.get(start..colon)?.eq_ignore_ascii_case("mailto") {
        return None;
    }
    if text[from..start].chars().next_back().is_some_and(char::is_alphanumeric) {
        return None;
    }
    let local = |b: &u8| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'+' | b'-' | b'_');
    let at = colon + 1 + text.as_bytes()[colon + 1..].iter().take_while(|b| local(b)).count();
    if at == colon + 1 || text.as_bytes().get(at) != Some(&b'@') {
        return None;
    }
    let end = mail_domain_end(text, at + 1)?;
    Some(Bare { range: start..end, prefix: "", glued: end..end })
}

fn mail_domain_end(text: &str, start: usize) -> Option<usize> {
    let bytes = text.as_bytes();
    let mut end = start;
    while let Some(byte) = bytes.get(end) {
        let more = match byte {
            b'.' => bytes.get(end + 1).is_some_and(u8::is_ascii_alphanumeric),
            b'-' | b'_' => true,
            byte => byte.is_ascii_alphanumeric(),
        };
        if !more {
            break;
        }
        end += 1;
    }
    let domain = &text[start..end];
    (domain.contains('.') && !domain.starts_with('.') && !domain.ends_with(['-', '_'])).then_some(end)
}

#[derive(Clone, Copy, PartialEq)]
enum Domain {
    /// One label is enough (`http://localhost`).
    Short,
    /// A period is needed.
    Dotted,
}

/// Where the host ends; `None` where there is none.
fn domain_end(text: &str, start: usize, wanted: Domain) -> Option<usize> {
    let rest = &text[start..];
    let mut characters = rest.char_indices().take(LONGEST_HOST + 1);
    let length = characters
        .find(|(_, c)| !(c.is_alphanumeric() || matches!(c, '-' | '_' | '.')))
        .map_or(rest.len(), |(at, _)| at);
    if length == rest.len() && rest.chars().nth(LONGEST_HOST).is_some() {
        return None;
    }
    let domain = rest[..length].trim_end_matches('.');
    let dots = domain.bytes().filter(|b| *b == b'.').count();
    let first_is_fine = domain.chars().next().is_some_and(|c| c.is_alphanumeric() || c == '_');
    let last_two_are_plain = domain.rsplit('.').take(2).all(|label| !label.contains('_'));
    let authority_is_dotted = dots > 0 || wanted == Domain::Short;
    (first_is_fine && authority_is_dotted && (dots == 0 || last_two_are_plain)).then_some(start + length)
}

/// Where the part of a URL ends that its author meant, and where GFM's does: that of a URL that many others follow without a blank is
/// not looked for to its end, since what was meant ends near.
fn ends(text: &str, start: usize) -> (usize, usize) {
    let meant_within = |literal| trim(text, start, cut(text, start, literal));
    let near = trim(text, start, literal_end(text, start, NEAR));
    let meant = meant_within(near);
    if meant < near {
        return (meant, near);
    }
    let literal = ends_for_renderers(text, start);
    (meant_within(literal), literal)
}

/// Where GFM's URL ends.
fn ends_for_renderers(text: &str, start: usize) -> usize {
    trim(text, start, literal_end(text, start, LONGEST))
}

/// Where GFM's URL ends before punctuation is taken off: white space, `<`; also a bracket that closes what was opened before
/// the URL, a backtick, a control character; or after `most` bytes.
fn literal_end(text: &str, start: usize, most: usize) -> usize {
    let mut brackets = 0_i32;
    for (at, c) in text[start..].char_indices() {
        let ends = match c {
            _ if at >= most => true,
            '[' => {
                brackets += 1;
                false
            }
            ']' => {
                brackets -= 1;
                brackets < 0
            }
            '<' | '>' | '`' => true,
            c => c.is_whitespace() || c.is_control(),
        };
        if ends {
            return start + at;
        }
    }
    text.len()
}

/// Takes punctuation off the end: GFM's, and whatever other scripts end or close a sentence with.
fn trim(text: &str, start: usize, end: usize) -> usize {
    let mut url = &text[start..end];
    let count = |url: &str, sign: u8| url.bytes().filter(|byte| *byte == sign).count();
    // Counted once, and only where it matters.
    let mut surplus = None;
    while let Some(last) = url.chars().next_back() {
        match last {
            '?' | '!' | '.' | ',' | ':' | '*' | '_' | '~' | '\'' | '"' | ';' => {}
            ')' => {
                let surplus =
                    surplus.get_or_insert_with(|| count(url, b')').saturating_sub(count(url, b'(')));
                if *surplus == 0 {
                    break;
                }
                *surplus -= 1;
            }
            '\u{2018}'..='\u{201f}' | '«' | '»' | '‹' | '›' | '…' | '–' | '—' => {}
            '،' | '؛' | '؟' | '।' | '॥' | '·' | '׃' | '־' => {}
            _ => break,
        }
        let before_entity = (last == ';').then(|| entity_start(url)).flatten();
        url = &url[..before_entity.unwrap_or(url.len() - last.len_utf8())];
    }
    start + url.len()
}

/// Where `&name;` at the end of `url` begins.
fn entity_start(url: &str) -> Option<usize> {
    let name = url.strip_suffix(';')?;
    let letters = name.bytes().rev().take_while(u8::is_ascii_alphanumeric).count();
    let at = (name.len() - letters).checked_sub(1)?;
    (letters > 0 && name.as_bytes()[at] == b'&').then_some(at)
}

/// Where the part that the author meant ends, between `start` (the host) and `end`.
fn cut(text: &str, start: usize, end: usize) -> usize {
    let url = &text[start..end];
    if url.is_ascii() {
        return end;
    }
    let mut previous = None;
    let mut in_host = true;
    for (at, c) in url.char_indices() {
        if matches!(c, '/' | '?' | '#') {
            in_host = false;
        }
        let stops = if c.is_ascii() {
            false
        } else if is_full_width_punctuation(c) || is_invisible(c) || matches!(c, '\u{201c}'..='\u{201f}') {
            true
        } else if !is_cjk(c) {
            false
        } else if in_host {
            at <= LONGEST_HOST && is_complete_host(&url[..at])
        } else {
            match previous {
                Some(p) if is_cjk(p) => false,
                // A word of such a script may begin after a delimiter; glued to a Latin word or a digit it is the sentence
                // that goes on, and so it is where the first letter is a particle or the rest ends as sentences do.
                Some('/' | '=' | '-' | '_' | '+' | '.' | ',' | '(' | ':' | '&' | '?' | '#' | '[' | '{') => {
                    goes_on_as_sentence(&url[at..])
                }
                _ => true,
            }
        };
        if stops {
            return start + at;
        }
        previous = Some(c);
    }
    end
}

/// Whether `host` could end here: a period, and a last label of at least two Latin letters.
fn is_complete_host(host: &str) -> bool {
    let host = host.rsplit_once('@').map_or(host, |(_, host)| host);
    let name = host.split(':').next().unwrap_or(host);
    name.is_ascii()
        && name.rsplit_once('.').is_some_and(|(before, last)| {
            !before.is_empty() && last.len() >= 2 && last.bytes().all(|b| b.is_ascii_alphabetic())
        })
}

fn goes_on_as_sentence(rest: &str) -> bool {
    if rest.starts_with('を') {
        return true;
    }
    let run: String =
        rest.chars().take_while(|c| is_cjk(*c) || is_full_width_punctuation(*c)).take(60).collect();
    let hiragana_first = run.chars().next().is_some_and(|c| ('\u{3041}'..='\u{3096}').contains(&c));
    hiragana_first && ["ます", "です", "ください", "してい", "、", "。"].iter().any(|mark| run.contains(mark))
}

/// A letter of a script that is written without spaces, or Hangul, whose particles stick to the word before.
pub(super) fn is_cjk(c: char) -> bool {
    matches!(c,
        '\u{1100}'..='\u{11ff}' | '\u{3005}'..='\u{3007}' | '\u{3041}'..='\u{30fa}' | '\u{30fc}'..='\u{318f}'
        | '\u{31a0}'..='\u{31bf}' | '\u{31f0}'..='\u{31ff}' | '\u{3400}'..='\u{4dbf}' | '\u{4e00}'..='\u{9fff}'
        | '\u{ac00}'..='\u{d7af}' | '\u{f900}'..='\u{faff}' | '\u{ff66}'..='\u{ff9f}' | '\u{20000}'..='\u{323af}')
}

/// CJK punctuation and full-width forms: no URL has one that its author meant.
pub(super) fn is_full_width_punctuation(c: char) -> bool {
    matches!(c,
        '\u{3000}'..='\u{3004}' | '\u{3008}'..='\u{3020}' | '\u{3030}' | '\u{303d}' | '\u{30fb}' | '\u{fe30}'..='\u{fe4f}'
        | '\u{fe50}'..='\u{fe6b}' | '\u{ff01}'..='\u{ff0f}' | '\u{ff1a}'..='\u{ff20}' | '\u{ff3b}'..='\u{ff40}'
        | '\u{ff5b}'..='\u{ff65}')
}

/// Zero-width characters and marks of writing direction.
pub(super) fn is_invisible(c: char) -> bool {
    matches!(c,
        '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2064}'
        | '\u{2066}'..='\u{2069}' | '\u{feff}')
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn urls(text: &str) -> Vec<String> {
        find(text, None, &mut Vec::new())
            .into_iter()
            .map(|bare| format!("{}{}", bare.prefix, &text[bare.range]))
            .collect()
    }

    #[test]
    fn m04_urls_end_where_their_author_ended_them() {
        let rows: &[(&str, &[&str])] = &[
            ("Go to https://example.com/a.", &["https://example.com/a"]),
            ("(https://example.com/a), then", &["https://example.com/a"]),
            ("https://en.wikipedia.org/wiki/A_(b))", &["https://en.wikipedia.org/wiki/A_(b)"]),
            ("\"https://example.com/b\"; and", &["https://example.com/b"]),
            ("https://example.com/?q=a&hl;", &["https://example.com/?q=a"]),
            ("HTTPS://EXAMPLE.COM/A!", &["HTTPS://EXAMPLE.COM/A"]),
            ("www.example.com/x, www.example", &["http://www.example.com/x", "http://www.example"]),
            ("xwww.example.com", &[]),
            (
                "mail me@example.com. or mailto:you@example.com",
                &["mailto:me@example.com", "mailto:you@example.com"],
            ),
            ("http://localhost:8080/x", &["http://localhost:8080/x"]),
            ("https://<tenant>.example.com", &[]),
            ("https:/one.example http: //two.example", &[]),
            ("git+https://example.com/r.git", &[]),
            ("[see https://example.com/a] and", &["https://example.com/a"]),
            ("https://example.com/a[1]b", &["https://example.com/a[1]b"]),
            ("ftp://example.com/f;", &["ftp://example.com/f"]),
            ("https://user:secret@example.com/", &["https://user:secret@example.com/"]),
            ("https://exa_mple.com/ https://a_b.example.com/", &["https://a_b.example.com/"]),
        ];
        for (text, expected) in rows {
            assert_eq!(urls(text), *expected, "{text}");
        }
    }

    #[test]
    fn m04_text_without_spaces_and_full_width_punctuation_are_not_swallowed() {
        let rows: &[(&str, &[&str])] = &[
            ("詳細は、https://example.com/a。次に", &["https://example.com/a"]),
            ("https://example.com/a」を参照してください。", &["https://example.com/a"]),
            ("https://example.com/support/を参照してください。", &["https://example.com/support/"]),
            ("https://example.comに移動して、", &["https://example.com"]),
            ("https://example.com/rfc#section-5.2では、エラー", &["https://example.com/rfc#section-5.2"]),
            ("访问https：//example.com", &[]),
            ("（https://example.com/a）", &["https://example.com/a"]),
            ("https://ja.wikipedia.org/wiki/日本語 の", &["https://ja.wikipedia.org/wiki/日本語"]),
            ("https://例え.jp/あ", &["https://例え.jp/あ"]),
            ("“https://example.com/a”", &["https://example.com/a"]),
            ("https://münchen.example/straße", &["https://münchen.example/straße"]),
            ("https://example.com/a\u{200f})", &["https://example.com/a"]),
        ];
        for (text, expected) in rows {
            assert_eq!(urls(text), *expected, "{text}");
        }
    }

    #[test]
    fn what_a_renderer_would_link_is_reported_and_its_meant_part_is_known() {
        assert_eq!(urls("記載したhttps://example.com/eのページを"), ["https://example.com/eのページを"]);
        assert_eq!(meant_part("https://example.com/eのページを"), "https://example.com/e");
        assert_eq!(meant_part("https://example.com/c。"), "https://example.com/c");
        assert_eq!(meant_part("https://example.com/rtl\u{200e}"), "https://example.com/rtl");
        assert_eq!(meant_part("https://example.com/a(b)"), "https://example.com/a(b)");
    }

    /// What would be looked at to the end of the text for every beginning, a thousand times over, is not.
    #[test]
    fn a_text_of_many_urls_without_blanks_takes_no_time() {
        for (piece, urls) in [("http://a.example。", 30_000), ("_www.", 0), ("http://a.example)。", 30_000)]
        {
            let text = piece.repeat(30_000);
            assert_eq!(find(&text, None, &mut Vec::new()).len(), urls, "{piece}");
        }
        let host = format!("https://{}", "設".repeat(300_000));
        assert_eq!(meant_part(&host), host);
    }

    #[test]
    fn a_url_is_looked_for_up_to_where_it_is_malformed() {
        let long = format!("https://a.example/{}", "x".repeat(20_000));
        let found = &find(&long, None, &mut Vec::new())[0];
        assert!((8_193..20_000).contains(&found.range.len()), "{}", found.range.len());
        assert_eq!(find(&format!("https://{}", "a".repeat(2_000)), None, &mut Vec::new()), []);
    }

    #[test]
    fn a_letter_before_the_scheme_hides_the_url() {
        let mut hidden = Vec::new();
        assert!(find("seehttps://example.com/a.", None, &mut hidden).is_empty());
        assert_eq!(hidden.len(), 1);
        assert_eq!(hidden[0], 3..24);
        hidden.clear();
        assert!(find("https://example.com/a", Some('e'), &mut hidden).is_empty());
        assert_eq!(hidden.len(), 1);
    }

    proptest! {
        #[test]
        fn never_panics_and_finds_rising_ranges(text in "[a-z:/.@w（）。をあ\u{200e}<>()\\[\\]&; ]{0,80}|\\PC{0,60}") {
            let mut last = 0;
            for bare in find(&text, None, &mut Vec::new()) {
                prop_assert!(bare.range.start >= last && bare.range.end <= text.len());
                prop_assert!(text.get(bare.range.clone()).is_some());
                last = bare.range.end;
            }
        }

        #[test]
        fn the_url_at_the_start_is_the_first_that_is_found(text in "https?://[a-z。.:/@()\\[ 日]{0,40}") {
            let first = find(&text, None, &mut Vec::new()).into_iter().next().filter(|bare| bare.range.start == 0);
            prop_assert_eq!(at_start(&text), first.map(|bare| &text[bare.range]));
        }

        #[test]
        fn the_meant_part_is_a_beginning_and_stays(url in "https://[a-z]{1,5}\\.com/\\PC{0,30}") {
            let meant = meant_part(&url);
            prop_assert!(url.starts_with(meant));
            prop_assert_eq!(meant_part(meant), meant);
        }
    }
}
