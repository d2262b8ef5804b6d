//! Integration tests, one binary; folders mirror `src`.

mod support;
mod visit;
