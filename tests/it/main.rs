//! Integration tests, one binary; folders mirror `src`.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails where it stands")]

mod check;
mod command_line;
mod config;
mod daemon;
mod demo;
mod drift;
mod faults;
mod fix;
mod formats;
mod fuzz;
mod hints;
mod init;
mod links;
mod notify;
mod output;
mod page;
mod places;
mod report;
mod review;
mod rules;
mod run;
mod schedules;
mod state;
mod store;
mod support;
mod tasks;
mod tidy;
mod visit;
