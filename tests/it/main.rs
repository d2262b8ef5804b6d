//! Integration tests, one binary; folders mirror `src`.

mod store;
mod support;
