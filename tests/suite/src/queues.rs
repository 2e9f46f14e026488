//! The messages in the queues.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use taskway_cloud::sqs::Source;
use taskway_local::sqs::{Counts, Draft, Interruption, Stored};
use taskway_protocol::Priority;

use crate::World;

impl World {
    /// The name of a queue.
    pub fn queue(&self, source: Source) -> String {
        self.lanes.url(source).unwrap().rsplit('/').next().unwrap().to_owned()
    }

    /// The numbers of messages in a queue, by their phase.
    pub fn counts(&self, source: Source) -> Counts {
        let name = self.queue(source);
        self.stack.sqs.with_broker(|broker, now| broker.counts(&name, now).unwrap())
    }

    /// The messages of a queue.
    pub fn messages(&self, source: Source) -> Vec<Stored> {
        let name = self.queue(source);
        self.stack.sqs.with_broker(|broker, now| broker.faults(&name, now).unwrap().messages().collect())
    }

    /// The messages of the normal lane, which most tests use.
    pub fn waiting(&self) -> Vec<Stored> {
        self.messages(Source::Lane(Priority::Normal))
    }

    /// The number of messages in all queues.
    pub fn carried(&self) -> usize {
        let lanes = Priority::ALL.iter().copied().map(Source::Lane).chain([Source::DeadLetters]);
        lanes.map(|source| self.messages(source).len()).sum()
    }

    /// Loses every message of the normal lane.
    pub fn lose(&self) {
        let name = self.queue(Source::Lane(Priority::Normal));
        self.stack.sqs.with_broker(|broker, now| {
            let mut faults = broker.faults(&name, now).unwrap();
            let keys: Vec<_> = faults.messages().map(|message| message.key).collect();
            keys.into_iter().for_each(|key| assert!(faults.lose(key)));
        });
    }

    /// Duplicates every message of the normal lane.
    pub fn duplicate(&self) {
        let name = self.queue(Source::Lane(Priority::Normal));
        self.stack.sqs.with_broker(|broker, now| {
            let mut faults = broker.faults(&name, now).unwrap();
            let keys: Vec<_> = faults.messages().map(|message| message.key).collect();
            keys.into_iter().for_each(|key| assert!(faults.duplicate(key).is_some()));
        });
    }

    /// Makes every message of the normal lane visible, even if a receiver holds it.
    pub fn show(&self) {
        let name = self.queue(Source::Lane(Priority::Normal));
        self.stack.sqs.with_broker(|broker, now| {
            let mut faults = broker.faults(&name, now).unwrap();
            let keys: Vec<_> = faults.messages().map(|message| message.key).collect();
            keys.into_iter().for_each(|key| assert!(faults.show(key)));
        });
    }

    /// Puts any text into the normal lane.
    pub fn put(&self, body: &str) {
        let name = self.queue(Source::Lane(Priority::Normal));
        self.stack.sqs.with_broker(|broker, now| broker.send(&name, Draft::new(body).unwrap(), now).unwrap());
    }

    /// Interferes with the calls that send messages. The rule gets the number of earlier calls. Returns the counter of
    /// calls.
    pub fn sends(&self, rule: impl Fn(usize) -> Interruption + Send + Sync + 'static) -> Arc<AtomicUsize> {
        let sent = Arc::new(AtomicUsize::new(0));
        let counted = Arc::clone(&sent);
        self.stack.sqs.interrupt(Some(Box::new(move |action, _| {
            if action.starts_with("SendMessage") {
                rule(counted.fetch_add(1, Ordering::SeqCst))
            } else {
                Interruption::None
            }
        })));
        sent
    }
}
