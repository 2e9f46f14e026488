//! Sends the messages of open tasks again after a restart, because the SQS endpoint keeps its messages in memory.

use std::collections::HashMap;

use taskway_cloud::{
    dynamo::{Store, StoreError},
    sqs::Lanes,
};
use taskway_protocol::{HoldEntry, QueueSettings, Scope, State, Task, Time, message::Outgoing};
use taskway_runtime::clock::Clock;

/// Messages are sent in groups of this size, one group after the other, so that overdue tasks keep their order roughly.
const AT_ONCE: usize = 100;

/// Sends a message for each task that needs one, the earliest due first. A task with a second message is still claimed only
/// once.
pub(super) async fn open_tasks(store: &Store, lanes: &Lanes, clock: &dyn Clock) -> anyhow::Result<usize> {
    let (mut from, mut outgoing, mut settings) = (None, Vec::new(), HashMap::new());
    loop {
        let page = store.open_tasks(from).await?;
        let now = clock.now();
        for task in &page.items {
            if let Some(due) = due(task, now)
                && !waits_in_a_list(store, task, &mut settings).await?
            {
                outgoing.push(Outgoing::of(task, due));
            }
        }
        from = page.next;
        if from.is_none() {
            break;
        }
    }
    outgoing.sort_by_key(|outgoing| outgoing.message.due);
    for group in outgoing.chunks(AT_ONCE) {
        for answer in lanes.send_all(group, clock.now()).await {
            answer?;
        }
    }
    Ok(outgoing.len())
}

/// When the message of a task should arrive, if it needs one.
fn due(task: &Task, now: Time) -> Option<Time> {
    match task.state {
        State::Queued { due } => Some(due),
        // The attempt died with the earlier process, but its lease still forbids a new claim.
        State::Running { .. } => Some(task.state.live_lease(now).unwrap_or(now)),
        // Its queue held it, and may have sent it.
        State::Scheduled { held: true, .. } => Some(now),
        // The scheduler sends the message of a scheduled task.
        State::Scheduled { held: false, .. } | State::Ended { .. } => None,
    }
}

/// Whether a task is in a hold list, from which it is sent.
async fn waits_in_a_list(
    store: &Store,
    task: &Task,
    settings: &mut HashMap<Box<str>, QueueSettings>,
) -> Result<bool, StoreError> {
    let Some(entry) = HoldEntry::of(task) else { return Ok(false) };
    let options = &task.spec.options;
    let queue = &options.queue;
    if !settings.contains_key(queue) {
        settings.insert(queue.clone(), store.queue_settings(queue).await?);
    }
    let shares = settings[queue].lists().map(|share| Scope::share(queue, share));
    let key = options.fairness_key.iter().map(|key| Scope::key(queue, key));
    for list in shares.chain(key) {
        if store.has_hold(&list, &entry).await? {
            return Ok(true);
        }
    }
    Ok(false)
}
