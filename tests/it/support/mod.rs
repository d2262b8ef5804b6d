//! What tests share: the binary, scratch folders, the in-process web, the store helper.

pub(crate) mod cli;
pub(crate) mod dns;
pub(crate) mod help;
pub(crate) mod namespace;
pub(crate) mod records;
pub(crate) mod smtp;
pub(crate) mod web;

/// Says that a test, or a part of it, cannot be shown on this machine; it passes then.
#[expect(clippy::print_stderr, reason = "who runs the tests is to know what they did not show")]
pub(crate) fn not_run_here(test: &str, why: &str) {
    eprintln!("{test}: not run here: {why}");
}
