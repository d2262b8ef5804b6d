//! Integration tests, one binary; folders mirror `src`.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails where it stands")]

mod config;
mod daemon;
mod init;
mod rules;
mod schedules;
mod state;
mod links;
mod store;
mod drift;
mod page;
mod support;
mod tidy;
mod visit;
