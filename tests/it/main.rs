//! Integration tests, one binary; folders mirror `src`.

<<<<<<< HEAD
mod config;
=======
mod store;
>>>>>>> part/store
mod support;
mod tidy;
