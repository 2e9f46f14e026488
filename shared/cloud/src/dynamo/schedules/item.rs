//! Converts a schedule to an item of the table and back.

use std::num::NonZeroU32;

use aws_sdk_dynamodb::types::AttributeValue;
use serde::{Deserialize, Serialize};

use crate::dynamo::{
    attr,
    error::StoreError,
    keys,
    record::{self, Item, Malformed, Reader, n, s},
};
use taskway_protocol::{
    TaskId, Time,
    calendar::Zone,
    schedule::{Definition, LastRun, Misfire, Overlap, Pending, Phase, Schedule, Template, Then, Timing},
};

/// The version of the form that this code reads and writes. Only a newer release can read a newer version.
const VERSION: u32 = 2;

pub(super) fn key(name: &str) -> Item {
    Item::from([
        (attr::PK.to_owned(), s(keys::schedule_partition(name))),
        (attr::SK.to_owned(), s(keys::SCHEDULE_SORT)),
    ])
}

pub(super) fn name(item: &Item) -> Result<Box<str>, Malformed> {
    let partition = Reader(item).text(attr::PK)?;
    keys::parse_schedule_partition(partition).map(Into::into).ok_or(Malformed { attribute: attr::PK })
}

/// The JSON form of a definition, without its template.
#[derive(Serialize, Deserialize)]
struct DefinitionJson {
    #[serde(skip_serializing_if = "Option::is_none")]
    cron: Option<Box<str>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    zone: Option<Box<str>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    every: Option<NonZeroU32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    anchor: Option<u64>,
    overlap: Box<str>,
    misfire: Box<str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    start: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    end: Option<u64>,
    jitter: u32,
    paused: bool,
}

impl DefinitionJson {
    fn of(definition: &Definition) -> Self {
        let (cron, zone, every, anchor) = match &definition.timing {
            Timing::Cron { expression, zone } => (Some(expression.clone()), Some(zone.name().into()), None, None),
            Timing::Every { seconds, anchor } => (None, None, Some(*seconds), Some(anchor.as_millis())),
        };
        DefinitionJson {
            cron,
            zone,
            every,
            anchor,
            overlap: definition.overlap.as_str().into(),
            misfire: definition.misfire.as_str().into(),
            start: definition.start_at.map(Time::as_millis),
            end: definition.end_at.map(Time::as_millis),
            jitter: definition.jitter_seconds,
            paused: definition.paused,
        }
    }

    fn read(self, template: Template) -> Option<Definition> {
        let timing = match (self.cron, self.every) {
            (Some(expression), None) => Timing::Cron { expression, zone: Zone::parse(&self.zone?).ok()? },
            (None, Some(seconds)) => Timing::Every { seconds, anchor: Time::from_millis(self.anchor?) },
            (Some(_), Some(_)) | (None, None) => return None,
        };
        Some(Definition {
            timing,
            template,
            overlap: Overlap::parse(&self.overlap)?,
            misfire: Misfire::parse(&self.misfire)?,
            start_at: self.start.map(Time::from_millis),
            end_at: self.end.map(Time::from_millis),
            jitter_seconds: self.jitter,
            paused: self.paused,
        })
    }
}

pub(super) fn to_item(schedule: &Schedule) -> Result<Item, StoreError> {
    let definition = serde_json::to_string(&DefinitionJson::of(&schedule.definition));
    let definition = definition.map_err(|error| StoreError::Unavailable { throttled: false, source: error.into() })?;
    let mut item = key(&schedule.name);
    let mut set = |name: &str, value: AttributeValue| item.insert(name.to_owned(), value);
    set(attr::VERSION, n(VERSION));
    set(attr::BORN, n(schedule.born.as_millis()));
    set(attr::CATALOG, s(keys::SCHEDULE_CATALOG));
    set(attr::SCHEDULE_VERSION, n(schedule.version));
    set(attr::REVISION, n(schedule.revision));
    set(attr::DEFINITION, s(definition));
    set(attr::TEMPLATE, AttributeValue::M(record::spec(&schedule.definition.template.spec)));
    set(attr::TEXT, s(&*schedule.definition.template.text));
    set(attr::SINCE, n(schedule.since.as_millis()));
    set(attr::PHASE, s(phase(&schedule.phase)));
    if let Some(last) = schedule.last {
        set(attr::LAST_RUN, s(format!("{}/{}", last.at.as_millis(), last.id)));
    }
    if !schedule.pending.is_empty() {
        let firings: Vec<String> = schedule.pending.iter().map(|firing| pending(firing, schedule.revision)).collect();
        set(attr::PENDING, s(firings.join("/")));
    }
    if !schedule.started.is_empty() {
        let started: Vec<String> = schedule.started.iter().map(|at| at.as_millis().to_string()).collect();
        set(attr::STARTED, s(started.join("/")));
    }
    if let Some(at) = schedule.next_visit() {
        set(attr::AGENDA, s(keys::SCHEDULE_AGENDA));
        set(attr::AGENDA_AT, s(keys::schedule_sort(at, &schedule.name)));
    }
    Ok(item)
}

fn phase(phase: &Phase) -> String {
    match phase {
        Phase::Active { next } => format!("active/{}", next.as_millis()),
        Phase::Idle => "idle".to_owned(),
        Phase::Withdrawing { since, next, then } => {
            let then = match then {
                Then::Change => "change",
                Then::Pause => "pause",
                Then::Remove => "remove",
            };
            let next = next.map_or(String::new(), |next| next.as_millis().to_string());
            format!("withdrawing/{}/{then}/{next}", since.as_millis())
        }
    }
}

fn parse_phase(text: &str) -> Option<Phase> {
    let time = |text: &str| text.parse().ok().map(Time::from_millis);
    let words: Vec<&str> = text.split('/').collect();
    match words.as_slice() {
        ["active", next] => Some(Phase::Active { next: time(next)? }),
        ["idle"] => Some(Phase::Idle),
        ["withdrawing", since, then, next] => {
            let then = match *then {
                "change" => Then::Change,
                "pause" => Then::Pause,
                "remove" => Then::Remove,
                _ => return None,
            };
            let next = if next.is_empty() { None } else { Some(time(next)?) };
            Some(Phase::Withdrawing { since: time(since)?, next, then })
        }
        _ => None,
    }
}

/// The form of a pending firing. It names the revision if that is not the schedule's own.
fn pending(pending: &Pending, own: u64) -> String {
    let at = pending.at.as_millis();
    if pending.revision == own { at.to_string() } else { format!("{at}@{}", pending.revision) }
}

fn parse_pending(text: &str, own: u64) -> Option<Pending> {
    let (at, revision) = match text.split_once('@') {
        Some((at, revision)) => (at, revision.parse().ok()?),
        None => (text, own),
    };
    Some(Pending { at: Time::from_millis(at.parse().ok()?), revision })
}

fn parse_last_run(text: &str) -> Option<LastRun> {
    let (at, id) = text.split_once('/')?;
    Some(LastRun { at: Time::from_millis(at.parse().ok()?), id: TaskId::parse(id)? })
}

/// What stays of a schedule that was deleted. It counts the deletion as a write, so that a write that was on its way
/// then cannot make the schedule again.
pub(super) fn tombstone(deleted: &Schedule, keep_until: Time) -> Item {
    let mut item = key(&deleted.name);
    item.insert(attr::VERSION.to_owned(), n(VERSION));
    item.insert(attr::SCHEDULE_VERSION.to_owned(), n(deleted.version + 1));
    item.insert(attr::TTL.to_owned(), n(keep_until.as_secs()));
    item
}

/// Whether the item is a [`tombstone`].
pub(super) fn is_tombstone(item: &Item) -> bool {
    item.contains_key(attr::TTL)
}

/// The version of a schedule or of a [`tombstone`].
pub(super) fn version(item: &Item) -> Result<u64, Malformed> {
    Reader(item).number(attr::SCHEDULE_VERSION)
}

pub(super) fn from_item(item: &Item) -> Result<Schedule, Malformed> {
    let read = Reader(item);
    if read.number::<u32>(attr::VERSION)? != VERSION {
        return Err(Malformed { attribute: attr::VERSION });
    }
    let malformed = |attribute| Malformed { attribute };
    let definition: DefinitionJson =
        serde_json::from_str(read.text(attr::DEFINITION)?).map_err(|_| malformed(attr::DEFINITION))?;
    let template = item.get(attr::TEMPLATE).and_then(|template| template.as_m().ok());
    let template = Template {
        spec: Reader(template.ok_or(malformed(attr::TEMPLATE))?).spec()?,
        text: read.text(attr::TEXT)?.into(),
    };
    let definition = definition.read(template).ok_or(malformed(attr::DEFINITION))?;
    let times = definition.times().map_err(|_| malformed(attr::DEFINITION))?;
    let revision = read.number(attr::REVISION)?;
    let pending = match read.optional(attr::PENDING, Reader::text)? {
        Some(text) => text.split('/').map(|one| parse_pending(one, revision)).collect::<Option<Vec<_>>>(),
        None => Some(Vec::new()),
    };
    let started = match read.optional(attr::STARTED, Reader::text)? {
        Some(text) => text.split('/').map(|at| at.parse().ok().map(Time::from_millis)).collect::<Option<Vec<_>>>(),
        None => Some(Vec::new()),
    };
    Ok(Schedule {
        name: name(item)?,
        born: read.time(attr::BORN)?,
        version: read.number(attr::SCHEDULE_VERSION)?,
        revision,
        definition,
        times,
        since: read.time(attr::SINCE)?,
        phase: parse_phase(read.text(attr::PHASE)?).ok_or(malformed(attr::PHASE))?,
        last: match read.optional(attr::LAST_RUN, Reader::text)? {
            Some(text) => Some(parse_last_run(text).ok_or(malformed(attr::LAST_RUN))?),
            None => None,
        },
        pending: pending.ok_or(malformed(attr::PENDING))?,
        started: started.ok_or(malformed(attr::STARTED))?,
    })
}
