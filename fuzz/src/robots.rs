//! robots.txt → may it be visited, and the same answer by the plainest reading of RFC 9309 §2.2.
//! Input: a line with a path, then the file.

use linkdrift::visit::RobotsRules;
use url::Url;

pub fn check(data: &[u8]) {
    let end = data.iter().position(|byte| *byte == b'\n').unwrap_or(data.len());
    let (path, file) = (String::from_utf8_lossy(&data[..end]), data.get(end + 1..).unwrap_or_default());
    let site = Url::parse("https://a.example/").expect("our own");
    let Ok(url) = site.join(&path) else { return };
    let allowed = |file: &[u8]| RobotsRules::parse(file).allow(&url);
    let answer = allowed(file);
    // A file that is cut at 500 KiB does not stay the same when it grows.
    if file.len() < 100_000 {
        assert_eq!(allowed(&[file, b"\n# the end\n\nSitemap: /x\n"].concat()), answer, "a comment counts");
        if !file.starts_with(b"\xef\xbb\xbf") {
            assert_eq!(allowed(&[b"# the start\n", file].concat()), answer, "a comment counts");
        }
        // Names before it take in the rules that stand before the file's own first names, and a rule ends the names at its end.
        let named = [b"User-agent: nobody\nDisallow: /7f3a\n", file, b"\nDisallow: /7f3a\n"].concat();
        assert_eq!(allowed(&[&named[..], &named].concat()), allowed(&named), "the same twice is the same");
        let crlf: Vec<u8> = file
            .iter()
            .flat_map(|byte| if *byte == b'\n' { vec![b'\r', b'\n'] } else { vec![*byte] })
            .collect();
        assert_eq!(allowed(&crlf), answer, "line ends count");
    }
    assert!(RobotsRules::parse(file).allow(&site.join("/robots.txt").expect("our own")));
    if let Ok(text) = std::str::from_utf8(file)
        && file.len() < 20_000
        && file.iter().all(|byte| byte.is_ascii_alphanumeric() || b"/:*$-_.~# \t\n".contains(byte))
        && url.as_str().bytes().all(|byte| byte.is_ascii_alphanumeric() || b"/:-_.~?".contains(&byte))
    {
        assert_eq!(answer, plain_answer(text, &url[url::Position::BeforePath..]), "{text:?} {url}");
    }
}

/// Groups, the longest match, allow before disallow: by trying every rule and every place.
fn plain_answer(file: &str, path: &str) -> bool {
    if path.split('?').next() == Some("/robots.txt") {
        return true;
    }
    let (mut ours, mut anybodys, mut is_ours, mut is_anybodys, mut is_named, mut in_names) =
        (Vec::new(), Vec::new(), false, false, false, false);
    for line in file.lines() {
        let line = line.split('#').next().unwrap_or_default();
        let Some((key, value)) = line.split_once(':') else { continue };
        let (key, value) = (key.trim().to_ascii_lowercase(), value.trim());
        match key.as_str() {
            "user-agent" => {
                if !in_names {
                    (is_ours, is_anybodys) = (false, false);
                }
                in_names = true;
                let token: String =
                    value.chars().take_while(|c| c.is_ascii_alphabetic() || matches!(c, '-' | '_')).collect();
                is_ours |= token.eq_ignore_ascii_case("linkdrift");
                is_anybodys |= value == "*";
                is_named |= is_ours;
            }
            "allow" | "disallow" => {
                in_names = false;
                if is_ours {
                    ours.push((key == "allow", value));
                }
                if is_anybodys {
                    anybodys.push((key == "allow", value));
                }
            }
            _ => {}
        }
    }
    let rules = if is_named { ours } else { anybodys };
    let slashed = |pattern: &str| {
        if pattern.starts_with(['/', '*']) { pattern.to_owned() } else { format!("/{pattern}") }
    };
    rules
        .into_iter()
        .filter(|(_, pattern)| !pattern.is_empty())
        .map(|(allows, pattern)| (slashed(pattern), allows))
        .filter(|(pattern, _)| matches(pattern.as_bytes(), path.as_bytes()))
        .max_by_key(|(pattern, allows)| (length(pattern), *allows))
        .is_none_or(|(_, allows)| allows)
}

/// A `$` that is not the last character is a character like any other, written `%24`.
fn length(pattern: &str) -> usize {
    let inner = pattern.strip_suffix('$').unwrap_or(pattern);
    pattern.len() + 2 * inner.matches('$').count()
}

/// Whether a pattern matches a path from its beginning; `matched[n]` says whether the pattern so far can end after n bytes.
fn matches(pattern: &[u8], path: &[u8]) -> bool {
    let mut matched = vec![false; path.len() + 1];
    matched[0] = true;
    for (at, byte) in pattern.iter().enumerate() {
        if *byte == b'*' {
            let first = matched.iter().position(|matched| *matched).unwrap_or(matched.len());
            matched[first..].fill(true);
        } else if *byte == b'$' && at + 1 == pattern.len() {
            return matched[path.len()];
        } else {
            for end in (0..path.len()).rev() {
                matched[end + 1] = matched[end] && path[end] == *byte;
            }
            matched[0] = false;
        }
    }
    matched.contains(&true)
}
