//! Integration tests, one binary; folders mirror `src`.

mod drift;
mod page;
mod support;
