//! How much is in a stack, as the API answers it, read for people.

use serde::Deserialize;
use taskway_api::{EndedMinute, Messages, MonthOfUsage};

use crate::{client::Answer, failure::Failure, queue::count};

/// The numbers in an answer.
#[derive(Debug, Deserialize)]
#[serde(transparent)]
pub(crate) struct Stats(taskway_api::Stats);

impl Stats {
    /// The numbers that an answer holds.
    pub(crate) fn of(answer: &Answer) -> Result<Self, Failure> {
        answer.read("the answer holds no numbers of a stack: is this URL a taskway api's?")
    }

    /// Everything, as keys and values in the order of reading.
    pub(crate) fn rows(&self) -> Vec<(&'static str, String)> {
        let Stats(stats) = self;
        let rows = [
            ("high", messages(&stats.lanes.high)),
            ("normal", messages(&stats.lanes.normal)),
            ("low", messages(&stats.lanes.low)),
            ("dead letters", messages(&stats.dead_letters)),
            ("due backlog", count(stats.due_backlog)),
            ("promotion lag", format!("{} s", stats.promotion_lag_seconds)),
            ("unreadable", count(stats.unreadable)),
            ("ended", ended(&stats.ended)),
        ];
        rows.into_iter().chain(stats.usage.first().map(|month| ("usage", usage(month)))).collect()
    }
}

fn usage(MonthOfUsage { month, write_units, read_units, sqs_requests }: &MonthOfUsage) -> String {
    format!("{write_units} write units, {read_units} read units, {sqs_requests} SQS requests in {month}")
}

fn ended(minutes: &[EndedMinute]) -> String {
    let sum = |of: fn(&EndedMinute) -> u64| minutes.iter().map(of).sum::<u64>();
    format!(
        "{} succeeded, {} failed, {} cancelled, {} expired in the last hour",
        sum(|minute| minute.succeeded),
        sum(|minute| minute.failed),
        sum(|minute| minute.cancelled),
        sum(|minute| minute.expired)
    )
}

fn messages(Messages { waiting, in_flight, delayed }: &Messages) -> String {
    format!("{waiting} waiting, {in_flight} in flight, {delayed} delayed")
}
