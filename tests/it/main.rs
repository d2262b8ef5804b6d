//! Integration tests, one binary; folders mirror `src`.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails where it stands")]

mod command_line;
mod config;
mod daemon;
mod drift;
mod init;
mod links;
mod page;
mod rules;
mod schedules;
mod state;
mod store;
mod support;
mod tidy;
mod visit;
