//! The house's rules that no other tool holds: which module may import which, and what is deliberately absent.

use std::fs;
use std::path::{Path, PathBuf};

/// The modules in the order in which data flows: a module may import only those before it.
const ORDER: &[&str] = &[
    "time",
    "config",
    "source",
    "reference",
    "target",
    "frontier",
    "visit",
    "page",
    "snapshot",
    "verdict",
    "drift",
    "finding",
    "rule",
    "report",
    "gate",
    "store",
    "notify",
    "pipeline",
    "daemon",
    "web",
    "cli",
];

fn sources() -> Vec<(PathBuf, String)> {
    fn walk(folder: &Path, found: &mut Vec<PathBuf>) {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                walk(&path, found);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                found.push(path);
            }
        }
    }
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut found = Vec::new();
    walk(&root, &mut found);
    found.sort();
    found
        .into_iter()
        .filter(|path| !path.ends_with("tests.rs"))
        .map(|path| {
            let text = fs::read_to_string(&path).unwrap();
            (path.strip_prefix(&root).unwrap().to_owned(), text)
        })
        .collect()
}

/// The first part of a path below `src`, without `.rs`.
fn module_of(path: &Path) -> String {
    let first = path.components().next().unwrap().as_os_str().to_str().unwrap();
    first.trim_end_matches(".rs").to_owned()
}

/// The code of a file, without its tests and comments.
fn code(text: &str) -> String {
    let before_tests = text.split("#[cfg(test)]").next().unwrap_or_default();
    before_tests.lines().filter(|line| !line.trim_start().starts_with("//")).collect::<Vec<_>>().join("\n")
}

/// Modules that a file names as `crate::module` or in `use crate::{module…}`.
fn imports(code: &str) -> Vec<String> {
    let mut found = Vec::new();
    for (at, _) in code.match_indices("crate::") {
        let rest = &code[at + "crate::".len()..];
        match rest.strip_prefix('{') {
            Some(group) => {
                let group = group.split('}').next().unwrap_or_default();
                found.extend(group.split(',').map(first_name));
            }
            None => found.push(first_name(rest)),
        }
    }
    found.retain(|name| ORDER.contains(&name.as_str()));
    found
}

fn first_name(text: &str) -> String {
    text.trim().chars().take_while(|c| c.is_ascii_alphanumeric() || *c == '_').collect()
}

#[test]
fn a_module_imports_only_those_before_it() {
    let place = |module: &str| ORDER.iter().position(|name| *name == module);
    let mut wrong = Vec::new();
    for (path, text) in sources() {
        let module = module_of(&path);
        let Some(own) = place(&module) else {
            assert!(matches!(module.as_str(), "lib" | "main"), "src/{} is not in ORDER", path.display());
            continue;
        };
        for import in imports(&code(&text)) {
            if place(&import).is_some_and(|other| other > own) {
                wrong.push(format!("src/{} imports {import}", path.display()));
            }
        }
    }
    assert!(wrong.is_empty(), "imports against the flow of data:\n{}", wrong.join("\n"));
}

#[test]
fn the_map_names_every_module_in_order() {
    let map = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("src/lib.rs")).unwrap();
    let mut at = 0;
    for module in ORDER {
        let named = map[at..].find(&format!("[`{module}`]"));
        at += named.unwrap_or_else(|| panic!("src/lib.rs does not name {module}, or not in its place"));
    }
}

#[test]
fn what_is_deliberately_absent_is_absent() {
    // What must not stand in a file, and below which modules it may.
    let rules: &[(&str, &[&str])] = &[
        ("rusqlite", &["store"]),
        ("clap", &["cli", "main"]),
        ("anyhow", &["cli", "main"]),
        ("Utc::now", &["time"]),
        ("SystemTime::now", &["time"]),
        ("SystemClock", &["time", "cli", "daemon"]),
        ("Instant::now", &["visit", "store"]),
        ("println!", &["cli", "report", "main"]),
    ];
    let mut wrong = Vec::new();
    for (path, text) in sources() {
        let (module, code) = (module_of(&path), code(&text));
        for (word, allowed) in rules {
            if code.contains(word) && !allowed.contains(&module.as_str()) {
                wrong.push(format!("src/{} has {word}", path.display()));
            }
        }
    }
    assert!(wrong.is_empty(), "in the wrong room:\n{}", wrong.join("\n"));
}

/// Certificates are always checked: no code of ours can say otherwise, so no configuration can.
#[test]
fn t09_no_check_of_certificates_can_be_switched_off() {
    for (path, text) in sources() {
        for word in ["danger_accept", "dangerous()", "ServerCertVerifier"] {
            assert!(!code(&text).contains(word), "src/{} has {word}", path.display());
        }
    }
}

#[test]
fn nothing_is_named_after_nothing() {
    for (path, _) in sources() {
        for part in path.components() {
            let name = part.as_os_str().to_str().unwrap().trim_end_matches(".rs");
            assert!(
                !["utils", "util", "helpers", "common", "misc", "types"].contains(&name),
                "src/{}",
                path.display()
            );
        }
    }
}
