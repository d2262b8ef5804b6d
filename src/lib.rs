//! linkdrift keeps help content honest. The modules, in the order in which data flows; each may use only those above it:
//!
//! - [`time`]: the clock, as an argument
//! - [`config`]: `linkdrift.toml` and `schedules/*.toml`, written form → checked form
//! - [`source`]: trees of entries
//! - [`reference`](mod@reference): entry → references with byte ranges
//! - [`target`]: reference → canonical target
//! - [`frontier`]: what may be visited now
//! - [`visit`]: one target → one visit's facts
//! - [`page`]: bytes → readable content
//! - [`snapshot`]: content-addressed, compressed
//! - [`verdict`]: facts → verdict and reason
//! - [`drift`]: page × page → drift
//! - [`finding`], [`rule`]: facts → findings
//! - [`report`]: read model → one file per format
//! - [`gate`]: findings × policy → exit code
//! - [`store`]: the state, in domain verbs
//! - [`notify`]: messages to their receivers
//! - [`pipeline`]: one run, from end to end
//! - [`daemon`]: the service
//! - [`web`]: loopback pages of our own
//! - [`cli`]: the command line

pub mod cli;
pub mod config;
pub mod daemon;
pub mod drift;
pub mod finding;
pub mod frontier;
pub mod gate;
pub mod notify;
pub mod page;
pub mod pipeline;
pub mod reference;
pub mod report;
pub mod rule;
pub mod snapshot;
pub mod source;
pub mod store;
pub mod target;
pub mod time;
pub mod verdict;
pub mod visit;
pub mod web;
