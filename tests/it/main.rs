//! Integration tests, one binary; folders mirror `src`.

mod config;
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
