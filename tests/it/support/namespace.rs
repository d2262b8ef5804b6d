//! A network of a test's own, where public addresses are on loopback and the guard needs no opening. The test runs itself once more
//! in new namespaces; a machine that does not allow them is told so and the test passes.

use std::process::Command;

use super::not_run_here;

/// Says in the environment which test is the one inside.
const INSIDE: &str = "LINKDRIFT_TEST_INSIDE";

/// What the set-up ends with where the machine refuses a step of it.
const REFUSED: i32 = 77;

/// Whether this process is inside: only then is the rest of `test` (its whole path) to be run. `addresses` are those of the new
/// loopback interface, `resolver` is the text of its `/etc/resolv.conf`.
pub(crate) fn inside(test: &str, addresses: &[&str], resolver: &str) -> bool {
    if std::env::var(INSIDE).is_ok_and(|name| name == test) {
        return true;
    }
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("resolv.conf");
    std::fs::write(&file, resolver).expect("a file");
    let script = format!(
        "{{ ip link set lo up && for a in {}; do ip addr add $a dev lo || exit {REFUSED}; done && \
         mount --bind '{}' /etc/resolv.conf; }} || exit {REFUSED}; exec \"$@\"",
        addresses.join(" "),
        file.display()
    );
    let ran = Command::new("unshare")
        .args(["--user", "--map-root-user", "--net", "--mount", "sh", "-c", &script, "sh"])
        .arg(std::env::current_exe().expect("this test's own binary"))
        .args(["--exact", test, "--nocapture"])
        .env(INSIDE, test)
        .output();
    let ran = match ran {
        Ok(ran) => ran,
        Err(error) => {
            not_run_here(test, &format!("unshare: {error}"));
            return false;
        }
    };
    let said = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    match ran.status.code() {
        Some(0) => assert!(said(&ran.stdout).contains("1 passed"), "{test} is not its name"),
        // A test that fails ends with 101, unshare that may not with 1.
        Some(1 | REFUSED) => not_run_here(test, said(&ran.stderr).trim()),
        _ => panic!("inside: {}\n{}", said(&ran.stdout), said(&ran.stderr)),
    }
    false
}
