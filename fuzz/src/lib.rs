//! What must hold whatever comes from outside: one module a target, `check` in each. The fuzz targets call them with what libFuzzer
//! makes, the package's tests (`tests/it/fuzz.rs`) with the seeds and with what was found.

pub mod canonicalisation;
pub mod config;
pub mod drift;
pub mod front_matter;
pub mod headers;
pub mod page;
pub mod references;
pub mod reports;
pub mod robots;
pub mod schedules;
