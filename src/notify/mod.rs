//! Messages from the outbox to their receivers: what they look like, how they are sent, what becomes of those that were not taken.
//!
//! A message is queued with the findings it tells of, in one transaction (`store`), and keeps its id whatever becomes of it: a delivery
//! that was cut before the receiver's answer came is repeated under the same id.

mod courier;
mod letter;
mod mail;
mod retry;
mod webhook;

pub use courier::{Courier, Delivered};
pub use letter::Letter;
pub use retry::{Attempt, decide};

use crate::config::NotifySettings;
use crate::report::{Counts, Digest, DigestCause};
use crate::time::Timestamp;

/// A digest that says that it is a test.
pub fn test_digest(at: Timestamp) -> Digest {
    Digest {
        run: 0,
        name: "notify test".to_owned(),
        at,
        new: Counts { info: 1, ..Counts::default() },
        resolved: Counts::default(),
        causes: vec![DigestCause {
            rule: "notify/test".to_owned(),
            severity: crate::config::Severity::Info,
            message: "This is a test of linkdrift's notifications: nothing is wrong".to_owned(),
            suggestion: None,
            target: None,
            findings: 1,
            fan_in: "1 place".to_owned(),
            places: Vec::new(),
        }],
        resolved_causes: Vec::new(),
    }
}

/// What would be sent, for people: where it goes, without what is secret, and the text of it.
pub fn preview(receiver: &NotifySettings, letter: &Letter<'_>) -> Result<String, String> {
    match &receiver.to {
        crate::config::Recipient::Webhook(settings) => {
            Ok(format!("POST {}\n\n{}\n", webhook::place(settings), webhook::body(settings.shape, letter)))
        }
        crate::config::Recipient::Mail(settings) => {
            let mail = mail::compose(settings, letter)?;
            let text = String::from_utf8_lossy(&mail.formatted()).replace("\r\n", "\n");
            Ok(format!("mail through {}:{}\n\n{text}\n", settings.host, settings.port))
        }
    }
}
