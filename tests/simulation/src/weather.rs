//! The mishaps of requests to the services, and how often they happen.

use std::{collections::BTreeMap, time::Duration};

use taskway_protocol::Time;

use crate::dice::Dice;

/// The mishap of one request.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Mishap {
    /// No mishap.
    None,
    /// The request never arrives, and the sender gets no error.
    RequestLost,
    /// The connection breaks before the request arrives.
    Refused,
    /// The service does it, and the answer never arrives.
    AnswerLost,
    /// The service does it, and the connection breaks before the answer.
    Broken,
    /// The request arrives after its sender has stopped waiting.
    Late,
    /// The service throttles the request and does nothing.
    Throttled,
    /// The service fails before it does anything.
    Failed,
    /// The service fails after it has done it.
    FailedAfter,
    /// It takes seconds, within the SDK's timeouts.
    Slow,
    /// The service does only some entries or statements of the batch.
    Partial,
}

/// The state of the network and the services.
#[derive(Debug)]
pub struct Weather {
    /// How many requests in a thousand have a mishap.
    pub mishaps: u32,
    /// The time until which SQS answers no request.
    pub sqs_down: Time,
    /// The time until which SQS accepts no messages. It still delivers those that it has.
    pub sends_down: Time,
    /// The time until which DynamoDB answers no request.
    pub dynamodb_down: Time,
    /// The usual longest latency of a request or an answer, in milliseconds.
    pub latency: u64,
    /// The lag of the index.
    pub lag: Duration,
    /// The largest number of items in a page of a query.
    pub page: usize,
    /// How often each fault was injected, by its name.
    pub tally: BTreeMap<&'static str, u64>,
}

impl Weather {
    /// Draws the weather of a world.
    pub fn new(dice: &Dice) -> Self {
        Weather {
            mishaps: dice.pick(&[20, 60, 150, 300]),
            sqs_down: Time::default(),
            sends_down: Time::default(),
            dynamodb_down: Time::default(),
            latency: dice.pick(&[8, 8, 8, 300, 1_300]),
            lag: dice.millis(0, 60),
            page: dice.pick(&[1, 2, 5, 500]),
            tally: BTreeMap::new(),
        }
    }

    /// Ends all mishaps and outages.
    pub fn clear(&mut self) {
        (self.mishaps, self.latency, self.lag) = (0, 8, Duration::from_millis(20));
        (self.sqs_down, self.sends_down, self.dynamodb_down) = Default::default();
    }

    /// Counts a fault.
    pub fn count(&mut self, fault: &'static str) {
        *self.tally.entry(fault).or_default() += 1;
    }

    /// Draws the latency of a request or an answer.
    pub fn on_its_way(&self, dice: &Dice) -> Duration {
        if dice.chance(900) { dice.millis(1, self.latency) } else { dice.millis(self.latency, self.latency + 120) }
    }

    /// Draws the mishap of a request.
    pub fn mishap(&mut self, action: &str, to_sqs: bool, dice: &Dice, now: Time) -> Mishap {
        let down = if to_sqs { self.sqs_down } else { self.dynamodb_down };
        let unsent = action.starts_with("SendMessage") && now < self.sends_down;
        let mishap = if now < down || unsent {
            dice.pick(&[Mishap::Failed, Mishap::Refused, Mishap::RequestLost])
        } else if !dice.chance(self.mishaps) {
            Mishap::None
        } else {
            let partial = if action.ends_with("Batch") || action == "BatchExecuteStatement" {
                Mishap::Partial
            } else {
                Mishap::Slow
            };
            dice.pick(&[
                Mishap::RequestLost,
                Mishap::Refused,
                Mishap::AnswerLost,
                Mishap::Broken,
                Mishap::Late,
                Mishap::Throttled,
                Mishap::Failed,
                Mishap::FailedAfter,
                Mishap::Slow,
                partial,
                partial,
            ])
        };
        if let Some(name) = mishap.name() {
            self.count(name);
        }
        mishap
    }
}

impl Mishap {
    /// Its name in the story and in the report, or `None` for no mishap.
    pub fn name(self) -> Option<&'static str> {
        match self {
            Mishap::None => None,
            Mishap::RequestLost => Some("request lost"),
            Mishap::Refused => Some("connection refused"),
            Mishap::AnswerLost => Some("answer lost"),
            Mishap::Broken => Some("connection broken after the request"),
            Mishap::Late => Some("request done after its sender gave up"),
            Mishap::Throttled => Some("request throttled"),
            Mishap::Failed => Some("service failed before"),
            Mishap::FailedAfter => Some("service failed after"),
            Mishap::Slow => Some("slow answer"),
            Mishap::Partial => Some("some entries of a batch not done"),
        }
    }
}
