//! What goes to standard output, what into files, and nothing else.

use std::fs;
use std::process::Stdio;

use serde_json::Value;

use super::{help, texts};
use crate::support::cli::command;

#[tokio::test(flavor = "multi_thread")]
async fn standard_output_is_the_report_and_nothing_else() {
    let help = help().await;
    let check = |format: &str| {
        let ran = help.run(&["check", "--format", format, "--output", "json=out.json"]);
        assert_eq!(ran.code, 2, "{format}: {}", ran.stderr);
        assert!(!ran.stderr.contains("link/broken"), "{format}: {}", ran.stderr);
        let file: Value =
            serde_json::from_str(&fs::read_to_string(help.path().join("out.json")).unwrap()).unwrap();
        assert_eq!(file["schema"], "linkdrift/check/1");
        let mut ids = texts(&file["findings"], "id");
        ids.sort();
        (ran.stdout, ids)
    };

    let (json, ids) = check("json");
    let json: Value = serde_json::from_str(&json).unwrap();
    let mut same = texts(&json["findings"], "id");
    same.sort();
    assert_eq!(same, ids, "one run, one set of findings");
    let first = ids.clone();

    let (text, ids) = check("text");
    assert_eq!(ids, first, "ids last from run to run");
    assert!(text.starts_with("error[link/broken]: "), "{text}");
    assert!(text.contains("--> help/setup.md:5:6\n"), "{text}");
    assert!(!text.contains('\u{1b}'));

    let (github, _) = check("github");
    assert!(!github.is_empty());
    for line in github.lines() {
        let command = ["::error ", "::warning ", "::notice "].iter().any(|command| line.starts_with(command));
        assert!(command && line.contains("file=help/setup.md,line="), "{line}");
    }
    assert_eq!(github.lines().count(), first.len(), "{github}");

    let (jsonl, _) = check("jsonl");
    let lines: Vec<Value> = jsonl.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!((&lines[0]["type"], &lines[0]["schema"]), (&"run".into(), &"linkdrift/check/1".into()));
    assert_eq!(lines.last().unwrap()["type"], "summary");
    let count = |kind: &str| lines.iter().filter(|line| line["type"] == kind).count();
    assert_eq!((count("target"), count("finding")), (7, first.len()));

    let (markdown, _) = check("markdown");
    assert!(markdown.contains("link/broken") && markdown.contains("help/setup.md"), "{markdown}");

    assert_eq!(check("none").0, "");
}

#[tokio::test(flavor = "multi_thread")]
async fn several_files_at_once_and_one_that_cannot_be_written() {
    let help = help().await;
    let ran = help.run(&[
        "check",
        "--format",
        "none",
        "--output",
        "github=g.txt",
        "--output",
        "jsonl=j.txt",
        "--output",
        "text=t.txt",
    ]);
    assert_eq!((ran.code, ran.stdout.as_str()), (2, ""));
    for (file, part) in [("g.txt", "::"), ("j.txt", "{\"type\":\"run\""), ("t.txt", "error[link/broken]")] {
        let text = fs::read_to_string(help.path().join(file)).unwrap();
        assert!(text.starts_with(part), "{file}: {text}");
    }

    fs::write(help.path().join("kept.json"), "as it was").unwrap();
    let ran = help.run(&["check", "--output", "json=no/such/folder/x.json"]);
    assert_eq!(ran.code, 1);
    assert!(ran.stderr.contains("no/such/folder/x.json"), "{}", ran.stderr);
    let ran = help.run(&["check", "--output", "xml=kept.json"]);
    assert_eq!(ran.code, 1);
    assert_eq!(fs::read_to_string(help.path().join("kept.json")).unwrap(), "as it was");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reader_that_goes_away_changes_no_exit_code() {
    let help = help().await;
    let many = "[gone](/gone)\n\n".repeat(3000);
    help.write("help/many.md", &many);
    for (fail_on, code) in [("never", 0), ("error", 2)] {
        let mut child = command(help.path(), &["check", "--format", "jsonl", "--fail-on", fail_on])
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        drop(child.stdout.take());
        let output = child.wait_with_output().unwrap();
        let err = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(code), "{err}");
        assert!(!err.contains("panicked") && !err.contains("roken pipe"), "{err}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_list_may_be_empty_and_that_is_said() {
    let help = help().await;
    help.write("list.txt", "# nothing changed\ngone.md\n");
    let ran = help.run(&["check", "--files-from", "list.txt", "--format", "json"]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    assert!(ran.stderr.contains("nothing to check"), "{}", ran.stderr);
    let report: Value = serde_json::from_str(&ran.stdout).unwrap();
    assert_eq!((&report["summary"]["entries"], &report["findings"]), (&0.into(), &serde_json::json!([])));
    assert_eq!(help.asked(), Vec::<String>::new());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_report_goes_into_a_pipe_but_never_over_the_state() {
    let help = help().await;
    let pipe = help.path().join("pipe");
    assert!(std::process::Command::new("mkfifo").arg(&pipe).status().unwrap().success());
    let reader = std::thread::spawn({
        let pipe = pipe.clone();
        move || fs::read_to_string(pipe).unwrap()
    });
    let ran = help.run(&["check", "--format", "none", "--output", "json=pipe"]);
    assert_eq!(ran.code, 2, "{}", ran.stderr);
    let report: Value = serde_json::from_str(&reader.join().unwrap()).unwrap();
    assert_eq!(report["schema"], "linkdrift/check/1");
    assert!(!fs::symlink_metadata(&pipe).unwrap().is_file(), "it is still a pipe");
    #[cfg(target_os = "linux")]
    {
        let ran = help.run(&["check", "--format", "none", "--output", "json=/proc/self/fd/1"]);
        assert_eq!(ran.code, 2, "{}", ran.stderr);
        assert!(ran.stdout.starts_with("{\"schema\":\"linkdrift/check/1\""), "{}", ran.stdout);
    }

    for (state, file) in [("state.db", "state.db"), ("new.db", "new.db"), ("state.db", "state.db-wal")] {
        let asked = help.asked().len();
        let ran = help.run(&["check", "--state", state, "--output", &format!("json=./{file}")]);
        assert_eq!((ran.code, ran.stdout.as_str()), (1, ""));
        assert!(ran.stderr.contains("that is the state"), "{}", ran.stderr);
        assert_eq!(help.asked().len(), asked);
    }
    assert_eq!(help.run(&["state", "check"]).code, 0);
}
