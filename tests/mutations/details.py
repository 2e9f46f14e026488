"""The details that cost a bug when forgotten, and what else of the protocol has a line of its own in the code.

Not built yet, so nothing to break: pause and hold, limits of queues, recurring tasks.

Left out, for they change nothing:

- the tick's own 5 s of skew before it looks at a lease's entry: the step that it then derives looks at the lease
  itself, with the same skew;
- `Failed` of batch calls that delete or hide: such messages come again by themselves, and the code can only say so.
  `Failed` of the one that sends is `failed-entries-unseen`;
- the life that the sweep of leases names: its step is derived from the record that it has just read;
- the cap of 11 h on hiding a message: nothing hides one for longer than 15 min.
"""

from mutation import DOMAIN, DYNAMO, EXECUTOR, SCHEDULER, SQS, SUBMIT, mutation

ACK = "taskway::mutation::ack()"

SUBMITTING = [
    mutation(
        "put-over-live", "the first put is conditional (R5)", f"{DYNAMO}/store.rs",
        '«"attribute_not_exists(#pk) OR #ttl <= :now"»',
        '"attribute_not_exists(#pk) OR #ttl <= :now OR attribute_exists(#pk)"',
    ),
    mutation(
        "put-over-kept", "the first put is over a record only when its retention is over", f"{DYNAMO}/store.rs",
        '«"attribute_not_exists(#pk) OR #ttl <= :now"»',
        '"attribute_not_exists(#pk) OR #ttl <= :now OR #ttl > :now"',
    ),
    mutation(
        "put-never-over", "the first put is over a record whose retention is over", f"{DYNAMO}/store.rs",
        '«"attribute_not_exists(#pk) OR #ttl <= :now"»',
        '"attribute_not_exists(#pk) OR (#ttl <= :now AND attribute_not_exists(#pk))"',
    ),
    mutation(
        "own-put-unrecognised", "a first put whose answer was lost is recognised", f"{SUBMIT}/accept.rs",
        "Created::Exists(own, by) if «own.id == task.id && (by == Some(owner) || task.spec.idempotency.is_none())»",
        "false && by.is_none() && own.id == task.id",
    ),
    mutation(
        "other-body-under-key", "another body under the same key is refused", f"{SUBMIT}/accept.rs",
        "if «found.spec.idempotency.as_ref().map(|key| key.fingerprint) != asked»", "false",
    ),
    mutation(
        "replay-sends-nothing", "a replay sends what its first submitter did not", f"{SUBMIT}/accept.rs",
        "if let Some(due) = «unclaimed(&found)»", "None",
    ),
    mutation(
        "replay-does-not-wait", "a replay younger than 2 s waits", f"{SUBMIT}/accept.rs",
        "unclaimed(&found).is_some() && «self.clock.now() < sent_by»", "false",
    ),
    mutation(
        "replay-does-not-park", "of many replays one sends", f"{SUBMIT}/accept.rs",
        "match «self.store.apply(&found.id.key, &Transition { born: found.id.born, step }).await»",
        "{ let _ = self.send(&Outgoing::of(&found, due)).await; Ok::<Task, StoreError>(found.clone()) }",
    ),
    mutation(
        "replay-takes-any-life", "a replay answers for no life that is not sent yet", f"{SUBMIT}/accept.rs",
        "Err(StoreError::Conflict(conflict)) if «conflict.task.id != found.id»", "false",
    ),
    mutation(
        "replay-unsent", "who parks a task sends it", f"{SUBMIT}/accept.rs",
        "«self.send_if_near(&parked).await»", "()",
    ),
    mutation(
        "far-task-queued", "what is further ahead than 15 minutes goes to the agenda", "shared/src/first.rs",
        "let state = if «due.since(now) <= LONGEST_MESSAGE_DELAY»", "true",
    ),
    mutation(
        "changes-unsent", "a change that is due soon is sent at once", f"{SUBMIT}/tasks/find.rs",
        "if «due.since(self.clock.now()) > LONGEST_MESSAGE_DELAY»", "true",
    ),
    mutation(
        "revived-past-deadline", "a retry by a person drops a passed deadline", f"{SUBMIT}/tasks/retry.rs",
        "let deadline = «task.spec.deadline.filter(|deadline| *deadline > now)»", "task.spec.deadline",
    ),
    mutation(
        "reads-on-past-deadline", "past its deadline a task that nobody runs reads as expired", f"{DOMAIN}/task.rs",
        "State::Scheduled { .. } | State::Queued { .. } if «late»", "false",
    ),
    mutation(
        "failed-entries-unseen", "a batch call's refused entries are parked, or kept in the agenda", f"{SQS}/lanes.rs",
        "«answer.failed.iter().filter_map(|failed| "
        "Some((failed.id.parse().ok()?, QueueError::other(failed.code.clone())))).collect()»",
        "{ let _ = answer; vec![] }",
    ),
    mutation(
        "failed-batch-unseen", "a failed batch call's entries are parked, or kept in the agenda", f"{SQS}/lanes.rs",
        "«all(&|| QueueError { throttled: error.throttled, source: error.to_string().into() })»",
        "{ let _ = error; vec![] }",
    ),
]

QUEUE = [
    mutation(
        "delay-rounded-up", "DelaySeconds is rounded down", f"{SQS}/lanes.rs",
        "«due.since(now).min(LONGEST_MESSAGE_DELAY).as_secs() as i32»",
        "due.since(now).min(LONGEST_MESSAGE_DELAY).as_millis().div_ceil(1000) as i32",
    ),
    mutation(
        "second-not-waited-out", "the executor waits out the last part of a second", f"{EXECUTOR}/attempt.rs",
        "if «!early.is_zero()»", "false",
    ),
    mutation(
        "sent-without-delay", "a message is sent with the delay that is left", f"{SQS}/lanes.rs",
        "«due.since(now).min(LONGEST_MESSAGE_DELAY).as_secs() as i32»", "0 * due.since(now).as_secs() as i32",
    ),
    mutation(
        "resend-without-fairness", "a re-send keeps the fairness key", f"{SQS}/message.rs",
        "Outgoing { lane: task.spec.priority, message: Message::of(task, due), "
        "fairness_key: «task.spec.fairness_key.clone()»",
        "None",
    ),
    mutation(
        "promoted-without-fairness", "a promotion keeps the fairness key", f"{SCHEDULER}/promote.rs",
        "fairness_key: «item.fairness_key.clone()»", "None",
    ),
    mutation(
        "without-record-deleted", "a message before its record is handed back", f"{DOMAIN}/delivery.rs",
        "«now.since(sent) > SUBMIT_GONE»", "true",
    ),
    mutation(
        "without-record-deleted-soon", "it is dropped only after twice the submit function's timeout",
        f"{DOMAIN}/delivery.rs",
        "«now.since(sent) > SUBMIT_GONE»", "now.since(sent) > SUBMIT_GONE / 3",
    ),
    mutation(
        "without-record-kept", "it is dropped after twice the submit function's timeout", f"{DOMAIN}/delivery.rs",
        "«now.since(sent) > SUBMIT_GONE»", "false",
    ),
    mutation(
        "newer-is-foreign", "a newer release's message is handed back, never deleted", f"{SQS}/message.rs",
        "version.v.as_f64().is_some_and(|version| «version > f64::from(VERSION)»)", "version < 0.0",
    ),
    mutation(
        "newer-dead-letter-deleted", "a newer release's dead letter stays", f"{SCHEDULER}/dead_letters.rs",
        "Err(Unreadable::Newer(_)) => «return None»", ACK,
    ),
    mutation(
        "unreadable-slow", "an unreadable message is dead-lettered in seconds", f"{EXECUTOR}/delivery.rs",
        "Readable::Not(arrived.receipt, «UNREADABLE»)", "NEWER * 60",
    ),
    mutation(
        "unreadable-deleted", "a batch's unreadable message is reported as failed", f"{EXECUTOR}/batch.rs",
        "Readable::Not(receipt, after) => (receipt, «Disposition::HandBack(*after)»)",
        f"{{ let _ = after; Disposition::Ack({ACK}) }}",
    ),
    mutation(
        "unreadable-deleted-by-worker", "a worker hands an unreadable message back", f"{EXECUTOR}/worker.rs",
        "self.acks.tell(self.lane, receipt, «Disposition::HandBack(after)»)",
        f"{{ let _ = after; Disposition::Ack({ACK}) }}",
    ),
    mutation(
        "handed-back-unreported", "a batch's message that is handed back is reported as failed", f"{EXECUTOR}/batch.rs",
        "Disposition::HandBack(after) => { «failed.lock().await.fail(&record.message_id)»", "()",
    ),
    mutation(
        "left-unreported", "a batch's message that is left is reported as failed", f"{EXECUTOR}/batch.rs",
        "Disposition::Leave => «failed.lock().await.fail(&record.message_id)»", "()",
    ),
    mutation(
        "visibility-not-shortened", "a batch shortens visibility on each receive", f"{EXECUTOR}/batch.rs",
        "«shorten(executor, &records).await»", "()",
    ),
    mutation(
        "visibility-too-short", "a message is hidden until its claim's lease is over for others",
        f"{EXECUTOR}/batch.rs",
        "«delivery.message.lease() + taskway::domain::SKEW»", "Duration::from_secs(1)",
    ),
    mutation(
        "finished-kept-to-the-end", "a long batch deletes its finished messages itself", f"{EXECUTOR}/batch.rs",
        "if «!of_lane.is_empty()»", "false",
    ),
    mutation(
        "dead-letter-at-once", "a dead letter is sent for when its task can be claimed", f"{DOMAIN}/delivery.rs",
        "DeadLetter::Send { at: «at.max(now)» }", "{ let _ = at; now }",
    ),
]

MUTATIONS = SUBMITTING + QUEUE
