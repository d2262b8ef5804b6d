//! Who is told of findings, through the binary: webhooks and mail on real servers on loopback.

mod killed;
mod mail;
mod webhook;

use serde_json::Value;

use crate::support::help::Help;
use crate::support::web::{Asked, Reply};

/// The host that messages are posted to.
const HOOK: &str = "hooks.acme.net";

/// A schedule that checks everything.
const DAILY: &str = "cron = \"0 3 * * *\"\ntask = \"check\"\n";

/// A repository with two broken links, a web on which messages are answered by `hook`, and this `[[notify]]`.
async fn help(receiver: &str, hook: impl Fn(&Asked) -> Reply + Send + Sync + 'static) -> Help {
    let help = Help::new(&[("a.md", BOTH)], move |asked| match asked.name() {
        HOOK => hook(asked),
        _ => Reply::status(404),
    })
    .await;
    help.write(
        "linkdrift.toml",
        &format!("{}\n[[notify]]\nname = \"team\"\n{receiver}\n", help.configuration()),
    );
    help.write("schedules/daily.toml", DAILY);
    help
}

const BOTH: &str = "# A\n\n[one](https://docs.acme.net/one)\n\n[two](https://docs.acme.net/two)\n";
const ONE: &str = "# A\n\n[one](https://docs.acme.net/one)\n";

/// What was posted, in order.
fn posted(help: &Help) -> Vec<Asked> {
    help.requests().into_iter().filter(|asked| asked.name() == HOOK).collect()
}

/// Targets of what a message says is open, and of what is resolved.
fn told(body: &str) -> (Vec<String>, Vec<String>) {
    let message: Value = serde_json::from_str(body).unwrap_or_else(|error| panic!("{error}: {body}"));
    let targets = |causes: &Value| {
        let causes = causes.as_array().cloned().unwrap_or_default();
        let mut targets: Vec<String> =
            causes.iter().filter_map(|cause| Some(cause["target"].as_str()?.to_owned())).collect();
        targets.sort();
        targets
    };
    (targets(&message["causes"]), targets(&message["resolved_causes"]))
}

/// Runs the schedule; the exit code is what the findings make it.
fn run(help: &Help) -> String {
    let ran = help.run(&["run", "daily", "--format", "none"]);
    assert!(matches!(ran.code, 0 | 2), "{}", ran.stderr);
    assert_eq!(ran.stdout, "");
    ran.stderr
}
