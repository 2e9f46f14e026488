"""The order of writes, and what may be deleted when: R1, R3 and the column *order* of the transitions.

Left out: *hold* (write, then delete), for no code holds yet; and a short retry's message sent before its write, which
only makes one message more: a successor that comes while the attempt runs is handed back, and one whose write never
came is as good as the old message.
"""

from mutation import DOMAIN, EXECUTOR, SCHEDULER, SUBMIT, Edit, Mutation, mutation

ACK = "taskway::mutation::ack()"
DELETE_DELIVERY = (
    "{ let acked = [taskway::sqs::Acked { receipt: delivery.receipt.clone(), ack: taskway::mutation::ack() }]; "
    "let _ = self.parts.lanes.delete(taskway::sqs::Source::Lane(delivery.lane), &acked).await; $0 }"
)
DELETE_LETTER = (
    "{ let acked = [Acked { receipt: letter.receipt.clone(), ack: taskway::mutation::ack() }]; "
    "let _ = self.lanes.delete(Source::DeadLetters, &acked).await; $0 }"
)

DELETING = [
    mutation(
        "running-duplicate-deleted", "a duplicate of what runs is handed back (R1)", f"{DOMAIN}/delivery.rs",
        "Refusal::LiveLease(until) | Refusal::NotDue(until) => «Verdict::HandBack { until: until.max(now) }»",
        "match refusal { Refusal::LiveLease(_) => Verdict::Ack(Ack { reason: Reason::LifeOver }), _ => $0 }",
    ),
    mutation(
        "early-deleted", "a message that comes before its task is due is handed back (R1)", f"{DOMAIN}/delivery.rs",
        "Refusal::LiveLease(until) | Refusal::NotDue(until) => «Verdict::HandBack { until: until.max(now) }»",
        "match refusal { Refusal::NotDue(_) => Verdict::Ack(Ack { reason: Reason::LifeOver }), _ => $0 }",
    ),
    mutation(
        "ahead-deleted", "a message is deleted for its generation only when it is behind (R1)", f"{DOMAIN}/delivery.rs",
        "Refusal::Generation(record) if «message < record»", "message != record",
    ),
    mutation(
        "current-deleted", "a message of the record's own generation is not behind (R1)", f"{DOMAIN}/delivery.rs",
        "«message < task.generation»", "message <= task.generation",
    ),
    mutation(
        "behind-kept", "a message that is behind is deleted", f"{DOMAIN}/delivery.rs",
        "Refusal::Generation(record) if «message < record»", "false",
    ),
    mutation(
        "unanswered-claim-deleted", "a message whose claim got no answer stays (R5)", f"{EXECUTOR}/attempt.rs",
        '"cannot claim"); return Some(Claim::Not(«Disposition::Leave»))', f"Disposition::Ack({ACK})",
    ),
    mutation(
        "late-claim-deleted", "a message whose claim was answered too late stays (R1)", f"{EXECUTOR}/attempt.rs",
        "if self.parts.clock.now() >= lease_end.before(GUARD) { return Some(Claim::Not(«Disposition::Leave»))",
        f"Disposition::Ack({ACK})",
    ),
    mutation(
        "refused-settle-deleted", "a message whose settling was refused stays (R5)", f"{EXECUTOR}/attempt.rs",
        "Err(_) => «Disposition::Leave»", f"Disposition::Ack({ACK})",
    ),
    mutation(
        "refused-outcome-deleted", "a message whose outcome was refused or not written stays (R5)",
        f"{EXECUTOR}/attempt.rs",
        "let Some(written) = self.record(&task, outcome, lease.unwritten(), trusted_until).await else "
        "{ return «Disposition::Leave»; }",
        f"Disposition::Ack({ACK})",
    ),
    mutation(
        "lost-lease-deleted", "a message whose attempt lost its lease stays (R1)", f"{EXECUTOR}/attempt.rs",
        "Ended::Lost => return «Disposition::Leave»", f"Disposition::Ack({ACK})",
    ),
    mutation(
        "live-dead-letter-dropped", "a dead letter of a live task is sent again (R1)", f"{SCHEDULER}/dead_letters.rs",
        "DeadLetter::Send { at } => «{ "
        "match self.lanes.send(&Outgoing::of(&task, at).with_body(message.body), now).await { "
        "Ok(sent) => { self.faults.reach(CrashPoint::DeadLetterSent).await; Some(sent.ack()) } "
        "Err(error) => kept(letter, &error), } }»",
        f"Some({ACK})",
    ),
]

SUBMITTING = [
    mutation(
        "accepted-unwritten", "what is answered 202 is in the table", f"{SUBMIT}/accept.rs",
        "(«created?», Some(sent))", "created.unwrap_or(Created::New)",
    ),
    mutation(
        "keyed-sent-at-once", "with a key the message follows the record (R3)", f"{SUBMIT}/accept.rs",
        "Some(message) if «!keyed»", "true",
    ),
    mutation(
        "refused-send-accepted", "a task whose message the queue refuses is parked", f"{SUBMIT}/accept.rs",
        "Created::New => { self.faults.reach(CrashPoint::SubmitSent).await; match «sent»",
        "sent.filter(Result::is_ok)",
    ),
    mutation(
        "refused-bulk-send-accepted", "a task of a batch whose message the queue refuses is parked",
        f"{SUBMIT}/accept.rs",
        "match (created?, «sent»)", "sent.filter(Result::is_ok)",
    ),
    Mutation(
        "record-before-its-body",
        "a large body is put before its record",
        (
            Edit(
                f"{SUBMIT}/accept.rs",
                "«self.store.put_part(&task.id.key, digest, &draft.first.text, draft.first.keep_body_until()).await»",
                "Ok(())",
            ),
            Edit(
                f"{SUBMIT}/accept.rs",
                "«self.faults.reach(CrashPoint::SubmitPut).await»",
                "{ $0; if let Stored::TextPart(digest) = &task.spec.body { "
                "let put = self.store.put_part("
                "&task.id.key, digest, &draft.first.text, draft.first.keep_body_until()).await; "
                "put.map_err(|error| unavailable(&error))?; } }",
            ),
        ),
    ),
    Mutation(
        "change-sent-before-written",
        "a change is written, then sent: a message is never ahead of its record (R2)",
        (
            Edit(
                f"{SUBMIT}/tasks/change.rs",
                "let transition = «Transition { born: task.id.born, step: step(&task, now)? }»",
                "{ let transition = $0; "
                "if let Ok(changed) = transition.apply(&task) { self.send_if_near(&changed).await; } transition }",
            ),
            Edit(f"{SUBMIT}/tasks/change.rs", "«self.send_if_near(&changed).await»", "()"),
        ),
    ),
]

RUNNING = [
    mutation(
        "deleted-before-outcome", "an outcome is written, then the message deleted (R3)", f"{EXECUTOR}/attempt.rs",
        "«parts.faults.reach(CrashPoint::Ran).await»", DELETE_DELIVERY,
    ),
    mutation(
        "deleted-before-settled", "lost and expired are written, then the message deleted (R3)",
        f"{EXECUTOR}/attempt.rs",
        "match «self.parts.store.apply(&message.id.key, &settle).await»", DELETE_DELIVERY,
    ),
    mutation(
        "deleted-before-successor", "a retry's message is sent, then the old one deleted (R3)",
        f"{EXECUTOR}/attempt.rs",
        "match «parts.lanes.send(&outgoing, now).await»", DELETE_DELIVERY,
    ),
    mutation(
        "unsent-successor-deleted", "when the retry's message cannot be sent the old one is kept",
        f"{EXECUTOR}/attempt.rs",
        "«Disposition::HandBack(due.since(now))»", f"Disposition::Ack({ACK})",
    ),
    mutation(
        "successor-before-due", "a kept message comes when the retry is due", f"{EXECUTOR}/attempt.rs",
        "«Disposition::HandBack(due.since(now))»", "Disposition::Leave",
    ),
    Mutation(
        "outcome-before-its-part",
        "a large result or checkpoint is put before the record that names it",
        (
            Edit(
                f"{EXECUTOR}/heartbeat.rs",
                "«self.parts.store.put_part(&id.key, &digest, text, keep_until).await?»",
                "taskway::mutation::later(digest.to_string(), text)",
            ),
            Edit(
                f"{EXECUTOR}/attempt.rs",
                "«parts.faults.reach(CrashPoint::OutcomeWritten).await»",
                "{ $0; for stored in [&written.result, &written.checkpoint].into_iter().flatten() { "
                "if let Stored::TextPart(digest) = stored "
                "&& let Some(text) = taskway::mutation::kept(&digest.to_string()) { "
                "let keep_until = task.retained_until(parts.clock.now()).after(Duration::from_secs(86_400)); "
                "let _ = parts.store.put_part(&task.id.key, digest, &text, keep_until).await; } } }",
            ),
        ),
    ),
]

TICKING = [
    mutation(
        "marked-before-sent", "promotion sends, then marks (R3)", f"{SCHEDULER}/promote.rs",
        "let sent = «self.lanes.send_all(&outgoing, self.clock.now()).await»",
        "{ for due in &due { self.mark(due).await; } $0 }",
    ),
    mutation(
        "marked-unsent", "what could not be sent is not marked (R3)", f"{SCHEDULER}/promote.rs",
        "«Report { failed: 1, ..Report::default() }»", "{ self.mark(&due).await; $0 }",
    ),
    mutation(
        "never-marked", "what was sent is marked", f"{SCHEDULER}/promote.rs",
        "«self.mark(&due).await»", "()",
    ),
    mutation(
        "rescued-unsent", "a rescued task is promoted at once", f"{SCHEDULER}/rescue.rs",
        "«Some(Promotion::of_task(&task, due))»", "{ let _ = due; None }",
    ),
    mutation(
        "dead-letter-deleted-first", "a dead letter is sent again, then deleted (R3)", f"{SCHEDULER}/dead_letters.rs",
        "match «self.lanes.send(&Outgoing::of(&task, at).with_body(message.body), now).await»", DELETE_LETTER,
    ),
    mutation(
        "unsent-dead-letter-deleted", "a dead letter that could not be sent again stays (R1)",
        f"{SCHEDULER}/dead_letters.rs",
        "Some(sent.ack()) } Err(error) => «kept(letter, &error)»", f"Some({ACK})",
    ),
    mutation(
        "unreadable-deleted-first", "an unreadable message is kept aside, then deleted (R1)",
        f"{SCHEDULER}/dead_letters.rs",
        "let put = «self.store.put_unreadable(&letter.message_id, &letter.body, letter.sent, keep_until).await»",
        DELETE_LETTER,
    ),
    mutation(
        "uncopied-unreadable-deleted", "an unreadable message is deleted only when a copy is kept (R1)",
        f"{SCHEDULER}/dead_letters.rs",
        "Ok(ack) => ack, Err(error) => «return kept(letter, &error)»", ACK,
    ),
    mutation(
        "unread-dead-letter-deleted", "a dead letter whose record cannot be read stays (R1)",
        f"{SCHEDULER}/dead_letters.rs",
        "Ack::no_record(letter.sent, now), Err(error) => «return kept(letter, &error)»", f"return Some({ACK})",
    ),
]

MUTATIONS = DELETING + SUBMITTING + RUNNING + TICKING
