//! Integration tests, one binary; folders mirror `src`.

mod config;
mod daemon;
mod init;
mod schedules;
mod state;
mod links;
mod store;
mod drift;
mod page;
mod support;
mod tidy;
mod visit;
