//! The events that invoke the function: EventBridge's every minute, and its own when it hands over a sweep.

use aws_lambda_events::event::eventbridge::EventBridgeEvent;
use serde::{Deserialize, Deserializer, Serialize};
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

#[derive(Serialize, Deserialize)]
#[serde(untagged)]
enum Event {
    Own { taskway: Own },
    Scheduled(Box<EventBridgeEvent>),
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
enum Own {
    Sweep { shard: u16, hop: u8, holder: u64 },
}

impl Trigger {
    /// The event that [`Deserialize`] reads as this trigger.
    ///
    /// # Errors
    /// None for a sweep: its event is made of numbers.
    pub(crate) fn event(self) -> serde_json::Result<Vec<u8>> {
        match self {
            Trigger::Tick => serde_json::to_vec(&EventBridgeEvent::<serde_json::Value>::default()),
            Trigger::Sweep(Sweep { shard, hop, holder }) => {
                serde_json::to_vec(&Event::Own { taskway: Own::Sweep { shard, hop, holder: holder.0 } })
            }
        }
    }
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
        let sweep = Trigger::Sweep(Sweep { shard: 3, hop: 1, holder: Nonce(u64::MAX) });
        let event = String::from_utf8(sweep.event().unwrap()).unwrap();
        assert_eq!(event, r#"{"taskway":{"sweep":{"shard":3,"hop":1,"holder":18446744073709551615}}}"#);
        assert_eq!(serde_json::from_str::<Trigger>(&event).unwrap(), sweep);
    }

    #[test]
    fn an_event_of_eventbridge_is_a_tick_and_any_other_is_refused() {
        let tick = include_str!("../../../events/eventbridge-tick.json");
        assert_eq!(serde_json::from_str::<Trigger>(tick).unwrap(), Trigger::Tick);
        for other in [r#"{"taskway":{"dance":{}}}"#, r#"{"taskway":{"sweep":{"shard":-1,"hop":1,"holder":1}}}"#, "[]"] {
            assert!(serde_json::from_str::<Trigger>(other).is_err(), "{other}");
        }
    }
}
