//! Integration tests, one binary; folders mirror `src`.

mod config;
mod init;
mod schedules;
mod state;
mod store;
mod support;
mod tidy;
mod visit;
