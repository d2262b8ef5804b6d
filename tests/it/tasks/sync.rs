//! The task `sync`: sources in git, from a repository on this machine.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Command;

use crate::support::help::Help;
use crate::support::web::Reply;

fn git(folder: &Path, args: &[&str]) {
    let output = Command::new("git")
        .args(["-c", "user.name=t", "-c", "user.email=t@example.org", "-c", "commit.gpgsign=false"])
        .args(args)
        .current_dir(folder)
        .env("GIT_CONFIG_GLOBAL", "/dev/null")
        .env("GIT_CONFIG_NOSYSTEM", "1")
        .output()
        .expect("git starts");
    assert!(output.status.success(), "{args:?}: {}", String::from_utf8_lossy(&output.stderr));
}

fn commit(origin: &Path) {
    git(origin, &["add", "--all"]);
    git(origin, &["commit", "--quiet", "--message", "x"]);
}

/// A repository with two entries below `docs/` on the branch `live`, and a linkdrift repository whose source it is.
async fn help() -> Help {
    let help =
        Help::new(&[], |asked| Reply::html(&format!("<title>{}</title><main><p>W.</main>", asked.path)))
            .await;
    let origin = help.path().join("origin");
    for (name, url) in [("a", "https://docs.acme.net/a"), ("b", "https://docs.acme.net/b")] {
        help.write(&format!("origin/docs/{name}.md"), &format!("# {name}\n\n[x]({url})\n"));
    }
    git(&origin, &["init", "--quiet", "--initial-branch=live"]);
    commit(&origin);
    let before = help.configuration();
    let source = format!("git = \"file://{}\"\nbranch = \"live\"\nfolder = \"docs\"", origin.display());
    help.write("linkdrift.toml", &before.replace("path = \"help\"", &source));
    help.write("schedules/fetch.toml", "cron = \"0 2 * * *\"\ntask = \"sync\"\n");
    help.write("schedules/all.toml", "cron = \"0 3 * * *\"\ntask = \"check\"\n");
    help
}

#[tokio::test(flavor = "multi_thread")]
async fn a_source_in_git_is_fetched_and_only_what_changed_is_read() {
    let help = help().await;
    let origin = help.path().join("origin");
    let ran = help.run(&["run", "fetch"]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    assert!(
        ran.stdout.contains("help: fetched, now at ") && ran.stdout.contains("; 2 entries read"),
        "{}",
        ran.stdout
    );
    let report: serde_json::Value =
        serde_json::from_str(&help.run(&["run", "all", "--format", "json"]).stdout).unwrap();
    assert_eq!((&report["summary"]["entries"], &report["summary"]["visited"]), (&2.into(), &2.into()));
    assert_eq!(report["targets"][0]["references"][0]["entry"], "a.md");

    let ran = help.run(&["run", "fetch"]);
    assert!(ran.stdout.contains("nothing new since ") && !ran.stdout.contains("read"), "{}", ran.stdout);

    help.write("origin/docs/b.md", "# b\n\n[y](https://docs.acme.net/new)\n");
    help.write("origin/elsewhere.md", "[z](https://docs.acme.net/elsewhere)\n");
    fs::remove_file(origin.join("docs/a.md")).unwrap();
    commit(&origin);
    let ran = help.run(&["run", "fetch"]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    assert!(
        ran.stdout.contains("3 files changed") && ran.stdout.contains("; 1 entry read"),
        "{}",
        ran.stdout
    );
    let report: serde_json::Value =
        serde_json::from_str(&help.run(&["run", "all", "--format", "json"]).stdout).unwrap();
    assert_eq!((&report["summary"]["entries"], &report["summary"]["visited"]), (&1.into(), &1.into()));
    assert_eq!(help.run(&["state", "check"]).code, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_check_fetches_what_was_never_fetched() {
    let help = help().await;
    for command in ["links", "check"] {
        let ran = help.run(&[command]);
        assert_eq!((ran.code, ran.stdout.as_str()), (1, ""), "{command}");
        assert!(ran.stderr.contains("source help: not fetched yet: run a schedule"), "{}", ran.stderr);
    }
    let ran = help.run(&["run", "all", "--format", "json"]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    assert_eq!(help.asked().iter().filter(|url| !url.ends_with("robots.txt")).count(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_fetch_that_fails_keeps_the_tree_and_says_so() {
    let help = help().await;
    assert_eq!(help.run(&["run", "fetch"]).code, 0);
    let origin = help.path().join("origin");
    fs::rename(&origin, help.path().join("away")).unwrap();
    let ran = help.run(&["run", "fetch"]);
    assert_eq!((ran.code, ran.stdout.as_str()), (1, ""));
    assert!(
        ran.stderr.contains("help: git fetch: ") && ran.stderr.contains("the tree of before stays"),
        "{}",
        ran.stderr
    );
    assert_eq!(help.run(&["run", "all", "--format", "none"]).code, 0);
    // What another git left when it was killed is no reason to fail.
    fs::rename(help.path().join("away"), &origin).unwrap();
    fs::write(help.path().join("sources/help/.git/index.lock"), "").unwrap();
    fs::write(help.path().join("sources/help/docs/a.md"), "half").unwrap();
    let ran = help.run(&["run", "fetch"]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    assert!(fs::read_to_string(help.path().join("sources/help/docs/a.md")).unwrap().starts_with("# a"));
}

/// What `show` says of an entry, and whether it names a URL.
fn knows(help: &Help, entry: &str, url: &str) -> bool {
    help.run(&["show", entry]).stdout.contains(url)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_damaged_repository_is_cloned_anew_and_stays_until_then() {
    let help = help().await;
    let sources = help.path().join("sources");
    let tree = sources.join("help");
    let (index, objects) = (tree.join(".git/index"), tree.join(".git/objects"));
    let damages: [(&str, &dyn Fn()); 3] = [
        ("an empty index", &|| fs::write(&index, "").unwrap()),
        ("a garbled index", &|| fs::write(&index, [7; 200]).unwrap()),
        ("no objects", &|| fs::remove_dir_all(&objects).unwrap()),
    ];
    assert_eq!(help.run(&["run", "fetch"]).code, 0);
    for (round, (damage, make)) in damages.iter().enumerate() {
        // Without the repository there is nothing to clone, and the tree is better than none.
        make();
        let (origin, away) = (help.path().join("origin"), help.path().join("away"));
        fs::rename(&origin, &away).unwrap();
        let ran = help.run(&["run", "fetch"]);
        assert_eq!(ran.code, 1, "{damage}: {}", ran.stdout);
        assert!(ran.stderr.contains("the tree of before stays"), "{damage}: {}", ran.stderr);
        assert!(tree.join("docs/a.md").exists(), "{damage}");
        fs::rename(&away, &origin).unwrap();

        let url = format!("https://docs.acme.net/round-{round}");
        help.write("origin/docs/a.md", &format!("# a\n\n[x]({url})\n"));
        commit(&origin);
        let ran = help.run(&["run", "fetch"]);
        assert_eq!(ran.code, 0, "{damage}: {}", ran.stderr);
        assert!(
            ran.stdout.contains("help: was damaged (git ") && ran.stdout.contains("cloned anew, now at "),
            "{damage}: {}",
            ran.stdout
        );
        assert!(knows(&help, "a.md", &url), "{damage}");
        let left: Vec<_> = fs::read_dir(&sources).unwrap().map(|item| item.unwrap().file_name()).collect();
        assert_eq!(left, ["help"], "{damage}");
        let ran = help.run(&["run", "fetch"]);
        assert!(ran.stdout.contains("nothing new since "), "{damage}: {}", ran.stdout);
    }
}

/// Killed between the tree and the state, or beside a state that was restored: what the state has not read is read.
#[tokio::test(flavor = "multi_thread")]
async fn what_was_checked_out_and_not_read_is_read_by_the_next_sync() {
    let help = help().await;
    assert_eq!(help.run(&["run", "fetch"]).code, 0);
    assert_eq!(help.run(&["state", "backup", "before.db"]).code, 0);
    help.write("origin/docs/b.md", "# b\n\n[y](https://docs.acme.net/new)\n");
    commit(&help.path().join("origin"));
    let tree = help.path().join("sources/help");
    git(&tree, &["fetch", "--quiet", "--depth=1", "../../origin", "live"]);
    git(&tree, &["checkout", "--quiet", "--detach", "FETCH_HEAD"]);
    let ran = help.run(&["run", "fetch"]);
    assert!(ran.stdout.contains("1 file changed") && ran.stdout.contains("; 1 entry read"), "{}", ran.stdout);
    assert!(knows(&help, "b.md", "https://docs.acme.net/new"));

    assert_eq!(help.run(&["state", "restore", "before.db"]).code, 0);
    assert!(!knows(&help, "b.md", "https://docs.acme.net/new"));
    let ran = help.run(&["run", "fetch"]);
    assert!(ran.stdout.contains("read anew") && ran.stdout.contains("; 2 entries read"), "{}", ran.stdout);
    assert!(knows(&help, "b.md", "https://docs.acme.net/new"));
}

#[tokio::test(flavor = "multi_thread")]
async fn names_that_are_no_utf_8_are_read_too() {
    use std::os::unix::ffi::OsStrExt;
    let help = help().await;
    assert_eq!(help.run(&["run", "fetch"]).code, 0);
    let origin = help.path().join("origin");
    let name = std::ffi::OsStr::from_bytes(b"caf\xe9.md");
    fs::write(origin.join("docs").join(name), "[z](https://docs.acme.net/latin)\n").unwrap();
    commit(&origin);
    let ran = help.run(&["run", "fetch"]);
    assert!(ran.stdout.contains("1 file changed") && ran.stdout.contains("; 1 entry read"), "{}", ran.stdout);
    assert!(knows(&help, "caf\u{fffd}.md", "https://docs.acme.net/latin"));
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_source_in_git_there_is_nothing_to_do() {
    let help = Help::new(&[("a.md", "# a\n")], |_| Reply::html("")).await;
    help.write("schedules/fetch.toml", "cron = \"0 2 * * *\"\ntask = \"sync\"\n");
    let ran = help.run(&["run", "fetch"]);
    assert_eq!((ran.code, ran.stderr.as_str()), (0, ""), "{}", ran.stdout);
    assert_eq!(ran.stdout, "no source is in git: nothing to do\n");
    // One that names a source expects it to be in git.
    help.write("schedules/fetch.toml", "cron = \"0 2 * * *\"\ntask = \"sync\"\nsources = [\"help\"]\n");
    let ran = help.run(&["run", "fetch"]);
    assert_eq!(ran.code, 1, "{}", ran.stdout);
    assert!(ran.stderr.contains("no source in git"), "{}", ran.stderr);
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_of_a_repository_is_run_or_followed() {
    let help = help().await;
    let origin = help.path().join("origin");
    let mark = help.path().join("mark");
    // A filter that a repository names, a link that leads out, and hooks beside the tree.
    help.write("origin/.gitattributes", "*.md filter=mark\n");
    std::os::unix::fs::symlink("/etc/passwd", origin.join("docs/out.md")).unwrap();
    commit(&origin);
    help.write(
        "home/.gitconfig",
        &format!("[core]\n\thooksPath = {}\n", help.path().join("hooks").display()),
    );
    let hook = help.path().join("hooks/post-checkout");
    help.write("hooks/post-checkout", &format!("#!/bin/sh\ntouch {}\n", mark.display()));
    fs::set_permissions(&hook, fs::Permissions::from_mode(0o755)).unwrap();
    let output = crate::support::cli::command(help.path(), &["run", "fetch"])
        .env("HOME", help.path().join("home"))
        .env("PATH", std::env::var_os("PATH").unwrap())
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    assert!(!mark.exists(), "a hook was run");
    let link = help.path().join("sources/help/docs/out.md");
    assert!(link.symlink_metadata().unwrap().is_file(), "a link was made of a link");
    assert_eq!(fs::read_to_string(link).unwrap(), "/etc/passwd");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_source_in_git_that_no_schedule_syncs_is_a_warning() {
    let help = help().await;
    for (task, warns) in [("sync", false), ("check", true)] {
        for file in fs::read_dir(help.path().join("schedules")).unwrap() {
            fs::remove_file(file.unwrap().path()).unwrap();
        }
        help.write("schedules/one.toml", &format!("cron = \"0 3 * * *\"\ntask = \"{task}\"\n"));
        let ran = help.run(&["schedules", "check"]);
        assert_eq!((ran.code, ran.stderr.contains("in git, and no schedule")), (0, warns), "{}", ran.stderr);
    }
}
