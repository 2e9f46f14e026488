"""What each transition expects of a record and what it sets: `expects` and `sets` in shared/src/domain/transition.rs.

Left out, for they change nothing (each was thought through, and the reason holds as long as the rest of the step does):

- the fence that *lease expired* expects: whichever attempt it is, the step also expects that it is running, that its
  lease is over and that an attempt is left, and then it is right;
- the state that *retry by a person* expects, once the record was read as ended: leaving an end makes a new generation,
  which is expected too. That the record need not be ended at all is `revive-open`.
- what *hold* expects and sets: no code holds yet.
"""

from mutation import DOMAIN, DYNAMO, Edit, Mutation, mutation, steps

CLAIM = steps("Claim")
BEAT = steps("Heartbeat")
SUCCEED = steps("Succeed")
FAIL = steps("Fail")
AGAIN = steps("Again")
AGAIN_LATER = steps("AgainLater")
PARK = steps("Park")
MARK = steps("Mark")
RESCUE = steps("LeaseExpired")
LOST = steps("Lost")
EXPIRE = steps("Expire")
CANCEL = steps("Cancel")
CHANGE = steps("Reschedule")
REVIVE = steps("Revive")

CLAIMING = [
    CLAIM.of_any_life("claim-any-life", "a claim looks at the life"),
    CLAIM.in_any_state("claim-ended", "an ended task is not claimed"),
    CLAIM.blind_to("claim-any-generation", "a claim looks at the generation (R4)", "Generation(_)"),
    CLAIM.blind_to("claim-live-lease", "a claim looks at the lease (R4)", "NoLiveLease(_)"),
    CLAIM.expecting(
        "claim-without-skew", "a claim takes a lease as over only 5 s after its end",
        "NoLiveLease(now)", "NoLiveLease(now.after(super::SKEW))",
    ),
    CLAIM.blind_to("claim-past-deadline", "a claim looks at the deadline (R4)", "BeforeDeadline(_)"),
    CLAIM.blind_to("claim-attempts-spent", "a claim looks at the attempts (R4)", "AttemptsLeft"),
    CLAIM.blind_to("claim-early", "a claim looks at the due time (R4)", "Due(_)"),
    CLAIM.not_setting("claim-same-fence", "a claim raises the fence", "FenceNext"),
    CLAIM.not_setting("claim-uncounted", "a claim counts the attempt (R4)", "AttemptsPlusOne"),
    CLAIM.not_setting("claim-keeps-start", "a claim notes when the attempt began", "StartedAt(_)"),
    CLAIM.setting("claim-bumps", "a claim makes no new generation (R2)", "GenerationNext"),
]

ATTEMPT = [
    BEAT.blind_to("beat-any-fence", "a heartbeat is conditional on the fence", "Fence(_)"),
    BEAT.blind_to("beat-late", "a beat that was long on its way undoes no later one", "LeaseUpTo(_)"),
    BEAT.in_any_state("beat-not-running", "a heartbeat needs a running task"),
    BEAT.setting("beat-bumps", "a lease's entry makes no new generation (R2)", "GenerationNext"),
    BEAT.not_setting("beat-keeps-lease", "a heartbeat renews the lease", "Lease { .. }"),
    steps("Succeed", "Fail", "Again", "AgainLater").of_any_life("outcome-any-life", "an outcome looks at the life"),
    SUCCEED.blind_to("succeed-any-fence", "success is conditional on the fence", "Fence(_)"),
    FAIL.blind_to("fail-any-fence", "failure is conditional on the fence", "Fence(_)"),
    AGAIN.blind_to("again-any-fence", "a short retry is conditional on the fence", "Fence(_)"),
    AGAIN_LATER.blind_to("again-later-any-fence", "a long retry is conditional on the fence", "Fence(_)"),
    SUCCEED.in_any_state("succeed-not-running", "success needs a running task"),
    FAIL.in_any_state("fail-not-running", "failure needs a running task"),
    AGAIN.in_any_state("again-not-running", "a short retry needs a running task"),
    AGAIN_LATER.in_any_state("again-later-not-running", "a long retry needs a running task"),
    SUCCEED.not_setting("succeed-keeps-error", "success clears the error", "NoError"),
    AGAIN.setting("again-bumps", "a short retry makes no new generation (R2)", "GenerationNext"),
    AGAIN_LATER.not_setting(
        "again-later-same-generation", "a long retry makes a new generation (R2)", "GenerationNext"
    ),
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
    PARK.blind_to("park-any-generation", "only a first message's task is parked", "Generation(_)"),
    PARK.blind_to("park-claimed-before", "only a task that nobody has claimed is parked", "Fence(_)"),
    PARK.in_any_state("park-not-queued", "only a queued task is parked"),
    PARK.not_setting("park-same-generation", "a parked task has a new generation (R2)", "GenerationNext"),
    MARK.blind_to("mark-any-generation", "a mark looks at the generation that was sent", "Generation(_)"),
    MARK.in_any_state("mark-not-scheduled", "only a scheduled task is marked"),
    MARK.setting("mark-bumps", "leaving the agenda makes no new generation (R2)", "GenerationNext"),
    RESCUE.blind_to("rescue-live-lease", "a lease is expired only when it is over", "NoLiveLease(_)"),
    RESCUE.blind_to("rescue-attempts-spent", "a lease is expired only with an attempt left", "AttemptsLeft"),
    RESCUE.in_any_state("rescue-not-running", "only a running task's lease expires"),
    RESCUE.not_setting("rescue-same-generation", "a rescued task has a new generation (R2)", "GenerationNext"),
    steps("Lost", "Expire").of_any_life("settle-any-life", "lost and expired look at the life"),
    LOST.in_any_state("lost-ended", "an ended task is not lost"),
    LOST.blind_to("lost-live-lease", "a held task is not lost", "NoLiveLease(_)"),
    LOST.blind_to("lost-attempts-left", "a task with an attempt left is not lost", "AttemptsSpent"),
    EXPIRE.in_any_state("expire-ended", "an ended task does not expire"),
    EXPIRE.blind_to("expire-live-lease", "a held task does not expire", "NoLiveLease(_)"),
    EXPIRE.blind_to("expire-before-deadline", "a task expires only past its deadline", "PastDeadline(_)"),
]

PEOPLE = [
    CANCEL.in_any_state("cancel-ended", "an ended task is not cancelled"),
    steps("Cancel", "Reschedule", "Revive").of_any_life("people-any-life", "what people do looks at the life"),
    CHANGE.blind_to("change-any-generation", "a change looks at the generation that was read", "Generation(_)"),
    CHANGE.expecting("change-running", "a running task is not rescheduled", "State(_)", "State(OPEN)"),
    CHANGE.in_any_state("change-ended", "an ended task is not rescheduled"),
    CHANGE.blind_to("change-past-deadline", "an expired task is not rescheduled", "BeforeDeadline(_)"),
    CHANGE.not_setting("change-same-generation", "a change makes a new generation (R2)", "GenerationNext"),
    REVIVE.blind_to("revive-any-generation", "of two retries by people at once, one does it", "Generation(_)"),
    REVIVE.in_any_state("revive-open", "only an ended task is retried by a person"),
    REVIVE.blind_to("revive-forgotten", "only a record that is kept is retried by a person", "Kept(_)"),
    REVIVE.not_setting("revive-same-generation", "a retry by a person makes a new generation (R2)", "GenerationNext"),
    REVIVE.not_setting("revive-attempts-kept", "a retry by a person counts attempts anew", "AttemptsZero"),
    REVIVE.not_setting("revive-deadline-kept", "a retry by a person drops a passed deadline", "Deadline(_)"),
    REVIVE.not_setting("revive-not-fresh", "a retry by a person clears what the life left", "Fresh"),
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
            Edit(
                f"{DOMAIN}/state.rs",
                "State::Running { lease_end, .. } if «lease_end.after(SKEW)» > now",
                "*lease_end",
            ),
            Edit(f"{DYNAMO}/update.rs", "ms(now.before(SKEW))", "ms(now)"),
        ),
    ),
]

MUTATIONS = CLAIMING + ATTEMPT + AGENDA + PEOPLE + RECORD
