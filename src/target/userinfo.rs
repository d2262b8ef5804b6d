//! Names and passwords in URLs: removed from targets, and hidden wherever a URL is kept or shown as it was written.

use std::borrow::Cow;

/// Puts a `*` for each character between `//` and the last `@` of an authority, so that columns stay where they were. Linear.
pub fn mask_userinfo(text: &str) -> Cow<'_, str> {
    if !text.contains('@') || !text.contains("//") {
        return Cow::Borrowed(text);
    }
    let mut masked = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find("//") {
        let (before, after) = rest.split_at(at + 2);
        masked.push_str(before);
        let ends =
            |c: char| matches!(c, '/' | '\\' | '?' | '#' | '"' | '\'' | '<' | '>') || c.is_whitespace();
        let (authority, following) = after.split_at(after.find(ends).unwrap_or(after.len()));
        match authority.rfind('@') {
            Some(end) => {
                masked.extend(authority[..end].chars().map(|_| '*'));
                masked.push_str(&authority[end..]);
            }
            None => masked.push_str(authority),
        }
        rest = following;
    }
    masked.push_str(rest);
    Cow::Owned(masked)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn what_is_hidden() {
        for (text, masked) in [
            ("http://user:secret@a.org/x", "http://***********@a.org/x"),
            ("//u@a.org", "//*@a.org"),
            ("[x](https://ü:p@@a.org/?m=a@b.org)", "[x](https://****@a.org/?m=a@b.org)"),
            ("two http://a:b@c.org and https://d:e@f.org/", "two http://***@c.org and https://***@f.org/"),
            ("mail a@b.org, see https://c.org/", "mail a@b.org, see https://c.org/"),
            ("https://a.org/@name", "https://a.org/@name"),
            ("no URL", "no URL"),
        ] {
            assert_eq!(mask_userinfo(text), masked, "{text}");
        }
    }

    proptest! {
        #[test]
        fn nothing_moves(text in "(http://|//|[a-z:@/?# ü]){0,40}") {
            let masked = mask_userinfo(&text);
            prop_assert_eq!(masked.chars().count(), text.chars().count());
            prop_assert_eq!(mask_userinfo(&masked), masked.clone());
        }
    }
}
