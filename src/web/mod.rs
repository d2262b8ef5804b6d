//! Pages that the program itself serves: the little web of `linkdrift demo`, and the service's metrics and health; later a dashboard.

pub mod demo;
pub mod metrics;
mod site;
pub mod vitals;

pub use site::{Answer, Route, Served, Site, SiteError};
