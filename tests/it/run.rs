//! `linkdrift run SCHEDULE`.

use std::fs;

use crate::support::help::Help;
use crate::support::web::Reply;

async fn help() -> Help {
    let help = Help::new(
        &[("a.md", "[here](https://docs.acme.net/here) [gone](https://go.acme.net/gone)\n")],
        |asked| match asked.path.as_str() {
            "/here" => Reply::html("<title>Here</title><main><p>Words.</main>"),
            _ => Reply::status(404),
        },
    )
    .await;
    help.write("other/b.md", "[b](https://other.acme.net/here)\n");
    let configuration = help.configuration() + "\n[[source]]\nname = \"other\"\npath = \"other\"\n";
    help.write("linkdrift.toml", &configuration);
    help.write("schedules/all.toml", "cron = \"0 3 * * *\"\ntask = \"check\"\n");
    help.write(
        "schedules/short.toml",
        "cron = \"0 3 * * *\"\ntask = \"check\"\nsources = [\"help\"]\nhosts = [\"docs.acme.net\"]\n",
    );
    help.write("schedules/copy.toml", "cron = \"0 4 * * *\"\ntask = \"backup\"\n");
    help
}

#[tokio::test(flavor = "multi_thread")]
async fn a_check_visits_and_judges_what_the_schedule_covers() {
    let help = help().await;
    let ran = help.run(&["run", "short", "--format", "none"]);
    assert_eq!((ran.code, ran.stdout.as_str()), (0, ""), "{}", ran.stderr);
    let asked = help.asked();
    assert!(asked.iter().any(|url| url == "https://docs.acme.net/here"), "{asked:?}");
    assert!(asked.iter().all(|url| url.starts_with("https://docs.acme.net/")), "{asked:?}");

    let ran = help.run(&["run", "all", "--format", "json"]);
    assert_eq!(ran.code, 2, "{}", ran.stderr);
    let report: serde_json::Value = serde_json::from_str(&ran.stdout).unwrap();
    assert_eq!((&report["run"]["name"], &report["summary"]["entries"]), (&"all".into(), &2.into()));
    assert_eq!(report["summary"]["by_verdict"]["broken"], 1);
    assert_eq!(help.run(&["run", "all", "--fail-on", "never"]).code, 0);
    assert_eq!(help.run(&["report"]).code, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_backup_is_a_state_that_can_be_used() {
    let help = help().await;
    assert_eq!(help.run(&["run", "all", "--fail-on", "never"]).code, 0);
    let asked = help.asked().len();
    let ran = help.run(&["run", "copy"]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    let copies: Vec<_> =
        fs::read_dir(help.path().join("backups")).unwrap().map(|entry| entry.unwrap().path()).collect();
    assert_eq!(copies.len(), 1, "{copies:?}");
    let copy = copies[0].to_str().unwrap();
    assert_eq!(ran.stdout.trim_end(), format!("the state was copied to {copy}"));
    assert_eq!(help.run(&["state", "check", "--state", copy]).code, 0);
    assert_eq!(help.run(&["show", "--state", copy, "https://docs.acme.net/here"]).code, 0);
    assert_eq!(help.asked().len(), asked);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_schedule_that_is_unknown_or_wrong_runs_nothing() {
    let help = help().await;
    let ran = help.run(&["run", "al"]);
    assert_eq!((ran.code, ran.stdout.as_str()), (1, ""), "a usage error: {}", ran.stderr);
    assert!(ran.stderr.contains("`al`") && ran.stderr.contains("all, copy, short"), "{}", ran.stderr);
    help.write("schedules/wrong.toml", "cron = \"0 25 * * *\"\ntask = \"check\"\n");
    let ran = help.run(&["run", "wrong"]);
    assert_eq!((ran.code, ran.stdout.as_str()), (3, ""), "{}", ran.stderr);
    assert!(ran.stderr.contains("wrong.toml:1:"), "{}", ran.stderr);
    assert_eq!(help.asked(), Vec::<String>::new());
    assert!(!help.path().join("state.db").exists());
}
