//! Converts a task to an item of the table and back.

use std::{collections::HashMap, str::FromStr};

use aws_sdk_dynamodb::types::AttributeValue;

use super::{
    attr,
    keys::{self, AgendaPartition},
    packed,
    shards::Shards,
};
use taskway_protocol::{
    Agenda, AttemptError, Callbacks, Digest, End, ErrorKind, Fence, Generation, Idempotency, Nonce, Object,
    PastAttempt, Priority, Progress, RetryPolicy, Route, Spec, State, StateName, Stored, Task, TaskId, TaskOptions,
    Time,
};

/// An item in the form of the SDK.
pub(super) type Item = HashMap<String, AttributeValue>;

/// The version of the form that this code reads and writes. Only a newer release can read a record of a newer version.
const VERSION: u32 = 1;

/// An item that this code cannot read.
#[derive(Debug, thiserror::Error)]
#[error("the attribute {attribute} of the item is missing or malformed")]
pub struct Malformed {
    /// The name of the attribute that is wrong.
    pub attribute: &'static str,
}

/// A string attribute.
pub(super) fn s(text: impl Into<String>) -> AttributeValue {
    AttributeValue::S(text.into())
}

/// A number attribute.
pub(super) fn n(number: impl ToString) -> AttributeValue {
    AttributeValue::N(number.to_string())
}

/// A time attribute, in milliseconds.
pub(super) fn ms(time: Time) -> AttributeValue {
    n(time.as_millis())
}

/// The item of a task. `owner` is the nonce of its latest claim or first put.
pub(super) fn to_item(task: &Task, owner: Nonce, shards: Shards) -> Item {
    let mut item = spec(&task.spec);
    let mut set = |name: &str, value: AttributeValue| item.insert(name.to_owned(), value);
    set(attr::PK, s(keys::task_partition(&task.id.key)));
    set(attr::SK, s(keys::TASK_SORT));
    set(attr::VERSION, n(VERSION));
    set(attr::BORN, ms(task.id.born));
    set(attr::OWNER, n(owner.0));
    set(attr::GENERATION, n(task.generation.0));
    set(attr::FENCE, n(task.fence.0));
    set(attr::ATTEMPTS, n(task.attempts));
    set(attr::CATALOG, s(keys::catalog_partition_of(&task.spec.options.queue, &task.id.key, shards)));
    let optional = [
        (attr::GIVEN_BACK, (task.given_back > 0).then(|| n(task.given_back))),
        (attr::STARTED_AT, task.started_at.map(ms)),
        (attr::PROGRESS, task.progress.map(|p| progress(&p))),
        (attr::ERROR, task.error.as_ref().map(error)),
        (attr::PAST, (!task.past.is_empty()).then(|| past(&task.past))),
        (attr::CHILDREN, (!task.children.is_empty()).then(|| children(&task.children))),
    ];
    item.extend(optional.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?))));
    let texts = [
        task.checkpoint.as_ref().map(|text| stored(text, attr::CHECKPOINT, attr::CHECKPOINT_DIGEST)),
        task.result.as_ref().map(|text| stored(text, attr::RESULT, attr::RESULT_DIGEST)),
    ];
    item.extend(texts.into_iter().flatten().map(|(name, value)| (name.to_owned(), value)));
    item.extend(state(&task.state).into_iter().map(|(name, value)| (name.to_owned(), value)));
    if let Some(entry) = task.state.agenda() {
        let sort = keys::agenda_sort(&entry, &task.id.key);
        let partition = match keys::agenda_partition_of(&entry, &task.id.key, shards) {
            AgendaPartition::Shard(shard) => shard,
            AgendaPartition::Queue => task.spec.options.queue.to_string(),
        };
        item.extend([(attr::AGENDA.to_owned(), s(partition)), (attr::AGENDA_AT.to_owned(), s(sort))]);
    }
    item
}

/// The attributes of a spec, in the record of a task and in the record of a schedule.
pub(super) fn spec(spec: &Spec) -> Item {
    let mut item = options(&spec.options);
    let (body, text) = match &spec.body {
        Stored::Inline(text) => (attr::BODY, packed::in_record(text)),
        elsewhere @ (Stored::TextPart(_) | Stored::Object(_)) => stored(elsewhere, attr::BODY, attr::BODY_DIGEST),
    };
    let attributes = [
        (attr::RUN_AT, Some(ms(spec.run_at))),
        (body, Some(text)),
        (attr::HANDLER, spec.route.handler().map(s)),
        (attr::DEADLINE, spec.deadline.map(ms)),
        (attr::CALLBACKS, callbacks(spec.callbacks).map(s)),
        (attr::IDEMPOTENCY_KEY, spec.idempotency.as_ref().map(|i| s(&*i.key))),
        (attr::FINGERPRINT, spec.idempotency.as_ref().map(|i| s(i.fingerprint.to_string()))),
    ];
    item.extend(attributes.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?))));
    item
}

/// Every attribute that [`spec`] may write.
pub(super) const SPEC_ATTRIBUTES: [&str; 16] = [
    attr::QUEUE,
    attr::LANE,
    attr::TIMEOUT,
    attr::MAX_ATTEMPTS,
    attr::BACKOFF,
    attr::FAIRNESS_KEY,
    attr::EXPECTED,
    attr::RETAIN,
    attr::RUN_AT,
    attr::BODY,
    attr::BODY_DIGEST,
    attr::HANDLER,
    attr::DEADLINE,
    attr::CALLBACKS,
    attr::IDEMPOTENCY_KEY,
    attr::FINGERPRINT,
];

/// The attributes of a task's options. A new option needs a line here and one in [`Reader::options`].
fn options(options: &TaskOptions) -> Item {
    let attributes = [
        (attr::QUEUE, Some(s(&*options.queue))),
        (attr::LANE, Some(s(options.priority.as_str()))),
        (attr::TIMEOUT, Some(n(options.timeout_seconds))),
        (attr::MAX_ATTEMPTS, Some(n(options.retry.max_attempts))),
        (attr::BACKOFF, Some(s(backoff(&options.retry)))),
        (attr::FAIRNESS_KEY, options.fairness_key.as_deref().map(s)),
        (attr::EXPECTED, options.expected_duration_ms.map(n)),
        (attr::RETAIN, Some(n(options.retain_seconds))),
    ];
    // A whole record has about two dozen attributes, so this map does not grow while it is filled.
    let mut item = Item::with_capacity(32);
    item.extend(attributes.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?))));
    item
}

/// The attributes of a state, except for its agenda entry.
pub(super) fn state(state: &State) -> Vec<(&'static str, AttributeValue)> {
    let name = (attr::STATE, s(state.name().as_str()));
    match state {
        State::Scheduled { due, held: true } => vec![name, (attr::DUE, ms(*due)), (attr::HELD, n(1))],
        State::Scheduled { due, held: false } | State::Queued { due } => vec![name, (attr::DUE, ms(*due))],
        State::Running { owner, lease_end, .. } => {
            vec![name, (attr::OWNER, n(owner.0)), (attr::LEASE_END, ms(*lease_end))]
        }
        State::Ended { at, retained_until, owes, .. } => {
            let mut attributes = vec![name, (attr::ENDED_AT, ms(*at)), (attr::TTL, n(retained_until.as_secs()))];
            attributes.extend(owes.then(|| (attr::OWES, n(1))));
            attributes
        }
    }
}

/// The attributes that only some states carry.
pub(super) const STATE_ATTRIBUTES: [&str; 8] =
    [attr::DUE, attr::HELD, attr::LEASE_END, attr::ENDED_AT, attr::OWES, attr::TTL, attr::AGENDA, attr::AGENDA_AT];

/// The ends that a callback follows.
fn callbacks(callbacks: Callbacks) -> Option<&'static str> {
    match callbacks {
        Callbacks { on_success: false, on_failure: false } => None,
        Callbacks { on_success: true, on_failure: false } => Some("s"),
        Callbacks { on_success: false, on_failure: true } => Some("f"),
        Callbacks { on_success: true, on_failure: true } => Some("sf"),
    }
}

/// The callbacks that were made.
pub(super) fn children(children: &[TaskId]) -> AttributeValue {
    let ids: Vec<String> = children.iter().map(TaskId::to_string).collect();
    s(ids.join(","))
}

/// The attribute of a text: `inline` if the record holds the text, `digest` if a part or an object does.
pub(super) fn stored(text: &Stored, inline: &'static str, digest: &'static str) -> (&'static str, AttributeValue) {
    match text {
        Stored::Inline(text) => (inline, s(&**text)),
        Stored::TextPart(name) => (digest, s(name.to_string())),
        Stored::Object(object) => (digest, s(object.to_string())),
    }
}

/// The form of an error.
pub(super) fn error(error: &AttemptError) -> AttributeValue {
    AttributeValue::M(HashMap::from([
        ("k".to_owned(), s(error.kind.as_str())),
        ("m".to_owned(), s(&*error.message)),
        ("n".to_owned(), n(error.attempt)),
        ("at".to_owned(), ms(error.at)),
    ]))
}

/// The form of past attempts: a line for each.
pub(super) fn past(past: &[PastAttempt]) -> AttributeValue {
    let lines: Vec<String> = past.iter().map(PastAttempt::to_string).collect();
    s(lines.join("\n"))
}

/// The form of a progress.
pub(super) fn progress(progress: &Progress) -> AttributeValue {
    s(format!("{}/{}/{}", progress.done, progress.total, progress.at.as_millis()))
}

fn backoff(retry: &RetryPolicy) -> String {
    format!("{}/{}/{}", retry.min_backoff_seconds, retry.max_backoff_seconds, retry.multiplier)
}

/// The nonce of the latest claim, or of the first put if nobody has claimed the task.
pub(super) fn owner(item: &Item) -> Option<Nonce> {
    Reader(item).number(attr::OWNER).ok().map(Nonce)
}

/// The task of an item.
pub(super) fn from_item(item: &Item) -> Result<Task, Malformed> {
    let read = Reader(item);
    if read.number::<u32>(attr::VERSION)? != VERSION {
        return Err(Malformed { attribute: attr::VERSION });
    }
    let key = keys::parse_task_partition(read.text(attr::PK)?).ok_or(Malformed { attribute: attr::PK })?;
    Ok(Task {
        id: TaskId { key, born: read.time(attr::BORN)? },
        spec: read.spec()?,
        state: read.state()?,
        generation: Generation(read.number(attr::GENERATION)?),
        fence: Fence(read.number(attr::FENCE)?),
        attempts: read.number(attr::ATTEMPTS)?,
        given_back: read.optional(attr::GIVEN_BACK, Reader::number)?.unwrap_or(0),
        started_at: read.optional(attr::STARTED_AT, Reader::time)?,
        progress: read.optional(attr::PROGRESS, Reader::triple::<u64, u64, u64>)?.map(|(done, total, at)| Progress {
            done,
            total,
            at: Time::from_millis(at),
        }),
        checkpoint: read.stored(attr::CHECKPOINT, attr::CHECKPOINT_DIGEST)?,
        result: read.stored(attr::RESULT, attr::RESULT_DIGEST)?,
        error: read.optional(attr::ERROR, Reader::error)?,
        past: read.optional(attr::PAST, Reader::past)?.unwrap_or_default(),
        children: read.optional(attr::CHILDREN, Reader::children)?.unwrap_or_default(),
    })
}

/// Reads attributes by name. An error says which attribute is wrong.
#[derive(Clone, Copy)]
pub(super) struct Reader<'a>(pub(super) &'a Item);

impl<'a> Reader<'a> {
    pub(super) fn text(self, attribute: &'static str) -> Result<&'a str, Malformed> {
        let value = self.0.get(attribute).ok_or(Malformed { attribute })?;
        value.as_s().map(String::as_str).map_err(|_| Malformed { attribute })
    }

    pub(super) fn number<T: FromStr>(self, attribute: &'static str) -> Result<T, Malformed> {
        let value = self.0.get(attribute).and_then(|value| value.as_n().ok());
        value.and_then(|digits| digits.parse().ok()).ok_or(Malformed { attribute })
    }

    pub(super) fn time(self, attribute: &'static str) -> Result<Time, Malformed> {
        self.number(attribute).map(Time::from_millis)
    }

    pub(super) fn optional<T>(
        self,
        attribute: &'static str,
        read: impl FnOnce(Self, &'static str) -> Result<T, Malformed>,
    ) -> Result<Option<T>, Malformed> {
        self.0.contains_key(attribute).then(|| read(self, attribute)).transpose()
    }

    /// Reads what [`spec`] wrote.
    pub(super) fn spec(self) -> Result<Spec, Malformed> {
        let idempotency = match self.optional(attr::IDEMPOTENCY_KEY, Reader::text)? {
            Some(key) => Some(Idempotency { key: key.into(), fingerprint: self.digest(attr::FINGERPRINT)? }),
            None => None,
        };
        Ok(Spec {
            options: self.options()?,
            route: Route::named(self.optional(attr::HANDLER, Reader::text)?.map(Into::into)),
            body: self.stored(attr::BODY, attr::BODY_DIGEST)?.ok_or(Malformed { attribute: attr::BODY })?,
            run_at: self.time(attr::RUN_AT)?,
            deadline: self.optional(attr::DEADLINE, Reader::time)?,
            idempotency,
            callbacks: self.optional(attr::CALLBACKS, Reader::callbacks)?.unwrap_or_default(),
        })
    }

    /// Reads what [`options`] wrote.
    fn options(self) -> Result<TaskOptions, Malformed> {
        let (min_backoff_seconds, max_backoff_seconds, multiplier) = self.triple(attr::BACKOFF)?;
        let max_attempts = self.number(attr::MAX_ATTEMPTS)?;
        Ok(TaskOptions {
            queue: self.text(attr::QUEUE)?.into(),
            priority: Priority::parse(self.text(attr::LANE)?).ok_or(Malformed { attribute: attr::LANE })?,
            timeout_seconds: self.number(attr::TIMEOUT)?,
            retry: RetryPolicy { max_attempts, min_backoff_seconds, max_backoff_seconds, multiplier },
            fairness_key: self.optional(attr::FAIRNESS_KEY, Reader::text)?.map(Into::into),
            expected_duration_ms: self.optional(attr::EXPECTED, Reader::number)?,
            retain_seconds: self.number(attr::RETAIN)?,
        })
    }

    fn digest(self, attribute: &'static str) -> Result<Digest, Malformed> {
        Digest::parse(self.text(attribute)?).ok_or(Malformed { attribute })
    }

    pub(super) fn triple<A: FromStr, B: FromStr, C: FromStr>(
        self,
        attribute: &'static str,
    ) -> Result<(A, B, C), Malformed> {
        let mut words = self.text(attribute)?.split('/');
        let mut word = || words.next().ok_or(Malformed { attribute });
        let bad = || Malformed { attribute };
        let (a, b, c) = (word()?, word()?, word()?);
        Ok((a.parse().map_err(|_| bad())?, b.parse().map_err(|_| bad())?, c.parse().map_err(|_| bad())?))
    }

    fn stored(self, inline: &'static str, digest: &'static str) -> Result<Option<Stored>, Malformed> {
        match self.0.get(inline) {
            Some(value) => {
                let text = packed::text(value).ok_or(Malformed { attribute: inline })?;
                Ok(Some(Stored::Inline(text.into())))
            }
            None => self.optional(digest, Reader::elsewhere),
        }
    }

    fn elsewhere(self, attribute: &'static str) -> Result<Stored, Malformed> {
        match Object::parse(self.text(attribute)?) {
            Some(object) => Ok(Stored::Object(object.into())),
            None => self.digest(attribute).map(Stored::TextPart),
        }
    }

    fn error(self, attribute: &'static str) -> Result<AttemptError, Malformed> {
        let value = self.0.get(attribute).and_then(|value| value.as_m().ok()).ok_or(Malformed { attribute })?;
        let read = Reader(value);
        Ok(AttemptError {
            kind: ErrorKind::parse(read.text("k")?).ok_or(Malformed { attribute })?,
            message: read.text("m")?.into(),
            attempt: read.number("n")?,
            at: read.time("at")?,
        })
    }

    /// Leaves out what a newer release may have written, for a task must run without it.
    fn past(self, attribute: &'static str) -> Result<Vec<PastAttempt>, Malformed> {
        Ok(self.text(attribute)?.split('\n').filter_map(PastAttempt::parse).collect())
    }

    fn callbacks(self, attribute: &'static str) -> Result<Callbacks, Malformed> {
        let text = self.text(attribute)?;
        Ok(Callbacks { on_success: text.contains('s'), on_failure: text.contains('f') })
    }

    fn children(self, attribute: &'static str) -> Result<Vec<TaskId>, Malformed> {
        let ids = self.text(attribute)?.split(',').map(TaskId::parse);
        ids.collect::<Option<_>>().ok_or(Malformed { attribute })
    }

    fn agenda(self) -> Result<Option<Agenda>, Malformed> {
        let entry = self.optional(attr::AGENDA_AT, Reader::text)?;
        entry.map(|sort| keys::parse_agenda_sort(sort).ok_or(Malformed { attribute: attr::AGENDA_AT })).transpose()
    }

    fn state(self) -> Result<State, Malformed> {
        let name = StateName::parse(self.text(attr::STATE)?).ok_or(Malformed { attribute: attr::STATE })?;
        let ended = |end| {
            let retained_until = Time::from_millis(self.number::<u64>(attr::TTL)?.saturating_mul(1000));
            let owes = self.0.contains_key(attr::OWES);
            Ok(State::Ended { end, at: self.time(attr::ENDED_AT)?, retained_until, owes })
        };
        match name {
            StateName::Scheduled => {
                Ok(State::Scheduled { due: self.time(attr::DUE)?, held: self.0.contains_key(attr::HELD) })
            }
            StateName::Queued => Ok(State::Queued { due: self.time(attr::DUE)? }),
            StateName::Running => {
                let hard_end = match self.agenda()? {
                    Some(Agenda::Lease(end)) => Some(end),
                    Some(Agenda::Due(_) | Agenda::Owed(_) | Agenda::Dead(_)) | None => None,
                };
                let owner = Nonce(self.number(attr::OWNER)?);
                Ok(State::Running { owner, lease_end: self.time(attr::LEASE_END)?, hard_end })
            }
            StateName::Succeeded => ended(End::Succeeded),
            StateName::Failed => ended(End::Failed),
            StateName::Cancelled => ended(End::Cancelled),
            StateName::Expired => ended(End::Expired),
        }
    }
}

/// The size of an item in bytes, as DynamoDB bills it: its names and values.
pub(super) fn size(item: &Item) -> usize {
    item.iter().map(|(name, value)| name.len() + value_size(value)).sum()
}

fn value_size(value: &AttributeValue) -> usize {
    if let Ok(text) = value.as_s() {
        text.len()
    } else if let Ok(digits) = value.as_n() {
        // A byte holds two digits. One more byte holds the sign and the exponent.
        digits.len().div_ceil(2) + 1
    } else if let Ok(bytes) = value.as_b() {
        bytes.as_ref().len()
    } else if let Ok(map) = value.as_m() {
        3 + map.iter().map(|(name, value)| name.len() + 1 + value_size(value)).sum::<usize>()
    } else {
        // Records have no other types.
        1
    }
}
