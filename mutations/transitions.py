"""What each transition expects of a record and what it sets: `expects` and `sets` in shared/src/domain/transition.rs.

Left out, for they change nothing (each was thought through, and the reason holds as long as the rest of the step does):

- the fence that *lease expired* expects: whichever attempt it is, the step also expects that it is running, that its
  lease is over and that an attempt is left, and then it is right;
- the state that *retry by a person* expects, once the record was read as ended: leaving an end makes a new generation,
  which is expected too. That the record need not be ended at all is `revive-open`.
- what *hold* expects and sets: no code holds yet.
"""

from mutation import (
    DOMAIN,
    DYNAMO,
    Edit,
    Mutation,
    added_set,
    mutation,
    other_expect,
    without_birth,
    without_expect,
    without_set,
)

OUTCOMES = "Step::Succeed { .. } | Step::Fail { .. } | Step::Again { .. } | Step::AgainLater { .. }"
ANY_STATE = "Expect::State(&StateName::ALL)"
NOT_ENDED = "Expect::State(OPEN)"


CLAIM = [
    without_birth("claim-any-life", "a claim looks at the life", "Step::Claim { .. }"),
    other_expect("claim-ended", "an ended task is not claimed", "Step::Claim { .. }", "Expect::State(_)", ANY_STATE),
    without_expect("claim-any-generation", "a claim looks at the generation (R4)", "Step::Claim { .. }", "Expect::Generation(_)"),
    without_expect("claim-live-lease", "a claim looks at the lease (R4)", "Step::Claim { .. }", "Expect::NoLiveLease(_)"),
    other_expect(
        "claim-without-skew", "a claim takes a lease as over only 5 s after its end",
        "Step::Claim { .. }", "Expect::NoLiveLease(now)", "Expect::NoLiveLease(now.after(super::SKEW))",
    ),
    without_expect("claim-past-deadline", "a claim looks at the deadline (R4)", "Step::Claim { .. }", "Expect::BeforeDeadline(_)"),
    without_expect("claim-attempts-spent", "a claim looks at the attempts (R4)", "Step::Claim { .. }", "Expect::AttemptsLeft"),
    without_expect("claim-early", "a claim looks at the due time (R4)", "Step::Claim { .. }", "Expect::Due(_)"),
    without_set("claim-same-fence", "a claim raises the fence", "Step::Claim { .. }", "Set::FenceNext"),
    without_set("claim-uncounted", "a claim counts the attempt (R4)", "Step::Claim { .. }", "Set::AttemptsPlusOne"),
    without_set("claim-keeps-start", "a claim notes when the attempt began", "Step::Claim { .. }", "Set::StartedAt(_)"),
    added_set("claim-bumps", "a claim makes no new generation (R2)", "Step::Claim { .. }", "Set::GenerationNext"),
]

ATTEMPT = [
    without_expect("beat-any-fence", "a heartbeat is conditional on the fence", "Step::Heartbeat { .. }", "Expect::Fence(_)"),
    other_expect("beat-not-running", "a heartbeat needs a running task", "Step::Heartbeat { .. }", "Expect::State(_)", ANY_STATE),
    added_set("beat-bumps", "a lease's entry makes no new generation (R2)", "Step::Heartbeat { .. }", "Set::GenerationNext"),
    without_set("beat-keeps-lease", "a heartbeat renews the lease", "Step::Heartbeat { .. }", "Set::Lease { .. }"),
    without_birth("outcome-any-life", "an outcome looks at the life", OUTCOMES),
    without_expect("succeed-any-fence", "success is conditional on the fence", "Step::Succeed { .. }", "Expect::Fence(_)"),
    without_expect("fail-any-fence", "failure is conditional on the fence", "Step::Fail { .. }", "Expect::Fence(_)"),
    without_expect("again-any-fence", "a short retry is conditional on the fence", "Step::Again { .. }", "Expect::Fence(_)"),
    without_expect("again-later-any-fence", "a long retry is conditional on the fence", "Step::AgainLater { .. }", "Expect::Fence(_)"),
    other_expect("succeed-not-running", "success needs a running task", "Step::Succeed { .. }", "Expect::State(_)", ANY_STATE),
    other_expect("fail-not-running", "failure needs a running task", "Step::Fail { .. }", "Expect::State(_)", ANY_STATE),
    other_expect("again-not-running", "a short retry needs a running task", "Step::Again { .. }", "Expect::State(_)", ANY_STATE),
    other_expect("again-later-not-running", "a long retry needs a running task", "Step::AgainLater { .. }", "Expect::State(_)", ANY_STATE),
    without_set("succeed-keeps-error", "success clears the error", "Step::Succeed { .. }", "Set::NoError"),
    added_set("again-bumps", "a short retry makes no new generation (R2)", "Step::Again { .. }", "Set::GenerationNext"),
    without_set("again-later-same-generation", "a long retry makes a new generation (R2)", "Step::AgainLater { .. }", "Set::GenerationNext"),
    mutation(
        "retry-uncounted", "a retry's attempt counts", f"{DOMAIN}/transition.rs",
        "Count::Keep => «vec![]»", "vec![Set::AttemptsMinusOne]",
    ),
    mutation(
        "snooze-counted", "a snooze's attempt does not count", f"{DOMAIN}/transition.rs",
        "Count::TakeBack => «vec![Set::AttemptsMinusOne]»", "vec![]",
    ),
    mutation(
        "continue-counted", "a continuation counts attempts anew", f"{DOMAIN}/transition.rs",
        "Count::Reset => «vec![Set::AttemptsZero]»", "vec![]",
    ),
]

AGENDA = [
    without_expect("park-any-generation", "only a first message's task is parked", "Step::Park { .. }", "Expect::Generation(_)"),
    without_expect("park-claimed-before", "only a task that nobody has claimed is parked", "Step::Park { .. }", "Expect::Fence(_)"),
    other_expect("park-not-queued", "only a queued task is parked", "Step::Park { .. }", "Expect::State(_)", ANY_STATE),
    without_set("park-same-generation", "a parked task has a new generation (R2)", "Step::Park { .. }", "Set::GenerationNext"),
    without_expect("mark-any-generation", "a mark looks at the generation that was sent", "Step::Mark { .. }", "Expect::Generation(_)"),
    other_expect("mark-not-scheduled", "only a scheduled task is marked", "Step::Mark { .. }", "Expect::State(_)", ANY_STATE),
    added_set("mark-bumps", "leaving the agenda makes no new generation (R2)", "Step::Mark { .. }", "Set::GenerationNext"),
    without_expect("rescue-live-lease", "a lease is expired only when it is over", "Step::LeaseExpired { .. }", "Expect::NoLiveLease(_)"),
    without_expect("rescue-attempts-spent", "a lease is expired only with an attempt left", "Step::LeaseExpired { .. }", "Expect::AttemptsLeft"),
    other_expect("rescue-not-running", "only a running task's lease expires", "Step::LeaseExpired { .. }", "Expect::State(_)", ANY_STATE),
    without_set("rescue-same-generation", "a rescued task has a new generation (R2)", "Step::LeaseExpired { .. }", "Set::GenerationNext"),
    without_birth("settle-any-life", "lost and expired look at the life", "Step::Lost { .. } | Step::Expire { .. }"),
    other_expect("lost-ended", "an ended task is not lost", "Step::Lost { .. }", "Expect::State(_)", ANY_STATE),
    without_expect("lost-live-lease", "a held task is not lost", "Step::Lost { .. }", "Expect::NoLiveLease(_)"),
    without_expect("lost-attempts-left", "a task with an attempt left is not lost", "Step::Lost { .. }", "Expect::AttemptsSpent"),
    other_expect("expire-ended", "an ended task does not expire", "Step::Expire { .. }", "Expect::State(_)", ANY_STATE),
    without_expect("expire-live-lease", "a held task does not expire", "Step::Expire { .. }", "Expect::NoLiveLease(_)"),
    without_expect("expire-before-deadline", "a task expires only past its deadline", "Step::Expire { .. }", "Expect::PastDeadline(_)"),
]

PEOPLE = [
    other_expect("cancel-ended", "an ended task is not cancelled", "Step::Cancel { .. }", "Expect::State(_)", ANY_STATE),
    without_birth("people-any-life", "what people do looks at the life", "Step::Cancel { .. } | Step::Reschedule { .. } | Step::Revive { .. }"),
    without_expect("change-any-generation", "a change looks at the generation that was read", "Step::Reschedule { .. }", "Expect::Generation(_)"),
    other_expect("change-running", "a running task is not rescheduled", "Step::Reschedule { .. }", "Expect::State(_)", NOT_ENDED),
    other_expect("change-ended", "an ended task is not rescheduled", "Step::Reschedule { .. }", "Expect::State(_)", ANY_STATE),
    without_expect("change-past-deadline", "an expired task is not rescheduled", "Step::Reschedule { .. }", "Expect::BeforeDeadline(_)"),
    without_set("change-same-generation", "a change makes a new generation (R2)", "Step::Reschedule { .. }", "Set::GenerationNext"),
    without_expect("revive-any-generation", "of two retries by people at once, one does it", "Step::Revive { .. }", "Expect::Generation(_)"),
    other_expect("revive-open", "only an ended task is retried by a person", "Step::Revive { .. }", "Expect::State(_)", ANY_STATE),
    without_expect("revive-forgotten", "only a record that is kept is retried by a person", "Step::Revive { .. }", "Expect::Kept(_)"),
    without_set("revive-same-generation", "a retry by a person makes a new generation (R2)", "Step::Revive { .. }", "Set::GenerationNext"),
    without_set("revive-attempts-kept", "a retry by a person counts attempts anew", "Step::Revive { .. }", "Set::AttemptsZero"),
    without_set("revive-deadline-kept", "a retry by a person drops a passed deadline", "Step::Revive { .. }", "Set::Deadline(_)"),
    without_set("revive-not-fresh", "a retry by a person clears what the life left", "Step::Revive { .. }", "Set::Fresh"),
    Mutation(
        "revive-resets-fence",
        "a retry by a person keeps the fence",
        (
            Edit(
                f"{DOMAIN}/apply.rs",
                "task.result = None; «task.error = None»;",
                "{ $0; task.fence = Fence::NONE }",
            ),
            Edit(
                f"{DYNAMO}/update.rs",
                "«life.into_iter().for_each(|attribute| self.remove(attribute, changes))»",
                "{ self.assign(attr::FENCE, n(0), changes); $0 }",
            ),
        ),
    ),
]

# What both interpreters read of a state, and what only the table's does.
RECORD = [
    mutation(
        "agenda-entry-stays", "leaving the agenda removes its entry", f"{DYNAMO}/update.rs",
        "let in_agenda = «entry.is_some() && (attribute == attr::AGENDA || attribute == attr::AGENDA_AT)»",
        "attribute == attr::AGENDA || attribute == attr::AGENDA_AT",
    ),
    mutation(
        "ttl-stays", "leaving an end removes the TTL", f"{DYNAMO}/update.rs",
        "«!in_agenda» && carried.iter()", "!in_agenda && attribute != attr::TTL",
    ),
    mutation(
        "failed-unlisted", "a failed task enters the agenda for a person", f"{DYNAMO}/update.rs",
        "let entry = «state.agenda()»", "$0.filter(|entry| !matches!(entry, crate::domain::Agenda::Dead(_)))",
    ),
    mutation(
        "kept-too-short", "an end is kept as long as was asked", f"{DOMAIN}/task.rs",
        "u64::from(self.spec.retain_seconds) * 1000", "0",
    ),
    mutation(
        "table-ignores-lease", "the table's condition on the lease is the domain's", f"{DYNAMO}/update.rs",
        'format!("({idle} OR {over})")', 'format!("({idle} OR {over} OR attribute_exists(#st))")',
    ),
    mutation(
        "table-ignores-skew", "the table takes a lease as over only 5 s after its end", f"{DYNAMO}/update.rs",
        "ms(now.before(SKEW))", "ms(now)",
    ),
    Mutation(
        "skew-forgotten",
        "others take a lease as over only 5 s after its end: claim, sweep, expired and lost",
        (
            Edit(f"{DOMAIN}/state.rs", "State::Running { lease_end, .. } if «lease_end.after(SKEW)» > now", "*lease_end"),
            Edit(f"{DYNAMO}/update.rs", "ms(now.before(SKEW))", "ms(now)"),
        ),
    ),
]

MUTATIONS = CLAIM + ATTEMPT + AGENDA + PEOPLE + RECORD
