//! Loopback pages that the program itself serves: today the little web of `linkdrift demo`; later health, metrics and a dashboard.

pub mod demo;
mod site;

pub use site::{Answer, Route, Served, Site, SiteError};
