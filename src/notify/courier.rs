//! Takes messages from the outbox to their receivers.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use tokio::task::JoinSet;

use super::{Attempt, Letter, decide, mail, retry, webhook};
use crate::config::{Config, NotifySettings, Recipient};
use crate::store::{Fate, Message, Store, StoreError};
use crate::time::{Clock, Timestamp};
use crate::visit::{Poster, VisitorError};

/// Receivers whose messages are looked at together.
const RECEIVERS: usize = 1000;
/// Between two messages to one receiver.
const PACE: Duration = Duration::from_secs(1);
/// Messages to one receiver in one turn; the others wait for the next.
const TURN: usize = 20;

/// Delivers messages; whoever owns it says when.
#[derive(Clone)]
pub struct Courier<S> {
    /// The state.
    pub store: S,
    /// Who the receivers are, and how addresses are reached.
    pub config: Arc<Config>,
    /// The clock.
    pub clock: Arc<dyn Clock>,
}

/// What a turn came to.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Delivered {
    /// Receivers that took a message, one each time.
    pub delivered: Vec<String>,
    /// Receivers with a message that is tried again.
    pub later: Vec<String>,
    /// Receivers with a message that was given up.
    pub given_up: Vec<String>,
    /// When the next message is due, as far as one waits.
    pub next: Option<Timestamp>,
}

impl<S: Store> Courier<S> {
    /// Tries every message that is due: receivers side by side, the messages of each in their order. What became of each is durable
    /// before the next is tried.
    pub async fn deliver(&self) -> Result<Delivered, StoreError> {
        let mut came_to = Delivered::default();
        let mut poster: Option<Result<Arc<Poster>, String>> = None;
        for turn in 0..TURN {
            let now = self.clock.now();
            let waiting = self.store.messages(RECEIVERS).await?;
            let (due, later): (Vec<Message>, Vec<Message>) =
                waiting.into_iter().partition(|message| retry::is_due(message.due_at, now));
            came_to.next = later.iter().map(|message| message.due_at).min();
            if due.is_empty() {
                return Ok(came_to);
            }
            if turn > 0 {
                tokio::time::sleep(PACE).await;
            }
            let poster = poster.get_or_insert_with(|| self.poster());
            self.attempt_all(due, poster, &mut came_to).await?;
        }
        // What is left is due at once.
        came_to.next = Some(self.clock.now());
        Ok(came_to)
    }

    /// Sends one message, whatever the outbox holds.
    pub async fn send(&self, receiver: &NotifySettings, letter: &Letter<'_>) -> Attempt {
        send(receiver, &self.config, &self.poster(), letter, self.clock.now()).await
    }

    fn poster(&self) -> Result<Arc<Poster>, String> {
        Poster::new(&self.config.visit).map(Arc::new).map_err(|error: VisitorError| error.to_string())
    }

    async fn attempt_all(
        &self,
        due: Vec<Message>,
        poster: &Result<Arc<Poster>, String>,
        came_to: &mut Delivered,
    ) -> Result<(), StoreError> {
        let mut attempts = JoinSet::new();
        let mut under_way = HashMap::new();
        for message in due {
            let (config, poster, now) = (Arc::clone(&self.config), poster.clone(), self.clock.now());
            let (name, digest) = (message.receiver.clone(), message.digest.clone());
            let task = attempts.spawn(async move {
                let letter = Letter { receiver: &name, digest: &digest };
                match config.notify.iter().find(|known| known.name == name) {
                    Some(receiver) => send(receiver, &config, &poster, &letter, now).await,
                    None => Attempt::Refused("no receiver of this name is configured any more".to_owned()),
                }
            });
            under_way.insert(task.id(), message);
        }
        while let Some(ended) = attempts.join_next_with_id().await {
            let (task, attempt) = ended.unwrap_or_else(|error| {
                let why = "a fault in linkdrift itself: please report it".to_owned();
                (error.id(), Attempt::Failed { why, wait: None })
            });
            let Some(message) = under_way.remove(&task) else { continue };
            let fate = decide(attempt, message.attempts, message.created_at, self.clock.now());
            let name = message.receiver;
            match &fate {
                Fate::Delivered => {
                    tracing::info!(receiver.name = %name, run.id = message.digest.run, "told");
                    came_to.delivered.push(name);
                }
                Fate::Later { at, why } => {
                    tracing::warn!(receiver.name = %name, run.id = message.digest.run, "not told, tried again at {at}: {why}");
                    came_to.later.push(name);
                }
                Fate::GivenUp { why } => {
                    tracing::error!(receiver.name = %name, run.id = message.digest.run, "not told, given up: {why}");
                    came_to.given_up.push(name);
                }
            }
            self.store.settle_message(message.id, fate).await?;
        }
        Ok(())
    }
}

async fn send(
    receiver: &NotifySettings,
    config: &Config,
    poster: &Result<Arc<Poster>, String>,
    letter: &Letter<'_>,
    now: Timestamp,
) -> Attempt {
    match (&receiver.to, poster) {
        (Recipient::Webhook(settings), Ok(poster)) => webhook::send(settings, poster, letter, now).await,
        (Recipient::Webhook(_), Err(why)) => Attempt::Failed { why: why.clone(), wait: None },
        (Recipient::Mail(settings), _) => mail::send(settings, &config.visit.ca_files, letter).await,
    }
}
