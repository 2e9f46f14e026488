//! `taskway queue set`.

use std::{num::NonZeroU32, str::FromStr};

use clap::{ArgGroup, Args};
use clap_complete::ArgValueCandidates;
use taskway_api::{PerKeyRequest, QueueRequest, Rate};

use super::resume::print;
use crate::{client::Client, complete, failure::Failure, output::Output, queue_name::QueueName};

/// Limit how much of a queue runs at once, and how much starts in a period
///
/// The limits count the attempts of all executors together. What is over waits in order, and nothing is lost. A change takes
/// effect within five seconds, and what runs then goes on to its end.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
#[command(group(ArgGroup::new("limits").args(["concurrency", "rate", "key_concurrency", "key_rate"]).required(true).multiple(true)))]
pub(crate) struct Set {
    /// The queue's name
    #[arg(add = ArgValueCandidates::new(complete::queues))]
    name: QueueName,

    /// How many attempts run at once: 1 to 1000, or `none`
    #[arg(long, value_name = "N")]
    concurrency: Option<Limit>,

    /// How many attempts of each fairness key run at once: 1 to 100, or `none`
    #[arg(long, value_name = "N")]
    key_concurrency: Option<Limit>,

    /// How many attempts start in a period, such as 10/s, 100/60s or 500/h, or `none`
    #[arg(long, value_name = "N/PERIOD")]
    rate: Option<Pace>,

    /// How many attempts of each fairness key start in a period, such as 10/s, or `none`
    #[arg(long, value_name = "N/PERIOD")]
    key_rate: Option<Pace>,

    /// How many of the keys' rate may start at once after a quiet time: 1 unless given
    #[arg(long, value_name = "N", requires = "key_rate")]
    key_burst: Option<NonZeroU32>,

    /// How many of the rate may start at once after a quiet time: 1 unless given
    #[arg(long, value_name = "N", requires = "rate")]
    burst: Option<NonZeroU32>,
}

const EXAMPLES: &str = "\
Examples:
  taskway queue set emails --concurrency 5
  taskway queue set emails --rate 100/60s --burst 10
  taskway queue set emails --key-concurrency 3 --key-rate 10/s
  taskway queue set emails --concurrency none --rate none";

/// A limit, or none.
#[derive(Debug, Clone, Copy)]
struct Limit(Option<NonZeroU32>);

/// Tasks and seconds of a rate, or none.
#[derive(Debug, Clone, Copy)]
struct Pace(Option<(NonZeroU32, NonZeroU32)>);

impl FromStr for Limit {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text {
            "none" => Ok(Limit(None)),
            // The API knows the greatest.
            number => number.parse().map(|limit| Limit(Some(limit))).map_err(|_| "must be a number from 1, or `none`"),
        }
    }
}

impl FromStr for Pace {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if text == "none" {
            return Ok(Pace(None));
        }
        let rate = text.split_once('/').and_then(|(tasks, period)| Some((tasks.parse().ok()?, seconds(period)?)));
        rate.map(|rate| Pace(Some(rate))).ok_or("must be tasks per period, such as 10/s, 100/60s or 500/h, or `none`")
    }
}

impl Pace {
    /// The rate, with the burst that was given by this option.
    fn with(self, burst: Option<NonZeroU32>, option: &str) -> Result<Option<Rate>, Failure> {
        match (self.0, burst) {
            (None, Some(_)) => Err(Failure::Usage(format!("{option} needs a rate, and the rate is `none`"))),
            (rate, burst) => {
                let burst = burst.unwrap_or(NonZeroU32::MIN);
                Ok(rate.map(|(tasks, per_seconds)| Rate { tasks, per_seconds, burst }))
            }
        }
    }
}

/// The seconds of a period: `60`, `60s`, `s`, `5m`, `h` or `d`.
fn seconds(period: &str) -> Option<NonZeroU32> {
    let digits = period.trim_end_matches(|letter: char| letter.is_ascii_alphabetic());
    let unit = match &period[digits.len()..] {
        "" if !digits.is_empty() => 1,
        "s" => 1,
        "m" => 60,
        "h" => 3_600,
        "d" => 86_400,
        _ => return None,
    };
    let number = if digits.is_empty() { 1 } else { digits.parse::<u32>().ok()? };
    NonZeroU32::new(number.checked_mul(unit)?)
}

impl Set {
    pub(crate) async fn run(self, client: &Client, output: &Output) -> Result<(), Failure> {
        let rate = self.rate.map(|pace| pace.with(self.burst, "--burst")).transpose()?;
        let concurrency = self.concurrency.map(|Limit(limit)| limit);
        let per_key = PerKeyRequest {
            concurrency: self.key_concurrency.map(|Limit(limit)| limit),
            rate: self.key_rate.map(|pace| pace.with(self.key_burst, "--key-burst")).transpose()?,
        };
        let names_keys = per_key.concurrency.is_some() || per_key.rate.is_some();
        let per_key = names_keys.then_some(Some(per_key));
        let request = QueueRequest { concurrency, rate, per_key, ..QueueRequest::default() };
        print(&client.set_queue(&self.name, &request).await?, output)
    }
}
