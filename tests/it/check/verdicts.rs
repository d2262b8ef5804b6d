//! Verdicts, evidence, the shape of the JSON, what gates, what is asked of the web.

use std::process::Stdio;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, mpsc};
use std::time::Duration;

use tokio::sync::Notify;

use super::{help, keys, texts, with};
use crate::support::cli::command;
use crate::support::help::Help;
use crate::support::web::Reply;

#[tokio::test(flavor = "multi_thread")]
async fn each_target_gets_its_verdict_and_each_reference_its_place() {
    let help = help().await;
    let ran = help.run(&["check", "--format", "json"]);
    assert_eq!(ran.code, 2, "{}", ran.stderr);
    assert!(ran.stdout.starts_with("{\"schema\":\"linkdrift/check/1\""), "{}", ran.stdout);
    let report: serde_json::Value = serde_json::from_str(&ran.stdout).unwrap();
    assert!(ran.stdout.rfind("\n\"summary\":") > ran.stdout.rfind("\"findings\":"), "summary is last");

    let targets = &report["targets"];
    let mut told: Vec<_> = targets
        .as_array()
        .unwrap()
        .iter()
        .map(|target| {
            let text = |key: &str| target[key].as_str().unwrap_or("-").to_owned();
            (
                text("url"),
                text("verdict"),
                text("reason"),
                target["status"].as_u64(),
                target["hops"].as_array().unwrap().len(),
            )
        })
        .collect();
    told.sort();
    let expected = [
        ("http://10.0.0.1/admin", "excluded", "refused-address", None, 0),
        ("http://down.acme.net/x", "unreachable", "http-503", Some(503), 1),
        ("http://plain.acme.net/page", "ok", "-", Some(200), 1),
        ("https://docs.acme.net/gone", "broken", "http-404", Some(404), 1),
        ("https://docs.acme.net/good", "ok", "-", Some(200), 1),
        ("https://docs.acme.net/old", "redirected", "-", Some(200), 2),
        ("https://wall.acme.net/app", "blocked", "forbidden", Some(403), 1),
    ];
    let expected = expected.map(|(url, verdict, reason, status, hops)| {
        (url.to_owned(), verdict.to_owned(), reason.to_owned(), status, hops)
    });
    assert_eq!(told, expected);

    let old = with(targets, "url", "https://docs.acme.net/old");
    assert_eq!(old["final_url"], "https://docs.acme.net/new");
    assert_eq!(
        (&old["hops"][0]["status"], &old["hops"][0]["location"]),
        (&301.into(), &"https://docs.acme.net/new".into())
    );
    assert_eq!(old["from_state"], false);
    let good = with(targets, "url", "https://docs.acme.net/good");
    let places: Vec<_> = good["references"]
        .as_array()
        .unwrap()
        .iter()
        .map(|place| {
            (
                place["entry"].as_str().unwrap(),
                place["line"].as_u64().unwrap(),
                place["column"].as_u64().unwrap(),
            )
        })
        .collect();
    assert_eq!(places, [("setup.md", 3, 5), ("setup.md", 3, 41), ("setup.md", 3, 82)]);

    for key in [
        "url",
        "verdict",
        "reason",
        "status",
        "final_url",
        "hops",
        "attempts",
        "visited_at",
        "from_state",
        "references",
    ] {
        assert!(keys(good).contains(key), "{key}");
    }
    let gone = with(&report["findings"], "rule", "link/broken");
    for key in [
        "id",
        "rule",
        "severity",
        "state",
        "source",
        "entry",
        "line",
        "column",
        "end_column",
        "target",
        "message",
        "evidence",
        "suggestion",
        "first_seen",
        "last_seen",
    ] {
        assert!(keys(gone).contains(key), "{key}");
    }
    assert_eq!(
        (&gone["severity"], &gone["state"], &gone["source"]),
        (&"error".into(), &"open".into(), &"help".into())
    );
    assert_eq!((&gone["line"], &gone["column"]), (&5.into(), &6.into()));
    assert!(gone["id"].as_str().unwrap().starts_with("f_"));

    let summary = &report["summary"];
    assert_eq!(
        (&summary["entries"], &summary["references"], &summary["targets"]),
        (&1.into(), &9.into(), &7.into())
    );
    assert_eq!(summary["by_verdict"]["ok"], 2);
    assert_eq!(report["run"]["complete"], true);
}

#[tokio::test(flavor = "multi_thread")]
async fn u40_h38_a_target_is_asked_for_once_however_many_references_name_it() {
    let help = help().await;
    help.run(&["check"]);
    let asked = help.asked();
    let times = |url: &str| asked.iter().filter(|asked| *asked == url).count();
    assert_eq!(times("https://docs.acme.net/good"), 1, "{asked:?}");
    assert_eq!(times("https://docs.acme.net/gone"), 1, "{asked:?}");
    assert!(!asked.iter().any(|asked| asked.contains("10.0.0.1")), "{asked:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_gates_decides_the_exit_code() {
    let help = help().await;
    help.write("help/fine.md", "[good](/good)\n");
    help.write("help/warns.md", "[old](/old)\n");
    help.write("help/tells.md", "[wall](https://wall.acme.net/app)\n");
    help.write("help/gone.md", "[gone](/gone)\n");
    help.write("help/down.md", "[down](http://down.acme.net/x)\n");
    for (entry, flags, code) in [
        ("fine.md", &["--fail-on", "info"][..], 0),
        ("warns.md", &[], 0),
        ("warns.md", &["--fail-on", "warning"], 2),
        ("tells.md", &["--fail-on", "info"], 0),
        ("gone.md", &[], 2),
        ("gone.md", &["--fail-on", "never"], 0),
        ("gone.md", &["--exclude", "/gone$"], 0),
        ("gone.md", &["--accept", "404"], 0),
        ("down.md", &[], 0),
        ("down.md", &["--strict-unreachable"], 2),
    ] {
        let file = format!("help/{entry}");
        let ran = help.run(&[&["check", "--no-state"], flags, &[&file]].concat());
        assert_eq!(ran.code, code, "{entry} {flags:?}\n{}{}", ran.stdout, ran.stderr);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn offline_judges_what_needs_no_network_and_asks_nobody() {
    let help = help().await;
    help.write(
        "help/setup.md",
        "[gone](/gone) [file](nowhere.md) [bad](https://a.acme.net/https://b.acme.net/)\n",
    );
    let ran = help.run(&["check", "--offline", "--format", "json"]);
    let report: serde_json::Value = serde_json::from_str(&ran.stdout).unwrap();
    assert_eq!(ran.code, 2);
    let mut rules = texts(&report["findings"], "rule");
    rules.sort();
    assert_eq!(rules, ["link/malformed", "link/missing-file"]);
    assert_eq!(help.asked(), Vec::<String>::new());
}

/// The second request of a run of one request at a time is never answered; by then the first visit is over.
#[tokio::test(flavor = "multi_thread")]
async fn an_interrupted_run_keeps_what_was_visited_and_says_so() {
    let never = Arc::new(Notify::new());
    let (told, second) = mpsc::channel();
    let (count, told) = (AtomicUsize::new(0), Mutex::new(told));
    let help = Help::new(
        &[(
            "a.md",
            "[a](https://docs.acme.net/1) [b](https://docs.acme.net/2) [c](https://docs.acme.net/3)\n",
        )],
        move |asked| {
            let reply = Reply::html("<title>A page</title><main><p>Words of a page.</main>");
            if asked.path == "/robots.txt" {
                return Reply::status(404);
            }
            if count.fetch_add(1, Ordering::SeqCst) == 0 {
                return reply;
            }
            told.lock().unwrap().send(()).unwrap();
            Reply::When(never.clone(), Box::new(reply))
        },
    )
    .await;
    let child = command(help.path(), &["check", "--max-concurrency", "1", "--format", "json"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // Only so that a failure ends; nothing is waited for by the clock.
    second.recv_timeout(Duration::from_secs(60)).expect("a second request");
    let sent = std::process::Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap();
    assert!(sent.success());
    let output = child.wait_with_output().unwrap();
    let (out, err) = (String::from_utf8(output.stdout).unwrap(), String::from_utf8(output.stderr).unwrap());
    assert_eq!(output.status.code(), Some(130), "{err}");
    assert!(err.contains("what was visited is kept"), "{err}");
    let report: serde_json::Value = serde_json::from_str(&out).unwrap();
    assert_eq!(report["run"]["complete"], false);
    assert_eq!(report["targets"].as_array().unwrap().len(), 1, "{report:#}");

    let visited = help.asked().into_iter().find(|url| !url.ends_with("/robots.txt")).unwrap();
    let shown = help.json(&["show", &visited]);
    assert_eq!(shown["target"]["verdict"], "ok");
    assert_eq!(shown["target"]["history"][0]["visits"], 1);
    assert_eq!(help.run(&["state", "check"]).code, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_never_connected_to_is_named_for_what_it_is() {
    let help = Help::new(&[], |asked| match asked.path.as_str() {
        "/in" => Reply::redirect(302, "http://169.254.169.254/latest"),
        "/mail" => Reply::redirect(302, "http://docs.acme.net:25/"),
        _ => Reply::status(404),
    })
    .await;
    let link = |url: &str| format!("[x]({url})\n\n");
    let urls = [
        "http://10.0.0.1/x",
        "http://docs.acme.net:25/x",
        "http://docs.acme.net/in",
        "http://docs.acme.net/mail",
    ];
    help.write("help/a.md", &urls.map(link).concat());
    let report = help.json(&["check"]);
    for (url, severity, said) in [
        (urls[0], "info", "names a private address"),
        (urls[1], "info", "names port 25"),
        (urls[2], "error", "redirects to a private address: http://169.254.169.254/latest"),
        (urls[3], "error", "redirects to port 25"),
    ] {
        let finding = with(&report["findings"], "target", url);
        assert_eq!(
            (&finding["rule"], &finding["severity"]),
            (&"link/private-address".into(), &severity.into()),
            "{url}"
        );
        assert!(finding["message"].as_str().unwrap().contains(said), "{finding:#}");
        assert_eq!(with(&report["targets"], "url", url)["verdict"], "excluded");
    }
    assert_eq!(help.asked().len(), 2, "{:?}", help.asked());
}
