//! Integration tests, one binary; folders mirror `src`.

mod config;
mod init;
mod schedules;
mod support;
