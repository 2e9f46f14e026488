//! What SQS may do to messages, and messages that Taskway did not send.

use std::time::Duration;

use serde_json::Value;
use taskway_local::sqs::{Draft, Phase};
use taskway_protocol::Priority;

use crate::{clock::START, dice::Dice, script::MessageFault, witness::Carrier, world::World};

impl World {
    /// Applies a fault to one message of a random lane.
    pub(crate) fn message(&self, which: usize, fault: MessageFault, dice: &Dice) {
        let cloud = &self.cloud;
        let lane =
            cloud.plan.lane(dice.pick(&[Priority::High, Priority::Normal, Priority::Normal, Priority::Low])).to_owned();
        let mut lost = None;
        let done = cloud.sqs().with_broker(|broker, now| {
            let Ok(mut queue) = broker.faults(&lane, now) else { return None };
            let messages: Vec<_> = queue.messages().collect();
            let message = messages.get(which % messages.len().max(1))?.clone();
            let name = match fault {
                MessageFault::Duplicate => {
                    queue.duplicate(message.key)?;
                    "message duplicated"
                }
                MessageFault::Delay(by) => {
                    queue.postpone(message.key, now.after(by));
                    "message delayed"
                }
                MessageFault::Show => {
                    if matches!(message.phase, Phase::Visible { .. }) {
                        return None;
                    }
                    queue.show(message.key);
                    "message shown early or out of order"
                }
                MessageFault::WearOut => {
                    for _ in 0..25 {
                        queue.show(message.key);
                        queue.deliver(message.key, Duration::ZERO);
                    }
                    queue.show(message.key);
                    "message made a dead letter"
                }
                MessageFault::Forge | MessageFault::Damage => {
                    let forged = forged(&message.body, fault == MessageFault::Forge, dice)?;
                    let mut draft = Draft::new(forged).ok()?;
                    if let Some(group) = &message.group {
                        draft = draft.in_group(group).ok()?;
                    }
                    if fault == MessageFault::Damage {
                        queue.lose(message.key);
                    }
                    broker.send(&lane, draft, now).ok()?;
                    if fault == MessageFault::Damage { "message damaged" } else { "message forged" }
                }
                MessageFault::Lose => {
                    // The witness expects every message of a newer release to stay, so none may be lost.
                    if Carrier::of(&message.body) == Carrier::Newer {
                        return None;
                    }
                    lost = Some((message.body.to_string(), !matches!(message.phase, Phase::Visible { .. })));
                    cloud.witness().garbage.remove(&message.id.to_string());
                    queue.lose(message.key);
                    "message lost"
                }
            };
            Some((name, message))
        });
        if let Some((lost, is_delivered)) = lost {
            let others = cloud.messages();
            cloud.witness().loses(&lost, is_delivered, &others);
        }
        if let Some((name, message)) = done {
            cloud.fault(name);
            let of = match Carrier::of(&message.body) {
                Carrier::Task(id, generation) => format!("{} generation {}", cloud.witness().name(id), generation.0),
                Carrier::Newer => "a newer release".to_owned(),
                Carrier::Garbage => "no task".to_owned(),
            };
            cloud.tell(format_args!("{name}: of {of}"));
            cloud.look();
        }
    }

    /// Sends a message that no executor of this release can read.
    pub(crate) fn foreign(&self, lane: Option<Priority>, newer: bool, dice: &Dice) {
        let cloud = &self.cloud;
        let texts = ["hello", "{\"v\":1,\"id\":\"x\"}", "[]", "{\"v\":\"1\"}", "{}"];
        let text = if newer { "{\"v\":3,\"task\":\"t\",\"unknown\":true}" } else { dice.pick(&texts) };
        let dead = cloud.plan.urls.dead_letters.as_deref().and_then(|url| url.rsplit('/').next());
        let Some(queue) = lane.map(|lane| cloud.plan.lane(lane)).or(dead) else { return };
        let sent = cloud.sqs().with_broker(|broker, now| {
            let draft = Draft::new(text).ok()?;
            broker.send(queue, draft, now).ok()
        });
        let Some(sent) = sent else { return };
        cloud.fault(if newer { "message of a newer release" } else { "message of another sender" });
        cloud.tell(format_args!("another sender sends {text}"));
        let mut witness = cloud.witness();
        if newer {
            witness.newer.insert(sent.to_string());
        } else {
            witness.foreign.insert(sent.to_string());
            witness.garbage.insert(sent.to_string());
        }
    }
}

/// The text of a task's message with a field that is wrong. `None` for any other text. The generation may be wrong only if the
/// message itself stays: a message of an earlier generation carries nothing.
fn forged(body: &str, stays: bool, dice: &Dice) -> Option<String> {
    let Carrier::Task(_, generation) = Carrier::of(body) else { return None };
    let mut message: Value = serde_json::from_str(body).ok()?;
    let fields = message.as_object_mut()?;
    match dice.below(9) {
        0..3 => fields.insert("to".to_owned(), dice.pick(&[0, 1, 7, 61, 43_200, u32::MAX]).into()),
        3 => fields.insert("due".to_owned(), dice.pick(&[0, START.as_millis() + 7_200_000, u64::MAX]).into()),
        4 => fields.insert("h".to_owned(), "other".into()),
        5 => fields.remove("h"),
        6 => fields.insert("x".to_owned(), u32::MAX.into()),
        7 => fields.insert("b".to_owned(), dice.pick(&["forged", "null", ""]).into()),
        _ => {
            if stays {
                fields.insert("g".to_owned(), generation.0.saturating_sub(1).max(1).into());
            }
            fields.insert("q".to_owned(), "other".into());
            fields.insert("k".to_owned(), "other".into())
        }
    };
    serde_json::to_string(&message).ok()
}
