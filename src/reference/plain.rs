//! Text without markup: bare URLs only.

use super::draft::Collected;
use super::mapped::Mapped;
use super::{bare, markdown};

/// Reads a text.
pub(super) fn read(source: &str, body: usize, out: &mut Collected) {
    let mapped = Mapped::exact(&source[body..], body);
    for found in bare::find(mapped.text(), None, &mut Vec::new()) {
        markdown::push_bare(&mapped, &found, out);
    }
}
