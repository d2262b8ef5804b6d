//! Names (D), through the binary in a network of its own: the system's resolver configuration, both families of addresses. What a
//! resolver can answer is tested in `src/visit/resolver/tests.rs`.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on should stop here")]

use std::fs;

use serde_json::Value;

use crate::support::cli::run;
use crate::support::dns::NameServer;
use crate::support::namespace;
use crate::support::web::{Reply, Web};

const FOUR: &str = "93.184.216.34";
const SIX: &str = "2606:2800:220:1::1";

/// Verdict and reason by URL, and the exit code.
fn check(urls: &[&str]) -> (Vec<String>, i32) {
    let folder = tempfile::tempdir().unwrap();
    let text: String = urls.iter().map(|url| format!("[x]({url})\n\n")).collect();
    fs::write(folder.path().join("a.md"), text).unwrap();
    let config = "[visit]\nconnect_timeout = \"1s\"\nmax_retries = 0\nsecond_pass_after = \"0s\"\n";
    fs::write(folder.path().join("linkdrift.toml"), config).unwrap();
    let ran = run(folder.path(), &["check", "--no-state", "--format", "json", "a.md"]);
    let report: Value =
        serde_json::from_str(&ran.stdout).unwrap_or_else(|error| panic!("{error}: {}", ran.stderr));
    let said = |url: &&str| {
        let target = report["targets"].as_array().unwrap().iter().find(|target| target["url"] == **url);
        let target = target.unwrap_or_else(|| panic!("{url}: {report:#}"));
        format!("{} {}", target["verdict"].as_str().unwrap(), target["reason"].as_str().unwrap_or("-"))
    };
    (urls.iter().map(said).collect(), ran.code)
}

/// A host with addresses of both families is reached by the one that works, whichever it is; every address was checked.
#[tokio::test(flavor = "multi_thread")]
async fn d08_hosts_with_one_broken_family() {
    let web_at = [FOUR, SIX, "127.0.0.1"];
    if !namespace::inside(
        "faults::dns::d08_hosts_with_one_broken_family",
        &web_at[..2],
        "nameserver 127.0.0.1\n",
    ) {
        return;
    }
    let _names = NameServer::start(|name, _| match name {
        // Nobody listens at the other addresses of these.
        "six.acme.net" => vec![SIX],
        "four.acme.net" => vec![FOUR],
        "old.acme.net" => vec![FOUR, "2606:2800:220:1::dead"],
        "new.acme.net" => vec!["93.184.216.99", SIX],
        "trap.acme.net" => vec![FOUR, "::1"],
        _ => vec![],
    })
    .await;
    let page = |_: &_| Reply::html("<title>Public</title><p>Text");
    let _four = Web::start_at(FOUR.parse().unwrap(), page).await;
    let _six = Web::start_at(SIX.parse().unwrap(), page).await;
    let hosts = ["six", "four", "old", "new", "trap", "none"].map(|name| format!("http://{name}.acme.net/"));
    let (said, _) = check(&hosts.each_ref().map(String::as_str));
    assert_eq!(said, ["ok -", "ok -", "ok -", "ok -", "excluded refused-address", "broken dns-nxdomain"]);
}

/// A resolver that is not there is our own trouble: names fail for want of an answer, none is called missing.
#[tokio::test(flavor = "multi_thread")]
async fn d05_d09_no_resolver() {
    let test = "faults::dns::d05_d09_no_resolver";
    if !namespace::inside(test, &[FOUR], "") {
        return;
    }
    let _web = Web::start_at(FOUR.parse().unwrap(), |_| Reply::html("<title>Public</title><p>Text")).await;
    // An address needs no resolver, so that the network is not called down.
    let (said, _) = check(&["http://93.184.216.34/", "http://docs.acme.net/"]);
    assert_eq!(said, ["ok -", "unreachable dns-failure"]);
    // Without it there is nothing that says so but the names themselves.
    let hosts: Vec<String> = (0..12).map(|n| format!("http://h{n}.acme.net/")).collect();
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("a.md"), hosts.join("\n\n")).unwrap();
    let ran = run(folder.path(), &["check", "--no-state", "--max-retries", "0", "--format", "json", "a.md"]);
    let report: Value = serde_json::from_str(&ran.stdout).unwrap();
    assert_eq!((ran.code, report["targets"].as_array().unwrap().len()), (1, 0), "{}", ran.stderr);
    assert!(ran.stderr.contains("network or resolver is down"), "{}", ran.stderr);
}

/// A stub on loopback (as systemd-resolved's 127.0.0.53) is asked although loopback is nothing that is visited.
#[tokio::test(flavor = "multi_thread")]
async fn d09_d10_a_stub_resolver_and_its_search_domains() {
    let test = "faults::dns::d09_d10_a_stub_resolver_and_its_search_domains";
    if !namespace::inside(test, &[FOUR], "nameserver 127.0.0.1\nsearch corp.acme.net\noptions ndots:5\n") {
        return;
    }
    let names = NameServer::start(|name, _| match name {
        "docs.acme.net" => vec![FOUR],
        name if name.ends_with("corp.acme.net") => vec!["10.0.0.1"],
        _ => vec![],
    })
    .await;
    let _web = Web::start_at(FOUR.parse().unwrap(), |_| Reply::html("<title>Public</title><p>Text")).await;
    let (said, _) = check(&["http://docs.acme.net/", "http://wiki/", "http://wiki.acme.net/"]);
    assert_eq!(said, ["ok -", "excluded refused-address", "broken dns-nxdomain"]);
    for name in ["wiki", "wiki.corp.acme.net", "wiki.acme.net.corp.acme.net", "docs.acme.net.corp.acme.net"] {
        assert_eq!(names.asked(name), 0, "{name}");
    }
}
