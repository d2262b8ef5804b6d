//! Between columns and the domain's values.

use rusqlite::Row;
use serde::Serialize;
use serde::de::value::Error as ValueError;
use serde::de::{DeserializeOwned, IntoDeserializer};

use super::fault::{Fault, Outcome};
use crate::snapshot::ContentHash;
use crate::target::CanonicalUrl;
use crate::time::Timestamp;

/// Seconds since 1970.
pub(super) fn seconds(at: Timestamp) -> i64 {
    at.timestamp()
}

/// From seconds since 1970; a value out of range is 1970.
pub(super) fn timestamp(seconds: i64) -> Timestamp {
    Timestamp::from_timestamp(seconds, 0).unwrap_or_default()
}

/// A time that may be missing.
pub(super) fn optional_timestamp(seconds: Option<i64>) -> Option<Timestamp> {
    seconds.map(timestamp)
}

/// The word of a unit variant, as in JSON: `front-matter`.
pub(super) fn word(value: &impl Serialize) -> Outcome<String> {
    match serde_json::to_value(value)? {
        serde_json::Value::String(word) => Ok(word),
        other => Err(Fault::Damaged(format!("{other} is no word"))),
    }
}

/// A unit variant from its word.
pub(super) fn from_word<T: DeserializeOwned>(row: &Row<'_>, column: usize) -> Outcome<T> {
    let word = row.get_ref(column)?.as_str().map_err(rusqlite::Error::from)?;
    T::deserialize(word.into_deserializer())
        .map_err(|error: ValueError| Fault::Damaged(format!("a stored word is not known: {error}")))
}

/// A column with a blake3 hash.
pub(super) fn hash(row: &Row<'_>, column: usize) -> rusqlite::Result<ContentHash> {
    Ok(ContentHash(row.get(column)?))
}

/// A URL that was canonical when it was stored.
pub(super) fn canonical(url: &str) -> Outcome<CanonicalUrl> {
    CanonicalUrl::parse(url)
        .ok_or_else(|| Fault::Damaged(format!("a stored target is no http(s) URL: {url}")))
}
