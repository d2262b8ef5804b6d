//! What is written, in each format.

use std::io::Write;
use std::process::Stdio;

use super::{command, folder, links, objects, stderr, stdout, urls};

#[test]
fn jsonl_has_one_object_per_reference_with_exact_places() {
    let text = "\u{feff}---\r\ntitle: t\r\n---\r\nSee [Ünï](/azure/x#top \"t\"), ![i](m.png).\r\n";
    let folder = folder(&[("a/one.md", text)]);
    let output = links(folder.path(), &["--format", "jsonl", "--base-url", "https://docs.fakenet.org", "a"]);
    let objects = objects(&output);
    assert_eq!(objects.len(), 2);
    let expected = serde_json::json!({
        "source": "a", "entry": "a/one.md", "line": 4, "column": 5,
        "offset": [text.find("[Ü").unwrap(), text.find("), !").unwrap() + 1],
        "destination": [text.find("/azure").unwrap(), text.find(" \"t\"").unwrap()],
        "kind": "inline", "text": "Ünï", "url": "/azure/x#top",
        "target": "https://docs.fakenet.org/azure/x", "fragment": "top", "status": "target",
    });
    assert_eq!(objects[0], expected);
    assert_eq!(objects[1]["status"], "file");
    assert_eq!(objects[1]["target"], serde_json::Value::Null);
    let keys: Vec<_> = stdout(&output)
        .split('"')
        .skip(1)
        .step_by(2)
        .filter(|word| ["source", "kind", "status"].contains(word))
        .collect();
    assert_eq!(keys[..3], ["source", "kind", "status"], "the order of SPEC §6");
}

#[test]
fn entries_come_in_order_whatever_thread_read_them() {
    let files: Vec<(String, String)> = (0..400)
        .map(|n| (format!("d{}/{n:04}.md", n % 7), format!("[a](https://x.fakenet.org/{n})\n")))
        .collect();
    let files: Vec<(&str, &str)> = files.iter().map(|(path, text)| (path.as_str(), text.as_str())).collect();
    let folder = folder(&files);
    let output = links(folder.path(), &["--format", "jsonl", "."]);
    let entries: Vec<String> = urls(&output).into_iter().map(|(entry, _)| entry).collect();
    let mut sorted = entries.clone();
    sorted.sort();
    assert_eq!(entries.len(), 400);
    assert_eq!(entries, sorted);
    assert_eq!(stdout(&output), stdout(&links(folder.path(), &["--format", "jsonl", "."])));
}

#[test]
fn json_is_one_document_with_the_summary_last() {
    let folder = folder(&[
        ("a.md", "no link\n"),
        ("b.md", "[a](https://x.fakenet.org/1)\n<https://x.fakenet.org/2>\n"),
    ]);
    let output = links(folder.path(), &["--format", "json", "."]);
    let document: serde_json::Value = serde_json::from_str(stdout(&output)).unwrap();
    assert_eq!(document["schema"], "linkdrift/links/1");
    assert_eq!(document["references"].as_array().unwrap().len(), 2);
    assert_eq!(
        document["summary"],
        serde_json::json!({"entries": 2, "references": 2, "targets": 2, "hosts": 1})
    );
    let empty = links(folder.path(), &["--format", "json", "a.md"]);
    assert_eq!(
        serde_json::from_str::<serde_json::Value>(stdout(&empty)).unwrap()["references"],
        serde_json::json!([])
    );
}

#[test]
fn text_is_grouped_by_entry_and_obeys_no_control_character() {
    let folder = folder(&[(
        "a.md",
        "[t](<x\u{1b}[31m.md>)\n[u](https://x.fakenet.org/)\n<img src=\"data:image/png;base64,AA\">\n",
    )]);
    let output = links(folder.path(), &["."]);
    let text = stdout(&output);
    assert_eq!(text.lines().next(), Some("a.md"));
    assert_eq!(text.lines().count(), 4);
    assert!(
        text.contains("2:1") && text.contains("https://x.fakenet.org/") && text.contains("[data]"),
        "{text}"
    );
    assert!(!text.contains('\u{1b}'));
    assert!(stderr(&output).contains("3 references in 1 entry: 1 target on 1 host"), "{}", stderr(&output));
    assert_eq!(stderr(&links(folder.path(), &["--quiet", "."])), "");
}

#[test]
fn text_that_was_meant_to_be_a_link_is_counted_and_no_line() {
    let folder = folder(&[("a.md", "https: //x.fakenet.org/a and [t] (https://x.fakenet.org/b)\n")]);
    let output = links(folder.path(), &["--format", "jsonl", "."]);
    assert_eq!(urls(&output), [("a.md".to_owned(), "https://x.fakenet.org/b".to_owned())]);
    assert!(stderr(&output).contains("2 places meant to be a link"), "{}", stderr(&output));
}

#[test]
fn standard_input_is_markdown() {
    let folder = folder(&[]);
    let mut child = command(folder.path(), &["--format", "jsonl", "-"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(b"[a](https://x.fakenet.org/)").unwrap();
    let output = child.wait_with_output().unwrap();
    assert_eq!(urls(&output), [("-".to_owned(), "https://x.fakenet.org/".to_owned())]);
}

#[test]
fn a_path_inside_a_configured_source_belongs_to_it() {
    let config = "[[source]]\nname = \"ro-RO\"\npath = \"content/ro-RO\"\nfiles = [\"**/*.md\"]\nbase_url = \"https://docs.fakenet.org\"\n";
    let folder = folder(&[
        ("linkdrift.toml", config),
        ("content/ro-RO/x/a.md", "[a](/p)\n"),
        ("content/ro-RO/b.md", "[b](/q)\n"),
        ("other/c.md", "[c](https://x.fakenet.org/c)\n"),
    ]);
    let source_of = |args: &[&str]| -> Vec<(String, String)> {
        let all: Vec<&str> = ["--format", "jsonl"].iter().chain(args).copied().collect();
        objects(&links(folder.path(), &all))
            .iter()
            .map(|object| {
                (object["source"].as_str().unwrap().to_owned(), object["entry"].as_str().unwrap().to_owned())
            })
            .collect()
    };
    let pair = |source: &str, entry: &str| (source.to_owned(), entry.to_owned());
    assert_eq!(source_of(&[]), [pair("ro-RO", "b.md"), pair("ro-RO", "x/a.md")]);
    assert_eq!(source_of(&["content/ro-RO/x"]), [pair("ro-RO", "x/a.md")]);
    assert_eq!(source_of(&["content/ro-RO/b.md"]), [pair("ro-RO", "b.md")]);
    assert_eq!(source_of(&["content/**/a.md"]), [pair("ro-RO", "x/a.md")]);
    assert_eq!(source_of(&["other"]), [pair("other", "other/c.md")]);
    assert_eq!(source_of(&["."]), [pair("ro-RO", "b.md"), pair("ro-RO", "x/a.md"), pair(".", "other/c.md")]);
    let output = links(folder.path(), &["--format", "jsonl", "content/ro-RO/b.md"]);
    assert_eq!(objects(&output)[0]["target"], "https://docs.fakenet.org/q");
}

#[test]
fn urls_are_included_excluded_and_remapped() {
    let folder = folder(&[(
        "a.md",
        "[a](https://x.fakenet.org/a) [b](https://y.fakenet.org/b) [c](https://old.fakenet.org/c)\n",
    )]);
    let statuses = |args: &[&str]| -> Vec<String> {
        let all: Vec<&str> = ["--format", "jsonl", "."].iter().chain(args).copied().collect();
        objects(&links(folder.path(), &all))
            .iter()
            .map(|object| object["target"].as_str().or(object["status"].as_str()).unwrap().to_owned())
            .collect()
    };
    assert_eq!(
        statuses(&["--exclude", "y\\.fakenet"]),
        ["https://x.fakenet.org/a", "excluded", "https://old.fakenet.org/c"]
    );
    assert_eq!(statuses(&["--include", "/a$"]), ["https://x.fakenet.org/a", "excluded", "excluded"]);
    assert_eq!(
        statuses(&["--remap", "old\\.fakenet\\.org new.fakenet.org"]),
        ["https://x.fakenet.org/a", "https://y.fakenet.org/b", "https://new.fakenet.org/c"]
    );
}
