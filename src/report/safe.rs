//! What comes from outside, made harmless for where it goes.

use std::io;

use serde_json::ser::Formatter;

/// Without C0 and C1 controls, the marks that turn the direction of writing (UAX #9), line and paragraph separators, and other
/// characters without width that could hide something. What is fit for a terminal.
pub fn printable(text: &str) -> String {
    text.chars().filter(|c| !is_unsafe(*c)).collect()
}

/// Text as a terminal may see it, where it matters that something was there: controls, also those of direction, become a sign.
pub fn shown(text: &str) -> String {
    text.chars()
        .map(|character| match character {
            '\n' | '\t' => ' ',
            '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => '\u{fffd}',
            _ if character.is_control() => '\u{fffd}',
            _ => character,
        })
        .collect()
}

/// The same number of characters, with a blank in place of each that [`printable`] takes out, so that columns stay true.
pub(super) fn printable_columns(text: &str) -> String {
    text.chars().map(|c| if is_unsafe(c) { ' ' } else { c }).collect()
}

/// Whether a character is dangerous in plain text.
pub(super) fn is_unsafe(c: char) -> bool {
    c.is_control()
        || matches!(c,
            '\u{61c}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}'
            | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}')
}

/// Text for an element or a quoted attribute of HTML or XML: nothing in it is markup, and nothing that XML 1.0 forbids is left.
pub(super) fn markup(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '"' => safe.push_str("&quot;"),
            '\'' => safe.push_str("&#39;"),
            '\n' | '\r' | '\t' => safe.push(' '),
            '\u{fffe}' | '\u{ffff}' => {}
            _ if is_unsafe(c) => {}
            _ => safe.push(c),
        }
    }
    safe
}

/// A path as a URI reference (RFC 3986 §3.3): everything but unreserved characters and `/` is percent-encoded.
pub(super) fn uri_of_path(path: &str) -> String {
    use std::fmt::Write as _;
    let mut uri = String::with_capacity(path.len());
    if path.starts_with('/') {
        uri.push_str("file://");
    }
    for byte in path.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~/".contains(&byte) {
            uri.push(byte as char);
        } else {
            let _ = write!(uri, "%{byte:02X}");
        }
    }
    uri
}

/// JSON in which every character that [`printable`] takes out is written as `\uXXXX`: the same data, fit for a terminal and for a
/// script element's text.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Ascii;

impl Formatter for Ascii {
    fn write_string_fragment<W: ?Sized + io::Write>(
        &mut self,
        writer: &mut W,
        fragment: &str,
    ) -> io::Result<()> {
        let mut from = 0;
        for (at, c) in fragment.char_indices().filter(|(_, c)| is_unsafe(*c)) {
            writer.write_all(&fragment.as_bytes()[from..at])?;
            for unit in c.encode_utf16(&mut [0; 2]) {
                write!(writer, "\\u{unit:04x}")?;
            }
            from = at + c.len_utf8();
        }
        writer.write_all(&fragment.as_bytes()[from..])
    }
}

/// Writes a value as JSON, on one line.
pub(super) fn write_json(out: &mut dyn io::Write, value: &impl serde::Serialize) -> io::Result<()> {
    value.serialize(&mut serde_json::Serializer::with_formatter(out, Ascii)).map_err(io::Error::from)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn paths_are_uri_references() {
        for (path, uri) in [
            ("content/ro-RO/a.md", "content/ro-RO/a.md"),
            ("a b/ü:c%.md", "a%20b/%C3%BC%3Ac%25.md"),
            ("/srv/help/a.md", "file:///srv/help/a.md"),
        ] {
            assert_eq!(uri_of_path(path), uri);
        }
    }

    proptest! {
        #[test]
        fn nothing_of_a_text_is_markup(text in any::<String>()) {
            let safe = markup(&text);
            let forbidden = ['<', '>', '"', '\'', '\u{b}', '\u{ffff}'];
            prop_assert!(!safe.contains(forbidden));
            let entity = |rest: &str| ["amp;", "lt;", "gt;", "quot;", "#39;"].iter().any(|e| rest.starts_with(e));
            prop_assert!(safe.split('&').skip(1).all(entity));
        }

        #[test]
        fn json_says_the_same_and_holds_nothing_unsafe(text in any::<String>()) {
            let mut out = Vec::new();
            write_json(&mut out, &text).unwrap();
            let json = String::from_utf8(out).unwrap();
            prop_assert!(!json.chars().any(is_unsafe));
            prop_assert_eq!(serde_json::from_str::<String>(&json).unwrap(), text);
        }

        #[test]
        fn m20_rustsec_2025_0055_printable_text_is_harmless_and_columns_stay(text in any::<String>()) {
            prop_assert!(!printable(&text).chars().any(is_unsafe));
            prop_assert_eq!(printable_columns(&text).chars().count(), text.chars().count());
        }
    }
}
