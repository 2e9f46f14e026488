"""What an executor does with a claim, what a tick does of itself, and the audit: details as in details.py."""

from mutation import DOMAIN, DYNAMO, EXECUTOR, SCHEDULER, Edit, Mutation, mutation

RUNNING = [
    mutation(
        "own-claim-unrecognised", "a claim whose answer was lost is recognised by its owner", f"{EXECUTOR}/attempt.rs",
        "if «made_by(&conflict, owner)»", "false",
    ),
    mutation(
        "any-claim-recognised", "a claim is recognised by its owner", f"{EXECUTOR}/attempt.rs",
        "if «holder == owner»", "{ let _ = holder; true }",
    ),
    mutation(
        "nonce-not-drawn", "each claim has a nonce of its own", f"{EXECUTOR}/executor.rs",
        "«Nonce(self.parts.random.bits())»", "Nonce(7)",
    ),
    mutation(
        "late-claim-run", "a claim is run only while its lease can be trusted", f"{EXECUTOR}/attempt.rs",
        "if «self.parts.clock.now() >= lease_end.before(GUARD)»", "false",
    ),
    mutation(
        "other-body-run", "a message's body is used only when the record names its digest", f"{EXECUTOR}/attempt.rs",
        "if «body::digest(text.as_bytes()) == *digest»", "digest.to_string() != text.as_ref()",
    ),
    mutation(
        "lease-without-guard", "a lease is 5 s longer than the attempt", f"{DOMAIN}/lease.rs",
        "(Duration::from_secs(u64::from(timeout_seconds)) + «GUARD»)", "Duration::ZERO",
    ),
    mutation(
        "trusted-to-the-end", "an executor stops 5 s before its lease ends", f"{EXECUTOR}/heartbeat.rs",
        "«self.end.before(GUARD)»", "self.end",
    ),
    mutation(
        "trusted-beyond-the-end", "an executor stops before its lease ends", f"{EXECUTOR}/heartbeat.rs",
        "«self.end.before(GUARD)»", "self.end.after(GUARD * 12)",
    ),
    mutation(
        "no-beats", "what runs past 30 s renews its lease every 30 s", f"{EXECUTOR}/heartbeat.rs",
        "next_beat: «began.after(BEAT)»", "began.after(BEAT * 100)",
    ),
    mutation(
        "one-beat", "each beat is followed by another", f"{EXECUTOR}/heartbeat.rs",
        "self.next_beat = «now.after(BEAT)»", "now.after(BEAT * 100)",
    ),
    mutation(
        "beat-not-extending", "a beat renews the lease", f"{EXECUTOR}/heartbeat.rs",
        "let lease_end = «now.after(LONGEST_LEASE).min(self.hard_end.after(GUARD))»", "self.end",
    ),
    mutation(
        "beat-not-hiding", "a beat extends the message's visibility", f"{EXECUTOR}/heartbeat.rs",
        "«handed_back(&lanes, lane, &visible_again).await»", "{ let _ = (&lanes, lane, &visible_again); }",
    ),
    mutation(
        "hard-end-slides", "later beats touch no index: the hard end stays", f"{EXECUTOR}/heartbeat.rs",
        "lease_end, hard_end: «self.hard_end», progress", "lease_end",
    ),
    mutation(
        "hard-end-too-late", "the first beat enters the agenda at the attempt's hard end", f"{EXECUTOR}/heartbeat.rs",
        "lease_end, hard_end: «self.hard_end», progress", "self.hard_end.after(BEAT * 100_000)",
    ),
    mutation(
        "refused-beat-ignored", "an attempt whose beat is refused stops", f"{EXECUTOR}/heartbeat.rs",
        "«return Err(Beat::Lost(conflict.refusal))»", "{ let _ = conflict; return Err(Beat::Again) }",
    ),
    mutation(
        "deadline-not-cut", "a running attempt is cut at the deadline", f"{EXECUTOR}/attempt.rs",
        "[Some(timeout), «task.spec.deadline», cutoff]", "None",
    ),
    mutation(
        "deadline-as-timeout", "what the deadline cut fails with kind deadline", f"{EXECUTOR}/attempt.rs",
        "Ended::Cut if «task.spec.deadline.is_some_and(|deadline| deadline <= hard_end)»", "false",
    ),
    mutation(
        "timeout-not-cut", "an attempt is cut at its timeout", f"{EXECUTOR}/attempt.rs",
        "[«Some(timeout)», task.spec.deadline, cutoff]", "Some(timeout.after(GUARD * 720))",
    ),
    mutation(
        "begun-too-late", "no attempt begins that the invocation leaves no time for", f"{EXECUTOR}/attempt.rs",
        "if «cutoff.is_some_and(|cutoff| parts.clock.now() > self.begun_by(delivery, cutoff))»", "false",
    ),
    mutation(
        "retry-at-once", "a retry waits its backoff out", f"{EXECUTOR}/outcome.rs",
        "(task.fence, «now.after(wait.min(LONGEST_WAIT))»)", "{ let _ = wait; now }",
    ),
    mutation(
        "far-retry-queued", "a retry further ahead than 15 minutes goes to the agenda", f"{EXECUTOR}/outcome.rs",
        "if «due.since(now) <= LONGEST_MESSAGE_DELAY»", "true",
    ),
    mutation(
        "near-retry-scheduled", "a retry within 15 minutes is a message", f"{EXECUTOR}/outcome.rs",
        "if «due.since(now) <= LONGEST_MESSAGE_DELAY»", "false",
    ),
    mutation(
        "last-failure-retried", "the last attempt's failure is the task's", f"{EXECUTOR}/outcome.rs",
        "if «task.attempts >= task.spec.retry.max_attempts»", "false",
    ),
]

TICKING = [
    mutation(
        "no-look-ahead", "a tick sends five minutes ahead", f"{SCHEDULER}/sweep.rs",
        "«self.clock.now().after(LOOK_AHEAD)»", "self.clock.now()",
    ),
    mutation(
        "old-shards-unread", "a tick looks at every shard that was ever written to", f"{DYNAMO}/shards.rs",
        "Ok(«self.shards.widest(kept)»)", "self.shards",
    ),
    mutation(
        "shards-not-kept", "the most shards that there ever were are kept", f"{DYNAMO}/shards.rs",
        "if «agenda > kept.agenda»", "false",
    ),
    mutation(
        "deep-shard-swept-by-all", "one invocation at a time goes through more than a page", f"{DYNAMO}/sweeps.rs",
        '.condition_expression(«"attribute_not_exists(#le) OR #le <= :now OR #own = :own"»)',
        '"attribute_not_exists(#le) OR #le <= :now OR #own = :own OR attribute_exists(#le)"',
    ),
    mutation(
        "sweep-lease-for-ever", "who died holding a shard holds it no longer than the lease", f"{DYNAMO}/sweeps.rs",
        '.condition_expression(«"attribute_not_exists(#le) OR #le <= :now OR #own = :own"»)',
        '"attribute_not_exists(#le) OR #le < :now AND #le > :now OR #own = :own"',
    ),
    mutation(
        "hops-unbounded", "so many invocations follow one another and no more", f"{SCHEDULER}/succession.rs",
        "«sweep.hop <= MOST_HOPS»", "true",
    ),
    mutation(
        "live-lease-overdue", "a task that an attempt holds is not settled", f"{DOMAIN}/delivery.rs",
        "task.state.name().is_ended() || «task.state.live_lease(now).is_some()»", "false",
    ),
    Mutation(
        "sweep-without-skew",
        "sweep, lost and expired take a lease as over only 5 s after its end",
        (
            Edit(
                f"{DOMAIN}/delivery.rs",
                "task.state.name().is_ended() || «task.state.live_lease(now).is_some()»",
                "task.state.live_lease(now.after(super::SKEW)).is_some()",
            ),
            Edit(
                f"{DOMAIN}/transition.rs",
                "expects.extend(«self.step.expects()»)",
                "if matches!(self.step, Step::Lost { .. } | Step::Expire { .. } | Step::LeaseExpired { .. }) "
                "{ $0.into_iter().map(|one| match one { "
                "Expect::NoLiveLease(now) => Expect::NoLiveLease(now.after(super::SKEW)), one => one })"
                ".collect::<Vec<_>>() } "
                "else { $0 }",
            ),
        ),
    ),
    mutation(
        "spent-overdue-ignored", "a task without an attempt left is lost, not rescued", f"{DOMAIN}/delivery.rs",
        "_ if «spent» => Some(lost(task, now))", "false",
    ),
    mutation(
        "late-overdue-ignored", "a task past its deadline expires, and is not rescued", f"{DOMAIN}/delivery.rs",
        "_ if «task.state_at(now) == StateName::Expired» => Some(expired(task, now))", "false",
    ),
    mutation(
        "leases-unwatched", "a tick settles what is past its hard end", f"{SCHEDULER}/sweep.rs",
        "«leases.push(item)»", "drop(item)",
    ),
    mutation(
        "dead-letters-left", "a tick empties the dead-letter queue", f"{SCHEDULER}/dead_letters.rs",
        "if «self.lanes.url(Source::DeadLetters).is_none()»", "true",
    ),
]

AUDITING = [
    mutation(
        "audit-impatient", "the audit leaves alone what has not waited for long", f"{DOMAIN}/audit.rs",
        "if «self.now.since(since) < self.waits.long(lane)»", "false",
    ),
    mutation(
        "audit-deaf", "the audit waits longer where tasks wait longer", f"{DOMAIN}/audit.rs",
        "LEAST.saturating_add(«self.of(lane)».saturating_mul(TIMES))", "Duration::ZERO",
    ),
    mutation(
        "audit-breeding", "the audit sends a task again only when its wait has doubled", f"{DOMAIN}/audit.rs",
        "«self.is_time_again(*due, lane)».then_some", "{ let _ = self.is_time_again(*due, lane); true }",
    ),
    mutation(
        "audit-forgetting", "what a pass left for a backlog is sent by the next one", f"{DOMAIN}/audit.rs",
        "«before < last.went_by.long(lane)» || doublings(age)", "false",
    ),
    mutation(
        "audit-of-held", "what is held is left to who resumes its queue", f"{DOMAIN}/audit.rs",
        "State::Scheduled { wait: Wait::Held, .. } => «return None»", "task.spec.run_at",
    ),
    mutation(
        "audit-passing-failures", "a page whose messages cannot be sent is not passed", f"{SCHEDULER}/audit.rs",
        "if «found.failed > 0 && position.tries + 1 < TRIES»", "false",
    ),
    mutation(
        "audit-from-the-start", "the audit's position is kept from tick to tick", f"{DYNAMO}/audit.rs",
        "«from.as_ref()».and_then(|cursor| cursor.0.get(name))", "None::<&Cursor>",
    ),
    mutation(
        "audit-by-all", "one tick at a time has the audit", f"{SCHEDULER}/audit.rs",
        "if «position.until > now»", "false",
    ),
    mutation(
        "audit-position-overwritten", "the audit's position is written by one of those who read it", f"{DYNAMO}/audit.rs",
        'put.condition_expression(«"#n = :seen"»)', '"#n = :seen OR attribute_exists(#n)"',
    ),
]

MUTATIONS = RUNNING + TICKING + AUDITING
