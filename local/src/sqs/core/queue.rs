//! One queue: its messages and the orders they stand in.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
    time::Duration,
};

use taskway_protocol::Time;

use super::{
    Draft, MessageId,
    message::{Key, Message, Phase, Received},
    receipt::Receipt,
    settings::{Settings, arn},
};
use crate::sqs::SqsError;

/// How many messages of a standard queue can be in flight.
pub(super) const IN_FLIGHT_LIMIT: usize = 120_000;

/// The longest a message stays hidden after one receive.
const MAX_HIDDEN: Duration = Duration::from_secs(43_200);

/// How many messages a queue holds, by what they wait for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// A receive would find them.
    pub visible: usize,
    /// Received, and neither deleted nor visible again.
    pub in_flight: usize,
    /// Not visible yet for the first time.
    pub delayed: usize,
}

/// What a receiver of a queue can expect.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outlook {
    /// A receive finds something.
    Ready,
    /// Nothing until this time, unless a call changes it.
    Due(Time),
    /// Nothing, unless a call changes it.
    Idle,
}

#[derive(Debug)]
pub(super) struct Queue {
    arn: Arc<str>,
    /// Marks this queue's receipts: one that was deleted and made again must not accept those of its former self.
    pub(super) nonce: u64,
    pub(super) settings: Settings,
    pub(super) tags: BTreeMap<String, String>,
    created: Time,
    pub(super) modified: Time,
    pub(super) purged: Option<Time>,
    /// Boxed, because a tree's nodes are half empty when they are filled in order.
    messages: BTreeMap<Key, Box<Message>>,
    /// The visible ones, by when they became so: a message that comes back stands behind those that waited.
    ready: BTreeSet<(Time, Key)>,
    /// The delayed and those in flight, by when they become visible.
    waiting: BTreeSet<(Time, Key)>,
    /// All, by when they were sent: retention ends in this order.
    by_age: BTreeSet<(Time, Key)>,
    in_flight: usize,
    last_key: u64,
}

impl Queue {
    pub(super) fn new(name: &str, nonce: u64, settings: Settings, now: Time) -> Self {
        Queue {
            arn: arn(name).into(),
            nonce,
            settings,
            tags: BTreeMap::new(),
            created: now,
            modified: now,
            purged: None,
            messages: BTreeMap::new(),
            ready: BTreeSet::new(),
            waiting: BTreeSet::new(),
            by_age: BTreeSet::new(),
            in_flight: 0,
            last_key: 0,
        }
    }

    pub(super) fn arn(&self) -> Arc<str> {
        Arc::clone(&self.arn)
    }

    pub(super) fn default_visibility(&self) -> Duration {
        Duration::from_secs(self.settings.visibility.into())
    }

    /// Lets the time be `now`: what is due becomes visible, what is beyond its retention goes.
    pub(super) fn settle(&mut self, now: Time) {
        let oldest = now.before(Duration::from_secs(self.settings.retention.into()));
        while let Some((sent, key)) = self.by_age.first().copied()
            && sent < oldest
        {
            self.remove(key);
        }
        while let Some((due, key)) = self.waiting.first().copied()
            && due <= now
        {
            self.enter(key, Phase::Visible { since: due });
        }
    }

    pub(super) fn counts(&self) -> Counts {
        let delayed = self.waiting.len() - self.in_flight;
        Counts { visible: self.ready.len(), in_flight: self.in_flight, delayed }
    }

    pub(super) fn outlook(&self) -> Outlook {
        if !self.ready.is_empty() && self.in_flight < IN_FLIGHT_LIMIT {
            return Outlook::Ready;
        }
        self.waiting.first().map_or(Outlook::Idle, |(due, _)| Outlook::Due(*due))
    }

    pub(super) fn attributes(&self) -> BTreeMap<&'static str, String> {
        let counts = self.counts();
        let mut all = self.settings.attributes();
        all.extend([
            ("QueueArn", self.arn.to_string()),
            ("CreatedTimestamp", self.created.as_secs().to_string()),
            ("LastModifiedTimestamp", self.modified.as_secs().to_string()),
            ("ApproximateNumberOfMessages", counts.visible.to_string()),
            ("ApproximateNumberOfMessagesNotVisible", counts.in_flight.to_string()),
            ("ApproximateNumberOfMessagesDelayed", counts.delayed.to_string()),
        ]);
        all
    }

    /// Puts a new message in.
    pub(super) fn add(&mut self, draft: Draft, id: MessageId, now: Time) -> Key {
        let delay = draft.delay.unwrap_or(Duration::from_secs(self.settings.delay.into()));
        let phase = match delay {
            Duration::ZERO => Phase::Visible { since: now },
            delay => Phase::Delayed { until: now.after(delay) },
        };
        self.insert(Message {
            id,
            body: draft.body,
            attributes: draft.attributes,
            group: draft.group,
            source: None,
            sent: now,
            first_received: now,
            receives: 0,
            deliveries: 0,
            phase,
        })
    }

    /// Puts another queue's dead letter in. It keeps its age, which is why a dead-letter queue should retain longer.
    pub(super) fn bury(&mut self, message: Message, source: Arc<str>, now: Time) {
        let phase = Phase::Visible { since: now };
        self.insert(Message { source: Some(source), deliveries: 0, phase, ..message });
    }

    pub(super) fn insert(&mut self, message: Message) -> Key {
        self.last_key += 1;
        let key = Key(self.last_key);
        self.by_age.insert((message.sent, key));
        self.index(key, message.phase);
        self.messages.insert(key, Box::new(message));
        key
    }

    pub(super) fn remove(&mut self, key: Key) -> Option<Message> {
        let message = self.messages.remove(&key)?;
        self.by_age.remove(&(message.sent, key));
        self.unindex(key, message.phase);
        Some(*message)
    }

    pub(super) fn clear(&mut self) {
        self.messages.clear();
        self.ready.clear();
        self.waiting.clear();
        self.by_age.clear();
        self.in_flight = 0;
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = (Key, &Message)> {
        self.messages.iter().map(|(key, message)| (*key, &**message))
    }

    pub(super) fn get(&self, key: Key) -> Option<&Message> {
        self.messages.get(&key).map(|message| &**message)
    }

    pub(super) fn holds(&self, key: Key) -> bool {
        self.messages.contains_key(&key)
    }

    pub(super) fn first_ready(&self) -> Option<Key> {
        self.ready.first().map(|(_, key)| *key)
    }

    /// Whether one more delivery would be more than the redrive policy allows.
    pub(super) fn is_worn_out(&self, key: Key) -> bool {
        let most = self.settings.redrive.as_ref().map(|redrive| redrive.max_receives());
        most.zip(self.messages.get(&key)).is_some_and(|(most, message)| message.deliveries >= most)
    }

    /// Whether no receipt is later than this one.
    pub(super) fn is_latest(&self, receipt: &Receipt) -> bool {
        self.messages.get(&receipt.key).is_some_and(|message| message.deliveries == receipt.delivery)
    }

    /// Delivers a message: hides it until `visibility` has passed. Zero delivers it and leaves it visible.
    pub(super) fn lend(&mut self, key: Key, visibility: Duration, now: Time) -> Option<Received> {
        let message = self.messages.get_mut(&key)?;
        message.deliveries = message.deliveries.saturating_add(1);
        message.receives = message.receives.saturating_add(1);
        if message.receives == 1 {
            message.first_received = now;
        }
        let received = Received {
            id: message.id,
            receipt: Receipt { key, delivery: message.deliveries }.encode(self.nonce),
            body: Arc::clone(&message.body),
            attributes: message.attributes.clone(),
            group: message.group.clone(),
            dead_letter_source: message.source.clone(),
            sent: message.sent,
            first_received: message.first_received,
            receives: message.receives,
        };
        self.enter(key, Phase::InFlight { since: now, until: now.after(visibility) });
        Some(received)
    }

    /// Changes when a message in flight becomes visible; does nothing to another.
    pub(super) fn hide(&mut self, key: Key, visibility: Duration, now: Time) -> Result<(), SqsError> {
        let Some(Phase::InFlight { since, .. }) = self.messages.get(&key).map(|message| message.phase) else {
            return Ok(());
        };
        let until = now.after(visibility);
        if until.since(since) > MAX_HIDDEN {
            return Err(SqsError::out_of_range(
                visibility.as_secs(),
                "VisibilityTimeout",
                "Total VisibilityTimeout for the message is beyond the limit [43200 seconds]",
            ));
        }
        let phase = if visibility.is_zero() { Phase::Visible { since: now } } else { Phase::InFlight { since, until } };
        self.enter(key, phase);
        Ok(())
    }

    /// Moves a message from the phase it is in to another.
    pub(super) fn enter(&mut self, key: Key, phase: Phase) {
        let Some(message) = self.messages.get_mut(&key) else { return };
        let former = std::mem::replace(&mut message.phase, phase);
        self.unindex(key, former);
        self.index(key, phase);
    }

    fn index(&mut self, key: Key, phase: Phase) {
        match phase {
            Phase::Visible { since } => self.ready.insert((since, key)),
            Phase::Delayed { until } => self.waiting.insert((until, key)),
            Phase::InFlight { until, .. } => {
                self.in_flight += 1;
                self.waiting.insert((until, key))
            }
        };
    }

    fn unindex(&mut self, key: Key, phase: Phase) {
        match phase {
            Phase::Visible { since } => self.ready.remove(&(since, key)),
            Phase::Delayed { until } => self.waiting.remove(&(until, key)),
            Phase::InFlight { until, .. } => {
                self.in_flight -= 1;
                self.waiting.remove(&(until, key))
            }
        };
    }
}
