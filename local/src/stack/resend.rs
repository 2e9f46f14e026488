//! Sends the messages of open tasks again after a restart, because the SQS endpoint keeps its messages in memory.

use taskway_cloud::{dynamo::Store, sqs::Lanes};
use taskway_protocol::{State, Task, Time, message::Outgoing};
use taskway_runtime::clock::Clock;

/// Messages are sent in groups of this size, one group after the other, so that overdue tasks keep their order roughly.
const AT_ONCE: usize = 100;

/// Sends a message for each task that needs one, the earliest due first. A task with a second message is still claimed only
/// once.
pub(super) async fn open_tasks(store: &Store, lanes: &Lanes, clock: &dyn Clock) -> anyhow::Result<usize> {
    let (mut from, mut outgoing) = (None, Vec::new());
    loop {
        let page = store.open_tasks(from).await?;
        let now = clock.now();
        outgoing.extend(page.items.iter().filter_map(|task| message(task, now)));
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

fn message(task: &Task, now: Time) -> Option<Outgoing> {
    let due = match task.state {
        State::Queued { due } => due,
        // The attempt died with the earlier process, but its lease still forbids a new claim.
        State::Running { .. } => task.state.live_lease(now).unwrap_or(now),
        // The scheduler sends the message of a scheduled task.
        State::Scheduled { .. } | State::Ended { .. } => return None,
    };
    Some(Outgoing::of(task, due))
}
