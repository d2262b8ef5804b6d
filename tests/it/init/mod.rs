//! `linkdrift init` through the binary.

use std::fs;

use crate::support::cli::run;

#[test]
fn what_init_writes_works_at_once() {
    let folder = tempfile::tempdir().unwrap();
    for locale in ["ro-RO", "de-DE"] {
        let entries = folder.path().join("content").join(locale);
        fs::create_dir_all(&entries).unwrap();
        fs::write(entries.join("reset.md"), "# Reset\n\n[link](https://example.org/a)\n").unwrap();
    }
    let ran = run(folder.path(), &["init"]);
    assert_eq!((ran.code, ran.stdout.as_str()), (0, ""), "{}", ran.stderr);
    assert!(
        ran.stderr.contains("source ro-RO: content/ro-RO") && ran.stderr.contains("next:"),
        "{}",
        ran.stderr
    );
    let config = linkdrift::config::load(None, folder.path()).unwrap_or_else(|error| panic!("{error}"));
    let names: Vec<_> = config.sources.iter().map(|source| source.name.as_str()).collect();
    assert_eq!(names, ["de-DE", "ro-RO"]);
    assert!(config.sources.iter().all(|source| source.group.as_deref() == Some("content")));
    let checked = run(folder.path(), &["schedules", "check"]);
    assert_eq!(checked.code, 0, "{}", checked.stderr);
    assert!(checked.stdout.starts_with("5 schedules are valid"));
    let links = run(folder.path(), &["links"]);
    assert_eq!(links.code, 0, "{}", links.stderr);
}

#[test]
fn nothing_is_ever_overwritten() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("linkdrift.toml"), "# mine\n").unwrap();
    let ran = run(folder.path(), &["init"]);
    assert_eq!(ran.code, 1);
    assert!(ran.stderr.contains("is there already: edit it, or move it away first"), "{}", ran.stderr);
    assert_eq!(fs::read_to_string(folder.path().join("linkdrift.toml")).unwrap(), "# mine\n");
    assert!(!folder.path().join("schedules").exists());

    let folder = tempfile::tempdir().unwrap();
    fs::create_dir(folder.path().join("schedules")).unwrap();
    fs::write(folder.path().join("schedules/backup.toml"), "# mine\n").unwrap();
    let ran = run(folder.path(), &["init"]);
    assert_eq!(ran.code, 0);
    assert!(ran.stderr.contains("there are schedules in it"), "{}", ran.stderr);
    assert_eq!(fs::read_to_string(folder.path().join("schedules/backup.toml")).unwrap(), "# mine\n");
    assert_eq!(fs::read_dir(folder.path().join("schedules")).unwrap().count(), 1);
}
