//! Bad input: paths, globs, files, readers that go away.

use std::process::Stdio;

use super::{command, folder, links, stderr, stdout, urls};

#[test]
fn m16_what_matches_nothing_is_an_error() {
    let folder = folder(&[("a.md", "x\n"), ("empty/x.png", "")]);
    for (args, message) in [
        (&["missing.md"][..], "cannot read missing.md"),
        (&["missing/"], "cannot read missing/"),
        (&["*.adoc"], "*.adoc: matches nothing"),
        (&["nowhere/**/*.md"], "matches nothing"),
        (&["empty"], "empty: no entry here"),
        (&["--files", "*.rst", "."], "no entry here: *.rst match nothing"),
        (&[], "nothing to read"),
        (&["[a"], "cannot read [a"),
    ] {
        let output = links(folder.path(), args);
        assert_eq!(output.status.code(), Some(1), "{args:?}: {}", stderr(&output));
        let wrong_glob = args == ["[a"] && stderr(&output).contains("no such file");
        assert!(stderr(&output).contains(message) || wrong_glob, "{args:?}: {}", stderr(&output));
        assert_eq!(stdout(&output), "", "{args:?}");
    }
}

#[test]
fn a_configured_source_without_entries_is_an_error() {
    let folder =
        folder(&[("linkdrift.toml", "[[source]]\nname = \"s\"\npath = \"docs\"\n"), ("docs/a.png", "")]);
    let output = links(folder.path(), &[]);
    assert_eq!(output.status.code(), Some(1), "{}", stderr(&output));
    assert!(stderr(&output).contains("source s: no entry"), "{}", stderr(&output));
}

#[test]
fn a_bad_flag_is_a_usage_error() {
    let folder = folder(&[("a.md", "x\n")]);
    for args in [
        &["--exclude", "(", "."][..],
        &["--base-url", "no url", "."],
        &["--format", "xml", "."],
        &["--files", "../*.md", "."],
        &["--remap", "x", "."],
    ] {
        assert_eq!(links(folder.path(), args).status.code(), Some(1), "{args:?}");
    }
}

#[test]
fn a_list_of_files_may_be_empty_or_name_what_is_gone() {
    let folder = folder(&[
        ("a.md", "[a](https://x.fakenet.org/a)\n"),
        ("none.txt", "\n# comment\n"),
        ("list.txt", "a.md\ngone.md\nlist.txt\n"),
    ]);
    let none = links(folder.path(), &["--format", "jsonl", "--files-from", "none.txt"]);
    assert_eq!((none.status.code(), stdout(&none)), (Some(0), ""));
    assert!(stderr(&none).contains("0 references in 0 entries"), "{}", stderr(&none));
    let some = links(folder.path(), &["--format", "jsonl", "--files-from", "list.txt"]);
    assert_eq!(urls(&some), [("a.md".to_owned(), "https://x.fakenet.org/a".to_owned())]);
    assert_eq!(links(folder.path(), &["--files-from", "no-such-list"]).status.code(), Some(1));
}

#[test]
fn m07_m08_m13_files_that_cannot_be_read_cost_only_themselves() {
    let folder = folder(&[("good.md", "[a](https://x.fakenet.org/a)\n")]);
    let path = |name: &str| folder.path().join(name);
    std::fs::write(path("latin.md"), b"caf\xe9 [b](https://x.fakenet.org/b)\n").unwrap();
    std::fs::write(path("nul.md"), b"a\0b [c](https://x.fakenet.org/c)\n").unwrap();
    let wide: Vec<u8> =
        "\u{feff}[d](https://x.fakenet.org/d)".encode_utf16().flat_map(u16::to_le_bytes).collect();
    std::fs::write(path("wide.md"), wide).unwrap();
    std::fs::write(path("large.md"), vec![b'x'; (10 << 20) + 1]).unwrap();
    std::os::unix::fs::symlink("/etc/hostname", path("leaves.md")).unwrap();
    std::os::unix::fs::symlink("loop.md", path("loop.md")).unwrap();
    std::os::unix::fs::symlink(".", path("folder-loop")).unwrap();
    assert!(std::process::Command::new("mkfifo").arg(path("pipe.md")).status().unwrap().success());
    let output = links(folder.path(), &["--format", "jsonl", "."]);
    let found: Vec<String> = urls(&output).into_iter().map(|(_, url)| url).collect();
    assert_eq!(
        found,
        [
            "https://x.fakenet.org/a",
            "https://x.fakenet.org/b",
            "https://x.fakenet.org/c",
            "https://x.fakenet.org/d"
        ]
    );
    for name in ["latin.md", "nul.md", "wide.md", "large.md", "leaves.md", "loop.md", "pipe.md"] {
        assert!(stderr(&output).contains(&format!("warning: {name}:")), "{name}: {}", stderr(&output));
    }
}

#[test]
fn m14_hostile_names_stay_one_line_of_json() {
    use std::os::unix::ffi::OsStrExt;
    let folder = folder(&[]);
    for name in [&b"a\nb.md"[..], b"\x1b[31m.md", b"::error::x.md", b"no-utf8-\xff.md"] {
        std::fs::write(folder.path().join(std::ffi::OsStr::from_bytes(name)), "[a](https://x.fakenet.org/)")
            .unwrap();
    }
    let output = links(folder.path(), &["--format", "jsonl", "."]);
    assert_eq!(urls(&output).len(), 4);
    assert!(!stdout(&output).contains('\u{1b}'));
    let text = links(folder.path(), &["."]);
    assert!(!stdout(&text).contains('\u{1b}'));
    assert_eq!(stdout(&text).lines().count(), 8);
}

#[test]
fn a_reader_that_goes_away_is_no_error() {
    let many = "[a](https://x.fakenet.org/a)\n".repeat(20_000);
    let folder = folder(&[("a.md", &many)]);
    let mut child = command(folder.path(), &["--format", "jsonl", "."])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    let output = child.wait_with_output().unwrap();
    assert_eq!((output.status.code(), stderr(&output)), (Some(0), ""));
}

#[test]
fn m09_m10_many_links_and_brackets_are_read() {
    let one_line = "[a](https://x.fakenet.org/a) ".repeat(100_000);
    let folder = folder(&[
        ("many.md", one_line.as_str()),
        ("brackets.md", &"[".repeat(200_000)),
        ("quotes.md", &"> ".repeat(50_000)),
        ("stars.md", &"*a **a ".repeat(50_000)),
        ("open.md", &"[a](<b".repeat(50_000)),
        ("ticks.md", &(1..800).map(|n| "`".repeat(n) + " ").collect::<String>()),
        ("glued.md", &"xhttps://a.b".repeat(50_000)),
        ("dollar.md", &"https://a.b/[".repeat(20_000)),
        ("tags.md", &"<a href=x><b ".repeat(50_000)),
        ("labels.md", &"[a][b] ".repeat(50_000)),
        ("images.md", &"![".repeat(100_000)),
        ("mail.md", &"a@".repeat(100_000)),
        ("fences.md", &":::image source=\"a".repeat(20_000)),
        ("list.md", &(0..2000).map(|n| format!("{}- x\n", " ".repeat(2 * n))).collect::<String>()),
    ]);
    let output = links(folder.path(), &["--format", "jsonl", "--quiet", "many.md"]);
    let last = stdout(&output).lines().last().unwrap().to_owned();
    assert_eq!(stdout(&output).lines().count(), 100_000);
    let last: serde_json::Value = serde_json::from_str(&last).unwrap();
    assert_eq!((last["line"].as_u64(), last["column"].as_u64()), (Some(1), Some(29 * 99_999 + 1)));
    let rest = links(folder.path(), &["--format", "jsonl", "--quiet", "."]);
    assert_eq!(rest.status.code(), Some(0), "{}", stderr(&rest));
}
