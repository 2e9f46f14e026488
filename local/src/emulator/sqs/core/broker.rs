//! The broker: all queues of the endpoint, and every call on them.

use std::{collections::BTreeMap, ops::Bound, time::Duration};

use taskway_protocol::Time;

use super::{
    faults::Faults,
    ids::{Ids, MessageId},
    message::{Draft, Received},
    queue::{Counts, IN_FLIGHT_LIMIT, Outlook, Queue},
    queue_name,
    receipt::Receipt,
    settings::Settings,
};
use crate::emulator::sqs::SqsError;

/// The shortest time between two purges of a queue.
const PURGE_PAUSE: Duration = Duration::from_secs(60);

/// All queues of the endpoint.
///
/// A queue is known by its name, which is the last segment of its URL. The URL's host and account do not matter.
#[derive(Debug)]
pub struct Broker {
    queues: BTreeMap<String, Queue>,
    ids: Ids,
}

impl Broker {
    /// A broker without queues. It derives message ids and receipts from `seed`, and refuses receipts of another seed.
    pub fn new(seed: u64) -> Self {
        Broker { queues: BTreeMap::new(), ids: Ids::new(seed) }
    }

    /// Creates a queue. Repeating the call with the same attributes, or with some of them, changes nothing.
    ///
    /// # Errors
    /// [`SqsError::QueueNameExists`] if the queue has another value of an attribute. Other errors if the name or an
    /// attribute is not allowed.
    pub fn create_queue(
        &mut self,
        name: &str,
        attributes: &BTreeMap<String, String>,
        now: Time,
    ) -> Result<(), SqsError> {
        queue_name::check(name)?;
        if let Some(queue) = self.queues.get(name) {
            return match queue.settings.first_difference(attributes)? {
                None => Ok(()),
                Some(attribute) => Err(SqsError::QueueNameExists { attribute }),
            };
        }
        let settings = Settings::default().with(attributes)?;
        self.check_dead_letter_target(&settings)?;
        let nonce = self.ids.next_word();
        self.queues.insert(name.to_owned(), Queue::new(name, nonce, settings, now));
        Ok(())
    }

    /// Deletes a queue and its messages.
    pub fn delete_queue(&mut self, name: &str) -> Result<(), SqsError> {
        self.queues.remove(name).map(drop).ok_or(SqsError::QueueDoesNotExist)
    }

    /// Deletes every message of a queue, including those in flight.
    ///
    /// # Errors
    /// [`SqsError::PurgeQueueInProgress`] within a minute of the last purge.
    pub fn purge_queue(&mut self, name: &str, now: Time) -> Result<(), SqsError> {
        let queue = self.settled(name, now)?;
        if queue.purged.is_some_and(|at| now < at.after(PURGE_PAUSE)) {
            return Err(SqsError::PurgeQueueInProgress { queue: name.to_owned() });
        }
        queue.clear();
        queue.purged = Some(now);
        Ok(())
    }

    /// Whether there is a queue of this name.
    pub fn has_queue(&self, name: &str) -> bool {
        self.queues.contains_key(name)
    }

    /// The names of the queues that start with `prefix` and sort after `after`, in order.
    pub fn names<'a>(&'a self, prefix: &'a str, after: Option<&'a str>) -> impl Iterator<Item = &'a str> {
        let from = match after {
            Some(after) if after >= prefix => Bound::Excluded(after),
            Some(_) | None => Bound::Included(prefix),
        };
        let names = self.queues.range::<str, _>((from, Bound::Unbounded)).map(|(name, _)| name.as_str());
        names.take_while(move |name| name.starts_with(prefix))
    }

    /// The names of the queues whose dead letters go to `target`, in order. Begins after the name `after`.
    pub fn dead_letter_sources<'a>(
        &'a self,
        target: &'a str,
        after: Option<&'a str>,
    ) -> Result<impl Iterator<Item = &'a str>, SqsError> {
        if !self.has_queue(target) {
            return Err(SqsError::QueueDoesNotExist);
        }
        Ok(self.names("", after).filter(move |name| self.dead_letter_target(name) == Some(target)))
    }

    /// The name of the queue that takes `name`'s dead letters.
    pub fn dead_letter_target(&self, name: &str) -> Option<&str> {
        self.queues.get(name)?.settings.redrive.as_ref().map(|redrive| redrive.target())
    }

    /// Changes some attributes of a queue. An error leaves all of them unchanged.
    pub fn set_attributes(
        &mut self,
        name: &str,
        attributes: &BTreeMap<String, String>,
        now: Time,
    ) -> Result<(), SqsError> {
        let settings = self.queue(name)?.settings.with(attributes)?;
        self.check_dead_letter_target(&settings)?;
        let queue = self.settled(name, now)?;
        queue.settings = settings;
        queue.modified = now;
        Ok(())
    }

    /// All attributes of a queue, including the counts.
    pub fn attributes(&mut self, name: &str, now: Time) -> Result<BTreeMap<&'static str, String>, SqsError> {
        Ok(self.settled(name, now)?.attributes())
    }

    /// A queue's tags.
    pub fn tags(&self, name: &str) -> Result<&BTreeMap<String, String>, SqsError> {
        Ok(&self.queue(name)?.tags)
    }

    /// A queue's tags, for changing.
    pub fn tags_mut(&mut self, name: &str) -> Result<&mut BTreeMap<String, String>, SqsError> {
        self.queues.get_mut(name).map(|queue| &mut queue.tags).ok_or(SqsError::QueueDoesNotExist)
    }

    /// How many messages a queue holds in each phase. The counts are exact; AWS's are approximate.
    pub fn counts(&mut self, name: &str, now: Time) -> Result<Counts, SqsError> {
        Ok(self.settled(name, now)?.counts())
    }

    /// Whether a receive would find a message now, or when it may find one.
    pub fn outlook(&mut self, name: &str, now: Time) -> Result<Outlook, SqsError> {
        Ok(self.settled(name, now)?.outlook())
    }

    /// How long a receive waits if the request does not say.
    pub fn default_wait(&self, name: &str) -> Result<Duration, SqsError> {
        Ok(Duration::from_secs(self.queue(name)?.settings.wait.into()))
    }

    /// Puts a message into a queue. It becomes visible at once or after its delay.
    ///
    /// # Errors
    /// [`SqsError::InvalidParameterValue`] if the message is larger than the queue's own limit.
    pub fn send(&mut self, name: &str, draft: Draft, now: Time) -> Result<MessageId, SqsError> {
        let queue = self.queues.get_mut(name).ok_or(SqsError::QueueDoesNotExist)?;
        queue.settle(now);
        let limit = queue.settings.max_size;
        if draft.size() > limit as usize {
            return Err(SqsError::InvalidParameterValue(format!(
                "One or more parameters are invalid. Reason: Message must be shorter than {limit} bytes."
            )));
        }
        let id = self.ids.next_message_id();
        queue.add(draft, id, now);
        Ok(id)
    }

    /// Takes up to `max` visible messages, the longest visible first, and hides each for `visibility`; `None` takes the
    /// queue's own timeout. A message that was received too often goes to the dead-letter queue instead.
    ///
    /// # Errors
    /// [`SqsError::OverLimit`] if the queue has the largest allowed number of messages in flight.
    pub fn receive(
        &mut self,
        name: &str,
        max: usize,
        visibility: Option<Duration>,
        now: Time,
    ) -> Result<Vec<Received>, SqsError> {
        // If the dead-letter queue was deleted, its messages stay here and are received again.
        let target = self.dead_letter_target(name).filter(|target| self.has_queue(target)).map(str::to_owned);
        let queue = self.settled(name, now)?;
        if queue.counts().in_flight >= IN_FLIGHT_LIMIT {
            return Err(SqsError::OverLimit);
        }
        let visibility = visibility.unwrap_or(queue.default_visibility());
        let mut received = Vec::new();
        let mut dead = Vec::new();
        while received.len() < max && queue.counts().in_flight < IN_FLIGHT_LIMIT {
            let Some(key) = queue.first_ready() else { break };
            if target.is_some() && queue.is_worn_out(key) {
                dead.extend(queue.remove(key));
            } else {
                received.extend(queue.lend(key, visibility, now));
            }
        }
        let source = queue.arn();
        if let Some(target) = target.and_then(|target| self.queues.get_mut(&target)) {
            target.settle(now);
            dead.into_iter().for_each(|message| target.bury(message, source.clone(), now));
        }
        Ok(received)
    }

    /// Deletes the message of a receipt. If the message was received again since, or is gone, the call succeeds and
    /// deletes nothing.
    ///
    /// # Errors
    /// [`SqsError::ReceiptHandleIsInvalid`] if the receipt is not from this queue.
    pub fn delete(&mut self, name: &str, receipt: &str, now: Time) -> Result<(), SqsError> {
        let queue = self.settled(name, now)?;
        let receipt = Receipt::parse(receipt, queue.nonce)?;
        if queue.is_latest(&receipt) {
            queue.remove(receipt.key);
        }
        Ok(())
    }

    /// Hides a message in flight for `visibility` from now; zero shows it at once. If the message is still in the queue,
    /// but no longer in flight by this receipt, the call succeeds without an effect, as on AWS.
    ///
    /// # Errors
    /// [`SqsError::InvalidParameterValue`] if the message is gone, or would be hidden for more than 12 hours after it was
    /// received.
    pub fn change_visibility(
        &mut self,
        name: &str,
        receipt: &str,
        visibility: Duration,
        now: Time,
    ) -> Result<(), SqsError> {
        let queue = self.settled(name, now)?;
        let parsed = Receipt::parse(receipt, queue.nonce)?;
        if !queue.holds(parsed.key) {
            return Err(SqsError::out_of_range(
                receipt,
                "ReceiptHandle",
                "Message does not exist or is not available for visibility timeout change.",
            ));
        }
        if queue.is_latest(&parsed) { queue.hide(parsed.key, visibility, now) } else { Ok(()) }
    }

    /// Access to a queue for a simulation that loses, duplicates and delays its messages.
    pub fn faults(&mut self, name: &str, now: Time) -> Result<Faults<'_>, SqsError> {
        self.settled(name, now).map(|queue| Faults::new(queue, now))
    }

    fn queue(&self, name: &str) -> Result<&Queue, SqsError> {
        self.queues.get(name).ok_or(SqsError::QueueDoesNotExist)
    }

    /// The queue with its messages in the phases of the time `now`.
    fn settled(&mut self, name: &str, now: Time) -> Result<&mut Queue, SqsError> {
        let queue = self.queues.get_mut(name).ok_or(SqsError::QueueDoesNotExist)?;
        queue.settle(now);
        Ok(queue)
    }

    fn check_dead_letter_target(&self, settings: &Settings) -> Result<(), SqsError> {
        match &settings.redrive {
            Some(redrive) if !self.has_queue(redrive.target()) => {
                Err(SqsError::out_of_range(redrive.policy(), "RedrivePolicy", "Dead letter target does not exist."))
            }
            Some(_) | None => Ok(()),
        }
    }
}
