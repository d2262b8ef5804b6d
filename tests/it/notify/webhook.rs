//! POST requests.

use crate::support::web::Reply;

use super::{BOTH, HOOK, ONE, help, posted, run, told};

const ONE_URL: &str = "https://docs.acme.net/one";
const TWO_URL: &str = "https://docs.acme.net/two";

#[tokio::test(flavor = "multi_thread")]
async fn a_run_tells_what_is_new_and_what_is_resolved_once() {
    let help = help(&format!("webhook = \"https://{HOOK}/x\""), |_| Reply::status(204)).await;
    run(&help);
    let first = posted(&help);
    assert_eq!(first.len(), 1, "one message for all that was found");
    assert_eq!((first[0].method.as_str(), first[0].path.as_str()), ("POST", "/x"));
    assert_eq!(first[0].header("content-type"), Some("application/json"));
    let message: serde_json::Value = serde_json::from_str(&first[0].body).unwrap();
    assert_eq!(message["schema"], "linkdrift/notification/1");
    assert_eq!(first[0].header("idempotency-key"), message["id"].as_str());
    assert_eq!(message["run"]["name"], "daily");
    assert_eq!(told(&first[0].body), (vec![ONE_URL.to_owned(), TWO_URL.to_owned()], Vec::new()));
    let place = &message["causes"][0]["places"][0];
    assert_eq!((place["entry"].as_str(), place["line"].as_u64()), (Some("a.md"), Some(3)));

    run(&help);
    assert_eq!(posted(&help).len(), 1, "told twice");
    // A check tells nobody unless it is asked to.
    help.write("help/a.md", ONE);
    assert_eq!(help.run(&["check", "--format", "none"]).code, 2);
    assert_eq!(posted(&help).len(), 1);
    assert_eq!(help.run(&["check", "--format", "none", "--notify"]).code, 2);
    assert_eq!(told(&posted(&help)[1].body), (Vec::new(), vec![TWO_URL.to_owned()]));
    help.write("help/a.md", BOTH);
    run(&help);
    assert_eq!(told(&posted(&help)[2].body), (vec![TWO_URL.to_owned()], Vec::new()));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_receiver_that_fails_is_tried_again_and_one_that_refuses_is_not() {
    let receiver = format!("webhook = \"https://{HOOK}/x\"");
    let passing = help(&receiver, |asked| Reply::status(if asked.before == 0 { 503 } else { 200 })).await;
    let stderr = run(&passing);
    assert!(stderr.contains("tried again") && stderr.contains("503"), "{stderr}");
    run(&passing);
    assert_eq!(posted(&passing).len(), 1, "it is not due yet, and nothing else is new");

    // 404, a redirect: for good, and news again for the next run.
    for status in [404, 307] {
        let refusing = help(&receiver, move |asked| match (asked.before, status) {
            (0, 307) => Reply::redirect(307, "https://elsewhere.acme.net/x"),
            (0, status) => Reply::status(status),
            _ => Reply::status(200),
        })
        .await;
        let stderr = run(&refusing);
        assert!(stderr.contains("given up") && stderr.contains(&status.to_string()), "{stderr}");
        assert!(refusing.asked().iter().all(|url| !url.contains("elsewhere")), "a redirect was followed");
        run(&refusing);
        let bodies: Vec<_> = posted(&refusing).into_iter().map(|asked| told(&asked.body)).collect();
        assert_eq!(bodies.len(), 2, "{status}");
        assert_eq!(bodies[0], bodies[1]);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_guard_stands_before_receivers_too() {
    let help = help("webhook = \"http://127.0.0.1:9/x\"", |_| Reply::status(200)).await;
    let stderr = run(&help);
    assert!(stderr.contains("given up") && stderr.contains("allow_private"), "{stderr}");
    let stopped = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = stopped.local_addr().unwrap();
    let configuration = help.configuration();
    let receiver = format!("[[notify]]\nname = \"team\"\nwebhook = \"http://{address}/x\"\n");
    help.write("linkdrift.toml", &format!("{configuration}\n{receiver}"));
    let test = ["notify", "test", "team"];
    let ran = help.run(&test);
    assert_eq!(ran.code, 1);
    assert!(ran.stdout.contains("team: not taken: 127.0.0.1: loopback"), "{}", ran.stdout);
    stopped.set_nonblocking(true).unwrap();
    assert!(stopped.accept().is_err(), "something connected");
}

#[tokio::test(flavor = "multi_thread")]
async fn secrets_are_sent_and_shown_nowhere() {
    let receiver = "webhook = \"file:hook\"\nshape = \"slack\"\ntoken = \"file:token\"";
    let help = help(receiver, |asked| Reply::status(if asked.before == 0 { 500 } else { 403 })).await;
    help.write("hook", &format!("https://{HOOK}/services/hunter2\n"));
    help.write("token", "tok-hunter3\n");
    let stderr = run(&help);
    let asked = posted(&help);
    assert_eq!((asked.len(), asked[0].path.as_str()), (1, "/services/hunter2"));
    assert_eq!(asked[0].header("authorization"), Some("Bearer tok-hunter3"));
    let body: serde_json::Value = serde_json::from_str(&asked[0].body).unwrap();
    assert!(
        body["text"].as_str().unwrap().starts_with("linkdrift: 2 errors new (daily)\nerror link/broken: "),
        "{body}"
    );
    let dry = help.run(&["-vv", "notify", "test", "--dry-run"]);
    assert_eq!(dry.code, 0, "{}", dry.stderr);
    assert!(dry.stdout.contains("POST file:") && dry.stdout.contains("This is a test"), "{}", dry.stdout);
    assert_eq!(posted(&help).len(), 1, "a dry run sends nothing");
    let real = help.run(&["notify", "test"]);
    assert_eq!(
        (real.code, real.stdout.as_str()),
        (1, "team: not taken: it answers 403\n"),
        "{}",
        real.stderr
    );
    // Nobody listens there.
    help.write("hook", "https://nobody.invalid/services/hunter2\n");
    let failed = help.run(&["notify", "test"]);
    let state = String::from_utf8_lossy(&std::fs::read(help.path().join("state.db")).unwrap()).into_owned();
    for text in [stderr, dry.stdout, dry.stderr, real.stderr, failed.stdout, failed.stderr, state] {
        assert!(!text.contains("hunter2") && !text.contains("hunter3"), "a secret is shown: {text:.300}");
    }
    std::fs::remove_file(help.path().join("token")).unwrap();
    let missing = help.run(&["notify", "test"]);
    assert!(missing.code == 1 && missing.stdout.contains("token cannot be read"), "{}", missing.stdout);
}

#[tokio::test(flavor = "multi_thread")]
async fn receivers_that_cannot_be_meant_are_named() {
    let help = help("webhook = \"env:HOOK\"", |_| Reply::status(200)).await;
    let unknown = help.run(&["notify", "test", "nobody"]);
    assert!(unknown.code == 1 && unknown.stderr.contains("there are: team"), "{}", unknown.stderr);
    let unset = help.run(&["notify", "test"]);
    assert_eq!(
        (unset.code, unset.stdout.as_str()),
        (1, "team: not taken: env:HOOK is not set, or not UTF-8\n")
    );
    let forgets = help.run(&["check", "--no-state", "--notify"]);
    assert!(forgets.code == 1 && forgets.stderr.contains("needs a state that lasts"), "{}", forgets.stderr);
    help.write("linkdrift.toml", &help.configuration());
    let none = help.run(&["notify", "test"]);
    assert!(none.code == 1 && none.stderr.contains("names no receiver"), "{}", none.stderr);
}
