//! Sending every open task again after a restart: the endpoint keeps its messages in memory.

use taskway_cloud::{dynamo::Store, sqs::Lanes};
use taskway_protocol::{State, Task, message::Outgoing};
use taskway_runtime::clock::Clock;

/// So many are sent at a time, one such lot after the other, so that what is overdue comes roughly in its order.
const AT_ONCE: usize = 100;

/// Sends a message for each task that relies on one, in the order in which they are due. A task that has one too many is
/// claimed once all the same.
pub(crate) async fn open_tasks(store: &Store, lanes: &Lanes, clock: &dyn Clock) -> anyhow::Result<usize> {
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
    for lot in outgoing.chunks(AT_ONCE) {
        for answer in lanes.send_all(lot, clock.now()).await {
            answer?;
        }
    }
    Ok(outgoing.len())
}

fn message(task: &Task, now: taskway_protocol::Time) -> Option<Outgoing> {
    let due = match task.state {
        State::Queued { due } => due,
        // Whoever held it is gone, but that shows only when its lease is over.
        State::Running { .. } => task.state.live_lease(now).unwrap_or(now),
        // The agenda sends it.
        State::Scheduled { .. } | State::Ended { .. } => return None,
    };
    Some(Outgoing::of(task, due))
}
