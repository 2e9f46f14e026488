//! The message of a task, and its JSON form.

use std::{fmt, time::Duration};

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use crate::{Fence, Generation, Part, Permit, Priority, Route, Scope, Task, TaskId, Time, credential::Hidden, lease};

/// The version that this code writes. It also reads version 1, which lacks the queue and the fairness key.
const VERSION: u32 = 2;

/// The message of a task. The fields `id` and `generation` say what to claim, and `permit` may let it start; all others are
/// hints. The record decides at the claim. Debug output does not show the content.
#[derive(Clone, PartialEq)]
pub struct Message {
    /// The task, and which life of it.
    pub id: TaskId,
    /// The generation of the task. The message is stale if the record has a later one.
    pub generation: Generation,
    /// When the task is due, to the millisecond.
    pub due: Time,
    /// The timeout of an attempt, in seconds. A claim is made again if the record has another.
    pub timeout_seconds: u32,
    /// What runs the task. With it, the executor can wait for a free thread before the claim.
    pub route: Route,
    /// How long the client expects an attempt to take, in milliseconds. The executor starts the shorter tasks of a
    /// batch first.
    pub expected_duration_ms: Option<u32>,
    /// The task's queue. A message of version 1 has none.
    pub queue: Option<Box<str>>,
    /// The task's fairness key, if it has one.
    pub fairness_key: Option<Box<str>>,
    /// The fence of the record when the message was made, if that is known. A limited task can then be claimed without a read.
    pub fence: Option<Fence>,
    /// The permit that was taken for the attempt, and the number of its share, if the task's queue has a limit.
    pub permit: Option<(u16, Permit)>,
    /// The permit that was taken for the attempt by its fairness key, if the keys of the queue have a limit.
    pub key_permit: Option<Permit>,
    /// When the queue's rate was set, if the message was sent ahead and its task is expected by that rate.
    pub expected_by: Option<Time>,
    /// When the rate of the fairness keys was set, if the task is expected by that rate.
    pub key_expected_by: Option<Time>,
    /// Since when executors that do not know the handler have passed the message on. `None` if none has.
    pub unknown_since: Option<Time>,
    /// The text of the task's content, if the record holds only its digest. The executor must compare the digests.
    pub content: Option<Box<str>>,
}

/// Why a message cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum Unreadable {
    /// A newer release sent the message, and can read it.
    #[error("expected a message of version {VERSION} or older, got version {0}")]
    Newer(serde_json::Number),
    /// Taskway did not send the message.
    #[error("the message does not have the form of a task's message")]
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
    #[serde(default, skip_serializing_if = "Option::is_none")]
    q: Option<Box<str>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    k: Option<Box<str>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    f: Option<u32>,
    /// The permit: the number of its share, the fence of its attempt, until when it is kept, and its nonce.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    p: Option<(u16, u32, u64, u32)>,
    /// The permit of the fairness key: the fence of its attempt, until when it is kept, and its nonce.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    kp: Option<(u32, u64, u32)>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    e: Option<u64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    ke: Option<u64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    u: Option<u64>,
    #[serde(borrow, default, skip_serializing_if = "Option::is_none")]
    b: Option<&'a RawValue>,
}

#[derive(Deserialize)]
struct Versioned {
    v: serde_json::Number,
}

impl fmt::Debug for Message {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let content = self.content.as_deref().map(Hidden);
        f.debug_struct("Message")
            .field("id", &self.id)
            .field("generation", &self.generation)
            .field("due", &self.due)
            .field("timeout_seconds", &self.timeout_seconds)
            .field("route", &self.route)
            .field("expected_duration_ms", &self.expected_duration_ms)
            .field("queue", &self.queue)
            .field("fairness_key", &self.fairness_key)
            .field("fence", &self.fence)
            .field("permit", &self.permit)
            .field("key_permit", &self.key_permit)
            .field("expected_by", &self.expected_by)
            .field("key_expected_by", &self.key_expected_by)
            .field("unknown_since", &self.unknown_since)
            .field("content", &content)
            .finish()
    }
}

impl Message {
    /// The message of a task, given its record.
    pub fn of(task: &Task, due: Time) -> Self {
        let spec = &task.spec;
        Message {
            id: task.id,
            generation: task.generation,
            due,
            timeout_seconds: spec.options.timeout_seconds,
            route: spec.route.clone(),
            expected_duration_ms: spec.options.expected_duration_ms,
            queue: Some(spec.options.queue.clone()),
            fairness_key: spec.options.fairness_key.clone(),
            fence: Some(task.fence),
            permit: None,
            key_permit: None,
            expected_by: None,
            key_expected_by: None,
            unknown_since: None,
            content: None,
        }
    }

    /// The permit of this scope that the message carries.
    pub fn permit_of(&self, scope: &Scope) -> Option<Permit> {
        match scope.part {
            Part::Share(own) => self.permit.filter(|(share, _)| *share == own).map(|(_, permit)| permit),
            Part::Key(_) => self.key_permit,
        }
    }

    /// When the rate of this scope was set, if the task is expected by it.
    pub fn expected_by_rate_of(&self, scope: &Scope) -> Option<Time> {
        match scope.part {
            Part::Share(_) => self.expected_by,
            Part::Key(_) => self.key_expected_by,
        }
    }

    /// The permits that the message carries, each with its scope.
    pub fn permits(&self) -> impl Iterator<Item = (Scope, Permit)> {
        let queue = self.queue.as_deref();
        let of_share = queue.zip(self.permit).map(|(queue, (share, permit))| (Scope::share(queue, share), permit));
        let key = queue.zip(self.fairness_key.as_deref());
        let of_key = key.zip(self.key_permit).map(|((queue, key), permit)| (Scope::key(queue, key), permit));
        of_share.into_iter().chain(of_key)
    }

    /// How long the lease of a claim lasts, unless the attempt renews it, if the record has the message's timeout.
    pub fn lease(&self) -> Duration {
        lease(self.timeout_seconds)
    }

    /// The text that is sent to SQS.
    ///
    /// # Errors
    /// If `content` is not JSON.
    pub fn encode(&self) -> serde_json::Result<String> {
        let content = self.content.as_deref().map(serde_json::from_str::<&RawValue>).transpose()?;
        serde_json::to_string(&Wire {
            v: VERSION,
            id: self.id.to_string(),
            g: self.generation.0,
            due: self.due.as_millis(),
            to: self.timeout_seconds,
            h: self.route.handler().map(Into::into),
            x: self.expected_duration_ms,
            q: self.queue.clone(),
            k: self.fairness_key.clone(),
            f: self.fence.map(|fence| fence.0),
            p: self.permit.map(|(share, permit)| (share, permit.fence.0, permit.until.as_millis(), permit.nonce)),
            kp: self.key_permit.map(|permit| (permit.fence.0, permit.until.as_millis(), permit.nonce)),
            e: self.expected_by.map(Time::as_millis),
            ke: self.key_expected_by.map(Time::as_millis),
            u: self.unknown_since.map(Time::as_millis),
            b: content,
        })
    }

    /// Reads a text that [`encode`](Message::encode) made.
    ///
    /// # Errors
    /// A message that is [`Unreadable::Newer`] must be handed back and never deleted.
    pub fn decode(text: &str) -> Result<Self, Unreadable> {
        let wire: Wire<'_> = match serde_json::from_str(text) {
            Ok(wire) => wire,
            Err(error) => return Err(newer(text).map_or(Unreadable::Foreign(Some(error)), Unreadable::Newer)),
        };
        match wire.v {
            1 | VERSION => {}
            0 => return Err(Unreadable::Foreign(None)),
            version => return Err(Unreadable::Newer(version.into())),
        }
        Ok(Message {
            id: TaskId::parse(&wire.id).ok_or(Unreadable::Foreign(None))?,
            generation: Generation(wire.g),
            due: Time::from_millis(wire.due),
            timeout_seconds: wire.to,
            route: Route::named(wire.h),
            expected_duration_ms: wire.x,
            queue: wire.q,
            fairness_key: wire.k,
            fence: wire.f.map(Fence),
            permit: wire.p.map(|(share, fence, until, nonce)| (share, permit((fence, until, nonce)))),
            key_permit: wire.kp.map(permit),
            expected_by: wire.e.map(Time::from_millis),
            key_expected_by: wire.ke.map(Time::from_millis),
            unknown_since: wire.u.map(Time::from_millis),
            content: wire.b.map(|content| content.get().into()),
        })
    }
}

fn permit((fence, until, nonce): (u32, u64, u32)) -> Permit {
    Permit { fence: Fence(fence), until: Time::from_millis(until), nonce }
}

/// The version of a text that this code cannot read, if it is a message of a newer release.
fn newer(text: &str) -> Option<serde_json::Number> {
    let Versioned { v } = serde_json::from_str(text).ok()?;
    v.as_f64().is_some_and(|version| version > f64::from(VERSION)).then_some(v)
}

/// A message to send, and its lane.
#[derive(Clone, Debug)]
pub struct Outgoing {
    /// The lane that the message goes to.
    pub lane: Priority,
    /// The message.
    pub message: Message,
}

impl Outgoing {
    /// The message of a task, given its record. `due` is when the task can be claimed.
    pub fn of(task: &Task, due: Time) -> Self {
        Outgoing { lane: task.spec.options.priority, message: Message::of(task, due) }
    }

    /// The same message with a permit of this scope.
    #[must_use]
    pub fn with_permit(mut self, scope: &Scope, permit: Permit) -> Self {
        match scope.part {
            Part::Share(share) => self.message.permit = Some((share, permit)),
            Part::Key(_) => self.message.key_permit = Some(permit),
        }
        self
    }

    /// The same message without permits.
    #[must_use]
    pub fn without_permits(mut self) -> Self {
        (self.message.permit, self.message.key_permit) = (None, None);
        self
    }

    /// The same message, expected at this time by the rate of `scope`, which was set at `rate_set_at`.
    #[must_use]
    pub fn expected(mut self, at: Time, scope: &Scope, rate_set_at: Time) -> Self {
        self.message.due = at;
        match scope.part {
            Part::Share(_) => self.message.expected_by = Some(rate_set_at),
            Part::Key(_) => self.message.key_expected_by = Some(rate_set_at),
        }
        self
    }

    /// The same message, expected by the rate of its fairness key, which was set at `rate_set_at`. Without a key this means
    /// nothing.
    #[must_use]
    pub fn expected_by_key(mut self, rate_set_at: Time) -> Self {
        self.message.key_expected_by = self.message.fairness_key.is_some().then_some(rate_set_at);
        self
    }

    /// The same message, whose handler no executor has known since `unknown_since`.
    #[must_use]
    pub fn passed_on(mut self, unknown_since: Time) -> Self {
        self.message.unknown_since = Some(unknown_since);
        self
    }

    /// The same message with the content that the record does not hold.
    #[must_use]
    pub fn with_content(mut self, content: Option<Box<str>>) -> Self {
        self.message.content = content;
        self
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::panic)]
    use super::*;
    use crate::TaskKey;

    fn message() -> Message {
        Message {
            id: TaskId { key: TaskKey::from_bytes([9; 16]), born: Time::from_millis(77) },
            generation: Generation(3),
            due: Time::from_millis(1_000),
            timeout_seconds: 870,
            route: Route::Handler("echo".into()),
            expected_duration_ms: None,
            queue: Some("emails".into()),
            fairness_key: Some("tenant-7".into()),
            fence: Some(Fence(1)),
            permit: Some((7, Permit { fence: Fence(2), until: Time::from_millis(9_000), nonce: 3 })),
            key_permit: Some(Permit { fence: Fence(2), until: Time::from_millis(8_000), nonce: 4 }),
            expected_by: Some(Time::from_millis(4_000)),
            key_expected_by: Some(Time::from_millis(5_000)),
            unknown_since: Some(Time::from_millis(6_000)),
            content: Some(r#"{"p": [1e400,  1.0]}"#.into()),
        }
    }

    #[test]
    fn a_message_is_read_back_exactly_as_it_was_sent() {
        let text = message().encode().unwrap();
        assert_eq!(Message::decode(&text).unwrap(), message());
    }

    #[test]
    fn a_message_of_version_1_is_read_without_queue_and_key() {
        let text = format!(r#"{{"v":1,"id":"{}","g":3,"due":1000,"to":870,"h":"echo"}}"#, message().id);
        let expected = Message {
            queue: None,
            fairness_key: None,
            fence: None,
            permit: None,
            key_permit: None,
            expected_by: None,
            key_expected_by: None,
            unknown_since: None,
            content: None,
            ..message()
        };
        assert_eq!(Message::decode(&text).unwrap(), expected);
    }

    #[test]
    fn newer_and_foreign_messages_are_distinguished() {
        for newer in [r#"{"v":3,"something":"else"}"#, r#"{"v":4294967296}"#, r#"{"v":1e30}"#] {
            assert!(matches!(Message::decode(newer), Err(Unreadable::Newer(_))), "{newer}");
        }
        for foreign in
            ["", "{}", "[]", "null", "hello", r#"{"v":"1"}"#, r#"{"v":0}"#, r#"{"v":1,"id":"x","g":1,"due":1,"to":1}"#]
        {
            assert!(matches!(Message::decode(foreign), Err(Unreadable::Foreign(_))), "{foreign}");
        }
    }
}
