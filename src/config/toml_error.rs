//! What the TOML reader says, in our words: with the nearest key for a typo, and without the names of Rust types.

use toml::de::Error;

use super::error::{Origin, Problem, nearest};

/// Turns an error of the TOML reader into a problem of `origin`.
pub(super) fn problem(origin: &Origin, error: &Error, text: &str) -> Problem {
    let span = error.span().unwrap_or(0..0);
    // An error at the very end of the text has an empty span behind it: point at the last character instead.
    let span = if span.start >= text.len() && !text.is_empty() { text.len() - 1..text.len() } else { span };
    let message = error.message();
    if let Some((written, known)) = unknown(message) {
        let help = match nearest(written, known.iter().copied()) {
            Some(name) => format!("did you mean `{name}`?"),
            None if known.is_empty() => "no key is known here".to_owned(),
            None => format!("known here: {}", known.join(", ")),
        };
        let what = if message.starts_with("unknown variant") { "value" } else { "key" };
        return origin.problem(span, format!("unknown {what} `{written}`"), Some(help));
    }
    if let Some(key) = message.strip_prefix("missing field `").and_then(|rest| rest.strip_suffix('`')) {
        return origin.problem(span, format!("`{key}` is missing"), None);
    }
    origin.problem(span, in_words(message), None)
}

/// The unknown name and the known ones of serde's ``unknown field `a`, expected one of `b`, `c` ``.
fn unknown(message: &str) -> Option<(&str, Vec<&str>)> {
    let rest =
        message.strip_prefix("unknown field `").or_else(|| message.strip_prefix("unknown variant `"))?;
    let (written, rest) = match rest.rfind("`, expected ") {
        Some(at) => (&rest[..at], &rest[at + 1..]),
        None => (rest.split('`').next()?, ""),
    };
    Some((written, rest.split('`').skip(1).step_by(2).collect()))
}

/// Rust's names of types are not the reader's.
fn in_words(message: &str) -> String {
    let Some((before, expected)) = message.split_once("expected ") else { return message.to_owned() };
    let expected = match expected {
        "u8" | "u16" | "u32" | "u64" | "usize" => "a whole number from 0 on",
        "i64" => "a whole number",
        "a map" => "a table",
        "a sequence" => "a list",
        "a boolean" => "true or false",
        "a TOML datetime" => "a date such as 2027-06-30",
        other if other.starts_with("struct ") => "a table",
        other => other,
    };
    // `integer `5` as i128` is how serde names a number beyond 64 bits.
    format!("{}expected {expected}", before.replace("` as i128", "`"))
}
