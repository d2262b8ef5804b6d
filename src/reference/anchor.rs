//! Ids of headings, by the rules of GitHub: lower case, letters, digits, `-` and `_` kept, blanks become `-`, and a number
//! where one id comes twice.

use std::collections::HashMap;

/// Gives out ids.
#[derive(Debug, Default)]
pub(super) struct Slugs {
    given: HashMap<String, u32>,
}

impl Slugs {
    /// The id of a heading with this text.
    pub(super) fn give(&mut self, heading: &str) -> String {
        let slug = slug(heading);
        let number = self.given.entry(slug.clone()).or_default();
        let given = if *number == 0 { slug } else { format!("{slug}-{number}") };
        *number += 1;
        given
    }
}

fn slug(heading: &str) -> String {
    let mut slug = String::with_capacity(heading.len());
    for c in heading.trim().chars() {
        match c {
            ' ' | '\n' | '\t' => slug.push('-'),
            '-' | '_' => slug.push(c),
            c if c.is_alphanumeric() || is_mark(c) => slug.extend(c.to_lowercase()),
            _ => {}
        }
    }
    slug
}

/// Combining marks belong to the letter before.
fn is_mark(c: char) -> bool {
    matches!(c, '\u{300}'..='\u{36f}' | '\u{591}'..='\u{5bd}' | '\u{5bf}' | '\u{5c1}'..='\u{5c2}' | '\u{64b}'..='\u{65f}'
        | '\u{900}'..='\u{903}' | '\u{93a}'..='\u{94f}' | '\u{e31}' | '\u{e34}'..='\u{e3a}' | '\u{e47}'..='\u{e4e}' | '\u{3099}'..='\u{309a}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn m17_ids_are_those_of_github() {
        let mut slugs = Slugs::default();
        let rows = [
            ("Set up the thing", "set-up-the-thing"),
            ("What's new? (2024)", "whats-new-2024"),
            ("Set up the thing", "set-up-the-thing-1"),
            ("Über uns", "über-uns"),
            ("日本語 の見出し", "日本語-の見出し"),
            ("a_b - c", "a_b---c"),
            ("🎉 Party", "-party"),
            ("Set up the thing", "set-up-the-thing-2"),
        ];
        for (heading, expected) in rows {
            assert_eq!(slugs.give(heading), expected);
        }
    }
}
