//! Stage 5: one target → the facts of one visit. Hops, guard, retries, conditional requests, bounded bodies.
//!
//! One request is one task; a visit is a state machine (`chain`) that is told what came of each request and says what is to be done
//! next. The [`Visitor`] owns the frontier and all chains, without locks; the `client` makes one request and decides nothing.

pub mod backoff;
mod body;
mod chain;
mod client;
pub mod cookies;
mod dispatcher;
mod exchange;
pub mod facts;
mod failure;
pub mod guard;
mod health;
pub mod load;
pub mod location;
mod post;
mod progress;
mod resolver;
mod robots;
mod secrets;
mod shared;
mod tls;
mod window;

pub use dispatcher::{Ending, Visitor, VisitorError};
pub use post::{Posted, Poster};
pub use progress::{Progress, ProgressNow};
pub use robots::Rules as RobotsRules;
pub use window::{Feed, FeedError};
