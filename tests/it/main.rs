//! Integration tests, one binary; folders mirror `src`.

mod config;
mod daemon;
mod init;
mod schedules;
mod state;
mod store;
mod support;
mod tidy;
mod visit;
