"""Schedules: firing before moving on, and withdrawing before what follows."""

from mutation import DYNAMO, SUBMIT, mutation, steps

FIRER = "shared/src/schedule/firer.rs"
WITHDRAWAL = "shared/src/schedule/withdrawal.rs"
SCHEDULE = "shared/src/schedule/mod.rs"

FIRING = [
    mutation(
        "moved-on-before-fired", "a schedule moves on only when the tasks of the times before are there", FIRER,
        "Overlap::Allow => «self.fire_all(schedule, overtaken, due).await?»",
        "{ if due.next != Some(next) { let ahead = Schedule { version: schedule.version + 1, "
        "phase: due.next.map_or(Phase::Idle, |next| Phase::Active { next }), ..schedule.clone() }; "
        "let _ = self.store.save_schedule(&ahead).await?; } $0 }",
    ),
    mutation(
        "found-firing-unsent", "a firing that is found there is sent again while nobody has claimed it", FIRER,
        "self.faults.reach(CrashPoint::FiringPut).await; first.task.clone() } Created::Exists(task, _) => «*task»", "return Ok(*task)",
    ),
    mutation(
        "refused-firing-unparked", "a firing whose message the queue refuses is parked", FIRER,
        "let Err(error) = self.lanes.send(&message, self.clock.now()).await else { return Ok(()) }; "
        "«tracing::warn!(task.id = %first.task.id, error = %crate::log::causes(&error), \"cannot send; parking\")»",
        "{ let _ = (error, due); return Ok(()) }",
    ),
    mutation(
        "skip-ignores-open", "with overlap skip at most one firing is open", FIRER,
        "let overlaps = «ended.is_none_or(|ended| ended > at)»", "false",
    ),
    mutation(
        "firing-of-any-revision", "the firings of another revision are other tasks", "shared/src/schedule/firing.rs",
        "hash.update(«revision.to_be_bytes()»)", "0u64.to_be_bytes()",
    ),
    mutation(
        "schedule-over-any-version", "a schedule's write expects the version before", f"{DYNAMO}/schedules/mod.rs",
        "put.condition_expression(«\"#born = :born AND #version = :before\"»)",
        "\"#born = :born AND (#version = :before OR #version <> :before)\"",
    ),
]

WITHDRAWING = [
    mutation(
        "changed-unwithdrawn", "a change follows when the firings before it are withdrawn",
        f"{SUBMIT}/schedules/put.rs",
        "«self.firer().withdraw(&withdrawing).await.map_err(|error| unavailable(&error))?»", "taskway::schedule::Left::default()",
    ),
    mutation(
        "deleted-unwithdrawn", "a deletion follows when the firings before it are withdrawn",
        f"{SUBMIT}/schedules/delete.rs",
        "«submit.firer().withdraw(&withdrawing).await.map_err(|error| unavailable(&error))?»", "taskway::schedule::Left::default()",
    ),
    mutation(
        "pending-forgotten", "a schedule knows its firings that have not started", FIRER,
        "let mut pending = «self.still_pending(schedule, now).await»", "Vec::new()",
    ),
    mutation(
        "strays-unbarred", "what a tick that read the schedule before may yet fire is barred", WITHDRAWAL,
        "let until = «since.after(AHEAD + STRAY)»", "since",
    ),
    mutation(
        "withdrawal-bars-nothing", "a time that is withdrawn and has no task gets none", WITHDRAWAL,
        "Fate::Barred => «self.bar(schedule, firing).await?»,", "None::<Task>",
    ),
    mutation(
        "change-takes-what-is-due", "what was due when its schedule is changed stays", WITHDRAWAL,
        "let is_left = «then == Then::Change && pending.at <= since»", "false",
    ),
    mutation(
        "pause-leaves-what-is-due", "a pause and a deletion cancel what has not started, due or not", WITHDRAWAL,
        "let is_left = «then == Then::Change» && pending.at <= since", "true",
    ),
    mutation(
        "due-is-lost-to-a-change", "a change fires what is due by what the schedule was before", f"{SUBMIT}/schedules/put.rs",
        "Then::Change if «found.is_behind(now)»", "false",
    ),
    mutation(
        "left-pending-forgotten", "what a change left can be withdrawn later", SCHEDULE,
        "let pending = «open.iter().filter(is_kept).map(|open| open.firing).collect()»;", "{ let _ = is_kept; Vec::new() }",
    ),
    mutation(
        "deletion-undone-by-a-change", "a deletion that was begun is finished", SCHEDULE,
        "match «then.max(before)»", "then",
    ),
    mutation(
        "started-made-again", "what has started while its schedule is changed is not made again", FIRER,
        "due.fire.retain(|at| «!schedule.started.contains(at)»)", "true",
    ),
    mutation(
        "fresh-start-forgotten", "a firing is known for a while after it has started", FIRER,
        "let is_pending = «of_now(pending)»", "false",
    ),
    mutation(
        "undone-late", "who undoes a change makes at once what it had taken back", FIRER,
        "(Saved::Now, Phase::Active { next }) => «self.fire(&resumed, next, now).await»", "{ let _ = next; Ok(Visited::default()) }",
    ),
    mutation(
        "pause-undone", "a pause that was begun is finished", SCHEDULE,
        "Phase::Withdrawing { then, .. } => «then == Then::Pause»", "{ let _ = then; false }",
    ),
    mutation(
        "open-forgotten", "of a schedule that may not overlap any more all that is open is waited for", FIRER,
        "any(|is_open| async move { «is_open» })", "{ let _ = is_open; false }",
    ),
    mutation(
        "change-goes-back", "each time is of one of what a schedule was and what it is, whoever's clock is behind", SCHEDULE,
        "let since = «now.max(self.since)»", "now",
    ),
    mutation(
        "change-begins-late", "no time between what a schedule was and what it is is nobody's", SCHEDULE,
        "Phase::Withdrawing { since, .. } => «since»,", "{ let _ = since; now }",
    ),
    steps("Withdraw").blind_to(
        "withdraws-what-was-claimed", "what has started goes on when its schedule is changed", "Fence(_)",
    ),
    steps("Withdraw").in_any_state(
        "withdraws-in-any-state", "only what waits is withdrawn",
    ),
]

MUTATIONS = FIRING + WITHDRAWING
