//! What in a URL is of one session only, and differs from visit to visit although nothing changed: identifiers of sessions, signatures
//! with their end, marks of campaigns.

use std::borrow::Cow;

/// Keys of a query whose value never says which page is meant, in lower case.
const MARKS: &[&str] =
    &["_ga", "_gl", "dclid", "fbclid", "gclid", "mc_cid", "mc_eid", "msclkid", "wt.mc_id", "yclid"];
/// Beginnings of such keys.
const MARK_PREFIXES: &[&str] = &["utm_", "x-amz-", "x-goog-"];
/// Keys of a query whose value is a session's where it is long enough: a short `sid` is a section's number.
const SESSION_KEYS: &[&str] = &[
    "_csrf",
    "awsaccesskeyid",
    "cftoken",
    "correlationid",
    "csrf",
    "csrf_token",
    "expires",
    "googleaccessid",
    "hdnts",
    "jsessionid",
    "key-pair-id",
    "nonce",
    "oscsid",
    "phpsessid",
    "policy",
    "session_id",
    "sessionid",
    "sessid",
    "sid",
    "sig",
    "signature",
    "timestamp",
    "zenid",
];
/// The shortest value of those.
const SESSION_VALUE: usize = 8;
/// From this length on a value of letters and digits is a random one, unless its key says what it names.
const RANDOM_VALUE: usize = 16;
/// And where letters and digits take turns so often.
const RANDOM_TURNS: usize = 4;

/// What is known beside the URL.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Beside {
    /// Nothing: only values that are a session's by their key are taken for one.
    Nothing,
    /// That the page is the same: random values and times are a session's, too.
    SamePage,
}

/// A URL, or a `Location`, without what is of one session only; as it was where there is nothing of it.
pub fn without_session(url: &str, beside: Beside) -> Cow<'_, str> {
    let (path, query) = url.split_once('?').map_or((url, None), |(path, query)| (path, Some(query)));
    let bare = without_session_path(path);
    let gone = |pair: &&str| is_session(pair, beside);
    let any_gone = query.is_some_and(|query| query.split('&').any(|pair| gone(&pair)));
    if !any_gone && matches!(bare, Cow::Borrowed(_)) {
        return Cow::Borrowed(url);
    }
    let kept: Vec<&str> =
        query.into_iter().flat_map(|query| query.split('&')).filter(|pair| !gone(pair)).collect();
    match kept.is_empty() {
        true => Cow::Owned(bare.into_owned()),
        false => Cow::Owned(format!("{bare}?{}", kept.join("&"))),
    }
}

/// Without `;jsessionid=…` (Servlet 6.1 §7.1.3) and `/(S(…))` (ASP.NET without cookies).
fn without_session_path(path: &str) -> Cow<'_, str> {
    let is_token = |segment: &str| segment.starts_with("(S(") && segment.ends_with("))");
    let parameter = |segment: &str| segment.to_ascii_lowercase().find(";jsessionid=");
    if !path.split('/').any(|segment| is_token(segment) || parameter(segment).is_some()) {
        return Cow::Borrowed(path);
    }
    let segments = path.split('/').filter(|segment| !is_token(segment));
    let bare: Vec<&str> =
        segments.map(|segment| parameter(segment).map_or(segment, |at| &segment[..at])).collect();
    Cow::Owned(bare.join("/"))
}

fn is_session(pair: &str, beside: Beside) -> bool {
    let (key, value) = pair.split_once('=').unwrap_or((pair, ""));
    let key = key.to_ascii_lowercase();
    if MARKS.contains(&key.as_str()) || MARK_PREFIXES.iter().any(|prefix| key.starts_with(prefix)) {
        return true;
    }
    if SESSION_KEYS.contains(&key.as_str()) {
        return value.len() >= SESSION_VALUE;
    }
    // `id`, `articleId`, `doc_id`: it names what is meant, however random it looks.
    beside == Beside::SamePage && !key.ends_with("id") && (is_random(value) || is_time(value))
}

/// Letters and digits that take turns, as in no word or version.
fn is_random(value: &str) -> bool {
    let bytes = value.as_bytes();
    let turns = bytes.windows(2).filter(|pair| pair[0].is_ascii_digit() != pair[1].is_ascii_digit()).count();
    bytes.len() >= RANDOM_VALUE && bytes.iter().all(u8::is_ascii_alphanumeric) && turns >= RANDOM_TURNS
}

/// Seconds or milliseconds since 1970, of this century's second to fourth decade.
fn is_time(value: &str) -> bool {
    let number = value.parse::<u64>().unwrap_or_default();
    matches!(number, 1_200_000_000..=2_300_000_000 | 1_200_000_000_000..=2_300_000_000_000)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn what_is_of_one_session_only_is_left_out() {
        use Beside::{Nothing, SamePage};
        let table = [
            ("https://a.org/x?sid=8f14e45fceea167a", Nothing, "https://a.org/x"),
            ("https://a.org/x?sid=103", SamePage, "https://a.org/x?sid=103"),
            ("https://a.org/x?a=b&PHPSESSID=8f14e45fceea&c=d", Nothing, "https://a.org/x?a=b&c=d"),
            ("https://a.org/x;jsessionid=8F14E45F.node1?a=b", Nothing, "https://a.org/x?a=b"),
            ("https://a.org/x;v=2", SamePage, "https://a.org/x;v=2"),
            ("https://a.org/(S(lit3py55t21z5v55vlm25s55))/x.aspx", Nothing, "https://a.org/x.aspx"),
            ("/(S(lit3py55t21z5v55vlm25s55))/x", Nothing, "/x"),
            ("https://a.org/x?utm_source=a&utm_campaign=c2", Nothing, "https://a.org/x"),
            (
                "https://a.org/f.pdf?Expires=1790000000&Signature=abc~def0&Key-Pair-Id=K2JCJMDE",
                Nothing,
                "https://a.org/f.pdf",
            ),
            ("https://a.org/f?X-Amz-Date=20261123T000000Z&X-Amz-Expires=60", Nothing, "https://a.org/f"),
            ("https://a.org/x?session=BRK2041", SamePage, "https://a.org/x?session=BRK2041"),
            ("https://a.org/x?t=1790000000123", Nothing, "https://a.org/x?t=1790000000123"),
            ("https://a.org/x?t=1790000000123", SamePage, "https://a.org/x"),
            ("https://a.org/x?t=4711", SamePage, "https://a.org/x?t=4711"),
            ("https://a.org/x?state=8f14e45fceea167a", SamePage, "https://a.org/x"),
            (
                "https://a.org/x?id=8f14e45fceea167a5a36dedd4bea2543",
                SamePage,
                "https://a.org/x?id=8f14e45fceea167a5a36dedd4bea2543",
            ),
            ("https://a.org/x?view=azure-devops-2022", SamePage, "https://a.org/x?view=azure-devops-2022"),
            (
                "https://a.org/x?page=selfservicepasswordreset2021",
                SamePage,
                "https://a.org/x?page=selfservicepasswordreset2021",
            ),
            ("https://a.org/x?", SamePage, "https://a.org/x?"),
            ("https://a.org/x?sid", Nothing, "https://a.org/x?sid"),
        ];
        for (url, beside, want) in table {
            assert_eq!(without_session(url, beside), want, "{url}");
        }
    }

    proptest! {
        #[test]
        fn what_is_left_has_nothing_of_a_session(url in "(/[a-z();=S]{0,12}){0,3}(\\?([a-z_]{1,8}=[a-z0-9]{0,20}&?){0,4})?") {
            for beside in [Beside::Nothing, Beside::SamePage] {
                let bare = without_session(&url, beside).into_owned();
                prop_assert_eq!(without_session(&bare, beside), bare.as_str());
            }
        }
    }
}
