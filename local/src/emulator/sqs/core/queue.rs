//! One queue: its messages, and the orders in which it looks at them.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
    time::Duration,
};

use taskway_protocol::Time;

use super::{
    ids::MessageId,
    message::{Draft, Key, Message, Phase, Received},
    ready::Ready,
    receipt::Receipt,
    settings::{Settings, arn},
};
use crate::emulator::sqs::SqsError;

/// The most messages of a standard queue that can be in flight.
pub(super) const IN_FLIGHT_LIMIT: usize = 120_000;

/// The longest time that a message stays hidden after one receive.
const MAX_HIDDEN: Duration = Duration::from_secs(43_200);

/// How many messages a queue holds in each phase.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Messages that a receive would find.
    pub visible: usize,
    /// Messages that were received, and are neither deleted nor visible again.
    pub in_flight: usize,
    /// Messages that have not been visible yet.
    pub delayed: usize,
}

/// What a receive can expect of a queue.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outlook {
    /// A message is visible.
    Ready,
    /// The next message becomes visible at this time, unless a call changes the queue.
    Due(Time),
    /// No message will become visible, unless a call changes the queue.
    Idle,
}

#[derive(Debug)]
pub(super) struct Queue {
    arn: Arc<str>,
    /// Marks this queue's receipts. A queue that was deleted and created again must refuse its old receipts.
    pub(super) nonce: u64,
    pub(super) settings: Settings,
    pub(super) tags: BTreeMap<String, String>,
    created: Time,
    pub(super) modified: Time,
    pub(super) purged: Option<Time>,
    /// Boxed to save memory: keys arrive in order, and then half of each tree node stays empty.
    messages: BTreeMap<Key, Box<Message>>,
    /// The visible messages.
    ready: Ready,
    /// The delayed messages and those in flight, by the time that they become visible.
    waiting: BTreeSet<(Time, Key)>,
    /// All messages, by the time of sending, which is the order in which their retention ends.
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
            ready: Ready::default(),
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

    /// Moves the queue to the time `now`: shows due messages, and deletes messages past their retention.
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
        if self.ready.len() > 0 && self.in_flight < IN_FLIGHT_LIMIT {
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

    /// Adds a dead letter of another queue. It keeps its time of sending, so a dead-letter queue needs a longer retention.
    pub(super) fn bury(&mut self, message: Message, source: Arc<str>, now: Time) {
        let phase = Phase::Visible { since: now };
        self.insert(Message { source: Some(source), deliveries: 0, phase, ..message });
    }

    pub(super) fn insert(&mut self, message: Message) -> Key {
        self.last_key += 1;
        let key = Key(self.last_key);
        self.by_age.insert((message.sent, key));
        self.index(key, message.phase, &message.group);
        self.messages.insert(key, Box::new(message));
        key
    }

    pub(super) fn remove(&mut self, key: Key) -> Option<Message> {
        let message = self.messages.remove(&key)?;
        self.by_age.remove(&(message.sent, key));
        self.unindex(key, message.phase, &message.group);
        Some(*message)
    }

    pub(super) fn clear(&mut self) {
        self.messages.clear();
        self.ready = Ready::default();
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
        self.ready.first()
    }

    /// Whether the message has had all the deliveries that the redrive policy allows.
    pub(super) fn is_worn_out(&self, key: Key) -> bool {
        let most = self.settings.redrive.as_ref().map(|redrive| redrive.max_receives());
        most.zip(self.messages.get(&key)).is_some_and(|(most, message)| message.deliveries >= most)
    }

    /// Whether this is the message's latest receipt.
    pub(super) fn is_latest(&self, receipt: &Receipt) -> bool {
        self.messages.get(&receipt.key).is_some_and(|message| message.deliveries == receipt.delivery)
    }

    /// Delivers a message, and hides it for `visibility`. Zero delivers it and leaves it visible.
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

    /// Changes when a message in flight becomes visible. Does nothing if the message is not in flight.
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

    /// Moves a message to another phase.
    pub(super) fn enter(&mut self, key: Key, phase: Phase) {
        let Some(message) = self.messages.get_mut(&key) else { return };
        let (former, group) = (std::mem::replace(&mut message.phase, phase), message.group.clone());
        self.unindex(key, former, &group);
        self.index(key, phase, &group);
    }

    fn index(&mut self, key: Key, phase: Phase, group: &Option<Arc<str>>) {
        match phase {
            Phase::Visible { since } => self.ready.insert(group, since, key),
            Phase::Delayed { until } => {
                self.waiting.insert((until, key));
            }
            Phase::InFlight { until, .. } => {
                self.in_flight += 1;
                self.ready.lend(group);
                self.waiting.insert((until, key));
            }
        }
    }

    fn unindex(&mut self, key: Key, phase: Phase, group: &Option<Arc<str>>) {
        match phase {
            Phase::Visible { since } => self.ready.remove(group, since, key),
            Phase::Delayed { until } => {
                self.waiting.remove(&(until, key));
            }
            Phase::InFlight { until, .. } => {
                self.in_flight -= 1;
                self.ready.take_back(group);
                self.waiting.remove(&(until, key));
            }
        }
    }
}
