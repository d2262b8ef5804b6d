//! Entries and pages as they should not be (M), through the binary.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on should stop here")]

use std::fs;
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::support::cli::run;
use crate::support::help::Help;
use crate::support::web::Reply;

/// Rule and line of every finding, in order.
fn findings(folder: &std::path::Path, args: &[&str]) -> Vec<(String, u64)> {
    let ran = run(folder, &[&["check", "--no-state", "--offline", "--format", "json"], args].concat());
    let report: Value =
        serde_json::from_str(&ran.stdout).unwrap_or_else(|error| panic!("{error}: {}", ran.stderr));
    let of =
        |finding: &Value| (finding["rule"].as_str().unwrap().to_owned(), finding["line"].as_u64().unwrap());
    let mut all: Vec<_> = report["findings"].as_array().unwrap().iter().map(of).collect();
    all.sort();
    all
}

/// A `<base>` in an entry, a script or a style moves no link: files are files of the source, pages those of its base URL.
#[test]
fn m11_a_base_in_an_entry_moves_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let text = "<base href=\"http://127.0.0.1/\">\n<script>location = \"http://127.0.0.1/a\"</script>\n<style>@import url(http://127.0.0.1/b);</style>\n\n\
                [there](b.md) [not there](c.md) [root](/d)\n";
    fs::write(folder.path().join("a.md"), text).unwrap();
    fs::write(folder.path().join("b.md"), "# B\n").unwrap();
    let ran =
        run(folder.path(), &["links", "--format", "jsonl", "--base-url", "https://docs.acme.net", "a.md"]);
    let rows: Vec<Value> = ran.stdout.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let of =
        |row: &Value| (row["url"].as_str().unwrap().to_owned(), row["target"].as_str().map(str::to_owned));
    let urls: Vec<_> = rows.iter().map(of).filter(|(url, _)| url != "http://127.0.0.1/").collect();
    let target = Some("https://docs.acme.net/d".to_owned());
    assert_eq!(
        urls,
        [("b.md".to_owned(), None), ("c.md".to_owned(), None), ("/d".to_owned(), target)],
        "{}",
        ran.stdout
    );
    assert!(findings(folder.path(), &["a.md"]).contains(&("link/missing-file".to_owned(), 5)));
}

/// A path that climbs out of the source, however it is written, is told and never opened.
#[test]
fn m12_paths_that_leave_the_source() {
    let folder = tempfile::tempdir().unwrap();
    let outside = folder.path().join("secret.md");
    fs::write(&outside, "# Secret\n").unwrap();
    fs::write(
        folder.path().join("linkdrift.toml"),
        "[[source]]\nname = \"help\"\npath = \"help\"\nfiles = [\"**/*.html\"]\n",
    )
    .unwrap();
    let help = folder.path().join("help");
    fs::create_dir(&help).unwrap();
    // What a path would name that were cut off at the source's root.
    fs::write(help.join("secret.md"), "# Secret\n").unwrap();
    let links = [
        "../secret.md#secret",
        "%2e%2e/secret.md",
        "..\\secret.md",
        "a/../../secret.md",
        "/etc/passwd",
        "~/../secret.md",
    ];
    let text: String = links.iter().map(|link| format!("<a href=\"{link}\">x</a>\n")).collect();
    fs::write(help.join("a.html"), text).unwrap();
    let lines: Vec<_> = (1..=6).map(|line| ("link/missing-file".to_owned(), line)).collect();
    assert_eq!(findings(folder.path(), &[]), lines);
}

/// What is no file with text in it costs itself: a device, a socket, a folder with an entry's name, a hard link, which is the file.
#[test]
fn m13_files_that_are_none() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name);
    fs::write(path("a.md"), "[x](gone.md)\n").unwrap();
    fs::hard_link(path("a.md"), path("b.md")).unwrap();
    fs::create_dir(path("folder.md")).unwrap();
    let _socket = std::os::unix::net::UnixListener::bind(path("socket.md")).unwrap();
    std::os::unix::fs::symlink("/dev/zero", path("zero.md")).unwrap();
    let made = std::process::Command::new("mknod")
        .args(["null.md", "c", "1", "5"])
        .current_dir(folder.path())
        .output();
    // Only root makes devices.
    let device = made.is_ok_and(|made| made.status.success());
    let found = findings(folder.path(), &["."]);
    let unreadable = found.iter().filter(|(rule, _)| rule == "entry/unreadable").count();
    assert_eq!(unreadable, 2 + usize::from(device), "{found:?}");
    assert_eq!(found.iter().filter(|(rule, _)| rule == "link/missing-file").count(), 2, "{found:?}");
}

/// Entities of a document type are not expanded, and nothing outside of the page is read for it (billion laughs; CVE-2026-41895).
#[tokio::test(flavor = "multi_thread")]
async fn m22_cve_2026_41895_documents_with_entities() {
    let laughs: String =
        (1..40).map(|n| format!("<!ENTITY a{n} \"&a{0};&a{0};&a{0};&a{0};\">", n - 1)).collect();
    let xml = format!(
        "<?xml version=\"1.0\"?><!DOCTYPE svg [<!ENTITY a0 \"laugh\">{laughs}<!ENTITY file SYSTEM \"file:///etc/passwd\">\
         <!ENTITY % far SYSTEM \"http://docs.acme.net/far.dtd\"> %far;]><svg xmlns=\"http://www.w3.org/2000/svg\"><title>T</title><text>&a39; &file; end</text></svg>"
    );
    let entry =
        "[a](http://docs.acme.net/image) [b](http://docs.acme.net/feed) [c](http://docs.acme.net/page)\n";
    let help = Help::new(&[("a.md", entry)], move |asked| match asked.path.as_str() {
        "/image" => Reply::ok("image/svg+xml", xml.clone().into_bytes()),
        "/feed" => Reply::ok("application/xml", xml.clone().into_bytes()),
        "/page" => Reply::ok("text/html", xml.clone().into_bytes()),
        _ => Reply::status(404),
    })
    .await;
    let began = Instant::now();
    let report = help.json(&["check"]);
    assert!(began.elapsed() < Duration::from_secs(30));
    assert_eq!(report["summary"]["by_verdict"]["ok"], 3, "{report:#}");
    assert!(!help.asked().iter().any(|url| url.contains("far.dtd")), "{:?}", help.asked());
    let state = fs::read(help.path().join("state.db")).unwrap();
    assert!(state.len() < 1 << 20, "{} bytes", state.len());
    let shown = help.run(&["show", "http://docs.acme.net/page", "--format", "json"]);
    assert!(!shown.stdout.contains("root:x") && !shown.stdout.contains("laughlaugh"), "{}", shown.stdout);
}
