//! Whether a host that is linked to by `http` answers alike over `https`.

use url::Url;

use super::{Facts, Judgement, Verdict};
use crate::visit::facts::Outcome;

/// The same URL over TLS; `None` where it is not `http` at its own port.
pub fn over_https(url: &Url) -> Option<Url> {
    if url.scheme() != "http" || url.port().is_some() {
        return None;
    }
    let mut secure = url.clone();
    secure.set_scheme("https").ok()?;
    Some(secure)
}

/// Whether only a probe can tell whether `https` would do: the page is well, and nothing sent the visit anywhere. Gives what to ask for.
pub fn wants_https(facts: &Facts, judgement: &Judgement) -> Option<Url> {
    let plain = judgement.verdict == Verdict::Ok && facts.visit.hops.len() == 1;
    over_https(&Url::parse(facts.visit.final_url()?).ok().filter(|_| plain)?)
}

/// Whether both answers are one page: the same status, and the same content; where there is none to compare, the same kind and length.
pub fn alike_over_https(plain: &Facts, secure: &Facts) -> bool {
    let (one, two) = (&plain.visit, &secure.visit);
    let answered = |outcome: &Outcome| matches!(outcome, Outcome::Answered | Outcome::NotModified);
    let to_https = two.final_url().is_some_and(|url| url.starts_with("https://"));
    if !answered(&one.outcome) || !answered(&two.outcome) || one.status() != two.status() || !to_https {
        return false;
    }
    match (&plain.page, &secure.page) {
        (Some(one), Some(two)) => {
            one.content == two.content || (one.title.is_some() && one.title == two.title)
        }
        (None, None) => match (&one.answer, &two.answer) {
            (Some(one), Some(two)) => {
                one.content_type == two.content_type && one.body_length == two.body_length
            }
            (None, None) => true,
            _ => false,
        },
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::facts;
    use super::*;
    use crate::page::PageFacts;

    fn page(url: &str, status: u16, title: &str, content: &str) -> Facts {
        let mut facts = facts(&[(url, status)], Outcome::Answered);
        let (title, content) = (Some(title.to_owned()), Some(content.to_owned()));
        facts.page = Some(PageFacts { title, content, ..PageFacts::default() });
        facts
    }

    #[test]
    fn one_page_or_two() {
        let plain = page("http://a.org/x", 200, "X", "1");
        for (secure, alike) in [
            (page("https://a.org/x", 200, "X", "1"), true),
            (page("https://a.org/x", 200, "X", "2"), true),
            (page("https://a.org/x", 200, "Y", "1"), true),
            (page("https://a.org/x", 200, "Other", "2"), false),
            (page("https://a.org/x", 404, "X", "1"), false),
            (page("http://a.org/x", 200, "X", "1"), false),
            (facts(&[("https://a.org/x", 200)], Outcome::Answered), false),
            (facts(&[("https://a.org/x", 200)], Outcome::RedirectLoop), false),
        ] {
            assert_eq!(alike_over_https(&plain, &secure), alike, "{secure:?}");
        }
        let bare = |url| facts(&[(url, 200)], Outcome::Answered);
        assert!(alike_over_https(&bare("http://a.org/x"), &bare("https://a.org/x")));
    }

    #[test]
    fn who_is_asked() {
        let well = |verdict| Judgement { verdict, reason: None };
        let one = facts(&[("http://a.org/x", 200)], Outcome::Answered);
        assert_eq!(wants_https(&one, &well(Verdict::Ok)).unwrap().as_str(), "https://a.org/x");
        assert_eq!(wants_https(&one, &well(Verdict::Suspect)), None);
        for hops in [
            &[("https://a.org/x", 200)][..],
            &[("http://a.org:8080/x", 200)],
            &[("http://a.org/x", 302), ("http://a.org/y", 200)],
        ] {
            assert_eq!(wants_https(&facts(hops, Outcome::Answered), &well(Verdict::Ok)), None, "{hops:?}");
        }
    }
}
