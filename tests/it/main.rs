//! Integration tests, one binary; folders mirror `src`.

mod config;
mod state;
mod store;
mod support;
mod tidy;
mod visit;
