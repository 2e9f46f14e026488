//! The events that invoke the function: EventBridge's every minute, and its own when it hands over a sweep.

use serde::{Deserialize, Deserializer, Serialize, de::IgnoredAny};
use taskway_protocol::Nonce;

use crate::succession::Sweep;

/// Why the function runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Trigger {
    /// EventBridge's schedule: a minute has passed.
    Tick,
    /// An earlier invocation handed over a shard.
    Sweep(Sweep),
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Event {
    Own { taskway: Own },
    Scheduled(EventBridge),
}

#[derive(Serialize)]
struct OwnEvent {
    taskway: Own,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
enum Own {
    Sweep { shard: u16, hop: u8, holder: u64 },
}

/// What every event of EventBridge has. A tick needs none of it.
#[derive(Deserialize)]
struct EventBridge {
    #[serde(rename = "source")]
    _source: IgnoredAny,
    #[serde(rename = "detail-type")]
    _detail_type: IgnoredAny,
}

/// The event that is read as the trigger of this sweep.
///
/// # Errors
/// None: the event is made of numbers.
pub(crate) fn event(Sweep { shard, hop, holder }: Sweep) -> serde_json::Result<Vec<u8>> {
    serde_json::to_vec(&OwnEvent { taskway: Own::Sweep { shard, hop, holder: holder.0 } })
}

impl<'de> Deserialize<'de> for Trigger {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(match Event::deserialize(deserializer)? {
            Event::Own { taskway: Own::Sweep { shard, hop, holder } } => {
                Trigger::Sweep(Sweep { shard, hop, holder: Nonce(holder) })
            }
            Event::Scheduled(_) => Trigger::Tick,
        })
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn a_sweep_is_read_as_it_was_written() {
        let sweep = Sweep { shard: 3, hop: 1, holder: Nonce(u64::MAX) };
        let event = String::from_utf8(event(sweep).unwrap()).unwrap();
        assert_eq!(event, r#"{"taskway":{"sweep":{"shard":3,"hop":1,"holder":18446744073709551615}}}"#);
        assert_eq!(serde_json::from_str::<Trigger>(&event).unwrap(), Trigger::Sweep(sweep));
    }

    #[test]
    fn an_event_of_eventbridge_is_a_tick_and_any_other_is_refused() {
        let tick = include_str!("../../../events/eventbridge-tick.json");
        assert_eq!(serde_json::from_str::<Trigger>(tick).unwrap(), Trigger::Tick);
        for other in
            [r#"{"taskway":{"dance":{}}}"#, r#"{"taskway":{"sweep":{"shard":-1,"hop":1,"holder":1}}}"#, "{}", "[]"]
        {
            assert!(serde_json::from_str::<Trigger>(other).is_err(), "{other}");
        }
    }
}
