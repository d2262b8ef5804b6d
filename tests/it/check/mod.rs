//! `linkdrift check` on a web of our own.

mod bad;
mod company;
mod credentials;
mod drift;
mod formats;
mod killed;
mod polite;
mod scope;
mod state;
mod unread;
mod upstream;
mod verdicts;

use std::collections::BTreeSet;

use serde_json::Value;

use crate::support::help::Help;
use crate::support::web::{Asked, Reply};

/// References of every sort of fate; the first target is named three times.
const ENTRY: &str = "# Setting up\n\
\n\
See [good](https://docs.acme.net/good), [part](https://docs.acme.net/good#part), [root](/good).\n\
\n\
Then [gone](https://docs.acme.net/gone) and [old](https://docs.acme.net/old).\n\
\n\
Also [plain](http://plain.acme.net/page), [wall](https://wall.acme.net/app), [down](http://down.acme.net/x).\n\
\n\
Never [inside](http://10.0.0.1/admin).\n";

/// What the web says to each of them.
fn answer(asked: &Asked) -> Reply {
    match (asked.name(), asked.path.as_str()) {
        ("docs.acme.net", "/good") => Reply::html(
            "<title>Good</title><main><h1>Good</h1><h2 id=part>Part</h2><p>All is well here.</main>",
        )
        .with("ETag", "\"v1\""),
        ("docs.acme.net", "/old") => Reply::redirect(301, "https://docs.acme.net/new"),
        ("docs.acme.net", "/new") => Reply::html("<title>New</title><main><h1>New</h1><p>It moved.</main>"),
        ("plain.acme.net", "/page") => Reply::html("<title>Plain</title><main><p>Plain words.</main>"),
        ("wall.acme.net", _) => Reply::status(403),
        ("down.acme.net", _) => Reply::status(503),
        _ => Reply::status(404),
    }
}

async fn help() -> Help {
    Help::new(&[("setup.md", ENTRY)], answer).await
}

/// A field of each element.
fn texts(array: &Value, field: &str) -> Vec<String> {
    array.as_array().unwrap().iter().map(|value| value[field].as_str().unwrap().to_owned()).collect()
}

/// An element by a field's value.
fn with<'v>(array: &'v Value, field: &str, value: &str) -> &'v Value {
    let found = array.as_array().unwrap().iter().find(|element| element[field] == value);
    found.unwrap_or_else(|| panic!("no {field} {value} in {array:#}"))
}

fn keys(object: &Value) -> BTreeSet<&str> {
    object.as_object().unwrap().keys().map(String::as_str).collect()
}
