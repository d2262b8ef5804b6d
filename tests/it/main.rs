//! Integration tests, one binary; folders mirror `src`.

mod state;
mod store;
mod support;
