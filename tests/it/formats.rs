//! Reports into files, in every format, and what hostile entries and pages can make of them.

use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};

use serde_json::Value;

use crate::support::help::Help;
use crate::support::web::Reply;

/// Every format of a report.
const FORMATS: [&str; 11] =
    ["text", "json", "jsonl", "github", "markdown", "html", "sarif", "junit", "gitlab", "csv", "atom"];

/// One broken link, one page that moved for good.
async fn help() -> Help {
    Help::new(&[("a.md", "# A\n\n[gone](/gone) and [moved](/old)\n")], |asked| match asked.path.as_str() {
        "/old" => Reply::redirect(301, "/new"),
        "/new" => Reply::html("<title>New</title><main><h1>New</h1><p>Text of the new page.</main>"),
        _ => Reply::status(404),
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn several_reports_are_written_at_once() {
    let help = help().await;
    let outputs: Vec<String> =
        FORMATS.iter().flat_map(|format| ["--output".to_owned(), format!("{format}=out.{format}")]).collect();
    for command in [&["check", "--fail-on", "never"][..], &["report"]] {
        let args: Vec<&str> = command
            .iter()
            .copied()
            .chain(["--format", "none"])
            .chain(outputs.iter().map(String::as_str))
            .collect();
        let ran = help.run(&args);
        assert_eq!((ran.code, ran.stdout.as_str()), (0, ""), "{}", ran.stderr);
        for format in FORMATS {
            let file = help.path().join(format!("out.{format}"));
            let text = fs::read_to_string(&file).unwrap();
            let first = text.lines().next().unwrap();
            let begins = match format {
                "text" => "error[link/broken]",
                "json" => "{\"schema\":\"linkdrift/",
                "jsonl" => "{\"type\":\"run\"",
                "github" => "::error file=help/a.md,line=3,col=1",
                "markdown" => "## linkdrift",
                "html" => "<!doctype html>",
                "sarif" => "{\"$schema\":",
                "gitlab" => "[",
                "csv" => "severity,rule,",
                _ => "<?xml version=\"1.0\" encoding=\"UTF-8\"?>",
            };
            assert!(first.starts_with(begins), "{format}: {first}");
            let told = if matches!(format, "jsonl" | "json") { "http-404" } else { "link/broken" };
            assert!(text.contains(told), "{format}: {text}");
            fs::remove_file(file).unwrap();
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn x09_two_reports_of_one_run_are_equal_to_the_byte() {
    let help = help().await;
    help.run(&["check"]);
    for format in FORMATS {
        let report = || help.run(&["report", "--format", format]).stdout;
        let first = report();
        assert!(!first.is_empty(), "{format}");
        assert_eq!(first, report(), "{format}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn x10_a_report_is_whole_or_not_there() {
    let help = help().await;
    help.run(&["check"]);
    let path = |name: &str| help.path().join(name);
    let report = |file: &str| help.run(&["report", "--format", "none", "--output", &format!("html={file}")]);

    // A link in its place is replaced; what it leads to is left alone.
    help.write("precious.txt", "precious");
    symlink(path("precious.txt"), path("link.html")).unwrap();
    assert_eq!(report("link.html").code, 0);
    assert_eq!(fs::read_to_string(path("precious.txt")).unwrap(), "precious");
    assert!(!path("link.html").symlink_metadata().unwrap().is_symlink());
    // What was there is replaced in one step.
    help.write("there.html", "old");
    assert_eq!(report("there.html").code, 0);
    assert!(fs::read_to_string(path("there.html")).unwrap().ends_with("</html>\n"));
    // What cannot be written is an error that names it, and leaves nothing behind.
    fs::create_dir(path("folder.html")).unwrap();
    for wrong in ["folder.html", "nowhere/x.html", "state.db", "state.db-wal"] {
        let before = fs::read_dir(help.path()).unwrap().count();
        let ran = report(wrong);
        assert_eq!(ran.code, 1, "{wrong}");
        assert!(ran.stderr.contains(wrong), "{}", ran.stderr);
        assert_eq!(fs::read_dir(help.path()).unwrap().count(), before, "{wrong}");
    }
    assert_eq!(help.run(&["report"]).code, 0, "the state is whole");
    let mode = fs::metadata(path("there.html")).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o644);
}

#[tokio::test(flavor = "multi_thread")]
async fn x04_nothing_outside_adds_a_workflow_command() {
    let hostile = "::add-mask::x %0A::error file=x.md::owned ##[error]owned";
    let entry =
        format!("# A\n\n[{hostile}](/page?::stop-commands::x)\n\n[]( <https://docs.acme.net/{hostile}> )\n");
    let help =
        Help::new(&[("::error::x.md", &entry), ("b.md", "# B\n\n[x](/gone#::error::y)\n")], move |_| {
            Reply::Page(404, Vec::new(), format!("<title>{hostile}\n::error::owned</title>").into_bytes())
        })
        .await;
    let ran = help.run(&["check", "--format", "github"]);
    assert!(ran.stdout.lines().count() >= 2, "{}", ran.stdout);
    for line in ran.stdout.lines() {
        let command =
            line.strip_prefix("::error file=help/").or_else(|| line.strip_prefix("::warning file=help/"));
        let (properties, message) = command.unwrap_or_else(|| panic!("{line}")).split_once("::").unwrap();
        assert!(properties.contains(",line=") && properties.contains(",title=link/"), "{line}");
        assert!(!message.contains("##["), "{line}");
    }
    let json: Value = serde_json::from_str(&help.run(&["report", "--format", "gitlab"]).stdout).unwrap();
    assert!(json.as_array().unwrap().iter().any(|issue| issue["location"]["path"] == "help/::error::x.md"));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_resolved_is_told_and_named() {
    let help = Help::new(&[("a.md", "# A\n\n[gone](/gone)\n"), ("b.md", "# B\n\n[gone](/gone)\n")], |_| {
        Reply::status(404)
    })
    .await;
    help.run(&["check"]);
    help.write("help/a.md", "# A\n\nNothing.\n");
    help.run(&["check"]);
    let report = help.json(&["report"]);
    assert_eq!(report["summary"]["resolved"], 1);
    assert_eq!(report["findings"].as_array().unwrap().len(), 1);
    let resolved = &report["resolved"][0];
    assert_eq!((&resolved["entry"], &resolved["state"]), (&"a.md".into(), &"resolved".into()));
    let text = help.run(&["report"]).stdout;
    assert!(text.contains("Resolved:\n  help/a.md:3:1 link/broken: "), "{text}");
    help.run(&["check"]);
    assert_eq!(help.json(&["report"])["summary"]["resolved"], 0, "it is told once");
    assert_eq!(help.json(&["report", "--since", "1"])["summary"]["resolved"], 1, "since then it is still so");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_only_worth_knowing_is_one_notice_per_cause() {
    let entry = "---\nms.date: 01/02/2019\n---\n# Old\n";
    let help = Help::new(&[("a.md", entry), ("b.md", entry), ("c.md", entry)], |_| Reply::status(404)).await;
    let ran = help.run(&["check", "--format", "github"]);
    let notices: Vec<&str> = ran.stdout.lines().collect();
    assert_eq!(notices.len(), 1, "{notices:?}");
    assert!(notices[0].starts_with("::notice file=help/a.md,line=2,"), "{notices:?}");
    assert!(notices[0].ends_with("(one of 3 places in 3 entries)"), "{notices:?}");
}
