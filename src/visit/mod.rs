//! Stage 5: one target → the facts of one visit. Hops, guard, retries, conditional requests, bounded bodies.

pub mod facts;
