//! robots.txt (RFC 9309) → the rules that are for us. Every line is tried, none costs the file; all costs are bounded by its length.

use url::Url;

/// What is read of a file (RFC 9309 §2.5 asks for at least that).
pub(super) const MAX_FILE: usize = 500 << 10;

/// The product token that groups are looked up by (RFC 9309 §2.2.1).
const TOKEN: &str = "linkdrift";

/// Rules with a wildcard that are matched as such. One of the rules beyond them counts up to its first wildcard: it then forbids more,
/// never less.
const MAX_WILDCARDS: usize = 4096;

/// The rules of one file that are for us, the most specific first.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct Rules(Vec<Rule>);

#[derive(Debug, Clone, PartialEq, Eq)]
struct Rule {
    /// What lies between the wildcards; the first piece stands at the beginning of the path.
    pieces: Vec<String>,
    /// Whether the path ends where the pattern does: `$`.
    ends: bool,
    /// Octets of the pattern, by which the most specific rule is known.
    length: usize,
    allows: bool,
}

/// A line that means something.
enum Line<'a> {
    Agent(&'a str),
    Rule { allows: bool, pattern: &'a str },
}

impl Rules {
    /// Reads a file. Groups that name us are merged (§2.2.1); where none does, those for `*` count.
    pub fn parse(file: &[u8]) -> Self {
        let file = &file[..file.len().min(MAX_FILE)];
        let text = String::from_utf8_lossy(file.strip_prefix(b"\xef\xbb\xbf").unwrap_or(file));
        let (mut own, mut any, mut named) = (Vec::new(), Vec::new(), false);
        // Whom the present group is for, and whether its list of names is complete.
        let (mut for_us, mut for_any, mut complete) = (false, false, true);
        for line in text.split(['\n', '\r']).filter_map(line) {
            match line {
                Line::Agent(name) => {
                    if complete {
                        (for_us, for_any, complete) = (false, false, false);
                    }
                    for_us |= is_us(name);
                    for_any |= name == "*";
                    named |= for_us;
                }
                Line::Rule { allows, pattern } => {
                    complete = true;
                    if for_us {
                        own.push((allows, pattern));
                    } else if for_any && !named {
                        any.push((allows, pattern));
                    }
                }
            }
        }
        let mut wildcards = 0;
        let chosen = if named { own } else { any };
        let mut rules: Vec<Rule> = chosen
            .into_iter()
            .filter_map(|(allows, pattern)| rule(allows, pattern, &mut wildcards))
            .collect();
        // The longest match counts, and of equal ones the one that allows (§2.2.2): so the first that matches decides.
        rules.sort_by_key(|rule| std::cmp::Reverse((rule.length, rule.allows)));
        Self(rules)
    }

    /// Whether the path and query of `url` may be asked for.
    pub fn allow(&self, url: &Url) -> bool {
        if url.path() == "/robots.txt" {
            return true;
        }
        let path = match url.query() {
            Some(query) => comparable(&format!("{}?{query}", url.path()), ""),
            None => comparable(url.path(), ""),
        };
        self.0.iter().find(|rule| rule.matches(&path)).is_none_or(|rule| rule.allows)
    }

    /// Bytes in memory, roughly.
    pub(super) fn size(&self) -> usize {
        let of =
            |rule: &Rule| rule.pieces.iter().map(|piece| piece.len() + size_of::<String>()).sum::<usize>();
        self.0.iter().map(|rule| of(rule) + size_of::<Rule>()).sum()
    }
}

impl Rule {
    /// Each piece at its first place after the one before: in a pattern of nothing but `*` the first place is never worse than a later
    /// one, so that one pass over the path is enough.
    fn matches(&self, path: &str) -> bool {
        let Some((first, rest)) = self.pieces.split_first() else { return true };
        let Some(mut left) = path.strip_prefix(first.as_str()) else { return false };
        let Some((last, between)) = rest.split_last() else { return !self.ends || left.is_empty() };
        for piece in between {
            let Some(at) = left.find(piece.as_str()) else { return false };
            left = &left[at + piece.len()..];
        }
        if self.ends { left.ends_with(last.as_str()) } else { left.contains(last.as_str()) }
    }
}

/// `key: value # comment`. What is no such line, or has another key (`sitemap`, `crawl-delay`), is passed over and ends no group.
fn line(text: &str) -> Option<Line<'_>> {
    let text = text.split('#').next()?;
    let (key, value) = text.split_once(':')?;
    let (key, value) = (key.trim(), value.trim_matches(|c: char| c.is_whitespace() || c == '\0'));
    if key.eq_ignore_ascii_case("user-agent") {
        Some(Line::Agent(value))
    } else if key.eq_ignore_ascii_case("allow") {
        Some(Line::Rule { allows: true, pattern: value })
    } else if key.eq_ignore_ascii_case("disallow") {
        Some(Line::Rule { allows: false, pattern: value })
    } else {
        None
    }
}

/// Letters, `-` and `_` make the token; a version behind it does not count.
fn is_us(name: &str) -> bool {
    let end = name.find(|c: char| !(c.is_ascii_alphabetic() || matches!(c, '-' | '_'))).unwrap_or(name.len());
    name[..end].eq_ignore_ascii_case(TOKEN)
}

/// `None` for a pattern that matches nothing: the empty one.
fn rule(allows: bool, pattern: &str, wildcards: &mut usize) -> Option<Rule> {
    if pattern.is_empty() {
        return None;
    }
    let (pattern, ends) = match pattern.strip_suffix('$') {
        Some(before) => (before, true),
        None => (pattern, false),
    };
    let mut pattern = comparable(pattern, "*");
    // A path begins with a slash, and whoever leaves it out means it.
    if !pattern.starts_with(['/', '*']) {
        pattern.insert(0, '/');
    }
    let length = pattern.len() + usize::from(ends);
    let mut pieces = pattern.split('*');
    let first = pieces.next().unwrap_or_default().to_owned();
    if !pattern.contains('*') {
        return Some(Rule { pieces: vec![first], ends, length, allows });
    }
    *wildcards += 1;
    if *wildcards > MAX_WILDCARDS {
        return (!allows).then(|| Rule { length: first.len(), pieces: vec![first], ends: false, allows });
    }
    // Wildcards side by side are one; the last piece stays even where it is empty, since it says that anything may follow.
    let mut rest: Vec<String> = pieces.map(str::to_owned).collect();
    let last = rest.pop();
    rest.retain(|piece| !piece.is_empty());
    let pieces = std::iter::once(first).chain(rest).chain(last).collect();
    Some(Rule { pieces, ends, length, allows })
}

/// A path as both sides of a comparison are written (§2.2.2): unreserved characters plain, everything that is not ASCII and whatever has
/// a meaning in patterns percent-encoded, hexadecimal digits in capitals. `keep` are characters that keep their meaning.
fn comparable(text: &str, keep: &str) -> String {
    let bytes = text.as_bytes();
    let mut out = String::with_capacity(bytes.len());
    let encode = |byte: u8, out: &mut String| {
        const DIGITS: &[u8; 16] = b"0123456789ABCDEF";
        out.push('%');
        out.push(char::from(DIGITS[usize::from(byte >> 4)]));
        out.push(char::from(DIGITS[usize::from(byte & 15)]));
    };
    let mut at = 0;
    while let Some(&byte) = bytes.get(at) {
        let hex = |offset: usize| bytes.get(at + offset).and_then(|digit| char::from(*digit).to_digit(16));
        let coded = (byte == b'%').then(|| Some((hex(1)? * 16 + hex(2)?) as u8)).flatten();
        at += if coded.is_some() { 3 } else { 1 };
        match (byte, coded) {
            (_, Some(plain)) if plain.is_ascii_alphanumeric() || b"-._~".contains(&plain) => {
                out.push(char::from(plain));
            }
            (_, Some(coded)) => encode(coded, &mut out),
            (b'*' | b'$', None) if !keep.contains(char::from(byte)) => encode(byte, &mut out),
            (0x21..0x7f, None) => out.push(char::from(byte)),
            (_, None) => encode(byte, &mut out),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn allowed(file: &str, path: &str) -> bool {
        Rules::parse(file.as_bytes()).allow(&Url::parse("https://example.com").unwrap().join(path).unwrap())
    }

    /// The examples of RFC 9309 in words of our own: §2.2.1 to §2.2.3, §5.1, §5.2.
    #[test]
    fn the_rfc_by_example() {
        let of = |rules: &str| format!("User-agent: *\n{rules}");
        let table: Vec<(String, &str, bool)> = vec![
            // No rules, no group for us, an empty rule: everything is allowed.
            (String::new(), "/x", true),
            ("User-agent: other\nDisallow: /".into(), "/x", true),
            (of("Disallow:"), "/x", true),
            (of("Disallow: /"), "/", false),
            (of("Disallow: /"), "/robots.txt", true),
            // The longest match wins, whatever the order, and allow wins where both are as long.
            (of("Allow: /p\nDisallow: /"), "/page", true),
            (of("Disallow: /\nAllow: /p"), "/page", true),
            (of("Allow: /folder\nDisallow: /folder"), "/folder/page", true),
            (of("Disallow: /folder\nAllow: /folder"), "/folder/page", true),
            (of("Allow: /page\nDisallow: /*.htm"), "/page.htm", false),
            (
                of("Allow: /example/page/\nDisallow: /example/page/disallowed.gif"),
                "/example/page/disallowed.gif",
                false,
            ),
            (of("Allow: /example/page/\nDisallow: /example/page/disallowed.gif"), "/example/page/x", true),
            // Matches begin at the first octet of the path, and case counts.
            (of("Disallow: /fish"), "/fish.html", false),
            (of("Disallow: /fish"), "/fishheads/yummy.html", false),
            (of("Disallow: /fish"), "/catfish", true),
            (of("Disallow: /fish"), "/Fish.asp", true),
            (of("Disallow: /fish/"), "/fish", true),
            (of("Disallow: /*"), "/anything", false),
            (of("Disallow: fish"), "/fish", false),
            // Wildcards and the end.
            (of("Disallow: *.gif$"), "/a/b.gif", false),
            (of("Disallow: *.gif$"), "/a/b.gif?c", true),
            (of("Disallow: /*.php"), "/folder/a.php?q=1", false),
            (of("Disallow: /*.php$"), "/a.php5", true),
            (of("Disallow: /a*b*c$"), "/a-b-b-c", false),
            (of("Disallow: /a*b*c$"), "/a-c-b", true),
            (of("Disallow: /this/*/exactly"), "/this/x/y/exactly/z", false),
            (of("Disallow: /x$"), "/x", false),
            (of("Disallow: /x$"), "/xy", true),
            (of("Disallow: /a***b"), "/a/b", false),
            (of("Disallow: /aba*aba$"), "/aba", true),
            // The query belongs to it.
            (of("Disallow: /*?"), "/a?b", false),
            (of("Disallow: /*?"), "/a", true),
            (of("Disallow: /search?q=secret"), "/search?q=secret+x", false),
            // Characters of the pattern language, written as themselves.
            (of("Disallow: /path/file-with-a-%2A.html"), "/path/file-with-a-*.html", false),
            (of("Disallow: /path/file-with-a-%2A.html"), "/path/file-with-a-b.html", true),
            (of("Disallow: /path/foo-%24"), "/path/foo-$", false),
            // Encoding: octets beyond ASCII, and unreserved characters that need none.
            (of("Disallow: /foo/bar/ツ"), "/foo/bar/%E3%83%84", false),
            (of("Disallow: /foo/bar/%E3%83%84"), "/foo/bar/ツ", false),
            (of("Disallow: /foo/bar/%62%61%7A"), "/foo/bar/baz", false),
            (of("Disallow: /a%2fb"), "/a%2Fb", false),
            (of("Disallow: /a%2Fb"), "/a/b", true),
            (of("Disallow: /%zz"), "/%zz", false),
            // Comments, spaces, case of keys, line ends, lines that are none.
            ("user-AGENT : *  # all\r\n  DISALLOW:/x   # no".into(), "/x", false),
            ("User-agent: *\rDisallow: /x\r".into(), "/x", false),
            ("\u{feff}User-agent: *\nDisallow: /x".into(), "/x", false),
            (of("nonsense\n<html>\nDisallow: /x"), "/x", false),
            (of("Disallow /x"), "/x", true),
            ("Disallow: /x".into(), "/x", true),
            (of("Disallow: /x\0"), "/x", false),
        ];
        for (file, path, want) in table {
            assert_eq!(allowed(&file, path), want, "{path} in {file:?}");
        }
    }

    /// §2.2.1: which group is ours.
    #[test]
    fn groups() {
        let table = [
            ("User-agent: *\nDisallow: /\n\nUser-agent: linkdrift\nDisallow: /x", "/y", true),
            ("User-agent: linkdrift\nDisallow: /x\n\nUser-agent: *\nDisallow: /", "/y", true),
            ("User-agent: LinkDrift\nDisallow: /x", "/x", false),
            ("User-agent: linkdrift/1.0\nDisallow: /x", "/x", false),
            ("User-agent: linkdrift-news\nDisallow: /x", "/x", true),
            ("User-agent: link\nDisallow: /x", "/x", true),
            ("User-agent: linkdrift\nAllow: /\n\nUser-agent: *\nDisallow: /", "/x", true),
            ("User-agent: linkdrift\n\nUser-agent: *\nDisallow: /", "/x", false),
            ("User-agent: a\nUser-agent: linkdrift\nUser-agent: b\nDisallow: /x", "/x", false),
            ("User-agent: linkdrift\nDisallow: /x\nUser-agent: b\nDisallow: /y", "/y", true),
            // Groups for one token are one group, and other records end none.
            (
                "User-agent: linkdrift\nDisallow: /x\n\nUser-agent: b\nDisallow: /\n\nUser-agent: linkdrift\nDisallow: /y",
                "/y",
                false,
            ),
            ("User-agent: linkdrift\nSitemap: https://example.com/s.xml\nDisallow: /x", "/x", false),
            ("User-agent: linkdrift\nCrawl-delay: 10\nUser-agent: b\nDisallow: /x", "/x", false),
            ("User-agent: linkdrift\nDisallow:\n\nUser-agent: *\nDisallow: /", "/x", true),
        ];
        for (file, path, want) in table {
            assert_eq!(allowed(file, path), want, "{path} in {file:?}");
        }
    }

    /// §2.5: what lies beyond 500 KiB is not read, and what lies before is.
    #[test]
    fn a_long_file_is_read_up_to_its_limit() {
        let filler = "# a comment that fills\n".repeat(MAX_FILE / 23 + 1);
        assert!(!allowed(&format!("User-agent: *\nDisallow: /x\n{filler}Disallow: /y"), "/x"));
        assert!(allowed(&format!("User-agent: *\nDisallow: /x\n{filler}Disallow: /y"), "/y"));
    }

    /// A file made to cost time costs none: wildcards without end, rules without end.
    #[test]
    fn hostile_files_are_bounded() {
        let path = format!("/{}", "a".repeat(8000));
        let one = format!("User-agent: *\nDisallow: /{}b$", "*a".repeat(200_000));
        assert!(allowed(&one, &path));
        let many = format!("User-agent: *\n{}Disallow: /private*x\n", "Disallow: /*ab\n".repeat(20_000));
        let rules = Rules::parse(many.as_bytes());
        assert!(
            rules.allow(&Url::parse("https://e.com/other").unwrap())
                == allowed("User-agent: *\nDisallow: /", "/x")
        );
        let few = format!("User-agent: *\n{}", "Disallow: /*ab\n".repeat(4000));
        assert!(allowed(&few, &path));
    }

    proptest! {
        #[test]
        fn no_file_panics(file in prop::collection::vec(any::<u8>(), 0..400), path in "/[ -~]{0,60}") {
            let mut url = Url::parse("https://example.com").unwrap();
            url.set_path(&path);
            Rules::parse(&file).allow(&url);
        }

        /// Patterns agree with the plain definition of a match, tried at every place.
        #[test]
        fn patterns_match_as_defined(pattern in "/[ab*]{0,8}", ends: bool, path in "/[ab]{0,10}") {
            fn plain(pattern: &[u8], path: &[u8], ends: bool) -> bool {
                match (pattern.split_first(), path.split_first()) {
                    (None, _) => !ends || path.is_empty(),
                    (Some((b'*', rest)), _) => (0..=path.len()).any(|at| plain(rest, &path[at..], ends)),
                    (Some((a, rest)), Some((b, left))) => a == b && plain(rest, left, ends),
                    (Some(_), None) => false,
                }
            }
            let file = format!("User-agent: *\nDisallow: {pattern}{}", if ends { "$" } else { "" });
            prop_assert_eq!(!allowed(&file, &path), plain(pattern.as_bytes(), path.as_bytes(), ends));
        }
    }
}
