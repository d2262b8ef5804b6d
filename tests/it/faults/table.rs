//! docs/faults.md against the tests: every row of the groups that are done is there once, every test that it names exists and carries the
//! row's id in its name, and no test with an id is left out. And the versions that advisories ask for.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on should stop here")]

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

/// Groups of which every row is answered, and how many rows they have.
const DONE: &[(&str, u32)] = &[
    ("U", 43),
    ("M", 22),
    ("F", 10),
    ("H", 40),
    ("D", 11),
    ("T", 11),
    ("G", 10),
    ("S", 24),
    ("P", 14),
    ("C", 13),
    ("X", 10),
];

/// A row that no test shows begins its last cell so, and says why.
const NO_TEST: &str = "no test: ";

struct Row {
    id: String,
    tests: Vec<(String, String)>,
    last: String,
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Rows of four cells: an id, the stimulus, what is done, the tests as `path::name`.
fn rows() -> Vec<Row> {
    let text = fs::read_to_string(root().join("docs/faults.md")).unwrap();
    let cells = |line: &str| -> Vec<String> {
        line.trim().trim_matches('|').split(" | ").map(|cell| cell.trim().to_owned()).collect()
    };
    let rows = text.lines().filter(|line| line.starts_with("| ") && !line.starts_with("| id")).map(cells);
    rows.map(|cells| {
        assert_eq!(cells.len(), 4, "{cells:?}");
        let quoted = cells[3].split('`').skip(1).step_by(2);
        let test = |text: &str| text.split_once("::").map(|(file, name)| (file.to_owned(), name.to_owned()));
        Row { id: cells[0].clone(), tests: quoted.filter_map(test).collect(), last: cells[3].clone() }
    })
    .collect()
}

/// Functions of a file of tests or of code with tests.
fn functions(file: &Path) -> Vec<String> {
    let text = fs::read_to_string(file).unwrap_or_default();
    let after_fn = text.split("fn ").skip(1);
    after_fn
        .map(|rest| rest.chars().take_while(|c| c.is_ascii_alphanumeric() || *c == '_').collect())
        .collect()
}

fn sources() -> Vec<PathBuf> {
    let (mut folders, mut files) = (vec![root().join("src"), root().join("tests")], Vec::new());
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            match path.is_dir() {
                true => folders.push(path),
                false if path.extension().is_some_and(|extension| extension == "rs") => files.push(path),
                false => {}
            }
        }
    }
    files
}

/// `U01`, `RUSTSEC-2024-0421` → `u01`, `rustsec_2024_0421`.
fn in_a_name(id: &str) -> String {
    id.to_ascii_lowercase().replace('-', "_")
}

#[test]
fn every_row_names_tests_that_exist() {
    let mut wrong = Vec::new();
    let mut count = BTreeMap::<String, u32>::new();
    for row in rows() {
        *count.entry(row.id.clone()).or_default() += 1;
        for (file, name) in &row.tests {
            if !functions(&root().join(file)).contains(name) {
                wrong.push(format!("{}: there is no {file}::{name}", row.id));
            }
        }
        let id = format!("_{}_", in_a_name(&row.id));
        let shown = row.tests.iter().any(|(_, name)| format!("_{name}").contains(&id));
        let why = row.last.strip_prefix(NO_TEST).is_some_and(|why| why.len() > 10);
        if !shown && !why {
            wrong.push(format!("{}: no test has the id in its name, and no reason is given", row.id));
        }
    }
    for (group, last) in DONE {
        for number in 1..=*last {
            let id = format!("{group}{number:02}");
            if count.get(&id) != Some(&1) {
                wrong.push(format!("{id}: {} rows", count.get(&id).copied().unwrap_or_default()));
            }
        }
    }
    wrong.extend(count.iter().filter(|(_, rows)| **rows > 1).map(|(id, rows)| format!("{id}: {rows} rows")));
    assert!(wrong.is_empty(), "docs/faults.md:\n{}", wrong.join("\n"));
}

#[test]
fn every_test_with_an_id_is_named() {
    let named: Vec<(String, String)> = rows().into_iter().flat_map(|row| row.tests).collect();
    let is_id = |part: &str| {
        let digits =
            part.get(1..).is_some_and(|rest| rest.len() == 2 && rest.bytes().all(|b| b.is_ascii_digit()));
        digits && DONE.iter().any(|(group, _)| part.to_ascii_uppercase().starts_with(group))
    };
    let mut missing = Vec::new();
    for path in sources() {
        let file = path.strip_prefix(root()).unwrap().to_str().unwrap().to_owned();
        for name in functions(&path).into_iter().filter(|name| name.split('_').next().is_some_and(is_id)) {
            if !named.contains(&(file.clone(), name.clone())) {
                missing.push(format!("{file}::{name}"));
            }
        }
    }
    assert!(missing.is_empty(), "docs/faults.md names no\n{}", missing.join("\n"));
}

/// No version below the one in which an advisory's fault was mended, and none of the features that are at fault.
#[test]
fn rustsec_versions_are_those_that_advisories_ask_for() {
    let lock = fs::read_to_string(root().join("Cargo.lock")).unwrap();
    let number =
        |text: &str| -> Vec<u64> { text.split('.').map(|part| part.parse().unwrap_or_default()).collect() };
    let mut have = Vec::new();
    for package in lock.split("[[package]]").skip(1) {
        let value = |key: &str| {
            package.lines().find_map(|line| line.strip_prefix(key)).map(|text| text.trim_matches('"'))
        };
        have.push((value("name = ").unwrap(), value("version = ").unwrap()));
    }
    for (name, least, advisory) in [
        ("h2", "0.4.16", "RUSTSEC-2026-0258"),
        ("tracing-subscriber", "0.3.20", "RUSTSEC-2025-0055"),
        ("idna", "1.0.3", "RUSTSEC-2024-0421"),
        ("url", "2.5.4", "RUSTSEC-2024-0421"),
        ("time", "0.3.47", "RUSTSEC-2026-0009"),
        ("rustls-webpki", "0.103.13", "RUSTSEC-2026-0104"),
        ("ammonia", "4.1.4", "RUSTSEC-2026-0193"),
        ("quick-xml", "0.41.0", "RUSTSEC-2026-0194"),
        ("bytes", "1.11.1", "RUSTSEC-2026-0007"),
        ("hickory-proto", "0.26.1", "RUSTSEC-2026-0119"),
        ("regex", "1.5.5", "RUSTSEC-2022-0013"),
    ] {
        for (_, version) in have.iter().filter(|(known, _)| *known == name) {
            assert!(number(version) >= number(least), "{advisory}: {name} {version} is older than {least}");
        }
    }
    assert!(have.iter().any(|(name, _)| *name == "h2"), "the lock file is read");
    let manifest = fs::read_to_string(root().join("Cargo.toml")).unwrap();
    let resolver = manifest.lines().find(|line| line.starts_with("hickory-resolver")).unwrap();
    assert!(
        resolver.contains("default-features = false") && !resolver.contains("dnssec"),
        "RUSTSEC-2026-0118: {resolver}"
    );
}
