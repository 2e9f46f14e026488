//! Sending every open task again after a restart: the endpoint keeps its messages in memory.

use taskway::{
    clock::Clock,
    domain::{State, Task},
    dynamo::Store,
    sqs::{Lanes, Outgoing},
};

/// Sends a message for each task that relies on one. A task that has one too many is claimed once all the same.
pub(crate) async fn open_tasks(store: &Store, lanes: &Lanes, clock: &dyn Clock) -> anyhow::Result<usize> {
    let (mut from, mut sent) = (None, 0);
    loop {
        let page = store.open_tasks(from).await?;
        let now = clock.now();
        let outgoing: Vec<Outgoing> = page.items.iter().filter_map(|task| message(task, now)).collect();
        for answer in lanes.send_all(&outgoing, now).await {
            answer?;
            sent += 1;
        }
        from = page.next;
        if from.is_none() {
            return Ok(sent);
        }
    }
}

fn message(task: &Task, now: taskway::domain::Time) -> Option<Outgoing> {
    let due = match task.state {
        State::Queued { due } => due,
        // Whoever held it is gone, but that shows only when its lease is over.
        State::Running { .. } => task.state.live_lease(now).unwrap_or(now),
        // The agenda sends it.
        State::Scheduled { .. } | State::Ended { .. } => return None,
    };
    Some(Outgoing::of(task, due))
}
