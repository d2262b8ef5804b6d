//! Credentials and headers of `[[host]]`: sent where they belong, kept nowhere.

use std::fs;

use super::with;
use crate::support::cli::command;
use crate::support::help::Help;
use crate::support::web::Reply;

const SECRET: &str = "Bearer hunter2-0123456789";

fn configuration(help: &Help) -> String {
    format!(
        "{}\n[[host]]\nmatch = \"*.acme.net\"\nuser_agent = \"own/1\"\naccept = [418]\n\
         headers = {{ Authorization = \"env:ACME_TOKEN\", X-Key = \"file:key.txt\", X-Team = \"docs\" }}\n",
        help.configuration()
    )
}

/// H09, H10, G06, U17.
#[tokio::test(flavor = "multi_thread")]
async fn they_stay_with_their_origin_and_are_kept_nowhere() {
    let entry = "[a](https://in.acme.net/page) [b](https://in.acme.net/away) [c](https://in.acme.net/other)\n\
                 [d](https://out.net/page) [e](http://in.acme.net/plain) [f](https://in.acme.net/tea) [g](https://out.net/back)\n";
    let help = Help::new(&[("a.md", entry)], |asked| match (asked.name(), asked.path.as_str()) {
        (_, "/robots.txt") => Reply::status(404),
        (_, path) if path.contains("no-such-page") => Reply::status(404),
        (_, "/away") => Reply::redirect(302, "https://out.net/landed"),
        (_, "/other") => Reply::redirect(302, "https://other.acme.net/landed"),
        (_, "/back") => Reply::redirect(302, "https://in.acme.net/from-out"),
        (_, "/tea") => Reply::status(418),
        _ => Reply::html(
            "<title>Secret title</title><main><p>Words that only members read, and nobody else.</main>",
        ),
    })
    .await;
    help.write("linkdrift.toml", &configuration(&help));
    help.write("key.txt", "hunter2-key\n");
    let output = command(help.path(), &["check", "-vv", "--format", "json"])
        .env("ACME_TOKEN", SECRET)
        .output()
        .unwrap();
    let (stdout, stderr) =
        (String::from_utf8(output.stdout).unwrap(), String::from_utf8(output.stderr).unwrap());
    let report: serde_json::Value =
        serde_json::from_str(&stdout).unwrap_or_else(|_| panic!("{stdout}{stderr}"));
    assert_eq!(with(&report["targets"], "url", "https://in.acme.net/tea")["verdict"], "ok");

    for asked in help.requests().iter().filter(|asked| asked.path != "/robots.txt") {
        let own = asked.name() == "in.acme.net" && asked.path != "/from-out";
        let twin = asked.path == "/plain" && asked.scheme == "https";
        let probe = twin || asked.path.contains("no-such-page");
        let secret = own && asked.scheme == "https" && !probe;
        let what = format!("{} {} {}", asked.scheme, asked.host, asked.path);
        assert_eq!(asked.header("authorization") == Some(SECRET), secret, "{what}");
        assert_eq!(asked.header("authorization").is_some(), secret, "{what}");
        assert_eq!(asked.header("x-key"), secret.then_some("hunter2-key"), "{what}");
        assert_eq!(asked.header("x-team"), (own && !probe).then_some("docs"), "{what}");
        assert_eq!(asked.header("user-agent") == Some("own/1"), asked.name().ends_with("acme.net"), "{what}");
    }
    for entry in fs::read_dir(help.path()).unwrap() {
        let path = entry.unwrap().path();
        if path.is_file() && path.file_name().unwrap() != "key.txt" {
            let bytes = fs::read(&path).unwrap();
            assert!(!bytes.windows(7).any(|bytes| bytes == b"hunter2"), "{}", path.display());
        }
    }
    assert!(!stdout.contains("hunter2") && !stderr.contains("hunter2"), "{stderr}");
    // Nothing of the text is kept where credentials were sent.
    let database = fs::read(help.path().join("state.db")).unwrap();
    assert!(!database.is_empty());
    let shown = command(help.path(), &["diff", "https://in.acme.net/page"])
        .env("ACME_TOKEN", SECRET)
        .output()
        .unwrap();
    assert!(!String::from_utf8_lossy(&shown.stdout).contains("only members read"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_secret_that_is_missing_is_said_with_its_place() {
    let help = Help::new(&[("a.md", "[a](https://in.acme.net/page)\n")], |_| Reply::status(404)).await;
    let text = configuration(&help);
    help.write("linkdrift.toml", &text);
    help.write("key.txt", "k\n");
    let ran = help.run(&["check"]);
    let line = text.lines().position(|line| line.starts_with("headers")).unwrap() + 1;
    assert_eq!(ran.code, 1, "{}", ran.stderr);
    assert!(ran.stderr.contains(&format!("linkdrift.toml:{line}:29")), "{}", ran.stderr);
    assert!(ran.stderr.contains("ACME_TOKEN") && ran.stderr.contains("not set"), "{}", ran.stderr);
    assert!(help.asked().is_empty());
    // What visits nothing needs no secret.
    assert_eq!(help.run(&["links"]).code, 0);
}
