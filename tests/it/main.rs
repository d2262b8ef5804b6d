//! Integration tests, one binary; folders mirror `src`.

mod config;
mod store;
mod support;
mod tidy;
