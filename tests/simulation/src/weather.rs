//! What goes wrong on the way to the services, and how often.

use std::{collections::BTreeMap, time::Duration};

use taskway_protocol::Time;

use crate::dice::Dice;

/// What happens to one request.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Mishap {
    /// Nothing.
    None,
    /// It never arrives, and nobody says so.
    RequestLost,
    /// The connection breaks before it arrives.
    Refused,
    /// It is done, and the answer never arrives.
    AnswerLost,
    /// It is done, and the connection breaks before the answer.
    Broken,
    /// It arrives so late that nobody waits for the answer any more.
    Late,
    /// The service is busy, and says so; nothing is done.
    Throttled,
    /// The service fails before it does it.
    Failed,
    /// The service fails when it has done it.
    FailedAfter,
    /// It takes seconds, though not too many.
    Slow,
    /// Some entries of the batch are not done.
    Partial,
}

/// How things stand between the functions and the services.
#[derive(Debug)]
pub struct Weather {
    /// Requests in a thousand that something happens to.
    pub mishaps: u32,
    /// Until when SQS answers nothing.
    pub sqs_down: Time,
    /// Until when SQS takes no messages, and gives what it has.
    pub sends_down: Time,
    /// Until when DynamoDB answers nothing.
    pub dynamodb_down: Time,
    /// Milliseconds that a request or an answer takes at most.
    pub latency: u64,
    /// How long the index lags behind.
    pub lag: Duration,
    /// The longest page of a query.
    pub page: usize,
    /// What went wrong so far, by its name.
    pub tally: BTreeMap<&'static str, u64>,
}

impl Weather {
    /// For a world.
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

    /// Nothing goes wrong any more.
    pub fn clear(&mut self) {
        (self.mishaps, self.latency, self.lag) = (0, 8, Duration::from_millis(20));
        (self.sqs_down, self.sends_down, self.dynamodb_down) = Default::default();
    }

    /// Counts a fault.
    pub fn count(&mut self, fault: &'static str) {
        *self.tally.entry(fault).or_default() += 1;
    }

    /// How long a request or an answer is on its way.
    pub fn on_its_way(&self, dice: &Dice) -> Duration {
        if dice.chance(900) { dice.millis(1, self.latency) } else { dice.millis(self.latency, self.latency + 120) }
    }

    /// What happens to a request.
    pub fn mishap(&mut self, action: &str, to_sqs: bool, dice: &Dice, now: Time) -> Mishap {
        let down = if to_sqs { self.sqs_down } else { self.dynamodb_down };
        let unsent = action.starts_with("SendMessage") && now < self.sends_down;
        let mishap = if now < down || unsent {
            dice.pick(&[Mishap::Failed, Mishap::Refused, Mishap::RequestLost])
        } else if !dice.chance(self.mishaps) {
            Mishap::None
        } else {
            let partial = if action.ends_with("Batch") { Mishap::Partial } else { Mishap::Slow };
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
    /// What the story and the table call it; nothing for nothing.
    pub fn name(self) -> Option<&'static str> {
        match self {
            Mishap::None => None,
            Mishap::RequestLost => Some("request lost"),
            Mishap::Refused => Some("connection refused"),
            Mishap::AnswerLost => Some("answer lost"),
            Mishap::Broken => Some("connection broken after the request"),
            Mishap::Late => Some("request done late, nobody waiting"),
            Mishap::Throttled => Some("request throttled"),
            Mishap::Failed => Some("service failed before"),
            Mishap::FailedAfter => Some("service failed after"),
            Mishap::Slow => Some("slow answer"),
            Mishap::Partial => Some("some entries of a batch not done"),
        }
    }
}
