//! The rows of the fault matrix (docs/faults.md) that no other area tests: each produces its stimulus on loopback.

mod dns;
mod front_matter;
mod http;
mod markdown;
mod table;
mod tls;
mod urls;
