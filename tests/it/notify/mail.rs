//! Mail, with and without TLS.

use crate::support::smtp::{Security, Smtp};
use crate::support::web::Reply;

use super::{help, posted, run};

fn receiver(smtp: &Smtp, encryption: &str) -> String {
    format!(
        "mail = [\"Docs <docs@example.org>\", \"b@example.org\"]\nfrom = \"linkdrift@example.org\"\n\
         smtp = \"localhost:{}\"\nencryption = \"{encryption}\"\n",
        smtp.address.port()
    )
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_is_one_mail_that_everybody_gets() {
    let smtp = Smtp::start(Security::None, |_| "250 taken").await;
    let help = help(&receiver(&smtp, "none"), |_| Reply::status(200)).await;
    run(&help);
    run(&help);
    let mails = smtp.mails();
    assert_eq!(mails.len(), 1);
    assert!(mails[0].from.starts_with("MAIL FROM:<linkdrift@example.org>"), "{}", mails[0].from);
    assert_eq!(mails[0].to, ["RCPT TO:<docs@example.org>", "RCPT TO:<b@example.org>"]);
    for line in
        ["Subject: linkdrift: 2 errors new (daily)", "Auto-Submitted: auto-generated", "docs.acme.net/one"]
    {
        assert!(mails[0].text.contains(line), "{line} in {}", mails[0].text);
    }
    assert!(posted(&help).is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn names_and_passwords_go_over_tls_only() {
    for (security, encryption) in [(Security::Starttls, "starttls"), (Security::Tls, "tls")] {
        let smtp = Smtp::start(security, |_| "250 taken").await;
        let login = format!("{}user = \"docs\"\npassword = \"file:password\"", receiver(&smtp, encryption));
        let help = help(&login, |_| Reply::status(200)).await;
        help.write("password", "hunter2\n");
        // The server's certificate is nobody's that we know.
        let stranger = help.run(&["notify", "test"]);
        assert_eq!(stranger.code, 1, "{}", stranger.stdout);
        assert!(smtp.mails().is_empty());
        let text = std::fs::read_to_string(help.path().join("linkdrift.toml")).unwrap();
        let known = text.replace("ca_files = [", &format!("ca_files = [{:?}, ", smtp.ca_file()));
        help.write("linkdrift.toml", &known);
        let ran = help.run(&["notify", "test"]);
        assert_eq!((ran.code, ran.stdout.as_str()), (0, "team: taken\n"), "{encryption}: {}", ran.stderr);
        let mail = smtp.mails().remove(0);
        assert!(mail.encrypted, "{encryption}");
        // \0docs\0hunter2
        assert_eq!(mail.login.as_deref(), Some("AGRvY3MAaHVudGVyMg=="));
    }
    // A server that offers no STARTTLS gets nothing.
    let smtp = Smtp::start(Security::None, |_| "250 taken").await;
    let help = help(&receiver(&smtp, "starttls"), |_| Reply::status(200)).await;
    assert_eq!(help.run(&["notify", "test"]).code, 1);
    assert!(smtp.mails().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refusal_is_for_good_and_a_failure_is_not() {
    for (answer, says) in [("550 no such user", "given up"), ("451 come back", "tried again")] {
        let smtp = Smtp::start(Security::None, move |_| answer).await;
        let help = help(&receiver(&smtp, "none"), |_| Reply::status(200)).await;
        let stderr = run(&help);
        assert!(stderr.contains(says) && stderr.contains(&answer[4..]), "{stderr}");
        // Refused together, it is offered to each of the two alone.
        assert_eq!(smtp.mails().len(), if answer.starts_with('5') { 3 } else { 1 });
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn one_recipient_who_is_refused_costs_the_others_nothing() {
    let smtp = Smtp::start(Security::None, |_| "250 taken").await;
    let receivers = receiver(&smtp, "none").replace("b@example.org", "gone@example.org");
    let help = help(&receivers, |_| Reply::status(200)).await;
    let stderr = run(&help);
    assert!(stderr.contains("gone@example.org") && stderr.contains("no such user"), "{stderr}");
    let mails = smtp.mails();
    assert_eq!(mails.len(), 1);
    assert_eq!(mails[0].to, ["RCPT TO:<docs@example.org>"]);
    run(&help);
    assert_eq!(smtp.mails().len(), 1, "it is over");
}
