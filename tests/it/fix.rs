//! `linkdrift fix`: what a run suggests, written into the entries byte for byte.

use std::fs;
use std::process::Command;

use crate::support::help::Help;
use crate::support::web::Reply;

const ENTRY: &str = "\u{feff}# A\r\n\r\n[one](/old?a=1 \"title\"), <https://docs.acme.net/old>, [two][r], [host](/moved) and [gone](/gone).\r\n\r\n\
                     [r]: /old\r\n\r\nNo end";

async fn help() -> Help {
    Help::new(&[("a.md", ENTRY), ("sub/b.md", "# B\n\n[one](/old)\n")], |asked| match asked.path.as_str() {
        path if path.starts_with("/old") => Reply::redirect(301, &path.replace("/old", "/new")),
        "/moved" if asked.name() == "docs.acme.net" => Reply::redirect(301, "https://learn.acme.net/moved"),
        path if path.starts_with("/new") || path == "/moved" => {
            Reply::html("<title>New</title><main><h1>New</h1><p>Text.</main>")
        }
        _ => Reply::status(404),
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_patch_and_a_write_do_the_same_and_then_nothing_is_left() {
    let help = help().await;
    help.run(&["check"]);
    let read = |path: &str| fs::read_to_string(help.path().join(path)).unwrap();
    let ran = help.run(&["fix"]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    assert!(ran.stderr.contains("5 places can be mended"), "{}", ran.stderr);
    assert_eq!(read("help/a.md"), ENTRY, "a patch changes nothing");

    // Onto a copy, by the tool that patches are for.
    let copy = tempfile::tempdir().unwrap();
    fs::create_dir_all(copy.path().join("help/sub")).unwrap();
    for path in ["help/a.md", "help/sub/b.md"] {
        fs::copy(help.path().join(path), copy.path().join(path)).unwrap();
    }
    fs::write(copy.path().join("fix.patch"), &ran.stdout).unwrap();
    let applied = Command::new("git")
        .args(["apply", "--whitespace=nowarn", "fix.patch"])
        .current_dir(copy.path())
        .output()
        .unwrap();
    assert!(applied.status.success(), "{}\n{}", String::from_utf8_lossy(&applied.stderr), ran.stdout);

    let ran = help.run(&["fix", "--write", "help/a.md"]);
    assert_eq!((ran.code, ran.stdout.as_str()), (0, ""), "{}", ran.stderr);
    let expected = ENTRY
        .replace("(/old?a=1 ", "(https://docs.acme.net/new?a=1 ")
        .replace("<https://docs.acme.net/old>", "<https://docs.acme.net/new>")
        .replace("(/moved)", "(https://learn.acme.net/moved)")
        .replace("[r]: /old", "[r]: https://docs.acme.net/new");
    assert_eq!(read("help/a.md"), expected);
    assert!(read("help/sub/b.md").contains("(/old)"), "only what was named");
    assert_eq!(help.run(&["fix", "--write"]).code, 0);
    for path in ["help/a.md", "help/sub/b.md"] {
        assert_eq!(read(path), fs::read_to_string(copy.path().join(path)).unwrap(), "{path}");
    }
    for again in ["before the next check", "after it"] {
        let ran = help.run(&["fix"]);
        assert_eq!((ran.code, ran.stdout.as_str()), (0, ""), "{again}: {}", ran.stderr);
        help.run(&["check"]);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_entry_that_changed_since_is_refused_and_the_others_are_mended() {
    let help = help().await;
    help.run(&["check"]);
    let changed = format!("More.\r\n{ENTRY}");
    help.write("help/a.md", &changed);
    let ran = help.run(&["fix", "--write"]);
    assert_eq!(ran.code, 1);
    assert!(ran.stderr.contains("a.md: it changed since it was read"), "{}", ran.stderr);
    assert_eq!(fs::read_to_string(help.path().join("help/a.md")).unwrap(), changed);
    assert!(fs::read_to_string(help.path().join("help/sub/b.md")).unwrap().contains("/new"));
    let ran = help.run(&["fix", "nowhere.md"]);
    assert!(ran.code == 1 && ran.stderr.contains("nowhere.md"), "{}", ran.stderr);
}
