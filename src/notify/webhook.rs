//! Bodies of POST requests, and how they are sent. No page text, URL or name can be markup, a mention or a link of ours in them.

use std::time::Duration;

use reqwest::header::{AUTHORIZATION, HeaderMap, HeaderName, HeaderValue};
use serde::Serialize;
use serde_json::json;

use super::{Attempt, Letter};
use crate::config::{Shape, WebhookSettings, WebhookUrl};
use crate::report::{Counts, DigestCause};
use crate::time::Timestamp;
use crate::visit::{Posted, Poster};

/// How long a receiver may take.
const WITHIN: Duration = Duration::from_secs(30);
/// The most text of a message, in bytes: Slack cuts at 40,000 characters, Teams refuses more than 28 KB.
const TEXT: usize = 10_000;

/// Where a message goes, without what is secret.
pub(super) fn place(settings: &WebhookSettings) -> String {
    match &settings.url {
        WebhookUrl::Written(url) => url.to_string(),
        WebhookUrl::Secret(secret) => secret.to_string(),
    }
}

/// The body, as JSON.
pub(super) fn body(shape: Shape, letter: &Letter<'_>) -> String {
    match shape {
        Shape::Json => own(letter),
        Shape::Slack => slack(letter),
        Shape::Teams => teams(letter),
    }
}

/// Sends a message.
pub(super) async fn send(
    settings: &WebhookSettings,
    poster: &Poster,
    letter: &Letter<'_>,
    now: Timestamp,
) -> Attempt {
    let failed = |why| Attempt::Failed { why, wait: None };
    let url = match settings.url.read() {
        Ok(url) => url,
        Err(why) => return failed(why),
    };
    let mut headers = HeaderMap::new();
    if let Some(token) = &settings.token {
        let header = token.read().and_then(|value| {
            HeaderValue::from_str(&format!("Bearer {value}"))
                .map_err(|_| format!("{token} is not fit for a header"))
        });
        match header {
            Ok(mut header) => {
                header.set_sensitive(true);
                headers.insert(AUTHORIZATION, header);
            }
            Err(why) => return failed(why),
        }
    }
    if let Ok(id) = HeaderValue::from_str(&letter.id()) {
        headers.insert(HeaderName::from_static("idempotency-key"), id);
    }
    attempt(poster.post(url, headers, body(settings.shape, letter), WITHIN, now).await)
}

/// What an answer means.
fn attempt(posted: Posted) -> Attempt {
    match posted {
        Posted::Answered { status: 200..300, .. } => Attempt::Taken,
        Posted::Answered { status: status @ 300..400, .. } => Attempt::Refused(format!(
            "it answers {status}: redirects are not followed, name the URL it leads to"
        )),
        Posted::Answered { status: status @ (408 | 425 | 429 | 500..), wait } => {
            Attempt::Failed { why: format!("it answers {status}"), wait }
        }
        Posted::Answered { status, .. } => Attempt::Refused(format!("it answers {status}")),
        Posted::Refused(why) => {
            Attempt::Refused(format!("{why}; [visit] allow_private opens addresses of your own"))
        }
        Posted::Failed(why) => Attempt::Failed { why, wait: None },
    }
}

/// `linkdrift/notification/1`; appended to, never changed.
fn own(letter: &Letter<'_>) -> String {
    #[derive(Serialize)]
    struct Wire<'a> {
        schema: &'static str,
        id: String,
        receiver: &'a str,
        title: String,
        run: Run<'a>,
        new: Counts,
        resolved: Counts,
        causes: &'a [DigestCause],
        resolved_causes: &'a [DigestCause],
        left_out: u64,
    }
    #[derive(Serialize)]
    struct Run<'a> {
        id: i64,
        name: &'a str,
        at: Timestamp,
    }
    let digest = letter.digest;
    let wire = Wire {
        schema: "linkdrift/notification/1",
        id: letter.id(),
        receiver: letter.receiver,
        title: letter.title(),
        run: Run { id: digest.run, name: &digest.name, at: digest.at },
        new: digest.new,
        resolved: digest.resolved,
        causes: &digest.causes,
        resolved_causes: &digest.resolved_causes,
        left_out: digest.left_out(),
    };
    serde_json::to_string(&wire).unwrap_or_default()
}

/// An incoming webhook of Slack. `&`, `<` and `>` are the only characters that make markup of ours or mentions there; what understands
/// the same bodies also takes `@all` for a mention.
fn slack(letter: &Letter<'_>) -> String {
    let text = std::iter::once(letter.title()).chain(letter.lines(TEXT)).collect::<Vec<_>>().join("\n");
    let text = text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('@', "@\u{200b}");
    json!({ "text": text, "mrkdwn": false, "link_names": false, "unfurl_links": false, "unfurl_media": false })
        .to_string()
}

/// An adaptive card, as workflows of Microsoft Teams take it. Text runs are shown as they are; text blocks would be Markdown.
fn teams(letter: &Letter<'_>) -> String {
    let run = |text: String, weight: &str| json!({ "type": "RichTextBlock", "inlines": [{ "type": "TextRun", "text": text, "weight": weight }] });
    let title = run(letter.title(), "Bolder");
    let lines = letter.lines(TEXT).into_iter().map(|line| run(line, "Default"));
    let body: Vec<serde_json::Value> = std::iter::once(title).chain(lines).collect();
    json!({
        "type": "message",
        "attachments": [{
            "contentType": "application/vnd.microsoft.card.adaptive",
            "contentUrl": null,
            "content": {
                "$schema": "http://adaptivecards.io/schemas/adaptive-card.json",
                "type": "AdaptiveCard",
                "version": "1.4",
                "msteams": { "width": "Full" },
                "body": body,
            },
        }],
    })
    .to_string()
}

#[cfg(test)]
mod tests {
    use super::super::letter::tests::digest;
    use super::*;

    #[test]
    fn what_answers_mean() {
        let answered = |status| attempt(Posted::Answered { status, wait: None });
        for status in [200, 201, 202, 204] {
            assert_eq!(answered(status), Attempt::Taken, "{status}");
        }
        for status in [301, 302, 308, 400, 401, 403, 404, 405, 410, 413, 422, 451] {
            assert!(matches!(answered(status), Attempt::Refused(_)), "{status}");
        }
        for status in [408, 425, 429, 500, 502, 503, 504, 599, 999] {
            assert!(matches!(answered(status), Attempt::Failed { wait: None, .. }), "{status}");
        }
        let wait = Some(Duration::from_secs(120));
        assert!(matches!(
            attempt(Posted::Answered { status: 429, wait }),
            Attempt::Failed { wait: Some(_), .. }
        ));
        assert!(matches!(attempt(Posted::Refused("10.0.0.1: private use".into())), Attempt::Refused(_)));
        assert!(matches!(attempt(Posted::Failed("reset".into())), Attempt::Failed { .. }));
    }

    #[test]
    fn nothing_from_outside_is_markup_or_a_mention() {
        let hostile =
            "<!channel> <https://evil.example|x> @all [a](javascript:x) *b* \u{202e}\u{1b}[31m & </script>";
        let digest = digest(&[hostile]);
        let letter = Letter { receiver: "team", digest: &digest };
        let slack: serde_json::Value = serde_json::from_str(&body(Shape::Slack, &letter)).unwrap();
        let text = slack["text"].as_str().unwrap();
        assert!(!text.contains(['<', '>']) && !text.contains("@all"), "{text}");
        let teams: serde_json::Value = serde_json::from_str(&body(Shape::Teams, &letter)).unwrap();
        let blocks = teams["attachments"][0]["content"]["body"].as_array().unwrap();
        assert!(blocks.len() == 2 && blocks.iter().all(|block| block["type"] == "RichTextBlock"), "{teams}");
        for shape in [Shape::Json, Shape::Slack, Shape::Teams] {
            assert!(!body(shape, &letter).contains(['\u{202e}', '\u{1b}']));
        }
    }

    #[test]
    fn bodies_are_bounded() {
        let long = "x\u{1F600}".repeat(4000);
        let digest = digest(&vec![long.as_str(); 500]);
        let letter = Letter { receiver: "team", digest: &digest };
        assert!(body(Shape::Slack, &letter).len() < 28_000);
        assert!(body(Shape::Teams, &letter).len() < 28_000);
        assert!(body(Shape::Json, &letter).len() < 100_000);
    }

    #[test]
    fn our_own_shape() {
        let digest = digest(&["x answers 404"]);
        let letter = Letter { receiver: "team", digest: &digest };
        let wire: serde_json::Value = serde_json::from_str(&body(Shape::Json, &letter)).unwrap();
        let place = &digest.causes[0].places[0];
        let expected = json!({
            "schema": "linkdrift/notification/1",
            "id": letter.id(),
            "receiver": "team",
            "title": "linkdrift: 1 error new (docs-pages)",
            "run": { "id": 7, "name": "docs-pages", "at": "1970-01-01T00:00:00Z" },
            "new": { "error": 1, "warning": 0, "info": 0 },
            "resolved": { "error": 0, "warning": 0, "info": 0 },
            "causes": [{
                "rule": "link/broken",
                "severity": "error",
                "message": "x answers 404",
                "suggestion": "https://a.org/y",
                "target": "https://a.org/x",
                "findings": 1,
                "fan_in": "1 place",
                "places": [{ "finding": place.finding, "source": "ro-RO", "entry": "a.md", "line": 27, "column": 84 }],
            }],
            "resolved_causes": [],
            "left_out": 0,
        });
        assert_eq!(wire, expected);
    }
}
