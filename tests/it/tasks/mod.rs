//! What schedules do beside checking, and what a check of a schedule visits.

mod due;
mod prune;
mod report;
mod sync;
