//! URLs that must lead nowhere (U), through the binary with nothing opened and nothing mapped.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on should stop here")]

use std::fs;
use std::io::ErrorKind;
use std::net::TcpListener;
use std::path::Path;
use std::process::Stdio;

use serde_json::Value;
use tempfile::TempDir;

use crate::support::cli::{command, run};
use crate::support::dns::NameServer;
use crate::support::help::Help;
use crate::support::namespace;
use crate::support::web::{Reply, Web};

const PUBLIC: &str = "93.184.216.34";
const METADATA: &str = "169.254.169.254";

/// What a check says of URLs that stand one a line: verdict and reason, or the rule that says why it is no URL, and its sentence.
struct Said {
    _folder: TempDir,
    report: Value,
    stderr: String,
}

impl Said {
    fn of(urls: &[String]) -> Self {
        Self::with(urls, &["--max-retries", "0"])
    }

    fn with(urls: &[String], flags: &[&str]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        // In HTML nothing is an escape but an entity.
        let lines = urls.iter().map(|url| format!("<a href=\"{url}\">x</a>\n"));
        fs::write(folder.path().join("a.html"), lines.collect::<String>()).unwrap();
        let fixed = ["check", "--no-state", "--host-request-interval", "0s", "--format", "json"];
        let ran = run(folder.path(), &[&fixed[..], flags, &["a.html"]].concat());
        let report =
            serde_json::from_str(&ran.stdout).unwrap_or_else(|error| panic!("{error}: {}", ran.stderr));
        Self { _folder: folder, report, stderr: ran.stderr }
    }

    fn at(&self, line: usize) -> (String, String) {
        let of = |list: &str, is: &dyn Fn(&Value) -> bool| {
            self.report[list].as_array().unwrap().iter().find(|one| is(one)).cloned()
        };
        let finding = of("findings", &|finding| {
            finding["line"] == line
                && matches!(finding["rule"].as_str(), Some("link/malformed" | "link/private-address"))
        });
        let sentence = finding.as_ref().map_or("", |finding| finding["message"].as_str().unwrap()).to_owned();
        let target = of("targets", &|target| {
            target["references"].as_array().unwrap().iter().any(|reference| reference["line"] == line)
        });
        let said = match (target, finding) {
            (Some(target), _) => format!(
                "{} {}",
                target["verdict"].as_str().unwrap(),
                target["reason"].as_str().unwrap_or("-")
            ),
            (None, Some(finding)) => finding["rule"].as_str().unwrap().to_owned(),
            (None, None) => "nothing".to_owned(),
        };
        (said, sentence)
    }
}

/// Listens on every address of this machine, IPv4 and IPv6.
fn listen() -> (TcpListener, u16) {
    let listener = TcpListener::bind("[::]:0").or_else(|_| TcpListener::bind("0.0.0.0:0")).unwrap();
    listener.set_nonblocking(true).unwrap();
    let port = listener.local_addr().unwrap().port();
    (listener, port)
}

fn nobody_came(listener: &TcpListener) {
    assert_eq!(listener.accept().map(|_| ()).unwrap_err().kind(), ErrorKind::WouldBlock, "somebody came");
}

/// Checks all and asserts that each is refused for its address, and that nobody came.
fn all_refused(hosts: &[(&str, &str)]) {
    let (listener, port) = listen();
    let urls: Vec<String> = hosts.iter().map(|(url, _)| url.replace("PORT", &port.to_string())).collect();
    let said = Said::of(&urls);
    for (line, (url, what)) in hosts.iter().enumerate() {
        let (verdict, sentence) = said.at(line + 1);
        assert_eq!(verdict, "excluded refused-address", "{url}: {}", said.stderr);
        assert!(sentence.contains(what), "{url}: {sentence}");
    }
    nobody_came(&listener);
}

#[test]
fn u01_u02_u03_u42_this_machine_by_ipv4() {
    all_refused(&[
        ("http://127.0.0.1:PORT/", "127.0.0.1"),
        ("http://2130706433:PORT/", "127.0.0.1"),
        ("http://0x7f000001:PORT/", "127.0.0.1"),
        ("http://017700000001:PORT/", "127.0.0.1"),
        ("http://0177.0.0.1:PORT/", "127.0.0.1"),
        ("http://127.1:PORT/", "127.0.0.1"),
        ("http://0x7f.1:PORT/", "127.0.0.1"),
        ("http://127.0.0.1.:PORT/", "127.0.0.1"),
        ("http://127.255.255.254:PORT/", "127.255.255.254"),
        ("http://0:PORT/", "0.0.0.0"),
        ("http://0.0.0.0:PORT/", "0.0.0.0"),
    ]);
}

#[test]
fn u04_u05_u06_u07_u08_u13_this_machine_by_ipv6() {
    all_refused(&[
        ("http://[::1]:PORT/", "[::1]"),
        ("http://[::]:PORT/", "[::]"),
        ("http://[::ffff:127.0.0.1]:PORT/", ""),
        ("http://[::ffff:7f00:1]:PORT/", ""),
        ("http://[::ffff:0.0.0.0]:PORT/", ""),
        ("http://[::7f00:1]:PORT/", ""),
        ("http://[64:ff9b::7f00:1]/", ""),
        ("http://[64:ff9b:1::a00:1]/", ""),
        ("http://[64:ff9b::808:808]/", ""),
        ("http://[2002:7f00:1::]/", ""),
        ("http://[2001:0:4136:e378:8000:63bf:3fff:fdd2]/", ""),
        ("http://[fe80::1]:PORT/", ""),
        ("http://[fec0::1]/", ""),
        ("http://[ff02::1]/", ""),
        ("http://[5f00::1]/", ""),
        ("http://[100::1]/", ""),
        ("http://[4000::1]/", ""),
    ]);
    let zone = Said::of(&["http://[fe80::1%25eth0]/".to_owned()]).at(1);
    assert_eq!(zone.0, "link/malformed");
}

/// Digits of other scripts, dots of other scripts, escapes, a name before `@`, a backslash (GHSA-rph4-96w6-q594), slashes left out.
#[test]
fn u14_u15_u16_u18_ghsa_rph4_96w6_q594_addresses_in_disguise() {
    all_refused(&[
        ("http://①②⑦.⓪.⓪.①:PORT/", "127.0.0.1"),
        ("http://127。0。0。1:PORT/", "127.0.0.1"),
        ("http://%31%32%37.0.0.1:PORT/", "127.0.0.1"),
        ("http://127.0.0.1:PORT\\@example.com/", "127.0.0.1"),
        ("http://127.0.0.1:PORT#@example.com/", "127.0.0.1"),
        ("http:///127.0.0.1:PORT/", "127.0.0.1"),
    ]);
    let (listener, port) = listen();
    for url in ["http://example.com@127.0.0.1:PORT/", "http:127.0.0.1:PORT/", "http:\\\\127.0.0.1:PORT\\"] {
        let (said, sentence) = Said::of(&[url.replace("PORT", &port.to_string())]).at(1);
        assert!(
            ["link/malformed", "excluded refused-address"].contains(&said.as_str()),
            "{url}: {said} {sentence}"
        );
    }
    nobody_came(&listener);
}

/// Neither case nor a final dot changes what a name is (CVE-2022-24825, CVE-2022-29188); some of these are placeholders (RFC 6761).
#[tokio::test(flavor = "multi_thread")]
async fn u23_cve_2022_24825_names_of_this_network() {
    let (listener, port) = listen();
    let names = [
        "localhost",
        "localhost.",
        "LOCALHOST",
        "foo.localhost",
        "x.local",
        "x.internal",
        "metadata.google.internal",
        "intranet",
        "intranet.",
    ];
    let urls = names.map(|name| format!("http://{name}:{port}/"));
    let said = Said::of(&urls);
    for (line, name) in names.iter().enumerate() {
        let (verdict, _) = said.at(line + 1);
        assert!(["excluded refused-address", "nothing"].contains(&verdict.as_str()), "{name}: {verdict}");
    }
    let help =
        Help::new(&[], move |asked| Reply::redirect(302, &format!("http://{}:{port}/", &asked.path[1..])))
            .await;
    help.write("help/a.md", &names.map(|name| format!("[a](https://docs.acme.net/{name})\n\n")).concat());
    let report = help.json(&["check"]);
    for target in report["targets"].as_array().unwrap() {
        assert_eq!(target["reason"], "refused-address", "{target:#}");
    }
    assert_eq!(report["targets"].as_array().unwrap().len(), names.len());
    nobody_came(&listener);
}

/// Redirects to every one of these, at the first hop and at the fourth: refused, nobody is asked, and the chain is kept.
#[tokio::test(flavor = "multi_thread")]
async fn u30_redirects_to_addresses_of_this_machine() {
    let (listener, port) = listen();
    let targets = [
        "http://127.0.0.1:PORT/",
        "http://2130706433:PORT/",
        "http://0x7f.1:PORT/",
        "http://0:PORT/",
        "http://[::1]:PORT/",
        "http://[::]:PORT/",
        "http://[::ffff:127.0.0.1]:PORT/",
        "http://[::7f00:1]:PORT/",
        "http://[64:ff9b::7f00:1]:PORT/",
        "http://[2002:7f00:1::]:PORT/",
        "http://169.254.169.254/",
        "http://①②⑦.⓪.⓪.①:PORT/",
        "http://%31%32%37.0.0.1:PORT/",
        "http://user@127.0.0.1:PORT/",
        "http:\t//127.0.0.1:PORT/",
        "//127.0.0.1:PORT/",
        "http:///127.0.0.1:PORT/",
    ];
    let help = Help::new(&[], move |asked| {
        let (hops, which) = asked.path[1..].split_once('/').unwrap();
        match (hops.parse::<usize>().unwrap_or_default(), which.parse::<usize>().unwrap_or_default()) {
            (0, which) => Reply::redirect(302, &targets[which].replace("PORT", &port.to_string())),
            (hops, which) => Reply::redirect(302, &format!("/{}/{which}", hops - 1)),
        }
    })
    .await;
    let link = |hops: usize, which: usize| format!("[x](http://docs.acme.net/{hops}/{which})\n\n");
    let all = (0..targets.len()).flat_map(|which| [link(0, which), link(3, which)]);
    help.write("help/a.md", &all.collect::<String>());
    let report = help.json(&["check", "--max-redirects", "5"]);
    let found = report["targets"].as_array().unwrap();
    assert_eq!(found.len(), 2 * targets.len());
    for target in found {
        let hops = if target["url"].as_str().unwrap().contains("/3/") { 4 } else { 1 };
        assert_eq!(
            (&target["verdict"], &target["reason"]),
            (&"excluded".into(), &"refused-address".into()),
            "{target:#}"
        );
        assert_eq!(target["hops"].as_array().unwrap().len(), hops, "{target:#}");
    }
    nobody_came(&listener);
}

/// Tabs and line ends leave a URL before it is read (WHATWG URL 4.4). In HTML that is how long ones are written; in Markdown the
/// author is told.
#[test]
fn u19_control_characters_in_a_url() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("a.html"), "<a href=\"http://ac\tme.net/&#13;&#10;X:1\">x</a>\n").unwrap();
    fs::write(folder.path().join("b.md"), "[x](<http://ac\tme.net/>) [y](<http://acme.net/&#10;X:1>)\n")
        .unwrap();
    let ran = run(folder.path(), &["links", "--format", "jsonl", "."]);
    let target = |line| serde_json::from_str::<Value>(line).unwrap()["target"].clone();
    let targets: Vec<Value> = ran.stdout.lines().map(target).collect();
    assert_eq!(targets, ["http://acme.net/X:1", "http://acme.net/", "http://acme.net/X:1"]);
    let ran = run(folder.path(), &["check", "--no-state", "--offline", "--format", "json", "."]);
    let report: Value = serde_json::from_str(&ran.stdout).unwrap();
    let said: Vec<_> =
        report["findings"].as_array().unwrap().iter().map(|finding| finding["suggestion"].clone()).collect();
    assert_eq!(said.len(), 2, "{report:#}");
    assert!(
        ["http://acme.net/", "http://acme.net/X:1"].iter().all(|url| said.contains(&(*url).into())),
        "{said:?}"
    );
}

/// Labels that decode to something else than they say are no host (RUSTSEC-2024-0421), nor is a name in brackets (CVE-2022-29188).
#[test]
fn u22_rustsec_2024_0421_cve_2022_29188_names_that_are_none() {
    let urls = [
        "http://xn--example-.org/",
        "http://acme.net.xn--/",
        "http://xn--/",
        "http://a.xn--ls8h-.net/",
        "http://[acme.net]/",
    ]
    .map(str::to_owned);
    let said = Said::with(&urls, &["--offline"]);
    for (line, url) in urls.iter().enumerate() {
        assert_eq!(said.at(line + 1).0, "link/malformed", "{url}");
    }
}

/// A page that sends its reader elsewhere without a redirect is not followed.
#[tokio::test(flavor = "multi_thread")]
async fn u33_a_refresh_is_not_followed() {
    let help = Help::new(&[("a.md", "[a](http://docs.acme.net/meta) [b](http://docs.acme.net/header)\n")], |asked| {
        match asked.path.as_str() {
            "/meta" => Reply::html("<title>A</title><meta http-equiv=refresh content=\"0;url=http://docs.acme.net/secret\"><p>Text"),
            "/header" => Reply::html("<title>B</title><p>Text").with("Refresh", "0;url=http://docs.acme.net/secret"),
            _ => Reply::status(404),
        }
    })
    .await;
    let report = help.json(&["check"]);
    assert_eq!(report["summary"]["by_verdict"]["ok"], 2, "{report:#}");
    assert!(!help.asked().iter().any(|url| url.contains("secret")), "{:?}", help.asked());
}

/// Proxies of the environment are not used unless asked for: a proxy resolves names itself, past every check.
#[test]
fn u35_proxies_of_the_environment_get_nothing() {
    let (listener, port) = listen();
    let folder = tempfile::tempdir().unwrap();
    let closed = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    fs::write(folder.path().join("a.md"), format!("[a](http://acme.net/) [b](http://{closed}/)\n")).unwrap();
    let resolve = format!("acme.net:80:{closed}");
    let fixed =
        ["check", "--no-state", "--max-retries", "0", "--format", "json", "--allow-private", "127.0.0.0/8"];
    let check = |more: &[&str]| {
        let mut command =
            command(folder.path(), &[&fixed[..], &["--resolve", &resolve], more, &["a.md"]].concat());
        for name in ["HTTP_PROXY", "http_proxy", "https_proxy", "ALL_PROXY"] {
            command.env(name, format!("http://127.0.0.1:{port}"));
        }
        command
    };
    let report: Value = serde_json::from_slice(&check(&[]).output().unwrap().stdout).unwrap();
    let reasons: Vec<_> =
        report["targets"].as_array().unwrap().iter().map(|target| &target["reason"]).collect();
    assert_eq!(reasons, ["connect-refused"; 2]);
    nobody_came(&listener);
    // The same environment, where it is asked for: somebody comes.
    listener.set_nonblocking(false).unwrap();
    let mut child = check(&["--proxy", "env"]).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    assert!(listener.accept().is_ok());
    child.kill().unwrap();
    child.wait().unwrap();
}

/// One target, however its URL is written; what WHATWG URL keeps apart stays apart (SPEC §2: nothing beyond its serialisation).
#[tokio::test(flavor = "multi_thread")]
async fn u40_spellings_of_one_url() {
    let help = Help::new(
        &[(
            "a.md",
            "[1](HTTP://ACME.net:80/../a/./b) [2](http://acme.net/a/b) [3](http://acme.net/a/b#x) [4](http://acme.net:/a/b#y)\n\
             [5](http://acme.net/a/%62) [6](http://acme.net./a/b)\n",
        )],
        |_| Reply::html("<title>A</title><h1 id=x>A</h1><h2 id=y>B</h2><p>Text"),
    )
    .await;
    let report = help.json(&["check"]);
    let asked: Vec<_> = help.asked().into_iter().filter(|url| !url.ends_with("/robots.txt")).collect();
    assert_eq!(asked.iter().filter(|url| *url == "http://acme.net/a/b").count(), 1, "{asked:?}");
    assert_eq!(asked.len(), 3, "{asked:?}");
    let targets = report["targets"].as_array().unwrap();
    let places = targets.iter().find(|target| target["url"] == "http://acme.net/a/b").unwrap()["references"]
        .as_array()
        .unwrap()
        .len();
    assert_eq!((targets.len(), places), (3, 4));
}

/// The services that clouds keep beside every machine: by address, by name, by redirect; production guard, real addresses.
#[tokio::test(flavor = "multi_thread")]
async fn u10_cve_2026_27696_metadata_services_are_never_asked() {
    if !namespace::inside(
        "faults::urls::u10_cve_2026_27696_metadata_services_are_never_asked",
        &[PUBLIC, METADATA, "168.63.129.16"],
        "nameserver 127.0.0.1\n",
    ) {
        return;
    }
    let _names = NameServer::start(|name, _| match name {
        "metadata.acme.net" => vec![METADATA],
        "mixed.acme.net" => vec![PUBLIC, "10.0.0.5"],
        "mapped.acme.net" => vec!["::ffff:10.0.0.1"],
        "docs.acme.net" => vec![PUBLIC],
        _ => vec![],
    })
    .await;
    let secret = Web::start_at(METADATA.parse().unwrap(), |_| Reply::html("secret")).await;
    let wire = Web::start_at("168.63.129.16".parse().unwrap(), |_| Reply::html("secret")).await;
    let public = Web::start_at(PUBLIC.parse().unwrap(), |asked| match asked.path.as_str() {
        "/in" => Reply::redirect(302, "http://169.254.169.254/latest"),
        "/named" => Reply::redirect(302, "http://metadata.acme.net/latest"),
        "/again" => Reply::redirect(302, "/in"),
        _ => Reply::html("<title>Public</title><p>Text"),
    })
    .await;
    let urls = [
        "http://docs.acme.net/",
        "http://169.254.169.254/",
        "http://168.63.129.16/",
        "http://[fd00:ec2::254]/",
        "http://100.100.100.200/",
        "http://169.254.170.2/",
        "http://metadata.acme.net/",
        "http://mixed.acme.net/",
        "http://mapped.acme.net/",
        "http://docs.acme.net/in",
        "http://docs.acme.net/named",
        "http://docs.acme.net/again",
    ]
    .map(str::to_owned);
    let said = Said::of(&urls);
    assert_eq!(said.at(1).0, "ok -", "{}", said.stderr);
    for line in 2..=urls.len() {
        assert_eq!(said.at(line).0, "excluded refused-address", "{}: {}", urls[line - 1], said.stderr);
    }
    assert_eq!((secret.connections(), wire.connections()), (0, 0));
    assert!(public.requests().len() >= 4);
}

/// A name that leads elsewhere at its second look-up (DNS rebinding): what was checked is what is connected to, at every request.
#[tokio::test(flavor = "multi_thread")]
async fn u28_u29_a_name_that_changes_between_look_ups() {
    if !namespace::inside(
        "faults::urls::u28_u29_a_name_that_changes_between_look_ups",
        &[PUBLIC],
        "nameserver 127.0.0.1\n",
    ) {
        return;
    }
    let names = NameServer::start(|name, before| match (name, before) {
        ("once.acme.net" | "turns.acme.net", 0) => vec![PUBLIC],
        ("turns.acme.net" | "once.acme.net", _) => vec!["127.0.0.1"],
        _ => vec![],
    })
    .await;
    let secret = TcpListener::bind("127.0.0.1:80").unwrap();
    secret.set_nonblocking(true).unwrap();
    let public = Web::start_at(PUBLIC.parse().unwrap(), |asked| match asked.path.as_str() {
        "/page" => Reply::html("<title>Public</title><p>Text").with("Connection", "close"),
        _ => Reply::status(503).with("Connection", "close"),
    })
    .await;
    // `once`: the page is asked for first, robots.txt then, and that has another address. `turns`: the repeat has.
    let urls = ["http://once.acme.net/page", "http://turns.acme.net/fails"].map(str::to_owned);
    let said = Said::with(&urls, &["--max-retries", "1"]);
    assert_eq!(said.at(1).0, "ok robots", "{}", said.stderr);
    assert_eq!(said.at(2).0, "excluded refused-address", "{}", said.stderr);
    nobody_came(&secret);
    assert_eq!(public.requests().len(), 2);
    // The third look-up of `once` is for whether https answers alike: refused as well.
    assert_eq!((names.asked("once.acme.net"), names.asked("turns.acme.net")), (3, 2));
}

/// A port that is not the web's is refused on a public address, too, and before anybody is asked.
#[test]
fn u34_ports_of_other_services() {
    let urls = ["http://93.184.216.34:22/", "http://93.184.216.34:25/", "http://93.184.216.34:0/"]
        .map(str::to_owned);
    let said = Said::of(&urls);
    for (line, port) in [(1, "22"), (2, "25"), (3, "0")] {
        let (verdict, sentence) = said.at(line);
        assert_eq!(verdict, "excluded refused-address");
        assert!(sentence.contains(&format!("port {port}")), "{sentence}");
    }
}

/// A URL that is too long is no URL, however long; it is told in few words.
#[test]
fn u41_urls_without_end() {
    let long = |length: usize| format!("http://acme.net/{}", "a".repeat(length));
    let query = format!("http://acme.net/?{}", (0..10_000).map(|n| format!("p{n}=1&")).collect::<String>());
    let said = Said::with(&[long(9 << 10), long(64 << 10), long(1 << 20), query], &["--offline"]);
    for line in 1..=4 {
        let (rule, sentence) = said.at(line);
        assert_eq!(rule, "link/malformed");
        assert!(sentence.len() < 1000, "{} bytes", sentence.len());
    }
    assert!(said.report.to_string().len() < 100_000, "{}", said.report.to_string().len());
}

/// No file of this machine is read through a URL, written or redirected to (CVE-2024-56509).
#[tokio::test(flavor = "multi_thread")]
async fn u31_cve_2024_56509_schemes_that_are_not_visited() {
    let help = Help::new(
        &[(
            "a.md",
            "[a](http://docs.acme.net/file) [b](http://docs.acme.net/data) [c](file:///etc/passwd)\n",
        )],
        |asked| match asked.path.as_str() {
            "/file" => Reply::redirect(302, "file:///etc/passwd"),
            "/data" => Reply::redirect(302, "data:text/html,secret"),
            _ => Reply::status(404),
        },
    )
    .await;
    let report = help.json(&["check"]);
    let targets = report["targets"].as_array().unwrap();
    assert_eq!(targets.len(), 2, "{report:#}");
    for target in targets {
        assert_eq!(
            (&target["verdict"], &target["reason"]),
            (&"excluded".into(), &"unsupported-scheme".into())
        );
        assert_eq!(target["hops"].as_array().unwrap().len(), 1);
    }
    assert!(!report.to_string().contains("root:"));
    assert!(Path::new("/etc/passwd").exists());
}
