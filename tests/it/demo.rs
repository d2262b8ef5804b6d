//! `linkdrift demo`.

use std::fs;

use crate::support::cli::{command, run};

#[test]
fn the_demo_shows_what_it_is_for_and_leaves_nothing() {
    let (folder, scratch) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    // No proxy, resolver or authority of the machine has a part in it.
    let output = command(folder.path(), &["demo"])
        .env("TMPDIR", scratch.path())
        .env("HTTPS_PROXY", "http://127.0.0.1:1")
        .output()
        .unwrap();
    let (out, err) = (String::from_utf8(output.stdout).unwrap(), String::from_utf8(output.stderr).unwrap());
    assert_eq!(output.status.code(), Some(0), "{err}");
    for (finding, place) in [
        (
            "error[link/broken]: https://learn.microsoft.com/exchange/conditions-and-actoins",
            "ro-RO/posta/reguli-flux-posta.md:9:",
        ),
        (
            "warning[link/redirect-permanent]: https://learn.microsoft.com/exchange/shared-mailboxes",
            "ro-RO/posta/cutie-postala-partajata.md:9:",
        ),
        (
            "warning[link/redirect-changed]: https://aka.ms/teamsnumbers",
            "ro-RO/telefonie/numere-telefon.md:9:",
        ),
        (
            "warning[link/text-mismatch]: the text shows aka.ms/ssprsetup",
            "ro-RO/parole/resetare-parola.md:9:",
        ),
        (
            "error[content/term-outdated]: “Azure Active Directory” is “Microsoft Entra ID”",
            "ro-RO/parole/resetare-parola.md:13:",
        ),
    ] {
        let at = out.find(finding).unwrap_or_else(|| panic!("no {finding} in\n{out}"));
        let next = out[at..].lines().nth(1).unwrap();
        assert!(next.contains(&format!("--> {place}")), "{finding}: {next}");
    }
    assert!(out.contains("A working Azure Active Directory tenant"), "the diff: {out}");
    assert!(out.contains("A working Microsoft Entra ID tenant"), "the diff: {out}");
    assert!(!out.contains(scratch.path().to_str().unwrap()), "{out}");
    for left in [folder.path(), scratch.path()] {
        assert_eq!(fs::read_dir(left).unwrap().count(), 0);
    }
}

#[test]
fn a_demo_that_is_kept_can_be_looked_at() {
    let folder = tempfile::tempdir().unwrap();
    let first = run(folder.path(), &["demo", "--keep", "kept"]);
    assert_eq!(first.code, 0, "{}", first.stderr);
    let ran = run(folder.path(), &["report", "--state", "kept/state.db"]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    for rule in ["link/broken", "content/term-outdated"] {
        assert!(ran.stdout.contains(rule), "{}", ran.stdout);
    }
    let shown = run(folder.path(), &["show", "--state", "kept/state.db", "ro-RO/parole/resetare-parola.md"]);
    assert!(shown.code == 0 && shown.stdout.contains("content/term-outdated"), "{}", shown.stderr);
    assert_eq!(run(folder.path(), &["state", "check", "--state", "kept/state.db"]).code, 0);

    let again = run(folder.path(), &["demo", "--keep", "kept"]);
    assert_eq!((again.code, again.stdout.as_str()), (1, ""));
    assert!(again.stderr.contains("kept"), "{}", again.stderr);
}
