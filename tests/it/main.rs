//! Integration tests, one binary; folders mirror `src`.

mod config;
mod links;
mod store;
mod support;
mod tidy;
