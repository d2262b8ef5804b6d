//! Integration tests, one binary; folders mirror `src`.

mod config;
mod support;
mod tidy;
