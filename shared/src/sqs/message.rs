//! What a message says of a task.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use crate::{
    domain::{Generation, Priority, Stored, Task, TaskId, Time, lease},
    dynamo::AgendaItem,
};

/// The form that this code writes and reads.
const VERSION: u32 = 1;

/// A task's message. Everything but `id` and `generation` is a hint: the record decides at the claim.
#[derive(Clone, Debug, PartialEq)]
pub struct Message {
    /// Which life of which task.
    pub id: TaskId,
    /// Stale when it is behind the record's.
    pub generation: Generation,
    /// When the task is due, to the millisecond.
    pub due: Time,
    /// How long an attempt may take, in seconds.
    pub timeout_seconds: u32,
    /// The handler, so that a slot of its kind can be waited for before the claim.
    pub handler: Option<Box<str>>,
    /// How long the task is taken to last, in milliseconds: the shortest of a batch is started first.
    pub expected_duration_ms: Option<u32>,
    /// The task's body where it is not in the record; to be used only when the record names the same digest.
    pub body: Option<Box<str>>,
}

/// Why a message cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum Unreadable {
    /// It was sent by a newer release, which will read it.
    #[error("the message is of version {0}, which is newer than this code")]
    Newer(serde_json::Number),
    /// It is not one of ours.
    #[error("the message is not a task's")]
    Foreign(#[source] Option<serde_json::Error>),
}

#[derive(Serialize, Deserialize)]
struct Wire<'a> {
    v: u32,
    id: String,
    g: u32,
    due: u64,
    to: u32,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    h: Option<Box<str>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    x: Option<u32>,
    #[serde(borrow, default, skip_serializing_if = "Option::is_none")]
    b: Option<&'a RawValue>,
}

#[derive(Deserialize)]
struct Versioned {
    v: serde_json::Number,
}

impl Message {
    /// The message of a task as its record stands.
    pub fn of(task: &Task, due: Time) -> Self {
        Message {
            id: task.id,
            generation: task.generation,
            due,
            timeout_seconds: task.spec.timeout_seconds,
            handler: task.spec.handler.clone(),
            expected_duration_ms: task.spec.expected_duration_ms,
            body: None,
        }
    }

    /// The message of a task as the agenda tells of it.
    pub fn of_agenda(item: &AgendaItem, due: Time) -> Self {
        Message {
            id: item.id,
            generation: item.generation,
            due,
            timeout_seconds: item.timeout_seconds,
            handler: item.handler.clone(),
            expected_duration_ms: item.expected_duration_ms,
            body: None,
        }
    }

    /// The same message with the task's body, where the record only names it.
    pub fn carrying(mut self, stored: &Stored, body: &str) -> Self {
        self.body = match stored {
            Stored::Inline(_) => None,
            Stored::Aside(_) => Some(body.into()),
        };
        self
    }

    /// How long a claim made by this message holds without being renewed.
    pub fn lease(&self) -> Duration {
        lease(self.timeout_seconds)
    }

    /// The text that is sent.
    ///
    /// # Errors
    /// If `body` is not JSON.
    pub fn encode(&self) -> serde_json::Result<String> {
        let body = self.body.as_deref().map(serde_json::from_str::<&RawValue>).transpose()?;
        serde_json::to_string(&Wire {
            v: VERSION,
            id: self.id.to_string(),
            g: self.generation.0,
            due: self.due.as_millis(),
            to: self.timeout_seconds,
            h: self.handler.clone(),
            x: self.expected_duration_ms,
            b: body,
        })
    }

    /// Reads what [`encode`](Message::encode) wrote.
    ///
    /// # Errors
    /// [`Unreadable::Newer`] must be handed back, never deleted.
    pub fn decode(text: &str) -> Result<Self, Unreadable> {
        let version: Versioned = serde_json::from_str(text).map_err(|error| Unreadable::Foreign(Some(error)))?;
        if version.v.as_f64().is_some_and(|version| version > f64::from(VERSION)) {
            return Err(Unreadable::Newer(version.v));
        }
        let wire: Wire<'_> = serde_json::from_str(text).map_err(|error| Unreadable::Foreign(Some(error)))?;
        if wire.v != VERSION {
            return Err(Unreadable::Foreign(None));
        }
        Ok(Message {
            id: TaskId::parse(&wire.id).ok_or(Unreadable::Foreign(None))?,
            generation: Generation(wire.g),
            due: Time::from_millis(wire.due),
            timeout_seconds: wire.to,
            handler: wire.h,
            expected_duration_ms: wire.x,
            body: wire.b.map(|body| body.get().into()),
        })
    }
}

/// A message on its way to a lane.
#[derive(Clone, Debug)]
pub struct Outgoing {
    /// The lane.
    pub lane: Priority,
    /// What it says.
    pub message: Message,
    /// The tenant, in whose turn it is delivered.
    pub fairness_key: Option<Box<str>>,
}

impl Outgoing {
    /// The message of a task as its record stands, for when it can be claimed.
    pub fn of(task: &Task, due: Time) -> Self {
        Outgoing {
            lane: task.spec.priority,
            message: Message::of(task, due),
            fairness_key: task.spec.fairness_key.clone(),
        }
    }

    /// The same, with a body that is not in the record.
    pub fn with_body(mut self, body: Option<Box<str>>) -> Self {
        self.message.body = body;
        self
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::panic)]
    use super::*;
    use crate::domain::TaskKey;

    fn message() -> Message {
        Message {
            id: TaskId { key: TaskKey::from_bytes([9; 16]), born: Time::from_millis(77) },
            generation: Generation(3),
            due: Time::from_millis(1_000),
            timeout_seconds: 870,
            handler: Some("echo".into()),
            expected_duration_ms: None,
            body: Some(r#"{"p": [1e400,  1.0]}"#.into()),
        }
    }

    #[test]
    fn a_message_is_read_back_as_it_was_sent_to_the_letter() {
        let text = message().encode().unwrap();
        assert_eq!(Message::decode(&text).unwrap(), message());
    }

    #[test]
    fn a_newer_message_is_told_from_a_foreign_one() {
        for newer in [r#"{"v":2,"something":"else"}"#, r#"{"v":4294967296}"#, r#"{"v":1e30}"#] {
            assert!(matches!(Message::decode(newer), Err(Unreadable::Newer(_))), "{newer}");
        }
        for foreign in
            ["", "{}", "[]", "null", "hello", r#"{"v":"1"}"#, r#"{"v":0}"#, r#"{"v":1,"id":"x","g":1,"due":1,"to":1}"#]
        {
            assert!(matches!(Message::decode(foreign), Err(Unreadable::Foreign(_))), "{foreign}");
        }
    }
}
